/* SPDX-License-Identifier: Apache-2.0 */
/* Is the witness awake? A good history passes; each doctored one is told by what is wrong
 * with it. Without this a property test that never fails says nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "support/witness.h"

#define NUMBER  UINT64_C (202611230000101)
#define LEAD    UINT64_C (202611230000102)
#define VILLAGE UINT64_C (340522100001)
#define WORKER  1131
#define OTHER   1132
#define HEAD    1111
#define DAY_MS  CIVIL_DAY_MS
#define START   INT64_C (1795395600000) /* Monday 2026-11-23 09:00 */

static struct witness *witness;
static int64_t now_ms;
static uint64_t sequences[SPEAKER_COUNT];
static struct matter matter;
static struct moved last; /* what stands after the last step */
static uint64_t raises;

static void begin (void)
{
    witness_destroy (&witness);
    witness = witness_create ();
    now_ms = START;
    memset (sequences, 0, sizeof sequences);
    matter = (struct matter){ .village = VILLAGE,
                              .purpose = PURPOSE_REQUEST,
                              .category = "国土资源/土地征收" };
    last = (struct moved){ 0 };
    raises = 0;
}

/* ---- telling ------------------------------------------------------------------------ */

static void tell (enum speaker speaker, struct entry entry, uint32_t person)
{
    struct actor actor = { .person = person };
    entry.sequence = ++sequences[speaker];
    entry.time_ms = now_ms;
    if (entry.grievance == 0)
        entry.grievance = NUMBER;
    entry.matter = &matter;
    entry.actor = &actor;
    witness_entry (witness, speaker, &entry, (struct bytes){ 0 });
}

/* The step as it would be right; then doctored, then told. */
static struct moved step (enum step what, enum state to)
{
    struct moved moved = { .step = what,
                           .from = last.to,
                           .to = to,
                           .department = last.department,
                           .holder = last.holder,
                           .fencing = last.fencing,
                           .objections = last.objections,
                           .transfers = last.transfers,
                           .instance = last.instance,
                           .counted_from_ms = what == STEP_ACCEPT ? now_ms : 0 };
    return moved;
}

static void move (struct moved moved, uint32_t person)
{
    last = moved;
    tell (SPEAKER_ROUTING, (struct entry){ .kind = KIND_MOVED, .moved = &moved }, person);
}

static void propose (struct moved moved, uint32_t person)
{
    tell (SPEAKER_ROUTING, (struct entry){ .kind = KIND_PROPOSED, .moved = &moved },
          person);
}

static void answer (enum asked what)
{
    struct ask_answered answered = { .what = what, .taken = true };
    tell (SPEAKER_ROUTING,
          (struct entry){ .kind = KIND_ASK_ANSWERED, .ask_answered = &answered }, 0);
}

static void place (void)
{
    struct moved moved = step (STEP_PLACE, STATE_DISPATCHED);
    moved.department = 11;
    move (moved, 0);
}

static void claim (void)
{
    struct moved moved = step (STEP_CLAIM, STATE_CLAIMED);
    moved.holder = WORKER;
    moved.fencing = last.fencing + 1;
    move (moved, WORKER);
}

static void work (enum step what, enum state to)
{
    move (step (what, to), WORKER);
}

static void decide (enum decision_outcome outcome)
{
    struct moved moved = step (STEP_DECIDE, STATE_DECIDED);
    moved.outcome = outcome;
    move (moved, WORKER);
}

static struct moved service (enum decision_outcome outcome, enum state to)
{
    struct moved moved = step (STEP_SERVE, to);
    moved.outcome = outcome;
    moved.means = MEANS_IN_PERSON;
    moved.worker = WORKER;
    moved.lapses_at_ms = civil_day_end_ms (civil_day (now_ms) + 30);
    return moved;
}

static void contact (enum contacted contacted, enum means means)
{
    struct moved moved = step (STEP_CONTACT, last.to);
    moved.contacted = contacted;
    moved.means = means;
    move (moved, WORKER);
}

static struct moved closing (enum step what, enum close_reason reason)
{
    struct moved moved = step (what, STATE_CLOSED);
    moved.close_reason = reason;
    moved.holder = 0;
    moved.fencing = 0;
    return moved;
}

/* Proposed by the worker, approved by the head. */
static void by_two (struct moved moved)
{
    struct moved proposal = moved;
    proposal.to = proposal.from;
    proposal.holder = last.holder;
    proposal.fencing = last.fencing;
    propose (proposal, WORKER);
    moved.proposer = WORKER;
    move (moved, HEAD);
}

/* ---- clocks ------------------------------------------------------------------------- */

