/* SPDX-License-Identifier: Apache-2.0 */
/* The clock law alone: which clocks start, stop and move when a grievance moves. */
#include "rules_tables.h"

#include "escalation/law.h"
#include "rules/answerable.h"
#include "rules/deadline.h"

#define LEDGER_MAX 40

/* A grievance in memory: what apply would make of the answers of the law. */
static struct {
    struct rules *rules;
    struct arena arena;
    struct matter matter;
    struct escalation_clock ledger[LEDGER_MAX];
    size_t count;
    struct clocks last; /* the latest answer */
} town;

static int build (void **state)
{
    (void) state;
    town.rules = shipped_rules ();
    arena_init (&town.arena, 0);
    return 0;
}

static int demolish (void **state)
{
    (void) state;
    arena_done (&town.arena);
    rules_destroy (&town.rules);
    return 0;
}

static void line_stop (const struct clock_change *change, int64_t at)
{
    struct escalation_clock *clock =
        escalation_clock_running (town.ledger, town.count, change->duty, change->owner);

    assert_non_null (clock);
    clock->stopped_ms = at;
    clock->change.spent_ms = change->spent_ms;
}

static void take (const struct escalation_law *law)
{
    town.last = law->clocks;
    for (size_t i = 0; i < law->clocks.n_changes; i++) {
        const struct clock_change *change = &law->clocks.changes[i];

        if (change->action != CLOCK_START)
            line_stop (change, law->at_ms);
        if (change->action == CLOCK_STOP)
            continue;
        assert_true (town.count < LEDGER_MAX);
        town.ledger[town.count] =
            (struct escalation_clock){ .no = (uint16_t) (town.count + 1),
                                       .change = *change };
        town.count++;
    }
}

static struct escalation_law law_at (const char *time)
{
    struct escalation_law law;

    escalation_law_begin (&law, town.rules, &town.arena, &town.matter, town.ledger,
                          town.count, at_ms (time));
    return law;
}

/* Registered on a Monday: the whole ends 75 days later, 2027-02-06, a Saturday, so on the
 * Monday after it. */
static void filed (const char *time)
{
    town.count = 0;
    town.matter = (struct matter){ .village = 340522100207,
                                   .purpose = PURPOSE_REQUEST,
                                   .category = "国土资源/土地征收",
                                   .terminal = 101 };
    struct escalation_law law = law_at (time);
    escalation_law_open (&law, at_ms (time), 0, false);
    take (&law);
}

static void moved (const char *time, enum step step, enum state from, enum state to,
                   uint32_t department)
{
    struct escalation_law law = law_at (time);
    struct moved move = {
        .step = step, .from = from, .to = to, .department = department
    };

    escalation_law_move (&law, &move);
    take (&law);
}

static const struct clock_change *runs (enum duty duty)
{
    struct escalation_clock *clock =
        escalation_clock_running (town.ledger, town.count, duty, 0);

    return clock ? &clock->change : NULL;
}

static size_t running_count (enum duty duty)
{
    size_t count = 0;

    for (size_t i = 0; i < town.count; i++)
        count += town.ledger[i].stopped_ms == 0 && town.ledger[i].change.duty == duty;
    return count;
}

static void assert_stage (const char *stage, const char *due)
{
    char text[CIVIL_TIME_SIZE];

    assert_non_null (runs (DUTY_STAGE));
    assert_string_equal (runs (DUTY_STAGE)->stage, stage);
    assert_string_equal (civil_format_due (runs (DUTY_STAGE)->due_ms, text), due);
    assert_int_equal (running_count (DUTY_STAGE), 1);
    assert_int_equal (running_count (DUTY_WHOLE), 1);
}

static void assert_whole (const char *due)
{
    char text[CIVIL_TIME_SIZE];

    assert_non_null (runs (DUTY_WHOLE));
    assert_string_equal (civil_format_due (runs (DUTY_WHOLE)->due_ms, text), due);
}

/* ---- the course ---------------------------------------------------------------------- */

static void registration_starts_the_whole_and_the_first_stage (void **state)
{
    char text[CIVIL_TIME_SIZE];

    (void) state;
    filed ("2026-11-23 09:00:00");
    assert_stage ("dispatch", "2026-12-08 24:00");
    assert_string_equal (civil_format_due (runs (DUTY_WHOLE)->due_ms, text),
                         "2027-02-08 24:00");
    assert_true (runs (DUTY_WHOLE)->provisional); /* beyond the calendar of 2026 */
    assert_int_equal (runs (DUTY_WHOLE)->amount, 75);
}

