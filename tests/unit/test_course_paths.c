/* SPDX-License-Identifier: Apache-2.0 */
/* The paths of DOMAIN §4, each walked once through all four daemons: the states on the way,
 * the clocks that run in them, and how it ends. */
#include "whole_people.h"

static void take_on (struct held *held, struct town_client *client, uint32_t person)
{
    town_settle (town);
    held->fencing =
        take_step (client, person, a_step (held->number, STEP_CLAIM))->fencing;
}

static void decide_and_serve (struct held *held, struct town_client *client,
                              uint32_t person, enum decision_outcome outcome)
{
    take_on (held, client, person);
    take_step (client, person, a_decision (held, outcome));
    take_step (client, person, a_service (held));
}

static void take_asked (uint64_t number, enum asked what)
{
    ask (number, what, "请予核实");
    assert_true (is_taken ());
}

static void finish (struct held *held)
{
    take_step (desk, 1131,
               a_step (held->number, STEP_CLAIM_DONE, .fencing = held->fencing));
    take_asked (held->number, ASKED_CONFIRM);
    assert_closed (held->number, CLOSE_CONFIRMED);
}

/* ---- endings without an answer on the merits ------------------------------------------ */

static void what_is_diverted_is_followed_until_it_has_arrived (void **state UNUSED)
{
    struct held held = claimed ();
    by_two (a_step (held.number, STEP_DIVERT, .fencing = held.fencing,
                    .ground = GROUND_ARBITRATION, .reason = "劳动争议，先经仲裁"));
    assert_int_equal (state_of (held.number), STATE_DIVERTED);
    assert_runs (held.number, DUTY_STAGE, "divert", "2026-12-08 24:00");
    uint64_t notices = town_count (town, SPEAKER_NOTIFICATION, KIND_NOTICE);
    take_step (desk, 1131,
               a_step (held.number, STEP_CLOSE, .fencing = held.fencing,
                       .close_reason = CLOSE_DIVERSION_ARRIVED,
                       .reason = "仲裁委已受理"));
    assert_closed (held.number, CLOSE_DIVERSION_ARRIVED);
    assert_true (town_count (town, SPEAKER_NOTIFICATION, KIND_NOTICE) > notices);
}

static void what_is_not_accepted_by_two_ends_when_that_is_served (void **state UNUSED)
{
    struct held held = claimed ();
    assert_runs (held.number, DUTY_STAGE, "accept", "2026-12-08 24:00");
    by_two (a_step (held.number, STEP_REFUSE, .fencing = held.fencing,
                    .ground = GROUND_PROCEDURE_RUNS, .reason = "法院正在审理"));
    assert_int_equal (state_of (held.number), STATE_REFUSED);
    assert_runs (held.number, DUTY_STAGE, "accept", "2026-12-08 24:00");
    take_step (desk, 1131, a_service (&held));
    assert_closed (held.number, CLOSE_NOT_ACCEPTED);
    take_asked (held.number, ASKED_DISPUTE); /* the way back */
    assert_int_equal (state_of (held.number), STATE_DISPATCHED);
}

static void a_withdrawal_ends_it_when_somebody_has_asked (void **state UNUSED)
{
    struct held held = accepted ();
    take_asked (held.number, ASKED_WITHDRAW);
    assert_int_equal (state_of (held.number), STATE_HANDLING);
    assert_runs (held.number, DUTY_STAGE, "decide", "2027-01-22 24:00");
    assert_int_equal (
        refused_step (desk, 1131,
                      a_step (held.number, STEP_APPROVE, .text = "已电话核实"))
            ->code,
        REFUSAL_NO_RIGHT);
    take_step (desk, 1111,
               a_step (held.number, STEP_APPROVE, .text = "已电话核实，确系本人意愿"));
    assert_closed (held.number, CLOSE_WITHDRAWN);
}

