/* SPDX-License-Identifier: Apache-2.0 */
/* A damaged entry is named once, told to who follows, and everything else goes on. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flow_people.h"

#define AT_LEAF   10
#define AT_HEADER 74

static int build (void **state UNUSED)
{
    town_build ();
    return 0;
}

static int demolish (void **state UNUSED)
{
    town_destroy (&town);
    return 0;
}

/* ---- damage ------------------------------------------------------------------------- */

static struct buffer kept; /* the entry as it was */

static struct key key_of (uint64_t sequence)
{
    struct key key;
    key_init (&key);
    key_u64 (&key, sequence);
    return key;
}

static void write_entry (enum speaker speaker, uint64_t sequence, struct bytes value)
{
    struct key key = key_of (sequence);
    struct txn *txn = txn_begin_write (core_store (town_core (town, speaker)));
    txn_put (txn, CORE_ENTRIES, key_view (&key), value);
    assert_int_equal (txn_commit (&txn), 0);
}

static void keep (enum speaker speaker, uint64_t sequence)
{
    struct key key = key_of (sequence);
    struct bytes value;
    struct txn *txn = txn_begin_read (core_store (town_core (town, speaker)));
    assert_true (txn_get (txn, CORE_ENTRIES, key_view (&key), &value));
    buffer_clear (&kept);
    buffer_append_bytes (&kept, value);
    txn_abort (&txn);
}

/* Flip a bit; 'at' counts from the end when it is negative. */
static void damage (enum speaker speaker, uint64_t sequence, int at)
{
    struct buffer bad = { 0 };
    keep (speaker, sequence);
    buffer_append_bytes (&bad, buffer_bytes (&kept));
    size_t place = at >= 0 ? (size_t) at : bad.size - (size_t) -at;
    bad.data[place] ^= 4;
    write_entry (speaker, sequence, buffer_bytes (&bad));
    buffer_done (&bad);
}

static uint64_t last_registered (void)
{
    return town_last (town, SPEAKER_INTAKE, KIND_REGISTERED)->sequence;
}

/* Filed while nobody follows, then damaged before anybody has seen it. */
static uint64_t file_and_damage (int at)
{
    town_cut (town, SPEAKER_ROUTING, SPEAKER_INTAKE);
    town_cut (town, SPEAKER_ESCALATION, SPEAKER_INTAKE);
    town_cut (town, SPEAKER_NOTIFICATION, SPEAKER_INTAKE);
    uint64_t number = file (0), sequence = last_registered ();
    damage (SPEAKER_INTAKE, sequence, at);
    /* What a process appended a moment ago it sends without proving it anew. */
    town_restart (town, SPEAKER_INTAKE);
    town_mend (town, SPEAKER_ROUTING, SPEAKER_INTAKE);
    town_mend (town, SPEAKER_ESCALATION, SPEAKER_INTAKE);
    town_mend (town, SPEAKER_NOTIFICATION, SPEAKER_INTAKE);
    town_settle (town);
    (void) number;
    return sequence;
}

static uint64_t damaged_gauge (enum speaker speaker)
{
    struct control_reply *reply = town_control (operator_, speaker, CONTROL_STATUS);
    assert_non_null (reply);
    return reply->status->scrub->damaged;
}

/* ---- stories ------------------------------------------------------------------------ */

static uint64_t parked_source;

static void look_for_parked (void *arg, const struct entry *entry,
                             struct bytes body UNUSED)
{
    unsigned *count = arg;
    if (entry->kind != KIND_PARKED || entry->source == NULL)
        return;
    parked_source = entry->source->sequence;
    ++*count;
}

static unsigned parked_in (enum speaker speaker)
{
    unsigned count = 0;
    town_journal (town, speaker, look_for_parked, &count);
    return count;
}

