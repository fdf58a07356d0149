/* SPDX-License-Identifier: Apache-2.0 */
/* What an event makes of a grievance's record. Total and pure: the record and the entry are
 * all it sees, so that a fold of the journal gives the same again. */
#include "routing/change.h"

#include "base/civil.h"

void routing_change_first (struct routing_grievance *grievance, const struct entry *entry)
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

/* ---- what each step changes, beside state, department and holder ----------------------- */

static void set_assisting (struct routing_grievance *grievance, const struct moved *moved)
{
    size_t count = moved->n_assisting;
    assert (count <= LIMIT_ASSISTING);
    grievance->n_assisting = (uint8_t) count;
    for (size_t i = 0; i < count; i++)
        grievance->assisting[i] = moved->assisting[i];
}

static void add_objector (struct routing_grievance *grievance, uint32_t department)
{
    for (size_t i = 0; i < grievance->n_objectors; i++)
        if (grievance->objectors[i] == department)
            return;
    if (grievance->n_objectors < ROUTING_OBJECTORS_MAX)
        grievance->objectors[grievance->n_objectors++] = department;
}

static void set_contact (struct routing_grievance *grievance, const struct moved *moved)
{
    if (moved->contacted == CONTACTED_NOT_REACHED) {
        grievance->tried_means |= (uint8_t) (1u << moved->means);
        if (moved->tries > grievance->tries)
            grievance->last_try_day = civil_day (moved->done_at_ms);
    } else {
        grievance->tried_means = 0;
        grievance->is_confirmed = moved->contacted == CONTACTED_CONFIRMS;
    }
    grievance->tries = (uint8_t) moved->tries;
}

/* What was said before does not confirm what is claimed from now on. */
static void forget_contacts (struct routing_grievance *grievance, int64_t from_ms)
{
    grievance->contacts_from_ms = from_ms;
    grievance->is_confirmed = false;
    grievance->tries = 0;
    grievance->tried_means = 0;
}

static void set_served (struct routing_grievance *grievance, const struct entry *entry)
{
    const struct moved *moved = entry->moved;
    if (moved->from == STATE_REFUSED)
        return;
    if (moved->from == STATE_CLOSED) /* linked: it may dispute what it hears now */
        grievance->closed_at_ms = entry->time_ms;
    grievance->served = entry->sequence;
    grievance->outcome = moved->outcome;
    grievance->window_ms = moved->lapses_at_ms;
    grievance->decided_by =
        moved->previous_department != 0 ? moved->previous_department : moved->department;
    forget_contacts (grievance, moved->done_at_ms);
}

/* A dispute that is heard from the beginning has the time to decide anew. */
static void set_accepted_again (struct routing_grievance *grievance,
                                const struct entry *entry)
{
    enum state to = entry->moved->to;
    if (to == STATE_HANDLING)
        grievance->accepted_at_ms = entry->time_ms;
    else if (to == STATE_UNDECIDED || to == STATE_DISPATCHED)
        grievance->accepted_at_ms = 0;
}

/* Whoever is heard again, or one level up, starts without what was decided; who was only
 * linked goes on in the time it had. */
static void set_reopened (struct routing_grievance *grievance, const struct entry *entry)
{
    const struct moved *moved = entry->moved;
    if (moved->step == STEP_REVIEW && grievance->instance < 2)
        grievance->first_department = grievance->decided_by;
    if (moved->step == STEP_REVIEW)
        grievance->is_heard = false;
    if (moved->to != STATE_EXECUTING) { /* there the decision stands */
        grievance->outcome = OUTCOME_NONE;
        grievance->window_ms = 0;
    }
    if (moved->step == STEP_REOPEN && moved->link_to == 0)
        set_accepted_again (grievance, entry);
    grievance->close_reason = CLOSE_NONE;
    grievance->refused = GROUND_NONE;
    forget_contacts (grievance, entry->time_ms);
}

static void set_steps (struct routing_grievance *grievance, const struct entry *entry)
{
    const struct moved *moved = entry->moved;
    switch (moved->step) {
    case STEP_PLACE:
    case STEP_DISPATCH:
    case STEP_ARBITRATE:
        set_assisting (grievance, moved);
        break;
    case STEP_ACCEPT:
        grievance->accepted_at_ms = moved->counted_from_ms;
        break;
    case STEP_OBJECT:
        grievance->objected = entry->sequence;
        grievance->objected_by = moved->previous_department;
        add_objector (grievance, moved->previous_department);
        break;
    case STEP_DECIDE:
        grievance->outcome = moved->outcome;
        grievance->decided_at_ms = entry->time_ms;
        break;
    case STEP_AGREE:
        grievance->outcome = moved->outcome;
        break;
    case STEP_REFUSE:
        grievance->refused = moved->ground;
        grievance->decided_at_ms = entry->time_ms;
        break;
    case STEP_SERVE:
        set_served (grievance, entry);
        break;
    case STEP_CLAIM_DONE:
        forget_contacts (grievance, entry->time_ms);
        break;
    case STEP_REOPEN:
    case STEP_REVIEW:
        set_reopened (grievance, entry);
        break;
    case STEP_WITHDRAW: /* what was written and not served was decided for nobody */
        if (moved->from == STATE_DECIDED)
            grievance->outcome = OUTCOME_NONE;
        break;
    case STEP_EXTEND:
        grievance->is_extended = true;
        break;
    case STEP_HEAR:
        grievance->is_heard = true;
        break;
    case STEP_CONTACT:
        set_contact (grievance, moved);
        break;
    case STEP_RECUSE:
        if (grievance->n_recused < LIMIT_RECUSED)
            grievance->recused[grievance->n_recused++] = moved->worker;
        break;
    case STEP_REPURPOSE:
    case STEP_CATEGORISE:
        grievance->purpose = entry->matter->purpose;
        routing_matter_set (grievance, entry->matter);
        break;
    case STEP_NONE:
    case STEP_CLAIM:
    case STEP_ASSIGN:
    case STEP_TRANSFER:
    case STEP_HAND_BACK:
    case STEP_CLOSE:
    case STEP_OPINION:
    case STEP_DIVERT:
    case STEP_LAPSE:
    case STEP_MEDIATE:
    case STEP_END_MEDIATION:
    case STEP_LINK:
    case STEP_END_HEARING:
    case STEP_APPROVE:
    case STEP_REJECT:
    case STEP_CONFIRM:
    case STEP_WENT_UP:
    case STEP_COUNT:
        break;
    }
}

