/* SPDX-License-Identifier: Apache-2.0 */
/* What stands beside the course: contacts, recusal, mediation, category, who went up. */
#include "flow_people.h"

static struct step_command a_contact (uint64_t number, enum means means,
                                      enum contacted contacted)
{
    return a_step (number, STEP_CONTACT, .means = means, .contacted = contacted);
}

static struct step_command a_closing (const struct held *held, enum close_reason reason)
{
    return a_step (held->number, STEP_CLOSE, .fencing = held->fencing,
                   .close_reason = reason);
}

/* ---- contacts -------------------------------------------------------------------------------- */

static void a_call_back_is_recorded_before_it_closes (void **state UNUSED)
{
    struct held held = accepted ();
    take_step (desk, 1132, a_contact (held.number, MEANS_TELEPHONE, CONTACTED_CONFIRMS));
    take_step (desk, 1131, a_decision (&held, OUTCOME_SUPPORT));
    take_step (desk, 1131, a_service (&held));
    take_step (desk, 1131,
               a_step (held.number, STEP_CLAIM_DONE, .fencing = held.fencing));
    struct step_command close = a_closing (&held, CLOSE_CALL_BACK);
    struct refusal *refusal = refused_step (desk, 1131, close);
    assert_int_equal (refusal->code,
                      REFUSAL_MISSING); /* what was said before is not it */
    assert_string_equal (refusal->field, "contacted");
    take_step (desk, 1132, a_contact (held.number, MEANS_TELEPHONE, CONTACTED_CONFIRMS));
    assert_int_equal (take_step (desk, 1131, close)->state, STATE_CLOSED);
}

static void what_was_said_before_it_was_done_does_not_confirm_it (void **state UNUSED)
{
    struct held held = served (OUTCOME_SUPPORT);
    town_step (town, 3 * CIVIL_DAY_MS);
    take_step (desk, 1131,
               a_step (held.number, STEP_CLAIM_DONE, .fencing = held.fencing));
    struct step_command call =
        a_contact (held.number, MEANS_TELEPHONE, CONTACTED_CONFIRMS);
    call.done_at_ms = town_now_ms (town) - CIVIL_DAY_MS;
    assert_string_equal (refused_step (desk, 1131, call)->field, "done_at_ms");
    call.contacted = CONTACTED_NOT_REACHED;
    assert_string_equal (refused_step (desk, 1131, call)->field, "done_at_ms");
    town_step (town, 2 * CIVIL_DAY_MS);
    call.done_at_ms = town_now_ms (town) - CIVIL_DAY_MS;
    take_step (desk, 1131, call); /* entered late, and about this */
    assert_int_equal (last_moved ()->tries, 1);
}

static void a_contact_that_disputes_it_brings_it_back (void **state UNUSED)
{
    struct held held = claimed_done ();
    struct step_done *done = take_step (
        desk, 1133, a_contact (held.number, MEANS_IN_PERSON, CONTACTED_DISPUTES));
    assert_int_equal (done->state, STATE_EXECUTING);
    assert_int_equal (done->holder, 1131);
    assert_int_equal (last_moved ()->contacted, CONTACTED_DISPUTES);
}

static void
who_is_not_reached_on_three_days_by_two_means_is_closed_by_two (void **state UNUSED)
{
    struct held held = claimed_done ();
    struct step_command call =
        a_contact (held.number, MEANS_TELEPHONE, CONTACTED_NOT_REACHED);
    struct step_command close = a_closing (&held, CLOSE_CONTACT_FAILED);
    close.ground = GROUND_NO_ANSWER;
    take_step (desk, 1131, call);
    take_step (desk, 1131, call); /* the same day counts once */
    assert_int_equal (last_moved ()->tries, 1);
    for (unsigned i = 0; i < 2; i++) {
        town_step (town, CIVIL_DAY_MS);
        take_step (desk, 1131, call);
    }
    assert_int_equal (last_moved ()->tries, 3);
    struct refusal *refusal = refused_step (desk, 1131, close);
    assert_int_equal (refusal->code, REFUSAL_MISSING); /* one means only */
    call.means = MEANS_POST;
    take_step (desk, 1131, call);
    close.ground = GROUND_NONE;
    assert_string_equal (refused_step (desk, 1131, close)->field, "ground");
    close.ground = GROUND_GONE;
    assert_true (take_step (desk, 1131, close)->proposed);
    assert_int_equal (take_step (desk, 1111, a_step (held.number, STEP_APPROVE))->state,
                      STATE_CLOSED);
    assert_int_equal (last_moved ()->close_reason, CLOSE_CONTACT_FAILED);
}

