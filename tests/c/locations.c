/* The smallest and largest values over all ranks and the ranks that have them, against a search through what all ranks pass. */

#include "check.h"

enum { COUNTS = 4, LONGEST = 5000 };
static const int counts[] = {0, 1, 40, LONGEST};

/* Few different values, so that ranks tie. */
static double value(int rank, int place) {
    return (place * 7 + rank * 5) % 6 - 2.5;
}

static void search(int largest, int ranks, int place, double* best, int32_t* rank) {
    *best = value(0, place);
    *rank = 0;
    for (int other = 1; other < ranks; other++) {
        double next = value(other, place);
        if (largest ? next > *best : next < *best) {
            *best = next;
            *rank = other;
        }
    }
}

static void everything(dtl_context_t ctx, int rank) {
    const dtl_dtype f64 = DTL_DTYPE_FLOAT64;
    int size = dtl_context_size(ctx);
    for (int c = 0; c < COUNTS; c++) {
        dtl_size_t count = (dtl_size_t)counts[c];
        double mine[LONGEST], values[4][LONGEST];
        int32_t ranks[4][LONGEST];
        dtl_request_t requests[2];
        for (int place = 0; place < counts[c]; place++) {
            mine[place] = value(rank, place);
        }
        CHECK_OK(dtl_iallreduce_minloc(ctx, mine, values[2], ranks[2], count, f64, &requests[0]));
        CHECK_OK(dtl_iallreduce_maxloc(ctx, mine, values[3], ranks[3], count, f64, &requests[1]));
        CHECK_OK(dtl_allreduce_minloc(ctx, mine, values[0], ranks[0], count, f64));
        CHECK_OK(dtl_allreduce_maxloc(ctx, mine, values[1], ranks[1], count, f64));
        CHECK_OK(dtl_waitall(2, requests));
        int right = 0;
        for (int place = 0; place < counts[c]; place++) {
            for (int form = 0; form < 4; form++) {
                double best;
                int32_t where;
                search(form % 2, size, place, &best, &where);
                right += values[form][place] == best && ranks[form][place] == where;
            }
        }
        CHECK(right == 4 * counts[c]);
        /* In place. */
        CHECK_OK(dtl_allreduce_minloc(ctx, mine, mine, ranks[1], count, f64));
        CHECK(memcmp(mine, values[0], sizeof(double) * count) == 0);
        CHECK(memcmp(ranks[1], ranks[0], sizeof(int32_t) * count) == 0);
    }
}

static void errors(dtl_context_t ctx, int rank) {
    double mine[4] = {1.0, 2.0, 3.0, 4.0}, values[4];
    int32_t ranks[4] = {0, 0, 0, 0};
    CHECK(dtl_allreduce_minloc(ctx, mine, values, rank == 0 ? NULL : ranks, 4, DTL_DTYPE_FLOAT64) != DTL_SUCCESS);
    CHECK_MESSAGE("ranks is null");
    CHECK(dtl_allreduce_minloc(ctx, mine, mine + 1, ranks, 3, DTL_DTYPE_FLOAT64) != DTL_SUCCESS);
    CHECK_MESSAGE("overlap in part");
    CHECK(dtl_allreduce_minloc(ctx, ranks, values, (int32_t*)values, 4, DTL_DTYPE_INT32) != DTL_SUCCESS);
    CHECK_MESSAGE("ranks and values overlap");
    CHECK(dtl_allreduce_minloc(ctx, ranks, values, ranks, 4, DTL_DTYPE_INT32) != DTL_SUCCESS);
    CHECK_MESSAGE("ranks and sendbuf overlap");
    CHECK(dtl_allreduce_maxloc(ctx, mine, values, ranks, 2, DTL_DTYPE_COMPLEX128) != DTL_SUCCESS);
    CHECK_STATUS(
        DTL_ERROR_NOT_SUPPORTED, dtl_allreduce(ctx, mine, values, 4, DTL_DTYPE_FLOAT64, DTL_OP_MAXLOC));
    CHECK_MESSAGE("call allreduce_maxloc");
    CHECK_OK(dtl_barrier(ctx));
}

int main(void) {
    for (int ranks = 1; ranks <= 4; ranks *= 2) {
        on_ranks(ranks, everything);
        on_ranks(ranks, errors);
    }
    CHECK(dtl_live_objects() == 0);
    return report("locations");
}
