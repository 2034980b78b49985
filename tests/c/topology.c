/*
 * Where ranks run, in a world of any size: what a process can find out about itself it compares, and of two ranks of one machine
 * it is known that they are. Errors have the same status wherever they come from.
 */

#include "check.h"
#include <unistd.h>

static void this_machine(void) {
    int count = -1;
    CHECK_OK(dtl_topology_num_cpus(&count));
    CHECK(count == (int)sysconf(_SC_NPROCESSORS_ONLN));
    CHECK_OK(dtl_topology_num_gpus(&count));
    CHECK(count == 0);
    CHECK_STATUS(DTL_ERROR_NULL_POINTER, dtl_topology_num_cpus(NULL));
}

/* The tests start all processes on one machine. */
static void every_rank(int size) {
    int cpus = 0, cpu = -2, gpu = -2, node = -2, is_local = -2;
    CHECK_OK(dtl_topology_num_cpus(&cpus));
    for (int rank = 0; rank < size; rank++) {
        CHECK_OK(dtl_topology_cpu_affinity(rank, &cpu));
        CHECK(0 <= cpu && cpu < sysconf(_SC_NPROCESSORS_CONF));
        CHECK_OK(dtl_topology_gpu_id(rank, &gpu));
        CHECK(gpu == DTL_NO_DEVICE);
        CHECK_OK(dtl_topology_node_id(rank, &node));
        CHECK(node == 0);
        CHECK_OK(dtl_topology_is_local(rank, size - 1 - rank, &is_local));
        CHECK(is_local == 1);
    }
}

static void no_such_rank(int size) {
    int answer = -2;
    CHECK_STATUS(DTL_ERROR_INVALID_RANK, dtl_topology_cpu_affinity(size, &answer));
    CHECK_STATUS(DTL_ERROR_INVALID_RANK, dtl_topology_gpu_id(-1, &answer));
    CHECK_STATUS(DTL_ERROR_INVALID_RANK, dtl_topology_node_id(size, &answer));
    CHECK_STATUS(DTL_ERROR_INVALID_RANK, dtl_topology_is_local(0, size, &answer));
    CHECK_MESSAGE("rank_b is");
    CHECK(answer == -2);
}

int main(void) {
    dtl_context_t world;
    CHECK_OK(dtl_context_create_default(&world));
    const int size = dtl_context_size(world);
    this_machine();
    every_rank(size);
    no_such_rank(size);
    dtl_context_destroy(world);
    /* What was learnt stays. */
    every_rank(size);
    return report("topology");
}
