/* SPDX-License-Identifier: Apache-2.0 */
/* The audit must hold good journals for good, and name every kind of break in bad ones:
 * each test is one corruption of the same small story. */
#include "cli/audit.h"

#include "base/civil.h"
#include "base/number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define VILLAGE UINT64_C (340522100201)

/* One grievance from filing to closing, as four journals tell it. 'spoil' may change an
 * entry before it is told. */
struct story {
    struct audit *audit;
    uint64_t number;
    uint64_t sequences[SPEAKER_COUNT];
    uint64_t counter;
    void (*spoil) (enum speaker speaker, unsigned nth, struct entry *entry);
    unsigned nth[SPEAKER_COUNT];
};

static void tell (struct story *story, enum speaker speaker, struct entry *entry)
{
    entry->sequence = ++story->sequences[speaker];
    entry->time_ms = INT64_C (1000) * (int64_t) entry->sequence;
    if (story->spoil != NULL)
        story->spoil (speaker, story->nth[speaker], entry);
    story->nth[speaker]++;
    audit_entry (story->audit, speaker, entry);
}

static void tell_move (struct story *story, enum step step, enum state from,
                       enum state to, uint32_t department, uint32_t holder,
                       uint64_t fencing)
{
    struct moved moved = { .step = step,
                           .from = from,
                           .to = to,
                           .department = department,
                           .holder = holder,
                           .fencing = fencing };
    struct entry entry = { .kind = KIND_MOVED,
                           .grievance = story->number,
                           .moved = &moved };
    tell (story, SPEAKER_ROUTING, &entry);
}

static void tell_clock (struct story *story, enum clock_action action, enum duty duty)
{
    struct clock_change change = { .action = action, .duty = duty };
    struct clocks clocks = { .changes = &change, .n_changes = 1 };
    struct entry entry = { .kind = KIND_CLOCKS,
                           .grievance = story->number,
                           .clocks = &clocks };
    tell (story, SPEAKER_ESCALATION, &entry);
}

static void tell_raise (struct story *story, uint32_t level)
{
    struct raised raised = {
        .cause = CAUSE_BAND, .duty = DUTY_STAGE, .share = 75, .level = level
    };
    struct entry entry = { .kind = KIND_RAISED,
                           .grievance = story->number,
                           .raised = &raised };
    tell (story, SPEAKER_ESCALATION, &entry);
}

static void tell_all (struct story *story)
{
    struct matter matter = { .village = VILLAGE, .purpose = PURPOSE_REQUEST };
    struct registered registered = { 0 };
    struct actor actor = { .client = 101, .incarnation = 1, .counter = 1 };
    struct entry entry = { .kind = KIND_REGISTERED,
                           .grievance = story->number,
                           .matter = &matter,
                           .actor = &actor,
                           .registered = &registered };
    tell (story, SPEAKER_INTAKE, &entry);

    tell_move (story, STEP_PLACE, STATE_NONE, STATE_DISPATCHED, 1007, 0, 0);
    tell_move (story, STEP_CLAIM, STATE_DISPATCHED, STATE_CLAIMED, 1007, 10071, 2);
    tell_move (story, STEP_ACCEPT, STATE_CLAIMED, STATE_HANDLING, 1007, 10071, 2);
    tell_clock (story, CLOCK_START, DUTY_STAGE);
    tell_clock (story, CLOCK_START, DUTY_WHOLE);
    tell_raise (story, 1);
    tell_raise (story, 2);

    struct notice notice = { .notice = 1, .recipient = RECIPIENT_PETITIONER };
    struct entry queued = { .kind = KIND_NOTICE, .notice = &notice };
    tell (story, SPEAKER_NOTIFICATION, &queued);
    struct notice_moved moved = { .notice = 1, .state = NOTICE_SENT };
    struct entry sent = { .kind = KIND_NOTICE_MOVED, .notice_moved = &moved };
    tell (story, SPEAKER_NOTIFICATION, &sent);
}

static size_t problems_of (void (*spoil) (enum speaker, unsigned, struct entry *))
{
    struct story story = { .audit = audit_create (),
                           .spoil = spoil,
                           .number = number_make (civil_day_of (2026, 11, 23), 101, 1) };
    tell_all (&story);
    audit_finish (story.audit, 1, 3);
    size_t problems = audit_problems (story.audit);
    audit_destroy (&story.audit);
    return problems;
}

