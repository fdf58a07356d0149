/* SPDX-License-Identifier: Apache-2.0 */
/* What is done beside the work keeps to its share, however much of it there is: a scrub
 * gets a part of the time, a follower that is far behind a part of a turn. Time is counted
 * here: each look at the clock costs a little, and whatever is not the core's turn is other
 * work. */
#include "runtime/core_inside.h"
#include "support/town.h"
#include "support/toy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define TABLES     SOURCE_DIR "/deploy/config/tables"
#define NUMBER     UINT64_C (202611230010100001)
#define SOURCE     SPEAKER_INTAKE
#define COMMANDS   250
#define OTHER_US   1000 /* other work between two turns */
#define SLICE_US   2000 /* core_scrub.c */
#define TURNS_MOST 200000

static struct town *town;
static struct town_client *terminal;
static int64_t counted_us, look_us;

static int64_t count_us (void)
{
    return counted_us += look_us;
}

static int build (void **state UNUSED)
{
    town = town_create (
        &(struct town_options){ .tables_dir = TABLES, .specs = { &toy_source } });
    terminal = town_client (town, ROLE_TERMINAL, 101);
    return 0;
}

static int demolish (void **state UNUSED)
{
    town_destroy (&town);
    return 0;
}

static void fill (unsigned rounds, const char *text)
{
    struct supplement supplements[COMMANDS];
    struct command commands[COMMANDS];
    struct outcome *outcomes[COMMANDS];
    for (unsigned round = 0; round < rounds; round++) {
        for (unsigned i = 0; i < COMMANDS; i++) {
            supplements[i] = (struct supplement){ .number = NUMBER + round * COMMANDS + i,
                                                  .text = text };
            commands[i] = (struct command){ .supplement = &supplements[i] };
        }
        town_commands (terminal, SOURCE, commands, COMMANDS, outcomes);
        town_forget (town);
    }
}

static void turn (struct core *core, const struct input *inputs, size_t n_inputs,
                  int64_t now_ms)
{
    struct outbox *outbox;
    struct err err;
    assert_int_equal (core_turn (core, inputs, n_inputs, now_ms, &outbox, &err), 0);
}

/* ---- scrub -------------------------------------------------------------------------- */

struct pace {
    int64_t scrub_us, other_us, longest_us;
    unsigned turns;
};

/* From its begin to its end. Busy: connections end all the time. */
static struct pace scrub (bool is_busy)
{
    struct input gone[8];
    struct core *core = town_core (town, SOURCE);
    struct pace pace = { 0 };
    for (size_t i = 0; i < ARRAY_SIZE (gone); i++)
        gone[i] =
            (struct input){ .kind = INPUT_GONE, .peer = bytes_of_text ("nobody here") };
    core->options.steady_us = count_us;
    assert_int_equal (scrub_begin (core, NULL), 0);
    while (core->scrubbing != NULL) {
        int64_t begun_us = counted_us, took_us;
        turn (core, gone, is_busy ? ARRAY_SIZE (gone) : 0, town_now_ms (town));
        took_us = counted_us - begun_us;
        pace.scrub_us += took_us;
        pace.longest_us = took_us > pace.longest_us ? took_us : pace.longest_us;
        counted_us += OTHER_US;
        pace.other_us += OTHER_US;
        assert_true (++pace.turns < TURNS_MOST);
    }
    core->options.steady_us = NULL;
    assert_int_equal (core->scrubbed.differences, 0);
    assert_false (core->scrubbed.was_given_up);
    return pace;
}

/* Facts and journal of three sizes, clocks (or disks) of three paces. */
static void a_scrub_beside_work_takes_a_tenth_of_the_time (void **state UNUSED)
{
    static const unsigned rounds[] = { 4, 16, 40 };
    static const int64_t looks_us[] = { 5, 10, 20 };
    unsigned turns_before = 0;
    for (size_t i = 0; i < ARRAY_SIZE (rounds); i++) {
        fill (rounds[i], "plain");
        for (size_t j = 0; j < ARRAY_SIZE (looks_us); j++) {
            look_us = looks_us[j];
            struct pace pace = scrub (true);
            /* It is busy from its second slice on, and there is no pause after the last. */
            int64_t paced_us = pace.scrub_us - 2 * SLICE_US;
            assert_true (paced_us * 10 <= pace.scrub_us + pace.other_us);
            assert_true (pace.longest_us <= SLICE_US + 8 * look_us);
            if (j == 2) { /* more of it takes longer, not more */
                assert_true (pace.turns > turns_before);
                turns_before = pace.turns;
            }
        }
    }
    assert_true (turns_before > 50);
}

