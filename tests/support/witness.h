/* SPDX-License-Identifier: Apache-2.0 */
/* A witness reads the journals of a town as they are written, keeps a record of its own,
 * and says the first thing that is against DOMAIN §3–§5. It knows the state table of
 * routing/course.h and the messages, and nothing else of any service: what is right by a
 * service's own tables only is not right.
 *
 *   the course   witness_course.c   the table is never left; nobody who is complained of
 *                                   or stood aside handles; fencing numbers rise; nothing
 *                                   ends but by an ending of §4 with what that asks for;
 *                                   two persons where two are asked
 *   the clocks   witness_clocks.c   one stage and one whole for what is open, none for
 *                                   what is not; nothing but the ledger moves them, and
 *                                   only for what may; spent time never decreases; nothing
 *                                   is told early or twice; the level never falls while a
 *                                   raise is open
 *
 * Feed it routing's entries before escalation's that took them over. */
#ifndef MINQING_SUPPORT_WITNESS_H
#define MINQING_SUPPORT_WITNESS_H

#include "wire/journal.h"
#include "wire/limits.h"
#include "wire/wire.h"

#define WITNESS_CLOCKS_MAX 24 /* that run for one grievance at a time */
#define WITNESS_BANDS_MAX  12
#define WITNESS_RAISES_MAX 96 /* that are open for one grievance at a time */
#define WITNESS_BARRED_MAX (LIMIT_ACCUSED + LIMIT_RECUSED)

/* A clock that runs. */
struct witnessed_clock {
    enum duty duty;
    uint32_t owner;
    char stage[24];
    int64_t from_ms, due_ms;
    int64_t paused_at_ms; /* 0: it is not paused */
    int64_t paused_ms;    /* pauses that are over */
    int64_t said_ms;      /* spent, by its last line */
    struct band_due bands[WITNESS_BANDS_MAX];
    size_t n_bands;
    uint32_t fired; /* highest share that was told */
};

struct witnessed_raise {
    uint64_t raise;
    uint32_t level;
};

/* What waits for its second person. */
struct witnessed_proposal {
    enum step step; /* NONE: nothing waits */
    uint32_t person;
    uint32_t holder; /* when it was proposed */
    bool by_petitioner;
    enum ground ground;
    enum close_reason close_reason;
    uint64_t link_to;
    enum purpose purpose;
};

/* One grievance, by the journals. */
struct witnessed {
    uint64_t number;
    uint64_t village;
    enum purpose purpose;
    char category[LIMIT_CATEGORY + 1];

    enum state state;
    int64_t since_ms; /* in this state */
    enum decision_outcome outcome;
    int64_t decided_ms;
    uint32_t instance, objections, transfers;
    uint32_t department, holder;
    uint32_t had_by; /* the last department that was to do it; 0: none yet */
    uint64_t fencing, fencing_most;
    enum ground refused;
    int64_t accepted_ms; /* from when the time to decide counts; 0: not accepted */
    int64_t window_ms;   /* end of the time to ask for review; 0: nothing was served */
    enum close_reason close_reason;
    uint64_t link_to; /* the lead of its group; 0: none */
    bool is_extended;
    bool is_heard; /* in this re-review */
    struct witnessed_proposal proposal;
    enum asked
        taken; /* the petitioner's last request that was taken, if nothing followed */
    uint32_t barred[WITNESS_BARRED_MAX]; /* complained of, or stood aside */
    size_t n_barred;

    /* since execution was claimed, or the window began */
    bool is_confirmed;
    uint32_t try_days, try_means; /* distinct days, a bit each */
    int32_t try_last_day;

    bool has_clocks;      /* a whole runs */
    int64_t whole_due_ms; /* of the last whole that ended */
    int64_t executing_ms; /* when the last execution began */
    struct witnessed_clock clocks[WITNESS_CLOCKS_MAX];
    size_t n_clocks;
    int64_t spent_ms[DUTY_COUNT]; /* by clocks that have stopped */
    struct witnessed_raise raises[WITNESS_RAISES_MAX];
    size_t n_raises;
    uint32_t level; /* the highest since no raise was open */
};

struct witness;

struct witness *witness_create (void);
void witness_destroy (struct witness **witness);

/* The next entry of this speaker's journal. */
void witness_entry (struct witness *witness, enum speaker speaker,
                    const struct entry *entry, struct bytes body);
/* Everybody has followed everything: does what the two journals say agree? */
void witness_rest (struct witness *witness);

/* The first thing against the law, as a sentence; NULL: nothing so far. */
const char *witness_complaint (const struct witness *witness);
/* The grievance that it is about; 0: none. */
uint64_t witness_accused (const struct witness *witness);

/* What it knows; in the order in which they were placed. NULL: nothing of that number. */
size_t witness_count (const struct witness *witness);
const struct witnessed *witness_at (const struct witness *witness, size_t index);
const struct witnessed *witness_find (const struct witness *witness, uint64_t number);
size_t witness_count_open (const struct witness *witness);

/* How long clocks of this duty ran, at this time: those that stopped and those that run. */
int64_t witnessed_spent_ms (const struct witnessed *of, enum duty duty, int64_t at_ms);
const struct witnessed_clock *witnessed_clock (const struct witnessed *of,
                                               enum duty duty);

#endif
