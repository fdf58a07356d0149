/* SPDX-License-Identifier: Apache-2.0 */
/* Scrub and quarantine: whatever changes in a table of facts or in the journal is found,
 * named, and stops nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/civil.h"
#include "escalation/escalation.h"
#include "intake/intake.h"
#include "notification/notification.h"
#include "routing/routing.h"
#include "support/crowd.h"
#include "wire/names.h"

#define ACTS 400

static const enum speaker speakers[] = { SPEAKER_INTAKE, SPEAKER_ROUTING,
                                         SPEAKER_ESCALATION, SPEAKER_NOTIFICATION };
static const struct service_spec *const specs[] = { &intake_service, &routing_service,
                                                    &escalation_service,
                                                    &notification_service };

/* Facts of the core; a service's own follow. */
static const unsigned core_facts[] = { CORE_COUNTERS,    CORE_OUTCOMES,     CORE_TAKEN,
                                       CORE_AGENDA,      CORE_TABLE_EVENTS, CORE_DAMAGED,
                                       CORE_INCARNATIONS };

static struct town *town;
static struct crowd *crowd;
static struct town_client *operator_client;

struct hearing {
    struct witness *witness;
    enum speaker speaker;
    uint64_t read;
};

static void hear (void *arg, const struct entry *entry, struct bytes body)
{
    struct hearing *hearing = arg;
    hearing->read = entry->sequence;
    witness_entry (hearing->witness, hearing->speaker, entry, body);
}

/* Some days of a township. */
static int build (void **state UNUSED)
{
    CLEANUP (witness_destroy) struct witness *witness = witness_create ();
    struct hearing hearings[3];
    size_t steps = 0;
    town = town_create (
        &(struct town_options){ .tables_dir = SOURCE_DIR "/deploy/config/tables",
                                .specs = { specs[0], specs[1], specs[2], specs[3] },
                                .batch_max = 256 });
    crowd = crowd_create (town, 5);
    operator_client = town_client (town, ROLE_OPERATOR, 80001);
    for (unsigned i = 0; i < ARRAY_SIZE (hearings); i++)
        hearings[i] = (struct hearing){ witness, speakers[i], 0 };
    while (steps < ACTS) {
        steps += crowd_act (crowd, witness, 1 + crowd_below (crowd, 60), 20);
        town_step (town, (1 + crowd_below (crowd, 30)) * CIVIL_HOUR_MS);
        for (unsigned i = 0; i < ARRAY_SIZE (hearings); i++)
            town_journal_after (town, speakers[i], hearings[i].read, hear, &hearings[i]);
        town_forget (town);
    }
    town_step (town, 3000);
    return 0;
}

static int demolish (void **state UNUSED)
{
    town_destroy (&town);
    crowd_destroy (&crowd);
    return 0;
}

static struct scrub scrub_now (enum speaker speaker)
{
    struct scrub scrub;
    struct err err = { 0 };
    if (core_scrub (town_core (town, speaker), &scrub, &err) < 0)
        fail_msg ("%s", err.text);
    return scrub;
}

static void expect_sound (enum speaker speaker)
{
    struct scrub scrub = scrub_now (speaker);
    if (scrub.differences > 0)
        print_error ("%s: %s\n", speaker_name (speaker), scrub.first);
    assert_int_equal (scrub.differences, 0);
    assert_int_equal (scrub.damaged, 0);
    assert_true (scrub.records > 0);
}

/* ---- facts -------------------------------------------------------------------------- */

static void what_is_sound_is_found_sound (void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE (speakers); i++)
        expect_sound (speakers[i]);
}

struct record {
    unsigned table;
    struct key key;
    uint8_t value[4096];
    size_t size;
};

/* A record in the middle of the table; false: it has none. */
static bool pick (enum speaker speaker, unsigned table, struct record *ret)
{
    struct txn *txn = txn_begin_read (core_store (town_core (town, speaker)));
    uint64_t count = txn_count (txn, table);
    struct cursor cursor;
    cursor_init (&cursor, txn, table);
    cursor_first (&cursor);
    for (uint64_t i = 0; i < count / 2; i++)
        cursor_next (&cursor);
    bool is_there = cursor_is_on (&cursor);
    if (is_there) {
        struct bytes key = cursor_key (&cursor), value = cursor_value (&cursor);
        ret->table = table;
        key_init (&ret->key);
        key_bytes (&ret->key, key);
        assert_true (value.size <= sizeof ret->value);
        memcpy (ret->value, value.data, value.size);
        ret->size = value.size;
    }
    cursor_done (&cursor);
    txn_abort (&txn);
    return is_there;
}

