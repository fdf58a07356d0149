/* SPDX-License-Identifier: Apache-2.0 */
/* The core with two toys: following, being followed, complete knowledge. */
#include "runtime/core_inside.h"
#include "support/scratch.h"
#include "support/town.h"
#include "support/toy.h"
#include "wire/check.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"

#define TABLES   SOURCE_DIR "/deploy/config/tables"
#define NUMBER   UINT64_C (202611230010100001)
#define TOTAL    (UINT64_MAX - 2) /* toy.c counts all under this */
#define SOURCE   SPEAKER_INTAKE
#define FOLLOWER SPEAKER_ROUTING

static struct town *make_town (void)
{
    return town_create (&(struct town_options){
        .tables_dir = TABLES, .specs = { &toy_source, &toy_follower } });
}

static struct outcome *say (struct town_client *client, uint64_t number, const char *text)
{
    struct supplement supplement = { .number = number, .text = text };
    return town_command (client, SOURCE, &(struct command){ .supplement = &supplement });
}

static uint64_t answered (struct town *town, uint64_t number)
{
    return toy_count (town_core (town, FOLLOWER), number);
}

static struct position *position_of (struct town *town)
{
    static struct position position;
    struct status status;
    struct arena arena;
    arena_init (&arena, 0);
    core_status (town_core (town, FOLLOWER), &arena, town_now_ms (town), &status);
    assert_int_equal (status.n_positions, 1);
    position = status.positions[0];
    arena_done (&arena);
    return &position;
}

/* ---- exactly once ------------------------------------------------------------------- */

static void entry_acts_once_and_its_event_names_it (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    struct outcome *outcome = say (terminal, NUMBER, "plain");
    assert_int_equal (answered (town, NUMBER), 1);
    struct entry *answer = town_last (town, FOLLOWER, KIND_ASK_ANSWERED);
    assert_int_equal (answer->source->speaker, SOURCE);
    assert_int_equal (answer->source->sequence, outcome->receipt->sequence);
    assert_null (answer->actor);
    assert_int_equal (position_of (town)->acted, outcome->receipt->sequence);
    town_destroy (&town);
}

static void many_entries_flow_behind_the_credit (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    struct supplement supplement = { .number = NUMBER, .text = "plain" };
    struct command commands[250];
    struct outcome *outcomes[250];
    for (unsigned i = 0; i < 250; i++)
        commands[i] = (struct command){ .supplement = &supplement };
    town_cut (town, FOLLOWER, SOURCE);
    for (unsigned round = 0; round < 40; round++) /* more than two windows */
        town_commands (terminal, SOURCE, commands, 250, outcomes);
    assert_int_equal (answered (town, NUMBER), 0);
    town_mend (town, FOLLOWER, SOURCE);
    town_settle (town);
    assert_int_equal (answered (town, NUMBER), 10000);
    town_destroy (&town);
}

/* ---- kinds that are of no use ------------------------------------------------------- */

struct heard {
    uint64_t after, entries, passed, complete;
    struct hash passed_hash;
    bool is_refused, has_kind;
};

static void hear_kinds (struct town_client *client, uint32_t kind, struct heard *heard)
{
    for (struct from_door *message; (message = town_receive (client)) != NULL;) {
        heard->is_refused |= message->follow_refused != NULL;
        const struct entries *entries = message->entries;
        if (entries == NULL)
            continue;
        for (size_t i = 0; i < entries->n_entries; i++) {
            heard->has_kind |= entry_kind (entries->entries[i].header) == kind;
            heard->passed += entries->entries[i].passed;
            heard->entries++;
        }
        heard->passed += entries->passed;
        heard->complete = entries->complete;
        if (entries->passed > 0)
            memcpy (heard->passed_hash.data, entries->passed_hash.data, HASH_SIZE);
        assert_int_equal (heard->after + heard->entries + heard->passed, heard->complete);
    }
}

