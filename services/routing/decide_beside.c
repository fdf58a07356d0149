/* SPDX-License-Identifier: Apache-2.0 */
/* Law of what stands beside the course: contacts, recusal, category, matters put forward
 * higher up. None of it moves a clock; a contact that disputes the execution moves the
 * grievance back. */
#include "routing/decide_step.h"

#include "base/civil.h"

/* ---- contacts ------------------------------------------------------------------------- */

/* A day counts once, and days count in order: what is entered late for an earlier day may
 * have been counted. */
static uint32_t tries_after (const struct routing_grievance *grievance,
                             enum contacted contacted, int64_t done_at_ms)
{
    if (contacted != CONTACTED_NOT_REACHED)
        return 0;
    bool is_new_day =
        grievance->tries == 0 || civil_day (done_at_ms) > grievance->last_try_day;
    uint32_t tries = grievance->tries + (uint32_t) is_new_day;
    return tries < UINT8_MAX ? tries : UINT8_MAX;
}

void routing_decide_contact (const struct routing_step *step, struct decision *decision)
{
    const struct routing_grievance *grievance = step->grievance;
    const struct step_command *command = step->command;
    struct course_facts facts = routing_facts (grievance, step->matter);
    facts.is_disputed = command->contacted == CONTACTED_DISPUTES;
    int64_t first_ms = grievance->contacts_from_ms != 0 ? grievance->contacts_from_ms
                                                        : grievance->registered_at_ms;
    int64_t done_at_ms;
    enum state to = routing_next_with (step, &facts, decision);
    if (to == STATE_NONE || !routing_done_at (step, first_ms, decision, &done_at_ms))
        return;
    struct moved *moved = routing_event (step, KIND_MOVED, to, decision);
    moved->means = command->means;
    moved->contacted = command->contacted;
    moved->done_at_ms = done_at_ms;
    moved->tries = tries_after (grievance, command->contacted, done_at_ms);
}

/* ---- recusal (art. 28) ------------------------------------------------------------------ */

static bool recusal_fits (const struct routing_step *step, uint32_t worker,
                          struct decision *decision)
{
    const struct routing_grievance *grievance = step->grievance;
    if (worker != step->person && !routing_is_head (step, step->person, decision->now_ms))
        return routing_refuse (decision, REFUSAL_NO_RIGHT, "worker",
                               "only the head or a deputy recuses others");
    if (!routing_is_member (step, worker, decision->now_ms))
        return routing_refuse (decision, REFUSAL_UNKNOWN_PERSON, "worker",
                               "this person does not work for the department today");
    for (size_t i = 0; i < grievance->n_recused; i++)
        if (grievance->recused[i] == worker)
            return routing_refuse (decision, REFUSAL_WRONG_STATE, "worker",
                                   "this person is recused already");
    if (grievance->n_recused == LIMIT_RECUSED)
        return routing_refuse (decision, REFUSAL_WRONG_STATE, "worker",
                               "so many are recused that it needs another department");
    return true;
}

void routing_decide_recuse (const struct routing_step *step, struct decision *decision)
{
    const struct routing_grievance *grievance = step->grievance;
    uint32_t worker = step->command->worker != 0 ? step->command->worker : step->person;
    struct course_facts facts = routing_facts (grievance, step->matter);
    facts.holder_leaves = worker == grievance->holder;
    enum state to = routing_next_with (step, &facts, decision);
    if (to == STATE_NONE || !recusal_fits (step, worker, decision))
        return;
    struct moved *moved = routing_event (step, KIND_MOVED, to, decision);
    moved->worker = worker;
    if (!facts.holder_leaves)
        return;
    moved->transfers++;
    routing_let_go (moved);
}

/* ---- category ---------------------------------------------------------------------------- */

void routing_decide_categorise (const struct routing_step *step,
                                struct decision *decision)
{
    const struct category *category =
        category_find (step->rules, step->command->category);
    enum state to = routing_next (step, decision);
    if (to == STATE_NONE)
        return;
    if (!category) {
        routing_refuse (decision, REFUSAL_UNKNOWN_CATEGORY, "category",
                        "no such category: the table has them by their whole path");
        return;
    }
    if (category == category_find (step->rules, step->matter->category)) {
        routing_refuse (decision, REFUSAL_WRONG_STATE, "category",
                        "it has this category already");
        return;
    }
    routing_event (step, KIND_MOVED, to, decision);
    decision->events[decision->n_events - 1]->entry.matter->category = category->path;
}

/* ---- put forward higher up (越级, 集体) ----------------------------------------------------- */

/* A day before this one is a slip of the pen. */
#define WENT_UP_FIRST_MS INT64_C (946656000000) /* 2000-01-01 at UTC+8 */

void routing_decide_went_up (const struct routing_step *step, struct decision *decision)
{
    const struct step_command *command = step->command;
    int64_t done_at_ms;
    enum state to = routing_next (step, decision);
    if (to == STATE_NONE ||
        !routing_done_at (step, WENT_UP_FIRST_MS, decision, &done_at_ms))
        return;
    struct moved *moved = routing_event (step, KIND_MOVED, to, decision);
    moved->level = command->level;
    moved->persons = command->persons != 0 ? command->persons : 1;
    moved->done_at_ms = done_at_ms;
}
