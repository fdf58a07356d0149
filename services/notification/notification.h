/* SPDX-License-Identifier: Apache-2.0 */
/* The notification daemon: who was told, how, and whether. See README.md. */
#ifndef MINQING_SERVICES_NOTIFICATION_H
#define MINQING_SERVICES_NOTIFICATION_H

#include "runtime/core.h"

extern const struct service_spec notification_service;

#endif
