/* SPDX-License-Identifier: Apache-2.0 */
/* Stories of routing: from a village's filing to the desk and back. */
#include "flow_people.h"

#include <stdlib.h>

#include "routing/course.h"
#include "support/scratch.h"

static int build (void **state UNUSED)
{
    flow_build ();
    return 0;
}

/* Whatever happened, every grievance is in exactly one state, the counts of all kinds
 * agree, and the facts are the fold of the journal. */
static void assert_nothing_is_lost (void)
{
    town_settle (town);
    uint64_t sum = 0, registered = town_gauge (town, SPEAKER_INTAKE, "grievances");
    for (unsigned i = STATE_NONE + 1; i < STATE_COUNT; i++)
        sum += in_state (course_state_name ((enum state) i));
    assert_int_equal (sum, registered);

    uint64_t shaped[2] = { 0 };
    for (unsigned by_village = 0; by_village < 2; by_village++) {
        struct shape_query query = { .by_village = by_village };
        struct reply *reply =
            town_query (operator_, SPEAKER_ROUTING, &(struct query){ .shape = &query });
        for (size_t i = 0; i < reply->shape->n_rows; i++)
            for (size_t j = 0; j < reply->shape->rows[i].n_counts; j++)
                shaped[by_village] += reply->shape->rows[i].counts[j].count;
        assert_int_equal (shaped[by_village], registered);
    }
    assert_true (town_rebuild (town, SPEAKER_ROUTING));
    assert_true (town_rebuild (town, SPEAKER_INTAKE));
}

static int demolish (void **state UNUSED)
{
    assert_nothing_is_lost ();
    town_destroy (&town);
    return 0;
}

/* ---- the straight way --------------------------------------------------------------- */

static void a_village_files_and_the_responsible_desk_works_it_off (void **state UNUSED)
{
    uint64_t number = file (0);
    assert_int_equal (state_of (number), STATE_DISPATCHED);
    assert_int_equal (course_of (number)->department, 11);
    assert_int_equal (queue_by (desk, (struct queue_query){ .department = 11 })->n_rows,
                      1);

    struct step_done *done = take_step (desk, 1131, a_step (number, STEP_CLAIM));
    assert_int_equal (done->state, STATE_CLAIMED);
    assert_int_equal (done->holder, 1131);
    uint64_t fencing = done->fencing;
    assert_true (fencing > 0);
    take_step (desk, 1131, a_step (number, STEP_ACCEPT, .fencing = fencing));
    take_step (desk, 1131,
               a_step (number, STEP_DECIDE, .fencing = fencing,
                       .outcome = OUTCOME_SUPPORT, .text = "补偿款十日内打卡",
                       .legal_basis = "条例第三十二条"));
    take_step (desk, 1131,
               a_step (number, STEP_SERVE, .fencing = fencing, .means = MEANS_IN_PERSON,
                       .to = "本人"));
    take_step (desk, 1131, a_step (number, STEP_CLAIM_DONE, .fencing = fencing));
    take_step (desk, 1131,
               a_step (number, STEP_CONTACT, .means = MEANS_TELEPHONE,
                       .contacted = CONTACTED_CONFIRMS));
    done = take_step (
        desk, 1131,
        a_step (number, STEP_CLOSE, .fencing = fencing, .close_reason = CLOSE_CALL_BACK));
    assert_int_equal (done->state, STATE_CLOSED);

    struct course *course = course_of (number);
    assert_int_equal (course->state, STATE_CLOSED);
    const struct course_step *decided = step_of_kind (course, KIND_MOVED, STATE_DECIDED);
    assert_non_null (decided);
    assert_int_equal (decided->outcome, OUTCOME_SUPPORT);
    assert_non_null (strstr (decided->text, "补偿款十日内打卡"));
    assert_non_null (strstr (decided->text, "条例第三十二条"));
    for (size_t i = 1; i < course->n_steps; i++)
        assert_true (course->steps[i].time_ms >= course->steps[i - 1].time_ms);
    assert_int_equal (
        queue_by (desk, (struct queue_query){ .department = 11, .held = true })->n_rows,
        0);
}

