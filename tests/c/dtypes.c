/* Every element type: filled, seen without a copy, copied in and out, added up. Placements likewise. */

#include "check.h"

#include <complex.h>

static const dtl_dtype DTYPES[] = {
    DTL_DTYPE_INT8,    DTL_DTYPE_INT16,   DTL_DTYPE_INT32,   DTL_DTYPE_INT64,     DTL_DTYPE_UINT8,      DTL_DTYPE_UINT16,
    DTL_DTYPE_UINT32,  DTL_DTYPE_UINT64,  DTL_DTYPE_FLOAT32, DTL_DTYPE_FLOAT64,   DTL_DTYPE_BYTE,       DTL_DTYPE_BOOL,
    DTL_DTYPE_FLOAT16, DTL_DTYPE_BFLOAT16, DTL_DTYPE_COMPLEX64, DTL_DTYPE_COMPLEX128};

enum { TYPES = sizeof DTYPES / sizeof *DTYPES, LARGEST = 16, MOST = 8 };

static void bytes_move_unchanged(dtl_context_t ctx, int rank) {
    CHECK((int)TYPES == (int)DTL_DTYPE_COUNT);
    for (int type = 0; type < TYPES; type++) {
        const dtl_dtype dtype = DTYPES[type];
        const size_t size = (size_t)dtl_dtype_size(dtype);
        unsigned char one[LARGEST], values[MOST * LARGEST], copies[MOST * LARGEST];
        for (size_t i = 0; i < sizeof values; i++) {
            values[i] = (unsigned char)(dtype == DTL_DTYPE_BOOL ? i % 2 : 1 + i * 7 + (size_t)rank);
        }
        memcpy(one, values + size, size);
        dtl_vector_t vec;
        CHECK_OK(dtl_vector_create_fill(ctx, dtype, MOST, one, &vec));
        CHECK(dtl_vector_dtype(vec) == dtype);
        const size_t own = (size_t)dtl_vector_local_size(vec);
        const unsigned char* view = (const unsigned char*)dtl_vector_local_data(vec);
        for (size_t i = 0; i < own; i++) {
            CHECK(memcmp(view + i * size, one, size) == 0);
        }
        CHECK_OK(dtl_vector_copy_from_host(vec, values, own));
        CHECK(memcmp(view, values, own * size) == 0);
        CHECK_OK(dtl_vector_copy_to_host(vec, copies, own));
        CHECK(memcmp(copies, values, own * size) == 0);
        dtl_vector_destroy(vec);
    }
}

static void complex_numbers_are_those_of_c(dtl_context_t ctx, int rank) {
    const int ranks = (int)dtl_context_size(ctx);
    const float complex small = (float)(rank + 1) + 2.0F * I;
    const double complex large = 0.5 - (double)rank * I;
    float complex small_sum = 0;
    double complex large_sum = 0;
    CHECK_OK(dtl_allreduce(ctx, &small, &small_sum, 1, DTL_DTYPE_COMPLEX64, DTL_OP_SUM));
    CHECK_OK(dtl_allreduce(ctx, &large, &large_sum, 1, DTL_DTYPE_COMPLEX128, DTL_OP_SUM));
    CHECK(crealf(small_sum) == (float)(ranks * (ranks + 1) / 2) && cimagf(small_sum) == 2.0F * (float)ranks);
    CHECK(creal(large_sum) == 0.5 * ranks && cimag(large_sum) == -0.5 * ranks * (ranks - 1));
    dtl_vector_t vec;
    const double complex fill = 3.0 + 4.0 * I;
    CHECK_OK(dtl_vector_create_fill(ctx, DTL_DTYPE_COMPLEX128, 4, &fill, &vec));
    const double complex* view = (const double complex*)dtl_vector_local_data(vec);
    CHECK(cabs(view[0]) == 5.0);
    dtl_vector_destroy(vec);
}

static void placements(dtl_context_t ctx, int rank) {
    (void)rank;
    CHECK(dtl_placement_available(DTL_PLACEMENT_HOST) && dtl_placement_available(DTL_PLACEMENT_DEVICE_PREFERRED));
    dtl_container_options options;
    dtl_container_options_init(&options);
    dtl_vector_t vec;
    if (dtl_placement_available(DTL_PLACEMENT_DEVICE)) {
        return;
    }
    const dtl_placement_policy missing[] = {DTL_PLACEMENT_DEVICE, DTL_PLACEMENT_UNIFIED};
    for (int i = 0; i < 2; i++) {
        options.placement = missing[i];
        CHECK(!dtl_placement_available(missing[i]));
        CHECK_STATUS(DTL_ERROR_BACKEND_UNAVAILABLE,
                     dtl_vector_create_with_options(ctx, DTL_DTYPE_INT32, 5, &options, &vec));
        CHECK_MESSAGE("device_preferred");
    }
    options.placement = DTL_PLACEMENT_DEVICE_PREFERRED;
    CHECK_OK(dtl_vector_create_with_options(ctx, DTL_DTYPE_INT32, 5, &options, &vec));
    CHECK(dtl_vector_placement_policy(vec) == DTL_PLACEMENT_HOST && dtl_vector_device_id(vec) == -1);
    dtl_vector_destroy(vec);
}

int main(void) {
    for (int ranks = 1; ranks <= 2; ranks++) {
        on_ranks(ranks, bytes_move_unchanged);
        on_ranks(ranks, complex_numbers_are_those_of_c);
        on_ranks(ranks, placements);
    }
    return report("dtypes");
}
