/* SPDX-License-Identifier: Apache-2.0 */
/* Histories of intake and routing that cannot have been, and what holds of every journal.
 * Each spoils one thing as well as a forger could: what depends on it is made to fit. */
#include "mutations_inside.h"

#include <string.h>

#include "base/civil.h"
#include "base/number.h"

/* ---- finding and writing -------------------------------------------------------------- */

static bool is_fit (const struct forgery *forgery, const struct entry *entry,
                    enum kind kind, entry_fits_fn *fits)
{
    return entry->kind == (uint32_t) kind && (fits == NULL || fits (forgery, entry));
}

struct forged_entry *find_last (struct forgery *forgery, enum speaker speaker,
                                enum kind kind, entry_fits_fn *fits)
{
    struct forged_journal *journal = &forgery->journals[speaker];
    for (size_t i = journal->n_entries; i-- > 0;)
        if (is_fit (forgery, &journal->entries[i].entry, kind, fits))
            return &journal->entries[i];
    return NULL;
}

struct forged_entry *find_middle (struct forgery *forgery, enum speaker speaker,
                                  enum kind kind, entry_fits_fn *fits)
{
    struct forged_journal *journal = &forgery->journals[speaker];
    size_t count = 0;
    for (size_t i = 0; i < journal->n_entries; i++)
        count += is_fit (forgery, &journal->entries[i].entry, kind, fits);
    for (size_t i = 0, seen = 0; i < journal->n_entries; i++)
        if (is_fit (forgery, &journal->entries[i].entry, kind, fits) &&
            seen++ == count / 2)
            return &journal->entries[i];
    return NULL;
}

const struct moved *last_move (const struct forgery *forgery, uint64_t number,
                               uint64_t before)
{
    const struct forged_journal *journal = &forgery->journals[SPEAKER_ROUTING];
    for (size_t i = journal->n_entries; i-- > 0;) {
        const struct entry *entry = &journal->entries[i].entry;
        if (entry->kind == KIND_MOVED && entry->grievance == number &&
            (before == 0 || entry->sequence < before))
            return entry->moved;
    }
    return NULL;
}

void make_blank (struct forgery *forgery, struct forged_entry *entry)
{
    struct entry blank = { .sequence = entry->entry.sequence,
                           .time_ms = entry->entry.time_ms,
                           .kind = KIND_STARTED,
                           .informative = true };
    blank.started = ARENA_NEW (&forgery->arena, struct started);
    blank.started->version = "1";
    blank.started->schema = 1;
    entry->entry = blank;
    entry->body = (struct bytes){ 0 };
}

struct forged_entry *append_copy (struct forgery *forgery, enum speaker speaker,
                                  const struct forged_entry *entry)
{
    uint64_t end = sequence_end (forgery, speaker);
    struct forged_entry *copy = forged_insert (forgery, speaker, end, entry);
    copy->entry.time_ms = forged_at (forgery, speaker, end)->entry.time_ms;
    if (copy->entry.actor != NULL)
        copy->entry.actor->counter = 0;
    return copy;
}

uint64_t sequence_end (const struct forgery *forgery, enum speaker speaker)
{
    return forgery->journals[speaker].n_entries;
}

struct source *source_make (struct forgery *forgery, enum speaker speaker,
                            uint64_t position)
{
    struct source *source = ARENA_NEW (&forgery->arena, struct source);
    *source = (struct source){ speaker, position };
    return source;
}

/* ---- any journal ---------------------------------------------------------------------- */

static bool entry_is_numbered_twice (struct forgery *forgery)
{
    struct forged_entry *entry = forged_at (forgery, SPEAKER_ESCALATION, 100);
    entry->entry.sequence--;
    return true;
}

/* At the end, where nothing is named that stands behind it. */
static bool entry_is_left_out (struct forgery *forgery)
{
    struct forged_journal *journal = &forgery->journals[SPEAKER_ESCALATION];
    struct forged_entry started =
        *find_last (forgery, SPEAKER_ESCALATION, KIND_STARTED, NULL);
    append_copy (forgery, SPEAKER_ESCALATION, &started);
    append_copy (forgery, SPEAKER_ESCALATION, &started);
    journal->n_entries--;
    journal->entries[journal->n_entries - 1] = journal->entries[journal->n_entries];
    return true;
}

static bool entry_is_left_out_and_rest_numbered_anew (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_middle (forgery, SPEAKER_ROUTING, KIND_REFUSED, NULL);
    if (entry == NULL)
        return false;
    forged_remove (forgery, SPEAKER_ROUTING, entry->entry.sequence);
    return true;
}

static bool entry_stands_twice (struct forgery *forgery)
{
    struct forged_entry *entry = find_last (forgery, SPEAKER_ROUTING, KIND_REFUSED, NULL);
    if (entry == NULL)
        return false;
    struct forged_entry copy = *entry;
    forged_insert (forgery, SPEAKER_ROUTING, copy.entry.sequence, &copy);
    return true;
}

