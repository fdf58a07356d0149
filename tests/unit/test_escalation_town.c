/* SPDX-License-Identifier: Apache-2.0 */
/* Stories of escalation in a township of four daemons. */
#include "town_people.h"

#include "base/civil.h"

#include <errno.h>

/* Raises of this cause, grievance (0: any) and duty (DUTY_NONE: any). */
static struct counting {
    enum cause cause;
    uint64_t number;
    enum duty duty;
    size_t count;
} counting;

static void count_raise (void *arg, const struct entry *entry, struct bytes body)
{
    struct counting *of = arg;

    (void) body;
    if (entry->kind == KIND_RAISED && entry->raised->cause == of->cause &&
        (of->number == 0 || entry->grievance == of->number) &&
        (of->duty == DUTY_NONE || entry->raised->duty == of->duty))
        of->count++;
}

static size_t raises_of (enum cause cause, uint64_t number, enum duty duty)
{
    counting = (struct counting){ .cause = cause, .number = number, .duty = duty };
    town_journal (town, SPEAKER_ESCALATION, count_raise, &counting);
    return counting.count;
}

static size_t raises (enum cause cause, uint64_t number)
{
    return raises_of (cause, number, DUTY_NONE);
}

static size_t stage_breaches (uint64_t number)
{
    return raises_of (CAUSE_BREACH, number, DUTY_STAGE);
}

static uint64_t gauge (const char *name)
{
    return town_gauge (town, SPEAKER_ESCALATION, name);
}

static struct raises *open_raises (struct town_client *client)
{
    struct raise_query query = { .limit = 100 };
    struct reply *reply =
        town_query (client, SPEAKER_ESCALATION, &(struct query){ .raises = &query });

    assert_non_null (reply);
    assert_non_null (reply->raises);
    return reply->raises;
}

static struct ledger *ledger (struct town_client *client, uint64_t number)
{
    struct deadline_query query = { .number = number };
    struct reply *reply =
        town_query (client, SPEAKER_ESCALATION, &(struct query){ .deadline = &query });

    assert_non_null (reply);
    return reply->deadline;
}

static struct outcome *answer (struct town_client *client, uint32_t person,
                               uint64_t raise)
{
    struct answer_raise command = { .raise = raise, .text = "已责成国土所十日内答复。" };

    return town_command (client, SPEAKER_ESCALATION,
                         &(struct command){ .person = person, .answer_raise = &command });
}

/* Through the client of a desk: claimed, decided, and handed over. */
static void decide_and_serve (struct town_client *at, uint32_t person, uint64_t number,
                              uint64_t fencing, enum decision_outcome outcome)
{
    struct step_command steps[] = {
        { .number = number,
          .step = STEP_DECIDE,
          .fencing = fencing,
          .outcome = outcome,
          .text = "处理意见",
          .legal_basis = "条例" },
        { .number = number,
          .step = STEP_SERVE,
          .fencing = fencing,
          .means = MEANS_IN_PERSON,
          .to = "本人" },
    };

    for (size_t i = 0; i < ARRAY_SIZE (steps); i++) {
        struct outcome *done =
            town_command (at, SPEAKER_ROUTING,
                          &(struct command){ .person = person, .step = &steps[i] });

        if (done->refusal)
            fail_msg ("%s", done->refusal->sentence);
    }
}

/* ---- stories --------------------------------------------------------------------------- */

static void what_is_closed_before_it_is_due_raises_nothing (void **state)
{
    (void) state;
    town_build ();
    uint64_t number = file (0);
    work_off (number);
    town_step (town, 200 * CIVIL_DAY_MS);
    assert_int_equal (raises (CAUSE_BREACH, number), 0);
    assert_int_equal (raises (CAUSE_BAND, number), 0);
    assert_int_equal (gauge ("open"), 0);
    assert_int_equal (gauge ("stage_duties"), 0);
    assert_int_equal (gauge ("whole_duties"), 0);
    assert_int_equal (gauge ("holder_duties"), 0);
    town_destroy (&town);
}

