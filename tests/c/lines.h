/*
 * What containers of one dimension do on 1, 2 and 4 ranks: where elements are, and how they are read and written. A program
 * includes this file once, for the kind of container that it has defined as LINE: vector or array.
 */

#include "check.h"

#define JOINED(a, b, c) a##b##c
#define NAMED(a, b, c) JOINED(a, b, c)
#define QUOTED(a) #a
#define IN_QUOTES(a) QUOTED(a)
#define LINE_NAME IN_QUOTES(LINE)
#define LINE_TYPE NAMED(dtl_, LINE, _t)
/* The function of this kind of container: CALL(owner) is dtl_vector_owner. */
#define CALL(name) NAMED(dtl_, LINE, _##name)

static const dtl_partition_policy partitions[] = {DTL_PARTITION_BLOCK, DTL_PARTITION_CYCLIC, DTL_PARTITION_BLOCK_CYCLIC,
                                                   DTL_PARTITION_HASH};
enum { PARTITIONS = sizeof partitions / sizeof partitions[0] };
static const dtl_size_t sizes[] = {0, 1, 3, 10, 1000};
enum { BLOCK = 3, MOST = 1000 };

/* The owner of an element by the definition of each partition, counted without dtl. That of hash is dtl's own affair. */
static int owner_of(LINE_TYPE line, dtl_partition_policy partition, int64_t index, int64_t n, int64_t ranks) {
    if (partition == DTL_PARTITION_HASH) {
        return CALL(owner)(line, index);
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
    dtl_partition_type type = partition;
    options.partition = type;
    options.block_size = BLOCK;
    LINE_TYPE line;
    CHECK_OK(CALL(create_with_options)(ctx, DTL_DTYPE_INT64, size, &options, &line));
    int64_t n = (int64_t)size, ranks = dtl_context_size(ctx), local = 0, first = n, wrong = 0;
    int64_t expected[MOST];
    for (int64_t i = 0; i < n; i++) {
        int owner = owner_of(line, partition, i, n, ranks);
        wrong += CALL(owner)(line, i) != owner || CALL(is_local)(line, i) != (owner == rank);
        if (owner == rank) {
            first = local == 0 ? i : first;
            expected[local] = i;
            wrong += CALL(to_local)(line, i) != local || CALL(to_global)(line, local) != i;
            local++;
        } else {
            wrong += CALL(to_local)(line, i) != -1 || dtl_last_status() != DTL_ERROR_INVALID_INDEX;
        }
    }
    CHECK(wrong == 0);
    /* Each element is somewhere, and nowhere twice. */
    int64_t everywhere = 0;
    CHECK_OK(dtl_allreduce(ctx, &local, &everywhere, 1, DTL_DTYPE_INT64, DTL_OP_SUM));
    CHECK(everywhere == n);
    CHECK(CALL(global_size)(line) == size && CALL(local_size)(line) == (dtl_size_t)local);
    CHECK(CALL(local_offset)(line) == first && CALL(empty)(line) == (size == 0));
    CHECK(CALL(partition_policy)(line) == partition && CALL(dtype)(line) == DTL_DTYPE_INT64);
    CHECK(CALL(rank)(line) == rank && CALL(num_ranks)(line) == ranks);
    int64_t indices[MOST];
    CHECK_OK(CALL(global_indices)(line, indices, (dtl_size_t)local));
    CHECK(memcmp(indices, expected, sizeof(int64_t) * (size_t)local) == 0);

    /* What is copied in is what views and copies show. */
    CHECK_OK(CALL(copy_from_host)(line, indices, (dtl_size_t)local));
    const int64_t* view = (const int64_t*)CALL(local_data)(line);
    CHECK(local == 0 || memcmp(view, expected, sizeof(int64_t) * (size_t)local) == 0);
    int64_t back[MOST];
    CHECK_OK(CALL(copy_to_host)(line, back, (dtl_size_t)local));
    CHECK(memcmp(back, expected, sizeof(int64_t) * (size_t)local) == 0);
    CHECK_STATUS(DTL_ERROR_EXTENT_MISMATCH, CALL(copy_from_host)(line, back, (dtl_size_t)local + 1));
    for (int64_t i = 0; i < local; i++) {
        int64_t value = 0;
        CHECK_OK(CALL(get_local)(line, (dtl_size_t)i, &value));
        CHECK(value == expected[i]);
        value = -value;
        CHECK_OK(CALL(set_local)(line, (dtl_size_t)i, &value));
        CHECK(view[i] == -expected[i]);
    }
    CHECK_STATUS(DTL_ERROR_OUT_OF_BOUNDS, CALL(get_local)(line, (dtl_size_t)local, back));
    CHECK_STATUS(DTL_ERROR_OUT_OF_BOUNDS, CALL(set_local)(line, UINT64_MAX, back));
    const int64_t seven = 7;
    CHECK_OK(CALL(fill_local)(line, &seven));
    CHECK(local == 0 || (view[0] == 7 && view[local - 1] == 7));
    void* writable = NULL;
    CHECK_OK(CALL(local_view)(line, &writable));
    CHECK(writable == CALL(local_data_mut)(line));
    CHECK_OK(CALL(barrier)(line));
    CALL(destroy)(line);
}

static void layouts(dtl_context_t ctx, int rank) {
    for (int p = 0; p < PARTITIONS; p++) {
        for (int s = 0; s < 5; s++) {
            layout(ctx, rank, partitions[p], sizes[s]);
        }
    }
}

/* What is asked of it besides its elements. */
static void properties(dtl_context_t ctx, int rank) {
    dtl_container_options options;
    dtl_container_options_init(&options);
    options.execution = DTL_EXEC_PAR;
    LINE_TYPE line;
    CHECK_OK(CALL(create_with_options)(ctx, DTL_DTYPE_UINT16, 9, &options, &line));
    CHECK(CALL(execution_policy)(line) == DTL_EXEC_PAR && CALL(placement_policy)(line) == DTL_PLACEMENT_HOST);
    CHECK(CALL(consistency_policy)(line) == DTL_CONSISTENCY_BULK_SYNCHRONOUS);
    CHECK(CALL(error_policy)(line) == DTL_ERROR_POLICY_RETURN_STATUS && CALL(device_id)(line) == -1);
    CHECK(CALL(is_host_accessible)(line) == 1 && CALL(is_device_accessible)(line) == 0);
    CHECK(CALL(is_valid)(line) == 1);
    const char* text = NULL;
    CHECK_OK(CALL(describe)(line, &text));
    CHECK(strstr(text, "uint16") != NULL && strstr(text, "9") != NULL);
    CHECK_OK(CALL(layout_text)(line, &text));
    CHECK(strstr(text, "shape (9,), uint16, block over ") == text && strstr(text, "rank 0: ") != NULL);
    CHECK_OK(CALL(layout_svg)(line, &text));
    CHECK(strncmp(text, "<svg", 4) == 0 && strstr(text, "</svg>") != NULL);
    /* One more owner keeps it: it is gone with the last one. */
    CHECK_OK(CALL(retain)(line));
    CALL(destroy)(line);
    CHECK(CALL(global_size)(line) == 9 && CALL(rank)(line) == rank);
    CALL(destroy)(line);
    CHECK(CALL(global_size)(line) == 0 && CALL(is_valid)(line) == 0);
    const dtl_status refused = DTL_ERROR_INVALID_ARGUMENT;
    CHECK_OK(CALL(create)(ctx, DTL_DTYPE_INT8, 4, &line));
    char barrier[32];
    snprintf(barrier, sizeof barrier, "%s.barrier", LINE_NAME);
    CHECK_STATUS(refused, rank == 0 ? CALL(refuse)(line, barrier, refused, "no") : CALL(barrier)(line));
    CHECK_STATUS(refused, CALL(refuse)(line, barrier, refused, "none has it"));
    CHECK_MESSAGE("none has it");
    CHECK_OK(CALL(barrier)(line));
    CALL(destroy)(line);
}

/* Elements go to those of another container with the same indices, whose memory stays where it is. */
static void copied(dtl_context_t ctx, int rank) {
    LINE_TYPE src, dst, other;
    CHECK_OK(CALL(create)(ctx, DTL_DTYPE_INT64, 10, &src));
    int64_t* from = (int64_t*)CALL(local_data_mut)(src);
    for (dtl_size_t i = 0; i < CALL(local_size)(src); i++) {
        from[i] = 100 + CALL(to_global)(src, (dtl_index_t)i);
    }
    for (int p = 0; p < PARTITIONS; p++) {
        dtl_container_options options;
        dtl_container_options_init(&options);
        options.partition = partitions[p];
        options.block_size = BLOCK;
        CHECK_OK(CALL(create_with_options)(ctx, DTL_DTYPE_INT64, 10, &options, &dst));
        const int64_t* to = (const int64_t*)CALL(local_data)(dst);
        CHECK_OK(NAMED(dtl_copy_, LINE, )(src, dst));
        CHECK(CALL(local_data)(dst) == to);
        for (dtl_size_t i = 0; i < CALL(local_size)(dst); i++) {
            CHECK(to[i] == 100 + CALL(to_global)(dst, (dtl_index_t)i));
        }
        CALL(destroy)(dst);
    }
    CHECK_OK(NAMED(dtl_copy_, LINE, )(src, src));
    CHECK_OK(CALL(create)(ctx, DTL_DTYPE_INT64, 11, &dst));
    CHECK_STATUS(DTL_ERROR_EXTENT_MISMATCH, NAMED(dtl_copy_, LINE, )(src, dst));
    CHECK_MESSAGE("src has the shape [10] and dst has the shape [11]");
    CHECK_OK(CALL(create)(ctx, DTL_DTYPE_INT32, 10, &other));
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, NAMED(dtl_copy_, LINE, )(src, other));
    CHECK_MESSAGE("src holds int64 and dst holds int32");
    /* What only one rank lacks is an error on all of them. */
    CALL(destroy)(dst);
    CHECK_OK(CALL(create)(ctx, DTL_DTYPE_INT64, 10, &dst));
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, NAMED(dtl_copy_, LINE, )(src, rank == 0 ? NULL : dst));
    CHECK_MESSAGE("dst");
    CALL(destroy)(src);
    CALL(destroy)(dst);
    CALL(destroy)(other);
}

