/* SPDX-License-Identifier: Apache-2.0 */
/* The shell with a whole daemon in it: a child process that runs service_main with a law
 * of almost nothing, told apart from outside by its sockets, signals, exit code and what
 * it says to systemd. Nothing sleeps: the daemon says READY, and everything else is
 * waited for, at most PATIENCE_MS. */
#include "base/arena.h"
#include "link/door.h"
#include "link/line.h"
#include "runtime/clock.h"
#include "runtime/config.h"
#include "runtime/service.h"
#include "support/scratch.h"
#include "wire/wire.h"

#include "rules_tables.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>
#include <zmq.h>

#define PATIENCE_MS 15000 /* what the daemon says is seen with MINQING_TEST_TALK=1 */

/* ---- a law of almost nothing ------------------------------------------------------ */

/* It wants one effect done as soon as it speaks, and counts what became of it. */
struct tiny {
    struct core *core;
    bool has_asked;
    uint64_t done, last_code;
};

static int tiny_open (struct core *core, void **ret_self, struct err *err)
{
    (void) err;
    struct tiny *tiny = calloc (1, sizeof *tiny);
    tiny->core = core;
    *ret_self = tiny;
    return 0;
}

static void tiny_close (void **self)
{
    free (*self);
    *self = NULL;
}

static void tiny_apply (void *self, struct txn *txn, const struct entry *entry,
                        struct bytes body)
{
    (void) self, (void) txn, (void) entry, (void) body;
}

static void tiny_decide (void *self, struct txn *txn, const struct sender *sender,
                         const struct command *command, struct decision *decision)
{
    (void) self, (void) txn, (void) sender, (void) command, (void) decision;
}

static void tiny_result (void *self, struct txn *txn, uint64_t effect, int sysexit,
                         const char *detail, struct decision *decision)
{
    struct tiny *tiny = self;
    (void) txn, (void) decision;
    assert (effect == 7 && strcmp (detail, "as asked") == 0);
    tiny->done++;
    tiny->last_code = (uint64_t) sysexit;
}

static void tiny_settled (void *self, struct txn *txn, int64_t now_ms,
                          struct arena *arena, struct outbox *outbox)
{
    struct tiny *tiny = self;
    (void) txn, (void) now_ms, (void) arena;
    if (!tiny->has_asked)
        core_effect (tiny->core, outbox,
                     &(struct effect){ .id = 7, .channel = "pipe", .address = "echo" });
    tiny->has_asked = true;
}

static void tiny_gauges (void *self, struct txn *txn,
                         void (*add) (void *into, const char *name, uint64_t value),
                         void *into)
{
    const struct tiny *tiny = self;
    (void) txn;
    add (into, "done", tiny->done);
    add (into, "last_code", tiny->last_code);
}

static const struct follow_spec tiny_follows[] = { { .speaker = SPEAKER_ROUTING } };

static const struct service_spec tiny_service = {
    .name = "intake",
    .speaker = SPEAKER_INTAKE,
    .follows = tiny_follows,
    .n_follows = ARRAY_SIZE (tiny_follows),
    .open = tiny_open,
    .close = tiny_close,
    .apply = tiny_apply,
    .decide = tiny_decide,
    .result = tiny_result,
    .settled = tiny_settled,
    .gauges = tiny_gauges,
};

/* An executor whose work is done when its pipe can be read. */
struct doer {
    int pipe[2];
    uint64_t effect;
};

static int doer_open (const char *(*setting) (void *arg, const char *path), void *arg,
                      void **ret_self, struct err *err)
{
    struct doer *doer = calloc (1, sizeof *doer);
    assert (strcmp (setting (arg, "notification/parallel"), "8") == 0);
    if (pipe (doer->pipe) < 0)
        return err_set (err, -errno, "no pipe");
    *ret_self = doer;
    return 0;
}

static void doer_start (void *self, const struct effect *effect)
{
    struct doer *doer = self;
    assert (strcmp (effect->address, "echo") == 0);
    doer->effect = effect->id;
    ssize_t written = write (doer->pipe[1], "x", 1);
    assert (written == 1);
}

