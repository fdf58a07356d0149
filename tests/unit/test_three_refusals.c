/* SPDX-License-Identifier: Apache-2.0 */
/* Three departments refuse one grievance. The petitioner's days do not move by any of it,
 * each holder's own are counted to them, the second refusal names an arbiter by itself, and
 * everybody can see through whose hands it went. */
#include "whole_people.h"

#define ACCEPT_END "2026-12-08 24:00"
#define WHOLE_END  "2027-02-08 24:00"

static struct town_client *farm_desk; /* department 14 */

static int build (void **state)
{
    whole_build (state);
    farm_desk = town_client (town, ROLE_DESK, 2014, .department = 14);
    return 0;
}

static void assert_petitioners_days (uint64_t number)
{
    assert_runs (number, DUTY_STAGE, "accept", ACCEPT_END);
    assert_runs (number, DUTY_WHOLE, "whole", WHOLE_END);
}

static void refuse_it (struct town_client *client, uint32_t person, uint64_t number)
{
    uint64_t fencing = take_step (client, person, a_step (number, STEP_CLAIM))->fencing;
    take_step (
        client, person,
        a_step (number, STEP_OBJECT, .fencing = fencing, .reason = "不属于本单位职责"));
    assert_petitioners_days (number);
}

static void arbitrate (uint64_t number, uint32_t department)
{
    take_step (office, 1011,
               a_step (number, STEP_ARBITRATE, .department = department,
                       .reason = "按职责分工指定"));
    assert_petitioners_days (number);
}

/*   23 Nov  14 ── 25 refuses ── dispatcher ── 26 ──▶ 12 ── 30 refuses ── arbiter ── 1 Dec
 *   ──▶ 13 ── 3 Dec refuses ── arbiter ── 4 Dec ──▶ 12 ── 7 Dec accepts */
static uint64_t refused_three_times (void)
{
    uint64_t number = file_with (0, "农村农业", 1, false);
    assert_petitioners_days (number);
    step_to ("2026-11-25 09:00:00");
    refuse_it (farm_desk, 1431, number);
    assert_int_equal (state_of (number), STATE_OBJECTED);
    step_to ("2026-11-26 09:00:00");
    take_step (dispatcher, 3121,
               a_step (number, STEP_DISPATCH, .department = 12, .reason = "涉及征迁"));
    assert_petitioners_days (number);
    step_to ("2026-11-30 09:00:00");
    refuse_it (other_desk, 1231, number);
    assert_int_equal (state_of (number), STATE_ARBITRATION);
    assert_int_equal (course_of (number)->department, 10);
    assert_int_equal (raised_by (number, CAUSE_OBJECTIONS, DUTY_NONE), 1);
    step_to ("2026-12-01 09:00:00");
    arbitrate (number, 13);
    step_to ("2026-12-03 09:00:00");
    refuse_it (strange_desk, 1331, number);
    assert_int_equal (state_of (number), STATE_ARBITRATION);
    assert_int_equal (course_of (number)->department, 10);
    step_to ("2026-12-04 09:00:00");
    arbitrate (number, 12);
    return number;
}

static void the_petitioners_days_go_on_through_all_of_it (void **state UNUSED)
{
    uint64_t number = refused_three_times ();
    step_to ("2026-12-07 09:00:00");
    uint64_t fencing = take_step (other_desk, 1231, a_step (number, STEP_CLAIM))->fencing;
    take_step (other_desk, 1231, a_step (number, STEP_ACCEPT, .fencing = fencing));
    assert_runs (number, DUTY_WHOLE, "whole", WHOLE_END);
    /* Sixty days from the acceptance: Friday 5 February 2027. */
    assert_runs (number, DUTY_STAGE, "decide", "2027-02-05 24:00");
}

static int64_t days_of (uint64_t number, uint32_t owner)
{
    const struct ledger *ledger = ledger_of (number);
    int64_t spent_ms = 0;
    for (size_t i = 0; i < ledger->n_duties; i++)
        if (ledger->duties[i].duty == DUTY_HOLDER && ledger->duties[i].owner == owner &&
            !ledger->duties[i].running)
            spent_ms += ledger->duties[i].spent_ms;
    assert_int_equal (spent_ms % CIVIL_DAY_MS, 0);
    return spent_ms / CIVIL_DAY_MS;
}

static void each_holders_days_are_its_own (void **state UNUSED)
{
    uint64_t number = refused_three_times ();
    assert_int_equal (days_of (number, 14), 2);
    assert_int_equal (days_of (number, 0), 1); /* the dispatcher */
    assert_int_equal (days_of (number, 12), 4);
    assert_int_equal (days_of (number, 10), 2); /* the arbiter, a day each time */
    assert_int_equal (days_of (number, 13), 2);
    /* Who has it now counts from its own second receipt. */
    const struct duty_row *now = runs (number, DUTY_HOLDER);
    assert_int_equal (now->owner, 12);
    assert_int_equal (now->from_ms, at_ms ("2026-12-04 09:00:00"));
}

static const struct passing {
    enum step step;
    uint32_t from, to;
} hand_overs[] = {
    { STEP_OBJECT, 14, 0 },     { STEP_DISPATCH, 0, 12 }, { STEP_OBJECT, 12, 10 },
    { STEP_ARBITRATE, 10, 13 }, { STEP_OBJECT, 13, 10 },  { STEP_ARBITRATE, 10, 12 },
};

static void assert_hand_overs (const struct course_step *steps, size_t count)
{
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        if (steps[i].kind != KIND_MOVED ||
            (steps[i].step != STEP_OBJECT && steps[i].step != STEP_DISPATCH &&
             steps[i].step != STEP_ARBITRATE))
            continue;
        assert_true (at < ARRAY_SIZE (hand_overs));
        assert_int_equal (steps[i].step, hand_overs[at].step);
        assert_int_equal (steps[i].previous_department, hand_overs[at].from);
        assert_int_equal (steps[i].department, hand_overs[at].to);
        at++;
    }
    assert_int_equal (at, ARRAY_SIZE (hand_overs));
}

static void everybody_sees_through_whose_hands_it_went (void **state UNUSED)
{
    uint64_t number = refused_three_times ();
    const struct item *item = item_for (other_desk, number);
    assert_hand_overs (item->steps, item->n_steps);
    assert_int_equal (item->row->objections, 3);
    const struct course *course = course_of (number); /* the petitioner */
    assert_hand_overs (course->steps, course->n_steps);
    static const uint32_t hands[] = { 14, 0, 12, 10, 13, 10, 12 };
    assert_int_equal (course->n_holdings, ARRAY_SIZE (hands));
    for (size_t i = 0; i < ARRAY_SIZE (hands); i++) {
        const struct holding *holding = &course->holdings[i];
        assert_int_equal (holding->department, hands[i]);
        assert_true (i == 0 || holding->from_ms == holding[-1].until_ms);
    }
    assert_int_equal (course->holdings[ARRAY_SIZE (hands) - 1].until_ms, 0);
}

#define STORY(test) cmocka_unit_test_setup_teardown (test, build, whole_demolish)

int main (void)
{
    static const struct CMUnitTest tests[] = {
        STORY (the_petitioners_days_go_on_through_all_of_it),
        STORY (each_holders_days_are_its_own),
        STORY (everybody_sees_through_whose_hands_it_went),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
