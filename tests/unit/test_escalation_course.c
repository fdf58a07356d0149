/* SPDX-License-Identifier: Apache-2.0 */
/* Clocks and raises over the whole course: what routing does not do in these stories is
 * said by a mouth. */
#include "course_people.h"

#include "base/file.h"
#include "support/scratch.h"

static void step_days (int days)
{
    town_step (town, days * CIVIL_DAY_MS);
}

/* A first decision was served, a review decided, and the re-review begins now. */
static uint64_t rereviewed (void)
{
    uint64_t number = placed (11);

    handled (number);
    served (number, STATE_WINDOW);
    move_by (number, 0,
             (struct moved){ .step = STEP_REVIEW,
                             .to = STATE_REVIEWING,
                             .department = 54,
                             .instance = 2 });
    served (number, STATE_WINDOW);
    move_by (number, 0,
             (struct moved){ .step = STEP_REVIEW,
                             .to = STATE_REREVIEWING,
                             .department = 51,
                             .instance = 3 });
    return number;
}

/* The calendar of 2027 comes, with a holiday in it. */
static void calendar_comes (const char *holiday)
{
    static const char known[] = "known until 2026-12-31";
    CLEANUP (scratch_remove) struct scratch tables = scratch_make ();
    struct rules_files files;
    struct err err = { 0 };

    assert_int_equal (rules_read_dir (&files, SHIPPED_TABLES, &err), 0);
    for (unsigned i = 0; i < RULES_TABLE_COUNT; i++) {
        struct buffer content = { 0 };
        char path[512];
        uint8_t *at;

        buffer_append_bytes (&content, files.sources[i].bytes);
        if (i == RULES_CALENDAR) {
            at = memmem (content.data, content.size, known, strlen (known));
            assert_non_null (at);
            memcpy (at, "known until 2027-12-31", strlen (known));
            buffer_append (&content, holiday, strlen (holiday));
        }
        snprintf (path, sizeof path, "%s/%s.tsv", tables.path, rules_table_name (i));
        assert_int_equal (file_write (path, buffer_bytes (&content), 0644, &err), 0);
        buffer_done (&content);
    }
    rules_files_done (&files);
    assert_int_equal (town_reload (town, tables.path, &err), 0);
    town_step (town, 2 * CIVIL_HOUR_MS); /* the canary settles */
}

/* ---- clocks ----------------------------------------------------------------------------- */

static void extension_moves_stage_whole_and_holder_and_says_who_allowed_it (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (11);
    handled (number);
    assert_due (runs (number, DUTY_STAGE), "decide", "2027-01-22 24:00");
    step_days (50);
    move_by (number, 1111, (struct moved){ .step = STEP_EXTEND, .to = STATE_HANDLING });
    const struct duty_row *stage = runs (number, DUTY_STAGE);
    assert_due (stage, "decide", "2027-02-22 24:00"); /* the 21st is a Sunday */
    assert_int_equal (stage->amount, 90);
    assert_int_equal (stage->person, 1111);
    assert_int_equal (stage->step, STEP_EXTEND);
    assert_string_equal (stage->article, "第三十四条");
    assert_due (runs (number, DUTY_WHOLE), "whole", "2027-03-08 24:00");
    assert_due (runs (number, DUTY_HOLDER), "holder", "2027-03-08 24:00");
    assert_one_of_each ();
    town_step_until (town, at_ms ("2027-02-22 23:59:00"));
    assert_int_equal (raised_by (number, CAUSE_BREACH, DUTY_NONE), 0);
    town_step (town, 2 * 60000);
    assert_int_equal (raised_by (number, CAUSE_BREACH, DUTY_STAGE), 1);
    town_destroy (&town);
}

static void warnings_that_were_given_are_not_given_again_by_an_extension (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (11);
    handled (number);
    town_step_until (town, at_ms ("2027-01-21 12:00:00"));
    size_t told = raised_by (number, CAUSE_BAND, DUTY_STAGE);
    assert_int_equal (told, 3); /* of half, three quarters and 85 per cent */
    move_by (number, 1111, (struct moved){ .step = STEP_EXTEND, .to = STATE_HANDLING });
    town_step_until (town, at_ms ("2027-02-22 23:59:00"));
    assert_int_equal (raised_by (number, CAUSE_BAND, DUTY_STAGE), told);
    town_destroy (&town);
}

static void time_of_a_hearing_is_not_counted (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = rereviewed ();
    assert_due (runs (number, DUTY_STAGE), "rereview", "2026-12-23 24:00");
    assert_due (runs (number, DUTY_WHOLE), "whole", "2027-02-08 24:00");
    step_days (10);
    move_by (number, 5111, (struct moved){ .step = STEP_HEAR, .to = STATE_HEARING });
    assert_true (runs (number, DUTY_STAGE)->paused);
    assert_true (runs (number, DUTY_WHOLE)->paused);
    assert_one_of_each ();
    size_t before = raises (number)->n_rows;
    step_days (100);
    assert_int_equal (raises (number)->n_rows, before); /* nothing fires */
    move_by (number, 5111,
             (struct moved){ .step = STEP_END_HEARING, .to = STATE_REREVIEWING });
    const struct duty_row *stage = runs (number, DUTY_STAGE);
    assert_false (stage->paused);
    assert_int_equal (stage->paused_ms, 100 * CIVIL_DAY_MS);
    assert_due (stage, "rereview", "2027-04-02 24:00"); /* 2026-11-23 and 130 days */
    assert_due (runs (number, DUTY_HOLDER), "rereview", "2027-04-02 24:00");
    /* 2026-11-23 and 175 days */
    assert_due (runs (number, DUTY_WHOLE), "whole", "2027-05-17 24:00");
    assert_one_of_each ();
    town_step_until (town, at_ms ("2027-04-02 23:59:00"));
    assert_int_equal (raised_by (number, CAUSE_BREACH, DUTY_STAGE), 0);
    town_step (town, 2 * 60000);
    assert_int_equal (raised_by (number, CAUSE_BREACH, DUTY_STAGE), 1);
    town_destroy (&town);
}

