/* SPDX-License-Identifier: Apache-2.0 */
/* Wiring of minqing-routing: which message goes to which function. Dull on purpose.
 *
 *   intake: REGISTERED ─▶ decide_place ─┐   MOVED, OPINION,
 *           ASKED      ─▶ decide_ask    ├─▶ PROPOSED,        ─▶ apply ─▶ grievances, queue,
 *   steps of people    ─▶ decide_step   │   REJECTED,                    counts, steps,
 *   due rows           ─▶ decide_lapse ─┘   ASK_ANSWERED                 members
 *   every MOVED that a law asks a paper for ─▶ documents_add ─▶ DOCUMENT behind it
 *   escalation: RAISED (supervision) ─▶ decide_supervision ─▶ DOCUMENT
 *   intake: SUPPLEMENTED, ASKED ────────────────────────────▶ view ─▶ said
 *   escalation: RAISED, RAISE_ENDED ────────────────────────▶ view ─▶ raises
 *   queries ◀── routing_query, routing_rows ◀── all of them
 *   subscribed desks ◀── offers ◀── queue, after the commit */
#include "routing/routing.h"

#include <errno.h>
#include <stdlib.h>

#include "base/number.h"
#include "routing/apply.h"
#include "routing/course.h"
#include "routing/decide_ask.h"
#include "routing/decide_place.h"
#include "routing/decide_step.h"
#include "routing/document.h"
#include "routing/document_add.h"
#include "routing/document_store.h"
#include "routing/offering.h"
#include "routing/restate.h"
#include "routing/routing_query.h"
#include "wire/wire.h"

struct routing {
    struct core *core;
    const struct rules *rules;
    struct routing_counts counts;
    struct routing_offers *offers;
    struct arena scratch; /* of one row, one view */
};

static int routing_open (struct core *core, void **ret_self, struct err *err)
{
    struct routing *routing = calloc (1, sizeof (*routing));
    if (!routing)
        return err_set (err, -ENOMEM, "no memory for routing");
    routing->core = core;
    routing->offers = routing_offers_create ();
    routing_counts_init (&routing->counts);
    arena_init (&routing->scratch, 0);
    *ret_self = routing;
    return 0;
}

static void routing_close (void **self)
{
    struct routing *routing = *self;
    if (routing) {
        routing_offers_destroy (&routing->offers);
        arena_done (&routing->scratch);
    }
    free (routing);
    *self = NULL;
}

static void routing_rules (void *self, const struct rules *rules)
{
    struct routing *routing = self;
    routing->rules = rules;
}

static struct routing_reader reader_of (struct routing *routing, struct txn *txn,
                                        struct arena *arena)
{
    return (struct routing_reader){ .core = routing->core,
                                    .txn = txn,
                                    .rules = routing->rules,
                                    .arena = arena,
                                    .scratch = &routing->scratch };
}

/* ---- commands -------------------------------------------------------------------- */

/* Who is complained of is asked where somebody comes to handle it; what a desk does with a
 * fencing number the holder does, who was asked then. Reading it costs a body. */
static bool asks_who_is_accused (const struct client *client,
                                 const struct step_command *command)
{
    return client->role != ROLE_DESK || command->fencing == 0 ||
           command->step == STEP_TRANSFER;
}

/* What waits for its second person, as its event has it. */
static void read_proposal (struct routing *routing, struct txn *txn, struct arena *arena,
                           struct routing_step *step)
{
    struct entry entry;
    struct bytes body;
    bool is_second =
        step->command->step == STEP_APPROVE || step->command->step == STEP_REJECT;
    if (!is_second || step->grievance->proposed == 0 ||
        !core_entry (routing->core, txn, step->grievance->proposed, arena, &entry, &body))
        return;
    struct moved_body *said = ARENA_NEW (arena, struct moved_body);
    step->proposal = entry.moved;
    if (body.data && moved_body_decode (arena, body, said, NULL) == 0)
        step->proposed = said;
}

/* The other grievance that the step, or what was proposed, names. */
static void read_other (struct txn *txn, struct arena *arena, struct routing_step *step)
{
    uint64_t number = step->proposal ? step->proposal->link_to : step->command->link_to;
    if (number == 0)
        return;
    struct routing_grievance *other = ARENA_NEW (arena, struct routing_grievance);
    if (routing_grievance_find (txn, number, other))
        step->other = other;
}

