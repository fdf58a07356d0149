/* SPDX-License-Identifier: Apache-2.0 */
/* The core of a daemon: a function of (store, batch of inputs, now) to outputs.
 *
 * It opens no socket, reads no clock, draws no random number that was not handed in.
 * The shell (runtime/service.h) owns those. The same core runs in the daemon, in unit
 * tests and in the simulator.
 *
 * The one law: one batch in = one transaction: decide, journal, apply. Commit. Only
 * then speak. What 'core_turn' puts into the outbox may be sent because it is durable.
 *
 * What is the same for every service lives here: the counters and recorded answers of
 * clients, following and being followed, the tables in force, the agenda, parked
 * inputs, control. A service adds its law through 'struct service_spec'. */
#ifndef MINQING_RUNTIME_CORE_H
#define MINQING_RUNTIME_CORE_H

#include "agenda/agenda.h"
#include "base/arena.h"
#include "base/err.h"
#include "clients/clients.h"
#include "journal/journal.h"
#include "rules/rules.h"
#include "runtime/trust.h"
#include "store/store.h"
#include "wire/door.h"

/* ---- what a service is made of ------------------------------------------------ */

/* Events one input may cause. */
#define DECISION_EVENTS_MAX 16

/* An event to be journaled. The service fills kind, informative, grievance, matter and
 * the detail; the core fills sequence, time, actor (unless set) and source. 'body' is an
 * encoded body message, or absent. All memory: the decision's arena. */
struct event {
    struct entry entry;
    struct bytes body;
};

/* What 'decide' gives: events, or a refusal; neither means "nothing to do". */
struct decision {
    struct arena *arena;
    int64_t now_ms;         /* the batch's trusted time; what entries get */
    bool blind;             /* due: a followed source has been silent too long */
    int64_t known_until_ms; /* due: rows up to here may fire now, on what is known */
    struct event *events[DECISION_EVENTS_MAX];
    size_t n_events;
    struct refusal *refusal;
};

/* Add an event of this kind to the decision, zeroed but for the kind. */
struct event *decision_event (struct decision *decision, enum kind kind);
/* The same about a grievance. The matter is copied: the event outlives who asked. */
struct event *decision_event_about (struct decision *decision, enum kind kind,
                                    uint64_t grievance, const struct matter *matter);
/* Refuse: the sentence says what, where, what to do. Forgets the events. The refusal is
 * returned so that 'field', 'holder' … can be added. */
struct refusal *decision_refuse (struct decision *decision, enum refusal_code code,
                                 const char *format, ...) PRINTF_LIKE (3, 4);

/* Who sent a command or query: proved by CURVE, looked up for every message. */
struct sender {
    const struct client *client; /* a row of clients.tsv; valid for the call */
    struct bytes peer;           /* routing id of the connection */
    uint32_t person; /* as the command says; checked against the people table */
};

struct core;
struct outbox;

/* A daemon that this one follows. */
struct follow_spec {
    enum speaker speaker;
    bool bodies; /* wants (and may have) bodies */
    /* Nobody waits for what comes of it: frames may gather for some milliseconds, so that
     * the steps of a course that follow each other closely are one commit here. */
    bool can_wait;
    /* Kinds of no use here: not sent. Whether they are is known of kinds that are known, so
     * what is new and essential still comes, and stops the link. */
    const uint32_t *without;
    size_t n_without; /* at most LIMIT_WITHOUT */
};

/* Tables 0 … CORE_TABLES-1 of every store belong to the core; a service's own follow. */
enum core_table {
    CORE_ENTRIES, /* journal */
    CORE_TREE,
    CORE_META,      /* journal identity, schema, clean stop, suspects */
    CORE_COUNTERS,  /* clients */
    CORE_OUTCOMES,  /* recorded answers: (client, incarnation, counter) → sequence */
    CORE_TAKEN,     /* per followed journal: last source position taken over (fact) */
    CORE_POSITIONS, /* per followed journal: id, last acted, its hash and incarnation */
    CORE_AGENDA,
    CORE_TABLE_EVENTS, /* name of table → sequence of the entry that carries it */
    CORE_INCARNATIONS, /* id of an earlier incarnation → the entry that closed it (fact) */
    CORE_DAMAGED, /* sequence of a damaged entry → the entry that named it (fact) */
    CORE_TABLES
};

