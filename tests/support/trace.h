/* SPDX-License-Identifier: Apache-2.0 */
/* An entry of a journal as lines, for whoever looks for a fault. */
#ifndef MINQING_SUPPORT_TRACE_H
#define MINQING_SUPPORT_TRACE_H

#include <stdio.h>

#include "wire/journal.h"

void trace_entry (FILE *to, const struct entry *entry);

#endif
