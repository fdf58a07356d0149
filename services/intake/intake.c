/* SPDX-License-Identifier: Apache-2.0 */
/* Wiring of minqing-intake: which message goes to which function. Dull on purpose.
 *
 *   filing      ─▶ decide_filing ─▶ REGISTERED   ─┐
 *   supplement  ─▶ decide_ask    ─▶ SUPPLEMENTED  ├─▶ apply ─▶ grievances, terminals, said
 *   ask         ─▶ decide_ask    ─▶ ASKED        ─┘
 *   routing, escalation, notification ──────────────▶ view ─▶ steps, raises,
 *                                                            documents, matters
 *   course, documents, contact query ◀── intake_course ◀── all of them
 *
 * Intake moves nothing: it writes down, promises a last day, and shows how things stand. */
#include "intake/intake.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"
#include "intake/apply.h"
#include "intake/codes.h"
#include "intake/decide_ask.h"
#include "intake/decide_filing.h"
#include "intake/intake_course.h"
#include "intake/intake_store.h"

struct intake {
    struct core *core;
    const struct rules *rules;
    struct intake_codes codes;
    struct arena arena; /* of one view */
};

static int intake_open (struct core *core, void **ret_self, struct err *err)
{
    struct intake *intake = calloc (1, sizeof (*intake));
    if (!intake)
        return err_set (err, -ENOMEM, "no memory for intake");
    intake->core = core;
    arena_init (&intake->arena, 0);
    *ret_self = intake;
    return 0;
}

static void intake_close (void **self)
{
    struct intake *intake = *self;
    if (intake)
        arena_done (&intake->arena);
    free (intake);
    *self = NULL;
}

static void intake_rules (void *self, const struct rules *rules)
{
    struct intake *intake = self;
    intake->rules = rules;
}

/* ---- commands -------------------------------------------------------------------- */

static void decide_filing (struct intake *intake, struct txn *txn,
                           const struct client *terminal, const struct filing *filing,
                           struct decision *decision)
{
    if (core_is_tight (intake->core)) {
        decision_refuse (decision, REFUSAL_TRY_LATER,
                         "the store is nearly full: keep it in the spool, try later");
        return;
    }
    struct intake_grievance earlier = { 0 };
    bool is_taken = intake_grievance_find (txn, filing->number, &earlier);
    struct intake_filing_facts facts = {
        .number_is_taken = is_taken,
        .code_hash = earlier.code_hash,
        .written_ms = intake_terminal_written_ms (txn, terminal->number),
        .secret = core_secret (intake->core),
        .time_is_uncertain = core_time_is_uncertain (intake->core),
    };
    intake_decide_filing (intake->rules, terminal, filing, &facts, decision);
}

/* The grievance that a slip opens; 'ret_grievance' is NULL where there is none. */
static enum intake_access open_slip (struct intake *intake, struct txn *txn,
                                     const struct client *client, uint64_t number,
                                     const char *code, int64_t now_ms,
                                     struct intake_grievance *ret_grievance)
{
    bool is_there = intake_grievance_find (txn, number, ret_grievance);
    uint32_t terminal = client->role == ROLE_TERMINAL ? client->number : 0;
    return intake_access (is_there ? ret_grievance : NULL, number, code, terminal,
                          core_secret (intake->core), &intake->codes, now_ms);
}

/* What it is about was filed by another terminal that has not said so again yet. */
static bool waits_for_the_filing (struct intake *intake, struct txn *txn, uint64_t number,
                                  struct decision *decision)
{
    struct intake_grievance grievance;
    if (!number_is_valid (number) || intake_grievance_find (txn, number, &grievance) ||
        !core_is_recovering (intake->core, txn, decision->now_ms))
        return false;
    decision_refuse (decision, REFUSAL_TRY_LATER,
                     "restored a moment ago: what is lost is being told again");
    return true;
}

