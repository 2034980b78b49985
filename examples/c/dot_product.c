/* The dot product of (0, 1, 2, ...) and (2, 2, 2, ...), each divided over all ranks. */

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
    const long long n = 100000;
    const double two = 2.0;
    dtl_context_t ctx;
    TRY(dtl_context_create_default(&ctx));

    dtl_vector_t a, b;
    TRY(dtl_vector_create(ctx, DTL_DTYPE_FLOAT64, (dtl_size_t)n, &a));
    TRY(dtl_vector_create_fill(ctx, DTL_DTYPE_FLOAT64, (dtl_size_t)n, &two, &b));

    double* local_a = (double*)dtl_vector_local_data_mut(a);
    const double* local_b = (const double*)dtl_vector_local_data(b);
    dtl_index_t offset = dtl_vector_local_offset(a);
    double local_dot = 0.0;
    for (dtl_size_t i = 0; i < dtl_vector_local_size(a); i++) {
        local_a[i] = (double)i + (double)offset;
        local_dot += local_a[i] * local_b[i];
    }

    double global_dot;
    TRY(dtl_allreduce(ctx, &local_dot, &global_dot, 1, DTL_DTYPE_FLOAT64, DTL_OP_SUM));
    if (dtl_context_is_root(ctx)) {
        /* 2 * sum(0..n-1) = n * (n - 1) */
        printf("Dot product: %.0f\n", global_dot);
        printf("Expected: %lld\n", n * (n - 1));
    }

    dtl_vector_destroy(a);
    dtl_vector_destroy(b);
    dtl_context_destroy(ctx);
    return 0;
}
