/* SPDX-License-Identifier: Apache-2.0 */
/* The checkers must hold good towns for good, and find every kind of corruption in bad ones.
 * A town is built once; each kind (support/mutations.h) spoils a copy of it.
 *
 *     test_mutations               all of it, with a table: kind, found by
 *     MINQING_SEEDS=100            so many good towns, instead of three
 *     test_mutations --write DIR   the histories as archives instead, for the other checker
 *                                  (tests/check/): DIR/clean-N, DIR/forged/NAME, DIR/restored
 *
 * For every check of the audit there is a kind that it alone finds; without it that kind
 * passes, which is shown too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/civil.h"
#include "cli/audit.h"
#include "support/forge.h"
#include "support/mutations.h"
#include "support/town_restore.h"
#include "wire/names.h"

#define SEED  1
#define SEEDS 3

/* ---- the audit of a history ----------------------------------------------------------- */

static void feed (void *arg, enum speaker speaker, const struct entry *entry,
                  struct bytes body, const struct hash *leaf_hash)
{
    audit_entry (arg, speaker, entry, leaf_hash, body);
}

static struct audit *audit_of (const struct forgery *forgery, enum audit_check without)
{
    struct audit *audit = audit_create ();
    if (without != AUDIT_CHECKS)
        audit_without (audit, without);
    for (enum speaker speaker = SPEAKER_INTAKE; speaker < SPEAKER_COUNT; speaker++)
        forgery_tell (forgery, speaker, feed, audit);
    audit_finish (audit,
                  &(struct audit_positions){
                      .routing_at = forgery->journals[SPEAKER_INTAKE].n_entries,
                      .escalation_at = forgery->journals[SPEAKER_ROUTING].n_entries,
                      .notification_at = forgery->journals[SPEAKER_INTAKE].n_entries,
                  });
    return audit;
}

static uint64_t found_by (const struct audit *audit)
{
    uint64_t found = 0;
    for (unsigned check = 0; check < AUDIT_CHECKS; check++)
        if (audit_has_found (audit, (enum audit_check) check))
            found |= UINT64_C (1) << check;
    return found;
}

static void print_found (const char *name, uint64_t found)
{
    printf ("  %-46s", name);
    for (unsigned check = 0; check < AUDIT_CHECKS; check++)
        if ((found >> check & 1) != 0)
            printf (" %s", audit_check_names[check]);
    printf ("\n");
}

/* ---- histories ------------------------------------------------------------------------ */

static struct place good_place;
static struct forgery good;

static size_t n_mutations (void)
{
    return n_history_mutations + n_ledger_mutations;
}

static const struct history_mutation *mutation_at (size_t i)
{
    return i < n_history_mutations ? &history_mutations[i]
                                   : &ledger_mutations[i - n_history_mutations];
}

static bool spoil (const struct history_mutation *mutation, struct forgery *ret)
{
    forgery_copy (&good, ret);
    if (mutation->spoil (ret))
        return true;
    print_error ("this town has nothing to spoil so that %s\n", mutation->name);
    forgery_done (ret);
    return false;
}

static void assert_clean (const struct forgery *forgery, const char *name)
{
    struct audit *audit = audit_of (forgery, AUDIT_CHECKS);
    for (size_t i = 0; audit_finding (audit, i) != NULL; i++)
        print_error ("%s: %s\n", name, audit_finding (audit, i));
    size_t problems = audit_problems (audit);
    audit_destroy (&audit);
    assert_int_equal (problems, 0);
}

static void nothing_is_found_in_good_towns (void **state UNUSED)
{
    const char *seeds = getenv ("MINQING_SEEDS");
    uint64_t count = seeds != NULL ? strtoull (seeds, NULL, 10) : SEEDS;
    assert_clean (&good, "the town");
    for (uint64_t seed = SEED + 1; seed < SEED + count; seed++) {
        struct place place;
        struct forgery forgery;
        char name[32];
        place_build (&place, SOURCE_DIR "/deploy/config/tables", seed);
        forgery_read (place.town, &forgery);
        snprintf (name, sizeof name, "town %llu", (unsigned long long) seed);
        assert_clean (&forgery, name);
        forgery_done (&forgery);
        place_leave (&place);
    }
}

/* Checks that found something alone, and without which it passed. */
static uint64_t needed;