static void intake_decide (void *self, struct txn *txn, const struct sender *sender,
                           const struct command *command, struct decision *decision)
{
    struct intake *intake = self;
    struct intake_grievance grievance;

    if (sender->client->role != ROLE_TERMINAL) {
        decision_refuse (decision, REFUSAL_NO_RIGHT, "only terminals file and ask");
    } else if (command->file) {
        decide_filing (intake, txn, sender->client, command->file, decision);
    } else if (command->supplement) {
        const struct supplement *supplement = command->supplement;
        if (waits_for_the_filing (intake, txn, supplement->number, decision))
            return;
        enum intake_access access =
            open_slip (intake, txn, sender->client, supplement->number,
                       supplement->query_code, decision->now_ms, &grievance);
        intake_decide_supplement (&grievance, access, supplement, decision);
    } else if (command->ask) {
        const struct ask *ask = command->ask;
        if (waits_for_the_filing (intake, txn, ask->number, decision))
            return;
        enum intake_access access =
            open_slip (intake, txn, sender->client, ask->number, ask->query_code,
                       decision->now_ms, &grievance);
        intake_decide_ask (&grievance, access, ask, decision);
    } else {
        decision_refuse (decision, REFUSAL_MALFORMED,
                         "intake takes filings, supplements and asks");
    }
}

static void intake_outcome (void *self UNUSED, struct txn *txn UNUSED,
                            const struct entry *entry, const struct hash *leaf_hash,
                            struct arena *arena, struct outcome *ret_outcome)
{
    if (!entry->registered) {
        ret_outcome->recorded = ARENA_NEW (arena, struct recorded);
        ret_outcome->recorded->sequence = entry->sequence;
        return;
    }
    struct receipt *receipt = ARENA_NEW (arena, struct receipt);
    receipt->number = entry->grievance;
    receipt->registered_at_ms = entry->time_ms;
    receipt->counted_from_ms = entry->registered->counted_from_ms;
    receipt->last_day_ms = entry->registered->last_day_ms;
    receipt->provisional = entry->registered->provisional;
    receipt->expected_department = entry->registered->expected_department;
    receipt->responsibility_row = entry->registered->responsibility_row;
    receipt->table_version = entry->registered->table_version;
    receipt->sequence = entry->sequence;
    receipt->leaf_hash = arena_bytes (arena, hash_view (leaf_hash));
    ret_outcome->receipt = receipt;
}

/* ---- own and followed entries ---------------------------------------------------- */

static void intake_apply_entry (void *self UNUSED, struct txn *txn,
                                const struct entry *entry, struct bytes body UNUSED)
{
    intake_apply (txn, entry);
}

static void intake_view_entry (void *self, struct txn *txn, const struct entry *entry,
                               struct bytes body)
{
    struct intake *intake = self;
    intake_view (txn, entry, body, &intake->arena);
    arena_reset (&intake->arena);
}

/* ---- queries --------------------------------------------------------------------- */

static void refuse_query (struct reply *reply, struct arena *arena,
                          enum refusal_code code, const char *sentence)
{
    reply->refusal = ARENA_NEW (arena, struct refusal);
    reply->refusal->code = code;
    reply->refusal->sentence = sentence;
}

static void refuse_access (enum intake_access access, struct arena *arena,
                           struct reply *reply)
{
    const char *sentence;
    enum refusal_code code = intake_access_refusal (access, &sentence);
    refuse_query (reply, arena, code, sentence);
}

/* Terminals come by the slip; those who work on grievances see by number alone what
 * happened in their territory, never a text, and of accusations nothing at all. */
static void query_course (struct intake *intake, struct txn *txn,
                          const struct client *client, const struct course_query *query,
                          struct arena *arena, struct reply *ret_reply)
{
    struct intake_grievance grievance;
    enum intake_access access;
    enum intake_sight sight = INTAKE_SIGHT_TEXT;
    switch (client->role) {
    case ROLE_TERMINAL:
        access = open_slip (intake, txn, client, query->number, query->query_code,
                            core_now_ms (intake->core), &grievance);
        break;
    case ROLE_DISPATCHER:
    case ROLE_DESK:
    case ROLE_LEADER:
    case ROLE_OPERATOR:
        sight = INTAKE_SIGHT_STEPS;
        access = intake_grievance_find (txn, query->number, &grievance) &&
                         !grievance.is_accusation
                     ? INTAKE_BY_TERMINAL
                     : INTAKE_NOT_FOUND;
        break;
    case ROLE_KEEPER:
    case ROLE_NONE:
    case ROLE_DAEMON:
    case ROLE_COUNT:
    default:
        refuse_query (ret_reply, arena, REFUSAL_NO_RIGHT, "not for this key");
        return;
    }
    if (access == INTAKE_NOT_FOUND || access == INTAKE_CLOSED) {
        refuse_access (access, arena, ret_reply);
        return;
    }
    struct course *course =
        intake_course (intake->core, txn, query->number, &grievance, sight, arena);
    if (!course)
        refuse_query (ret_reply, arena, REFUSAL_TRY_LATER,
                      "the entry of this registration is damaged: tell the operator");
    else if (client->role != ROLE_TERMINAL &&
             !client_covers (client, course->matter->village))
        refuse_access (INTAKE_NOT_FOUND, arena, ret_reply);
    else
        ret_reply->course = course;
}

