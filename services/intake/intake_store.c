/* SPDX-License-Identifier: Apache-2.0 */
/* Intake's memory. All numbers big-endian, all keys fixed-width.
 *
 *   grievances  number u64                    → registered u64 | flags u8 | code hash 32
 *   terminals   terminal u32                  → written_ms i64
 *   said        number u64 | sequence u64     → nothing
 *   steps       number u64 | time_ms i64 | speaker u8 | sequence u64 → CourseStep
 *   raises      number u64 | raise u64        → level u8
 *   documents   number u64 | sequence u64     → size u32 | DocumentRow | its text
 *   matters     number u64                    → Matter
 *
 * A grievance number begins with date and terminal, so what a terminal files lies
 * together, and a day's filings of the county touch a few hundred pages. Everything else
 * there is to know of a grievance stands in the journal, once. What stands in the views
 * stands in the journals of those who said it, and can be followed again. */
#include "intake/intake_store.h"

#include <string.h>

#include "wire/wire.h"

const char *const intake_table_names[INTAKE_TABLES] = {
    [INTAKE_GRIEVANCES] = "intake.grievances",
    [INTAKE_TERMINALS] = "intake.terminals",
    [INTAKE_SAID] = "intake.said",
    [INTAKE_STEPS] = "intake.steps",
    [INTAKE_RAISES] = "intake.raises",
    [INTAKE_DOCUMENTS] = "intake.documents",
    [INTAKE_MATTERS] = "intake.matters",
};

#define FLAG_ACCUSATION 0x01u
#define FLAG_SEALED     0x02u
#define GRIEVANCE_SIZE  (8 + 1 + HASH_SIZE)

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

bool intake_grievance_find (struct txn *txn, uint64_t number,
                            struct intake_grievance *ret_grievance)
{
    struct key key = key_of_number (number);
    struct bytes record;
    if (!txn_get (txn, core_table (INTAKE_GRIEVANCES), key_view (&key), &record))
        return false;
    struct intake_grievance grievance = { .registered = key_take_u64 (&record) };
    unsigned flags = key_take_u8 (&record);
    grievance.is_accusation = (flags & FLAG_ACCUSATION) != 0;
    grievance.is_sealed = (flags & FLAG_SEALED) != 0;
    struct bytes hash = key_take_bytes (&record, HASH_SIZE);
    assert (key_taken_whole (&record));
    memcpy (grievance.code_hash.data, hash.data, HASH_SIZE);
    *ret_grievance = grievance;
    return true;
}

void intake_grievance_put (struct txn *txn, uint64_t number,
                           const struct intake_grievance *grievance)
{
    struct key key = key_of_number (number);
    uint8_t *record = txn_put_space (txn, core_table (INTAKE_GRIEVANCES), key_view (&key),
                                     GRIEVANCE_SIZE);
    if (!record)
        return;
    put_be64 (record, grievance->registered);
    record[8] = (uint8_t) ((grievance->is_accusation ? FLAG_ACCUSATION : 0) |
                           (grievance->is_sealed ? FLAG_SEALED : 0));
    memcpy (record + 9, grievance->code_hash.data, HASH_SIZE);
}

int64_t intake_terminal_written_ms (struct txn *txn, uint32_t terminal)
{
    struct key key;
    key_init (&key);
    key_u32 (&key, terminal);
    struct bytes record;
    if (!txn_get (txn, core_table (INTAKE_TERMINALS), key_view (&key), &record))
        return 0;
    return (int64_t) key_take_u64 (&record);
}

void intake_terminal_put (struct txn *txn, uint32_t terminal, int64_t written_ms)
{
    struct key key;
    key_init (&key);
    key_u32 (&key, terminal);
    uint8_t record[8];
    put_be64 (record, (uint64_t) written_ms);
    txn_put (txn, core_table (INTAKE_TERMINALS), key_view (&key), BYTES_OF (record));
}

void intake_said_put (struct txn *txn, uint64_t number, uint64_t sequence)
{
    struct key key = key_of_pair (number, sequence);
    txn_put (txn, core_table (INTAKE_SAID), key_view (&key), (struct bytes){ 0 });
}

uint64_t intake_said_before (struct txn *txn, uint64_t number, uint64_t sequence)
{
    struct key before = key_of_pair (number, sequence), prefix = key_of_number (number);
    CLEANUP (cursor_done) struct cursor cursor;
    cursor_init (&cursor, txn, core_table (INTAKE_SAID));
    cursor_seek_before (&cursor, key_view (&before));
    if (!cursor_is_within (&cursor, key_view (&prefix)))
        return 0;
    struct bytes key = cursor_key (&cursor);
    key_take_u64 (&key);
    return key_take_u64 (&key);
}

