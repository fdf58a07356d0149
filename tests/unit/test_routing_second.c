/* SPDX-License-Identifier: Apache-2.0 */
/* Two persons: what ends a grievance without an answer on the merits, or gives more time,
 * is proposed by one and approved or rejected by another. */
#include "flow_people.h"

static struct step_command a_refusal (const struct held *held)
{
    return a_step (held->number, STEP_REFUSE, .fencing = held->fencing,
                   .ground = GROUND_PROCEDURE_RUNS, .reason = "法院已经立案");
}

static struct step_command an_extension (const struct held *held)
{
    return a_step (held->number, STEP_EXTEND, .fencing = held->fencing,
                   .reason = "需重新测绘");
}

static struct step_command approval (uint64_t number)
{
    return a_step (number, STEP_APPROVE);
}

static struct step_command rejection (uint64_t number)
{
    return a_step (number, STEP_REJECT, .reason = "理由不成立");
}

/* ---- proposing -------------------------------------------------------------------------- */

static void a_proposal_moves_nothing_and_is_found_by_the_head (void **state UNUSED)
{
    struct held held = claimed ();
    struct step_done *done = take_step (desk, 1131, a_refusal (&held));
    assert_true (done->proposed);
    assert_int_equal (done->step, STEP_REFUSE);
    assert_int_equal (done->state, STATE_CLAIMED);
    const struct moved *proposed = last_of (KIND_PROPOSED);
    assert_int_equal (proposed->from, proposed->to);
    assert_int_equal (proposed->ground, GROUND_PROCEDURE_RUNS);
    assert_int_equal (proposed->article, 23);

    struct queue_query waiting = { .department = 11, .proposed = true };
    struct queue *queue = queue_by (desk, waiting);
    assert_int_equal (queue->total, 1);
    assert_int_equal (queue->rows[0].number, held.number);
    assert_int_equal (queue->rows[0].proposed, STEP_REFUSE);
    assert_int_equal (town_gauge (town, SPEAKER_ROUTING, "queued{place=\"proposed\"}"),
                      1);
    struct proposal *shown = item_for (desk, held.number)->proposal;
    assert_int_equal (shown->person, 1131);
    assert_int_equal (shown->ground, GROUND_PROCEDURE_RUNS);
    assert_string_equal (shown->reason, "法院已经立案");
    assert_int_equal (queue_by (leader, waiting)->n_rows, 1);
    assert_int_equal (queue_by (strange_desk, waiting)->n_rows, 0);
    assert_int_equal (queue_by (operator_, waiting)->n_rows, 0);
}

static void a_leader_sees_what_waits_for_approval_and_no_more (void **state UNUSED)
{
    struct held held = claimed ();
    assert_int_equal (item_reply (leader, held.number)->refusal->code, REFUSAL_TERRITORY);
    assert_int_equal (queue_by (leader, (struct queue_query){ .department = 11 })->n_rows,
                      0);
    take_step (desk, 1131, a_refusal (&held));
    struct item *item = item_for (leader, held.number);
    assert_non_null (item->statement);
    assert_null (item->statement->person);
    struct town_client *elsewhere =
        town_client (town, ROLE_LEADER, 3099, .territory = 340522101);
    assert_int_equal (item_reply (elsewhere, held.number)->refusal->code,
                      REFUSAL_TERRITORY);
}

static void a_proposal_needs_a_ground_of_its_own_list (void **state UNUSED)
{
    struct held held = claimed ();
    struct step_command refuse = a_refusal (&held);
    refuse.ground = GROUND_NONE;
    assert_int_equal (refused_step (desk, 1131, refuse)->code, REFUSAL_MISSING);
    refuse.ground = GROUND_SETTLED; /* of a withdrawal */
    struct refusal *refusal = refused_step (desk, 1131, refuse);
    assert_int_equal (refusal->code, REFUSAL_MALFORMED);
    assert_string_equal (refusal->field, "ground");
    refuse.ground = GROUND_IN_HAND;
    refuse.reason = NULL;
    assert_string_equal (refused_step (desk, 1131, refuse)->field, "reason");
    refuse.reason = "上级正在办理";
    refuse.link_to = held.number;
    assert_string_equal (refused_step (desk, 1131, refuse)->field, "link_to");
    refuse.link_to = 0;
    refuse.fencing++;
    assert_int_equal (refused_step (desk, 1131, refuse)->code, REFUSAL_FENCED);
}

