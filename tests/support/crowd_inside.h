/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the crowd: its people, its dice, and what they are about to say. */
#ifndef MINQING_SUPPORT_CROWD_INSIDE_H
#define MINQING_SUPPORT_CROWD_INSIDE_H

#include "crowd.h"

#include "clients/clients.h"

#define TERMINALS   CROWD_TERMINALS
#define OFFICES     12
#define DISPATCHERS 4
#define LEADERS     7
#define CATEGORIES  9
#define CLIENTS     CROWD_CLIENTS
#define ACTS_MAX    512

static_assert (CLIENTS == TERMINALS + OFFICES + 4, "and two dispatchers, two leaders");

/* People of people.tsv. */
struct office_of {
    uint32_t department, head, deputy, workers[2];
};
extern const struct office_of crowd_offices[OFFICES];
extern const uint32_t crowd_dispatchers[DISPATCHERS], crowd_leaders[LEADERS];
extern const uint64_t crowd_villages[TERMINALS];
extern const char *const crowd_categories[CATEGORIES]; /* the last is none */

struct crowd {
    struct town *town;                    /* NULL: it only plans */
    struct town_client *members[CLIENTS]; /* in the town, by their place in the list */
    struct crowd_manners manners;
    int64_t now_ms;
    uint64_t state; /* of the random numbers */
    struct arena arena;
    uint32_t serials[TERMINALS];
    int32_t day; /* of the serials */
    struct act acts[ACTS_MAX];
    size_t n_acts;
    uint64_t counts[REFUSAL_COUNT];
};

/* Client numbers. */
#define FIRST_TERMINAL 101
#define FIRST_DESK     2000 /* and its department */
#define DISPATCHER     2931
#define FAR_DISPATCHER 2952
#define LEADER         3001
#define COUNTY         3051

static inline uint32_t crowd_desk (size_t office)
{
    return FIRST_DESK + crowd_offices[office].department;
}

/* ---- chance ------------------------------------------------------------------------- */

bool crowd_one_in (struct crowd *crowd, uint32_t n);
#define PICK(crowd, array) ((array)[crowd_below ((crowd), ARRAY_SIZE (array))])
/* One of the words of an enum that begin at 1. */
#define PICK_WORD(crowd, count) (1 + crowd_below ((crowd), (count) -1))

/* Its department in the list of offices, or the first. */
size_t crowd_office (uint32_t department);
uint32_t crowd_member (struct crowd *crowd, const struct office_of *office);

/* ---- words -------------------------------------------------------------------------- */

/* A step that leads on from here, the likelier ones more often. */
enum step crowd_step_on (struct crowd *crowd, const struct witnessed *of);
/* Everything that the step needs, and no more; now and then something of it wrong. */
void crowd_fill (struct crowd *crowd, const struct witnessed *of,
                 const struct witness *witness, struct step_command *step);
enum ground crowd_ground (struct crowd *crowd, enum step step, enum close_reason reason,
                          enum purpose purpose);

/* A terminal that is open. */
size_t crowd_a_terminal (struct crowd *crowd);

/* ---- acts --------------------------------------------------------------------------- */

/* Somebody does something about some grievance; or files one. Adds to 'acts'. */
void crowd_act_any (struct crowd *crowd, const struct witness *witness);
void crowd_act_file (struct crowd *crowd);

#endif
