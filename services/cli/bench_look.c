/* SPDX-License-Identifier: Apache-2.0 */
/* What the daemons say of themselves, and what the system says of them. */
#include "cli/bench_town.h"

#include "wire/names.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

const enum speaker bench_speakers[4] = { SPEAKER_INTAKE, SPEAKER_ROUTING,
                                         SPEAKER_ESCALATION, SPEAKER_NOTIFICATION };

/* ---- the daemons ------------------------------------------------------------------- */

void bench_look_status (struct bench_look *look, const struct status *status)
{
    look->is_told = true;
    look->head = status->head;
    for (size_t i = 0; i < SPEAKER_COUNT; i++)
        look->acted[i] = UINT64_MAX;
    for (size_t i = 0; i < status->n_positions; i++)
        look->acted[status->positions[i].speaker] = status->positions[i].acted;
}

static uint64_t sample (const char *text, enum speaker speaker, const char *name)
{
    char line[96];
    int length =
        snprintf (line, sizeof line, "\nminqing_%s_%s ", speaker_name (speaker), name);
    const char *at = text == NULL ? NULL : strstr (text, line);
    return at == NULL ? 0 : strtoull (at + length, NULL, 10);
}

void bench_look_metrics (struct bench_look *look, enum speaker speaker, const char *text)
{
    look->batches = sample (text, speaker, "batches_total");
    look->inputs = sample (text, speaker, "batch_inputs_total");
}

int bench_town_look (struct bench_town *town, struct bench_look looks[SPEAKER_COUNT])
{
    struct control status = { .verb = CONTROL_STATUS };
    struct control metrics = { .verb = CONTROL_METRICS };
    for (size_t i = 0; i < ARRAY_SIZE (bench_speakers); i++) {
        enum speaker speaker = bench_speakers[i];
        struct control_reply reply;
        if (place_process (town->place, speaker) == 0)
            continue;
        int rc = session_control (town->session, speaker, &status, &reply);
        if (rc == 0 && reply.status != NULL)
            bench_look_status (&looks[speaker], reply.status);
        if (rc == 0)
            rc = session_control (town->session, speaker, &metrics, &reply);
        if (rc < 0)
            return rc;
        bench_look_metrics (&looks[speaker], speaker, reply.text);
    }
    return 0;
}

uint64_t bench_behind (const struct bench_look looks[SPEAKER_COUNT], enum speaker speaker)
{
    uint64_t behind = 0;
    if (!looks[speaker].is_told)
        return 0;
    for (size_t i = 0; i < ARRAY_SIZE (bench_speakers); i++) {
        enum speaker source = bench_speakers[i];
        uint64_t acted = looks[speaker].acted[source];
        if (looks[source].is_told && acted < looks[source].head)
            behind += looks[source].head - acted;
    }
    return behind;
}

/* ---- the system -------------------------------------------------------------------- */

/* The number behind "Name:" in a file of /proc; 0 where there is none. */
static uint64_t proc_number (pid_t pid, const char *file, const char *name)
{
    char path[64], line[256];
    uint64_t value = 0;
    snprintf (path, sizeof path, "/proc/%d/%s", (int) pid, file);
    FILE *in = fopen (path, "re");
    while (in != NULL && fgets (line, sizeof line, in) != NULL)
        if (strncmp (line, name, strlen (name)) == 0)
            value = strtoull (line + strlen (name), NULL, 10);
    if (in != NULL)
        fclose (in);
    return value;
}

void bench_process_read (pid_t pid, struct bench_process *ret_process)
{
    clockid_t clock;
    struct timespec time = { 0 };
    *ret_process = (struct bench_process){ 0 };
    if (pid == 0)
        return;
    if (clock_getcpuclockid (pid, &clock) == 0 && clock_gettime (clock, &time) == 0)
        ret_process->cpu_s = (double) time.tv_sec + (double) time.tv_nsec / 1e9;
    ret_process->pss_kib = proc_number (pid, "smaps_rollup", "Pss:");
    ret_process->anon_kib = proc_number (pid, "status", "RssAnon:");
}

uint64_t bench_town_disk (struct bench_town *town, enum speaker speaker)
{
    struct cli *cli = town->cli;
    const char *dir = config_state (cli_config (cli), speaker);
    uint64_t bytes = 0;
    DIR *folder = opendir (dir);
    for (struct dirent *entry; folder != NULL && (entry = readdir (folder)) != NULL;) {
        struct stat stat;
        if (fstatat (dirfd (folder), entry->d_name, &stat, 0) == 0 &&
            S_ISREG (stat.st_mode))
            bytes += (uint64_t) stat.st_blocks * 512;
    }
    if (folder != NULL)
        closedir (folder);
    return bytes;
}
