/* SPDX-License-Identifier: Apache-2.0 */
/* Whoever sends: mail, HTTP, programs. An executor (runtime/executor.h) that never waits:
 * libcurl's multi interface by its sockets, programs by their pidfds.
 *
 * Results by sysexits(3): 0 taken; 75 EX_TEMPFAIL later (no connection, 4xx of SMTP, 408,
 * 425, 429 and 5xx of HTTP, a robot that says "too fast", a program that says so or takes
 * longer than 30 s); 69 EX_UNAVAILABLE never by this outlet; 78 EX_CONFIG not set up.
 *
 * Settings are those of minqing.conf under notification: parallel, smtp/…, http/…, pipe/….
 */
#ifndef MINQING_SERVICES_NOTIFICATION_CHANNELS_H
#define MINQING_SERVICES_NOTIFICATION_CHANNELS_H

#include "runtime/executor.h"

extern const struct executor_ops notification_channels;

#endif
