/* SPDX-License-Identifier: Apache-2.0 */
/* The simulator: a township in one process. Four cores, village terminals (a real spool
 * and the machine that sends it), desks, dispatchers and leaders live on simulated time;
 * between them lies a network worse than any real one; daemons and terminals die at any
 * moment, disks fill up, and a failed commit may be there, or not, or be there until the
 * power is cut. One seed decides everything: the same seed is the same run, byte for byte
 * of its trace.
 *
 *     sim.h, run.c   a seed from its beginning to its rest; the loop over events
 *     queue.c        events by (time, number)
 *     dice.c         chance: a stream for each purpose, so that a change stays local
 *     net.c          roads between nodes: connections, delay, loss, repetition, partition
 *     disk.c         stores in memory: laid from a template, power cuts
 *     daemon.c       a core as a node: turns, commits that take time, deaths
 *     terminal.c     a spool and its talk as a node, and the paper slips it has printed
 *     desk.c         any other client: says everything in order until it is answered
 *     people.c       what people do all day
 *     fate.c         misfortunes
 *     clock.c        what the clock on the wall says, and what is believed of it
 *     restore.c      the worst: a disk is lost, and a backup restored
 *     watch.c        cheap invariants, after every turn
 *     rest.c         dear ones, when everything has come to rest
 *
 * A node never touches another: it sends on its roads and hears by 'on_frame'. */
#ifndef MINQING_SIM_H
#define MINQING_SIM_H

#include <stdio.h>

#include "base/civil.h"
#include "base/err.h"
#include "cli/talk.h"
#include "runtime/core.h"
#include "support/crowd.h"
#include "support/witness.h"
#include "wire/wire.h"

#define SIM_DAEMONS   4
#define SIM_TERMINALS CROWD_TERMINALS
#define SIM_DESKS     (CROWD_CLIENTS - SIM_TERMINALS)
#define SIM_NODES     (SIM_DAEMONS + SIM_TERMINALS + SIM_DESKS)
#define KEY_BYTES     32
#define PATH_BYTES    256

struct sim;
struct node;
struct road;

/* ---- chance (dice.c) ---------------------------------------------------------------- */

enum dice { DICE_NET, DICE_FATE, DICE_PEOPLE, DICE_DISK, DICE_COUNT };

void dice_init (struct sim *sim, uint64_t seed);
uint64_t dice_bits (struct sim *sim, enum dice dice);
/* 0 … n - 1; from … to; true in one of n (never for 0). */
uint64_t dice_below (struct sim *sim, enum dice dice, uint64_t n);
int64_t dice_between (struct sim *sim, enum dice dice, int64_t from, int64_t to);
bool dice_one_in (struct sim *sim, enum dice dice, uint64_t n);
void dice_fill (struct sim *sim, enum dice dice, uint8_t *data, size_t size);

/* ---- events (queue.c) --------------------------------------------------------------- */

enum happens {
    HAPPENS_FRAME,   /* a frame arrives */
    HAPPENS_CONNECT, /* a caller tries to connect */
    HAPPENS_NEWS,    /* a process learns something from its own machine */
    HAPPENS_WAKE,    /* a node wanted to be woken */
    HAPPENS_TURN,    /* a daemon gets the processor */
    HAPPENS_SPEAK,   /* a daemon's commit is through: what it has to say leaves */
    HAPPENS_RESTART, /* a dead process is started again */
    HAPPENS_POWER,   /* the power is cut */
    HAPPENS_RESUME,  /* a process that was stopped goes on */
    HAPPENS_MEND,    /* a road is whole again */
    HAPPENS_PEOPLE,  /* people do something */
    HAPPENS_FATE,    /* something happens */
    HAPPENS_LONG_CUT /* a road is cut for three days */
};

struct happening {
    int64_t at_ms;
    uint64_t number; /* given by the queue: the order of what happens at one time */
    enum happens kind;
    struct node *node;
    struct road *road;
    uint64_t mark; /* stale when it is not the node's or road's any more */
    struct frame *frame;
};

struct happenings {
    struct happening *heap;
    size_t count, room;
    uint64_t numbers;
};

void queue_put (struct happenings *queue, const struct happening *event);
bool queue_take (struct happenings *queue, struct happening *ret_event);
void queue_done (struct happenings *queue); /* frees frames too */

/* ---- the network (net.c) ------------------------------------------------------------ */

/* What is under way, or waits to be heard. */
enum news {
    NEWS_FRAME,
    NEWS_GONE,  /* a connection is gone */
    NEWS_RESULT /* a notice was sent, or not: 'effect', 'sysexit' */
};

