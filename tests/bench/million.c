/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/million.h"

#include "base/number.h"
#include "wire/limits.h"

#define TERMINAL_FIRST 101

static uint64_t count;
static int64_t zero_ms;

void million_begin (uint64_t how_many)
{
    count = how_many;
    zero_ms = civil_day_start_ms (civil_day_of (2026, 11, 23));
}

int64_t million_zero_ms (void)
{
    return zero_ms;
}

uint64_t million_number (uint64_t i)
{
    return number_make (civil_day (zero_ms),
                        TERMINAL_FIRST + (uint32_t) (i % MILLION_TERMINALS),
                        1 + (uint32_t) (i / MILLION_TERMINALS));
}

uint64_t million_index (uint64_t number)
{
    return (uint64_t) (number_serial (number) - 1) * MILLION_TERMINALS +
           (number_terminal (number) - TERMINAL_FIRST);
}

int64_t million_registered_ms (uint64_t i)
{
    return zero_ms + (int64_t) ((double) MILLION_BUILD_MS * (double) i / (double) count);
}

int64_t million_due_ms (uint64_t i)
{
    return million_registered_ms (i) + MILLION_ACCEPT_MS;
}

/* Every n-th of those due during the downtime. */
bool million_is_closed_meanwhile (uint64_t i)
{
    uint64_t in_downtime = count * 6 / 31;
    uint64_t every = in_downtime / MILLION_CLOSED;

    return million_due_ms (i) > zero_ms + MILLION_DAY_END_MS &&
           million_due_ms (i) <= zero_ms + MILLION_DOWN_END_MS &&
           i % (every > 0 ? every : 1) == 0;
}

static uint32_t department_of (uint64_t i)
{
    return i % 20 == 7 ? MILLION_LONELY_FIRST + (uint32_t) (i / 20 % MILLION_LONELY_COUNT)
                       : 11 + (uint32_t) (i % 9);
}

struct matter million_matter (uint64_t i)
{
    return (struct matter){ .village = 340522100001 + i % 8,
                            .category = "城乡建设/城市建设和市政管理/自来水供应",
                            .purpose = PURPOSE_REQUEST,
                            .form = FORM_TELEPHONE,
                            .terminal =
                                TERMINAL_FIRST + (uint32_t) (i % MILLION_TERMINALS) };
}

struct entry million_registered (uint64_t i, struct matter *matter,
                                 struct registered *registered)
{
    static const uint8_t code_hash[WIRE_HASH_SIZE] = { 2 };

    *registered = (struct registered){ .filed_at_ms = million_registered_ms (i),
                                       .counted_from_ms = million_registered_ms (i),
                                       .expected_department = department_of (i),
                                       .responsibility_row = 11,
                                       .table_version = 1,
                                       .code_hash = BYTES_OF (code_hash) };
    return (struct entry){ .kind = KIND_REGISTERED,
                           .time_ms = million_registered_ms (i),
                           .grievance = million_number (i),
                           .matter = matter,
                           .registered = registered };
}

struct entry million_moved (uint64_t i, struct matter *matter, struct moved *moved,
                            enum step step, enum state from, enum state to,
                            int64_t time_ms)
{
    *moved = (struct moved){ .step = step,
                             .from = from,
                             .to = to,
                             .department = department_of (i),
                             .counted_from_ms =
                                 step == STEP_PLACE ? million_registered_ms (i) : 0 };
    return (struct entry){ .kind = KIND_MOVED,
                           .time_ms = time_ms,
                           .grievance = million_number (i),
                           .matter = matter,
                           .moved = moved };
}
