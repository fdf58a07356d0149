/* SPDX-License-Identifier: Apache-2.0 */
/* Which fields a step needs, which it may have. What it does not use is refused as a
 * mistake: a worker who gives an outcome with 'accept' meant something else. */
#ifndef MINQING_ROUTING_STEP_FORM_H
#define MINQING_ROUTING_STEP_FORM_H

#include "runtime/core.h"

/* Refuses and returns false where a field is missing, superfluous or over its bound, and
 * for steps that are nobody's to command. */
bool routing_form_fits (const struct step_command *command, struct decision *decision);

#endif
