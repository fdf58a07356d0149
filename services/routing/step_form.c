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
    REASON = 1u << 6,
    TEXT = 1u << 7,
    LEGAL_BASIS = 1u << 8
};

/* Fencing is the holder's: whether a step is a holder's here, the desk's law says
 * (decide_desk.c), so a form only allows it. */
static const struct {
    bool is_commanded; /* else by the petitioner, the clock or the tables */
    unsigned required;
    unsigned allowed; /* beside those */
} forms[STEP_COUNT] = {
    [STEP_DISPATCH] = { true, DEPARTMENT, ASSISTING | REASON },
    [STEP_CLAIM] = { true, 0, 0 },
    [STEP_ASSIGN] = { true, WORKER, REASON },
    [STEP_ACCEPT] = { true, FENCING, 0 },
    [STEP_OBJECT] = { true, REASON, FENCING },
    [STEP_TRANSFER] = { true, FENCING | WORKER, REASON },
    [STEP_HAND_BACK] = { true, FENCING, REASON },
    [STEP_DECIDE] = { true, FENCING | OUTCOME | TEXT, LEGAL_BASIS },
    [STEP_SERVE] = { true, FENCING | TEXT, 0 },
    [STEP_CLAIM_DONE] = { true, FENCING, TEXT },
    [STEP_CLOSE] = { true, CLOSE_REASON, FENCING | REASON },
    [STEP_OPINION] = { true, TEXT, 0 },
    [STEP_DIVERT] = { true, REASON, FENCING },
};

static const struct {
    enum field field;
    const char *name;
} names[] = {
    { FENCING, "fencing" },         { DEPARTMENT, "department" },
    { ASSISTING, "assisting" },     { WORKER, "worker" },
    { OUTCOME, "outcome" },         { CLOSE_REASON, "close_reason" },
    { REASON, "reason" },           { TEXT, "text" },
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
           (command->reason ? REASON : 0u) | (command->text ? TEXT : 0u) |
           (command->legal_basis ? LEGAL_BASIS : 0u);
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
    if (command->step >= STEP_COUNT || !forms[command->step].is_commanded) {
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