static void what_is_withdrawn_in_a_hearing_was_late_for_nothing (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = rereviewed ();
    step_days (10);
    move_by (number, 5111, (struct moved){ .step = STEP_HEAR, .to = STATE_HEARING });
    step_days (29);
    move (number, STEP_WITHDRAW, STATE_CLOSED);
    assert_int_equal (raised_by (number, CAUSE_BREACH, DUTY_NONE), 0);
    assert_int_equal (gauge ("open"), 0);
    town_destroy (&town);
}

static void breach_raised_blind_in_a_hearing_fires_when_its_time_comes (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = rereviewed ();
    town_step_until (town, at_ms ("2026-12-23 20:00:00"));
    town_cut (town, SPEAKER_ESCALATION, SPEAKER_ROUTING);
    move_by (number, 5111, (struct moved){ .step = STEP_HEAR, .to = STATE_HEARING });
    step_days (1);
    assert_int_equal (raised_by (number, CAUSE_BREACH, DUTY_STAGE), 1);
    town_mend (town, SPEAKER_ESCALATION, SPEAKER_ROUTING);
    town_step (town, 5000);
    assert_true (raise_of (number, CAUSE_BREACH)->withdrawn);
    step_days (2);
    move_by (number, 5111,
             (struct moved){ .step = STEP_END_HEARING, .to = STATE_REREVIEWING });
    assert_due (runs (number, DUTY_STAGE), "rereview", "2026-12-28 24:00");
    assert_int_equal (raised_by (number, CAUSE_BREACH, DUTY_STAGE), 1);
    step_days (3);
    assert_int_equal (raised_by (number, CAUSE_BREACH, DUTY_STAGE), 2);
    assert_false (raise_of (number, CAUSE_BREACH)->withdrawn);
    town_destroy (&town);
}

/* Nobody knew of the holiday: what was raised before it is over was raised too early. */
static void
breach_by_a_provisional_date_is_withdrawn_when_the_calendar_comes (void **state)
{
    (void) state;
    course_town ();
    town_step_until (town, at_ms ("2026-12-21 09:00:00"));
    uint64_t number = placed (11);
    assert_due (runs (number, DUTY_STAGE), "accept", "2027-01-05 24:00");
    town_step_until (town, at_ms ("2027-01-06 08:00:00"));
    assert_int_equal (raised_by (number, CAUSE_BREACH, DUTY_STAGE), 1);
    calendar_comes ("2027-01-05\t元旦\t是\n2027-01-06\t元旦\t是\n");
    assert_due (runs (number, DUTY_STAGE), "accept", "2027-01-07 24:00");
    assert_int_equal (raised_by (number, CAUSE_BREACH, DUTY_STAGE), 1);
    assert_true (raise_of (number, CAUSE_BREACH)->withdrawn);
    town_step_until (town, at_ms ("2027-01-08 00:01:00"));
    assert_int_equal (raised_by (number, CAUSE_BREACH, DUTY_STAGE), 2);
    assert_false (raise_of (number, CAUSE_BREACH)->withdrawn);
    assert_one_of_each ();
    town_destroy (&town);
}

/* Whoever must answer has let a whole heap lie: the newest is withdrawn all the same. */
static void unfounded_raise_is_found_behind_many_that_are_open (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed_of ((struct matter){ .persons = 60 }, 11);
    assert_null (supervise (leader, 1004, number)->refusal);
    step_days (20);
    for (unsigned i = 0; i < 3; i++) {
        move_by (number, 1131,
                 (struct moved){ .step = STEP_DISPATCH,
                                 .to = STATE_DISPATCHED,
                                 .department = i % 2 ? 11 : 12 });
        step_days (100);
    }
    move_by (number, 1131,
             (struct moved){ .step = STEP_REVIEW, .to = STATE_REVIEWING, .instance = 2 });
    const struct duty_row *stage = runs (number, DUTY_STAGE);
    assert_true (gauge ("raises_open") > DECISION_EVENTS_MAX);
    town_step_until (town, stage->due_ms - CIVIL_HOUR_MS);
    town_cut (town, SPEAKER_ESCALATION, SPEAKER_ROUTING);
    served (number, STATE_EXECUTING);
    town_step (town, 3 * CIVIL_HOUR_MS);
    assert_int_equal (gauge ("raises_withdrawn"), 0);
    town_mend (town, SPEAKER_ESCALATION, SPEAKER_ROUTING);
    town_step (town, 5000);
    assert_true (gauge ("raises_withdrawn") >= 2); /* stage and holder */
    town_destroy (&town);
}

