/* SPDX-License-Identifier: Apache-2.0 */
/* minqing.conf: what is read, what is refused, and how well the mistake is told. */
#include "runtime/config.h"
#include "runtime/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[64], file[128];

static int folder_make (void **state)
{
    (void) state;
    strcpy (dir, "/tmp/minqing-config.XXXXXX");
    if (mkdtemp (dir) == NULL)
        return -1;
    snprintf (file, sizeof file, "%s/minqing.conf", dir);
    return 0;
}

static int folder_remove (void **state)
{
    (void) state;
    unlink (file);
    return rmdir (dir);
}

static void write_file (const char *text)
{
    int fd = open (file, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    assert_true (write (fd, text, strlen (text)) == (ssize_t) strlen (text));
    close (fd);
}

static struct config *load (const char *text)
{
    struct config *config = NULL;
    struct err err;
    write_file (text);
    if (config_load (file, &config, &err) < 0)
        fail_msg ("%s", err.text);
    return config;
}

static void assert_path (const char *got, const char *below)
{
    char expected[256];
    snprintf (expected, sizeof expected, "%s/%s", dir, below);
    assert_string_equal (got, expected);
}

static void empty_file_gives_the_defaults (void **state)
{
    (void) state;
    struct config *config = load ("# nothing\n");
    const char *const *list;
    assert_string_equal (config_get_text (config, "state"), "/var/lib/minqing");
    assert_string_equal (config_state (config, SPEAKER_ROUTING),
                         "/var/lib/minqing/routing");
    assert_string_equal (config_door (config, SPEAKER_INTAKE),
                         "ipc:///run/minqing/intake.door");
    assert_string_equal (config_control (config, SPEAKER_NOTIFICATION),
                         "ipc:///run/minqing/notification.control");
    assert_path (config_get_text (config, "tables"), "tables");
    assert_path (config_get_text (config, "clients"), "clients.tsv");
    assert_path (config_key (config, SPEAKER_ESCALATION), "keys/escalation.key");
    assert_int_equal (config_get_number (config, "intake/map_mib"), 65536);
    assert_int_equal (config_get_number (config, "notification/quiet_from"),
                      21 * 60 + 30);
    assert_int_equal (config_get_list (config, "intake/door", &list), 0);
    assert_null (config_get_text (config, "notification/smtp/url"));
    assert_null (config_get_text (config, "no/such/setting"));
    config_destroy (&config);
}

static void what_the_file_says_counts (void **state)
{
    (void) state;
    struct config *config = load ("place = 含山县环峰镇\n"
                                  "language = en\n"
                                  "state = state\n"
                                  "runtime = /tmp/r\n"
                                  "intake\n"
                                  "    door = tcp://0.0.0.0:5550\n"
                                  "    door = tcp://[::1]:5551\n"
                                  "    map_mib = 128\n"
                                  "notification\n"
                                  "    sms = http:https://sms.example.org/send\n"
                                  "    quiet_until = 24:00\n"
                                  "    smtp\n"
                                  "        url = smtp://127.0.0.1:25\n");
    const char *const *list;
    assert_string_equal (config_get_text (config, "place"), "含山县环峰镇");
    assert_path (config_state (config, SPEAKER_INTAKE), "state/intake");
    assert_string_equal (config_door (config, SPEAKER_INTAKE),
                         "ipc:///tmp/r/intake.door");
    assert_int_equal (config_get_list (config, "intake/door", &list), 2);
    assert_string_equal (list[1], "tcp://[::1]:5551");
    assert_int_equal (config_get_number (config, "intake/map_mib"), 128);
    assert_int_equal (config_get_number (config, "routing/map_mib"), 65536);
    assert_int_equal (config_get_number (config, "notification/quiet_until"), 1440);
    assert_string_equal (config_setting (config, "notification/smtp/url"),
                         "smtp://127.0.0.1:25");
    config_destroy (&config);
}

static void setting_not_made_says_what_the_one_above_says (void **state)
{
    (void) state;
    struct config *config = load ("language = en\n");
    assert_string_equal (config_get_text (config, "notification/language"), "en");
    config_destroy (&config);
    config = load ("language = en\nnotification\n    language = zh\n");
    assert_string_equal (config_get_text (config, "notification/language"), "zh");
    config_destroy (&config);
}

static void every_kind_of_mistake_is_told_with_its_line (void **state)
{
    (void) state;
    static const struct {
        const char *text, *told;
    } mistakes[] = {
        { "intake\n    dorr = tcp://0.0.0.0:1\n",
          ":2: unknown setting \"dorr\", did you mean \"door\"?" },
        { "intakke\n    door = tcp://0.0.0.0:1\n",
          ":1: unknown section \"intakke\", did you mean \"intake\"?" },
        { "xyzzy = 1\n", ":1: unknown setting \"xyzzy\"" },
        { "intake\n    map_mib = many\n",
          ":2: intake/map_mib: \"many\" is not a number" },
        { "intake\n    map_mib = 1\n", "\"1\" is not between 16 and 16777216" },
        { "intake\n    map_mib = 99999999999999999999\n", "is not a number" },
        { "intake\n    door = localhost\n", "is neither ipc:///PATH nor tcp://" },
        { "intake\n    door = tcp://0.0.0.0:0\n", "is neither ipc:///PATH nor tcp://" },
        { "intake\n    door = ipc://relative\n", "is neither ipc:///PATH nor tcp://" },
        { "language = fr\n", ":1: language: \"fr\" is none of: zh en" },
        { "state = \"\"\n", ":1: state: \"\" is empty" },
        { "runtime = \"\"\n", ":1: runtime: \"\" is empty" },
        { "place = a\nplace = b\n",
          ":2: place stands here a second time, first in line 1" },
        { "place\n", ":1: place has no value" },
        { "intake = 1\n", ":1: intake is a section and takes no value" },
        { "notification\n    quiet_from = 24:01\n", "is not a time of day like 21:30" },
        { "notification\n    quiet_from = 9\n", "is not a time of day like 21:30" },
        { "notification\n    sms = gateway\n",
          "begins with none of: http: https: pipe:" },
        { "\tplace = a\n", ":1: there is a tab" },
        { "runtime = "
          "/a/very/long/path/that/goes/on/and/on/and/on/and/on/and/on/and/on/and/"
          "on/and/on/and/on/and\n",
          ":1: runtime: the path is " },
    };
    for (size_t i = 0; i < ARRAY_SIZE (mistakes); i++) {
        struct config *config = NULL;
        struct err err;
        write_file (mistakes[i].text);
        assert_int_equal (config_load (file, &config, &err), -EINVAL);
        assert_null (config);
        if (strstr (err.text, mistakes[i].told) == NULL || strstr (err.text, "more)"))
            fail_msg ("\"%s\" does not say \"%s\"", err.text, mistakes[i].told);
    }
}

static void all_mistakes_are_told_at_once_and_only_so_many_kept (void **state)
{
    (void) state;
    struct config *config = NULL;
    struct config_problems problems;
    struct err err;
    char text[64 * 30] = "", *end = text;
    for (unsigned i = 0; i < 30; i++)
        end += sprintf (end, "wrong%u = 1\n", i);
    write_file (text);
    assert_int_equal (config_load_all (file, &config, &problems, &err), -EINVAL);
    assert_int_equal (problems.count, 30);
    assert_non_null (strstr (problems.texts[CONFIG_PROBLEMS_MAX - 1], ":20: "));
    assert_non_null (strstr (err.text, ":1: "));
    assert_non_null (strstr (err.text, "(and 29 more)"));
}

static void absent_file_is_told_with_what_to_do (void **state)
{
    (void) state;
    struct config *config = NULL;
    struct config_problems problems;
    struct err err;
    assert_int_equal (config_load_all (file, &config, &problems, &err), -ENOENT);
    assert_non_null (strstr (err.text, "--config"));
    assert_int_equal (problems.count, 1);
}

static void option_counts_before_the_variable_and_that_before_the_default (void **state)
{
    (void) state;
    unsetenv (CONFIG_VARIABLE);
    assert_string_equal (config_file (NULL), CONFIG_DEFAULT);
    setenv (CONFIG_VARIABLE, "/from/variable", 1);
    assert_string_equal (config_file (NULL), "/from/variable");
    assert_string_equal (config_file ("/from/option"), "/from/option");
    unsetenv (CONFIG_VARIABLE);
}

static void every_default_is_a_value_its_own_setting_takes (void **state)
{
    (void) state;
    for (size_t i = 0; i < settings_count; i++) {
        int64_t number;
        struct err err;
        assert_non_null (settings[i].help);
        assert_int_equal (setting_find (settings[i].path), (int) i); /* no name twice */
        if (settings[i].initial != NULL)
            assert_int_equal (
                setting_check (&settings[i], settings[i].initial, &number, &err), 0);
        if (settings[i].inherits != NULL)
            assert_true (setting_find (settings[i].inherits) >= 0);
    }
}

#define FILED(test) cmocka_unit_test_setup_teardown (test, folder_make, folder_remove)

int main (void)
{
    const struct CMUnitTest tests[] = {
        FILED (empty_file_gives_the_defaults),
        FILED (what_the_file_says_counts),
        FILED (setting_not_made_says_what_the_one_above_says),
        FILED (every_kind_of_mistake_is_told_with_its_line),
        FILED (all_mistakes_are_told_at_once_and_only_so_many_kept),
        FILED (absent_file_is_told_with_what_to_do),
        cmocka_unit_test (option_counts_before_the_variable_and_that_before_the_default),
        cmocka_unit_test (every_default_is_a_value_its_own_setting_takes),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
