/* Calls what the recipes added, from C, on two ranks. */

#include <dtl/dtl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static void check(dtl_status status)
{
    if (status != DTL_SUCCESS) {
        fprintf(stderr, "%s\n", dtl_last_error_message());
        exit(1);
    }
}

static void set_index(void *element, dtl_size_t index, void *user_data)
{
    (void)user_data;
    *(double *)element = (double)index;
}

static int is_small(const void *element, void *user_data)
{
    (void)user_data;
    return *(const double *)element < 4.0;
}

static void *on_rank(void *argument)
{
    dtl_context_t ctx = argument;
    double data[2][2] = {{1.0, 9.0}, {4.0, 2.0}}, largest[2], last[2];
    int rank = dtl_context_rank(ctx);
    check(dtl_maximum(ctx, data[rank], largest, 2, DTL_DTYPE_FLOAT64));
    check(dtl_allreduce(ctx, data[rank], last, 2, DTL_DTYPE_FLOAT64, DTL_OP_LAST));

    dtl_vector_t vec, numbers;
    dtl_index_t index;
    check(dtl_vector_create(ctx, DTL_DTYPE_TIMEDELTA64, 7, &vec));
    check(dtl_vector_create(ctx, DTL_DTYPE_FLOAT64, 7, &numbers));
    check(dtl_for_each_vector(numbers, set_index, NULL));
    check(dtl_find_last_if_vector(numbers, is_small, NULL, &index));
    if (dtl_context_is_root(ctx))
        printf("%g %g, last %g %g, dtype %d, at %d, %d bytes\n", largest[0], largest[1], last[0], last[1],
               (int)dtl_vector_dtype(vec), (int)index, (int)dtl_vector_local_nbytes(numbers));
    dtl_vector_destroy(vec);
    dtl_vector_destroy(numbers);
    return NULL;
}

int main(void)
{
    dtl_context_t ranks[2];
    pthread_t threads[2];
    check(dtl_context_create_threads(2, ranks));
    for (int rank = 0; rank < 2; rank++)
        if (pthread_create(&threads[rank], NULL, on_rank, ranks[rank]) != 0)
            return 1;
    for (int rank = 0; rank < 2; rank++) {
        pthread_join(threads[rank], NULL);
        dtl_context_destroy(ranks[rank]);
    }
    return 0;
}
