/* SPDX-License-Identifier: Apache-2.0 */
/* Whoever does a service's effects: what the shell calls to have notices sent.
 *
 * The shell starts effects that the core put into its outbox (so the intention is
 * durable), polls the executor's descriptors in its one loop, and hands each result to
 * the core as an input of the next batch. Nothing here may wait. What is on its way when
 * the daemon stops or dies is found in the journal at the next start. */
#ifndef MINQING_RUNTIME_EXECUTOR_H
#define MINQING_RUNTIME_EXECUTOR_H

#include "runtime/core.h"

#include <poll.h>

#define EXECUTOR_FDS_MAX     256
#define EXECUTOR_RESULTS_MAX 256 /* in one 'run'; the rest comes with the next */

struct effect_result {
    uint64_t effect; /* effect.id */
    int sysexit;     /* sysexits(3): 0, 75 or another */
    const char
        *detail; /* a sentence without personal data; until the next call; or NULL */
};

struct executor_ops {
    /* 'setting (arg, path)' gives settings of minqing.conf, NULL when not set. */
    int (*open) (const char *(*setting) (void *arg, const char *path), void *arg,
                 void **ret_self, struct err *err);
    /* Begin. The effect's memory goes when this returns. */
    void (*start) (void *self, const struct effect *effect);
    /* What to poll for: fill at most 'max', say how many. */
    size_t (*poll_fds) (void *self, struct pollfd *fds, size_t max);
    /* When 'run' must be called though nothing is ready: milliseconds from now, 0: at
     * once, -1: not. */
    int64_t (*timeout_ms) (void *self);
    /* Go on; 'fds' are those of 'poll_fds' with 'revents'. What ended: how many. */
    size_t (*run) (void *self, const struct pollfd *fds, size_t n_fds,
                   struct effect_result *results, size_t max);
    /* Stop everything at once; NULL inside is fine. */
    void (*close) (void **self);
};

#endif
