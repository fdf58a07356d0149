/* SPDX-License-Identifier: Apache-2.0 */
/* This machine's floor: what the disk asks for a promise, so that every other figure can
 * be told as a multiple of it. In one file system ('--dir', where the stores of the bench
 * will lie), round by round, so that noise of a moment hits all of them alike:
 *
 *     append 4 KiB     written behind the end of a file, then fdatasync
 *     overwrite 4 KiB  written over what the file has already, then fdatasync
 *     overwrite 1 MiB  the same, larger: what a full batch writes
 *     LMDB commit      one record of 100 bytes through common/store, as a daemon commits
 *     the same, rested behind REST_US in which nothing was asked of the disk: a machine of a
 *                      cloud takes longer then, and a lone grievance comes then
 *
 * The order within a round turns by one from round to round: who comes behind the
 * megabyte is not always the same. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "store/txn.h"

#define PAGE_SIZE    4096u
#define BLOCK_SIZE   (1u << 20)
#define FILE_BLOCKS  16u /* of the file that is overwritten */
#define RECORD_SIZE  100u
#define MAP_MIB      64u
#define REST_US      3000u
#define ROUNDS       300u
#define ROUNDS_MAX   100000u
#define PATH_SIZE    4096
#define TEMP_DEFAULT "/tmp"

enum floor_kind {
    FLOOR_APPEND_PAGE,
    FLOOR_OVERWRITE_PAGE,
    FLOOR_OVERWRITE_BLOCK,
    FLOOR_COMMIT,
    FLOOR_COMMIT_RESTED,
    FLOOR_COUNT
};

static const struct {
    const char *key, *said;
} names[FLOOR_COUNT] = {
    [FLOOR_APPEND_PAGE] = { "append_4k", "4 KiB appended, fdatasync" },
    [FLOOR_OVERWRITE_PAGE] = { "overwrite_4k", "4 KiB overwritten, fdatasync" },
    [FLOOR_OVERWRITE_BLOCK] = { "overwrite_1m", "1 MiB overwritten, fdatasync" },
    [FLOOR_COMMIT] = { "lmdb_commit", "one LMDB commit" },
    [FLOOR_COMMIT_RESTED] = { "lmdb_commit_rested", "the same, of a disk at rest" },
};

static struct options {
    const char *dir;
    unsigned rounds;
    bool json;
} options = { .rounds = ROUNDS };

static struct place {
    char dir[PATH_SIZE], appended[PATH_SIZE], overwritten[PATH_SIZE],
        store_dir[PATH_SIZE];
    int appended_fd, overwritten_fd;
    struct store *store;
} place;

static uint8_t block[BLOCK_SIZE];
static double *took_ms[FLOOR_COUNT];

static void die (const char *what, int code, const struct err *err)
{
    fprintf (stderr, "floor_bench: %s: %s\n", what,
             err != NULL && err->code != 0 ? err->text : strerror (code));
    exit (EX_IOERR);
}

static double now_ms (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return (double) now.tv_sec * 1e3 + (double) now.tv_nsec / 1e6;
}

/* ---- what is measured ---------------------------------------------------------------- */

static void write_at (int fd, off_t at, size_t size)
{
    /* Never the same twice: a disk that notices repetition must not profit. */
    memcpy (block, &(double){ now_ms () }, sizeof (double));
    for (size_t done = 0; done < size;) {
        ssize_t wrote = pwrite (fd, block + done, size - done, at + (off_t) done);
        if (wrote < 0)
            die ("write", errno, NULL);
        done += (size_t) wrote;
    }
    if (fdatasync (fd) < 0)
        die ("fdatasync", errno, NULL);
}

static void commit_record (void)
{
    static uint32_t committed;
    uint8_t key[4];
    put_be32 (key, committed++);
    struct txn *txn = txn_begin_write (place.store);
    txn_append (txn, 0, BYTES_OF (key), BYTES (block, RECORD_SIZE));
    int code = txn_commit (&txn);
    if (code < 0)
        die ("commit", -code, NULL);
}

static void attempt (enum floor_kind kind, unsigned round)
{
    switch (kind) {
    case FLOOR_APPEND_PAGE:
        write_at (place.appended_fd, (off_t) round * PAGE_SIZE, PAGE_SIZE);
        break;
    case FLOOR_OVERWRITE_PAGE:
        write_at (place.overwritten_fd, (off_t) (round % FILE_BLOCKS) * BLOCK_SIZE,
                  PAGE_SIZE);
        break;
    case FLOOR_OVERWRITE_BLOCK:
        write_at (place.overwritten_fd, (off_t) (round % FILE_BLOCKS) * BLOCK_SIZE,
                  BLOCK_SIZE);
        break;
    case FLOOR_COMMIT:
    case FLOOR_COMMIT_RESTED:
        commit_record ();
        break;
    case FLOOR_COUNT:
        break;
    }
}

