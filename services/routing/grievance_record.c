/* SPDX-License-Identifier: Apache-2.0 */
/* The record of a grievance: number u64 → record, one read and one write an event. So it is
 * small: what most grievances never have takes no room until they have it. All numbers
 * big-endian.
 *
 *     0 state u8 | purpose u8 | outcome u8 | close reason u8 | priority u8 | flags u8
 *     6 department u32 | holder u32 | objections u32 | transfers u32
 *    22 fencing u64 | village u64 | placed u64 | objected u64
 *    54 registered_at u64 | due | received_at | lapses_at | window | closed_at |
 *       accepted_at (ms)
 *   110 n_assisting u8 | assisting u32 …
 *       what most never have, if FLAG_LATER says so:
 *         0 instance u8 | refused u8 | marks u8 | proposed step u8 | tries u8 | means u8
 *         6 last try day u32 | proposer u32 | first department u32 | decided by u32
 *        22 members part u32 | objected by u32 | proposed u64 | decided at u64 (ms)
 *        46 served u64 | link to u64 | members due u64 (ms) | contacts from u64 (ms)
 *        78 n_recused u8 | recused u32 … | n_objectors u8 | objectors u32 …
 *       matter, encoded, to the end */
#include <string.h>

#include "routing/routing_store.h"
#include "wire/wire.h"

#define FIXED_SIZE 111
#define LATER_SIZE 80

#define FLAG_PROVISIONAL 0x01u
#define FLAG_SEALED      0x02u
#define FLAG_LEAD        0x04u
#define FLAG_LATER       0x08u

#define MARK_EXTENDED      0x01u
#define MARK_CONFIRMED     0x02u
#define MARK_BY_PETITIONER 0x04u
#define MARK_HEARD         0x08u

static struct key key_of_number (uint64_t number)
{
    struct key key;
    key_init (&key);
    key_u64 (&key, number);
    return key;
}

static int64_t take_ms (struct bytes *record)
{
    return (int64_t) key_take_u64 (record);
}

static unsigned take_list (struct bytes *record, uint32_t *ret_values, size_t max)
{
    unsigned count = key_take_u8 (record);
    assert (count <= max);
    for (unsigned i = 0; i < count; i++)
        ret_values[i] = key_take_u32 (record);
    return count;
}

static void later_decode (struct bytes *record, struct routing_grievance *ret)
{
    ret->instance = key_take_u8 (record);
    ret->refused = (enum ground) key_take_u8 (record);
    unsigned marks = key_take_u8 (record);
    ret->is_extended = (marks & MARK_EXTENDED) != 0;
    ret->is_confirmed = (marks & MARK_CONFIRMED) != 0;
    ret->by_petitioner = (marks & MARK_BY_PETITIONER) != 0;
    ret->is_heard = (marks & MARK_HEARD) != 0;
    ret->proposed_step = (enum step) key_take_u8 (record);
    ret->tries = key_take_u8 (record);
    ret->tried_means = key_take_u8 (record);
    ret->last_try_day = (int32_t) key_take_u32 (record);
    ret->proposer = key_take_u32 (record);
    ret->first_department = key_take_u32 (record);
    ret->decided_by = key_take_u32 (record);
    ret->members_part = key_take_u32 (record);
    ret->objected_by = key_take_u32 (record);
    ret->proposed = key_take_u64 (record);
    ret->decided_at_ms = take_ms (record);
    ret->served = key_take_u64 (record);
    ret->link_to = key_take_u64 (record);
    ret->members_due_ms = take_ms (record);
    ret->contacts_from_ms = take_ms (record);
    ret->n_recused = (uint8_t) take_list (record, ret->recused, LIMIT_RECUSED);
    ret->n_objectors =
        (uint8_t) take_list (record, ret->objectors, ROUTING_OBJECTORS_MAX);
}

static void grievance_decode (struct bytes record, struct routing_grievance *ret)
{
    memset (ret, 0, offsetof (struct routing_grievance, matter));
    ret->state = (enum state) key_take_u8 (&record);
    ret->purpose = (enum purpose) key_take_u8 (&record);
    ret->outcome = (enum decision_outcome) key_take_u8 (&record);
    ret->close_reason = (enum close_reason) key_take_u8 (&record);
    ret->priority = key_take_u8 (&record);
    unsigned flags = key_take_u8 (&record);
    ret->is_provisional = (flags & FLAG_PROVISIONAL) != 0;
    ret->is_sealed = (flags & FLAG_SEALED) != 0;
    ret->is_lead = (flags & FLAG_LEAD) != 0;
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
    ret->accepted_at_ms = take_ms (&record);
    ret->n_assisting = (uint8_t) take_list (&record, ret->assisting, LIMIT_ASSISTING);
    if (flags & FLAG_LATER)
        later_decode (&record, ret);
    assert (record.data && record.size <= ROUTING_MATTER_MAX);
    ret->matter_size = (uint16_t) record.size;
    memcpy (ret->matter, record.data, record.size);
}

