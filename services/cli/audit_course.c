/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold of a course, entry by entry: registered once, placed once, and then moved by
 * steps there are, each from where the one before ended, by whom it has to be. */
#include "cli/audit_inside.h"

#include "base/number.h"
#include "wire/names.h"

void audit_registered_entry (struct audit *audit)
{
    const struct entry *entry = audit->entry;
    struct audit_grievance *grievance = audit_find (audit, entry->grievance);
    if (!number_is_valid (entry->grievance) || entry->matter == NULL ||
        entry->matter->terminal != number_terminal (entry->grievance))
        audit_fault (audit, AUDIT_NUMBER, "the number is none that its terminal made");
    if (grievance != NULL) {
        audit_fault (audit, AUDIT_REGISTERED, "is registered twice");
        return;
    }
    grievance = audit_add (audit, entry);
    grievance->registered = entry->sequence;
    if (entry->registered != NULL)
        grievance->last_day_ms = entry->registered->last_day_ms;
    audit_days_registered (audit, grievance);
}

/* ---- two persons -------------------------------------------------------------------- */

/* The endings without an answer on the merits, and the extension: never one person's. */
static bool asks_two (const struct moved *moved)
{
    return moved->step == STEP_REFUSE || moved->step == STEP_DIVERT ||
           moved->step == STEP_LINK || moved->step == STEP_REPURPOSE ||
           moved->step == STEP_EXTEND || moved->step == STEP_WITHDRAW ||
           (moved->step == STEP_CLOSE && moved->close_reason == CLOSE_CONTACT_FAILED);
}

static void audit_two_persons (struct audit *audit,
                               const struct audit_grievance *grievance)
{
    const struct moved *moved = audit->entry->moved;
    uint32_t approver = audit->entry->actor != NULL ? audit->entry->actor->person : 0;
    if (!asks_two (moved) && moved->proposer == 0 && !moved->by_petitioner)
        return;
    bool is_petitioners = moved->by_petitioner && moved->step == STEP_WITHDRAW;
    if (grievance->proposed != moved->step)
        audit_fault (audit, AUDIT_SECOND, "%s that nobody had proposed",
                     step_name (moved->step));
    else if (approver == 0 ||
             (!is_petitioners && (moved->proposer == 0 || moved->proposer == approver)))
        audit_fault (audit, AUDIT_SECOND, "%s without a second person",
                     step_name (moved->step));
}

