/* SPDX-License-Identifier: Apache-2.0 */
/* A step as an event: header and words. Every event says by which article, and in which
 * instance; whoever folds it needs no rule. */
#include "base/civil.h"
#include "routing/decide_step.h"
#include "rules/deadline.h"
#include "wire/wire.h"

struct course_facts routing_facts (const struct routing_grievance *grievance,
                                   const struct matter *matter)
{
    return (struct course_facts){ .purpose = matter->purpose,
                                  .outcome = grievance->outcome,
                                  .instance = grievance->instance,
                                  .objections = grievance->objections,
                                  .has_department = grievance->department != 0,
                                  .is_heard = grievance->is_heard };
}

/* The petitioner has asked to withdraw: nothing else ends it before that is answered. */
static bool ends_too_soon (const struct routing_step *step, enum state to)
{
    const struct routing_grievance *grievance = step->grievance;
    return to == STATE_CLOSED && grievance->state != STATE_CLOSED &&
           grievance->by_petitioner && !step->is_approval;
}

static void refuse_state (const struct routing_step *step,
                          const struct course_facts *facts, struct decision *decision)
{
    enum state from = step->grievance->state;
    char possible[COURSE_STEPS_SIZE];
    course_steps (from, facts, possible);
    decision_refuse (decision, REFUSAL_WRONG_STATE,
                     "a grievance that is %s has no %s; it has: %s",
                     course_state_name (from), course_step_name (step->command->step),
                     possible[0] != '\0' ? possible : "nothing")
        ->field = "step";
}

enum state routing_next_with (const struct routing_step *step,
                              const struct course_facts *facts, struct decision *decision)
{
    enum state from = step->grievance->state;
    enum state to = course_next (from, step->command->step, facts);
    if (to == STATE_NONE) {
        refuse_state (step, facts, decision);
        return STATE_NONE;
    }
    if (ends_too_soon (step, to)) {
        routing_refuse (decision, REFUSAL_PENDING, "step",
                        "the petitioner asks to withdraw: approve or reject that first");
        return STATE_NONE;
    }
    return to;
}

enum state routing_next (const struct routing_step *step, struct decision *decision)
{
    struct course_facts facts = routing_facts (step->grievance, step->matter);
    return routing_next_with (step, &facts, decision);
}

struct moved *routing_event_of (uint64_t number,
                                const struct routing_grievance *grievance,
                                const struct matter *matter, enum kind kind,
                                enum step step, enum state to, struct decision *decision)
{
    struct moved *moved = ARENA_NEW (decision->arena, struct moved);
    moved->step = step;
    moved->from = grievance->state;
    moved->to = to;
    moved->department = grievance->department;
    moved->holder = grievance->holder;
    moved->fencing = grievance->holder != 0 ? grievance->fencing : 0;
    moved->objections = grievance->objections;
    moved->transfers = grievance->transfers;
    moved->instance = grievance->instance;
    moved->article =
        course_article (step, GROUND_NONE, matter->purpose, grievance->instance);

    decision_event_about (decision, kind, number, matter)->entry.moved = moved;
    return moved;
}

struct moved *routing_event (const struct routing_step *step, enum kind kind,
                             enum state to, struct decision *decision)
{
    const struct step_command *command = step->command;
    struct moved *moved =
        routing_event_of (command->number, step->grievance, step->matter, kind,
                          command->step, to, decision);
    moved->ground = command->ground;
    moved->article = course_article (command->step, command->ground,
                                     step->matter->purpose, step->grievance->instance);
    if (command->reason || command->text || command->legal_basis || command->to) {
        struct moved_body said = { .reason = command->reason,
                                   .text = command->text,
                                   .legal_basis = command->legal_basis,
                                   .to = command->to };
        decision->events[decision->n_events - 1]->body =
            moved_body_encode (decision->arena, &said);
    }
    return moved;
}

void routing_let_go (struct moved *moved)
{
    moved->holder = 0;
    moved->fencing = 0;
}

void routing_hand_to (const struct routing_step *step, uint32_t department,
                      struct moved *moved)
{
    const struct routing_grievance *grievance = step->grievance;
    bool has_it = grievance->department != 0 && grievance->state != STATE_ARBITRATION;
    uint32_t last = has_it ? grievance->department : grievance->objected_by;
    moved->previous_department = grievance->department;
    moved->department = routing_in_force (step->rules, department);
    if (grievance->instance < 2 && last != 0 &&
        routing_in_force (step->rules, last) != moved->department)
        moved->transfers++;
    routing_let_go (moved);
}

bool routing_done_at (const struct routing_step *step, int64_t first_ms,
                      struct decision *decision, int64_t *ret_done_at_ms)
{
    int64_t done_at_ms = step->command->done_at_ms;
    if (done_at_ms > decision->now_ms)
        return routing_refuse (decision, REFUSAL_FUTURE, "done_at_ms",
                               "this time has not come yet");
    if (done_at_ms != 0 && civil_day (done_at_ms) < civil_day (first_ms))
        return routing_refuse (decision, REFUSAL_MALFORMED, "done_at_ms",
                               "this day is before there was anything to do");
    *ret_done_at_ms = done_at_ms != 0 ? done_at_ms : decision->now_ms;
    return true;
}

int64_t routing_period_end_ms (const struct rules *rules, const struct matter *matter,
                               enum stage stage, int64_t from_ms, uint32_t amount,
                               enum unit unit)
{
    const struct category *category = category_find (rules, matter->category);
    enum urgency urgency = urgency_of (category, matter->urgent || matter->threat);
    struct duty_plan plan;
    if (duty_plan (rules, stage, matter->purpose, urgency, false, from_ms, &plan) < 0)
        deadline_compute (rules, from_ms, amount, unit, true, &plan.due);
    return plan.due.due_ms;
}

int64_t routing_window_end_ms (const struct rules *rules, const struct matter *matter,
                               uint32_t instance, int64_t served_at_ms)
{
    enum stage stage = instance < 2 ? STAGE_ASK_REVIEW : STAGE_ASK_REREVIEW;
    return routing_period_end_ms (rules, matter, stage, served_at_ms, ROUTING_REVIEW_DAYS,
                                  UNIT_DAY);
}
