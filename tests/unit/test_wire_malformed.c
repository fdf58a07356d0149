/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that are no message of ours, or a hostile one: refused with a path, never a crash,
 * never more memory than the frame is worth. Run under ASan and UBSan. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "support/wire_oracle.h"
#include "unit/wire_filler.h"
#include "wire/door.h"
#include "wire/wire.h"

/* What wire.h promises of the arena. */
#define MEMORY_PER_BYTE 64

static struct arena arena;
static struct buffer buffer;
static struct err err;

static int setup (void **state UNUSED)
{
    arena_init (&arena, 0);
    return 0;
}

static int teardown (void **state UNUSED)
{
    arena_done (&arena);
    buffer_done (&buffer);
    return 0;
}

/* The outermost types that strangers and other daemons send. */
static const struct wire_message *const outermost[] = {
    &wire_to_door,    &wire_from_door,  &wire_entry,     &wire_filing_body,
    &wire_asked_body, &wire_moved_body, &wire_statement, &wire_raise_ended_body,
};

static struct bytes full_frame (const struct wire_message *rules, uint32_t many)
{
    struct filler filler = { .arena = &arena, .seed = 99, .many = many, .all = true };
    return wire_encode (rules, &arena, filler_make (&filler, rules));
}

/* Decode a copy that ends where its memory ends, so that ASan sees a step beyond. What is
 * taken must be encodable and come back the same, and be what protobuf-c unpacks. */
static int try_frame (const struct wire_message *rules, struct bytes frame)
{
    struct arena own;
    arena_init (&own, 0);
    uint8_t *exact = malloc (frame.size > 0 ? frame.size : 1);
    assert_non_null (exact);
    if (frame.size > 0)
        memcpy (exact, frame.data, frame.size);
    void *message = arena_take (&own, rules->size),
         *back = arena_take (&own, rules->size);
    err = (struct err){ 0 };
    int rc = wire_decode (rules, &own, BYTES (exact, frame.size), message, &err);
    assert_true (own.used <= 4096 + MEMORY_PER_BYTE * frame.size);
    if (rc == 0) {
        struct bytes again = wire_encode (rules, &own, message);
        assert_int_equal (wire_decode (rules, &own, again, back, &err), 0);
        assert_true (message_equal (rules, message, back));
        assert_true (oracle_decode (rules, &own, BYTES (exact, frame.size), back));
        assert_true (message_equal (rules, message, back));
    } else {
        assert_int_equal (err.code, rc);
        assert_true (strlen (err.text) > 0);
    }
    free (exact);
    arena_done (&own);
    return rc;
}

/* Decode the buffer as a to_door and expect this sentence. */
static void assert_sentence (const char *sentence)
{
    struct to_door message;
    memset (&message, 0x5a, sizeof message);
    struct to_door untouched = message;
    int rc = to_door_decode (&arena, buffer_bytes (&buffer), &message, &err);
    assert_int_equal (rc, -EBADMSG);
    assert_string_equal (err.text, sentence);
    assert_memory_equal (&message, &untouched, sizeof message);
    buffer_clear (&buffer);
}

/* ---- damage ---------------------------------------------------------------- */

static void cut_anywhere_it_does_not_crash (void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE (outermost); i++) {
        struct bytes frame = full_frame (outermost[i], 1);
        for (size_t size = 0; size < frame.size; size++)
            try_frame (outermost[i], BYTES (frame.data, size));
    }
}

static void cut_inside_a_command_it_is_refused (void **state UNUSED)
{
    struct filler filler = { .arena = &arena, .seed = 3, .many = 2, .all = true };
    struct command *command = filler_make (&filler, &wire_command);
    struct to_door message = { .commands = command, .n_commands = 1 };
    struct bytes frame = to_door_encode (&arena, &message);
    for (size_t size = 1; size < frame.size; size++)
        assert_int_equal (try_frame (&wire_to_door, BYTES (frame.data, size)), -EBADMSG);
    assert_int_equal (try_frame (&wire_to_door, frame), 0);
}

/* Every bit of the commands, one bit of every byte of the rest: the answers are long. */
static void any_bit_may_flip (void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE (outermost); i++) {
        struct bytes frame = full_frame (outermost[i], 1);
        uint8_t *copy = arena_take (&arena, frame.size);
        memcpy (copy, frame.data, frame.size);
        size_t step = outermost[i] == &wire_to_door ? 1 : 7;
        for (size_t bit = 0; bit < frame.size * 8; bit += step) {
            copy[bit / 8] ^= (uint8_t) (1u << bit % 8);
            try_frame (outermost[i], BYTES (copy, frame.size));
            copy[bit / 8] ^= (uint8_t) (1u << bit % 8);
        }
    }
}

