/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of proto/minqing/v1/control.proto as plain C; what each field means stands
 * there. Texts end in NUL; absent text and messages are NULL, absent numbers 0, absent
 * bytes { NULL, 0 }. Memory belongs to the arena that the message was decoded into. */
#ifndef MINQING_WIRE_CONTROL_H
#define MINQING_WIRE_CONTROL_H

#include "base/bytes.h"
#include "wire/journal.h"

enum role {
    ROLE_NONE = 0,
    ROLE_TERMINAL = 1,
    ROLE_DISPATCHER = 2,
    ROLE_DESK = 3,
    ROLE_LEADER = 4,
    ROLE_DAEMON = 5,
    ROLE_OPERATOR = 6,
    ROLE_KEEPER = 7,
    ROLE_COUNT
};

enum control_verb {
    CONTROL_NONE = 0,
    CONTROL_STATUS = 1,
    CONTROL_METRICS = 2,
    CONTROL_LOG_LEVEL = 3,
    CONTROL_VERIFY = 4,
    CONTROL_SCRUB = 5,
    CONTROL_KEEPSAKE = 6,
    CONTROL_COUNT
};

struct control {
    enum control_verb verb;
    const char *argument; /* LOG_LEVEL: error … debug */
};

struct control_reply {
    enum control_verb verb;
    const char *text; /* METRICS */
    struct status *status;
    const char *problem; /* why the verb failed */
    struct keepsake *keepsake;
};

/* What makes a store this store, besides its entries. */
struct keepsake {
    enum speaker speaker;
    struct bytes journal;
    uint32_t incarnation;
    struct bytes secret;
    uint32_t schema;
    const char *version;
};

/* The comparison of the facts with the fold of the journal. */
struct scrub {
    bool running;
    uint32_t permille;
    int64_t done_ms; /* when the last one ended; 0: none since the start */
    uint64_t records;
    uint64_t differences;
    const char *first; /* table and key */
    uint64_t damaged;  /* entries */
};

struct status {
    enum speaker speaker;
    const char *version;
    struct bytes journal;
    uint64_t head;
    struct bytes root; /* RFC 6962 tree hash over all entries */
    int64_t now_ms;
    int64_t started_ms;
    struct position *positions;
    size_t n_positions;
    struct gauge *gauges;
    size_t n_gauges;
    uint32_t store_permille;
    const char *trouble; /* the worst thing it knows of itself */
    struct table_version *tables;
    size_t n_tables;
    uint32_t incarnation;
    struct scrub *scrub;
    bool time_uncertain;
    int64_t
        full_ms; /* when the store will refuse filings, as it grew lately; 0: not known */
    uint32_t schema;
};

/* How far this daemon has followed another. */
struct position {
    enum speaker speaker;
    struct bytes journal;
    uint64_t acted;
    struct bytes acted_hash;
    int64_t complete_ms;
    bool connected;
    const char *problem;
};

struct gauge {
    const char *name;
    uint64_t value;
};

struct table_version {
    const char *name;
    uint64_t version;
};

#endif
