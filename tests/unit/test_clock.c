/* SPDX-License-Identifier: Apache-2.0 */
/* Trusted time: the law by itself, and a core that is told of doubt. */
#include "support/scratch.h"
#include "support/toy.h"
#include "wire/wire.h"

#include "base/log.h"
#include "runtime/trust.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MINUTE_MS INT64_C (60000)
#define HOUR_MS   (60 * MINUTE_MS)
#define DAY_MS    (24 * HOUR_MS)
#define T0_MS     INT64_C (1795395600000) /* 2026-11-23 09:00 at UTC+8 */

/* ---- the law ------------------------------------------------------------------------- */

/* A machine: what its clocks say, and what is made of it. */
struct machine {
    struct trust trust;
    struct trust_clocks clocks;
};

static struct machine machine_at (int64_t wall_ms)
{
    return (struct machine){ .clocks = {
                                 .wall_ms = wall_ms, .boot_ms = 50000, .boot = { 1 } } };
}

/* Time goes on for everybody. */
static int64_t pass (struct machine *machine, int64_t ms)
{
    machine->clocks.wall_ms += ms;
    machine->clocks.boot_ms += ms;
    return trust_step (&machine->trust, &machine->clocks);
}

/* Off, and on again after 'ms': another boot, whose wall says 'wall_ms'. */
static void boot (struct machine *machine, int64_t wall_ms, bool kept)
{
    struct trust before = machine->trust;
    machine->clocks.boot[0]++;
    machine->clocks.boot_ms = 20000;
    machine->clocks.wall_ms = wall_ms;
    trust_begin (&machine->trust, kept ? &before : NULL, &machine->clocks);
}

static void restart (struct machine *machine)
{
    struct trust before;
    uint8_t record[TRUST_RECORD_SIZE];
    trust_encode (&machine->trust, record);
    assert_true (trust_decode (BYTES_OF (record), &before));
    trust_begin (&machine->trust, &before, &machine->clocks);
}

static void is (const struct machine *machine, enum trust_state state, int64_t now_ms)
{
    assert_int_equal (machine->trust.state, state);
    assert_int_equal (machine->trust.trusted_ms, now_ms);
}

static struct machine running (void)
{
    struct machine machine = machine_at (T0_MS);
    machine.clocks.newest_ms = T0_MS - MINUTE_MS;
    trust_begin (&machine.trust, NULL, &machine.clocks);
    is (&machine, TRUST_SURE, T0_MS);
    return machine;
}

static void wall_clock_that_agrees_is_believed (void **state)
{
    (void) state;
    struct machine machine = running ();
    machine.clocks.wall_ms += 4 * MINUTE_MS;
    assert_int_equal (pass (&machine, 1000), T0_MS + 4 * MINUTE_MS + 1000);
    machine.clocks.wall_ms -= 4 * MINUTE_MS;
    assert_int_equal (pass (&machine, 1000), T0_MS + 2000);
    is (&machine, TRUST_SURE, T0_MS + 2000);
    assert_int_equal (machine.trust.jumps, 0);
}

/* Forward and back, by an hour and by forty days: time goes on where it was, and settles
 * when the wall agrees again. */
static void wall_clock_that_jumps_is_doubted_and_boot_time_goes_on (void **state)
{
    static const int64_t jumps[] = { HOUR_MS, -HOUR_MS, 40 * DAY_MS, -40 * DAY_MS,
                                     -T0_MS };
    (void) state;
    for (size_t i = 0; i < ARRAY_SIZE (jumps); i++) {
        struct machine machine = running ();
        machine.clocks.wall_ms += jumps[i];
        assert_int_equal (pass (&machine, 1000), T0_MS + 1000);
        is (&machine, TRUST_JUMPED, T0_MS + 1000);
        assert_int_equal (pass (&machine, 3 * DAY_MS), T0_MS + 1000 + 3 * DAY_MS);
        machine.clocks.wall_ms -= jumps[i] - 2500; /* corrected, nearly */
        assert_int_equal (pass (&machine, 500), T0_MS + 4000 + 3 * DAY_MS);
        is (&machine, TRUST_SURE, T0_MS + 4000 + 3 * DAY_MS);
        assert_int_equal (machine.trust.jumps, 1);
    }
}

