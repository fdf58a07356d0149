/* SPDX-License-Identifier: Apache-2.0 */
/* How many lie where: counts per village and department, kept as the course moves.
 *
 * A batch of a thousand events touches few counts, each of them often. So what changes is
 * gathered in memory and written once, just before the commit; an aborted batch leaves
 * nothing behind. */
#ifndef MINQING_ROUTING_COUNTS_H
#define MINQING_ROUTING_COUNTS_H

#include "routing/routing_store.h"

/* Counts changed in one batch before they are written down early. */
#define ROUTING_COUNTS_SLOTS 2048

enum routing_count_kind {
    ROUTING_COUNT_STATE = 1,  /* (state): of all; the sum is everything registered */
    ROUTING_COUNT_DEPARTMENT, /* (department, state) */
    ROUTING_COUNT_VILLAGE,    /* (village, department, state) */
    ROUTING_COUNT_QUEUE       /* (department, place) */
};

/* What is counted; members that a kind does not use are 0. */
struct routing_count {
    enum routing_count_kind kind;
    uint64_t village;
    uint32_t department;
    uint8_t which; /* enum state or enum routing_place */
};

struct routing_counts {
    struct txn_hook hook;
    uint64_t txn_id; /* of the transaction that 'slots' belong to; 0: none */
    size_t used;
    struct routing_counts_slot {
        struct routing_count count;
        int64_t delta;
    } slots[ROUTING_COUNTS_SLOTS];
    uint16_t taken[ROUTING_COUNTS_SLOTS]; /* indexes of used slots, oldest first */
};

void routing_counts_init (struct routing_counts *counts);

/* One grievance more (+1) or less (-1) in every count that it belongs to. */
void routing_counts_grievance (struct routing_counts *counts, struct txn *txn,
                               const struct routing_grievance *grievance, int delta);

/* Write down what this transaction has gathered; for reads inside it. */
void routing_counts_flush (struct routing_counts *counts, struct txn *txn);

/* As written. */
uint64_t routing_count_get (struct txn *txn, const struct routing_count *count);

/* Walk all counts of a kind that are not 0, by village, department, state:
 *   for (…_first; cursor_is_within (&cursor, key_view (&prefix)); cursor_next) */
struct key routing_counts_of (enum routing_count_kind kind);
struct key routing_count_key (const struct routing_count *count);
uint64_t routing_count_read (struct bytes key, struct bytes value,
                             struct routing_count *ret_count);

#endif
