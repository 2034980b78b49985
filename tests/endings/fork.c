/* The last rank forks a process, which cannot use the context, makes one of its own, and exits. MPI is finalised before the end. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <dtl/dtl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* What the child finds, as its exit code. */
static int use(dtl_context_t ctx)
{
    dtl_context_t own, part;
    int value = 7, sum = 0;
    if (dtl_barrier(ctx) != DTL_ERROR_INVALID_STATE)
        return 1;
    if (dtl_allreduce(ctx, &value, &sum, 1, DTL_DTYPE_INT32, DTL_OP_SUM) != DTL_ERROR_INVALID_STATE)
        return 2;
    if (dtl_context_split(ctx, 0, 0, &part) != DTL_ERROR_INVALID_STATE || dtl_context_is_valid(ctx))
        return 3;
    if (dtl_context_create_default(&own) || dtl_context_size(own) != 1)
        return 4;
    if (dtl_allreduce(own, &value, &sum, 1, DTL_DTYPE_INT32, DTL_OP_SUM) || sum != 7)
        return 5;
    dtl_context_destroy(ctx);
    return 0;
}

/* Finalises the MPI that dtl has chosen and started. */
static int finalize(void)
{
    const char *names[] = {"libmpi.so.40", "libmpich.so.12", "libmpi.so.12"};
    for (int at = 0; at < 3; at++) {
        void *library = dlopen(names[at], RTLD_NOW | RTLD_NOLOAD);
        if (library)
            return ((int (*)(void))dlsym(library, "MPI_Finalize"))();
    }
    return 1;
}

int main(void)
{
    dtl_context_t ctx;
    int value = 1, sum = 0;
    if (dtl_context_create_default(&ctx))
        return 1;
    int size = dtl_context_size(ctx);
    if (dtl_context_rank(ctx) == size - 1) {
        pid_t child = fork();
        if (child == 0)
            exit(use(ctx));
        int status = -1;
        if (waitpid(child, &status, 0) != child || status != 0)
            return 2;
        printf("said before the end\n");
        fflush(stdout);
    }
    if (dtl_allreduce(ctx, &value, &sum, 1, DTL_DTYPE_INT32, DTL_OP_SUM) || sum != size)
        return 3;
    if (finalize())
        return 4;
    if (dtl_barrier(ctx) != DTL_ERROR_INVALID_STATE || dtl_context_create_default(&ctx) != DTL_ERROR_INVALID_STATE)
        return 5;
    return 0;
}
