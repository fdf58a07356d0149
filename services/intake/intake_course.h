/* SPDX-License-Identifier: Apache-2.0 */
/* The whole course of a grievance as it stands, whoever it lies with: own facts and the
 * steps of the other daemons in one order of time. */
#ifndef MINQING_INTAKE_INTAKE_COURSE_H
#define MINQING_INTAKE_INTAKE_COURSE_H

#include "intake/intake_store.h"

/* What one answer carries at most: the newest steps whose records fit. */
#define INTAKE_COURSE_BYTES (512u << 10)

/* How much the asker may see: what happened, or also what was written. */
enum intake_sight { INTAKE_SIGHT_STEPS, INTAKE_SIGHT_TEXT };

/* NULL: the journal does not give its registration back. Memory: the arena. */
struct course *intake_course (struct core *core, struct txn *txn, uint64_t number,
                              const struct intake_grievance *grievance,
                              enum intake_sight sight, struct arena *arena);

/* The documents that are the petitioner's to see, without their texts, oldest first. */
struct documents *intake_documents (struct txn *txn, uint64_t number,
                                    struct arena *arena);
/* The one that stands at this position of routing's journal, whole. NULL: no such. */
struct documents *intake_document (struct txn *txn, uint64_t number, uint64_t sequence,
                                   struct arena *arena);

/* Whom to tell: name and telephone where the body gives them, always the terminal. */
struct petitioner_contact *intake_contact (struct core *core, struct txn *txn,
                                           uint64_t number,
                                           const struct intake_grievance *grievance,
                                           struct arena *arena);

#endif
