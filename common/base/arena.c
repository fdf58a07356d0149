/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Blocks double up to this size; a larger request gets a block of its own. */
#define ARENA_BLOCK_FIRST (16 * 1024)
#define ARENA_BLOCK_MOST  (1024 * 1024)

struct arena_block {
    struct arena_block *next;
    size_t size;
    size_t used;
    _Alignas(max_align_t) uint8_t data[];
};

void arena_init (struct arena *arena, size_t limit)
{
    *arena = (struct arena){ .limit = limit };
}

static struct arena_block *block_add (struct arena *arena, size_t needed)
{
    size_t size = arena->blocks == NULL ? ARENA_BLOCK_FIRST : arena->blocks->size * 2;
    if (size > ARENA_BLOCK_MOST)
        size = ARENA_BLOCK_MOST;
    if (size < needed)
        size = needed;
    struct arena_block *block = malloc (sizeof *block + size);
    if (block == NULL)
        abort ();
    *block = (struct arena_block){ .next = arena->blocks, .size = size };
    arena->blocks = block;
    return block;
}

void *arena_try (struct arena *arena, size_t size)
{
    const size_t alignment = _Alignof(max_align_t);
    size_t rounded = (size + alignment - 1) & ~(alignment - 1);
    if (rounded < size || (arena->limit != 0 && arena->used + rounded > arena->limit))
        return NULL;
    struct arena_block *block = arena->blocks;
    if (block == NULL || block->size - block->used < rounded)
        block = block_add (arena, rounded);
    void *start = block->data + block->used;
    block->used += rounded;
    arena->used += rounded;
    return memset (start, 0, rounded);
}

void *arena_take (struct arena *arena, size_t size)
{
    void *start = arena_try (arena, size);
    assert (start != NULL);
    return start;
}

char *arena_text (struct arena *arena, const char *text)
{
    if (text == NULL)
        return NULL;
    size_t size = strlen (text) + 1;
    return memcpy (arena_take (arena, size), text, size);
}

char *arena_format (struct arena *arena, const char *format, ...)
{
    va_list args, again;
    va_start (args, format);
    va_copy (again, args);
    int length = vsnprintf (NULL, 0, format, args);
    va_end (args);
    assert (length >= 0);
    char *text = arena_take (arena, (size_t) length + 1);
    vsnprintf (text, (size_t) length + 1, format, again);
    va_end (again);
    return text;
}

struct bytes arena_bytes (struct arena *arena, struct bytes bytes)
{
    if (bytes.size == 0)
        return bytes;
    return BYTES (memcpy (arena_take (arena, bytes.size), bytes.data, bytes.size),
                  bytes.size);
}

void arena_reset (struct arena *arena)
{
    /* Keep the newest block, unless one giant input made it: memory must come back. */
    struct arena_block *keep = NULL;
    while (arena->blocks != NULL) {
        struct arena_block *block = arena->blocks;
        arena->blocks = block->next;
        if (keep == NULL && block->size <= ARENA_BLOCK_MOST)
            keep = block;
        else
            free (block);
    }
    if (keep != NULL) {
        keep->next = NULL;
        keep->used = 0;
        arena->blocks = keep;
    }
    arena->used = 0;
}

void arena_done (struct arena *arena)
{
    while (arena->blocks != NULL) {
        struct arena_block *block = arena->blocks;
        arena->blocks = block->next;
        free (block);
    }
    arena->used = 0;
}
