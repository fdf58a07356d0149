/* SPDX-License-Identifier: Apache-2.0 */
/* Histories of escalation and notification that cannot have been. */
#include "mutations_inside.h"

#include <string.h>

#include "base/civil.h"

/* ---- clocks --------------------------------------------------------------------------- */

static struct clock_change *change_of (const struct entry *entry,
                                       enum clock_action action, enum duty duty)
{
    for (size_t i = 0; i < entry->clocks->n_changes; i++)
        if (entry->clocks->changes[i].action == action &&
            entry->clocks->changes[i].duty == duty)
            return &entry->clocks->changes[i];
    return NULL;
}

static bool is_open_now (const struct forgery *forgery, uint64_t number)
{
    const struct moved *last = last_move (forgery, number, 0);
    return last != NULL && last->to != STATE_CLOSED;
}

/* Nothing is said of this clock behind the entry. */
static bool is_last_word (const struct forgery *forgery, const struct entry *entry,
                          enum duty duty)
{
    const struct forged_journal *journal = &forgery->journals[SPEAKER_ESCALATION];
    for (size_t i = (size_t) entry->sequence; i < journal->n_entries; i++) {
        const struct entry *later = &journal->entries[i].entry;
        if (later->grievance != entry->grievance)
            continue;
        for (size_t j = 0; later->clocks != NULL && j < later->clocks->n_changes; j++)
            if (later->clocks->changes[j].duty == duty)
                return false;
        if (later->raised != NULL && later->raised->duty == duty)
            return false;
    }
    return true;
}

static bool starts_stage (const struct forgery *forgery, const struct entry *entry)
{
    return change_of (entry, CLOCK_START, DUTY_STAGE) != NULL &&
           is_open_now (forgery, entry->grievance) &&
           is_last_word (forgery, entry, DUTY_STAGE);
}

static void take_change (struct entry *entry, const struct clock_change *change)
{
    size_t i = (size_t) (change - entry->clocks->changes);
    entry->clocks->n_changes--;
    memmove (&entry->clocks->changes[i], &entry->clocks->changes[i + 1],
             (entry->clocks->n_changes - i) * sizeof *change);
}

static bool stage_is_missing (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_ESCALATION, KIND_CLOCKS, starts_stage);
    if (entry == NULL || entry->entry.clocks->n_changes < 2)
        return false;
    take_change (&entry->entry, change_of (&entry->entry, CLOCK_START, DUTY_STAGE));
    return true;
}

static bool starts_whole (const struct forgery *forgery, const struct entry *entry)
{
    return change_of (entry, CLOCK_START, DUTY_WHOLE) != NULL &&
           is_open_now (forgery, entry->grievance);
}

static bool two_wholes_run (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_ESCALATION, KIND_CLOCKS, starts_whole);
    if (entry == NULL)
        return false;
    struct forged_entry *copy = append_copy (forgery, SPEAKER_ESCALATION, entry);
    copy->entry.source = NULL;
    *copy->entry.clocks->changes = *change_of (&copy->entry, CLOCK_START, DUTY_WHOLE);
    copy->entry.clocks->n_changes = 1;
    return true;
}

static bool stops_holder (const struct forgery *forgery, const struct entry *entry)
{
    return change_of (entry, CLOCK_STOP, DUTY_HOLDER) != NULL &&
           !is_open_now (forgery, entry->grievance) &&
           is_last_word (forgery, entry, DUTY_HOLDER);
}

static bool clock_of_a_closed_one_runs_on (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_ESCALATION, KIND_CLOCKS, stops_holder);
    if (entry == NULL)
        return false;
    take_change (&entry->entry, change_of (&entry->entry, CLOCK_STOP, DUTY_HOLDER));
    return true;
}

static bool has_stop (const struct forgery *forgery UNUSED, const struct entry *entry)
{
    return change_of (entry, CLOCK_STOP, DUTY_STAGE) != NULL;
}

static bool clock_stops_that_does_not_run (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_ESCALATION, KIND_CLOCKS, stops_holder);
    if (entry == NULL)
        return false;
    struct forged_entry *copy = append_copy (forgery, SPEAKER_ESCALATION, entry);
    copy->entry.source = NULL;
    *copy->entry.clocks->changes = *change_of (&copy->entry, CLOCK_STOP, DUTY_HOLDER);
    copy->entry.clocks->n_changes = 1;
    return true;
}

static bool spent_time_is_wrong (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_middle (forgery, SPEAKER_ESCALATION, KIND_CLOCKS, has_stop);
    if (entry == NULL)
        return false;
    change_of (&entry->entry, CLOCK_STOP, DUTY_STAGE)->spent_ms += 400 * CIVIL_DAY_MS;
    return true;
}

