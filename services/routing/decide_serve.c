/* SPDX-License-Identifier: Apache-2.0 */
/* Law of service (送达): how, to whom, when and by whom a document was handed over. From
 * that day the petitioner's periods run (art. 35, 36), not from the day it is entered. */
#include "base/civil.h"
#include "routing/decide_step.h"

/* A letter has to be handed over; an answer may be given by word. */
static bool means_fit (const struct routing_step *step, struct decision *decision)
{
    enum means means = step->command->means;
    bool is_by_word = means == MEANS_TELEPHONE || means == MEANS_MESSAGE;
    if (is_by_word && step->grievance->outcome != OUTCOME_ANSWERED)
        return routing_refuse (
            decision, REFUSAL_MALFORMED, "means",
            "a decision is served in writing: in person, by post, left, "
            "electronically or announced");
    return true;
}

static bool worker_fits (const struct routing_step *step, struct decision *decision)
{
    uint32_t worker = step->command->worker;
    if (worker != 0 && !officer_find (step->rules, worker))
        return routing_refuse (decision, REFUSAL_UNKNOWN_PERSON, "worker",
                               "nobody of this number could have handed it over");
    return true;
}

static bool is_entered_in_time (int64_t done_at_ms, struct decision *decision)
{
    if (civil_day (decision->now_ms) - civil_day (done_at_ms) <= ROUTING_SERVED_DAYS)
        return true;
    return routing_refuse (decision, REFUSAL_MALFORMED, "done_at_ms",
                           "a service is entered within 15 days: hand it over again, so "
                           "that the time to ask for review is whole");
}

/* What is supported is executed by who decided first: a review does not do the work. */
static void set_way (const struct routing_step *step, struct moved *moved)
{
    const struct routing_grievance *grievance = step->grievance;
    bool is_last = grievance->instance >= 3;
    if (moved->to == STATE_CLOSED) {
        moved->close_reason =
            course_served_reason (grievance->state, grievance->refused,
                                  grievance->instance, grievance->outcome);
        routing_let_go (moved);
    } else if (!is_last) {
        moved->lapses_at_ms = routing_window_end_ms (
            step->rules, step->matter, grievance->instance, moved->done_at_ms);
    }
    if (moved->to == STATE_EXECUTING && grievance->instance >= 2) {
        moved->previous_department = grievance->department;
        moved->department = routing_in_force (step->rules, grievance->first_department);
        routing_let_go (moved);
    }
}

void routing_decide_serve (const struct routing_step *step, struct decision *decision)
{
    const struct routing_grievance *grievance = step->grievance;
    const struct step_command *command = step->command;
    int64_t done_at_ms;
    enum state to = routing_next (step, decision);
    if (to == STATE_NONE || !means_fit (step, decision) ||
        !worker_fits (step, decision) ||
        !routing_done_at (step, grievance->decided_at_ms, decision, &done_at_ms) ||
        !is_entered_in_time (done_at_ms, decision))
        return;
    struct moved *moved = routing_event (step, KIND_MOVED, to, decision);
    moved->ground = grievance->refused;
    moved->article = course_article (STEP_SERVE, moved->ground, step->matter->purpose,
                                     grievance->instance);
    moved->outcome = grievance->outcome;
    moved->means = command->means;
    moved->done_at_ms = done_at_ms;
    moved->worker = command->worker != 0 ? command->worker : step->person;
    set_way (step, moved);
}