static void what_nobody_has_taken_is_raised_too (void **state)
{
    (void) state;
    town_build ();
    uint64_t number = file_with (0, NULL, 1, false); /* lies with the dispatcher */
    town_step (town, 30 * CIVIL_DAY_MS);
    assert_true (raises (CAUSE_BREACH, number) > 0);
    struct raises *open = open_raises (dispatcher);
    assert_true (open->n_rows > 0);
    assert_int_equal (open->rows[0].raised->department, 31);
    town_destroy (&town);
}

static void nothing_fires_before_routing_has_said_everything (void **state)
{
    (void) state;
    town_build ();
    uint64_t number = file (0);
    town_step_until (town, at_ms ("2026-12-08 23:59:30"));
    assert_int_equal (stage_breaches (number), 0);
    town_cut (town, SPEAKER_ESCALATION, SPEAKER_ROUTING);
    town_step_until (town, at_ms ("2026-12-09 00:00:20"));
    assert_int_equal (stage_breaches (number), 0); /* due, but not known */
    town_mend (town, SPEAKER_ESCALATION, SPEAKER_ROUTING);
    town_step (town, 2000);
    assert_int_equal (stage_breaches (number), 1);
    assert_false (town_last (town, SPEAKER_ESCALATION, KIND_RAISED)->raised->blind);
    town_destroy (&town);
}

static void routing_silent_at_a_due_time (void **state)
{
    (void) state;
    town_build ();
    uint64_t done = file (0), lying = file (1), fencing;

    town_step_until (town, at_ms ("2026-12-08 23:50:00"));
    fencing = claim (done);
    town_settle (town);
    town_cut (town, SPEAKER_ESCALATION, SPEAKER_ROUTING);
    accept (done, fencing); /* in time, but escalation does not hear of it */
    town_step_until (town, at_ms ("2026-12-09 03:10:00"));
    assert_int_equal (stage_breaches (done), 1);
    assert_int_equal (stage_breaches (lying), 1);
    assert_int_equal (raises (CAUSE_SOURCE_SILENT, 0), 1);
    town_mend (town, SPEAKER_ESCALATION, SPEAKER_ROUTING);
    town_step (town, 2 * CIVIL_HOUR_MS);
    assert_int_equal (raises (CAUSE_SOURCE_SILENT, 0), 1);
    assert_int_equal (gauge ("raises_withdrawn"), 1); /* of the one that was done */
    struct raises *open = open_raises (operator_);
    for (size_t i = 0; i < open->n_rows; i++)
        assert_int_not_equal (open->rows[i].raised->cause, CAUSE_SOURCE_SILENT);
    town_destroy (&town);
}

static void silence_is_noticed_with_the_next_entry_of_another_source (void **state)
{
    (void) state;
    town_build ();
    file (0);
    town_step (town, 5000);
    town_cut (town, SPEAKER_ESCALATION, SPEAKER_ROUTING);
    for (unsigned i = 0; i < 130; i++) /* as a daemon that has turns sees it */
        town_step (town, 1000);
    file (1);
    town_settle (town);
    assert_int_equal (raises (CAUSE_SOURCE_SILENT, 0), 1);
    struct raises *open = open_raises (operator_);
    assert_int_equal (open->n_rows, 1);
    assert_int_equal (open->rows[0].raised->n_persons, 1); /* somebody is told */
    town_mend (town, SPEAKER_ESCALATION, SPEAKER_ROUTING);
    town_step (town, 5000);
    file (2);
    town_settle (town);
    assert_int_equal (open_raises (operator_)->n_rows, 0);
    town_destroy (&town);
}

