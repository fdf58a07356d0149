/* SPDX-License-Identifier: Apache-2.0 */
/* Review and re-review: one level up each, decided again, then final. */
#include "flow_people.h"

/* Above department 11 stand 54, and above that 51; above 51 nobody. */
static struct town_client *bureau, *government;

static int build (void **state)
{
    flow_setup (state);
    bureau = town_client (town, ROLE_DESK, 2054, .department = 54);
    government = town_client (town, ROLE_DESK, 2051, .department = 51);
    return 0;
}

static void take_on (struct held *held, struct town_client *client, uint32_t person)
{
    held->fencing =
        take_step (client, person, a_step (held->number, STEP_CLAIM))->fencing;
}

static void review_decided (struct held *held, struct town_client *client,
                            uint32_t person, enum decision_outcome outcome)
{
    take_on (held, client, person);
    take_step (client, person, a_decision (held, outcome));
    take_step (client, person, a_service (held));
}

static struct held under_review (enum decision_outcome outcome)
{
    struct held held = served (outcome);
    ask (held.number, ASKED_REVIEW, "标准不对");
    assert_true (is_taken ());
    return held;
}

static struct held under_rereview (void)
{
    struct held held = under_review (OUTCOME_NOT_SUPPORT);
    review_decided (&held, bureau, 5431, OUTCOME_NOT_SUPPORT);
    ask (held.number, ASKED_REVIEW, "还是不对");
    assert_true (is_taken ());
    return held;
}

/* ---- 复查 --------------------------------------------------------------------------------- */

static void a_review_is_for_the_department_above (void **state UNUSED)
{
    struct held held = under_review (OUTCOME_EXPLAIN);
    const struct moved *moved = last_moved ();
    assert_int_equal (moved->step, STEP_REVIEW);
    assert_int_equal (moved->to, STATE_REVIEWING);
    assert_int_equal (moved->department, 54);
    assert_int_equal (moved->previous_department, 11);
    assert_int_equal (moved->holder, 0);
    assert_int_equal (moved->instance, 2);
    assert_int_equal (moved->article, 35);
    assert_int_equal (queue_by (bureau, (struct queue_query){ .department = 54 })->n_rows,
                      1);
    assert_int_equal (item_for (bureau, held.number)->row->instance, 2);
    assert_int_equal (
        refused_step (desk, 1131, a_decision (&held, OUTCOME_SUPPORT))->code,
        REFUSAL_TERRITORY);
    ask (held.number, ASKED_REVIEW, NULL);
    assert_false (is_taken ()); /* once for each service */
    town_step (town, 60 * CIVIL_DAY_MS);
    assert_int_equal (state_of (held.number), STATE_REVIEWING); /* no window closes it */
}

static void a_review_is_decided_on_the_merits (void **state UNUSED)
{
    struct held held = under_review (OUTCOME_EXPLAIN);
    take_on (&held, bureau, 5431);
    assert_int_equal (
        refused_step (bureau, 5431, a_decision (&held, OUTCOME_ANSWERED))->code,
        REFUSAL_MALFORMED);
    take_step (bureau, 5431, a_decision (&held, OUTCOME_EXPLAIN));
    assert_int_equal (last_moved ()->instance, 2);
    assert_int_equal (last_moved ()->article, 35);
    assert_int_equal (take_step (bureau, 5431, a_service (&held))->state, STATE_WINDOW);
    assert_int_not_equal (last_moved ()->lapses_at_ms, 0);
}

static void who_decided_first_executes_what_the_review_supports (void **state UNUSED)
{
    struct held held = under_review (OUTCOME_NOT_SUPPORT);
    review_decided (&held, bureau, 5431, OUTCOME_SUPPORT);
    const struct moved *moved = last_moved ();
    assert_int_equal (moved->to, STATE_EXECUTING);
    assert_int_equal (moved->department, 11);
    assert_int_equal (moved->previous_department, 54);
    assert_int_equal (moved->holder, 0);
    take_on (&held, desk, 1132);
    take_step (desk, 1132,
               a_step (held.number, STEP_CLAIM_DONE, .fencing = held.fencing));
    /* Half of it only, says the petitioner: the next one up is above the bureau. */
    ask (held.number, ASKED_REVIEW, "只支持了一半");
    assert_true (is_taken ());
    assert_int_equal (last_moved ()->department, 51);
    assert_int_equal (last_moved ()->to, STATE_REREVIEWING);
}