static void last_day_of_the_receipt_binds_whatever_the_table_says_now (void **state)
{
    (void) state;
    filed ("2026-11-23 09:00:00");
    town.count = 0;
    struct escalation_law law = law_at ("2026-11-23 09:00:00");
    escalation_law_open (&law, at_ms ("2026-11-23 09:00:00"),
                         at_ms ("2027-01-01 00:00:00"), false);
    take (&law);
    const struct clock_change *whole = runs (DUTY_WHOLE);
    assert_int_equal (whole->due_ms, at_ms ("2027-01-01 00:00:00"));
    for (size_t i = 0; i < whole->n_bands; i++) {
        if (whole->bands[i].share < 100)
            assert_true (whole->bands[i].due_ms < whole->due_ms);
        if (whole->bands[i].share == 100)
            assert_int_equal (whole->bands[i].due_ms, whole->due_ms);
        if (i > 0)
            assert_true (whole->bands[i].due_ms >= whole->bands[i - 1].due_ms);
    }
}

static void
accepting_begins_with_the_dispatch_and_deciding_with_the_acceptance (void **state)
{
    (void) state;
    filed ("2026-11-23 09:00:00");
    moved ("2026-11-23 09:00:01", STEP_PLACE, STATE_NONE, STATE_DISPATCHED, 11);
    assert_stage ("accept", "2026-12-08 24:00");
    assert_int_equal (runs (DUTY_HOLDER)->owner, 11);
    moved ("2026-11-24 10:00:00", STEP_CLAIM, STATE_DISPATCHED, STATE_CLAIMED, 11);
    assert_int_equal (town.last.n_changes, 0);
    moved ("2026-11-25 10:00:00", STEP_ACCEPT, STATE_CLAIMED, STATE_HANDLING, 11);
    assert_stage ("decide", "2027-01-25 24:00"); /* the 24th is a Sunday */
    assert_int_equal (running_count (DUTY_HOLDER), 1);
    assert_int_equal (runs (DUTY_HOLDER)->from_ms, at_ms ("2026-11-23 09:00:01"));
}

static void objection_does_not_stop_the_clock (void **state)
{
    const char *due = "2026-12-08 24:00";

    (void) state;
    filed ("2026-11-23 09:00:00");
    moved ("2026-11-23 09:00:01", STEP_PLACE, STATE_NONE, STATE_DISPATCHED, 11);
    int64_t whole = runs (DUTY_WHOLE)->due_ms;
    moved ("2026-11-26 09:00:00", STEP_OBJECT, STATE_DISPATCHED, STATE_OBJECTED, 0);
    assert_stage ("accept", due);
    assert_string_equal (runs (DUTY_HOLDER)->stage, "redispatch");
    moved ("2026-11-27 09:00:00", STEP_DISPATCH, STATE_OBJECTED, STATE_DISPATCHED, 12);
    assert_stage ("accept", due);
    assert_int_equal (runs (DUTY_HOLDER)->owner, 12);
    assert_int_equal (runs (DUTY_HOLDER)->from_ms, at_ms ("2026-11-27 09:00:00"));
    moved ("2026-11-30 09:00:00", STEP_OBJECT, STATE_DISPATCHED, STATE_OBJECTED, 0);
    moved ("2026-12-01 09:00:00", STEP_DISPATCH, STATE_OBJECTED, STATE_DISPATCHED, 13);
    assert_stage ("accept", due);
    assert_int_equal (runs (DUTY_WHOLE)->due_ms, whole);
}

static void days_are_counted_for_whoever_held_it (void **state)
{
    (void) state;
    filed ("2026-11-23 09:00:00");
    moved ("2026-11-23 09:00:00", STEP_PLACE, STATE_NONE, STATE_DISPATCHED, 11);
    moved ("2026-11-26 09:00:00", STEP_OBJECT, STATE_DISPATCHED, STATE_OBJECTED, 0);
    moved ("2026-11-27 09:00:00", STEP_DISPATCH, STATE_OBJECTED, STATE_DISPATCHED, 12);
    int64_t spent[13] = { 0 };
    for (size_t i = 0; i < town.count; i++)
        if (town.ledger[i].change.duty == DUTY_HOLDER && town.ledger[i].stopped_ms != 0)
            spent[town.ledger[i].change.owner] += town.ledger[i].change.spent_ms;
    assert_int_equal (spent[11], 3 * CIVIL_DAY_MS);
    assert_int_equal (spent[0], CIVIL_DAY_MS); /* the dispatcher */
}

