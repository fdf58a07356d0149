/* SPDX-License-Identifier: Apache-2.0 */
/* Every journal that a release wrote folds to what it folded to then: a kind's meaning never
 * changes (DESIGN §2). They lie in tests/golden, whose README tells what to do at a release.
 *
 *     test_golden                   refold all, compare
 *     test_golden make DIR          write two towns of today into DIR
 *     test_golden digest DIR        print the digests of what lies there
 *     test_golden schema            print the number that the digests go by
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/civil.h"
#include "base/file.h"
#include "base/log.h"
#include "escalation/escalation.h"
#include "intake/intake.h"
#include "notification/notification.h"
#include "routing/routing.h"
#include "support/crowd.h"
#include "support/golden.h"
#include "support/scratch.h"
#include "support/town_restore.h"
#include "wire/names.h"

#define RELEASES    1 /* tests/golden/1 … */
#define CORE_SCHEMA 2 /* as in runtime/core_inside.h: 'test_schema' holds them together */
#define KIND_MAX    500
#define COURSE_ACTS 700
#define SECOND_ACTS 150

static const struct service_spec *const specs[] = { &intake_service, &routing_service,
                                                    &escalation_service,
                                                    &notification_service };
static const enum speaker heard[] = { SPEAKER_INTAKE, SPEAKER_ROUTING,
                                      SPEAKER_ESCALATION };
/* What the first town writes, and the second, to whom everything happens. */
static const char *const towns[] = { "course", "restored" };

/* ---- making: a town ----------------------------------------------------------------- */

struct making {
    struct town *town;
    struct crowd *crowd;
    struct witness *witness;
    uint64_t read[SPEAKER_COUNT];
    enum speaker reading;
};

static void hear (void *arg, const struct entry *entry, struct bytes body)
{
    struct making *it = arg;
    it->read[it->reading] = entry->sequence;
    witness_entry (it->witness, it->reading, entry, body);
}

static void act (struct making *it, size_t acts)
{
    for (size_t done = 0; done < acts;) {
        done += crowd_act (it->crowd, it->witness, 1 + crowd_below (it->crowd, 60), 25);
        town_step (it->town, (1 + crowd_below (it->crowd, 30)) * CIVIL_HOUR_MS);
        for (size_t i = 0; i < ARRAY_SIZE (heard); i++) {
            it->reading = heard[i];
            town_journal_after (it->town, heard[i], it->read[heard[i]], hear, it);
        }
        town_forget (it->town);
    }
}

/* Channels as they are: most take it, some later, some never. */
static int effect_of (void *arg UNUSED, enum speaker speaker UNUSED,
                      const struct effect *effect)
{
    return effect->id % 11 == 3 ? 75 : effect->id % 13 == 5 ? 69 : 0;
}

static jmp_buf life;
static bool is_deadly;

static void fragile_due (void *self, struct txn *txn, const struct agenda_row *row,
                         struct decision *decision)
{
    if (is_deadly && row->subject != 0)
        longjmp (life, 1);
    escalation_service.due (self, txn, row, decision);
}

static struct service_spec fragile;

static void making_begin (struct making *it, uint64_t seed)
{
    struct town_options options = { .tables_dir = SOURCE_DIR "/deploy/config/tables",
                                    .specs = { specs[0], specs[1], &fragile, specs[3] },
                                    .batch_max = 256 };
    fragile = escalation_service;
    fragile.due = fragile_due;
    *it = (struct making){ .witness = witness_create () };
    it->town = town_create (&options);
    town_set (it->town, "notification/smtp/url", "smtp://mail.example:25");
    town_on_effect (it->town, effect_of, NULL);
    it->crowd = crowd_create (it->town, seed);
}

static void making_end (struct making *it, const char *dir, const char *name)
{
    char path[400];
    town_step (it->town, 3000);
    snprintf (path, sizeof path, "%s/%s", dir, name);
    assert_int_equal (mkdir (path, 0755), 0);
    for (size_t i = 0; i < ARRAY_SIZE (specs); i++)
        golden_write (it->town, specs[i]->speaker, path);
    town_destroy (&it->town);
    crowd_destroy (&it->crowd);
    witness_destroy (&it->witness);
}

