/* Operations that do not block on 1, 2 and 4 ranks: against values that C computes, and what becomes of their requests. */

/* For nanosleep. */
#define _POSIX_C_SOURCE 200809L

#include "check.h"

#include <time.h>

enum { LENGTHS = 3, LONGEST = 20000, MOST_RANKS = 4 };
static const int lengths[] = {1, 40, LONGEST};

static double value_of(int rank, int place) {
    return (double)((rank * 31 + place * 7) % 101 - 50);
}

static double* allocate(int count) {
    double* memory = (double*)malloc(sizeof(double) * (size_t)count);
    if (memory == NULL) {
        abort();
    }
    for (int i = 0; i < count; i++) {
        memory[i] = -1.0;
    }
    return memory;
}

static double* contribution(int rank, int length) {
    double* memory = allocate(length);
    for (int i = 0; i < length; i++) {
        memory[i] = value_of(rank, i);
    }
    return memory;
}

static double sum_of(int ranks, int place) {
    double sum = 0.0;
    for (int rank = 0; rank < ranks; rank++) {
        sum += value_of(rank, place);
    }
    return sum;
}

static void pause_for(double seconds) {
    struct timespec time = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};
    nanosleep(&time, NULL);
}

/* All operations at once, waited for in several ways. */
static void everything(dtl_context_t ctx, int rank) {
    const dtl_dtype f64 = DTL_DTYPE_FLOAT64;
    int size = dtl_context_size(ctx), last = size - 1;
    for (int l = 0; l < LENGTHS; l++) {
        int length = lengths[l], wrong = 0;
        dtl_size_t count = (dtl_size_t)length, counts[MOST_RANKS];
        for (int i = 0; i < size; i++) {
            counts[i] = count;
        }
        double* mine = contribution(rank, length);
        double* rows = contribution(rank, length * size);
        double* results[15];
        dtl_request_t requests[15];
        for (int i = 0; i < 15; i++) {
            results[i] = allocate(length * size);
        }
        double* received = rank == last ? results[4] : NULL;
        memcpy(results[2], mine, sizeof(double) * (size_t)length);
        CHECK_OK(dtl_iallreduce(ctx, mine, results[0], count, f64, DTL_OP_SUM, &requests[0]));
        CHECK_OK(dtl_ireduce(ctx, mine, results[1], count, f64, DTL_OP_SUM, last, &requests[1]));
        CHECK_OK(dtl_ibroadcast(ctx, results[2], count, f64, last, &requests[2]));
        CHECK_OK(dtl_ibarrier(ctx, &requests[3]));
        CHECK_OK(dtl_igather(ctx, mine, count, f64, received, count, f64, last, &requests[4]));
        CHECK_OK(dtl_iscatter(ctx, rows, count, f64, results[5], count, f64, last, &requests[5]));
        CHECK_OK(dtl_iallgather(ctx, mine, count, f64, results[6], count, f64, &requests[6]));
        CHECK_OK(dtl_ialltoall(ctx, rows, count, f64, results[7], count, f64, &requests[7]));
        CHECK_OK(dtl_ireduce_scatter(ctx, rows, results[8], count, f64, DTL_OP_SUM, &requests[8]));
        CHECK_OK(dtl_iscan(ctx, mine, results[9], count, f64, DTL_OP_SUM, &requests[9]));
        CHECK_OK(dtl_iexscan(ctx, mine, results[10], count, f64, DTL_OP_SUM, &requests[10]));
        CHECK_OK(dtl_igatherv(ctx, mine, count, f64, results[11], counts, NULL, f64, 0, &requests[11]));
        CHECK_OK(dtl_iscatterv(ctx, rows, counts, NULL, f64, results[12], count, f64, 0, &requests[12]));
        CHECK_OK(dtl_iallgatherv(ctx, mine, count, f64, results[13], counts, NULL, &requests[13]));
        CHECK_OK(dtl_ialltoallv(ctx, rows, counts, NULL, f64, results[14], counts, NULL, f64, &requests[14]));
        /* Numbers for each rank are copied when an operation is issued. */
        memset(counts, 0, sizeof counts);

        int completed = 0;
        while (!completed) {
            CHECK_OK(dtl_test(requests[14], &completed));
        }
        CHECK(dtl_request_done(requests[14]));
        completed = 0;
        CHECK_OK(dtl_request_get_done(requests[14], &completed));
        CHECK(completed);
        CHECK_OK(dtl_wait(requests[14]));
        CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_wait(requests[14]));
        requests[14] = NULL;
        CHECK_OK(dtl_request_wait(requests[0], 60.0));
        CHECK_OK(dtl_request_wait(requests[0], DTL_NO_TIMEOUT));
        CHECK_OK(dtl_request_retain(requests[0]));
        dtl_request_free(requests[0]);
        const char* text = "";
        CHECK_OK(dtl_request_describe(requests[0], &text));
        CHECK(strstr(text, "iallreduce") != NULL);
        CHECK_OK(dtl_request_waitall(3, requests, 60.0));
        int index = -1;
        CHECK_OK(dtl_waitany(15, requests, DTL_NO_TIMEOUT, &index));
        CHECK(index == 0);
        CHECK_OK(dtl_waitall(15, requests));
        for (int i = 0; i < 15; i++) {
            CHECK(requests[i] == NULL);
        }

        for (int i = 0; i < length; i++) {
            wrong += results[0][i] != sum_of(size, i);
            wrong += rank == last && results[1][i] != sum_of(size, i);
            wrong += results[2][i] != value_of(last, i);
            wrong += results[5][i] != value_of(last, rank * length + i);
            double reduced = 0.0;
            for (int other = 0; other < size; other++) {
                wrong += rank == last && results[4][other * length + i] != value_of(other, i);
                wrong += results[6][other * length + i] != value_of(other, i);
                wrong += results[7][other * length + i] != value_of(other, rank * length + i);
                wrong += rank == 0 && results[11][other * length + i] != value_of(other, i);
                wrong += results[13][other * length + i] != value_of(other, i);
                wrong += results[14][other * length + i] != value_of(other, rank * length + i);
                reduced += value_of(other, rank * length + i);
            }
            wrong += results[8][i] != reduced;
            wrong += results[9][i] != sum_of(rank + 1, i);
            wrong += results[10][i] != sum_of(rank, i);
            wrong += results[12][i] != value_of(0, rank * length + i);
        }
        CHECK(wrong == 0);
        for (int i = 0; i < 15; i++) {
            free(results[i]);
        }
        free(mine);
        free(rows);
    }
}

