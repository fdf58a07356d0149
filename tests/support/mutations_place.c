/* SPDX-License-Identifier: Apache-2.0 */
/* The good town: a crowd at work for some weeks, three hours of rest, nobody cut off. */
#include "mutations.h"

#include <sysexits.h>

#include "base/civil.h"
#include "escalation/escalation.h"
#include "intake/intake.h"
#include "notification/notification.h"
#include "routing/routing.h"

#define STEPS     1500
#define OPEN_MOST 24

struct hearing {
    struct place *place;
    enum speaker speaker;
};

static void hear (void *arg, const struct entry *entry, struct bytes body)
{
    struct hearing *hearing = arg;
    hearing->place->read[hearing->speaker] = entry->sequence;
    witness_entry (hearing->place->witness, hearing->speaker, entry, body);
}

static void listen (struct place *place)
{
    for (enum speaker speaker = SPEAKER_INTAKE; speaker <= SPEAKER_ESCALATION; speaker++)
        town_journal_after (place->town, speaker, place->read[speaker], hear,
                            &(struct hearing){ place, speaker });
}

static void let_time_pass (struct place *place)
{
    uint32_t chance = crowd_below (place->crowd, 100);
    if (chance < 40)
        return;
    town_step (place->town, chance < 75   ? CIVIL_HOUR_MS
                            : chance < 95 ? 20 * CIVIL_HOUR_MS
                                          : 12 * CIVIL_DAY_MS);
}

/* Some of what leaves fails, for now or for ever. */
static int leave (void *arg UNUSED, enum speaker speaker UNUSED,
                  const struct effect *effect)
{
    return effect->id % 11 == 0 ? EX_NOUSER : effect->id % 5 == 0 ? EX_TEMPFAIL : EX_OK;
}

void place_build (struct place *place, const char *tables_dir, uint64_t seed)
{
    struct town_options options = {
        .tables_dir = tables_dir,
        .specs = { &intake_service, &routing_service, &escalation_service,
                   &notification_service },
        .map_mib = 16,
        .batch_max = 256,
    };
    *place = (struct place){ 0 };
    place->town = town_create (&options);
    /* Never called: effects stay in the town. */
    town_set (place->town, "notification/smtp/url", "smtp://127.0.0.1:1");
    town_set (place->town, "notification/sms", "pipe:/bin/true");
    town_on_effect (place->town, leave, NULL);
    place->crowd = crowd_create (place->town, seed);
    place->witness = witness_create ();
    for (size_t steps = 0; steps < STEPS;) {
        steps += crowd_act (place->crowd, place->witness,
                            1 + crowd_below (place->crowd, 120), OPEN_MOST);
        let_time_pass (place);
        listen (place);
        town_forget (place->town);
    }
    town_step (place->town, 3 * CIVIL_HOUR_MS);
}

void place_leave (struct place *place)
{
    crowd_destroy (&place->crowd);
    witness_destroy (&place->witness);
    town_destroy (&place->town);
}
