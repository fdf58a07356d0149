/* SPDX-License-Identifier: Apache-2.0 */
/* Tables in force: the eleven of the rules and the clients', journaled whole when they take
 * effect, so that it can be told years later which rule an event was made by, and so
 * that a daemon starts by what is in force rather than by what lies in a folder.
 *
 *   table events: name → sequence (8) version (8)                                       */
#include "runtime/core_inside.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "wire/wire.h"

#define CLIENTS_TABLE "clients"
#define RECORD_SIZE   16

static struct bytes table_key (struct key *key, const char *name)
{
    key_init (key);
    key_text (key, name);
    return key_view (key);
}

/* Names come from entries of our own making, but a key has its limit. */
static bool name_fits (const char *name)
{
    return name[0] != '\0' && strlen (name) <= KEY_SIZE_MAX;
}

void tables_apply (struct core *core, const struct entry *entry)
{
    struct key key;
    uint8_t record[RECORD_SIZE];
    if (entry->kind != KIND_TABLE || entry->table == NULL ||
        !name_fits (entry->table->name))
        return;
    put_be64 (record, entry->sequence);
    put_be64 (record + 8, entry->table->version);
    txn_put (core->txn, CORE_TABLE_EVENTS, table_key (&key, entry->table->name),
             BYTES_OF (record));
}

/* The version in force; 0: none yet. */
static uint64_t version_in_force (struct txn *txn, const char *name,
                                  uint64_t *ret_sequence)
{
    struct key key;
    struct bytes record;
    if (!txn_get (txn, CORE_TABLE_EVENTS, table_key (&key, name), &record) ||
        record.size != RECORD_SIZE)
        return 0;
    if (ret_sequence != NULL)
        *ret_sequence = get_be64 (record.data);
    return get_be64 (record.data + 8);
}

/* ---- into force -------------------------------------------------------------------- */

static void table_journal (struct core *core, const char *name, struct bytes table)
{
    uint64_t version = rules_version (table);
    if (version_in_force (core->txn, name, NULL) == version)
        return;
    arena_reset (&core->scratch);
    struct event *event = ARENA_NEW (&core->scratch, struct event);
    event->entry.kind = KIND_TABLE;
    event->entry.informative = true;
    event->entry.table = ARENA_NEW (&core->scratch, struct table_taken);
    *event->entry.table = (struct table_taken){ .name = name, .version = version };
    event->body = table;
    if (core_emit (core, event, NULL, NULL, NULL, NULL))
        log_notice ("table %s is in force, version %016" PRIx64, name, version);
}

void tables_journal (struct core *core, const struct rules_source *sources,
                     struct bytes clients_tsv)
{
    for (unsigned i = 0; i < RULES_TABLE_COUNT; i++)
        table_journal (core, rules_table_name ((enum rules_table) i), sources[i].bytes);
    table_journal (core, CLIENTS_TABLE, clients_tsv);
}

int tables_take (struct core *core, const struct rules_source *sources,
                 struct bytes clients_tsv, struct rules **ret_rules,
                 struct clients **ret_clients, struct err *err)
{
    struct rules *rules;
    (void) core;
    if (clients_tsv.size > RULES_TABLE_BYTES_MAX)
        return err_set (err, -EFBIG, "the clients table is larger than %d bytes",
                        RULES_TABLE_BYTES_MAX);
    int rc = rules_parse (&rules, sources, err);
    if (rc < 0)
        return rc;
    rc = clients_parse (ret_clients, "clients.tsv", clients_tsv, rules, err);
    if (rc < 0)
        rules_destroy (&rules);
    else
        *ret_rules = rules;
    return rc;
}

void tables_swap (struct core *core, struct rules *rules, struct clients *clients,
                  struct bytes clients_tsv)
{
    struct rules *old_rules = core->rules;
    struct clients *old_clients = core->clients;
    core->rules = rules;
    core->clients = clients;
    core->clients_version = rules_version (clients_tsv);
    core->subscribers_day = INT32_MIN;
    if (core->spec->rules != NULL)
        core->spec->rules (core->self, rules);
    rules_destroy (&old_rules);
    clients_destroy (&old_clients);
}

/* ---- read back --------------------------------------------------------------------- */

/* The body is held against its hash; the version was counted when it came into force. */
static bool table_read (struct core *core, struct txn *txn, const char *name,
                        struct rules_source *ret_table)
{
    struct journal_record record;
    uint64_t sequence = 0, version = version_in_force (txn, name, &sequence);
    if (version == 0 || journal_read (core->journal, txn, sequence, &record) < 0)
        return false;
    *ret_table =
        (struct rules_source){ .name = name, .bytes = record.body, .version = version };
    return true;
}

int tables_load (struct core *core, struct err *err)
{
    struct rules_source sources[RULES_TABLE_COUNT];
    struct rules_source clients_tsv;
    struct rules *rules;
    struct clients *clients;
    struct txn *txn = txn_begin_read (core->store);
    bool is_there = table_read (core, txn, CLIENTS_TABLE, &clients_tsv);
    for (unsigned i = 0; i < RULES_TABLE_COUNT && is_there; i++)
        is_there =
            table_read (core, txn, rules_table_name ((enum rules_table) i), &sources[i]);
    int rc = 0;
    if (is_there) {
        rc = tables_take (core, sources, clients_tsv.bytes, &rules, &clients, err);
        if (rc == 0)
            tables_swap (core, rules, clients, clients_tsv.bytes);
    }
    txn_abort (&txn);
    return rc;
}

/* ---- told -------------------------------------------------------------------------- */

const struct rules *core_rules (const struct core *core)
{
    return core->rules;
}

const struct clients *core_clients (const struct core *core)
{
    return core->clients;
}

uint64_t core_table_version (const struct core *core, enum rules_table table)
{
    return core->rules != NULL ? core->rules->version[table] : 0;
}