static void only_one_thing_waits_at_a_time (void **state UNUSED)
{
    struct held held = accepted ();
    take_step (desk, 1131, an_extension (&held));
    assert_int_equal (refused_step (desk, 1131, an_extension (&held))->code,
                      REFUSAL_PENDING);
    struct step_command divert =
        a_step (held.number, STEP_DIVERT, .fencing = held.fencing, .ground = GROUND_COURT,
                .reason = "诉讼");
    assert_int_equal (refused_step (desk, 1131, divert)->code, REFUSAL_PENDING);
    take_step (desk, 1111, rejection (held.number));
    take_step (desk, 1131, divert);
}

static void a_repeated_proposal_gets_the_same_answer (void **state UNUSED)
{
    struct held held = accepted ();
    struct step_command extend = an_extension (&held);
    struct command command = { .counter = town_next_counter (desk, SPEAKER_ROUTING),
                               .incarnation = 1,
                               .person = 1131,
                               .step = &extend };
    uint64_t first = town_command (desk, SPEAKER_ROUTING, &command)->step_done->sequence;
    struct step_done *again = town_command (desk, SPEAKER_ROUTING, &command)->step_done;
    assert_int_equal (again->sequence, first);
    assert_true (again->proposed);
    assert_int_equal (town_count (town, SPEAKER_ROUTING, KIND_PROPOSED), 1);
}

static void a_desks_proposal_dies_with_what_it_was_made_for (void **state UNUSED)
{
    struct held held = claimed ();
    take_step (desk, 1131, a_refusal (&held));
    accept (held.number, held.fencing);
    assert_int_equal (refused_step (desk, 1111, approval (held.number))->code,
                      REFUSAL_WRONG_STATE);
    assert_null (item_for (desk, held.number)->proposal);
    assert_int_equal (
        queue_by (desk, (struct queue_query){ .department = 11, .proposed = true })
            ->total,
        0);
}

static void what_changes_the_holder_alone_leaves_a_proposal (void **state UNUSED)
{
    struct held held = accepted ();
    take_step (desk, 1131, an_extension (&held));
    take_step (desk, 1131, a_step (held.number, STEP_HAND_BACK, .fencing = held.fencing));
    take_step (desk, 1111, approval (held.number));
    assert_int_equal (last_moved ()->step, STEP_EXTEND);
}

/* ---- approving, rejecting ------------------------------------------------------------------ */

static void the_second_person_is_another_and_the_head (void **state UNUSED)
{
    struct held held = accepted ();
    assert_int_equal (refused_step (desk, 1111, approval (held.number))->code,
                      REFUSAL_WRONG_STATE); /* nothing waits */
    take_step (desk, 1131, an_extension (&held));
    assert_int_equal (refused_step (desk, 1131, approval (held.number))->code,
                      REFUSAL_NO_RIGHT);
    assert_int_equal (refused_step (desk, 1132, approval (held.number))->code,
                      REFUSAL_NO_RIGHT);
    assert_int_equal (refused_step (other_desk, 1211, approval (held.number))->code,
                      REFUSAL_TERRITORY);
    assert_int_equal (refused_step (dispatcher, 3121, approval (held.number))->code,
                      REFUSAL_NO_RIGHT);
    assert_int_equal (refused_step (leader, 1011, approval (held.number))->code,
                      REFUSAL_UNKNOWN_PERSON); /* a head, no leader */
    assert_int_equal (refused_step (leader, 0, approval (held.number))->code,
                      REFUSAL_MISSING);
    struct step_done *done = take_step (desk, 1112, approval (held.number));
    assert_false (done->proposed);
    const struct moved *moved = last_moved ();
    assert_int_equal (moved->step, STEP_EXTEND);
    assert_int_equal (moved->proposer, 1131);
    assert_int_equal (moved->article, 34);
    assert_int_equal (moved->from, moved->to);
}

