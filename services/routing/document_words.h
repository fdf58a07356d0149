/* SPDX-License-Identifier: Apache-2.0 */
/* What the placeholders of a document stand for. Inside of 'document.c'. */
#ifndef MINQING_ROUTING_DOCUMENT_WORDS_H
#define MINQING_ROUTING_DOCUMENT_WORDS_H

#include "routing/document.h"
#include "rules/documents.h"

#define DOCUMENT_WORDS_MAX 64

struct document_words {
    const struct document_scene *scene;
    struct arena *arena;
    struct template_value values[DOCUMENT_WORDS_MAX];
    size_t count;
};

/* Every value that this document can have. Memory: the arena. */
void document_words_gather (struct document_words *words,
                            const struct document_form *form, uint32_t ordinal);

#endif
