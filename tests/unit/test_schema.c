/* SPDX-License-Identifier: Apache-2.0 */
/* Stores of other programs: those that an older one wrote (tests/golden/store-1) are brought
 * to our layout, whole or not at all; those of a newer one are left as they are. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "base/file.h"
#include "base/log.h"
#include "cli/spool.h"
#include "escalation/escalation.h"
#include "intake/intake.h"
#include "notification/notification.h"
#include "routing/routing.h"
#include "support/crowd.h"
#include "support/dumped.h"
#include "support/town_inside.h"

static const struct service_spec *const specs[] = { &intake_service, &routing_service,
                                                    &escalation_service,
                                                    &notification_service };

static struct scratch scratch;

static int make_scratch (void **state UNUSED)
{
    int rc = log_set_level ("critical");
    assert_int_equal (rc, 0);
    scratch = scratch_make ();
    return 0;
}

static int remove_scratch (void **state UNUSED)
{
    scratch_remove (&scratch);
    return 0;
}

static const char *dir_of (const char *name)
{
    static char dir[SCRATCH_PATH_SIZE + 64];
    snprintf (dir, sizeof dir, "%s/%s", scratch.path, name);
    return dir;
}

static void load (const struct service_spec *spec, const char *dir)
{
    char file[512];
    snprintf (file, sizeof file, SOURCE_DIR "/tests/golden/store-1/%s.dump.gz",
              spec->name);
    dumped_load (file, dir);
}

static int open_core (const struct service_spec *spec, const char *dir,
                      struct core **ret_core, struct err *err)
{
    struct core_options options = { .dir = dir, .map_mib = 256, .is_volatile = true };
    return core_open (spec, &options, ret_core, err);
}

static uint32_t schema_of (struct core *core)
{
    struct status status;
    struct arena arena;
    arena_init (&arena, 0);
    core_status (core, &arena, 0, &status);
    uint32_t schema = status.schema;
    arena_done (&arena);
    return schema;
}

static uint64_t count_of (struct core *core, unsigned table)
{
    struct txn *txn = txn_begin_read (core_store (core));
    uint64_t count = txn_count (txn, table);
    txn_abort (&txn);
    return count;
}

/* ---- older -------------------------------------------------------------------------- */

static void an_older_store_is_migrated (void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE (specs); i++) {
        struct core *core;
        struct scrub scrub;
        struct err err = { 0 };
        load (specs[i], dir_of (specs[i]->name));
        if (open_core (specs[i], dir_of (specs[i]->name), &core, &err) < 0)
            fail_msg ("%s", err.text);
        assert_int_equal (schema_of (core), 2);
        assert_int_equal (core_scrub (core, &scrub, &err), 0);
        assert_int_equal (scrub.differences, 0);
        assert_true (scrub.records > 50);
        assert_int_equal (count_of (core, CORE_POSITIONS), 0);
        core_close (&core, false);
    }
    /* Something was in them. */
    struct core *core;
    assert_int_equal (open_core (&intake_service, dir_of ("intake"), &core, NULL), 0);
    assert_int_equal (count_of (core, core_table (0)), 53);
    core_close (&core, false);
}

/* ---- goes on ------------------------------------------------------------------------ */

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

static void listen_all (struct town *town, struct hearing *hearings)
{
    for (size_t i = 0; i < 3; i++)
        town_journal_after (town, hearings[i].speaker, hearings[i].read, hear,
                            &hearings[i]);
}

/* The town of the dump, a year on, with the program of today: follows from the beginning
 * again, does nothing twice, and what people do leads where the law says. */
static void a_migrated_town_goes_on (void **state UNUSED)
{
    CLEANUP (witness_destroy) struct witness *witness = witness_create ();
    struct hearing hearings[] = { { witness, SPEAKER_INTAKE, 0 },
                                  { witness, SPEAKER_ROUTING, 0 },
                                  { witness, SPEAKER_ESCALATION, 0 } };
    struct town_options options = { .tables_dir = SOURCE_DIR "/deploy/config/tables",
                                    .specs = { specs[0], specs[1], specs[2], specs[3] },
                                    .map_mib = 256,
                                    .batch_max = 256 };
    assert_int_equal (civil_parse_time ("2026-03-02 08:00:00", &options.start_ms, NULL),
                      0);
    struct town *town = town_create (&options);
    struct crowd *crowd = crowd_create (town, 3);
    for (size_t i = 0; i < ARRAY_SIZE (specs); i++)
        load (specs[i], town->daemons[specs[i]->speaker].dir);
    town_settle (town);
    listen_all (town, hearings);
    for (size_t i = 0; i < ARRAY_SIZE (specs); i++)
        assert_true (town_rebuild (town, specs[i]->speaker));
    for (unsigned round = 0; round < 6; round++) {
        crowd_act (crowd, witness, 40, 60);
        town_step (town, 5 * CIVIL_HOUR_MS);
        listen_all (town, hearings);
        town_forget (town);
    }
    town_step (town, 3000);
    listen_all (town, hearings);
    witness_rest (witness);
    if (witness_complaint (witness) != NULL)
        fail_msg ("%s", witness_complaint (witness));
    assert_true (witness_count (witness) > 53);
    for (size_t i = 0; i < ARRAY_SIZE (specs); i++)
        assert_true (town_rebuild (town, specs[i]->speaker));
    town_destroy (&town);
    crowd_destroy (&crowd);
}

/* ---- interrupted -------------------------------------------------------------------- */

