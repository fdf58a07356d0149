/* SPDX-License-Identifier: Apache-2.0 */
/* The figures from journals that four real daemons wrote: what test_rates.c says of entries
 * made by hand holds for theirs. */
#include "flow_people.h"

#include "cli/rates_figures.h"
#include "rules/deadline.h"

static struct town_client *bureau; /* department 54, above 11 */
static struct rules *rules;
static struct rates_fold *fold;
static struct rates_figures *figures;

static int build (void **state UNUSED)
{
    town_build ();
    bureau = town_client (town, ROLE_DESK, 2054, .department = 54);
    assert_int_equal (rules_load_dir (&rules, SHIPPED_TABLES, NULL), 0);
    return 0;
}

static int demolish (void **state UNUSED)
{
    rates_figures_destroy (&figures);
    rates_fold_destroy (&fold);
    rules_destroy (&rules);
    town_destroy (&town);
    return 0;
}

/* ---- looking ----------------------------------------------------------------------- */

struct telling {
    enum speaker speaker;
};

static void tell (void *arg, const struct entry *entry, struct bytes body UNUSED)
{
    const struct telling *telling = arg;
    rates_fold_entry (fold, telling->speaker, entry);
}

static int64_t fifteen_days (void *arg UNUSED, int64_t from_ms, uint32_t amount,
                             enum unit unit)
{
    struct expiry due;
    deadline_compute (rules, from_ms, amount, unit, true, &due);
    return due.due_ms;
}

/* Of everything, now; 'department' 0: of all. Lives until the next call. */
static const struct rates_sums *sums_of (uint32_t department)
{
    struct rates_selection selection = { .from = INT32_MIN,
                                         .until = INT32_MAX,
                                         .has_department = department != 0,
                                         .department = department,
                                         .now_ms = town_now_ms (town),
                                         .due = fifteen_days };
    town_settle (town);
    rates_figures_destroy (&figures);
    rates_fold_destroy (&fold);
    fold = rates_fold_create ();
    for (unsigned speaker = SPEAKER_INTAKE; speaker <= SPEAKER_ESCALATION; speaker++)
        town_journal (town, (enum speaker) speaker, tell,
                      &(struct telling){ (enum speaker) speaker });
    figures = rates_figures_create (fold, &selection);
    return &figures->total.sums;
}

static void pass (int days)
{
    town_step (town, days * CIVIL_DAY_MS);
}

static void serve (struct held *held, enum decision_outcome outcome)
{
    take_step (desk, 1131, a_decision (held, outcome));
    take_step (desk, 1131, a_service (held));
}

static double days_of (uint64_t ms)
{
    return (double) ms / (double) CIVIL_DAY_MS;
}

/* ---- stories ----------------------------------------------------------------------- */

static void sixty_days_are_in_time_and_seventy_are_not (void **state UNUSED)
{
    struct held early = accepted (), late = accepted ();
    pass (59);
    serve (&early, OUTCOME_EXPLAIN);
    assert_int_equal (sums_of (0)->answer_due, 1);
    pass (11);
    assert_int_equal (sums_of (0)->answer_due, 2); /* open, and its period is over */
    serve (&late, OUTCOME_EXPLAIN);
    const struct rates_sums *sums = sums_of (0);
    assert_int_equal (sums->answer_due, 2);
    assert_int_equal (sums->answered_in_time, 1);
    assert_int_equal (sums->told_in_time, 2);
    assert_int_equal (sums->told_due, 2);
    assert_int_equal (sums->median_days, 59);
    assert_int_equal (sums->ninetieth_days, 70);
}

static void extension_that_the_head_approved_gives_more_time (void **state UNUSED)
{
    struct held held = accepted ();
    pass (50);
    take_step (desk, 1131,
               a_step (held.number, STEP_EXTEND, .fencing = held.fencing,
                       .reason = "需补充勘测"));
    assert_int_equal (sums_of (0)->extended, 0); /* proposed is not done */
    take_step (desk, 1111, a_step (held.number, STEP_APPROVE));
    pass (30);
    serve (&held, OUTCOME_EXPLAIN);
    const struct rates_sums *sums = sums_of (0);
    assert_int_equal (sums->extended, 1);
    assert_int_equal (sums->answered_in_time, 1);
}

static void department_that_comes_second_has_its_own_time_to_accept (void **state UNUSED)
{
    struct held held = { .number = file (0) };
    town_settle (town);
    pass (4);
    take_step (desk, 1111, a_step (held.number, STEP_OBJECT, .reason = "不归我们管"));
    pass (1);
    take_step (dispatcher, 3121,
               a_step (held.number, STEP_DISPATCH, .department = 12, .reason = "征迁"));
    pass (13); /* 18 days from filing, 13 from its receipt */
    held.fencing =
        take_step (other_desk, 1231, a_step (held.number, STEP_CLAIM))->fencing;
    take_step (other_desk, 1231,
               a_step (held.number, STEP_ACCEPT, .fencing = held.fencing));
    pass (2);
    const struct rates_sums *sums = sums_of (0);
    assert_int_equal (sums->told_due, 1);
    assert_int_equal (sums->told_in_time, 1);
    assert_int_equal (sums->objections, 1);
    assert_int_equal (sums->hand_overs, 1);
    assert_true (days_of (sums->dispatcher_ms) > 0.9 &&
                 days_of (sums->dispatcher_ms) < 1.1);
    assert_int_equal (figures->n_holders, 3);
    sums = sums_of (11);
    assert_int_equal (sums->registered, 0);
    assert_true (days_of (sums->own_ms) > 3.9 && days_of (sums->own_ms) < 4.1);
    sums = sums_of (12);
    assert_int_equal (sums->registered, 1);
    assert_true (days_of (sums->own_ms) > 14.9 && days_of (sums->own_ms) < 15.1);
}

