/* SPDX-License-Identifier: Apache-2.0 */
/* Restored journals, with two toys: the source comes back as a new incarnation, with
 * less than its follower acted on, and the follower is led across. */
#include "support/town.h"
#include "support/town_inside.h"
#include "support/town_restore.h"
#include "support/toy.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/restore.h"

#define TABLES   SOURCE_DIR "/deploy/config/tables"
#define NUMBER   UINT64_C (202611230010100001)
#define SOURCE   SPEAKER_INTAKE
#define FOLLOWER SPEAKER_ROUTING

static struct town *make_town (void)
{
    return town_create (&(struct town_options){
        .tables_dir = TABLES, .specs = { &toy_source, &toy_follower } });
}

/* Under the counter that the source expects: as a client that was told of it does. */
static struct outcome *say (struct town_client *client, uint64_t number, uint64_t counter)
{
    struct supplement supplement = { .number = number, .text = "plain" };
    return town_command (
        client, SOURCE,
        &(struct command){ .supplement = &supplement, .counter = counter });
}

static void say_many (struct town_client *client, uint64_t first, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        struct outcome *outcome = say (client, NUMBER + first + i, first + i + 1);
        assert_non_null (outcome);
        assert_null (outcome->refusal);
    }
}

static struct status *status_of (struct town *town, enum speaker speaker)
{
    static struct status status;
    static struct arena arena;
    arena_done (&arena);
    arena_init (&arena, 0);
    core_status (town_core (town, speaker), &arena, town_now_ms (town), &status);
    return &status;
}

static void assert_follows (struct town *town)
{
    struct status source = *status_of (town, SOURCE);
    uint8_t id[JOURNAL_ID_SIZE];
    memcpy (id, source.journal.data, sizeof id);
    struct position *position = &status_of (town, FOLLOWER)->positions[0];
    assert_null (position->problem);
    assert_int_equal (position->acted, source.head);
    assert_memory_equal (position->journal.data, id, sizeof id);
}

/* Every supplement of these was answered and is seen once. */
static void assert_once (struct town *town, uint64_t first, uint64_t count)
{
    for (uint64_t i = first; i < first + count; i++) {
        assert_int_equal (toy_count (town_core (town, FOLLOWER), NUMBER + i), 1);
        assert_int_equal (toy_seen (town_core (town, FOLLOWER), NUMBER + i), 1);
    }
}

/* ---- across ------------------------------------------------------------------------- */

static void nothing_is_lost_for_a_follower_that_was_not_ahead (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    say_many (terminal, 0, 5);
    town_settle (town);
    CLEANUP (town_backup_destroy)
    struct town_backup *backup = town_backup (town, SOURCE);
    town_restore (town, SOURCE, backup);
    town_settle (town);
    assert_int_equal (status_of (town, SOURCE)->incarnation, 2);
    assert_follows (town);
    assert_int_equal (town_count (town, FOLLOWER, KIND_CROSSED), 0);
    struct entry *opening = town_last (town, SOURCE, KIND_INCARNATION);
    assert_int_equal (opening->incarnation->previous_size, town_backup_size (backup));
    assert_int_equal (opening->sequence, town_backup_size (backup) + 1);
    assert_false (opening->informative);
    say_many (terminal, 5, 3);
    town_settle (town);
    assert_once (town, 0, 8);
    struct entry *answer = town_last (town, FOLLOWER, KIND_ASK_ANSWERED);
    assert_int_equal (position_incarnation (answer->source->sequence), 2);
    town_destroy (&town);
}

static void source_restored_to_yesterday_under_a_follower (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    say_many (terminal, 0, 5);
    CLEANUP (town_backup_destroy)
    struct town_backup *yesterday = town_backup (town, SOURCE);
    say_many (terminal, 5, 4);
    town_settle (town);
    uint64_t acted = status_of (town, FOLLOWER)->positions[0].acted;

    town_restore (town, SOURCE, yesterday);
    town_settle (town);
    assert_follows (town);
    assert_int_equal (town_count (town, FOLLOWER, KIND_CROSSED), 1);
    struct crossed *crossed = town_last (town, FOLLOWER, KIND_CROSSED)->crossed;
    assert_int_equal (crossed->speaker, SOURCE);
    assert_int_equal (crossed->incarnation, 2);
    assert_int_equal (crossed->acted, acted);
    assert_int_equal (crossed->kept, town_backup_size (yesterday));
    assert_int_equal (crossed->n_grievances, 4);
    for (size_t i = 0; i < 4; i++) /* the newest first */
        assert_int_equal (crossed->grievances[i], NUMBER + 8 - i);

    /* What was taken over stays; the views are those of the journal as it is now. */
    for (uint64_t i = 0; i < 9; i++) {
        assert_int_equal (toy_count (town_core (town, FOLLOWER), NUMBER + i), 1);
        assert_int_equal (toy_seen (town_core (town, FOLLOWER), NUMBER + i), i < 5);
    }
    assert_true (town_rebuild (town, FOLLOWER));
    assert_true (town_rebuild (town, SOURCE));
    town_settle (town);
    assert_follows (town);
    town_destroy (&town);
}

