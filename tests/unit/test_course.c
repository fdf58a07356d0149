/* SPDX-License-Identifier: Apache-2.0 */
/* The whole table at a glance, and what no change of it may break. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "routing/course.h"

/* A letter for each state, in the order of their numbers. */
static const char letters[] = "-udochDwenXvarm23H";
static_assert (sizeof letters == STATE_COUNT + 1, "a letter for each");

/* A request that lies with a department, and of which nothing is decided: the state after
 * each step. Columns: none; dispatch, claim, assign, accept, object, transfer, hand back,
 * decide, serve, claim done, close, opinion; divert, reopen, withdraw, lapse, place, refuse,
 * extend, mediate, end mediation, agree, arbitrate, link; repurpose, categorise, contact,
 * recuse, hear, end hearing, approve, reject, review, confirm, went up. */
/* clang-format off */
static const char *const expected[STATE_COUNT] = {
    [STATE_NONE] =        "-" "------------" "----d-------" "-----------",
    [STATE_UNDECIDED] =   "-" "d----------u" "v-X-dr-----X" "uuuu------u",
    [STATE_DISPATCHED] =  "-" "dcc-o------d" "--X--------X" "dddd------d",
    [STATE_OBJECTED] =    "-" "d----------o" "v-X--r-----X" "oooo------o",
    [STATE_CLAIMED] =     "-" "d-chocd----c" "v-Xd-r-----X" "cccc------c",
    [STATE_HANDLING] =    "-" "dhh--hhD---h" "v-X---hm---X" "hhhh------h",
    [STATE_DECIDED] =     "-" "-DD--DD-----" "--X---------" "--DD------D",
    [STATE_WINDOW] =      "-" "-ww--ww---X-" "--X---------" "--ww----2Xw",
    [STATE_EXECUTING] =   "-" "-ee--ee--n--" "--X---------" "--ee----2-e",
    [STATE_DONE] =        "-" "-nn--nn---X-" "-eX---------" "--nn----2Xn",
    [STATE_CLOSED] =      "-" "------------" "-d----------" "--------2-X",
    [STATE_DIVERTED] =    "-" "dvv--vv---X-" "--X---------" "--vv------v",
    [STATE_ARBITRATION] = "-" "-----------a" "--X-------dX" "-aaa------a",
    [STATE_REFUSED] =     "-" "-rr--rr-X---" "--X---------" "--rr------r",
    [STATE_MEDIATING] =   "-" "dmm--mm----m" "--X---m-he-X" "-mmm------m",
    [STATE_REVIEWING] =   "-" "-22--22D----" "--X---------" "--22------2",
    [STATE_REREVIEWING] = "-" "-33--33D----" "--X---------" "--33H-----3",
    [STATE_HEARING] =     "-" "-HH--HH-----" "--X3--------" "--HH-3----H",
};
/* clang-format on */

static void every_step_of_every_state_leads_where_the_table_says (void **state UNUSED)
{
    struct course_facts facts = { .purpose = PURPOSE_REQUEST, .has_department = true };
    for (unsigned from = 0; from < STATE_COUNT; from++) {
        char row[STEP_COUNT + 1] = { 0 };
        for (unsigned step = 0; step < STEP_COUNT; step++)
            row[step] =
                letters[course_next ((enum state) from, (enum step) step, &facts)];
        assert_string_equal (row, expected[from]);
    }
}

/* Everything the course may look at. */
typedef void (facts_fn) (const struct course_facts *facts, void *arg);

static void for_all_facts (facts_fn *fn, void *arg)
{
    for (unsigned purpose = PURPOSE_NONE + 1; purpose < PURPOSE_COUNT; purpose++)
        for (unsigned outcome = 0; outcome < OUTCOME_COUNT; outcome++)
            for (unsigned instance = 0; instance <= 3; instance++)
                for (unsigned bits = 0; bits < 64; bits++) {
                    struct course_facts facts = {
                        .purpose = (enum purpose) purpose,
                        .outcome = (enum decision_outcome) outcome,
                        .instance = instance,
                        .objections = bits & 1,
                        .has_department = (bits & 2) != 0,
                        .holder_leaves = (bits & 4) != 0,
                        .is_disputed = (bits & 8) != 0,
                        .is_linked = (bits & 16) != 0,
                        .is_heard = (bits & 32) != 0,
                    };
                    fn (&facts, arg);
                }
}

/* ---- the way --------------------------------------------------------------------------------- */

