/* Distributed vectors on 1, 2 and 4 ranks: where elements are, and how they are read and written. */

#include "check.h"

static const dtl_partition_policy partitions[] = {DTL_PARTITION_BLOCK, DTL_PARTITION_CYCLIC, DTL_PARTITION_BLOCK_CYCLIC,
                                                   DTL_PARTITION_HASH};
enum { PARTITIONS = sizeof partitions / sizeof partitions[0] };
static const dtl_size_t sizes[] = {0, 1, 3, 10, 1000};
enum { BLOCK = 3, MOST = 1000 };

/* The owner of an element by the definition of each partition, counted without dtl. That of hash is dtl's own affair. */
static int owner_of(dtl_vector_t vec, dtl_partition_policy partition, int64_t index, int64_t n, int64_t ranks) {
    if (partition == DTL_PARTITION_HASH) {
        return dtl_vector_owner(vec, index);
    }
    if (partition == DTL_PARTITION_CYCLIC) {
        return (int)(index % ranks);
    }
    if (partition == DTL_PARTITION_BLOCK_CYCLIC) {
        return (int)(index / BLOCK % ranks);
    }
    int64_t end = 0;
    for (int rank = 0;; rank++) {
        end += n / ranks + (rank < n % ranks);
        if (index < end) {
            return rank;
        }
    }
}

static void layout(dtl_context_t ctx, int rank, dtl_partition_policy partition, dtl_size_t size) {
    dtl_container_options options;
    dtl_container_options_init(&options);
    options.partition = partition;
    options.block_size = BLOCK;
    dtl_vector_t vec;
    CHECK_OK(dtl_vector_create_with_options(ctx, DTL_DTYPE_INT64, size, &options, &vec));
    int64_t n = (int64_t)size, ranks = dtl_context_size(ctx), local = 0, first = n, wrong = 0;
    int64_t expected[MOST];
    for (int64_t i = 0; i < n; i++) {
        int owner = owner_of(vec, partition, i, n, ranks);
        wrong += dtl_vector_owner(vec, i) != owner || dtl_vector_is_local(vec, i) != (owner == rank);
        if (owner == rank) {
            first = local == 0 ? i : first;
            expected[local] = i;
            wrong += dtl_vector_to_local(vec, i) != local || dtl_vector_to_global(vec, local) != i;
            local++;
        } else {
            wrong += dtl_vector_to_local(vec, i) != -1 || dtl_last_status() != DTL_ERROR_INVALID_INDEX;
        }
    }
    CHECK(wrong == 0);
    /* Each element is somewhere, and nowhere twice. */
    int64_t everywhere = 0;
    CHECK_OK(dtl_allreduce(ctx, &local, &everywhere, 1, DTL_DTYPE_INT64, DTL_OP_SUM));
    CHECK(everywhere == n);
    CHECK(dtl_vector_global_size(vec) == size && dtl_vector_local_size(vec) == (dtl_size_t)local);
    CHECK(dtl_vector_local_offset(vec) == first && dtl_vector_empty(vec) == (size == 0));
    CHECK(dtl_vector_partition_policy(vec) == partition && dtl_vector_dtype(vec) == DTL_DTYPE_INT64);
    CHECK(dtl_vector_rank(vec) == rank && dtl_vector_num_ranks(vec) == ranks);
    int64_t indices[MOST];
    CHECK_OK(dtl_vector_global_indices(vec, indices, (dtl_size_t)local));
    CHECK(memcmp(indices, expected, sizeof(int64_t) * (size_t)local) == 0);

    /* What is copied in is what views and copies show. */
    CHECK_OK(dtl_vector_copy_from_host(vec, indices, (dtl_size_t)local));
    const int64_t* view = (const int64_t*)dtl_vector_local_data(vec);
    CHECK(local == 0 || memcmp(view, expected, sizeof(int64_t) * (size_t)local) == 0);
    int64_t back[MOST];
    CHECK_OK(dtl_vector_copy_to_host(vec, back, (dtl_size_t)local));
    CHECK(memcmp(back, expected, sizeof(int64_t) * (size_t)local) == 0);
    CHECK_STATUS(DTL_ERROR_EXTENT_MISMATCH, dtl_vector_copy_from_host(vec, back, (dtl_size_t)local + 1));
    const int64_t seven = 7;
    CHECK_OK(dtl_vector_fill_local(vec, &seven));
    CHECK(local == 0 || (view[0] == 7 && view[local - 1] == 7));
    void* writable = NULL;
    CHECK_OK(dtl_vector_local_view(vec, &writable));
    CHECK(writable == dtl_vector_local_data_mut(vec));
    CHECK_OK(dtl_vector_barrier(vec));
    dtl_vector_destroy(vec);
}

static void layouts(dtl_context_t ctx, int rank) {
    for (int p = 0; p < PARTITIONS; p++) {
        for (int s = 0; s < 5; s++) {
            layout(ctx, rank, partitions[p], sizes[s]);
        }
    }
}

static void filled(dtl_context_t ctx, int rank) {
    (void)rank;
    for (dtl_dtype dtype = 0; dtype < DTL_DTYPE_COUNT; dtype++) {
        const unsigned char value[16] = {1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0};
        dtl_vector_t vec;
        CHECK_OK(dtl_vector_create_fill(ctx, dtype, 9, value, &vec));
        const unsigned char* bytes = (const unsigned char*)dtl_vector_local_data(vec);
        dtl_size_t width = dtl_dtype_size(dtype);
        int wrong = 0;
        for (dtl_size_t i = 0; i < width * dtl_vector_local_size(vec); i++) {
            wrong += bytes[i] != value[i % width];
        }
        CHECK(wrong == 0 && dtl_vector_dtype(vec) == dtype);
        dtl_vector_destroy(vec);
    }
}

/* Every rank has all elements. */
static void replicated(dtl_context_t ctx, int rank) {
    const int64_t fill = 100 + rank;
    dtl_container_options options;
    dtl_container_options_init(&options);
    options.partition = DTL_PARTITION_REPLICATED;
    dtl_vector_t vec;
    CHECK_OK(dtl_vector_create_with_options(ctx, DTL_DTYPE_INT64, 9, &options, &vec));
    CHECK_OK(dtl_vector_fill_local(vec, &fill));
    const int64_t* view = (const int64_t*)dtl_vector_local_data(vec);
    CHECK(dtl_vector_local_size(vec) == 9 && view[0] == fill && view[8] == fill);
    int wrong = 0;
    for (int64_t i = 0; i < 9; i++) {
        wrong += dtl_vector_is_local(vec, i) != 1 || dtl_vector_to_local(vec, i) != i;
    }
    CHECK(wrong == 0);
    dtl_vector_destroy(vec);
}

int main(void) {
    const int ranks[] = {1, 2, 4};
    for (int r = 0; r < 3; r++) {
        on_ranks(ranks[r], layouts);
        on_ranks(ranks[r], filled);
        on_ranks(ranks[r], replicated);
    }
    CHECK(dtl_live_objects() == 0);
    return report("vectors");
}