void intake_step_put (struct txn *txn, uint64_t number, const struct source *source,
                      const struct course_step *step)
{
    struct key key = key_of_pair (number, (uint64_t) step->time_ms);
    key_u8 (&key, (uint8_t) source->speaker);
    key_u64 (&key, source->sequence);
    struct buffer value = { 0 };
    course_step_append (step, &value);
    txn_put (txn, core_table (INTAKE_STEPS), key_view (&key), buffer_bytes (&value));
    buffer_done (&value);
}

struct key intake_steps_of (uint64_t number)
{
    return key_of_number (number);
}

void intake_matter_put (struct txn *txn, uint64_t number, const struct matter *matter)
{
    struct key key = key_of_number (number);
    struct buffer value = { 0 };
    matter_append (matter, &value);
    txn_put (txn, core_table (INTAKE_MATTERS), key_view (&key), buffer_bytes (&value));
    buffer_done (&value);
}

bool intake_matter_find (struct txn *txn, uint64_t number, struct arena *arena,
                         struct matter *ret_matter)
{
    struct key key = key_of_number (number);
    struct bytes value;
    return txn_get (txn, core_table (INTAKE_MATTERS), key_view (&key), &value) &&
           matter_decode (arena, value, ret_matter, NULL) == 0;
}

void intake_document_put (struct txn *txn, uint64_t number,
                          const struct document_row *document)
{
    struct key key = intake_document_key (number, document->sequence);
    struct document_row head = *document;
    struct buffer value = { 0 };
    uint8_t head_size[4];
    head.text = NULL;
    put_be32 (head_size, (uint32_t) document_row_size (&head));
    buffer_append_bytes (&value, BYTES_OF (head_size));
    document_row_append (&head, &value);
    buffer_append_bytes (&value, bytes_of_text (document->text));
    txn_put (txn, core_table (INTAKE_DOCUMENTS), key_view (&key), buffer_bytes (&value));
    buffer_done (&value);
}

bool intake_document_read (struct bytes record, bool with_text, struct arena *arena,
                           struct document_row *ret_document)
{
    uint32_t head_size = key_take_u32 (&record);
    struct bytes head = key_take_bytes (&record, head_size);
    if (document_row_decode (arena, head, ret_document, NULL) < 0)
        return false;
    if (with_text && record.size > 0)
        ret_document->text =
            arena_format (arena, "%.*s", (int) record.size, (const char *) record.data);
    return true;
}

struct key intake_documents_of (uint64_t number)
{
    return key_of_number (number);
}

struct key intake_document_key (uint64_t number, uint64_t sequence)
{
    return key_of_pair (number, sequence);
}

void intake_raise_put (struct txn *txn, uint64_t number, uint64_t raise, uint32_t level)
{
    struct key key = key_of_pair (number, raise);
    uint8_t record = (uint8_t) level;
    txn_put (txn, core_table (INTAKE_RAISES), key_view (&key), BYTES_OF (record));
}

uint32_t intake_level (struct txn *txn, uint64_t number)
{
    struct key prefix = key_of_number (number);
    uint32_t level = 0;
    CLEANUP (cursor_done) struct cursor cursor;
    cursor_init (&cursor, txn, core_table (INTAKE_RAISES));
    for (cursor_seek (&cursor, key_view (&prefix));
         cursor_is_within (&cursor, key_view (&prefix)); cursor_next (&cursor)) {
        struct bytes record = cursor_value (&cursor);
        uint8_t open = key_take_u8 (&record);
        level = open > level ? open : level;
    }
    return level;
}

/* The first that is open; 0: none. */
static uint64_t first_raise (struct txn *txn, uint64_t number)
{
    struct key prefix = key_of_number (number);
    CLEANUP (cursor_done) struct cursor cursor;
    cursor_init (&cursor, txn, core_table (INTAKE_RAISES));
    cursor_seek (&cursor, key_view (&prefix));
    if (!cursor_is_within (&cursor, key_view (&prefix)))
        return 0;
    struct bytes key = cursor_key (&cursor);
    key_take_u64 (&key);
    return key_take_u64 (&key);
}

/* The level never falls while a raise is open: those that are left carry it on. */
void intake_raise_delete (struct txn *txn, uint64_t number, uint64_t raise)
{
    struct key key = key_of_pair (number, raise);
    uint32_t level = intake_level (txn, number);
    txn_delete (txn, core_table (INTAKE_RAISES), key_view (&key));
    uint64_t left = first_raise (txn, number);
    if (left != 0)
        intake_raise_put (txn, number, left, level);
}
