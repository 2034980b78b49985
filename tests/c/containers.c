/* Functions for any container: they take vectors, arrays and tensors, give what has the kind of what they were passed, and refuse all else. */

#include "check.h"

/* What a program would write once for all containers. */
static void double_elements(dtl_container_t container) {
    double* elements = dtl_container_local_data_mut(container);
    for (dtl_size_t i = 0; i < dtl_container_local_size(container); i++) {
        elements[i] *= 2;
    }
}

static void use_any(dtl_container_t container) {
    const double three = 3.0;
    double sum = 0.0, copied = 0.0;
    dtl_container_t other;
    CHECK(dtl_container_global_size(container) == 6);
    CHECK(dtl_container_length(container) == dtl_container_shape(container).dims[0]);
    CHECK_OK(dtl_container_fill_local(container, &three));
    double_elements(container);
    CHECK_OK(dtl_container_reduce_sum(container, &sum));
    CHECK(sum == 36.0);
    CHECK_OK(dtl_container_like(container, DTL_DTYPE_FLOAT64, &other));
    CHECK_OK(dtl_copy_container(container, other));
    CHECK_OK(dtl_container_reduce_sum(other, &copied));
    CHECK(copied == 36.0);
    CHECK(dtl_container_ndim(other) == dtl_container_ndim(container));
    /* Two owners: the first that goes away changes nothing. */
    CHECK_OK(dtl_container_retain(other));
    dtl_container_destroy(other);
    CHECK(dtl_container_is_valid(other) == 1);
    dtl_container_destroy(other);
    CHECK(dtl_container_is_valid(other) == 0);
}

static void any_container(dtl_context_t ctx, int rank) {
    dtl_vector_t vec, twin;
    dtl_array_t arr;
    dtl_tensor_t tensor;
    CHECK_OK(dtl_vector_create(ctx, DTL_DTYPE_FLOAT64, 6, &vec));
    CHECK_OK(dtl_array_create(ctx, DTL_DTYPE_FLOAT64, 6, &arr));
    CHECK_OK(dtl_tensor_create(ctx, DTL_DTYPE_FLOAT64, dtl_shape_2d(2, 3), &tensor));
    use_any(DTL_CONTAINER(vec));
    use_any(DTL_CONTAINER(arr));
    use_any(DTL_CONTAINER(tensor));

    dtl_size_t length = 0;
    CHECK(dtl_vector_length(vec) == 6 && dtl_array_length(arr) == 6 && dtl_tensor_length(tensor) == 2);
    CHECK_OK(dtl_vector_get_length(vec, &length));
    CHECK_OK(dtl_array_get_length(arr, &length));
    CHECK(length == 6);
    dtl_span_t span;
    double sum_of_span = 0.0;
    CHECK_OK(dtl_span_from_container(DTL_CONTAINER(tensor), &span));
    CHECK_OK(dtl_span_reduce_sum(span, &sum_of_span));
    CHECK(sum_of_span == 36.0);
    dtl_span_destroy(span);

    /* What is made of a vector is a vector. */
    CHECK_OK(dtl_container_like(DTL_CONTAINER(vec), DTL_DTYPE_FLOAT64, (dtl_container_t*)(void*)&twin));
    CHECK_OK(dtl_vector_resize(twin, 9));
    CHECK(dtl_vector_global_size(twin) == 9);
    dtl_vector_destroy(twin);

    /* Elements are copied between containers of different kinds. */
    const double one = 1.0;
    double sum = 0.0;
    CHECK_OK(dtl_vector_fill_local(vec, &one));
    CHECK_OK(dtl_copy_container(DTL_CONTAINER(vec), DTL_CONTAINER(arr)));
    CHECK_OK(dtl_array_reduce_sum(arr, &sum));
    CHECK(sum == 6.0);
    CHECK_STATUS(DTL_ERROR_EXTENT_MISMATCH, dtl_copy_container(DTL_CONTAINER(vec), DTL_CONTAINER(tensor)));

    /* A function for one kind takes no other; one for any takes nothing else. */
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_vector_fill_local((dtl_vector_t)(void*)arr, &one));
    CHECK_MESSAGE("is not a valid vector handle");
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_copy_vector(vec, (dtl_vector_t)(void*)arr));
    CHECK_MESSAGE("is not a valid vector handle");
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_container_fill_local((dtl_container_t)ctx, &one));
    CHECK_MESSAGE("is not a valid container handle");
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_container_fill_local(NULL, &one));
    CHECK_MESSAGE("the container handle is null");
    CHECK(dtl_container_global_size((dtl_container_t)ctx) == 0);

    /* Refused by one rank, in either name of the operation. */
    int last = rank == dtl_context_size(ctx) - 1;
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT,
                 rank == 0 ? dtl_container_refuse(DTL_CONTAINER(vec), "container.barrier", DTL_ERROR_INVALID_ARGUMENT, "no")
                           : dtl_vector_barrier(vec));
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT,
                 last ? dtl_container_refuse(DTL_CONTAINER(vec), "vector.barrier", DTL_ERROR_INVALID_ARGUMENT, "no")
                      : dtl_container_barrier(DTL_CONTAINER(vec)));
    CHECK_MESSAGE("no");
    dtl_vector_destroy(vec);
    dtl_array_destroy(arr);
    dtl_tensor_destroy(tensor);
}

int main(void) {
    on_ranks(1, any_container);
    on_ranks(2, any_container);
    on_ranks(4, any_container);
    CHECK(dtl_live_objects() == 0);
    return report("containers");
}
