/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold of a course, entry by entry (cli/audit.h). It does not know the course
 * table: only what must be true of any. */
#include "cli/audit_inside.h"

#include "wire/names.h"

/* The endings without an answer on the merits, and the extension: never one person's. */
static bool asks_two (const struct moved *moved)
{
    return moved->step == STEP_REFUSE || moved->step == STEP_DIVERT ||
           moved->step == STEP_LINK || moved->step == STEP_REPURPOSE ||
           moved->step == STEP_EXTEND || moved->step == STEP_WITHDRAW ||
           (moved->step == STEP_CLOSE && moved->close_reason == CLOSE_CONTACT_FAILED);
}

static void audit_two_persons (struct audit *audit, const struct entry *entry,
                               const struct audit_grievance *grievance)
{
    const struct moved *moved = entry->moved;
    uint32_t approver = entry->actor != NULL ? entry->actor->person : 0;
    if (!asks_two (moved) && moved->proposer == 0 && !moved->by_petitioner)
        return;
    bool is_petitioners = moved->by_petitioner && moved->step == STEP_WITHDRAW;
    if (grievance->proposed != moved->step)
        audit_complain (audit, "routing entry %llu: %s: %s that nobody had proposed",
                        (unsigned long long) entry->sequence,
                        audit_number_text (entry->grievance), step_name (moved->step));
    else if (approver == 0 ||
             (!is_petitioners && (moved->proposer == 0 || moved->proposer == approver)))
        audit_complain (audit, "routing entry %llu: %s: %s without a second person",
                        (unsigned long long) entry->sequence,
                        audit_number_text (entry->grievance), step_name (moved->step));
}

void audit_proposal (struct audit *audit, const struct entry *entry)
{
    const struct moved *moved = entry->moved;
    struct audit_grievance *grievance = audit_find (audit, entry->grievance);
    if (grievance == NULL || moved->from != (enum state) grievance->state ||
        moved->to != moved->from)
        audit_complain (audit, "routing entry %llu: %s: a proposal that moves something",
                        (unsigned long long) entry->sequence,
                        audit_number_text (entry->grievance));
    else if (entry->kind == KIND_REJECTED && grievance->proposed != moved->step)
        audit_complain (audit, "routing entry %llu: %s: rejected what nobody proposed",
                        (unsigned long long) entry->sequence,
                        audit_number_text (entry->grievance));
    if (grievance != NULL)
        grievance->proposed = entry->kind == KIND_PROPOSED ? (uint8_t) moved->step : 0;
}

/* A desk's proposal dies with any move; a petitioner's withdrawal waits for its answer. */
static void forget_proposal (struct audit_grievance *grievance, const struct moved *moved)
{
    bool moves = moved->from != moved->to || moved->department != grievance->department;
    if (grievance->proposed == moved->step || moved->to == STATE_CLOSED ||
        (moves && grievance->proposed != STEP_WITHDRAW))
        grievance->proposed = STEP_NONE;
}

static void audit_instance (struct audit *audit, const struct entry *entry,
                            struct audit_grievance *grievance)
{
    unsigned after = entry->moved->instance > 1 ? entry->moved->instance : 1;
    unsigned lawful = grievance->instance + (entry->moved->step == STEP_REVIEW ? 1u : 0u);
    if (after != lawful)
        audit_complain (audit, "routing entry %llu: %s: instance %u after %u",
                        (unsigned long long) entry->sequence,
                        audit_number_text (entry->grievance), after, grievance->instance);
    grievance->instance = (uint8_t) after;
}

void audit_moved (struct audit *audit, const struct entry *entry)
{
    const struct moved *moved = entry->moved;
    struct audit_grievance *grievance = audit_find (audit, entry->grievance);
    if (grievance == NULL) {
        audit_complain (audit, "routing entry %llu: %s was never registered",
                        (unsigned long long) entry->sequence,
                        audit_number_text (entry->grievance));
        return;
    }
    if (moved->from != (enum state) grievance->state)
        audit_complain (audit, "routing entry %llu: %s moves from %s, but it was %s",
                        (unsigned long long) entry->sequence,
                        audit_number_text (entry->grievance), state_name (moved->from),
                        state_name (grievance->state));
    if (moved->step == STEP_PLACE && grievance->state != STATE_NONE &&
        grievance->state != STATE_UNDECIDED)
        audit_complain (audit, "routing entry %llu: %s is placed twice",
                        (unsigned long long) entry->sequence,
                        audit_number_text (entry->grievance));
    if (moved->to == STATE_CLOSED && moved->from != STATE_CLOSED &&
        moved->close_reason == CLOSE_NONE)
        audit_complain (audit, "routing entry %llu: %s is closed and nobody says why",
                        (unsigned long long) entry->sequence,
                        audit_number_text (entry->grievance));
    /* 0 where nobody holds it; a number given later is greater than every one before. */
    if (moved->fencing != 0 && moved->fencing < grievance->fencing)
        audit_complain (audit, "routing entry %llu: %s: fencing number falls",
                        (unsigned long long) entry->sequence,
                        audit_number_text (entry->grievance));
    if (moved->holder != 0 && moved->department == 0)
        audit_complain (audit, "routing entry %llu: %s has a holder and no department",
                        (unsigned long long) entry->sequence,
                        audit_number_text (entry->grievance));
    audit_two_persons (audit, entry, grievance);
    audit_instance (audit, entry, grievance);
    forget_proposal (grievance, moved);
    grievance->state = (uint8_t) moved->to;
    grievance->department = moved->department;
    grievance->holder = moved->holder;
    if (moved->fencing != 0)
        grievance->fencing = moved->fencing;
    audit->moved_at[grievance - audit->grievances] = entry->sequence;
}
