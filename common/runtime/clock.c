/* SPDX-License-Identifier: Apache-2.0 */
/* What the machine says of time. CLOCK_BOOTTIME counts on through suspend and nobody can
 * set it; the wall clock knows the date and can be set by anybody. Neither is enough
 * alone: what is made of them is in trust.c. */
#include "runtime/clock.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#define BOOT_FILE "/proc/sys/kernel/random/boot_id"
/* timesyncd touches it whenever it has compared the clock, at the latest every 2048 s. */
#define SYNCHRONISED_FILE "/run/systemd/timesync/synchronized"
#define SYNCHRONISED_S    (2 * 2048 + 60)

/* Numbers in the file, in order. */
enum { FILE_WALL, FILE_BOOT, FILE_BOOT_NUMBER, FILE_SYNCHRONISED, FILE_NUMBERS };

struct clock {
    struct trust trust;
    uint8_t boot[TRUST_BOOT_SIZE];
    const volatile int64_t *file; /* its memory; NULL: real time */
    bool is_stepped;              /* the file is trusted time itself */
};

/* ---- the machine ------------------------------------------------------------------- */

static int64_t read_clock (clockid_t id)
{
    struct timespec now;
    int rc = clock_gettime (id, &now);
    assert (rc == 0);
    return now.tv_sec * INT64_C (1000) + now.tv_nsec / 1000000;
}

/* Hexadecimal digits, dashes between them passed over. */
static bool parse_boot (const char *text, uint8_t ret[TRUST_BOOT_SIZE])
{
    size_t digits = 0;
    uint8_t boot[TRUST_BOOT_SIZE] = { 0 };
    for (; *text != '\0' && *text != '\n'; text++) {
        static const char hex[] = "0123456789abcdef";
        const char *digit = strchr (hex, *text);
        if (*text == '-')
            continue;
        if (digit == NULL || digits == 2 * sizeof boot)
            return false;
        boot[digits / 2] = (uint8_t) (boot[digits / 2] << 4 | (digit - hex));
        digits++;
    }
    if (digits == 2 * sizeof boot)
        memcpy (ret, boot, sizeof boot);
    return digits == 2 * sizeof boot;
}

/* Where it is not to be had it stays zero: every start is then as after a boot. */
static void read_boot (uint8_t ret[TRUST_BOOT_SIZE])
{
    char text[64] = "";
    const char *given = getenv (CLOCK_BOOT_VARIABLE);
    int fd = open (BOOT_FILE, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        ssize_t size = read (fd, text, sizeof text - 1);
        text[size > 0 ? size : 0] = '\0';
        close (fd);
    }
    if (!parse_boot (text, ret) && given != NULL)
        parse_boot (given, ret);
}

static bool is_synchronised (int64_t wall_ms)
{
    struct timex timex = { 0 };
    struct stat mark;
    int state = adjtimex (&timex);
    if (state >= 0)
        return state != TIME_ERROR && (timex.status & STA_UNSYNC) == 0;
    return stat (SYNCHRONISED_FILE, &mark) == 0 && mark.st_mtime <= wall_ms / 1000 &&
           mark.st_mtime > wall_ms / 1000 - SYNCHRONISED_S;
}

static void clocks_read (const struct clock *clock, int64_t newest_ms,
                         struct trust_clocks *ret)
{
    *ret = (struct trust_clocks){ .newest_ms = newest_ms };
    if (clock->file != NULL) {
        ret->wall_ms = clock->file[FILE_WALL];
        ret->boot_ms = clock->file[FILE_BOOT];
        put_be64 (ret->boot, (uint64_t) clock->file[FILE_BOOT_NUMBER]);
        ret->is_synchronised = clock->file[FILE_SYNCHRONISED] != 0;
        return;
    }
    ret->wall_ms = read_clock (CLOCK_REALTIME);
    ret->boot_ms = read_clock (CLOCK_BOOTTIME);
    memcpy (ret->boot, clock->boot, sizeof ret->boot);
}

/* The kernel is asked only where it matters. */
static void ask_kernel (const struct clock *clock, struct trust_clocks *clocks)
{
    if (clock->file == NULL)
        clocks->is_synchronised = is_synchronised (clocks->wall_ms);
}

