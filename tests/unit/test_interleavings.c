/* SPDX-License-Identifier: Apache-2.0 */
/* Interleavings that lose or double something elsewhere, one story each, in a town of real
 * daemons' cores. Two more have their place with their kind:
 * source_restored_to_yesterday_under_a_follower (test_incarnation.c) and
 * routing_silent_at_a_due_time (test_escalation_town.c); the clock that is forty days ahead is
 * in test_clock_town.c, the input that crashes decide in test_poison_town.c. */
#include "restored_people.h"

#include <errno.h>
#include <stdlib.h>

#define DISK_PATH_SIZE 4096

/* ---- terminals ------------------------------------------------------------------------ */

static void
refused_command_with_its_answer_lost_and_twenty_more_in_flight (void **state UNUSED)
{
    uint64_t first = filed ();
    struct filing wrong = a_filing ();
    struct matter matter = *wrong.matter;
    matter.village = 999999999999;
    wrong.matter = &matter;
    teller_file (village, &wrong);
    for (unsigned i = 0; i < 20; i++)
        write_down ();
    teller_send_deaf (village, SPEAKER_INTAKE);
    assert_int_equal (spool_standing (teller_spool (village), SPEAKER_INTAKE).acked, 1);
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_REGISTERED), 21);
    hand_in (village, SPEAKER_INTAKE);
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_REGISTERED), 21);
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_REFUSED), 1);
    assert_int_equal (teller_refused (village, REFUSAL_UNKNOWN_VILLAGE), 1);
    assert_int_equal (teller_refused (village, REFUSAL_NONE), 1);
    struct spool *spool = teller_spool (village);
    struct arena arena;
    arena_init (&arena, 0);
    uint64_t last = first;
    for (uint64_t counter = 3; counter <= 22; counter++) {
        struct outcome outcome;
        assert_true (spool_outcome (spool, SPEAKER_INTAKE, counter, &arena, &outcome));
        assert_non_null (outcome.receipt);
        assert_true (outcome.receipt->number > last); /* in order */
        last = outcome.receipt->number;
    }
    arena_done (&arena);
    struct reckoning after = it_adds_up ();
    assert_int_equal (after.open, 21);
}

static void acknowledged_today_store_restored_spool_already_emptied (void **state UNUSED)
{
    filed ();
    CLEANUP (town_backup_destroy)
    struct town_backup *yesterday = town_backup (town, SPEAKER_INTAKE);
    town_step (town, CIVIL_DAY_MS);
    uint64_t numbers[5];
    for (unsigned i = 0; i < 5; i++)
        numbers[i] = filed ();
    struct spool_door door = spool_standing (teller_spool (village), SPEAKER_INTAKE);
    assert_int_equal (door.acked + 1, door.next); /* nothing is left to send */
    town_restore (town, SPEAKER_INTAKE, yesterday);
    everybody_connects_again ();
    for (unsigned i = 0; i < 5; i++)
        assert_int_equal (stands (numbers[i]), STATE_DISPATCHED);
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_REGISTERED), 6);
    struct reckoning after = it_adds_up ();
    assert_int_equal (after.registered, 6);
    assert_int_equal (after.placed, 6);
}

static struct teller *copy_of_the_village (const char *name)
{
    char dir[SCRATCH_PATH_SIZE + 40];
    snprintf (dir, sizeof dir, "%s/%s", disks.path, name);
    teller_copy (village, dir);
    return teller_at (terminals[0], 101, name);
}

/* Both file the next, under the same counter and the same number; and one that was waiting
 * when the copy was made. */
