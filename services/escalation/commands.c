/* SPDX-License-Identifier: Apache-2.0 */
/* Commands → events: the written answer to a raise, and supervision. Who may is law
 * (decide_answer.c, decide_supervise.c); here is what must be said and what it leads to. */
#include "escalation/inside.h"

#include "wire/wire.h"

static const struct matter *matter_of (const struct escalation_scene *scene)
{
    return scene->is_known ? &scene->grievance.matter : NULL;
}

static bool says_nothing (const char *text, const char *field, const char *sentence,
                          struct decision *decision)
{
    if (text && text[0] != '\0')
        return false;
    decision_refuse (decision, REFUSAL_MISSING, "%s", sentence)->field = field;
    return true;
}

/* ---- the answer to a raise ----------------------------------------------------------- */

static bool adoption_fits (const struct answer_raise *answer,
                           const struct escalation_raise *raise,
                           struct decision *decision)
{
    bool is_supervision = raise->raised.cause == CAUSE_SUPERVISION;

    if (is_supervision == (answer->adoption != ADOPTION_NONE))
        return true;
    if (is_supervision)
        decision_refuse (decision, REFUSAL_MISSING,
                         "say what became of the advice: adopted, partly, not adopted")
            ->field = "adoption";
    else
        decision_refuse (decision, REFUSAL_MALFORMED,
                         "raise %llu gave no advice that could be adopted",
                         (unsigned long long) raise->raise);
    return false;
}

static void answer (struct escalation *self, struct txn *txn, const struct sender *sender,
                    const struct answer_raise *answer, struct decision *decision)
{
    struct escalation_raise raise;
    struct escalation_scene scene = { 0 };

    if (!escalation_raise_find (txn, answer->raise, decision->arena, &raise)) {
        decision_refuse (decision, REFUSAL_NOT_FOUND,
                         "there is no raise %llu that is open",
                         (unsigned long long) answer->raise);
        return;
    }
    if (raise.number != 0)
        escalation_scene_load (txn, raise.number, NULL, decision->arena, &scene);
    if (!escalation_may_answer (core_rules (self->core), sender->client, sender->person,
                                &raise, matter_of (&scene), scene.grievance.department,
                                decision) ||
        says_nothing (answer->text, "text", "a raise is answered in writing", decision) ||
        !adoption_fits (answer, &raise, decision))
        return;
    escalation_emit_ended (decision, scene.is_known ? &scene : NULL,
                           &(struct raise_ended){ .raise = raise.raise,
                                                  .adoption = answer->adoption,
                                                  .opened_by = raise.raised.opened_by },
                           answer->text);
}

/* ---- supervision --------------------------------------------------------------------- */

/* The one of this level that waits for its answer; 0: none. */
static uint64_t supervision_open (struct txn *txn, uint64_t number, unsigned level,
                                  struct arena *arena)
{
    struct escalation_raise *open =
        ARENA_ARRAY (arena, struct escalation_raise, LIMIT_ROWS);
    size_t count = escalation_raises_of (txn, number, 0, true, LIMIT_ROWS, arena, open);

    for (size_t i = 0; i < count; i++)
        if (open[i].raised.cause == CAUSE_SUPERVISION && open[i].raised.level == level)
            return open[i].raise;
    return 0;
}

static void supervise (struct escalation *self, struct txn *txn,
                       const struct sender *sender, const struct supervise *supervise,
                       struct decision *decision)
{
    struct escalation_occasion about;
    struct escalation_scene scene;
    struct raised_body body = { .advice = supervise->advice };
    unsigned level;
    uint64_t open;

    escalation_scene_load (txn, supervise->number, NULL, decision->arena, &scene);
    if (!scene.is_known && core_is_recovering (self->core, txn, decision->now_ms)) {
        decision_refuse (decision, REFUSAL_TRY_LATER,
                         "restored a moment ago: what is lost is being told again");
        return;
    }
    level = escalation_may_supervise (
        core_rules (self->core), sender->client, sender->person, supervise->number,
        matter_of (&scene), scene.grievance.department, decision);
    if (level == 0 || says_nothing (supervise->advice, "advice",
                                    "supervision gives advice in writing", decision))
        return;
    if (scene.grievance.closed_ms != 0) {
        decision_refuse (decision, REFUSAL_WRONG_STATE,
                         "it is closed: nobody has it who could be supervised");
        return;
    }
    open = supervision_open (txn, supervise->number, level, decision->arena);
    if (open != 0) {
        decision_refuse (decision, REFUSAL_WRONG_STATE,
                         "supervision %llu of this level waits for its answer",
                         (unsigned long long) open);
        return;
    }
    about = escalation_occasion (self, &scene, scene.grievance.department, decision);
    escalation_emit_raised (self, txn, decision, &scene,
                            escalation_raise_supervision (&about, level, sender->person));
    decision->events[decision->n_events - 1]->body =
        raised_body_encode (decision->arena, &body);
}

void escalation_command (struct escalation *self, struct txn *txn,
                         const struct sender *sender, const struct command *command,
                         struct decision *decision)
{
    if (command->answer_raise)
        answer (self, txn, sender, command->answer_raise, decision);
    else if (command->supervise)
        supervise (self, txn, sender, command->supervise, decision);
    else
        decision_refuse (decision, REFUSAL_MALFORMED,
                         "escalation takes the answer to a raise, and supervision");
}
