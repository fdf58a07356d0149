/* SPDX-License-Identifier: Apache-2.0 */
/* Stories of notices in a township of four daemons. Effects are caught, not sent. */
#include "town_people.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <sysexits.h>

#include "notification/store.h"
#include "support/scratch.h"

#define EFFECTS_MAX 4000

/* What left, in order. */
static struct left {
    uint64_t id;
    int64_t at_ms;
    char channel[8];
    char address[64];
    char *subject, *text, *json;
} effects[EFFECTS_MAX];
static size_t n_effects;
static int next_exit; /* what becomes of effects: a sysexit or TOWN_PENDING */

static int catch (void *arg, enum speaker speaker, const struct effect *effect)
{
    struct left *kept = &effects[n_effects++];

    (void) arg;
    assert_true (n_effects < EFFECTS_MAX);
    assert_int_equal (speaker, SPEAKER_NOTIFICATION);
    kept->id = effect->id;
    kept->at_ms = town_now_ms (town);
    snprintf (kept->channel, sizeof kept->channel, "%s", effect->channel);
    snprintf (kept->address, sizeof kept->address, "%s", effect->address);
    kept->subject = strdup (effect->subject);
    kept->text = strdup (effect->text);
    kept->json = strdup (effect->json);
    return next_exit;
}

static void effects_forget (void)
{
    for (size_t i = 0; i < n_effects; i++) {
        free (effects[i].subject);
        free (effects[i].text);
        free (effects[i].json);
    }
    n_effects = 0;
}

static void build_with (const char *tables_dir)
{
    effects_forget ();
    next_exit = EX_OK;
    town_build_with (tables_dir);
    town_on_effect (town, catch, NULL);
}

static void build (void)
{
    build_with (SHIPPED_TABLES);
}

static void demolish (void)
{
    town_destroy (&town);
    effects_forget ();
}

static size_t effects_to (const char *address)
{
    size_t count = 0;

    for (size_t i = 0; i < n_effects; i++)
        count += strcmp (effects[i].address, address) == 0;
    return count;
}

static const struct left *last_to (const char *address)
{
    for (size_t i = n_effects; i-- > 0;)
        if (strcmp (effects[i].address, address) == 0)
            return &effects[i];
    fail_msg ("nothing went to %s", address);
    return NULL;
}

static uint64_t in_state (const char *state)
{
    char name[64];

    snprintf (name, sizeof name, "notices{state=\"%s\"}", state);
    return town_gauge (town, SPEAKER_NOTIFICATION, name);
}

static struct prints *prints (unsigned terminal)
{
    struct print_query query = { .terminal = 101 + terminal, .limit = 100 };
    struct reply *reply = town_query (terminals[terminal], SPEAKER_NOTIFICATION,
                                      &(struct query){ .prints = &query });

    assert_non_null (reply);
    assert_non_null (reply->prints);
    return reply->prints;
}

static struct outcome *hand_over (unsigned terminal, uint64_t notice, const char *to)
{
    struct hand_over command = { .notice = notice, .handed = to != NULL, .to = to };

    return town_command (terminals[terminal], SPEAKER_NOTIFICATION,
                         &(struct command){ .hand_over = &command });
}

/* ---- paper ------------------------------------------------------------------------------ */

static void petitioner_without_telephone_service_gets_paper_at_the_village (void **state)
{
    char number_text[NUMBER_TEXT_SIZE];

    (void) state;
    build ();
    uint64_t number = file (0);
    town_settle (town);
    struct prints *seen = prints (0);
    assert_int_equal (seen->n_items, 1);
    assert_int_equal (seen->items[0].number, number);
    assert_non_null (strstr (seen->items[0].text, number_format (number, number_text)));
    assert_non_null (strstr (seen->items[0].text, "环峰镇自然资源和规划所"));
    assert_int_equal (prints (1)->n_items, 0);

    uint64_t notice = seen->items[0].notice;
    assert_int_equal (hand_over (1, notice, "张三")->refusal->code, REFUSAL_NOT_FOUND);
    assert_null (hand_over (0, notice, NULL)->refusal);
    assert_int_equal (prints (0)->items[0].state, NOTICE_SENT);
    assert_null (hand_over (0, notice, "张三")->refusal);
    assert_int_equal (prints (0)->n_items, 0);
    assert_int_equal (in_state ("delivered"), 1);
    assert_int_equal (hand_over (0, notice, "张三")->refusal->code, REFUSAL_WRONG_STATE);
    demolish ();
}

