/* Spans: ranges of containers, and of memory of the program. */

#include "check.h"

static void ranges_of_a_vector(dtl_context_t ctx, int rank) {
    dtl_vector_t vec;
    dtl_span_t all, middle, first, last, rest;
    CHECK_OK(dtl_vector_create(ctx, DTL_DTYPE_INT32, 10, &vec));
    int32_t* elements = (int32_t*)dtl_vector_local_data_mut(vec);
    const dtl_index_t offset = dtl_vector_local_offset(vec);
    const dtl_size_t own = dtl_vector_local_size(vec);
    for (dtl_size_t i = 0; i < own; i++) {
        elements[i] = (int32_t)offset + (int32_t)i;
    }
    CHECK_OK(dtl_span_from_vector(vec, &all));
    CHECK(dtl_span_is_valid(all) && !dtl_span_empty(all));
    CHECK(dtl_span_size(all) == 10 && dtl_span_local_size(all) == own && dtl_span_size_bytes(all) == 4 * own);
    CHECK(dtl_span_dtype(all) == DTL_DTYPE_INT32);
    CHECK(dtl_span_rank(all) == rank && dtl_span_num_ranks(all) == dtl_context_size(ctx));
    CHECK(dtl_span_data(all) == elements && dtl_span_data_mut(all) == elements);
    dtl_size_t size = 0;
    CHECK_OK(dtl_span_get_size(all, &size));
    CHECK(size == 10);

    CHECK_OK(dtl_span_subspan(all, 3, 4, &middle));
    CHECK(dtl_span_size(middle) == 4);
    const int32_t* view = (const int32_t*)dtl_span_data(middle);
    dtl_size_t there = 0;
    for (dtl_index_t i = offset; i < offset + (dtl_index_t)own; i++) {
        if (i >= 3 && i < 7) {
            CHECK(view[there] == (int32_t)i);
            there++;
        }
    }
    CHECK(dtl_span_local_size(middle) == there);
    void* place = NULL;
    CHECK_OK(dtl_span_local_view(middle, &place));
    CHECK(place == view);
    const char* text = NULL;
    CHECK_OK(dtl_span_describe(middle, &text));
    CHECK(strstr(text, "size=4, dtype=int32, rank ") == text);
    CHECK_OK(dtl_span_first(middle, 0, &first));
    CHECK(dtl_span_empty(first) && dtl_span_local_size(first) == 0);
    CHECK_OK(dtl_span_last(all, 1, &last));
    CHECK(dtl_span_local_size(last) == (rank == dtl_context_size(ctx) - 1 ? 1 : 0));
    CHECK_OK(dtl_span_subspan(all, 6, DTL_SPAN_NPOS, &rest));
    CHECK(dtl_span_size(rest) == 4);

    int32_t value = 0;
    if (there > 0) {
        value = -5;
        CHECK_OK(dtl_span_set_local(middle, there - 1, &value));
        value = 0;
        CHECK_OK(dtl_span_get_local(middle, there - 1, &value));
        CHECK(value == -5);
    }
    CHECK_STATUS(DTL_ERROR_OUT_OF_BOUNDS, dtl_span_get_local(middle, there, &value));
    CHECK_STATUS(DTL_ERROR_OUT_OF_BOUNDS, dtl_span_set_local(middle, there, &value));
    dtl_span_destroy(first);
    CHECK_STATUS(DTL_ERROR_OUT_OF_BOUNDS, dtl_span_first(all, 11, &first));
    CHECK(first == NULL);
    int32_t copies[10] = {0};
    CHECK_OK(dtl_span_copy_to_host(all, copies, own));
    CHECK(own == 0 || memcmp(copies, elements, own * sizeof *copies) == 0);
    copies[0] = 77;
    CHECK_OK(dtl_span_copy_from_host(all, copies, own));
    CHECK(own == 0 || elements[0] == 77);

    /* The elements stay as long as a span of them does, and a span until its last owner is gone. */
    dtl_vector_destroy(vec);
    CHECK_OK(dtl_span_retain(all));
    dtl_span_destroy(all);
    CHECK(own == 0 || *(const int32_t*)dtl_span_data(all) == 77);
    dtl_span_destroy(all);
    dtl_span_destroy(middle);
    dtl_span_destroy(last);
    dtl_span_destroy(rest);
}

