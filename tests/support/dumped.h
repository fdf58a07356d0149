/* SPDX-License-Identifier: Apache-2.0 */
/* A store as text, of tests/golden: a line "table key value" for each record, key and value
 * in hex, gzipped. */
#ifndef MINQING_SUPPORT_DUMPED_H
#define MINQING_SUPPORT_DUMPED_H

#include "runtime/core.h"

/* Make the store in 'dir' that the dump describes, with its tables and no others. What
 * cannot be done fails the test. */
void dumped_load (const char *file, const char *dir);

/* SHA-256 over every record of every table that the service knows. */
struct hash dumped_digest (const struct service_spec *spec, const char *dir);

#endif
