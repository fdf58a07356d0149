/* SPDX-License-Identifier: Apache-2.0 */
/* The daemons' own counts. Routing's shapes are by village and by department; the gauges of
 * a status were read together with the head and root that the journals were read up to, so
 * they must be the journals' to the last one. */
#include "cli/verify_inside.h"

#include "cli/sums.h"

#include "wire/names.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- sums -------------------------------------------------------------------------- */

/* Counts by village and department, or by department alone; from the journals and from
 * routing. */
struct sum {
    uint64_t village; /* 0: all */
    uint32_t department;
    uint64_t counts[STATE_COUNT];
};

struct tallies {
    struct sum *rows;
    size_t n_rows, capacity;
    bool by_village;
};

static struct sum *sum_at (struct tallies *sums, uint64_t village, uint32_t department)
{
    village = sums->by_village ? village : 0;
    for (size_t i = 0; i < sums->n_rows; i++)
        if (sums->rows[i].village == village && sums->rows[i].department == department)
            return &sums->rows[i];
    if (sums->n_rows == sums->capacity) {
        sums->capacity = sums->capacity == 0 ? 64 : sums->capacity * 2;
        sums->rows = reallocarray (sums->rows, sums->capacity, sizeof *sums->rows);
        if (sums->rows == NULL)
            abort ();
    }
    sums->rows[sums->n_rows] =
        (struct sum){ .village = village, .department = department };
    return &sums->rows[sums->n_rows++];
}

static void add_grievance (void *arg, const struct audit_grievance *grievance)
{
    struct tallies *sums = arg;
    if (grievance->state != STATE_NONE && grievance->state < STATE_COUNT)
        sum_at (sums, grievance->village, grievance->department)
            ->counts[grievance->state]++;
}

static void compare (struct verification *it, struct sum *sum, const uint64_t *theirs)
{
    for (unsigned state = 0; state < STATE_COUNT; state++)
        if (theirs[state] != sum->counts[state])
            audit_complain (it->audit,
                            _ ("village %llu, department %u: routing counts %llu %s, the "
                               "journals %llu"),
                            (unsigned long long) sum->village, sum->department,
                            (unsigned long long) theirs[state], state_name (state),
                            (unsigned long long) sum->counts[state]);
    memset (sum->counts, 0, sizeof sum->counts); /* seen */
}

/* By what came and went, day for day. */
static void compare_standing (struct verification *it, uint32_t department,
                              const uint64_t *theirs)
{
    uint64_t count = 0;
    for (unsigned state = STATE_NONE + 1; state < STATE_COUNT; state++)
        count += theirs[state];
    int64_t journals = audit_stand_with (it->audit, department);
    if (journals != (int64_t) count)
        audit_complain (it->audit,
                        _ ("department %u: routing counts %llu there, by the days of its "
                           "journal %lld came and did not go"),
                        department, (unsigned long long) count, (long long) journals);
}

static int compare_shape (struct verification *it, bool by_village)
{
    static const uint64_t nothing[STATE_COUNT];
    struct tallies sums = { .by_village = by_village };
    audit_each (it->audit, add_grievance, &sums);
    struct shape_query shape = { .by_village = by_village };
    struct reply reply;
    int rc;
    do {
        struct query query = { .shape = &shape };
        rc = session_query (it->session, SPEAKER_ROUTING, &query, &reply);
        for (size_t i = 0; rc == 0 && reply.shape != NULL && i < reply.shape->n_rows;
             i++) {
            const struct shape_row *row = &reply.shape->rows[i];
            uint64_t theirs[STATE_COUNT] = { 0 };
            for (size_t j = 0; j < row->n_counts; j++)
                theirs[row->counts[j].state] = row->counts[j].count;
            if (!by_village)
                compare_standing (it, row->department, theirs);
            compare (it, sum_at (&sums, row->village, row->department), theirs);
            shape.after = by_village ? row->village : row->department;
        }
    } while (rc == 0 && reply.shape != NULL && reply.shape->more &&
             reply.shape->n_rows > 0);
    for (size_t i = 0; rc == 0 && i < sums.n_rows; i++)
        compare (it, &sums.rows[i], nothing); /* what routing did not tell */
    free (sums.rows);
    return rc;
}

/* ---- gauges ------------------------------------------------------------------------ */

static void hold_gauge (struct verification *it, enum speaker speaker, const char *name,
                        uint64_t journals)
{
    uint64_t theirs = sums_gauge (&it->status[speaker], name);
    if (theirs != journals)
        audit_complain (it->audit, _ ("%s counts %llu %s, the journals %llu"),
                        speaker_name (speaker), (unsigned long long) theirs, name,
                        (unsigned long long) journals);
}

struct duties {
    uint64_t open, stage, whole;
};

static void count_duties (void *arg, const struct audit_grievance *grievance)
{
    struct duties *duties = arg;
    duties->stage += grievance->stage_duties;
    duties->whole += grievance->whole_duties;
    duties->open += grievance->whole_duties > 0;
}

static void compare_gauges (struct verification *it)
{
    char name[64];
    struct duties duties = { 0 };
    hold_gauge (it, SPEAKER_INTAKE, "grievances", audit_registered (it->audit));
    for (unsigned state = STATE_NONE + 1; state < STATE_COUNT; state++) {
        snprintf (name, sizeof name, "grievances{state=\"%s\"}",
                  state_name ((enum state) state));
        hold_gauge (it, SPEAKER_ROUTING, name,
                    audit_in_state (it->audit, (enum state) state));
    }
    audit_each (it->audit, count_duties, &duties);
    hold_gauge (it, SPEAKER_ESCALATION, "open", duties.open);
    hold_gauge (it, SPEAKER_ESCALATION, "stage_duties", duties.stage);
    hold_gauge (it, SPEAKER_ESCALATION, "whole_duties", duties.whole);
}

int verify_sums (struct verification *it)
{
    compare_gauges (it);
    int rc = compare_shape (it, true);
    return rc < 0 ? rc : compare_shape (it, false);
}
