/* SPDX-License-Identifier: Apache-2.0 */
/* "Not ours", again and again: from the second time on the common superior names the
 * department, by itself, and the petitioner's days run on. */
#include "flow_people.h"

/* Above 11 stands 54, above 12 and 13 stands 10; above 54 and 10 stands 51. */
static struct town_client *bureau, *government, *office;

static int build (void **state)
{
    flow_setup (state);
    bureau = town_client (town, ROLE_DESK, 2054, .department = 54);
    government = town_client (town, ROLE_DESK, 2051, .department = 51);
    office = town_client (town, ROLE_DESK, 2010, .department = 10);
    return 0;
}

static void dispatch (uint64_t number, uint32_t department)
{
    take_step (
        dispatcher, 3121,
        a_step (number, STEP_DISPATCH, .department = department, .reason = "理由不成立"));
}

static struct step_done *object (struct town_client *client, uint32_t person,
                                 uint64_t number)
{
    return take_step (client, person,
                      a_step (number, STEP_OBJECT, .reason = "不属我单位"));
}

/* Objected by 12, and then by 13: the office above both has it. */
static uint64_t contested (void)
{
    uint64_t number = file_with (0, NULL, 1, false);
    town_settle (town);
    dispatch (number, 12);
    object (other_desk, 1231, number);
    dispatch (number, 13);
    object (strange_desk, 1331, number);
    return number;
}

static struct step_command a_word (uint64_t number, uint32_t department)
{
    return a_step (number, STEP_ARBITRATE, .department = department,
                   .reason = "按职责分工指定");
}

static void the_second_objection_goes_to_the_common_superior (void **state UNUSED)
{
    uint64_t number = contested ();
    const struct moved *moved = last_moved ();
    assert_int_equal (moved->to, STATE_ARBITRATION);
    assert_int_equal (moved->department, 10);
    assert_int_equal (moved->previous_department, 13);
    assert_int_equal (moved->objections, 2);
    struct queue *queue = queue_by (office, (struct queue_query){ .department = 10 });
    assert_int_equal (queue->n_rows, 1);
    assert_int_equal (queue->rows[0].number, number);
    assert_string_equal (queue->rows[0].objection, "不属我单位");
    assert_int_equal (queue_by (dispatcher, (struct queue_query){ 0 })->total, 0);
    struct item *item = item_for (office, number);
    unsigned handed_over = 0;
    for (size_t i = 0; i < item->n_steps; i++)
        handed_over += item->steps[i].step == STEP_OBJECT;
    assert_int_equal (handed_over, 2); /* all of them are shown */
}

static void each_department_that_gets_it_next_is_a_hand_over (void **state UNUSED)
{
    uint64_t number = file_with (0, NULL, 1, false);
    town_settle (town);
    dispatch (number, 12);
    assert_int_equal (last_moved ()->transfers, 0); /* nobody had it before */
    object (other_desk, 1231, number);
    dispatch (number, 12);
    assert_int_equal (last_moved ()->transfers, 0); /* it has it again */
    dispatch (number, 13);
    assert_int_equal (last_moved ()->transfers, 1);
    object (strange_desk, 1331, number);
    assert_int_equal (last_moved ()->transfers, 1); /* an arbiter only names */
    take_step (office, 1011, a_word (number, 13));
    assert_int_equal (last_moved ()->transfers, 1);
    object (strange_desk, 1331, number);
    take_step (office, 1011, a_word (number, 12));
    assert_int_equal (last_moved ()->transfers, 2);
    uint64_t fencing = take_step (other_desk, 1231, a_step (number, STEP_CLAIM))->fencing;
    take_step (other_desk, 1231, a_step (number, STEP_HAND_BACK, .fencing = fencing));
    assert_int_equal (last_moved ()->transfers, 3); /* of persons too */
}

