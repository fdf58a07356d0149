/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of proto/minqing/v1/journal.proto as plain C; what each field means stands
 * there. Texts end in NUL; absent text and messages are NULL, absent numbers 0, absent
 * bytes { NULL, 0 }. Memory belongs to the arena that the message was decoded into. */
#ifndef MINQING_WIRE_JOURNAL_H
#define MINQING_WIRE_JOURNAL_H

#include "base/bytes.h"
#include "wire/escalation.h"
#include "wire/intake.h"
#include "wire/matter.h"
#include "wire/notification.h"
#include "wire/routing.h"

enum speaker {
    SPEAKER_NONE = 0,
    SPEAKER_INTAKE = 1,
    SPEAKER_ROUTING = 2,
    SPEAKER_ESCALATION = 3,
    SPEAKER_NOTIFICATION = 4,
    SPEAKER_COUNT
};

enum kind {
    KIND_NONE = 0,
    KIND_STARTED = 1,
    KIND_TABLE = 2,
    KIND_REFUSED = 3,
    KIND_PARKED = 4,
    KIND_ENROLLED = 5,
    KIND_REGISTERED = 101,
    KIND_SUPPLEMENTED = 102,
    KIND_ASKED = 103,
    KIND_MOVED = 201,
    KIND_OPINION = 202,
    KIND_ASK_ANSWERED = 203,
    KIND_PROPOSED = 204,
    KIND_REJECTED = 205,
    KIND_DOCUMENT = 206,
    KIND_CLOCKS = 301,
    KIND_RAISED = 302,
    KIND_RAISE_ENDED = 303,
    KIND_CANARY = 304,
    KIND_NOTICE = 401,
    KIND_NOTICE_MOVED = 402,
};

enum follow_problem {
    FOLLOW_NONE = 0,
    FOLLOW_WRONG_JOURNAL = 1,
    FOLLOW_WRONG_HASH = 2,
    FOLLOW_AHEAD = 3,
    FOLLOW_NO_RIGHT = 4,
    FOLLOW_COUNT
};

/* Header of an entry. */
struct entry {
    uint64_t sequence;
    int64_t time_ms;
    uint32_t kind;      /* enum kind, or one of a newer speaker */
    bool informative;   /* may be passed over by who does not know the kind */
    uint64_t grievance; /* number without check character; 0: none */
    struct matter *matter;
    struct source *source; /* the followed entry this one takes over */
    struct actor *actor;
    bool time_uncertain;

    /* At most one, as kind says (entry_check). */
    struct started *started;
    struct table_taken *table;
    struct refused_event *refused;
    struct parked *parked;
    struct registered *registered;
    struct asked_event *asked;
    struct moved *moved;
    struct ask_answered *ask_answered;
    struct document *document;
    struct clocks *clocks;
    struct raised *raised;
    struct raise_ended *raise_ended;
    struct notice *notice;
    struct notice_moved *notice_moved;
};

struct source {
    enum speaker speaker;
    uint64_t sequence;
};

struct started {
    const char *version;
    uint32_t schema;
    bool unclean;
};

struct table_taken {
    const char *name;
    uint64_t version; /* first 8 bytes of the table's SHA-256 */
};

struct refused_event {
    struct refusal *refusal;
};

struct parked {
    struct bytes input; /* SHA-256, 32 bytes */
    uint32_t attempts;
    struct source *source;
};

/* A follower asks for what comes after a position. Sent again after every connection. */
struct follow {
    struct bytes journal;    /* 16 bytes; absent at the first time */
    uint64_t after;          /* last sequence acted on */
    struct bytes after_hash; /* its leaf hash, 32 bytes */
    uint32_t credit;
};

struct follow_credit {
    uint64_t acted;
    uint32_t credit;
};

/* Entries in order, or none: then it is a heartbeat. Either says how far it is complete. */
struct entries {
    struct bytes journal;
    struct followed *entries;
    size_t n_entries;
    uint64_t complete;   /* everything up to here has been sent */
    int64_t complete_ms; /* nothing earlier than this will follow */
    uint64_t head;       /* newest sequence */
};

struct followed {
    struct bytes header;    /* an encoded entry */
    struct bytes body;      /* for those who may have it */
    struct bytes body_hash; /* 32 bytes where the entry has a body */
};

struct follow_refused {
    enum follow_problem problem;
    struct bytes journal;
    uint64_t head;
};

#endif
