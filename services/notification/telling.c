/* SPDX-License-Identifier: Apache-2.0 */
/* Followed entries → notices; and what a terminal says of a printed one.
 *
 * A reminder to rate is queued when a grievance is closed, for when its time has come. If it
 * is rated or reopened before, the reminder is moot. */
#include "notification/inside.h"

#include <string.h>

#include "base/civil.h"
#include "rules/deadline.h"
#include "rules/templates.h"
#include "wire/limits.h"
#include "wire/wire.h"

#define HISTORY_MAX 200 /* notices of one grievance that are looked through */
#define TOLD_MAX    32
#define PAGE        64

int64_t notification_until_ms (const struct rules *rules, const struct matter *matter,
                               int64_t now_ms)
{
    enum urgency urgency =
        urgency_of (matter ? category_nearest (rules, matter->category) : NULL,
                    matter && (matter->urgent || matter->threat));
    struct duty_plan plan;

    if (duty_plan (rules, STAGE_CONTACT, matter ? matter->purpose : PURPOSE_NONE, urgency,
                   false, now_ms, &plan) < 0)
        return 0; /* no such row: it is waited for without end */
    return plan.due.due_ms;
}

/* Did this department hear of this grievance before? Then it comes back to it. */
static bool was_told (struct notification *self, struct txn *txn, uint64_t grievance,
                      uint32_t department, struct arena *arena)
{
    uint64_t notices[HISTORY_MAX];
    size_t count = notification_of_grievance (txn, grievance, 0, HISTORY_MAX, notices);

    for (size_t i = 0; i < count; i++) {
        struct notification_notice notice;

        if (notification_find (txn, notices[i], arena, &notice) &&
            notice.recipient == RECIPIENT_DEPARTMENT && notice.to == department &&
            !notification_is_orphan (self, txn, &notice, arena))
            return true;
    }
    return false;
}

static size_t told_of (struct txn *txn, uint64_t raise, struct arena *arena,
                       struct notification_notice ret[TOLD_MAX])
{
    uint64_t notices[TOLD_MAX];
    size_t found =
        notification_source_find (txn, SPEAKER_ESCALATION, raise, TOLD_MAX, notices);
    size_t count = 0;

    for (size_t i = 0; i < found; i++)
        if (notification_find (txn, notices[i], arena, &ret[count]))
            count++;
    return count;
}

/* When it goes: with the digest that gathers already if that is sooner, with a new one, or
 * as soon as it may. */
static int64_t leaves_ms (struct notification *self, struct txn *txn,
                          const struct notification_telling *telling, enum way way,
                          int64_t now_ms)
{
    int64_t gathering_ms, own_ms;

    if (telling->not_before_ms > now_ms)
        now_ms = telling->not_before_ms;
    if (telling->gathering == GATHER_NOT)
        return notification_not_before_ms (&self->policy, telling->recipient, way,
                                           telling->urgent, now_ms);
    gathering_ms = notification_digest_ms (txn, telling->recipient, telling->to);
    own_ms = notification_gathered_ms (&self->policy, telling->gathering, now_ms);
    return gathering_ms > now_ms && gathering_ms < own_ms ? gathering_ms : own_ms;
}

/* This daemon was restored, and what caused the notice came before: unless it was to leave
 * later, what was lost may have sent it. */
static bool may_be_sent (struct notification *self, struct txn *txn,
                         const struct notification_telling *telling, enum way way)
{
    int64_t restored_ms = core_restored_ms (self->core, txn);

    return restored_ms != 0 && telling->caused_ms != 0 &&
           telling->caused_ms <= restored_ms &&
           leaves_ms (self, txn, telling, way, telling->caused_ms) <= restored_ms;
}

/* By which outlet, the best; what may have gone to a petitioner's telephone goes on paper. */
static unsigned route_best (struct notification *self,
                            const struct notification_telling *telling, bool maybe_sent,
                            struct notification_route *ret)
{
    const struct rules *rules = core_rules (self->core);
    struct notification_route next;

    notification_route (rules, &self->policy, telling->recipient, telling->to, 0, ret);
    if (!maybe_sent || telling->recipient != RECIPIENT_PETITIONER ||
        ret->way == WAY_PRINT)
        return 0;
    notification_route (rules, &self->policy, telling->recipient, telling->to, 1, &next);
    if (next.way != WAY_PRINT)
        return 0;
    *ret = next;
    return 1;
}

void notification_queue (struct notification *self, struct txn *txn,
                         const struct entry *entry,
                         const struct notification_telling *telling,
                         struct decision *decision)
{
    const struct rules *rules = core_rules (self->core);
    bool is_sealed = entry->matter && entry->matter->purpose == PURPOSE_ACCUSATION;
    uint64_t number = core_next_position (self->core, txn) + decision->n_events;
    struct event *event = decision_event (decision, KIND_NOTICE);
    struct notification_route route;
    struct notice *notice = ARENA_NEW (decision->arena, struct notice);
    int64_t leaving_ms;
    unsigned outlet = route_best (self, telling, false, &route);
    bool maybe_sent = may_be_sent (self, txn, telling, route.way);

    if (maybe_sent)
        outlet = route_best (self, telling, true, &route);
    leaving_ms = leaves_ms (self, txn, telling, route.way, decision->now_ms);
    *notice = (struct notice){
        .notice = number,
        .recipient = telling->recipient,
        .to = telling->to,
        .template = telling->template,
        .channel = way_name (route.way),
        .parameters = telling->parameters,
        .n_parameters = telling->n_parameters,
        .not_before_ms = leaving_ms,
        .digest = telling->gathering != GATHER_NOT && !maybe_sent,
        .outlet = outlet,
        .maybe_sent = maybe_sent,
        .until_ms = route.way == WAY_PRINT
                        ? notification_until_ms (rules, entry->matter, leaving_ms)
                        : 0,
    };
    event->entry.notice = notice;
    if (!is_sealed) { /* of an accusation nobody learns the number here */
        event->entry.grievance = entry->grievance;
        event->entry.matter = entry->matter;
    }
}

