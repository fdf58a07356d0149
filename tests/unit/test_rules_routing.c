/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_tables.h"

#include "rules/responsibility.h"

#define HUAYANG  UINT64_C (340522100001)
#define JINSHAN  UINT64_C (340522100207)
#define QIANJIN  UINT64_C (340522101201)
#define NOWHERE  UINT64_C (340522109201)
#define ANY      PURPOSE_NONE
#define APPEAL   PURPOSE_APPEAL
#define ACCUSE   PURPOSE_ACCUSATION
#define REQUEST  PURPOSE_REQUEST
#define NO_ROW   RESPONSIBILITY_NO_ROW
#define FOUND    RESPONSIBILITY_FOUND
#define EXCLUDED RESPONSIBILITY_EXCLUDED

/* Rows that differ in one respect each; the number says what they are. */
static const char layered[] = "row\tterritory\tcategory\tpurpose\tdepartment\tassisting\n"
                              "1\t340522100\t*\taccusation\t22\n"
                              "2\t340522100\t-\taccusation\t22\n"
                              "3\t340522\t*\taccusation\t53\n"
                              "4\t340522\t-\taccusation\t53\n"
                              "10\t*\t*\t*\t51\n"
                              "20\t34\t国土资源\t*\t51\n"
                              "30\t3405\t国土资源\t*\t51\n"
                              "40\t340522\t国土资源\t*\t51\n"
                              "41\t340522\t国土资源/土地征收/安置补偿\t*\t51\n"
                              "50\t340522100\t*\t*\t10\n"
                              "51\t340522100\t国土资源\t*\t11\n"
                              "52\t340522100\t国土资源/土地征收\t*\t11\t13,12 10\n"
                              "60\t340522100207\t*\t*\t10\n"
                              "61\t340522100207\t国土资源\t*\t11\n"
                              "70\t340522\t国土资源\tappeal\t51\n"
                              "71\t*\t*\tinquiry\t51\n"
                              "80\t340522101201\t-\t*\t101\n";

