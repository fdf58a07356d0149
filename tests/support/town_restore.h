/* SPDX-License-Identifier: Apache-2.0 */
/* A daemon of the town is restored from a backup while the others go on:
 *
 *     CLEANUP (town_backup_destroy) struct town_backup *yesterday =
 *         town_backup (town, SPEAKER_INTAKE);
 *     ... the town goes on ...
 *     town_restore (town, SPEAKER_INTAKE, yesterday);
 *     town_settle (town);
 *
 * Clients are not told: those that keep what was acknowledged send it again by themselves
 * (crowd, terminals), or the test does it. */
#ifndef MINQING_SUPPORT_TOWN_RESTORE_H
#define MINQING_SUPPORT_TOWN_RESTORE_H

#include "town.h"

struct town_backup;

/* The entries of its journal and its keepsake, as they are now. The daemon may be down. */
struct town_backup *town_backup (struct town *town, enum speaker speaker);
/* The same of the entries up to 'sequence' only, as if it had been made then. */
struct town_backup *town_backup_at (struct town *town, enum speaker speaker,
                                    uint64_t sequence);
void town_backup_destroy (struct town_backup **backup);
uint64_t town_backup_size (const struct town_backup *backup); /* entries */

/* Crash it, lose its store, restore it from the backup as a new incarnation, start it.
 * A backup may be used again, also after later restorations: what those began is led
 * across too. */
void town_restore (struct town *town, enum speaker speaker,
                   const struct town_backup *backup);
/* A backup made and restored at once: the store as it was at that entry. */
void town_restore_to (struct town *town, enum speaker speaker, uint64_t sequence);

#endif
