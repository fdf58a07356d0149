/* SPDX-License-Identifier: Apache-2.0 */
/* A township whose stores run full: new filings wait, everything else goes on; in a map that
 * is full to the last page nothing is half done; a larger one by restart, and all goes on. */
#include "whole_people.h"

#include "support/town_inside.h"

#include <errno.h>

#define SMALL_MIB 8
#define LARGE_MIB 64
#define TEXT_SIZE 50000

static char long_text[TEXT_SIZE + 1];

static int build (void **state UNUSED)
{
    memset (long_text, 'x', TEXT_SIZE);
    town_build ();
    town->options.map_mib = SMALL_MIB;
    office = town_client (town, ROLE_DESK, 2010, .department = 10);
    bureau = town_client (town, ROLE_DESK, 2054, .department = 54);
    government = town_client (town, ROLE_DESK, 2051, .department = 51);
    return 0;
}

static void grow (void)
{
    town->options.map_mib = LARGE_MIB;
    for (enum speaker speaker = SPEAKER_INTAKE; speaker < SPEAKER_COUNT; speaker++)
        town_restart (town, speaker);
    town_settle (town);
}

static double used (enum speaker speaker)
{
    return store_used_share (core_store (town_core (town, speaker)));
}

/* A filing with a long text at the last village. */
static struct outcome *try_filing (const char *text)
{
    unsigned at = VILLAGE_COUNT - 1;
    int32_t day = civil_day (town_now_ms (town));
    struct petitioner petitioner = { .name = "张三", .telephone = "13800000000" };
    struct statement statement = { .text = text, .person = &petitioner };
    struct matter matter = { .category = "国土资源/土地征收",
                             .purpose = PURPOSE_REQUEST,
                             .persons = 1,
                             .village = villages[at],
                             .terminal = 101 + at };
    struct filing filing = { .number = number_make (day, 101 + at, serials[at] + 1),
                             .query_code = QUERY_CODE,
                             .filed_at_ms = town_now_ms (town),
                             .matter = &matter,
                             .statement = &statement };
    struct outcome *outcome = town_command (terminals[at], SPEAKER_INTAKE,
                                            &(struct command){ .file = &filing });
    assert_non_null (outcome);
    serials[at] += outcome->refusal == NULL;
    return outcome;
}

/* Until new filings are put off. How many were taken. */
static unsigned fill (void)
{
    unsigned count = 0;
    for (;;) {
        uint64_t counter =
            town_next_counter (terminals[VILLAGE_COUNT - 1], SPEAKER_INTAKE);
        struct outcome *outcome = try_filing (long_text);
        if (outcome->refusal != NULL) {
            assert_int_equal (outcome->refusal->code, REFUSAL_TRY_LATER);
            assert_int_equal (outcome->refusal->next_counter, counter);
            return count;
        }
        town_settle (town);
        count++;
        assert_true (count < 10000);
        town_forget (town);
    }
}

static void assert_put_off (void)
{
    struct outcome *outcome = try_filing ("再来一件");
    assert_non_null (outcome->refusal);
    assert_int_equal (outcome->refusal->code, REFUSAL_TRY_LATER);
}

static struct outcome *supplement (uint64_t number, const char *text)
{
    struct supplement more = { .number = number, .query_code = QUERY_CODE, .text = text };
    struct outcome *outcome = town_command (terminals[0], SPEAKER_INTAKE,
                                            &(struct command){ .supplement = &more });
    assert_non_null (outcome);
    return outcome;
}