/* Elements of every type. */
static void filled(dtl_context_t ctx, int rank) {
    (void)rank;
    for (dtl_dtype dtype = 0; dtype < DTL_DTYPE_COUNT; dtype++) {
        const unsigned char value[16] = {1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0};
        LINE_TYPE line;
        CHECK_OK(CALL(create_fill)(ctx, dtype, 9, value, &line));
        const unsigned char* bytes = (const unsigned char*)CALL(local_data)(line);
        dtl_size_t width = dtl_dtype_size(dtype);
        int wrong = 0;
        for (dtl_size_t i = 0; i < width * CALL(local_size)(line); i++) {
            wrong += bytes[i] != value[i % width];
        }
        CHECK(wrong == 0 && CALL(dtype)(line) == dtype);
        CALL(destroy)(line);
    }
}

/* Every rank has all elements. */
static void replicated(dtl_context_t ctx, int rank) {
    const int64_t fill = 100 + rank;
    dtl_container_options options;
    dtl_container_options_init(&options);
    options.partition = DTL_PARTITION_REPLICATED;
    LINE_TYPE line;
    CHECK_OK(CALL(create_with_options)(ctx, DTL_DTYPE_INT64, 9, &options, &line));
    CHECK_OK(CALL(fill_local)(line, &fill));
    const int64_t* view = (const int64_t*)CALL(local_data)(line);
    CHECK(CALL(local_size)(line) == 9 && view[0] == fill && view[8] == fill);
    int wrong = 0;
    for (int64_t i = 0; i < 9; i++) {
        wrong += CALL(is_local)(line, i) != 1 || CALL(to_local)(line, i) != i;
    }
    CHECK(wrong == 0);
    CALL(destroy)(line);
}