static void ledger_says_which_days_passed_with_whom_and_in_which_pause (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = rereviewed ();
    step_days (3);
    move_by (number, 5111, (struct moved){ .step = STEP_HEAR, .to = STATE_HEARING });
    step_days (4);
    move_by (number, 0, (struct moved){ .step = STEP_LAPSE, .to = STATE_REREVIEWING });
    step_days (5);
    move (number, STEP_DECIDE, STATE_DECIDED);
    struct ledger *lines = ledger (number);
    int64_t spent_ms = 0, paused_ms = 0;
    for (size_t i = 0; i < lines->n_duties; i++) {
        const struct duty_row *row = &lines->duties[i];

        if (row->duty != DUTY_HOLDER || row->running || row->owner != 51)
            continue;
        spent_ms += row->spent_ms;
        if (row->paused) {
            assert_int_equal (row->spent_ms, 0);
            assert_int_equal (row->step, STEP_HEAR);
            assert_int_equal (row->person, 5111);
            paused_ms += row->stopped_ms - row->since_ms;
        }
    }
    assert_int_equal (spent_ms, 8 * CIVIL_DAY_MS);
    assert_int_equal (paused_ms, 4 * CIVIL_DAY_MS);
    town_destroy (&town);
}

static void mediation_is_a_task_beside_the_stage (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (11);
    handled (number);
    move (number, STEP_MEDIATE, STATE_MEDIATING);
    assert_due (runs (number, DUTY_TASK), "mediate", "2026-12-23 24:00");
    assert_due (runs (number, DUTY_STAGE), "decide", "2027-01-22 24:00");
    assert_int_equal (gauge ("task_duties"), 1);
    assert_one_of_each ();
    town_step_until (town, at_ms ("2026-12-24 00:00:10"));
    assert_int_equal (raised_by (number, CAUSE_BREACH, DUTY_TASK), 1);
    move (number, STEP_END_MEDIATION, STATE_HANDLING);
    assert_null (runs (number, DUTY_TASK));
    assert_int_equal (gauge ("task_duties"), 0);
    assert_due (runs (number, DUTY_STAGE), "decide", "2027-01-22 24:00");
    town_destroy (&town);
}

static void decision_counts_by_the_day_of_its_service (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (11);
    handled (number);
    step_days (55);
    move (number, STEP_DECIDE, STATE_DECIDED);
    int64_t done_ms = at_ms ("2027-01-22 17:00:00"); /* on the last day */
    town_step_until (town, at_ms ("2027-01-25 09:00:00"));
    assert_int_equal (raised_by (number, CAUSE_BREACH, DUTY_STAGE), 1);
    move_by (
        number, 1131,
        (struct moved){ .step = STEP_SERVE, .to = STATE_WINDOW, .done_at_ms = done_ms });
    const struct raise_row *breach = raise_of (number, CAUSE_BREACH);
    assert_true (breach->withdrawn); /* it was in time */
    assert_due (runs (number, DUTY_STAGE), "ask_review", "2027-02-22 24:00");
    assert_int_equal (runs (number, DUTY_STAGE)->from_ms, done_ms);
    town_destroy (&town);
}

static void review_has_clocks_of_its_own_and_so_has_what_it_leads_to (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (11);
    handled (number);
    served (number, STATE_EXECUTING);
    step_days (3);
    move (number, STEP_CLAIM_DONE, STATE_DONE);
    step_days (2);
    move_by (number, 0,
             (struct moved){ .step = STEP_REVIEW,
                             .to = STATE_REVIEWING,
                             .department = 54,
                             .instance = 2 });
    assert_due (runs (number, DUTY_STAGE), "review", "2026-12-28 24:00");
    assert_due (runs (number, DUTY_HOLDER), "review", "2026-12-28 24:00");
    assert_int_equal (runs (number, DUTY_HOLDER)->owner, 54);
    step_days (4);
    move (number, STEP_DECIDE, STATE_DECIDED);
    assert_due (runs (number, DUTY_STAGE), "review", "2026-12-28 24:00");
    assert_string_equal (runs (number, DUTY_HOLDER)->stage, "serve");
    move_by (
        number, 5431,
        (struct moved){ .step = STEP_SERVE, .to = STATE_EXECUTING, .department = 11 });
    /* Not the time that was left of the first execution. */
    assert_int_equal (runs (number, DUTY_STAGE)->from_ms, town_now_ms (town));
    assert_string_equal (runs (number, DUTY_STAGE)->stage, "execute");
    assert_int_equal (runs (number, DUTY_STAGE)->owner, 11);
    assert_one_of_each ();
    town_destroy (&town);
}

static void review_of_what_was_closed_has_a_whole_that_ends_with_it (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (11);
    handled (number);
    served (number, STATE_WINDOW);
    move (number, STEP_CONFIRM, STATE_CLOSED);
    assert_int_equal (gauge ("open"), 0);
    step_days (7);
    move_by (number, 0,
             (struct moved){ .step = STEP_REVIEW,
                             .to = STATE_REVIEWING,
                             .department = 54,
                             .instance = 2 });
    assert_int_equal (gauge ("open"), 1);
    assert_one_of_each ();
    assert_int_equal (runs (number, DUTY_WHOLE)->due_ms,
                      runs (number, DUTY_STAGE)->due_ms);
    assert_int_equal (raised_by (number, CAUSE_DISPUTE, DUTY_NONE), 0);
    town_destroy (&town);
}

static void review_that_no_organ_can_be_found_for_is_the_dispatchers_duty (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (11);
    handled (number);
    served (number, STATE_WINDOW);
    walk_of (number)->department = 0;
    move_by (number, 0,
             (struct moved){ .step = STEP_REVIEW, .to = STATE_REVIEWING, .instance = 2 });
    assert_string_equal (runs (number, DUTY_HOLDER)->stage, "wait");
    move_by (
        number, 3121,
        (struct moved){ .step = STEP_DISPATCH, .to = STATE_REVIEWING, .department = 55 });
    assert_string_equal (runs (number, DUTY_HOLDER)->stage, "review");
    assert_int_equal (runs (number, DUTY_WHOLE)->owner, 55); /* who has it */
    assert_int_equal (runs (number, DUTY_STAGE)->owner, 55);
    town_destroy (&town);
}