static void a_withdrawal_that_was_not_meant_changes_nothing (void **state UNUSED)
{
    struct held held = accepted ();
    take_asked (held.number, ASKED_WITHDRAW);
    take_step (desk, 1111,
               a_step (held.number, STEP_REJECT, .reason = "本人表示并未撤回"));
    assert_int_equal (state_of (held.number), STATE_HANDLING);
    assert_int_equal (
        refused_step (desk, 1111, a_step (held.number, STEP_APPROVE, .text = "同意"))
            ->code,
        REFUSAL_WRONG_STATE);
    assert_runs (held.number, DUTY_STAGE, "decide", "2027-01-22 24:00");
}

static void what_only_asks_becomes_an_inquiry_and_is_answered (void **state UNUSED)
{
    struct held held = claimed ();
    by_two (a_step (held.number, STEP_REPURPOSE, .fencing = held.fencing,
                    .ground = GROUND_ASKS_ONLY, .purpose = PURPOSE_INQUIRY,
                    .reason = "只问政策"));
    assert_int_equal (item_for (desk, held.number)->row->matter->purpose,
                      PURPOSE_INQUIRY);
    assert_int_equal (course_of (held.number)->matter->purpose, PURPOSE_INQUIRY);
    assert_runs (held.number, DUTY_WHOLE, "whole", "2027-02-08 24:00");
    accept (held.number, held.fencing);
    take_step (desk, 1131, a_decision (&held, OUTCOME_ANSWERED));
    take_step (desk, 1131, a_service (&held));
    assert_closed (held.number, CLOSE_ANSWERED);
}

static void contact (struct held *held, enum means means)
{
    take_step (desk, 1131,
               a_step (held->number, STEP_CONTACT, .means = means,
                       .contacted = CONTACTED_NOT_REACHED, .text = "无人应答"));
}

static void three_days_of_failed_contacts_end_it (void **state UNUSED)
{
    struct held held = claimed_done ();
    struct step_command close =
        a_step (held.number, STEP_CLOSE, .fencing = held.fencing,
                .close_reason = CLOSE_CONTACT_FAILED, .ground = GROUND_NO_ANSWER,
                .reason = "多次联系无人应答");
    contact (&held, MEANS_TELEPHONE);
    contact (&held, MEANS_MESSAGE);
    step_to ("2026-11-24 09:00:00");
    contact (&held, MEANS_TELEPHONE);
    assert_int_equal (refused_step (desk, 1131, close)->code, REFUSAL_MISSING);
    step_to ("2026-11-25 09:00:00");
    contact (&held, MEANS_IN_PERSON);
    by_two (close);
    assert_closed (held.number, CLOSE_CONTACT_FAILED);
}

static void a_linked_one_keeps_its_right_of_review (void **state UNUSED)
{
    struct held lead = accepted (), member = { .number = file (1) };
    take_on (&member, desk, 1131);
    by_two (a_step (member.number, STEP_LINK, .fencing = member.fencing,
                    .ground = GROUND_SAME_MATTER, .link_to = lead.number,
                    .reason = "同一地块"));
    assert_closed (member.number, CLOSE_LINKED);
    take_step (desk, 1131, a_decision (&lead, OUTCOME_NOT_SUPPORT));
    take_step (desk, 1131, a_service (&lead));
    town_step (town, 60000); /* the members are told */
    assert_int_equal (state_of (member.number), STATE_CLOSED);
    take_asked (member.number, ASKED_REVIEW);
    assert_int_equal (state_of (member.number), STATE_REVIEWING);
    assert_runs (member.number, DUTY_STAGE, "review", "2026-12-23 24:00");
    assert_int_equal (state_of (lead.number), STATE_WINDOW);
}

/* ---- answers on the merits ------------------------------------------------------------ */

static void an_agreement_is_executed (void **state UNUSED)
{
    struct held held = accepted ();
    take_step (desk, 1131, a_step (held.number, STEP_MEDIATE, .fencing = held.fencing));
    assert_runs (held.number, DUTY_TASK, "mediate", "2026-12-23 24:00");
    assert_runs (held.number, DUTY_STAGE, "decide", "2027-01-22 24:00");
    take_step (desk, 1131,
               a_step (held.number, STEP_AGREE, .fencing = held.fencing,
                       .text = "双方同意按每亩补足差额，十二月底前付清"));
    assert_int_equal (state_of (held.number), STATE_EXECUTING);
    assert_null (runs (held.number, DUTY_TASK));
    assert_runs (held.number, DUTY_STAGE, "execute", "2026-12-23 24:00");
    finish (&held);
}