static void endings_by_two_persons_count_when_the_second_has_agreed (void **state UNUSED)
{
    struct held held = accepted ();
    take_step (desk, 1131,
               a_step (held.number, STEP_DIVERT, .fencing = held.fencing,
                       .ground = GROUND_COURT, .reason = "已起诉"));
    assert_int_equal (sums_of (0)->ends, 0);
    take_step (desk, 1111, a_step (held.number, STEP_APPROVE));
    assert_int_equal (sums_of (11)->ends_by[GROUND_COURT], 1);

    held = accepted ();
    ask (held.number, ASKED_WITHDRAW, "已经解决了");
    assert_int_equal (sums_of (0)->ends, 1);
    take_step (desk, 1111,
               a_step (held.number, STEP_APPROVE, .text = "电话核实是本人意思"));
    const struct rates_sums *sums = sums_of (11);
    assert_int_equal (sums->ends, 2);
    assert_int_equal (sums->ends_by[GROUND_SETTLED], 1);
    assert_int_equal (sums->resolved, 0); /* said so by nobody but the form */
    assert_int_equal (sums->closed, 1);
}

static void called_back_and_rated_it_is_resolved (void **state UNUSED)
{
    struct held held = { .number = file (0) };
    work_off (held.number);
    ask (held.number, ASKED_RATE, NULL); /* not satisfied with the department */
    work_off (file (0));
    const struct rates_sums *sums = sums_of (0);
    assert_int_equal (sums->resolved, 2);
    assert_int_equal (sums->rated[RATES_DEPARTMENT_RESULT], 1);
    assert_int_equal (sums->satisfied[RATES_DEPARTMENT_RESULT], 0);
    assert_int_equal (sums->ratings[RATES_DEPARTMENT_RESULT][0], 1);
    assert_int_equal (sums->ratings[RATES_RECEPTION_RESULT][0], 2);
}

static void
review_that_supports_reverses_and_leaves_the_grievance_whose_it_was (void **state UNUSED)
{
    struct held held = accepted ();
    serve (&held, OUTCOME_NOT_SUPPORT);
    pass (10);
    ask (held.number, ASKED_REVIEW, "标准不对");
    pass (20);
    held.fencing = take_step (bureau, 5431, a_step (held.number, STEP_CLAIM))->fencing;
    take_step (bureau, 5431, a_decision (&held, OUTCOME_SUPPORT));
    take_step (bureau, 5431, a_service (&held));
    const struct rates_sums *sums = sums_of (11);
    assert_int_equal (sums->registered, 1);
    assert_int_equal (sums->reviewed, 1);
    assert_int_equal (sums->reversed, 1);
    assert_int_equal (sums->answered_in_time, 1);
    assert_int_equal (sums->median_days, 0);
    sums = sums_of (54);
    assert_int_equal (sums->registered, 0);
    assert_true (days_of (sums->own_ms) > 19.9 && days_of (sums->own_ms) < 20.1);
}

static void lead_s_service_answers_the_lead_alone (void **state UNUSED)
{
    struct held lead = accepted (), other = accepted ();
    take_step (desk, 1131,
               a_step (other.number, STEP_LINK, .fencing = other.fencing,
                       .ground = GROUND_REPEATED, .link_to = lead.number,
                       .reason = "同一人同一事"));
    take_step (desk, 1111, a_step (other.number, STEP_APPROVE));
    pass (10);
    serve (&lead, OUTCOME_EXPLAIN);
    pass (1);
    const struct rates_sums *sums = sums_of (0);
    assert_int_equal (sums->registered, 2);
    assert_int_equal (sums->answered, 1);
    assert_int_equal (sums->answer_due, 1);
    assert_int_equal (sums->repeats, 1);
    assert_int_equal (sums->ends_by[GROUND_REPEATED], 1);
}

static void those_who_went_up_are_counted_where_they_arrived (void **state UNUSED)
{
    struct held held = accepted ();
    take_step (desk, 1131,
               a_step (held.number, STEP_WENT_UP, .level = 2, .persons = 6,
                       .reason = "市信访局通报"));
    (void) file_with (1, "国土资源/土地征收", 20, false);
    const struct rates_sums *sums = sums_of (0);
    assert_int_equal (sums->skipped_by[2], 1);
    assert_int_equal (sums->collective_by[2], 1);
    assert_int_equal (sums->collective_by[0], 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, build, demolish)

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (sixty_days_are_in_time_and_seventy_are_not),
        TEST (extension_that_the_head_approved_gives_more_time),
        TEST (department_that_comes_second_has_its_own_time_to_accept),
        TEST (endings_by_two_persons_count_when_the_second_has_agreed),
        TEST (called_back_and_rated_it_is_resolved),
        TEST (review_that_supports_reverses_and_leaves_the_grievance_whose_it_was),
        TEST (lead_s_service_answers_the_lead_alone),
        TEST (those_who_went_up_are_counted_where_they_arrived),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
