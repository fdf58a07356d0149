/* SPDX-License-Identifier: Apache-2.0 */
/* Clients: who may come in by which key, and what each was already answered.
 *
 * Who: clients.tsv, a table that clerks keep, read whole and checked whole into memory.
 * The key proves the client (CURVE); everything a client may do follows from its row.
 *
 * What was answered: commands carry the client's contiguous counter (1, 2, 3 …). A
 * counter that was used keeps its outcome for ever: the sequence number of the journal
 * entry that recorded it, and 16 bytes of digest that tell a repeat from another command
 * under the same number. That is exactly-once without random keys, and since a client's
 * keys only grow, without scattered writes. Both tables are facts: 'clients_apply' folds
 * them from the daemon's own journal, nothing else writes them. */
#ifndef MINQING_CLIENTS_CLIENTS_H
#define MINQING_CLIENTS_CLIENTS_H

#include "base/err.h"
#include "base/hash.h"
#include "store/txn.h"
#include "wire/control.h"
#include "wire/journal.h"

struct rules;

#define CLIENT_KEY_SIZE 32     /* Curve25519 */
#define CLIENTS_MAX     100000 /* rows: terminals and desks of a province */

struct client {
    uint32_t number; /* 1 …; terminals at most NUMBER_TERMINAL_MAX */
    enum role role;
    uint8_t key[CLIENT_KEY_SIZE];
    uint64_t territory;   /* decimal prefix of village codes; 0: everywhere */
    uint32_t department;  /* whose desk or leader it is; 0: none */
    enum speaker speaker; /* ROLE_DAEMON, by its name; else SPEAKER_NONE */
    int32_t until_day;    /* last day (base/civil.h); INT32_MAX: open */
    const char *name;
};

/* ---- the table ------------------------------------------------------------------ */

struct clients;

/* Read clients.tsv. Columns, in any order: number, role (terminal, dispatcher, desk,
 * leader, daemon, operator, keeper), key (64 hex digits), territory, department, name, until.
 * 'rules' (may be NULL) is asked whether departments exist. All or nothing: -EINVAL and
 * "source:line: what, what to do" for the first problem. The bytes may go when it
 * returns; '*ret' is the caller's. */
MUST_CHECK int clients_parse (struct clients **ret, const char *source, struct bytes tsv,
                              const struct rules *rules, struct err *err);
void clients_destroy (struct clients **clients);

/* NULL: not in the table. Keys of any size may be asked for. */
const struct client *clients_find_key (const struct clients *clients, struct bytes key);
const struct client *clients_find_number (const struct clients *clients, uint32_t number);

size_t clients_count (const struct clients *clients);
const struct client *clients_at (const struct clients *clients, size_t i); /* by number */

/* Its row has not run out. */
bool client_is_current (const struct client *client, int64_t now_ms);
/* The village lies in the client's territory. */
bool client_covers (const struct client *client, uint64_t village);

/* ---- counters and recorded answers ---------------------------------------------- */

/* Tables of the service's store, by index; both belong to this room. */
struct clients_tables {
    unsigned counters;
    unsigned outcomes;
};

/* Where a client stands; one that never sent anything is at {1, 1}. */
struct client_place {
    uint32_t incarnation;
    uint64_t next_counter;
};
void clients_place (struct txn *txn, const struct clients_tables *tables, uint32_t client,
                    struct client_place *ret);

enum admission {
    ADMIT_NEW,        /* next in line: decide it */
    ADMIT_REPEAT,     /* recorded: 'sequence' is the entry to answer from */
    ADMIT_CONFLICT,   /* this counter was used for another command */
    ADMIT_GAP,        /* ahead of 'place.next_counter' */
    ADMIT_INCARNATION /* not the incarnation in force, which 'place' tells */
};

/* Look whether a command may be decided. Reads only. A new incarnation is opened by a
 * command that 'enrols', with counter 1 and the incarnation after the one in force; it is
 * ADMIT_NEW then. 'counter' must not be 0 (assert). */
enum admission clients_admit (struct txn *txn, const struct clients_tables *tables,
                              uint32_t client, uint32_t incarnation, uint64_t counter,
                              bool enrols, const uint8_t content[HASH16_SIZE],
                              struct client_place *ret_place, uint64_t *ret_sequence);

/* Fold one entry of the own journal: an actor with a counter consumes it. Only the first
 * entry of a command carries one. Failures stick in the transaction. */
void clients_apply (struct txn *txn, const struct clients_tables *tables,
                    const struct entry *entry);

#endif