static bool has_counter (const struct forgery *forgery UNUSED, const struct entry *entry)
{
    return entry->actor != NULL && entry->actor->counter > 1;
}

static bool two_entries_are_swapped (struct forgery *forgery)
{
    struct forged_journal *journal = &forgery->journals[SPEAKER_ROUTING];
    for (size_t i = journal->n_entries - 1; i > 0; i--) {
        struct forged_entry *a = &journal->entries[i - 1], *b = &journal->entries[i];
        if (!has_counter (forgery, &a->entry) || !has_counter (forgery, &b->entry) ||
            a->entry.actor->client != b->entry.actor->client)
            continue;
        struct forged_entry was = *a;
        *a = *b;
        *b = was;
        uint64_t sequence = a->entry.sequence;
        a->entry.sequence = b->entry.sequence;
        b->entry.sequence = sequence;
        return true;
    }
    return false;
}

static bool time_goes_back (struct forgery *forgery)
{
    struct forged_journal *journal = &forgery->journals[SPEAKER_NOTIFICATION];
    for (size_t i = journal->n_entries - 1; i > 1; i--)
        if (journal->entries[i].entry.time_ms > journal->entries[i - 1].entry.time_ms &&
            journal->entries[i].entry.kind == KIND_NOTICE_MOVED) {
            journal->entries[i].entry.time_ms = journal->entries[i - 1].entry.time_ms - 1;
            return true;
        }
    return false;
}

static bool kind_is_of_another_speaker (struct forgery *forgery)
{
    struct forged_entry *canary =
        find_last (forgery, SPEAKER_ESCALATION, KIND_CANARY, NULL);
    if (canary == NULL)
        return false;
    append_copy (forgery, SPEAKER_NOTIFICATION, canary);
    return true;
}

static bool kind_lacks_its_grievance (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_INTAKE, KIND_SUPPLEMENTED, NULL);
    if (entry == NULL)
        return false;
    entry->entry.grievance = 0;
    entry->entry.matter = NULL;
    return true;
}

static bool nothing_was_started (struct forgery *forgery)
{
    struct forged_entry *started =
        find_last (forgery, SPEAKER_INTAKE, KIND_STARTED, NULL);
    struct forged_entry *table = find_last (forgery, SPEAKER_INTAKE, KIND_TABLE, NULL);
    if (started == NULL || table == NULL)
        return false;
    uint64_t sequence = started->entry.sequence;
    int64_t time_ms = started->entry.time_ms;
    *started = *table;
    started->entry.sequence = sequence;
    started->entry.time_ms = time_ms;
    return true;
}

static void name_damaged (struct forgery *forgery, uint64_t sequence)
{
    struct forged_entry *last = find_last (forgery, SPEAKER_INTAKE, KIND_STARTED, NULL);
    struct forged_entry *copy = append_copy (forgery, SPEAKER_INTAKE, last);
    struct damaged *damaged = ARENA_NEW (&forgery->arena, struct damaged);
    damaged->damaged = sequence;
    copy->entry.kind = KIND_DAMAGED;
    copy->entry.started = NULL;
    copy->entry.informative = true;
    copy->entry.damaged = damaged;
}

void history_mend (struct forgery *forgery)
{
    name_damaged (forgery, 17);
}

static bool what_is_damaged_is_not_there (struct forgery *forgery)
{
    name_damaged (forgery, forgery->journals[SPEAKER_INTAKE].n_entries + 17);
    return true;
}

/* As followers are told: in the place of a damaged entry. */
static bool entry_is_set_aside (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_middle (forgery, SPEAKER_ESCALATION, KIND_CANARY, NULL);
    if (entry == NULL)
        return false;
    struct damaged *damaged = ARENA_NEW (&forgery->arena, struct damaged);
    damaged->damaged = entry->entry.sequence;
    entry->entry = (struct entry){ .sequence = entry->entry.sequence,
                                   .time_ms = entry->entry.time_ms,
                                   .kind = KIND_DAMAGED,
                                   .informative = true,
                                   .damaged = damaged };
    entry->body = (struct bytes){ 0 };
    return true;
}

static bool doubt_is_never_settled (struct forgery *forgery)
{
    struct forged_entry *canary =
        find_middle (forgery, SPEAKER_ESCALATION, KIND_CANARY, NULL);
    if (canary == NULL)
        return false;
    canary->entry.time_uncertain = true;
    return true;
}

/* ---- clients -------------------------------------------------------------------------- */

/* Count the counters of this entry's client on by 'by', from this entry on. */
static void count_on (struct forgery *forgery, enum speaker speaker,
                      const struct forged_entry *from, int64_t by, uint32_t incarnation)
{
    struct forged_journal *journal = &forgery->journals[speaker];
    uint32_t client = from->entry.actor->client;
    for (size_t i = (size_t) from->entry.sequence - 1; i < journal->n_entries; i++) {
        struct actor *actor = journal->entries[i].entry.actor;
        if (actor == NULL || actor->client != client || actor->counter == 0)
            continue;
        actor->counter = (uint64_t) ((int64_t) actor->counter + by);
        if (incarnation != 0)
            actor->incarnation = incarnation;
    }
}