static const struct {
    uint64_t village;
    const char *category;
    enum purpose purpose;
    uint32_t excluded;
    enum responsibility_outcome outcome;
    uint32_t row;
    const char *why;
} cases[] = {
    { JINSHAN, "国土资源/土地征收/安置补偿", REQUEST, 0, FOUND, 61,
      "the village's row for level 1 before the township's for level 2" },
    { HUAYANG, "国土资源/土地征收/安置补偿", REQUEST, 0, FOUND, 52,
      "the township's row for level 2 before the county's for level 3" },
    { HUAYANG, "国土资源/土地征收", REQUEST, 0, FOUND, 52, "the very category" },
    { HUAYANG, "国土资源", REQUEST, 0, FOUND, 51, "a row below it is not for it" },
    { HUAYANG, "城乡建设/供水", REQUEST, 0, FOUND, 50, "up the tree to any category" },
    { JINSHAN, "城乡建设/供水", REQUEST, 0, FOUND, 60, "the village's any before" },
    { QIANJIN, "国土资源/土地征收/安置补偿", REQUEST, 0, FOUND, 41,
      "another township: the county's deepest" },
    { QIANJIN, "国土资源/土地征收", REQUEST, 0, FOUND, 40, "the county's parent" },
    { QIANJIN, "城乡建设", REQUEST, 0, FOUND, 10, "everywhere, any category" },
    { JINSHAN, "国土资源", APPEAL, 0, FOUND, 70,
      "a row that names the purpose before that of the very village" },
    { JINSHAN, "国土资源/土地征收/安置补偿", APPEAL, 0, FOUND, 70,
      "and before deeper categories: the purpose comes first" },
    { JINSHAN, "城乡建设", APPEAL, 0, FOUND, 60, "no row for this purpose: any purpose" },
    { JINSHAN, "国土资源", PURPOSE_INQUIRY, 0, FOUND, 71,
      "even where it is for all places" },
    { JINSHAN, "国土资源", ANY, 0, FOUND, 61, "no purpose was said" },
    { HUAYANG, NULL, REQUEST, 0, RESPONSIBILITY_NO_CATEGORY, 0,
      "'*' needs a category: else the dispatcher" },
    { HUAYANG, "", REQUEST, 0, RESPONSIBILITY_NO_CATEGORY, 0, "empty is none" },
    { QIANJIN, NULL, REQUEST, 0, FOUND, 80, "'-' is for those without a category" },
    { QIANJIN, "城乡建设", REQUEST, 0, FOUND, 10, "and for no others" },
    { HUAYANG, "其他/没有", REQUEST, 0, RESPONSIBILITY_UNKNOWN_CATEGORY, 0,
      "a category nobody knows is none" },
    { HUAYANG, "国土资源/海洋/鱼", REQUEST, 0, FOUND, 51, "the known beginning counts" },
    { HUAYANG, "国土资源／土地征收", REQUEST, 0, FOUND, 52, "full-width slash" },
    { HUAYANG, " 国土资源 / 土地征收 ", REQUEST, 0, FOUND, 52, "spaces around levels" },
    { NOWHERE, "国土资源", REQUEST, 0, RESPONSIBILITY_UNKNOWN_VILLAGE, 0,
      "a village that is not in the table" },
    /* Accusations: only rows that name the purpose. */
    { HUAYANG, "国土资源", ACCUSE, 0, FOUND, 1, "to the township's discipline organ" },
    { HUAYANG, NULL, ACCUSE, 0, FOUND, 2, "without a category too" },
    { HUAYANG, "其他/没有", ACCUSE, 0, FOUND, 2, "or with an unknown one" },
    { QIANJIN, "国土资源", ACCUSE, 0, FOUND, 3, "else one level above the township" },
    { HUAYANG, "国土资源", ACCUSE, 22, FOUND, 3,
      "also where that organ is accused itself" },
    { HUAYANG, NULL, ACCUSE, 22, FOUND, 4, "also without a category" },
    { QIANJIN, "国土资源", ACCUSE, 53, EXCLUDED, 0, "never to the general table" },
    /* Excluded departments in other matters. */
    { HUAYANG, "国土资源", REQUEST, 11, FOUND, 50,
      "passed over, on to the less specific" },
    { QIANJIN, "城乡建设", REQUEST, 51, EXCLUDED, 0, "all that answer are excluded" },
};

static struct rules *load_layered (void)
{
    static struct rules_problems problems;
    struct rules *rules = NULL;
    if (parse_with (RULES_RESPONSIBILITY, layered, &rules, &problems) != 0)
        fail_msg ("%s", problems.texts[0]);
    return rules;
}

static void the_most_specific_row_answers (void **state UNUSED)
{
    struct rules *rules = load_layered ();
    for (size_t i = 0; i < ARRAY_SIZE (cases); i++) {
        struct responsibility_question question = {
            .village = cases[i].village,
            .category = cases[i].category,
            .purpose = cases[i].purpose,
            .excluded = &cases[i].excluded,
            .excluded_count = cases[i].excluded != 0,
        };
        struct responsibility_answer answer;
        rules_responsible (rules, &question, &answer);
        if (answer.outcome != cases[i].outcome || answer.row != cases[i].row)
            fail_msg ("case %zu: outcome %d row %u, but %d row %u: %s", i,
                      (int) answer.outcome, answer.row, (int) cases[i].outcome,
                      cases[i].row, cases[i].why);
        assert_true ((answer.department != 0) == (answer.outcome == FOUND));
        assert_true (answer.version == rules->version[RULES_RESPONSIBILITY]);
    }
    rules_destroy (&rules);
}

static void successors_stand_for_the_abolished (void **state UNUSED)
{
    struct rules *rules = small_rules ();
    struct responsibility_answer answer;
    struct responsibility_question question = { .village = HUAYANG,
                                                .category = "城乡建设",
                                                .purpose = REQUEST };
    rules_responsible (rules, &question, &answer);
    assert_int_equal (answer.department, 12);
    assert_int_equal (answer.replaced, 13);
    /* Whoever accuses the abolished one accuses its successor. */
    static const uint32_t abolished = 13, in_force = 12;
    question.excluded_count = 1;
    question.excluded = &abolished;
    rules_responsible (rules, &question, &answer);
    assert_int_equal (answer.outcome, EXCLUDED);
    question.excluded = &in_force;
    rules_responsible (rules, &question, &answer);
    assert_int_equal (answer.outcome, EXCLUDED);
    rules_destroy (&rules);
}

