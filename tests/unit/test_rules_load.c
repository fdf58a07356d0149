/* SPDX-License-Identifier: Apache-2.0 */
/* What a clerk reads after a slip of the pen: each row exchanges one piece of the small
 * tables and expects the sentence, to the letter, with file and line. */
#include "rules_tables.h"

#include "rules/templates.h"

static struct rules_problems problems;

static const struct {
    enum rules_table table;
    const char *from; /* in the small table; NULL: the whole */
    const char *to;
    const char *sentence;
} slips[] = {
    /* Lines, columns, cells. */
    { RULES_VILLAGES, NULL, "",
      "villages.tsv: no line names the columns; the first line that is no comment does" },
    { RULES_VILLAGES, "township\n", "town_ship\n",
      "villages.tsv:1: unknown column town_ship, did you mean township?" },
    { RULES_VILLAGES, "code\tname\ttownship", "code\tname\tname",
      "villages.tsv:1: column name stands twice" },
    { RULES_VILLAGES, "code\tname\ttownship\n", "code\tname\n",
      "villages.tsv:1: column township is missing; add it to this line" },
    { RULES_VILLAGES, "金山\t环峰镇", "金山\t环峰镇\t乡",
      "villages.tsv:3: 4 cells, but 3 columns are named; is there a tab too many?" },
    { RULES_VILLAGES, "金山", "",
      "villages.tsv:3: column name is empty; it must be there" },
    { RULES_VILLAGES, "金山", "\"金山\"",
      "villages.tsv:3: column name begins with a quotation mark; save the table as "
      "tab-separated text without quoting" },
    { RULES_VILLAGES, "金山", "\xBD\xF0\xC9\xBD",
      "villages.tsv:3: not UTF-8; save the table as UTF-8, not as GBK or ANSI" },
    { RULES_VILLAGES, "金山", "金\\山",
      "villages.tsv:3: column name: a backslash stands only in \\n, \\t and \\\\" },
    { RULES_VILLAGES, "340522100207", "34052210020",
      "villages.tsv:3: column code: 34052210020 is not between 110000000000 and "
      "999999999999" },
    { RULES_VILLAGES, "340522100207", "34052210020O",
      "villages.tsv:3: column code: 34052210020O is no number" },
    { RULES_VILLAGES, "340522100207", "340522100001",
      "villages.tsv:3: the same code as in line 2; keep one of the two" },
    /* Departments. */
    { RULES_DEPARTMENTS, "11\t国土所\t镇", "11\t国土所\t乡",
      "departments.tsv:3: column level: unknown level 乡" },
    { RULES_DEPARTMENTS, "11\t国土所\t镇", "11\t国土所\ttownshp",
      "departments.tsv:3: column level: unknown level townshp, did you mean township?" },
    { RULES_DEPARTMENTS, "11\t国土所\t镇\t340522100", "11\t国土所\t镇\t3405221",
      "departments.tsv:3: column territory: \"3405221\" is no territory; write * or 12 "
      "(village), 9 (township), 6 (county), 4 or 2 digits of the statistical code" },
    { RULES_DEPARTMENTS, "11\t国土所\t镇\t340522100", "11\t国土所\t镇\t340522109",
      "departments.tsv:3: column territory: no village of the villages table lies in "
      "340522109" },
    { RULES_DEPARTMENTS, "340522100\t10\t1004", "340522100\t77\t1004",
      "departments.tsv:3: column superior: there is no department 77" },
    { RULES_DEPARTMENTS, "340522100\t10\t1004", "340522100\t10\t1009",
      "departments.tsv:3: column leader: there is no person 1009 in the people table" },
    { RULES_DEPARTMENTS, "340522\t-\t-\t-\t指定", "340522\t10\t-\t-\t指定",
      "departments.tsv:2: column superior: the chain from department 10 goes in a circle "
      "or has more than 8 links" },
    { RULES_DEPARTMENTS, "\t分办\n51", "\t分派\n51",
      "departments.tsv:7: column flags: unknown flag 分派, did you mean 分办?" },
    { RULES_DEPARTMENTS, "13\t城建办\t镇\t340522100\t10\t-\t12",
      "13\t城建办\t镇\t340522100\t10\t-\t14",
      "departments.tsv:5: column successor: there is no department 14" },
    /* People. */
    { RULES_PEOPLE, "1004\t丙副镇长\t10", "1004\t丙副镇长\t99",
      "people.tsv:4: column department: there is no department 99 in the departments "
      "table" },
    { RULES_PEOPLE, "2024-01-01\t2026-12-31", "2024-13-01\t2026-12-31",
      "people.tsv:4: column from: there is no day 2024-13-01" },
    { RULES_PEOPLE, "2024-01-01\t2026-12-31", "2027-01-01\t2026-12-31",
      "people.tsv:4: the last day (until) lies before the first (from)" },
    { RULES_PEOPLE, "2026-11-30\t2026-12-11\t1111", "2026-11-30\t\t1111",
      "people.tsv:7: who stands in for somebody does so from a day until a day; fill in "
      "both" },
    { RULES_PEOPLE, "2026-12-11\t1111", "2026-12-11\t1110",
      "people.tsv:7: column stands_in_for: there is no person 1110" },
    { RULES_PEOPLE, "1112\t戊副所长\t11\t负责人", "1112\t戊所长\t11\t负责人",
      "people.tsv:6: person 1112 is called 戊副所长 here and 戊所长 in line 7" },
    { RULES_PEOPLE, "smtp:a@h.example", "mail:a@h.example",
      "people.tsv:2: column channel: unknown channel mail" },
    { RULES_PEOPLE, "smtp:a@h.example", "smtp:h.example",
      "people.tsv:2: column channel: smtp: cannot be; write smtp:name@host" },
    { RULES_PEOPLE, "smtp:a@h.example", "a@h.example",
      "people.tsv:2: column channel: a@h.example is no channel; write smtp:name@host, "
      "http:URL, pipe:program or none" },
    { RULES_PEOPLE, "smtp:a@h.example", "pipe:/bin/sh",
      "people.tsv:2: column channel: pipe: cannot be; write pipe:program" },
    { RULES_PEOPLE, "5101\t壬主任\t51\t县级", "5101\t壬主任\t51\t负责人",
      NULL /* the discipline commission's still answers at level 4 */ },
    /* Categories. */
    { RULES_CATEGORIES, "城乡建设/供水", "城建/供水",
      "categories.tsv:3: 城建/供水 has no parent; add a row for the level "
      "above" },
    { RULES_CATEGORIES, "30100\t", "30101\t",
      "categories.tsv:6: number 30101 is that of 国土资源/土地征收 in line 5" },
    { RULES_CATEGORIES, "征地 补偿款", "征 补偿款",
      "categories.tsv:5: column keywords: 征 is one character; it would be found "
      "everywhere" },
    { RULES_CATEGORIES, "城乡建设/供水", "城乡建设//供水",
      "categories.tsv:3: column path: levels are joined by /, without spaces, at most "
      "180 "
      "bytes together" },
    /* Responsibility. */
    { RULES_RESPONSIBILITY, "国土资源\t*\t11", "国土资原\t*\t11",
      "responsibility.tsv:6: column category: unknown category 国土资原, did you mean "
      "国土资源?" },
    { RULES_RESPONSIBILITY, "国土资源\t*\t11", "\t*\t11",
      "responsibility.tsv:6: column category is empty; write a path, * (any that is "
      "named) "
      "or - (none was named)" },
    { RULES_RESPONSIBILITY, "国土资源\t*\t11", "国土资源\t投诉\t11",
      "responsibility.tsv:6: column purpose: unknown purpose 投诉, did you mean 申诉?" },
    { RULES_RESPONSIBILITY, "11\t13\n", "11\t11\n",
      "responsibility.tsv:6: column assisting: department 11 answers already" },
    { RULES_RESPONSIBILITY, "\n12\t", "\n11\t",
      "responsibility.tsv:7: row 11 stands in line 6 already; give it a new number" },
    { RULES_RESPONSIBILITY, "城乡建设\t*\t13", "国土资源\t*\t13",
      "responsibility.tsv:7: the same territory, category and purpose as in line 6; keep "
      "one of the two" },
    { RULES_RESPONSIBILITY, "4\t340522\t-\t检举控告\t53\n", "",
      "responsibility.tsv: no row answers accusations (检举控告) from village "
      "340522101201; add rows with that purpose, one for category * and one for category "
      "-" },
    /* Deadlines and ladder. */
    { RULES_DEADLINES, "accept\tduty\t*\t*", "acept\tduty\t*\t*",
      "deadlines.tsv:4: column stage: unknown stage acept, did you mean accept?" },
    { RULES_DEADLINES, "15\tday\tyes\t-\tlaw\t22", "15\tworking_day\tyes\t-\tlaw\t22",
      "deadlines.tsv:2: column roll: only a period in days ends on a rest day; write "
      "no" },
    { RULES_DEADLINES, "law\t22", "law\t-",
      "deadlines.tsv:2: column article: a row of the law names its article" },
    { RULES_DEADLINES, "15\tday\tyes\t-\tlaw\t22", "15\tday\tperhaps\t-\tlaw\t22",
      "deadlines.tsv:2: column roll: \"perhaps\" is neither yes (是, 1) nor no (否, 0)" },
    { RULES_DEADLINES, "15\tday\tyes\t-\tlaw\t22", "15\tday\tyes\t50,40,100\tlaw\t22",
      "deadlines.tsv:2: column bands: rising per cents up to 100, like 50,75,85,100" },
    { RULES_DEADLINES, "15\tday\tyes\t-\tlaw\t22", "15\tday\tyes\t50,90\tlaw\t22",
      "deadlines.tsv:2: column bands: the last one is 100, the breach" },
    { RULES_DEADLINES, "15\tday\tyes\t-\tlaw\t22", "15\tday\tyes\t60,100\tlaw\t22",
      "deadlines.tsv:2: the ladder has no step at 60% for stage dispatch: nobody would "
      "be "
      "told" },
    { RULES_DEADLINES, "12\texecute\tduty\t*\t*\t30\tday\tyes\t-\tpolicy\t-\n", "",
      "deadlines.tsv: stage execute has no clock for purpose appeal; add a row, with * "
      "for "
      "any purpose and any urgency" },
    { RULES_DEADLINES, "whole\tduty\t*\t*\taccept+decide",
      "whole\tduty\t*\t*\taccept+decid",
      "deadlines.tsv:17: column amount: unknown stage decid, did you mean decide?" },
    { RULES_DEADLINES,
      "8\tdecide\tduty\taccusation\t*\t15\tworking_day\tno\t-\tpolicy\t-\n", "",
      "deadlines.tsv:14: holder would sum days and working days (lines 6 and 8) for "
      "purpose "
      "accusation" },
    { RULES_DEADLINES, "appeal\t*\t30\tday\tyes", "appeal\t*\t30\tworking_day\tno",
      "deadlines.tsv:11: an extension in working_day of 'decide' in day (line 8): use "
      "the "
      "same unit" },
    { RULES_LADDER, "*\t*\t100%\t2\n", "*\t*\t100%\t3\n",
      "ladder.tsv:5: level 3 directly after level 1: go up level by level" },
    { RULES_LADDER, "*\t*\t+5\t3\n", "*\t*\t+5\t1\n",
      "ladder.tsv:6: level 1 after level 2: a later step is never lower" },
    { RULES_LADDER, "*\t*\t+5\t3\n", "*\t*\t5\t3\n",
      "ladder.tsv:6: column at: \"5\" is neither a share like 85% nor working days after "
      "the breach like +5" },
    { RULES_LADDER, "*\t*\t+5\t3\n", "*\t*\t+5\t5\n",
      "ladder.tsv:6: column level: 5 is not between 0 and 4" },
    /* Calendar. */
    { RULES_CALENDAR, "# known until 2026-12-31\n", "",
      "calendar.tsv: a line \"# known until 2026-12-31\" is missing: it says how far the "
      "calendar is complete" },
    { RULES_CALENDAR, "# known until 2026-12-31\n", "# known until soon\n",
      "calendar.tsv:1: known until: \"soon\" is no date; write it like 2026-11-23" },
    { RULES_CALENDAR, "2026-10-10", "2027-10-10",
      "calendar.tsv:4: the day lies behind \"known until 2026-12-31\"; correct one of "
      "the "
      "two" },
    { RULES_CALENDAR, "2026-10-10", "2026-10-32",
      "calendar.tsv:4: column date: there is no day 2026-10-32" },
    { RULES_CALENDAR, "2026-10-10", "2026-10-01",
      "calendar.tsv:4: the same date as in line 3; keep one of the two" },
    /* Templates and words. */
    { RULES_TEMPLATES, "raised\tzh\t{number}", "raised\tzh\t{numbr}",
      "templates.tsv:88: template raised: unknown placeholder {numbr}, did you mean "
      "number?" },
    { RULES_TEMPLATES, "raised\tzh\t{number}", "raised\tzh\t{number",
      "templates.tsv:88: template raised: a brace without its end; write {{ for a "
      "brace" },
    { RULES_TEMPLATES, "raised\tzh\t{number}", "raised\tzh\t[{number}[",
      "templates.tsv:88: template raised: a bracket without its end; [, due {due}] is "
      "left "
      "out where there is no {due}" },
    { RULES_TEMPLATES, "raised\tzh\t", "rised\tzh\t",
      "templates.tsv:88: unknown template rised, did you mean raised?" },
    { RULES_TEMPLATES, "slip\ten\t{number}\t{department}\\n{due}\n", "",
      "templates.tsv: template slip is missing in language en" },
    { RULES_URGENT_WORDS, "停水\turgent", "停水\turgnt",
      "urgent_words.tsv:2: column flag: unknown flag urgnt, did you mean urgent?" },
    { RULES_URGENT_WORDS, "停水\turgent", "x\turgent",
      "urgent_words.tsv:2: column word: one letter would be found everywhere" },
    { RULES_URGENT_WORDS, "停水\turgent", "火\turgent",
      "urgent_words.tsv:2: column word: one letter would be found everywhere" },
    /* Documents: every kind once, and known placeholders. */
    { RULES_DOCUMENTS, "supervision\t督办函\t-\t{advice}\n", "",
      "documents.tsv: document supervision (督办函) is missing" },
    { RULES_DOCUMENTS, "supervision\t督办函", "supervison\t督办函",
      "documents.tsv:11: column kind: unknown document supervison, did you mean "
      "supervision?" },
    { RULES_DOCUMENTS, "review\t复查意见书", "decision\t复查意见书",
      "documents.tsv:6: the same kind as in line 5; keep one of the two" },
    { RULES_DOCUMENTS, "{final_number}", "{final_nummber}",
      "documents.tsv:8: document no_longer: unknown placeholder {final_nummber}, did you "
      "mean final_number?" },
    { RULES_DOCUMENTS, "{advice}", "{petitioner}{advice}",
      "documents.tsv:11: document supervision: {petitioner} names the petitioner; a "
      "letter "
      "between departments may not" },
    { RULES_DOCUMENTS, "{means}", "{means",
      "documents.tsv:14: document service: a brace without its end; write {{ for a "
      "brace" },
    { RULES_DOCUMENTS, "acceptance\t受理告知书", "受理告知书\t受理告知书", NULL },
    { RULES_DOCUMENTS, "acceptance\t受理告知书", "acceptance\t受理\\n告知书",
      "documents.tsv:2: column title: a title is one line" },
};

