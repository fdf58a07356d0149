/* SPDX-License-Identifier: Apache-2.0 */
/* The core with more due rows than a turn may take: one core by itself, turned by hand. */
#include "support/scratch.h"
#include "support/town.h"
#include "support/toy.h"
#include "wire/wire.h"

#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TABLES  SOURCE_DIR "/deploy/config/tables"
#define NOW_MS  INT64_C (1795395600000)
#define NUMBER  UINT64_C (202611230010100001)
#define BACKLOG 5000
#define CLIENTS                                                                          \
    "number\trole\tkey\tname\n101\tterminal\t"                                           \
    "0100000000000000000000000000000000000000000000000000000000000000\tt\n"

static const uint8_t key[32] = { 1 };

static struct {
    struct scratch scratch;
    struct core *core;
    struct arena arena;
    uint64_t counter;
    struct outbox *outbox;
} scene;

static int begin (void **state)
{
    char dir[SCRATCH_PATH_SIZE + 8];
    struct rules_files files;
    struct err err = { 0 };

    (void) state;
    scene.scratch = scratch_make ();
    scene.counter = 0;
    arena_init (&scene.arena, 0);
    snprintf (dir, sizeof dir, "%s/store", scene.scratch.path);
    struct core_options options = { .dir = dir, .map_mib = 64, .is_volatile = true };
    if (log_set_level ("critical") < 0 ||
        core_open (&toy_source, &options, &scene.core, &err) < 0 ||
        rules_read_dir (&files, TABLES, &err) < 0 ||
        core_start (scene.core, files.sources, bytes_of_text (CLIENTS), NOW_MS, &err) < 0)
        return -1;
    rules_files_done (&files);
    return 0;
}

static int end (void **state)
{
    (void) state;
    core_close (&scene.core, true);
    arena_done (&scene.arena);
    scratch_remove (&scene.scratch);
    return 0;
}

static void turn (const struct input *inputs, size_t n_inputs, int64_t now_ms)
{
    struct err err = { 0 };

    if (core_turn (scene.core, inputs, n_inputs, now_ms, &scene.outbox, &err) < 0)
        fail_msg ("%s", err.text);
}

/* As many commands in one frame, one turn. */
static void say (const char *text, size_t count, int64_t now_ms)
{
    static struct supplement supplements[LIMIT_COMMANDS];
    static struct command commands[LIMIT_COMMANDS];

    for (size_t i = 0; i < count; i++) {
        supplements[i] =
            (struct supplement){ .number = NUMBER + scene.counter, .text = text };
        commands[i] = (struct command){ .incarnation = 1,
                                        .counter = ++scene.counter,
                                        .supplement = &supplements[i] };
    }
    struct input input = { .kind = INPUT_DOOR,
                           .peer = BYTES (key, 8),
                           .key = BYTES_OF (key),
                           .frame = to_door_encode (
                               &scene.arena, &(struct to_door){ .commands = commands,
                                                                .n_commands = count }) };
    turn (&input, 1, now_ms);
    arena_reset (&scene.arena);
}

static void new_work_is_served_between_due_rows_whatever_the_backlog (void **state)
{
    int64_t now_ms = NOW_MS;
    uint64_t fired = 0;
    unsigned turns = 0;

    (void) state;
    for (size_t i = 0; i < BACKLOG; i += 250)
        say ("due", 250, now_ms);
    now_ms += 2 * TOY_DUE_MS; /* as after downtime */
    while (fired < BACKLOG) {
        struct from_door answer;

        say ("plain", 1, now_ms);
        /* It is answered in the turn it came with, and that turn is not long. */
        assert_int_equal (scene.outbox->n_outputs, 1);
        assert_int_equal (from_door_decode (&scene.arena, scene.outbox->outputs[0].frame,
                                            &answer, NULL),
                          0);
        assert_int_equal (answer.n_outcomes, 1);
        assert_null (answer.outcomes[0].refusal);
        uint64_t more = toy_fired (scene.core) - fired;
        assert_true (more > 0 && more <= 64); /* nor are the rows starved */
        fired += more;
        turns++;
    }
    assert_int_equal (fired, BACKLOG);
    assert_true (turns >= BACKLOG / 64);
    assert_true (core_wake_ms (scene.core, now_ms) > now_ms);
}