static void what_a_follower_has_no_use_for_is_passed_over (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    struct town_client *keeper = town_client (town, ROLE_KEEPER, 900);
    uint32_t kind = KIND_SUPPLEMENTED;
    struct follow follow = { .credit = LIMIT_FOLLOW_CREDIT };
    struct heard all = { 0 }, some = { 0 }, again = { 0 };
    for (unsigned i = 0; i < 1200; i++)
        say (terminal, NUMBER, "plain");
    town_send (keeper, SOURCE, &(struct to_door){ .follow = &follow });
    town_settle (town);
    hear_kinds (keeper, kind, &all);
    assert_true (all.has_kind && all.entries > 1200 && all.passed == 0);

    follow.without = &kind;
    follow.n_without = 1;
    town_send (keeper, SOURCE, &(struct to_door){ .follow = &follow });
    town_settle (town);
    hear_kinds (keeper, kind, &some);
    assert_false (some.has_kind);
    assert_int_equal (some.complete, all.complete);
    assert_int_equal (some.passed, 1200);

    /* It goes on from there by the hash that it was told, and not by another. */
    follow.after = again.after = some.complete;
    follow.after_hash = hash_view (&some.passed_hash);
    town_send (keeper, SOURCE, &(struct to_door){ .follow = &follow });
    town_settle (town);
    hear_kinds (keeper, kind, &again);
    assert_false (again.is_refused);
    some.passed_hash.data[0] ^= 1;
    town_send (keeper, SOURCE, &(struct to_door){ .follow = &follow });
    town_settle (town);
    hear_kinds (keeper, kind, &again);
    assert_true (again.is_refused);
    town_destroy (&town);
}

/* ---- who can wait ------------------------------------------------------------------- */

static uint64_t entries_heard (struct town_client *client)
{
    uint64_t entries = 0;
    for (struct from_door *message; (message = town_receive (client)) != NULL;) {
        assert_null (message->follow_refused);
        entries += message->entries == NULL ? 0 : message->entries->n_entries;
    }
    return entries;
}

static void who_can_wait_is_served_together (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    struct town_client *patient = town_client (town, ROLE_KEEPER, 900);
    struct town_client *other = town_client (town, ROLE_KEEPER, 901);
    struct follow follow = { .credit = LIMIT_FOLLOW_CREDIT };
    town_send (other, SOURCE, &(struct to_door){ .follow = &follow });
    follow.can_wait = true;
    town_send (patient, SOURCE, &(struct to_door){ .follow = &follow });
    town_settle (town);
    struct core *core = town_core (town, SOURCE);
    uint64_t before = entries_heard (patient);
    assert_int_equal (entries_heard (other), before);

    core_gather (core);
    assert_false (core_is_waited_for (core));
    for (unsigned i = 0; i < 10; i++) {
        say (terminal, NUMBER, "plain");
        assert_int_equal (entries_heard (other), 1);
    }
    assert_int_equal (entries_heard (patient), 0);
    assert_true (core_is_waited_for (core));
    assert_true (core_wake_ms (core, town_now_ms (town)) > town_now_ms (town));

    core_serve_waiting (core);
    say (terminal, NUMBER, "plain");
    assert_int_equal (entries_heard (patient), 11);
    assert_false (core_is_waited_for (core));
    say (terminal, NUMBER, "plain"); /* for one turn */
    assert_int_equal (entries_heard (patient), 0);

    for (unsigned i = 1; i < WAITING_ENTRIES; i++) /* a frame is full */
        say (terminal, NUMBER, "plain");
    assert_int_equal (entries_heard (patient), WAITING_ENTRIES);
    town_destroy (&town);
}

/* ---- bytes on their way ------------------------------------------------------------- */

#define LARGE_TEXT  50000
#define LARGE_COUNT 250 /* three times what may be on its way */

static void say_large (struct town *town, struct town_client *terminal)
{
    char text[LARGE_TEXT + 1];
    memset (text, 'x', LARGE_TEXT);
    text[LARGE_TEXT] = '\0';
    for (unsigned i = 0; i < LARGE_COUNT; i++) {
        say (terminal, NUMBER, text);
        town_forget (town);
    }
}

/* Bytes of bodies that came. */
static size_t hear_bytes (struct town_client *client, uint64_t *ret_last)
{
    size_t bytes = 0;
    for (struct from_door *message; (message = town_receive (client)) != NULL;) {
        if (message->entries == NULL)
            continue;
        *ret_last = message->entries->complete;
        for (size_t i = 0; i < message->entries->n_entries; i++)
            bytes += message->entries->entries[i].body.size;
    }
    return bytes;
}

