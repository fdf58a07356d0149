/* SPDX-License-Identifier: Apache-2.0 */
/* A place to run: a folder with minqing.conf, tables, keys and clients.tsv; and the four
 * daemons over it as children of this process. For 'up', 'demo' and 'keys'. */
#ifndef MINQING_CLI_PLACE_H
#define MINQING_CLI_PLACE_H

#include "cli/cli.h"
#include "wire/control.h"

#include <sys/types.h>

/* Where the shipped configuration is: $MINQING_SHARE, beside the program, or where it was
 * built. NULL and cli->err. Memory: the arena. */
const char *place_share (struct cli *cli);

/* Make what is missing in 'dir': configuration and tables from the shipped township, keys
 * and clients. What is there is left as it is; a second call does nothing. 'conf' is the
 * shipped file that becomes minqing.conf. */
MUST_CHECK int place_make (struct cli *cli, const char *dir, const char *conf);

/* ---- clients ----------------------------------------------------------------------- */

struct new_client {
    enum role role;
    uint32_t number; /* 0: by the role's custom, see clients.tsv */
    uint64_t territory;
    uint32_t department;
    const char *name;  /* of the key file too, "terminal-101" */
    const char *label; /* for people; may be NULL */
    const char *host; /* by what address its machine reaches this one; NULL: it is this */
};

/* Make NAME.key and its line in clients.tsv; -EEXIST when either is there already. The
 * daemons take it at their next reload (HUP). */
MUST_CHECK int client_add (struct cli *cli, const struct new_client *client);
/* Keys of the daemons, the operator, the dispatcher and the keeper, where they are
 * missing. */
MUST_CHECK int clients_init (struct cli *cli);

/* ---- daemons ----------------------------------------------------------------------- */

struct place;

/* Start the four daemons of the configuration in force as children, which die with us,
 * and wait until each answers. */
MUST_CHECK int place_start (struct cli *cli, struct place **ret_place);
/* Wait until Ctrl-C, SIGTERM, or 'timeout_ms'; a daemon that ends meanwhile is started
 * again, but not endlessly. 0: asked to end or time is over; -errno. */
MUST_CHECK int place_wait (struct place *place, int64_t timeout_ms);
/* Was there a Ctrl-C or SIGTERM? It is remembered. */
bool place_is_asked (struct place *place);
/* Stop them cleanly and wait for each. */
void place_stop (struct place **place);
/* Its folder with all that is in it, once it is stopped; what cannot go stays. */
void place_remove (const char *dir);

/* One of them by itself: its process (0: it does not run), stop it cleanly, start it again
 * and wait until it answers. */
pid_t place_process (const struct place *place, enum speaker speaker);
void place_halt (struct place *place, enum speaker speaker);
MUST_CHECK int place_resume (struct place *place, enum speaker speaker);

/* Run another subcommand of this program ("replay", "--as", …, NULL) and wait: its exit
 * code. 'quiet': its stdout is dropped. */
int place_command (struct cli *cli, bool quiet, const char *const *arguments);

#endif
