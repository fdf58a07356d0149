/* SPDX-License-Identifier: Apache-2.0 */
/* A crowd does anything at any time in a town whose daemons are, now and then, put back to
 * what a backup of some earlier time has: one, or several, crashed and cut off in between.
 * People have no spools here, so that much stays lost; what must hold is that nobody
 * stumbles, that the journals which are left add up, and that all facts are their fold.
 *
 *     MINQING_SEEDS  how many towns; MINQING_SEED only this one */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/civil.h"
#include "escalation/escalation.h"
#include "intake/intake.h"
#include "notification/notification.h"
#include "routing/routing.h"
#include "support/crowd.h"
#include "support/reckoning.h"
#include "support/town_restore.h"

#ifdef __SANITIZE_ADDRESS__
#define SEEDS_DEFAULT 6
#else
#define SEEDS_DEFAULT 60
#endif
#define ROUNDS    40
#define OPEN_MOST 40

struct run {
    uint64_t seed;
    struct town *town;
    struct crowd *crowd;
    struct town_backup *backups[SPEAKER_COUNT];
};

struct hearing {
    struct witness *witness;
    enum speaker speaker;
};

static void hear (void *arg, const struct entry *entry, struct bytes body)
{
    struct hearing *hearing = arg;
    witness_entry (hearing->witness, hearing->speaker, entry, body);
}

/* What people know: the journals that there are. What it complains of is not asked. */
static struct witness *hear_all (struct run *run)
{
    struct witness *witness = witness_create ();
    for (unsigned speaker = SPEAKER_INTAKE; speaker <= SPEAKER_ROUTING; speaker++) {
        struct hearing hearing = { witness, (enum speaker) speaker };
        town_journal (run->town, (enum speaker) speaker, hear, &hearing);
    }
    return witness;
}

static enum speaker any_speaker (struct run *run)
{
    return (enum speaker) (SPEAKER_INTAKE + crowd_below (run->crowd, 4));
}

static void befall (struct run *run)
{
    enum speaker speaker = any_speaker (run);
    switch (crowd_below (run->crowd, 8)) {
    case 0:
    case 1:
        town_backup_destroy (&run->backups[speaker]);
        run->backups[speaker] = town_backup (run->town, speaker);
        break;
    case 2:
    case 3:
        if (run->backups[speaker] != NULL)
            town_restore (run->town, speaker, run->backups[speaker]);
        break;
    case 4:
        town_crash (run->town, speaker);
        town_restart (run->town, speaker);
        break;
    case 5:
        if (run->backups[speaker] != NULL && speaker != SPEAKER_INTAKE) {
            town_cut (run->town, speaker, SPEAKER_INTAKE);
            town_restore (run->town, speaker, run->backups[speaker]);
            town_mend (run->town, speaker, SPEAKER_INTAKE);
        }
        break;
    default:
        break;
    }
}

static void let_time_pass (struct run *run)
{
    uint32_t chance = crowd_below (run->crowd, 10);
    town_step (run->town, chance < 6   ? 1000 * (int64_t) (1 + chance)
                          : chance < 9 ? CIVIL_HOUR_MS * (int64_t) chance
                                       : 6 * CIVIL_DAY_MS);
}

static void run_seed (uint64_t seed)
{
    struct run run = { .seed = seed };
    struct reckoning reckoning;
    run.town = town_create (&(struct town_options){
        .tables_dir = SOURCE_DIR "/deploy/config/tables",
        .specs = { &intake_service, &routing_service, &escalation_service,
                   &notification_service } });
    run.crowd = crowd_create (run.town, seed);
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct witness *witness = hear_all (&run);
        crowd_act (run.crowd, witness, 12, OPEN_MOST);
        witness_destroy (&witness);
        befall (&run);
        let_time_pass (&run);
        town_forget (run.town);
    }
    town_step (run.town, 3 * CIVIL_HOUR_MS); /* what is adrift has ended */
    reckoning_make (run.town, &reckoning);
    if (reckoning.complaint[0] != '\0' || reckoning.adrift > 0)
        fail_msg ("MINQING_SEED=%llu: %s (%zu adrift)", (unsigned long long) seed,
                  reckoning.complaint, reckoning.adrift);
    for (unsigned speaker = 0; speaker < SPEAKER_COUNT; speaker++)
        town_backup_destroy (&run.backups[speaker]);
    town_destroy (&run.town);
    crowd_destroy (&run.crowd);
}

static void whatever_is_restored_the_journals_that_are_left_add_up (void **state)
{
    const char *only = getenv ("MINQING_SEED"), *wanted = getenv ("MINQING_SEEDS");
    unsigned long seeds = wanted != NULL ? strtoul (wanted, NULL, 10) : SEEDS_DEFAULT;
    (void) state;
    if (only != NULL)
        run_seed (strtoull (only, NULL, 10));
    for (uint64_t seed = 1; only == NULL && seed <= seeds; seed++)
        run_seed (seed);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (whatever_is_restored_the_journals_that_are_left_add_up),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
