/* SPDX-License-Identifier: Apache-2.0 */
/* The executor against a real SMTP server, a real HTTP server and real programs, all on
 * loopback. Without aiosmtpd (Debian: python3-aiosmtpd) those that need it say so and are
 * skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "notification/channels.h"
#include "notification/channels_inside.h"

#define PATIENCE_MS 20000 /* a test that waits longer has failed */

/* ---- what is sent to ------------------------------------------------------------- */

static struct {
    pid_t pid;
    FILE *said;
    int stdin_fd;
    char smtp_url[64];
    char http_url[64];
    char dir[64];
    const char *pipe_timeout_ms;
} sink;

static const char *setting (void *arg, const char *path)
{
    (void) arg;
    if (strcmp (path, "notification/smtp/url") == 0)
        return sink.smtp_url;
    if (strcmp (path, "notification/smtp/from") == 0)
        return "minqing@huanfeng.example";
    if (strcmp (path, "notification/pipe/dir") == 0)
        return sink.dir;
    if (strcmp (path, "notification/pipe/timeout_ms") == 0)
        return sink.pipe_timeout_ms;
    return NULL;
}

static int start_sink (void **state)
{
    int in[2], out[2], smtp, http;
    char line[64];

    (void) state;
    strcpy (sink.dir, "/tmp/minqing-channels-XXXXXX");
    assert_non_null (mkdtemp (sink.dir));
    assert_int_equal (pipe2 (in, O_CLOEXEC), 0);
    assert_int_equal (pipe2 (out, O_CLOEXEC), 0);
    sink.pid = fork ();
    if (sink.pid == 0) {
        dup2 (in[0], STDIN_FILENO);
        dup2 (out[1], STDOUT_FILENO);
        execl ("/usr/bin/python3", "python3", SOURCE_DIR "/tests/support/notice_sink.py",
               (char *) NULL);
        _exit (77);
    }
    close (in[0]);
    close (out[1]);
    sink.stdin_fd = in[1];
    sink.said = fdopen (out[0], "r");
    if (fgets (line, sizeof line, sink.said) &&
        sscanf (line, "%d %d", &smtp, &http) == 2) {
        snprintf (sink.smtp_url, sizeof sink.smtp_url, "smtp://127.0.0.1:%d", smtp);
        snprintf (sink.http_url, sizeof sink.http_url, "http://127.0.0.1:%d", http);
    }
    return 0;
}

static int stop_sink (void **state)
{
    char command[128];

    (void) state;
    close (sink.stdin_fd);
    fclose (sink.said);
    waitpid (sink.pid, NULL, 0);
    snprintf (command, sizeof command, "rm -r '%s'", sink.dir);
    return system (command);
}

static void need_sink (void)
{
    if (sink.smtp_url[0] == '\0') {
        print_message ("python3-aiosmtpd is not installed: not tried\n");
        skip ();
    }
}

static json_t *sink_said (void)
{
    char line[65536];

    assert_non_null (fgets (line, sizeof line, sink.said));
    return json_loads (line, 0, NULL);
}

static const char *text_of (json_t *said, const char *name)
{
    return json_string_value (json_object_get (said, name));
}

/* ---- the loop, as the shell has it ------------------------------------------------- */

static void *channels_open (void)
{
    void *self;

    assert_int_equal (notification_channels.open (setting, NULL, &self, NULL), 0);
    return self;
}

static void channels_start (void *self, uint64_t id, const char *channel,
                            const char *address, const char *json)
{
    struct effect effect = {
        .id = id,
        .channel = channel,
        .address = address,
        .subject = "您的诉求已受理，将在期限内答复；请保管好受理单以便查询进展",
        .text = "编号 20261123-00101-00034-X 的诉求已由国土资源所受理。",
        .json = json
    };

    notification_channels.start (self, &effect);
}

