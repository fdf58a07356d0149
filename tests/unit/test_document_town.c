/* SPDX-License-Identifier: Apache-2.0 */
/* Documents of a town: each stands behind its step, is read by who may, and stays what it
 * was. Routing follows escalation for the letters of supervision, and takes steps without
 * it. */
#include "flow_people.h"

#include "base/hash.h"

static int build (void **state UNUSED)
{
    town_build ();
    return 0;
}

static int demolish (void **state UNUSED)
{
    town_settle (town);
    assert_true (town_rebuild (town, SPEAKER_ROUTING));
    town_destroy (&town);
    return 0;
}

#define TOWN_STORY(name) cmocka_unit_test_setup_teardown (name, build, demolish)

static struct reply *documents_reply (struct town_client *client, uint64_t number,
                                      uint64_t sequence)
{
    struct document_query query = { .number = number, .sequence = sequence };
    town_settle (town);
    struct reply *reply =
        town_query (client, SPEAKER_ROUTING, &(struct query){ .documents = &query });
    assert_non_null (reply);
    return reply;
}

static struct documents *documents_of (struct town_client *client, uint64_t number)
{
    struct reply *reply = documents_reply (client, number, 0);
    if (reply->refusal)
        fail_msg ("%s", reply->refusal->sentence);
    assert_non_null (reply->documents);
    return reply->documents;
}

static struct document_row *text_of (struct town_client *client, uint64_t number,
                                     uint64_t sequence)
{
    struct reply *reply = documents_reply (client, number, sequence);
    if (reply->refusal)
        fail_msg ("%s", reply->refusal->sentence);
    assert_int_equal (reply->documents->n_rows, 1);
    return &reply->documents->rows[0];
}

static enum refusal_code refused_text (struct town_client *client, uint64_t number,
                                       uint64_t sequence)
{
    struct reply *reply = documents_reply (client, number, sequence);
    assert_non_null (reply->refusal);
    return reply->refusal->code;
}

static struct step_done *extended (const struct held *held)
{
    take_step (desk, 1131,
               a_step (held->number, STEP_EXTEND, .fencing = held->fencing,
                       .reason = "需要测绘"));
    return take_step (desk, 1111, a_step (held->number, STEP_APPROVE));
}

static void a_course_leaves_its_papers_in_order (void **state UNUSED)
{
    static const enum document_kind expected[] = { DOCUMENT_ACCEPTANCE,
                                                   DOCUMENT_EXTENSION, DOCUMENT_DECISION,
                                                   DOCUMENT_SERVICE, DOCUMENT_REPORT };
    struct held held = accepted ();
    extended (&held);
    struct step_done *done = take_step (desk, 1131, a_decision (&held, OUTCOME_SUPPORT));
    uint64_t decision = done->document;
    assert_int_equal (decision, done->sequence + 1);
    take_step (desk, 1131, a_service (&held));
    take_step (desk, 1131,
               a_step (held.number, STEP_CLAIM_DONE, .fencing = held.fencing));
    ask (held.number, ASKED_CONFIRM, NULL);

    struct documents *documents = documents_of (desk, held.number);
    assert_int_equal (documents->n_rows, ARRAY_SIZE (expected));
    for (size_t i = 0; i < documents->n_rows; i++) {
        const struct document_row *row = &documents->rows[i];
        assert_int_equal (row->kind, expected[i]);
        assert_int_equal (row->ordinal, i + 1);
        assert_int_equal (row->department, 11);
        assert_non_null (row->title);
        assert_null (row->text);

        struct document_row *whole = text_of (desk, held.number, row->sequence);
        struct hash hash;
        hash_bytes (bytes_of_text (whole->text), &hash);
        assert_true (bytes_equal (whole->hash, hash_view (&hash)));
        assert_true (bytes_equal (whole->hash, row->hash));
    }
    assert_int_equal (documents->rows[2].sequence, decision);
    const struct document_row *report =
        text_of (desk, held.number, documents->rows[4].sequence);
    assert_non_null (strstr (report->text, "文书：处理意见书（第3号文书）"));
    assert_non_null (strstr (report->text, "办结方式："));
}

