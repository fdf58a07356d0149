/* SPDX-License-Identifier: Apache-2.0 */
/* Which documents a step makes, and what they say: the law, without daemons. */
#include "rules_tables.h"

#include "base/hash.h"
#include "base/number.h"
#include "routing/document.h"
#include "rules/documents.h"
#include "wire/limits.h"

/* ---- which ------------------------------------------------------------------------------- */

#define NONE DOCUMENT_NONE

static const struct {
    const char *what;
    struct moved moved;
    enum document_kind first, second;
} makings[] = {
    { "placed by the table",
      { .step = STEP_PLACE, .to = STATE_DISPATCHED, .department = 11 },
      NONE,
      NONE },
    { "dispatched",
      { .step = STEP_DISPATCH, .to = STATE_DISPATCHED, .department = 11 },
      DOCUMENT_FORWARD,
      NONE },
    { "dispatched to where it lies: only its assisting ones change",
      { .step = STEP_DISPATCH,
        .to = STATE_DISPATCHED,
        .department = 11,
        .previous_department = 11 },
      NONE,
      NONE },
    { "diverted",
      { .step = STEP_DIVERT, .to = STATE_DIVERTED, .ground = GROUND_COURT },
      DOCUMENT_FORWARD,
      NONE },
    { "claimed", { .step = STEP_CLAIM, .to = STATE_CLAIMED }, NONE, NONE },
    { "accepted",
      { .step = STEP_ACCEPT, .to = STATE_HANDLING },
      DOCUMENT_ACCEPTANCE,
      NONE },
    { "refused",
      { .step = STEP_REFUSE, .to = STATE_REFUSED, .ground = GROUND_PROCEDURE_RUNS },
      DOCUMENT_REFUSAL,
      NONE },
    { "refused as final before",
      { .step = STEP_REFUSE, .to = STATE_REFUSED, .ground = GROUND_FINAL },
      DOCUMENT_NO_LONGER,
      NONE },
    { "extended",
      { .step = STEP_EXTEND, .to = STATE_HANDLING },
      DOCUMENT_EXTENSION,
      NONE },
    { "agreed", { .step = STEP_AGREE, .to = STATE_EXECUTING }, DOCUMENT_AGREEMENT, NONE },
    { "decided",
      { .step = STEP_DECIDE, .to = STATE_DECIDED, .outcome = OUTCOME_NOT_SUPPORT },
      DOCUMENT_DECISION,
      NONE },
    { "answered: a reply, no decision",
      { .step = STEP_DECIDE, .to = STATE_DECIDED, .outcome = OUTCOME_ANSWERED },
      NONE,
      NONE },
    { "decided on a review",
      { .step = STEP_DECIDE,
        .to = STATE_DECIDED,
        .outcome = OUTCOME_EXPLAIN,
        .instance = 2 },
      DOCUMENT_REVIEW,
      NONE },
    { "decided on a re-review",
      { .step = STEP_DECIDE,
        .to = STATE_DECIDED,
        .outcome = OUTCOME_SUPPORT,
        .instance = 3 },
      DOCUMENT_REREVIEW,
      NONE },
    { "served",
      { .step = STEP_SERVE, .from = STATE_DECIDED, .to = STATE_WINDOW },
      DOCUMENT_SERVICE,
      NONE },
    { "served, and that is the end",
      { .step = STEP_SERVE,
        .from = STATE_DECIDED,
        .to = STATE_CLOSED,
        .close_reason = CLOSE_FINAL },
      DOCUMENT_SERVICE,
      DOCUMENT_REPORT },
    { "a refusal served",
      { .step = STEP_SERVE,
        .from = STATE_REFUSED,
        .to = STATE_CLOSED,
        .close_reason = CLOSE_NOT_ACCEPTED },
      DOCUMENT_SERVICE,
      NONE },
    { "the lead of its group was decided",
      { .step = STEP_SERVE, .from = STATE_CLOSED, .to = STATE_CLOSED },
      NONE,
      NONE },
    { "confirmed by the petitioner",
      { .step = STEP_CONFIRM,
        .from = STATE_DONE,
        .to = STATE_CLOSED,
        .close_reason = CLOSE_CONFIRMED },
      DOCUMENT_REPORT,
      NONE },
    { "the window passed",
      { .step = STEP_CLOSE,
        .from = STATE_WINDOW,
        .to = STATE_CLOSED,
        .close_reason = CLOSE_WINDOW_UNUSED },
      DOCUMENT_REPORT,
      NONE },
    { "nobody could be reached: not on the merits",
      { .step = STEP_CLOSE,
        .from = STATE_DONE,
        .to = STATE_CLOSED,
        .close_reason = CLOSE_CONTACT_FAILED },
      NONE,
      NONE },
    { "withdrawn",
      { .step = STEP_WITHDRAW,
        .from = STATE_HANDLING,
        .to = STATE_CLOSED,
        .close_reason = CLOSE_WITHDRAWN },
      NONE,
      NONE },
};

