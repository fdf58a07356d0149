/* SPDX-License-Identifier: Apache-2.0 */
/* What comes back: to its own way from a group, to the execution from a call-back, to the
 * leader who supervised; and to whoever took over an abolished department's work. */
#include "course_people.h"

static void step_days (int days)
{
    town_step (town, days * CIVIL_DAY_MS);
}

static void assert_stage (uint64_t number, const char *stage, const char *from,
                          const char *due)
{
    assert_due (runs (number, DUTY_STAGE), stage, due);
    assert_int_equal (runs (number, DUTY_STAGE)->from_ms, at_ms (from));
    assert_one_of_each ();
}

/* ---- groups -------------------------------------------------------------------------- */

static void linked (uint64_t number)
{
    move_by (number, 1131,
             (struct moved){ .step = STEP_LINK, .to = STATE_CLOSED, .link_to = 1 });
    assert_null (runs (number, DUTY_WHOLE));
}

static void left_alone (uint64_t number, enum state to)
{
    move_by (number, 0, (struct moved){ .step = STEP_REOPEN, .to = to, .link_to = 1 });
}

static void what_goes_on_by_itself_has_the_time_it_was_promised (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (11);
    step_days (1);
    handled (number);
    int64_t whole = runs (number, DUTY_WHOLE)->due_ms;
    assert_stage (number, "decide", "2026-11-24 09:00:00", "2027-01-25 24:00");
    step_days (9);
    linked (number);
    step_days (20);
    left_alone (number, STATE_DISPATCHED);
    assert_stage (number, "decide", "2026-11-24 09:00:00", "2027-01-25 24:00");
    assert_int_equal (runs (number, DUTY_WHOLE)->from_ms, at_ms ("2026-11-23 09:00:00"));
    assert_int_equal (runs (number, DUTY_WHOLE)->due_ms, whole);
    assert_int_equal (runs (number, DUTY_HOLDER)->from_ms, town_now_ms (town));
    assert_null (raise_of (number, CAUSE_DISPUTE));
    handled (number);
    assert_stage (number, "decide", "2026-11-24 09:00:00", "2027-01-25 24:00");
    town_destroy (&town);
}

static void extension_outlives_a_link (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (11);
    handled (number);
    step_days (50);
    move_by (number, 1111, (struct moved){ .step = STEP_EXTEND, .to = STATE_HANDLING });
    linked (number);
    step_days (1);
    left_alone (number, STATE_DISPATCHED);
    assert_due (runs (number, DUTY_STAGE), "decide", "2027-02-22 24:00");
    assert_due (runs (number, DUTY_WHOLE), "whole", "2027-03-08 24:00");
    town_destroy (&town);
}

static void what_became_late_in_a_group_is_raised_when_it_leaves_it (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (0);
    step_days (2);
    linked (number);
    step_days (30);
    assert_int_equal (raised_by (number, CAUSE_BREACH, DUTY_STAGE), 0);
    left_alone (number, STATE_UNDECIDED);
    assert_stage (number, "dispatch", "2026-11-23 09:00:00", "2026-12-08 24:00");
    step_days (1);
    assert_true (raised_by (number, CAUSE_BREACH, DUTY_STAGE) > 0);
    assert_int_equal (raised_by (number, CAUSE_BREACH, DUTY_WHOLE), 0);
    town_destroy (&town);
}

static void who_was_late_before_the_link_is_late_behind_it (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (11);
    town_step_until (town, at_ms ("2026-12-09 08:00:00"));
    size_t told = raised_by (number, CAUSE_BAND, DUTY_STAGE);
    assert_int_equal (raised_by (number, CAUSE_BREACH, DUTY_STAGE), 1);
    linked (number);
    step_days (1);
    left_alone (number, STATE_DISPATCHED);
    step_days (1);
    assert_int_equal (raised_by (number, CAUSE_BREACH, DUTY_STAGE), 2);
    assert_int_equal (raised_by (number, CAUSE_BAND, DUTY_STAGE), told);
    town_destroy (&town);
}

static void what_was_linked_and_is_disputed_is_heard_anew (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (11);
    handled (number);
    linked (number);
    step_days (20);
    move_by (number, 0, (struct moved){ .step = STEP_REOPEN, .to = STATE_DISPATCHED });
    assert_int_equal (runs (number, DUTY_STAGE)->from_ms, town_now_ms (town));
    assert_int_equal (runs (number, DUTY_WHOLE)->from_ms, town_now_ms (town));
    assert_non_null (raise_of (number, CAUSE_DISPUTE));
    town_destroy (&town);
}

