/* SPDX-License-Identifier: Apache-2.0 */
/* A daemon that falls over itself (a failed assertion, a bad address, a full stack, the
 * watchdog's abort) leaves a mark in its state folder. A process that was killed, lost its
 * power or ended itself after a failed commit leaves none: so the next one knows whether
 * what it was at may be to blame (core_poison.c). */
#ifndef MINQING_RUNTIME_FALL_H
#define MINQING_RUNTIME_FALL_H

#include <stdbool.h>

/* Leave a mark in 'dir' from now on, whatever fatal signal comes. True: there is one, of
 * the process before. Once a process. */
bool fall_watch (const char *dir);
/* Take the mark away: it was taken into account. */
void fall_forget (void);

#endif
