/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/session.h"

#include "cli/language.h"
#include "cli/sentence.h"
#include "clients/clients.h"
#include "link/hub.h"
#include "wire/names.h"
#include "wire/wire.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A line, once it is needed: where to, and since when it has tried. */
struct contact {
    struct line *line;
    const char *endpoint;
    int64_t since_ms;
};

struct session {
    struct cli *cli;
    struct key_file key;
    const char *key_path;
    struct hub *hub;
    struct contact doors[SPEAKER_COUNT];
    struct contact controls[SPEAKER_COUNT];
    uint64_t last_id;
};

/* ---- which key --------------------------------------------------------------------- */

/* The only terminal key of the folder, for those who have one and need not say so. */
static const char *only_terminal_key (struct cli *cli, const char *folder)
{
    const char *found = NULL;
    unsigned count = 0;
    DIR *dir = opendir (folder);
    for (struct dirent *entry; dir != NULL && (entry = readdir (dir)) != NULL;) {
        size_t length = strlen (entry->d_name);
        if (strncmp (entry->d_name, "terminal-", 9) != 0 || length < 5 ||
            strcmp (entry->d_name + length - 4, ".key") != 0)
            continue;
        if (count++ == 0)
            found = arena_format (&cli->arena, "%s/%s", folder, entry->d_name);
    }
    if (dir != NULL)
        closedir (dir);
    if (count == 1)
        return found;
    err_set (&cli->err, -ENOENT,
             count == 0
                 ? _ ("no terminal key in %s; make one with 'minqing keys add "
                      "terminal', or name it with --key FILE")
                 : _ ("several terminals have keys in %s; say which: --as terminal-101"),
             folder);
    return NULL;
}

static const char *key_path (struct cli *cli, const char *usual)
{
    if (cli->key_path != NULL && cli->as == NULL)
        return cli->key_path;
    struct config *config = cli_config (cli);
    if (config == NULL)
        return NULL;
    const char *folder = config_get_text (config, "keys");
    const char *name = cli->as != NULL ? cli->as : usual;
    if (name == NULL)
        return only_terminal_key (cli, folder);
    return arena_format (&cli->arena, "%s/%s.key", folder, name);
}

int session_open (struct cli *cli, const char *usual, struct session **ret_session)
{
    const char *path = key_path (cli, usual);
    if (path == NULL)
        return cli->err.code;
    struct session *session = calloc (1, sizeof *session);
    if (session == NULL)
        abort ();
    session->cli = cli;
    session->key_path = path;
    int rc = key_file_load (path, &session->key, &cli->err);
    if (rc == -ENOENT)
        err_set (&cli->err, rc,
                 _ ("there is no key %s; 'minqing keys list' says who has one, 'minqing "
                    "keys add' makes one"),
                 path);
    if (rc == 0)
        rc = hub_open (0, &session->hub, &cli->err);
    if (rc < 0) {
        session_close (&session);
        return rc;
    }
    *ret_session = session;
    return 0;
}

int session_open_terminal (struct cli *cli, struct session **ret_session)
{
    struct session *session;
    int rc = session_open (cli, NULL, &session);
    if (rc < 0)
        return rc;
    if (session->key.role != ROLE_TERMINAL) {
        err_set (&cli->err, -EPERM,
                 _ ("%s is the key of a %s, and only terminals file; say which: --as "
                    "terminal-101"),
                 session->key_path, language_word (role, session->key.role));
        session_close (&session);
        return cli->err.code;
    }
    *ret_session = session;
    return 0;
}

void session_close (struct session **session)
{
    if (*session == NULL)
        return;
    for (unsigned i = 0; i < SPEAKER_COUNT; i++) {
        line_close (&(*session)->doors[i].line);
        line_close (&(*session)->controls[i].line);
    }
    hub_close (&(*session)->hub);
    key_pair_forget (&(*session)->key.pair);
    free (*session);
    *session = NULL;
}

struct cli *session_cli (struct session *session)
{
    return session->cli;
}

const struct key_file *session_key (const struct session *session)
{
    return &session->key;
}

