/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the audit share.
 *
 *   audit.c          life, complaints, what holds of every journal, the end
 *   audit_source.c   entries that are taken over: whence, and what restorations lost
 *   audit_course.c   intake's and routing's: registered, placed, moved; audit_ways.c the
 *                    steps there are
 *   audit_clocks.c   escalation's clocks;  audit_raises.c its raises
 *   audit_days.c     sums by day, of villages and departments
 *   audit_notices.c  notification's;  audit_body.c bodies, where they are to be had
 *   audit_missing.c  what is known elsewhere and lost at its source */
#ifndef MINQING_CLI_AUDIT_INSIDE_H
#define MINQING_CLI_AUDIT_INSIDE_H

#include "cli/audit.h"
#include "cli/map.h"

#include "base/err.h"

#define AUDIT_INCARNATIONS_MAX 64 /* restorations of one journal */
#define AUDIT_CROSSINGS_MAX    64 /* of one follower */

/* An entry, as others may name it. */
struct audit_ref {
    uint32_t grievance; /* index + 1; 0: none that is known */
    uint16_t kind;
    uint16_t taken; /* bits: REF_… */
};
#define REF_ANSWERED   1u  /* an ask that routing answered */
#define REF_PLACED     2u  /* a registration that routing placed */
#define REF_RAISED     4u  /* whose raise has not ended */
#define REF_HAS_NUMBER 8u  /* it names a grievance */
#define REF_STANDS_IN  16u /* for one that is damaged */

/* How far an incarnation came, as the next one's first entry says. */
struct audit_span {
    uint64_t kept; /* last sequence that is of this or an earlier one */
};

struct audit_crossing {
    enum speaker speaker;
    uint32_t incarnation;
    uint64_t acted, kept;
};

struct audit_journal {
    uint64_t last;
    int64_t last_ms;
    struct audit_ref *refs; /* of every entry */
    size_t refs_capacity;
    struct hash leaf; /* of the last; 'has_leaf': it was said */
    bool has_leaf;
    bool is_started;
    bool is_uncertain;
    int64_t uncertain_ms;
    uint32_t incarnation; /* 0 before the first entry: 1 */
    struct audit_span spans[AUDIT_INCARNATIONS_MAX];
    struct audit_crossing crossings[AUDIT_CROSSINGS_MAX];
    size_t n_crossings;
    uint64_t source_at[SPEAKER_COUNT]; /* the last position taken over */
    uint64_t lost_most[SPEAKER_COUNT]; /* the greatest that is lost at its source */
    uint64_t lost[SPEAKER_COUNT];      /* own entries with such a source */
};

/* A clock that runs. */
struct audit_clock {
    uint32_t next; /* of the same grievance: index + 1 */
    uint32_t owner;
    uint8_t duty;
    bool is_paused;
    uint16_t told; /* highest share that somebody was told of */
    int64_t from_ms, due_ms;
    int64_t breach_ms; /* when its end is told; 0: a window, which only ends */
    int64_t since_ms;  /* when its last line happened */
    int64_t said_ms;   /* and was written */
};

/* One day of a village or department (audit_days.c). */
struct audit_day {
    uint64_t where;
    int32_t day;
    uint32_t own, theirs; /* the two that must agree */
    uint32_t waiting,
        lost; /* that are in 'own' alone, in 'theirs' alone, with a reason */
    uint32_t arrived;
};

struct audit_days {
    struct map by_key; /* → index */
    struct audit_day *rows;
    size_t n_rows, capacity;
};

/* A source whose journal is read later than the entry that names it. */
struct audit_pending {
    enum speaker speaker;
    uint64_t sequence, source; /* own; position */
    enum speaker of;
    uint32_t grievance;
    uint16_t kind;
};

