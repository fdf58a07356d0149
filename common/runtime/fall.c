/* SPDX-License-Identifier: Apache-2.0 */
/* The mark is an empty file, made by the handler of the signal with one open(2): nothing
 * else is safe there. It need not be durable: after a power cut nobody is to blame. */
#include "runtime/fall.h"

#include "base/macros.h"

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#define STACK_SIZE (64 * 1024)

static const int fatal[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL };

static char mark[PATH_MAX];
static uint8_t stack[STACK_SIZE]; /* a full stack cannot hold its own handler */
static struct sigaction before[ARRAY_SIZE (fatal)];

/* Whoever handled the signal before us (a sanitizer, or the kernel) has the last word: a
 * fault comes again when we return, what was sent is sent again. */
static void take_fall (int number, siginfo_t *info, void *context)
{
    (void) context;
    int fd = open (mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0)
        close (fd);
    for (size_t i = 0; i < ARRAY_SIZE (fatal); i++)
        if (fatal[i] == number)
            sigaction (number, &before[i], NULL);
    if (info->si_code <= 0)
        raise (number);
}

bool fall_watch (const char *dir)
{
    int size = snprintf (mark, sizeof mark, "%s/fell", dir);
    if (size < 0 || (size_t) size >= sizeof mark)
        return true; /* such a folder opens no store either */
    stack_t other = { .ss_sp = stack, .ss_size = sizeof stack };
    struct sigaction action = { .sa_sigaction = take_fall,
                                .sa_flags = SA_SIGINFO | SA_ONSTACK };
    sigemptyset (&action.sa_mask);
    (void) sigaltstack (&other, NULL);
    for (size_t i = 0; i < ARRAY_SIZE (fatal); i++)
        (void) sigaction (fatal[i], &action, &before[i]);
    return access (mark, F_OK) == 0;
}

void fall_forget (void)
{
    (void) unlink (mark);
}