static bool stops_after_a_while (const struct forgery *forgery, const struct entry *entry)
{
    return has_stop (forgery, entry) &&
           change_of (entry, CLOCK_STOP, DUTY_STAGE)->spent_ms > 0;
}

static bool clock_is_reset (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_ESCALATION, KIND_CLOCKS, stops_after_a_while);
    if (entry == NULL)
        return false;
    struct clock_change *change = change_of (&entry->entry, CLOCK_STOP, DUTY_STAGE);
    change->from_ms += change->spent_ms;
    change->spent_ms = 0;
    return true;
}

static bool starts_promised (const struct forgery *forgery, const struct entry *entry)
{
    const struct clock_change *change = change_of (entry, CLOCK_START, DUTY_WHOLE);
    return change != NULL && entry->source != NULL &&
           entry->source->speaker == SPEAKER_INTAKE &&
           is_open_now (forgery, entry->grievance) &&
           is_last_word (forgery, entry, DUTY_WHOLE);
}

static bool promise_is_not_kept (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_ESCALATION, KIND_CLOCKS, starts_promised);
    if (entry == NULL)
        return false;
    struct clock_change *change = change_of (&entry->entry, CLOCK_START, DUTY_WHOLE);
    change->due_ms += 30 * CIVIL_DAY_MS;
    for (size_t i = 0; i < change->n_bands; i++)
        change->bands[i].due_ms += 30 * CIVIL_DAY_MS;
    return true;
}

/* ---- raises --------------------------------------------------------------------------- */

static bool is_breach (const struct forgery *forgery UNUSED, const struct entry *entry)
{
    return entry->raised->cause == CAUSE_BREACH && entry->raised->share == 100;
}

static bool is_last_breach (const struct forgery *forgery, const struct entry *entry)
{
    return is_breach (forgery, entry) && entry->raised->duty != DUTY_ASSISTING &&
           is_last_word (forgery, entry, entry->raised->duty);
}

static bool breach_is_told_twice (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_ESCALATION, KIND_RAISED, is_last_breach);
    if (entry == NULL)
        return false;
    struct forged_entry *copy = append_copy (forgery, SPEAKER_ESCALATION, entry);
    copy->entry.raised->raise = copy->entry.sequence;
    return true;
}

static bool is_band (const struct forgery *forgery UNUSED, const struct entry *entry)
{
    return entry->raised->cause == CAUSE_BAND;
}

static bool ends_later (const struct forgery *forgery, const struct entry *entry)
{
    return is_band (forgery, entry) &&
           entry->time_ms + CIVIL_HOUR_MS < entry->raised->ends_ms;
}

static bool band_is_told_early (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_middle (forgery, SPEAKER_ESCALATION, KIND_RAISED, ends_later);
    if (entry == NULL)
        return false;
    entry->entry.raised->due_ms = entry->entry.time_ms + CIVIL_HOUR_MS;
    return true;
}

static bool band_is_of_another_clock (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_middle (forgery, SPEAKER_ESCALATION, KIND_RAISED, is_band);
    if (entry == NULL)
        return false;
    entry->entry.raised->ends_ms += CIVIL_DAY_MS;
    return true;
}

static bool starts_holder (const struct forgery *forgery, const struct entry *entry)
{
    const struct clock_change *change = change_of (entry, CLOCK_START, DUTY_HOLDER);
    return change != NULL && change->n_bands > 0 &&
           is_open_now (forgery, entry->grievance) &&
           is_last_word (forgery, entry, DUTY_HOLDER);
}

/* A clock that nothing was said of was to end an hour after it began. */
static bool breach_is_never_told (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_middle (forgery, SPEAKER_ESCALATION, KIND_CLOCKS, starts_holder);
    if (entry == NULL)
        return false;
    struct clock_change *change = change_of (&entry->entry, CLOCK_START, DUTY_HOLDER);
    int64_t sooner_ms = change->due_ms - change->from_ms - CIVIL_HOUR_MS;
    change->due_ms -= sooner_ms;
    for (size_t i = 0; i < change->n_bands; i++)
        change->bands[i].due_ms -= sooner_ms;
    return true;
}

static bool clock_in_doubt_raises (struct forgery *forgery)
{
    struct forged_journal *journal = &forgery->journals[SPEAKER_ESCALATION];
    for (size_t i = journal->n_entries - 1; i-- > 1;) {
        struct forged_entry *entry = &journal->entries[i], *next = entry + 1;
        if (entry->entry.kind != KIND_RAISED || !is_band (forgery, &entry->entry) ||
            next->entry.kind != KIND_CANARY)
            continue;
        entry->entry.time_uncertain = true;
        next->entry.kind = KIND_TIME_SETTLED;
        next->entry.time_settled = ARENA_NEW (&forgery->arena, struct time_settled);
        *next->entry.time_settled =
            (struct time_settled){ entry->entry.time_ms, next->entry.time_ms,
                                   next->entry.time_ms };
        return true;
    }
    return false;
}

