/* SPDX-License-Identifier: Apache-2.0 */
/* A map from numbers to numbers, for folds over whole journals: 16 bytes a place, at most
 * half of the places used. Keys are never 0 and never removed. */
#ifndef MINQING_CLI_MAP_H
#define MINQING_CLI_MAP_H

#include "base/macros.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero is an empty map. */
struct map {
    uint64_t *keys;
    uint64_t *values;
    size_t capacity; /* a power of two */
    size_t count;
};

/* The value's place, made with 0 if it is not there ('ret_is_new' may be NULL). Valid
 * until the next call. */
uint64_t *map_at (struct map *map, uint64_t key, bool *ret_is_new);
/* NULL where there is none. */
uint64_t *map_find (const struct map *map, uint64_t key);
void map_done (struct map *map);

#endif
