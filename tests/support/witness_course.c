/* SPDX-License-Identifier: Apache-2.0 */
/* What routing's journal may say of a grievance's course (DOMAIN §4). The state table is
 * asked which state follows; everything else is counted here from the entries alone. */
#include "witness_inside.h"

#include <stdio.h>
#include <string.h>

#include "base/civil.h"
#include "routing/course.h"

#define TRIES_MIN       3
#define MEANS_MIN       2
#define WINDOW_DAYS_MIN 30
#define DECIDE_DAYS_MAX 70 /* 60, and whatever rest days are behind them */

struct reading {
    struct witness *witness;
    const struct entry *entry;
    const struct moved *moved;
    struct witnessed *of;
};

#define COMPLAIN(reading, ...)                                                           \
    witness_complain ((reading)->witness, (reading)->entry, __VA_ARGS__)

static uint32_t actor_of (const struct entry *entry)
{
    return entry->actor != NULL ? entry->actor->person : 0;
}

/* Closed into a group: it goes on with its lead. */
static bool is_member (const struct witnessed *of)
{
    return of->state == STATE_CLOSED && of->close_reason == CLOSE_LINKED;
}

static uint32_t instance_of (uint32_t instance)
{
    return instance == 0 ? 1 : instance; /* 0 and 1: the first decision */
}

/* ---- the table ---------------------------------------------------------------------- */

static void check_way (const struct reading *reading)
{
    const struct moved *moved = reading->moved;
    const struct witnessed *of = reading->of;
    struct course_facts facts = {
        .purpose = of->purpose,
        .outcome = of->outcome,
        .instance = of->instance,
        .objections = of->objections,
        .has_department =
            (moved->step == STEP_PLACE ? moved->department : of->department) != 0,
        .holder_leaves =
            moved->step == STEP_RECUSE && of->holder != 0 && moved->worker == of->holder,
        .is_disputed =
            moved->step == STEP_CONTACT && moved->contacted == CONTACTED_DISPUTES,
        .is_linked = is_member (of),
        .is_heard = of->is_heard,
    };
    if (moved->from != of->state)
        COMPLAIN (reading, "it was %s, not %s", course_state_name (of->state),
                  course_state_name (moved->from));
    else if (course_next (of->state, moved->step, &facts) != moved->to)
        COMPLAIN (reading, "%s leads from %s to %s, says the table, not to %s",
                  course_step_name (moved->step), course_state_name (of->state),
                  course_state_name (course_next (of->state, moved->step, &facts)),
                  course_state_name (moved->to));
}

static void check_counts (const struct reading *reading)
{
    const struct moved *moved = reading->moved;
    const struct witnessed *of = reading->of;
    uint32_t instance = instance_of (of->instance) + (moved->step == STEP_REVIEW);
    if (moved->objections != of->objections + (moved->step == STEP_OBJECT))
        COMPLAIN (reading, "%u objections after %u", moved->objections, of->objections);
    bool is_given = moved->step == STEP_DISPATCH || moved->step == STEP_ARBITRATE;
    bool is_another = of->had_by != 0 && of->had_by != moved->department &&
                      instance_of (of->instance) == 1;
    if (moved->transfers < of->transfers ||
        (is_given && moved->transfers != of->transfers + is_another))
        COMPLAIN (reading, "%u hand-overs after %u", moved->transfers, of->transfers);
    bool is_leads = moved->step == STEP_SERVE && is_member (of);
    if (instance_of (moved->instance) != instance && !is_leads)
        COMPLAIN (reading, "instance %u after %u", moved->instance, of->instance);
}

/* ---- persons ------------------------------------------------------------------------ */

static bool is_barred (const struct witnessed *of, uint32_t person)
{
    for (size_t i = 0; i < of->n_barred; i++)
        if (of->barred[i] == person)
            return person != 0;
    return false;
}

static void bar (struct witnessed *of, uint32_t person)
{
    if (person != 0 && !is_barred (of, person) && of->n_barred < WITNESS_BARRED_MAX)
        of->barred[of->n_barred++] = person;
}

