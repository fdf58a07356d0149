/* SPDX-License-Identifier: Apache-2.0 */
/* The agenda: whatever is due is a durable row, in the order of its time. No timer
 * lives only in memory; the loop sleeps until the first row.
 *
 * A row is found again by all four of due_ms, kind, subject and part: who plans keeps
 * the due time in its own record, and removes before it plans anew. Failures stick in
 * the transaction. Rows live in one table of the service's store, not shared. */
#ifndef MINQING_AGENDA_AGENDA_H
#define MINQING_AGENDA_AGENDA_H

#include "store/txn.h"

#define AGENDA_VALUE_MAX   64 /* bytes: a row points at facts, it does not hold them */
#define AGENDA_NOTHING_DUE INT64_MAX /* no row at all */

struct agenda_row {
    int64_t due_ms;   /* since 1970, >= 0; first in order */
    uint16_t kind;    /* the service's; second in order */
    uint64_t subject; /* a sequence number, a client: the service's */
    uint32_t part;    /* which of several of that subject */
    uint8_t value_size;
    uint8_t value[AGENDA_VALUE_MAX];
};

/* Plan a row; the same four again replace its value. */
void agenda_put (struct txn *txn, unsigned table, const struct agenda_row *row);

/* Take a row away; only the four are looked at. Absent is fine; true when it was there. */
bool agenda_remove (struct txn *txn, unsigned table, const struct agenda_row *row);

/* The row with these four, with its value; false and untouched when there is none. */
bool agenda_find (struct txn *txn, unsigned table, int64_t due_ms, uint16_t kind,
                  uint64_t subject, uint32_t part, struct agenda_row *ret_row);

/* The first row; false when there is none. */
bool agenda_first (struct txn *txn, unsigned table, struct agenda_row *ret_row);

/* When to wake: the due time of the first row, or AGENDA_NOTHING_DUE. */
int64_t agenda_next_due_ms (struct txn *txn, unsigned table);

/* Copy the first rows with due_ms <= 'until_ms', in order, at most 'max' of them; how
 * many they were. They stay on the agenda: whoever has acted removes them, in the same
 * transaction. INT64_MAX lists what is due next. */
size_t agenda_due (struct txn *txn, unsigned table, int64_t until_ms, size_t max,
                   struct agenda_row *ret_rows);

/* How many rows those are, counting at most 'max'. */
size_t agenda_count (struct txn *txn, unsigned table, int64_t until_ms, size_t max);

#endif
