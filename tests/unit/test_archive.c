/* SPDX-License-Identifier: Apache-2.0 */
/* Backup folders: what is written is read back and proved; every kind of damage is found
 * and named; a writer that dies anywhere leaves a valid folder. */
#include "support/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "archive/archive.h"
#include "base/file.h"
#include "wire/wire.h"

#define NUMBER UINT64_C (202611230010100001)

static const uint8_t first_id[16] = { 1 }, second_id[16] = { 2 };
static const uint8_t secret[32] = { 7 };

static struct keepsake keepsake_of (uint32_t incarnation, const uint8_t id[16])
{
    return (struct keepsake){ .speaker = SPEAKER_INTAKE,
                              .journal = BYTES (id, 16),
                              .incarnation = incarnation,
                              .secret = BYTES_OF (secret),
                              .schema = 2,
                              .version = "test" };
}

/* Entry n: every third has a body, of so many bytes. */
static struct followed entry_of (struct arena *arena, uint64_t sequence, size_t body_size,
                                 uint64_t salt)
{
    struct entry entry = { .sequence = sequence,
                           .time_ms = 1795395600000 + (int64_t) sequence,
                           .kind = KIND_CANARY,
                           .informative = true,
                           .grievance = NUMBER + sequence + salt * 1000000 };
    struct followed followed = { .header = entry_encode (arena, &entry) };
    if (sequence % 3 != 0)
        return followed;
    struct hash *hash = ARENA_NEW (arena, struct hash);
    uint8_t *body = ARENA_ARRAY (arena, uint8_t, body_size);
    memset (body, (int) sequence, body_size);
    followed.body = BYTES (body, body_size);
    journal_body_hash (followed.body, hash);
    followed.body_hash = hash_view (hash);
    return followed;
}

static struct followed opening_of (struct arena *arena, uint64_t sequence)
{
    static const struct hash hash = { { 9 } };
    struct incarnation opening = { .incarnation = 2,
                                   .journal = BYTES_OF (second_id),
                                   .previous = BYTES_OF (first_id),
                                   .previous_size = sequence - 1,
                                   .previous_hash = hash_view (&hash) };
    struct entry entry = { .sequence = sequence,
                           .time_ms = 1795395600000 + (int64_t) sequence,
                           .kind = KIND_INCARNATION,
                           .incarnation = &opening };
    return (struct followed){ .header = entry_encode (arena, &entry) };
}

/* Open, append entries up to 'last', flush. */
static void append_until (const char *dir, uint64_t last, size_t body_size, uint64_t salt)
{
    struct keepsake keepsake = keepsake_of (1, first_id);
    struct archive_writer *writer;
    struct archive_extent extent;
    struct err err = { 0 };
    struct arena arena;
    arena_init (&arena, 0);
    int rc = archive_append_open (dir, &keepsake, &writer, &err);
    if (rc < 0)
        fail_msg ("%s", err.text);
    for (archive_appended (writer, &extent); extent.last < last;
         archive_appended (writer, &extent)) {
        arena_reset (&arena);
        struct followed followed = entry_of (&arena, extent.last + 1, body_size, salt);
        assert_int_equal (archive_append (writer, &followed, &err), 0);
    }
    assert_int_equal (archive_flush (writer, &err), 0);
    archive_append_close (&writer);
    arena_done (&arena);
}

static struct archive_extent whole (const char *dir)
{
    struct archive_extent extent;
    struct err err = { 0 };
    if (archive_check (dir, &extent, &err) < 0)
        fail_msg ("%s", err.text);
    return extent;
}

static void broken (const char *dir, int code, const char *part)
{
    struct err err = { 0 };
    assert_int_equal (archive_check (dir, NULL, &err), code);
    if (part != NULL && strstr (err.text, part) == NULL)
        fail_msg ("\"%s\" does not say \"%s\"", err.text, part);
}

static void file_of (char path[PATH_MAX], const char *dir, const char *name)
{
    snprintf (path, PATH_MAX, "%s/%s", dir, name);
}

static bool is_there (const char *dir, const char *name)
{
    char path[PATH_MAX];
    file_of (path, dir, name);
    return access (path, F_OK) == 0;
}