static void after_downtime_everything_due_fires_once (void **state)
{
    (void) state;
    town_build ();
    uint64_t lying = file (0), late = file (1), fencing = claim (late);

    accept (late, fencing);
    town_settle (town);
    town_stop (town, SPEAKER_ESCALATION);
    town_step_until (town, at_ms ("2027-02-20 10:00:00")); /* its 60 days are over */
    step_by (1131, &(struct step_command){ .number = late,
                                           .step = STEP_DECIDE,
                                           .fencing = fencing,
                                           .outcome = OUTCOME_SUPPORT,
                                           .text = "支持",
                                           .legal_basis = "-" });
    town_restart (town, SPEAKER_ESCALATION);
    town_step (town, 5000);
    size_t first = raises (CAUSE_BREACH, lying);
    assert_true (first >= 3); /* stage and holder and whole, and what followed */
    assert_true (raises (CAUSE_BREACH, late) >=
                 1); /* late is late, though it is done now */
    town_step (town, 5000);
    town_restart (town, SPEAKER_ESCALATION);
    town_step (town, 5000);
    assert_int_equal (raises (CAUSE_BREACH, lying), first);
    town_destroy (&town);
}

static void warning_that_a_breach_has_overtaken_is_not_given (void **state)
{
    (void) state;
    town_build ();
    uint64_t lying = file (0);

    town_settle (town);
    town_stop (town, SPEAKER_ESCALATION);
    town_step_until (town, at_ms ("2027-02-20 10:00:00"));
    town_restart (town, SPEAKER_ESCALATION);
    town_step (town, 5000);
    assert_int_equal (raises (CAUSE_BAND, lying), 0);
    assert_true (raises (CAUSE_BREACH, lying) >= 3);
    town_destroy (&town);
}

/* Decided on day 40, so the window for a review closes on day 70, behind the last warning of
 * the whole (67) and before its end (77): by then the whole is another line. */
static void warning_that_is_passed_over_passes_over_no_window (void **state)
{
    (void) state;
    town_build ();
    uint64_t slow = file (1), fencing = claim (slow);

    accept (slow, fencing);
    town_step_until (town, town_now_ms (town) + 40 * CIVIL_DAY_MS);
    decide_and_serve (desk, 1131, slow, fencing, OUTCOME_EXPLAIN);
    town_settle (town);
    for (enum speaker speaker = SPEAKER_INTAKE; speaker <= SPEAKER_NOTIFICATION;
         speaker++)
        town_stop (town, speaker);
    town_step_until (town, town_now_ms (town) + 42 * CIVIL_DAY_MS);
    for (enum speaker speaker = SPEAKER_INTAKE; speaker <= SPEAKER_NOTIFICATION;
         speaker++)
        town_restart (town, speaker);
    town_step (town, 5000);
    assert_int_equal (raises_of (CAUSE_BREACH, slow, DUTY_WHOLE), 0);
    town_destroy (&town);
}

static void decision_served_late_while_it_was_down_is_still_a_breach (void **state)
{
    (void) state;
    town_build ();
    uint64_t late = file (1), fencing = claim (late);

    accept (late, fencing);
    town_settle (town);
    town_stop (town, SPEAKER_ESCALATION);
    town_step_until (town, at_ms ("2027-02-20 10:00:00"));
    decide_and_serve (desk, 1131, late, fencing, OUTCOME_SUPPORT);
    step_by (1131, &(struct step_command){
                       .number = late, .step = STEP_CLAIM_DONE, .fencing = fencing });
    step_by (1131, &(struct step_command){ .number = late,
                                           .step = STEP_CONTACT,
                                           .means = MEANS_TELEPHONE,
                                           .contacted = CONTACTED_CONFIRMS,
                                           .text = "信访人确认" });
    step_by (1131, &(struct step_command){ .number = late,
                                           .step = STEP_CLOSE,
                                           .fencing = fencing,
                                           .close_reason = CLOSE_CALL_BACK });
    town_restart (town, SPEAKER_ESCALATION);
    town_step (town, 5000);
    assert_int_equal (gauge ("open"), 0);
    assert_true (raises (CAUSE_BREACH, late) >= 2); /* decide, and the whole */
    assert_int_equal (gauge ("raises_open"), 0);    /* closing has ended them */
    assert_int_equal (gauge ("raises_withdrawn"), 0);
    town_destroy (&town);
}