static void an_inquiry_is_answered_and_closed_when_served (void **state UNUSED)
{
    uint64_t number = file_matter (0, (struct matter){ .category = "国土资源/土地征收",
                                                       .purpose = PURPOSE_INQUIRY });
    uint64_t fencing = claim (number);
    accept (number, fencing);
    struct step_command decide =
        a_step (number, STEP_DECIDE, .fencing = fencing, .outcome = OUTCOME_SUPPORT,
                .text = "标准见公告", .legal_basis = "无");
    assert_int_equal (refused_step (desk, 1131, decide)->code, REFUSAL_MALFORMED);
    decide.outcome = OUTCOME_ANSWERED;
    decide.legal_basis = NULL;
    take_step (desk, 1131, decide);
    struct step_done *done = take_step (desk, 1131,
                                        a_step (number, STEP_SERVE, .fencing = fencing,
                                                .means = MEANS_TELEPHONE, .to = "本人"));
    assert_int_equal (done->state, STATE_CLOSED);
}

static void what_no_row_answers_waits_for_the_dispatcher (void **state UNUSED)
{
    uint64_t number = file_with (0, NULL, 1, false);
    assert_int_equal (state_of (number), STATE_UNDECIDED);
    struct queue *queue =
        queue_by (dispatcher, (struct queue_query){ .candidates = true });
    assert_int_equal (queue->total, 1);
    assert_int_equal (queue->rows[0].number, number);
    assert_int_equal (queue->rows[0].n_candidates, 1); /* by 征地补偿款 in the text */
    assert_int_equal (queue->rows[0].candidates[0].department, 11);
    assert_non_null (queue->rows[0].candidates[0].why);
    assert_non_null (item_for (dispatcher, number)->statement);
    assert_null (item_for (dispatcher, number)->statement->person);

    uint32_t assisting[] = { 12, 14 };
    struct step_done *done =
        take_step (dispatcher, 3121,
                   a_step (number, STEP_DISPATCH, .department = 11,
                           .assisting = assisting, .n_assisting = 2));
    assert_int_equal (done->state, STATE_DISPATCHED);
    assert_int_equal (queue_by (dispatcher, (struct queue_query){ 0 })->total, 0);
    assert_int_equal (queue_by (desk, (struct queue_query){ .department = 11 })->total,
                      1);
    assert_int_equal (item_for (desk, number)->n_assisting, 2);
}

static void an_abolished_department_is_replaced_by_its_successor (void **state UNUSED)
{
    uint64_t number = file_with (0, NULL, 1, false);
    town_settle (town);
    struct step_done *done =
        take_step (dispatcher, 3121, a_step (number, STEP_DISPATCH, .department = 32));
    assert_int_equal (done->department, 12);
}

/* ---- who may what --------------------------------------------------------------------- */

static void another_departments_desk_has_no_right (void **state UNUSED)
{
    uint64_t number = file (0);
    town_settle (town);
    struct step_command claim_it = a_step (number, STEP_CLAIM);
    assert_int_equal (refused_step (strange_desk, 1331, claim_it)->code,
                      REFUSAL_TERRITORY);
    assert_int_equal (refused_step (desk, 1331, claim_it)->code, REFUSAL_UNKNOWN_PERSON);
    assert_int_equal (refused_step (desk, 0, claim_it)->code, REFUSAL_MISSING);
    assert_int_equal (refused_step (terminals[0], 0, claim_it)->code, REFUSAL_NO_RIGHT);
    assert_int_equal (refused_step (dispatcher, 3121, claim_it)->code, REFUSAL_NO_RIGHT);
    assert_int_equal (item_reply (strange_desk, number)->refusal->code,
                      REFUSAL_TERRITORY);
    struct queue *queue =
        queue_by (strange_desk, (struct queue_query){ .department = 11 });
    assert_int_equal (queue->total, 1);
    assert_int_equal (queue->n_rows, 0); /* how many, but not which */
    claim_it.number++;
    assert_int_equal (refused_step (desk, 1131, claim_it)->code, REFUSAL_NOT_FOUND);
}