struct frame {
    enum news news;
    struct road *road;
    unsigned connection;
    bool to_daemon;
    uint64_t effect;
    int sysexit;
    struct bytes bytes; /* behind the struct */
    struct frame *next; /* in an inbox or outbox */
};

#define ROAD_ILL INT64_MAX

/* Between one caller and one daemon. ZeroMQ keeps order and repeats nothing within a
 * connection; we do neither for sure. */
struct road {
    struct node *caller;
    struct daemon *daemon;
    unsigned connection; /* the how-many-th; 0: none yet */
    bool is_up;          /* the caller's view */
    bool is_cut;
    int64_t cut_until_ms; /* nothing mends it before; 0: no long cut */
    bool loses[2];        /* everything, to the caller [0], to the daemon [1] */
    uint32_t loss_one_in, repeat_one_in, overtake_one_in; /* frames; 0: none */
    int64_t delay_ms;                                     /* at most, usually */
    int64_t last_ms[2]; /* arrival of the last frame, by direction */
    int64_t well_ms;    /* since when nothing is wrong with it; ROAD_ILL: something is */
    uint64_t mark;      /* of its connecting */
};

void frame_destroy (struct frame *frame);
struct frame *frame_make (struct road *road, unsigned connection, bool to_daemon,
                          struct bytes bytes);
/* Something for a node that comes from no other: heard in 'in_ms', if it still lives. */
void news_send (struct sim *sim, struct node *node, const struct frame *news,
                int64_t in_ms);

void road_init (struct sim *sim, struct road *road, struct node *caller,
                struct daemon *daemon);
/* The caller's connection ends; it will try again. */
void road_break (struct sim *sim, struct road *road);
void road_connect_later (struct sim *sim, struct road *road, int64_t in_ms);
void road_connect (struct sim *sim, struct road *road); /* HAPPENS_CONNECT */
/* Takes the frame. */
void road_send (struct sim *sim, struct frame *frame);
void road_arrive (struct sim *sim, struct frame *frame); /* HAPPENS_FRAME */
/* Everything about it is well again. */
void road_mend (struct sim *sim, struct road *road);
/* Whatever is true of it now: since when? Called by who changes something. */
void road_judge (struct sim *sim, struct road *road);
/* The routing id of a road's connection at its daemon, and back. */
#define PEER_BYTES 6
void road_peer (const struct road *road, unsigned connection, uint8_t ret[PEER_BYTES]);
struct road *road_of_peer (struct sim *sim, const struct daemon *daemon,
                           struct bytes peer, unsigned *ret_connection);

/* ---- nodes -------------------------------------------------------------------------- */

struct node {
    unsigned index;
    char name[24];
    uint8_t key[KEY_BYTES];
    struct road *roads[SPEAKER_COUNT]; /* as a caller; NULL: none */
    uint64_t mark;                     /* of its life: what was meant for an earlier one
                                          is stale */
    uint64_t wake_mark;
    int64_t wakes_at_ms; /* 0: at no time */
    bool is_alive;
    void (*on_frame) (struct sim *sim, struct node *node, struct frame *frame);
    void (*on_wake) (struct sim *sim, struct node *node);
    void (*on_connected) (struct sim *sim, struct node *node, struct road *road);
    void (*on_broken) (struct sim *sim, struct node *node, struct road *road);
    void (*on_restart) (struct sim *sim, struct node *node);
};

/* Be woken then, and not at the time said before. */
void node_wake_at (struct sim *sim, struct node *node, int64_t at_ms);
void node_restart_in (struct sim *sim, struct node *node, int64_t in_ms);

/* ---- daemons (daemon.c, disk.c) ----------------------------------------------------- */

/* A failed commit: what is on the disk then. */
enum fate_of_commit { COMMIT_ABSENT, COMMIT_THERE, COMMIT_UNTIL_POWER_CUT };

struct daemon {
    struct node node;
    enum speaker speaker;
    const struct service_spec *spec;
    struct core *core; /* NULL: it is not running */
    char dir[PATH_BYTES];
    struct trust trust;
    bool is_busy;     /* a commit is on its way */
    bool is_called;   /* it will get the processor */
    bool is_stopped;  /* SIGSTOP */
    int64_t serve_ms; /* followers who can wait are served then; 0: none waits */
    struct frame *inbox, **last_in, *outbox, **last_out;
    /* What a power cut leaves, if less than the file has. */
    struct buffer before;
    bool is_armed; /* the next commit fails */
    bool is_ahead;
    bool has_lied;    /* this process went on after a commit whose outcome is unknown */
    uint64_t commits; /* the store's last one known */
    /* What it has promised: its journal is at least this. */
    uint64_t head;
    struct hash head_hash;
    unsigned deaths;
};

