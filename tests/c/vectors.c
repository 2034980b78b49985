/* Distributed vectors: what they have in common with other containers of one dimension. */

#define LINE vector
#include "lines.h"

/* There is no GPU, and nothing is copied silently. */
static void not_on_a_device(dtl_context_t ctx, int rank) {
    (void)rank;
    dtl_vector_t vec;
    void* view = NULL;
    CHECK_OK(dtl_vector_create(ctx, DTL_DTYPE_INT8, 3, &vec));
    CHECK(dtl_vector_device_data(vec) == NULL && dtl_last_status() == DTL_ERROR_BACKEND_UNAVAILABLE);
    CHECK(dtl_vector_device_data_mut(vec) == NULL && dtl_last_status() == DTL_ERROR_BACKEND_UNAVAILABLE);
    CHECK_STATUS(DTL_ERROR_BACKEND_UNAVAILABLE, dtl_vector_device_view(vec, &view));
    CHECK_MESSAGE("use local_view");
    dtl_vector_destroy(vec);
}

int main(void) {
    on_ranks(1, lines);
    on_ranks(2, lines);
    on_ranks(4, lines);
    on_ranks(2, not_on_a_device);
    CHECK(dtl_live_objects() == 0);
    return report("vectors");
}
