/* The last rank fails under an error policy that ends the job, while the others wait for it. */
#include <dtl/dtl.h>
#include <stdio.h>

int main(void)
{
    dtl_context_t ctx;
    dtl_vector_t vec;
    if (dtl_context_create_default(&ctx) || dtl_vector_create(ctx, DTL_DTYPE_INT32, 5, &vec))
        return 2;
    if (dtl_context_set_error_policy(ctx, DTL_ERROR_POLICY_TERMINATE))
        return 3;
    if (dtl_context_rank(ctx) == dtl_context_size(ctx) - 1) {
        fprintf(stderr, "said before the end\n");
        dtl_vector_to_local(vec, 9);
        return 4;
    }
    return dtl_barrier(ctx) ? 5 : 0;
}
