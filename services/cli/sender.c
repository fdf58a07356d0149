/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/sender.h"

#include "cli/talk.h"

#include "wire/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct sender {
    struct session *session;
    struct line *line;
    struct talk talk;
    uint64_t connection; /* the how-many-th we talk on */
    struct arena arena;  /* one turn */
};

int sender_lock (const char *spool_dir, int *ret_fd, struct err *err)
{
    char path[4096];
    snprintf (path, sizeof path, "%s/sender.lock", spool_dir);
    int fd = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return err_set (err, -errno, "%s: %s", path, strerror (errno));
    if (flock (fd, LOCK_EX | LOCK_NB) < 0) {
        int code = errno == EWOULDBLOCK ? -EBUSY : -errno;
        close (fd);
        return err_set (err, code, "%s: another process sends from this spool", path);
    }
    *ret_fd = fd;
    return 0;
}

int sender_create (struct session *session, struct spool *spool, enum speaker speaker,
                   struct sender **ret_sender)
{
    struct line *line = session_line (session, speaker);
    if (line == NULL)
        return session_cli (session)->err.code;
    struct sender *sender = calloc (1, sizeof *sender);
    if (sender == NULL)
        abort ();
    *sender = (struct sender){ .session = session, .line = line };
    talk_init (&sender->talk, spool, speaker);
    arena_init (&sender->arena, 0);
    *ret_sender = sender;
    return 0;
}

void sender_destroy (struct sender **sender)
{
    if (*sender == NULL)
        return;
    arena_done (&(*sender)->arena);
    free (*sender);
    *sender = NULL;
}

struct line *sender_line (const struct sender *sender)
{
    return sender->line;
}

uint64_t sender_acked (const struct sender *sender)
{
    return sender->talk.acked;
}

bool sender_is_done (const struct sender *sender)
{
    struct spool_door door = spool_standing (sender->talk.spool, sender->talk.speaker);
    return door.acked + 1 >= door.next;
}

bool sender_has_met (const struct sender *sender)
{
    return sender->talk.stage == TALK_SENDING;
}

static struct err *sender_err (struct sender *sender)
{
    return &session_cli (sender->session)->err;
}

static int take_frame (struct sender *sender, struct bytes frame)
{
    struct from_door message;
    int rc = from_door_decode (&sender->arena, frame, &message, sender_err (sender));
    if (rc < 0)
        return rc;
    if (message.refusal != NULL)
        return session_refused (sender->session, message.refusal);
    return talk_hear (&sender->talk, &message, cli_now_ms (), sender_err (sender));
}

static int receive_all (struct sender *sender)
{
    int rc = 0;
    for (struct bytes frame; rc == 0 && line_next (sender->line, &frame);)
        rc = take_frame (sender, frame);
    return rc;
}

int sender_turn (struct sender *sender)
{
    arena_reset (&sender->arena);
    line_look (sender->line);
    if (line_is_refused (sender->line))
        return session_unreachable (sender->session, sender->talk.speaker);
    int rc = receive_all (sender);
    if (rc < 0)
        return rc;
    if (!line_is_connected (sender->line)) {
        talk_broken (&sender->talk);
        return 0;
    }
    if (line_connections (sender->line) != sender->connection) {
        sender->connection = line_connections (sender->line);
        talk_broken (&sender->talk);
    }
    struct saying saying;
    while (talk_next (&sender->talk, cli_now_ms (), &sender->arena, &saying)) {
        if (line_send (sender->line, saying.frame) < 0)
            return 0;
        talk_said (&sender->talk, &saying);
    }
    return 0;
}

int64_t sender_timeout_ms (const struct sender *sender)
{
    int64_t now_ms = cli_now_ms ();
    if (!line_is_connected (sender->line))
        return -1;
    int64_t wake_ms = talk_wake_ms (&sender->talk, now_ms);
    if (wake_ms == INT64_MAX)
        return -1;
    return wake_ms > now_ms ? wake_ms - now_ms : 0;
}

int sender_await (struct sender *sender, uint64_t counter, int64_t patience_ms,
                  void (*progress) (void *arg, uint64_t acked), void *arg)
{
    const struct talk *talk = &sender->talk;
    int64_t deadline = patience_ms < 0 ? INT64_MAX : cli_now_ms () + patience_ms;
    for (;;) {
        int rc = sender_turn (sender);
        if (rc < 0)
            return rc;
        if (progress != NULL)
            progress (arg, talk->acked);
        if (counter == 0 ? talk->stage == TALK_SENDING : talk->acked >= counter)
            return 0;
        int64_t left = deadline - cli_now_ms ();
        if (left <= 0)
            return -ETIMEDOUT;
        int64_t timeout = sender_timeout_ms (sender);
        if (timeout < 0 || timeout > left)
            timeout = left;
        rc = line_wait (&sender->line, 1, NULL, 0, timeout > 1000 ? 1000 : timeout);
        if (rc < 0 && rc != -EINTR)
            return err_set (sender_err (sender), rc, "waiting: %s", strerror (-rc));
    }
}
