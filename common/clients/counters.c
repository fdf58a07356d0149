/* SPDX-License-Identifier: Apache-2.0 */
/* Counters and recorded answers: exactly once, for ever, in two rows a command.
 *
 *   counters:  client (4)                                → incarnation (4) next (8)
 *   outcomes:  client (4) | incarnation (4) | counter (8) → sequence (8) digest (16)
 *
 * The keys of one client only grow, and those of many grow in as many places: no commit
 * rewrites a page per command. Outcomes of earlier incarnations stay, for audits. */
#include "clients/clients.h"

#include <string.h>

#include "base/fault.h"

#define PLACE_SIZE   12
#define OUTCOME_SIZE (8 + HASH16_SIZE)

static struct bytes counter_key (struct key *key, uint32_t client)
{
    key_init (key);
    key_u32 (key, client);
    return key_view (key);
}

static struct bytes outcome_key (struct key *key, uint32_t client, uint32_t incarnation,
                                 uint64_t counter)
{
    key_init (key);
    key_u32 (key, client);
    key_u32 (key, incarnation);
    key_u64 (key, counter);
    return key_view (key);
}

void clients_place (struct txn *txn, const struct clients_tables *tables, uint32_t client,
                    struct client_place *ret)
{
    struct key key;
    struct bytes value;
    *ret = (struct client_place){ .incarnation = 1, .next_counter = 1 };
    if (!txn_get (txn, tables->counters, counter_key (&key, client), &value) ||
        value.size != PLACE_SIZE)
        return;
    ret->incarnation = get_be32 (value.data);
    ret->next_counter = get_be64 (value.data + 4);
}

enum admission clients_admit (struct txn *txn, const struct clients_tables *tables,
                              uint32_t client, uint32_t incarnation, uint64_t counter,
                              bool enrols, const uint8_t content[HASH16_SIZE],
                              struct client_place *ret_place, uint64_t *ret_sequence)
{
    struct key key;
    struct bytes value;
    assert (counter != 0);
    clients_place (txn, tables, client, ret_place);
    if (incarnation != ret_place->incarnation) {
        bool opens = enrols && counter == 1 && incarnation == ret_place->incarnation + 1;
        return opens ? ADMIT_NEW : ADMIT_INCARNATION;
    }
    if (counter > ret_place->next_counter)
        return ADMIT_GAP;
    if (counter == ret_place->next_counter)
        return ADMIT_NEW;
    /* A used counter has its row; were it lost, saying "used" is what cannot file twice. */
    if (!txn_get (txn, tables->outcomes, outcome_key (&key, client, incarnation, counter),
                  &value) ||
        value.size != OUTCOME_SIZE || memcmp (value.data + 8, content, HASH16_SIZE) != 0)
        return ADMIT_CONFLICT;
    *ret_sequence = get_be64 (value.data);
    return ADMIT_REPEAT;
}

void clients_apply (struct txn *txn, const struct clients_tables *tables,
                    const struct entry *entry)
{
    const struct actor *actor = entry->actor;
    uint8_t place[PLACE_SIZE], outcome[OUTCOME_SIZE] = { 0 };
    struct key key;
    if (actor == NULL || actor->counter == 0)
        return;
    put_be64 (outcome, entry->sequence);
    if (actor->content.size == HASH16_SIZE)
        memcpy (outcome + 8, actor->content.data, HASH16_SIZE);
    /* The fault: nothing was done, so there is nothing to record. */
    if (!FAULT (FORGET_COUNTER) || entry->kind != KIND_REFUSED)
        txn_put (txn, tables->outcomes,
                 outcome_key (&key, actor->client, actor->incarnation, actor->counter),
                 BYTES_OF (outcome));
    put_be32 (place, actor->incarnation);
    put_be64 (place + 4, actor->counter + 1);
    txn_put (txn, tables->counters, counter_key (&key, actor->client), BYTES_OF (place));
}
