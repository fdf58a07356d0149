/* SPDX-License-Identifier: Apache-2.0 */
/* Events → tables. One record read, one written (what an event makes of it: change.c); its
 * place in a queue, its counts and its row on the agenda follow from the record alone, so
 * that they cannot drift from it. */
#include "routing/apply.h"

#include "base/fault.h"
#include "routing/change.h"
#include "routing/members.h"
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

static void apply_proposed (struct txn *txn, const struct entry *entry,
                            struct routing_counts *counts, struct routing_offers *offers)
{
    struct routing_grievance grievance;
    routing_step_put (txn, entry->grievance, entry->sequence);
    if (!routing_grievance_find (txn, entry->grievance, &grievance))
        return;
    take_out (txn, entry->grievance, &grievance, counts, offers);
    routing_change_proposed (&grievance, entry);
    put_in (txn, entry->grievance, &grievance, counts, offers);
}

/* ---- groups ------------------------------------------------------------------------------ */

static void plan_lead (struct txn *txn, uint64_t number, int64_t now_ms)
{
    struct routing_grievance lead;
    if (!routing_grievance_find (txn, number, &lead))
        return;
    routing_members_plan (txn, number, &lead, now_ms);
    routing_grievance_put (txn, number, &lead);
}

/* Joins, is told, or goes its own way again. */
static void apply_member (struct txn *txn, const struct entry *entry,
                          struct routing_grievance *grievance)
{
    const struct moved *moved = entry->moved;
    uint64_t number = entry->grievance, lead_number = grievance->link_to;
    struct routing_grievance lead;
    if (moved->step == STEP_LINK) {
        lead_number = grievance->link_to = moved->link_to;
        routing_member_put (txn, lead_number, number);
    } else if (lead_number != 0 && moved->step == STEP_SERVE) {
        if (!routing_grievance_find (txn, lead_number, &lead))
            return;
        routing_member_told (txn, lead_number, number, lead.served);
        grievance->first_department = lead.first_department; /* who executes */
    } else if (lead_number != 0 && moved->to != STATE_CLOSED) {
        grievance->link_to = 0;
        routing_member_delete (txn, lead_number, number);
    } else {
        return;
    }
    plan_lead (txn, lead_number, entry->time_ms);
}

/* FAULT (APPLY_BESIDE): a count that the journal does not say. */
static uint8_t moves_since_start;

/* ---- the event --------------------------------------------------------------------------- */

static void apply_moved (struct txn *txn, const struct entry *entry,
                         struct routing_counts *counts, struct routing_offers *offers)
{
    const struct moved *moved = entry->moved;
    struct routing_grievance grievance = { 0 };
    if (routing_grievance_find (txn, entry->grievance, &grievance)) {
        take_out (txn, entry->grievance, &grievance, counts, offers);
        routing_step_put (txn, entry->grievance, entry->sequence);
    } else {
        routing_change_first (&grievance, entry);
    }
    routing_change_moved (&grievance, entry);
    if (FAULT (APPLY_BESIDE))
        grievance.tries = moves_since_start++;
    if (moved->step == STEP_LINK || grievance.link_to != 0)
        apply_member (txn, entry, &grievance);
    if (grievance.is_lead)
        routing_members_plan (txn, entry->grievance, &grievance, entry->time_ms);
    put_in (txn, entry->grievance, &grievance, counts, offers);
}

void routing_apply (struct txn *txn, const struct entry *entry,
                    struct routing_counts *counts, struct routing_offers *offers)
{
    switch (entry->kind) {
    case KIND_MOVED:
        apply_moved (txn, entry, counts, offers);
        break;
    case KIND_PROPOSED:
    case KIND_REJECTED:
        apply_proposed (txn, entry, counts, offers);
        break;
    case KIND_OPINION:
    case KIND_ASK_ANSWERED:
        routing_step_put (txn, entry->grievance, entry->sequence);
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