/* It says that it may be sent a hundred thousand entries and then nothing more. */
static void little_is_on_its_way_to_a_follower_that_is_deaf (void **state)
{
    (void) state;
    const size_t whole = (size_t) LARGE_COUNT * LARGE_TEXT;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    struct town_client *keeper = town_client (town, ROLE_KEEPER, 900);
    struct follow follow = { .after = 0, .credit = LIMIT_FOLLOW_CREDIT };
    uint64_t last = 0;
    say_large (town, terminal);
    town_send (keeper, SOURCE, &(struct to_door){ .follow = &follow });
    town_settle (town);
    town_step (town, 60000);
    size_t first = hear_bytes (keeper, &last), heard = first;
    assert_in_range (first, FOLLOWER_BYTES / 2, FOLLOWER_BYTES + ENTRIES_FRAME_BYTES);
    for (unsigned i = 0; i < 16 && heard < whole; i++) {
        struct follow_credit credit = { .acted = last };
        town_send (keeper, SOURCE, &(struct to_door){ .follow_credit = &credit });
        town_settle (town);
        heard += hear_bytes (keeper, &last);
    }
    assert_true (heard >= whole); /* acknowledged, all of it comes */
    town_destroy (&town);
}

/* It says Follow over and over, and nothing else: what it was sent waits in its connection. */
static void a_deaf_follower_that_says_follow_again_is_sent_little (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    struct town_client *keeper = town_client (town, ROLE_KEEPER, 900);
    struct follow follow = { .after = 0, .credit = LIMIT_FOLLOW_CREDIT };
    uint64_t last = 0;
    size_t heard = 0;
    say_large (town, terminal);
    for (unsigned i = 0; i < 20; i++) {
        town_send (keeper, SOURCE, &(struct to_door){ .follow = &follow });
        town_settle (town);
        heard += hear_bytes (keeper, &last);
    }
    assert_in_range (heard, UNREAD_BYTES, UNREAD_BYTES + 2 * FOLLOWER_BYTES);
    struct follow_credit credit = { .acted = last };
    town_send (keeper, SOURCE, &(struct to_door){ .follow = &follow });
    town_send (keeper, SOURCE, &(struct to_door){ .follow_credit = &credit });
    town_settle (town);
    assert_int_equal (hear_bytes (keeper, &last),
                      0); /* of this Follow it was sent nothing */
    town_destroy (&town);
}

/* It acknowledges by bytes too, long before half of its window of entries is there. */
static void large_entries_flow_to_a_daemon (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    town_cut (town, FOLLOWER, SOURCE);
    say_large (town, terminal);
    town_mend (town, FOLLOWER, SOURCE);
    town_settle (town);
    assert_int_equal (position_of (town)->acted, town_core (town, SOURCE)->head);
    assert_true (position_of (town)->acted > LARGE_COUNT);
    town_destroy (&town);
}

/* Any write or commit of the follower fails; whatever it was, every entry of the source
 * is answered once. */
static void follower_survives (int code)
{
    bool has_failed = true;
    for (unsigned n = 1; has_failed; n++) {
        struct town *town = make_town ();
        struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
        say (terminal, NUMBER, "plain");
        struct core *before = town_core (town, FOLLOWER);
        town_cut (town, FOLLOWER, SOURCE);
        for (unsigned i = 0; i < 5; i++)
            say (terminal, NUMBER + i, "two");
        town_mend (town, FOLLOWER, SOURCE);
        town_fail_store (town, FOLLOWER, n, code);
        town_settle (town);
        has_failed = answered (town, TOTAL) < 11 ||
                     town_core (town, FOLLOWER) != before ||
                     town_deaths (town, FOLLOWER) > 0;
        town_fail_store (town, FOLLOWER, 0, 0);
        town_step (town, 10000);
        assert_int_equal (answered (town, TOTAL), 11);
        assert_int_equal (town_count (town, FOLLOWER, KIND_ASK_ANSWERED), 11);
        assert_int_equal (toy_seen (town_core (town, FOLLOWER), NUMBER), 3);
        assert_true (n < 500);
        town_destroy (&town);
    }
}

