/* SPDX-License-Identifier: Apache-2.0 */
/* At rest: no misfortune any more, everybody has said and followed everything. Then
 *
 *   every slip   that was ever printed has its outcome at its terminal; each acknowledged
 *                one is one grievance, in the order of the terminal's counter
 *   conservation what is registered is placed, and open in escalation as long as it is open
 *   witness      what routing's and escalation's journals say agrees
 *   trees        every journal verifies from its first entry to its root
 *   fold         the facts of all four are the fold of their journals */
#include "sim/sim.h"

#include <inttypes.h>
#include <string.h>

#include "base/hash.h"
#include "support/town.h"

#define PATIENCE_MS   (24 * CIVIL_HOUR_MS) /* then somebody waits for ever */
#define STEP_MS       5000
#define RECOVERING_MS CIVIL_HOUR_MS

/* ---- coming to rest ----------------------------------------------------------------- */

static bool has_followed_all (struct sim *sim, struct daemon *daemon)
{
    bool has = true;
    struct txn *txn = txn_begin_read (core_store (daemon->core));
    for (size_t i = 0; i < daemon->spec->n_follows; i++) {
        uint8_t key = (uint8_t) daemon->spec->follows[i].speaker;
        struct bytes value;
        has = has && txn_get (txn, CORE_POSITIONS, BYTES_OF (key), &value) &&
              get_be64 (value.data + JOURNAL_ID_SIZE) == sim->watched[key].read;
    }
    txn_abort (&txn);
    return has;
}

/* Who is not at rest; NULL: all are. */
static const struct node *restless (struct sim *sim)
{
    for (size_t i = 0; i < SIM_TERMINALS; i++)
        if (!terminal_is_done (&sim->terminals[i]))
            return &sim->terminals[i].node;
    for (size_t i = 0; i < SIM_DESKS; i++)
        if (!desk_is_done (&sim->desks[i]))
            return &sim->desks[i].node;
    for (size_t i = 0; i < SIM_DAEMONS; i++) {
        struct daemon *daemon = &sim->daemons[i];
        if (daemon->core == NULL || daemon->is_busy || daemon->inbox != NULL ||
            !has_followed_all (sim, daemon))
            return &daemon->node;
    }
    return NULL;
}

static bool come_to_rest (struct sim *sim)
{
    int64_t until_ms = sim->now_ms + PATIENCE_MS;
    sim->is_resting = true;
    fate_mend_all (sim);
    if (sim->was_restored) /* what nobody tells again is given up after a while */
        sim_pass (sim, sim->now_ms + RECOVERING_MS);
    do {
        sim_pass (sim, sim->now_ms + STEP_MS);
        if (sim->complaint[0] != '\0')
            return false;
    } while (restless (sim) != NULL && sim->now_ms < until_ms);
    if (restless (sim) == NULL)
        return true;
    sim_complain (sim, "%s does not come to rest", restless (sim)->name);
    return false;
}

/* ---- slips -------------------------------------------------------------------------- */

static void check_slips (struct sim *sim)
{
    uint64_t last[SIM_NODES] = { 0 };
    for (size_t i = 0; i < sim->n_slips; i++) {
        const struct slip *slip = &sim->slips[i];
        uint64_t sequence = watch_registered (sim, slip->number);
        uint64_t *before = &last[slip->terminal->node.index];
        if (!slip->is_acked) {
            sim->counts.missing++;
            sim_complain (sim, "slip %" PRIu64 " was printed and has no outcome",
                          slip->number);
        }
        if (slip->is_refused != (sequence == 0)) {
            sim->counts.missing++;
            sim_complain (sim, "slip %" PRIu64 " was %s and is %s", slip->number,
                          slip->is_refused ? "refused" : "acknowledged",
                          sequence == 0 ? "not registered" : "registered");
        }
        if (sequence != 0 && sequence <= *before && !sim->was_restored)
            sim_complain (sim,
                          "slip %" PRIu64 " was registered before one printed earlier",
                          slip->number);
        if (sequence != 0)
            *before = sequence;
    }
}

/* ---- what they say together --------------------------------------------------------- */

struct sums {
    uint64_t open, stage_duties, whole_duties;
};

static void sum_gauge (void *into, const char *name, uint64_t value)
{
    struct sums *sums = into;
    if (strcmp (name, "open") == 0)
        sums->open = value;
    if (strcmp (name, "stage_duties") == 0)
        sums->stage_duties = value;
    if (strcmp (name, "whole_duties") == 0)
        sums->whole_duties = value;
}

static void check_sums (struct sim *sim)
{
    struct daemon *daemon = sim_daemon (sim, SPEAKER_ESCALATION);
    struct status status;
    struct sums sums = { 0 };
    uint64_t open = witness_count_open (sim->witness);
    arena_reset (&sim->arena);
    core_status (daemon->core, &sim->arena, sim->now_ms, &status);
    for (size_t i = 0; i < status.n_gauges; i++)
        sum_gauge (&sums, status.gauges[i].name, status.gauges[i].value);
    if (witness_count (sim->witness) != sim->n_filed)
        sim_complain (sim, "%zu are registered, %zu are placed", sim->n_filed,
                      witness_count (sim->witness));
    if (sums.open != open || sums.stage_duties != open || sums.whole_duties != open)
        sim_complain (sim,
                      "%" PRIu64 " are open; escalation has %" PRIu64 " with %" PRIu64
                      " stage and %" PRIu64 " whole duties",
                      open, sums.open, sums.stage_duties, sums.whole_duties);
}

/* ---- trees and folds ---------------------------------------------------------------- */

static void check_tree (struct sim *sim, struct daemon *daemon)
{
    struct err err = { 0 };
    struct txn *txn = txn_begin_read (core_store (daemon->core));
    if (journal_verify (core_journal (daemon->core), txn, 1, 0, NULL, &err) < 0)
        sim_complain (sim, "%s: %s", daemon->node.name, err.text);
    txn_abort (&txn);
}

/* The daemon's last hour: its own store is refolded. */
static void check_fold (struct sim *sim, struct daemon *daemon)
{
    struct buffer before = { 0 }, after = { 0 };
    struct core_options options;
    struct err err = { 0 };
    town_facts_append (daemon->core, daemon->spec, &before);
    core_close (&daemon->core, true);
    disk_options (sim, daemon, &options);
    int rc = core_open (daemon->spec, &options, &daemon->core, &err);
    if (rc == 0)
        rc = core_rebuild (daemon->core, &err);
    if (rc == 0) {
        town_facts_append (daemon->core, daemon->spec, &after);
        if (!bytes_equal (buffer_bytes (&before), buffer_bytes (&after)))
            sim_complain (sim, "the facts of %s are not the fold of its journal",
                          daemon->node.name);
    } else {
        sim_complain (sim, "%s: %s", daemon->node.name, err.text);
    }
    buffer_done (&before);
    buffer_done (&after);
}

void rest_check (struct sim *sim)
{
    if (!come_to_rest (sim))
        return;
    check_slips (sim);
    if (!sim->was_restored)
        witness_rest (sim->witness);
    if (!sim->was_restored && witness_complaint (sim->witness) != NULL)
        sim_complain (sim, "at rest, %s", witness_complaint (sim->witness));
    check_sums (sim);
    for (size_t i = 0; i < SIM_DAEMONS; i++)
        check_tree (sim, &sim->daemons[i]);
    for (size_t i = 0; i < SIM_DAEMONS; i++)
        check_fold (sim, &sim->daemons[i]);
}