static void paper_that_nobody_hands_over_goes_on_the_unreachable_list (void **state)
{
    (void) state;
    build ();
    file (0);
    town_step_until (town, at_ms ("2026-12-08 23:59:59"));
    uint64_t notice = prints (0)->items[0].notice;
    assert_int_equal (in_state ("unreachable"), 0);
    town_step (town, 2000);
    assert_int_equal (in_state ("unreachable"), 1);
    assert_null (hand_over (0, notice, "其子")->refusal); /* late is better than never */
    assert_int_equal (in_state ("unreachable"), 0);
    demolish ();
}

static struct notices *notices_of (struct town_client *client, struct notice_query query)
{
    struct reply *reply =
        town_query (client, SPEAKER_NOTIFICATION, &(struct query){ .notices = &query });

    assert_non_null (reply);
    assert_non_null (reply->notices);
    return reply->notices;
}

static void unreachable_list_is_for_dispatcher_and_leader_of_the_place (void **state)
{
    struct notice_query unreachable = { .state = NOTICE_UNREACHABLE };

    (void) state;
    build ();
    uint64_t number = file (0);
    town_step_until (town, at_ms ("2026-12-09 00:00:01"));
    struct town_client *readers[] = { dispatcher, leader, operator_ };
    for (size_t i = 0; i < ARRAY_SIZE (readers); i++) {
        struct notices *list = notices_of (readers[i], unreachable);
        assert_int_equal (list->n_rows, 1);
        assert_int_equal (list->rows[0].number, number);
        assert_int_equal (list->rows[0].to, 101); /* at this terminal */
        assert_int_equal (list->rows[0].time_ms, at_ms ("2026-12-09 00:00:00"));
    }
    assert_int_equal (notices_of (county, unreachable)->n_rows, 0);
    assert_int_equal (notices_of (strange_desk, unreachable)->n_rows, 0);

    /* The dispatcher hears of it with the next digest. */
    assert_int_equal (effects_to ("xfb@huanfeng.example"), 0);
    town_step (town, 11 * 60000);
    assert_int_equal (effects_to ("xfb@huanfeng.example"), 1);
    assert_non_null (strstr (last_to ("xfb@huanfeng.example")->text, "101"));
    assert_non_null (strstr (last_to ("xfb@huanfeng.example")->text, "2026-11-23"));

    uint64_t notice = notices_of (dispatcher, unreachable)->rows[0].notice;
    assert_null (hand_over (0, notice, "其子")->refusal);
    assert_int_equal (notices_of (dispatcher, unreachable)->n_rows, 0);
    assert_int_equal (in_state ("delivered"), 1);
    demolish ();
}

static const struct print_item *print_with (unsigned terminal, const char *text)
{
    struct prints *seen = prints (terminal);

    for (size_t i = 0; i < seen->n_items; i++)
        if (strstr (seen->items[i].text, text))
            return &seen->items[i];
    return NULL;
}

/* What the terminal does for whoever has no telephone: it prints the notice, and with it
 * the document that it announces. */
static void paper_names_its_document_and_the_terminal_can_fetch_it (void **state)
{
    (void) state;
    build ();
    uint64_t number = file (0), fencing = claim (number);
    accept (number, fencing);
    step_by (1131, &(struct step_command){ .number = number,
                                           .step = STEP_DECIDE,
                                           .fencing = fencing,
                                           .outcome = OUTCOME_EXPLAIN,
                                           .text = "补偿标准正确",
                                           .legal_basis = "条例第三十二条" });
    town_settle (town);
    const struct print_item *paper = print_with (0, "处理意见书为文书2");
    assert_non_null (paper);
    assert_int_equal (paper->document, 2);
    assert_int_equal (print_with (0, "受理告知书为文书1")->document, 1);

    struct document_query query = { .number = number };
    struct query asked = { .documents = &query };
    struct documents *list = town_query (terminals[0], SPEAKER_INTAKE, &asked)->documents;
    for (size_t i = 0; i < list->n_rows; i++)
        if (list->rows[i].ordinal == paper->document)
            query.sequence = list->rows[i].sequence;
    list = town_query (terminals[0], SPEAKER_INTAKE, &asked)->documents;
    assert_int_equal (list->rows[0].kind, DOCUMENT_DECISION);
    assert_non_null (strstr (list->rows[0].text, "补偿标准正确"));

    step_by (1131, &(struct step_command){ .number = number,
                                           .step = STEP_SERVE,
                                           .fencing = fencing,
                                           .means = MEANS_IN_PERSON,
                                           .to = "本人" });
    town_settle (town);
    for (size_t i = 0; i < prints (0)->n_items; i++) /* a proof of service is no notice */
        assert_true (prints (0)->items[i].document != 3);
    demolish ();
}

