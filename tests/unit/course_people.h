/* SPDX-License-Identifier: Apache-2.0 */
/* Escalation among mouths: a course is what the test says, step by step. */
#ifndef MINQING_TESTS_COURSE_PEOPLE_H
#define MINQING_TESTS_COURSE_PEOPLE_H

#include "rules_tables.h"

#include "base/number.h"
#include "escalation/escalation.h"
#include "support/mouth.h"

#define SHIPPED_TABLES SOURCE_DIR "/deploy/config/tables"
#define VILLAGE        340522100207

static struct town *town;
static struct town_client *terminal, *desk, *other_desk, *discipline, *dispatcher,
    *leader, *joint, *county, *stranger, *operator_;
static uint32_t serial;

/* Where each grievance stands, so that a test says only what happens. */
static struct walk {
    uint64_t number;
    struct matter matter;
    enum state state;
    uint32_t department;
    uint32_t instance;
} walks[64];
static size_t n_walks;

static UNUSED void course_town_with (const char *tables_dir)
{
    town = town_create (&(struct town_options){
        .tables_dir = tables_dir,
        .specs = { &mouth_intake, &mouth_routing, &escalation_service,
                   &mouth_notification },
    });
    serial = 0;
    n_walks = 0;
    terminal = town_client (town, ROLE_TERMINAL, 101, .territory = 340522100);
    desk = town_client (town, ROLE_DESK, 2011, .territory = 340522100, .department = 11);
    other_desk =
        town_client (town, ROLE_DESK, 2012, .territory = 340522100, .department = 12);
    discipline =
        town_client (town, ROLE_DESK, 2022, .territory = 340522100, .department = 22);
    dispatcher = town_client (town, ROLE_DISPATCHER, 2031, .territory = 340522100,
                              .department = 31);
    leader =
        town_client (town, ROLE_LEADER, 3001, .territory = 340522100, .department = 10);
    joint =
        town_client (town, ROLE_LEADER, 3002, .territory = 340522100, .department = 10);
    county = town_client (town, ROLE_LEADER, 3051, .territory = 340522, .department = 51);
    stranger =
        town_client (town, ROLE_LEADER, 3061, .territory = 340523, .department = 51);
    operator_ = town_client (town, ROLE_OPERATOR, 4001, .name = "ops");
    town_settle (town);
}

static UNUSED void course_town (void)
{
    course_town_with (SHIPPED_TABLES);
}

static UNUSED struct walk *walk_of (uint64_t number)
{
    for (size_t i = 0; i < n_walks; i++)
        if (walks[i].number == number)
            return &walks[i];
    fail_msg ("no such course");
    return NULL;
}

/* Intake registered it, and routing has not placed it yet. */
static UNUSED uint64_t registered_for (struct matter matter, uint32_t expected)
{
    struct walk *walk = &walks[n_walks++];
    struct registered registered = { .filed_at_ms = town_now_ms (town),
                                     .counted_from_ms = town_now_ms (town),
                                     .expected_department = expected,
                                     .code_hash = BYTES ("0123456789abcdef"
                                                         "0123456789abcdef",
                                                         32) };

    assert_true (n_walks <= ARRAY_SIZE (walks));
    if (matter.purpose == PURPOSE_NONE)
        matter.purpose = PURPOSE_REQUEST;
    matter.village = VILLAGE;
    matter.terminal = 101;
    *walk = (struct walk){
        .number = number_make (civil_day (town_now_ms (town)), 101, ++serial),
        .matter = matter,
    };
    mouth_say (terminal, SPEAKER_INTAKE,
               &(struct entry){ .kind = KIND_REGISTERED,
                                .grievance = walk->number,
                                .matter = &walk->matter,
                                .registered = &registered });
    return walk->number;
}

static UNUSED uint64_t registered (struct matter matter)
{
    return registered_for (matter, 0);
}

/* Routing moved it: 'moved' says step, state after it and what else is new; department 0
 * stays what it was, but where the dispatcher has it. */
static UNUSED void move_by (uint64_t number, uint32_t person, struct moved moved)
{
    struct walk *walk = walk_of (number);
    struct actor actor = { .person = person, .department = walk->department };

    moved.from = walk->state;
    if (moved.department == 0 && moved.to != STATE_UNDECIDED &&
        moved.to != STATE_OBJECTED)
        moved.department = walk->department;
    if (moved.instance == 0)
        moved.instance = walk->instance;
    mouth_say (terminal, SPEAKER_ROUTING,
               &(struct entry){ .kind = KIND_MOVED,
                                .grievance = number,
                                .matter = &walk->matter,
                                .actor = &actor,
                                .moved = &moved });
    walk->state = moved.to;
    walk->department = moved.department;
    walk->instance = moved.instance;
}

