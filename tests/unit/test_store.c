/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"
#include "store/cursor.h"
#include "store/store.h"
#include "store/txn.h"
#include "support/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum table { FACTS, QUEUE, TABLE_COUNT };
static const char *const tables[] = { [FACTS] = "facts", [QUEUE] = "queue" };

#define MAP_MIB 4

static struct store *open_in (const struct scratch *scratch)
{
    struct store *store = NULL;
    struct err err = { 0 };
    int rc =
        store_open_volatile (scratch->path, tables, TABLE_COUNT, MAP_MIB, &store, &err);
    if (rc != 0)
        fail_msg ("%s", err.text);
    return store;
}

static struct key number_key (uint32_t number)
{
    struct key key;
    key_init (&key);
    key_u32 (&key, number);
    return key;
}

static uint32_t key_number (struct bytes key)
{
    uint32_t number = key_take_u32 (&key);
    assert_true (key_taken_whole (&key));
    return number;
}

static void put_number (struct txn *txn, unsigned table, uint32_t number)
{
    struct key key = number_key (number);
    txn_put (txn, table, key_view (&key), BYTES_OF (number));
}

static bool delete_number (struct txn *txn, unsigned table, uint32_t number)
{
    struct key key = number_key (number);
    return txn_delete (txn, table, key_view (&key));
}

static bool has_number (struct txn *txn, unsigned table, uint32_t number)
{
    struct key key = number_key (number);
    return txn_get (txn, table, key_view (&key), NULL);
}

static void commit (struct txn **txn)
{
    assert_int_equal (txn_commit (txn), 0);
    assert_null (*txn);
}

/* ---- keys ---------------------------------------------------------------------- */

static void keys_sort_as_their_numbers (void **state UNUSED)
{
    struct key small, large;
    key_init (&small);
    key_u8 (&small, 1);
    key_u16 (&small, 0x00ff);
    key_u64 (&small, UINT64_MAX);
    key_init (&large);
    key_u8 (&large, 1);
    key_u16 (&large, 0x0100);
    key_u64 (&large, 0);
    assert_true (bytes_compare (key_view (&small), key_view (&large)) < 0);
}

static void keys_read_back_part_by_part (void **state UNUSED)
{
    struct key key;
    key_init (&key);
    key_u8 (&key, 7);
    key_u16 (&key, 700);
    key_u32 (&key, 70000);
    key_u64 (&key, UINT64_C (7000000000));
    key_text (&key, "宅基地");
    struct bytes rest = key_view (&key);
    assert_int_equal (key_take_u8 (&rest), 7);
    assert_int_equal (key_take_u16 (&rest), 700);
    assert_int_equal (key_take_u32 (&rest), 70000);
    assert_int_equal (key_take_u64 (&rest), UINT64_C (7000000000));
    struct bytes text = key_take_bytes (&rest, rest.size);
    assert_true (bytes_equal (text, bytes_of_text ("宅基地")));
    assert_true (key_taken_whole (&rest));
}

static void key_too_short_is_noticed_at_the_end (void **state UNUSED)
{
    uint8_t short_key[5] = { 0, 0, 0, 9, 1 };
    struct bytes rest = BYTES_OF (short_key);
    assert_int_equal (key_take_u32 (&rest), 9);
    assert_int_equal (key_take_u32 (&rest), 0);
    assert_int_equal (key_take_u8 (&rest), 0); /* not what was left */
    assert_false (key_taken_whole (&rest));
    struct bytes longer = BYTES_OF (short_key);
    key_take_u32 (&longer);
    assert_false (key_taken_whole (&longer));
}

/* ---- transactions ---------------------------------------------------------------- */