static void the_arbiter_names_the_department (void **state UNUSED)
{
    uint64_t number = contested ();
    struct step_command name = a_word (number, 12);
    name.reason = NULL;
    assert_int_equal (refused_step (office, 1011, name)->code, REFUSAL_MISSING);
    name = a_word (number, 9999);
    assert_int_equal (refused_step (office, 1011, name)->code,
                      REFUSAL_UNKNOWN_DEPARTMENT);
    name.department = 101; /* of another township */
    assert_int_equal (refused_step (office, 1011, name)->code, REFUSAL_TERRITORY);
    name.department = 12;
    struct step_done *done = take_step (office, 1011, name);
    assert_int_equal (done->state, STATE_DISPATCHED);
    assert_int_equal (done->department, 12);
    assert_int_equal (last_moved ()->article, 24);
    assert_int_equal (last_moved ()->previous_department, 10);
    assert_int_equal (refused_step (office, 1011, name)->code, REFUSAL_WRONG_STATE);
}

static void nobody_else_names_it (void **state UNUSED)
{
    uint64_t number = contested ();
    struct step_command name = a_word (number, 12);
    assert_int_equal (refused_step (office, 1031, name)->code, REFUSAL_NO_RIGHT);
    assert_int_equal (refused_step (office, 0, name)->code, REFUSAL_MISSING);
    assert_int_equal (refused_step (other_desk, 1211, name)->code, REFUSAL_TERRITORY);
    assert_int_equal (refused_step (dispatcher, 3121, name)->code, REFUSAL_NO_RIGHT);
    assert_int_equal (
        refused_step (dispatcher, 3121,
                      a_step (number, STEP_DISPATCH, .department = 12, .reason = "改派"))
            ->code,
        REFUSAL_WRONG_STATE);
    assert_int_equal (refused_step (office, 1031, a_step (number, STEP_CLAIM))->code,
                      REFUSAL_WRONG_STATE);
}

static void a_leader_of_the_superior_may_name_it (void **state UNUSED)
{
    uint64_t number = contested ();
    assert_non_null (item_for (leader, number)->statement);
    assert_int_equal (queue_by (leader, (struct queue_query){ .department = 10 })->n_rows,
                      1);
    assert_int_equal (refused_step (leader, 1031, a_word (number, 13))->code,
                      REFUSAL_NO_RIGHT);
    assert_int_equal (take_step (leader, 1001, a_word (number, 13))->department, 13);
}

static void a_third_objection_goes_above_all_three (void **state UNUSED)
{
    uint64_t number = contested ();
    take_step (office, 1011, a_word (number, 11));
    object (desk, 1131, number);
    assert_int_equal (last_moved ()->to, STATE_ARBITRATION);
    assert_int_equal (last_moved ()->department, 51);
    assert_int_equal (last_moved ()->objections, 3);
    /* The office of arbiter there, not the head, names it. */
    assert_int_equal (take_step (government, 5102, a_word (number, 11))->state,
                      STATE_DISPATCHED);
}

static void nobody_is_the_arbiter_of_their_own_objection (void **state UNUSED)
{
    uint64_t number = file (0); /* with 11 */
    town_settle (town);
    object (desk, 1131, number);
    dispatch (number, 54); /* the superior of 11 */
    object (bureau, 5431, number);
    assert_int_equal (last_moved ()->department, 51);
}

static void the_same_department_twice_goes_above_it (void **state UNUSED)
{
    uint64_t number = file (0);
    town_settle (town);
    object (desk, 1131, number);
    dispatch (number, 11);
    object (desk, 1131, number);
    assert_int_equal (last_moved ()->to, STATE_ARBITRATION);
    assert_int_equal (last_moved ()->department, 54);
}

static void a_department_sent_it_again_hears_why (void **state UNUSED)
{
    uint64_t number = file (0);
    town_settle (town);
    struct step_command again = a_step (number, STEP_DISPATCH, .department = 11);
    assert_int_equal (refused_step (dispatcher, 3121, again)->code, REFUSAL_MISSING);
    object (desk, 1131, number);
    assert_string_equal (refused_step (dispatcher, 3121, again)->field, "reason");
    again.reason = "职责清单第三项";
    take_step (dispatcher, 3121, again);
}