/* ---- hearings ------------------------------------------------------------------------- */

static void whole_does_not_end_on_a_rest_day_because_of_a_hearing (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (11);
    handled (number);
    step_days (50);
    served (number, STATE_WINDOW);
    for (uint32_t instance = 2; instance <= 3; instance++) {
        move_by (
            number, 0,
            (struct moved){ .step = STEP_REVIEW,
                            .to = instance == 2 ? STATE_REVIEWING : STATE_REREVIEWING,
                            .department = instance == 2 ? 54 : 51,
                            .instance = instance });
        if (instance == 2)
            served (number, STATE_WINDOW);
    }
    assert_due (runs (number, DUTY_WHOLE), "ask_rereview", "2027-02-11 24:00");
    move_by (number, 5111, (struct moved){ .step = STEP_HEAR, .to = STATE_HEARING });
    step_days (2); /* to a Saturday, and so to the Monday */
    move_by (number, 5111,
             (struct moved){ .step = STEP_END_HEARING, .to = STATE_REREVIEWING });
    assert_due (runs (number, DUTY_STAGE), "rereview", "2027-02-15 24:00");
    assert_due (runs (number, DUTY_WHOLE), "ask_rereview", "2027-02-15 24:00");
    assert_true (runs (number, DUTY_WHOLE)->provisional);
    town_destroy (&town);
}

/* ---- execution ------------------------------------------------------------------------ */

static void say_at_a_call_back_that_it_is_not_done (uint64_t number)
{
    move_by (number, 1131,
             (struct moved){ .step = STEP_CONTACT,
                             .to = STATE_EXECUTING,
                             .contacted = CONTACTED_DISPUTES });
}

static void call_back_does_not_give_the_execution_its_time_again (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (11);
    handled (number);
    served (number, STATE_EXECUTING);
    assert_stage (number, "execute", "2026-11-23 09:00:00", "2026-12-23 24:00");
    for (unsigned i = 1; i <= 3; i++) {
        step_days (9);
        move (number, STEP_CLAIM_DONE, STATE_DONE);
        assert_string_equal (runs (number, DUTY_STAGE)->stage, "confirm");
        assert_int_equal (runs (number, DUTY_STAGE)->from_ms, town_now_ms (town));
        say_at_a_call_back_that_it_is_not_done (number);
        assert_stage (number, "execute", "2026-11-23 09:00:00", "2026-12-23 24:00");
        assert_int_equal (raised_by (number, CAUSE_DISPUTE, DUTY_NONE), i);
    }
    town_step_until (town, at_ms ("2026-12-24 00:10:00"));
    assert_int_equal (raised_by (number, CAUSE_BREACH, DUTY_STAGE), 1);
    town_destroy (&town);
}

static void dispute_that_the_petitioner_asked_for_gives_it_again (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (11);
    handled (number);
    served (number, STATE_EXECUTING);
    step_days (9);
    move (number, STEP_CLAIM_DONE, STATE_DONE);
    move_by (number, 0, (struct moved){ .step = STEP_REOPEN, .to = STATE_EXECUTING });
    assert_stage (number, "execute", "2026-12-02 09:00:00", "2027-01-01 24:00");
    step_days (3);
    move (number, STEP_CLAIM_DONE, STATE_DONE);
    say_at_a_call_back_that_it_is_not_done (number);
    assert_stage (number, "execute", "2026-12-02 09:00:00", "2027-01-01 24:00");
    town_destroy (&town);
}

/* ---- supervision --------------------------------------------------------------------- */

static void answer_to_a_supervision_names_the_leader_who_is_to_hear_of_it (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (11);
    assert_null (supervise (leader, 1004, number)->refusal);
    uint64_t raise = raise_of (number, CAUSE_SUPERVISION)->raise;
    assert_null (answer_with (desk, 1111, raise, ADOPTION_PARTLY)->refusal);
    const struct entry *entry = town_last (town, SPEAKER_ESCALATION, KIND_RAISE_ENDED);
    assert_int_equal (entry->raise_ended->opened_by, 1004);
    assert_int_equal (entry->raise_ended->adoption, ADOPTION_PARTLY);
    step_days (30); /* nobody else's answer is anybody's to hear of */
    const struct raise_row *breach = raise_of (number, CAUSE_BREACH);
    assert_null (answer (county, 5101, breach->raise)->refusal);
    entry = town_last (town, SPEAKER_ESCALATION, KIND_RAISE_ENDED);
    assert_int_equal (entry->raise_ended->opened_by, 0);
    town_destroy (&town);
}