static void groups_and_urgent_matters_are_raised_at_once_and_once (void **state)
{
    (void) state;
    town_build ();
    uint64_t group = file_with (0, "国土资源/土地征收", 23, false);
    uint64_t urgent = file_with (1, "国土资源/土地征收", 1, true);

    town_settle (town);
    assert_int_equal (raises (CAUSE_GROUP, group), 1);
    assert_int_equal (raises (CAUSE_URGENT, urgent), 1);
    struct raises *open = open_raises (leader);
    assert_int_equal (open->n_rows, 2);
    assert_int_equal (open->rows[0].raised->level, 2);
    town_restart (town, SPEAKER_ESCALATION);
    town_step (town, 5000);
    assert_int_equal (raises (CAUSE_GROUP, 0), 1);
    town_destroy (&town);
}

static void second_objection_goes_to_the_leader (void **state)
{
    struct step_command object = { .step = STEP_OBJECT, .reason = "不属于本单位职责" };
    struct step_command dispatch = { .step = STEP_DISPATCH,
                                     .reason = "指定",
                                     .department = 11 };

    (void) state;
    town_build ();
    object.number = dispatch.number = file (0);
    for (unsigned i = 0; i < 2; i++) {
        town_settle (town);
        assert_null (town_command (desk, SPEAKER_ROUTING,
                                   &(struct command){ .person = 1111, .step = &object })
                         ->refusal);
        town_settle (town);
        assert_int_equal (raises (CAUSE_OBJECTIONS, 0), i);
        if (i == 0) /* the second goes to the arbiter by itself */
            assert_null (
                town_command (dispatcher, SPEAKER_ROUTING,
                              &(struct command){ .person = 3121, .step = &dispatch })
                    ->refusal);
    }
    assert_int_equal (town_last (town, SPEAKER_ESCALATION, KIND_RAISED)->raised->level,
                      2);
    town_destroy (&town);
}

static void answer_in_writing_ends_the_raise_and_no_other (void **state)
{
    (void) state;
    town_build ();
    uint64_t number = file (0);

    town_step_until (town, at_ms ("2026-12-09 08:00:00"));
    struct raises *open = open_raises (leader);
    uint64_t raise = 0;
    for (size_t i = 0; i < open->n_rows; i++)
        if (open->rows[i].raised->duty == DUTY_STAGE)
            raise = open->rows[i].raise;
    assert_int_not_equal (raise, 0);
    size_t before = open->n_rows;

    assert_int_equal (answer (terminals[0], 0, raise)->refusal->code, REFUSAL_NO_RIGHT);
    assert_int_equal (answer (other_desk, 1211, raise)->refusal->code, REFUSAL_TERRITORY);
    assert_int_equal (answer (desk, 1111, raise)->refusal->code, REFUSAL_NO_RIGHT);
    assert_int_equal (answer (county, 0, raise)->refusal->code, REFUSAL_TERRITORY);
    assert_int_equal (answer (leader, 1004, raise + 1000)->refusal->code,
                      REFUSAL_NOT_FOUND);
    struct outcome *taken = answer (leader, 1004, raise);
    assert_null (taken->refusal);
    assert_int_equal (taken->recorded->sequence,
                      town_last (town, SPEAKER_ESCALATION, KIND_RAISE_ENDED)->sequence);
    assert_int_equal (answer (leader, 1004, raise)->refusal->code, REFUSAL_NOT_FOUND);
    assert_int_equal (open_raises (leader)->n_rows, before - 1);

    town_step (town, 30 * CIVIL_DAY_MS); /* +5 and +10 working days of that clock pass */
    assert_int_equal (stage_breaches (number), 3);
    town_destroy (&town);
}

