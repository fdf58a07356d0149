/* SPDX-License-Identifier: Apache-2.0 */
/* The tables that are shipped: a real county, and one township of it in full. What the
 * loader cannot know is asked here: is everything of importance answered for? */
#include "rules_tables.h"

#include "rules/answerable.h"
#include "rules/deadline.h"
#include "rules/responsibility.h"
#include "rules/templates.h"

#define HUANFENG UINT64_C (340522100)
#define COUNTY   UINT64_C (340522)

static struct rules *rules;

static void the_county_is_complete (void **state UNUSED)
{
    size_t huanfeng = 0;
    assert_int_equal (rules->village_count, 120);
    for (size_t i = 0; i < rules->village_count; i++)
        huanfeng += territory_contains (HUANFENG, rules->villages[i].code);
    assert_int_equal (huanfeng, 31);
    assert_int_equal (rules->known_until, day_of ("2026-12-31"));
}

static size_t departments_of (uint64_t territory)
{
    size_t count = 0;
    for (size_t i = 0; i < rules->department_count; i++)
        count += rules->departments[i].territory == territory &&
                 rules->departments[i].successor == 0;
    return count;
}

static void huanfeng_is_worked_out_in_full (void **state UNUSED)
{
    assert_true (departments_of (HUANFENG) >= 14);
    assert_true (departments_of (COUNTY) >= 14);
    for (size_t i = 0; i < rules->department_count; i++) {
        const struct department *department = &rules->departments[i];
        int32_t day = day_of ("2026-11-23");
        size_t at = 0;
        if (department->successor != 0)
            continue;
        assert_non_null (
            officer_next (rules, department->number, OFFICE_HEAD, day, &(size_t){ 0 }));
        assert_non_null (
            officer_next (rules, department->number, OFFICE_WORKER, day, &at));
        if (department->territory == HUANFENG) {
            assert_int_not_equal (department->leader, 0);
            assert_non_null (officer_next (rules, department->number, OFFICE_DEPUTY, day,
                                           &(size_t){ 0 }));
        }
        assert_true (department->outlet_count > 0);
    }
}

static void every_first_level_is_answered_in_every_village (void **state UNUSED)
{
    for (size_t v = 0; v < rules->village_count; v++)
        for (size_t c = 0; c < rules->category_count; c++)
            for (unsigned purpose = 0; purpose < PURPOSE_COUNT; purpose++) {
                struct responsibility_answer answer;
                struct responsibility_question question = {
                    .village = rules->villages[v].code,
                    .category = rules->categories[c].path,
                    .purpose = purpose,
                };
                if (rules->categories[c].depth > 1 && v % 10 != 0)
                    continue;
                rules_responsible (rules, &question, &answer);
                assert_int_equal (answer.outcome, RESPONSIBILITY_FOUND);
                const struct department *department =
                    department_find (rules, answer.department);
                assert_int_equal (department->successor, 0);
                /* Sealed matters go to discipline organs; '纪检监察' is theirs anyway. */
                if (purpose == PURPOSE_ACCUSATION)
                    assert_true (department->flags & DEPARTMENT_DISCIPLINE);
            }
}

static void without_a_category_the_dispatcher_decides (void **state UNUSED)
{
    for (size_t v = 0; v < rules->village_count; v++) {
        struct responsibility_answer answer;
        struct responsibility_question question = { .village = rules->villages[v].code,
                                                    .purpose = PURPOSE_REQUEST };
        rules_responsible (rules, &question, &answer);
        assert_int_equal (answer.outcome, RESPONSIBILITY_NO_CATEGORY);
        const struct department *dispatching =
            department_dispatching (rules, question.village);
        assert_int_equal (dispatching->territory,
                          territory_contains (HUANFENG, question.village) ? HUANFENG
                                                                          : COUNTY);
        assert_non_null (officer_next (rules, dispatching->number, OFFICE_DISPATCHER,
                                       day_of ("2026-11-23"), &(size_t){ 0 }));
        question.purpose = PURPOSE_ACCUSATION;
        rules_responsible (rules, &question, &answer);
        assert_int_equal (answer.outcome, RESPONSIBILITY_FOUND);
    }
}

