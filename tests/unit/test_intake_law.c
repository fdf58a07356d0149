/* SPDX-License-Identifier: Apache-2.0 */
/* The law of intake alone: what may be registered and what then stands in the journal,
 * what may be asked by whom, and when a number is closed. */
#include "rules_tables.h"

#include "base/number.h"
#include "intake/codes.h"
#include "intake/decide_ask.h"
#include "intake/decide_filing.h"
#include "wire/wire.h"

#define TERMINAL 101
#define VILLAGE  340522100207

static struct rules *rules;
static struct arena arena;
static const uint8_t secret[HASH_KEY_SIZE] = "a secret of this daemon";

static const struct client terminal = { .number = TERMINAL,
                                        .role = ROLE_TERMINAL,
                                        .territory = 340522100 };

static int build (void **state UNUSED)
{
    rules = small_rules ();
    arena_init (&arena, 0);
    return 0;
}

static int demolish (void **state UNUSED)
{
    arena_done (&arena);
    rules_destroy (&rules);
    return 0;
}

/* A filing in which nothing is odd, and the facts around it; tests change one thing. */
struct sample {
    struct matter matter;
    struct statement statement;
    struct filing filing;
    struct intake_filing_facts facts;
    struct decision decision;
};

static struct sample *sample (void)
{
    struct sample *sample = ARENA_NEW (&arena, struct sample);
    int64_t now_ms = at_ms ("2026-11-23 10:00:00");
    sample->matter = (struct matter){ .village = VILLAGE,
                                      .category = "国土资源/土地征收",
                                      .purpose = PURPOSE_REQUEST,
                                      .terminal = TERMINAL };
    sample->statement = (struct statement){ .text = "征地补偿款没有到卡" };
    sample->filing =
        (struct filing){ .number = number_make (day_of ("2026-11-23"), TERMINAL, 1),
                         .query_code = "0123ABCD",
                         .filed_at_ms = now_ms - 60000,
                         .matter = &sample->matter,
                         .statement = &sample->statement };
    sample->facts.secret = secret;
    sample->decision = (struct decision){ .arena = &arena, .now_ms = now_ms };
    return sample;
}

static const struct event *decide (struct sample *sample)
{
    intake_decide_filing (rules, &terminal, &sample->filing, &sample->facts,
                          &sample->decision);
    return sample->decision.n_events == 1 ? sample->decision.events[0] : NULL;
}

static const struct event *registered (struct sample *sample)
{
    const struct event *event = decide (sample);
    if (!event)
        fail_msg ("refused: %s", sample->decision.refusal->sentence);
    assert_int_equal (event->entry.kind, KIND_REGISTERED);
    return event;
}

static void assert_refused (struct sample *sample, enum refusal_code code)
{
    assert_null (decide (sample));
    assert_non_null (sample->decision.refusal);
    assert_int_equal (sample->decision.refusal->code, code);
    assert_non_null (sample->decision.refusal->sentence);
}

static struct statement *statement_in (const struct event *event)
{
    struct filing_body *body = ARENA_NEW (&arena, struct filing_body);
    assert_int_equal (filing_body_decode (&arena, event->body, body, NULL), 0);
    return body->statement;
}

/* ---- what is registered ------------------------------------------------------------- */

static void a_filing_is_registered_with_its_last_day_and_department (void **state UNUSED)
{
    struct sample *one = sample ();
    const struct event *event = registered (one);
    const struct registered *said = event->entry.registered;
    assert_int_equal (event->entry.grievance, one->filing.number);
    assert_int_equal (said->counted_from_ms, one->filing.filed_at_ms);
    assert_int_equal (said->expected_department, 11);
    assert_int_equal (said->responsibility_row, 11);
    /* 15 + 60 days after Monday the 23rd is Saturday the 6th of February: Monday then,
     * as far as anybody knows. */
    assert_int_equal (said->last_day_ms, at_ms ("2027-02-09 00:00:00"));
    assert_true (said->provisional);
    assert_int_equal (said->code_hash.size, HASH_SIZE);
}

