/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold at every moment, cheaply: every entry is read once, when it is durable.
 *
 *   journals    no gap, time never back (the witness); after a restart nothing is missing
 *               that was durable, and it is what it was
 *   counters    each client's commands are recorded under 1, 2, 3 …, each once; nobody was
 *               told of an outcome that is not recorded durably
 *   positions   what was taken over from a journal is taken in order, each entry once, and
 *               from what is durable there
 *   the law     one holder, the table of states, clocks: support/witness.h
 *   knowledge   no clock is raised while its daemon has not heard all that was said before
 *               its time, unless it says that it is blind
 *   filings     a number is registered once, where its receipt says */
#include "sim/sim.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "support/trace.h"
#include "wire/names.h"

#define WELL_MS 20000
/* After a boot without a clock a daemon is as far ahead as it may have promised. */
#define AHEAD_MS 61000
#define ODD_MOST 8

/* ---- registered --------------------------------------------------------------------- */

static struct filed *place_of (struct filed *table, size_t room, uint64_t number)
{
    size_t at = (size_t) ((number * UINT64_C (0x9E3779B97F4A7C15)) >> 32) & (room - 1);
    while (table[at].number != 0 && table[at].number != number)
        at = (at + 1) & (room - 1);
    return &table[at];
}

static void grow (struct sim *sim)
{
    size_t room = sim->filed_room == 0 ? 256 : sim->filed_room * 2;
    struct filed *table = calloc (room, sizeof *table);
    assert (table != NULL);
    for (size_t i = 0; i < sim->filed_room; i++)
        if (sim->filed[i].number != 0)
            *place_of (table, room, sim->filed[i].number) = sim->filed[i];
    free (sim->filed);
    sim->filed = table;
    sim->filed_room = room;
}

static void note_registered (struct sim *sim, const struct entry *entry)
{
    if (2 * (sim->n_filed + 1) > sim->filed_room)
        grow (sim);
    struct filed *place = place_of (sim->filed, sim->filed_room, entry->grievance);
    if (place->number != 0) {
        sim->counts.doubled++;
        sim_complain (sim, "%" PRIu64 " is registered twice, as %" PRIu64 " and %" PRIu64,
                      entry->grievance, place->sequence, entry->sequence);
        return;
    }
    *place = (struct filed){ entry->grievance, entry->sequence };
    sim->n_filed++;
}

uint64_t watch_registered (const struct sim *sim, uint64_t number)
{
    return sim->filed_room == 0
               ? 0
               : place_of (sim->filed, sim->filed_room, number)->sequence;
}

void watch_receipt (struct sim *sim, const struct slip *slip)
{
    uint64_t sequence = watch_registered (sim, slip->number);
    if (sequence == slip->sequence || sim->is_restored[SPEAKER_INTAKE])
        return;
    sim->counts.missing++;
    sim_complain (
        sim, "%" PRIu64 " is acknowledged as entry %" PRIu64 ", which is %s durably",
        slip->number, slip->sequence, sequence == 0 ? "not there" : "another one");
}

/* ---- one entry ---------------------------------------------------------------------- */

static size_t node_of_client (const struct sim *sim, uint32_t client)
{
    for (size_t i = 0; i < SIM_TERMINALS; i++)
        if (sim->terminals[i].number == client)
            return sim->terminals[i].node.index;
    for (size_t i = 0; i < SIM_DESKS; i++)
        if (sim->desks[i].number == client)
            return sim->desks[i].node.index;
    return SIM_NODES;
}

static void check_counter (struct sim *sim, struct watched *watched, const char *name,
                           const struct entry *entry)
{
    const struct actor *actor = entry->actor;
    size_t node = actor != NULL && actor->counter > 0
                      ? node_of_client (sim, actor->client)
                      : SIM_NODES;
    if (node == SIM_NODES)
        return;
    if (actor->incarnation > watched->incarnations[node]) {
        watched->incarnations[node] = actor->incarnation;
        watched->counters[node] = 0;
    }
    if (actor->counter != watched->counters[node] + 1)
        sim_complain (sim,
                      "entry %" PRIu64 " of %s records command %" PRIu64
                      " of %u behind %" PRIu64,
                      entry->sequence, name, actor->counter, actor->client,
                      watched->counters[node]);
    watched->counters[node] = actor->counter;
}