static void routing_decide (void *self, struct txn *txn, const struct sender *sender,
                            const struct command *command, struct decision *decision)
{
    struct routing *routing = self;
    if (!command->step) {
        decision_refuse (decision, REFUSAL_MALFORMED, "routing takes steps");
        return;
    }
    struct routing_step step = { .rules = routing->rules,
                                 .client = sender->client,
                                 .person = sender->person,
                                 .command = command->step };
    struct routing_grievance grievance;
    if (routing_grievance_find (txn, command->step->number, &grievance)) {
        struct routing_reader reader = reader_of (routing, txn, decision->arena);
        step.grievance = &grievance;
        step.matter = routing_matter (&grievance, decision->arena);
        if (asks_who_is_accused (sender->client, command->step))
            step.accused = routing_accused (&reader, &grievance, &step.n_accused);
        read_proposal (routing, txn, decision->arena, &step);
        read_other (txn, decision->arena, &step);
    }
    if (step.grievance == NULL && number_is_valid (command->step->number) &&
        core_is_recovering (routing->core, txn, decision->now_ms)) {
        decision_refuse (decision, REFUSAL_TRY_LATER,
                         "restored a moment ago: what is lost is being told again");
        return;
    }
    routing_decide_step (&step, decision);
    struct routing_reader reader = reader_of (routing, txn, decision->arena);
    bool is_dispatcher = sender->client->role == ROLE_DISPATCHER;
    routing_documents_add (&reader, is_dispatcher ? sender->client->department : 0,
                           sender->person, decision);
}

static void routing_outcome (void *self UNUSED, struct txn *txn UNUSED,
                             const struct entry *entry,
                             const struct hash *leaf_hash UNUSED, struct arena *arena,
                             struct outcome *ret_outcome)
{
    const struct moved *moved = entry->moved;
    if (!moved) {
        ret_outcome->recorded = ARENA_NEW (arena, struct recorded);
        ret_outcome->recorded->sequence = entry->sequence;
        return;
    }
    struct step_done *done = ARENA_NEW (arena, struct step_done);
    done->number = entry->grievance;
    done->step = moved->step;
    done->state = moved->to;
    done->sequence = entry->sequence;
    done->fencing = moved->fencing;
    done->department = moved->department;
    done->holder = moved->holder;
    done->proposed = entry->kind == KIND_PROPOSED;
    done->document = moved->document != 0 ? entry->sequence + 1 : 0;
    ret_outcome->step_done = done;
}

/* ---- own and followed entries, due rows -------------------------------------------- */

static void routing_apply_entry (void *self, struct txn *txn, const struct entry *entry,
                                 struct bytes body UNUSED)
{
    struct routing *routing = self;
    routing_apply (txn, entry, &routing->counts, routing->offers);
    routing_document_apply (txn, entry);
}

static void routing_view_entry (void *self, struct txn *txn, const struct entry *entry,
                                struct bytes body)
{
    struct routing *routing = self;
    routing_view (txn, entry, body, &routing->scratch);
    routing_raise_view (txn, entry);
    arena_reset (&routing->scratch);
}

/* Intake was restored, and the terminal has said it again: the same command, answered
 * then. */
static bool was_answered (const struct routing_reader *reader, const struct entry *asked)
{
    const struct actor *actor = asked->actor;
    uint64_t sequence = UINT64_MAX;
    if (actor == NULL || actor->client == 0)
        return false;
    while ((sequence = routing_step_before (reader->txn, asked->grievance, sequence)) !=
           0) {
        struct entry entry;
        const struct ask_answered *answered;
        arena_reset (reader->scratch);
        if (!core_entry (reader->core, reader->txn, sequence, reader->scratch, &entry,
                         NULL) ||
            (answered = entry.ask_answered) == NULL)
            continue;
        if (answered->client == actor->client && answered->counter == actor->counter &&
            answered->incarnation == actor->incarnation)
            return true;
    }
    return false;
}

