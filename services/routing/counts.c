/* SPDX-License-Identifier: Apache-2.0 */
/* Key: kind u8 | village u64 | department u32 | which u8. Value: u64. A count that comes
 * to 0 is deleted, so that what is listed is what there is. */
#include "routing/counts.h"

static bool count_is (const struct routing_count *a, const struct routing_count *b)
{
    return a->kind == b->kind && a->village == b->village &&
           a->department == b->department && a->which == b->which;
}

static size_t count_hash (const struct routing_count *count)
{
    uint64_t mixed = count->village * UINT64_C (0x9E3779B97F4A7C15);
    mixed ^= ((uint64_t) count->department << 16) | ((unsigned) count->kind << 8) |
             count->which;
    mixed *= UINT64_C (0xD6E8FEB86659FD93);
    return (size_t) (mixed >> 32);
}

struct key routing_counts_of (enum routing_count_kind kind)
{
    struct key key;
    key_init (&key);
    key_u8 (&key, (uint8_t) kind);
    return key;
}

struct key routing_count_key (const struct routing_count *count)
{
    struct key key = routing_counts_of (count->kind);
    key_u64 (&key, count->village);
    key_u32 (&key, count->department);
    key_u8 (&key, count->which);
    return key;
}

uint64_t routing_count_read (struct bytes key, struct bytes value,
                             struct routing_count *ret_count)
{
    ret_count->kind = (enum routing_count_kind) key_take_u8 (&key);
    ret_count->village = key_take_u64 (&key);
    ret_count->department = key_take_u32 (&key);
    ret_count->which = key_take_u8 (&key);
    return key_take_u64 (&value);
}

uint64_t routing_count_get (struct txn *txn, const struct routing_count *count)
{
    struct key key = routing_count_key (count);
    struct bytes value;
    if (!txn_get (txn, core_table (ROUTING_COUNTS), key_view (&key), &value))
        return 0;
    return key_take_u64 (&value);
}

static void write_slot (struct txn *txn, const struct routing_counts_slot *slot)
{
    struct key key = routing_count_key (&slot->count);
    int64_t value = (int64_t) routing_count_get (txn, &slot->count) + slot->delta;
    if (txn_error (txn) != 0)
        return;
    assert (value >= 0);
    if (value == 0) {
        txn_delete (txn, core_table (ROUTING_COUNTS), key_view (&key));
        return;
    }
    uint8_t record[8];
    put_be64 (record, (uint64_t) value);
    txn_put (txn, core_table (ROUTING_COUNTS), key_view (&key), BYTES_OF (record));
}

static void forget (struct routing_counts *counts)
{
    for (size_t i = 0; i < counts->used; i++)
        counts->slots[counts->taken[i]] = (struct routing_counts_slot){ 0 };
    counts->used = 0;
}

static void write_all (struct routing_counts *counts, struct txn *txn)
{
    for (size_t i = 0; i < counts->used; i++)
        if (counts->slots[counts->taken[i]].delta != 0)
            write_slot (txn, &counts->slots[counts->taken[i]]);
    forget (counts);
}

static void before_commit (void *arg, struct txn *txn)
{
    struct routing_counts *counts = arg;
    if (counts->txn_id == txn_id (txn))
        write_all (counts, txn);
    counts->txn_id = 0;
}

void routing_counts_init (struct routing_counts *counts)
{
    counts->hook = (struct txn_hook){ .run = before_commit, .arg = counts };
}

void routing_counts_flush (struct routing_counts *counts, struct txn *txn)
{
    if (counts->txn_id == txn_id (txn))
        write_all (counts, txn);
}

static void add (struct routing_counts *counts, struct txn *txn,
                 const struct routing_count *count, int delta)
{
    if (counts->txn_id != txn_id (txn)) {
        forget (counts); /* of a transaction that was aborted */
        counts->txn_id = txn_id (txn);
        txn_before_commit (txn, &counts->hook);
    }
    if (counts->used > ROUTING_COUNTS_SLOTS * 3 / 4)
        write_all (counts, txn);
    size_t at = count_hash (count) % ROUTING_COUNTS_SLOTS;
    while (counts->slots[at].count.kind != 0 &&
           !count_is (&counts->slots[at].count, count))
        at = (at + 1) % ROUTING_COUNTS_SLOTS;
    if (counts->slots[at].count.kind == 0) {
        counts->slots[at].count = *count;
        counts->taken[counts->used++] = (uint16_t) at;
    }
    counts->slots[at].delta += delta;
}

void routing_counts_grievance (struct routing_counts *counts, struct txn *txn,
                               const struct routing_grievance *grievance, int delta)
{
    uint8_t state = (uint8_t) grievance->state;
    enum routing_place place = routing_place (grievance);
    struct routing_count count = { .kind = ROUTING_COUNT_STATE, .which = state };
    add (counts, txn, &count, delta);

    count.kind = ROUTING_COUNT_DEPARTMENT;
    count.department = grievance->department;
    add (counts, txn, &count, delta);

    count.kind = ROUTING_COUNT_VILLAGE;
    count.village = grievance->village;
    add (counts, txn, &count, delta);

    count = (struct routing_count){ .kind = ROUTING_COUNT_QUEUE,
                                    .department = grievance->department,
                                    .which = (uint8_t) place };
    if (place != ROUTING_NOWHERE)
        add (counts, txn, &count, delta);
    count.which = ROUTING_PROPOSED;
    if (grievance->proposed != 0)
        add (counts, txn, &count, delta);
}
