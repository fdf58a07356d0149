/* SPDX-License-Identifier: Apache-2.0 */
/* What each journal adds:
 *
 *   intake      that it was registered, where, about what; how the petitioner rates it
 *   routing     whose it is, when the petitioner was told and answered, how it ends
 *   escalation  what was due when, and how long each holder had it
 *
 * Of every clock of the law it is the first answer that counts: what runs after it (a
 * grievance that is opened again is accepted and decided anew) changes no figure. */
#include "cli/rates_fold.h"
#include "cli/holder.h"

#include "cli/map.h"

#include "base/civil.h"

#include <stdlib.h>
#include <string.h>

struct rates_fold {
    struct rates_grievance *grievances;
    size_t n_grievances, capacity;
    struct map by_number;           /* number → index + 1 */
    struct rates_holding *holdings; /* from 1 */
    size_t n_holdings, holdings_capacity;
    char **categories; /* [0] is "" */
    size_t n_categories, categories_capacity;
    int32_t *accusations; /* the days they were filed */
    size_t n_accusations, accusations_capacity;
};

/* Room for one more in an array; it starts small and doubles. */
#define GROW(array, count, capacity)                                                     \
    do {                                                                                 \
        if ((count) < (capacity))                                                        \
            break;                                                                       \
        (capacity) = (capacity) == 0 ? 64 : (capacity) *2;                               \
        (array) = reallocarray ((array), (capacity), sizeof *(array));                   \
        if ((array) == NULL)                                                             \
            abort ();                                                                    \
    } while (0)

/* ---- categories -------------------------------------------------------------------- */

/* Some hundred at most, and the same one often follows itself: the newest are looked at
 * first. */
static uint32_t category_number (struct rates_fold *fold, const char *path)
{
    if (path == NULL)
        path = "";
    for (size_t i = fold->n_categories; i > 0; i--)
        if (strcmp (fold->categories[i - 1], path) == 0)
            return (uint32_t) i - 1;
    GROW (fold->categories, fold->n_categories, fold->categories_capacity);
    char *copy = strdup (path);
    if (copy == NULL)
        abort ();
    fold->categories[fold->n_categories++] = copy;
    return (uint32_t) fold->n_categories - 1;
}

/* ---- made and looked up ------------------------------------------------------------ */

struct rates_fold *rates_fold_create (void)
{
    struct rates_fold *fold = calloc (1, sizeof *fold);
    if (fold == NULL)
        abort ();
    category_number (fold, "");
    GROW (fold->holdings, fold->n_holdings, fold->holdings_capacity);
    fold->n_holdings = 1;
    return fold;
}

void rates_fold_destroy (struct rates_fold **fold)
{
    if (*fold == NULL)
        return;
    for (size_t i = 0; i < (*fold)->n_categories; i++)
        free ((*fold)->categories[i]);
    free ((*fold)->categories);
    free ((*fold)->grievances);
    free ((*fold)->holdings);
    free ((*fold)->accusations);
    map_done (&(*fold)->by_number);
    free (*fold);
    *fold = NULL;
}

static struct rates_grievance *grievance_find (const struct rates_fold *fold,
                                               uint64_t number)
{
    const uint64_t *index = number == 0 ? NULL : map_find (&fold->by_number, number);
    return index == NULL ? NULL : &fold->grievances[*index - 1];
}

size_t rates_fold_count (const struct rates_fold *fold)
{
    return fold->n_grievances;
}

const struct rates_grievance *rates_fold_at (const struct rates_fold *fold, size_t i)
{
    assert (i < fold->n_grievances);
    return &fold->grievances[i];
}

const struct rates_grievance *rates_fold_find (const struct rates_fold *fold,
                                               uint64_t number)
{
    return grievance_find (fold, number);
}

const struct rates_holding *rates_fold_holding (const struct rates_fold *fold,
                                                uint32_t at)
{
    return at == 0 ? NULL : &fold->holdings[at];
}

size_t rates_fold_categories (const struct rates_fold *fold)
{
    return fold->n_categories;
}

const char *rates_fold_category (const struct rates_fold *fold, uint32_t category)
{
    assert (category < fold->n_categories);
    return fold->categories[category];
}

uint64_t rates_fold_accusations (const struct rates_fold *fold, int32_t from,
                                 int32_t until)
{
    uint64_t count = 0;
    for (size_t i = 0; i < fold->n_accusations; i++)
        count += fold->accusations[i] >= from && fold->accusations[i] <= until;
    return count;
}

/* ---- intake ------------------------------------------------------------------------ */

static void went_up (struct rates_grievance *grievance, uint32_t level, uint32_t persons)
{
    if (level > grievance->skipped)
        grievance->skipped = (uint8_t) level;
    if (persons >= RATES_COLLECTIVE_PERSONS && level + 1 > grievance->collective)
        grievance->collective = (uint8_t) (level + 1);
}

