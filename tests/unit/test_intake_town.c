/* SPDX-License-Identifier: Apache-2.0 */
/* Stories of intake: what is registered, what a slip shows, who may read what. */
#include "flow_people.h"

static int build (void **state UNUSED)
{
    flow_build ();
    return 0;
}

/* The views are thrown away and followed again: what a slip shows is the same. */
static int demolish (void **state UNUSED)
{
    town_settle (town);
    struct hash before = town_digest_views (town, SPEAKER_INTAKE);
    assert_true (town_rebuild (town, SPEAKER_INTAKE));
    town_settle (town);
    struct hash after = town_digest_views (town, SPEAKER_INTAKE);
    assert_true (hash_equal (&before, &after));
    town_destroy (&town);
    return 0;
}

static struct filing *filing_at (unsigned at, uint32_t serial)
{
    static struct matter matter;
    static struct statement statement;
    static struct filing filing;
    int32_t day = civil_day (town_now_ms (town));
    matter = (struct matter){ .village = villages[at],
                              .category = "国土资源/土地征收",
                              .purpose = PURPOSE_REQUEST,
                              .terminal = 101 + at };
    statement = (struct statement){ .title = "补偿款", .text = "征地补偿款没有到卡" };
    filing = (struct filing){ .number = number_make (day, 101 + at, serial),
                              .query_code = QUERY_CODE,
                              .filed_at_ms = town_now_ms (town),
                              .matter = &matter,
                              .statement = &statement };
    return &filing;
}

static struct outcome *send_filing (unsigned at, struct filing *filing)
{
    struct outcome *outcome =
        town_command (terminals[at], SPEAKER_INTAKE, &(struct command){ .file = filing });
    assert_non_null (outcome);
    return outcome;
}

/* ---- registered --------------------------------------------------------------------- */

static void a_receipt_names_the_place_in_the_journal (void **state UNUSED)
{
    struct filing *filing = filing_at (0, 1);
    struct receipt *receipt = send_filing (0, filing)->receipt;
    assert_non_null (receipt);
    assert_int_equal (receipt->number, filing->number);
    assert_int_equal (receipt->registered_at_ms, town_now_ms (town));
    assert_int_equal (receipt->expected_department, 11);
    assert_int_equal (receipt->responsibility_row, 201);
    struct entry *entry = town_last (town, SPEAKER_INTAKE, KIND_REGISTERED);
    assert_int_equal (receipt->sequence, entry->sequence);
    assert_int_equal (receipt->leaf_hash.size, HASH_SIZE);
    assert_true (receipt->table_version != 0);
}

static void a_repeated_submission_gets_the_first_receipt (void **state UNUSED)
{
    struct command command = { .counter = 1, .incarnation = 1, .file = filing_at (0, 1) };
    struct receipt *first =
        town_command (terminals[0], SPEAKER_INTAKE, &command)->receipt;
    town_step (town, CIVIL_DAY_MS);
    struct receipt *again =
        town_command (terminals[0], SPEAKER_INTAKE, &command)->receipt;
    assert_int_equal (again->registered_at_ms, first->registered_at_ms);
    assert_int_equal (again->sequence, first->sequence);
    assert_true (bytes_equal (again->leaf_hash, first->leaf_hash));
    assert_int_equal (town_gauge (town, SPEAKER_INTAKE, "grievances"), 1);
}

static void one_refused_filing_does_not_block_the_next (void **state UNUSED)
{
    struct filing *filing = filing_at (0, 1);
    filing->matter->village = 999999999999;
    assert_int_equal (send_filing (0, filing)->refusal->code, REFUSAL_UNKNOWN_VILLAGE);
    assert_non_null (send_filing (0, filing_at (0, 2))->receipt);
    struct filing *another = filing_at (0, 2);
    another->query_code = "KMNP7654";
    assert_int_equal (send_filing (0, another)->refusal->code, REFUSAL_NUMBER_TAKEN);
    /* By number and code this very one, under another counter: nothing to correct. */
    assert_int_equal (send_filing (0, filing_at (0, 2))->refusal->code,
                      REFUSAL_REGISTERED);
    assert_non_null (send_filing (0, filing_at (0, 3))->receipt);
    assert_int_equal (town_gauge (town, SPEAKER_INTAKE, "grievances"), 2);
}