static void arbiter_has_a_clock_and_the_petitioners_go_on (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (11);
    move_by (number, 1111, (struct moved){ .step = STEP_OBJECT, .to = STATE_OBJECTED });
    move_by (number, 3121,
             (struct moved){
                 .step = STEP_DISPATCH, .to = STATE_DISPATCHED, .department = 12 });
    step_days (1);
    move_by (number, 1211,
             (struct moved){ .step = STEP_OBJECT,
                             .to = STATE_ARBITRATION,
                             .department = 51,
                             .objections = 2 });
    assert_due (runs (number, DUTY_HOLDER), "arbitrate", "2026-12-01 24:00");
    assert_int_equal (runs (number, DUTY_HOLDER)->owner, 51);
    assert_due (runs (number, DUTY_STAGE), "accept", "2026-12-08 24:00");
    step_days (1);
    move_by (number, 5102,
             (struct moved){
                 .step = STEP_ARBITRATE, .to = STATE_DISPATCHED, .department = 13 });
    assert_string_equal (runs (number, DUTY_HOLDER)->stage, "holder");
    assert_due (runs (number, DUTY_STAGE), "accept", "2026-12-08 24:00");
    assert_due (runs (number, DUTY_WHOLE), "whole", "2027-02-08 24:00");
    town_destroy (&town);
}

static void edit_does_not_restart_any_clock (void **state)
{
    static const enum step steps[] = { STEP_TRANSFER, STEP_ASSIGN,     STEP_HAND_BACK,
                                       STEP_CLAIM,    STEP_CATEGORISE, STEP_REPURPOSE,
                                       STEP_CONTACT,  STEP_WENT_UP,    STEP_RECUSE };

    (void) state;
    course_town ();
    uint64_t number = placed (11);
    handled (number);
    uint64_t entries = town_count (town, SPEAKER_ESCALATION, KIND_CLOCKS);
    for (size_t i = 0; i < ARRAY_SIZE (steps); i++) {
        step_days (2);
        walk_of (number)->matter.category = i % 2 ? "环境保护" : "城乡建设";
        move (number, steps[i], STATE_HANDLING);
    }
    mouth_say (terminal, SPEAKER_ROUTING,
               &(struct entry){ .kind = KIND_PROPOSED,
                                .grievance = number,
                                .matter = &walk_of (number)->matter,
                                .moved = &(struct moved){ .step = STEP_DIVERT,
                                                          .from = STATE_HANDLING,
                                                          .to = STATE_HANDLING } });
    town_settle (town);
    assert_int_equal (town_count (town, SPEAKER_ESCALATION, KIND_CLOCKS), entries);
    assert_due (runs (number, DUTY_STAGE), "decide", "2027-01-22 24:00");
    assert_due (runs (number, DUTY_WHOLE), "whole", "2027-02-08 24:00");
    town_destroy (&town);
}

static void dispute_of_the_execution_gives_the_execution_its_own_time_again (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (11);
    handled (number);
    served (number, STATE_EXECUTING);
    move (number, STEP_CLAIM_DONE, STATE_DONE);
    step_days (10);
    move_by (number, 0, (struct moved){ .step = STEP_REOPEN, .to = STATE_EXECUTING });
    assert_int_equal (runs (number, DUTY_STAGE)->from_ms, town_now_ms (town));
    assert_int_equal (raised_by (number, CAUSE_DISPUTE, DUTY_NONE), 1);
    step_days (5);
    move (number, STEP_CLAIM_DONE, STATE_DONE);
    assert_string_equal (runs (number, DUTY_STAGE)->stage, "confirm");
    assert_int_equal (runs (number, DUTY_STAGE)->from_ms, town_now_ms (town));
    town_destroy (&town);
}

static void window_leaves_routing_the_time_to_close (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (11);
    handled (number);
    served (number, STATE_WINDOW);
    town_step_until (town, at_ms ("2026-12-24 00:00:30"));
    assert_string_equal (runs (number, DUTY_STAGE)->stage, "ask_review");
    town_step (town, 2 * CIVIL_HOUR_MS); /* it was not closed: somebody has to */
    assert_string_equal (runs (number, DUTY_STAGE)->stage, "confirm");
    assert_int_equal (raised_by (number, CAUSE_BREACH, DUTY_STAGE), 0);
    assert_one_of_each ();
    town_destroy (&town);
}

/* ---- answers and supervision -------------------------------------------------------------- */

static void answer_ends_its_raise_and_later_steps_still_fire (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (11);
    town_step_until (town, at_ms ("2026-12-09 08:00:00"));
    const struct raise_row *breach = raise_of (number, CAUSE_BREACH);
    assert_int_equal (breach->raised->answer_due_ms, 0); /* it has a ladder */
    assert_null (answer (leader, 1004, breach->raise)->refusal);
    step_days (20);
    assert_int_equal (raised_by (number, CAUSE_BREACH, DUTY_STAGE), 3);
    struct raises *all = raises (number);
    for (size_t i = 0; i < all->n_rows; i++)
        if (all->rows[i].raise == breach->raise) {
            assert_string_equal (all->rows[i].answer, "已责成国土所十日内答复。");
            assert_int_equal (all->rows[i].answered_by, 1004);
            assert_false (all->rows[i].withdrawn);
        }
    town_destroy (&town);
}

