/*
 * Counters, compared with what is known of a program: in an allgather each of p ranks sends a message of 128 bytes and then its
 * block to each of the p - 1 others. Ranks that are threads count together.
 */

#include "check.h"

static dtl_size_t counted(dtl_counter counter, const char* operation) {
    dtl_size_t value = 0;
    CHECK_OK(dtl_observe_counter(counter, operation, &value));
    return value;
}

static void numbers_of_an_allgather(dtl_context_t ctx, int rank) {
    const dtl_size_t size = (dtl_size_t)dtl_context_size(ctx);
    const int is_process = dtl_context_has_mpi(ctx);
    const dtl_size_t ranks = is_process ? 1 : size;
    double data[1000] = {0}, all[4000];
    dtl_size_t times = 0;
    CHECK_OK(dtl_barrier(ctx));
    if (is_process || rank == 0) {
        CHECK_OK(dtl_observe_reset());
    }
    CHECK_OK(dtl_barrier(ctx));
    CHECK_OK(dtl_allgather(ctx, data, 1000, DTL_DTYPE_FLOAT64, all, 1000, DTL_DTYPE_FLOAT64));
    CHECK_OK(dtl_barrier(ctx));
    CHECK(counted(DTL_COUNTER_CALLS, "allgather") == ranks);
    CHECK(counted(DTL_COUNTER_ROUND_MESSAGES, "allgather") == ranks * (size - 1));
    CHECK(counted(DTL_COUNTER_MESSAGES_SENT, "allgather") == ranks * 2 * (size - 1));
    CHECK(counted(DTL_COUNTER_BYTES_SENT, "allgather") == ranks * (size - 1) * 8128);
    CHECK(counted(DTL_COUNTER_MESSAGES_RECEIVED, "allgather") == ranks * 2 * (size - 1));
    CHECK(counted(DTL_COUNTER_BYTES_RECEIVED, "allgather") == ranks * (size - 1) * 8128);
    CHECK(counted(DTL_COUNTER_CALLS, "") > ranks);
    CHECK_OK(dtl_observe_bucket(DTL_HISTOGRAM_MESSAGE_BYTES, 13, &times));
    CHECK(times == ranks * (size - 1));
    CHECK(dtl_observe_gauge(DTL_GAUGE_OBJECTS) >= 1);
    times = 7;
    CHECK_OK(dtl_get_observe_gauge(DTL_GAUGE_REQUESTS, &times));
    CHECK(times == 0);
    /* The text stays until this thread's next one. */
    CHECK(strstr(dtl_observe_operations(), "allgather") != NULL);
    CHECK(strstr(dtl_observe_table(), "bytes_received") != NULL);
    CHECK_OK(dtl_barrier(ctx));
}

static void what_does_not_exist(void) {
    dtl_size_t value = 7;
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_observe_counter(DTL_COUNTER_CALLS, "allredcue", &value));
    CHECK_STATUS(DTL_ERROR_NULL_POINTER, dtl_observe_counter(DTL_COUNTER_CALLS, NULL, &value));
    CHECK_STATUS(DTL_ERROR_OUT_OF_BOUNDS, dtl_observe_bucket(DTL_HISTOGRAM_WAIT_NANOSECONDS, 65, &value));
    CHECK(value == 7);
}

int main(void) {
    on_ranks(1, numbers_of_an_allgather);
    on_ranks(2, numbers_of_an_allgather);
    on_ranks(4, numbers_of_an_allgather);
    what_does_not_exist();
    return report("observe");
}
