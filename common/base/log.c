/* SPDX-License-Identifier: Apache-2.0 */
/* The log: formats one line and hands it to journald, to systemd or to a person.
 * It keeps nothing, rotates nothing and never blocks on anything but stderr: journald
 * and the terminal do the rest. */
#include "base/log.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

/* The longest line: journald's own default for lines on a stream is 48 KiB; nobody
 * reads beyond this. What is longer is cut. */
#define LINE_SIZE 2048

#define CHINA_OFFSET_S INT64_C (28800) /* 8 h: fixed UTC+8, no daylight saving */

enum destination { TO_PERSON, TO_SYSTEMD, TO_JOURNALD };

static const char *program = "minqing";
static enum destination destination = TO_PERSON;
static enum log_level threshold = LOG_LEVEL_INFO;

static const char *const level_names[] = {
    [LOG_LEVEL_CRITICAL] = "critical", [LOG_LEVEL_ERROR] = "error",
    [LOG_LEVEL_WARNING] = "warning",   [LOG_LEVEL_NOTICE] = "notice",
    [LOG_LEVEL_INFO] = "info",         [LOG_LEVEL_DEBUG] = "debug",
};

/* JOURNAL_STREAM names the device and inode of the stream that systemd set up; it is
 * inherited, so only when stderr still is that stream does it speak of us. */
static bool stderr_is_journald (void)
{
    const char *stream = getenv ("JOURNAL_STREAM");
    struct stat status;
    char *colon, *end;
    if (stream == NULL)
        return false;
    uintmax_t device = strtoumax (stream, &colon, 10);
    if (*colon != ':')
        return false;
    uintmax_t inode = strtoumax (colon + 1, &end, 10);
    if (*end != '\0')
        return false;
    if (fstat (STDERR_FILENO, &status) < 0)
        return false;
    return status.st_dev == device && status.st_ino == inode;
}

void log_open (const char *name)
{
    program = name;
    if (stderr_is_journald ())
        destination = TO_JOURNALD;
    else if (getenv ("INVOCATION_ID") != NULL && isatty (STDERR_FILENO) == 0)
        destination = TO_SYSTEMD;
    else
        destination = TO_PERSON;
}

int log_set_level (const char *level_name)
{
    for (size_t i = 0; i < ARRAY_SIZE (level_names); i++) {
        if (level_names[i] != NULL && strcmp (level_names[i], level_name) == 0) {
            threshold = (enum log_level) i;
            return 0;
        }
    }
    return -EINVAL;
}

enum log_level log_level (void)
{
    return threshold;
}

const char *log_level_name (enum log_level level)
{
    return level_names[level];
}

/* One line stays one line: whatever a text from outside brings along must neither
 * start a second one nor move a terminal's cursor. */
static void flatten (char *text)
{
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char) *text;
        if (c < 0x20 || c == 0x7f)
            *text = '?';
    }
}

/* A cut may have gone through a character: take its beginning away too. */
static void trim_cut_character (char *text, size_t length)
{
    size_t at = length;
    while (at > 0 && ((unsigned char) text[at - 1] & 0xc0) == 0x80)
        at--;
    if (at > 0 && ((unsigned char) text[at - 1] & 0xc0) == 0xc0)
        at--;
    text[at] = '\0';
}

static bool send_to_journald (enum log_level level, const char *message_id,
                              const char *grievance, const char *text)
{
    char message[LINE_SIZE + 16], priority[16], name[64], id[64], number[64];
    struct iovec fields[5];
    int count = 0;
#define FIELD(buffer, ...)                                                               \
    do {                                                                                 \
        int length_ = snprintf (buffer, sizeof buffer, __VA_ARGS__);                     \
        if (length_ >= (int) sizeof buffer)                                              \
            length_ = (int) sizeof buffer - 1;                                           \
        fields[count++] = (struct iovec){ buffer, (size_t) length_ };                    \
    } while (0)
    FIELD (message, "MESSAGE=%s", text);
    FIELD (priority, "PRIORITY=%d", (int) level);
    FIELD (name, "SYSLOG_IDENTIFIER=%s", program);
    if (message_id != NULL)
        FIELD (id, "MESSAGE_ID=%s", message_id);
    if (grievance != NULL)
        FIELD (number, "GRIEVANCE_ID=%s", grievance);
#undef FIELD
    return sd_journal_sendv (fields, count) >= 0;
}

static void write_to_stderr (enum log_level level, const char *grievance,
                             const char *text)
{
    char line[LINE_SIZE + 160];
    char before[64], number[80] = "";
    if (grievance != NULL)
        snprintf (number, sizeof number, "grievance=%s ", grievance);
    if (destination == TO_PERSON) {
        time_t now = time (NULL) + CHINA_OFFSET_S;
        struct tm tm;
        gmtime_r (&now, &tm);
        snprintf (before, sizeof before, "%02d:%02d:%02d %.32s %s", tm.tm_hour, tm.tm_min,
                  tm.tm_sec, program, log_level_name (level));
    } else {
        snprintf (before, sizeof before, "<%d>%.32s", (int) level, program);
    }
    int length = snprintf (line, sizeof line, "%s %s%s\n", before, number, text);
    /* One write, so that the lines of several daemons on one terminal do not mix. When
     * stderr is gone there is nobody left to tell. */
    ssize_t written = write (STDERR_FILENO, line, (size_t) length);
    (void) written;
}

void log_line_fields (enum log_level level, const char *message_id, const char *grievance,
                      const char *format, ...)
{
    char text[LINE_SIZE];
    if (level > threshold)
        return;
    va_list args;
    va_start (args, format);
    int length = vsnprintf (text, sizeof text, format, args);
    va_end (args);
    if (length < 0)
        return;
    if (length >= LINE_SIZE)
        trim_cut_character (text, LINE_SIZE - 1);
    flatten (text);
    if (destination == TO_JOURNALD &&
        send_to_journald (level, message_id, grievance, text))
        return;
    write_to_stderr (level, grievance, text);
}
