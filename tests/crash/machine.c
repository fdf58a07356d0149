/* SPDX-License-Identifier: Apache-2.0 */
/* What a machine says of itself, said otherwise: preloaded into a daemon it makes of any
 * machine one whose clock nobody keeps right, and, where $MINQING_TEST_BOOT names a file,
 * one whose name of the boot stands there. For the clock itself there is libfaketime. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>

int adjtimex (struct timex *timex)
{
    *timex = (struct timex){ .status = STA_UNSYNC };
    return TIME_ERROR;
}

static const char *path_of (const char *path)
{
    const char *boot = getenv ("MINQING_TEST_BOOT");
    return boot != NULL && strcmp (path, "/proc/sys/kernel/random/boot_id") == 0 ? boot
                                                                                 : path;
}

#define OPEN(name)                                                                       \
    int name (const char *path, int flags, ...)                                          \
    {                                                                                    \
        int (*next) (const char *, int, ...) =                                           \
            (int (*) (const char *, int, ...)) dlsym (RTLD_NEXT, #name);                 \
        va_list args;                                                                    \
        va_start (args, flags);                                                          \
        mode_t mode = (flags & O_CREAT) != 0 ? va_arg (args, mode_t) : 0;                \
        va_end (args);                                                                   \
        return next (path_of (path), flags, mode);                                       \
    }
OPEN (open)
OPEN (open64)
