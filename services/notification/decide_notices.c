/* SPDX-License-Identifier: Apache-2.0 */
/* LAW: who is told what, DOMAIN §7. One table; a row holds when its kind, step, state,
 * ending, cause and condition do. Whoever is told of an ending is told the way back.
 *
 * What waits for a second person is told to that person: the head of the department, by
 * office on that day, who is not the one who proposed it; the next level up where there is
 * none.
 *
 * Accusations (DOMAIN §8): nobody but the department that has it, its head, and the persons
 * its raises name, hears anything, and they hear only that there is one: no number, no
 * village, no petitioner's notice, nothing printed. */
#include "notification/law.h"

#include "base/civil.h"
#include "rules/answerable.h"
#include "rules/deadline.h"
#include "rules/templates.h"

enum audience {
    TELL_PETITIONER,
    TELL_DEPARTMENT, /* that has it now; the dispatcher where none has */
    TELL_ASSISTING,
    TELL_DISPATCHER,
    TELL_SECOND,   /* who may approve what was proposed */
    TELL_PROPOSER, /* whose proposal was rejected */
    TELL_PERSONS,  /* of a raise; the department where it names none */
    TELL_PRESSED,  /* the department, its head, and whom the raise names */
    TELL_TOLD,     /* who heard of the raise */
};

typedef bool (when_fn) (const struct notification_question *question);

static bool is_new_there (const struct notification_question *question)
{
    const struct moved *moved = question->entry->moved;

    return (moved->step == STEP_PLACE || moved->step == STEP_DISPATCH) &&
           !question->was_told;
}

/* Sent again, left by its holder, or claimed by somebody who did nothing with it. Its
 * clocks run on, so no end is told that would begin with this entry. */
static bool is_back_there (const struct notification_question *question)
{
    const struct moved *moved = question->entry->moved;

    return (moved->step == STEP_DISPATCH && question->was_told) ||
           moved->step == STEP_LAPSE ||
           (moved->step == STEP_RECUSE && moved->from != moved->to);
}

static bool is_dispatch (const struct notification_question *question)
{
    const struct moved *moved = question->entry->moved;

    return moved->step == STEP_PLACE || moved->step == STEP_DISPATCH;
}

static bool is_arriving (const struct notification_question *question)
{
    return question->entry->moved->from != question->entry->moved->to;
}

/* A review that was supported goes back to the department that had decided first. */
static bool is_handed_on (const struct notification_question *question)
{
    const struct moved *moved = question->entry->moved;

    return moved->previous_department != 0 &&
           moved->previous_department != moved->department;
}

static bool is_the_petitioners (const struct notification_question *question)
{
    return question->entry->moved->by_petitioner;
}

static bool is_an_officers (const struct notification_question *question)
{
    return !question->entry->moved->by_petitioner;
}

static bool is_answer (const struct notification_question *question)
{
    return question->entry->moved->outcome == OUTCOME_ANSWERED;
}

static bool is_first_decision (const struct notification_question *question)
{
    return question->entry->moved->instance < 2 && !is_answer (question);
}

static bool is_review_decision (const struct notification_question *question)
{
    return question->entry->moved->instance == 2;
}

static bool is_last_decision (const struct notification_question *question)
{
    return question->entry->moved->instance >= 3;
}

static bool is_disputed (const struct notification_question *question)
{
    const struct moved *moved = question->entry->moved;

    return moved->contacted == CONTACTED_DISPUTES && moved->to == STATE_EXECUTING;
}

/* A linked one, closed before: the lead of its group was decided. */
static bool is_closed_already (const struct notification_question *question)
{
    return question->entry->moved->from == STATE_CLOSED;
}