struct service_spec {
    const char *name; /* "intake" */
    enum speaker speaker;
    uint32_t
        schema; /* layout of its tables: 2, 3 …; 0: the first. Raised with every change
                        of a key or record; older stores are then refolded at the start */
    const char *const *tables; /* names of the service's own tables */
    size_t n_tables;
    /* How many of them, from the first, are facts (the fold of the own journal); the
     * rest are views (folded from followed journals, can be thrown away). */
    size_t n_facts;
    const struct follow_spec *follows;
    size_t n_follows;
    /* Due rows wait until every followed journal is complete up to their time. */
    bool due_on_complete_knowledge;
    /* Nobody waits for it: by so much nicer (nice(1)), so that where the processor is
     * short those go first for whom somebody waits. It catches up when they rest. */
    int nicer;

    int (*open) (struct core *core, void **ret_self, struct err *err);
    void (*close) (void **self);

    /* Tables in force changed (also called once before the first batch). */
    void (*rules) (void *self, const struct rules *rules);

    /* Facts: events → the service's tables. Total, cannot fail, sees no clock and no
     * rule. Called for every entry of the own journal, informative ones too. 'body' is
     * absent when it was erased. */
    void (*apply) (void *self, struct txn *txn, const struct entry *entry,
                   struct bytes body);
    /* Views: an entry of a followed journal → the service's view tables. May be NULL. */
    void (*view) (void *self, struct txn *txn, const struct entry *entry,
                  struct bytes body);

    /* Law. They read, change nothing. */
    void (*decide) (void *self, struct txn *txn, const struct sender *sender,
                    const struct command *command, struct decision *decision);
    void (*follow) (void *self, struct txn *txn, const struct entry *entry,
                    struct bytes body, struct decision *decision);
    void (*due) (void *self, struct txn *txn, const struct agenda_row *row,
                 struct decision *decision);
    /* A daemon that we asked (core_ask) answered; 'reply' NULL: it did not in time. */
    void (*reply) (void *self, struct txn *txn, uint64_t ticket,
                   const struct reply *reply, struct decision *decision);
    /* An effect ended (struct effect). */
    void (*result) (void *self, struct txn *txn, uint64_t effect, int sysexit,
                    const char *detail, struct decision *decision);

    /* The journal was restored (runtime/restore.h): say, for those who follow and knew
     * more, what is open here. Called before the first turn until it returns false, a few
     * events at a time; '*cursor' is 0 at first, is moved by the service, and is kept
     * with the events, so that after a crash it goes on there. May be NULL. */
    bool (*restate) (void *self, struct txn *txn, uint64_t *cursor,
                     struct decision *decision);

    /* The answer to a command, from the entry that records its outcome (the first event
     * of the decision); also when a repeat is answered years later. Fill one of receipt,
     * step_done, recorded. Refusals are answered by the core. The entry's memory ends
     * with the call: copy into 'arena' (the hash may be pointed at). */
    void (*outcome) (void *self, struct txn *txn, const struct entry *entry,
                     const struct hash *leaf_hash, struct arena *arena,
                     struct outcome *ret_outcome);
    /* Answer a query: fill one member of 'ret_reply', or its refusal. */
    void (*query) (void *self, struct txn *txn, const struct sender *sender,
                   const struct query *query, struct arena *arena,
                   struct reply *ret_reply);

    /* Volatile: desks subscribe (REFUSAL_NONE, NO_RIGHT, or TRY_LATER when there are too
     * many); a connection is gone; the batch is committed and more may be said ('txn' is
     * a read transaction): offers, effects, questions. */
    enum refusal_code (*subscribe) (void *self, const struct sender *sender,
                                    const struct subscribe *subscribe);
    void (*gone) (void *self, struct bytes peer);
    void (*settled) (void *self, struct txn *txn, int64_t now_ms, struct arena *arena,
                     struct outbox *outbox);

    /* Counts for status and metrics: call 'add' for each. Names are Prometheus names
     * without the "minqing_<service>_" prefix, e.g. "grievances{state=\"closed\"}". */
    void (*gauges) (void *self, struct txn *txn,
                    void (*add) (void *into, const char *name, uint64_t value),
                    void *into);
};

/* ---- what the core offers to its service --------------------------------------- */

