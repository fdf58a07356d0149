/* SPDX-License-Identifier: Apache-2.0 */
/* The days of a clock that stood still for a hearing, as deadline explain tells them. */
#include "rules_tables.h"

#include "cli/explain.h"

#include <string.h>

static struct rules *rules;

static int build (void **state)
{
    (void) state;
    rules = shipped_rules ();
    return 0;
}

static int demolish (void **state)
{
    (void) state;
    rules_destroy (&rules);
    return 0;
}

/* A re-review of thirty days from the 1st; heard from the 10th to the 14th, so that it has
 * thirty-four. */
static struct duty_row lines[3];
static struct ledger ledger = { .duties = lines, .n_duties = ARRAY_SIZE (lines) };

static struct explaining heard (void)
{
    struct duty_row line = { .duty = DUTY_STAGE,
                             .stage = "rereview",
                             .from_ms = at_ms ("2026-12-01 09:00:00"),
                             .due_ms = at_ms ("2027-01-01 00:00:00"),
                             .amount = 30,
                             .unit = UNIT_DAY };
    lines[0] = lines[1] = lines[2] = line;
    lines[0].since_ms = line.from_ms;
    lines[0].stopped_ms = lines[1].since_ms = at_ms ("2026-12-10 09:00:00");
    lines[0].spent_ms = 9 * CIVIL_DAY_MS;
    lines[1].paused = true;
    lines[1].stopped_ms = lines[2].since_ms = at_ms ("2026-12-14 09:00:00");
    lines[2].paused_ms = 4 * CIVIL_DAY_MS;
    lines[2].amount = 34;
    lines[2].due_ms = at_ms ("2027-01-05 00:00:00");
    lines[2].running = true;
    return (struct explaining){ .ledger = &ledger,
                                .rules = rules,
                                .now_ms = at_ms ("2026-12-20 09:00:00") };
}

static void time_of_a_hearing_is_spent_by_nobody (void **state)
{
    (void) state;
    struct explaining it = heard ();
    assert_int_equal (explain_spent_ms (&it, &lines[0]), 9 * CIVIL_DAY_MS);
    assert_int_equal (explain_spent_ms (&it, &lines[1]), 0);
    assert_int_equal (explain_spent_ms (&it, &lines[2]), 6 * CIVIL_DAY_MS);
    it.ledger = &(struct ledger){ .duties = lines, .n_duties = 2 };
    lines[1].running = true; /* it is being heard */
    assert_int_equal (explain_spent_ms (&it, &lines[1]), 0);
}

static const json_t *day_of_days (const json_t *days, const char *day)
{
    for (size_t i = 0; i < json_array_size (days); i++) {
        const json_t *one = json_array_get (days, i);
        if (strcmp (json_string_value (json_object_get (one, "day")), day) == 0)
            return one;
    }
    fail_msg ("%s is no day of it", day);
    return NULL;
}

static void assert_day (const json_t *days, const char *day, bool counted, int number)
{
    const json_t *one = day_of_days (days, day);
    assert_int_equal (json_is_true (json_object_get (one, "counted")), counted);
    assert_int_equal (json_integer_value (json_object_get (one, "number")), number);
}

static void days_of_a_hearing_are_shown_and_not_counted (void **state)
{
    (void) state;
    struct explaining it = heard ();
    json_t *days = explain_days_json (&it, &lines[2]);
    assert_day (days, "2026-12-02", true, 1);
    assert_day (days, "2026-12-10", true, 9); /* it had begun to count */
    assert_day (days, "2026-12-11", false, 9);
    assert_day (days, "2026-12-14", false, 9);
    assert_string_equal (
        json_string_value (json_object_get (day_of_days (days, "2026-12-14"), "why")),
        "hearing, not counted");
    assert_day (days, "2026-12-15", true, 10);
    assert_day (days, "2027-01-04", true, 30);
    json_decref (days);
}

static void whole_that_ends_with_a_stage_has_no_days_of_its_own (void **state)
{
    (void) state;
    struct explaining it = heard ();
    lines[2].duty = DUTY_WHOLE;
    assert_null (explain_days_json (&it, &lines[2]));
}

int main (void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test (time_of_a_hearing_is_spent_by_nobody),
        cmocka_unit_test (days_of_a_hearing_are_shown_and_not_counted),
        cmocka_unit_test (whole_that_ends_with_a_stage_has_no_days_of_its_own),
    };
    return cmocka_run_group_tests (tests, build, demolish);
}