#define SEGMENT_1    "000000000001.segment"
#define SEGMENT_4097 "000000004097.segment"
#define SEGMENT_8193 "000000008193.segment"

/* ---- written and read --------------------------------------------------------------- */

static void what_was_appended_is_read_back (void **state)
{
    (void) state;
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    struct archive_reader *reader;
    struct followed followed;
    struct err err = { 0 };
    struct arena arena;
    arena_init (&arena, 0);
    append_until (scratch.path, 10, 100, 0);
    assert_int_equal (archive_open (scratch.path, &reader, &err), 0);
    for (uint64_t i = 1; i <= 10; i++) {
        struct followed expected = entry_of (&arena, i, 100, 0);
        assert_int_equal (archive_next (reader, &followed, &err), 1);
        assert_true (bytes_equal (followed.header, expected.header));
        assert_true (bytes_equal (followed.body, expected.body));
        assert_true (bytes_equal (followed.body_hash, expected.body_hash));
    }
    assert_int_equal (archive_next (reader, &followed, &err), 0);
    assert_true (bytes_equal (archive_keepsake (reader)->secret, BYTES_OF (secret)));
    archive_close (&reader);
    struct stat status;
    char path[PATH_MAX];
    file_of (path, scratch.path, "keepsake");
    assert_int_equal (stat (path, &status), 0);
    assert_int_equal (status.st_mode & 0777, 0600);
    arena_done (&arena);
}

static void second_run_goes_on_and_replaces_the_short_last_segment (void **state)
{
    (void) state;
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    CLEANUP (scratch_remove) struct scratch at_once = scratch_make ();
    static const uint64_t runs[] = { 3, 4, 50, 4095, 4096, 4097, 9000 };
    for (size_t i = 0; i < ARRAY_SIZE (runs); i++) {
        append_until (scratch.path, runs[i], 10, 0);
        append_until (scratch.path, runs[i], 10, 0); /* nothing new: nothing happens */
        assert_int_equal (whole (scratch.path).last, runs[i]);
    }
    append_until (at_once.path, 9000, 10, 0);
    struct archive_extent a = whole (scratch.path), b = whole (at_once.path);
    assert_memory_equal (a.root.data, b.root.data, HASH_SIZE);
    assert_int_equal (a.segments, 3);
    assert_int_equal (b.segments, 3);
    assert_true (is_there (scratch.path, SEGMENT_8193));
}

static void segment_ends_at_its_size (void **state)
{
    (void) state;
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    append_until (scratch.path, 30, 900000, 0);
    struct archive_extent extent = whole (scratch.path);
    assert_int_equal (extent.last, 30);
    assert_true (extent.segments > 1);
}

/* Without the edge, or with a wrong one, everything is read and it goes on as before. */
static void edge_is_only_a_shortcut (void **state)
{
    (void) state;
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    char path[PATH_MAX];
    struct err err;
    append_until (scratch.path, 5000, 10, 0);
    file_of (path, scratch.path, "edge");
    assert_int_equal (unlink (path), 0);
    append_until (scratch.path, 5003, 10, 0);
    assert_int_equal (file_write (path, BYTES ("rubbish!rubbish", 15), 0600, &err), 0);
    append_until (scratch.path, 5006, 10, 0);
    assert_int_equal (whole (scratch.path).last, 5006);
}

static void wrong_entry_is_not_appended (void **state)
{
    (void) state;
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    struct keepsake keepsake = keepsake_of (1, first_id);
    struct archive_writer *writer;
    struct err err = { 0 };
    struct arena arena;
    arena_init (&arena, 0);
    assert_int_equal (archive_append_open (scratch.path, &keepsake, &writer, &err), 0);
    struct followed second = entry_of (&arena, 2, 10, 0);
    assert_int_equal (archive_append (writer, &second, &err), -EBADMSG);
    struct followed first = entry_of (&arena, 1, 10, 0);
    assert_int_equal (archive_append (writer, &first, &err), 0);
    assert_int_equal (archive_append (writer, &second, &err), 0);
    struct followed third = entry_of (&arena, 3, 10, 0);
    third.body.size--;
    assert_int_equal (archive_append (writer, &third, &err), -EBADMSG);
    archive_append_close (&writer);
    keepsake.speaker = SPEAKER_ROUTING;
    assert_int_equal (archive_append_open (scratch.path, &keepsake, &writer, &err),
                      -EINVAL);
    arena_done (&arena);
}

