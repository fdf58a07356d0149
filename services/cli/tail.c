/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/tail.h"

#include "journal/journal.h"
#include "wire/check.h"
#include "wire/names.h"
#include "wire/wire.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Entries on their way at once, and when more credit is given. */
#define TAIL_CREDIT 8192

struct reading {
    struct session *session;
    const struct tail *tail;
    struct line *line;
    uint64_t at; /* last entry visited */
    uint64_t until;
    uint32_t credit; /* left at the source */
    size_t heard;    /* bytes since it was given */
    uint64_t connection;
    bool is_over;
    struct arena arena; /* one frame */
};

static int say (struct reading *reading, const struct to_door *message)
{
    return line_send (reading->line, to_door_encode (&reading->arena, message));
}

/* After every connection: from where we are, without a journal id, since a tool has no
 * position of its own to defend. */
static void ask_to_follow (struct reading *reading)
{
    struct follow follow = { .after = reading->at, .credit = TAIL_CREDIT };
    struct to_door message = { .follow = &follow };
    if (say (reading, &message) < 0)
        return;
    reading->connection = line_connections (reading->line);
    reading->credit = TAIL_CREDIT;
}

static void give_credit (struct reading *reading)
{
    struct follow_credit credit = { .acted = reading->at,
                                    .credit = TAIL_CREDIT - reading->credit };
    struct to_door message = { .follow_credit = &credit };
    if (say (reading, &message) < 0)
        return;
    reading->credit = TAIL_CREDIT;
    reading->heard = 0;
}

static int take_entry (struct reading *reading, const struct followed *raw)
{
    struct cli *cli = session_cli (reading->session);
    const char *name = speaker_name (reading->tail->speaker);
    struct entry entry;
    if (entry_decode (&reading->arena, raw->header, &entry, &cli->err) < 0)
        return err_prefix (&cli->err, _ ("%s: the entry after %llu"), name,
                           (unsigned long long) reading->at);
    if (entry_check (&entry, &cli->err) < 0)
        return err_prefix (&cli->err, _ ("%s: entry %llu"), name,
                           (unsigned long long) entry.sequence);
    if (entry.sequence <= reading->at)
        return 0;
    if (entry.sequence != reading->at + 1)
        return err_set (&cli->err, -EBADMSG, _ ("%s: entry %llu follows %llu"), name,
                        (unsigned long long) entry.sequence,
                        (unsigned long long) reading->at);
    struct hash body_hash = { 0 }, leaf_hash;
    if (raw->body_hash.size == sizeof body_hash.data)
        memcpy (body_hash.data, raw->body_hash.data, sizeof body_hash.data);
    journal_leaf_hash (raw->header, &body_hash, &leaf_hash);
    reading->at = entry.sequence;
    if (reading->credit > 0)
        reading->credit--;
    return reading->tail->visit (reading->tail->arg, &entry, raw, &leaf_hash);
}

static int take_frame (struct reading *reading, struct bytes frame)
{
    struct cli *cli = session_cli (reading->session);
    struct from_door message;
    int rc = from_door_decode (&reading->arena, frame, &message, &cli->err);
    if (rc < 0)
        return rc;
    if (message.refusal != NULL)
        return session_refused (reading->session, message.refusal);
    if (message.follow_refused != NULL && message.follow_refused->problem == FOLLOW_AHEAD)
        return err_set (&cli->err, -ENOENT, _ ("%s has fewer than %llu entries"),
                        speaker_name (reading->tail->speaker),
                        (unsigned long long) reading->at);
    if (message.follow_refused != NULL)
        return err_set (&cli->err, -EPERM, _ ("%s refuses to be followed: %s"),
                        speaker_name (reading->tail->speaker),
                        follow_problem_name (message.follow_refused->problem));
    if (message.entries == NULL)
        return 0;
    if (reading->until == 0)
        reading->until = message.entries->head;
    for (size_t i = 0; rc == 0 && i < message.entries->n_entries; i++) {
        if (!reading->tail->follow && reading->at >= reading->until)
            break;
        rc = take_entry (reading, &message.entries->entries[i]);
    }
    if (!reading->tail->follow && reading->at >= reading->until)
        reading->is_over = true;
    return rc;
}

/* One round of what can be done without waiting. */
static int turn (struct reading *reading)
{
    arena_reset (&reading->arena);
    line_look (reading->line);
    if (line_is_refused (reading->line))
        return session_unreachable (reading->session, reading->tail->speaker);
    if (line_is_connected (reading->line) &&
        line_connections (reading->line) != reading->connection)
        ask_to_follow (reading);
    int rc = 0;
    for (struct bytes frame;
         rc == 0 && !reading->is_over && line_next (reading->line, &frame);) {
        reading->heard += frame.size;
        rc = take_frame (reading, frame);
        arena_reset (&reading->arena);
    }
    if (rc == 0 &&
        (reading->credit < TAIL_CREDIT / 2 || reading->heard >= FOLLOW_CREDIT_BYTES))
        give_credit (reading);
    return rc;
}

static int read_to_end (struct reading *reading, struct pollfd *asked)
{
    struct cli *cli = session_cli (reading->session);
    int64_t last_ms = cli_now_ms ();
    uint64_t last = reading->at;
    int rc = 0;
    while (rc == 0 && !reading->is_over && asked->revents == 0) {
        rc = turn (reading);
        if (rc != 0 || reading->is_over)
            break;
        if (reading->at > last || reading->tail->follow) {
            last = reading->at;
            last_ms = cli_now_ms ();
        }
        int64_t left = last_ms + SESSION_PATIENCE_MS - cli_now_ms ();
        if (left <= 0)
            return session_unreachable (reading->session, reading->tail->speaker);
        rc = line_wait (&reading->line, 1, asked, 1, left);
        if (rc == -EINTR || rc >= 0)
            rc = 0;
        else
            err_set (&cli->err, rc, _ ("waiting: %s"), strerror (-rc));
    }
    return rc;
}

int tail_read (struct session *session, const struct tail *tail)
{
    struct reading reading = {
        .session = session, .tail = tail, .at = tail->after, .until = tail->until
    };
    reading.line = session_line (session, tail->speaker);
    if (reading.line == NULL)
        return session_cli (session)->err.code;
    /* A line used before has its connection already: ask again on it. */
    reading.connection = UINT64_MAX;
    sigset_t set;
    sigemptyset (&set);
    sigaddset (&set, SIGINT);
    sigaddset (&set, SIGTERM);
    sigprocmask (SIG_BLOCK, &set, NULL);
    struct pollfd asked = { .fd = signalfd (-1, &set, SFD_CLOEXEC), .events = POLLIN };
    arena_init (&reading.arena, 0);
    int rc = read_to_end (&reading, &asked);
    arena_done (&reading.arena);
    if (asked.fd >= 0)
        close (asked.fd);
    return rc;
}
