/* SPDX-License-Identifier: Apache-2.0 */
/* The core: open, start, turn, close. A turn has two halves:
 *
 *     inputs ─▶ batch: one write transaction: decide, journal, apply ─▶ commit
 *            ─▶ speaking: one read transaction: outcomes, answers, entries, offers
 *
 * A store error inside the batch undoes all of it; a second pass over the same inputs
 * then answers what is recorded already and puts the rest off. A failed commit is
 * neither done nor undone: nothing is said, the process must exit (TRAPS). */
#include "runtime/core_inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

/* After a batch that the store could not take, nothing that can wait is tried for so
 * long: a full disk does not become emptier by spinning. */
#define REST_MS 1000

#define TIGHT_SHARE 0.9 /* TRAPS: the rest is for working and closing */

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
};

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

/* ---- the batch --------------------------------------------------------------------- */

void batch_begin (struct core *core)
{
    assert (core->txn == NULL);
    core->txn = txn_begin_write (core->store);
    poison_begin_batch (core);
}

static void tally_add (struct tally *to, const struct tally *from)
{
    /* A tally is an array of counts. */
    static_assert (sizeof *to % sizeof (uint64_t) == 0, "only counts");
    uint64_t *into = (uint64_t *) to;
    const uint64_t *more = (const uint64_t *) from;
    for (size_t i = 0; i < sizeof *to / sizeof (uint64_t); i++)
        into[i] += more[i];
}

static void batch_done (struct core *core, uint64_t head)
{
    core->head = head;
    core->done_last_time_ms = core->last_time_ms;
    core->is_noted = false;
    tally_add (&core->tally, &core->batch_tally);
    core->batch_tally = (struct tally){ 0 };
    links_settle (core, true);
    asks_settle (core, true);
}

static void batch_undo (struct core *core)
{
    core->last_time_ms = core->done_last_time_ms;
    core->batch_tally = (struct tally){ 0 };
    core->aborted++;
    core->rest_until_ms = core->now_ms + REST_MS;
    links_settle (core, false);
    asks_settle (core, false);
}

void batch_abort (struct core *core)
{
    txn_abort (&core->txn);
    batch_undo (core);
}

int batch_commit (struct core *core)
{
    links_save (core, core->txn);
    int rc = txn_error (core->txn);
    if (rc != 0) {
        batch_abort (core);
        return rc;
    }
    uint64_t head = journal_size (core->journal, core->txn);
    rc = txn_commit (&core->txn);
    if (rc == 0)
        batch_done (core, head);
    else if (rc == -EIO)
        core->is_doomed = true;
    else
        batch_undo (core);
    return rc;
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
                 struct err *) = options->is_volatile ? store_open_volatile : store_open;
    return open (options->dir, names, CORE_TABLES + spec->n_tables, options->map_mib,
                 &core->store, err);
}

/* What a new store gets, and what an old one must have. */
static int meta_open (struct core *core, struct txn *txn, struct err *err)
{
    static_assert (sizeof core->options.random >= JOURNAL_ID_SIZE + HASH_KEY_SIZE,
                   "randomness for a journal and a secret");
    struct bytes value;
    uint8_t schema[4];
    if (!meta_get (txn, "secret", &value)) {
        meta_put (txn, "secret",
                  BYTES (core->options.random + JOURNAL_ID_SIZE, HASH_KEY_SIZE));
        put_be32 (schema, CORE_SCHEMA);
        meta_put (txn, "schema", BYTES_OF (schema));
    }
    if (meta_get (txn, "secret", &value) && value.size == HASH_KEY_SIZE)
        memcpy (core->secret, value.data, HASH_KEY_SIZE);
    if (meta_get (txn, "schema", &value) && value.size == 4 &&
        get_be32 (value.data) != CORE_SCHEMA)
        return err_set (err, -EINVAL,
                        "the store in %s has schema %u, this program has %d: use the "
                        "program that wrote it",
                        core->options.dir, get_be32 (value.data), CORE_SCHEMA);
    core->was_unclean =
        meta_get (txn, "clean", &value) && value.size == 1 && !value.data[0];
    core->is_half_built = meta_get (txn, "rebuild", &value);
    return 0;
}

