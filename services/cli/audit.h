/* SPDX-License-Identifier: Apache-2.0 */
/* The audit: four journals read from the first entry, and what must hold between them.
 *
 * Pure: it is fed entries in the order of each journal (the journals in the order intake,
 * routing, escalation, notification) and knows no daemon, no store, no table of a place. It
 * keeps about 80 bytes a grievance, 40 a clock that runs and 8 an entry.
 *
 * What it holds the journals to is the list of its checks, below. What a restoration lost is
 * no fault: entries that name a lost incarnation are counted, and grievances that are known
 * elsewhere and not to their source are listed as missing. A finding never names an
 * accusation's number (DOMAIN §8). */
#ifndef MINQING_CLI_AUDIT_H
#define MINQING_CLI_AUDIT_H

#include "base/hash.h"
#include "wire/journal.h"

#define AUDIT_FINDINGS_SHOWN 20

/* What is looked at. Each may be left out, so that tests can show that it is needed. */
enum audit_check {
    AUDIT_SEQUENCE, /* every journal: 1, 2, 3 … */
    AUDIT_TIME,     /* time never goes back; doubt of the clock is settled once */
    AUDIT_KIND,     /* a speaker's own kinds, with a grievance where they have one */
    AUDIT_STARTED,  /* nothing is promised before 'started' */
    AUDIT_DAMAGED,  /* no entry is set aside; what was is back */
    AUDIT_COUNTER,  /* each client's counters 1, 2, 3 … in incarnations 1, 2, 3 … */
    AUDIT_INCARNATION,  /* a restored journal names what it went on from */
    AUDIT_CROSSED,      /* who acted on lost entries has said so, as the source says */
    AUDIT_TABLE,        /* a table's version was taken before it is named */
    AUDIT_BODY,         /* tables and documents are what their hashes say */
    AUDIT_SOURCE,       /* there is such an entry, of that kind, about that grievance */
    AUDIT_SOURCE_ORDER, /* entries are taken over in order, each for one purpose once */
    AUDIT_NUMBER,       /* the grievance number is one, of that terminal */
    AUDIT_REGISTERED,   /* once */
    AUDIT_PLACED,       /* once, as it was filed; what was registered is somewhere */
    AUDIT_MATTER,       /* village and terminal of a matter never change */
    AUDIT_COURSE,   /* from the state where the step before ended, by a step there is */
    AUDIT_HOLDER,   /* one, of a department, who is the one that acts */
    AUDIT_FENCING,  /* rises with every holder */
    AUDIT_SECOND,   /* what asks for two persons was proposed, and done by another */
    AUDIT_REASON,   /* a closing says why */
    AUDIT_INSTANCE, /* rises by reviews alone */
    AUDIT_COUNTS,   /* objections and hand-overs are counted, one by one */
    AUDIT_ASKED,    /* each request is answered once */
    AUDIT_DOCUMENT, /* ordinals 1, 2, 3 … of a grievance, each announced by its step */
    AUDIT_CLOCK,    /* only what runs is stopped or changed, one of a duty at a time */
    AUDIT_PROMISE,  /* the first whole ends on the day that the receipt gave */
    AUDIT_DUTY,     /* one stage, one whole for what is open; none for what is closed */
    AUDIT_EARLY,    /* nothing is raised before it is due, nor by a clock in doubt */
    AUDIT_TWICE,    /* nor twice for one cause and level */
    AUDIT_LATE,     /* what is due is raised */
    AUDIT_RAISE,    /* ends once, after it was raised */
    AUDIT_NOTICE,   /* is numbered by its sequence and about its source's grievance */
    AUDIT_NOTICE_KEY,  /* nobody is told the same of the same entry twice */
    AUDIT_NOTICE_MOVE, /* is moved as notices move, and not after its end */
    AUDIT_TOLD,        /* who registers is told */
    AUDIT_DAYS, /* by village and day, by department and day: what comes is what goes */
    AUDIT_OUTSIDE, /* what the caller adds: trees, positions, sums, folds */
    AUDIT_CHECKS
};
extern const char *const audit_check_names[AUDIT_CHECKS];

struct audit;