static void measure (void)
{
    for (unsigned round = 0; round < options.rounds; round++)
        for (unsigned i = 0; i < FLOOR_COUNT; i++) {
            unsigned kind = (round + i) % FLOOR_COUNT;
            if (kind == FLOOR_COMMIT_RESTED)
                usleep (REST_US);
            double began_ms = now_ms ();
            attempt ((enum floor_kind) kind, round);
            took_ms[kind][round] = now_ms () - began_ms;
        }
}

/* ---- the place ----------------------------------------------------------------------- */

static void path_of (const char *name, char *ret_path)
{
    if (snprintf (ret_path, PATH_SIZE, "%s/%s", place.dir, name) >= PATH_SIZE)
        die ("path", ENAMETOOLONG, NULL);
}

static int open_file (const char *name)
{
    char path[PATH_SIZE];
    path_of (name, path);
    int fd = open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        die (path, errno, NULL);
    return fd;
}

static void prepare (void)
{
    struct err err = { 0 };
    char store_dir[PATH_SIZE];
    if (snprintf (place.dir, PATH_SIZE, "%s/floor-XXXXXX", options.dir) >= PATH_SIZE)
        die ("path", ENAMETOOLONG, NULL);
    if (mkdtemp (place.dir) == NULL)
        die (options.dir, errno, NULL);
    place.appended_fd = open_file ("appended");
    place.overwritten_fd = open_file ("overwritten");
    for (unsigned i = 0; i < FILE_BLOCKS; i++)
        write_at (place.overwritten_fd, (off_t) i * BLOCK_SIZE, BLOCK_SIZE);
    path_of ("store", store_dir);
    if (store_open (store_dir, (const char *const[]){ "records" }, 1, MAP_MIB,
                    &place.store, &err) < 0)
        die ("store", 0, &err);
    for (unsigned i = 0; i < FLOOR_COUNT; i++)
        if ((took_ms[i] = calloc (options.rounds, sizeof (double))) == NULL)
            die ("memory", errno, NULL);
}

static int remove_one (const char *path, const struct stat *status UNUSED,
                       int kind UNUSED, struct FTW *where UNUSED)
{
    return remove (path);
}

static void clear (void)
{
    store_close (&place.store);
    close (place.appended_fd);
    close (place.overwritten_fd);
    if (nftw (place.dir, remove_one, 8, FTW_DEPTH | FTW_PHYS) < 0)
        fprintf (stderr, "floor_bench: something is left in %s\n", place.dir);
    for (unsigned i = 0; i < FLOOR_COUNT; i++)
        free (took_ms[i]);
}

/* ---- telling ------------------------------------------------------------------------- */

static int by_size (const void *a, const void *b)
{
    double one = *(const double *) a, other = *(const double *) b;
    return (one > other) - (one < other);
}

static double percentile (const double *sorted, unsigned percent)
{
    return sorted[(size_t) (options.rounds - 1) * percent / 100];
}

static void tell (void)
{
    printf (options.json ? "{\"rounds\": %u" : "%u rounds, ms\n", options.rounds);
    if (!options.json)
        printf ("%-30s %8s %8s %8s\n", "", "p50", "p90", "p99");
    for (unsigned i = 0; i < FLOOR_COUNT; i++) {
        qsort (took_ms[i], options.rounds, sizeof (double), by_size);
        if (options.json)
            printf (", \"%s\": {\"p50_ms\": %.4f, \"p90_ms\": %.4f, \"p99_ms\": %.4f}",
                    names[i].key, percentile (took_ms[i], 50),
                    percentile (took_ms[i], 90), percentile (took_ms[i], 99));
        else
            printf ("%-30s %8.3f %8.3f %8.3f\n", names[i].said,
                    percentile (took_ms[i], 50), percentile (took_ms[i], 90),
                    percentile (took_ms[i], 99));
    }
    if (options.json)
        printf ("}\n");
}

static void take_options (int argc, char **argv)
{
    static const struct option known[] = { { "dir", required_argument, NULL, 'd' },
                                           { "rounds", required_argument, NULL, 'r' },
                                           { "json", no_argument, NULL, 'j' },
                                           { NULL, 0, NULL, 0 } };
    int found;
    while ((found = getopt_long (argc, argv, "", known, NULL)) != -1) {
        if (found == 'd')
            options.dir = optarg;
        else if (found == 'r')
            options.rounds = (unsigned) strtoul (optarg, NULL, 10);
        else if (found == 'j')
            options.json = true;
        else
            exit (EX_USAGE);
    }
    if (options.rounds == 0 || options.rounds > ROUNDS_MAX)
        exit (EX_USAGE);
    if (options.dir == NULL && (options.dir = getenv ("TMPDIR")) == NULL)
        options.dir = TEMP_DEFAULT;
}

int main (int argc, char **argv)
{
    take_options (argc, argv);
    if (log_set_level ("error") < 0)
        return EX_SOFTWARE;
    prepare ();
    measure ();
    tell ();
    clear ();
    return EX_OK;
}
