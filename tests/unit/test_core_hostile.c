/* SPDX-License-Identifier: Apache-2.0 */
/* The core against clients who know a key and mean no good, and against a clock that is
 * set back. One core by itself, turned by hand. */
#include "support/scratch.h"
#include "support/toy.h"
#include "wire/wire.h"

#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TABLES     SOURCE_DIR "/deploy/config/tables"
#define NOW_MS     INT64_C (1795395600000)
#define INPUTS_MAX 128

#define HEADING  "number\trole\tkey\tname\n"
#define TERMINAL "101\tterminal\t" KEY_TEXT ("01") "\tt\n"
#define OPERATOR "7\toperator\t" KEY_TEXT ("02") "\to\n"
#define KEY_TEXT(first)                                                                  \
    first "00000000000000000000000000000000000000000000000000000000000000"

static const uint8_t terminal_key[32] = { 1 }, operator_key[32] = { 2 };

struct scene {
    struct scratch scratch;
    struct core *core;
    struct arena arena;
    struct input inputs[INPUTS_MAX];
    size_t n_inputs;
    int64_t now_ms;
    struct outbox *outbox;
};

static void take_clients (struct scene *scene, const char *clients)
{
    struct err err = { 0 };
    struct rules_files files;
    int rc = rules_read_dir (&files, TABLES, &err);
    assert_int_equal (rc, 0);
    rc = core_start (scene->core, files.sources, bytes_of_text (clients), scene->now_ms,
                     &err);
    assert_int_equal (rc, 0);
    rules_files_done (&files);
}

static struct scene begin (void)
{
    struct scene scene = { .scratch = scratch_make (), .now_ms = NOW_MS };
    char dir[SCRATCH_PATH_SIZE + 8];
    struct err err = { 0 };
    int rc = log_set_level ("critical");
    assert_int_equal (rc, 0);
    arena_init (&scene.arena, 0);
    snprintf (dir, sizeof dir, "%s/store", scene.scratch.path);
    struct core_options options = { .dir = dir, .map_mib = 64, .is_volatile = true };
    rc = core_open (&toy_source, &options, &scene.core, &err);
    assert_int_equal (rc, 0);
    take_clients (&scene, HEADING TERMINAL OPERATOR);
    return scene;
}

static void end (struct scene *scene)
{
    core_close (&scene->core, true);
    arena_done (&scene->arena);
    scratch_remove (&scene->scratch);
}

static void hear (struct scene *scene, const uint8_t *key, const struct to_door *message)
{
    assert (scene->n_inputs < INPUTS_MAX);
    scene->inputs[scene->n_inputs++] =
        (struct input){ .kind = INPUT_DOOR,
                        .peer = BYTES (key, 8), /* any name, one for each key */
                        .key = BYTES (key, 32),
                        .frame = to_door_encode (&scene->arena, message) };
}

static void turn (struct scene *scene)
{
    struct err err = { 0 };
    int rc = core_turn (scene->core, scene->inputs, scene->n_inputs, scene->now_ms,
                        &scene->outbox, &err);
    assert_int_equal (rc, 0);
    scene->n_inputs = 0;
}

static struct from_door *said (struct scene *scene, size_t i)
{
    struct from_door *message = ARENA_NEW (&scene->arena, struct from_door);
    struct err err = { 0 };
    assert_true (i < scene->outbox->n_outputs);
    int rc =
        from_door_decode (&scene->arena, scene->outbox->outputs[i].frame, message, &err);
    assert_int_equal (rc, 0);
    return message;
}

/* ---- questions ---------------------------------------------------------------------- */

static void ask (struct scene *scene, const uint8_t *key, size_t count,
                 struct source *not_before)
{
    struct due_query due = { 0 };
    struct query queries[LIMIT_QUERIES];
    for (size_t i = 0; i < count; i++)
        queries[i] = (struct query){ .id = i + 1, .due = &due, .not_before = not_before };
    hear (scene, key, &(struct to_door){ .queries = queries, .n_queries = count });
}

struct answers {
    size_t given, put_off;
};

static struct answers count_answers (struct scene *scene)
{
    struct answers answers = { 0 };
    for (size_t i = 0; i < scene->outbox->n_outputs; i++) {
        const struct from_door *message = said (scene, i);
        for (size_t j = 0; j < message->n_replies; j++) {
            const struct refusal *refusal = message->replies[j].refusal;
            answers.given += refusal == NULL;
            answers.put_off += refusal != NULL && refusal->code == REFUSAL_TRY_LATER;
        }
    }
    return answers;
}

