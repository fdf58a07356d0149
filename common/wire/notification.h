/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of proto/minqing/v1/notification.proto as plain C; what each field means stands
 * there. Texts end in NUL; absent text and messages are NULL, absent numbers 0, absent
 * bytes { NULL, 0 }. Memory belongs to the arena that the message was decoded into. */
#ifndef MINQING_WIRE_NOTIFICATION_H
#define MINQING_WIRE_NOTIFICATION_H

#include "base/bytes.h"

enum notice_state {
    NOTICE_NONE = 0,
    NOTICE_QUEUED = 1,
    NOTICE_SENDING = 2,
    NOTICE_SENT = 3,
    NOTICE_DELIVERED = 4,
    NOTICE_FAILED = 5,
    NOTICE_MAYBE_SENT = 6,
    NOTICE_ABANDONED = 7,
    NOTICE_UNREACHABLE = 8,
    NOTICE_COUNT
};

enum recipient {
    RECIPIENT_NONE = 0,
    RECIPIENT_PETITIONER = 1,
    RECIPIENT_DEPARTMENT = 2,
    RECIPIENT_PERSON = 3,
    RECIPIENT_DISPATCHER = 4,
    RECIPIENT_COUNT
};

/* Header of a new notice: template and parameters, never text about a person. No body.
 * The key (recipient, template, source journal and sequence, part) is unique. */
struct notice {
    uint64_t notice;
    enum recipient recipient;
    uint32_t to; /* department, person or terminal number */
    const char *template;
    const char *channel; /* smtp, http, pipe, print */
    struct parameter *parameters;
    size_t n_parameters;
    int64_t not_before_ms; /* quiet hours, digest time */
    bool digest;
    uint32_t outlet;
    int64_t until_ms;
    bool maybe_sent; /* before this daemon was restored */
};

struct parameter {
    const char *name;
    const char *value;
};

/* Header of a change of state. No body. */
struct notice_moved {
    uint64_t notice;
    enum notice_state state;
    uint32_t attempts;
    int64_t next_try_ms;
    const char *detail;
    uint64_t *others; /* of a digest: notices that moved along */
    size_t n_others;
    uint64_t lane;
    const char *channel;
    uint32_t outlet;
    int64_t until_ms;
    bool again; /* its cause was lost, and said again */
};

/* Command of a terminal: what came to print was printed, or handed over. */
struct hand_over {
    uint64_t notice;
    bool handed;    /* false: printed only */
    const char *to; /* to whom: goes into the body */
};

/* What is to be printed at this terminal. */
struct print_query {
    uint32_t terminal;
    uint64_t after;
    uint32_t limit;
};

struct print_item {
    uint64_t notice;
    uint64_t number;
    int64_t queued_at_ms;
    const char *subject;
    const char *text;
    enum notice_state state;
    uint32_t document; /* ordinal of the one it announces; 0: none */
};

struct prints {
    struct print_item *items;
    size_t n_items;
};

struct notice_query {
    uint64_t number;
    enum notice_state state;
    uint64_t after;
    uint32_t limit;
    bool counts; /* only how many in each state */
};

struct notice_row {
    uint64_t notice;
    uint64_t number;
    enum recipient recipient;
    uint32_t to;
    const char *template;
    const char *channel;
    enum notice_state state;
    uint32_t attempts;
    int64_t time_ms;
    int64_t next_try_ms;
    const char *detail;
};

struct notice_count {
    enum notice_state state;
    uint64_t count;
};

struct notices {
    struct notice_row *rows;
    size_t n_rows;
    struct notice_count *counts;
    size_t n_counts;
};

#endif