uint64_t routing_grievance_next (struct txn *txn, uint64_t number,
                                 struct routing_grievance *ret_grievance)
{
    struct key from = key_of_number (number + 1);
    CLEANUP (cursor_done) struct cursor cursor;
    cursor_init (&cursor, txn, core_table (ROUTING_GRIEVANCES));
    if (!cursor_seek (&cursor, key_view (&from)))
        return 0;
    struct bytes key = cursor_key (&cursor);
    grievance_decode (cursor_value (&cursor), ret_grievance);
    return key_take_u64 (&key);
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

static bool has_later (const struct routing_grievance *grievance)
{
    return grievance->instance != 0 || grievance->refused != GROUND_NONE ||
           grievance->is_extended || grievance->is_confirmed ||
           grievance->proposed != 0 || grievance->tries != 0 ||
           grievance->decided_at_ms != 0 || grievance->served != 0 ||
           grievance->link_to != 0 || grievance->members_part != 0 ||
           grievance->contacts_from_ms != 0 || grievance->n_recused != 0 ||
           grievance->n_objectors != 0;
}

static size_t later_size (const struct routing_grievance *grievance)
{
    return LATER_SIZE +
           (size_t) 4 * (grievance->n_recused + (size_t) grievance->n_objectors);
}

static uint8_t *put_u8s (uint8_t *to, const struct routing_grievance *grievance,
                         bool later)
{
    *to++ = (uint8_t) grievance->state;
    *to++ = (uint8_t) grievance->purpose;
    *to++ = (uint8_t) grievance->outcome;
    *to++ = (uint8_t) grievance->close_reason;
    *to++ = grievance->priority;
    *to++ = (uint8_t) ((grievance->is_provisional ? FLAG_PROVISIONAL : 0) |
                       (grievance->is_sealed ? FLAG_SEALED : 0) |
                       (grievance->is_lead ? FLAG_LEAD : 0) | (later ? FLAG_LATER : 0));
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

static uint8_t *put_list (uint8_t *to, const uint32_t *values, uint8_t count)
{
    *to++ = count;
    return put_u32s (to, values, count);
}

static uint8_t *put_later (uint8_t *to, const struct routing_grievance *grievance)
{
    *to++ = grievance->instance;
    *to++ = (uint8_t) grievance->refused;
    *to++ = (uint8_t) ((grievance->is_extended ? MARK_EXTENDED : 0) |
                       (grievance->is_confirmed ? MARK_CONFIRMED : 0) |
                       (grievance->by_petitioner ? MARK_BY_PETITIONER : 0) |
                       (grievance->is_heard ? MARK_HEARD : 0));
    *to++ = (uint8_t) grievance->proposed_step;
    *to++ = grievance->tries;
    *to++ = grievance->tried_means;
    to = put_u32s (to,
                   (const uint32_t[]){ (uint32_t) grievance->last_try_day,
                                       grievance->proposer, grievance->first_department,
                                       grievance->decided_by, grievance->members_part,
                                       grievance->objected_by },
                   6);
    to = put_u64s (to,
                   (const uint64_t[]){ grievance->proposed,
                                       (uint64_t) grievance->decided_at_ms,
                                       grievance->served, grievance->link_to,
                                       (uint64_t) grievance->members_due_ms,
                                       (uint64_t) grievance->contacts_from_ms },
                   6);
    to = put_list (to, grievance->recused, grievance->n_recused);
    return put_list (to, grievance->objectors, grievance->n_objectors);
}

static uint8_t *put_fixed (uint8_t *to, const struct routing_grievance *grievance,
                           bool later)
{
    to = put_u8s (to, grievance, later);
    to = put_u32s (to,
                   (const uint32_t[]){ grievance->department, grievance->holder,
                                       grievance->objections, grievance->transfers },
                   4);
    return put_u64s (
        to,
        (const uint64_t[]){
            grievance->fencing, grievance->village, grievance->placed,
            grievance->objected, (uint64_t) grievance->registered_at_ms,
            (uint64_t) grievance->due_ms, (uint64_t) grievance->received_at_ms,
            (uint64_t) grievance->lapses_at_ms, (uint64_t) grievance->window_ms,
            (uint64_t) grievance->closed_at_ms, (uint64_t) grievance->accepted_at_ms },
        11);
}

void routing_grievance_put (struct txn *txn, uint64_t number,
                            const struct routing_grievance *grievance)
{
    struct key key = key_of_number (number);
    bool later = has_later (grievance);
    size_t size = FIXED_SIZE + (size_t) 4 * grievance->n_assisting +
                  (later ? later_size (grievance) : 0) + grievance->matter_size;
    uint8_t *at =
        txn_put_space (txn, core_table (ROUTING_GRIEVANCES), key_view (&key), size);
    if (!at)
        return;
    uint8_t *end = at + size;
    at = put_fixed (at, grievance, later);
    at = put_list (at, grievance->assisting, grievance->n_assisting);
    if (later)
        at = put_later (at, grievance);
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
