/* How often each digit sum occurs among a million numbers. Each rank counts in its own part; the counts add up in a map. */

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

enum { LARGEST = 54 };

int main(void) {
    dtl_context_t ctx;
    TRY(dtl_context_create_default(&ctx));

    int64_t keys[LARGEST + 1], times[LARGEST + 1];
    for (int64_t key = 0; key <= LARGEST; key++) {
        keys[key] = key;
        times[key] = 0;
    }
    for (int number = dtl_context_rank(ctx); number < 1000000; number += dtl_context_size(ctx)) {
        int digit_sum = 0;
        for (int rest = number; rest > 0; rest /= 10) {
            digit_sum += rest % 10;
        }
        times[digit_sum]++;
    }

    dtl_map_t counts;
    TRY(dtl_map_create(ctx, DTL_DTYPE_INT64, DTL_DTYPE_INT64, &counts));
    TRY(dtl_map_combine(counts, keys, times, LARGEST + 1, DTL_OP_SUM));
    TRY(dtl_map_sync(counts));

    int64_t asked[3] = {0, 1, 27}, found[3];
    TRY(dtl_map_find(counts, asked, 3, NULL, found));
    if (dtl_context_is_root(ctx)) {
        printf("%d different digit sums\n", (int)dtl_map_global_size(counts));
        for (int i = 0; i < 3; i++) {
            printf("Digit sum %d: %d times\n", (int)asked[i], (int)found[i]);
        }
    }

    dtl_map_destroy(counts);
    dtl_context_destroy(ctx);
    return 0;
}
