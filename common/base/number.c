/* SPDX-License-Identifier: Apache-2.0 */
/* Grievance number and query code. What people type is first folded to plain ASCII
 * (full-width forms, dashes of every length, spaces), then read strictly: a number that is
 * wrong in one character is told as such, never guessed. */
#include "base/number.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/civil.h"
#include "base/text.h"

#define DIGITS         18
#define TERMINAL_SCALE UINT64_C (100000)
#define DATE_SCALE     UINT64_C (10000000000)
#define LINE_SIZE      32 /* folded: 18 digits and check character, and what is too much */

static_assert (sizeof "20261123-00101-00034-X" == NUMBER_TEXT_SIZE, "text form");

uint64_t number_make (int32_t day, uint32_t terminal, uint32_t serial)
{
    assert (terminal >= 1 && terminal <= NUMBER_TERMINAL_MAX);
    assert (serial >= 1 && serial <= NUMBER_SERIAL_MAX);
    return civil_number (day) * DATE_SCALE + terminal * TERMINAL_SCALE + serial;
}

uint32_t number_terminal (uint64_t number)
{
    return (uint32_t) (number / TERMINAL_SCALE % TERMINAL_SCALE);
}

uint32_t number_serial (uint64_t number)
{
    return (uint32_t) (number % TERMINAL_SCALE);
}

static int day_of (uint64_t number, int32_t *ret_day)
{
    uint64_t date = number / DATE_SCALE;
    return date > UINT32_MAX ? -EINVAL : civil_day_of_number ((uint32_t) date, ret_day);
}

bool number_is_valid (uint64_t number)
{
    int32_t day;
    return number_terminal (number) != 0 && number_serial (number) != 0 &&
           day_of (number, &day) == 0;
}

int32_t number_day (uint64_t number)
{
    int32_t day = 0;
    int rc = day_of (number, &day);
    assert (rc == 0);
    return day;
}

static void put_number (uint64_t number, char ret[DIGITS + 1])
{
    for (size_t i = DIGITS; i-- > 0; number /= 10)
        ret[i] = (char) ('0' + number % 10);
    ret[DIGITS] = '\0';
}

char check_mod_11_2 (const char *digits, size_t count)
{
    unsigned sum = 0;
    for (size_t i = 0; i < count; i++)
        sum = (sum + (unsigned) (digits[i] - '0')) * 2 % 11;
    return "0123456789X"[(12 - sum) % 11];
}

char number_check (uint64_t number)
{
    char digits[DIGITS + 1];
    put_number (number, digits);
    return check_mod_11_2 (digits, DIGITS);
}

char *number_format (uint64_t number, char ret[NUMBER_TEXT_SIZE])
{
    char digits[DIGITS + 1];
    put_number (number, digits);
    memcpy (ret, digits, 8);
    memcpy (ret + 9, digits + 8, 5);
    memcpy (ret + 15, digits + 13, 5);
    ret[8] = ret[14] = ret[20] = '-';
    ret[21] = check_mod_11_2 (digits, DIGITS);
    ret[22] = '\0';
    return ret;
}

static bool is_dash_or_space (uint32_t c)
{
    return c == '-' || c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '_' ||
           c == 0x00A0 || (c >= 0x2010 && c <= 0x2015) || c == 0x2212;
}

/* What was typed, without dashes and spaces, full-width narrowed, letters upper-case; a
 * character that is not ASCII becomes '?'. Cut at LINE_SIZE: longer is wrong anyway. */
static size_t fold (const char *text, char ret[LINE_SIZE])
{
    struct bytes typed = bytes_of_text (text);
    size_t count = 0;
    for (size_t at = 0; at < typed.size && count < LINE_SIZE - 1;) {
        uint32_t c = text_narrow_character (text_next (typed, &at));
        if (is_dash_or_space (c))
            continue;
        if (c >= 'a' && c <= 'z')
            c = c - 'a' + 'A';
        ret[count++] = c < 0x80 ? (char) c : '?';
    }
    ret[count] = '\0';
    return count;
}

static bool is_digit (char c)
{
    return c >= '0' && c <= '9';
}

static int check_characters (const char *line, size_t count, struct err *err)
{
    if (count != DIGITS + 1)
        return err_set (
            err, -EINVAL,
            "a grievance number has 18 digits and a check character, this has "
            "%s%zu characters",
            count == LINE_SIZE - 1 ? "at least " : "", count);
    for (size_t i = 0; i < DIGITS; i++)
        if (!is_digit (line[i]))
            return err_set (err, -EINVAL,
                            "character %zu of the grievance number is no digit", i + 1);
    if (!is_digit (line[DIGITS]) && line[DIGITS] != 'X')
        return err_set (err, -EINVAL,
                        "the last character of a grievance number is a digit or X");
    return 0;
}

int number_parse (const char *text, uint64_t *ret_number, struct err *err)
{
    char line[LINE_SIZE];
    int rc = check_characters (line, fold (text, line), err);
    if (rc != 0)
        return rc;
    uint64_t number = 0;
    for (size_t i = 0; i < DIGITS; i++)
        number = number * 10 + (uint64_t) (line[i] - '0');
    /* The check character first: one wrong digit in the date is a slip of the pen there,
     * not a strange date. */
    if (line[DIGITS] != check_mod_11_2 (line, DIGITS))
        return err_set (
            err, -EINVAL,
            "the check character does not fit: a digit of the grievance number "
            "is wrong, or two are exchanged");
    int32_t day;
    if (day_of (number, &day) != 0)
        return err_set (err, -EINVAL,
                        "the grievance number begins with %.8s, which is no date", line);
    if (number_terminal (number) == 0)
        return err_set (err, -EINVAL, "the grievance number names terminal 00000");
    if (number_serial (number) == 0)
        return err_set (err, -EINVAL, "the grievance number has serial 00000");
    *ret_number = number;
    return 0;
}

/* ---- query code --------------------------------------------------------------------- */

static const char crockford[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

char *query_code_make (const uint8_t random[QUERY_CODE_RANDOM],
                       char ret[QUERY_CODE_TEXT_SIZE])
{
    uint64_t bits = 0;
    for (size_t i = 0; i < QUERY_CODE_RANDOM; i++)
        bits = bits << 8 | random[i];
    for (size_t i = QUERY_CODE_TEXT_SIZE - 1; i-- > 0; bits >>= 5)
        ret[i] = crockford[bits & 31];
    ret[QUERY_CODE_TEXT_SIZE - 1] = '\0';
    return ret;
}

static char query_code_letter (char c)
{
    return c == 'O' ? '0' : c == 'I' || c == 'L' ? '1' : c;
}

int query_code_parse (const char *text, char ret[QUERY_CODE_TEXT_SIZE], struct err *err)
{
    char line[LINE_SIZE];
    size_t count = fold (text, line);
    if (count != QUERY_CODE_TEXT_SIZE - 1)
        return err_set (err, -EINVAL, "a query code has %d letters and digits",
                        QUERY_CODE_TEXT_SIZE - 1);
    for (size_t i = 0; i < count; i++) {
        line[i] = query_code_letter (line[i]);
        if (strchr (crockford, line[i]) == NULL)
            return err_set (err, -EINVAL,
                            "character %zu of the query code cannot be there", i + 1);
    }
    memcpy (ret, line, QUERY_CODE_TEXT_SIZE);
    return 0;
}
