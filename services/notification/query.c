/* SPDX-License-Identifier: Apache-2.0 */
/* Answers: what is to be printed at a terminal, and where notices stand. */
#include "notification/inside.h"

#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "wire/limits.h"

#define LIST_DEFAULT 50
#define PAGE         LIMIT_ROWS

static uint32_t limit (uint32_t asked)
{
    return asked == 0 ? LIST_DEFAULT : asked > LIMIT_ROWS ? (uint32_t) LIMIT_ROWS : asked;
}

static void refuse (struct arena *arena, struct reply *reply, enum refusal_code code,
                    const char *sentence)
{
    reply->refusal = ARENA_NEW (arena, struct refusal);
    *reply->refusal = (struct refusal){ .code = code, .sentence = sentence };
}

/* ---- prints -------------------------------------------------------------------------- */

static uint32_t document_of (const struct notice *notice)
{
    for (size_t i = 0; i < notice->n_parameters; i++)
        if (strcmp (notice->parameters[i].name, "document") == 0)
            return (uint32_t) strtoul (notice->parameters[i].value, NULL, 10);
    return 0;
}

/* False: it cannot be read, or its time has not come. */
static bool print_item (struct notification *self, struct txn *txn, uint64_t number,
                        struct arena *arena, struct print_item *ret)
{
    struct notification_notice notice;
    struct notification_text text;
    struct entry entry;

    if (!notification_find (txn, number, arena, &notice) ||
        (notice.state == NOTICE_QUEUED && notice.next_ms > core_now_ms (self->core)) ||
        !core_entry (self->core, txn, position_sequence (number), arena, &entry, NULL) ||
        !entry.notice || !notification_render_print (self, txn, &notice, arena, &text))
        return false;
    *ret = (struct print_item){ .notice = notice.notice,
                                .number = notice.grievance,
                                .queued_at_ms = notice.queued_ms,
                                .subject = text.subject,
                                .text = text.text,
                                .state = notice.state,
                                .document = document_of (entry.notice) };
    return true;
}

static void answer_prints (struct notification *self, struct txn *txn,
                           const struct client *client, const struct print_query *query,
                           struct arena *arena, struct reply *reply)
{
    uint32_t max = limit (query->limit);
    uint64_t *notices = ARENA_ARRAY (arena, uint64_t, PAGE), after = query->after;
    struct prints *prints;
    size_t count;

    if (client->role != ROLE_TERMINAL || client->number != query->terminal) {
        refuse (arena, reply, REFUSAL_NO_RIGHT,
                "a terminal asks for its own prints, and nobody else");
        return;
    }
    reply->prints = prints = ARENA_NEW (arena, struct prints);
    prints->items = ARENA_ARRAY (arena, struct print_item, max);
    do {
        count = notification_prints (txn, query->terminal, after, PAGE, notices);
        for (size_t i = 0; i < count && prints->n_items < max; i++) {
            after = notices[i];
            prints->n_items +=
                print_item (self, txn, after, arena, &prints->items[prints->n_items]);
        }
    } while (count == PAGE && prints->n_items < max);
}

/* ---- notices --------------------------------------------------------------------------- */

static bool may_see (struct notification *self, struct txn *txn,
                     const struct client *client,
                     const struct notification_notice *notice, struct arena *arena)
{
    struct entry entry;

    switch (client->role) {
    case ROLE_OPERATOR:
    case ROLE_DAEMON:
        return true;
    case ROLE_TERMINAL:
        return notice->grievance != 0 &&
               number_terminal (notice->grievance) == client->number;
    case ROLE_DESK:
        return notice->recipient == RECIPIENT_DEPARTMENT &&
               notice->to == client->department;
    case ROLE_DISPATCHER:
    case ROLE_LEADER:
        return notice->grievance != 0 &&
               core_entry (self->core, txn, position_sequence (notice->notice), arena,
                           &entry, NULL) &&
               entry.matter && client_covers (client, entry.matter->village);
    case ROLE_KEEPER:
    case ROLE_NONE:
    case ROLE_COUNT:
        break;
    }
    return false;
}

static struct notice_row notice_row (struct notification *self, struct txn *txn,
                                     const struct notification_notice *notice,
                                     struct arena *arena)
{
    struct entry entry;
    const char *template = "?";

    if (core_entry (self->core, txn, position_sequence (notice->notice), arena, &entry,
                    NULL) &&
        entry.notice)
        template = entry.notice->template;
    return (struct notice_row){ .notice = notice->notice,
                                .number = notice->grievance,
                                .recipient = notice->recipient,
                                .to = notice->to,
                                .template = template,
                                .channel = way_name (notice->way),
                                .state = notice->state,
                                .attempts = notice->attempts,
                                .time_ms = notice->moved_ms,
                                .next_try_ms = notice->next_ms,
                                .detail = notice->detail };
}

static size_t page (struct txn *txn, const struct notice_query *query, uint64_t after,
                    uint64_t *ret)
{
    if (query->number != 0)
        return notification_of_grievance (txn, query->number, after, PAGE, ret);
    if (query->state != NOTICE_NONE)
        return notification_in_state (txn, query->state, after, PAGE, ret);
    return notification_all (txn, after, PAGE, ret);
}

static void answer_rows (struct notification *self, struct txn *txn,
                         const struct client *client, const struct notice_query *query,
                         struct arena *arena, struct notices *answer)
{
    uint64_t *notices = ARENA_ARRAY (arena, uint64_t, PAGE), after = query->after;
    uint32_t max = limit (query->limit);
    size_t count;

    answer->rows = ARENA_ARRAY (arena, struct notice_row, max);
    do {
        count = page (txn, query, after, notices);
        for (size_t i = 0; i < count && answer->n_rows < max; i++) {
            struct notification_notice notice;

            after = notices[i];
            if (notification_find (txn, notices[i], arena, &notice) &&
                (query->state == NOTICE_NONE || query->state == notice.state) &&
                may_see (self, txn, client, &notice, arena))
                answer->rows[answer->n_rows++] = notice_row (self, txn, &notice, arena);
        }
    } while (count == PAGE && answer->n_rows < max);
}

static void answer_counts (struct txn *txn, struct arena *arena, struct notices *answer)
{
    struct notification_counts counts;

    notification_counts_read (txn, &counts);
    answer->counts = ARENA_ARRAY (arena, struct notice_count, NOTICE_COUNT);
    for (unsigned state = NOTICE_QUEUED; state < NOTICE_COUNT; state++)
        if (counts.of[state] > 0)
            answer->counts[answer->n_counts++] =
                (struct notice_count){ .state = (enum notice_state) state,
                                       .count = counts.of[state] };
}

void notification_query (struct notification *self, struct txn *txn,
                         const struct client *client, const struct query *query,
                         struct arena *arena, struct reply *ret_reply)
{
    if (query->prints) {
        answer_prints (self, txn, client, query->prints, arena, ret_reply);
    } else if (query->notices && query->notices->counts) {
        ret_reply->notices = ARENA_NEW (arena, struct notices);
        answer_counts (txn, arena, ret_reply->notices);
    } else if (query->notices) {
        ret_reply->notices = ARENA_NEW (arena, struct notices);
        answer_rows (self, txn, client, query->notices, arena, ret_reply->notices);
    } else {
        refuse (arena, ret_reply, REFUSAL_MALFORMED,
                "notification answers prints and notices");
    }
}
