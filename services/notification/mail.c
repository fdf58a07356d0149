/* SPDX-License-Identifier: Apache-2.0 */
/* A mail message (RFC 5322): one recipient, UTF-8 text in base64 (RFC 2045), the subject in
 * encoded words (RFC 2047) where it is not plain ASCII. The Message-ID follows from the
 * notice, so that a message sent twice is seen as one. */
#include "notification/channels_inside.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/civil.h"
#include "base/text.h"

#define WORD_BYTES 42 /* of text in one encoded word: 56 of base64, 75 with its frame */
#define LINE_BYTES 57 /* of text in a line of 76 */

static void put (struct buffer *buffer, const char *text)
{
    buffer_append (buffer, text, strlen (text));
}

static void put_base64 (struct buffer *buffer, struct bytes bytes)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < bytes.size; i += 3) {
        size_t rest = bytes.size - i;
        uint32_t group = (uint32_t) bytes.data[i] << 16 |
                         (rest > 1 ? (uint32_t) bytes.data[i + 1] << 8 : 0) |
                         (rest > 2 ? (uint32_t) bytes.data[i + 2] : 0);
        char four[4] = { digits[group >> 18], digits[group >> 12 & 63],
                         rest > 1 ? digits[group >> 6 & 63] : '=',
                         rest > 2 ? digits[group & 63] : '=' };

        buffer_append (buffer, four, sizeof four);
    }
}

static bool is_plain (const char *text)
{
    for (; *text != '\0'; text++)
        if ((unsigned char) *text < 0x20 || (unsigned char) *text > 0x7e)
            return false;
    return true;
}

static void put_subject (struct buffer *buffer, const char *subject)
{
    struct bytes rest = bytes_of_text (subject);

    put (buffer, "Subject: ");
    if (is_plain (subject) && rest.size <= 60) {
        put (buffer, subject);
        put (buffer, "\r\n");
        return;
    }
    while (rest.size > 0) {
        struct bytes word = text_fit (rest, WORD_BYTES); /* cuts no character in two */

        put (buffer, "=?UTF-8?B?");
        put_base64 (buffer, word);
        put (buffer, "?=\r\n");
        rest = BYTES (rest.data + word.size, rest.size - word.size);
        if (rest.size > 0)
            put (buffer, " "); /* a folded line */
    }
}

static void put_date (struct buffer *buffer, int64_t now_ms)
{
    static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
    static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
    struct civil civil = civil_of_ms (now_ms);
    char line[64];

    snprintf (line, sizeof line, "Date: %s, %02u %s %04d %02u:%02u:%02u +0800\r\n",
              days[civil_weekday (civil_day (now_ms))], civil.day,
              months[civil.month - 1], civil.year, civil.hour, civil.minute,
              civil.second);
    put (buffer, line);
}

/* Nothing that comes from a table may end a header line. */
static void put_header (struct buffer *buffer, const char *name, const char *value)
{
    put (buffer, name);
    for (; *value != '\0'; value++)
        if ((unsigned char) *value >= 0x20)
            buffer_append (buffer, value, 1);
    put (buffer, "\r\n");
}

void mail_write (const struct channel_settings *settings, const char *to, uint64_t notice,
                 const char *subject, const char *text, int64_t now_ms,
                 struct buffer *ret)
{
    const char *at = strchr (settings->smtp_from, '@');
    struct bytes rest = bytes_of_text (text);
    char id[256];

    put_date (ret, now_ms);
    put_header (ret, "From: ", settings->smtp_from);
    put_header (ret, "To: ", to);
    put_subject (ret, subject);
    snprintf (id, sizeof id, "<notice.%" PRIu64 "@%.*s>", notice, 200,
              at ? at + 1 : "minqing.invalid");
    put_header (ret, "Message-ID: ", id);
    put (ret, "Auto-Submitted: auto-generated\r\n"
              "MIME-Version: 1.0\r\n"
              "Content-Type: text/plain; charset=UTF-8\r\n"
              "Content-Transfer-Encoding: base64\r\n\r\n");
    while (rest.size > 0) {
        size_t size = rest.size < LINE_BYTES ? rest.size : LINE_BYTES;

        put_base64 (ret, BYTES (rest.data, size));
        put (ret, "\r\n");
        rest = BYTES (rest.data + size, rest.size - size);
    }
}
