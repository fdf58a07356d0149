/* SPDX-License-Identifier: Apache-2.0 */
/* Escalation as its daemon runs it, without sockets: the core on its store, three sources
 * that are fed, a clock that is stepped. One in a process; what goes wrong ends it. */
#ifndef MINQING_BENCH_FED_H
#define MINQING_BENCH_FED_H

#include "bench/feed.h"

enum { FED_INTAKE, FED_ROUTING, FED_NOTIFICATION, FED_FEEDS };

extern struct fed {
    struct core *core;
    struct feed feeds[FED_FEEDS];
} fed;

/* A volatile store is not synced: for what a bench builds before it measures. */
void fed_open (const char *dir, bool is_volatile);
/* On the shipped tables, with departments that have neither superior nor leader, and time
 * enough to build before the breach that is counted, which nothing announces. */
void fed_start (int64_t now_ms);
void fed_close (void);

void fed_turn (const struct input *inputs, size_t count, int64_t now_ms);
/* What the sources have said, complete up to 'complete_ms', in one turn; then whatever is
 * due. Returns the wall seconds of the longest turn. */
double fed_turns (int64_t complete_ms, int64_t now_ms);

double fed_seconds (void); /* of the wall */
_Noreturn void fed_die (const char *what, const struct err *err);

#endif
