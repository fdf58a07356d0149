/* SPDX-License-Identifier: Apache-2.0 */
/* The core with a toy service: commands, queries, tables, control. */
#include "support/town.h"
#include "support/toy.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TABLES   SOURCE_DIR "/deploy/config/tables"
#define NUMBER   UINT64_C (202611230010100001)
#define SOMEBODY UINT32_C (999999999) /* no person of the tables */

static struct town *make_town (void)
{
    return town_create (
        &(struct town_options){ .tables_dir = TABLES, .specs = { &toy_source } });
}

static struct town_client *terminal_of (struct town *town)
{
    return town_client (town, ROLE_TERMINAL, 101);
}

static struct outcome *say (struct town_client *client, const char *text)
{
    struct supplement supplement = { .number = NUMBER, .text = text };
    return town_command (client, SPEAKER_INTAKE,
                         &(struct command){ .supplement = &supplement });
}

/* The same under a counter of the caller's. */
static struct outcome *say_as (struct town_client *client, uint32_t incarnation,
                               uint64_t counter, const char *text)
{
    struct supplement supplement = { .number = NUMBER, .text = text };
    return town_command (client, SPEAKER_INTAKE,
                         &(struct command){ .supplement = &supplement,
                                            .incarnation = incarnation,
                                            .counter = counter });
}

static void assert_refused (const struct outcome *outcome, enum refusal_code code)
{
    assert_non_null (outcome);
    assert_non_null (outcome->refusal);
    assert_int_equal (outcome->refusal->code, code);
}

static void assert_same (struct town *town, const struct outcome *a,
                         const struct outcome *b)
{
    struct arena arena;
    (void) town;
    arena_init (&arena, 0);
    struct bytes x = outcome_encode (&arena, a), y = outcome_encode (&arena, b);
    assert_true (bytes_equal (x, y));
    arena_done (&arena);
}

/* ---- once, and recorded ------------------------------------------------------------- */

static void command_is_recorded_under_its_counter (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = terminal_of (town);
    struct outcome *outcome = say (terminal, "plain");
    assert_non_null (outcome);
    assert_non_null (outcome->receipt);
    struct entry *entry = town_last (town, SPEAKER_INTAKE, KIND_SUPPLEMENTED);
    assert_int_equal (entry->sequence, outcome->receipt->sequence);
    assert_int_equal (entry->actor->client, 101);
    assert_int_equal (entry->actor->counter, 1);
    assert_int_equal (entry->actor->incarnation, 1);
    assert_int_equal (entry->actor->content.size, HASH16_SIZE);
    assert_int_equal (entry->time_ms, town_now_ms (town));
    town_destroy (&town);
}

static void repeat_gets_the_same_answer_and_writes_nothing (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = terminal_of (town);
    struct outcome *first = say (terminal, "plain");
    say (terminal, "plain");
    town_step (town, 60000);
    struct outcome *again = say_as (terminal, 1, 1, "plain");
    assert_same (town, first, again);
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_SUPPLEMENTED), 2);
    assert_int_equal (town_next_counter (terminal, SPEAKER_INTAKE), 3);
    town_destroy (&town);
}

static void repeat_is_answered_identically_after_a_crash (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = terminal_of (town);
    struct outcome *taken = say (terminal, "plain"), *refused = say (terminal, "refuse");
    town_crash (town, SPEAKER_INTAKE);
    town_restart (town, SPEAKER_INTAKE);
    assert_same (town, taken, say_as (terminal, 1, 1, "plain"));
    assert_same (town, refused, say_as (terminal, 1, 2, "refuse"));
    town_destroy (&town);
}

