/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the core: its memory, and what its files offer each other.
 *
 *   core.c           open, start, close
 *   core_turn.c      the batch and its commit; speaking; when to wake
 *   core_journal.c   events become entries, entries become facts
 *   core_commands.c  frames of clients: commands, counters, outcomes
 *   core_queries.c   queries, those held back, subscriptions, standing
 *   core_subscribers.c  who subscribed, and whether they still may
 *   core_follow.c    following: entries of other daemons come in, exactly once
 *   core_publish.c   being followed: entries and heartbeats go out
 *   core_incarnation.c  restored journals: our own, and those that we follow
 *   core_restore.c   a store made from a backup
 *   core_time.c      trusted time: kept, doubted, settled
 *   core_due.c       the agenda, and what counts as complete knowledge
 *   core_poison.c    after an unclean stop: one unit at a time, the third time parked
 *   core_tables.c    tables in force: journaled, read back, parsed
 *   core_outbox.c    what is to be said, collected per connection
 *   core_ask.c       questions to followed daemons
 *   core_rebuild.c   facts folded anew
 *   core_schema.c    the layout's number; stores of older programs
 *   core_scrub.c     a shadow of the facts, folded beside the work and compared
 *   core_damaged.c   damaged entries: named once, passed over
 *   core_forecast.c  when the store will be full
 *   core_verify.c    control: the journal verified, a slice a turn
 *   core_control.c   control; status; core_metrics.c: Prometheus text
 *
 * A turn has two halves. In the first (the batch) there is a write transaction and
 * nothing is said; after its commit the second (speaking) has a read transaction and
 * changes nothing. What must be undone with an aborted batch stands in the store, in
 * 'struct mark' (links, last time, parked) or in 'batch_tally'. */
#ifndef MINQING_RUNTIME_CORE_INSIDE_H
#define MINQING_RUNTIME_CORE_INSIDE_H

#include "base/hash.h"
#include "runtime/core.h"
#include "wire/limits.h"

/* The layout of the core's tables (core_schema.c). */
#define CORE_SCHEMA 2

/* How often an idle journal tells its followers how far it is complete. A due row on
 * complete knowledge fires at most this late. */
#define HEARTBEAT_MS INT64_C (500)
/* A source from which nothing was complete for so long is silent: rows fire blind. */
#define SILENT_MS 60000
/* Of the time between two turns at most so much counts as silence: a daemon that slept
 * itself knows nothing of the others. While a row waits it takes turns as often. */
#define SILENT_STEP_MS 5000
/* An unmet 'not_before' waits so long for the position. */
#define HELD_MS  3000
#define HELD_MAX 256
/* Of these one client may have so many, so that it does not hold up the others. */
#define HELD_A_CLIENT 32
/* Answers to questions in one turn. A question of ten bytes may have an answer of a
 * megabyte and a client may send thousands at once: what goes beyond is told to ask
 * again, so that neither memory nor the length of a turn is in the hands of a client. */
#define ANSWERS_A_TURN 4096
#define ANSWERS_BYTES  (8u << 20)
#define ASK_MS         10000
#define ASKS_MAX       1024
/* A Follow without any answer is said again. */
#define RESYNC_MS     5000
#define FOLLOWERS_MAX 64
#define LINKS_MAX     4
/* Entries a followed daemon may send ahead, and the bounds of one frame of them. */
#define FOLLOW_WINDOW       4096
#define ENTRIES_FRAME_BYTES (256u << 10)
#define ENTRIES_FRAME_MAX   LIMIT_ROWS /* what the reader takes */
/* Frames to one follower in one turn: memory stays bounded, others get their turn. */
#define ENTRIES_FRAMES_A_TURN 4
/* On their way to one follower and not yet acknowledged: frames wait in memory here when it
 * reads slowly, or not at all. Counted in pieces of about a frame. */
