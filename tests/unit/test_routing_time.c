/* SPDX-License-Identifier: Apache-2.0 */
/* The time to decide counts from the first acceptance, whoever accepts again; papers,
 * notices and ledger say one day, and what is over is not extended. */
#include "whole_people.h"

#define STORY(name) cmocka_unit_test_setup_teardown (name, whole_build, whole_demolish)

static struct step_command an_extension (const struct held *held)
{
    return a_step (held->number, STEP_EXTEND, .fencing = held->fencing,
                   .reason = "需重新测绘");
}

static struct step_command an_acceptance (const struct held *held)
{
    return a_step (held->number, STEP_ACCEPT, .fencing = held->fencing);
}

/* The text of the last document of this grievance. */
static const char *last_paper (struct town_client *client, uint64_t number)
{
    struct document_query query = { .number = number };
    town_settle (town);
    struct reply *reply =
        town_query (client, SPEAKER_ROUTING, &(struct query){ .documents = &query });
    assert_non_null (reply->documents);
    query.sequence = reply->documents->rows[reply->documents->n_rows - 1].sequence;
    reply = town_query (client, SPEAKER_ROUTING, &(struct query){ .documents = &query });
    assert_non_null (reply->documents);
    return reply->documents->rows[0].text;
}

static void assert_says (const char *paper, const char *words)
{
    if (strstr (paper, words) == NULL)
        fail_msg ("not “%s”, but: %s", words, paper);
}

/* Accepted by department 11 on 11-23, overruled, accepted by department 12 on 12-03. */
static struct held accepted_twice (void)
{
    struct held held = accepted ();
    step_to ("2026-12-03 09:00:00");
    take_step (dispatcher, 3121,
               a_step (held.number, STEP_DISPATCH, .department = 12,
                       .reason = "应由村镇建设所办理"));
    held.fencing =
        take_step (other_desk, 1231, a_step (held.number, STEP_CLAIM))->fencing;
    take_step (other_desk, 1231, an_acceptance (&held));
    return held;
}

static void what_is_accepted_again_has_what_is_left_of_the_time (void **state UNUSED)
{
    struct held held = accepted_twice ();
    assert_runs (held.number, DUTY_STAGE, "decide", "2027-01-22 24:00");
    assert_int_equal (last_moved ()->counted_from_ms, at_ms ("2026-11-23 09:00:00"));
    assert_says (last_paper (other_desk, held.number), "至迟于2027年1月22日");
    take_step (other_desk, 1231, an_extension (&held));
    take_step (other_desk, 1211, a_step (held.number, STEP_APPROVE));
    assert_runs (held.number, DUTY_STAGE, "decide", "2027-02-22 24:00");
    const char *paper = last_paper (other_desk, held.number);
    assert_says (paper, "于2026年11月23日受理，原定至迟于2027年1月22日");
    assert_says (paper, "至迟于2027年2月22日");
}

static void a_dispute_gives_the_time_to_decide_anew (void **state UNUSED)
{
    struct held held = claimed ();
    by_two (a_step (held.number, STEP_REFUSE, .fencing = held.fencing,
                    .ground = GROUND_PROCEDURE_RUNS, .reason = "法院正在审理"));
    take_step (desk, 1131, a_service (&held));
    step_to ("2026-12-03 09:00:00");
    ask (held.number, ASKED_DISPUTE, "法院没有受理");
    held.fencing = claim (held.number);
    take_step (desk, 1131, an_acceptance (&held));
    assert_int_equal (last_moved ()->counted_from_ms, town_now_ms (town));
    assert_runs (held.number, DUTY_STAGE, "decide", "2027-02-01 24:00");
    assert_says (last_paper (desk, held.number), "至迟于2027年2月1日");
}

static void what_is_decided_again_counts_from_the_dispute (void **state UNUSED)
{
    struct held held = served (OUTCOME_EXPLAIN);
    step_to ("2026-12-03 09:00:00");
    ask (held.number, ASKED_CONFIRM, NULL);
    step_to ("2026-12-13 09:00:00");
    ask (held.number, ASKED_DISPUTE, "有新的材料");
    assert_int_equal (state_of (held.number), STATE_HANDLING);
    assert_runs (held.number, DUTY_STAGE, "decide", "2027-02-11 24:00");
    held.fencing = claim (held.number);
    by_two (an_extension (&held));
    assert_says (last_paper (desk, held.number), "原定至迟于2027年2月11日");
}

static void what_is_executed_once_more_was_accepted_when_it_was (void **state UNUSED)
{
    struct held held = served (OUTCOME_SUPPORT);
    for (unsigned time = 0; time < 2; time++) {
        step_to (time == 0 ? "2026-12-03 09:00:00" : "2026-12-08 09:00:00");
        take_step (desk, 1131,
                   a_step (held.number, STEP_CLAIM_DONE, .fencing = held.fencing));
        ask (held.number, ASKED_CONFIRM, NULL);
        assert_says (last_paper (desk, held.number), "受理日期：2026年11月23日");
        if (time == 1)
            break;
        ask (held.number, ASKED_DISPUTE, "钱没有到账");
        held.fencing = claim (held.number);
    }
}

static void what_is_over_is_not_extended (void **state UNUSED)
{
    struct held held = accepted ();
    step_to ("2027-01-22 23:59:00");
    take_step (desk, 1131, an_extension (&held));
    step_to ("2027-01-23 00:00:00");
    struct refusal *refusal =
        refused_step (desk, 1111, a_step (held.number, STEP_APPROVE));
    assert_int_equal (refusal->code, REFUSAL_WRONG_STATE);
    take_step (desk, 1111, a_step (held.number, STEP_REJECT, .reason = "已经超期"));
    assert_int_equal (refused_step (desk, 1131, an_extension (&held))->code,
                      REFUSAL_WRONG_STATE);
}

static void who_accepts_again_late_extends_nothing (void **state UNUSED)
{
    struct held held = accepted ();
    step_to ("2027-01-25 09:00:00");
    take_step (dispatcher, 3121,
               a_step (held.number, STEP_DISPATCH, .department = 12,
                       .reason = "应由村镇建设所办理"));
    held.fencing =
        take_step (other_desk, 1231, a_step (held.number, STEP_CLAIM))->fencing;
    take_step (other_desk, 1231, an_acceptance (&held));
    assert_int_equal (refused_step (other_desk, 1231, an_extension (&held))->code,
                      REFUSAL_WRONG_STATE);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        STORY (what_is_accepted_again_has_what_is_left_of_the_time),
        STORY (a_dispute_gives_the_time_to_decide_anew),
        STORY (what_is_decided_again_counts_from_the_dispute),
        STORY (what_is_executed_once_more_was_accepted_when_it_was),
        STORY (what_is_over_is_not_extended),
        STORY (who_accepts_again_late_extends_nothing),
    };
    return cmocka_run_group_tests_name ("routing time", tests, NULL, NULL);
}
