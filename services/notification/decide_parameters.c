/* SPDX-License-Identifier: Apache-2.0 */
/* LAW: what a notice says: results only, by number. Names are put in when the text is made,
 * in the language and by the tables of that moment. Nothing here quotes what people wrote
 * or names a petitioner; of an accusation not even the number is said. */
#include "notification/law.h"

#include <inttypes.h>

#include "base/civil.h"
#include "base/number.h"
#include "rules/deadline.h"

#define PARAMETERS_MAX 20

static void add (struct notification_telling *telling, const char *name,
                 const char *value)
{
    assert (telling->n_parameters < PARAMETERS_MAX);
    if (value)
        telling->parameters[telling->n_parameters++] =
            (struct parameter){ .name = name, .value = value };
}

static void add_number (struct arena *arena, struct notification_telling *telling,
                        const char *name, uint64_t value)
{
    if (value != 0)
        add (telling, name, arena_format (arena, "%" PRIu64, value));
}

static void add_grievance (struct arena *arena, struct notification_telling *telling,
                           const char *name, uint64_t number)
{
    char text[NUMBER_TEXT_SIZE];

    if (number != 0)
        add (telling, name, arena_text (arena, number_format (number, text)));
}

static void add_end (struct arena *arena, struct notification_telling *telling,
                     const char *name, int64_t at_ms)
{
    char text[CIVIL_TIME_SIZE];

    if (at_ms != 0)
        add (telling, name, arena_text (arena, civil_format_due (at_ms, text)));
}

/* When this period ends that begins then; 0: the table has no such row. */
static int64_t end_ms (const struct notification_question *question, enum stage stage,
                       int64_t begin_ms)
{
    const struct matter *matter = question->entry->matter;
    struct duty_plan plan;

    if (!matter ||
        duty_plan (question->rules, stage, matter->purpose,
                   urgency_of (category_nearest (question->rules, matter->category),
                               matter->urgent || matter->threat),
                   false, begin_ms, &plan) < 0)
        return 0;
    return plan.due.due_ms;
}

/* What waits for the dispatcher may come to who accepts it on the last day of that. */
static int64_t arrives_ms (const struct notification_question *question)
{
    const struct registered *registered = question->entry->registered;
    int64_t due_ms;

    if (registered->expected_department != 0)
        return registered->counted_from_ms;
    due_ms = end_ms (question, STAGE_DISPATCH, registered->counted_from_ms);
    if (due_ms == 0)
        return registered->counted_from_ms;
    return civil_day_start_ms (civil_day (due_ms)) == due_ms ? due_ms - 1 : due_ms;
}

/* When a period that begins with this entry begins: what was handed over counts from when
 * it was, a registration from when it was written down, and what is accepted once more from
 * when it was first. */
static int64_t from_ms (const struct notification_question *question)
{
    const struct entry *entry = question->entry;

    if (entry->registered)
        return arrives_ms (question);
    if (entry->moved && entry->moved->step == STEP_SERVE && entry->moved->done_at_ms != 0)
        return entry->moved->done_at_ms;
    if (entry->moved && entry->moved->step == STEP_ACCEPT &&
        entry->moved->counted_from_ms != 0)
        return entry->moved->counted_from_ms;
    return entry->time_ms;
}

int64_t notification_due_ms (const struct notification_question *question,
                             enum stage stage)
{
    const struct entry *entry = question->entry;
    if (stage == STAGE_ANY &&
        entry->moved) /* of a service: the right to ask for review */
        return entry->moved->step == STEP_SERVE ? entry->moved->lapses_at_ms : 0;
    if (stage == STAGE_ANY)
        return entry->raised ? entry->raised->ends_ms : 0;
    return end_ms (question, stage, from_ms (question));
}

static void add_raised (struct arena *arena, const struct entry *entry,
                        struct notification_telling *telling)
{
    const struct raised *raised = entry->raised;
    char time[CIVIL_TIME_SIZE];

    if (raised->cause == CAUSE_SOURCE_SILENT)
        add (telling, "time",
             arena_text (arena, civil_format_time (entry->time_ms, time)));
    add (telling, "level", arena_format (arena, "%u", raised->level));
    add_number (arena, telling, "cause", raised->cause);
    add_number (arena, telling, "share", raised->share);
    add_number (arena, telling, "raise", raised->raise);
    add_number (arena, telling, "of", raised->of);
    add_end (arena, telling, "answer", raised->answer_due_ms);
}

/* Letters between offices and proofs of service are not announced to anybody. */
static bool is_announced (const struct moved *moved)
{
    return moved->step == STEP_ACCEPT || moved->step == STEP_REFUSE ||
           moved->step == STEP_EXTEND || moved->step == STEP_AGREE ||
           moved->step == STEP_DECIDE;
}

static void add_moved (struct arena *arena, const struct moved *moved,
                       struct notification_telling *telling)
{
    add_number (arena, telling, "outcome", moved->outcome);
    add_number (arena, telling, "step", moved->step);
    add_number (arena, telling, "reason", moved->ground);
    add_grievance (arena, telling, "link", moved->link_to);
    if (is_announced (moved))
        add_number (arena, telling, "document", moved->document);
}

static void add_matter (struct arena *arena, const struct matter *matter,
                        struct notification_telling *telling)
{
    add (telling, "village", arena_format (arena, "%012" PRIu64, matter->village));
    add_number (arena, telling, "purpose", matter->purpose);
    add (telling, "category", matter->category);
}

static uint32_t department_of (const struct entry *entry)
{
    return entry->moved        ? entry->moved->department
           : entry->raised     ? entry->raised->department
           : entry->registered ? entry->registered->expected_department
                               : 0;
}

void notification_parameters (const struct notification_question *question,
                              enum stage stage, struct notification_telling *telling)
{
    const struct entry *entry = question->entry;
    struct arena *arena = question->arena;
    char day[CIVIL_DATE_SIZE];

    telling->parameters = ARENA_ARRAY (arena, struct parameter, PARAMETERS_MAX);
    add (telling, "date",
         arena_text (arena, civil_format_day (civil_day (entry->time_ms), day)));
    if (entry->raised)
        add_raised (arena, entry, telling);
    if (entry->raise_ended) {
        add_number (arena, telling, "raise", entry->raise_ended->raise);
        add_number (arena, telling, "adoption", entry->raise_ended->adoption);
    }
    if (entry->matter && entry->matter->purpose == PURPOSE_ACCUSATION)
        return;
    add_grievance (arena, telling, "number", entry->grievance);
    add_number (arena, telling, "department", department_of (entry));
    if (entry->matter)
        add_matter (arena, entry->matter, telling);
    if (entry->moved)
        add_moved (arena, entry->moved, telling);
    if (entry->notice) /* of one that could not be handed over */
        add_number (arena, telling, "terminal", entry->notice->to);
    add_end (arena, telling, "due", notification_due_ms (question, stage));
}
