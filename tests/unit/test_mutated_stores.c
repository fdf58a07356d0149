/* SPDX-License-Identifier: Apache-2.0 */
/* Stores that a disk spoilt (support/mutations_store.c): each is found when it is opened, by
 * a verification of journal and tree, by a scrub of the facts, or by its position, which is
 * held against the source. Of facts every record that is spoilt is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/log.h"
#include "support/mutations.h"
#include "support/scratch.h"
#include "support/town_inside.h"
#include "wire/names.h"

#define SEED      1
#define STORE_MAX (64u << 20)

static struct place place;
static struct forgery good;
static struct scratch scratch;

static const struct service_spec *spec_of (enum speaker speaker)
{
    return place.town->daemons[speaker].spec;
}

/* A copy of the stopped daemon's store. */
static void copy_store (enum speaker speaker, char dir[512])
{
    char path[600];
    struct buffer content = { 0 };
    snprintf (path, sizeof path, "%s/data.mdb", place.town->daemons[speaker].dir);
    assert_int_equal (file_read (path, STORE_MAX, &content, NULL), 0);
    snprintf (dir, 512, "%s/copy", scratch.path);
    mkdir (dir, 0700);
    snprintf (path, sizeof path, "%s/data.mdb", dir);
    assert_int_equal (file_write (path, buffer_bytes (&content), 0600, NULL), 0);
    buffer_done (&content);
}

static const char *no_setting (void *arg UNUSED, const char *path UNUSED)
{
    return NULL;
}

static int open_copy (enum speaker speaker, const char *dir, struct core **ret)
{
    struct err err = { 0 };
    struct core_options options = {
        .dir = dir, .map_mib = 32, .is_volatile = true, .setting = no_setting
    };
    return core_open (spec_of (speaker), &options, ret, &err);
}

/* ---- where it is found ---------------------------------------------------------------- */

struct found {
    bool by_open, by_verify, by_position, by_mending;
    uint64_t differences, damaged; /* by scrub */
    bool was_scrubbed;
};

static bool journal_holds (struct core *core)
{
    struct err err = { 0 };
    struct txn *txn = txn_begin_read (core_store (core));
    int rc = journal_verify (core_journal (core), txn, 1, 0, NULL, &err);
    txn_abort (&txn);
    return rc == 0;
}

static bool position_holds (const struct position *position)
{
    const struct forged_journal *source = &good.journals[position->speaker];
    struct hash leaf = forged_leaf (&good, position->speaker, position->acted);
    return position->acted <= source->n_entries &&
           bytes_equal (position->journal, BYTES (source->id, sizeof source->id)) &&
           bytes_equal (position->acted_hash, BYTES (leaf.data, sizeof leaf.data));
}

static bool positions_hold (struct core *core)
{
    struct arena arena;
    struct status status;
    bool all = true;
    arena_init (&arena, 0);
    core_status (core, &arena, town_now_ms (place.town), &status);
    for (size_t i = 0; i < status.n_positions; i++)
        all &= position_holds (&status.positions[i]);
    arena_done (&arena);
    return all;
}

static void look (enum speaker speaker, const char *dir, struct found *ret)
{
    struct core *core = NULL;
    struct scrub scrub = { 0 };
    struct err err = { 0 };
    *ret = (struct found){ .by_open = open_copy (speaker, dir, &core) != 0 };
    if (ret->by_open)
        return;
    ret->by_mending = journal_mended_nodes (core_journal (core)) > 0;
    ret->by_verify = !journal_holds (core);
    ret->by_position = !positions_hold (core);
    ret->was_scrubbed = core_scrub (core, &scrub, &err) == 0;
    ret->differences = scrub.differences;
    ret->damaged = scrub.damaged;
    core_close (&core, false);
}

static bool is_found (const struct found *found)
{
    return found->by_open || found->by_mending || found->by_verify ||
           found->by_position || !found->was_scrubbed || found->differences > 0 ||
           found->damaged > 0;
}

