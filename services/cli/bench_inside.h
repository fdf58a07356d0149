/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the load: its ports, terminals and desks. */
#ifndef MINQING_CLI_BENCH_INSIDE_H
#define MINQING_CLI_BENCH_INSIDE_H

#include "cli/bench_load.h"

#include "base/number.h"
#include "link/hub.h"
#include "wire/door.h"

/* Counter c of a terminal is the serial (c − 1) mod 99999 + 1 of a day, days counted from
 * here: a day's serials last for one second of some runs, and a place that is used again
 * goes on behind what it has. */
#define BENCH_FIRST_DAY 18262 /* 2020-01-01 */

enum port_kind { PORT_TERMINAL, PORT_DESK, PORT_ASKER, PORT_CONTROL };

/* One line and who speaks on it. */
struct port {
    enum port_kind kind;
    size_t index; /* of terminal, desk; the speaker of a control door */
    struct line *line;
    bool is_greeted, is_met; /* asked where we stand; told */
    struct port *next_due;   /* where something may have arrived */
    bool is_due;
};

/* Filings by counter: made (it has its number and its time), sent, acknowledged. */
struct bench_terminal {
    struct port port;
    const struct key_file *key;
    uint64_t base, made, sent, acked; /* 'base': of processes before this one */
    uint64_t share;                   /* of the window */
    int64_t resume_ns;
    int64_t *due_ns; /* when each should have been sent; the lowest bit: it was claimed */
    size_t capacity;
};

#define DESK_RING 4096 /* more than a desk can be offered ahead */

struct bench_desk {
    struct port port;
    const struct bench_desk_key *key;
    uint64_t made, sent, acked;
    int64_t resume_ns;
    uint64_t numbers[DESK_RING]; /* of the claims behind 'acked' */
};

/* Who asks by number and code. */
struct bench_asker {
    struct port port;
    uint64_t asked, answered;
    int64_t due_ns[DESK_RING];
};

struct bench_batch; /* memory to make a frame in (bench_terminals.c) */

struct bench_load {
    struct bench_town *town;
    const struct bench_plan *plan;
    struct cli *cli;
    struct hub *hub;
    int poll_fd;
    struct arena arena; /* one frame */
    struct bench_terminal *terminals;
    size_t n_terminals;
    struct bench_desk *desks;
    size_t n_desks;
    struct bench_asker asker;
    struct port controls[SPEAKER_COUNT];
    bool is_after[SPEAKER_COUNT]; /* the next figures are those of the end */
    unsigned n_figures;           /* asked for, not told */
    struct port *due;
    struct bench_batch *batch;
    int64_t wall_ms, wall_ns; /* the wall clock when the clock of the loop was so */
    int64_t looked_ns;
    size_t turn; /* whose turn it is to file first */
    /* the run */
    struct bench_run *run;
    int64_t from_ns, until_ns; /* the interval */
    bool is_filing;
    int64_t first_due_ns, first_query_ns;
    uint64_t n_due, n_queries; /* by rate: how many have been due */
};

/* It was sent on, so that something may have been noticed there. */
void port_touch (struct bench_load *load, struct port *port);
/* Send, and touch. -EAGAIN: later. */
MUST_CHECK int port_send (struct bench_load *load, struct port *port, struct bytes frame);
/* All of them, and to epoll. */
MUST_CHECK int ports_open (struct bench_load *load);
void ports_close (struct bench_load *load);
/* Look how the lines stand, and greet where one is new. */
MUST_CHECK int ports_greet (struct bench_load *load, bool *ret_all_met);
/* Everything that has arrived where something may have; adds to '*ret_frames'. */
MUST_CHECK int ports_hear (struct bench_load *load, size_t *ret_frames);

static inline bool bench_is_within (const struct bench_load *load, int64_t at_ns)
{
    return at_ns >= load->from_ns && at_ns < load->until_ns;
}
int bench_unexpected (struct bench_load *load, const char *who,
                      const struct refusal *refusal);

/* ---- terminals --------------------------------------------------------------------- */

struct bench_batch *bench_batch_create (const struct bench_plan *plan);
void bench_batch_destroy (struct bench_batch **batch);

/* A filing that was due at 'due_ns', at the end of this terminal's line. */
void terminal_make (struct bench_terminal *terminal, int64_t due_ns);
/* Say what was made, as far as the line takes it. */
void terminal_send (struct bench_load *load, struct bench_terminal *terminal,
                    int64_t now_ns);
MUST_CHECK int terminal_hear (struct bench_load *load, struct bench_terminal *terminal,
                              const struct from_door *message, int64_t now_ns);
/* Filings by window, by rate. */
void terminals_file (struct bench_load *load, int64_t now_ns);

/* The filing with this number: when it was due, and what became of it in the lowest bits;
 * NULL: it is none of this process. */
enum { DUE_ARRIVED = 1, DUE_CLAIMED = 2 };
static inline int64_t due_time (int64_t due_ns)
{
    return due_ns & ~INT64_C (3);
}
int64_t *terminal_due_of (struct bench_load *load, uint64_t number);

void asker_ask (struct bench_load *load, int64_t now_ns);
MUST_CHECK int asker_hear (struct bench_load *load, const struct from_door *message,
                           int64_t now_ns);

/* ---- desks ------------------------------------------------------------------------- */

void desk_greet (struct bench_load *load, struct bench_desk *desk);
void desk_send (struct bench_load *load, struct bench_desk *desk, int64_t now_ns);
MUST_CHECK int desk_hear (struct bench_load *load, struct bench_desk *desk,
                          const struct from_door *message, int64_t now_ns);

/* Outcomes that consumed nothing: it is said again, from the first without one. */
bool bench_is_put_off (const struct outcome *outcome);

#endif
