/* SPDX-License-Identifier: Apache-2.0 */
/* Poison: a process that dies over an input, for real, in a child. */
#include "support/scratch.h"
#include "support/toy.h"
#include "wire/wire.h"

#include "base/log.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define TABLES SOURCE_DIR "/deploy/config/tables"
#define NUMBER UINT64_C (202611230010100001)
#define NOW_MS INT64_C (1795395600000)
#define BATCH  300

/* A life of a daemon: opened, given a batch, then ended. In the child all of it; what
 * the parent needs to know it finds in the store afterwards. */
struct life {
    const struct service_spec *spec;
    struct scratch scratch;
    struct input inputs[BATCH];
    size_t n_inputs;
    int64_t now_ms;
    bool was_killed; /* the life before it was ended from outside */
    struct arena arena;
};

static const uint8_t terminal_key[32] = { 1 }, operator_key[32] = { 2 };

static const char clients[] =
    "number\trole\tkey\tname\n"
    "101\tterminal\t0100000000000000000000000000000000000000000000000000000000000000\tt\n"
    "7\toperator\t0200000000000000000000000000000000000000000000000000000000000000\to\n";

static struct life begin (const struct service_spec *spec)
{
    struct life life = { .spec = spec, .scratch = scratch_make (), .now_ms = NOW_MS };
    int rc = log_set_level ("critical");
    assert_int_equal (rc, 0);
    arena_init (&life.arena, 0);
    return life;
}

static void end (struct life *life)
{
    toy_deadly_followed = toy_deadly_due = toy_deadly_query = 0;
    arena_done (&life->arena);
    scratch_remove (&life->scratch);
}

static struct core *wake (struct life *life)
{
    struct core *core;
    struct err err = { 0 };
    struct rules_files files;
    char dir[SCRATCH_PATH_SIZE + 8];
    snprintf (dir, sizeof dir, "%s/store", life->scratch.path);
    struct core_options options = {
        .dir = dir, .map_mib = 64, .is_volatile = true, .was_killed = life->was_killed
    };
    int rc = core_open (life->spec, &options, &core, &err);
    assert_int_equal (rc, 0);
    rc = rules_read_dir (&files, TABLES, &err);
    assert_int_equal (rc, 0);
    rc = core_start (core, files.sources, bytes_of_text (clients), life->now_ms, &err);
    assert_int_equal (rc, 0);
    rules_files_done (&files);
    return core;
}

static struct outbox *turn (struct life *life, struct core *core)
{
    struct outbox *outbox;
    struct err err = { 0 };
    int rc = core_turn (core, life->inputs, life->n_inputs, life->now_ms, &outbox, &err);
    assert_int_equal (rc, 0);
    return outbox;
}

/* One life in a child that is not stopped cleanly; true when it died over its input. */
static bool live (struct life *life)
{
    pid_t child = fork ();
    assert_true (child >= 0);
    if (child == 0) {
        struct core *core = wake (life);
        turn (life, core);
        _exit (0);
    }
    int status;
    pid_t ended = waitpid (child, &status, 0);
    assert_int_equal (ended, child);
    assert_true (WIFEXITED (status));
    return WEXITSTATUS (status) == TOY_DEATH;
}

static void add_frame (struct life *life, const uint8_t *key,
                       const struct to_door *message)
{
    assert (life->n_inputs < BATCH);
    life->inputs[life->n_inputs++] =
        (struct input){ .kind = INPUT_DOOR,
                        .peer = bytes_of_text ("peer"),
                        .key = BYTES (key, 32),
                        .frame = to_door_encode (&life->arena, message) };
}

static void add_commands (struct life *life, uint64_t first, const char *const *texts,
                          size_t count)
{
    struct supplement supplements[BATCH];
    struct command commands[BATCH];
    for (size_t i = 0; i < count; i++) {
        supplements[i] = (struct supplement){ .number = NUMBER, .text = texts[i] };
        commands[i] = (struct command){ .counter = first + i,
                                        .incarnation = 1,
                                        .supplement = &supplements[i] };
    }
    add_frame (life, terminal_key,
               &(struct to_door){ .commands = commands, .n_commands = count });
}

