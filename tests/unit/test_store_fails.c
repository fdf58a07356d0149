/* SPDX-License-Identifier: Apache-2.0 */
/* The n-th write or commit of the store fails, with no room (ENOSPC) or with a fault of the
 * disk (EIO), under each of the four daemons, for every n that a command and what follows
 * from it can reach: what was promised is there, and everything said is there once. A
 * witness reads the journals in the end, and every daemon's facts are refolded. */
#include "whole_people.h"

#include <errno.h>

/* More than the writes of a command, its events and what is followed behind it. */
#define WRITES 70

static const int codes[] = { -ENOSPC, -EIO };

/* "Try later" costs nothing: the same is said again, and is taken. */
static struct outcome *say (struct town_client *client, enum speaker speaker,
                            const struct command *command)
{
    struct outcome *outcome = town_command (client, speaker, command);
    assert_non_null (outcome);
    if (outcome->refusal != NULL && outcome->refusal->code == REFUSAL_TRY_LATER) {
        town_fail_store (town, speaker, 0, 0);
        outcome = town_command (client, speaker, command);
        assert_non_null (outcome);
    }
    return outcome;
}

/* What is said while the n-th write fails; true where it was taken. */
typedef bool act_fn (uint64_t number);

static void fail_every_write (enum speaker speaker, act_fn *act, enum kind kind)
{
    uint64_t taken = town_count (town, speaker, kind);
    for (size_t i = 0; i < ARRAY_SIZE (codes); i++)
        for (unsigned n = 1; n <= WRITES; n++) {
            uint64_t number = file (n % VILLAGE_COUNT);
            town_settle (town);
            if (speaker == SPEAKER_INTAKE)
                taken++; /* the one above */
            town_fail_store (town, speaker, n, codes[i]);
            assert_true (act (number));
            town_settle (town);
            town_fail_store (town, speaker, 0, 0);
            town_step (town, 1000);
            assert_int_equal (town_count (town, speaker, kind), ++taken);
            town_forget (town);
        }
    /* A commit that failed ended it; else nothing was tried. */
    assert_true (town_deaths (town, speaker) > 0);
    /* What could not be read in a batch that had failed is not damaged. */
    for (unsigned i = SPEAKER_INTAKE; i < SPEAKER_COUNT; i++)
        assert_int_equal (town_count (town, (enum speaker) i, KIND_DAMAGED), 0);
}

static bool act_file (uint64_t number UNUSED)
{
    int32_t day = civil_day (town_now_ms (town));
    struct matter matter = { .village = villages[0],
                             .terminal = 101,
                             .purpose = PURPOSE_REQUEST,
                             .category = "国土资源/土地征收" };
    struct statement statement = { .text = "征地补偿款没有到卡" };
    struct filing filing = { .number = number_make (day, 101, ++serials[0]),
                             .query_code = QUERY_CODE,
                             .filed_at_ms = town_now_ms (town),
                             .matter = &matter,
                             .statement = &statement };
    struct command command = { .file = &filing };
    return say (terminals[0], SPEAKER_INTAKE, &command)->receipt != NULL;
}

static void
a_filing_is_registered_once_whichever_write_of_intake_fails (void **state UNUSED)
{
    fail_every_write (SPEAKER_INTAKE, act_file, KIND_REGISTERED);
}

static bool act_went_up (uint64_t number)
{
    struct step_command step = a_step (number, STEP_WENT_UP, .level = 1, .persons = 1);
    struct command command = { .person = 1131, .step = &step };
    return say (desk, SPEAKER_ROUTING, &command)->step_done != NULL;
}

static void a_step_is_taken_once_whichever_write_of_routing_fails (void **state UNUSED)
{
    /* Two events for each: the placing of what was filed, and the step. */
    uint64_t taken = town_count (town, SPEAKER_ROUTING, KIND_MOVED);
    for (size_t i = 0; i < ARRAY_SIZE (codes); i++)
        for (unsigned n = 1; n <= WRITES; n++) {
            uint64_t number = file (n % VILLAGE_COUNT);
            town_settle (town);
            town_fail_store (town, SPEAKER_ROUTING, n, codes[i]);
            assert_true (act_went_up (number));
            file (0);
            town_settle (town);
            town_fail_store (town, SPEAKER_ROUTING, 0, 0);
            town_step (town, 120000);
            taken += 3;
            assert_int_equal (town_count (town, SPEAKER_ROUTING, KIND_MOVED), taken);
            town_forget (town);
        }
    assert_true (town_deaths (town, SPEAKER_ROUTING) > 0);
}

static bool act_supervise (uint64_t number)
{
    struct supervise supervise = { .number = number, .advice = "请抓紧办理" };
    struct command command = { .person = 1004, .supervise = &supervise };
    return say (leader, SPEAKER_ESCALATION, &command)->recorded != NULL;
}

static void
a_supervision_is_raised_once_whichever_write_of_escalation_fails (void **state UNUSED)
{
    fail_every_write (SPEAKER_ESCALATION, act_supervise, KIND_RAISED);
}

static bool act_hand_over (uint64_t number UNUSED)
{
    struct hand_over hand_over = { .notice = UINT64_C (1) << 40, .handed = true };
    struct command command = { .hand_over = &hand_over };
    return say (terminals[0], SPEAKER_NOTIFICATION, &command)->refusal != NULL;
}

static void
a_refusal_is_recorded_once_whichever_write_of_notification_fails (void **state UNUSED)
{
    fail_every_write (SPEAKER_NOTIFICATION, act_hand_over, KIND_REFUSED);
}

#define STORY(name) cmocka_unit_test_setup_teardown (name, whole_build, whole_demolish)

int main (void)
{
    const struct CMUnitTest tests[] = {
        STORY (a_filing_is_registered_once_whichever_write_of_intake_fails),
        STORY (a_step_is_taken_once_whichever_write_of_routing_fails),
        STORY (a_supervision_is_raised_once_whichever_write_of_escalation_fails),
        STORY (a_refusal_is_recorded_once_whichever_write_of_notification_fails),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
