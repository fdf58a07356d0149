/* SPDX-License-Identifier: Apache-2.0 */
#include "routing/step_form.h"

#include "routing/course.h"

enum field {
    FENCING = 1u << 0,
    DEPARTMENT = 1u << 1,
    ASSISTING = 1u << 2,
    WORKER = 1u << 3,
    OUTCOME = 1u << 4,
    CLOSE_REASON = 1u << 5,
    GROUND = 1u << 6,
    PURPOSE = 1u << 7,
    CATEGORY = 1u << 8,
    LINK_TO = 1u << 9,
    MEANS = 1u << 10,
    TO = 1u << 11,
    CONTACTED = 1u << 12,
    LEVEL = 1u << 13,
    PERSONS = 1u << 14,
    DONE_AT = 1u << 15,
    REASON = 1u << 16,
    TEXT = 1u << 17,
    LEGAL_BASIS = 1u << 18
};

/* Fencing is the holder's: where others may take the step too, the desk's law says who
 * must show it (decide_desk.c), and a form only allows it. */
static const struct {
    unsigned required;
    unsigned allowed; /* beside those */
} forms[STEP_COUNT] = {
    [STEP_DISPATCH] = { DEPARTMENT, ASSISTING | REASON | TEXT },
    [STEP_CLAIM] = { 0, 0 },
    [STEP_ASSIGN] = { WORKER, REASON },
    [STEP_ACCEPT] = { FENCING, 0 },
    [STEP_OBJECT] = { REASON, FENCING },
    [STEP_TRANSFER] = { FENCING | WORKER, REASON },
    [STEP_HAND_BACK] = { FENCING, REASON },
    [STEP_DECIDE] = { FENCING | OUTCOME | TEXT, LEGAL_BASIS },
    [STEP_SERVE] = { MEANS | TO, FENCING | WORKER | DONE_AT | TEXT },
    [STEP_CLAIM_DONE] = { FENCING, TEXT },
    [STEP_CLOSE] = { CLOSE_REASON, FENCING | GROUND | REASON },
    [STEP_OPINION] = { TEXT, 0 },
    [STEP_DIVERT] = { GROUND | REASON, FENCING },
    [STEP_REFUSE] = { GROUND | REASON, FENCING | LINK_TO },
    [STEP_EXTEND] = { FENCING | REASON, 0 },
    [STEP_MEDIATE] = { FENCING, REASON },
    [STEP_END_MEDIATION] = { FENCING | REASON, 0 },
    [STEP_AGREE] = { FENCING | TEXT, 0 },
    [STEP_ARBITRATE] = { DEPARTMENT | REASON, 0 },
    [STEP_LINK] = { GROUND | LINK_TO, FENCING | REASON },
    [STEP_REPURPOSE] = { GROUND | PURPOSE | REASON, FENCING },
    [STEP_CATEGORISE] = { CATEGORY, FENCING | REASON },
    [STEP_CONTACT] = { MEANS | CONTACTED, DONE_AT | TEXT },
    [STEP_RECUSE] = { REASON, WORKER },
    [STEP_HEAR] = { FENCING, REASON },
    [STEP_END_HEARING] = { FENCING, REASON | TEXT },
    [STEP_APPROVE] = { 0, REASON | TEXT },
    [STEP_REJECT] = { REASON, 0 },
    [STEP_WENT_UP] = { LEVEL, PERSONS | DONE_AT | REASON | TEXT },
};

static const struct {
    enum field field;
    const char *name;
} names[] = {
    { FENCING, "fencing" },
    { DEPARTMENT, "department" },
    { ASSISTING, "assisting" },
    { WORKER, "worker" },
    { OUTCOME, "outcome" },
    { CLOSE_REASON, "close_reason" },
    { GROUND, "ground" },
    { PURPOSE, "purpose" },
    { CATEGORY, "category" },
    { LINK_TO, "link_to" },
    { MEANS, "means" },
    { TO, "to" },
    { CONTACTED, "contacted" },
    { LEVEL, "level" },
    { PERSONS, "persons" },
    { DONE_AT, "done_at_ms" },
    { REASON, "reason" },
    { TEXT, "text" },
    { LEGAL_BASIS, "legal_basis" },
};

static unsigned fields_of (const struct step_command *command)
{
    return (command->fencing != 0 ? FENCING : 0u) |
           (command->department != 0 ? DEPARTMENT : 0u) |
           (command->n_assisting != 0 ? ASSISTING : 0u) |
           (command->worker != 0 ? WORKER : 0u) |
           (command->outcome != OUTCOME_NONE ? OUTCOME : 0u) |
           (command->close_reason != CLOSE_NONE ? CLOSE_REASON : 0u) |
           (command->ground != GROUND_NONE ? GROUND : 0u) |
           (command->purpose != PURPOSE_NONE ? PURPOSE : 0u) |
           (command->category ? CATEGORY : 0u) | (command->link_to != 0 ? LINK_TO : 0u) |
           (command->means != MEANS_NONE ? MEANS : 0u) | (command->to ? TO : 0u) |
           (command->contacted != CONTACTED_NONE ? CONTACTED : 0u) |
           (command->level != 0 ? LEVEL : 0u) | (command->persons != 0 ? PERSONS : 0u) |
           (command->done_at_ms != 0 ? DONE_AT : 0u) | (command->reason ? REASON : 0u) |
           (command->text ? TEXT : 0u) | (command->legal_basis ? LEGAL_BASIS : 0u);
}

static const char *first_name (unsigned fields)
{
    for (size_t i = 0; i < ARRAY_SIZE (names); i++)
        if (fields & names[i].field)
            return names[i].name;
    return "?";
}

bool routing_form_fits (const struct step_command *command, struct decision *decision)
{
    const char *step = course_step_name (command->step);
    if (!course_is_commanded (command->step)) {
        decision_refuse (decision, REFUSAL_NO_RIGHT, "%s is no step of a person", step)
            ->field = "step";
        return false;
    }
    unsigned given = fields_of (command), required = forms[command->step].required;
    unsigned missing = required & ~given;
    unsigned superfluous = given & ~(required | forms[command->step].allowed);
    if (missing) {
        const char *name = first_name (missing);
        decision_refuse (decision, REFUSAL_MISSING, "%s needs %s", step, name)->field =
            name;
        return false;
    }
    if (superfluous) {
        const char *name = first_name (superfluous);
        decision_refuse (decision, REFUSAL_MALFORMED, "%s has no %s: what was meant?",
                         step, name)
            ->field = name;
        return false;
    }
    return true;
}
