/* SPDX-License-Identifier: Apache-2.0 */
/* Exactly one of several, the digest of a command, and the words for enums. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "wire/check.h"
#include "wire/names.h"
#include "wire/wire.h"

static struct err err;
static struct statement statement = { .text = "路灯不亮" };
static struct matter matter = { .village = 340523100201,
                                .purpose = PURPOSE_REQUEST,
                                .terminal = 101 };

static struct filing filing_ordinary (void)
{
    return (struct filing){ .number = 202611230010100001,
                            .query_code = "7K3M9QXT",
                            .filed_at_ms = 1795392000000,
                            .matter = &matter,
                            .statement = &statement };
}

/* ---- exactly one ------------------------------------------------------------- */

static void command_does_exactly_one_thing (void **state UNUSED)
{
    struct filing filing = filing_ordinary ();
    struct enrol enrol = { 0 };
    struct command command = { .counter = 1, .incarnation = 1 };
    assert_int_equal (command_check (&command, &err), -EBADMSG);
    assert_string_equal (err.text, "0 things to do in one command, not one");
    command.file = &filing;
    assert_int_equal (command_check (&command, &err), 0);
    command.enrol = &enrol;
    assert_int_equal (command_check (&command, &err), -EBADMSG);
    assert_string_equal (err.text, "2 things to do in one command, not one");
    command.file = NULL;
    assert_int_equal (command_check (&command, &err), 0);
}

static void counters_and_incarnations_begin_with_one (void **state UNUSED)
{
    struct enrol enrol = { 0 };
    struct command command = { .incarnation = 1, .enrol = &enrol };
    assert_int_equal (command_check (&command, &err), -EBADMSG);
    command = (struct command){ .counter = 1, .enrol = &enrol };
    assert_int_equal (command_check (&command, &err), -EBADMSG);
}

static void filing_is_open_or_sealed (void **state UNUSED)
{
    struct filing filing = filing_ordinary ();
    struct filing_body body = { 0 };
    assert_int_equal (filing_check (&filing, &err), 0);
    filing.sealed = BYTES ("box", 3);
    assert_int_equal (filing_check (&filing, &err), -EBADMSG);
    filing.statement = NULL;
    assert_int_equal (filing_check (&filing, &err), 0);
    filing.sealed = BYTES (NULL, 0);
    assert_int_equal (filing_check (&filing, &err), -EBADMSG);
    assert_int_equal (filing_body_check (&body, &err), -EBADMSG);
    body.statement = &statement;
    assert_int_equal (filing_body_check (&body, &err), 0);
}

static void outcome_query_and_reply_hold_exactly_one (void **state UNUSED)
{
    struct refusal refusal = { .code = REFUSAL_HELD };
    struct recorded recorded = { .sequence = 3 };
    struct outcome outcome = { .counter = 1 };
    assert_int_equal (outcome_check (&outcome, &err), -EBADMSG);
    outcome.recorded = &recorded;
    assert_int_equal (outcome_check (&outcome, &err), 0);
    outcome.refusal = &refusal;
    assert_int_equal (outcome_check (&outcome, &err), -EBADMSG);

    struct due_query due = { 0 };
    struct query query = { .id = 1 };
    assert_int_equal (query_check (&query, &err), -EBADMSG);
    query.due = &due;
    assert_int_equal (query_check (&query, &err), 0);

    struct reply reply = { .id = 1, .refusal = &refusal };
    struct prints prints = { 0 };
    assert_int_equal (reply_check (&reply, &err), 0);
    reply.prints = &prints;
    assert_int_equal (reply_check (&reply, &err), -EBADMSG);
}

static void entry_carries_the_header_of_its_kind (void **state UNUSED)
{
    struct moved moved = { .step = STEP_CLAIM };
    struct raised raised = { .raise = 4 };
    struct entry entry = { .sequence = 9, .kind = KIND_MOVED };
    assert_int_equal (entry_check (&entry, &err), -EBADMSG);
    assert_string_equal (err.text, "entry 9 lacks the header of its kind 201");
    entry.moved = &moved;
    assert_int_equal (entry_check (&entry, &err), 0);
    entry.raised = &raised;
    assert_int_equal (entry_check (&entry, &err), -EBADMSG);
    entry = (struct entry){ .sequence = 9, .kind = KIND_SUPPLEMENTED };
    assert_int_equal (entry_check (&entry, &err), 0);
    entry.kind = 299; /* of a newer speaker */
    assert_int_equal (entry_check (&entry, &err), 0);
}

/* ---- content ----------------------------------------------------------------- */

