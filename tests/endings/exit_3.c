/* The last rank prints a line, and exits with code 3 while the others wait for it. */
#include <dtl/dtl.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    dtl_context_t ctx;
    if (dtl_context_create_default(&ctx))
        return 1;
    if (dtl_context_rank(ctx) == dtl_context_size(ctx) - 1) {
        printf("said before the end\n");
        exit(3);
    }
    return dtl_barrier(ctx) ? 1 : 0;
}
