/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of words, indexed by enum, and one pair of functions over them. Tokens are those
 * of the .proto files without their prefix (a test holds them together); Chinese words are
 * those of the field, as DOMAIN and the 信访工作条例 use them. */
#include "wire/names.h"

#include <ctype.h>
#include <string.h>

struct word {
    const char *token;
    const char *chinese;
};

struct words {
    const struct word *words; /* index = value; holes have no token */
    unsigned count;
};

static const struct word *word_find (const struct words *words, unsigned value)
{
    static const struct word unknown = { "unknown", "未知" };
    if (value >= words->count || words->words[value].token == NULL)
        return &unknown;
    return &words->words[value];
}

static int plain_letter (char letter)
{
    return letter == '-' ? '_' : tolower ((unsigned char) letter);
}

static bool token_equal (const char *token, const char *text)
{
    while (*token != '\0' && *token == plain_letter (*text)) {
        token++;
        text++;
    }
    return *token == '\0' && *text == '\0';
}

static bool word_parse (const struct words *words, const char *text, unsigned *ret_value)
{
    if (text == NULL)
        return false;
    for (unsigned i = 0; i < words->count; i++) {
        const struct word *word = &words->words[i];
        if (word->token == NULL || strcmp (word->token, "none") == 0)
            continue;
        if (token_equal (word->token, text) || strcmp (word->chinese, text) == 0) {
            *ret_value = i;
            return true;
        }
    }
    return false;
}

