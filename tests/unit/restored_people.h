/* SPDX-License-Identifier: Apache-2.0 */
/* A township whose people keep what they say on their own disks, and whose daemons are put
 * back to what a backup has. */
#ifndef MINQING_TESTS_RESTORED_PEOPLE_H
#define MINQING_TESTS_RESTORED_PEOPLE_H

#include "flow_people.h"

#include "support/reckoning.h"
#include "support/scratch.h"
#include "support/teller.h"
#include "support/town_restore.h"

#define PATIENCE_MS (10 * 1000)
#define WORKER      1131
#define HEAD        1111

static UNUSED struct scratch disks;
static UNUSED struct teller *village, *office_desk, *at_dispatch, *head_leader;

static UNUSED struct teller *teller_at (struct town_client *client, uint32_t number,
                                        const char *name)
{
    char dir[SCRATCH_PATH_SIZE + 40];
    snprintf (dir, sizeof dir, "%s/%s", disks.path, name);
    return teller_create (town, client, number, dir);
}

static UNUSED int restored_begin (void **state UNUSED)
{
    disks = scratch_make ();
    village = teller_at (terminals[0], 101, "village");
    office_desk = teller_at (desk, 2011, "desk");
    at_dispatch = teller_at (dispatcher, 2031, "dispatcher");
    head_leader = teller_at (leader, 3001, "leader");
    town_settle (town);
    return 0;
}

static UNUSED int restored_build (void **state)
{
    town_build ();
    return restored_begin (state);
}

static UNUSED int restored_demolish (void **state UNUSED)
{
    teller_destroy (&village);
    teller_destroy (&office_desk);
    teller_destroy (&at_dispatch);
    teller_destroy (&head_leader);
    town_destroy (&town);
    scratch_remove (&disks);
    return 0;
}

/* ---- saying ------------------------------------------------------------------------ */

static UNUSED void hand_in (struct teller *teller, enum speaker speaker)
{
    assert_int_equal (teller_send (teller, speaker, PATIENCE_MS), 0);
}

static UNUSED void hand_in_all (void)
{
    hand_in (village, SPEAKER_INTAKE);
    hand_in (at_dispatch, SPEAKER_ROUTING);
    hand_in (office_desk, SPEAKER_ROUTING);
    hand_in (head_leader, SPEAKER_ESCALATION);
}

static UNUSED struct filing a_filing (void)
{
    static struct matter matter;
    static struct statement statement;
    static struct petitioner petitioner;
    petitioner = (struct petitioner){ .name = "张三", .telephone = "13800000000" };
    statement = (struct statement){ .text = "征地补偿款没有到卡", .person = &petitioner };
    matter = (struct matter){ .village = villages[0],
                              .category = "国土资源/土地征收",
                              .persons = 1,
                              .purpose = PURPOSE_REQUEST };
    return (struct filing){ .matter = &matter, .statement = &statement };
}

static UNUSED uint64_t write_down (void)
{
    struct filing filing = a_filing ();
    return teller_file (village, &filing);
}

static UNUSED uint64_t filed (void)
{
    uint64_t number = write_down ();
    hand_in (village, SPEAKER_INTAKE);
    town_settle (town);
    return number;
}

static UNUSED struct outcome *desk_takes (struct step_command step)
{
    struct command command = { .person = WORKER, .step = &step };
    teller_say (office_desk, SPEAKER_ROUTING, &command);
    hand_in (office_desk, SPEAKER_ROUTING);
    struct outcome *outcome = teller_last (office_desk, SPEAKER_ROUTING);
    assert_non_null (outcome);
    if (outcome->refusal != NULL)
        fail_msg ("%s", outcome->refusal->sentence);
    town_settle (town);
    return outcome;
}

static UNUSED struct held desk_claims (uint64_t number)
{
    struct outcome *outcome = desk_takes (a_step (number, STEP_CLAIM));
    return (struct held){ number, outcome->step_done->fencing };
}

static UNUSED struct held desk_accepts (uint64_t number)
{
    struct held held = desk_claims (number);
    desk_takes (a_step (number, STEP_ACCEPT, .fencing = held.fencing));
    return held;
}

static UNUSED struct held desk_serves (uint64_t number, enum decision_outcome outcome)
{
    struct held held = desk_accepts (number);
    desk_takes (a_decision (&held, outcome));
    desk_takes (a_service (&held));
    return held;
}

/* ---- fate -------------------------------------------------------------------------- */

/* Everybody's connection breaks, and everybody says what was forgotten. */
static UNUSED void everybody_connects_again (void)
{
    town_step (town, 2000);
    teller_hang_up (village);
    teller_hang_up (office_desk);
    teller_hang_up (at_dispatch);
    teller_hang_up (head_leader);
    hand_in_all ();
    town_step (town, 2000);
}

/* ---- looking ----------------------------------------------------------------------- */

static UNUSED struct reckoning it_adds_up (void)
{
    struct reckoning reckoning;
    town_settle (town);
    reckoning_make (town, &reckoning);
    if (reckoning.complaint[0] != '\0')
        fail_msg ("%s", reckoning.complaint);
    return reckoning;
}

/* As intake shows it to those who work on it. */
static UNUSED enum state stands (uint64_t number)
{
    struct course_query course = { .number = number };
    struct reply *reply =
        town_query (dispatcher, SPEAKER_INTAKE, &(struct query){ .course = &course });
    assert_non_null (reply);
    assert_non_null (reply->course);
    return (enum state) reply->course->state;
}

static UNUSED uint64_t notices_in (enum notice_state state)
{
    static const char *const names[] = {
        [NOTICE_QUEUED] = "notices{state=\"queued\"}",
        [NOTICE_SENT] = "notices{state=\"sent\"}",
        [NOTICE_MAYBE_SENT] = "notices{state=\"maybe_sent\"}",
        [NOTICE_ABANDONED] = "notices{state=\"abandoned\"}",
    };
    return town_gauge (town, SPEAKER_NOTIFICATION, names[state]);
}

#endif