static void what_is_served_decides_the_way (void **state UNUSED)
{
    static const struct {
        enum decision_outcome outcome;
        uint32_t instance;
        enum state to;
        enum close_reason reason;
    } cases[] = {
        { OUTCOME_NONE, 0, STATE_NONE, CLOSE_NONE },
        { OUTCOME_SUPPORT, 0, STATE_EXECUTING, CLOSE_NONE },
        { OUTCOME_EXPLAIN, 0, STATE_WINDOW, CLOSE_NONE },
        { OUTCOME_NOT_SUPPORT, 2, STATE_WINDOW, CLOSE_NONE },
        { OUTCOME_NOT_SUPPORT, 3, STATE_CLOSED, CLOSE_FINAL },
        { OUTCOME_SUPPORT, 3, STATE_EXECUTING, CLOSE_NONE },
        { OUTCOME_ANSWERED, 0, STATE_CLOSED, CLOSE_ANSWERED },
        { OUTCOME_AGREED, 0, STATE_NONE, CLOSE_NONE },
    };
    for (size_t i = 0; i < ARRAY_SIZE (cases); i++) {
        struct course_facts facts = { .purpose = PURPOSE_OTHER,
                                      .outcome = cases[i].outcome,
                                      .instance = cases[i].instance,
                                      .has_department = true };
        assert_int_equal (course_next (STATE_DECIDED, STEP_SERVE, &facts), cases[i].to);
        assert_int_equal (course_served_reason (STATE_DECIDED, GROUND_NONE,
                                                cases[i].instance, cases[i].outcome),
                          cases[i].reason);
    }
    assert_int_equal (
        course_served_reason (STATE_REFUSED, GROUND_UNCLEAR, 0, OUTCOME_NONE),
        CLOSE_NOT_ACCEPTED);
    assert_int_equal (course_served_reason (STATE_REFUSED, GROUND_FINAL, 0, OUTCOME_NONE),
                      CLOSE_NO_LONGER_ACCEPTED);
}

static void a_dispute_goes_back_to_where_the_last_word_was_spoken (void **state UNUSED)
{
    static const struct {
        bool has_department;
        enum decision_outcome outcome;
        uint32_t instance;
        enum state to;
    } cases[] = {
        { false, OUTCOME_NONE, 0, STATE_UNDECIDED },
        { true, OUTCOME_NONE, 0, STATE_DISPATCHED },
        { true, OUTCOME_EXPLAIN, 0, STATE_HANDLING },
        { true, OUTCOME_ANSWERED, 0, STATE_HANDLING },
        { true, OUTCOME_SUPPORT, 0, STATE_EXECUTING },
        { true, OUTCOME_AGREED, 0, STATE_EXECUTING },
        { true, OUTCOME_SUPPORT, 2, STATE_EXECUTING },
        { true, OUTCOME_NONE, 2, STATE_REVIEWING },
        { false, OUTCOME_NONE, 2, STATE_REVIEWING },
        { true, OUTCOME_NONE, 3, STATE_REREVIEWING },
        { true, OUTCOME_EXPLAIN, 2, STATE_NONE }, /* there is the re-review for that */
        { true, OUTCOME_EXPLAIN, 3, STATE_NONE }, /* final */
    };
    for (size_t i = 0; i < ARRAY_SIZE (cases); i++) {
        struct course_facts facts = { .purpose = PURPOSE_OTHER,
                                      .outcome = cases[i].outcome,
                                      .instance = cases[i].instance,
                                      .has_department = cases[i].has_department };
        assert_int_equal (course_next (STATE_CLOSED, STEP_REOPEN, &facts), cases[i].to);
    }
}

static void the_second_objection_goes_to_the_arbiter (void **state UNUSED)
{
    struct course_facts facts = { .purpose = PURPOSE_REQUEST, .has_department = true };
    assert_int_equal (course_next (STATE_CLAIMED, STEP_OBJECT, &facts), STATE_OBJECTED);
    for (facts.objections = 1; facts.objections < 4; facts.objections++)
        assert_int_equal (course_next (STATE_CLAIMED, STEP_OBJECT, &facts),
                          STATE_ARBITRATION);
}

static void what_nobody_answers_for_waits_for_the_dispatcher (void **state UNUSED)
{
    struct course_facts nobody = { .purpose = PURPOSE_REQUEST };
    assert_int_equal (course_next (STATE_NONE, STEP_PLACE, &nobody), STATE_UNDECIDED);
    assert_int_equal (course_next (STATE_UNDECIDED, STEP_PLACE, &nobody),
                      STATE_UNDECIDED);
    assert_int_equal (course_next (STATE_DIVERTED, STEP_CLAIM, &nobody), STATE_NONE);
    assert_int_equal (course_next (STATE_REVIEWING, STEP_DISPATCH, &nobody),
                      STATE_REVIEWING);
    nobody.has_department = true; /* a review is nobody's to move away */
    assert_int_equal (course_next (STATE_REVIEWING, STEP_DISPATCH, &nobody), STATE_NONE);
}