/* The numbers of the lost entries are used again, by others: those act. */
static void new_entries_at_the_places_of_lost_ones_act (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    say_many (terminal, 0, 3);
    CLEANUP (town_backup_destroy)
    struct town_backup *backup = town_backup (town, SOURCE);
    say_many (terminal, 3, 6);
    town_settle (town);
    town_restore (town, SOURCE, backup);
    town_settle (town);
    for (uint64_t i = 0; i < 6; i++)
        assert_null (say (terminal, NUMBER + 100 + i, 4 + i)->refusal);
    town_settle (town);
    assert_once (town, 0, 3);
    assert_once (town, 100, 6);
    town_destroy (&town);
}

static void follower_that_was_down_is_led_over_two_restorations (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    say_many (terminal, 0, 8);
    town_settle (town);
    town_crash (town, FOLLOWER);
    town_restore_to (town, SOURCE, status_of (town, SOURCE)->head - 2);
    say_many (terminal, 6, 4);
    town_restore_to (town, SOURCE, status_of (town, SOURCE)->head - 1);
    say_many (terminal, 9, 2);
    town_restart (town, FOLLOWER);
    town_settle (town);
    assert_follows (town);
    assert_int_equal (status_of (town, SOURCE)->incarnation, 3);
    assert_int_equal (town_count (town, FOLLOWER, KIND_CROSSED), 1);
    for (uint64_t i = 0; i < 11; i++)
        assert_int_equal (toy_seen (town_core (town, FOLLOWER), NUMBER + i), 1);
    town_destroy (&town);
}

/* A backup of before an earlier restoration, used once more after it. */
static void older_backup_is_restored_after_a_newer_one (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    say_many (terminal, 0, 4);
    CLEANUP (town_backup_destroy)
    struct town_backup *first = town_backup (town, SOURCE);
    say_many (terminal, 4, 2);
    CLEANUP (town_backup_destroy)
    struct town_backup *second = town_backup (town, SOURCE);
    say_many (terminal, 6, 2);
    town_settle (town);
    town_restore (town, SOURCE, first); /* incarnation 2 */
    say_many (terminal, 4, 3);
    town_settle (town);
    /* Its entries 5 and 6 were given up when 'first' was restored. */
    town_restore (town, SOURCE, second);
    town_settle (town);
    assert_int_equal (status_of (town, SOURCE)->incarnation, 3);
    assert_follows (town);
    assert_int_equal (town_count (town, SOURCE, KIND_INCARNATION), 2);
    assert_int_equal (
        town_last (town, SOURCE, KIND_INCARNATION)->incarnation->previous_size,
        town_backup_size (first));
    assert_null (say (terminal, NUMBER + 200, 5)->refusal);
    town_settle (town);
    assert_once (town, 200, 1);
    town_restore (town, SOURCE, first);
    town_settle (town);
    assert_follows (town);
    assert_int_equal (status_of (town, SOURCE)->incarnation, 4);
    town_destroy (&town);
}

static void crossing_of_many_is_told_in_several_entries (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    say_many (terminal, 0, 1);
    CLEANUP (town_backup_destroy)
    struct town_backup *backup = town_backup (town, SOURCE);
    say_many (terminal, 1, LIMIT_ROWS + 7);
    town_settle (town);
    town_restore (town, SOURCE, backup);
    town_settle (town);
    assert_int_equal (town_count (town, FOLLOWER, KIND_CROSSED), 2);
    assert_int_equal (town_last (town, FOLLOWER, KIND_CROSSED)->crossed->n_grievances, 7);
    assert_follows (town);
    town_destroy (&town);
}