const char *session_spool_dir (const struct session *session)
{
    struct cli *cli = session->cli;
    if (cli->spool_path != NULL)
        return cli->spool_path;
    size_t length = strlen (session->key_path);
    if (length > 4 && strcmp (session->key_path + length - 4, ".key") == 0)
        length -= 4;
    return arena_format (&cli->arena, "%.*s.spool", (int) length, session->key_path);
}

/* ---- lines ------------------------------------------------------------------------- */

static int open_contact (struct session *session, enum speaker speaker,
                         const char *endpoint, struct contact *contact)
{
    struct line_options options = {
        .endpoint = endpoint,
        .server_key = session->key.servers[speaker].public_key,
        .pair = &session->key.pair,
        .reconnect_max_ms = LINE_RECONNECT_INTERACTIVE_MS,
    };
    contact->endpoint = endpoint;
    contact->since_ms = cli_now_ms ();
    return line_open (session->hub, &options, &contact->line, &session->cli->err);
}

static struct contact *door (struct session *session, enum speaker speaker)
{
    struct contact *contact = &session->doors[speaker];
    const char *endpoint = session->key.servers[speaker].endpoint;
    if (contact->line != NULL)
        return contact;
    if (endpoint[0] == '\0') {
        err_set (&session->cli->err, -EINVAL,
                 _ ("%s does not say where %s is; add it under 'servers'"),
                 session->key_path, speaker_name (speaker));
        return NULL;
    }
    return open_contact (session, speaker, endpoint, contact) < 0 ? NULL : contact;
}

static struct contact *control_door (struct session *session, enum speaker speaker)
{
    struct contact *contact = &session->controls[speaker];
    struct config *config = cli_config (session->cli);
    if (contact->line != NULL)
        return contact;
    if (config == NULL ||
        open_contact (session, speaker, config_control (config, speaker), contact) < 0)
        return NULL;
    return contact;
}

struct line *session_line (struct session *session, enum speaker speaker)
{
    struct contact *contact = door (session, speaker);
    return contact == NULL ? NULL : contact->line;
}

void session_call_all (struct session *session)
{
    static const enum speaker speakers[] = { SPEAKER_INTAKE, SPEAKER_ROUTING,
                                             SPEAKER_ESCALATION, SPEAKER_NOTIFICATION };
    for (size_t i = 0; i < ARRAY_SIZE (speakers); i++)
        if (control_door (session, speakers[i]) == NULL)
            return; /* the first question will say why */
}

static int unreachable (struct session *session, enum speaker speaker,
                        const struct contact *contact)
{
    if (contact->line != NULL && line_is_refused (contact->line))
        return err_set (
            &session->cli->err, -EACCES,
            _ ("%s at %s does not know the key %s; is it in clients.tsv, and was "
               "the daemon reloaded?"),
            speaker_name (speaker), contact->endpoint, session->key_path);
    return err_set (&session->cli->err, -EHOSTUNREACH,
                    _ ("%s does not answer at %s; is it running, and is the link up?"),
                    speaker_name (speaker), contact->endpoint);
}

int session_unreachable (struct session *session, enum speaker speaker)
{
    return unreachable (session, speaker, &session->doors[speaker]);
}

/* ---- asking ------------------------------------------------------------------------ */

/* Whose turn it is: the world's (later), the key's (another), or the caller's, who said
 * something that does not fit. */
static int refusal_errno (enum refusal_code code)
{
    switch (code) {
    case REFUSAL_NOT_FOUND:
        return -ENOENT;
    case REFUSAL_TRY_LATER:
    case REFUSAL_CODE_CLOSED:
        return -EAGAIN;
    case REFUSAL_UNKNOWN_CLIENT:
    case REFUSAL_NO_RIGHT:
    case REFUSAL_TERRITORY:
    case REFUSAL_ACCUSED:
    case REFUSAL_SAME_PERSON:
        return -EPERM;
    case REFUSAL_MALFORMED:
    case REFUSAL_CONFLICT:
    case REFUSAL_GAP:
    case REFUSAL_INCARNATION:
        return -EPROTO;
    case REFUSAL_NONE:
    case REFUSAL_UNKNOWN_VILLAGE:
    case REFUSAL_UNKNOWN_CATEGORY:
    case REFUSAL_UNKNOWN_DEPARTMENT:
    case REFUSAL_UNKNOWN_PERSON:
    case REFUSAL_BAD_NUMBER:
    case REFUSAL_NUMBER_TAKEN:
    case REFUSAL_WRONG_STATE:
    case REFUSAL_FENCED:
    case REFUSAL_HELD:
    case REFUSAL_MISSING:
    case REFUSAL_PARKED:
    case REFUSAL_MUST_SEAL:
    case REFUSAL_FUTURE:
    case REFUSAL_PENDING:
    case REFUSAL_REGISTERED:
    case REFUSAL_COUNT:
        break;
    }
    return -EINVAL;
}

