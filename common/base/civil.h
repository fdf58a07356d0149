/* SPDX-License-Identifier: Apache-2.0 */
/* Dates and times of day as the law and the calendar on the wall have them: fixed
 * UTC+8, proleptic Gregorian, no time-zone library, no leap seconds.
 *
 * Three forms: an instant (int64_t milliseconds since 1970-01-01 00:00 UTC), a day
 * (int32_t days since 1970-01-01, counted at UTC+8), and the broken-down form.
 *
 * The end of a period. A period "ends at 24:00" of its last day. 24:00 of a day is the
 * first millisecond of the next one, and that instant is what every 'due_ms' holds.
 * What happens at 'event_ms' is in time if event_ms < due_ms; at due_ms it is late, and
 * a duty is breached from now_ms >= due_ms on. */
#ifndef MINQING_BASE_CIVIL_H
#define MINQING_BASE_CIVIL_H

#include "base/err.h"

#define CIVIL_OFFSET_MS (8 * INT64_C (3600000)) /* China, all year */
#define CIVIL_HOUR_MS   INT64_C (3600000)
#define CIVIL_DAY_MS    (24 * CIVIL_HOUR_MS)
#define CIVIL_YEAR_MIN  1900
#define CIVIL_YEAR_MAX  2999
#define CIVIL_DATE_SIZE 11 /* "2026-11-23" and its NUL */
#define CIVIL_TIME_SIZE 20 /* "2026-11-23 10:20:30" and its NUL */

struct civil {
    int32_t year;         /* CIVIL_YEAR_MIN … CIVIL_YEAR_MAX */
    uint8_t month;        /* 1 … 12 */
    uint8_t day;          /* 1 … 31 */
    uint8_t hour;         /* 0 … 23 */
    uint8_t minute;       /* 0 … 59 */
    uint8_t second;       /* 0 … 59 */
    uint16_t millisecond; /* 0 … 999 */
};

enum weekday { MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY };

/* Day and broken-down form of an instant; instant of a broken-down form, which must be
 * valid (civil_is_valid). */
int32_t civil_day (int64_t at_ms);
struct civil civil_of_ms (int64_t at_ms);
int64_t civil_to_ms (const struct civil *civil);
bool civil_is_valid (const struct civil *civil);

/* The day number of a date; the date must exist. And back (time of day 0:00). */
int32_t civil_day_of (int32_t year, unsigned month, unsigned day);
struct civil civil_of_day (int32_t day);

int64_t civil_day_start_ms (int32_t day); /* its 00:00 */
int64_t civil_day_end_ms (int32_t day);   /* its 24:00: the first ms of the next day */
enum weekday civil_weekday (int32_t day);
bool civil_is_weekend (int32_t day); /* Saturday or Sunday */

/* Days as the number 20261123, which stands in grievance numbers and file names.
 * 'civil_day_of_number' returns -EINVAL where there is no such day. */
uint32_t civil_number (int32_t day);
MUST_CHECK int civil_day_of_number (uint32_t number, int32_t *ret_day);

/* Strict: "2026-11-23" and "2026-11-23 10:20:30", nothing before or after, the date must
 * exist, years CIVIL_YEAR_MIN to CIVIL_YEAR_MAX. -EINVAL and a sentence otherwise. */
MUST_CHECK int civil_parse_day (const char *text, int32_t *ret_day, struct err *err);
MUST_CHECK int civil_parse_time (const char *text, int64_t *ret_at_ms, struct err *err);

/* Write into 'ret' and return it. Milliseconds are cut off. */
char *civil_format_day (int32_t day, char ret[CIVIL_DATE_SIZE]);
char *civil_format_time (int64_t at_ms, char ret[CIVIL_TIME_SIZE]);

/* A due instant for people: "2026-12-08 24:00" rather than the 00:00 of the day after;
 * an instant that is no midnight is written as civil_format_time does. */
char *civil_format_due (int64_t due_ms, char ret[CIVIL_TIME_SIZE]);

#endif