static void only_the_holding_desk_sees_the_person (void **state UNUSED)
{
    uint64_t number = file (0);
    assert_null (item_for (desk, number)->statement->person);
    claim (number);
    assert_string_equal (item_for (desk, number)->statement->person->name, "张三");
    assert_null (item_for (other_desk, number)->statement->person); /* it assists */
    assert_int_equal (item_reply (operator_, number)->refusal->code, REFUSAL_TERRITORY);
}

static void fields_a_step_does_not_use_are_refused (void **state UNUSED)
{
    uint64_t number = file (0);
    uint64_t fencing = claim (number);
    struct refusal *refusal = refused_step (
        desk, 1131, a_step (number, STEP_ACCEPT, .fencing = fencing, .text = "好"));
    assert_int_equal (refusal->code, REFUSAL_MALFORMED);
    assert_string_equal (refusal->field, "text");
    refusal = refused_step (
        desk, 1131, a_step (number, STEP_DECIDE, .fencing = fencing, .text = "好"));
    assert_int_equal (refusal->code, REFUSAL_MISSING);
    assert_string_equal (refusal->field, "outcome");
    refusal = refused_step (desk, 1131, a_step (number, STEP_WITHDRAW));
    assert_int_equal (refusal->code, REFUSAL_NO_RIGHT);
}

static void who_is_complained_of_does_not_handle_it (void **state UNUSED)
{
    int32_t day = civil_day (town_now_ms (town));
    struct accused accused = { .department = 11, .person = 1131 };
    struct matter matter = { .village = villages[0],
                             .category = "国土资源/土地征收",
                             .purpose = PURPOSE_REQUEST,
                             .terminal = 101 };
    struct statement statement = { .text = "经办人刁难" };
    struct filing filing = { .number = number_make (day, 101, ++serials[0]),
                             .query_code = QUERY_CODE,
                             .filed_at_ms = town_now_ms (town),
                             .matter = &matter,
                             .statement = &statement,
                             .accused = &accused,
                             .n_accused = 1 };
    assert_null (
        town_command (terminals[0], SPEAKER_INTAKE, &(struct command){ .file = &filing })
            ->refusal);
    town_settle (town);
    /* The department may lawfully answer, the person may not. */
    assert_int_equal (refused_step (desk, 1131, a_step (filing.number, STEP_CLAIM))->code,
                      REFUSAL_ACCUSED);
    assert_int_equal (
        refused_step (desk, 1111, a_step (filing.number, STEP_ASSIGN, .worker = 1131))
            ->code,
        REFUSAL_ACCUSED);
    take_step (desk, 1132, a_step (filing.number, STEP_CLAIM));
}

/* ---- hold ---------------------------------------------------------------------------- */

static void
of_two_who_claim_at_once_one_wins_and_the_other_hears_who (void **state UNUSED)
{
    uint64_t number = file (0);
    town_settle (town);
    struct step_command claim_it = a_step (number, STEP_CLAIM);
    struct command first = {
        .counter = 1, .incarnation = 1, .person = 1131, .step = &claim_it
    };
    struct command second = {
        .counter = 1, .incarnation = 1, .person = 1132, .step = &claim_it
    };
    town_send (second_desk, SPEAKER_ROUTING,
               &(struct to_door){ .commands = &second, .n_commands = 1 });
    town_send (desk, SPEAKER_ROUTING,
               &(struct to_door){ .commands = &first, .n_commands = 1 });
    town_settle (town);
    struct outcome *won = town_receive (second_desk)->outcomes;
    struct outcome *lost = town_receive (desk)->outcomes;
    assert_int_equal (won->step_done->holder, 1132);
    assert_int_equal (lost->refusal->code, REFUSAL_HELD);
    assert_int_equal (lost->refusal->holder, 1132);
}

static void a_repeated_claim_gets_the_same_number (void **state UNUSED)
{
    uint64_t number = file (0);
    town_settle (town);
    struct step_command claim_it = a_step (number, STEP_CLAIM);
    struct command command = {
        .counter = 1, .incarnation = 1, .person = 1131, .step = &claim_it
    };
    uint64_t fencing = town_command (desk, SPEAKER_ROUTING, &command)->step_done->fencing;
    struct outcome *again = town_command (desk, SPEAKER_ROUTING, &command);
    assert_int_equal (again->step_done->fencing, fencing);
    assert_int_equal (town_count (town, SPEAKER_ROUTING, KIND_MOVED), 2);
}