static size_t doer_poll_fds (void *self, struct pollfd *fds, size_t max)
{
    const struct doer *doer = self;
    assert (max > 0);
    fds[0] = (struct pollfd){ .fd = doer->pipe[0], .events = POLLIN };
    return 1;
}

static int64_t doer_timeout_ms (void *self)
{
    (void) self;
    return -1;
}

static size_t doer_run (void *self, const struct pollfd *fds, size_t n_fds,
                        struct effect_result *results, size_t max)
{
    struct doer *doer = self;
    char byte;
    assert (n_fds == 1 && fds[0].revents == POLLIN && max > 0);
    ssize_t got = read (doer->pipe[0], &byte, 1);
    assert (got == 1);
    results[0] = (struct effect_result){ doer->effect, EX_TEMPFAIL, "as asked" };
    return 1;
}

static void doer_close (void **self)
{
    struct doer *doer = *self;
    close (doer->pipe[0]);
    close (doer->pipe[1]);
    free (doer);
    *self = NULL;
}

static const struct executor_ops doer_ops = {
    .open = doer_open,
    .start = doer_start,
    .poll_fds = doer_poll_fds,
    .timeout_ms = doer_timeout_ms,
    .run = doer_run,
    .close = doer_close,
};

/* ---- a place for it --------------------------------------------------------------- */

struct scene {
    struct scratch scratch;
    char config[SCRATCH_PATH_SIZE + 32];
    struct key_pair daemon, routing, operator, stranger;
    struct config *parsed;
    int notified; /* what the daemon says to systemd */
    pid_t pid;
    struct hub *hub;
    struct line *line;
    struct zap *zap;
    struct arena arena;
};

static void write_text (const struct scene *scene, const char *name, const char *text)
{
    char path[SCRATCH_PATH_SIZE + 64];
    snprintf (path, sizeof path, "%s/%s", scene->scratch.path, name);
    int fd = open (path, O_CREAT | O_TRUNC | O_WRONLY, 0600);
    assert_true (fd >= 0 && write (fd, text, strlen (text)) == (ssize_t) strlen (text));
    close (fd);
}

static void write_clients (const struct scene *scene, const struct key_pair *more)
{
    char text[1024], key[KEY_TEXT_SIZE];
    char *end = text + sprintf (text, "number\trole\tkey\tname\n");
    key_format (scene->daemon.public_key, key);
    end += sprintf (end, "900001\tdaemon\t%s\tintake\n", key);
    key_format (scene->routing.public_key, key);
    end += sprintf (end, "900002\tdaemon\t%s\trouting\n", key);
    key_format (scene->operator.public_key, key);
    end += sprintf (end, "900009\toperator\t%s\tops\n", key);
    if (more != NULL) {
        key_format (more->public_key, key);
        sprintf (end, "900010\toperator\t%s\tmore\n", key);
    }
    write_text (scene, "clients.tsv", text);
}

static void write_key (const struct scene *scene)
{
    struct key_file key = { .number = 900001, .role = ROLE_DAEMON, .incarnation = 1 };
    struct err err;
    strcpy (key.name, "intake");
    key.pair = scene->daemon;
    assert_int_equal (
        key_file_save (config_key (scene->parsed, SPEAKER_INTAKE), &key, &err), 0);
}

static void listen_like_systemd (struct scene *scene)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    char path[SCRATCH_PATH_SIZE + 16];
    snprintf (path, sizeof path, "%s/notify", scene->scratch.path);
    assert_true (strlen (path) < sizeof address.sun_path);
    strcpy (address.sun_path, path);
    scene->notified = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal (
        bind (scene->notified, (struct sockaddr *) &address, sizeof address), 0);
    setenv ("NOTIFY_SOCKET", address.sun_path, 1);
}

