/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_tables.h"

#include "rules/deadline.h"

static struct rules *rules;

/* "50>0@2026-12-01 24:00 …": share, level, instant. */
static const char *steps_text (const struct duty_plan *plan)
{
    static char text[1024];
    char due[CIVIL_TIME_SIZE];
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < plan->step_count; i++)
        used += (size_t) snprintf (text + used, sizeof text - used, "%s%u>%u@%s%s",
                                   i == 0 ? "" : " ", plan->steps[i].share,
                                   plan->steps[i].level,
                                   civil_format_due (plan->steps[i].due_ms, due),
                                   plan->steps[i].provisional ? "?" : "");
    return text;
}

static const struct {
    enum stage stage;
    enum purpose purpose;
    enum urgency urgency;
    bool extended;
    uint32_t amount;
    enum unit unit;
    const char *due;
    const char *steps;
} plans[] = {
    { STAGE_ACCEPT, PURPOSE_REQUEST, URGENCY_ORDINARY, false, 15, UNIT_DAY,
      "2026-12-08 24:00",
      "50>0@2026-12-01 24:00 75>0@2026-12-05 24:00 85>1@2026-12-06 24:00 "
      "100>2@2026-12-08 24:00 105>3@2026-12-15 24:00 110>4@2026-12-22 24:00" },
    { STAGE_ACCEPT, PURPOSE_ACCUSATION, URGENCY_ORDINARY, false, 15, UNIT_WORKING_DAY,
      "2026-12-14 24:00",
      "50>0@2026-12-03 24:00 75>0@2026-12-09 24:00 85>1@2026-12-10 24:00 "
      "100>2@2026-12-14 24:00 105>3@2026-12-21 24:00 110>4@2026-12-28 24:00" },
    { STAGE_ACCEPT, PURPOSE_REQUEST, URGENCY_EMERGENCY, false, 2, UNIT_HOUR,
      "2026-11-23 12:20:30",
      "50>0@2026-11-23 11:20:30 75>1@2026-11-23 11:50:30 85>1@2026-11-23 12:02:30 "
      "100>2@2026-11-23 12:20:30 101>3@2026-11-24 24:00" },
    { STAGE_WAIT, PURPOSE_REQUEST, URGENCY_ORDINARY, false, 1, UNIT_WORKING_DAY,
      "2026-11-24 24:00",
      "50>0@2026-11-24 24:00 75>0@2026-11-24 24:00 85>1@2026-11-24 24:00 "
      "100>2@2026-11-24 24:00 105>3@2026-12-01 24:00 110>4@2026-12-08 24:00" },
    { STAGE_WHOLE, PURPOSE_REQUEST, URGENCY_ORDINARY, false, 75, UNIT_DAY,
      /* day 75 is Saturday 6 February 2027: on to Monday, as far as anybody knows */
      "2027-02-08 24:00",
      "50>0@2026-12-31 24:00 75>0@2027-01-19 24:00 85>1@2027-01-26 24:00 "
      "100>2@2027-02-08 24:00? 105>3@2027-02-15 24:00? 110>4@2027-02-22 24:00?" },
    { STAGE_WHOLE, PURPOSE_APPEAL, URGENCY_ORDINARY, true, 105, UNIT_DAY,
      "2027-03-08 24:00",
      "50>0@2027-01-15 24:00 75>0@2027-02-10 24:00 85>1@2027-02-21 24:00 "
      "100>2@2027-03-08 24:00? 105>3@2027-03-15 24:00? 110>4@2027-03-22 24:00?" },
    { STAGE_WHOLE, PURPOSE_ACCUSATION, URGENCY_ORDINARY, false, 30, UNIT_WORKING_DAY,
      "2027-01-04 24:00",
      "50>0@2026-12-14 24:00 75>0@2026-12-24 24:00 85>1@2026-12-29 24:00 "
      "100>2@2027-01-04 24:00? 105>3@2027-01-11 24:00? 110>4@2027-01-18 24:00?" },
    /* Two hours and sixty days are sixty-one days. */
    { STAGE_HOLDER, PURPOSE_REQUEST, URGENCY_EMERGENCY, false, 61, UNIT_DAY,
      "2027-01-25 24:00",
      "50>0@2026-12-24 24:00 75>1@2027-01-08 24:00 85>1@2027-01-14 24:00 "
      "100>2@2027-01-25 24:00? 101>3@2027-01-26 24:00?" },
    { STAGE_DECIDE, PURPOSE_APPEAL, URGENCY_ORDINARY, true, 90, UNIT_DAY,
      "2027-02-22 24:00",
      "50>0@2027-01-07 24:00 75>0@2027-01-30 24:00 85>1@2027-02-08 24:00 "
      "100>2@2027-02-22 24:00? 105>3@2027-03-01 24:00? 110>4@2027-03-08 24:00?" },
    /* Its row has the band 100 only; what comes behind the breach stays. */
    { STAGE_SERVE, PURPOSE_REQUEST, URGENCY_ORDINARY, false, 7, UNIT_DAY,
      "2026-11-30 24:00",
      "100>2@2026-11-30 24:00 105>3@2026-12-07 24:00 110>4@2026-12-14 24:00" },
    /* A window never raises. */
    { STAGE_OBJECT, PURPOSE_REQUEST, URGENCY_ORDINARY, false, 5, UNIT_WORKING_DAY,
      "2026-11-30 24:00", "" },
};

