/* SPDX-License-Identifier: Apache-2.0 */
/* The protocol's enums in words: a token for programs, metrics, logs and the command line
 * ("hand_back"), and what a person reads ("交回").
 *
 * For each enum X of the list below:
 *
 *     const char *X_name (value)      the token, lower case, words joined by '_'
 *     const char *X_chinese (value)
 *     bool X_parse (text, ret_value)  from either; '-' counts as '_', case does not count
 *
 * Names are static and never NULL; a number that the enum does not have (of a newer peer)
 * is "unknown", 未知. "none" is a name and does not parse. */
#ifndef MINQING_WIRE_NAMES_H
#define MINQING_WIRE_NAMES_H

#include "wire/door.h"

#define WIRE_NAMED(X, c_enum)                                                            \
    const char *X##_name (enum c_enum value);                                            \
    const char *X##_chinese (enum c_enum value);                                         \
    MUST_CHECK bool X##_parse (const char *text, enum c_enum *ret_value);

WIRE_NAMED (purpose, purpose)
WIRE_NAMED (form, form)
WIRE_NAMED (channel, channel)
WIRE_NAMED (refusal, refusal_code)
WIRE_NAMED (ground, ground)

WIRE_NAMED (asked, asked)

WIRE_NAMED (state, state)
WIRE_NAMED (step, step)
WIRE_NAMED (decision_outcome, decision_outcome)
WIRE_NAMED (close_reason, close_reason)
WIRE_NAMED (means, means)
WIRE_NAMED (contacted, contacted)
WIRE_NAMED (document_kind, document_kind)

WIRE_NAMED (duty, duty)
WIRE_NAMED (unit, unit)
WIRE_NAMED (clock_action, clock_action)
WIRE_NAMED (cause, cause)
WIRE_NAMED (adoption, adoption)

WIRE_NAMED (notice_state, notice_state)
WIRE_NAMED (recipient, recipient)

WIRE_NAMED (speaker, speaker)
WIRE_NAMED (kind, kind)
WIRE_NAMED (follow_problem, follow_problem)

WIRE_NAMED (role, role)
WIRE_NAMED (control_verb, control_verb)

#undef WIRE_NAMED

#endif
