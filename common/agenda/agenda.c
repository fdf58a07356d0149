/* SPDX-License-Identifier: Apache-2.0 */
/* The agenda: rows in the order of their time. It knows no kinds, acts on nothing and
 * sees no clock: whoever asks says until when.
 *
 *   key    u64 due_ms | u16 kind | u64 subject | u32 part
 *   value  up to 64 bytes, the service's
 *
 * A row whose bytes are damaged (LMDB has no checksums) is passed over: one of them must
 * not stop all others. The scrub, which compares the table with the journal, finds it. */
#include "agenda/agenda.h"
#include "store/cursor.h"

#include <string.h>

static struct key row_key (const struct agenda_row *row)
{
    struct key key;
    assert (row->due_ms >= 0);
    key_init (&key);
    key_u64 (&key, (uint64_t) row->due_ms);
    key_u16 (&key, row->kind);
    key_u64 (&key, row->subject);
    key_u32 (&key, row->part);
    return key;
}

static bool parse_row (struct bytes rest, struct bytes value, struct agenda_row *ret_row)
{
    struct agenda_row row = { 0 };
    row.due_ms = (int64_t) key_take_u64 (&rest);
    row.kind = key_take_u16 (&rest);
    row.subject = key_take_u64 (&rest);
    row.part = key_take_u32 (&rest);
    if (!key_taken_whole (&rest) || row.due_ms < 0 || value.size > AGENDA_VALUE_MAX)
        return false;
    row.value_size = (uint8_t) value.size;
    if (value.size > 0)
        memcpy (row.value, value.data, value.size);
    *ret_row = row;
    return true;
}

void agenda_put (struct txn *txn, unsigned table, const struct agenda_row *row)
{
    struct key key = row_key (row);
    assert (row->value_size <= AGENDA_VALUE_MAX);
    txn_put (txn, table, key_view (&key), BYTES (row->value, row->value_size));
}

bool agenda_remove (struct txn *txn, unsigned table, const struct agenda_row *row)
{
    struct key key = row_key (row);
    return txn_delete (txn, table, key_view (&key));
}

bool agenda_find (struct txn *txn, unsigned table, int64_t due_ms, uint16_t kind,
                  uint64_t subject, uint32_t part, struct agenda_row *ret_row)
{
    const struct agenda_row wanted = {
        .due_ms = due_ms, .kind = kind, .subject = subject, .part = part
    };
    struct key key = row_key (&wanted);
    struct bytes value;
    return txn_get (txn, table, key_view (&key), &value) &&
           parse_row (key_view (&key), value, ret_row);
}

size_t agenda_due (struct txn *txn, unsigned table, int64_t until_ms, size_t max,
                   struct agenda_row *ret_rows)
{
    size_t count = 0;
    CLEANUP (cursor_done) struct cursor cursor;
    cursor_init (&cursor, txn, table);
    for (cursor_first (&cursor); count < max && cursor_is_on (&cursor);
         cursor_next (&cursor)) {
        struct agenda_row row;
        if (!parse_row (cursor_key (&cursor), cursor_value (&cursor), &row))
            continue;
        if (row.due_ms > until_ms)
            break;
        ret_rows[count++] = row;
    }
    return count;
}

size_t agenda_count (struct txn *txn, unsigned table, int64_t until_ms, size_t max)
{
    size_t count = 0;
    CLEANUP (cursor_done) struct cursor cursor;
    cursor_init (&cursor, txn, table);
    for (cursor_first (&cursor); count < max && cursor_is_on (&cursor);
         cursor_next (&cursor)) {
        struct bytes key = cursor_key (&cursor);
        if ((int64_t) key_take_u64 (&key) > until_ms)
            break;
        count++;
    }
    return count;
}

bool agenda_first (struct txn *txn, unsigned table, struct agenda_row *ret_row)
{
    return agenda_due (txn, table, INT64_MAX, 1, ret_row) == 1;
}

int64_t agenda_next_due_ms (struct txn *txn, unsigned table)
{
    struct agenda_row row;
    return agenda_first (txn, table, &row) ? row.due_ms : AGENDA_NOTHING_DUE;
}
