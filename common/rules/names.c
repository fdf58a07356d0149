/* SPDX-License-Identifier: Apache-2.0 */
/* The closed lists of words, each with its Chinese form: tables may use either. */
#include "rules/names.h"

#include <string.h>

#define LIST(variable, text, array)                                                      \
    const struct name_list variable = { text, array, ARRAY_SIZE (array) }

static const struct name purposes[] = {
    [PURPOSE_APPEAL] = { "appeal", "申诉" },
    [PURPOSE_REQUEST] = { "request", "求决" },
    [PURPOSE_SUGGESTION] = { "suggestion", "意见建议" },
    [PURPOSE_ACCUSATION] = { "accusation", "检举控告" },
    [PURPOSE_INQUIRY] = { "inquiry", "咨询" },
    [PURPOSE_OTHER] = { "other", "其他" },
};
static_assert (ARRAY_SIZE (purposes) == PURPOSE_COUNT, "a name for each");
LIST (purpose_names, "purpose", purposes);

static const struct name department_levels[] = {
    [DEPARTMENT_VILLAGE] = { "village", "村" },
    [DEPARTMENT_TOWNSHIP] = { "township", "镇" },
    [DEPARTMENT_COUNTY] = { "county", "县" },
    [DEPARTMENT_CITY] = { "city", "市" },
    [DEPARTMENT_PROVINCE] = { "province", "省" },
};
static_assert (ARRAY_SIZE (department_levels) == DEPARTMENT_LEVEL_COUNT,
               "a name for each");
LIST (department_level_names, "level", department_levels);

static const struct name offices[] = {
    [OFFICE_WORKER] = { "worker", "承办人" },
    [OFFICE_HEAD] = { "head", "负责人" },
    [OFFICE_DEPUTY] = { "deputy", "副职" },
    [OFFICE_DISPATCHER] = { "dispatcher", "分办员" },
    [OFFICE_LEADER] = { "leader", "分管领导" },
    [OFFICE_JOINT] = { "joint", "联席会议" },
    [OFFICE_COUNTY] = { "county", "县级" },
    [OFFICE_ARBITER] = { "arbiter", "指定人" },
};
static_assert (ARRAY_SIZE (offices) == OFFICE_COUNT, "a name for each");
LIST (office_names, "office", offices);

static const struct name units[] = {
    [UNIT_HOUR] = { "hour", "小时" },
    [UNIT_DAY] = { "day", "日" },
    [UNIT_WORKING_DAY] = { "working_day", "工作日" },
};
static_assert (ARRAY_SIZE (units) == UNIT_COUNT, "a name for each");
LIST (unit_names, "unit", units);

static const struct name urgencies[] = {
    [URGENCY_ORDINARY] = { "ordinary", "普通" },
    [URGENCY_COMPLEX] = { "complex", "复杂" },
    [URGENCY_UTILITY] = { "utility", "水电气热" },
    [URGENCY_EMERGENCY] = { "emergency", "紧急" },
};
static_assert (ARRAY_SIZE (urgencies) == URGENCY_COUNT, "a name for each");
LIST (urgency_names, "urgency", urgencies);

static const struct name stages[] = {
    [STAGE_REGISTER] = { "register", "登记" },
    [STAGE_DISPATCH] = { "dispatch", "分办" },
    [STAGE_ACCEPT] = { "accept", "受理" },
    [STAGE_REDISPATCH] = { "redispatch", "重新分办" },
    [STAGE_ARBITRATE] = { "arbitrate", "指定受理" },
    [STAGE_DECIDE] = { "decide", "办理" },
    [STAGE_SERVE] = { "serve", "送达" },
    [STAGE_EXTEND] = { "extend", "延期" },
    [STAGE_DIVERT] = { "divert", "引导" },
    [STAGE_EXECUTE] = { "execute", "执行" },
    [STAGE_CONFIRM] = { "confirm", "确认" },
    [STAGE_CALL_BACK] = { "call_back", "回访" },
    [STAGE_MEDIATE] = { "mediate", "调解" },
    [STAGE_REVIEW] = { "review", "复查" },
    [STAGE_REREVIEW] = { "rereview", "复核" },
    [STAGE_HOLDER] = { "holder", "持有" },
    [STAGE_ASSIST] = { "assist", "协办" },
    [STAGE_RESPOND] = { "respond", "首次答复" },
    [STAGE_WHOLE] = { "whole", "全程" },
    [STAGE_RAISE] = { "raise", "答复提级" },
    [STAGE_SUPERVISE] = { "supervise", "答复督办" },
    [STAGE_REPORT_URGENT] = { "report_urgent", "紧急报告" },
    [STAGE_CLAIM] = { "claim", "领取未办" },
    [STAGE_CONTACT] = { "contact", "送交通知" },
    [STAGE_RATE] = { "rate", "提醒评价" },
    [STAGE_OBJECT] = { "object", "退单" },
    [STAGE_ASK_REVIEW] = { "ask_review", "申请复查" },
    [STAGE_ASK_REREVIEW] = { "ask_rereview", "申请复核" },
    [STAGE_DISPUTE] = { "dispute", "异议" },
    [STAGE_HEARING] = { "hearing", "听证" },
    [STAGE_WAIT] = { "wait", "待分办" },
};
static_assert (ARRAY_SIZE (stages) == STAGE_COUNT, "a name for each");
LIST (stage_names, "stage", stages);

