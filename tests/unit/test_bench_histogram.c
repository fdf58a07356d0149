/* SPDX-License-Identifier: Apache-2.0 */
/* The histogram of 'minqing bench': percentiles are those of the sorted values, to the
 * width of a bucket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cli/bench_histogram.h"

static struct histogram histogram;

static int begin_empty (void **state)
{
    (void) state;
    memset (&histogram, 0, sizeof histogram);
    return 0;
}

static void nothing_noted_is_zero (void **state)
{
    (void) state;
    assert_int_equal (histogram_at (&histogram, 0), 0);
    assert_int_equal (histogram_at (&histogram, 500), 0);
    assert_int_equal (histogram_at (&histogram, 1000), 0);
}

static void one_value_is_every_percentile (void **state)
{
    (void) state;
    histogram_note (&histogram, 1234567);
    for (unsigned permille = 0; permille <= 1000; permille += 100)
        assert_int_equal (histogram_at (&histogram, permille), 1234567);
}

static void small_values_are_exact (void **state)
{
    (void) state;
    for (uint64_t value = 1; value <= 100; value++)
        histogram_note (&histogram, value);
    assert_int_equal (histogram_at (&histogram, 10), 1);
    assert_int_equal (histogram_at (&histogram, 500), 50);
    assert_int_equal (histogram_at (&histogram, 900), 90);
    assert_int_equal (histogram_at (&histogram, 990), 99);
    assert_int_equal (histogram_at (&histogram, 1000), 100);
}

static void every_value_falls_within_a_sixty_fourth (void **state)
{
    (void) state;
    for (unsigned shift = 0; shift < 64; shift++)
        for (int beside = -1; beside <= 1; beside++) {
            uint64_t value = (UINT64_C (1) << shift) + (uint64_t) (int64_t) beside;
            begin_empty (NULL);
            histogram_note (&histogram, value);
            histogram_note (&histogram, UINT64_MAX);
            uint64_t told = histogram_at (&histogram, 500);
            assert_true (told >= value);
            assert_true (told - value <= value / 64);
        }
    assert_int_equal (histogram_at (&histogram, 1000), UINT64_MAX);
}

static int compare (const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *) a, y = *(const uint64_t *) b;
    return x < y ? -1 : x > y;
}

static void percentiles_are_those_of_the_sorted_values (void **state)
{
    enum { COUNT = 10007 };
    static uint64_t values[COUNT];
    uint64_t random = 1;
    (void) state;
    for (size_t i = 0; i < COUNT; i++) {
        random = random * UINT64_C (6364136223846793005) + UINT64_C (1442695040888963407);
        values[i] = (random >> 20) >> (random % 40); /* over many magnitudes */
        histogram_note (&histogram, values[i]);
    }
    qsort (values, COUNT, sizeof values[0], compare);
    for (unsigned permille = 1; permille <= 999; permille++) {
        uint64_t exact = values[(COUNT * permille + 999) / 1000 - 1];
        uint64_t told = histogram_at (&histogram, permille);
        assert_true (told >= exact);
        assert_true (told - exact <= exact / 64);
    }
    assert_int_equal (histogram_at (&histogram, 1000), values[COUNT - 1]);
    assert_int_equal (histogram.count, COUNT);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup (nothing_noted_is_zero, begin_empty),
        cmocka_unit_test_setup (one_value_is_every_percentile, begin_empty),
        cmocka_unit_test_setup (small_values_are_exact, begin_empty),
        cmocka_unit_test_setup (every_value_falls_within_a_sixty_fourth, begin_empty),
        cmocka_unit_test_setup (percentiles_are_those_of_the_sorted_values, begin_empty),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
