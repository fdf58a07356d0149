/* SPDX-License-Identifier: Apache-2.0 */
/* An arena: memory of one batch, freed together. What comes from it is valid until
 * 'arena_reset' or 'arena_done'; nothing is freed singly. */
#ifndef MINQING_BASE_ARENA_H
#define MINQING_BASE_ARENA_H

#include "base/bytes.h"

struct arena_block;

struct arena {
    struct arena_block *blocks; /* newest first */
    size_t used;                /* bytes handed out since the last reset */
    size_t limit;               /* 0: none */
};

/* An arena that hands out at most 'limit' bytes between resets; 0: no limit. */
void arena_init (struct arena *arena, size_t limit);

/* Zeroed memory, aligned for every type. NULL when the limit would be passed. */
void *arena_try (struct arena *arena, size_t size);

/* The same for what is bounded already: passing the limit is our bug (assert). */
void *arena_take (struct arena *arena, size_t size);
#define ARENA_NEW(arena, type) ((type *) arena_take ((arena), sizeof (type)))
#define ARENA_ARRAY(arena, type, count)                                                  \
    ((type *) arena_take ((arena), sizeof (type) * (count)))

char *arena_text (struct arena *arena, const char *text); /* NULL stays NULL */
char *arena_format (struct arena *arena, const char *format, ...) PRINTF_LIKE (2, 3);
struct bytes arena_bytes (struct arena *arena, struct bytes bytes); /* a copy */

void arena_reset (
    struct arena *arena); /* everything taken becomes invalid; keeps one block */
void arena_done (struct arena *arena); /* and gives the memory back */

#endif