static void it_is_extended_once_and_by_the_head (void **state UNUSED)
{
    struct held held = accepted ();
    struct step_command extend =
        a_step (held.number, STEP_EXTEND, .fencing = held.fencing, .reason = "需要测绘");
    assert_runs (held.number, DUTY_WHOLE, "whole", "2027-02-08 24:00");
    take_step (desk, 1131, extend);
    assert_runs (held.number, DUTY_STAGE, "decide", "2027-01-22 24:00");
    struct step_command own = a_step (held.number, STEP_APPROVE, .reason = "同意");
    assert_non_null (refused_step (desk, 1131, own));
    approve (held.number);
    assert_runs (held.number, DUTY_STAGE, "decide", "2027-02-22 24:00");
    assert_runs (held.number, DUTY_WHOLE, "whole", "2027-03-08 24:00");
    char due[CIVIL_TIME_SIZE];
    assert_string_equal (civil_format_due (course_of (held.number)->last_day_ms, due),
                         "2027-03-08 24:00"); /* the petitioner reads it */
    assert_int_equal (refused_step (desk, 1131, extend)->code, REFUSAL_WRONG_STATE);
}

static void an_explanation_stands_when_nobody_asks (void **state UNUSED)
{
    struct held held = served (OUTCOME_EXPLAIN);
    assert_int_equal (state_of (held.number), STATE_WINDOW);
    assert_runs (held.number, DUTY_STAGE, "ask_review", "2026-12-23 24:00");
    step_to ("2026-12-23 23:59:59");
    assert_int_equal (state_of (held.number), STATE_WINDOW);
    step_to ("2026-12-24 00:01:00");
    assert_closed (held.number, CLOSE_WINDOW_UNUSED);
    assert_int_equal (raised_by (held.number, CAUSE_BREACH, DUTY_STAGE), 0);
    assert_int_equal (raised_by (held.number, CAUSE_BREACH, DUTY_WHOLE), 0);
}

static void what_is_refused_three_times_is_final (void **state UNUSED)
{
    struct held held = served (OUTCOME_NOT_SUPPORT);
    take_asked (held.number, ASKED_REVIEW);
    assert_int_equal (course_of (held.number)->department, 54);
    assert_runs (held.number, DUTY_STAGE, "review", "2026-12-23 24:00");
    decide_and_serve (&held, bureau, 5431, OUTCOME_NOT_SUPPORT);
    assert_runs (held.number, DUTY_STAGE, "ask_rereview", "2026-12-23 24:00");
    take_asked (held.number, ASKED_REVIEW);
    assert_int_equal (course_of (held.number)->department, 51);
    assert_runs (held.number, DUTY_STAGE, "rereview", "2026-12-23 24:00");
    take_on (&held, government, 5131);
    step_to ("2026-11-24 10:00:00");
    take_step (government, 5131,
               a_step (held.number, STEP_HEAR, .fencing = held.fencing));
    assert_true (runs (held.number, DUTY_STAGE)->paused);
    step_to ("2026-11-29 10:00:00");
    take_step (government, 5131,
               a_step (held.number, STEP_END_HEARING, .fencing = held.fencing));
    /* Five days of hearing are not counted: the 28th is a Monday. */
    assert_runs (held.number, DUTY_STAGE, "rereview", "2026-12-28 24:00");
    take_step (government, 5131, a_decision (&held, OUTCOME_NOT_SUPPORT));
    take_step (government, 5131, a_service (&held));
    assert_closed (held.number, CLOSE_FINAL);
    ask (held.number, ASKED_DISPUTE, "不服");
    assert_false (is_taken ());
    ask (held.number, ASKED_REVIEW, "不服");
    assert_false (is_taken ());
}

static struct held in_rereview (void)
{
    struct held held = served (OUTCOME_NOT_SUPPORT);
    take_asked (held.number, ASKED_REVIEW);
    decide_and_serve (&held, bureau, 5431, OUTCOME_NOT_SUPPORT);
    take_asked (held.number, ASKED_REVIEW);
    take_on (&held, government, 5131);
    return held;
}