static void a_span_of_an_array(dtl_context_t ctx, int rank) {
    dtl_array_t arr;
    dtl_span_t all;
    (void)rank;
    const double fill = 2.5;
    CHECK_OK(dtl_array_create_fill(ctx, DTL_DTYPE_FLOAT64, 6, &fill, &arr));
    CHECK_OK(dtl_span_from_array(arr, &all));
    CHECK(dtl_span_size(all) == 6 && dtl_span_local_size(all) == dtl_array_local_size(arr));
    double value = 0.0;
    CHECK_OK(dtl_span_get_local(all, 0, &value));
    CHECK(value == 2.5);
    dtl_span_destroy(all);
    dtl_array_destroy(arr);
}

static void a_span_of_a_tensor(dtl_context_t ctx, int rank) {
    dtl_tensor_t tensor;
    dtl_span_t all, part;
    CHECK_OK(dtl_tensor_create(ctx, DTL_DTYPE_FLOAT32, dtl_shape_2d(4, 3), &tensor));
    CHECK_OK(dtl_span_from_tensor(tensor, &all));
    CHECK(dtl_span_size(all) == 12 && dtl_span_data(all) == dtl_tensor_local_data(tensor));
    /* Of two ranks each has two rows of three. */
    CHECK_OK(dtl_span_subspan(all, 5, 3, &part));
    CHECK(dtl_span_local_size(part) == (rank == 0 ? 1 : 2));
    dtl_span_destroy(part);
    dtl_span_destroy(all);
    dtl_tensor_destroy(tensor);
}

/* Reductions of a range over all ranks, and a span like it. */
static void reductions_of_a_range(dtl_context_t ctx, int rank) {
    dtl_vector_t vec;
    dtl_span_t all, part, other;
    dtl_container_options options;
    dtl_container_options_init(&options);
    options.partition = DTL_PARTITION_CYCLIC;
    CHECK_OK(dtl_vector_create_with_options(ctx, DTL_DTYPE_FLOAT64, 10, &options, &vec));
    double* elements = (double*)dtl_vector_local_data_mut(vec);
    for (dtl_size_t i = 0; i < dtl_vector_local_size(vec); i++) {
        elements[i] = (double)(rank + (int)i * dtl_context_size(ctx));
    }
    CHECK_OK(dtl_span_from_vector(vec, &all));
    CHECK_OK(dtl_span_subspan(all, 2, 4, &part));
    double value = 0.0;
    CHECK_OK(dtl_span_reduce_sum(part, &value));
    CHECK(value == 2.0 + 3.0 + 4.0 + 5.0);
    CHECK_OK(dtl_span_reduce_prod(part, &value));
    CHECK(value == 2.0 * 3.0 * 4.0 * 5.0);
    CHECK_OK(dtl_span_reduce_min(part, &value));
    CHECK(value == 2.0);
    CHECK_OK(dtl_span_reduce_max(part, &value));
    CHECK(value == 5.0);
    CHECK_OK(dtl_span_reduce_mean(part, &value));
    CHECK(value == 3.5);
    int found = 0;
    CHECK_OK(dtl_span_any(part, &found));
    CHECK(found == 1);
    CHECK_OK(dtl_span_all(all, &found));
    CHECK(found == 0);
    CHECK_OK(dtl_span_like(part, DTL_DTYPE_INT32, &other));
    CHECK(dtl_span_size(other) == 4 && dtl_span_local_size(other) == dtl_span_local_size(part));
    CHECK(dtl_span_dtype(other) == DTL_DTYPE_INT32 && dtl_span_data(other) != dtl_span_data(part));
    int32_t total = -1, nine = 9;
    CHECK_OK(dtl_span_reduce_sum(other, &total));
    CHECK(total == 0);
    dtl_size_t own = dtl_span_local_size(other);
    for (dtl_size_t i = 0; i < own; i++) {
        CHECK_OK(dtl_span_set_local(other, i, &nine));
    }
    CHECK_OK(dtl_span_reduce_sum(other, &total));
    CHECK(total == 36);
    CHECK_OK(dtl_span_reduce_sum(part, &value));
    CHECK(value == 14.0);
    dtl_span_destroy(other);
    if (dtl_context_size(ctx) > 1) {
        CHECK_OK(dtl_span_first(all, rank == 0 ? 3 : 4, &other));
        CHECK_STATUS(DTL_ERROR_COLLECTIVE_PARTICIPATION, dtl_span_reduce_sum(other, &value));
        CHECK_MESSAGE("the spans differ");
        dtl_span_destroy(other);
        CHECK_STATUS(DTL_ERROR_TIMEOUT, dtl_span_refuse(part, "span.sum", DTL_ERROR_TIMEOUT, "the test refuses"));
    }
    dtl_span_destroy(part);
    dtl_span_destroy(all);
    dtl_vector_destroy(vec);
}