static void each_step_makes_its_documents (void **state UNUSED)
{
    struct matter matter = { .purpose = PURPOSE_REQUEST };
    for (size_t i = 0; i < ARRAY_SIZE (makings); i++) {
        enum document_kind kinds[DOCUMENTS_A_STEP] = { NONE, NONE };
        size_t expected =
            (size_t) (makings[i].first != NONE) + (size_t) (makings[i].second != NONE);
        size_t count = document_kinds (&makings[i].moved, &matter, kinds);
        if (count != expected || kinds[0] != makings[i].first ||
            kinds[1] != makings[i].second)
            fail_msg ("%s: %zu, %d, %d", makings[i].what, count, kinds[0], kinds[1]);
    }
}

static void what_was_assigned_from_above_is_assigned_on (void **state UNUSED)
{
    struct matter matter = { .purpose = PURPOSE_REQUEST, .channel = CHANNEL_ASSIGNED };
    enum document_kind kinds[DOCUMENTS_A_STEP];
    assert_int_equal (document_kinds (&makings[1].moved, &matter, kinds), 1);
    assert_int_equal (kinds[0], DOCUMENT_ASSIGNMENT);
}

static void accusations_make_no_documents (void **state UNUSED)
{
    struct matter accusation = { .purpose = PURPOSE_ACCUSATION },
                  sealed = { .purpose = PURPOSE_ACCUSATION, .sealed = true };
    enum document_kind kinds[DOCUMENTS_A_STEP];
    for (size_t i = 0; i < ARRAY_SIZE (makings); i++) {
        assert_int_equal (document_kinds (&makings[i].moved, &accusation, kinds), 0);
        assert_int_equal (document_kinds (&makings[i].moved, &sealed, kinds), 0);
    }
}

/* ---- what they say --------------------------------------------------------------------- */

static struct arena arena;
static struct rules *rules;
static struct moved moved;
static struct moved_body said;
static struct matter matter;
static struct petitioner person;
static struct statement statement;
static struct document_scene scene;
static struct document document;
static struct document_body body;

static int scene_set (void **state UNUSED)
{
    arena_init (&arena, 0);
    rules = shipped_rules ();
    moved = (struct moved){ 0 };
    said = (struct moved_body){ 0 };
    matter = (struct matter){ .village = 340522100216,
                              .category = "国土资源/土地征收",
                              .purpose = PURPOSE_REQUEST };
    person = (struct petitioner){ .name = "张三" };
    statement = (struct statement){ .title = "征地补偿款没有到卡",
                                    .text = "……",
                                    .person = &person };
    scene =
        (struct document_scene){ .rules = rules,
                                 .number = number_make (day_of ("2026-11-23"), 101, 34),
                                 .now_ms = at_ms ("2026-12-01 10:00:00"),
                                 .matter = &matter,
                                 .statement = &statement,
                                 .filed_at_ms = at_ms ("2026-11-23 09:30:00"),
                                 .accepted_at_ms = at_ms ("2026-11-27 16:00:00"),
                                 .issuer = 11,
                                 .person = 1131,
                                 .moved = &moved,
                                 .said = &said };
    return 0;
}

static int scene_end (void **state UNUSED)
{
    rules_destroy (&rules);
    arena_done (&arena);
    return 0;
}