static bool raise_has_another_number (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_ESCALATION, KIND_RAISED, is_band);
    if (entry == NULL)
        return false;
    entry->entry.raised->raise--;
    return true;
}

static bool is_unanswered (const struct forgery *forgery UNUSED,
                           const struct entry *entry)
{
    return entry->raised->cause == CAUSE_UNANSWERED;
}

static bool raise_climbs_from_none (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_ESCALATION, KIND_RAISED, is_unanswered);
    struct forged_entry *canary =
        find_last (forgery, SPEAKER_ESCALATION, KIND_CANARY, NULL);
    if (entry == NULL || canary == NULL)
        return false;
    entry->entry.raised->of = canary->entry.sequence;
    return true;
}

static bool raise_ends_twice (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_ESCALATION, KIND_RAISE_ENDED, NULL);
    if (entry == NULL)
        return false;
    append_copy (forgery, SPEAKER_ESCALATION, entry);
    return true;
}

static bool raise_ends_that_never_was (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_ESCALATION, KIND_RAISE_ENDED, NULL);
    struct forged_entry *canary =
        find_last (forgery, SPEAKER_ESCALATION, KIND_CANARY, NULL);
    if (entry == NULL || canary == NULL)
        return false;
    entry->entry.raise_ended->raise = canary->entry.sequence;
    return true;
}

static bool raise_of_another_ends (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_ESCALATION, KIND_RAISE_ENDED, NULL);
    struct forged_journal *journal = &forgery->journals[SPEAKER_ESCALATION];
    if (entry == NULL)
        return false;
    for (size_t i = 0; i < entry->entry.sequence; i++) {
        const struct entry *other = &journal->entries[i].entry;
        bool is_ended = false;
        for (size_t j = 0; j < journal->n_entries; j++)
            is_ended |= journal->entries[j].entry.kind == KIND_RAISE_ENDED &&
                        journal->entries[j].entry.raise_ended->raise == other->sequence;
        if (other->kind != KIND_RAISED || is_ended || other->grievance == 0 ||
            other->grievance == entry->entry.grievance)
            continue;
        entry->entry.raise_ended->raise = other->sequence;
        return true;
    }
    return false;
}

/* ---- notices -------------------------------------------------------------------------- */

static bool has_source (const struct forgery *forgery UNUSED, const struct entry *entry)
{
    return entry->source != NULL && entry->grievance != 0;
}

static bool key_of_a_notice_stands_twice (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_NOTIFICATION, KIND_NOTICE, has_source);
    struct forged_journal *journal = &forgery->journals[SPEAKER_NOTIFICATION];
    for (size_t i = journal->n_entries; i-- > 0 && entry != NULL;) {
        struct entry *other = &journal->entries[i].entry;
        if (other->source == NULL ||
            other->source->speaker != entry->entry.source->speaker)
            continue;
        if (other->source->sequence > entry->entry.source->sequence)
            entry = &journal->entries[i];
    }
    if (entry == NULL || entry->entry.kind != KIND_NOTICE)
        return false;
    struct forged_entry *copy = append_copy (forgery, SPEAKER_NOTIFICATION, entry);
    copy->entry.notice->notice = copy->entry.sequence;
    return true;
}

static struct forged_entry *move_again (struct forgery *forgery, uint64_t notice,
                                        enum notice_state state)
{
    struct forged_entry *like =
        find_last (forgery, SPEAKER_NOTIFICATION, KIND_NOTICE_MOVED, NULL);
    if (like == NULL)
        return NULL;
    struct forged_entry *copy = append_copy (forgery, SPEAKER_NOTIFICATION, like);
    copy->entry.source = NULL;
    copy->entry.notice_moved->notice = notice;
    copy->entry.notice_moved->state = state;
    copy->entry.notice_moved->n_others = 0;
    return copy;
}

/* The state that a notice ended in. */
static uint64_t notice_at (const struct forgery *forgery, enum notice_state state)
{
    const struct forged_journal *journal = &forgery->journals[SPEAKER_NOTIFICATION];
    for (size_t i = journal->n_entries; i-- > 0;) {
        const struct entry *entry = &journal->entries[i].entry;
        if (entry->kind != KIND_NOTICE_MOVED || entry->notice_moved->state != state)
            continue;
        bool is_last = true;
        for (size_t j = i + 1; j < journal->n_entries; j++) {
            const struct entry *later = &journal->entries[j].entry;
            is_last &= later->kind != KIND_NOTICE_MOVED ||
                       later->notice_moved->notice != entry->notice_moved->notice;
        }
        if (is_last)
            return entry->notice_moved->notice;
    }
    return 0;
}