static void put (enum speaker speaker, const struct record *record)
{
    struct txn *txn = txn_begin_write (core_store (town_core (town, speaker)));
    txn_put (txn, record->table, key_view (&record->key),
             BYTES (record->value, record->size));
    assert_int_equal (txn_commit (&txn), 0);
}

static void take (enum speaker speaker, const struct record *record)
{
    struct txn *txn = txn_begin_write (core_store (town_core (town, speaker)));
    txn_delete (txn, record->table, key_view (&record->key));
    assert_int_equal (txn_commit (&txn), 0);
}

static bool is_there (enum speaker speaker, const struct record *record)
{
    struct txn *txn = txn_begin_read (core_store (town_core (town, speaker)));
    bool is_there = txn_get (txn, record->table, key_view (&record->key), NULL);
    txn_abort (&txn);
    return is_there;
}

static void expect_differences (enum speaker speaker, uint64_t count, const char *word)
{
    struct scrub scrub = scrub_now (speaker);
    if (scrub.differences != count || strstr (scrub.first, word) == NULL)
        print_error ("%s: %llu: %s\n", speaker_name (speaker),
                     (unsigned long long) scrub.differences, scrub.first);
    assert_int_equal (scrub.differences, count);
    assert_non_null (strstr (scrub.first, word));
}

static void try_record (enum speaker speaker, const struct record *good)
{
    struct record bad = *good;
    if (good->size > 0) {
        bad.value[good->size / 2] ^= 0x10;
        put (speaker, &bad);
        expect_differences (speaker, 1, "is not what the journal says");
    }
    take (speaker, good);
    expect_differences (speaker, 1, "is missing");
    put (speaker, good);
    bad = *good;
    while (is_there (speaker, &bad))
        bad.key.data[bad.key.size - 1]++;
    put (speaker, &bad);
    expect_differences (speaker, 1, "the journal does not say it");
    take (speaker, &bad);
}

static void one_wrong_record_of_any_table_of_facts_is_found (void **state UNUSED)
{
    struct record record;
    unsigned tried = 0;
    for (size_t i = 0; i < ARRAY_SIZE (speakers); i++) {
        for (size_t j = 0; j < ARRAY_SIZE (core_facts); j++)
            if (pick (speakers[i], core_facts[j], &record)) {
                try_record (speakers[i], &record);
                tried++;
            }
        for (unsigned j = 0; j < specs[i]->n_facts; j++)
            if (pick (speakers[i], core_table (j), &record)) {
                try_record (speakers[i], &record);
                tried++;
            }
        expect_sound (speakers[i]);
    }
    assert_true (tried > 30);
}

static void a_difference_is_told_in_words (void **state UNUSED)
{
    struct record record;
    assert_true (pick (SPEAKER_INTAKE, CORE_OUTCOMES, &record));
    record.value[0] ^= 1;
    put (SPEAKER_INTAKE, &record);
    expect_differences (SPEAKER_INTAKE, 1, "table core.outcomes: client ");
    record.value[0] ^= 1;
    put (SPEAKER_INTAKE, &record);
    assert_true (pick (SPEAKER_ROUTING, core_table (0), &record));
    take (SPEAKER_ROUTING, &record);
    expect_differences (SPEAKER_ROUTING, 1, "grievance 2026");
    struct status status;
    struct arena arena;
    arena_init (&arena, 0);
    core_status (town_core (town, SPEAKER_ROUTING), &arena, town_now_ms (town), &status);
    assert_non_null (strstr (status.trouble, "rebuild routing"));
    arena_done (&arena);
    put (SPEAKER_ROUTING, &record);
    expect_sound (SPEAKER_ROUTING);
}

/* ---- beside the work ---------------------------------------------------------------- */

static struct scrub ask (enum control_verb verb)
{
    struct control_reply *reply = town_control (operator_client, SPEAKER_ROUTING, verb);
    assert_non_null (reply);
    assert_null (reply->problem);
    assert_non_null (reply->status);
    return *reply->status->scrub;
}

static bool has_folder (void)
{
    char path[512];
    snprintf (path, sizeof path, "%s/scrub/data.mdb",
              store_dir (core_store (town_core (town, SPEAKER_ROUTING))));
    return access (path, F_OK) == 0;
}