/* ---- making: what happens to the second --------------------------------------------- */

static void somebody_enrols (struct making *it)
{
    struct enrol enrol = { .why = "a new disk" };
    struct outcome *outcome = town_command (
        crowd_dispatcher (it->crowd), SPEAKER_ROUTING,
        &(struct command){ .incarnation = 2, .counter = 1, .enrol = &enrol });
    assert_non_null (outcome);
    assert_null (outcome->refusal);
}

/* The daemon dies over a due row until the row is set aside. */
static void a_row_is_parked (struct making *it)
{
    is_deadly = true;
    if (setjmp (life) != 0)
        town_restart (it->town, SPEAKER_ESCALATION);
    while (town_count (it->town, SPEAKER_ESCALATION, KIND_PARKED) == 0)
        town_step (it->town, CIVIL_DAY_MS);
    is_deadly = false;
}

/* An entry of routing is damaged, found, and put back. */
static void an_entry_is_damaged (struct making *it)
{
    struct key key;
    struct bytes value;
    struct buffer good = { 0 }, bad = { 0 };
    struct core *core = town_core (it->town, SPEAKER_ROUTING);
    uint64_t sequence = town_last (it->town, SPEAKER_ROUTING, KIND_MOVED)->sequence;
    key_init (&key);
    key_u64 (&key, sequence);
    struct txn *txn = txn_begin_write (core_store (core));
    assert_true (txn_get (txn, CORE_ENTRIES, key_view (&key), &value));
    buffer_append_bytes (&good, value);
    buffer_append_bytes (&bad, value);
    bad.data[80] ^= 1;
    txn_put (txn, CORE_ENTRIES, key_view (&key), buffer_bytes (&bad));
    assert_int_equal (txn_commit (&txn), 0);
    assert_int_equal (core_scrub (core, NULL, NULL), 0);
    town_settle (it->town);
    txn = txn_begin_write (core_store (core));
    txn_put (txn, CORE_ENTRIES, key_view (&key), buffer_bytes (&good));
    assert_int_equal (txn_commit (&txn), 0);
    town_restart (it->town, SPEAKER_ROUTING);
    buffer_done (&good);
    buffer_done (&bad);
}

static void time_is_doubted (struct making *it)
{
    town_doubt (it->town, SPEAKER_NONE, true);
    act (it, 20);
    town_doubt (it->town, SPEAKER_NONE, false);
    town_step (it->town, CIVIL_HOUR_MS);
}

/* Its journal ends earlier now: the witness has read too much of it. */
static void one_is_restored (struct making *it, enum speaker speaker)
{
    struct town_backup *backup = town_backup (it->town, speaker);
    act (it, 25);
    town_restore (it->town, speaker, backup);
    town_backup_destroy (&backup);
    town_step (it->town, CIVIL_HOUR_MS);
}

static void make (const char *dir)
{
    struct making it;
    making_begin (&it, 7);
    act (&it, COURSE_ACTS);
    making_end (&it, dir, towns[0]);
    making_begin (&it, 11);
    act (&it, SECOND_ACTS);
    somebody_enrols (&it);
    an_entry_is_damaged (&it);
    time_is_doubted (&it);
    a_row_is_parked (&it);
    for (size_t i = 0; i < ARRAY_SIZE (specs); i++)
        one_is_restored (&it, specs[i]->speaker);
    making_end (&it, dir, towns[1]);
}

/* ---- folding ------------------------------------------------------------------------ */

struct kinds {
    bool seen[KIND_MAX];
};

static void look (void *arg, const struct entry *entry)
{
    struct kinds *kinds = arg;
    if (entry->kind < KIND_MAX)
        kinds->seen[entry->kind] = true;
}