static void fold_registered (struct rates_fold *fold, const struct entry *entry)
{
    const struct matter *matter = entry->matter;
    if (matter == NULL || grievance_find (fold, entry->grievance) != NULL)
        return;
    if (matter->purpose == PURPOSE_ACCUSATION) {
        GROW (fold->accusations, fold->n_accusations, fold->accusations_capacity);
        fold->accusations[fold->n_accusations++] =
            civil_day (entry->registered->counted_from_ms);
        return;
    }
    GROW (fold->grievances, fold->n_grievances, fold->capacity);
    struct rates_grievance *grievance = &fold->grievances[fold->n_grievances++];
    *grievance = (struct rates_grievance){
        .number = entry->grievance,
        .village = matter->village,
        .filed_ms = entry->registered->counted_from_ms,
        .category = category_number (fold, matter->category),
        .purpose = (uint8_t) matter->purpose,
    };
    went_up (grievance, matter->reached, matter->persons);
    *map_at (&fold->by_number, entry->grievance, NULL) = fold->n_grievances;
}

static void fold_asked (struct rates_fold *fold, const struct entry *entry)
{
    struct rates_grievance *grievance = grievance_find (fold, entry->grievance);
    const struct asked_event *asked = entry->asked;
    if (grievance == NULL || asked->what != ASKED_RATE)
        return;
    const uint32_t said[RATES_ASPECT_COUNT] = {
        [RATES_RECEPTION_RESULT] = asked->rating_reception,
        [RATES_RECEPTION_MANNER] = asked->rating_reception_manner,
        [RATES_DEPARTMENT_RESULT] = asked->rating_department,
        [RATES_DEPARTMENT_MANNER] = asked->rating_department_manner,
    };
    for (size_t i = 0; i < RATES_ASPECT_COUNT; i++)
        if (said[i] != 0)
            grievance->ratings[i] = (uint8_t) said[i];
}

/* ---- routing ----------------------------------------------------------------------- */

/* From desk to desk and back through the dispatcher: whose it is, since when. */
static void fold_owner (struct rates_grievance *grievance, const struct moved *moved,
                        int64_t time_ms)
{
    bool is_sent = moved->step == STEP_PLACE || moved->step == STEP_DISPATCH ||
                   moved->step == STEP_ARBITRATE;
    grievance->objections = (uint16_t) moved->objections;
    grievance->transfers = (uint16_t) moved->transfers;
    if (grievance->answered_ms == 0 && moved->instance < 2)
        grievance->department = moved->department;
    if (grievance->told_ms != 0)
        return;
    if (moved->department == 0)
        grievance->received_ms = 0;
    else if (is_sent)
        grievance->received_ms = time_ms;
}

static void told (struct rates_grievance *grievance, int64_t at_ms)
{
    if (grievance->told_ms == 0)
        grievance->told_ms = at_ms;
}

static void answered (struct rates_grievance *grievance, const struct entry *entry,
                      int64_t at_ms)
{
    bool supported = grievance->outcome == OUTCOME_SUPPORT;
    if (grievance->answered_ms == 0) {
        grievance->answered_ms = at_ms;
        grievance->answered_at = entry->sequence;
    } else if (entry->moved->instance >= 2) {
        grievance->is_reversed |= supported != (grievance->served == OUTCOME_SUPPORT);
    }
    grievance->served = grievance->outcome;
}

static int64_t done_at_ms (const struct entry *entry)
{
    return entry->moved->done_at_ms != 0 ? entry->moved->done_at_ms : entry->time_ms;
}

static void fold_served (struct rates_grievance *grievance, const struct entry *entry)
{
    const struct moved *moved = entry->moved;
    if (moved->from == STATE_REFUSED)
        told (grievance, done_at_ms (entry));
    else if (moved->link_to == 0) /* else it is its lead that was answered */
        answered (grievance, entry, done_at_ms (entry));
}

static void fold_step (struct rates_grievance *grievance, const struct entry *entry)
{
    const struct moved *moved = entry->moved;
    if (moved->step == STEP_ACCEPT)
        told (grievance, entry->time_ms);
    else if (moved->step == STEP_DECIDE)
        grievance->outcome = (uint8_t) moved->outcome;
    else if (moved->step == STEP_SERVE)
        fold_served (grievance, entry);
    else if (moved->step == STEP_AGREE) {
        grievance->outcome = OUTCOME_AGREED;
        answered (grievance, entry, entry->time_ms);
    } else if (moved->step == STEP_DIVERT || moved->step == STEP_REFUSE ||
               moved->step == STEP_WITHDRAW || moved->step == STEP_LINK ||
               moved->step == STEP_CLOSE) {
        /* A diversion that has arrived is closed without a ground of its own. */
        if (moved->ground != GROUND_NONE)
            grievance->ground = (uint8_t) moved->ground;
        if (moved->step == STEP_DIVERT)
            told (grievance, entry->time_ms);
        grievance->is_repeat |= moved->ground == GROUND_REPEATED;
    } else if (moved->step == STEP_DISPATCH)
        grievance->ground = GROUND_NONE; /* back from a diversion */
    else if (moved->step == STEP_REPURPOSE)
        grievance->repurposed = (uint8_t) moved->ground;
    else if (moved->step == STEP_EXTEND)
        grievance->is_extended = true;
    else if (moved->step == STEP_REVIEW && moved->instance == 2)
        grievance->is_reviewed = true;
    else if (moved->step == STEP_REVIEW)
        grievance->is_rereviewed = true;
    else if (moved->step == STEP_REOPEN && moved->link_to == 0) /* else its lead ended */
        grievance->is_reopened = true;
    else if (moved->step == STEP_WENT_UP)
        went_up (grievance, moved->level, moved->persons);
}