static int scene_open (void **state)
{
    struct scene *scene = calloc (1, sizeof *scene);
    struct err err;
    char path[SCRATCH_PATH_SIZE + 64];
    *state = scene;
    scene->scratch = scratch_make ();
    key_pair_make (&scene->daemon);
    key_pair_make (&scene->routing);
    key_pair_make (&scene->operator);
    key_pair_make (&scene->stranger);
    arena_init (&scene->arena, 0);
    snprintf (scene->config, sizeof scene->config, "%s/minqing.conf",
              scene->scratch.path);
    write_text (scene, "minqing.conf",
                "state = state\nruntime = run\nlog = error\n"
                "intake\n    map_mib = 64\n");
    assert_int_equal (config_load (scene->config, &scene->parsed, &err), 0);
    snprintf (path, sizeof path, "%s/tables", scene->scratch.path);
    mkdir (path, 0700);
    snprintf (path, sizeof path, "%s/keys", scene->scratch.path);
    mkdir (path, 0700);
    for (unsigned i = 0; i < RULES_TABLE_COUNT; i++) {
        snprintf (path, sizeof path, "tables/%s.tsv",
                  rules_table_name ((enum rules_table) i));
        write_text (scene, path,
                    i == RULES_TEMPLATES ? small_templates () : small_tables[i]);
    }
    write_clients (scene, NULL);
    write_key (scene);
    listen_like_systemd (scene);
    return 0;
}

static int scene_close (void **state)
{
    struct scene *scene = *state;
    if (scene->pid > 0) {
        kill (scene->pid, SIGKILL);
        waitpid (scene->pid, NULL, 0);
    }
    line_close (&scene->line);
    zap_close (&scene->zap);
    hub_close (&scene->hub);
    config_destroy (&scene->parsed);
    close (scene->notified);
    scratch_remove (&scene->scratch);
    arena_done (&scene->arena);
    unsetenv ("WATCHDOG_USEC");
    unsetenv (CLOCK_VARIABLE);
    free (scene);
    return 0;
}