static void follower_acts_once_whatever_write_fails (void **state)
{
    (void) state;
    follower_survives (-ENOSPC);
}

static void follower_acts_once_whatever_commit_is_lost (void **state)
{
    (void) state;
    follower_survives (-EIO);
}

/* A full disk does not become emptier by asking for the same entries over and over. */
static void follower_rests_after_an_undone_batch (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    say (terminal, NUMBER, "plain");
    town_fail_store (town, FOLLOWER, 1, -ENOSPC);
    say (terminal, NUMBER, "plain");
    assert_int_equal (answered (town, NUMBER), 1);
    town_step (town, 900);
    assert_int_equal (answered (town, NUMBER), 1);
    town_step (town, 200);
    assert_int_equal (answered (town, NUMBER), 2);
    town_destroy (&town);
}

static void follower_and_source_may_crash_at_any_time (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    for (uint64_t i = 1; i <= 60; i++) {
        say (terminal, NUMBER + i, "plain");
        if (i % 3 == 0)
            town_restart (town, FOLLOWER);
        if (i % 5 == 0)
            town_restart (town, SOURCE);
    }
    town_settle (town);
    assert_int_equal (answered (town, TOTAL), 60);
    for (uint64_t i = 1; i <= 60; i++)
        assert_int_equal (answered (town, NUMBER + i), 1);
    town_destroy (&town);
}

static void rebuild_follows_again_and_takes_nothing_over_twice (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    for (uint64_t i = 0; i < 20; i++)
        say (terminal, NUMBER + i, "plain");
    struct hash views = town_digest_views (town, FOLLOWER);
    assert_true (town_rebuild (town, FOLLOWER));
    assert_int_equal (toy_seen (town_core (town, FOLLOWER), NUMBER), 0);
    town_settle (town);
    struct hash views_again = town_digest_views (town, FOLLOWER);
    assert_true (hash_equal (&views, &views_again));
    assert_int_equal (town_count (town, FOLLOWER, KIND_ASK_ANSWERED), 20);
    say (terminal, NUMBER, "plain");
    assert_int_equal (answered (town, NUMBER), 2);
    town_destroy (&town);
}

/* ---- a source that is another ------------------------------------------------------- */

static void source_that_lost_entries_stops_the_follower (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    say (terminal, NUMBER, "plain");
    town_erase (town, SOURCE); /* the same name, begun anew */
    town_settle (town);
    assert_non_null (position_of (town)->problem);
    assert_non_null (strstr (position_of (town)->problem, "restored"));
    /* It catches up with other entries: they are not taken for the old ones. */
    struct town_client *other = town_client (town, ROLE_TERMINAL, 102);
    for (unsigned i = 0; i < 5; i++)
        say (other, NUMBER + 1, "plain");
    town_restart (town, FOLLOWER);
    town_settle (town);
    assert_non_null (strstr (position_of (town)->problem, "restored"));
    assert_int_equal (answered (town, NUMBER + 1), 0);
    town_destroy (&town);
}

/* ---- stand-ins ---------------------------------------------------------------------- */

static void stand_at (struct town *town, uint64_t sequence, const struct hash *hash)
{
    struct core *core = town_core (town, FOLLOWER);
    struct mark mark = core->links[0].done;
    struct txn *txn = txn_begin_write (core_store (core));
    mark.acted = sequence;
    mark.acted_hash = *hash;
    position_put (txn, SOURCE, &mark);
    assert_int_equal (txn_commit (&txn), 0);
    town_restart (town, FOLLOWER);
    town_settle (town);
}

/* The damaged entry may be put back at the source, or the source from a backup that has it
 * whole and knows of no damage. */
static void follower_that_stood_on_a_stand_in_goes_on (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    struct hash hash = { .data = { 1 } };
    struct damaged damaged;
    struct entry entry = { .kind = KIND_DAMAGED, .damaged = &damaged };
    struct outcome *outcome = say (terminal, NUMBER, "plain");
    uint64_t sequence = outcome->receipt->sequence;
    say (terminal, NUMBER, "plain");

    struct source source = { .speaker = SOURCE };
    struct core *core = town_core (town, FOLLOWER);
    entry.sequence = damaged.damaged = sequence;
    core->txn = txn_begin_write (core_store (core));
    assert_true (damaged_pass_over (core, &source, &entry, &hash));
    txn_abort (&core->txn);
    assert_true (hash_is_zero (&hash)); /* it claims to know none */

    stand_at (town, sequence, &hash);
    assert_null (position_of (town)->problem);
    assert_int_equal (position_of (town)->acted, town_core (town, SOURCE)->head);
    hash.data[0] = 1;
    stand_at (town, sequence, &hash);
    assert_non_null (position_of (town)->problem);
    town_destroy (&town);
}

