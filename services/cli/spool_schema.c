/* SPDX-License-Identifier: Apache-2.0 */
/* The layout of a spool has a number, so that an older program does not write into what a
 * newer one made:
 *
 *   meta "schema" → u32
 *
 *   schema 1   had no number
 *   schema 2   doors know what was pruned and which incarnation was opened; stretches
 *
 * Schema 2 reads the records of schema 1 as they are (what is not there is 0), so that the
 * migration is the number alone, in one transaction. */
#include "cli/spool_records.h"

#include <errno.h>
#include <inttypes.h>

#define SPOOL_SCHEMA 2

static struct bytes schema_key (void)
{
    return bytes_of_text ("schema");
}

/* What it says; 1: a spool of before there were numbers; 0: nothing was written yet. */
static uint32_t schema_found (struct txn *txn)
{
    struct bytes value;
    if (txn_get (txn, SPOOL_META, schema_key (), &value))
        return value.size == 4 ? get_be32 (value.data) : UINT32_MAX;
    for (unsigned i = 0; i < SPOOL_META; i++)
        if (txn_count (txn, i) > 0)
            return 1;
    return 0;
}

static int schema_write (struct store *store, struct err *err)
{
    uint8_t value[4];
    struct txn *txn = txn_begin_write (store);
    put_be32 (value, SPOOL_SCHEMA);
    txn_put (txn, SPOOL_META, schema_key (), BYTES_OF (value));
    int rc = txn_commit (&txn);
    if (rc < 0)
        return err_set (err, rc, "the spool in %s cannot be written", store_dir (store));
    return 0;
}

int spool_check_schema (struct store *store, struct err *err)
{
    struct txn *txn = txn_begin_read (store);
    uint32_t found = schema_found (txn);
    int rc = txn_error (txn);
    txn_abort (&txn);
    if (rc < 0)
        return err_set (err, rc, "the spool in %s cannot be read", store_dir (store));
    if (found == UINT32_MAX)
        return err_set (err, -EINVAL,
                        "the spool in %s does not say which schema it has: its first "
                        "records are damaged",
                        store_dir (store));
    if (found > SPOOL_SCHEMA)
        return err_set (err, -EINVAL,
                        "the spool in %s was written by a newer program: its schema is "
                        "%" PRIu32 ", this one (" MINQING_VERSION ") knows %d; use the "
                        "newer one. Nothing was changed",
                        store_dir (store), found, SPOOL_SCHEMA);
    return found < SPOOL_SCHEMA ? schema_write (store, err) : 0;
}