static void handing_back_and_transferring_restart_nothing (void **state)
{
    (void) state;
    filed ("2026-11-23 09:00:00");
    moved ("2026-11-23 09:00:00", STEP_PLACE, STATE_NONE, STATE_DISPATCHED, 11);
    moved ("2026-11-24 09:00:00", STEP_CLAIM, STATE_DISPATCHED, STATE_CLAIMED, 11);
    moved ("2026-11-25 09:00:00", STEP_ACCEPT, STATE_CLAIMED, STATE_HANDLING, 11);
    moved ("2026-12-01 09:00:00", STEP_TRANSFER, STATE_HANDLING, STATE_HANDLING, 11);
    assert_int_equal (town.last.n_changes, 0);
    moved ("2026-12-02 09:00:00", STEP_HAND_BACK, STATE_HANDLING, STATE_DISPATCHED, 11);
    assert_int_equal (town.last.n_changes, 0);
    moved ("2026-12-03 09:00:00", STEP_CLAIM, STATE_DISPATCHED, STATE_CLAIMED, 11);
    moved ("2026-12-03 09:00:00", STEP_ACCEPT, STATE_CLAIMED, STATE_HANDLING, 11);
    assert_int_equal (town.last.n_changes, 0);
}

static void decision_is_in_time_only_when_it_is_served (void **state)
{
    (void) state;
    filed ("2026-11-23 09:00:00");
    moved ("2026-11-23 09:00:00", STEP_PLACE, STATE_NONE, STATE_DISPATCHED, 11);
    moved ("2026-11-25 10:00:00", STEP_ACCEPT, STATE_CLAIMED, STATE_HANDLING, 11);
    moved ("2027-01-20 10:00:00", STEP_DECIDE, STATE_HANDLING, STATE_DECIDED, 11);
    assert_stage ("decide", "2027-01-25 24:00");
    assert_string_equal (runs (DUTY_HOLDER)->stage, "serve");
    moved ("2027-01-22 10:00:00", STEP_SERVE, STATE_DECIDED, STATE_EXECUTING, 11);
    assert_stage ("execute", "2027-02-22 24:00");
    assert_null (runs (DUTY_HOLDER));
}

static void whole_is_extended_by_an_entry_to_the_end_of_what_follows (void **state)
{
    (void) state;
    filed ("2026-11-23 09:00:00");
    moved ("2026-11-23 09:00:00", STEP_PLACE, STATE_NONE, STATE_DISPATCHED, 11);
    moved ("2026-11-25 10:00:00", STEP_ACCEPT, STATE_CLAIMED, STATE_HANDLING, 11);
    moved ("2027-01-20 10:00:00", STEP_DECIDE, STATE_HANDLING, STATE_DECIDED, 11);
    moved ("2027-01-22 10:00:00", STEP_SERVE, STATE_DECIDED, STATE_WINDOW, 11);
    assert_string_equal (runs (DUTY_STAGE)->stage, "ask_review");
    assert_true (escalation_is_window (runs (DUTY_STAGE)));
    assert_int_equal (runs (DUTY_WHOLE)->due_ms, runs (DUTY_STAGE)->due_ms);
    assert_int_equal (runs (DUTY_WHOLE)->action, CLOCK_EXTEND);
    assert_int_equal (runs (DUTY_WHOLE)->from_ms, at_ms ("2026-11-23 09:00:00"));
    for (size_t i = 0; i < runs (DUTY_WHOLE)->n_bands; i++)
        assert_true (runs (DUTY_WHOLE)->bands[i].share >= 100);
}

static void window_that_lapsed_leaves_the_department_a_clock_to_close (void **state)
{
    (void) state;
    filed ("2026-11-23 09:00:00");
    moved ("2026-11-23 09:00:00", STEP_PLACE, STATE_NONE, STATE_DISPATCHED, 11);
    moved ("2026-11-25 10:00:00", STEP_ACCEPT, STATE_CLAIMED, STATE_HANDLING, 11);
    moved ("2026-12-01 10:00:00", STEP_SERVE, STATE_DECIDED, STATE_WINDOW, 11);
    struct escalation_law law = law_at ("2027-01-01 00:00:00");
    escalation_law_lapse (&law);
    take (&law);
    assert_string_equal (runs (DUTY_STAGE)->stage, "confirm");
    assert_int_equal (runs (DUTY_STAGE)->owner, 11);
    assert_false (escalation_is_window (runs (DUTY_STAGE)));
    assert_int_equal (running_count (DUTY_WHOLE), 1);
}

