/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/spool.h"

#include "base/civil.h"
#include "support/scratch.h"
#include "wire/limits.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NOW_MS (INT64_C (1764000000) * 1000)

/* Each test has a folder of its own in the group's. */
static const char *scratch_path (void *state, const char *name)
{
    static char path[SCRATCH_PATH_SIZE + 16];
    const struct scratch *scratch = state;
    snprintf (path, sizeof path, "%s/%s", scratch->path, name);
    return path;
}

static struct spool *open_spool (const char *dir)
{
    struct spool *spool;
    struct err err = { 0 };
    int rc = spool_open (dir, &spool, &err);
    if (rc < 0)
        fail_msg ("%s", err.text);
    return spool;
}

static int64_t now_ms = NOW_MS; /* at the terminal */

static struct filing *filing_of (struct arena *arena, const char *text)
{
    struct filing *filing = ARENA_NEW (arena, struct filing);
    filing->filed_at_ms = NOW_MS;
    filing->matter = ARENA_NEW (arena, struct matter);
    filing->matter->village = UINT64_C (340522100201);
    filing->matter->purpose = PURPOSE_REQUEST;
    filing->matter->terminal = 101;
    filing->statement = ARENA_NEW (arena, struct statement);
    filing->statement->text = text;
    return filing;
}

static struct spool_slip file_one (struct spool *spool, const char *text,
                                   const struct spool_origin *origin)
{
    struct arena arena;
    struct spool_slip slip;
    struct err err = { 0 };
    static uint8_t random[QUERY_CODE_RANDOM];
    random[0]++;
    arena_init (&arena, 0);
    spool_begin (spool);
    assert_int_equal (spool_file (spool, filing_of (&arena, text), 101, random, origin,
                                  now_ms, &slip, &err),
                      0);
    assert_int_equal (spool_commit (spool, &err), 0);
    arena_done (&arena);
    return slip;
}

/* An outcome as the daemon says it: by the counter and the incarnation of the way. */
static void say_outcome (struct spool *spool, uint32_t incarnation, uint64_t counter,
                         enum refusal_code refused)
{
    struct refusal refusal = { .code = refused, .sentence = "no" };
    struct recorded recorded = { .sequence = counter };
    struct outcome outcome = { .counter = counter,
                               .incarnation = incarnation,
                               .refusal = refused != REFUSAL_NONE ? &refusal : NULL,
                               .recorded = refused != REFUSAL_NONE ? NULL : &recorded };
    assert_int_equal (spool_record (spool, SPEAKER_INTAKE, &outcome, 1, now_ms, NULL), 0);
}

static void record (struct spool *spool, uint64_t counter, enum refusal_code refused)
{
    say_outcome (spool, 0, counter, refused);
}

/* What is said from the first without an outcome, in one word each: "2:1E" is the
 * enrolment, counter 1 of incarnation 2. */
static const char *said (struct spool *spool)
{
    static char text[400];
    struct arena arena;
    struct command commands[40];
    uint64_t counters;
    arena_init (&arena, 0);
    size_t used = 0, n = spool_say (spool, SPEAKER_INTAKE,
                                    spool_standing (spool, SPEAKER_INTAKE).acked + 1, 40,
                                    SIZE_MAX, &arena, commands, &counters);
    text[0] = '\0';
    for (size_t i = 0; i < n; i++)
        used += (size_t) snprintf (text + used, sizeof text - used, "%s%u:%llu%s",
                                   i > 0 ? " " : "", commands[i].incarnation,
                                   (unsigned long long) commands[i].counter,
                                   commands[i].enrol != NULL ? "E" : "");
    arena_done (&arena);
    return text;
}

static void conflict (struct spool *spool, uint32_t incarnation, uint64_t counter,
                      int expected)
{
    struct refusal refusal = { .code = REFUSAL_CONFLICT, .sentence = "no" };
    struct outcome outcome = { .counter = counter,
                               .incarnation = incarnation,
                               .refusal = &refusal };
    assert_int_equal (spool_conflict (spool, SPEAKER_INTAKE, &outcome, now_ms, NULL),
                      expected);
}

