/* SPDX-License-Identifier: Apache-2.0 */
/* Routing's memory: keys and records. Layouts are drawn in routing_store.c. */
#ifndef MINQING_ROUTING_ROUTING_STORE_H
#define MINQING_ROUTING_ROUTING_STORE_H

#include "runtime/core.h"
#include "store/cursor.h"
#include "wire/limits.h"

/* Facts first, then views (runtime/core.h). */
enum routing_table {
    ROUTING_GRIEVANCES, /* number → record */
    ROUTING_QUEUE,      /* (department, place, order, number): nothing */
    ROUTING_COUNTS,     /* routing/counts.h */
    ROUTING_STEPS,      /* (number, own sequence): steps after the first */
    ROUTING_DOCUMENTS,  /* routing/document_store.h */
    ROUTING_FACTS,
    ROUTING_SAID = ROUTING_FACTS, /* (number, intake's sequence) → course_step */
    ROUTING_RAISES, /* routing/document_store.h */
    ROUTING_TABLES
};
extern const char *const routing_table_names[ROUTING_TABLES];

/* Kinds of agenda rows; the subject is the grievance. */
enum routing_due {
    ROUTING_DUE_LOOK = 1 /* what this grievance waits for is over: 'lapses_at_ms' */
};

#define ROUTING_MATTER_MAX 320 /* an encoded Matter: LIMIT_CATEGORY and some numbers */

/* What routing knows of a grievance, text apart, which stands once in the journal. */
struct routing_grievance {
    enum state state;
    enum purpose purpose;
    enum decision_outcome outcome;
    enum close_reason close_reason;
    uint8_t priority;
    bool is_provisional;
    bool is_sealed;
    bool review_is_asked;
    uint32_t department; /* 0: the dispatcher */
    uint32_t holder;     /* person; 0: nobody */
    uint32_t objections;
    uint32_t transfers;
    uint64_t fencing; /* of the last assignment; grows with each */
    uint64_t village;
    uint64_t placed;   /* own sequence of its first placing, which has the filing */
    uint64_t objected; /* own sequence of the last objection; 0: none */
    int64_t registered_at_ms; /* all of them at intake */
    int64_t due_ms;           /* end of the whole period */
    int64_t received_at_ms;   /* when the department (or the dispatcher) got it */
    int64_t lapses_at_ms;     /* CLAIMED: the claim; WINDOW: the window; 0: nothing */
    int64_t window_ms;        /* end of the review window; 0: nothing was served */
    int64_t closed_at_ms;
    uint32_t assisting[LIMIT_ASSISTING];
    uint8_t n_assisting;
    uint16_t matter_size;
    uint8_t matter[ROUTING_MATTER_MAX]; /* as the registration has it, encoded */
};

/* False and untouched: no such grievance. */
bool routing_grievance_find (struct txn *txn, uint64_t number,
                             struct routing_grievance *ret_grievance);
void routing_grievance_put (struct txn *txn, uint64_t number,
                            const struct routing_grievance *grievance);

/* Its clear matter. Memory: the arena. */
struct matter *routing_matter (const struct routing_grievance *grievance,
                               struct arena *arena);
void routing_matter_set (struct routing_grievance *grievance,
                         const struct matter *matter);

/* ---- queues ---------------------------------------------------------------------- */

/* Where it lies in its department: to be taken, in somebody's hand, or nowhere. */
enum routing_place { ROUTING_WAITING, ROUTING_HELD, ROUTING_NOWHERE };
enum routing_place routing_place (const struct routing_grievance *grievance);

/* A place in a queue. The order is priority, deadline, age; it never changes. */
struct key routing_queue_of (uint32_t department, enum routing_place place);
struct key routing_queue_key (uint32_t department, enum routing_place place,
                              uint64_t number, const struct routing_grievance *grievance);
uint64_t routing_queue_number (struct bytes key); /* of the grievance at this key */

void routing_queue_put (struct txn *txn, uint64_t number,
                        const struct routing_grievance *grievance);
void routing_queue_delete (struct txn *txn, uint64_t number,
                           const struct routing_grievance *grievance);

/* ---- steps ----------------------------------------------------------------------- */

/* Newest first; start with UINT64_MAX; 0: no more. The first placing is not among them. */
void routing_step_put (struct txn *txn, uint64_t number, uint64_t sequence);
uint64_t routing_step_before (struct txn *txn, uint64_t number, uint64_t sequence);

/* View: what the petitioner said since. */
void routing_said_put (struct txn *txn, uint64_t number, uint64_t sequence,
                       const struct course_step *step);
struct key routing_said_of (uint64_t number); /* prefix of its keys */

#endif