/* Elements by their index, from every rank. */
static void selections(dtl_context_t ctx, int rank) {
    dtl_container_options options;
    dtl_container_options_init(&options);
    options.block_size = BLOCK;
    for (int p = 0; p < PARTITIONS; p++) {
        options.partition = partitions[p];
        LINE_TYPE line;
        CHECK_OK(CALL(create_with_options)(ctx, DTL_DTYPE_INT64, 10, &options, &line));
        const int64_t squares[10] = {0, 1, 4, 9, 16, 25, 36, 49, 64, 81};
        CHECK_OK(CALL(set)(line, 0, 10, 1, squares));
        int64_t some[4] = {-1, -1, -1, -1};
        CHECK_OK(CALL(get)(line, 2, 3, 3, some));
        CHECK(some[0] == 4 && some[1] == 25 && some[2] == 64 && some[3] == -1);
        const int64_t others[2] = {-5, -6};
        CHECK_OK(CALL(set)(line, 5, 2, 4, others));
        CHECK_OK(CALL(get)(line, 5, 2, 4, some));
        CHECK(some[0] == -5 && some[1] == -6);
        CHECK_OK(CALL(get)(line, 0, 0, 1, NULL));
        CHECK_STATUS(DTL_ERROR_OUT_OF_BOUNDS, CALL(get)(line, 8, 2, 2, some));
        CHECK_STATUS(DTL_ERROR_OUT_OF_BOUNDS, CALL(get)(line, -1, 1, 1, some));
        CHECK_STATUS(DTL_ERROR_OUT_OF_BOUNDS, CALL(set)(line, 1, 3, INT64_MAX, squares));
        CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, CALL(get)(line, 0, 1, 0, some));
        CHECK_STATUS(DTL_ERROR_NULL_POINTER, CALL(set)(line, 0, 2, 1, rank == 0 ? NULL : squares));
        CHECK_OK(CALL(get)(line, 9, 1, 1, some));
        CHECK(some[0] == -6);
        const int root = dtl_context_size(ctx) - 1;
        CHECK_OK(CALL(from_global)(line, rank == root ? squares : NULL, rank == root ? 10 : 0, root));
        int64_t all[10] = {-1};
        CHECK_OK(CALL(gather_to)(line, 0, all, 10));
        CHECK(rank == 0 ? memcmp(all, squares, sizeof all) == 0 : all[0] == -1);
        CALL(destroy)(line);
    }
}

