/* SPDX-License-Identifier: Apache-2.0 */
/* The spool: what one client key has said and what came of it, on the client's own disk.
 *
 * Whatever is said to a daemon is written here first, with its counter, and is durable
 * before it is sent: with the link down nothing is lost, and sent again after a crash it
 * is the same command under the same counter, which the daemon takes once.
 *
 * Several processes may hold a spool open (a terminal that sends, a 'submit' that adds);
 * only the one with the sender's lock (cli/sender.h) sends. Commands and outcomes are
 * kept SPOOL_KEPT_DAYS, so that a restored daemon can be told again. */
#ifndef MINQING_CLI_SPOOL_H
#define MINQING_CLI_SPOOL_H

#include "base/arena.h"
#include "base/err.h"
#include "base/number.h"
#include "wire/door.h"

#define SPOOL_KEPT_DAYS 400

struct spool;

/* How far the commands for one daemon have come. Counters below 'next' are in the spool,
 * those up to 'acked' have their outcome. These are the spool's own counters and never
 * change; what a command is called on the way, in which incarnation, spool_say knows. */
struct spool_door {
    uint32_t incarnation; /* the newest of ours; 0: the daemon has never been reached */
    uint64_t next;
    uint64_t acked;
    uint64_t shift;  /* what an enrolment once moved counters up by; stays */
    uint64_t pruned; /* up to here only what is to be corrected is kept */
    uint32_t opened; /* the incarnation of ours that the daemon is known to be in */
    bool takes_over; /* see spool_take_over */
};

/* Where a replayed row came from: a digest of the file and its row, unique together. */
struct spool_origin {
    uint64_t file;
    uint64_t row;
};

struct spool_slip {
    uint64_t number;
    char code[QUERY_CODE_TEXT_SIZE];
    uint64_t counter;
};

/* Open the spool in 'dir', making it (0700) if it is not there. */
MUST_CHECK int spool_open (const char *dir, struct spool **ret_spool, struct err *err);
void spool_close (struct spool **spool);
const char *spool_dir (const struct spool *spool);

/* Write commands down. Everything between begin and commit becomes durable together, at
 * the return of commit: 0, or -errno with nothing of it written. */
void spool_begin (struct spool *spool);
MUST_CHECK int spool_commit (struct spool *spool, struct err *err);
void spool_abort (struct spool *spool);

/* Add a command for a daemon: sets its counter and incarnation. Between begin and commit.
 * -EINVAL and a sentence for a command that breaks a rule of the protocol: a daemon would
 * refuse its whole frame, and it would block what is behind it. */
MUST_CHECK int spool_add (struct spool *spool, enum speaker speaker,
                          struct command *command, int64_t now_ms, struct err *err);
/* Add a filing: makes the slip (next serial of the terminal's day; the code from
 * 'random') and sets number and code in it. 'origin' may be NULL. -ENOSPC: the day's
 * serials are used up; -EINVAL as above. */
MUST_CHECK int spool_file (struct spool *spool, struct filing *filing, uint32_t terminal,
                           const uint8_t random[QUERY_CODE_RANDOM],
                           const struct spool_origin *origin, int64_t now_ms,
                           struct spool_slip *ret_slip, struct err *err);

/* Reading; each call sees what is on disk now. */
struct spool_door spool_standing (struct spool *spool, enum speaker speaker);
bool spool_has_origin (struct spool *spool, const struct spool_origin *origin);
/* Commands from counter 'from', in order, at most 'max' of them and about 'bytes' in all. */
size_t spool_read (struct spool *spool, enum speaker speaker, uint64_t from, size_t max,
                   size_t bytes, struct arena *arena, struct command *ret_commands);
bool spool_outcome (struct spool *spool, enum speaker speaker, uint64_t counter,
                    struct arena *arena, struct outcome *ret_outcome);
/* The counter under which a number was filed last; 0: never here. */
uint64_t spool_counter_of (struct spool *spool, uint64_t number);

/* Refused commands that nobody has corrected or given up yet: calls 'visit' for each. */
void spool_refused (struct spool *spool, struct arena *arena,
                    void (*visit) (void *arg, enum speaker speaker,
                                   const struct command *command,
                                   const struct refusal *refusal),
                    void *arg);
/* Take a refused command off that list: it was filed anew, or given up. Between begin and
 * commit, so that it is corrected once; false: it is not on the list. */
MUST_CHECK bool spool_settle (struct spool *spool, enum speaker speaker,
                              uint64_t counter);

/* ---- the sender's side ---------------------------------------------------------- */

/* What the daemon says of us, at every connection.
 *
 * A key that it knows better than this spool does (the disk was lost, restored to an older
 * day, or copied) goes on as a new incarnation: an enrolment goes first, behind it what has
 * no outcome, and the day's numbers continue in a range of their own. A daemon that knows
 * less than was acknowledged was restored: what is kept is sent again from there, as it
 * was sent before, enrolments too.
 *
 * -ESTALE and a sentence: another spool of this key has enrolled since. Two that are used
 * at once must not take the key from each other for ever, so this one stops until a person
 * says spool_take_over. */
MUST_CHECK int spool_meet (struct spool *spool, enum speaker speaker,
                           const struct standing *standing, int64_t now_ms,
                           struct err *err);
/* This spool is the one that goes on, at every daemon: the next meeting enrols it. */
MUST_CHECK int spool_take_over (struct spool *spool, struct err *err);
/* Commands as they are said: from counter 'from' as spool_read, but with the counter and
 * incarnation of the way, enrolments among them. '*ret_counters': how many counters of the
 * spool they cover. 'ret_commands' has room for 'max'. */
size_t spool_say (struct spool *spool, enum speaker speaker, uint64_t from, size_t max,
                  size_t bytes, struct arena *arena, struct command *ret_commands,
                  uint64_t *ret_counters);
/* Record outcomes, which must continue 'acked' in order; others are passed over. What has
 * been kept for SPOOL_KEPT_DAYS goes, some at a time: acknowledged commands with their
 * outcomes; never what is still to be corrected. */
MUST_CHECK int spool_record (struct spool *spool, enum speaker speaker,
                             const struct outcome *outcomes, size_t n_outcomes,
                             int64_t now_ms, struct err *err);
/* The daemon knows another command by this outcome's counter: another spool of this key has
 * sent it. What has no outcome goes into a new incarnation. 1: it does, ask for the
 * standing anew; 0: that word is not about what comes next (it is an old one). */
MUST_CHECK int spool_conflict (struct spool *spool, enum speaker speaker,
                               const struct outcome *outcome, int64_t now_ms,
                               struct err *err);

#endif