/* Journals with a damaged entry cannot be walked with town_journal: count by status. */
static bool is_at (enum speaker follower, enum speaker source)
{
    struct control_reply *reply = town_control (operator_, follower, CONTROL_STATUS);
    struct control_reply *of = town_control (operator_, source, CONTROL_STATUS);
    for (size_t i = 0; i < reply->status->n_positions; i++) {
        const struct position *position = &reply->status->positions[i];
        if (position->speaker != source)
            continue;
        assert_null (position->problem);
        return position->acted == of->status->head;
    }
    return false;
}

static void followers_pass_a_damaged_entry_over (void **state UNUSED)
{
    uint64_t sequence = file_and_damage (AT_HEADER + 9);
    uint64_t next = file (1);
    town_step (town, 1000);
    assert_true (is_at (SPEAKER_ROUTING, SPEAKER_INTAKE));
    assert_true (is_at (SPEAKER_ESCALATION, SPEAKER_INTAKE));
    assert_true (is_at (SPEAKER_NOTIFICATION, SPEAKER_INTAKE));
    assert_int_equal (parked_in (SPEAKER_ROUTING), 1);
    assert_int_equal (parked_source, sequence);
    assert_int_equal (parked_in (SPEAKER_ESCALATION), 1);
    work_off (next); /* the rest goes on */
    struct control_reply *reply =
        town_control (operator_, SPEAKER_INTAKE, CONTROL_STATUS);
    assert_non_null (strstr (reply->status->trouble, "is damaged"));
}

/* Named once: by the read that found it, not by the scrub, nor after a restart. */
static void it_is_named_once (void **state UNUSED)
{
    uint64_t sequence = file_and_damage (AT_LEAF), before, after;
    struct scrub scrub;
    town_step (town, 1000);
    before = town_last (town, SPEAKER_ROUTING, KIND_PARKED)->sequence;
    struct control_reply *reply =
        town_control (operator_, SPEAKER_INTAKE, CONTROL_STATUS);
    uint64_t head = reply->status->head;
    assert_true (head > sequence); /* KIND_DAMAGED stands behind it */
    assert_int_equal (damaged_gauge (SPEAKER_INTAKE), 1);
    assert_int_equal (core_scrub (town_core (town, SPEAKER_INTAKE), &scrub, NULL), 0);
    assert_int_equal (scrub.damaged, 1);
    town_restart (town, SPEAKER_INTAKE);
    town_step (town, 1000);
    assert_int_equal (damaged_gauge (SPEAKER_INTAKE), 1);
    reply = town_control (operator_, SPEAKER_INTAKE, CONTROL_STATUS);
    assert_int_equal (reply->status->head, head + 1); /* started, and nothing else */
    /* Followers that come back stand behind it. */
    town_restart (town, SPEAKER_ROUTING);
    town_step (town, 1000);
    assert_true (is_at (SPEAKER_ROUTING, SPEAKER_INTAKE));
    after = town_last (town, SPEAKER_ROUTING, KIND_PARKED)->sequence;
    assert_int_equal (before, after);
}

static void a_damaged_body_costs_only_the_body (void **state UNUSED)
{
    file_and_damage (-2);
    uint64_t next = file (1);
    town_step (town, 1000);
    assert_int_equal (parked_in (SPEAKER_ROUTING), 0);
    assert_int_equal (parked_in (SPEAKER_ESCALATION), 0);
    assert_int_equal (
        town_gauge (town, SPEAKER_ROUTING, "grievances{state=\"dispatched\"}"), 2);
    assert_int_equal (damaged_gauge (SPEAKER_INTAKE), 1);
    work_off (next);
}

static void what_is_mended_is_sound_again (void **state UNUSED)
{
    uint64_t sequence = file_and_damage (AT_HEADER + 5);
    town_step (town, 1000);
    write_entry (SPEAKER_INTAKE, sequence, buffer_bytes (&kept));
    town_restart (town, SPEAKER_INTAKE);
    file (1);
    town_step (town, 1000);
    assert_int_equal (damaged_gauge (SPEAKER_INTAKE), 0);
    assert_true (is_at (SPEAKER_ROUTING, SPEAKER_INTAKE));
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_DAMAGED), 1);
    struct scrub scrub;
    assert_int_equal (core_scrub (town_core (town, SPEAKER_INTAKE), &scrub, NULL), 0);
    assert_int_equal (scrub.damaged, 0);
    assert_int_equal (scrub.differences, 0);
}

