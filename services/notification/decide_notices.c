/* SPDX-License-Identifier: Apache-2.0 */
/* LAW: who is told what, DOMAIN §7. One table; a row holds when its step, state, cause and
 * condition do.
 *
 * Accusations (DOMAIN §8): nobody but the department that has it, and the persons its
 * raises name, hears anything, and they hear only that there is one: no number, no village,
 * no petitioner's notice, nothing printed. */
#include "notification/law.h"

#include <inttypes.h>

#include "base/civil.h"
#include "base/number.h"
#include "rules/deadline.h"
#include "rules/templates.h"

#define PARAMETERS_MAX 16

enum audience {
    TELL_PETITIONER,
    TELL_DEPARTMENT, /* that has it now */
    TELL_ASSISTING,
    TELL_DISPATCHER,
    TELL_PERSONS, /* of a raise; the department where it names none */
    TELL_TOLD,    /* who heard of the raise */
};

typedef bool (when_fn) (const struct notification_question *question);

static bool is_new_there (const struct notification_question *question)
{
    const struct moved *moved = question->entry->moved;

    return (moved->step == STEP_PLACE || moved->step == STEP_DISPATCH) &&
           !question->was_told;
}

/* Sent again, or claimed by somebody who did nothing with it. Its clocks run on, so no end
 * is told that would begin with this entry. */
static bool is_back_there (const struct notification_question *question)
{
    const struct moved *moved = question->entry->moved;

    return (moved->step == STEP_DISPATCH && question->was_told) ||
           moved->step == STEP_LAPSE;
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
    enum step step;   /* STEP_NONE: any */
    enum state to;    /* STATE_NONE: any */
    enum cause cause; /* CAUSE_NONE: any but a band and silence */
    when_fn *when;    /* NULL: always */
    enum audience audience;
    const char *template;
    enum stage due;           /* whose end is told; STAGE_ANY: the entry's own */
    enum gathering gathering; /* unless it is urgent */
} tellings[] = {
    { KIND_REGISTERED, 0, 0, 0, NULL, TELL_PETITIONER, TEMPLATE_REGISTERED, STAGE_ACCEPT,
      0 },
    { KIND_MOVED, STEP_ACCEPT, 0, 0, NULL, TELL_PETITIONER, TEMPLATE_ACCEPTED,
      STAGE_DECIDE, 0 },
    { KIND_MOVED, STEP_DIVERT, 0, 0, NULL, TELL_PETITIONER, TEMPLATE_DIVERTED,
      STAGE_DIVERT, 0 },
    { KIND_MOVED, STEP_DECIDE, 0, 0, NULL, TELL_PETITIONER, TEMPLATE_DECIDED, STAGE_SERVE,
      0 },
    { KIND_MOVED, 0, STATE_CLOSED, 0, NULL, TELL_PETITIONER, TEMPLATE_CLOSED,
      STAGE_DISPUTE, 0 },
    { KIND_MOVED, STEP_REOPEN, 0, 0, NULL, TELL_PETITIONER, TEMPLATE_REOPENED, 0, 0 },
    { KIND_MOVED, 0, STATE_DISPATCHED, 0, is_new_there, TELL_DEPARTMENT, TEMPLATE_ARRIVED,
      STAGE_ACCEPT, GATHER_SHORT },
    { KIND_MOVED, 0, STATE_DISPATCHED, 0, is_back_there, TELL_DEPARTMENT,
      TEMPLATE_RETURNED, 0, GATHER_SHORT },
    { KIND_MOVED, 0, STATE_DISPATCHED, 0, is_dispatch, TELL_ASSISTING, TEMPLATE_ARRIVED,
      STAGE_ASSIST, GATHER_SHORT },
    { KIND_MOVED, STEP_REOPEN, 0, 0, NULL, TELL_DEPARTMENT, TEMPLATE_REOPENED_DESK, 0,
      GATHER_SHORT },
    { KIND_MOVED, 0, STATE_UNDECIDED, 0, is_arriving, TELL_DISPATCHER,
      TEMPLATE_DISPATCHER, STAGE_WAIT, GATHER_SHORT },
    { KIND_MOVED, 0, STATE_OBJECTED, 0, is_arriving, TELL_DISPATCHER, TEMPLATE_DISPATCHER,
      STAGE_REDISPATCH, GATHER_SHORT },
    { KIND_RAISED, 0, 0, CAUSE_BREACH, is_whole_late, TELL_PETITIONER, TEMPLATE_LATE, 0,
      0 },
    { KIND_RAISED, 0, 0, CAUSE_BAND, NULL, TELL_PERSONS, TEMPLATE_RAISED, 0,
      GATHER_DAILY },
    { KIND_RAISED, 0, 0, CAUSE_SOURCE_SILENT, NULL, TELL_PERSONS, TEMPLATE_SOURCE_SILENT,
      0, 0 },
    { KIND_RAISED, 0, 0, 0, NULL, TELL_PERSONS, TEMPLATE_RAISED, 0, 0 },
    { KIND_RAISE_ENDED, 0, 0, 0, is_withdrawn, TELL_TOLD, TEMPLATE_RAISE_ENDED, 0, 0 },
};