/* By hand, over the holidays: the hearing's days are those behind its first, through its
 * last. */
static const struct {
    const char *begin, *heard, *until, *end, *why;
} hearings[] = {
    { "2024-01-15 09:00:00", "2024-01-25 10:00:00", "2024-02-02 10:00:00",
      "2024-02-22 24:00",
      "day 30 is 14 February; 26 January to 2 February, eight days, are not counted: the "
      "22nd, behind the Spring Festival" },
    { "2025-09-01 09:00:00", "2025-09-20 10:00:00", "2025-09-28 10:00:00",
      "2025-10-09 24:00",
      "day 30 is 1 October; eight days, 21 to 28 September, later it is the 9th, the "
      "first "
      "working day" },
    { "2026-01-20 09:00:00", "2026-02-10 10:00:00", "2026-02-14 10:00:00",
      "2026-02-24 24:00",
      "day 30 is 19 February; four days, 11 to 14, later it is the 23rd, still off: "
      "Tuesday "
      "the 24th" },
    { "2024-04-01 09:00:00", "2024-04-15 10:00:00", "2024-04-15 17:00:00",
      "2024-05-06 24:00",
      "a hearing that begins and ends on a day that has begun to count takes none: day "
      "30 "
      "is 1 May, off to the 5th" },
    { "2026-12-01 09:00:00", "2026-12-20 10:00:00", "2026-12-30 10:00:00",
      "2027-01-11 24:00",
      "day 30 is 31 December; ten days, 21 to 30, later it is Sunday 10 January 2027: on "
      "to "
      "Monday, as far as anybody knows" },
};

static void the_days_of_a_hearing_are_not_counted (void **state)
{
    for (size_t i = 0; i < ARRAY_SIZE (hearings); i++) {
        char end[CIVIL_TIME_SIZE];
        town_start_ms = at_ms (hearings[i].begin);
        whole_build (state);
        struct held held = in_rereview ();
        step_to (hearings[i].heard);
        take_step (government, 5131,
                   a_step (held.number, STEP_HEAR, .fencing = held.fencing));
        step_to (hearings[i].until);
        take_step (government, 5131,
                   a_step (held.number, STEP_END_HEARING, .fencing = held.fencing));
        const struct duty_row *stage = runs (held.number, DUTY_STAGE);
        assert_non_null (stage);
        if (strcmp (civil_format_due (stage->due_ms, end), hearings[i].end) != 0)
            fail_msg ("%s, but by hand %s: %s", end, hearings[i].end, hearings[i].why);
        assert_int_equal (raised_by (held.number, CAUSE_BREACH, DUTY_STAGE), 0);
        assert_int_equal (whole_demolish (state), 0);
    }
    town_start_ms = 0;
}

static void what_the_review_supports_the_first_department_executes (void **state UNUSED)
{
    struct held held = served (OUTCOME_NOT_SUPPORT);
    take_asked (held.number, ASKED_REVIEW);
    decide_and_serve (&held, bureau, 5431, OUTCOME_SUPPORT);
    assert_int_equal (state_of (held.number), STATE_EXECUTING);
    assert_int_equal (course_of (held.number)->department, 11);
    assert_runs (held.number, DUTY_STAGE, "execute", "2026-12-23 24:00");
    take_on (&held, desk, 1131);
    finish (&held);
}

static void a_disputed_execution_goes_back_and_up (void **state UNUSED)
{
    struct held held = claimed_done ();
    assert_runs (held.number, DUTY_STAGE, "confirm", "2026-12-08 24:00");
    take_asked (held.number, ASKED_DISPUTE);
    assert_int_equal (state_of (held.number), STATE_EXECUTING);
    assert_int_equal (raised_by (held.number, CAUSE_DISPUTE, DUTY_NONE), 1);
    uint32_t level = course_of (held.number)->level;
    assert_true (level >= 1);
    finish (&held);
    take_asked (held.number, ASKED_DISPUTE);
    assert_int_equal (state_of (held.number), STATE_EXECUTING);
    assert_int_equal (raised_by (held.number, CAUSE_DISPUTE, DUTY_NONE), 2);
    assert_true (course_of (held.number)->level > level);
}

