/* SPDX-License-Identifier: Apache-2.0 */
/* lossyfs ROOT MOUNT: a disk that forgets what was not synced.
 *
 * Every file is two: ROOT/live/PATH, what a process sees, and ROOT/disk/PATH, what a power
 * cut would find. A write goes to the first, and the blocks it touched are remembered; a sync
 * takes them over to the second, as a write through a handle of O_DSYNC does for itself.
 *
 *      write ──▶ live ── fsync, fdatasync ──▶ disk
 *                 ▲                            │
 *                 └────────── forget ──────────┘
 *
 * On stdin, a line each, answered by a line on stdout when it is done:
 *   forget PREFIX PERMILLE SEED   files whose path begins so: each block that was not synced
 *                                 is on the disk with that chance, else it is what it was;
 *                                 "forgot 17 of 23". Nobody may have them open.
 * The end of stdin unmounts.
 *
 * Names are kept as they are: what ext4 does for a new file at its first sync, we do at
 * once. A block is 4096 bytes and is never torn. */
#define FUSE_USE_VERSION 31
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <limits.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BLOCK 4096

/* What was written to a file since its last sync. */
struct file {
    struct file *next;
    char path[PATH_MAX];
    uint64_t *blocks; /* numbers, perhaps twice */
    size_t n_blocks, room;
};

static char root[PATH_MAX / 2];
static char mounted[PATH_MAX];
static struct file *files;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void place_of (char *ret, const char *side, const char *path)
{
    int size = snprintf (ret, PATH_MAX, "%s/%s%s", root, side, path);
    if (size >= PATH_MAX)
        abort ();
}

static int code_of (long rc)
{
    return rc < 0 ? -errno : (int) rc;
}

/* ---- what is not on the disk yet ------------------------------------------------------ */

static struct file *file_of (const char *path)
{
    for (struct file *file = files; file != NULL; file = file->next)
        if (strcmp (file->path, path) == 0)
            return file;
    struct file *file = calloc (1, sizeof *file);
    if (file == NULL)
        abort ();
    snprintf (file->path, sizeof file->path, "%s", path);
    file->next = files;
    return files = file;
}

static void remember (struct file *file, off_t offset, size_t size)
{
    if (size == 0)
        return;
    for (off_t at = offset / BLOCK; at <= (offset + (off_t) size - 1) / BLOCK; at++) {
        if (file->n_blocks == file->room) {
            file->room = file->room ? file->room * 2 : 64;
            file->blocks = realloc (file->blocks, file->room * sizeof *file->blocks);
            if (file->blocks == NULL)
                abort ();
        }
        file->blocks[file->n_blocks++] = (uint64_t) at;
    }
}

/* One block from one side to the other; what lies behind the end is nothing. */
static void copy_block (int from, int to, uint64_t block)
{
    char bytes[BLOCK];
    ssize_t size = pread (from, bytes, BLOCK, (off_t) (block * BLOCK));
    if (size > 0 && pwrite (to, bytes, (size_t) size, (off_t) (block * BLOCK)) != size)
        abort ();
}

static void open_both (const char *path, int *ret_live, int *ret_disk)
{
    char place[PATH_MAX];
    place_of (place, "live", path);
    *ret_live = open (place, O_RDWR | O_CLOEXEC);
    place_of (place, "disk", path);
    *ret_disk = open (place, O_RDWR | O_CLOEXEC);
}

static void close_both (int live, int disk)
{
    if (live >= 0)
        close (live);
    if (disk >= 0)
        close (disk);
}

static int sync_file (const char *path)
{
    struct file *file = file_of (path);
    int live, disk;
    open_both (path, &live, &disk);
    if (live < 0 || disk < 0) { /* it is gone by now: nobody misses it */
        close_both (live, disk);
        return 0;
    }
    for (size_t i = 0; i < file->n_blocks; i++)
        copy_block (live, disk, file->blocks[i]);
    file->n_blocks = 0;
    int rc = code_of (ftruncate (disk, lseek (live, 0, SEEK_END)));
    close_both (live, disk);
    return rc;
}

/* Through a handle of O_DSYNC: these bytes, and the size that they need. */
static int write_through (const char *path, const char *bytes, size_t size, off_t offset)
{
    char place[PATH_MAX];
    place_of (place, "disk", path);
    int disk = open (place, O_WRONLY | O_CLOEXEC);
    if (disk < 0)
        return -errno;
    int rc = code_of (pwrite (disk, bytes, size, offset));
    close (disk);
    return rc;
}

/* ---- a power cut ---------------------------------------------------------------------- */

static uint64_t dice;

