/* Distributed maps on 1, 2 and 4 ranks: every function, compared with what the keys themselves say. */

#include "check.h"

#include <math.h>

enum { KEYS = 300, FOREIGN = -9 };

/* What the map holds for a key. */
static double value_of(int64_t key) {
    return (double)key / 4;
}

/* Every rank inserts its share of the keys, and finds all of them. */
static void insert_and_find(dtl_context_t ctx, int rank) {
    dtl_map_t map;
    CHECK_OK(dtl_map_create(ctx, DTL_DTYPE_INT64, DTL_DTYPE_FLOAT64, &map));
    CHECK(dtl_map_key_dtype(map) == DTL_DTYPE_INT64 && dtl_map_value_dtype(map) == DTL_DTYPE_FLOAT64);
    CHECK(dtl_map_rank(map) == rank && dtl_map_num_ranks(map) == dtl_context_size(ctx) && dtl_map_is_valid(map));
    int64_t keys[KEYS], all[KEYS];
    double values[KEYS], found[KEYS];
    int32_t owners[KEYS];
    uint8_t there[KEYS];
    dtl_size_t count = 0, local = 0;
    for (int64_t key = 0; key < KEYS; key++) {
        all[key] = key;
        if (key % dtl_context_size(ctx) == rank) {
            keys[count] = key;
            values[count++] = value_of(key);
        }
    }
    CHECK_OK(dtl_map_insert(map, keys, values, count));
    CHECK(dtl_map_global_size(map) == 0 && dtl_map_empty(map));
    CHECK(dtl_map_is_dirty(map) == (dtl_context_size(ctx) > 1));
    CHECK_OK(dtl_map_sync(map));
    CHECK(dtl_map_global_size(map) == KEYS && !dtl_map_empty(map) && !dtl_map_is_dirty(map));

    const double nothing = -1;
    CHECK_OK(dtl_map_owner(map, all, KEYS, owners));
    CHECK_OK(dtl_map_find(map, all, KEYS, NULL, found));
    int wrong = 0;
    for (int64_t key = 0; key < KEYS; key++) {
        wrong += found[key] != value_of(key);
        if (owners[key] == rank) {
            keys[local] = key;
            values[local++] = value_of(key);
            wrong += dtl_map_contains_local(map, &key, 1, there) != DTL_SUCCESS || there[0] != 1;
        } else {
            wrong += dtl_map_contains_local(map, &key, 1, there) != DTL_ERROR_INVALID_INDEX;
            wrong += dtl_map_get_local(map, &key, 1, &nothing, found) != DTL_ERROR_INVALID_INDEX;
        }
    }
    CHECK(wrong == 0);
    CHECK(dtl_map_local_size(map) == local);
    int64_t own_keys[KEYS];
    double own_values[KEYS];
    CHECK_OK(dtl_map_local_keys(map, own_keys, local));
    CHECK_OK(dtl_map_local_values(map, own_values, local));
    CHECK(memcmp(own_keys, keys, local * sizeof(int64_t)) == 0);
    CHECK(memcmp(own_values, values, local * sizeof(double)) == 0);
    CHECK_OK(dtl_map_get_local(map, keys, local, NULL, own_values));
    CHECK(memcmp(own_values, values, local * sizeof(double)) == 0);

    /* Each rank takes half of the others' keys out: those that are odd. */
    for (int64_t key = 1; key < KEYS; key += 2) {
        CHECK_OK(dtl_map_erase(map, &key, 1));
    }
    CHECK_OK(dtl_map_flush(map));
    CHECK_OK(dtl_map_contains(map, all, KEYS, there));
    CHECK_OK(dtl_map_find(map, all, KEYS, &nothing, found));
    for (int64_t key = 0; key < KEYS; key++) {
        wrong += there[key] != (key % 2 == 0) || found[key] != (key % 2 == 0 ? value_of(key) : nothing);
    }
    CHECK(wrong == 0);
    CHECK_OK(dtl_map_sync(map));
    CHECK(dtl_map_global_size(map) == KEYS / 2);
    CHECK_OK(dtl_map_global_keys(map, all, KEYS / 2));
    CHECK_OK(dtl_map_global_values(map, found, KEYS / 2));
    for (int64_t place = 0; place < KEYS / 2; place++) {
        wrong += all[place] != 2 * place || found[place] != value_of(2 * place);
    }
    CHECK(wrong == 0);
    CHECK_STATUS(DTL_ERROR_EXTENT_MISMATCH, dtl_map_global_keys(map, all, 3));

    /* One more for each key that is left, from every rank. */
    const double one = 1;
    for (int64_t key = 0; key < KEYS; key += 2) {
        CHECK_OK(dtl_map_combine(map, &key, &one, 1, DTL_OP_SUM));
    }
    CHECK_STATUS(DTL_ERROR_NOT_SUPPORTED, dtl_map_combine(map, all, &one, 1, DTL_OP_BAND));
    CHECK_OK(dtl_map_flush(map));
    CHECK_OK(dtl_map_find(map, all, KEYS / 2, NULL, found));
    for (int64_t place = 0; place < KEYS / 2; place++) {
        wrong += found[place] != value_of(2 * place) + dtl_context_size(ctx);
    }
    CHECK(wrong == 0);

    CHECK_OK(dtl_map_barrier(map));
    CHECK_OK(dtl_map_clear(map));
    CHECK(dtl_map_empty(map) && dtl_map_local_size(map) == 0);
    const char* text = NULL;
    CHECK_OK(dtl_map_describe(map, &text));
    CHECK(strstr(text, "keys=int64, values=float64") != NULL);
    CHECK_OK(dtl_map_retain(map));
    dtl_map_destroy(map);
    CHECK(dtl_map_is_valid(map));
    dtl_map_destroy(map);
    CHECK(!dtl_map_is_valid(map));
}

