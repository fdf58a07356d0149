/* SPDX-License-Identifier: Apache-2.0 */
/* Eleven tables in, one structure out: read whole, checked whole, all or nothing. The only
 * file of the room that opens files. */
#include "rules/rules.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "rules/loading.h"

const char *rules_table_name (enum rules_table table)
{
    return table_specs[table]->name;
}

int rules_table_find (const char *name)
{
    for (int table = 0; table < RULES_TABLE_COUNT; table++)
        if (strcmp (table_specs[table]->name, name) == 0)
            return table;
    return -1;
}

uint64_t rules_version (struct bytes table)
{
    struct hash hash;
    hash_bytes (table, &hash);
    return get_be64 (hash.data);
}

uint64_t rules_source_version (const struct rules_source *source)
{
    return source->version != 0 ? source->version : rules_version (source->bytes);
}

/* ---- files ---------------------------------------------------------------------- */

static int read_all (int file, size_t size, uint8_t *ret)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = read (file, ret + done, size - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            return -EIO; /* it became shorter while we read */
        done += (size_t) got;
    }
    return 0;
}

static int read_open_file (struct rules_source *source, struct arena *arena, int file,
                           struct err *err)
{
    struct stat status;
    if (fstat (file, &status) != 0)
        return err_set (err, -errno, "%s: %s", source->name, strerror (errno));
    if (!S_ISREG (status.st_mode))
        return err_set (err, -EINVAL, "%s is not a file", source->name);
    if (status.st_size > RULES_TABLE_BYTES_MAX)
        return err_set (err, -EFBIG, "%s has %lld bytes; a table has at most %d",
                        source->name, (long long) status.st_size, RULES_TABLE_BYTES_MAX);
    size_t size = (size_t) status.st_size;
    uint8_t *data = arena_take (arena, size + 1);
    int rc = read_all (file, size, data);
    if (rc != 0)
        return err_set (err, rc, "%s: %s", source->name, strerror (-rc));
    source->bytes = BYTES (data, size);
    return 0;
}

static int read_file (struct rules_source *source, struct arena *arena, struct err *err)
{
    int file = open (source->name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (file < 0)
        return err_set (err, -errno, "%s: %s", source->name, strerror (errno));
    int rc = read_open_file (source, arena, file, err);
    close (file);
    return rc;
}

int rules_read_dir (struct rules_files *ret, const char *dir, struct err *err)
{
    struct rules_files files = { 0 };
    arena_init (&files.arena, 0);
    int rc = 0;
    for (int table = 0; table < RULES_TABLE_COUNT && rc == 0; table++) {
        files.sources[table].name =
            arena_format (&files.arena, "%s/%s.tsv", dir, table_specs[table]->name);
        rc = read_file (&files.sources[table], &files.arena, err);
    }
    if (rc == 0)
        *ret = files;
    else
        rules_files_done (&files);
    return rc;
}

void rules_files_done (struct rules_files *files)
{
    arena_done (&files->arena);
    memset (files->sources, 0, sizeof files->sources);
}

/* ---- parse ---------------------------------------------------------------------- */

static struct rules *rules_create (void)
{
    struct rules *rules = calloc (1, sizeof *rules);
    if (rules == NULL)
        abort ();
    arena_init (&rules->arena, 0);
    rules->users = 1;
    rules->known_until = INT32_MIN;
    return rules;
}

/* Sets of this process, to be shared. Everybody only reads them. */
static struct rules *shared_sets;

static void unshare (const struct rules *rules)
{
    struct rules **link = &shared_sets;
    while (*link != NULL && *link != rules)
        link = &(*link)->next;
    if (*link != NULL)
        *link = rules->next;
}

void rules_destroy (struct rules **place)
{
    struct rules *rules = TAKE (*place);
    if (rules == NULL || --rules->users > 0)
        return;
    unshare (rules);
    arena_done (&rules->arena);
    free (rules);
}

static struct rules *find_shared (const struct rules_source sources[RULES_TABLE_COUNT])
{
    uint64_t version[RULES_TABLE_COUNT];
    if (shared_sets == NULL)
        return NULL;
    for (int table = 0; table < RULES_TABLE_COUNT; table++)
        version[table] = rules_source_version (&sources[table]);
    for (struct rules *rules = shared_sets; rules != NULL; rules = rules->next)
        if (memcmp (rules->version, version, sizeof version) == 0)
            return rules;
    return NULL;
}

static int summarise (const struct rules_problems *problems, struct err *err)
{
    if (problems->count == 1)
        return err_set (err, -EINVAL, "%s", problems->texts[0]);
    return err_set (err, -EINVAL,
                    "%.300s (and %zu more; 'minqing config check' says all)",
                    problems->texts[0], problems->count - 1);
}

int rules_parse_all (struct rules **ret,
                     const struct rules_source sources[RULES_TABLE_COUNT],
                     struct rules_problems *problems, struct err *err)
{
    CLEANUP (rules_destroy) struct rules *rules = rules_create ();
    struct loading loading = { .rules = rules, .problems = problems };
    problems->count = 0;
    for (int table = 0; table < RULES_TABLE_COUNT; table++)
        load_table (&loading, (enum rules_table) table, &sources[table]);
    check_rules (&loading);
    if (problems->count > 0)
        return summarise (problems, err);
    rules->counted = deadline_counted_create (&rules->arena);
    *ret = TAKE (rules);
    return 0;
}

int rules_parse (struct rules **ret, const struct rules_source sources[RULES_TABLE_COUNT],
                 struct err *err)
{
    struct rules *found = find_shared (sources);
    if (found != NULL) {
        found->users++;
        *ret = found;
        return 0;
    }
    struct rules_problems *problems = calloc (1, sizeof *problems);
    if (problems == NULL)
        abort ();
    int rc = rules_parse_all (ret, sources, problems, err);
    free (problems);
    if (rc != 0)
        return rc;
    (*ret)->next = shared_sets;
    shared_sets = *ret;
    return 0;
}

int rules_load_dir (struct rules **ret, const char *dir, struct err *err)
{
    struct rules_files files;
    int rc = rules_read_dir (&files, dir, err);
    if (rc != 0)
        return rc;
    rc = rules_parse (ret, files.sources, err);
    rules_files_done (&files);
    return rc;
}