/* ---- reminders ----------------------------------------------------------------------------- */

bool notification_is_reminder (struct notification *self, struct txn *txn,
                               const struct notification_notice *notice,
                               struct arena *arena)
{
    struct entry entry;

    return notice->recipient == RECIPIENT_PETITIONER &&
           core_entry (self->core, txn, position_sequence (notice->notice), arena, &entry,
                       NULL) &&
           entry.notice && strcmp (entry.notice->template, TEMPLATE_RATE) == 0;
}

/* One waits at most: every reopening has ended the one before. */
static bool reminder_find (struct notification *self, struct txn *txn, uint64_t grievance,
                           struct arena *arena, struct notification_notice *ret)
{
    uint64_t notices[PAGE], after = 0;
    size_t count;

    do {
        count = notification_of_grievance (txn, grievance, after, PAGE, notices);
        for (size_t i = 0; i < count; i++) {
            after = notices[i];
            if (notification_find (txn, after, arena, ret) &&
                notification_next (ret->state, NOTICE_MOOT) != NOTICE_NONE &&
                notification_is_reminder (self, txn, ret, arena))
                return true;
        }
    } while (count == PAGE);
    return false;
}

/* Why the reminder to rate is moot by this entry; NULL: it is not. */
static const char *why_moot (const struct entry *entry)
{
    if (entry->kind == KIND_ASKED && entry->asked && entry->asked->what == ASKED_RATE)
        return "rated meanwhile";
    if (entry->kind == KIND_MOVED && entry->moved->from == STATE_CLOSED &&
        entry->moved->to != STATE_CLOSED)
        return "open again";
    return NULL;
}

static void end_reminder (struct notification *self, struct txn *txn,
                          const struct entry *entry, struct decision *decision)
{
    struct notification_move move = { .event = NOTICE_MOOT, .detail = why_moot (entry) };
    struct notification_notice reminder;

    if (move.detail &&
        reminder_find (self, txn, entry->grievance, decision->arena, &reminder))
        notification_emit (txn, decision, &reminder, &move);
}

/* ---- what is told --------------------------------------------------------------------------- */

/* Entries that came from elsewhere may lack what their kind has. */
static bool is_whole (const struct entry *entry)
{
    switch (entry->kind) {
    case KIND_MOVED:
    case KIND_PROPOSED:
    case KIND_REJECTED:
        return entry->moved != NULL;
    case KIND_RAISED:
        return entry->raised != NULL;
    case KIND_RAISE_ENDED:
        return entry->raise_ended != NULL;
    default:
        return true;
    }
}

void notification_follow (struct notification *self, struct txn *txn,
                          const struct entry *entry, struct decision *decision)
{
    struct notification_telling tellings[TELLINGS_MAX];
    struct notification_notice told[TOLD_MAX];
    struct notification_question question = { .rules = core_rules (self->core),
                                              .arena = decision->arena,
                                              .entry = entry,
                                              .told = told };
    size_t count;

    if (!is_whole (entry))
        return;
    end_reminder (self, txn, entry, decision);
    if (entry->kind == KIND_MOVED && entry->moved->step == STEP_DISPATCH)
        question.was_told = was_told (self, txn, entry->grievance,
                                      entry->moved->department, decision->arena);
    if (entry->kind == KIND_RAISE_ENDED)
        question.n_told = told_of (txn, entry->raise_ended->raise, decision->arena, told);
    count = notification_tellings (&question, tellings);
    for (size_t i = 0; i < count; i++) {
        tellings[i].caused_ms = entry->time_ms;
        if (!notification_tell_again (self, txn, entry, &tellings[i], decision))
            notification_queue (self, txn, entry, &tellings[i], decision);
    }
}

/* ---- printed, handed over ---------------------------------------------------------------- */

void notification_hand_over (struct notification *self, struct txn *txn,
                             const struct client *client, const struct hand_over *command,
                             struct decision *decision)
{
    struct notification_notice notice;
    struct notification_move move = { .event = command->handed ? NOTICE_HANDED
                                                               : NOTICE_PRINTED };
    struct asked_body body = { .text = command->to };

    (void) self;
    if (client->role != ROLE_TERMINAL) {
        decision_refuse (decision, REFUSAL_NO_RIGHT,
                         "only the terminal that printed it hands a notice over");
        return;
    }
    if (!notification_find (txn, command->notice, decision->arena, &notice) ||
        notice.way != WAY_PRINT || notice.to != client->number) {
        decision_refuse (decision, REFUSAL_NOT_FOUND,
                         "notice %llu is not to be printed at this terminal",
                         (unsigned long long) command->notice);
        return;
    }
    if (command->handed && !command->to) {
        decision_refuse (decision, REFUSAL_MISSING,
                         "say to whom the notice was handed over")
            ->field = "to";
        return;
    }
    move.until_ms = notice.until_ms;
    if (!notification_emit (txn, decision, &notice, &move)) {
        decision_refuse (decision, REFUSAL_WRONG_STATE,
                         "notice %llu was handed over before",
                         (unsigned long long) command->notice);
        return;
    }
    if (command->handed)
        decision->events[0]->body = asked_body_encode (decision->arena, &body);
}
