/* SPDX-License-Identifier: Apache-2.0 */
/* A legal document for people: as an A4 page, and as lines for the printer of a village.
 *
 * Both are pure functions of the row that a DocumentQuery with a sequence answered. The
 * text's lines are laid out by how they begin: a TAB puts the line at the right (number,
 * signature, date), two ideographic spaces begin a paragraph, anything else stands at the
 * left margin (whom it is addressed to, what is filled in by hand). What people wrote into
 * the text is escaped: no line of it can become markup. A row without a text gives a page
 * that says that its text was erased. */
#ifndef MINQING_CLI_DOCUMENT_PAGE_H
#define MINQING_CLI_DOCUMENT_PAGE_H

#include "base/bytes.h"
#include "wire/routing.h"

/* Width of the printed form, in Chinese characters: a line of them and one of twice as many
 * letters are as wide. */
#define DOCUMENT_PAGE_COLUMNS 40

/* A whole HTML document in UTF-8: A4, title in the middle, page numbers, and at the foot the
 * number of the document in routing's journal with the hash of its text. It loads nothing.
 * Appends to 'ret'. */
void document_page_html (const struct document_row *row, struct buffer *ret);

/* The same as plain lines ending in '\n', none wider than DOCUMENT_PAGE_COLUMNS. Appends
 * to 'ret'. */
void document_page_text (const struct document_row *row, struct buffer *ret);

#endif