static void what_was_committed_is_there_after_reopening (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    CLEANUP (store_close) struct store *store = NULL;
    struct err err;
    assert_int_equal (store_open (scratch.path, tables, TABLE_COUNT, 1, &store, &err), 0);
    assert_false (store_is_volatile (store));
    struct txn *txn = txn_begin_write (store);
    put_number (txn, FACTS, 1);
    txn_put (txn, QUEUE, bytes_of_text ("empty"), BYTES (NULL, 0));
    commit (&txn);
    store_close (&store);
    assert_null (store);

    assert_int_equal (store_open (scratch.path, tables, TABLE_COUNT, 1, &store, &err), 0);
    txn = txn_begin_read (store);
    struct key key = number_key (1);
    struct bytes value;
    assert_true (txn_get (txn, FACTS, key_view (&key), &value));
    uint32_t number = 1;
    assert_true (bytes_equal (value, BYTES_OF (number)));
    assert_true (txn_get (txn, QUEUE, bytes_of_text ("empty"), &value));
    assert_int_equal (value.size, 0);
    assert_false (has_number (txn, FACTS, 2));
    assert_int_equal (txn_count (txn, FACTS), 1);
    commit (&txn);
}

static void aborted_transaction_leaves_nothing (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    CLEANUP (store_close) struct store *store = open_in (&scratch);
    struct txn *txn = txn_begin_write (store);
    put_number (txn, FACTS, 1);
    assert_true (has_number (txn, FACTS, 1));
    txn_abort (&txn);
    assert_null (txn);
    txn_abort (&txn); /* of nothing is fine */

    store_close (&store);
    store = open_in (&scratch);
    txn = txn_begin_write (store);
    assert_false (has_number (txn, FACTS, 1));
    put_number (txn, FACTS, 2);
    commit (&txn);
    txn = txn_begin_read (store);
    assert_true (has_number (txn, FACTS, 2));
    commit (&txn);
}

static void first_failure_sticks_and_nothing_is_written (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    CLEANUP (store_close) struct store *store = open_in (&scratch);
    struct txn *txn = txn_begin_write (store);
    put_number (txn, FACTS, 1);
    txn_fail (txn, -EPROTO);
    txn_fail (txn, -EINVAL);
    assert_int_equal (txn_error (txn), -EPROTO);
    put_number (txn, FACTS, 2);
    assert_false (has_number (txn, FACTS, 1)); /* nothing is found any more */
    assert_false (delete_number (txn, FACTS, 1));
    assert_int_equal (txn_count (txn, FACTS), 0);
    struct key key = number_key (3);
    assert_null (txn_put_space (txn, FACTS, key_view (&key), 4));
    CLEANUP (cursor_done) struct cursor cursor;
    cursor_init (&cursor, txn, FACTS);
    assert_false (cursor_first (&cursor));
    cursor_done (&cursor);
    assert_int_equal (txn_commit (&txn), -EPROTO);
    assert_null (txn);

    txn = txn_begin_read (store);
    assert_int_equal (txn_count (txn, FACTS), 0);
    commit (&txn);
}

static void append_takes_growing_keys_only (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    CLEANUP (store_close) struct store *store = open_in (&scratch);
    struct txn *txn = txn_begin_write (store);
    for (uint32_t i = 1; i <= 1000; i++) {
        struct key key = number_key (i);
        uint8_t *space = txn_append_space (txn, FACTS, key_view (&key), 4);
        assert_non_null (space);
        put_be32 (space, i);
    }
    commit (&txn);
    txn = txn_begin_write (store);
    assert_int_equal (txn_count (txn, FACTS), 1000);
    struct key key = number_key (1000);
    txn_append (txn, FACTS, key_view (&key), BYTES (NULL, 0));
    assert_int_equal (txn_commit (&txn), -EEXIST);
}

static void snapshot_of_a_reader_does_not_move (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    CLEANUP (store_close) struct store *store = open_in (&scratch);
    struct txn *before = txn_begin_read (store);
    struct txn *txn = txn_begin_write (store);
    assert_true (txn_is_write (txn) && !txn_is_write (before));
    assert_true (txn_id (txn) != txn_id (before));
    put_number (txn, FACTS, 1);
    commit (&txn);
    assert_false (has_number (before, FACTS, 1));
    commit (&before);
    before = txn_begin_read (store);
    assert_true (has_number (before, FACTS, 1));
    txn_abort (&before);
}

static void clearing_a_table_leaves_the_others (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    CLEANUP (store_close) struct store *store = open_in (&scratch);
    struct txn *txn = txn_begin_write (store);
    for (uint32_t i = 0; i < 500; i++) {
        put_number (txn, FACTS, i);
        put_number (txn, QUEUE, i);
    }
    txn_clear (txn, QUEUE);
    put_number (txn, QUEUE, 7);
    commit (&txn);
    txn = txn_begin_read (store);
    assert_int_equal (txn_count (txn, FACTS), 500);
    assert_int_equal (txn_count (txn, QUEUE), 1);
    commit (&txn);
}

