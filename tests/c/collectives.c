/* Collective operations on 1, 2 and 4 ranks, against values that C computes. */

#include "check.h"

#include <math.h>

/* Small arrays and large ones travel in different ways. */
static const int lengths[] = {0, 1, 3, 40, 5000};
enum { LENGTHS = 5, LONGEST = 5000, MOST_RANKS = 4 };

/* What a rank contributes at a place. */
static double value_of(int rank, int place) {
    return (double)((rank * 31 + place * 7) % 101 - 50);
}

static double* allocate(int count) {
    double* memory = (double*)malloc(sizeof(double) * (size_t)(count > 0 ? count : 1));
    if (memory == NULL) {
        abort();
    }
    return memory;
}

static double* contribution(int rank, int length) {
    double* memory = allocate(length);
    for (int i = 0; i < length; i++) {
        memory[i] = value_of(rank, i);
    }
    return memory;
}

static double combined(int size, int place, dtl_reduce_op op) {
    double result = value_of(0, place);
    for (int rank = 1; rank < size; rank++) {
        double value = value_of(rank, place);
        switch (op) {
            case DTL_OP_SUM: result += value; break;
            case DTL_OP_PROD: result *= value; break;
            case DTL_OP_MIN: result = fmin(result, value); break;
            default: result = fmax(result, value); break;
        }
    }
    return result;
}

static void reductions(dtl_context_t ctx, int rank) {
    int size = dtl_context_size(ctx);
    for (int l = 0; l < LENGTHS; l++) {
        int length = lengths[l];
        double* mine = contribution(rank, length);
        double* result = allocate(length);
        for (dtl_reduce_op op = DTL_OP_SUM; op <= DTL_OP_MAX; op++) {
            int wrong = 0;
            CHECK_OK(dtl_allreduce(ctx, mine, result, (dtl_size_t)length, DTL_DTYPE_FLOAT64, op));
            for (int i = 0; i < length; i++) {
                wrong += result[i] != combined(size, i, op);
            }
            CHECK(wrong == 0);

            int root = size - 1;
            double* received = rank == root ? result : NULL;
            CHECK_OK(dtl_reduce(ctx, mine, received, (dtl_size_t)length, DTL_DTYPE_FLOAT64, op, root));
            for (int i = 0; rank == root && i < length; i++) {
                wrong += result[i] != combined(size, i, op);
            }
            CHECK(wrong == 0);
        }
        dtl_size_t count = (dtl_size_t)length;
        for (dtl_reduce_op op = DTL_OP_SUM; op <= DTL_OP_MAX; op++) {
            int wrong = 0;
            CHECK_OK(dtl_scan(ctx, mine, result, count, DTL_DTYPE_FLOAT64, op));
            for (int i = 0; i < length; i++) {
                wrong += result[i] != combined(rank + 1, i, op);
            }
            CHECK_OK(dtl_exscan(ctx, mine, result, count, DTL_DTYPE_FLOAT64, op));
            for (int i = 0; i < length; i++) {
                const double first[] = {0.0, 1.0, HUGE_VAL, -HUGE_VAL};
                wrong += result[i] != (rank == 0 ? first[op] : combined(rank, i, op));
            }
            CHECK(wrong == 0);
        }
        /* In place. */
        CHECK_OK(dtl_scan(ctx, mine, mine, count, DTL_DTYPE_FLOAT64, DTL_OP_MAX));
        CHECK(length == 0 || mine[length - 1] == combined(rank + 1, length - 1, DTL_OP_MAX));
        for (int i = 0; i < length; i++) {
            mine[i] = value_of(rank, i);
        }
        CHECK_OK(dtl_allreduce(ctx, mine, mine, (dtl_size_t)length, DTL_DTYPE_FLOAT64, DTL_OP_SUM));
        CHECK(length == 0 || mine[length - 1] == combined(size, length - 1, DTL_OP_SUM));
        free(mine);
        free(result);
    }
}

