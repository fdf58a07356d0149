/* SPDX-License-Identifier: Apache-2.0 */
/* Legal documents (DOMAIN §2): which of them a step makes, and what they say. Pure: the
 * words are those of the documents table in force, the dates those of the deadline table;
 * 'document_add.c' finds what they are filled in with.
 *
 * Of accusations (§8) there is none: their organ has its own procedure. */
#ifndef MINQING_ROUTING_DOCUMENT_H
#define MINQING_ROUTING_DOCUMENT_H

#include "base/arena.h"
#include "rules/rules.h"
#include "wire/intake.h"
#include "wire/journal.h"
#include "wire/routing.h"

#define DOCUMENTS_A_STEP                                                                 \
    2 /* a service that ends the course: its record, and the report */

/* The documents that a step makes, in order; how many. 'matter' is the grievance's. */
size_t document_kinds (const struct moved *moved, const struct matter *matter,
                       enum document_kind ret[DOCUMENTS_A_STEP]);

/* A document that another one speaks of. */
struct document_other {
    enum document_kind kind; /* DOCUMENT_NONE: there is none */
    uint32_t ordinal;
};

/* What a document is filled in with. Borrowed for the call. */
struct document_scene {
    const struct rules *rules;
    uint64_t number;
    int64_t now_ms;
    const struct matter *matter;
    const struct statement *statement; /* NULL: erased, or sealed */
    int64_t filed_at_ms;
    int64_t accepted_at_ms; /* from when the time to decide counts; 0: not accepted */
    uint32_t issuer;        /* department */
    uint32_t person;        /* who did it; 0: nobody */
    /* Of a step; NULL for a supervision. */
    const struct moved *moved;
    const struct moved_body *said;
    enum decision_outcome outcome; /* that stands */
    const uint32_t *assisting;
    size_t n_assisting;
    struct document_other decided; /* the last decision, or refusal, on paper */
    /* Of a supervision. */
    const struct raised *raised;
    const char *advice;
};

/* The document: header with the hash of its text, and its body. Memory: the arena. */
void document_make (const struct document_scene *scene, enum document_kind kind,
                    uint32_t ordinal, struct arena *arena, struct document *ret_document,
                    struct document_body *ret_body);

#endif