static void whoever_is_reached_counts_anew (void **state UNUSED)
{
    struct held held = claimed_done ();
    struct step_command call =
        a_contact (held.number, MEANS_MESSAGE, CONTACTED_NOT_REACHED);
    take_step (desk, 1131, call);
    take_step (desk, 1131, a_contact (held.number, MEANS_TELEPHONE, CONTACTED_CONFIRMS));
    assert_int_equal (last_moved ()->tries, 0);
    town_step (town, CIVIL_DAY_MS);
    take_step (desk, 1131, call);
    assert_int_equal (last_moved ()->tries, 1);
}

static void a_contact_is_what_has_happened (void **state UNUSED)
{
    struct held held = accepted ();
    struct step_command call =
        a_contact (held.number, MEANS_TELEPHONE, CONTACTED_NOT_REACHED);
    call.done_at_ms = town_now_ms (town) + 1000;
    assert_int_equal (refused_step (desk, 1131, call)->code, REFUSAL_FUTURE);
    call.done_at_ms = town_now_ms (town) - 5 * CIVIL_DAY_MS;
    assert_int_equal (refused_step (desk, 1131, call)->code, REFUSAL_MALFORMED);
    call.done_at_ms = 0;
    call.contacted = CONTACTED_NONE;
    assert_string_equal (refused_step (desk, 1131, call)->field, "contacted");
    call.contacted = CONTACTED_CONFIRMS;
    assert_int_equal (refused_step (strange_desk, 1331, call)->code, REFUSAL_TERRITORY);
}

static void a_contact_leaves_the_claim_its_days (void **state UNUSED)
{
    struct held held = claimed ();
    take_step (desk, 1131,
               a_contact (held.number, MEANS_TELEPHONE, CONTACTED_NOT_REACHED));
    town_step_until (town, at_ms ("2026-11-30 23:59:00"));
    assert_int_equal (state_of (held.number), STATE_CLAIMED);
    town_step_until (town, at_ms ("2026-12-01 00:01:00"));
    assert_int_equal (state_of (held.number), STATE_DISPATCHED);
}

/* ---- recusal ---------------------------------------------------------------------------------- */

static void who_has_an_interest_hands_it_over (void **state UNUSED)
{
    struct held held = accepted ();
    struct step_command recuse = a_step (held.number, STEP_RECUSE);
    assert_int_equal (refused_step (desk, 1131, recuse)->code, REFUSAL_MISSING);
    recuse.reason = "当事人是亲属";
    struct step_done *done = take_step (desk, 1131, recuse);
    assert_int_equal (done->state, STATE_HANDLING);
    assert_int_equal (done->holder, 0);
    assert_int_equal (last_moved ()->worker, 1131);
    assert_int_equal (last_moved ()->article, 28);
    assert_int_equal (refused_step (desk, 1131, a_step (held.number, STEP_CLAIM))->code,
                      REFUSAL_ACCUSED);
    assert_int_equal (
        refused_step (desk, 1111, a_step (held.number, STEP_ASSIGN, .worker = 1131))
            ->code,
        REFUSAL_ACCUSED);
    struct item *item = item_for (desk, held.number);
    assert_int_equal (item->n_recused, 1);
    assert_int_equal (item->recused[0], 1131);
    take_step (desk, 1132, a_step (held.number, STEP_CLAIM));
}

static void what_the_recused_proposed_is_not_approved (void **state UNUSED)
{
    struct held held = accepted ();
    take_step (desk, 1131,
               a_step (held.number, STEP_EXTEND, .fencing = held.fencing,
                       .reason = "需重新测绘"));
    take_step (desk, 1111,
               a_step (held.number, STEP_RECUSE, .worker = 1131, .reason = "有利害关系"));
    struct step_command approve = a_step (held.number, STEP_APPROVE);
    assert_int_equal (refused_step (desk, 1111, approve)->code, REFUSAL_ACCUSED);
    take_step (desk, 1111, a_step (held.number, STEP_REJECT, .reason = "提出人已回避"));
}

