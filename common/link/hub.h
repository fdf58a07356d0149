/* SPDX-License-Identifier: Apache-2.0 */
/* The ZeroMQ context of a process: one I/O thread, on which every door and line of it
 * lives. Sockets are used from one thread only. */
#ifndef MINQING_LINK_HUB_H
#define MINQING_LINK_HUB_H

#include "base/err.h"

struct hub;

/* 'sockets_max': how many doors, lines and their helpers; 0: 64. Block the signals that
 * the process handles before: the I/O thread inherits the mask. */
MUST_CHECK int hub_open (int sockets_max, struct hub **ret_hub, struct err *err);
/* Every door and line must be closed before. Nothing lingers. NULL inside is fine. */
void hub_close (struct hub **hub);

#endif
