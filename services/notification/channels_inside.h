/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the executor: one sending, and the two engines. */
#ifndef MINQING_SERVICES_NOTIFICATION_CHANNELS_INSIDE_H
#define MINQING_SERVICES_NOTIFICATION_CHANNELS_INSIDE_H

#include <curl/curl.h>

#include "notification/channels.h"

#define CHANNELS_AT_ONCE_INITIAL 8 /* on their way together; more wait in order */
#define CHANNELS_AT_ONCE_MAX     64
#define CHANNEL_DETAIL_MAX       120
#define CHANNEL_ANSWER_MAX       2048 /* bytes of an HTTP answer that are looked at */

enum sending_stage { SENDING_WAITS, SENDING_RUNS, SENDING_DONE };

/* One effect, from start to result. Owns its texts. */
struct sending {
    struct sending *next;
    enum sending_stage stage;
    uint64_t effect;
    uint64_t mark;
    char *channel, *address, *subject, *text, *json;
    int sysexit;
    char detail[CHANNEL_DETAIL_MAX];
    /* mail and HTTP */
    CURL *curl;
    struct curl_slist *list; /* headers, or the recipient */
    struct buffer upload;
    size_t uploaded;
    struct buffer answer;
    /* programs */
    int pidfd; /* -1: none */
    pid_t pid;
    int64_t deadline_ms; /* of the monotonic clock */
};

struct channel_settings {
    const char *smtp_url;
    const char *smtp_from;
    const char *smtp_user;
    char *smtp_password; /* first line of its file, or NULL */
    const char *pipe_dir;
    int64_t smtp_timeout_ms, http_timeout_ms, pipe_timeout_ms;
};

void sending_end (struct sending *sending, int sysexit, const char *format, ...)
    PRINTF_LIKE (3, 4);

/* Set up the transfer: sending->curl is ready, or the sending has ended. */
void channel_smtp_prepare (struct sending *sending,
                           const struct channel_settings *settings);
void channel_http_prepare (struct sending *sending,
                           const struct channel_settings *settings);
/* The transfer is over: what it means. */
void channel_smtp_finish (struct sending *sending, CURLcode code);
void channel_http_finish (struct sending *sending, CURLcode code);

/* The message as it goes over the wire: headers, UTF-8 text in base64, CRLF. */
void mail_write (const struct channel_settings *settings, const char *to, uint64_t notice,
                 const char *subject, const char *text, int64_t now_ms,
                 struct buffer *ret);

/* Run a program of the folder, named without it, with the JSON on its standard input. */
void channel_pipe_start (struct sending *sending, const struct channel_settings *settings,
                         int64_t now_ms);
void channel_pipe_check (struct sending *sending, int64_t now_ms);
void channel_pipe_kill (struct sending *sending);

#endif