/* Leaving it to others is nobody's handling. */
static bool is_handling (enum step step)
{
    static const uint64_t handling =
        UINT64_C (1) << STEP_CLAIM | UINT64_C (1) << STEP_ACCEPT |
        UINT64_C (1) << STEP_REFUSE | UINT64_C (1) << STEP_DIVERT |
        UINT64_C (1) << STEP_MEDIATE | UINT64_C (1) << STEP_AGREE |
        UINT64_C (1) << STEP_DECIDE | UINT64_C (1) << STEP_SERVE |
        UINT64_C (1) << STEP_CLAIM_DONE | UINT64_C (1) << STEP_CLOSE |
        UINT64_C (1) << STEP_HEAR | UINT64_C (1) << STEP_LINK |
        UINT64_C (1) << STEP_REPURPOSE | UINT64_C (1) << STEP_EXTEND;
    return (handling >> step & 1) != 0;
}

/* One holder, under a number that nobody had before. */
static void check_holder (const struct reading *reading)
{
    const struct moved *moved = reading->moved;
    const struct witnessed *of = reading->of;
    bool is_given = moved->step == STEP_CLAIM || moved->step == STEP_ASSIGN ||
                    moved->step == STEP_TRANSFER;
    bool is_same = moved->holder == of->holder && !is_given;
    if (moved->holder == 0 && moved->fencing != 0)
        COMPLAIN (reading, "a fencing number without a holder");
    if (moved->holder != 0 && is_same && moved->fencing != of->fencing)
        COMPLAIN (reading, "the holder's fencing number changed");
    if (moved->holder != 0 && !is_same && moved->fencing <= of->fencing_most)
        COMPLAIN (reading, "fencing number %llu after %llu",
                  (unsigned long long) moved->fencing,
                  (unsigned long long) of->fencing_most);
    if (moved->holder != 0 && !is_same && !is_given)
        COMPLAIN (reading, "%s makes a holder", course_step_name (moved->step));
    if (moved->holder != 0 && moved->department != of->department)
        COMPLAIN (reading, "a holder came along to another department");
    if (is_barred (of, moved->holder))
        COMPLAIN (reading, "person %u may not have it", moved->holder);
    if (is_handling (moved->step) && is_barred (of, actor_of (reading->entry)))
        COMPLAIN (reading, "person %u may not handle it", actor_of (reading->entry));
}

/* ---- two persons -------------------------------------------------------------------- */

static void check_second (const struct reading *reading)
{
    const struct moved *moved = reading->moved;
    const struct witnessed_proposal *proposal = &reading->of->proposal;
    uint32_t actor = actor_of (reading->entry);
    if (proposal->step != moved->step)
        COMPLAIN (reading, "%s was not proposed", course_step_name (moved->step));
    else if (proposal->by_petitioner != moved->by_petitioner)
        COMPLAIN (reading, "the petitioner did not propose this, or did");
    else if (actor == 0)
        COMPLAIN (reading, "nobody approved it");
    else if (!moved->by_petitioner && moved->proposer != proposal->person)
        COMPLAIN (reading, "person %u did not propose it", moved->proposer);
    else if (!moved->by_petitioner && actor == moved->proposer)
        COMPLAIN (reading, "person %u approved what was their own proposal", actor);
    else if (moved->by_petitioner &&
             (actor == proposal->holder || actor == reading->of->holder))
        COMPLAIN (reading, "person %u holds what is withdrawn, or held it", actor);
    else if (moved->ground != proposal->ground ||
             moved->close_reason !=
                 (moved->to == STATE_CLOSED && moved->step == STEP_CLOSE
                      ? proposal->close_reason
                      : moved->close_reason) ||
             moved->link_to != proposal->link_to)
        COMPLAIN (reading, "not what was proposed");
}

