/* Sorting: all elements of vectors and arrays are in order afterwards, on 1, 2 and 4 ranks. */

#include "check.h"

#include <math.h>

enum { SIZE = 101 };

/* The element that is number `index`, before sorting: each of 0 to 100 once. */
static double element(int64_t index) {
    return (double)(index * 37 % SIZE);
}

static dtl_container_options divided(dtl_partition_policy partition) {
    dtl_container_options options;
    dtl_container_options_init(&options);
    options.partition = partition;
    options.block_size = 5;
    return options;
}

static void vectors(dtl_context_t ctx, int rank) {
    (void)rank;
    const dtl_partition_policy partitions[] = {DTL_PARTITION_BLOCK, DTL_PARTITION_CYCLIC, DTL_PARTITION_BLOCK_CYCLIC,
                                               DTL_PARTITION_HASH, DTL_PARTITION_REPLICATED};
    for (int p = 0; p < 5; p++) {
        dtl_container_options options = divided(partitions[p]);
        dtl_vector_t vec;
        CHECK_OK(dtl_vector_create_with_options(ctx, DTL_DTYPE_FLOAT64, SIZE, &options, &vec));
        const int64_t local = (int64_t)dtl_vector_local_size(vec);
        double* elements = (double*)dtl_vector_local_data_mut(vec);
        for (int64_t i = 0; i < local; i++) {
            elements[i] = element(dtl_vector_to_global(vec, i));
        }
        CHECK_OK(dtl_vector_sort_ascending(vec));
        int64_t wrong = 0;
        for (int64_t i = 0; i < local; i++) {
            wrong += elements[i] != (double)dtl_vector_to_global(vec, i);
        }
        CHECK(wrong == 0);
        CHECK_OK(dtl_sort_vector_descending(vec));
        for (int64_t i = 0; i < local; i++) {
            wrong += elements[i] != (double)(SIZE - 1 - dtl_vector_to_global(vec, i));
        }
        CHECK_OK(dtl_sort_vector(vec));
        for (int64_t i = 0; i < local; i++) {
            wrong += elements[i] != (double)dtl_vector_to_global(vec, i);
        }
        CHECK(wrong == 0);
        CHECK(dtl_vector_local_data(vec) == elements && dtl_vector_partition_policy(vec) == partitions[p]);

        /* Descending, with what is not a number last, and zeros as they were. */
        for (int64_t i = 0; i < local; i++) {
            const int64_t index = dtl_vector_to_global(vec, i);
            elements[i] = index % 2 == 1 ? NAN : index < 40 ? -0.0 : 0.0;
        }
        CHECK_OK(dtl_vector_sort(vec, 1, 1));
        for (int64_t i = 0; i < local; i++) {
            const int64_t index = dtl_vector_to_global(vec, i);
            wrong += index > SIZE / 2 ? !isnan(elements[i]) : elements[i] != 0 || (signbit(elements[i]) != 0) != (index < 20);
        }
        CHECK(wrong == 0);
        dtl_vector_destroy(vec);
    }
}

static void arrays(dtl_context_t ctx, int rank) {
    (void)rank;
    dtl_container_options options = divided(DTL_PARTITION_BLOCK_CYCLIC);
    dtl_array_t arr;
    CHECK_OK(dtl_array_create_with_options(ctx, DTL_DTYPE_INT32, SIZE, &options, &arr));
    const int64_t local = (int64_t)dtl_array_local_size(arr);
    int32_t* elements = (int32_t*)dtl_array_local_data_mut(arr);
    for (int64_t i = 0; i < local; i++) {
        elements[i] = (int32_t)element(dtl_array_to_global(arr, i)) - 50;
    }
    CHECK_OK(dtl_sort_array(arr));
    int64_t wrong = 0;
    for (int64_t i = 0; i < local; i++) {
        wrong += elements[i] != (int32_t)dtl_array_to_global(arr, i) - 50;
    }
    CHECK_OK(dtl_sort_array_descending(arr));
    for (int64_t i = 0; i < local; i++) {
        wrong += elements[i] != 50 - (int32_t)dtl_array_to_global(arr, i);
    }
    CHECK_OK(dtl_array_sort_ascending(arr));
    CHECK_OK(dtl_array_sort(arr, 0, 1));
    for (int64_t i = 0; i < local; i++) {
        wrong += elements[i] != (int32_t)dtl_array_to_global(arr, i) - 50;
    }
    CHECK(wrong == 0);
    dtl_array_destroy(arr);
}