/* ---- reminders ---------------------------------------------------------------------------- */

static struct outcome *petitioner_asks (uint64_t number, enum asked what)
{
    struct ask ask = { .number = number,
                       .query_code = "0123ABCD",
                       .what = what,
                       .rating_department = what == ASKED_RATE ? 1 : 0 };
    struct outcome *outcome =
        town_command (terminals[0], SPEAKER_INTAKE, &(struct command){ .ask = &ask });

    assert_non_null (outcome->recorded);
    town_settle (town);
    return outcome;
}

static void petitioner_is_reminded_to_rate_after_seven_days (void **state)
{
    (void) state;
    build ();
    uint64_t number = file (0);
    work_off (number); /* on the 23rd */
    town_settle (town);
    assert_null (print_with (0, "请凭编号和查询码评价"));
    town_step_until (town, at_ms ("2026-11-30 23:59:59"));
    assert_null (print_with (0, "请凭编号和查询码评价"));
    town_step (town, 2000);
    assert_non_null (print_with (0, "请凭编号和查询码评价"));
    uint64_t notice = print_with (0, "请凭编号和查询码评价")->notice;
    /* Nobody comes for it: that makes nobody unreachable. */
    town_step (town, 40 * CIVIL_DAY_MS);
    struct notices *all = notices_of (operator_, (struct notice_query){ .limit = 500 });
    for (size_t i = 0; i < all->n_rows; i++)
        if (all->rows[i].notice == notice)
            assert_int_equal (all->rows[i].state, NOTICE_ABANDONED);
    assert_null (print_with (0, "请凭编号和查询码评价"));
    demolish ();
}

static void who_has_rated_is_not_reminded (void **state)
{
    (void) state;
    build ();
    uint64_t number = file (0);
    work_off (number);
    town_step (town, CIVIL_DAY_MS);
    assert_int_equal (in_state ("abandoned"), 0);
    petitioner_asks (number, ASKED_RATE);
    assert_int_equal (in_state ("abandoned"), 1);
    town_step (town, 10 * CIVIL_DAY_MS);
    assert_null (print_with (0, "请凭编号和查询码评价"));
    petitioner_asks (number, ASKED_RATE); /* again: there is nothing to end */
    assert_int_equal (in_state ("abandoned"), 1);
    demolish ();
}

static void what_is_open_again_is_not_to_be_rated_yet (void **state)
{
    (void) state;
    build ();
    town_set (town, "notification/sms", "http://sms.example/send");
    uint64_t number = file (0);
    work_off (number);
    town_step (town, CIVIL_DAY_MS);
    petitioner_asks (number, ASKED_DISPUTE);
    assert_int_equal (in_state ("abandoned"), 1);
    town_step (town, 10 * CIVIL_DAY_MS);
    for (size_t i = 0; i < n_effects; i++)
        assert_null (strstr (effects[i].text, "请凭编号和查询码评价"));
    demolish ();
}

static void reminder_by_telephone_waits_for_the_morning (void **state)
{
    (void) state;
    build ();
    town_set (town, "notification/sms", "http://sms.example/send");
    work_off (file (0));
    town_step_until (town, at_ms ("2026-12-01 07:29:59"));
    size_t before = effects_to ("http://sms.example/send");
    town_step (town, 2000);
    assert_int_equal (effects_to ("http://sms.example/send"), before + 1);
    assert_non_null (
        strstr (last_to ("http://sms.example/send")->text, "请凭编号和查询码评价"));
    demolish ();
}

/* ---- the whole course --------------------------------------------------------------------------- */

#define a_step(of, what, ...)                                                            \
    &(struct step_command)                                                               \
    {                                                                                    \
        .number = (of), .step = (what), ##__VA_ARGS__                                    \
    }

static struct step_done *step_at (struct town_client *client, uint32_t person,
                                  struct step_command *step)
{
    struct outcome *outcome = town_command (
        client, SPEAKER_ROUTING, &(struct command){ .person = person, .step = step });

    assert_non_null (outcome);
    if (outcome->refusal)
        fail_msg ("%s", outcome->refusal->sentence);
    return outcome->step_done;
}

static void assert_no_gap (const char *text)
{
    if (strstr (text, "—") || strstr (text, "{"))
        fail_msg ("a gap in: %s", text);
}