struct store *core_store (struct core *core);
struct journal *core_journal (struct core *core);
/* In force; never NULL when started. They change with a reload, as the clients do. */
const struct rules *core_rules (const struct core *core);
const struct clients *core_clients (const struct core *core);
uint64_t core_table_version (const struct core *core, enum rules_table table);
/* Nothing was complete from this followed daemon for a minute: rows fire blind. */
bool core_source_is_silent (const struct core *core, enum speaker speaker);
/* Up to then all it has said is acted on; 0: not known since the start. */
int64_t core_source_complete_ms (const struct core *core, enum speaker speaker);
/* The trusted time of this turn, or of the last one: what a query is answered at. */
int64_t core_now_ms (const struct core *core);
/* Time is uncertain (core_trust): entries say so, and nothing is raised by it. */
bool core_time_is_uncertain (const struct core *core);
/* New filings are refused with "try later": the store is 90 % full, or that of a daemon
 * that is followed, where they would arrive. */
bool core_is_tight (const struct core *core);
/* The index of a service's own table 'n' in the store. */
static inline unsigned core_table (unsigned n)
{
    return CORE_TABLES + n;
}
/* A secret of this daemon for keyed hashes (query codes), 32 bytes, made at first open. */
const uint8_t *core_secret (const struct core *core);
/* Value of a setting of minqing.conf, "notification/smtp/url"; NULL when not set. */
const char *core_setting (const struct core *core, const char *path);

/* Own journal, decoded. False: no such entry. Memory: the arena. 'ret_body' may be NULL. */
bool core_entry (struct core *core, struct txn *txn, uint64_t sequence,
                 struct arena *arena, struct entry *ret_entry, struct bytes *ret_body);

/* The position of the next own entry, of those behind it one more each: what an event is
 * called that others will name. Unlike a sequence it is never given twice, whatever a
 * restoration takes away. */
uint64_t core_next_position (struct core *core, struct txn *txn);
/* When this journal was restored last, as its opening says; 0: never. */
int64_t core_restored_ms (struct core *core, struct txn *txn);
/* It was, and what others are to tell again may still be on its way: "there is no such"
 * can wait. */
bool core_is_recovering (struct core *core, struct txn *txn, int64_t now_ms);

/* ---- speaking ------------------------------------------------------------------ */

/* Something to be done outside: send a notice. The shell does it and hands in the
 * result by its sysexits(3) code: 0 done, 75 EX_TEMPFAIL try again, others: never. */
struct effect {
    uint64_t id;   /* the service's */
    uint64_t mark; /* of a message that may leave twice: the same both times; 0: id */
    const char *channel; /* smtp, http, pipe */
    const char *address;
    const char *subject;
    const char *text;
    const char *json; /* the whole as a JSON object, for http and pipe */
};

enum output_kind { OUTPUT_DOOR, OUTPUT_CONTROL, OUTPUT_LINK, OUTPUT_EFFECT };

struct output {
    enum output_kind kind;
    struct bytes peer;  /* DOOR, CONTROL: to which connection */
    enum speaker link;  /* LINK: to which followed daemon */
    struct bytes frame; /* an encoded FromDoor, or ToDoor on a LINK */
    struct effect effect;
};

/* Outputs in order. Memory: the core's, until the next turn. */
struct outbox {
    struct output *outputs;
    size_t n_outputs;
    size_t capacity;
};

/* For 'settled': */
void core_offer (struct core *core, struct outbox *outbox, struct bytes peer,
                 const struct offer *offers, size_t n_offers);
void core_effect (struct core *core, struct outbox *outbox, const struct effect *effect);
/* Ask a followed daemon; the answer comes to 'reply' with this ticket. False: too many
 * questions are open, ask again later. */
bool core_ask (struct core *core, struct outbox *outbox, enum speaker speaker,
               uint64_t ticket, struct query *query);

/* ---- running ------------------------------------------------------------------- */

enum input_kind { INPUT_DOOR, INPUT_CONTROL, INPUT_LINK, INPUT_RESULT, INPUT_GONE };

struct input {
    enum input_kind kind;
    struct bytes peer;  /* DOOR, CONTROL, GONE: routing id */
    struct bytes key;   /* DOOR, CONTROL: 32-byte public key proved by CURVE */
    enum speaker link;  /* LINK: from which followed daemon */
    struct bytes frame; /* DOOR, CONTROL: ToDoor; LINK: FromDoor */
    uint64_t effect;    /* RESULT */
    int sysexit;
    const char *detail;
};