static int journal_of_store (struct core *core, struct err *err)
{
    static const struct journal_tables tables = { .entries = CORE_ENTRIES,
                                                  .tree = CORE_TREE,
                                                  .meta = CORE_META };
    struct txn *txn = txn_begin_write (core->store);
    int rc = journal_open (txn, &tables, core->options.random, &core->journal, err);
    if (rc == 0)
        rc = meta_open (core, txn, err);
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
    if (core->head > 0 && core_entry (core, txn, core->head, &core->scratch, &last, NULL))
        core->last_time_ms = last.time_ms;
    core->done_last_time_ms = core->last_time_ms;
    core->next_due_ms = agenda_next_due_ms (txn, CORE_AGENDA);
    links_load (core, txn);
    poison_load (core, txn);
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
    voices_clear (core);
    return core;
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
    if (rc < 0) {
        core_close (&core, false);
        return rc;
    }
    store_reader_check (core->store);
    state_load (core);
    /* A program that reads tables more strictly than the one before says why; core_start
     * then needs better ones. */
    if (tables_load (core, &why) < 0)
        log_warning ("the tables in force cannot be read: %s", why.text);
    if (core->was_unclean)
        core->careful = CAREFUL_UNITS;
    *ret_core = core;
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
    if (sources != NULL)
        rc = tables_take (core, sources, clients_tsv, &rules, &clients, err);
    else if (core->rules == NULL)
        rc = err_set (err, -EINVAL, "no tables are in force yet: hand some in");
    if (rc < 0)
        return rc;
    core->now_ms = now_ms;
    batch_begin (core);
    if (sources != NULL)
        tables_journal (core, sources, clients_tsv);
    if (!core->is_started)
        started_journal (core);
    rc = batch_commit (core);
    if (rc < 0) {
        rules_destroy (&rules);
        clients_destroy (&clients);
        return err_set (err, rc, "the start could not be recorded: %s", strerror (-rc));
    }
    if (sources != NULL)
        tables_swap (core, rules, clients, clients_tsv);
    if (!core->is_started)
        first_start (core);
    return 0;
}

/* ---- turn: the batch --------------------------------------------------------------- */

static void input_take (struct core *core, const struct input *input, uint8_t *ret_hears)
{
    arena_reset (&core->scratch);
    switch (input->kind) {
    case INPUT_DOOR:
    case INPUT_CONTROL:
        *ret_hears = frame_take (core, input);
        break;
    case INPUT_LINK: {
        struct link *link = link_find (core, input->link);
        if (link != NULL)
            link_take (core, link, input->frame);
        break;
    }
    case INPUT_RESULT:
        result_take (core, input->effect, input->sysexit, input->detail);
        break;
    case INPUT_GONE:
        break; /* nothing durable; see 'speak' */
    }
}

static int batch_run (struct core *core, const struct input *inputs, size_t n_inputs,
                      uint8_t *hears)
{
    batch_begin (core);
    results_retry (core);
    asks_expire (core);
    for (size_t i = 0; i < n_inputs && txn_error (core->txn) == 0; i++)
        input_take (core, &inputs[i], &hears[i]);
    if (core->now_ms >= core->rest_until_ms)
        due_fire (core, n_inputs > 0);
    int rc = batch_commit (core);
    if (rc == 0)
        results_done (core);
    return rc;
}

/* The batch was undone: the same inputs again, in a read transaction. What an earlier
 * turn (or the committed part of this one) has recorded is answered, the rest has to
 * come again. */
static void batch_refuse (struct core *core, const struct input *inputs, size_t n_inputs,
                          uint8_t *hears, int why)
{
    log_error ("the store could not take a batch of %zu inputs (%s): nothing of it was "
               "recorded, clients are told to try later",
               n_inputs, strerror (-why));
    voices_clear (core);
    core->txn = txn_begin_read (core->store);
    core->only_repeats = true;
    for (size_t i = 0; i < n_inputs; i++)
        if (inputs[i].kind == INPUT_DOOR || inputs[i].kind == INPUT_CONTROL)
            input_take (core, &inputs[i], &hears[i]);
    core->only_repeats = false;
    txn_abort (&core->txn);
    tally_add (&core->tally, &core->batch_tally);
    core->batch_tally = (struct tally){ 0 };
    results_keep (core, inputs, n_inputs);
}

