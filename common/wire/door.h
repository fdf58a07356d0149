/* SPDX-License-Identifier: Apache-2.0 */
/* The messages of proto/minqing/v1/door.proto as plain C; what each field means stands
 * there. Texts end in NUL; absent text and messages are NULL, absent numbers 0, absent
 * bytes { NULL, 0 }. Memory belongs to the arena that the message was decoded into. */
#ifndef MINQING_WIRE_DOOR_H
#define MINQING_WIRE_DOOR_H

#include "base/bytes.h"
#include "wire/control.h"
#include "wire/escalation.h"
#include "wire/intake.h"
#include "wire/journal.h"
#include "wire/matter.h"
#include "wire/notification.h"
#include "wire/routing.h"

struct to_door {
    struct command *commands;
    size_t n_commands;
    struct query *queries;
    size_t n_queries;
    struct subscribe *subscribe;
    struct follow *follow;
    struct follow_credit *follow_credit;
    struct control *control;
};

struct from_door {
    struct outcome *outcomes;
    size_t n_outcomes;
    struct reply *replies;
    size_t n_replies;
    struct offer *offers;
    size_t n_offers;
    struct entries *entries;
    struct follow_refused *follow_refused;
    struct control_reply *control;
    struct refusal *refusal; /* of the frame as a whole */
};

/* Exactly one thing to do (command_check). */
struct command {
    uint64_t counter;
    uint32_t incarnation; /* 1 for a new client */
    uint32_t person;      /* who acts, where a desk has several workers */
    struct filing *file;
    struct supplement *supplement;
    struct ask *ask;
    struct step_command *step;
    struct answer_raise *answer_raise;
    struct supervise *supervise;
    struct hand_over *hand_over;
    struct enrol *enrol;
};

struct enrol {
    const char *why;
};

/* Exactly one answer (outcome_check). */
struct outcome {
    uint64_t counter;
    struct refusal *refusal;
    struct receipt *receipt;
    struct step_done *step_done;
    struct recorded *recorded;
    uint32_t incarnation; /* of the command; 0: 1 */
};

struct recorded {
    uint64_t sequence;
};

/* Exactly one question (query_check). */
struct query {
    uint64_t id;
    struct source *not_before; /* wait until this much is known */
    struct course_query *course;
    struct contact_query *contact;
    struct queue_query *queue;
    struct item_query *item;
    struct shape_query *shape;
    struct route_query *route;
    struct document_query *documents; /* also to intake */
    struct deadline_query *deadline;
    struct due_query *due;
    struct raise_query *raises;
    struct print_query *prints;
    struct notice_query *notices;
    struct standing_query *standing;
};

/* Exactly one answer (reply_check). */
struct reply {
    uint64_t id;
    struct refusal *refusal;
    uint64_t position; /* in the journal, that the answer was read at */
    struct course *course;
    struct petitioner_contact *contact;
    struct queue *queue;
    struct item *item;
    struct shape *shape;
    struct route *route;
    struct documents *documents;
    struct ledger *deadline;
    struct due *due;
    struct raises *raises;
    struct prints *prints;
    struct notices *notices;
    struct standing *standing;
};

struct standing_query {
    char empty; /* C wants a member */
};

/* What the daemon knows of the client that asks. */
struct standing {
    uint32_t client;
    uint32_t role; /* enum role */
    uint32_t incarnation;
    uint64_t next_counter;
    uint64_t territory;
    uint32_t department;
    int64_t now_ms;
    struct bytes seal_key; /* 32 bytes: accusations are sealed for it */
};

#endif