static void a_head_who_proposes_does_not_approve (void **state UNUSED)
{
    struct held held = { .number = file (0) };
    town_settle (town);
    take_step (desk, 1111, a_step (held.number, STEP_ASSIGN, .worker = 1112));
    held.fencing = item_for (desk, held.number)->fencing;
    take_step (desk, 1112, a_refusal (&held));
    assert_int_equal (refused_step (desk, 1112, approval (held.number))->code,
                      REFUSAL_SAME_PERSON);
    assert_int_equal (refused_step (desk, 1112, rejection (held.number))->code,
                      REFUSAL_SAME_PERSON);
    assert_int_equal (take_step (leader, 1004, approval (held.number))->state,
                      STATE_REFUSED);
}

static void a_rejection_needs_a_reason_and_ends_the_proposal (void **state UNUSED)
{
    struct held held = claimed ();
    take_step (desk, 1131, a_refusal (&held));
    struct step_command reject = a_step (held.number, STEP_REJECT);
    assert_int_equal (refused_step (desk, 1111, reject)->code, REFUSAL_MISSING);
    take_step (desk, 1111, rejection (held.number));
    const struct moved *rejected = last_of (KIND_REJECTED);
    assert_int_equal (rejected->step, STEP_REFUSE);
    assert_int_equal (rejected->proposer, 1131);
    assert_int_equal (rejected->to, STATE_CLAIMED);
    assert_int_equal (refused_step (desk, 1111, approval (held.number))->code,
                      REFUSAL_WRONG_STATE);
    take_step (desk, 1131, a_refusal (&held)); /* with better reasons */
}

static void an_approval_says_it_in_one (void **state UNUSED)
{
    struct held held = accepted ();
    take_step (desk, 1131, an_extension (&held));
    struct step_command approve =
        a_step (held.number, STEP_APPROVE, .reason = "同意", .text = "同意");
    assert_int_equal (refused_step (desk, 1111, approve)->code, REFUSAL_MALFORMED);
    approve.reason = NULL;
    take_step (desk, 1111, approve);
}

static void it_is_extended_once_and_not_for_inquiries (void **state UNUSED)
{
    struct held held = accepted ();
    take_step (desk, 1131, an_extension (&held));
    take_step (desk, 1111, approval (held.number));
    assert_int_equal (refused_step (desk, 1131, an_extension (&held))->code,
                      REFUSAL_WRONG_STATE);
    struct held inquiry = { .number = file_matter (
                                0, (struct matter){ .category = "国土资源/土地征收",
                                                    .purpose = PURPOSE_INQUIRY }) };
    inquiry.fencing = claim (inquiry.number);
    accept (inquiry.number, inquiry.fencing);
    assert_int_equal (refused_step (desk, 1131, an_extension (&inquiry))->code,
                      REFUSAL_WRONG_STATE);
}

/* ---- endings ------------------------------------------------------------------------------- */

static void what_is_not_accepted_closes_when_that_is_served (void **state UNUSED)
{
    struct held held = claimed ();
    take_step (desk, 1131, a_refusal (&held));
    assert_int_equal (take_step (desk, 1111, approval (held.number))->state,
                      STATE_REFUSED);
    assert_int_equal (take_step (desk, 1131, a_service (&held))->state, STATE_CLOSED);
    assert_int_equal (last_moved ()->close_reason, CLOSE_NOT_ACCEPTED);
    assert_int_equal (last_moved ()->ground, GROUND_PROCEDURE_RUNS);
    ask (held.number, ASKED_REVIEW, NULL);
    assert_false (is_taken ()); /* nothing was decided on the merits */
    ask (held.number, ASKED_DISPUTE, "法院没有立案");
    assert_true (is_taken ()); /* the way back */
    assert_int_equal (state_of (held.number), STATE_DISPATCHED);
}

static void two_dispatchers_refuse_what_lies_with_nobody (void **state UNUSED)
{
    uint64_t number = file_with (0, NULL, 1, false);
    town_settle (town);
    struct step_command refuse =
        a_step (number, STEP_REFUSE, .ground = GROUND_UNCLEAR, .reason = "没有具体诉求");
    assert_int_equal (refused_step (dispatcher, 0, refuse)->code, REFUSAL_MISSING);
    take_step (dispatcher, 3121, refuse);
    assert_int_equal (
        queue_by (dispatcher, (struct queue_query){ .proposed = true })->n_rows, 1);
    assert_int_equal (refused_step (dispatcher, 3121, approval (number))->code,
                      REFUSAL_SAME_PERSON);
    assert_int_equal (take_step (dispatcher, 3122, approval (number))->state,
                      STATE_REFUSED);
    struct step_command serve =
        a_step (number, STEP_SERVE, .means = MEANS_POST, .to = "本人");
    struct refusal *refusal = refused_step (dispatcher, 0, serve); /* who? */
    assert_int_equal (refusal->code, REFUSAL_MISSING);
    assert_string_equal (refusal->field, "person");
    assert_int_equal (take_step (dispatcher, 3121, serve)->state, STATE_CLOSED);
    assert_int_equal (last_moved ()->worker, 3121);
}