static const char *exchange (enum rules_table table, const char *from, const char *to)
{
    static char text[16384];
    const char *whole =
        table == RULES_TEMPLATES ? small_templates () : small_tables[table];
    if (from == NULL)
        return to;
    const char *at = strstr (whole, from);
    assert_non_null (at);
    snprintf (text, sizeof text, "%.*s%s%s", (int) (at - whole), whole, to,
              at + strlen (from));
    return text;
}

static void every_slip_is_told_with_file_and_line (void **state UNUSED)
{
    size_t wrong = 0;
    for (size_t i = 0; i < ARRAY_SIZE (slips); i++) {
        struct rules *rules = NULL;
        int rc = parse_with (slips[i].table,
                             exchange (slips[i].table, slips[i].from, slips[i].to),
                             &rules, &problems);
        if (slips[i].sentence == NULL) {
            assert_int_equal (rc, 0);
            rules_destroy (&rules);
            continue;
        }
        assert_int_equal (rc, -22);
        assert_null (rules);
        if (strcmp (problems.texts[0], slips[i].sentence) != 0) {
            wrong++;
            print_error ("row %zu\n  says     %s\n  expected %s\n", i, problems.texts[0],
                         slips[i].sentence);
        }
    }
    assert_int_equal (wrong, 0);
}

