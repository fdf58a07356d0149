/* SPDX-License-Identifier: Apache-2.0 */
/* How notices go on: due rows, results of channels, contacts from intake → events. The
 * steps are those of the table in decide_sending.c; SENDING is committed before anything
 * leaves (leaving.c). */
#include "notification/inside.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/civil.h"
#include "wire/limits.h"

#define LOST_MAIL_MS (60 * INT64_C (1000)) /* mail that may have gone is sent once more */

/* ---- events ---------------------------------------------------------------------- */

bool notification_emit (struct txn *txn, struct decision *decision,
                        const struct notification_notice *notice,
                        const struct notification_move *move)
{
    enum notice_state state = notification_next (notice->state, move->event);
    struct notice_moved *moved = ARENA_NEW (decision->arena, struct notice_moved);
    struct event *event;

    if (state == NOTICE_NONE)
        return false;
    *moved = (struct notice_moved){
        .notice = notice->notice,
        .state = state,
        .attempts = move->by_next ? 0 : notice->attempts + (move->is_try ? 1u : 0u),
        .next_try_ms = move->next_ms,
        .detail = move->detail,
        .lane = move->lane,
        .channel = move->channel,
        .outlet = move->outlet,
        .until_ms = move->until_ms,
    };
    moved->others = ARENA_ARRAY (decision->arena, uint64_t, LIMIT_ROWS);
    if (move->others) {
        memcpy (moved->others, move->others, move->n_others * sizeof (uint64_t));
        moved->n_others = move->n_others;
    } else if (notice->digest) {
        moved->n_others =
            notification_members (txn, notice->notice, LIMIT_ROWS, moved->others);
    }
    event = decision_event (decision, KIND_NOTICE_MOVED);
    event->entry.notice_moved = moved;
    event->entry.grievance = notice->grievance;
    return true;
}

/* ---- the next outlet ----------------------------------------------------------------- */

static void go_on (struct notification *self, struct txn *txn,
                   const struct notification_notice *notice, const char *why,
                   struct decision *decision)
{
    const struct rules *rules = core_rules (self->core);
    unsigned next = notice->outlet + 1u;
    struct notification_route route;
    struct notification_move move = { .event = NOTICE_NEVER, .detail = why };

    notification_route (rules, &self->policy, notice->recipient, notice->to, next,
                        &route);
    if (route.way != WAY_NONE) {
        move.event = NOTICE_NEXT;
        move.by_next = true;
        move.next_ms = decision->now_ms;
        move.channel = way_name (route.way);
        move.outlet = next;
        if (route.way == WAY_PRINT)
            move.until_ms = notification_until_ms (rules, NULL, decision->now_ms);
    }
    notification_emit (txn, decision, notice, &move);
}

static void failed (struct notification *self, struct txn *txn,
                    const struct notification_notice *notice, bool temporary,
                    const char *why, struct decision *decision)
{
    struct notification_move again = {
        .event = NOTICE_TEMPORARY,
        .detail = why,
        .next_ms =
            notification_retry_ms (notice->notice, notice->attempts, decision->now_ms),
    };

    if (temporary && notice->attempts < NOTICE_TRIES_MAX)
        notification_emit (txn, decision, notice, &again);
    else
        go_on (self, txn, notice, why, decision);
}

/* ---- due rows ------------------------------------------------------------------------- */

/* Send it, or wait for a slot of its lane. 'others' NULL: its members, or a single one. */
static void send_or_wait (struct notification *self, struct txn *txn,
                          const struct notification_notice *notice,
                          const uint64_t *others, size_t n_others,
                          struct decision *decision)
{
    int64_t now_ms = decision->now_ms, slot_ms;
    struct notification_route route;
    struct notification_move move = { .event = NOTICE_SEND, .is_try = true };

    notification_route (core_rules (self->core), &self->policy, notice->recipient,
                        notice->to, notice->outlet, &route);
    move.others = others;
    move.n_others = n_others;
    if (route.way == WAY_NONE || route.way == WAY_PRINT) { /* the tables have changed */
        move.event = route.way == WAY_PRINT ? NOTICE_NEXT : NOTICE_NEVER;
        move.is_try = false;
        move.detail = route.way == WAY_PRINT ? NULL : "no outlet in the tables";
        move.channel = route.way == WAY_PRINT ? way_name (route.way) : NULL;
        move.outlet = notice->outlet;
        move.until_ms =
            route.way == WAY_PRINT
                ? notification_until_ms (core_rules (self->core), NULL, now_ms)
                : 0;
        notification_emit (txn, decision, notice, &move);
        return;
    }
    move.lane = notification_lane (&route);
    slot_ms = notification_lane_ms (txn, move.lane) + notification_lane_gap_ms (&route);
    if (notice->lane != move.lane && slot_ms > now_ms) {
        move = (struct notification_move){ .event = NOTICE_LATER,
                                           .lane = move.lane,
                                           .next_ms = slot_ms };
    } else if (route.way != notice->way) {
        move.channel = way_name (route.way);
        move.outlet = notice->outlet;
    }
    notification_emit (txn, decision, notice, &move);
}