static void full_store_puts_filings_off_and_everything_else_goes_on (void **state UNUSED)
{
    struct held withdrawing = accepted (), deciding = accepted (), waiting = claimed ();
    assert_true (fill () > 10);
    bool is_tight = false;
    for (enum speaker speaker = SPEAKER_INTAKE; speaker < SPEAKER_COUNT; speaker++)
        is_tight |= used (speaker) >= 0.9;
    assert_true (is_tight);
    for (enum speaker speaker = SPEAKER_INTAKE; speaker < SPEAKER_COUNT; speaker++)
        assert_true (used (speaker) < 0.97);

    /* What is there is worked on and closed. */
    accept (waiting.number, waiting.fencing);
    take_step (desk, 1131, a_decision (&deciding, OUTCOME_EXPLAIN));
    take_step (desk, 1131, a_service (&deciding));
    ask (withdrawing.number, ASKED_WITHDRAW, "已经解决");
    assert_true (is_taken ());
    assert_null (supplement (waiting.number, "补充一张照片")->refusal);
    uint64_t raised = town_count (town, SPEAKER_ESCALATION, KIND_RAISED);
    uint64_t noticed = town_count (town, SPEAKER_NOTIFICATION, KIND_NOTICE);
    town_step (town, 45 * CIVIL_DAY_MS); /* the window closes, and the others are late */
    assert_int_equal (state_of (deciding.number), STATE_CLOSED);
    assert_true (town_count (town, SPEAKER_ESCALATION, KIND_RAISED) > raised);
    assert_true (town_count (town, SPEAKER_NOTIFICATION, KIND_NOTICE) > noticed);
    assert_put_off ();

    grow ();
    assert_null (try_filing ("现在可以了")->refusal);
}

/* Two long letters from each village in one batch, when there is room for some of them. */
static void one_batch_of_long_letters_leaves_the_reserve (void **state UNUSED)
{
    struct command *posted[VILLAGE_COUNT];
    struct filing filings[VILLAGE_COUNT][2];
    struct matter matters[VILLAGE_COUNT];
    struct outcome *outcomes[2];
    struct petitioner petitioner = { .name = "张三", .telephone = "13800000000" };
    struct statement statement = { .text = long_text, .person = &petitioner };
    int32_t day = civil_day (town_now_ms (town));
    unsigned taken = 0, put_off = 0;
    while (used (SPEAKER_INTAKE) < 0.86)
        assert_null (try_filing (long_text)->refusal);
    for (unsigned at = 0; at < VILLAGE_COUNT; at++) {
        struct command commands[2] = { 0 };
        matters[at] = (struct matter){ .category = "国土资源/土地征收",
                                       .purpose = PURPOSE_REQUEST,
                                       .persons = 1,
                                       .village = villages[at],
                                       .terminal = 101 + at };
        for (unsigned i = 0; i < 2; i++) {
            filings[at][i] = (struct filing){
                .number = number_make (day, 101 + at, serials[at] + 1 + i),
                .query_code = QUERY_CODE,
                .filed_at_ms = town_now_ms (town),
                .matter = &matters[at],
                .statement = &statement,
            };
            commands[i].file = &filings[at][i];
        }
        posted[at] = town_post_commands (terminals[at], SPEAKER_INTAKE, commands, 2);
    }
    for (unsigned at = 0; at < VILLAGE_COUNT; at++) {
        town_await_outcomes (terminals[at], SPEAKER_INTAKE, posted[at], 2, outcomes);
        for (unsigned i = 0; i < 2; i++) {
            bool is_taken_over = outcomes[i] != NULL && outcomes[i]->refusal == NULL;
            taken += is_taken_over;
            put_off += !is_taken_over;
        }
    }
    assert_true (taken > 0 && put_off > 0);
    assert_true (used (SPEAKER_INTAKE) < 0.92);
}

