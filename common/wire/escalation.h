/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of proto/minqing/v1/escalation.proto as plain C; what each field means stands
 * there. Texts end in NUL; absent text and messages are NULL, absent numbers 0, absent
 * bytes { NULL, 0 }. Memory belongs to the arena that the message was decoded into. */
#ifndef MINQING_WIRE_ESCALATION_H
#define MINQING_WIRE_ESCALATION_H

#include "base/bytes.h"
#include "base/words.h"

/* A duty: somebody owes something until a time. Every open grievance has exactly one
 * stage and one whole duty; each holder has its own from its own receipt. */
enum duty {
    DUTY_NONE = 0,
    DUTY_STAGE = 1,
    DUTY_WHOLE = 2,
    DUTY_HOLDER = 3,
    DUTY_ASSISTING = 4,
    DUTY_RAISE = 5,
    DUTY_CANARY = 6,
    DUTY_TASK = 7,
    DUTY_COUNT
};

enum clock_action {
    CLOCK_NONE = 0,
    CLOCK_START = 1,
    CLOCK_STOP = 2,
    CLOCK_EXTEND = 3,
    CLOCK_SETTLE = 4,
    CLOCK_PAUSE = 5,
    CLOCK_RESUME = 6,
    CLOCK_COUNT
};

enum cause {
    CAUSE_NONE = 0,
    CAUSE_BAND = 1,
    CAUSE_BREACH = 2,
    CAUSE_OBJECTIONS = 3,
    CAUSE_HAND_OVERS = 4,
    CAUSE_DISPUTE = 5,
    CAUSE_GROUP = 6,
    CAUSE_URGENT = 7,
    CAUSE_SOURCE_SILENT = 8,
    CAUSE_SUPERVISION = 9,
    CAUSE_UNANSWERED = 10,
    CAUSE_COUNT
};

/* One line of the ledger: who, why, by which article, how long. */
struct clock_change {
    enum clock_action action;
    enum duty duty;
    uint32_t owner; /* department that owes; 0: the dispatcher */
    const char *stage;
    int64_t from_ms;
    int64_t due_ms;
    bool provisional;
    uint32_t amount;
    enum unit unit;
    const char *article;
    uint64_t table_version;
    int64_t spent_ms; /* STOP: how long it ran; later lines: so far */
    struct band_due *bands;
    size_t n_bands;
    uint32_t person;   /* who caused it; 0: the petitioner, the tables, the clock */
    uint32_t step;     /* enum step of routing that caused it */
    int64_t paused_ms; /* how long it stood still; with from_ms and spent_ms: when */
};

struct band_due {
    uint32_t share; /* per cent; above 100: working days past due + 100 */
    int64_t due_ms;
    uint32_t level; /* that is told */
};

/* Header of the ledger. No body. */
struct clocks {
    struct clock_change *changes;
    size_t n_changes;
    bool restated; /* planned anew: routing was restored */
};

/* Header of a raise. A band is only told (open = false); a breach and the other causes stay
 * open until answered in writing. No body. */
struct raised {
    uint64_t raise;
    enum cause cause;
    uint32_t level;
    enum duty duty;
    uint32_t share;
    int64_t due_ms;
    uint32_t department; /* whose duty */
    uint32_t *persons;   /* who are told */
    size_t n_persons;
    bool open;
    bool blind;            /* fired while a source was silent */
    bool filled;           /* a level was vacant; the next one up was told */
    int64_t ends_ms;       /* when the duty itself is due */
    int64_t answer_due_ms; /* of its written answer; 0: its ladder goes on */
    uint64_t of;           /* UNANSWERED: the raise that had no answer */
    uint32_t opened_by;    /* SUPERVISION: person */
};

/* Of a supervision. */
struct raised_body {
    const char *advice;
};

/* What became of the advice of a supervision. */
enum adoption {
    ADOPTION_NONE = 0,
    ADOPTION_ADOPTED = 1,
    ADOPTION_PARTLY = 2,
    ADOPTION_NOT_ADOPTED = 3,
    ADOPTION_COUNT
};

/* A raise ended. Body: RaiseEndedBody. */
struct raise_ended {
    uint64_t raise;
    bool withdrawn;         /* unfounded by later entries; else answered */
    enum adoption adoption; /* SUPERVISION */
    uint32_t opened_by;     /* the same, answered: the person who hears of it */
};

struct raise_ended_body {
    const char *text;
};

/* Command of a head, leader or county officer: the written answer to a raise. */
struct answer_raise {
    uint64_t raise;
    const char *text;
    enum adoption adoption; /* SUPERVISION: required; else none */
};

/* Command of a leader: formal pressure on a grievance that stalls (督办, art. 40). */
struct supervise {
    uint64_t number;
    const char *advice;
};

struct deadline_query {
    uint64_t number;
};

struct duty_row {
    uint64_t number;
    enum duty duty;
    uint32_t owner;
    const char *stage;
    int64_t from_ms;
    int64_t due_ms;
    bool provisional;
    uint32_t amount;
    enum unit unit;
    const char *article;
    bool running;
    int64_t stopped_ms;
    uint32_t level;
    uint32_t share;   /* of the next band, whose time due_ms then is */
    int64_t spent_ms; /* stopped: how long it ran in this line */
    bool paused;
    int64_t paused_ms; /* all pauses together */
    uint32_t person;   /* who caused the line, by which step */
    uint32_t step;
    int64_t since_ms; /* since when it stood so */
};

struct ledger {
    struct duty_row *duties;
    size_t n_duties;
};

struct due_query {
    uint32_t limit;
};

struct due {
    struct duty_row *rows;
    size_t n_rows;
};

struct raise_query {
    uint64_t number;
    uint32_t limit;
    uint64_t after;
};

struct raise_row {
    uint64_t raise;
    uint64_t number;
    struct raised *raised;
    int64_t raised_at_ms;
    int64_t ended_at_ms;
    bool withdrawn;
    const char *advice; /* of a supervision */
    const char *answer;
    uint32_t answered_by;
    enum adoption adoption;
};

struct raises {
    struct raise_row *rows;
    size_t n_rows;
};

#endif
