/* SPDX-License-Identifier: Apache-2.0 */
/* When will the store refuse filings? From the entries of the last thirty days, found by
 * their times, and from what an entry has cost on the average, facts and all. Rough on
 * purpose: it is there so that somebody gives it a larger map in time. */
#include "runtime/core_inside.h"

#include "base/civil.h"
#include "wire/wire.h"

#define WINDOW_MS  (30 * CIVIL_DAY_MS)
#define WINDOW_MIN CIVIL_DAY_MS           /* less says nothing yet */
#define FAR_MS     (36500 * CIVIL_DAY_MS) /* further off is no date */

/* 0: it cannot be read. */
static int64_t time_of (struct core *core, struct txn *txn, uint64_t sequence)
{
    struct journal_record record;
    struct entry entry;
    arena_reset (&core->entries);
    if (journal_read_header (core->journal, txn, sequence, &record) < 0 ||
        entry_decode (&core->entries, record.header, &entry, NULL) < 0)
        return 0;
    return entry.time_ms;
}

/* The first entry that is not before 'from_ms'; times never fall in a journal. One that
 * is damaged counts as old. */
static uint64_t first_since (struct core *core, struct txn *txn, int64_t from_ms)
{
    uint64_t low = 1, high = core->head;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (time_of (core, txn, middle) < from_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int64_t forecast_full_ms (struct core *core, struct txn *txn, int64_t now_ms)
{
    double share = store_used_share (core->store);
    if (share >= CORE_TIGHT_SHARE)
        return now_ms;
    if (core->head < 2 || share <= 0)
        return 0;
    int64_t first_ms = time_of (core, txn, 1);
    int64_t from_ms = now_ms - WINDOW_MS > first_ms ? now_ms - WINDOW_MS : first_ms;
    if (first_ms == 0 || now_ms - from_ms < WINDOW_MIN)
        return 0;
    double grown = (double) (core->head - first_since (core, txn, from_ms) + 1);
    double room = (CORE_TIGHT_SHARE - share) / share * (double) core->head;
    double wait_ms = room / grown * (double) (now_ms - from_ms);
    return wait_ms < (double) FAR_MS ? now_ms + (int64_t) wait_ms : 0;
}