/* An ending without words of its own below. */
static bool is_plain_ending (const struct notification_question *question)
{
    switch (question->entry->moved->close_reason) {
    case CLOSE_CONFIRMED:
    case CLOSE_CALL_BACK:
    case CLOSE_WINDOW_UNUSED:
    case CLOSE_DIVERSION_ARRIVED:
    case CLOSE_ANSWERED:
    case CLOSE_STATUTORY_ANSWERED:
    case CLOSE_NONE:
        return !is_closed_already (question);
    case CLOSE_CONTACT_FAILED:
    case CLOSE_WITHDRAWN:
    case CLOSE_NOT_ACCEPTED:
    case CLOSE_NO_LONGER_ACCEPTED:
    case CLOSE_FINAL:
    case CLOSE_LINKED:
    case CLOSE_COUNT:
        break;
    }
    return false;
}

/* What goes on with the lead of its group is rated there. */
static bool is_to_rate (const struct notification_question *question)
{
    const struct moved *moved = question->entry->moved;

    return !is_closed_already (question) && moved->close_reason != CLOSE_LINKED;
}

static bool is_whole_late (const struct notification_question *question)
{
    return question->entry->raised->duty == DUTY_WHOLE &&
           question->entry->raised->share == 100;
}

static bool is_withdrawn (const struct notification_question *question)
{
    return question->entry->raise_ended->withdrawn;
}

