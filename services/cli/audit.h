/* SPDX-License-Identifier: Apache-2.0 */
/* The audit: four journals read from the first entry, and what must hold between them.
 *
 * Pure: it is fed entries in the order of each journal (the journals in the order intake,
 * routing, escalation, notification) and knows no daemon, no store, no table. It keeps
 * about 64 bytes a grievance.
 *
 * What it holds the journals to:
 *   each    no gap; time never goes back; every client's counters contiguous within an
 *           incarnation, and incarnations rising
 *   intake  a number is registered once
 *   routing every registered grievance is placed once, none is placed that was not
 *           registered; each step begins in the state where the one before ended;
 *           fencing numbers rise; a holder never without a department; what asks for two
 *           persons was proposed by one and done by another; a closing says why; the
 *           instance rises by reviews alone
 *   escalation  every open grievance has exactly one stage and one whole duty, a closed
 *           one none; no raise for one (duty, share, level) twice; an answer or a
 *           withdrawal ends a raise that is open, once
 *   notification  a notice is moved only after it was queued, and never after its end */
#ifndef MINQING_CLI_AUDIT_H
#define MINQING_CLI_AUDIT_H

#include "wire/journal.h"

#define AUDIT_FINDINGS_SHOWN 20

struct audit;

/* One grievance as the journals have it. */
struct audit_grievance {
    uint64_t number;
    uint64_t village;
    uint64_t fencing; /* the greatest so far */
    uint32_t department;
    uint32_t holder;
    uint8_t state; /* enum state; STATE_NONE: registered, not yet placed */
    uint8_t stage_duties;
    uint8_t whole_duties;
    uint8_t level;
    uint8_t proposed; /* enum step that waits for its second person */
    uint8_t instance; /* 1 first decision, 2 review, 3 re-review */
};

struct audit *audit_create (void);
void audit_destroy (struct audit **audit);

/* The next entry of a journal. */
void audit_entry (struct audit *audit, enum speaker speaker, const struct entry *entry);

/* After the last entry of every journal: what holds between them. 'placed_up_to' and
 * 'clocked_up_to' are the positions that routing and escalation have reached in intake's
 * and routing's journals: what lies behind them cannot be asked for yet. */
void audit_finish (struct audit *audit, uint64_t routing_at, uint64_t escalation_at);

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

/* Every grievance, in no order. */
void audit_each (const struct audit *audit,
                 void (*visit) (void *arg, const struct audit_grievance *grievance),
                 void *arg);

#endif