/* A follower that stood on the stand-in when it was mended goes on too. */
static void who_stood_on_it_goes_on (void **state UNUSED)
{
    uint64_t sequence = file_and_damage (AT_HEADER + 5);
    town_cut (town, SPEAKER_ROUTING, SPEAKER_INTAKE);
    write_entry (SPEAKER_INTAKE, sequence, buffer_bytes (&kept));
    town_restart (town, SPEAKER_INTAKE);
    town_mend (town, SPEAKER_ROUTING, SPEAKER_INTAKE);
    file (1);
    town_step (town, 1000);
    assert_true (is_at (SPEAKER_ROUTING, SPEAKER_INTAKE));
}

/* The client's line must not stop over an answer that nobody can read any more, nor may it
 * file the same twice. */
static void a_repeat_of_a_command_whose_answer_is_damaged_is_refused (void **state UNUSED)
{
    struct statement statement = { .text = "征地补偿款没有到卡" };
    struct matter matter = { .village = villages[0],
                             .terminal = 101,
                             .category = "国土资源/土地征收",
                             .purpose = PURPOSE_REQUEST,
                             .anonymous = true };
    struct filing filing = { .number = number_make (civil_day (town_now_ms (town)), 101,
                                                    ++serials[0]),
                             .query_code = "0123ABCD",
                             .filed_at_ms = town_now_ms (town),
                             .matter = &matter,
                             .statement = &statement };
    struct command command = { .counter = 1, .file = &filing };
    struct outcome *outcome = town_command (terminals[0], SPEAKER_INTAKE, &command);
    assert_non_null (outcome->receipt);
    damage (SPEAKER_INTAKE, last_registered (), AT_HEADER + 9);
    outcome = town_command (terminals[0], SPEAKER_INTAKE, &command);
    assert_non_null (outcome);
    assert_non_null (outcome->refusal);
    assert_int_equal (outcome->refusal->code, REFUSAL_PARKED);
    assert_non_null (strstr (outcome->refusal->sentence, "is damaged"));
    filing.number = number_make (civil_day (town_now_ms (town)), 101, ++serials[0]);
    command.counter = 2;
    outcome = town_command (terminals[0], SPEAKER_INTAKE, &command);
    assert_non_null (outcome->receipt);
    assert_int_equal (damaged_gauge (SPEAKER_INTAKE), 1);
}

static int close_town (void **state)
{
    buffer_done (&kept);
    return demolish (state);
}

static void what_a_failed_batch_cannot_read_is_not_damaged (void **state UNUSED)
{
    struct core *core = town_core (town, SPEAKER_INTAKE);
    struct entry entry;
    struct arena arena;
    arena_init (&arena, 0);
    struct txn *txn = txn_begin_write (core_store (core));
    txn_fail (txn, -ENOSPC);
    assert_false (core_entry (core, txn, 1, &arena, &entry, NULL));
    txn_abort (&txn);
    arena_done (&arena);
    town_step (town, 1000);
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_DAMAGED), 0);
}

int main (void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (what_a_failed_batch_cannot_read_is_not_damaged,
                                         build, close_town),
        cmocka_unit_test_setup_teardown (followers_pass_a_damaged_entry_over, build,
                                         close_town),
        cmocka_unit_test_setup_teardown (it_is_named_once, build, close_town),
        cmocka_unit_test_setup_teardown (a_damaged_body_costs_only_the_body, build,
                                         close_town),
        cmocka_unit_test_setup_teardown (what_is_mended_is_sound_again, build,
                                         close_town),
        cmocka_unit_test_setup_teardown (who_stood_on_it_goes_on, build, close_town),
        cmocka_unit_test_setup_teardown (
            a_repeat_of_a_command_whose_answer_is_damaged_is_refused, build, close_town),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