static void check_purpose (const struct course_facts *facts, void *arg UNUSED)
{
    bool is_merits = facts->purpose == PURPOSE_APPEAL ||
                     facts->purpose == PURPOSE_REQUEST || facts->purpose == PURPOSE_OTHER;
    static const enum step merits[] = { STEP_EXTEND, STEP_MEDIATE, STEP_REVIEW };
    static const enum step clear[] = { STEP_LINK, STEP_REPURPOSE, STEP_CATEGORISE,
                                       STEP_CONTACT, STEP_WENT_UP };
    for (unsigned from = 0; from < STATE_COUNT; from++) {
        for (size_t i = 0; i < ARRAY_SIZE (merits) && !is_merits; i++)
            assert_int_equal (course_next ((enum state) from, merits[i], facts),
                              STATE_NONE);
        for (size_t i = 0; i < ARRAY_SIZE (clear) && facts->purpose == PURPOSE_ACCUSATION;
             i++)
            assert_int_equal (course_next ((enum state) from, clear[i], facts),
                              STATE_NONE);
    }
}

static void each_purpose_has_its_own_course (void **state UNUSED)
{
    for_all_facts (check_purpose, NULL);
}

static void check_withdrawal (const struct course_facts *facts, void *arg UNUSED)
{
    for (unsigned from = 0; from < STATE_COUNT; from++)
        assert_int_equal (course_next ((enum state) from, STEP_WITHDRAW, facts),
                          course_is_open ((enum state) from) ? STATE_CLOSED : STATE_NONE);
}

static void every_open_state_can_be_withdrawn_and_none_else (void **state UNUSED)
{
    for_all_facts (check_withdrawal, NULL);
}

static void note_end (const struct course_facts *facts, void *arg)
{
    bool *ends = arg;
    for (unsigned from = 0; from < STATE_COUNT; from++)
        for (unsigned step = 0; step < STEP_COUNT; step++)
            if (step != STEP_WITHDRAW && step != STEP_LINK)
                ends[from] |=
                    ends[course_next ((enum state) from, (enum step) step, facts)];
}

/* The end can be reached from everywhere, without giving up: nothing is left lying. */
static void no_state_is_a_dead_end (void **state UNUSED)
{
    bool ends[STATE_COUNT] = { [STATE_CLOSED] = true };
    for (unsigned round = 0; round < STATE_COUNT; round++)
        for_all_facts (note_end, ends);
    for (unsigned from = 0; from < STATE_COUNT; from++)
        assert_true (ends[from]);
}

static void note_reached (const struct course_facts *facts, void *arg)
{
    bool *reached = arg;
    for (unsigned from = 0; from < STATE_COUNT; from++)
        for (unsigned step = 0; step < STEP_COUNT && reached[from]; step++)
            reached[course_next ((enum state) from, (enum step) step, facts)] = true;
}

static void every_state_is_reached (void **state UNUSED)
{
    bool reached[STATE_COUNT] = { [STATE_NONE] = true };
    for (unsigned round = 0; round < STATE_COUNT; round++)
        for_all_facts (note_reached, reached);
    for (unsigned to = 0; to < STATE_COUNT; to++)
        assert_true (reached[to]);
}

/* ---- closed lists ------------------------------------------------------------------------------ */

static void two_persons_are_asked_for_these_endings (void **state UNUSED)
{
    static const enum step two[] = { STEP_REFUSE,    STEP_DIVERT, STEP_LINK,
                                     STEP_REPURPOSE, STEP_EXTEND, STEP_WITHDRAW };
    unsigned count = 0;
    for (unsigned step = 0; step < STEP_COUNT; step++)
        count += course_asks_two ((enum step) step, CLOSE_CALL_BACK);
    assert_int_equal (count, ARRAY_SIZE (two));
    for (size_t i = 0; i < ARRAY_SIZE (two); i++)
        assert_true (course_asks_two (two[i], CLOSE_NONE));
    assert_true (course_asks_two (STEP_CLOSE, CLOSE_CONTACT_FAILED));
}

