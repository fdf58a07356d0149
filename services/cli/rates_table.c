/* SPDX-License-Identifier: Apache-2.0 */
/* The formulas of 'minqing rates', as its help and its manual say them. Where two counts are
 * divided both are shown: a share without its numbers is an opinion. */
#include "cli/rates_table.h"

#include "cli/cli.h"

#include "base/civil.h"

#define AT(field)   offsetof (struct rates_sums, field)
#define REGISTERED  AT (registered)
#define RATED(what) AT (satisfied[what]), AT (rated[what])

const struct rates_figure rates_figures_table[] = {
    { "registered", N_ ("registered"), N_ ("REGISTERED"),
      N_ ("grievances filed on the days asked for; accusations are counted apart"),
      RATES_NUMBER, REGISTERED, 0, false, false },
    { "open", N_ ("still open"), N_ ("OPEN"), NULL, RATES_NUMBER, AT (open), 0, false,
      false },
    { "timely_acceptance", N_ ("timely acceptance"), N_ ("ACCEPTED IN TIME"),
      N_ ("told within the time to accept, counted from the department's own receipt "
          "(accepted, diverted, or the refusal served) ÷ those told, and those not told "
          "whose time ran out"),
      RATES_SHARE, AT (told_in_time), AT (told_due), true, false },
    { "timely_answer", N_ ("timely answer"), N_ ("ANSWERED IN TIME"),
      N_ ("first decision served, or agreement signed, before the end of the time to "
          "decide with the extension in force, by the day of service ÷ those served, and "
          "those not served whose time ran out while it ran"),
      RATES_SHARE, AT (answered_in_time), AT (answer_due), true, false },
    { "answered", N_ ("answered"), NULL,
      N_ ("first decision served, or agreement signed"), RATES_NUMBER, AT (answered), 0,
      false, false },
    { "median_days", N_ ("days to the answer, median"), N_ ("MEDIAN DAYS"),
      N_ ("calendar days from filing to service of the first decision; the smallest "
          "value "
          "with half of all at or below it (nearest rank)"),
      RATES_QUANTILE, AT (median_days), AT (answered), false, false },
    { "ninetieth_days", N_ ("days to the answer, 90th percentile"), N_ ("P90 DAYS"),
      N_ ("the smallest value with nine tenths of all at or below it (nearest rank)"),
      RATES_QUANTILE, AT (ninetieth_days), AT (answered), false, false },
    { "closed", N_ ("closed"), NULL, NULL, RATES_NUMBER, AT (closed), 0, false, false },
    { "resolved", N_ ("resolved"), N_ ("RESOLVED"),
      N_ ("closed because the petitioner confirmed, or said so when called back, or "
          "asked "
          "for no more than an answer and has it ÷ registered"),
      RATES_SHARE, AT (resolved), REGISTERED, false, false },
    { "satisfaction_reception_result", N_ ("satisfied with the reception, result"), NULL,
      N_ ("satisfied and basically satisfied ÷ rated, by the last rating; those answered "
          "or closed and not rated are counted apart"),
      RATES_SHARE, RATED (RATES_RECEPTION_RESULT), false, false },
    { "satisfaction_reception_manner", N_ ("satisfied with the reception, manner"), NULL,
      NULL, RATES_SHARE, RATED (RATES_RECEPTION_MANNER), false, false },
    { "satisfaction_department_result", N_ ("satisfied with the department, result"),
      N_ ("SATISFIED"), NULL, RATES_SHARE, RATED (RATES_DEPARTMENT_RESULT), false,
      false },
    { "satisfaction_department_manner", N_ ("satisfied with the department, manner"),
      NULL, NULL, RATES_SHARE, RATED (RATES_DEPARTMENT_MANNER), false, false },
    { "objections", N_ ("objections each"), N_ ("OBJECTIONS"),
      N_ ("\"not ours\", all instances ÷ registered"), RATES_MEAN, AT (objections),
      REGISTERED, false, false },
    { "hand_overs", N_ ("hand-overs each"), N_ ("HAND-OVERS"),
      N_ ("from one department to another, or from person to person inside one ÷ "
          "registered"),
      RATES_MEAN, AT (hand_overs), REGISTERED, false, false },
    { "department_days", N_ ("days with departments, each"), NULL,
      N_ ("days (24 hours) from receipt until it left, all departments that had it, by "
          "the holders' clocks in escalation's ledger, while it is carried out by that "
          "stage ÷ registered"),
      RATES_DAYS, AT (department_ms), REGISTERED, true, false },
    { "dispatcher_days", N_ ("days with the dispatcher, each"), NULL,
      N_ ("the same of the dispatcher ÷ registered"), RATES_DAYS, AT (dispatcher_ms),
      REGISTERED, true, false },
    { "own_days", N_ ("days with this department, each"), N_ ("DAYS HELD"),
      N_ ("of all grievances that the department ever had, whoever answered them ÷ their "
          "number"),
      RATES_DAYS, AT (own_ms), AT (own), true, true },
    { "ends", N_ ("ended without the merits"), N_ ("NOT ON MERITS"),
      N_ ("withdrawn, diverted, not or no longer accepted, linked, made another purpose, "
          "closed for failed contacts: by the ground that was given; opened again they "
          "no "
          "longer count"),
      RATES_SHARE, AT (ends), REGISTERED, false, false },
    { "repeats", N_ ("repeated"), NULL,
      N_ ("linked by hand to an earlier one of the same person ÷ registered"),
      RATES_SHARE, AT (repeats), REGISTERED, false, false },
    { "skip_level", N_ ("put forward above the township"), N_ ("SKIP-LEVEL"),
      N_ ("each once, at the highest level it reached, before or after filing"),
      RATES_NUMBER, AT (skipped), 0, false, false },
    { "collective", N_ ("by five persons or more"), N_ ("COLLECTIVE"),
      N_ ("the same of those put forward by five persons or more"), RATES_NUMBER,
      AT (collective), 0, false, false },
    { "extended", N_ ("extended"), NULL, N_ ("÷ registered"), RATES_SHARE, AT (extended),
      REGISTERED, false, false },
    { "reviewed", N_ ("review asked"), NULL, N_ ("taken by routing ÷ answered"),
      RATES_SHARE, AT (reviewed), AT (answered), false, false },
    { "rereviewed", N_ ("re-review asked"), NULL, N_ ("÷ review asked"), RATES_SHARE,
      AT (rereviewed), AT (reviewed), false, false },
    { "reversed", N_ ("reversed on review"), NULL,
      N_ ("the decision served on a review or re-review supports where the one before "
          "did "
          "not, or the other way round ÷ review asked"),
      RATES_SHARE, AT (reversed), AT (reviewed), false, false },
    { "reopened", N_ ("opened again"), NULL,
      N_ ("disputed after closing or after it was claimed done, and taken"), RATES_NUMBER,
      AT (reopened), 0, false, false },
};
const size_t rates_figures_table_count = ARRAY_SIZE (rates_figures_table);