static void the_header_names_nobody (void **state UNUSED)
{
    struct sample *one = sample ();
    struct petitioner petitioner = { .name = "张三", .telephone = "13800000000" };
    one->statement.person = &petitioner;
    const struct event *event = registered (one);
    struct bytes header = entry_encode (&arena, &event->entry);
    assert_null (memmem (header.data, header.size, "张三", strlen ("张三")));
    assert_null (memmem (header.data, header.size, "138000", 6));
    assert_null (memmem (header.data, header.size, "补偿款", strlen ("补偿款")));
    assert_null (memmem (header.data, header.size, "0123ABCD", 8));
    assert_string_equal (statement_in (event)->person->name, "张三");
}

static void what_is_merely_odd_is_registered (void **state UNUSED)
{
    struct sample *one = sample ();
    one->matter.purpose = PURPOSE_NONE;
    one->matter.persons = 4000000000;
    one->statement.text = "１２３\x01\r\n\t全角数字、控制字符和换行";
    one->filing.query_code = " 0123-abcd ";
    const struct event *event = registered (one);
    assert_int_equal (event->entry.matter->purpose, PURPOSE_OTHER);
    assert_int_equal (event->entry.matter->persons, LIMIT_PERSONS);
    assert_string_equal (statement_in (event)->text, one->statement.text);

    one = sample ();
    event = registered (one);
    assert_int_equal (event->entry.matter->persons, 1);
}

/* With the fault it is what a daemon dies of. */
static void a_title_of_one_word_is_a_title (void **state UNUSED)
{
    struct sample *one = sample ();
    one->statement.title = "毒";
    assert_string_equal (statement_in (registered (one))->title, "毒");
}

static void an_unknown_category_stays_with_what_was_said (void **state UNUSED)
{
    struct sample *one = sample ();
    one->matter.category = "国土资源/土地征收/张三家的地";
    const struct event *event = registered (one);
    assert_string_equal (event->entry.matter->category, "国土资源/土地征收");
    assert_string_equal (statement_in (event)->category, one->matter.category);

    one = sample ();
    one->matter.category = "没有这一类";
    event = registered (one);
    assert_null (event->entry.matter->category);
    assert_string_equal (statement_in (event)->category, "没有这一类");
    assert_int_equal (event->entry.registered->expected_department, 0);

    one = sample ();
    assert_null (statement_in (registered (one))->category); /* it stands in the header */
}

static void urgent_words_are_flagged (void **state UNUSED)
{
    struct sample *one = sample ();
    one->statement.title = "村里停水三天";
    const struct event *event = registered (one);
    assert_true (event->entry.matter->urgent);
    assert_false (event->entry.matter->threat);

    one = sample ();
    one->statement.text = "再不解决我就不想活了";
    event = registered (one);
    assert_true (event->entry.matter->urgent && event->entry.matter->threat);

    one = sample ();
    one->matter.urgent = true; /* said at the terminal: a word list takes nothing back */
    assert_true (registered (one)->entry.matter->urgent);
}

/* ---- the clock ----------------------------------------------------------------------- */

static int64_t counted_from (int64_t filed_at_ms, int64_t written_ms)
{
    struct sample *one = sample ();
    one->filing.filed_at_ms = filed_at_ms;
    one->facts.written_ms = written_ms;
    const struct registered *said = registered (one)->entry.registered;
    assert_int_equal (said->filed_at_ms, filed_at_ms); /* both are kept */
    return said->counted_from_ms;
}