static void movements(dtl_context_t ctx, int rank) {
    int size = dtl_context_size(ctx);
    for (int l = 0; l < LENGTHS; l++) {
        int length = lengths[l], wrong = 0, root = size / 2;
        dtl_size_t count = (dtl_size_t)length;
        double* mine = contribution(rank, length);
        double* all = allocate(length * size);

        CHECK_OK(dtl_allgather(ctx, mine, count, DTL_DTYPE_FLOAT64, all, count, DTL_DTYPE_FLOAT64));
        for (int i = 0; i < length * size; i++) {
            wrong += all[i] != value_of(i / length, i % length);
        }
        CHECK(wrong == 0);

        double* received = rank == root ? all : NULL;
        CHECK_OK(dtl_gather(ctx, mine, count, DTL_DTYPE_FLOAT64, received, count, DTL_DTYPE_FLOAT64, root));
        for (int i = 0; rank == root && i < length * size; i++) {
            wrong += all[i] != value_of(i / length, i % length);
        }
        CHECK(wrong == 0);

        for (int i = 0; i < length; i++) {
            mine[i] = -1.0;
        }
        CHECK_OK(dtl_scatter(ctx, received, count, DTL_DTYPE_FLOAT64, mine, count, DTL_DTYPE_FLOAT64, root));
        for (int i = 0; i < length; i++) {
            wrong += mine[i] != value_of(rank, i);
        }
        CHECK(wrong == 0);

        CHECK_OK(dtl_broadcast(ctx, mine, count, DTL_DTYPE_FLOAT64, root));
        for (int i = 0; i < length; i++) {
            wrong += mine[i] != value_of(root, i);
        }
        CHECK(wrong == 0);

        /* Row `to` of rank `from` has the values of a rank `from * size + to`. */
        double* rows = allocate(length * size);
        for (int i = 0; i < length * size; i++) {
            rows[i] = value_of(rank * size + i / length, i % length);
        }
        CHECK_OK(dtl_reduce_scatter(ctx, rows, mine, count, DTL_DTYPE_FLOAT64, DTL_OP_SUM));
        for (int i = 0; i < length; i++) {
            double sum = 0.0;
            for (int from = 0; from < size; from++) {
                sum += value_of(from * size + rank, i);
            }
            wrong += mine[i] != sum;
        }
        CHECK_OK(dtl_alltoall(ctx, rows, count, DTL_DTYPE_FLOAT64, all, count, DTL_DTYPE_FLOAT64));
        for (int i = 0; i < length * size; i++) {
            wrong += all[i] != value_of(i / length * size + rank, i % length);
        }
        CHECK(wrong == 0);
        /* In place. */
        CHECK_OK(dtl_alltoall(ctx, rows, count, DTL_DTYPE_FLOAT64, rows, count, DTL_DTYPE_FLOAT64));
        CHECK(memcmp(rows, all, sizeof(double) * (size_t)(length * size)) == 0);
        free(rows);
        free(mine);
        free(all);
    }
    CHECK_OK(dtl_barrier(ctx));
    CHECK_OK(dtl_context_barrier(ctx));
}

