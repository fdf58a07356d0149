/* SPDX-License-Identifier: Apache-2.0 */
/* The load that every peer gets, and the figures that it is judged by: messages with the
 * keys that a filing has, a window of outstanding ones, the time of each from its sending
 * to its acknowledgement and to its arrival at a desk, and whether each arrived once.
 *
 * A closed loop: at most 'window' messages over all clients are filed and not yet
 * acknowledged, and at most 'ahead' not yet claimed, so that the rate is what the whole
 * path sustains and not what its first half can pile up. Ahead is ten windows; with a
 * window of 1 it is 1: a lone grievance. 'minqing bench' has the same words and figures. */
#ifndef MINQING_BENCH_LOAD_H
#define MINQING_BENCH_LOAD_H

#include "base/macros.h"

#define LOAD_TEXT_SIZE       600
#define LOAD_VILLAGE_SIZE    12
#define LOAD_DEPARTMENTS_MAX 64

struct load_options {
    const char *socket;              /* of the server */
    unsigned seconds, warm_seconds;  /* measured, and before that */
    unsigned window, ahead;          /* messages; ahead 0: ten windows */
    unsigned batch;                  /* messages that a client or a router takes */
    unsigned filers, routers, desks; /* connections */
    unsigned departments;            /* queues of the second hop */
};

struct message {
    uint64_t sequence; /* of this run: how the load knows it again */
    uint64_t number;   /* the grievance's */
    uint64_t counter;  /* of the terminal's filings, contiguous */
    uint32_t terminal, category, department;
    char village[LOAD_VILLAGE_SIZE + 1];
    const char *text; /* LOAD_TEXT_SIZE bytes; until the next message */
};

/* Options of the command line over 'options', which has the program's own defaults; ends
 * the process on a wrong one. */
void load_take_options (struct load_options *options, int argc, char **argv);

void load_start (const struct load_options *options);

/* How many may be filed at this moment; 0 when the time is over. */
unsigned load_may_file (void);
void load_file (struct message *ret_message);
void load_acknowledged (uint64_t sequence);

/* A desk has claimed it. A message that was never filed, or that arrives twice, ends the
 * process: such a peer's figures are worth nothing. */
void load_arrived (uint64_t terminal, uint64_t counter);

/* Filing is over and all of it has arrived. Ends the process when nothing arrives for
 * long. */
bool load_is_done (void);
uint64_t load_filed (void);
bool load_is_filing (void);

/* One JSON object on standard output; the program is called 'peer'. */
void load_tell (const char *peer);

/* Say it and end the process. */
_Noreturn void load_die (const char *format, ...) PRINTF_LIKE (1, 2);

#endif