/* What requests sort is in use until these are over. */
static void requests(dtl_context_t ctx, int rank) {
    dtl_container_options options = divided(DTL_PARTITION_CYCLIC);
    dtl_vector_t vec;
    dtl_array_t arr;
    dtl_request_t request;
    CHECK_OK(dtl_vector_create_with_options(ctx, DTL_DTYPE_FLOAT64, SIZE, &options, &vec));
    CHECK_OK(dtl_array_create_with_options(ctx, DTL_DTYPE_FLOAT64, SIZE, &options, &arr));
    const int64_t local = (int64_t)dtl_vector_local_size(vec);
    double* of_vec = (double*)dtl_vector_local_data_mut(vec);
    double* of_arr = (double*)dtl_array_local_data_mut(arr);
    for (int form = 0; form < 4; form++) {
        for (int64_t i = 0; i < local; i++) {
            of_vec[i] = of_arr[i] = element(dtl_vector_to_global(vec, i));
        }
        dtl_request_t both[2];
        switch (form) {
        case 0:
            CHECK_OK(dtl_async_sort_vector(vec, &both[0]));
            CHECK_OK(dtl_async_sort_array(arr, &both[1]));
            break;
        case 1:
            CHECK_OK(dtl_async_sort_vector_descending(vec, &both[0]));
            CHECK_OK(dtl_async_sort_array_descending(arr, &both[1]));
            break;
        case 2:
            CHECK_OK(dtl_async_vector_sort(vec, 1, 1, &both[0]));
            CHECK_OK(dtl_async_array_sort(arr, 1, 1, &both[1]));
            break;
        default:
            CHECK_OK(dtl_async_vector_sort_ascending(vec, &both[0]));
            CHECK_OK(dtl_async_array_sort_ascending(arr, &both[1]));
        }
        CHECK_OK(dtl_waitall(2, both));
        const int descending = form == 1 || form == 2;
        int64_t wrong = 0;
        for (int64_t i = 0; i < local; i++) {
            const int64_t index = dtl_vector_to_global(vec, i);
            const double expected = (double)(descending ? SIZE - 1 - index : index);
            wrong += of_vec[i] != expected || of_arr[i] != expected;
        }
        CHECK(wrong == 0);
    }
    /* Rank 1 issues its part when rank 0 has seen that nothing else may use the vector. */
    int token = 0;
    if (rank == 1) {
        CHECK_OK(dtl_recv(ctx, &token, 1, DTL_DTYPE_INT32, 0, 0));
    }
    CHECK_OK(dtl_async_sort_vector(vec, &request));
    if (rank == 0 && dtl_context_size(ctx) > 1) {
        const double zero = 0;
        CHECK_STATUS(DTL_ERROR_INVALID_STATE, dtl_vector_fill_local(vec, &zero));
        CHECK_MESSAGE("async_sort changes it, and has not ended");
        CHECK_OK(dtl_send(ctx, &token, 1, DTL_DTYPE_INT32, 1, 0));
    }
    /* The request keeps what it sorts. */
    dtl_vector_destroy(vec);
    dtl_array_destroy(arr);
    CHECK_OK(dtl_wait(request));
}

/* Ranks that want different orders are told so. */
static void disagreement(dtl_context_t ctx, int rank) {
    dtl_vector_t vec;
    CHECK_OK(dtl_vector_create(ctx, DTL_DTYPE_INT8, 4, &vec));
    CHECK_STATUS(DTL_ERROR_COLLECTIVE_PARTICIPATION, dtl_vector_sort(vec, 0, rank));
    CHECK_MESSAGE("stable differs");
    dtl_request_t request;
    CHECK_OK(dtl_async_vector_sort(vec, rank, 0, &request));
    CHECK_STATUS(DTL_ERROR_COLLECTIVE_PARTICIPATION, dtl_wait(request));
    CHECK_MESSAGE("reverse differs");
    dtl_vector_destroy(vec);
}

int main(void) {
    const int ranks[] = {1, 2, 4};
    for (int r = 0; r < 3; r++) {
        on_ranks(ranks[r], vectors);
        on_ranks(ranks[r], arrays);
        on_ranks(ranks[r], requests);
    }
    on_ranks(2, disagreement);
    CHECK(dtl_live_objects() == 0);
    return report("sorting");
}
