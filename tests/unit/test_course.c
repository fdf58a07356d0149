/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "routing/course.h"

/* The whole table at a glance, for a grievance that lies with a department and of which
 * nothing is decided yet. Rows: states from NONE to DIVERTED; columns: steps from NONE to
 * PLACE; letters: the state after it. */
static const char states[STATE_COUNT] = {
    [STATE_NONE] = '-',     [STATE_UNDECIDED] = 'u', [STATE_DISPATCHED] = 'd',
    [STATE_OBJECTED] = 'o', [STATE_CLAIMED] = 'c',   [STATE_HANDLING] = 'h',
    [STATE_DECIDED] = 'D',  [STATE_WINDOW] = 'w',    [STATE_EXECUTING] = 'e',
    [STATE_DONE] = 'n',     [STATE_CLOSED] = 'X',    [STATE_DIVERTED] = 'v',
};
/* Columns: none; dispatch, claim, assign, accept, object, transfer, hand back, decide,
 * serve, claim done; close, opinion, divert, reopen, withdraw, lapse, place. */
/* clang-format off */
static const char *const expected[STATE_COUNT] = {
    [STATE_NONE] =       "-" "----------" "------d",
    [STATE_UNDECIDED] =  "-" "d---------" "--v-X-d",
    [STATE_DISPATCHED] = "-" "dcc-o-----" "-d--X--",
    [STATE_OBJECTED] =   "-" "d---------" "-ov-X--",
    [STATE_CLAIMED] =    "-" "d-chocd---" "-cv-Xd-",
    [STATE_HANDLING] =   "-" "dhh--hhD--" "-hv-X--",
    [STATE_DECIDED] =    "-" "-DD--DD---" "----X--",
    [STATE_WINDOW] =     "-" "-ww--ww---" "X--hX--",
    [STATE_EXECUTING] =  "-" "-ee--ee--n" "----X--",
    [STATE_DONE] =       "-" "-nn--nn---" "X--eX--",
    [STATE_CLOSED] =     "-" "----------" "---d---",
    [STATE_DIVERTED] =   "-" "dvv--vv---" "X---X--",
};
/* clang-format on */

static void every_step_of_every_state_leads_where_the_table_says (void **state UNUSED)
{
    struct course_facts facts = { .has_department = true };
    for (unsigned from = 0; from < STATE_COUNT; from++) {
        char row[STEP_COUNT + 1] = { 0 };
        for (unsigned step = 0; step < STEP_COUNT; step++)
            row[step] = states[course_next ((enum state) from, (enum step) step, &facts)];
        assert_string_equal (row, expected[from]);
    }
}

static void what_is_served_decides_the_way (void **state UNUSED)
{
    static const enum state after[OUTCOME_COUNT] = {
        [OUTCOME_NONE] = STATE_NONE,       [OUTCOME_SUPPORT] = STATE_EXECUTING,
        [OUTCOME_EXPLAIN] = STATE_WINDOW,  [OUTCOME_NOT_SUPPORT] = STATE_WINDOW,
        [OUTCOME_ANSWERED] = STATE_CLOSED,
    };
    for (unsigned outcome = 0; outcome < OUTCOME_COUNT; outcome++) {
        struct course_facts facts = { (enum decision_outcome) outcome, true };
        assert_int_equal (course_next (STATE_DECIDED, STEP_SERVE, &facts),
                          after[outcome]);
    }
}

static void a_dispute_goes_back_to_where_the_last_word_was_spoken (void **state UNUSED)
{
    struct course_facts never_placed = { OUTCOME_NONE, false };
    struct course_facts not_decided = { OUTCOME_NONE, true };
    struct course_facts decided = { OUTCOME_EXPLAIN, true };
    assert_int_equal (course_next (STATE_CLOSED, STEP_REOPEN, &never_placed),
                      STATE_UNDECIDED);
    assert_int_equal (course_next (STATE_CLOSED, STEP_REOPEN, &not_decided),
                      STATE_DISPATCHED);
    assert_int_equal (course_next (STATE_CLOSED, STEP_REOPEN, &decided), STATE_HANDLING);
}

static void what_nobody_answers_for_waits_for_the_dispatcher (void **state UNUSED)
{
    struct course_facts nobody = { .has_department = false };
    assert_int_equal (course_next (STATE_NONE, STEP_PLACE, &nobody), STATE_UNDECIDED);
    assert_int_equal (course_next (STATE_UNDECIDED, STEP_PLACE, &nobody),
                      STATE_UNDECIDED);
    assert_int_equal (course_next (STATE_DIVERTED, STEP_CLAIM, &nobody), STATE_NONE);
}