/* ---- rights ------------------------------------------------------------------------- */

static struct from_door *follow_as (struct town *town, struct town_client *client)
{
    struct follow follow = { .after = 0, .credit = 1000 };
    town_send (client, SOURCE, &(struct to_door){ .follow = &follow });
    town_settle (town);
    return town_receive (client);
}

static void operator_follows_without_bodies (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    struct town_client *inspector = town_client (town, ROLE_OPERATOR, 7);
    say (terminal, NUMBER, "plain");
    struct from_door *answer = follow_as (town, inspector);
    assert_non_null (answer->entries);
    size_t n = answer->entries->n_entries;
    assert_int_equal (n, answer->entries->head);
    const struct followed *last = &answer->entries->entries[n - 1];
    assert_int_equal (last->body.size, 0);
    assert_int_equal (last->body_hash.size, HASH_SIZE);
    town_destroy (&town);
}

/* A table that is larger than a frame should be. */
static void write_large_table (const char *dir)
{
    static const char note[] = "# a long remark, as clerks leave them behind in tables\n";
    char path[SCRATCH_PATH_SIZE + 64];
    struct rules_files files;
    struct buffer text = { 0 };
    struct err err = { 0 };
    assert_int_equal (rules_read_dir (&files, TABLES, &err), 0);
    for (unsigned i = 0; i < RULES_TABLE_COUNT; i++) {
        buffer_clear (&text);
        buffer_append_bytes (&text, files.sources[i].bytes);
        while (i == RULES_TEMPLATES && text.size < 400000)
            buffer_append (&text, note, sizeof note - 1);
        snprintf (path, sizeof path, "%s/%s.tsv", dir,
                  rules_table_name ((enum rules_table) i));
        assert_int_equal (file_write (path, buffer_bytes (&text), 0600, &err), 0);
    }
    buffer_done (&text);
    rules_files_done (&files);
}

/* Everything that a restoration needs, and no more rights. */
static void keeper_follows_with_every_body_also_of_large_tables (void **state)
{
    (void) state;
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    struct err err = { 0 };
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    struct town_client *keeper = town_client (town, ROLE_KEEPER, 900);
    say (terminal, NUMBER, "plain");
    write_large_table (scratch.path);
    int rc = town_reload (town, scratch.path, &err);
    if (rc < 0)
        fail_msg ("%s", err.text);
    struct follow follow = { .after = 0, .credit = 1000 };
    town_send (keeper, SOURCE, &(struct to_door){ .follow = &follow });
    town_settle (town);
    size_t n_bodies = 0, largest = 0;
    for (struct from_door *message; (message = town_receive (keeper)) != NULL;) {
        assert_null (message->follow_refused);
        for (size_t i = 0; message->entries != NULL && i < message->entries->n_entries;
             i++) {
            const struct followed *followed = &message->entries->entries[i];
            assert_int_equal (followed->body.size > 0, followed->body_hash.size > 0);
            n_bodies += followed->body.size > 0;
            if (followed->body.size > largest)
                largest = followed->body.size;
        }
    }
    assert_true (n_bodies > RULES_TABLE_COUNT);
    assert_true (largest >= 400000);

    struct control_reply *reply = town_control (keeper, SOURCE, CONTROL_KEEPSAKE);
    assert_non_null (reply->keepsake);
    assert_true (bytes_equal (reply->keepsake->secret,
                              BYTES (core_secret (town_core (town, SOURCE)), 32)));
    assert_non_null (town_control (keeper, SOURCE, CONTROL_STATUS)->status);
    town_destroy (&town);
}