static void only_terminals_file (void **state UNUSED)
{
    struct command command = { .file = filing_at (0, 1) };
    assert_int_equal (town_command (desk, SPEAKER_INTAKE, &command)->refusal->code,
                      REFUSAL_NO_RIGHT);
}

static void a_backlog_counts_from_when_it_was_written_down (void **state UNUSED)
{
    int64_t now_ms = town_now_ms (town);
    int64_t written_ms[] = { now_ms - 3 * CIVIL_DAY_MS, now_ms - 2 * CIVIL_DAY_MS,
                             now_ms - 5 * CIVIL_DAY_MS, now_ms - CIVIL_DAY_MS };
    int64_t counted_ms[] = { written_ms[0], written_ms[1], now_ms, written_ms[3] };
    for (uint32_t i = 0; i < ARRAY_SIZE (written_ms); i++) {
        struct filing *filing = filing_at (0, i + 1);
        filing->filed_at_ms = written_ms[i];
        struct receipt *receipt = send_filing (0, filing)->receipt;
        assert_int_equal (receipt->counted_from_ms, counted_ms[i]);
        assert_int_equal (receipt->registered_at_ms, now_ms);
    }
}

/* ---- the slip -------------------------------------------------------------------------- */

static void a_slip_shows_the_whole_course_from_any_terminal (void **state UNUSED)
{
    struct filing *filing = filing_at (0, 1);
    send_filing (0, filing);
    uint64_t fencing = claim (filing->number);
    accept (filing->number, fencing);
    town_settle (town);
    struct course *course =
        course_reply (terminals[3], filing->number, "o123abcd")->course;
    assert_non_null (course);
    assert_string_equal (course->title, "补偿款");
    assert_int_equal (course->state, STATE_HANDLING);
    assert_int_equal (course->department, 11);
    assert_int_equal (course->n_steps, 5);
    assert_int_equal (course->steps[0].kind, KIND_REGISTERED);
    assert_int_equal (course->steps[3].step, STEP_ACCEPT);
    assert_int_equal (course->steps[3].person, 1131);
    assert_int_equal (course->steps[3].article, 23);
    assert_int_equal (course->steps[4].kind, KIND_DOCUMENT);
    assert_int_equal (course->last_day_ms, course->steps[0].due_ms);
}

static void a_number_alone_is_for_its_own_terminal (void **state UNUSED)
{
    uint64_t number = filing_at (0, 1)->number;
    send_filing (0, filing_at (0, 1));
    assert_non_null (course_reply (terminals[0], number, NULL)->course);
    assert_int_equal (course_reply (terminals[1], number, NULL)->refusal->code,
                      REFUSAL_NOT_FOUND);
    assert_int_equal (course_reply (terminals[1], number, "wrong000")->refusal->code,
                      REFUSAL_NOT_FOUND);
}

static void who_works_on_it_sees_steps_and_no_text (void **state UNUSED)
{
    uint64_t number = served (OUTCOME_EXPLAIN).number;
    town_settle (town);
    struct town_client *readers[] = { desk, strange_desk, dispatcher, leader, operator_ };
    for (size_t i = 0; i < ARRAY_SIZE (readers); i++) {
        struct course *course = course_reply (readers[i], number, NULL)->course;
        assert_non_null (course);
        assert_null (course->title);
        assert_int_equal (course->state, STATE_WINDOW);
        for (size_t j = 0; j < course->n_steps; j++)
            assert_null (course->steps[j].text);
    }
}

/* ---- what is read of it ---------------------------------------------------------------- */

static const struct course_step *step_shown (const struct course *course, enum kind kind,
                                             enum step what)
{
    for (size_t i = course->n_steps; i-- > 0;)
        if (course->steps[i].kind == kind && course->steps[i].step == what)
            return &course->steps[i];
    fail_msg ("the course has no such step");
    return NULL;
}

