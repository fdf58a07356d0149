/* SPDX-License-Identifier: Apache-2.0 */
/* What a restored routing says before anything else: the last step of every open grievance,
 * in the order of their numbers, and then that these were all. Who followed further than the
 * backup goes back to that. It moves nothing. */
#include "routing/restate.h"

#include "routing/counts.h"
#include "routing/course.h"
#include "wire/wire.h"

#define LOOKS_A_TURN    4096
#define RESTATED_A_TURN (DECISION_EVENTS_MAX - 1)

/* The step that brought it to where it is. */
static bool last_moved (const struct routing_reader *reader, uint64_t number,
                        const struct routing_grievance *grievance, struct entry *ret)
{
    uint64_t sequence = UINT64_MAX;
    do {
        sequence = routing_step_before (reader->txn, number, sequence);
        if (!core_entry (reader->core, reader->txn,
                         sequence != 0 ? sequence : grievance->placed, reader->arena, ret,
                         NULL))
            continue;
        if (ret->kind == KIND_MOVED && ret->moved != NULL)
            return true;
    } while (sequence != 0);
    return false;
}

/* As it was said, with what only the record knows of it by now. */
static void restate_one (const struct routing_reader *reader, uint64_t number,
                         struct routing_grievance *grievance, struct decision *decision)
{
    struct entry entry;
    struct moved *moved = ARENA_NEW (decision->arena, struct moved);
    struct matter *matter = routing_matter (grievance, decision->arena);
    if (last_moved (reader, number, grievance, &entry)) {
        *moved = *entry.moved;
        moved->moved_at_ms = entry.time_ms;
    }
    moved->to = grievance->state;
    moved->department = grievance->department;
    moved->instance = grievance->instance;
    moved->n_candidates = 0;
    moved->n_assisting = grievance->n_assisting;
    moved->assisting = ARENA_ARRAY (decision->arena, uint32_t, LIMIT_ASSISTING);
    for (size_t i = 0; i < grievance->n_assisting; i++)
        moved->assisting[i] = grievance->assisting[i];
    decision_event_about (decision, KIND_RESTATED, number, matter)->entry.moved = moved;
}

static uint64_t count_open (struct txn *txn)
{
    uint64_t open = 0;
    for (unsigned state = STATE_NONE + 1; state < STATE_COUNT; state++) {
        struct routing_count count = { .kind = ROUTING_COUNT_STATE,
                                       .which = (uint8_t) state };
        if (course_is_open ((enum state) state))
            open += routing_count_get (txn, &count);
    }
    return open;
}

bool routing_decide_restate (const struct routing_reader *reader, uint64_t *cursor,
                             struct decision *decision)
{
    struct routing_grievance grievance;
    for (unsigned looks = 0; looks < LOOKS_A_TURN && decision->n_events < RESTATED_A_TURN;
         looks++) {
        uint64_t number = routing_grievance_next (reader->txn, *cursor, &grievance);
        if (number == 0) {
            struct restated_all *all = ARENA_NEW (decision->arena, struct restated_all);
            all->count = count_open (reader->txn);
            decision_event (decision, KIND_RESTATED_ALL)->entry.restated_all = all;
            return false;
        }
        *cursor = number;
        if (course_is_open (grievance.state))
            restate_one (reader, number, &grievance, decision);
    }
    return true;
}
