/* SPDX-License-Identifier: Apache-2.0 */
/* Stories of people who must not: the accused, the late, the one whose village it is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "town_people.h"

#include "base/civil.h"

/* A matter of the first village, with these complained of. */
static uint64_t file_against (enum purpose purpose, struct accused *accused, size_t count)
{
    int32_t day = civil_day (town_now_ms (town));
    uint64_t number = number_make (day, 101, ++serials[0]);
    struct statement statement = { .text = "反映情况" };
    struct matter matter = { .village = villages[0],
                             .terminal = 101,
                             .purpose = purpose,
                             .category = "国土资源/土地征收" };
    struct filing filing = { .number = number,
                             .query_code = "0123ABCD",
                             .filed_at_ms = town_now_ms (town),
                             .matter = &matter,
                             .statement = &statement,
                             .accused = accused,
                             .n_accused = count };
    struct outcome *outcome =
        town_command (terminals[0], SPEAKER_INTAKE, &(struct command){ .file = &filing });

    assert_null (outcome->refusal);
    town_settle (town);
    return number;
}

static enum refusal_code refused (struct town_client *client, uint32_t person,
                                  const struct step_command *command)
{
    struct outcome *outcome = town_command (
        client, SPEAKER_ROUTING,
        &(struct command){ .person = person,
                           .step = (struct step_command *) (uintptr_t) command });

    return outcome->refusal ? outcome->refusal->code : REFUSAL_NONE;
}

static void ask_of (uint64_t number, enum asked what)
{
    struct ask ask = { .number = number,
                       .query_code = "0123ABCD",
                       .what = what,
                       .ground = what == ASKED_WITHDRAW ? GROUND_SETTLED : GROUND_NONE };

    assert_null (
        town_command (terminals[0], SPEAKER_INTAKE, &(struct command){ .ask = &ask })
            ->refusal);
    town_settle (town);
}

static void who_is_complained_of_neither_handles_nor_objects_nor_advises (void **state)
{
    struct accused accused[] = { { .department = 11, .person = 1131 },
                                 { .department = 12, .person = 1211 } };

    (void) state;
    town_build ();
    uint64_t number = file_against (PURPOSE_REQUEST, accused, ARRAY_SIZE (accused));
    struct step_command claim = { .number = number, .step = STEP_CLAIM };
    struct step_command object = { .number = number,
                                   .step = STEP_OBJECT,
                                   .reason = "不属于我单位" };
    struct step_command advise = { .number = number,
                                   .step = STEP_OPINION,
                                   .text = "意见" };

    assert_int_equal (refused (desk, 1131, &claim), REFUSAL_ACCUSED);
    assert_int_equal (refused (desk, 1131, &object), REFUSAL_ACCUSED);
    assert_int_equal (refused (other_desk, 1211, &advise), REFUSAL_ACCUSED);
    assert_int_equal (refused (other_desk, 1231, &advise), REFUSAL_NONE);
    assert_int_equal (refused (desk, 1111, &object), REFUSAL_NONE);
    town_destroy (&town);
}

/* Whoever holds it was asked when they came to hold it; everybody else is asked now. */
static void who_is_complained_of_is_no_second_person_either (void **state)
{
    struct accused accused[] = { { .department = 11, .person = 1111 },
                                 { .department = 31, .person = 3121 },
                                 { .department = 10, .person = 1001 } };

    (void) state;
    town_build ();
    uint64_t number = file_against (PURPOSE_REQUEST, accused, ARRAY_SIZE (accused));
    struct step_command dispatch = {
        .number = number, .step = STEP_DISPATCH, .department = 12, .reason = "改派"
    };
    struct step_command assign = { .number = number,
                                   .step = STEP_ASSIGN,
                                   .worker = 1131 };
    struct step_command contact = { .number = number,
                                    .step = STEP_CONTACT,
                                    .means = MEANS_TELEPHONE,
                                    .contacted = CONTACTED_NOT_REACHED };
    struct step_command categorise = { .number = number,
                                       .step = STEP_CATEGORISE,
                                       .category = "环境保护" };
    struct step_command went_up = { .number = number, .step = STEP_WENT_UP, .level = 1 };
    struct step_command approve = { .number = number, .step = STEP_APPROVE };
    struct step_command recuse = { .number = number,
                                   .step = STEP_RECUSE,
                                   .reason = "被反映" };

    assert_int_equal (refused (dispatcher, 3121, &dispatch), REFUSAL_ACCUSED);
    assert_int_equal (refused (desk, 1111, &assign), REFUSAL_ACCUSED);
    assert_int_equal (refused (desk, 1111, &contact), REFUSAL_ACCUSED);
    assert_int_equal (refused (desk, 1111, &categorise), REFUSAL_ACCUSED);
    assert_int_equal (refused (desk, 1111, &went_up), REFUSAL_ACCUSED);
    ask_of (number, ASKED_WITHDRAW);
    approve.text = "已核实";
    assert_int_equal (refused (desk, 1111, &approve), REFUSAL_ACCUSED);
    assert_int_equal (refused (leader, 1001, &approve), REFUSAL_ACCUSED);
    assert_int_equal (refused (desk, 1111, &recuse),
                      REFUSAL_NONE); /* that they may say */
    assert_int_equal (refused (desk, 1112, &approve), REFUSAL_NONE);
    town_destroy (&town);
}

