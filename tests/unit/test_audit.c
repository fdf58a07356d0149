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
    enum purpose purpose;
    uint64_t sequences[SPEAKER_COUNT];
    void (*spoil) (enum speaker speaker, unsigned nth, struct entry *entry);
    unsigned nth[SPEAKER_COUNT]; /* 'started' apart */
};

static void tell_plain (struct story *story, enum speaker speaker, struct entry *entry)
{
    entry->sequence = ++story->sequences[speaker];
    entry->time_ms = INT64_C (1000) * (int64_t) entry->sequence;
    audit_entry (story->audit, speaker, entry, NULL, (struct bytes){ 0 });
}

static void tell (struct story *story, enum speaker speaker, struct entry *entry)
{
    if (story->sequences[speaker] == 0) {
        struct started started = { .version = "1", .schema = 1 };
        tell_plain (story, speaker,
                    &(struct entry){ .kind = KIND_STARTED, .started = &started });
    }
    entry->sequence = ++story->sequences[speaker];
    entry->time_ms = INT64_C (1000) * (int64_t) entry->sequence;
    if (story->spoil != NULL)
        story->spoil (speaker, story->nth[speaker], entry);
    story->nth[speaker]++;
    audit_entry (story->audit, speaker, entry, NULL, (struct bytes){ 0 });
}

static struct matter matter_of (const struct story *story)
{
    return (
        struct matter){ .village = VILLAGE, .purpose = story->purpose, .terminal = 101 };
}

static void tell_registered (struct story *story)
{
    struct matter matter = matter_of (story);
    struct registered registered = { .last_day_ms = 9000 };
    struct actor actor = { .client = 101, .incarnation = 1, .counter = 1 };
    tell (story, SPEAKER_INTAKE,
          &(struct entry){ .kind = KIND_REGISTERED,
                           .grievance = story->number,
                           .matter = &matter,
                           .actor = &actor,
                           .registered = &registered });
}

static void tell_moved (struct story *story, enum kind kind, const struct moved *moved,
                        uint32_t person)
{
    struct actor actor = { .person = person };
    struct source source = { SPEAKER_INTAKE, 2 };
    struct moved copy = *moved;
    tell (story, SPEAKER_ROUTING,
          &(struct entry){ .kind = kind,
                           .grievance = story->number,
                           .actor = &actor,
                           .source = moved->step == STEP_PLACE ? &source : NULL,
                           .moved = &copy });
}

static void tell_move (struct story *story, enum step step, enum state from,
                       enum state to, uint32_t department, uint32_t holder,
                       uint64_t fencing)
{
    tell_moved (story, KIND_MOVED,
                &(struct moved){ .step = step,
                                 .from = from,
                                 .to = to,
                                 .department = department,
                                 .holder = holder,
                                 .fencing = fencing },
                holder);
}

static void tell_clock (struct story *story, enum clock_action action, enum duty duty)
{
    struct clock_change change = {
        .action = action, .duty = duty, .from_ms = 1000, .due_ms = 9000
    };
    struct clocks clocks = { .changes = &change, .n_changes = 1 };
    struct source source = { SPEAKER_INTAKE, 2 };
    tell (story, SPEAKER_ESCALATION,
          &(struct entry){ .kind = KIND_CLOCKS,
                           .grievance = story->number,
                           .source = &source,
                           .clocks = &clocks });
}

static void tell_raise (struct story *story, uint32_t share)
{
    struct raised raised = { .raise = story->sequences[SPEAKER_ESCALATION] + 1,
                             .cause = CAUSE_BAND,
                             .duty = DUTY_STAGE,
                             .share = share,
                             .level = share / 50,
                             .due_ms = 2000,
                             .ends_ms = 9000 };
    tell (story, SPEAKER_ESCALATION,
          &(struct entry){
              .kind = KIND_RAISED, .grievance = story->number, .raised = &raised });
}

static void tell_all (struct story *story)
{
    tell_registered (story);
    tell_move (story, STEP_PLACE, STATE_NONE, STATE_DISPATCHED, 1007, 0, 0);
    tell_move (story, STEP_CLAIM, STATE_DISPATCHED, STATE_CLAIMED, 1007, 10071, 2);
    tell_move (story, STEP_ACCEPT, STATE_CLAIMED, STATE_HANDLING, 1007, 10071, 2);
    tell_clock (story, CLOCK_START, DUTY_STAGE);
    tell_clock (story, CLOCK_START, DUTY_WHOLE);
    tell_raise (story, 50);
    tell_raise (story, 75);

    struct source source = { SPEAKER_INTAKE, 2 };
    struct notice notice = { .notice = 2,
                             .recipient = RECIPIENT_PETITIONER,
                             .template = "registered" };
    uint64_t number = story->purpose == PURPOSE_ACCUSATION ? 0 : story->number;
    tell (story, SPEAKER_NOTIFICATION,
          &(struct entry){ .kind = KIND_NOTICE,
                           .grievance = number,
                           .source = &source,
                           .notice = &notice });
    struct notice_moved moved = { .notice = 2, .state = NOTICE_SENT };
    tell (story, SPEAKER_NOTIFICATION,
          &(struct entry){ .kind = KIND_NOTICE_MOVED, .notice_moved = &moved });
}