static void read_proposed (const struct reading *reading)
{
    const struct moved *moved = reading->moved;
    struct witnessed *of = reading->of;
    uint32_t actor = actor_of (reading->entry);
    if (moved->from != of->state || moved->to != of->state ||
        moved->department != of->department || moved->holder != of->holder)
        COMPLAIN (reading, "a proposal moved it");
    if (!course_asks_two (moved->step, moved->close_reason))
        COMPLAIN (reading, "%s is not proposed", course_step_name (moved->step));
    if (of->proposal.step != STEP_NONE && !moved->by_petitioner)
        COMPLAIN (reading, "another proposal waits");
    if (moved->by_petitioner &&
        (moved->step != STEP_WITHDRAW || of->taken != ASKED_WITHDRAW))
        COMPLAIN (reading, "the petitioner did not ask for it");
    if (!moved->by_petitioner && (moved->step == STEP_WITHDRAW || actor == 0))
        COMPLAIN (reading, "nobody proposed it");
    if (!course_ground_fits (moved->step, moved->ground, moved->close_reason,
                             moved->purpose))
        COMPLAIN (reading, "ground %u is not on the list", moved->ground);
    of->taken = ASKED_NONE;
    of->proposal = (struct witnessed_proposal){ .step = moved->step,
                                                .person = actor,
                                                .holder = moved->holder,
                                                .by_petitioner = moved->by_petitioner,
                                                .ground = moved->ground,
                                                .close_reason = moved->close_reason,
                                                .link_to = moved->link_to,
                                                .purpose = moved->purpose };
}

static void read_rejected (const struct reading *reading)
{
    struct witnessed_proposal *proposal = &reading->of->proposal;
    if (proposal->step == STEP_NONE)
        COMPLAIN (reading, "nothing was proposed");
    else if (!proposal->by_petitioner && actor_of (reading->entry) == proposal->person)
        COMPLAIN (reading, "person %u rejected their own proposal", proposal->person);
    else if (reading->moved->to != reading->of->state)
        COMPLAIN (reading, "a rejection moved it");
    *proposal = (struct witnessed_proposal){ 0 };
}

/* ---- endings ------------------------------------------------------------------------ */

static unsigned bits (uint32_t set)
{
    return (unsigned) __builtin_popcount (set);
}

/* An answer is no decision on the merits: who asks for one does not join the other. */
static bool is_on_merits (enum purpose purpose)
{
    return purpose == PURPOSE_APPEAL || purpose == PURPOSE_REQUEST ||
           purpose == PURPOSE_OTHER;
}

static bool link_fits (const struct reading *reading)
{
    const struct witnessed *lead =
        witness_find (reading->witness, reading->moved->link_to);
    return lead != NULL && lead != reading->of && course_is_open (lead->state) &&
           lead->purpose != PURPOSE_ACCUSATION &&
           (lead->purpose == reading->of->purpose ||
            (is_on_merits (lead->purpose) && is_on_merits (reading->of->purpose)));
}

/* Each ending of §4, and what must have been before it. */
static bool ending_fits (const struct reading *reading)
{
    const struct moved *moved = reading->moved;
    const struct witnessed *of = reading->of;
    bool is_refusal =
        of->outcome == OUTCOME_EXPLAIN || of->outcome == OUTCOME_NOT_SUPPORT;
    switch (moved->close_reason) {
    case CLOSE_CONFIRMED:
        return moved->step == STEP_CONFIRM && of->taken == ASKED_CONFIRM;
    case CLOSE_CALL_BACK:
        return moved->step == STEP_CLOSE && of->is_confirmed;
    case CLOSE_WINDOW_UNUSED:
        return (moved->step == STEP_CLOSE || moved->step == STEP_LAPSE) &&
               of->window_ms != 0 && reading->entry->time_ms >= of->window_ms;
    case CLOSE_CONTACT_FAILED:
        return moved->step == STEP_CLOSE && of->try_days >= TRIES_MIN &&
               bits (of->try_means) >= MEANS_MIN;
    case CLOSE_WITHDRAWN:
        return moved->step == STEP_WITHDRAW && moved->by_petitioner;
    case CLOSE_DIVERSION_ARRIVED:
    case CLOSE_STATUTORY_ANSWERED:
        return moved->step == STEP_CLOSE && of->state == STATE_DIVERTED;
    case CLOSE_ANSWERED:
        return moved->step == STEP_SERVE && of->outcome == OUTCOME_ANSWERED;
    case CLOSE_NOT_ACCEPTED:
        return moved->step == STEP_SERVE && of->state == STATE_REFUSED &&
               of->refused != GROUND_FINAL;
    case CLOSE_NO_LONGER_ACCEPTED:
        return moved->step == STEP_SERVE && of->state == STATE_REFUSED &&
               of->refused == GROUND_FINAL;
    case CLOSE_FINAL:
        return moved->step == STEP_SERVE && of->instance == 3 && is_refusal;
    case CLOSE_LINKED:
        return moved->step == STEP_LINK && link_fits (reading);
    case CLOSE_NONE:
    case CLOSE_COUNT:
        break;
    }
    return false;
}

