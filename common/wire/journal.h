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
    KIND_INCARNATION = 6,
    KIND_CROSSED = 7,
    KIND_TIME_SETTLED = 8,
    KIND_LAPSED = 9,
    KIND_DAMAGED = 10,
    KIND_REGISTERED = 101,
    KIND_SUPPLEMENTED = 102,
    KIND_ASKED = 103,
    KIND_MOVED = 201,
    KIND_OPINION = 202,
    KIND_ASK_ANSWERED = 203,
    KIND_PROPOSED = 204,
    KIND_REJECTED = 205,
    KIND_DOCUMENT = 206,
    KIND_RESTATED = 207,
    KIND_RESTATED_ALL = 208,
    KIND_CLOCKS = 301,
    KIND_RAISED = 302,
    KIND_RAISE_ENDED = 303,
    KIND_CANARY = 304,
    KIND_NOTICE = 401,
    KIND_NOTICE_MOVED = 402,
};

/* A follower acknowledges (FollowCredit) at the latest when it has taken so much, however few
 * entries that is: a few times as much may be on its way. */
#define FOLLOW_CREDIT_BYTES (1u << 20)

enum follow_problem {
    FOLLOW_NONE = 0,
    FOLLOW_WRONG_JOURNAL = 1,
    FOLLOW_WRONG_HASH = 2,
    FOLLOW_AHEAD = 3,
    FOLLOW_NO_RIGHT = 4,
    FOLLOW_RESTORED = 5,
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
    struct incarnation *incarnation;
    struct crossed *crossed;
    struct time_settled *time_settled;
    struct due_row *lapsed;
    struct damaged *damaged;
    struct registered *registered;
    struct asked_event *asked;
    struct moved *moved;
    struct ask_answered *ask_answered;
    struct document *document;
    struct restated_all *restated_all;
    struct clocks *clocks;
    struct raised *raised;
    struct raise_ended *raise_ended;
    struct notice *notice;
    struct notice_moved *notice_moved;
};

/* An entry of a journal that may have been restored meanwhile. */
struct source {
    enum speaker speaker;
    uint64_t sequence; /* position */
};

/* Incarnation and sequence in one number, that grows along the journal: an entry that a
 * restoration lost and the one that took its place have two. In the first incarnation it
 * is the sequence. */
#define POSITION_SEQUENCE_BITS   48
#define POSITION_INCARNATION_MAX (1u << 16)
static inline uint64_t position_make (uint32_t incarnation, uint64_t sequence)
{
    return (uint64_t) (incarnation - 1) << POSITION_SEQUENCE_BITS | sequence;
}
static inline uint64_t position_sequence (uint64_t position)
{
    return position & ((UINT64_C (1) << POSITION_SEQUENCE_BITS) - 1);
}
static inline uint32_t position_incarnation (uint64_t position)
{
    return (uint32_t) (position >> POSITION_SEQUENCE_BITS) + 1;
}

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
    struct due_row *due; /* a row of the agenda */
};

/* A row of the agenda, as its daemon planned it. */
struct due_row {
    int64_t due_ms;
    uint32_t kind;
    uint64_t subject;
    uint32_t part;
};

/* The journal was restored, and goes on from here as another. */
struct incarnation {
    uint32_t incarnation;
    struct bytes journal;       /* id from here on, 16 bytes */
    struct bytes previous;      /* id before */
    uint64_t previous_size;     /* last sequence that was kept */
    struct bytes previous_hash; /* its leaf hash, 32 bytes; absent when it is 0 */
};

/* A followed journal was restored to before what had been acted on. */
struct crossed {
    enum speaker speaker;
    uint32_t incarnation; /* that was entered */
    uint64_t acted;       /* last sequence acted on in the one before */
    uint64_t kept;        /* last sequence that both have */
    uint64_t *grievances; /* some that lost entries were about */
    size_t n_grievances;
};

struct time_settled {
    int64_t from_ms, until_ms; /* journal time */
    int64_t wall_ms;           /* believed now */
};

struct damaged {
    uint64_t damaged; /* sequence */
    const char *problem;
};

/* A follower asks for what comes after a position. Sent again after every connection. */
struct follow {
    struct bytes journal;    /* 16 bytes; absent at the first time */
    uint64_t after;          /* last sequence acted on */
    struct bytes after_hash; /* its leaf hash, 32 bytes */
    uint32_t credit;
    uint32_t *without; /* kinds of no use to the follower */
    size_t n_without;
    bool can_wait;
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
    uint64_t complete;        /* everything up to here has been sent */
    int64_t complete_ms;      /* nothing earlier than this will follow */
    uint64_t head;            /* newest sequence */
    bool tight;               /* the store there is nearly full */
    uint64_t passed;          /* passed over behind the last of these, up to 'complete' */
    struct bytes passed_hash; /* leaf hash of the entry there then */
};

struct followed {
    struct bytes header;    /* an encoded entry */
    struct bytes body;      /* for those who may have it */
    struct bytes body_hash; /* 32 bytes where the entry has a body */
    bool damaged;           /* the header is a stand-in */
    uint64_t passed;        /* entries passed over right before this one */
};

struct follow_refused {
    enum follow_problem problem;
    struct bytes journal;
    uint64_t head;
    struct followed *opening; /* RESTORED: what closed the incarnation asked for */
};

#endif