static size_t count_parked (struct core *core)
{
    struct txn *txn = txn_begin_read (core_store (core));
    struct arena arena;
    size_t parked = 0;
    arena_init (&arena, 0);
    for (uint64_t i = 1; i <= journal_size (core_journal (core), txn); i++) {
        struct entry entry;
        bool found = core_entry (core, txn, i, &arena, &entry, NULL);
        assert_true (found);
        parked += entry.kind == KIND_PARKED;
    }
    arena_done (&arena);
    txn_abort (&txn);
    return parked;
}

/* ---- a command ---------------------------------------------------------------------- */

static void command_that_kills_is_parked_the_third_time (void **state)
{
    (void) state;
    struct life life = begin (&toy_source);
    static const char *const texts[] = { "plain", "poison", "two" };
    add_commands (&life, 1, texts, 3);
    assert_true (live (&life));
    assert_true (live (&life));
    assert_true (live (&life));
    assert_false (live (&life));

    struct core *core = wake (&life);
    struct outbox *outbox = turn (&life, core); /* a repeat of all */
    struct from_door answer;
    assert_int_equal (outbox->n_outputs, 1);
    int rc = from_door_decode (&life.arena, outbox->outputs[0].frame, &answer,
                               &(struct err){ 0 });
    assert_int_equal (rc, 0);
    assert_int_equal (answer.n_outcomes, 3);
    assert_non_null (answer.outcomes[0].receipt);
    assert_int_equal (answer.outcomes[1].refusal->code, REFUSAL_PARKED);
    assert_non_null (answer.outcomes[2].receipt);
    assert_int_equal (toy_count (core, NUMBER), 3);
    assert_int_equal (count_parked (core), 1);
    struct status status;
    core_status (core, &life.arena, NOW_MS, &status);
    assert_non_null (strstr (status.trouble, "parked"));
    core_close (&core, true);
    end (&life);
}

/* Whoever is killed from outside again and again while it is at the same thing parks nothing
 * soon; but memory without end is such a kill too, so at some time it does. */
static void who_is_killed_at_its_work_blames_it_little (void **state)
{
    (void) state;
    struct life life = begin (&toy_source);
    static const char *const texts[] = { "plain", "poison", "two" };
    add_commands (&life, 1, texts, 3);
    life.was_killed = true;
    unsigned lives = 0;
    while (live (&life))
        assert_true (++lives < 100);
    assert_in_range (lives, 10, 30);
    struct core *core = wake (&life);
    assert_int_equal (count_parked (core), 1);
    core_close (&core, true);
    end (&life);
}

static void falls_count_beside_kills (void **state)
{
    (void) state;
    struct life life = begin (&toy_source);
    static const char *const texts[] = { "poison" };
    add_commands (&life, 1, texts, 1);
    assert_true (live (&life));
    for (unsigned i = 0; i < 4; i++) {
        life.was_killed = i % 2 == 1;
        assert_true (live (&life));
    }
    life.was_killed = false;
    assert_false (live (&life)); /* two falls among them */
    end (&life);
}

static void batches_are_batches_again_after_a_clean_stop (void **state)
{
    (void) state;
    struct life life = begin (&toy_source);
    static const char *const texts[] = { "plain", "poison" };
    static const char *const plain[] = { "plain" };
    add_commands (&life, 1, texts, 2);
    assert_true (live (&life));
    assert_true (live (&life));
    life.n_inputs = 0;
    add_commands (&life, 1, plain, 1);
    struct core *core = wake (&life);
    turn (&life, core);
    core_close (&core, true);
    /* The stop was clean: what was noted of it counts no more. */
    life.n_inputs = 0;
    add_commands (&life, 1, texts, 2);
    assert_true (live (&life));
    assert_true (live (&life));
    assert_true (live (&life));
    assert_false (live (&life));
    end (&life);
}

