/* SPDX-License-Identifier: Apache-2.0 */
/* The executor: a queue of sendings, 'notification/parallel' of them on their way. libcurl tells its
 * sockets and its timer; the shell polls them together with the pidfds of programs. */
#include "notification/channels_inside.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define SOCKETS_MAX (EXECUTOR_FDS_MAX - CHANNELS_AT_ONCE_MAX)
#define OPEN_MAX    512 /* sockets of libcurl, with those kept for the next mail */

struct channels {
    CURLM *multi;
    struct channel_settings settings;
    size_t at_once;
    struct sending *first, **last;      /* in order of their start */
    struct sending *told;               /* handed out by the last 'run' */
    struct pollfd sockets[SOCKETS_MAX]; /* what libcurl wants to know of */
    size_t n_sockets;
    int64_t timer_ms; /* when libcurl wants to be called; -1: not */
    curl_socket_t open[OPEN_MAX];
    size_t n_open;
};

static int64_t monotonic_ms (void)
{
    struct timespec now;

    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- one sending ------------------------------------------------------------------- */

void sending_end (struct sending *sending, int sysexit, const char *format, ...)
{
    va_list args;

    va_start (args, format);
    vsnprintf (sending->detail, sizeof sending->detail, format, args);
    va_end (args);
    sending->sysexit = sysexit;
    sending->stage = SENDING_DONE;
}

static char *copy (const char *text)
{
    char *copied = strdup (text ? text : "");

    assert (copied);
    return copied;
}

static void wipe (char *text)
{
    if (text)
        explicit_bzero (text, strlen (text)); /* names and telephones were in it */
    free (text);
}

static void sending_destroy (struct sending *sending)
{
    if (sending->curl)
        curl_easy_cleanup (sending->curl);
    curl_slist_free_all (sending->list);
    channel_pipe_kill (sending);
    buffer_done (&sending->upload);
    buffer_done (&sending->answer);
    wipe (sending->json);
    wipe (sending->text);
    free (sending->subject);
    free (sending->address);
    free (sending->channel);
    free (sending);
}

/* ---- libcurl -------------------------------------------------------------------------- */

static int socket_wanted (CURL *curl UNUSED, curl_socket_t socket, int what, void *arg,
                          void *unused UNUSED)
{
    struct channels *self = arg;
    size_t i = 0;

    while (i < self->n_sockets && self->sockets[i].fd != socket)
        i++;
    if (what == CURL_POLL_REMOVE) {
        if (i < self->n_sockets)
            self->sockets[i] = self->sockets[--self->n_sockets];
        return 0;
    }
    if (i == SOCKETS_MAX)
        return -1; /* libcurl ends its transfers: try later */
    if (i == self->n_sockets)
        self->n_sockets++;
    self->sockets[i] = (struct pollfd){ .fd = socket };
    if (what == CURL_POLL_IN || what == CURL_POLL_INOUT)
        self->sockets[i].events |= POLLIN;
    if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT)
        self->sockets[i].events |= POLLOUT;
    return 0;
}

static int timer_wanted (CURLM *multi UNUSED, long timeout_ms, void *arg)
{
    struct channels *self = arg;

    self->timer_ms = timeout_ms < 0 ? -1 : monotonic_ms () + timeout_ms;
    return 0;
}

static curl_socket_t socket_open (void *arg, curlsocktype purpose UNUSED,
                                  struct curl_sockaddr *at)
{
    struct channels *self = arg;
    curl_socket_t fd = socket (at->family, at->socktype | SOCK_CLOEXEC, at->protocol);

    if (fd >= 0 && self->n_open < OPEN_MAX)
        self->open[self->n_open++] = fd;
    return fd < 0 ? CURL_SOCKET_BAD : fd;
}

static int socket_close (void *arg, curl_socket_t fd)
{
    struct channels *self = arg;

    for (size_t i = 0; i < self->n_open; i++)
        if (self->open[i] == fd)
            self->open[i--] = self->open[--self->n_open];
    return close (fd);
}

/* At a stop nobody is waited for: not for a name to be resolved, nor for a mail server to say
 * goodbye, which libcurl would give two minutes. */
static void transfers_cut (struct channels *self)
{
    for (struct sending *sending = self->first; sending; sending = sending->next)
        if (sending->curl)
            curl_easy_setopt (sending->curl, CURLOPT_QUICK_EXIT, 1L);
    for (size_t i = 0; i < self->n_open; i++)
        shutdown (self->open[i], SHUT_RDWR);
}