static void source_that_lost_everything_is_followed_again (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    say_many (terminal, 0, 3);
    town_settle (town);
    town_restore_to (town, SOURCE, 0);
    town_settle (town);
    assert_follows (town);
    say_many (terminal, 0, 3); /* from the beginning: nothing is remembered */
    town_settle (town);
    for (uint64_t i = 0; i < 3; i++) /* the toy answers what it is asked */
        assert_int_equal (toy_count (town_core (town, FOLLOWER), NUMBER + i), 2);
    town_destroy (&town);
}

static void restored_follower_takes_nothing_twice (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    say_many (terminal, 0, 5);
    town_settle (town);
    CLEANUP (town_backup_destroy)
    struct town_backup *backup = town_backup (town, FOLLOWER);
    say_many (terminal, 5, 5);
    town_settle (town);
    town_restore (town, FOLLOWER, backup);
    town_settle (town);
    assert_follows (town);
    assert_once (town, 0, 10);
    town_destroy (&town);
}

/* Another store in its place is no incarnation. */
static void replaced_source_stops_the_follower (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    say_many (terminal, 0, 3);
    town_settle (town);
    town_erase (town, SOURCE); /* the town gives it the same name again */
    town_settle (town);
    assert_non_null (status_of (town, FOLLOWER)->positions[0].problem);
    town_destroy (&town);
}

/* ---- the store ---------------------------------------------------------------------- */

struct cut {
    const struct followed *entries;
    size_t count, at, fail_at;
};

static int next_or_fail (void *arg, struct followed *ret, struct err *err)
{
    struct cut *cut = arg;
    if (cut->fail_at != 0 && cut->at == cut->fail_at)
        return err_set (err, -EIO, "the backup cannot be read");
    if (cut->at == cut->count)
        return 0;
    *ret = cut->entries[cut->at++];
    return 1;
}

struct taken {
    struct followed entries[64];
    size_t count;
    struct arena arena;
    struct keepsake keepsake;
};

static void taken_read (struct town *town, struct taken *taken)
{
    struct core *core = town_core (town, SOURCE);
    struct journal_reader reader;
    struct journal_record record;
    *taken = (struct taken){ 0 };
    arena_init (&taken->arena, 0);
    const struct journal_identity *identity = journal_identity (core_journal (core));
    taken->keepsake = (struct keepsake){
        .speaker = SOURCE,
        .journal = arena_bytes (&taken->arena, BYTES_OF (identity->id)),
        .incarnation = 1,
        .secret = arena_bytes (&taken->arena, BYTES (core_secret (core), HASH_KEY_SIZE)),
        .schema = 1,
        .version = "test",
    };
    struct txn *txn = txn_begin_read (core_store (core));
    journal_reader_init (&reader, core_journal (core), txn, 1, JOURNAL_BODIES);
    while (journal_reader_next (&reader, &record) > 0) {
        assert_true (taken->count < ARRAY_SIZE (taken->entries));
        struct followed *followed = &taken->entries[taken->count++];
        *followed = (struct followed){ 0 };
        followed->header = arena_bytes (&taken->arena, record.header);
        followed->body = arena_bytes (&taken->arena, record.body);
        if (!hash_is_zero (&record.body_hash))
            followed->body_hash =
                arena_bytes (&taken->arena, hash_view (&record.body_hash));
    }
    journal_reader_done (&reader);
    txn_abort (&txn);
}

static int restore_cut (const struct taken *taken, const struct scratch *scratch,
                        size_t fail_at, struct restored *restored, struct err *err)
{
    struct cut cut = { .entries = taken->entries,
                       .count = taken->count,
                       .fail_at = fail_at };
    struct core_options options = {
        .dir = scratch->path, .map_mib = 64, .is_volatile = true, .random = { 1, 2, 3 }
    };
    struct restore restore = { .keepsake = &taken->keepsake,
                               .next = next_or_fail,
                               .arg = &cut,
                               .now_ms = 1795395600000 };
    return core_restore (&toy_source, &options, &restore, restored, err);
}