static void lives_that_end_between_inputs_park_nothing (void **state)
{
    (void) state;
    struct life life = begin (&toy_source);
    static const char *const texts[] = { "plain" };
    struct standing_query where = { 0 };
    struct query query = { .id = 1, .standing = &where };
    add_frame (&life, terminal_key,
               &(struct to_door){ .queries = &query, .n_queries = 1 });
    add_commands (&life, 1, texts, 1);
    for (unsigned i = 0; i < 8; i++)
        assert_false (live (&life)); /* each is a kill -9 */
    struct core *core = wake (&life);
    assert_int_equal (count_parked (core), 0);
    core_close (&core, true);
    end (&life);
}

/* ---- an entry, a row, a question ---------------------------------------------------- */

/* Entries of a source of one supplement each, as it would send them. */
static void add_entries (struct life *life, uint64_t from, uint64_t to)
{
    struct arena *arena = &life->arena;
    size_t count = to - from + 1;
    struct followed *followed = ARENA_ARRAY (arena, struct followed, count);
    struct hash hash;
    static const uint8_t journal[JOURNAL_ID_SIZE] = { 7 };
    for (size_t i = 0; i < count; i++) {
        struct bytes body =
            asked_body_encode (arena, &(struct asked_body){ .text = "plain" });
        journal_body_hash (body, &hash);
        followed[i] = (struct followed){
            .header =
                entry_encode (arena, &(struct entry){ .sequence = from + i,
                                                      .time_ms = NOW_MS,
                                                      .kind = KIND_SUPPLEMENTED,
                                                      .grievance = NUMBER + from + i }),
            .body = body,
            .body_hash = arena_bytes (arena, hash_view (&hash))
        };
    }
    struct entries entries = { .journal = BYTES_OF (journal),
                               .entries = followed,
                               .n_entries = count,
                               .complete = to,
                               .complete_ms = NOW_MS,
                               .head = to };
    life->inputs[life->n_inputs++] = (struct input){
        .kind = INPUT_LINK,
        .link = SPEAKER_INTAKE,
        .frame = from_door_encode (arena, &(struct from_door){ .entries = &entries })
    };
}

static void entry_that_kills_is_parked_and_passed (void **state)
{
    (void) state;
    struct life life = begin (&toy_follower);
    toy_deadly_followed = NUMBER + 3;
    add_entries (&life, 1, 5);
    assert_true (live (&life));
    assert_true (live (&life));
    assert_true (live (&life));
    assert_false (live (&life));
    struct core *core = wake (&life);
    for (uint64_t i = 1; i <= 5; i++)
        assert_int_equal (toy_count (core, NUMBER + i), i != 3);
    assert_int_equal (count_parked (core), 1);
    struct status status;
    core_status (core, &life.arena, NOW_MS, &status);
    assert_int_equal (status.positions[0].acted, 5);
    core_close (&core, true);
    end (&life);
}

/* Of two daemons on one machine one may be a moment ahead; further ahead its clock is wrong. */
static void what_comes_of_an_entry_is_not_earlier_than_it (void **state)
{
    (void) state;
    struct life life = begin (&toy_follower);
    life.now_ms = NOW_MS - 50;
    add_entries (&life, 1, 1);
    struct core *core = wake (&life);
    turn (&life, core);
    assert_int_equal (core_newest_ms (core), NOW_MS);
    core_close (&core, true);
    end (&life);

    life = begin (&toy_follower);
    life.now_ms = NOW_MS - INT64_C (40) * 86400 * 1000;
    add_entries (&life, 1, 1);
    core = wake (&life);
    turn (&life, core);
    assert_int_equal (toy_count (core, NUMBER + 1), 1);
    assert_int_equal (core_newest_ms (core), life.now_ms);
    core_close (&core, true);
    end (&life);
}

