/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of documents and of open raises. All numbers big-endian, all keys fixed-width.
 *
 *   documents  number u64 | ordinal u32 → own sequence u64 | kind u8        (facts)
 *   raises     number u64 | raise u64 → level u8 | cause u8, while open     (a view)     */
#include "routing/document_store.h"

#include "routing/routing_store.h"

static struct key key_of_number (uint64_t number)
{
    struct key key;
    key_init (&key);
    key_u64 (&key, number);
    return key;
}

/* ---- documents ----------------------------------------------------------------------- */

static struct key document_key (uint64_t number, uint32_t ordinal)
{
    struct key key = key_of_number (number);
    key_u32 (&key, ordinal);
    return key;
}

void routing_document_apply (struct txn *txn, const struct entry *entry)
{
    if (entry->kind != KIND_DOCUMENT || !entry->document)
        return;
    struct key key = document_key (entry->grievance, entry->document->ordinal);
    uint8_t value[9];
    put_be64 (value, entry->sequence);
    value[8] = (uint8_t) entry->document->kind;
    txn_put (txn, core_table (ROUTING_DOCUMENTS), key_view (&key), BYTES_OF (value));
}

static struct routing_document document_at (const struct cursor *cursor)
{
    struct bytes value = cursor_value (cursor), key = cursor_key (cursor);
    return (struct routing_document){ .ordinal = get_be32 (key.data + 8),
                                      .sequence = key_take_u64 (&value),
                                      .kind = (enum document_kind) key_take_u8 (&value) };
}

bool routing_document_last (struct txn *txn, uint64_t number, uint32_t kinds,
                            struct routing_document *ret)
{
    struct key prefix = key_of_number (number);
    CLEANUP (cursor_done) struct cursor cursor;
    cursor_init (&cursor, txn, core_table (ROUTING_DOCUMENTS));
    for (cursor_last_within (&cursor, key_view (&prefix));
         cursor_is_within (&cursor, key_view (&prefix)); cursor_prev (&cursor)) {
        struct routing_document document = document_at (&cursor);
        if ((kinds & ROUTING_DOCUMENT (document.kind)) == 0)
            continue;
        *ret = document;
        return true;
    }
    return false;
}

bool routing_document_next (struct txn *txn, uint64_t number, uint32_t after,
                            struct routing_document *ret)
{
    struct key prefix = key_of_number (number), key = document_key (number, after + 1);
    CLEANUP (cursor_done) struct cursor cursor;
    cursor_init (&cursor, txn, core_table (ROUTING_DOCUMENTS));
    cursor_seek (&cursor, key_view (&key));
    if (!cursor_is_within (&cursor, key_view (&prefix)))
        return false;
    *ret = document_at (&cursor);
    return true;
}

/* ---- raises ---------------------------------------------------------------------------- */

static struct key raise_key (uint64_t number, uint64_t raise)
{
    struct key key = key_of_number (number);
    key_u64 (&key, raise);
    return key;
}

struct routing_raises routing_raises (struct txn *txn, uint64_t number)
{
    struct routing_raises raises = { 0 };
    struct key prefix = key_of_number (number);
    CLEANUP (cursor_done) struct cursor cursor;
    cursor_init (&cursor, txn, core_table (ROUTING_RAISES));
    for (cursor_seek (&cursor, key_view (&prefix));
         cursor_is_within (&cursor, key_view (&prefix)); cursor_next (&cursor)) {
        struct bytes value = cursor_value (&cursor);
        uint32_t level = key_take_u8 (&value);
        raises.level = level > raises.level ? level : raises.level;
        raises.supervised |= key_take_u8 (&value) == CAUSE_SUPERVISION;
    }
    return raises;
}

/* The level never falls while a raise is open: those that are left carry it on. */
static void raise_delete (struct txn *txn, uint64_t number, uint64_t raise)
{
    struct key key = raise_key (number, raise), prefix = key_of_number (number);
    uint8_t level = (uint8_t) routing_raises (txn, number).level;
    CLEANUP (cursor_done) struct cursor cursor;
    txn_delete (txn, core_table (ROUTING_RAISES), key_view (&key));
    cursor_init (&cursor, txn, core_table (ROUTING_RAISES));
    cursor_seek (&cursor, key_view (&prefix));
    if (!cursor_is_within (&cursor, key_view (&prefix)))
        return;
    struct bytes left = cursor_key (&cursor), value = cursor_value (&cursor);
    key_take_u8 (&value);
    uint8_t carried[2] = { level, key_take_u8 (&value) };
    key_take_u64 (&left);
    key = raise_key (number, key_take_u64 (&left));
    txn_put (txn, core_table (ROUTING_RAISES), key_view (&key), BYTES_OF (carried));
}

void routing_raise_view (struct txn *txn, const struct entry *entry)
{
    if (entry->kind == KIND_RAISED && entry->raised && entry->raised->open) {
        struct key key = raise_key (entry->grievance, entry->raised->raise);
        uint8_t value[2] = { (uint8_t) entry->raised->level,
                             (uint8_t) entry->raised->cause };
        txn_put (txn, core_table (ROUTING_RAISES), key_view (&key), BYTES_OF (value));
    } else if (entry->kind == KIND_RAISE_ENDED && entry->raise_ended) {
        raise_delete (txn, entry->grievance, entry->raise_ended->raise);
    }
}
