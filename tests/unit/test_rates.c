/* SPDX-License-Identifier: Apache-2.0 */
/* The figures of 'minqing rates' from journals made by hand: what counts, for whom, and
 * what it is divided by. Days are counted from Monday 2026-03-02, hours from its midnight. */
#include "cli/rates_figures.h"
#include "cli/rates_table.h"

#include "base/civil.h"
#include "base/number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define VILLAGE       UINT64_C (340522100201)
#define OTHER_VILLAGE UINT64_C (340522101202)
#define LAND          11u
#define BUILDING      12u
#define COUNTY        54u

struct story {
    struct rates_fold *fold;
    uint64_t sequences[SPEAKER_COUNT];
    int64_t at_ms;
    uint32_t serial;
    uint64_t number; /* of the grievance that is told about */
    struct matter matter;
    struct moved last; /* what the next step begins with */
};

static int64_t day_ms (double day)
{
    return civil_day_start_ms (civil_day_of (2026, 3, 2)) +
           (int64_t) (day * (double) CIVIL_DAY_MS);
}

static int make (void **state)
{
    static struct story story;
    story = (struct story){ .fold = rates_fold_create () };
    *state = &story;
    return 0;
}

static int drop (void **state)
{
    struct story *story = *state;
    rates_fold_destroy (&story->fold);
    return 0;
}

/* ---- what the journals say ----------------------------------------------------------- */

static void tell (struct story *story, enum speaker speaker, struct entry *entry)
{
    entry->sequence = ++story->sequences[speaker];
    entry->time_ms = story->at_ms;
    if (entry->grievance == 0)
        entry->grievance = story->number;
    rates_fold_entry (story->fold, speaker, entry);
}

static void at (struct story *story, double day)
{
    story->at_ms = day_ms (day);
}

static void filed_as (struct story *story, double day, struct matter matter)
{
    at (story, day);
    story->number = number_make (civil_day (story->at_ms), 101, ++story->serial);
    story->matter = matter;
    story->last = (struct moved){ .to = STATE_NONE };
    struct registered registered = { .filed_at_ms = story->at_ms,
                                     .counted_from_ms = story->at_ms };
    struct entry entry = { .kind = KIND_REGISTERED,
                           .matter = &story->matter,
                           .registered = &registered };
    tell (story, SPEAKER_INTAKE, &entry);
}

static void filed (struct story *story, double day)
{
    filed_as (story, day,
              (struct matter){ .village = VILLAGE,
                               .category = "国土资源/土地征收",
                               .purpose = PURPOSE_REQUEST });
}

/* A step; what 'more' does not say is as it was. */
static void moved_with (struct story *story, double day, enum step step, enum state to,
                        struct moved more)
{
    struct moved moved = story->last;
    at (story, day);
    moved.step = step;
    moved.from = story->last.to;
    moved.to = to;
    moved.ground = more.ground;
    moved.done_at_ms = more.done_at_ms;
    moved.close_reason = more.close_reason;
    moved.link_to = more.link_to;
    moved.level = more.level;
    moved.persons = more.persons;
    if (more.department != 0)
        moved.department = more.department;
    if (more.outcome != OUTCOME_NONE)
        moved.outcome = more.outcome;
    if (more.instance != 0)
        moved.instance = more.instance;
    if (step == STEP_OBJECT) {
        moved.department = 0;
        moved.objections++;
    }
    moved.transfers += more.transfers;
    story->last = moved;
    struct entry entry = { .kind = KIND_MOVED,
                           .matter = &story->matter,
                           .moved = &moved };
    tell (story, SPEAKER_ROUTING, &entry);
}

