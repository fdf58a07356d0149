/* SPDX-License-Identifier: Apache-2.0 */
/* The core's life: opened on its store, started on tables, closed. What is found in the
 * store is a promise only once 'started' is committed (TRAPS: pages that only the cache
 * has), so nobody is answered before. */
#include "runtime/core_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/log.h"

/* Prefixed, so that no table of a service can be one of these by accident. */
static const char *const core_table_names[CORE_TABLES] = {
    [CORE_ENTRIES] = "core.entries",
    [CORE_TREE] = "core.tree",
    [CORE_META] = "core.meta",
    [CORE_COUNTERS] = "core.counters",
    [CORE_OUTCOMES] = "core.outcomes",
    [CORE_TAKEN] = "core.taken",
    [CORE_POSITIONS] = "core.positions",
    [CORE_AGENDA] = "core.agenda",
    [CORE_TABLE_EVENTS] = "core.table_events",
    [CORE_DAMAGED] = "core.damaged",
    [CORE_INCARNATIONS] = "core.incarnations",
};

const char *core_table_name (const struct core *core, unsigned table)
{
    return table < CORE_TABLES ? core_table_names[table]
                               : core->spec->tables[table - CORE_TABLES];
}

/* ---- meta -------------------------------------------------------------------------- */

static struct bytes meta_key (struct key *key, const char *name)
{
    key_init (key);
    key_text (key, "core.");
    key_text (key, name);
    return key_view (key);
}

bool meta_get (struct txn *txn, const char *name, struct bytes *ret_value)
{
    struct key key;
    return txn_get (txn, CORE_META, meta_key (&key, name), ret_value);
}

void meta_put (struct txn *txn, const char *name, struct bytes value)
{
    struct key key;
    txn_put (txn, CORE_META, meta_key (&key, name), value);
}

static void clean_put (struct txn *txn, bool clean)
{
    uint8_t value = clean;
    meta_put (txn, "clean", BYTES_OF (value));
}

/* ---- open -------------------------------------------------------------------------- */

static int store_of_spec (struct core *core, struct err *err)
{
    const struct service_spec *spec = core->spec;
    const struct core_options *options = &core->options;
    const char *names[STORE_TABLES_MAX];
    assert (CORE_TABLES + spec->n_tables <= STORE_TABLES_MAX);
    memcpy (names, core_table_names, sizeof core_table_names);
    for (size_t i = 0; i < spec->n_tables; i++) {
        assert (strncmp (spec->tables[i], "core.", 5) != 0);
        names[CORE_TABLES + i] = spec->tables[i];
    }
    int (*open) (const char *, const char *const *, size_t, size_t, struct store **,
                 struct err *) = core->origin != NULL   ? store_open_scratch
                                 : options->is_volatile ? store_open_volatile
                                                        : store_open;
    return open (options->dir, names, CORE_TABLES + spec->n_tables, options->map_mib,
                 &core->store, err);
}

/* What a new store gets. */
static void meta_begin (struct core *core, struct txn *txn)
{
    static_assert (sizeof core->options.random >= JOURNAL_ID_SIZE + HASH_KEY_SIZE,
                   "randomness for a journal and a secret");
    meta_put (txn, "secret",
              BYTES (core->options.random + JOURNAL_ID_SIZE, HASH_KEY_SIZE));
    schema_begin (core, txn);
}

/* What every store must have. */
static int meta_open (struct core *core, struct txn *txn, struct err *err)
{
    struct bytes value;
    int rc = schema_look (core, txn, err);
    if (rc < 0)
        return rc;
    if (!meta_get (txn, "secret", &value) || value.size != HASH_KEY_SIZE)
        return err_set (err, -EINVAL,
                        "the store in %s has lost its secret, by which query codes are "
                        "known: restore it from a backup",
                        core->options.dir);
    memcpy (core->secret, value.data, HASH_KEY_SIZE);
    core->was_unclean =
        meta_get (txn, "clean", &value) && value.size == 1 && !value.data[0];
    core->is_half_built = meta_get (txn, "rebuild", &value);
    core->is_half_restored = meta_get (txn, "restore", &value);
    return 0;
}