/* ---- departments --------------------------------------------------------------------- */

static bool is_shown (struct town_client *client, uint64_t number)
{
    struct deadline_query query = { .number = number };
    struct reply *reply =
        town_query (client, SPEAKER_ESCALATION, &(struct query){ .deadline = &query });

    assert_non_null (reply);
    return reply->deadline != NULL;
}

static void what_lay_with_an_abolished_department_is_its_successors (void **state)
{
    (void) state;
    course_town ();
    uint64_t number = placed (32); /* town building, taken over by 12 */
    assert_true (is_shown (other_desk, number));
    assert_false (is_shown (desk, number));
    assert_null (supervise (leader, 1004, number)->refusal);
    const struct raise_row *raise = raise_of (number, CAUSE_SUPERVISION);
    assert_int_equal (raise->raised->persons[0], 1211); /* the successor's head */
    assert_non_null (answer_with (desk, 1111, raise->raise, ADOPTION_ADOPTED)->refusal);
    struct town_client *old =
        town_client (town, ROLE_DESK, 2132, .territory = 340522100, .department = 32);
    assert_int_equal (
        answer_with (old, 1131, raise->raise, ADOPTION_ADOPTED)->refusal->code,
        REFUSAL_NO_RIGHT);
    assert_null (answer_with (other_desk, 1211, raise->raise, ADOPTION_ADOPTED)->refusal);
    town_step_until (town, at_ms ("2026-12-09 08:00:00"));
    for (size_t i = 0; i < raises (number)->n_rows; i++) /* bands and the breach */
        assert_int_equal (raises (number)->rows[i].raised->department, 32);
    town_destroy (&town);
}

static void opinion_an_abolished_department_owes_is_its_successors_to_give (void **state)
{
    uint32_t asked[] = { 13, 32 };

    (void) state;
    course_town ();
    uint64_t number = registered_for ((struct matter){ .category = "环境保护" }, 11);
    move_by (number, 0,
             (struct moved){ .step = STEP_PLACE,
                             .to = STATE_DISPATCHED,
                             .department = 11,
                             .assisting = asked,
                             .n_assisting = 2 });
    assert_int_equal (gauge ("assisting_duties"), 2);
    mouth_say (
        terminal, SPEAKER_ROUTING,
        &(struct entry){ .kind = KIND_OPINION,
                         .grievance = number,
                         .matter = &walk_of (number)->matter,
                         .actor = &(struct actor){ .person = 1211, .department = 12 },
                         .moved = &(struct moved){ .step = STEP_OPINION,
                                                   .from = STATE_DISPATCHED,
                                                   .to = STATE_DISPATCHED } });
    town_settle (town);
    assert_int_equal (gauge ("assisting_duties"), 1);
    assert_int_equal (runs (number, DUTY_ASSISTING)->owner, 13);
    town_destroy (&town);
}

int main (void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test (what_goes_on_by_itself_has_the_time_it_was_promised),
        cmocka_unit_test (extension_outlives_a_link),
        cmocka_unit_test (what_became_late_in_a_group_is_raised_when_it_leaves_it),
        cmocka_unit_test (who_was_late_before_the_link_is_late_behind_it),
        cmocka_unit_test (what_was_linked_and_is_disputed_is_heard_anew),
        cmocka_unit_test (whole_does_not_end_on_a_rest_day_because_of_a_hearing),
        cmocka_unit_test (call_back_does_not_give_the_execution_its_time_again),
        cmocka_unit_test (dispute_that_the_petitioner_asked_for_gives_it_again),
        cmocka_unit_test (answer_to_a_supervision_names_the_leader_who_is_to_hear_of_it),
        cmocka_unit_test (what_lay_with_an_abolished_department_is_its_successors),
        cmocka_unit_test (opinion_an_abolished_department_owes_is_its_successors_to_give),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