#define moved(story, day, step, to, ...)                                                 \
    moved_with (story, day, STEP_##step, STATE_##to, (struct moved){ __VA_ARGS__ })

static void clock_says (struct story *story, struct clock_change change)
{
    struct clocks clocks = { .changes = &change, .n_changes = 1 };
    struct source source = { SPEAKER_ROUTING, story->sequences[SPEAKER_ROUTING] };
    struct entry entry = { .kind = KIND_CLOCKS, .source = &source, .clocks = &clocks };
    tell (story, SPEAKER_ESCALATION, &entry);
}

static void starts (struct story *story, const char *stage, double from, double due)
{
    clock_says (story, (struct clock_change){ .action = CLOCK_START,
                                              .duty = DUTY_STAGE,
                                              .stage = stage,
                                              .from_ms = day_ms (from),
                                              .due_ms = day_ms (due),
                                              .amount = 15,
                                              .unit = UNIT_DAY });
}

static void stops (struct story *story, const char *stage, double ran)
{
    clock_says (story, (struct clock_change){ .action = CLOCK_STOP,
                                              .duty = DUTY_STAGE,
                                              .stage = stage,
                                              .spent_ms = day_ms (ran) - day_ms (0) });
}

static void holder_starts (struct story *story, uint32_t owner, double from)
{
    clock_says (story, (struct clock_change){ .action = CLOCK_START,
                                              .duty = DUTY_HOLDER,
                                              .stage = "holder",
                                              .owner = owner,
                                              .from_ms = day_ms (from) });
}

static void holder_stops (struct story *story, uint32_t owner, double spent)
{
    clock_says (story, (struct clock_change){ .action = CLOCK_STOP,
                                              .duty = DUTY_HOLDER,
                                              .stage = "holder",
                                              .owner = owner,
                                              .spent_ms = day_ms (spent) - day_ms (0) });
}

static void rated (struct story *story, struct asked_event ratings)
{
    ratings.what = ASKED_RATE;
    struct entry entry = { .kind = KIND_ASKED, .asked = &ratings };
    tell (story, SPEAKER_INTAKE, &entry);
}

/* Filed, placed and accepted on the day, 60 days to decide. */
static void accepted (struct story *story, double day)
{
    filed (story, day);
    moved (story, day, PLACE, DISPATCHED, .department = LAND);
    moved (story, day, CLAIM, CLAIMED);
    starts (story, "accept", day, day + 16);
    moved (story, day, ACCEPT, HANDLING);
    stops (story, "accept", 0);
    starts (story, "decide", day, day + 61);
}

static void served (struct story *story, double day, enum decision_outcome outcome)
{
    enum state to = outcome == OUTCOME_SUPPORT    ? STATE_EXECUTING
                    : outcome == OUTCOME_ANSWERED ? STATE_CLOSED
                                                  : STATE_WINDOW;
    moved (story, day, DECIDE, DECIDED, .outcome = outcome);
    moved_with (story, day, STEP_SERVE, to,
                (struct moved){ .done_at_ms = day_ms (day),
                                .close_reason =
                                    to == STATE_CLOSED ? CLOSE_ANSWERED : CLOSE_NONE });
    clock_says (story, (struct clock_change){
                           .action = CLOCK_STOP, .duty = DUTY_STAGE, .stage = "decide" });
}

/* ---- what comes out ------------------------------------------------------------------ */

static struct rates_figures *figures;

static void forget_figures (void)
{
    rates_figures_destroy (&figures);
}

/* The sums of all that is selected, on the day 'now'. They live until the next call. */
static const struct rates_sums *sums_of (struct story *story, double now,
                                         struct rates_selection selection)
{
    forget_figures ();
    selection.now_ms = day_ms (now);
    if (selection.until == 0)
        selection.until = INT32_MAX;
    figures = rates_figures_create (story->fold, &selection);
    return &figures->total.sums;
}
#define sums(story, now, ...)                                                            \
    sums_of (story, now, (struct rates_selection){ __VA_ARGS__ })

static void assert_share (const struct rates_sums *sums, const char *key, uint64_t part,
                          uint64_t of)
{
    for (size_t i = 0; i < rates_figures_table_count; i++) {
        const struct rates_figure *figure = &rates_figures_table[i];
        if (strcmp (figure->key, key) != 0)
            continue;
        assert_int_equal (rates_figure_part (figure, sums), part);
        assert_int_equal (rates_figure_of (figure, sums), of);
        return;
    }
    fail_msg ("no figure %s", key);
}

/* ---- in time --------------------------------------------------------------------------- */

static void what_nothing_was_divided_by_has_no_value (void **state)
{
    double value;
    const struct rates_sums *none = sums (*state, 100);
    for (size_t i = 0; i < rates_figures_table_count; i++)
        if (rates_figures_table[i].kind != RATES_NUMBER)
            assert_false (rates_figure_value (&rates_figures_table[i], none, &value));
}

static void accepted_and_answered_in_time_is_in_time (void **state)
{
    accepted (*state, 0);
    served (*state, 60, OUTCOME_SUPPORT);
    const struct rates_sums *all = sums (*state, 100);
    assert_share (all, "timely_acceptance", 1, 1);
    assert_share (all, "timely_answer", 1, 1);
    assert_int_equal (all->answered, 1);
}

static void at_the_end_of_the_last_day_it_is_late (void **state)
{
    accepted (*state, 0);
    served (*state, 61 - 1.0 / CIVIL_DAY_MS, OUTCOME_SUPPORT);
    accepted (*state, 0);
    served (*state, 61, OUTCOME_SUPPORT);
    assert_share (sums (*state, 100), "timely_answer", 1, 2);
}

static void day_of_service_counts_not_that_of_writing_it_down (void **state)
{
    accepted (*state, 0);
    moved (*state, 60, DECIDE, DECIDED, .outcome = OUTCOME_EXPLAIN);
    moved (*state, 63, SERVE, WINDOW, .done_at_ms = day_ms (60.5));
    assert_share (sums (*state, 100), "timely_answer", 1, 1);
}

static void extension_in_force_moves_the_end (void **state)
{
    accepted (*state, 0);
    moved (*state, 50, EXTEND, HANDLING);
    clock_says (*state, (struct clock_change){ .action = CLOCK_EXTEND,
                                               .duty = DUTY_STAGE,
                                               .stage = "decide",
                                               .due_ms = day_ms (91) });
    served (*state, 80, OUTCOME_EXPLAIN);
    const struct rates_sums *all = sums (*state, 100);
    assert_share (all, "timely_answer", 1, 1);
    assert_share (all, "extended", 1, 1);
}

static void open_one_counts_from_the_end_of_its_period_on (void **state)
{
    accepted (*state, 0);
    assert_share (sums (*state, 60.9), "timely_answer", 0, 0);
    assert_share (sums (*state, 61), "timely_answer", 0, 1);
}

static void ended_without_an_answer_after_its_period_it_stays_late (void **state)
{
    accepted (*state, 0);
    moved (*state, 10, WITHDRAW, CLOSED, .ground = GROUND_OWN_WISH,
           .close_reason = CLOSE_WITHDRAWN);
    stops (*state, "decide", 10);
    accepted (*state, 0);
    moved (*state, 70, WITHDRAW, CLOSED, .ground = GROUND_OWN_WISH,
           .close_reason = CLOSE_WITHDRAWN);
    stops (*state, "decide", 70);
    assert_share (sums (*state, 100), "timely_answer", 0, 1);
}

static void decided_anew_after_a_dispute_the_first_answer_counts (void **state)
{
    accepted (*state, 0);
    served (*state, 70, OUTCOME_EXPLAIN);
    moved (*state, 80, CLOSE, CLOSED, .close_reason = CLOSE_WINDOW_UNUSED);
    moved (*state, 81, REOPEN, HANDLING);
    starts (*state, "decide", 81, 142);
    served (*state, 90, OUTCOME_SUPPORT);
    const struct rates_sums *all = sums (*state, 100);
    assert_share (all, "timely_answer", 0, 1);
    assert_int_equal (all->median_days, 70);
    assert_int_equal (all->reopened, 1);
}

static void agreement_by_mediation_is_an_answer (void **state)
{
    accepted (*state, 0);
    moved (*state, 5, MEDIATE, MEDIATING);
    moved (*state, 12, AGREE, EXECUTING);
    const struct rates_sums *all = sums (*state, 100);
    assert_share (all, "timely_answer", 1, 1);
    assert_int_equal (all->median_days, 12);
}

/* ---- acceptance -------------------------------------------------------------------------- */

static int64_t fifteen_days (void *arg, int64_t from_ms, uint32_t amount, enum unit unit)
{
    (void) arg;
    assert_int_equal (unit, UNIT_DAY);
    return from_ms + (int64_t) (amount + 1) * CIVIL_DAY_MS;
}

/* The first department kept it for 14 days and said "not ours". */
static void refused_and_sent_on (struct story *story)
{
    filed (story, 0);
    moved (story, 0, PLACE, DISPATCHED, .department = LAND);
    starts (story, "accept", 0, 16);
    moved (story, 14, OBJECT, OBJECTED);
    moved (story, 15, DISPATCH, DISPATCHED, .department = BUILDING, .transfers = 1);
}

static void each_department_has_its_time_to_accept_from_its_own_receipt (void **state)
{
    refused_and_sent_on (*state);
    moved (*state, 20, ACCEPT, HANDLING);
    assert_share (sums (*state, 100, .due = fifteen_days), "timely_acceptance", 1, 1);
    /* Without a calendar at hand, the petitioner's clock is all there is. */
    assert_share (sums (*state, 100), "timely_acceptance", 0, 1);
}

static void not_accepted_it_counts_when_the_holder_s_own_time_is_over (void **state)
{
    refused_and_sent_on (*state);
    assert_share (sums (*state, 20, .due = fifteen_days), "timely_acceptance", 0, 0);
    assert_share (sums (*state, 31, .due = fifteen_days), "timely_acceptance", 0, 1);
}

static void with_the_dispatcher_the_petitioner_s_time_counts (void **state)
{
    filed (*state, 0);
    moved (*state, 0, PLACE, DISPATCHED, .department = LAND);
    starts (*state, "accept", 0, 16);
    moved (*state, 14, OBJECT, OBJECTED);
    assert_share (sums (*state, 15, .due = fifteen_days), "timely_acceptance", 0, 0);
    assert_share (sums (*state, 16, .due = fifteen_days), "timely_acceptance", 0, 1);
}

static void refusal_tells_the_petitioner_when_it_is_served (void **state)
{
    filed (*state, 0);
    moved (*state, 0, PLACE, DISPATCHED, .department = LAND);
    starts (*state, "accept", 0, 16);
    moved (*state, 10, REFUSE, REFUSED, .ground = GROUND_NO_PETITION);
    assert_share (sums (*state, 100), "timely_acceptance", 0, 1);
    moved (*state, 20, SERVE, CLOSED, .done_at_ms = day_ms (15.5),
           .close_reason = CLOSE_NOT_ACCEPTED);
    const struct rates_sums *all = sums (*state, 100);
    assert_share (all, "timely_acceptance", 1, 1);
    assert_int_equal (all->answered, 0);
}

/* ---- settled, satisfied ------------------------------------------------------------------- */

static void closed_as (struct story *story, enum close_reason reason)
{
    accepted (story, 0);
    served (story, 10, OUTCOME_SUPPORT);
    moved (story, 20, CLAIM_DONE, DONE);
    moved (story, 30, CONFIRM, CLOSED, .close_reason = reason);
}

static void resolved_is_what_the_petitioner_says_is_settled (void **state)
{
    closed_as (*state, CLOSE_CONFIRMED);
    closed_as (*state, CLOSE_CALL_BACK);
    closed_as (*state, CLOSE_CONTACT_FAILED);
    closed_as (*state, CLOSE_WINDOW_UNUSED);
    filed_as (*state, 0,
              (struct matter){ .village = VILLAGE, .purpose = PURPOSE_INQUIRY });
    moved (*state, 0, PLACE, HANDLING, .department = LAND);
    served (*state, 3, OUTCOME_ANSWERED);
    const struct rates_sums *all = sums (*state, 100);
    assert_share (all, "resolved", 3, 5);
    assert_int_equal (all->closed, 5);
    /* Disputed after all. */
    moved (*state, 40, REOPEN, HANDLING);
    all = sums (*state, 100);
    assert_share (all, "resolved", 2, 5);
    assert_int_equal (all->open, 1);
}

static void satisfaction_is_of_those_who_rated_by_their_last_word (void **state)
{
    closed_as (*state, CLOSE_CONFIRMED);
    rated (*state, (struct asked_event){ .rating_department = 3, .rating_reception = 1 });
    rated (*state,
           (struct asked_event){ .rating_department = 2, .rating_department_manner = 3 });
    closed_as (*state, CLOSE_CONFIRMED);
    rated (*state, (struct asked_event){ .rating_department = 3 });
    closed_as (*state, CLOSE_CONFIRMED);
    filed (*state, 0); /* open: nobody asked for its rating yet */
    const struct rates_sums *all = sums (*state, 100);
    assert_share (all, "satisfaction_department_result", 1, 2);
    assert_share (all, "satisfaction_department_manner", 0, 1);
    assert_share (all, "satisfaction_reception_result", 1, 1);
    assert_share (all, "satisfaction_reception_manner", 0, 0);
    assert_int_equal (all->ratings[RATES_DEPARTMENT_RESULT][0], 1);
    assert_int_equal (all->ratings[RATES_DEPARTMENT_RESULT][2], 1);
    assert_int_equal (all->ratings[RATES_RECEPTION_MANNER][0], 3);
}

/* ---- whose, how long ---------------------------------------------------------------------- */

static void objections_and_hand_overs_are_counted (void **state)
{
    refused_and_sent_on (*state);
    moved (*state, 16, OBJECT, ARBITRATION);
    moved (*state, 17, ARBITRATE, DISPATCHED, .department = BUILDING);
    moved (*state, 18, CLAIM, CLAIMED);
    moved (*state, 19, TRANSFER, CLAIMED, .transfers = 1);
    filed (*state, 0);
    const struct rates_sums *all = sums (*state, 100);
    assert_share (all, "objections", 2, 2);
    assert_share (all, "hand_overs", 2, 2); /* to another department, to another person */
}

/* Where no own clock runs, the stage that the department owes says it; the petitioner's
 * window is nobody's. */
static void days_of_execution_are_of_who_executes (void **state)
{
    accepted (*state, 0);
    clock_says (*state, (struct clock_change){ .action = CLOCK_START,
                                               .duty = DUTY_STAGE,
                                               .stage = "execute",
                                               .owner = LAND,
                                               .from_ms = day_ms (10) });
    clock_says (*state, (struct clock_change){ .action = CLOCK_STOP,
                                               .duty = DUTY_STAGE,
                                               .stage = "execute",
                                               .owner = LAND,
                                               .spent_ms = day_ms (7) - day_ms (0) });
    clock_says (*state, (struct clock_change){ .action = CLOCK_START,
                                               .duty = DUTY_STAGE,
                                               .stage = "ask_review",
                                               .owner = LAND,
                                               .from_ms = day_ms (17) });
    assert_int_equal (sums (*state, 30)->department_ms, 7 * CIVIL_DAY_MS);
}

static void days_are_attributed_to_whoever_had_it (void **state)
{
    refused_and_sent_on (*state);
    holder_starts (*state, LAND, 0);
    holder_stops (*state, LAND, 14);
    holder_starts (*state, 0, 14);
    holder_stops (*state, 0, 1);
    holder_starts (*state, BUILDING, 15);
    const struct rates_sums *all =
        sums (*state, 25, .by = { RATES_BY_DEPARTMENT }, .n_by = 1);
    assert_int_equal (all->department_ms, 24 * CIVIL_DAY_MS); /* with what still runs */
    assert_int_equal (all->dispatcher_ms, CIVIL_DAY_MS);
    assert_int_equal (figures->n_groups, 3);
    const uint64_t departments[] = { 0, LAND, BUILDING }, days[] = { 1, 14, 10 };
    for (size_t i = 0; i < 3; i++) {
        const struct rates_group *group = &figures->groups[i];
        assert_int_equal (group->keys[0], departments[i]);
        assert_int_equal (group->sums.own_ms, (int64_t) days[i] * CIVIL_DAY_MS);
        assert_int_equal (group->sums.registered, departments[i] == BUILDING);
    }
    assert_int_equal (figures->n_holders, 3);
    /* The department that sent it back is asked for alone. */
    all = sums (*state, 25, .has_department = true, .department = LAND);
    assert_int_equal (all->registered, 0);
    assert_share (all, "own_days", (uint64_t) (14 * CIVIL_DAY_MS), 1);
}

static void serving_is_the_holder_s_time_too (void **state)
{
    accepted (*state, 0);
    holder_starts (*state, LAND, 0);
    holder_stops (*state, LAND, 30);
    holder_starts (*state, LAND, 30); /* written; to be served */
    holder_stops (*state, LAND, 2.5);
    const struct rates_sums *all =
        sums (*state, 100, .has_department = true, .department = LAND);
    assert_share (all, "own_days", (uint64_t) (32.5 * (double) CIVIL_DAY_MS), 1);
}

static void grievance_stays_with_who_answered_it_first (void **state)
{
    accepted (*state, 0);
    served (*state, 10, OUTCOME_NOT_SUPPORT);
    moved (*state, 20, REVIEW, REVIEWING, .department = COUNTY, .instance = 2);
    assert_int_equal (
        sums (*state, 100, .has_department = true, .department = LAND)->reviewed, 1);
    assert_int_equal (
        sums (*state, 100, .has_department = true, .department = COUNTY)->registered, 0);
}

/* ---- endings ------------------------------------------------------------------------------- */

static void endings_without_the_merits_are_counted_by_their_ground (void **state)
{
    accepted (*state, 0);
    moved (*state, 5, DIVERT, DIVERTED, .ground = GROUND_COURT);
    moved (*state, 9, CLOSE, CLOSED, .close_reason = CLOSE_DIVERSION_ARRIVED);
    accepted (*state, 0);
    moved (*state, 5, WITHDRAW, CLOSED, .ground = GROUND_SETTLED,
           .close_reason = CLOSE_WITHDRAWN);
    accepted (*state, 0);
    moved (*state, 5, LINK, CLOSED, .ground = GROUND_REPEATED, .link_to = 1,
           .close_reason = CLOSE_LINKED);
    closed_as (*state, CLOSE_CONFIRMED);
    filed (*state, 0);
    moved (*state, 1, REPURPOSE, UNDECIDED, .ground = GROUND_ASKS_ONLY);
    moved (*state, 2, WITHDRAW, CLOSED, .ground = GROUND_MISTAKEN,
           .close_reason = CLOSE_WITHDRAWN);
    const struct rates_sums *all = sums (*state, 100);
    assert_share (all, "ends", 4, 5);
    assert_share (all, "repeats", 1, 5);
    assert_int_equal (all->ends_by[GROUND_COURT], 1);
    assert_int_equal (all->ends_by[GROUND_SETTLED], 1);
    assert_int_equal (all->ends_by[GROUND_REPEATED], 1);
    assert_int_equal (all->ends_by[GROUND_ASKS_ONLY], 1);
    assert_int_equal (all->ends_by[GROUND_MISTAKEN], 1);
    assert_int_equal (all->resolved, 1);
}

static void back_from_a_diversion_it_has_not_ended (void **state)
{
    accepted (*state, 0);
    moved (*state, 5, DIVERT, DIVERTED, .ground = GROUND_COURT);
    moved (*state, 9, DISPATCH, DISPATCHED, .department = LAND);
    accepted (*state, 0);
    moved (*state, 5, WITHDRAW, CLOSED, .ground = GROUND_SETTLED,
           .close_reason = CLOSE_WITHDRAWN);
    moved (*state, 6, REOPEN, DISPATCHED);
    assert_share (sums (*state, 100), "ends", 0, 2);
}

static void service_of_the_lead_is_no_answer_of_its_own (void **state)
{
    accepted (*state, 0);
    moved (*state, 5, LINK, CLOSED, .ground = GROUND_SAME_MATTER, .link_to = 1,
           .close_reason = CLOSE_LINKED);
    stops (*state, "decide", 5);
    moved (*state, 40, SERVE, CLOSED, .outcome = OUTCOME_EXPLAIN, .link_to = 1);
    const struct rates_sums *all = sums (*state, 100);
    assert_int_equal (all->answered, 0);
    assert_share (all, "timely_answer", 0, 0);
    assert_share (all, "ends", 1, 1);
    assert_share (all, "repeats", 0, 1);
}

static void what_was_linked_ended_where_it_was (void **state)
{
    struct story *story = *state;
    filed (story, 0);
    moved (story, 0, PLACE, DISPATCHED, .department = LAND);
    moved (story, 5, LINK, CLOSED, .ground = GROUND_SAME_MATTER, .link_to = 1,
           .close_reason = CLOSE_LINKED);
    moved (story, 40, SERVE, CLOSED, .outcome = OUTCOME_EXPLAIN, .link_to = 1,
           .department = BUILDING);
    assert_int_equal (rates_fold_at (story->fold, 0)->department, LAND);
    assert_share (sums (story, 100), "hand_overs", 0, 1);
}

static void what_goes_on_by_itself_was_not_disputed (void **state)
{
    struct story *story = *state;
    filed (story, 0);
    moved (story, 0, PLACE, DISPATCHED, .department = LAND);
    moved (story, 5, LINK, CLOSED, .ground = GROUND_SAME_MATTER, .link_to = 1,
           .close_reason = CLOSE_LINKED);
    moved (story, 40, REOPEN, DISPATCHED, .link_to = 1);
    assert_share (sums (story, 100), "reopened", 0, 1);
    assert_share (sums (story, 100), "ends", 0, 1);
}

static void each_counts_once_at_the_highest_level_it_reached (void **state)
{
    filed_as (
        *state, 0,
        (struct matter){ .village = VILLAGE, .purpose = PURPOSE_REQUEST, .persons = 7 });
    filed_as (
        *state, 0,
        (struct matter){ .village = VILLAGE, .purpose = PURPOSE_REQUEST, .reached = 1 });
    moved (*state, 3, WENT_UP, UNDECIDED, .level = 3, .persons = 2);
    moved (*state, 4, WENT_UP, UNDECIDED, .level = 2, .persons = 5);
    const struct rates_sums *all = sums (*state, 100);
    assert_int_equal (all->skipped, 1);
    assert_int_equal (all->skipped_by[3], 1);
    assert_int_equal (all->collective, 2);
    assert_int_equal (all->collective_by[0], 1);
    assert_int_equal (all->collective_by[2], 1);
}

static void reviewed (struct story *story, uint32_t instance,
                      enum decision_outcome outcome)
{
    moved (story, 20, REVIEW, REVIEWING, .department = COUNTY, .instance = instance);
    served (story, 30, outcome);
}

static void reversal_is_another_answer_than_the_one_before (void **state)
{
    accepted (*state, 0);
    served (*state, 10, OUTCOME_EXPLAIN);
    reviewed (*state, 2, OUTCOME_NOT_SUPPORT); /* the same in other words */
    reviewed (*state, 3, OUTCOME_SUPPORT);
    accepted (*state, 0);
    served (*state, 10, OUTCOME_EXPLAIN);
    reviewed (*state, 2, OUTCOME_EXPLAIN);
    accepted (*state, 0);
    const struct rates_sums *all = sums (*state, 100);
    assert_share (all, "reviewed", 2, 2);
    assert_share (all, "rereviewed", 1, 2);
    assert_share (all, "reversed", 1, 2);
    assert_int_equal (all->median_days, 10); /* of the first decision */
}

static void ranks_are_the_nearest (void **state)
{
    const double days[] = { 9, 1, 5, 3, 7, 2, 10, 4, 8, 6 };
    for (size_t i = 0; i < ARRAY_SIZE (days); i++) {
        accepted (*state, 0);
        served (*state, days[i], OUTCOME_EXPLAIN);
    }
    assert_int_equal (sums (*state, 100)->median_days, 5);
    assert_int_equal (sums (*state, 100)->ninetieth_days, 9);
    accepted (*state, 0);
    served (*state, 100, OUTCOME_EXPLAIN);
    assert_int_equal (sums (*state, 100)->median_days, 6);
    assert_int_equal (sums (*state, 100)->ninetieth_days, 10);
}

/* ---- groups ------------------------------------------------------------------------------- */

static void accusations_are_one_number_and_in_no_group (void **state)
{
    filed_as (*state, 0,
              (struct matter){ .village = VILLAGE, .purpose = PURPOSE_ACCUSATION });
    moved (*state, 0, PLACE, DISPATCHED, .department = 22);
    starts (*state, "accept", 0, 21);
    filed (*state, 0);
    const struct rates_sums *all =
        sums (*state, 100, .by = { RATES_BY_VILLAGE }, .n_by = 1);
    assert_int_equal (all->registered, 1);
    assert_int_equal (figures->n_groups, 1);
    assert_true (figures->has_accusations);
    assert_int_equal (figures->accusations, 1);
    (void) sums (*state, 100, .village = VILLAGE);
    assert_false (figures->has_accusations);
    (void) sums (*state, 100, .has_department = true, .department = 22);
    assert_false (figures->has_accusations);
    assert_int_equal (figures->total.sums.registered, 0);
    /* Filed before the days that are asked for. */
    (void) sums (*state, 100, .from = civil_day (day_ms (1)));
    assert_int_equal (figures->accusations, 0);
}

static void
grouped_by_village_and_month_each_counts_where_and_when_it_was_filed (void **state)
{
    filed (*state, 0);
    filed (*state, 29.9); /* March has 31 days, and the 2nd is day 0 */
    filed (*state, 30);
    filed_as (*state, 0,
              (struct matter){ .village = OTHER_VILLAGE, .purpose = PURPOSE_REQUEST });
    (void) sums (*state, 100, .by = { RATES_BY_VILLAGE, RATES_BY_MONTH }, .n_by = 2);
    assert_int_equal (figures->n_groups, 3);
    assert_int_equal (figures->groups[0].keys[0], VILLAGE);
    assert_int_equal (figures->groups[0].keys[1], 202603);
    assert_int_equal (figures->groups[0].sums.registered, 2);
    assert_int_equal (figures->groups[1].keys[1], 202604);
    assert_int_equal (figures->groups[2].keys[0], OTHER_VILLAGE);
    (void) sums (*state, 100, .by = { RATES_BY_TOWNSHIP }, .n_by = 1);
    assert_int_equal (figures->groups[1].keys[0], OTHER_VILLAGE / 1000);
}

static void days_of_filing_and_places_narrow_what_is_counted (void **state)
{
    filed (*state, 0);
    filed (*state, 1);
    filed (*state, 2);
    assert_int_equal (sums (*state, 100, .from = civil_day (day_ms (1)),
                            .until = civil_day (day_ms (1)))
                          ->registered,
                      1);
    assert_int_equal (sums (*state, 100, .village = VILLAGE / 1000)->registered, 3);
    assert_int_equal (sums (*state, 100, .village = OTHER_VILLAGE)->registered, 0);
    assert_int_equal (sums (*state, 100, .category = "国土资源")->registered, 3);
    assert_int_equal (sums (*state, 100, .category = "国土")->registered, 0);
}

static void categories_are_grouped_by_their_first_level_or_whole (void **state)
{
    struct story *story = *state;
    filed (story, 0);
    filed (story, 0);
    story->matter.category = "国土资源/地界";
    moved (story, 1, CATEGORISE, UNDECIDED); /* the dispatcher said it better */
    filed_as (story, 0,
              (struct matter){ .village = VILLAGE, .purpose = PURPOSE_REQUEST });
    (void) sums (story, 100, .by = { RATES_BY_CATEGORY }, .n_by = 1);
    assert_int_equal (figures->n_groups, 2);
    assert_string_equal (
        rates_fold_category (story->fold, (uint32_t) figures->groups[0].keys[0]), "");
    assert_int_equal (figures->groups[1].sums.registered, 2);
    (void) sums (story, 100, .by = { RATES_BY_SUBCATEGORY }, .n_by = 1);
    assert_int_equal (figures->n_groups, 3);
}

static void million_grievances_fit_in_memory (void **state)
{
    (void) state;
    assert_true (sizeof (struct rates_grievance) <= 208);
    assert_true (sizeof (struct rates_holding) <= 24);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, make, drop)

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (what_nothing_was_divided_by_has_no_value),
        TEST (accepted_and_answered_in_time_is_in_time),
        TEST (at_the_end_of_the_last_day_it_is_late),
        TEST (day_of_service_counts_not_that_of_writing_it_down),
        TEST (extension_in_force_moves_the_end),
        TEST (open_one_counts_from_the_end_of_its_period_on),
        TEST (ended_without_an_answer_after_its_period_it_stays_late),
        TEST (decided_anew_after_a_dispute_the_first_answer_counts),
        TEST (agreement_by_mediation_is_an_answer),
        TEST (each_department_has_its_time_to_accept_from_its_own_receipt),
        TEST (not_accepted_it_counts_when_the_holder_s_own_time_is_over),
        TEST (with_the_dispatcher_the_petitioner_s_time_counts),
        TEST (refusal_tells_the_petitioner_when_it_is_served),
        TEST (resolved_is_what_the_petitioner_says_is_settled),
        TEST (satisfaction_is_of_those_who_rated_by_their_last_word),
        TEST (objections_and_hand_overs_are_counted),
        TEST (days_of_execution_are_of_who_executes),
        TEST (days_are_attributed_to_whoever_had_it),
        TEST (serving_is_the_holder_s_time_too),
        TEST (grievance_stays_with_who_answered_it_first),
        TEST (endings_without_the_merits_are_counted_by_their_ground),
        TEST (back_from_a_diversion_it_has_not_ended),
        TEST (service_of_the_lead_is_no_answer_of_its_own),
        TEST (what_was_linked_ended_where_it_was),
        TEST (what_goes_on_by_itself_was_not_disputed),
        TEST (each_counts_once_at_the_highest_level_it_reached),
        TEST (reversal_is_another_answer_than_the_one_before),
        TEST (ranks_are_the_nearest),
        TEST (accusations_are_one_number_and_in_no_group),
        TEST (grouped_by_village_and_month_each_counts_where_and_when_it_was_filed),
        TEST (days_of_filing_and_places_narrow_what_is_counted),
        TEST (categories_are_grouped_by_their_first_level_or_whole),
        TEST (million_grievances_fit_in_memory),
    };
    int rc = cmocka_run_group_tests (tests, NULL, NULL);
    forget_figures ();
    return rc;
}