static void closing_stops_everything_and_reopening_starts_anew (void **state)
{
    (void) state;
    filed ("2026-11-23 09:00:00");
    moved ("2026-11-23 09:00:00", STEP_PLACE, STATE_NONE, STATE_DISPATCHED, 11);
    moved ("2026-11-25 10:00:00", STEP_ACCEPT, STATE_CLAIMED, STATE_HANDLING, 11);
    moved ("2026-12-25 10:00:00", STEP_CLOSE, STATE_DONE, STATE_CLOSED, 11);
    for (enum duty duty = DUTY_STAGE; duty <= DUTY_ASSISTING; duty++)
        assert_int_equal (running_count (duty), 0);
    moved ("2027-01-04 10:00:00", STEP_REOPEN, STATE_CLOSED, STATE_HANDLING, 11);
    assert_stage ("decide", "2027-03-05 24:00");
    assert_int_equal (running_count (DUTY_HOLDER), 1);
}

static void dispute_of_the_execution_goes_back_to_executing (void **state)
{
    (void) state;
    filed ("2026-11-23 09:00:00");
    moved ("2026-11-23 09:00:00", STEP_PLACE, STATE_NONE, STATE_DISPATCHED, 11);
    moved ("2026-11-25 10:00:00", STEP_ACCEPT, STATE_CLAIMED, STATE_HANDLING, 11);
    moved ("2026-12-01 10:00:00", STEP_SERVE, STATE_DECIDED, STATE_EXECUTING, 11);
    moved ("2026-12-10 10:00:00", STEP_CLAIM_DONE, STATE_EXECUTING, STATE_DONE, 11);
    assert_string_equal (runs (DUTY_STAGE)->stage, "confirm");
    moved ("2026-12-12 10:00:00", STEP_REOPEN, STATE_DONE, STATE_EXECUTING, 11);
    assert_string_equal (runs (DUTY_STAGE)->stage, "execute");
    assert_int_equal (running_count (DUTY_WHOLE), 1);
}

static void diverting_and_coming_back_wins_no_time (void **state)
{
    (void) state;
    filed ("2026-11-23 09:00:00");
    moved ("2026-11-23 09:00:00", STEP_PLACE, STATE_NONE, STATE_DISPATCHED, 11);
    moved ("2026-11-30 09:00:00", STEP_DIVERT, STATE_CLAIMED, STATE_DIVERTED, 11);
    assert_stage ("divert", "2026-12-15 24:00");
    moved ("2026-12-04 09:00:00", STEP_DISPATCH, STATE_DIVERTED, STATE_DISPATCHED, 12);
    assert_stage ("accept", "2026-12-08 24:00");
}

static void diversion_gives_back_what_it_found_and_tells_nobody_twice (void **state)
{
    (void) state;
    filed ("2026-11-23 09:00:00");
    moved ("2026-11-23 09:00:00", STEP_PLACE, STATE_NONE, STATE_DISPATCHED, 11);
    moved ("2026-11-25 10:00:00", STEP_ACCEPT, STATE_CLAIMED, STATE_HANDLING, 11);
    moved ("2026-12-25 10:00:00", STEP_EXTEND, STATE_HANDLING, STATE_HANDLING, 11);
    assert_stage ("decide", "2027-02-23 24:00");
    moved ("2027-02-25 09:00:00", STEP_DIVERT, STATE_HANDLING, STATE_DIVERTED, 11);
    assert_string_equal (runs (DUTY_STAGE)->stage, "divert");
    moved ("2027-02-26 09:00:00", STEP_DISPATCH, STATE_DIVERTED, STATE_DISPATCHED, 12);
    assert_stage ("decide", "2027-02-23 24:00"); /* it was accepted, and extended */
    assert_int_equal (runs (DUTY_STAGE)->amount, 90);
    assert_int_equal (runs (DUTY_STAGE)->owner, 12);
    assert_int_equal (runs (DUTY_STAGE)->bands[0].share, 105); /* the breach was told */
    moved ("2027-02-27 09:00:00", STEP_CLAIM, STATE_DISPATCHED, STATE_CLAIMED, 12);
    moved ("2027-02-28 09:00:00", STEP_ACCEPT, STATE_CLAIMED, STATE_HANDLING, 12);
    assert_stage ("decide", "2027-02-23 24:00");
}