static void assisting_departments_are_in_force_once_and_not_excluded (void **state UNUSED)
{
    struct rules *rules = load_layered ();
    struct responsibility_answer answer;
    struct responsibility_question question = { .village = HUAYANG,
                                                .category = "国土资源/土地征收",
                                                .purpose = REQUEST };
    rules_responsible (rules, &question, &answer);
    /* The row says 13, 12, 10; 13 was taken over by 12. */
    assert_int_equal (answer.assisting_count, 2);
    assert_int_equal (answer.assisting[0], 12);
    assert_int_equal (answer.assisting[1], 10);
    static const uint32_t excluded = 12;
    question.excluded = &excluded;
    question.excluded_count = 1;
    rules_responsible (rules, &question, &answer);
    assert_int_equal (answer.assisting_count, 1);
    assert_int_equal (answer.assisting[0], 10);
    rules_destroy (&rules);
}

struct trail {
    char text[2048];
    size_t used;
};

static void note (const struct responsibility_try *tried, void *context)
{
    struct trail *trail = context;
    const char *category = tried->scope == CATEGORY_MISSING ? "-"
                           : tried->scope == CATEGORY_NAMED ? "*"
                                                            : tried->category->name;
    trail->used += (size_t) snprintf (
        trail->text + trail->used, sizeof trail->text - trail->used, "%s%llu/%s%s ",
        tried->purpose == ANY ? "" : "!", (unsigned long long) tried->prefix, category,
        tried->step == TRY_ANSWERS    ? "=yes"
        : tried->step == TRY_EXCLUDED ? "=excluded"
                                      : "");
    assert_true (trail->used < sizeof trail->text);
}

static void the_walk_can_be_followed (void **state UNUSED)
{
    struct rules *rules = small_rules ();
    struct trail trail = { .text = "" };
    struct responsibility_answer answer;
    static const uint32_t excluded = 22;
    struct responsibility_question question = { .village = JINSHAN,
                                                .category = "国土资源/土地征收",
                                                .purpose = REQUEST };
    rules_responsible_explain (rules, &question, note, &trail, &answer);
    assert_string_equal (trail.text,
                         "!340522100207/土地征收 !340522100207/国土资源 !340522100207/* "
                         "!340522100/土地征收 !340522100/国土资源 !340522100/* "
                         "!340522/土地征收 !340522/国土资源 !340522/* "
                         "!3405/土地征收 !3405/国土资源 !3405/* "
                         "!34/土地征收 !34/国土资源 !34/* "
                         "!0/土地征收 !0/国土资源 !0/* "
                         "340522100207/土地征收 340522100207/国土资源 340522100207/* "
                         "340522100/土地征收 340522100/国土资源=yes ");
    trail = (struct trail){ .text = "" };
    question = (struct responsibility_question){
        .village = JINSHAN, .purpose = ACCUSE, .excluded = &excluded, .excluded_count = 1
    };
    rules_responsible_explain (rules, &question, note, &trail, &answer);
    assert_string_equal (trail.text,
                         "!340522100207/- !340522100/-=excluded !340522/-=yes ");
    rules_destroy (&rules);
}

static void every_outcome_has_its_sentence (void **state UNUSED)
{
    for (unsigned outcome = 0; outcome < RESPONSIBILITY_OUTCOME_COUNT; outcome++)
        for (unsigned language = 0; language < LANGUAGE_COUNT; language++)
            assert_true (strlen (responsibility_reason (outcome, language)) > 5);
}

static void territories_are_decimal_prefixes (void **state UNUSED)
{
    assert_true (territory_contains (0, HUAYANG));
    assert_true (territory_contains (34, HUAYANG));
    assert_true (territory_contains (340522100, HUAYANG));
    assert_true (territory_contains (HUAYANG, HUAYANG));
    assert_true (territory_contains (340522, 340522100));
    assert_false (territory_contains (340522100, 340522));
    assert_false (territory_contains (340522101, HUAYANG));
    assert_false (territory_contains (HUAYANG, JINSHAN));
    assert_false (territory_contains (35, HUAYANG));
}

