/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept long enough goes, in the order in which it was written and a little with
 * every record, so that no terminal waits for it. What is to be corrected stays until
 * somebody has corrected it or given it up. Counters, serials of the present and the rows
 * that were replayed stay: they say what was done, and must not be done again. */
#include "cli/spool_records.h"

#include "base/civil.h"
#include "store/cursor.h"

#define PRUNE_ROWS 64 /* looked at with one record */

static bool has (struct txn *txn, enum spool_table table, const struct key *key)
{
    return txn_get (txn, table, key_view (key), NULL);
}

/* The slip of a filing that goes, unless the number was filed again since. */
static void slip_prune (struct txn *txn, struct bytes value, uint64_t counter)
{
    struct arena arena;
    struct command command;
    struct bytes at;
    arena_init (&arena, 0);
    if (spool_take_command (value, &arena, &command) && command.file != NULL) {
        struct key number = spool_key_u64 (command.file->number);
        if (txn_get (txn, SPOOL_SLIPS, key_view (&number), &at) &&
            key_take_u64 (&at) == counter)
            txn_delete (txn, SPOOL_SLIPS, key_view (&number));
    }
    arena_done (&arena);
}

static void serials_prune (struct txn *txn, int64_t now_ms)
{
    struct key last;
    CLEANUP (cursor_done) struct cursor cursor;
    key_init (&last);
    key_u32 (&last, civil_number (civil_day (now_ms) - SPOOL_KEPT_DAYS));
    cursor_init (&cursor, txn, SPOOL_SERIALS);
    if (!cursor_first (&cursor) ||
        bytes_compare (cursor_key (&cursor), key_view (&last)) >= 0)
        return;
    uint8_t day[4];
    struct bytes oldest = cursor_key (&cursor);
    put_be32 (day, key_take_u32 (&oldest));
    txn_delete (txn, SPOOL_SERIALS, BYTES_OF (day));
}

/* False: it is too young, or has no outcome yet. */
static bool row_prune (struct txn *txn, enum speaker speaker, uint64_t counter,
                       int64_t before_ms)
{
    struct key key = spool_key_counter (speaker, counter);
    struct bytes command, outcome;
    if (!txn_get (txn, SPOOL_COMMANDS, key_view (&key), &command))
        return true; /* damaged, or gone by hand */
    if (!txn_get (txn, SPOOL_OUTCOMES, key_view (&key), &outcome) ||
        spool_written_ms (command) >= before_ms ||
        spool_written_ms (outcome) >= before_ms)
        return false;
    if (has (txn, SPOOL_REFUSED, &key))
        return true;
    slip_prune (txn, command, counter);
    txn_delete (txn, SPOOL_COMMANDS, key_view (&key));
    txn_delete (txn, SPOOL_OUTCOMES, key_view (&key));
    return true;
}

void spool_prune (struct txn *txn, enum speaker speaker, struct spool_door *door,
                  int64_t now_ms)
{
    int64_t before_ms = now_ms - SPOOL_KEPT_DAYS * CIVIL_DAY_MS;
    unsigned rows = 0;
    while (rows++ < PRUNE_ROWS && door->pruned < door->acked &&
           row_prune (txn, speaker, door->pruned + 1, before_ms))
        door->pruned++;
    serials_prune (txn, now_ms);
}
