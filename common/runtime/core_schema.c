/* SPDX-License-Identifier: Apache-2.0 */
/* The layout of a store has a number, the core's and the service's. What an older program
 * wrote is brought to ours at the start; what a newer one wrote is left alone.
 *
 *   meta "core.schema"          u32   of the core's tables
 *   meta "core.service_schema"  u32   of the service's own; absent: 1
 *
 *   schema 1   the first stores
 *   schema 2   rows that fired leave the agenda by an entry; damaged entries and
 *              incarnations are tables; positions of followed journals carry an incarnation
 *
 * A migration is one transaction: its steps, the refold of the facts, and the new number.
 * Whatever interrupts it leaves the old store, whole, for the next try or for the program
 * that wrote it. What the journal says never changes, so nearly every step is the refold. */
#include "runtime/core_inside.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/log.h"

/* What leads from a schema to the next one. A layout that the fold cannot make (of meta,
 * say) gets a function of its own here. */
typedef int schema_step_fn (struct core *core, struct err *err);
static schema_step_fn *const steps[CORE_SCHEMA] = {
    [1] = facts_refold,
};

static uint32_t number_get (struct txn *txn, const char *name, uint32_t absent)
{
    struct bytes value;
    if (!meta_get (txn, name, &value))
        return absent;
    return value.size == 4 ? get_be32 (value.data) : 0;
}

static void number_put (struct txn *txn, const char *name, uint32_t number)
{
    uint8_t value[4];
    put_be32 (value, number);
    meta_put (txn, name, BYTES_OF (value));
}

static uint32_t service_schema (const struct core *core)
{
    return core->spec->schema != 0 ? core->spec->schema : 1;
}

static void numbers_put (struct core *core, struct txn *txn)
{
    number_put (txn, "schema", CORE_SCHEMA);
    number_put (txn, "service_schema", service_schema (core));
}

bool schema_is_new_store (struct core *core, struct txn *txn)
{
    for (unsigned i = 0; i < CORE_TABLES + core->spec->n_tables; i++)
        if (txn_count (txn, i) != 0)
            return false;
    return txn_error (txn) == 0;
}

void schema_begin (struct core *core, struct txn *txn)
{
    numbers_put (core, txn);
}

static int refuse_newer (const struct core *core, const char *whose, uint32_t found,
                         uint32_t ours, struct err *err)
{
    return err_set (
        err, -EINVAL,
        "the store in %s was written by a newer program: %s schema is %" PRIu32
        ", this one (" MINQING_VERSION ") knows %" PRIu32
        "; install the newer program, or restore a backup into an empty "
        "folder. Nothing was changed",
        core->options.dir, whose, found, ours);
}

int schema_look (struct core *core, struct txn *txn, struct err *err)
{
    uint32_t found = number_get (txn, "schema", 0);
    uint32_t of_service = number_get (txn, "service_schema", 1);
    if (found == 0 || of_service == 0)
        return err_set (
            err, -EINVAL,
            "the store in %s does not say which schema it has: it is no store "
            "of minqing-%s, or its first records are damaged; restore it from "
            "a backup. Nothing was changed",
            core->options.dir, core->spec->name);
    if (found > CORE_SCHEMA)
        return refuse_newer (core, "its", found, CORE_SCHEMA, err);
    if (of_service > service_schema (core))
        return refuse_newer (core, "its service's", of_service, service_schema (core),
                             err);
    core->schema_found = found;
    core->is_older = found < CORE_SCHEMA || of_service < service_schema (core);
    return 0;
}

/* ---- migration --------------------------------------------------------------------- */

static int steps_run (struct core *core, struct err *err)
{
    bool is_refolded = false;
    for (uint32_t from = core->schema_found; from < CORE_SCHEMA; from++) {
        if (steps[from] == facts_refold && is_refolded)
            continue; /* once does for all */
        is_refolded = is_refolded || steps[from] == facts_refold;
        int rc = steps[from](core, err);
        if (rc < 0)
            return rc;
    }
    return is_refolded ? 0 : facts_refold (core, err);
}

/* A refold writes every fact once more before the old pages are free. */
static int cannot_write (const struct core *core, int rc, struct err *err)
{
    return err_set (err, rc,
                    "the store in %s could not be brought to schema %d (%s); it is as it "
                    "was%s",
                    core->options.dir, CORE_SCHEMA, strerror (-rc),
                    rc == -ENOSPC ? ": give it a larger map_mib, or the disk more room"
                                  : "");
}

int schema_migrate (struct core *core, struct err *err)
{
    core->txn = txn_begin_write (core->store);
    log_notice ("%s: the store has schema %" PRIu32 ", this program %d: its facts are "
                "folded anew from %" PRIu64 " entries",
                core->spec->name, core->schema_found, CORE_SCHEMA,
                journal_size (core->journal, core->txn));
    int rc = steps_run (core, err);
    if (rc < 0) {
        bool is_store = txn_error (core->txn) < 0;
        txn_abort (&core->txn);
        return is_store ? cannot_write (core, rc, err) : rc;
    }
    numbers_put (core, core->txn);
    rc = txn_commit (&core->txn);
    if (rc < 0)
        return cannot_write (core, rc, err);
    core->is_older = false;
    core->is_half_built = false;
    log_event (LOG_LEVEL_NOTICE, MESSAGE_ID_MIGRATED, NULL,
               "%s: the store has schema %d now; views are followed again",
               core->spec->name, CORE_SCHEMA);
    return 0;
}
