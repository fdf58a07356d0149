/* SPDX-License-Identifier: Apache-2.0 */
/* Scrub: the journal is folded once more, beside the work, into a shadow of the facts, and
 * the two are compared record by record. LMDB has no checksums: this is how a bit that
 * flipped in a table is found, and a mistake of ours that wrote a fact beside the journal.
 *
 *     slice:  entries that the shadow has not ─▶ hashes, tree ─▶ apply to the shadow
 *             is it at the journal's end? ─▶ the next records of a table, both ways
 *     pause:  fourteen times as long as the slice took, while there is other work
 *
 * Facts and shadow are at the same entry whenever records are compared, whatever the daemon
 * did between two slices; a record that moved meanwhile moved in both. The shadow is a core
 * of its own ('origin' is us), on a store in the folder "scrub" that is not synced and is
 * taken away at the end, at a stop, and at the start after a crash. Nothing is mended here:
 * which of two records is wrong is for a person to say, and a rebuild to do. */
#include "runtime/core_inside.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/civil.h"
#include "base/log.h"
#include "base/number.h"
#include "journal/audit.h"
#include "wire/names.h"
#include "wire/wire.h"

/* A slice takes about so long, by the clock that was handed in; of what is done between two
 * looks at it, and in a slice without one, so many. Waiting work waits no longer. */
#define SLICE_US      2000
#define SLICE_LOOK    8
#define SLICE_ENTRIES 64
#define SLICE_RECORDS 512
#define SLICE_MS      20 /* from one slice to the next without a clock */
/* Work and pause: a fifteenth of the time while there is other work, half while there is none. */
#define PAUSE_BUSY 14
#define PAUSE_IDLE 1
/* Inputs since the last slice that make it other work, as any entry does: heartbeats of
 * those who are followed do not. */
#define BUSY_INPUTS 4
/* Entries in one transaction of the shadow: their pages are anonymous memory. */
#define COMMIT_ENTRIES 512
/* Differences that are told in words; the others are counted. */
#define TOLD_LOG    16
#define TOLD_STATUS 3
/* The fold is most of the work. */
#define FOLD_PERMILLE 700

struct scrubbing {
    struct core *shadow;
    char *dir;
    struct journal_audit audit;
    unsigned uncommitted; /* entries */
    unsigned tables[FACT_TABLES_MAX];
    size_t n_tables, table; /* the one that is compared */
    struct key place;       /* the last record of it that was; empty: none */
    uint64_t total;         /* records, as they were when the first was compared */
    struct scrubbed found;
    uint32_t permille; /* as told last: it never goes back, though the journal grows */
    char problem[ERR_TEXT_SIZE]; /* it cannot be ended */
    bool is_whole;               /* no pauses, no end of a slice */
    int64_t next_us, next_ms;    /* when its next slice may be */
    uint64_t inputs, head;       /* of the core, at the last slice */
};

/* ---- its folder -------------------------------------------------------------------- */

static char *folder_of (const struct core *core)
{
    char *dir = NULL;
    if (asprintf (&dir, "%s/scrub", store_dir (core->store)) < 0)
        abort ();
    return dir;
}

static void folder_remove (const char *dir)
{
    static const char *const files[] = { "data.mdb", "lock.mdb" };
    for (size_t i = 0; i < ARRAY_SIZE (files); i++) {
        char *file = NULL;
        if (asprintf (&file, "%s/%s", dir, files[i]) < 0)
            abort ();
        unlink (file);
        free (file);
    }
    rmdir (dir);
}

void scrub_remove_left (const struct core *core)
{
    char *dir = folder_of (core);
    folder_remove (dir);
    free (dir);
}

/* ---- begin, end -------------------------------------------------------------------- */

int scrub_begin (struct core *core, struct err *err)
{
    if (core->scrubbing != NULL)
        return 0;
    if (core->is_tight)
        return err_set (err, -ENOSPC,
                        "the store or its disk is nearly full: there is no room for the "
                        "shadow that a scrub compares with");
    struct scrubbing *it = calloc (1, sizeof *it);
    assert (it != NULL);
    it->dir = folder_of (core);
    folder_remove (it->dir);
    int rc = core_open_shadow (core, it->dir, &it->shadow, err);
    if (rc < 0) {
        folder_remove (it->dir);
        free (it->dir);
        free (it);
        return rc;
    }
    journal_audit_begin (&it->audit, core->journal);
    it->n_tables = fact_tables (core, it->tables);
    it->next_ms = core->now_ms;
    it->inputs = core->inputs;
    core->scrubbing = it;
    return 0;
}