static const struct duty_row *running_stage (uint64_t number)
{
    struct ledger *seen = ledger (desk, number);

    for (size_t i = 0; i < seen->n_duties; i++)
        if (seen->duties[i].running && seen->duties[i].duty == DUTY_STAGE)
            return &seen->duties[i];
    fail_msg ("no stage runs");
    return NULL;
}

static void review_window_tells_nobody_and_ends_by_itself (void **state)
{
    (void) state;
    town_build ();
    uint64_t number = file (0), fencing = claim (number);
    accept (number, fencing);
    decide_and_serve (desk, 1131, number, fencing, OUTCOME_EXPLAIN);
    town_step (town, 20 * CIVIL_DAY_MS);
    assert_string_equal (running_stage (number)->stage, "ask_review");
    town_step_until (town, at_ms ("2026-12-24 00:00:01")); /* routing closes it */
    assert_int_equal (gauge ("open"), 0);
    assert_int_equal (raises_of (CAUSE_BREACH, number, DUTY_STAGE), 0);
    assert_int_equal (raises_of (CAUSE_BREACH, number, DUTY_WHOLE), 0);
    assert_int_equal (raises_of (CAUSE_BAND, number, DUTY_STAGE), 0);
    town_destroy (&town);
}

static void ask (uint64_t number, enum asked what)
{
    struct ask asked = { .number = number, .query_code = "0123ABCD", .what = what };

    assert_null (
        town_command (terminals[0], SPEAKER_INTAKE, &(struct command){ .ask = &asked })
            ->refusal);
    town_settle (town);
}

/* Closing cannot take the right of art. 35 away, and a review that was taken is owed. */
static void review_that_was_asked_is_owed_also_when_it_was_closed (void **state)
{
    (void) state;
    for (unsigned closed = 0; closed < 2; closed++) {
        struct step_command take = { .step = STEP_CLAIM };

        town_build ();
        struct town_client *above =
            town_client (town, ROLE_DESK, 2054, .territory = 340522, .department = 54);
        uint64_t number = take.number = file (0), fencing = claim (number);
        accept (number, fencing);
        decide_and_serve (desk, 1131, number, fencing, OUTCOME_EXPLAIN);
        town_step (town, CIVIL_DAY_MS);
        if (closed)
            ask (number, ASKED_CONFIRM);
        assert_int_equal (gauge ("open"), !closed);
        ask (number, ASKED_REVIEW);
        assert_string_equal (running_stage (number)->stage, "review");
        assert_int_equal (running_stage (number)->owner, 54);
        assert_int_equal (gauge ("stage_duties"), 1);
        assert_int_equal (gauge ("whole_duties"), 1);
        assert_int_equal (raises (CAUSE_DISPUTE, number), 0); /* a right, no dispute */

        struct outcome *taken = town_command (
            above, SPEAKER_ROUTING, &(struct command){ .person = 5431, .step = &take });
        assert_null (taken->refusal);
        assert_string_equal (running_stage (number)->stage, "review");
        decide_and_serve (above, 5431, number, taken->step_done->fencing,
                          OUTCOME_EXPLAIN);
        assert_string_equal (running_stage (number)->stage, "ask_rereview");
        assert_int_equal (gauge ("stage_duties"), 1);
        assert_int_equal (gauge ("whole_duties"), 1);
        town_destroy (&town);
    }
}

static void review_nobody_works_on_is_raised (void **state)
{
    (void) state;
    town_build ();
    uint64_t number = file (0), fencing = claim (number);
    accept (number, fencing);
    decide_and_serve (desk, 1131, number, fencing, OUTCOME_EXPLAIN);
    ask (number, ASKED_REVIEW);
    town_step (town, 45 * CIVIL_DAY_MS);
    assert_true (raises_of (CAUSE_BREACH, number, DUTY_STAGE) > 0);
    town_destroy (&town);
}