static void noise_does_not_crash (void **state UNUSED)
{
    struct filler filler = { .seed = 20261123 };
    uint8_t noise[300];
    for (unsigned round = 0; round < 20000; round++) {
        size_t size = filler_next (&filler) % sizeof noise;
        for (size_t i = 0; i < size; i++) {
            /* Small bytes are field numbers and lengths more often than large ones. */
            uint64_t random = filler_next (&filler);
            noise[i] = (uint8_t) (random & 0x100 ? random : random & 0x3f);
        }
        try_frame (outermost[round % ARRAY_SIZE (outermost)], BYTES (noise, size));
    }
}

/* ---- what protobuf-c would take ---------------------------------------------- */

/* A command with one field of its filing's statement as given. */
static void filing_with (unsigned tag, const void *data, size_t size)
{
    struct matter matter = { .village = 340523100201,
                             .purpose = PURPOSE_REQUEST,
                             .terminal = 101 };
    struct filing filing = { .number = 202611230010100001,
                             .query_code = "7K3M9QXT",
                             .filed_at_ms = 1795392000000,
                             .matter = &matter };
    struct command command = { .counter = 1, .incarnation = 1, .file = &filing };
    struct buffer statement = { 0 }, file = { 0 }, whole = { 0 };
    raw_bytes (&statement, tag, data, size);
    buffer_append_bytes (&file, filing_encode (&arena, &filing));
    raw_bytes (&file, 5, statement.data, statement.size);
    command.file = NULL;
    buffer_append_bytes (&whole, command_encode (&arena, &command));
    raw_bytes (&whole, 10, file.data, file.size);
    raw_bytes (&buffer, 1, whole.data, whole.size);
    buffer_done (&statement);
    buffer_done (&file);
    buffer_done (&whole);
}

static void bad_text_is_refused_by_its_path (void **state UNUSED)
{
    static const struct {
        const char *bytes;
        size_t size;
    } bad[] = {
        { "\xc0\xaf", 2 },         /* overlong */
        { "\xed\xa0\x80", 3 },     /* surrogate */
        { "\xf4\x90\x80\x80", 4 }, /* above U+10FFFF */
        { "\xe5\x8e", 2 },         /* cut off */
        { "a\xff", 2 },
    };
    for (size_t i = 0; i < ARRAY_SIZE (bad); i++) {
        filing_with (2, bad[i].bytes, bad[i].size);
        assert_sentence ("commands[0].file.statement.text: is not valid UTF-8");
    }
    filing_with (2, "a\0b", 3);
    assert_sentence ("commands[0].file.statement.text: contains a NUL");
    filing_with (2, "a\0", 2);
    assert_sentence ("commands[0].file.statement.text: contains a NUL");
    filing_with (2, filler_text (&arena, LIMIT_TEXT + 1), LIMIT_TEXT + 1);
    assert_sentence ("commands[0].file.statement.text: is longer than 60000 bytes");
    filing_with (1, "标题", 6);
    assert_sentence ("commands[0].file.statement.text: is missing");
    filing_with (2, "正文", 6);
    struct to_door message;
    assert_int_equal (to_door_decode (&arena, buffer_bytes (&buffer), &message, &err), 0);
    assert_string_equal (message.commands[0].file->statement->text, "正文");
}

static void unknown_fields_pass_but_not_in_a_command (void **state UNUSED)
{
    struct follow follow = { .credit = 10 };
    struct to_door message = { .follow = &follow };
    buffer_append_bytes (&buffer, to_door_encode (&arena, &message));
    raw_number (&buffer, 900, 1);
    raw_bytes (&buffer, 901, "new", 3);
    raw_varint (&buffer, 902 << 3 | 1);
    buffer_append (&buffer, "12345678", 8);
    raw_varint (&buffer, 903 << 3 | 5);
    buffer_append (&buffer, "1234", 4);
    assert_int_equal (try_frame (&wire_to_door, buffer_bytes (&buffer)), 0);
    buffer_clear (&buffer);

    filing_with (77, "seal this", 9);
    assert_sentence (
        "commands[0].file.statement: field 77 is unknown here: the client is "
        "newer than this program and asks for what it cannot do");
}

