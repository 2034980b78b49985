/* The energy of charges on a line, each of which repels every other one. The charges are divided over the ranks, and copies
   of their positions travel around the ring of ranks: while a rank computes with those that it has, they are on their way to
   the next one. */

#include <dtl/dtl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* Leaves with dtl's explanation when a call has failed. */
#define TRY(call) \
    do { \
        if ((call) != DTL_SUCCESS) { \
            fprintf(stderr, "%s\n", dtl_last_error_message()); \
            return 1; \
        } \
    } while (0)

#define N 1000

static double visitors[2][N];

int main(void) {
    dtl_context_t ctx;
    dtl_vector_t charges;
    TRY(dtl_context_create_default(&ctx));
    TRY(dtl_vector_create(ctx, DTL_DTYPE_FLOAT64, N, &charges));
    dtl_rank_t rank = dtl_context_rank(ctx), size = dtl_context_size(ctx);
    dtl_rank_t right = (rank + 1) % size, left = (rank + size - 1) % size;

    double* positions = (double*)dtl_vector_local_data_mut(charges);
    dtl_size_t own = dtl_vector_local_size(charges), here = own;
    for (dtl_size_t i = 0; i < own; i++)
        positions[i] = sqrt((double)dtl_vector_local_offset(charges) + (double)i);
    memcpy(visitors[0], positions, own * sizeof(double));

    double energy = 0.0;
    for (int step = 0; step < size; step++) {
        const double* present = visitors[step % 2];
        dtl_request_t sending;
        TRY(dtl_isend(ctx, present, here, DTL_DTYPE_FLOAT64, right, 0, &sending));
        for (dtl_size_t i = 0; i < own; i++)
            for (dtl_size_t j = 0; j < here; j++) {
                double distance = fabs(positions[i] - present[j]);
                if (distance > 0.0)
                    energy += 1.0 / distance;
            }
        dtl_message_info_t info;
        TRY(dtl_probe(ctx, left, 0, DTL_DTYPE_FLOAT64, &info));
        TRY(dtl_recv(ctx, visitors[(step + 1) % 2], info.count, DTL_DTYPE_FLOAT64, left, 0));
        TRY(dtl_wait(sending));
        here = info.count;
    }

    double total;
    TRY(dtl_allreduce(ctx, &energy, &total, 1, DTL_DTYPE_FLOAT64, DTL_OP_SUM));
    /* Each pair was counted from both sides. */
    if (dtl_context_is_root(ctx))
        printf("Energy of %d charges: %.3f\n", N, total / 2);

    dtl_vector_destroy(charges);
    dtl_context_destroy(ctx);
    return 0;
}
