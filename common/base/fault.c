/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static const char *const names[FAULT_COUNT] = {
    [FAULT_NONE] = "none",
    [FAULT_ACKNOWLEDGE_EARLY] = "acknowledge-early",
    [FAULT_POSITION_APART] = "position-apart",
    [FAULT_NO_SYNC] = "no-sync",
    [FAULT_TWO_HOLDERS] = "two-holders",
    [FAULT_FIRE_STALE] = "fire-stale",
    [FAULT_GO_ON_AFTER_EIO] = "go-on-after-eio",
    [FAULT_NO_STARTED] = "no-started",
    [FAULT_FORGET_COUNTER] = "forget-counter",
    [FAULT_BELIEVE_CLOCK] = "believe-clock",
    [FAULT_SAME_INCARNATION] = "same-incarnation",
    [FAULT_APPLY_BESIDE] = "apply-beside",
    [FAULT_FORGET_ROW] = "forget-row",
    [FAULT_FORGET_RESERVE] = "forget-reserve",
    [FAULT_FORGET_CREDIT] = "forget-credit",
    [FAULT_DIE_OF_INPUT] = "die-of-input",
};

const char *fault_name (enum fault fault)
{
    return (unsigned) fault < FAULT_COUNT ? names[fault] : NULL;
}

#ifdef MINQING_FAULTS

static enum fault fault_of_environment (void)
{
    const char *wanted = getenv ("MINQING_FAULT");
    if (wanted == NULL || *wanted == '\0')
        return FAULT_NONE;
    for (unsigned fault = FAULT_NONE + 1; fault < FAULT_COUNT; fault++)
        if (strcmp (names[fault], wanted) == 0) {
            log_warning ("a deliberate fault is on: %s; this is for tests", wanted);
            return (enum fault) fault;
        }
    log_line (LOG_LEVEL_CRITICAL, "$MINQING_FAULT: there is no fault \"%s\"", wanted);
    abort ();
}

bool fault_is_on (enum fault fault)
{
    static bool is_known;
    static enum fault on;
    if (!is_known) {
        on = fault_of_environment ();
        is_known = true;
    }
    return on == fault;
}

#endif