/* One value of all elements, in their type, where it must fit. */
static void reductions(dtl_context_t ctx, int rank) {
    (void)rank;
    LINE_TYPE line;
    const int8_t three = 3;
    int8_t value = 0;
    CHECK_OK(CALL(create_fill)(ctx, DTL_DTYPE_INT8, 40, &three, &line));
    CHECK_OK(CALL(reduce_sum)(line, &value));
    CHECK(value == 120);
    CHECK_OK(CALL(reduce_mean)(line, &value));
    CHECK(value == 3);
    CHECK_OK(CALL(reduce_min)(line, &value));
    CHECK_OK(CALL(reduce_max)(line, &value));
    CHECK(value == 3);
    CHECK_STATUS(DTL_ERROR_OUT_OF_RANGE, CALL(reduce_prod)(line, &value));
    CHECK_STATUS(DTL_ERROR_NULL_POINTER, CALL(reduce_sum)(line, NULL));
    CALL(destroy)(line);
    LINE_TYPE like;
    CHECK_OK(CALL(create)(ctx, DTL_DTYPE_INT8, 0, &line));
    CHECK_OK(CALL(like)(line, DTL_DTYPE_FLOAT64, &like));
    double real = 1;
    CHECK_OK(CALL(reduce_sum)(like, &real));
    CHECK(real == 0);
    CHECK_STATUS(DTL_ERROR_PRECONDITION_FAILED, CALL(reduce_min)(like, &real));
    CALL(destroy)(line);
    CALL(destroy)(like);
}

/* Everything of this file. */
static void lines(dtl_context_t ctx, int rank) {
    layouts(ctx, rank);
    properties(ctx, rank);
    copied(ctx, rank);
    filled(ctx, rank);
    replicated(ctx, rank);
    selections(ctx, rank);
    reductions(ctx, rank);
}
