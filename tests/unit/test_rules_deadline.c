/* SPDX-License-Identifier: Apache-2.0 */
/* Days counted by hand over the holidays of 2024 to 2026, with the calendar that is
 * shipped. The reasoning stands in the row: a clerk must be able to follow it. */
#include "rules_tables.h"

#include "rules/deadline.h"

#define H UNIT_HOUR
#define D UNIT_DAY
#define W UNIT_WORKING_DAY

static struct rules *rules;

static const struct {
    const char *start;
    uint32_t amount;
    enum unit unit;
    bool roll;
    const char *due;
    bool provisional;
    const char *why;
} worked[] = {
    { "2026-11-23 10:20:30", 15, D, true, "2026-12-08 24:00", false,
      "the 23rd is not counted; 24 November is day 1, 8 December (Tuesday) day 15" },
    { "2026-11-23 00:00:00", 15, D, true, "2026-12-08 24:00", false,
      "the first millisecond of the day is that day: not counted either" },
    { "2026-11-23 23:59:59", 15, D, true, "2026-12-08 24:00", false,
      "nor is the last second: within a day all starts are equal" },
    { "2026-11-23 10:00:00", 5, D, true, "2026-11-30 24:00", false,
      "day 5 is Saturday the 28th: moves on over Sunday to Monday" },
    { "2026-11-23 10:00:00", 5, D, false, "2026-11-28 24:00", false,
      "without the option Saturday stays the last day" },
    { "2026-11-23 10:00:00", 5, W, false, "2026-11-30 24:00", false,
      "Tuesday to Friday are 1 to 4, the weekend is not counted, Monday is 5" },
    { "2026-11-27 17:00:00", 1, W, false, "2026-11-30 24:00", false,
      "begins on a Friday: the first working day after it is Monday" },
    { "2026-11-28 09:00:00", 1, W, false, "2026-11-30 24:00", false,
      "begins on a Saturday: Sunday is none, Monday is the first" },
    { "2024-02-28 10:00:00", 1, D, false, "2024-02-29 24:00", false,
      "a leap day is a day" },
    { "2024-02-05 09:00:00", 5, W, false, "2024-02-18 24:00", false,
      "6 to 9 February are 1 to 4; spring festival 10 to 17; Sunday the 18th is worked "
      "in "
      "exchange: 5" },
    { "2024-02-02 09:00:00", 15, D, true, "2024-02-18 24:00", false,
      "day 15 is 17 February, a holiday; the next working day is Sunday the 18th" },
    { "2024-02-09 12:00:00", 9, D, true, "2024-02-18 24:00", false,
      "day 9 is that Sunday itself: worked, so it does not move" },
    { "2024-02-09 09:00:00", 5, W, false, "2024-02-22 24:00", false,
      "holidays to the 17th; Sunday 18, then 19 to 22 are 1 to 5" },
    { "2024-04-03 10:00:00", 3, W, false, "2024-04-09 24:00", false,
      "4 to 6 April Qingming; Sunday the 7th is worked (1), Monday 2, Tuesday 3" },
    { "2024-04-03 10:00:00", 1, D, true, "2024-04-07 24:00", false,
      "day 1 is Qingming; three rest days, then the worked Sunday" },
    { "2024-04-26 16:00:00", 5, W, false, "2024-05-07 24:00", false,
      "Saturday no, Sunday 28 worked (1), 29 and 30 April (2, 3), 1 to 5 May off, 6 and "
      "7 "
      "May (4, 5)" },
    { "2024-05-10 09:00:00", 1, W, false, "2024-05-11 24:00", false,
      "Saturday 11 May is worked in exchange for 1 May" },
    { "2024-09-13 09:00:00", 2, W, false, "2024-09-18 24:00", false,
      "Saturday 14 worked (1); 15 to 17 Mid-Autumn; Wednesday 18 (2)" },
    { "2024-09-16 09:00:00", 15, D, true, "2024-10-08 24:00", false,
      "day 15 is 1 October; National Day to the 7th; Tuesday the 8th" },
    { "2024-09-27 09:00:00", 5, W, false, "2024-10-10 24:00", false,
      "Sunday 29 worked (1), 30 (2), off to 7 October, 8, 9, 10 (3 to 5)" },
    { "2024-09-30 18:00:00", 5, W, false, "2024-10-12 24:00", false,
      "8 to 11 October are 1 to 4, Saturday 12 is worked: 5" },
    { "2024-12-31 20:00:00", 1, W, false, "2025-01-02 24:00", false,
      "New Year's Day is off; over the turn of the year" },
    { "2025-01-24 09:00:00", 5, W, false, "2025-02-07 24:00", false,
      "Sunday 26 worked (1), 27 (2), 28 January to 4 February off, 5, 6, 7 (3 to 5)" },
    { "2025-01-13 09:00:00", 15, D, true, "2025-02-05 24:00", false,
      "day 15 is 28 January, the first of the holidays; they end on 4 February" },
    { "2025-04-25 09:00:00", 2, W, false, "2025-04-28 24:00", false,
      "Saturday no, Sunday 27 worked (1), Monday 28 (2)" },
    { "2025-05-16 09:00:00", 15, D, true, "2025-06-03 24:00", false,
      "day 15 is Saturday 31 May, Dragon Boat, off to Monday 2 June" },
    { "2025-08-09 09:00:00", 60, D, true, "2025-10-09 24:00", false,
      "day 60 is 8 October, the eighth and last day off" },
    { "2025-09-30 09:00:00", 5, W, false, "2025-10-14 24:00", false,
      "off to 8 October; 9, 10, Saturday 11 worked (1 to 3), 13 and 14 (4, 5)" },
    { "2025-12-31 09:00:00", 1, W, false, "2026-01-04 24:00", false,
      "1 to 3 January off, Sunday the 4th is worked" },
    { "2026-02-13 09:00:00", 5, W, false, "2026-02-27 24:00", false,
      "Saturday 14 worked (1); off 15 to 23; 24 to 27 are 2 to 5" },
    { "2026-01-31 09:00:00", 15, D, true, "2026-02-24 24:00", false,
      "day 15 is 15 February, the first of nine days off" },
    { "2026-09-18 09:00:00", 5, W, false, "2026-09-24 24:00", false,
      "Saturday no, Sunday 20 worked (1), 21 to 24 are 2 to 5" },
    { "2026-09-25 09:00:00", 5, W, false, "2026-10-09 24:00", false,
      "off to 27 September; 28 to 30 (1 to 3); off to 7 October; 8 and 9 (4, 5)" },
    { "2026-08-07 09:00:00", 60, D, true, "2026-10-08 24:00", false,
      "day 60 is 6 October, off; the 8th is the first working day" },
    { "2026-11-23 10:00:00", 38, D, true, "2026-12-31 24:00", false,
      "the last day that the calendar knows is known" },
    { "2026-11-23 10:00:00", 60, D, true, "2027-01-22 24:00", true,
      "a Friday, but whether 22 January 2027 is worked nobody knows yet" },
    { "2026-12-25 10:00:00", 4, W, false, "2026-12-31 24:00", false,
      "28 to 31 December: all known" },
    { "2026-12-25 10:00:00", 5, W, false, "2027-01-01 24:00", true,
      "by weekends alone 1 January counts: surely wrong, so it is marked" },
    { "2026-12-01 10:00:00", 60, D, false, "2027-01-30 24:00", false,
      "plain days without moving on need no calendar" },
    { "2026-11-23 23:30:00", 2, H, false, "2026-11-24 01:30:00", false,
      "hours run through midnight" },
    { "2026-11-27 18:00:00", 24, H, false, "2026-11-28 18:00:00", false,
      "and through the weekend" },
    { "2026-12-31 23:00:00", 24, H, false, "2027-01-01 23:00:00", false,
      "and need no calendar" },
};