static void spool_cloned (void **state UNUSED)
{
    filed ();
    write_down (); /* unsent in both */
    struct teller *copy = copy_of_the_village ("copy");
    uint64_t ours = write_down ();
    hand_in (village, SPEAKER_INTAKE);
    town_step (town, 60000);
    struct filing filing = a_filing ();
    uint64_t theirs = teller_file (copy, &filing);
    assert_int_equal (theirs, ours);
    teller_hang_up (copy);
    hand_in (copy, SPEAKER_INTAKE);
    /* Of three filings, three are registered or, with the number out twice, to correct. */
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_REGISTERED), 3);
    assert_int_equal (teller_refused (copy, REFUSAL_NUMBER_TAKEN), 1);
    assert_int_equal (teller_refused (copy, REFUSAL_NONE), 1);
    assert_int_equal (spool_standing (teller_spool (copy), SPEAKER_INTAKE).incarnation,
                      2);
    uint64_t next = teller_file (copy, &filing);
    hand_in (copy, SPEAKER_INTAKE);
    assert_int_equal (stands (next), STATE_DISPATCHED);
    /* The first one hears that it was replaced, keeps what it has, and sends it when a
     * person says that it is the one. */
    uint64_t kept = write_down ();
    teller_hang_up (village);
    assert_int_equal (teller_send (village, SPEAKER_INTAKE, PATIENCE_MS), -ESTALE);
    assert_int_equal (spool_take_over (teller_spool (village), NULL), 0);
    hand_in (village, SPEAKER_INTAKE);
    assert_int_equal (stands (kept), STATE_DISPATCHED);
    assert_int_equal (teller_refused (village, REFUSAL_NONE), 0);
    teller_hang_up (copy);
    teller_file (copy, &filing);
    assert_int_equal (teller_send (copy, SPEAKER_INTAKE, PATIENCE_MS), -ESTALE);
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_REGISTERED), 5);
    teller_destroy (&copy);
    it_adds_up ();
}

/* The disk of this morning is put back at noon: five were filed since, and one was written
 * down this morning that the daemon has. */
static void spool_restored_older (void **state UNUSED)
{
    filed ();
    write_down ();
    struct teller *morning = copy_of_the_village ("morning");
    for (unsigned i = 0; i < 5; i++)
        filed ();
    town_step (town, CIVIL_HOUR_MS);
    teller_hang_up (village);
    struct filing filing = a_filing ();
    hand_in (morning, SPEAKER_INTAKE);
    uint64_t noon = teller_file (morning, &filing);
    hand_in (morning, SPEAKER_INTAKE);
    assert_int_equal (stands (noon), STATE_DISPATCHED);
    assert_int_equal (teller_refused (morning, REFUSAL_NONE), 0);
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_REGISTERED), 8);
    teller_destroy (&morning);
    it_adds_up ();
}

/* ---- escalation ------------------------------------------------------------------------ */

static unsigned breaches_of (uint64_t number)
{
    struct raise_query query = { .number = number, .limit = LIMIT_ROWS };
    struct reply *reply =
        town_query (operator_, SPEAKER_ESCALATION, &(struct query){ .raises = &query });
    unsigned count = 0;
    for (size_t i = 0; i < reply->raises->n_rows; i++)
        count += reply->raises->rows[i].raised->cause == CAUSE_BREACH &&
                 reply->raises->rows[i].raised->duty == DUTY_STAGE;
    return count;
}

static void escalation_down_six_hours_while_routing_closes (void **state UNUSED)
{
    uint64_t closed = filed (), lying = filed ();
    town_step_until (town, at_ms ("2026-12-08 20:00:00")); /* due at midnight */
    town_crash (town, SPEAKER_ESCALATION);
    town_step (town, CIVIL_HOUR_MS);
    struct held held = desk_serves (closed, OUTCOME_SUPPORT);
    desk_takes (a_step (closed, STEP_CLAIM_DONE, .fencing = held.fencing));
    desk_takes (a_step (closed, STEP_CONTACT, .means = MEANS_TELEPHONE,
                        .contacted = CONTACTED_CONFIRMS, .text = "信访人确认"));
    desk_takes (a_step (closed, STEP_CLOSE, .fencing = held.fencing,
                        .close_reason = CLOSE_CALL_BACK));
    town_step_until (town, at_ms ("2026-12-09 02:00:00"));
    town_restart (town, SPEAKER_ESCALATION);
    town_step (town, 5000);
    assert_int_equal (breaches_of (closed), 0);
    assert_int_equal (breaches_of (lying), 1);
    it_adds_up ();
}

/* ---- the petitioner and the desk -------------------------------------------------------- */