#define FOLLOWER_BYTES (4u << 20)
#define SENT_MAX       (FOLLOWER_BYTES / ENTRIES_FRAME_BYTES + 1)
/* A connection whose Follows were answered with so much, and which never acknowledged any of
 * it, is sent no more: another connection may. */
#define UNREAD_BYTES (4u * FOLLOWER_BYTES)
/* Who can wait need not, when so many entries wait for it: that is a frame. */
#define WAITING_ENTRIES 256
/* While the journal grows: so many beyond its pace, however slow that is. */
#define ENTRIES_SPARE 16
/* Appended by this process, and no more than so many ago: sent without being proved anew. */
#define FRESH_ENTRIES 4096
/* Due rows in one turn: a turn is what new work waits for, and a row costs about as much as a
 * command. When there is other work, a few go with each turn, so that neither starves. */
#define DUE_MAX      512
#define DUE_MAX_BUSY 64
/* And no longer than this, by the clock that was handed in: out of the page cache, as after
 * the machine's start, a row costs its look at the disk, a hundred times as much. */
#define DUE_US 50000
/* So full new filings are refused: in a full map even deletes fail (TRAPS), and the rest is
 * for working and closing. */
#define CORE_TIGHT_SHARE 0.9
/* New commands in one turn. Of the smallest a batch would hold some two hundred thousand, and
 * a turn is what everybody else waits for. */
#define COMMANDS_A_TURN 32768
/* Units of each kind tried alone after an unclean stop, and the attempt at which one is
 * parked. */
#define CAREFUL_UNITS 256
#define PARK_ATTEMPT  3
#define PARKED_MAX    1024
/* After a batch that the store could not take, nothing that can wait is tried for so
 * long: a full disk does not become emptier by spinning. */
#define REST_MS 1000

/* What can be set aside alone. Each kind has its own share of careful times: were it one
 * for all, a busy door would use it up before the row that kills is reached. */
enum unit_kind {
    UNIT_FRAME,   /* of a client, while it is decoded */
    UNIT_COMMAND, /* in it */
    UNIT_LINK,    /* a frame of a followed daemon, while it is decoded */
    UNIT_ENTRY,   /* in it */
    UNIT_DUE,
    UNIT_QUERY,
    UNIT_KIND_COUNT
};

/* Entries that were found damaged and are told of one by one. */
#define DAMAGE_MAX 256

/* Log lines with an entry in the catalog (deploy/systemd/catalog). */
#define MESSAGE_ID_DAMAGED   "b6a51cf2f2a14a1f9d0e6a40d1f7c53e"
#define MESSAGE_ID_DIFFERENT "5f0c2f3f7d5d4e0c8a1b2d9a6e3b4c71"
#define MESSAGE_ID_SCRUBBED  "0d7c1e0e3f5b4f3c9a55b8b1c0f2e6aa"
#define MESSAGE_ID_MIGRATED  "e3f7a9d4c6b24d0f8e917a5c2b60d318"

/* ---- counts ------------------------------------------------------------------------ */

enum command_result {
    COMMAND_TAKEN,
    COMMAND_REFUSED,
    COMMAND_REPEATED,
    COMMAND_PUT_OFF, /* nothing was consumed */
    COMMAND_RESULT_COUNT
};

struct tally {
    uint64_t commands[COMMAND_RESULT_COUNT];
    uint64_t refusals[REFUSAL_COUNT];
    uint64_t bad_frames;
    uint64_t unknown_keys;
    uint64_t acted;   /* followed entries */
    uint64_t unknown; /* informative entries of an unknown kind, passed over */
    uint64_t due;     /* rows fired */
    uint64_t parked;
};

/* ---- links: who is followed -------------------------------------------------------- */

/* How far a link came. 'done' of the last commit, 'here' in the batch. */
struct mark {
    bool is_known; /* 'journal' is */
    uint8_t journal[JOURNAL_ID_SIZE];
    uint64_t acted;
    struct hash acted_hash;
    uint32_t incarnation; /* in which the entry acted last was written; 1 at the start */
};