static void all_mistakes_are_told_at_once (void **state UNUSED)
{
    struct rules *rules = NULL;
    int rc = parse_with (RULES_VILLAGES,
                         "code\tname\ttownship\n"
                         "1\t华阳\t环峰镇\n"
                         "340522100207\t\t环峰镇\n"
                         "340522101201\t前进\t\n",
                         &rules, &problems);
    assert_int_equal (rc, -22);
    assert_int_equal (problems.count, 3);
    assert_non_null (strstr (problems.texts[0], "villages.tsv:2: column code"));
    assert_non_null (strstr (problems.texts[1], "villages.tsv:3: column name"));
    assert_non_null (strstr (problems.texts[2], "villages.tsv:4: column township"));
}

static void a_broken_table_does_not_make_others_look_broken (void **state UNUSED)
{
    /* Without departments every reference to one would dangle. */
    struct rules *rules = NULL;
    int rc = parse_with (RULES_DEPARTMENTS, "nummer\tname\n1\tx\n", &rules, &problems);
    assert_int_equal (rc, -22);
    for (size_t i = 0; i < problems.count && i < RULES_PROBLEMS_MAX; i++)
        assert_non_null (strstr (problems.texts[i], "departments.tsv"));
}

static void more_mistakes_than_fit_are_counted (void **state UNUSED)
{
    struct buffer text = { 0 };
    buffer_append_bytes (&text, bytes_of_text ("code\tname\ttownship\n"));
    for (int i = 0; i < 50; i++)
        buffer_append_bytes (&text, bytes_of_text ("1\tx\ty\n"));
    buffer_append (&text, "", 1);
    struct rules *rules = NULL;
    assert_int_equal (
        parse_with (RULES_VILLAGES, (const char *) text.data, &rules, &problems), -22);
    assert_true (problems.count >= 50);
    buffer_done (&text);
}

