/* Futures on 1, 2 and 4 ranks: set by another thread or by requests, and all or the first of several. */

/* For nanosleep. */
#define _POSIX_C_SOURCE 200809L

#include "check.h"

#include <time.h>

static void pause_a_while(void) {
    struct timespec time = {0, 20000000L};
    nanosleep(&time, NULL);
}

static void* set_later(void* argument) {
    const int64_t value = 42;
    pause_a_while();
    CHECK_OK(dtl_future_set((dtl_future_t)argument, &value, sizeof value));
    return NULL;
}

/* A value has the size that it was set with. */
static void values(dtl_context_t ctx, int rank) {
    (void)ctx;
    double value[2] = {0.5 + rank, -1.0}, found[3] = {0.0, 0.0, 7.0};
    int completed = 1;
    const char* text = NULL;
    dtl_future_t future;
    CHECK_OK(dtl_future_create(&future));
    CHECK_OK(dtl_future_test(future, &completed));
    CHECK(completed == 0 && dtl_future_done(future) == 0);
    CHECK_STATUS(DTL_ERROR_TIMEOUT, dtl_future_wait_for(future, 0.01));
    CHECK_MESSAGE("not over after 10ms");
    CHECK_OK(dtl_future_set(future, value, sizeof value));
    value[0] = 99.0;
    CHECK_STATUS(DTL_ERROR_INVALID_STATE, dtl_future_set(future, value, sizeof value));
    CHECK_MESSAGE("future.set: the future has a value already");
    CHECK_OK(dtl_future_wait(future));
    CHECK_OK(dtl_future_wait_for(future, 0.0));
    CHECK_OK(dtl_future_get_done(future, &completed));
    CHECK(completed == 1 && dtl_future_done(future) == 1);
    CHECK_STATUS(DTL_ERROR_BUFFER_TOO_SMALL, dtl_future_get(future, found, sizeof(double)));
    CHECK_MESSAGE("the value of the future has 16 bytes, but the buffer has 8");
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_future_get(future, found, sizeof found));
    CHECK_MESSAGE("the value of the future has 16 bytes, but the buffer has 24");
    CHECK(found[0] == 0.0);
    for (int time = 0; time < 2; time++) {
        CHECK_OK(dtl_future_get(future, found, sizeof value));
        CHECK(found[0] == 0.5 + rank && found[1] == -1.0 && found[2] == 7.0);
    }
    CHECK_OK(dtl_future_describe(future, &text));
    CHECK(strcmp(text, "a value, over") == 0);
    CHECK_OK(dtl_future_retain(future));
    dtl_future_destroy(future);
    CHECK(dtl_future_done(future) == 1);
    dtl_future_destroy(future);
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_future_wait(future));
    CHECK(dtl_future_completed_index(future) == (dtl_size_t)-1);
    /* A value may have no bytes. */
    CHECK_OK(dtl_future_create(&future));
    CHECK_OK(dtl_future_set(future, NULL, 0));
    CHECK_OK(dtl_future_get(future, NULL, 0));
    dtl_future_destroy(future);
}