/* Run until 'count' results are there, kept by effect id 1 … count. */
static void channels_finish (void *self, size_t count, int *ret_sysexits)
{
    struct effect_result results[16];
    struct pollfd fds[EXECUTOR_FDS_MAX];
    int64_t waited_ms = 0;
    size_t done = 0;

    while (done < count) {
        size_t n_fds = notification_channels.poll_fds (self, fds, EXECUTOR_FDS_MAX);
        int64_t wait_ms = notification_channels.timeout_ms (self);

        if (wait_ms < 0 || wait_ms > 100)
            wait_ms = 100;
        poll (fds, n_fds, (int) wait_ms);
        waited_ms += wait_ms;
        assert_true (waited_ms < PATIENCE_MS);
        size_t n = notification_channels.run (self, fds, n_fds, results, 16);
        for (size_t i = 0; i < n; i++) {
            assert_true (results[i].effect >= 1 && results[i].effect <= count);
            ret_sysexits[results[i].effect - 1] = results[i].sysexit;
            done++;
        }
    }
}

static int send_one (const char *channel, const char *address, const char *json)
{
    void *self = channels_open ();
    int sysexit = -1;

    channels_start (self, 1, channel, address, json);
    channels_finish (self, 1, &sysexit);
    notification_channels.close (&self);
    assert_null (self);
    return sysexit;
}

/* ---- mail ------------------------------------------------------------------------------ */

static void mail_arrives_whole_at_a_real_server (void **state)
{
    (void) state;
    need_sink ();
    assert_int_equal (send_one ("smtp", "wang@huanfeng.example", "{}"), EX_OK);
    json_t *said = sink_said ();
    assert_string_equal (text_of (said, "kind"), "mail");
    assert_string_equal (text_of (said, "to"), "wang@huanfeng.example");
    assert_string_equal (text_of (said, "sender"), "minqing@huanfeng.example");
    assert_string_equal (text_of (said, "subject"),
                         "您的诉求已受理，将在期限内答复；请保管好受理单以便查询进展");
    assert_string_equal (text_of (said, "text"),
                         "编号 20261123-00101-00034-X 的诉求已由国土资源所受理。");
    assert_string_equal (text_of (said, "id"), "<notice.1@huanfeng.example>");
    assert_true (json_integer_value (json_object_get (said, "longest")) <= 78);
    json_decref (said);
}

static void
server_that_is_busy_means_later_and_one_that_refuses_means_never (void **state)
{
    (void) state;
    need_sink ();
    assert_int_equal (send_one ("smtp", "busy@huanfeng.example", "{}"), EX_TEMPFAIL);
    assert_int_equal (send_one ("smtp", "never@huanfeng.example", "{}"), EX_UNAVAILABLE);
}

static void server_that_is_away_means_later (void **state)
{
    char kept[sizeof sink.smtp_url];

    (void) state;
    memcpy (kept, sink.smtp_url, sizeof kept);
    strcpy (sink.smtp_url, "smtp://127.0.0.1:1"); /* nobody listens there */
    assert_int_equal (send_one ("smtp", "wang@huanfeng.example", "{}"), EX_TEMPFAIL);
    memcpy (sink.smtp_url, kept, sizeof kept);
}

static void header_from_a_table_cannot_begin_a_line (void **state)
{
    struct channel_settings settings = { .smtp_from = "a@b.example" };
    struct buffer mail = { 0 };

    (void) state;
    mail_write (&settings, "x@y.example\r\nBcc: all@y.example", 7, "plain", "text", 0,
                &mail);
    buffer_append (&mail, "", 1);
    assert_null (strstr ((const char *) mail.data, "\r\nBcc:"));
    assert_non_null (strstr ((const char *) mail.data, "Subject: plain\r\n"));
    assert_non_null (
        strstr ((const char *) mail.data, "Date: Thu, 01 Jan 1970 08:00:00 +0800\r\n"));
    buffer_done (&mail);
}

/* ---- HTTP -------------------------------------------------------------------------------- */

