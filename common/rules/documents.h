/* SPDX-License-Identifier: Apache-2.0 */
/* Legal documents: their forms, what may stand in braces, and filling them in. Every kind
 * has exactly one form; the loader checks that, and that placeholders are known.
 *
 * One form serves all cases of its document: a line in which a placeholder has no value is
 * left out. Placeholders that begin with "if_" stand for nothing and only choose so. */
#ifndef MINQING_RULES_DOCUMENTS_H
#define MINQING_RULES_DOCUMENTS_H

#include "rules/templates.h"

/* Bytes of one form: what people say has to fit beside it. */
#define DOCUMENT_FORM_MAX 12000

/* Placeholders that a form may use, by name without braces; ends with NULL. */
extern const char *const document_placeholders[];

/* Never NULL for a kind of rules that were loaded. */
const struct document_form *document_form_find (const struct rules *rules,
                                                enum document_kind kind);

/* Is it for the petitioner, and read only by who may know them? Others travel between
 * departments; their forms may not name the petitioner nor quote (the loader). */
bool document_is_personal (enum document_kind kind);

/* Placeholders that a letter between departments may not use; ends with NULL. */
extern const char *const document_personal_placeholders[];

/* The form's text with every {name} replaced, lines without their value left out. What
 * stands behind a line break of a value begins a paragraph (two ideographic spaces), and a
 * value has no TAB: what people wrote cannot pass for the signature. Values that are too
 * long for 'most' bytes altogether are cut, and that is said in the text. Appends to 'ret'
 * at most 'most' bytes, 'most' being 32 KiB or more. */
void document_fill (const struct document_form *form, const struct template_value *values,
                    size_t count, size_t most, struct buffer *ret);

#endif