/* Extended, mediated, refused on the merits, under review, to be withdrawn, and late. */
static void long_course (void)
{
    uint64_t number = file (0), fencing = claim (number);

    accept (number, fencing);
    step_by (1131,
             a_step (number, STEP_EXTEND, .fencing = fencing, .reason = "需重新测绘"));
    step_by (1111, a_step (number, STEP_APPROVE));
    step_by (1131, a_step (number, STEP_MEDIATE, .fencing = fencing));
    step_by (1131, a_step (number, STEP_END_MEDIATION, .fencing = fencing,
                           .reason = "达不成一致"));
    step_by (1131, a_step (number, STEP_DECIDE, .fencing = fencing,
                           .outcome = OUTCOME_NOT_SUPPORT, .text = "标准正确",
                           .legal_basis = "条例第三十二条"));
    step_by (1131, a_step (number, STEP_SERVE, .fencing = fencing,
                           .means = MEANS_IN_PERSON, .to = "本人"));
    town_settle (town);
    petitioner_asks (number, ASKED_REVIEW);
    struct ask withdraw = { .number = number,
                            .query_code = "0123ABCD",
                            .what = ASKED_WITHDRAW,
                            .ground = GROUND_OWN_WISH };
    assert_non_null (
        town_command (terminals[0], SPEAKER_INTAKE, &(struct command){ .ask = &withdraw })
            ->recorded);
    town_step (town, 70 * CIVIL_DAY_MS); /* and everything that is late */
}

static void assert_no_gaps (void)
{
    for (size_t i = 0; i < prints (0)->n_items; i++)
        assert_no_gap (prints (0)->items[i].text);
    for (size_t i = 0; i < n_effects; i++) {
        assert_no_gap (effects[i].subject);
        assert_no_gap (effects[i].text);
    }
}

static void no_notice_of_a_long_course_has_a_gap (void **state)
{
    static const char *const heard[] = { "规划所受理", "延期一次", "组织调解",
                                         "未达成协议", "不予支持", "复查申请",
                                         "撤回诉求" };

    (void) state;
    build ();
    long_course ();
    assert_no_gaps ();
    for (size_t i = 0; i < ARRAY_SIZE (heard); i++)
        if (!print_with (0, heard[i]))
            fail_msg ("the petitioner did not hear: %s", heard[i]);
    demolish ();
}

static void a_house_may_speak_english (void **state)
{
    (void) state;
    build ();
    town_set (town, "notification/language", "en");
    long_course ();
    assert_no_gaps ();
    assert_non_null (print_with (0, "Huanfeng Natural Resources and Planning"));
    assert_non_null (print_with (0, "not supported"));
    size_t waits = 0;
    for (size_t i = 0; i < n_effects; i++)
        waits += strstr (effects[i].text, "Proposed: “withdraw”") &&
                 strstr (effects[i].text, "own wish");
    assert_true (waits == 1);
    demolish ();
}

/* ---- second persons --------------------------------------------------------------------------- */

static void head_hears_at_once_what_waits_and_the_proposer_of_a_no (void **state)
{
    (void) state;
    build ();
    uint64_t number = file (0), fencing = claim (number);
    accept (number, fencing);
    step_by (1131, &(struct step_command){ .number = number,
                                           .step = STEP_EXTEND,
                                           .fencing = fencing,
                                           .reason = "需重新测绘" });
    town_step (town, 1000);
    assert_int_equal (effects_to ("p1111@huanfeng.example"), 1);
    assert_non_null (strstr (last_to ("p1111@huanfeng.example")->subject, "延期"));
    assert_null (strstr (last_to ("p1111@huanfeng.example")->text, "测绘"));
    step_by (1111, &(struct step_command){
                       .number = number, .step = STEP_REJECT, .reason = "不复杂" });
    town_step (town, 1000);
    /* The worker has no mailbox: it goes to the office. */
    assert_non_null (strstr (last_to ("zrzy@huanfeng.example")->subject, "未获批准"));
    demolish ();
}

/* ---- digests ---------------------------------------------------------------------------- */

static void arrivals_of_ten_minutes_go_in_one_message (void **state)
{
    (void) state;
    build ();
    for (unsigned i = 0; i < 5; i++)
        file (i % VILLAGE_COUNT);
    town_step (town, 9 * 60000);
    assert_int_equal (effects_to ("zrzy@huanfeng.example"), 0);
    town_step (town, 61000);
    assert_int_equal (effects_to ("zrzy@huanfeng.example"), 1);
    assert_non_null (strstr (last_to ("zrzy@huanfeng.example")->subject, "5"));
    file (0);
    town_step (town, 11 * 60000);
    assert_int_equal (effects_to ("zrzy@huanfeng.example"), 2);
    assert_null (
        strstr (last_to ("zrzy@huanfeng.example")->subject, "件")); /* a single one */
    assert_int_equal (in_state ("queued"), 6); /* what is to be printed */
    demolish ();
}

