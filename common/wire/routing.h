/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of proto/minqing/v1/routing.proto as plain C; what each field means stands
 * there. Texts end in NUL; absent text and messages are NULL, absent numbers 0, absent
 * bytes { NULL, 0 }. Memory belongs to the arena that the message was decoded into. */
#ifndef MINQING_WIRE_ROUTING_H
#define MINQING_WIRE_ROUTING_H

#include "base/bytes.h"
#include "wire/intake.h"
#include "wire/matter.h"

/* Where a grievance stands. Every grievance is in exactly one. */
enum state {
    STATE_NONE = 0,
    STATE_UNDECIDED = 1,
    STATE_DISPATCHED = 2,
    STATE_OBJECTED = 3,
    STATE_CLAIMED = 4,
    STATE_HANDLING = 5,
    STATE_DECIDED = 6,
    STATE_WINDOW = 7,
    STATE_EXECUTING = 8,
    STATE_DONE = 9,
    STATE_CLOSED = 10,
    STATE_DIVERTED = 11,
    STATE_ARBITRATION = 12,
    STATE_REFUSED = 13,
    STATE_MEDIATING = 14,
    STATE_REVIEWING = 15,
    STATE_REREVIEWING = 16,
    STATE_HEARING = 17,
    STATE_COUNT
};

/* What a desk, a head or the dispatcher does. The course table says which state allows it. */
enum step {
    STEP_NONE = 0,
    STEP_DISPATCH = 1,
    STEP_CLAIM = 2,
    STEP_ASSIGN = 3,
    STEP_ACCEPT = 4,
    STEP_OBJECT = 5,
    STEP_TRANSFER = 6,
    STEP_HAND_BACK = 7,
    STEP_DECIDE = 8,
    STEP_SERVE = 9,
    STEP_CLAIM_DONE = 10,
    STEP_CLOSE = 11,
    STEP_OPINION = 12,
    STEP_DIVERT = 13,
    STEP_REOPEN = 14,
    STEP_WITHDRAW = 15,
    STEP_LAPSE = 16,
    STEP_PLACE = 17,
    STEP_REFUSE = 18,
    STEP_EXTEND = 19,
    STEP_MEDIATE = 20,
    STEP_END_MEDIATION = 21,
    STEP_AGREE = 22,
    STEP_ARBITRATE = 23,
    STEP_LINK = 24,
    STEP_REPURPOSE = 25,
    STEP_CATEGORISE = 26,
    STEP_CONTACT = 27,
    STEP_RECUSE = 28,
    STEP_HEAR = 29,
    STEP_END_HEARING = 30,
    STEP_APPROVE = 31,
    STEP_REJECT = 32,
    STEP_REVIEW = 33,
    STEP_CONFIRM = 34,
    STEP_WENT_UP = 35,
    STEP_COUNT
};

enum decision_outcome {
    OUTCOME_NONE = 0,
    OUTCOME_SUPPORT = 1,
    OUTCOME_EXPLAIN = 2,
    OUTCOME_NOT_SUPPORT = 3,
    OUTCOME_ANSWERED = 4,
    OUTCOME_AGREED = 5,
    OUTCOME_COUNT
};

enum close_reason {
    CLOSE_NONE = 0,
    CLOSE_CONFIRMED = 1,
    CLOSE_CALL_BACK = 2,
    CLOSE_WINDOW_UNUSED = 3,
    CLOSE_CONTACT_FAILED = 4,
    CLOSE_WITHDRAWN = 5,
    CLOSE_DIVERSION_ARRIVED = 6,
    CLOSE_ANSWERED = 7,
    CLOSE_NOT_ACCEPTED = 8,
    CLOSE_NO_LONGER_ACCEPTED = 9,
    CLOSE_FINAL = 10,
    CLOSE_LINKED = 11,
    CLOSE_STATUTORY_ANSWERED = 12,
    CLOSE_COUNT
};

/* How a document was handed over, or the petitioner was tried to be reached. */
enum means {
    MEANS_NONE = 0,
    MEANS_IN_PERSON = 1,
    MEANS_POST = 2,
    MEANS_LEFT = 3,
    MEANS_ELECTRONIC = 4,
    MEANS_ANNOUNCED = 5,
    MEANS_TELEPHONE = 6,
    MEANS_MESSAGE = 7,
    MEANS_COUNT
};

