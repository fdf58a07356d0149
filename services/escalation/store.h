/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of the escalation daemon: grievances, their ledgers, raises. All of it is the
 * fold of the own journal (apply.c writes, everything else reads).
 *
 *   grievances  number/8                → opened/8 closed/8 department/4 level/1 peak/1
 *                                         clocks/2 open raises/2 told/4 · Matter
 *   ledger      number/8 no/2           → stopped/8 entry/8 next/1 place/1
 *   raises      number/8 raise/8        → raised/8 ended/8 end/8 clock/2 withdrawn/1
 *                                         adoption/1 · Raised
 *   open        raise/8                 → number/8
 *   provisional due/8 number/8 no/2     → –
 *   adrift      swept/1 number/8        → –
 *   tallies     one byte, 'm'           → tallies (enum escalation_tally), 8 bytes each
 *
 * Numbers are big-endian; what stands behind '·' is the message of that name as the
 * protocol encodes it. Read functions copy into 'arena'. A record that cannot be read
 * lets -EBADMSG stick in the transaction.
 *
 * A line of the ledger is the change at 'place' in the entry 'entry' of the own journal; what
 * stands there is not kept twice. What was written about a raise (a supervision's advice, the
 * answer) stands in the journal, in the bodies of the entries 'raise' and 'end'.
 *
 * The agenda holds one row per running clock, its next step, and one per raise that waits
 * for an answer and can still climb. */
#ifndef MINQING_SERVICES_ESCALATION_STORE_H
#define MINQING_SERVICES_ESCALATION_STORE_H

#include "base/arena.h"
#include "store/txn.h"
#include "wire/journal.h"

struct core;

enum escalation_table {
    ESCALATION_GRIEVANCES,
    ESCALATION_LEDGER,
    ESCALATION_RAISES,
    ESCALATION_OPEN,
    ESCALATION_PROVISIONAL,
    ESCALATION_TALLIES,
    ESCALATION_ADRIFT,
    ESCALATION_TABLES
};

extern const char *const escalation_tables[ESCALATION_TABLES];

/* Kinds of rows on the agenda; the numbers are on disk. */
enum escalation_agenda {
    AGENDA_STEP = 1,   /* subject: grievance; part: clock << 8 | step */
    AGENDA_SWEEP = 2,  /* subject: closed grievance; part: raises still open */
    AGENDA_CANARY = 3, /* subject 0 */
    AGENDA_SETTLE = 4, /* subject 0: go on settling provisional dates */
    AGENDA_ANSWER = 5, /* subject: raise whose answer is due */
    AGENDA_ADRIFT = 6, /* subject 0: what a restored routing has not said again */
};

/* A grievance as its clocks see it. */
struct escalation_grievance {
    uint64_t number;
    struct matter matter;
    int64_t opened_ms;
    int64_t closed_ms;   /* 0: open */
    uint32_t department; /* with whom it lies; 0: the dispatcher */
    uint8_t level;       /* of the raises that are open; 0: none */
    uint8_t peak;        /* highest level ever: a dispute goes one above it */
    uint16_t clocks;     /* lines of the ledger */
    uint16_t open_raises;
    uint32_t told; /* ESCALATION_TOLD bits: never twice for one cause and level */
};

/* Group, urgent, objections, hand-overs, dispute: five levels each. */
#define ESCALATION_TOLD(cause, level)                                                    \
    (UINT32_C (1) << (((unsigned) (cause) -CAUSE_OBJECTIONS) * 5 + (level)))

/* A line of the ledger: a clock as it was started, extended, settled, paused or resumed, and
 * until when it stood so. */
struct escalation_clock {
    uint16_t no;  /* 1, 2, 3 … within its grievance */
    uint8_t next; /* step (index into change.bands) that fires next; n_bands: none */
    int64_t stopped_ms; /* stopped, or went on in another line; 0: this is how it is */
    uint64_t entry;     /* that says 'change', */
    uint8_t place;      /* and where in it */
    struct clock_change change;
};

struct escalation_raise {
    uint64_t raise;
    uint64_t number; /* 0: about a silent source */
    uint16_t clock;  /* line of the ledger; 0: none */
    bool withdrawn;
    int64_t raised_ms;
    int64_t ended_ms; /* 0: open */
    uint64_t end;     /* the entry that ended it */
    enum adoption adoption;
    struct raised raised;
};

