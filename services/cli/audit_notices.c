/* SPDX-License-Identifier: Apache-2.0 */
/* Notices: queued once for one key, and then moved as notices move:
 *
 *     QUEUED ─▶ SENDING ─▶ SENT ─▶ DELIVERED        FAILED, MAYBE_SENT ─▶ SENDING, QUEUED
 *        └─▶ SENT (printed), UNREACHABLE ─▶ DELIVERED;   anything but an end ─▶ ABANDONED
 *
 * and to what it is already: tried later, printed again. What a restored daemon may have sent
 * in an incarnation that was lost is MAYBE_SENT without having been SENDING. */
#include "cli/audit_inside.h"

#include "wire/names.h"

#include <string.h>

#define TO(state) (1u << NOTICE_##state)

/* By the state before. */
static const uint16_t follows[NOTICE_COUNT] = {
    [NOTICE_QUEUED] = TO (QUEUED) | TO (SENDING) | TO (SENT) | TO (DELIVERED) |
                      TO (UNREACHABLE) | TO (ABANDONED),
    [NOTICE_SENDING] = TO (QUEUED) | TO (SENT) | TO (DELIVERED) | TO (FAILED) |
                       TO (MAYBE_SENT) | TO (ABANDONED),
    [NOTICE_SENT] = TO (SENT) | TO (DELIVERED) | TO (UNREACHABLE) | TO (ABANDONED),
    [NOTICE_FAILED] = TO (FAILED) | TO (QUEUED) | TO (SENDING) | TO (ABANDONED),
    [NOTICE_MAYBE_SENT] = TO (MAYBE_SENT) | TO (QUEUED) | TO (SENDING) | TO (ABANDONED),
    [NOTICE_UNREACHABLE] = TO (UNREACHABLE) | TO (DELIVERED),
};

/* One that joins a digest whose sending has failed waits with it. */
static bool may_follow (const struct audit *audit, enum notice_state was,
                        enum notice_state next, bool is_along)
{
    bool is_restored = audit->journals[SPEAKER_NOTIFICATION].incarnation > 1;
    bool was_to_go = was == NOTICE_QUEUED || was == NOTICE_FAILED;
    return (follows[was] >> next & 1) != 0 ||
           (is_along && was == NOTICE_QUEUED && next == NOTICE_FAILED) ||
           (is_restored && was_to_go && next == NOTICE_MAYBE_SENT);
}

static void notice_count (struct audit *audit, uint64_t *state, enum notice_state next)
{
    if (*state != NOTICE_NONE)
        audit->in_notice_state[*state]--;
    *state = next;
    audit->in_notice_state[next]++;
}

/* ---- queued ------------------------------------------------------------------------- */

static uint64_t key_digest (const struct entry *entry)
{
    const struct notice *notice = entry->notice;
    uint64_t parts[] = { notice->recipient, notice->to, entry->source->speaker,
                         entry->source->sequence };
    uint64_t digest = audit_digest (AUDIT_DIGEST_BEGIN, parts, sizeof parts);
    return audit_digest (digest, notice->template, strlen (notice->template));
}

/* Of an accusation a notice says no number; of anything else it says its source's. */
static void audit_about (struct audit *audit)
{
    const struct entry *entry = audit->entry;
    const struct audit_ref *ref = audit_source_ref (audit);
    if (ref == NULL)
        return;
    struct audit_grievance *about =
        ref->grievance == 0 ? NULL : &audit->grievances[ref->grievance - 1];
    if (entry->grievance == 0 && about != NULL && !about->is_accusation)
        audit_fault (audit, AUDIT_NOTICE, "does not say what it is about");
    if (entry->grievance != 0 && about != NULL && about->is_accusation)
        audit_fault (audit, AUDIT_NOTICE, "names an accusation");
    if (about != NULL && ref->kind == KIND_REGISTERED &&
        entry->notice->recipient == RECIPIENT_PETITIONER)
        about->is_told = true;
}

void audit_notice (struct audit *audit)
{
    const struct entry *entry = audit->entry;
    const struct notice *notice = entry->notice;
    if (notice == NULL)
        return;
    uint64_t own =
        position_make (audit->journals[audit->speaker].incarnation, entry->sequence);
    bool may_be_sent = notice->maybe_sent && strcmp (notice->channel, "print") != 0;
    if (notice->notice != own)
        audit_fault (audit, AUDIT_NOTICE, "is called notice %llu",
                     (unsigned long long) notice->notice);
    bool is_new = true;
    if (entry->source != NULL)
        map_at (&audit->told, key_digest (entry), &is_new);
    if (!is_new)
        audit_fault (audit, AUDIT_NOTICE_KEY, "%s is told twice of one entry",
                     notice->template);
    audit_about (audit);
    notice_count (audit, map_at (&audit->notices, own, NULL),
                  may_be_sent ? NOTICE_MAYBE_SENT : NOTICE_QUEUED);
}

/* ---- moved -------------------------------------------------------------------------- */

static void notice_move (struct audit *audit, uint64_t notice, enum notice_state next,
                         bool is_along)
{
    uint64_t *state = notice == 0 ? NULL : map_find (&audit->notices, notice);
    if (state == NULL) {
        audit_fault (audit, AUDIT_NOTICE_MOVE, "notice %llu was never queued",
                     (unsigned long long) notice);
        return;
    }
    if (*state == NOTICE_DELIVERED || *state == NOTICE_ABANDONED)
        audit_fault (audit, AUDIT_NOTICE_MOVE, "notice %llu moves after its end",
                     (unsigned long long) notice);
    else if (!may_follow (audit, (enum notice_state) * state, next, is_along))
        audit_fault (audit, AUDIT_NOTICE_MOVE, "notice %llu is %s after %s",
                     (unsigned long long) notice, notice_state_name (next),
                     notice_state_name ((enum notice_state) * state));
    notice_count (audit, state, next);
}

/* Said again by a restored daemon, in the same words: the notice stays as it is. */
static void notice_again (struct audit *audit, uint64_t notice)
{
    const struct audit_ref *ref = audit_source_ref (audit);
    if (notice == 0 || map_find (&audit->notices, notice) == NULL)
        audit_fault (audit, AUDIT_NOTICE_MOVE, "notice %llu was never queued",
                     (unsigned long long) notice);
    if (ref != NULL && ref->kind == KIND_REGISTERED && ref->grievance != 0)
        audit->grievances[ref->grievance - 1].is_told = true;
}

void audit_notice_moved (struct audit *audit)
{
    const struct notice_moved *moved = audit->entry->notice_moved;
    if (moved == NULL)
        return;
    if (moved->again) {
        notice_again (audit, moved->notice);
        return;
    }
    notice_move (audit, moved->notice, moved->state, false);
    for (size_t i = 0; i < moved->n_others; i++)
        notice_move (audit, moved->others[i], moved->state, true);
}
