/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes of a store that a disk, or somebody with an editor, changed: of the journal, of its
 * tree, of the facts, of what is known of followed journals. */
#include "mutations.h"

#include <string.h>

#include "store/cursor.h"

#define KEY_MOST 96

/* ---- records -------------------------------------------------------------------------- */

struct record {
    uint8_t key[KEY_MOST];
    size_t key_size;
    struct buffer value;
};

/* The record in the middle of a table. False: it is empty. */
static bool record_middle (struct txn *txn, unsigned table, struct record *ret)
{
    struct cursor cursor;
    uint64_t left = txn_count (txn, table) / 2;
    *ret = (struct record){ 0 };
    cursor_init (&cursor, txn, table);
    for (cursor_first (&cursor); cursor_is_on (&cursor); cursor_next (&cursor)) {
        if (left-- > 0)
            continue;
        struct bytes key = cursor_key (&cursor);
        assert (key.size <= sizeof ret->key);
        memcpy (ret->key, key.data, key.size);
        ret->key_size = key.size;
        buffer_append_bytes (&ret->value, cursor_value (&cursor));
        break;
    }
    cursor_done (&cursor);
    return ret->key_size > 0;
}

static struct bytes record_key (const struct record *record)
{
    return BYTES (record->key, record->key_size);
}

static void record_put (struct txn *txn, unsigned table, const struct record *record)
{
    txn_put (txn, table, record_key (record), buffer_bytes (&record->value));
}

/* ---- facts ---------------------------------------------------------------------------- */

static size_t fact_tables_of (const struct service_spec *spec, unsigned ret[64])
{
    static const unsigned own[] = { CORE_COUNTERS, CORE_OUTCOMES, CORE_TAKEN, CORE_AGENDA,
                                    CORE_TABLE_EVENTS };
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_SIZE (own); i++)
        ret[count++] = own[i];
    for (unsigned i = 0; i < spec->n_facts; i++)
        ret[count++] = core_table (i);
    return count;
}

typedef size_t record_fn (struct txn *txn, unsigned table, struct record *record);

/* One record of every table of facts. */
static size_t each_table (const struct service_spec *spec, struct txn *txn, record_fn *fn)
{
    unsigned tables[64];
    size_t n_tables = fact_tables_of (spec, tables), spoilt = 0;
    for (size_t i = 0; i < n_tables; i++) {
        struct record record;
        if (record_middle (txn, tables[i], &record))
            spoilt += fn (txn, tables[i], &record);
        buffer_done (&record.value);
    }
    return spoilt;
}

static size_t change (struct txn *txn, unsigned table, struct record *record)
{
    if (record->value.size == 0)
        return 0; /* the key is all there is: one is removed, one is added */
    record->value.data[record->value.size - 1] ^= 4;
    record_put (txn, table, record);
    return 1;
}

static size_t records_are_changed (struct core *core UNUSED,
                                   const struct service_spec *spec, struct txn *txn)
{
    return each_table (spec, txn, change);
}

static size_t take (struct txn *txn, unsigned table, struct record *record)
{
    return txn_delete (txn, table, record_key (record));
}

static size_t records_are_gone (struct core *core UNUSED, const struct service_spec *spec,
                                struct txn *txn)
{
    return each_table (spec, txn, take);
}

/* The same under a key that is not there. */
static size_t add (struct txn *txn, unsigned table, struct record *record)
{
    for (unsigned bit = 1; bit < 256; bit <<= 1) {
        record->key[record->key_size - 1] ^= (uint8_t) bit;
        if (!txn_get (txn, table, record_key (record), NULL)) {
            record_put (txn, table, record);
            return 1;
        }
        record->key[record->key_size - 1] ^= (uint8_t) bit;
    }
    return 0;
}

static size_t records_are_added (struct core *core UNUSED,
                                 const struct service_spec *spec, struct txn *txn)
{
    return each_table (spec, txn, add);
}

/* What was taken over from the first followed journal: more, less. */
static size_t taken_by (struct txn *txn, int64_t by)
{
    struct record record;
    size_t spoilt = 0;
    if (record_middle (txn, CORE_TAKEN, &record) && record.value.size >= 8) {
        put_be64 (record.value.data,
                  (uint64_t) ((int64_t) get_be64 (record.value.data) + by));
        record_put (txn, CORE_TAKEN, &record);
        spoilt = 1;
    }
    buffer_done (&record.value);
    return spoilt;
}

static size_t taken_is_too_high (struct core *core UNUSED,
                                 const struct service_spec *spec UNUSED, struct txn *txn)
{
    return taken_by (txn, 3);
}