static void interrupted_restoration_is_not_started_on_and_runs_again (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    struct taken taken;
    struct restored restored;
    struct err err = { 0 };
    say_many (terminal, 0, 5);
    taken_read (town, &taken);

    struct core_options options = { .dir = scratch.path,
                                    .map_mib = 64,
                                    .is_volatile = true };
    struct core *core;
    assert_int_equal (restore_cut (&taken, &scratch, taken.count - 1, NULL, &err), -EIO);
    assert_int_equal (core_open (&toy_source, &options, &core, &err), 0);
    assert_int_equal (core_start (core, NULL, BYTES (NULL, 0), 1795395600000, &err),
                      -EUCLEAN);
    assert_non_null (strstr (err.text, "minqing restore"));
    assert_int_equal (core_rebuild (core, &err), -EUCLEAN);
    core_close (&core, false);

    assert_int_equal (restore_cut (&taken, &scratch, 0, &restored, &err), 0);
    assert_int_equal (restored.entries, taken.count);
    assert_int_equal (restored.incarnation, 2);
    assert_int_equal (core_open (&toy_source, &options, &core, &err), 0);
    struct txn *txn = txn_begin_read (core_store (core));
    assert_int_equal (journal_verify (core_journal (core), txn, 1, 0, NULL, &err), 0);
    assert_int_equal (journal_size (core_journal (core), txn), taken.count + 1);
    txn_abort (&txn);
    for (uint64_t i = 0; i < 5; i++)
        assert_int_equal (toy_count (core, NUMBER + i), 1);
    /* The tables in force came with it. */
    assert_int_equal (core_start (core, NULL, BYTES (NULL, 0), 1795395600000, &err), 0);
    core_close (&core, true);

    /* Now there is a store. */
    assert_int_equal (restore_cut (&taken, &scratch, 0, &restored, &err), -ENOTEMPTY);
    assert_non_null (strstr (err.text, "move it away"));
    assert_int_equal (restored.entries, taken.count); /* when it was made */
    assert_int_equal (restored.incarnation, 2);
    arena_done (&taken.arena);
    town_destroy (&town);
}

static struct entry *entry_at (struct core *core, uint64_t sequence, struct arena *arena)
{
    struct entry *entry = ARENA_NEW (arena, struct entry);
    struct journal_record record;
    struct err err = { 0 };
    struct txn *txn = txn_begin_read (core_store (core));
    assert_int_equal (journal_read_header (core_journal (core), txn, sequence, &record),
                      0);
    assert_int_equal (
        entry_decode (arena, arena_bytes (arena, record.header), entry, &err), 0);
    txn_abort (&txn);
    return entry;
}

/* Restoring settles nothing: the doubt goes on, until the daemon starts and is certain. */
static void doubt_in_which_a_backup_ends_is_settled_by_the_start (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    struct core_options options = { .dir = scratch.path,
                                    .map_mib = 64,
                                    .is_volatile = true };
    struct taken taken;
    struct arena arena;
    struct err err = { 0 };
    struct core *core;
    arena_init (&arena, 0);
    say_many (terminal, 0, 3);
    town_doubt (town, SOURCE, true);
    say_many (terminal, 3, 2);
    taken_read (town, &taken);
    assert_int_equal (restore_cut (&taken, &scratch, 0, NULL, &err), 0);

    assert_int_equal (core_open (&toy_source, &options, &core, &err), 0);
    struct entry *opening = entry_at (core, taken.count + 1, &arena);
    assert_int_equal (opening->kind, KIND_INCARNATION);
    assert_true (opening->time_uncertain);
    assert_int_equal (core_start (core, NULL, BYTES (NULL, 0), opening->time_ms, &err),
                      0);
    struct entry *settled = entry_at (core, taken.count + 2, &arena);
    assert_int_equal (settled->kind, KIND_TIME_SETTLED);
    assert_false (settled->time_uncertain);
    assert_int_equal (settled->time_settled->from_ms,
                      entry_at (core, taken.count - 1, &arena)->time_ms);
    assert_false (entry_at (core, taken.count + 3, &arena)->time_uncertain);
    core_close (&core, true);
    arena_done (&arena);
    arena_done (&taken.arena);
    town_destroy (&town);
}

static void damaged_or_missing_entries_are_refused (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    struct taken taken;
    struct err err = { 0 };
    say_many (terminal, 0, 2);
    taken_read (town, &taken);
    for (size_t i = 0; i < taken.count; i++) {
        CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
        struct followed kept = taken.entries[i];
        if (i + 1 < taken.count)
            taken.entries[i] = taken.entries[i + 1]; /* one is missing */
        else
            taken.entries[i].header = BYTES ("\xff", 1);
        assert_int_equal (restore_cut (&taken, &scratch, 0, NULL, &err), -EBADMSG);
        taken.entries[i] = kept;
        if (kept.body.size == 0)
            continue;
        CLEANUP (scratch_remove) struct scratch other = scratch_make ();
        taken.entries[i].body.size--;
        assert_int_equal (restore_cut (&taken, &other, 0, NULL, &err), -EBADMSG);
        taken.entries[i] = kept;
    }
    taken.keepsake.speaker = FOLLOWER;
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    assert_int_equal (restore_cut (&taken, &scratch, 0, NULL, &err), -EINVAL);
    taken.keepsake.speaker = SOURCE;
    taken.keepsake.schema = 1000;
    assert_int_equal (restore_cut (&taken, &scratch, 0, NULL, &err), -EINVAL);
    assert_non_null (strstr (err.text, "newer"));
    taken.keepsake.schema = 1;
    taken.keepsake.incarnation = UINT32_MAX;
    assert_int_equal (restore_cut (&taken, &scratch, 0, NULL, &err), -EBADMSG);
    assert_non_null (strstr (err.text, "incarnation 4294967295"));
    arena_done (&taken.arena);
    town_destroy (&town);
}

