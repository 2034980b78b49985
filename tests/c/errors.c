/* What C programs learn of errors: statuses, texts that name argument, value and cure, one last error for each thread. */

#include "check.h"

static void texts_name_argument_value_and_cure(void) {
    dtl_context_t ctx;
    dtl_vector_t vec;
    CHECK_OK(dtl_context_create_default(&ctx));
    double value = 1.0, sum = 0.0;

    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_allreduce(ctx, &value, &sum, 1, DTL_DTYPE_FLOAT64, 9999));
    CHECK(strcmp(dtl_last_error_message(),
                 "allreduce: op is 9999; use one of DTL_OP_SUM (0), DTL_OP_PROD (1), DTL_OP_MIN (2), DTL_OP_MAX (3), "
                 "DTL_OP_LAND (4), DTL_OP_LOR (5), DTL_OP_BAND (6), DTL_OP_BOR (7), DTL_OP_LXOR (8), DTL_OP_BXOR (9), "
                 "DTL_OP_MINLOC (10), DTL_OP_MAXLOC (11)") == 0);

    CHECK_STATUS(DTL_ERROR_NULL_POINTER, dtl_allreduce(ctx, NULL, &sum, 1, DTL_DTYPE_FLOAT64, DTL_OP_SUM));
    CHECK_MESSAGE("sendbuf is null");
    CHECK_OK(dtl_allreduce(ctx, NULL, NULL, 0, DTL_DTYPE_FLOAT64, DTL_OP_SUM));

    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_reduce(ctx, &value, &sum, 1, DTL_DTYPE_FLOAT64, DTL_OP_SUM, 1));
    CHECK_MESSAGE("root");
    CHECK_MESSAGE("0 <= root < size");
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_reduce(ctx, &value, &sum, 1, DTL_DTYPE_FLOAT64, DTL_OP_SUM, -1));

    /* Sizes are unsigned in C, so that -1 is a number that nothing can have. */
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_vector_create(ctx, DTL_DTYPE_FLOAT64, (dtl_size_t)-1, &vec));
    CHECK_MESSAGE("size");
    CHECK(vec == NULL);
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT,
                 dtl_allreduce(ctx, &value, &sum, (dtl_size_t)-3, DTL_DTYPE_FLOAT64, DTL_OP_SUM));
    CHECK_MESSAGE("count");

    CHECK_STATUS(DTL_ERROR_NOT_SUPPORTED, dtl_allreduce(ctx, &value, &sum, 1, DTL_DTYPE_FLOAT64, DTL_OP_BXOR));
    unsigned char byte = 1;
    dtl_status of_bytes = dtl_allreduce(ctx, &byte, &byte, 1, DTL_DTYPE_BYTE, DTL_OP_SUM);
    CHECK(of_bytes == DTL_ERROR_INVALID_ARGUMENT || of_bytes == DTL_ERROR_NOT_SUPPORTED);

    double four[4] = {0, 0, 0, 0};
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_allreduce(ctx, four, four + 1, 3, DTL_DTYPE_FLOAT64, DTL_OP_SUM));
    CHECK_MESSAGE("recvbuf and sendbuf overlap in part");
    CHECK_OK(dtl_allreduce(ctx, four, four, 4, DTL_DTYPE_FLOAT64, DTL_OP_SUM));

    /* The memory for a result must have its dtype and size. */
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT,
                 dtl_allgather(ctx, &value, 1, DTL_DTYPE_FLOAT64, four + 1, 1, DTL_DTYPE_FLOAT32));
    CHECK_MESSAGE("float32");
    dtl_status too_large = dtl_allgather(ctx, &value, 1, DTL_DTYPE_FLOAT64, four + 1, 3, DTL_DTYPE_FLOAT64);
    CHECK(too_large == DTL_ERROR_EXTENT_MISMATCH || too_large == DTL_ERROR_INVALID_ARGUMENT);

    CHECK_STATUS(DTL_ERROR_BACKEND_UNAVAILABLE, dtl_context_with_cuda(ctx, 0, &ctx));
    CHECK(ctx == NULL);
}