static void spreadsheets_may_leave_their_traces (void **state UNUSED)
{
    /* BOM, CRLF, empty lines, spaces around cells, tabs behind the last one, columns in
     * another order, full-width digits, a comment in between. */
    struct rules *rules = NULL;
    int rc = parse_with (RULES_VILLAGES,
                         "\xEF\xBB\xBF# comment\r\n"
                         "township\tcode \tname\t\t\r\n"
                         "\r\n"
                         "环峰镇\t３４０５２２１００００１\t 华阳\t\t\r\n"
                         "# another\r\n"
                         "\t\t\r\n"
                         "环峰镇\t340522100207\t金山\r\n"
                         "运漕镇\t340522101201\t前进",
                         &rules, &problems);
    assert_int_equal (rc, 0);
    assert_int_equal (rules->village_count, 3);
    assert_string_equal (village_find (rules, UINT64_C (340522100001))->name, "华阳");
    assert_string_equal (village_find (rules, UINT64_C (340522101201))->township,
                         "运漕镇");
    assert_int_equal (village_find (rules, UINT64_C (340522100001))->line, 4);
    rules_destroy (&rules);
}

static void words_may_be_chinese_or_english (void **state UNUSED)
{
    struct rules *rules = NULL;
    int rc =
        parse_with (RULES_URGENT_WORDS,
                    "word\tflag\n停水\t紧急\n跳楼\t暴力风险\n不想活\turgent，threat\n",
                    &rules, &problems);
    assert_int_equal (rc, 0);
    assert_int_equal (urgent_flags (rules, bytes_of_text ("昨天停水")), WORD_URGENT);
    assert_int_equal (urgent_flags (rules, bytes_of_text ("他要跳楼")), WORD_THREAT);
    assert_int_equal (urgent_flags (rules, bytes_of_text ("我不想活了")),
                      WORD_URGENT | WORD_THREAT);
    assert_int_equal (urgent_flags (rules, bytes_of_text ("路灯不亮")), 0);
    assert_int_equal (urgent_flags (rules, BYTES (NULL, 0)), 0);
    rules_destroy (&rules);
}

