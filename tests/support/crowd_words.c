/* SPDX-License-Identifier: Apache-2.0 */
/* Which step leads on from a state, and what it has to say. */
#include "crowd_inside.h"

#include "base/civil.h"
#include "base/number.h"
#include "routing/course.h"

/* ---- what a step says --------------------------------------------------------------- */

static uint32_t a_department (struct crowd *crowd, const struct witnessed *of)
{
    static const uint32_t township[] = { 10, 11, 12, 13, 14, 15, 16, 54 };
    return of->village / 1000 == 340522101 ? 101 : PICK (crowd, township);
}

enum ground crowd_ground (struct crowd *crowd, enum step step, enum close_reason reason,
                          enum purpose purpose)
{
    for (unsigned i = 0; i < 4 * GROUND_COUNT; i++) {
        enum ground ground = (enum ground) PICK_WORD (crowd, GROUND_COUNT);
        if (course_ground_fits (step, ground, reason, purpose))
            return ground;
    }
    return GROUND_NONE;
}

static enum decision_outcome an_outcome (struct crowd *crowd, const struct witnessed *of)
{
    static const enum decision_outcome merits[] = { OUTCOME_SUPPORT, OUTCOME_EXPLAIN,
                                                    OUTCOME_NOT_SUPPORT };
    return course_outcome_fits (of->purpose, of->instance, OUTCOME_ANSWERED)
               ? OUTCOME_ANSWERED
               : PICK (crowd, merits);
}

static enum close_reason a_close_reason (struct crowd *crowd, const struct witnessed *of)
{
    if (of->state == STATE_DIVERTED)
        return crowd_one_in (crowd, 2) ? CLOSE_DIVERSION_ARRIVED
                                       : CLOSE_STATUTORY_ANSWERED;
    if (of->state == STATE_DONE && of->try_days >= 3 && crowd_one_in (crowd, 2))
        return CLOSE_CONTACT_FAILED;
    return crowd_one_in (crowd, 8) ? (enum close_reason) PICK_WORD (crowd, CLOSE_COUNT)
                                   : CLOSE_CALL_BACK;
}

static enum purpose another_purpose (struct crowd *crowd)
{
    static const enum purpose purposes[] = { PURPOSE_APPEAL, PURPOSE_REQUEST,
                                             PURPOSE_SUGGESTION, PURPOSE_INQUIRY,
                                             PURPOSE_OTHER };
    return PICK (crowd, purposes);
}

static int64_t a_while_ago (struct crowd *crowd)
{
    int64_t now_ms = crowd->now_ms;
    return crowd_one_in (crowd, 2)
               ? 0
               : now_ms - crowd_below (crowd, 3 * 86400) * INT64_C (1000);
}

static void fill_dispatch (struct crowd *crowd, const struct witnessed *of,
                           struct step_command *step)
{
    step->department = a_department (crowd, of);
    step->reason = "按职责分工";
    if (step->step != STEP_DISPATCH || crowd_one_in (crowd, 2))
        return;
    step->assisting = ARENA_ARRAY (&crowd->arena, uint32_t, 2);
    step->assisting[step->n_assisting++] = a_department (crowd, of);
    if (crowd_one_in (crowd, 2))
        step->assisting[step->n_assisting++] = a_department (crowd, of);
}

/* 不再受理 refers to one that became final; most grounds refer to nothing. */
static void refer_to_final (struct crowd *crowd, const struct witness *witness,
                            struct step_command *step)
{
    uint32_t count = (uint32_t) witness_count (witness),
             first = crowd_below (crowd, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct witnessed *of = witness_at (witness, (first + i) % count);
        if (of->state != STATE_CLOSED || of->close_reason != CLOSE_FINAL)
            continue;
        step->ground = GROUND_FINAL;
        step->link_to = of->number;
        return;
    }
}