/* One step: the document stands right behind its MOVED, in the same decision. */
struct walk {
    struct entry last;
    size_t documents;
};

static void look (void *arg, const struct entry *entry, struct bytes body)
{
    struct walk *walk = arg;
    if (entry->kind == KIND_DOCUMENT) {
        struct document_body said;
        struct arena arena;
        arena_init (&arena, 0);
        assert_int_equal (walk->last.kind, KIND_MOVED);
        assert_true (walk->last.grievance == entry->grievance);
        assert_int_equal (document_body_decode (&arena, body, &said, NULL), 0);
        arena_done (&arena);
        walk->documents++;
    }
    walk->last = *entry;
}

static void a_document_stands_right_behind_its_step (void **state UNUSED)
{
    struct walk walk = { 0 };
    decided (OUTCOME_NOT_SUPPORT);
    town_journal (town, SPEAKER_ROUTING, look, &walk);
    assert_int_equal (walk.documents, 2);
    const struct moved *moved = last_moved ();
    assert_int_equal (moved->document, 2);
}

static void placing_by_the_table_makes_no_paper (void **state UNUSED)
{
    uint64_t number = file (0);
    town_settle (town);
    assert_int_equal (town_count (town, SPEAKER_ROUTING, KIND_DOCUMENT), 0);
    assert_int_equal (documents_of (dispatcher, number)->n_rows, 0);
}

static void an_extension_says_the_day_that_the_clock_says (void **state UNUSED)
{
    struct held held = accepted ();
    town_step (town, 20 * CIVIL_DAY_MS);
    struct step_done *done = extended (&held);
    struct document_row *row = text_of (desk, held.number, done->document);
    town_settle (town);

    struct deadline_query query = { .number = held.number };
    struct reply *reply =
        town_query (operator_, SPEAKER_ESCALATION, &(struct query){ .deadline = &query });
    const struct duty_row *stage = NULL;
    for (size_t i = 0; i < reply->deadline->n_duties; i++)
        if (reply->deadline->duties[i].running &&
            reply->deadline->duties[i].duty == DUTY_STAGE)
            stage = &reply->deadline->duties[i];
    assert_non_null (stage);
    struct civil last = civil_of_day (civil_day (stage->due_ms - 1));
    char sentence[128];
    assert_true (stage->provisional);
    snprintf (sentence, sizeof sentence,
              "至迟于%d年%u月%u日（暂定，遇法定节假日顺延）作出处理意见书", last.year,
              last.month, last.day);
    if (strstr (row->text, sentence) == NULL)
        fail_msg ("no %s in %s", sentence, row->text);
}

static void
who_may_not_know_the_petitioner_sees_that_there_is_a_paper (void **state UNUSED)
{
    struct held held = decided (OUTCOME_EXPLAIN);
    struct documents *documents = documents_of (desk, held.number);
    uint64_t decision = documents->rows[1].sequence;
    assert_non_null (strstr (text_of (desk, held.number, decision)->text, "张三"));
    assert_int_equal (documents_of (dispatcher, held.number)->n_rows, 2);
    assert_int_equal (documents_of (leader, held.number)->n_rows, 2);
    assert_int_equal (refused_text (dispatcher, held.number, decision), REFUSAL_NO_RIGHT);
    assert_int_equal (refused_text (leader, held.number, decision), REFUSAL_NO_RIGHT);
    assert_int_equal (refused_text (county, held.number, decision), REFUSAL_TERRITORY);
    assert_int_equal (refused_text (strange_desk, held.number, decision),
                      REFUSAL_TERRITORY);
    assert_int_equal (refused_text (terminals[0], held.number, decision),
                      REFUSAL_TERRITORY);
    /* Nor by way of another grievance. */
    uint64_t other = file (0);
    town_settle (town);
    assert_int_equal (refused_text (desk, other, decision), REFUSAL_NOT_FOUND);
    assert_int_equal (refused_text (desk, held.number, decision - 1), REFUSAL_NOT_FOUND);
}