static void
an_ending_is_read_with_its_reason_and_without_the_houses_notes (void **state UNUSED)
{
    struct held held = claimed ();
    take_step (desk, 1131,
               a_step (held.number, STEP_REFUSE, .fencing = held.fencing,
                       .ground = GROUND_PROCEDURE_RUNS, .reason = "法院已经立案"));
    struct course *course = course_of (held.number);
    assert_int_equal (course->proposed, STEP_REFUSE);
    assert_int_equal (course->state, STATE_CLAIMED);
    const struct course_step *step = step_shown (course, KIND_PROPOSED, STEP_REFUSE);
    assert_int_equal (step->ground, GROUND_PROCEDURE_RUNS);
    assert_null (step->text);

    take_step (desk, 1111, a_step (held.number, STEP_APPROVE, .text = "内部意见"));
    course = course_of (held.number);
    assert_int_equal (course->proposed, STEP_NONE);
    assert_int_equal (course->state, STATE_REFUSED);
    step = step_shown (course, KIND_MOVED, STEP_REFUSE);
    assert_string_equal (step->text, "法院已经立案");
    assert_int_equal (step->article, 23);

    take_step (desk, 1131, a_service (&held));
    course = course_of (held.number);
    step = step_shown (course, KIND_MOVED, STEP_SERVE);
    assert_int_equal (step->close_reason, CLOSE_NOT_ACCEPTED);
    assert_string_equal (step->text, "本人");
    for (size_t i = 0; i < course->n_steps; i++)
        assert_true (!course->steps[i].text ||
                     !strstr (course->steps[i].text, "内部意见"));
}

static void what_a_desk_proposed_is_gone_when_it_moves (void **state UNUSED)
{
    struct held held = claimed ();
    struct step_command divert =
        a_step (held.number, STEP_DIVERT, .fencing = held.fencing, .ground = GROUND_COURT,
                .reason = "诉讼");
    take_step (desk, 1131, divert);
    assert_int_equal (course_of (held.number)->proposed, STEP_DIVERT);
    accept (held.number, held.fencing);
    assert_int_equal (course_of (held.number)->proposed, STEP_NONE);
    take_step (desk, 1131, divert);
    take_step (desk, 1111, a_step (held.number, STEP_REJECT, .reason = "不属于"));
    struct course *course = course_of (held.number);
    assert_int_equal (course->proposed, STEP_NONE);
    assert_null (step_shown (course, KIND_REJECTED, STEP_DIVERT)->text);
}

static void a_withdrawal_waits_in_the_course_wherever_it_goes (void **state UNUSED)
{
    struct held held = claimed ();
    ask (held.number, ASKED_WITHDRAW, "不想等了");
    accept (held.number, held.fencing);
    assert_int_equal (course_of (held.number)->proposed, STEP_WITHDRAW);
    take_step (desk, 1111, a_step (held.number, STEP_REJECT, .reason = "本人未申请"));
    struct course *course = course_of (held.number);
    assert_int_equal (course->proposed, STEP_NONE);
    assert_string_equal (step_shown (course, KIND_REJECTED, STEP_WITHDRAW)->text,
                         "本人未申请");
}

static void who_had_it_is_listed_from_when_to_when (void **state UNUSED)
{
    uint64_t number = file (0);
    town_settle (town);
    int64_t start_ms = town_now_ms (town);
    town_step (town, CIVIL_DAY_MS);
    take_step (desk, 1131, a_step (number, STEP_OBJECT, .reason = "属征迁办职责"));
    town_step (town, CIVIL_HOUR_MS);
    take_step (dispatcher, 3121,
               a_step (number, STEP_DISPATCH, .department = 12, .reason = "理由成立"));
    town_step (town, CIVIL_DAY_MS);
    uint64_t fencing = /* moves to nobody else */
        take_step (other_desk, 1231, a_step (number, STEP_CLAIM))->fencing;
    town_step (town, CIVIL_DAY_MS);
    take_step (
        other_desk, 1231,
        a_step (number, STEP_OBJECT, .fencing = fencing, .reason = "不属于本单位"));
    struct course *course = course_of (number);
    assert_int_equal (course->state, STATE_ARBITRATION);
    assert_int_equal (course->n_holdings, 4);
    assert_int_equal (course->holdings[0].department, 11);
    assert_int_equal (course->holdings[0].step, STEP_PLACE);
    assert_int_equal (course->holdings[0].from_ms, start_ms);
    assert_int_equal (course->holdings[0].until_ms, start_ms + CIVIL_DAY_MS);
    assert_int_equal (course->holdings[1].department, 0);
    assert_int_equal (course->holdings[1].step, STEP_OBJECT);
    assert_int_equal (course->holdings[2].department, 12);
    assert_int_equal (course->holdings[2].from_ms, course->holdings[1].until_ms);
    assert_int_equal (course->holdings[3].department, course->department);
    assert_int_equal (course->holdings[3].from_ms, course->holdings[2].until_ms);
    assert_int_equal (course->holdings[3].until_ms, 0);
}