static const struct {
    enum kind kind;
    enum step step; /* STEP_NONE: any */
    enum audience audience;
    const char *template;
    enum stage due;           /* whose end is told; STAGE_ANY: the entry's own */
    enum state to;            /* STATE_NONE: any */
    enum close_reason ending; /* CLOSE_NONE: any */
    enum cause cause;         /* CAUSE_NONE: any that has no row of its own */
    when_fn *when;            /* NULL: always */
    enum gathering gathering; /* unless it is urgent */
    enum stage after;         /* told when so much time has passed; STAGE_ANY: now */
} tellings[] = {
    /* ---- the petitioner ------------------------------------------------------------- */
    { KIND_REGISTERED, 0, TELL_PETITIONER, TEMPLATE_REGISTERED, .due = STAGE_ACCEPT },
    { KIND_MOVED, STEP_ACCEPT, TELL_PETITIONER, TEMPLATE_ACCEPTED, .due = STAGE_DECIDE },
    { KIND_MOVED, STEP_REFUSE, TELL_PETITIONER, TEMPLATE_REFUSED, .due = STAGE_SERVE },
    { KIND_MOVED, STEP_DIVERT, TELL_PETITIONER, TEMPLATE_DIVERTED, .due = STAGE_DIVERT },
    { KIND_MOVED, STEP_LINK, TELL_PETITIONER, TEMPLATE_LINKED, .due = STAGE_ANY },
    { KIND_MOVED, STEP_SERVE, TELL_PETITIONER, TEMPLATE_LEAD_DECIDED,
      .due = STAGE_ASK_REVIEW, .when = is_closed_already },
    { KIND_MOVED, STEP_REPURPOSE, TELL_PETITIONER, TEMPLATE_REPURPOSED,
      .due = STAGE_ANY },
    { KIND_PROPOSED, STEP_WITHDRAW, TELL_PETITIONER, TEMPLATE_WITHDRAWAL_WAITS,
      .when = is_the_petitioners },
    { KIND_REJECTED, STEP_WITHDRAW, TELL_PETITIONER, TEMPLATE_WITHDRAWAL_REJECTED,
      .when = is_the_petitioners },
    { KIND_MOVED, STEP_EXTEND, TELL_PETITIONER, TEMPLATE_EXTENDED, .due = STAGE_ANY },
    { KIND_MOVED, STEP_MEDIATE, TELL_PETITIONER, TEMPLATE_MEDIATION,
      .due = STAGE_MEDIATE },
    { KIND_MOVED, STEP_END_MEDIATION, TELL_PETITIONER, TEMPLATE_MEDIATION_ENDED,
      .due = STAGE_ANY },
    { KIND_MOVED, STEP_AGREE, TELL_PETITIONER, TEMPLATE_AGREED, .due = STAGE_EXECUTE },
    { KIND_MOVED, STEP_DECIDE, TELL_PETITIONER, TEMPLATE_DECIDED, .due = STAGE_SERVE,
      .when = is_first_decision },
    { KIND_MOVED, STEP_DECIDE, TELL_PETITIONER, TEMPLATE_ANSWERED, .due = STAGE_SERVE,
      .when = is_answer },
    { KIND_MOVED, STEP_DECIDE, TELL_PETITIONER, TEMPLATE_REVIEW_DECIDED,
      .due = STAGE_SERVE, .when = is_review_decision },
    { KIND_MOVED, STEP_DECIDE, TELL_PETITIONER, TEMPLATE_REREVIEW_DECIDED,
      .due = STAGE_SERVE, .when = is_last_decision },
    { KIND_MOVED, STEP_REVIEW, TELL_PETITIONER, TEMPLATE_REVIEW, .due = STAGE_REVIEW,
      .to = STATE_REVIEWING },
    { KIND_MOVED, STEP_REVIEW, TELL_PETITIONER, TEMPLATE_REREVIEW, .due = STAGE_REREVIEW,
      .to = STATE_REREVIEWING },
    { KIND_MOVED, STEP_HEAR, TELL_PETITIONER, TEMPLATE_HEARING, .due = STAGE_ANY },
    { KIND_MOVED, STEP_CLAIM_DONE, TELL_PETITIONER, TEMPLATE_DONE, .due = STAGE_CONFIRM },
    { KIND_MOVED, 0, TELL_PETITIONER, TEMPLATE_CLOSED, .due = STAGE_DISPUTE,
      .to = STATE_CLOSED, .when = is_plain_ending },
    { KIND_MOVED, 0, TELL_PETITIONER, TEMPLATE_NOT_ACCEPTED, .due = STAGE_DISPUTE,
      .to = STATE_CLOSED, .ending = CLOSE_NOT_ACCEPTED },
    { KIND_MOVED, 0, TELL_PETITIONER, TEMPLATE_NO_LONGER_ACCEPTED, .due = STAGE_DISPUTE,
      .to = STATE_CLOSED, .ending = CLOSE_NO_LONGER_ACCEPTED },
    { KIND_MOVED, 0, TELL_PETITIONER, TEMPLATE_WITHDRAWN, .due = STAGE_DISPUTE,
      .to = STATE_CLOSED, .ending = CLOSE_WITHDRAWN },
    { KIND_MOVED, 0, TELL_PETITIONER, TEMPLATE_CONTACT_FAILED, .due = STAGE_DISPUTE,
      .to = STATE_CLOSED, .ending = CLOSE_CONTACT_FAILED },
    { KIND_MOVED, 0, TELL_PETITIONER, TEMPLATE_FINAL, .due = STAGE_ANY,
      .to = STATE_CLOSED, .ending = CLOSE_FINAL },
    { KIND_MOVED, 0, TELL_PETITIONER, TEMPLATE_RATE, .to = STATE_CLOSED,
      .when = is_to_rate, .after = STAGE_RATE },
    { KIND_MOVED, STEP_REOPEN, TELL_PETITIONER, TEMPLATE_REOPENED, .due = STAGE_ANY },
    { KIND_MOVED, STEP_CONTACT, TELL_PETITIONER, TEMPLATE_REOPENED, .when = is_disputed },
    { KIND_RAISED, 0, TELL_PETITIONER, TEMPLATE_LATE, .cause = CAUSE_BREACH,
      .when = is_whole_late },

    /* ---- departments ---------------------------------------------------------------- */
    { KIND_MOVED, 0, TELL_DEPARTMENT, TEMPLATE_ARRIVED, .due = STAGE_ACCEPT,
      .to = STATE_DISPATCHED, .when = is_new_there, .gathering = GATHER_SHORT },
    { KIND_MOVED, 0, TELL_DEPARTMENT, TEMPLATE_RETURNED, .to = STATE_DISPATCHED,
      .when = is_back_there, .gathering = GATHER_SHORT },
    { KIND_MOVED, STEP_ARBITRATE, TELL_DEPARTMENT, TEMPLATE_NAMED,
      .gathering = GATHER_SHORT },
    { KIND_MOVED, 0, TELL_ASSISTING, TEMPLATE_ARRIVED, .due = STAGE_ASSIST,
      .to = STATE_DISPATCHED, .when = is_dispatch, .gathering = GATHER_SHORT },
    { KIND_MOVED, 0, TELL_DEPARTMENT, TEMPLATE_ARBITRATE, .due = STAGE_ARBITRATE,
      .to = STATE_ARBITRATION, .when = is_arriving, .gathering = GATHER_SHORT },
    { KIND_MOVED, STEP_REVIEW, TELL_DEPARTMENT, TEMPLATE_REVIEW_DESK, .due = STAGE_REVIEW,
      .to = STATE_REVIEWING, .gathering = GATHER_SHORT },
    { KIND_MOVED, STEP_REVIEW, TELL_DEPARTMENT, TEMPLATE_REVIEW_DESK,
      .due = STAGE_REREVIEW, .to = STATE_REREVIEWING, .gathering = GATHER_SHORT },
    { KIND_MOVED, STEP_DISPATCH, TELL_DEPARTMENT, TEMPLATE_REVIEW_DESK,
      .to = STATE_REVIEWING, .gathering = GATHER_SHORT },
    { KIND_MOVED, STEP_DISPATCH, TELL_DEPARTMENT, TEMPLATE_REVIEW_DESK,
      .to = STATE_REREVIEWING, .gathering = GATHER_SHORT },
    { KIND_MOVED, STEP_SERVE, TELL_DEPARTMENT, TEMPLATE_EXECUTE, .due = STAGE_EXECUTE,
      .to = STATE_EXECUTING, .when = is_handed_on, .gathering = GATHER_SHORT },
    { KIND_MOVED, STEP_REOPEN, TELL_DEPARTMENT, TEMPLATE_REOPENED_DESK,
      .gathering = GATHER_SHORT },

    /* ---- the dispatcher ------------------------------------------------------------- */
    { KIND_MOVED, 0, TELL_DISPATCHER, TEMPLATE_DISPATCHER, .due = STAGE_WAIT,
      .to = STATE_UNDECIDED, .when = is_arriving, .gathering = GATHER_SHORT },
    { KIND_MOVED, 0, TELL_DISPATCHER, TEMPLATE_DISPATCHER, .due = STAGE_REDISPATCH,
      .to = STATE_OBJECTED, .when = is_arriving, .gathering = GATHER_SHORT },
    { KIND_NOTICE, 0, TELL_DISPATCHER, TEMPLATE_UNREACHABLE, .gathering = GATHER_SHORT },

    /* ---- second persons, and who is pressed ------------------------------------------ */
    { KIND_PROPOSED, 0, TELL_SECOND, TEMPLATE_PROPOSED, .due = STAGE_ANY },
    { KIND_REJECTED, 0, TELL_PROPOSER, TEMPLATE_REJECTED, .when = is_an_officers },
    { KIND_RAISED, 0, TELL_PERSONS, TEMPLATE_RAISED, .cause = CAUSE_BAND,
      .gathering = GATHER_DAILY },
    { KIND_RAISED, 0, TELL_PERSONS, TEMPLATE_SOURCE_SILENT,
      .cause = CAUSE_SOURCE_SILENT },
    { KIND_RAISED, 0, TELL_PRESSED, TEMPLATE_SUPERVISED, .cause = CAUSE_SUPERVISION },
    { KIND_RAISED, 0, TELL_PERSONS, TEMPLATE_UNANSWERED, .cause = CAUSE_UNANSWERED },
    { KIND_RAISED, 0, TELL_PERSONS, TEMPLATE_RAISED, .due = STAGE_ANY },
    { KIND_RAISE_ENDED, 0, TELL_TOLD, TEMPLATE_RAISE_ENDED, .when = is_withdrawn },
};