static void refusal_is_recorded_and_uses_the_counter (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = terminal_of (town);
    assert_refused (say (terminal, "refuse"), REFUSAL_WRONG_STATE);
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_REFUSED), 1);
    struct outcome *again = say_as (terminal, 1, 1, "refuse");
    assert_refused (again, REFUSAL_WRONG_STATE);
    assert_string_equal (again->refusal->field, "text");
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_REFUSED), 1);
    /* One refused filing never blocks the next. */
    assert_non_null (say (terminal, "plain")->receipt);
    town_destroy (&town);
}

static void what_leads_to_nothing_is_refused_and_recorded (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = terminal_of (town);
    assert_refused (say (terminal, "nothing"), REFUSAL_WRONG_STATE);
    assert_int_equal (town_next_counter (terminal, SPEAKER_INTAKE), 2);
    town_destroy (&town);
}

static void only_the_first_event_carries_the_counter (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = terminal_of (town);
    struct outcome *outcome = say (terminal, "two");
    struct entry *second = town_last (town, SPEAKER_INTAKE, KIND_SUPPLEMENTED);
    assert_int_equal (second->sequence, outcome->receipt->sequence + 1);
    assert_int_equal (second->actor->client, 101);
    assert_int_equal (second->actor->counter, 0);
    assert_same (town, outcome, say_as (terminal, 1, 1, "two"));
    town_destroy (&town);
}

static void unknown_person_is_refused_and_recorded (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct supplement supplement = { .number = NUMBER, .text = "plain" };
    struct outcome *outcome =
        town_command (terminal_of (town), SPEAKER_INTAKE,
                      &(struct command){ .supplement = &supplement, .person = SOMEBODY });
    assert_refused (outcome, REFUSAL_UNKNOWN_PERSON);
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_REFUSED), 1);
    town_destroy (&town);
}

/* ---- not consumed ------------------------------------------------------------------- */

static void gap_consumes_nothing_and_puts_the_rest_off (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = terminal_of (town);
    struct supplement supplement = { .number = NUMBER, .text = "plain" };
    struct command commands[4];
    struct outcome *outcomes[4];
    for (unsigned i = 0; i < 4; i++)
        commands[i] = (struct command){ .supplement = &supplement,
                                        .counter = (uint64_t[]){ 1, 3, 4, 2 }[i] };
    town_commands (terminal, SPEAKER_INTAKE, commands, 4, outcomes);
    assert_non_null (outcomes[0]->receipt);
    for (unsigned i = 1; i < 4; i++) {
        assert_refused (outcomes[i], REFUSAL_GAP);
        assert_int_equal (outcomes[i]->refusal->next_counter, 2);
    }
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_SUPPLEMENTED), 1);
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_REFUSED), 0);
    town_destroy (&town);
}

static void other_content_under_a_used_counter_is_a_conflict (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = terminal_of (town);
    say (terminal, "plain");
    struct outcome *outcome = say_as (terminal, 1, 1, "two");
    assert_refused (outcome, REFUSAL_CONFLICT);
    assert_int_equal (outcome->refusal->next_counter, 2);
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_SUPPLEMENTED), 1);
    town_destroy (&town);
}

static void try_later_consumes_nothing (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = terminal_of (town);
    struct outcome *outcome = say (terminal, "later");
    assert_refused (outcome, REFUSAL_TRY_LATER);
    assert_int_equal (outcome->refusal->next_counter, 1);
    assert_int_equal (town_next_counter (terminal, SPEAKER_INTAKE), 1);
    assert_non_null (say (terminal, "plain")->receipt);
    town_destroy (&town);
}

static void counter_zero_is_malformed (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = terminal_of (town);
    struct supplement supplement = { .number = NUMBER, .text = "plain" };
    struct command command = { .incarnation = 1, .supplement = &supplement };
    town_send (terminal, SPEAKER_INTAKE,
               &(struct to_door){ .commands = &command, .n_commands = 1 });
    town_settle (town);
    struct from_door *answer = town_receive (terminal);
    assert_non_null (answer);
    assert_true (answer->refusal != NULL || answer->n_outcomes == 1);
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_SUPPLEMENTED), 0);
    town_destroy (&town);
}