static void who_proposes_for_the_dispatcher_is_one (void **state UNUSED)
{
    struct town_client *nameless =
        town_client (town, ROLE_DISPATCHER, 2032, .territory = 340522100);
    uint64_t number = file_with (0, NULL, 1, false);
    town_settle (town);
    struct step_command refuse =
        a_step (number, STEP_REFUSE, .ground = GROUND_UNCLEAR, .reason = "没有具体诉求");
    assert_int_equal (refused_step (nameless, 1131, refuse)->code,
                      REFUSAL_UNKNOWN_PERSON);
    take_step (nameless, 3121, refuse);
    assert_int_equal (take_step (nameless, 3122, approval (number))->state,
                      STATE_REFUSED);
}

static void a_dispatchers_proposal_ends_when_it_is_dispatched (void **state UNUSED)
{
    uint64_t number = file_with (0, NULL, 1, false);
    town_settle (town);
    take_step (
        dispatcher, 3121,
        a_step (number, STEP_DIVERT, .ground = GROUND_ARBITRATION, .reason = "劳动仲裁"));
    take_step (dispatcher, 3122, a_step (number, STEP_DISPATCH, .department = 12));
    assert_int_equal (refused_step (leader, 1003, approval (number))->code,
                      REFUSAL_WRONG_STATE);
}

static void the_head_of_the_dispatching_office_approves_too (void **state UNUSED)
{
    uint64_t number = file_with (0, NULL, 1, false);
    town_settle (town);
    take_step (dispatcher, 3121,
               a_step (number, STEP_DIVERT, .ground = GROUND_STATUTORY_DUTY,
                       .reason = "依法履职"));
    assert_int_equal (refused_step (dispatcher, 3131, approval (number))->code,
                      REFUSAL_UNKNOWN_PERSON);
    assert_int_equal (take_step (dispatcher, 3111, approval (number))->state,
                      STATE_DIVERTED);
    assert_int_equal (last_moved ()->ground, GROUND_STATUTORY_DUTY);
    struct step_command close =
        a_step (number, STEP_CLOSE, .close_reason = CLOSE_STATUTORY_ANSWERED,
                .reason = "已书面答复");
    assert_string_equal (refused_step (dispatcher, 0, close)->field, "person");
    close.ground = GROUND_NO_ANSWER; /* of a call that failed */
    assert_string_equal (refused_step (dispatcher, 3121, close)->field, "ground");
    close.ground = GROUND_NONE;
    take_step (dispatcher, 3121, close);
}

static void another_purpose_is_another_course (void **state UNUSED)
{
    struct held held = accepted ();
    struct step_command repurpose = a_step (
        held.number, STEP_REPURPOSE, .fencing = held.fencing, .purpose = PURPOSE_INQUIRY,
        .ground = GROUND_CLAIMS, .reason = "只问标准");
    assert_int_equal (refused_step (desk, 1131, repurpose)->code, REFUSAL_MALFORMED);
    repurpose.ground = GROUND_ASKS_ONLY;
    repurpose.purpose = PURPOSE_ACCUSATION;
    assert_int_equal (refused_step (desk, 1131, repurpose)->code, REFUSAL_MALFORMED);
    repurpose.purpose = PURPOSE_REQUEST;
    repurpose.ground = GROUND_CLAIMS;
    assert_int_equal (refused_step (desk, 1131, repurpose)->code, REFUSAL_WRONG_STATE);
    repurpose.purpose = PURPOSE_INQUIRY;
    repurpose.ground = GROUND_ASKS_ONLY;
    take_step (desk, 1131, repurpose);
    assert_int_equal (item_for (desk, held.number)->row->matter->purpose,
                      PURPOSE_REQUEST); /* it waits */
    take_step (desk, 1111, approval (held.number));
    assert_int_equal (item_for (desk, held.number)->row->matter->purpose,
                      PURPOSE_INQUIRY);
    struct step_command decide = a_decision (&held, OUTCOME_SUPPORT);
    assert_int_equal (refused_step (desk, 1131, decide)->code, REFUSAL_MALFORMED);
    take_step (desk, 1131, a_decision (&held, OUTCOME_ANSWERED));
}