static bool move_holds (const struct moved *moved, size_t row)
{
    return (tellings[row].step == 0 || tellings[row].step == moved->step) &&
           (tellings[row].to == 0 || tellings[row].to == moved->to) &&
           (tellings[row].ending == 0 || tellings[row].ending == moved->close_reason);
}

/* A cause with a row of its own is not told by the row for all of them. */
static bool cause_holds (enum cause cause, size_t row)
{
    bool is_own = cause == CAUSE_BAND || cause == CAUSE_SOURCE_SILENT ||
                  cause == CAUSE_SUPERVISION || cause == CAUSE_UNANSWERED;

    return tellings[row].cause == CAUSE_NONE ? !is_own : tellings[row].cause == cause;
}

static bool holds (const struct notification_question *question, size_t row)
{
    const struct entry *entry = question->entry;

    return entry->kind == tellings[row].kind &&
           (!entry->moved || move_holds (entry->moved, row)) &&
           (!entry->raised || cause_holds (entry->raised->cause, row)) &&
           (!tellings[row].when || tellings[row].when (question));
}

/* ---- recipients ------------------------------------------------------------------------ */

struct tellings {
    const struct notification_question *question;
    size_t row;
    struct notification_telling *ret;
    size_t count;
};

static bool is_accusation (const struct entry *entry)
{
    return entry->matter && entry->matter->purpose == PURPOSE_ACCUSATION;
}

