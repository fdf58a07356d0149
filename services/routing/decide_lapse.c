/* SPDX-License-Identifier: Apache-2.0 */
/* Law of the clock: what happens when nobody does anything; and what happens to those who
 * go on with another grievance. */
#include "routing/decide_ask.h"
#include "routing/decide_step.h"
#include "wire/wire.h"

static enum state state_after (const struct routing_grievance *grievance,
                               const struct matter *matter, enum step step)
{
    struct course_facts facts = routing_facts (grievance, matter);
    return course_next (grievance->state, step, &facts);
}

/* A claim goes back into the queue; a hearing ends, and whoever holds it goes on. */
static void lapse (uint64_t number, const struct routing_grievance *grievance,
                   const struct matter *matter, struct decision *decision)
{
    struct moved *moved =
        routing_event_of (number, grievance, matter, KIND_MOVED, STEP_LAPSE,
                          state_after (grievance, matter, STEP_LAPSE), decision);
    if (grievance->state == STATE_CLAIMED)
        routing_let_go (moved);
}

static void close_window (uint64_t number, const struct routing_grievance *grievance,
                          const struct matter *matter, struct decision *decision)
{
    struct moved *moved =
        routing_event_of (number, grievance, matter, KIND_MOVED, STEP_CLOSE,
                          state_after (grievance, matter, STEP_CLOSE), decision);
    moved->outcome = grievance->outcome;
    moved->close_reason = CLOSE_WINDOW_UNUSED;
    routing_let_go (moved);
}

void routing_decide_lapse (uint64_t number, const struct routing_grievance *grievance,
                           const struct matter *matter, struct decision *decision)
{
    if (grievance->state == STATE_WINDOW)
        close_window (number, grievance, matter, decision);
    else
        lapse (number, grievance, matter, decision);
}

/* ---- groups -------------------------------------------------------------------------- */

/* What the lead was served is served on the member, as the lead's department decided it:
 * it stays closed, and its own time to ask for review begins now. */
static void serve_member (const struct rules *rules, const struct matter *matter,
                          const struct routing_grievance *lead, int64_t now_ms,
                          struct moved *moved)
{
    bool may_go_on = lead->outcome != OUTCOME_ANSWERED && lead->instance < 3;
    moved->department = lead->department;
    moved->previous_department = lead->decided_by;
    moved->instance = lead->instance;
    moved->article =
        course_article (STEP_SERVE, GROUND_NONE, matter->purpose, lead->instance);
    moved->outcome = lead->outcome;
    moved->close_reason = CLOSE_LINKED;
    moved->done_at_ms = now_ms;
    if (may_go_on)
        moved->lapses_at_ms =
            routing_window_end_ms (rules, matter, lead->instance, now_ms);
}

/* An answer decides no appeal and no request: whoever asked for more is heard again. */
static enum step step_of (const struct routing_member *member,
                          const struct matter *matter,
                          const struct routing_grievance *lead)
{
    bool is_answered =
        member->step == STEP_SERVE && lead->outcome == OUTCOME_ANSWERED &&
        !course_outcome_fits (matter->purpose, lead->instance, OUTCOME_ANSWERED);
    return is_answered ? STEP_REOPEN : member->step;
}

void routing_decide_member (const struct rules *rules,
                            const struct routing_member *member,
                            const struct routing_grievance *grievance,
                            const struct matter *matter,
                            const struct routing_grievance *lead,
                            const struct moved_body *decided, struct decision *decision)
{
    struct course_facts facts = routing_facts (grievance, matter);
    enum step what = step_of (member, matter, lead);
    facts.is_linked = true;
    struct moved *moved =
        routing_event_of (member->number, grievance, matter, KIND_MOVED, what,
                          course_next (grievance->state, what, &facts), decision);
    moved->link_to = grievance->link_to;
    routing_let_go (moved);
    if (what != STEP_SERVE)
        return;
    serve_member (rules, matter, lead, decision->now_ms, moved);
    if (decided) { /* nobody can ask for review of what they have not read */
        struct moved_body said = { .text = decided->text,
                                   .legal_basis = decided->legal_basis };
        decision->events[decision->n_events - 1]->body =
            moved_body_encode (decision->arena, &said);
    }
}
