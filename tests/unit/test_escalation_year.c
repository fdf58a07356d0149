/* SPDX-License-Identifier: Apache-2.0 */
/* A year of a township in four daemons: some grievances are worked, most are left lying.
 * What was raised is held against what the ledger announced: every step of every clock that
 * still ran, once, in order, not early, by level. */
#include "town_people.h"

#define LINES_MAX 20000

/* ---- what the ledger announced ------------------------------------------------------------ */

struct line {
    uint64_t number;
    enum duty duty;
    uint32_t owner;
    int64_t stopped_ms; /* 0: runs */
    bool window;
    struct band_due bands[16];
    size_t n_bands;
    size_t fired;
};

static struct line lines[LINES_MAX];
static size_t n_lines;
static size_t n_steps_fired, n_breaches, n_open, n_ended;
static int64_t last_due_ms;

static struct line *line_running (uint64_t number, enum duty duty, uint32_t owner)
{
    for (size_t i = n_lines; i-- > 0;)
        if (lines[i].number == number && lines[i].duty == duty &&
            lines[i].stopped_ms == 0 &&
            (duty != DUTY_ASSISTING || lines[i].owner == owner))
            return &lines[i];
    return NULL;
}

static void line_add (uint64_t number, const struct clock_change *change)
{
    struct line *line = &lines[n_lines++];

    assert_true (n_lines < LINES_MAX && change->n_bands <= 16);
    *line = (struct line){ .number = number,
                           .duty = change->duty,
                           .owner = change->owner,
                           .window = strcmp (change->stage, "ask_review") == 0 &&
                                     change->duty == DUTY_STAGE,
                           .n_bands = change->n_bands };
    for (size_t i = 0; i < change->n_bands; i++)
        line->bands[i] = change->bands[i];
}

static void see_clocks (const struct entry *entry)
{
    for (size_t i = 0; i < entry->clocks->n_changes; i++) {
        const struct clock_change *change = &entry->clocks->changes[i];

        if (change->action != CLOCK_START) {
            struct line *line =
                line_running (entry->grievance, change->duty, change->owner);

            assert_non_null (line);
            line->stopped_ms = entry->time_ms;
        }
        if (change->action != CLOCK_STOP)
            line_add (entry->grievance, change);
    }
}

static void see_raised (const struct entry *entry)
{
    const struct raised *raised = entry->raised;
    struct line *line;

    assert_int_equal (raised->raise, entry->sequence);
    n_open += raised->open;
    if (raised->duty == DUTY_NONE)
        return;
    assert_true (entry->time_ms >= raised->due_ms);        /* never early */
    assert_true (entry->time_ms - raised->due_ms <= 1000); /* the town is quick */
    assert_true (raised->due_ms >= last_due_ms);           /* in order */
    last_due_ms = raised->due_ms;
    line = line_running (entry->grievance, raised->duty, raised->department);
    assert_non_null (line);
    assert_true (line->fired < line->n_bands);
    assert_int_equal (raised->share, line->bands[line->fired].share); /* once, in order */
    assert_int_equal (raised->level, line->bands[line->fired].level);
    assert_int_equal (raised->due_ms, line->bands[line->fired].due_ms);
    line->fired++;
    n_steps_fired++;
    n_breaches += raised->cause == CAUSE_BREACH;
    assert_false (raised->blind);
}

static void see (void *arg, const struct entry *entry, struct bytes body)
{
    (void) arg;
    (void) body;
    if (entry->kind == KIND_CLOCKS)
        see_clocks (entry);
    else if (entry->kind == KIND_RAISED)
        see_raised (entry);
    else if (entry->kind == KIND_RAISE_ENDED)
        n_ended++;
}

/* Every step that was due while its clock ran has fired; none that was not. */
static void audit (bool answered)
{
    n_lines = n_steps_fired = n_breaches = n_open = n_ended = 0;
    last_due_ms = 0;
    town_journal (town, SPEAKER_ESCALATION, see, NULL);
    for (size_t i = 0; i < n_lines; i++) {
        int64_t until_ms = lines[i].stopped_ms ? lines[i].stopped_ms : town_now_ms (town);

        for (size_t k = 0; k < lines[i].n_bands && !lines[i].window; k++) {
            bool was_due = lines[i].bands[k].due_ms <= until_ms;

            if (k < lines[i].fired)
                assert_true (was_due);
            else if (!answered)
                assert_false (was_due);
        }
    }
    assert_int_equal (town_gauge (town, SPEAKER_ESCALATION, "raises_open"),
                      n_open - n_ended);
}

static void assert_one_of_each (void)
{
    uint64_t open = town_gauge (town, SPEAKER_ESCALATION, "open");

    assert_int_equal (town_gauge (town, SPEAKER_ESCALATION, "stage_duties"), open);
    assert_int_equal (town_gauge (town, SPEAKER_ESCALATION, "whole_duties"), open);
}

/* ---- stories ---------------------------------------------------------------------------------- */

static void year_raises_every_late_step_once_in_order_by_level (void **state)
{
    enum { COUNT = 240 };

    (void) state;
    town_build ();
    for (unsigned i = 0; i < COUNT; i++) {
        uint64_t number = file_with (i % VILLAGE_COUNT,
                                     i % 5 == 4 ? NULL : "国土资源/土地征收", 1, false);

        if (i % 3 == 0 && i % 5 != 4)
            work_off (number);
        else if (i % 7 == 0 && i % 5 != 4)
            accept (number, claim (number));
        town_step (town, 5 * CIVIL_HOUR_MS);
        town_forget (town);
    }
    for (unsigned day = 0; day < 365 - 50; day++) {
        town_step (town, CIVIL_DAY_MS);
        town_forget (town);
    }
    audit (false);
    assert_one_of_each ();
    assert_true (n_breaches > COUNT);
    assert_int_equal (town_gauge (town, SPEAKER_ESCALATION, "grievances"), COUNT);
    assert_int_equal (
        town_gauge (town, SPEAKER_ESCALATION, "raised{cause=\"source_silent\"}"), 0);
    print_message ("%zu steps fired, %zu of them breaches and what followed\n",
                   n_steps_fired, n_breaches);
    town_destroy (&town);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (year_raises_every_late_step_once_in_order_by_level),
    };

    return cmocka_run_group_tests (tests, NULL, NULL);
}