static void level_never_falls_while_a_raise_is_open (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (11);
    town_step_until (town, at_ms ("2026-12-17 08:00:00")); /* +5: level 3 */
    struct raises *all = raises (number);
    unsigned highest = 0;
    for (size_t i = 0; i < all->n_rows; i++)
        if (all->rows[i].raised->open && all->rows[i].raised->level > highest)
            highest = all->rows[i].raised->level;
    assert_int_equal (highest, 3);
    for (size_t i = 0; i < all->n_rows; i++)
        if (all->rows[i].raised->open && all->rows[i].raised->level == 3)
            assert_null (answer (joint, 1001, all->rows[i].raise)->refusal);
    /* One of level 2 is still open: a dispute goes one above the highest ever. */
    handled (number);
    served (number, STATE_EXECUTING);
    move (number, STEP_CLAIM_DONE, STATE_DONE);
    move_by (number, 0, (struct moved){ .step = STEP_REOPEN, .to = STATE_EXECUTING });
    assert_int_equal (raise_of (number, CAUSE_DISPUTE)->raised->level, 4);
    town_destroy (&town);
}

static void leader_answers_at_their_level_and_below (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (11);
    town_step_until (town, at_ms ("2026-12-17 08:00:00"));
    const struct raise_row *third = raise_of (number, CAUSE_BREACH);
    assert_int_equal (third->raised->level, 3);
    assert_int_equal (answer (leader, 1004, third->raise)->refusal->code,
                      REFUSAL_NO_RIGHT);
    assert_int_equal (answer (stranger, 5101, third->raise)->refusal->code,
                      REFUSAL_TERRITORY);
    assert_null (answer (county, 5101, third->raise)->refusal);
    town_destroy (&town);
}

static void raise_that_nobody_answers_climbs_to_the_county_and_stops (void **state)
{
    (void) state;
    course_town ();
    uint64_t number =
        placed_of ((struct matter){ .category = "国土资源/土地征收", .persons = 7 }, 11);
    const struct raise_row *group = raise_of (number, CAUSE_GROUP);
    char text[CIVIL_TIME_SIZE];
    assert_int_equal (group->raised->level, 1);
    assert_string_equal (civil_format_due (group->raised->answer_due_ms, text),
                         "2026-11-26 24:00");
    town_step_until (town, at_ms ("2026-11-26 23:59:00"));
    assert_int_equal (raised_by (number, CAUSE_UNANSWERED, DUTY_NONE), 0);
    town_step (town, 2 * 60000);
    const struct raise_row *second = raise_of (number, CAUSE_UNANSWERED);
    assert_int_equal (second->raised->level, 2);
    assert_int_equal (second->raised->of, group->raise);
    assert_int_equal (second->raised->persons[0], 1004);
    step_days (7);
    const struct raise_row *third = raise_of (number, CAUSE_UNANSWERED);
    assert_int_equal (third->raised->level, 3);
    assert_int_equal (third->raised->of, second->raise);
    step_days (60);
    assert_int_equal (raised_by (number, CAUSE_UNANSWERED, DUTY_NONE), 3);
    assert_int_equal (raise_of (number, CAUSE_UNANSWERED)->raised->level, 4);
    town_destroy (&town);
}

static void raise_that_was_answered_in_time_does_not_climb (void **state)
{
    (void) state;
    course_town ();
    uint64_t number =
        placed_of ((struct matter){ .category = "国土资源/土地征收", .persons = 7 }, 11);
    step_days (2);
    assert_null (answer (desk, 1111, raise_of (number, CAUSE_GROUP)->raise)->refusal);
    step_days (10);
    assert_int_equal (raised_by (number, CAUSE_UNANSWERED, DUTY_NONE), 0);
    town_destroy (&town);
}

static void closing_ends_every_raise_and_what_would_have_climbed (void **state)
{
    (void) state;
    course_town ();
    uint64_t number =
        placed_of ((struct matter){ .category = "国土资源/土地征收", .persons = 23 }, 11);
    assert_null (supervise (leader, 1004, number)->refusal);
    move (number, STEP_WITHDRAW, STATE_CLOSED);
    town_step (town, 5000);
    assert_int_equal (gauge ("raises_open"), 0);
    step_days (60);
    assert_int_equal (raised_by (number, CAUSE_UNANSWERED, DUTY_NONE), 0);
    town_destroy (&town);
}

