/*
 * What the C tests share: counting checks, and running a function on ranks. In a process that is alone, ranks are threads;
 * where an MPI has started several processes, they are the first of these, and every process runs the same program.
 *
 * Each file of this folder is a program of its own. It ends with `return report("name");`, which prints one line and
 * gives the exit code. A failed check prints where it stands, what was expected and dtl's last error.
 */
#ifndef DTL_TESTS_CHECK_H
#define DTL_TESTS_CHECK_H

#include <dtl/dtl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t check_mutex = PTHREAD_MUTEX_INITIALIZER;
static long check_passed = 0;
static long check_failed = 0;
/* Functions for more ranks than there are processes. */
static long check_left = 0;

static inline void check_that(int condition, const char* text, const char* file, int line) {
    pthread_mutex_lock(&check_mutex);
    if (condition) {
        check_passed++;
    } else {
        check_failed++;
        printf("%s:%d: %s\n    last error %d: %s\n", file, line, text, (int)dtl_last_status(), dtl_last_error_message());
    }
    pthread_mutex_unlock(&check_mutex);
}

/* The condition holds. */
#define CHECK(condition) check_that((condition) != 0, "not true: " #condition, __FILE__, __LINE__)

/* The call gives DTL_SUCCESS. */
#define CHECK_OK(call) check_that((call) == DTL_SUCCESS, "failed: " #call, __FILE__, __LINE__)

/* The call gives this status, and dtl's last error is the same. */
#define CHECK_STATUS(status, call) \
    check_that((call) == (status) && dtl_last_status() == (status), "does not give " #status ": " #call, __FILE__, __LINE__)

/* The last error's text contains this. */
#define CHECK_MESSAGE(part) \
    check_that(strstr(dtl_last_error_message(), (part)) != NULL, "the message does not contain " #part, __FILE__, __LINE__)

/* A function that runs on every rank. */
typedef void (*rank_function)(dtl_context_t ctx, int rank);

struct rank_call {
    rank_function function;
    dtl_context_t ctx;
    int rank;
};

static inline void* run_rank(void* argument) {
    struct rank_call* call = (struct rank_call*)argument;
    call->function(call->ctx, call->rank);
    return NULL;
}

/* Ranks that are threads, each with its context. */
static inline void on_threads(int size, rank_function function) {
    enum { MOST = 16 };
    dtl_context_t contexts[MOST];
    pthread_t threads[MOST];
    struct rank_call calls[MOST];
    if (size > MOST || dtl_context_create_threads(size, contexts) != DTL_SUCCESS) {
        printf("%d ranks cannot be made: %s\n", size, dtl_last_error_message());
        exit(1);
    }
    for (int rank = 0; rank < size; rank++) {
        calls[rank].function = function;
        calls[rank].ctx = contexts[rank];
        calls[rank].rank = rank;
        if (pthread_create(&threads[rank], NULL, run_rank, &calls[rank]) != 0) {
            printf("thread %d cannot be started\n", rank);
            exit(1);
        }
    }
    for (int rank = 0; rank < size; rank++) {
        pthread_join(threads[rank], NULL);
    }
    for (int rank = 0; rank < size; rank++) {
        dtl_context_destroy(contexts[rank]);
    }
}

/* What fewer ranks do, a smaller world has done. */
static inline int check_fewest(void) {
    const char* fewest = getenv("DTL_FEWEST_RANKS");
    return fewest == NULL ? 1 : atoi(fewest);
}

/* Ranks that are processes: the first of `world`. */
static inline void on_processes(dtl_context_t world, int size, rank_function function) {
    dtl_context_t group;
    int rank = dtl_context_rank(world);
    if (size > dtl_context_size(world)) {
        check_left++;
        return;
    }
    if (size < check_fewest()) {
        return;
    }
    CHECK_OK(dtl_context_split(world, rank < size ? 0 : DTL_UNDEFINED, 0, &group));
    if (group != NULL) {
        function(group, rank);
        dtl_context_destroy(group);
    }
}

/* Runs the function on `size` ranks and waits for them. It must leave no object behind. */
static inline void on_ranks(int size, rank_function function) {
    const uint64_t before = dtl_live_objects();
    dtl_context_t world;
    if (dtl_context_create_default(&world) != DTL_SUCCESS) {
        printf("no context can be made: %s\n", dtl_last_error_message());
        exit(1);
    }
    if (dtl_context_has_mpi(world)) {
        on_processes(world, size, function);
    } else {
        on_threads(size, function);
    }
    dtl_context_destroy(world);
    CHECK(dtl_live_objects() == before);
}

/* Prints the last line; gives the exit code of the program. */
static inline int report(const char* name) {
    if (check_left > 0) {
        printf("%s: %ld cases left to a larger world\n", name, check_left);
    }
    if (check_failed > 0) {
        printf("%s: %ld checks passed, %ld failed\n", name, check_passed, check_failed);
        return 1;
    }
    printf("%s: %ld checks passed\n", name, check_passed);
    return 0;
}

#endif
