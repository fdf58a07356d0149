/* SPDX-License-Identifier: Apache-2.0 */
#include "trace.h"

#include "base/civil.h"
#include "routing/course.h"
#include "wire/names.h"

static void trace_moved (FILE *to, const struct moved *moved)
{
    fprintf (to, ": %s, %s to %s, at %u, held by %u (%llu), instance %u",
             course_step_name (moved->step), course_state_name (moved->from),
             course_state_name (moved->to), moved->department, moved->holder,
             (unsigned long long) moved->fencing, moved->instance);
    if (moved->link_to != 0)
        fprintf (to, ", led by %llu", (unsigned long long) moved->link_to);
    if (moved->close_reason != CLOSE_NONE)
        fprintf (to, ", close reason %u", moved->close_reason);
}

static void trace_change (FILE *to, const struct clock_change *change)
{
    char from[CIVIL_TIME_SIZE], due[CIVIL_TIME_SIZE];
    fprintf (to, "\n    action %u duty %u of %u, %s: %s to %s, spent %lld, paused %lld",
             change->action, change->duty, change->owner,
             change->stage != NULL ? change->stage : "-",
             civil_format_time (change->from_ms, from),
             civil_format_due (change->due_ms, due), (long long) change->spent_ms,
             (long long) change->paused_ms);
}

static void trace_raised (FILE *to, const struct raised *raised)
{
    fprintf (to, ": raise %llu, cause %u, level %u, duty %u, share %u%s%s",
             (unsigned long long) raised->raise, raised->cause, raised->level,
             raised->duty, raised->share, raised->open ? ", open" : "",
             raised->blind ? ", blind" : "");
}

void trace_entry (FILE *to, const struct entry *entry)
{
    char time[CIVIL_TIME_SIZE];
    fprintf (to, "%llu %s %s of %llu by %u", (unsigned long long) entry->sequence,
             civil_format_time (entry->time_ms, time), kind_name (entry->kind),
             (unsigned long long) entry->grievance,
             entry->actor != NULL ? entry->actor->person : 0);
    if (entry->source != NULL)
        fprintf (to, ", behind %s %llu", speaker_name (entry->source->speaker),
                 (unsigned long long) entry->source->sequence);
    if (entry->moved != NULL)
        trace_moved (to, entry->moved);
    if (entry->ask_answered != NULL)
        fprintf (to, ": asked %u, %s", entry->ask_answered->what,
                 entry->ask_answered->taken ? "taken" : "too late");
    for (size_t i = 0; entry->clocks != NULL && i < entry->clocks->n_changes; i++)
        trace_change (to, &entry->clocks->changes[i]);
    if (entry->raised != NULL)
        trace_raised (to, entry->raised);
    if (entry->raise_ended != NULL)
        fprintf (to, ": raise %llu%s", (unsigned long long) entry->raise_ended->raise,
                 entry->raise_ended->withdrawn ? ", withdrawn" : "");
    fputc ('\n', to);
}