static void a_transfer_makes_the_old_number_stale (void **state UNUSED)
{
    uint64_t number = file (0), fencing = claim (number);
    struct step_done *done = take_step (desk, 1131,
                                        a_step (number, STEP_TRANSFER, .fencing = fencing,
                                                .worker = 1132, .reason = "出差"));
    assert_int_equal (done->holder, 1132);
    assert_true (done->fencing > fencing);
    struct step_command accept_it = a_step (number, STEP_ACCEPT, .fencing = fencing);
    assert_int_equal (refused_step (desk, 1131, accept_it)->code, REFUSAL_FENCED);
    accept_it.fencing = done->fencing;
    struct refusal *refusal = refused_step (desk, 1131, accept_it);
    assert_int_equal (refusal->code, REFUSAL_HELD);
    assert_int_equal (refusal->holder, 1132);
    take_step (second_desk, 1132, accept_it);
}

static void the_head_gives_and_takes_work (void **state UNUSED)
{
    uint64_t number = file (0);
    town_settle (town);
    struct step_command give = a_step (number, STEP_ASSIGN, .worker = 1132);
    assert_int_equal (refused_step (desk, 1131, give)->code, REFUSAL_NO_RIGHT);
    assert_int_equal (take_step (desk, 1111, give)->holder, 1132);
    assert_int_equal (refused_step (desk, 1111, give)->code, REFUSAL_HELD);
    give.worker = 1331; /* of another department */
    assert_int_equal (refused_step (desk, 1111, give)->code, REFUSAL_UNKNOWN_PERSON);
    give.worker = 1133;
    assert_int_equal (take_step (desk, 1112, give)->holder, 1133); /* a deputy may too */
}

static void what_is_handed_back_after_acceptance_stays_accepted (void **state UNUSED)
{
    uint64_t number = file (0), fencing = claim (number);
    accept (number, fencing);
    struct step_done *done =
        take_step (desk, 1131, a_step (number, STEP_HAND_BACK, .fencing = fencing));
    assert_int_equal (done->state, STATE_HANDLING);
    assert_int_equal (done->holder, 0);
    struct queue *queue = queue_by (desk, (struct queue_query){ .department = 11 });
    assert_int_equal (queue->n_rows, 1);
    assert_int_equal (queue->rows[0].state, STATE_HANDLING);
    done = take_step (desk, 1132, a_step (number, STEP_CLAIM));
    assert_int_equal (done->state, STATE_HANDLING);
    assert_int_equal (done->holder, 1132);
}

static void a_claim_lapses_unused_after_five_working_days (void **state UNUSED)
{
    uint64_t number = file (0), fencing = claim (number);
    town_step_until (town, at_ms ("2026-11-30 23:59:00"));
    assert_int_equal (state_of (number), STATE_CLAIMED);
    town_step_until (town, at_ms ("2026-12-01 00:01:00"));
    assert_int_equal (state_of (number), STATE_DISPATCHED);
    assert_int_equal (town_last (town, SPEAKER_ROUTING, KIND_MOVED)->moved->step,
                      STEP_LAPSE);
    struct step_command late = a_step (number, STEP_ACCEPT, .fencing = fencing);
    assert_int_equal (refused_step (desk, 1131, late)->code, REFUSAL_FENCED);
    assert_true (claim (number) > fencing);
}

static void what_was_accepted_does_not_lapse (void **state UNUSED)
{
    uint64_t number = file (0), fencing = claim (number);
    accept (number, fencing);
    town_step (town, 100 * CIVIL_DAY_MS);
    assert_int_equal (state_of (number), STATE_HANDLING);
}

/* ---- objections ------------------------------------------------------------------------ */