static void review_of_a_support_may_be_asked_while_it_is_executed (void **state UNUSED)
{
    struct held held = served (OUTCOME_SUPPORT);
    assert_int_equal (state_of (held.number), STATE_EXECUTING);
    town_step (town, 40 * CIVIL_DAY_MS);
    assert_int_equal (state_of (held.number), STATE_EXECUTING);
    ask (held.number, ASKED_REVIEW, "太少");
    assert_false (is_taken ()); /* thirty days are over */
    struct held again = under_review (OUTCOME_SUPPORT);
    assert_int_equal (state_of (again.number), STATE_REVIEWING);
}

static void review_is_asked_in_time_also_of_what_was_closed (void **state UNUSED)
{
    struct held held = claimed_done ();
    ask (held.number, ASKED_CONFIRM, NULL);
    assert_int_equal (state_of (held.number), STATE_CLOSED);
    ask (held.number, ASKED_REVIEW, "签错了");
    assert_true (is_taken ());
    assert_int_equal (state_of (held.number), STATE_REVIEWING);
}

static void review_is_asked_of_decisions_only (void **state UNUSED)
{
    struct held held = accepted ();
    ask (held.number, ASKED_REVIEW, NULL);
    assert_false (is_taken ());
}

static void a_review_that_was_withdrawn_can_come_back (void **state UNUSED)
{
    struct held held = under_review (OUTCOME_EXPLAIN);
    ask (held.number, ASKED_WITHDRAW, NULL);
    take_step (bureau, 5411, a_step (held.number, STEP_APPROVE, .text = "本人撤回"));
    assert_int_equal (state_of (held.number), STATE_CLOSED);
    ask (held.number, ASKED_DISPUTE, "被劝撤");
    assert_true (is_taken ());
    assert_int_equal (state_of (held.number), STATE_REVIEWING);
    assert_int_equal (last_moved ()->department, 54);
}

/* ---- 复核 --------------------------------------------------------------------------------- */

static void a_re_review_is_one_level_further_up_and_final (void **state UNUSED)
{
    struct held held = under_rereview ();
    assert_int_equal (last_moved ()->to, STATE_REREVIEWING);
    assert_int_equal (last_moved ()->department, 51);
    assert_int_equal (last_moved ()->instance, 3);
    assert_int_equal (last_moved ()->article, 36);
    review_decided (&held, government, 5131, OUTCOME_EXPLAIN);
    assert_int_equal (last_moved ()->to, STATE_CLOSED);
    assert_int_equal (last_moved ()->close_reason, CLOSE_FINAL);
    ask (held.number, ASKED_REVIEW, NULL);
    assert_false (is_taken ());
    ask (held.number, ASKED_DISPUTE, NULL);
    assert_false (is_taken ());
}

static void what_a_re_review_supports_is_executed_and_closed (void **state UNUSED)
{
    struct held held = under_rereview ();
    review_decided (&held, government, 5131, OUTCOME_SUPPORT);
    assert_int_equal (last_moved ()->to, STATE_EXECUTING);
    assert_int_equal (last_moved ()->department, 11);
    assert_int_equal (last_moved ()->lapses_at_ms, 0); /* no further appeal */
    take_on (&held, desk, 1131);
    take_step (desk, 1131,
               a_step (held.number, STEP_CLAIM_DONE, .fencing = held.fencing));
    ask (held.number, ASKED_CONFIRM, NULL);
    assert_int_equal (state_of (held.number), STATE_CLOSED);
}