/* A body that is not in the backup stays proved by its hash. */
static void entry_without_its_body_is_put_back_as_erased (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    struct taken taken;
    struct err err = { 0 };
    struct core *core;
    struct journal_record record;
    say_many (terminal, 0, 1);
    taken_read (town, &taken);
    taken.entries[0].body = BYTES (NULL, 0); /* a table */
    assert_int_equal (restore_cut (&taken, &scratch, 0, NULL, &err), 0);
    struct core_options options = { .dir = scratch.path,
                                    .map_mib = 64,
                                    .is_volatile = true };
    assert_int_equal (core_open (&toy_source, &options, &core, &err), 0);
    struct txn *txn = txn_begin_read (core_store (core));
    assert_int_equal (journal_verify (core_journal (core), txn, 1, 0, NULL, &err), 0);
    assert_int_equal (journal_read (core_journal (core), txn, 1, &record), 0);
    assert_true (record.is_erased);
    txn_abort (&txn);
    core_close (&core, false);
    arena_done (&taken.arena);
    town_destroy (&town);
}

/* ---- restated ----------------------------------------------------------------------- */

#define RESTATED 1300 /* calls: more than one batch */
static unsigned restate_calls;
static uint64_t restate_until;

static bool restate (void *self, struct txn *txn, uint64_t *cursor,
                     struct decision *decision)
{
    (void) self;
    (void) txn;
    restate_calls++;
    assert_true (*cursor < RESTATED);
    struct event *event = decision_event (decision, KIND_CANARY);
    event->entry.informative = true;
    event->entry.grievance = NUMBER + *cursor;
    ++*cursor;
    return *cursor < RESTATED && *cursor != restate_until;
}

static void open_matters_are_restated_once_before_anything_else (void **state)
{
    (void) state;
    struct service_spec source = toy_source;
    source.restate = restate;
    restate_calls = 0;
    restate_until = RESTATED;
    struct town *town = town_create (&(struct town_options){
        .tables_dir = TABLES, .specs = { &source, &toy_follower } });
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    say_many (terminal, 0, 3);
    assert_int_equal (restate_calls, 0);
    CLEANUP (town_backup_destroy)
    struct town_backup *backup = town_backup (town, SOURCE);
    town_restore (town, SOURCE, backup);
    assert_int_equal (town_count (town, SOURCE, KIND_CANARY), RESTATED);
    assert_int_equal (restate_calls, RESTATED);
    town_restart (town, SOURCE);
    town_settle (town);
    assert_int_equal (restate_calls, RESTATED);
    assert_follows (town);
    assert_true (town_rebuild (town, SOURCE));
    town_destroy (&town);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (nothing_is_lost_for_a_follower_that_was_not_ahead),
        cmocka_unit_test (source_restored_to_yesterday_under_a_follower),
        cmocka_unit_test (new_entries_at_the_places_of_lost_ones_act),
        cmocka_unit_test (follower_that_was_down_is_led_over_two_restorations),
        cmocka_unit_test (older_backup_is_restored_after_a_newer_one),
        cmocka_unit_test (crossing_of_many_is_told_in_several_entries),
        cmocka_unit_test (source_that_lost_everything_is_followed_again),
        cmocka_unit_test (restored_follower_takes_nothing_twice),
        cmocka_unit_test (replaced_source_stops_the_follower),
        cmocka_unit_test (interrupted_restoration_is_not_started_on_and_runs_again),
        cmocka_unit_test (doubt_in_which_a_backup_ends_is_settled_by_the_start),
        cmocka_unit_test (damaged_or_missing_entries_are_refused),
        cmocka_unit_test (entry_without_its_body_is_put_back_as_erased),
        cmocka_unit_test (open_matters_are_restated_once_before_anything_else),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