static void worked_dates_come_out_as_reasoned (void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE (worked); i++) {
        struct expiry expiry;
        char due[CIVIL_TIME_SIZE];
        deadline_compute (rules, at_ms (worked[i].start), worked[i].amount,
                          worked[i].unit, worked[i].roll, &expiry);
        civil_format_due (expiry.due_ms, due);
        if (strcmp (due, worked[i].due) != 0 ||
            expiry.provisional != worked[i].provisional)
            fail_msg ("%s + %u %s: %s%s, but %s%s: %s", worked[i].start, worked[i].amount,
                      name_word (&unit_names, worked[i].unit), due,
                      expiry.provisional ? " (provisional)" : "", worked[i].due,
                      worked[i].provisional ? " (provisional)" : "", worked[i].why);
        assert_int_equal (expiry.last_day, civil_day (expiry.due_ms - 1));
    }
}

static void hours_are_exact_to_the_millisecond (void **state UNUSED)
{
    struct expiry expiry;
    int64_t start_ms = at_ms ("2026-11-23 10:20:30") + 7;
    deadline_compute (rules, start_ms, 2, UNIT_HOUR, false, &expiry);
    assert_int_equal (expiry.due_ms, start_ms + 2 * CIVIL_HOUR_MS);
    assert_false (expiry.provisional);
}

