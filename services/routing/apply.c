/* SPDX-License-Identifier: Apache-2.0 */
/* Events → tables. One record read, one written; its place in a queue, its counts and its
 * row on the agenda follow from the record alone, so that they cannot drift from it. */
#include "routing/apply.h"

#include <string.h>

#include "routing/course.h"
#include "wire/wire.h"

static struct agenda_row look_row (uint64_t number,
                                   const struct routing_grievance *grievance)
{
    return (struct agenda_row){ .due_ms = grievance->lapses_at_ms,
                                .kind = ROUTING_DUE_LOOK,
                                .subject = number };
}

static void take_out (struct txn *txn, uint64_t number,
                      const struct routing_grievance *grievance,
                      struct routing_counts *counts, struct routing_offers *offers)
{
    routing_queue_delete (txn, number, grievance);
    routing_counts_grievance (counts, txn, grievance, -1);
    if (grievance->lapses_at_ms != 0) {
        struct agenda_row row = look_row (number, grievance);
        agenda_remove (txn, CORE_AGENDA, &row);
    }
    routing_offers_forget (offers, number);
}

static void put_in (struct txn *txn, uint64_t number,
                    const struct routing_grievance *grievance,
                    struct routing_counts *counts, struct routing_offers *offers)
{
    routing_grievance_put (txn, number, grievance);
    routing_queue_put (txn, number, grievance);
    routing_counts_grievance (counts, txn, grievance, +1);
    if (grievance->lapses_at_ms != 0) {
        struct agenda_row row = look_row (number, grievance);
        agenda_put (txn, CORE_AGENDA, &row);
    }
    if (routing_place (grievance) == ROUTING_WAITING)
        routing_offers_touch (offers, grievance->department);
}

/* What the first placing alone says. */
static void take_over (struct routing_grievance *grievance, const struct entry *entry)
{
    const struct moved *moved = entry->moved;
    const struct matter *matter = entry->matter;
    grievance->purpose = matter->purpose;
    grievance->village = matter->village;
    grievance->is_sealed = matter->sealed;
    routing_matter_set (grievance, matter);
    grievance->placed = entry->sequence;
    grievance->priority = (uint8_t) moved->priority;
    grievance->registered_at_ms = moved->registered_at_ms;
    grievance->due_ms = moved->last_day_ms;
    grievance->is_provisional = moved->provisional;
}

static void set_assisting (struct routing_grievance *grievance, const struct moved *moved)
{
    size_t count = moved->n_assisting;
    assert (count <= LIMIT_ASSISTING);
    grievance->n_assisting = (uint8_t) count;
    for (size_t i = 0; i < count; i++)
        grievance->assisting[i] = moved->assisting[i];
}

static void set_steps (struct routing_grievance *grievance, const struct entry *entry)
{
    const struct moved *moved = entry->moved;
    switch (moved->step) {
    case STEP_PLACE:
    case STEP_DISPATCH:
        set_assisting (grievance, moved);
        /* Who has it already has received it: only its assisting ones change. */
        if (moved->department == 0 || moved->department != grievance->department)
            grievance->received_at_ms = entry->time_ms;
        break;
    case STEP_OBJECT:
        grievance->objected = entry->sequence;
        grievance->received_at_ms = entry->time_ms;
        break;
    case STEP_DECIDE:
        grievance->outcome = moved->outcome;
        break;
    case STEP_SERVE:
        grievance->window_ms = moved->lapses_at_ms;
        grievance->review_is_asked = false;
        break;
    case STEP_REOPEN:
        if (moved->from != STATE_DONE) /* there the decision stands */
            grievance->outcome = OUTCOME_NONE;
        grievance->close_reason = CLOSE_NONE;
        break;
    case STEP_NONE:
    case STEP_CLAIM:
    case STEP_ASSIGN:
    case STEP_ACCEPT:
    case STEP_TRANSFER:
    case STEP_HAND_BACK:
    case STEP_CLAIM_DONE:
    case STEP_CLOSE:
    case STEP_OPINION:
    case STEP_DIVERT:
    case STEP_WITHDRAW:
    case STEP_LAPSE:
    case STEP_REFUSE:
    case STEP_EXTEND:
    case STEP_MEDIATE:
    case STEP_END_MEDIATION:
    case STEP_AGREE:
    case STEP_ARBITRATE:
    case STEP_LINK:
    case STEP_REPURPOSE:
    case STEP_CATEGORISE:
    case STEP_CONTACT:
    case STEP_RECUSE:
    case STEP_HEAR:
    case STEP_END_HEARING:
    case STEP_APPROVE:
    case STEP_REJECT:
    case STEP_REVIEW:
    case STEP_CONFIRM:
    case STEP_WENT_UP:
    case STEP_COUNT:
        break;
    }
}