/* ---- the longest course --------------------------------------------------------------- */

/* Everything at eleven at night of its last day: 15 + 15 + 60 + 30 + 30 + 30 + 30 + 30. The
 * review's last day is Saturday 22 May 2027, and moves on to the Monday: 242 on the wall. */
static void the_longest_course_takes_240_days (void **state UNUSED)
{
    struct held held = { .number = file_with (0, NULL, 1, false) };
    int64_t filed_ms = town_now_ms (town);
    assert_runs (held.number, DUTY_STAGE, "dispatch", "2026-12-08 24:00");
    step_to ("2026-12-08 23:00:00");
    take_step (dispatcher, 3121, a_step (held.number, STEP_DISPATCH, .department = 11));
    assert_runs (held.number, DUTY_STAGE, "accept", "2026-12-23 24:00");
    step_to ("2026-12-23 23:00:00");
    take_on (&held, desk, 1131);
    accept (held.number, held.fencing);
    assert_runs (held.number, DUTY_STAGE, "decide", "2027-02-22 24:00");
    by_two (
        a_step (held.number, STEP_EXTEND, .fencing = held.fencing, .reason = "需要测绘"));
    assert_runs (held.number, DUTY_STAGE, "decide", "2027-03-23 24:00");
    step_to ("2027-03-23 23:00:00");
    take_step (desk, 1131, a_decision (&held, OUTCOME_NOT_SUPPORT));
    take_step (desk, 1131, a_service (&held));
    assert_runs (held.number, DUTY_STAGE, "ask_review", "2027-04-22 24:00");
    step_to ("2027-04-22 23:00:00");
    take_asked (held.number, ASKED_REVIEW);
    assert_runs (held.number, DUTY_STAGE, "review", "2027-05-24 24:00");
    step_to ("2027-05-24 23:00:00");
    decide_and_serve (&held, bureau, 5431, OUTCOME_NOT_SUPPORT);
    assert_runs (held.number, DUTY_STAGE, "ask_rereview", "2027-06-23 24:00");
    step_to ("2027-06-23 23:00:00");
    take_asked (held.number, ASKED_REVIEW);
    assert_runs (held.number, DUTY_STAGE, "rereview", "2027-07-23 24:00");
    step_to ("2027-07-23 23:00:00");
    decide_and_serve (&held, government, 5131, OUTCOME_NOT_SUPPORT);
    assert_closed (held.number, CLOSE_FINAL);
    assert_int_equal (civil_day (town_now_ms (town)) - civil_day (filed_ms), 242);
    assert_int_equal (raised_by (held.number, CAUSE_BREACH, DUTY_STAGE), 0);
    const struct ledger *ledger = ledger_of (held.number);
    uint32_t days = 0;
    for (size_t i = 0; i < ledger->n_duties; i++)
        if (ledger->duties[i].duty == DUTY_STAGE && ledger->duties[i].spent_ms > 0)
            days += ledger->duties[i].amount;
    assert_int_equal (days, 240);
}

#define PATH(test) cmocka_unit_test_setup_teardown (test, whole_build, whole_demolish)

int main (void)
{
    static const struct CMUnitTest tests[] = {
        PATH (what_is_diverted_is_followed_until_it_has_arrived),
        PATH (what_is_not_accepted_by_two_ends_when_that_is_served),
        PATH (a_withdrawal_ends_it_when_somebody_has_asked),
        PATH (a_withdrawal_that_was_not_meant_changes_nothing),
        PATH (what_only_asks_becomes_an_inquiry_and_is_answered),
        PATH (three_days_of_failed_contacts_end_it),
        PATH (a_linked_one_keeps_its_right_of_review),
        PATH (an_agreement_is_executed),
        PATH (it_is_extended_once_and_by_the_head),
        PATH (an_explanation_stands_when_nobody_asks),
        PATH (what_is_refused_three_times_is_final),
        cmocka_unit_test (the_days_of_a_hearing_are_not_counted),
        PATH (what_the_review_supports_the_first_department_executes),
        PATH (a_disputed_execution_goes_back_and_up),
        PATH (the_longest_course_takes_240_days),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