static void a_duty_is_planned_to_its_last_raise (void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE (plans); i++) {
        struct duty_plan plan;
        char due[CIVIL_TIME_SIZE];
        int rc = duty_plan (rules, plans[i].stage, plans[i].purpose, plans[i].urgency,
                            plans[i].extended, at_ms ("2026-11-23 10:20:30"), &plan);
        assert_int_equal (rc, 0);
        assert_int_equal (plan.amount, plans[i].amount);
        assert_int_equal (plan.unit, plans[i].unit);
        assert_string_equal (civil_format_due (plan.due.due_ms, due), plans[i].due);
        assert_string_equal (steps_text (&plan), plans[i].steps);
        assert_int_equal (plan.row->stage, plans[i].stage);
    }
}

static void steps_never_go_back_in_time_or_level (void **state UNUSED)
{
    int32_t first = day_of ("2026-01-01");
    for (int32_t day = first; day < first + 400; day += 5)
        for (unsigned stage = 1; stage < STAGE_COUNT; stage++)
            for (unsigned purpose = 1; purpose < PURPOSE_COUNT; purpose++)
                for (unsigned urgency = 1; urgency < URGENCY_COUNT; urgency++) {
                    struct duty_plan plan;
                    int64_t start_ms = civil_day_start_ms (day) + 5000000;
                    if (duty_plan (rules, stage, purpose, urgency, false, start_ms,
                                   &plan) != 0)
                        continue;
                    assert_true (plan.due.due_ms > start_ms);
                    for (size_t i = 0; i < plan.step_count; i++) {
                        const struct duty_step *step = &plan.steps[i];
                        assert_true (step->due_ms > start_ms);
                        assert_true ((step->share <= 100) ==
                                     (step->due_ms <= plan.due.due_ms));
                        assert_true (i == 0 || step->due_ms >= step[-1].due_ms);
                        assert_true (i == 0 || step->level >= step[-1].level);
                    }
                }
}

static void what_has_no_clock_is_said (void **state UNUSED)
{
    struct duty_plan plan;
    int64_t now_ms = at_ms ("2026-11-23 10:20:30");
    assert_int_equal (duty_plan (rules, STAGE_MEDIATE, PURPOSE_APPEAL, URGENCY_ORDINARY,
                                 false, now_ms, &plan),
                      -2);
    /* Only appeals may be extended in this table. */
    assert_int_equal (duty_plan (rules, STAGE_DECIDE, PURPOSE_REQUEST, URGENCY_ORDINARY,
                                 true, now_ms, &plan),
                      -2);
}

static void purpose_counts_before_urgency (void **state UNUSED)
{
    static const struct {
        enum purpose purpose;
        enum urgency urgency;
        uint32_t row;
    } rows[] = {
        { PURPOSE_REQUEST, URGENCY_ORDINARY, 3 },
        { PURPOSE_REQUEST, URGENCY_UTILITY, 3 },
        { PURPOSE_REQUEST, URGENCY_EMERGENCY, 4 },
        { PURPOSE_ACCUSATION, URGENCY_EMERGENCY, 5 },
        { PURPOSE_NONE, URGENCY_ANY, 3 },
    };
    for (size_t i = 0; i < ARRAY_SIZE (rows); i++)
        assert_int_equal (
            deadline_row_find (rules, STAGE_ACCEPT, rows[i].purpose, rows[i].urgency)
                ->row,
            rows[i].row);
}