/* ---- damage ------------------------------------------------------------------------- */

static void flip (const char *dir, const char *name, off_t at, unsigned bit)
{
    char path[PATH_MAX];
    uint8_t byte;
    file_of (path, dir, name);
    int fd = open (path, O_RDWR);
    assert_true (fd >= 0);
    assert_int_equal (pread (fd, &byte, 1, at), 1);
    byte ^= (uint8_t) (1u << bit);
    assert_int_equal (pwrite (fd, &byte, 1, at), 1);
    close (fd);
}

static off_t size_of (const char *dir, const char *name)
{
    char path[PATH_MAX];
    struct stat status;
    file_of (path, dir, name);
    assert_int_equal (stat (path, &status), 0);
    return status.st_size;
}

/* Wherever it is: in a length, a header, a body, the roots, the digest itself. */
static void every_flipped_bit_is_found (void **state)
{
    (void) state;
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    append_until (scratch.path, 6, 20, 0);
    off_t size = size_of (scratch.path, SEGMENT_1);
    for (off_t at = 0; at < size; at++) {
        struct err err = { 0 };
        unsigned bit = (unsigned) at % 8;
        flip (scratch.path, SEGMENT_1, at, bit);
        int rc = archive_check (scratch.path, NULL, &err);
        if (rc != -EBADMSG && rc != -EINVAL)
            fail_msg ("the bit %u of byte %ld is not found: %d", bit, (long) at, rc);
        if (strstr (err.text, SEGMENT_1) == NULL)
            fail_msg ("the file is not named: %s", err.text);
        flip (scratch.path, SEGMENT_1, at, bit);
    }
    size = size_of (scratch.path, "keepsake");
    for (off_t at = 0; at < size; at++) {
        flip (scratch.path, "keepsake", at, 3);
        broken (scratch.path, -EBADMSG, "keepsake");
        flip (scratch.path, "keepsake", at, 3);
    }
    whole (scratch.path);
}

static void damaged_entry_is_named (void **state)
{
    (void) state;
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    append_until (scratch.path, 300, 2000, 0);
    /* Somewhere in the text of a body in the middle. */
    flip (scratch.path, SEGMENT_1, size_of (scratch.path, SEGMENT_1) / 2, 0);
    broken (scratch.path, -EBADMSG, "entry 1");
}

static void every_truncation_is_found (void **state)
{
    (void) state;
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    char path[PATH_MAX];
    append_until (scratch.path, 6, 20, 0);
    file_of (path, scratch.path, SEGMENT_1);
    for (off_t size = size_of (scratch.path, SEGMENT_1) - 1; size >= 0; size -= 3) {
        assert_int_equal (truncate (path, size), 0);
        broken (scratch.path, -EBADMSG, SEGMENT_1);
    }
}

/* Nothing behind it says so but the edge. */
static void last_segments_that_are_gone_are_missed (void **state)
{
    static const char *const names[] = { SEGMENT_8193, SEGMENT_4097, SEGMENT_1 };
    static const char *const missing[] = { "8193 to 9000", "4097 to 9000", " 1 to 9000" };
    (void) state;
    char path[PATH_MAX];
    struct err err = { 0 };
    struct keepsake keepsake = keepsake_of (1, first_id);
    struct archive_writer *writer;
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    append_until (scratch.path, 9000, 10, 0);
    for (size_t i = 0; i < ARRAY_SIZE (names); i++) {
        file_of (path, scratch.path, names[i]);
        assert_int_equal (unlink (path), 0);
        broken (scratch.path, -EBADMSG, missing[i]);
        assert_int_equal (archive_append_open (scratch.path, &keepsake, &writer, &err),
                          -EBADMSG);
    }
    file_of (path, scratch.path, "edge");
    assert_int_equal (unlink (path), 0);
    assert_int_equal (whole (scratch.path).last, 0);
}

