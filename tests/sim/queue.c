/* SPDX-License-Identifier: Apache-2.0 */
/* A binary heap. The number breaks ties, so the order is that of putting in. */
#include "sim/sim.h"

#include <stdlib.h>

static bool is_before (const struct happening *a, const struct happening *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->number < b->number;
}

void queue_put (struct happenings *queue, const struct happening *event)
{
    if (queue->count == queue->room) {
        queue->room = queue->room == 0 ? 256 : queue->room * 2;
        queue->heap = realloc (queue->heap, queue->room * sizeof *queue->heap);
        assert (queue->heap != NULL);
    }
    size_t at = queue->count++;
    struct happening put = *event;
    put.number = ++queue->numbers;
    for (; at > 0 && is_before (&put, &queue->heap[(at - 1) / 2]); at = (at - 1) / 2)
        queue->heap[at] = queue->heap[(at - 1) / 2];
    queue->heap[at] = put;
}

bool queue_take (struct happenings *queue, struct happening *ret_event)
{
    if (queue->count == 0)
        return false;
    *ret_event = queue->heap[0];
    struct happening last = queue->heap[--queue->count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= queue->count)
            break;
        if (child + 1 < queue->count &&
            is_before (&queue->heap[child + 1], &queue->heap[child]))
            child++;
        if (!is_before (&queue->heap[child], &last))
            break;
        queue->heap[at] = queue->heap[child];
        at = child;
    }
    queue->heap[at] = last;
    return true;
}

void queue_done (struct happenings *queue)
{
    for (size_t i = 0; i < queue->count; i++)
        frame_destroy (queue->heap[i].frame);
    free (queue->heap);
    *queue = (struct happenings){ 0 };
}
