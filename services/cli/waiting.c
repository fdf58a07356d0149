/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/waiting.h"

#include "cli/sender.h"

#include "wire/names.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

int spool_watch (const struct spool *spool, struct err *err)
{
    char path[4096];
    snprintf (path, sizeof path, "%s/data.mdb", spool_dir (spool));
    int fd = inotify_init1 (IN_CLOEXEC | IN_NONBLOCK);
    if (fd < 0 || inotify_add_watch (fd, path, IN_MODIFY | IN_ATTRIB) < 0) {
        int code = -errno;
        if (fd >= 0)
            close (fd);
        return err_set (err, code, "%s: cannot be watched: %s", path, strerror (-code));
    }
    return fd;
}

void spool_watch_drain (int fd)
{
    char events[4096];
    while (read (fd, events, sizeof events) > 0)
        continue;
}

/* Another process sends. Its commits touch the file; an outcome of the command tells. */
static int watch_for (struct session *session, struct spool *spool, enum speaker speaker,
                      uint64_t counter, uint64_t shift, int64_t patience_ms,
                      struct outcome *ret_outcome)
{
    struct cli *cli = session_cli (session);
    int64_t deadline = cli_now_ms () + patience_ms;
    int fd = spool_watch (spool, &cli->err);
    if (fd < 0)
        return fd;
    int rc = -ETIMEDOUT;
    for (;;) {
        spool_watch_drain (fd);
        struct spool_door door = spool_standing (spool, speaker);
        uint64_t target = counter + door.shift - shift;
        if (door.acked >= target &&
            spool_outcome (spool, speaker, target, &cli->arena, ret_outcome)) {
            rc = 0;
            break;
        }
        int64_t left = deadline - cli_now_ms ();
        if (left <= 0)
            break;
        struct pollfd ready = { .fd = fd, .events = POLLIN };
        poll (&ready, 1, (int) left);
    }
    close (fd);
    return rc;
}

static int send_and_wait (struct session *session, struct spool *spool,
                          enum speaker speaker, uint64_t counter, uint64_t shift,
                          int64_t patience_ms, struct outcome *ret_outcome)
{
    struct cli *cli = session_cli (session);
    struct sender *sender;
    int rc = sender_create (session, spool, speaker, &sender);
    if (rc < 0)
        return rc;
    int64_t deadline = cli_now_ms () + patience_ms;
    uint64_t target;
    do {
        target = counter + spool_standing (spool, speaker).shift - shift;
        int64_t left = deadline - cli_now_ms ();
        rc = sender_await (sender, target, left > 0 ? left : 0, NULL, NULL);
    } while (rc == 0 &&
             target != counter + spool_standing (spool, speaker).shift - shift);
    if (rc == 0 && !spool_outcome (spool, speaker, target, &cli->arena, ret_outcome))
        rc = err_set (&cli->err, -EBADMSG, _ ("%s: the outcome cannot be read back"),
                      spool_dir (spool));
    sender_destroy (&sender);
    return rc;
}

int await_outcome (struct session *session, struct spool *spool, enum speaker speaker,
                   uint64_t counter, uint64_t shift, int64_t patience_ms,
                   struct outcome *ret_outcome)
{
    struct cli *cli = session_cli (session);
    int lock;
    int rc = sender_lock (spool_dir (spool), &lock, &cli->err);
    if (rc == -EBUSY)
        return watch_for (session, spool, speaker, counter, shift, patience_ms,
                          ret_outcome);
    if (rc < 0)
        return rc;
    rc =
        send_and_wait (session, spool, speaker, counter, shift, patience_ms, ret_outcome);
    close (lock);
    return rc;
}

void meet_first (struct session *session, struct spool *spool, int64_t patience_ms)
{
    int lock;
    struct sender *sender;
    if (spool_standing (spool, SPEAKER_INTAKE).incarnation != 0 ||
        sender_lock (spool_dir (spool), &lock, &session_cli (session)->err) < 0)
        return;
    if (sender_create (session, spool, SPEAKER_INTAKE, &sender) == 0) {
        int rc = sender_await (sender, 0, patience_ms, NULL, NULL);
        (void) rc; /* who sends it will say what is wrong */
        sender_destroy (&sender);
    }
    close (lock);
}

int say_and_wait (struct session *session, enum speaker speaker, struct command *command,
                  struct outcome *ret_outcome)
{
    struct cli *cli = session_cli (session);
    struct spool *spool;
    int rc = spool_open (session_spool_dir (session), &spool, &cli->err);
    if (rc < 0)
        return rc;
    command->person = command->person != 0 ? command->person : cli->person;
    spool_begin (spool);
    rc = spool_add (spool, speaker, command, cli_now_ms (), &cli->err);
    uint64_t shift = spool_standing (spool, speaker).shift;
    if (rc == 0)
        rc = spool_commit (spool, &cli->err);
    else
        spool_abort (spool);
    if (rc == 0)
        rc = await_outcome (session, spool, speaker, command->counter, shift,
                            SESSION_PATIENCE_MS, ret_outcome);
    if (rc == -ETIMEDOUT) {
        session_unreachable (session, speaker);
        rc = err_set (
            &cli->err, -ETIMEDOUT,
            _ ("no answer from %s yet; the step is kept in the spool and goes with "
               "the next one"),
            speaker_name (speaker));
    }
    spool_close (&spool);
    if (rc == 0 && ret_outcome->refusal != NULL)
        rc = session_refused (session, ret_outcome->refusal);
    return rc;
}