/* Rank r has length + r elements, and those of each rank are put after a gap of one. */
static void varying(dtl_context_t ctx, int rank) {
    int size = dtl_context_size(ctx);
    for (int l = 0; l < LENGTHS; l++) {
        int length = lengths[l], wrong = 0, root = size - 1, total = 0;
        dtl_size_t counts[MOST_RANKS], displs[MOST_RANKS];
        for (int r = 0; r < size; r++) {
            counts[r] = (dtl_size_t)(length + r);
            displs[r] = (dtl_size_t)(total + r + 1);
            total += length + r;
        }
        dtl_size_t own = counts[rank];
        double* mine = contribution(rank, length + rank);
        double* all = allocate(total + size);
        for (int i = 0; i < total + size; i++) {
            all[i] = -99.0;
        }
        CHECK_OK(dtl_allgatherv(ctx, mine, own, DTL_DTYPE_FLOAT64, all, counts, displs));
        for (int r = 0; r < size; r++) {
            wrong += all[displs[r] - 1] != -99.0;
            for (int i = 0; i < length + r; i++) {
                wrong += all[displs[r] + (dtl_size_t)i] != value_of(r, i);
            }
        }
        CHECK(wrong == 0);

        /* Only the root says what it expects, and it can do without displacements. */
        if (rank == root) {
            double* packed = allocate(total);
            CHECK_OK(dtl_gatherv(ctx, mine, own, DTL_DTYPE_FLOAT64, packed, counts, NULL, DTL_DTYPE_FLOAT64, root));
            for (int r = 0; r < size; r++) {
                const double* block = packed + displs[r] - (dtl_size_t)(r + 1);
                wrong += memcmp(block, all + displs[r], sizeof(double) * counts[r]) != 0;
            }
            free(packed);
        } else {
            CHECK_OK(dtl_gatherv(ctx, mine, own, DTL_DTYPE_FLOAT64, NULL, NULL, NULL, DTL_DTYPE_FLOAT64, root));
        }
        CHECK(wrong == 0);

        memset(mine, 0, sizeof(double) * own);
        const dtl_size_t* sendcounts = rank == root ? counts : NULL;
        CHECK_OK(dtl_scatterv(ctx, all, sendcounts, displs, DTL_DTYPE_FLOAT64, mine, own, DTL_DTYPE_FLOAT64, root));
        for (int i = 0; i < length + rank; i++) {
            wrong += mine[i] != value_of(rank, i);
        }
        CHECK(wrong == 0);

        /* Rank j gets length + j elements from each rank, all of its block of what everybody has. */
        dtl_size_t expected[MOST_RANKS];
        for (int r = 0; r < size; r++) {
            expected[r] = own;
        }
        double* received = allocate((length + rank) * size);
        CHECK_OK(dtl_alltoallv(ctx, all, counts, displs, DTL_DTYPE_FLOAT64, received, expected, NULL,
                               DTL_DTYPE_FLOAT64));
        for (int i = 0; i < (length + rank) * size; i++) {
            wrong += received[i] != value_of(rank, i % (length + rank));
        }
        CHECK(wrong == 0);
        free(received);
        free(mine);
        free(all);
    }
    /* Every rank gets the same error, and nothing is written. */
    if (size > 1) {
        double mine[3] = {1.0, 2.0, 3.0}, all[3 * MOST_RANKS] = {0.0};
        dtl_size_t counts[MOST_RANKS] = {2, 2, 2, 2}, displs[MOST_RANKS] = {0, 1, 6, 8};
        dtl_size_t own = rank == 1 ? 3 : 2;
        CHECK_STATUS(DTL_ERROR_COLLECTIVE_PARTICIPATION,
                     dtl_allgatherv(ctx, mine, own, DTL_DTYPE_FLOAT64, all, counts, NULL));
        CHECK_MESSAGE("allgatherv: rank 1 sends 3 elements, rank 0 expects 2 from it");
        CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_allgatherv(ctx, mine, 2, DTL_DTYPE_FLOAT64, all, counts, displs));
        CHECK_MESSAGE("the blocks of ranks 0 and 1 overlap");
        CHECK_STATUS(DTL_ERROR_COLLECTIVE_PARTICIPATION,
                     dtl_scatterv(ctx, all, counts, NULL, DTL_DTYPE_FLOAT64, mine, own, DTL_DTYPE_FLOAT64, 0));
        CHECK_MESSAGE("sends 2 elements of float64");
        CHECK_STATUS(DTL_ERROR_NULL_POINTER,
                     dtl_gatherv(ctx, mine, 2, DTL_DTYPE_FLOAT64, all, NULL, NULL, DTL_DTYPE_FLOAT64, 0));
        CHECK_MESSAGE("recvcounts is null");
        CHECK(all[0] == 0.0);
        CHECK_OK(dtl_allgatherv(ctx, mine, 2, DTL_DTYPE_FLOAT64, all, counts, NULL));
        CHECK(all[2 * size - 1] == 2.0);
    }
}