static void supervision_is_opened_by_a_level_and_answered_with_its_adoption (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (11);
    struct outcome *opened = supervise (leader, 1004, number);
    assert_null (opened->refusal);
    const struct raise_row *raise = raise_of (number, CAUSE_SUPERVISION);
    assert_int_equal (raise->raise, opened->recorded->sequence);
    assert_int_equal (raise->raised->level, 2);
    assert_int_equal (raise->raised->department, 11);
    assert_int_equal (raise->raised->opened_by, 1004);
    assert_int_equal (raise->raised->persons[0], 1111); /* the head answers */
    assert_string_equal (raise->advice, "请本周内到村里当面答复。");
    assert_int_equal (supervise (leader, 1004, number)->refusal->code,
                      REFUSAL_WRONG_STATE); /* one at a level waits */
    assert_null (supervise (joint, 1001, number)->refusal);
    assert_int_equal (raise_of (number, CAUSE_SUPERVISION)->raised->level, 3);
    assert_null (supervise (county, 5101, number)->refusal);
    assert_int_equal (raise_of (number, CAUSE_SUPERVISION)->raised->level, 4);

    uint64_t first = raise->raise;
    assert_int_equal (answer (desk, 1111, first)->refusal->code, REFUSAL_MISSING);
    assert_int_equal (answer_with (desk, 1131, first, ADOPTION_ADOPTED)->refusal->code,
                      REFUSAL_NO_RIGHT); /* a worker */
    assert_int_equal (answer_with (leader, 1004, first, ADOPTION_ADOPTED)->refusal->code,
                      REFUSAL_TERRITORY); /* who asked does not answer */
    struct due_query due_query = { .limit = 500 };
    struct due *due =
        town_query (operator_, SPEAKER_ESCALATION, &(struct query){ .due = &due_query })
            ->due;
    size_t awaited = 0;
    for (size_t i = 0; i < due->n_rows; i++)
        awaited += due->rows[i].duty == DUTY_RAISE && due->rows[i].number == number;
    assert_int_equal (awaited, 2); /* the county's cannot climb */
    assert_null (answer_with (desk, 1111, first, ADOPTION_PARTLY)->refusal);
    struct raises *all = raises (number);
    for (size_t i = 0; i < all->n_rows; i++)
        if (all->rows[i].raise == first) {
            assert_int_equal (all->rows[i].adoption, ADOPTION_PARTLY);
            assert_int_equal (all->rows[i].answered_by, 1111);
        }
    assert_null (supervise (leader, 1004, number)->refusal); /* and once more */
    town_destroy (&town);
}

static void supervision_that_is_not_answered_climbs (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (11);
    assert_null (supervise (leader, 1004, number)->refusal);
    town_step_until (town, at_ms ("2026-12-08 00:00:10")); /* ten working days */
    assert_int_equal (raise_of (number, CAUSE_UNANSWERED)->raised->level, 3);
    town_destroy (&town);
}

static void queue_of_the_dispatcher_is_supervised_too (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (0);
    assert_null (supervise (leader, 1003, number)->refusal);
    const struct raise_row *raise = raise_of (number, CAUSE_SUPERVISION);
    assert_int_equal (raise->raised->department, 31);
    assert_null (answer_with (dispatcher, 3121, raise->raise, ADOPTION_ADOPTED)->refusal);
    town_destroy (&town);
}

static void only_leaders_of_the_place_supervise (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (11), closed = placed (11);
    move (closed, STEP_WITHDRAW, STATE_CLOSED);
    assert_int_equal (supervise (desk, 1111, number)->refusal->code, REFUSAL_NO_RIGHT);
    assert_int_equal (supervise (leader, 1131, number)->refusal->code, REFUSAL_NO_RIGHT);
    assert_int_equal (supervise (stranger, 5101, number)->refusal->code,
                      REFUSAL_NOT_FOUND);
    assert_int_equal (supervise (leader, 1004, number + 1000)->refusal->code,
                      REFUSAL_NOT_FOUND);
    assert_int_equal (supervise (leader, 1004, closed)->refusal->code,
                      REFUSAL_WRONG_STATE);
    town_destroy (&town);
}

static void accusation_is_not_supervised_from_outside (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed_of ((struct matter){ .purpose = PURPOSE_ACCUSATION }, 22);
    assert_int_equal (supervise (leader, 1004, number)->refusal->code, REFUSAL_NOT_FOUND);
    assert_int_equal (supervise (county, 5101, number)->refusal->code, REFUSAL_NOT_FOUND);
    town_destroy (&town);
}

static void canary_that_cannot_fire_is_told_by_a_gauge (void **state)
{
    (void) state;
    course_town ();
    town_step (town, CIVIL_HOUR_MS + 5000);
    assert_int_equal (gauge ("canary_overdue_seconds"), 0);
    assert_int_equal (gauge ("canary_due_timestamp_seconds"),
                      gauge ("canary_timestamp_seconds") + 3600);
    assert_true (gauge ("looked_timestamp_seconds") >=
                 (uint64_t) (town_now_ms (town) - 2000) / 1000);
    assert_int_equal (gauge ("due_within_day"), 0); /* the canary is nobody's duty */
    town_step_until (town, (int64_t) gauge ("canary_due_timestamp_seconds") * 1000 - 500);
    town_cut (town, SPEAKER_ESCALATION, SPEAKER_ROUTING);
    town_step (town, 30 * 1000); /* nothing fires on half of the knowledge */
    assert_in_range (gauge ("canary_overdue_seconds"), 28, 31);
    town_destroy (&town);
}

/* ---- how others fail (DOMAIN §5) ------------------------------------------------------------ */

static void oldest_is_raised_whatever_came_after_it (void **state)
{
    enum { LATER = 60 };

    (void) state;
    course_town ();
    uint64_t oldest = placed (11);
    step_days (1);
    for (unsigned i = 0; i < LATER; i++)
        placed (11);
    town_step_until (town, at_ms ("2026-12-09 00:00:01"));
    assert_int_equal (raised_by (oldest, CAUSE_BREACH, DUTY_STAGE), 1);
    town_step_until (town, at_ms ("2026-12-10 00:00:01"));
    for (size_t i = 0; i < n_walks; i++)
        assert_int_equal (raised_by (walks[i].number, CAUSE_BREACH, DUTY_STAGE), 1);
    town_destroy (&town);
}