static void transfer_begin (struct channels *self, struct sending *sending)
{
    curl_easy_setopt (sending->curl, CURLOPT_PRIVATE, sending);
    curl_easy_setopt (sending->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt (sending->curl, CURLOPT_OPENSOCKETFUNCTION, socket_open);
    curl_easy_setopt (sending->curl, CURLOPT_OPENSOCKETDATA, self);
    curl_easy_setopt (sending->curl, CURLOPT_CLOSESOCKETFUNCTION, socket_close);
    curl_easy_setopt (sending->curl, CURLOPT_CLOSESOCKETDATA, self);
    curl_easy_setopt (sending->curl, CURLOPT_USERAGENT, "minqing/" MINQING_VERSION);
    if (curl_multi_add_handle (self->multi, sending->curl) != CURLM_OK)
        sending_end (sending, EX_TEMPFAIL, "no memory");
}

static void transfers_finish (struct channels *self)
{
    struct CURLMsg *message;
    int rest;

    while ((message = curl_multi_info_read (self->multi, &rest))) {
        CURLcode code = message->data.result;
        CURL *curl = message->easy_handle;
        struct sending *sending = NULL;

        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo (curl, CURLINFO_PRIVATE, (char **) &sending);
        if (strcmp (sending->channel, "smtp") == 0)
            channel_smtp_finish (sending, code);
        else
            channel_http_finish (sending, code);
        curl_multi_remove_handle (self->multi, curl);
    }
}

/* ---- the queue -------------------------------------------------------------------------- */

static void sending_begin (struct channels *self, struct sending *sending)
{
    sending->stage = SENDING_RUNS;
    if (strcmp (sending->channel, "smtp") == 0)
        channel_smtp_prepare (sending, &self->settings);
    else if (strcmp (sending->channel, "http") == 0)
        channel_http_prepare (sending, &self->settings);
    else if (strcmp (sending->channel, "pipe") == 0)
        channel_pipe_start (sending, &self->settings, monotonic_ms ());
    else
        sending_end (sending, EX_CONFIG, "no channel of this name");
    if (sending->stage == SENDING_RUNS && sending->curl)
        transfer_begin (self, sending);
}

static void queue_advance (struct channels *self)
{
    int64_t now_ms = monotonic_ms ();
    size_t running = 0;

    for (struct sending *sending = self->first; sending; sending = sending->next) {
        if (sending->stage == SENDING_RUNS && sending->pid != 0)
            channel_pipe_check (sending, now_ms);
        running += sending->stage == SENDING_RUNS;
    }
    for (struct sending *sending = self->first; sending && running < self->at_once;
         sending = sending->next)
        if (sending->stage == SENDING_WAITS) {
            sending_begin (self, sending);
            running += sending->stage == SENDING_RUNS;
        }
}

static void start (void *arg, const struct effect *effect)
{
    struct channels *self = arg;
    struct sending *sending = calloc (1, sizeof *sending);

    assert (sending);
    *sending = (struct sending){ .effect = effect->id,
                                 .mark = effect->mark != 0 ? effect->mark : effect->id,
                                 .channel = copy (effect->channel),
                                 .address = copy (effect->address),
                                 .subject = copy (effect->subject),
                                 .text = copy (effect->text),
                                 .json = copy (effect->json),
                                 .pidfd = -1 };
    *self->last = sending;
    self->last = &sending->next;
    queue_advance (self);
}

/* ---- the loop ----------------------------------------------------------------------------- */

static size_t poll_fds (void *arg, struct pollfd *fds, size_t max)
{
    struct channels *self = arg;
    size_t count = 0;

    for (size_t i = 0; i < self->n_sockets && count < max; i++)
        fds[count++] = self->sockets[i];
    for (struct sending *sending = self->first; sending && count < max;
         sending = sending->next)
        if (sending->stage == SENDING_RUNS && sending->pidfd >= 0)
            fds[count++] = (struct pollfd){ .fd = sending->pidfd, .events = POLLIN };
    return count;
}

static void sooner (int64_t *ret_ms, int64_t at_ms, int64_t now_ms)
{
    int64_t wait_ms = at_ms > now_ms ? at_ms - now_ms : 0;

    if (*ret_ms < 0 || wait_ms < *ret_ms)
        *ret_ms = wait_ms;
}

static int64_t timeout_ms (void *arg)
{
    struct channels *self = arg;
    int64_t now_ms = monotonic_ms (), wait_ms = -1;

    if (self->timer_ms >= 0)
        sooner (&wait_ms, self->timer_ms, now_ms);
    for (struct sending *sending = self->first; sending; sending = sending->next) {
        if (sending->stage == SENDING_DONE)
            sooner (&wait_ms, now_ms, now_ms);
        else if (sending->pid != 0)
            sooner (&wait_ms, sending->deadline_ms, now_ms);
    }
    return wait_ms;
}

static void told_forget (struct channels *self)
{
    while (self->told) {
        struct sending *sending = self->told;

        self->told = sending->next;
        sending_destroy (sending);
    }
}

/* Take what has ended out of the queue; it lives until the next call. */
static size_t results_take (struct channels *self, struct effect_result *results,
                            size_t max)
{
    struct sending **at = &self->first;
    size_t count = 0;

    while (*at && count < max) {
        struct sending *sending = *at;

        if (sending->stage != SENDING_DONE) {
            at = &sending->next;
            continue;
        }
        *at = sending->next;
        sending->next = self->told;
        self->told = sending;
        results[count++] = (struct effect_result){ .effect = sending->effect,
                                                   .sysexit = sending->sysexit,
                                                   .detail = sending->detail };
    }
    for (self->last = &self->first; *self->last;)
        self->last = &(*self->last)->next;
    return count;
}

static size_t run (void *arg, const struct pollfd *fds, size_t n_fds,
                   struct effect_result *results, size_t max)
{
    struct channels *self = arg;
    int running;

    told_forget (self);
    for (size_t i = 0; i < n_fds; i++) {
        int what = (fds[i].revents & POLLIN ? CURL_CSELECT_IN : 0) |
                   (fds[i].revents & POLLOUT ? CURL_CSELECT_OUT : 0) |
                   (fds[i].revents & (POLLERR | POLLHUP) ? CURL_CSELECT_ERR : 0);

        for (size_t k = 0; what != 0 && k < self->n_sockets; k++)
            if (self->sockets[k].fd == fds[i].fd) {
                curl_multi_socket_action (self->multi, fds[i].fd, what, &running);
                break;
            }
    }
    if (self->timer_ms >= 0 && self->timer_ms <= monotonic_ms ()) {
        self->timer_ms = -1;
        curl_multi_socket_action (self->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    transfers_finish (self);
    queue_advance (self);
    return results_take (self, results, max);
}

/* ---- open and close ------------------------------------------------------------------------ */

static int64_t number (const char *text, int64_t initial)
{
    return text ? strtoll (text, NULL, 10) : initial;
}

/* First line of the file. */
static int password_read (const char *file, char **ret_password, struct err *err)
{
    FILE *stream = fopen (file, "re");
    size_t size = 0;
    ssize_t length;

    if (!stream)
        return err_set (err, -errno, "%s: %s", file, strerror (errno));
    length = getline (ret_password, &size, stream);
    fclose (stream);
    if (length < 0)
        return err_set (err, -EINVAL, "%s: is empty", file);
    (*ret_password)[strcspn (*ret_password, "\r\n")] = '\0';
    return 0;
}

static int settings_read (struct channels *self,
                          const char *(*setting) (void *arg, const char *path), void *arg,
                          struct err *err)
{
    const char *password_file = setting (arg, "notification/smtp/password_file");
    int64_t at_once =
        number (setting (arg, "notification/parallel"), CHANNELS_AT_ONCE_INITIAL);

    self->at_once = at_once < 1                      ? 1
                    : at_once > CHANNELS_AT_ONCE_MAX ? CHANNELS_AT_ONCE_MAX
                                                     : (size_t) at_once;
    self->settings = (struct channel_settings){
        .smtp_url = setting (arg, "notification/smtp/url"),
        .smtp_from = setting (arg, "notification/smtp/from"),
        .smtp_user = setting (arg, "notification/smtp/user"),
        .pipe_dir = setting (arg, "notification/pipe/dir"),
        .smtp_timeout_ms = number (setting (arg, "notification/smtp/timeout_ms"), 30000),
        .http_timeout_ms = number (setting (arg, "notification/http/timeout_ms"), 10000),
        .pipe_timeout_ms = number (setting (arg, "notification/pipe/timeout_ms"), 30000),
    };
    return password_file
               ? password_read (password_file, &self->settings.smtp_password, err)
               : 0;
}

static int open_channels (const char *(*setting) (void *arg, const char *path), void *arg,
                          void **ret_self, struct err *err)
{
    struct channels *self = calloc (1, sizeof *self);

    if (!self || curl_global_init (CURL_GLOBAL_DEFAULT) != CURLE_OK ||
        !(self->multi = curl_multi_init ())) {
        free (self);
        return err_set (err, -ENOMEM, "libcurl cannot be started");
    }
    if (settings_read (self, setting, arg, err) < 0) {
        curl_multi_cleanup (self->multi);
        free (self);
        return -EINVAL;
    }
    self->last = &self->first;
    self->timer_ms = -1;
    curl_multi_setopt (self->multi, CURLMOPT_SOCKETFUNCTION, socket_wanted);
    curl_multi_setopt (self->multi, CURLMOPT_SOCKETDATA, self);
    curl_multi_setopt (self->multi, CURLMOPT_TIMERFUNCTION, timer_wanted);
    curl_multi_setopt (self->multi, CURLMOPT_TIMERDATA, self);
    *ret_self = self;
    return 0;
}

static void close_channels (void **arg)
{
    struct channels *self = *arg;

    if (!self)
        return;
    transfers_cut (self);
    told_forget (self);
    while (self->first) {
        struct sending *sending = self->first;

        self->first = sending->next;
        if (sending->curl)
            curl_multi_remove_handle (self->multi, sending->curl);
        sending_destroy (sending);
    }
    curl_multi_cleanup (self->multi);
    curl_global_cleanup ();
    wipe (self->settings.smtp_password);
    free (self);
    *arg = NULL;
}

const struct executor_ops notification_channels = {
    .open = open_channels,
    .start = start,
    .poll_fds = poll_fds,
    .timeout_ms = timeout_ms,
    .run = run,
    .close = close_channels,
};
