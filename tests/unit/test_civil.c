/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/civil.h"

static int32_t day (const char *text)
{
    int32_t ret = 0;
    assert_int_equal (civil_parse_day (text, &ret, NULL), 0);
    return ret;
}

static int64_t at (const char *text)
{
    int64_t ret = 0;
    assert_int_equal (civil_parse_time (text, &ret, NULL), 0);
    return ret;
}

static void epoch_is_eight_in_the_morning (void **state UNUSED)
{
    char text[CIVIL_TIME_SIZE];
    assert_string_equal (civil_format_time (0, text), "1970-01-01 08:00:00");
    assert_int_equal (civil_day (0), 0);
    assert_int_equal (civil_day (-8 * CIVIL_HOUR_MS), 0);
    assert_int_equal (civil_day (-8 * CIVIL_HOUR_MS - 1), -1);
    assert_int_equal (civil_day (16 * CIVIL_HOUR_MS - 1), 0);
    assert_int_equal (civil_day (16 * CIVIL_HOUR_MS), 1);
}

static void every_day_of_eleven_centuries_comes_back (void **state UNUSED)
{
    int32_t first = civil_day_of (CIVIL_YEAR_MIN, 1, 1);
    int32_t last = civil_day_of (CIVIL_YEAR_MAX, 12, 31);
    enum weekday expected = MONDAY; /* 1900-01-01 */
    for (int32_t d = first; d <= last; d++) {
        struct civil civil = civil_of_day (d);
        assert_true (civil_is_valid (&civil));
        assert_int_equal (civil_day_of (civil.year, civil.month, civil.day), d);
        assert_int_equal (civil_weekday (d), expected);
        expected = expected == SUNDAY ? MONDAY : expected + 1;
    }
}

static void dates_agree_with_the_c_library (void **state UNUSED)
{
    for (int64_t ms = -2000000000000; ms < 20000000000000; ms += 86399876543) {
        time_t seconds = (time_t) ((ms + CIVIL_OFFSET_MS) / 1000);
        if ((ms + CIVIL_OFFSET_MS) % 1000 < 0)
            seconds--;
        struct tm tm;
        gmtime_r (&seconds, &tm);
        struct civil civil = civil_of_ms (ms);
        assert_int_equal (civil.year, tm.tm_year + 1900);
        assert_int_equal (civil.month, tm.tm_mon + 1);
        assert_int_equal (civil.day, tm.tm_mday);
        assert_int_equal (civil.hour, tm.tm_hour);
        assert_int_equal (civil.minute, tm.tm_min);
        assert_int_equal (civil.second, tm.tm_sec);
        assert_int_equal (civil_weekday (civil_day (ms)), (tm.tm_wday + 6) % 7);
        assert_int_equal (civil_to_ms (&civil), ms);
    }
}

static void weekdays_are_those_of_the_wall (void **state UNUSED)
{
    assert_int_equal (civil_weekday (day ("2026-11-23")), MONDAY);
    assert_int_equal (civil_weekday (day ("2024-02-29")), THURSDAY);
    assert_int_equal (civil_weekday (day ("1969-12-31")), WEDNESDAY);
    assert_true (civil_is_weekend (day ("2026-11-28")));
    assert_true (civil_is_weekend (day ("2026-11-29")));
    assert_false (civil_is_weekend (day ("2026-11-27")));
}

static void a_day_ends_with_the_first_millisecond_of_the_next (void **state UNUSED)
{
    int32_t monday = day ("2026-11-23");
    assert_int_equal (civil_day_end_ms (monday), civil_day_start_ms (monday + 1));
    assert_int_equal (civil_day (civil_day_end_ms (monday)), monday + 1);
    assert_int_equal (civil_day (civil_day_end_ms (monday) - 1), monday);
}

