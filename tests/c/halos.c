/* Halos and what moves between ranks, on 1, 2 and 4 ranks: every element is compared with its number in global order. */

#include "check.h"

enum { ROWS = 7, COLUMNS = 4, SIZE = ROWS * COLUMNS };

/* A matrix whose elements are their numbers in global order. */
static dtl_tensor_t matrix(dtl_context_t ctx) {
    int64_t all[SIZE];
    for (int i = 0; i < SIZE; i++) {
        all[i] = i;
    }
    dtl_tensor_t tensor = NULL;
    CHECK_OK(dtl_tensor_create(ctx, DTL_DTYPE_INT64, dtl_shape_2d(ROWS, COLUMNS), &tensor));
    int is_root = dtl_context_is_root(ctx);
    CHECK_OK(dtl_tensor_from_global(tensor, is_root ? all : NULL, is_root ? SIZE : 0, 0));
    return tensor;
}

static void arrays_of_everything(dtl_context_t ctx, int rank) {
    dtl_tensor_t tensor = matrix(ctx);
    int root = dtl_context_size(ctx) - 1;
    CHECK_OK(dtl_tensor_reshape(tensor, dtl_shape_3d(ROWS, 2, COLUMNS / 2)));
    CHECK(dtl_tensor_ndim(tensor) == 3);
    CHECK_OK(dtl_tensor_reshape_full(tensor, dtl_shape_1d(SIZE), 1));
    int64_t all[SIZE];
    CHECK_OK(dtl_tensor_gather_to(tensor, root, rank == root ? all : NULL, rank == root ? SIZE : 0));
    for (int i = 0; rank == root && i < SIZE; i++) {
        CHECK(all[i] == i);
    }
    CHECK_STATUS(DTL_ERROR_EXTENT_MISMATCH, dtl_tensor_reshape(tensor, dtl_shape_2d(3, 3)));
    CHECK_STATUS(DTL_ERROR_EXTENT_MISMATCH, dtl_tensor_from_global(tensor, all, SIZE - 1, 0));
    CHECK_STATUS(DTL_ERROR_EXTENT_MISMATCH, dtl_tensor_gather_to(tensor, root, all, SIZE - 1));
    dtl_tensor_destroy(tensor);
}

static void vectors_and_arrays(dtl_context_t ctx, int rank) {
    (void)rank;
    const int64_t five = 5;
    dtl_vector_t vec;
    dtl_array_t arr;
    CHECK_OK(dtl_vector_create_fill(ctx, DTL_DTYPE_INT64, SIZE, &five, &vec));
    CHECK_OK(dtl_array_create_fill(ctx, DTL_DTYPE_INT64, SIZE, &five, &arr));
    CHECK_OK(dtl_vector_redistribute(vec, DTL_PARTITION_CYCLIC));
    CHECK(dtl_vector_partition_policy(vec) == DTL_PARTITION_CYCLIC);
    CHECK_OK(dtl_array_redistribute_blocks(arr, DTL_PARTITION_BLOCK_CYCLIC, 3));
    CHECK(dtl_array_owner(arr, 3) == 1 % dtl_context_size(ctx));
    CHECK_OK(dtl_vector_redistribute_blocks(vec, DTL_PARTITION_REPLICATED, 1));
    CHECK(dtl_vector_is_clean(vec) && dtl_vector_local_size(vec) == SIZE);
    CHECK_OK(dtl_vector_fill_local(vec, &five));
    CHECK(dtl_vector_is_dirty(vec) == (dtl_context_size(ctx) > 1));
    CHECK_OK(dtl_vector_sync(vec));
    CHECK(!dtl_vector_is_dirty(vec));
    CHECK_OK(dtl_array_redistribute(arr, DTL_PARTITION_HASH));
    CHECK(!dtl_array_is_dirty(arr) && dtl_array_is_clean(arr));
    CHECK_OK(dtl_array_sync(arr));
    int64_t all[SIZE] = {0, 1, 2};
    CHECK_OK(dtl_array_from_global(arr, all, SIZE, 0));
    all[2] = 0;
    CHECK_OK(dtl_array_gather_to(arr, 0, all, SIZE));
    CHECK(!dtl_context_is_root(ctx) || all[2] == 2);
    CHECK_OK(dtl_vector_resize(vec, 2));
    CHECK(dtl_vector_global_size(vec) == 2 && ((int64_t*)dtl_vector_local_data_mut(vec))[1] == 5);
    dtl_vector_destroy(vec);
    dtl_array_destroy(arr);
}

/* What stands at a place of the halo's array, whose first element is (top, left) in the matrix. */
static int64_t expected(int64_t row, int64_t column, dtl_halo_boundary boundary) {
    if (boundary == DTL_BOUNDARY_PERIODIC) {
        row = (row + ROWS) % ROWS;
        column = (column + COLUMNS) % COLUMNS;
    } else if (row < 0 || row >= ROWS || column < 0 || column >= COLUMNS) {
        return -5;
    }
    return row * COLUMNS + column;
}

