/* SPDX-License-Identifier: Apache-2.0 */
/* A client of a town as it is in a village or an office: with a spool on its own disk and the
 * sender that a terminal runs (cli/talk.h). What it says is kept, and said again to a daemon
 * that was restored. The spool can be copied, and put back as it was. */
#ifndef MINQING_SUPPORT_TELLER_H
#define MINQING_SUPPORT_TELLER_H

#include "cli/spool.h"
#include "cli/talk.h"
#include "town.h"

struct teller;

/* 'dir' is made if it is not there; the client is the town's. Fails the test, as all here,
 * where it cannot. */
struct teller *teller_create (struct town *town, struct town_client *client,
                              uint32_t number, const char *dir);
void teller_destroy (struct teller **teller);

/* Write down; nothing is sent. */
uint64_t teller_file (struct teller *teller, const struct filing *filing); /* number */
uint64_t teller_say (struct teller *teller, enum speaker speaker,
                     const struct command *command); /* counter */

/* Send and hear until nothing is left to say to these daemons, or 'patience_ms' of the town
 * have passed. 0; or what ended it (-ESTALE). */
int teller_send (struct teller *teller, enum speaker speaker, int64_t patience_ms);
/* Say what there is to say and let the daemon do it, but hear none of the answers: they are
 * lost with the connection. */
void teller_send_deaf (struct teller *teller, enum speaker speaker);
/* The connection breaks; the next sending asks how things stand. */
void teller_hang_up (struct teller *teller);

struct spool *teller_spool (const struct teller *teller);
/* What is on its disk into another folder. */
void teller_copy (struct teller *teller, const char *dir);
/* Commands that are to be corrected, by code; REFUSAL_NONE: all. */
size_t teller_refused (struct teller *teller, enum refusal_code code);
/* The outcome of the last command. Memory: the town's, until 'town_forget'. */
struct outcome *teller_last (struct teller *teller, enum speaker speaker);

#endif
