/* Messages between two ranks, of lengths that travel in different ways, against values that C computes. */

#include "check.h"

#include <string.h>

static const int lengths[] = {0, 1, 30, 3000, 200000};
enum { LENGTHS = 5, LONGEST = 200000 };

/* What a rank sends at a place. */
static double value_of(int rank, int place) {
    return rank * 1000.0 + place % 997;
}

static double* memory_of(int rank, int length) {
    double* memory = (double*)malloc(sizeof(double) * (size_t)(length + 1));
    if (memory == NULL) {
        abort();
    }
    for (int i = 0; i <= length; i++) {
        memory[i] = value_of(rank, i);
    }
    return memory;
}

/* How many elements are not those of a rank, of which the message had `length`. */
static int differing(const double* memory, int rank, int length) {
    int wrong = 0;
    for (int i = 0; i < length; i++) {
        wrong += memory[i] != value_of(rank, i);
    }
    return wrong;
}

/* Every rank sends to the next one, in all ways. */
static void ring(dtl_context_t ctx, int rank) {
    int size = dtl_context_size(ctx), next = (rank + 1) % size, last = (rank + size - 1) % size;
    for (int l = 0; l < LENGTHS; l++) {
        dtl_size_t count = (dtl_size_t)lengths[l];
        double *mine = memory_of(rank, lengths[l]), *received = memory_of(-1, LONGEST);
        CHECK_OK(dtl_send(ctx, mine, count, DTL_DTYPE_FLOAT64, next, l));
        CHECK_OK(dtl_recv(ctx, received, LONGEST, DTL_DTYPE_FLOAT64, last, l));
        CHECK(differing(received, last, lengths[l]) == 0);
        /* What is behind the message is as before. */
        CHECK(received[lengths[l]] == value_of(-1, lengths[l]));

        memset(received, 0, sizeof(double) * LONGEST);
        CHECK_OK(dtl_sendrecv(ctx, mine, count, DTL_DTYPE_FLOAT64, next, 8, received, count, DTL_DTYPE_FLOAT64,
                              DTL_ANY_SOURCE, DTL_ANY_TAG));
        CHECK(differing(received, last, lengths[l]) == 0);

        /* Synchronous sends of all at the same time would wait for each other. */
        memset(received, 0, sizeof(double) * LONGEST);
        for (int turn = 0; size > 1 && turn < 2; turn++) {
            if (rank % 2 == turn) {
                CHECK_OK(dtl_ssend(ctx, mine, count, DTL_DTYPE_FLOAT64, next, 9));
            } else {
                CHECK_OK(dtl_recv(ctx, received, count, DTL_DTYPE_FLOAT64, last, 9));
            }
        }
        CHECK(size == 1 || differing(received, last, lengths[l]) == 0);
        free(mine);
        free(received);
    }
}

/* Elements of different types go each way. */
static void types(dtl_context_t ctx, int rank) {
    int size = dtl_context_size(ctx), other = size - 1 - rank;
    int64_t number = rank + 1, there = 0;
    float fraction = 0.5F * (float)rank, back = 0.0F;
    if (rank < other) {
        CHECK_OK(dtl_sendrecv(ctx, &number, 1, DTL_DTYPE_INT64, other, 0, &back, 1, DTL_DTYPE_FLOAT32, other, 0));
        CHECK(back == 0.5F * (float)other);
    } else if (rank > other) {
        CHECK_OK(dtl_sendrecv(ctx, &fraction, 1, DTL_DTYPE_FLOAT32, other, 0, &there, 1, DTL_DTYPE_INT64, other, 0));
        CHECK(there == other + 1);
    }
}

/* All at once, waited for in the end; large ones against each other. */
static void issued(dtl_context_t ctx, int rank) {
    enum { COUNT = 100000, REQUESTS = 5 };
    int size = dtl_context_size(ctx), next = (rank + 1) % size, last = (rank + size - 1) % size;
    double *mine = memory_of(rank, COUNT), *first = memory_of(-1, COUNT), *second = memory_of(-1, COUNT),
           *third = memory_of(-1, COUNT);
    dtl_request_t requests[REQUESTS];
    CHECK_OK(dtl_irecv(ctx, second, COUNT, DTL_DTYPE_FLOAT64, last, 2, &requests[0]));
    CHECK_OK(dtl_irecv(ctx, first, COUNT, DTL_DTYPE_FLOAT64, DTL_ANY_SOURCE, 1, &requests[1]));
    CHECK_OK(dtl_isend(ctx, mine, COUNT, DTL_DTYPE_FLOAT64, next, 1, &requests[2]));
    CHECK_OK(dtl_issend(ctx, mine, COUNT, DTL_DTYPE_FLOAT64, next, 2, &requests[3]));
    CHECK_OK(dtl_isendrecv(ctx, mine, 5, DTL_DTYPE_FLOAT64, next, 3, third, 5, DTL_DTYPE_FLOAT64, last, 3,
                           &requests[4]));
    for (int i = 0; i < REQUESTS; i++) {
        CHECK_OK(dtl_wait(requests[i]));
        dtl_request_free(requests[i]);
    }
    CHECK(differing(first, last, COUNT) == 0 && differing(second, last, COUNT) == 0 && differing(third, last, 5) == 0);
    free(mine);
    free(first);
    free(second);
    free(third);
    /* What is wrong with a call on one rank concerns no other. */
    CHECK_OK(dtl_isend(ctx, NULL, 5, DTL_DTYPE_FLOAT64, next, 1, &requests[0]));
    CHECK_STATUS(DTL_ERROR_NULL_POINTER, dtl_wait(requests[0]));
    dtl_request_free(requests[0]);
}

