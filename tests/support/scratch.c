/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

struct scratch scratch_make (void)
{
    struct scratch scratch;
    const char *base = getenv ("TMPDIR");
    int length = snprintf (scratch.path, sizeof scratch.path, "%s/minqing-test-XXXXXX",
                           base == NULL ? "/tmp" : base);
    assert (length < (int) sizeof scratch.path);
    const char *made = mkdtemp (scratch.path);
    assert (made != NULL);
    return scratch;
}

static int remove_one (const char *path, const struct stat *status UNUSED,
                       int flag UNUSED, struct FTW *place UNUSED)
{
    return remove (path);
}

void scratch_remove (struct scratch *scratch)
{
    nftw (scratch->path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