static bool notice_moves_after_its_end (struct forgery *forgery)
{
    uint64_t notice = notice_at (forgery, NOTICE_ABANDONED);
    if (notice == 0)
        notice = notice_at (forgery, NOTICE_DELIVERED);
    return notice != 0 && move_again (forgery, notice, NOTICE_SENDING) != NULL;
}

static bool notice_moves_that_never_was (struct forgery *forgery)
{
    struct forged_entry *started =
        find_last (forgery, SPEAKER_NOTIFICATION, KIND_STARTED, NULL);
    return move_again (forgery, started->entry.sequence, NOTICE_SENT) != NULL;
}

static bool has_not_moved (const struct forgery *forgery, const struct entry *entry)
{
    const struct forged_journal *journal = &forgery->journals[SPEAKER_NOTIFICATION];
    for (size_t i = 0; i < journal->n_entries; i++) {
        const struct notice_moved *moved = journal->entries[i].entry.notice_moved;
        if (moved == NULL)
            continue;
        if (moved->notice == entry->sequence)
            return false;
        for (size_t j = 0; j < moved->n_others; j++)
            if (moved->others[j] == entry->sequence)
                return false;
    }
    return true;
}

static bool notice_moves_as_none_does (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_NOTIFICATION, KIND_NOTICE, has_not_moved);
    return entry != NULL &&
           move_again (forgery, entry->entry.sequence, NOTICE_FAILED) != NULL;
}

static bool notice_has_another_number (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_NOTIFICATION, KIND_NOTICE, has_not_moved);
    if (entry == NULL)
        return false;
    entry->entry.notice->notice--;
    return true;
}

static bool is_about_accusation (const struct forgery *forgery, const struct entry *entry)
{
    if (entry->source == NULL || entry->grievance != 0)
        return false;
    const struct forged_journal *of = &forgery->journals[entry->source->speaker];
    return of->entries[entry->source->sequence - 1].entry.grievance != 0;
}

static bool notice_names_an_accusation (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_NOTIFICATION, KIND_NOTICE, is_about_accusation);
    if (entry == NULL)
        return false;
    const struct source *source = entry->entry.source;
    entry->entry.grievance =
        forgery->journals[source->speaker].entries[source->sequence - 1].entry.grievance;
    return true;
}

static bool notice_does_not_say_what_it_is_about (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_middle (forgery, SPEAKER_NOTIFICATION, KIND_NOTICE, has_source);
    if (entry == NULL)
        return false;
    entry->entry.grievance = 0;
    entry->entry.matter = NULL;
    return true;
}

static bool is_receipt (const struct forgery *forgery UNUSED, const struct entry *entry)
{
    return entry->source != NULL && entry->source->speaker == SPEAKER_INTAKE &&
           entry->notice->recipient == RECIPIENT_PETITIONER;
}

static bool petitioner_is_not_told (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_NOTIFICATION, KIND_NOTICE, is_receipt);
    if (entry == NULL)
        return false;
    entry->entry.source = NULL;
    return true;
}

const struct history_mutation ledger_mutations[] = {
    { "a stage is missing", stage_is_missing },
    { "two wholes run", two_wholes_run },
    { "a clock of a closed one runs on", clock_of_a_closed_one_runs_on },
    { "a clock stops that does not run", clock_stops_that_does_not_run },
    { "the time spent is wrong", spent_time_is_wrong },
    { "a clock is reset", clock_is_reset },
    { "a promise is not kept", promise_is_not_kept },
    { "a breach is told twice", breach_is_told_twice },
    { "a band is told early", band_is_told_early },
    { "a band is of another clock", band_is_of_another_clock },
    { "a breach is never told", breach_is_never_told },
    { "a clock in doubt raises", clock_in_doubt_raises },
    { "a raise has another number", raise_has_another_number },
    { "a raise climbs from none", raise_climbs_from_none },
    { "a raise ends twice", raise_ends_twice },
    { "a raise ends that never was", raise_ends_that_never_was },
    { "a raise of another ends", raise_of_another_ends },
    { "the key of a notice stands twice", key_of_a_notice_stands_twice },
    { "a notice moves after its end", notice_moves_after_its_end },
    { "a notice moves that never was", notice_moves_that_never_was },
    { "a notice moves as none does", notice_moves_as_none_does },
    { "a notice has another number", notice_has_another_number },
    { "a notice names an accusation", notice_names_an_accusation },
    { "a notice does not say what it is about", notice_does_not_say_what_it_is_about },
    { "the petitioner is not told", petitioner_is_not_told },
};
const size_t n_ledger_mutations = ARRAY_SIZE (ledger_mutations);