/* ---- incarnations ------------------------------------------------------------------- */

static struct outcome *enrol_as (struct town_client *client, uint32_t incarnation,
                                 uint64_t counter)
{
    struct enrol enrol = { .why = "new disk" };
    return town_command (client, SPEAKER_INTAKE,
                         &(struct command){ .enrol = &enrol,
                                            .incarnation = incarnation,
                                            .counter = counter });
}

static void enrolment_opens_an_incarnation_and_closes_the_one_before (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = terminal_of (town);
    say (terminal, "plain");
    struct outcome *enrolled = enrol_as (terminal, 2, 1);
    assert_non_null (enrolled->recorded);
    struct outcome *old = say_as (terminal, 1, 2, "plain");
    assert_refused (old, REFUSAL_INCARNATION);
    assert_int_equal (old->refusal->incarnation, 2);
    assert_non_null (say_as (terminal, 2, 2, "plain")->receipt);
    assert_same (town, enrolled, enrol_as (terminal, 2, 1));
    town_destroy (&town);
}

static void incarnation_is_opened_by_an_enrolment_only (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = terminal_of (town);
    assert_refused (say_as (terminal, 2, 1, "plain"), REFUSAL_INCARNATION);
    assert_refused (enrol_as (terminal, 3, 1), REFUSAL_INCARNATION);
    assert_refused (enrol_as (terminal, 2, 2), REFUSAL_INCARNATION);
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_ENROLLED), 0);
    town_destroy (&town);
}

/* ---- frames ------------------------------------------------------------------------- */

static void unknown_key_is_refused_and_leaves_no_trace (void **state)
{
    (void) state;
    struct town *town = make_town ();
    town_settle (town);
    uint64_t before = town_count (town, SPEAKER_INTAKE, KIND_NONE);
    town_send_stranger (town, SPEAKER_INTAKE, bytes_of_text ("anything"));
    town_settle (town);
    struct from_door *answer = town_receive_stranger (town);
    assert_int_equal (answer->refusal->code, REFUSAL_UNKNOWN_CLIENT);
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_NONE), before);
    town_destroy (&town);
}

static void malformed_frame_is_refused_and_counted (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = terminal_of (town);
    struct town_client *inspector = town_client (town, ROLE_OPERATOR, 7);
    town_send_frame (terminal, SPEAKER_INTAKE, bytes_of_text ("no protobuf at all"));
    town_settle (town);
    assert_int_equal (town_receive (terminal)->refusal->code, REFUSAL_MALFORMED);
    struct control_reply *reply =
        town_control (inspector, SPEAKER_INTAKE, CONTROL_METRICS);
    assert_non_null (strstr (reply->text, "minqing_intake_bad_frames_total 1\n"));
    town_destroy (&town);
}

static void outcomes_of_one_connection_share_a_frame (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = terminal_of (town);
    struct supplement supplement = { .number = NUMBER, .text = "plain" };
    for (uint64_t i = 1; i <= 10; i++) {
        struct command command = { .supplement = &supplement,
                                   .incarnation = 1,
                                   .counter = i };
        town_send (terminal, SPEAKER_INTAKE,
                   &(struct to_door){ .commands = &command, .n_commands = 1 });
    }
    town_settle (town);
    struct from_door *answer = town_receive (terminal);
    assert_int_equal (answer->n_outcomes, 10);
    assert_null (town_receive (terminal));
    town_destroy (&town);
}

/* ---- the store fails ---------------------------------------------------------------- */

static uint64_t sum_of_receipts (struct outcome *const *outcomes, size_t count)
{
    uint64_t receipts = 0;
    for (size_t i = 0; i < count; i++)
        receipts += outcomes[i] != NULL && outcomes[i]->receipt != NULL;
    return receipts;
}

/* Whatever write or commit fails, and however: what was promised is there, and what was
 * not can be said again and is there once. */
