/* Error policies and handlers, and what contexts promise about the order of reductions. */

#include "check.h"

struct told {
    int calls;
    dtl_status status;
    char message[512];
};

static void handler(dtl_status status, const char* message, void* user_data) {
    struct told* told = (struct told*)user_data;
    told->calls++;
    told->status = status;
    snprintf(told->message, sizeof told->message, "%s", message);
}

static void a_handler_is_told_before_the_status_comes(dtl_context_t ctx, int rank) {
    struct told told = {0, 0, ""};
    dtl_vector_t vec;
    double one = 1.0, sum = 0.0;
    (void)rank;
    CHECK(dtl_context_error_policy(ctx) == DTL_ERROR_POLICY_RETURN_STATUS);
    CHECK_OK(dtl_context_set_error_handler(ctx, handler, &told));
    CHECK(dtl_context_error_policy(ctx) == DTL_ERROR_POLICY_CALLBACK);
    CHECK_OK(dtl_vector_create(ctx, DTL_DTYPE_INT32, 5, &vec));
    CHECK(dtl_vector_error_policy(vec) == DTL_ERROR_POLICY_CALLBACK);

    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_reduce(ctx, &one, &sum, 1, DTL_DTYPE_FLOAT64, DTL_OP_SUM, -1));
    CHECK(told.calls == 1 && told.status == DTL_ERROR_INVALID_ARGUMENT);
    CHECK(strcmp(told.message, dtl_last_error_message()) == 0 && strstr(told.message, "root is -1") != NULL);

    CHECK(dtl_vector_to_local(vec, 5) == -1 && dtl_last_status() == DTL_ERROR_OUT_OF_BOUNDS);
    CHECK(told.calls == 2 && told.status == DTL_ERROR_OUT_OF_BOUNDS);

    CHECK_STATUS(DTL_ERROR_NULL_POINTER, dtl_allreduce(ctx, NULL, &sum, 1, DTL_DTYPE_FLOAT64, DTL_OP_SUM));
    CHECK(told.calls == 3 && told.status == DTL_ERROR_NULL_POINTER);

    CHECK_OK(dtl_context_set_error_policy(ctx, DTL_ERROR_POLICY_RETURN_STATUS));
    CHECK(dtl_vector_to_local(vec, 5) == -1 && told.calls == 3);
    CHECK_OK(dtl_context_set_error_policy(ctx, DTL_ERROR_POLICY_CALLBACK));
    CHECK(dtl_vector_to_local(vec, 5) == -1 && told.calls == 4);

    CHECK_OK(dtl_context_set_error_handler(ctx, NULL, NULL));
    CHECK(dtl_vector_error_policy(vec) == DTL_ERROR_POLICY_RETURN_STATUS);
    CHECK(dtl_vector_to_local(vec, 5) == -1 && told.calls == 4);
    CHECK_STATUS(DTL_ERROR_INVALID_STATE, dtl_context_set_error_policy(ctx, DTL_ERROR_POLICY_CALLBACK));
    CHECK_MESSAGE("set_error_handler");
    dtl_vector_destroy(vec);
}

static void what_holds_is_at_least_what_is_asked_for(void) {
    dtl_context_t ctx;
    CHECK_OK(dtl_context_create_full(-1, DTL_DETERMINISM_DETERMINISTIC, DTL_REDUCTION_SCHEDULE_FIXED_TREE,
                                     DTL_PROGRESS_ORDERING_RANK_ORDERED, &ctx));
    CHECK(dtl_context_determinism_mode(ctx) == DTL_DETERMINISM_DETERMINISTIC);
    CHECK(dtl_context_reduction_schedule_policy(ctx) == DTL_REDUCTION_SCHEDULE_FIXED_TREE);
    CHECK(dtl_context_progress_ordering_policy(ctx) == DTL_PROGRESS_ORDERING_RANK_ORDERED);
    dtl_context_destroy(ctx);
    CHECK_OK(dtl_context_create_default(&ctx));
    CHECK(dtl_context_determinism_mode(ctx) == DTL_DETERMINISM_DETERMINISTIC);
    dtl_context_destroy(ctx);
}

/* 1e16 + 1 is 1e16 again, so that another order of additions gives another sum. */
static void sums_go_from_rank_0_upwards(dtl_context_t ctx, int rank) {
    const double parts[4] = {1.0, 1.0e16, 1.0, -1.0e16};
    double sum = 0.0;
    CHECK_OK(dtl_allreduce(ctx, &parts[rank], &sum, 1, DTL_DTYPE_FLOAT64, DTL_OP_SUM));
    CHECK(sum == ((1.0 + 1.0e16) + 1.0) - 1.0e16);
}

int main(void) {
    on_ranks(1, a_handler_is_told_before_the_status_comes);
    on_ranks(2, a_handler_is_told_before_the_status_comes);
    on_ranks(4, sums_go_from_rank_0_upwards);
    what_holds_is_at_least_what_is_asked_for();
    return report("policies");
}