/* A disk that refuses: the file keeps its bytes, and no draft is left. */
static void what_cannot_be_written_leaves_no_draft (void **state)
{
    (void) state;
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    struct rlimit was, none;
    struct err err = { 0 };
    append_until (scratch.path, 10, 10, 0);
    assert_int_equal (getrlimit (RLIMIT_FSIZE, &was), 0);
    none = (struct rlimit){ .rlim_cur = 100, .rlim_max = was.rlim_max };
    struct keepsake keepsake = keepsake_of (1, first_id);
    struct archive_writer *writer;
    struct arena arena;
    arena_init (&arena, 0);
    assert_int_equal (archive_append_open (scratch.path, &keepsake, &writer, &err), 0);
    struct followed followed = entry_of (&arena, 11, 10, 0);
    assert_int_equal (archive_append (writer, &followed, &err), 0);
    void (*before) (int) = signal (SIGXFSZ, SIG_IGN);
    assert_int_equal (setrlimit (RLIMIT_FSIZE, &none), 0);
    int rc = archive_flush (writer, &err);
    assert_int_equal (setrlimit (RLIMIT_FSIZE, &was), 0);
    signal (SIGXFSZ, before);
    assert_int_equal (rc, -EFBIG);
    archive_append_close (&writer);
    arena_done (&arena);
    assert_false (is_there (scratch.path, SEGMENT_1 ".new"));
    assert_int_equal (whole (scratch.path).last, 10);
}

static void missing_segment_is_named (void **state)
{
    (void) state;
    char path[PATH_MAX];
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    append_until (scratch.path, 9000, 10, 0);
    file_of (path, scratch.path, SEGMENT_4097);
    assert_int_equal (unlink (path), 0);
    broken (scratch.path, -EBADMSG, SEGMENT_4097 ": is missing");
    broken (scratch.path, -EBADMSG, scratch.path);
    struct err err = { 0 };
    file_of (path, scratch.path, "keepsake");
    assert_int_equal (unlink (path), 0);
    assert_int_equal (archive_check (scratch.path, NULL, &err), -ENOENT);
    struct keepsake keepsake = keepsake_of (1, first_id);
    struct archive_writer *writer;
    assert_int_equal (archive_append_open (scratch.path, &keepsake, &writer, &err),
                      -EBADMSG);
}

static void copy_file (const char *from_dir, const char *to_dir, const char *name)
{
    char from[PATH_MAX], to[PATH_MAX];
    struct buffer content = { 0 };
    struct err err;
    file_of (from, from_dir, name);
    file_of (to, to_dir, name);
    assert_int_equal (file_read (from, 100u << 20, &content, &err), 0);
    assert_int_equal (file_write (to, buffer_bytes (&content), 0600, &err), 0);
    buffer_done (&content);
}

static void segment_of_another_backup_is_refused (void **state)
{
    (void) state;
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    CLEANUP (scratch_remove) struct scratch other = scratch_make ();
    append_until (scratch.path, 5000, 10, 0);
    append_until (other.path, 5000, 10, 1);
    copy_file (other.path, scratch.path, SEGMENT_4097);
    broken (scratch.path, -EBADMSG, SEGMENT_4097);
}

static void wrong_service_and_newer_format_are_refused (void **state)
{
    (void) state;
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    struct keepsake keepsake = keepsake_of (1, first_id);
    struct err err;
    char path[PATH_MAX];
    append_until (scratch.path, 6, 20, 0);
    keepsake.speaker = SPEAKER_ROUTING;
    assert_int_equal (keepsake_write (scratch.path, &keepsake, &err), 0);
    broken (scratch.path, -EINVAL, "is of intake");

    struct arena arena;
    struct buffer file = { 0 };
    static const struct hash none;
    struct segment_head head = { .format = ARCHIVE_FORMAT + 1,
                                 .speaker = SPEAKER_INTAKE,
                                 .journal = BYTES_OF (first_id),
                                 .incarnation = 1,
                                 .first = 1,
                                 .root_before = hash_view (&none),
                                 .written_ms = 1 };
    arena_init (&arena, 0);
    struct bytes message = segment_head_encode (&arena, &head);
    put_be32 (buffer_extend (&file, 4), (uint32_t) message.size);
    buffer_append_bytes (&file, message);
    file_of (path, scratch.path, SEGMENT_1);
    assert_int_equal (file_write (path, buffer_bytes (&file), 0600, &err), 0);
    broken (scratch.path, -EINVAL, "newer");
    buffer_done (&file);
    arena_done (&arena);
}