enum contacted {
    CONTACTED_NONE = 0,
    CONTACTED_NOT_REACHED = 1,
    CONTACTED_CONFIRMS = 2,
    CONTACTED_DISPUTES = 3,
    CONTACTED_COUNT
};

/* One step by a person. Fields a step does not use are refused as a mistake, not ignored. */
struct step_command {
    uint64_t number;
    enum step step;
    uint64_t fencing;    /* from the claim; for every step of a holder */
    uint32_t department; /* DISPATCH, ARBITRATE */
    uint32_t *assisting;
    size_t n_assisting;
    uint32_t worker; /* ASSIGN, TRANSFER, RECUSE: person; SERVE: who handed it over */
    enum decision_outcome outcome;
    enum close_reason close_reason;
    const char *reason;
    const char
        *text; /* DECIDE, OPINION, AGREE; DISPATCH: the task; SERVE, CONTACT: a note */
    const char *legal_basis; /* DECIDE */
    enum ground ground;      /* REFUSE, DIVERT, LINK, REPURPOSE, CLOSE */
    enum purpose purpose;    /* REPURPOSE */
    const char *category;    /* CATEGORISE */
    uint64_t link_to;        /* LINK: number of the lead */
    enum means means;        /* SERVE, CONTACT */
    const char *to;          /* SERVE: to whom */
    int64_t done_at_ms;      /* SERVE, CONTACT, WENT_UP; 0: now */
    enum contacted contacted;
    uint32_t level;   /* WENT_UP: 1 county … 4 the capital */
    uint32_t persons; /* WENT_UP */
};

/* Recorded outcome of a StepCommand that was taken. */
struct step_done {
    uint64_t number;
    enum step step;
    enum state state;
    uint64_t sequence;
    uint64_t fencing;
    uint32_t department;
    uint32_t holder;
    bool proposed;     /* nothing has moved: it waits for its second person */
    uint64_t document; /* position of the document that the step made; 0: none */
};

/* A desk wants to be offered what waits in its department's queue. Valid for the
 * connection; credit is what may be pushed and is not yet claimed. */
struct subscribe {
    uint32_t department;
    uint32_t credit;
};

/* Pushed to a subscribed desk; dies with the connection unless it is claimed. */
struct offer {
    uint32_t department;
    struct row *row;
};

/* What lies with a department, in order of priority, deadline, age. Department 0 is the
 * dispatcher's queue. */
struct queue_query {
    uint32_t department;
    bool held;
    uint32_t limit;
    uint64_t after;  /* continue behind this grievance number */
    bool candidates; /* dispatcher: with candidates and why */
    uint32_t holder; /* only what this person holds */
    bool proposed;   /* what waits for its second person, instead of what waits */
};

struct candidate {
    uint32_t department;
    uint32_t row;
    const char *why;
};

struct row {
    uint64_t number;
    struct matter *matter;
    enum state state;
    uint32_t department;
    uint32_t holder;
    int64_t registered_at_ms;
    int64_t due_ms; /* end of the whole period */
    bool provisional;
    uint32_t priority; /* 0 ordinary … 3 threat */
    const char *title; /* for those who may see it */
    struct candidate *candidates;
    size_t n_candidates;
    const char *objection;
    uint32_t objections;
    uint32_t instance;  /* 0, 1 first decision, 2 review, 3 re-review */
    enum step proposed; /* waits for its second person */
    uint32_t level;     /* of the raises that are open */
    bool supervised;
};

struct queue {
    struct row *rows;
    size_t n_rows;
    uint64_t total;
};

/* One grievance for the desk that holds it (text, and the person), for its dispatcher
 * (text), or for a desk it waits for (text). */
struct item_query {
    uint64_t number;
};

struct item {
    struct row *row;
    struct statement *statement;
    struct bytes sealed;
    uint64_t fencing;
    struct course_step *steps;
    size_t n_steps;
    uint32_t *assisting;
    size_t n_assisting;
    struct proposal *proposal;
    uint32_t *recused;
    size_t n_recused;
};

/* What waits for its second person. */
struct proposal {
    enum step step;
    uint32_t person; /* who proposed it; 0: the petitioner */
    int64_t time_ms;
    enum ground ground;
    const char *reason;
    uint64_t link_to;
    enum purpose purpose;
};

