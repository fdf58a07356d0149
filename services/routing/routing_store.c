/* SPDX-License-Identifier: Apache-2.0 */
/* Routing's memory. All numbers big-endian, all keys fixed-width.
 *
 *   grievances  number u64 → record (grievance_record.c)
 *   queue       department u32 | place u8 | 255 - priority u8 | due_ms u64 | placed u64 |
 *               number u64 → nothing
 *   steps       number u64 | own sequence u64 → nothing
 *   said        number u64 | intake's sequence u64 → CourseStep
 *
 * 'placed' is a journal sequence, so it orders by age. Priority, deadline and age of a
 * grievance are given by its first placing and stay: a row that is looked for in any
 * queue is found without a scan. */
#include "routing/routing_store.h"

#include <string.h>

#include "wire/wire.h"

const char *const routing_table_names[ROUTING_TABLES] = {
    [ROUTING_GRIEVANCES] = "routing.grievances",
    [ROUTING_QUEUE] = "routing.queue",
    [ROUTING_COUNTS] = "routing.counts",
    [ROUTING_STEPS] = "routing.steps",
    [ROUTING_MEMBERS] = "routing.members",
    [ROUTING_DOCUMENTS] = "routing.documents",
    [ROUTING_SAID] = "routing.said",
    [ROUTING_RAISES] = "routing.raises",
};

static struct key key_of_number (uint64_t number)
{
    struct key key;
    key_init (&key);
    key_u64 (&key, number);
    return key;
}

static struct key key_of_pair (uint64_t number, uint64_t second)
{
    struct key key = key_of_number (number);
    key_u64 (&key, second);
    return key;
}

/* ---- queues ---------------------------------------------------------------------- */

enum routing_place routing_place (const struct routing_grievance *grievance)
{
    switch (grievance->state) {
    case STATE_UNDECIDED:
    case STATE_OBJECTED:
    case STATE_DISPATCHED:
    case STATE_ARBITRATION:
        return ROUTING_WAITING;
    case STATE_CLAIMED:
    case STATE_HANDLING:
    case STATE_DECIDED:
    case STATE_WINDOW:
    case STATE_EXECUTING:
    case STATE_DONE:
    case STATE_REFUSED:
    case STATE_MEDIATING:
    case STATE_REVIEWING:
    case STATE_REREVIEWING:
    case STATE_HEARING:
        return grievance->holder != 0 ? ROUTING_HELD : ROUTING_WAITING;
    case STATE_DIVERTED: /* followed, by a holder or by the dispatcher */
        return ROUTING_HELD;
    case STATE_NONE:
    case STATE_CLOSED:
    case STATE_COUNT:
        break;
    }
    return ROUTING_NOWHERE;
}

struct key routing_queue_of (uint32_t department, enum routing_place place)
{
    struct key key;
    key_init (&key);
    key_u32 (&key, department);
    key_u8 (&key, (uint8_t) place);
    return key;
}

struct key routing_queue_key (uint32_t department, enum routing_place place,
                              uint64_t number, const struct routing_grievance *grievance)
{
    struct key key = routing_queue_of (department, place);
    key_u8 (&key, (uint8_t) (UINT8_MAX - grievance->priority));
    key_u64 (&key, (uint64_t) grievance->due_ms);
    key_u64 (&key, grievance->placed);
    key_u64 (&key, number);
    return key;
}

uint64_t routing_queue_number (struct bytes key)
{
    assert (key.size >= 8);
    return get_be64 (key.data + key.size - 8);
}

void routing_queue_put (struct txn *txn, uint64_t number,
                        const struct routing_grievance *grievance)
{
    uint32_t department = grievance->department;
    enum routing_place place = routing_place (grievance);
    if (place != ROUTING_NOWHERE) {
        struct key key = routing_queue_key (department, place, number, grievance);
        txn_put (txn, core_table (ROUTING_QUEUE), key_view (&key), (struct bytes){ 0 });
    }
    if (grievance->proposed != 0) {
        struct key key =
            routing_queue_key (department, ROUTING_PROPOSED, number, grievance);
        txn_put (txn, core_table (ROUTING_QUEUE), key_view (&key), (struct bytes){ 0 });
    }
}

void routing_queue_delete (struct txn *txn, uint64_t number,
                           const struct routing_grievance *grievance)
{
    uint32_t department = grievance->department;
    enum routing_place place = routing_place (grievance);
    if (place != ROUTING_NOWHERE) {
        struct key key = routing_queue_key (department, place, number, grievance);
        txn_delete (txn, core_table (ROUTING_QUEUE), key_view (&key));
    }
    if (grievance->proposed != 0) {
        struct key key =
            routing_queue_key (department, ROUTING_PROPOSED, number, grievance);
        txn_delete (txn, core_table (ROUTING_QUEUE), key_view (&key));
    }
}

/* ---- steps ----------------------------------------------------------------------- */

void routing_step_put (struct txn *txn, uint64_t number, uint64_t sequence)
{
    struct key key = key_of_pair (number, sequence);
    txn_put (txn, core_table (ROUTING_STEPS), key_view (&key), (struct bytes){ 0 });
}

uint64_t routing_step_before (struct txn *txn, uint64_t number, uint64_t sequence)
{
    struct key before = key_of_pair (number, sequence), prefix = key_of_number (number);
    CLEANUP (cursor_done) struct cursor cursor;
    cursor_init (&cursor, txn, core_table (ROUTING_STEPS));
    cursor_seek_before (&cursor, key_view (&before));
    if (!cursor_is_within (&cursor, key_view (&prefix)))
        return 0;
    struct bytes key = cursor_key (&cursor);
    return get_be64 (key.data + 8);
}

void routing_said_put (struct txn *txn, uint64_t number, uint64_t sequence,
                       const struct course_step *step)
{
    struct key key = key_of_pair (number, sequence);
    struct buffer value = { 0 };
    course_step_append (step, &value);
    txn_put (txn, core_table (ROUTING_SAID), key_view (&key), buffer_bytes (&value));
    buffer_done (&value);
}

struct key routing_said_of (uint64_t number)
{
    return key_of_number (number);
}
