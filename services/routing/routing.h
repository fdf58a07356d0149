/* SPDX-License-Identifier: Apache-2.0 */
/* minqing-routing: whose it is, and what was done. It alone moves the course. */
#ifndef MINQING_ROUTING_ROUTING_H
#define MINQING_ROUTING_ROUTING_H

#include "runtime/core.h"

extern const struct service_spec routing_service;

#endif