static void calendar_knows_rest_days_and_exchanged_ones (void **state UNUSED)
{
    assert_true (calendar_is_working_day (rules, day_of ("2026-02-14")));
    assert_false (calendar_is_working_day (rules, day_of ("2026-02-16")));
    assert_false (calendar_is_working_day (rules, day_of ("2026-11-28")));
    assert_true (calendar_is_working_day (rules, day_of ("2026-11-27")));
    assert_null (calendar_find (rules, day_of ("2026-11-27")));
    assert_string_equal (calendar_find (rules, day_of ("2026-02-16"))->name, "春节");
    assert_int_equal (calendar_count (rules, day_of ("2026-02-13"), day_of ("2026-02-27"),
                                      UNIT_WORKING_DAY),
                      5);
    assert_int_equal (
        calendar_count (rules, day_of ("2026-02-13"), day_of ("2026-02-27"), UNIT_DAY),
        14);
    assert_int_equal (
        calendar_count (rules, day_of ("2026-02-27"), day_of ("2026-02-13"), UNIT_DAY),
        0);
}

/* An explanation as text: "02-14:makeup1 02-15:holiday1 …" */
struct told {
    char text[1024];
    size_t used;
};

static void tell (const struct deadline_day *day, void *context)
{
    static const char *const words[] = {
        [DAY_FIRST] = "first",      [DAY_COUNTED] = "counted", [DAY_MAKEUP] = "makeup",
        [DAY_WEEKEND] = "weekend",  [DAY_HOLIDAY] = "holiday", [DAY_ROLLED] = "rolled",
        [DAY_REST_AT_END] = "rest",
    };
    struct told *told = context;
    char date[CIVIL_DATE_SIZE];
    civil_format_day (day->day, date);
    int size =
        snprintf (told->text + told->used, sizeof told->text - told->used, " %s:%s%u%s",
                  date + 5, words[day->reason], day->number, day->known ? "" : "?");
    told->used += (size_t) size;
    assert_true (told->used < sizeof told->text);
    assert_true (strlen (deadline_day_text (day->reason, LANGUAGE_ZH)) > 0);
    assert_true (strlen (deadline_day_text (day->reason, LANGUAGE_EN)) > 0);
}