/* For each ground the one step that takes it. */
static void every_ground_belongs_to_one_step (void **state UNUSED)
{
    for (unsigned ground = GROUND_NONE + 1; ground < GROUND_COUNT; ground++) {
        unsigned fits = 0;
        for (unsigned step = STEP_NONE + 1; step < STEP_COUNT; step++) {
            bool fits_one = false;
            for (unsigned purpose = 0; purpose < PURPOSE_COUNT; purpose++)
                fits_one |=
                    course_ground_fits ((enum step) step, (enum ground) ground,
                                        CLOSE_CONTACT_FAILED, (enum purpose) purpose);
            fits += fits_one;
        }
        assert_int_equal (fits, 1);
        assert_false (course_ground_fits (STEP_REPURPOSE, (enum ground) ground,
                                          CLOSE_NONE, PURPOSE_ACCUSATION));
        assert_false (course_ground_fits (STEP_CLOSE, (enum ground) ground,
                                          CLOSE_CALL_BACK, PURPOSE_NONE));
    }
    assert_true (course_ground_fits (STEP_ACCEPT, GROUND_NONE, CLOSE_NONE, PURPOSE_NONE));
    assert_false (
        course_ground_fits (STEP_REFUSE, GROUND_NONE, CLOSE_NONE, PURPOSE_NONE));
}

static void each_purpose_has_its_outcomes (void **state UNUSED)
{
    assert_true (course_outcome_fits (PURPOSE_APPEAL, 0, OUTCOME_SUPPORT));
    assert_true (course_outcome_fits (PURPOSE_REQUEST, 1, OUTCOME_NOT_SUPPORT));
    assert_false (course_outcome_fits (PURPOSE_REQUEST, 0, OUTCOME_ANSWERED));
    assert_true (course_outcome_fits (PURPOSE_INQUIRY, 0, OUTCOME_ANSWERED));
    assert_false (course_outcome_fits (PURPOSE_INQUIRY, 0, OUTCOME_SUPPORT));
    assert_true (course_outcome_fits (PURPOSE_ACCUSATION, 0, OUTCOME_ANSWERED));
    assert_true (course_outcome_fits (PURPOSE_OTHER, 0, OUTCOME_EXPLAIN));
    assert_true (course_outcome_fits (PURPOSE_OTHER, 0, OUTCOME_ANSWERED));
    assert_false (course_outcome_fits (PURPOSE_OTHER, 2, OUTCOME_ANSWERED));
    for (unsigned purpose = 0; purpose < PURPOSE_COUNT; purpose++)
        for (unsigned instance = 0; instance <= 3; instance++) {
            assert_false (
                course_outcome_fits ((enum purpose) purpose, instance, OUTCOME_NONE));
            assert_false (
                course_outcome_fits ((enum purpose) purpose, instance, OUTCOME_AGREED));
        }
}

static void a_state_is_closed_for_its_own_reasons_only (void **state UNUSED)
{
    unsigned fits = 0;
    for (unsigned from = 0; from < STATE_COUNT; from++)
        for (unsigned reason = 0; reason < CLOSE_COUNT; reason++)
            fits += course_reason_fits ((enum state) from, (enum close_reason) reason);
    assert_int_equal (fits, 6);
    assert_true (course_reason_fits (STATE_DONE, CLOSE_CALL_BACK));
    assert_true (course_reason_fits (STATE_DONE, CLOSE_CONTACT_FAILED));
    assert_true (course_reason_fits (STATE_WINDOW, CLOSE_CALL_BACK));
    assert_true (course_reason_fits (STATE_WINDOW, CLOSE_WINDOW_UNUSED));
    assert_true (course_reason_fits (STATE_DIVERTED, CLOSE_DIVERSION_ARRIVED));
    assert_true (course_reason_fits (STATE_DIVERTED, CLOSE_STATUTORY_ANSWERED));
}