/* ---- turn: speaking ---------------------------------------------------------------- */

static void peers_go (struct core *core, const struct input *inputs, size_t n_inputs)
{
    for (size_t i = 0; i < n_inputs; i++) {
        if (inputs[i].kind != INPUT_GONE || inputs[i].peer.data == NULL)
            continue;
        follower_remove (core, inputs[i].peer);
        held_forget (core, inputs[i].peer);
        if (core->spec->gone != NULL)
            core->spec->gone (core->self, inputs[i].peer);
    }
}

static void speak (struct core *core, const struct input *inputs, size_t n_inputs,
                   const uint8_t *hears)
{
    struct txn *txn = txn_begin_read (core->store);
    core->next_due_ms = agenda_next_due_ms (txn, CORE_AGENDA);
    voices_speak (core);
    peers_go (core, inputs, n_inputs);
    for (size_t i = 0; i < n_inputs; i++) {
        arena_reset (&core->scratch);
        if (hears[i])
            frame_hear (core, txn, &inputs[i]);
    }
    held_retry (core, txn);
    followers_serve (core, txn);
    links_speak (core);
    arena_reset (&core->scratch);
    if (core->spec->settled != NULL)
        core->spec->settled (core->self, txn, core->now_ms, &core->scratch,
                             &core->outbox);
    txn_abort (&txn);
}

int core_turn (struct core *core, const struct input *inputs, size_t n_inputs,
               int64_t now_ms, struct outbox **ret_outbox, struct err *err)
{
    assert (core->is_started && !core->is_doomed);
    silence_grow (core, now_ms);
    core->now_ms = now_ms;
    outbox_begin (core);
    core->is_tight = store_used_share (core->store) >= TIGHT_SHARE;
    uint8_t *hears = ARENA_ARRAY (&core->arena, uint8_t, n_inputs + 1);
    int rc = batch_run (core, inputs, n_inputs, hears);
    if (rc < 0 && !core->is_doomed)
        batch_refuse (core, inputs, n_inputs, hears, rc);
    if (!core->is_doomed)
        speak (core, inputs, n_inputs, hears);
    if (core->is_doomed)
        return err_set (
            err, -EIO,
            "a commit failed: whether it is on disk is not known; start again");
    core->batches += n_inputs > 0;
    core->inputs += n_inputs;
    if (n_inputs > core->inputs_max)
        core->inputs_max = n_inputs;
    *ret_outbox = &core->outbox;
    return 0;
}

static int64_t earlier (int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Whatever waits for a time of its own, but for due rows and followers. */
static int64_t errands_wake_ms (const struct core *core, int64_t now_ms)
{
    int64_t wake_ms = earlier (links_wake_ms (core),
                               earlier (held_wake_ms (core), asks_wake_ms (core)));
    if (core->late != NULL)
        wake_ms = earlier (wake_ms, core->rest_until_ms);
    return core->wants_turn ? now_ms : wake_ms;
}

/* After an undone batch due rows rest for a while. */
static int64_t rested (const struct core *core, int64_t due_ms)
{
    return due_ms < core->rest_until_ms ? core->rest_until_ms : due_ms;
}

int64_t core_wake_ms (struct core *core, int64_t now_ms)
{
    int64_t wake_ms =
        earlier (errands_wake_ms (core, now_ms), followers_wake_ms (core, true));
    return earlier (wake_ms, rested (core, due_wake_ms (core)));
}

int64_t core_errand_ms (struct core *core, int64_t now_ms)
{
    int64_t due_ms = rested (core, due_wake_ms (core));
    if (core->next_due_ms <= now_ms)
        due_ms = earlier (due_ms, now_ms + HEARTBEAT_MS);
    int64_t wake_ms =
        earlier (errands_wake_ms (core, now_ms), followers_wake_ms (core, false));
    return earlier (wake_ms, due_ms);
}

/* ---- close ------------------------------------------------------------------------- */

static void note_clean_stop (struct core *core)
{
    struct txn *txn = txn_begin_write (core->store);
    clean_put (txn, true);
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

bool core_is_tight (const struct core *core)
{
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