static void an_objection_goes_back_with_its_reasons (void **state UNUSED)
{
    uint64_t number = file (0);
    town_settle (town);
    struct step_command object = a_step (number, STEP_OBJECT);
    assert_int_equal (refused_step (desk, 1131, object)->code, REFUSAL_MISSING);
    object.reason = "属征迁办职责";
    struct step_done *done = take_step (desk, 1131, object);
    assert_int_equal (done->state, STATE_OBJECTED);
    assert_int_equal (done->department, 0);

    struct queue *queue = queue_by (dispatcher, (struct queue_query){ 0 });
    assert_int_equal (queue->n_rows, 1);
    assert_string_equal (queue->rows[0].objection, "属征迁办职责");
    assert_int_equal (queue->rows[0].objections, 1);
    struct course *course = course_of (number);
    const struct course_step *objected =
        step_of_kind (course, KIND_MOVED, STATE_OBJECTED);
    assert_non_null (objected);
    assert_null (objected->text); /* that it happened, not why */

    struct step_command dispatch = a_step (number, STEP_DISPATCH, .department = 12);
    assert_int_equal (refused_step (dispatcher, 3121, dispatch)->code, REFUSAL_MISSING);
    dispatch.reason = "理由成立";
    done = take_step (dispatcher, 3121, dispatch);
    assert_int_equal (done->department, 12);
    struct entry *entry = town_last (town, SPEAKER_ROUTING, KIND_MOVED);
    assert_int_equal (entry->moved->objections, 1);
    assert_int_equal (refused_step (desk, 1131, object)->code, REFUSAL_TERRITORY);
}

static void who_has_accepted_does_not_object (void **state UNUSED)
{
    uint64_t number = file (0), fencing = claim (number);
    accept (number, fencing);
    assert_int_equal (refused_step (desk, 1131,
                                    a_step (number, STEP_OBJECT, .fencing = fencing,
                                            .reason = "不是我们的"))
                          ->code,
                      REFUSAL_WRONG_STATE);
}

static void an_objection_is_in_time_for_five_working_days (void **state UNUSED)
{
    uint64_t early = file (0), late = file (1);
    struct step_command object = a_step (early, STEP_OBJECT, .reason = "不是我们的");
    town_step_until (town, at_ms ("2026-11-30 23:59:00"));
    take_step (desk, 1131, object);
    town_step_until (town, at_ms ("2026-12-01 00:00:00"));
    object.number = late;
    assert_int_equal (refused_step (desk, 1131, object)->code, REFUSAL_WRONG_STATE);
}

static void the_dispatcher_may_overrule_with_a_reason (void **state UNUSED)
{
    uint64_t number = file (0), fencing = claim (number);
    accept (number, fencing);
    struct step_command dispatch = a_step (number, STEP_DISPATCH, .department = 12);
    assert_int_equal (refused_step (dispatcher, 3121, dispatch)->code, REFUSAL_MISSING);
    dispatch.reason = "领导批示";
    assert_int_equal (take_step (dispatcher, 3121, dispatch)->holder, 0);
    dispatch.department = 9999;
    assert_int_equal (refused_step (dispatcher, 3121, dispatch)->code,
                      REFUSAL_UNKNOWN_DEPARTMENT);
    dispatch.department = 101; /* of another township */
    assert_int_equal (refused_step (dispatcher, 3121, dispatch)->code, REFUSAL_TERRITORY);
}

/* ---- the petitioner --------------------------------------------------------------------- */

static void a_disputed_execution_goes_back_to_its_holder (void **state UNUSED)
{
    struct held held = claimed_done ();
    ask (held.number, ASKED_DISPUTE, "钱没有到");
    assert_true (is_taken ());
    assert_int_equal (state_of (held.number), STATE_EXECUTING);
    take_step (desk, 1131,
               a_step (held.number, STEP_CLAIM_DONE, .fencing = held.fencing));
    ask (held.number, ASKED_CONFIRM, NULL);
    town_step (town, 31 * CIVIL_DAY_MS);
    ask (held.number, ASKED_DISPUTE, "又没有到");
    assert_false (is_taken ()); /* thirty days are over */
    ask (held.number, ASKED_RATE, NULL);
    assert_true (is_taken ());
}