static void try_without (const struct forgery *forged, uint64_t found)
{
    if (found == 0 || (found & (found - 1)) != 0 || (needed & found) != 0)
        return;
    struct audit *audit = audit_of (forged, (enum audit_check) __builtin_ctzll (found));
    assert_int_equal (audit_problems (audit), 0);
    needed |= found;
    audit_destroy (&audit);
}

static bool is_found (const struct history_mutation *mutation)
{
    struct forgery forged;
    if (!spoil (mutation, &forged))
        return false;
    struct audit *audit = audit_of (&forged, AUDIT_CHECKS);
    uint64_t found = found_by (audit);
    print_found (mutation->name, found);
    for (size_t i = 0; getenv ("MINQING_FINDINGS") != NULL && i < 5; i++)
        if (audit_finding (audit, i) != NULL)
            printf ("      %s\n", audit_finding (audit, i));
    audit_destroy (&audit);
    try_without (&forged, found);
    forgery_done (&forged);
    return found != 0;
}

static void every_forged_history_is_found (void **state UNUSED)
{
    size_t missed = 0;
    printf ("forged histories, and the checks that find them:\n");
    for (size_t i = 0; i < n_mutations (); i++)
        missed += !is_found (mutation_at (i));
    assert_int_equal (missed, 0);
}

/* 'outside' is the caller's. */
static void without_any_check_something_passes (void **state UNUSED)
{
    size_t needless = 0;
    for (unsigned check = 0; check < AUDIT_OUTSIDE; check++)
        if ((needed >> check & 1) == 0) {
            print_error ("nothing is found by '%s' alone\n", audit_check_names[check]);
            needless++;
        }
    assert_int_equal (needless, 0);
}

static void count_missing (void *arg, const struct audit_missing *missing)
{
    size_t *count = arg;
    assert_int_equal (missing->at, SPEAKER_INTAKE);
    *count += 1;
}

static void what_a_restoration_lost_is_listed_and_no_corruption (void **state UNUSED)
{
    struct forgery restored;
    size_t count = 0;
    forgery_copy (&good, &restored);
    history_restore_intake (&restored);
    assert_clean (&restored, "restored");
    struct audit *audit = audit_of (&restored, AUDIT_CHECKS);
    audit_each_missing (audit, count_missing, &count);
    assert_true (count > 0);
    assert_true (audit_lost_sources (audit, SPEAKER_INTAKE) > 0);
    assert_int_equal (audit_incarnation (audit, SPEAKER_INTAKE), 2);
    audit_destroy (&audit);
    forgery_done (&restored);
}

static void what_was_damaged_and_is_back_is_no_corruption (void **state UNUSED)
{
    struct forgery mended;
    forgery_copy (&good, &mended);
    history_mend (&mended);
    assert_clean (&mended, "mended");
    struct audit *audit = audit_of (&mended, AUDIT_CHECKS);
    assert_int_equal (audit_mended (audit), 1);
    audit_destroy (&audit);
    forgery_done (&mended);
}

static void count_with (void *arg, const struct audit_grievance *grievance)
{
    int64_t *count = arg;
    *count -= grievance->department == 0 && grievance->moved != 0;
}

static void every_day_of_a_good_town_agrees (void **state UNUSED)
{
    struct audit *audit = audit_of (&good, AUDIT_CHECKS);
    const struct audit_days_sum *days = audit_days (audit);
    int64_t with_dispatcher = audit_stand_with (audit, 0);
    audit_each (audit, count_with, &with_dispatcher);
    assert_int_equal (with_dispatcher, 0);
    assert_true (days->villages > 1);
    assert_int_equal (days->villages, days->villages_agree);
    assert_true (days->departments > 1);
    assert_int_equal (days->departments, days->departments_agree);
    audit_destroy (&audit);
}

/* Really restored, each daemon in turn: three quarters of it were in the backup. */
static void place_restore (struct place *place, enum speaker speaker)
{
    uint64_t size = town_count (place->town, speaker, KIND_NONE);
    town_restore_to (place->town, speaker, size * 3 / 4);
    town_step (place->town, 3 * CIVIL_HOUR_MS);
}