struct total {
    unsigned runs;
};

static void write_total (void *arg, struct txn *txn)
{
    struct total *total = arg;
    total->runs++;
    put_number (txn, FACTS, 4711);
}

static void hook_writes_just_before_the_commit (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    CLEANUP (store_close) struct store *store = open_in (&scratch);
    struct total total = { 0 };
    struct txn_hook hook = { .run = write_total, .arg = &total };
    struct txn *txn = txn_begin_write (store);
    txn_before_commit (txn, &hook);
    txn_abort (&txn);
    txn = txn_begin_write (store);
    txn_before_commit (txn, &hook);
    txn_fail (txn, -EINVAL);
    assert_int_equal (txn_commit (&txn), -EINVAL);
    assert_int_equal (total.runs, 0);
    txn = txn_begin_write (store);
    txn_before_commit (txn, &hook);
    commit (&txn);
    assert_int_equal (total.runs, 1);
    txn = txn_begin_read (store);
    assert_true (has_number (txn, FACTS, 4711));
    commit (&txn);
}

/* ---- failures --------------------------------------------------------------------- */

/* Move a number from one table to the other: half of it would be a lie. */
static int move_number (struct store *store, uint32_t number)
{
    struct txn *txn = txn_begin_write (store);
    bool was_there = delete_number (txn, FACTS, number);
    assert_true (was_there || txn_error (txn) != 0);
    put_number (txn, QUEUE, number);
    put_number (txn, QUEUE, number + 1);
    txn_clear (txn, FACTS);
    return txn_commit (&txn);
}

static void
every_write_and_the_commit_fail_once_and_nothing_is_half_done (void **state UNUSED)
{
    static const int codes[] = { -ENOSPC, -EIO, -ENOMEM };
    for (size_t i = 0; i < ARRAY_SIZE (codes); i++) {
        CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
        CLEANUP (store_close) struct store *store = open_in (&scratch);
        struct txn *txn = txn_begin_write (store);
        put_number (txn, FACTS, 1);
        commit (&txn);
        unsigned failures = 0;
        for (;; failures++) {
            store_fail_at (store, failures + 1, codes[i]);
            int rc = move_number (store, 1);
            txn = txn_begin_read (store);
            bool moved = has_number (txn, QUEUE, 1);
            assert_int_equal (has_number (txn, FACTS, 1), !moved);
            assert_int_equal (has_number (txn, QUEUE, 2), moved);
            commit (&txn);
            if (rc == 0) {
                assert_true (moved);
                break;
            }
            assert_int_equal (rc, codes[i]);
            assert_false (moved);
        }
        assert_int_equal (failures, 5); /* four writes, one commit */
        store_fail_at (store, 0, 0);
    }
}

/* Fill with values of 'size' bytes until it refuses. */
static uint32_t fill (struct store *store, uint32_t from, size_t size, int *ret_code)
{
    char *value = calloc (1, size);
    int rc = 0;
    while (rc == 0) {
        struct txn *txn = txn_begin_write (store);
        struct key key = number_key (from++);
        txn_put (txn, FACTS, key_view (&key), BYTES (value, size));
        rc = txn_commit (&txn);
    }
    free (value);
    *ret_code = rc;
    return from - 1;
}

static void full_map_refuses_and_can_be_used_again (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    CLEANUP (store_close) struct store *store = open_in (&scratch);
    double empty = store_used_share (store);
    assert_true (empty > 0 && empty < 0.05);
    int rc;
    uint32_t refused = fill (store, 0, 50000, &rc);
    assert_int_equal (rc, -ENOSPC);
    assert_true (store_used_share (store) > 0.9);
    assert_true (refused > 50);

    struct txn *txn = txn_begin_write (store);
    assert_false (has_number (txn, FACTS, refused));
    for (uint32_t i = 0; i < refused; i += 2)
        assert_true (delete_number (txn, FACTS, i));
    commit (&txn);
    assert_true (store_used_share (store) < 0.7);
    /* What a transaction frees serves from the second one after it. */
    txn = txn_begin_write (store);
    put_number (txn, QUEUE, 1);
    commit (&txn);
    uint32_t last = fill (store, 10000, 50000, &rc);
    assert_int_equal (rc, -ENOSPC);
    assert_true (last - 10000 > refused / 3);
    txn = txn_begin_read (store);
    assert_int_equal (txn_count (txn, FACTS), refused / 2 + last - 10000);
    commit (&txn);
}