void audit_proposal (struct audit *audit)
{
    const struct entry *entry = audit->entry;
    const struct moved *moved = entry->moved;
    struct audit_grievance *grievance = audit_known (audit, AUDIT_PLACED);
    if (grievance == NULL || moved == NULL)
        return;
    if (moved->from != (enum state) grievance->state || moved->to != moved->from)
        audit_fault (audit, AUDIT_COURSE, "a proposal that moves something");
    else if (entry->kind == KIND_REJECTED && grievance->proposed != moved->step)
        audit_fault (audit, AUDIT_SECOND, "rejected what nobody proposed");
    if (moved->holder != grievance->holder)
        audit_fault (audit, AUDIT_HOLDER, "a proposal that changes who holds it");
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

/* ---- moves -------------------------------------------------------------------------- */

static void audit_instance (struct audit *audit, struct audit_grievance *grievance)
{
    const struct moved *moved = audit->entry->moved;
    unsigned after = moved->instance > 1 ? moved->instance : 1;
    unsigned lawful = grievance->instance + (moved->step == STEP_REVIEW ? 1u : 0u);
    /* A linked one is handed the decision of its lead, of whatever instance. */
    bool is_leads = moved->step == STEP_SERVE && moved->from == STATE_CLOSED;
    if (is_leads ? after < grievance->instance : after != lawful)
        audit_fault (audit, AUDIT_INSTANCE, "instance %u after %u", after,
                     grievance->instance);
    grievance->instance = (uint8_t) after;
}

/* An objection, and a hand-over, is one more than before. */
static void audit_counts (struct audit *audit, struct audit_grievance *grievance)
{
    const struct moved *moved = audit->entry->moved;
    unsigned objections = grievance->objections + (moved->step == STEP_OBJECT ? 1u : 0u);
    bool is_first = grievance->moved == 0;
    if (!is_first &&
        (moved->objections != objections || moved->transfers < grievance->transfers ||
         moved->transfers > grievance->transfers + 1u))
        audit_fault (audit, AUDIT_COUNTS,
                     "%u objections and %u hand-overs after %u and %u", moved->objections,
                     moved->transfers, grievance->objections, grievance->transfers);
    grievance->objections = (uint16_t) moved->objections;
    grievance->transfers = (uint16_t) moved->transfers;
}

/* A registration is placed once, by the entry that takes it over; only what no table could
 * place is placed again, and not by the registration. */
static void audit_place (struct audit *audit, const struct audit_grievance *grievance)
{
    struct audit_ref *ref = audit_source_ref (audit);
    bool is_first = grievance->moved == 0;
    if (!is_first && audit->entry->source != NULL)
        audit_fault (audit, AUDIT_PLACED, "is placed twice");
    if (is_first && ref == NULL && !audit_source_is_lost (audit))
        audit_fault (audit, AUDIT_PLACED, "is placed without its registration");
    if (ref != NULL && (ref->taken & REF_PLACED) != 0)
        audit_fault (audit, AUDIT_PLACED, "its registration was placed before");
    if (ref != NULL)
        ref->taken |= REF_PLACED;
}

static bool is_nobodys (enum state state)
{
    return state == STATE_UNDECIDED || state == STATE_DISPATCHED ||
           state == STATE_OBJECTED || state == STATE_ARBITRATION || state == STATE_CLOSED;
}

static bool is_holders_own (enum step step)
{
    return step == STEP_ACCEPT || step == STEP_DECIDE || step == STEP_MEDIATE ||
           step == STEP_AGREE || step == STEP_CLAIM_DONE;
}

static void audit_holder (struct audit *audit, const struct audit_grievance *grievance)
{
    const struct moved *moved = audit->entry->moved;
    uint32_t person = audit->entry->actor != NULL ? audit->entry->actor->person : 0;
    bool is_new = moved->holder != 0 && moved->holder != grievance->holder;
    bool is_given = moved->step == STEP_CLAIM || moved->step == STEP_ASSIGN ||
                    moved->step == STEP_TRANSFER;
    if (moved->holder != 0 && moved->department == 0)
        audit_fault (audit, AUDIT_HOLDER, "has a holder and no department");
    else if (moved->holder != 0 && is_nobodys (moved->to))
        audit_fault (audit, AUDIT_HOLDER, "is %s, and somebody holds it",
                     state_name (moved->to));
    else if (moved->holder == 0 && moved->to == STATE_CLAIMED)
        audit_fault (audit, AUDIT_HOLDER, "is claimed by nobody");
    else if (is_new && !is_given)
        audit_fault (audit, AUDIT_HOLDER, "has another holder by %s",
                     step_name (moved->step));
    else if (moved->step == STEP_CLAIM && grievance->holder != 0)
        audit_fault (audit, AUDIT_HOLDER, "is claimed while another holds it");
    else if (is_holders_own (moved->step) &&
             (grievance->holder == 0 || person != grievance->holder))
        audit_fault (audit, AUDIT_HOLDER, "%s by another than its holder",
                     step_name (moved->step));
}

/* 0 where nobody holds it; a number that is given is greater than every one before. */
static void audit_fencing (struct audit *audit, const struct audit_grievance *grievance)
{
    const struct moved *moved = audit->entry->moved;
    bool is_given = moved->step == STEP_CLAIM || moved->step == STEP_ASSIGN ||
                    moved->step == STEP_TRANSFER;
    if ((moved->fencing != 0) != (moved->holder != 0))
        audit_fault (audit, AUDIT_FENCING, "fencing number %llu, holder %u",
                     (unsigned long long) moved->fencing, moved->holder);
    else if (is_given ? moved->fencing <= grievance->fencing
                      : moved->fencing != 0 && moved->fencing != grievance->fencing)
        audit_fault (audit, AUDIT_FENCING, "fencing number %llu after %llu",
                     (unsigned long long) moved->fencing,
                     (unsigned long long) grievance->fencing);
}

static void audit_reason (struct audit *audit)
{
    const struct moved *moved = audit->entry->moved;
    bool closes = moved->to == STATE_CLOSED && moved->from != STATE_CLOSED;
    if (closes && moved->close_reason == CLOSE_NONE)
        audit_fault (audit, AUDIT_REASON, "is closed and nobody says why");
    else if (moved->to != STATE_CLOSED && moved->close_reason != CLOSE_NONE)
        audit_fault (audit, AUDIT_REASON, "is open, with a reason for its end");
}

static void audit_way (struct audit *audit, const struct audit_grievance *grievance)
{
    const struct moved *moved = audit->entry->moved;
    if (moved->from != (enum state) grievance->state)
        audit_fault (audit, AUDIT_COURSE, "moves from %s, but it was %s",
                     state_name (moved->from), state_name (grievance->state));
    else if (!audit_way_exists (moved->step, moved->from, moved->to))
        audit_fault (audit, AUDIT_COURSE, "there is no step %s from %s to %s",
                     step_name (moved->step), state_name (moved->from),
                     state_name (moved->to));
}

/* The document that a step announces is the next one, and comes at once. */
static void announce (struct audit *audit, struct audit_grievance *grievance)
{
    const struct moved *moved = audit->entry->moved;
    if (grievance->announced != 0)
        audit_fault (audit, AUDIT_DOCUMENT, "document %u was announced and never came",
                     grievance->announced);
    if (moved->document != 0 && moved->document != grievance->documents + 1u)
        audit_fault (audit, AUDIT_DOCUMENT, "announces document %u after %u",
                     moved->document, grievance->documents);
    grievance->announced = (uint16_t) moved->document;
}

void audit_moved (struct audit *audit)
{
    const struct moved *moved = audit->entry->moved;
    struct audit_grievance *grievance = audit_known (audit, AUDIT_PLACED);
    if (grievance == NULL || moved == NULL)
        return;
    if (moved->step == STEP_PLACE)
        audit_place (audit, grievance);
    if (moved->step == STEP_PLACE && !grievance->is_placed)
        audit_days_placed (audit, grievance);
    audit_days_moved (audit, grievance);
    audit_way (audit, grievance);
    audit_reason (audit);
    audit_holder (audit, grievance);
    audit_fencing (audit, grievance);
    audit_two_persons (audit, grievance);
    audit_instance (audit, grievance);
    audit_counts (audit, grievance);
    announce (audit, grievance);
    forget_proposal (grievance, moved);
    grievance->state = (uint8_t) moved->to;
    grievance->department = moved->department;
    grievance->holder = moved->holder;
    if (moved->fencing > grievance->fencing)
        grievance->fencing = moved->fencing;
    if (audit->entry->matter != NULL)
        grievance->is_accusation = audit->entry->matter->purpose == PURPOSE_ACCUSATION;
    grievance->moved = audit->entry->sequence;
}

/* ---- beside the course -------------------------------------------------------------- */

static uint64_t ask_digest (uint32_t client, uint32_t incarnation, uint64_t counter)
{
    uint64_t parts[] = { client, incarnation == 0 ? 1 : incarnation, counter };
    return audit_digest (AUDIT_DIGEST_BEGIN, parts, sizeof parts);
}

/* Behind a restoration asks are made again by their clients, under the same counters; what
 * was answered then is not answered again. */
void audit_asked (struct audit *audit)
{
    const struct actor *actor = audit->entry->actor;
    if (audit->journals[SPEAKER_INTAKE].incarnation > 1 && actor != NULL)
        *map_at (&audit->asks,
                 ask_digest (actor->client, actor->incarnation, actor->counter), NULL) =
            audit->entry->sequence;
}

static void answered_lost (struct audit *audit)
{
    const struct ask_answered *answered = audit->entry->ask_answered;
    const uint64_t *again =
        map_find (&audit->asks, ask_digest (answered->client, answered->incarnation,
                                            answered->counter));
    if (again != NULL)
        audit->journals[SPEAKER_INTAKE].refs[*again - 1].taken |= REF_ANSWERED;
}

void audit_ask_answered (struct audit *audit)
{
    struct audit_ref *ref = audit_source_ref (audit);
    if (audit_known (audit, AUDIT_ASKED) == NULL || audit->entry->ask_answered == NULL)
        return;
    if (audit_source_is_lost (audit)) {
        answered_lost (audit);
        return;
    }
    if (ref == NULL || (ref->taken & REF_ANSWERED) != 0) {
        audit_fault (audit, AUDIT_ASKED,
                     ref == NULL ? "answers what nobody asked" : "is answered twice");
        return;
    }
    ref->taken |= REF_ANSWERED;
}

void audit_document (struct audit *audit)
{
    struct audit_grievance *grievance = audit_known (audit, AUDIT_DOCUMENT);
    if (grievance == NULL || audit->entry->document == NULL)
        return;
    uint32_t ordinal = audit->entry->document->ordinal;
    if (ordinal != grievance->documents + 1u ||
        (grievance->announced != 0 && grievance->announced != ordinal))
        audit_fault (audit, AUDIT_DOCUMENT, "document %u follows %u", ordinal,
                     grievance->documents);
    grievance->documents = (uint16_t) ordinal;
    grievance->announced = 0;
}

/* ---- the end ------------------------------------------------------------------------ */

static void asks_finish (struct audit *audit, uint64_t routing_at)
{
    const struct audit_journal *intake = &audit->journals[SPEAKER_INTAKE];
    for (uint64_t i = 0; i < intake->last && i < routing_at; i++) {
        const struct audit_ref *ref = &intake->refs[i];
        bool is_parked =
            ref->grievance != 0 && audit->grievances[ref->grievance - 1].is_parked;
        if (ref->kind == KIND_ASKED && (ref->taken & REF_ANSWERED) == 0 && !is_parked)
            audit_fault_at_end (audit, AUDIT_ASKED,
                                "intake entry %llu: what was asked was never answered",
                                (unsigned long long) i + 1);
    }
}

void audit_course_finish (struct audit *audit, const struct audit_positions *positions)
{
    for (size_t i = 0; i < audit->n_grievances; i++) {
        const struct audit_grievance *grievance = &audit->grievances[i];
        if (grievance->registered != 0 &&
            grievance->registered <= positions->routing_at &&
            grievance->state == STATE_NONE && !grievance->is_parked)
            audit_fault_of (audit, AUDIT_PLACED, grievance,
                            "is registered and in no queue");
        if (grievance->announced != 0)
            audit_fault_of (audit, AUDIT_DOCUMENT, grievance,
                            "waits for document %u, which was announced",
                            grievance->announced);
        if (grievance->registered != 0 && !grievance->is_told &&
            !grievance->is_accusation && !grievance->is_parked &&
            grievance->registered <= positions->notification_at)
            audit_fault_of (audit, AUDIT_TOLD, grievance,
                            "was registered and the petitioner was not told");
    }
    asks_finish (audit, positions->routing_at);
}