static struct band_due bands[] = {
    { .share = 50, .due_ms = START + 7 * DAY_MS },
    { .share = 100, .due_ms = START + 15 * DAY_MS, .level = 2 }
};

static struct clock_change change (enum clock_action action, enum duty duty)
{
    return (struct clock_change){ .action = action,
                                  .duty = duty,
                                  .owner = 11,
                                  .stage = "accept",
                                  .from_ms = START,
                                  .due_ms = START + 15 * DAY_MS,
                                  .bands = bands,
                                  .n_bands = 2 };
}

/* 'source': the entry of routing that this takes over; 0: intake's registration. */
static void clocks (struct clock_change *changes, size_t count, uint64_t sequence)
{
    struct clocks all = { .changes = changes, .n_changes = count };
    struct source source = { .speaker = sequence != 0 ? SPEAKER_ROUTING : SPEAKER_INTAKE,
                             .sequence = sequence != 0 ? sequence : 1 };
    tell (SPEAKER_ESCALATION,
          (struct entry){ .kind = KIND_CLOCKS, .clocks = &all, .source = &source }, 0);
}

static void open_clocks (void)
{
    struct clock_change changes[] = { change (CLOCK_START, DUTY_WHOLE),
                                      change (CLOCK_START, DUTY_STAGE) };
    clocks (changes, 2, 0);
}

static void one_change (struct clock_change changed)
{
    clocks (&changed, 1, sequences[SPEAKER_ROUTING]);
}

static struct raised breach (void)
{
    return (struct raised){ .raise = ++raises,
                            .cause = CAUSE_BREACH,
                            .level = 2,
                            .duty = DUTY_STAGE,
                            .share = 100,
                            .due_ms = START + 15 * DAY_MS,
                            .department = 11,
                            .open = true };
}

static void raise_it (struct raised raised)
{
    tell (SPEAKER_ESCALATION, (struct entry){ .kind = KIND_RAISED, .raised = &raised },
          0);
}

static void end_raise (uint64_t raise)
{
    struct raise_ended ended = { .raise = raise };
    tell (SPEAKER_ESCALATION,
          (struct entry){ .kind = KIND_RAISE_ENDED, .raise_ended = &ended }, HEAD);
}

/* ---- how far ------------------------------------------------------------------------ */

static void to_claimed (void)
{
    place ();
    claim ();
}

static void to_handling (void)
{
    to_claimed ();
    work (STEP_ACCEPT, STATE_HANDLING);
}

static void to_done (void)
{
    to_handling ();
    decide (OUTCOME_SUPPORT);
    move (service (OUTCOME_SUPPORT, STATE_EXECUTING), WORKER);
    work (STEP_CLAIM_DONE, STATE_DONE);
}

static void to_window (void)
{
    to_handling ();
    decide (OUTCOME_NOT_SUPPORT);
    move (service (OUTCOME_NOT_SUPPORT, STATE_WINDOW), WORKER);
}

static void to_open_clocks (void)
{
    place ();
    open_clocks ();
}

/* ---- good ones ---------------------------------------------------------------------- */

static void assert_good (void)
{
    if (witness_complaint (witness) != NULL)
        fail_msg ("%s", witness_complaint (witness));
}

static void a_good_course_passes (void **state UNUSED)
{
    begin ();
    to_done ();
    contact (CONTACTED_CONFIRMS, MEANS_TELEPHONE);
    move (closing (STEP_CLOSE, CLOSE_CALL_BACK), WORKER);
    assert_good ();
    begin ();
    to_window ();
    now_ms = last.lapses_at_ms;
    move (closing (STEP_CLOSE, CLOSE_WINDOW_UNUSED), 0);
    assert_good ();
    begin ();
    to_claimed ();
    struct moved refuse = step (STEP_REFUSE, STATE_REFUSED);
    refuse.ground = GROUND_IN_HAND;
    by_two (refuse);
    struct moved served = service (OUTCOME_NONE, STATE_CLOSED);
    served.close_reason = CLOSE_NOT_ACCEPTED;
    served.holder = 0;
    served.fencing = 0;
    move (served, WORKER);
    assert_good ();
}

static void a_good_ledger_passes (void **state UNUSED)
{
    begin ();
    to_open_clocks ();
    claim ();
    now_ms += 2 * DAY_MS;
    work (STEP_ACCEPT, STATE_HANDLING);
    struct clock_change stop = change (CLOCK_STOP, DUTY_STAGE);
    struct clock_change start = change (CLOCK_START, DUTY_STAGE);
    stop.spent_ms = 2 * DAY_MS;
    start.from_ms = now_ms;
    start.stage = "decide";
    struct clock_change changes[] = { stop, start };
    clocks (changes, 2, sequences[SPEAKER_ROUTING]);
    now_ms = START + 15 * DAY_MS;
    raise_it (breach ());
    end_raise (raises);
    witness_rest (witness);
    assert_good ();
    assert_int_equal (
        witnessed_spent_ms (witness_find (witness, NUMBER), DUTY_STAGE, now_ms),
        15 * DAY_MS);
}