static void full_map_inside_a_batch_aborts_all_of_it (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    CLEANUP (store_close) struct store *store = open_in (&scratch);
    char *value = calloc (1, 100000);
    struct txn *txn = txn_begin_write (store);
    uint32_t i;
    for (i = 0; txn_error (txn) == 0; i++) {
        struct key key = number_key (i);
        txn_put (txn, FACTS, key_view (&key), BYTES (value, 100000));
        assert_true (i < 100);
    }
    free (value);
    assert_int_equal (txn_error (txn), -ENOSPC);
    assert_int_equal (txn_commit (&txn), -ENOSPC);
    txn = txn_begin_write (store);
    assert_int_equal (txn_count (txn, FACTS), 0);
    put_number (txn, FACTS, 1);
    commit (&txn);
}

/* ---- who may open ------------------------------------------------------------------ */

static void second_opener_is_told_so (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    CLEANUP (store_close) struct store *store = open_in (&scratch);
    struct store *second = NULL;
    struct err err = { 0 };
    assert_int_equal (store_open (scratch.path, tables, TABLE_COUNT, 1, &second, &err),
                      -EBUSY);
    assert_non_null (strstr (err.text, "this process"));
    assert_int_equal (
        store_open_reader (scratch.path, tables, TABLE_COUNT, &second, &err), -EBUSY);
    assert_null (second);
    store_close (&store);
    store = open_in (&scratch); /* free again */
}

static void second_process_is_told_so (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    int opened[2], finish[2];
    char byte;
    assert_int_equal (pipe (opened), 0);
    assert_int_equal (pipe (finish), 0);
    pid_t child = fork ();
    assert_true (child >= 0);
    if (child == 0) {
        struct store *store = open_in (&scratch);
        struct txn *txn = txn_begin_write (store);
        put_number (txn, FACTS, 1);
        bool done = txn_commit (&txn) == 0 && write (opened[1], "!", 1) == 1 &&
                    read (finish[0], &byte, 1) == 1;
        _exit (done ? 0 : 1);
    }
    assert_int_equal (read (opened[0], &byte, 1), 1);
    struct store *store = NULL;
    struct err err = { 0 };
    assert_int_equal (store_open (scratch.path, tables, TABLE_COUNT, 1, &store, &err),
                      -EBUSY);
    assert_non_null (strstr (err.text, "another process"));
    /* A tool may look meanwhile. */
    assert_int_equal (store_open_reader (scratch.path, tables, TABLE_COUNT, &store, &err),
                      0);
    struct txn *txn = txn_begin_read (store);
    assert_true (has_number (txn, FACTS, 1));
    commit (&txn);
    store_close (&store);

    int status;
    assert_int_equal (write (finish[1], "!", 1), 1);
    assert_int_equal (waitpid (child, &status, 0), child);
    assert_int_equal (status, 0);
    store = open_in (&scratch); /* the dead process's lock is gone */
    store_reader_check (store);
    store_close (&store);
    for (size_t i = 0; i < 2; i++) {
        close (opened[i]);
        close (finish[i]);
    }
}

/* What 'work' does in a process of its own, while this one may have nothing open. */
static int in_child (const struct scratch *scratch, int (*work) (const char *dir))
{
    int status;
    pid_t child = fork ();
    assert_true (child >= 0);
    if (child == 0)
        _exit (work (scratch->path));
    assert_int_equal (waitpid (child, &status, 0), child);
    assert_true (WIFEXITED (status));
    return WEXITSTATUS (status);
}

static int count_up_shared (const char *dir)
{
    struct store *store;
    struct err err;
    if (store_open_shared (dir, tables, TABLE_COUNT, 1, &store, &err) < 0)
        return 1;
    for (uint32_t i = 0; i < 50; i++) {
        struct txn *txn = txn_begin_write (store);
        put_number (txn, FACTS, (uint32_t) txn_count (txn, FACTS));
        if (txn_commit (&txn) < 0)
            return 2;
    }
    store_close (&store);
    return 0;
}