static void filed_at_counts_unless_it_cannot (void **state UNUSED)
{
    int64_t now_ms = at_ms ("2026-11-23 10:00:00");
    int64_t before_ms = now_ms - CIVIL_DAY_MS;
    assert_int_equal (counted_from (before_ms, 0), before_ms);
    assert_int_equal (counted_from (before_ms, before_ms), before_ms);
    assert_int_equal (counted_from (before_ms, before_ms + 1), now_ms);
    assert_int_equal (counted_from (now_ms, 0), now_ms);
    assert_int_equal (counted_from (now_ms + 1000, 0), now_ms); /* a clock ahead */
    assert_int_equal (counted_from (0, 0), now_ms);             /* not said */
}

static void a_filing_of_tomorrow_is_refused (void **state UNUSED)
{
    struct sample *one = sample ();
    one->filing.filed_at_ms = one->decision.now_ms + INTAKE_CLOCK_SLACK_MS;
    registered (one);
    one = sample ();
    one->filing.filed_at_ms = one->decision.now_ms + INTAKE_CLOCK_SLACK_MS + 1;
    assert_refused (one, REFUSAL_FUTURE);
    one = sample ();
    one->filing.number = number_make (day_of ("2026-11-24"), TERMINAL, 1);
    assert_refused (one, REFUSAL_FUTURE);
    /* Who doubts the own clock does not blame another one. */
    one = sample ();
    one->filing.number = number_make (day_of ("2026-11-24"), TERMINAL, 1);
    one->filing.filed_at_ms = one->decision.now_ms + CIVIL_DAY_MS;
    one->facts.time_is_uncertain = true;
    assert_int_equal (registered (one)->entry.registered->counted_from_ms,
                      one->decision.now_ms);
}

static void an_emergency_is_due_sooner (void **state UNUSED)
{
    struct sample *ordinary = sample (), *urgent = sample ();
    urgent->matter.urgent = true;
    assert_true (registered (urgent)->entry.registered->last_day_ms <
                 registered (ordinary)->entry.registered->last_day_ms);
}

/* ---- what is refused ------------------------------------------------------------------ */

static void a_number_that_does_not_fit_is_refused (void **state UNUSED)
{
    struct sample *one = sample ();
    one->filing.number = 5;
    assert_refused (one, REFUSAL_BAD_NUMBER);
    one = sample ();
    one->filing.number = number_make (day_of ("2026-11-23"), TERMINAL + 1, 1);
    assert_refused (one, REFUSAL_BAD_NUMBER);
    one = sample ();
    one->matter.terminal = TERMINAL + 1;
    assert_refused (one, REFUSAL_BAD_NUMBER);
    one = sample ();
    one->facts.number_is_taken = true;
    assert_refused (one, REFUSAL_NUMBER_TAKEN);
}

static void
a_village_that_is_unknown_or_not_the_terminals_is_refused (void **state UNUSED)
{
    struct sample *one = sample ();
    one->matter.village = 340522100999;
    assert_refused (one, REFUSAL_UNKNOWN_VILLAGE);
    one = sample ();
    one->matter.village = 340522101201; /* known, but of another township */
    assert_refused (one, REFUSAL_TERRITORY);
}

static void a_filing_without_text_or_code_is_refused (void **state UNUSED)
{
    struct sample *one = sample ();
    one->filing.statement = NULL;
    assert_refused (one, REFUSAL_MISSING);
    one = sample ();
    one->filing.query_code = "no code";
    assert_refused (one, REFUSAL_MALFORMED);
}

/* ---- accusations ---------------------------------------------------------------------- */

/* The small tables, with a key for the discipline organ of the township. */
static struct rules *rules_with_key (void)
{
    char text[2048], key[2 * SEAL_KEY_SIZE + 1];
    struct rules *with_key = NULL;
    static struct rules_problems problems;
    memset (key, 'a', sizeof key - 1);
    key[sizeof key - 1] = '\0';
    snprintf (text, sizeof text, "%s", small_tables[RULES_DEPARTMENTS]);
    char *header = strchr (text, '\n');
    char *row = strstr (text, "22\t镇纪委"), *end = strchr (row, '\n');
    char table[4096];
    snprintf (table, sizeof table, "%.*s\tseal_key\n%.*s\t%s%s", (int) (header - text),
              text, (int) (end - header - 1), header + 1, key, end);
    assert_int_equal (parse_with (RULES_DEPARTMENTS, table, &with_key, &problems), 0);
    return with_key;
}