static void stages_are_found_by_either_name (void **state UNUSED)
{
    for (unsigned stage = 1; stage < STAGE_COUNT; stage++) {
        assert_int_equal (stage_of_name (name_word (&stage_names, stage)), stage);
        assert_int_equal (stage_of_name (name_zh (&stage_names, stage)), stage);
    }
    assert_int_equal (stage_of_name ("nothing"), STAGE_ANY);
    assert_int_equal (stage_of_name (NULL), STAGE_ANY);
}

static void the_nearest_ladder_hides_the_others (void **state UNUSED)
{
    static struct rules_problems problems;
    struct rules *other = NULL;
    struct ladder_row steps[LADDER_STEPS_MAX];
    assert_int_equal (
        parse_with (RULES_LADDER,
                    "stage\turgency\tat\tlevel\n"
                    "*\t*\t50%\t0\n*\t*\t75%\t0\n*\t*\t85%\t1\n*\t*\t100%\t1\n"
                    "*\temergency\t50%\t0\n*\temergency\t75%\t0\n"
                    "*\temergency\t85%\t0\n*\temergency\t100%\t1\n"
                    "decide\t*\t50%\t1\n"
                    "decide\t*\t75%\t1\ndecide\t*\t85%\t1\ndecide\t*\t100%\t2\n"
                    "decide\temergency\t50%\t1\ndecide\temergency\t75%\t1\n"
                    "decide\temergency\t85%\t1\ndecide\temergency\t100%\t1\n",
                    &other, &problems),
        0);
    assert_int_equal (ladder_steps (other, STAGE_ACCEPT, URGENCY_ORDINARY, steps), 4);
    assert_int_equal (steps[3].level, 1);
    assert_int_equal (steps[2].level, 1);
    assert_int_equal (ladder_steps (other, STAGE_ACCEPT, URGENCY_EMERGENCY, steps), 4);
    assert_int_equal (steps[2].level, 0);
    assert_int_equal (ladder_steps (other, STAGE_DECIDE, URGENCY_ORDINARY, steps), 4);
    assert_int_equal (steps[3].level, 2);
    assert_int_equal (ladder_steps (other, STAGE_DECIDE, URGENCY_EMERGENCY, steps), 4);
    assert_int_equal (steps[3].level, 1);
    rules_destroy (&other);
}

static void urgency_comes_from_the_mark_or_the_category (void **state UNUSED)
{
    const struct category *water = category_find (rules, "城乡建设/供水");
    const struct category *land = category_find (rules, "国土资源/土地征收/安置补偿");
    assert_int_equal (urgency_of (NULL, false), URGENCY_ORDINARY);
    assert_int_equal (urgency_of (NULL, true), URGENCY_EMERGENCY);
    assert_int_equal (urgency_of (water, false), URGENCY_UTILITY);
    assert_int_equal (urgency_of (water, true), URGENCY_EMERGENCY);
    assert_int_equal (urgency_of (land, false), URGENCY_ORDINARY);
    /* The kind is inherited. */
    assert_int_equal (land->kind, MATTER_LAND);
    assert_int_equal (land->parent->number, 30100);
    assert_ptr_equal (category_find_number (rules, 30101), land);
    assert_null (category_find_number (rules, 30102));
    assert_ptr_equal (category_nearest (rules, "国土资源/土地征收/安置补偿/更细/再细"),
                      land);
    assert_null (category_nearest (rules, "/国土资源"));
    assert_null (category_nearest (rules, NULL));
    assert_null (category_find (rules, "国土资"));
}

static int load (void **state UNUSED)
{
    rules = small_rules ();
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
        cmocka_unit_test (a_duty_is_planned_to_its_last_raise),
        cmocka_unit_test (steps_never_go_back_in_time_or_level),
        cmocka_unit_test (what_has_no_clock_is_said),
        cmocka_unit_test (purpose_counts_before_urgency),
        cmocka_unit_test (stages_are_found_by_either_name),
        cmocka_unit_test (the_nearest_ladder_hides_the_others),
        cmocka_unit_test (urgency_comes_from_the_mark_or_the_category),
    };
    return cmocka_run_group_tests (tests, load, unload);
}