static size_t taken_is_too_low (struct core *core UNUSED,
                                const struct service_spec *spec UNUSED, struct txn *txn)
{
    return taken_by (txn, -3);
}

/* ---- the journal ---------------------------------------------------------------------- */

/* Byte 'at' of the record of an entry in the middle, in thousandths of its size. */
static size_t flip_entry (struct txn *txn, unsigned permille)
{
    struct record record;
    if (record_middle (txn, CORE_ENTRIES, &record))
        record.value.data[(record.value.size - 1) * permille / 1000] ^= 16;
    record_put (txn, CORE_ENTRIES, &record);
    buffer_done (&record.value);
    return 0;
}

#define FLIPPED(name, permille)                                                          \
    static size_t name (struct core *core UNUSED,                                        \
                        const struct service_spec *spec UNUSED, struct txn *txn)         \
    {                                                                                    \
        return flip_entry (txn, permille);                                               \
    }

FLIPPED (entry_begins_with_another_bit, 0)
FLIPPED (entry_has_another_bit_in_its_first_quarter, 250)
FLIPPED (entry_has_another_bit_in_its_middle, 500)
FLIPPED (entry_has_another_bit_in_its_last_quarter, 750)
FLIPPED (entry_ends_with_another_bit, 1000)

static size_t entry_is_gone (struct core *core UNUSED,
                             const struct service_spec *spec UNUSED, struct txn *txn)
{
    struct record record;
    if (record_middle (txn, CORE_ENTRIES, &record))
        txn_delete (txn, CORE_ENTRIES, record_key (&record));
    buffer_done (&record.value);
    return 0;
}

static size_t last_entry_is_gone (struct core *core UNUSED,
                                  const struct service_spec *spec UNUSED, struct txn *txn)
{
    struct key key;
    key_init (&key);
    key_u64 (&key, txn_count (txn, CORE_ENTRIES));
    txn_delete (txn, CORE_ENTRIES, key_view (&key));
    return 0;
}

static size_t entry_stands_in_place_of_the_next (struct core *core UNUSED,
                                                 const struct service_spec *spec UNUSED,
                                                 struct txn *txn)
{
    struct record record;
    if (record_middle (txn, CORE_ENTRIES, &record))
        put_be64 (record.key, get_be64 (record.key) + 1);
    record_put (txn, CORE_ENTRIES, &record);
    buffer_done (&record.value);
    return 0;
}

static size_t two_entries_change_places (struct core *core UNUSED,
                                         const struct service_spec *spec UNUSED,
                                         struct txn *txn)
{
    struct record a, b = { 0 };
    struct bytes value;
    if (record_middle (txn, CORE_ENTRIES, &a)) {
        memcpy (b.key, a.key, a.key_size);
        b.key_size = a.key_size;
        put_be64 (b.key, get_be64 (a.key) + 1);
        if (txn_get (txn, CORE_ENTRIES, record_key (&b), &value))
            buffer_append_bytes (&b.value, value);
        struct buffer was = a.value;
        a.value = b.value;
        b.value = was;
        record_put (txn, CORE_ENTRIES, &a);
        record_put (txn, CORE_ENTRIES, &b);
    }
    buffer_done (&a.value);
    buffer_done (&b.value);
    return 0;
}

static size_t entry_is_cut_short (struct core *core UNUSED,
                                  const struct service_spec *spec UNUSED, struct txn *txn)
{
    struct record record;
    if (record_middle (txn, CORE_ENTRIES, &record))
        record.value.size -= 3;
    record_put (txn, CORE_ENTRIES, &record);
    buffer_done (&record.value);
    return 0;
}

static size_t entry_is_longer (struct core *core UNUSED,
                               const struct service_spec *spec UNUSED, struct txn *txn)
{
    struct record record;
    if (record_middle (txn, CORE_ENTRIES, &record))
        buffer_append (&record.value, "xyz", 3);
    record_put (txn, CORE_ENTRIES, &record);
    buffer_done (&record.value);
    return 0;
}

static size_t entry_is_added_behind_the_last (struct core *core UNUSED,
                                              const struct service_spec *spec UNUSED,
                                              struct txn *txn)
{
    struct record record;
    if (record_middle (txn, CORE_ENTRIES, &record))
        put_be64 (record.key, txn_count (txn, CORE_ENTRIES) + 1);
    record_put (txn, CORE_ENTRIES, &record);
    buffer_done (&record.value);
    return 0;
}

/* ---- the tree, and what the journal is called ----------------------------------------- */

static size_t node_has_another_bit (struct core *core UNUSED,
                                    const struct service_spec *spec UNUSED,
                                    struct txn *txn)
{
    struct record record;
    if (record_middle (txn, CORE_TREE, &record))
        record.value.data[7] ^= 1;
    record_put (txn, CORE_TREE, &record);
    buffer_done (&record.value);
    return 0;
}

