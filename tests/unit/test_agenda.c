/* SPDX-License-Identifier: Apache-2.0 */
#include "agenda/agenda.h"
#include "store/cursor.h"
#include "support/scratch.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { AGENDA, TABLE_COUNT };
static const char *const tables[] = { "agenda" };

static struct store *open_in (const struct scratch *scratch)
{
    struct store *store = NULL;
    struct err err = { 0 };
    int rc = store_open_volatile (scratch->path, tables, TABLE_COUNT, 16, &store, &err);
    if (rc != 0)
        fail_msg ("%s", err.text);
    return store;
}

static struct agenda_row row_at (int64_t due_ms, uint64_t subject)
{
    return (struct agenda_row){ .due_ms = due_ms, .kind = 3, .subject = subject };
}

static void put_at (struct txn *txn, int64_t due_ms, uint64_t subject)
{
    struct agenda_row row = row_at (due_ms, subject);
    agenda_put (txn, AGENDA, &row);
}

static void nothing_is_due_on_an_empty_agenda (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    CLEANUP (store_close) struct store *store = open_in (&scratch);
    struct txn *txn = txn_begin_read (store);
    struct agenda_row row;
    assert_false (agenda_first (txn, AGENDA, &row));
    assert_true (agenda_next_due_ms (txn, AGENDA) == AGENDA_NOTHING_DUE);
    assert_int_equal (agenda_due (txn, AGENDA, INT64_MAX, 1, &row), 0);
    txn_abort (&txn);
}

static void rows_come_in_the_order_of_time_then_kind_subject_part (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    CLEANUP (store_close) struct store *store = open_in (&scratch);
    static const struct agenda_row expected[] = {
        { .due_ms = 0, .kind = 9, .subject = 9, .part = 9 },
        { .due_ms = 255, .kind = 1, .subject = 1, .part = 0 },
        { .due_ms = 255, .kind = 1, .subject = 1, .part = 256 },
        { .due_ms = 255, .kind = 1, .subject = 2, .part = 1 },
        { .due_ms = 255, .kind = 2, .subject = 0, .part = 0 },
        { .due_ms = 256, .kind = 0, .subject = UINT64_MAX, .part = UINT32_MAX },
        { .due_ms = INT64_C (1795000000000), .kind = 0 },
    };
    struct txn *txn = txn_begin_write (store);
    for (size_t i = ARRAY_SIZE (expected); i > 0; i--)
        agenda_put (txn, AGENDA, &expected[i - 1]);
    struct agenda_row found[ARRAY_SIZE (expected) + 1];
    size_t count = agenda_due (txn, AGENDA, INT64_MAX, ARRAY_SIZE (found), found);
    assert_int_equal (count, ARRAY_SIZE (expected));
    for (size_t i = 0; i < count; i++)
        assert_memory_equal (&found[i], &expected[i], sizeof expected[i]);
    assert_int_equal (txn_commit (&txn), 0);
}

static void due_rows_are_bounded_by_time_and_by_count (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    CLEANUP (store_close) struct store *store = open_in (&scratch);
    struct txn *txn = txn_begin_write (store);
    for (uint64_t i = 1; i <= 10; i++)
        put_at (txn, (int64_t) i * 1000, i);
    struct agenda_row rows[10];
    assert_int_equal (agenda_due (txn, AGENDA, 999, 10, rows), 0);
    assert_int_equal (agenda_due (txn, AGENDA, 4000, 10, rows), 4); /* at its time */
    assert_int_equal (rows[3].subject, 4);
    assert_int_equal (agenda_due (txn, AGENDA, 4000, 3, rows), 3);
    assert_int_equal (agenda_due (txn, AGENDA, 4000, 0, rows), 0);
    assert_true (agenda_next_due_ms (txn, AGENDA) == 1000);
    txn_abort (&txn);
}

static void whoever_acts_removes_and_goes_on (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    CLEANUP (store_close) struct store *store = open_in (&scratch);
    struct txn *txn = txn_begin_write (store);
    for (uint64_t i = 0; i < 1000; i++)
        put_at (txn, (int64_t) (i % 7), i);
    assert_int_equal (txn_commit (&txn), 0);
    size_t acted = 0, count;
    struct agenda_row rows[64], last = { 0 };
    do {
        txn = txn_begin_write (store);
        count = agenda_due (txn, AGENDA, 5, ARRAY_SIZE (rows), rows);
        for (size_t i = 0; i < count; i++) {
            assert_true (rows[i].due_ms >= last.due_ms);
            last = rows[i];
            assert_true (agenda_remove (txn, AGENDA, &rows[i]));
            assert_false (agenda_remove (txn, AGENDA, &rows[i]));
            put_at (txn, 1000, rows[i].subject); /* replanned behind the bound */
        }
        acted += count;
        assert_int_equal (txn_commit (&txn), 0);
    } while (count > 0);
    assert_int_equal (acted, 858); /* all but those of 6 */
    txn = txn_begin_read (store);
    assert_true (agenda_next_due_ms (txn, AGENDA) == 6);
    assert_int_equal (txn_count (txn, AGENDA), 1000);
    txn_abort (&txn);
}