/* One row tells everybody once, whatever offices a person holds. */
static bool is_told_by_row (const struct tellings *to, enum recipient recipient,
                            uint32_t number)
{
    for (size_t i = 0; i < to->count; i++)
        if (to->ret[i].recipient == recipient && to->ret[i].to == number &&
            to->ret[i].template == tellings[to->row].template)
            return true;
    return false;
}

static void tell (struct tellings *to, enum recipient recipient, uint32_t number)
{
    const struct matter *matter = to->question->entry->matter;
    enum stage after = tellings[to->row].after;
    bool urgent = matter && (matter->urgent || matter->threat) && after == STAGE_ANY;
    int64_t not_before_ms =
        after == STAGE_ANY ? 0 : notification_due_ms (to->question, after);
    struct notification_telling *telling;

    if (to->count == TELLINGS_MAX || (number == 0 && recipient != RECIPIENT_PERSON) ||
        (after != STAGE_ANY && not_before_ms == 0) || /* the table has no such row */
        is_told_by_row (to, recipient, number))
        return;
    telling = &to->ret[to->count++];
    *telling = (struct notification_telling){
        .recipient = recipient,
        .to = number,
        .template = tellings[to->row].template,
        .gathering = urgent ? GATHER_NOT : tellings[to->row].gathering,
        .urgent = urgent,
        .not_before_ms = not_before_ms,
    };
    notification_parameters (to->question, tellings[to->row].due, telling);
}

static const struct department *dispatching (const struct tellings *to)
{
    const struct entry *entry = to->question->entry;

    return entry->matter && !is_accusation (entry)
               ? department_dispatching (to->question->rules, entry->matter->village)
               : NULL;
}

static void tell_dispatcher (struct tellings *to)
{
    const struct department *department = dispatching (to);

    if (department)
        tell (to, RECIPIENT_DISPATCHER, department->number);
}

static void tell_department (struct tellings *to, uint32_t number)
{
    const struct department *department =
        department_in_force (to->question->rules, number);

    if (number == 0)
        tell_dispatcher (to);
    else
        tell (to, RECIPIENT_DEPARTMENT, department ? department->number : 0);
}

/* Somebody of the department in this office on the day, but not 'other'. */
static uint32_t find_other (const struct tellings *to, uint32_t department,
                            enum office office, int32_t day, uint32_t other)
{
    const struct rules *rules = to->question->rules;
    const struct officer *officer;