/* ---- the petitioner's withdrawal ------------------------------------------------------------ */

static void a_withdrawal_waits_for_somebody_who_asks_the_petitioner (void **state UNUSED)
{
    struct held held = claimed ();
    ask (held.number, ASKED_WITHDRAW, "不想等了");
    assert_true (is_taken ());
    assert_int_equal (state_of (held.number), STATE_CLAIMED);
    assert_true (last_of (KIND_PROPOSED)->by_petitioner);
    assert_int_equal (last_of (KIND_PROPOSED)->ground, GROUND_SETTLED);
    assert_string_equal (item_for (desk, held.number)->proposal->reason, "不想等了");
    ask (held.number, ASKED_WITHDRAW, NULL); /* again: it waits already */
    assert_true (is_taken ());
    assert_int_equal (town_count (town, SPEAKER_ROUTING, KIND_PROPOSED), 1);

    struct step_command approve = approval (held.number);
    assert_int_equal (refused_step (desk, 1111, approve)->code, REFUSAL_MISSING);
    approve.text = "电话核实，本人自愿撤回";
    assert_int_equal (take_step (desk, 1111, approve)->state, STATE_CLOSED);
    const struct moved *moved = last_moved ();
    assert_int_equal (moved->step, STEP_WITHDRAW);
    assert_int_equal (moved->close_reason, CLOSE_WITHDRAWN);
    assert_true (moved->by_petitioner);
    ask (held.number, ASKED_WITHDRAW, NULL);
    assert_false (is_taken ()); /* it is closed */
    ask (held.number, ASKED_DISPUTE, "是被劝撤的");
    assert_true (is_taken ());
    assert_int_equal (state_of (held.number), STATE_DISPATCHED);
}

static void a_withdrawal_outlives_moves_and_a_desks_proposal (void **state UNUSED)
{
    struct held held = claimed ();
    take_step (desk, 1131, a_refusal (&held));
    ask (held.number, ASKED_WITHDRAW, "算了");
    assert_int_equal (item_for (desk, held.number)->proposal->step, STEP_WITHDRAW);
    accept (held.number, held.fencing);
    assert_int_equal (refused_step (desk, 1131, an_extension (&held))->code,
                      REFUSAL_PENDING);
    assert_int_equal (item_for (desk, held.number)->row->proposed, STEP_WITHDRAW);
    take_step (desk, 1111, rejection (held.number));
    assert_true (last_of (KIND_REJECTED)->by_petitioner);
    assert_int_equal (state_of (held.number), STATE_HANDLING);
}

static void nothing_else_ends_what_is_being_withdrawn (void **state UNUSED)
{
    struct held held = { .number = file_matter (
                             0, (struct matter){ .category = "国土资源/土地征收",
                                                 .purpose = PURPOSE_INQUIRY }) };
    held.fencing = claim (held.number);
    accept (held.number, held.fencing);
    take_step (desk, 1131, a_decision (&held, OUTCOME_ANSWERED));
    ask (held.number, ASKED_WITHDRAW, NULL);
    assert_int_equal (refused_step (desk, 1131, a_service (&held))->code,
                      REFUSAL_PENDING);
    take_step (desk, 1111, rejection (held.number));
    take_step (desk, 1131, a_service (&held));
}

static void whoever_holds_it_does_not_confirm_its_withdrawal (void **state UNUSED)
{
    uint64_t number = file (0);
    town_settle (town);
    take_step (desk, 1111, a_step (number, STEP_CLAIM));
    ask (number, ASKED_WITHDRAW, NULL);
    struct step_command approve = a_step (number, STEP_APPROVE, .text = "已核实");
    assert_int_equal (refused_step (desk, 1111, approve)->code, REFUSAL_SAME_PERSON);
    uint64_t fencing = item_for (desk, number)->fencing;
    take_step (desk, 1111, a_step (number, STEP_HAND_BACK, .fencing = fencing));
    assert_int_equal (refused_step (desk, 1111, approve)->code, REFUSAL_SAME_PERSON);
    assert_int_equal (take_step (leader, 1001, approve)->state, STATE_CLOSED);
}