static void a_closed_one_lies_with_nobody_and_a_review_is_its_own (void **state UNUSED)
{
    struct held held = claimed_done ();
    ask (held.number, ASKED_CONFIRM, NULL);
    struct course *course = course_of (held.number);
    assert_int_equal (course->state, STATE_CLOSED);
    assert_int_equal (step_shown (course, KIND_MOVED, STEP_CONFIRM)->close_reason,
                      CLOSE_CONFIRMED);
    assert_int_equal (course->n_holdings, 1);
    assert_int_equal (course->holdings[0].until_ms, town_now_ms (town));
    town_step (town, CIVIL_DAY_MS);
    ask (held.number, ASKED_REVIEW, "标准不对");
    course = course_of (held.number);
    assert_int_equal (course->state, STATE_REVIEWING);
    assert_int_equal (course->instance, 2);
    assert_int_equal (course->n_holdings, 2);
    assert_int_equal (course->holdings[1].department, 54);
}

/* ---- documents --------------------------------------------------------------------------- */

static struct reply *documents_reply (struct town_client *client, uint64_t number,
                                      const char *code, uint64_t sequence)
{
    struct document_query query = { .number = number,
                                    .query_code = code,
                                    .sequence = sequence };
    town_settle (town);
    struct reply *reply =
        town_query (client, SPEAKER_INTAKE, &(struct query){ .documents = &query });
    assert_non_null (reply);
    return reply;
}

static void documents_come_by_number_and_code_to_any_terminal (void **state UNUSED)
{
    uint64_t number = served (OUTCOME_EXPLAIN).number;
    struct documents *list =
        documents_reply (terminals[3], number, QUERY_CODE, 0)->documents;
    assert_non_null (list);
    assert_int_equal (list->n_rows, 3);
    assert_int_equal (list->rows[0].kind, DOCUMENT_ACCEPTANCE);
    assert_int_equal (list->rows[1].kind, DOCUMENT_DECISION);
    assert_int_equal (list->rows[2].kind, DOCUMENT_SERVICE);
    for (size_t i = 0; i < list->n_rows; i++) {
        assert_int_equal (list->rows[i].ordinal, i + 1);
        assert_null (list->rows[i].text);
        assert_non_null (list->rows[i].title);
    }
    struct document_row *decision =
        &documents_reply (terminals[3], number, QUERY_CODE, list->rows[1].sequence)
             ->documents->rows[0];
    assert_non_null (strstr (decision->text, "意见如下"));
    struct hash hash;
    hash_bytes (bytes_of_text (decision->text), &hash);
    assert_true (bytes_equal (decision->hash, hash_view (&hash)));

    const struct course_step *step = NULL;
    struct course *course = course_of (number);
    for (size_t i = 0; i < course->n_steps; i++)
        if (course->steps[i].kind == KIND_DOCUMENT &&
            course->steps[i].outcome == DOCUMENT_DECISION)
            step = &course->steps[i];
    assert_non_null (step);
    assert_int_equal (step->document, decision->sequence);
    assert_int_equal (step->level, 2);
}

static void documents_are_closed_to_whoever_has_no_slip (void **state UNUSED)
{
    uint64_t number = served (OUTCOME_EXPLAIN).number;
    assert_int_equal (documents_reply (terminals[1], number, NULL, 0)->refusal->code,
                      REFUSAL_NOT_FOUND);
    assert_int_equal (
        documents_reply (terminals[1], number, "wrong000", 0)->refusal->code,
        REFUSAL_NOT_FOUND);
    assert_int_equal (documents_reply (desk, number, QUERY_CODE, 0)->refusal->code,
                      REFUSAL_NO_RIGHT);
    /* The terminal that filed it prints them for whoever has no telephone. */
    struct documents *list = documents_reply (terminals[0], number, NULL, 0)->documents;
    assert_int_equal (list->n_rows, 3);
    assert_int_equal (documents_reply (terminals[0], number, NULL, 1)->refusal->code,
                      REFUSAL_NOT_FOUND);
    uint64_t other = file (1); /* of another number they are not */
    assert_int_equal (documents_reply (terminals[1], other, NULL, list->rows[0].sequence)
                          ->refusal->code,
                      REFUSAL_NOT_FOUND);
}

