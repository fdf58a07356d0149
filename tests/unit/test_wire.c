/* SPDX-License-Identifier: Apache-2.0 */
/* Messages in and out, and the bounds of every field of every type, by the tables. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "support/wire_oracle.h"
#include "unit/wire_filler.h"
#include "wire/check.h"
#include "wire/wire.h"

static struct arena arena;
static struct err err;

static int setup (void **state UNUSED)
{
    arena_init (&arena, 0);
    return 0;
}

static int teardown (void **state UNUSED)
{
    arena_done (&arena);
    return 0;
}

static struct filler filler_all (uint32_t many)
{
    return (struct filler){ .arena = &arena, .seed = 4711, .many = many, .all = true };
}

static struct filler filler_least (void)
{
    return (struct filler){ .arena = &arena, .seed = 4711 };
}

/* Decode into fresh memory; NULL and the sentence in 'err' when refused. */
static void *decode (const struct wire_message *rules, struct bytes frame)
{
    void *message = arena_take (&arena, rules->size);
    return wire_decode (rules, &arena, frame, message, &err) < 0 ? NULL : message;
}

static void assert_round_trip (const struct wire_message *rules, const void *message)
{
    struct bytes frame = wire_encode (rules, &arena, message);
    void *back = decode (rules, frame);
    if (back == NULL)
        fail_msg ("%s: %s", rules->name, err.text);
    if (!message_equal (rules, message, back))
        fail_msg ("%s came back otherwise", rules->name);
    assert_true (bytes_equal (frame, wire_encode (rules, &arena, back)));
    if (!bytes_equal (frame, oracle_encode (rules, &arena, message)))
        fail_msg ("%s: protobuf-c packs it otherwise", rules->name);
}

static void tables_and_proto_files_agree (void **state UNUSED)
{
    if (wire_check_schema (&err) < 0)
        fail_msg ("%s", err.text);
}

static void every_message_comes_back_with_all_fields (void **state UNUSED)
{
    for (size_t i = 0; wire_messages[i] != NULL; i++) {
        for (uint32_t many = 1; many <= 3; many++) {
            struct filler filler = filler_all (many);
            assert_round_trip (wire_messages[i], filler_make (&filler, wire_messages[i]));
            arena_reset (&arena);
        }
    }
}

static void every_message_comes_back_with_the_least (void **state UNUSED)
{
    for (size_t i = 0; wire_messages[i] != NULL; i++) {
        struct filler filler = filler_least ();
        assert_round_trip (wire_messages[i], filler_make (&filler, wire_messages[i]));
    }
}

static void append_and_size_agree_with_encode (void **state UNUSED)
{
    struct buffer buffer = { 0 };
    for (size_t i = 0; wire_messages[i] != NULL; i++) {
        struct filler filler = filler_all (2);
        const void *message = filler_make (&filler, wire_messages[i]);
        struct bytes frame = wire_encode (wire_messages[i], &arena, message);
        buffer_clear (&buffer);
        buffer_append (&buffer, "x", 1);
        wire_append (wire_messages[i], message, &buffer);
        assert_int_equal (buffer.size, 1 + frame.size);
        assert_true (bytes_equal (frame, BYTES (buffer.data + 1, buffer.size - 1)));
        assert_int_equal (wire_size (wire_messages[i], message), frame.size);
    }
    buffer_done (&buffer);
}

/* ---- every bound of every field --------------------------------------------- */

/* One field of the message set to 'size' bytes or to 'number', everything else least. */
static struct bytes frame_with_size (const struct wire_message *rules,
                                     const struct wire_field *field, size_t size)
{
    struct filler filler = filler_least ();
    uint8_t *message = filler_make (&filler, rules);
    void *value = message + field->offset;
    if (field->count_most > 0) {
        fill_many (&filler, field, message, 1);
        value = *(void **) value;
    }
    if (field->type == WIRE_TYPE_TEXT)
        *(const char **) value = filler_text (&arena, size);
    else
        *(struct bytes *) value = BYTES (filler_text (&arena, size), size);
    return wire_encode (rules, &arena, message);
}

static void assert_taken (const struct wire_message *rules, struct bytes frame,
                          const struct wire_field *field)
{
    if (decode (rules, frame) == NULL)
        fail_msg ("%s.%s at its bound: %s", rules->name, field->name, err.text);
}

static void assert_refused (const struct wire_message *rules, struct bytes frame,
                            const struct wire_field *field)
{
    if (decode (rules, frame) != NULL)
        fail_msg ("%s.%s beyond its bound was taken", rules->name, field->name);
    assert_int_equal (err.code, -EBADMSG);
    if (strncmp (err.text, field->name, strlen (field->name)) != 0)
        fail_msg ("'%s' does not begin with %s", err.text, field->name);
}

