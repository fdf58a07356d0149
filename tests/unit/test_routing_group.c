/* SPDX-License-Identifier: Apache-2.0 */
/* Groups: a member goes on with its lead, and keeps its number and its right of review. */
#include "flow_people.h"

static struct step_command a_link (uint64_t number, uint64_t lead)
{
    return a_step (number, STEP_LINK, .ground = GROUND_SAME_MATTER, .link_to = lead);
}

/* By the head, who need not hold it, and a deputy. */
static void link_to (uint64_t number, uint64_t lead)
{
    town_settle (town);
    take_step (desk, 1111, a_link (number, lead));
    take_step (desk, 1112, a_step (number, STEP_APPROVE));
}

static void serve_lead (struct held *held, enum decision_outcome outcome)
{
    accept (held->number, held->fencing);
    take_step (desk, 1131, a_decision (held, outcome));
    take_step (desk, 1131, a_service (held));
    town_settle (town);
    town_step (town, 60000);
}

static enum decision_outcome served_on (uint64_t number)
{
    struct course *course = course_of (number);
    for (size_t i = course->n_steps; i-- > 0;)
        if (course->steps[i].kind == KIND_MOVED)
            return course->steps[i].step == STEP_SERVE
                       ? (enum decision_outcome) course->steps[i].outcome
                       : OUTCOME_NONE;
    return OUTCOME_NONE;
}

static void a_linked_grievance_is_closed_by_two_persons (void **state UNUSED)
{
    struct held lead = claimed ();
    uint64_t member = file (1);
    town_settle (town);
    assert_int_equal (refused_step (desk, 1131, a_link (member, lead.number))->code,
                      REFUSAL_NO_RIGHT); /* neither holder nor head */
    link_to (member, lead.number);
    assert_int_equal (state_of (member), STATE_CLOSED);
    assert_int_equal (last_moved ()->close_reason, CLOSE_LINKED);
    assert_int_equal (last_moved ()->link_to, lead.number);
    assert_int_equal (last_moved ()->ground, GROUND_SAME_MATTER);
}

static void the_lead_is_open_of_the_township_and_no_member (void **state UNUSED)
{
    struct held lead = claimed ();
    uint64_t member = file (1), other = file (0);
    town_settle (town);
    struct step_command link = a_link (member, member);
    assert_int_equal (refused_step (desk, 1111, link)->code, REFUSAL_MALFORMED);
    link.link_to = 0;
    assert_int_equal (refused_step (desk, 1111, link)->code, REFUSAL_MISSING);
    link.link_to = 12345;
    assert_int_equal (refused_step (desk, 1111, link)->code, REFUSAL_NOT_FOUND);
    link_to (member, lead.number);
    link = a_link (other, member); /* closed, and linked itself */
    assert_int_equal (refused_step (desk, 1111, link)->code, REFUSAL_WRONG_STATE);
    link = a_link (lead.number, other); /* it leads a group */
    assert_string_equal (refused_step (desk, 1111, link)->field, "number");
}

static uint64_t file_for (unsigned at, enum purpose purpose)
{
    return file_matter (
        at, (struct matter){ .category = "国土资源/土地征收", .purpose = purpose });
}

static void what_is_decided_on_the_merits_stays_together (void **state UNUSED)
{
    uint64_t request = file (0), appeal = file_for (0, PURPOSE_APPEAL),
             other = file_for (0, PURPOSE_OTHER), inquiry = file_for (0, PURPOSE_INQUIRY),
             same = file_for (1, PURPOSE_INQUIRY);
    town_settle (town);
    struct refusal *refusal = refused_step (desk, 1111, a_link (request, inquiry));
    assert_int_equal (refusal->code, REFUSAL_WRONG_STATE);
    assert_string_equal (refusal->field, "link_to");
    assert_int_equal (refused_step (desk, 1111, a_link (inquiry, request))->code,
                      REFUSAL_WRONG_STATE);
    link_to (same, inquiry);
    link_to (appeal, request);
    link_to (other, request);
}

static void a_lead_keeps_its_purpose (void **state UNUSED)
{
    struct held lead = claimed ();
    uint64_t member = file (1);
    struct step_command repurpose = a_step (
        lead.number, STEP_REPURPOSE, .fencing = lead.fencing, .purpose = PURPOSE_INQUIRY,
        .ground = GROUND_ASKS_ONLY, .reason = "只问标准");
    take_step (desk, 1131, repurpose);
    link_to (member, lead.number);
    struct step_command approve = a_step (lead.number, STEP_APPROVE);
    assert_int_equal (refused_step (desk, 1111, approve)->code, REFUSAL_WRONG_STATE);
    take_step (desk, 1111, a_step (lead.number, STEP_REJECT, .reason = "已并案"));
    assert_string_equal (refused_step (desk, 1131, repurpose)->field, "number");
}