static void kinds_look (struct core *core, struct kinds *kinds)
{
    struct journal_reader reader;
    struct journal_record record;
    struct arena arena;
    struct txn *txn = txn_begin_read (core_store (core));
    arena_init (&arena, 0);
    journal_reader_init (&reader, core_journal (core), txn, 1, JOURNAL_HEADERS);
    while (journal_reader_next (&reader, &record) > 0) {
        struct entry entry;
        arena_reset (&arena);
        assert_int_equal (entry_decode (&arena, record.header, &entry, NULL), 0);
        look (kinds, &entry);
    }
    journal_reader_done (&reader);
    arena_done (&arena);
    txn_abort (&txn);
}

/* "course/intake HEX", a line for each journal; files of their own for each layout, since
 * a record that is laid out anew has another digest. */
static void digest_of (const struct service_spec *spec, const char *dir, const char *name,
                       struct kinds *kinds, char ret_line[160])
{
    CLEANUP (scratch_remove) struct scratch scratch = scratch_make ();
    char path[400], text[HASH_TEXT_SIZE];
    snprintf (path, sizeof path, "%s/%s", dir, name);
    struct core *core = golden_fold (spec, path, scratch.path);
    struct hash digest = golden_digest (core, spec);
    if (kinds != NULL)
        kinds_look (core, kinds);
    core_close (&core, false);
    hash_text (&digest, text);
    snprintf (ret_line, 160, "%s/%s %s\n", name, spec->name, text);
}

static void digests_of (const char *dir, struct kinds *kinds, struct buffer *ret)
{
    for (size_t i = 0; i < ARRAY_SIZE (towns); i++)
        for (size_t j = 0; j < ARRAY_SIZE (specs); j++) {
            char line[160];
            digest_of (specs[j], dir, towns[i], kinds, line);
            buffer_append (ret, line, strlen (line));
        }
}

/* Grows with the layout of any of the five. 2 where all are 2. */
static unsigned schema_sum (void)
{
    unsigned sum = CORE_SCHEMA;
    for (size_t i = 0; i < ARRAY_SIZE (specs); i++)
        sum += specs[i]->schema - 2;
    return sum;
}

static void expect_digests (unsigned release, struct kinds *kinds)
{
    struct buffer now = { 0 }, then = { 0 };
    struct err err = { 0 };
    char dir[400], file[500];
    snprintf (dir, sizeof dir, SOURCE_DIR "/tests/golden/%u", release);
    snprintf (file, sizeof file, "%s/digests-%u", dir, schema_sum ());
    if (file_read (file, 1 << 16, &then, &err) < 0)
        fail_msg ("%s: see tests/golden/README.md", err.text);
    digests_of (dir, kinds, &now);
    buffer_append (&now, "", 1);
    buffer_append (&then, "", 1);
    assert_string_equal ((const char *) now.data, (const char *) then.data);
    buffer_done (&now);
    buffer_done (&then);
}

static void what_a_release_wrote_folds_to_what_it_did (void **state UNUSED)
{
    struct kinds kinds = { { false } };
    for (unsigned release = 1; release <= RELEASES; release++)
        expect_digests (release, &kinds);
    for (unsigned kind = 1; kind < KIND_MAX; kind++)
        if (strcmp (kind_name ((enum kind) kind), "unknown") != 0 && !kinds.seen[kind])
            fail_msg ("no golden journal has an entry of kind %s",
                      kind_name ((enum kind) kind));
}

int main (int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test (what_a_release_wrote_folds_to_what_it_did),
    };
    int rc = log_set_level ("critical");
    assert_int_equal (rc, 0);
    if (argc == 3 && strcmp (argv[1], "make") == 0) {
        make (argv[2]);
        return 0;
    }
    if (argc == 3 && strcmp (argv[1], "digest") == 0) {
        struct buffer digests = { 0 };
        digests_of (argv[2], NULL, &digests);
        fwrite (digests.data, 1, digests.size, stdout);
        buffer_done (&digests);
        return 0;
    }
    if (argc == 2 && strcmp (argv[1], "schema") == 0) {
        printf ("%u\n", schema_sum ());
        return 0;
    }
    return cmocka_run_group_tests (tests, NULL, NULL);
}