static void
jump_that_somebody_keeps_right_is_believed_unless_it_goes_behind_the_newest (void **state)
{
    (void) state;
    struct machine machine = running ();
    machine.clocks.wall_ms += 40 * DAY_MS;
    pass (&machine, 1000);
    machine.clocks.is_synchronised = true;
    pass (&machine, 1000);
    is (&machine, TRUST_SURE, T0_MS + 40 * DAY_MS + 2000);

    machine.clocks.newest_ms = machine.trust.trusted_ms;
    machine.clocks.wall_ms -= 40 * DAY_MS;
    pass (&machine, 1000);
    pass (&machine, 1000);
    is (&machine, TRUST_JUMPED, T0_MS + 40 * DAY_MS + 4000);
    trust_settle (&machine.trust, &machine.clocks); /* a person says so */
    is (&machine, TRUST_SURE, T0_MS + 4000);
}

static void
boot_in_1970_goes_on_from_the_newest_entry_until_the_wall_is_set (void **state)
{
    (void) state;
    struct machine machine = running ();
    machine.clocks.newest_ms = T0_MS + DAY_MS;
    boot (&machine, 20000, false);
    is (&machine, TRUST_LOST, T0_MS + DAY_MS);
    assert_int_equal (machine.trust.jumps, 1);
    pass (&machine, HOUR_MS);
    is (&machine, TRUST_LOST, T0_MS + DAY_MS + HOUR_MS);
    machine.clocks.wall_ms = T0_MS + 4 * DAY_MS; /* set, by whom ever */
    pass (&machine, 1000);
    is (&machine, TRUST_SURE, T0_MS + 4 * DAY_MS + 1000);
}

static void boot_forty_days_ahead_is_doubted_unless_somebody_keeps_it_right (void **state)
{
    (void) state;
    struct machine machine = running ();
    machine.clocks.newest_ms = T0_MS;
    boot (&machine, T0_MS + 40 * DAY_MS, false);
    is (&machine, TRUST_LOST, T0_MS);
    machine.clocks.wall_ms -= 38 * DAY_MS;
    pass (&machine, 1000);
    is (&machine, TRUST_SURE, T0_MS + 2 * DAY_MS + 1000);

    machine.clocks.is_synchronised = true;
    boot (&machine, T0_MS + 80 * DAY_MS, false);
    is (&machine, TRUST_SURE, T0_MS + 80 * DAY_MS);
}

static void boot_before_the_newest_entry_is_doubted (void **state)
{
    static const int64_t behind[] = { HOUR_MS, 40 * DAY_MS };
    (void) state;
    for (size_t i = 0; i < ARRAY_SIZE (behind); i++) {
        struct machine machine = running ();
        machine.clocks.newest_ms = T0_MS;
        machine.clocks.is_synchronised = i > 0; /* that says nothing here */
        boot (&machine, T0_MS - behind[i], false);
        is (&machine, TRUST_LOST, T0_MS);
    }
    struct machine machine = running ();
    machine.clocks.newest_ms = T0_MS;
    boot (&machine, T0_MS - MINUTE_MS, false); /* that much any battery loses */
    is (&machine, TRUST_SURE, T0_MS - MINUTE_MS);
}

static void what_was_kept_of_another_boot_counts_as_known (void **state)
{
    (void) state;
    struct machine machine = running ();
    pass (&machine, 5 * DAY_MS); /* nothing was journaled in them */
    boot (&machine, 0, true);
    is (&machine, TRUST_LOST, T0_MS + 5 * DAY_MS);
}

static void first_store_believes_any_wall_that_is_not_before_the_floor (void **state)
{
    (void) state;
    struct machine machine = machine_at (T0_MS + 400 * DAY_MS);
    trust_begin (&machine.trust, NULL, &machine.clocks);
    is (&machine, TRUST_SURE, T0_MS + 400 * DAY_MS);
    machine = machine_at (1000);
    trust_begin (&machine.trust, NULL, &machine.clocks);
    is (&machine, TRUST_LOST, TRUST_FLOOR_MS);
}