static void every_length_is_bounded (void **state UNUSED)
{
    for (size_t i = 0; wire_messages[i] != NULL; i++) {
        const struct wire_message *rules = wire_messages[i];
        for (uint32_t j = 0; j < rules->n_fields; j++) {
            const struct wire_field *field = &rules->fields[j];
            if (field->type != WIRE_TYPE_TEXT && field->type != WIRE_TYPE_BYTES)
                continue;
            assert_taken (rules, frame_with_size (rules, field, field->most), field);
            assert_refused (rules, frame_with_size (rules, field, field->most + 1),
                            field);
            if (field->least > 1)
                assert_refused (rules, frame_with_size (rules, field, field->least - 1),
                                field);
            arena_reset (&arena);
        }
    }
}

static void every_number_is_bounded (void **state UNUSED)
{
    for (size_t i = 0; wire_messages[i] != NULL; i++) {
        const struct wire_message *rules = wire_messages[i];
        for (uint32_t j = 0; j < rules->n_fields; j++) {
            const struct wire_field *field = &rules->fields[j];
            if (field->type >= WIRE_TYPE_TEXT || field->most == UINT64_MAX)
                continue;
            /* Only this field: the bound is looked at before what is missing. */
            struct buffer buffer = { 0 };
            raw_number (&buffer, field->tag, field->most + 1);
            assert_refused (rules, buffer_bytes (&buffer), field);
            buffer_clear (&buffer);
            raw_number (&buffer, field->tag, UINT64_MAX); /* -1 of a signed type */
            assert_refused (rules, buffer_bytes (&buffer), field);
            buffer_clear (&buffer);
            raw_number (&buffer, field->tag, field->most);
            if (decode (rules, buffer_bytes (&buffer)) == NULL &&
                strstr (err.text, "is missing") == NULL)
                fail_msg ("%s.%s at its bound: %s", rules->name, field->name, err.text);
            buffer_done (&buffer);
        }
    }
}

static void every_count_is_bounded (void **state UNUSED)
{
    for (size_t i = 0; wire_messages[i] != NULL; i++) {
        const struct wire_message *rules = wire_messages[i];
        for (uint32_t j = 0; j < rules->n_fields; j++) {
            const struct wire_field *field = &rules->fields[j];
            if (field->count_most == 0)
                continue;
            struct filler filler = filler_least ();
            void *message = filler_make (&filler, rules);
            fill_many (&filler, field, message, field->count_most);
            assert_taken (rules, wire_encode (rules, &arena, message), field);
            fill_many (&filler, field, message, field->count_most + 1);
            assert_refused (rules, wire_encode (rules, &arena, message), field);
            arena_reset (&arena);
        }
    }
}

static void every_required_field_is_missed (void **state UNUSED)
{
    for (size_t i = 0; wire_messages[i] != NULL; i++) {
        const struct wire_message *rules = wire_messages[i];
        void *empty = decode (rules, BYTES ("", 0));
        bool requires = false;
        for (uint32_t j = 0; j < rules->n_fields; j++)
        requires = requires || rules->fields[j].required;
        assert_int_equal (empty == NULL, requires);
        if (requires)
            assert_non_null (strstr (err.text, "is missing"));
    }
}

static void every_singular_field_is_refused_twice (void **state UNUSED)
{
    for (size_t i = 0; wire_messages[i] != NULL; i++) {
        const struct wire_message *rules = wire_messages[i];
        for (uint32_t j = 0; j < rules->n_fields; j++) {
            const struct wire_field *field = &rules->fields[j];
            if (field->count_most > 0)
                continue;
            struct filler filler = filler_least ();
            uint8_t *message = filler_make (&filler, rules);
            struct bytes least = wire_encode (rules, &arena, message);
            fill_field (&filler, field, message);
            struct bytes with = wire_encode (rules, &arena, message);
            struct buffer buffer = { 0 };
            buffer_append_bytes (&buffer, with);
            buffer_append_bytes (&buffer, field->required ? least : with);
            assert_null (decode (rules, buffer_bytes (&buffer)));
            assert_non_null (strstr (err.text, "is said twice"));
            buffer_done (&buffer);
        }
    }
}

/* ---- meaning of absence ------------------------------------------------------ */

static void empty_and_zero_are_not_said (void **state UNUSED)
{
    struct buffer buffer = { 0 };
    struct actor actor;
    struct refusal refusal;
    raw_number (&buffer, 1, 7);    /* client */
    raw_number (&buffer, 2, 0);    /* incarnation */
    raw_bytes (&buffer, 4, "", 0); /* content */
    assert_int_equal (actor_decode (&arena, buffer_bytes (&buffer), &actor, &err), 0);
    assert_int_equal (actor.client, 7);
    assert_null (actor.content.data);
    assert_int_equal (actor_size (&actor), 2);

    buffer_clear (&buffer);
    raw_number (&buffer, 1, REFUSAL_GAP);
    raw_bytes (&buffer, 2, "", 0);
    assert_int_equal (refusal_decode (&arena, buffer_bytes (&buffer), &refusal, &err), 0);
    assert_null (refusal.sentence);
    refusal.sentence = "";
    assert_int_equal (refusal_size (&refusal), 2);
    buffer_done (&buffer);
}