static void meet (struct spool *spool, uint32_t incarnation, uint64_t next, int expected)
{
    struct standing standing = { .client = 101,
                                 .incarnation = incarnation,
                                 .next_counter = next };
    struct err err;
    assert_int_equal (spool_meet (spool, SPEAKER_INTAKE, &standing, now_ms, &err),
                      expected);
}

static void numbers_and_counters_follow_each_other_across_restarts (void **state)
{
    const char *dir = scratch_path (*state, "a");
    struct spool *spool = open_spool (dir);
    struct spool_slip first = file_one (spool, "one", NULL);
    spool_close (&spool);
    spool = open_spool (dir);
    struct spool_slip second = file_one (spool, "two", NULL);
    assert_int_equal (first.counter, 1);
    assert_int_equal (second.counter, 2);
    assert_int_equal (number_serial (second.number), number_serial (first.number) + 1);
    assert_int_equal (number_day (first.number), civil_day (NOW_MS));
    assert_string_not_equal (first.code, second.code);
    assert_int_equal (spool_counter_of (spool, second.number), 2);
    spool_close (&spool);
}

static void an_aborted_filing_leaves_no_number_and_no_counter (void **state)
{
    struct spool *spool = open_spool (scratch_path (*state, "b"));
    struct arena arena;
    struct spool_slip slip;
    const uint8_t random[QUERY_CODE_RANDOM] = { 9 };
    arena_init (&arena, 0);
    spool_begin (spool);
    assert_int_equal (spool_file (spool, filing_of (&arena, "x"), 101, random, NULL,
                                  NOW_MS, &slip, NULL),
                      0);
    spool_abort (spool);
    assert_int_equal (spool_standing (spool, SPEAKER_INTAKE).next, 1);
    assert_int_equal (file_one (spool, "y", NULL).number, slip.number);
    arena_done (&arena);
    spool_close (&spool);
}

static void what_a_daemon_would_not_decode_gets_no_counter (void **state)
{
    struct spool *spool = open_spool (scratch_path (*state, "c"));
    struct arena arena;
    struct spool_slip slip;
    struct err err = { 0 };
    const uint8_t random[QUERY_CODE_RANDOM] = { 9 };
    arena_init (&arena, 0);
    char *text = arena_take (&arena, LIMIT_TEXT + 2);
    memset (text, 'x', LIMIT_TEXT + 1);
    spool_begin (spool);
    assert_int_equal (spool_file (spool, filing_of (&arena, text), 101, random, NULL,
                                  NOW_MS, &slip, &err),
                      -EINVAL);
    assert_non_null (strstr (err.text, "text"));
    assert_int_equal (spool_commit (spool, &err), 0);
    assert_int_equal (file_one (spool, "next", NULL).counter, 1);
    arena_done (&arena);
    spool_close (&spool);
}

static void a_row_is_remembered_with_its_command (void **state)
{
    struct spool *spool = open_spool (scratch_path (*state, "d"));
    struct spool_origin here = { .file = 7, .row = 1 }, there = { .file = 7, .row = 2 };
    file_one (spool, "row", &here);
    assert_true (spool_has_origin (spool, &here));
    assert_false (spool_has_origin (spool, &there));
    spool_close (&spool);
}

static void outcomes_are_taken_in_order_only (void **state)
{
    struct spool *spool = open_spool (scratch_path (*state, "e"));
    meet (spool, 1, 1, 0);
    file_one (spool, "one", NULL);
    file_one (spool, "two", NULL);
    record (spool, 2, REFUSAL_NONE);
    assert_int_equal (spool_standing (spool, SPEAKER_INTAKE).acked, 0);
    record (spool, 1, REFUSAL_NONE);
    record (spool, 2, REFUSAL_NONE);
    record (spool, 3, REFUSAL_NONE); /* never said */
    assert_int_equal (spool_standing (spool, SPEAKER_INTAKE).acked, 2);
    spool_close (&spool);
}

static enum refusal_code counted = REFUSAL_UNKNOWN_VILLAGE;