static void a_recused_claim_waits_again (void **state UNUSED)
{
    struct held held = claimed ();
    struct step_command recuse =
        a_step (held.number, STEP_RECUSE, .worker = 1131, .reason = "有利害关系");
    assert_int_equal (refused_step (desk, 1132, recuse)->code, REFUSAL_NO_RIGHT);
    assert_int_equal (take_step (desk, 1111, recuse)->state, STATE_DISPATCHED);
    assert_int_equal (refused_step (desk, 1111, recuse)->code, REFUSAL_WRONG_STATE);
    recuse.worker = 1331; /* of another department */
    assert_int_equal (refused_step (desk, 1111, recuse)->code, REFUSAL_UNKNOWN_PERSON);
}

static void the_holder_stays_when_another_is_recused (void **state UNUSED)
{
    struct held held = claimed ();
    struct step_done *done =
        take_step (desk, 1132, a_step (held.number, STEP_RECUSE, .reason = "是他的邻居"));
    assert_int_equal (done->state, STATE_CLAIMED);
    assert_int_equal (done->holder, 1131);
    assert_int_equal (refused_step (desk, 1131,
                                    a_step (held.number, STEP_TRANSFER, .worker = 1132,
                                            .fencing = held.fencing))
                          ->code,
                      REFUSAL_ACCUSED);
    accept (held.number, held.fencing);
}

static void a_recused_head_is_not_the_second_person (void **state UNUSED)
{
    struct held held = accepted ();
    take_step (
        desk, 1131,
        a_step (held.number, STEP_EXTEND, .fencing = held.fencing, .reason = "复杂"));
    take_step (desk, 1111, a_step (held.number, STEP_RECUSE, .reason = "亲属"));
    struct step_command approve = a_step (held.number, STEP_APPROVE);
    assert_int_equal (refused_step (desk, 1111, approve)->code, REFUSAL_ACCUSED);
    take_step (desk, 1112, approve);
}

/* ---- mediation ---------------------------------------------------------------------------------- */

static void what_is_agreed_is_executed (void **state UNUSED)
{
    struct held held = accepted ();
    struct step_command mediate =
        a_step (held.number, STEP_MEDIATE, .fencing = held.fencing);
    struct step_command end =
        a_step (held.number, STEP_END_MEDIATION, .fencing = held.fencing);
    struct step_command agree =
        a_step (held.number, STEP_AGREE, .fencing = held.fencing, .text = "十日内付清");
    assert_int_equal (refused_step (desk, 1131, agree)->code, REFUSAL_WRONG_STATE);
    assert_int_equal (take_step (desk, 1131, mediate)->state, STATE_MEDIATING);
    assert_int_equal (refused_step (desk, 1131, end)->code, REFUSAL_MISSING);
    end.reason = "双方差距大";
    assert_int_equal (take_step (desk, 1131, end)->state, STATE_HANDLING);
    take_step (desk, 1131, mediate);
    assert_int_equal (take_step (desk, 1131, agree)->state, STATE_EXECUTING);
    assert_int_equal (last_moved ()->outcome, OUTCOME_AGREED);
    take_step (desk, 1131,
               a_step (held.number, STEP_CLAIM_DONE, .fencing = held.fencing));
    ask (held.number, ASKED_CONFIRM, NULL);
    ask (held.number, ASKED_REVIEW, NULL);
    assert_false (is_taken ()); /* nobody decided anything */
    ask (held.number, ASKED_DISPUTE, "没有付");
    assert_int_equal (state_of (held.number), STATE_EXECUTING); /* the agreement stands */
}

/* ---- category, went up ----------------------------------------------------------------------------- */

static void another_category_moves_nothing (void **state UNUSED)
{
    struct held held = claimed ();
    struct step_command categorise =
        a_step (held.number, STEP_CATEGORISE, .category = "没有这一类");
    assert_int_equal (refused_step (desk, 1111, categorise)->code,
                      REFUSAL_UNKNOWN_CATEGORY);
    categorise.category = "国土资源/土地征收";
    assert_int_equal (refused_step (desk, 1111, categorise)->code, REFUSAL_WRONG_STATE);
    categorise.category = "环境保护";
    assert_int_equal (refused_step (desk, 1132, categorise)->code, REFUSAL_NO_RIGHT);
    struct step_done *done = take_step (dispatcher, 3121, categorise);
    assert_int_equal (done->state, STATE_CLAIMED);
    assert_int_equal (done->holder, 1131);
    assert_string_equal (item_for (desk, held.number)->row->matter->category, "环境保护");
    categorise.category = "国土资源/土地征收";
    categorise.fencing = held.fencing;
    take_step (desk, 1131, categorise);
    accept (held.number, held.fencing);
    take_step (desk, 1131, a_decision (&held, OUTCOME_EXPLAIN));
    categorise.category = "环境保护";
    assert_int_equal (refused_step (desk, 1131, categorise)->code, REFUSAL_WRONG_STATE);
}

