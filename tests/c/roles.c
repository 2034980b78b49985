/*
 * Roles of ranks: the first rank reads, the others compute, and ranks of even number have a third role by choice. Messages
 * find them by their roles.
 */

#include "check.h"

static void three_roles(dtl_context_t ctx, int rank) {
    const int size = dtl_context_size(ctx);
    dtl_role_manager_t mgr;
    dtl_context_t group;
    int has_role = -1, initialized = -1, total = 0;
    dtl_size_t count = 0;
    dtl_rank_t number = -2;
    CHECK_OK(dtl_role_manager_create(ctx, &mgr));
    CHECK_OK(dtl_role_manager_add_role(mgr, "reader", 1));
    CHECK_OK(dtl_role_manager_add_role(mgr, "even", rank % 2 == 0 ? DTL_ROLE_MEMBER : DTL_ROLE_OTHER));
    if (size > 1) {
        CHECK_OK(dtl_role_manager_add_role(mgr, "solver", (dtl_size_t)size - 1));
    }
    CHECK(dtl_role_manager_initialized(mgr) == 0);
    CHECK_STATUS(DTL_ERROR_INVALID_STATE, dtl_role_manager_has_role(mgr, "reader", &has_role));
    CHECK_OK(dtl_role_manager_initialize(mgr));
    CHECK_OK(dtl_role_manager_get_initialized(mgr, &initialized));
    CHECK(initialized == 1 && dtl_role_manager_initialized(mgr) == 1);
    CHECK_OK(dtl_role_manager_has_role(mgr, "reader", &has_role));
    CHECK(has_role == (rank == 0));
    CHECK_OK(dtl_role_manager_role_size(mgr, "even", &count));
    CHECK(count == (dtl_size_t)(size + 1) / 2);
    CHECK_OK(dtl_role_manager_role_rank(mgr, "even", &number));
    CHECK(number == (rank % 2 == 0 ? rank / 2 : DTL_NO_RANK));
    if (size > 1) {
        CHECK_OK(dtl_role_manager_role_rank(mgr, "solver", &number));
        CHECK(number == rank - 1);
    }
    CHECK_OK(dtl_role_manager_context_rank(mgr, "even", (size - 1) / 2, &number));
    CHECK(number == (size - 1) / 2 * 2);
    CHECK_STATUS(DTL_ERROR_INVALID_RANK, dtl_role_manager_context_rank(mgr, "even", size, &number));
    CHECK_OK(dtl_role_manager_role_context(mgr, "even", &group));
    CHECK((group != NULL) == (rank % 2 == 0));
    if (group != NULL) {
        const int one = 1;
        CHECK_OK(dtl_allreduce(group, &one, &total, 1, DTL_DTYPE_INT32, DTL_OP_SUM));
        CHECK(total == (size + 1) / 2);
        dtl_context_destroy(group);
    }
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_role_manager_role_size(mgr, "writer", &count));
    CHECK_STATUS(DTL_ERROR_INVALID_STATE, dtl_role_manager_add_role(mgr, "writer", 1));
    CHECK_OK(dtl_role_manager_retain(mgr));
    dtl_role_manager_destroy(mgr);
    dtl_role_manager_destroy(mgr);
}