static const struct name row_kinds[] = {
    [ROW_DUTY] = { "duty", "职责" },
    [ROW_WINDOW] = { "window", "期限权利" },
    [ROW_PAUSE] = { "pause", "中止" },
};
static_assert (ARRAY_SIZE (row_kinds) == ROW_KIND_COUNT, "a name for each");
LIST (row_kind_names, "kind", row_kinds);

static const struct name matter_kinds[] = {
    [MATTER_LAND] = { "land", "土地征收" },
    [MATTER_DEMOLITION] = { "demolition", "房屋拆迁" },
    [MATTER_ENVIRONMENT] = { "environment", "环境保护" },
    [MATTER_PROJECT] = { "project", "重点工程施工环境" },
    [MATTER_ENTERPRISE] = { "enterprise", "村企矛盾" },
};
static_assert (ARRAY_SIZE (matter_kinds) == MATTER_KIND_COUNT, "a name for each");
LIST (matter_kind_names, "kind", matter_kinds);

static const struct name outlet_kinds[] = {
    [OUTLET_NONE] = { "none", "无" },
    [OUTLET_SMTP] = { "smtp", "邮件" },
    [OUTLET_HTTP] = { "http", "网络" },
    [OUTLET_PIPE] = { "pipe", "程序" },
};
static_assert (ARRAY_SIZE (outlet_kinds) == OUTLET_KIND_COUNT, "a name for each");
LIST (outlet_kind_names, "channel", outlet_kinds);

static const struct name languages[] = {
    [LANGUAGE_ZH] = { "zh", "中文" },
    [LANGUAGE_EN] = { "en", "英文" },
};
static_assert (ARRAY_SIZE (languages) == LANGUAGE_COUNT, "a name for each");
LIST (language_names, "language", languages);

static const struct name documents[] = {
    [DOCUMENT_ACCEPTANCE] = { "acceptance", "受理告知书" },
    [DOCUMENT_REFUSAL] = { "refusal", "不予受理告知书" },
    [DOCUMENT_EXTENSION] = { "extension", "延期告知书" },
    [DOCUMENT_DECISION] = { "decision", "处理意见书" },
    [DOCUMENT_REVIEW] = { "review", "复查意见书" },
    [DOCUMENT_REREVIEW] = { "rereview", "复核意见书" },
    [DOCUMENT_NO_LONGER] = { "no_longer", "不再受理告知书" },
    [DOCUMENT_FORWARD] = { "forward", "转送函" },
    [DOCUMENT_ASSIGNMENT] = { "assignment", "交办函" },
    [DOCUMENT_SUPERVISION] = { "supervision", "督办函" },
    [DOCUMENT_AGREEMENT] = { "agreement", "调解协议书" },
    [DOCUMENT_REPORT] = { "report", "办结报告" },
    [DOCUMENT_SERVICE] = { "service", "送达回证" },
};
static_assert (ARRAY_SIZE (documents) == DOCUMENT_COUNT, "a name for each");
LIST (document_names, "document", documents);

static const struct name bases[] = { { "policy", "惯例" }, { "law", "条例" } };
LIST (basis_names, "basis", bases);

static const struct name department_flags[] = {
    { "dispatching", "分办" },
    { "discipline", "纪检" },
    { "arbiter", "指定" },
    { "joint", "联席" },
};
LIST (department_flag_names, "flag", department_flags);

static const struct name word_flags[] = { { "urgent", "紧急" },
                                          { "threat", "暴力风险" } };
LIST (word_flag_names, "flag", word_flags);

const char *name_word (const struct name_list *list, unsigned number)
{
    bool known = number < list->count && list->names[number].word != NULL;
    return known ? list->names[number].word : "?";
}

const char *name_zh (const struct name_list *list, unsigned number)
{
    bool known = number < list->count && list->names[number].zh != NULL;
    return known ? list->names[number].zh : "?";
}

int name_find (const struct name_list *list, const char *word)
{
    for (unsigned i = 0; i < list->count; i++) {
        const struct name *name = &list->names[i];
        if (name->word == NULL)
            continue;
        if (strcmp (name->word, word) == 0 || strcmp (name->zh, word) == 0)
            return (int) i;
    }
    return -1;
}

#define SUGGEST_SIZE 96 /* longer words are compared by nobody */

static size_t least (size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein's distance, row by row. */
static size_t distance (const char *a, size_t a_size, const char *b, size_t b_size)
{
    size_t row[SUGGEST_SIZE + 1];
    for (size_t j = 0; j <= b_size; j++)
        row[j] = j;
    for (size_t i = 0; i < a_size; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < b_size; j++) {
            size_t exchanged = diagonal + (a[i] != b[j]);
            diagonal = row[j + 1];
            row[j + 1] = least (exchanged, least (row[j], row[j + 1]) + 1);
        }
    }
    return row[b_size];
}

const char *name_suggest (const char *word, const char *const *words, size_t count)
{
    size_t size = strlen (word);
    if (size == 0 || size > SUGGEST_SIZE)
        return NULL;
    /* A third of the word, but one slip even in a short one. */
    size_t best = size / 3 + 2;
    const char *found = NULL;
    for (size_t i = 0; i < count; i++) {
        size_t other = words[i] == NULL ? 0 : strlen (words[i]);
        if (other == 0 || other > SUGGEST_SIZE || other > size + best ||
            size > other + best)
            continue;
        size_t apart = distance (word, size, words[i], other);
        if (apart < best && apart < other) {
            best = apart;
            found = words[i];
        }
    }
    return found;
}