static void restart_in_the_same_boot_goes_on_where_it_was (void **state)
{
    (void) state;
    struct machine machine = running ();
    pass (&machine, DAY_MS);
    machine.clocks.wall_ms -= HOUR_MS; /* while nobody ran */
    machine.clocks.wall_ms += MINUTE_MS;
    machine.clocks.boot_ms += MINUTE_MS;
    restart (&machine);
    is (&machine, TRUST_JUMPED, T0_MS + DAY_MS + MINUTE_MS);
    restart (&machine); /* doubt outlives a restart too */
    is (&machine, TRUST_JUMPED, T0_MS + DAY_MS + MINUTE_MS);
    machine.clocks.wall_ms += HOUR_MS;
    restart (&machine);
    is (&machine, TRUST_SURE, T0_MS + DAY_MS + MINUTE_MS);
}

static void boot_that_is_not_known_is_another_boot (void **state)
{
    (void) state;
    struct machine machine = running ();
    memset (machine.clocks.boot, 0, sizeof machine.clocks.boot);
    memset (machine.trust.boot, 0, sizeof machine.trust.boot);
    machine.clocks.wall_ms += HOUR_MS;
    restart (&machine);
    is (&machine, TRUST_SURE, T0_MS + HOUR_MS);
}

static void record_that_is_none_is_refused (void **state)
{
    struct trust trust;
    uint8_t record[TRUST_RECORD_SIZE] = { TRUST_STATE_COUNT };
    (void) state;
    assert_false (trust_decode (BYTES_OF (record), &trust));
    assert_false (trust_decode (BYTES (record, sizeof record - 1), &trust));
}

/* ---- a core that is told -------------------------------------------------------------- */

#define TABLES SOURCE_DIR "/deploy/config/tables"
#define NUMBER UINT64_C (202611230010100001)
#define CLIENTS                                                                          \
    "number\trole\tkey\tname\n"                                                          \
    "101\tterminal\t"                                                                    \
    "0100000000000000000000000000000000000000000000000000000000000000\tt\n"              \
    "7\toperator\t"                                                                      \
    "0200000000000000000000000000000000000000000000000000000000000000\to\n"

static const uint8_t terminal_key[32] = { 1 }, operator_key[32] = { 2 };

struct scene {
    struct scratch scratch;
    struct machine machine;
    struct core *core;
    struct outbox *outbox;
    struct arena arena;
    uint64_t counter;
};

static void scene_open (struct scene *scene)
{
    char dir[SCRATCH_PATH_SIZE + 8];
    struct rules_files files;
    struct err err = { 0 };
    snprintf (dir, sizeof dir, "%s/store", scene->scratch.path);
    struct core_options options = { .dir = dir, .map_mib = 64, .is_volatile = true };
    assert_int_equal (core_open (&toy_source, &options, &scene->core, &err), 0);
    scene->machine.clocks.newest_ms = core_newest_ms (scene->core);
    trust_begin (&scene->machine.trust, core_kept_trust (scene->core),
                 &scene->machine.clocks);
    core_trust (scene->core, &scene->machine.trust);
    assert_int_equal (rules_read_dir (&files, TABLES, &err), 0);
    assert_int_equal (core_start (scene->core, files.sources, bytes_of_text (CLIENTS),
                                  scene->machine.trust.trusted_ms, &err),
                      0);
    rules_files_done (&files);
}

static int scene_begin (void **state)
{
    static struct scene scene;
    scene = (struct scene){ .scratch = scratch_make (), .machine = machine_at (T0_MS) };
    arena_init (&scene.arena, 0);
    if (log_set_level ("critical") < 0)
        return -1;
    scene_open (&scene);
    *state = &scene;
    return 0;
}

static int scene_end (void **state)
{
    struct scene *scene = *state;
    core_close (&scene->core, true);
    arena_done (&scene->arena);
    scratch_remove (&scene->scratch);
    return 0;
}

