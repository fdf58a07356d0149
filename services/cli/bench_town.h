/* SPDX-License-Identifier: Apache-2.0 */
/* Where 'minqing bench' runs: a place with the shipped township, the four daemons over it,
 * terminals and desks with keys of their own; and what the system says of the daemons. */
#ifndef MINQING_CLI_BENCH_TOWN_H
#define MINQING_CLI_BENCH_TOWN_H

#include "cli/bench_plan.h"
#include "cli/place.h"
#include "cli/session.h"

/* Something that the tables place by themselves, and who may claim it. */
struct bench_matter {
    const char *category;
    uint32_t department;
    uint32_t person; /* works there */
};

struct bench_desk_key {
    struct key_file key;
    const struct bench_matter *matter;
};

struct bench_town {
    struct cli *cli;
    const char *dir;
    struct place *place;
    struct session *session;      /* the operator's, for control */
    struct bench_matter *matters; /* one for each department that has a desk */
    size_t n_matters;
    uint64_t *villages; /* of the township: matters of all of them are placed the same */
    size_t n_villages;
    struct key_file *terminals; /* one more than file: the last one asks */
    size_t n_terminals;
    struct bench_desk_key *desks;
    size_t n_desks;
    struct key_file operator_key;
};

/* Make the place (or what is missing in the one named) and start the four. -errno and
 * cli->err. 'bench_town_close' is due whatever it returns. */
MUST_CHECK int bench_town_open (struct cli *cli, const struct bench_plan *plan,
                                struct bench_town *ret_town);
/* End the daemons, forget the keys; the folder goes unless it is kept or was named. */
void bench_town_close (struct bench_town *town, const struct bench_plan *plan);

/* ---- what the daemons say ---------------------------------------------------------- */

struct bench_look {
    bool is_told;
    uint64_t head;                 /* of its journal */
    uint64_t acted[SPEAKER_COUNT]; /* of those it follows; UINT64_MAX: it does not */
    uint64_t batches, inputs;
};

/* From a status, from the text of metrics. */
void bench_look_status (struct bench_look *look, const struct status *status);
void bench_look_metrics (struct bench_look *look, enum speaker speaker, const char *text);
/* Of all that run, by asking one after the other. */
MUST_CHECK int bench_town_look (struct bench_town *town,
                                struct bench_look looks[SPEAKER_COUNT]);
/* Entries that this one has still to act on. */
uint64_t bench_behind (const struct bench_look looks[SPEAKER_COUNT],
                       enum speaker speaker);

/* ---- what the system says ---------------------------------------------------------- */

struct bench_process {
    double cpu_s; /* all its threads, since it began */
    uint64_t pss_kib, anon_kib;
};

/* Zeros where it does not run. */
void bench_process_read (pid_t pid, struct bench_process *ret_process);
/* Blocks that the store of this daemon takes, in bytes. */
uint64_t bench_town_disk (struct bench_town *town, enum speaker speaker);

extern const enum speaker bench_speakers[4];

#endif