static int journal_of_store (struct core *core, struct err *err)
{
    static const struct journal_tables tables = { .entries = CORE_ENTRIES,
                                                  .tree = CORE_TREE,
                                                  .meta = CORE_META };
    struct txn *txn = txn_begin_write (core->store);
    if (schema_is_new_store (core, txn))
        meta_begin (core, txn);
    int rc = meta_open (core, txn, err);
    if (rc == 0)
        rc = journal_open (txn, &tables, core->options.random, &core->journal, err);
    if (rc < 0) {
        txn_abort (&txn);
        return rc;
    }
    rc = txn_commit (&txn);
    if (rc < 0)
        return err_set (err, rc, "the store in %s cannot be written: %s",
                        core->options.dir, strerror (-rc));
    return 0;
}

/* What must be in memory. */
static void state_load (struct core *core)
{
    struct txn *txn = txn_begin_read (core->store);
    struct entry last;
    core->head = journal_size (core->journal, txn);
    core->opened_head = core->head;
    if (core->head > 0 && core_entry (core, txn, core->head, &core->scratch, &last, NULL))
        core->last_time_ms = last.time_ms;
    core->done_last_time_ms = core->last_time_ms;
    core->next_due_ms = agenda_next_due_ms (txn, CORE_AGENDA);
    links_load (core, txn);
    poison_load (core, txn);
    damaged_load (core, txn);
    time_load (core, txn);
    txn_abort (&txn);
}

static struct core *core_create (const struct service_spec *spec,
                                 const struct core_options *options)
{
    struct core *core = calloc (1, sizeof *core);
    assert (core != NULL && spec->n_follows <= LINKS_MAX);
    core->spec = spec;
    core->options = *options;
    core->counters =
        (struct clients_tables){ .counters = CORE_COUNTERS, .outcomes = CORE_OUTCOMES };
    core->due_rows = calloc (DUE_MAX, sizeof *core->due_rows);
    core->asks = calloc (ASKS_MAX, sizeof *core->asks);
    assert (core->due_rows != NULL && core->asks != NULL);
    arena_init (&core->arena, 0);
    arena_init (&core->scratch, 0);
    arena_init (&core->entries, 0);
    for (size_t i = 0; i < spec->n_follows; i++)
        core->links[core->n_links++].spec = &spec->follows[i];
    core->tight_room = INT64_MAX; /* until the first turn looks */
    voices_clear (core);
    return core;
}

/* What a service keeps in memory may be of the old layout: it is opened anew. */
static int store_migrate (struct core *core, struct err *err)
{
    int rc = schema_migrate (core, err);
    if (rc < 0)
        return rc;
    if (core->spec->close != NULL)
        core->spec->close (&core->self);
    core->self = NULL;
    return core->spec->open (core, &core->self, err);
}

int core_open (const struct service_spec *spec, const struct core_options *options,
               struct core **ret_core, struct err *err)
{
    struct core *core = core_create (spec, options);
    struct err why = { 0 };
    int rc = store_of_spec (core, err);
    if (rc == 0)
        rc = journal_of_store (core, err);
    if (rc == 0)
        rc = spec->open (core, &core->self, err);
    if (rc == 0 && core->is_older)
        rc = store_migrate (core, err);
    if (rc < 0) {
        core_close (&core, false);
        return rc;
    }
    store_reader_check (core->store);
    scrub_remove_left (core);
    state_load (core);
    /* A program that reads tables more strictly than the one before says why; core_start
     * then needs better ones. */
    if (tables_load (core, &why) < 0)
        log_warning ("the tables in force cannot be read: %s", why.text);
    if (core->was_unclean)
        poison_expect (core);
    *ret_core = core;
    return 0;
}

int core_open_shadow (struct core *core, const char *dir, struct core **ret_shadow,
                      struct err *err)
{
    struct core_options options = core->options;
    options.dir = dir;
    struct core *shadow = core_create (core->spec, &options);
    shadow->origin = core;
    int rc = store_of_spec (shadow, err);
    if (rc == 0)
        rc = core->spec->open (shadow, &shadow->self, err);
    if (rc < 0) {
        core_close (&shadow, false);
        return rc;
    }
    *ret_shadow = shadow;
    return 0;
}

/* ---- start ------------------------------------------------------------------------- */