/* One grievance as the journals have it. */
struct audit_grievance {
    uint64_t number;
    uint64_t village;
    uint64_t fencing;    /* the greatest so far */
    uint64_t registered; /* sequence in intake's journal; 0: not known there */
    uint64_t moved;      /* last sequence in routing's; 0: not placed */
    int64_t last_day_ms; /* that the receipt promised */
    uint32_t department;
    uint32_t holder;
    uint32_t clocks; /* those that run: index of the first + 1 */
    int32_t day;     /* it was registered on, as in base/civil.h */
    uint16_t documents;
    uint16_t announced; /* ordinal of the document that is to follow; 0: none */
    uint16_t objections;
    uint16_t transfers;
    uint8_t state; /* enum state; STATE_NONE: registered, not yet placed */
    uint8_t stage_duties;
    uint8_t whole_duties;
    uint8_t level;
    uint8_t proposed; /* enum step that waits for its second person */
    uint8_t instance; /* 1 first decision, 2 review, 3 re-review */
    bool is_accusation;
    bool is_placed; /* by routing, with its registration */
    bool is_told;   /* a notice to the petitioner says that it is registered */
    bool is_parked; /* an input about it was set aside: its clock may not have gone on */
    uint8_t went_back; /* bits by speaker: a restoration lost entries about it */
};

struct audit *audit_create (void);
void audit_destroy (struct audit **audit);
/* Leave one check out. */
void audit_without (struct audit *audit, enum audit_check check);

/* The next entry of a journal. Its leaf hash, and its body where it is to be had (NULL,
 * absent: they are not looked at). */
void audit_entry (struct audit *audit, enum speaker speaker, const struct entry *entry,
                  const struct hash *leaf_hash, struct bytes body);

/* After the last entry of every journal: what holds between them. Followers' positions, as
 * sequences: what lies behind them cannot be asked for yet. */
struct audit_positions {
    uint64_t routing_at;      /* in intake's journal */
    uint64_t escalation_at;   /* in routing's */
    uint64_t notification_at; /* in intake's */
};
void audit_finish (struct audit *audit, const struct audit_positions *positions);

/* Whether this check found something. */
bool audit_has_found (const struct audit *audit, enum audit_check check);
/* How many things are wrong; the first AUDIT_FINDINGS_SHOWN as sentences. */
size_t audit_problems (const struct audit *audit);
const char *audit_finding (const struct audit *audit, size_t i); /* NULL at the end */
/* Let the caller add one of its own (a bad hash, a position). */
void audit_complain (struct audit *audit, const char *format, ...) PRINTF_LIKE (2, 3);

uint64_t audit_entries (const struct audit *audit, enum speaker speaker);
uint64_t audit_registered (const struct audit *audit);
uint64_t audit_refused (const struct audit *audit);
uint64_t audit_in_state (const struct audit *audit, enum state state);
uint64_t audit_notices (const struct audit *audit, enum notice_state state);
/* Inputs that were set aside, and not about an entry that a source has lost. */
uint64_t audit_parked (const struct audit *audit);

/* Entries that were set aside as damaged, and are there again: put back from a backup. */
uint64_t audit_mended (const struct audit *audit);

/* Sums by day (audit_days.c): how many days of a village, and of a department, there are, and
 * how many agree; what is registered and not placed, or placed and not registered. */
struct audit_days_sum {
    uint64_t villages, villages_agree;
    uint64_t departments, departments_agree;
    uint64_t pending; /* routing has not come so far */
    uint64_t parked;  /* was set aside */
    uint64_t missing; /* should be there: a finding names it */
    uint64_t lost;    /* by a restoration of intake */
};
const struct audit_days_sum *audit_days (const struct audit *audit);
/* How many lie with the department: what came, less what went away as the steps say. */
int64_t audit_stand_with (const struct audit *audit, uint32_t department);

/* Every grievance, in no order. */
void audit_each (const struct audit *audit,
                 void (*visit) (void *arg, const struct audit_grievance *grievance),
                 void *arg);

/* ---- what a restoration lost (audit_missing.c) -------------------------------------- */

/* The incarnation that this daemon's journal is in; 1: it was never restored. */
uint32_t audit_incarnation (const struct audit *audit, enum speaker speaker);
/* Entries elsewhere that were taken over from entries it has no more. */
uint64_t audit_lost_sources (const struct audit *audit, enum speaker speaker);

struct audit_missing {
    enum speaker at; /* INTAKE: it has no registration; ROUTING: it lost steps about it */
    uint64_t number; /* 0: an accusation, or not known to be none */
    uint64_t village;
    int32_t day; /* it was filed on, as in base/civil.h; INT32_MIN: not to be told */
    uint32_t department;
};
void audit_each_missing (const struct audit *audit,
                         void (*visit) (void *arg, const struct audit_missing *missing),
                         void *arg);

#endif