/* ---- doctored ones: the course ------------------------------------------------------ */

static void a_way_that_is_not_in_the_table (void)
{
    to_claimed ();
    work (STEP_CLAIM_DONE, STATE_DONE);
}

static void a_state_it_was_not_in (void)
{
    to_claimed ();
    struct moved moved = step (STEP_DECIDE, STATE_DECIDED);
    moved.from = STATE_HANDLING;
    moved.outcome = OUTCOME_SUPPORT;
    move (moved, WORKER);
}

static void another_target_than_the_table_has (void)
{
    to_handling ();
    decide (OUTCOME_NOT_SUPPORT);
    move (service (OUTCOME_NOT_SUPPORT, STATE_EXECUTING), WORKER);
}

static void an_objection_that_is_not_counted (void)
{
    to_claimed ();
    struct moved moved = step (STEP_OBJECT, STATE_OBJECTED);
    moved.department = 0;
    moved.holder = 0;
    moved.fencing = 0;
    move (moved, WORKER);
}

static void a_hand_over_between_departments_that_is_forgotten (void)
{
    place ();
    struct moved moved = step (STEP_DISPATCH, STATE_DISPATCHED);
    moved.department = 12;
    move (moved, HEAD);
}

static void hand_overs_that_are_forgotten (void)
{
    to_handling ();
    struct moved moved = step (STEP_TRANSFER, STATE_HANDLING);
    moved.holder = OTHER;
    moved.fencing++;
    moved.transfers = 1;
    move (moved, WORKER);
    moved.holder = WORKER;
    moved.fencing++;
    moved.transfers = 0;
    moved.from = STATE_HANDLING;
    move (moved, OTHER);
}

static void a_number_that_somebody_had (void)
{
    to_handling ();
    struct moved moved = step (STEP_TRANSFER, STATE_HANDLING);
    moved.holder = OTHER;
    moved.transfers = 1;
    move (moved, WORKER);
}

static void a_number_that_changes_in_the_hand (void)
{
    to_handling ();
    struct moved moved = step (STEP_DECIDE, STATE_DECIDED);
    moved.outcome = OUTCOME_SUPPORT;
    moved.fencing++;
    move (moved, WORKER);
}

static void a_holder_out_of_nothing (void)
{
    place ();
    struct moved moved = step (STEP_CATEGORISE, STATE_DISPATCHED);
    moved.holder = WORKER;
    moved.fencing = 1;
    move (moved, 3121);
}

static void a_holder_who_comes_along (void)
{
    to_claimed ();
    struct moved moved = step (STEP_DISPATCH, STATE_DISPATCHED);
    moved.department = 12;
    moved.transfers = 1;
    move (moved, 3121);
}

static void who_stood_aside_claims (void)
{
    place ();
    struct moved moved = step (STEP_RECUSE, STATE_DISPATCHED);
    moved.worker = WORKER;
    move (moved, HEAD);
    claim ();
}

static void an_extension_by_one (void)
{
    to_handling ();
    struct moved moved = step (STEP_EXTEND, STATE_HANDLING);
    moved.proposer = WORKER;
    move (moved, HEAD);
}

static void an_extension_approved_by_who_asked (void)
{
    to_handling ();
    propose (step (STEP_EXTEND, STATE_HANDLING), WORKER);
    struct moved moved = step (STEP_EXTEND, STATE_HANDLING);
    moved.proposer = WORKER;
    move (moved, WORKER);
}

static void a_second_extension (void)
{
    to_handling ();
    by_two (step (STEP_EXTEND, STATE_HANDLING));
    by_two (step (STEP_EXTEND, STATE_HANDLING));
}

static void a_proposal_that_moves (void)
{
    to_claimed ();
    struct moved moved = step (STEP_REFUSE, STATE_REFUSED);
    moved.ground = GROUND_IN_HAND;
    propose (moved, WORKER);
}

static void a_proposal_beside_another (void)
{
    to_claimed ();
    struct moved moved = step (STEP_REFUSE, STATE_CLAIMED);
    moved.ground = GROUND_IN_HAND;
    propose (moved, WORKER);
    propose (moved, OTHER);
}

