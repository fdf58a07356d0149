/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/sender.h"

#include "wire/names.h"
#include "wire/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* A frame's worth of commands; well below LIMIT_CLIENT_FRAME with its last command. */
#define SENDER_FRAME_BYTES (48 * 1024)
/* "Try later": first pause, doubling up to the last. */
#define SENDER_PAUSE_MS      100
#define SENDER_PAUSE_MOST_MS 5000

/* No word for so long while we wait for one: ask anew. An answer may have been lost with a
 * connection, or dropped where we were slow. */
#define SENDER_SILENCE_MS 3000

enum stage_of_talk { UNMET, ASKING, SENDING };

struct sender {
    struct session *session;
    struct spool *spool;
    enum speaker speaker;
    struct line *line;
    enum stage_of_talk stage;
    uint64_t connection; /* the how-many-th we asked Standing on */
    uint64_t sent;       /* last counter sent on it */
    uint64_t acked;
    uint64_t next;
    int64_t
        heard_ms; /* when the last word came, or the first was said that waits for one */
    int64_t resume_ms; /* do not send before */
    int64_t pause_ms;
    struct arena arena; /* one turn */
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
    struct spool_door door = spool_standing (spool, speaker);
    *sender = (struct sender){ .session = session,
                               .spool = spool,
                               .speaker = speaker,
                               .line = line,
                               .acked = door.acked,
                               .next = door.next };
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
    return sender->acked;
}

bool sender_is_done (const struct sender *sender)
{
    struct spool_door door = spool_standing (sender->spool, sender->speaker);
    return door.acked + 1 >= door.next;
}

static struct err *sender_err (struct sender *sender)
{
    return &session_cli (sender->session)->err;
}

static void refresh (struct sender *sender)
{
    struct spool_door door = spool_standing (sender->spool, sender->speaker);
    sender->acked = door.acked;
    sender->next = door.next;
}

/* ---- meeting ----------------------------------------------------------------------- */

static void ask_standing (struct sender *sender)
{
    struct standing_query standing = { 0 };
    struct query query = { .id = 1, .standing = &standing };
    struct to_door message = { .queries = &query, .n_queries = 1 };
    if (line_send (sender->line, to_door_encode (&sender->arena, &message)) == 0)
        sender->stage = ASKING;
}

static int meet (struct sender *sender, const struct standing *standing)
{
    int rc = spool_meet (sender->spool, sender->speaker, standing, cli_now_ms (),
                         sender_err (sender));
    if (rc < 0)
        return rc;
    refresh (sender);
    sender->sent = sender->acked;
    sender->stage = SENDING;
    return 0;
}

/* ---- outcomes ---------------------------------------------------------------------- */

static int go_back (struct sender *sender, const struct refusal *refusal)
{
    if (refusal->next_counter > 0 && refusal->next_counter <= sender->sent)
        sender->sent = refusal->next_counter - 1;
    if (sender->sent < sender->acked)
        sender->sent = sender->acked;
    sender->pause_ms = sender->pause_ms == 0 ? SENDER_PAUSE_MS : sender->pause_ms * 2;
    if (sender->pause_ms > SENDER_PAUSE_MOST_MS)
        sender->pause_ms = SENDER_PAUSE_MOST_MS;
    sender->resume_ms = cli_now_ms () + sender->pause_ms;
    return 0;
}

/* Outcomes that consumed nothing are about the conversation, not about the command. 1 if
 * this is none of them. */
static int take_unrecorded (struct sender *sender, const struct outcome *outcome)
{
    const struct refusal *refusal = outcome->refusal;
    if (refusal == NULL)
        return 1;
    if (refusal->code == REFUSAL_GAP || refusal->code == REFUSAL_TRY_LATER)
        return go_back (sender, refusal);
    if (refusal->code == REFUSAL_INCARNATION) {
        sender->stage = UNMET;
        return 0;
    }
    if (refusal->code == REFUSAL_CONFLICT)
        return err_set (
            sender_err (sender), -EBADMSG,
            _ ("%s knows another command %llu of this key: the spool %s is a copy "
               "or an old one. Move it away; a fresh one enrols by itself"),
            speaker_name (sender->speaker), (unsigned long long) outcome->counter,
            spool_dir (sender->spool));
    return 1;
}

static int take_outcomes (struct sender *sender, const struct outcome *outcomes, size_t n)
{
    size_t recorded = 0;
    for (; recorded < n; recorded++) {
        int rc = take_unrecorded (sender, &outcomes[recorded]);
        if (rc < 0)
            return rc;
        if (rc == 0)
            break;
    }
    if (recorded == 0)
        return 0;
    int rc = spool_record (sender->spool, sender->speaker, outcomes, recorded,
                           cli_now_ms (), sender_err (sender));
    if (rc < 0)
        return rc;
    uint64_t before = sender->acked;
    refresh (sender);
    if (sender->acked > before)
        sender->pause_ms = 0;
    return 0;
}

