/* SPDX-License-Identifier: Apache-2.0 */
/* Dates by arithmetic alone. The Gregorian calendar repeats every 400 years (an era of
 * 146097 days); inside an era years are counted from March, so that the leap day is the
 * last of its year and the lengths of the months follow one formula, (153 m + 2) / 5. */
#include "base/civil.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ERA_YEARS        400
#define ERA_DAYS         146097
#define EPOCH_FROM_MARCH 719468 /* days from 0000-03-01 to 1970-01-01 */

static int64_t floor_div (int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

static unsigned days_in_month (int32_t year, unsigned month)
{
    static const unsigned char days[] = {
        31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31
    };
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

static bool date_exists (int32_t year, unsigned month, unsigned day)
{
    return year >= CIVIL_YEAR_MIN && year <= CIVIL_YEAR_MAX && month >= 1 &&
           month <= 12 && day >= 1 && day <= days_in_month (year, month);
}

int32_t civil_day_of (int32_t year, unsigned month, unsigned day)
{
    assert (date_exists (year, month, day));
    int32_t march_year = month > 2 ? year : year - 1;
    int32_t era = march_year / ERA_YEARS;
    int32_t year_of_era = march_year - era * ERA_YEARS;
    int32_t march_month = (int32_t) (month > 2 ? month - 3 : month + 9);
    int32_t day_of_year = (153 * march_month + 2) / 5 + (int32_t) day - 1;
    int32_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * ERA_DAYS + day_of_era - EPOCH_FROM_MARCH;
}

struct civil civil_of_day (int32_t day)
{
    int64_t from_march = (int64_t) day + EPOCH_FROM_MARCH;
    int64_t era = floor_div (from_march, ERA_DAYS);
    int64_t day_of_era = from_march - era * ERA_DAYS;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year =
        day_of_era - (year_of_era * 365 + year_of_era / 4 - year_of_era / 100);
    int64_t march_month = (5 * day_of_year + 2) / 153;
    int64_t month = march_month < 10 ? march_month + 3 : march_month - 9;
    int64_t year = era * ERA_YEARS + year_of_era + (month <= 2 ? 1 : 0);
    return (struct civil){
        .year = (int32_t) year,
        .month = (uint8_t) month,
        .day = (uint8_t) (day_of_year - (153 * march_month + 2) / 5 + 1),
    };
}

int32_t civil_day (int64_t at_ms)
{
    return (int32_t) floor_div (at_ms + CIVIL_OFFSET_MS, CIVIL_DAY_MS);
}

int64_t civil_day_start_ms (int32_t day)
{
    return (int64_t) day * CIVIL_DAY_MS - CIVIL_OFFSET_MS;
}

int64_t civil_day_end_ms (int32_t day)
{
    return civil_day_start_ms (day) + CIVIL_DAY_MS;
}

struct civil civil_of_ms (int64_t at_ms)
{
    int32_t day = civil_day (at_ms);
    struct civil civil = civil_of_day (day);
    int64_t rest_ms = at_ms - civil_day_start_ms (day);
    civil.hour = (uint8_t) (rest_ms / CIVIL_HOUR_MS);
    civil.minute = (uint8_t) (rest_ms / 60000 % 60);
    civil.second = (uint8_t) (rest_ms / 1000 % 60);
    civil.millisecond = (uint16_t) (rest_ms % 1000);
    return civil;
}

bool civil_is_valid (const struct civil *civil)
{
    return date_exists (civil->year, civil->month, civil->day) && civil->hour < 24 &&
           civil->minute < 60 && civil->second < 60 && civil->millisecond < 1000;
}

int64_t civil_to_ms (const struct civil *civil)
{
    assert (civil_is_valid (civil));
    int32_t day = civil_day_of (civil->year, civil->month, civil->day);
    int64_t seconds = ((int64_t) civil->hour * 60 + civil->minute) * 60 + civil->second;
    return civil_day_start_ms (day) + seconds * 1000 + civil->millisecond;
}

enum weekday civil_weekday (int32_t day)
{
    /* 1970-01-01 was a Thursday. */
    int64_t from_monday = (int64_t) day + THURSDAY;
    return (enum weekday) (from_monday - floor_div (from_monday, 7) * 7);
}

bool civil_is_weekend (int32_t day)
{
    return civil_weekday (day) >= SATURDAY;
}

uint32_t civil_number (int32_t day)
{
    struct civil civil = civil_of_day (day);
    return (uint32_t) civil.year * 10000 + civil.month * 100u + civil.day;
}

int civil_day_of_number (uint32_t number, int32_t *ret_day)
{
    uint32_t year = number / 10000, month = number / 100 % 100, day = number % 100;
    if (year > CIVIL_YEAR_MAX || !date_exists ((int32_t) year, month, day))
        return -EINVAL;
    *ret_day = civil_day_of ((int32_t) year, month, day);
    return 0;
}

/* 'pattern' has '0' where a digit stands; everything else stands for itself. */
static bool matches (const char *text, const char *pattern)
{
    for (; *pattern != '\0'; text++, pattern++)
        if (*pattern == '0' ? *text < '0' || *text > '9' : *text != *pattern)
            return false;
    return *text == '\0';
}

static unsigned digits (const char *text, size_t count)
{
    unsigned value = 0;
    for (size_t i = 0; i < count; i++)
        value = value * 10 + (unsigned) (text[i] - '0');
    return value;
}

static int parse_date (const char *text, struct civil *ret, struct err *err)
{
    unsigned year = digits (text, 4), month = digits (text + 5, 2),
             day = digits (text + 8, 2);
    if (!date_exists ((int32_t) year, month, day))
        return err_set (err, -EINVAL, "there is no day %.10s", text);
    *ret = (struct civil){ .year = (int32_t) year,
                           .month = (uint8_t) month,
                           .day = (uint8_t) day };
    return 0;
}

int civil_parse_day (const char *text, int32_t *ret_day, struct err *err)
{
    struct civil civil = { 0 };
    if (!matches (text, "0000-00-00"))
        return err_set (err, -EINVAL, "\"%.24s\" is no date; write it like 2026-11-23",
                        text);
    int rc = parse_date (text, &civil, err);
    if (rc == 0)
        *ret_day = civil_day_of (civil.year, civil.month, civil.day);
    return rc;
}

int civil_parse_time (const char *text, int64_t *ret_at_ms, struct err *err)
{
    struct civil civil = { 0 };
    if (!matches (text, "0000-00-00 00:00:00"))
        return err_set (err, -EINVAL,
                        "\"%.24s\" is no time; write it like 2026-11-23 10:20:30", text);
    int rc = parse_date (text, &civil, err);
    if (rc != 0)
        return rc;
    civil.hour = (uint8_t) digits (text + 11, 2);
    civil.minute = (uint8_t) digits (text + 14, 2);
    civil.second = (uint8_t) digits (text + 17, 2);
    if (!civil_is_valid (&civil))
        return err_set (err, -EINVAL, "there is no time of day %.8s", text + 11);
    *ret_at_ms = civil_to_ms (&civil);
    return 0;
}

/* Digit by digit: snprintf cannot be shown that a year has four of them. */
static char *put_digits (char *at, unsigned value, size_t count)
{
    for (size_t i = count; i-- > 0; value /= 10)
        at[i] = (char) ('0' + value % 10);
    return at + count;
}

static char *put_day (char *at, const struct civil *civil)
{
    /* An instant may come from a peer: what no four digits hold is shown as 9999. */
    bool fits = civil->year >= 0 && civil->year <= 9999;
    at = put_digits (at, fits ? (unsigned) civil->year : 9999, 4);
    *at++ = '-';
    at = put_digits (at, civil->month, 2);
    *at++ = '-';
    return put_digits (at, civil->day, 2);
}

char *civil_format_day (int32_t day, char ret[CIVIL_DATE_SIZE])
{
    struct civil civil = civil_of_day (day);
    *put_day (ret, &civil) = '\0';
    return ret;
}

char *civil_format_time (int64_t at_ms, char ret[CIVIL_TIME_SIZE])
{
    struct civil civil = civil_of_ms (at_ms);
    char *at = put_day (ret, &civil);
    *at++ = ' ';
    at = put_digits (at, civil.hour, 2);
    *at++ = ':';
    at = put_digits (at, civil.minute, 2);
    *at++ = ':';
    at = put_digits (at, civil.second, 2);
    *at = '\0';
    return ret;
}

char *civil_format_due (int64_t due_ms, char ret[CIVIL_TIME_SIZE])
{
    int32_t day = civil_day (due_ms);
    if (due_ms != civil_day_start_ms (day))
        return civil_format_time (due_ms, ret);
    civil_format_day (day - 1, ret);
    memcpy (ret + CIVIL_DATE_SIZE - 1, " 24:00", sizeof " 24:00");
    return ret;
}
