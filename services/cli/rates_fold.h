/* SPDX-License-Identifier: Apache-2.0 */
/* Journals folded into what is counted: one record of about 160 bytes a grievance, and 24
 * a department that had it.
 *
 * Pure: it is fed entries in the order of each journal (the journals in the order intake,
 * routing, escalation) and knows no daemon, no store, no table. What is due when is taken
 * from escalation's ledger, never computed again. Accusations are a day each and nothing
 * else. */
#ifndef MINQING_CLI_RATES_FOLD_H
#define MINQING_CLI_RATES_FOLD_H

#include "wire/journal.h"

struct rates_fold;

/* A clock of the law as escalation's ledger has it. */
struct rates_clock {
    int64_t from_ms; /* 0: never started */
    int64_t due_ms;
    int64_t stopped_ms; /* 0: runs */
    uint32_t amount;    /* as it was started */
    enum unit unit;
};

enum rates_aspect {
    RATES_RECEPTION_RESULT,
    RATES_RECEPTION_MANNER,
    RATES_DEPARTMENT_RESULT,
    RATES_DEPARTMENT_MANNER,
    RATES_ASPECT_COUNT
};

struct rates_grievance {
    uint64_t number;
    uint64_t village;
    int64_t filed_ms; /* from when its periods are counted */
    /* Whose it is: of the department that answered it first; before that, of whoever has
     * it. 0: the dispatcher. */
    uint32_t department;
    uint32_t category; /* for rates_fold_category */
    int64_t
        received_ms; /* by the department that told the petitioner, or has it; 0: none */
    int64_t told_ms; /* accepted, or not and why; 0: not yet */
    int64_t answered_ms;  /* first decision served, or an agreement signed; 0: not yet */
    uint64_t answered_at; /* sequence in routing's journal */
    struct rates_clock accept, decide;
    uint32_t holdings; /* for rates_fold_holding; 0: none */
    uint16_t objections;
    uint16_t transfers; /* from one department to another, or from person to person */
    uint8_t state;      /* enum state; STATE_NONE: not placed yet */
    uint8_t purpose;
    uint8_t close_reason; /* while it is closed */
    uint8_t ground;     /* why it ends without an answer on the merits; 0: it does not */
    uint8_t repurposed; /* ground of having become another purpose */
    uint8_t outcome;    /* last decided */
    uint8_t served;     /* outcome last served */
    uint8_t skipped; /* highest level it was put forward at: 1 county … 4 the capital */
    uint8_t collective; /* the same by five persons or more, and 1 more; 0: never */
    uint8_t ratings[RATES_ASPECT_COUNT]; /* 1 … 3, the last said; 0: not rated */
    bool is_repeat : 1; /* linked by hand to an earlier one of the same person */
    bool is_extended : 1;
    bool is_reviewed : 1;
    bool is_rereviewed : 1;
    bool is_reversed : 1; /* by a review or a re-review */
    bool is_reopened : 1;
};

/* Persons from which a grievance is a collective one (集体). */
#define RATES_COLLECTIVE_PERSONS 5

/* How long a department, or the dispatcher (0), had a grievance. */
struct rates_holding {
    uint32_t department;
    uint32_t next; /* of the same grievance; 0: the last */
    int64_t spent_ms;
    int64_t since_ms; /* 0, or it has it now, since then, beside what is spent */
};

struct rates_fold *rates_fold_create (void);
void rates_fold_destroy (struct rates_fold **fold);

/* The next entry of a journal. What it does not count is passed over. */
void rates_fold_entry (struct rates_fold *fold, enum speaker speaker,
                       const struct entry *entry);

/* Grievances in the order of their registration; without accusations. */
size_t rates_fold_count (const struct rates_fold *fold);
const struct rates_grievance *rates_fold_at (const struct rates_fold *fold, size_t i);
const struct rates_grievance *rates_fold_find (const struct rates_fold *fold,
                                               uint64_t number);

/* 'at' is rates_grievance.holdings or rates_holding.next; NULL for 0. */
const struct rates_holding *rates_fold_holding (const struct rates_fold *fold,
                                                uint32_t at);

/* Path of a category; "" for none. Categories are numbered from 0 up. */
size_t rates_fold_categories (const struct rates_fold *fold);
const char *rates_fold_category (const struct rates_fold *fold, uint32_t category);

/* Accusations filed on the days from … until. */
uint64_t rates_fold_accusations (const struct rates_fold *fold, int32_t from,
                                 int32_t until);

#endif