/* It may have left already: nobody knows. Mail has a number of its own (Message-ID) and may
 * be sent once more; a robot or a gateway would say it twice. A petitioner gets it printed,
 * which does no harm. 'others' NULL: its members. */
static void maybe_sent (struct notification *self, struct txn *txn,
                        struct notification_notice *notice, const uint64_t *others,
                        size_t n_others, const char *why, struct decision *decision)
{
    struct notification_move move = {
        .event = NOTICE_STOPPED, .detail = why, .others = others, .n_others = n_others
    };

    if (notice->way == WAY_SMTP && notice->attempts < NOTICE_TRIES_MAX)
        move.next_ms = decision->now_ms + LOST_MAIL_MS;
    if (!notification_emit (txn, decision, notice, &move) ||
        notice->recipient != RECIPIENT_PETITIONER)
        return;
    notice->state = NOTICE_MAYBE_SENT;
    go_on (self, txn, notice, NULL, decision);
}

/* This daemon was restored, and what it lost may have sent it: its time had come before. */
static bool is_doubtful (const struct notification *self,
                         const struct notification_notice *notice, int64_t restored_ms)
{
    uint32_t incarnation = journal_identity (core_journal (self->core))->incarnation;

    return restored_ms != 0 && notice->moved_ms <= restored_ms &&
           notice->next_ms <= restored_ms &&
           position_incarnation (notice->notice) < incarnation &&
           (notice->state == NOTICE_QUEUED || notice->state == NOTICE_FAILED);
}

#define WHY_RESTORED "this daemon was restored: it may have been sent before"

static void due_send (struct notification *self, struct txn *txn,
                      const struct agenda_row *row, struct decision *decision)
{
    struct notification_notice notice;

    if (!notification_find (txn, row->subject, decision->arena, &notice) ||
        notice.next_ms != row->due_ms)
        return;
    if (is_doubtful (self, &notice, core_restored_ms (self->core, txn)))
        maybe_sent (self, txn, &notice, NULL, 0, WHY_RESTORED, decision);
    else if (notification_next (notice.state, NOTICE_SEND) != NOTICE_NONE)
        send_or_wait (self, txn, &notice, NULL, 0, decision);
}

/* What may have gone before a restoration leaves apart from what surely has not. */
struct heap {
    uint64_t *notices;
    size_t count;
};

static void gathered_read (struct notification *self, struct txn *txn,
                           const struct agenda_row *row, struct decision *decision,
                           struct heap *ret_sure, struct heap *ret_doubtful)
{
    int64_t restored_ms = core_restored_ms (self->core, txn);
    uint64_t *gathered = ARENA_ARRAY (decision->arena, uint64_t, LIMIT_ROWS);
    size_t count = notification_gathered (txn, (enum recipient) (row->subject >> 32),
                                          (uint32_t) row->subject, LIMIT_ROWS, gathered);

    ret_sure->notices = ARENA_ARRAY (decision->arena, uint64_t, LIMIT_ROWS);
    ret_doubtful->notices = ARENA_ARRAY (decision->arena, uint64_t, LIMIT_ROWS);
    ret_sure->count = ret_doubtful->count = 0;
    for (size_t i = 0; i < count; i++) {
        struct notification_notice notice;
        struct heap *heap = ret_sure;

        if (restored_ms != 0 &&
            notification_find (txn, gathered[i], decision->arena, &notice) &&
            is_doubtful (self, &notice, restored_ms))
            heap = ret_doubtful;
        heap->notices[heap->count++] = gathered[i];
    }
}

static void due_digest (struct notification *self, struct txn *txn,
                        const struct agenda_row *row, struct decision *decision)
{
    struct heap sure, doubtful;
    struct notification_notice leader;

    gathered_read (self, txn, row, decision, &sure, &doubtful);
    if (doubtful.count > 0 &&
        notification_find (txn, doubtful.notices[0], decision->arena, &leader))
        maybe_sent (self, txn, &leader, doubtful.notices + 1, doubtful.count - 1,
                    WHY_RESTORED, decision);
    if (sure.count > 0 &&
        notification_find (txn, sure.notices[0], decision->arena, &leader))
        send_or_wait (self, txn, &leader, sure.notices + 1, sure.count - 1, decision);
}

