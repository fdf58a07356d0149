/* SPDX-License-Identifier: Apache-2.0 */
#include "dumped.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "store/cursor.h"

#define LINE_MAX_BYTES (8u << 20)
#define MAP_MIB        256

struct loading {
    char *line; /* LINE_MAX_BYTES */
    char *names[STORE_TABLES_MAX];
    size_t n_names;
    struct store *store;
    struct txn *txn;
};

static bool read_line (gzFile file, struct loading *loading)
{
    if (gzgets (file, loading->line, (int) LINE_MAX_BYTES) == NULL)
        return false;
    size_t size = strlen (loading->line);
    assert (size > 0 && loading->line[size - 1] == '\n'); /* else it is too long */
    loading->line[size - 1] = '\0';
    return true;
}

static unsigned table_of (struct loading *loading, const char *name)
{
    for (size_t i = 0; i < loading->n_names; i++)
        if (strcmp (loading->names[i], name) == 0)
            return (unsigned) i;
    assert (loading->n_names < STORE_TABLES_MAX && loading->store == NULL);
    loading->names[loading->n_names] = strdup (name);
    return (unsigned) loading->n_names++;
}

/* In place: two digits become a byte. */
static struct bytes of_hex (char *text)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t *to = (uint8_t *) text;
    size_t size = strlen (text) / 2;
    for (size_t i = 0; i < size; i++) {
        const char *high = strchr (digits, text[2 * i]);
        const char *low = strchr (digits, text[2 * i + 1]);
        assert (high != NULL && low != NULL);
        to[i] = (uint8_t) ((high - digits) << 4 | (low - digits));
    }
    return BYTES (to, size);
}

static void load_line (struct loading *loading)
{
    char *rest = loading->line;
    const char *table = strsep (&rest, " ");
    char *key = strsep (&rest, " ");
    assert (key != NULL && rest != NULL);
    struct bytes key_bytes = of_hex (key);
    txn_put (loading->txn, table_of (loading, table), key_bytes, of_hex (rest));
}

/* Twice: LMDB wants to know the tables before the first record. */
static void pass (struct loading *loading, const char *name)
{
    gzFile file = gzopen (name, "rb");
    assert (file != NULL);
    while (read_line (file, loading))
        if (loading->txn != NULL)
            load_line (loading);
        else
            table_of (loading, strtok (loading->line, " "));
    gzclose (file);
}

void dumped_load (const char *file, const char *dir)
{
    struct loading loading = { .line = malloc (LINE_MAX_BYTES) };
    struct err err = { 0 };
    assert (loading.line != NULL);
    pass (&loading, file);
    int rc = store_open_volatile (dir, (const char *const *) loading.names,
                                  loading.n_names, MAP_MIB, &loading.store, &err);
    assert (rc == 0);
    loading.txn = txn_begin_write (loading.store);
    pass (&loading, file);
    rc = txn_commit (&loading.txn);
    assert (rc == 0);
    store_close (&loading.store);
    for (size_t i = 0; i < loading.n_names; i++)
        free (loading.names[i]);
    free (loading.line);
}

/* ---- digest ------------------------------------------------------------------------- */

static void record_add (struct buffer *buffer, struct bytes bytes)
{
    uint8_t size[4];
    put_be32 (size, (uint32_t) bytes.size);
    buffer_append (buffer, size, sizeof size);
    buffer_append_bytes (buffer, bytes);
}

static void table_add (struct buffer *buffer, struct txn *txn, unsigned table)
{
    struct cursor cursor;
    cursor_init (&cursor, txn, table);
    for (cursor_first (&cursor); cursor_is_on (&cursor); cursor_next (&cursor)) {
        record_add (buffer, cursor_key (&cursor));
        record_add (buffer, cursor_value (&cursor));
    }
    cursor_done (&cursor);
}

struct hash dumped_digest (const struct service_spec *spec, const char *dir)
{
    static const char *const core[] = { "core.entries",     "core.tree",
                                        "core.meta",        "core.counters",
                                        "core.outcomes",    "core.taken",
                                        "core.positions",   "core.agenda",
                                        "core.table_events" };
    const char *names[STORE_TABLES_MAX];
    struct store *store;
    struct buffer buffer = { 0 };
    struct hash hash;
    struct err err = { 0 };
    size_t count = ARRAY_SIZE (core);
    memcpy (names, core, sizeof core);
    for (size_t i = 0; i < spec->n_tables; i++)
        names[count++] = spec->tables[i];
    int rc = store_open_volatile (dir, names, count, MAP_MIB, &store, &err);
    assert (rc == 0);
    struct txn *txn = txn_begin_read (store);
    for (unsigned i = 0; i < count; i++)
        table_add (&buffer, txn, i);
    txn_abort (&txn);
    store_close (&store);
    hash_bytes (buffer_bytes (&buffer), &hash);
    buffer_done (&buffer);
    return hash;
}