void scrub_end (struct core *core)
{
    struct scrubbing *it = core->scrubbing;
    if (it == NULL)
        return;
    core->scrubbing = NULL;
    core_close (&it->shadow, false);
    folder_remove (it->dir);
    free (it->dir);
    free (it);
}

/* ---- what differs, in words -------------------------------------------------------- */

enum difference { MISSING, SUPERFLUOUS, DIFFERENT };

static const char *const difference_words[] = {
    [MISSING] = "is missing, the journal says it",
    [SUPERFLUOUS] = "is there, the journal does not say it",
    [DIFFERENT] = "is not what the journal says",
};

struct words {
    char text[256];
    size_t size;
};

static void say (struct words *words, const char *format, ...) PRINTF_LIKE (2, 3);
static void say (struct words *words, const char *format, ...)
{
    va_list args;
    va_start (args, format);
    int size = vsnprintf (words->text + words->size, sizeof words->text - words->size,
                          format, args);
    va_end (args);
    words->size += size > 0 ? (size_t) size : 0;
    if (words->size >= sizeof words->text)
        words->size = sizeof words->text - 1;
}

/* A key of which nothing is known but that numbers are big-endian in it. */
static void say_rest (struct words *words, struct bytes rest)
{
    if (rest.size == 1 || rest.size == 2 || rest.size == 4 || rest.size == 8) {
        uint64_t number = 0;
        for (size_t i = 0; i < rest.size; i++)
            number = number << 8 | rest.data[i];
        say (words, " %" PRIu64, number);
    } else if (rest.size > 0) {
        say (words, " ");
        for (size_t i = 0; i < rest.size; i++)
            say (words, "%02x", rest.data[i]);
    }
}

/* Most keys of services begin with the number of a grievance. */
static void say_own_key (struct words *words, struct bytes key)
{
    char number[NUMBER_TEXT_SIZE];
    if (key.size >= 8 && number_is_valid (get_be64 (key.data))) {
        say (words, " grievance %s", number_format (get_be64 (key.data), number));
        key = BYTES (key.data + 8, key.size - 8);
    }
    say_rest (words, key);
}

static void say_due_key (struct words *words, struct bytes key)
{
    char time[CIVIL_TIME_SIZE], number[NUMBER_TEXT_SIZE];
    int64_t due_ms = (int64_t) key_take_u64 (&key);
    unsigned kind = key_take_u16 (&key);
    uint64_t subject = key_take_u64 (&key);
    if (due_ms < 0 || due_ms > LIMIT_TIME_MS)
        due_ms = 0;
    say (words, " due %s, kind %u, about ", civil_format_time (due_ms, time), kind);
    if (number_is_valid (subject))
        say (words, "%s", number_format (subject, number));
    else
        say (words, "%" PRIu64, subject);
}

static void say_key (struct words *words, unsigned table, struct bytes key)
{
    switch (table) {
    case CORE_COUNTERS:
    case CORE_OUTCOMES:
        say (words, " client %u", key_take_u32 (&key));
        if (key.size == 12) {
            uint32_t incarnation = key_take_u32 (&key);
            say (words, ", incarnation %u, command %" PRIu64, incarnation,
                 key_take_u64 (&key));
        }
        break;
    case CORE_TAKEN:
        say (words, " of %s", speaker_name ((enum speaker) key_take_u8 (&key)));
        break;
    case CORE_TABLE_EVENTS:
        say (words, " %.*s", (int) key.size, (const char *) key.data);
        break;
    case CORE_DAMAGED:
        say (words, " entry %" PRIu64, key_take_u64 (&key));
        break;
    case CORE_AGENDA:
        say_due_key (words, key);
        break;
    default:
        say_own_key (words, key);
    }
}

static void differ (struct core *core, unsigned table, struct bytes key,
                    enum difference difference)
{
    struct scrubbed *found = &core->scrubbing->found;
    struct words words = { .size = 0 };
    found->differences++;
    if (found->differences > TOLD_LOG)
        return;
    say (&words, "table %s:", core_table_name (core, table));
    say_key (&words, table, key);
    log_event (LOG_LEVEL_ERROR, MESSAGE_ID_DIFFERENT, NULL, "scrub: %s: this record %s",
               words.text, difference_words[difference]);
    if (found->differences > TOLD_STATUS)
        return;
    size_t size = strlen (found->first);
    snprintf (found->first + size, sizeof found->first - size, "%s%s: %s",
              size > 0 ? "; " : "", words.text, difference_words[difference]);
}