static void opinion_that_comes_too_late_to_be_given_is_not_owed (void **state)
{
    uint32_t asked[] = { 12, 13 };

    (void) state;
    filed ("2026-11-23 09:00:00");
    struct escalation_law law = law_at ("2026-11-23 09:00:00");
    struct moved place = { .step = STEP_PLACE,
                           .to = STATE_DISPATCHED,
                           .department = 11,
                           .assisting = asked,
                           .n_assisting = 2 };
    escalation_law_move (&law, &place);
    take (&law);
    moved ("2026-11-25 10:00:00", STEP_ACCEPT, STATE_CLAIMED, STATE_HANDLING, 11);
    assert_int_equal (running_count (DUTY_ASSISTING), 2);
    moved ("2026-11-26 10:00:00", STEP_DECIDE, STATE_HANDLING, STATE_DECIDED, 11);
    assert_int_equal (running_count (DUTY_ASSISTING), 0);
    assert_int_equal (running_count (DUTY_STAGE), 1);
    assert_int_equal (running_count (DUTY_HOLDER), 1);
}

static void assisting_departments_have_clocks_of_their_own (void **state)
{
    uint32_t asked[] = { 12, 13 }, later[] = { 13, 14 };

    (void) state;
    filed ("2026-11-23 09:00:00");
    struct escalation_law law = law_at ("2026-11-23 09:00:00");
    struct moved place = { .step = STEP_PLACE,
                           .to = STATE_DISPATCHED,
                           .department = 11,
                           .assisting = asked,
                           .n_assisting = 2 };
    escalation_law_move (&law, &place);
    take (&law);
    assert_int_equal (running_count (DUTY_ASSISTING), 2);
    law = law_at ("2026-11-30 09:00:00");
    escalation_law_opinion (&law, 12);
    take (&law);
    assert_int_equal (running_count (DUTY_ASSISTING), 1);
    law = law_at ("2026-12-01 09:00:00");
    struct moved again = { .step = STEP_DISPATCH,
                           .from = STATE_OBJECTED,
                           .to = STATE_DISPATCHED,
                           .department = 11,
                           .assisting = later,
                           .n_assisting = 2 };
    escalation_law_move (&law, &again);
    take (&law);
    assert_int_equal (running_count (DUTY_ASSISTING), 2);
    struct escalation_clock *kept =
        escalation_clock_running (town.ledger, town.count, DUTY_ASSISTING, 13);
    assert_int_equal (kept->change.from_ms, at_ms ("2026-11-23 09:00:00"));
    assert_non_null (
        escalation_clock_running (town.ledger, town.count, DUTY_ASSISTING, 14));
}

static void every_open_state_of_every_purpose_has_a_stage_and_a_whole (void **state)
{
    (void) state;
    for (unsigned purpose = PURPOSE_APPEAL; purpose < PURPOSE_COUNT; purpose++)
        for (unsigned urgent = 0; urgent < 2; urgent++)
            for (unsigned to = STATE_UNDECIDED; to < STATE_COUNT; to++) {
                filed ("2026-11-23 09:00:00");
                town.matter.purpose = (enum purpose) purpose;
                town.matter.urgent = urgent;
                moved ("2026-11-23 10:00:00", STEP_PLACE, STATE_NONE, (enum state) to,
                       11);
                size_t owed = to != STATE_CLOSED;
                assert_int_equal (running_count (DUTY_STAGE), owed);
                assert_int_equal (running_count (DUTY_WHOLE), owed);
                if (owed)
                    assert_true (runs (DUTY_STAGE)->n_bands > 0 &&
                                 runs (DUTY_WHOLE)->n_bands > 0);
            }
}

/* The tables as they are when the calendar of 2027 has come, with a holiday in it. */
static struct rules *rules_of_2027 (const char *holiday)
{
    static const char old_line[] = "known until 2026-12-31";
    struct rules *known = NULL;
    struct rules_files files;
    struct err err = { 0 };
    struct buffer calendar = { 0 };