/* One followed entry may have several events: they stand together. */
static void check_source (struct sim *sim, struct watched *watched, const char *name,
                          const struct entry *entry)
{
    const struct source *source = entry->source;
    if (source == NULL || source->speaker <= SPEAKER_NONE ||
        source->speaker >= SPEAKER_COUNT)
        return;
    uint64_t *taken = &watched->taken[source->speaker],
             *at = &watched->taken_at[source->speaker];
    if (source->sequence < *taken ||
        (source->sequence == *taken && *at + 1 != entry->sequence))
        sim_complain (sim,
                      "entry %" PRIu64 " of %s takes %s %" PRIu64
                      " over a second time, behind %" PRIu64,
                      entry->sequence, name, speaker_name (source->speaker),
                      source->sequence, *taken);
    if (position_sequence (source->sequence) > sim->watched[source->speaker].read &&
        !sim->was_restored)
        sim_complain (sim,
                      "entry %" PRIu64 " of %s takes %s %" PRIu64
                      " over, which is not durable there",
                      entry->sequence, name, speaker_name (source->speaker),
                      source->sequence);
    *taken = source->sequence;
    *at = entry->sequence;
}

/* How many entries of a journal were said before this time, or at it. */
static uint64_t said_until (const struct watched *watched, int64_t at_ms)
{
    uint64_t low = 0, high = watched->read;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (watched->times[middle] <= at_ms)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* How far a daemon has acted on another's journal, by its own table of positions. */
static uint64_t acted_on (struct daemon *daemon, struct txn *txn, enum speaker speaker)
{
    uint8_t key = (uint8_t) speaker;
    struct bytes value;
    (void) daemon;
    if (!txn_get (txn, CORE_POSITIONS, BYTES_OF (key), &value) ||
        value.size < JOURNAL_ID_SIZE + 8)
        return 0;
    return get_be64 (value.data + JOURNAL_ID_SIZE);
}

/* Blind is only who has not heard of somebody for a minute; then the road was not well. */
static void check_blindness (struct sim *sim, const struct daemon *daemon,
                             const struct entry *entry)
{
    for (size_t i = 0; i < daemon->spec->n_follows; i++) {
        const struct road *road = daemon->node.roads[daemon->spec->follows[i].speaker];
        if (road->well_ms == ROAD_ILL || sim->now_ms - road->well_ms < WELL_MS)
            return;
    }
    sim_complain (sim,
                  "entry %" PRIu64
                  " of %s is raised blind, though all roads have been well for long",
                  entry->sequence, daemon->node.name);
}

static void check_knowledge (struct sim *sim, struct daemon *daemon, struct txn *txn,
                             const struct entry *entry)
{
    const struct raised *raised = entry->raised;
    if (sim->was_restored || raised == NULL || raised->due_ms == 0 ||
        entry->actor != NULL || entry->source != NULL)
        return;
    if (raised->blind) {
        check_blindness (sim, daemon, entry);
        return;
    }
    for (size_t i = 0; i < daemon->spec->n_follows; i++) {
        enum speaker speaker = daemon->spec->follows[i].speaker;
        /* Only what the raise could know: what was said when it was made. */
        uint64_t said = said_until (&sim->watched[speaker], raised->due_ms),
                 acted = acted_on (daemon, txn, speaker);
        if (acted < said)
            sim_complain (sim,
                          "entry %" PRIu64 " of %s raises what was due at %" PRId64
                          " on %s up to %" PRIu64 ", where %" PRIu64 " was said by then",
                          entry->sequence, daemon->node.name, raised->due_ms,
                          speaker_name (speaker), acted, said);
    }
}

static void note_time (struct watched *watched, int64_t time_ms)
{
    if (watched->read == watched->room) {
        watched->room = watched->room == 0 ? 256 : watched->room * 2;
        watched->times = realloc (watched->times, watched->room * sizeof *watched->times);
        assert (watched->times != NULL);
    }
    watched->times[watched->read++] = time_ms;
}

static void note_happened (struct sim_counts *counts, const struct entry *entry)
{
    const struct moved *moved = entry->moved;
    if (entry->kind == KIND_REJECTED)
        counts->steps[STEP_REJECT]++;
    else if (moved != NULL && entry->kind != KIND_PROPOSED) {
        counts->steps[moved->step]++;
        counts->steps[STEP_APPROVE] += moved->proposer != 0;
        counts->states[moved->to]++;
    }
    if (entry->raised != NULL)
        counts->causes[entry->raised->cause]++;
    counts->refusals += entry->kind == KIND_REFUSED;
}

static void read_entry (struct sim *sim, struct daemon *daemon, struct txn *txn,
                        const struct entry *entry, struct bytes body)
{
    struct watched *watched = &sim->watched[daemon->speaker];
    const char *name = daemon->node.name;
    sim->counts.entries++;
    note_happened (&sim->counts, entry);
    note_time (watched, entry->time_ms);
    if (entry->time_ms > sim->now_ms + AHEAD_MS && !sim->was_restored)
        sim_complain (sim, "entry %" PRIu64 " of %s is of the future", entry->sequence,
                      name);
    if (sim->options.trace != NULL) {
        fprintf (sim->options.trace, "    %s ", name);
        trace_entry (sim->options.trace, entry);
    }
    check_counter (sim, watched, name, entry);
    check_source (sim, watched, name, entry);
    if (entry->kind == KIND_REGISTERED)
        note_registered (sim, entry);
    check_knowledge (sim, daemon, txn, entry);
    if (!sim->was_restored || daemon->speaker == SPEAKER_ROUTING)
        witness_entry (sim->witness, daemon->speaker, entry, body);
    if (witness_complaint (sim->witness) != NULL && !sim->was_restored)
        sim_complain (sim, "%s, %s", name, witness_complaint (sim->witness));
}

/* ---- commits and starts ------------------------------------------------------------- */

void watch_commit (struct sim *sim, struct daemon *daemon)
{
    struct watched *watched = &sim->watched[daemon->speaker];
    struct journal *journal = core_journal (daemon->core);
    struct txn *txn = txn_begin_read (core_store (daemon->core));
    struct journal_reader reader;
    struct journal_record record;
    int rc = 1;
    if (journal_size (journal, txn) == daemon->head) {
        txn_abort (&txn);
        return;
    }
    /* Only of routing's does anybody here read the bodies. */
    journal_reader_init (&reader, journal, txn, watched->read + 1,
                         daemon->speaker == SPEAKER_ROUTING ? JOURNAL_BODIES
                                                            : JOURNAL_HEADERS);
    while (sim->complaint[0] == '\0' &&
           (rc = journal_reader_next (&reader, &record)) > 0) {
        struct entry entry;
        arena_reset (&sim->entry);
        if (entry_decode (&sim->entry, record.header, &entry, NULL) < 0)
            sim_complain (sim, "entry %" PRIu64 " of %s cannot be read", record.sequence,
                          daemon->node.name);
        else
            read_entry (sim, daemon, txn, &entry, record.body);
        daemon->head = record.sequence;
        daemon->head_hash = record.leaf_hash;
    }
    if (rc < 0)
        sim_complain (sim, "entry %" PRIu64 " of %s is damaged", reader.sequence,
                      daemon->node.name);
    journal_reader_done (&reader);
    txn_abort (&txn);
}

void watch_start (struct sim *sim, struct daemon *daemon)
{
    struct txn *txn = txn_begin_read (core_store (daemon->core));
    struct journal_record record;
    uint64_t size = journal_size (core_journal (daemon->core), txn);
    if (size < daemon->head)
        sim_complain (sim, "%s has lost entries %" PRIu64 " to %" PRIu64,
                      daemon->node.name, size + 1, daemon->head);
    else if (daemon->head > 0 && (journal_read_header (core_journal (daemon->core), txn,
                                                       daemon->head, &record) < 0 ||
                                  !hash_equal (&record.leaf_hash, &daemon->head_hash)))
        sim_complain (sim, "entry %" PRIu64 " of %s is another one than before",
                      daemon->head, daemon->node.name);
    txn_abort (&txn);
}

void watch_acked (struct sim *sim, const struct node *client, enum speaker speaker,
                  uint64_t counter)
{
    if (sim->watched[speaker].counters[client->index] < counter &&
        !sim->is_restored[speaker]) {
        sim->counts.missing++;
        sim_complain (sim,
                      "%s has outcomes up to %" PRIu64 " of %s, which recorded %" PRIu64,
                      client->name, counter, speaker_name (speaker),
                      sim->watched[speaker].counters[client->index]);
    }
}

/* An answer that was under way for long may say so once or twice. */
void watch_put_off (struct sim *sim, const struct node *client,
                    const struct refusal *refusal, uint64_t acked)
{
    struct odd *odd = &sim->odd[client->index];
    if (refusal->next_counter == 0 || refusal->next_counter > acked || sim->was_restored)
        return;
    if (odd->acked != acked)
        *odd = (struct odd){ .acked = acked };
    if (++odd->times < ODD_MOST)
        return;
    sim->counts.missing++;
    sim_complain (sim,
                  "%s has outcomes up to %" PRIu64 " and is told to go on from %" PRIu64,
                  client->name, acked, refusal->next_counter);
}

void watch_restored (struct sim *sim, struct daemon *daemon)
{
    struct watched *watched = &sim->watched[daemon->speaker];
    sim->was_restored = sim->is_restored[daemon->speaker] = true;
    free (watched->times);
    *watched = (struct watched){ 0 };
    daemon->head = 0;
    if (daemon->speaker == SPEAKER_INTAKE) {
        free (sim->filed);
        sim->filed = NULL;
        sim->n_filed = sim->filed_room = 0;
    }
    if (daemon->speaker == SPEAKER_ROUTING) {
        witness_destroy (&sim->witness);
        sim->witness = witness_create ();
    }
}

void watch_done (struct sim *sim)
{
    for (size_t i = 0; i < SPEAKER_COUNT; i++)
        free (sim->watched[i].times);
    free (sim->filed);
}
