/* SPDX-License-Identifier: Apache-2.0 */
/* One key at the doors of the daemons: lines that open when they are first needed, and
 * questions with their answers. */
#ifndef MINQING_CLI_SESSION_H
#define MINQING_CLI_SESSION_H

#include "cli/cli.h"
#include "link/keys.h"
#include "link/line.h"
#include "wire/door.h"

/* How long a person is kept waiting for an answer that should take milliseconds. */
#define SESSION_PATIENCE_MS 5000

struct session;

/* Speak with the key that --key or --as named, else with 'usual' ("operator",
 * "desk-1007"); NULL: the only terminal key there is. -errno and a sentence in cli->err
 * that says how to get a key. The caller closes it. */
MUST_CHECK int session_open (struct cli *cli, const char *usual,
                             struct session **ret_session);
/* The same, with a terminal's key: who files, keeps a spool of filings, gets prints. */
MUST_CHECK int session_open_terminal (struct cli *cli, struct session **ret_session);
void session_close (struct session **session);

struct cli *session_cli (struct session *session);
const struct key_file *session_key (const struct session *session);
/* The folder of this key's spool: --spool, or NAME.spool beside the key. */
const char *session_spool_dir (const struct session *session);

/* The line to a daemon; NULL, with cli->err, where the key file does not say how to
 * reach it. It belongs to the session. */
struct line *session_line (struct session *session, enum speaker speaker);
/* Begin to connect to the control doors of all four, which are then asked one after the
 * other: those that are down are waited for once, together. */
void session_call_all (struct session *session);

/* Ask and wait. 0 with '*ret_reply' in the cli's arena; -EHOSTUNREACH: no connection in
 * time; -EACCES: the key was refused; -EPERM and others for a refusal, whose sentence is
 * in cli->err. */
MUST_CHECK int session_query (struct session *session, enum speaker speaker,
                              struct query *query, struct reply *ret_reply);
MUST_CHECK int session_control (struct session *session, enum speaker speaker,
                                const struct control *control,
                                struct control_reply *ret_reply);

/* A refusal as an error in cli->err. */
int session_refused (struct session *session, const struct refusal *refusal);

/* "intake is not reachable at ipc://…: …" in cli->err; -EHOSTUNREACH or -EACCES. */
int session_unreachable (struct session *session, enum speaker speaker);

#endif