static void store_failure_promises_nothing (int code)
{
    bool has_failed = true;
    for (unsigned n = 1; has_failed; n++) {
        struct town *town = make_town ();
        struct town_client *terminal = terminal_of (town);
        struct supplement supplement = { .number = NUMBER, .text = "plain" };
        struct command commands[3] = { { .supplement = &supplement },
                                       { .supplement = &supplement },
                                       { .supplement = &supplement } };
        struct outcome *outcomes[3];
        say (terminal, "plain");
        town_fail_store (town, SPEAKER_INTAKE, n, code);
        town_commands (terminal, SPEAKER_INTAKE, commands, 3, outcomes);
        uint64_t receipts = sum_of_receipts (outcomes, 3);
        has_failed = receipts < 3 || town_deaths (town, SPEAKER_INTAKE) > 0;
        assert_true (receipts == 0 || receipts == 3);
        if (receipts == 0)
            assert_refused (outcomes[0], REFUSAL_TRY_LATER);
        assert_int_equal (toy_count (town_core (town, SPEAKER_INTAKE), NUMBER),
                          1 + receipts);
        town_fail_store (town, SPEAKER_INTAKE, 0, 0);
        if (receipts == 0)
            town_commands (terminal, SPEAKER_INTAKE, commands, 3, outcomes);
        assert_int_equal (sum_of_receipts (outcomes, 3), 3);
        assert_int_equal (toy_count (town_core (town, SPEAKER_INTAKE), NUMBER), 4);
        assert_true (n < 500);
        town_destroy (&town);
    }
}

static void disk_full_refuses_and_promises_nothing (void **state)
{
    (void) state;
    store_failure_promises_nothing (-ENOSPC);
}

static void failed_commit_says_nothing_and_the_retry_finds_out (void **state)
{
    (void) state;
    store_failure_promises_nothing (-EIO);
}

static void failure_that_will_not_pass_ends_the_daemon (void **state)
{
    (void) state;
    store_failure_promises_nothing (-EUCLEAN);
    struct town *town = make_town ();
    struct town_client *terminal = terminal_of (town);
    say (terminal, "plain");
    town_fail_store (town, SPEAKER_INTAKE, 1, -EUCLEAN);
    assert_non_null (say (terminal, "plain")->receipt);
    assert_int_equal (town_deaths (town, SPEAKER_INTAKE), 1);
    town_destroy (&town);
}

static void result_of_an_effect_outlives_an_undone_batch (void **state)
{
    (void) state;
    bool has_failed = true;
    for (unsigned n = 1; has_failed; n++) {
        struct town *town = make_town ();
        struct town_client *terminal = terminal_of (town);
        town_on_effect (town, NULL, NULL);
        unsigned before = toy_results ();
        assert_non_null (say (terminal, "plain")->receipt);
        town_finish (town, SPEAKER_INTAKE, NUMBER, 0, NULL);
        town_fail_store (town, SPEAKER_INTAKE, n, -ENOSPC);
        town_settle (town);
        has_failed = toy_count (town_core (town, SPEAKER_INTAKE), NUMBER) == 1;
        town_step (town, 5000);
        assert_int_equal (toy_count (town_core (town, SPEAKER_INTAKE), NUMBER), 2);
        assert_true (toy_results () > before);
        assert_true (n < 100);
        town_destroy (&town);
    }
}

static void effect_is_spoken_after_the_commit_and_its_result_recorded (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = terminal_of (town);
    say (terminal, "effect");
    assert_int_equal (town_effects (town), 1);
    assert_int_equal (toy_count (town_core (town, SPEAKER_INTAKE), NUMBER), 2);
    town_destroy (&town);
}

/* ---- due ---------------------------------------------------------------------------- */