/* As the shell does it. */
static void turn (struct scene *scene, const struct input *input)
{
    struct err err = { 0 };
    scene->machine.clocks.newest_ms = core_newest_ms (scene->core);
    int64_t now_ms = trust_step (&scene->machine.trust, &scene->machine.clocks);
    core_trust (scene->core, &scene->machine.trust);
    if (core_turn (scene->core, input, input != NULL, now_ms, &scene->outbox, &err) < 0)
        fail_msg ("%s", err.text);
}

static void say (struct scene *scene, const char *text)
{
    struct supplement supplement = { .number = NUMBER, .text = text };
    struct command command = { .incarnation = 1,
                               .counter = ++scene->counter,
                               .supplement = &supplement };
    struct to_door message = { .commands = &command, .n_commands = 1 };
    turn (scene, &(struct input){ .kind = INPUT_DOOR,
                                  .peer = BYTES (terminal_key, 8),
                                  .key = BYTES_OF (terminal_key),
                                  .frame = to_door_encode (&scene->arena, &message) });
}

static void later (struct scene *scene, int64_t ms)
{
    scene->machine.clocks.wall_ms += ms;
    scene->machine.clocks.boot_ms += ms;
}

static struct entry newest (struct scene *scene, enum kind kind)
{
    struct txn *txn = txn_begin_read (core_store (scene->core));
    struct entry entry = { 0 };
    for (uint64_t i = journal_size (core_journal (scene->core), txn); i > 0; i--) {
        bool found = core_entry (scene->core, txn, i, &scene->arena, &entry, NULL);
        assert_true (found);
        if (kind == KIND_NONE || entry.kind == kind)
            break;
        entry = (struct entry){ 0 };
    }
    txn_abort (&txn);
    return entry;
}

static struct status status_of (struct scene *scene)
{
    struct status status;
    core_status (scene->core, &scene->arena, scene->machine.trust.trusted_ms, &status);
    return status;
}

static void
doubt_is_told_in_every_entry_and_nothing_fires_until_it_is_settled (void **state)
{
    struct scene *scene = *state;
    say (scene, "due"); /* in an hour */
    scene->machine.clocks.wall_ms += 40 * DAY_MS;
    later (scene, 2 * HOUR_MS);
    say (scene, "plain");
    struct entry said = newest (scene, KIND_SUPPLEMENTED);
    assert_true (said.time_uncertain);
    assert_int_equal (said.time_ms, T0_MS + 2 * HOUR_MS);
    assert_int_equal (toy_fired (scene->core), 0);
    assert_true (status_of (scene).time_uncertain);
    /* And nobody is woken for it. */
    assert_true (core_wake_ms (scene->core, scene->machine.trust.trusted_ms) >
                 scene->machine.trust.trusted_ms);

    scene->machine.clocks.wall_ms -= 40 * DAY_MS;
    later (scene, MINUTE_MS);
    turn (scene, NULL);
    struct entry settled = newest (scene, KIND_TIME_SETTLED);
    assert_non_null (settled.time_settled);
    assert_false (settled.time_uncertain);
    assert_int_equal (settled.time_settled->from_ms, T0_MS + 2 * HOUR_MS);
    assert_int_equal (settled.time_settled->until_ms, T0_MS + 2 * HOUR_MS + MINUTE_MS);
    assert_int_equal (settled.time_settled->wall_ms, T0_MS + 2 * HOUR_MS + MINUTE_MS);
    assert_int_equal (toy_fired (scene->core), 1);
    assert_false (status_of (scene).time_uncertain);
    say (scene, "plain");
    assert_false (newest (scene, KIND_SUPPLEMENTED).time_uncertain);
}

