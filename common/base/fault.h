/* SPDX-License-Identifier: Apache-2.0 */
/* Deliberate faults: each breaks one promise, so that the tests which guard it can be seen
 * to fail. They exist only in builds with MINQING_FAULTS (the debug build; never one that
 * is installed), where $MINQING_FAULT names the one that is switched on. Everywhere else
 * FAULT (…) is the constant false and the compiler takes it away.
 *
 *     if (FAULT (POSITION_APART))
 *         ... move the position in a transaction of its own ...
 *
 * One place in the code for each; tests/controls says which test must notice it. */
#ifndef MINQING_BASE_FAULT_H
#define MINQING_BASE_FAULT_H

#include "base/macros.h"

#include <string.h>

enum fault {
    FAULT_NONE,
    FAULT_ACKNOWLEDGE_EARLY, /* answers leave before the commit */
    FAULT_POSITION_APART,    /* a follower's position moves outside of the transaction */
    FAULT_NO_SYNC,           /* the store does not wait for the disk */
    FAULT_TWO_HOLDERS,       /* a claim does not look whether somebody holds it */
    FAULT_FIRE_STALE,        /* due rows fire without complete knowledge */
    FAULT_GO_ON_AFTER_EIO,   /* a commit that failed is taken for undone */
    FAULT_NO_STARTED,        /* answers before 'started' is committed */
    FAULT_FORGET_COUNTER,    /* the outcome of some commands is not recorded */
    FAULT_BELIEVE_CLOCK,     /* any wall clock is believed */
    FAULT_SAME_INCARNATION,  /* a restored journal keeps its name */
    FAULT_APPLY_BESIDE,      /* apply keeps a count that the journal does not say */
    FAULT_FORGET_ROW,        /* a row that is in the spool is not known again */
    FAULT_FORGET_RESERVE,    /* filings are taken until the store is full to the brim */
    FAULT_FORGET_CREDIT,     /* followers are sent all there is, however much is unread */
    FAULT_DIE_OF_INPUT,      /* a filing of a certain title is the end of the process */
    FAULT_COUNT
};

/* The text that DIE_OF_INPUT dies of: an instrument to kill a real daemon with. */
static inline bool fault_is_poison (const char *text)
{
    return text != NULL && strcmp (text, "毒") == 0;
}

const char *fault_name (enum fault fault); /* "acknowledge-early"; NULL: no such */

#ifdef MINQING_FAULTS
bool fault_is_on (enum fault fault);
#define FAULT(name) fault_is_on (FAULT_##name)
#else
#define FAULT(name) false
#endif

#endif