static void an_interrupted_migration_leaves_the_old_store_whole (void **state UNUSED)
{
    const char *dir = dir_of ("interrupted");
    load (&intake_service, dir);
    struct hash before = dumped_digest (&intake_service, dir);
    unsigned tried = 0;
    for (unsigned n = 1;; n += n < 24 ? 1 : 37) {
        struct core *core = NULL;
        struct err err = { 0 };
        store_fail_next_opened (n, n % 2 == 0 ? -ENOSPC : -EIO);
        if (open_core (&intake_service, dir, &core, &err) == 0) {
            assert_int_equal (schema_of (core), 2);
            core_close (&core, false);
            break;
        }
        tried++;
        struct hash after = dumped_digest (&intake_service, dir);
        assert_true (hash_equal (&before, &after));
    }
    assert_true (tried > 30);
    struct hash after = dumped_digest (&intake_service, dir);
    assert_false (hash_equal (&before, &after));
}

/* ---- refused ------------------------------------------------------------------------ */

static void write_meta (const char *dir, const char *name, uint32_t number)
{
    static const char *const tables[] = { "core.meta" };
    struct store *store;
    uint8_t value[4];
    put_be32 (value, number);
    assert_int_equal (store_open_volatile (dir, tables, 1, 256, &store, NULL), 0);
    struct txn *txn = txn_begin_write (store);
    if (number != 0)
        txn_put (txn, 0, bytes_of_text (name), BYTES_OF (value));
    else
        txn_delete (txn, 0, bytes_of_text (name));
    assert_int_equal (txn_commit (&txn), 0);
    store_close (&store);
}

static void expect_refused (const char *dir, const char *word)
{
    struct core *core = NULL;
    struct err err = { 0 };
    struct hash before = dumped_digest (&intake_service, dir);
    assert_int_equal (open_core (&intake_service, dir, &core, &err), -EINVAL);
    if (strstr (err.text, word) == NULL)
        fail_msg ("%s", err.text);
    struct hash after = dumped_digest (&intake_service, dir);
    assert_true (hash_equal (&before, &after));
}

static void a_newer_store_is_refused (void **state UNUSED)
{
    const char *dir = dir_of ("newer");
    load (&intake_service, dir);
    write_meta (dir, "core.schema", 7);
    expect_refused (dir, "its schema is 7, this one (" MINQING_VERSION ") knows 2");
    write_meta (dir, "core.schema", 2);
    write_meta (dir, "core.service_schema", 9);
    expect_refused (dir, "its service's schema is 9");
}

static void what_says_no_schema_is_refused (void **state UNUSED)
{
    const char *dir = dir_of ("mute");
    load (&intake_service, dir);
    write_meta (dir, "core.schema", 0);
    expect_refused (dir, "does not say which schema it has");
    write_meta (dir, "core.schema", 2);
    write_meta (dir, "core.service_schema", 2);
    write_meta (dir, "core.secret", 0);
    expect_refused (dir, "lost its secret");
}

static void a_file_that_is_no_store_is_refused (void **state UNUSED)
{
    char file[SCRATCH_PATH_SIZE + 128];
    struct core *core = NULL;
    struct err err = { 0 };
    uint8_t garbage[16384];
    assert_int_equal (open_core (&intake_service, dir_of ("garbage"), &core, &err), 0);
    core_close (&core, false);
    for (size_t i = 0; i < sizeof garbage; i++)
        garbage[i] = (uint8_t) (i * 31 + i / 255);
    snprintf (file, sizeof file, "%s/data.mdb", dir_of ("garbage"));
    assert_int_equal (file_write (file, BYTES_OF (garbage), 0600, &err), 0);
    assert_int_equal (open_core (&intake_service, dir_of ("garbage"), &core, &err),
                      -EINVAL);
    assert_non_null (strstr (err.text, "is not a store"));
}

/* ---- the spool ---------------------------------------------------------------------- */

static void spool_write (const char *dir, const char *table, struct bytes key,
                         struct bytes value)
{
    struct store *store;
    assert_int_equal (store_open_shared (dir, &table, 1, 16, &store, NULL), 0);
    struct txn *txn = txn_begin_write (store);
    txn_put (txn, 0, key, value);
    assert_int_equal (txn_commit (&txn), 0);
    store_close (&store);
}

static void a_spool_has_a_schema_too (void **state UNUSED)
{
    const char *dir = dir_of ("spool");
    struct spool *spool = NULL;
    struct err err = { 0 };
    uint8_t door[28] = { 0 }, serial[4] = { 0, 0, 0, 5 }, schema[4] = { 0, 0, 0, 8 };
    uint8_t speaker = SPEAKER_INTAKE;
    door[11] = 3; /* of schema 1: incarnation 0, next 3, acked 0, shift 0 */
    spool_write (dir, "doors", BYTES_OF (speaker), BYTES_OF (door));
    spool_write (dir, "serials", BYTES_OF (serial), BYTES_OF (serial));
    assert_int_equal (spool_open (dir, &spool, &err), 0);
    spool_close (&spool);
    assert_int_equal (spool_open (dir, &spool, &err), 0);
    spool_close (&spool);
    spool_write (dir, "meta", bytes_of_text ("schema"), BYTES_OF (schema));
    assert_int_equal (spool_open (dir, &spool, &err), -EINVAL);
    assert_non_null (strstr (err.text, "its schema is 8"));
}

int main (void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test (an_older_store_is_migrated),
        cmocka_unit_test (a_migrated_town_goes_on),
        cmocka_unit_test (an_interrupted_migration_leaves_the_old_store_whole),
        cmocka_unit_test (a_newer_store_is_refused),
        cmocka_unit_test (what_says_no_schema_is_refused),
        cmocka_unit_test (a_file_that_is_no_store_is_refused),
        cmocka_unit_test (a_spool_has_a_schema_too),
    };
    return cmocka_run_group_tests (tests, make_scratch, remove_scratch);
}