static void flood_of_questions_is_told_to_ask_again (void **state)
{
    (void) state;
    struct scene scene = begin ();
    for (size_t i = 0; i < INPUTS_MAX; i++)
        ask (&scene, terminal_key, LIMIT_QUERIES, NULL);
    turn (&scene);
    struct answers answers = count_answers (&scene);
    assert_int_equal (answers.given + answers.put_off, INPUTS_MAX * LIMIT_QUERIES);
    assert_int_equal (answers.given, 4096);
    /* The next turn has its own share. */
    ask (&scene, terminal_key, 1, NULL);
    turn (&scene);
    assert_int_equal (count_answers (&scene).given, 1);
    end (&scene);
}

static void questions_that_wait_leave_room_for_others (void **state)
{
    (void) state;
    struct scene scene = begin ();
    struct source far = { .speaker = SPEAKER_INTAKE, .sequence = 1000000 };
    for (size_t i = 0; i < 8; i++)
        ask (&scene, terminal_key, LIMIT_QUERIES, &far);
    turn (&scene);
    assert_int_equal (count_answers (&scene).put_off, 8 * LIMIT_QUERIES - 32);
    ask (&scene, operator_key, 1, &far);
    turn (&scene);
    assert_int_equal (count_answers (&scene).put_off, 0);
    end (&scene);
}

/* ---- following ---------------------------------------------------------------------- */

static void follow (struct scene *scene)
{
    struct follow follow = { .credit = 1000 };
    hear (scene, operator_key, &(struct to_door){ .follow = &follow });
    turn (scene);
    assert_non_null (said (scene, 0)->entries);
}

static void key_that_was_taken_away_is_sent_nothing_more (void **state)
{
    (void) state;
    struct scene scene = begin ();
    follow (&scene);
    take_clients (&scene, HEADING TERMINAL); /* journals the new table, too */
    scene.now_ms += 1000;
    turn (&scene);
    assert_int_equal (scene.outbox->n_outputs, 1);
    assert_null (said (&scene, 0)->entries);
    assert_int_equal (said (&scene, 0)->follow_refused->problem, FOLLOW_NO_RIGHT);
    scene.now_ms += 1000;
    turn (&scene);
    assert_int_equal (scene.outbox->n_outputs, 0);
    end (&scene);
}

static void desk_whose_row_has_changed_has_to_subscribe_again (void **state)
{
    (void) state;
    struct scene scene = begin ();
    struct subscribe subscribe = { .department = 1, .credit = 10 };
    hear (&scene, operator_key, &(struct to_door){ .subscribe = &subscribe });
    hear (&scene, terminal_key, &(struct to_door){ .subscribe = &subscribe });
    turn (&scene);
    unsigned before = toy_subscribers ();
    take_clients (&scene, HEADING TERMINAL);
    turn (&scene);
    assert_int_equal (toy_subscribers (), before - 1);
    assert_int_equal (scene.outbox->n_outputs, 1);
    assert_true (bytes_equal (scene.outbox->outputs[0].peer, BYTES (operator_key, 8)));
    assert_int_equal (said (&scene, 0)->refusal->code, REFUSAL_NO_RIGHT);
    turn (&scene);
    assert_int_equal (toy_subscribers (), before - 1);
    end (&scene);
}

static void clock_that_is_set_back_does_not_silence_heartbeats (void **state)
{
    (void) state;
    struct scene scene = begin ();
    follow (&scene);
    scene.now_ms -= 200000;
    assert_true (core_wake_ms (scene.core, scene.now_ms) <= scene.now_ms);
    for (unsigned i = 0; i < 3; i++) {
        turn (&scene);
        assert_int_equal (scene.outbox->n_outputs, 1);
        assert_non_null (said (&scene, 0)->entries);
        int64_t wake_ms = core_wake_ms (scene.core, scene.now_ms);
        assert_true (wake_ms > scene.now_ms && wake_ms <= scene.now_ms + 1000);
        scene.now_ms = wake_ms;
    }
    end (&scene);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (flood_of_questions_is_told_to_ask_again),
        cmocka_unit_test (questions_that_wait_leave_room_for_others),
        cmocka_unit_test (key_that_was_taken_away_is_sent_nothing_more),
        cmocka_unit_test (desk_whose_row_has_changed_has_to_subscribe_again),
        cmocka_unit_test (clock_that_is_set_back_does_not_silence_heartbeats),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
