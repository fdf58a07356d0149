/* SPDX-License-Identifier: Apache-2.0 */
/* Events → tables. Total: it sees no clock, no rule and no configuration. A digest moves as
 * one: the leader by 'notice', the others along with it. */
#include "notification/apply.h"

#include "agenda/agenda.h"
#include "runtime/core.h"

struct fold {
    struct txn *txn;
    struct arena *arena;
    const struct entry *entry;
    struct notification_counts counts;
};

static void put (struct fold *fold, const struct notification_notice *was,
                 const struct notification_notice *is)
{
    if (was)
        fold->counts.of[was->state & 15]--;
    fold->counts.of[is->state & 15]++;
    notification_put (fold->txn, was, is);
}

static void notice_apply (struct fold *fold)
{
    const struct notice *notice = fold->entry->notice;
    enum way way = way_find (notice->channel);
    bool is_sent = notice->maybe_sent && way != WAY_PRINT;
    struct notification_notice is = {
        .notice = notice->notice,
        .state = is_sent ? NOTICE_MAYBE_SENT : NOTICE_QUEUED,
        .recipient = notice->recipient,
        .way = way,
        .digest = notice->digest,
        .to = notice->to,
        .outlet = (uint16_t) notice->outlet,
        .grievance = fold->entry->grievance,
        .queued_ms = fold->entry->time_ms,
        .moved_ms = fold->entry->time_ms,
        .next_ms = notice->not_before_ms ? notice->not_before_ms : fold->entry->time_ms,
        .until_ms = notice->until_ms,
    };

    if (notice->maybe_sent)
        is.detail = "this daemon was restored: it may have been sent before";
    if (is_sent && way != WAY_SMTP)
        is.next_ms = 0; /* a robot or a gateway would say it twice */
    put (fold, NULL, &is);
    if (fold->entry->source)
        notification_source_put (fold->txn, fold->entry->source, &is);
}

static void lane_apply (struct fold *fold, const struct notice_moved *moved)
{
    int64_t slot_ms =
        moved->state == NOTICE_SENDING ? fold->entry->time_ms : moved->next_try_ms;

    if (moved->lane != 0 && slot_ms > notification_lane_ms (fold->txn, moved->lane))
        notification_lane_put (fold->txn, moved->lane, slot_ms);
}

static void move_one (struct fold *fold, uint64_t number, uint64_t leader,
                      const struct notice_moved *moved)
{
    struct notification_notice was, is;

    if (!notification_find (fold->txn, number, fold->arena, &was))
        return;
    is = was;
    is.state = moved->state;
    is.moved_ms = fold->entry->time_ms;
    is.next_ms = moved->next_try_ms;
    is.attempts = (uint16_t) moved->attempts;
    is.leader = leader;
    is.detail = moved->detail ? moved->detail : is.detail;
    is.lane = moved->lane;
    if (moved->channel) {
        is.way = way_find (moved->channel);
        is.outlet = (uint16_t) moved->outlet;
        is.until_ms = moved->until_ms;
    }
    put (fold, &was, &is);
}

/* The row that says: it was on its way when the daemon stopped. */
static struct agenda_row lost_row (const struct notification_outgoing *outgoing)
{
    return (struct agenda_row){ .due_ms = outgoing->lost_ms,
                                .kind = AGENDA_LOST,
                                .subject = outgoing->notice };
}

/* It has landed, whatever became of it. */
static void outgoing_end (struct fold *fold, uint64_t notice)
{
    struct notification_outgoing outgoing;

    if (!notification_outgoing_find (fold->txn, notice, &outgoing))
        return;
    if (outgoing.lost_ms != 0) {
        struct agenda_row lost = lost_row (&outgoing);

        agenda_remove (fold->txn, CORE_AGENDA, &lost);
    }
    notification_outgoing_delete (fold->txn, notice);
}

/* Whoever looks for what its cause led to finds it by the new one too. */
static void again_apply (struct fold *fold)
{
    struct notification_notice notice;
    uint64_t number = fold->entry->notice_moved->notice;

    notification_again_put (fold->txn, number);
    if (fold->entry->source &&
        notification_find (fold->txn, number, fold->arena, &notice))
        notification_source_put (fold->txn, fold->entry->source, &notice);
}

static void moved_apply (struct fold *fold)
{
    const struct notice_moved *moved = fold->entry->notice_moved;

    if (moved->again) {
        again_apply (fold);
        return;
    }

    outgoing_end (fold, moved->notice);
    lane_apply (fold, moved);
    move_one (fold, moved->notice, 0, moved);
    for (size_t i = 0; i < moved->n_others; i++)
        move_one (fold, moved->others[i], moved->notice, moved);
    if (moved->state == NOTICE_SENDING)
        notification_outgoing_put (
            fold->txn, &(struct notification_outgoing){ .notice = moved->notice,
                                                        .since = fold->entry->sequence });
}

/* What was on its way when the daemon stopped: nobody knows whether it arrived. */
static void started_apply (struct fold *fold)
{
    struct notification_outgoing outgoing[64];
    uint64_t after = 0;
    size_t count;

    do {
        count = notification_outgoing_list (fold->txn, after, ARRAY_SIZE (outgoing),
                                            outgoing);
        for (size_t i = 0; i < count; i++) {
            after = outgoing[i].notice;
            if (outgoing[i].lost_ms != 0)
                continue;
            outgoing[i].lost_ms = fold->entry->time_ms;
            notification_outgoing_put (fold->txn, &outgoing[i]);
            struct agenda_row lost = lost_row (&outgoing[i]);
            agenda_put (fold->txn, CORE_AGENDA, &lost);
        }
    } while (count == ARRAY_SIZE (outgoing));
}

void notification_apply (struct txn *txn, const struct entry *entry, struct arena *arena)
{
    struct fold fold = { .txn = txn, .arena = arena, .entry = entry };

    if (entry->kind == KIND_CROSSED && entry->crossed)
        notification_lost_put (txn, entry->crossed->speaker, entry->crossed->incarnation,
                               entry->crossed->kept);
    notification_counts_read (txn, &fold.counts);
    if (entry->kind == KIND_STARTED)
        started_apply (&fold);
    else if (entry->kind == KIND_NOTICE && entry->notice)
        notice_apply (&fold);
    else if (entry->kind == KIND_NOTICE_MOVED && entry->notice_moved)
        moved_apply (&fold);
    else
        return;
    notification_counts_put (txn, &fold.counts);
}