/* Nothing is answered to these but a refusal. */
static void keeper_and_operator_do_not_have_each_others_rights (void **state)
{
    (void) state;
    struct town *town = make_town ();
    static const struct {
        enum role role;
        enum control_verb verb;
    } asked[] = {
        { ROLE_KEEPER, CONTROL_METRICS },    { ROLE_KEEPER, CONTROL_LOG_LEVEL },
        { ROLE_KEEPER, CONTROL_VERIFY },     { ROLE_KEEPER, CONTROL_SCRUB },
        { ROLE_OPERATOR, CONTROL_KEEPSAKE }, { ROLE_DAEMON, CONTROL_KEEPSAKE },
        { ROLE_TERMINAL, CONTROL_KEEPSAKE },
    };
    struct town_client *clients[] = {
        [ROLE_KEEPER] = town_client (town, ROLE_KEEPER, 900),
        [ROLE_OPERATOR] = town_client (town, ROLE_OPERATOR, 901),
        [ROLE_DAEMON] = town_client (town, ROLE_DAEMON, 902, .name = "escalation"),
        [ROLE_TERMINAL] = town_client (town, ROLE_TERMINAL, 101),
    };
    for (size_t i = 0; i < ARRAY_SIZE (asked); i++) {
        struct control control = { .verb = asked[i].verb };
        town_send (clients[asked[i].role], SOURCE,
                   &(struct to_door){ .control = &control });
        town_settle (town);
        struct from_door *answer = town_receive (clients[asked[i].role]);
        assert_null (answer->control);
        assert_int_equal (answer->refusal->code, REFUSAL_NO_RIGHT);
    }
    town_destroy (&town);
}

static void terminal_may_not_follow (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    struct from_door *answer = follow_as (town, terminal);
    assert_null (answer->entries);
    assert_int_equal (answer->follow_refused->problem, FOLLOW_NO_RIGHT);
    town_destroy (&town);
}

static void idle_journal_says_how_far_it_is_complete (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *inspector = town_client (town, ROLE_OPERATOR, 7);
    follow_as (town, inspector);
    town_step (town, 500);
    struct from_door *beat = town_receive (inspector);
    assert_non_null (beat->entries);
    assert_int_equal (beat->entries->n_entries, 0);
    assert_int_equal (beat->entries->complete, beat->entries->head);
    assert_int_equal (beat->entries->complete_ms, town_now_ms (town));
    town_destroy (&town);
}

/* ---- complete knowledge ------------------------------------------------------------- */

static void due_row_fires_on_complete_knowledge (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    say (terminal, NUMBER, "plain");
    town_step (town, TOY_DUE_MS - 1);
    assert_int_equal (toy_fired (town_core (town, FOLLOWER)), 0);
    town_step (town, 501);
    assert_int_equal (toy_fired (town_core (town, FOLLOWER)), 1);
    assert_int_equal (toy_fired_blind (town_core (town, FOLLOWER)), 0);
    town_destroy (&town);
}

static void due_row_waits_for_a_source_and_fires_blind_when_it_is_silent (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    say (terminal, NUMBER, "plain");
    town_step (town, TOY_DUE_MS - 1000);
    town_crash (town, SOURCE);
    town_step (town, 1000 + 30000);
    assert_int_equal (toy_fired (town_core (town, FOLLOWER)), 0);
    town_step (town, 40000);
    assert_int_equal (toy_fired (town_core (town, FOLLOWER)), 1);
    assert_int_equal (toy_fired_blind (town_core (town, FOLLOWER)), 1);
    assert_true (core_source_is_silent (town_core (town, FOLLOWER), SOURCE));
    town_restart (town, SOURCE);
    town_step (town, 1000);
    assert_false (core_source_is_silent (town_core (town, FOLLOWER), SOURCE));
    town_destroy (&town);
}

static void source_that_comes_back_is_heard_before_rows_fire (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    say (terminal, NUMBER, "plain");
    town_cut (town, FOLLOWER, SOURCE);
    town_step (town, TOY_DUE_MS + 10000);
    assert_int_equal (toy_fired (town_core (town, FOLLOWER)), 0);
    town_mend (town, FOLLOWER, SOURCE);
    town_step (town, 1000);
    assert_int_equal (toy_fired (town_core (town, FOLLOWER)), 1);
    assert_int_equal (toy_fired_blind (town_core (town, FOLLOWER)), 0);
    town_destroy (&town);
}

