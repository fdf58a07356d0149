/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of a sending terminal: two senders, the spool's file, the signals. It sleeps
 * until one of them has something, and says how the link is. */
#include "cli/sending.h"

#include "cli/sender.h"
#include "cli/waiting.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* A submit sends for as long as it waits for its receipt, seconds as a rule. */
#define LOCK_PATIENCE_MS 15000
#define LOCK_LOOK_MS     50

struct running {
    struct cli *cli;
    struct session *session;
    struct spool *spool;
    struct sender *senders[2]; /* to intake, to notification */
    int signals, watch;
    bool once;
    bool was_connected;
    bool is_told;    /* how the link is */
    int64_t news_ms; /* the link was last up, or looked for first */
    int64_t begun_ms;
    uint32_t incarnation;
};

/* A connection takes milliseconds where there is a link; nothing is said before. */
#define LINK_GRACE_MS 2000

static void tell_link (struct running *running)
{
    bool is_connected = line_is_connected (sender_line (running->senders[0]));
    if (is_connected)
        running->news_ms = cli_now_ms ();
    if (is_connected == running->was_connected &&
        (is_connected || running->is_told ||
         cli_now_ms () < running->news_ms + LINK_GRACE_MS))
        return;
    cli_say (running->cli, is_connected ? _ ("link up") : _ ("link down; keeping"));
    running->was_connected = is_connected;
    running->is_told = true;
}

/* Whoever reads this may know of the other one, and of slips with the same numbers. */
static void tell_incarnation (struct running *running)
{
    struct spool_door door = spool_standing (running->spool, SPEAKER_INTAKE);
    if (running->incarnation != 0 && door.incarnation > running->incarnation)
        cli_say (running->cli,
                 _ ("another spool has used this key: %s goes on as incarnation %u; look "
                    "at 'minqing terminal refused' for numbers that the other one gave "
                    "out too"),
                 spool_dir (running->spool), door.incarnation);
    running->incarnation = door.incarnation;
}

static bool all_done (const struct running *running)
{
    return sender_is_done (running->senders[0]) && sender_is_done (running->senders[1]);
}

/* A daemon that was restored says only when we meet that it has less than we believe. */
static bool all_met (const struct running *running)
{
    return (sender_has_met (running->senders[0]) &&
            sender_has_met (running->senders[1])) ||
           cli_now_ms () >= running->begun_ms + SESSION_PATIENCE_MS;
}

/* When to look again by ourselves, milliseconds from now; -1: never. */
static int64_t own_timeout_ms (const struct running *running)
{
    int64_t until_ms =
        running->news_ms + (running->once ? SESSION_PATIENCE_MS : LINK_GRACE_MS);
    if (running->was_connected && running->once && all_done (running))
        until_ms = running->begun_ms + SESSION_PATIENCE_MS;
    else if (running->was_connected || (running->is_told && !running->once))
        return -1;
    int64_t left = until_ms - cli_now_ms ();
    return left > 0 ? left : 0;
}

/* Sleeps until a line, the spool's file or a signal has something. 1: asked to end. */
static int wait_for_news (struct running *running)
{
    struct line *lines[2];
    int64_t timeout = own_timeout_ms (running);
    for (size_t i = 0; i < 2; i++) {
        lines[i] = sender_line (running->senders[i]);
        int64_t here = sender_timeout_ms (running->senders[i]);
        if (here >= 0 && (timeout < 0 || here < timeout))
            timeout = here;
    }
    struct pollfd fds[] = { { .fd = running->signals, .events = POLLIN },
                            { .fd = running->watch, .events = POLLIN } };
    int rc = line_wait (lines, 2, fds, 2, timeout);
    if (rc < 0 && rc != -EINTR)
        return err_set (&running->cli->err, rc, _ ("waiting: %s"), strerror (-rc));
    if (fds[1].revents != 0)
        spool_watch_drain (running->watch);
    return fds[0].revents != 0 ? 1 : 0;
}