static void fill_ending (struct crowd *crowd, const struct witnessed *of,
                         const struct witness *witness, struct step_command *step)
{
    step->reason = "见调查记录";
    if (step->step == STEP_CLOSE)
        step->close_reason = a_close_reason (crowd, of);
    if (step->step == STEP_REPURPOSE)
        step->purpose = another_purpose (crowd);
    if (step->step == STEP_LINK)
        step->link_to =
            witness_at (witness, crowd_below (crowd, (uint32_t) witness_count (witness)))
                ->number;
    if (step->step != STEP_CLOSE || step->close_reason == CLOSE_CONTACT_FAILED)
        step->ground =
            crowd_ground (crowd, step->step, step->close_reason, step->purpose);
    if (step->step == STEP_REFUSE && crowd_one_in (crowd, 3))
        refer_to_final (crowd, witness, step);
}

static void fill_contact (struct crowd *crowd, struct step_command *step)
{
    static const enum means calls[] = { MEANS_TELEPHONE, MEANS_MESSAGE, MEANS_POST,
                                        MEANS_IN_PERSON };
    step->means = PICK (crowd, calls);
    step->contacted = crowd_one_in (crowd, 5)   ? CONTACTED_DISPUTES
                      : crowd_one_in (crowd, 3) ? CONTACTED_CONFIRMS
                                                : CONTACTED_NOT_REACHED;
    step->done_at_ms = a_while_ago (crowd);
}

static void fill_work (struct crowd *crowd, const struct witnessed *of,
                       struct step_command *step)
{
    const struct office_of *office = &crowd_offices[crowd_office (of->department)];
    enum step what = step->step;
    if (what == STEP_ASSIGN || what == STEP_TRANSFER)
        step->worker = crowd_member (crowd, office);
    if (what == STEP_RECUSE) {
        step->reason = "与信访人有利害关系";
        step->worker =
            crowd_one_in (crowd, 2) ? of->holder : crowd_member (crowd, office);
    }
    if (what == STEP_DECIDE) {
        step->outcome = an_outcome (crowd, of);
        step->text = "经调查，答复如下";
        step->legal_basis = step->outcome == OUTCOME_ANSWERED ? NULL : "条例第三十二条";
    }
    if (what == STEP_SERVE) {
        step->means = (enum means) PICK_WORD (crowd, MEANS_COUNT);
        step->to = "本人";
        step->done_at_ms = a_while_ago (crowd);
    }
    if (what == STEP_CATEGORISE)
        step->category = crowd_categories[crowd_below (crowd, CATEGORIES - 1)];
    if (what == STEP_WENT_UP) {
        step->level = PICK_WORD (crowd, 5);
        step->persons = PICK_WORD (crowd, 20);
    }
    if (what == STEP_AGREE || what == STEP_OPINION)
        step->text = "双方同意";
}

static void fill_right (struct crowd *crowd, const struct witnessed *of,
                        const struct witness *witness, struct step_command *step)
{
    static const enum step with_reason[] = { STEP_OBJECT,        STEP_EXTEND,
                                             STEP_END_MEDIATION, STEP_APPROVE,
                                             STEP_REJECT,        STEP_HAND_BACK };
    static const enum step without_fencing[] = {
        STEP_DISPATCH, STEP_ARBITRATE, STEP_CLAIM,   STEP_ASSIGN, STEP_OPINION,
        STEP_CONTACT,  STEP_RECUSE,    STEP_APPROVE, STEP_REJECT, STEP_WENT_UP
    };
    step->number = of->number;
    step->fencing = of->fencing;
    for (size_t i = 0; i < ARRAY_SIZE (with_reason); i++)
        if (with_reason[i] == step->step)
            step->reason = "情况如此";
    for (size_t i = 0; i < ARRAY_SIZE (without_fencing); i++)
        if (without_fencing[i] == step->step)
            step->fencing = 0;
    if (step->step == STEP_DISPATCH || step->step == STEP_ARBITRATE)
        fill_dispatch (crowd, of, step);
    else if (step->step == STEP_CLOSE ||
             (course_asks_two (step->step, CLOSE_NONE) && step->step != STEP_EXTEND))
        fill_ending (crowd, of, witness, step);
    else if (step->step == STEP_CONTACT)
        fill_contact (crowd, step);
    else
        fill_work (crowd, of, step);
}

