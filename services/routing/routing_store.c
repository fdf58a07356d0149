/* SPDX-License-Identifier: Apache-2.0 */
/* Routing's memory. All numbers big-endian, all keys fixed-width.
 *
 *   grievances  number u64 → record, one read and one write an event:
 *
 *        0 state u8 | purpose u8 | outcome u8 | close reason u8 | priority u8 | flags u8
 *        6 department u32 | holder u32 | objections u32 | transfers u32
 *       22 fencing u64 | village u64 | placed u64 | objected u64
 *       54 registered_at u64 | due | received_at | lapses_at | window | closed_at (ms)
 *      102 n_assisting u8 | assisting u32 …
 *          matter, encoded, to the end
 *
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
    [ROUTING_DOCUMENTS] = "routing.documents",
    [ROUTING_SAID] = "routing.said",
    [ROUTING_RAISES] = "routing.raises",
};

#define FIXED_SIZE       103
#define FLAG_PROVISIONAL 0x01u
#define FLAG_SEALED      0x02u
#define FLAG_REVIEW      0x04u

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

/* ---- the record ------------------------------------------------------------------ */

static int64_t take_ms (struct bytes *record)
{
    return (int64_t) key_take_u64 (record);
}

static void grievance_decode (struct bytes record, struct routing_grievance *ret)
{
    ret->state = (enum state) key_take_u8 (&record);
    ret->purpose = (enum purpose) key_take_u8 (&record);
    ret->outcome = (enum decision_outcome) key_take_u8 (&record);
    ret->close_reason = (enum close_reason) key_take_u8 (&record);
    ret->priority = key_take_u8 (&record);
    unsigned flags = key_take_u8 (&record);
    ret->is_provisional = (flags & FLAG_PROVISIONAL) != 0;
    ret->is_sealed = (flags & FLAG_SEALED) != 0;
    ret->review_is_asked = (flags & FLAG_REVIEW) != 0;
    ret->department = key_take_u32 (&record);
    ret->holder = key_take_u32 (&record);
    ret->objections = key_take_u32 (&record);
    ret->transfers = key_take_u32 (&record);
    ret->fencing = key_take_u64 (&record);
    ret->village = key_take_u64 (&record);
    ret->placed = key_take_u64 (&record);
    ret->objected = key_take_u64 (&record);
    ret->registered_at_ms = take_ms (&record);
    ret->due_ms = take_ms (&record);
    ret->received_at_ms = take_ms (&record);
    ret->lapses_at_ms = take_ms (&record);
    ret->window_ms = take_ms (&record);
    ret->closed_at_ms = take_ms (&record);
    ret->n_assisting = key_take_u8 (&record);
    assert (ret->n_assisting <= LIMIT_ASSISTING);
    for (unsigned i = 0; i < ret->n_assisting; i++)
        ret->assisting[i] = key_take_u32 (&record);
    assert (record.data && record.size <= ROUTING_MATTER_MAX);
    ret->matter_size = (uint16_t) record.size;
    memcpy (ret->matter, record.data, record.size);
}

bool routing_grievance_find (struct txn *txn, uint64_t number,
                             struct routing_grievance *ret_grievance)
{
    struct key key = key_of_number (number);
    struct bytes record;
    if (!txn_get (txn, core_table (ROUTING_GRIEVANCES), key_view (&key), &record))
        return false;
    grievance_decode (record, ret_grievance);
    return true;
}

static uint8_t *put_u8s (uint8_t *to, const struct routing_grievance *grievance)
{
    *to++ = (uint8_t) grievance->state;
    *to++ = (uint8_t) grievance->purpose;
    *to++ = (uint8_t) grievance->outcome;
    *to++ = (uint8_t) grievance->close_reason;
    *to++ = grievance->priority;
    *to++ = (uint8_t) ((grievance->is_provisional ? FLAG_PROVISIONAL : 0) |
                       (grievance->is_sealed ? FLAG_SEALED : 0) |
                       (grievance->review_is_asked ? FLAG_REVIEW : 0));
    return to;
}

static uint8_t *put_u32s (uint8_t *to, const uint32_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++, to += 4)
        put_be32 (to, values[i]);
    return to;
}

static uint8_t *put_u64s (uint8_t *to, const uint64_t *values, size_t count)
{
    for (size_t i = 0; i < count; i++, to += 8)
        put_be64 (to, values[i]);
    return to;
}

void routing_grievance_put (struct txn *txn, uint64_t number,
                            const struct routing_grievance *grievance)
{
    struct key key = key_of_number (number);
    size_t size =
        FIXED_SIZE + (size_t) 4 * grievance->n_assisting + grievance->matter_size;
    uint8_t *at =
        txn_put_space (txn, core_table (ROUTING_GRIEVANCES), key_view (&key), size);
    if (!at)
        return;
    uint8_t *end = at + size;
    at = put_u8s (at, grievance);
    at = put_u32s (at,
                   (const uint32_t[]){ grievance->department, grievance->holder,
                                       grievance->objections, grievance->transfers },
                   4);
    at =
        put_u64s (at,
                  (const uint64_t[]){
                      grievance->fencing, grievance->village, grievance->placed,
                      grievance->objected, (uint64_t) grievance->registered_at_ms,
                      (uint64_t) grievance->due_ms, (uint64_t) grievance->received_at_ms,
                      (uint64_t) grievance->lapses_at_ms, (uint64_t) grievance->window_ms,
                      (uint64_t) grievance->closed_at_ms },
                  10);
    *at++ = grievance->n_assisting;
    at = put_u32s (at, grievance->assisting, grievance->n_assisting);
    memcpy (at, grievance->matter, grievance->matter_size);
    assert (at + grievance->matter_size == end);
}

struct matter *routing_matter (const struct routing_grievance *grievance,
                               struct arena *arena)
{
    struct matter *matter = ARENA_NEW (arena, struct matter);
    int rc = matter_decode (arena, BYTES (grievance->matter, grievance->matter_size),
                            matter, NULL);
    assert (rc == 0); /* we encoded it */
    return matter;
}

void routing_matter_set (struct routing_grievance *grievance, const struct matter *matter)
{
    struct buffer buffer = { 0 };
    matter_append (matter, &buffer);
    assert (buffer.size <= ROUTING_MATTER_MAX);
    grievance->matter_size = (uint16_t) buffer.size;
    memcpy (grievance->matter, buffer.data, buffer.size);
    buffer_done (&buffer);
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
    enum routing_place place = routing_place (grievance);
    if (place == ROUTING_NOWHERE)
        return;
    struct key key = routing_queue_key (grievance->department, place, number, grievance);
    txn_put (txn, core_table (ROUTING_QUEUE), key_view (&key), (struct bytes){ 0 });
}

void routing_queue_delete (struct txn *txn, uint64_t number,
                           const struct routing_grievance *grievance)
{
    enum routing_place place = routing_place (grievance);
    if (place == ROUTING_NOWHERE)
        return;
    struct key key = routing_queue_key (grievance->department, place, number, grievance);
    txn_delete (txn, core_table (ROUTING_QUEUE), key_view (&key));
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