/* What is wrong is given by the request, on every rank, and other requests do not suffer. */
static void errors(dtl_context_t ctx, int rank) {
    int32_t value = rank, sum = -1;
    dtl_request_t requests[3];
    CHECK_OK(dtl_iallreduce(ctx, &value, &sum, 1, DTL_DTYPE_INT32, DTL_OP_SUM, &requests[0]));
    CHECK_OK(dtl_ireduce(ctx, &value, &sum, 1, DTL_DTYPE_INT32, DTL_OP_SUM, 77, &requests[1]));
    CHECK_OK(dtl_iallreduce(ctx, &value, rank == 0 ? NULL : &sum, 1, DTL_DTYPE_INT32, DTL_OP_SUM, &requests[2]));
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_request_waitall(3, requests, 60.0));
    CHECK_MESSAGE("requests[1] and requests[2] have failed, the first with: ireduce: root is 77");
    CHECK(sum == dtl_context_size(ctx) * (dtl_context_size(ctx) - 1) / 2);
    CHECK_STATUS(DTL_ERROR_NULL_POINTER, dtl_wait(requests[2]));
    CHECK_MESSAGE("iallreduce: recvbuf is null");
    /* A loop that looks at nothing else ends also where the operation has failed. */
    int completed = 0;
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_test(requests[1], &completed));
    CHECK(completed == 1);
    CHECK_OK(dtl_wait(requests[0]));
    dtl_request_free(requests[1]);
    /* Freed before or after it is waited for: neither does harm. */
    dtl_request_free(requests[0]);
    CHECK(dtl_last_status() == DTL_ERROR_INVALID_ARGUMENT);
    dtl_request_free(NULL);
    CHECK(dtl_last_status() == DTL_SUCCESS);
}

/* A request that is freed at once goes on, in memory that stays. */
static void freed_at_once(dtl_context_t ctx, int rank) {
    static int32_t values[MOST_RANKS], sums[MOST_RANKS];
    dtl_request_t request;
    values[rank] = rank + 1;
    CHECK_OK(dtl_iallreduce(ctx, &values[rank], &sums[rank], 1, DTL_DTYPE_INT32, DTL_OP_SUM, &request));
    dtl_request_free(request);
    CHECK_OK(dtl_barrier(ctx));
    int size = dtl_context_size(ctx);
    CHECK(sums[rank] == size * (size + 1) / 2);
}

/* A wait that is too long leaves the request as it is. */
static void too_long(dtl_context_t ctx, int rank) {
    int32_t value = 1, sum = 0;
    dtl_request_t request;
    int index = 0;
    if (rank == 1) {
        pause_for(0.2);
    }
    CHECK_OK(dtl_iallreduce(ctx, &value, &sum, 1, DTL_DTYPE_INT32, DTL_OP_SUM, &request));
    if (rank == 0) {
        CHECK_STATUS(DTL_ERROR_TIMEOUT, dtl_request_wait(request, 0.01));
        CHECK_STATUS(DTL_ERROR_TIMEOUT, dtl_request_waitall(1, &request, 0.0));
        CHECK_STATUS(DTL_ERROR_TIMEOUT, dtl_waitany(1, &request, 0.0, &index));
        CHECK(!dtl_request_done(request));
        CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_request_wait(request, -3.0));
    }
    CHECK_OK(dtl_wait(request));
    CHECK(sum == 2);
}

/* What a binding that finds an error itself calls. */
static void refused(dtl_context_t ctx, int rank) {
    int32_t value = 1, sum = 0;
    dtl_request_t request;
    if (rank == 0) {
        CHECK_OK(dtl_context_refuse_issued(ctx, "iallreduce", DTL_ERROR_BOUNDS, "the binding says no", &request));
    } else {
        CHECK_OK(dtl_iallreduce(ctx, &value, &sum, 1, DTL_DTYPE_INT32, DTL_OP_SUM, &request));
    }
    CHECK_STATUS(DTL_ERROR_BOUNDS, dtl_wait(request));
    CHECK_MESSAGE("the binding says no");
}

int main(void) {
    for (int ranks = 1; ranks <= MOST_RANKS; ranks *= 2) {
        on_ranks(ranks, everything);
        on_ranks(ranks, errors);
        on_ranks(ranks, freed_at_once);
    }
    on_ranks(2, too_long);
    on_ranks(2, refused);
    dtl_request_t none[2] = {NULL, NULL};
    int index = 0;
    CHECK_OK(dtl_waitall(2, none));
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_waitany(2, none, 0.0, &index));
    CHECK(dtl_live_objects() == 0);
    return report("requests");
}