static void a_number_does_not_make_the_accused_a_holder (void **state)
{
    struct accused accused[] = { { .department = 31, .person = 3121 },
                                 { .department = 11, .person = 1111 } };

    (void) state;
    town_build ();
    uint64_t number = file_against (PURPOSE_REQUEST, accused, ARRAY_SIZE (accused));
    struct step_command categorise = {
        .number = number, .step = STEP_CATEGORISE, .category = "环境保护", .fencing = 1
    };
    struct step_command recuse = {
        .number = number, .step = STEP_RECUSE, .worker = 1131, .reason = "有利害关系"
    };

    assert_int_equal (refused (dispatcher, 3121, &categorise), REFUSAL_ACCUSED);
    assert_int_equal (refused (dispatcher, 3122, &categorise), REFUSAL_NONE);
    assert_int_equal (refused (desk, 1111, &recuse), REFUSAL_ACCUSED); /* another */
    assert_int_equal (refused (desk, 1112, &recuse), REFUSAL_NONE);
    recuse.worker = 1111;
    assert_int_equal (refused (desk, 1111, &recuse), REFUSAL_NONE);
    town_destroy (&town);
}

static void dispatch_to_the_same_desk_gives_no_new_days_to_object (void **state)
{
    (void) state;
    town_build ();
    uint64_t number = file (0);
    town_settle (town);
    town_step (town, 10 * CIVIL_DAY_MS);
    uint32_t assisting[] = { 12 };
    struct step_command again = { .number = number,
                                  .step = STEP_DISPATCH,
                                  .department = 11,
                                  .assisting = assisting,
                                  .n_assisting = 1,
                                  .reason = "请征迁办协办" };
    struct step_command object = { .number = number,
                                   .step = STEP_OBJECT,
                                   .reason = "不属于我单位" };

    assert_int_equal (refused (dispatcher, 3121, &again), REFUSAL_NONE);
    assert_int_equal (refused (desk, 1111, &object), REFUSAL_WRONG_STATE);
    town_destroy (&town);
}

/* Nobody sees it, so nobody could confirm its withdrawal: it waits, and the tables are
 * tried again meanwhile. */
static void accusation_nobody_may_have_is_tried_again_while_it_is_withdrawn (void **state)
{
    struct accused accused[] = { { .department = 22 }, { .department = 53 } };

    (void) state;
    town_build ();
    uint64_t number = file_against (PURPOSE_ACCUSATION, accused, ARRAY_SIZE (accused));
    assert_int_equal (town_last (town, SPEAKER_ROUTING, KIND_MOVED)->moved->to,
                      STATE_UNDECIDED);
    ask_of (number, ASKED_WITHDRAW);
    assert_int_equal (town_count (town, SPEAKER_ROUTING, KIND_PROPOSED), 1);
    struct step_command approve = { .number = number,
                                    .step = STEP_APPROVE,
                                    .text = "本人撤回" };
    assert_int_equal (refused (dispatcher, 3121, &approve), REFUSAL_NOT_FOUND);
    assert_int_equal (refused (leader, 1001, &approve), REFUSAL_NOT_FOUND);
    uint64_t before = town_count (town, SPEAKER_ROUTING, KIND_MOVED);
    town_step (town, 2 * CIVIL_HOUR_MS);
    assert_true (town_count (town, SPEAKER_ROUTING, KIND_MOVED) > before);
    town_destroy (&town);
}

static bool sees_course (struct town_client *client, uint64_t number)
{
    struct course_query course = { .number = number };

    return town_query (client, SPEAKER_INTAKE, &(struct query){ .course = &course })
               ->course != NULL;
}

static bool sees_clocks (struct town_client *client, uint64_t number)
{
    struct deadline_query ledger = { .number = number };

    return town_query (client, SPEAKER_ESCALATION, &(struct query){ .deadline = &ledger })
               ->deadline != NULL;
}

static void number_alone_shows_nothing_outside_its_place (void **state)
{
    (void) state;
    town_build ();
    uint64_t number = file (0);
    town_settle (town);
    assert_true (sees_course (leader, number));
    assert_false (sees_course (county, number)); /* the leader of another county */
    assert_true (sees_course (terminals[0], number));
    assert_false (sees_course (terminals[1], number));
    assert_true (sees_clocks (terminals[0], number));
    assert_false (sees_clocks (terminals[1], number));
    assert_false (sees_clocks (county, number));
    town_destroy (&town);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (who_is_complained_of_neither_handles_nor_objects_nor_advises),
        cmocka_unit_test (who_is_complained_of_is_no_second_person_either),
        cmocka_unit_test (a_number_does_not_make_the_accused_a_holder),
        cmocka_unit_test (dispatch_to_the_same_desk_gives_no_new_days_to_object),
        cmocka_unit_test (number_alone_shows_nothing_outside_its_place),
        cmocka_unit_test (
            accusation_nobody_may_have_is_tried_again_while_it_is_withdrawn),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
