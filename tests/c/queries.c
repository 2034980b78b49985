/*
 * What objects say of themselves on 1, 2 and 4 ranks. Every query has two forms: one gives the answer, the other (`get` in its
 * name) a status beside it. Both are compared with what the object was made with.
 */

#include "check.h"

/* Both forms of a query of an object of this kind, whose arguments follow, give what is expected. */
#define GIVES(expected, kind, query, ...)                                       \
    do {                                                                        \
        __typeof__(dtl_##kind##_##query(__VA_ARGS__)) answer;                   \
        CHECK(dtl_##kind##_##query(__VA_ARGS__) == (__typeof__(answer))(expected)); \
        CHECK_OK(dtl_##kind##_get_##query(__VA_ARGS__, &answer));               \
        CHECK(answer == (__typeof__(answer))(expected));                        \
    } while (0)

/* The same for answers that are shapes. */
#define GIVES_SHAPE(expected, kind, query, object)              \
    do {                                                        \
        const dtl_shape wanted = (expected);                    \
        dtl_shape answer;                                       \
        CHECK_OK(dtl_##kind##_get_##query(object, &answer));    \
        CHECK(same_shape(wanted, answer));                      \
        CHECK(same_shape(wanted, dtl_##kind##_##query(object))); \
    } while (0)

static int same_shape(dtl_shape a, dtl_shape b) {
    int same = a.ndim == b.ndim;
    for (int i = 0; same && i < a.ndim; i++) {
        same = a.dims[i] == b.dims[i];
    }
    return same;
}

/* How much of `count` is rank's in blocks. */
static dtl_size_t block(dtl_size_t count, int rank, int ranks) {
    return count / (dtl_size_t)ranks + ((dtl_size_t)rank < count % (dtl_size_t)ranks);
}

/* What containers of all shapes say, made of 16-bit integers, with EXEC_PAR, on the host. */
#define CONTAINER_GIVES(kind, container, count, local)                          \
    do {                                                                        \
        GIVES(count, kind, global_size, container);                             \
        GIVES(count, kind, size, container);                                    \
        GIVES(local, kind, local_size, container);                              \
        GIVES(2, kind, itemsize, container);                                    \
        GIVES(2 * (count), kind, nbytes, container);                            \
        GIVES(DTL_DTYPE_INT16, kind, dtype, container);                         \
        GIVES(0, kind, empty, container);                                       \
        GIVES(rank, kind, rank, container);                                     \
        GIVES(ranks, kind, num_ranks, container);                               \
        GIVES(DTL_PARTITION_BLOCK, kind, partition_policy, container);          \
        GIVES(DTL_PLACEMENT_HOST, kind, placement_policy, container);           \
        GIVES(DTL_EXEC_PAR, kind, execution_policy, container);                 \
        GIVES(DTL_CONSISTENCY_BULK_SYNCHRONOUS, kind, consistency_policy, container); \
        GIVES(DTL_ERROR_POLICY_RETURN_STATUS, kind, error_policy, container);   \
        GIVES(-1, kind, device_id, container);                                  \
        GIVES(1, kind, is_host_accessible, container);                          \
        GIVES(0, kind, is_device_accessible, container);                        \
        GIVES(1, kind, is_valid, container);                                    \
        GIVES(1, kind, is_clean, container);                                    \
        GIVES(0, kind, is_dirty, container);                                    \
    } while (0)

/* What those of one dimension say besides, with 9 elements in blocks. */
#define LINE_GIVES(kind, line)                                          \
    do {                                                                \
        const dtl_index_t first = first_of_nine(rank, ranks);           \
        CONTAINER_GIVES(kind, line, 9, block(9, rank, ranks));          \
        GIVES_SHAPE(dtl_shape_1d(9), kind, shape, line);                \
        GIVES(1, kind, ndim, line);                                     \
        GIVES(first, kind, local_offset, line);                         \
        GIVES(rank, kind, owner, line, first);                          \
        GIVES(1, kind, is_local, line, first);                          \
        GIVES(rank == 0, kind, is_local, line, 0);                      \
        GIVES(1, kind, to_local, line, first + 1);                      \
        GIVES(first + 1, kind, to_global, line, 1);                     \
    } while (0)

static dtl_index_t first_of_nine(int rank, int ranks) {
    dtl_size_t first = 0;
    for (int other = 0; other < rank; other++) {
        first += block(9, other, ranks);
    }
    return (dtl_index_t)first;
}

/* Vectors and arrays, made with every argument that there is. */
static void of_lines(dtl_context_t ctx, int rank) {
    const int ranks = dtl_context_size(ctx);
    const int16_t fill = -7;
    dtl_vector_t vec;
    dtl_array_t arr;
    CHECK_OK(dtl_vector_create_full(ctx, 9, DTL_DTYPE_INT16, &fill, DTL_PARTITION_BLOCK, DTL_PLACEMENT_HOST, DTL_EXEC_PAR, 0,
                                    1, &vec));
    CHECK_OK(dtl_array_create_full(ctx, 9, DTL_DTYPE_INT16, &fill, DTL_PARTITION_BLOCK, DTL_PLACEMENT_HOST, DTL_EXEC_PAR, 0,
                                   1, &arr));
    CHECK(((const int16_t*)dtl_vector_local_data(vec))[0] == fill && ((const int16_t*)dtl_array_local_data(arr))[1] == fill);
    LINE_GIVES(vector, vec);
    LINE_GIVES(array, arr);
    dtl_vector_destroy(vec);
    dtl_array_destroy(arr);
}

/* A tensor whose rows are divided. */
static void of_tensors(dtl_context_t ctx, int rank) {
    const int ranks = dtl_context_size(ctx);
    const dtl_size_t rows = block(5, rank, ranks);
    const dtl_shape unsaid = dtl_shape_nd(0, NULL), shape = dtl_shape_2d(5, 3);
    dtl_tensor_t tensor;
    CHECK_OK(dtl_tensor_create_full(ctx, shape, DTL_DTYPE_INT16, NULL, NULL, DTL_PLACEMENT_HOST, DTL_EXEC_PAR, 0, unsaid,
                                    unsaid, &tensor));
    dtl_size_t first = 0;
    for (int other = 0; other < rank; other++) {
        first += block(5, other, ranks);
    }
    const dtl_index_t index[] = {(dtl_index_t)first, 2};
    CONTAINER_GIVES(tensor, tensor, 15, 3 * rows);
    GIVES_SHAPE(shape, tensor, shape, tensor);
    GIVES_SHAPE(dtl_shape_2d(rows, 3), tensor, local_shape, tensor);
    GIVES_SHAPE(dtl_shape_2d(first, 0), tensor, local_offsets, tensor);
    GIVES_SHAPE(dtl_shape_2d((dtl_size_t)ranks, 1), tensor, process_grid, tensor);
    GIVES(2, tensor, ndim, tensor);
    GIVES(5, tensor, length, tensor);
    GIVES(0, tensor, distributed_dim, tensor);
    GIVES(5, tensor, dim, tensor, 0);
    GIVES(3, tensor, stride, tensor, 0);
    GIVES(1, tensor, stride, tensor, 1);
    GIVES(rank, tensor, owner, tensor, index);
    dtl_tensor_destroy(tensor);
}

/* A span of a vector, a map with a key for each rank, and a halo of two places on both sides. */
static void of_the_others(dtl_context_t ctx, int rank) {
    const int ranks = dtl_context_size(ctx);
    const dtl_size_t local = block(9, rank, ranks);
    dtl_vector_t vec;
    dtl_span_t span;
    dtl_map_t map;
    dtl_halo_t halo;
    CHECK_OK(dtl_vector_create(ctx, DTL_DTYPE_INT32, 9, &vec));
    CHECK_OK(dtl_span_from_vector(vec, &span));
    GIVES(9, span, size, span);
    GIVES(local, span, local_size, span);
    GIVES(4 * local, span, size_bytes, span);
    GIVES(0, span, empty, span);
    GIVES(DTL_DTYPE_INT32, span, dtype, span);
    GIVES(rank, span, rank, span);
    GIVES(ranks, span, num_ranks, span);
    GIVES(1, span, is_valid, span);
    dtl_span_destroy(span);

    CHECK_OK(dtl_vector_halo(vec, dtl_shape_1d(2), DTL_BOUNDARY_PERIODIC, DTL_STENCIL_STAR, NULL, &halo));
    GIVES(1, halo, is_valid, halo);
    GIVES(1, halo, ndim, halo);
    GIVES(DTL_DTYPE_INT32, halo, dtype, halo);
    GIVES(local + 4, halo, local_size, halo);
    GIVES_SHAPE(dtl_shape_1d(2), halo, width, halo);
    GIVES_SHAPE(dtl_shape_1d(local + 4), halo, local_shape, halo);
    dtl_halo_destroy(halo);
    dtl_vector_destroy(vec);

    CHECK_OK(dtl_map_create(ctx, DTL_DTYPE_INT32, DTL_DTYPE_FLOAT64, &map));
    GIVES(1, map, empty, map);
    const int32_t key = rank;
    const double value = 0.5;
    CHECK_OK(dtl_map_insert(map, &key, &value, 1));
    CHECK_OK(dtl_map_sync(map));
    int32_t owner = -1;
    dtl_size_t owned = 0;
    for (int32_t each = 0; each < ranks; each++) {
        CHECK_OK(dtl_map_owner(map, &each, 1, &owner));
        owned += owner == rank;
    }
    GIVES(0, map, empty, map);
    GIVES(ranks, map, global_size, map);
    GIVES(owned, map, local_size, map);
    GIVES(DTL_DTYPE_INT32, map, key_dtype, map);
    GIVES(DTL_DTYPE_FLOAT64, map, value_dtype, map);
    GIVES(rank, map, rank, map);
    GIVES(ranks, map, num_ranks, map);
    GIVES(0, map, is_dirty, map);
    GIVES(1, map, is_valid, map);
    dtl_map_destroy(map);
}

/* A context without a GPU, as its ranks see it. */
static void of_contexts(dtl_context_t ctx, int rank) {
    int size = 0, sum = 0;
    const int one = 1;
    CHECK_OK(dtl_allreduce(ctx, &one, &size, 1, DTL_DTYPE_INT32, DTL_OP_SUM));
    CHECK_OK(dtl_allreduce(ctx, &rank, &sum, 1, DTL_DTYPE_INT32, DTL_OP_SUM));
    CHECK(2 * sum == size * (size - 1));
    GIVES(size, context, size, ctx);
    GIVES(rank, context, rank, ctx);
    GIVES(rank == 0, context, is_root, ctx);
    GIVES(1, context, is_valid, ctx);
    GIVES(dtl_environment_mpi_thread_level() >= 0, context, has_mpi, ctx);
    GIVES(-1, context, device_id, ctx);
    GIVES(0, context, has_device, ctx);
    GIVES(0, context, has_cuda, ctx);
    GIVES(0, context, has_nccl, ctx);
    GIVES(0, context, has_shmem, ctx);
    GIVES(-1, context, nccl_mode, ctx);
    GIVES(0, context, nccl_supports_native, ctx, DTL_NCCL_OP_ALLREDUCE);
    GIVES(0, context, nccl_supports_hybrid, ctx, DTL_NCCL_OP_SCAN);
    GIVES(DTL_DETERMINISM_DETERMINISTIC, context, determinism_mode, ctx);
    GIVES(DTL_REDUCTION_SCHEDULE_FIXED_TREE, context, reduction_schedule_policy, ctx);
    GIVES(DTL_PROGRESS_ORDERING_RANK_ORDERED, context, progress_ordering_policy, ctx);
    GIVES(DTL_ERROR_POLICY_RETURN_STATUS, context, error_policy, ctx);
}

/* What belongs to no object. */
static void of_the_library(void) {
    int there = -1;
    CHECK_OK(dtl_get_placement_available(DTL_PLACEMENT_HOST, &there));
    CHECK(there == 1 && dtl_placement_available(DTL_PLACEMENT_HOST) == 1);
    CHECK(dtl_has_cuda() == 0 && dtl_has_hip() == 0 && dtl_has_nccl() == 0 && dtl_has_shmem() == 0);
    CHECK(strstr(dtl_describe_mpi(), "MPI") != NULL);
}

int main(void) {
    const int ranks[] = {1, 2, 4};
    for (int r = 0; r < 3; r++) {
        on_ranks(ranks[r], of_lines);
        on_ranks(ranks[r], of_tensors);
        on_ranks(ranks[r], of_the_others);
        on_ranks(ranks[r], of_contexts);
    }
    of_the_library();
    CHECK(dtl_live_objects() == 0);
    return report("queries");
}