static void words_are_found_wherever_they_stand (void **state UNUSED)
{
    static const char *const words[] = { "ab", "SOS", "要跳楼", "停水停电三天" };
    struct rules *rules = NULL;
    int rc = parse_with (RULES_URGENT_WORDS,
                         "word\tflag\nab\t紧急\nSOS\t紧急\n要跳楼\t紧急\n"
                         "停水停电三天\t紧急\n",
                         &rules, &problems);
    assert_int_equal (rc, 0);
    for (size_t i = 0; i < ARRAY_SIZE (words); i++) {
        char text[64];
        for (size_t before = 0; before < 4; before++)
            for (size_t behind = 0; behind < 3; behind++) {
                snprintf (text, sizeof text, "%.*s%s%.*s", (int) before, "xyz", words[i],
                          (int) behind * 3, "路灯");
                assert_int_equal (urgent_flags (rules, bytes_of_text (text)),
                                  WORD_URGENT);
            }
        snprintf (text, sizeof text, "%.*s", (int) strlen (words[i]) - 1, words[i]);
        assert_int_equal (urgent_flags (rules, bytes_of_text (text)), 0);
    }
    rules_destroy (&rules);
}

static void versions_follow_the_bytes (void **state UNUSED)
{
    struct rules *one = small_rules (), *other = NULL;
    assert_int_equal (parse_with (RULES_CALENDAR,
                                  exchange (RULES_CALENDAR, "# known until 2026-12-31\n",
                                            "# known until 2026-12-31\n# a comment\n"),
                                  &other, &problems),
                      0);
    for (unsigned table = 0; table < RULES_TABLE_COUNT; table++) {
        assert_true (one->version[table] != 0);
        assert_true ((one->version[table] == other->version[table]) ==
                     (table != RULES_CALENDAR));
    }
    assert_true (rules_version (bytes_of_text ("")) == UINT64_C (0xe3b0c44298fc1c14));
    rules_destroy (&one);
    rules_destroy (&other);
}