static unsigned throw_dice (void)
{
    dice = dice * UINT64_C (6364136223846793005) + UINT64_C (1442695040888963407);
    return (unsigned) (dice >> 33) % 1000;
}

static int by_number (const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *) a, y = *(const uint64_t *) b;
    return x < y ? -1 : x > y;
}

static void forget_file (struct file *file, unsigned permille, size_t *lost, size_t *all)
{
    int live, disk;
    open_both (file->path, &live, &disk);
    if (live >= 0 && disk >= 0) {
        uint64_t last = UINT64_MAX;
        qsort (file->blocks, file->n_blocks, sizeof *file->blocks, by_number);
        for (size_t i = 0; i < file->n_blocks; i++) {
            if (file->blocks[i] == last)
                continue;
            last = file->blocks[i];
            bool is_kept = throw_dice () < permille;
            if (is_kept)
                copy_block (live, disk, last);
            *lost += !is_kept;
            ++*all;
        }
        if (file->n_blocks > 0 && ftruncate (live, lseek (disk, 0, SEEK_END)) < 0)
            abort ();
        for (size_t i = 0; i < file->n_blocks; i++)
            copy_block (disk, live, file->blocks[i]);
    }
    file->n_blocks = 0;
    close_both (live, disk);
}

static void *take_orders (void *fuse)
{
    char line[PATH_MAX], prefix[PATH_MAX];
    unsigned permille;
    unsigned long long seed;
    while (fgets (line, sizeof line, stdin) != NULL) {
        if (sscanf (line, "forget %4095s %u %llu", prefix, &permille, &seed) != 3)
            break;
        size_t lost = 0, all = 0;
        pthread_mutex_lock (&lock);
        dice = seed;
        for (struct file *file = files; file != NULL; file = file->next)
            if (strncmp (file->path, prefix, strlen (prefix)) == 0)
                forget_file (file, permille, &lost, &all);
        pthread_mutex_unlock (&lock);
        printf ("forgot %zu of %zu\n", lost, all);
    }
    fuse_exit (fuse);
    /* Its loops look when something happens: let something happen. */
    struct stat status;
    (void) stat (mounted, &status);
    return NULL;
}

/* ---- the file system ------------------------------------------------------------------ */

static int fs_getattr (const char *path, struct stat *ret, struct fuse_file_info *info)
{
    char live[PATH_MAX];
    (void) info;
    place_of (live, "live", path);
    return code_of (lstat (live, ret));
}

static int fs_readdir (const char *path, void *buffer, fuse_fill_dir_t fill, off_t offset,
                       struct fuse_file_info *info, enum fuse_readdir_flags flags)
{
    char live[PATH_MAX];
    (void) offset, (void) info, (void) flags;
    place_of (live, "live", path);
    DIR *folder = opendir (live);
    if (folder == NULL)
        return -errno;
    for (const struct dirent *entry; (entry = readdir (folder)) != NULL;)
        fill (buffer, entry->d_name, NULL, 0, 0);
    closedir (folder);
    return 0;
}

static int on_both (const char *path, int act (const char *place, mode_t mode),
                    mode_t mode)
{
    char place[PATH_MAX];
    place_of (place, "disk", path);
    (void) act (place, mode);
    place_of (place, "live", path);
    return code_of (act (place, mode));
}

static int act_unlink (const char *place, mode_t mode)
{
    (void) mode;
    return unlink (place);
}

static int act_rmdir (const char *place, mode_t mode)
{
    (void) mode;
    return rmdir (place);
}

static int fs_mkdir (const char *path, mode_t mode)
{
    return on_both (path, mkdir, mode);
}

static int fs_unlink (const char *path)
{
    pthread_mutex_lock (&lock);
    file_of (path)->n_blocks = 0;
    int rc = on_both (path, act_unlink, 0);
    pthread_mutex_unlock (&lock);
    return rc;
}

static int fs_rmdir (const char *path)
{
    return on_both (path, act_rmdir, 0);
}

static int fs_chmod (const char *path, mode_t mode, struct fuse_file_info *info)
{
    (void) info;
    return on_both (path, chmod, mode);
}

static int fs_rename (const char *from, const char *to, unsigned flags)
{
    char a[PATH_MAX], b[PATH_MAX];
    if (flags != 0)
        return -EINVAL;
    pthread_mutex_lock (&lock);
    /* What moves takes with it what is not synced. */
    int rc = sync_file (from);
    file_of (to)->n_blocks = 0;
    for (int side = 0; rc == 0 && side < 2; side++) {
        place_of (a, side == 0 ? "disk" : "live", from);
        place_of (b, side == 0 ? "disk" : "live", to);
        rc = code_of (rename (a, b));
    }
    pthread_mutex_unlock (&lock);
    return rc;
}