static void doctor (struct crowd *crowd, const struct witnessed *of,
                    struct step_command *step)
{
    switch (crowd_below (crowd, 10)) {
    case 0:
        step->fencing = of->fencing_most > 0 ? of->fencing_most - 1 : 7;
        break;
    case 1:
        step->fencing = 0;
        break;
    case 2:
        step->fencing = crowd_below (crowd, 9);
        break;
    case 3:
        step->ground = (enum ground) crowd_below (crowd, GROUND_COUNT);
        break;
    case 4:
        step->outcome = (enum decision_outcome) crowd_below (crowd, OUTCOME_COUNT);
        break;
    case 5:
        step->close_reason = (enum close_reason) crowd_below (crowd, CLOSE_COUNT);
        break;
    case 6:
        step->department = crowd_below (crowd, 70);
        break;
    case 7:
        step->reason = NULL;
        step->text = NULL;
        break;
    case 8:
        step->done_at_ms = crowd->now_ms + 86400000;
        break;
    default:
        step->number = number_make (civil_day (crowd->now_ms), 103, 9999);
        break;
    }
}

/* ---- which step --------------------------------------------------------------------- */

/* What leads on from each state, how often of twelve. */
static const struct way {
    uint8_t step, weight;
} ways_on[STATE_COUNT][8] = {
    [STATE_UNDECIDED] = { { STEP_DISPATCH, 7 },
                          { STEP_CATEGORISE, 1 },
                          { STEP_REFUSE, 1 },
                          { STEP_DIVERT, 1 },
                          { STEP_LINK, 1 },
                          { STEP_WENT_UP, 1 } },
    [STATE_DISPATCHED] = { { STEP_CLAIM, 6 },
                           { STEP_ASSIGN, 1 },
                           { STEP_OBJECT, 1 },
                           { STEP_CATEGORISE, 1 },
                           { STEP_LINK, 1 },
                           { STEP_RECUSE, 1 },
                           { STEP_CONTACT, 1 } },
    [STATE_OBJECTED] = { { STEP_DISPATCH, 8 },
                         { STEP_REFUSE, 1 },
                         { STEP_DIVERT, 1 },
                         { STEP_CATEGORISE, 1 },
                         { STEP_LINK, 1 } },
    [STATE_CLAIMED] = { { STEP_ACCEPT, 5 },
                        { STEP_OBJECT, 1 },
                        { STEP_TRANSFER, 1 },
                        { STEP_HAND_BACK, 1 },
                        { STEP_REFUSE, 1 },
                        { STEP_DIVERT, 1 },
                        { STEP_LINK, 1 },
                        { STEP_REPURPOSE, 1 } },
    [STATE_HANDLING] = { { STEP_DECIDE, 4 },
                         { STEP_MEDIATE, 1 },
                         { STEP_EXTEND, 2 },
                         { STEP_DIVERT, 1 },
                         { STEP_TRANSFER, 1 },
                         { STEP_CONTACT, 1 },
                         { STEP_REPURPOSE, 1 },
                         { STEP_RECUSE, 1 } },
    [STATE_MEDIATING] = { { STEP_AGREE, 4 },
                          { STEP_END_MEDIATION, 2 },
                          { STEP_EXTEND, 1 },
                          { STEP_CONTACT, 1 },
                          { STEP_TRANSFER, 1 },
                          { STEP_HAND_BACK, 1 },
                          { STEP_LINK, 1 },
                          { STEP_WENT_UP, 1 } },
    [STATE_DECIDED] = { { STEP_SERVE, 9 },
                        { STEP_TRANSFER, 1 },
                        { STEP_HAND_BACK, 1 },
                        { STEP_CONTACT, 1 } },
    [STATE_WINDOW] = { { STEP_CONTACT, 6 },
                       { STEP_CLOSE, 3 },
                       { STEP_WENT_UP, 1 },
                       { STEP_HAND_BACK, 1 },
                       { STEP_RECUSE, 1 } },
    [STATE_EXECUTING] = { { STEP_CLAIM_DONE, 8 },
                          { STEP_TRANSFER, 1 },
                          { STEP_CONTACT, 1 },
                          { STEP_HAND_BACK, 1 },
                          { STEP_RECUSE, 1 } },
    [STATE_DONE] = { { STEP_CONTACT, 7 }, { STEP_CLOSE, 4 }, { STEP_WENT_UP, 1 } },
    [STATE_CLOSED] = { { STEP_WENT_UP, 3 },
                       { STEP_CLAIM, 2 },
                       { STEP_DISPATCH, 2 },
                       { STEP_SERVE, 1 },
                       { STEP_CONTACT, 1 },
                       { STEP_CLOSE, 1 },
                       { STEP_REOPEN, 1 },
                       { STEP_REVIEW, 1 } },
    [STATE_DIVERTED] = { { STEP_CLOSE, 6 },
                         { STEP_DISPATCH, 1 },
                         { STEP_CONTACT, 1 },
                         { STEP_CLAIM, 1 },
                         { STEP_HAND_BACK, 1 },
                         { STEP_TRANSFER, 1 },
                         { STEP_RECUSE, 1 } },
    [STATE_ARBITRATION] = { { STEP_ARBITRATE, 9 },
                            { STEP_LINK, 1 },
                            { STEP_CATEGORISE, 1 },
                            { STEP_DISPATCH, 1 } },
    [STATE_REFUSED] = { { STEP_SERVE, 9 },
                        { STEP_TRANSFER, 1 },
                        { STEP_HAND_BACK, 1 },
                        { STEP_CLAIM, 1 } },
    [STATE_REVIEWING] = { { STEP_DECIDE, 7 },
                          { STEP_CLAIM, 1 },
                          { STEP_ASSIGN, 1 },
                          { STEP_DISPATCH, 1 },
                          { STEP_TRANSFER, 1 },
                          { STEP_RECUSE, 1 } },
    [STATE_REREVIEWING] = { { STEP_DECIDE, 5 },
                            { STEP_HEAR, 3 },
                            { STEP_CLAIM, 1 },
                            { STEP_DISPATCH, 1 },
                            { STEP_ASSIGN, 1 },
                            { STEP_RECUSE, 1 } },
    [STATE_HEARING] = { { STEP_END_HEARING, 7 },
                        { STEP_CLAIM, 1 },
                        { STEP_TRANSFER, 1 },
                        { STEP_HAND_BACK, 1 },
                        { STEP_CONTACT, 1 },
                        { STEP_RECUSE, 1 } },
};

enum step crowd_step_on (struct crowd *crowd, const struct witnessed *of)
{
    const struct way *ways = ways_on[of->state];
    uint32_t chance = crowd_below (crowd, 12);
    for (size_t i = 0; i < ARRAY_SIZE (ways_on[0]); i++) {
        if (chance < ways[i].weight)
            return (enum step) ways[i].step;
        chance -= ways[i].weight;
    }
    return STEP_CLAIM; /* of what is not placed yet */
}

/* ---- together ----------------------------------------------------------------------- */

void crowd_fill (struct crowd *crowd, const struct witnessed *of,
                 const struct witness *witness, struct step_command *step)
{
    fill_right (crowd, of, witness, step);
    if (crowd_one_in (crowd, crowd->manners.doctored_one_in))
        doctor (crowd, of, step);
}