static size_t node_is_gone (struct core *core UNUSED,
                            const struct service_spec *spec UNUSED, struct txn *txn)
{
    struct record record;
    if (record_middle (txn, CORE_TREE, &record))
        txn_delete (txn, CORE_TREE, record_key (&record));
    buffer_done (&record.value);
    return 0;
}

static size_t flip_meta (struct txn *txn, const char *name, size_t at)
{
    struct record record = { 0 };
    struct bytes value;
    record.key_size = strlen (name);
    memcpy (record.key, name, record.key_size);
    if (txn_get (txn, CORE_META, record_key (&record), &value)) {
        buffer_append_bytes (&record.value, value);
        record.value.data[at < value.size ? at : value.size - 1] ^= 1;
        record_put (txn, CORE_META, &record);
    }
    buffer_done (&record.value);
    return 0;
}

static size_t frontier_has_another_size (struct core *core UNUSED,
                                         const struct service_spec *spec UNUSED,
                                         struct txn *txn)
{
    return flip_meta (txn, "journal.frontier", 7);
}

static size_t frontier_has_another_node (struct core *core UNUSED,
                                         const struct service_spec *spec UNUSED,
                                         struct txn *txn)
{
    return flip_meta (txn, "journal.frontier", 40);
}

static size_t frontier_is_gone (struct core *core UNUSED,
                                const struct service_spec *spec UNUSED, struct txn *txn)
{
    txn_delete (txn, CORE_META, bytes_of_text ("journal.frontier"));
    return 0;
}

/* ---- followers ------------------------------------------------------------------------ */

static size_t flip_position (struct txn *txn, size_t at, unsigned by)
{
    struct record record;
    if (record_middle (txn, CORE_POSITIONS, &record))
        record.value.data[at] = (uint8_t) (record.value.data[at] + by);
    record_put (txn, CORE_POSITIONS, &record);
    buffer_done (&record.value);
    return 0;
}

/* Layout: id 16, acted 8, hash 32 (runtime/core_follow.c). */
static size_t position_is_ahead (struct core *core UNUSED,
                                 const struct service_spec *spec UNUSED, struct txn *txn)
{
    return flip_position (txn, 16 + 6, 100);
}

static size_t position_is_behind (struct core *core UNUSED,
                                  const struct service_spec *spec UNUSED, struct txn *txn)
{
    return flip_position (txn, 16 + 7, (unsigned) -1);
}

static size_t position_has_another_hash (struct core *core UNUSED,
                                         const struct service_spec *spec UNUSED,
                                         struct txn *txn)
{
    return flip_position (txn, 24 + 5, 1);
}

static size_t position_is_in_another_journal (struct core *core UNUSED,
                                              const struct service_spec *spec UNUSED,
                                              struct txn *txn)
{
    return flip_position (txn, 3, 1);
}

const struct store_mutation store_mutations[] = {
    { "an entry begins with another bit", entry_begins_with_another_bit },
    { "an entry has another bit in its first quarter",
      entry_has_another_bit_in_its_first_quarter },
    { "an entry has another bit in its middle", entry_has_another_bit_in_its_middle },
    { "an entry has another bit in its last quarter",
      entry_has_another_bit_in_its_last_quarter },
    { "an entry ends with another bit", entry_ends_with_another_bit },
    { "an entry is gone", entry_is_gone },
    { "the last entry is gone", last_entry_is_gone },
    { "an entry stands in place of the next", entry_stands_in_place_of_the_next },
    { "two entries change places", two_entries_change_places },
    { "an entry is cut short", entry_is_cut_short },
    { "an entry is longer", entry_is_longer },
    { "an entry is added behind the last", entry_is_added_behind_the_last },
    { "a node of the tree has another bit", node_has_another_bit },
    { "a node of the tree is gone", node_is_gone },
    { "the frontier has another size", frontier_has_another_size },
    { "the frontier has another node", frontier_has_another_node },
    { "the frontier is gone", frontier_is_gone },
    { "a record of each fact is changed", records_are_changed },
    { "a record of each fact is gone", records_are_gone },
    { "a record of each fact is added", records_are_added },
    { "what was taken over is too high", taken_is_too_high },
    { "what was taken over is too low", taken_is_too_low },
    { "a position is ahead", position_is_ahead },
    { "a position is behind", position_is_behind },
    { "a position has another hash", position_has_another_hash },
    { "a position is in another journal", position_is_in_another_journal },
};
const size_t n_store_mutations = ARRAY_SIZE (store_mutations);
