/* SPDX-License-Identifier: Apache-2.0 */
/* killat PID N [all | syncs]: SIGKILL for a running process at the N-th end of a system call,
 * counted over all its threads. Every call has two ends, before the kernel does it and after it
 * did. 0: never. Only calls count that change something outside of the process's memory:
 * between two of them there is nothing that a kill could find otherwise. 'all': every call;
 * 'syncs': those after which something is on the disk.
 *
 * Says "ready" when every thread is watched, and then what it was about: "killed 17 before
 * 18" is the 17th end, before the call with the number 18; "ended 16", the process was gone
 * by itself. Whoever started it ends it by SIGTERM when it is not wanted any more: "seen 16",
 * and the process goes on as if nothing had been. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define OPTIONS   (PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE)
#define CALL_STOP (SIGTRAP | 0x80)

static int watch (pid_t thread)
{
    if (ptrace (PTRACE_SEIZE, thread, NULL, OPTIONS) < 0)
        return -errno;
    return ptrace (PTRACE_INTERRUPT, thread, NULL, NULL) < 0 ? -errno : 0;
}

static int watch_all (pid_t pid)
{
    char path[64];
    snprintf (path, sizeof path, "/proc/%d/task", (int) pid);
    DIR *folder = opendir (path);
    if (folder == NULL)
        return -errno;
    int rc = 0;
    for (const struct dirent *entry; rc == 0 && (entry = readdir (folder)) != NULL;)
        if (entry->d_name[0] != '.')
            rc = watch ((pid_t) strtol (entry->d_name, NULL, 10));
    closedir (folder);
    return rc;
}

/* ---- which ends count ---------------------------------------------------------------- */

#define THREADS_MOST 64

static const long effects[] = {
    SYS_write,     SYS_writev,    SYS_pwrite64, SYS_pwritev,   SYS_pwritev2,
    SYS_fsync,     SYS_fdatasync, SYS_msync,    SYS_ftruncate, SYS_fallocate,
    SYS_sendto,    SYS_sendmsg,   SYS_recvfrom, SYS_recvmsg,   SYS_openat,
    SYS_renameat2, SYS_unlinkat,  SYS_accept4,  SYS_bind
};

static const long syncs[] = { SYS_fsync, SYS_fdatasync, SYS_msync };

/* The kernel tells the call at its beginning only. */
static struct {
    pid_t thread;
    long call;
} inside[THREADS_MOST];

static long *call_inside (pid_t thread)
{
    size_t at = 0;
    while (at < THREADS_MOST - 1 && inside[at].thread != 0 && inside[at].thread != thread)
        at++;
    inside[at].thread = thread;
    return &inside[at].call;
}

/* 'calls' NULL: every call is among them. */
static bool is_among (long call, const long *calls, size_t count)
{
    for (size_t i = 0; i < count && calls != NULL; i++)
        if (calls[i] == call)
            return true;
    return calls == NULL;
}

/* The call whose end this is. */
static long call_of (pid_t thread, bool *ret_is_before)
{
    struct __ptrace_syscall_info info = { 0 };
    long size = ptrace (PTRACE_GET_SYSCALL_INFO, thread, (void *) sizeof info, &info);
    long *call = call_inside (thread);
    *ret_is_before = size > 0 && info.op == PTRACE_SYSCALL_INFO_ENTRY;
    if (*ret_is_before)
        *call = (long) info.entry.nr;
    return *call;
}

/* ---- watching ------------------------------------------------------------------------ */

static void go_on (pid_t thread, int status)
{
    int stop = WSTOPSIG (status), event = status >> 16;
    bool is_signal = stop != CALL_STOP && event == 0;
    /* A thread that is gone in between needs no word. */
    (void) ptrace (PTRACE_SYSCALL, thread, NULL, is_signal ? (void *) (long) stop : NULL);
}

struct hunt {
    pid_t pid;
    long n, seen;
    const long *calls; /* whose ends count; NULL: of all */
    size_t n_calls;
};

/* One stop of a thread. True: it was the one. */
static bool take_stop (struct hunt *hunt, pid_t thread, int status)
{
    bool is_before = false;
    long call = WSTOPSIG (status) == CALL_STOP ? call_of (thread, &is_before) : -1;
    bool counts = call >= 0 && is_among (call, hunt->calls, hunt->n_calls);
    if (!counts || ++hunt->seen != hunt->n) {
        go_on (thread, status);
        return false;
    }
    kill (hunt->pid, SIGKILL);
    printf ("killed %ld %s %ld\n", hunt->seen, is_before ? "before" : "after", call);
    return true;
}

/* Every stop sends SIGCHLD; it stays pending until it is waited for, so none is missed. */
static void run (struct hunt *hunt, const sigset_t *signals)
{
    for (;;) {
        int status, number = 0;
        pid_t thread;
        while ((thread = waitpid (-1, &status, __WALL | WNOHANG)) > 0)
            if (WIFSTOPPED (status) && take_stop (hunt, thread, status))
                return;
        if (thread < 0) {
            printf ("ended %ld\n", hunt->seen);
            return;
        }
        sigwait (signals, &number);
        if (number == SIGTERM) {
            printf ("seen %ld\n", hunt->seen);
            return;
        }
    }
}

int main (int argc, char **argv)
{
    bool counts_all = argc == 4 && strcmp (argv[3], "all") == 0;
    bool counts_syncs = argc == 4 && strcmp (argv[3], "syncs") == 0;
    if (argc != 3 && !counts_all && !counts_syncs)
        return 64;
    sigset_t signals;
    sigemptyset (&signals);
    sigaddset (&signals, SIGCHLD);
    sigaddset (&signals, SIGTERM);
    sigprocmask (SIG_BLOCK, &signals, NULL);
    setvbuf (stdout, NULL, _IOLBF, 0);
    struct hunt hunt = { .pid = (pid_t) strtol (argv[1], NULL, 10),
                         .n = strtol (argv[2], NULL, 10),
                         .calls = effects,
                         .n_calls = sizeof effects / sizeof *effects };
    if (counts_all)
        hunt.calls = NULL;
    if (counts_syncs) {
        hunt.calls = syncs;
        hunt.n_calls = sizeof syncs / sizeof *syncs;
    }
    int rc = watch_all (hunt.pid);
    if (rc < 0) {
        fprintf (stderr, "killat: %d cannot be watched: %s\n", (int) hunt.pid,
                 strerror (-rc));
        return rc == -EPERM ? 77 : 1;
    }
    puts ("ready");
    run (&hunt, &signals);
    return 0;
}
