/* SPDX-License-Identifier: Apache-2.0 */
/* Key pairs and enrolment files; and the ZPL reader beneath them. */
#include "base/zpl.h"
#include "link/keys.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[64], file[128];

static int folder_make (void **state)
{
    (void) state;
    strcpy (dir, "/tmp/minqing-keys.XXXXXX");
    if (mkdtemp (dir) == NULL)
        return -1;
    snprintf (file, sizeof file, "%s/a.key", dir);
    return 0;
}

static int folder_remove (void **state)
{
    (void) state;
    unlink (file);
    return rmdir (dir);
}

static struct key_file sample (void)
{
    struct key_file key = {
        .number = 101, .role = ROLE_TERMINAL, .name = "龙台村 #1", .incarnation = 2
    };
    key_pair_make (&key.pair);
    struct key_pair server;
    key_pair_make (&server);
    strcpy (key.servers[SPEAKER_INTAKE].endpoint, "tcp://192.0.2.1:5550");
    memcpy (key.servers[SPEAKER_INTAKE].public_key, server.public_key, KEY_SIZE);
    strcpy (key.servers[SPEAKER_ROUTING].endpoint, "ipc:///run/minqing/routing.door");
    memcpy (key.servers[SPEAKER_ROUTING].public_key, server.public_key, KEY_SIZE);
    return key;
}

static void write_file (const char *text)
{
    unlink (file);
    int fd = open (file, O_CREAT | O_WRONLY, 0600);
    assert_true (write (fd, text, strlen (text)) == (ssize_t) strlen (text));
    close (fd);
}

static void saved_key_is_loaded_as_it_was (void **state)
{
    (void) state;
    struct key_file key = sample (), loaded;
    struct err err;
    assert_int_equal (key_file_save (file, &key, &err), 0);
    struct stat status;
    assert_int_equal (stat (file, &status), 0);
    assert_int_equal (status.st_mode & 0777, 0600);
    assert_int_equal (key_file_load (file, &loaded, &err), 0);
    assert_int_equal (loaded.number, 101);
    assert_int_equal (loaded.role, ROLE_TERMINAL);
    assert_string_equal (loaded.name, key.name);
    assert_int_equal (loaded.incarnation, 2);
    assert_memory_equal (&loaded.pair, &key.pair, sizeof key.pair);
    for (unsigned i = 0; i < SPEAKER_COUNT; i++) {
        assert_string_equal (loaded.servers[i].endpoint, key.servers[i].endpoint);
        assert_memory_equal (loaded.servers[i].public_key, key.servers[i].public_key,
                             KEY_SIZE);
    }
}

static void key_is_never_overwritten (void **state)
{
    (void) state;
    struct key_file first = sample (), second = sample (), loaded;
    struct err err;
    assert_int_equal (key_file_save (file, &first, &err), 0);
    assert_int_equal (key_file_save (file, &second, &err), -EEXIST);
    assert_int_equal (key_file_load (file, &loaded, &err), 0);
    assert_memory_equal (&loaded.pair, &first.pair, sizeof first.pair);
}

static void key_that_others_may_read_is_not_used (void **state)
{
    (void) state;
    struct key_file key = sample (), loaded;
    struct err err;
    assert_int_equal (key_file_save (file, &key, &err), 0);
    assert_int_equal (chmod (file, 0640), 0);
    assert_int_equal (key_file_load (file, &loaded, &err), -EACCES);
    assert_non_null (strstr (err.text, "chmod 600"));
}

static void mistakes_in_a_key_file_are_told_with_their_line (void **state)
{
    (void) state;
    static const struct {
        const char *text, *told;
    } mistakes[] = {
        { "nummber = 1\n", ":1: \"nummber\" is unknown" },
        { "number = 0\n", ":1: \"number\" is not a client number" },
        { "number = 12x\n", ":1: \"number\" is not a client number" },
        { "number = 1\nrole = king\n", ":2: \"role\" is not a role" },
        { "number = 1\nnumber = 2\n", ":2: \"number\" stands here a second time" },
        { "\npublic = 12\n", ":2: \"public\" is not 64 hex digits" },
        { "servers\n    inbox\n", ":2: \"servers/inbox\" is not one of intake" },
        { "servers\n    intake\n        connnect = x\n", "connnect\" is unknown; there" },
        { "number = 1\n", ": \"role\" is missing" },
    };
    for (size_t i = 0; i < ARRAY_SIZE (mistakes); i++) {
        struct key_file loaded;
        struct err err;
        write_file (mistakes[i].text);
        assert_int_equal (key_file_load (file, &loaded, &err), -EINVAL);
        if (strstr (err.text, mistakes[i].told) == NULL)
            fail_msg ("\"%s\" does not say \"%s\"", err.text, mistakes[i].told);
    }
}

static void keys_that_do_not_belong_together_are_told (void **state)
{
    (void) state;
    struct key_file key = sample (), loaded;
    struct err err;
    key.pair.public_key[0] ^= 1;
    assert_int_equal (key_file_save (file, &key, &err), 0);
    assert_int_equal (key_file_load (file, &loaded, &err), -EINVAL);
    assert_non_null (strstr (err.text, "do not belong together"));
}

static void absent_key_file_is_told_by_name (void **state)
{
    (void) state;
    struct key_file loaded;
    struct err err;
    assert_int_equal (key_file_load (file, &loaded, &err), -ENOENT);
    assert_non_null (strstr (err.text, file));
}

