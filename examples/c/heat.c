/* Heat spreads over a square plate whose edges are kept at zero: finite differences with halo exchange, beside the same
   computation in one piece. */

#include <dtl/dtl.h>
#include <math.h>
#include <stddef.h>
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

enum { N = 32, STEPS = 50 };

/* The next temperatures of rows times columns elements; `old` has a ghost at each end of each dimension. */
static void step(const double* old, double* new, size_t rows, size_t columns) {
    size_t width = columns + 2;
    for (size_t i = 0; i < rows; i++) {
        for (size_t j = 0; j < columns; j++) {
            const double* at = old + (i + 1) * width + j + 1;
            double around = at[-(ptrdiff_t)width] + at[width] + at[-1] + at[1];
            new[i * columns + j] = at[0] + 0.125 * (around - 4.0 * at[0]);
        }
    }
}

/* The computation in one piece. */
static void serial(double plate[N][N]) {
    static double padded[N + 2][N + 2];
    for (int time = 0; time < STEPS; time++) {
        for (int i = 0; i < N; i++) {
            memcpy(&padded[i + 1][1], plate[i], sizeof plate[i]);
        }
        step(&padded[0][0], &plate[0][0], N, N);
    }
}

int main(void) {
    dtl_context_t ctx;
    TRY(dtl_context_create_default(&ctx));

    /* A tensor over a grid of ranks that is as square as possible. */
    dtl_tensor_t plate;
    TRY(dtl_tensor_create_full(ctx, dtl_shape_2d(N, N), DTL_DTYPE_FLOAT64, NULL, NULL, DTL_PLACEMENT_HOST, DTL_EXEC_SEQ, 0,
                               dtl_shape_2d(0, 0), dtl_shape_nd(0, NULL), &plate));
    static double start[N][N], result[N][N];
    for (int i = N / 4; i < N / 2; i++) {
        for (int j = N / 4; j < N / 2; j++) {
            start[i][j] = 1.0;
        }
    }
    TRY(dtl_tensor_from_global(plate, start, N * N, 0));

    dtl_halo_t halo;
    TRY(dtl_tensor_halo(plate, dtl_shape_1d(1), DTL_BOUNDARY_CONSTANT, DTL_STENCIL_STAR, NULL, &halo));
    const double* old = (const double*)dtl_halo_data(halo);
    double* new = (double*)dtl_tensor_local_data_mut(plate);
    dtl_shape local = dtl_tensor_local_shape(plate);
    for (int time = 0; time < STEPS; time++) {
        TRY(dtl_halo_exchange(halo));
        step(old, new, local.dims[0], local.dims[1]);
    }

    TRY(dtl_tensor_gather_to(plate, 0, result, N * N));
    if (dtl_context_is_root(ctx)) {
        serial(start);
        double sum = 0.0, difference = 0.0;
        for (int i = 0; i < N; i++) {
            for (int j = 0; j < N; j++) {
                sum += result[i][j];
                difference = fmax(difference, fabs(result[i][j] - start[i][j]));
            }
        }
        printf("Heat that is left: %.6f\n", sum);
        printf("Largest difference from the serial solution: %.1f\n", difference);
    }

    dtl_halo_destroy(halo);
    dtl_tensor_destroy(plate);
    dtl_context_destroy(ctx);
    return 0;
}