static void backlog_alone_wants_its_turns_at_once_and_none_is_long (void **state)
{
    int64_t now_ms = NOW_MS;
    uint64_t fired = 0;

    (void) state;
    for (size_t i = 0; i < BACKLOG; i += 250)
        say ("due", 250, now_ms);
    now_ms += 2 * TOY_DUE_MS;
    while (core_wake_ms (scene.core, now_ms) <= now_ms) {
        turn (NULL, 0, now_ms);
        uint64_t more = toy_fired (scene.core) - fired;
        assert_true (more > 0 && more <= 512);
        fired += more;
    }
    assert_int_equal (fired, BACKLOG);
}

/* Taken away by an entry, so that a fold takes it away too. */
static void row_that_leads_to_nothing_leaves_by_an_entry (void **state)
{
    struct town *town = town_create (
        &(struct town_options){ .tables_dir = TABLES, .specs = { &toy_source } });
    struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101);
    struct supplement supplement = { .number = NUMBER, .text = "idle" };

    (void) state;
    assert_null (town_command (terminal, SPEAKER_INTAKE,
                               &(struct command){ .supplement = &supplement })
                     ->refusal);
    int64_t due_ms = town_now_ms (town) + TOY_DUE_MS;
    town_step (town, 2 * TOY_DUE_MS);
    struct entry *lapsed = town_last (town, SPEAKER_INTAKE, KIND_LAPSED);
    assert_non_null (lapsed);
    assert_true (lapsed->informative);
    assert_int_equal (lapsed->lapsed->due_ms, due_ms);
    assert_int_equal (lapsed->lapsed->subject, NUMBER);
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_LAPSED), 1);
    assert_true (town_rebuild (town, SPEAKER_INTAKE));
    town_step (town, 2 * TOY_DUE_MS);
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_LAPSED), 1);
    town_destroy (&town);
}

/* ---- very many commands ------------------------------------------------------------- */

#define FRAMES   150 /* of LIMIT_COMMANDS each: 38,400 */
#define TURN_MAX 32768

/* How many of them are taken in one turn. */
static unsigned commands_taken (void)
{
    static struct supplement supplement = { .number = NUMBER, .text = "plain" };
    static struct command commands[LIMIT_COMMANDS];
    static struct input inputs[FRAMES];
    unsigned taken = 0;

    scene.counter = 0; /* all of them, again and again */
    for (size_t i = 0; i < FRAMES; i++) {
        for (size_t j = 0; j < LIMIT_COMMANDS; j++)
            commands[j] = (struct command){ .incarnation = 1,
                                            .counter = ++scene.counter,
                                            .supplement = &supplement };
        struct to_door message = { .commands = commands, .n_commands = LIMIT_COMMANDS };
        inputs[i] = (struct input){ .kind = INPUT_DOOR,
                                    .peer = BYTES (key, 8),
                                    .key = BYTES_OF (key),
                                    .frame = to_door_encode (&scene.arena, &message) };
    }
    turn (inputs, FRAMES, NOW_MS);
    for (size_t i = 0; i < scene.outbox->n_outputs; i++) {
        struct from_door answer;
        assert_int_equal (from_door_decode (&scene.arena, scene.outbox->outputs[i].frame,
                                            &answer, NULL),
                          0);
        for (size_t j = 0; j < answer.n_outcomes; j++)
            taken += answer.outcomes[j].receipt != NULL;
    }
    arena_reset (&scene.arena);
    return taken;
}

static void turn_takes_so_many_commands_and_the_rest_comes_again (void **state)
{
    (void) state;
    assert_int_equal (commands_taken (), TURN_MAX);
    assert_int_equal (toy_count (scene.core, NUMBER), TURN_MAX);
    /* Repeats are answered all the same, and do not push the rest out for ever. */
    assert_int_equal (commands_taken (), FRAMES * LIMIT_COMMANDS);
    assert_int_equal (toy_count (scene.core, NUMBER), FRAMES * LIMIT_COMMANDS);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (
            new_work_is_served_between_due_rows_whatever_the_backlog, begin, end),
        cmocka_unit_test_setup_teardown (
            backlog_alone_wants_its_turns_at_once_and_none_is_long, begin, end),
        cmocka_unit_test (row_that_leads_to_nothing_leaves_by_an_entry),
        cmocka_unit_test_setup_teardown (
            turn_takes_so_many_commands_and_the_rest_comes_again, begin, end),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