/* When the grievance is to be looked at again. A window goes on through changes of its
 * holder; a claim, and a wait for better tables, are those of this event. */
static int64_t lapses_at (const struct routing_grievance *grievance,
                          const struct moved *moved)
{
    if (moved->to == STATE_WINDOW)
        return grievance->review_is_asked ? 0 : grievance->window_ms;
    return moved->lapses_at_ms;
}

static void apply_moved (struct txn *txn, const struct entry *entry,
                         struct routing_counts *counts, struct routing_offers *offers)
{
    const struct moved *moved = entry->moved;
    struct routing_grievance grievance = { 0 };
    if (routing_grievance_find (txn, entry->grievance, &grievance)) {
        take_out (txn, entry->grievance, &grievance, counts, offers);
        routing_step_put (txn, entry->grievance, entry->sequence);
    } else {
        take_over (&grievance, entry);
    }
    set_steps (&grievance, entry);
    grievance.state = moved->to;
    grievance.department = moved->department;
    grievance.holder = moved->holder;
    grievance.objections = moved->objections;
    grievance.transfers = moved->transfers;
    grievance.lapses_at_ms = lapses_at (&grievance, moved);
    if (moved->fencing != 0)
        grievance.fencing = moved->fencing;
    if (moved->to == STATE_CLOSED) {
        grievance.close_reason = moved->close_reason;
        grievance.closed_at_ms = entry->time_ms;
    }
    put_in (txn, entry->grievance, &grievance, counts, offers);
}

/* A review is taken once for each service; every other answer changes nothing here. */
static void apply_answered (struct txn *txn, const struct entry *entry,
                            struct routing_counts *counts, struct routing_offers *offers)
{
    struct routing_grievance grievance;
    routing_step_put (txn, entry->grievance, entry->sequence);
    if (entry->ask_answered->what != ASKED_REVIEW || !entry->ask_answered->taken ||
        !routing_grievance_find (txn, entry->grievance, &grievance))
        return;
    take_out (txn, entry->grievance, &grievance, counts, offers);
    grievance.review_is_asked = true;
    if (grievance.state == STATE_WINDOW)
        grievance.lapses_at_ms = 0;
    put_in (txn, entry->grievance, &grievance, counts, offers);
}

void routing_apply (struct txn *txn, const struct entry *entry,
                    struct routing_counts *counts, struct routing_offers *offers)
{
    switch (entry->kind) {
    case KIND_MOVED:
        apply_moved (txn, entry, counts, offers);
        break;
    case KIND_OPINION:
        routing_step_put (txn, entry->grievance, entry->sequence);
        break;
    case KIND_ASK_ANSWERED:
        apply_answered (txn, entry, counts, offers);
        break;
    default: /* the core's own kinds */
        break;
    }
}

void routing_view (struct txn *txn, const struct entry *entry, struct bytes body,
                   struct arena *arena)
{
    if (entry->kind != KIND_SUPPLEMENTED && entry->kind != KIND_ASKED)
        return;
    struct course_step step = { .time_ms = entry->time_ms, .kind = entry->kind };
    struct asked_body said;
    if (entry->asked)
        step.outcome = entry->asked->what;
    if (body.data && asked_body_decode (arena, body, &said, NULL) == 0)
        step.text = said.text;
    routing_said_put (txn, entry->grievance, entry->sequence, &step);
}