static void what_routing_has_not_placed_yet_is_covered (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = registered ((struct matter){ .category = "国土资源/土地征收" });
    uint64_t queued = placed (0);
    assert_one_of_each ();
    assert_int_equal (gauge ("open"), 2);
    town_step_until (town, at_ms ("2026-12-09 00:00:10"));
    assert_int_equal (raised_by (number, CAUSE_BREACH, DUTY_STAGE), 1);
    assert_int_equal (raised_by (queued, CAUSE_BREACH, DUTY_STAGE), 1);
    assert_int_equal (raise_of (number, CAUSE_BREACH)->raised->department, 31);
    town_destroy (&town);
}

static void department_without_a_superior_is_raised_to_the_next_level (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (51); /* no superior, no leader in charge */
    town_step_until (town, at_ms ("2026-12-09 00:00:10"));
    const struct raise_row *breach = raise_of (number, CAUSE_BREACH);
    assert_int_equal (breach->raised->level, 2);
    assert_true (breach->raised->filled);
    assert_int_equal (breach->raised->n_persons, 1);
    assert_int_equal (breach->raised->persons[0], 5103);
    town_destroy (&town);
}

static void every_state_behind_the_first_step_is_still_watched (void **state)
{
    static const enum state states[] = { STATE_CLAIMED,     STATE_HANDLING,
                                         STATE_MEDIATING,   STATE_DECIDED,
                                         STATE_EXECUTING,   STATE_DONE,
                                         STATE_DIVERTED,    STATE_REFUSED,
                                         STATE_ARBITRATION, STATE_OBJECTED };

    (void) state;
    course_town ();
    for (size_t i = 0; i < ARRAY_SIZE (states); i++)
        move (placed (11), STEP_CLAIM, states[i]);
    step_days (100);
    for (size_t i = 0; i < n_walks; i++)
        assert_true (raised_by (walks[i].number, CAUSE_BREACH, DUTY_STAGE) >= 1);
    assert_one_of_each ();
    town_destroy (&town);
}

static void silence_of_a_source_is_raised_and_climbs_until_it_speaks (void **state)
{
    (void) state;
    course_town ();
    placed (11);
    town_cut (town, SPEAKER_ESCALATION, SPEAKER_ROUTING);
    town_step (town, 2 * CIVIL_HOUR_MS);
    assert_int_equal (gauge ("raised{cause=\"source_silent\"}"), 1);
    step_days (5);
    assert_int_equal (gauge ("raised{cause=\"source_silent\"}"), 1);
    assert_int_equal (gauge ("raised{cause=\"unanswered\"}"), 1);
    town_mend (town, SPEAKER_ESCALATION, SPEAKER_ROUTING);
    town_step (town, 2 * CIVIL_HOUR_MS);
    assert_int_equal (gauge ("raises_open"), 0);
    town_destroy (&town);
}

static void silence_goes_on_over_a_restart (void **state)
{
    (void) state;
    course_town ();
    placed (11);
    town_cut (town, SPEAKER_ESCALATION, SPEAKER_ROUTING);
    town_step (town, 2 * CIVIL_HOUR_MS);
    assert_int_equal (gauge ("raises_open"), 1);
    town_stop (town, SPEAKER_ESCALATION);
    town_restart (town, SPEAKER_ESCALATION);
    registered ((struct matter){ .category = "城乡建设" }); /* intake is heard */
    town_step (town, 2 * CIVIL_HOUR_MS);
    assert_int_equal (gauge ("raises_open"), 1);
    assert_int_equal (gauge ("raised{cause=\"source_silent\"}"), 1);
    town_mend (town, SPEAKER_ESCALATION, SPEAKER_ROUTING);
    town_step (town, 2 * CIVIL_HOUR_MS);
    assert_int_equal (gauge ("raises_open"), 0);
    town_destroy (&town);
}

static void silence_that_was_answered_is_not_raised_again_before_it_ends (void **state)
{
    (void) state;
    course_town ();
    placed (11);
    for (unsigned i = 1; i <= 2; i++) {
        town_cut (town, SPEAKER_ESCALATION, SPEAKER_ROUTING);
        town_step (town, 2 * CIVIL_HOUR_MS);
        const struct raise_row *silent = raise_of (0, CAUSE_SOURCE_SILENT);
        assert_int_equal (silent->ended_at_ms, 0);
        assert_null (answer (county, 5101, silent->raise)->refusal);
        town_step (town, 5 * CIVIL_HOUR_MS);
        assert_int_equal (gauge ("raised{cause=\"source_silent\"}"), i);
        assert_int_equal (gauge ("raises_open"), 0);
        town_mend (town, SPEAKER_ESCALATION, SPEAKER_ROUTING);
        town_step (town, 2 * CIVIL_HOUR_MS);
    }
    town_destroy (&town);
}

static void stale_knowledge_does_not_fire (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (11);
    town_step_until (town, at_ms ("2026-12-08 23:59:30"));
    town_cut (town, SPEAKER_ESCALATION, SPEAKER_ROUTING);
    handled (number); /* in time, but not heard of yet */
    town_step_until (town, at_ms ("2026-12-09 00:00:20"));
    assert_int_equal (raised_by (number, CAUSE_BREACH, DUTY_STAGE), 0);
    town_mend (town, SPEAKER_ESCALATION, SPEAKER_ROUTING);
    town_step (town, 5000);
    assert_int_equal (raised_by (number, CAUSE_BREACH, DUTY_STAGE), 0);
    town_destroy (&town);
}