static bool holds (const struct notification_question *question, size_t row)
{
    const struct entry *entry = question->entry;

    if (entry->kind != tellings[row].kind)
        return false;
    if (entry->moved &&
        ((tellings[row].step != 0 && tellings[row].step != entry->moved->step) ||
         (tellings[row].to != 0 && tellings[row].to != entry->moved->to)))
        return false;
    if (entry->raised) {
        enum cause cause = entry->raised->cause;
        bool is_other = cause != CAUSE_BAND && cause != CAUSE_SOURCE_SILENT;

        if (tellings[row].cause != 0 ? tellings[row].cause != cause : !is_other)
            return false;
    }
    return !tellings[row].when || tellings[row].when (question);
}

/* ---- parameters ---------------------------------------------------------------------- */

static void parameter_add (struct notification_telling *telling, const char *name,
                           const char *value)
{
    assert (telling->n_parameters < PARAMETERS_MAX);
    if (value)
        telling->parameters[telling->n_parameters++] =
            (struct parameter){ .name = name, .value = value };
}

/* When a stage that begins with this entry ends, or what the entry itself says. */
static int64_t due_ms (const struct notification_question *question, enum stage stage)
{
    const struct entry *entry = question->entry;
    const struct matter *matter = entry->matter;
    int64_t from_ms =
        entry->registered ? entry->registered->counted_from_ms : entry->time_ms;
    struct duty_plan plan;

    if (stage == STAGE_ANY)
        return entry->raised ? entry->raised->ends_ms : 0;
    if (!matter ||
        duty_plan (question->rules, stage, matter->purpose,
                   urgency_of (category_nearest (question->rules, matter->category),
                               matter->urgent || matter->threat),
                   false, from_ms, &plan) < 0)
        return 0;
    return plan.due.due_ms;
}

static const char *due_text (const struct notification_question *question,
                             enum stage stage)
{
    char text[CIVIL_TIME_SIZE];
    int64_t at_ms = due_ms (question, stage);

    return at_ms == 0 ? NULL
                      : arena_text (question->arena, civil_format_due (at_ms, text));
}

/* Results only, by number: names are put in when the text is made, in the language and by
 * the tables of that moment. */
static void parameters_fill (const struct notification_question *question,
                             enum stage stage, struct notification_telling *telling)
{
    const struct entry *entry = question->entry;
    struct arena *arena = question->arena;
    char number[NUMBER_TEXT_SIZE], day[CIVIL_DATE_SIZE], time[CIVIL_TIME_SIZE];
    uint32_t department = entry->moved        ? entry->moved->department
                          : entry->raised     ? entry->raised->department
                          : entry->registered ? entry->registered->expected_department
                                              : 0;

