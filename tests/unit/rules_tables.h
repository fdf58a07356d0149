/* SPDX-License-Identifier: Apache-2.0 */
/* A place small enough to be read at once: two townships of one county, two villages in
 * the first and one in the second. Tests take these tables and exchange one. */
#ifndef MINQING_TESTS_RULES_TABLES_H
#define MINQING_TESTS_RULES_TABLES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/civil.h"
#include "rules/rules.h"

static const char *const small_tables[RULES_TABLE_COUNT] = {
    [RULES_VILLAGES] = "code\tname\ttownship\n"
                       "340522100001\t华阳\t环峰镇\n"
                       "340522100207\t金山\t环峰镇\n"
                       "340522101201\t前进\t运漕镇\n",
    [RULES_DEPARTMENTS] =
        "number\tname\tlevel\tterritory\tsuperior\tleader\tsuccessor\tflags\n"
        "10\t党政办\t镇\t340522100\t51\t1002\t-\t联席\n"
        "11\t国土所\t镇\t340522100\t10\t1004\t-\t-\n"
        "12\t征迁办\t镇\t340522100\t10\t-\t-\t-\n"
        "13\t城建办\t镇\t340522100\t10\t-\t12\t-\n"
        "22\t镇纪委\t镇\t340522100\t53\t-\t-\t纪检\n"
        "31\t信访办\t镇\t340522100\t10\t1002\t-\t分办\n"
        "51\t县政府办\t县\t340522\t-\t-\t-\t指定\n"
        "52\t县信访局\t县\t340522\t51\t-\t-\t分办\n"
        "53\t县纪委\t县\t340522\t-\t-\t-\t纪检\n"
        "101\t运漕镇党政办\t镇\t340522101\t51\t-\t-\t-\n",
    [RULES_PEOPLE] =
        "number\tname\tdepartment\toffice\tfrom\tuntil\tstands_in_for\tchannel\n"
        "1001\t甲书记\t10\t联席会议\t\t\t\tsmtp:a@h.example\n"
        "1002\t乙镇长\t10\t分管领导\n"
        "1004\t丙副镇长\t10\t分管领导\t2024-01-01\t2026-12-31\n"
        "1111\t丁所长\t11\t负责人\n"
        "1112\t戊副所长\t11\t副职\n"
        "1112\t戊副所长\t11\t负责人\t2026-11-30\t2026-12-11\t1111\n"
        "1131\t己\t11\t承办人\n"
        "1212\t庚副主任\t12\t副职\n"
        "2211\t辛书记\t22\t负责人\n"
        "5101\t壬主任\t51\t县级\n"
        "5301\t癸书记\t53\t县级\n"
        "10111\t子主任\t101\t负责人\n",
    [RULES_CATEGORIES] = "number\tpath\tkind\turgency\tkeywords\n"
                         "10000\t城乡建设\t-\t-\t-\n"
                         "10100\t城乡建设/供水\t-\t水电气热\t停水 水压\n"
                         "30000\t国土资源\t-\t-\t土地\n"
                         "30100\t国土资源/土地征收\t土地征收\t-\t征地 补偿款 青苗费\n"
                         "30101\t国土资源/土地征收/安置补偿\t-\t-\t-\n",
    [RULES_RESPONSIBILITY] = "row\tterritory\tcategory\tpurpose\tdepartment\tassisting\n"
                             "1\t340522100\t*\t检举控告\t22\n"
                             "2\t340522100\t-\t检举控告\t22\n"
                             "3\t340522\t*\t检举控告\t53\n"
                             "4\t340522\t-\t检举控告\t53\n"
                             "11\t340522100\t国土资源\t*\t11\t13\n"
                             "12\t340522100\t城乡建设\t*\t13\n"
                             "13\t340522101\t*\t*\t101\n",
    [RULES_DEADLINES] =
        "row\tstage\tkind\tpurpose\turgency\tamount\tunit\troll\tbands\tbasis\tarticle\n"
        "1\tdispatch\tduty\t*\t*\t15\tday\tyes\t-\tlaw\t22\n"
        "2\twait\tduty\t*\t*\t1\tworking_day\tno\t-\tpolicy\t-\n"
        "3\taccept\tduty\t*\t*\t15\tday\tyes\t-\tlaw\t23\n"
        "4\taccept\tduty\t*\temergency\t2\thour\tno\t-\tpolicy\t-\n"
        "5\taccept\tduty\taccusation\t*\t15\tworking_day\tno\t-\tpolicy\t-\n"
        "6\tredispatch\tduty\t*\t*\t2\tworking_day\tno\t-\tpolicy\t-\n"
        "7\tdecide\tduty\t*\t*\t60\tday\tyes\t-\tlaw\t34\n"
        "8\tdecide\tduty\taccusation\t*\t15\tworking_day\tno\t-\tpolicy\t-\n"
        "9\tserve\tduty\t*\t*\t7\tday\tyes\t100\tpolicy\t-\n"
        "10\textend\tduty\tappeal\t*\t30\tday\tyes\t100\tlaw\t34\n"
        "11\tdivert\tduty\t*\t*\t15\tday\tyes\t-\tpolicy\t-\n"
        "12\texecute\tduty\t*\t*\t30\tday\tyes\t-\tpolicy\t-\n"
        "13\tconfirm\tduty\t*\t*\t15\tday\tyes\t-\tpolicy\t-\n"
        "14\tholder\tduty\t*\t*\taccept+decide\t-\tyes\t-\tpolicy\t-\n"
        "15\tassist\tduty\t*\t*\t10\tworking_day\tno\t-\tpolicy\t-\n"
        "16\twhole\tduty\t*\t*\taccept+decide\t-\tyes\t-\tlaw\t23, 34\n"
        "17\traise\tduty\t*\t*\t3\tworking_day\tno\t-\tpolicy\t-\n"
        "18\tclaim\twindow\t*\t*\t5\tworking_day\tno\t-\tpolicy\t-\n"
        "19\tobject\twindow\t*\t*\t5\tworking_day\tno\t-\tlaw\t23\n",
    [RULES_LADDER] = "stage\turgency\tat\tlevel\n"
                     "*\t*\t50%\t0\n"
                     "*\t*\t75%\t0\n"
                     "*\t*\t85%\t1\n"
                     "*\t*\t100%\t2\n"
                     "*\t*\t+5\t3\n"
                     "*\t*\t+10\t4\n"
                     "*\temergency\t50%\t0\n"
                     "*\temergency\t75%\t1\n"
                     "*\temergency\t85%\t1\n"
                     "*\temergency\t100%\t2\n"
                     "*\temergency\t+1\t3\n",
    [RULES_CALENDAR] = "# known until 2026-12-31\n"
                       "date\tname\toff\n"
                       "2026-10-01\t国庆节\tyes\n"
                       "2026-10-10\t国庆节\tno\n",
    [RULES_TEMPLATES] = "", /* made of the names: see 'small_templates' */
    [RULES_URGENT_WORDS] = "word\tflag\n"
                           "停水\turgent\n"
                           "跳楼\tthreat\n"
                           "不想活\turgent threat\n",
    [RULES_DOCUMENTS] = "kind\ttitle\tarticle\ttext\n"
                        "acceptance\t受理告知书\t第二十三条\t{petitioner}：\\n{number}\n"
                        "refusal\t不予受理告知书\t-\t{ground}\n"
                        "extension\t延期告知书\t-\t{extended_due}\n"
                        "decision\t处理意见书\t-\t{text}\\n{if_support}支持\n"
                        "review\t复查意见书\t-\t{text}\n"
                        "rereview\t复核意见书\t-\t{text}\n"
                        "no_longer\t不再受理告知书\t-\t{final_number}\n"
                        "forward\t转送函\t-\t{to_department}\n"
                        "assignment\t交办函\t-\t{to_department}\n"
                        "supervision\t督办函\t-\t{advice}\n"
                        "agreement\t调解协议书\t-\t{text}\n"
                        "report\t办结报告\t-\t{closed}\n"
                        "service\t送达回证\t-\t{means}\n",
};