static void due_row_fires_at_its_time_and_not_before (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = terminal_of (town);
    say (terminal, "due");
    town_step (town, TOY_DUE_MS - 1);
    assert_int_equal (toy_fired (town_core (town, SPEAKER_INTAKE)), 0);
    town_step (town, 1);
    assert_int_equal (toy_fired (town_core (town, SPEAKER_INTAKE)), 1);
    assert_int_equal (town_last (town, SPEAKER_INTAKE, KIND_ASK_ANSWERED)->time_ms,
                      town_now_ms (town));
    town_step (town, 10 * TOY_DUE_MS);
    assert_int_equal (toy_fired (town_core (town, SPEAKER_INTAKE)), 1);
    town_destroy (&town);
}

static void due_row_fires_after_a_restart_too (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = terminal_of (town);
    say (terminal, "due");
    town_crash (town, SPEAKER_INTAKE);
    town_step (town, 2 * TOY_DUE_MS);
    town_restart (town, SPEAKER_INTAKE);
    town_settle (town);
    assert_int_equal (toy_fired (town_core (town, SPEAKER_INTAKE)), 1);
    town_destroy (&town);
}

/* ---- queries ------------------------------------------------------------------------ */

static void question_sees_what_was_said_before_it (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = terminal_of (town);
    struct due_query due = { 0 };
    struct outcome *outcome = say (terminal, "plain");
    struct reply *reply =
        town_query (terminal, SPEAKER_INTAKE, &(struct query){ .due = &due });
    assert_int_equal (reply->due->rows[0].number, 1);
    assert_int_equal (reply->position, outcome->receipt->sequence);
    town_destroy (&town);
}

static void question_waits_for_its_position (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = terminal_of (town);
    struct town_client *other = town_client (town, ROLE_TERMINAL, 102);
    struct due_query due = { 0 };
    town_settle (town);
    struct source next = { .speaker = SPEAKER_INTAKE,
                           .sequence = town_count (town, SPEAKER_INTAKE, KIND_NONE) + 1 };
    struct query query = { .id = 5, .not_before = &next, .due = &due };
    town_send (other, SPEAKER_INTAKE,
               &(struct to_door){ .queries = &query, .n_queries = 1 });
    town_settle (town);
    assert_null (town_receive (other));
    say (terminal, "plain");
    struct from_door *answer = town_receive (other);
    assert_int_equal (answer->replies[0].id, 5);
    assert_int_equal (answer->replies[0].due->rows[0].number, 1);
    town_destroy (&town);
}

static void question_does_not_wait_for_ever (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = terminal_of (town);
    struct due_query due = { 0 };
    struct source never = { .speaker = SPEAKER_INTAKE, .sequence = 1000000 };
    struct query query = { .id = 5, .not_before = &never, .due = &due };
    town_send (terminal, SPEAKER_INTAKE,
               &(struct to_door){ .queries = &query, .n_queries = 1 });
    town_step (town, 2999);
    assert_null (town_receive (terminal));
    town_step (town, 1);
    assert_int_equal (town_receive (terminal)->replies[0].refusal->code,
                      REFUSAL_TRY_LATER);
    town_destroy (&town);
}

static void client_learns_where_it_stands (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal =
        town_client (town, ROLE_TERMINAL, 101, .territory = UINT64_C (340522100207));
    struct standing_query where = { 0 };
    say (terminal, "plain");
    struct reply *reply =
        town_query (terminal, SPEAKER_INTAKE, &(struct query){ .standing = &where });
    assert_int_equal (reply->standing->client, 101);
    assert_int_equal (reply->standing->role, ROLE_TERMINAL);
    assert_int_equal (reply->standing->incarnation, 1);
    assert_int_equal (reply->standing->next_counter, 2);
    assert_int_equal (reply->standing->territory, UINT64_C (340522100207));
    town_destroy (&town);
}

/* ---- tables ------------------------------------------------------------------------- */