/* The three functions of an enum over its table 'X_words'. */
#define NAMED(X, c_enum)                                                                 \
    static const struct words X##_list = { X##_words, ARRAY_SIZE (X##_words) };          \
    const char *X##_name (enum c_enum value)                                             \
    {                                                                                    \
        return word_find (&X##_list, (unsigned) value)->token;                           \
    }                                                                                    \
    const char *X##_chinese (enum c_enum value)                                          \
    {                                                                                    \
        return word_find (&X##_list, (unsigned) value)->chinese;                         \
    }                                                                                    \
    bool X##_parse (const char *text, enum c_enum *ret_value)                            \
    {                                                                                    \
        unsigned value;                                                                  \
        if (!word_parse (&X##_list, text, &value))                                       \
            return false;                                                                \
        *ret_value = (enum c_enum) value;                                                \
        return true;                                                                     \
    }

/* The same where every value up to the last has a word. */
#define NAMED_ALL(X, c_enum, number)                                                     \
    static_assert (ARRAY_SIZE (X##_words) == (number), "a word for every " #c_enum);     \
    NAMED (X, c_enum)

/* Not said: the same words wherever an enum has such a value. Neither parses: whoever
 * types a word means something. */
#define NOT_SAID                                                                         \
    {                                                                                    \
        "none", "无"                                                                    \
    }

/* ---- matter ---------------------------------------------------------------- */

static const struct word purpose_words[] = {
    [PURPOSE_NONE] = NOT_SAID,
    [PURPOSE_APPEAL] = { "appeal", "申诉" },
    [PURPOSE_REQUEST] = { "request", "求决" },
    [PURPOSE_SUGGESTION] = { "suggestion", "意见建议" },
    [PURPOSE_ACCUSATION] = { "accusation", "检举控告" },
    [PURPOSE_INQUIRY] = { "inquiry", "咨询" },
    [PURPOSE_OTHER] = { "other", "其他" },
};
NAMED_ALL (purpose, purpose, PURPOSE_COUNT)

static const struct word form_words[] = {
    [FORM_NONE] = NOT_SAID,
    [FORM_ONLINE] = { "online", "网络" },
    [FORM_LETTER] = { "letter", "书信" },
    [FORM_TELEPHONE] = { "telephone", "电话" },
    [FORM_FAX] = { "fax", "传真" },
    [FORM_VISIT] = { "visit", "走访" },
};
NAMED_ALL (form, form, FORM_COUNT)

static const struct word channel_words[] = {
    [CHANNEL_DIRECT] = { "direct", "直接提出" },
    [CHANNEL_CADRE_VISIT] = { "cadre_visit", "下访" },
    [CHANNEL_FORWARDED] = { "forwarded", "转送" },
    [CHANNEL_ASSIGNED] = { "assigned", "交办" },
};
NAMED_ALL (channel, channel, CHANNEL_COUNT)

static const struct word refusal_words[] = {
    [REFUSAL_NONE] = NOT_SAID,
    [REFUSAL_MALFORMED] = { "malformed", "格式错误" },
    [REFUSAL_UNKNOWN_CLIENT] = { "unknown_client", "终端未登记" },
    [REFUSAL_NO_RIGHT] = { "no_right", "无此权限" },
    [REFUSAL_TERRITORY] = { "territory", "超出管辖范围" },
    [REFUSAL_UNKNOWN_VILLAGE] = { "unknown_village", "无此村（社区）" },
    [REFUSAL_UNKNOWN_CATEGORY] = { "unknown_category", "无此内容分类" },
    [REFUSAL_UNKNOWN_DEPARTMENT] = { "unknown_department", "无此单位" },
    [REFUSAL_UNKNOWN_PERSON] = { "unknown_person", "无此人员" },
    [REFUSAL_BAD_NUMBER] = { "bad_number", "受理编号有误" },
    [REFUSAL_NUMBER_TAKEN] = { "number_taken", "受理编号已用" },
    [REFUSAL_NOT_FOUND] = { "not_found", "查无此件" },
    [REFUSAL_CODE_CLOSED] = { "code_closed", "查询码输错过多，暂停查询" },
    [REFUSAL_WRONG_STATE] = { "wrong_state", "当前环节不能如此办理" },
    [REFUSAL_FENCED] = { "fenced", "已改由他人承办" },
    [REFUSAL_HELD] = { "held", "他人正在承办" },
    [REFUSAL_ACCUSED] = { "accused", "被反映人应当回避" },
    [REFUSAL_MISSING] = { "missing", "缺少必填项" },
    [REFUSAL_CONFLICT] = { "conflict", "同一序号内容不同" },
    [REFUSAL_GAP] = { "gap", "序号不连续" },
    [REFUSAL_INCARNATION] = { "incarnation", "终端已重新登记" },
    [REFUSAL_TRY_LATER] = { "try_later", "请稍后再试" },
    [REFUSAL_PARKED] = { "parked", "已搁置待人工处理" },
    [REFUSAL_MUST_SEAL] = { "must_seal", "检举控告须加密" },
    [REFUSAL_FUTURE] = { "future", "时间晚于当前" },
    [REFUSAL_SAME_PERSON] = { "same_person", "须由另一人批准" },
    [REFUSAL_PENDING] = { "pending", "有待批准的事项" },
    [REFUSAL_REGISTERED] = { "registered", "本件已登记" },
};
NAMED_ALL (refusal, refusal_code, REFUSAL_COUNT)

static const struct word ground_words[] = {
    [GROUND_NONE] = NOT_SAID,
    [GROUND_COURT] = { "court", "诉讼" },
    [GROUND_ARBITRATION] = { "arbitration", "仲裁" },
    [GROUND_ADMINISTRATIVE_REVIEW] = { "administrative_review", "行政复议" },
    [GROUND_STATUTORY_DUTY] = { "statutory_duty", "申请履行法定职责" },
    [GROUND_OTHER_PROCEDURE] = { "other_procedure", "其他法定途径" },
    [GROUND_PROCEDURE_RUNS] = { "procedure_runs", "已进入法定程序" },
    [GROUND_PROCEDURE_ENDED] = { "procedure_ended", "法定程序已终结" },
    [GROUND_IN_HAND] = { "in_hand", "同一事项正在办理" },
    [GROUND_NO_PETITION] = { "no_petition", "不属于信访事项" },
    [GROUND_UNCLEAR] = { "unclear", "姓名、地址或者事由不清" },
    [GROUND_FINAL] = { "final", "复核终结，同一事实和理由" },
    [GROUND_SETTLED] = { "settled", "已经解决" },
    [GROUND_OTHER_WAY] = { "other_way", "改走其他途径" },
    [GROUND_MISTAKEN] = { "mistaken", "提错了" },
    [GROUND_OWN_WISH] = { "own_wish", "本人意愿" },
    [GROUND_REPEATED] = { "repeated", "重件" },
    [GROUND_SAME_MATTER] = { "same_matter", "同一事项，不同信访人" },
    [GROUND_ASKS_ONLY] = { "asks_only", "只是咨询" },
    [GROUND_PROPOSES_ONLY] = { "proposes_only", "只是建议" },
    [GROUND_CLAIMS] = { "claims", "实为申诉求决" },
    [GROUND_NO_ANSWER] = { "no_answer", "多次联系无人应答" },
    [GROUND_GONE] = { "gone", "去向不明" },
    [GROUND_DECLINES] = { "declines", "拒绝沟通" },
};
NAMED_ALL (ground, ground, GROUND_COUNT)

/* ---- intake ---------------------------------------------------------------- */

static const struct word asked_words[] = {
    [ASKED_NONE] = NOT_SAID,
    [ASKED_WITHDRAW] = { "withdraw", "撤回" },
    [ASKED_RATE] = { "rate", "评价" },
    [ASKED_DISPUTE] = { "dispute", "不认可办结" },
    [ASKED_REVIEW] = { "review", "申请复查" },
    [ASKED_CONFIRM] = { "confirm", "确认" },
};
NAMED_ALL (asked, asked, ASKED_COUNT)

/* ---- routing --------------------------------------------------------------- */

static const struct word state_words[] = {
    [STATE_NONE] = NOT_SAID,
    [STATE_UNDECIDED] = { "undecided", "待分办" },
    [STATE_DISPATCHED] = { "dispatched", "已分办" },
    [STATE_OBJECTED] = { "objected", "已退单" },
    [STATE_CLAIMED] = { "claimed", "已领办" },
    [STATE_HANDLING] = { "handling", "办理中" },
    [STATE_DECIDED] = { "decided", "待送达" },
    [STATE_WINDOW] = { "window", "复查期内" },
    [STATE_EXECUTING] = { "executing", "执行中" },
    [STATE_DONE] = { "done", "待确认" },
    [STATE_CLOSED] = { "closed", "已办结" },
    [STATE_DIVERTED] = { "diverted", "已引导" },
    [STATE_ARBITRATION] = { "arbitration", "待指定受理" },
    [STATE_REFUSED] = { "refused", "不予受理待送达" },
    [STATE_MEDIATING] = { "mediating", "调解中" },
    [STATE_REVIEWING] = { "reviewing", "复查中" },
    [STATE_REREVIEWING] = { "rereviewing", "复核中" },
    [STATE_HEARING] = { "hearing", "听证中" },
};
NAMED_ALL (state, state, STATE_COUNT)

static const struct word step_words[] = {
    [STEP_NONE] = NOT_SAID,
    [STEP_DISPATCH] = { "dispatch", "分办" },
    [STEP_CLAIM] = { "claim", "领办" },
    [STEP_ASSIGN] = { "assign", "指派" },
    [STEP_ACCEPT] = { "accept", "受理" },
    [STEP_OBJECT] = { "object", "退单" },
    [STEP_TRANSFER] = { "transfer", "转办" },
    [STEP_HAND_BACK] = { "hand_back", "交回" },
    [STEP_DECIDE] = { "decide", "出具意见" },
    [STEP_SERVE] = { "serve", "送达" },
    [STEP_CLAIM_DONE] = { "claim_done", "申报办结" },
    [STEP_CLOSE] = { "close", "办结" },
    [STEP_OPINION] = { "opinion", "协办意见" },
    [STEP_DIVERT] = { "divert", "引导" },
    [STEP_REOPEN] = { "reopen", "重新办理" },
    [STEP_WITHDRAW] = { "withdraw", "撤回" },
    [STEP_LAPSE] = { "lapse", "领办失效" },
    [STEP_PLACE] = { "place", "归口" },
    [STEP_REFUSE] = { "refuse", "不予受理" },
    [STEP_EXTEND] = { "extend", "延期" },
    [STEP_MEDIATE] = { "mediate", "调解" },
    [STEP_END_MEDIATION] = { "end_mediation", "调解未成" },
    [STEP_AGREE] = { "agree", "达成协议" },
    [STEP_ARBITRATE] = { "arbitrate", "指定受理" },
    [STEP_LINK] = { "link", "并案" },
    [STEP_REPURPOSE] = { "repurpose", "变更目的" },
    [STEP_CATEGORISE] = { "categorise", "变更分类" },
    [STEP_CONTACT] = { "contact", "联系信访人" },
    [STEP_RECUSE] = { "recuse", "回避" },
    [STEP_HEAR] = { "hear", "听证" },
    [STEP_END_HEARING] = { "end_hearing", "听证结束" },
    [STEP_APPROVE] = { "approve", "批准" },
    [STEP_REJECT] = { "reject", "不批准" },
    [STEP_REVIEW] = { "review", "复查复核" },
    [STEP_CONFIRM] = { "confirm", "确认" },
    [STEP_WENT_UP] = { "went_up", "越级登记" },
};
NAMED_ALL (step, step, STEP_COUNT)

static const struct word decision_outcome_words[] = {
    [OUTCOME_NONE] = NOT_SAID,
    [OUTCOME_SUPPORT] = { "support", "支持" },
    [OUTCOME_EXPLAIN] = { "explain", "解释说明" },
    [OUTCOME_NOT_SUPPORT] = { "not_support", "不予支持" },
    [OUTCOME_ANSWERED] = { "answered", "答复" },
    [OUTCOME_AGREED] = { "agreed", "调解达成协议" },
};
NAMED_ALL (decision_outcome, decision_outcome, OUTCOME_COUNT)

static const struct word close_reason_words[] = {
    [CLOSE_NONE] = NOT_SAID,
    [CLOSE_CONFIRMED] = { "confirmed", "信访人确认" },
    [CLOSE_CALL_BACK] = { "call_back", "回访确认" },
    [CLOSE_WINDOW_UNUSED] = { "window_unused", "期满未申请复查" },
    [CLOSE_CONTACT_FAILED] = { "contact_failed", "多次联系未果" },
    [CLOSE_WITHDRAWN] = { "withdrawn", "信访人撤回" },
    [CLOSE_DIVERSION_ARRIVED] = { "diversion_arrived", "引导到位" },
    [CLOSE_ANSWERED] = { "answered", "已答复" },
    [CLOSE_NOT_ACCEPTED] = { "not_accepted", "不予受理" },
    [CLOSE_NO_LONGER_ACCEPTED] = { "no_longer_accepted", "不再受理" },
    [CLOSE_FINAL] = { "final", "复核终结" },
    [CLOSE_LINKED] = { "linked", "并案办理" },
    [CLOSE_STATUTORY_ANSWERED] = { "statutory_answered", "法定途径已答复" },
};
NAMED_ALL (close_reason, close_reason, CLOSE_COUNT)

static const struct word means_words[] = {
    [MEANS_NONE] = NOT_SAID,
    [MEANS_IN_PERSON] = { "in_person", "当面" },
    [MEANS_POST] = { "post", "邮寄" },
    [MEANS_LEFT] = { "left", "留置" },
    [MEANS_ELECTRONIC] = { "electronic", "电子" },
    [MEANS_ANNOUNCED] = { "announced", "公告" },
    [MEANS_TELEPHONE] = { "telephone", "电话" },
    [MEANS_MESSAGE] = { "message", "短信" },
};
NAMED_ALL (means, means, MEANS_COUNT)

static const struct word contacted_words[] = {
    [CONTACTED_NONE] = NOT_SAID,
    [CONTACTED_NOT_REACHED] = { "not_reached", "未联系上" },
    [CONTACTED_CONFIRMS] = { "confirms", "认可" },
    [CONTACTED_DISPUTES] = { "disputes", "不认可" },
};
NAMED_ALL (contacted, contacted, CONTACTED_COUNT)

static const struct word document_kind_words[] = {
    [DOCUMENT_NONE] = NOT_SAID,
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
NAMED_ALL (document_kind, document_kind, DOCUMENT_COUNT)

/* ---- escalation ------------------------------------------------------------ */

static const struct word duty_words[] = {
    [DUTY_NONE] = NOT_SAID,
    [DUTY_STAGE] = { "stage", "环节时限" },
    [DUTY_WHOLE] = { "whole", "全程时限" },
    [DUTY_HOLDER] = { "holder", "承办时限" },
    [DUTY_ASSISTING] = { "assisting", "协办时限" },
    [DUTY_RAISE] = { "raise", "提级待复" },
    [DUTY_CANARY] = { "canary", "自检" },
    [DUTY_TASK] = { "task", "专项时限" },
};
NAMED_ALL (duty, duty, DUTY_COUNT)

static const struct word unit_words[] = {
    [UNIT_NONE] = NOT_SAID,
    [UNIT_HOUR] = { "hour", "小时" },
    [UNIT_DAY] = { "day", "日" },
    [UNIT_WORKING_DAY] = { "working_day", "工作日" },
};
NAMED_ALL (unit, unit, UNIT_COUNT)

static const struct word clock_action_words[] = {
    [CLOCK_NONE] = NOT_SAID,
    [CLOCK_START] = { "start", "起算" },
    [CLOCK_STOP] = { "stop", "停止" },
    [CLOCK_EXTEND] = { "extend", "延期" },
    [CLOCK_SETTLE] = { "settle", "核定" },
    [CLOCK_PAUSE] = { "pause", "中止" },
    [CLOCK_RESUME] = { "resume", "恢复" },
};
NAMED_ALL (clock_action, clock_action, CLOCK_COUNT)

static const struct word cause_words[] = {
    [CAUSE_NONE] = NOT_SAID,
    [CAUSE_BAND] = { "band", "预警" },
    [CAUSE_BREACH] = { "breach", "超期" },
    [CAUSE_OBJECTIONS] = { "objections", "多次退单" },
    [CAUSE_HAND_OVERS] = { "hand_overs", "多次转手" },
    [CAUSE_DISPUTE] = { "dispute", "不认可办结" },
    [CAUSE_GROUP] = { "group", "群体诉求" },
    [CAUSE_URGENT] = { "urgent", "紧急" },
    [CAUSE_SOURCE_SILENT] = { "source_silent", "来源中断" },
    [CAUSE_SUPERVISION] = { "supervision", "督办" },
    [CAUSE_UNANSWERED] = { "unanswered", "提级未答复" },
};
NAMED_ALL (cause, cause, CAUSE_COUNT)

static const struct word adoption_words[] = {
    [ADOPTION_NONE] = NOT_SAID,
    [ADOPTION_ADOPTED] = { "adopted", "采纳" },
    [ADOPTION_PARTLY] = { "partly", "部分采纳" },
    [ADOPTION_NOT_ADOPTED] = { "not_adopted", "未采纳" },
};
NAMED_ALL (adoption, adoption, ADOPTION_COUNT)

/* ---- notification ---------------------------------------------------------- */

static const struct word notice_state_words[] = {
    [NOTICE_NONE] = NOT_SAID,
    [NOTICE_QUEUED] = { "queued", "待发" },
    [NOTICE_SENDING] = { "sending", "发送中" },
    [NOTICE_SENT] = { "sent", "已发" },
    [NOTICE_DELIVERED] = { "delivered", "已送达" },
    [NOTICE_FAILED] = { "failed", "发送失败" },
    [NOTICE_MAYBE_SENT] = { "maybe_sent", "可能已发" },
    [NOTICE_ABANDONED] = { "abandoned", "已放弃" },
    [NOTICE_UNREACHABLE] = { "unreachable", "无法联系" },
};
NAMED_ALL (notice_state, notice_state, NOTICE_COUNT)

static const struct word recipient_words[] = {
    [RECIPIENT_NONE] = NOT_SAID,
    [RECIPIENT_PETITIONER] = { "petitioner", "信访人" },
    [RECIPIENT_DEPARTMENT] = { "department", "承办单位" },
    [RECIPIENT_PERSON] = { "person", "工作人员" },
    [RECIPIENT_DISPATCHER] = { "dispatcher", "分办员" },
};
NAMED_ALL (recipient, recipient, RECIPIENT_COUNT)

/* ---- journal --------------------------------------------------------------- */

static const struct word speaker_words[] = {
    [SPEAKER_NONE] = NOT_SAID,
    [SPEAKER_INTAKE] = { "intake", "登记" },
    [SPEAKER_ROUTING] = { "routing", "分办" },
    [SPEAKER_ESCALATION] = { "escalation", "督办" },
    [SPEAKER_NOTIFICATION] = { "notification", "通知" },
};
NAMED_ALL (speaker, speaker, SPEAKER_COUNT)

/* By speaker * 100 + n: mostly holes, and cheaper than a search. */
static const struct word kind_words[] = {
    [KIND_NONE] = NOT_SAID,
    [KIND_STARTED] = { "started", "启动" },
    [KIND_TABLE] = { "table", "启用表" },
    [KIND_REFUSED] = { "refused", "退回" },
    [KIND_PARKED] = { "parked", "搁置" },
    [KIND_ENROLLED] = { "enrolled", "终端登记" },
    [KIND_INCARNATION] = { "incarnation", "还原重启" },
    [KIND_CROSSED] = { "crossed", "上游已还原" },
    [KIND_TIME_SETTLED] = { "time_settled", "时间核定" },
    [KIND_LAPSED] = { "lapsed", "到期无事" },
    [KIND_DAMAGED] = { "damaged", "条目损坏" },
    [KIND_REGISTERED] = { "registered", "登记" },
    [KIND_SUPPLEMENTED] = { "supplemented", "补充" },
    [KIND_ASKED] = { "asked", "信访人请求" },
    [KIND_MOVED] = { "moved", "流转" },
    [KIND_OPINION] = { "opinion", "协办意见" },
    [KIND_ASK_ANSWERED] = { "ask_answered", "答复请求" },
    [KIND_PROPOSED] = { "proposed", "待批准" },
    [KIND_REJECTED] = { "rejected", "未批准" },
    [KIND_DOCUMENT] = { "document", "文书" },
    [KIND_RESTATED] = { "restated", "重述" },
    [KIND_RESTATED_ALL] = { "restated_all", "重述完毕" },
    [KIND_CLOCKS] = { "clocks", "时限变动" },
    [KIND_RAISED] = { "raised", "提级" },
    [KIND_RAISE_ENDED] = { "raise_ended", "提级了结" },
    [KIND_CANARY] = { "canary", "自检" },
    [KIND_NOTICE] = { "notice", "通知" },
    [KIND_NOTICE_MOVED] = { "notice_moved", "通知进展" },
};
NAMED (kind, kind)

static const struct word follow_problem_words[] = {
    [FOLLOW_NONE] = NOT_SAID,
    [FOLLOW_WRONG_JOURNAL] = { "wrong_journal", "日志已更换" },
    [FOLLOW_WRONG_HASH] = { "wrong_hash", "日志已还原" },
    [FOLLOW_AHEAD] = { "ahead", "超前于日志" },
    [FOLLOW_NO_RIGHT] = { "no_right", "无此权限" },
    [FOLLOW_RESTORED] = { "restored", "日志已还原续写" },
};
NAMED_ALL (follow_problem, follow_problem, FOLLOW_COUNT)

/* ---- control --------------------------------------------------------------- */

static const struct word role_words[] = {
    [ROLE_NONE] = NOT_SAID,
    [ROLE_TERMINAL] = { "terminal", "终端" },
    [ROLE_DISPATCHER] = { "dispatcher", "分办员" },
    [ROLE_DESK] = { "desk", "承办席" },
    [ROLE_LEADER] = { "leader", "领导" },
    [ROLE_DAEMON] = { "daemon", "服务" },
    [ROLE_OPERATOR] = { "operator", "运维" },
    [ROLE_KEEPER] = { "keeper", "备份" },
};
NAMED_ALL (role, role, ROLE_COUNT)

static const struct word control_verb_words[] = {
    [CONTROL_NONE] = NOT_SAID,
    [CONTROL_STATUS] = { "status", "状态" },
    [CONTROL_METRICS] = { "metrics", "指标" },
    [CONTROL_LOG_LEVEL] = { "log_level", "日志级别" },
    [CONTROL_VERIFY] = { "verify", "核验" },
    [CONTROL_SCRUB] = { "scrub", "核对" },
    [CONTROL_KEEPSAKE] = { "keepsake", "信物" },
};
NAMED_ALL (control_verb, control_verb, CONTROL_COUNT)