static void count_refused (void *arg, enum speaker speaker, const struct command *command,
                           const struct refusal *refusal)
{
    assert_int_equal (speaker, SPEAKER_INTAKE);
    assert_non_null (command->file);
    *(unsigned *) arg += refusal->code == counted;
}

static unsigned refused_count (struct spool *spool)
{
    struct arena arena;
    unsigned count = 0;
    arena_init (&arena, 0);
    spool_refused (spool, &arena, count_refused, &count);
    arena_done (&arena);
    return count;
}

static unsigned refused_count_of (struct spool *spool, enum refusal_code code)
{
    counted = code;
    unsigned count = refused_count (spool);
    counted = REFUSAL_UNKNOWN_VILLAGE;
    return count;
}

static void a_refused_filing_stays_listed_until_it_is_settled (void **state)
{
    struct spool *spool = open_spool (scratch_path (*state, "f"));
    meet (spool, 1, 1, 0);
    file_one (spool, "one", NULL);
    file_one (spool, "two", NULL);
    record (spool, 1, REFUSAL_UNKNOWN_VILLAGE);
    record (spool, 2, REFUSAL_NONE);
    assert_int_equal (refused_count (spool), 1);
    spool_begin (spool);
    assert_true (spool_settle (spool, SPEAKER_INTAKE, 1));
    assert_false (spool_settle (spool, SPEAKER_INTAKE, 1));
    assert_int_equal (spool_commit (spool, NULL), 0);
    assert_int_equal (refused_count (spool), 0);
    spool_close (&spool);
}

static void a_fresh_spool_of_a_known_key_enrols_first (void **state)
{
    struct spool *spool = open_spool (scratch_path (*state, "g"));
    struct spool_slip one = file_one (spool, "one", NULL);
    struct spool_slip two = file_one (spool, "two", NULL);
    meet (spool, 3, 57, 0);
    struct spool_door door = spool_standing (spool, SPEAKER_INTAKE);
    assert_int_equal (door.incarnation, 4);
    assert_int_equal (door.next, 3);
    assert_string_equal (said (spool), "4:1E 4:2 4:3");
    assert_int_equal (spool_counter_of (spool, one.number), 1);
    say_outcome (spool, 4, 1, REFUSAL_NONE);
    assert_string_equal (said (spool), "4:2 4:3");
    say_outcome (spool, 4, 3, REFUSAL_NONE); /* not yet */
    say_outcome (spool, 1, 2, REFUSAL_NONE); /* another's, long ago */
    say_outcome (spool, 4, 2, REFUSAL_NONE);
    assert_int_equal (spool_standing (spool, SPEAKER_INTAKE).acked, 1);
    say_outcome (spool, 4, 3, REFUSAL_UNKNOWN_VILLAGE);
    assert_int_equal (spool_standing (spool, SPEAKER_INTAKE).acked, 2);
    assert_int_equal (spool_counter_of (spool, two.number), 2);
    spool_close (&spool);
}

/* The lost disk's slips of this morning are in people's hands, and there is no link. */
static void a_fresh_spool_gives_no_number_of_the_day_again (void **state)
{
    struct spool *lost = open_spool (scratch_path (*state, "j"));
    uint64_t last = 0;
    for (unsigned i = 0; i < 5; i++)
        last = file_one (lost, "slip", NULL).number;
    spool_close (&lost);
    struct spool *fresh = open_spool (scratch_path (*state, "k"));
    now_ms = NOW_MS + 60 * 1000;
    assert_true (file_one (fresh, "slip", NULL).number > last);
    now_ms = NOW_MS + CIVIL_DAY_MS;
    assert_int_equal (number_serial (file_one (fresh, "slip", NULL).number), 1);
    now_ms = NOW_MS;
    spool_close (&fresh);
}