static void doubt_outlives_a_restart_and_is_settled_once (void **state)
{
    struct scene *scene = *state;
    say (scene, "due");
    core_close (&scene->core, true);
    boot (&scene->machine, 30000, false); /* no clock, no battery */
    scene_open (scene);
    assert_true (newest (scene, KIND_STARTED).time_uncertain);
    /* Behind whatever the life before may have promised. */
    int64_t from_ms = newest (scene, KIND_STARTED).time_ms;
    assert_true (from_ms >= T0_MS && from_ms < T0_MS + 2 * MINUTE_MS);
    later (scene, 5 * HOUR_MS);
    turn (scene, NULL);
    assert_int_equal (toy_fired (scene->core), 0);
    core_close (&scene->core, false);
    scene_open (scene);
    assert_true (status_of (scene).time_uncertain);
    scene->machine.clocks.wall_ms = T0_MS + 3 * DAY_MS;
    turn (scene, NULL);
    struct entry settled = newest (scene, KIND_TIME_SETTLED);
    assert_int_equal (settled.time_settled->from_ms, from_ms);
    assert_int_equal (settled.time_settled->until_ms, T0_MS + 3 * DAY_MS);
    turn (scene, NULL);
    core_close (&scene->core, true);
    scene_open (scene);
    assert_int_equal (newest (scene, KIND_TIME_SETTLED).sequence, settled.sequence);
    assert_int_equal (toy_fired (scene->core), 1);
}

/* A batch that the disk does not take settles nothing. */
static void settling_that_was_undone_is_done_again (void **state)
{
    struct scene *scene = *state;
    scene->machine.clocks.wall_ms += HOUR_MS;
    say (scene, "plain");
    scene->machine.clocks.wall_ms -= HOUR_MS;
    for (unsigned n = 1; n < 12; n++) {
        store_fail_at (core_store (scene->core), n, -ENOSPC);
        turn (scene, NULL);
        later (scene, 2000);
    }
    store_fail_at (core_store (scene->core), 0, 0);
    turn (scene, NULL);
    struct entry settled = newest (scene, KIND_TIME_SETTLED);
    assert_non_null (settled.time_settled);
    assert_int_equal (settled.time_settled->from_ms, T0_MS);
    uint64_t before = settled.sequence;
    turn (scene, NULL);
    assert_int_equal (newest (scene, KIND_TIME_SETTLED).sequence, before);
}

/* What a follower was told to be complete stays complete: also when the daemon dies, the
 * wall is set back meanwhile, and it starts again. */
static void nothing_is_stamped_before_what_was_promised_over_a_restart (void **state)
{
    struct scene *scene = *state;
    struct follow follow = { .credit = 100 };
    struct to_door ask = { .follow = &follow };
    turn (scene, &(struct input){ .kind = INPUT_CONTROL,
                                  .peer = BYTES (operator_key, 8),
                                  .key = BYTES_OF (operator_key),
                                  .frame = to_door_encode (&scene->arena, &ask) });
    int64_t promised_ms = 0;
    for (unsigned i = 0; i < 100; i++) { /* idle: only heartbeats */
        struct from_door heard;
        later (scene, 700);
        scene->machine.clocks.wall_ms += i % 10 == 0 ? 40 : 0; /* slewed */
        turn (scene, NULL);
        assert_int_equal (scene->outbox->n_outputs, 1);
        assert_int_equal (from_door_decode (&scene->arena,
                                            scene->outbox->outputs[0].frame, &heard,
                                            NULL),
                          0);
        promised_ms = heard.entries->complete_ms;
    }
    assert_true (promised_ms > T0_MS + 60000);
    core_close (&scene->core, false);
    scene->machine.clocks.wall_ms -= 4 * MINUTE_MS; /* agrees still, they say */
    later (scene, 5);
    scene_open (scene);
    assert_int_equal (status_of (scene).time_uncertain, false);
    assert_true (newest (scene, KIND_STARTED).time_ms >= promised_ms);
    core_close (&scene->core, false);
    boot (&scene->machine, 1000, false);
    scene_open (scene);
    assert_true (status_of (scene).time_uncertain);
    say (scene, "plain");
    assert_true (newest (scene, KIND_SUPPLEMENTED).time_ms >= promised_ms);
}

/* An operator follows, and is told after a while how far everything is complete. */
static int64_t promise (struct scene *scene)
{
    struct follow follow = { .credit = 100 };
    struct to_door ask = { .follow = &follow };
    struct from_door heard;
    turn (scene, &(struct input){ .kind = INPUT_CONTROL,
                                  .peer = BYTES (operator_key, 8),
                                  .key = BYTES_OF (operator_key),
                                  .frame = to_door_encode (&scene->arena, &ask) });
    later (scene, 700);
    turn (scene, NULL);
    assert_int_equal (scene->outbox->n_outputs, 1);
    assert_int_equal (
        from_door_decode (&scene->arena, scene->outbox->outputs[0].frame, &heard, NULL),
        0);
    return heard.entries->complete_ms;
}