static void candidates_come_from_the_words_of_categories (void **state UNUSED)
{
    struct rules *rules = small_rules ();
    struct responsibility_candidate found[CANDIDATES_MAX];
    struct responsibility_question question = { .village = HUAYANG, .purpose = REQUEST };
    size_t count =
        rules_candidates (rules, &question, bytes_of_text ("征地补偿款没到账，还停水"),
                          bytes_of_text ("家里青苗费也没给"), found);
    assert_int_equal (count, 2);
    assert_int_equal (found[0].department, 11);
    assert_int_equal (found[0].row, 11);
    assert_int_equal (found[0].category, 30100);
    assert_string_equal (found[0].why, "有“补偿款”等词，属国土资源/土地征收");
    assert_int_equal (found[1].department, 12);
    assert_int_equal (found[1].category, 10100);
    assert_true (found[0].score > found[1].score);
    rules_destroy (&rules);
}

static void candidates_end_with_the_general_office (void **state UNUSED)
{
    struct rules *rules = small_rules ();
    struct responsibility_candidate found[CANDIDATES_MAX];
    struct responsibility_question question = { .village = QIANJIN, .purpose = REQUEST };
    size_t count = rules_candidates (rules, &question, bytes_of_text ("路灯不亮"),
                                     BYTES (NULL, 0), found);
    assert_int_equal (count, 1);
    assert_int_equal (found[0].department, 101);
    assert_int_equal (found[0].row, 13);
    assert_int_equal (found[0].category, 0);
    /* In the other township nobody answers for everything. */
    question.village = HUAYANG;
    assert_int_equal (rules_candidates (rules, &question, bytes_of_text ("路灯不亮"),
                                        BYTES (NULL, 0), found),
                      0);
    rules_destroy (&rules);
}

static void accusations_and_the_excluded_are_no_candidates (void **state UNUSED)
{
    struct rules *rules = small_rules ();
    struct responsibility_candidate found[CANDIDATES_MAX];
    static const uint32_t excluded = 11;
    struct responsibility_question question = {
        .village = HUAYANG, .purpose = REQUEST, .excluded = &excluded, .excluded_count = 1
    };
    struct bytes title = bytes_of_text ("征地补偿款没到账");
    assert_int_equal (rules_candidates (rules, &question, title, title, found), 0);
    question = (struct responsibility_question){ .village = HUAYANG, .purpose = ACCUSE };
    assert_int_equal (rules_candidates (rules, &question, title, title, found), 0);
    rules_destroy (&rules);
}

static void broken_text_does_not_disturb_the_search (void **state UNUSED)
{
    struct rules *rules = small_rules ();
    struct responsibility_candidate found[CANDIDATES_MAX];
    struct responsibility_question question = { .village = HUAYANG, .purpose = REQUEST };
    static const char text[] = "\xE5\x9C\xFF征\x00\xE5\xBE\x81\xE5\x9C\xB0";
    for (size_t size = 0; size < sizeof text; size++)
        rules_candidates (rules, &question, BYTES (text, size), BYTES (text, size),
                          found);
    assert_int_equal (rules_candidates (rules, &question, BYTES (text, sizeof text - 1),
                                        BYTES (NULL, 0), found),
                      1);
    rules_destroy (&rules);
}

int main (void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test (the_most_specific_row_answers),
        cmocka_unit_test (successors_stand_for_the_abolished),
        cmocka_unit_test (assisting_departments_are_in_force_once_and_not_excluded),
        cmocka_unit_test (the_walk_can_be_followed),
        cmocka_unit_test (every_outcome_has_its_sentence),
        cmocka_unit_test (territories_are_decimal_prefixes),
        cmocka_unit_test (candidates_come_from_the_words_of_categories),
        cmocka_unit_test (candidates_end_with_the_general_office),
        cmocka_unit_test (accusations_and_the_excluded_are_no_candidates),
        cmocka_unit_test (broken_text_does_not_disturb_the_search),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
