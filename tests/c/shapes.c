/*
 * What bindings say about arrays before they call: the shape, which C itself does not pass, and that their dimensions count the
 * other way round. Ranks compare shapes that were said, and each is said for one call.
 */

#include "check.h"

/* Says that an array is a matrix, the first dimension being that whose elements are adjacent. */
static void say_matrix(const double* matrix, dtl_size_t rows, dtl_size_t columns) {
    const dtl_size_t extents[] = {rows, columns};
    dtl_say_shape(matrix, 2, extents);
}

static void ranks_compare_what_was_said(dtl_context_t ctx, int rank) {
    const int size = dtl_context_size(ctx);
    const double matrix[6] = {1, 2, 3, 4, 5, 6};
    double sums[6] = {0};

    say_matrix(matrix, 2, 3);
    CHECK_OK(dtl_allreduce(ctx, matrix, sums, 6, DTL_DTYPE_FLOAT64, DTL_OP_SUM));
    CHECK(sums[5] == 6.0 * size);

    say_matrix(matrix, rank == 0 ? 2 : 3, rank == 0 ? 3 : 2);
    const dtl_status status = dtl_allreduce(ctx, matrix, sums, 6, DTL_DTYPE_FLOAT64, DTL_OP_SUM);
    CHECK(status == (size == 1 ? DTL_SUCCESS : DTL_ERROR_COLLECTIVE_PARTICIPATION));
    if (size > 1) {
        CHECK_MESSAGE("shape differs between ranks: rank 0 passes (3, 2)");
    }

    /* Nothing of it is left, and an array of unknown shape agrees with any. */
    if (rank == 0) {
        say_matrix(matrix, 2, 3);
    }
    CHECK_OK(dtl_allreduce(ctx, matrix, sums, 6, DTL_DTYPE_FLOAT64, DTL_OP_SUM));
}

static void descriptions_count_the_other_way_round(dtl_context_t ctx, int rank) {
    dtl_tensor_t tensor;
    const char* text = NULL;
    (void)rank;
    CHECK_OK(dtl_tensor_create(ctx, DTL_DTYPE_FLOAT64, dtl_shape_2d(12, 20), &tensor));
    dtl_reverse_dimensions();
    CHECK_OK(dtl_tensor_describe(tensor, &text));
    CHECK(text != NULL && strstr(text, "(20, 12)") != NULL);
    CHECK_OK(dtl_tensor_describe(tensor, &text));
    CHECK(text != NULL && strstr(text, "(12, 20)") != NULL);
    dtl_tensor_destroy(tensor);
}

int main(void) {
    const int sizes[] = {1, 2, 4};
    for (int s = 0; s < 3; s++) {
        on_ranks(sizes[s], ranks_compare_what_was_said);
        on_ranks(sizes[s], descriptions_count_the_other_way_round);
    }
    return report("shapes");
}