static void what_was_written_and_not_served_was_decided_for_nobody (void **state UNUSED)
{
    struct held held = decided (OUTCOME_SUPPORT);
    ask (held.number, ASKED_WITHDRAW, NULL);
    take_step (desk, 1111, a_step (held.number, STEP_APPROVE, .text = "已核实"));
    ask (held.number, ASKED_DISPUTE, "不是我的意思");
    assert_int_equal (state_of (held.number), STATE_DISPATCHED);
}

/* ---- accusations ----------------------------------------------------------------------------- */

static void an_accusation_has_its_organs_head_as_second_person (void **state UNUSED)
{
    struct accused accused = { .department = 11 };
    struct matter matter = { .village = villages[0],
                             .purpose = PURPOSE_ACCUSATION,
                             .terminal = 101 };
    struct statement statement = { .text = "举报" };
    struct filing filing = { .number = number_make (civil_day (town_now_ms (town)), 101,
                                                    ++serials[0]),
                             .query_code = QUERY_CODE,
                             .filed_at_ms = town_now_ms (town),
                             .matter = &matter,
                             .statement = &statement,
                             .accused = &accused,
                             .n_accused = 1 };
    town_command (terminals[0], SPEAKER_INTAKE, &(struct command){ .file = &filing });
    town_settle (town);
    struct held held = { .number = filing.number };
    held.fencing =
        take_step (discipline_desk, 2231, a_step (held.number, STEP_CLAIM))->fencing;
    take_step (discipline_desk, 2231, a_refusal (&held));
    struct queue_query waiting = { .department = 22, .proposed = true };
    assert_int_equal (queue_by (leader, waiting)->n_rows, 0);
    assert_int_equal (queue_by (discipline_desk, waiting)->n_rows, 1);
    assert_int_equal (item_reply (leader, held.number)->refusal->code, REFUSAL_NOT_FOUND);
    assert_int_equal (refused_step (leader, 1003, approval (held.number))->code,
                      REFUSAL_NOT_FOUND);
    assert_int_equal (refused_step (dispatcher, 3121, approval (held.number))->code,
                      REFUSAL_NOT_FOUND);
    assert_int_equal (take_step (discipline_desk, 2211, approval (held.number))->state,
                      STATE_REFUSED);
}

#define STORY(name) cmocka_unit_test_setup_teardown (name, flow_setup, flow_demolish)

int main (void)
{
    const struct CMUnitTest tests[] = {
        STORY (a_proposal_moves_nothing_and_is_found_by_the_head),
        STORY (a_leader_sees_what_waits_for_approval_and_no_more),
        STORY (a_proposal_needs_a_ground_of_its_own_list),
        STORY (only_one_thing_waits_at_a_time),
        STORY (a_repeated_proposal_gets_the_same_answer),
        STORY (a_desks_proposal_dies_with_what_it_was_made_for),
        STORY (what_changes_the_holder_alone_leaves_a_proposal),
        STORY (the_second_person_is_another_and_the_head),
        STORY (a_head_who_proposes_does_not_approve),
        STORY (a_rejection_needs_a_reason_and_ends_the_proposal),
        STORY (an_approval_says_it_in_one),
        STORY (it_is_extended_once_and_not_for_inquiries),
        STORY (what_is_not_accepted_closes_when_that_is_served),
        STORY (two_dispatchers_refuse_what_lies_with_nobody),
        STORY (who_proposes_for_the_dispatcher_is_one),
        STORY (a_dispatchers_proposal_ends_when_it_is_dispatched),
        STORY (the_head_of_the_dispatching_office_approves_too),
        STORY (another_purpose_is_another_course),
        STORY (a_withdrawal_waits_for_somebody_who_asks_the_petitioner),
        STORY (a_withdrawal_outlives_moves_and_a_desks_proposal),
        STORY (nothing_else_ends_what_is_being_withdrawn),
        STORY (whoever_holds_it_does_not_confirm_its_withdrawal),
        STORY (what_was_written_and_not_served_was_decided_for_nobody),
        STORY (an_accusation_has_its_organs_head_as_second_person),
    };
    return cmocka_run_group_tests_name ("routing second", tests, NULL, NULL);
}
