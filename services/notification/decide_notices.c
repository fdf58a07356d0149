/* SPDX-License-Identifier: Apache-2.0 */
/* LAW: who is told what, DOMAIN §7. One table; a row holds when its kind, step, state,
 * ending, cause and condition do. Whoever is told of an ending is told the way back. */
#include "notification/tellings.h"

#include "rules/templates.h"

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

/* By a dispute that was taken; else the lead of its group ended without a decision. */
static bool is_reopened (const struct notification_question *question)
{
    return question->entry->moved->link_to == 0;
}

static bool is_unlinked (const struct notification_question *question)
{
    return question->entry->moved->link_to != 0;
}

/* Where no department has it, the dispatcher is told that it waits. */
static bool is_reopened_there (const struct notification_question *question)
{
    return is_reopened (question) && question->entry->moved->department != 0;
}

static bool is_unlinked_there (const struct notification_question *question)
{
    return is_unlinked (question) && question->entry->moved->department != 0;
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

/* What became of the advice is told to whoever gave it (art. 40). */
static bool is_supervision_answered (const struct notification_question *question)
{
    return question->entry->raise_ended->adoption != ADOPTION_NONE;
}

static const struct telling_row rows[] = {
    /* ---- the petitioner ------------------------------------------------------------- */
    { KIND_REGISTERED, 0, TELL_PETITIONER, TEMPLATE_REGISTERED, .due = STAGE_ACCEPT },
    { KIND_MOVED, STEP_ACCEPT, TELL_PETITIONER, TEMPLATE_ACCEPTED, .due = STAGE_DECIDE },
    { KIND_MOVED, STEP_REFUSE, TELL_PETITIONER, TEMPLATE_REFUSED, .due = STAGE_SERVE },
    { KIND_MOVED, STEP_DIVERT, TELL_PETITIONER, TEMPLATE_DIVERTED, .due = STAGE_DIVERT },
    { KIND_MOVED, STEP_LINK, TELL_PETITIONER, TEMPLATE_LINKED, .due = STAGE_ANY },
    { KIND_MOVED, STEP_SERVE, TELL_PETITIONER, TEMPLATE_LEAD_DECIDED,
      .when = is_closed_already },
    { KIND_MOVED, STEP_REOPEN, TELL_PETITIONER, TEMPLATE_UNLINKED, .when = is_unlinked },
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
    { KIND_MOVED, STEP_REOPEN, TELL_PETITIONER, TEMPLATE_REOPENED, .when = is_reopened },
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
      .when = is_reopened_there, .gathering = GATHER_SHORT },
    { KIND_MOVED, STEP_REOPEN, TELL_DEPARTMENT, TEMPLATE_RETURNED,
      .when = is_unlinked_there, .gathering = GATHER_SHORT },

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
    { KIND_RAISED, 0, TELL_LINE, TEMPLATE_URGENT, .cause = CAUSE_URGENT },
    { KIND_RAISE_ENDED, 0, TELL_TOLD, TEMPLATE_RAISE_ENDED, .when = is_withdrawn },
    { KIND_RAISE_ENDED, 0, TELL_OPENER, TEMPLATE_RAISE_ANSWERED,
      .when = is_supervision_answered },
};

static bool move_holds (const struct moved *moved, const struct telling_row *row)
{
    return (row->step == 0 || row->step == moved->step) &&
           (row->to == 0 || row->to == moved->to) &&
           (row->ending == 0 || row->ending == moved->close_reason);
}

/* A cause with a row of its own is not told by the row for all of them. */
static bool cause_holds (enum cause cause, const struct telling_row *row)
{
    bool is_own = cause == CAUSE_BAND || cause == CAUSE_SOURCE_SILENT ||
                  cause == CAUSE_SUPERVISION || cause == CAUSE_UNANSWERED;

    return row->cause == CAUSE_NONE ? !is_own : row->cause == cause;
}

static bool holds (const struct notification_question *question,
                   const struct telling_row *row)
{
    const struct entry *entry = question->entry;

    return entry->kind == row->kind &&
           (!entry->moved || move_holds (entry->moved, row)) &&
           (!entry->raised || cause_holds (entry->raised->cause, row)) &&
           (!row->when || row->when (question));
}

size_t notification_tellings (const struct notification_question *question,
                              struct notification_telling ret[TELLINGS_MAX])
{
    struct tellings to = { .question = question, .ret = ret };

    for (size_t i = 0; i < ARRAY_SIZE (rows); i++) {
        to.row = &rows[i];
        if (holds (question, to.row))
            notification_tell_audience (&to);
    }
    return to.count;
}
