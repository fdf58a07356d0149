/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void assert_hash_is (const struct hash *hash, const char *text)
{
    char found[HASH_TEXT_SIZE];
    hash_text (hash, found);
    assert_string_equal (found, text);
}

/* The examples of FIPS 180-4's companion. */
static void sha256_gives_the_published_digests (void **state UNUSED)
{
    struct hash hash;
    hash_bytes (BYTES (NULL, 0), &hash);
    assert_hash_is (&hash,
                    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    hash_bytes (bytes_of_text ("abc"), &hash);
    assert_hash_is (&hash,
                    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void parts_hash_as_if_joined (void **state UNUSED)
{
    struct hash joined, parted;
    struct bytes parts[] = { bytes_of_text ("民"), BYTES (NULL, 0),
                             bytes_of_text ("情") };
    hash_bytes (bytes_of_text ("民情"), &joined);
    hash_parts (parts, ARRAY_SIZE (parts), &parted);
    assert_true (hash_equal (&joined, &parted));
    hash_parts (parts, 2, &parted);
    assert_false (hash_equal (&joined, &parted));
}

static void content_hash_is_the_head_of_sha256 (void **state UNUSED)
{
    struct hash hash;
    uint8_t head[HASH16_SIZE];
    hash_bytes (bytes_of_text ("abc"), &hash);
    content_hash16 (bytes_of_text ("abc"), head);
    assert_memory_equal (head, hash.data, sizeof head);
}

static void keyed_hash_depends_on_key_and_bytes (void **state UNUSED)
{
    uint8_t key[HASH_KEY_SIZE] = { 1 }, other_key[HASH_KEY_SIZE] = { 2 };
    struct hash a, b;
    keyed_hash (key, bytes_of_text ("7KQ2M9XA"), &a);
    keyed_hash (key, bytes_of_text ("7KQ2M9XA"), &b);
    assert_true (hash_equal (&a, &b));
    keyed_hash (other_key, bytes_of_text ("7KQ2M9XA"), &b);
    assert_false (hash_equal (&a, &b));
    keyed_hash (key, bytes_of_text ("7KQ2M9XB"), &b);
    assert_false (hash_equal (&a, &b));
}

static void text_of_a_hash_reads_back (void **state UNUSED)
{
    struct hash hash, read;
    char text[HASH_TEXT_SIZE];
    hash_bytes (bytes_of_text ("abc"), &hash);
    hash_text (&hash, text);
    assert_true (hash_parse (text, &read));
    assert_true (hash_equal (&hash, &read));
    text[0] = 'B';
    assert_true (hash_parse (text, &read));
    assert_true (hash_equal (&hash, &read));
    text[10] = 'g';
    assert_false (hash_parse (text, &read));
    assert_false (hash_parse ("ba78", &read));
    assert_false (hash_parse ("", &read));
    assert_true (hash_equal (&hash, &read));
    assert_false (hash_is_zero (&hash));
    assert_true (hash_is_zero (&(struct hash){ { 0 } }));
}

/* ---- log -------------------------------------------------------------------- */

static int saved_stderr = -1;
static int pipe_fds[2];

static void capture_begin (void)
{
    assert_int_equal (pipe2 (pipe_fds, O_CLOEXEC | O_NONBLOCK), 0);
    saved_stderr = dup (STDERR_FILENO);
    assert_true (dup2 (pipe_fds[1], STDERR_FILENO) >= 0);
}

static void capture_end (char *text, size_t size)
{
    assert_true (dup2 (saved_stderr, STDERR_FILENO) >= 0);
    ssize_t length = read (pipe_fds[0], text, size - 1);
    text[length < 0 ? 0 : length] = '\0';
    close (saved_stderr);
    close (pipe_fds[0]);
    close (pipe_fds[1]);
}

static void a_line_stays_one_line (void **state UNUSED)
{
    char text[4096];
    unsetenv ("JOURNAL_STREAM");
    unsetenv ("INVOCATION_ID");
    log_open ("intake");
    capture_begin ();
    log_info ("one\nerror two\x1b[2J 民情");
    log_debug ("not said");
    log_event (LOG_LEVEL_WARNING, NULL, "20261123-00101-00034-X", "late");
    capture_end (text, sizeof text);
    assert_non_null (strstr (text, " intake info one?error two?[2J 民情\n"));
    assert_non_null (
        strstr (text, " intake warning grievance=20261123-00101-00034-X late\n"));
    assert_null (strstr (text, "not said"));
}

static void under_systemd_a_line_begins_with_its_priority (void **state UNUSED)
{
    char text[4096];
    setenv ("INVOCATION_ID", "0", 1);
    setenv ("JOURNAL_STREAM", "1:1", 1); /* inherited, but not our stderr */
    capture_begin ();
    log_open ("intake");
    log_error ("gone");
    capture_end (text, sizeof text);
    assert_string_equal (text, "<3>intake gone\n");
    unsetenv ("INVOCATION_ID");
    unsetenv ("JOURNAL_STREAM");
    log_open ("minqing");
}

static void a_line_too_long_is_cut_between_characters (void **state UNUSED)
{
    char text[8192], *end, long_text[6001];
    for (size_t i = 0; i < 6000; i += 3)
        memcpy (long_text + i, "民", 3);
    long_text[6000] = '\0';
    capture_begin ();
    log_info ("%s", long_text);
    capture_end (text, sizeof text);
    end = strrchr (text, '\n');
    assert_non_null (end);
    assert_memory_equal (end - 3, "民", 3);
    assert_true (strlen (text) < 2200);
}

static void unknown_level_is_refused (void **state UNUSED)
{
    assert_int_equal (log_set_level ("loud"), -EINVAL);
    assert_int_equal (log_level (), LOG_LEVEL_INFO);
    assert_int_equal (log_set_level ("debug"), 0);
    assert_int_equal (log_level (), LOG_LEVEL_DEBUG);
    assert_string_equal (log_level_name (log_level ()), "debug");
    assert_int_equal (log_set_level ("info"), 0);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (sha256_gives_the_published_digests),
        cmocka_unit_test (parts_hash_as_if_joined),
        cmocka_unit_test (content_hash_is_the_head_of_sha256),
        cmocka_unit_test (keyed_hash_depends_on_key_and_bytes),
        cmocka_unit_test (text_of_a_hash_reads_back),
        cmocka_unit_test (a_line_stays_one_line),
        cmocka_unit_test (under_systemd_a_line_begins_with_its_priority),
        cmocka_unit_test (a_line_too_long_is_cut_between_characters),
        cmocka_unit_test (unknown_level_is_refused),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