static void routing_follow (void *self, struct txn *txn, const struct entry *entry,
                            struct bytes body, struct decision *decision)
{
    struct routing *routing = self;
    struct routing_grievance grievance;
    struct routing_reader reader = reader_of (routing, txn, decision->arena);
    /* Most of what comes are clocks: they concern nobody here. */
    if (entry->kind == KIND_RAISED)
        routing_decide_supervision (&reader, entry, body, decision);
    if (entry->kind != KIND_REGISTERED && entry->kind != KIND_ASKED)
        return;
    bool is_known = entry->grievance != 0 &&
                    routing_grievance_find (txn, entry->grievance, &grievance);
    if (entry->kind == KIND_REGISTERED && !is_known)
        routing_decide_place (routing->rules, entry, body, decision);
    else if (entry->kind == KIND_ASKED && is_known && entry->asked &&
             !was_answered (&reader, entry))
        routing_decide_ask (routing->rules, entry, body, &grievance,
                            routing_matter (&grievance, decision->arena), decision);
    routing_documents_add (&reader, 0, 0, decision);
}

/* Each event may bring its documents with it. */
#define MEMBERS_A_TURN (DECISION_EVENTS_MAX / (1 + DOCUMENTS_A_STEP))

static void members_due (struct routing *routing, struct txn *txn, uint64_t number,
                         struct decision *decision)
{
    struct routing_grievance lead, grievance;
    struct routing_member members[MEMBERS_A_TURN];
    if (!routing_grievance_find (txn, number, &lead))
        return;
    size_t count = routing_members_next (txn, number, &lead, MEMBERS_A_TURN, members);
    struct routing_reader reader = reader_of (routing, txn, decision->arena);
    const struct moved_body *decided =
        count > 0 ? routing_decided (&reader, number) : NULL;
    for (size_t i = 0; i < count; i++)
        if (routing_grievance_find (txn, members[i].number, &grievance))
            routing_decide_member (routing->rules, &members[i], &grievance,
                                   routing_matter (&grievance, decision->arena), &lead,
                                   decided, decision);
}

/* What this grievance waited for is over. */
static void look_due (struct routing *routing, struct txn *txn,
                      const struct agenda_row *row, struct decision *decision)
{
    struct routing_grievance grievance;
    bool is_there = routing_grievance_find (txn, row->subject, &grievance);
    /* Apply keeps row and record in step; another row is our bug. */
    assert (is_there && grievance.lapses_at_ms == row->due_ms);

    struct matter *matter = routing_matter (&grievance, decision->arena);
    if (grievance.state == STATE_UNDECIDED) {
        struct routing_reader reader = reader_of (routing, txn, decision->arena);
        size_t n_accused;
        struct accused *accused = routing_accused (&reader, &grievance, &n_accused);
        routing_decide_place_again (routing->rules, row->subject, matter, accused,
                                    n_accused, decision);
    } else {
        routing_decide_lapse (row->subject, &grievance, matter, decision);
    }
}

static void routing_due (void *self, struct txn *txn, const struct agenda_row *row,
                         struct decision *decision)
{
    struct routing *routing = self;
    if (row->kind == ROUTING_DUE_MEMBERS)
        members_due (routing, txn, row->subject, decision);
    else
        look_due (routing, txn, row, decision);
    struct routing_reader reader = reader_of (routing, txn, decision->arena);
    routing_documents_add (&reader, 0, 0, decision);
}

static bool routing_restate (void *self, struct txn *txn, uint64_t *cursor,
                             struct decision *decision)
{
    struct routing *routing = self;
    struct routing_reader reader = reader_of (routing, txn, decision->arena);
    routing_counts_flush (&routing->counts, txn);
    return routing_decide_restate (&reader, cursor, decision);
}

/* ---- queries --------------------------------------------------------------------- */

static void routing_query (void *self, struct txn *txn, const struct sender *sender,
                           const struct query *query, struct arena *arena,
                           struct reply *ret_reply)
{
    struct routing *routing = self;
    struct routing_reader reader = reader_of (routing, txn, arena);
    routing_counts_flush (&routing->counts, txn);
    if (query->queue)
        routing_query_queue (&reader, sender->client, query->queue, ret_reply);
    else if (query->item)
        routing_query_item (&reader, sender->client, query->item, ret_reply);
    else if (query->shape)
        routing_query_shape (&reader, sender->client, query->shape, ret_reply);
    else if (query->route)
        routing_query_route (&reader, query->route, ret_reply);
    else if (query->documents)
        routing_query_documents (&reader, sender->client, query->documents, ret_reply);
    else
        routing_refuse_query (&reader, REFUSAL_MALFORMED,
                              "routing answers queue, item, documents, shape and route",
                              ret_reply);
}

/* ---- desks ----------------------------------------------------------------------- */