static void map_full_to_the_last_page_does_nothing_by_halves (void **state UNUSED)
{
    struct held held = accepted ();
    uint64_t counter;
    struct outcome *outcome;
    fill ();
    /* Through the reserve, with what is not put off. */
    do {
        counter = town_next_counter (terminals[0], SPEAKER_INTAKE);
        outcome = supplement (held.number, long_text);
        town_forget (town);
        outcome = supplement (held.number, "-");
    } while (outcome->refusal == NULL);
    assert_int_equal (outcome->refusal->code, REFUSAL_TRY_LATER);
    counter = outcome->refusal->next_counter;
    assert_true (used (SPEAKER_INTAKE) > 0.95 || used (SPEAKER_ROUTING) > 0.95);
    /* Reading goes on. */
    assert_int_equal (course_of (held.number)->state, STATE_HANDLING);
    uint64_t entries = town_count (town, SPEAKER_INTAKE, KIND_NONE);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal (supplement (held.number, long_text)->refusal->code,
                          REFUSAL_TRY_LATER);
        town_step (town, 2000);
    }
    assert_int_equal (town_count (town, SPEAKER_INTAKE, KIND_NONE), entries);
    assert_int_equal (town_next_counter (terminals[0], SPEAKER_INTAKE), counter);

    grow ();
    assert_null (supplement (held.number, "补充")->refusal);
    assert_null (try_filing ("现在可以了")->refusal);
    town_step (town, CIVIL_DAY_MS);
}

static void map_smaller_than_its_data_is_refused_with_a_sentence (void **state UNUSED)
{
    struct err err = { 0 };
    struct core *core;
    for (unsigned i = 0; i < 50; i++)
        assert_null (try_filing (long_text)->refusal);
    town_settle (town);
    struct core_options options = { .dir = town->daemons[SPEAKER_INTAKE].dir,
                                    .map_mib = 2,
                                    .is_volatile = true };
    town_stop (town, SPEAKER_INTAKE);
    assert_int_equal (core_open (&intake_service, &options, &core, &err), -EINVAL);
    assert_non_null (strstr (err.text, "map_mib 2 is too small"));
    town_restart (town, SPEAKER_INTAKE);
    assert_null (try_filing ("仍在")->refusal);
}

/* ---- the forecast -------------------------------------------------------------------- */

static int64_t full_ms (void)
{
    struct arena arena;
    struct status status;
    arena_init (&arena, 0);
    core_status (town_core (town, SPEAKER_INTAKE), &arena, town_now_ms (town), &status);
    arena_done (&arena);
    return status.full_ms;
}

/* False: one was put off. */
static bool day_of_filings (unsigned count)
{
    bool is_taken = true;
    for (unsigned i = 0; i < count && is_taken; i++)
        is_taken = try_filing (long_text)->refusal == NULL;
    town_forget (town);
    town_step (town, CIVIL_DAY_MS);
    return is_taken;
}

static void day_on_which_it_is_full_is_foretold (void **state UNUSED)
{
    try_filing ("第一件");
    assert_int_equal (full_ms (), 0); /* a day says nothing yet */
    for (unsigned day = 0; day < 6; day++)
        assert_true (day_of_filings (8));
    int64_t foretold_ms = full_ms (), now_ms = town_now_ms (town);
    assert_true (foretold_ms > now_ms);
    /* It comes true, more or less. */
    while (day_of_filings (8))
        ;
    int64_t wait_ms = foretold_ms - now_ms, waited_ms = town_now_ms (town) - now_ms;
    assert_true (waited_ms > wait_ms / 2 && waited_ms < 2 * wait_ms);
    if (used (SPEAKER_INTAKE) >= 0.9)
        assert_int_equal (full_ms (), town_now_ms (town));
    grow (); /* and is further off in a larger map */
    assert_true (full_ms () > town_now_ms (town) + wait_ms);
}

#define TEST(name) cmocka_unit_test_setup_teardown (name, build, whole_demolish)

int main (void)
{
    const struct CMUnitTest tests[] = {
        TEST (full_store_puts_filings_off_and_everything_else_goes_on),
        TEST (one_batch_of_long_letters_leaves_the_reserve),
        TEST (map_full_to_the_last_page_does_nothing_by_halves),
        TEST (map_smaller_than_its_data_is_refused_with_a_sentence),
        TEST (day_on_which_it_is_full_is_foretold),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