static const char *make (enum document_kind kind)
{
    scene.outcome = moved.outcome;
    document_make (&scene, kind, 3, &arena, &document, &body);
    return body.text;
}

static void says (const char *part)
{
    if (strstr (body.text, part) == NULL)
        fail_msg ("no \"%s\" in:\n%s", part, body.text);
}

static void says_not (const char *part)
{
    if (strstr (body.text, part) != NULL)
        fail_msg ("\"%s\" in:\n%s", part, body.text);
}

static void a_decision_says_all_that_the_law_asks (void **state UNUSED)
{
    moved = (struct moved){ .step = STEP_DECIDE,
                            .from = STATE_HANDLING,
                            .to = STATE_DECIDED,
                            .department = 11,
                            .outcome = OUTCOME_SUPPORT };
    said =
        (struct moved_body){ .text = "经查，补偿款应于6月发放。\n\n账号有误，\t已更正。",
                             .legal_basis = "土地管理法第四十八条" };
    make (DOCUMENT_DECISION);
    assert_string_equal (body.title, "信访事项处理意见书");
    assert_string_equal (
        body.text,
        "\t编号：20261123-00101-00034-1（第3号文书）\n"
        "张三：\n"
        "　　您于2026年11月23日提出的“征地补偿款没有到卡”信访事项（问题属地：环峰镇东山村"
        "委会；信访目的：求决），本单位于2026年11月27日受理。经调查核实，依照《信访工作条"
        "例》"
        "第三十二条、第三十四条的规定，作出如下处理意见：\n"
        "一、调查核实的情况\n"
        "　　经查，补偿款应于6月发放。\n"
        "　　账号有误， 已更正。\n"
        "二、处理意见\n"
        "　　请求事实清楚，符合法律、法规、规章和有关规定，予以支持。自本意见书送达之日起"
        "30日"
        "内执行到位，届时请您确认。\n"
        "三、依据\n"
        "　　土地管理法第四十八条\n"
        "四、救济途径和期限\n"
        "　　对本处理意见不服的，可以自收到本意见书之日起30日内，向含山县自然资源和规划局"
        "请求"
        "复查；凭受理编号和查询码在各村（社区）终端、乡镇窗口或者网上提出即可。期满不请求"
        "复查"
        "的，本处理意见即为终结意见。\n"
        "\t环峰镇自然资源和规划所（印章）\n"
        "\t2026年12月1日\n"
        "\n"
        "送达人（签名）：＿＿＿＿　受送达人（签名）：＿＿＿＿\n"
        "送达日期：＿＿＿＿年＿＿月＿＿日　送达方式：＿＿＿＿");
}

static void the_hash_is_that_of_the_text (void **state UNUSED)
{
    moved = (struct moved){ .step = STEP_ACCEPT, .department = 11 };
    make (DOCUMENT_ACCEPTANCE);
    struct hash hash;
    hash_bytes (bytes_of_text (body.text), &hash);
    assert_true (bytes_equal (document.hash, hash_view (&hash)));
    assert_int_equal (document.kind, DOCUMENT_ACCEPTANCE);
    assert_int_equal (document.ordinal, 3);
    assert_int_equal (document.department, 11);
    assert_true (document.table_version == rules->version[RULES_DOCUMENTS]);
}

static void an_acceptance_names_the_last_day (void **state UNUSED)
{
    moved = (struct moved){ .step = STEP_ACCEPT, .department = 11 };
    scene.now_ms = scene.accepted_at_ms = at_ms ("2026-09-01 09:00:00");
    make (DOCUMENT_ACCEPTANCE);
    /* 60 days: 2026-10-31 is a Saturday; Monday is the 2nd. */
    says ("至迟于2026年11月2日作出处理意见书");
    says_not ("将认真研究");
    says_not ("暂定");
    matter.purpose = PURPOSE_SUGGESTION;
    make (DOCUMENT_ACCEPTANCE);
    says ("至迟于2026年10月8日答复您");
    says_not ("处理意见书");
    /* Behind the published calendar a day may yet move. */
    scene.now_ms = scene.accepted_at_ms = at_ms ("2026-12-20 09:00:00");
    make (DOCUMENT_ACCEPTANCE);
    says ("至迟于2027年1月19日（暂定，遇法定节假日顺延）答复您");
}