extern const char *const template_names[];

static const char *small_templates (void)
{
    static char text[8192];
    int used = snprintf (text, sizeof text, "name\tlanguage\tsubject\ttext\n");
    for (size_t i = 0; template_names[i] != NULL; i++)
        for (int language = 0; language < 2; language++)
            used += snprintf (text + used, sizeof text - (size_t) used,
                              "%s\t%s\t{number}\t{department}\\n{due}\n",
                              template_names[i], language == 0 ? "zh" : "en");
    return text;
}

/* Parse the small tables with one of them exchanged (NULL: none). */
static UNUSED int parse_with (enum rules_table table, const char *text,
                              struct rules **ret, struct rules_problems *problems)
{
    struct rules_source sources[RULES_TABLE_COUNT];
    struct err err = { 0 };
    for (unsigned i = 0; i < RULES_TABLE_COUNT; i++) {
        const char *as_is = i == RULES_TEMPLATES ? small_templates () : small_tables[i];
        const char *used = text != NULL && i == table ? text : as_is;
        static char names[RULES_TABLE_COUNT][32];
        snprintf (names[i], sizeof names[i], "%s.tsv", rules_table_name (i));
        sources[i] =
            (struct rules_source){ .name = names[i], .bytes = bytes_of_text (used) };
    }
    return rules_parse_all (ret, sources, problems, &err);
}

static UNUSED struct rules *small_rules (void)
{
    static struct rules_problems problems;
    struct rules *rules = NULL;
    int rc = parse_with (RULES_VILLAGES, NULL, &rules, &problems);
    for (size_t i = 0; rc != 0 && i < problems.count && i < RULES_PROBLEMS_MAX; i++)
        print_error ("%s\n", problems.texts[i]);
    assert_int_equal (rc, 0);
    return rules;
}

/* The shipped ones. */
static UNUSED struct rules *shipped_rules (void)
{
    struct rules *rules = NULL;
    struct err err = { 0 };
    if (rules_load_dir (&rules, SOURCE_DIR "/deploy/config/tables", &err) != 0)
        fail_msg ("%s", err.text);
    return rules;
}

static UNUSED int32_t day_of (const char *text)
{
    int32_t day = 0;
    assert_int_equal (civil_parse_day (text, &day, NULL), 0);
    return day;
}

static UNUSED int64_t at_ms (const char *text)
{
    int64_t ms = 0;
    assert_int_equal (civil_parse_time (text, &ms, NULL), 0);
    return ms;
}

#endif