static void answers_of_robots_and_gateways_are_understood (void **state)
{
    static const struct {
        const char *path;
        int sysexit;
    } paths[] = {
        { "/ok", EX_OK },           { "/plain", EX_OK },      { "/busy", EX_TEMPFAIL },
        { "/broken", EX_TEMPFAIL }, { "/fast", EX_TEMPFAIL }, { "/gone", EX_UNAVAILABLE },
        { "/bad", EX_UNAVAILABLE },
    };

    (void) state;
    need_sink ();
    for (size_t i = 0; i < ARRAY_SIZE (paths); i++) {
        char url[128];

        snprintf (url, sizeof url, "%s%s", sink.http_url, paths[i].path);
        assert_int_equal (
            send_one ("http", url, "{\"msgtype\":\"text\",\"n\":\"环峰镇\"}"),
            paths[i].sysexit);
        json_t *said = sink_said ();
        assert_string_equal (text_of (said, "path"), paths[i].path);
        assert_string_equal (text_of (said, "type"), "application/json");
        assert_string_equal (text_of (json_object_get (said, "body"), "n"), "环峰镇");
        json_decref (said);
    }
}

static void address_that_is_none_is_a_matter_of_configuration (void **state)
{
    (void) state;
    assert_int_equal (send_one ("http", "ftp://127.0.0.1/x", "{}"), EX_CONFIG);
    assert_int_equal (send_one ("pigeon", "coop", "{}"), EX_CONFIG);
    assert_int_equal (send_one ("pipe", "not-there", "{}"), EX_CONFIG);
}

static void more_than_go_at_once_all_arrive (void **state)
{
    enum { COUNT = 3 * CHANNELS_AT_ONCE_INITIAL };
    int sysexits[COUNT];
    void *self;
    char url[128];

    (void) state;
    need_sink ();
    self = channels_open ();
    snprintf (url, sizeof url, "%s/ok", sink.http_url);
    for (unsigned i = 1; i <= COUNT; i++)
        channels_start (self, i, "http", url, "{}");
    channels_finish (self, COUNT, sysexits);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal (sysexits[i], EX_OK);
        json_decref (sink_said ());
    }
    notification_channels.close (&self);
}

/* ---- programs ------------------------------------------------------------------------------ */

static const char *program (const char *name, const char *text)
{
    char path[128];
    FILE *file;

    snprintf (path, sizeof path, "%s/%s", sink.dir, name);
    file = fopen (path, "w");
    assert_non_null (file);
    fprintf (file, "#!/bin/sh\n%s\n", text);
    fclose (file);
    chmod (path, 0755);
    return name;
}

static void program_gets_the_json_and_its_exit_code_counts (void **state)
{
    char script[256], kept[256];
    FILE *file;

    (void) state;
    snprintf (script, sizeof script, "cat > '%s/got'", sink.dir);
    assert_int_equal (send_one ("pipe", program ("keep", script), "{\"n\":\"环峰\"}"),
                      EX_OK);
    snprintf (script, sizeof script, "%s/got", sink.dir);
    file = fopen (script, "r");
    assert_non_null (file);
    assert_non_null (fgets (kept, sizeof kept, file));
    fclose (file);
    assert_string_equal (kept, "{\"n\":\"环峰\"}");
    assert_int_equal (send_one ("pipe", program ("later", "exit 75"), "{}"), 75);
    assert_int_equal (send_one ("pipe", program ("never", "exit 69"), "{}"), 69);
}

static void program_that_does_not_read_or_dies_harms_nobody (void **state)
{
    char *large = calloc (1, 300001);

    (void) state;
    memset (large, 'x', 300000);
    assert_int_equal (send_one ("pipe", program ("deaf", "exit 0"), large), EX_OK);
    assert_int_equal (send_one ("pipe", program ("dies", "kill -9 $$"), "{}"),
                      EX_TEMPFAIL);
    free (large);
}