static void dispute_that_was_taken_is_raised_one_level_up (void **state)
{
    struct ask asked = { .query_code = "0123ABCD",
                         .what = ASKED_DISPUTE,
                         .reason = "没有落实" };

    (void) state;
    town_build ();
    asked.number = file (0);
    work_off (asked.number);
    town_step (town, CIVIL_DAY_MS);
    assert_int_equal (gauge ("open"), 0);
    struct outcome *outcome =
        town_command (terminals[0], SPEAKER_INTAKE, &(struct command){ .ask = &asked });
    assert_null (outcome->refusal);
    town_settle (town);
    assert_int_equal (raises (CAUSE_DISPUTE, asked.number), 1);
    assert_int_equal (town_last (town, SPEAKER_ESCALATION, KIND_RAISED)->raised->level,
                      1);
    assert_int_equal (gauge ("open"), 1);
    assert_int_equal (gauge ("stage_duties"), 1);
    assert_int_equal (gauge ("whole_duties"), 1);
    town_destroy (&town);
}

static void unanswered_breach_climbs_to_the_county (void **state)
{
    unsigned last = 0;

    (void) state;
    town_build ();
    file (0);
    town_step (town, 60 * CIVIL_DAY_MS);
    struct raises *open = open_raises (leader);
    for (size_t i = 0; i < open->n_rows; i++)
        if (open->rows[i].raised->duty == DUTY_STAGE) {
            assert_true (open->rows[i].raised->level > last);
            last = open->rows[i].raised->level;
        }
    assert_int_equal (last, 4);
    town_destroy (&town);
}

static void canary_fires_every_hour_also_when_nothing_happens (void **state)
{
    (void) state;
    town_build ();
    town_step (town, 24 * CIVIL_HOUR_MS + 60000);
    assert_int_equal (town_count (town, SPEAKER_ESCALATION, KIND_CANARY), 24);
    assert_true (gauge ("canary_timestamp_seconds") >
                 (uint64_t) (town_now_ms (town) - CIVIL_HOUR_MS - 60000) / 1000);
    town_destroy (&town);
}

static void ledger_and_what_is_due_next_are_told_to_whom_it_concerns (void **state)
{
    struct due_query due_query = { .limit = 10 };
    struct query due = { .due = &due_query };

    (void) state;
    town_build ();
    uint64_t number = file (0);
    accept (number, claim (number));
    town_settle (town);
    struct ledger *seen = ledger (desk, number);
    assert_non_null (seen);
    assert_int_equal (seen->n_duties, 7); /* whole, three stages, holder, two assist */
    assert_non_null (ledger (other_desk, number)); /* it assists */
    assert_null (ledger (strange_desk, number));
    assert_non_null (ledger (terminals[0], number));
    assert_null (ledger (county, number));
    assert_true (town_query (desk, SPEAKER_ESCALATION, &due)->due->n_rows >= 2);
    assert_int_equal (town_query (other_desk, SPEAKER_ESCALATION, &due)->due->n_rows, 1);
    struct due *all = town_query (operator_, SPEAKER_ESCALATION, &due)->due;
    for (size_t i = 1; i < all->n_rows; i++)
        assert_true (all->rows[i].due_ms >= all->rows[i - 1].due_ms);
    town_destroy (&town);
}

static void accusation_shows_in_counts_only (void **state)
{
    struct due_query due_query = { .limit = 10 };
    struct query due = { .due = &due_query };

    (void) state;
    town_build ();
    uint64_t number =
        file_matter (0, (struct matter){ .purpose = PURPOSE_ACCUSATION, .persons = 30 });
    town_step (town, 40 * CIVIL_DAY_MS);
    assert_int_equal (gauge ("open"), 1);
    assert_true (raises (CAUSE_BREACH, number) > 0);
    struct town_client *clients[] = { desk, dispatcher, leader, operator_, terminals[0] };
    for (size_t i = 0; i < ARRAY_SIZE (clients); i++) {
        struct due *rows = town_query (clients[i], SPEAKER_ESCALATION, &due)->due;

        assert_null (ledger (clients[i], number));
        assert_int_equal (open_raises (clients[i])->n_rows, 0);
        for (size_t k = 0; k < rows->n_rows; k++)
            assert_int_not_equal (rows->rows[k].number, number);
    }
    town_destroy (&town);
}

