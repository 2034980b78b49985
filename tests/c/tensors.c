/* Distributed tensors on 1, 2 and 4 ranks: where elements are, counted without dtl, and how they are read and written. */

#include "check.h"

enum { BLOCK = 2, DIMS = 3 };

/* The part that has an element of a dimension, by the definition of the partition. */
static dtl_size_t part_of(dtl_partition_policy partition, dtl_size_t index, dtl_size_t extent, dtl_size_t parts) {
    if (partition == DTL_PARTITION_CYCLIC) {
        return index % parts;
    }
    if (partition == DTL_PARTITION_BLOCK_CYCLIC) {
        return index / BLOCK % parts;
    }
    dtl_size_t end = 0, part = 0;
    for (;; part++) {
        end += extent / parts + (part < extent % parts);
        if (index < end) {
            return part;
        }
    }
}

/* Where every element of `tensor` must be, with its number in global order as its value. */
static void compare(dtl_tensor_t tensor, int rank, const dtl_size_t* extents, const dtl_size_t* grid,
                    const dtl_partition_policy* partitions) {
    dtl_size_t local[DIMS] = {0, 0, 0}, first[DIMS];
    int64_t indices[DIMS], number = 0, count = 0, wrong = 0;
    const int64_t* view = (const int64_t*)dtl_tensor_local_data(tensor);
    for (int d = 0; d < DIMS; d++) {
        dtl_size_t mine = d == 0 ? (dtl_size_t)rank / (grid[1] * grid[2]) : d == 1 ? (dtl_size_t)rank / grid[2] % grid[1]
                                                                                   : (dtl_size_t)rank % grid[2];
        first[d] = extents[d];
        for (dtl_size_t i = 0; i < extents[d]; i++) {
            if (part_of(partitions[d], i, extents[d], grid[d]) == mine) {
                first[d] = local[d]++ == 0 ? i : first[d];
            }
        }
    }
    for (indices[0] = 0; indices[0] < (int64_t)extents[0]; indices[0]++) {
        for (indices[1] = 0; indices[1] < (int64_t)extents[1]; indices[1]++) {
            for (indices[2] = 0; indices[2] < (int64_t)extents[2]; indices[2]++, number++) {
                dtl_size_t owner = 0;
                for (int d = 0; d < DIMS; d++) {
                    owner = owner * grid[d] + part_of(partitions[d], (dtl_size_t)indices[d], extents[d], grid[d]);
                }
                wrong += dtl_tensor_owner(tensor, indices) != (dtl_rank_t)owner;
                wrong += owner == (dtl_size_t)rank && view[count++] != number;
            }
        }
    }
    CHECK(wrong == 0);
    dtl_shape shape = dtl_tensor_shape(tensor), part = dtl_tensor_local_shape(tensor), where;
    dtl_shape ranks = dtl_tensor_process_grid(tensor);
    where = dtl_tensor_local_offsets(tensor);
    CHECK(shape.ndim == DIMS && part.ndim == DIMS && where.ndim == DIMS && dtl_tensor_ndim(tensor) == DIMS);
    dtl_size_t stride = 1, local_size = 1;
    for (int d = DIMS - 1; d >= 0; d--) {
        CHECK(shape.dims[d] == extents[d] && dtl_tensor_dim(tensor, d) == extents[d] && part.dims[d] == local[d]);
        CHECK(where.dims[d] == first[d] && ranks.dims[d] == grid[d] && dtl_tensor_stride(tensor, d) == stride);
        stride *= local[d];
        local_size *= local[d];
    }
    CHECK(dtl_tensor_local_size(tensor) == local_size && (dtl_size_t)count == local_size);
    CHECK(dtl_tensor_global_size(tensor) == dtl_shape_size(&shape));
    dtl_partition_policy found[DTL_MAX_TENSOR_RANK];
    CHECK_OK(dtl_tensor_partition_policies(tensor, found));
    CHECK(memcmp(found, partitions, sizeof *found * DIMS) == 0);
    int divided = grid[0] > 1 ? 0 : grid[1] > 1 ? 1 : grid[2] > 1 ? 2 : 0;
    CHECK(dtl_tensor_distributed_dim(tensor) == divided);
}

