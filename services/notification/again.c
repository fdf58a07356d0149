/* SPDX-License-Identifier: Apache-2.0 */
/* What is said again after a daemon that we follow was restored: a grievance is registered
 * once more by its terminal, accepted once more by its desk, a breach fires once more. The
 * notices of the first time are still here, their causes are not.
 *
 *   cause kept ─────────────────────▶ a new entry is news: told
 *   cause lost, and said again ─────▶ the notice stands for the new cause: nobody is told
 *   cause lost, other words, or said a third time ─▶ news again
 *
 * The same words: grievance, recipient, template, and every parameter but the numbers and
 * times of the entries themselves. Of accusations no number is kept here, so nothing of
 * them can be recognised: they are told again. */
#include "notification/inside.h"

#include <string.h>

#define PAGE 64

bool notification_is_orphan (struct notification *self, struct txn *txn,
                             const struct notification_notice *notice,
                             struct arena *arena)
{
    struct entry entry;

    return !notification_was_again (txn, notice->notice) &&
           core_entry (self->core, txn, position_sequence (notice->notice), arena, &entry,
                       NULL) &&
           entry.source && notification_is_lost (txn, entry.source);
}

/* Says which entry it was, not what happened. */
static bool is_of_the_entry (const char *name)
{
    static const char *const names[] = { "raise", "of", "time", "date" };

    for (size_t i = 0; i < ARRAY_SIZE (names); i++)
        if (strcmp (names[i], name) == 0)
            return true;
    return false;
}

static const char *value_of (const struct parameter *parameters, size_t count,
                             const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp (parameters[i].name, name) == 0)
            return parameters[i].value;
    return NULL;
}

static bool are_within (const struct parameter *some, size_t n_some,
                        const struct parameter *others, size_t n_others)
{
    for (size_t i = 0; i < n_some; i++) {
        const char *value = value_of (others, n_others, some[i].name);

        if (!is_of_the_entry (some[i].name) &&
            (!value || strcmp (value, some[i].value) != 0))
            return false;
    }
    return true;
}

static bool are_the_words (struct notification *self, struct txn *txn,
                           const struct notification_notice *notice,
                           const struct notification_telling *telling,
                           struct arena *arena)
{
    struct entry entry;

    return notice->recipient == telling->recipient && notice->to == telling->to &&
           core_entry (self->core, txn, position_sequence (notice->notice), arena, &entry,
                       NULL) &&
           entry.notice && strcmp (entry.notice->template, telling->template) == 0 &&
           are_within (entry.notice->parameters, entry.notice->n_parameters,
                       telling->parameters, telling->n_parameters) &&
           are_within (telling->parameters, telling->n_parameters,
                       entry.notice->parameters, entry.notice->n_parameters);
}

static bool orphan_find (struct notification *self, struct txn *txn, uint64_t grievance,
                         const struct notification_telling *telling, struct arena *arena,
                         struct notification_notice *ret)
{
    uint64_t notices[PAGE], after = 0;
    size_t count;

    do {
        count = notification_of_grievance (txn, grievance, after, PAGE, notices);
        for (size_t i = 0; i < count; i++) {
            after = notices[i];
            if (notification_find (txn, after, arena, ret) &&
                are_the_words (self, txn, ret, telling, arena) &&
                notification_is_orphan (self, txn, ret, arena))
                return true;
        }
    } while (count == PAGE);
    return false;
}

/* Two tellings of one entry must not both stand for the same notice. */
static bool is_used (const struct decision *decision, uint64_t notice)
{
    for (size_t i = 0; i < decision->n_events; i++) {
        const struct notice_moved *moved = decision->events[i]->entry.notice_moved;

        if (moved && moved->again && moved->notice == notice)
            return true;
    }
    return false;
}

bool notification_tell_again (struct notification *self, struct txn *txn,
                              const struct entry *entry,
                              const struct notification_telling *telling,
                              struct decision *decision)
{
    struct notification_notice notice;
    struct notice_moved *moved;
    struct event *event;

    if (entry->grievance == 0 ||
        !notification_has_lost (txn, (enum speaker) (entry->kind / 100)) ||
        !orphan_find (self, txn, entry->grievance, telling, decision->arena, &notice) ||
        is_used (decision, notice.notice))
        return false;
    moved = ARENA_NEW (decision->arena, struct notice_moved);
    *moved = (struct notice_moved){ .notice = notice.notice,
                                    .state = notice.state,
                                    .attempts = notice.attempts,
                                    .next_try_ms = notice.next_ms,
                                    .until_ms = notice.until_ms,
                                    .again = true };
    event = decision_event (decision, KIND_NOTICE_MOVED);
    event->entry.notice_moved = moved;
    event->entry.grievance = notice.grievance;
    return true;
}