static void an_accusation_is_sealed_where_somebody_has_a_key (void **state UNUSED)
{
    struct rules *plain = rules;
    rules = rules_with_key ();
    struct sample *one = sample ();
    one->matter.purpose = PURPOSE_ACCUSATION;
    assert_refused (one, REFUSAL_MUST_SEAL);

    one = sample ();
    one->matter.purpose = PURPOSE_ACCUSATION;
    one->filing.statement = NULL;
    one->filing.sealed = bytes_of_text ("opaque");
    const struct event *event = registered (one);
    assert_true (event->entry.matter->sealed);
    assert_null (event->entry.matter->category);
    assert_int_equal (event->entry.registered->expected_department, 22);
    rules_destroy (&rules);
    rules = plain;
}

static void an_accusation_in_clear_shows_nothing_in_its_header (void **state UNUSED)
{
    struct sample *one = sample ();
    one->matter.purpose = PURPOSE_ACCUSATION;
    const struct event *event = registered (one);
    assert_null (event->entry.matter->category);
    assert_false (event->entry.matter->sealed);
    assert_string_equal (statement_in (event)->category, "国土资源/土地征收");
}

static void an_accusation_is_not_expected_at_the_accused (void **state UNUSED)
{
    struct sample *one = sample ();
    struct accused accused = { .department = 22 };
    one->matter.purpose = PURPOSE_ACCUSATION;
    one->filing.accused = &accused;
    one->filing.n_accused = 1;
    assert_int_equal (registered (one)->entry.registered->expected_department, 53);
}

static void nothing_else_is_sealed (void **state UNUSED)
{
    struct sample *one = sample ();
    one->filing.statement = NULL;
    one->filing.sealed = bytes_of_text ("opaque");
    assert_refused (one, REFUSAL_MALFORMED);
}

/* ---- whose slip ------------------------------------------------------------------------ */

static struct intake_codes codes;
static uint64_t number;

static struct intake_grievance grievance_with (const char *code)
{
    struct intake_grievance grievance = { .registered = 1 };
    number = number_make (day_of ("2026-11-23"), TERMINAL, 1);
    intake_code_hash (secret, number, code, &grievance.code_hash);
    memset (&codes, 0, sizeof codes);
    return grievance;
}

static enum intake_access access_by (const struct intake_grievance *grievance,
                                     const char *code, uint32_t from, int64_t now_ms)
{
    return intake_access (grievance, number, code, from, secret, &codes, now_ms);
}

static void the_slip_opens_from_any_terminal (void **state UNUSED)
{
    struct intake_grievance grievance = grievance_with ("0123ABCD");
    assert_int_equal (access_by (&grievance, "0123ABCD", 7, 0), INTAKE_BY_CODE);
    assert_int_equal (access_by (&grievance, "o123-abcd", 7, 0), INTAKE_BY_CODE);
    assert_int_equal (access_by (&grievance, "0123ABCE", 7, 0), INTAKE_NOT_FOUND);
    assert_int_equal (access_by (NULL, "0123ABCD", 7, 0), INTAKE_NOT_FOUND);
}

static void the_terminal_that_filed_it_needs_no_code (void **state UNUSED)
{
    struct intake_grievance grievance = grievance_with ("0123ABCD");
    assert_int_equal (access_by (&grievance, NULL, TERMINAL, 0), INTAKE_BY_TERMINAL);
    assert_int_equal (access_by (&grievance, NULL, TERMINAL + 1, 0), INTAKE_NOT_FOUND);
    grievance.is_accusation = true; /* the terminal is in the village too */
    assert_int_equal (access_by (&grievance, NULL, TERMINAL, 0), INTAKE_NOT_FOUND);
    assert_int_equal (access_by (&grievance, "0123ABCD", 7, 0), INTAKE_BY_CODE);
}