static void structs_are_checked(void) {
    dtl_context_t ctx;
    dtl_vector_t vec;
    CHECK_OK(dtl_context_create(&ctx, NULL));

    dtl_container_options options;
    dtl_container_options_init(&options);
    CHECK(options.partition == DTL_PARTITION_BLOCK && options.placement == DTL_PLACEMENT_HOST);
    CHECK(options.execution == DTL_EXEC_SEQ && options.device_id == 0 && options.block_size == 1);
    CHECK_OK(dtl_vector_create_with_options(ctx, DTL_DTYPE_INT32, 3, &options, &vec));
    dtl_vector_destroy(vec);
    CHECK_OK(dtl_vector_create_with_options(ctx, DTL_DTYPE_INT32, 3, NULL, &vec));
    CHECK(dtl_vector_partition_policy(vec) == DTL_PARTITION_BLOCK);
    dtl_vector_destroy(vec);

    int32_t* const fields[] = {&options.partition, &options.placement, &options.execution};
    const char* const names[] = {"opts.partition is 9999; use one of DTL_PARTITION_BLOCK (0)",
                                 "opts.placement is 9999; use one of DTL_PLACEMENT_HOST (0)",
                                 "opts.execution is 9999; use one of DTL_EXEC_SEQ (0)"};
    for (int i = 0; i < 3; i++) {
        dtl_container_options_init(&options);
        *fields[i] = 9999;
        CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT,
                     dtl_vector_create_with_options(ctx, DTL_DTYPE_INT32, 3, &options, &vec));
        CHECK_MESSAGE(names[i]);
    }
    dtl_container_options_init(&options);
    options.reserved[1] = 7;
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT,
                 dtl_vector_create_with_options(ctx, DTL_DTYPE_INT32, 3, &options, &vec));
    CHECK_MESSAGE("opts.reserved[1] is 7");
    dtl_container_options_init(&options);
    options.block_size = 0;
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT,
                 dtl_vector_create_with_options(ctx, DTL_DTYPE_INT32, 3, &options, &vec));
    CHECK_MESSAGE("block_size");
    dtl_container_options_init(NULL);

    dtl_context_options context_options;
    dtl_context_options_init(&context_options);
    CHECK(context_options.device_id == -1 && context_options.init_mpi == 1 && context_options.finalize_mpi == 0);
    dtl_context_destroy(ctx);
}

static void queries_tell_failure_from_zero(void) {
    dtl_context_t ctx;
    dtl_vector_t vec;
    CHECK_OK(dtl_context_create_default(&ctx));
    CHECK_OK(dtl_vector_create(ctx, DTL_DTYPE_FLOAT32, 0, &vec));
    CHECK(dtl_vector_global_size(vec) == 0 && dtl_last_status() == DTL_SUCCESS);
    CHECK(dtl_vector_global_size(NULL) == 0 && dtl_last_status() == DTL_ERROR_INVALID_ARGUMENT);
    CHECK_MESSAGE("null");
    CHECK(dtl_vector_dtype(NULL) == -1 && dtl_context_rank(NULL) == -1 && dtl_context_size(NULL) == 0);
    CHECK(dtl_vector_local_data(NULL) == NULL && dtl_vector_local_data_mut(NULL) == NULL);
    CHECK(dtl_vector_owner(vec, 0) == -1 && dtl_last_status() == DTL_ERROR_OUT_OF_BOUNDS);
    CHECK(dtl_vector_is_valid(vec) == 1 && dtl_vector_is_valid(NULL) == 0);
    /* A handle of another kind. */
    CHECK(dtl_context_size((dtl_context_t)(void*)vec) == 0 && dtl_last_status() == DTL_ERROR_INVALID_ARGUMENT);
    CHECK_MESSAGE("not a valid context handle");
    dtl_vector_destroy(vec);
    dtl_vector_destroy(vec);
    CHECK(dtl_last_status() == DTL_ERROR_INVALID_ARGUMENT);
    dtl_vector_destroy(NULL);
    CHECK(dtl_last_status() == DTL_SUCCESS && dtl_last_error_message()[0] == '\0');
    dtl_context_destroy(ctx);
}

static void* fail_elsewhere(void* unused) {
    CHECK(dtl_last_status() == DTL_SUCCESS);
    CHECK(dtl_context_rank(NULL) == -1 && dtl_last_status() == DTL_ERROR_INVALID_ARGUMENT);
    return unused;
}

static void each_thread_has_its_last_error(void) {
    dtl_context_t ctx;
    CHECK_OK(dtl_context_create_default(&ctx));
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, fail_elsewhere, NULL) == 0);
    pthread_join(thread, NULL);
    CHECK(dtl_last_status() == DTL_SUCCESS && dtl_last_error_message()[0] == '\0');
    dtl_context_destroy(ctx);
}

static void a_binding_reports_its_own(void) {
    CHECK_STATUS(DTL_ERROR_INVALID_TYPE, dtl_report_error(DTL_ERROR_INVALID_TYPE, "data is a list"));
    CHECK(strcmp(dtl_last_error_message(), "data is a list") == 0);
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_report_error(DTL_SUCCESS, "nothing"));
    CHECK_MESSAGE("which is no error");
}