static void the_first_spool_of_a_key_begins_at_one (void **state)
{
    struct spool *spool = open_spool (scratch_path (*state, "l"));
    now_ms = NOW_MS + 9 * 3600 * 1000;
    meet (spool, 1, 1, 0);
    assert_int_equal (number_serial (file_one (spool, "slip", NULL).number), 1);
    spool_close (&spool);
    spool = open_spool (scratch_path (*state, "m"));
    meet (spool, 1, 2, 0); /* there was one before */
    assert_int_not_equal (number_serial (file_one (spool, "slip", NULL).number), 1);
    now_ms = NOW_MS;
    spool_close (&spool);
}

/* A set of the shipped size, one second before midnight. */
static void at_any_hour_there_is_room_for_half_a_day (void **state)
{
    struct spool *spool = open_spool (scratch_path (*state, "n"));
    now_ms = civil_day_start_ms (civil_day (NOW_MS) + 1) - 1000;
    uint32_t first = number_serial (file_one (spool, "slip", NULL).number);
    assert_true (first + 50000 <= NUMBER_SERIAL_MAX);
    now_ms = NOW_MS;
    spool_close (&spool);
}

static void a_restored_daemon_is_told_again_what_is_kept (void **state)
{
    struct spool *spool = open_spool (scratch_path (*state, "h"));
    for (unsigned i = 0; i < 5; i++)
        file_one (spool, "x", NULL);
    meet (spool, 1, 1, 0);
    for (uint64_t counter = 1; counter <= 5; counter++)
        record (spool, counter, REFUSAL_NONE);
    meet (spool, 1, 3, 0); /* it knows 1 and 2 only */
    assert_int_equal (spool_standing (spool, SPEAKER_INTAKE).acked, 2);
    meet (spool, 1, 6, 0); /* and one that knows more changes nothing */
    assert_int_equal (spool_standing (spool, SPEAKER_INTAKE).acked, 2);
    spool_close (&spool);
}

/* A daemon that was restored to before the enrolment hears both incarnations again, in the
 * words of the first time. */
static void a_daemon_restored_to_before_an_enrolment_is_told_of_it_again (void **state)
{
    struct spool *spool = open_spool (scratch_path (*state, "o"));
    meet (spool, 1, 1, 0);
    for (unsigned i = 0; i < 3; i++)
        file_one (spool, "x", NULL);
    record (spool, 1, REFUSAL_NONE);
    record (spool, 2, REFUSAL_NONE);
    conflict (spool, 0, 3, 1); /* a copy was at work */
    meet (spool, 1, 8, 0);
    assert_string_equal (said (spool), "2:1E 2:2");
    say_outcome (spool, 2, 1, REFUSAL_NONE);
    say_outcome (spool, 2, 2, REFUSAL_NONE);
    file_one (spool, "y", NULL);
    assert_string_equal (said (spool), "2:3");
    meet (spool, 1, 2, 0);
    assert_string_equal (said (spool), "1:2 2:1E 2:2 2:3");
    /* And one to which nothing is known of an incarnation between. */
    record (spool, 2, REFUSAL_NONE);
    meet (spool, 2, 2, 0);
    assert_string_equal (said (spool), "2:2 2:3");
    spool_close (&spool);
}

/* Lost, lost again, and then the daemon forgets both: one enrolment is enough for it. */
static void enrolments_that_a_daemon_forgot_close_up (void **state)
{
    struct spool *spool = open_spool (scratch_path (*state, "p"));
    file_one (spool, "x", NULL);
    meet (spool, 4, 9, 0);
    assert_string_equal (said (spool), "5:1E 5:2");
    say_outcome (spool, 5, 1, REFUSAL_NONE);
    say_outcome (spool, 5, 2, REFUSAL_NONE);
    meet (spool, 2, 30, 0);
    assert_string_equal (said (spool), "3:1E 3:2");
    spool_close (&spool);
}

static void a_replaced_spool_goes_on_when_a_person_says_so (void **state)
{
    struct spool *spool = open_spool (scratch_path (*state, "i"));
    file_one (spool, "x", NULL);
    meet (spool, 1, 1, 0);
    meet (spool, 2, 9, -ESTALE);
    meet (spool, 2, 9, -ESTALE);
    assert_int_equal (spool_take_over (spool, NULL), 0);
    meet (spool, 2, 9, 0);
    assert_string_equal (said (spool), "3:1E 3:2");
    meet (spool, 4, 2, -ESTALE); /* once only */
    spool_close (&spool);
}