    assert_int_equal (rules_read_dir (&files, SOURCE_DIR "/deploy/config/tables", &err),
                      0);
    struct rules_source *source = &files.sources[RULES_CALENDAR];
    const char *at =
        memmem (source->bytes.data, source->bytes.size, old_line, strlen (old_line));
    assert_non_null (at);
    buffer_append_bytes (&calendar, source->bytes);
    memcpy (calendar.data + (at - (const char *) source->bytes.data),
            "known until 2027-12-31", strlen (old_line));
    buffer_append (&calendar, holiday, strlen (holiday));
    source->bytes = buffer_bytes (&calendar);
    if (rules_parse (&known, files.sources, &err) != 0)
        fail_msg ("%s", err.text);
    rules_files_done (&files);
    buffer_done (&calendar);
    return known;
}

/* It comes at this time, with these holidays: whatever is provisional and covered settles. */
static void calendar_comes (const char *time, const char *holidays)
{
    struct rules *before = town.rules;

    town.rules = rules_of_2027 (holidays);
    struct escalation_law law = law_at (time);
    escalation_law_settle (&law);
    take (&law);
    rules_destroy (&town.rules);
    town.rules = before;
}

static void provisional_dates_settle_when_the_calendar_comes (void **state)
{
    (void) state;
    filed ("2026-12-21 09:00:00");
    moved ("2026-12-21 09:00:00", STEP_PLACE, STATE_NONE, STATE_DISPATCHED, 11);
    assert_true (runs (DUTY_STAGE)->provisional);
    struct escalation_law law = law_at ("2026-12-22 09:00:00");
    escalation_law_settle (&law);
    assert_int_equal (law.clocks.n_changes, 0);
    /* a holiday on the day the stage would end: it ends one working day later */
    calendar_comes ("2026-12-22 09:00:00", "\n2027-01-05\t元旦\t是\n");
    assert_stage ("accept", "2027-01-06 24:00");
    assert_false (runs (DUTY_STAGE)->provisional);
    assert_false (runs (DUTY_WHOLE)->provisional);
    assert_int_equal (runs (DUTY_STAGE)->action, CLOCK_SETTLE);
}

static void extension_settles_with_its_own_days (void **state)
{
    char text[CIVIL_TIME_SIZE];

    (void) state;
    filed ("2026-11-23 09:00:00");
    moved ("2026-11-23 09:00:00", STEP_PLACE, STATE_NONE, STATE_DISPATCHED, 11);
    moved ("2026-11-25 10:00:00", STEP_ACCEPT, STATE_CLAIMED, STATE_HANDLING, 11);
    moved ("2026-12-25 10:00:00", STEP_EXTEND, STATE_HANDLING, STATE_HANDLING, 11);
    assert_stage ("decide", "2027-02-23 24:00"); /* ninety days */
    calendar_comes ("2026-12-28 09:00:00", "\n2027-02-23\t春节\t是\n");
    assert_stage ("decide", "2027-02-24 24:00");
    assert_int_equal (runs (DUTY_STAGE)->amount, 90);
    assert_string_equal (civil_format_due (runs (DUTY_WHOLE)->due_ms, text),
                         "2027-03-08 24:00");
    assert_false (runs (DUTY_WHOLE)->provisional);
}

static void what_stands_still_settles_when_it_goes_on (void **state)
{
    struct moved review = { .step = STEP_REVIEW,
                            .from = STATE_WINDOW,
                            .to = STATE_REREVIEWING,
                            .department = 51,
                            .instance = 3 };
    struct moved hear = { .step = STEP_HEAR,
                          .from = STATE_REREVIEWING,
                          .to = STATE_HEARING,
                          .department = 51,
                          .instance = 3 };
    struct moved end = { .step = STEP_END_HEARING,
                         .from = STATE_HEARING,
                         .to = STATE_REREVIEWING,
                         .department = 51,
                         .instance = 3 };

    (void) state;
    filed ("2026-11-23 09:00:00");
    struct escalation_law law = law_at ("2026-12-01 09:00:00");
    escalation_law_move (&law, &review);
    take (&law);
    law = law_at ("2026-12-11 09:00:00");
    escalation_law_move (&law, &hear);
    take (&law);
    calendar_comes ("2026-12-14 09:00:00", "");
    assert_int_equal (runs (DUTY_STAGE)->action, CLOCK_PAUSE);
    law = law_at ("2026-12-17 09:00:00");
    escalation_law_move (&law, &end);
    take (&law);
    /* Thirty days and six of hearing: 2027-01-06 */
    assert_stage ("rereview", "2027-01-06 24:00");
    assert_true (runs (DUTY_STAGE)->provisional);
    calendar_comes ("2026-12-28 09:00:00", "\n2027-01-06\t元旦\t是\n");
    assert_stage ("rereview", "2027-01-07 24:00");
    assert_int_equal (runs (DUTY_STAGE)->amount, 36);
    /* The whole too: 75 days and six */
    assert_int_equal (runs (DUTY_WHOLE)->amount, 81);
    assert_whole ("2027-02-12 24:00");
}

