/* Programs that were written for headers below dtl/bindings/c: every header is there, alone and after others, and what such
   programs write has the types and numbers that they expect. */
#include <dtl/bindings/c/dtl_config.h>
#include <dtl/bindings/c/dtl_types.h>
#include <dtl/bindings/c/dtl_status.h>
#include <dtl/bindings/c/dtl_environment.h>
#include <dtl/bindings/c/dtl_context.h>
#include <dtl/bindings/c/dtl_vector.h>
#include <dtl/bindings/c/dtl_array.h>
#include <dtl/bindings/c/dtl_span.h>
#include <dtl/bindings/c/dtl_tensor.h>
#include <dtl/bindings/c/dtl_policies.h>
#include <dtl/bindings/c/dtl_communicator.h>
#include <dtl/bindings/c/dtl_algorithms.h>
#include <dtl/bindings/c/dtl_rma.h>
#include <dtl/bindings/c/dtl_futures.h>
#include <dtl/bindings/c/dtl_mpmd.h>
#include <dtl/bindings/c/dtl_topology.h>
#include <dtl/bindings/c/dtl.h>

#include "check.h"

/* Numbers that stand in programs. */
static void numbers(void) {
    CHECK(DTL_VERSION == DTL_VERSION_MAJOR * 10000 + DTL_VERSION_MINOR * 100 + DTL_VERSION_PATCH);
    CHECK(DTL_ABI_VERSION == 1 && dtl_abi_version() == DTL_ABI_VERSION);
    CHECK(strcmp(DTL_VERSION_STRING, dtl_version_string()) == 0);
    CHECK(DTL_DTYPE_INT8 == 0 && DTL_DTYPE_UINT64 == 7 && DTL_DTYPE_FLOAT64 == 9 && DTL_DTYPE_BOOL == 11);
    CHECK(DTL_OP_SUM == 0 && DTL_OP_LXOR == 8 && DTL_OP_MAXLOC == 11 && DTL_OP_COUNT == 12);
    CHECK(DTL_PARTITION_REPLICATED == 4 && DTL_PARTITION_COUNT == 5 && DTL_PLACEMENT_COUNT == 4 && DTL_EXEC_COUNT == 3);
    CHECK(DTL_CONSISTENCY_COUNT == 4 && DTL_ERROR_POLICY_COUNT == 3);
    CHECK(DTL_NO_RANK == -1 && DTL_ANY_SOURCE == -2 && DTL_ANY_TAG == -1 && DTL_MAX_TENSOR_RANK == 8);
    CHECK(DTL_NOT_FOUND == 1 && DTL_END == 2 && DTL_ERROR_OPERATION_FAILED == DTL_ERROR_ALGORITHM);
    CHECK(sizeof(dtl_rank_t) == 4 && sizeof(dtl_tag_t) == 4 && sizeof(dtl_status) == 4 && sizeof(dtl_size_t) == 8);
}

/* No context has no ranks; other queries of nothing give what no value has. */
static void nothing(void) {
    CHECK(dtl_context_size(NULL) == 0 && dtl_context_rank(NULL) == DTL_NO_RANK && dtl_context_is_valid(NULL) == 0);
    CHECK(dtl_vector_global_size(NULL) == 0 && dtl_vector_local_data(NULL) == NULL);
    dtl_context_destroy(NULL);
    dtl_vector_destroy(NULL);
    dtl_tensor_destroy(NULL);
    CHECK_STATUS(DTL_ERROR_NULL_POINTER, dtl_context_create_default(NULL));
}

/* Programs ask for determinism in reserved fields; a context gives at least that. What no field means is zero. */
static void determinism(void) {
    dtl_context_options options;
    dtl_context_t ctx = NULL;
    for (int asked = 0; asked < 8; asked++) {
        dtl_context_options_init(&options);
        options.reserved[0] = asked & 1 ? DTL_DETERMINISM_DETERMINISTIC : DTL_DETERMINISM_THROUGHPUT;
        options.reserved[1] = asked >> 1 & 1;
        options.reserved[2] = asked >> 2 & 1;
        CHECK_OK(dtl_context_create(&ctx, &options));
        CHECK(dtl_context_determinism_mode(ctx) >= options.reserved[0]);
        CHECK(dtl_context_reduction_schedule_policy(ctx) >= options.reserved[1]);
        CHECK(dtl_context_progress_ordering_policy(ctx) >= options.reserved[2]);
        dtl_context_destroy(ctx);
    }
    dtl_context_options_init(&options);
    options.reserved[1] = 9;
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_context_create(&ctx, &options));
    CHECK_MESSAGE("opts.reserved[1] is 9; use one of DTL_");
    dtl_context_options_init(&options);
    options.reserved[3] = 1;
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_context_create(&ctx, &options));
    CHECK_MESSAGE("opts.reserved[3] is 1; reserved fields must be 0");
}

/* A tensor is divided along its first dimension, also where there is one rank. */
static void containers(dtl_context_t ctx, int rank) {
    const dtl_partition_type partition = DTL_PARTITION_CYCLIC;
    const double one = 1.0;
    double sum = 0.0;
    dtl_vector_t vec;
    dtl_tensor_t tensor;
    (void)rank;
    CHECK_OK(dtl_vector_create_fill(ctx, DTL_DTYPE_FLOAT64, 10, &one, &vec));
    CHECK_OK(dtl_vector_redistribute(vec, partition));
    CHECK_OK(dtl_vector_reduce_sum(vec, &sum));
    CHECK(sum == 10.0);
    CHECK_OK(dtl_tensor_create(ctx, DTL_DTYPE_INT32, dtl_shape_2d(6, 4), &tensor));
    CHECK(dtl_tensor_distributed_dim(tensor) == 0);
    dtl_tensor_destroy(tensor);
    dtl_vector_destroy(vec);
}

int main(void) {
    numbers();
    nothing();
    determinism();
    for (int size = 1; size <= 4; size++) {
        on_ranks(size, containers);
    }
    return report("public_names");
}
