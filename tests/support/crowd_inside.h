/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the crowd: its people, its dice, and what they are about to say. */
#ifndef MINQING_SUPPORT_CROWD_INSIDE_H
#define MINQING_SUPPORT_CROWD_INSIDE_H

#include "crowd.h"

#define TERMINALS   4
#define OFFICES     12
#define DISPATCHERS 4
#define LEADERS     7
#define CATEGORIES  9
#define ACTS_MAX    512

/* People of people.tsv. */
struct office_of {
    uint32_t department, head, deputy, workers[2];
};
extern const struct office_of crowd_offices[OFFICES];
extern const uint32_t crowd_dispatchers[DISPATCHERS], crowd_leaders[LEADERS];
extern const uint64_t crowd_villages[TERMINALS];
extern const char *const crowd_categories[CATEGORIES]; /* the last is none */

struct act {
    struct town_client *client;
    enum speaker speaker;
    struct command command;
};

struct crowd {
    struct town *town;
    uint64_t state; /* of the random numbers */
    struct arena arena;
    struct town_client *terminals[TERMINALS], *desks[OFFICES], *dispatcher,
        *far_dispatcher, *leader, *county;
    uint32_t serials[TERMINALS];
    int32_t day; /* of the serials */
    struct act acts[ACTS_MAX];
    size_t n_acts;
    uint64_t counts[REFUSAL_COUNT];
};

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

/* ---- acts --------------------------------------------------------------------------- */

/* Somebody does something about some grievance; or files one. Adds to 'acts'. */
void crowd_act_any (struct crowd *crowd, const struct witness *witness);
void crowd_act_file (struct crowd *crowd);

#endif
