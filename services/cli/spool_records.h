/* SPDX-License-Identifier: Apache-2.0 */
/* The spool's records, for the two files that write them: spool.c (what is said) and
 * spool_meet.c (what comes of it).
 *
 *   doors     speaker u8                       → incarnation u32 · next · acked · shift ·
 *                                                pruned u64 · opened u32 · takes over u8
 *   stretches speaker u8 · incarnation u32     → first counter u64 · enrols u8 · since u64
 *   commands  speaker u8 · counter u64         → written at u64 (ms) · Command
 *   outcomes  speaker u8 · counter u64         → recorded at u64 (ms) · Outcome
 *   refused   speaker u8 · counter u64         → (empty): to correct
 *   serials   date u32                         → last serial of that day u32
 *   origins   file u64 · row u64               → counter u64
 *   slips     number u64                       → counter u64
 *   meta      "schema"                         → u32
 *
 * A door that is older than its stretches has none: then everything is of its one
 * incarnation, under the counters of the spool. */
#ifndef MINQING_CLI_SPOOL_RECORDS_H
#define MINQING_CLI_SPOOL_RECORDS_H

#include "cli/spool.h"

#include "store/key.h"
#include "store/store.h"
#include "store/txn.h"

enum spool_table {
    SPOOL_DOORS,
    SPOOL_COMMANDS,
    SPOOL_OUTCOMES,
    SPOOL_REFUSED,
    SPOOL_SERIALS,
    SPOOL_ORIGINS,
    SPOOL_SLIPS,
    SPOOL_STRETCHES,
    SPOOL_META,
    SPOOL_TABLES
};

struct spool {
    struct store *store;
    struct txn *txn; /* between begin and commit */
    struct buffer scratch;
};

/* Keys of one number, of one counter at one door. */
struct key spool_key_u64 (uint64_t value);
struct key spool_key_door (enum speaker speaker);
struct key spool_key_counter (enum speaker speaker, uint64_t counter);

/* A door never written to has next 1. */
struct spool_door spool_get_door (struct txn *txn, enum speaker speaker);
void spool_put_door (struct txn *txn, enum speaker speaker,
                     const struct spool_door *door);

/* The counters of one incarnation: those from 'first' up to the next stretch, on the way
 * from 1, or from 2 behind the enrolment that opens it. */
struct spool_stretch {
    uint32_t incarnation;
    uint64_t first;
    bool enrols;
    int64_t since_ms; /* tells two enrolments of two copies apart */
};
#define SPOOL_STRETCHES_MAX 256 /* enrolments of one spool; then it is given up */

struct spool_stretches {
    struct spool_stretch of[SPOOL_STRETCHES_MAX];
    size_t count;
};
/* By incarnation; none where the daemon has never been reached. */
void spool_get_stretches (struct txn *txn, enum speaker speaker,
                          const struct spool_door *door, struct spool_stretches *ret);
void spool_put_stretch (struct txn *txn, enum speaker speaker,
                        const struct spool_stretch *stretch);
void spool_delete_stretch (struct txn *txn, enum speaker speaker, uint32_t incarnation);
/* The one that a counter belongs to; NULL: there are none. */
const struct spool_stretch *spool_stretch_of (const struct spool_stretches *stretches,
                                              uint64_t counter);
/* The counter on the way. */
uint64_t spool_way_counter (const struct spool_stretch *stretch, uint64_t counter);
/* Has the enrolment before this counter still to be said? */
bool spool_enrols_before (const struct spool_door *door,
                          const struct spool_stretch *stretch, uint64_t counter);

/* Another spool of the same key, out of sight, makes at most one slip in so much time: the
 * serials go on behind those that it may have used since midnight. */
#define SPOOL_SLIP_EVERY_MS 2000

/* The last serial given out on a day; 0: none. */
uint32_t spool_get_serial (struct txn *txn, int32_t day);
void spool_put_serial (struct txn *txn, int32_t day, uint32_t serial);

void spool_put_u64 (struct txn *txn, enum spool_table table, const struct key *key,
                    uint64_t value);

/* Commands and outcomes are kept behind the time they were written at. Taking gives
 * false for a damaged record: it is passed over and stays in its place, where the gap
 * that it leaves stops the sender with a sentence. */
void spool_put_command (struct spool *spool, struct txn *txn, enum speaker speaker,
                        const struct command *command, int64_t now_ms);
void spool_put_outcome (struct spool *spool, struct txn *txn, enum speaker speaker,
                        const struct outcome *outcome, int64_t now_ms);
MUST_CHECK bool spool_take_command (struct bytes value, struct arena *arena,
                                    struct command *ret_command);
MUST_CHECK bool spool_take_outcome (struct bytes value, struct arena *arena,
                                    struct outcome *ret_outcome);

/* When a record was written. */
int64_t spool_written_ms (struct bytes value);

/* Let go what is older than SPOOL_KEPT_DAYS, some rows at a time. */
void spool_prune (struct txn *txn, enum speaker speaker, struct spool_door *door,
                  int64_t now_ms);

/* May this program use it? An older layout is brought to ours (spool_schema.c). */
MUST_CHECK int spool_check_schema (struct store *store, struct err *err);

/* Commit, with a sentence for what a disk can do. */
MUST_CHECK int spool_end (struct spool *spool, struct txn **txn, struct err *err);

#endif