static void an_unused_review_window_closes_by_itself (void **state UNUSED)
{
    struct held held = served (OUTCOME_NOT_SUPPORT);
    assert_int_equal (state_of (held.number), STATE_WINDOW);
    struct step_command close = a_step (held.number, STEP_CLOSE, .fencing = held.fencing,
                                        .close_reason = CLOSE_WINDOW_UNUSED);
    assert_int_equal (refused_step (desk, 1131, close)->code, REFUSAL_WRONG_STATE);
    town_step_until (town, at_ms ("2026-12-23 23:59:00"));
    assert_int_equal (state_of (held.number), STATE_WINDOW);
    town_step_until (town, at_ms ("2026-12-24 00:01:00"));
    assert_int_equal (state_of (held.number), STATE_CLOSED);
    assert_int_equal (last_moved ()->close_reason, CLOSE_WINDOW_UNUSED);
    ask (held.number, ASKED_REVIEW, NULL);
    assert_false (is_taken ());
}

static void the_desk_reads_what_was_said_since (void **state UNUSED)
{
    uint64_t number = file (0);
    struct supplement supplement = { .number = number, .text = "补充：还有青苗费" };
    town_settle (town);
    assert_non_null (town_command (terminals[0], SPEAKER_INTAKE,
                                   &(struct command){ .supplement = &supplement })
                         ->recorded);
    claim (number);
    struct item *item = item_for (desk, number);
    assert_int_equal (item->n_steps, 2);
    assert_string_equal (item->steps[0].text, "补充：还有青苗费");
    assert_int_equal (item->steps[1].state, STATE_CLAIMED);
}

/* ---- together, elsewhere ------------------------------------------------------------------ */

/* 32 was merged into 12. */
static void a_department_by_its_old_number_is_the_same (void **state UNUSED)
{
    uint64_t number = file (0);
    town_settle (town);
    uint32_t assisting[] = { 12, 32 };
    struct step_command dispatch =
        a_step (number, STEP_DISPATCH, .department = 13, .assisting = assisting,
                .n_assisting = 2, .reason = "改派");
    assert_string_equal (refused_step (dispatcher, 3121, dispatch)->field, "assisting");
    dispatch.department = 32;
    dispatch.n_assisting = 1;
    assert_string_equal (refused_step (dispatcher, 3121, dispatch)->field, "assisting");
    dispatch.n_assisting = 0;
    assert_int_equal (take_step (dispatcher, 3121, dispatch)->department, 12);
}

static void an_assisting_department_writes_its_opinion (void **state UNUSED)
{
    uint64_t number = file (0); /* row 201: 12 and 14 assist */
    town_settle (town);
    struct step_command opinion = a_step (number, STEP_OPINION, .text = "面积属实");
    struct step_done *done = take_step (other_desk, 1231, opinion);
    assert_int_equal (done->state, STATE_DISPATCHED);
    assert_int_equal (done->department, 11);
    assert_int_equal (refused_step (strange_desk, 1331, opinion)->code,
                      REFUSAL_TERRITORY);
    struct item *item = item_for (desk, number);
    assert_int_equal (item->n_steps, 1);
    assert_string_equal (item->steps[0].text, "面积属实");
    assert_null (step_of_kind (course_of (number), KIND_OPINION, STATE_DISPATCHED)->text);
}

static void what_is_diverted_is_followed_until_it_has_arrived (void **state UNUSED)
{
    struct held held = claimed ();
    take_step (desk, 1131,
               a_step (held.number, STEP_DIVERT, .fencing = held.fencing,
                       .ground = GROUND_ADMINISTRATIVE_REVIEW, .reason = "行政复议"));
    assert_int_equal (take_step (desk, 1111, a_step (held.number, STEP_APPROVE))->state,
                      STATE_DIVERTED);
    assert_string_equal (
        step_of_kind (course_of (held.number), KIND_MOVED, STATE_DIVERTED)->text,
        "行政复议");
    struct step_command close = a_step (held.number, STEP_CLOSE, .fencing = held.fencing,
                                        .close_reason = CLOSE_CONFIRMED);
    assert_int_equal (refused_step (desk, 1131, close)->code, REFUSAL_WRONG_STATE);
    close.close_reason = CLOSE_DIVERSION_ARRIVED;
    assert_string_equal (refused_step (desk, 1131, close)->field, "reason");
    close.reason = "复议机关11月24日已受理";
    assert_int_equal (take_step (desk, 1131, close)->state, STATE_CLOSED);

    uint64_t undecided = file_with (1, NULL, 1, false);
    town_settle (town);
    take_step (dispatcher, 3121,
               a_step (undecided, STEP_DIVERT, .ground = GROUND_ARBITRATION,
                       .reason = "劳动仲裁"));
    take_step (dispatcher, 3122, a_step (undecided, STEP_APPROVE));
    assert_int_equal (queue_by (dispatcher, (struct queue_query){ .held = true })->n_rows,
                      1);
    take_step (dispatcher, 3121,
               a_step (undecided, STEP_CLOSE, .close_reason = CLOSE_DIVERSION_ARRIVED,
                       .reason = "仲裁委11月24日已受理"));
    assert_int_equal (state_of (undecided), STATE_CLOSED);
}