static bool counter_has_a_gap (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_middle (forgery, SPEAKER_ROUTING, KIND_REFUSED, has_counter);
    if (entry == NULL)
        return false;
    count_on (forgery, SPEAKER_ROUTING, entry, 1, 0);
    return true;
}

static bool counter_is_used_twice (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_middle (forgery, SPEAKER_INTAKE, KIND_ASKED, has_counter);
    if (entry == NULL)
        return false;
    count_on (forgery, SPEAKER_INTAKE, entry, -1, 0);
    return true;
}

static bool incarnation_was_never_enrolled (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_middle (forgery, SPEAKER_ROUTING, KIND_REFUSED, has_counter);
    if (entry == NULL)
        return false;
    count_on (forgery, SPEAKER_ROUTING, entry, 1 - (int64_t) entry->entry.actor->counter,
              2);
    return true;
}

static bool enrolment_skips_an_incarnation (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_ROUTING, KIND_REFUSED, has_counter);
    if (entry == NULL)
        return false;
    count_on (forgery, SPEAKER_ROUTING, entry, 1 - (int64_t) entry->entry.actor->counter,
              3);
    entry->entry.kind = KIND_ENROLLED;
    entry->entry.refused = NULL;
    return true;
}

/* ---- tables, bodies ------------------------------------------------------------------- */

static bool is_responsibility (const struct forgery *forgery UNUSED,
                               const struct entry *entry)
{
    return strcmp (entry->table->name, "responsibility") == 0;
}

static bool table_was_never_taken (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_ROUTING, KIND_TABLE, is_responsibility);
    if (entry == NULL)
        return false;
    make_blank (forgery, entry);
    return true;
}

static bool table_has_other_bytes (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_INTAKE, KIND_TABLE, is_responsibility);
    if (entry == NULL || entry->body.size == 0)
        return false;
    entry->body.size--;
    return true;
}

static bool document_has_another_text (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_middle (forgery, SPEAKER_ROUTING, KIND_DOCUMENT, NULL);
    struct document_body body;
    if (entry == NULL ||
        document_body_decode (&forgery->arena, entry->body, &body, NULL) != 0)
        return false;
    body.text = arena_format (&forgery->arena, "%s\n", body.text);
    entry->body = document_body_encode (&forgery->arena, &body);
    return true;
}

/* ---- registrations -------------------------------------------------------------------- */

static void rename_all (struct forgery *forgery, uint64_t from, uint64_t to)
{
    for (enum speaker speaker = SPEAKER_INTAKE; speaker < SPEAKER_COUNT; speaker++)
        for (size_t i = 0; i < forgery->journals[speaker].n_entries; i++) {
            struct entry *entry = &forgery->journals[speaker].entries[i].entry;
            if (entry->grievance == from)
                entry->grievance = to;
        }
}

static bool is_clear (const struct forgery *forgery UNUSED, const struct entry *entry)
{
    return entry->matter != NULL && entry->matter->purpose != PURPOSE_ACCUSATION;
}

static bool number_is_of_another_terminal (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_middle (forgery, SPEAKER_INTAKE, KIND_REGISTERED, is_clear);
    if (entry == NULL)
        return false;
    uint64_t number = entry->entry.grievance;
    rename_all (forgery, number,
                number_make (number_day (number), number_terminal (number) + 1000,
                             number_serial (number)));
    return true;
}

static bool number_is_none (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_middle (forgery, SPEAKER_INTAKE, KIND_REGISTERED, is_clear);
    if (entry == NULL)
        return false;
    /* the same terminal and serial, in the thirteenth month */
    uint64_t number = entry->entry.grievance;
    rename_all (forgery, number, UINT64_C (202613400000000000) + number % 10000000000);
    return true;
}

static bool one_is_registered_twice (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_middle (forgery, SPEAKER_INTAKE, KIND_REGISTERED, is_clear);
    if (entry == NULL)
        return false;
    append_copy (forgery, SPEAKER_INTAKE, entry);
    return true;
}

/* Told and watched, but with nobody. */
static bool one_is_placed_nowhere (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_INTAKE, KIND_REGISTERED, is_clear);
    if (entry == NULL)
        return false;
    uint64_t number = entry->entry.grievance, was = entry->entry.sequence;
    uint64_t other = number_make (number_day (number), number_terminal (number), 77777);
    struct forged_entry *copy = append_copy (forgery, SPEAKER_INTAKE, entry);
    copy->entry.grievance = other;
    uint64_t registered = copy->entry.sequence;
    struct forged_journal *told = &forgery->journals[SPEAKER_NOTIFICATION];
    for (size_t i = 0; i < told->n_entries; i++) {
        const struct entry *of = &told->entries[i].entry;
        if (of->kind != KIND_NOTICE || of->source == NULL ||
            of->source->speaker != SPEAKER_INTAKE || of->source->sequence != was)
            continue;
        struct forged_entry *notice =
            append_copy (forgery, SPEAKER_NOTIFICATION, &told->entries[i]);
        notice->entry.grievance = other;
        notice->entry.source->sequence = registered;
        notice->entry.notice->notice = notice->entry.sequence;
        return true;
    }
    return false;
}