static void layouts(dtl_context_t ctx, int rank) {
    static const dtl_size_t shapes[][DIMS] = {{5, 3, 4}, {1, 7, 2}, {4, 0, 3}, {9, 1, 1}};
    static const dtl_partition_policy partitions[][DIMS] = {
        {DTL_PARTITION_BLOCK, DTL_PARTITION_BLOCK, DTL_PARTITION_BLOCK},
        {DTL_PARTITION_CYCLIC, DTL_PARTITION_BLOCK, DTL_PARTITION_BLOCK_CYCLIC},
        {DTL_PARTITION_BLOCK_CYCLIC, DTL_PARTITION_CYCLIC, DTL_PARTITION_CYCLIC},
    };
    dtl_size_t size = (dtl_size_t)dtl_context_size(ctx);
    dtl_size_t grids[][DIMS] = {{size, 1, 1}, {1, size, 1}, {1, size / 2 + (size == 1), size == 1 ? 1 : 2}};
    const dtl_shape blocks = dtl_shape_1d(BLOCK);
    for (int s = 0; s < 4; s++) {
        for (int g = 0; g < 3; g++) {
            for (int p = 0; p < 3; p++) {
                dtl_shape shape = dtl_shape_nd(DIMS, shapes[s]), grid = dtl_shape_nd(DIMS, grids[g]);
                dtl_tensor_t tensor;
                CHECK_OK(dtl_tensor_create_full(ctx, shape, DTL_DTYPE_INT64, NULL, partitions[p], DTL_PLACEMENT_HOST,
                                                DTL_EXEC_SEQ, 0, grid, blocks, &tensor));
                /* Every element gets its number in global order. */
                int64_t* view = (int64_t*)dtl_tensor_local_data_mut(tensor);
                int64_t index[DIMS], number = 0, count = 0;
                for (index[0] = 0; index[0] < (int64_t)shapes[s][0]; index[0]++) {
                    for (index[1] = 0; index[1] < (int64_t)shapes[s][1]; index[1]++) {
                        for (index[2] = 0; index[2] < (int64_t)shapes[s][2]; index[2]++, number++) {
                            if (dtl_tensor_owner(tensor, index) == rank) {
                                view[count++] = number;
                            }
                        }
                    }
                }
                compare(tensor, rank, shapes[s], grids[g], partitions[p]);
                /* Elsewhere they have the same numbers, as copies and themselves. */
                int next = (p + 1) % 3;
                dtl_tensor_t copy;
                dtl_shape other = dtl_shape_nd(DIMS, grids[next]);
                CHECK_OK(dtl_tensor_create_full(ctx, shape, DTL_DTYPE_INT64, NULL, partitions[next], DTL_PLACEMENT_HOST,
                                                DTL_EXEC_SEQ, 0, other, blocks, &copy));
                CHECK_OK(dtl_copy_tensor(tensor, copy));
                compare(copy, rank, shapes[s], grids[next], partitions[next]);
                dtl_tensor_destroy(copy);
                CHECK_OK(dtl_tensor_redistribute(tensor, partitions[next], dtl_shape_nd(DIMS, grids[next]), blocks));
                compare(tensor, rank, shapes[s], grids[next], partitions[next]);
                dtl_tensor_destroy(tensor);
            }
        }
    }
}