static void fold_moved (struct rates_fold *fold, const struct entry *entry)
{
    struct rates_grievance *grievance = grievance_find (fold, entry->grievance);
    const struct moved *moved = entry->moved;
    if (grievance == NULL)
        return;
    if (entry->matter != NULL) {
        grievance->category = category_number (fold, entry->matter->category);
        grievance->purpose = (uint8_t) entry->matter->purpose;
    }
    if (moved->from == STATE_CLOSED && moved->to != STATE_CLOSED) {
        grievance->close_reason = CLOSE_NONE;
        grievance->ground = GROUND_NONE;
    }
    /* What is told of a lead is the lead's: its member stays whose it was. */
    if (moved->from != STATE_CLOSED || moved->to != STATE_CLOSED)
        fold_owner (grievance, moved, entry->time_ms);
    fold_step (grievance, entry);
    grievance->state = (uint8_t) moved->to;
    if (moved->to == STATE_CLOSED && moved->close_reason != CLOSE_NONE)
        grievance->close_reason = (uint8_t) moved->close_reason;
}

/* ---- escalation -------------------------------------------------------------------- */

static struct rates_holding *holding_of (struct rates_fold *fold,
                                         struct rates_grievance *grievance,
                                         uint32_t department)
{
    for (uint32_t at = grievance->holdings; at != 0; at = fold->holdings[at].next)
        if (fold->holdings[at].department == department)
            return &fold->holdings[at];
    GROW (fold->holdings, fold->n_holdings, fold->holdings_capacity);
    fold->holdings[fold->n_holdings] =
        (struct rates_holding){ .department = department, .next = grievance->holdings };
    grievance->holdings = (uint32_t) fold->n_holdings;
    return &fold->holdings[fold->n_holdings++];
}

static void fold_holder (struct rates_fold *fold, struct rates_grievance *grievance,
                         const struct clock_change *change)
{
    if (change->action != CLOCK_START && change->action != CLOCK_STOP)
        return;
    struct rates_holding *holding = holding_of (fold, grievance, change->owner);
    holding->since_ms = change->action == CLOCK_START ? change->from_ms : 0;
    if (change->action == CLOCK_STOP)
        holding->spent_ms += change->spent_ms;
}

static void fold_clock (struct rates_clock *clock, const struct clock_change *change)
{
    if (change->action == CLOCK_STOP) {
        clock->stopped_ms = clock->from_ms + change->spent_ms;
        return;
    }
    if (change->action == CLOCK_PAUSE || change->due_ms == 0)
        return;
    clock->due_ms = change->due_ms;
    if (change->action != CLOCK_START)
        return;
    clock->from_ms = change->from_ms;
    clock->stopped_ms = 0;
    clock->amount = change->amount;
    clock->unit = change->unit;
}

/* Is the change one of after the first answer? The entry it takes over says so; what came
 * with a table says it by its time. */
static bool is_behind_answer (const struct rates_grievance *grievance,
                              const struct entry *entry)
{
    if (grievance->answered_ms == 0)
        return false;
    if (entry->source != NULL && entry->source->speaker == SPEAKER_ROUTING)
        return entry->source->sequence > grievance->answered_at;
    return entry->time_ms > grievance->answered_ms;
}

static void fold_clocks (struct rates_fold *fold, const struct entry *entry)
{
    struct rates_grievance *grievance = grievance_find (fold, entry->grievance);
    if (grievance == NULL)
        return;
    for (size_t i = 0; i < entry->clocks->n_changes; i++) {
        const struct clock_change *change = &entry->clocks->changes[i];
        const char *stage = change->stage != NULL ? change->stage : "";
        if (holder_is_said (change->duty, stage))
            fold_holder (fold, grievance, change);
        else if (change->duty != DUTY_STAGE || is_behind_answer (grievance, entry))
            continue;
        else if (strcmp (stage, "accept") == 0)
            fold_clock (&grievance->accept, change);
        else if (strcmp (stage, "decide") == 0)
            fold_clock (&grievance->decide, change);
    }
}

void rates_fold_entry (struct rates_fold *fold, enum speaker speaker,
                       const struct entry *entry)
{
    if (speaker == SPEAKER_INTAKE && entry->kind == KIND_REGISTERED &&
        entry->registered != NULL)
        fold_registered (fold, entry);
    else if (speaker == SPEAKER_INTAKE && entry->kind == KIND_ASKED &&
             entry->asked != NULL)
        fold_asked (fold, entry);
    else if (speaker == SPEAKER_ROUTING && entry->kind == KIND_MOVED &&
             entry->moved != NULL)
        fold_moved (fold, entry);
    else if (speaker == SPEAKER_ESCALATION && entry->kind == KIND_CLOCKS &&
             entry->clocks != NULL)
        fold_clocks (fold, entry);
}