/* Its time to dispute begins when it is told what became of its lead. */
static void a_member_has_no_time_to_lose_before_it_is_told (void **state UNUSED)
{
    struct held lead = claimed ();
    uint64_t member = file (1);
    link_to (member, lead.number);
    accept (lead.number, lead.fencing);
    town_step (town, 59 * CIVIL_DAY_MS);
    ask (member, ASKED_DISPUTE, "不是一件事");
    assert_true (is_taken ());
    assert_int_equal (state_of (member), STATE_DISPATCHED);
}

static void an_accusation_leads_nobody (void **state UNUSED)
{
    uint64_t number = file_matter (0, (struct matter){ .category = "国土资源/土地征收",
                                                       .purpose = PURPOSE_ACCUSATION });
    uint64_t member = file (1);
    town_settle (town);
    assert_int_equal (refused_step (desk, 1111, a_link (member, number))->code,
                      REFUSAL_NOT_FOUND);
}

static void the_lead_may_be_gone_when_it_is_approved (void **state UNUSED)
{
    struct held lead = served (OUTCOME_EXPLAIN);
    uint64_t member = file (1);
    town_settle (town);
    take_step (desk, 1111, a_link (member, lead.number));
    ask (lead.number, ASKED_CONFIRM, NULL);
    assert_int_equal (refused_step (desk, 1112, a_step (member, STEP_APPROVE))->code,
                      REFUSAL_WRONG_STATE);
    assert_int_equal (state_of (member), STATE_DISPATCHED);
}

static void what_the_lead_is_served_is_served_on_all (void **state UNUSED)
{
    enum { MEMBERS = 13 }; /* more than one turn has room for */
    struct held lead = claimed ();
    uint64_t members[MEMBERS];
    for (unsigned i = 0; i < MEMBERS; i++)
        link_to (members[i] = file (i % 2), lead.number);
    serve_lead (&lead, OUTCOME_NOT_SUPPORT);
    for (unsigned i = 0; i < MEMBERS; i++) {
        assert_int_equal (state_of (members[i]), STATE_CLOSED);
        assert_int_equal (served_on (members[i]), OUTCOME_NOT_SUPPORT);
    }
    const struct moved *moved = last_moved ();
    assert_int_equal (moved->step, STEP_SERVE);
    assert_int_equal (moved->from, STATE_CLOSED);
    assert_int_equal (moved->link_to, lead.number);
    assert_int_equal (moved->department, 11);
    assert_true (moved->lapses_at_ms > town_now_ms (town));
    uint64_t events = town_count (town, SPEAKER_ROUTING, KIND_MOVED);
    town_step (town, CIVIL_DAY_MS);
    assert_int_equal (town_count (town, SPEAKER_ROUTING, KIND_MOVED), events);
}

static void a_member_asks_for_review_and_goes_its_own_way (void **state UNUSED)
{
    struct held lead = claimed ();
    uint64_t member = file (1), other = file (1);
    link_to (member, lead.number);
    link_to (other, lead.number);
    ask (member, ASKED_REVIEW, NULL);
    assert_false (is_taken ()); /* nothing is decided yet */
    serve_lead (&lead, OUTCOME_EXPLAIN);
    ask (member, ASKED_REVIEW, "我家情况不同");
    assert_true (is_taken ());
    assert_int_equal (state_of (member), STATE_REVIEWING);
    assert_int_equal (last_moved ()->department, 54);
    assert_int_equal (state_of (other), STATE_CLOSED);
    assert_int_equal (state_of (lead.number), STATE_WINDOW);

    /* What is decided on the lead's own review goes to who stayed. */
    ask (lead.number, ASKED_REVIEW, NULL);
    struct town_client *bureau = town_client (town, ROLE_DESK, 2054, .department = 54);
    lead.fencing = take_step (bureau, 5431, a_step (lead.number, STEP_CLAIM))->fencing;
    take_step (bureau, 5431, a_decision (&lead, OUTCOME_SUPPORT));
    take_step (bureau, 5431, a_service (&lead));
    town_step (town, 60000);
    assert_int_equal (served_on (other), OUTCOME_SUPPORT);
    assert_int_equal (state_of (member), STATE_REVIEWING);
    ask (other, ASKED_REVIEW, NULL);
    assert_true (is_taken ());
    assert_int_equal (last_moved ()->department, 51);
}

