/* SPDX-License-Identifier: Apache-2.0 */
/* A town of intake and routing alone, and what its people say and ask: for stories of the
 * way from a village to a desk. */
#ifndef MINQING_TESTS_FLOW_PEOPLE_H
#define MINQING_TESTS_FLOW_PEOPLE_H

#include "town_people.h"

#define QUERY_CODE "0123ABCD"

/* Department 11 has a second desk, and the discipline organ (22) has one. */
static struct town_client *second_desk, *discipline_desk;

static UNUSED void flow_build (void)
{
    struct town_options options = { .tables_dir = SHIPPED_TABLES,
                                    .specs = { &intake_service, &routing_service } };
    town = town_create (&options);
    memset (serials, 0, sizeof serials);
    for (unsigned i = 0; i < VILLAGE_COUNT; i++)
        terminals[i] = town_client (town, ROLE_TERMINAL, 101 + i, .territory = 340522100);
    desk = town_client (town, ROLE_DESK, 2011, .department = 11);
    second_desk = town_client (town, ROLE_DESK, 2111, .department = 11);
    other_desk = town_client (town, ROLE_DESK, 2012, .department = 12);
    strange_desk = town_client (town, ROLE_DESK, 2013, .department = 13);
    discipline_desk = town_client (town, ROLE_DESK, 2022, .department = 22);
    dispatcher = town_client (town, ROLE_DISPATCHER, 2031, .territory = 340522100,
                              .department = 31);
    leader = town_client (town, ROLE_LEADER, 3001, .department = 10);
    operator_ = town_client (town, ROLE_OPERATOR, 4001, .name = "ops");
}

/* ---- commands ---------------------------------------------------------------------- */