static void nothing_is_found_in_restored_towns (void **state UNUSED)
{
    size_t problems = 0;
    for (enum speaker speaker = SPEAKER_INTAKE; speaker < SPEAKER_COUNT; speaker++) {
        struct place place;
        struct forgery forgery;
        place_build (&place, SOURCE_DIR "/deploy/config/tables", SEED);
        place_restore (&place, speaker);
        forgery_read (place.town, &forgery);
        struct audit *audit = audit_of (&forgery, AUDIT_CHECKS);
        for (size_t i = 0; audit_finding (audit, i) != NULL; i++)
            print_error ("%s restored: %s\n", speaker_name (speaker),
                         audit_finding (audit, i));
        problems += audit_problems (audit);
        audit_destroy (&audit);
        forgery_done (&forgery);
        place_leave (&place);
    }
    assert_int_equal (problems, 0);
}

/* ---- archives ------------------------------------------------------------------------- */

static void write_one (const struct forgery *forgery, const char *dir, const char *name,
                       const char *like)
{
    char path[512];
    snprintf (path, sizeof path, "%s/%s", dir, name);
    for (char *at = path + strlen (dir); *at != '\0'; at++)
        if (*at == ' ' || *at == '\'')
            *at = '-';
    forgery_write (forgery, path, like);
}

static int write_archives (const char *dir)
{
    char path[512], like[512];
    mkdir (dir, 0700);
    snprintf (like, sizeof like, "%s/clean-1", dir);
    place_build (&good_place, SOURCE_DIR "/deploy/config/tables", SEED);
    forgery_read (good_place.town, &good);
    write_one (&good, dir, "clean-1", NULL);
    for (uint64_t seed = SEED + 1; seed < SEED + SEEDS; seed++) {
        struct place place;
        struct forgery forgery;
        snprintf (path, sizeof path, "clean-%llu", (unsigned long long) seed);
        place_build (&place, SOURCE_DIR "/deploy/config/tables", seed);
        forgery_read (place.town, &forgery);
        write_one (&forgery, dir, path, NULL);
        forgery_done (&forgery);
        place_leave (&place);
    }
    snprintf (path, sizeof path, "%s/forged", dir);
    mkdir (path, 0700);
    for (size_t i = 0; i < n_mutations (); i++) {
        struct forgery forged;
        forgery_copy (&good, &forged);
        if (mutation_at (i)->spoil (&forged))
            write_one (&forged, path, mutation_at (i)->name, like);
        forgery_done (&forged);
    }
    struct forgery restored;
    forgery_copy (&good, &restored);
    history_restore_intake (&restored);
    write_one (&restored, dir, "restored", like);
    forgery_done (&restored);
    forgery_copy (&good, &restored);
    history_mend (&restored);
    write_one (&restored, dir, "mended", like);
    forgery_done (&restored);
    for (enum speaker speaker = SPEAKER_INTAKE; speaker < SPEAKER_COUNT; speaker++) {
        struct place place;
        snprintf (path, sizeof path, "restored-%s", speaker_name (speaker));
        place_build (&place, SOURCE_DIR "/deploy/config/tables", SEED);
        place_restore (&place, speaker);
        forgery_read (place.town, &restored);
        write_one (&restored, dir, path, like);
        forgery_done (&restored);
        place_leave (&place);
    }
    forgery_done (&good);
    place_leave (&good_place);
    return 0;
}

static int set_up (void **state UNUSED)
{
    place_build (&good_place, SOURCE_DIR "/deploy/config/tables", SEED);
    forgery_read (good_place.town, &good);
    return 0;
}

static int take_down (void **state UNUSED)
{
    forgery_done (&good);
    place_leave (&good_place);
    return 0;
}

int main (int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test (nothing_is_found_in_good_towns),
        cmocka_unit_test (every_forged_history_is_found),
        cmocka_unit_test (without_any_check_something_passes),
        cmocka_unit_test (what_a_restoration_lost_is_listed_and_no_corruption),
        cmocka_unit_test (what_was_damaged_and_is_back_is_no_corruption),
        cmocka_unit_test (every_day_of_a_good_town_agrees),
        cmocka_unit_test (nothing_is_found_in_restored_towns),
    };
    if (argc == 3 && strcmp (argv[1], "--write") == 0)
        return write_archives (argv[2]);
    return cmocka_run_group_tests (tests, set_up, take_down);
}