static enum refusal_code routing_subscribe (void *self, const struct sender *sender,
                                            const struct subscribe *subscribe)
{
    struct routing *routing = self;
    const struct client *client = sender->client;
    bool may = subscribe->department == 0
                   ? client->role == ROLE_DISPATCHER
                   : routing_is_desk_of (routing->rules, client, subscribe->department);
    if (!may)
        return REFUSAL_NO_RIGHT;
    bool is_taken =
        routing_offers_subscribe (routing->offers, sender->peer, subscribe->department,
                                  client->territory, subscribe->credit);
    return is_taken ? REFUSAL_NONE : REFUSAL_TRY_LATER;
}

static void routing_gone (void *self, struct bytes peer)
{
    struct routing *routing = self;
    routing_offers_gone (routing->offers, peer);
}

static void routing_settled (void *self, struct txn *txn, int64_t now_ms UNUSED,
                             struct arena *arena, struct outbox *outbox)
{
    struct routing *routing = self;
    struct routing_reader reader = reader_of (routing, txn, arena);
    routing_offers_tell (routing->offers, &reader, outbox);
}

/* ---- counts ---------------------------------------------------------------------- */

typedef void (add_fn) (void *into, const char *name, uint64_t value);

static void add_states (struct txn *txn, struct arena *arena, add_fn *add, void *into)
{
    for (unsigned state = STATE_NONE + 1; state < STATE_COUNT; state++) {
        struct routing_count count = { .kind = ROUTING_COUNT_STATE,
                                       .which = (uint8_t) state };
        add (into,
             arena_format (arena, "grievances{state=\"%s\"}",
                           course_state_name ((enum state) state)),
             routing_count_get (txn, &count));
    }
}

static void add_queues (struct txn *txn, add_fn *add, void *into)
{
    uint64_t totals[ROUTING_NOWHERE] = { 0 }, dispatcher = 0;
    struct key prefix = routing_counts_of (ROUTING_COUNT_QUEUE);
    CLEANUP (cursor_done) struct cursor cursor;
    cursor_init (&cursor, txn, core_table (ROUTING_COUNTS));
    for (cursor_seek (&cursor, key_view (&prefix));
         cursor_is_within (&cursor, key_view (&prefix)); cursor_next (&cursor)) {
        struct routing_count count;
        uint64_t value =
            routing_count_read (cursor_key (&cursor), cursor_value (&cursor), &count);
        if (count.department == 0 && count.which == ROUTING_WAITING)
            dispatcher = value;
        else if (count.which < ROUTING_NOWHERE)
            totals[count.which] += value;
    }
    add (into, "queued{place=\"dispatcher\"}", dispatcher);
    add (into, "queued{place=\"waiting\"}", totals[ROUTING_WAITING]);
    add (into, "queued{place=\"held\"}", totals[ROUTING_HELD]);
    add (into, "queued{place=\"proposed\"}", totals[ROUTING_PROPOSED]);
}

static void routing_gauges (void *self, struct txn *txn, add_fn *add, void *into)
{
    struct routing *routing = self;
    routing_counts_flush (&routing->counts, txn);
    add_states (txn, &routing->scratch, add, into);
    add_queues (txn, add, into);
    add (into, "desks", routing_offers_desk_count (routing->offers));
    arena_reset (&routing->scratch);
}

static const uint32_t clocks[] = { KIND_CLOCKS, KIND_CANARY };

static const struct follow_spec follows[] = {
    { .speaker = SPEAKER_INTAKE, .bodies = true },
    { .speaker = SPEAKER_ESCALATION,
      .bodies = true,
      .can_wait = true,
      .without = clocks,
      .n_without = ARRAY_SIZE (clocks) },
};

const struct service_spec routing_service = {
    .name = "routing",
    .speaker = SPEAKER_ROUTING,
    .schema = 2,
    .tables = routing_table_names,
    .n_tables = ROUTING_TABLES,
    .n_facts = ROUTING_FACTS,
    .follows = follows,
    .n_follows = ARRAY_SIZE (follows),
    .due_on_complete_knowledge = true,
    .open = routing_open,
    .close = routing_close,
    .rules = routing_rules,
    .apply = routing_apply_entry,
    .view = routing_view_entry,
    .decide = routing_decide,
    .follow = routing_follow,
    .due = routing_due,
    .restate = routing_restate,
    .outcome = routing_outcome,
    .query = routing_query,
    .subscribe = routing_subscribe,
    .gone = routing_gone,
    .settled = routing_settled,
    .gauges = routing_gauges,
};