static void line_of_a_digest_has_no_empty_due (void **state)
{
    (void) state;
    build ();
    for (unsigned i = 0; i < 2;
         i++) { /* claimed, and nothing done: back, without a due */
        uint64_t number = file (i);
        claim (number);
    }
    town_step (town, 9 * CIVIL_DAY_MS);
    const char *text = NULL;
    for (size_t i = 0; i < n_effects; i++)
        if (strstr (effects[i].text, "退回 "))
            text = effects[i].text;
    assert_non_null (text);
    assert_null (strstr (text, "期限—"));
    assert_null (strstr (text, "—"));
    demolish ();
}

static void what_gathers_until_the_morning_does_not_hold_up_arrivals (void **state)
{
    (void) state;
    build ();
    file (0);
    town_step_until (town, at_ms ("2026-12-02 00:30:00"));
    assert_true (in_state ("queued") > 1); /* half of the time is over: for 8:30 */
    size_t before = effects_to ("zrzy@huanfeng.example");
    file (1);
    town_step (town, 11 * 60000);
    assert_int_equal (effects_to ("zrzy@huanfeng.example"), before + 1);
    demolish ();
}

static void urgent_matter_is_told_at_once_and_alone (void **state)
{
    (void) state;
    build ();
    file (0);
    file_with (1, "国土资源/土地征收", 1, true);
    town_step (town, 1000);
    assert_int_equal (effects_to ("zrzy@huanfeng.example"), 1);
    assert_int_equal (effects_to ("p1004@huanfeng.example"),
                      1); /* raised to the leader */
    demolish ();
}

static void bands_of_a_person_go_once_a_day_in_the_morning (void **state)
{
    (void) state;
    build ();
    for (unsigned i = 0; i < 3; i++)
        file (i);
    town_step_until (town, at_ms ("2026-12-07 08:29:59"));
    assert_int_equal (effects_to ("p1112@huanfeng.example"), 0);
    town_step (town, 2000); /* 85 % were reached at midnight; a deputy stands in */
    assert_int_equal (effects_to ("p1112@huanfeng.example"), 1);
    assert_non_null (strstr (last_to ("p1112@huanfeng.example")->subject, "3"));
    demolish ();
}

/* ---- the telephone ------------------------------------------------------------------------ */

#define GATEWAY "http://sms.example/send"

static void petitioner_with_a_telephone_is_asked_for_only_when_it_is_sent (void **state)
{
    (void) state;
    build ();
    town_set (town, "notification/sms", GATEWAY);
    file (0);
    town_settle (town);
    assert_int_equal (effects_to (GATEWAY), 1);
    json_t *json = json_loads (last_to (GATEWAY)->json, 0, NULL);
    assert_string_equal (json_string_value (json_object_get (json, "telephone")),
                         "13800000000");
    assert_non_null (json_object_get (json_object_get (json, "parameters"), "number"));
    assert_null (json_object_get (json_object_get (json, "parameters"), "name"));
    json_decref (json);
    assert_int_equal (in_state ("sent"), 1);
    assert_int_equal (prints (0)->n_items, 0);
    demolish ();
}

static void who_has_no_telephone_gets_paper_instead (void **state)
{
    (void) state;
    build ();
    town_set (town, "notification/sms", GATEWAY);
    file_anonymous (0);
    town_settle (town);
    assert_int_equal (effects_to (GATEWAY), 0);
    assert_int_equal (prints (0)->n_items, 1);
    demolish ();
}

static void petitioners_are_left_in_peace_at_night (void **state)
{
    (void) state;
    build ();
    town_set (town, "notification/sms", GATEWAY);
    town_step_until (town, at_ms ("2026-11-23 22:00:00"));
    file (0);
    town_step_until (town, at_ms ("2026-11-24 07:29:59"));
    assert_int_equal (effects_to (GATEWAY), 0);
    town_step (town, 2000);
    assert_int_equal (effects_to (GATEWAY), 1);
    demolish ();
}

