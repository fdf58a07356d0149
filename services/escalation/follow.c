/* SPDX-License-Identifier: Apache-2.0 */
/* Followed entries → events. Whichever of 'registered' (intake) and 'placed' (routing) comes
 * first opens the grievance; the other finds it open. */
#include "escalation/inside.h"

#include "rules/answerable.h"

static void cause_check (struct escalation *self, struct txn *txn,
                         struct escalation_scene *scene, uint32_t department,
                         enum cause cause, unsigned level, struct decision *decision)
{
    struct escalation_occasion about =
        escalation_occasion (self, scene, department, decision);

    if (level == 0 || (scene->grievance.told & ESCALATION_TOLD (cause, level)) != 0 ||
        !escalation_has_room (decision))
        return;
    escalation_emit_raised (self, txn, decision, scene,
                            escalation_raise_cause (&about, cause, level));
}

/* What the matter says of itself is raised once, when it comes. */
static void opening_check (struct escalation *self, struct txn *txn,
                           struct escalation_scene *scene, uint32_t department,
                           struct decision *decision)
{
    const struct matter *matter = &scene->grievance.matter;

    cause_check (self, txn, scene, department, CAUSE_GROUP,
                 escalation_level_of (CAUSE_GROUP, matter->persons), decision);
    cause_check (self, txn, scene, department, CAUSE_URGENT,
                 escalation_level_of (CAUSE_URGENT, matter->urgent || matter->threat),
                 decision);
}

static void follow_registered (struct escalation *self, struct txn *txn,
                               const struct entry *entry, struct decision *decision)
{
    const struct registered *registered = entry->registered;
    struct escalation_law law;
    struct escalation_scene scene;

    escalation_scene_load (txn, entry->grievance, entry->matter, decision->arena, &scene);
    if (scene.is_known)
        return;
    escalation_scene_ask (self, txn, &scene, entry->time_ms, decision, &law);
    escalation_law_open (&law, registered->counted_from_ms, registered->last_day_ms,
                         registered->provisional);
    escalation_emit_clocks (decision, &scene, &law);
    opening_check (self, txn, &scene, registered->expected_department, decision);
}

/* A decision is served when it is handed over, not when that is written down. */
static int64_t moved_ms (const struct entry *entry)
{
    int64_t done_ms = entry->moved->done_at_ms;

    return entry->moved->step == STEP_SERVE && done_ms != 0 && done_ms < entry->time_ms
               ? done_ms
               : entry->time_ms;
}

static void moved_clocks (struct escalation *self, struct txn *txn,
                          const struct entry *entry, struct escalation_scene *scene,
                          struct decision *decision)
{
    const struct moved *moved = entry->moved;
    struct escalation_law law;

    escalation_scene_ask (self, txn, scene, moved_ms (entry), decision, &law);
    law.person = entry->actor ? entry->actor->person : 0;
    law.step = moved->step;
    if (!scene->is_known)
        escalation_law_open (&law,
                             moved->counted_from_ms ? moved->counted_from_ms : law.at_ms,
                             moved->last_day_ms, moved->provisional);
    escalation_law_move (&law, moved);
    escalation_emit_change (self, txn, decision, scene, &law);
}

static void moved_causes (struct escalation *self, struct txn *txn,
                          const struct moved *moved, struct escalation_scene *scene,
                          struct decision *decision)
{
    if (!scene->is_known)
        opening_check (self, txn, scene, moved->department, decision);
    cause_check (self, txn, scene, moved->department, CAUSE_OBJECTIONS,
                 escalation_level_of (CAUSE_OBJECTIONS, moved->objections), decision);
    cause_check (self, txn, scene, moved->department, CAUSE_HAND_OVERS,
                 escalation_level_of (CAUSE_HAND_OVERS, moved->transfers), decision);
    if (escalation_is_disputed (moved))
        cause_check (self, txn, scene, moved->department, CAUSE_DISPUTE,
                     scene->grievance.peak < LEVEL_COUNTY ? scene->grievance.peak + 1u
                                                          : LEVEL_COUNTY,
                     decision);
}

/* What runs was planned by entries that routing has lost: where it stands is planned anew,
 * once, by the first word of it. */
static void follow_restated (struct escalation *self, struct txn *txn,
                             const struct entry *entry, struct escalation_scene *scene,
                             struct decision *decision)
{
    const struct moved *moved = entry->moved;
    bool is_all = entry->kind == KIND_RESTATED;
    int64_t since_ms =
        is_all && moved->moved_at_ms != 0 ? moved->moved_at_ms : moved_ms (entry);
    struct escalation_law law;

    escalation_scene_ask (self, txn, scene, entry->time_ms, decision, &law);
    law.person = entry->actor ? entry->actor->person : 0;
    since_ms = since_ms < law.at_ms ? since_ms : law.at_ms;
    escalation_law_restate (&law, moved, since_ms, is_all);
    law.clocks.restated = true;
    escalation_emit_change (self, txn, decision, scene, &law);
}

static void follow_moved (struct escalation *self, struct txn *txn,
                          const struct entry *entry, struct decision *decision)
{
    struct escalation_scene scene;

    escalation_scene_load (txn, entry->grievance, entry->matter, decision->arena, &scene);
    if (scene.is_known && escalation_drift (txn, entry->grievance) != DRIFT_NONE)
        follow_restated (self, txn, entry, &scene, decision);
    else if (entry->kind == KIND_RESTATED && scene.is_known)
        return; /* it was followed up to there */
    else if (!scene.is_known ||
             escalation_law_is_asked (entry->moved, scene.grievance.department))
        moved_clocks (self, txn, entry, &scene, decision);
    if (entry->kind == KIND_MOVED)
        moved_causes (self, txn, entry->moved, &scene, decision);
}

static void follow_opinion (struct escalation *self, struct txn *txn,
                            const struct entry *entry, struct decision *decision)
{
    struct escalation_law law;
    struct escalation_scene scene;

    escalation_scene_load (txn, entry->grievance, entry->matter, decision->arena, &scene);
    if (!scene.is_known || !entry->actor)
        return;
    escalation_scene_ask (self, txn, &scene, entry->time_ms, decision, &law);
    law.person = entry->actor->person;
    law.step = STEP_OPINION;
    escalation_law_opinion (&law, entry->actor->department);
    escalation_emit_change (self, txn, decision, &scene, &law);
}

void escalation_follow (struct escalation *self, struct txn *txn,
                        const struct entry *entry, struct decision *decision)
{
    if (entry->kind == KIND_REGISTERED && entry->matter && entry->registered)
        follow_registered (self, txn, entry, decision);
    else if ((entry->kind == KIND_MOVED || entry->kind == KIND_RESTATED) &&
             entry->matter && entry->moved)
        follow_moved (self, txn, entry, decision);
    else if (entry->kind == KIND_OPINION && entry->moved)
        follow_opinion (self, txn, entry, decision);
    escalation_silence_check (self, txn, decision); /* in the room that is left */
}