    telling->parameters = ARENA_ARRAY (arena, struct parameter, PARAMETERS_MAX);
    parameter_add (
        telling, "date",
        arena_text (arena, civil_format_day (civil_day (entry->time_ms), day)));
    if (entry->raised && entry->raised->cause == CAUSE_SOURCE_SILENT)
        parameter_add (telling, "time",
                       arena_text (arena, civil_format_time (entry->time_ms, time)));
    if (entry->raised) {
        parameter_add (telling, "level",
                       arena_format (arena, "%u", entry->raised->level));
        parameter_add (telling, "cause",
                       arena_format (arena, "%u", (unsigned) entry->raised->cause));
        if (entry->raised->share != 0)
            parameter_add (telling, "share",
                           arena_format (arena, "%u", entry->raised->share));
        parameter_add (telling, "raise",
                       arena_format (arena, "%" PRIu64, entry->raised->raise));
    }
    if (entry->raise_ended)
        parameter_add (telling, "raise",
                       arena_format (arena, "%" PRIu64, entry->raise_ended->raise));
    if (entry->matter && entry->matter->purpose == PURPOSE_ACCUSATION)
        return;
    if (entry->grievance != 0)
        parameter_add (telling, "number",
                       arena_text (arena, number_format (entry->grievance, number)));
    if (department != 0)
        parameter_add (telling, "department",
                       arena_format (arena, "%" PRIu32, department));
    if (entry->matter) {
        parameter_add (telling, "village",
                       arena_format (arena, "%012" PRIu64, entry->matter->village));
        parameter_add (telling, "purpose",
                       arena_format (arena, "%u", (unsigned) entry->matter->purpose));
        parameter_add (telling, "category", entry->matter->category);
    }
    if (entry->moved && entry->moved->outcome != OUTCOME_NONE)
        parameter_add (telling, "outcome",
                       arena_format (arena, "%u", (unsigned) entry->moved->outcome));
    parameter_add (telling, "due", due_text (question, stage));
}

/* ---- recipients ------------------------------------------------------------------------ */

struct tellings {
    const struct notification_question *question;
    size_t row;
    struct notification_telling *ret;
    size_t count;
};

static void tell (struct tellings *to, enum recipient recipient, uint32_t number)
{
    const struct matter *matter = to->question->entry->matter;
    struct notification_telling *telling;
    bool urgent = matter && (matter->urgent || matter->threat);

    if (to->count == TELLINGS_MAX || (number == 0 && recipient != RECIPIENT_PERSON))
        return;
    telling = &to->ret[to->count++];
    *telling = (struct notification_telling){
        .recipient = recipient,
        .to = number,
        .template = tellings[to->row].template,
        .gathering = urgent ? GATHER_NOT : tellings[to->row].gathering,
        .urgent = urgent,
    };
    parameters_fill (to->question, tellings[to->row].due, telling);
}

static void tell_department (struct tellings *to, uint32_t number)
{
    const struct department *department =
        department_in_force (to->question->rules, number);

    tell (to, RECIPIENT_DEPARTMENT, department ? department->number : 0);
}

static void tell_dispatcher (struct tellings *to, const struct matter *matter)
{
    const struct department *department =
        department_dispatching (to->question->rules, matter->village);

    if (department && matter->purpose != PURPOSE_ACCUSATION)
        tell (to, RECIPIENT_DISPATCHER, department->number);
}

static void tell_audience (struct tellings *to)
{
    const struct notification_question *question = to->question;
    const struct entry *entry = question->entry;

    switch (tellings[to->row].audience) {
    case TELL_PETITIONER:
        if (entry->matter && entry->matter->purpose != PURPOSE_ACCUSATION)
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
        if (entry->matter)
            tell_dispatcher (to, entry->matter);
        break;
    case TELL_PERSONS:
        for (size_t i = 0; i < entry->raised->n_persons; i++)
            tell (to, RECIPIENT_PERSON, entry->raised->persons[i]);
        if (entry->raised->n_persons == 0)
            tell_department (to, entry->raised->department);
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