/* Nothing is passed over without an entry that says so, whichever write fails. */
static void parking_is_undone_with_its_batch (void **state)
{
    (void) state;
    struct life life = begin (&toy_follower);
    struct status status = { 0 };
    toy_deadly_followed = NUMBER + 3;
    add_entries (&life, 1, 5);
    for (unsigned i = 0; i < 3; i++)
        assert_true (live (&life));
    struct core *core = wake (&life);
    for (unsigned n = 1; n < 100; n++) {
        store_fail_at (core_store (core), n, -ENOSPC);
        turn (&life, core);
        life.now_ms += 2000;
    }
    store_fail_at (core_store (core), 0, 0);
    core_status (core, &life.arena, life.now_ms, &status);
    assert_int_equal (status.positions[0].acted, 5);
    assert_int_equal (count_parked (core), 1);
    core_close (&core, true);
    end (&life);
}

static void due_row_that_kills_is_parked_and_taken_away (void **state)
{
    (void) state;
    struct life life = begin (&toy_source);
    static const char *const texts[] = { "due" };
    add_commands (&life, 1, texts, 1);
    assert_false (live (&life));
    life.n_inputs = 0;
    life.now_ms = NOW_MS + TOY_DUE_MS;
    toy_deadly_due = NUMBER;
    assert_true (live (&life));
    assert_true (live (&life));
    assert_false (live (&life)); /* the life before was unclean already */
    struct core *core = wake (&life);
    turn (&life, core);
    assert_int_equal (toy_fired (core), 0);
    assert_int_equal (count_parked (core), 1);
    assert_true (core_wake_ms (core, life.now_ms) > life.now_ms);
    core_close (&core, true);
    end (&life);
}

static void due_row_that_kills_is_found_behind_a_busy_door (void **state)
{
    (void) state;
    struct life life = begin (&toy_source);
    static const char *const texts[] = { "due" };
    add_commands (&life, 1, texts, 1);
    assert_false (live (&life));
    while (life.n_inputs < BATCH)
        add_commands (&life, 1, texts, 1); /* repeats: as many frames */
    life.now_ms = NOW_MS + TOY_DUE_MS;
    toy_deadly_due = NUMBER;
    assert_true (live (&life));
    assert_true (live (&life));
    assert_false (live (&life));
    end (&life);
}

static void question_that_kills_is_refused_from_the_third_time_on (void **state)
{
    (void) state;
    struct life life = begin (&toy_source);
    struct due_query due = { .limit = 13 };
    struct query query = { .id = 1, .due = &due };
    toy_deadly_query = 13;
    add_frame (&life, operator_key,
               &(struct to_door){ .queries = &query, .n_queries = 1 });
    assert_true (live (&life));
    assert_true (live (&life));
    assert_true (live (&life));
    assert_false (live (&life));
    struct core *core = wake (&life);
    struct from_door answer;
    for (unsigned i = 0; i < 3; i++) {
        struct outbox *outbox = turn (&life, core);
        int rc = from_door_decode (&life.arena, outbox->outputs[0].frame, &answer,
                                   &(struct err){ 0 });
        assert_int_equal (rc, 0);
        assert_int_equal (answer.replies[0].refusal->code, REFUSAL_PARKED);
    }
    assert_int_equal (count_parked (core), 1);
    core_close (&core, true);
    end (&life);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (command_that_kills_is_parked_the_third_time),
        cmocka_unit_test (who_is_killed_at_its_work_blames_it_little),
        cmocka_unit_test (falls_count_beside_kills),
        cmocka_unit_test (batches_are_batches_again_after_a_clean_stop),
        cmocka_unit_test (lives_that_end_between_inputs_park_nothing),
        cmocka_unit_test (entry_that_kills_is_parked_and_passed),
        cmocka_unit_test (what_comes_of_an_entry_is_not_earlier_than_it),
        cmocka_unit_test (parking_is_undone_with_its_batch),
        cmocka_unit_test (due_row_that_kills_is_parked_and_taken_away),
        cmocka_unit_test (due_row_that_kills_is_found_behind_a_busy_door),
        cmocka_unit_test (question_that_kills_is_refused_from_the_third_time_on),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