static void statuses_are_described(void) {
    CHECK(dtl_status_ok(DTL_SUCCESS) == 1 && dtl_status_ok(DTL_NOT_FOUND) == 0);
    CHECK(dtl_status_is_error(DTL_NOT_FOUND) == 0 && dtl_status_is_error(DTL_ERROR_TIMEOUT) == 1);
    CHECK(strcmp(dtl_status_name(DTL_ERROR_NULL_POINTER), "null_pointer") == 0);
    CHECK(strcmp(dtl_status_category(DTL_ERROR_NULL_POINTER), "bounds") == 0);
    CHECK(dtl_status_category_code(DTL_ERROR_NULL_POINTER) == DTL_CATEGORY_BOUNDS);
    CHECK(dtl_status_is_category(DTL_ERROR_MPI, DTL_CATEGORY_BACKEND) == 1);
    CHECK(dtl_status_is_category(DTL_ERROR_MPI, DTL_CATEGORY_MEMORY) == 0);
    CHECK(DTL_ERROR_OPERATION_FAILED == (int)DTL_ERROR_ALGORITHM);
    CHECK(dtl_status_message(DTL_ERROR_TIMEOUT)[0] != '\0' && dtl_status_remedy(DTL_ERROR_TIMEOUT)[0] != '\0');
    CHECK(dtl_status_remedy(DTL_SUCCESS)[0] == '\0');
    CHECK(strcmp(dtl_status_name(12345), "unknown") == 0 && strcmp(dtl_status_category(-5), "unknown") == 0);
}

static void numbers_have_names_and_sizes(void) {
    CHECK(strcmp(dtl_dtype_name(DTL_DTYPE_FLOAT64), "float64") == 0 && dtl_dtype_size(DTL_DTYPE_FLOAT64) == 8);
    CHECK(dtl_dtype_size(DTL_DTYPE_COMPLEX128) == 16 && dtl_dtype_size(DTL_DTYPE_BOOL) == 1);
    CHECK(dtl_dtype_size(9999) == 0 && dtl_dtype_size(DTL_DTYPE_COUNT) == 0);
    CHECK(strcmp(dtl_reduce_op_name(DTL_OP_MAXLOC), "maxloc") == 0);
    CHECK(strcmp(dtl_partition_policy_name(DTL_PARTITION_BLOCK_CYCLIC), "block_cyclic") == 0);
    CHECK(strcmp(dtl_placement_policy_name(DTL_PLACEMENT_DEVICE_PREFERRED), "device_preferred") == 0);
    CHECK(strcmp(dtl_execution_policy_name(DTL_EXEC_ASYNC), "async") == 0);
    CHECK(strcmp(dtl_consistency_policy_name(DTL_CONSISTENCY_RELEASE_ACQUIRE), "release_acquire") == 0);
    CHECK(strcmp(dtl_error_policy_name(DTL_ERROR_POLICY_TERMINATE), "terminate") == 0);
    CHECK(strcmp(dtl_determinism_mode_name(DTL_DETERMINISM_THROUGHPUT), "throughput") == 0);
    CHECK(strcmp(dtl_reduction_schedule_policy_name(DTL_REDUCTION_SCHEDULE_FIXED_TREE), "fixed_tree") == 0);
    CHECK(strcmp(dtl_progress_ordering_policy_name(DTL_PROGRESS_ORDERING_RANK_ORDERED), "rank_ordered") == 0);
    CHECK(strcmp(dtl_halo_boundary_name(DTL_BOUNDARY_REFLECT), "reflect") == 0);
    CHECK(strcmp(dtl_stencil_name(DTL_STENCIL_BOX), "box") == 0);
    CHECK(strcmp(dtl_nccl_operation_mode_name(DTL_NCCL_MODE_NATIVE_ONLY), "native_only") == 0);
    CHECK(strcmp(dtl_nccl_operation_name(DTL_NCCL_OP_LOGICAL_REDUCTION), "logical_reduction") == 0);
    CHECK(strcmp(dtl_lock_mode_name(DTL_LOCK_SHARED), "shared") == 0);
    CHECK(strcmp(dtl_counter_name(DTL_COUNTER_BYTES_SENT), "bytes_sent") == 0);
    CHECK(strcmp(dtl_gauge_name(DTL_GAUGE_REQUESTS), "requests") == 0);
    CHECK(strcmp(dtl_histogram_name(DTL_HISTOGRAM_MESSAGE_BYTES), "message_bytes") == 0);
    CHECK(dtl_abi_version() == DTL_ABI_VERSION);
    CHECK(dtl_version_major() * 10000 + dtl_version_minor() * 100 + dtl_version_patch() == DTL_VERSION);
    CHECK(strncmp(dtl_version_string(), "0.1.0", 5) == 0);
}

int main(void) {
    texts_name_argument_value_and_cure();
    structs_are_checked();
    queries_tell_failure_from_zero();
    each_thread_has_its_last_error();
    a_binding_reports_its_own();
    statuses_are_described();
    numbers_have_names_and_sizes();
    return report("errors");
}