/* Counts and marks, kept by apply so that gauges cost nothing. Numbers are on disk. */
enum escalation_tally {
    TALLY_GRIEVANCES,
    TALLY_OPEN,
    TALLY_STAGE, /* running clocks by duty: TALLY_STAGE - DUTY_STAGE + duty */
    TALLY_WHOLE,
    TALLY_HOLDER,
    TALLY_ASSISTING,
    TALLY_TASK,
    TALLY_RAISES_OPEN,
    TALLY_RAISED, /* ever, by cause: TALLY_RAISED + cause */
    TALLY_RAISED_END = TALLY_RAISED + 15,
    TALLY_WITHDRAWN,
    TALLY_CANARY_MS, /* when it last fired */
    TALLY_CANARY_DUE_MS,
    TALLY_SETTLE_DUE_MS,
    TALLY_SILENT_RAISE, /* the open raise about a silent source, or 0 */
    TALLY_SILENT_MS,    /* when the latest of them was raised, open or answered */
    TALLY_ADRIFT_DUE_MS,
    TALLY_COUNT
};

struct escalation_tallies {
    uint64_t of[TALLY_COUNT];
};

/* False when there is none; '*ret' untouched. */
bool escalation_grievance_find (struct txn *txn, uint64_t number, struct arena *arena,
                                struct escalation_grievance *ret);
void escalation_grievance_put (struct txn *txn, struct arena *arena,
                               const struct escalation_grievance *grievance);

/* The whole ledger, oldest first. Returns how many; '*ret' is in the arena, with room for
 * LIMIT_CLOCK_CHANGES lines more. */
size_t escalation_ledger_read (struct core *core, struct txn *txn,
                               const struct escalation_grievance *of, struct arena *arena,
                               struct escalation_clock **ret);
bool escalation_clock_find (struct core *core, struct txn *txn, uint64_t number,
                            uint16_t no, struct arena *arena,
                            struct escalation_clock *ret);
/* Write a line, and keep the list of provisional ones. */
void escalation_clock_put (struct txn *txn, uint64_t number,
                           const struct escalation_clock *clock);

/* The clock of this duty that runs or stands still, of this owner where several may run
 * (ASSISTING); NULL: none. */
struct escalation_clock *escalation_clock_running (struct escalation_clock *clocks,
                                                   size_t count, enum duty duty,
                                                   uint32_t owner);

bool escalation_raise_find (struct txn *txn, uint64_t raise, struct arena *arena,
                            struct escalation_raise *ret); /* an open one */
void escalation_raise_put (struct txn *txn, struct arena *arena,
                           const struct escalation_raise *raise);

/* Raises of a grievance (number 0: about sources), or of all grievances the open ones,
 * behind raise 'after', at most 'max'. Returns how many. */
size_t escalation_raises_of (struct txn *txn, uint64_t number, uint64_t after,
                             bool open_only, size_t max, struct arena *arena,
                             struct escalation_raise *ret);
size_t escalation_raises_open (struct txn *txn, uint64_t after, size_t max,
                               struct arena *arena, struct escalation_raise *ret);

/* Grievances with a running clock whose provisional due instant is not behind 'until_ms',
 * earliest first, each once, at most 'max'. */
size_t escalation_provisional (struct txn *txn, int64_t until_ms, size_t max,
                               uint64_t *ret_numbers);

/* Its clocks run by what routing said and lost since. 'swept': they have ended, since a
 * restored routing did not know of it. */
enum escalation_drift { DRIFT_NONE, DRIFT_ADRIFT, DRIFT_SWEPT };
enum escalation_drift escalation_drift (struct txn *txn, uint64_t number);
void escalation_drift_put (struct txn *txn, uint64_t number, enum escalation_drift drift);
/* Those that are adrift, lowest numbers first, at most 'max'. */
size_t escalation_adrift (struct txn *txn, size_t max, uint64_t *ret_numbers);

void escalation_tallies_read (struct txn *txn, struct escalation_tallies *ret);
void escalation_tallies_put (struct txn *txn, const struct escalation_tallies *tallies);

#endif