static void a_step_rests_on_its_article (void **state UNUSED)
{
    static const struct {
        enum step step;
        enum ground ground;
        enum purpose purpose;
        uint32_t instance, article;
    } cases[] = {
        { STEP_ACCEPT, GROUND_NONE, PURPOSE_REQUEST, 0, 23 },
        { STEP_ARBITRATE, GROUND_NONE, PURPOSE_REQUEST, 0, 24 },
        { STEP_MEDIATE, GROUND_NONE, PURPOSE_REQUEST, 0, 33 },
        { STEP_END_MEDIATION, GROUND_NONE, PURPOSE_REQUEST, 0, 33 },
        { STEP_AGREE, GROUND_NONE, PURPOSE_APPEAL, 0, 33 },
        { STEP_DECIDE, GROUND_NONE, PURPOSE_REQUEST, 0, 34 },
        { STEP_DECIDE, GROUND_NONE, PURPOSE_SUGGESTION, 0, 29 },
        { STEP_SERVE, GROUND_NONE, PURPOSE_SUGGESTION, 0, 29 },
        { STEP_DECIDE, GROUND_NONE, PURPOSE_ACCUSATION, 0, 30 },
        { STEP_SERVE, GROUND_NONE, PURPOSE_ACCUSATION, 0, 30 },
        { STEP_DECIDE, GROUND_NONE, PURPOSE_INQUIRY, 0, 0 }, /* custom */
        { STEP_SERVE, GROUND_NONE, PURPOSE_INQUIRY, 0, 0 },
        { STEP_DECIDE, GROUND_NONE, PURPOSE_REQUEST, 2, 35 },
        { STEP_SERVE, GROUND_NONE, PURPOSE_REQUEST, 3, 36 },
        { STEP_REVIEW, GROUND_NONE, PURPOSE_REQUEST, 2, 35 },
        { STEP_REVIEW, GROUND_NONE, PURPOSE_REQUEST, 3, 36 },
        { STEP_REFUSE, GROUND_UNCLEAR, PURPOSE_REQUEST, 0, 23 },
        { STEP_SERVE, GROUND_UNCLEAR, PURPOSE_INQUIRY, 0, 23 },
        { STEP_REFUSE, GROUND_FINAL, PURPOSE_REQUEST, 0, 36 },
        { STEP_SERVE, GROUND_FINAL, PURPOSE_REQUEST, 0, 36 },
        { STEP_CLAIM, GROUND_NONE, PURPOSE_REQUEST, 0, 0 }, /* custom */
    };
    for (size_t i = 0; i < ARRAY_SIZE (cases); i++)
        assert_int_equal (course_article (cases[i].step, cases[i].ground,
                                          cases[i].purpose, cases[i].instance),
                          cases[i].article);
}

/* ---- names ---------------------------------------------------------------------------------------- */

static void every_state_and_step_has_a_name (void **state UNUSED)
{
    for (unsigned i = 0; i < STATE_COUNT; i++)
        assert_non_null (course_state_name ((enum state) i));
    for (unsigned i = 0; i < STEP_COUNT; i++)
        assert_non_null (course_step_name ((enum step) i));
    assert_string_equal (course_state_name (STATE_COUNT), "?");
    assert_string_equal (course_step_name (STEP_COUNT), "?");
}

static void the_steps_are_told_that_a_person_may_take (void **state UNUSED)
{
    char steps[COURSE_STEPS_SIZE];
    struct course_facts facts = { .purpose = PURPOSE_INQUIRY, .has_department = true };
    assert_string_equal (course_steps (STATE_CLOSED, &facts, steps), "went up");
    assert_string_equal (
        course_steps (STATE_ARBITRATION, &facts, steps),
        "opinion, arbitrate, link, categorise, contact, recuse, went up");
}

static void check_room (const struct course_facts *facts, void *arg UNUSED)
{
    char steps[COURSE_STEPS_SIZE];
    for (unsigned from = 0; from < STATE_COUNT; from++) {
        size_t size = strlen (course_steps ((enum state) from, facts, steps));
        assert_true (size < COURSE_STEPS_SIZE - 16); /* nothing had to be left out */
    }
}

static void there_is_room_for_all_of_them (void **state UNUSED)
{
    for_all_facts (check_room, NULL);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (every_step_of_every_state_leads_where_the_table_says),
        cmocka_unit_test (what_is_served_decides_the_way),
        cmocka_unit_test (a_dispute_goes_back_to_where_the_last_word_was_spoken),
        cmocka_unit_test (the_second_objection_goes_to_the_arbiter),
        cmocka_unit_test (what_nobody_answers_for_waits_for_the_dispatcher),
        cmocka_unit_test (each_purpose_has_its_own_course),
        cmocka_unit_test (every_open_state_can_be_withdrawn_and_none_else),
        cmocka_unit_test (no_state_is_a_dead_end),
        cmocka_unit_test (every_state_is_reached),
        cmocka_unit_test (two_persons_are_asked_for_these_endings),
        cmocka_unit_test (every_ground_belongs_to_one_step),
        cmocka_unit_test (each_purpose_has_its_outcomes),
        cmocka_unit_test (a_state_is_closed_for_its_own_reasons_only),
        cmocka_unit_test (a_step_rests_on_its_article),
        cmocka_unit_test (every_state_and_step_has_a_name),
        cmocka_unit_test (the_steps_are_told_that_a_person_may_take),
        cmocka_unit_test (there_is_room_for_all_of_them),
    };
    return cmocka_run_group_tests_name ("course", tests, NULL, NULL);
}