struct link {
    const struct follow_spec *spec;
    struct mark done, here;
    bool is_changed;                 /* 'here' differs from what the store holds */
    const struct followed *unhashed; /* entry of 'here' whose hash has yet to be told */
    bool is_connected;
    bool must_follow;    /* say Follow at the next occasion */
    int64_t resync_ms;   /* since when it waits for the answer to a Follow; 0: no */
    uint64_t ungranted;  /* entries acted since credit was last given */
    size_t heard_bytes;  /* in frames since then */
    uint64_t head;       /* newest there, as last heard */
    bool is_tight;       /* its store is nearly full, as last heard */
    int64_t complete_ms; /* everything earlier is acted; 0: not known */
    int64_t silent_ms;   /* how long neither that nor the position moved */
    int64_t heard_ms;    /* the last frame */
    char problem[256];   /* not empty: it stopped */
};

/* ---- who follows ------------------------------------------------------------------- */

struct follower {
    enum output_kind kind;
    uint8_t peer[256];
    size_t peer_size;
    uint8_t key[CLIENT_KEY_SIZE];
    uint32_t client;
    bool is_daemon;
    bool bodies;
    bool is_keeper;
    bool can_wait;                   /* for a fuller frame */
    uint32_t without[LIMIT_WITHOUT]; /* kinds that it has no use for */
    size_t n_without;
    uint64_t next;
    uint64_t credit;
    int64_t said_ms;
    /* What it has not acknowledged, oldest first; full pieces but the last. */
    struct sent {
        uint64_t last; /* sequence */
        size_t bytes;
    } sent[SENT_MAX];
    size_t n_sent, unacked; /* pieces, bytes */
    size_t unread; /* bytes of earlier Follows of this connection, and not a sign of it */
};

struct held {
    struct held *next;
    enum output_kind kind;
    struct bytes peer;  /* owned, as all memory here */
    struct bytes query; /* encoded */
    uint32_t client;
    int64_t until_ms;
};

/* Who asked for a verification, and how far it is. */
struct verifying {
    enum output_kind kind;
    uint8_t peer[256];
    size_t peer_size;
    uint64_t next; /* sequence; 0: nobody */
};

struct subscriber; /* core_subscribers.c */

struct question {
    uint64_t id;
    uint64_t ticket;
    enum speaker speaker;
    int64_t until_ms;
    bool is_answered; /* in this batch */
};

/* The result of an effect whose batch was aborted: taken again. */
struct late_result {
    struct late_result *next;
    uint64_t effect;
    int sysexit;
    char *detail;
};

/* An entry of the own journal that is not what its hash says. */
struct damage {
    uint64_t sequence;
    const char *problem; /* static text; NULL: not known */
    enum damage_stage { DAMAGE_FOUND, DAMAGE_NAMING, DAMAGE_NAMED } stage;
};

/* ---- what is to be said ------------------------------------------------------------ */

struct spoken_outcome {
    struct spoken_outcome *next;
    struct outcome outcome;
};

/* One connection in one turn. Memory: the core's arena. */
struct voice {
    struct voice *chain; /* of its bucket */
    struct voice *next;  /* in order */
    enum output_kind kind;
    struct bytes peer;
    struct refusal *refusal; /* of a frame as a whole */
    struct spoken_outcome *first, **last;
};

#define VOICE_BUCKETS 256

/* What the last scrub found. */
struct scrubbed {
    int64_t done_ms; /* 0: none ended since the start */
    uint64_t records, differences, damaged;
    char first[512]; /* of the differences, in words */
    bool was_given_up;
};

struct scrubbing; /* core_scrub.c */

/* ---- the core ---------------------------------------------------------------------- */

struct core {
    const struct service_spec *spec;
    void *self;
    struct core_options options;
    struct store *store;
    struct journal *journal;
    uint8_t secret[HASH_KEY_SIZE];

    struct rules *rules; /* in force; NULL before the first start */
    struct clients *clients;
    uint64_t clients_version;
    struct clients_tables counters;