static void check_ending (const struct reading *reading)
{
    const struct moved *moved = reading->moved;
    if (moved->to != STATE_CLOSED || reading->of->state == STATE_CLOSED)
        return;
    if (!ending_fits (reading))
        COMPLAIN (reading, "%s is no ending here: close reason %u",
                  course_step_name (moved->step), moved->close_reason);
    if (moved->holder != 0)
        COMPLAIN (reading, "closed, and held");
}

static void check_served (const struct reading *reading)
{
    const struct moved *moved = reading->moved;
    const struct witnessed *of = reading->of;
    int64_t done_ms =
        moved->done_at_ms != 0 ? moved->done_at_ms : reading->entry->time_ms;
    if (moved->step != STEP_SERVE || of->state == STATE_CLOSED)
        return;
    if (moved->means == MEANS_NONE)
        COMPLAIN (reading, "served by no means");
    if (moved->worker == 0)
        COMPLAIN (reading, "served by nobody");
    if (done_ms > reading->entry->time_ms ||
        civil_day (done_ms) < civil_day (of->decided_ms))
        COMPLAIN (reading, "served before it was decided, or later than now");
    if (moved->to == STATE_WINDOW &&
        moved->lapses_at_ms < civil_day_end_ms (civil_day (done_ms) + WINDOW_DAYS_MIN))
        COMPLAIN (reading, "the time to ask for review is cut short");
}

/* The lead ended without a decision, or settled: its members are heard for themselves. */
static bool is_left_alone (const struct reading *reading)
{
    const struct witnessed *lead = witness_find (reading->witness, reading->of->link_to);
    return is_member (reading->of) && reading->moved->step == STEP_REOPEN &&
           lead != NULL &&
           (lead->state == STATE_CLOSED || lead->outcome == OUTCOME_AGREED);
}

/* The time to decide is one, whoever accepts again, and what is over is not extended. */
static void check_accepted (const struct reading *reading)
{
    const struct moved *moved = reading->moved;
    const struct witnessed *of = reading->of;
    int64_t now_ms = reading->entry->time_ms;
    int64_t from_ms = of->accepted_ms != 0 ? of->accepted_ms : now_ms;
    if (moved->step == STEP_ACCEPT && moved->counted_from_ms != from_ms)
        COMPLAIN (reading, "accepted, and counted from another time than the first");
    if (moved->step == STEP_EXTEND &&
        now_ms >= civil_day_end_ms (civil_day (from_ms) + DECIDE_DAYS_MAX))
        COMPLAIN (reading, "extended when it was over");
}

/* What only the petitioner can begin. */
static void check_asked (const struct reading *reading)
{
    static const enum asked asks[STEP_COUNT] = { [STEP_REOPEN] = ASKED_DISPUTE,
                                                 [STEP_REVIEW] = ASKED_REVIEW,
                                                 [STEP_CONFIRM] = ASKED_CONFIRM };
    enum asked asked = asks[reading->moved->step];
    if (asked != ASKED_NONE && reading->of->taken != asked && !is_left_alone (reading))
        COMPLAIN (reading, "the petitioner did not ask for it");
}