static int open_alone (const char *dir)
{
    struct store *store;
    struct err err;
    return -store_open (dir, tables, TABLE_COUNT, 1, &store, &err);
}

/* Two processes count in the same table: no number is given twice. */
static int count_up_in_two (const char *dir)
{
    int status;
    pid_t other = fork ();
    if (other == 0)
        _exit (count_up_shared (dir));
    int rc = count_up_shared (dir);
    waitpid (other, &status, 0);
    return rc != 0 ? rc : status;
}

static void shared_store_takes_turns (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    assert_int_equal (in_child (&scratch, count_up_in_two), 0);
    CLEANUP (store_close) struct store *store = NULL;
    struct err err = { 0 };
    assert_int_equal (
        store_open_shared (scratch.path, tables, TABLE_COUNT, 1, &store, &err), 0);
    struct txn *txn = txn_begin_read (store);
    assert_int_equal (txn_count (txn, FACTS), 100);
    txn_abort (&txn);
}

static void shared_store_and_a_sole_one_exclude_each_other (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    int fds[2];
    char byte;
    assert_int_equal (pipe (fds), 0);
    pid_t child = fork ();
    assert_true (child >= 0);
    if (child == 0) { /* holds the store until it is killed */
        struct store *store;
        struct err err;
        alarm (20); /* whatever becomes of the test, it does not stay behind */
        int rc = store_open_shared (scratch.path, tables, TABLE_COUNT, 1, &store, &err);
        close (fds[0]);
        _exit (rc < 0 || write (fds[1], "!", 1) != 1 || pause () != -1);
    }
    close (fds[1]);
    assert_int_equal (read (fds[0], &byte, 1), 1);
    assert_int_equal (in_child (&scratch, open_alone), EBUSY);
    assert_int_equal (in_child (&scratch, count_up_shared), 0);
    assert_int_equal (kill (child, SIGKILL), 0);
    int status;
    assert_int_equal (waitpid (child, &status, 0), child);
    assert_int_equal (in_child (&scratch, open_alone), 0);
    close (fds[0]);
}

static void reader_of_nothing_finds_no_store_and_makes_none (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    struct store *store = NULL;
    struct err err = { 0 };
    assert_int_equal (store_open_reader (scratch.path, tables, TABLE_COUNT, &store, &err),
                      -ENOENT);
    char path[SCRATCH_PATH_SIZE + 16];
    snprintf (path, sizeof path, "%s/lock.mdb", scratch.path);
    assert_int_equal (access (path, F_OK), -1);
    snprintf (path, sizeof path, "%s/a/b", scratch.path);
    assert_int_equal (store_open (path, tables, TABLE_COUNT, 1, &store, &err), -ENOENT);
    assert_non_null (strstr (err.text, "/a/b"));
}

static void garbage_in_the_meta_pages_is_refused_in_words (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    struct store *store = open_in (&scratch);
    store_close (&store);
    char path[SCRATCH_PATH_SIZE + 16], garbage[8192];
    memset (garbage, 0xa5, sizeof garbage);
    snprintf (path, sizeof path, "%s/data.mdb", scratch.path);
    int fd = open (path, O_WRONLY | O_CLOEXEC);
    assert_int_equal (pwrite (fd, garbage, sizeof garbage, 0), sizeof garbage);
    close (fd);
    struct err err = { 0 };
    assert_int_equal (store_open (scratch.path, tables, TABLE_COUNT, 1, &store, &err),
                      -EINVAL);
    assert_non_null (strstr (err.text, "data.mdb"));
}