static void content_ignores_the_counter_and_nothing_else (void **state UNUSED)
{
    struct arena arena;
    struct filing filing = filing_ordinary ();
    struct command command = { .counter = 1, .incarnation = 1, .file = &filing };
    uint8_t first[WIRE_CONTENT_SIZE], again[WIRE_CONTENT_SIZE];
    arena_init (&arena, 0);
    command_content (&arena, &command, first);
    command.counter = 2;
    command_content (&arena, &command, again);
    assert_memory_equal (first, again, sizeof first);
    assert_int_equal (command.counter, 2);
    command.person = 7;
    command_content (&arena, &command, again);
    assert_memory_not_equal (first, again, sizeof first);
    command.person = 0;
    filing.query_code = "7K3M9QXU";
    command_content (&arena, &command, again);
    assert_memory_not_equal (first, again, sizeof first);
    arena_done (&arena);
}

static void content_is_what_the_proto_file_says (void **state UNUSED)
{
    /* counter 0, incarnation 1, enrol {} : spelled out, as another language would. */
    static const uint8_t bytes[] = { 0x08, 0, 0x10, 1, 0x92, 0x03, 0 };
    struct arena arena;
    struct enrol enrol = { .why = "" };
    struct command command = { .counter = 5, .incarnation = 1, .enrol = &enrol };
    uint8_t content[WIRE_CONTENT_SIZE], expected[HASH16_SIZE];
    arena_init (&arena, 0);
    command_content (&arena, &command, content);
    content_hash16 (BYTES_OF (bytes), expected);
    assert_memory_equal (content, expected, sizeof content);
    arena_done (&arena);
}

/* ---- names ------------------------------------------------------------------- */

static void words_are_read_back (void **state UNUSED)
{
    enum step step = STEP_NONE;
    for (unsigned i = 1; i < STEP_COUNT; i++) {
        assert_true (step_parse (step_name ((enum step) i), &step));
        assert_int_equal (step, i);
        assert_true (step_parse (step_chinese ((enum step) i), &step));
        assert_int_equal (step, i);
    }
    assert_string_equal (step_name (STEP_HAND_BACK), "hand_back");
    assert_string_equal (state_chinese (STATE_DISPATCHED), "已分办");
    assert_true (step_parse ("Hand-Back", &step));
    assert_int_equal (step, STEP_HAND_BACK);
}

static void words_that_are_none_do_not_parse (void **state UNUSED)
{
    enum step step = STEP_CLAIM;
    enum channel channel = CHANNEL_ASSIGNED;
    assert_false (step_parse (NULL, &step));
    assert_false (step_parse ("", &step));
    assert_false (step_parse ("none", &step));
    assert_false (step_parse ("无", &step));
    assert_false (step_parse ("claim ", &step));
    assert_false (step_parse ("clai", &step));
    assert_int_equal (step, STEP_CLAIM);
    assert_true (channel_parse ("direct", &channel));
    assert_int_equal (channel, CHANNEL_DIRECT);
}

static void numbers_of_a_newer_peer_have_a_name (void **state UNUSED)
{
    assert_string_equal (kind_name (KIND_NOTICE_MOVED), "notice_moved");
    assert_string_equal (kind_name ((enum kind) 150), "unknown");
    assert_string_equal (kind_name ((enum kind) 70000), "unknown");
    assert_string_equal (state_name ((enum state) 99), "unknown");
    assert_string_equal (state_chinese ((enum state) 99), "未知");
}

/* Every ground belongs to one step; none belongs to all the others. */
static void each_ground_is_for_one_step (void **state UNUSED)
{
    for (unsigned ground = GROUND_NONE + 1; ground < GROUND_COUNT; ground++) {
        unsigned count = 0;
        for (unsigned step = STEP_NONE; step < STEP_COUNT; step++)
            count += ground_is_for ((enum ground) ground, (enum step) step);
        assert_int_equal (count, 1);
    }
    assert_true (ground_is_for (GROUND_NONE, STEP_ACCEPT));
    assert_false (ground_is_for (GROUND_NONE, STEP_REFUSE));
    assert_true (ground_is_for (GROUND_FINAL, STEP_REFUSE));
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (command_does_exactly_one_thing),
        cmocka_unit_test (counters_and_incarnations_begin_with_one),
        cmocka_unit_test (filing_is_open_or_sealed),
        cmocka_unit_test (outcome_query_and_reply_hold_exactly_one),
        cmocka_unit_test (entry_carries_the_header_of_its_kind),
        cmocka_unit_test (content_ignores_the_counter_and_nothing_else),
        cmocka_unit_test (content_is_what_the_proto_file_says),
        cmocka_unit_test (each_ground_is_for_one_step),
        cmocka_unit_test (words_are_read_back),
        cmocka_unit_test (words_that_are_none_do_not_parse),
        cmocka_unit_test (numbers_of_a_newer_peer_have_a_name),
    };
    return cmocka_run_group_tests_name ("wire check", tests, NULL, NULL);
}