void daemon_create (struct sim *sim, struct daemon *daemon,
                    const struct service_spec *spec);
void daemon_destroy (struct daemon *daemon);
void daemon_start (struct sim *sim, struct daemon *daemon);
void daemon_kill (struct sim *sim, struct daemon *daemon); /* and the wires fall */
void daemon_stop (struct sim *sim, struct daemon *daemon); /* cleanly */
void daemon_pause (struct sim *sim, struct daemon *daemon, int64_t ms);
void daemon_resume (struct sim *sim, struct daemon *daemon);
void daemon_turn (struct sim *sim, struct daemon *daemon);
void daemon_speak (struct sim *sim, struct daemon *daemon);
void daemon_cut_power (struct sim *sim, struct daemon *daemon);
void daemon_fail_commit (struct sim *sim, struct daemon *daemon,
                         enum fate_of_commit fate);
void daemon_spare (struct daemon *daemon); /* no: it does not */
/* Its disk is lost; a backup has so many entries of its journal. */
void daemon_restore (struct sim *sim, struct daemon *daemon, uint64_t count);
/* Everybody whose heartbeat is due takes a turn: time has been jumped over. */
void daemons_pulse (struct sim *sim);

/* Where everything lies, on a file system in memory. */
void disk_open (void);
void disk_close (void);
const char *disk_dir (void);
/* A fresh daemon's store, on the tables and clients of every seed, as of DISK_START. */
void disk_lay (const struct daemon *daemon);
void disk_read (const struct daemon *daemon, struct buffer *ret);
void disk_write (const struct daemon *daemon, struct bytes content);
void disk_remove (const char *dir);
void disk_options (struct sim *sim, const struct daemon *daemon,
                   struct core_options *ret_options);

/* ---- terminals (terminal.c) --------------------------------------------------------- */

/* A slip that was printed: somebody went home with it. */
struct slip {
    uint64_t number;
    char code[QUERY_CODE_TEXT_SIZE];
    struct terminal *terminal;
    uint64_t counter;
    bool is_acked;
    bool is_refused;
    uint64_t sequence; /* of its receipt */
};

struct terminal {
    struct node node;
    struct road road; /* to intake */
    char dir[PATH_BYTES];
    uint32_t number;
    struct spool *spool; /* NULL: its process is dead */
    struct talk talk;
    struct arena arena;
    uint64_t acked; /* the highest its people have seen */
    unsigned kills;
};

void terminal_create (struct sim *sim, struct terminal *terminal, size_t index);
void terminal_destroy (struct terminal *terminal);
void terminal_say (struct sim *sim, struct terminal *terminal,
                   const struct command *command);
void terminal_ask (struct sim *sim, struct terminal *terminal, const struct slip *slip);
void terminal_kill (struct sim *sim, struct terminal *terminal);
bool terminal_is_done (const struct terminal *terminal);

/* ---- desks (desk.c) ----------------------------------------------------------------- */

struct said {
    struct said *next;
    uint64_t counter;
    struct bytes command;
};

/* What a client has said to one daemon. */
struct door {
    struct road road;
    struct said *first, **last;
    uint64_t next, acked, sent;
    int64_t heard_ms, resume_ms;
};

struct desk {
    struct node node;
    uint32_t number;
    struct door doors[2]; /* routing, escalation */
    struct arena arena;
};

void desk_create (struct sim *sim, struct desk *desk, size_t index);
void desk_destroy (struct desk *desk);
void desk_say (struct sim *sim, struct desk *desk, enum speaker speaker,
               const struct command *command);
bool desk_is_done (const struct desk *desk);

/* ---- people, fate ------------------------------------------------------------------- */

void people_wake (struct sim *sim);
void people_act (struct sim *sim);
void fate_wake (struct sim *sim);
void fate_strike (struct sim *sim);
void fate_cut_long (struct sim *sim);
/* Trusted time of a daemon that runs; also told to its core. */
int64_t clock_of (struct sim *sim, struct daemon *daemon);
void clock_begin_life (struct sim *sim, struct daemon *daemon); /* opened, not started */
void clock_jump (struct sim *sim); /* the wall's; or it is set right again */
void clock_boot (struct sim *sim);
void fate_mend_all (struct sim *sim); /* no misfortune any more */

/* ---- watching (watch.c, rest.c) ----------------------------------------------------- */

/* What is known of one journal, as far as it was durable when it was read. */
struct watched {
    uint64_t read; /* entries */
    int64_t *times;
    size_t room;
    uint64_t taken[SPEAKER_COUNT]; /* the newest position taken over */
    uint64_t taken_at[SPEAKER_COUNT];
    uint64_t counters[SIM_NODES]; /* by client node: last recorded */
    uint32_t incarnations[SIM_NODES];
};

