/* SPDX-License-Identifier: Apache-2.0 */
/* Open addressing with linear probing; without memory there is no fold, so it aborts. */
#include "cli/map.h"

#include <assert.h>
#include <stdlib.h>

static size_t map_place (const struct map *map, uint64_t key)
{
    size_t mask = map->capacity - 1;
    size_t at = (size_t) (key * UINT64_C (0x9E3779B97F4A7C15) >> 20) & mask;
    while (map->keys[at] != 0 && map->keys[at] != key)
        at = (at + 1) & mask;
    return at;
}

static void map_grow (struct map *map)
{
    struct map old = *map;
    map->capacity = old.capacity == 0 ? 1024 : old.capacity * 2;
    map->keys = calloc (map->capacity, sizeof *map->keys);
    map->values = calloc (map->capacity, sizeof *map->values);
    if (map->keys == NULL || map->values == NULL)
        abort ();
    for (size_t i = 0; i < old.capacity; i++) {
        if (old.keys[i] == 0)
            continue;
        size_t at = map_place (map, old.keys[i]);
        map->keys[at] = old.keys[i];
        map->values[at] = old.values[i];
    }
    free (old.keys);
    free (old.values);
}

uint64_t *map_at (struct map *map, uint64_t key, bool *ret_is_new)
{
    assert (key != 0);
    if (map->count * 2 >= map->capacity)
        map_grow (map);
    size_t at = map_place (map, key);
    bool is_new = map->keys[at] == 0;
    if (is_new) {
        map->keys[at] = key;
        map->count++;
    }
    if (ret_is_new != NULL)
        *ret_is_new = is_new;
    return &map->values[at];
}

uint64_t *map_find (const struct map *map, uint64_t key)
{
    if (map->capacity == 0)
        return NULL;
    size_t at = map_place (map, key);
    return map->keys[at] == 0 ? NULL : &map->values[at];
}

void map_done (struct map *map)
{
    free (map->keys);
    free (map->values);
}