/* All and the first of several, which other threads set. */
static void several(dtl_context_t ctx, int rank) {
    (void)ctx;
    (void)rank;
    enum { MANY = 3 };
    dtl_future_t futures[MANY], all, any, late;
    dtl_size_t index = 77, found = 77;
    int64_t value = 0;
    pthread_t thread;
    for (int i = 0; i < MANY; i++) {
        CHECK_OK(dtl_future_create(&futures[i]));
    }
    CHECK_OK(dtl_when_all(futures, MANY, &all));
    CHECK_OK(dtl_when_any(futures, MANY, &any, &index));
    /* None is over, which no position says. */
    CHECK(index == MANY && dtl_future_completed_index(any) == MANY);
    CHECK(pthread_create(&thread, NULL, set_later, futures[1]) == 0);
    CHECK_OK(dtl_future_get(any, &found, sizeof found));
    pthread_join(thread, NULL);
    CHECK(found == 1 && dtl_future_completed_index(any) == 1);
    CHECK_OK(dtl_future_get_completed_index(any, &found));
    CHECK(found == 1);
    CHECK_OK(dtl_when_any(futures, MANY, &late, &index));
    CHECK(index == 1);
    dtl_future_destroy(late);
    CHECK_OK(dtl_when_any(futures, MANY, &late, NULL));
    CHECK_OK(dtl_future_wait(late));
    dtl_future_destroy(late);
    CHECK_OK(dtl_future_get(futures[1], &value, sizeof value));
    CHECK(value == 42 && dtl_future_done(all) == 0);
    CHECK_OK(dtl_future_set(futures[0], &value, sizeof value));
    /* What it is made of stays although nobody else has it. */
    CHECK_OK(dtl_future_set(futures[2], &value, sizeof value));
    for (int i = 0; i < MANY; i++) {
        dtl_future_destroy(futures[i]);
    }
    CHECK_OK(dtl_future_wait(all));
    CHECK_OK(dtl_future_get(all, NULL, 0));
    CHECK_OK(dtl_future_get(any, &found, sizeof found));
    CHECK(found == 1);
    CHECK_STATUS(DTL_ERROR_INVALID_STATE, dtl_future_set(all, &value, sizeof value));
    dtl_future_destroy(all);
    dtl_future_destroy(any);
    CHECK_OK(dtl_when_all(NULL, 0, &all));
    CHECK(dtl_future_done(all) == 1);
    dtl_future_destroy(all);
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_when_any(NULL, 0, &any, &index));
    CHECK_MESSAGE("when_any: there is no future among futures");
    futures[0] = NULL;
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_when_all(futures, 1, &all));
    CHECK_MESSAGE("when_all: futures[0] is no future");
}

/* Futures of requests: they are over with them, and have their errors. */
static void of_requests(dtl_context_t ctx, int rank) {
    int size = dtl_context_size(ctx);
    int32_t value = rank + 1, sum = 0;
    dtl_request_t request;
    dtl_future_t futures[2], all, any;
    dtl_size_t index;
    CHECK_OK(dtl_iallreduce(ctx, &value, &sum, 1, DTL_DTYPE_INT32, DTL_OP_SUM, &request));
    CHECK_OK(dtl_request_future(request, &futures[0]));
    /* The future keeps it. */
    dtl_request_free(request);
    CHECK_OK(dtl_ibarrier(ctx, &request));
    CHECK_OK(dtl_request_future(request, &futures[1]));
    dtl_request_free(request);
    CHECK_OK(dtl_when_all(futures, 2, &all));
    CHECK_OK(dtl_future_wait_for(all, 60.0));
    CHECK(sum == size * (size + 1) / 2);
    CHECK_OK(dtl_future_get(futures[0], NULL, 0));
    CHECK_OK(dtl_when_any(futures, 2, &any, &index));
    CHECK(index == 0);
    dtl_future_destroy(any);
    dtl_future_destroy(all);
    dtl_future_destroy(futures[0]);
    CHECK_OK(dtl_ireduce(ctx, &value, &sum, 1, DTL_DTYPE_INT32, DTL_OP_SUM, 77, &request));
    CHECK_OK(dtl_request_future(request, &futures[0]));
    dtl_request_free(request);
    CHECK_OK(dtl_when_all(futures, 2, &all));
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_future_wait(all));
    CHECK_MESSAGE("futures[0] has failed: ireduce: root is 77");
    dtl_future_destroy(all);
    dtl_future_destroy(futures[0]);
    dtl_future_destroy(futures[1]);
}

int main(void) {
    for (int ranks = 1; ranks <= 4; ranks *= 2) {
        on_ranks(ranks, values);
        on_ranks(ranks, several);
        on_ranks(ranks, of_requests);
    }
    CHECK(dtl_live_objects() == 0);
    return report("futures");
}