struct audit {
    uint64_t without;     /* a bit for each check that is left out */
    enum speaker speaker; /* of the entry that is looked at */
    const struct entry *entry;
    struct bytes body;
    struct audit_journal journals[SPEAKER_COUNT];
    struct audit_grievance *grievances;
    size_t n_grievances, capacity;
    struct audit_clock *clocks;
    size_t n_clocks, clocks_capacity;
    uint32_t free_clocks;
    struct audit_pending *pending;
    size_t n_pending, pending_capacity;
    int64_t canary_ms[2]; /* the last two: what was due before the older one has fired */
    struct map by_number; /* number → index + 1 */
    struct map clients;   /* speaker, client → incarnation << 40 | last counter */
    struct map tables;    /* speaker, version: taken */
    struct map raises;    /* digest of what a raise may happen once for → sequence */
    struct map raised;    /* number of a raise → sequence of its end, 0: open */
    struct map notices;   /* name (position) → state */
    struct map asks; /* client, incarnation, counter, behind a restoration → sequence */
    struct map told; /* digest of a notice's key → sequence */
    struct audit_days villages, departments;
    struct audit_days_sum days;
    uint64_t refused, parked, mended;
    uint64_t in_notice_state[NOTICE_COUNT];
    size_t problems;
    uint64_t found; /* a bit for each check */
    char findings[AUDIT_FINDINGS_SHOWN][ERR_TEXT_SIZE];
};

/* Something is wrong with the entry that is looked at: its journal, sequence and grievance
 * are said before the words. */
void audit_fault (struct audit *audit, enum audit_check check, const char *format, ...)
    PRINTF_LIKE (3, 4);
/* With a grievance, at the end. */
void audit_fault_of (struct audit *audit, enum audit_check check,
                     const struct audit_grievance *grievance, const char *format, ...)
    PRINTF_LIKE (4, 5);
/* With neither. */
void audit_fault_at_end (struct audit *audit, enum audit_check check, const char *format,
                         ...) PRINTF_LIKE (3, 4);

/* NULL where it is not known. Valid until the next one is added. */
struct audit_grievance *audit_find (struct audit *audit, uint64_t number);
struct audit_grievance *audit_add (struct audit *audit, const struct entry *entry);
/* The same; and where it is not known: added, if the entry was taken over from one that its
 * source has lost, else a fault and NULL. */
struct audit_grievance *audit_known (struct audit *audit, enum audit_check check);

/* FNV-1a: 64 bits are enough to notice, and a false alarm in four billion is worth a look.
 * Never 0. */
uint64_t audit_digest (uint64_t digest, const void *bytes, size_t size);
#define AUDIT_DIGEST_BEGIN UINT64_C (0xCBF29CE484222325)

/* audit_source.c. Before anything else is done with an entry; and at the end. */
void audit_source (struct audit *audit);
bool audit_source_is_lost (const struct audit *audit); /* of the entry looked at */
/* The entry that it names, or NULL: none, lost, or not read yet. */
struct audit_ref *audit_source_ref (struct audit *audit);
void audit_incarnation_entry (struct audit *audit);
void audit_crossed_entry (struct audit *audit);
void audit_sources_finish (struct audit *audit);

/* audit_course.c */
void audit_registered_entry (struct audit *audit);
void audit_moved (struct audit *audit);
void audit_proposal (struct audit *audit);
void audit_asked (struct audit *audit);
void audit_ask_answered (struct audit *audit);
void audit_document (struct audit *audit);
void audit_course_finish (struct audit *audit, const struct audit_positions *positions);

/* audit_ways.c: may this step lead from here to there? */
bool audit_way_exists (enum step step, enum state from, enum state to);

/* audit_clocks.c, audit_raises.c */
void audit_clocks (struct audit *audit);
struct audit_clock *audit_clock_of (struct audit *audit,
                                    const struct audit_grievance *grievance,
                                    enum duty duty, uint32_t owner);
void audit_clocks_finish (struct audit *audit, const struct audit_positions *positions);
void audit_raised (struct audit *audit);
void audit_raise_ended (struct audit *audit);

/* audit_days.c: a registration, a first placement, any step before it is folded; the end */
void audit_days_registered (struct audit *audit, struct audit_grievance *grievance);
void audit_days_placed (struct audit *audit, struct audit_grievance *grievance);
void audit_days_moved (struct audit *audit, const struct audit_grievance *grievance);
void audit_days_finish (struct audit *audit, const struct audit_positions *positions);
void audit_days_done (struct audit_days *days);

/* audit_body.c: of tables and documents */
void audit_body (struct audit *audit);

/* audit_notices.c */
void audit_notice (struct audit *audit);
void audit_notice_moved (struct audit *audit);

#endif