static void an_extension_counts_from_the_acceptance (void **state UNUSED)
{
    moved = (struct moved){ .step = STEP_EXTEND, .department = 11 };
    said.reason = "需要测绘";
    scene.accepted_at_ms = at_ms ("2026-09-01 09:00:00");
    make (DOCUMENT_EXTENSION);
    says ("原定至迟于2026年11月2日作出");
    says ("延长30日，至迟于2026年11月30日作出");
    says ("延期理由：需要测绘");
    says ("向含山县自然资源和规划局反映");
}

static void refusals_give_their_ground_and_the_way_back (void **state UNUSED)
{
    moved = (struct moved){ .step = STEP_REFUSE, .ground = GROUND_PROCEDURE_RUNS };
    said.reason = "含山县人民法院已经立案";
    make (DOCUMENT_REFUSAL);
    says ("经审查：已进入法定程序。");
    says ("理由：含山县人民法院已经立案");
    says ("自收到本告知书之日起30日内");
    moved.ground = GROUND_FINAL;
    moved.link_to = number_make (day_of ("2025-03-01"), 102, 7);
    make (DOCUMENT_NO_LONGER);
    says ("与受理编号20250301-00102-00007-");
    says ("复核终结");
}

static void appeals_go_one_level_up_until_there_is_none (void **state UNUSED)
{
    moved = (struct moved){ .step = STEP_DECIDE,
                            .department = 54,
                            .instance = 2,
                            .outcome = OUTCOME_NOT_SUPPORT };
    said = (struct moved_body){ .text = "查明", .reason = "无据", .legal_basis = "某法" };
    scene.issuer = 54;
    make (DOCUMENT_REVIEW);
    says ("对原处理意见不服，请求复查");
    says ("不予支持");
    says ("向含山县人民政府办公室请求复核");
    says ("\t含山县自然资源和规划局（印章）");
    moved.instance = 3;
    scene.issuer = moved.department = 51;
    make (DOCUMENT_REREVIEW);
    says ("终结意见");
    says ("不再受理");
    says_not ("请求复查；");
}

static void letters_between_departments_name_no_petitioner (void **state UNUSED)
{
    static const uint32_t assisting[] = { 12, 13 };
    moved = (struct moved){ .step = STEP_DISPATCH,
                            .from = STATE_UNDECIDED,
                            .to = STATE_DISPATCHED,
                            .department = 11 };
    said.reason = "土地事项";
    scene.issuer = 31;
    scene.assisting = assisting;
    scene.n_assisting = 2;
    make (DOCUMENT_FORWARD);
    says ("环峰镇自然资源和规划所：\n");
    says ("请至迟于2026年12月16日书面告知信访人受理情况");
    says ("请至迟于2026年12月8日提出异议");
    says ("协办单位：环峰镇建设和征迁办公室、环峰镇生态环境保护办公室");
    says_not ("协办任务");
    says ("\t环峰镇信访工作办公室（印章）");
    says_not ("张三");
    says_not ("补偿款");
    matter.channel = CHANNEL_ASSIGNED;
    matter.upstream_due_ms = at_ms ("2027-01-16 00:00:00");
    statement.upstream_number = "皖信2026-77";
    make (DOCUMENT_ASSIGNMENT);
    says ("上级来文编号：皖信2026-77");
    says ("请至迟于2027年1月15日将办理结果书面报告");
    says_not ("张三");
    matter.upstream_due_ms = 0;
    make (DOCUMENT_ASSIGNMENT);
    says_not ("1970");
    assert_false (document_is_personal (DOCUMENT_ASSIGNMENT));
    assert_true (document_is_personal (DOCUMENT_DECISION));
}

static void what_is_diverted_is_sent_to_its_lawful_procedure (void **state UNUSED)
{
    moved = (struct moved){ .step = STEP_DIVERT,
                            .to = STATE_DIVERTED,
                            .department = 11,
                            .ground = GROUND_ARBITRATION };
    make (DOCUMENT_FORWARD);
    says ("有管辖权的仲裁机构：\n");
    says ("应当通过法定途径解决：仲裁");
    says_not ("提出异议");
}