static void daemon_that_slept_does_not_think_the_others_silent (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    for (uint64_t day = 0; day < 30; day++) {
        say (terminal, NUMBER + day, "plain");
        town_step (town, 24 * TOY_DUE_MS);
    }
    assert_int_equal (toy_fired (town_core (town, FOLLOWER)), 30);
    assert_int_equal (toy_fired_blind (town_core (town, FOLLOWER)), 0);
    town_destroy (&town);
}

static void question_waits_until_the_followed_entry_is_known (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    struct due_query due = { 0 };
    town_settle (town);
    town_cut (town, FOLLOWER, SOURCE);
    struct outcome *outcome = say (terminal, NUMBER, "plain");
    struct source position = { .speaker = SOURCE,
                               .sequence = outcome->receipt->sequence };
    struct query query = { .id = 9, .not_before = &position, .due = &due };
    town_send (terminal, FOLLOWER,
               &(struct to_door){ .queries = &query, .n_queries = 1 });
    town_settle (town);
    assert_null (town_receive (terminal));
    town_mend (town, FOLLOWER, SOURCE);
    town_settle (town);
    struct from_door *answer = town_receive (terminal);
    assert_int_equal (answer->replies[0].id, 9);
    assert_int_equal (answer->replies[0].due->rows[0].number, 1);
    town_destroy (&town);
}

static void daemon_asks_another_and_hears_the_answer (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    say (terminal, NUMBER, "plain");
    toy_ask ();
    town_step (town, 1000);
    assert_int_equal (toy_heard (), 1);
    town_destroy (&town);
}

static void daemon_that_gets_no_answer_is_told_so (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    struct standing_query where = { 0 };
    town_settle (town);
    town_cut (town, FOLLOWER, SOURCE);
    toy_ask ();
    town_query (terminal, FOLLOWER, &(struct query){ .standing = &where }); /* a turn */
    town_step (town, 9999);
    assert_int_equal (toy_heard (), 0);
    town_step (town, 1);
    assert_true (toy_heard () == UINT64_MAX);
    town_destroy (&town);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (entry_acts_once_and_its_event_names_it),
        cmocka_unit_test (many_entries_flow_behind_the_credit),
        cmocka_unit_test (what_a_follower_has_no_use_for_is_passed_over),
        cmocka_unit_test (who_can_wait_is_served_together),
        cmocka_unit_test (little_is_on_its_way_to_a_follower_that_is_deaf),
        cmocka_unit_test (a_deaf_follower_that_says_follow_again_is_sent_little),
        cmocka_unit_test (large_entries_flow_to_a_daemon),
        cmocka_unit_test (follower_acts_once_whatever_write_fails),
        cmocka_unit_test (follower_acts_once_whatever_commit_is_lost),
        cmocka_unit_test (follower_rests_after_an_undone_batch),
        cmocka_unit_test (follower_and_source_may_crash_at_any_time),
        cmocka_unit_test (rebuild_follows_again_and_takes_nothing_over_twice),
        cmocka_unit_test (source_that_lost_entries_stops_the_follower),
        cmocka_unit_test (follower_that_stood_on_a_stand_in_goes_on),
        cmocka_unit_test (operator_follows_without_bodies),
        cmocka_unit_test (keeper_follows_with_every_body_also_of_large_tables),
        cmocka_unit_test (keeper_and_operator_do_not_have_each_others_rights),
        cmocka_unit_test (terminal_may_not_follow),
        cmocka_unit_test (idle_journal_says_how_far_it_is_complete),
        cmocka_unit_test (due_row_fires_on_complete_knowledge),
        cmocka_unit_test (due_row_waits_for_a_source_and_fires_blind_when_it_is_silent),
        cmocka_unit_test (source_that_comes_back_is_heard_before_rows_fire),
        cmocka_unit_test (daemon_that_slept_does_not_think_the_others_silent),
        cmocka_unit_test (question_waits_until_the_followed_entry_is_known),
        cmocka_unit_test (daemon_asks_another_and_hears_the_answer),
        cmocka_unit_test (daemon_that_gets_no_answer_is_told_so),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