static struct held ready_to_close (void)
{
    struct held held = served (OUTCOME_SUPPORT);
    take_step (desk, WORKER,
               a_step (held.number, STEP_CLAIM_DONE, .fencing = held.fencing));
    take_step (desk, WORKER,
               a_step (held.number, STEP_CONTACT, .means = MEANS_TELEPHONE,
                       .contacted = CONTACTED_CONFIRMS, .text = "信访人确认"));
    town_settle (town);
    return held;
}

static unsigned endings;
static void count_endings (void *arg, const struct entry *entry, struct bytes body UNUSED)
{
    const uint64_t *number = arg;
    endings += entry->kind == KIND_MOVED && entry->grievance == *number &&
               entry->moved->to == STATE_CLOSED && entry->moved->from != STATE_CLOSED;
}

/* Whichever is first, and where both are under way at once: it ends once, and who was late
 * is told so. */
static void withdrawal_against_closing (void **state UNUSED)
{
    for (unsigned order = 0; order < 3; order++) {
        struct held held = ready_to_close ();
        struct ask asked = { .number = held.number,
                             .query_code = QUERY_CODE,
                             .what = ASKED_WITHDRAW,
                             .ground = GROUND_SETTLED };
        struct step_command close =
            a_step (held.number, STEP_CLOSE, .fencing = held.fencing,
                    .close_reason = CLOSE_CALL_BACK);
        struct command withdrawing = { .ask = &asked },
                       closing = { .person = WORKER, .step = &close };
        struct outcome *withdrawn = NULL, *closed = NULL;
        struct command *posted_ask, *posted_step;
        if (order == 1) { /* the desk first */
            closed = town_command (desk, SPEAKER_ROUTING, &closing);
            assert_null (closed->refusal);
        }
        posted_ask = town_post_commands (terminals[1], SPEAKER_INTAKE, &withdrawing, 1);
        if (order == 0) /* the petitioner first */
            town_settle (town);
        if (order != 1)
            posted_step = town_post_commands (desk, SPEAKER_ROUTING, &closing, 1);
        town_await_outcomes (terminals[1], SPEAKER_INTAKE, posted_ask, 1, &withdrawn);
        if (order != 1)
            town_await_outcomes (desk, SPEAKER_ROUTING, posted_step, 1, &closed);
        town_settle (town);
        assert_non_null (withdrawn);
        assert_null (withdrawn->refusal); /* intake writes down what is asked */
        bool is_closed = closed->refusal == NULL;
        assert_int_equal (
            town_last (town, SPEAKER_ROUTING, KIND_ASK_ANSWERED)->ask_answered->taken,
            !is_closed);
        if (order == 0)
            assert_int_equal (closed->refusal->code, REFUSAL_PENDING);
        if (!is_closed)
            take_step (desk, HEAD,
                       a_step (held.number, STEP_APPROVE, .text = "已电话核实"));
        endings = 0;
        town_journal (town, SPEAKER_ROUTING, count_endings, &held.number);
        assert_int_equal (endings, 1);
        assert_int_equal (stands (held.number), STATE_CLOSED);
    }
    it_adds_up ();
}

/* ---- programs ---------------------------------------------------------------------------- */

/* An entry that a newer intake wrote, with this kind. */
static void write_of_the_future (uint32_t kind, bool informative)
{
    struct core *core = town_core (town, SPEAKER_INTAKE);
    struct txn *txn = txn_begin_write (core_store (core));
    struct entry entry = { .sequence = journal_next_sequence (core_journal (core), txn),
                           .time_ms = town_now_ms (town),
                           .kind = kind,
                           .informative = informative };
    struct buffer header = { 0 };
    struct hash leaf_hash;
    entry_append (&entry, &header);
    journal_append (core_journal (core), txn, buffer_bytes (&header), BYTES (NULL, 0),
                    &leaf_hash);
    assert_int_equal (txn_commit (&txn), 0);
    buffer_done (&header);
    town_restart (town, SPEAKER_INTAKE);
    town_step (town, 2000);
}

static const struct position *place_in_intake (void)
{
    struct control_reply *reply =
        town_control (operator_, SPEAKER_ROUTING, CONTROL_STATUS);
    assert_non_null (reply);
    assert_non_null (reply->status);
    for (size_t i = 0; i < reply->status->n_positions; i++)
        if (reply->status->positions[i].speaker == SPEAKER_INTAKE)
            return &reply->status->positions[i];
    fail ();
    return NULL;
}