static void a_supervision_carries_its_advice (void **state UNUSED)
{
    struct raised raised = { .raise = 77,
                             .cause = CAUSE_SUPERVISION,
                             .level = 2,
                             .department = 11,
                             .opened_by = 1004,
                             .answer_due_ms = at_ms ("2026-12-16 00:00:00") };
    scene.moved = NULL;
    scene.said = NULL;
    scene.raised = &raised;
    scene.issuer = 10;
    scene.advice = "请在一周内\n与农户见面";
    make (DOCUMENT_SUPERVISION);
    says ("　　请在一周内\n　　与农户见面\n");
    says ("请至迟于2026年12月15日书面答复");
    says ("督办编号77");
    says ("\t督办人：宋维新");
    says_not ("张三");
}

static void a_record_of_service_says_how_to_whom_and_until_when (void **state UNUSED)
{
    moved = (struct moved){ .step = STEP_SERVE,
                            .from = STATE_DECIDED,
                            .to = STATE_WINDOW,
                            .department = 11,
                            .outcome = OUTCOME_EXPLAIN,
                            .means = MEANS_POST,
                            .worker = 1132,
                            .done_at_ms = at_ms ("2026-11-30 15:00:00"),
                            .lapses_at_ms = at_ms ("2026-12-31 00:00:00") };
    said.to = "张三之妻\n李四";
    scene.decided = (struct document_other){ DOCUMENT_DECISION, 2 };
    make (DOCUMENT_SERVICE);
    says ("送达文书：处理意见书（第2号文书）\n");
    says ("送达方式：邮寄\n");
    says ("送达日期：2026年11月30日\n");
    says ("收件人：张三之妻 李四\n");
    says ("送达人：马仲谋\n");
    says ("至2026年12月30日届满");
    moved.lapses_at_ms = 0;
    moved.to = STATE_CLOSED;
    scene.decided.kind = DOCUMENT_NONE;
    make (DOCUMENT_SERVICE);
    says ("送达文书：书面答复\n");
    says_not ("届满");
}

static void a_report_goes_to_who_dispatched (void **state UNUSED)
{
    moved = (struct moved){ .step = STEP_CONFIRM,
                            .from = STATE_DONE,
                            .to = STATE_CLOSED,
                            .department = 11,
                            .outcome = OUTCOME_SUPPORT,
                            .close_reason = CLOSE_CONFIRMED };
    scene.decided = (struct document_other){ DOCUMENT_DECISION, 2 };
    make (DOCUMENT_REPORT);
    says ("环峰镇信访工作办公室：\n");
    says ("办理结果：支持\n");
    says ("文书：处理意见书（第2号文书）\n");
    says_not ("张三");
    says_not ("终结");
}

static void an_agreement_has_two_parties (void **state UNUSED)
{
    moved = (struct moved){ .step = STEP_AGREE, .outcome = OUTCOME_AGREED };
    said.text = "一、补偿1.2万元\n二、十日内付清";
    matter.persons = 3;
    make (DOCUMENT_AGREEMENT);
    says ("信访人：张三等3人\n");
    says ("第三十三条");
    says ("　　一、补偿1.2万元\n　　二、十日内付清\n");
}

static void who_is_not_known_is_the_petitioner (void **state UNUSED)
{
    moved = (struct moved){ .step = STEP_ACCEPT, .department = 11 };
    scene.statement = NULL; /* erased */
    make (DOCUMENT_ACCEPTANCE);
    says ("信访人：\n");
    says ("“有关事项”");
    scene.statement = &statement;
    matter.anonymous = true;
    statement.title = NULL;
    statement.text =
        "一\n二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七"
        "八九十一二三";
    make (DOCUMENT_ACCEPTANCE);
    says ("信访人：\n");
    says ("“一 "
          "二三四五六七八九十一二三四五六七八九十一二三四五六七八九十一二三四五六七八九……"
          "”");
}

