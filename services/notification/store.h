/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of the notification daemon: notices and where they stand. All of it is the fold of
 * the own journal; template and parameters are read from there (a notice's number is its
 * sequence).
 *
 *   notices     notice/8                          → state/1 recipient/1 channel/1 flags/1
 *                                                   to/4 outlet/2 attempts/2 grievance/8
 *                                                   queued/8 moved/8 next/8 until/8 lane/8
 *                                                   leader/8 · detail
 *   states      state/1 notice/8                  → –
 *   grievances  grievance/8 notice/8              → –
 *   sources     speaker/1 sequence/8 recipient/1 to/4 → notice/8
 *   digests     recipient/1 to/4 notice/8         → next/8      waits for its digest
 *   members     leader/8 notice/8                 → –           goes along in a digest
 *   outgoing    notice/8                          → sequence/8 lost/8
 *   prints      terminal/4 notice/8               → –           not handed over yet
 *   lanes       lane/8                            → last slot/8
 *   lost        speaker/1 incarnation/4           → kept/8      that it was entered with
 *   again       notice/8                          → –           its lost cause was said again
 *   counts      one byte, 'm'                     → counts by state/8 each
 *
 * Numbers are big-endian. The agenda has at most one row for a notice ('next', or 'until'
 * for what is printed) and one for each digest that gathers. */
#ifndef MINQING_SERVICES_NOTIFICATION_STORE_H
#define MINQING_SERVICES_NOTIFICATION_STORE_H

#include "base/arena.h"
#include "rules/names.h"
#include "store/txn.h"
#include "wire/journal.h"

enum notification_table {
    NOTIFICATION_NOTICES,
    NOTIFICATION_STATES,
    NOTIFICATION_GRIEVANCES,
    NOTIFICATION_SOURCES,
    NOTIFICATION_DIGESTS,
    NOTIFICATION_MEMBERS,
    NOTIFICATION_OUTGOING,
    NOTIFICATION_PRINTS,
    NOTIFICATION_LANES,
    NOTIFICATION_COUNTS,
    NOTIFICATION_LOST,
    NOTIFICATION_AGAIN,
    NOTIFICATION_TABLES
};

extern const char *const notification_tables[NOTIFICATION_TABLES];

/* Kinds of rows on the agenda; the numbers are on disk. */
enum notification_agenda {
    AGENDA_SEND = 1,   /* subject: notice */
    AGENDA_DIGEST = 2, /* subject: recipient << 32 | to */
    AGENDA_EXPIRE = 3, /* subject: notice, printed and not handed over */
    AGENDA_LOST = 4,   /* subject: notice, was SENDING when the daemon stopped */
};

/* How a notice leaves: the outlets of the tables, and the village printer. */
enum way { WAY_NONE, WAY_SMTP, WAY_HTTP, WAY_PIPE, WAY_PRINT, WAY_COUNT };

const char *way_name (enum way way);  /* "smtp"; "none" */
enum way way_find (const char *name); /* WAY_NONE for others */
enum way way_of_outlet (enum outlet_kind kind);

struct notification_notice {
    uint64_t notice;
    enum notice_state state;
    enum recipient recipient;
    enum way way;
    bool digest;
    uint32_t to;
    uint16_t outlet;
    uint16_t attempts;
    uint64_t grievance;
    int64_t queued_ms;
    int64_t moved_ms;
    int64_t next_ms;  /* when it is tried, or gathered; 0: not planned */
    int64_t until_ms; /* print: handed over by then; 0: for ever */
    uint64_t lane;
    uint64_t leader;    /* goes along with this notice; 0: goes by itself */
    const char *detail; /* the channel's last answer, or NULL */
};

/* False when there is none; '*ret' untouched. */
bool notification_find (struct txn *txn, uint64_t notice, struct arena *arena,
                        struct notification_notice *ret);
/* Write a record and every list it stands in; 'was' is NULL for a new one. */
void notification_put (struct txn *txn, const struct notification_notice *was,
                       const struct notification_notice *is);

void notification_source_put (struct txn *txn, const struct source *source,
                              const struct notification_notice *notice);
/* Notices that this entry caused, at most 'max'. */
size_t notification_source_find (struct txn *txn, enum speaker speaker, uint64_t sequence,
                                 size_t max, uint64_t *ret_notices);

/* Lists, behind 'after', at most 'max'; how many. */
size_t notification_of_grievance (struct txn *txn, uint64_t grievance, uint64_t after,
                                  size_t max, uint64_t *ret);
size_t notification_in_state (struct txn *txn, enum notice_state state, uint64_t after,
                              size_t max, uint64_t *ret);
size_t notification_all (struct txn *txn, uint64_t after, size_t max, uint64_t *ret);
size_t notification_prints (struct txn *txn, uint32_t terminal, uint64_t after,
                            size_t max, uint64_t *ret);
size_t notification_gathered (struct txn *txn, enum recipient recipient, uint32_t to,
                              size_t max, uint64_t *ret);
size_t notification_members (struct txn *txn, uint64_t leader, size_t max, uint64_t *ret);
/* On its way: SENDING since entry 'since', and, when the daemon was started meanwhile,
 * since when it is lost (0: it is not). */
struct notification_outgoing {
    uint64_t notice;
    uint64_t since;
    int64_t lost_ms;
};
size_t notification_outgoing_list (struct txn *txn, uint64_t after, size_t max,
                                   struct notification_outgoing *ret);
bool notification_outgoing_find (struct txn *txn, uint64_t notice,
                                 struct notification_outgoing *ret);
void notification_outgoing_put (struct txn *txn,
                                const struct notification_outgoing *outgoing);
void notification_outgoing_delete (struct txn *txn, uint64_t notice);

/* When the digest of this recipient that gathers now goes; 0: none gathers. */
int64_t notification_digest_ms (struct txn *txn, enum recipient recipient, uint32_t to);

int64_t notification_lane_ms (struct txn *txn, uint64_t lane); /* last slot taken; 0 */
void notification_lane_put (struct txn *txn, uint64_t lane, int64_t slot_ms);

/* A source was restored: of its earlier incarnations it has entries up to 'kept'. */
void notification_lost_put (struct txn *txn, enum speaker speaker, uint32_t incarnation,
                            uint64_t kept);
bool notification_has_lost (struct txn *txn, enum speaker speaker); /* ever */
/* The source does not have this entry any more. */
bool notification_is_lost (struct txn *txn, const struct source *source);
void notification_again_put (struct txn *txn, uint64_t notice);
bool notification_was_again (struct txn *txn, uint64_t notice);

struct notification_counts {
    uint64_t of[16]; /* by state */
};
void notification_counts_read (struct txn *txn, struct notification_counts *ret);
void notification_counts_put (struct txn *txn, const struct notification_counts *counts);

#endif