static int fs_truncate (const char *path, off_t size, struct fuse_file_info *info)
{
    char live[PATH_MAX];
    (void) info;
    struct stat before = { 0 };
    pthread_mutex_lock (&lock);
    place_of (live, "live", path);
    (void) lstat (live, &before);
    int rc = code_of (truncate (live, size));
    remember (file_of (path), size,
              before.st_size > size ? (size_t) (before.st_size - size) : 1);
    pthread_mutex_unlock (&lock);
    return rc;
}

static int fs_open (const char *path, struct fuse_file_info *info)
{
    char live[PATH_MAX];
    place_of (live, "live", path);
    int fd = open (live, (info->flags & ~(O_APPEND | O_DSYNC | O_SYNC)) | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    info->fh = (uint64_t) fd;
    return 0;
}

static int fs_create (const char *path, mode_t mode, struct fuse_file_info *info)
{
    char disk[PATH_MAX];
    place_of (disk, "disk", path);
    int fd = open (disk, O_CREAT | O_WRONLY | O_CLOEXEC, mode);
    if (fd >= 0)
        close (fd);
    char live[PATH_MAX];
    place_of (live, "live", path);
    fd = open (live, O_CREAT | O_CLOEXEC, mode);
    if (fd >= 0)
        close (fd);
    return fs_open (path, info);
}

static int fs_read (const char *path, char *buffer, size_t size, off_t offset,
                    struct fuse_file_info *info)
{
    (void) path;
    return code_of (pread ((int) info->fh, buffer, size, offset));
}

static int fs_write (const char *path, const char *buffer, size_t size, off_t offset,
                     struct fuse_file_info *info)
{
    pthread_mutex_lock (&lock);
    int rc = code_of (pwrite ((int) info->fh, buffer, size, offset));
    if (rc > 0 && (info->flags & O_DSYNC) != 0) {
        int through = write_through (path, buffer, (size_t) rc, offset);
        rc = through < 0 ? through : rc;
    } else if (rc > 0)
        remember (file_of (path), offset, (size_t) rc);
    pthread_mutex_unlock (&lock);
    return rc;
}

static int fs_fsync (const char *path, int only_data, struct fuse_file_info *info)
{
    (void) only_data, (void) info;
    pthread_mutex_lock (&lock);
    int rc = sync_file (path);
    pthread_mutex_unlock (&lock);
    return rc;
}

static int fs_fsyncdir (const char *path, int only_data, struct fuse_file_info *info)
{
    (void) path, (void) only_data, (void) info;
    return 0;
}

static int fs_release (const char *path, struct fuse_file_info *info)
{
    (void) path;
    close ((int) info->fh);
    return 0;
}

static int fs_statfs (const char *path, struct statvfs *ret)
{
    char live[PATH_MAX];
    place_of (live, "live", path);
    return code_of (statvfs (live, ret));
}

static void *fs_init (struct fuse_conn_info *connection, struct fuse_config *config)
{
    pthread_t thread;
    /* Each write comes as it is made, and not when the kernel finds time. */
    connection->want &= ~(unsigned) FUSE_CAP_WRITEBACK_CACHE;
    config->entry_timeout = config->attr_timeout = 0;
    if (pthread_create (&thread, NULL, take_orders, fuse_get_context ()->fuse) != 0)
        abort ();
    return NULL;
}

static const struct fuse_operations operations = {
    .init = fs_init,
    .getattr = fs_getattr,
    .readdir = fs_readdir,
    .mkdir = fs_mkdir,
    .unlink = fs_unlink,
    .rmdir = fs_rmdir,
    .chmod = fs_chmod,
    .rename = fs_rename,
    .truncate = fs_truncate,
    .open = fs_open,
    .create = fs_create,
    .read = fs_read,
    .write = fs_write,
    .fsync = fs_fsync,
    .fsyncdir = fs_fsyncdir,
    .release = fs_release,
    .statfs = fs_statfs,
};

int main (int argc, char **argv)
{
    char path[PATH_MAX];
    if (argc != 3 || realpath (argv[1], path) == NULL || strlen (path) >= sizeof root ||
        realpath (argv[2], mounted) == NULL)
        return 64;
    memcpy (root, path, strlen (path) + 1);
    setvbuf (stdout, NULL, _IOLBF, 0);
    char foreground[] = "-f";
    char *arguments[] = { argv[0], argv[2], foreground, NULL };
    umask (0);
    return fuse_main (3, arguments, &operations, NULL);
}