static void
promise_is_kept_when_the_wall_is_set_back_a_little_before_a_crash (void **state)
{
    struct scene *scene = *state;
    int64_t promised_ms = promise (scene);
    scene->machine.clocks.wall_ms -= 4 * MINUTE_MS;
    later (scene, 700);
    turn (scene, NULL);
    assert_int_equal (status_of (scene).time_uncertain, false);
    core_close (&scene->core, false);
    scene_open (scene);
    assert_true (newest (scene, KIND_STARTED).time_ms >= promised_ms);
}

static void promise_is_kept_by_a_boot_whose_wall_is_a_little_behind (void **state)
{
    for (unsigned clean = 0; clean < 2; clean++) {
        struct scene *scene = *state;
        int64_t promised_ms = promise (scene);
        core_close (&scene->core, clean);
        int64_t wall_ms = scene->machine.clocks.wall_ms;
        boot (&scene->machine, wall_ms - 4 * MINUTE_MS, false);
        scene_open (scene);
        assert_int_equal (status_of (scene).time_uncertain, false);
        assert_true (newest (scene, KIND_STARTED).time_ms >= promised_ms);
        /* Who stopped cleanly knows what was promised to the millisecond. */
        if (clean)
            assert_true (newest (scene, KIND_STARTED).time_ms <= promised_ms);
        later (scene, HOUR_MS);
    }
}

static void full_disk_is_no_reason_to_spin_while_time_is_in_doubt (void **state)
{
    struct scene *scene = *state;
    later (scene, 5000);
    turn (scene, NULL);
    scene->machine.clocks.wall_ms += HOUR_MS;
    store_fail_at (core_store (scene->core), 1, -ENOSPC);
    turn (scene, NULL);
    store_fail_at (core_store (scene->core), 0, 0);
    int64_t now_ms = scene->machine.trust.trusted_ms;
    assert_true (core_wake_ms (scene->core, now_ms) > now_ms);
    later (scene, 1100);
    turn (scene, NULL);
    assert_true (newest (scene, KIND_NONE).sequence > 0);
    assert_true (core_wake_ms (scene->core, scene->machine.trust.trusted_ms) >
                 scene->machine.trust.trusted_ms);
}

#define SCENE(test) cmocka_unit_test_setup_teardown (test, scene_begin, scene_end)

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (wall_clock_that_agrees_is_believed),
        cmocka_unit_test (wall_clock_that_jumps_is_doubted_and_boot_time_goes_on),
        cmocka_unit_test (
            jump_that_somebody_keeps_right_is_believed_unless_it_goes_behind_the_newest),
        cmocka_unit_test (
            boot_in_1970_goes_on_from_the_newest_entry_until_the_wall_is_set),
        cmocka_unit_test (
            boot_forty_days_ahead_is_doubted_unless_somebody_keeps_it_right),
        cmocka_unit_test (boot_before_the_newest_entry_is_doubted),
        cmocka_unit_test (what_was_kept_of_another_boot_counts_as_known),
        cmocka_unit_test (first_store_believes_any_wall_that_is_not_before_the_floor),
        cmocka_unit_test (restart_in_the_same_boot_goes_on_where_it_was),
        cmocka_unit_test (boot_that_is_not_known_is_another_boot),
        cmocka_unit_test (record_that_is_none_is_refused),
        SCENE (doubt_is_told_in_every_entry_and_nothing_fires_until_it_is_settled),
        SCENE (doubt_outlives_a_restart_and_is_settled_once),
        SCENE (settling_that_was_undone_is_done_again),
        SCENE (nothing_is_stamped_before_what_was_promised_over_a_restart),
        SCENE (promise_is_kept_when_the_wall_is_set_back_a_little_before_a_crash),
        SCENE (promise_is_kept_by_a_boot_whose_wall_is_a_little_behind),
        SCENE (full_disk_is_no_reason_to_spin_while_time_is_in_doubt),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