static void every_open_state_can_be_withdrawn_and_none_else (void **state UNUSED)
{
    struct course_facts facts = { OUTCOME_SUPPORT, true };
    for (unsigned from = 0; from < STATE_COUNT; from++) {
        enum state to = course_next ((enum state) from, STEP_WITHDRAW, &facts);
        assert_int_equal (to,
                          course_is_open ((enum state) from) ? STATE_CLOSED : STATE_NONE);
    }
}

/* The end can be reached from everywhere: nothing is left lying. */
static void no_state_is_a_dead_end (void **state UNUSED)
{
    bool ends[STATE_COUNT] = { [STATE_CLOSED] = true };
    for (unsigned round = 0; round < STATE_COUNT; round++)
        for (unsigned from = 0; from < STATE_COUNT; from++)
            for (unsigned step = 0; step < STEP_COUNT; step++)
                for (unsigned facts = 0; facts < 2 * OUTCOME_COUNT; facts++) {
                    struct course_facts given = { (enum decision_outcome) (facts / 2),
                                                  facts % 2 };
                    if (step != STEP_WITHDRAW)
                        ends[from] |= ends[course_next ((enum state) from,
                                                        (enum step) step, &given)];
                }
    for (unsigned from = 0; from < STATE_COUNT; from++)
        assert_true (ends[from]);
}

static void each_purpose_has_its_outcomes (void **state UNUSED)
{
    assert_true (course_outcome_fits (PURPOSE_APPEAL, OUTCOME_SUPPORT));
    assert_true (course_outcome_fits (PURPOSE_REQUEST, OUTCOME_NOT_SUPPORT));
    assert_false (course_outcome_fits (PURPOSE_REQUEST, OUTCOME_ANSWERED));
    assert_true (course_outcome_fits (PURPOSE_INQUIRY, OUTCOME_ANSWERED));
    assert_false (course_outcome_fits (PURPOSE_INQUIRY, OUTCOME_SUPPORT));
    assert_true (course_outcome_fits (PURPOSE_ACCUSATION, OUTCOME_ANSWERED));
    assert_true (course_outcome_fits (PURPOSE_OTHER, OUTCOME_EXPLAIN));
    for (unsigned purpose = 0; purpose < PURPOSE_COUNT; purpose++)
        assert_false (course_outcome_fits ((enum purpose) purpose, OUTCOME_NONE));
}

static void a_state_is_closed_for_its_own_reasons_only (void **state UNUSED)
{
    assert_true (course_reason_fits (STATE_DONE, CLOSE_CONFIRMED));
    assert_true (course_reason_fits (STATE_WINDOW, CLOSE_WINDOW_UNUSED));
    assert_true (course_reason_fits (STATE_DIVERTED, CLOSE_DIVERSION_ARRIVED));
    assert_false (course_reason_fits (STATE_DONE, CLOSE_WINDOW_UNUSED));
    assert_false (course_reason_fits (STATE_HANDLING, CLOSE_CONFIRMED));
    for (unsigned from = 0; from < STATE_COUNT; from++) {
        assert_false (course_reason_fits ((enum state) from, CLOSE_NONE));
        assert_false (course_reason_fits ((enum state) from, CLOSE_WITHDRAWN));
    }
}

static void every_state_and_step_has_a_name (void **state UNUSED)
{
    for (unsigned i = 0; i < STATE_COUNT; i++)
        assert_non_null (course_state_name ((enum state) i));
    for (unsigned i = 0; i < STEP_COUNT; i++)
        assert_non_null (course_step_name ((enum step) i));
    assert_string_equal (course_state_name (STATE_COUNT), "?");
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (every_step_of_every_state_leads_where_the_table_says),
        cmocka_unit_test (what_is_served_decides_the_way),
        cmocka_unit_test (a_dispute_goes_back_to_where_the_last_word_was_spoken),
        cmocka_unit_test (what_nobody_answers_for_waits_for_the_dispatcher),
        cmocka_unit_test (every_open_state_can_be_withdrawn_and_none_else),
        cmocka_unit_test (no_state_is_a_dead_end),
        cmocka_unit_test (each_purpose_has_its_outcomes),
        cmocka_unit_test (a_state_is_closed_for_its_own_reasons_only),
        cmocka_unit_test (every_state_and_step_has_a_name),
    };
    return cmocka_run_group_tests_name ("course", tests, NULL, NULL);
}