/* Of 'once': everything is answered, or the link is away for too long. */
static bool is_over (struct running *running, int *ret_rc)
{
    if (all_done (running) && running->was_connected)
        return all_met (running);
    if (running->was_connected || cli_now_ms () < running->news_ms + SESSION_PATIENCE_MS)
        return false;
    struct spool_door door = spool_standing (running->spool, SPEAKER_INTAKE);
    *ret_rc = all_done (running)
                  ? 0
                  : err_set (&running->cli->err, -ETIMEDOUT,
                             _ ("the link is down; %llu are kept in the spool, unsent"),
                             (unsigned long long) (door.next - 1 - door.acked));
    return true;
}

static void tell_acked (struct running *running, size_t i, uint64_t before)
{
    const char *name = i == 0 ? "intake" : "notification";
    uint64_t acked = sender_acked (running->senders[i]);
    if (acked > before)
        cli_say (running->cli, _ ("%s: %llu acknowledged"), name,
                 (unsigned long long) acked);
    else if (acked < before)
        cli_say (running->cli,
                 _ ("%s was restored and has lost what it acknowledged; %llu are sent "
                    "again"),
                 name, (unsigned long long) (before - acked));
}

static int run_until_asked (struct running *running)
{
    int rc = 0;
    struct spool_door door = spool_standing (running->spool, SPEAKER_INTAKE);
    if (!running->once)
        cli_say (running->cli, _ ("%llu to send; Ctrl-C ends"),
                 (unsigned long long) (door.next - 1 - door.acked));
    while (rc == 0) {
        for (size_t i = 0; i < 2 && rc == 0; i++) {
            uint64_t acked = sender_acked (running->senders[i]);
            rc = sender_turn (running->senders[i]);
            tell_acked (running, i, acked);
        }
        tell_link (running);
        tell_incarnation (running);
        if (rc == 0 && running->once && is_over (running, &rc))
            return rc;
        if (rc == 0)
            rc = wait_for_news (running);
    }
    return rc < 0 ? rc : 0;
}

/* SIGINT and SIGTERM end the sending between two turns; nothing is half written. */
static int open_signals (void)
{
    sigset_t set;
    sigemptyset (&set);
    sigaddset (&set, SIGINT);
    sigaddset (&set, SIGTERM);
    sigprocmask (SIG_BLOCK, &set, NULL);
    return signalfd (-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* A submit sends by itself for a moment when nobody else does: let it finish. */
static int await_lock (struct running *running, int *ret_lock)
{
    int64_t until_ms = cli_now_ms () + LOCK_PATIENCE_MS;
    struct pollfd asked = { .fd = running->signals, .events = POLLIN };
    int rc;
    do
        rc = sender_lock (spool_dir (running->spool), ret_lock, &running->cli->err);
    while (rc == -EBUSY && cli_now_ms () < until_ms &&
           poll (&asked, 1, LOCK_LOOK_MS) == 0);
    return rc;
}

int send_spool (struct cli *cli, struct session *session, struct spool *spool, bool once)
{
    struct running running = { .cli = cli,
                               .session = session,
                               .spool = spool,
                               .once = once,
                               .news_ms = cli_now_ms (),
                               .begun_ms = cli_now_ms () };
    int lock = -1;
    running.signals = open_signals ();
    running.watch = spool_watch (spool, &cli->err);
    int rc = running.watch < 0 ? running.watch : 0;
    if (rc == 0)
        rc = await_lock (&running, &lock);
    if (rc == 0)
        rc = sender_create (session, spool, SPEAKER_INTAKE, &running.senders[0]);
    if (rc == 0)
        rc = sender_create (session, spool, SPEAKER_NOTIFICATION, &running.senders[1]);
    if (rc == 0)
        rc = run_until_asked (&running);
    int code = rc < 0 ? cli_fail_err (cli) : EX_OK;
    for (size_t i = 0; i < 2; i++)
        sender_destroy (&running.senders[i]);
    int fds[] = { running.signals, running.watch, lock };
    for (size_t i = 0; i < ARRAY_SIZE (fds); i++)
        if (fds[i] >= 0)
            close (fds[i]);
    return code;
}