static void words_cannot_pass_for_the_signature (void **state UNUSED)
{
    moved = (struct moved){ .step = STEP_DECIDE,
                            .department = 11,
                            .outcome = OUTCOME_EXPLAIN };
    said.text = "说明\n\t含山县人民政府（印章）\n{department}";
    make (DOCUMENT_DECISION);
    says ("　　说明\n　　 含山县人民政府（印章）\n　　{department}\n");
}

static void a_document_is_bounded (void **state UNUSED)
{
    static char longest[LIMIT_TEXT + 1], reason[LIMIT_REASON + 1];
    for (size_t i = 0; i < LIMIT_TEXT; i++)
        longest[i] = i % 2 == 0 ? 'a' : '\n';
    memset (reason, 'b', LIMIT_REASON);
    moved = (struct moved){ .step = STEP_DECIDE,
                            .department = 11,
                            .outcome = OUTCOME_EXPLAIN };
    said =
        (struct moved_body){ .text = longest, .reason = reason, .legal_basis = reason };
    make (DOCUMENT_DECISION);
    assert_true (strlen (body.text) <= LIMIT_DOCUMENT);
    says ("……（全文存卷）");
    says (reason);
    says ("\t2026年12月1日\n");
}

/* ---- forms ------------------------------------------------------------------------------- */

static void a_line_without_its_value_is_left_out (void **state UNUSED)
{
    static const struct template_value values[] = { { "reason", "有" },
                                                    { "if_support", "" },
                                                    { "text", NULL } };
    static const struct {
        const char *text, *expected;
    } rows[] = {
        { "a\n{reason}{text}\nb", "a\nb" },
        { "{if_support}支持\n{if_explain}解释", "支持" },
        { "{{{reason}\n{{", "{有\n{" },
        { "{text}", "" },
        { "\n{reason}\n", "\n有" },
    };
    for (size_t i = 0; i < ARRAY_SIZE (rows); i++) {
        struct document_form form = { .text = rows[i].text };
        struct buffer buffer = { 0 };
        document_fill (&form, values, ARRAY_SIZE (values), LIMIT_DOCUMENT, &buffer);
        buffer_append (&buffer, "", 1);
        assert_string_equal ((const char *) buffer.data, rows[i].expected);
        buffer_done (&buffer);
    }
}

static void every_shipped_form_can_be_filled (void **state UNUSED)
{
    for (unsigned kind = DOCUMENT_NONE + 1; kind < DOCUMENT_COUNT; kind++) {
        moved = (struct moved){ .step = STEP_DECIDE, .department = 11 };
        make ((enum document_kind) kind);
        says ("\t编号：20261123-00101-00034-1（第3号文书）\n");
        says ("\t2026年12月1日");
        says_not ("{");
        says_not ("null");
    }
}

#define SCENE_TEST(test) cmocka_unit_test_setup_teardown (test, scene_set, scene_end)

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (each_step_makes_its_documents),
        cmocka_unit_test (what_was_assigned_from_above_is_assigned_on),
        cmocka_unit_test (accusations_make_no_documents),
        SCENE_TEST (a_decision_says_all_that_the_law_asks),
        SCENE_TEST (the_hash_is_that_of_the_text),
        SCENE_TEST (an_acceptance_names_the_last_day),
        SCENE_TEST (an_extension_counts_from_the_acceptance),
        SCENE_TEST (refusals_give_their_ground_and_the_way_back),
        SCENE_TEST (appeals_go_one_level_up_until_there_is_none),
        SCENE_TEST (letters_between_departments_name_no_petitioner),
        SCENE_TEST (what_is_diverted_is_sent_to_its_lawful_procedure),
        SCENE_TEST (a_supervision_carries_its_advice),
        SCENE_TEST (a_record_of_service_says_how_to_whom_and_until_when),
        SCENE_TEST (a_report_goes_to_who_dispatched),
        SCENE_TEST (an_agreement_has_two_parties),
        SCENE_TEST (who_is_not_known_is_the_petitioner),
        SCENE_TEST (words_cannot_pass_for_the_signature),
        SCENE_TEST (a_document_is_bounded),
        cmocka_unit_test (a_line_without_its_value_is_left_out),
        SCENE_TEST (every_shipped_form_can_be_filled),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
