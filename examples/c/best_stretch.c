/* The largest sum of neighbours among many numbers. A stretch may begin on one rank and end on another, so each rank says four
 * things of its part, and a function puts two parts side by side: the first to the left of the second. */

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

enum { N = 100000 };

/* The sum of a part, and its best stretches: from its left end, to its right end, and anywhere. */
enum { SUM, FROM_LEFT, TO_RIGHT, BEST, NUMBERS };

static int64_t number(int64_t index) {
    return (index * 7919 % 10007) * (index % 613) % 201 - 100;
}

static int64_t larger(int64_t a, int64_t b) {
    return a > b ? a : b;
}

static int join(const void* a, const void* b, void* combined, dtl_size_t count, void* user_data) {
    const int64_t *left = (const int64_t*)a, *right = (const int64_t*)b;
    int64_t* both = (int64_t*)combined;
    (void)user_data;
    if (count != NUMBERS) {
        return 1;
    }
    both[SUM] = left[SUM] + right[SUM];
    both[FROM_LEFT] = larger(left[FROM_LEFT], left[SUM] + right[FROM_LEFT]);
    both[TO_RIGHT] = larger(right[TO_RIGHT], right[SUM] + left[TO_RIGHT]);
    both[BEST] = larger(larger(left[BEST], right[BEST]), left[TO_RIGHT] + right[FROM_LEFT]);
    return 0;
}

int main(void) {
    dtl_context_t ctx;
    TRY(dtl_context_create_default(&ctx));

    int64_t rank = dtl_context_rank(ctx), size = dtl_context_size(ctx);
    int64_t part[NUMBERS] = {0}, whole[NUMBERS];
    for (int64_t index = N * rank / size; index < N * (rank + 1) / size; index++) {
        int64_t alone = larger(number(index), 0), longer[NUMBERS];
        int64_t next[NUMBERS] = {number(index), alone, alone, alone};
        join(part, next, longer, NUMBERS, NULL);
        for (int i = 0; i < NUMBERS; i++) {
            part[i] = longer[i];
        }
    }

    TRY(dtl_allreduce_func(ctx, part, whole, NUMBERS, DTL_DTYPE_INT64, join, NULL));
    if (dtl_context_is_root(ctx)) {
        printf("Largest sum of neighbours among %d numbers: %d\n", N, (int)whole[BEST]);
    }

    dtl_context_destroy(ctx);
    return 0;
}
