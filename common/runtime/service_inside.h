/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the shell: what its files share.
 *
 *   service.c          options, start, stop, exit codes
 *   service_tables.c   tables and clients: read, check, reload
 *   service_sockets.c  doors and lines: open, bind, tell apart, count
 *   service_loop.c     wait, gather, turn, speak
 *   service_restore.c  the store made from a backup
 */
#ifndef MINQING_RUNTIME_SERVICE_INSIDE_H
#define MINQING_RUNTIME_SERVICE_INSIDE_H

#include "link/door.h"
#include "link/line.h"
#include "runtime/clock.h"
#include "runtime/config.h"
#include "runtime/service.h"

/* One batch: what the store can take in one transaction without spilling (TRAPS), and how
 * many inputs that may be. */
#define BATCH_BYTES  ((size_t) STORE_BATCH_BYTES)
#define BATCH_INPUTS ((size_t) 4096)
/* Of these, what followed journals may fill, so that a daemon that catches up still
 * answers its clients; and what control may, which is never much. */
#define BATCH_LINK_BYTES     (BATCH_BYTES / 4 * 3)
#define BATCH_LINK_INPUTS    (BATCH_INPUTS / 4 * 3)
#define BATCH_CONTROL_INPUTS 64
/* Connections found dead in one turn and told to the core in the next; the others are
 * found dead again. */
#define GONE_MAX       1024
#define ROUTING_ID_MAX 255

/* The line to a daemon that is followed. 'line' is NULL while the table of clients does
 * not know that daemon. */
struct followed_line {
    enum speaker speaker;
    struct line *line;
    uint8_t key[KEY_SIZE];
    uint64_t connections; /* as the core was told */
    bool can_wait;
    int64_t take_ms; /* what has arrived is taken then (steady clock); 0: nothing has */
};

struct gone {
    size_t size;
    uint8_t id[ROUTING_ID_MAX];
};

struct shell {
    const struct service_spec *spec;
    const struct executor_ops *executor; /* NULL: no effects */
    void *executor_self;
    struct config *config;
    struct clock *clock;
    struct key_file key;
    struct core *core;
    int signals; /* signalfd */

    struct hub *hub;
    struct zap *zap;
    struct door *door, *control;
    struct followed_line lines[SPEAKER_COUNT];
    size_t n_lines;

    int64_t now_ms; /* trusted, of this turn */
    bool is_stopping;
    bool has_news;       /* the core was told something that wants a turn */
    int64_t serve_ms;    /* who can wait is served then (steady clock); 0: nobody waits */
    int64_t watchdog_ms; /* how often systemd wants to hear of us; 0: not */
    int64_t watched_ms, status_ms; /* when it last did, by the steady clock */

    /* The batch. */
    struct input *inputs; /* BATCH_INPUTS */
    size_t n_inputs;
    struct door_message *messages; /* BATCH_INPUTS */
    struct bytes *frames;          /* BATCH_INPUTS */
    struct effect_result *results; /* EXECUTOR_RESULTS_MAX */
    struct gone *gone;             /* GONE_MAX */
    size_t n_gone;
};

/* Milliseconds of a clock that nobody can set: to bound waiting, never to tell time. */
int64_t shell_steady_ms (void);

/* ---- service_tables.c ------------------------------------------------------------ */

/* Everything that can be wrong without the store: tables, clients, our key (loaded into
 * the shell), and whether the table of clients knows it as this daemon's. */
MUST_CHECK int shell_check (struct shell *shell, struct err *err);
/* At the start: read the tables and bring them into force, or go on with those that are,
 * and check that they know our key.
 *   -EIO     the commit failed: exit
 *   -EUCLEAN the store is half rebuilt
 *   -EINVAL  none are in force, or they do not know us */
MUST_CHECK int shell_start_tables (struct shell *shell, struct err *err);
/* Later: read them and bring them into force, or leave everything as it was. */
MUST_CHECK int shell_take_tables (struct shell *shell, struct err *err);

/* ---- service_sockets.c ----------------------------------------------------------- */

/* Open hub, ZAP and both doors, and prove that the lock is on. */
MUST_CHECK int shell_open_doors (struct shell *shell, struct err *err);
/* Open the lines to followed daemons, or open those anew whose key has changed. */
void shell_open_lines (struct shell *shell);
void shell_close_sockets (struct shell *shell);
/* For core_options.gauges. */
void shell_gauges (void *arg, void (*add) (void *into, const char *name, uint64_t value),
                   void *into);

/* ---- service_loop.c -------------------------------------------------------------- */

/* Until a signal says stop: 0. EX_TEMPFAIL: a commit failed, the process must end
 * without another word. */
MUST_CHECK int shell_loop (struct shell *shell);

/* ---- service_restore.c ----------------------------------------------------------- */

/* What '--restore DIR' and '--entry N' ask for. */
struct restoration {
    const char *dir; /* the backup of this daemon */
    uint64_t entry;  /* only this one; 0: the whole store */
};

/* An exit code. The backup is read to its end before anything is written. On stdout one
 * line for a program: "restored ENTRIES LAST_MS INCARNATION". */
int shell_restore (struct shell *shell, const struct restoration *restoration);
/* A daemon works on the store: no restoration is begun on it any more. */
void shell_restored (struct shell *shell);

/* ---- service.c ------------------------------------------------------------------- */

/* The folder of the store is there, and how it is opened. 'random' is drawn: forget it. */
MUST_CHECK int shell_store_options (struct shell *shell, struct core_options *ret,
                                    struct err *err);

/* Trusted now, for the shell and its core. */
void shell_look_at_clock (struct shell *shell);
/* SIGHUP: tables, clients, wall time. 0, or EX_TEMPFAIL as above. A bad set is told and
 * the old one stays in force. */
MUST_CHECK int shell_reload (struct shell *shell);

#endif
