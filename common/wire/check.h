/* SPDX-License-Identifier: Apache-2.0 */
/* What a table of fields cannot say: which of several must be there. And the digest that
 * tells one command from another under the same counter.
 *
 * Decoding does not call these: a frame with one such command in it is in order, and the
 * one command is refused by its counter. All return 0, or -EBADMSG with a sentence. */
#ifndef MINQING_WIRE_CHECK_H
#define MINQING_WIRE_CHECK_H

#include "base/arena.h"
#include "base/err.h"
#include "wire/door.h"
#include "wire/limits.h"

/* Exactly one thing to do; counter and incarnation from 1 on; a filing as below. */
MUST_CHECK int command_check (const struct command *command, struct err *err);

/* Exactly one of statement and sealed. Whether it had to be sealed is intake's law. */
MUST_CHECK int filing_check (const struct filing *filing, struct err *err);
MUST_CHECK int filing_body_check (const struct filing_body *body, struct err *err);

/* Exactly one answer. */
MUST_CHECK int outcome_check (const struct outcome *outcome, struct err *err);
MUST_CHECK int reply_check (const struct reply *reply, struct err *err);

/* Exactly one question. */
MUST_CHECK int query_check (const struct query *query, struct err *err);

/* At most one header of an event, and for kinds that have one, theirs: after this
 * 'entry->moved' is there if entry->kind is KIND_MOVED, and so on. Passes kinds that this
 * program does not know, whatever they carry. */
MUST_CHECK int entry_check (const struct entry *entry, struct err *err);

/* The kind of an encoded entry, without decoding it; 0: it cannot be seen. */
uint32_t entry_kind (struct bytes header);

/* Is this ground of the closed list one for the step, as Ground of matter.proto groups them?
 * GROUND_NONE is for the steps that take none. Which of a step's grounds fits a reason or
 * a purpose is routing's law. */
bool ground_is_for (enum ground ground, enum step step);

/* Actor.content: the first 16 bytes of SHA-256 over the command encoded as 'wire_encode'
 * does, with counter 0. A repeat has the same, whatever bytes it came in. */
void command_content (struct arena *arena, const struct command *command,
                      uint8_t ret_content[WIRE_CONTENT_SIZE]);

#endif