static void check_explanation (const char *start, uint32_t amount, enum unit unit,
                               bool roll, const char *expected)
{
    struct told told = { .text = "" };
    struct expiry expiry, silent;
    deadline_explain (rules, at_ms (start), amount, unit, roll, tell, &told, &expiry);
    deadline_compute (rules, at_ms (start), amount, unit, roll, &silent);
    assert_string_equal (told.text, expected);
    assert_int_equal (expiry.due_ms, silent.due_ms);
}

static void every_day_says_why_it_counts (void **state UNUSED)
{
    check_explanation ("2024-04-03 10:00:00", 3, W, false,
                       " 04-03:first0 04-04:holiday0 04-05:holiday0 04-06:holiday0"
                       " 04-07:makeup1 04-08:counted2 04-09:counted3");
    check_explanation ("2026-11-26 10:00:00", 2, D, true,
                       " 11-26:first0 11-27:counted1 11-28:rest2 11-29:weekend2"
                       " 11-30:rolled2");
    check_explanation ("2026-12-30 10:00:00", 2, D, true,
                       " 12-30:first0 12-31:counted1 01-01:counted2?");
    check_explanation ("2026-11-23 10:00:00", 2, D, false,
                       " 11-23:first0 11-24:counted1 11-25:counted2");
    check_explanation ("2026-11-23 23:00:00", 2, H, false, " 11-24:counted2");
}

/* What was counted before is remembered: asked in any order, also where two share a place. */
static void what_is_remembered_is_what_is_counted (void **state UNUSED)
{
    uint64_t dice = 20261123;
    for (unsigned i = 0; i < 20000; i++) {
        dice = dice * 6364136223846793005u + 1442695040888963407u;
        int64_t start_ms = at_ms ("2024-01-01 09:00:00") +
                           (int64_t) (dice >> 33) % 900 * CIVIL_DAY_MS +
                           (int64_t) (dice >> 20) % CIVIL_HOUR_MS;
        uint32_t amount = (uint32_t) (dice >> 40) % 100;
        enum unit unit = (dice >> 50) % 2 == 0 ? UNIT_DAY : UNIT_WORKING_DAY;
        bool roll = unit == UNIT_DAY && (dice >> 55) % 2 == 0;
        struct expiry computed, counted;
        deadline_compute (rules, start_ms, amount, unit, roll, &computed);
        deadline_explain (rules, start_ms, amount, unit, roll, NULL, NULL, &counted);
        assert_int_equal (computed.due_ms, counted.due_ms);
        assert_int_equal (computed.last_day, counted.last_day);
        assert_int_equal (computed.provisional, counted.provisional);
    }
}

static void a_longer_period_never_ends_earlier (void **state UNUSED)
{
    static const enum unit units[] = { H, D, W };
    int32_t first = day_of ("2024-01-01"), last = day_of ("2026-12-31");
    for (int32_t day = first; day <= last; day += 3)
        for (size_t u = 0; u < ARRAY_SIZE (units); u++) {
            int64_t start_ms = civil_day_start_ms (day) + 12345678, before_ms = start_ms;
            for (uint32_t amount = 1; amount <= 40; amount++) {
                struct expiry expiry;
                deadline_compute (rules, start_ms, amount, units[u], units[u] == D,
                                  &expiry);
                assert_true (expiry.due_ms >= before_ms && expiry.due_ms > start_ms);
                before_ms = expiry.due_ms;
            }
        }
}

static int load (void **state UNUSED)
{
    rules = shipped_rules ();
    return 0;
}

static int unload (void **state UNUSED)
{
    rules_destroy (&rules);
    return 0;
}

int main (void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test (worked_dates_come_out_as_reasoned),
        cmocka_unit_test (hours_are_exact_to_the_millisecond),
        cmocka_unit_test (calendar_knows_rest_days_and_exchanged_ones),
        cmocka_unit_test (every_day_says_why_it_counts),
        cmocka_unit_test (a_longer_period_never_ends_earlier),
        cmocka_unit_test (what_is_remembered_is_what_is_counted),
    };
    return cmocka_run_group_tests (tests, load, unload);
}