static void check_limits (const struct reading *reading)
{
    const struct moved *moved = reading->moved;
    const struct witnessed *of = reading->of;
    const struct matter *matter = reading->entry->matter;
    if (moved->step == STEP_EXTEND && of->is_extended)
        COMPLAIN (reading, "extended a second time");
    if (moved->step == STEP_DECIDE &&
        !course_outcome_fits (of->purpose, of->instance, moved->outcome))
        COMPLAIN (reading, "decided as no grievance of this purpose is");
    if (moved->step == STEP_REVIEW && reading->entry->time_ms < of->decided_ms)
        COMPLAIN (reading, "a review of what is not decided");
    if (matter == NULL || matter->village != of->village)
        COMPLAIN (reading, "the village of the matter changed");
    else if (moved->step != STEP_REPURPOSE && matter->purpose != of->purpose)
        COMPLAIN (reading, "the purpose changed");
    else if (moved->step == STEP_REPURPOSE &&
             (of->purpose == PURPOSE_ACCUSATION || matter->purpose == PURPOSE_ACCUSATION))
        COMPLAIN (reading, "an accusation stays one, and nothing becomes one");
    else if (moved->step != STEP_CATEGORISE && moved->step != STEP_PLACE &&
             strcmp (matter->category != NULL ? matter->category : "", of->category) != 0)
        COMPLAIN (reading, "the category changed");
}

/* ---- the record --------------------------------------------------------------------- */

static void forget_contacts (struct witnessed *of)
{
    of->is_confirmed = false;
    of->try_days = 0;
    of->try_means = 0;
    of->try_last_day = INT32_MIN;
}

/* Tries count from the last time that somebody was reached. */
static void note_contact (const struct reading *reading)
{
    const struct moved *moved = reading->moved;
    struct witnessed *of = reading->of;
    int64_t done_ms =
        moved->done_at_ms != 0 ? moved->done_at_ms : reading->entry->time_ms;
    int32_t day = civil_day (done_ms);
    if (moved->contacted != CONTACTED_NOT_REACHED) {
        forget_contacts (of);
        of->is_confirmed = moved->contacted == CONTACTED_CONFIRMS;
        return;
    }
    of->try_means |= UINT32_C (1) << moved->means;
    of->try_days += day > of->try_last_day;
    of->try_last_day = day > of->try_last_day ? day : of->try_last_day;
}

static void note_state (const struct reading *reading)
{
    const struct moved *moved = reading->moved;
    struct witnessed *of = reading->of;
    if (moved->to == of->state && of->since_ms != 0)
        return;
    of->since_ms = reading->entry->time_ms;
    if (moved->to != STATE_DONE && moved->to != STATE_WINDOW)
        return;
    forget_contacts (of);
}

static void note_words (const struct reading *reading)
{
    const struct moved *moved = reading->moved;
    const struct matter *matter = reading->entry->matter;
    struct witnessed *of = reading->of;
    if (moved->step == STEP_DECIDE || moved->step == STEP_REFUSE)
        of->decided_ms = reading->entry->time_ms;
    if (moved->step == STEP_DECIDE || moved->step == STEP_SERVE)
        of->outcome = moved->outcome;
    if (moved->step == STEP_AGREE)
        of->outcome = OUTCOME_AGREED;
    bool is_heard_again = moved->step == STEP_REOPEN || moved->step == STEP_REVIEW;
    if (is_heard_again && moved->to != STATE_EXECUTING)
        of->outcome = OUTCOME_NONE;
    /* What was written and not served was decided for nobody. */
    if (moved->step == STEP_WITHDRAW && of->state == STATE_DECIDED)
        of->outcome = OUTCOME_NONE;
    if (moved->step == STEP_ACCEPT)
        of->accepted_ms = moved->counted_from_ms;
    bool is_disputed = moved->step == STEP_REOPEN && moved->link_to == 0;
    if (is_disputed && moved->to == STATE_HANDLING)
        of->accepted_ms = reading->entry->time_ms;
    if (is_disputed && (moved->to == STATE_UNDECIDED || moved->to == STATE_DISPATCHED))
        of->accepted_ms = 0;
    if (moved->step == STEP_LINK)
        of->link_to = moved->link_to;
    if (moved->step == STEP_REFUSE)
        of->refused = moved->ground;
    if (moved->step == STEP_SERVE && moved->lapses_at_ms != 0)
        of->window_ms = moved->lapses_at_ms;
    if (moved->step == STEP_RECUSE)
        bar (of, moved->worker);
    if (moved->step == STEP_CONTACT)
        note_contact (reading);
    of->is_extended |= moved->step == STEP_EXTEND;
    of->is_heard =
        moved->step != STEP_REVIEW && (of->is_heard || moved->step == STEP_HEAR);
    if (matter != NULL) {
        of->purpose = matter->purpose;
        snprintf (of->category, sizeof of->category, "%s",
                  matter->category != NULL ? matter->category : "");
    }
}