    bool is_started;
    bool was_unclean;
    bool is_half_built;    /* a rebuild was interrupted */
    bool is_half_restored; /* a restoration was */
    bool is_older;         /* the store's layout is of an older program */
    uint32_t schema_found;
    bool is_tight;
    int64_t tight_room; /* bytes of entries that this turn may write before it is */
    bool is_refusing;   /* the last batch was undone */
    bool is_doomed;     /* a commit's outcome is unknown, or a batch can never be taken */
    int doom;           /* why not; 0: the former */
    int64_t started_ms;

    /* Memory of a turn, and of one unit of work in it. */
    struct arena arena;
    struct arena scratch;
    struct arena entries; /* one frame of followed entries */
    struct buffer header; /* encoding room */

    /* The batch. */
    struct txn *txn;
    int64_t now_ms;
    int64_t last_time_ms, done_last_time_ms; /* newest entry: in the batch, committed */
    int64_t promised_ms;      /* followers were told that nothing earlier will follow */
    int64_t followed_ms;      /* of the followed entry that is acted on; 0: none is */
    struct trust trust, kept; /* now; as the store has it */
    bool has_trust, has_kept;
    bool is_keeping; /* this batch writes it */
    int64_t doubt_ms,
        done_doubt_ms;    /* uncertain since: in the batch, committed; 0: not */
    uint64_t head;        /* newest committed entry */
    uint64_t turn_head;   /* the same, before this turn */
    uint64_t opened_head; /* when the store was opened */
    bool only_repeats; /* the batch failed: answer what is recorded, put off the rest */
    struct tally tally, batch_tally;
    uint64_t batches, aborted, inputs, inputs_max;

    struct link links[LINKS_MAX];
    size_t n_links;
    struct follower followers[FOLLOWERS_MAX];
    size_t n_followers;
    struct held *held;
    size_t n_held;
    size_t n_answers, answers_size; /* of this turn */
    struct subscriber *subscribers;
    int32_t subscribers_day; /* of the last look at their rows; INT32_MIN: look again */
    struct question *asks;
    size_t n_asks;
    uint64_t last_ask;
    struct late_result *late;
    bool wants_turn; /* more may be said at once */
    bool gathers;    /* who can wait is served when 'serves_waiting' */
    bool serves_waiting;
    struct verifying verifying;
    size_t n_commands; /* new ones of this turn */

    /* Poison. */
    unsigned careful[UNIT_KIND_COUNT]; /* units still tried alone */
    struct hash noted;
    bool is_noted;
    struct hash *parked;
    size_t n_parked, n_parked_done; /* in the batch, committed */

    struct damage damage[DAMAGE_MAX]; /* that is in the journal now, as far as is known */
    size_t n_damage;
    bool has_more_damage;

    /* Scrub. */
    struct scrubbing *scrubbing; /* NULL: none is under way */
    struct scrubbed scrubbed;
    struct core *origin; /* a shadow: whose facts it folds; NULL: it is no shadow */
    struct txn *origin_txn;

    /* Agenda. */
    struct agenda_row *due_rows; /* DUE_MAX */
    int64_t next_due_ms;
    int64_t rest_until_ms; /* after an undone batch */

    /* Speaking. */
    struct voice *buckets[VOICE_BUCKETS];
    struct voice *voices, **last_voice;
    struct outbox outbox;
    char trouble[256];
};

/* ---- core.c, core_turn.c ------------------------------------------------------------------------ */

/* The batch's write transaction. 'commit' returns 0, or a negative errno: then either
 * the batch is undone, or the core is doomed. */
void batch_begin (struct core *core);
MUST_CHECK int batch_commit (struct core *core);
void batch_abort (struct core *core);
bool is_resting (const struct core *core); /* after an undone batch */

/* As the store names it. */
const char *core_table_name (const struct core *core, unsigned table);

