/* SPDX-License-Identifier: Apache-2.0 */
/* Sums by day. Two journals count the same thing, each in its own words, and a total that is
 * right by luck is seen to be wrong in its days.
 *
 *   village × day of registration   intake: its registrations
 *                                   routing: its placements, by the matter and the day that
 *                                   routing has taken over
 *   department × day of the step    what leaves a department by the fold (where it lay)
 *                                   what leaves it by the steps (where they say it came from)
 *
 * What is registered and not placed yet, or set aside, or that a restoration lost, is no
 * difference: the other checks name it, here it is counted. */
#include "cli/audit_inside.h"

#include "base/civil.h"

#include <stdlib.h>

/* The day in the lower bits, so that neighbours differ in the key. Never 0. */
static uint64_t day_key (uint64_t where, int32_t day)
{
    return UINT64_C (1) << 63 | where << 20 | ((uint32_t) day & 0xFFFFFu);
}

static struct audit_day *day_at (struct audit_days *days, uint64_t where, int32_t day)
{
    bool is_new;
    uint64_t *index = map_at (&days->by_key, day_key (where, day), &is_new);
    if (!is_new)
        return &days->rows[*index];
    if (days->n_rows == days->capacity) {
        days->capacity = days->capacity == 0 ? 64 : days->capacity * 2;
        days->rows = reallocarray (days->rows, days->capacity, sizeof *days->rows);
        if (days->rows == NULL)
            abort ();
    }
    *index = days->n_rows;
    days->rows[days->n_rows] = (struct audit_day){ .where = where, .day = day };
    return &days->rows[days->n_rows++];
}

void audit_days_done (struct audit_days *days)
{
    free (days->rows);
    map_done (&days->by_key);
}

/* ---- entry by entry ----------------------------------------------------------------- */

void audit_days_registered (struct audit *audit, struct audit_grievance *grievance)
{
    grievance->day = civil_day (audit->entry->time_ms);
    day_at (&audit->villages, grievance->village, grievance->day)->own++;
}

void audit_days_placed (struct audit *audit, struct audit_grievance *grievance)
{
    const struct entry *entry = audit->entry;
    /* Registered again behind a restoration: placed by the first, on another day. */
    bool is_again = grievance->registered != 0 && audit_source_is_lost (audit);
    int32_t day = is_again ? grievance->day : civil_day (entry->moved->registered_at_ms);
    if (grievance->registered == 0)
        grievance->day = day;
    uint64_t village =
        entry->matter != NULL ? entry->matter->village : grievance->village;
    day_at (&audit->villages, village, day)->theirs++;
    grievance->is_placed = true;
}

void audit_days_moved (struct audit *audit, const struct audit_grievance *grievance)
{
    const struct moved *moved = audit->entry->moved;
    struct audit_days *days = &audit->departments;
    int32_t day = civil_day (audit->entry->time_ms);
    bool is_first = grievance->moved == 0;
    bool leaves = !is_first && moved->department != grievance->department;
    uint32_t said = moved->previous_department;
    /* A linked one is served its lead's decision; 'previous' is who decided that. */
    if (moved->step == STEP_SERVE && moved->from == STATE_CLOSED)
        said = leaves ? grievance->department : 0;
    if (is_first || leaves)
        day_at (days, moved->department, day)->arrived++;
    if (leaves)
        day_at (days, grievance->department, day)->own++;
    if (!is_first && said != moved->department && (said != 0 || leaves))
        day_at (days, said, day)->theirs++;
}

/* ---- at the end --------------------------------------------------------------------- */

static void excuse (struct audit *audit, const struct audit_positions *positions)
{
    struct audit_days_sum *sum = &audit->days;
    *sum = (struct audit_days_sum){ 0 }; /* it may be asked again, further on */
    for (size_t i = 0; i < audit->villages.n_rows; i++)
        audit->villages.rows[i].waiting = audit->villages.rows[i].lost = 0;
    for (size_t i = 0; i < audit->n_grievances; i++) {
        const struct audit_grievance *grievance = &audit->grievances[i];
        bool is_registered = grievance->registered != 0;
        if (is_registered == grievance->is_placed)
            continue;
        struct audit_day *day =
            day_at (&audit->villages, grievance->village, grievance->day);
        if (!is_registered) {
            day->lost++;
            sum->lost++;
            continue;
        }
        day->waiting++;
        if (grievance->registered > positions->routing_at)
            sum->pending++;
        else if (grievance->is_parked)
            sum->parked++;
        else
            sum->missing++;
    }
}

static bool agrees (const struct audit_day *day)
{
    return day->own + day->lost == day->theirs + day->waiting;
}

static uint64_t count_agreeing (const struct audit_days *days)
{
    uint64_t count = 0;
    for (size_t i = 0; i < days->n_rows; i++)
        count += agrees (&days->rows[i]);
    return count;
}

static void complain (struct audit *audit, const struct audit_days *days,
                      const char *format)
{
    for (size_t i = 0; i < days->n_rows; i++) {
        const struct audit_day *day = &days->rows[i];
        char text[CIVIL_DATE_SIZE];
        if (agrees (day))
            continue;
        audit_fault_at_end (audit, AUDIT_DAYS, "%s %llu, %s: %u %s, %u", format,
                            (unsigned long long) day->where,
                            civil_format_day (day->day, text), day->own + day->lost,
                            days == &audit->villages
                                ? "registered at intake; placed, pending or named missing"
                                : "went away; by the steps",
                            day->theirs + day->waiting);
    }
}

void audit_days_finish (struct audit *audit, const struct audit_positions *positions)
{
    excuse (audit, positions);
    complain (audit, &audit->villages, "village");
    complain (audit, &audit->departments, "department");
    audit->days.villages = audit->villages.n_rows;
    audit->days.villages_agree = count_agreeing (&audit->villages);
    audit->days.departments = audit->departments.n_rows;
    audit->days.departments_agree = count_agreeing (&audit->departments);
}

const struct audit_days_sum *audit_days (const struct audit *audit)
{
    return &audit->days;
}

int64_t audit_stand_with (const struct audit *audit, uint32_t department)
{
    int64_t count = 0;
    for (size_t i = 0; i < audit->departments.n_rows; i++) {
        const struct audit_day *day = &audit->departments.rows[i];
        if (day->where == department)
            count += (int64_t) day->arrived - day->theirs;
    }
    return count;
}