static void row_keeps_its_value_over_a_restart (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    CLEANUP (store_close) struct store *store = open_in (&scratch);
    struct txn *txn = txn_begin_write (store);
    struct agenda_row row = row_at (60000, 5), found;
    agenda_put (txn, AGENDA, &row);
    row.value_size = AGENDA_VALUE_MAX;
    memset (row.value, 0x5a, sizeof row.value);
    agenda_put (txn, AGENDA, &row); /* the same four: the value is replaced */
    assert_int_equal (txn_commit (&txn), 0);
    store_close (&store);
    store = open_in (&scratch);
    txn = txn_begin_read (store);
    assert_int_equal (txn_count (txn, AGENDA), 1);
    assert_true (agenda_first (txn, AGENDA, &found));
    assert_memory_equal (&found, &row, sizeof row);
    assert_true (agenda_find (txn, AGENDA, 60000, 3, 5, 0, &found));
    assert_int_equal (found.value_size, AGENDA_VALUE_MAX);
    assert_false (agenda_find (txn, AGENDA, 60001, 3, 5, 0, &found));
    assert_false (agenda_find (txn, AGENDA, 60000, 3, 5, 1, &found));
    txn_abort (&txn);
}

static void damaged_row_does_not_stop_the_others (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    CLEANUP (store_close) struct store *store = open_in (&scratch);
    static const char large[AGENDA_VALUE_MAX + 1];
    struct txn *txn = txn_begin_write (store);
    txn_put (txn, AGENDA, BYTES ("\0\0\0", 3), BYTES (NULL, 0));
    txn_put (txn, AGENDA, BYTES ("\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22),
             BYTES_OF (large));
    put_at (txn, 2000, 1);
    struct agenda_row row;
    assert_true (agenda_next_due_ms (txn, AGENDA) == 2000);
    assert_int_equal (agenda_due (txn, AGENDA, INT64_MAX, 1, &row), 1);
    assert_int_equal (row.subject, 1);
    txn_abort (&txn);
}

static void failed_replanning_leaves_the_row_where_it_was (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    CLEANUP (store_close) struct store *store = open_in (&scratch);
    struct txn *txn = txn_begin_write (store);
    put_at (txn, 1000, 1);
    assert_int_equal (txn_commit (&txn), 0);
    int rc;
    unsigned failures = 0;
    do {
        store_fail_at (store, failures + 1, -ENOSPC);
        txn = txn_begin_write (store);
        struct agenda_row row = row_at (1000, 1);
        agenda_remove (txn, AGENDA, &row);
        put_at (txn, 5000, 1);
        rc = txn_commit (&txn);
        txn = txn_begin_read (store);
        assert_int_equal (txn_count (txn, AGENDA), 1);
        assert_true (agenda_next_due_ms (txn, AGENDA) == (rc == 0 ? 5000 : 1000));
        txn_abort (&txn);
        failures += rc != 0;
    } while (rc != 0);
    assert_int_equal (failures, 3);
}

static void rows_are_counted_up_to_a_time_and_a_bound (void **state UNUSED)
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    CLEANUP (store_close) struct store *store = open_in (&scratch);
    struct txn *txn = txn_begin_write (store);
    for (unsigned i = 0; i < 10; i++)
        put_at (txn, 1000 * i, i);
    assert_int_equal (agenda_count (txn, AGENDA, -1, 100), 0);
    assert_int_equal (agenda_count (txn, AGENDA, 4000, 100), 5);
    assert_int_equal (agenda_count (txn, AGENDA, INT64_MAX, 100), 10);
    assert_int_equal (agenda_count (txn, AGENDA, INT64_MAX, 3), 3);
    txn_abort (&txn);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (rows_are_counted_up_to_a_time_and_a_bound),
        cmocka_unit_test (nothing_is_due_on_an_empty_agenda),
        cmocka_unit_test (rows_come_in_the_order_of_time_then_kind_subject_part),
        cmocka_unit_test (due_rows_are_bounded_by_time_and_by_count),
        cmocka_unit_test (whoever_acts_removes_and_goes_on),
        cmocka_unit_test (row_keeps_its_value_over_a_restart),
        cmocka_unit_test (damaged_row_does_not_stop_the_others),
        cmocka_unit_test (failed_replanning_leaves_the_row_where_it_was),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
