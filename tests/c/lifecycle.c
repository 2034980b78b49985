/* Who keeps what alive: owners of handles, containers and their context. */

#include "check.h"

static void memory_stays_while_the_vector_lives(void) {
    dtl_context_t ctx;
    dtl_vector_t vec;
    CHECK_OK(dtl_context_create_default(&ctx));
    CHECK_OK(dtl_vector_create(ctx, DTL_DTYPE_FLOAT64, 1000, &vec));
    CHECK(dtl_live_objects() == 2);
    double* view = (double*)dtl_vector_local_data_mut(vec);
    CHECK(view != NULL && (uintptr_t)view % 64 == 0 && view[999] == 0.0);
    dtl_context_destroy(ctx);
    /* The vector keeps its context alive: both the memory and the layout are still there. */
    CHECK(dtl_live_objects() == 2);
    for (int i = 0; i < 1000; i++) {
        view[i] = i;
    }
    CHECK(dtl_vector_owner(vec, 999) == 0 && dtl_vector_local_data(vec) == view);
    double back[1000];
    CHECK_OK(dtl_vector_copy_to_host(vec, back, 1000));
    CHECK(back[0] == 0.0 && back[999] == 999.0);
    CHECK(dtl_context_is_valid(ctx) == 0);
    dtl_vector_destroy(vec);
    CHECK(dtl_live_objects() == 0);
}

static void the_last_owner_ends_an_object(void) {
    dtl_context_t ctx;
    CHECK_OK(dtl_context_create_default(&ctx));
    CHECK_OK(dtl_context_retain(ctx));
    dtl_context_destroy(ctx);
    CHECK(dtl_context_size(ctx) == 1 && dtl_live_objects() == 1);
    dtl_context_destroy(ctx);
    CHECK(dtl_context_size(ctx) == 0 && dtl_live_objects() == 0);
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_context_retain(ctx));
    /* A new object does not answer to an old handle. */
    dtl_context_t next;
    CHECK_OK(dtl_context_create_default(&next));
    CHECK(next != ctx && dtl_context_size(ctx) == 0);
    dtl_context_destroy(next);
}

static void a_closed_context_keeps_its_containers(void) {
    dtl_context_t ctx;
    dtl_vector_t vec;
    CHECK_OK(dtl_context_create_default(&ctx));
    CHECK_OK(dtl_vector_create(ctx, DTL_DTYPE_INT32, 4, &vec));
    CHECK(dtl_context_is_valid(ctx) == 1);
    CHECK_OK(dtl_context_close(ctx));
    CHECK_OK(dtl_context_close(ctx));
    CHECK(dtl_context_is_valid(ctx) == 0);
    CHECK_STATUS(DTL_ERROR_INVALID_STATE, dtl_context_barrier(ctx));
    CHECK_STATUS(DTL_ERROR_INVALID_STATE, dtl_vector_barrier(vec));
    CHECK(dtl_vector_local_size(vec) == 4 && dtl_vector_local_data(vec) != NULL);
    dtl_vector_destroy(vec);
    dtl_context_destroy(ctx);
    CHECK(dtl_live_objects() == 0);
}

static void texts_are_lent(void) {
    dtl_context_t ctx;
    dtl_vector_t vec;
    const char* text = NULL;
    CHECK_OK(dtl_context_create_default(&ctx));
    CHECK_OK(dtl_vector_create(ctx, DTL_DTYPE_INT16, 12, &vec));
    CHECK_OK(dtl_vector_describe(vec, &text));
    CHECK(text != NULL && strstr(text, "12") != NULL && strstr(text, "int16") != NULL);
    CHECK_OK(dtl_context_describe(ctx, &text));
    CHECK(text != NULL && strstr(text, "1") != NULL);
    dtl_vector_destroy(vec);
    dtl_context_destroy(ctx);
}

int main(void) {
    memory_stays_while_the_vector_lives();
    the_last_owner_ends_an_object();
    a_closed_context_keeps_its_containers();
    texts_are_lent();
    CHECK(dtl_live_objects() == 0);
    return report("lifecycle");
}