static void times_are_written_as_they_are_read (void **state UNUSED)
{
    char text[CIVIL_TIME_SIZE], date[CIVIL_DATE_SIZE];
    assert_string_equal (civil_format_time (at ("2026-11-23 10:20:30") + 999, text),
                         "2026-11-23 10:20:30");
    assert_string_equal (civil_format_day (day ("2024-02-29"), date), "2024-02-29");
    assert_int_equal (civil_of_ms (at ("2026-11-23 10:20:30") + 7).millisecond, 7);
}

static void a_due_instant_reads_as_24_00_of_its_last_day (void **state UNUSED)
{
    char text[CIVIL_TIME_SIZE];
    assert_string_equal (civil_format_due (civil_day_end_ms (day ("2026-12-31")), text),
                         "2026-12-31 24:00");
    assert_string_equal (civil_format_due (at ("2026-12-31 12:00:00"), text),
                         "2026-12-31 12:00:00");
}

static void what_is_not_a_date_is_refused (void **state UNUSED)
{
    static const char *const wrong[] = {
        "",
        "2026-11-2",
        "2026-11-231",
        "2026/11/23",
        " 2026-11-23",
        "2026-11-23 ",
        "2026-13-01",
        "2026-00-01",
        "2026-02-29",
        "1900-02-29",
        "2026-04-31",
        "2026-01-00",
        "1899-12-31",
        "3000-01-01",
        "20261123",
        "２０２６-11-23",
    };
    for (size_t i = 0; i < ARRAY_SIZE (wrong); i++) {
        int32_t untouched = 77;
        struct err err = { 0 };
        assert_int_equal (civil_parse_day (wrong[i], &untouched, &err), -22);
        assert_int_equal (untouched, 77);
        assert_true (err.text[0] != '\0');
    }
}

static void what_is_not_a_time_is_refused (void **state UNUSED)
{
    static const char *const wrong[] = {
        "2026-11-23",           "2026-11-23T10:20:30", "2026-11-23 24:00:00",
        "2026-11-23 10:60:00",  "2026-11-23 10:00:60", "2026-02-30 10:00:00",
        "2026-11-23 10:20:30Z", "2026-11-23 1:20:30",
    };
    for (size_t i = 0; i < ARRAY_SIZE (wrong); i++) {
        int64_t untouched = 77;
        struct err err = { 0 };
        assert_int_equal (civil_parse_time (wrong[i], &untouched, &err), -22);
        assert_int_equal (untouched, 77);
        assert_true (err.text[0] != '\0');
    }
}

static void day_numbers_come_back (void **state UNUSED)
{
    int32_t ret = 77;
    assert_int_equal (civil_number (day ("2026-11-23")), 20261123);
    assert_int_equal (civil_day_of_number (20240229, &ret), 0);
    assert_int_equal (ret, day ("2024-02-29"));
    assert_int_equal (civil_day_of_number (20230229, &ret), -22);
    assert_int_equal (civil_day_of_number (0, &ret), -22);
    assert_int_equal (civil_day_of_number (UINT32_MAX, &ret), -22);
}

static void an_instant_out_of_all_years_is_still_shown (void **state UNUSED)
{
    char text[CIVIL_TIME_SIZE];
    assert_int_equal (strlen (civil_format_time (INT64_C (900000000000000), text)), 19);
    assert_int_equal (strlen (civil_format_time (-INT64_C (900000000000000), text)), 19);
}

int main (void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test (epoch_is_eight_in_the_morning),
        cmocka_unit_test (every_day_of_eleven_centuries_comes_back),
        cmocka_unit_test (dates_agree_with_the_c_library),
        cmocka_unit_test (weekdays_are_those_of_the_wall),
        cmocka_unit_test (a_day_ends_with_the_first_millisecond_of_the_next),
        cmocka_unit_test (times_are_written_as_they_are_read),
        cmocka_unit_test (a_due_instant_reads_as_24_00_of_its_last_day),
        cmocka_unit_test (what_is_not_a_date_is_refused),
        cmocka_unit_test (what_is_not_a_time_is_refused),
        cmocka_unit_test (day_numbers_come_back),
        cmocka_unit_test (an_instant_out_of_all_years_is_still_shown),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