    for (size_t at = 0;
         (officer = officer_next (rules, department, office, day, &at)) != NULL;) {
        uint32_t acting = officer_acting (
            rules, officer->stands_in_for ? officer->stands_in_for : officer->number,
            day);

        if (acting != 0 && acting != other)
            return acting;
    }
    return 0;
}

/* The head on that day; the deputy where the head is 'other' or there is none; else the
 * next level up, but an accusation stays inside of the organ that has it. */
static void tell_head (struct tellings *to, uint32_t number, uint32_t other)
{
    const struct entry *entry = to->question->entry;
    const struct department *department =
        number != 0 ? department_in_force (to->question->rules, number)
                    : dispatching (to);
    int32_t day = civil_day (entry->time_ms);
    struct answerable answerable;
    uint32_t person;

    if (!department)
        return;
    person = find_other (to, department->number, OFFICE_HEAD, day, other);
    if (person == 0)
        person = find_other (to, department->number, OFFICE_DEPUTY, day, other);
    if (person != 0) {
        tell (to, RECIPIENT_PERSON, person);
    } else if (is_accusation (entry)) {
        tell (to, RECIPIENT_DEPARTMENT, department->number);
    } else {
        rules_answerable (to->question->rules, department->number, LEVEL_LEADER,
                          entry->matter ? entry->matter->village : 0, day, &answerable);
        if (answerable.person != 0)
            tell (to, RECIPIENT_PERSON, answerable.person);
        else
            tell_department (to, answerable.department);
    }
}

static uint32_t proposer_of (const struct entry *entry)
{
    if (entry->moved->by_petitioner)
        return 0;
    if (entry->moved->proposer != 0)
        return entry->moved->proposer;
    return entry->kind == KIND_PROPOSED && entry->actor ? entry->actor->person : 0;
}

static void tell_persons (struct tellings *to, const struct raised *raised)
{
    for (size_t i = 0; i < raised->n_persons; i++)
        tell (to, RECIPIENT_PERSON, raised->persons[i]);
}

static void tell_audience (struct tellings *to)
{
    const struct notification_question *question = to->question;
    const struct entry *entry = question->entry;

    switch (tellings[to->row].audience) {
    case TELL_PETITIONER:
        if (entry->matter && !is_accusation (entry))
            tell (to, RECIPIENT_PETITIONER, entry->matter->terminal);
        break;
    case TELL_DEPARTMENT:
        tell_department (to, entry->moved->department);
        break;
    case TELL_ASSISTING:
        for (size_t i = 0; i < entry->moved->n_assisting; i++)
            tell_department (to, entry->moved->assisting[i]);
        break;
    case TELL_DISPATCHER:
        tell_dispatcher (to);
        break;
    case TELL_SECOND:
        tell_head (to, entry->moved->department, proposer_of (entry));
        break;
    case TELL_PROPOSER:
        if (proposer_of (entry) != 0)
            tell (to, RECIPIENT_PERSON, proposer_of (entry));
        break;
    case TELL_PERSONS:
        tell_persons (to, entry->raised);
        if (entry->raised->n_persons == 0)
            tell_department (to, entry->raised->department);
        break;
    case TELL_PRESSED:
        tell_department (to, entry->raised->department);
        tell_head (to, entry->raised->department, 0);
        tell_persons (to, entry->raised);
        break;
    case TELL_TOLD:
        for (size_t i = 0; i < question->n_told; i++)
            if (question->told[i].recipient != RECIPIENT_PETITIONER)
                tell (to, question->told[i].recipient, question->told[i].to);
        break;
    }
}

size_t notification_tellings (const struct notification_question *question,
                              struct notification_telling ret[TELLINGS_MAX])
{
    struct tellings to = { .question = question, .ret = ret };

    for (to.row = 0; to.row < ARRAY_SIZE (tellings); to.row++)
        if (holds (question, to.row))
            tell_audience (&to);
    return to.count;
}