static void print_found (enum speaker speaker, const char *name,
                         const struct found *found)
{
    printf ("  %-12s %-46s%s%s%s%s%s", speaker_name (speaker), name,
            found->by_open ? " open" : "", found->by_mending ? " mended" : "",
            found->by_verify ? " verify" : "", found->by_position ? " position" : "",
            !found->by_open && !found->was_scrubbed ? " scrub-given-up" : "");
    if (found->differences > 0)
        printf (" scrub:%llu", (unsigned long long) found->differences);
    if (found->damaged > 0)
        printf (" scrub-damaged:%llu", (unsigned long long) found->damaged);
    printf ("\n");
}

/* ---- tests ---------------------------------------------------------------------------- */

static size_t spoil (enum speaker speaker, const struct store_mutation *mutation,
                     const char *dir)
{
    struct core *core = NULL;
    assert_int_equal (open_copy (speaker, dir, &core), 0);
    struct txn *txn = txn_begin_write (core_store (core));
    size_t spoilt = mutation->spoil (core, spec_of (speaker), txn);
    assert_int_equal (txn_commit (&txn), 0);
    core_close (&core, false);
    return spoilt;
}

static void nothing_is_found_in_good_stores (void **state UNUSED)
{
    for (enum speaker speaker = SPEAKER_INTAKE; speaker < SPEAKER_COUNT; speaker++) {
        char dir[512];
        struct found found;
        copy_store (speaker, dir);
        look (speaker, dir, &found);
        if (is_found (&found))
            print_found (speaker, "nothing", &found);
        assert_false (is_found (&found));
    }
}

/* What is the same in all daemons is spoilt in one of them, in turn; facts in each. */
static bool is_tried (const struct store_mutation *mutation, size_t i,
                      enum speaker speaker)
{
    if (strncmp (mutation->name, "a record", 8) == 0)
        return true;
    if (strncmp (mutation->name, "what was taken", 14) == 0)
        return speaker == SPEAKER_ESCALATION; /* intake takes nothing over */
    return speaker == SPEAKER_INTAKE + i % 4;
}

static void every_spoilt_store_is_found (void **state UNUSED)
{
    size_t missed = 0;
    printf ("spoilt stores, and what finds them:\n");
    for (size_t i = 0; i < n_store_mutations; i++) {
        bool is_of_facts = strncmp (store_mutations[i].name, "a record", 8) == 0;
        for (enum speaker speaker = SPEAKER_INTAKE; speaker < SPEAKER_COUNT; speaker++) {
            char dir[512];
            struct found found;
            if (!is_tried (&store_mutations[i], i, speaker))
                continue;
            copy_store (speaker, dir);
            size_t spoilt = spoil (speaker, &store_mutations[i], dir);
            look (speaker, dir, &found);
            print_found (speaker, store_mutations[i].name, &found);
            bool is_missed =
                !is_found (&found) || (is_of_facts && found.differences != spoilt);
            if (is_missed && is_of_facts)
                print_error ("%zu were spoilt\n", spoilt);
            missed += is_missed;
        }
    }
    assert_int_equal (missed, 0);
}

static int set_up (void **state UNUSED)
{
    assert_int_equal (log_set_level ("critical"), 0);
    scratch = scratch_make ();
    place_build (&place, SOURCE_DIR "/deploy/config/tables", SEED);
    forgery_read (place.town, &good);
    for (enum speaker speaker = SPEAKER_INTAKE; speaker < SPEAKER_COUNT; speaker++)
        town_stop (place.town, speaker);
    return 0;
}

static int take_down (void **state UNUSED)
{
    forgery_done (&good);
    place_leave (&place);
    scratch_remove (&scratch);
    return 0;
}

int main (void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test (nothing_is_found_in_good_stores),
        cmocka_unit_test (every_spoilt_store_is_found),
    };
    return cmocka_run_group_tests (tests, set_up, take_down);
}