/* ---- the fold ---------------------------------------------------------------------- */

static int64_t steady_us (const struct core *core)
{
    return core->options.steady_us != NULL ? core->options.steady_us () : 0;
}

static bool is_over (const struct core *core, int64_t since_us, unsigned done,
                     unsigned most)
{
    if (core->scrubbing->is_whole)
        return false;
    if (core->options.steady_us == NULL)
        return done >= most;
    return done % SLICE_LOOK == 0 && steady_us (core) - since_us >= SLICE_US;
}

static void give_up (struct core *core, const char *why)
{
    snprintf (core->scrubbing->problem, sizeof core->scrubbing->problem, "%s", why);
}

static bool shadow_commit (struct core *core)
{
    struct scrubbing *it = core->scrubbing;
    it->uncommitted = 0;
    if (it->shadow->txn == NULL)
        return true;
    int rc = txn_commit (&it->shadow->txn);
    if (rc < 0)
        give_up (core, rc == -ENOSPC ? "there is no room for the shadow on the disk"
                                     : "the shadow could not be written");
    return rc == 0;
}

static void damage_count (struct core *core, uint64_t sequence, const char *problem)
{
    core->scrubbing->found.damaged++;
    damaged_note (core, sequence, problem);
}

/* The tree is no entry: it is named in the log, and the count tells 'check'. */
static void node_differs (struct core *core)
{
    struct scrubbing *it = core->scrubbing;
    it->found.damaged++;
    log_event (LOG_LEVEL_ERROR, MESSAGE_ID_DAMAGED, NULL,
               "scrub: the tree's node over the entries %" PRIu64 " to %" PRIu64
               " does not fit them: 'minqing verify' shows the extent",
               it->audit.node_first, it->audit.node_last);
}

static void fold_one (struct core *core, const struct journal_record *record)
{
    struct core *shadow = core->scrubbing->shadow;
    struct entry entry;
    arena_reset (&shadow->scratch);
    if (entry_decode (&shadow->scratch, record->header, &entry, NULL) < 0) {
        damage_count (core, record->sequence, "it cannot be decoded");
        return;
    }
    if (shadow->txn == NULL)
        shadow->txn = txn_begin_write (shadow->store);
    core_apply (shadow, &entry, record->body);
    core->scrubbing->uncommitted++;
}

/* Entries that the shadow has not, as many as a slice takes. True: it has all. */
static bool fold_on (struct core *core, struct txn *txn, int64_t since_us)
{
    struct scrubbing *it = core->scrubbing;
    struct journal_record record;
    enum journal_finding finding = JOURNAL_AUDIT_END;
    unsigned done = 0;
    it->shadow->origin_txn = txn;
    journal_audit_enter (&it->audit, txn);
    for (; !is_over (core, since_us, done + 1, SLICE_ENTRIES); done++) {
        finding = journal_audit_next (&it->audit, &record);
        if (finding == JOURNAL_AUDIT_END)
            break;
        if (it->audit.problem != NULL)
            damage_count (core, it->audit.sequence, it->audit.problem);
        if (it->audit.node_last != 0)
            node_differs (core);
        if (finding != JOURNAL_AUDIT_DAMAGED)
            fold_one (core, &record);
        if (it->uncommitted >= COMMIT_ENTRIES && !shadow_commit (core))
            break;
    }
    bool is_whole = finding == JOURNAL_AUDIT_END;
    journal_audit_leave (&it->audit);
    it->shadow->origin_txn = NULL;
    return is_whole;
}

/* ---- comparing --------------------------------------------------------------------- */

/* Behind the record that was compared last. */
static void stand (struct cursor *cursor, const struct key *place)
{
    if (place->size == 0) {
        cursor_first (cursor);
        return;
    }
    if (cursor_seek (cursor, key_view (place)) &&
        bytes_equal (cursor_key (cursor), key_view (place)))
        cursor_next (cursor);
}

