/* SPDX-License-Identifier: Apache-2.0 */
/* One legal document, for whoever prints it. */
#ifndef MINQING_CLI_DOCUMENT_H
#define MINQING_CLI_DOCUMENT_H

#include "cli/session.h"

/* The document of this ordinal (0: the newest) within its grievance, with its text, whose hash was held
 * against the journal's: a terminal asks at intake ('code' may be NULL where it filed it),
 * everybody else at routing. -ENOENT: there is none; -EBADMSG: another text than was
 * issued; what session_query says. Memory: the arena. */
MUST_CHECK int document_read (struct session *session, uint64_t number, const char *code,
                              uint32_t ordinal, struct document_row *ret_row);

#endif