/* A desk's proposal is about the state and the department it was made in. */
static void note_proposal (const struct reading *reading)
{
    const struct moved *moved = reading->moved;
    struct witnessed *of = reading->of;
    bool is_elsewhere = moved->to != of->state || moved->department != of->department;
    bool is_this = moved->step == of->proposal.step;
    if (is_this || moved->to == STATE_CLOSED ||
        (is_elsewhere && !of->proposal.by_petitioner))
        of->proposal = (struct witnessed_proposal){ 0 };
}

static void note (const struct reading *reading)
{
    const struct moved *moved = reading->moved;
    struct witnessed *of = reading->of;
    note_proposal (reading);
    note_state (reading);
    note_words (reading);
    of->state = moved->to;
    of->instance = moved->instance;
    of->objections = moved->objections;
    of->transfers = moved->transfers;
    of->department = moved->department;
    if (moved->department != 0 && moved->to != STATE_ARBITRATION)
        of->had_by = moved->department;
    of->holder = moved->holder;
    of->fencing = moved->fencing;
    if (moved->fencing > of->fencing_most)
        of->fencing_most = moved->fencing;
    if (moved->to == STATE_CLOSED && moved->close_reason != CLOSE_NONE)
        of->close_reason = moved->close_reason;
    of->taken = ASKED_NONE;
}

/* ---- entries ------------------------------------------------------------------------ */

static struct witnessed *placed (struct witness *witness, const struct entry *entry,
                                 struct bytes body)
{
    struct witnessed *of = witness_grievance (witness, entry->grievance);
    struct moved_body said;
    if (of == NULL)
        of = witness_grievance_add (witness, entry->grievance);
    if (entry->matter == NULL) {
        witness_complain (witness, entry, "placed without its matter");
        return of;
    }
    of->village = entry->matter->village;
    of->purpose = entry->matter->purpose;
    snprintf (of->category, sizeof of->category, "%s",
              entry->matter->category != NULL ? entry->matter->category : "");
    if (body.data != NULL &&
        moved_body_decode (&witness->arena, body, &said, NULL) == 0 &&
        said.filing != NULL)
        for (size_t i = 0; i < said.filing->n_accused; i++)
            bar (of, said.filing->accused[i].person);
    return of;
}

static void read_moved (const struct reading *reading)
{
    const struct moved *moved = reading->moved;
    check_way (reading);
    check_counts (reading);
    check_holder (reading);
    if (course_asks_two (moved->step, moved->close_reason))
        check_second (reading);
    check_ending (reading);
    check_served (reading);
    check_accepted (reading);
    check_asked (reading);
    check_limits (reading);
    note (reading);
}

void witness_routing (struct witness *witness, const struct entry *entry,
                      struct bytes body)
{
    struct reading reading = { .witness = witness, .entry = entry };
    if (entry->moved == NULL && entry->ask_answered == NULL)
        return;
    reading.moved = entry->moved;
    reading.of = witness_grievance (witness, entry->grievance);
    /* Escalation may have heard of it before routing placed it. */
    bool is_new = reading.of == NULL || reading.of->state == STATE_NONE;
    if (is_new && entry->kind == KIND_MOVED)
        reading.of = placed (witness, entry, body);
    if (reading.of == NULL)
        witness_complain (witness, entry, "nobody placed it");
    else if (entry->kind == KIND_MOVED)
        read_moved (&reading);
    else if (entry->kind == KIND_PROPOSED)
        read_proposed (&reading);
    else if (entry->kind == KIND_REJECTED)
        read_rejected (&reading);
    else if (entry->kind == KIND_ASK_ANSWERED && entry->ask_answered->taken)
        reading.of->taken = entry->ask_answered->what;
}
