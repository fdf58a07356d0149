/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* $MINQING_TESTS: only the tests of this name, which may have * and ? in it. */
static void __attribute__ ((constructor)) choose_tests (void)
{
    const char *pattern = getenv ("MINQING_TESTS");
    if (pattern != NULL)
        cmocka_set_test_filter (pattern);
}

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
