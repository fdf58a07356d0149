/* SPDX-License-Identifier: Apache-2.0 */
/* The shell of every daemon: sockets, time, signals, configuration, systemd around a core
 * (runtime/core.h). A daemon's main.c is
 *
 *     int main (int argc, char **argv)
 *     {
 *         return service_main (&spec, argc, argv);
 *     }
 *
 * Options: --config FILE, --check, --rebuild, --version, --help.
 * Signals: TERM and INT stop cleanly, HUP takes tables, clients and wall time anew.
 * Exit codes: 0 stopped cleanly or check passed · 64 usage · 69 a socket · 70 the lock is
 * open · 74 the store cannot be opened · 75 its commit failed, outcome unknown: start
 * again · 78 configuration, key or tables. */
#ifndef MINQING_RUNTIME_SERVICE_H
#define MINQING_RUNTIME_SERVICE_H

#include "runtime/core.h"
#include "runtime/executor.h"

int service_main (const struct service_spec *spec, int argc, char **argv);

/* The same for a service whose effects somebody does. */
int service_main_with (const struct service_spec *spec,
                       const struct executor_ops *executor, int argc, char **argv);

#endif