static void the_same_matter_again_is_no_longer_accepted (void **state UNUSED)
{
    struct held final = under_rereview ();
    struct held again = claimed ();
    struct step_command refuse =
        a_step (again.number, STEP_REFUSE, .fencing = again.fencing,
                .ground = GROUND_FINAL, .reason = "同一事实和理由，已复核终结");
    assert_string_equal (refused_step (desk, 1131, refuse)->field, "link_to");
    refuse.link_to = 1;
    assert_int_equal (refused_step (desk, 1131, refuse)->code, REFUSAL_NOT_FOUND);
    refuse.link_to = final.number; /* not yet */
    assert_int_equal (refused_step (desk, 1131, refuse)->code, REFUSAL_WRONG_STATE);
    review_decided (&final, government, 5131, OUTCOME_NOT_SUPPORT);
    take_step (desk, 1131, refuse);
    take_step (desk, 1111, a_step (again.number, STEP_APPROVE));
    assert_int_equal (last_moved ()->link_to, final.number);
    assert_int_equal (last_moved ()->article, 36);
    take_step (desk, 1131, a_service (&again));
    assert_int_equal (last_moved ()->close_reason, CLOSE_NO_LONGER_ACCEPTED);
}

/* ---- 听证 --------------------------------------------------------------------------------- */

static void a_hearing_is_held_in_the_re_review_alone (void **state UNUSED)
{
    struct held held = under_review (OUTCOME_EXPLAIN);
    take_on (&held, bureau, 5431);
    struct step_command hear = a_step (held.number, STEP_HEAR, .fencing = held.fencing);
    assert_int_equal (refused_step (bureau, 5431, hear)->code, REFUSAL_WRONG_STATE);
    take_step (bureau, 5431, a_decision (&held, OUTCOME_EXPLAIN));
    take_step (bureau, 5431, a_service (&held));
    ask (held.number, ASKED_REVIEW, NULL);
    take_on (&held, government, 5131);
    hear.fencing = held.fencing;
    assert_int_equal (take_step (government, 5131, hear)->state, STATE_HEARING);
    assert_int_equal (last_moved ()->article, 36);
    assert_int_equal (
        refused_step (government, 5131, a_decision (&held, OUTCOME_EXPLAIN))->code,
        REFUSAL_WRONG_STATE);
    struct step_command end =
        a_step (held.number, STEP_END_HEARING, .fencing = held.fencing, .text = "笔录");
    assert_int_equal (take_step (government, 5131, end)->state, STATE_REREVIEWING);
}

static void a_re_review_has_one_hearing (void **state UNUSED)
{
    struct held held = under_rereview ();
    take_on (&held, government, 5131);
    struct step_command hear = a_step (held.number, STEP_HEAR, .fencing = held.fencing);
    take_step (government, 5131, hear);
    take_step (government, 5131,
               a_step (held.number, STEP_END_HEARING, .fencing = held.fencing));
    struct refusal *refusal = refused_step (government, 5131, hear);
    assert_int_equal (refusal->code, REFUSAL_WRONG_STATE);
    assert_null (strstr (refusal->sentence, ", hear"));
    take_step (government, 5131, a_decision (&held, OUTCOME_SUPPORT));
}

static void a_hearing_ends_by_itself_and_is_still_held (void **state UNUSED)
{
    struct held held = under_rereview ();
    take_on (&held, government, 5131);
    take_step (government, 5131,
               a_step (held.number, STEP_HEAR, .fencing = held.fencing));
    int64_t end_ms = last_moved ()->lapses_at_ms;
    assert_int_equal (end_ms, at_ms ("2026-12-24 00:00:00"));
    take_step (government, 5131,
               a_step (held.number, STEP_CONTACT, .means = MEANS_TELEPHONE,
                       .contacted = CONTACTED_NOT_REACHED)); /* moves no clock */
    town_step_until (town, end_ms - 1000);
    assert_int_equal (state_of (held.number), STATE_HEARING);
    town_step_until (town, end_ms + 60000);
    assert_int_equal (state_of (held.number), STATE_REREVIEWING);
    assert_int_equal (last_moved ()->step, STEP_LAPSE);
    take_step (government, 5131, a_decision (&held, OUTCOME_SUPPORT));
}

static void a_hearing_that_changes_hands_still_ends_by_itself (void **state UNUSED)
{
    struct held held = under_rereview ();
    take_on (&held, government, 5131);
    take_step (government, 5131,
               a_step (held.number, STEP_HEAR, .fencing = held.fencing));
    int64_t end_ms = last_moved ()->lapses_at_ms;
    take_step (government, 5131,
               a_step (held.number, STEP_HAND_BACK, .fencing = held.fencing));
    take_on (&held, government, 5111);
    take_step (government, 5111,
               a_step (held.number, STEP_RECUSE, .reason = "与当事人有亲属关系"));
    town_step_until (town, end_ms - 1000);
    assert_int_equal (state_of (held.number), STATE_HEARING);
    town_step_until (town, end_ms + 60000);
    assert_int_equal (state_of (held.number), STATE_REREVIEWING);
}