static void every_department_has_somebody_at_every_level (void **state UNUSED)
{
    for (size_t i = 0; i < rules->department_count; i++)
        for (unsigned level = LEVEL_HEAD; level < LEVEL_COUNT; level++) {
            struct answerable who;
            bool discipline = (rules->departments[i].flags & DEPARTMENT_DISCIPLINE) != 0;
            rules_answerable (rules, rules->departments[i].number, level, 0,
                              day_of ("2026-11-23"), &who);
            assert_false (who.nobody);
            assert_int_not_equal (who.person, 0);
            const struct department *of = department_find (rules, who.department);
            assert_true (((of->flags & DEPARTMENT_DISCIPLINE) != 0) == discipline);
            if (rules->departments[i].territory == HUANFENG)
                assert_false (who.filled);
        }
}

static void stand_ins_take_over_by_date (void **state UNUSED)
{
    assert_int_equal (officer_acting (rules, 1111, day_of ("2026-11-29")), 1111);
    assert_int_equal (officer_acting (rules, 1111, day_of ("2026-11-30")), 1112);
    assert_int_equal (officer_acting (rules, 1005, day_of ("2026-12-04")), 1006);
    assert_int_equal (officer_acting (rules, 1005, day_of ("2026-12-05")), 1005);
}

static void the_five_kinds_have_categories (void **state UNUSED)
{
    size_t count[MATTER_KIND_COUNT] = { 0 };
    for (size_t i = 0; i < rules->category_count; i++)
        count[rules->categories[i].kind]++;
    for (unsigned kind = MATTER_LAND; kind < MATTER_KIND_COUNT; kind++)
        assert_true (count[kind] >= 5);
    assert_int_equal (
        category_find (rules, "城乡建设/城市建设和市政管理/自来水供应")->urgency,
        URGENCY_UTILITY);
}

static void the_clocks_are_those_of_the_law (void **state UNUSED)
{
    static const struct {
        enum stage stage;
        enum purpose purpose;
        enum urgency urgency;
        uint32_t amount;
        enum unit unit;
        bool is_law;
    } rows[] = {
        { STAGE_DISPATCH, PURPOSE_REQUEST, URGENCY_ORDINARY, 15, UNIT_DAY, true },
        { STAGE_ACCEPT, PURPOSE_REQUEST, URGENCY_ORDINARY, 15, UNIT_DAY, true },
        { STAGE_OBJECT, PURPOSE_REQUEST, URGENCY_ORDINARY, 5, UNIT_WORKING_DAY, true },
        { STAGE_DECIDE, PURPOSE_APPEAL, URGENCY_ORDINARY, 60, UNIT_DAY, true },
        { STAGE_EXTEND, PURPOSE_APPEAL, URGENCY_ORDINARY, 30, UNIT_DAY, true },
        { STAGE_REVIEW, PURPOSE_APPEAL, URGENCY_ORDINARY, 30, UNIT_DAY, true },
        { STAGE_REREVIEW, PURPOSE_APPEAL, URGENCY_ORDINARY, 30, UNIT_DAY, true },
        { STAGE_ASK_REVIEW, PURPOSE_APPEAL, URGENCY_ORDINARY, 30, UNIT_DAY, true },
        { STAGE_ASK_REREVIEW, PURPOSE_APPEAL, URGENCY_ORDINARY, 30, UNIT_DAY, true },
        { STAGE_DECIDE, PURPOSE_SUGGESTION, URGENCY_ORDINARY, 30, UNIT_DAY, false },
        { STAGE_ACCEPT, PURPOSE_ACCUSATION, URGENCY_ORDINARY, 15, UNIT_WORKING_DAY,
          false },
        { STAGE_ACCEPT, PURPOSE_ACCUSATION, URGENCY_EMERGENCY, 15, UNIT_WORKING_DAY,
          false },
        { STAGE_DECIDE, PURPOSE_ACCUSATION, URGENCY_ORDINARY, 15, UNIT_WORKING_DAY,
          false },
        { STAGE_RESPOND, PURPOSE_INQUIRY, URGENCY_EMERGENCY, 2, UNIT_HOUR, false },
        { STAGE_RESPOND, PURPOSE_INQUIRY, URGENCY_UTILITY, 24, UNIT_HOUR, false },
        { STAGE_RESPOND, PURPOSE_INQUIRY, URGENCY_ORDINARY, 7, UNIT_DAY, false },
        { STAGE_RESPOND, PURPOSE_INQUIRY, URGENCY_COMPLEX, 15, UNIT_DAY, false },
    };
    for (size_t i = 0; i < ARRAY_SIZE (rows); i++) {
        const struct deadline_row *row =
            deadline_row_find (rules, rows[i].stage, rows[i].purpose, rows[i].urgency);
        assert_int_equal (row->amount, rows[i].amount);
        assert_int_equal (row->unit, rows[i].unit);
        assert_int_equal (row->is_law, rows[i].is_law);
    }
    struct duty_plan plan;
    int64_t now_ms = at_ms ("2026-11-23 10:20:30");
    assert_int_equal (duty_plan (rules, STAGE_WHOLE, PURPOSE_REQUEST, URGENCY_ORDINARY,
                                 false, now_ms, &plan),
                      0);
    assert_int_equal (plan.amount, 15 + 60);
    assert_int_equal (duty_plan (rules, STAGE_WHOLE, PURPOSE_REQUEST, URGENCY_ORDINARY,
                                 true, now_ms, &plan),
                      0);
    assert_int_equal (plan.amount, 15 + 60 + 30);
}