static void knowledge(dtl_context_t ctx, int rank) {
    int size = dtl_context_size(ctx), next = (rank + 1) % size, last = (rank + size - 1) % size, flag = 5;
    int64_t values[] = {1, 2, 3}, room[3];
    dtl_message_info_t info;
    CHECK_OK(dtl_send(ctx, values, 3, DTL_DTYPE_INT64, next, 2));
    CHECK_OK(dtl_probe(ctx, DTL_ANY_SOURCE, DTL_ANY_TAG, DTL_DTYPE_INT64, &info));
    CHECK(info.source == last && info.tag == 2 && info.count == 3);
    memset(&info, 0, sizeof info);
    CHECK_OK(dtl_iprobe(ctx, last, 2, DTL_DTYPE_INT64, &flag, &info));
    CHECK(flag == 1 && info.source == last && info.tag == 2 && info.count == 3);
    info.count = 77;
    CHECK_OK(dtl_iprobe(ctx, last, 3, DTL_DTYPE_INT64, &flag, &info));
    CHECK(flag == 0 && info.count == 77);
    CHECK_OK(dtl_recv(ctx, room, 3, DTL_DTYPE_INT64, info.source, DTL_ANY_TAG));
    CHECK_OK(dtl_last_received(ctx, &info));
    CHECK(info.source == last && info.tag == 2 && info.count == 3);
    CHECK_STATUS(DTL_ERROR_NULL_POINTER, dtl_iprobe(ctx, last, 2, DTL_DTYPE_INT64, NULL, &info));
    CHECK_STATUS(DTL_ERROR_NULL_POINTER, dtl_probe(ctx, last, 2, DTL_DTYPE_INT64, NULL));
}

static void mistakes(dtl_context_t ctx, int rank) {
    int size = dtl_context_size(ctx);
    int32_t values[] = {1, 2, 3}, room[3] = {0, 0, 0};
    CHECK_STATUS(DTL_ERROR_INVALID_RANK, dtl_send(ctx, values, 3, DTL_DTYPE_INT32, size, 0));
    CHECK_MESSAGE("Pass a rank of this context");
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_send(ctx, values, 3, DTL_DTYPE_INT32, 0, -1));
    CHECK_STATUS(DTL_ERROR_NULL_POINTER, dtl_send(ctx, NULL, 3, DTL_DTYPE_INT32, 0, 0));
    CHECK_STATUS(DTL_ERROR_INVALID_RANK, dtl_recv(ctx, room, 3, DTL_DTYPE_INT32, DTL_NO_RANK, 0));
    CHECK_STATUS(DTL_ERROR_NULL_POINTER, dtl_recv(ctx, NULL, 3, DTL_DTYPE_INT32, 0, 0));
    if (rank != 0) {
        CHECK_OK(dtl_send(ctx, values, 3, DTL_DTYPE_INT32, 0, 6));
        return;
    }
    for (int source = 1; source < size; source++) {
        CHECK_STATUS(DTL_ERROR_BUFFER_TOO_SMALL, dtl_recv(ctx, room, 2, DTL_DTYPE_INT32, source, 6));
        CHECK_MESSAGE("3 elements of int32 with tag 6, but there is room for 2 elements");
        CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_recv(ctx, room, 3, DTL_DTYPE_FLOAT32, source, 6));
        CHECK_MESSAGE("float32 is wanted");
        CHECK(room[0] == 0);
        CHECK_OK(dtl_recv(ctx, room, 3, DTL_DTYPE_INT32, source, 6));
        CHECK(room[2] == 3);
        room[0] = 0;
    }
}

int main(void) {
    const int sizes[] = {1, 2, 4};
    for (int s = 0; s < 3; s++) {
        on_ranks(sizes[s], ring);
        on_ranks(sizes[s], types);
        on_ranks(sizes[s], issued);
        on_ranks(sizes[s], knowledge);
        on_ranks(sizes[s], mistakes);
    }
    CHECK(dtl_live_objects() == 0);
    return report("messages");
}
