/* SPDX-License-Identifier: Apache-2.0 */
/* Whose days these are, by escalation's ledger: for 'deadline explain' and 'rates'. */
#ifndef MINQING_CLI_HOLDER_H
#define MINQING_CLI_HOLDER_H

#include "wire/escalation.h"

/* Does this line of the ledger say who had the grievance? A holder's own clock does; where
 * none runs, the stage in which its owner has to act (execute, confirm, follow a diverted
 * one). While a window runs the petitioner has it, and nobody's days pass. */
bool holder_is_said (enum duty duty, const char *stage);

#endif
