/* SPDX-License-Identifier: Apache-2.0 */
/* Intake's memory: keys and records. Layouts are drawn in intake_store.c. */
#ifndef MINQING_INTAKE_INTAKE_STORE_H
#define MINQING_INTAKE_INTAKE_STORE_H

#include "base/hash.h"
#include "runtime/core.h"
#include "store/cursor.h"

/* Facts first, then views (runtime/core.h). */
enum intake_table {
    INTAKE_GRIEVANCES, /* number → record */
    INTAKE_TERMINALS,  /* terminal → when it last wrote one down */
    INTAKE_SAID,       /* (number, own sequence): supplements and asks */
    INTAKE_FACTS,
    INTAKE_STEPS = INTAKE_FACTS, /* (number, time, speaker, sequence) → course_step */
    INTAKE_RAISES,               /* (number, raise) → level, while it is open */
    INTAKE_DOCUMENTS,            /* (number, routing's sequence) → document */
    INTAKE_MATTERS,              /* number → matter, where routing has changed it */
    INTAKE_TABLES
};
extern const char *const intake_table_names[INTAKE_TABLES];

/* What intake must know of a grievance without opening its journal. */
struct intake_grievance {
    uint64_t registered; /* sequence of its registration */
    bool is_accusation;
    bool is_sealed;
    struct hash code_hash;
};

/* False and untouched: no such grievance. */
bool intake_grievance_find (struct txn *txn, uint64_t number,
                            struct intake_grievance *ret_grievance);
void intake_grievance_put (struct txn *txn, uint64_t number,
                           const struct intake_grievance *grievance);

/* The latest time at which this terminal wrote a grievance down; 0: it never did. */
int64_t intake_terminal_written_ms (struct txn *txn, uint32_t terminal);
void intake_terminal_put (struct txn *txn, uint32_t terminal, int64_t written_ms);

/* Own entries about a grievance after its registration, newest first:
 *   for (sequence = UINT64_MAX; (sequence = intake_said_before (…, sequence)) != 0;) */
void intake_said_put (struct txn *txn, uint64_t number, uint64_t sequence);
uint64_t intake_said_before (struct txn *txn, uint64_t number, uint64_t sequence);

/* View: steps of the other daemons. The cursor walks one grievance's, newest last. */
void intake_step_put (struct txn *txn, uint64_t number, const struct source *source,
                      const struct course_step *step);
struct key intake_steps_of (uint64_t number); /* prefix of its keys */

/* View: the level of a grievance is that of its highest open raise. */
void intake_raise_put (struct txn *txn, uint64_t number, uint64_t raise, uint32_t level);
void intake_raise_delete (struct txn *txn, uint64_t number, uint64_t raise);
uint32_t intake_level (struct txn *txn, uint64_t number);

/* View: category and purpose as routing has them by now. Not found: as they were filed;
 * '*ret_matter' is untouched then. */
void intake_matter_put (struct txn *txn, uint64_t number, const struct matter *matter);
bool intake_matter_find (struct txn *txn, uint64_t number, struct arena *arena,
                         struct matter *ret_matter);

/* View: documents that are the petitioner's to see, text and all. */
void intake_document_put (struct txn *txn, uint64_t number,
                          const struct document_row *document);
/* The document of a record, its text copied into the arena too if 'with_text'. False: the
 * record cannot be read. */
bool intake_document_read (struct bytes record, bool with_text, struct arena *arena,
                           struct document_row *ret_document);
struct key intake_documents_of (uint64_t number); /* prefix of their keys */
struct key intake_document_key (uint64_t number, uint64_t sequence);

#endif