/* Every rank sends its number to the first of even number, which receives them from the reader and from the others. */
static void messages(dtl_context_t ctx, int rank) {
    const int size = dtl_context_size(ctx);
    dtl_role_manager_t mgr;
    dtl_message_info info;
    int sum = 0, numbers[2] = {-1, -1};
    CHECK_OK(dtl_role_manager_create(ctx, &mgr));
    CHECK_OK(dtl_role_manager_add_role(mgr, "reader", 1));
    CHECK_OK(dtl_role_manager_add_role(mgr, "even", rank % 2 == 0 ? DTL_ROLE_MEMBER : DTL_ROLE_OTHER));
    if (size > 1) {
        CHECK_OK(dtl_role_manager_add_role(mgr, "solver", (dtl_size_t)size - 1));
    }
    CHECK_STATUS(DTL_ERROR_INVALID_STATE, dtl_intergroup_send(mgr, "even", 0, &rank, 1, DTL_DTYPE_INT32, 3));
    CHECK_OK(dtl_role_manager_initialize(mgr));
    CHECK_OK(dtl_intergroup_send(mgr, "even", 0, &rank, 1, DTL_DTYPE_INT32, 3));
    if (rank == 0) {
        for (int number = 1; number < size; ++number) {
            CHECK_OK(dtl_intergroup_recv(mgr, "solver", DTL_ANY_SOURCE, numbers, 2, DTL_DTYPE_INT32, 3));
            CHECK_OK(dtl_last_received(ctx, &info));
            CHECK(info.count == 1 && info.source == numbers[0] && info.tag == 3);
            sum += numbers[0];
        }
        CHECK(sum == size * (size - 1) / 2);
        CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_intergroup_recv(mgr, "reader", 0, numbers, 2, DTL_DTYPE_FLOAT32, 3));
        CHECK_OK(dtl_intergroup_recv(mgr, "reader", 0, numbers, 1, DTL_DTYPE_INT32, DTL_ANY_TAG));
        CHECK(numbers[0] == 0);
    }
    if (size > 1) {
        /* In a ring of solvers, which may be one alone. */
        if (rank > 0) {
            CHECK_OK(dtl_intergroup_send(mgr, "solver", rank % (size - 1), &rank, 1, DTL_DTYPE_INT32, 4));
            CHECK_OK(dtl_intergroup_recv(mgr, "solver", (rank + size - 3) % (size - 1), numbers, 1, DTL_DTYPE_INT32, 4));
            CHECK(numbers[0] == (rank + size - 3) % (size - 1) + 1);
        }
    }
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_intergroup_send(mgr, "writer", 0, &rank, 1, DTL_DTYPE_INT32, 3));
    CHECK_STATUS(DTL_ERROR_INVALID_RANK, dtl_intergroup_recv(mgr, "even", size, numbers, 1, DTL_DTYPE_INT32, 3));
    CHECK_MESSAGE("source_rank is");
    dtl_role_manager_destroy(mgr);
}

/* Every rank receives from the one before it and sends to the one after it, both at once; the manager is destroyed meanwhile. */
static void messages_that_do_not_block(dtl_context_t ctx, int rank) {
    const int size = dtl_context_size(ctx), after = (rank + 1) % size, before = (rank + size - 1) % size;
    dtl_role_manager_t mgr;
    dtl_request_t requests[3];
    char role[] = "all";
    int number = -1;
    CHECK_OK(dtl_role_manager_create(ctx, &mgr));
    CHECK_OK(dtl_role_manager_add_role(mgr, "all", DTL_ROLE_MEMBER));
    CHECK_OK(dtl_role_manager_initialize(mgr));
    CHECK_OK(dtl_iintergroup_recv(mgr, role, before, &number, 1, DTL_DTYPE_INT32, 3, &requests[0]));
    CHECK_OK(dtl_iintergroup_send(mgr, role, after, &rank, 1, DTL_DTYPE_INT32, 3, &requests[1]));
    CHECK_OK(dtl_iintergroup_send(mgr, "nobody", after, &rank, 1, DTL_DTYPE_INT32, 3, &requests[2]));
    role[0] = 'b';
    dtl_role_manager_destroy(mgr);
    CHECK_OK(dtl_waitall(2, requests));
    CHECK(number == before);
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_request_wait(requests[2], DTL_NO_TIMEOUT));
    CHECK_MESSAGE("iintergroup_send: target_role is 'nobody', which is no role");
    for (int i = 0; i < 3; ++i) {
        dtl_request_free(requests[i]);
    }
}

static void too_many_ranks(dtl_context_t ctx, int rank) {
    dtl_role_manager_t mgr;
    (void)rank;
    CHECK_OK(dtl_role_manager_create(ctx, &mgr));
    CHECK_OK(dtl_role_manager_add_role(mgr, "all and one", (dtl_size_t)dtl_context_size(ctx) + 1));
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_role_manager_initialize(mgr));
    CHECK_MESSAGE("'all and one'");
    CHECK_STATUS(DTL_ERROR_NULL_POINTER,
                 dtl_role_manager_refuse(mgr, "role_manager.initialize", DTL_ERROR_NULL_POINTER, "none has it"));
    CHECK_MESSAGE("none has it");
    dtl_role_manager_destroy(mgr);
}

int main(void) {
    for (int size = 1; size <= 4; size *= 2) {
        on_ranks(size, three_roles);
        on_ranks(size, messages);
        on_ranks(size, messages_that_do_not_block);
        on_ranks(size, too_many_ranks);
    }
    dtl_role_manager_destroy(NULL);
    return report("roles");
}
