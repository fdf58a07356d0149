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
    for (unsigned i = 0; i < 20; i++) /* three departments each, all at once */
        file_with (i % VILLAGE_COUNT, "国土资源/土地征收", 1, true);
    town_step (town, 30 * 60000);
    assert_int_equal (effects_to (ROBOT), 60);
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
    town_step (town, 40 * CIVIL_DAY_MS);
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