static uint64_t sum_at (const struct rates_sums *sums, size_t place)
{
    return *(const uint64_t *) (const void *) ((const char *) sums + place);
}

uint64_t rates_figure_part (const struct rates_figure *figure,
                            const struct rates_sums *sums)
{
    return sum_at (sums, figure->part);
}

uint64_t rates_figure_of (const struct rates_figure *figure,
                          const struct rates_sums *sums)
{
    return figure->kind == RATES_NUMBER ? 1 : sum_at (sums, figure->of);
}

bool rates_figure_value (const struct rates_figure *figure, const struct rates_sums *sums,
                         double *ret_value)
{
    double part = (double) rates_figure_part (figure, sums);
    uint64_t of = rates_figure_of (figure, sums);
    if (of == 0)
        return false;
    if (figure->kind == RATES_NUMBER || figure->kind == RATES_QUANTILE)
        *ret_value = part;
    else if (figure->kind == RATES_DAYS)
        *ret_value = part / (double) CIVIL_DAY_MS / (double) of;
    else
        *ret_value = part / (double) of;
    return true;
}

const char *rates_aspect_key (enum rates_aspect aspect)
{
    static const char *const keys[RATES_ASPECT_COUNT] = {
        [RATES_RECEPTION_RESULT] = "reception_result",
        [RATES_RECEPTION_MANNER] = "reception_manner",
        [RATES_DEPARTMENT_RESULT] = "department_result",
        [RATES_DEPARTMENT_MANNER] = "department_manner",
    };
    return keys[aspect];
}

const char *rates_aspect_title (enum rates_aspect aspect)
{
    static const char *const titles[RATES_ASPECT_COUNT] = {
        [RATES_RECEPTION_RESULT] = N_ ("reception, result"),
        [RATES_RECEPTION_MANNER] = N_ ("reception, manner"),
        [RATES_DEPARTMENT_RESULT] = N_ ("department, result"),
        [RATES_DEPARTMENT_MANNER] = N_ ("department, manner"),
    };
    return titles[aspect];
}