static void five_wrong_codes_an_hour_close_a_number_for_an_hour (void **state UNUSED)
{
    struct intake_grievance grievance = grievance_with ("0123ABCD");
    int64_t now_ms = 1000;
    for (int i = 0; i < 4; i++, now_ms += 60000)
        assert_int_equal (access_by (&grievance, "wrong000", 7, now_ms),
                          INTAKE_NOT_FOUND);
    assert_int_equal (access_by (&grievance, "0123ABCD", 7, now_ms), INTAKE_BY_CODE);
    assert_int_equal (access_by (&grievance, "wrong000", 7, now_ms), INTAKE_NOT_FOUND);
    assert_int_equal (access_by (&grievance, "0123ABCD", 7, now_ms + 1), INTAKE_CLOSED);
    assert_int_equal (intake_codes_closed_count (&codes, now_ms + 1), 1);
    assert_int_equal (access_by (&grievance, NULL, TERMINAL, now_ms), INTAKE_BY_TERMINAL);
    now_ms += INTAKE_CODES_HOUR_MS;
    assert_int_equal (access_by (&grievance, "0123ABCD", 7, now_ms - 1), INTAKE_CLOSED);
    assert_int_equal (access_by (&grievance, "0123ABCD", 7, now_ms), INTAKE_BY_CODE);
    assert_int_equal (intake_codes_closed_count (&codes, now_ms), 0);
}

static void any_hour_counts_not_that_of_the_clock (void **state UNUSED)
{
    struct intake_grievance grievance = grievance_with ("0123ABCD");
    int64_t first_ms = 1000, late_ms = first_ms + INTAKE_CODES_HOUR_MS - 1;
    access_by (&grievance, "wrong000", 7, first_ms);
    for (int i = 0; i < 3; i++)
        access_by (&grievance, "wrong000", 7, late_ms);
    access_by (&grievance, "wrong000", 7, late_ms + 1); /* the first is an hour old */
    assert_int_equal (access_by (&grievance, "0123ABCD", 7, late_ms + 1), INTAKE_BY_CODE);
    access_by (&grievance, "wrong000", 7, late_ms + 1);
    assert_int_equal (access_by (&grievance, "0123ABCD", 7, late_ms + 1), INTAKE_CLOSED);
}

static void wrong_codes_of_different_hours_do_not_add_up (void **state UNUSED)
{
    struct intake_grievance grievance = grievance_with ("0123ABCD");
    for (int64_t i = 0; i < 20; i++)
        assert_int_equal (
            access_by (&grievance, "wrong000", 7, i * (INTAKE_CODES_HOUR_MS / 4)),
            INTAKE_NOT_FOUND);
}

static void many_guessed_numbers_do_not_open_a_closed_one (void **state UNUSED)
{
    memset (&codes, 0, sizeof codes);
    for (int i = 0; i < INTAKE_CODES_WRONG_MAX; i++)
        intake_codes_note_wrong (&codes, 512, 1000);
    for (uint64_t other = 2; other < 100; other++)
        intake_codes_note_wrong (&codes, other * INTAKE_CODES_SETS, 1000);
    assert_true (intake_codes_are_closed (&codes, 512, 2000));
}

/* ---- what is asked ---------------------------------------------------------------------- */

static struct decision *decide_ask (struct intake_grievance grievance,
                                    enum intake_access access, struct ask ask)
{
    struct decision *decision = ARENA_NEW (&arena, struct decision);
    decision->arena = &arena;
    ask.number = 1;
    intake_decide_ask (&grievance, access, &ask, decision);
    return decision;
}

static void assert_ask_refused (struct ask ask, enum refusal_code code)
{
    struct decision *decision =
        decide_ask ((struct intake_grievance){ 0 }, INTAKE_BY_CODE, ask);
    assert_int_equal (decision->n_events, 0);
    assert_int_equal (decision->refusal->code, code);
}

