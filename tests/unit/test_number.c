/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "base/number.h"

static uint64_t make (uint32_t date, uint32_t terminal, uint32_t serial)
{
    int32_t day = 0;
    assert_int_equal (civil_day_of_number (date, &day), 0);
    return number_make (day, terminal, serial);
}

static void check_character_is_that_of_identity_cards (void **state UNUSED)
{
    /* The example of GB 11643-1999, and that of ISO 7064 for "0794". */
    assert_int_equal (check_mod_11_2 ("11010519491231002", 17), 'X');
    assert_int_equal (check_mod_11_2 ("44052418800101001", 17), '4');
    assert_int_equal (check_mod_11_2 ("0794", 4), '0');
}

static void number_holds_its_parts (void **state UNUSED)
{
    uint64_t number = make (20261123, 101, 34);
    assert_true (number == UINT64_C (202611230010100034));
    assert_int_equal (civil_number (number_day (number)), 20261123);
    assert_int_equal (number_terminal (number), 101);
    assert_int_equal (number_serial (number), 34);
    assert_true (number_is_valid (number));
}

static void numbers_grow_with_the_day (void **state UNUSED)
{
    assert_true (make (20261123, 99999, 99999) < make (20261124, 1, 1));
    assert_true (make (20261123, 1, 99999) < make (20261123, 2, 1));
}

static void integers_that_no_terminal_makes_are_invalid (void **state UNUSED)
{
    static const uint64_t wrong[] = {
        0,
        1,
        UINT64_C (202611230010100000),
        UINT64_C (202611230000000034),
        UINT64_C (202613230010100034),
        UINT64_C (999999999999999999),
        UINT64_MAX,
    };
    for (size_t i = 0; i < ARRAY_SIZE (wrong); i++)
        assert_false (number_is_valid (wrong[i]));
}

static void what_is_written_is_read (void **state UNUSED)
{
    char text[NUMBER_TEXT_SIZE];
    bool seen_x = false;
    for (uint32_t serial = 1; serial <= 3000; serial++) {
        uint64_t number = make (20261123, 101, serial), back = 0;
        number_format (number, text);
        assert_int_equal (strlen (text), NUMBER_TEXT_SIZE - 1);
        assert_int_equal (number_parse (text, &back, NULL), 0);
        assert_true (back == number);
        seen_x = seen_x || number_check (number) == 'X';
    }
    assert_true (seen_x);
}

static void people_may_type_it_their_way (void **state UNUSED)
{
    /* The check character of this one is an X. */
    uint64_t number = make (20261123, 101, 1), back = 0;
    while (number_check (number) != 'X')
        number++;
    char text[NUMBER_TEXT_SIZE], plain[32], lower[32], wide[128], spaced[80];
    number_format (number, text);
    size_t p = 0, w = 0, s = 0;
    for (size_t i = 0; text[i] != '\0'; i++) {
        if (text[i] != '-')
            plain[p++] = text[i];
        w += (size_t) snprintf (wide + w, sizeof wide - w, "\xEF\xBC%c",
                                text[i] == '-'   ? (char) 0x8D
                                : text[i] == 'X' ? (char) 0xB8
                                                 : (char) (0x90 + text[i] - '0'));
        s += (size_t) snprintf (spaced + s, sizeof spaced - s, " %c", text[i]);
    }
    plain[p] = '\0';
    strcpy (lower, plain);
    lower[p - 1] = 'x';
    const char *const forms[] = { text, plain, lower, wide, spaced };
    for (size_t i = 0; i < ARRAY_SIZE (forms); i++) {
        back = 0;
        assert_int_equal (number_parse (forms[i], &back, NULL), 0);
        assert_true (back == number);
    }
}

static void every_single_wrong_digit_is_found (void **state UNUSED)
{
    char text[NUMBER_TEXT_SIZE];
    number_format (make (20261123, 101, 34), text);
    for (size_t i = 0; i < NUMBER_TEXT_SIZE - 1; i++) {
        if (text[i] == '-')
            continue;
        char right = text[i];
        for (char wrong = '0'; wrong <= '9'; wrong++) {
            uint64_t back;
            text[i] = wrong;
            assert_true ((number_parse (text, &back, NULL) == 0) == (wrong == right));
        }
        text[i] = right;
    }
}

static void every_exchange_of_neighbours_is_found (void **state UNUSED)
{
    char text[NUMBER_TEXT_SIZE];
    uint64_t back;
    number_format (make (20261123, 101, 34), text);
    for (size_t i = 0; i + 2 < NUMBER_TEXT_SIZE; i++) {
        char a = text[i], b = text[i + 1];
        if (a == '-' || b == '-' || a == b)
            continue;
        text[i] = b;
        text[i + 1] = a;
        assert_int_not_equal (number_parse (text, &back, NULL), 0);
        text[i] = a;
        text[i + 1] = b;
    }
}