static void elements(dtl_context_t ctx, int rank) {
    (void)rank;
    const double fill = 0.5;
    dtl_tensor_t tensor;
    CHECK_OK(dtl_tensor_create_fill(ctx, DTL_DTYPE_FLOAT64, dtl_shape_2d(4, 3), &fill, &tensor));
    dtl_size_t rows = dtl_tensor_local_shape(tensor).dims[0], count = rows * 3;
    double all[12], value = 0.0;
    CHECK_OK(dtl_tensor_copy_to_host(tensor, all, count));
    for (dtl_size_t i = 0; i < count; i++) {
        CHECK(all[i] == fill);
        all[i] = (double)i;
    }
    CHECK_OK(dtl_tensor_copy_from_host(tensor, all, count));
    for (dtl_size_t i = 0; i < count; i++) {
        dtl_index_t indices[] = {(dtl_index_t)(i / 3), (dtl_index_t)(i % 3)};
        CHECK_OK(dtl_tensor_get_local_nd(tensor, indices, &value));
        CHECK(value == (double)i);
        value = -value;
        CHECK_OK(dtl_tensor_set_local_nd(tensor, indices, &value));
        CHECK_OK(dtl_tensor_get_local(tensor, i, &value));
        CHECK(value == -(double)i);
        value = 2.0 * (double)i;
        CHECK_OK(dtl_tensor_set_local(tensor, i, &value));
    }
    void* view = NULL;
    CHECK_OK(dtl_tensor_local_view(tensor, &view));
    CHECK(view == dtl_tensor_local_data_mut(tensor));
    CHECK(count == 0 || ((double*)view)[count - 1] == 2.0 * (double)(count - 1));
    const dtl_index_t outside[] = {(dtl_index_t)rows, 0}, negative[] = {0, -1};
    CHECK_STATUS(DTL_ERROR_OUT_OF_BOUNDS, dtl_tensor_get_local_nd(tensor, outside, &value));
    CHECK_STATUS(DTL_ERROR_OUT_OF_BOUNDS, dtl_tensor_set_local_nd(tensor, negative, &value));
    CHECK_STATUS(DTL_ERROR_OUT_OF_BOUNDS, dtl_tensor_get_local(tensor, count, &value));
    CHECK(dtl_tensor_dim(tensor, 2) == 0 && dtl_last_status() == DTL_ERROR_OUT_OF_BOUNDS);
    CHECK_OK(dtl_tensor_fill_local(tensor, &fill));
    CHECK(count == 0 || ((double*)view)[0] == fill);
    CHECK_OK(dtl_tensor_barrier(tensor));
    dtl_tensor_destroy(tensor);
    const dtl_status refused = DTL_ERROR_INVALID_ARGUMENT;
    CHECK_STATUS(refused, dtl_tensor_create(ctx, DTL_DTYPE_INT8, dtl_shape_nd(0, NULL), &tensor));
    CHECK_STATUS(refused, dtl_tensor_create(ctx, DTL_DTYPE_INT8, dtl_shape_2d(UINT64_MAX, 2), &tensor));
    dtl_shape shape = dtl_shape_1d(4);
    shape.ndim = rank == 0 ? 9 : 1;
    CHECK_STATUS(refused, dtl_tensor_create(ctx, DTL_DTYPE_INT8, shape, &tensor));
    CHECK_MESSAGE("shape.ndim is 9");
    if (dtl_context_size(ctx) > 1) {
        shape = dtl_shape_2d(4, rank == 0 ? 3 : 2);
        CHECK_STATUS(DTL_ERROR_COLLECTIVE_PARTICIPATION, dtl_tensor_create(ctx, DTL_DTYPE_INT8, shape, &tensor));
        CHECK_MESSAGE("shape differs");
    }
}