static void an_ask_needs_the_slip (void **state UNUSED)
{
    struct intake_grievance grievance = { 0 };
    struct ask ask = { .what = ASKED_WITHDRAW,
                       .reason = "问题已解决",
                       .ground = GROUND_SETTLED };
    assert_int_equal (decide_ask (grievance, INTAKE_BY_CODE, ask)->n_events, 1);
    assert_int_equal (decide_ask (grievance, INTAKE_BY_TERMINAL, ask)->refusal->code,
                      REFUSAL_NOT_FOUND);
    assert_int_equal (decide_ask (grievance, INTAKE_CLOSED, ask)->refusal->code,
                      REFUSAL_CODE_CLOSED);
}

static void only_a_rating_has_ratings (void **state UNUSED)
{
    struct intake_grievance grievance = { 0 };
    assert_ask_refused ((struct ask){ .what = ASKED_RATE }, REFUSAL_MISSING);
    assert_ask_refused ((struct ask){ .what = ASKED_RATE, .rating_reception = 4 },
                        REFUSAL_MALFORMED);
    assert_ask_refused ((struct ask){ .what = ASKED_DISPUTE, .rating_department = 3 },
                        REFUSAL_MALFORMED);
    assert_ask_refused ((struct ask){ .what = ASKED_NONE }, REFUSAL_MISSING);
    struct decision *decision =
        decide_ask (grievance, INTAKE_BY_CODE,
                    (struct ask){ .what = ASKED_RATE, .rating_department = 2 });
    assert_int_equal (decision->n_events, 1);
    assert_int_equal (decision->events[0]->entry.asked->rating_department, 2);
}

static void result_and_manner_of_both_parties_are_rated_apart (void **state UNUSED)
{
    struct intake_grievance grievance = { 0 };
    struct ask ask = { .what = ASKED_RATE,
                       .rating_reception = 1,
                       .rating_department = 3,
                       .rating_reception_manner = 2,
                       .rating_department_manner = 1 };
    struct decision *decision = decide_ask (grievance, INTAKE_BY_CODE, ask);
    const struct asked_event *asked = decision->events[0]->entry.asked;
    assert_int_equal (asked->rating_reception, 1);
    assert_int_equal (asked->rating_department, 3);
    assert_int_equal (asked->rating_reception_manner, 2);
    assert_int_equal (asked->rating_department_manner, 1);

    /* One of the four is enough; each is held against the scale by itself. */
    ask = (struct ask){ .what = ASKED_RATE, .rating_reception_manner = 1 };
    assert_int_equal (decide_ask (grievance, INTAKE_BY_CODE, ask)->n_events, 1);
    assert_ask_refused ((struct ask){ .what = ASKED_RATE, .rating_department_manner = 4 },
                        REFUSAL_MALFORMED);
    assert_ask_refused (
        (struct ask){ .what = ASKED_CONFIRM, .rating_reception_manner = 1 },
        REFUSAL_MALFORMED);
}

static void a_withdrawal_says_why_by_its_closed_list (void **state UNUSED)
{
    struct intake_grievance grievance = { 0 };
    for (unsigned ground = GROUND_NONE; ground < GROUND_COUNT; ground++) {
        struct ask ask = { .what = ASKED_WITHDRAW, .ground = (enum ground) ground };
        bool is_its_own = ground >= GROUND_SETTLED && ground <= GROUND_OWN_WISH;
        struct decision *decision = decide_ask (grievance, INTAKE_BY_CODE, ask);
        assert_int_equal (decision->n_events, is_its_own);
        if (is_its_own)
            assert_int_equal (decision->events[0]->entry.asked->ground, ground);
    }
    assert_ask_refused ((struct ask){ .what = ASKED_WITHDRAW }, REFUSAL_MISSING);
}

