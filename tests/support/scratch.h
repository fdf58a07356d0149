/* SPDX-License-Identifier: Apache-2.0 */
/* A directory of a test's own, taken away again with all that is in it. */
#ifndef MINQING_SUPPORT_SCRATCH_H
#define MINQING_SUPPORT_SCRATCH_H

#include "base/macros.h"

#define SCRATCH_PATH_SIZE 256

struct scratch {
    char path[SCRATCH_PATH_SIZE];
};

/* Under $TMPDIR or /tmp. Use with CLEANUP (scratch_remove). */
struct scratch scratch_make (void);
void scratch_remove (struct scratch *scratch);

#endif