/* ---- open -------------------------------------------------------------------------- */

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
        memory =
            mmap (NULL, FILE_NUMBERS * sizeof (int64_t), PROT_READ, MAP_SHARED, fd, 0);
    close (fd);
    if (memory == MAP_FAILED)
        return err_set (err, -EINVAL, "%s: does not hold the 8 bytes of a time", file);
    clock->file = memory;
    clock->is_stepped = status.st_size < (off_t) (FILE_NUMBERS * sizeof (int64_t));
    log_warning ("time comes from %s, not from the clock: this is for tests", file);
    return 0;
}

int clock_open (struct clock **ret_clock, struct err *err)
{
    struct clock *clock = calloc (1, sizeof *clock);
    if (clock == NULL)
        return err_set (err, -ENOMEM, "no memory for a clock");
    const char *file = getenv (CLOCK_VARIABLE);
    read_boot (clock->boot);
    int rc = file == NULL || *file == '\0' ? 0 : map_file (clock, file, err);
    if (rc < 0) {
        free (clock);
        return rc;
    }
    struct trust_clocks clocks;
    clocks_read (clock, 0, &clocks);
    memcpy (clock->trust.boot, clocks.boot, sizeof clocks.boot);
    trust_settle (&clock->trust, &clocks);
    *ret_clock = clock;
    return 0;
}

void clock_close (struct clock **clock)
{
    if (*clock == NULL)
        return;
    if ((*clock)->file != NULL) {
        void *memory = (void *) (uintptr_t) (*clock)->file;
        munmap (memory, FILE_NUMBERS * sizeof (int64_t));
    }
    free (*clock);
    *clock = NULL;
}

/* ---- time -------------------------------------------------------------------------- */

static void tell_doubt (const struct clock *clock, int64_t wall_ms)
{
    long long apart_s = (wall_ms - clock->trust.trusted_ms) / 1000;
    if (clock->trust.state == TRUST_LOST)
        log_warning ("clock: after this boot the wall clock cannot be right (%lld s from "
                     "the newest entry); time goes on from there, uncertain; nothing is "
                     "raised by it; set the clock, or if it is right, reload this "
                     "service",
                     apart_s);
    else
        log_warning ("clock: the wall clock jumped by %lld s; going on at the pace of "
                     "the boot clock, uncertain; nothing is raised by it; if the wall "
                     "clock is right, reload this service",
                     apart_s);
}

static void tell (const struct clock *clock, bool was_doubting, int64_t wall_ms)
{
    bool is_doubting = clock->trust.state != TRUST_SURE;
    if (is_doubting && !was_doubting)
        tell_doubt (clock, wall_ms);
    else if (!is_doubting && was_doubting)
        log_notice ("clock: the wall clock is believed again");
}

void clock_begin (struct clock *clock, const struct trust *kept, int64_t newest_ms)
{
    struct trust_clocks clocks;
    if (clock->is_stepped)
        return;
    clocks_read (clock, newest_ms, &clocks);
    ask_kernel (clock, &clocks);
    trust_begin (&clock->trust, kept, &clocks);
    tell (clock, false, clocks.wall_ms);
}

int64_t clock_now_ms (struct clock *clock, int64_t newest_ms)
{
    struct trust_clocks clocks;
    if (clock->is_stepped)
        return *clock->file;
    bool was_doubting = clock->trust.state != TRUST_SURE;
    clocks_read (clock, newest_ms, &clocks);
    if (was_doubting)
        ask_kernel (clock, &clocks);
    int64_t now_ms = trust_step (&clock->trust, &clocks);
    tell (clock, was_doubting, clocks.wall_ms);
    return now_ms;
}

void clock_settle (struct clock *clock)
{
    struct trust_clocks clocks;
    if (clock->trust.state == TRUST_SURE)
        return;
    clocks_read (clock, 0, &clocks);
    trust_settle (&clock->trust, &clocks);
    log_notice ("clock: the wall clock is believed, as asked");
}

const struct trust *clock_trust (const struct clock *clock)
{
    return clock->is_stepped ? NULL : &clock->trust;
}

uint64_t clock_jumps (const struct clock *clock)
{
    return clock->trust.jumps;
}

bool clock_is_doubting (const struct clock *clock)
{
    return clock->trust.state != TRUST_SURE;
}

bool clock_is_stepped (const struct clock *clock)
{
    return clock->file != NULL;
}