static void other_types_are_refused (void **state UNUSED)
{
    raw_number (&buffer, 1, 5);
    assert_sentence ("commands[0]: is of another type");
    raw_bytes (&buffer, 1, "\x0a\x01x", 3); /* counter as bytes */
    assert_sentence ("commands[0].counter: is of another type");
    raw_varint (&buffer, 100 << 3 | 3); /* a group begins */
    assert_sentence ("field 100 is of no type of this protocol");
    raw_varint (&buffer, 100 << 3 | 7);
    assert_sentence ("field 100 is of no type of this protocol");
    raw_varint (&buffer, 0);
    assert_sentence ("is cut off or not of this protocol");
    raw_bytes (&buffer, 3, "\x08\xff\xff\xff\xff\x1f", 6); /* more than 32 bits */
    assert_sentence ("subscribe.department: is not within 0 and 4294967295");
    raw_bytes (&buffer, 6, "\x08\x63", 2);
    assert_sentence ("control.verb: is not within 0 and 6");
    /* Eleven bytes of one number, and a tenth byte beyond 64 bits. */
    raw_bytes (&buffer, 3, "\x08\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 12);
    assert_sentence ("subscribe.department: is cut off or no number");
    raw_bytes (&buffer, 3, "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 11);
    assert_sentence ("subscribe.department: is cut off or no number");
}

/* ---- size ------------------------------------------------------------------ */

static void frames_are_bounded (void **state UNUSED)
{
    struct to_door message;
    struct from_door answer;
    uint8_t *zeros = arena_take (&arena, LIMIT_SERVER_FRAME + 1);
    assert_int_equal (
        to_door_decode (&arena, BYTES (zeros, LIMIT_CLIENT_FRAME + 1), &message, &err),
        -EMSGSIZE);
    assert_string_equal (err.text, "to_door of 131073 bytes: at most 131072 are taken");
    assert_int_equal (
        from_door_decode (&arena, BYTES (zeros, LIMIT_SERVER_FRAME + 1), &answer, &err),
        -EMSGSIZE);
}

/* Field 1 in field 1 in field 1 …, written from the innermost outwards. */
static struct bytes nested (unsigned levels)
{
    const size_t room = (size_t) levels * 4;
    uint8_t *start = arena_take (&arena, room);
    size_t at = room;
    for (unsigned i = 0; i < levels; i++) {
        struct buffer head = { 0 };
        raw_varint (&head, 1 << 3 | 2);
        raw_varint (&head, room - at);
        at -= head.size;
        memcpy (start + at, head.data, head.size);
        buffer_done (&head);
    }
    return BYTES (start + at, room - at);
}

static void ten_thousand_levels_do_not_reach_the_stack (void **state UNUSED)
{
    struct bytes deep = nested (10000);
    assert_int_equal (try_frame (&wire_to_door, deep), -EBADMSG);
    assert_string_equal (err.text, "commands[0].counter: is of another type");
    /* Nobody looks into an unknown field. */
    raw_bytes (&buffer, 99, deep.data, deep.size);
    assert_int_equal (try_frame (&wire_to_door, buffer_bytes (&buffer)), 0);
}

static void empty_elements_do_not_swell (void **state UNUSED)
{
    /* 2 bytes each, nothing required inside: the dearest element there is. */
    for (unsigned i = 0; i < LIMIT_ROWS; i++)
        raw_bytes (&buffer, 1, "", 0);
    assert_int_equal (try_frame (&wire_shape, buffer_bytes (&buffer)), 0);
    raw_bytes (&buffer, 1, "", 0);
    assert_int_equal (try_frame (&wire_shape, buffer_bytes (&buffer)), -EBADMSG);
    assert_string_equal (err.text, "rows[500]: is beyond the 500 that may be there");
    while (buffer.size < LIMIT_SERVER_FRAME - 2)
        raw_bytes (&buffer, 1, "", 0);
    assert_int_equal (try_frame (&wire_shape, buffer_bytes (&buffer)), -EBADMSG);
}

static void unknown_fields_are_counted (void **state UNUSED)
{
    for (unsigned i = 0; i < LIMIT_FRAME_FIELDS; i++)
        raw_number (&buffer, 15, 0);
    assert_int_equal (try_frame (&wire_to_door, buffer_bytes (&buffer)), 0);
    raw_number (&buffer, 15, 0);
    assert_sentence ("the frame has more than 40000 fields");
}

/* ---- memory ---------------------------------------------------------------- */

static void memory_may_end_at_every_allocation (void **state UNUSED)
{
    struct from_door message;
    struct bytes frame = full_frame (&wire_from_door, 1);
    struct arena own;
    int rc = -1;
    for (size_t limit = 16; rc != 0; limit += 16) {
        arena_init (&own, limit);
        rc = from_door_decode (&own, frame, &message, &err);
        assert_true (rc == 0 || rc == -ENOMEM);
        arena_done (&own);
    }
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (cut_anywhere_it_does_not_crash, setup, teardown),
        cmocka_unit_test_setup_teardown (cut_inside_a_command_it_is_refused, setup,
                                         teardown),
        cmocka_unit_test_setup_teardown (any_bit_may_flip, setup, teardown),
        cmocka_unit_test_setup_teardown (noise_does_not_crash, setup, teardown),
        cmocka_unit_test_setup_teardown (bad_text_is_refused_by_its_path, setup,
                                         teardown),
        cmocka_unit_test_setup_teardown (unknown_fields_pass_but_not_in_a_command, setup,
                                         teardown),
        cmocka_unit_test_setup_teardown (other_types_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown (frames_are_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown (ten_thousand_levels_do_not_reach_the_stack,
                                         setup, teardown),
        cmocka_unit_test_setup_teardown (empty_elements_do_not_swell, setup, teardown),
        cmocka_unit_test_setup_teardown (unknown_fields_are_counted, setup, teardown),
        cmocka_unit_test_setup_teardown (memory_may_end_at_every_allocation, setup,
                                         teardown),
    };
    return cmocka_run_group_tests_name ("wire malformed", tests, NULL, NULL);
}