static void tables_are_journaled_when_they_take_effect (void **state)
{
    (void) state;
    struct town *town = make_town ();
    town_settle (town);
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_TABLE),
                      RULES_TABLE_COUNT + 1);
    assert_int_equal (town_last (town, SPEAKER_INTAKE, KIND_NONE)->kind, KIND_STARTED);
    town_restart (town, SPEAKER_INTAKE);
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_TABLE),
                      RULES_TABLE_COUNT + 1);
    unsigned before = toy_rules_calls ();
    town_client (town, ROLE_TERMINAL, 103); /* a reload with another clients table */
    town_settle (town);
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_TABLE),
                      RULES_TABLE_COUNT + 2);
    assert_true (toy_rules_calls () > before);
    assert_string_equal (town_last (town, SPEAKER_INTAKE, KIND_TABLE)->table->name,
                         "clients");
    town_destroy (&town);
}

static void bad_tables_are_refused_and_the_old_stay (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = terminal_of (town);
    struct err err = { 0 };
    say (terminal, "plain");
    uint64_t version =
        core_table_version (town_core (town, SPEAKER_INTAKE), RULES_PEOPLE);
    const struct rules_source empty[RULES_TABLE_COUNT] = { 0 };
    int rc = core_start (town_core (town, SPEAKER_INTAKE), empty,
                         bytes_of_text ("number\trole\tkey\n"), town_now_ms (town), &err);
    assert_true (rc < 0);
    assert_true (err.text[0] != '\0');
    assert_int_equal (core_table_version (town_core (town, SPEAKER_INTAKE), RULES_PEOPLE),
                      version);
    assert_non_null (say (terminal, "plain")->receipt);
    town_destroy (&town);
}

/* ---- control ------------------------------------------------------------------------ */

static void status_tells_head_tables_and_gauges (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *inspector = town_client (town, ROLE_OPERATOR, 7);
    say (terminal_of (town), "plain");
    struct status *status =
        town_control (inspector, SPEAKER_INTAKE, CONTROL_STATUS)->status;
    assert_int_equal (status->head, town_count (town, SPEAKER_INTAKE, KIND_NONE));
    assert_int_equal (status->n_tables, RULES_TABLE_COUNT + 1);
    assert_int_equal (town_gauge (town, SPEAKER_INTAKE, "supplements{of=\"all\"}"), 1);
    assert_null (status->trouble);
    struct control_reply *verified =
        town_control (inspector, SPEAKER_INTAKE, CONTROL_VERIFY);
    assert_null (verified->problem);
    town_destroy (&town);
}

static void metrics_stand_in_groups (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *inspector = town_client (town, ROLE_OPERATOR, 7);
    struct town_client *terminal = terminal_of (town);
    say (terminal, "plain");
    say (terminal, "refuse");
    const char *text = town_control (inspector, SPEAKER_INTAKE, CONTROL_METRICS)->text;
    assert_non_null (
        strstr (text, "minqing_intake_commands_total{result=\"taken\"} 1\n"));
    assert_non_null (
        strstr (text, "minqing_intake_refusals_total{code=\"wrong_state\"} 1\n"));
    assert_non_null (strstr (text, "# TYPE minqing_intake_supplements gauge\n"
                                   "minqing_intake_supplements{of=\"all\"} 1\n"
                                   "minqing_intake_supplements{of=\"none\"} 0\n"));
    town_destroy (&town);
}

static void control_is_not_for_terminals (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = terminal_of (town);
    struct control control = { .verb = CONTROL_STATUS };
    town_send (terminal, SPEAKER_INTAKE, &(struct to_door){ .control = &control });
    town_settle (town);
    struct from_door *answer = town_receive (terminal);
    assert_null (answer->control);
    assert_int_equal (answer->refusal->code, REFUSAL_NO_RIGHT);
    town_destroy (&town);
}

/* ---- rebuild ------------------------------------------------------------------------ */

