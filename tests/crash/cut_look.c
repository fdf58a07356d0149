/* SPDX-License-Identifier: Apache-2.0 */
/* What is left of four stores after a power cut, held against what was acknowledged before.
 * On stdin, a line each, acknowledgements in the order of their times:
 *
 *   ack TIME SERVICE CLIENT INCARNATION COUNTER SEQUENCE HASH   HASH: 64 hex digits or -
 *   look TIME DIR          DIR/intake, DIR/routing … are the stores at that time
 *
 * Each look says "lost …" or "bad …" for what it finds and ends with "done". It is made by
 * a child: what a damaged store does to its reader ends only that. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "escalation/escalation.h"
#include "intake/intake.h"
#include "notification/notification.h"
#include "routing/routing.h"
#include "wire/names.h"

/* The file becomes as large while it is looked at. */
#define MAP_MIB 128

struct ack {
    uint64_t time_ns, client, incarnation, counter, sequence;
    enum speaker speaker;
    bool has_hash;
    struct hash hash;
};

static const struct service_spec *const specs[SPEAKER_COUNT] = {
    [SPEAKER_INTAKE] = &intake_service,
    [SPEAKER_ROUTING] = &routing_service,
    [SPEAKER_ESCALATION] = &escalation_service,
    [SPEAKER_NOTIFICATION] = &notification_service,
};

static struct ack *acks;
static size_t n_acks;

static enum speaker speaker_of (const char *name)
{
    for (unsigned i = 0; i < SPEAKER_COUNT; i++)
        if (specs[i] != NULL && strcmp (specs[i]->name, name) == 0)
            return (enum speaker) i;
    fprintf (stderr, "cut_look: there is no daemon %s\n", name);
    exit (64);
}

static void take_ack (const char *line)
{
    char name[32], hash[2 * HASH_SIZE + 1];
    struct ack ack = { 0 };
    int found = sscanf (
        line, "ack %" SCNu64 " %31s %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %64s",
        &ack.time_ns, name, &ack.client, &ack.incarnation, &ack.counter, &ack.sequence,
        hash);
    assert (found == 7);
    ack.speaker = speaker_of (name);
    ack.has_hash = hash[0] != '-';
    for (size_t i = 0; ack.has_hash && i < HASH_SIZE; i++) {
        unsigned byte;
        found = sscanf (hash + 2 * i, "%2x", &byte);
        assert (found == 1);
        ack.hash.data[i] = (uint8_t) byte;
    }
    acks = reallocarray (acks, n_acks + 1, sizeof *acks);
    assert (acks != NULL);
    acks[n_acks++] = ack;
}

/* ---- one look --------------------------------------------------------------------------- */

struct left {
    struct core *cores[SPEAKER_COUNT];
    struct txn *txns[SPEAKER_COUNT];
};

static bool open_one (struct left *left, enum speaker speaker, const char *dir)
{
    char path[4096];
    struct err err = { 0 };
    snprintf (path, sizeof path, "%s/%s", dir, specs[speaker]->name);
    struct core_options options = { .dir = path,
                                    .map_mib = MAP_MIB,
                                    .is_volatile = true };
    struct scrub scrub = { 0 };
    int rc = core_open (specs[speaker], &options, &left->cores[speaker], &err);
    if (rc == 0)
        rc = core_scrub (left->cores[speaker], &scrub, &err);
    if (rc < 0)
        printf ("bad %s: %s\n", specs[speaker]->name, err.text);
    else if (scrub.differences > 0 || scrub.damaged > 0)
        printf ("bad %s: %" PRIu64 " facts differ from the fold, %" PRIu64
                " entries are damaged; first: %s\n",
                specs[speaker]->name, scrub.differences, scrub.damaged,
                scrub.first != NULL ? scrub.first : "");
    if (left->cores[speaker] == NULL)
        return false;
    left->txns[speaker] = txn_begin_read (core_store (left->cores[speaker]));
    return true;
}