static void nothing_else_is_asked_with_a_ground (void **state UNUSED)
{
    static const enum asked asked[] = { ASKED_RATE, ASKED_DISPUTE, ASKED_REVIEW,
                                        ASKED_CONFIRM };
    struct intake_grievance grievance = { 0 };
    for (size_t i = 0; i < ARRAY_SIZE (asked); i++) {
        struct ask ask = { .what = asked[i],
                           .rating_department = asked[i] == ASKED_RATE ? 1 : 0 };
        assert_int_equal (decide_ask (grievance, INTAKE_BY_CODE, ask)->n_events, 1);
        ask.ground = GROUND_SETTLED;
        assert_ask_refused (ask, REFUSAL_MALFORMED);
    }
}

static void a_sealed_accusation_is_not_explained_in_clear (void **state UNUSED)
{
    struct intake_grievance grievance = { .is_accusation = true, .is_sealed = true };
    struct ask ask = { .what = ASKED_WITHDRAW,
                       .reason = "写明了是谁",
                       .ground = GROUND_OWN_WISH };
    assert_int_equal (decide_ask (grievance, INTAKE_BY_CODE, ask)->refusal->code,
                      REFUSAL_MUST_SEAL);
    ask.reason = NULL;
    assert_int_equal (decide_ask (grievance, INTAKE_BY_CODE, ask)->n_events, 1);

    struct decision decision = { .arena = &arena };
    struct supplement supplement = { .number = 1, .text = "补充材料" };
    intake_decide_supplement (&grievance, INTAKE_BY_CODE, &supplement, &decision);
    assert_int_equal (decision.refusal->code, REFUSAL_MUST_SEAL);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (a_filing_is_registered_with_its_last_day_and_department),
        cmocka_unit_test (the_header_names_nobody),
        cmocka_unit_test (what_is_merely_odd_is_registered),
        cmocka_unit_test (a_title_of_one_word_is_a_title),
        cmocka_unit_test (an_unknown_category_stays_with_what_was_said),
        cmocka_unit_test (urgent_words_are_flagged),
        cmocka_unit_test (filed_at_counts_unless_it_cannot),
        cmocka_unit_test (a_filing_of_tomorrow_is_refused),
        cmocka_unit_test (an_emergency_is_due_sooner),
        cmocka_unit_test (a_number_that_does_not_fit_is_refused),
        cmocka_unit_test (a_village_that_is_unknown_or_not_the_terminals_is_refused),
        cmocka_unit_test (a_filing_without_text_or_code_is_refused),
        cmocka_unit_test (an_accusation_is_sealed_where_somebody_has_a_key),
        cmocka_unit_test (an_accusation_in_clear_shows_nothing_in_its_header),
        cmocka_unit_test (an_accusation_is_not_expected_at_the_accused),
        cmocka_unit_test (nothing_else_is_sealed),
        cmocka_unit_test (the_slip_opens_from_any_terminal),
        cmocka_unit_test (the_terminal_that_filed_it_needs_no_code),
        cmocka_unit_test (five_wrong_codes_an_hour_close_a_number_for_an_hour),
        cmocka_unit_test (any_hour_counts_not_that_of_the_clock),
        cmocka_unit_test (wrong_codes_of_different_hours_do_not_add_up),
        cmocka_unit_test (many_guessed_numbers_do_not_open_a_closed_one),
        cmocka_unit_test (an_ask_needs_the_slip),
        cmocka_unit_test (only_a_rating_has_ratings),
        cmocka_unit_test (result_and_manner_of_both_parties_are_rated_apart),
        cmocka_unit_test (a_withdrawal_says_why_by_its_closed_list),
        cmocka_unit_test (nothing_else_is_asked_with_a_ground),
        cmocka_unit_test (a_sealed_accusation_is_not_explained_in_clear),
    };
    return cmocka_run_group_tests_name ("intake law", tests, build, demolish);
}