static void old_follower_meets_a_new_essential_kind (void **state UNUSED)
{
    filed ();
    write_of_the_future (190, true); /* is passed over */
    uint64_t placed = filed ();
    assert_int_equal (stands (placed), STATE_DISPATCHED);
    assert_null (place_in_intake ()->problem);
    write_of_the_future (191, false);
    filed ();
    town_step (town, 10000);
    const struct position *place = place_in_intake ();
    assert_non_null (place->problem);
    assert_non_null (strstr (place->problem, "upgrade"));
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_REGISTERED), 3);
    struct reckoning waits = it_adds_up ();
    assert_int_equal (waits.unplaced, 1); /* it waits, and desks go on */
    struct held held = desk_accepts (placed);
    desk_takes (a_decision (&held, OUTCOME_SUPPORT));
    town_restart (town, SPEAKER_ROUTING); /* trying again does not help */
    town_step (town, 10000);
    assert_non_null (place_in_intake ()->problem);
    assert_int_equal (it_adds_up ().unplaced, 1);
}

/* ---- the disk ---------------------------------------------------------------------------- */

static void copy_file (const char *from, const char *to)
{
    char command[2 * DISK_PATH_SIZE + 16];
    int size = snprintf (command, sizeof command, "cp '%s' '%s'", from, to);
    assert_true (size > 0 && (size_t) size < sizeof command);
    assert_int_equal (system (command), 0);
}

/* The commit fails, but what it wrote can be read until the power goes (the page cache has
 * it). What is answered behind it must be on the disk all the same. */
static void failed_commit_restart_retry_answered_power_cut (void **state UNUSED)
{
    char data[DISK_PATH_SIZE], disk[DISK_PATH_SIZE];
    filed ();
    snprintf (data, sizeof data, "%s/data.mdb",
              store_dir (core_store (town_core (town, SPEAKER_INTAKE))));
    snprintf (disk, sizeof disk, "%s/disk", disks.path);
    copy_file (data, disk);
    /* Nothing that the others say of it is to be the commit that saves it. */
    for (unsigned other = SPEAKER_ROUTING; other <= SPEAKER_NOTIFICATION; other++)
        town_cut (town, (enum speaker) other, SPEAKER_INTAKE);
    uint64_t number = write_down ();
    uint64_t commits = store_commits (core_store (town_core (town, SPEAKER_INTAKE)));
    store_fail_commit (core_store (town_core (town, SPEAKER_INTAKE)), true, -EIO);
    hand_in (village, SPEAKER_INTAKE);
    assert_int_equal (town_deaths (town, SPEAKER_INTAKE), 1);
    assert_non_null (teller_last (village, SPEAKER_INTAKE)->receipt);
    /* A commit behind the failed one has put all of it onto the disk. */
    if (store_commits (core_store (town_core (town, SPEAKER_INTAKE))) > commits + 1)
        copy_file (data, disk);
    town_crash (town, SPEAKER_INTAKE);
    copy_file (disk, data);
    town_restart (town, SPEAKER_INTAKE);
    for (unsigned other = SPEAKER_ROUTING; other <= SPEAKER_NOTIFICATION; other++)
        town_mend (town, (enum speaker) other, SPEAKER_INTAKE);
    town_step (town, 2000);
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_REGISTERED), 2);
    assert_int_equal (stands (number), STATE_DISPATCHED);
    it_adds_up ();
}

#define INTERLEAVING(test)                                                               \
    cmocka_unit_test_setup_teardown (test, restored_build, restored_demolish)

int main (void)
{
    const struct CMUnitTest tests[] = {
        INTERLEAVING (refused_command_with_its_answer_lost_and_twenty_more_in_flight),
        INTERLEAVING (acknowledged_today_store_restored_spool_already_emptied),
        INTERLEAVING (spool_cloned),
        INTERLEAVING (spool_restored_older),
        INTERLEAVING (escalation_down_six_hours_while_routing_closes),
        INTERLEAVING (withdrawal_against_closing),
        INTERLEAVING (old_follower_meets_a_new_essential_kind),
        INTERLEAVING (failed_commit_restart_retry_answered_power_cut),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