/* Whatever is missing, nobody falls off the end of the file. */
static void file_cut_short_is_refused_in_words (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    struct store *store = open_in (&scratch);
    struct txn *txn = txn_begin_write (store);
    for (uint32_t i = 0; i < 5000; i++)
        put_number (txn, FACTS, i);
    commit (&txn);
    store_close (&store);
    char *file = NULL;
    struct stat status;
    assert_true (asprintf (&file, "%s/data.mdb", scratch.path) > 0);
    assert_int_equal (stat (file, &status), 0);
    /* A volatile store is written through the map, which is as long as it may become. */
    assert_int_equal (status.st_size, MAP_MIB << 20);
    for (off_t size = 2 * 4096; size < 20 * 4096; size += 1000) {
        struct err err = { 0 };
        assert_int_equal (truncate (file, size), 0);
        assert_int_equal (
            store_open (scratch.path, tables, TABLE_COUNT, MAP_MIB, &store, &err),
            -EUCLEAN);
        assert_non_null (strstr (err.text, "bytes of"));
        assert_non_null (strstr (err.text, scratch.path));
        assert_int_equal (
            store_open_shared (scratch.path, tables, TABLE_COUNT, MAP_MIB, &store, &err),
            -EUCLEAN);
        assert_int_equal (
            store_open_reader (scratch.path, tables, TABLE_COUNT, &store, &err),
            -EUCLEAN);
    }
    free (file);
}

/* Not a new store: it would begin again with the number 1. */
static void lost_file_is_no_new_store (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    char *file = NULL;
    assert_true (asprintf (&file, "%s/data.mdb", scratch.path) > 0);
    for (unsigned i = 0; i < 2; i++) {
        struct store *store = NULL;
        struct err err = { 0 };
        struct stat status;
        if (i == 0) { /* cut off before its first commit it was none */
            assert_int_equal (file_write (file, BYTES (NULL, 0), 0600, &err), 0);
            assert_int_equal (
                store_open (scratch.path, tables, TABLE_COUNT, MAP_MIB, &store, &err), 0);
            store_close (&store);
        }
        assert_int_equal (i == 0 ? truncate (file, 0) : unlink (file), 0);
        assert_int_equal (
            store_open (scratch.path, tables, TABLE_COUNT, MAP_MIB, &store, &err),
            -EUCLEAN);
        assert_non_null (strstr (err.text, i == 0 ? "is empty" : "is gone"));
        assert_non_null (strstr (err.text, "restore it from a backup"));
        assert_int_equal (
            store_open_shared (scratch.path, tables, TABLE_COUNT, MAP_MIB, &store, &err),
            -EUCLEAN);
        if (i == 0) /* nothing was changed */
            assert_true (stat (file, &status) == 0 && status.st_size == 0);
    }
    free (file);
}

/* Pages that were taken at the end and given back before the commit are never written. */
static void file_that_ends_with_free_pages_is_whole (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    for (uint32_t round = 0; round < 40; round++) {
        struct store *store = NULL;
        struct err err = { 0 };
        if (store_open (scratch.path, tables, TABLE_COUNT, MAP_MIB, &store, &err) < 0)
            fail_msg ("round %u: %s", round, err.text);
        struct txn *txn = txn_begin_write (store);
        static const uint8_t large[100000];
        for (uint32_t i = 0; i < 300 * (round % 4 + 1); i++)
            put_number (txn, QUEUE, round * 2000 + i);
        struct key key = number_key (round * 2000);
        if (round > 0)
            txn_put (txn, QUEUE, key_view (&key), BYTES_OF (large));
        for (uint32_t i = 0; i < 300 * (round % 4 + 1); i++)
            assert_true (delete_number (txn, QUEUE, round * 2000 + i));
        commit (&txn);
        store_close (&store);
    }
}

static void a_later_release_may_add_a_table (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    CLEANUP (store_close) struct store *store = open_in (&scratch);
    struct txn *txn = txn_begin_write (store);
    put_number (txn, QUEUE, 5);
    commit (&txn);
    store_close (&store);
    static const char *const more[] = { "facts", "queue", "people" };
    struct err err;
    assert_int_equal (store_open_reader (scratch.path, more, 3, &store, &err), -ENOENT);
    assert_non_null (strstr (err.text, "people"));
    assert_int_equal (store_open_volatile (scratch.path, more, 3, 1, &store, &err), 0);
    txn = txn_begin_write (store);
    assert_true (has_number (txn, QUEUE, 5));
    put_number (txn, 2, 1);
    commit (&txn);
}

/* ---- cursors ------------------------------------------------------------------------ */