static void it_goes_on_in_slices_while_others_are_served (void **state UNUSED)
{
    CLEANUP (witness_destroy) struct witness *witness = witness_create ();
    struct scrub scrub = ask (CONTROL_SCRUB);
    uint32_t before = 0, slices = 0;
    assert_true (scrub.running);
    assert_true (has_folder ());
    while ((scrub = ask (CONTROL_STATUS)).running) {
        assert_true (scrub.permille >= before && scrub.permille <= 1000);
        before = scrub.permille;
        crowd_act (crowd, witness, 20, 1000); /* files: the witness knows nothing */
        town_step (town, 20);
        town_forget (town);
        slices++;
        assert_true (slices < 1000);
    }
    assert_true (slices > 3);
    assert_true (scrub.done_ms > 0);
    assert_int_equal (scrub.differences, 0);
    assert_true (scrub.records > 0);
    assert_false (has_folder ());
}

static void it_needs_no_other_work_to_go_on (void **state UNUSED)
{
    struct core *core = town_core (town, SPEAKER_ROUTING);
    assert_true (ask (CONTROL_SCRUB).running);
    assert_true (core_errand_ms (core, town_now_ms (town)) <= town_now_ms (town) + 1000);
    town_step (town, 60000);
    assert_false (ask (CONTROL_STATUS).running);
}

static void a_stop_or_a_crash_leaves_no_shadow_behind (void **state UNUSED)
{
    assert_true (ask (CONTROL_SCRUB).running);
    town_step (town, 50);
    assert_true (has_folder ());
    town_stop (town, SPEAKER_ROUTING);
    town_restart (town, SPEAKER_ROUTING);
    assert_false (has_folder ());
    assert_false (ask (CONTROL_STATUS).running);
}

/* ---- the journal -------------------------------------------------------------------- */

static struct record entry_record (enum speaker speaker, uint64_t sequence)
{
    struct record record = { .table = CORE_ENTRIES };
    struct bytes value;
    struct txn *txn = txn_begin_read (core_store (town_core (town, speaker)));
    key_init (&record.key);
    key_u64 (&record.key, sequence);
    assert_true (txn_get (txn, CORE_ENTRIES, key_view (&record.key), &value));
    assert_true (value.size <= sizeof record.value);
    memcpy (record.value, value.data, value.size);
    record.size = value.size;
    txn_abort (&txn);
    return record;
}

/* An entry with a body, about a grievance. */
static uint64_t some_entry (enum speaker speaker, enum kind kind)
{
    struct entry *entry = town_last (town, speaker, kind);
    assert_non_null (entry);
    return entry->sequence;
}

static void a_flipped_bit_anywhere_in_an_entry_is_found (void **state UNUSED)
{
    uint64_t sequence = some_entry (SPEAKER_INTAKE, KIND_REGISTERED);
    struct record good = entry_record (SPEAKER_INTAKE, sequence);
    for (size_t at = 0; at < good.size; at += at < 90 ? 1 : 17) {
        struct record bad = good;
        bad.value[at] ^= (uint8_t) (1u << at % 8);
        put (SPEAKER_INTAKE, &bad);
        struct scrub scrub = scrub_now (SPEAKER_INTAKE);
        if (scrub.damaged == 0)
            print_error ("byte %zu\n", at);
        assert_true (scrub.damaged > 0);
    }
    put (SPEAKER_INTAKE, &good);
}

static void a_flipped_bit_in_the_tree_is_found (void **state UNUSED)
{
    struct record good, bad;
    town_restart (town, SPEAKER_INTAKE);
    assert_true (pick (SPEAKER_INTAKE, CORE_TREE, &good));
    bad = good;
    bad.value[7] ^= 1;
    put (SPEAKER_INTAKE, &bad);
    assert_int_equal (scrub_now (SPEAKER_INTAKE).damaged, 1);
    put (SPEAKER_INTAKE, &good);
    expect_sound (SPEAKER_INTAKE);
}

int main (void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test (what_is_sound_is_found_sound),
        cmocka_unit_test (one_wrong_record_of_any_table_of_facts_is_found),
        cmocka_unit_test (a_difference_is_told_in_words),
        cmocka_unit_test (it_goes_on_in_slices_while_others_are_served),
        cmocka_unit_test (it_needs_no_other_work_to_go_on),
        cmocka_unit_test (a_stop_or_a_crash_leaves_no_shadow_behind),
        cmocka_unit_test (a_flipped_bit_anywhere_in_an_entry_is_found),
        cmocka_unit_test (a_flipped_bit_in_the_tree_is_found),
    };
    return cmocka_run_group_tests (tests, build, demolish);
}