static bool is_at (const struct forgery *forgery, const struct entry *entry,
                   enum state state)
{
    const struct moved *last = last_move (forgery, entry->grievance, 0);
    return last != NULL && last->to == state;
}

static bool is_first_placing (const struct forgery *forgery UNUSED,
                              const struct entry *entry)
{
    return entry->moved->step == STEP_PLACE && entry->source != NULL;
}

static bool is_placing_of_undecided (const struct forgery *forgery,
                                     const struct entry *entry)
{
    return is_first_placing (forgery, entry) && is_at (forgery, entry, STATE_UNDECIDED);
}

static bool one_is_placed_twice (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_ROUTING, KIND_MOVED, is_placing_of_undecided);
    if (entry == NULL)
        entry = find_last (forgery, SPEAKER_ROUTING, KIND_MOVED, is_first_placing);
    if (entry == NULL)
        return false;
    uint64_t number = entry->entry.grievance;
    enum state state = last_move (forgery, number, 0)->to;
    struct forged_entry *copy = append_copy (forgery, SPEAKER_ROUTING, entry);
    copy->entry.moved->from = state;
    copy->entry.moved->to = copy->entry.moved->from;
    copy->entry.moved->document = 0;
    return true;
}

static bool registration_is_gone (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_middle (forgery, SPEAKER_INTAKE, KIND_REGISTERED, is_clear);
    struct forged_entry *supplement =
        find_last (forgery, SPEAKER_INTAKE, KIND_SUPPLEMENTED, NULL);
    if (entry == NULL || supplement == NULL)
        return false;
    /* The counter goes on: it became a supplement to another. */
    struct actor *actor = entry->entry.actor;
    uint64_t sequence = entry->entry.sequence;
    int64_t time_ms = entry->entry.time_ms;
    *entry = *supplement;
    entry->entry.actor = actor;
    entry->entry.sequence = sequence;
    entry->entry.time_ms = time_ms;
    return true;
}

static bool village_changes_on_the_way (struct forgery *forgery)
{
    struct forged_entry *placing =
        find_middle (forgery, SPEAKER_ROUTING, KIND_MOVED, is_first_placing);
    if (placing == NULL)
        return false;
    uint64_t number = placing->entry.grievance;
    for (enum speaker speaker = SPEAKER_ROUTING; speaker < SPEAKER_COUNT; speaker++)
        for (size_t i = 0; i < forgery->journals[speaker].n_entries; i++) {
            struct entry *entry = &forgery->journals[speaker].entries[i].entry;
            if (entry->grievance == number && entry->matter != NULL)
                entry->matter->village = UINT64_C (340522100003);
        }
    return true;
}

static bool terminal_changes_on_the_way (struct forgery *forgery)
{
    struct forged_entry *moved = find_last (forgery, SPEAKER_ROUTING, KIND_MOVED, NULL);
    if (moved == NULL)
        return false;
    moved->entry.matter->terminal += 1;
    return true;
}

/* ---- days ------------------------------------------------------------------------------ */

static bool one_is_placed_as_of_another_day (struct forgery *forgery)
{
    struct forged_entry *placed =
        find_middle (forgery, SPEAKER_ROUTING, KIND_MOVED, is_first_placing);
    if (placed == NULL)
        return false;
    placed->entry.moved->registered_at_ms -= CIVIL_DAY_MS;
    return true;
}

static bool is_handed_on (const struct forgery *forgery UNUSED, const struct entry *entry)
{
    const struct moved *moved = entry->moved;
    return moved->step == STEP_DISPATCH && moved->department != 0 &&
           moved->previous_department != moved->department;
}

static bool one_comes_from_another_department (struct forgery *forgery)
{
    struct forged_entry *dispatched =
        find_middle (forgery, SPEAKER_ROUTING, KIND_MOVED, is_handed_on);
    if (dispatched == NULL)
        return false;
    dispatched->entry.moved->previous_department += 1;
    return true;
}

/* ---- the course ----------------------------------------------------------------------- */

static bool is_accepted (const struct forgery *forgery UNUSED, const struct entry *entry)
{
    return entry->moved->step == STEP_ACCEPT;
}

static bool is_its_last (const struct forgery *forgery, const struct entry *entry)
{
    return last_move (forgery, entry->grievance, 0) == entry->moved;
}

/* From CLAIMED to DECIDED, and on from there as if it had been handled. */
static bool state_is_skipped (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_ROUTING, KIND_MOVED, is_accepted);
    if (entry == NULL)
        return false;
    entry->entry.moved->to = STATE_DECIDED;
    uint64_t number = entry->entry.grievance;
    for (size_t i = (size_t) entry->entry.sequence;
         i < forgery->journals[SPEAKER_ROUTING].n_entries; i++) {
        struct entry *later = &forgery->journals[SPEAKER_ROUTING].entries[i].entry;
        if (later->grievance == number && later->moved != NULL) {
            later->moved->from = STATE_DECIDED;
            break;
        }
    }
    return true;
}

