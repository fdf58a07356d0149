/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

typedef void (transform_fn) (struct bytes text, struct buffer *ret);

static void check_transform (transform_fn *transform, struct bytes text,
                             const char *expected)
{
    struct buffer buffer = { 0 };
    transform (text, &buffer);
    buffer_append (&buffer, "", 1);
    assert_string_equal ((const char *) buffer.data, expected);
    assert_int_equal (buffer.size, strlen (expected) + 1);
    buffer_done (&buffer);
}

static void only_strict_utf8_is_utf8 (void **state UNUSED)
{
    static const struct {
        const char *text;
        bool valid;
    } rows[] = {
        { "", true },
        { "abc\n\t\x01", true },
        { "征地补偿款没到账", true },
        { "\xC2\x80", true },
        { "\xED\x9F\xBF", true },     /* U+D7FF */
        { "\xEE\x80\x80", true },     /* U+E000 */
        { "\xF0\x9F\x8F\xA0", true }, /* a house */
        { "\xF4\x8F\xBF\xBF", true }, /* U+10FFFF */
        { "\x80", false },            /* continuation alone */
        { "\xC0\x80", false },        /* overlong */
        { "\xC1\xBF", false },
        { "\xE0\x9F\xBF", false },
        { "\xF0\x8F\xBF\xBF", false },
        { "\xED\xA0\x80", false }, /* surrogates */
        { "\xED\xBF\xBF", false },
        { "\xF4\x90\x80\x80", false }, /* above U+10FFFF */
        { "\xF5\x80\x80\x80", false },
        { "\xFF", false },
        { "\xE5\x9C", false }, /* cut off */
        { "\xE5\x9C"
          "a",
          false },
        { "\xF0\x9F\x8F", false },
        { "\xB5\xD8", false }, /* GBK */
    };
    for (size_t i = 0; i < ARRAY_SIZE (rows); i++)
        assert_true (text_is_utf8 (bytes_of_text (rows[i].text)) == rows[i].valid);
    assert_true (text_is_utf8 (BYTES ("a\0b", 3)));
    assert_true (text_is_utf8 (BYTES (NULL, 0)));
}

/* By 'text_next', character for character. */
static bool is_read (struct bytes text)
{
    for (size_t at = 0; at < text.size;)
        if (text_next (text, &at) == TEXT_INVALID)
            return false;
    return true;
}

/* Two sequences of three bytes in a row, of every two first bytes, the others on either side
 * of every border; with as much behind them as the short ways read, and with less. */
static void short_ways_take_what_the_decoder_takes (void **state UNUSED)
{
    static const uint8_t borders[] = { 0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0,
                                       0xbf, 0xc0, 0xc2, 0xe4, 0xed, 0xff };
    const size_t n = ARRAY_SIZE (borders);
    uint8_t text[12];
    for (unsigned first = 0; first < 256 * 256; first++)
        for (size_t i = 0; i < n * n; i++) {
            const uint8_t six[] = { (uint8_t) (first >> 8), borders[i / n],
                                    borders[i % n],         (uint8_t) first,
                                    borders[i % n],         borders[i / n] };
            memset (text, 'a', sizeof text);
            memcpy (text, six, sizeof six);
            bool is_valid = is_read (BYTES (text, sizeof text));
            assert_true (text_is_utf8 (BYTES (text, sizeof text)) == is_valid);
            assert_true (text_is_utf8 (BYTES (text, sizeof six)) == is_valid);
        }
}

static void every_code_point_comes_back (void **state UNUSED)
{
    struct buffer buffer = { 0 };
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        buffer_clear (&buffer);
        text_put (&buffer, c);
        size_t at = 0;
        uint32_t back = text_next (buffer_bytes (&buffer), &at);
        bool surrogate = c >= 0xD800 && c <= 0xDFFF;
        assert_true (back == (surrogate ? TEXT_INVALID : c));
        assert_int_equal (at, surrogate ? 1 : buffer.size);
    }
    buffer_done (&buffer);
}

static void characters_are_counted_not_bytes (void **state UNUSED)
{
    assert_int_equal (text_count (bytes_of_text ("土地a征收")), 5);
    assert_int_equal (text_count (bytes_of_text ("a\xFF\xE5\x9C")), 4);
    assert_int_equal (text_count (BYTES (NULL, 0)), 0);
}

static void no_character_is_cut_in_two (void **state UNUSED)
{
    struct bytes text = bytes_of_text ("a土地");
    assert_int_equal (text_head (text, 0).size, 0);
    assert_int_equal (text_head (text, 2).size, 4);
    assert_int_equal (text_head (text, 99).size, 7);
    static const size_t fits[] = { 0, 1, 1, 1, 4, 4, 4, 7, 7 };
    for (size_t size = 0; size < ARRAY_SIZE (fits); size++)
        assert_int_equal (text_fit (text, size).size, fits[size]);
    assert_int_equal (text_head (BYTES (NULL, 0), 3).size, 0);
}

static void stray_control_characters_become_spaces (void **state UNUSED)
{
    check_transform (text_clean,
                     BYTES ("a\0b\x1B[31m\x7F"
                            "c",
                            10),
                     "a b [31m c");
    check_transform (text_clean, bytes_of_text ("一\r\n二\r三\n四\t五"),
                     "一\n二\n三\n四\t五");
    check_transform (text_clean, bytes_of_text ("\xFFx\xC2\x85y"), " x y");
    /* A direction override would show the rest backwards; a zero-width space hides. */
    check_transform (text_clean,
                     bytes_of_text ("a\xE2\x80\xAE"
                                    "b\xE2\x80\x8B"
                                    "c"),
                     "abc");
}

static void a_cell_is_one_line (void **state UNUSED)
{
    check_transform (text_cell, bytes_of_text (" \n a\tb\r\n\r\n  c　d \n"), "a b c d");
    check_transform (text_cell, bytes_of_text ("\n\t "), "");
    check_transform (text_cell, bytes_of_text ("a\xEF\xBB\xBF b"), "a b");
}

static void full_width_forms_become_narrow (void **state UNUSED)
{
    check_transform (text_narrow, bytes_of_text ("１３９－ＡｂＺ　（土）。"),
                     "139-AbZ (土)。");
    check_transform (text_narrow, bytes_of_text ("\xFF１"),
                     "\xFF"
                     "1");
}

int main (void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test (only_strict_utf8_is_utf8),
        cmocka_unit_test (short_ways_take_what_the_decoder_takes),
        cmocka_unit_test (every_code_point_comes_back),
        cmocka_unit_test (characters_are_counted_not_bytes),
        cmocka_unit_test (no_character_is_cut_in_two),
        cmocka_unit_test (stray_control_characters_become_spaces),
        cmocka_unit_test (a_cell_is_one_line),
        cmocka_unit_test (full_width_forms_become_narrow),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