/* The shipped tables, but department 11 was merged into 12. */
static void tables_with_a_merger (const char *dir)
{
    char command[1024];
    snprintf (command, sizeof command,
              "cp '%s'/*.tsv '%s' && awk -F '\t' -v OFS='\t' "
              "'$1 == 11 { $8 = 12 } { print }' '%s/departments.tsv' > "
              "'%s/departments.tsv'",
              SHIPPED_TABLES, dir, SHIPPED_TABLES, dir);
    assert_int_equal (system (command), 0);
}

static void what_lies_with_an_abolished_department_is_its_successors (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    struct err err = { 0 };
    uint64_t number = file (0);
    town_settle (town);
    tables_with_a_merger (scratch.path);
    if (town_reload (town, scratch.path, &err) != 0)
        fail_msg ("%s", err.text);
    struct queue *queue = queue_by (other_desk, (struct queue_query){ .department = 11 });
    assert_int_equal (queue->n_rows, 1);
    take_step (other_desk, 1231, a_step (number, STEP_CLAIM));
    assert_int_equal (town_reload (town, SHIPPED_TABLES, &err), 0);
}

/* ---- accusations ---------------------------------------------------------------------------- */

static uint64_t file_accusation (uint32_t accused_department)
{
    int32_t day = civil_day (town_now_ms (town));
    struct accused accused = { .department = accused_department };
    struct matter matter = { .village = villages[0],
                             .category = "国土资源/土地征收",
                             .purpose = PURPOSE_ACCUSATION,
                             .terminal = 101 };
    struct statement statement = { .title = "举报", .text = "某干部截留补偿款" };
    struct filing filing = { .number = number_make (day, 101, ++serials[0]),
                             .query_code = QUERY_CODE,
                             .filed_at_ms = town_now_ms (town),
                             .matter = &matter,
                             .statement = &statement,
                             .accused = &accused,
                             .n_accused = 1 };
    struct outcome *outcome =
        town_command (terminals[0], SPEAKER_INTAKE, &(struct command){ .file = &filing });
    if (outcome->refusal)
        fail_msg ("%s", outcome->refusal->sentence);
    town_settle (town);
    return filing.number;
}

static void an_accusation_is_seen_by_its_desk_alone (void **state UNUSED)
{
    uint64_t number = file_accusation (11);
    struct town_client *others[] = { desk,       other_desk, strange_desk,
                                     dispatcher, leader,     operator_ };
    for (size_t i = 0; i < ARRAY_SIZE (others); i++) {
        assert_int_equal (item_reply (others[i], number)->refusal->code,
                          REFUSAL_NOT_FOUND);
        assert_int_equal (course_reply (others[i], number, NULL)->refusal->code,
                          REFUSAL_NOT_FOUND);
        assert_int_equal (
            queue_by (others[i], (struct queue_query){ .department = 22 })->n_rows, 0);
    }
    struct step_command take_it = a_step (number, STEP_CLAIM);
    assert_int_equal (refused_step (desk, 1131, take_it)->code, REFUSAL_NOT_FOUND);
    struct step_command dispatch =
        a_step (number, STEP_DISPATCH, .department = 11, .reason = "改派");
    assert_int_equal (refused_step (dispatcher, 3121, dispatch)->code, REFUSAL_NOT_FOUND);
    assert_int_equal (course_reply (terminals[0], number, NULL)->refusal->code,
                      REFUSAL_NOT_FOUND); /* not even where it was filed, without code */

    uint64_t fencing = take_step (discipline_desk, 2231, take_it)->fencing;
    assert_non_null (item_for (discipline_desk, number)->statement);
    assert_int_equal (refused_step (discipline_desk, 2231,
                                    a_step (number, STEP_OBJECT, .fencing = fencing,
                                            .reason = "不属我"))
                          ->code,
                      REFUSAL_NO_RIGHT);
    assert_int_equal (state_of (number), STATE_CLAIMED); /* the slip shows its course */
}