static bool step_begins_elsewhere (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_middle (forgery, SPEAKER_ROUTING, KIND_MOVED, is_accepted);
    if (entry == NULL)
        return false;
    entry->entry.moved->from = STATE_DISPATCHED;
    return true;
}

static bool is_claim (const struct forgery *forgery UNUSED, const struct entry *entry)
{
    return entry->moved->step == STEP_CLAIM && entry->moved->from == STATE_DISPATCHED;
}

/* The counter goes on: it became a refusal. */
static bool step_is_gone (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_middle (forgery, SPEAKER_ROUTING, KIND_MOVED, is_claim);
    struct forged_entry *refused =
        find_last (forgery, SPEAKER_ROUTING, KIND_REFUSED, NULL);
    if (entry == NULL || refused == NULL)
        return false;
    entry->entry.kind = KIND_REFUSED;
    entry->entry.moved = NULL;
    entry->entry.refused = refused->entry.refused;
    entry->body = (struct bytes){ 0 };
    return true;
}

static bool is_held_last (const struct forgery *forgery, const struct entry *entry)
{
    return entry->moved->holder != 0 && entry->moved->to != STATE_CLAIMED &&
           is_its_last (forgery, entry);
}

static bool holder_has_no_department (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_ROUTING, KIND_MOVED, is_held_last);
    if (entry == NULL)
        return false;
    entry->entry.moved->department = 0;
    return true;
}

static bool is_transfer (const struct forgery *forgery UNUSED, const struct entry *entry)
{
    return entry->moved->step == STEP_TRANSFER && entry->moved->to != STATE_CLAIMED;
}

static bool two_hold_it (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_ROUTING, KIND_MOVED, is_transfer);
    if (entry == NULL)
        return false;
    entry->entry.moved->step = STEP_CLAIM;
    return true;
}

static bool another_accepts (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_middle (forgery, SPEAKER_ROUTING, KIND_MOVED, is_accepted);
    if (entry == NULL)
        return false;
    entry->entry.actor->person++;
    return true;
}

static bool is_contact_last (const struct forgery *forgery, const struct entry *entry)
{
    return is_held_last (forgery, entry) &&
           (entry->moved->step == STEP_CONTACT || entry->moved->step == STEP_WENT_UP ||
            entry->moved->step == STEP_ACCEPT || entry->moved->step == STEP_SERVE);
}

static bool holder_changes_by_no_assignment (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_ROUTING, KIND_MOVED, is_contact_last);
    if (entry == NULL)
        return false;
    entry->entry.moved->holder++;
    return true;
}

static bool is_later_assignment (const struct forgery *forgery, const struct entry *entry)
{
    return entry->moved->fencing > 1 && is_its_last (forgery, entry) &&
           (entry->moved->step == STEP_CLAIM || entry->moved->step == STEP_ASSIGN ||
            entry->moved->step == STEP_TRANSFER);
}

static bool fencing_number_falls (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_ROUTING, KIND_MOVED, is_later_assignment);
    if (entry == NULL)
        return false;
    entry->entry.moved->fencing -= 1;
    return true;
}

static bool is_closing (const struct forgery *forgery UNUSED, const struct entry *entry)
{
    return entry->moved->to == STATE_CLOSED && entry->moved->from != STATE_CLOSED;
}

static bool one_is_closed_and_nobody_says_why (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_middle (forgery, SPEAKER_ROUTING, KIND_MOVED, is_closing);
    if (entry == NULL)
        return false;
    entry->entry.moved->close_reason = CLOSE_NONE;
    return true;
}

static bool is_of_two (const struct forgery *forgery UNUSED, const struct entry *entry)
{
    return entry->moved->proposer != 0;
}

static bool one_person_proposes_and_approves (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_middle (forgery, SPEAKER_ROUTING, KIND_MOVED, is_of_two);
    if (entry == NULL)
        return false;
    entry->entry.moved->proposer = entry->entry.actor->person;
    return true;
}

static bool nobody_had_proposed_it (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_ROUTING, KIND_MOVED, is_of_two);
    struct forged_entry *refused =
        find_last (forgery, SPEAKER_ROUTING, KIND_REFUSED, NULL);
    if (entry == NULL || refused == NULL)
        return false;
    struct forged_journal *journal = &forgery->journals[SPEAKER_ROUTING];
    for (size_t i = (size_t) entry->entry.sequence - 1; i-- > 0;) {
        struct forged_entry *before = &journal->entries[i];
        if (before->entry.kind != KIND_PROPOSED ||
            before->entry.grievance != entry->entry.grievance)
            continue;
        uint64_t sequence = before->entry.sequence;
        before->entry.kind = KIND_REFUSED;
        before->entry.moved = NULL;
        before->entry.refused = refused->entry.refused;
        before->body = (struct bytes){ 0 };
        /* who was told of it is told of something else */
        struct forged_journal *told = &forgery->journals[SPEAKER_NOTIFICATION];
        for (size_t j = 0; j < told->n_entries; j++) {
            struct entry *notice = &told->entries[j].entry;
            if (notice->source != NULL && notice->source->speaker == SPEAKER_ROUTING &&
                notice->source->sequence == sequence)
                notice->source = NULL;
        }
        return true;
    }
    return false;
}