static void letters_between_offices_are_not_the_petitioners (void **state UNUSED)
{
    uint64_t number = file_with (0, NULL, 1, false); /* no category: the dispatcher's */
    town_settle (town);
    take_step (dispatcher, 3121,
               a_step (number, STEP_DISPATCH, .department = 12, .reason = "征迁"));
    struct entry *letter = town_last (town, SPEAKER_ROUTING, KIND_DOCUMENT);
    assert_non_null (letter);
    assert_int_equal (letter->document->kind, DOCUMENT_FORWARD);
    assert_int_equal (
        documents_reply (terminals[0], number, QUERY_CODE, 0)->documents->n_rows, 0);
    assert_int_equal (documents_reply (terminals[0], number, QUERY_CODE, letter->sequence)
                          ->refusal->code,
                      REFUSAL_NOT_FOUND);
}

static void an_accusation_has_no_documents_at_a_village (void **state UNUSED)
{
    uint64_t number = file_matter (0, (struct matter){ .purpose = PURPOSE_ACCUSATION });
    town_settle (town);
    uint64_t fencing =
        take_step (discipline_desk, 2231, a_step (number, STEP_CLAIM))->fencing;
    take_step (discipline_desk, 2231, a_step (number, STEP_ACCEPT, .fencing = fencing));
    assert_int_equal (documents_reply (terminals[0], number, NULL, 0)->refusal->code,
                      REFUSAL_NOT_FOUND);
    assert_int_equal (
        documents_reply (terminals[0], number, QUERY_CODE, 0)->documents->n_rows, 0);
}

static void five_wrong_codes_close_the_number_for_an_hour (void **state UNUSED)
{
    uint64_t number = filing_at (0, 1)->number;
    send_filing (0, filing_at (0, 1));
    for (int i = 0; i < 5; i++)
        assert_int_equal (course_reply (terminals[1], number, "wrong000")->refusal->code,
                          REFUSAL_NOT_FOUND);
    assert_int_equal (course_reply (terminals[1], number, QUERY_CODE)->refusal->code,
                      REFUSAL_CODE_CLOSED);
    assert_int_equal (ask (number, ASKED_WITHDRAW, NULL)->refusal->code,
                      REFUSAL_CODE_CLOSED);
    assert_int_equal (town_gauge (town, SPEAKER_INTAKE, "closed_codes"), 1);
    assert_non_null (course_reply (terminals[0], number, NULL)->course);
    town_step (town, CIVIL_HOUR_MS);
    assert_non_null (course_reply (terminals[1], number, QUERY_CODE)->course);
}

static void what_was_asked_and_answered_is_in_the_course (void **state UNUSED)
{
    uint64_t number = filing_at (0, 1)->number;
    send_filing (0, filing_at (0, 1));
    town_step (town, 1000);
    ask (number, ASKED_WITHDRAW, "已经解决");
    take_step (desk, 1111, a_step (number, STEP_APPROVE, .text = "电话核实，本人自愿"));
    struct course *course = course_of (number);
    assert_int_equal (course->state, STATE_CLOSED);
    assert_int_equal (course->proposed, STEP_NONE);
    const struct course_step *asked = step_of_kind (course, KIND_ASKED, STATE_NONE);
    const struct course_step *answered =
        step_of_kind (course, KIND_ASK_ANSWERED, STATE_NONE);
    assert_string_equal (asked->text, "已经解决");
    assert_int_equal (asked->outcome, ASKED_WITHDRAW);
    assert_int_equal (asked->ground, GROUND_SETTLED);
    assert_null (step_shown (course, KIND_MOVED, STEP_WITHDRAW)->text);
    assert_int_equal (answered->outcome, 1);
}