/* ---- incarnations ------------------------------------------------------------------- */

static void append_opening (const char *dir)
{
    struct keepsake keepsake = keepsake_of (1, first_id);
    struct archive_writer *writer;
    struct archive_extent extent;
    struct err err = { 0 };
    struct arena arena;
    arena_init (&arena, 0);
    assert_int_equal (archive_append_open (dir, &keepsake, &writer, &err), 0);
    archive_appended (writer, &extent);
    struct followed opening = opening_of (&arena, extent.last + 1);
    assert_int_equal (archive_append (writer, &opening, &err), 0);
    assert_int_equal (archive_flush (writer, &err), 0);
    archive_append_close (&writer);
    arena_done (&arena);
}

static void opening_entry_renames_the_journal (void **state)
{
    (void) state;
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    struct keepsake keepsake;
    struct arena arena;
    struct err err;
    arena_init (&arena, 0);
    append_until (scratch.path, 7, 10, 0);
    append_opening (scratch.path);
    append_until (scratch.path, 12, 10, 1);
    struct archive_extent extent = whole (scratch.path);
    assert_int_equal (extent.incarnation, 2);
    assert_memory_equal (extent.journal, second_id, 16);
    assert_int_equal (keepsake_read (scratch.path, &arena, &keepsake, &err), 0);
    assert_int_equal (keepsake.incarnation, 2);
    /* Killed before the keepsake was renewed: the entries tell. */
    keepsake = keepsake_of (1, first_id);
    assert_int_equal (keepsake_write (scratch.path, &keepsake, &err), 0);
    assert_int_equal (whole (scratch.path).incarnation, 2);
    /* But not a keepsake of another restoration. */
    keepsake = keepsake_of (2, first_id);
    assert_int_equal (keepsake_write (scratch.path, &keepsake, &err), 0);
    broken (scratch.path, -EBADMSG, SEGMENT_1);
    arena_done (&arena);
}

static void lost_entries_are_set_aside_and_kept (void **state)
{
    (void) state;
    static const uint64_t kept_at[] = { 0, 1, 4000, 4095, 4096, 4097, 8192, 8999, 9000 };
    for (size_t i = 0; i < ARRAY_SIZE (kept_at); i++) {
        CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
        CLEANUP (scratch_remove) struct scratch expected = scratch_make ();
        struct keepsake keepsake = keepsake_of (1, first_id);
        struct archive_writer *writer;
        struct archive_extent extent;
        struct err err = { 0 };
        struct arena arena;
        arena_init (&arena, 0);
        append_until (scratch.path, 9000, 10, 0);
        append_until (expected.path, kept_at[i], 10, 0);
        assert_int_equal (archive_append_open (scratch.path, &keepsake, &writer, &err),
                          0);
        assert_int_equal (archive_set_aside (writer, kept_at[i], 1, &err), 0);
        archive_appended (writer, &extent);
        assert_int_equal (extent.last, kept_at[i]);
        struct archive_extent here = whole (scratch.path), there = whole (expected.path);
        assert_memory_equal (here.root.data, there.root.data, HASH_SIZE);
        struct followed opening = opening_of (&arena, kept_at[i] + 1);
        assert_int_equal (archive_append (writer, &opening, &err), 0);
        assert_int_equal (archive_flush (writer, &err), 0);
        archive_append_close (&writer);
        extent = whole (scratch.path);
        assert_int_equal (extent.last, kept_at[i] + 1);
        assert_int_equal (extent.incarnation, 2);
        assert_int_equal (is_there (scratch.path, "lost-1/" SEGMENT_8193),
                          kept_at[i] < 9000);
        assert_int_equal (is_there (scratch.path, "lost-1/" SEGMENT_1),
                          kept_at[i] < 4096);
        arena_done (&arena);
    }
}