static void who_went_up_is_entered_by_whoever_hears_of_it (void **state UNUSED)
{
    struct held held = served (OUTCOME_EXPLAIN);
    struct step_command up = a_step (held.number, STEP_WENT_UP);
    assert_int_equal (refused_step (dispatcher, 3121, up)->code, REFUSAL_MISSING);
    up.level = 2;
    up.persons = 12;
    up.done_at_ms = at_ms ("1999-12-31 23:59:59");
    assert_string_equal (refused_step (dispatcher, 3121, up)->field, "done_at_ms");
    up.done_at_ms = town_now_ms (town) + 60000;
    assert_int_equal (refused_step (dispatcher, 3121, up)->code, REFUSAL_FUTURE);
    up.done_at_ms = at_ms ("2000-01-01 00:00:00"); /* an old matter */
    take_step (dispatcher, 3121, up);
    up.done_at_ms = 0;
    take_step (dispatcher, 3121, up);
    assert_int_equal (last_moved ()->level, 2);
    assert_int_equal (last_moved ()->persons, 12);
    take_step (leader, 1002, up);
    up.persons = 0;
    take_step (desk, 1132, up);
    assert_int_equal (last_moved ()->persons, 1);
    assert_int_equal (last_moved ()->from, last_moved ()->to);
    assert_int_equal (refused_step (strange_desk, 1331, up)->code, REFUSAL_TERRITORY);

    town_step (town, 40 * CIVIL_DAY_MS); /* the window goes on, and closes it */
    assert_int_equal (state_of (held.number), STATE_CLOSED);
    int64_t days_ms = 20 * CIVIL_DAY_MS;
    town_step (town, days_ms);
    take_step (desk, 1132, up); /* a closed one stays as it was closed */
    town_step (town, days_ms);
    ask (held.number, ASKED_DISPUTE, NULL);
    assert_false (is_taken ());
}

static void a_leader_takes_no_other_step (void **state UNUSED)
{
    uint64_t number = file (0);
    town_settle (town);
    assert_int_equal (refused_step (leader, 1002, a_step (number, STEP_CLAIM))->code,
                      REFUSAL_NO_RIGHT);
    struct town_client *elsewhere =
        town_client (town, ROLE_LEADER, 3099, .territory = 340522101);
    assert_int_equal (
        refused_step (elsewhere, 10101, a_step (number, STEP_WENT_UP, .level = 1))->code,
        REFUSAL_TERRITORY);
}

#define STORY(name) cmocka_unit_test_setup_teardown (name, flow_setup, flow_demolish)

int main (void)
{
    const struct CMUnitTest tests[] = {
        STORY (a_call_back_is_recorded_before_it_closes),
        STORY (what_was_said_before_it_was_done_does_not_confirm_it),
        STORY (a_contact_that_disputes_it_brings_it_back),
        STORY (who_is_not_reached_on_three_days_by_two_means_is_closed_by_two),
        STORY (whoever_is_reached_counts_anew),
        STORY (a_contact_is_what_has_happened),
        STORY (a_contact_leaves_the_claim_its_days),
        STORY (who_has_an_interest_hands_it_over),
        STORY (what_the_recused_proposed_is_not_approved),
        STORY (a_recused_claim_waits_again),
        STORY (the_holder_stays_when_another_is_recused),
        STORY (a_recused_head_is_not_the_second_person),
        STORY (what_is_agreed_is_executed),
        STORY (another_category_moves_nothing),
        STORY (who_went_up_is_entered_by_whoever_hears_of_it),
        STORY (a_leader_takes_no_other_step),
    };
    return cmocka_run_group_tests_name ("routing beside", tests, NULL, NULL);
}