static void promised_day_settles_where_it_was_promised (void **state)
{
    (void) state;
    filed ("2026-11-23 09:00:00");
    town.count = 0;
    struct escalation_law law = law_at ("2026-11-23 09:00:00");
    escalation_law_open (&law, at_ms ("2026-11-23 09:00:00"),
                         at_ms ("2027-01-07 00:00:00"), true);
    take (&law);
    calendar_comes ("2026-12-28 09:00:00", "");
    assert_whole ("2027-01-06 24:00");
    assert_false (runs (DUTY_WHOLE)->provisional);
}

/* Its day of rest comes after it: it stays provisional, and out of the way. */
static void date_that_the_calendar_leads_out_of_itself_moves_behind_it (void **state)
{
    (void) state;
    filed ("2026-11-23 09:00:00");
    town.count = 0;
    struct escalation_law law = law_at ("2026-11-23 09:00:00");
    escalation_law_open (&law, at_ms ("2026-11-23 09:00:00"),
                         at_ms ("2028-01-01 00:00:00"), true);
    take (&law);
    calendar_comes ("2026-12-28 09:00:00", "\n2027-12-31\t元旦\t是\n");
    assert_whole ("2028-01-03 24:00"); /* the 31st was a Friday */
    assert_true (runs (DUTY_WHOLE)->provisional);
    assert_int_equal (runs (DUTY_WHOLE)->action, CLOCK_SETTLE);
}

/* ---- raises --------------------------------------------------------------------------- */

static void groups_objections_and_hand_overs_have_their_levels (void **state)
{
    (void) state;
    assert_int_equal (escalation_level_of (CAUSE_GROUP, 4), 0);
    assert_int_equal (escalation_level_of (CAUSE_GROUP, 5), 1);
    assert_int_equal (escalation_level_of (CAUSE_GROUP, 20), 2);
    assert_int_equal (escalation_level_of (CAUSE_GROUP, 50), 3);
    assert_int_equal (escalation_level_of (CAUSE_OBJECTIONS, 1), 0);
    assert_int_equal (escalation_level_of (CAUSE_OBJECTIONS, 2), 2);
    assert_int_equal (escalation_level_of (CAUSE_HAND_OVERS, 3), 0);
    assert_int_equal (escalation_level_of (CAUSE_HAND_OVERS, 4), 1);
}

static struct escalation_occasion occasion (const struct matter *matter,
                                            uint32_t department)
{
    return (struct escalation_occasion){ .rules = town.rules,
                                         .arena = &town.arena,
                                         .matter = matter,
                                         .department = department,
                                         .now_ms = at_ms ("2026-11-24 09:00:00") };
}

static void raise_tells_who_answers_at_its_level (void **state)
{
    (void) state;
    filed ("2026-11-23 09:00:00");
    struct escalation_occasion about = occasion (&town.matter, 11);
    struct raised *raised = escalation_raise_cause (&about, CAUSE_GROUP, 1);
    assert_int_equal (raised->n_persons, 1);
    assert_int_equal (raised->persons[0], 1111);
    assert_true (raised->open);
    raised = escalation_raise_cause (&about, CAUSE_URGENT, 2);
    assert_int_equal (raised->persons[0], 1004);
}

static void
dispatchers_queue_is_answered_for_by_the_department_that_keeps_it (void **state)
{
    (void) state;
    filed ("2026-11-23 09:00:00");
    struct escalation_occasion about = occasion (&town.matter, 0);
    struct raised *raised = escalation_raise_cause (&about, CAUSE_GROUP, 1);
    assert_int_equal (raised->department, 31);
}

static void accusation_is_never_raised_outside_of_the_discipline_organ (void **state)
{
    (void) state;
    filed ("2026-11-23 09:00:00");
    town.matter.purpose = PURPOSE_ACCUSATION;
    struct escalation_occasion about = occasion (&town.matter, 22);
    for (unsigned level = 0; level <= 4; level++) {
        struct raised *raised = escalation_raise_cause (&about, CAUSE_GROUP, level);
        assert_int_equal (raised->department, 22);
        for (size_t i = 0; i < raised->n_persons; i++)
            assert_int_equal (officer_find (town.rules, raised->persons[i])->department,
                              22);
    }
}