static UNUSED void move (uint64_t number, enum step step, enum state to)
{
    move_by (number, 1131, (struct moved){ .step = step, .to = to });
}

static UNUSED uint64_t placed_of (struct matter matter, uint32_t department)
{
    uint64_t number = registered_for (matter, department);

    move_by (number, 0,
             (struct moved){ .step = STEP_PLACE,
                             .to = department ? STATE_DISPATCHED : STATE_UNDECIDED,
                             .department = department });
    return number;
}

static UNUSED uint64_t placed (uint32_t department)
{
    return placed_of ((struct matter){ .category = "国土资源/土地征收" }, department);
}

/* Up to the state HANDLING, HEARING …: the straight way there. */
static UNUSED void handled (uint64_t number)
{
    move (number, STEP_CLAIM, STATE_CLAIMED);
    move (number, STEP_ACCEPT, STATE_HANDLING);
}

static UNUSED void served (uint64_t number, enum state to)
{
    move (number, STEP_DECIDE, STATE_DECIDED);
    move (number, STEP_SERVE, to);
}

/* ---- looking --------------------------------------------------------------------------- */

static UNUSED uint64_t gauge (const char *name)
{
    return town_gauge (town, SPEAKER_ESCALATION, name);
}

static UNUSED struct ledger *ledger (uint64_t number)
{
    struct deadline_query query = { .number = number };
    struct reply *reply =
        town_query (operator_, SPEAKER_ESCALATION, &(struct query){ .deadline = &query });

    assert_non_null (reply);
    assert_non_null (reply->deadline);
    return reply->deadline;
}

/* The line of this duty that runs; NULL: none. */
static UNUSED const struct duty_row *runs (uint64_t number, enum duty duty)
{
    struct ledger *lines = ledger (number);

    for (size_t i = 0; i < lines->n_duties; i++)
        if (lines->duties[i].running && lines->duties[i].duty == duty)
            return &lines->duties[i];
    return NULL;
}

static UNUSED void assert_due (const struct duty_row *row, const char *stage,
                               const char *due)
{
    char text[CIVIL_TIME_SIZE];

    assert_non_null (row);
    assert_string_equal (row->stage, stage);
    assert_string_equal (civil_format_due (row->due_ms, text), due);
}

static UNUSED void assert_one_of_each (void)
{
    assert_int_equal (gauge ("stage_duties"), gauge ("open"));
    assert_int_equal (gauge ("whole_duties"), gauge ("open"));
}

/* All raises of a grievance, ended ones too. */
static UNUSED struct raises *raises (uint64_t number)
{
    struct raise_query query = { .number = number, .limit = 500 };
    struct reply *reply =
        town_query (operator_, SPEAKER_ESCALATION, &(struct query){ .raises = &query });

    assert_non_null (reply);
    assert_non_null (reply->raises);
    return reply->raises;
}

static UNUSED size_t raised_by (uint64_t number, enum cause cause, enum duty duty)
{
    struct raises *all = raises (number);
    size_t count = 0;

    for (size_t i = 0; i < all->n_rows; i++)
        count += all->rows[i].raised->cause == cause &&
                 (duty == DUTY_NONE || all->rows[i].raised->duty == duty);
    return count;
}

/* The latest of this cause. */
static UNUSED const struct raise_row *raise_of (uint64_t number, enum cause cause)
{
    struct raises *all = raises (number);

    for (size_t i = all->n_rows; i-- > 0;)
        if (all->rows[i].raised->cause == cause)
            return &all->rows[i];
    return NULL;
}

static UNUSED struct outcome *answer_with (struct town_client *client, uint32_t person,
                                           uint64_t raise, enum adoption adoption)
{
    struct answer_raise command = { .raise = raise,
                                    .text = "已责成国土所十日内答复。",
                                    .adoption = adoption };

    return town_command (client, SPEAKER_ESCALATION,
                         &(struct command){ .person = person, .answer_raise = &command });
}

static UNUSED struct outcome *answer (struct town_client *client, uint32_t person,
                                      uint64_t raise)
{
    return answer_with (client, person, raise, ADOPTION_NONE);
}

static UNUSED struct outcome *supervise (struct town_client *client, uint32_t person,
                                         uint64_t number)
{
    struct supervise command = { .number = number, .advice = "请本周内到村里当面答复。" };

    return town_command (client, SPEAKER_ESCALATION,
                         &(struct command){ .person = person, .supervise = &command });
}

#endif