static void started_journal (struct core *core)
{
    arena_reset (&core->scratch);
    struct event *event = ARENA_NEW (&core->scratch, struct event);
    event->entry.kind = KIND_STARTED;
    event->entry.informative = true;
    event->entry.started = ARENA_NEW (&core->scratch, struct started);
    *event->entry.started = (struct started){ .version = MINQING_VERSION,
                                              .schema = CORE_SCHEMA,
                                              .unclean = core->was_unclean };
    core_emit (core, event, NULL, NULL, NULL, NULL);
    clean_put (core->txn, false);
}

static void first_start (struct core *core)
{
    core->is_started = true;
    core->started_ms = core->now_ms;
    if (core->was_unclean)
        log_warning (
            "%s was not stopped cleanly; the next %d inputs are taken one at a time",
            core->spec->name, CAREFUL_UNITS);
}

int core_start (struct core *core, const struct rules_source *sources,
                struct bytes clients_tsv, int64_t now_ms, struct err *err)
{
    struct rules *rules = NULL;
    struct clients *clients = NULL;
    int rc = 0;
    if (core->is_half_built)
        return err_set (err, -EUCLEAN,
                        "a rebuild of %s was interrupted: run it again (--rebuild)",
                        core->options.dir);
    if (core->is_half_restored)
        return err_set (err, -EUCLEAN,
                        "the restoration of %s was interrupted: run it again (minqing "
                        "restore)",
                        core->options.dir);
    if (sources != NULL)
        rc = tables_take (core, sources, clients_tsv, &rules, &clients, err);
    else if (core->rules == NULL)
        rc = err_set (err, -EINVAL, "no tables are in force yet: hand some in");
    if (rc < 0)
        return rc;
    core->now_ms = now_ms;
    batch_begin (core);
    time_look (core); /* a doubt is settled before anything is said that is certain */
    if (sources != NULL)
        tables_journal (core, sources, clients_tsv);
    if (!core->is_started && !FAULT (NO_STARTED))
        started_journal (core);
    rc = batch_commit (core);
    if (rc < 0) {
        rules_destroy (&rules);
        clients_destroy (&clients);
        return err_set (err, rc, "the start could not be recorded: %s", strerror (-rc));
    }
    if (sources != NULL)
        tables_swap (core, rules, clients, clients_tsv);
    if (core->is_started)
        return 0;
    first_start (core);
    return incarnation_restate (core, err);
}

/* ---- close ------------------------------------------------------------------------- */

static void note_clean_stop (struct core *core)
{
    struct txn *txn = txn_begin_write (core->store);
    clean_put (txn, true);
    time_keep (core, txn);
    poison_forget (core, txn);
    int rc = txn_commit (&txn);
    if (rc < 0)
        log_warning ("the clean stop could not be noted: %s", strerror (-rc));
}

void core_close (struct core **place, bool clean)
{
    struct core *core = *place;
    if (core == NULL)
        return;
    *place = NULL;
    scrub_end (core);
    txn_abort (&core->txn);
    if (clean && core->is_started && !core->is_doomed)
        note_clean_stop (core);
    if (core->self != NULL && core->spec->close != NULL)
        core->spec->close (&core->self);
    journal_close (&core->journal);
    store_close (&core->store);
    rules_destroy (&core->rules);
    clients_destroy (&core->clients);
    held_forget (core, BYTES (NULL, 0));
    subscriber_forget (core, BYTES (NULL, 0));
    results_done (core);
    arena_done (&core->arena);
    arena_done (&core->scratch);
    arena_done (&core->entries);
    buffer_done (&core->header);
    free (core->outbox.outputs);
    free (core->parked);
    free (core->due_rows);
    free (core->asks);
    free (core);
}

/* ---- told -------------------------------------------------------------------------- */

struct store *core_store (struct core *core)
{
    return core->store;
}

struct journal *core_journal (struct core *core)
{
    return core->journal;
}

int64_t core_now_ms (const struct core *core)
{
    return core->now_ms;
}

bool core_is_tight (const struct core *core)
{
    for (size_t i = 0; i < core->n_links; i++)
        /* Who stopped following no longer hears that there is room again. */
        if (core->links[i].is_tight && core->links[i].problem[0] == '\0')
            return true;
    return core->is_tight;
}

const uint8_t *core_secret (const struct core *core)
{
    return core->secret;
}

const char *core_setting (const struct core *core, const char *path)
{
    return core->options.setting != NULL
               ? core->options.setting (core->options.setting_arg, path)
               : NULL;
}
