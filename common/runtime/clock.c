/* SPDX-License-Identifier: Apache-2.0 */
/* Trusted time. CLOCK_BOOTTIME counts on through suspend and nobody can set it; the wall
 * clock knows the date and can be set by anybody. Neither is enough alone.
 *
 *        ┌────── wall within 5 minutes of what the boot clock expects ──────┐
 *        ▼                                                                  │
 *    TRUSTING ── wall elsewhere (counted, told) ──▶ DOUBTING ───────────────┘
 *    now = wall                                     now = last trusted + boot progress */
#include "runtime/clock.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct clock {
    struct trust trust;
    const volatile int64_t *stepped; /* the file's memory; NULL: real time */
};

int64_t trust_step (struct trust *trust, int64_t wall_ms, int64_t boot_ms)
{
    int64_t expected_ms = trust->trusted_ms + (boot_ms - trust->boot_ms);
    int64_t apart_ms =
        wall_ms > expected_ms ? wall_ms - expected_ms : expected_ms - wall_ms;
    bool agrees = trust->trusted_ms == 0 || apart_ms <= CLOCK_DOUBT_MS;
    if (!agrees && !trust->is_doubting)
        trust->jumps++;
    trust->is_doubting = !agrees;
    trust->trusted_ms = agrees ? wall_ms : expected_ms;
    trust->boot_ms = boot_ms;
    return trust->trusted_ms;
}

static int64_t read_clock (clockid_t id)
{
    struct timespec now;
    int rc = clock_gettime (id, &now);
    assert (rc == 0);
    return now.tv_sec * INT64_C (1000) + now.tv_nsec / 1000000;
}

static int map_file (struct clock *clock, const char *file, struct err *err)
{
    int fd = open (file, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat (fd, &status) < 0) {
        int rc = err_set (err, -errno, "%s: %s", file, strerror (errno));
        if (fd >= 0)
            close (fd);
        return rc;
    }
    void *memory = MAP_FAILED;
    if (status.st_size >= (off_t) sizeof (int64_t))
        memory = mmap (NULL, sizeof (int64_t), PROT_READ, MAP_SHARED, fd, 0);
    close (fd);
    if (memory == MAP_FAILED)
        return err_set (err, -EINVAL, "%s: does not hold the 8 bytes of a time", file);
    clock->stepped = memory;
    log_warning ("time comes from %s, not from the clock: this is for tests", file);
    return 0;
}

int clock_open (struct clock **ret_clock, struct err *err)
{
    struct clock *clock = calloc (1, sizeof *clock);
    if (clock == NULL)
        return err_set (err, -ENOMEM, "no memory for a clock");
    const char *file = getenv (CLOCK_VARIABLE);
    int rc = file == NULL || *file == '\0' ? 0 : map_file (clock, file, err);
    if (rc < 0)
        free (clock);
    else
        *ret_clock = clock;
    return rc;
}

void clock_close (struct clock **clock)
{
    if (*clock == NULL)
        return;
    if ((*clock)->stepped != NULL) {
        void *memory = (void *) (uintptr_t) (*clock)->stepped;
        munmap (memory, sizeof (int64_t));
    }
    free (*clock);
    *clock = NULL;
}

int64_t clock_now_ms (struct clock *clock)
{
    if (clock->stepped != NULL)
        return *clock->stepped;
    bool was_doubting = clock->trust.is_doubting;
    int64_t wall_ms = read_clock (CLOCK_REALTIME);
    int64_t now_ms = trust_step (&clock->trust, wall_ms, read_clock (CLOCK_BOOTTIME));
    if (clock->trust.is_doubting && !was_doubting)
        log_warning (
            "clock: the wall clock jumped by %lld s; going on at the pace of the "
            "boot clock; if the wall clock is right, reload this service",
            (long long) (wall_ms - now_ms) / 1000);
    else if (!clock->trust.is_doubting && was_doubting)
        log_notice ("clock: the wall clock agrees again");
    return now_ms;
}

void clock_settle (struct clock *clock)
{
    if (clock->trust.is_doubting)
        log_notice ("clock: the wall clock is believed again, as asked");
    clock->trust.trusted_ms = 0;
    clock->trust.is_doubting = false;
}

uint64_t clock_jumps (const struct clock *clock)
{
    return clock->trust.jumps;
}

bool clock_is_doubting (const struct clock *clock)
{
    return clock->trust.is_doubting;
}

bool clock_is_stepped (const struct clock *clock)
{
    return clock->stepped != NULL;
}