/* What one rank cannot do is an error on all, and the map stays as it was. */
static void errors(dtl_context_t ctx, int rank) {
    dtl_map_t map = NULL;
    CHECK_STATUS(DTL_ERROR_NOT_SUPPORTED, dtl_map_create(ctx, DTL_DTYPE_COMPLEX64, DTL_DTYPE_INT8, &map));
    CHECK_OK(dtl_map_create(ctx, DTL_DTYPE_FLOAT32, DTL_DTYPE_INT8, &map));
    const float half = 0.5F, other = 0.25F, nan = nanf("");
    const int8_t seven = 7;
    int8_t found = FOREIGN;
    CHECK_OK(dtl_map_insert(map, &half, &seven, 1));
    CHECK_STATUS(DTL_ERROR_INVALID_ARGUMENT, dtl_map_insert(map, &nan, &seven, 1));
    CHECK_MESSAGE("NaN");
    CHECK_OK(dtl_map_flush(map));
    CHECK_STATUS(DTL_ERROR_KEY_NOT_FOUND, dtl_map_find(map, rank == 0 ? &other : &half, 1, NULL, &found));
    CHECK_MESSAGE("key 0.25 is not in the map");
    CHECK_OK(dtl_map_find(map, &half, 1, NULL, &found));
    CHECK(found == seven);
    CHECK_STATUS(DTL_ERROR_INVALID_TYPE, dtl_map_refuse(map, "map.find", DTL_ERROR_INVALID_TYPE, "keys are texts"));
    CHECK_MESSAGE("keys are texts");
    /* A rank may ask for nothing. */
    CHECK_OK(dtl_map_find(map, &half, (dtl_size_t)(rank == 0), NULL, &found));
    dtl_map_destroy(map);
}

int main(void) {
    on_ranks(1, insert_and_find);
    on_ranks(2, insert_and_find);
    on_ranks(4, insert_and_find);
    on_ranks(2, errors);
    CHECK(dtl_live_objects() == 0);
    return report("maps");
}
