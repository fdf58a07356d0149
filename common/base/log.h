/* SPDX-License-Identifier: Apache-2.0 */
/* The log: one line per durable fact or per failure that stops travelling, number
 * first, then key=value. No personal data. Only services and the runtime speak; rooms
 * below return errors.
 *
 * Where stderr is connected to journald, lines go there with the fields PRIORITY,
 * SYSLOG_IDENTIFIER, GRIEVANCE_ID and MESSAGE_ID. Where systemd takes stderr otherwise
 * (INVOCATION_ID set, no terminal), each line has its <N> prefix. Else, for people:
 * "HH:MM:SS name level text". */
#ifndef MINQING_BASE_LOG_H
#define MINQING_BASE_LOG_H

#include "base/macros.h"

/* The numbers of syslog(3), which systemd uses too. */
enum log_level {
    LOG_LEVEL_CRITICAL = 2, /* the daemon ends */
    LOG_LEVEL_ERROR = 3,    /* something was not done */
    LOG_LEVEL_WARNING = 4,  /* done, but somebody should look */
    LOG_LEVEL_NOTICE = 5,   /* start, stop, reload, takeover */
    LOG_LEVEL_INFO = 6,     /* one durable fact */
    LOG_LEVEL_DEBUG = 7
};

/* Name the program ("intake"; kept as a pointer) and find out where lines go.
 * Everything works without it, under the name "minqing". */
void log_open (const char *name);

/* Lines above the level are dropped; LOG_LEVEL_INFO at first. 'log_set_level' takes
 * "critical", "error", "warning", "notice", "info" or "debug"; -EINVAL for others. */
MUST_CHECK int log_set_level (const char *level_name);
enum log_level log_level (void);
const char *log_level_name (enum log_level level);

/* One line. Line breaks and control characters in it become '?'. */
#define log_line(level, ...) log_line_fields ((level), NULL, NULL, __VA_ARGS__)

/* One line with fields. 'message_id' (32 hex digits, of the catalog) and 'grievance'
 * (its number) may be NULL. People see "grievance=NUMBER" before the text. */
#define log_event(level, message_id, grievance, ...)                                     \
    log_line_fields ((level), (message_id), (grievance), __VA_ARGS__)
void log_line_fields (enum log_level level, const char *message_id, const char *grievance,
                      const char *format, ...) PRINTF_LIKE (4, 5);

#define log_error(...)   log_line (LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line (LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...)  log_line (LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...)    log_line (LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_line (LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
