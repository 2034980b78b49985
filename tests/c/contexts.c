/* Contexts and environments: the ways to make them, in a world of any size, and what asks for a GPU where there is none. */

#include "check.h"

/* As many ranks as there are processes, each of which makes the same contexts in the same order. */
static void every_way_to_make_one(void) {
    dtl_context_t ctx, again;
    CHECK_OK(dtl_context_create(&ctx, NULL));
    int size = dtl_context_size(ctx), rank = dtl_context_rank(ctx);
    dtl_context_options options;
    dtl_context_options_init(&options);
    CHECK_OK(dtl_context_create(&again, &options));
    CHECK(dtl_context_size(again) == size && dtl_context_rank(again) == rank);
    dtl_context_destroy(again);
    CHECK_OK(dtl_context_create_full(-1, DTL_DETERMINISM_DETERMINISTIC, DTL_REDUCTION_SCHEDULE_FIXED_TREE,
                                     DTL_PROGRESS_ORDERING_RANK_ORDERED, &again));
    CHECK(dtl_context_size(again) == size && dtl_context_rank(again) == rank);
    dtl_context_destroy(again);

    CHECK_OK(dtl_context_create_with(-1, DTL_DETERMINISM_THROUGHPUT, DTL_REDUCTION_SCHEDULE_IMPLEMENTATION_DEFINED,
                                     DTL_PROGRESS_ORDERING_IMPLEMENTATION_DEFINED, 0, 30.0, &again));
    CHECK(dtl_context_size(again) == size && dtl_context_rank(again) == rank);
    CHECK_OK(dtl_barrier(again));
    dtl_context_destroy(again);
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT,
                 dtl_context_create_with(-1, DTL_DETERMINISM_THROUGHPUT, DTL_REDUCTION_SCHEDULE_IMPLEMENTATION_DEFINED,
                                         DTL_PROGRESS_ORDERING_IMPLEMENTATION_DEFINED, 1, 0.0, &again));

    /* MPI_COMM_WORLD as Fortran programs know it, whose number each MPI keeps for ever. */
    const char* mpi = getenv("DTL_MPI");
    const int64_t world = mpi != NULL && strcmp(mpi, "mpich") == 0 ? 0x44000000 : 0;
    if (dtl_context_has_mpi(ctx)) {
        CHECK_OK(dtl_context_create_on(world, -1, &again));
        CHECK(dtl_context_size(again) == size && dtl_context_rank(again) == rank);
        dtl_context_destroy(again);
        CHECK_OK(dtl_context_create_on_full(world, -1, DTL_DETERMINISM_THROUGHPUT, DTL_REDUCTION_SCHEDULE_FIXED_TREE,
                                            DTL_PROGRESS_ORDERING_RANK_ORDERED, &again));
        CHECK(dtl_context_size(again) == size && dtl_context_rank(again) == rank);
        dtl_context_destroy(again);
        CHECK_OK(dtl_context_create_on_with(world, -1, DTL_DETERMINISM_THROUGHPUT, DTL_REDUCTION_SCHEDULE_FIXED_TREE,
                                            DTL_PROGRESS_ORDERING_RANK_ORDERED, 1, DTL_NO_TIMEOUT, &again));
        CHECK(dtl_context_size(again) == size && dtl_context_rank(again) == rank);
        dtl_context_destroy(again);
    }
    dtl_context_destroy(ctx);

    dtl_context_t threads[3];
    CHECK_OK(dtl_context_create_threads(3, threads));
    for (int i = 0; i < 3; i++) {
        CHECK(dtl_context_rank(threads[i]) == i && dtl_context_size(threads[i]) == 3);
        dtl_context_destroy(threads[i]);
    }
    CHECK(dtl_live_objects() == 0);
}

static void one_context(dtl_context_t ctx, int rank) {
    char expected[32];
    const char* text = NULL;
    snprintf(expected, sizeof expected, "rank %d of %d", rank, dtl_context_size(ctx));
    CHECK_OK(dtl_context_describe(ctx, &text));
    CHECK(strcmp(text, expected) == 0);
    CHECK_OK(dtl_context_fence(ctx));

    /* Two own it: it ends with the second. */
    dtl_context_t copy;
    CHECK_OK(dtl_context_dup(ctx, &copy));
    CHECK_OK(dtl_context_retain(copy));
    dtl_context_destroy(copy);
    CHECK_OK(dtl_context_barrier(copy));
    CHECK_OK(dtl_context_close(copy));
    CHECK(dtl_context_is_valid(copy) == 0 && dtl_context_is_valid(ctx) == 1);
    CHECK_STATUS(DTL_ERROR_INVALID_STATE, dtl_context_barrier(copy));
    dtl_context_destroy(copy);
    CHECK(dtl_context_size(copy) == 0);

    /* One rank finds an error before it can call what the others call. */
    const double value = 1.0;
    double sum = 0.0;
    CHECK_STATUS(DTL_ERROR_DIMENSION_MISMATCH,
                 rank == dtl_context_size(ctx) - 1
                     ? dtl_context_refuse(ctx, "allreduce", DTL_ERROR_DIMENSION_MISMATCH, "data has 3 dimensions")
                     : dtl_allreduce(ctx, &value, &sum, 1, DTL_DTYPE_FLOAT64, DTL_OP_SUM));
    CHECK_STATUS(DTL_ERROR_NULL_POINTER, dtl_context_refuse(ctx, "barrier", DTL_ERROR_NULL_POINTER, "none has it"));
    CHECK_MESSAGE("none has it");
    dtl_request_t issued;
    if (rank == 0) {
        CHECK_OK(dtl_context_refuse_issued(ctx, "ibarrier", DTL_ERROR_DIMENSION_MISMATCH, "data has 3 dimensions", &issued));
    } else {
        CHECK_OK(dtl_ibarrier(ctx, &issued));
    }
    CHECK_STATUS(DTL_ERROR_DIMENSION_MISMATCH, dtl_wait(issued));
    CHECK_MESSAGE("data has 3 dimensions");
    CHECK_OK(dtl_context_refuse_issued(ctx, "ibarrier", DTL_ERROR_NULL_POINTER, "none has it", &issued));
    CHECK_STATUS(DTL_ERROR_NULL_POINTER, dtl_wait(issued));
    CHECK_OK(dtl_context_barrier(ctx));
}