static void crash_at_any_write_loses_and_doubles_nothing (void **state)
{
    uint64_t clean = 0;

    (void) state;
    for (unsigned n = 0; n < 28; n++) {
        town_build ();
        uint64_t number = file_with (0, "国土资源/土地征收", 7, false);
        town_settle (town);
        if (n > 0)
            town_fail_store (town, SPEAKER_ESCALATION, n, -EIO);
        accept (number, claim (number));
        town_step (town, 17 * CIVIL_DAY_MS);
        town_fail_store (town, SPEAKER_ESCALATION, 0, 0);
        town_step (town, CIVIL_DAY_MS);
        assert_int_equal (gauge ("open"), 1);
        assert_int_equal (gauge ("stage_duties"), 1);
        assert_int_equal (gauge ("whole_duties"), 1);
        assert_int_equal (raises (CAUSE_GROUP, number), 1);
        uint64_t breaches = raises (CAUSE_BREACH, number);
        if (n == 0)
            clean = breaches;
        assert_int_equal (breaches, clean);
        town_destroy (&town);
    }
}

static void refolding_the_journal_gives_the_same_tables (void **state)
{
    (void) state;
    town_build ();
    for (unsigned i = 0; i < 12; i++) {
        uint64_t number = file_with (i % VILLAGE_COUNT,
                                     i % 4 ? "国土资源/土地征收" : NULL, i, i % 5 == 0);
        if (i % 4 == 1)
            work_off (number);
    }
    town_step (town, 100 * CIVIL_DAY_MS);
    struct hash before = town_digest (town, SPEAKER_ESCALATION);
    town_rebuild (town, SPEAKER_ESCALATION);
    struct hash after = town_digest (town, SPEAKER_ESCALATION);
    assert_true (hash_equal (&before, &after));
    town_destroy (&town);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (what_is_closed_before_it_is_due_raises_nothing),
        cmocka_unit_test (what_nobody_has_taken_is_raised_too),
        cmocka_unit_test (nothing_fires_before_routing_has_said_everything),
        cmocka_unit_test (routing_silent_at_a_due_time),
        cmocka_unit_test (silence_is_noticed_with_the_next_entry_of_another_source),
        cmocka_unit_test (after_downtime_everything_due_fires_once),
        cmocka_unit_test (warning_that_a_breach_has_overtaken_is_not_given),
        cmocka_unit_test (warning_that_is_passed_over_passes_over_no_window),
        cmocka_unit_test (decision_served_late_while_it_was_down_is_still_a_breach),
        cmocka_unit_test (groups_and_urgent_matters_are_raised_at_once_and_once),
        cmocka_unit_test (second_objection_goes_to_the_leader),
        cmocka_unit_test (answer_in_writing_ends_the_raise_and_no_other),
        cmocka_unit_test (review_window_tells_nobody_and_ends_by_itself),
        cmocka_unit_test (review_that_was_asked_is_owed_also_when_it_was_closed),
        cmocka_unit_test (review_nobody_works_on_is_raised),
        cmocka_unit_test (dispute_that_was_taken_is_raised_one_level_up),
        cmocka_unit_test (unanswered_breach_climbs_to_the_county),
        cmocka_unit_test (canary_fires_every_hour_also_when_nothing_happens),
        cmocka_unit_test (ledger_and_what_is_due_next_are_told_to_whom_it_concerns),
        cmocka_unit_test (accusation_shows_in_counts_only),
        cmocka_unit_test (crash_at_any_write_loses_and_doubles_nothing),
        cmocka_unit_test (refolding_the_journal_gives_the_same_tables),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