/* A commit of this daemon is through. */
void watch_commit (struct sim *sim, struct daemon *daemon);
/* It was started on what its disk has: is it all that was promised? */
void watch_start (struct sim *sim, struct daemon *daemon);
/* A client was told that its commands up to this one have their outcome. */
void watch_acked (struct sim *sim, const struct node *client, enum speaker speaker,
                  uint64_t counter);
/* It was sent back to a counter though it has outcomes up to 'acked'. */
void watch_put_off (struct sim *sim, const struct node *client,
                    const struct refusal *refusal, uint64_t acked);
void watch_receipt (struct sim *sim, const struct slip *slip);
/* Where a grievance was registered; 0: nowhere. */
uint64_t watch_registered (const struct sim *sim, uint64_t number);
/* Its journal goes on behind an earlier entry: what is known of it is forgotten. */
void watch_restored (struct sim *sim, struct daemon *daemon);
void watch_done (struct sim *sim);
void rest_check (struct sim *sim);

/* ---- one run ------------------------------------------------------------------------ */

struct sim_options {
    uint64_t seed;
    unsigned days, villages; /* both 0: mostly 3 and 10 (run.c) */
    double filings;          /* of one village in a day; 0: the usual */
    FILE *trace;             /* NULL: none */
    bool is_calm;            /* no misfortunes */
    bool is_quiet;           /* nobody does anything by themselves */
    unsigned killed_one_in;  /* writes of a terminal; 0: none */
    unsigned map_mib;        /* of the daemons' stores; 0: the usual */
};

/* What a run has seen. */
struct sim_counts {
    uint64_t village_days, events, turns, entries, filings, acked, refused, outcomes;
    uint64_t frames, lost, repeated, deaths, kills, failed_commits, power_cuts,
        restorations, misfortunes, long_cuts, missing, doubled;
    uint64_t refusals; /* of commands that were recorded */
    uint64_t steps[STEP_COUNT], states[STATE_COUNT], causes[CAUSE_COUNT];
};

struct filed {
    uint64_t number, sequence;
};

/* How often a client was sent back behind what it knows. */
struct odd {
    uint64_t acked;
    unsigned times;
};

struct sim {
    struct sim_options options;
    uint64_t dice[DICE_COUNT];
    struct happenings queue;
    int64_t now_ms, start_ms, end_ms;
    int64_t wall_error_ms, booted_ms;
    bool was_behind; /* the wall, at some time */
    uint32_t boots;
    bool is_resting;
    bool has_long_cut;
    unsigned restorations_left;
    bool is_restored[SPEAKER_COUNT], was_restored; /* this one, or any */
    struct node *nodes[SIM_NODES];
    size_t n_nodes;
    struct daemon daemons[SIM_DAEMONS]; /* by speaker - 1 */
    struct road daemon_roads[SIM_DAEMONS][SPEAKER_COUNT];
    struct terminal terminals[SIM_TERMINALS];
    struct desk desks[SIM_DESKS];
    struct crowd *crowd;
    struct witness *witness;
    struct watched watched[SPEAKER_COUNT];
    struct odd odd[SIM_NODES];
    struct filed *filed; /* hashed by number */
    size_t n_filed, filed_room;
    struct slip *slips;
    size_t n_slips, slips_room;
    struct arena arena; /* of one event */
    struct arena entry; /* of one entry that is watched */
    struct sim_counts counts;
    char complaint[600];
};

/* The parts of a run, for tests with a story of their own: 'sim_pass' and 'rest_check' in
 * between. */
struct sim *sim_open (const struct sim_options *options);
void sim_close (struct sim **sim);

/* Run a seed. False: 'ret_complaint' says what was wrong. */
bool sim_run (const struct sim_options *options, struct sim_counts *counts,
              char *ret_complaint, size_t complaint_size);

/* The first thing that is wrong counts; the run ends with this event. */
void sim_complain (struct sim *sim, const char *format, ...) PRINTF_LIKE (2, 3);
/* One line of the trace. */
#define TRACE(sim, ...)                                                                  \
    do {                                                                                 \
        if ((sim)->options.trace != NULL)                                                \
            sim_trace ((sim), __VA_ARGS__);                                              \
    } while (0)
void sim_trace (struct sim *sim, const char *format, ...) PRINTF_LIKE (2, 3);
void sim_put (struct sim *sim, struct happening event, int64_t in_ms);
/* Let events happen until 'until_ms', or until a complaint. */
void sim_pass (struct sim *sim, int64_t until_ms);

static inline struct daemon *sim_daemon (struct sim *sim, enum speaker speaker)
{
    return &sim->daemons[speaker - 1];
}

#endif