/* The 18 digits with the check character that fits them. */
static const char *with_check (const char *digits)
{
    static char text[32];
    snprintf (text, sizeof text, "%s%c", digits, check_mod_11_2 (digits, 18));
    return text;
}

static void the_sentence_says_which_part_is_wrong (void **state UNUSED)
{
    static const struct {
        const char *digits; /* with_check is added where there are 18 */
        const char *part;
    } rows[] = {
        { "", "18 digits" },
        { "2026112300101", "13 characters" },
        { "20261123001010003412345678901234567890", "at least" },
        { "2026112300101000a4X", "character 17" },
        { "20261123001010003四X", "character 18" },
        { "202611230010100034Y", "last character" },
        { "202611310010100034", "no date" },
        { "202611230000000034", "terminal" },
        { "202611230010100000", "serial" },
    };
    for (size_t i = 0; i < ARRAY_SIZE (rows); i++) {
        struct err err = { 0 };
        uint64_t untouched = 77;
        bool whole = strlen (rows[i].digits) == 18;
        const char *text = whole ? with_check (rows[i].digits) : rows[i].digits;
        assert_int_equal (number_parse (text, &untouched, &err), -22);
        assert_non_null (strstr (err.text, rows[i].part));
        assert_true (untouched == 77);
    }
    struct err err = { 0 };
    uint64_t number = make (20261123, 101, 34);
    char text[NUMBER_TEXT_SIZE];
    number_format (number, text)[21] = number_check (number) == '0' ? '1' : '0';
    assert_int_equal (number_parse (text, &number, &err), -22);
    assert_non_null (strstr (err.text, "check character"));
}

static void query_code_is_made_of_forty_bits (void **state UNUSED)
{
    char text[QUERY_CODE_TEXT_SIZE];
    static const uint8_t none[5] = { 0 }, all[5] = { 255, 255, 255, 255, 255 };
    static const uint8_t mixed[5] = { 0x00, 0x44, 0x32, 0x14, 0xC7 };
    assert_string_equal (query_code_make (none, text), "00000000");
    assert_string_equal (query_code_make (all, text), "ZZZZZZZZ");
    assert_string_equal (query_code_make (mixed, text), "01234567");
}

static void query_code_forgives_what_looks_alike (void **state UNUSED)
{
    char text[QUERY_CODE_TEXT_SIZE];
    static const char *const forms[] = { "0A1BZ10K", "OAIB-ZLOK", " 0a1b z10k ",
                                         "０Ａ１ＢＺ１０Ｋ" };
    for (size_t i = 0; i < ARRAY_SIZE (forms); i++) {
        assert_int_equal (query_code_parse (forms[i], text, NULL), 0);
        assert_string_equal (text, "0A1BZ10K");
    }
    assert_int_equal (query_code_parse ("oilOIL00", text, NULL), 0);
    assert_string_equal (text, "01101100");
}

static void a_wrong_query_code_is_refused_and_not_repeated (void **state UNUSED)
{
    static const char *const wrong[] = { "",         "0A1BZ10",  "0A1BZ10KK",
                                         "0A1BZ10U", "0A1BZ10*", "0A1BZ10码" };
    for (size_t i = 0; i < ARRAY_SIZE (wrong); i++) {
        char text[QUERY_CODE_TEXT_SIZE] = "kept";
        struct err err = { 0 };
        assert_int_equal (query_code_parse (wrong[i], text, &err), -22);
        assert_string_equal (text, "kept");
        assert_null (strstr (err.text, "0A1B"));
    }
}

int main (void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test (check_character_is_that_of_identity_cards),
        cmocka_unit_test (number_holds_its_parts),
        cmocka_unit_test (numbers_grow_with_the_day),
        cmocka_unit_test (integers_that_no_terminal_makes_are_invalid),
        cmocka_unit_test (what_is_written_is_read),
        cmocka_unit_test (people_may_type_it_their_way),
        cmocka_unit_test (every_single_wrong_digit_is_found),
        cmocka_unit_test (every_exchange_of_neighbours_is_found),
        cmocka_unit_test (the_sentence_says_which_part_is_wrong),
        cmocka_unit_test (query_code_is_made_of_forty_bits),
        cmocka_unit_test (query_code_forgives_what_looks_alike),
        cmocka_unit_test (a_wrong_query_code_is_refused_and_not_repeated),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