static struct story story_begin (enum purpose purpose)
{
    return (struct story){ .audit = audit_create (),
                           .purpose = purpose,
                           .number = number_make (civil_day_of (2026, 11, 23), 101, 1) };
}

static size_t problems_of (void (*spoil) (enum speaker, unsigned, struct entry *))
{
    struct story story = story_begin (PURPOSE_REQUEST);
    story.spoil = spoil;
    tell_all (&story);
    audit_finish (story.audit, &(struct audit_positions){ 2, 4, 2 });
    for (size_t i = 0; spoil == NULL && audit_finding (story.audit, i) != NULL; i++)
        print_error ("%s\n", audit_finding (story.audit, i));
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
SPOILED (a_raise_told_twice_is_noticed, SPEAKER_ESCALATION, 3,
         (entry->raised->share = 50, entry->raised->level = 1))
SPOILED (a_notice_never_queued_is_noticed, SPEAKER_NOTIFICATION, 1,
         entry->notice_moved->notice = 9)

static void what_is_registered_and_in_no_queue_is_noticed (void **state)
{
    (void) state;
    struct story story = story_begin (PURPOSE_REQUEST);
    tell_registered (&story);
    audit_finish (story.audit, &(struct audit_positions){ 0, 0, 0 });
    assert_int_equal (audit_problems (story.audit), 0); /* routing is not there yet */
    audit_finish (story.audit, &(struct audit_positions){ 2, 0, 0 });
    assert_int_equal (audit_problems (story.audit), 1);
    audit_destroy (&story.audit);
}

static void spoil_course (enum speaker speaker, unsigned nth, struct entry *entry)
{
    if (speaker == SPEAKER_ROUTING && nth == 2)
        entry->moved->from = STATE_DISPATCHED;
}

static void no_finding_names_an_accusation (void **state)
{
    (void) state;
    struct story story = story_begin (PURPOSE_ACCUSATION);
    char number[NUMBER_TEXT_SIZE];
    story.spoil = spoil_course;
    tell_all (&story);
    audit_finish (story.audit, &(struct audit_positions){ 2, 4, 2 });
    assert_int_equal (audit_problems (story.audit), 1);
    number_format (story.number, number);
    assert_null (strstr (audit_finding (story.audit, 0), number));
    assert_non_null (strstr (audit_finding (story.audit, 0), "accusation"));
    audit_destroy (&story.audit);
}

/* ---- two persons ------------------------------------------------------------------ */

/* A refusal proposed by 10071 and served, one thing of it another way. */
static size_t problems_of_refusal (enum kind kind, uint32_t proposer, uint32_t approver,
                                   enum close_reason reason)
{
    struct story story = story_begin (PURPOSE_REQUEST);
    tell_registered (&story);
    tell_move (&story, STEP_PLACE, STATE_NONE, STATE_DISPATCHED, 1007, 0, 0);
    tell_move (&story, STEP_CLAIM, STATE_DISPATCHED, STATE_CLAIMED, 1007, 10071, 1);
    struct moved said = { .step = STEP_REFUSE,
                          .from = STATE_CLAIMED,
                          .to = STATE_CLAIMED,
                          .department = 1007,
                          .holder = 10071,
                          .fencing = 1 };
    if (kind != KIND_NONE)
        tell_moved (&story, kind, &said, 10071);
    said.to = STATE_REFUSED;
    said.proposer = proposer;
    tell_moved (&story, KIND_MOVED, &said, approver);
    struct moved served = { .step = STEP_SERVE,
                            .from = STATE_REFUSED,
                            .to = STATE_CLOSED,
                            .department = 1007,
                            .close_reason = reason };
    tell_moved (&story, KIND_MOVED, &served, 10071);
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
        cmocka_unit_test (no_finding_names_an_accusation),
        cmocka_unit_test (what_two_persons_refused_is_good),
        cmocka_unit_test (an_ending_by_one_person_is_noticed),
        cmocka_unit_test (an_ending_that_nobody_proposed_is_noticed),
        cmocka_unit_test (a_closing_that_says_no_reason_is_noticed),
        cmocka_unit_test (an_instance_without_a_review_is_noticed),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