/* Integers wrap, and every dtype moves. */
static void other_dtypes(dtl_context_t ctx, int rank) {
    int size = dtl_context_size(ctx);
    int8_t small = 100, sum = 0;
    CHECK_OK(dtl_allreduce(ctx, &small, &sum, 1, DTL_DTYPE_INT8, DTL_OP_SUM));
    CHECK(sum == (int8_t)(uint8_t)(100 * size));
    int64_t most = INT64_MAX - rank, least = 0;
    CHECK_OK(dtl_allreduce(ctx, &most, &least, 1, DTL_DTYPE_INT64, DTL_OP_MIN));
    CHECK(least == INT64_MAX - (size - 1));
    double mine = rank == size - 1 ? NAN : 1.0, largest = 0.0;
    CHECK_OK(dtl_allreduce(ctx, &mine, &largest, 1, DTL_DTYPE_FLOAT64, DTL_OP_MAX));
    CHECK(isnan(largest));
    for (dtl_dtype dtype = 0; dtype < DTL_DTYPE_COUNT; dtype++) {
        unsigned char element[16], all[16 * MOST_RANKS];
        dtl_size_t bytes = dtl_dtype_size(dtype);
        memset(element, rank & 1, sizeof element);
        CHECK_OK(dtl_allgather(ctx, element, 1, dtype, all, 1, dtype));
        int wrong = 0;
        for (dtl_size_t i = 0; i < bytes * (dtl_size_t)size; i++) {
            wrong += all[i] != (unsigned char)(i / bytes & 1);
        }
        CHECK(wrong == 0);
    }
}

static void groups(dtl_context_t ctx, int rank) {
    int size = dtl_context_size(ctx);
    dtl_context_t copy, group;
    CHECK_OK(dtl_context_dup(ctx, &copy));
    CHECK(dtl_context_rank(copy) == rank && dtl_context_size(copy) == size);
    dtl_context_destroy(copy);
    /* Odd and even ranks, in reverse order. */
    CHECK_OK(dtl_context_split(ctx, rank % 2, -rank, &group));
    int members = (size + 1 - rank % 2) / 2;
    CHECK(dtl_context_size(group) == members && dtl_context_rank(group) == members - 1 - rank / 2);
    int32_t one = 1, sum = 0;
    CHECK_OK(dtl_allreduce(group, &one, &sum, 1, DTL_DTYPE_INT32, DTL_OP_SUM));
    CHECK(sum == members);
    dtl_context_destroy(group);
    CHECK_OK(dtl_context_split(ctx, rank == 0 ? DTL_UNDEFINED : 0, 0, &group));
    CHECK((group == NULL) == (rank == 0));
    dtl_context_destroy(group);
}

