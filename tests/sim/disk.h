/* SPDX-License-Identifier: Apache-2.0 */
/* Which daemons there are, and the keys of everybody: what the templates are made with. */
#ifndef MINQING_SIM_DISK_H
#define MINQING_SIM_DISK_H

#include "sim/sim.h"

extern const struct service_spec *const disk_specs[SIM_DAEMONS]; /* by speaker - 1 */

void disk_key_of_client (uint32_t number, uint8_t ret[KEY_BYTES]);
void disk_key_of_daemon (enum speaker speaker, uint8_t ret[KEY_BYTES]);

#endif