/* Nothing is deleted that was not kept: not even where its place is taken. */
static void what_is_set_aside_is_not_lost_where_its_place_is_taken (void **state)
{
    (void) state;
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    struct keepsake keepsake = keepsake_of (1, first_id);
    struct archive_writer *writer;
    struct err err = { 0 };
    char path[PATH_MAX];
    append_until (scratch.path, 9000, 10, 0);
    file_of (path, scratch.path, "lost-1");
    assert_int_equal (mkdir (path, 0700), 0);
    file_of (path, scratch.path, "lost-1/" SEGMENT_8193);
    assert_int_equal (file_write (path, bytes_of_text ("another"), 0600, &err), 0);
    assert_int_equal (archive_append_open (scratch.path, &keepsake, &writer, &err), 0);
    assert_int_equal (archive_set_aside (writer, 8500, 1, &err), -EEXIST);
    assert_non_null (strstr (err.text, "lost-1/" SEGMENT_8193));
    archive_append_close (&writer);
    assert_int_equal (whole (scratch.path).last, 9000);
}

static void stores_that_were_made_from_a_folder_are_remembered (void **state)
{
    (void) state;
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    struct bytes known[ARCHIVE_OPENINGS_MAX], header;
    struct arena arena;
    struct err err = { 0 };
    size_t count = 7;
    arena_init (&arena, 0);
    append_until (scratch.path, 9, 10, 0);
    assert_int_equal (archive_openings (scratch.path, &arena, known, &count, &err), 0);
    assert_int_equal (count, 0);
    for (uint64_t i = 0; i < ARCHIVE_OPENINGS_MAX + 3; i++) {
        header = opening_of (&arena, 10 + i).header;
        assert_int_equal (archive_opening_add (scratch.path, header, &err), 0);
    }
    assert_int_equal (archive_openings (scratch.path, &arena, known, &count, &err), 0);
    assert_int_equal (count, ARCHIVE_OPENINGS_MAX);
    assert_true (bytes_equal (known[count - 1], header));
    assert_true (bytes_equal (known[0], opening_of (&arena, 13).header));
    whole (scratch.path); /* the backup is as it was */
    flip (scratch.path, "restored", 70, 1);
    assert_int_equal (archive_openings (scratch.path, &arena, known, &count, &err),
                      -EBADMSG);
    assert_non_null (strstr (err.text, "restored: is damaged"));
    arena_done (&arena);
}

/* ---- killed ------------------------------------------------------------------------- */

static void set_aside_in (const char *dir, uint64_t kept)
{
    struct keepsake keepsake = keepsake_of (1, first_id);
    struct archive_writer *writer;
    struct err err = { 0 };
    int rc = archive_append_open (dir, &keepsake, &writer, &err);
    if (rc == 0)
        rc = archive_set_aside (writer, kept, 1, &err);
    if (rc < 0)
        fail_msg ("%s", err.text);
    archive_append_close (&writer);
}