static bool is_open_last (const struct forgery *forgery, const struct entry *entry)
{
    return entry->moved->to != STATE_CLOSED && entry->moved->instance < 2 &&
           entry->moved->step != STEP_PLACE && is_its_last (forgery, entry);
}

static bool instance_rises_without_review (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_ROUTING, KIND_MOVED, is_open_last);
    if (entry == NULL)
        return false;
    entry->entry.moved->instance = 2;
    return true;
}

static bool is_handed_over (const struct forgery *forgery, const struct entry *entry)
{
    return entry->moved->transfers > 0 && is_its_last (forgery, entry) &&
           entry->moved->step != STEP_PLACE;
}

static bool hand_over_is_not_counted (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_ROUTING, KIND_MOVED, is_handed_over);
    if (entry == NULL)
        return false;
    entry->entry.moved->transfers = 0;
    return true;
}

/* ---- asks and documents --------------------------------------------------------------- */

static bool is_rating (const struct forgery *forgery UNUSED, const struct entry *entry)
{
    return entry->ask_answered->what == ASKED_RATE;
}

static bool ask_is_never_answered (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_middle (forgery, SPEAKER_ROUTING, KIND_ASK_ANSWERED, is_rating);
    if (entry == NULL)
        return false;
    make_blank (forgery, entry);
    return true;
}

static bool ask_is_answered_twice (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_ROUTING, KIND_ASK_ANSWERED, is_rating);
    if (entry == NULL)
        return false;
    struct forged_entry copy = *entry;
    /* in place of a later refusal of nobody: at the end it may be out of order */
    append_copy (forgery, SPEAKER_ROUTING, &copy);
    return true;
}

static bool document_is_counted_wrong (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_ROUTING, KIND_DOCUMENT, NULL);
    if (entry == NULL)
        return false;
    entry->entry.document->ordinal++;
    return true;
}

static bool is_announced (const struct forgery *forgery, const struct entry *entry)
{
    const struct forged_journal *journal = &forgery->journals[SPEAKER_ROUTING];
    for (size_t i = (size_t) entry->sequence; i < journal->n_entries; i++)
        if (journal->entries[i].entry.kind == KIND_DOCUMENT &&
            journal->entries[i].entry.grievance == entry->grievance)
            return false; /* another follows */
    const struct moved *step = last_move (forgery, entry->grievance, entry->sequence);
    return step != NULL && step->document == entry->document->ordinal;
}

static bool document_never_comes (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_ROUTING, KIND_DOCUMENT, is_announced);
    if (entry == NULL)
        return false;
    make_blank (forgery, entry);
    return true;
}

/* ---- what is taken over --------------------------------------------------------------- */

static bool is_told_of_a_move (const struct forgery *forgery UNUSED,
                               const struct entry *entry)
{
    return entry->source != NULL && entry->source->speaker == SPEAKER_ROUTING &&
           entry->grievance != 0;
}

static bool source_does_not_exist (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_NOTIFICATION, KIND_NOTICE, is_told_of_a_move);
    if (entry == NULL)
        return false;
    entry->entry.source->sequence = sequence_end (forgery, SPEAKER_ROUTING) + 7;
    return true;
}

static bool source_is_of_another_kind (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_NOTIFICATION, KIND_NOTICE, is_told_of_a_move);
    struct forged_entry started =
        *find_last (forgery, SPEAKER_ROUTING, KIND_STARTED, NULL);
    if (entry == NULL)
        return false;
    entry->entry.source->sequence =
        append_copy (forgery, SPEAKER_ROUTING, &started)->entry.sequence;
    return true;
}

/* Of routing's entries that nobody is told of, between what this notice tells of and what the
 * next one does: one about another grievance. */
static uint64_t told_of_before_next (struct forgery *forgery, uint64_t notice,
                                     uint64_t grievance, uint64_t from)
{
    struct forged_journal *told = &forgery->journals[SPEAKER_NOTIFICATION];
    uint64_t next = from;
    for (size_t i = (size_t) notice; i < told->n_entries && next == from; i++) {
        const struct source *source = told->entries[i].entry.source;
        if (source != NULL && source->speaker == SPEAKER_ROUTING)
            next = source->sequence;
    }
    for (uint64_t i = from + 1; i < next; i++) {
        const struct entry *other = &forged_at (forgery, SPEAKER_ROUTING, i)->entry;
        if (other->kind == KIND_MOVED && other->grievance != grievance)
            return i;
    }
    return 0;
}

