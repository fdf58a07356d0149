/* SPDX-License-Identifier: Apache-2.0 */
/* Poison in a township: escalation dies in its law over a due row, an entry, a command. Each
 * is parked at the third time, and the clocks of the grievance run on.
 *
 * Dying is a jump out of the turn, behind which the daemon is opened anew on its store, as
 * after a crash. */
#include "whole_people.h"

/* What a jump leaves behind is what a dead process leaves to the system. */
const char *__asan_default_options (void);
const char *__asan_default_options (void)
{
    return "detect_leaks=0";
}

enum deadly { DEADLY_NOTHING, DEADLY_DUE, DEADLY_ENTRY, DEADLY_COMMAND };

#define STEP_ROW 1 /* AGENDA_STEP of escalation */

static struct service_spec fragile;
static jmp_buf life;
static struct {
    enum deadly what;
    uint64_t number;
    struct agenda_row row; /* DUE: the first of that grievance, once it was seen */
    unsigned deaths;
    unsigned later; /* rows of the same clock that fired behind it */
} scene;

static void die (void)
{
    scene.deaths++;
    longjmp (life, 1);
}

static bool is_row (const struct agenda_row *row)
{
    if (scene.row.kind == 0)
        scene.row = *row;
    return row->due_ms == scene.row.due_ms && row->part == scene.row.part;
}

static void fragile_due (void *self, struct txn *txn, const struct agenda_row *row,
                         struct decision *decision)
{
    if (scene.what == DEADLY_DUE && row->kind == STEP_ROW &&
        row->subject == scene.number) {
        if (is_row (row))
            die ();
        scene.later += row->part >> 8 == scene.row.part >> 8;
    }
    escalation_service.due (self, txn, row, decision);
}

static void fragile_follow (void *self, struct txn *txn, const struct entry *entry,
                            struct bytes body, struct decision *decision)
{
    if (scene.what == DEADLY_ENTRY && entry->grievance == scene.number &&
        entry->kind == KIND_MOVED && entry->moved->step == STEP_CLAIM)
        die ();
    escalation_service.follow (self, txn, entry, body, decision);
}

static void fragile_decide (void *self, struct txn *txn, const struct sender *sender,
                            const struct command *command, struct decision *decision)
{
    if (scene.what == DEADLY_COMMAND)
        die ();
    escalation_service.decide (self, txn, sender, command, decision);
}

/* A township whose escalation may die. */
static int build (void **state UNUSED)
{
    fragile = escalation_service;
    fragile.due = fragile_due;
    fragile.follow = fragile_follow;
    fragile.decide = fragile_decide;
    scene.what = DEADLY_NOTHING;
    town = town_create (&(struct town_options){
        .tables_dir = SHIPPED_TABLES,
        .specs = { &intake_service, &routing_service, &fragile },
    });
    memset (serials, 0, sizeof serials);
    for (unsigned i = 0; i < VILLAGE_COUNT; i++)
        terminals[i] = town_client (town, ROLE_TERMINAL, 101 + i, .territory = 340522100);
    desk = town_client (town, ROLE_DESK, 2011, .department = 11);
    leader =
        town_client (town, ROLE_LEADER, 3001, .territory = 340522100, .department = 10);
    operator_ = town_client (town, ROLE_OPERATOR, 4001, .name = "ops");
    return 0;
}

static int demolish (void **state UNUSED)
{
    bool is_fold = town_rebuild (town, SPEAKER_ESCALATION);
    town_destroy (&town);
    return is_fold ? 0 : -1;
}

/* A life that ends by longjmp leaves its memory behind: no leak that anybody could mend. */
int __lsan_is_turned_off (void);
int __lsan_is_turned_off (void)
{
    return 1;
}

/* Again and again until nobody dies over it, as systemd would. */
static void survive (enum deadly what, uint64_t number, void (*act) (void))
{
    memset (&scene, 0, sizeof scene);
    scene.what = what;
    scene.number = number;
    if (setjmp (life) != 0)
        town_restart (town, SPEAKER_ESCALATION);
    act ();
    scene.what = DEADLY_NOTHING;
}

static struct parked *parked_last (void)
{
    struct entry *entry = town_last (town, SPEAKER_ESCALATION, KIND_PARKED);
    assert_non_null (entry);
    return entry->parked;
}

static uint64_t n_parked (void)
{
    return town_count (town, SPEAKER_ESCALATION, KIND_PARKED);
}

static void days_pass (void)
{
    town_step (town, 25 * CIVIL_DAY_MS);
}

static void hear_it (void)
{
    town_mend (town, SPEAKER_ESCALATION, SPEAKER_ROUTING);
    town_settle (town);
}

static void due_row (void)
{
    uint64_t number = file (0);
    town_settle (town);
    survive (DEADLY_DUE, number, days_pass);
    assert_true (scene.deaths == 2 ||
                 scene.deaths == 3); /* the first may be in a batch */
    assert_int_equal (n_parked (), 1);
    const struct due_row *due = parked_last ()->due;
    assert_non_null (due);
    assert_int_equal (due->due_ms, scene.row.due_ms);
    assert_int_equal (due->subject, number);
    assert_int_equal (due->part, scene.row.part);
    assert_true (scene.later > 0);
    assert_true (raised_by (number, CAUSE_BREACH, DUTY_STAGE) > 0);
}

static void entry (void)
{
    uint64_t number = file (1);
    town_settle (town);
    town_cut (town, SPEAKER_ESCALATION, SPEAKER_ROUTING);
    uint64_t fencing = claim (number);
    survive (DEADLY_ENTRY, number, hear_it);
    assert_true (scene.deaths == 2 || scene.deaths == 3);
    assert_int_equal (n_parked (), 2);
    assert_non_null (parked_last ()->source);
    assert_int_equal (parked_last ()->source->speaker, SPEAKER_ROUTING);
    accept (number, fencing); /* what comes behind it is followed */
    town_step (town, 80 * CIVIL_DAY_MS);
    assert_true (raised_by (number, CAUSE_BREACH, DUTY_WHOLE) > 0);
}

static struct answer_raise answering;
static uint64_t answering_counter;

static void answer (void)
{
    struct command command = { .person = 1001,
                               .counter = answering_counter,
                               .answer_raise = &answering };
    struct outcome *outcome = town_command (leader, SPEAKER_ESCALATION, &command);
    assert_non_null (outcome);
    assert_non_null (outcome->refusal);
    assert_int_equal (outcome->refusal->code, REFUSAL_PARKED);
}

static void command (void)
{
    uint64_t number = file (2);
    town_step (town, 10 * CIVIL_DAY_MS);
    answering = (struct answer_raise){ .raise = 1, .text = "已责成国土所十日内答复。" };
    answering_counter = town_next_counter (leader, SPEAKER_ESCALATION);
    survive (DEADLY_COMMAND, 0, answer);
    assert_true (scene.deaths == 2 || scene.deaths == 3);
    assert_int_equal (n_parked (), 3);
    days_pass ();
    assert_true (raised_by (number, CAUSE_BREACH, DUTY_STAGE) > 0);
}

static void input_that_crashes_decide_is_parked_and_its_clock_runs (void **state UNUSED)
{
    due_row ();
    entry ();
    command ();
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown (
            input_that_crashes_decide_is_parked_and_its_clock_runs, build, demolish),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
