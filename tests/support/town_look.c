/* SPDX-License-Identifier: Apache-2.0 */
/* Looking into a town's daemons: journals, gauges, digests of tables. */
#include "town_inside.h"

#include <string.h>

static struct core *core_of (struct town *town, enum speaker speaker)
{
    struct core *core = town_core (town, speaker);
    assert (core != NULL);
    return core;
}

/* ---- journals ----------------------------------------------------------------------- */

uint64_t town_journal_after (struct town *town, enum speaker speaker, uint64_t after,
                             town_entry_fn *fn, void *arg)
{
    struct core *core = core_of (town, speaker);
    struct txn *txn = txn_begin_read (core_store (core));
    struct journal_reader reader;
    struct journal_record record;
    struct arena arena;
    uint64_t count = 0;
    int rc;
    arena_init (&arena, 0);
    journal_reader_init (&reader, core_journal (core), txn, after + 1, JOURNAL_BODIES);
    while ((rc = journal_reader_next (&reader, &record)) > 0) {
        struct entry entry;
        arena_reset (&arena);
        int decoded = entry_decode (&arena, record.header, &entry, NULL);
        assert (decoded == 0);
        fn (arg, &entry, record.body);
        count++;
    }
    assert (rc == 0);
    journal_reader_done (&reader);
    arena_done (&arena);
    txn_abort (&txn);
    return count;
}

uint64_t town_journal (struct town *town, enum speaker speaker, town_entry_fn *fn,
                       void *arg)
{
    return town_journal_after (town, speaker, 0, fn, arg);
}

struct counting {
    enum kind kind;
    uint64_t count, last;
};

static void count_one (void *arg, const struct entry *entry, struct bytes body UNUSED)
{
    struct counting *counting = arg;
    if (counting->kind != KIND_NONE && entry->kind != (uint32_t) counting->kind)
        return;
    counting->count++;
    counting->last = entry->sequence;
}

uint64_t town_count (struct town *town, enum speaker speaker, enum kind kind)
{
    struct counting counting = { .kind = kind };
    town_journal (town, speaker, count_one, &counting);
    return counting.count;
}

struct entry *town_last (struct town *town, enum speaker speaker, enum kind kind)
{
    struct core *core = core_of (town, speaker);
    struct counting counting = { .kind = kind };
    town_journal (town, speaker, count_one, &counting);
    if (counting.last == 0)
        return NULL;
    struct entry *entry = ARENA_NEW (&town->arena, struct entry);
    struct txn *txn = txn_begin_read (core_store (core));
    bool found = core_entry (core, txn, counting.last, &town->arena, entry, NULL);
    txn_abort (&txn);
    return found ? entry : NULL;
}

/* ---- gauges ------------------------------------------------------------------------- */

uint64_t town_gauge (struct town *town, enum speaker speaker, const char *name)
{
    struct core *core = core_of (town, speaker);
    struct status status;
    struct arena arena;
    uint64_t value = UINT64_MAX;
    arena_init (&arena, 0);
    core_status (core, &arena, town->now_ms, &status);
    for (size_t i = 0; i < status.n_gauges; i++)
        if (strcmp (status.gauges[i].name, name) == 0)
            value = status.gauges[i].value;
    arena_done (&arena);
    return value;
}

/* ---- digests ------------------------------------------------------------------------ */

static void record_add (struct buffer *buffer, struct bytes bytes)
{
    uint8_t size[4];
    put_be32 (size, (uint32_t) bytes.size);
    buffer_append (buffer, size, sizeof size);
    buffer_append_bytes (buffer, bytes);
}

static void table_add (struct buffer *buffer, struct txn *txn, unsigned table)
{
    struct cursor cursor;
    uint8_t number[4];
    put_be32 (number, table);
    buffer_append (buffer, number, sizeof number);
    cursor_init (&cursor, txn, table);
    for (cursor_first (&cursor); cursor_is_on (&cursor); cursor_next (&cursor)) {
        record_add (buffer, cursor_key (&cursor));
        record_add (buffer, cursor_value (&cursor));
    }
    cursor_done (&cursor);
}

void town_facts_append (struct core *core, const struct service_spec *spec,
                        struct buffer *buffer)
{
    static const unsigned own[] = { CORE_COUNTERS, CORE_OUTCOMES, CORE_TAKEN, CORE_AGENDA,
                                    CORE_TABLE_EVENTS };
    struct txn *txn = txn_begin_read (core_store (core));
    for (size_t i = 0; i < ARRAY_SIZE (own); i++)
        table_add (buffer, txn, own[i]);
    for (size_t i = 0; i < spec->n_facts; i++)
        table_add (buffer, txn, core_table ((unsigned) i));
    txn_abort (&txn);
}

static struct hash buffer_hash (struct buffer *buffer)
{
    struct hash hash;
    hash_bytes (buffer_bytes (buffer), &hash);
    buffer_done (buffer);
    return hash;
}

struct hash town_digest (struct town *town, enum speaker speaker)
{
    struct buffer buffer = { 0 };
    town_facts_append (core_of (town, speaker), town->daemons[speaker].spec, &buffer);
    return buffer_hash (&buffer);
}

struct hash town_digest_views (struct town *town, enum speaker speaker)
{
    const struct service_spec *spec = town->daemons[speaker].spec;
    struct buffer buffer = { 0 };
    struct txn *txn = txn_begin_read (core_store (core_of (town, speaker)));
    for (size_t i = spec->n_facts; i < spec->n_tables; i++)
        table_add (&buffer, txn, core_table ((unsigned) i));
    txn_abort (&txn);
    return buffer_hash (&buffer);
}