static bool leaf_is (struct left *left, enum speaker speaker, uint64_t sequence,
                     const struct hash *hash)
{
    struct journal_record record;
    return journal_read (core_journal (left->cores[speaker]), left->txns[speaker],
                         sequence, &record) == 0 &&
           (hash == NULL || hash_equal (&record.leaf_hash, hash));
}

static void look_for_ack (struct left *left, const struct ack *ack)
{
    struct key key;
    struct bytes value;
    key_init (&key);
    key_u32 (&key, (uint32_t) ack->client);
    key_u32 (&key, (uint32_t) ack->incarnation);
    key_u64 (&key, ack->counter);
    const char *name = specs[ack->speaker]->name;
    if (!txn_get (left->txns[ack->speaker], CORE_OUTCOMES, key_view (&key), &value) ||
        value.size < 8)
        printf ("lost %s: counter %" PRIu64 " of client %" PRIu64 "\n", name,
                ack->counter, ack->client);
    else if ((ack->sequence != 0 && get_be64 (value.data) != ack->sequence) ||
             !leaf_is (left, ack->speaker, get_be64 (value.data),
                       ack->has_hash ? &ack->hash : NULL))
        printf ("lost %s: the entry of counter %" PRIu64 " of client %" PRIu64 "\n", name,
                ack->counter, ack->client);
}

/* What a follower has acted on was told to it: its source has it still. */
static void look_at_positions (struct left *left, enum speaker follower)
{
    for (size_t i = 0; i < specs[follower]->n_follows; i++) {
        enum speaker source = specs[follower]->follows[i].speaker;
        struct key key;
        struct bytes value;
        struct hash hash;
        key_init (&key);
        key_u8 (&key, (uint8_t) source);
        if (!txn_get (left->txns[follower], CORE_POSITIONS, key_view (&key), &value) ||
            value.size < JOURNAL_ID_SIZE + 8 + HASH_SIZE)
            continue;
        uint64_t acted = get_be64 (value.data + JOURNAL_ID_SIZE);
        memcpy (hash.data, value.data + JOURNAL_ID_SIZE + 8, HASH_SIZE);
        if (acted > 0 && !leaf_is (left, source, acted, &hash))
            printf ("lost %s: entry %" PRIu64 ", on which %s has acted\n",
                    specs[source]->name, acted, specs[follower]->name);
    }
}

static void look_at (uint64_t time_ns, const char *dir)
{
    struct left left = { 0 };
    bool is_whole = true;
    for (unsigned i = 0; i < SPEAKER_COUNT; i++)
        if (specs[i] != NULL)
            is_whole = open_one (&left, (enum speaker) i, dir) && is_whole;
    for (size_t i = 0; i < n_acks && acks[i].time_ns <= time_ns; i++)
        if (left.cores[acks[i].speaker] != NULL)
            look_for_ack (&left, &acks[i]);
    for (unsigned i = 0; is_whole && i < SPEAKER_COUNT; i++)
        if (specs[i] != NULL)
            look_at_positions (&left, (enum speaker) i);
}

static void look (const char *line)
{
    uint64_t time_ns;
    char dir[2048];
    int found = sscanf (line, "look %" SCNu64 " %2047[^\n]", &time_ns, dir);
    assert (found == 2);
    fflush (stdout);
    pid_t child = fork ();
    assert (child >= 0);
    if (child == 0) {
        look_at (time_ns, dir);
        fflush (stdout);
        _exit (0);
    }
    int status = 0;
    pid_t gone = waitpid (child, &status, 0);
    assert (gone == child);
    if (WIFSIGNALED (status))
        printf ("bad the stores cannot be read: signal %d\n", WTERMSIG (status));
    else if (WEXITSTATUS (status) != 0)
        printf ("bad the stores cannot be read: exit code %d\n", WEXITSTATUS (status));
    puts ("done");
}

int main (void)
{
    char line[4096];
    setvbuf (stdout, NULL, _IOLBF, 0);
    if (log_set_level ("critical") < 0)
        return 70;
    while (fgets (line, sizeof line, stdin) != NULL) {
        if (strncmp (line, "ack ", 4) == 0)
            take_ack (line);
        else
            look (line);
    }
    return 0;
}