static void without_intake_the_message_waits_and_is_tried_again (void **state)
{
    (void) state;
    build ();
    town_set (town, "notification/sms", GATEWAY);
    town_step_until (town, at_ms ("2026-11-23 22:00:00"));
    file (0);
    town_settle (town);
    town_cut (town, SPEAKER_NOTIFICATION, SPEAKER_INTAKE);
    town_step_until (town, at_ms ("2026-11-24 07:30:20"));
    assert_int_equal (effects_to (GATEWAY), 0);
    assert_int_equal (in_state ("failed"), 1);
    town_mend (town, SPEAKER_NOTIFICATION, SPEAKER_INTAKE);
    town_step (town, 10 * 60000);
    assert_int_equal (effects_to (GATEWAY), 1);
    assert_int_equal (in_state ("failed"), 0);
    demolish ();
}

/* ---- failures ------------------------------------------------------------------------------ */

static void server_that_is_away_is_tried_eight_times_then_the_next_outlet (void **state)
{
    (void) state;
    build ();
    next_exit = EX_TEMPFAIL;
    file_with (0, "国土资源/土地征收", 23, false); /* a group: raised to a leader */
    town_step (town, 9 * 60000);
    assert_true (effects_to ("p1004@huanfeng.example") >= 2);
    town_step (town, 12 * CIVIL_HOUR_MS);
    assert_int_equal (effects_to ("p1004@huanfeng.example"), 8);
    assert_int_equal (effects_to ("dzb@huanfeng.example"), 8); /* the leader's office */
    assert_true (in_state ("abandoned") >= 1);
    demolish ();
}

static void who_refuses_for_ever_is_not_asked_again (void **state)
{
    (void) state;
    build ();
    next_exit = EX_UNAVAILABLE;
    file (0);
    town_step (town, CIVIL_DAY_MS);
    assert_int_equal (effects_to ("zrzy@huanfeng.example"), 1);
    assert_int_equal (in_state ("abandoned"), 3); /* two more departments assist */
    demolish ();
}

static void digest_that_failed_goes_whole_again (void **state)
{
    (void) state;
    build ();
    next_exit = EX_TEMPFAIL;
    for (unsigned i = 0; i < 4; i++)
        file (i);
    town_step (town, 10 * 60000 + 1000);
    assert_int_equal (effects_to ("zrzy@huanfeng.example"), 1);
    next_exit = EX_OK;
    town_step (town, 10 * 60000);
    assert_int_equal (effects_to ("zrzy@huanfeng.example"), 2);
    assert_non_null (strstr (last_to ("zrzy@huanfeng.example")->subject, "4"));
    assert_int_equal (in_state ("failed"), 0);
    demolish ();
}

static void mail_that_may_have_gone_goes_once_more (void **state)
{
    (void) state;
    build ();
    next_exit = TOWN_PENDING;
    file_with (1, "国土资源/土地征收", 1, true);
    town_step (town, 1000);
    size_t before = effects_to ("p1004@huanfeng.example");
    assert_int_equal (before, 1);
    town_crash (town, SPEAKER_NOTIFICATION);
    next_exit = EX_OK;
    town_restart (town, SPEAKER_NOTIFICATION);
    town_settle (town);
    assert_true (in_state ("maybe_sent") >= 1);
    assert_int_equal (effects_to ("p1004@huanfeng.example"), 1);
    town_step (town, 2 * 60000);
    assert_int_equal (effects_to ("p1004@huanfeng.example"), 2);
    assert_int_equal (in_state ("maybe_sent"), 0);
    demolish ();
}

static void text_message_that_may_have_gone_is_printed_not_sent_again (void **state)
{
    (void) state;
    build ();
    town_set (town, "notification/sms", GATEWAY);
    next_exit = TOWN_PENDING;
    file (0);
    town_settle (town);
    assert_int_equal (effects_to (GATEWAY), 1);
    town_crash (town, SPEAKER_NOTIFICATION);
    next_exit = EX_OK;
    town_restart (town, SPEAKER_NOTIFICATION);
    town_step (town, CIVIL_DAY_MS);
    assert_int_equal (effects_to (GATEWAY), 1);
    assert_int_equal (prints (0)->n_items, 1);
    demolish ();
}

/* ---- robots --------------------------------------------------------------------------------- */

#define ROBOT "http://robot.example/hook"

/* The shipped tables, but every mailbox of a department is one group robot. */
static void tables_with_robot (const char *dir)
{
    char command[1024];

    snprintf (command, sizeof command,
              "cp '%s'/*.tsv '%s' && sed -i 's#smtp:[a-z]*@huanfeng.example#http:%s#' "
              "'%s/departments.tsv'",
              SHIPPED_TABLES, dir, ROBOT, dir);
    assert_int_equal (system (command), 0);
}

