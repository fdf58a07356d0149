/* SPDX-License-Identifier: Apache-2.0 */
/* Very many grievances, each of which is late once: registered at even distances over 31
 * hours from Monday 2026-11-23, 00:00, placed, nine of ten claimed, one of twenty with a
 * department without a superior; each is owed an acceptance within 48 hours. */
#ifndef MINQING_BENCH_MILLION_H
#define MINQING_BENCH_MILLION_H

#include "base/civil.h"
#include "wire/journal.h"

#define MILLION_TERMINALS    40
#define MILLION_LONELY_FIRST 901 /* departments without a superior */
#define MILLION_LONELY_COUNT 5
#define MILLION_CLOSED       1000 /* of those due during the downtime */
#define MILLION_BUILD_MS     (31 * CIVIL_HOUR_MS)
#define MILLION_ACCEPT_MS    (48 * CIVIL_HOUR_MS)
#define MILLION_DAY_END_MS   (72 * CIVIL_HOUR_MS) /* the downtime begins */
#define MILLION_DOWN_END_MS  (78 * CIVIL_HOUR_MS)
#define MILLION_HOUR_END_MS  (79 * CIVIL_HOUR_MS)

/* How many they are; before anything else. */
void million_begin (uint64_t count);
int64_t million_zero_ms (void); /* the first registration */

uint64_t million_number (uint64_t i);
uint64_t million_index (uint64_t number);
int64_t million_registered_ms (uint64_t i);
int64_t million_due_ms (uint64_t i);
bool million_is_closed_meanwhile (uint64_t i);
struct matter million_matter (uint64_t i);

/* What intake and routing journal of it. The caller's structs are filled and pointed at. */
struct entry million_registered (uint64_t i, struct matter *matter,
                                 struct registered *registered);
struct entry million_moved (uint64_t i, struct matter *matter, struct moved *moved,
                            enum step step, enum state from, enum state to,
                            int64_t time_ms);

#endif
