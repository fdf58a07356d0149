/* SPDX-License-Identifier: Apache-2.0 */
/* What is taken over from another journal: that there is such an entry, of a kind that leads
 * to this one, about the same grievance, and that all is taken in order.
 *
 * A source's journal may have been restored. Its INCARNATION entries say up to where each
 * incarnation was kept:
 *
 *      1 … kept          the entries of incarnation 1 that it still has
 *      kept + 1 …        of incarnation 2 (the first is its INCARNATION)
 *
 * so a position (incarnation, sequence) names an entry that is there if the incarnation is
 * the present one, or it is not behind what was kept of that one; else the entry was lost,
 * and is no fault. Who had acted on it has to say so (CROSSED). */
#include "cli/audit_inside.h"

#include "wire/names.h"

#include <stdlib.h>

/* ---- positions ---------------------------------------------------------------------- */

enum whereabouts { IS_THERE, IS_LOST, IS_NOWHERE };

static enum whereabouts whereabouts_of (const struct audit_journal *source,
                                        uint64_t position)
{
    uint32_t incarnation = position_incarnation (position);
    uint64_t sequence = position_sequence (position);
    if (sequence == 0 || incarnation > source->incarnation)
        return IS_NOWHERE;
    if (incarnation == source->incarnation)
        return sequence <= source->last ? IS_THERE : IS_NOWHERE;
    return sequence <= source->spans[incarnation - 1].kept ? IS_THERE : IS_LOST;
}

/* Read before this one, so that it can be held against it at once. */
static bool is_read (const struct audit *audit, enum speaker source)
{
    return source < audit->speaker;
}

bool audit_source_is_lost (const struct audit *audit)
{
    const struct source *source = audit->entry->source;
    return source != NULL && is_read (audit, source->speaker) &&
           whereabouts_of (&audit->journals[source->speaker], source->sequence) ==
               IS_LOST;
}

struct audit_ref *audit_source_ref (struct audit *audit)
{
    const struct source *source = audit->entry->source;
    if (source == NULL || !is_read (audit, source->speaker) ||
        whereabouts_of (&audit->journals[source->speaker], source->sequence) != IS_THERE)
        return NULL;
    return &audit->journals[source->speaker]
                .refs[position_sequence (source->sequence) - 1];
}

/* ---- what may lead to what ---------------------------------------------------------- */

static const struct {
    uint16_t own;
    uint16_t source;
} leads[] = {
    { KIND_MOVED, KIND_REGISTERED },    { KIND_MOVED, KIND_ASKED },
    { KIND_PROPOSED, KIND_ASKED },      { KIND_ASK_ANSWERED, KIND_ASKED },
    { KIND_DOCUMENT, KIND_REGISTERED }, { KIND_DOCUMENT, KIND_ASKED },
    { KIND_DOCUMENT, KIND_RAISED },     { KIND_CLOCKS, KIND_REGISTERED },
    { KIND_CLOCKS, KIND_MOVED },        { KIND_CLOCKS, KIND_OPINION },
    { KIND_CLOCKS, KIND_RESTATED },     { KIND_CLOCKS, KIND_RESTATED_ALL },
    { KIND_NOTICE, KIND_REGISTERED },   { KIND_NOTICE, KIND_MOVED },
    { KIND_NOTICE, KIND_PROPOSED },     { KIND_NOTICE, KIND_REJECTED },
    { KIND_NOTICE, KIND_ASK_ANSWERED }, { KIND_NOTICE, KIND_DOCUMENT },
    { KIND_NOTICE, KIND_OPINION },      { KIND_NOTICE, KIND_RESTATED },
    { KIND_NOTICE, KIND_CLOCKS },       { KIND_NOTICE, KIND_RAISED },
    { KIND_NOTICE, KIND_RAISE_ENDED },
};

/* Other kinds (raises that end, notices that become moot, what was set aside) may come of
 * anything. */
static bool may_lead (uint16_t own, uint16_t source)
{
    bool is_bound = false;
    for (size_t i = 0; i < ARRAY_SIZE (leads); i++) {
        is_bound |= leads[i].own == own;
        if (leads[i].own == own && leads[i].source == source)
            return true;
    }
    return !is_bound;
}