/* The daemon stopped between the commit and the result. */
static void due_lost (struct notification *self, struct txn *txn,
                      const struct agenda_row *row, struct decision *decision)
{
    struct notification_notice notice;

    if (notification_find (txn, row->subject, decision->arena, &notice) &&
        notice.state == NOTICE_SENDING)
        maybe_sent (self, txn, &notice, NULL, 0, "the daemon stopped while it was sent",
                    decision);
}

/* The dispatcher looks for another way to somebody whom the village does not reach. */
static void tell_unreachable (struct notification *self, struct txn *txn,
                              const struct notification_notice *notice,
                              struct decision *decision)
{
    struct notification_telling tellings[TELLINGS_MAX];
    struct entry entry;
    struct notification_question question = { .rules = core_rules (self->core),
                                              .arena = decision->arena,
                                              .entry = &entry };

    if (!core_entry (self->core, txn, position_sequence (notice->notice), decision->arena,
                     &entry, NULL) ||
        !entry.notice)
        return;
    size_t count = notification_tellings (&question, tellings);
    for (size_t i = 0; i < count; i++) {
        tellings[i].caused_ms = notice->until_ms;
        notification_queue (self, txn, &entry, &tellings[i], decision);
    }
}

static void due_expire (struct notification *self, struct txn *txn,
                        const struct agenda_row *row, struct decision *decision)
{
    struct notification_notice notice;
    struct notification_move move = { .event = NOTICE_LATE,
                                      .detail = "nobody handed it over in time" };

    if (!notification_find (txn, row->subject, decision->arena, &notice) ||
        notice.way != WAY_PRINT || notice.until_ms != row->due_ms)
        return;
    if (notification_is_reminder (self, txn, &notice, decision->arena))
        move.event = NOTICE_MOOT;
    move.until_ms = notice.until_ms;
    if (notification_emit (txn, decision, &notice, &move) && move.event == NOTICE_LATE)
        tell_unreachable (self, txn, &notice, decision);
}

void notification_due (struct notification *self, struct txn *txn,
                       const struct agenda_row *row, struct decision *decision)
{
    switch ((enum notification_agenda) row->kind) {
    case AGENDA_SEND:
        due_send (self, txn, row, decision);
        break;
    case AGENDA_DIGEST:
        due_digest (self, txn, row, decision);
        break;
    case AGENDA_EXPIRE:
        due_expire (self, txn, row, decision);
        break;
    case AGENDA_LOST:
        due_lost (self, txn, row, decision);
        break;
    }
}

/* ---- what came of it -------------------------------------------------------------------- */

void notification_result (struct notification *self, struct txn *txn, uint64_t number,
                          int sysexit, const char *detail, struct decision *decision)
{
    struct notification_notice notice;
    struct notification_move ok = { .event = NOTICE_OK, .detail = detail };

    if (!notification_find (txn, number, decision->arena, &notice) ||
        notice.state != NOTICE_SENDING)
        return;
    if (sysexit == EX_OK)
        notification_emit (txn, decision, &notice, &ok);
    else
        failed (self, txn, &notice, sysexit == EX_TEMPFAIL, detail, decision);
}

static void copy (char *to, size_t size, const char *from)
{
    size_t length = from ? strnlen (from, size - 1) : 0;

    if (length > 0)
        memcpy (to, from, length);
    to[length] = '\0';
}

void notification_contact (struct notification *self, struct txn *txn, uint64_t number,
                           const struct reply *reply, struct decision *decision)
{
    struct flight *flight = flight_find (self, number);
    struct notification_notice notice;

    if (!flight || flight->stage != FLIGHT_ASKED ||
        !notification_find (txn, number, decision->arena, &notice) ||
        notice.state != NOTICE_SENDING)
        return;
    if (!reply || (reply->refusal && reply->refusal->code == REFUSAL_TRY_LATER)) {
        failed (self, txn, &notice, true, "intake did not say whom to tell", decision);
    } else if (!reply->contact || !reply->contact->telephone) {
        go_on (self, txn, &notice, "no telephone", decision);
    } else {
        copy (flight->name, sizeof flight->name, reply->contact->name);
        copy (flight->telephone, sizeof flight->telephone, reply->contact->telephone);
        flight->stage = FLIGHT_KNOWN;
    }
}