/* Without a GPU each of these says so, on all ranks, and makes nothing. */
static void no_gpu(dtl_context_t ctx, int rank) {
    (void)rank;
    const dtl_status unavailable = DTL_ERROR_BACKEND_UNAVAILABLE;
    const dtl_nccl_operation_mode mode = DTL_NCCL_MODE_NATIVE_ONLY;
    dtl_context_t made = ctx;
    CHECK_STATUS(unavailable, dtl_context_with_cuda(ctx, 0, &made));
    CHECK(made == NULL);
    CHECK_STATUS(unavailable, dtl_context_with_nccl(ctx, 0, &made));
    CHECK_STATUS(unavailable, dtl_context_with_nccl_ex(ctx, 0, mode, &made));
    CHECK_STATUS(unavailable, dtl_context_split_nccl(ctx, 0, 0, &made));
    CHECK_STATUS(unavailable, dtl_context_split_nccl_ex(ctx, 0, 0, 0, mode, &made));
    CHECK_MESSAGE("NCCL");
    CHECK_OK(dtl_context_barrier(ctx));
}

static void environments(void) {
    dtl_environment_t first, second;
    dtl_context_t ctx, world;
    int argc = 1, answer = -1;
    CHECK(dtl_environment_is_initialized() == 0 && dtl_environment_ref_count() == 0);
    CHECK_OK(dtl_environment_create(&first));
    CHECK_OK(dtl_environment_create_with_args(&second, &argc, NULL));
    CHECK(dtl_environment_is_initialized() == 1 && dtl_environment_ref_count() == 2);
    CHECK_OK(dtl_context_create_default(&ctx));
    int size = dtl_context_size(ctx), has_mpi = dtl_context_has_mpi(ctx);
    dtl_context_destroy(ctx);

    const char* domain = NULL;
    CHECK_OK(dtl_environment_get_domain(first, &domain));
    CHECK(strcmp(domain, has_mpi ? "mpi" : "single") == 0);
    CHECK(strcmp(dtl_environment_domain(first), has_mpi ? "mpi" : "single") == 0);
    CHECK((dtl_environment_mpi_thread_level() >= 0) == has_mpi);
    CHECK_OK(dtl_environment_get_has_mpi(first, &answer));
    CHECK(answer == dtl_environment_has_mpi() && answer == dtl_has_mpi() && answer >= has_mpi);
    CHECK_OK(dtl_environment_get_has_cuda(first, &answer));
    CHECK(answer == 0 && dtl_environment_has_cuda() == 0);
    CHECK_OK(dtl_environment_get_has_hip(first, &answer));
    CHECK(answer == 0 && dtl_environment_has_hip() == 0);
    CHECK_OK(dtl_environment_get_has_nccl(first, &answer));
    CHECK(answer == 0 && dtl_environment_has_nccl() == 0);
    CHECK_OK(dtl_environment_get_has_shmem(first, &answer));
    CHECK(answer == 0 && dtl_environment_has_shmem() == 0);

    CHECK_OK(dtl_environment_make_cpu_context(first, &ctx));
    CHECK(dtl_context_size(ctx) == 1);
    CHECK_OK(dtl_environment_make_world_context(first, &world));
    CHECK(dtl_context_size(world) == size);
    dtl_context_destroy(world);
    CHECK_STATUS(DTL_ERROR_BACKEND_UNAVAILABLE, dtl_environment_make_world_context_gpu(first, 0, &world));
    CHECK(world == NULL);

    CHECK_OK(dtl_environment_retain(first));
    CHECK_OK(dtl_environment_close(first));
    CHECK(dtl_environment_ref_count() == 1);
    dtl_environment_destroy(first);
    dtl_environment_destroy(first);
    CHECK(dtl_environment_ref_count() == 1);
    dtl_environment_destroy(second);
    CHECK(dtl_environment_is_initialized() == 0 && dtl_environment_ref_count() == 0);
    /* A context stays usable when the environment that made it is gone. */
    CHECK(dtl_context_size(ctx) == 1);
    CHECK_OK(dtl_context_barrier(ctx));
    dtl_context_destroy(ctx);
}

int main(void) {
    every_way_to_make_one();
    for (int ranks = 1; ranks <= 4; ranks *= 2) {
        on_ranks(ranks, one_context);
        on_ranks(ranks, no_gpu);
    }
    environments();
    CHECK(dtl_live_objects() == 0);
    return report("contexts");
}