/* A petitioner's own papers: whoever works on it asks routing. */
static void query_documents (struct intake *intake, struct txn *txn,
                             const struct client *client,
                             const struct document_query *query, struct arena *arena,
                             struct reply *ret_reply)
{
    struct intake_grievance grievance;
    if (client->role != ROLE_TERMINAL) {
        refuse_query (
            ret_reply, arena, REFUSAL_NO_RIGHT,
            "intake has the petitioner's documents, for terminals: ask routing");
        return;
    }
    enum intake_access access =
        open_slip (intake, txn, client, query->number, query->query_code,
                   core_now_ms (intake->core), &grievance);
    if (access == INTAKE_NOT_FOUND || access == INTAKE_CLOSED) {
        refuse_access (access, arena, ret_reply);
        return;
    }
    /* Of an accusation there are none, whatever came before its registration was told
     * again. */
    if (query->sequence != 0)
        ret_reply->documents =
            grievance.is_accusation
                ? NULL
                : intake_document (txn, query->number, query->sequence, arena);
    else if (grievance.is_accusation)
        ret_reply->documents = ARENA_NEW (arena, struct documents);
    else
        ret_reply->documents = intake_documents (txn, query->number, arena);
    if (!ret_reply->documents)
        refuse_query (ret_reply, arena, REFUSAL_NOT_FOUND,
                      "this grievance has no such document for its petitioner");
}

static void query_contact (struct intake *intake, struct txn *txn,
                           const struct client *client, const struct contact_query *query,
                           struct arena *arena, struct reply *ret_reply)
{
    struct intake_grievance grievance;
    if (client->role != ROLE_DAEMON || client->speaker != SPEAKER_NOTIFICATION)
        refuse_query (ret_reply, arena, REFUSAL_NO_RIGHT,
                      "contacts are for minqing-notification alone");
    else if (!intake_grievance_find (txn, query->number, &grievance))
        refuse_query (ret_reply, arena, REFUSAL_NOT_FOUND, "no such grievance");
    else
        ret_reply->contact =
            intake_contact (intake->core, txn, query->number, &grievance, arena);
}

static void intake_query (void *self, struct txn *txn, const struct sender *sender,
                          const struct query *query, struct arena *arena,
                          struct reply *ret_reply)
{
    struct intake *intake = self;
    if (query->course)
        query_course (intake, txn, sender->client, query->course, arena, ret_reply);
    else if (query->documents)
        query_documents (intake, txn, sender->client, query->documents, arena, ret_reply);
    else if (query->contact)
        query_contact (intake, txn, sender->client, query->contact, arena, ret_reply);
    else
        refuse_query (ret_reply, arena, REFUSAL_MALFORMED,
                      "intake answers course, documents and contact");
}

static void intake_gauges (void *self, struct txn *txn,
                           void (*add) (void *into, const char *name, uint64_t value),
                           void *into)
{
    struct intake *intake = self;
    add (into, "grievances", txn_count (txn, core_table (INTAKE_GRIEVANCES)));
    add (into, "asks", txn_count (txn, core_table (INTAKE_SAID)));
    add (into, "terminals", txn_count (txn, core_table (INTAKE_TERMINALS)));
    add (into, "closed_codes",
         intake_codes_closed_count (&intake->codes, core_now_ms (intake->core)));
}

static const struct follow_spec follows[] = {
    { .speaker = SPEAKER_ROUTING, .bodies = true, .can_wait = true },
    { .speaker = SPEAKER_ESCALATION, .can_wait = true },
    { .speaker = SPEAKER_NOTIFICATION, .can_wait = true },
};

const struct service_spec intake_service = {
    .name = "intake",
    .speaker = SPEAKER_INTAKE,
    .schema = 2,
    .tables = intake_table_names,
    .n_tables = INTAKE_TABLES,
    .n_facts = INTAKE_FACTS,
    .follows = follows,
    .n_follows = ARRAY_SIZE (follows),
    .open = intake_open,
    .close = intake_close,
    .rules = intake_rules,
    .apply = intake_apply_entry,
    .view = intake_view_entry,
    .decide = intake_decide,
    .outcome = intake_outcome,
    .query = intake_query,
    .gauges = intake_gauges,
};