/* Elements from any rank: what was written on their owners is read everywhere, and the other way round. */
static void selected(dtl_context_t ctx, int rank) {
    const dtl_shape shape = dtl_shape_2d(5, 4), grid = dtl_shape_2d(0, 0), by_default = dtl_shape_nd(0, NULL);
    const dtl_partition_policy partitions[] = {DTL_PARTITION_CYCLIC, DTL_PARTITION_BLOCK};
    dtl_tensor_t tensor;
    CHECK_OK(dtl_tensor_create_full(ctx, shape, DTL_DTYPE_INT32, NULL, partitions, DTL_PLACEMENT_HOST, DTL_EXEC_SEQ, 0,
                                    grid, by_default, &tensor));
    int32_t all[20], some[6] = {0};
    const dtl_index_t none[] = {0, 0}, first[] = {1, 0}, outside[] = {1, 1};
    for (int32_t i = 0; i < 20; i++) {
        all[i] = 10 * (i / 4) + i % 4;
    }
    CHECK_OK(dtl_tensor_set(tensor, none, shape, by_default, all));
    /* Rows 1, 3 and columns 0, 1, 2. */
    const dtl_shape count = dtl_shape_2d(2, 3), step = dtl_shape_2d(2, 1);
    const int32_t expected[] = {10, 11, 12, 30, 31, 32}, others[] = {-1, -2, -3, -4, -5, -6};
    CHECK_OK(dtl_tensor_get(tensor, first, count, step, some));
    CHECK(memcmp(some, expected, sizeof some) == 0);
    CHECK_OK(dtl_tensor_set(tensor, first, count, step, others));
    dtl_size_t local = dtl_tensor_local_size(tensor), changed = 0;
    const int32_t* view = (const int32_t*)dtl_tensor_local_data(tensor);
    for (dtl_size_t i = 0; i < local; i++) {
        changed += view[i] < 0;
    }
    dtl_size_t mine = 0;
    for (dtl_index_t i = 0; i < 6; i++) {
        dtl_index_t index[] = {1 + 2 * (i / 3), i % 3};
        mine += dtl_tensor_owner(tensor, index) == rank;
        all[4 * index[0] + index[1]] = (int32_t)(-1 - i);
    }
    CHECK(changed == mine);
    int32_t found[20];
    CHECK_OK(dtl_tensor_get(tensor, none, shape, dtl_shape_1d(1), found));
    CHECK(memcmp(found, all, sizeof all) == 0);
    CHECK_OK(dtl_tensor_get(tensor, none, dtl_shape_2d(0, 3), step, NULL));
    CHECK_STATUS(DTL_ERROR_OUT_OF_BOUNDS, dtl_tensor_get(tensor, outside, count, dtl_shape_2d(1, 2), some));
    CHECK_MESSAGE("4 elements along dimension 1");
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_tensor_get(tensor, first, count, dtl_shape_2d(1, 0), some));
    CHECK_STATUS(DTL_ERROR_DIMENSION_MISMATCH, dtl_tensor_get(tensor, first, dtl_shape_1d(2), step, some));
    CHECK_STATUS(DTL_ERROR_NULL_POINTER, dtl_tensor_set(tensor, rank == 0 ? NULL : first, count, step, others));
    CHECK_MESSAGE("first is null");
    if (dtl_context_size(ctx) > 1) {
        CHECK_STATUS(DTL_ERROR_COLLECTIVE_PARTICIPATION,
                     dtl_tensor_get(tensor, first, count, dtl_shape_2d(rank == 0 ? 1 : 2, 1), some));
        CHECK_MESSAGE("step differs");
    }
    dtl_tensor_destroy(tensor);
}

/* What is asked of all elements, and of the tensor as a whole. */
static void as_a_whole(dtl_context_t ctx, int rank) {
    const int root = dtl_context_size(ctx) - 1;
    const int32_t all[] = {4, -3, 2, 5, 1, 6};
    dtl_tensor_t tensor, like;
    CHECK_OK(dtl_tensor_create(ctx, DTL_DTYPE_INT32, dtl_shape_2d(3, 2), &tensor));
    CHECK_OK(dtl_tensor_from_global(tensor, rank == root ? all : NULL, rank == root ? 6 : 0, root));
    int32_t value = 0;
    CHECK_OK(dtl_tensor_reduce_sum(tensor, &value));
    CHECK(value == 15);
    CHECK_OK(dtl_tensor_reduce_prod(tensor, &value));
    CHECK(value == -720);
    CHECK_OK(dtl_tensor_reduce_min(tensor, &value));
    CHECK(value == -3);
    CHECK_OK(dtl_tensor_reduce_max(tensor, &value));
    CHECK(value == 6);
    CHECK_OK(dtl_tensor_like(tensor, DTL_DTYPE_FLOAT64, &like));
    CHECK(dtl_tensor_dtype(like) == DTL_DTYPE_FLOAT64 && dtl_tensor_local_size(like) == dtl_tensor_local_size(tensor));
    const double quarter = 0.25;
    double mean = 0.0;
    CHECK_OK(dtl_tensor_fill_local(like, &quarter));
    CHECK_OK(dtl_tensor_reduce_mean(like, &mean));
    CHECK(mean == quarter);
    int answer = -1;
    CHECK_OK(dtl_tensor_all(tensor, &answer));
    CHECK(answer == 1);
    const int32_t zero = 0;
    if (rank == root) {
        CHECK_OK(dtl_tensor_fill_local(tensor, &zero));
    }
    /* Of four ranks the last one has no row. */
    CHECK_OK(dtl_tensor_all(tensor, &answer));
    CHECK(answer == (root == 3));
    CHECK_OK(dtl_tensor_any(tensor, &answer));
    CHECK(answer == (root > 0));
    const char* text = NULL;
    CHECK_OK(dtl_tensor_describe(tensor, &text));
    CHECK(strstr(text, "int32") != NULL && strstr(text, "3, 2") != NULL);
    CHECK_OK(dtl_tensor_layout_text(tensor, &text));
    CHECK(strstr(text, "shape (3, 2), int32") == text);
    CHECK_OK(dtl_tensor_layout_svg(tensor, &text));
    CHECK(strncmp(text, "<svg", 4) == 0 && strstr(text, "</svg>") != NULL);
    CHECK_STATUS(DTL_ERROR_OUT_OF_RANGE, dtl_tensor_refuse(tensor, "tensor.sum", DTL_ERROR_OUT_OF_RANGE, "it is far"));
    CHECK_MESSAGE("it is far");
    CHECK_OK(dtl_tensor_retain(tensor));
    dtl_tensor_destroy(tensor);
    CHECK(dtl_tensor_is_valid(tensor) == 1);
    dtl_tensor_destroy(tensor);
    CHECK(dtl_tensor_is_valid(tensor) == 0);
    dtl_tensor_destroy(like);
}

