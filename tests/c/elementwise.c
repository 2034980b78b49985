/* Functions of the caller that are passed elements, on 1, 2 and 4 ranks: for each element, and to find one. */

#include "check.h"

enum { SIZE = 41, MOST_RANKS = 4 };

/* Sets an element to three times its index, and counts at `user_data`. */
static void triple(void* element, dtl_size_t index, void* user_data) {
    *(double*)element = 3.0 * (double)index;
    if (user_data != NULL) {
        ++*(dtl_size_t*)user_data;
    }
}

static int above(const void* element, void* user_data) {
    return *(const double*)element > *(const double*)user_data;
}

static int fails_above(const void* element, void* user_data) {
    if (above(element, user_data)) {
        CHECK_OK(dtl_fail_function("too large"));
        CHECK_OK(dtl_fail_function("the first failure counts"));
    }
    return 0;
}

/* The four kinds of containers have one function each. */
typedef struct {
    dtl_vector_t vector;
    dtl_array_t array;
    dtl_tensor_t tensor;
    dtl_span_t span;
} containers;

static void everything(dtl_context_t ctx, int rank) {
    const dtl_dtype f64 = DTL_DTYPE_FLOAT64;
    containers all;
    dtl_shape shape = {2, {SIZE, 1}};
    CHECK_OK(dtl_vector_create(ctx, f64, SIZE, &all.vector));
    CHECK_OK(dtl_array_create(ctx, f64, SIZE, &all.array));
    CHECK_OK(dtl_tensor_create(ctx, f64, shape, &all.tensor));
    CHECK_OK(dtl_span_from_vector(all.vector, &all.span));
    dtl_size_t called = 0, local = dtl_vector_local_size(all.vector);
    CHECK_OK(dtl_for_each_vector(all.vector, triple, &called));
    CHECK(called == local);
    CHECK_OK(dtl_for_each_array(all.array, triple, NULL));
    CHECK_OK(dtl_for_each_tensor(all.tensor, triple, NULL));
    CHECK_OK(dtl_for_each_span(all.span, triple, NULL));
    double sum;
    CHECK_OK(dtl_vector_reduce_sum(all.vector, &sum));
    CHECK(sum == 3.0 * SIZE * (SIZE - 1) / 2);

    double largest_of[4];
    CHECK_OK(dtl_reduce_vector(all.vector, DTL_OP_MAX, &largest_of[0]));
    CHECK_OK(dtl_reduce_array(all.array, DTL_OP_MAX, &largest_of[1]));
    CHECK_OK(dtl_reduce_tensor(all.tensor, DTL_OP_MAX, &largest_of[2]));
    CHECK_OK(dtl_reduce_span(all.span, DTL_OP_MAX, &largest_of[3]));
    for (int kind = 0; kind < 4; kind++) {
        CHECK(largest_of[kind] == 3.0 * (SIZE - 1));
    }

    double bound = 60.0, below = -1.0, largest = 3.0 * SIZE;
    dtl_index_t index = -7;
    CHECK(dtl_find_if_vector(all.vector, above, &bound) == 21);
    CHECK(dtl_find_if_array(all.array, above, &bound) == 21);
    CHECK(dtl_find_if_tensor(all.tensor, above, &bound) == 21);
    CHECK(dtl_find_if_span(all.span, above, &bound) == 21);
    CHECK(dtl_find_if_vector(all.vector, above, &largest) == DTL_NO_INDEX);
    CHECK_OK(dtl_get_find_if_vector(all.vector, above, &bound, &index));
    CHECK(index == 21);
    CHECK_OK(dtl_get_find_if_array(all.array, above, &bound, &index));
    CHECK_OK(dtl_get_find_if_tensor(all.tensor, above, &largest, &index));
    CHECK(index == DTL_NO_INDEX);
    CHECK_OK(dtl_get_find_if_span(all.span, above, &bound, &index));
    CHECK(index == 21);

    /* Values are found and counted. */
    double wanted = 63.0, other = 64.0;
    dtl_size_t equal = 7;
    CHECK(dtl_find_vector(all.vector, &wanted) == 21 && dtl_find_array(all.array, &wanted) == 21);
    CHECK(dtl_find_tensor(all.tensor, &wanted) == 21 && dtl_find_span(all.span, &other) == DTL_NO_INDEX);
    CHECK(dtl_count_vector(all.vector, &wanted) == 1 && dtl_count_array(all.array, &other) == 0);
    CHECK(dtl_count_tensor(all.tensor, &wanted) == 1 && dtl_count_span(all.span, &wanted) == 1);
    CHECK_OK(dtl_get_find_vector(all.vector, &wanted, &index));
    CHECK(index == 21);
    CHECK_OK(dtl_get_find_array(all.array, &other, &index));
    CHECK(index == DTL_NO_INDEX);
    CHECK_OK(dtl_get_find_tensor(all.tensor, &wanted, &index));
    CHECK_OK(dtl_get_find_span(all.span, &wanted, &index));
    CHECK(index == 21);
    CHECK_OK(dtl_get_count_vector(all.vector, &wanted, &equal));
    CHECK(equal == 1);
    CHECK_OK(dtl_get_count_array(all.array, &other, &equal));
    CHECK(equal == 0);
    CHECK_OK(dtl_get_count_tensor(all.tensor, &wanted, &equal));
    CHECK_OK(dtl_get_count_span(all.span, &wanted, &equal));
    CHECK(equal == 1);
    CHECK(dtl_count_vector(all.vector, NULL) == 0);
    CHECK_STATUS(DTL_ERROR_NULL_POINTER, dtl_last_status());

    /* Answers are counted; the first element is 0, and each is 3 larger than the one before. */
    dtl_size_t count = 7;
    int holds = -7;
    CHECK(dtl_count_if_vector(all.vector, above, &bound) == SIZE - 21);
    CHECK(dtl_count_if_array(all.array, above, &bound) == SIZE - 21);
    CHECK(dtl_count_if_tensor(all.tensor, above, &bound) == SIZE - 21);
    CHECK(dtl_count_if_span(all.span, above, &largest) == 0);
    CHECK_OK(dtl_get_count_if_vector(all.vector, above, &bound, &count));
    CHECK(count == SIZE - 21);
    CHECK_OK(dtl_get_count_if_array(all.array, above, &largest, &count));
    CHECK(count == 0);
    CHECK_OK(dtl_get_count_if_tensor(all.tensor, above, &bound, &count));
    CHECK_OK(dtl_get_count_if_span(all.span, above, &bound, &count));
    CHECK(count == SIZE - 21);
    CHECK(dtl_all_of_vector(all.vector, above, &bound) == 0 && dtl_all_of_array(all.array, above, &bound) == 0);
    CHECK(dtl_all_of_tensor(all.tensor, above, &below) == 1 && dtl_all_of_span(all.span, above, &below) == 1);
    CHECK(dtl_any_of_vector(all.vector, above, &bound) == 1 && dtl_any_of_array(all.array, above, &bound) == 1);
    CHECK(dtl_any_of_tensor(all.tensor, above, &largest) == 0 && dtl_any_of_span(all.span, above, &largest) == 0);
    CHECK(dtl_none_of_vector(all.vector, above, &largest) == 1 && dtl_none_of_array(all.array, above, &largest) == 1);
    CHECK(dtl_none_of_tensor(all.tensor, above, &bound) == 0 && dtl_none_of_span(all.span, above, &bound) == 0);
    CHECK_OK(dtl_get_all_of_vector(all.vector, above, &below, &holds));
    CHECK(holds == 1);
    CHECK_OK(dtl_get_all_of_array(all.array, above, &bound, &holds));
    CHECK(holds == 0);
    CHECK_OK(dtl_get_all_of_tensor(all.tensor, above, &below, &holds));
    CHECK_OK(dtl_get_all_of_span(all.span, above, &below, &holds));
    CHECK(holds == 1);
    CHECK_OK(dtl_get_any_of_vector(all.vector, above, &largest, &holds));
    CHECK(holds == 0);
    CHECK_OK(dtl_get_any_of_array(all.array, above, &bound, &holds));
    CHECK_OK(dtl_get_any_of_tensor(all.tensor, above, &bound, &holds));
    CHECK_OK(dtl_get_any_of_span(all.span, above, &bound, &holds));
    CHECK(holds == 1);
    CHECK_OK(dtl_get_none_of_vector(all.vector, above, &bound, &holds));
    CHECK(holds == 0);
    CHECK_OK(dtl_get_none_of_array(all.array, above, &largest, &holds));
    CHECK_OK(dtl_get_none_of_tensor(all.tensor, above, &largest, &holds));
    CHECK_OK(dtl_get_none_of_span(all.span, above, &largest, &holds));
    CHECK(holds == 1);

    /* A failure on the last ranks is one on all. */
    bound = 3.0 * (SIZE - 2);
    CHECK_STATUS(DTL_ERROR_ALGORITHM, dtl_get_find_if_vector(all.vector, fails_above, &bound, &index));
    CHECK_MESSAGE("container.find_if: the function that asks for elements has failed: too large");
    CHECK(dtl_find_if_vector(all.vector, fails_above, &bound) == DTL_NO_INDEX);
    CHECK(dtl_count_if_vector(all.vector, fails_above, &bound) == 0);
    CHECK_STATUS(DTL_ERROR_ALGORITHM, dtl_last_status());
    CHECK(dtl_none_of_vector(all.vector, fails_above, &bound) == 0);
    CHECK_MESSAGE("container.none_of: the function that asks for elements has failed: too large");
    CHECK_STATUS(DTL_ERROR_ALGORITHM, dtl_last_status());
    CHECK(dtl_find_if_vector(all.vector, rank == 0 ? NULL : above, &bound) == DTL_NO_INDEX);
    CHECK_MESSAGE("pred is null");
    CHECK_OK(dtl_vector_barrier(all.vector));

    dtl_span_destroy(all.span);
    dtl_tensor_destroy(all.tensor);
    dtl_array_destroy(all.array);
    dtl_vector_destroy(all.vector);
}

int main(void) {
    CHECK_STATUS(DTL_ERROR_INVALID_STATE, dtl_fail_function("nothing runs"));
    for (int ranks = 1; ranks <= MOST_RANKS; ranks *= 2) {
        on_ranks(ranks, everything);
    }
    CHECK(dtl_live_objects() == 0);
    return report("elementwise");
}