/* A notice of an accusation names no grievance. */
static void hold_against (struct audit *audit, const struct audit_ref *ref,
                          uint32_t grievance, uint16_t kind, enum speaker of,
                          uint64_t position)
{
    if (!may_lead (kind, ref->kind))
        audit_fault (audit, AUDIT_SOURCE, "cannot come of %s entry %llu (%s)",
                     speaker_name (of), (unsigned long long) position_sequence (position),
                     kind_name ((enum kind) ref->kind));
    else if (grievance != 0 && ref->grievance != 0 && ref->grievance != grievance)
        audit_fault (audit, AUDIT_SOURCE, "%s entry %llu is about another grievance",
                     speaker_name (of),
                     (unsigned long long) position_sequence (position));
}

static void pending_add (struct audit *audit, const struct source *source)
{
    if (audit->n_pending == audit->pending_capacity) {
        audit->pending_capacity =
            audit->pending_capacity == 0 ? 256 : audit->pending_capacity * 2;
        audit->pending = reallocarray (audit->pending, audit->pending_capacity,
                                       sizeof *audit->pending);
        if (audit->pending == NULL)
            abort ();
    }
    const uint64_t *index = audit->entry->grievance == 0
                                ? NULL
                                : map_find (&audit->by_number, audit->entry->grievance);
    audit->pending[audit->n_pending++] = (struct audit_pending){
        .speaker = audit->speaker,
        .sequence = audit->entry->sequence,
        .source = source->sequence,
        .of = source->speaker,
        .grievance = index == NULL ? 0 : (uint32_t) *index,
        .kind = (uint16_t) audit->entry->kind,
    };
}

static void note_lost (struct audit *audit, enum speaker own, enum speaker of,
                       uint64_t position)
{
    struct audit_journal *journal = &audit->journals[own];
    journal->lost[of]++;
    if (position > journal->lost_most[of])
        journal->lost_most[of] = position;
}

void audit_source (struct audit *audit)
{
    const struct source *source = audit->entry->source;
    struct audit_journal *journal = &audit->journals[audit->speaker];
    if (source == NULL)
        return;
    if (source->sequence < journal->source_at[source->speaker])
        audit_fault (
            audit, AUDIT_SOURCE_ORDER, "takes %s entry %llu over after %llu",
            speaker_name (source->speaker),
            (unsigned long long) position_sequence (source->sequence),
            (unsigned long long) position_sequence (journal->source_at[source->speaker]));
    journal->source_at[source->speaker] = source->sequence;
    if (!is_read (audit, source->speaker)) {
        if (source->speaker == audit->speaker)
            audit_fault (audit, AUDIT_SOURCE, "takes over from its own journal");
        else
            pending_add (audit, source);
        return;
    }
    const struct audit_journal *of = &audit->journals[source->speaker];
    const uint64_t *index = audit->entry->grievance == 0
                                ? NULL
                                : map_find (&audit->by_number, audit->entry->grievance);
    switch (whereabouts_of (of, source->sequence)) {
    case IS_THERE:
        hold_against (audit, &of->refs[position_sequence (source->sequence) - 1],
                      index == NULL ? 0 : (uint32_t) *index,
                      (uint16_t) audit->entry->kind, source->speaker, source->sequence);
        break;
    case IS_LOST:
        note_lost (audit, audit->speaker, source->speaker, source->sequence);
        break;
    case IS_NOWHERE:
        audit_fault (audit, AUDIT_SOURCE, "comes of %s entry %u/%llu, which is not there",
                     speaker_name (source->speaker),
                     position_incarnation (source->sequence),
                     (unsigned long long) position_sequence (source->sequence));
        break;
    }
}

/* ---- restorations ------------------------------------------------------------------- */

static bool follows_leaf (const struct audit_journal *journal, struct bytes hash)
{
    return !journal->has_leaf ||
           bytes_equal (hash, BYTES (journal->leaf.data, sizeof journal->leaf.data));
}