/* One record, of whichever has the lesser key. False: both are at their end. */
static bool compare_one (struct core *core, unsigned table, struct cursor *facts,
                         struct cursor *shadow)
{
    struct scrubbing *it = core->scrubbing;
    bool in_facts = cursor_is_on (facts), in_shadow = cursor_is_on (shadow);
    if (!in_facts && !in_shadow)
        return false;
    int order = !in_facts    ? 1
                : !in_shadow ? -1
                             : bytes_compare (cursor_key (facts), cursor_key (shadow));
    struct bytes key = order <= 0 ? cursor_key (facts) : cursor_key (shadow);
    if (order < 0)
        differ (core, table, key, SUPERFLUOUS);
    else if (order > 0)
        differ (core, table, key, MISSING);
    else if (!bytes_equal (cursor_value (facts), cursor_value (shadow)))
        differ (core, table, key, DIFFERENT);
    it->found.records++;
    key_init (&it->place);
    key_bytes (&it->place, key);
    if (order <= 0)
        cursor_next (facts);
    if (order >= 0)
        cursor_next (shadow);
    return true;
}

/* The next records of the table at hand. */
static void compare_table (struct core *core, struct txn *txn, struct txn *shadow_txn,
                           int64_t since_us, unsigned *done)
{
    struct scrubbing *it = core->scrubbing;
    unsigned table = it->tables[it->table];
    struct cursor facts, shadow;
    bool is_more = true;
    cursor_init (&facts, txn, table);
    cursor_init (&shadow, shadow_txn, table);
    stand (&facts, &it->place);
    stand (&shadow, &it->place);
    do {
        is_more = compare_one (core, table, &facts, &shadow);
        ++*done;
    } while (is_more && !is_over (core, since_us, *done, SLICE_RECORDS));
    if (!is_more) {
        it->table++;
        key_init (&it->place);
    }
    cursor_done (&facts);
    cursor_done (&shadow);
}

static void count_total (struct core *core, struct txn *txn)
{
    struct scrubbing *it = core->scrubbing;
    for (size_t i = 0; i < it->n_tables; i++)
        it->total += txn_count (txn, it->tables[i]);
}

/* However long the fold took, some records are compared: it comes to an end under any
 * load. */
static void compare_on (struct core *core, struct txn *txn, int64_t since_us)
{
    struct scrubbing *it = core->scrubbing;
    unsigned done = 0;
    struct txn *shadow_txn = txn_begin_read (it->shadow->store);
    if (it->total == 0)
        count_total (core, txn);
    do
        compare_table (core, txn, shadow_txn, since_us, &done);
    while (it->table < it->n_tables && txn_error (shadow_txn) == 0 &&
           !is_over (core, since_us, done, SLICE_RECORDS));
    if (txn_error (shadow_txn) < 0)
        give_up (core, "the shadow cannot be read");
    txn_abort (&shadow_txn);
}

/* ---- the result -------------------------------------------------------------------- */

static void root_check (struct core *core, struct txn *txn)
{
    struct scrubbing *it = core->scrubbing;
    journal_audit_enter (&it->audit, txn);
    bool fits = journal_audit_root_fits (&it->audit);
    journal_audit_leave (&it->audit);
    if (fits)
        return;
    it->found.damaged++;
    log_event (LOG_LEVEL_ERROR, MESSAGE_ID_DAMAGED, NULL,
               "scrub: the root over the entries up to %" PRIu64
               " does not fit them: 'minqing verify' shows the extent",
               it->audit.sequence);
}

static void tell_result (const struct core *core, uint64_t entries)
{
    const struct scrubbed *found = &core->scrubbed;
    if (found->was_given_up)
        log_warning ("scrub: %s", found->first);
    else if (found->differences > 0)
        log_event (LOG_LEVEL_ERROR, MESSAGE_ID_DIFFERENT, NULL,
                   "scrub: %" PRIu64 " of %" PRIu64
                   " records are not what the journal says%s; stop the daemon and run "
                   "'minqing rebuild %s'",
                   found->differences, found->records,
                   found->damaged > 0
                       ? ", of which some may be the work of damaged entries"
                       : "",
                   core->spec->name);
    else
        log_event (LOG_LEVEL_NOTICE, MESSAGE_ID_SCRUBBED, NULL,
                   "scrub: %" PRIu64 " records are what %" PRIu64 " entries say; %" PRIu64
                   " entries are damaged",
                   found->records, entries, found->damaged);
}