static void hex_of_a_key_is_read_strictly (void **state)
{
    (void) state;
    struct key_pair pair;
    uint8_t key[KEY_SIZE];
    char text[KEY_TEXT_SIZE];
    key_pair_make (&pair);
    key_format (pair.public_key, text);
    assert_true (key_parse (text, key));
    assert_memory_equal (key, pair.public_key, KEY_SIZE);
    text[10] = 'g';
    assert_false (key_parse (text, key));
    text[10] = '\0';
    assert_false (key_parse (text, key));
}

/* ---- ZPL ------------------------------------------------------------------------- */

static void zpl_gives_paths_values_and_lines (void **state)
{
    (void) state;
    static const char text[] = "# a comment\n"
                               "place = 含山县 环峰镇   # another\n"
                               "\n"
                               "intake\n"
                               "    door = \"tcp://*:1#2\"\n"
                               "    deep\n"
                               "        a='x \" y'  # comment\n"
                               "map-mib = 5";
    static const struct zpl_item expected[] = {
        { 2, "place", "含山县 环峰镇" },     { 4, "intake", NULL },
        { 5, "intake/door", "tcp://*:1#2" }, { 6, "intake/deep", NULL },
        { 7, "intake/deep/a", "x \" y" },    { 8, "map-mib", "5" },
    };
    struct zpl zpl;
    struct zpl_item item;
    struct err err;
    zpl_init (&zpl, "a.conf", bytes_of_text (text));
    for (size_t i = 0; i < ARRAY_SIZE (expected); i++) {
        assert_int_equal (zpl_next (&zpl, &item, &err), 1);
        assert_int_equal (item.line, expected[i].line);
        assert_string_equal (item.path, expected[i].path);
        if (expected[i].value == NULL)
            assert_null (item.value);
        else
            assert_string_equal (item.value, expected[i].value);
    }
    assert_int_equal (zpl_next (&zpl, &item, &err), 0);
}

static void zpl_tells_the_line_of_every_mistake_and_goes_on (void **state)
{
    (void) state;
    static const struct {
        const char *text, *told;
    } mistakes[] = {
        { "\xEF\xBB\xBF"
          "a = 1\nb = 2\n",
          "x:1: the file begins with a byte order mark" },
        { "a = 1\r\nb = 2\n", "x:1: the line ends in CR LF" },
        { "\ta = 1\nb = 2\n", "x:1: there is a tab" },
        { "a = \x01\nb = 2\n", "x:1: there is a control character" },
        { "  a = 1\nb = 2\n", "x:1: the indentation is not a multiple" },
        { "    a = 1\nb = 2\n", "x:1: the line is indented more than one step" },
        { "= 1\nb = 2\n", "x:1: no name" },
        { "a 1\nb = 2\n", "x:1: there is no =" },
        { "a =   # none\nb = 2\n", "x:1: there is no value" },
        { "a = \"1\nb = 2\n", "x:1: the closing quote is missing" },
        { "a = \"1\" 2\nb = 2\n", "x:1: something stands behind" },
    };
    for (size_t i = 0; i < ARRAY_SIZE (mistakes); i++) {
        struct zpl zpl;
        struct zpl_item item;
        struct err err;
        zpl_init (&zpl, "x", bytes_of_text (mistakes[i].text));
        assert_int_equal (zpl_next (&zpl, &item, &err), -EINVAL);
        assert_memory_equal (err.text, mistakes[i].told, strlen (mistakes[i].told));
        assert_int_equal (zpl_next (&zpl, &item, &err), 1);
        assert_string_equal (item.path, "b");
        assert_int_equal (zpl_next (&zpl, &item, &err), 0);
    }
}

static void zpl_writes_what_it_can_read_back (void **state)
{
    (void) state;
    static const char *const values[] = {
        "plain", "a # b", "trailing  ", "\"", "它's", ""
    };
    for (size_t i = 0; i < ARRAY_SIZE (values); i++) {
        struct buffer text = { 0 };
        struct zpl zpl;
        struct zpl_item item;
        buffer_append (&text, "a = ", 4);
        assert_true (zpl_append_value (&text, values[i]));
        zpl_init (&zpl, "x", buffer_bytes (&text));
        assert_int_equal (zpl_next (&zpl, &item, NULL), 1);
        assert_string_equal (item.value, values[i]);
        buffer_done (&text);
    }
    struct buffer text = { 0 };
    assert_false (zpl_append_value (&text, "both ' and \""));
    assert_false (zpl_append_value (&text, "line\nbreak"));
    buffer_done (&text);
}

#define FILED(test) cmocka_unit_test_setup_teardown (test, folder_make, folder_remove)

int main (void)
{
    const struct CMUnitTest tests[] = {
        FILED (saved_key_is_loaded_as_it_was),
        FILED (key_is_never_overwritten),
        FILED (key_that_others_may_read_is_not_used),
        FILED (mistakes_in_a_key_file_are_told_with_their_line),
        FILED (keys_that_do_not_belong_together_are_told),
        FILED (absent_key_file_is_told_by_name),
        cmocka_unit_test (hex_of_a_key_is_read_strictly),
        cmocka_unit_test (zpl_gives_paths_values_and_lines),
        cmocka_unit_test (zpl_tells_the_line_of_every_mistake_and_goes_on),
        cmocka_unit_test (zpl_writes_what_it_can_read_back),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