static void a_missing_directory_is_said (void **state UNUSED)
{
    struct rules *rules = NULL;
    struct err err = { 0 };
    assert_int_equal (rules_load_dir (&rules, "/nonexistent", &err), -2);
    assert_string_equal (err.text,
                         "/nonexistent/villages.tsv: No such file or directory");
    assert_null (rules);
}

static void any_bytes_at_all_are_refused_in_peace (void **state UNUSED)
{
    /* Each prefix of a good table, and each with one byte changed: never a crash, and
     * whatever loads is whole. */
    static const enum rules_table tables[] = { RULES_DEADLINES, RULES_PEOPLE,
                                               RULES_RESPONSIBILITY, RULES_LADDER };
    for (size_t t = 0; t < ARRAY_SIZE (tables); t++) {
        char text[4096];
        size_t size = strlen (small_tables[tables[t]]);
        for (size_t i = 0; i < size; i += 3) {
            struct rules *rules = NULL;
            snprintf (text, sizeof text, "%s", small_tables[tables[t]]);
            text[i] = (char) (i * 37 + 9);
            if (text[i] == '\0')
                text[i] = '\t';
            if (parse_with (tables[t], text, &rules, &problems) == 0)
                assert_int_equal (rules->village_count, 3);
            rules_destroy (&rules);
            text[i] = '\0';
            if (parse_with (tables[t], text, &rules, &problems) == 0)
                assert_int_equal (rules->village_count, 3);
            rules_destroy (&rules);
        }
    }
}

static void table_names_come_back (void **state UNUSED)
{
    for (unsigned table = 0; table < RULES_TABLE_COUNT; table++)
        assert_int_equal (rules_table_find (rules_table_name (table)), table);
    assert_int_equal (rules_table_find ("vilages"), -1);
}

static void templates_are_filled_in (void **state UNUSED)
{
    static const struct template_value values[] = { { "number", "2026{due}" },
                                                    { "due", "明天" },
                                                    { "count", NULL } };
    static const struct {
        const char *text, *expected;
    } rows[] = {
        { "{number} 到期{due}。", "2026{due} 到期明天。" },
        { "{{{due}}", "{明天}" },
        { "{count}{unknown}", "——" },
        { "", "" },
        { "open {due", "open {due" },
        { "{number}[，期限{due}]", "2026{due}，期限明天" },
        { "到期[，期限{count}][，在{due}]", "到期，在明天" },
        { "[{due}{unknown}]。", "。" },
        { "[2026] 第 1 号 [", "[2026] 第 1 号 [" },
        { "[{{x]{due}", "[{x]明天" },
        { "[{due", "[{due" },
    };
    for (size_t i = 0; i < ARRAY_SIZE (rows); i++) {
        struct buffer buffer = { 0 };
        template_fill (rows[i].text, values, ARRAY_SIZE (values), &buffer);
        buffer_append (&buffer, "", 1);
        assert_string_equal ((const char *) buffer.data, rows[i].expected);
        buffer_done (&buffer);
    }
}

int main (void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test (every_slip_is_told_with_file_and_line),
        cmocka_unit_test (all_mistakes_are_told_at_once),
        cmocka_unit_test (a_broken_table_does_not_make_others_look_broken),
        cmocka_unit_test (more_mistakes_than_fit_are_counted),
        cmocka_unit_test (spreadsheets_may_leave_their_traces),
        cmocka_unit_test (words_may_be_chinese_or_english),
        cmocka_unit_test (words_are_found_wherever_they_stand),
        cmocka_unit_test (versions_follow_the_bytes),
        cmocka_unit_test (a_missing_directory_is_said),
        cmocka_unit_test (any_bytes_at_all_are_refused_in_peace),
        cmocka_unit_test (table_names_come_back),
        cmocka_unit_test (templates_are_filled_in),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