struct core_options {
    const char *dir; /* state directory, exists */
    size_t map_mib;
    bool is_volatile; /* tests and simulator only: nothing is synced */
    /* The last life was ended from outside (killed, no power, a commit that failed), not by
     * a fall of its own: what it was at is hardly to blame (core_poison.c). */
    bool was_killed;
    /* A clock that nobody can set, in microseconds: paces what is done beside the work
     * (a scrub); time is not told by it. NULL: it is paced by 'now_ms'. */
    int64_t (*steady_us) (void);
    uint8_t random[64]; /* for a new store: journal id and secret */
    /* Value of a setting; NULL when not set. */
    const char *(*setting) (void *arg, const char *path);
    void *setting_arg;
    /* Counts that only the shell knows (doors, handshakes, clock), for metrics: calls
     * 'add' for each, named as by service_spec.gauges. NULL: none. */
    void (*gauges) (void *arg, void (*add) (void *into, const char *name, uint64_t value),
                    void *into);
    void *gauges_arg;
};

/* Open the store and fold what must be in memory. Nothing is promised yet. */
MUST_CHECK int core_open (const struct service_spec *spec,
                          const struct core_options *options, struct core **ret_core,
                          struct err *err);
/* What is trusted of time now, from the shell: before core_start and before a turn. While
 * it is not SURE every entry says that its time is uncertain and due rows do not fire;
 * when it is over KIND_TIME_SETTLED is journaled. The store keeps it with every batch.
 * Never called: time is certain and nothing is kept. */
void core_trust (struct core *core, const struct trust *trust);
/* What the store kept of the life before; NULL: nothing. */
const struct trust *core_kept_trust (const struct core *core);
int64_t core_newest_ms (const struct core *core); /* of the newest entry; 0: none */
/* Take tables into force: journals those that differ from what is in force, whole, and
 * at the first call the 'started' event. Commits. Must have succeeded once before the
 * first turn. A bad set is refused as a whole and the old one stays. 'sources' NULL:
 * go on with what is in force (-EINVAL when nothing is). -EIO: as for core_turn. */
MUST_CHECK int core_start (struct core *core, const struct rules_source *sources,
                           struct bytes clients_tsv, int64_t now_ms, struct err *err);
/* One batch. 0; or a negative errno after which the process must exit (the commit's
 * outcome is unknown). An error inside the batch aborts it: clients get "try later",
 * positions stay, 0 is returned. 'now_ms' is trusted time. The outbox is valid until the
 * next call. A turn without inputs does what is due. */
MUST_CHECK int core_turn (struct core *core, const struct input *inputs, size_t n_inputs,
                          int64_t now_ms, struct outbox **ret_outbox, struct err *err);
/* From now on entries for followers who can wait (follow_spec) are kept back until there
 * are many, or until the caller has called 'core_serve_waiting' before a turn: some
 * milliseconds after 'core_is_waited_for' has become true, by a clock that always goes. Who
 * never calls 'core_gather' serves everybody in every turn. */
void core_gather (struct core *core);
bool core_is_waited_for (const struct core *core);
void core_serve_waiting (struct core *core);
/* When the core wants a turn though nothing arrives (due row, heartbeat to followers);
 * may be <= now. */
int64_t core_wake_ms (struct core *core, int64_t now_ms);
/* The same for stepped clocks: heartbeats, two a second for ever, do not count unless a
 * due row waits for one. */
int64_t core_errand_ms (struct core *core, int64_t now_ms);
/* The link to a followed daemon (re)connected: what to say first is put into the outbox
 * of the next turn. Also called once for each link at start. */
void core_connected (struct core *core, enum speaker link);
/* A clean stop: noted durably. */
void core_close (struct core **core, bool clean);

/* Refold the facts from the journal into fresh tables and forget views and positions. */
MUST_CHECK int core_rebuild (struct core *core, struct err *err);
/* Hold the facts against a fold of the journal and the journal against its hashes, at one
 * go: for a daemon that does not run, and for tests. A running one is asked by control and
 * does it beside its work. What was found is in '*ret_scrub' (may be NULL; 'first' lives
 * until the next). Changes nothing. -ENOSPC, -EIO: it could not be ended. */
MUST_CHECK int core_scrub (struct core *core, struct scrub *ret_scrub, struct err *err);
/* Status, as control tells it. Memory: the arena. */
void core_status (struct core *core, struct arena *arena, int64_t now_ms,
                  struct status *ret_status);
/* Prometheus text 0.0.4. Memory: the arena. */
const char *core_metrics (struct core *core, struct arena *arena, int64_t now_ms);

#endif