/* Every rank has all elements; those of rank 0 win. */
static void replicated(dtl_context_t ctx, int rank) {
    const dtl_shape unsaid = dtl_shape_nd(0, NULL);
    const dtl_partition_policy copies[] = {DTL_PARTITION_REPLICATED, DTL_PARTITION_REPLICATED};
    const int8_t three = 3;
    dtl_tensor_t tensor;
    CHECK_OK(dtl_tensor_create_full(ctx, dtl_shape_2d(2, 2), DTL_DTYPE_INT8, NULL, copies, DTL_PLACEMENT_HOST, DTL_EXEC_SEQ,
                                    0, unsaid, unsaid, &tensor));
    if (rank == 0) {
        CHECK_OK(dtl_tensor_fill_local(tensor, &three));
    }
    CHECK(dtl_tensor_is_dirty(tensor) == (rank == 0 && dtl_context_size(ctx) > 1));
    CHECK_OK(dtl_tensor_sync(tensor));
    CHECK(dtl_tensor_is_clean(tensor) == 1 && ((const int8_t*)dtl_tensor_local_data(tensor))[3] == three);
    dtl_tensor_destroy(tensor);
}

static void shapes(void) {
    const dtl_size_t dims[] = {2, 3, 4, 5};
    dtl_shape shape = dtl_shape_nd(4, dims);
    CHECK(shape.ndim == 4 && memcmp(shape.dims, dims, sizeof dims) == 0 && dtl_shape_size(&shape) == 120);
    shape = dtl_shape_3d(2, 3, 4);
    CHECK(shape.ndim == 3 && shape.dims[2] == 4 && dtl_shape_size(&shape) == 24);
    CHECK(dtl_shape_nd(9, dims).ndim == 0 && dtl_shape_nd(2, NULL).ndim == 0 && dtl_shape_nd(-1, dims).ndim == 0);
    shape = dtl_shape_2d(UINT64_MAX, 2);
    CHECK(dtl_shape_size(&shape) == UINT64_MAX && dtl_shape_size(NULL) == 0);
    dtl_shape_init(&shape);
    CHECK(shape.ndim == 0 && dtl_shape_size(&shape) == 0);
}

int main(void) {
    const int ranks[] = {1, 2, 4};
    shapes();
    for (int r = 0; r < 3; r++) {
        on_ranks(ranks[r], layouts);
        on_ranks(ranks[r], elements);
        on_ranks(ranks[r], selected);
        on_ranks(ranks[r], as_a_whole);
        on_ranks(ranks[r], replicated);
    }
    CHECK(dtl_live_objects() == 0);
    return report("tensors");
}