static void robot_never_gets_more_than_twenty_messages_a_minute (void **state)
{
    struct scratch scratch = scratch_make ();

    (void) state;
    tables_with_robot (scratch.path);
    build_with (scratch.path);
    for (unsigned i = 0; i < 20; i++) /* four departments each, all at once */
        file_with (i % VILLAGE_COUNT, "国土资源/土地征收", 1, true);
    town_step (town, 30 * 60000);
    assert_int_equal (effects_to (ROBOT), 80);
    for (size_t first = 0; first < n_effects; first++) {
        size_t in_minute = 0;

        if (strcmp (effects[first].address, ROBOT) != 0)
            continue;
        for (size_t i = first; i < n_effects; i++)
            in_minute += strcmp (effects[i].address, ROBOT) == 0 &&
                         effects[i].at_ms < effects[first].at_ms + 60000;
        assert_true (in_minute <= 20);
    }
    demolish ();
    scratch_remove (&scratch);
}

/* ---- accusations ----------------------------------------------------------------------------- */

static void of_an_accusation_nothing_is_printed_and_no_number_leaves (void **state)
{
    char text[NUMBER_TEXT_SIZE];

    (void) state;
    build ();
    uint64_t number = file_matter (0, (struct matter){ .purpose = PURPOSE_ACCUSATION });
    number_format (number, text);
    town_step (town, CIVIL_DAY_MS);
    /* Its organ proposes, is refused, decides and closes it: the village hears nothing. */
    struct town_client *organ = town_client (town, ROLE_DESK, 2022, .department = 22);
    uint64_t fencing = step_at (organ, 2231, a_step (number, STEP_CLAIM))->fencing;
    step_at (organ, 2231,
             a_step (number, STEP_REFUSE, .fencing = fencing, .reason = "线索不清",
                     .ground = GROUND_UNCLEAR));
    step_at (organ, 2211, a_step (number, STEP_REJECT, .reason = "可以核实"));
    step_at (organ, 2231, a_step (number, STEP_ACCEPT, .fencing = fencing));
    town_step (town, 30 * CIVIL_DAY_MS); /* late, too */
    step_at (organ, 2231,
             a_step (number, STEP_DECIDE, .fencing = fencing, .outcome = OUTCOME_ANSWERED,
                     .text = "已核实"));
    step_at (organ, 2231,
             a_step (number, STEP_SERVE, .fencing = fencing, .means = MEANS_IN_PERSON,
                     .to = "本人"));
    town_step (town, 40 * CIVIL_DAY_MS);
    assert_true (effects_to ("p2211@huanfeng.example") > 0); /* what waits, its head */
    assert_int_equal (prints (0)->n_items, 0);
    assert_true (effects_to ("jw@huanfeng.example") > 0);
    for (size_t i = 0; i < n_effects; i++) {
        assert_null (strstr (effects[i].text, text));
        assert_null (strstr (effects[i].subject, text));
        assert_null (strstr (effects[i].json, text));
        assert_null (strstr (effects[i].text, "华阳"));
    }
    assert_int_equal (effects_to ("xfb@huanfeng.example"), 0); /* not the dispatcher */
    demolish ();
}

/* ---- the journal ------------------------------------------------------------------------------ */

static size_t sendings;

static void count_sending (void *arg, const struct entry *entry, struct bytes body)
{
    const uint64_t *notice = arg;

    (void) body;
    sendings += entry->kind == KIND_NOTICE_MOVED &&
                entry->notice_moved->state == NOTICE_SENDING &&
                entry->notice_moved->notice == *notice;
}

static void crash_at_any_write_never_sends_what_was_not_committed (void **state)
{
    (void) state;
    for (unsigned n = 1; n < 40; n++) {
        build ();
        file_with (1, "国土资源/土地征收", 1, true);
        town_fail_store (town, SPEAKER_NOTIFICATION, n, -EIO);
        town_step (town, 12 * 60000);
        town_fail_store (town, SPEAKER_NOTIFICATION, 0, 0);
        town_step (town, 12 * 60000);
        for (size_t i = 0; i < n_effects; i++) {
            size_t same = 0;

            sendings = 0;
            town_journal (town, SPEAKER_NOTIFICATION, count_sending, &effects[i].id);
            for (size_t k = 0; k < n_effects; k++)
                same += effects[k].id == effects[i].id;
            assert_true (same <= sendings);
        }
        assert_true (effects_to ("p1004@huanfeng.example") >= 1);
        assert_int_equal (in_state ("sending"), 0);
        assert_int_equal (prints (1)->n_items, 1);
        demolish ();
    }
}