static void a_good_story_has_no_problem (void **state)
{
    (void) state;
    assert_int_equal (problems_of (NULL), 0);
}

#define SPOILED(name, of, which, change)                                                 \
    static void spoil_##name (enum speaker speaker, unsigned nth, struct entry *entry)   \
    {                                                                                    \
        if (speaker == (of) && nth == (which)) {                                         \
            change;                                                                      \
        }                                                                                \
    }                                                                                    \
    static void name (void **state)                                                      \
    {                                                                                    \
        (void) state;                                                                    \
        assert_true (problems_of (spoil_##name) > 0);                                    \
    }

SPOILED (a_gap_is_noticed, SPEAKER_ROUTING, 1, entry->sequence++)
SPOILED (time_that_goes_back_is_noticed, SPEAKER_ROUTING, 2, entry->time_ms = 1)
SPOILED (a_counter_out_of_line_is_noticed, SPEAKER_INTAKE, 0, entry->actor->counter = 2)
SPOILED (a_step_from_another_state_is_noticed, SPEAKER_ROUTING, 2,
         entry->moved->from = STATE_DISPATCHED)
SPOILED (a_grievance_never_registered_is_noticed, SPEAKER_ROUTING, 0, entry->grievance++)
SPOILED (a_falling_fencing_number_is_noticed, SPEAKER_ROUTING, 2,
         entry->moved->fencing = 1)
SPOILED (a_holder_without_a_department_is_noticed, SPEAKER_ROUTING, 2,
         entry->moved->department = 0)
SPOILED (a_second_placing_is_noticed, SPEAKER_ROUTING, 1, entry->moved->step = STEP_PLACE)
SPOILED (a_missing_whole_duty_is_noticed, SPEAKER_ESCALATION, 1,
         entry->clocks->changes->duty = DUTY_HOLDER)
SPOILED (two_stage_duties_are_noticed, SPEAKER_ESCALATION, 1,
         entry->clocks->changes->duty = DUTY_STAGE)
SPOILED (a_clock_stopped_that_never_ran_is_noticed, SPEAKER_ESCALATION, 0,
         entry->clocks->changes->action = CLOCK_STOP)
SPOILED (a_raise_told_twice_is_noticed, SPEAKER_ESCALATION, 3, entry->raised->level = 1)
SPOILED (a_notice_never_queued_is_noticed, SPEAKER_NOTIFICATION, 1,
         entry->notice_moved->notice = 9)

static void what_is_registered_and_in_no_queue_is_noticed (void **state)
{
    (void) state;
    struct story story = { .audit = audit_create (),
                           .number = number_make (civil_day_of (2026, 11, 23), 101, 1) };
    struct matter matter = { .village = VILLAGE, .purpose = PURPOSE_REQUEST };
    struct registered registered = { 0 };
    struct entry entry = { .kind = KIND_REGISTERED,
                           .grievance = story.number,
                           .matter = &matter,
                           .registered = &registered };
    tell (&story, SPEAKER_INTAKE, &entry);
    audit_finish (story.audit, 0, 0);
    assert_int_equal (audit_problems (story.audit), 0); /* routing is not there yet */
    audit_finish (story.audit, 1, 0);
    assert_int_equal (audit_problems (story.audit), 1);
    audit_destroy (&story.audit);
}

/* ---- two persons ------------------------------------------------------------------ */

/* A refusal proposed by 10071 and served, one thing of it another way. */
static size_t problems_of_refusal (enum kind kind, uint32_t proposer, uint32_t approver,
                                   enum close_reason reason)
{
    struct story story = { .audit = audit_create (),
                           .number = number_make (civil_day_of (2026, 11, 23), 101, 1) };
    struct matter matter = { .village = VILLAGE, .purpose = PURPOSE_REQUEST };
    struct registered registered = { 0 };
    struct entry entry = { .kind = KIND_REGISTERED,
                           .grievance = story.number,
                           .matter = &matter,
                           .registered = &registered };
    tell (&story, SPEAKER_INTAKE, &entry);
    tell_move (&story, STEP_PLACE, STATE_NONE, STATE_DISPATCHED, 1007, 0, 0);
    tell_move (&story, STEP_CLAIM, STATE_DISPATCHED, STATE_CLAIMED, 1007, 10071, 1);

    struct moved proposed = { .step = STEP_REFUSE,
                              .from = STATE_CLAIMED,
                              .to = STATE_CLAIMED,
                              .department = 1007,
                              .holder = 10071,
                              .fencing = 1 };
    struct entry said = { .kind = kind, .grievance = story.number, .moved = &proposed };
    if (kind != KIND_NONE)
        tell (&story, SPEAKER_ROUTING, &said);
    struct actor actor = { .person = approver };
    struct moved refused = proposed;
    refused.to = STATE_REFUSED;
    refused.proposer = proposer;
    struct entry done = {
        .kind = KIND_MOVED, .grievance = story.number, .actor = &actor, .moved = &refused
    };
    tell (&story, SPEAKER_ROUTING, &done);
    struct moved served = refused;
    served.step = STEP_SERVE;
    served.from = STATE_REFUSED;
    served.to = STATE_CLOSED;
    served.proposer = 0;
    served.close_reason = reason;
    struct entry closed = { .kind = KIND_MOVED,
                            .grievance = story.number,
                            .moved = &served };
    tell (&story, SPEAKER_ROUTING, &closed);
    size_t problems = audit_problems (story.audit);
    audit_destroy (&story.audit);
    return problems;
}

static void what_two_persons_refused_is_good (void **state)
{
    (void) state;
    assert_int_equal (
        problems_of_refusal (KIND_PROPOSED, 10071, 10011, CLOSE_NOT_ACCEPTED), 0);
}

static void an_ending_by_one_person_is_noticed (void **state)
{
    (void) state;
    assert_int_equal (
        problems_of_refusal (KIND_PROPOSED, 10071, 10071, CLOSE_NOT_ACCEPTED), 1);
    assert_int_equal (problems_of_refusal (KIND_PROPOSED, 0, 10011, CLOSE_NOT_ACCEPTED),
                      1);
    assert_int_equal (problems_of_refusal (KIND_PROPOSED, 10071, 0, CLOSE_NOT_ACCEPTED),
                      1);
}

static void an_ending_that_nobody_proposed_is_noticed (void **state)
{
    (void) state;
    assert_int_equal (problems_of_refusal (KIND_NONE, 10071, 10011, CLOSE_NOT_ACCEPTED),
                      1);
}

static void a_closing_that_says_no_reason_is_noticed (void **state)
{
    (void) state;
    assert_int_equal (problems_of_refusal (KIND_PROPOSED, 10071, 10011, CLOSE_NONE), 1);
}

SPOILED (an_instance_without_a_review_is_noticed, SPEAKER_ROUTING, 2,
         entry->moved->instance = 2)

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_good_story_has_no_problem),
        cmocka_unit_test (a_gap_is_noticed),
        cmocka_unit_test (time_that_goes_back_is_noticed),
        cmocka_unit_test (a_counter_out_of_line_is_noticed),
        cmocka_unit_test (a_step_from_another_state_is_noticed),
        cmocka_unit_test (a_grievance_never_registered_is_noticed),
        cmocka_unit_test (a_falling_fencing_number_is_noticed),
        cmocka_unit_test (a_holder_without_a_department_is_noticed),
        cmocka_unit_test (a_second_placing_is_noticed),
        cmocka_unit_test (a_missing_whole_duty_is_noticed),
        cmocka_unit_test (two_stage_duties_are_noticed),
        cmocka_unit_test (a_clock_stopped_that_never_ran_is_noticed),
        cmocka_unit_test (a_raise_told_twice_is_noticed),
        cmocka_unit_test (a_notice_never_queued_is_noticed),
        cmocka_unit_test (what_is_registered_and_in_no_queue_is_noticed),
        cmocka_unit_test (what_two_persons_refused_is_good),
        cmocka_unit_test (an_ending_by_one_person_is_noticed),
        cmocka_unit_test (an_ending_that_nobody_proposed_is_noticed),
        cmocka_unit_test (a_closing_that_says_no_reason_is_noticed),
        cmocka_unit_test (an_instance_without_a_review_is_noticed),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
