/* SPDX-License-Identifier: Apache-2.0 */
/* Events → tables.
 *
 * Facts are three small records; what was said stays in the journal. Views are the steps
 * of a course as the petitioner may read them: decisions, service, the procedure a matter
 * was led to and why it was closed, with their text; of objections, hand-overs and
 * opinions only that they happened. */
#include "intake/apply.h"

#include <string.h>

#include "base/number.h"
#include "intake/intake_store.h"
#include "wire/wire.h"

static void apply_registered (struct txn *txn, const struct entry *entry)
{
    const struct registered *registered = entry->registered;
    struct intake_grievance grievance = {
        .registered = entry->sequence,
        .is_accusation = entry->matter->purpose == PURPOSE_ACCUSATION,
        .is_sealed = entry->matter->sealed,
    };
    assert (registered->code_hash.size == HASH_SIZE);
    memcpy (grievance.code_hash.data, registered->code_hash.data, HASH_SIZE);
    intake_grievance_put (txn, entry->grievance, &grievance);

    /* A time ahead of registration did not count, and must not shut out later ones. */
    uint32_t terminal = number_terminal (entry->grievance);
    if (registered->filed_at_ms <= entry->time_ms &&
        registered->filed_at_ms > intake_terminal_written_ms (txn, terminal))
        intake_terminal_put (txn, terminal, registered->filed_at_ms);
}

void intake_apply (struct txn *txn, const struct entry *entry)
{
    switch (entry->kind) {
    case KIND_REGISTERED:
        apply_registered (txn, entry);
        break;
    case KIND_SUPPLEMENTED:
    case KIND_ASKED:
        intake_said_put (txn, entry->grievance, entry->sequence);
        break;
    default: /* the core's own kinds */
        break;
    }
}

/* ---- views ----------------------------------------------------------------------- */

static bool step_is_told (enum step step)
{
    return step == STEP_DECIDE || step == STEP_SERVE || step == STEP_DIVERT ||
           step == STEP_CLOSE;
}

/* The text of a step, as far as the petitioner reads it. */
static const char *told_text (const struct moved *moved, struct bytes body,
                              struct arena *arena)
{
    struct moved_body said;
    if (!body.data || !step_is_told (moved->step) ||
        moved_body_decode (arena, body, &said, NULL) < 0)
        return NULL;
    const char *text = said.text ? said.text : said.reason;
    if (!text || !said.legal_basis)
        return text;
    const char *both = arena_format (arena, "%s\n%s", text, said.legal_basis);
    return strlen (both) <= LIMIT_TEXT ? both : text;
}

static bool step_of_moved (const struct entry *entry, struct bytes body,
                           struct arena *arena, struct course_step *ret_step)
{
    const struct moved *moved = entry->moved;
    ret_step->department = moved->department;
    ret_step->person = moved->holder;
    ret_step->state = moved->to;
    ret_step->outcome = moved->outcome;
    if (moved->last_day_ms > 0)
        ret_step->due_ms = moved->last_day_ms;
    ret_step->provisional = moved->provisional;
    ret_step->text = told_text (moved, body, arena);
    return true;
}

/* Of a ledger entry what concerns the petitioner: a period of the whole that moved. */
static bool step_of_clocks (const struct entry *entry, struct course_step *ret_step)
{
    for (size_t i = 0; i < entry->clocks->n_changes; i++) {
        const struct clock_change *change = &entry->clocks->changes[i];
        bool moves = change->action == CLOCK_EXTEND || change->action == CLOCK_SETTLE ||
                     change->action == CLOCK_RESUME;
        if (change->duty != DUTY_WHOLE || !moves)
            continue;
        ret_step->department = change->owner;
        ret_step->due_ms = change->due_ms;
        ret_step->provisional = change->provisional;
        return true;
    }
    return false;
}

static bool step_of_answer (const struct entry *entry, struct course_step *ret_step)
{
    ret_step->outcome =
        entry->ask_answered->taken ? INTAKE_ASK_TAKEN : INTAKE_ASK_TOO_LATE;
    return true;
}

static bool step_of_raised (const struct entry *entry, struct course_step *ret_step)
{
    if (!entry->raised->open)
        return false;
    ret_step->department = entry->raised->department;
    ret_step->level = entry->raised->level;
    ret_step->due_ms = entry->raised->due_ms;
    return true;
}

/* Notices to the petitioner only: who else was told is not theirs to read. */
static bool step_of_notice (const struct entry *entry)
{
    return entry->notice && entry->notice->recipient == RECIPIENT_PETITIONER;
}

static bool step_of (const struct entry *entry, struct bytes body, struct arena *arena,
                     struct course_step *ret_step)
{
    switch (entry->kind) {
    case KIND_MOVED:
    case KIND_OPINION:
        return entry->moved && step_of_moved (entry, body, arena, ret_step);
    case KIND_ASK_ANSWERED:
        return entry->ask_answered && step_of_answer (entry, ret_step);
    case KIND_CLOCKS:
        return entry->clocks && step_of_clocks (entry, ret_step);
    case KIND_RAISED:
        return entry->raised && step_of_raised (entry, ret_step);
    case KIND_RAISE_ENDED:
        return entry->raise_ended != NULL;
    case KIND_NOTICE:
        return step_of_notice (entry);
    default:
        return false;
    }
}

static void view_raise (struct txn *txn, const struct entry *entry)
{
    if (entry->kind == KIND_RAISED && entry->raised && entry->raised->open)
        intake_raise_put (txn, entry->grievance, entry->raised->raise,
                          entry->raised->level);
    if (entry->kind == KIND_RAISE_ENDED && entry->raise_ended)
        intake_raise_delete (txn, entry->grievance, entry->raise_ended->raise);
}

static enum speaker speaker_of (uint32_t kind)
{
    return (enum speaker) (kind / 100);
}

void intake_view (struct txn *txn, const struct entry *entry, struct bytes body,
                  struct arena *arena)
{
    struct course_step step = { .time_ms = entry->time_ms, .kind = entry->kind };
    if (entry->grievance == 0)
        return;
    view_raise (txn, entry);
    if (!step_of (entry, body, arena, &step))
        return;
    struct source source = { .speaker = speaker_of (entry->kind),
                             .sequence = entry->sequence };
    intake_step_put (txn, entry->grievance, &source, &step);
}
