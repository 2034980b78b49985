/* Reductions with functions of the caller on 1, 2 and 4 ranks, against the same function over what all ranks pass. */

#include "check.h"

enum { COUNTS = 3, MOST_RANKS = 4, LONGEST = 6000 };
static const int counts[] = {2, 40, LONGEST};

/* Maps x -> a x + b, one after the other: first all a, then all b. `user_data` counts the elements. */
static int affine(const void* a, const void* b, void* combined, dtl_size_t count, void* user_data) {
    const int64_t* first = (const int64_t*)a;
    const int64_t* second = (const int64_t*)b;
    int64_t* both = (int64_t*)combined;
    dtl_size_t half = count / 2;
    for (dtl_size_t i = 0; i < half; i++) {
        both[i] = (first[i] * second[i]) % 1009;
        both[half + i] = (first[half + i] * second[i] + second[half + i]) % 1009;
    }
    if (user_data != NULL) {
        *(dtl_size_t*)user_data += count;
    }
    return 0;
}

/* Fails on the rank whose number its caller has put at `user_data`. */
static int fails_on_one(const void* a, const void* b, void* combined, dtl_size_t count, void* user_data) {
    const int* ranks = (const int*)user_data;
    return ranks[0] == ranks[1] ? 7 : affine(a, b, combined, count, NULL);
}

static void fill(int64_t* values, int rank, int count) {
    for (int i = 0; i < count; i++) {
        values[i] = (i + 3 * rank) % 5 + 1;
    }
}

/* The arrays of ranks 0 to `ranks` - 1, each filled as that of the rank `shift` above it. */
static void fold(int64_t* sum, int ranks, int shift, int count) {
    int64_t next[LONGEST], both[LONGEST];
    fill(sum, shift, count);
    for (int rank = 1; rank < ranks; rank++) {
        fill(next, rank + shift, count);
        affine(sum, next, both, (dtl_size_t)count, NULL);
        memcpy(sum, both, sizeof(int64_t) * (size_t)count);
    }
}

static int same(const int64_t* found, const int64_t* expected, int count) {
    return memcmp(found, expected, sizeof(int64_t) * (size_t)count) == 0;
}

static void everything(dtl_context_t ctx, int rank) {
    const dtl_dtype i64 = DTL_DTYPE_INT64;
    int size = dtl_context_size(ctx), last = size - 1;
    for (int c = 0; c < COUNTS; c++) {
        int n = counts[c];
        dtl_size_t count = (dtl_size_t)n, called = 0;
        int64_t mine[LONGEST], all[LONGEST], part[LONGEST], found[5][LONGEST];
        int64_t* rows = (int64_t*)malloc(sizeof(int64_t) * (size_t)(n * size));
        fill(mine, rank, n);
        fold(all, size, 0, n);
        fold(part, size, 10 * rank, n);
        for (int row = 0; row < size; row++) {
            fill(rows + row * n, rank + 10 * row, n);
        }
        for (int issued = 0; issued < 2; issued++) {
            memset(found, 0, sizeof found);
            if (issued) {
                dtl_request_t requests[5];
                CHECK_OK(dtl_iallreduce_func(ctx, mine, found[0], count, i64, affine, NULL, &requests[0]));
                CHECK_OK(dtl_ireduce_func(ctx, mine, found[1], count, i64, affine, NULL, last, &requests[1]));
                CHECK_OK(dtl_ireduce_scatter_func(ctx, rows, found[2], count, i64, affine, NULL, &requests[2]));
                CHECK_OK(dtl_iscan_func(ctx, mine, found[3], count, i64, affine, NULL, &requests[3]));
                CHECK_OK(dtl_iexscan_func(ctx, mine, found[4], count, i64, affine, NULL, &requests[4]));
                CHECK_OK(dtl_waitall(5, requests));
            } else {
                CHECK_OK(dtl_allreduce_func(ctx, mine, found[0], count, i64, affine, &called));
                CHECK(called == (rank > 0 ? count : 0));
                CHECK_OK(dtl_reduce_func(ctx, mine, rank == last ? found[1] : NULL, count, i64, affine, NULL, last));
                CHECK_OK(dtl_reduce_scatter_func(ctx, rows, found[2], count, i64, affine, NULL));
                CHECK_OK(dtl_scan_func(ctx, mine, found[3], count, i64, affine, NULL));
                CHECK_OK(dtl_exscan_func(ctx, mine, found[4], count, i64, affine, NULL));
            }
            CHECK(same(found[0], all, n));
            CHECK(rank != last || same(found[1], all, n));
            CHECK(same(found[2], part, n));
            int64_t below[LONGEST];
            fold(below, rank + 1, 0, n);
            CHECK(same(found[3], below, n));
            if (rank > 0) {
                fold(below, rank, 0, n);
            } else {
                /* Nothing is written there. */
                memset(below, 0, sizeof below);
            }
            CHECK(same(found[4], below, n));
        }
        /* In place. */
        CHECK_OK(dtl_allreduce_func(ctx, mine, mine, count, i64, affine, NULL));
        CHECK(same(mine, all, n));
        free(rows);
    }
}

static void errors(dtl_context_t ctx, int rank) {
    int ranks[2] = {rank, dtl_context_size(ctx) - 1};
    int64_t mine[2] = {1, 2}, result[2] = {-5, -5};
    CHECK_STATUS(
        DTL_ERROR_REDUCE_FAILED, dtl_allreduce_func(ctx, mine, result, 2, DTL_DTYPE_INT64, fails_on_one, ranks));
    CHECK_MESSAGE("allreduce_func: the function that combines has failed: it returned 7 (found on rank ");
    CHECK(result[0] == -5 && result[1] == -5);
    dtl_request_t request;
    CHECK_OK(dtl_iscan_func(ctx, mine, result, 2, DTL_DTYPE_INT64, fails_on_one, ranks, &request));
    CHECK_STATUS(DTL_ERROR_REDUCE_FAILED, dtl_wait(request));

    /* A missing function is an error of every rank. */
    CHECK(dtl_allreduce_func(ctx, mine, result, 2, DTL_DTYPE_INT64, rank == 0 ? NULL : affine, NULL) != DTL_SUCCESS);
    CHECK_MESSAGE("func is null");

    /* An operator on one rank and a function on the others. */
    if (rank == 0) {
        CHECK_STATUS(
            DTL_ERROR_COLLECTIVE_PARTICIPATION, dtl_allreduce(ctx, mine, result, 2, DTL_DTYPE_INT64, DTL_OP_SUM));
    } else {
        CHECK_STATUS(
            DTL_ERROR_COLLECTIVE_PARTICIPATION,
            dtl_allreduce_func(ctx, mine, result, 2, DTL_DTYPE_INT64, affine, NULL));
    }
    CHECK_OK(dtl_barrier(ctx));
}

int main(void) {
    for (int ranks = 1; ranks <= MOST_RANKS; ranks *= 2) {
        on_ranks(ranks, everything);
    }
    on_ranks(2, errors);
    on_ranks(4, errors);
    CHECK(dtl_live_objects() == 0);
    return report("functions");
}