static void
raise_of_an_accusation_is_answered_by_whoever_heads_the_organ_now (void **state)
{
    uint32_t before = 2299; /* who was told, and is not in office any more */
    const struct client desk = { .role = ROLE_DESK, .department = 22 };
    const struct matter matter = { .purpose = PURPOSE_ACCUSATION };
    const struct escalation_raise raise = {
        .raise = 7,
        .raised = { .cause = CAUSE_BREACH,
                    .level = LEVEL_JOINT,
                    .department = 22,
                    .persons = &before,
                    .n_persons = 1 },
    };
    struct decision decision = { .arena = &town.arena,
                                 .now_ms = at_ms ("2026-11-23 09:00:00") };

    (void) state;
    assert_true (
        escalation_may_answer (town.rules, &desk, 2211, &raise, &matter, 22, &decision));
    assert_false (escalation_may_answer (town.rules, &desk, 2231, &raise, &matter, 22,
                                         &decision)); /* a worker there */
    assert_int_equal (decision.refusal->code, REFUSAL_NO_RIGHT);
}

static void step_that_a_late_stop_would_swallow_is_found (void **state)
{
    (void) state;
    filed ("2026-11-23 09:00:00");
    struct escalation_clock *stage =
        escalation_clock_running (town.ledger, town.count, DUTY_STAGE, 0);
    assert_int_equal (escalation_step_missed (stage, at_ms ("2026-12-08 23:59:59")), -1);
    int step = escalation_step_missed (stage, at_ms ("2026-12-09 00:00:00"));
    assert_true (step >= 0);
    assert_int_equal (stage->change.bands[step].share, 100);
    step = escalation_step_missed (stage, at_ms ("2026-12-20 00:00:00"));
    assert_int_equal (stage->change.bands[step].share, 105);
    stage->next = (uint8_t) (step + 1);
    assert_int_equal (escalation_step_missed (stage, at_ms ("2026-12-20 00:00:00")), -1);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (registration_starts_the_whole_and_the_first_stage),
        cmocka_unit_test (last_day_of_the_receipt_binds_whatever_the_table_says_now),
        cmocka_unit_test (
            accepting_begins_with_the_dispatch_and_deciding_with_the_acceptance),
        cmocka_unit_test (objection_does_not_stop_the_clock),
        cmocka_unit_test (days_are_counted_for_whoever_held_it),
        cmocka_unit_test (handing_back_and_transferring_restart_nothing),
        cmocka_unit_test (decision_is_in_time_only_when_it_is_served),
        cmocka_unit_test (whole_is_extended_by_an_entry_to_the_end_of_what_follows),
        cmocka_unit_test (window_that_lapsed_leaves_the_department_a_clock_to_close),
        cmocka_unit_test (closing_stops_everything_and_reopening_starts_anew),
        cmocka_unit_test (dispute_of_the_execution_goes_back_to_executing),
        cmocka_unit_test (diverting_and_coming_back_wins_no_time),
        cmocka_unit_test (diversion_gives_back_what_it_found_and_tells_nobody_twice),
        cmocka_unit_test (assisting_departments_have_clocks_of_their_own),
        cmocka_unit_test (opinion_that_comes_too_late_to_be_given_is_not_owed),
        cmocka_unit_test (every_open_state_of_every_purpose_has_a_stage_and_a_whole),
        cmocka_unit_test (provisional_dates_settle_when_the_calendar_comes),
        cmocka_unit_test (extension_settles_with_its_own_days),
        cmocka_unit_test (what_stands_still_settles_when_it_goes_on),
        cmocka_unit_test (promised_day_settles_where_it_was_promised),
        cmocka_unit_test (date_that_the_calendar_leads_out_of_itself_moves_behind_it),
        cmocka_unit_test (groups_objections_and_hand_overs_have_their_levels),
        cmocka_unit_test (raise_tells_who_answers_at_its_level),
        cmocka_unit_test (
            dispatchers_queue_is_answered_for_by_the_department_that_keeps_it),
        cmocka_unit_test (accusation_is_never_raised_outside_of_the_discipline_organ),
        cmocka_unit_test (
            raise_of_an_accusation_is_answered_by_whoever_heads_the_organ_now),
        cmocka_unit_test (step_that_a_late_stop_would_swallow_is_found),
    };

    return cmocka_run_group_tests (tests, build, demolish);
}
