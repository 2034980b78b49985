/* The mean of a million elements that are divided over all ranks. The element with the global index i is the square root of i. */

#include <dtl/dtl.h>
#include <math.h>
#include <stdio.h>

/* Leaves with dtl's explanation when a call has failed. */
#define TRY(call) \
    do { \
        if ((call) != DTL_SUCCESS) { \
            fprintf(stderr, "%s\n", dtl_last_error_message()); \
            return 1; \
        } \
    } while (0)

int main(void) {
    dtl_context_t ctx;
    TRY(dtl_context_create_default(&ctx));

    dtl_vector_t vec;
    TRY(dtl_vector_create(ctx, DTL_DTYPE_FLOAT64, 1000000, &vec));

    double* local = (double*)dtl_vector_local_data_mut(vec);
    dtl_size_t count = dtl_vector_local_size(vec);
    dtl_index_t offset = dtl_vector_local_offset(vec);
    double local_sum = 0.0;
    for (dtl_size_t i = 0; i < count; i++) {
        local[i] = sqrt((double)i + (double)offset);
        local_sum += local[i];
    }

    /* Both sums in one call. */
    double mine[2] = {local_sum, (double)count};
    double global[2];
    TRY(dtl_allreduce(ctx, mine, global, 2, DTL_DTYPE_FLOAT64, DTL_OP_SUM));
    if (dtl_context_is_root(ctx)) {
        printf("Global mean: %.6f\n", global[0] / global[1]);
    }

    dtl_vector_destroy(vec);
    dtl_context_destroy(ctx);
    return 0;
}