static bool source_is_about_another (struct forgery *forgery)
{
    struct forged_journal *told = &forgery->journals[SPEAKER_NOTIFICATION];
    for (size_t i = told->n_entries; i-- > 0;) {
        struct entry *entry = &told->entries[i].entry;
        if (entry->kind != KIND_NOTICE || !is_told_of_a_move (forgery, entry))
            continue;
        uint64_t other = told_of_before_next (forgery, entry->sequence, entry->grievance,
                                              entry->source->sequence);
        if (other == 0)
            continue;
        entry->source->sequence = other;
        return true;
    }
    return false;
}

static bool source_is_taken_out_of_order (struct forgery *forgery)
{
    struct forged_journal *told = &forgery->journals[SPEAKER_NOTIFICATION];
    struct forged_journal *routing = &forgery->journals[SPEAKER_ROUTING];
    for (size_t i = told->n_entries; i-- > 0;) {
        struct entry *entry = &told->entries[i].entry;
        if (entry->kind != KIND_NOTICE || !is_told_of_a_move (forgery, entry))
            continue;
        for (size_t j = (size_t) entry->source->sequence - 1; j-- > 0;) {
            const struct entry *other = &routing->entries[j].entry;
            if (other->kind != KIND_MOVED || other->grievance != entry->grievance)
                continue;
            entry->source->sequence = other->sequence;
            entry->notice->template = "of-another-time"; /* so that its key is its own */
            return true;
        }
    }
    return false;
}

static bool source_is_of_no_incarnation (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_NOTIFICATION, KIND_NOTICE, is_told_of_a_move);
    if (entry == NULL)
        return false;
    entry->entry.source->sequence = position_make (3, entry->entry.source->sequence);
    return true;
}

static bool source_is_its_own_journal (struct forgery *forgery)
{
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_NOTIFICATION, KIND_NOTICE_MOVED, NULL);
    if (entry == NULL)
        return false;
    entry->entry.source = source_make (forgery, SPEAKER_NOTIFICATION, 1);
    return true;
}

/* ---- restorations --------------------------------------------------------------------- */

static struct incarnation *restore (struct forgery *forgery, enum speaker speaker,
                                    uint64_t kept)
{
    struct forged_journal *journal = &forgery->journals[speaker];
    struct hash leaf = forged_leaf (forgery, speaker, kept);
    struct forged_entry *started = find_last (forgery, speaker, KIND_STARTED, NULL);
    struct forged_entry was = *started;
    journal->n_entries = kept;
    struct forged_entry *opening = append_copy (forgery, speaker, &was);
    struct incarnation *incarnation = ARENA_NEW (&forgery->arena, struct incarnation);
    uint8_t *ids = ARENA_ARRAY (&forgery->arena, uint8_t, 2 * JOURNAL_ID_SIZE);
    uint8_t *hash = ARENA_ARRAY (&forgery->arena, uint8_t, sizeof leaf.data);
    memcpy (ids, journal->id, JOURNAL_ID_SIZE);
    memset (ids + JOURNAL_ID_SIZE, 0x5A, JOURNAL_ID_SIZE);
    memcpy (hash, leaf.data, sizeof leaf.data);
    memcpy (journal->id, ids + JOURNAL_ID_SIZE, JOURNAL_ID_SIZE);
    journal->incarnation = 2;
    *incarnation = (struct incarnation){
        .incarnation = 2,
        .journal = BYTES (ids + JOURNAL_ID_SIZE, JOURNAL_ID_SIZE),
        .previous = BYTES (ids, JOURNAL_ID_SIZE),
        .previous_size = kept,
        .previous_hash = BYTES (hash, sizeof leaf.data),
    };
    opening->entry.kind = KIND_INCARNATION;
    opening->entry.started = NULL;
    opening->entry.incarnation = incarnation;
    append_copy (forgery, speaker, &was);
    return incarnation;
}

static void cross (struct forgery *forgery, enum speaker follower, enum speaker of,
                   uint64_t acted, uint64_t kept)
{
    struct forged_entry *was = find_last (forgery, follower, KIND_STARTED, NULL);
    struct forged_entry *entry = append_copy (forgery, follower, was);
    entry->entry.kind = KIND_CROSSED;
    entry->entry.started = NULL;
    entry->entry.crossed = ARENA_NEW (&forgery->arena, struct crossed);
    *entry->entry.crossed =
        (struct crossed){ .speaker = of, .incarnation = 2, .acted = acted, .kept = kept };
}

static uint64_t nine_tenths (const struct forgery *forgery, enum speaker speaker)
{
    return sequence_end (forgery, speaker) * 9 / 10;
}

void history_restore_intake (struct forgery *forgery)
{
    uint64_t acted = sequence_end (forgery, SPEAKER_INTAKE);
    uint64_t kept = nine_tenths (forgery, SPEAKER_INTAKE);
    restore (forgery, SPEAKER_INTAKE, kept);
    for (enum speaker speaker = SPEAKER_ROUTING; speaker < SPEAKER_COUNT; speaker++)
        cross (forgery, speaker, SPEAKER_INTAKE, acted, kept);
}

