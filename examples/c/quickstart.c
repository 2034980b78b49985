/* Fills a distributed vector with 0, 1, 2, ... and sums it over all ranks. */

#include <dtl/dtl.h>
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
    printf("Rank %d of %d\n", (int)dtl_context_rank(ctx), (int)dtl_context_size(ctx));

    dtl_vector_t vec;
    TRY(dtl_vector_create(ctx, DTL_DTYPE_FLOAT64, 1000, &vec));

    /* The local elements themselves, not a copy. */
    double* local = (double*)dtl_vector_local_data_mut(vec);
    dtl_size_t count = dtl_vector_local_size(vec);
    dtl_index_t offset = dtl_vector_local_offset(vec);
    double local_sum = 0.0;
    for (dtl_size_t i = 0; i < count; i++) {
        local[i] = (double)i + (double)offset;
        local_sum += local[i];
    }

    double global_sum;
    TRY(dtl_allreduce(ctx, &local_sum, &global_sum, 1, DTL_DTYPE_FLOAT64, DTL_OP_SUM));
    if (dtl_context_is_root(ctx)) {
        printf("Global sum: %.1f\n", global_sum);
    }

    dtl_vector_destroy(vec);
    dtl_context_destroy(ctx);
    return 0;
}