static void another_ground_than_proposed (void)
{
    to_claimed ();
    struct moved moved = step (STEP_REFUSE, STATE_CLAIMED);
    moved.ground = GROUND_IN_HAND;
    propose (moved, WORKER);
    moved.ground = GROUND_UNCLEAR;
    moved.to = STATE_REFUSED;
    moved.proposer = WORKER;
    move (moved, HEAD);
}

static void a_ground_of_another_list (void)
{
    to_claimed ();
    struct moved moved = step (STEP_REFUSE, STATE_CLAIMED);
    moved.ground = GROUND_COURT;
    propose (moved, WORKER);
}

static void a_proposal_that_outlives_its_department (void)
{
    to_claimed ();
    struct moved proposal = step (STEP_REFUSE, STATE_CLAIMED);
    proposal.ground = GROUND_IN_HAND;
    propose (proposal, WORKER);
    struct moved moved = step (STEP_HAND_BACK, STATE_DISPATCHED);
    moved.holder = 0;
    moved.fencing = 0;
    moved.transfers++;
    move (moved, WORKER);
    last.fencing = 1;
    claim ();
    moved = step (STEP_REFUSE, STATE_REFUSED);
    moved.ground = GROUND_IN_HAND;
    moved.proposer = WORKER;
    move (moved, HEAD);
}

static void a_rejection_of_nothing (void)
{
    to_claimed ();
    struct moved moved = step (STEP_REFUSE, STATE_CLAIMED);
    tell (SPEAKER_ROUTING, (struct entry){ .kind = KIND_REJECTED, .moved = &moved },
          HEAD);
}

static void a_withdrawal_that_nobody_asked (void)
{
    to_claimed ();
    struct moved moved = step (STEP_WITHDRAW, STATE_CLAIMED);
    moved.ground = GROUND_SETTLED;
    moved.by_petitioner = true;
    propose (moved, 0);
}

static void a_withdrawal_by_the_desk (void)
{
    to_claimed ();
    struct moved moved = step (STEP_WITHDRAW, STATE_CLAIMED);
    moved.ground = GROUND_SETTLED;
    propose (moved, WORKER);
}

static void a_withdrawal_confirmed_by_who_held_it (void)
{
    to_claimed ();
    answer (ASKED_WITHDRAW);
    struct moved moved = step (STEP_WITHDRAW, STATE_CLAIMED);
    moved.ground = GROUND_SETTLED;
    moved.by_petitioner = true;
    propose (moved, 0);
    struct moved back = step (STEP_HAND_BACK, STATE_DISPATCHED);
    back.holder = 0;
    back.fencing = 0;
    move (back, WORKER);
    moved = closing (STEP_WITHDRAW, CLOSE_WITHDRAWN);
    moved.ground = GROUND_SETTLED;
    moved.by_petitioner = true;
    move (moved, WORKER);
}

static void accepted (int64_t counted_from_ms)
{
    struct moved moved = step (STEP_ACCEPT, STATE_HANDLING);
    moved.counted_from_ms = counted_from_ms;
    move (moved, WORKER);
}

static void a_second_acceptance_that_counts_anew (void)
{
    to_handling ();
    struct moved moved = step (STEP_DISPATCH, STATE_DISPATCHED);
    moved.holder = 0;
    moved.fencing = 0;
    move (moved, HEAD);
    now_ms += DAY_MS;
    moved = step (STEP_CLAIM, STATE_CLAIMED);
    moved.holder = WORKER;
    moved.fencing = 2;
    move (moved, WORKER);
    accepted (now_ms);
}

static void an_extension_of_what_is_over (void)
{
    to_handling ();
    now_ms += 71 * DAY_MS;
    by_two (step (STEP_EXTEND, STATE_HANDLING));
}

static void a_service_by_nobody (void)
{
    to_handling ();
    decide (OUTCOME_NOT_SUPPORT);
    struct moved moved = service (OUTCOME_NOT_SUPPORT, STATE_WINDOW);
    moved.worker = 0;
    move (moved, WORKER);
}

/* ---- doctored ones: endings --------------------------------------------------------- */

static void a_call_back_that_was_not_made (void)
{
    to_done ();
    move (closing (STEP_CLOSE, CLOSE_CALL_BACK), WORKER);
}

static void a_call_back_of_before_it_was_done (void)
{
    to_handling ();
    contact (CONTACTED_CONFIRMS, MEANS_TELEPHONE);
    decide (OUTCOME_SUPPORT);
    move (service (OUTCOME_SUPPORT, STATE_EXECUTING), WORKER);
    work (STEP_CLAIM_DONE, STATE_DONE);
    move (closing (STEP_CLOSE, CLOSE_CALL_BACK), WORKER);
}