static void letters_are_read_by_both_ends (void **state UNUSED)
{
    uint64_t number = file_with (0, NULL, 1, false);
    town_settle (town);
    struct step_done *done =
        take_step (dispatcher, 0, a_step (number, STEP_DISPATCH, .department = 11));
    struct document_row *row = text_of (dispatcher, number, done->document);
    assert_int_equal (row->kind, DOCUMENT_FORWARD);
    assert_int_equal (row->department, 31);
    assert_null (strstr (row->text, "张三"));
    assert_non_null (text_of (desk, number, done->document));
    assert_non_null (text_of (leader, number, done->document));
}

static void accusations_have_no_papers (void **state UNUSED)
{
    uint64_t number = file_matter (0, (struct matter){ .purpose = PURPOSE_ACCUSATION });
    town_settle (town);
    assert_int_equal (town_count (town, SPEAKER_ROUTING, KIND_DOCUMENT), 0);
    assert_int_equal (refused_text (leader, number, 0), REFUSAL_NOT_FOUND);
    assert_int_equal (refused_text (dispatcher, number, 0), REFUSAL_NOT_FOUND);
}

/* Nobody can ask for review of what they have not read. */
static void a_linked_one_gets_the_decision_of_its_lead (void **state UNUSED)
{
    struct held lead = accepted ();
    uint64_t member = file (1);
    town_settle (town);
    take_step (
        desk, 1111,
        a_step (member, STEP_LINK, .ground = GROUND_SAME_MATTER, .link_to = lead.number));
    take_step (desk, 1112, a_step (member, STEP_APPROVE));
    take_step (desk, 1131, a_decision (&lead, OUTCOME_NOT_SUPPORT));
    take_step (desk, 1131, a_service (&lead));
    town_step (town, 60000);
    struct documents *documents = documents_of (desk, member);
    assert_int_equal (documents->n_rows, 1);
    assert_int_equal (documents->rows[0].kind, DOCUMENT_DECISION);
    assert_int_equal (documents->rows[0].department, 11);
    struct document_row *row = text_of (desk, member, documents->rows[0].sequence);
    assert_non_null (strstr (row->text, "意见如下"));
    assert_non_null (strstr (row->text, "2026年11月23日受理"));
    assert_non_null (strstr (row->text, "请求复查"));
    const struct course *course = course_of (member);
    const struct course_step *step = NULL;
    for (size_t i = 0; i < course->n_steps; i++)
        if (course->steps[i].step == STEP_SERVE)
            step = &course->steps[i];
    assert_non_null (step);
    assert_non_null (strstr (step->text, "意见如下"));
}

static void an_erased_document_keeps_its_place_and_hash (void **state UNUSED)
{
    struct held held = decided (OUTCOME_EXPLAIN);
    struct documents *documents = documents_of (desk, held.number);
    uint64_t sequence = documents->rows[1].sequence;
    struct core *core = town_core (town, SPEAKER_ROUTING);
    struct txn *txn = txn_begin_write (core_store (core));
    assert_int_equal (journal_erase_body (core_journal (core), txn, sequence), 0);
    assert_int_equal (txn_commit (&txn), 0);
    struct document_row *row = text_of (desk, held.number, sequence);
    assert_null (row->text);
    assert_null (row->title);
    assert_int_equal (row->kind, DOCUMENT_DECISION);
    assert_true (bytes_equal (row->hash, documents->rows[1].hash));
    assert_int_equal (documents_of (desk, held.number)->n_rows, 2);
}

/* ---- escalation followed ----------------------------------------------------------------- */

static struct outcome *supervise (uint64_t number)
{
    struct supervise command = { .number = number, .advice = "请一周内与农户见面" };
    struct outcome *outcome =
        town_command (leader, SPEAKER_ESCALATION,
                      &(struct command){ .person = 1004, .supervise = &command });
    assert_non_null (outcome);
    if (outcome->refusal)
        fail_msg ("%s", outcome->refusal->sentence);
    town_settle (town);
    return outcome;
}