/* "a_step (number, STEP_ACCEPT, .fencing = fencing)" */
#define a_step(of, what, ...)                                                            \
    ((struct step_command){ .number = (of), .step = (what), ##__VA_ARGS__ })

static UNUSED struct outcome *try_step (struct town_client *client, uint32_t person,
                                        struct step_command step)
{
    struct outcome *outcome = town_command (
        client, SPEAKER_ROUTING, &(struct command){ .person = person, .step = &step });
    assert_non_null (outcome);
    return outcome;
}

static UNUSED struct step_done *take_step (struct town_client *client, uint32_t person,
                                           struct step_command step)
{
    struct outcome *outcome = try_step (client, person, step);
    if (outcome->refusal)
        fail_msg ("%s", outcome->refusal->sentence);
    assert_non_null (outcome->step_done);
    return outcome->step_done;
}

static UNUSED struct refusal *refused_step (struct town_client *client, uint32_t person,
                                            struct step_command step)
{
    struct outcome *outcome = try_step (client, person, step);
    assert_non_null (outcome->refusal);
    return outcome->refusal;
}

static UNUSED struct outcome *ask (uint64_t number, enum asked what, const char *reason)
{
    struct ask asked = {
        .number = number, .query_code = QUERY_CODE, .what = what, .reason = reason
    };
    if (what == ASKED_RATE)
        asked.rating_department = 3;
    if (what == ASKED_WITHDRAW)
        asked.ground = GROUND_SETTLED;
    struct outcome *outcome =
        town_command (terminals[1], SPEAKER_INTAKE, &(struct command){ .ask = &asked });
    assert_non_null (outcome);
    town_settle (town);
    return outcome;
}

/* Routing's answer to the last ask. */
static UNUSED bool is_taken (void)
{
    struct entry *entry = town_last (town, SPEAKER_ROUTING, KIND_ASK_ANSWERED);
    assert_non_null (entry);
    return entry->ask_answered->taken;
}

/* ---- ways that many stories begin with --------------------------------------------- */

/* What a worker of department 11 has taken on. */
struct held {
    uint64_t number;
    uint64_t fencing;
};

static UNUSED struct held claimed (void)
{
    uint64_t number = file (0);
    return (struct held){ number, claim (number) };
}

static UNUSED struct held accepted (void)
{
    struct held held = claimed ();
    accept (held.number, held.fencing);
    return held;
}

static UNUSED struct step_command a_decision (const struct held *held,
                                              enum decision_outcome outcome)
{
    return a_step (held->number, STEP_DECIDE, .fencing = held->fencing,
                   .outcome = outcome, .text = "意见如下", .legal_basis = "条例");
}

static UNUSED struct step_command a_service (const struct held *held)
{
    return a_step (held->number, STEP_SERVE, .fencing = held->fencing,
                   .means = MEANS_IN_PERSON, .to = "本人");
}

static UNUSED struct held decided (enum decision_outcome outcome)
{
    struct held held = accepted ();
    take_step (desk, 1131, a_decision (&held, outcome));
    return held;
}

static UNUSED struct held served (enum decision_outcome outcome)
{
    struct held held = decided (outcome);
    take_step (desk, 1131, a_service (&held));
    return held;
}

static UNUSED struct held claimed_done (void)
{
    struct held held = served (OUTCOME_SUPPORT);
    take_step (desk, 1131,
               a_step (held.number, STEP_CLAIM_DONE, .fencing = held.fencing));
    return held;
}

/* The last event of the course, or of another kind, as the journal has it. */
static UNUSED const struct moved *last_of (enum kind kind)
{
    struct entry *entry = town_last (town, SPEAKER_ROUTING, kind);
    assert_non_null (entry);
    return entry->moved;
}

static UNUSED const struct moved *last_moved (void)
{
    return last_of (KIND_MOVED);
}

/* Whatever happened, the facts are the fold of the journal. */
static UNUSED int flow_demolish (void **state UNUSED)
{
    town_settle (town);
    assert_true (town_rebuild (town, SPEAKER_ROUTING));
    town_destroy (&town);
    return 0;
}

static UNUSED int flow_setup (void **state UNUSED)
{
    flow_build ();
    return 0;
}

/* ---- queries ----------------------------------------------------------------------- */

static UNUSED struct reply *course_reply (struct town_client *client, uint64_t number,
                                          const char *code)
{
    struct course_query query = { .number = number, .query_code = code };
    struct reply *reply =
        town_query (client, SPEAKER_INTAKE, &(struct query){ .course = &query });
    assert_non_null (reply);
    return reply;
}

static UNUSED struct course *course_of (uint64_t number)
{
    town_settle (town);
    struct reply *reply = course_reply (terminals[0], number, QUERY_CODE);
    assert_non_null (reply->course);
    return reply->course;
}

static UNUSED enum state state_of (uint64_t number)
{
    return (enum state) course_of (number)->state;
}

static UNUSED const struct course_step *step_of_kind (const struct course *course,
                                                      enum kind kind, enum state state)
{
    for (size_t i = 0; i < course->n_steps; i++)
        if (course->steps[i].kind == kind && course->steps[i].state == state)
            return &course->steps[i];
    return NULL;
}

static UNUSED struct queue *queue_by (struct town_client *client,
                                      struct queue_query query)
{
    town_settle (town);
    struct reply *reply =
        town_query (client, SPEAKER_ROUTING, &(struct query){ .queue = &query });
    assert_non_null (reply);
    assert_non_null (reply->queue);
    return reply->queue;
}

static UNUSED struct reply *item_reply (struct town_client *client, uint64_t number)
{
    struct item_query query = { .number = number };
    town_settle (town);
    struct reply *reply =
        town_query (client, SPEAKER_ROUTING, &(struct query){ .item = &query });
    assert_non_null (reply);
    return reply;
}

static UNUSED struct item *item_for (struct town_client *client, uint64_t number)
{
    struct reply *reply = item_reply (client, number);
    if (reply->refusal)
        fail_msg ("%s", reply->refusal->sentence);
    assert_non_null (reply->item);
    return reply->item;
}

static UNUSED uint64_t in_state (const char *state)
{
    char name[64];
    snprintf (name, sizeof name, "grievances{state=\"%s\"}", state);
    return town_gauge (town, SPEAKER_ROUTING, name);
}

#endif