static void a_window_that_was_not_over (void)
{
    to_window ();
    now_ms = last.lapses_at_ms - 1;
    move (closing (STEP_CLOSE, CLOSE_WINDOW_UNUSED), 0);
}

static void a_window_that_is_cut_short (void)
{
    to_handling ();
    decide (OUTCOME_EXPLAIN);
    struct moved moved = service (OUTCOME_EXPLAIN, STATE_WINDOW);
    moved.lapses_at_ms -= 1;
    move (moved, WORKER);
}

static void close_contact_failed (void)
{
    struct moved moved = closing (STEP_CLOSE, CLOSE_CONTACT_FAILED);
    moved.ground = GROUND_NO_ANSWER;
    by_two (moved);
}

static void three_tries_on_two_days (void)
{
    to_done ();
    contact (CONTACTED_NOT_REACHED, MEANS_TELEPHONE);
    contact (CONTACTED_NOT_REACHED, MEANS_MESSAGE);
    now_ms += DAY_MS;
    contact (CONTACTED_NOT_REACHED, MEANS_TELEPHONE);
    close_contact_failed ();
}

static void three_tries_by_one_means (void)
{
    to_done ();
    for (unsigned i = 0; i < 3; i++) {
        contact (CONTACTED_NOT_REACHED, MEANS_TELEPHONE);
        now_ms += DAY_MS;
    }
    close_contact_failed ();
}

static void failed_contacts_by_one_person (void)
{
    to_done ();
    for (unsigned i = 0; i < 3; i++) {
        contact (CONTACTED_NOT_REACHED, i == 0 ? MEANS_TELEPHONE : MEANS_POST);
        now_ms += DAY_MS;
    }
    struct moved moved = closing (STEP_CLOSE, CLOSE_CONTACT_FAILED);
    moved.ground = GROUND_NO_ANSWER;
    move (moved, WORKER);
}

static void a_confirmation_that_nobody_gave (void)
{
    to_done ();
    move (closing (STEP_CONFIRM, CLOSE_CONFIRMED), 0);
}

static void a_link_to_nothing (void)
{
    to_claimed ();
    struct moved moved = closing (STEP_LINK, CLOSE_LINKED);
    moved.ground = GROUND_SAME_MATTER;
    moved.link_to = LEAD;
    by_two (moved);
}

static void final_after_the_first_decision (void)
{
    to_handling ();
    decide (OUTCOME_NOT_SUPPORT);
    struct moved moved = service (OUTCOME_NOT_SUPPORT, STATE_CLOSED);
    moved.close_reason = CLOSE_FINAL;
    moved.holder = 0;
    moved.fencing = 0;
    move (moved, WORKER);
}

static void an_ending_without_a_reason (void)
{
    to_done ();
    contact (CONTACTED_CONFIRMS, MEANS_TELEPHONE);
    move (closing (STEP_CLOSE, CLOSE_NONE), WORKER);
}

static void a_review_that_nobody_asked (void)
{
    to_window ();
    struct moved moved = step (STEP_REVIEW, STATE_REVIEWING);
    moved.department = 54;
    moved.instance = 2;
    moved.holder = 0;
    moved.fencing = 0;
    move (moved, 0);
}

static void a_review_that_is_none (void)
{
    to_window ();
    answer (ASKED_REVIEW);
    struct moved moved = step (STEP_REVIEW, STATE_REVIEWING);
    moved.department = 54;
    moved.holder = 0;
    moved.fencing = 0;
    move (moved, 0);
}

static void a_request_that_is_answered (void)
{
    to_handling ();
    decide (OUTCOME_ANSWERED);
}

static void another_village (void)
{
    place ();
    matter.village = VILLAGE + 1;
    claim ();
}

static void another_purpose (void)
{
    place ();
    matter.purpose = PURPOSE_INQUIRY;
    claim ();
}

static void another_category (void)
{
    place ();
    matter.category = "民政";
    claim ();
}

static void an_accusation_made_of_a_request (void)
{
    to_claimed ();
    struct moved moved = step (STEP_REPURPOSE, STATE_CLAIMED);
    moved.ground = GROUND_ASKS_ONLY;
    moved.purpose = PURPOSE_INQUIRY;
    propose (moved, WORKER);
    matter.purpose = PURPOSE_ACCUSATION;
    moved.proposer = WORKER;
    move (moved, HEAD);
}

static void a_gap (void)
{
    place ();
    sequences[SPEAKER_ROUTING]++;
    claim ();
}