static void ghosts(dtl_context_t ctx, int rank) {
    (void)rank;
    const dtl_halo_boundary boundaries[] = {DTL_BOUNDARY_PERIODIC, DTL_BOUNDARY_CONSTANT};
    const int64_t outside = -5;
    dtl_tensor_t tensor = matrix(ctx);
    for (int b = 0; b < 2; b++) {
        dtl_halo_t halo;
        CHECK_OK(dtl_tensor_halo(tensor, dtl_shape_2d(1, 2), boundaries[b], DTL_STENCIL_BOX, &outside, &halo));
        CHECK(dtl_halo_is_valid(halo) && dtl_halo_ndim(halo) == 2 && dtl_halo_dtype(halo) == DTL_DTYPE_INT64);
        dtl_shape shape = dtl_halo_local_shape(halo), width = dtl_halo_width(halo);
        CHECK(width.dims[0] == 1 && width.dims[1] == 2 && shape.dims[1] == COLUMNS + 4);
        CHECK(dtl_halo_local_size(halo) == shape.dims[0] * shape.dims[1]);
        dtl_index_t bounds[DTL_MAX_TENSOR_RANK];
        CHECK_OK(dtl_halo_lower_bounds(halo, bounds));
        CHECK(bounds[1] == -2);
        CHECK_OK(dtl_halo_begin(halo));
        CHECK_STATUS(DTL_ERROR_INVALID_STATE, dtl_halo_begin(halo));
        CHECK_OK(dtl_halo_end(halo));
        CHECK_STATUS(DTL_ERROR_INVALID_STATE, dtl_halo_end(halo));
        CHECK_OK(dtl_halo_exchange(halo));
        const int64_t* view = (const int64_t*)dtl_halo_data(halo);
        void* place = NULL;
        CHECK_OK(dtl_halo_local_view(halo, &place));
        CHECK(view == dtl_halo_data_mut(halo) && view == place);
        for (dtl_size_t i = 0; i < shape.dims[0]; i++) {
            for (dtl_size_t j = 0; j < shape.dims[1]; j++) {
                int64_t row = bounds[0] + (int64_t)i, column = bounds[1] + (int64_t)j;
                CHECK(view[i * shape.dims[1] + j] == expected(row, column, boundaries[b]));
            }
        }
        CHECK_STATUS(DTL_ERROR_INVALID_STATE, dtl_tensor_reshape_full(tensor, dtl_shape_1d(SIZE), 1));
        const dtl_status refused = DTL_ERROR_INVALID_ARGUMENT;
        CHECK_STATUS(refused, dtl_halo_refuse(halo, "halo.exchange", refused, "it is Sunday"));
        CHECK_MESSAGE("it is Sunday");
        const char* text = NULL;
        CHECK_OK(dtl_halo_describe(halo, &text));
        CHECK(strstr(text, b == 0 ? "periodic" : "constant") != NULL && strstr(text, "box") != NULL);
        CHECK_OK(dtl_halo_retain(halo));
        dtl_halo_destroy(halo);
        CHECK(dtl_halo_is_valid(halo));
        dtl_halo_destroy(halo);
        CHECK(!dtl_halo_is_valid(halo));
    }
    dtl_halo_destroy(NULL);
    dtl_tensor_destroy(tensor);
}

static void around_lines(dtl_context_t ctx, int rank) {
    (void)rank;
    const int64_t five = 5;
    dtl_vector_t vec;
    dtl_array_t arr;
    dtl_halo_t halo;
    CHECK_OK(dtl_vector_create_fill(ctx, DTL_DTYPE_INT64, SIZE, &five, &vec));
    CHECK_OK(dtl_vector_halo(vec, dtl_shape_1d(2), DTL_BOUNDARY_REFLECT, DTL_STENCIL_STAR, NULL, &halo));
    CHECK_OK(dtl_halo_exchange(halo));
    CHECK(dtl_halo_local_size(halo) == dtl_vector_local_size(vec) + 4);
    CHECK(((const int64_t*)dtl_halo_data(halo))[0] == five);
    dtl_halo_destroy(halo);
    dtl_vector_destroy(vec);
    CHECK_OK(dtl_array_create_fill(ctx, DTL_DTYPE_INT64, SIZE, &five, &arr));
    CHECK_OK(dtl_array_halo(arr, dtl_shape_1d(1), DTL_BOUNDARY_PERIODIC, DTL_STENCIL_STAR, NULL, &halo));
    CHECK_OK(dtl_halo_exchange(halo));
    CHECK(dtl_halo_local_size(halo) == dtl_array_local_size(arr) + 2);
    CHECK(((const int64_t*)dtl_halo_data(halo))[0] == five);
    dtl_halo_destroy(halo);
    CHECK_OK(dtl_array_redistribute(arr, DTL_PARTITION_CYCLIC));
    if (dtl_context_size(ctx) > 1) {
        CHECK_STATUS(DTL_ERROR_NOT_SUPPORTED,
                     dtl_array_halo(arr, dtl_shape_1d(1), DTL_BOUNDARY_NONE, DTL_STENCIL_STAR, NULL, &halo));
    }
    dtl_array_destroy(arr);
}

int main(void) {
    const int ranks[] = {1, 2, 4};
    for (int r = 0; r < 3; r++) {
        on_ranks(ranks[r], arrays_of_everything);
        on_ranks(ranks[r], vectors_and_arrays);
        on_ranks(ranks[r], ghosts);
        on_ranks(ranks[r], around_lines);
    }
    CHECK(dtl_live_objects() == 0);
    return report("halos");
}