static void an_accusation_of_the_discipline_organ_goes_one_level_up (void **state UNUSED)
{
    uint64_t number = file_accusation (22);
    assert_int_equal (course_of (number)->department, 53);
    assert_int_equal (item_reply (discipline_desk, number)->refusal->code,
                      REFUSAL_NOT_FOUND);
}

static void an_accusation_nobody_may_have_is_shown_to_nobody (void **state UNUSED)
{
    struct accused accused[] = { { .department = 22 }, { .department = 53 } };
    int32_t day = civil_day (town_now_ms (town));
    struct matter matter = { .village = villages[0],
                             .purpose = PURPOSE_ACCUSATION,
                             .terminal = 101 };
    struct statement statement = { .text = "举报" };
    struct filing filing = { .number = number_make (day, 101, ++serials[0]),
                             .query_code = QUERY_CODE,
                             .filed_at_ms = town_now_ms (town),
                             .matter = &matter,
                             .statement = &statement,
                             .accused = accused,
                             .n_accused = 2 };
    town_command (terminals[0], SPEAKER_INTAKE, &(struct command){ .file = &filing });
    assert_int_equal (state_of (filing.number), STATE_UNDECIDED);
    assert_int_equal (queue_by (dispatcher, (struct queue_query){ 0 })->n_rows, 0);
    uint64_t before = town_count (town, SPEAKER_ROUTING, KIND_MOVED);
    town_step (town, 5 * CIVIL_HOUR_MS); /* better tables are asked for by and by */
    assert_true (town_count (town, SPEAKER_ROUTING, KIND_MOVED) > before);
    assert_int_equal (state_of (filing.number), STATE_UNDECIDED);
}

#define STORY(name) cmocka_unit_test_setup_teardown (name, build, demolish)

int main (void)
{
    const struct CMUnitTest tests[] = {
        STORY (a_village_files_and_the_responsible_desk_works_it_off),
        STORY (an_inquiry_is_answered_and_closed_when_served),
        STORY (what_no_row_answers_waits_for_the_dispatcher),
        STORY (an_abolished_department_is_replaced_by_its_successor),
        STORY (another_departments_desk_has_no_right),
        STORY (only_the_holding_desk_sees_the_person),
        STORY (fields_a_step_does_not_use_are_refused),
        STORY (who_is_complained_of_does_not_handle_it),
        STORY (of_two_who_claim_at_once_one_wins_and_the_other_hears_who),
        STORY (a_repeated_claim_gets_the_same_number),
        STORY (a_transfer_makes_the_old_number_stale),
        STORY (the_head_gives_and_takes_work),
        STORY (what_is_handed_back_after_acceptance_stays_accepted),
        STORY (a_claim_lapses_unused_after_five_working_days),
        STORY (what_was_accepted_does_not_lapse),
        STORY (an_objection_goes_back_with_its_reasons),
        STORY (who_has_accepted_does_not_object),
        STORY (an_objection_is_in_time_for_five_working_days),
        STORY (the_dispatcher_may_overrule_with_a_reason),
        STORY (a_disputed_execution_goes_back_to_its_holder),
        STORY (an_unused_review_window_closes_by_itself),
        STORY (the_desk_reads_what_was_said_since),
        STORY (a_department_by_its_old_number_is_the_same),
        STORY (an_assisting_department_writes_its_opinion),
        STORY (what_is_diverted_is_followed_until_it_has_arrived),
        STORY (what_lies_with_an_abolished_department_is_its_successors),
        STORY (an_accusation_is_seen_by_its_desk_alone),
        STORY (an_accusation_of_the_discipline_organ_goes_one_level_up),
        STORY (an_accusation_nobody_may_have_is_shown_to_nobody),
    };
    return cmocka_run_group_tests_name ("routing town", tests, NULL, NULL);
}