static void time_that_goes_back (void)
{
    place ();
    now_ms--;
    claim ();
}

/* ---- doctored ones: clocks ---------------------------------------------------------- */

static void an_objection_that_moves_the_end (void)
{
    to_open_clocks ();
    struct moved moved = step (STEP_OBJECT, STATE_OBJECTED);
    moved.department = 0;
    moved.objections = 1;
    move (moved, HEAD);
    struct clock_change extend = change (CLOCK_EXTEND, DUTY_WHOLE);
    extend.due_ms += DAY_MS;
    one_change (extend);
}

static void an_end_that_nothing_moves (void)
{
    to_open_clocks ();
    struct clock_change extend = change (CLOCK_EXTEND, DUTY_WHOLE);
    struct clocks all = { .changes = &extend, .n_changes = 1 };
    tell (SPEAKER_ESCALATION, (struct entry){ .kind = KIND_CLOCKS, .clocks = &all }, 0);
}

static void a_second_stage (void)
{
    to_open_clocks ();
    claim ();
    work (STEP_ACCEPT, STATE_HANDLING);
    one_change (change (CLOCK_START, DUTY_STAGE));
}

static void a_stage_that_ends_in_nothing (void)
{
    to_open_clocks ();
    claim ();
    work (STEP_ACCEPT, STATE_HANDLING);
    one_change (change (CLOCK_STOP, DUTY_STAGE));
}

static void time_that_is_given_back (void)
{
    to_open_clocks ();
    claim ();
    now_ms += 3 * DAY_MS;
    work (STEP_ACCEPT, STATE_HANDLING);
    struct clock_change stop = change (CLOCK_STOP, DUTY_STAGE);
    stop.spent_ms = 2 * DAY_MS;
    struct clock_change changes[] = { stop, change (CLOCK_START, DUTY_STAGE) };
    changes[1].from_ms = now_ms;
    clocks (changes, 2, sequences[SPEAKER_ROUTING]);
}

static void a_beginning_that_is_moved (void)
{
    to_open_clocks ();
    claim ();
    work (STEP_ACCEPT, STATE_HANDLING);
    now_ms += DAY_MS;
    struct clock_change settle = change (CLOCK_SETTLE, DUTY_WHOLE);
    settle.from_ms = now_ms;
    one_change (settle);
}

static void an_extension_that_shortens (void)
{
    to_open_clocks ();
    claim ();
    work (STEP_ACCEPT, STATE_HANDLING);
    struct clock_change extend = change (CLOCK_EXTEND, DUTY_WHOLE);
    extend.due_ms -= DAY_MS;
    one_change (extend);
}

static void a_pause_without_a_hearing (void)
{
    to_open_clocks ();
    claim ();
    work (STEP_ACCEPT, STATE_HANDLING);
    one_change (change (CLOCK_PAUSE, DUTY_WHOLE));
}

static void a_stage_of_another_state (void)
{
    to_open_clocks ();
    claim ();
    work (STEP_ACCEPT, STATE_HANDLING);
    witness_rest (witness);
}

static void turn_to (const char *stage, int64_t spent_ms)
{
    struct clock_change changes[] = { change (CLOCK_STOP, DUTY_STAGE),
                                      change (CLOCK_START, DUTY_STAGE) };
    changes[0].spent_ms = spent_ms;
    changes[1].from_ms = now_ms;
    changes[1].stage = stage;
    clocks (changes, 2, sequences[SPEAKER_ROUTING]);
}

static void a_call_back_that_gives_new_time (void)
{
    to_handling ();
    open_clocks ();
    decide (OUTCOME_SUPPORT);
    move (service (OUTCOME_SUPPORT, STATE_EXECUTING), WORKER);
    turn_to ("execute", 0);
    now_ms += DAY_MS;
    work (STEP_CLAIM_DONE, STATE_DONE);
    turn_to ("confirm", DAY_MS);
    struct moved moved = step (STEP_CONTACT, STATE_EXECUTING);
    moved.contacted = CONTACTED_DISPUTES;
    moved.means = MEANS_TELEPHONE;
    move (moved, WORKER);
    turn_to ("execute", 0);
}

