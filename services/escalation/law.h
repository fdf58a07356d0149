/* SPDX-License-Identifier: Apache-2.0 */
/* The law of escalation: pure functions over facts and tables. They open nothing, read no
 * clock and change nothing; what they give goes into events.
 *
 * Which clocks a grievance has (decide_clocks.c; one clock at a time: plan.h), DOMAIN §3:
 *   whole     one, from filing; nothing resets it. Behind the service of the decision it is
 *             extended, by an entry of its own, to the end of the stage that follows.
 *   stage     one; stages only follow each other (dispatch, accept, decide, then execute or
 *             the review window, confirm; review and re-review begin them anew). An
 *             objection, a transfer, handing back or a second dispatch leave the running
 *             stage as it is.
 *   holder    each department's own, from its own receipt to the moment it leaves; the
 *             dispatcher's, the arbiter's and the reviewing organ's too.
 *   assisting one for each department asked, until its opinion is there.
 *   task      mediation, beside the stage.
 * A closed grievance has none. One that is reopened gets a new whole and a new stage. A
 * clock that is paused (a hearing) is still the one stage, the one whole.
 *
 * What is raised (decide_raises.c), DOMAIN §5: steps of a clock when they are due, and what
 * a matter or its course says of itself. */
#ifndef MINQING_SERVICES_ESCALATION_LAW_H
#define MINQING_SERVICES_ESCALATION_LAW_H

#include "escalation/store.h"
#include "rules/rules.h"
#include "runtime/core.h"
#include "wire/limits.h"

/* ---- clocks -------------------------------------------------------------------- */

/* stage, whole, holder, task, and assisting ones of the lists before and after a dispatch */
#define ESCALATION_RUNNING_MAX (4 + 2 * LIMIT_ASSISTING)

/* One question to the clock law, and its answer. */
struct escalation_law {
    const struct rules *rules;
    struct arena *arena;
    const struct matter *matter;
    int64_t at_ms;   /* when it happened, by the entry */
    uint32_t person; /* who did it; 0: the petitioner, the tables, the clock */
    enum step step;  /* by which step */
    struct clock_change *running[ESCALATION_RUNNING_MAX]; /* with the changes so far */
    size_t n_running;
    unsigned instance; /* of the stage that runs: 1, 2 review, 3 re-review */
    struct {
        const struct clock_change
            *line;       /* the last one of this stage in it; NULL: none */
        int64_t left_ms; /* when that ended; 0: it runs */
    } begun[STAGE_COUNT];
    const struct escalation_clock *whole; /* its last line; NULL: there was none */
    const struct escalation_clock *ledger;
    size_t n_ledger;
    struct clocks clocks; /* the answer; no changes: nothing to write */
};

/* Ask about a grievance with this ledger (none for a new one). 'law' borrows everything;
 * person and step may be set behind it. */
void escalation_law_begin (struct escalation_law *law, const struct rules *rules,
                           struct arena *arena, const struct matter *matter,
                           struct escalation_clock *clocks, size_t n_clocks,
                           int64_t at_ms);

/* It was registered: the whole, ending on the last day that the receipt gives (0: by the
 * table), and the first stage. */
void escalation_law_open (struct escalation_law *law, int64_t counted_from_ms,
                          int64_t last_day_ms, bool provisional);

/* Routing moved it, or said something of it that moves nothing. */
void escalation_law_move (struct escalation_law *law, const struct moved *moved);

/* Routing was restored and says where it has the grievance, since 'since_ms': what runs and
 * does not fit ends now. What fits and ran before goes on with the end it had then, so that
 * a restoration gives nobody new time. 'is_all': it also says who assists. */
void escalation_law_restate (struct escalation_law *law, const struct moved *moved,
                             int64_t since_ms, bool is_all);

/* Whether that can be: most steps leave every clock of what lies with 'department' as it is,
 * and nobody has to read the ledger to know. */
bool escalation_law_is_asked (const struct moved *moved, uint32_t department);

/* The petitioner disputed, and that was taken, or said so when the desk asked. */
bool escalation_is_disputed (const struct moved *moved);

/* An assisting department gave its opinion. */
void escalation_law_opinion (struct escalation_law *law, uint32_t department);

/* The stage that ran was a window, it is over and nobody closed: the department has to. */
void escalation_law_lapse (struct escalation_law *law);

/* A calendar came: every provisional date that it covers becomes final, or moves behind it. */
void escalation_law_settle (struct escalation_law *law);

/* This clock's stage is a right that lapses, not a duty. */
bool escalation_is_window (const struct clock_change *change);

/* ---- raises -------------------------------------------------------------------- */

/* What may be raised about one grievance. */
struct escalation_occasion {
    const struct rules *rules;
    struct arena *arena;
    const struct matter *matter;
    uint32_t department; /* with whom it lies, or expected to; 0: the dispatcher */
    int64_t now_ms;
    bool blind;
};

/* The step 'step' of 'clock' is due. */
struct raised *escalation_raise_step (const struct escalation_occasion *occasion,
                                      const struct escalation_clock *clock, size_t step);

/* The highest step behind the breach that 'clock' had passed at 'at_ms' and nobody was told
 * of, or -1: what a stop that comes after downtime must not swallow. */
int escalation_step_missed (const struct escalation_clock *clock, int64_t at_ms);

/* What the matter and its course say of themselves: the cause's level for this amount
 * (persons, objections so far, hand-overs so far; urgent: 1), 0 below the first threshold. */
unsigned escalation_level_of (enum cause cause, uint32_t amount);

/* A raise by such a cause, or about a silent source (matter NULL), with the time by which it
 * is to be answered. */
struct raised *escalation_raise_cause (const struct escalation_occasion *occasion,
                                       enum cause cause, unsigned level);

/* That raise had no answer in time: one level up. */
struct raised *escalation_raise_unanswered (const struct escalation_occasion *occasion,
                                            const struct escalation_raise *raise);

/* A leader of this level supervises. */
struct raised *escalation_raise_supervision (const struct escalation_occasion *occasion,
                                             unsigned level, uint32_t person);

/* ---- answers, supervision ------------------------------------------------------------------- */

/* May this client, for this person, answer the raise? Refuses in 'decision' if not.
 * 'matter' is NULL for a raise about a source; 'department' has the grievance now. */
bool escalation_may_answer (const struct rules *rules, const struct client *client,
                            uint32_t person, const struct escalation_raise *raise,
                            const struct matter *matter, uint32_t department,
                            struct decision *decision);

/* The level at which this person supervises the grievance that lies with 'department'; 0:
 * refused in 'decision'. 'matter' NULL: there is no such grievance. */
unsigned escalation_may_supervise (const struct rules *rules, const struct client *client,
                                   uint32_t person, uint64_t number,
                                   const struct matter *matter, uint32_t department,
                                   struct decision *decision);

/* The highest level at which the person leads on this day, where the client speaks from; 0:
 * they do not. */
unsigned escalation_level_of_person (const struct rules *rules,
                                     const struct client *client, uint32_t person,
                                     int32_t day);

/* May this client see the clocks and raises of a matter that lies with 'department'? */
bool escalation_may_see (const struct rules *rules, const struct client *client,
                         const struct matter *matter, uint32_t department);

/* The department itself, or the one that took over from it; 0: unknown, or nobody's. */
uint32_t escalation_in_force (const struct rules *rules, uint32_t department);

/* The client is of this department today: of two numbers, one may have succeeded the other.
 * 0 is nobody's. */
bool escalation_is_of (const struct rules *rules, const struct client *client,
                       uint32_t department);

#endif