/* Meta records of the core: "core.NAME". */
bool meta_get (struct txn *txn, const char *name, struct bytes *ret_value);
void meta_put (struct txn *txn, const char *name, struct bytes value);

/* ---- core_journal.c ---------------------------------------------------------------- */

/* Journal one event and apply it. 'actor' and 'source' go into the header unless the
 * service set its own. False: a failure has stuck. '*ret_entry' as every reader will
 * see it, in the scratch arena; may be NULL, as 'ret_leaf_hash' may. */
bool core_emit (struct core *core, struct event *event, const struct actor *actor,
                const struct source *source, struct entry *ret_entry,
                struct hash *ret_leaf_hash);
/* All events of a decision that is no command's. */
void core_emit_all (struct core *core, struct decision *decision,
                    const struct source *source);
void core_apply (struct core *core, const struct entry *entry, struct bytes body);

/* What the next entry's time will be: never before the entry before it, nor before what
 * followers were told to be complete. */
int64_t entry_time_ms (const struct core *core);
void decision_begin (struct core *core, struct decision *ret_decision);
/* The last source position that own events took over. */
uint64_t taken_get (struct txn *txn, enum speaker speaker);

/* ---- core_commands.c --------------------------------------------------------------- */

/* Take the commands of one frame from a door. True when there is more in it than
 * commands, for 'frame_hear' after the commit. */
bool frame_take (struct core *core, const struct input *input);
/* A key's client, if its row has not run out. */
const struct client *client_of_input (const struct core *core, const struct input *input);

/* ---- core_queries.c ---------------------------------------------------------------- */

/* What is not a command: queries, subscriptions, Follow, control. In a read txn. */
void frame_hear (struct core *core, struct txn *txn, const struct input *input);
void held_retry (struct core *core, struct txn *txn);
void held_forget (struct core *core, struct bytes peer);
int64_t held_wake_ms (const struct core *core);

/* ---- core_subscribers.c ------------------------------------------------------------ */

void subscriber_note (struct core *core, const struct sender *sender,
                      enum output_kind kind);
void subscriber_forget (struct core *core, struct bytes peer); /* no data: all */
void subscribers_check (struct core *core);

/* ---- core_follow.c ----------------------------------------------------------------- */

struct link *link_find (struct core *core, enum speaker speaker);
void links_load (struct core *core, struct txn *txn);
void link_take (struct core *core, struct link *link, struct bytes frame);
void links_save (struct core *core, struct txn *txn); /* before the commit */
void links_settle (struct core *core, bool committed);
void links_speak (struct core *core);
int64_t links_wake_ms (const struct core *core);
void position_put (struct txn *txn, enum speaker speaker, const struct mark *mark);

/* ---- core_incarnation.c ------------------------------------------------------------ */

void incarnation_apply (struct core *core, const struct entry *entry);
/* The entry that closed the incarnation of this id; false: it is none of ours. */
bool incarnation_find (struct txn *txn, struct bytes journal, uint64_t *ret_sequence);
/* What is followed by this link was restored: 'opening' closed the incarnation that we
 * followed. In the batch. False: it does not fit; the sentence says why. */
bool incarnation_enter (struct core *core, struct link *link,
                        const struct incarnation *opening, struct err *err);
/* The opening itself is followed: who was restored too has no place by which it could be
 * led across, but may have taken over what was lost. */
void incarnation_pass (struct core *core, const struct link *link,
                       const struct incarnation *opening);
/* After our own restoration: what the service says of it. Batches of its own. */
MUST_CHECK int incarnation_restate (struct core *core, struct err *err);

/* ---- core_publish.c ---------------------------------------------------------------- */

void follower_add (struct core *core, struct txn *txn, const struct sender *sender,
                   enum output_kind kind, const struct follow *follow);
void follower_credit (struct core *core, const struct sender *sender,
                      const struct follow_credit *credit);
void follower_remove (struct core *core, struct bytes peer);
void followers_serve (struct core *core, struct txn *txn);
int64_t followers_wake_ms (const struct core *core, bool with_heartbeats);