/* The copy has sent 2 and 3; ours are others. */
static void a_copy_of_a_spool_enrols_behind_it (void **state)
{
    struct spool *spool = open_spool (scratch_path (*state, "q"));
    now_ms = NOW_MS + 9 * 3600 * 1000;
    meet (spool, 1, 1, 0);
    file_one (spool, "one", NULL);
    record (spool, 1, REFUSAL_NONE);
    struct spool_slip two = file_one (spool, "two", NULL);
    file_one (spool, "three", NULL);
    meet (spool, 1, 4, 0);
    assert_string_equal (said (spool), "1:2 1:3"); /* they may have been ours */
    conflict (spool, 0, 3, 0);                     /* not the next: an old word */
    conflict (spool, 0, 2, 1);
    meet (spool, 1, 4, 0);
    assert_string_equal (said (spool), "2:1E 2:2 2:3");
    /* Slips of the copy are out: ours go on where it has not come. */
    struct spool_slip four = file_one (spool, "four", NULL);
    assert_true (number_serial (four.number) > number_serial (two.number) + 10000);
    say_outcome (spool, 2, 1, REFUSAL_NONE);
    say_outcome (spool, 2, 2, REFUSAL_NUMBER_TAKEN); /* by the copy, for somebody else */
    say_outcome (spool, 2, 3, REFUSAL_REGISTERED);   /* by the copy, this very one */
    say_outcome (spool, 2, 4, REFUSAL_NONE);
    assert_int_equal (refused_count_of (spool, REFUSAL_NUMBER_TAKEN), 1);
    assert_int_equal (refused_count_of (spool, REFUSAL_REGISTERED), 0);
    now_ms = NOW_MS;
    spool_close (&spool);
}

/* It has forgotten 4 and 5, which the daemon has: what is filed next is nobody's counter. */
static void an_older_spool_goes_on_behind_what_it_forgot (void **state)
{
    struct spool *spool = open_spool (scratch_path (*state, "r"));
    meet (spool, 1, 1, 0);
    for (unsigned i = 0; i < 3; i++)
        file_one (spool, "x", NULL);
    for (uint64_t counter = 1; counter <= 3; counter++)
        record (spool, counter, REFUSAL_NONE);
    meet (spool, 1, 6, 0);
    assert_string_equal (said (spool), "");
    file_one (spool, "y", NULL);
    assert_string_equal (said (spool), "2:1E 2:2");
    meet (spool, 1, 6, 0); /* the link broke meanwhile */
    assert_string_equal (said (spool), "2:1E 2:2");
    say_outcome (spool, 2, 1, REFUSAL_NONE);
    say_outcome (spool, 2, 2, REFUSAL_NONE);
    meet (spool, 2, 3, 0);
    assert_int_equal (spool_standing (spool, SPEAKER_INTAKE).acked, 4);
    spool_close (&spool);
}

static void what_was_corrected_is_not_listed_again_after_a_restoration (void **state)
{
    struct spool *spool = open_spool (scratch_path (*state, "s"));
    meet (spool, 1, 1, 0);
    file_one (spool, "one", NULL);
    file_one (spool, "two", NULL);
    record (spool, 1, REFUSAL_UNKNOWN_VILLAGE);
    record (spool, 2, REFUSAL_UNKNOWN_VILLAGE);
    spool_begin (spool);
    assert_true (spool_settle (spool, SPEAKER_INTAKE, 1));
    assert_int_equal (spool_commit (spool, NULL), 0);
    meet (spool, 1, 1, 0);
    record (spool, 1, REFUSAL_UNKNOWN_VILLAGE);
    record (spool, 2, REFUSAL_UNKNOWN_VILLAGE);
    assert_int_equal (refused_count (spool), 1);
    spool_close (&spool);
}

static size_t kept (struct spool *spool, uint64_t counter)
{
    struct arena arena;
    struct command command;
    arena_init (&arena, 0);
    size_t n = spool_read (spool, SPEAKER_INTAKE, counter, 1, SIZE_MAX, &arena, &command);
    arena_done (&arena);
    return n;
}