/* The documents of one grievance: all, without their texts, or one with its text. */
struct document_query {
    uint64_t number;
    const char *query_code; /* at intake */
    uint64_t sequence;      /* this one; 0: all */
};

struct document_row {
    uint64_t sequence; /* in routing's journal */
    enum document_kind kind;
    uint32_t ordinal;
    int64_t time_ms;
    uint32_t department;
    struct bytes hash; /* SHA-256 of the text, 32 bytes */
    const char *title;
    const char *text;
};

struct documents {
    struct document_row *rows;
    size_t n_rows;
};

/* How much lies where. One row for every (village, department) that has any. */
struct shape_query {
    bool by_village;
    uint64_t after;
};

struct shape_row {
    uint64_t village;
    uint32_t department;
    struct state_count *counts;
    size_t n_counts;
};

struct state_count {
    enum state state;
    uint64_t count;
};

struct shape {
    struct shape_row *rows;
    size_t n_rows;
    bool more;
};

/* Which department is responsible, by which row, and why not another. */
struct route_query {
    uint64_t village;
    const char *category;
    enum purpose purpose;
};

struct route {
    uint32_t department;
    uint32_t *assisting;
    size_t n_assisting;
    uint32_t row;
    uint64_t table_version;
    const char **steps; /* the walk, a sentence each */
    size_t n_steps;
    struct candidate *candidates;
    size_t n_candidates;
};

/* Header of every event that moves the course or its holder. Body: MovedBody. */
struct moved {
    enum step step;
    enum state from;
    enum state to;
    uint32_t department; /* after the step, as holder and fencing; 0: the dispatcher */
    uint32_t holder;
    uint64_t fencing;
    uint32_t previous_department;
    uint32_t *assisting;
    size_t n_assisting;
    uint32_t responsibility_row;
    uint64_t table_version;
    enum decision_outcome outcome;
    enum close_reason close_reason;
    uint32_t objections;
    uint32_t transfers;
    int64_t lapses_at_ms; /* the claim, unused */
    int64_t filed_at_ms;
    int64_t registered_at_ms;
    int64_t counted_from_ms; /* ACCEPT: from when the time to decide counts */
    int64_t last_day_ms;
    bool provisional;
    uint32_t priority;
    struct candidate *candidates;
    size_t n_candidates;
    enum ground ground;
    uint32_t instance;  /* after the step: 0, 1 first decision, 2 review, 3 re-review */
    enum means means;   /* SERVE, CONTACT */
    int64_t done_at_ms; /* SERVE, CONTACT, WENT_UP: when it was done */
    enum contacted contacted;
    uint64_t link_to;   /* LINK; SERVE of a linked one: the lead */
    uint32_t proposer;  /* of an approved step; the actor approved it */
    bool by_petitioner; /* proposed by the petitioner: a withdrawal */
    uint32_t article;   /* of 信访工作条例; 0: custom */
    uint32_t level;     /* WENT_UP, with persons */
    uint32_t persons;
    uint32_t worker;      /* RECUSE: who; SERVE: who handed it over */
    enum purpose purpose; /* REPURPOSE, proposed: to which */
    uint32_t tries;       /* CONTACT: tries that count so far */
    uint32_t document;    /* ordinal of the document that follows; 0: none does */
    int64_t moved_at_ms;  /* KIND_RESTATED: when that step was taken */
};

struct moved_body {
    const char *reason;
    const char *text;
    const char *legal_basis;
    struct filing_body *filing;
    const char *to; /* SERVE: to whom */
};

/* Behind the last KIND_RESTATED. */
struct restated_all {
    uint64_t count;
};

/* Header of a document that a step made. Body: document_body. */
struct document {
    enum document_kind kind;
    uint32_t ordinal;
    struct bytes hash;
    uint32_t department;
    uint64_t table_version;
};

struct document_body {
    const char *title;
    const char *text;
};

/* Routing's answer to what a petitioner asked (Asked of intake.proto). */
struct ask_answered {
    enum asked what;
    bool taken;
    uint64_t asked_sequence;
    uint32_t client; /* the command that asked; 0: not said */
    uint32_t incarnation;
    uint64_t counter;
};

#endif