static void memory_of_the_program(void) {
    double elements[4] = {1.0, 2.0, 3.0, 4.0};
    dtl_span_t span, part;
    /* Rank 1 of 2 has elements 4 to 7 of 8. */
    CHECK_OK(dtl_span_create(DTL_DTYPE_FLOAT64, elements, 4, 8, 1, 2, &span));
    CHECK(dtl_span_rank(span) == 1 && dtl_span_num_ranks(span) == 2 && dtl_span_data(span) == elements);
    CHECK_OK(dtl_span_subspan(span, 2, 4, &part));
    CHECK(dtl_span_local_size(part) == 2 && dtl_span_data(part) == elements);
    const double nine = 9.0;
    CHECK_OK(dtl_span_set_local(part, 1, &nine));
    CHECK(elements[1] == 9.0);
    /* There are no ranks who could be asked for theirs, nor for those of what is made like it. */
    double sum = 0.0;
    CHECK_STATUS(DTL_ERROR_NOT_SUPPORTED, dtl_span_reduce_sum(part, &sum));
    CHECK_MESSAGE("memory of the program");
    dtl_span_t other;
    CHECK_OK(dtl_span_like(part, DTL_DTYPE_FLOAT64, &other));
    CHECK(dtl_span_local_size(other) == 2 && *(const double*)dtl_span_data(other) == 0.0);
    CHECK_STATUS(DTL_ERROR_NOT_SUPPORTED, dtl_span_reduce_max(other, &sum));
    dtl_span_destroy(other);
    dtl_span_destroy(part);
    dtl_span_destroy(span);
    CHECK_STATUS(DTL_ERROR_EXTENT_MISMATCH, dtl_span_create(DTL_DTYPE_FLOAT64, elements, 3, 8, 1, 2, &span));
    CHECK_MESSAGE("rank 1 has 4");
    CHECK_STATUS(DTL_ERROR_INVALID_RANK, dtl_span_create(DTL_DTYPE_FLOAT64, elements, 4, 8, 2, 2, &span));
    CHECK_STATUS(DTL_ERROR_NULL_POINTER, dtl_span_create(DTL_DTYPE_FLOAT64, NULL, 4, 8, 1, 2, &span));
}

int main(void) {
    for (int ranks = 1; ranks <= 4; ranks++) {
        on_ranks(ranks, ranges_of_a_vector);
        on_ranks(ranks, reductions_of_a_range);
    }
    on_ranks(2, a_span_of_an_array);
    on_ranks(2, a_span_of_a_tensor);
    memory_of_the_program();
    CHECK(dtl_live_objects() == 0);
    return report("spans");
}
