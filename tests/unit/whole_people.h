/* SPDX-License-Identifier: Apache-2.0 */
/* The town with all four daemons, everybody a whole course needs, and a witness who has
 * read every journal when a story ends. */
#ifndef MINQING_TESTS_WHOLE_PEOPLE_H
#define MINQING_TESTS_WHOLE_PEOPLE_H

#include "flow_people.h"

#include "support/witness.h"

/* The township's office, the bureau above department 11, and the county above both. */
static struct town_client *office, *bureau, *government;

static UNUSED int whole_build (void **state UNUSED)
{
    town_build ();
    office = town_client (town, ROLE_DESK, 2010, .department = 10);
    bureau = town_client (town, ROLE_DESK, 2054, .department = 54);
    government = town_client (town, ROLE_DESK, 2051, .department = 51);
    return 0;
}

struct hearing {
    struct witness *witness;
    enum speaker speaker;
};

static UNUSED void hear (void *arg, const struct entry *entry, struct bytes body)
{
    const struct hearing *hearing = arg;
    witness_entry (hearing->witness, hearing->speaker, entry, body);
}

/* Nothing in the journals is against the law, and all facts are their fold. */
static UNUSED int whole_demolish (void **state UNUSED)
{
    CLEANUP (witness_destroy) struct witness *witness = witness_create ();
    town_settle (town);
    for (enum speaker speaker = SPEAKER_INTAKE; speaker < SPEAKER_COUNT; speaker++) {
        struct hearing hearing = { witness, speaker };
        town_journal (town, speaker, hear, &hearing);
    }
    witness_rest (witness);
    if (witness_complaint (witness) != NULL)
        print_error ("%s\n", witness_complaint (witness));
    bool is_well = witness_complaint (witness) == NULL;
    for (enum speaker speaker = SPEAKER_INTAKE; speaker < SPEAKER_COUNT; speaker++)
        is_well &= town_rebuild (town, speaker);
    town_destroy (&town);
    return is_well ? 0 : -1;
}

/* ---- doing ------------------------------------------------------------------------- */

static UNUSED void approve (uint64_t number)
{
    take_step (desk, 1111, a_step (number, STEP_APPROVE, .reason = "同意"));
}

/* By the worker of department 11, and its head. */
static UNUSED void by_two (struct step_command step)
{
    assert_true (take_step (desk, 1131, step)->proposed);
    approve (step.number);
}

static UNUSED void step_to (const char *time)
{
    town_step_until (town, at_ms (time));
}

/* ---- looking ----------------------------------------------------------------------- */

static UNUSED struct ledger *ledger_of (uint64_t number)
{
    struct deadline_query query = { .number = number };
    town_settle (town);
    struct reply *reply =
        town_query (operator_, SPEAKER_ESCALATION, &(struct query){ .deadline = &query });
    assert_non_null (reply);
    assert_non_null (reply->deadline);
    return reply->deadline;
}

/* The line of this duty that runs; NULL: none. */
static UNUSED const struct duty_row *runs (uint64_t number, enum duty duty)
{
    const struct ledger *ledger = ledger_of (number);
    for (size_t i = 0; i < ledger->n_duties; i++)
        if (ledger->duties[i].running && ledger->duties[i].duty == duty)
            return &ledger->duties[i];
    return NULL;
}

static UNUSED void assert_runs (uint64_t number, enum duty duty, const char *stage,
                                const char *due)
{
    const struct duty_row *row = runs (number, duty);
    char text[CIVIL_TIME_SIZE];
    assert_non_null (row);
    assert_string_equal (row->stage, stage);
    assert_string_equal (civil_format_due (row->due_ms, text), due);
}

static UNUSED void assert_nothing_runs (uint64_t number)
{
    const struct ledger *ledger = ledger_of (number);
    for (size_t i = 0; i < ledger->n_duties; i++)
        assert_false (ledger->duties[i].running);
}

static UNUSED void assert_closed (uint64_t number, enum close_reason reason)
{
    town_settle (town);
    assert_int_equal (state_of (number), STATE_CLOSED);
    assert_int_equal (last_moved ()->close_reason, reason);
    assert_nothing_runs (number);
}

/* How often it was raised by this cause, about this duty (NONE: any). */
static UNUSED unsigned raised_by (uint64_t number, enum cause cause, enum duty duty)
{
    struct raise_query query = { .number = number, .limit = LIMIT_ROWS };
    struct reply *reply =
        town_query (operator_, SPEAKER_ESCALATION, &(struct query){ .raises = &query });
    unsigned count = 0;
    assert_non_null (reply);
    assert_non_null (reply->raises);
    for (size_t i = 0; i < reply->raises->n_rows; i++)
        count += reply->raises->rows[i].raised->cause == cause &&
                 (duty == DUTY_NONE || reply->raises->rows[i].raised->duty == duty);
    return count;
}

#endif