/* This program again, killed at the n-th such call. False: it had fewer. */
static bool die_at (const char *call, unsigned n, const char *what, const char *dir,
                    uint64_t last)
{
    char trace[64], inject[96], number[24];
    char self[PATH_MAX] = "";
    assert_true (readlink ("/proc/self/exe", self, sizeof self - 1) > 0);
    snprintf (trace, sizeof trace, "trace=%s", call);
    snprintf (inject, sizeof inject, "inject=%s:signal=SIGKILL:when=%u", call, n);
    snprintf (number, sizeof number, "%llu", (unsigned long long) last);
    pid_t child = fork ();
    assert_true (child >= 0);
    if (child == 0) {
        setenv ("ASAN_OPTIONS", "detect_leaks=0", 1); /* who is traced cannot trace */
        execlp ("strace", "strace", "-qq", "-o", "/dev/null", "-e", trace, "-e", inject,
                self, what, dir, number, (char *) NULL);
        _exit (127);
    }
    int status;
    assert_int_equal (waitpid (child, &status, 0), child);
    if (WIFEXITED (status) && WEXITSTATUS (status) == 0)
        return false;
    /* strace ends itself as its child was ended */
    assert_true (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
    return true;
}

static bool is_strace_there (void)
{
    return system ("strace -qq -o /dev/null true 2>/dev/null") == 0;
}

/* Calls that change the folder, or after which something in it is promised. */
static const char *const calls[] = {
    "write", "fsync", "rename", "link", "unlink", "mkdir"
};

static void writer_that_is_killed_at_any_call_leaves_a_valid_folder (void **state)
{
    (void) state;
    if (!is_strace_there ())
        skip ();
    for (size_t i = 0; i < ARRAY_SIZE (calls); i++) {
        CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
        uint64_t last = 4090;
        bool is_killed = true;
        append_until (scratch.path, last, 1, 0);
        for (unsigned n = 1; is_killed; n++) {
            /* Through the end of a segment at the first time. */
            is_killed = die_at (calls[i], n, "append", scratch.path, last + 10);
            uint64_t now = whole (scratch.path).last;
            assert_true (now == last || now == last + 10 ||
                         (last == 4090 && now == 4096));
            last = now;
        }
        append_until (scratch.path, last + 1, 1, 0);
        assert_int_equal (whole (scratch.path).last, last + 1);
    }
}

static void setting_aside_is_killed_at_any_call_and_done_again (void **state)
{
    (void) state;
    if (!is_strace_there ())
        skip ();
    for (size_t i = 0; i < ARRAY_SIZE (calls); i++) {
        bool is_killed = true;
        for (unsigned n = 1; is_killed; n++) {
            CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
            append_until (scratch.path, 4200, 1, 0);
            is_killed = die_at (calls[i], n, "aside", scratch.path, 30);
            uint64_t now = whole (scratch.path).last;
            assert_true (now == 30 || now == 4096 || now == 4200);
            set_aside_in (scratch.path, 30);
            assert_int_equal (whole (scratch.path).last, 30);
            assert_true (is_there (scratch.path, "lost-1/" SEGMENT_4097));
            assert_true (is_there (scratch.path, "lost-1/" SEGMENT_1));
        }
    }
}

int main (int argc, char **argv)
{
    if (argc == 4 && strcmp (argv[1], "append") == 0) {
        append_until (argv[2], strtoull (argv[3], NULL, 10), 1, 0);
        return 0;
    }
    if (argc == 4 && strcmp (argv[1], "aside") == 0) {
        set_aside_in (argv[2], strtoull (argv[3], NULL, 10));
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (what_was_appended_is_read_back),
        cmocka_unit_test (second_run_goes_on_and_replaces_the_short_last_segment),
        cmocka_unit_test (segment_ends_at_its_size),
        cmocka_unit_test (edge_is_only_a_shortcut),
        cmocka_unit_test (last_segments_that_are_gone_are_missed),
        cmocka_unit_test (what_cannot_be_written_leaves_no_draft),
        cmocka_unit_test (wrong_entry_is_not_appended),
        cmocka_unit_test (every_flipped_bit_is_found),
        cmocka_unit_test (damaged_entry_is_named),
        cmocka_unit_test (every_truncation_is_found),
        cmocka_unit_test (missing_segment_is_named),
        cmocka_unit_test (segment_of_another_backup_is_refused),
        cmocka_unit_test (wrong_service_and_newer_format_are_refused),
        cmocka_unit_test (opening_entry_renames_the_journal),
        cmocka_unit_test (lost_entries_are_set_aside_and_kept),
        cmocka_unit_test (what_is_set_aside_is_not_lost_where_its_place_is_taken),
        cmocka_unit_test (stores_that_were_made_from_a_folder_are_remembered),
        cmocka_unit_test (writer_that_is_killed_at_any_call_leaves_a_valid_folder),
        cmocka_unit_test (setting_aside_is_killed_at_any_call_and_done_again),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