static int64_t steady (void)
{
    struct timespec now;
    clock_gettime (CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- running it ------------------------------------------------------------------- */

static void spawn (struct scene *scene, char *option)
{
    char program[] = "minqing-intake", config[] = "--config";
    char *arguments[] = { program, config, scene->config, option, NULL };
    fflush (NULL);
    scene->pid = fork ();
    assert_true (scene->pid >= 0);
    if (scene->pid == 0) {
        close (scene->notified);
        bool is_quiet = getenv ("MINQING_TEST_TALK") == NULL;
        if ((is_quiet && freopen ("/dev/null", "w", stderr) == NULL) ||
            freopen ("/dev/null", "w", stdout) == NULL)
            _exit (1);
        _exit (service_main_with (&tiny_service, &doer_ops, option == NULL ? 3 : 4,
                                  arguments));
    }
}

/* The exit code, or -1 when it does not end in time or dies of a signal. */
static int wait_exit (struct scene *scene)
{
    int pidfd = (int) syscall (SYS_pidfd_open, scene->pid, 0);
    struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };
    int ready = poll (&poll_fd, 1, PATIENCE_MS);
    close (pidfd);
    int status;
    if (ready != 1 || waitpid (scene->pid, &status, 0) != scene->pid)
        return -1;
    scene->pid = 0;
    return WIFEXITED (status) ? WEXITSTATUS (status) : -1;
}

static int run_to_its_end (struct scene *scene, char *option)
{
    spawn (scene, option);
    return wait_exit (scene);
}

/* Until the daemon says 'word' to systemd. */
static bool wait_word (struct scene *scene, const char *word)
{
    int64_t until = steady () + PATIENCE_MS;
    struct pollfd poll_fd = { .fd = scene->notified, .events = POLLIN };
    for (;;) {
        char text[512] = "";
        int64_t left = until - steady ();
        if (left <= 0 || poll (&poll_fd, 1, (int) left) != 1)
            return false;
        if (recv (scene->notified, text, sizeof text - 1, 0) > 0 &&
            strstr (text, word) != NULL)
            return true;
    }
}

static void start (struct scene *scene)
{
    spawn (scene, NULL);
    assert_true (wait_word (scene, "READY=1"));
}

static int stop (struct scene *scene)
{
    kill (scene->pid, SIGTERM);
    return wait_exit (scene);
}

/* ---- asking it -------------------------------------------------------------------- */

static void connect_as (struct scene *scene, const struct key_pair *pair)
{
    struct line_options options = {
        .endpoint = config_control (scene->parsed, SPEAKER_INTAKE),
        .server_key = scene->daemon.public_key,
        .pair = pair,
        .reconnect_max_ms = LINE_RECONNECT_INTERACTIVE_MS,
    };
    struct err err;
    line_close (&scene->line);
    if (scene->hub == NULL)
        assert_int_equal (hub_open (0, &scene->hub, &err), 0);
    assert_int_equal (line_open (scene->hub, &options, &scene->line, &err), 0);
}

/* Until the server has decided about us; true when it let us in. */
static bool is_let_in (struct scene *scene)
{
    int64_t until = steady () + PATIENCE_MS;
    while (!line_is_connected (scene->line) && !line_is_refused (scene->line) &&
           steady () < until) {
        int rc = line_wait (&scene->line, 1, NULL, 0, until - steady ());
        assert_true (rc >= 0);
        line_look (scene->line);
    }
    return line_is_connected (scene->line);
}

static const struct control_reply *ask_control (struct scene *scene,
                                                enum control_verb verb)
{
    struct control control = { .verb = verb };
    struct to_door question = { .control = &control };
    struct from_door *answer = ARENA_NEW (&scene->arena, struct from_door);
    struct bytes frame;
    struct err err;
    int64_t until = steady () + PATIENCE_MS;
    assert_int_equal (line_send (scene->line, to_door_encode (&scene->arena, &question)),
                      0);
    while (line_receive (scene->line, until - steady (), &frame) < 0)
        assert_true (steady () < until);
    assert_int_equal (from_door_decode (&scene->arena, frame, answer, &err), 0);
    assert_non_null (answer->control);
    return answer->control;
}

static const struct status *ask_status (struct scene *scene)
{
    connect_as (scene, &scene->operator);
    assert_true (is_let_in (scene));
    const struct status *status = ask_control (scene, CONTROL_STATUS)->status;
    assert_non_null (status);
    return status;
}

static bool metrics_say (struct scene *scene, const char *line)
{
    connect_as (scene, &scene->operator);
    assert_true (is_let_in (scene));
    const char *text = ask_control (scene, CONTROL_METRICS)->text;
    return text != NULL && strstr (text, line) != NULL;
}

/* ---- start and stop ---------------------------------------------------------------- */

static void daemon_starts_answers_and_stops_cleanly (void **state)
{
    struct scene *scene = *state;
    start (scene);
    const struct status *status = ask_status (scene);
    assert_int_equal (status->speaker, SPEAKER_INTAKE);
    assert_string_equal (status->version, MINQING_VERSION);
    assert_true (status->head > 0);
    int64_t asked_ms = steady ();
    assert_int_equal (stop (scene), 0);
    assert_true (steady () - asked_ms < 2000);
    assert_true (wait_word (scene, "STOPPING=1"));
    assert_int_equal (access (config_control (scene->parsed, SPEAKER_INTAKE) + 6, F_OK),
                      -1);
}

/* ---- stopped at work ------------------------------------------------------------------ */

#define FLOOD_FRAMES 300
/* What is promised, and what a sanitised build on a busy machine needs. */
#ifdef __SANITIZE_ADDRESS__
#define STOP_MS 8000
#else
#define STOP_MS 2000
#endif

static void send_flood (struct scene *scene)
{
    static struct command commands[LIMIT_COMMANDS];
    static struct supplement supplement = { .number = 202611230010100001, .text = "x" };
    uint64_t counter = 0;
    for (unsigned i = 0; i < FLOOD_FRAMES; i++) {
        for (unsigned j = 0; j < LIMIT_COMMANDS; j++)
            commands[j] = (struct command){ .counter = ++counter,
                                            .incarnation = 1,
                                            .supplement = &supplement };
        struct to_door message = { .commands = commands, .n_commands = LIMIT_COMMANDS };
        if (line_send (scene->line, to_door_encode (&scene->arena, &message)) < 0)
            return; /* its queue is full: enough */
    }
}

static void send_control (struct scene *scene, enum control_verb verb)
{
    struct control control = { .verb = verb };
    struct to_door question = { .control = &control };
    /* A full queue is fine: then it is busy enough without. */
    int rc = line_send (scene->line, to_door_encode (&scene->arena, &question));
    assert_true (rc <= 0);
}

/* What it left: whole, stopped cleanly, every counter with its entry. */
static void look_at_the_store (struct scene *scene)
{
    struct core *core;
    struct err err = { 0 };
    struct entry entry;
    uint64_t refused = 0;
    struct core_options options = { .dir = config_state (scene->parsed, SPEAKER_INTAKE),
                                    .map_mib = 1024 };
    assert_int_equal (core_open (&tiny_service, &options, &core, &err), 0);
    struct txn *txn = txn_begin_read (core_store (core));
    assert_int_equal (journal_verify (core_journal (core), txn, 1, 0, NULL, &err), 0);
    uint64_t head = journal_size (core_journal (core), txn);
    for (uint64_t i = 1; i <= head; i++) {
        arena_reset (&scene->arena);
        bool found = core_entry (core, txn, i, &scene->arena, &entry, NULL);
        assert_true (found);
        if (entry.kind == KIND_REFUSED)
            assert_int_equal (entry.actor->counter, ++refused);
    }
    assert_true (refused > 0);
    struct bytes clean;
    assert_true (txn_get (txn, CORE_META, bytes_of_text ("core.clean"), &clean));
    assert_int_equal (clean.data[0], 1);
    txn_abort (&txn);
    core_close (&core, true);
}

static void daemon_at_work_stops_in_time_with_nothing_half_done (void **state)
{
    struct scene *scene = *state;
    start (scene);
    uint64_t before = ask_status (scene)->head;
    send_flood (scene);
    send_control (scene, CONTROL_VERIFY);
    send_control (scene, CONTROL_SCRUB);
    struct bytes frame;
    assert_true (line_receive (scene->line, PATIENCE_MS, &frame) >=
                 0); /* in full swing */
    int64_t asked_ms = steady ();
    assert_int_equal (stop (scene), 0);
    assert_true (steady () - asked_ms < STOP_MS);
    look_at_the_store (scene);
    start (scene);
    assert_true (ask_status (scene)->head > before);
    assert_int_equal (stop (scene), 0);
}

static void killed_daemon_starts_again_over_its_dead_sockets (void **state)
{
    struct scene *scene = *state;
    start (scene);
    kill (scene->pid, SIGKILL);
    wait_exit (scene);
    assert_int_equal (access (config_door (scene->parsed, SPEAKER_INTAKE) + 6, F_OK), 0);
    start (scene);
    ask_status (scene);
    assert_int_equal (stop (scene), 0);
}

static void second_daemon_on_one_store_does_not_start (void **state)
{
    struct scene *scene = *state;
    start (scene);
    pid_t first = scene->pid;
    assert_int_equal (run_to_its_end (scene, NULL), EX_IOERR);
    scene->pid = first;
    ask_status (scene);
}

static void mistakes_before_the_start_have_their_exit_codes (void **state)
{
    struct scene *scene = *state;
    char check[] = "--check", wrong[] = "--chekc", version[] = "--version";
    assert_int_equal (run_to_its_end (scene, check), 0);
    assert_int_equal (run_to_its_end (scene, version), 0);
    assert_int_equal (run_to_its_end (scene, wrong), EX_USAGE);
    write_text (scene, "tables/villages.tsv", "code\tname\n1\tx\n");
    assert_int_equal (run_to_its_end (scene, check), EX_CONFIG);
    assert_int_equal (run_to_its_end (scene, NULL), EX_CONFIG);
    write_text (scene, "tables/villages.tsv", small_tables[RULES_VILLAGES]);
    write_text (scene, "minqing.conf", "staet = state\n");
    assert_int_equal (run_to_its_end (scene, NULL), EX_CONFIG);
}

static void key_that_the_table_does_not_know_is_told_at_the_start (void **state)
{
    struct scene *scene = *state;
    char check[] = "--check";
    key_pair_make (&scene->daemon);
    write_clients (scene, NULL);
    assert_int_equal (run_to_its_end (scene, check), EX_CONFIG);
    assert_int_equal (run_to_its_end (scene, NULL), EX_CONFIG);
}

static void rebuild_refolds_and_ends (void **state)
{
    struct scene *scene = *state;
    char rebuild[] = "--rebuild";
    start (scene);
    assert_int_equal (stop (scene), 0);
    assert_int_equal (run_to_its_end (scene, rebuild), 0);
    start (scene);
    ask_status (scene);
    assert_int_equal (stop (scene), 0);
}

/* ---- who may come in --------------------------------------------------------------- */

static void unknown_key_is_refused_and_counted (void **state)
{
    struct scene *scene = *state;
    start (scene);
    connect_as (scene, &scene->stranger);
    assert_false (is_let_in (scene));
    assert_true (line_is_refused (scene->line));
    /* Two by the self-tests of the two doors. */
    assert_false (metrics_say (
        scene, "minqing_intake_handshakes_total{result=\"unknown_key\"} 2\n"));
    assert_true (metrics_say (scene, "# TYPE minqing_intake_handshakes_total counter\n"));
}

/* ---- reload ------------------------------------------------------------------------ */

static void reload_takes_new_clients_in (void **state)
{
    struct scene *scene = *state;
    start (scene);
    connect_as (scene, &scene->stranger);
    assert_false (is_let_in (scene));
    write_clients (scene, &scene->stranger);
    kill (scene->pid, SIGHUP);
    assert_true (wait_word (scene, "RELOADING=1"));
    assert_true (wait_word (scene, "READY=1"));
    connect_as (scene, &scene->stranger);
    assert_true (is_let_in (scene));
}

static void bad_reload_leaves_the_old_tables_in_force (void **state)
{
    struct scene *scene = *state;
    start (scene);
    uint64_t head = ask_status (scene)->head;
    write_text (scene, "tables/villages.tsv", "code\tname\n1\tx\n");
    write_clients (scene, &scene->stranger);
    kill (scene->pid, SIGHUP);
    assert_true (wait_word (scene, "RELOADING=1"));
    assert_true (wait_word (scene, "READY=1"));
    assert_int_equal (ask_status (scene)->head, head);
    connect_as (scene, &scene->stranger);
    assert_false (is_let_in (scene));
}

static void reload_that_would_forget_the_daemon_itself_is_refused (void **state)
{
    struct scene *scene = *state;
    struct key_pair own = scene->daemon;
    start (scene);
    uint64_t head = ask_status (scene)->head;
    key_pair_make (&scene->daemon);
    write_clients (scene, &scene->stranger);
    scene->daemon = own;
    kill (scene->pid, SIGHUP);
    assert_true (wait_word (scene, "RELOADING=1"));
    assert_true (wait_word (scene, "READY=1"));
    assert_int_equal (ask_status (scene)->head, head);
    connect_as (scene, &scene->stranger);
    assert_false (is_let_in (scene));
}

static void start_over_broken_tables_goes_on_with_the_last_good_ones (void **state)
{
    struct scene *scene = *state;
    start (scene);
    assert_int_equal (stop (scene), 0);
    write_text (scene, "tables/villages.tsv", "code\tname\n1\tx\n");
    start (scene);
    ask_status (scene);
    assert_int_equal (stop (scene), 0);
}

/* ---- following, effects, time, watchdog -------------------------------------------- */

static bool knows_daemon (void *arg, const uint8_t key[KEY_SIZE])
{
    const struct scene *scene = arg;
    return memcmp (key, scene->daemon.public_key, KEY_SIZE) == 0;
}

/* Be the daemon that is followed, until it is asked for its journal. */
static bool hears_follow (struct scene *scene)
{
    struct door *door = NULL;
    struct err err;
    bool is_asked = false;
    if (scene->zap == NULL) {
        assert_int_equal (hub_open (0, &scene->hub, &err), 0);
        assert_int_equal (zap_open (scene->hub, knows_daemon, scene, &scene->zap, &err),
                          0);
    }
    assert_int_equal (door_open (scene->hub, &scene->routing, 1, &door, &err), 0);
    assert_int_equal (
        door_bind (door, config_door (scene->parsed, SPEAKER_ROUTING), &err), 0);
    int64_t until = steady () + PATIENCE_MS;
    while (!is_asked && steady () < until) {
        struct door_message message;
        struct to_door said;
        zmq_pollitem_t items[] = {
            { .socket = door_socket (door), .events = ZMQ_POLLIN },
            { .socket = zap_socket (scene->zap), .events = ZMQ_POLLIN },
        };
        zmq_poll (items, 2, (long) (until - steady ()));
        zap_run (scene->zap, 10);
        is_asked = door_receive (door, &message, 1, SIZE_MAX) == 1 &&
                   to_door_decode (&scene->arena, message.frame, &said, &err) == 0 &&
                   said.follow != NULL;
    }
    door_close (&door);
    return is_asked;
}

static void follow_is_said_after_every_connection (void **state)
{
    struct scene *scene = *state;
    start (scene);
    assert_true (hears_follow (scene));
    assert_true (hears_follow (scene));
    assert_int_equal (stop (scene), 0);
}

static void effect_is_done_by_the_executor_and_its_result_comes_back (void **state)
{
    struct scene *scene = *state;
    start (scene);
    int64_t until = steady () + PATIENCE_MS;
    while (!metrics_say (scene, "minqing_intake_done 1\n"))
        assert_true (steady () < until);
    assert_true (metrics_say (scene, "minqing_intake_last_code 75\n"));
}

static void time_comes_from_the_file_where_one_is_named (void **state)
{
    struct scene *scene = *state;
    char path[SCRATCH_PATH_SIZE + 16];
    int64_t now_ms = INT64_C (1793000000000);
    snprintf (path, sizeof path, "%s/clock", scene->scratch.path);
    int fd = open (path, O_CREAT | O_RDWR, 0600);
    assert_int_equal (write (fd, &now_ms, sizeof now_ms), sizeof now_ms);
    setenv (CLOCK_VARIABLE, path, 1);
    start (scene);
    assert_int_equal (ask_status (scene)->now_ms, now_ms);
    now_ms += 400 * INT64_C (86400000);
    assert_int_equal (pwrite (fd, &now_ms, sizeof now_ms, 0), sizeof now_ms);
    assert_int_equal (ask_status (scene)->now_ms, now_ms);
    close (fd);
}

static void watchdog_hears_of_it_while_it_is_idle (void **state)
{
    struct scene *scene = *state;
    setenv ("WATCHDOG_USEC", "200000", 1);
    start (scene);
    assert_true (wait_word (scene, "WATCHDOG=1"));
    assert_true (wait_word (scene, "WATCHDOG=1"));
}

#define SCENE(test) cmocka_unit_test_setup_teardown (test, scene_open, scene_close)

int main (void)
{
    const struct CMUnitTest tests[] = {
        SCENE (daemon_starts_answers_and_stops_cleanly),
        SCENE (daemon_at_work_stops_in_time_with_nothing_half_done),
        SCENE (killed_daemon_starts_again_over_its_dead_sockets),
        SCENE (second_daemon_on_one_store_does_not_start),
        SCENE (mistakes_before_the_start_have_their_exit_codes),
        SCENE (key_that_the_table_does_not_know_is_told_at_the_start),
        SCENE (rebuild_refolds_and_ends),
        SCENE (unknown_key_is_refused_and_counted),
        SCENE (reload_takes_new_clients_in),
        SCENE (bad_reload_leaves_the_old_tables_in_force),
        SCENE (reload_that_would_forget_the_daemon_itself_is_refused),
        SCENE (start_over_broken_tables_goes_on_with_the_last_good_ones),
        SCENE (follow_is_said_after_every_connection),
        SCENE (effect_is_done_by_the_executor_and_its_result_comes_back),
        SCENE (time_comes_from_the_file_where_one_is_named),
        SCENE (watchdog_hears_of_it_while_it_is_idle),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