/* ---- nobody above -------------------------------------------------------------------------- */

static void where_nobody_is_above_the_dispatcher_names_who_reviews (void **state UNUSED)
{
    struct held held = { .number = file_with (0, NULL, 1, false) };
    town_settle (town);
    take_step (dispatcher, 3121, a_step (held.number, STEP_DISPATCH, .department = 51));
    take_on (&held, government, 5131);
    take_step (government, 5131,
               a_step (held.number, STEP_ACCEPT, .fencing = held.fencing));
    take_step (government, 5131, a_decision (&held, OUTCOME_EXPLAIN));
    take_step (government, 5131, a_service (&held));
    ask (held.number, ASKED_REVIEW, NULL);
    assert_int_equal (state_of (held.number), STATE_REVIEWING);
    assert_int_equal (last_moved ()->department, 0);
    assert_int_equal (queue_by (dispatcher, (struct queue_query){ 0 })->n_rows, 1);

    struct step_command dispatch =
        a_step (held.number, STEP_DISPATCH, .department = 51, .reason = "指定复查");
    assert_int_equal (refused_step (dispatcher, 3121, dispatch)->code,
                      REFUSAL_TERRITORY); /* nobody reviews their own decision */
    dispatch.department = 52;
    assert_int_equal (take_step (dispatcher, 3121, dispatch)->state, STATE_REVIEWING);
    dispatch.department = 54;
    assert_int_equal (refused_step (dispatcher, 3121, dispatch)->code,
                      REFUSAL_WRONG_STATE); /* it has one now */
}

static void who_decided_first_never_re_reviews (void **state UNUSED)
{
    struct town_client *petitions = town_client (town, ROLE_DESK, 2052, .department = 52);
    struct held held = { .number = file_with (0, NULL, 1, false) };
    town_settle (town);
    take_step (dispatcher, 3121, a_step (held.number, STEP_DISPATCH, .department = 51));
    take_on (&held, government, 5131);
    take_step (government, 5131,
               a_step (held.number, STEP_ACCEPT, .fencing = held.fencing));
    take_step (government, 5131, a_decision (&held, OUTCOME_EXPLAIN));
    take_step (government, 5131, a_service (&held));
    ask (held.number, ASKED_REVIEW, NULL);
    take_step (dispatcher, 3121,
               a_step (held.number, STEP_DISPATCH, .department = 52, .reason = "指定"));
    review_decided (&held, petitions, 5231, OUTCOME_EXPLAIN);
    ask (held.number, ASKED_REVIEW, NULL); /* above 52 is 51 */
    assert_int_equal (last_moved ()->to, STATE_REREVIEWING);
    assert_int_equal (last_moved ()->department, 0);
}

#define STORY(name) cmocka_unit_test_setup_teardown (name, build, flow_demolish)

int main (void)
{
    const struct CMUnitTest tests[] = {
        STORY (a_review_is_for_the_department_above),
        STORY (a_review_is_decided_on_the_merits),
        STORY (who_decided_first_executes_what_the_review_supports),
        STORY (review_of_a_support_may_be_asked_while_it_is_executed),
        STORY (review_is_asked_in_time_also_of_what_was_closed),
        STORY (review_is_asked_of_decisions_only),
        STORY (a_review_that_was_withdrawn_can_come_back),
        STORY (a_re_review_is_one_level_further_up_and_final),
        STORY (what_a_re_review_supports_is_executed_and_closed),
        STORY (the_same_matter_again_is_no_longer_accepted),
        STORY (a_hearing_is_held_in_the_re_review_alone),
        STORY (a_re_review_has_one_hearing),
        STORY (a_hearing_ends_by_itself_and_is_still_held),
        STORY (a_hearing_that_changes_hands_still_ends_by_itself),
        STORY (where_nobody_is_above_the_dispatcher_names_who_reviews),
        STORY (who_decided_first_never_re_reviews),
    };
    return cmocka_run_group_tests_name ("routing review", tests, NULL, NULL);
}