static void a_hearing_that_counts (void)
{
    to_window ();
    open_clocks ();
    answer (ASKED_REVIEW);
    struct moved moved = step (STEP_REVIEW, STATE_REVIEWING);
    moved.instance = 2;
    moved.holder = 0;
    moved.fencing = 0;
    move (moved, 0);
    decide (OUTCOME_EXPLAIN);
    move (service (OUTCOME_EXPLAIN, STATE_WINDOW), WORKER);
    answer (ASKED_REVIEW);
    moved = step (STEP_REVIEW, STATE_REREVIEWING);
    moved.instance = 3;
    move (moved, 0);
    struct clock_change stop = change (CLOCK_STOP, DUTY_STAGE);
    struct clock_change start = change (CLOCK_START, DUTY_STAGE);
    start.stage = "rereview";
    struct clock_change changes[] = { stop, start };
    clocks (changes, 2, sequences[SPEAKER_ROUTING]);
    work (STEP_HEAR, STATE_HEARING);
    witness_rest (witness);
}

static void a_confirmation_that_was_taken_back (void)
{
    to_done ();
    contact (CONTACTED_CONFIRMS, MEANS_TELEPHONE);
    contact (CONTACTED_NOT_REACHED, MEANS_TELEPHONE);
    now_ms += DAY_MS;
    contact (CONTACTED_NOT_REACHED, MEANS_MESSAGE);
    contact (CONTACTED_CONFIRMS, MEANS_TELEPHONE);
    now_ms += DAY_MS;
    contact (CONTACTED_NOT_REACHED, MEANS_TELEPHONE);
    close_contact_failed ();
}

static void a_clock_of_what_is_closed (void)
{
    to_open_clocks ();
    claim ();
    work (STEP_ACCEPT, STATE_HANDLING);
    decide (OUTCOME_SUPPORT);
    move (service (OUTCOME_SUPPORT, STATE_EXECUTING), WORKER);
    work (STEP_CLAIM_DONE, STATE_DONE);
    contact (CONTACTED_CONFIRMS, MEANS_TELEPHONE);
    move (closing (STEP_CLOSE, CLOSE_CALL_BACK), WORKER);
    witness_rest (witness);
}

static void no_clock_of_what_is_open (void)
{
    place ();
    witness_rest (witness);
}

static void a_step_told_early (void)
{
    to_open_clocks ();
    now_ms = START + 15 * DAY_MS - 1;
    raise_it (breach ());
}

static void a_step_told_twice (void)
{
    to_open_clocks ();
    now_ms = START + 16 * DAY_MS;
    raise_it (breach ());
    raise_it (breach ());
}

static void a_step_that_is_not_on_the_clock (void)
{
    to_open_clocks ();
    now_ms = START + 16 * DAY_MS;
    struct raised raised = breach ();
    raised.share = 105;
    raise_it (raised);
}

static void a_window_that_raises (void)
{
    struct clock_change changes[] = { change (CLOCK_START, DUTY_WHOLE),
                                      change (CLOCK_START, DUTY_STAGE) };
    place ();
    changes[1].stage = "ask_review";
    clocks (changes, 2, 0);
    now_ms = START + 15 * DAY_MS;
    struct raised raised = breach ();
    raised.duty = DUTY_WHOLE;
    raise_it (raised);
}

static void a_level_too_low (void)
{
    to_open_clocks ();
    now_ms = START + 16 * DAY_MS;
    struct raised raised = breach ();
    raised.level = 1;
    raise_it (raised);
}

static void a_raise_that_is_open_twice (void)
{
    to_open_clocks ();
    struct raised raised = { .raise = 7, .cause = CAUSE_GROUP, .level = 1, .open = true };
    raise_it (raised);
    raise_it (raised);
}

static void a_raise_that_ends_twice (void)
{
    to_open_clocks ();
    struct raised raised = { .raise = 7, .cause = CAUSE_GROUP, .level = 1, .open = true };
    raise_it (raised);
    end_raise (7);
    end_raise (7);
}

static void what_was_never_said (void)
{
    to_open_clocks ();
    clocks (&(struct clock_change){ 0 }, 1, sequences[SPEAKER_ROUTING] + 1);
}

#define CASE(doctor, words)                                                              \
    {                                                                                    \
#doctor, doctor, words                                                           \
    }