static void rebuild_folds_the_same_facts (void **state)
{
    (void) state;
    struct town *town = make_town ();
    struct town_client *terminal = terminal_of (town);
    static const char *const texts[] = { "plain", "two", "refuse", "due", "nothing" };
    for (unsigned i = 0; i < 25; i++)
        say (terminal, texts[i % ARRAY_SIZE (texts)]);
    enrol_as (terminal, 2, 1);
    struct outcome *last = say_as (terminal, 2, 2, "due");
    town_step (town, TOY_DUE_MS / 2);
    assert_true (town_rebuild (town, SPEAKER_INTAKE));
    assert_same (town, last, say_as (terminal, 2, 2, "due"));
    town_destroy (&town);
}

static void same_calls_give_the_same_journal (void **state)
{
    (void) state;
    struct hash roots[2];
    for (unsigned run = 0; run < 2; run++) {
        struct town *town = make_town ();
        struct town_client *inspector = town_client (town, ROLE_OPERATOR, 7);
        struct town_client *terminal = terminal_of (town);
        say (terminal, "two");
        say (terminal, "due");
        town_step (town, 2 * TOY_DUE_MS);
        struct status *status =
            town_control (inspector, SPEAKER_INTAKE, CONTROL_STATUS)->status;
        memcpy (roots[run].data, status->root.data, HASH_SIZE);
        town_destroy (&town);
    }
    assert_true (hash_equal (&roots[0], &roots[1]));
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (command_is_recorded_under_its_counter),
        cmocka_unit_test (repeat_gets_the_same_answer_and_writes_nothing),
        cmocka_unit_test (repeat_is_answered_identically_after_a_crash),
        cmocka_unit_test (refusal_is_recorded_and_uses_the_counter),
        cmocka_unit_test (what_leads_to_nothing_is_refused_and_recorded),
        cmocka_unit_test (only_the_first_event_carries_the_counter),
        cmocka_unit_test (unknown_person_is_refused_and_recorded),
        cmocka_unit_test (gap_consumes_nothing_and_puts_the_rest_off),
        cmocka_unit_test (other_content_under_a_used_counter_is_a_conflict),
        cmocka_unit_test (try_later_consumes_nothing),
        cmocka_unit_test (counter_zero_is_malformed),
        cmocka_unit_test (enrolment_opens_an_incarnation_and_closes_the_one_before),
        cmocka_unit_test (incarnation_is_opened_by_an_enrolment_only),
        cmocka_unit_test (unknown_key_is_refused_and_leaves_no_trace),
        cmocka_unit_test (malformed_frame_is_refused_and_counted),
        cmocka_unit_test (outcomes_of_one_connection_share_a_frame),
        cmocka_unit_test (disk_full_refuses_and_promises_nothing),
        cmocka_unit_test (failed_commit_says_nothing_and_the_retry_finds_out),
        cmocka_unit_test (failure_that_will_not_pass_ends_the_daemon),
        cmocka_unit_test (result_of_an_effect_outlives_an_undone_batch),
        cmocka_unit_test (effect_is_spoken_after_the_commit_and_its_result_recorded),
        cmocka_unit_test (due_row_fires_at_its_time_and_not_before),
        cmocka_unit_test (due_row_fires_after_a_restart_too),
        cmocka_unit_test (question_sees_what_was_said_before_it),
        cmocka_unit_test (question_waits_for_its_position),
        cmocka_unit_test (question_does_not_wait_for_ever),
        cmocka_unit_test (client_learns_where_it_stands),
        cmocka_unit_test (tables_are_journaled_when_they_take_effect),
        cmocka_unit_test (bad_tables_are_refused_and_the_old_stay),
        cmocka_unit_test (status_tells_head_tables_and_gauges),
        cmocka_unit_test (metrics_stand_in_groups),
        cmocka_unit_test (control_is_not_for_terminals),
        cmocka_unit_test (rebuild_folds_the_same_facts),
        cmocka_unit_test (same_calls_give_the_same_journal),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