static void a_scrub_without_other_work_takes_half (void **state UNUSED)
{
    look_us = 20;
    struct pace pace = scrub (false);
    assert_true (pace.scrub_us <= pace.other_us + 2 * SLICE_US);
    assert_true (pace.longest_us <= SLICE_US + 8 * look_us);
}

/* ---- due rows ----------------------------------------------------------------------- */

/* Out of the page cache a row costs its look at the disk: what is asked meanwhile waits for a
 * few of them, not for hundreds. */
static void a_turn_of_slow_due_rows_ends_in_time (void **state UNUSED)
{
    fill (2, "due");
    struct core *core = town_core (town, SOURCE);
    int64_t now_ms = core->last_time_ms + 2 * TOY_DUE_MS;
    unsigned turns = 0;
    look_us = 5000; /* one look a row */
    core->options.steady_us = count_us;
    for (; core->next_due_ms <= now_ms; turns++) {
        uint64_t head = core->head;
        turn (core, NULL, 0, now_ms);
        assert_in_range (core->head - head, 1, DUE_US / look_us + 1);
    }
    core->options.steady_us = NULL;
    assert_in_range (turns, 2 * COMMANDS * look_us / DUE_US, TURNS_MOST);
}

/* ---- a follower --------------------------------------------------------------------- */

/* Behind by all there is, with as much credit as there may be. */
static struct follower *follow_from_the_first (void)
{
    struct core *core = town_core (town, SOURCE);
    struct town_client *inspector = town_client (town, ROLE_OPERATOR, 7);
    struct follow follow = { .after = 0, .credit = 1 };
    town_send (inspector, SOURCE, &(struct to_door){ .follow = &follow });
    town_settle (town);
    assert_int_equal (core->n_followers, 1);
    assert_int_equal (core->followers[0].next, 2);
    core->followers[0].credit = LIMIT_FOLLOW_CREDIT;
    return &core->followers[0];
}

static void a_follower_far_behind_gets_its_share_of_a_turn (void **state UNUSED)
{
    const uint64_t most = (uint64_t) ENTRIES_FRAMES_A_TURN * ENTRIES_FRAME_MAX;
    unsigned grew = 0;
    fill (4, "due"); /* what makes the journal grow in turns of its own */
    struct core *core = town_core (town, SOURCE);
    struct follower *follower = follow_from_the_first ();
    int64_t now_ms = town_now_ms (town);
    assert_true (core->head > 10 * most / 2);
    for (unsigned i = 0; i < 6; i++) {
        uint64_t head = core->head, next = follower->next;
        if (i == 2) /* one turn and the next have hundreds of rows to fire */
            now_ms += 2 * TOY_DUE_MS;
        follower->credit = LIMIT_FOLLOW_CREDIT;
        turn (core, NULL, 0, now_ms += 10);
        uint64_t grown = core->head - head, sent = follower->next - next;
        assert_true (sent > 0 && sent <= most);
        if (grown > 0)
            assert_true (sent <= grown + grown / 2 + ENTRIES_SPARE);
        else
            assert_true (sent > most / 4 || follower->next > core->head);
        grew += grown > 0;
    }
    assert_true (grew > 1);
}

static void credit_is_never_more_than_its_limit (void **state UNUSED)
{
    struct core *core = town_core (town, SOURCE);
    struct follower *follower = &core->followers[0];
    const struct sender sender = { .peer = BYTES (follower->peer, follower->peer_size) };
    for (unsigned i = 0; i < 100; i++)
        follower_credit (core, &sender, &(struct follow_credit){ .credit = 50000 });
    assert_int_equal (follower->credit, LIMIT_FOLLOW_CREDIT);
}

int main (void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_scrub_beside_work_takes_a_tenth_of_the_time),
        cmocka_unit_test (a_scrub_without_other_work_takes_half),
        cmocka_unit_test (a_follower_far_behind_gets_its_share_of_a_turn),
        cmocka_unit_test (credit_is_never_more_than_its_limit),
        cmocka_unit_test (a_turn_of_slow_due_rows_ends_in_time),
    };
    return cmocka_run_group_tests (tests, build, demolish);
}