static void a_course_too_long_for_an_answer_keeps_its_newest_steps (void **state UNUSED)
{
    uint64_t number = filing_at (0, 1)->number;
    send_filing (0, filing_at (0, 1));
    town_settle (town);
    static char long_text[LIMIT_TEXT + 1];
    memset (long_text, 'x', LIMIT_TEXT);
    for (int i = 0; i < 12; i++) {
        struct supplement supplement = { .number = number, .text = long_text };
        long_text[0] = (char) ('a' + i);
        town_step (town, 1000);
        town_command (terminals[0], SPEAKER_INTAKE,
                      &(struct command){ .supplement = &supplement });
    }
    struct course *course = course_of (number);
    assert_int_equal (course->steps[0].kind, KIND_REGISTERED);
    assert_true (course->n_steps > 4 && course->n_steps < 12);
    assert_int_equal (course->steps[course->n_steps - 1].text[0], 'l');
}

/* ---- contacts ---------------------------------------------------------------------------- */

static struct reply *contact_of (struct town_client *client, uint64_t number)
{
    struct contact_query query = { .number = number };
    struct reply *reply =
        town_query (client, SPEAKER_INTAKE, &(struct query){ .contact = &query });
    assert_non_null (reply);
    return reply;
}

static void contacts_are_for_the_one_who_sends_notices (void **state UNUSED)
{
    struct town_client *sender =
        town_client (town, ROLE_DAEMON, 9004, .name = "notification");
    struct town_client *other =
        town_client (town, ROLE_DAEMON, 9003, .name = "escalation");
    uint64_t number = file (0);
    struct petitioner_contact *contact = contact_of (sender, number)->contact;
    assert_string_equal (contact->telephone, "13800000000");
    assert_int_equal (contact->terminal, 101);
    assert_int_equal (contact_of (other, number)->refusal->code, REFUSAL_NO_RIGHT);
    assert_int_equal (contact_of (operator_, number)->refusal->code, REFUSAL_NO_RIGHT);
    assert_int_equal (contact_of (desk, number)->refusal->code, REFUSAL_NO_RIGHT);
    assert_int_equal (contact_of (sender, number + 1)->refusal->code, REFUSAL_NOT_FOUND);

    struct petitioner petitioner = { .name = "张三", .telephone = "13800000000" };
    uint64_t accusation =
        file_matter_of (0, (struct matter){ .purpose = PURPOSE_ACCUSATION }, &petitioner);
    contact = contact_of (sender, accusation)->contact;
    assert_null (contact->name);
    assert_null (contact->telephone);
    assert_int_equal (contact->terminal, 101);
}

#define STORY(name) cmocka_unit_test_setup_teardown (name, build, demolish)

int main (void)
{
    const struct CMUnitTest tests[] = {
        STORY (a_receipt_names_the_place_in_the_journal),
        STORY (a_repeated_submission_gets_the_first_receipt),
        STORY (one_refused_filing_does_not_block_the_next),
        STORY (only_terminals_file),
        STORY (a_backlog_counts_from_when_it_was_written_down),
        STORY (a_slip_shows_the_whole_course_from_any_terminal),
        STORY (a_number_alone_is_for_its_own_terminal),
        STORY (who_works_on_it_sees_steps_and_no_text),
        STORY (an_ending_is_read_with_its_reason_and_without_the_houses_notes),
        STORY (what_a_desk_proposed_is_gone_when_it_moves),
        STORY (a_withdrawal_waits_in_the_course_wherever_it_goes),
        STORY (who_had_it_is_listed_from_when_to_when),
        STORY (a_closed_one_lies_with_nobody_and_a_review_is_its_own),
        STORY (documents_come_by_number_and_code_to_any_terminal),
        STORY (documents_are_closed_to_whoever_has_no_slip),
        STORY (letters_between_offices_are_not_the_petitioners),
        STORY (an_accusation_has_no_documents_at_a_village),
        STORY (five_wrong_codes_close_the_number_for_an_hour),
        STORY (what_was_asked_and_answered_is_in_the_course),
        STORY (a_course_too_long_for_an_answer_keeps_its_newest_steps),
        STORY (contacts_are_for_the_one_who_sends_notices),
    };
    return cmocka_run_group_tests_name ("intake town", tests, NULL, NULL);
}