static const struct {
    const char *name;
    void (*doctor) (void);
    const char *complaint;
} cases[] = {
    CASE (a_way_that_is_not_in_the_table, "says the table"),
    CASE (a_state_it_was_not_in, "it was claimed"),
    CASE (another_target_than_the_table_has, "says the table"),
    CASE (an_objection_that_is_not_counted, "0 objections after 0"),
    CASE (hand_overs_that_are_forgotten, "0 hand-overs after 1"),
    CASE (a_hand_over_between_departments_that_is_forgotten, "0 hand-overs after 0"),
    CASE (a_number_that_somebody_had, "fencing number 1 after 1"),
    CASE (a_number_that_changes_in_the_hand, "fencing number changed"),
    CASE (a_holder_out_of_nothing, "makes a holder"),
    CASE (a_holder_who_comes_along, "came along"),
    CASE (who_stood_aside_claims, "may not"),
    CASE (an_extension_by_one, "was not proposed"),
    CASE (an_extension_approved_by_who_asked, "their own proposal"),
    CASE (a_second_extension, "a second time"),
    CASE (a_proposal_that_moves, "a proposal moved it"),
    CASE (a_proposal_beside_another, "another proposal waits"),
    CASE (another_ground_than_proposed, "not what was proposed"),
    CASE (a_ground_of_another_list, "not on the list"),
    CASE (a_proposal_that_outlives_its_department, "was not proposed"),
    CASE (a_rejection_of_nothing, "nothing was proposed"),
    CASE (a_withdrawal_that_nobody_asked, "did not ask"),
    CASE (a_withdrawal_by_the_desk, "nobody proposed it"),
    CASE (a_withdrawal_confirmed_by_who_held_it, "holds what is withdrawn"),
    CASE (a_second_acceptance_that_counts_anew, "another time than the first"),
    CASE (an_extension_of_what_is_over, "when it was over"),
    CASE (a_service_by_nobody, "served by nobody"),
    CASE (a_call_back_that_was_not_made, "no ending here"),
    CASE (a_call_back_of_before_it_was_done, "no ending here"),
    CASE (a_window_that_was_not_over, "no ending here"),
    CASE (a_window_that_is_cut_short, "cut short"),
    CASE (three_tries_on_two_days, "no ending here"),
    CASE (three_tries_by_one_means, "no ending here"),
    CASE (failed_contacts_by_one_person, "was not proposed"),
    CASE (a_confirmation_that_nobody_gave, "no ending here"),
    CASE (a_link_to_nothing, "no ending here"),
    CASE (final_after_the_first_decision, "says the table"),
    CASE (an_ending_without_a_reason, "no ending here"),
    CASE (a_review_that_nobody_asked, "did not ask"),
    CASE (a_review_that_is_none, "instance 0 after 0"),
    CASE (a_request_that_is_answered, "of this purpose"),
    CASE (another_village, "village"),
    CASE (another_purpose, "the purpose changed"),
    CASE (another_category, "the category changed"),
    CASE (an_accusation_made_of_a_request, "stays one"),
    CASE (a_gap, "a gap"),
    CASE (time_that_goes_back, "time goes back"),
    CASE (an_objection_that_moves_the_end, "object (kind 201) moved duty 2"),
    CASE (an_end_that_nothing_moves, "nothing happened"),
    CASE (a_second_stage, "a second clock"),
    CASE (a_stage_that_ends_in_nothing, "0 stages and 1 wholes"),
    CASE (time_that_is_given_back, "not 172800000"),
    CASE (a_beginning_that_is_moved, "began at another time"),
    CASE (an_extension_that_shortens, "an earlier end"),
    CASE (a_pause_without_a_hearing, "only a hearing"),
    CASE (a_stage_of_another_state, "is handling, and its stage is accept"),
    CASE (a_confirmation_that_was_taken_back, "no ending here"),
    CASE (a_call_back_that_gives_new_time, "gave the execution new time"),
    CASE (a_hearing_that_counts, "is hearing, and goes on"),
    CASE (a_clock_of_what_is_closed, "is closed: 1 stages"),
    CASE (no_clock_of_what_is_open, "0 stages, 0 wholes"),
    CASE (a_step_told_early, "told early"),
    CASE (a_step_told_twice, "told before"),
    CASE (a_step_that_is_not_on_the_clock, "no step at 105"),
    CASE (a_window_that_raises, "nobody is late"),
    CASE (a_level_too_low, "told level 1, not 2"),
    CASE (a_raise_that_is_open_twice, "open already"),
    CASE (a_raise_that_ends_twice, "no such raise"),
    CASE (what_was_never_said, "not said"),
};

static void every_doctored_history_is_told_by_its_fault (void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE (cases); i++) {
        begin ();
        cases[i].doctor ();
        const char *complaint = witness_complaint (witness);
        if (complaint == NULL)
            fail_msg ("%s: the witness saw nothing", cases[i].name);
        else if (strstr (complaint, cases[i].complaint) == NULL)
            fail_msg ("%s: it says only \"%s\"", cases[i].name, complaint);
    }
}

static int leave (void **state UNUSED)
{
    witness_destroy (&witness);
    return 0;
}

int main (void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_good_course_passes),
        cmocka_unit_test (a_good_ledger_passes),
        cmocka_unit_test (every_doctored_history_is_told_by_its_fault),
    };
    return cmocka_run_group_tests (tests, NULL, leave);
}