static void finish (struct core *core)
{
    struct scrubbing *it = core->scrubbing;
    uint64_t entries = it->audit.sequence;
    core->scrubbed = it->found;
    core->scrubbed.done_ms = core->now_ms > 0 ? core->now_ms : 1;
    if (it->problem[0] != '\0') {
        core->scrubbed.was_given_up = true;
        snprintf (core->scrubbed.first, sizeof core->scrubbed.first, "not ended: %.400s",
                  it->problem);
    }
    scrub_end (core);
    tell_result (core, entries);
}

/* ---- slices ------------------------------------------------------------------------ */

static void slice (struct core *core, int64_t since_us)
{
    struct scrubbing *it = core->scrubbing;
    struct txn *txn = txn_begin_read (core->store);
    bool is_level = fold_on (core, txn, since_us);
    /* The counts of a service are written before a commit. */
    if (is_level && shadow_commit (core))
        compare_on (core, txn, since_us);
    if (it->problem[0] == '\0' && it->table == it->n_tables)
        root_check (core, txn);
    if (txn_error (txn) < 0)
        give_up (core, "the store cannot be read");
    txn_abort (&txn);
    if (core->is_tight || store_used_share (it->shadow->store) > 0.9)
        give_up (core, "there is no room for the shadow on the disk");
    if (it->problem[0] != '\0' || it->table == it->n_tables)
        finish (core);
}

void scrub_go_on (struct core *core)
{
    struct scrubbing *it = core->scrubbing;
    if (it == NULL || scrub_wake_ms (core, core->now_ms) > core->now_ms)
        return;
    int64_t since_us = steady_us (core);
    bool is_busy = core->head != it->head || core->inputs - it->inputs > BUSY_INPUTS;
    slice (core, since_us);
    if (core->scrubbing == NULL)
        return;
    int64_t took_us = steady_us (core) - since_us;
    it->inputs = core->inputs;
    it->head = core->head;
    it->next_us = since_us + took_us * (1 + (is_busy ? PAUSE_BUSY : PAUSE_IDLE));
    it->next_ms = core->now_ms + SLICE_MS;
}

int64_t scrub_wake_ms (const struct core *core, int64_t now_ms)
{
    const struct scrubbing *it = core->scrubbing;
    if (it == NULL)
        return INT64_MAX;
    if (core->options.steady_us == NULL) /* time may have been set back */
        return it->next_ms <= now_ms + SLICE_MS ? it->next_ms : now_ms;
    int64_t left_us = it->next_us - steady_us (core);
    return left_us <= 0 ? now_ms : now_ms + (left_us + 999) / 1000;
}

int core_scrub (struct core *core, struct scrub *ret_scrub, struct err *err)
{
    int rc = scrub_begin (core, err);
    if (rc < 0)
        return rc;
    while (core->scrubbing != NULL) {
        core->scrubbing->is_whole = true;
        slice (core, 0);
    }
    if (core->scrubbed.was_given_up)
        return err_set (err, -EIO, "%s", core->scrubbed.first);
    if (ret_scrub != NULL)
        scrub_tell (core, ret_scrub);
    return 0;
}

/* ---- told -------------------------------------------------------------------------- */

static uint32_t permille (const struct core *core)
{
    struct scrubbing *it = core->scrubbing;
    uint64_t folded =
        core->head == 0 ? FOLD_PERMILLE : FOLD_PERMILLE * it->audit.sequence / core->head;
    uint64_t rest = 1000 - FOLD_PERMILLE, compared = 0;
    if (it->total > 0)
        compared = rest *
                   (it->found.records < it->total ? it->found.records : it->total) /
                   it->total;
    if (folded + compared > it->permille)
        it->permille = (uint32_t) (folded + compared);
    return it->permille;
}

void scrub_tell (const struct core *core, struct scrub *ret)
{
    const struct scrubbed *last = &core->scrubbed;
    *ret = (struct scrub){ .running = core->scrubbing != NULL,
                           .done_ms = last->done_ms,
                           .records = last->records,
                           .differences = last->differences,
                           .first = last->first[0] != '\0' ? last->first : NULL,
                           .damaged = last->damaged };
    if (core->scrubbing != NULL)
        ret->permille = permille (core);
    if (core->n_damage > ret->damaged) /* found by reads since */
        ret->damaged = core->n_damage;
}
