/* SPDX-License-Identifier: Apache-2.0 */
/* Documents as pages and as printed lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/text.h"
#include "cli/document_page.h"

static struct hash hash;

static struct document_row document (const char *text)
{
    hash_bytes (bytes_of_text (text), &hash);
    return (struct document_row){ .sequence = 17,
                                  .kind = DOCUMENT_DECISION,
                                  .ordinal = 2,
                                  .time_ms = INT64_C (1795400000000),
                                  .hash = hash_view (&hash),
                                  .title = text ? "信访事项处理意见书" : NULL,
                                  .text = text };
}

static char *page (const char *text, bool html)
{
    struct document_row row = document (text);
    struct buffer buffer = { 0 };
    if (html)
        document_page_html (&row, &buffer);
    else
        document_page_text (&row, &buffer);
    buffer_append (&buffer, "", 1);
    return (char *) buffer.data;
}

static void a_script_in_a_decision_is_only_text (void **state UNUSED)
{
    char *html = page ("　　<script>alert(\"1\")</script> & <b>'x'</b>", true);
    assert_null (strstr (html, "<script"));
    assert_null (strstr (html, "<b>"));
    assert_non_null (strstr (html, "<p class=\"paragraph\">&lt;script&gt;alert(&quot;1"
                                   "&quot;)&lt;/script&gt; &amp; &lt;b&gt;&#39;x&#39;"
                                   "&lt;/b&gt;</p>\n"));
    free (html);
}

static void a_page_is_laid_out_by_how_lines_begin (void **state UNUSED)
{
    char *html = page ("\t编号：1\n张三：\n　　您好。\n一、情况\n\n\t国土所", true);
    assert_non_null (strstr (html, "@page { size: A4;"));
    assert_non_null (strstr (html, "counter(page)"));
    assert_non_null (strstr (html, "<h1>信访事项处理意见书</h1>\n"
                                   "<p class=\"right\">编号：1</p>\n"
                                   "<p>张三：</p>\n"
                                   "<p class=\"paragraph\">您好。</p>\n"
                                   "<p class=\"section\">一、情况</p>\n"
                                   "<p>&nbsp;</p>\n"
                                   "<p class=\"right\">国土所</p>\n"
                                   "<footer>文书号 17，2026-11-23<br>SHA-256 "));
    char text[HASH_TEXT_SIZE];
    hash_text (&hash, text);
    assert_non_null (strstr (html, text));
    free (html);
}

static void an_erased_document_says_so (void **state UNUSED)
{
    char *html = page (NULL, true), *lines = page (NULL, false);
    assert_non_null (strstr (html, "<h1>处理意见书</h1>"));
    assert_non_null (strstr (html, "正文已经删除"));
    assert_non_null (strstr (lines, "正文已经删除"));
    free (html);
    free (lines);
}

static void printed_lines_are_never_wider_than_forty_characters (void **state UNUSED)
{
    char text[4096] = "　　";
    for (int i = 0; i < 30; i++)
        strcat (text, i % 3 == 0   ? "征地补偿款，没有到卡。"
                      : i % 3 == 1 ? "20261123-00101-00034-X"
                                   : "（见《条例》第三十四条）：“是”……");
    char *lines = page (text, false);
    for (char *line = lines, *end; (end = strchr (line, '\n')); line = end + 1) {
        struct bytes bytes = BYTES (line, (size_t) (end - line));
        size_t cells = 0, at = 0;
        while (at < bytes.size)
            cells += text_next (bytes, &at) > 0x7F ? 2 : 1;
        assert_true (cells <= 2 * DOCUMENT_PAGE_COLUMNS);
        assert_true (strncmp (line, "，", 3) != 0 && strncmp (line, "。", 3) != 0);
        assert_true (strncmp (line, "）", 3) != 0 && strncmp (line, "”", 3) != 0);
        assert_true (end - line < 3 || strncmp (end - 3, "（", 3) != 0);
    }
    free (lines);
}

static void printed_lines_are_set_as_the_page_is (void **state UNUSED)
{
    char *lines = page ("\t编号：1\n张三：\n　　您好。", false);
    char expected[512];
    snprintf (expected, sizeof expected,
              "%31s信访事项处理意见书\n\n%73s编号：1\n张三：\n    您好。\n\n文书号 "
              "17，2026-11-23\n",
              "", "");
    assert_memory_equal (lines, expected, strlen (expected));
    free (lines);
}

static void words_without_end_are_cut (void **state UNUSED)
{
    char text[600];
    memset (text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    char *lines = page (text, false);
    size_t letters = 0;
    for (const char *at = strchr (lines, '\n'); *at != '\0' && strncmp (at, "文", 3);
         at++)
        letters += *at == 'a';
    assert_int_equal (letters, sizeof text - 1);
    free (lines);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_script_in_a_decision_is_only_text),
        cmocka_unit_test (a_page_is_laid_out_by_how_lines_begin),
        cmocka_unit_test (an_erased_document_says_so),
        cmocka_unit_test (printed_lines_are_never_wider_than_forty_characters),
        cmocka_unit_test (printed_lines_are_set_as_the_page_is),
        cmocka_unit_test (words_without_end_are_cut),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