static void a_supervision_becomes_a_letter_once (void **state UNUSED)
{
    struct held held = accepted ();
    town_settle (town);
    supervise (held.number);
    struct documents *documents = documents_of (leader, held.number);
    assert_int_equal (documents->n_rows, 2);
    assert_int_equal (documents->rows[1].kind, DOCUMENT_SUPERVISION);
    struct document_row *row = text_of (leader, held.number, documents->rows[1].sequence);
    assert_non_null (strstr (row->text, "请一周内与农户见面"));
    assert_non_null (strstr (row->text, "环峰镇自然资源和规划所："));
    assert_non_null (strstr (row->text, "督办人：宋维新"));

    struct row *item = item_for (desk, held.number)->row;
    assert_true (item->supervised);
    assert_int_equal (item->level, 2);

    /* Followed anew from the beginning, it is not written again. */
    assert_true (town_rebuild (town, SPEAKER_ROUTING));
    town_settle (town);
    assert_int_equal (documents_of (leader, held.number)->n_rows, 2);
    item = item_for (desk, held.number)->row;
    assert_true (item->supervised);
}

static void a_row_shows_the_level_while_a_raise_is_open (void **state UNUSED)
{
    uint64_t number = file_with (0, "国土资源/土地征收", 6, false);
    town_settle (town);
    struct row *row = &queue_by (desk, (struct queue_query){ .department = 11 })->rows[0];
    assert_true (row->number == number);
    assert_int_equal (row->level, 1);
    assert_false (row->supervised);
    struct entry *raised = town_last (town, SPEAKER_ESCALATION, KIND_RAISED);
    struct answer_raise command = { .raise = raised->raised->raise, .text = "已见面" };
    uint32_t person = raised->raised->persons[0];
    struct outcome *outcome =
        town_command (desk, SPEAKER_ESCALATION,
                      &(struct command){ .person = person, .answer_raise = &command });
    if (outcome->refusal)
        fail_msg ("%s", outcome->refusal->sentence);
    row = &queue_by (desk, (struct queue_query){ .department = 11 })->rows[0];
    assert_int_equal (row->level, 0);
}

static void routing_takes_steps_while_escalation_is_down (void **state UNUSED)
{
    struct held held = claimed ();
    town_settle (town);
    town_crash (town, SPEAKER_ESCALATION);
    town_cut (town, SPEAKER_ROUTING, SPEAKER_ESCALATION);
    accept (held.number, held.fencing);
    take_step (desk, 1131, a_decision (&held, OUTCOME_EXPLAIN));
    take_step (desk, 1131, a_service (&held));
    assert_int_equal (documents_of (desk, held.number)->n_rows, 3);
    /* The window closes by itself: its row waits a minute for knowledge, no more. */
    town_step (town, 40 * CIVIL_DAY_MS);
    assert_int_equal (last_moved ()->to, STATE_CLOSED);
    assert_int_equal (last_moved ()->close_reason, CLOSE_WINDOW_UNUSED);
    town_mend (town, SPEAKER_ROUTING, SPEAKER_ESCALATION);
    town_settle (town);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        TOWN_STORY (a_course_leaves_its_papers_in_order),
        TOWN_STORY (a_document_stands_right_behind_its_step),
        TOWN_STORY (placing_by_the_table_makes_no_paper),
        TOWN_STORY (an_extension_says_the_day_that_the_clock_says),
        TOWN_STORY (who_may_not_know_the_petitioner_sees_that_there_is_a_paper),
        TOWN_STORY (letters_are_read_by_both_ends),
        TOWN_STORY (accusations_have_no_papers),
        TOWN_STORY (a_linked_one_gets_the_decision_of_its_lead),
        TOWN_STORY (an_erased_document_keeps_its_place_and_hash),
        TOWN_STORY (a_supervision_becomes_a_letter_once),
        TOWN_STORY (a_row_shows_the_level_while_a_raise_is_open),
        TOWN_STORY (routing_takes_steps_while_escalation_is_down),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