/* ---- core_time.c ------------------------------------------------------------------- */

void time_load (struct core *core, struct txn *txn);
void time_look (struct core *core); /* in the batch, first: does doubt begin or end? */
void time_keep (struct core *core, struct txn *txn);
void time_save (struct core *core, bool is_writing); /* before the commit */
void time_done (struct core *core, bool committed);
bool time_wants_turn (const struct core *core); /* doubt began or ended */

/* ---- core_due.c -------------------------------------------------------------------- */

void due_fire (struct core *core, bool is_busy);
/* LAPSED and PARKED take their row away. */
void due_apply (struct core *core, const struct entry *entry);
int64_t due_wake_ms (const struct core *core);
bool link_is_silent (const struct link *link);
void silence_grow (struct core *core, int64_t now_ms);

/* ---- core_poison.c ----------------------------------------------------------------- */

/* May this unit of work be tried? In careful times the batch so far is committed, the
 * unit is noted durably and tried alone. False: it is to be parked, under the name
 * '*ret_unit'. A unit is named by its kind and two runs of bytes. */
bool unit_may_run (struct core *core, enum unit_kind kind, struct bytes a, struct bytes b,
                   struct hash *ret_unit);
/* Does it matter by what bytes it is named? In ordinary times all may be tried. */
bool units_are_told_apart (const struct core *core, enum unit_kind kind);
/* Journal that it is parked, under the command's counter if there is one. */
bool unit_park (struct core *core, const struct hash *unit, const struct actor *actor,
                const struct source *source, const struct due_row *due,
                struct entry *ret_entry, struct hash *ret_leaf_hash);
/* The same for what is tried while speaking, noted and unnoted by itself. */
bool unit_may_hear (struct core *core, enum unit_kind kind, struct bytes a,
                    struct bytes b);
void unit_heard (struct core *core);
void poison_load (struct core *core, struct txn *txn);
void poison_expect (struct core *core);      /* after an unclean stop */
void poison_begin_batch (struct core *core); /* unnote, inside its transaction */
void poison_forget (struct core *core, struct txn *txn); /* a clean stop */

/* ---- core_tables.c ----------------------------------------------------------------- */

void tables_apply (struct core *core, const struct entry *entry);
MUST_CHECK int tables_load (struct core *core, struct err *err); /* from the journal */
MUST_CHECK int tables_take (struct core *core, const struct rules_source *sources,
                            struct bytes clients_tsv, struct rules **ret_rules,
                            struct clients **ret_clients, struct err *err);
/* Journal what differs from what is in force, in the batch. */
void tables_journal (struct core *core, const struct rules_source *sources,
                     struct bytes clients_tsv);
void tables_swap (struct core *core, struct rules *rules, struct clients *clients,
                  struct bytes clients_tsv);

/* ---- core_outbox.c ----------------------------------------------------------------- */

void outbox_begin (struct core *core);
struct voice *voice_find (struct core *core, enum input_kind kind, struct bytes peer);
struct outcome *voice_outcome (struct core *core, struct voice *voice);
void voices_clear (struct core *core);
void voices_speak (struct core *core); /* outcomes and refusals into the outbox */
void outbox_frame (struct core *core, enum output_kind kind, struct bytes peer,
                   const struct from_door *message);
void outbox_link (struct core *core, enum speaker speaker, const struct to_door *message);
enum output_kind output_kind_of (enum input_kind kind);

/* A refusal in an arena, text formatted. */
struct refusal *refusal_make (struct arena *arena, enum refusal_code code,
                              const char *format, ...) PRINTF_LIKE (3, 4);

/* ---- core_ask.c -------------------------------------------------------------------- */