static void prefix_holds_its_own_rows_in_order (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    CLEANUP (store_close) struct store *store = open_in (&scratch);
    struct txn *txn = txn_begin_write (store);
    for (uint32_t department = 1; department <= 3; department++) {
        for (uint32_t i = 0; i < department; i++) {
            struct key key = number_key (department);
            key_u32 (&key, 100 - i);
            txn_put (txn, QUEUE, key_view (&key), BYTES_OF (i));
        }
    }
    struct key prefix = number_key (2);
    struct cursor cursor;
    cursor_init (&cursor, txn, QUEUE);
    uint32_t found[4] = { 0 };
    size_t count = 0;
    for (cursor_seek (&cursor, key_view (&prefix));
         cursor_is_within (&cursor, key_view (&prefix)); cursor_next (&cursor)) {
        struct bytes rest = cursor_key (&cursor);
        key_take_u32 (&rest);
        found[count++] = key_take_u32 (&rest);
    }
    assert_int_equal (count, 2);
    assert_int_equal (found[0], 99);
    assert_int_equal (found[1], 100);

    assert_true (cursor_last_within (&cursor, key_view (&prefix)));
    assert_memory_equal (cursor_key (&cursor).data, "\0\0\0\2\0\0\0\144", 8);
    prefix = number_key (4);
    assert_false (cursor_last_within (&cursor, key_view (&prefix)));
    assert_false (cursor_is_on (&cursor));
    assert_true (cursor_last_within (&cursor, BYTES (NULL, 0)));
    assert_memory_equal (cursor_key (&cursor).data, "\0\0\0\3\0\0\0\144", 8);
    assert_true (cursor_seek_before (&cursor, cursor_key (&cursor)));
    assert_memory_equal (cursor_key (&cursor).data, "\0\0\0\3\0\0\0\143", 8);
    assert_true (cursor_first (&cursor));
    assert_false (cursor_prev (&cursor));
    assert_false (cursor_prev (&cursor)); /* it stands nowhere */
    assert_false (cursor_next (&cursor));
    cursor_done (&cursor);
    txn_abort (&txn);
}

static void last_within_a_prefix_of_ones_is_found (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    CLEANUP (store_close) struct store *store = open_in (&scratch);
    struct txn *txn = txn_begin_write (store);
    struct key prefix = number_key (UINT32_MAX), key = prefix;
    key_u32 (&key, 3);
    struct cursor cursor;
    cursor_init (&cursor, txn, QUEUE);
    assert_false (cursor_last_within (&cursor, key_view (&prefix)));
    put_number (txn, QUEUE, UINT32_MAX - 1);
    assert_false (cursor_last_within (&cursor, key_view (&prefix)));
    txn_put (txn, QUEUE, key_view (&key), BYTES (NULL, 0));
    assert_true (cursor_last_within (&cursor, key_view (&prefix)));
    cursor_done (&cursor);
    txn_abort (&txn);
}

static void queue_is_emptied_under_its_cursor (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    CLEANUP (store_close) struct store *store = open_in (&scratch);
    struct txn *txn = txn_begin_write (store);
    for (uint32_t i = 0; i < 2000; i++)
        put_number (txn, QUEUE, i);
    struct cursor cursor;
    cursor_init (&cursor, txn, QUEUE);
    uint32_t expected = 0;
    for (cursor_first (&cursor); cursor_is_on (&cursor); cursor_next (&cursor)) {
        assert_int_equal (key_number (cursor_key (&cursor)), expected++);
        assert_true (txn_delete (txn, QUEUE, cursor_key (&cursor)));
    }
    assert_int_equal (expected, 2000);
    assert_int_equal (txn_count (txn, QUEUE), 0);
    cursor_done (&cursor);
    commit (&txn);
}

/* The table against a plain array, the cursor walking both ways while others write.
 * Keys 0 … 255, values large enough to split and merge pages all the time. */
#define MODEL_KEYS 256

struct model {
    bool is_there[MODEL_KEYS];
    int at; /* -1: nowhere */
    uint64_t random;
};

static uint32_t draw (struct model *model, uint32_t below)
{
    model->random ^= model->random << 13;
    model->random ^= model->random >> 7;
    model->random ^= model->random << 17;
    return (uint32_t) (model->random >> 33) % below;
}

