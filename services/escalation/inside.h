/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the escalation service: what a decision loads, and the events it
 * gives. Nobody else includes this. */
#ifndef MINQING_SERVICES_ESCALATION_INSIDE_H
#define MINQING_SERVICES_ESCALATION_INSIDE_H

#include "escalation/law.h"
#include "runtime/core.h"

struct escalation {
    struct core *core;
    struct arena scratch; /* of one apply */
    int64_t looked_ms;    /* when something due was last looked for */
};

/* A grievance as it is now, or as it begins. */
struct escalation_scene {
    bool is_known;
    struct escalation_grievance grievance;
    struct escalation_clock *clocks;
    size_t n_clocks;
};

/* Load it; 'matter' (may be NULL) is newer than what the store has. The ledger costs more
 * and comes when it is asked for. */
void escalation_scene_load (struct txn *txn, uint64_t number, const struct matter *matter,
                            struct arena *arena, struct escalation_scene *ret);
void escalation_scene_ledger (struct escalation *self, struct txn *txn,
                              struct arena *arena, struct escalation_scene *scene);

struct escalation_occasion escalation_occasion (struct escalation *self,
                                                const struct escalation_scene *scene,
                                                uint32_t department,
                                                const struct decision *decision);

/* The occasion of a clock: whoever owes it, or has the grievance. */
struct escalation_occasion
escalation_clock_occasion (struct escalation *self, const struct escalation_scene *scene,
                           const struct clock_change *change,
                           const struct decision *decision);

/* Where a window of this course lapses before 'until_ms', or that: the lapse has its turn
 * before what is due behind it, and the line may be another then. */
int64_t escalation_scene_lapse_ms (const struct escalation_scene *scene,
                                   int64_t until_ms);

/* Ask the clock law about a scene, with its ledger. */
void escalation_scene_ask (struct escalation *self, struct txn *txn,
                           struct escalation_scene *scene, int64_t at_ms,
                           struct decision *decision, struct escalation_law *ret);

/* ---- events: 'scene' NULL for what is about no grievance --------------------------- */

bool escalation_has_room (const struct decision *decision);
struct event *escalation_event (struct decision *decision, enum kind kind,
                                struct escalation_scene *scene);
void escalation_emit_clocks (struct decision *decision, struct escalation_scene *scene,
                             const struct escalation_law *law);
/* The same, of clocks that ran before: with what it leaves to be raised, and to be withdrawn. */
void escalation_emit_change (struct escalation *self, struct txn *txn,
                             struct decision *decision, struct escalation_scene *scene,
                             const struct escalation_law *law);
/* Gives the raise its number. */
void escalation_emit_raised (struct escalation *self, struct txn *txn,
                             struct decision *decision, struct escalation_scene *scene,
                             struct raised *raised);
void escalation_emit_ended (struct decision *decision, struct escalation_scene *scene,
                            const struct raise_ended *ended, const char *text);

/* ---- what comes in ------------------------------------------------------------------ */

void escalation_command (struct escalation *self, struct txn *txn,
                         const struct sender *sender, const struct command *command,
                         struct decision *decision);
void escalation_follow (struct escalation *self, struct txn *txn,
                        const struct entry *entry, struct decision *decision);
void escalation_due (struct escalation *self, struct txn *txn,
                     const struct agenda_row *row, struct decision *decision);

/* Silence of a source is raised once, with the first row or entry that comes during it (the
 * canary comes every hour), and ends with the first that comes after it. */
void escalation_silence_check (struct escalation *self, struct txn *txn,
                               struct decision *decision);

#endif