static void where_no_superior_is_common_it_goes_above_the_dispatcher (void **state UNUSED)
{
    uint64_t number = file_with (0, NULL, 1, false);
    struct town_client *petitions = town_client (town, ROLE_DESK, 2052, .department = 52);
    town_settle (town);
    dispatch (number, 51); /* above it there is nobody */
    object (government, 5131, number);
    dispatch (number, 52);
    object (petitions, 5231, number);
    assert_int_equal (last_moved ()->department, 10);

    /* That one too says it is not theirs: the tables have nobody left. */
    take_step (office, 1011, a_word (number, 10));
    object (office, 1031, number);
    assert_int_equal (last_moved ()->to, STATE_ARBITRATION);
    assert_int_equal (last_moved ()->department, 0);
    assert_int_equal (queue_by (dispatcher, (struct queue_query){ 0 })->n_rows, 1);
    assert_int_equal (take_step (dispatcher, 3121, a_word (number, 12))->state,
                      STATE_DISPATCHED);
}

static void whoever_assists_and_is_named_assists_no_more (void **state UNUSED)
{
    uint64_t number = file_with (0, NULL, 1, false);
    uint32_t assisting[] = { 14, 15 };
    town_settle (town);
    dispatch (number, 12);
    object (other_desk, 1231, number);
    take_step (dispatcher, 3121,
               a_step (number, STEP_DISPATCH, .department = 13, .assisting = assisting,
                       .n_assisting = 2, .reason = "理由成立", .text = "查清面积"));
    object (strange_desk, 1331, number);
    take_step (office, 1012, a_word (number, 14));
    struct town_client *farming = town_client (town, ROLE_DESK, 2014, .department = 14);
    struct item *item = item_for (farming, number);
    assert_int_equal (item->n_assisting, 1);
    assert_int_equal (item->assisting[0], 15);
}

static void
what_was_withdrawn_from_the_arbiter_comes_back_to_the_dispatcher (void **state UNUSED)
{
    uint64_t number = contested ();
    ask (number, ASKED_WITHDRAW, NULL);
    take_step (office, 1011, a_step (number, STEP_APPROVE, .text = "本人撤回"));
    assert_int_equal (state_of (number), STATE_CLOSED);
    ask (number, ASKED_DISPUTE, "没有人管才撤的");
    assert_int_equal (state_of (number), STATE_UNDECIDED);
    take_step (dispatcher, 3121, a_step (number, STEP_DISPATCH, .department = 12));
    object (other_desk, 1231, number);
    assert_int_equal (last_moved ()->to, STATE_ARBITRATION); /* the third one */
}

static void the_petitioners_day_does_not_move (void **state UNUSED)
{
    uint64_t number = contested ();
    int64_t due_ms = item_for (office, number)->row->due_ms;
    town_step (town, CIVIL_DAY_MS);
    take_step (office, 1011, a_word (number, 12));
    assert_int_equal (item_for (other_desk, number)->row->due_ms, due_ms);
    /* The named department's own days to object begin anew. */
    town_step (town, 3 * CIVIL_DAY_MS);
    object (other_desk, 1231, number);
}

#define STORY(name) cmocka_unit_test_setup_teardown (name, build, flow_demolish)

int main (void)
{
    const struct CMUnitTest tests[] = {
        STORY (the_second_objection_goes_to_the_common_superior),
        STORY (each_department_that_gets_it_next_is_a_hand_over),
        STORY (the_arbiter_names_the_department),
        STORY (nobody_else_names_it),
        STORY (a_leader_of_the_superior_may_name_it),
        STORY (a_third_objection_goes_above_all_three),
        STORY (nobody_is_the_arbiter_of_their_own_objection),
        STORY (the_same_department_twice_goes_above_it),
        STORY (a_department_sent_it_again_hears_why),
        STORY (where_no_superior_is_common_it_goes_above_the_dispatcher),
        STORY (whoever_assists_and_is_named_assists_no_more),
        STORY (what_was_withdrawn_from_the_arbiter_comes_back_to_the_dispatcher),
        STORY (the_petitioners_day_does_not_move),
    };
    return cmocka_run_group_tests_name ("routing arbitration", tests, NULL, NULL);
}