static void every_stage_has_a_clock_for_every_purpose (void **state UNUSED)
{
    for (unsigned stage = 1; stage < STAGE_COUNT; stage++)
        for (unsigned purpose = 1; purpose < PURPOSE_COUNT; purpose++)
            for (unsigned urgency = 1; urgency < URGENCY_COUNT; urgency++)
                assert_true (stage == STAGE_EXTEND ||
                             deadline_row_find (rules, stage, purpose, urgency) != NULL);
}

static void templates_hold_no_personal_data (void **state UNUSED)
{
    for (size_t i = 0; i < rules->template_count; i++) {
        assert_null (strstr (rules->templates[i].text, "{person}"));
        assert_null (strstr (rules->templates[i].text, "{name}"));
    }
    assert_non_null (template_find (rules, TEMPLATE_SLIP, LANGUAGE_ZH));
}

static void the_dispatcher_is_helped_by_the_title (void **state UNUSED)
{
    static const struct {
        const char *title;
        uint32_t department;
    } rows[] = {
        { "征地补偿款半年没有到账", 11 },
        { "安置房逾期三年未交付", 12 },
        { "碎石厂粉尘污染，井水发黑", 13 },
        { "放炮震裂我家墙体", 23 },
        { "拖欠农民工工资", 16 },
        { "村里三年没有村务公开", 14 },
        { "小区停水三天", 25 },
        { "公交车线路调整建议", 19 },
        { "学校食堂乱收费", 18 },
        { "低保户被取消", 15 },
    };
    size_t right = 0;
    for (size_t i = 0; i < ARRAY_SIZE (rows); i++) {
        struct responsibility_candidate found[CANDIDATES_MAX];
        struct responsibility_question question = { .village = UINT64_C (340522100207),
                                                    .purpose = PURPOSE_REQUEST };
        size_t count = rules_candidates (rules, &question, bytes_of_text (rows[i].title),
                                         BYTES (NULL, 0), found);
        for (size_t k = 0; k < count; k++) {
            right += found[k].department == rows[i].department;
            assert_true (found[k].why[0] != '\0');
        }
    }
    assert_int_equal (right, ARRAY_SIZE (rows));
}

static int load (void **state UNUSED)
{
    rules = shipped_rules ();
    return 0;
}

static int unload (void **state UNUSED)
{
    rules_destroy (&rules);
    return 0;
}

int main (void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test (the_county_is_complete),
        cmocka_unit_test (huanfeng_is_worked_out_in_full),
        cmocka_unit_test (every_first_level_is_answered_in_every_village),
        cmocka_unit_test (without_a_category_the_dispatcher_decides),
        cmocka_unit_test (every_department_has_somebody_at_every_level),
        cmocka_unit_test (stand_ins_take_over_by_date),
        cmocka_unit_test (the_five_kinds_have_categories),
        cmocka_unit_test (the_clocks_are_those_of_the_law),
        cmocka_unit_test (every_stage_has_a_clock_for_every_purpose),
        cmocka_unit_test (templates_hold_no_personal_data),
        cmocka_unit_test (the_dispatcher_is_helped_by_the_title),
    };
    return cmocka_run_group_tests (tests, load, unload);
}