static void programs_outside_of_their_folder_are_not_run (void **state)
{
    (void) state;
    assert_int_equal (send_one ("pipe", "/bin/true", "{}"), EX_CONFIG);
    assert_int_equal (send_one ("pipe", "../../bin/true", "{}"), EX_CONFIG);
    assert_int_equal (send_one ("pipe", "..", "{}"), EX_CONFIG);
    assert_int_equal (send_one ("pipe", "", "{}"), EX_CONFIG);
}

static void program_that_takes_too_long_is_killed (void **state)
{
    (void) state;
    sink.pipe_timeout_ms = "100";
    assert_int_equal (send_one ("pipe", program ("slow", "sleep 1000 & wait"), "{}"),
                      EX_TEMPFAIL);
    sink.pipe_timeout_ms = NULL;
}

static void closing_ends_programs_that_still_run (void **state)
{
    void *self = channels_open ();
    char line[64] = "", path[128], script[300];
    FILE *file;

    (void) state;
    snprintf (path, sizeof path, "%s/pid", sink.dir);
    assert_int_equal (mkfifo (path, 0600), 0);
    snprintf (script, sizeof script, "echo $$ > '%s'; exec cat '%s'", path, path);
    channels_start (self, 1, "pipe", program ("hangs", script), "{}");
    file = fopen (path, "r"); /* opens when the program has come that far */
    assert_non_null (fgets (line, sizeof line, file));
    fclose (file);
    notification_channels.close (&self);
    assert_int_equal (kill ((pid_t) strtol (line, NULL, 10), 0), -1);
    assert_int_equal (errno, ESRCH);
}

static int64_t steady_ms (void)
{
    struct timespec now;

    clock_gettime (CLOCK_MONOTONIC, &now);
    return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* One mail has gone, and its connection is kept; another is on its way when the server
 * stops to answer, and then we have to stop. */
static void closing_waits_for_no_server_that_hangs (void **state)
{
    struct effect_result results[16];
    struct pollfd fds[EXECUTOR_FDS_MAX];
    int sysexit = -1;

    (void) state;
    need_sink ();
    void *self = channels_open ();
    channels_start (self, 1, "smtp", "one@huanfeng.example", NULL);
    channels_finish (self, 1, &sysexit);
    assert_int_equal (sysexit, EX_OK);
    json_decref (sink_said ());
    assert_int_equal (kill (sink.pid, SIGSTOP), 0);
    for (uint64_t id = 2; id < 6; id++)
        channels_start (self, id, "smtp", "two@huanfeng.example", NULL);
    for (unsigned i = 0; i < 20; i++) {
        size_t n_fds = notification_channels.poll_fds (self, fds, EXECUTOR_FDS_MAX);
        poll (fds, n_fds, 5);
        notification_channels.run (self, fds, n_fds, results, 16);
    }
    int64_t from_ms = steady_ms ();
    notification_channels.close (&self);
    int64_t took_ms = steady_ms () - from_ms;
    kill (sink.pid, SIGCONT);
    assert_true (took_ms < 1500);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (mail_arrives_whole_at_a_real_server),
        cmocka_unit_test (
            server_that_is_busy_means_later_and_one_that_refuses_means_never),
        cmocka_unit_test (server_that_is_away_means_later),
        cmocka_unit_test (header_from_a_table_cannot_begin_a_line),
        cmocka_unit_test (answers_of_robots_and_gateways_are_understood),
        cmocka_unit_test (address_that_is_none_is_a_matter_of_configuration),
        cmocka_unit_test (more_than_go_at_once_all_arrive),
        cmocka_unit_test (program_gets_the_json_and_its_exit_code_counts),
        cmocka_unit_test (program_that_does_not_read_or_dies_harms_nobody),
        cmocka_unit_test (programs_outside_of_their_folder_are_not_run),
        cmocka_unit_test (program_that_takes_too_long_is_killed),
        cmocka_unit_test (closing_ends_programs_that_still_run),
        cmocka_unit_test (closing_waits_for_no_server_that_hangs),
    };

    return cmocka_run_group_tests (tests, start_sink, stop_sink);
}