static int take_frame (struct sender *sender, struct bytes frame)
{
    struct from_door message;
    int rc = from_door_decode (&sender->arena, frame, &message, sender_err (sender));
    if (rc < 0)
        return rc;
    if (message.refusal != NULL)
        return session_refused (sender->session, message.refusal);
    for (size_t i = 0; i < message.n_replies; i++)
        if (sender->stage == ASKING && message.replies[i].standing != NULL) {
            rc = meet (sender, message.replies[i].standing);
            if (rc < 0)
                return rc;
        }
    if (message.n_outcomes > 0 && sender->stage == SENDING)
        return take_outcomes (sender, message.outcomes, message.n_outcomes);
    return 0;
}

/* ---- sending ----------------------------------------------------------------------- */

static void send_some (struct sender *sender)
{
    struct command *commands =
        ARENA_ARRAY (&sender->arena, struct command, LIMIT_COMMANDS);
    while (sender->sent + 1 < sender->next &&
           sender->sent < sender->acked + SENDER_WINDOW) {
        size_t n =
            spool_read (sender->spool, sender->speaker, sender->sent + 1, LIMIT_COMMANDS,
                        SENDER_FRAME_BYTES, &sender->arena, commands);
        if (n == 0)
            return;
        struct to_door message = { .commands = commands, .n_commands = n };
        if (line_send (sender->line, to_door_encode (&sender->arena, &message)) < 0)
            return;
        sender->sent += n;
    }
}

/* Is there something that an answer is owed to? */
static bool is_waiting (const struct sender *sender)
{
    return sender->stage == ASKING ||
           (sender->stage == SENDING && sender->sent > sender->acked);
}

static int receive_all (struct sender *sender)
{
    int rc = 0;
    for (struct bytes frame; rc == 0 && line_receive (sender->line, 0, &frame) == 0;) {
        sender->heard_ms = cli_now_ms ();
        rc = take_frame (sender, frame);
    }
    return rc;
}

int sender_turn (struct sender *sender)
{
    arena_reset (&sender->arena);
    line_look (sender->line);
    if (line_is_refused (sender->line))
        return session_unreachable (sender->session, sender->speaker);
    int rc = receive_all (sender);
    if (rc < 0)
        return rc;
    if (!line_is_connected (sender->line)) {
        sender->stage = UNMET;
        return 0;
    }
    if (line_connections (sender->line) != sender->connection) {
        sender->connection = line_connections (sender->line);
        sender->stage = UNMET;
    }
    int64_t now_ms = cli_now_ms ();
    if (!is_waiting (sender))
        sender->heard_ms = now_ms;
    else if (now_ms - sender->heard_ms >= SENDER_SILENCE_MS) {
        sender->stage = UNMET;
        sender->heard_ms = now_ms; /* and wait as long again, not ask in every turn */
    }
    if (sender->stage == UNMET)
        ask_standing (sender);
    if (sender->stage == SENDING && now_ms >= sender->resume_ms) {
        refresh (sender);
        send_some (sender);
    }
    return 0;
}

int64_t sender_timeout_ms (const struct sender *sender)
{
    int64_t now_ms = cli_now_ms (), until_ms = INT64_MAX;
    if (!line_is_connected (sender->line))
        return -1;
    if (is_waiting (sender))
        until_ms = sender->heard_ms + SENDER_SILENCE_MS;
    /* The question, or the next commands, did not go out, or are not to go out yet. */
    int64_t again_ms = now_ms + SENDER_PAUSE_MS;
    if (sender->resume_ms > again_ms)
        again_ms = sender->resume_ms;
    bool has_more =
        sender->sent + 1 < sender->next && sender->sent < sender->acked + SENDER_WINDOW;
    if ((sender->stage == UNMET || (sender->stage == SENDING && has_more)) &&
        again_ms < until_ms)
        until_ms = again_ms;
    if (until_ms == INT64_MAX)
        return -1;
    return until_ms > now_ms ? until_ms - now_ms : 0;
}

int sender_await (struct sender *sender, uint64_t counter, int64_t patience_ms,
                  void (*progress) (void *arg, uint64_t acked), void *arg)
{
    int64_t deadline = patience_ms < 0 ? INT64_MAX : cli_now_ms () + patience_ms;
    for (;;) {
        int rc = sender_turn (sender);
        if (rc < 0)
            return rc;
        if (progress != NULL)
            progress (arg, sender->acked);
        if (counter == 0 ? sender->stage == SENDING : sender->acked >= counter)
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
