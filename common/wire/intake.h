/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of proto/minqing/v1/intake.proto as plain C; what each field means stands
 * there. Texts end in NUL; absent text and messages are NULL, absent numbers 0, absent
 * bytes { NULL, 0 }. Memory belongs to the arena that the message was decoded into. */
#ifndef MINQING_WIRE_INTAKE_H
#define MINQING_WIRE_INTAKE_H

#include "base/bytes.h"
#include "wire/matter.h"

enum asked {
    ASKED_NONE = 0,
    ASKED_WITHDRAW = 1,
    ASKED_RATE = 2,
    ASKED_DISPUTE = 3,
    ASKED_REVIEW = 4,
    ASKED_CONFIRM = 5,
    ASKED_COUNT
};

struct petitioner {
    const char *name;
    const char *telephone;
    const char *identity;
    const char *address;
    uint64_t residence; /* 常住地, village code; may be far away */
};

/* Somebody complained of: a department, and an officer of it if named. */
struct accused {
    uint32_t department;
    uint32_t person;
};

/* File a grievance. Answered with a receipt. Exactly one of statement and sealed
 * (filing_check). */
struct filing {
    uint64_t number;
    const char *query_code; /* 8 characters, canonical */
    int64_t filed_at_ms;
    struct matter *matter;
    struct statement *statement;
    struct bytes sealed; /* a statement in a sealed box (accusations) */
    struct accused *accused;
    size_t n_accused;
};

/* What the petitioner says, and who they are. Personal, all of it: always in a body. */
struct statement {
    const char *title;
    const char *text;
    struct petitioner *person;
    const char *upstream_number; /* of a forwarded or assigned grievance */
    const char *origin;          /* of a replayed row: "file:row" */
    uint64_t repeats;            /* number of the earlier grievance */
    const char *category;        /* as it was said, where the tables do not have it */
};

struct receipt {
    uint64_t number;
    int64_t registered_at_ms;
    int64_t counted_from_ms;      /* filed_at, or registration where that cannot count */
    int64_t last_day_ms;          /* the instant the legal last day ends */
    bool provisional;             /* beyond the published calendar */
    uint32_t expected_department; /* 0: the dispatcher will decide */
    uint32_t responsibility_row;
    uint64_t table_version;
    uint64_t sequence;      /* in intake's journal */
    struct bytes leaf_hash; /* 32 bytes */
};

/* Add to a grievance that is open. Needs the query code, or the terminal that filed it. */
struct supplement {
    uint64_t number;
    const char *query_code;
    const char *text;
};

/* What a petitioner asks of the course. Intake records it; routing takes it or is too late. */
struct ask {
    uint64_t number;
    const char *query_code;
    enum asked what;
    const char *reason;
    uint32_t rating_reception; /* 1 满意, 2 基本满意, 3 不满意; 0 not rated */
    uint32_t rating_department;
    uint32_t rating_reception_manner;
    uint32_t rating_department_manner;
    enum ground ground; /* WITHDRAW */
};

/* The whole course of one grievance. By number and code (petitioner, any terminal), or by
 * number alone for the terminal that filed it. */
struct course_query {
    uint64_t number;
    const char *query_code;
};

struct course_step {
    int64_t time_ms;
    uint32_t kind; /* enum kind, perhaps of a newer speaker */
    uint32_t department;
    uint32_t person;
    uint32_t state; /* enum state after the step */
    int64_t due_ms;
    uint32_t level;
    const char *text; /* what the petitioner may read of it */
    bool provisional; /* due_ms is */
    uint32_t outcome; /* of a decision, an ask, its answer, a document: see the .proto */
    uint32_t step;    /* enum step */
    uint32_t ground;  /* enum ground */
    uint32_t article; /* of 信访工作条例; 0: custom */
    uint32_t previous_department;
    uint32_t close_reason; /* enum close_reason */
    uint32_t instance;     /* 0, 1 first decision, 2 review, 3 re-review */
    uint64_t document;     /* KIND_DOCUMENT: position in routing's journal */
};

/* One hand-over: with whom it lay, from when to when. */
struct holding {
    uint32_t department; /* 0: the dispatcher */
    int64_t from_ms;
    int64_t until_ms; /* 0: it lies there now */
    uint32_t step;    /* enum step, by which it came */
};

struct course {
    uint64_t number;
    struct matter *matter;
    int64_t registered_at_ms;
    int64_t filed_at_ms;
    int64_t last_day_ms;
    bool provisional;
    uint32_t state;
    uint32_t department;
    uint32_t level;
    struct course_step *steps;
    size_t n_steps;
    const char *title;
    struct holding *holdings; /* who had it, oldest first */
    size_t n_holdings;
    uint32_t instance;
    uint32_t proposed; /* enum step that waits for its second person */
};

/* Whom to tell (asked by notification at the moment of sending; never stored there). */
struct contact_query {
    uint64_t number;
};

struct petitioner_contact {
    uint64_t number;
    const char *name;
    const char *telephone;
    uint32_t terminal;
};

/* Header of a registration. Body: FilingBody. */
struct registered {
    int64_t filed_at_ms;
    int64_t counted_from_ms;
    int64_t last_day_ms;
    bool provisional;
    uint32_t expected_department;
    uint32_t responsibility_row;
    uint64_t table_version;
    struct bytes code_hash; /* 32 bytes: the query code, keyed */
};

struct filing_body {
    struct statement *statement;
    struct bytes sealed;
    struct accused *accused;
    size_t n_accused;
};

/* Header of what a petitioner asked. Body: AskedBody. */
struct asked_event {
    enum asked what;
    uint32_t rating_reception;
    uint32_t rating_department;
    uint32_t rating_reception_manner;
    uint32_t rating_department_manner;
    enum ground ground; /* WITHDRAW */
};

struct asked_body {
    const char *text;
};

#endif
