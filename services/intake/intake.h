/* SPDX-License-Identifier: Apache-2.0 */
/* minqing-intake: what was asked, by whom, where. */
#ifndef MINQING_INTAKE_INTAKE_H
#define MINQING_INTAKE_INTAKE_H

#include "runtime/core.h"

extern const struct service_spec intake_service;

#endif
