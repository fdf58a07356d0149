/* SPDX-License-Identifier: Apache-2.0 */
/* Routing's memory: keys and records. Layouts are drawn in routing_store.c, the record of
 * a grievance in grievance_record.c. */
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
    ROUTING_STEPS,      /* (number, own sequence): entries after the first placing */
    ROUTING_MEMBERS,    /* routing/members.h */
    ROUTING_DOCUMENTS,  /* routing/document_store.h */
    ROUTING_FACTS,
    ROUTING_SAID = ROUTING_FACTS, /* (number, intake's sequence) → course_step */
    ROUTING_RAISES,               /* routing/document_store.h */
    ROUTING_TABLES
};
extern const char *const routing_table_names[ROUTING_TABLES];

/* Kinds of agenda rows; the subject is the grievance. */
enum routing_due {
    ROUTING_DUE_LOOK = 1, /* what this grievance waits for is over: 'lapses_at_ms' */
    ROUTING_DUE_MEMBERS   /* of a lead: those linked to it are to be told */
};

#define ROUTING_MATTER_MAX    320 /* an encoded Matter: LIMIT_CATEGORY and some numbers */
#define ROUTING_OBJECTORS_MAX 8   /* departments; an arbiter above eight is above all */

/* What routing knows of a grievance, text apart, which stands once in the journal. */
struct routing_grievance {
    enum state state;
    enum purpose purpose;
    enum decision_outcome outcome;
    enum close_reason close_reason;
    uint8_t priority;
    bool is_provisional;
    bool is_sealed;
    bool is_lead;        /* others were linked to it */
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
    int64_t accepted_at_ms;   /* from when the time to decide counts; 0: not yet */
    int64_t lapses_at_ms;     /* CLAIMED: the claim; WINDOW, HEARING: these; 0: nothing */
    int64_t window_ms;        /* end of the review window; 0: none, or it was used */
    int64_t closed_at_ms;     /* a linked one's: when it was served; until then 0 */
    uint32_t assisting[LIMIT_ASSISTING];
    uint8_t n_assisting;

    /* What most never have; until one of these is set they take no room. */
    uint8_t instance;          /* 0, 1 first decision, 2 review, 3 re-review */
    enum ground refused;       /* REFUSED: why */
    bool is_extended;          /* once */
    bool is_confirmed;         /* DONE, WINDOW: the petitioner said so to a caller */
    bool is_heard;             /* in this re-review */
    bool by_petitioner;        /* what is proposed: a withdrawal */
    enum step proposed_step;   /* what waits for its second person, */
    uint64_t proposed;         /* own sequence of its event (0: nothing waits), */
    uint32_t proposer;         /* and who proposed it */
    int64_t contacts_from_ms;  /* what was said on earlier days is about something else */
    uint8_t tries;             /* days on which the petitioner was not reached, */
    uint8_t tried_means;       /* by these means (bits), */
    int32_t last_try_day;      /* lately */
    uint32_t first_department; /* whose decision is under review, and executes it */
    uint32_t decided_by;       /* department whose decision was served last */
    int64_t decided_at_ms;     /* it, or the refusal, was written */
    uint64_t served;           /* own sequence of the last service; 0: none */
    uint64_t link_to;          /* number of the lead of its group; 0: in none */
    int64_t members_due_ms;    /* a lead's row on the agenda; 0: none */
    uint32_t members_part;
    uint32_t recused[LIMIT_RECUSED]; /* persons */
    uint8_t n_recused;
    uint32_t objected_by;                      /* department that objected last */
    uint32_t objectors[ROUTING_OBJECTORS_MAX]; /* departments, each once */
    uint8_t n_objectors;

    uint16_t matter_size;
    uint8_t
        matter[ROUTING_MATTER_MAX]; /* encoded: the registration's, as changed since */
};

/* The next number behind this one that there is; 0: none. */
uint64_t routing_grievance_next (struct txn *txn, uint64_t number,
                                 struct routing_grievance *ret_grievance);
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

/* Where it lies in its department: to be taken, in somebody's hand, or nowhere. Beside
 * that it lies under PROPOSED while something waits for its second person. */
enum routing_place { ROUTING_WAITING, ROUTING_HELD, ROUTING_PROPOSED, ROUTING_NOWHERE };
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