/* Every rank gets the same error, and the context can be used afterwards. */
static void disagreements(dtl_context_t ctx, int rank) {
    double values[2] = {1.0, 2.0}, result[2];
    dtl_size_t count = rank == 0 ? 1 : 2;
    CHECK_STATUS(DTL_ERROR_COLLECTIVE_PARTICIPATION,
                 dtl_allreduce(ctx, values, result, count, DTL_DTYPE_FLOAT64, DTL_OP_SUM));
    CHECK_MESSAGE("count differs");
    dtl_dtype dtype = rank == 0 ? DTL_DTYPE_INT64 : DTL_DTYPE_FLOAT64;
    CHECK_STATUS(DTL_ERROR_COLLECTIVE_PARTICIPATION, dtl_allreduce(ctx, values, result, 2, dtype, DTL_OP_SUM));
    CHECK_MESSAGE("dtype differs");
    int root = rank == 0 ? 1 : 0;
    CHECK_STATUS(DTL_ERROR_COLLECTIVE_PARTICIPATION,
                 dtl_reduce(ctx, values, result, 2, DTL_DTYPE_FLOAT64, DTL_OP_SUM, root));
    CHECK_MESSAGE("root differs");
    dtl_reduce_op op = rank == 0 ? DTL_OP_MIN : DTL_OP_SUM;
    CHECK_STATUS(DTL_ERROR_COLLECTIVE_PARTICIPATION, dtl_allreduce(ctx, values, result, 2, DTL_DTYPE_FLOAT64, op));
    CHECK_MESSAGE("op differs");
    CHECK_STATUS(DTL_ERROR_COLLECTIVE_PARTICIPATION,
                 rank == 0 ? dtl_barrier(ctx) : dtl_broadcast(ctx, values, 2, DTL_DTYPE_FLOAT64, 0));
    CHECK_MESSAGE("different operations");
    double rows[16] = {0.0};
    CHECK_STATUS(DTL_ERROR_COLLECTIVE_PARTICIPATION,
                 dtl_alltoall(ctx, rows, count, DTL_DTYPE_FLOAT64, rows + 8, count, DTL_DTYPE_FLOAT64));
    CHECK_MESSAGE("alltoall: count differs");
    CHECK_STATUS(DTL_ERROR_EXTENT_MISMATCH,
                 dtl_alltoall(ctx, rows, 1, DTL_DTYPE_FLOAT64, rows + 8, 2, DTL_DTYPE_FLOAT64));
    CHECK_STATUS(DTL_ERROR_NOT_SUPPORTED, dtl_scan(ctx, values, result, 2, DTL_DTYPE_FLOAT64, DTL_OP_MAXLOC));
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT,
                 dtl_reduce_scatter(ctx, rows, rows + 1, 2, DTL_DTYPE_FLOAT64, DTL_OP_SUM));
    CHECK_MESSAGE("recvbuf and sendbuf overlap in part");
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT,
                 dtl_reduce_scatter(ctx, rows, rows, 2, DTL_DTYPE_FLOAT64, DTL_OP_SUM));
    op = rank == 0 ? 9999 : DTL_OP_SUM;
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_allreduce(ctx, values, result, 1, DTL_DTYPE_FLOAT64, op));
    CHECK_MESSAGE("op is 9999; use one of DTL_OP_SUM (0)");
    CHECK_MESSAGE("rank 0");
    if (rank == 0) {
        CHECK_STATUS(DTL_ERROR_DIMENSION_MISMATCH,
                     dtl_context_refuse(ctx, "allreduce", DTL_ERROR_DIMENSION_MISMATCH, "data has 3 dimensions"));
    } else {
        CHECK_STATUS(DTL_ERROR_DIMENSION_MISMATCH,
                     dtl_allreduce(ctx, values, result, 1, DTL_DTYPE_FLOAT64, DTL_OP_SUM));
    }
    CHECK_MESSAGE("data has 3 dimensions");
    const void* sendbuf = rank == 1 ? NULL : values;
    CHECK_STATUS(DTL_ERROR_NULL_POINTER, dtl_allreduce(ctx, sendbuf, result, 2, DTL_DTYPE_FLOAT64, DTL_OP_SUM));
    dtl_vector_t vec;
    dtl_vector_t* place = rank == 0 ? NULL : &vec;
    CHECK_STATUS(DTL_ERROR_NULL_POINTER, dtl_vector_create(ctx, DTL_DTYPE_INT8, 4, place));
    /* A method of a container is refused through the container. */
    CHECK_OK(dtl_vector_create(ctx, DTL_DTYPE_INT8, 4, &vec));
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT,
                 rank == 0 ? dtl_vector_refuse(vec, "vector.barrier", DTL_ERROR_INVALID_ARGUMENT, "size is -1")
                           : dtl_vector_barrier(vec));
    CHECK_MESSAGE("size is -1");
    CHECK_OK(dtl_vector_barrier(vec));
    dtl_vector_destroy(vec);
    CHECK_OK(dtl_allreduce(ctx, values, result, 2, DTL_DTYPE_FLOAT64, DTL_OP_SUM));
    CHECK(result[1] == 2.0 * dtl_context_size(ctx));
}

int main(void) {
    const int sizes[] = {1, 2, 4};
    for (int s = 0; s < 3; s++) {
        on_ranks(sizes[s], reductions);
        on_ranks(sizes[s], movements);
        on_ranks(sizes[s], varying);
        on_ranks(sizes[s], other_dtypes);
        on_ranks(sizes[s], groups);
    }
    on_ranks(2, disagreements);
    on_ranks(4, disagreements);
    CHECK(dtl_live_objects() == 0);
    return report("collectives");
}