void asks_expire (struct core *core);
void ask_answer (struct core *core, enum speaker speaker, const struct reply *reply);
void asks_settle (struct core *core, bool committed);
int64_t asks_wake_ms (const struct core *core);
void result_take (struct core *core, uint64_t effect, int sysexit, const char *detail);
void results_keep (struct core *core, const struct input *inputs, size_t n_inputs);
void results_retry (struct core *core);
void results_done (struct core *core);

/* ---- core_rebuild.c ---------------------------------------------------------------- */

/* Tables of the store that are facts; how many. They are what a rebuild makes and a scrub
 * compares. */
#define FACT_TABLES_MAX STORE_TABLES_MAX
size_t fact_tables (const struct core *core, unsigned ret_tables[FACT_TABLES_MAX]);
/* Facts folded anew in the open write transaction; views and positions forgotten. */
MUST_CHECK int facts_refold (struct core *core, struct err *err);

/* ---- core_damaged.c ---------------------------------------------------------------- */

/* A read found it; 'problem' static text or NULL. It is named in the next batch. */
void damaged_note (struct core *core, uint64_t sequence, const char *problem);
/* There should be an entry, but its header cannot be read. Notes it. */
bool damaged_is_here (struct core *core, struct txn *txn, uint64_t sequence);
bool damaged_was_named (struct txn *txn, uint64_t sequence); /* mended since, perhaps */
void damaged_load (struct core *core, struct txn *txn);
void damaged_name (struct core *core); /* in the batch */
void damaged_settle (struct core *core, bool committed);
bool damaged_wants_turn (const struct core *core);
void damaged_apply (struct core *core, const struct entry *entry);
/* What a follower is sent in its place. Memory: the scratch arena. */
struct followed damaged_stand_in (struct core *core, struct txn *txn, uint64_t sequence);
/* A followed entry is such a stand-in: park it, under its source. False: it is none. */
bool damaged_pass_over (struct core *core, const struct source *source,
                        const struct entry *entry, struct hash *ret_leaf_hash);

/* ---- core_scrub.c ------------------------------------------------------------------ */

/* Begin one, if none runs. */
MUST_CHECK int scrub_begin (struct core *core, struct err *err);
void scrub_go_on (struct core *core); /* one slice, when its time has come */
int64_t scrub_wake_ms (const struct core *core, int64_t now_ms);
void scrub_end (struct core *core);
void scrub_remove_left (const struct core *core); /* of a process that died */
void scrub_tell (const struct core *core, struct scrub *ret);

/* A core that has facts and nothing else, in a folder of 'core's store. */
MUST_CHECK int core_open_shadow (struct core *core, const char *dir,
                                 struct core **ret_shadow, struct err *err);

/* ---- core_schema.c ----------------------------------------------------------------- */

bool schema_is_new_store (struct core *core, struct txn *txn);
void schema_begin (struct core *core, struct txn *txn); /* of a new store */
/* May this program open it? Says in 'is_older' whether it has to migrate. */
MUST_CHECK int schema_look (struct core *core, struct txn *txn, struct err *err);
MUST_CHECK int schema_migrate (struct core *core, struct err *err);

/* ---- core_forecast.c --------------------------------------------------------------- */

/* When the store will refuse filings, if it grows on as lately; 0: not known, or in so many
 * years that it is no date. */
int64_t forecast_full_ms (struct core *core, struct txn *txn, int64_t now_ms);

/* ---- core_verify.c ----------------------------------------------------------------- */

void verify_begin (struct core *core, const struct sender *sender, enum output_kind kind);
void verify_forget (struct core *core, struct bytes peer);
void verify_go_on (struct core *core, struct txn *txn); /* while speaking */

/* ---- core_control.c ---------------------------------------------------------------- */

void control_answer (struct core *core, struct txn *txn, const struct sender *sender,
                     enum output_kind kind, const struct control *control);
size_t gauges_read (struct core *core, struct txn *txn, struct arena *arena,
                    struct gauge **ret_gauges);

/* ---- core_metrics.c ---------------------------------------------------------------- */

const char *metrics_text (struct core *core, struct txn *txn, struct arena *arena);

#endif
