/* SPDX-License-Identifier: Apache-2.0 */
/* Events → tables.
 *
 * Facts are three small records; what was said stays in the journal. Views are the steps
 * of a course as the petitioner may read them: decisions, agreements and service with their
 * text, endings and the extension with their reason; of objections, hand-overs, contacts
 * and opinions only that they happened, of a proposal that it waits. What people of the
 * house write to each other is not among them. The documents that are handed to petitioners
 * stand beside, whole; those of accusations nowhere. */
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

/* What of a step's words the petitioner reads. */
enum telling {
    TELL_NOTHING,
    TELL_TEXT, /* written for the petitioner, with its legal basis */
    TELL_REASON,
    TELL_SERVICE /* to whom, and the note */
};

static enum telling telling_of (const struct entry *entry)
{
    static const uint8_t tellings[STEP_COUNT] = {
        [STEP_DECIDE] = TELL_TEXT,   [STEP_AGREE] = TELL_TEXT,
        [STEP_SERVE] = TELL_SERVICE, [STEP_REFUSE] = TELL_REASON,
        [STEP_DIVERT] = TELL_REASON, [STEP_LINK] = TELL_REASON,
        [STEP_CLOSE] = TELL_REASON,  [STEP_REPURPOSE] = TELL_REASON,
        [STEP_EXTEND] = TELL_REASON, [STEP_HEAR] = TELL_REASON,
    };
    const struct moved *moved = entry->moved;
    if (entry->kind == KIND_MOVED)
        return tellings[moved->step];
    /* Why the petitioner's own withdrawal was not confirmed; nothing of what the house
     * proposed to itself. */
    bool is_own = moved->by_petitioner && moved->step == STEP_WITHDRAW;
    return entry->kind == KIND_REJECTED && is_own ? TELL_REASON : TELL_NOTHING;
}

/* Two texts a line each, where both are there and fit. */
static const char *joined (const char *first, const char *second, struct arena *arena)
{
    if (!first || !second)
        return first ? first : second;
    const char *both = arena_format (arena, "%s\n%s", first, second);
    return strlen (both) <= LIMIT_TEXT ? both : first;
}

static const char *told_text (const struct entry *entry, struct bytes body,
                              struct arena *arena)
{
    enum telling telling = telling_of (entry);
    struct moved_body said;
    if (!body.data || telling == TELL_NOTHING ||
        moved_body_decode (arena, body, &said, NULL) < 0)
        return NULL;
    if (telling == TELL_REASON)
        return said.reason;
    if (telling == TELL_SERVICE)
        return joined (said.to, said.text, arena);
    return joined (said.text, said.legal_basis, arena);
}

static bool step_of_moved (const struct entry *entry, struct bytes body,
                           struct arena *arena, struct course_step *ret_step)
{
    const struct moved *moved = entry->moved;
    ret_step->step = moved->step;
    ret_step->department = moved->department;
    ret_step->previous_department = moved->previous_department;
    /* Who holds it has not proposed it; nobody has, where the petitioner withdraws. */
    ret_step->person = entry->kind == KIND_PROPOSED ? moved->proposer : moved->holder;
    ret_step->state = moved->to;
    ret_step->instance = moved->instance;
    ret_step->outcome = moved->outcome;
    ret_step->ground = moved->ground;
    ret_step->close_reason = moved->close_reason;
    ret_step->article = moved->article;
    if (moved->last_day_ms > 0)
        ret_step->due_ms = moved->last_day_ms;
    ret_step->provisional = moved->provisional;
    ret_step->text = told_text (entry, body, arena);
    return true;
}

/* Letters between offices are not the petitioner's. */
static bool document_is_the_petitioners (enum document_kind kind)
{
    return kind != DOCUMENT_NONE && kind != DOCUMENT_FORWARD &&
           kind != DOCUMENT_ASSIGNMENT && kind != DOCUMENT_SUPERVISION;
}

/* Text, step and all are left out of the store where it is an accusation: a village has
 * printers and neighbours. Where its registration was lost, and is not told again yet, the
 * document says itself what it is about. */
static bool document_is_shown (struct txn *txn, const struct entry *entry)
{
    struct intake_grievance grievance;
    bool is_accusation = (intake_grievance_find (txn, entry->grievance, &grievance) &&
                          grievance.is_accusation) ||
                         (entry->matter && entry->matter->purpose == PURPOSE_ACCUSATION);
    return entry->document && !is_accusation &&
           document_is_the_petitioners (entry->document->kind);
}

static void view_document (struct txn *txn, const struct entry *entry, struct bytes body,
                           struct arena *arena, struct course_step *ret_step)
{
    const struct document *document = entry->document;
    struct document_body said = { 0 };
    if (body.data && document_body_decode (arena, body, &said, NULL) < 0)
        said = (struct document_body){ 0 };
    struct document_row row = { .sequence = entry->sequence,
                                .kind = document->kind,
                                .ordinal = document->ordinal,
                                .time_ms = entry->time_ms,
                                .department = document->department,
                                .hash = document->hash,
                                .title = said.title,
                                .text = said.text };
    intake_document_put (txn, entry->grievance, &row);
    ret_step->outcome = document->kind;
    ret_step->level = document->ordinal;
    ret_step->department = document->department;
    ret_step->document = entry->sequence;
    ret_step->text = said.title;
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
    case KIND_PROPOSED:
    case KIND_REJECTED:
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

static bool changes_matter (const struct entry *entry)
{
    return entry->kind == KIND_MOVED && entry->matter && entry->moved &&
           (entry->moved->step == STEP_REPURPOSE ||
            entry->moved->step == STEP_CATEGORISE);
}

void intake_view (struct txn *txn, const struct entry *entry, struct bytes body,
                  struct arena *arena)
{
    struct course_step step = { .time_ms = entry->time_ms, .kind = entry->kind };
    if (entry->grievance == 0)
        return;
    view_raise (txn, entry);
    if (changes_matter (entry))
        intake_matter_put (txn, entry->grievance, entry->matter);
    if (entry->kind == KIND_DOCUMENT && document_is_shown (txn, entry))
        view_document (txn, entry, body, arena, &step);
    else if (!step_of (entry, body, arena, &step))
        return;
    struct source source = { .speaker = speaker_of (entry->kind),
                             .sequence = entry->sequence };
    intake_step_put (txn, entry->grievance, &source, &step);
}