static void
six_hours_of_downtime_are_caught_up_in_order_without_what_was_closed (void **state)
{
    enum { COUNT = 40 };

    (void) state;
    course_town ();
    for (unsigned i = 0; i < COUNT; i++) {
        placed_of ((struct matter){ .urgent = true, .category = "城乡建设" }, 11);
        town_step (town, 60000);
    }
    town_stop (town, SPEAKER_ESCALATION);
    town_step (town, CIVIL_HOUR_MS);
    for (size_t i = 0; i < n_walks; i += 4)
        move (walks[i].number, STEP_WITHDRAW, STATE_CLOSED);
    town_step (town, 5 * CIVIL_HOUR_MS);
    town_restart (town, SPEAKER_ESCALATION);
    town_step (town, 5000);
    int64_t last_ms = 0;
    for (size_t i = 0; i < n_walks; i++) {
        size_t count = raised_by (walks[i].number, CAUSE_BREACH, DUTY_STAGE);

        assert_int_equal (count, i % 4 != 0);
        if (count == 0)
            continue;
        assert_true (raise_of (walks[i].number, CAUSE_BREACH)->raised->due_ms > 0);
        last_ms = town_now_ms (town);
    }
    assert_true (last_ms > 0);
    town_destroy (&town);
}

static void refolding_the_journal_of_a_whole_course_gives_the_same_tables (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = rereviewed ();
    step_days (3);
    move (number, STEP_HEAR, STATE_HEARING);
    step_days (4);
    uint64_t extended = placed (11);
    handled (extended);
    move_by (extended, 1111, (struct moved){ .step = STEP_EXTEND, .to = STATE_HANDLING });
    move (extended, STEP_MEDIATE, STATE_MEDIATING);
    assert_null (supervise (leader, 1004, extended)->refusal);
    step_days (20);
    move (number, STEP_END_HEARING, STATE_REREVIEWING);
    assert_null (answer_with (desk, 1111, raise_of (extended, CAUSE_SUPERVISION)->raise,
                              ADOPTION_NOT_ADOPTED)
                     ->refusal);
    step_days (60);
    struct hash before = town_digest (town, SPEAKER_ESCALATION);
    town_rebuild (town, SPEAKER_ESCALATION);
    struct hash after = town_digest (town, SPEAKER_ESCALATION);
    assert_true (hash_equal (&before, &after));
    town_destroy (&town);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (extension_moves_stage_whole_and_holder_and_says_who_allowed_it),
        cmocka_unit_test (warnings_that_were_given_are_not_given_again_by_an_extension),
        cmocka_unit_test (time_of_a_hearing_is_not_counted),
        cmocka_unit_test (what_is_withdrawn_in_a_hearing_was_late_for_nothing),
        cmocka_unit_test (breach_raised_blind_in_a_hearing_fires_when_its_time_comes),
        cmocka_unit_test (
            breach_by_a_provisional_date_is_withdrawn_when_the_calendar_comes),
        cmocka_unit_test (unfounded_raise_is_found_behind_many_that_are_open),
        cmocka_unit_test (ledger_says_which_days_passed_with_whom_and_in_which_pause),
        cmocka_unit_test (mediation_is_a_task_beside_the_stage),
        cmocka_unit_test (decision_counts_by_the_day_of_its_service),
        cmocka_unit_test (review_has_clocks_of_its_own_and_so_has_what_it_leads_to),
        cmocka_unit_test (review_of_what_was_closed_has_a_whole_that_ends_with_it),
        cmocka_unit_test (review_that_no_organ_can_be_found_for_is_the_dispatchers_duty),
        cmocka_unit_test (arbiter_has_a_clock_and_the_petitioners_go_on),
        cmocka_unit_test (edit_does_not_restart_any_clock),
        cmocka_unit_test (
            dispute_of_the_execution_gives_the_execution_its_own_time_again),
        cmocka_unit_test (window_leaves_routing_the_time_to_close),
        cmocka_unit_test (answer_ends_its_raise_and_later_steps_still_fire),
        cmocka_unit_test (level_never_falls_while_a_raise_is_open),
        cmocka_unit_test (leader_answers_at_their_level_and_below),
        cmocka_unit_test (raise_that_nobody_answers_climbs_to_the_county_and_stops),
        cmocka_unit_test (raise_that_was_answered_in_time_does_not_climb),
        cmocka_unit_test (closing_ends_every_raise_and_what_would_have_climbed),
        cmocka_unit_test (
            supervision_is_opened_by_a_level_and_answered_with_its_adoption),
        cmocka_unit_test (supervision_that_is_not_answered_climbs),
        cmocka_unit_test (queue_of_the_dispatcher_is_supervised_too),
        cmocka_unit_test (only_leaders_of_the_place_supervise),
        cmocka_unit_test (accusation_is_not_supervised_from_outside),
        cmocka_unit_test (canary_that_cannot_fire_is_told_by_a_gauge),
        cmocka_unit_test (oldest_is_raised_whatever_came_after_it),
        cmocka_unit_test (what_routing_has_not_placed_yet_is_covered),
        cmocka_unit_test (department_without_a_superior_is_raised_to_the_next_level),
        cmocka_unit_test (every_state_behind_the_first_step_is_still_watched),
        cmocka_unit_test (silence_of_a_source_is_raised_and_climbs_until_it_speaks),
        cmocka_unit_test (silence_goes_on_over_a_restart),
        cmocka_unit_test (silence_that_was_answered_is_not_raised_again_before_it_ends),
        cmocka_unit_test (stale_knowledge_does_not_fire),
        cmocka_unit_test (
            six_hours_of_downtime_are_caught_up_in_order_without_what_was_closed),
        cmocka_unit_test (refolding_the_journal_of_a_whole_course_gives_the_same_tables),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
