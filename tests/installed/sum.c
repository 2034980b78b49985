/* A program of somebody who has dtl installed: the sum over a distributed vector with the values 0 to 999. */

#include <dtl/dtl.h>
#include <stdio.h>
#include <stdlib.h>

static void check(dtl_status status)
{
    if (status != DTL_SUCCESS) {
        fprintf(stderr, "%s\n", dtl_last_error_message());
        exit(1);
    }
}

int main(void)
{
    dtl_context_t ctx;
    dtl_vector_t vec;
    check(dtl_context_create_default(&ctx));
    check(dtl_vector_create(ctx, DTL_DTYPE_FLOAT64, 1000, &vec));

    double *local = dtl_vector_local_data_mut(vec);
    double sum = 0.0, total;
    for (dtl_size_t i = 0; i < dtl_vector_local_size(vec); i++) {
        local[i] = (double)(dtl_vector_local_offset(vec) + (dtl_index_t)i);
        sum += local[i];
    }
    check(dtl_allreduce(ctx, &sum, &total, 1, DTL_DTYPE_FLOAT64, DTL_OP_SUM));
    if (dtl_context_is_root(ctx))
        printf("%.0f on %d\n", total, (int)dtl_context_size(ctx));

    dtl_vector_destroy(vec);
    dtl_context_destroy(ctx);
    return 0;
}
