/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of proto/minqing/v1/matter.proto as plain C; what each field means stands
 * there. Texts end in NUL; absent text and messages are NULL, absent numbers 0, absent
 * bytes { NULL, 0 }. Memory belongs to the arena that the message was decoded into. */
#ifndef MINQING_WIRE_MATTER_H
#define MINQING_WIRE_MATTER_H

#include "base/bytes.h"
#include "base/words.h"

/* 信访形式. */
enum form {
    FORM_NONE = 0,
    FORM_ONLINE = 1,
    FORM_LETTER = 2,
    FORM_TELEPHONE = 3,
    FORM_FAX = 4,
    FORM_VISIT = 5,
    FORM_COUNT
};

/* 来源. */
enum channel {
    CHANNEL_DIRECT = 0,
    CHANNEL_CADRE_VISIT = 1,
    CHANNEL_FORWARDED = 2,
    CHANNEL_ASSIGNED = 3,
    CHANNEL_COUNT
};

enum refusal_code {
    REFUSAL_NONE = 0,
    REFUSAL_MALFORMED = 1,
    REFUSAL_UNKNOWN_CLIENT = 2,
    REFUSAL_NO_RIGHT = 3,
    REFUSAL_TERRITORY = 4,
    REFUSAL_UNKNOWN_VILLAGE = 5,
    REFUSAL_UNKNOWN_CATEGORY = 6,
    REFUSAL_UNKNOWN_DEPARTMENT = 7,
    REFUSAL_UNKNOWN_PERSON = 8,
    REFUSAL_BAD_NUMBER = 9,
    REFUSAL_NUMBER_TAKEN = 10,
    REFUSAL_NOT_FOUND = 11,
    REFUSAL_CODE_CLOSED = 12,
    REFUSAL_WRONG_STATE = 13,
    REFUSAL_FENCED = 14,
    REFUSAL_HELD = 15,
    REFUSAL_ACCUSED = 16,
    REFUSAL_MISSING = 17,
    REFUSAL_CONFLICT = 18,
    REFUSAL_GAP = 19,
    REFUSAL_INCARNATION = 20,
    REFUSAL_TRY_LATER = 21,
    REFUSAL_PARKED = 22,
    REFUSAL_MUST_SEAL = 23,
    REFUSAL_FUTURE = 24,
    REFUSAL_SAME_PERSON = 25,
    REFUSAL_PENDING = 26,
    REFUSAL_REGISTERED = 27, /* by this number and code: nothing to correct */
    REFUSAL_COUNT
};

/* Why a grievance is to end, or to go another way, without an answer on the merits: the
 * closed list. The step says which of them fit. */
enum ground {
    GROUND_NONE = 0,
    GROUND_COURT = 1, /* DIVERT */
    GROUND_ARBITRATION = 2,
    GROUND_ADMINISTRATIVE_REVIEW = 3,
    GROUND_STATUTORY_DUTY = 4,
    GROUND_OTHER_PROCEDURE = 5,
    GROUND_PROCEDURE_RUNS = 6, /* REFUSE */
    GROUND_PROCEDURE_ENDED = 7,
    GROUND_IN_HAND = 8,
    GROUND_NO_PETITION = 9,
    GROUND_UNCLEAR = 10,
    GROUND_FINAL = 11,
    GROUND_SETTLED = 12, /* WITHDRAW */
    GROUND_OTHER_WAY = 13,
    GROUND_MISTAKEN = 14,
    GROUND_OWN_WISH = 15,
    GROUND_REPEATED = 16, /* LINK */
    GROUND_SAME_MATTER = 17,
    GROUND_ASKS_ONLY = 18, /* REPURPOSE */
    GROUND_PROPOSES_ONLY = 19,
    GROUND_CLAIMS = 20,
    GROUND_NO_ANSWER = 21, /* CLOSE for failed contacts */
    GROUND_GONE = 22,
    GROUND_DECLINES = 23,
    GROUND_COUNT
};

/* The clear part of a grievance: what may stand in headers and logs. Nothing in it
 * names a person or quotes the text. */
struct matter {
    uint64_t village;     /* of the matter (问题属地), 12 digits */
    const char *category; /* path, levels joined by '/'; NULL: the dispatcher decides */
    enum purpose purpose;
    enum form form;
    enum channel channel;
    uint32_t terminal;
    uint32_t persons; /* 0 counts as 1 */
    bool on_behalf;
    bool anonymous;
    bool vulnerable;
    bool hardship;
    bool urgent; /* said at the terminal, or by intake's word list */
    bool threat; /* of violence or self-harm */
    bool consent_publish;
    bool sealed; /* the body is opaque */
    int64_t upstream_due_ms;
    uint32_t reached; /* how far up before: 0 not, 1 county … 4 the capital */
};

/* Who caused an entry. Client 0 is the daemon itself (a rule, a clock). */
struct actor {
    uint32_t client;
    uint32_t incarnation;
    uint64_t counter;
    struct bytes content; /* 16 bytes: command_content in wire/check.h */
    uint32_t person;      /* of the people table, and whom they acted for */
    uint32_t department;
};

/* A refusal: for the program the code, for the person the sentence. */
struct refusal {
    enum refusal_code code;
    const char *sentence;  /* what, where and what to do; nothing personal */
    const char *field;     /* MISSING */
    uint32_t holder;       /* HELD: this person holds it */
    uint64_t next_counter; /* GAP, CONFLICT, TRY_LATER, INCARNATION */
    uint32_t incarnation;  /* INCARNATION: the one in force */
};

#endif
