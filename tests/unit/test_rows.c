/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/rows.h"

#include "support/scratch.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include <cmocka.h>

static struct scratch scratch;
static char path[SCRATCH_PATH_SIZE + 16];

static struct rows *rows_of (const void *data, size_t size, bool is_gzipped)
{
    struct rows *rows;
    struct err err = { 0 };
    snprintf (path, sizeof path, "%s/file", scratch.path);
    gzFile file = gzopen (path, is_gzipped ? "wb" : "wbT");
    assert_int_equal (gzwrite (file, data, (unsigned) size), (int) size);
    gzclose (file);
    if (rows_open (path, &rows, &err) < 0)
        fail_msg ("%s", err.text);
    return rows;
}

static const char *cell (struct rows *rows, const char *name)
{
    const char *const names[] = { name, NULL };
    return rows_cell (rows, names);
}

static void quotes_hold_commas_and_line_breaks (void **state)
{
    (void) state;
    static const char text[] = "\xEF\xBB\xBFvillage,detail\r\n"
                               "3,\"one, \"\"two\"\"\nthree\"\n4,\n";
    struct rows *rows = rows_of (text, sizeof text - 1, false);
    assert_int_equal (rows_next (rows, NULL), 1);
    assert_string_equal (cell (rows, "village"), "3");
    assert_string_equal (cell (rows, "detail"), "one, \"two\"\nthree");
    assert_int_equal (rows_next (rows, NULL), 1);
    assert_string_equal (cell (rows, "detail"), "");
    assert_string_equal (cell (rows, "nothing of this name"), "");
    assert_int_equal (rows_at (rows), 2);
    assert_int_equal (rows_next (rows, NULL), 0);
    rows_close (&rows);
}

static void a_gzipped_file_reads_the_same (void **state)
{
    (void) state;
    static const char text[] = "a,b\n1,2\n";
    struct rows *rows = rows_of (text, sizeof text - 1, true);
    assert_int_equal (rows_next (rows, NULL), 1);
    assert_string_equal (cell (rows, "b"), "2");
    rows_close (&rows);
}

static void json_lines_read_like_columns (void **state)
{
    (void) state;
    static const char text[] = "{\"a\":\"x\",\"n\":7,\"yes\":true,\"no\":false}\n\n"
                               "{\"a\":\"second\"}\n";
    struct rows *rows = rows_of (text, sizeof text - 1, false);
    assert_int_equal (rows_next (rows, NULL), 1);
    assert_string_equal (cell (rows, "a"), "x");
    assert_string_equal (cell (rows, "n"), "7");
    assert_string_equal (cell (rows, "yes"), "1");
    assert_string_equal (cell (rows, "no"), "");
    assert_int_equal (rows_next (rows, NULL), 1);
    assert_string_equal (cell (rows, "a"), "second");
    assert_int_equal (rows_next (rows, NULL), 0);
    rows_close (&rows);
}

static void what_is_no_text_becomes_text (void **state)
{
    (void) state;
    static const char text[] = "a\n\"x\xFF\x80y\0z\"\n";
    struct rows *rows = rows_of (text, sizeof text - 1, false);
    assert_int_equal (rows_next (rows, NULL), 1);
    assert_string_equal (cell (rows, "a"), "x\xEF\xBF\xBD\xEF\xBF\xBDyz");
    rows_close (&rows);
}

static void a_line_that_is_no_object_is_told_with_its_place (void **state)
{
    (void) state;
    static const char text[] = "{\"a\":1}\n[1,2]\n";
    struct err err = { 0 };
    struct rows *rows = rows_of (text, sizeof text - 1, false);
    assert_int_equal (rows_next (rows, &err), 1);
    assert_int_equal (rows_next (rows, &err), -EINVAL);
    assert_non_null (strstr (err.text, "file:2:"));
    rows_close (&rows);
}

static void a_missing_quote_is_told_and_not_read_for_ever (void **state)
{
    (void) state;
    size_t size = ROWS_ROW_BYTES + (1u << 20);
    char *text = malloc (size);
    memset (text, 'x', size);
    memcpy (text, "a\n\"", 3);
    struct err err = { 0 };
    struct rows *rows = rows_of (text, size, true);
    assert_int_equal (rows_next (rows, &err), -EINVAL);
    rows_close (&rows);
    free (text);
}

static void a_missing_file_is_told (void **state)
{
    (void) state;
    struct rows *rows;
    struct err err = { 0 };
    assert_int_equal (rows_open ("/nonexistent/x.csv", &rows, &err), -ENOENT);
    assert_non_null (strstr (err.text, "/nonexistent/x.csv"));
}

static int make (void **state)
{
    (void) state;
    scratch = scratch_make ();
    return 0;
}

static int clear (void **state)
{
    (void) state;
    scratch_remove (&scratch);
    return 0;
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (quotes_hold_commas_and_line_breaks),
        cmocka_unit_test (a_gzipped_file_reads_the_same),
        cmocka_unit_test (json_lines_read_like_columns),
        cmocka_unit_test (what_is_no_text_becomes_text),
        cmocka_unit_test (a_line_that_is_no_object_is_told_with_its_place),
        cmocka_unit_test (a_missing_quote_is_told_and_not_read_for_ever),
        cmocka_unit_test (a_missing_file_is_told),
    };
    return cmocka_run_group_tests (tests, make, clear);
}