static void refolding_the_journal_gives_the_same_tables (void **state)
{
    (void) state;
    build ();
    for (unsigned i = 0; i < 12; i++) {
        uint64_t number = file_with (i % VILLAGE_COUNT,
                                     i % 4 ? "国土资源/土地征收" : NULL, i, i % 5 == 0);
        if (i % 4 == 1)
            work_off (number);
        next_exit = i % 3 == 0 ? EX_TEMPFAIL : EX_OK;
        town_step (town, 7 * 60000);
    }
    hand_over (0, prints (0)->items[0].notice, "张三");
    town_step (town, 60 * CIVIL_DAY_MS);
    struct hash before = town_digest (town, SPEAKER_NOTIFICATION);
    town_rebuild (town, SPEAKER_NOTIFICATION);
    struct hash after = town_digest (town, SPEAKER_NOTIFICATION);
    assert_true (hash_equal (&before, &after));
    demolish ();
}

static void notices_are_told_by_grievance_by_state_and_in_counts (void **state)
{
    (void) state;
    build ();
    uint64_t number = file (0);
    town_step (town, 12 * 60000);
    struct notice_query query = { .number = number };
    struct query asked = { .notices = &query };
    struct notices *rows = town_query (operator_, SPEAKER_NOTIFICATION, &asked)->notices;
    assert_int_equal (rows->n_rows, 4); /* paper, the department, two that assist */
    assert_string_equal (rows->rows[0].template, "petitioner-registered");
    assert_int_equal (
        town_query (strange_desk, SPEAKER_NOTIFICATION, &asked)->notices->n_rows, 0);
    assert_int_equal (town_query (county, SPEAKER_NOTIFICATION, &asked)->notices->n_rows,
                      0);
    query = (struct notice_query){ .state = NOTICE_SENT };
    assert_int_equal (
        town_query (operator_, SPEAKER_NOTIFICATION, &asked)->notices->n_rows, 3);
    query = (struct notice_query){ .counts = true };
    rows = town_query (operator_, SPEAKER_NOTIFICATION, &asked)->notices;
    assert_int_equal (rows->n_counts, 2);
    demolish ();
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (petitioner_without_telephone_service_gets_paper_at_the_village),
        cmocka_unit_test (paper_that_nobody_hands_over_goes_on_the_unreachable_list),
        cmocka_unit_test (unreachable_list_is_for_dispatcher_and_leader_of_the_place),
        cmocka_unit_test (paper_names_its_document_and_the_terminal_can_fetch_it),
        cmocka_unit_test (petitioner_is_reminded_to_rate_after_seven_days),
        cmocka_unit_test (who_has_rated_is_not_reminded),
        cmocka_unit_test (what_is_open_again_is_not_to_be_rated_yet),
        cmocka_unit_test (reminder_by_telephone_waits_for_the_morning),
        cmocka_unit_test (no_notice_of_a_long_course_has_a_gap),
        cmocka_unit_test (a_house_may_speak_english),
        cmocka_unit_test (head_hears_at_once_what_waits_and_the_proposer_of_a_no),
        cmocka_unit_test (line_of_a_digest_has_no_empty_due),
        cmocka_unit_test (what_gathers_until_the_morning_does_not_hold_up_arrivals),
        cmocka_unit_test (arrivals_of_ten_minutes_go_in_one_message),
        cmocka_unit_test (urgent_matter_is_told_at_once_and_alone),
        cmocka_unit_test (bands_of_a_person_go_once_a_day_in_the_morning),
        cmocka_unit_test (petitioner_with_a_telephone_is_asked_for_only_when_it_is_sent),
        cmocka_unit_test (who_has_no_telephone_gets_paper_instead),
        cmocka_unit_test (petitioners_are_left_in_peace_at_night),
        cmocka_unit_test (without_intake_the_message_waits_and_is_tried_again),
        cmocka_unit_test (server_that_is_away_is_tried_eight_times_then_the_next_outlet),
        cmocka_unit_test (who_refuses_for_ever_is_not_asked_again),
        cmocka_unit_test (digest_that_failed_goes_whole_again),
        cmocka_unit_test (mail_that_may_have_gone_goes_once_more),
        cmocka_unit_test (text_message_that_may_have_gone_is_printed_not_sent_again),
        cmocka_unit_test (robot_never_gets_more_than_twenty_messages_a_minute),
        cmocka_unit_test (of_an_accusation_nothing_is_printed_and_no_number_leaves),
        cmocka_unit_test (crash_at_any_write_never_sends_what_was_not_committed),
        cmocka_unit_test (refolding_the_journal_gives_the_same_tables),
        cmocka_unit_test (notices_are_told_by_grievance_by_state_and_in_counts),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