static void who_joins_late_is_told_what_was_served (void **state UNUSED)
{
    struct held lead = served (OUTCOME_SUPPORT);
    uint64_t member = file (1);
    link_to (member, lead.number);
    town_step (town, 60000);
    assert_int_equal (served_on (member), OUTCOME_SUPPORT);
}

/* By two dispatchers, of what lies with nobody. */
static uint64_t linked_unplaced (uint64_t lead)
{
    uint64_t member = file_with (0, NULL, 1, false);
    town_settle (town);
    take_step (dispatcher, 3121, a_link (member, lead));
    take_step (dispatcher, 3122, a_step (member, STEP_APPROVE));
    return member;
}

static void what_is_linked_is_served_with_its_lead_alone (void **state UNUSED)
{
    struct held lead = claimed ();
    uint64_t member = linked_unplaced (lead.number);
    struct step_command serve =
        a_step (member, STEP_SERVE, .means = MEANS_POST, .to = "本人");
    assert_int_equal (refused_step (dispatcher, 3121, serve)->code, REFUSAL_WRONG_STATE);
    serve_lead (&lead, OUTCOME_EXPLAIN);
    assert_int_equal (served_on (member), OUTCOME_EXPLAIN);
    assert_int_equal (refused_step (dispatcher, 3121, serve)->code, REFUSAL_NO_RIGHT);
}

static void
what_is_won_for_a_member_is_executed_by_who_decided_first (void **state UNUSED)
{
    struct town_client *bureau = town_client (town, ROLE_DESK, 2054, .department = 54);
    struct town_client *government =
        town_client (town, ROLE_DESK, 2051, .department = 51);
    struct held lead = claimed (), member = { .number = file (1) };
    link_to (member.number, lead.number);
    serve_lead (&lead, OUTCOME_EXPLAIN);
    ask (lead.number, ASKED_REVIEW, NULL);
    lead.fencing = take_step (bureau, 5431, a_step (lead.number, STEP_CLAIM))->fencing;
    take_step (bureau, 5431, a_decision (&lead, OUTCOME_EXPLAIN));
    take_step (bureau, 5431, a_service (&lead));
    town_step (town, 60000);
    ask (member.number, ASKED_REVIEW, NULL);
    member.fencing =
        take_step (government, 5131, a_step (member.number, STEP_CLAIM))->fencing;
    take_step (government, 5131, a_decision (&member, OUTCOME_SUPPORT));
    take_step (government, 5131, a_service (&member));
    assert_int_equal (last_moved ()->to, STATE_EXECUTING);
    assert_int_equal (last_moved ()->department, 11);
    take_step (desk, 1131, a_step (member.number, STEP_CLAIM));
}

static void nobody_joins_a_review_or_a_settlement (void **state UNUSED)
{
    struct held lead = served (OUTCOME_EXPLAIN), settled = accepted ();
    uint64_t member = file (1);
    town_settle (town);
    take_step (desk, 1111, a_link (member, lead.number));
    ask (lead.number, ASKED_REVIEW, NULL); /* before it is approved */
    struct step_command approve = a_step (member, STEP_APPROVE);
    assert_string_equal (refused_step (desk, 1112, approve)->field, "link_to");
    take_step (desk, 1112, a_step (member, STEP_REJECT, .reason = "已在复查"));
    take_step (desk, 1131,
               a_step (settled.number, STEP_MEDIATE, .fencing = settled.fencing));
    take_step (desk, 1131,
               a_step (settled.number, STEP_AGREE, .fencing = settled.fencing,
                       .text = "十日内付清"));
    assert_string_equal (
        refused_step (desk, 1111, a_link (member, settled.number))->field, "link_to");
}

/* What is of no purpose of its own may be decided or answered. */
static uint64_t file_other (unsigned at)
{
    return file_matter (
        at, (struct matter){ .category = "国土资源/土地征收", .purpose = PURPOSE_OTHER });
}

static void an_answer_decides_no_request (void **state UNUSED)
{
    struct held lead = { .number = file_other (0) };
    uint64_t request = file (1), other = file_other (1);
    lead.fencing = claim (lead.number);
    link_to (request, lead.number);
    link_to (other, lead.number);
    serve_lead (&lead, OUTCOME_ANSWERED);
    assert_int_equal (served_on (other), OUTCOME_ANSWERED);
    assert_int_equal (state_of (other), STATE_CLOSED);
    assert_int_equal (state_of (request), STATE_DISPATCHED); /* its right of review */
}