static void model_step (struct model *model, int step)
{
    if (model->at < 0)
        return;
    do
        model->at += step;
    while (model->at >= 0 && model->at < MODEL_KEYS && !model->is_there[model->at]);
    if (model->at >= MODEL_KEYS)
        model->at = -1;
}

static void change_one (struct model *model, struct txn *txn)
{
    static const char value[1500];
    uint32_t number = draw (model, MODEL_KEYS);
    if (draw (model, 4) == 0 && model->at >= 0)
        number = (uint32_t) model->at;
    struct key key = number_key (number);
    if (draw (model, 2) == 0) {
        assert_int_equal (txn_delete (txn, QUEUE, key_view (&key)),
                          model->is_there[number]);
        model->is_there[number] = false;
    } else {
        txn_put (txn, QUEUE, key_view (&key), BYTES (value, draw (model, sizeof value)));
        model->is_there[number] = true;
    }
}

static void move_one (struct model *model, struct cursor *cursor)
{
    uint32_t to = draw (model, MODEL_KEYS);
    struct key key = number_key (to);
    switch (draw (model, 8)) {
    case 0:
        cursor_seek (cursor, key_view (&key));
        model->at = (int) to;
        if (!model->is_there[to])
            model_step (model, 1);
        break;
    case 1:
    case 2:
    case 3:
        cursor_prev (cursor);
        model_step (model, -1);
        break;
    default:
        cursor_next (cursor);
        model_step (model, 1);
    }
}

static void cursor_walks_as_the_model_whatever_is_written (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    CLEANUP (store_close) struct store *store = open_in (&scratch);
    struct model model = { .at = -1, .random = 20261123 };
    for (unsigned turn = 0; turn < 40; turn++) {
        struct txn *txn = txn_begin_write (store);
        struct cursor cursor;
        cursor_init (&cursor, txn, QUEUE);
        model.at = -1;
        for (unsigned i = 0; i < 1000; i++) {
            for (uint32_t changes = draw (&model, 4); changes > 0; changes--)
                change_one (&model, txn);
            move_one (&model, &cursor);
            assert_int_equal (cursor_is_on (&cursor), model.at >= 0);
            if (model.at >= 0)
                assert_int_equal (key_number (cursor_key (&cursor)), model.at);
        }
        cursor_done (&cursor);
        assert_int_equal (txn_error (txn), 0);
        commit (&txn);
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (keys_sort_as_their_numbers),
        cmocka_unit_test (keys_read_back_part_by_part),
        cmocka_unit_test (key_too_short_is_noticed_at_the_end),
        cmocka_unit_test (what_was_committed_is_there_after_reopening),
        cmocka_unit_test (aborted_transaction_leaves_nothing),
        cmocka_unit_test (first_failure_sticks_and_nothing_is_written),
        cmocka_unit_test (append_takes_growing_keys_only),
        cmocka_unit_test (snapshot_of_a_reader_does_not_move),
        cmocka_unit_test (clearing_a_table_leaves_the_others),
        cmocka_unit_test (hook_writes_just_before_the_commit),
        cmocka_unit_test (every_write_and_the_commit_fail_once_and_nothing_is_half_done),
        cmocka_unit_test (full_map_refuses_and_can_be_used_again),
        cmocka_unit_test (full_map_inside_a_batch_aborts_all_of_it),
        cmocka_unit_test (second_opener_is_told_so),
        cmocka_unit_test (second_process_is_told_so),
        cmocka_unit_test (shared_store_takes_turns),
        cmocka_unit_test (shared_store_and_a_sole_one_exclude_each_other),
        cmocka_unit_test (reader_of_nothing_finds_no_store_and_makes_none),
        cmocka_unit_test (garbage_in_the_meta_pages_is_refused_in_words),
        cmocka_unit_test (file_cut_short_is_refused_in_words),
        cmocka_unit_test (lost_file_is_no_new_store),
        cmocka_unit_test (file_that_ends_with_free_pages_is_whole),
        cmocka_unit_test (a_later_release_may_add_a_table),
        cmocka_unit_test (prefix_holds_its_own_rows_in_order),
        cmocka_unit_test (last_within_a_prefix_of_ones_is_found),
        cmocka_unit_test (queue_is_emptied_under_its_cursor),
        cmocka_unit_test (cursor_walks_as_the_model_whatever_is_written),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