static void what_is_older_than_it_is_kept_goes_a_little_at_a_time (void **state)
{
    struct spool *spool = open_spool (scratch_path (*state, "t"));
    struct spool_origin row = { .file = 7, .row = 1 };
    meet (spool, 1, 1, 0);
    struct spool_slip first = file_one (spool, "x", &row);
    for (unsigned i = 0; i < 149; i++)
        file_one (spool, "x", NULL);
    for (uint64_t counter = 1; counter <= 150; counter++)
        record (spool, counter, counter == 5 ? REFUSAL_UNKNOWN_VILLAGE : REFUSAL_NONE);
    now_ms = NOW_MS + (SPOOL_KEPT_DAYS + 1) * CIVIL_DAY_MS;
    file_one (spool, "now", NULL);
    file_one (spool, "and now", NULL);
    record (spool, 151, REFUSAL_NONE);
    assert_int_equal (kept (spool, 1), 0);
    assert_int_equal (kept (spool, 150), 1); /* the rest with the next */
    for (unsigned i = 0; i < 3; i++)
        record (spool, 1, REFUSAL_NONE);
    assert_int_equal (kept (spool, 150), 0);
    assert_int_equal (kept (spool, 5), 1); /* it is to be corrected */
    assert_int_equal (refused_count (spool), 1);
    assert_int_equal (kept (spool, 151), 1);
    assert_int_equal (kept (spool, 152), 1);
    assert_true (spool_has_origin (spool, &row));
    assert_int_equal (spool_counter_of (spool, first.number), 0);
    assert_int_equal (spool_standing (spool, SPEAKER_INTAKE).next, 153);
    spool_begin (spool);
    assert_true (spool_settle (spool, SPEAKER_INTAKE, 5));
    assert_int_equal (spool_commit (spool, NULL), 0);
    assert_int_equal (kept (spool, 5), 0);
    /* A daemon restored to so long ago gets what there is, under counters of its own. */
    meet (spool, 1, 3, 0);
    assert_string_equal (said (spool), "2:1E 2:2 2:3");
    now_ms = NOW_MS;
    spool_close (&spool);
}

static struct scratch scratch;

static int make (void **state)
{
    scratch = scratch_make ();
    *state = &scratch;
    return 0;
}

static int clear (void **state)
{
    scratch_remove (*state);
    return 0;
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (numbers_and_counters_follow_each_other_across_restarts),
        cmocka_unit_test (an_aborted_filing_leaves_no_number_and_no_counter),
        cmocka_unit_test (what_a_daemon_would_not_decode_gets_no_counter),
        cmocka_unit_test (a_row_is_remembered_with_its_command),
        cmocka_unit_test (outcomes_are_taken_in_order_only),
        cmocka_unit_test (a_refused_filing_stays_listed_until_it_is_settled),
        cmocka_unit_test (a_fresh_spool_of_a_known_key_enrols_first),
        cmocka_unit_test (a_fresh_spool_gives_no_number_of_the_day_again),
        cmocka_unit_test (the_first_spool_of_a_key_begins_at_one),
        cmocka_unit_test (at_any_hour_there_is_room_for_half_a_day),
        cmocka_unit_test (a_restored_daemon_is_told_again_what_is_kept),
        cmocka_unit_test (a_daemon_restored_to_before_an_enrolment_is_told_of_it_again),
        cmocka_unit_test (enrolments_that_a_daemon_forgot_close_up),
        cmocka_unit_test (a_replaced_spool_goes_on_when_a_person_says_so),
        cmocka_unit_test (a_copy_of_a_spool_enrols_behind_it),
        cmocka_unit_test (an_older_spool_goes_on_behind_what_it_forgot),
        cmocka_unit_test (what_was_corrected_is_not_listed_again_after_a_restoration),
        cmocka_unit_test (what_is_older_than_it_is_kept_goes_a_little_at_a_time),
    };
    return cmocka_run_group_tests (tests, make, clear);
}