void audit_incarnation_entry (struct audit *audit)
{
    struct audit_journal *journal = &audit->journals[audit->speaker];
    const struct incarnation *incarnation = audit->entry->incarnation;
    if (incarnation == NULL || incarnation->incarnation <= journal->incarnation ||
        incarnation->incarnation > AUDIT_INCARNATIONS_MAX ||
        incarnation->previous_size != audit->entry->sequence - 1 ||
        bytes_equal (incarnation->journal, incarnation->previous) ||
        (incarnation->previous_size != 0 &&
         !follows_leaf (journal, incarnation->previous_hash))) {
        audit_fault (audit, AUDIT_INCARNATION,
                     "opens an incarnation that does not follow from the one before");
        return;
    }
    for (uint32_t i = journal->incarnation; i < incarnation->incarnation; i++)
        journal->spans[i - 1].kept = incarnation->previous_size;
    journal->incarnation = incarnation->incarnation;
}

void audit_crossed_entry (struct audit *audit)
{
    struct audit_journal *journal = &audit->journals[audit->speaker];
    const struct crossed *crossed = audit->entry->crossed;
    if (crossed == NULL)
        return;
    if (journal->n_crossings < AUDIT_CROSSINGS_MAX)
        journal->crossings[journal->n_crossings++] =
            (struct audit_crossing){ crossed->speaker, crossed->incarnation,
                                     crossed->acted, crossed->kept };
    for (size_t i = 0; i < crossed->n_grievances; i++) {
        struct audit_grievance *grievance = audit_find (audit, crossed->grievances[i]);
        if (grievance != NULL)
            grievance->went_back |= (uint8_t) (1u << crossed->speaker);
    }
}

static void crossing_check (struct audit *audit, enum speaker follower,
                            const struct audit_crossing *crossing)
{
    const struct audit_journal *of = &audit->journals[crossing->speaker];
    bool is_known =
        crossing->incarnation >= 2 && crossing->incarnation <= of->incarnation;
    if (!is_known || of->spans[crossing->incarnation - 2].kept != crossing->kept ||
        crossing->acted <= crossing->kept)
        audit_fault_at_end (audit, AUDIT_CROSSED,
                            "%s says that %s kept %llu entries when it was restored "
                            "as incarnation %u; it does not say so itself",
                            speaker_name (follower), speaker_name (crossing->speaker),
                            (unsigned long long) crossing->kept, crossing->incarnation);
}

/* The greatest lost position of each source lies in a crossing, or was never owned up to. */
static void lost_check (struct audit *audit, enum speaker follower, enum speaker source)
{
    const struct audit_journal *journal = &audit->journals[follower];
    uint64_t lost = journal->lost_most[source];
    if (lost == 0)
        return;
    for (size_t i = 0; i < journal->n_crossings; i++)
        if (journal->crossings[i].speaker == source &&
            journal->crossings[i].incarnation > position_incarnation (lost))
            return;
    audit_fault_at_end (audit, AUDIT_CROSSED,
                        "%s took over %llu entries that %s has lost, and never said so",
                        speaker_name (follower),
                        (unsigned long long) journal->lost[source],
                        speaker_name (source));
}

static void pending_check (struct audit *audit, const struct audit_pending *pending)
{
    const struct audit_journal *of = &audit->journals[pending->of];
    enum whereabouts where = whereabouts_of (of, pending->source);
    if (where == IS_LOST) {
        note_lost (audit, pending->speaker, pending->of, pending->source);
        return;
    }
    const struct audit_ref *ref =
        where == IS_THERE ? &of->refs[position_sequence (pending->source) - 1] : NULL;
    if (ref == NULL || !may_lead (pending->kind, ref->kind) ||
        (pending->grievance != 0 && ref->grievance != 0 &&
         ref->grievance != pending->grievance))
        audit_fault_at_end (
            audit, AUDIT_SOURCE, "%s entry %llu cannot come of %s entry %u/%llu",
            speaker_name (pending->speaker), (unsigned long long) pending->sequence,
            speaker_name (pending->of), position_incarnation (pending->source),
            (unsigned long long) position_sequence (pending->source));
}

void audit_sources_finish (struct audit *audit)
{
    for (size_t i = 0; i < audit->n_pending; i++)
        pending_check (audit, &audit->pending[i]);
    for (enum speaker follower = SPEAKER_INTAKE; follower < SPEAKER_COUNT; follower++) {
        struct audit_journal *journal = &audit->journals[follower];
        for (size_t i = 0; i < journal->n_crossings; i++)
            crossing_check (audit, follower, &journal->crossings[i]);
        for (enum speaker source = SPEAKER_INTAKE; source < SPEAKER_COUNT; source++)
            lost_check (audit, follower, source);
    }
}
