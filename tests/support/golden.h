/* SPDX-License-Identifier: Apache-2.0 */
/* Golden journals: what a release wrote, kept for ever, and the digest of its fold. */
#ifndef MINQING_SUPPORT_GOLDEN_H
#define MINQING_SUPPORT_GOLDEN_H

#include "town.h"

/* Write the journal of a daemon of the town as a backup is written, into DIR/SERVICE. The
 * folder 'dir' exists. */
void golden_write (struct town *town, enum speaker speaker, const char *dir);

/* Fold what lies in DIR/SERVICE into a store in 'store_dir', which exists and is empty, and
 * open it: what cannot be done fails the test. */
struct core *golden_fold (const struct service_spec *spec, const char *dir,
                          const char *store_dir);

/* SHA-256 over the name of every table of facts that is not empty and its records, so that
 * a table more, as long as nothing is in it, changes nothing. */
struct hash golden_digest (struct core *core, const struct service_spec *spec);

#endif
