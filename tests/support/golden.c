/* SPDX-License-Identifier: Apache-2.0 */
#include "golden.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "archive/archive.h"
#include "wire/names.h"

#define MAP_MIB 256

static void fail_on (int rc, const struct err *err)
{
    if (rc < 0)
        fail_msg ("%s", err->text);
}

/* ---- write -------------------------------------------------------------------------- */

void golden_write (struct town *town, enum speaker speaker, const char *dir)
{
    struct core *core = town_core (town, speaker);
    const struct journal_identity *identity = journal_identity (core_journal (core));
    struct keepsake keepsake = { .speaker = speaker,
                                 .journal = BYTES (identity->id, JOURNAL_ID_SIZE),
                                 .incarnation = identity->incarnation,
                                 .secret = BYTES (core_secret (core), HASH_KEY_SIZE),
                                 .schema = 2,
                                 .version = MINQING_VERSION };
    struct archive_writer *writer;
    struct journal_reader reader;
    struct journal_record record;
    struct err err = { 0 };
    char path[512];
    int rc;
    snprintf (path, sizeof path, "%s/%s", dir, speaker_name (speaker));
    fail_on (archive_append_open (path, &keepsake, &writer, &err), &err);
    struct txn *txn = txn_begin_read (core_store (core));
    journal_reader_init (&reader, core_journal (core), txn, 1, JOURNAL_BODIES);
    while ((rc = journal_reader_next (&reader, &record)) > 0) {
        struct followed followed = { .header = record.header, .body = record.body };
        if (!hash_is_zero (&record.body_hash))
            followed.body_hash = hash_view (&record.body_hash);
        fail_on (archive_append (writer, &followed, &err), &err);
    }
    assert_int_equal (rc, 0);
    journal_reader_done (&reader);
    txn_abort (&txn);
    fail_on (archive_flush (writer, &err), &err);
    archive_append_close (&writer);
}

/* ---- fold --------------------------------------------------------------------------- */

static void entries_append (struct core *core, struct archive_reader *reader)
{
    struct followed followed;
    struct err err = { 0 };
    int rc;
    struct txn *txn = txn_begin_write (core_store (core));
    while ((rc = archive_next (reader, &followed, &err)) > 0)
        journal_append (core_journal (core), txn, followed.header, followed.body, NULL);
    fail_on (rc, &err);
    assert_int_equal (txn_commit (&txn), 0);
}

struct core *golden_fold (const struct service_spec *spec, const char *dir,
                          const char *store_dir)
{
    struct core_options options = { .dir = store_dir,
                                    .map_mib = MAP_MIB,
                                    .is_volatile = true };
    struct archive_reader *reader;
    struct core *core;
    struct err err = { 0 };
    char path[512];
    snprintf (path, sizeof path, "%s/%s", dir, spec->name);
    fail_on (archive_open (path, &reader, &err), &err);
    fail_on (core_open (spec, &options, &core, &err), &err);
    entries_append (core, reader);
    archive_close (&reader);
    fail_on (core_rebuild (core, &err), &err);
    return core;
}

/* ---- digest ------------------------------------------------------------------------- */

static void part_add (struct buffer *buffer, struct bytes bytes)
{
    uint8_t size[4];
    put_be32 (size, (uint32_t) bytes.size);
    buffer_append (buffer, size, sizeof size);
    buffer_append_bytes (buffer, bytes);
}

static void table_add (struct buffer *buffer, struct txn *txn, unsigned table,
                       const char *name)
{
    struct cursor cursor;
    cursor_init (&cursor, txn, table);
    if (cursor_first (&cursor))
        part_add (buffer, bytes_of_text (name));
    for (; cursor_is_on (&cursor); cursor_next (&cursor)) {
        part_add (buffer, cursor_key (&cursor));
        part_add (buffer, cursor_value (&cursor));
    }
    cursor_done (&cursor);
}

struct hash golden_digest (struct core *core, const struct service_spec *spec)
{
    static const struct {
        unsigned table;
        const char *name;
    } own[] = {
        { CORE_COUNTERS, "core.counters" },
        { CORE_OUTCOMES, "core.outcomes" },
        { CORE_TAKEN, "core.taken" },
        { CORE_AGENDA, "core.agenda" },
        { CORE_TABLE_EVENTS, "core.table_events" },
        { CORE_INCARNATIONS, "core.incarnations" },
        { CORE_DAMAGED, "core.damaged" },
    };
    struct txn *txn = txn_begin_read (core_store (core));
    struct buffer buffer = { 0 };
    struct hash hash;
    for (size_t i = 0; i < ARRAY_SIZE (own); i++)
        table_add (&buffer, txn, own[i].table, own[i].name);
    for (unsigned i = 0; i < spec->n_facts; i++)
        table_add (&buffer, txn, core_table (i), spec->tables[i]);
    hash_bytes (buffer_bytes (&buffer), &hash);
    buffer_done (&buffer);
    txn_abort (&txn);
    return hash;
}
