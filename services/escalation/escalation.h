/* SPDX-License-Identifier: Apache-2.0 */
/* The escalation daemon: what is due, and what was raised. See README.md. */
#ifndef MINQING_SERVICES_ESCALATION_H
#define MINQING_SERVICES_ESCALATION_H

#include "runtime/core.h"

extern const struct service_spec escalation_service;

#endif