/* Who has it already has received it, whatever is dispatched to it again. */
static void set_received (struct routing_grievance *grievance, const struct entry *entry)
{
    const struct moved *moved = entry->moved;
    bool is_placed = moved->step == STEP_PLACE || moved->step == STEP_DISPATCH;
    if (moved->department != grievance->department ||
        (is_placed && moved->department == 0))
        grievance->received_at_ms = entry->time_ms;
}

/* When the grievance is to be looked at again. Where it stays as it is, that stays too,
 * whoever holds it, unless the step says otherwise; a window is the record's own. */
static int64_t lapses_at (const struct routing_grievance *grievance,
                          const struct moved *moved)
{
    bool stays = moved->from == moved->to && moved->lapses_at_ms == 0;
    switch (moved->to) {
    case STATE_WINDOW:
        return grievance->window_ms;
    case STATE_UNDECIDED:
    case STATE_CLAIMED:
    case STATE_HEARING:
        return stays ? grievance->lapses_at_ms : moved->lapses_at_ms;
    case STATE_NONE:
    case STATE_DISPATCHED:
    case STATE_OBJECTED:
    case STATE_HANDLING:
    case STATE_DECIDED:
    case STATE_EXECUTING:
    case STATE_DONE:
    case STATE_CLOSED:
    case STATE_DIVERTED:
    case STATE_ARBITRATION:
    case STATE_REFUSED:
    case STATE_MEDIATING:
    case STATE_REVIEWING:
    case STATE_REREVIEWING:
    case STATE_COUNT:
        break;
    }
    return 0;
}

/* ---- what waits for its second person --------------------------------------------------- */

static void forget_proposal (struct routing_grievance *grievance)
{
    grievance->proposed = 0;
    grievance->proposed_step = STEP_NONE;
    grievance->proposer = 0;
    grievance->by_petitioner = false;
}

/* A desk proposes for the state it sees; the petitioner's wish outlives every move. */
static bool proposal_ends (const struct routing_grievance *grievance,
                           const struct moved *moved)
{
    bool is_approved = moved->step == grievance->proposed_step &&
                       (moved->proposer != 0 || moved->by_petitioner);
    bool has_moved =
        moved->from != moved->to || moved->department != grievance->department;
    return is_approved ||
           (grievance->by_petitioner ? moved->to == STATE_CLOSED : has_moved);
}

void routing_change_proposed (struct routing_grievance *grievance,
                              const struct entry *entry)
{
    const struct moved *moved = entry->moved;
    forget_proposal (grievance);
    if (entry->kind != KIND_PROPOSED)
        return;
    grievance->proposed = entry->sequence;
    grievance->proposed_step = moved->step;
    grievance->proposer = moved->proposer;
    grievance->by_petitioner = moved->by_petitioner;
}

/* ---- the event --------------------------------------------------------------------------- */

static void set_place (struct routing_grievance *grievance, const struct entry *entry)
{
    const struct moved *moved = entry->moved;
    grievance->state = moved->to;
    grievance->department = moved->department;
    grievance->holder = moved->holder;
    grievance->objections = moved->objections;
    grievance->transfers = moved->transfers;
    grievance->instance = (uint8_t) moved->instance;
    if (moved->fencing != 0)
        grievance->fencing = moved->fencing;
    if (moved->to == STATE_CLOSED && moved->from != STATE_CLOSED) {
        grievance->close_reason = moved->close_reason;
        grievance->closed_at_ms = moved->step == STEP_LINK ? 0 : entry->time_ms;
    }
}

/* In this order: each looks at what the record was before the next changes it. */
void routing_change_moved (struct routing_grievance *grievance, const struct entry *entry)
{
    const struct moved *moved = entry->moved;
    if (grievance->proposed != 0 && proposal_ends (grievance, moved))
        forget_proposal (grievance);
    set_steps (grievance, entry);
    set_received (grievance, entry);
    grievance->lapses_at_ms = lapses_at (grievance, moved);
    set_place (grievance, entry);
}