int session_refused (struct session *session, const struct refusal *refusal)
{
    return err_set (&session->cli->err, refusal_errno (refusal->code), "%s",
                    sentence_of_refusal (session->cli, refusal));
}

/* Send the frame, again after every new connection, until 'is_answer' takes one. */
static int exchange (struct session *session, const struct contact *contact,
                     enum speaker speaker, struct bytes frame,
                     bool (*is_answer) (void *arg, const struct from_door *), void *arg)
{
    struct cli *cli = session->cli;
    struct line *line = contact->line;
    int64_t deadline = cli_now_ms () + SESSION_PATIENCE_MS;
    uint64_t sent_on = 0;
    line_look (line);
    if (line_connections (line) == 0) /* it has been called for a while already */
        deadline = contact->since_ms + SESSION_PATIENCE_MS;
    for (;;) {
        if (line_connections (line) != sent_on && line_is_connected (line) &&
            line_send (line, frame) == 0)
            sent_on = line_connections (line);
        int64_t left = deadline - cli_now_ms ();
        if (left <= 0 || line_is_refused (line))
            return unreachable (session, speaker, contact);
        struct bytes answer;
        int rc = line_receive (line, left, &answer);
        if (rc == -EAGAIN)
            continue;
        if (rc < 0)
            return err_set (&cli->err, rc, "%s: %s", speaker_name (speaker),
                            strerror (-rc));
        struct from_door message;
        if (from_door_decode (&cli->arena, answer, &message, &cli->err) < 0)
            return err_prefix (&cli->err, _ ("answer of %s"), speaker_name (speaker));
        if (message.refusal != NULL)
            return session_refused (session, message.refusal);
        if (is_answer (arg, &message))
            return 0;
    }
}

struct awaited {
    uint64_t id;
    struct reply *reply;
    struct control_reply *control;
};

static bool is_reply (void *arg, const struct from_door *message)
{
    struct awaited *awaited = arg;
    for (size_t i = 0; i < message->n_replies; i++) {
        if (message->replies[i].id != awaited->id)
            continue;
        *awaited->reply = message->replies[i];
        return true;
    }
    return false;
}

int session_query (struct session *session, enum speaker speaker, struct query *query,
                   struct reply *ret_reply)
{
    struct contact *contact = door (session, speaker);
    if (contact == NULL)
        return session->cli->err.code;
    query->id = ++session->last_id;
    struct to_door message = { .queries = query, .n_queries = 1 };
    struct awaited awaited = { .id = query->id, .reply = ret_reply };
    int rc =
        exchange (session, contact, speaker,
                  to_door_encode (&session->cli->arena, &message), is_reply, &awaited);
    if (rc == 0 && ret_reply->refusal != NULL)
        return session_refused (session, ret_reply->refusal);
    return rc;
}

static bool is_control (void *arg, const struct from_door *message)
{
    struct awaited *awaited = arg;
    if (message->control == NULL)
        return false;
    *awaited->control = *message->control;
    return true;
}

int session_control (struct session *session, enum speaker speaker,
                     const struct control *control, struct control_reply *ret_reply)
{
    struct contact *contact = control_door (session, speaker);
    if (contact == NULL)
        return session->cli->err.code;
    struct control copy = *control;
    struct to_door message = { .control = &copy };
    struct awaited awaited = { .control = ret_reply };
    return exchange (session, contact, speaker,
                     to_door_encode (&session->cli->arena, &message), is_control,
                     &awaited);
}