static bool what_was_lost_is_not_owned_up_to (struct forgery *forgery)
{
    restore (forgery, SPEAKER_INTAKE, nine_tenths (forgery, SPEAKER_INTAKE));
    return true;
}

static bool crossing_is_not_the_source_s (struct forgery *forgery)
{
    history_restore_intake (forgery);
    struct forged_entry *entry =
        find_last (forgery, SPEAKER_ESCALATION, KIND_CROSSED, NULL);
    entry->entry.crossed->kept -= 3;
    return true;
}

static bool incarnation_does_not_follow (struct forgery *forgery)
{
    uint64_t end = sequence_end (forgery, SPEAKER_NOTIFICATION);
    restore (forgery, SPEAKER_NOTIFICATION, end)->previous_size = end - 1;
    return true;
}

static bool incarnation_follows_another_entry (struct forgery *forgery)
{
    uint64_t end = sequence_end (forgery, SPEAKER_NOTIFICATION);
    struct incarnation *incarnation = restore (forgery, SPEAKER_NOTIFICATION, end);
    uint8_t *hash =
        ARENA_ARRAY (&forgery->arena, uint8_t, incarnation->previous_hash.size);
    memset (hash, 0x77, incarnation->previous_hash.size);
    incarnation->previous_hash.data = hash;
    return true;
}

const struct history_mutation history_mutations[] = {
    { "an entry is numbered twice", entry_is_numbered_twice },
    { "an entry is left out", entry_is_left_out },
    { "an entry is left out and the rest numbered anew",
      entry_is_left_out_and_rest_numbered_anew },
    { "an entry stands twice", entry_stands_twice },
    { "two entries are swapped", two_entries_are_swapped },
    { "time goes back", time_goes_back },
    { "a kind is of another speaker", kind_is_of_another_speaker },
    { "a kind lacks its grievance", kind_lacks_its_grievance },
    { "nothing was started", nothing_was_started },
    { "an entry is set aside", entry_is_set_aside },
    { "what is damaged is not there", what_is_damaged_is_not_there },
    { "a doubt of the clock is never settled", doubt_is_never_settled },
    { "a counter has a gap", counter_has_a_gap },
    { "a counter is used twice", counter_is_used_twice },
    { "an incarnation was never enrolled", incarnation_was_never_enrolled },
    { "an enrolment skips an incarnation", enrolment_skips_an_incarnation },
    { "a table was never taken", table_was_never_taken },
    { "a table has other bytes", table_has_other_bytes },
    { "a document has another text", document_has_another_text },
    { "a number is of another terminal", number_is_of_another_terminal },
    { "a number is none", number_is_none },
    { "one is registered twice", one_is_registered_twice },
    { "one is placed nowhere", one_is_placed_nowhere },
    { "one is placed twice", one_is_placed_twice },
    { "a registration is gone", registration_is_gone },
    { "the village changes on the way", village_changes_on_the_way },
    { "the terminal changes on the way", terminal_changes_on_the_way },
    { "one is placed as of another day", one_is_placed_as_of_another_day },
    { "one comes from another department", one_comes_from_another_department },
    { "a state is skipped", state_is_skipped },
    { "a step begins elsewhere", step_begins_elsewhere },
    { "a step is gone", step_is_gone },
    { "a holder has no department", holder_has_no_department },
    { "two hold it", two_hold_it },
    { "another accepts than who holds it", another_accepts },
    { "the holder changes by no assignment", holder_changes_by_no_assignment },
    { "a fencing number falls", fencing_number_falls },
    { "one is closed and nobody says why", one_is_closed_and_nobody_says_why },
    { "one person proposes and approves", one_person_proposes_and_approves },
    { "nobody had proposed it", nobody_had_proposed_it },
    { "the instance rises without a review", instance_rises_without_review },
    { "a hand-over is not counted", hand_over_is_not_counted },
    { "an ask is never answered", ask_is_never_answered },
    { "an ask is answered twice", ask_is_answered_twice },
    { "a document is counted wrong", document_is_counted_wrong },
    { "a document never comes", document_never_comes },
    { "a source does not exist", source_does_not_exist },
    { "a source is of another kind", source_is_of_another_kind },
    { "a source is about another", source_is_about_another },
    { "a source is taken out of order", source_is_taken_out_of_order },
    { "a source is of no incarnation", source_is_of_no_incarnation },
    { "a source is its own journal", source_is_its_own_journal },
    { "what was lost is not owned up to", what_was_lost_is_not_owned_up_to },
    { "a crossing is not the source's", crossing_is_not_the_source_s },
    { "an incarnation does not follow", incarnation_does_not_follow },
    { "an incarnation follows another entry", incarnation_follows_another_entry },
};
const size_t n_history_mutations = ARRAY_SIZE (history_mutations);