static void required_text_is_never_null (void **state UNUSED)
{
    struct statement statement = { 0 };
    struct bytes frame = statement_encode (&arena, &statement);
    assert_int_equal (frame.size, 2);
    assert_int_equal (statement_decode (&arena, frame, &statement, &err), 0);
    assert_string_equal (statement.text, "");
    assert_null (statement.title);
}

static void empty_message_is_there (void **state UNUSED)
{
    struct standing_query standing = { 0 };
    struct query query = { .id = 5, .standing = &standing };
    struct bytes frame = query_encode (&arena, &query);
    query.standing = NULL;
    assert_int_equal (query_decode (&arena, frame, &query, &err), 0);
    assert_non_null (query.standing);
    assert_null (query.course);
    assert_int_equal (query_check (&query, &err), 0);
}

static void what_people_write_passes (void **state UNUSED)
{
    struct statement statement = { .text = "１号路口\r\n\t\x01\x7f 積水 😀\xe2\x80\xae" };
    struct statement back;
    struct bytes frame = statement_encode (&arena, &statement);
    assert_int_equal (statement_decode (&arena, frame, &back, &err), 0);
    assert_string_equal (back.text, statement.text);
}

static void repeated_numbers_come_packed_too (void **state UNUSED)
{
    static const uint8_t packed[] = { 3, 0xac, 0x02, 7 };
    struct buffer buffer = { 0 };
    struct moved moved;
    raw_number (&buffer, 1, STEP_DISPATCH);
    raw_number (&buffer, 2, STATE_UNDECIDED);
    raw_number (&buffer, 3, STATE_DISPATCHED);
    raw_number (&buffer, 8, 9);
    raw_bytes (&buffer, 8, packed, sizeof packed);
    assert_int_equal (moved_decode (&arena, buffer_bytes (&buffer), &moved, &err), 0);
    assert_int_equal (moved.n_assisting, 4);
    assert_int_equal (moved.assisting[0], 9);
    assert_int_equal (moved.assisting[2], 300);
    assert_int_equal (moved.assisting[3], 7);

    for (unsigned i = 0; i < 2; i++)
        raw_bytes (&buffer, 8, packed, sizeof packed);
    assert_int_equal (moved_decode (&arena, buffer_bytes (&buffer), &moved, &err),
                      -EBADMSG);
    assert_string_equal (err.text, "assisting[8]: is beyond the 8 that may be there");
    buffer_done (&buffer);
}

static void decoded_memory_does_not_need_the_frame (void **state UNUSED)
{
    struct filler filler = filler_all (2);
    const void *message = filler_make (&filler, &wire_from_door);
    struct bytes frame = wire_encode (&wire_from_door, &arena, message);
    uint8_t *copy = arena_take (&arena, frame.size);
    memcpy (copy, frame.data, frame.size);
    const void *back = decode (&wire_from_door, BYTES (copy, frame.size));
    memset (copy, 0xff, frame.size);
    /* The room's own scratch is used again, too. */
    wire_size (&wire_from_door, message);
    assert_true (message_equal (&wire_from_door, message, back));
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (tables_and_proto_files_agree, setup, teardown),
        cmocka_unit_test_setup_teardown (every_message_comes_back_with_all_fields, setup,
                                         teardown),
        cmocka_unit_test_setup_teardown (every_message_comes_back_with_the_least, setup,
                                         teardown),
        cmocka_unit_test_setup_teardown (append_and_size_agree_with_encode, setup,
                                         teardown),
        cmocka_unit_test_setup_teardown (every_length_is_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown (every_number_is_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown (every_count_is_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown (every_required_field_is_missed, setup, teardown),
        cmocka_unit_test_setup_teardown (every_singular_field_is_refused_twice, setup,
                                         teardown),
        cmocka_unit_test_setup_teardown (empty_and_zero_are_not_said, setup, teardown),
        cmocka_unit_test_setup_teardown (required_text_is_never_null, setup, teardown),
        cmocka_unit_test_setup_teardown (empty_message_is_there, setup, teardown),
        cmocka_unit_test_setup_teardown (what_people_write_passes, setup, teardown),
        cmocka_unit_test_setup_teardown (repeated_numbers_come_packed_too, setup,
                                         teardown),
        cmocka_unit_test_setup_teardown (decoded_memory_does_not_need_the_frame, setup,
                                         teardown),
    };
    return cmocka_run_group_tests_name ("wire", tests, NULL, NULL);
}