static void a_member_may_dispute_what_it_was_served (void **state UNUSED)
{
    struct held lead = claimed ();
    uint64_t member = file (1), late = file (1);
    link_to (member, lead.number);
    link_to (late, lead.number);
    accept (lead.number, lead.fencing);
    town_step (town, 40 * CIVIL_DAY_MS); /* since it was linked */
    take_step (desk, 1131, a_decision (&lead, OUTCOME_SUPPORT));
    take_step (desk, 1131, a_service (&lead));
    town_step (town, 29 * CIVIL_DAY_MS);
    ask (member, ASKED_DISPUTE, "没有执行");
    assert_true (is_taken ());
    assert_int_equal (state_of (member), STATE_EXECUTING);
    town_step (town, 4 * CIVIL_DAY_MS);
    ask (late, ASKED_DISPUTE, "没有执行");
    assert_false (is_taken ());
}

static void where_the_lead_ends_without_an_answer_all_come_back (void **state UNUSED)
{
    struct held lead = claimed ();
    uint64_t member = file (1);
    link_to (member, lead.number);
    ask (lead.number, ASKED_WITHDRAW, NULL);
    take_step (desk, 1111, a_step (lead.number, STEP_APPROVE, .text = "本人撤回"));
    town_step (town, 60000);
    assert_int_equal (state_of (member), STATE_DISPATCHED);
    assert_int_equal (last_moved ()->step, STEP_REOPEN);
    take_step (desk, 1132, a_step (member, STEP_CLAIM));
}

static void a_settlement_binds_who_signed_it (void **state UNUSED)
{
    struct held lead = accepted ();
    uint64_t member = file (1);
    link_to (member, lead.number);
    take_step (desk, 1131, a_step (lead.number, STEP_MEDIATE, .fencing = lead.fencing));
    take_step (
        desk, 1131,
        a_step (lead.number, STEP_AGREE, .fencing = lead.fencing, .text = "十日内付清"));
    town_step (town, 60000);
    assert_int_equal (state_of (lead.number), STATE_EXECUTING);
    assert_int_equal (state_of (member), STATE_DISPATCHED);
}

static void a_member_may_dispute_its_link (void **state UNUSED)
{
    struct held lead = claimed ();
    uint64_t member = file (1);
    link_to (member, lead.number);
    ask (member, ASKED_DISPUTE, "不是一件事");
    assert_true (is_taken ());
    assert_int_equal (state_of (member), STATE_DISPATCHED);
    serve_lead (&lead, OUTCOME_EXPLAIN);
    assert_int_equal (state_of (member), STATE_DISPATCHED); /* no member any more */
    link_to (member, lead.number);                          /* and again one */
}

static void who_leads_nobody_any_more_may_be_linked (void **state UNUSED)
{
    struct held lead = claimed ();
    uint64_t member = file (1);
    link_to (member, lead.number);
    ask (member, ASKED_DISPUTE, NULL);
    link_to (lead.number, member);
    assert_int_equal (state_of (lead.number), STATE_CLOSED);
}

#define STORY(name) cmocka_unit_test_setup_teardown (name, flow_setup, flow_demolish)

int main (void)
{
    const struct CMUnitTest tests[] = {
        STORY (a_linked_grievance_is_closed_by_two_persons),
        STORY (the_lead_is_open_of_the_township_and_no_member),
        STORY (what_is_decided_on_the_merits_stays_together),
        STORY (a_lead_keeps_its_purpose),
        STORY (a_member_has_no_time_to_lose_before_it_is_told),
        STORY (an_accusation_leads_nobody),
        STORY (the_lead_may_be_gone_when_it_is_approved),
        STORY (what_the_lead_is_served_is_served_on_all),
        STORY (a_member_asks_for_review_and_goes_its_own_way),
        STORY (who_joins_late_is_told_what_was_served),
        STORY (what_is_linked_is_served_with_its_lead_alone),
        STORY (what_is_won_for_a_member_is_executed_by_who_decided_first),
        STORY (nobody_joins_a_review_or_a_settlement),
        STORY (an_answer_decides_no_request),
        STORY (a_member_may_dispute_what_it_was_served),
        STORY (where_the_lead_ends_without_an_answer_all_come_back),
        STORY (a_settlement_binds_who_signed_it),
        STORY (a_member_may_dispute_its_link),
        STORY (who_leads_nobody_any_more_may_be_linked),
    };
    return cmocka_run_group_tests_name ("routing group", tests, NULL, NULL);
}
