/* SPDX-License-Identifier: Apache-2.0 */
/* A town: several daemons' cores in one process, with clients, a stepped clock and a
 * post office in memory instead of sockets. The stores are real, on disk but unsynced.
 *
 *     struct town *town = town_create (&(struct town_options){
 *         .tables_dir = SOURCE_DIR "/deploy/config/tables",
 *         .specs = { &intake_service, &routing_service } });
 *     struct town_client *terminal = town_client (town, ROLE_TERMINAL, 101, .village = …);
 *     struct outcome *outcome =
 *         town_command (terminal, SPEAKER_INTAKE, &(struct command){ .file = &filing });
 *     town_step (town, 60 * CIVIL_DAY_MS);
 *     town_destroy (&town);
 *
 * Everything happens in a fixed order: the same calls give the same journals, byte for
 * byte. Daemons start with the first thing that needs them; clients may be added later.
 * What a function cannot do fails the test (assert). The daemons are quiet unless
 * $TOWN_LOG names a level ("info"). */
#ifndef MINQING_SUPPORT_TOWN_H
#define MINQING_SUPPORT_TOWN_H

#include "runtime/core.h"
#include "wire/wire.h"

#define TOWN_SPECS_MAX 4

struct town;
struct town_client;

struct town_options {
    const char *tables_dir;
    const struct service_spec *specs[TOWN_SPECS_MAX]; /* in order; NULL after the last */
    int64_t start_ms;                                 /* 0: Monday 2026-11-23 09:00 */
    size_t map_mib;                                   /* 0: 64 */
    size_t batch_max;                                 /* inputs of one turn; 0: 64 */
};

struct town *town_create (const struct town_options *options);
void town_destroy (struct town **town);

/* A setting of minqing.conf, before the daemons start. */
void town_set (struct town *town, const char *path, const char *value);

/* ---- clients ----------------------------------------------------------------------- */

struct town_client_options {
    uint64_t territory;
    uint32_t department;
    const char *name; /* NULL: made from the number */
};

/* A client with a key of its own; lives as long as the town. */
struct town_client *town_client_with (struct town *town, enum role role, uint32_t number,
                                      const struct town_client_options *options);
#define town_client(town, role, number, ...)                                             \
    town_client_with ((town), (role), (number),                                          \
                      &(struct town_client_options){ __VA_ARGS__ })

/* Send a command under the client's next counter (a 'counter' or 'incarnation' that is
 * set is kept) and wait for its outcome, as a client waits: over crashes, with repeats.
 * NULL: none came. The outcome lives until 'town_forget'. */
struct outcome *town_command (struct town_client *client, enum speaker speaker,
                              const struct command *command);
/* Several in one frame; 'ret_outcomes' by their place, NULL inside where none came. */
void town_commands (struct town_client *client, enum speaker speaker,
                    const struct command *commands, size_t count,
                    struct outcome **ret_outcomes);
/* The same in two halves, so that several clients may speak at once: number and send; wait
 * for what was sent. One frame of a client at a time. */
struct command *town_post_commands (struct town_client *client, enum speaker speaker,
                                    const struct command *commands, size_t count);
void town_await_outcomes (struct town_client *client, enum speaker speaker,
                          struct command *posted, size_t count,
                          struct outcome **ret_outcomes);
struct reply *town_query (struct town_client *client, enum speaker speaker,
                          const struct query *query);
struct control_reply *town_control (struct town_client *client, enum speaker speaker,
                                    enum control_verb verb);

/* Say something without waiting; what comes back stays in the client's inbox. */
void town_send (struct town_client *client, enum speaker speaker,
                const struct to_door *message);
void town_send_frame (struct town_client *client, enum speaker speaker,
                      struct bytes frame);
/* A frame of a key that nobody knows. */
void town_send_stranger (struct town *town, enum speaker speaker, struct bytes frame);

/* Take the oldest frame out of the inbox, decoded; NULL: it is empty. */
struct from_door *town_receive (struct town_client *client);
struct from_door *town_receive_stranger (struct town *town);
/* The connections end; the next thing it says comes from new ones. */
void town_hang_up (struct town_client *client);

uint64_t town_next_counter (const struct town_client *client, enum speaker speaker);

/* Free the memory of outcomes, replies and received frames handed out so far. */
void town_forget (struct town *town);

/* ---- time -------------------------------------------------------------------------- */

int64_t town_now_ms (const struct town *town);
/* Deliver and turn until nobody has anything to do at this time. */
void town_settle (struct town *town);
/* Let this much time pass: stops at every time something is due, settles there. */
void town_step (struct town *town, int64_t ms);
/* Until then; not before now. */
void town_step_until (struct town *town, int64_t at_ms);
/* Let a daemon (SPEAKER_NONE: all of them) doubt its time from its next turn or start on,
 * or settle it. What the time is stays the town's. */
void town_doubt (struct town *town, enum speaker speaker, bool is_doubting);
/* Jump to the next time anything is due, at most 'ms' from now; false: nothing was. */
bool town_step_to_next (struct town *town, int64_t ms);

/* ---- daemons ----------------------------------------------------------------------- */

struct core *town_core (struct town *town, enum speaker speaker); /* NULL: crashed */
/* Die without a clean stop; what was under way to or from it is lost. */
void town_crash (struct town *town, enum speaker speaker);
void town_stop (struct town *town, enum speaker speaker); /* cleanly */
void town_restart (struct town *town, enum speaker speaker);
/* Crash it, lose its store, and start it on a new one. */
void town_erase (struct town *town, enum speaker speaker);
/* How often it died by a failed commit, and was started again at once. */
unsigned town_deaths (const struct town *town, enum speaker speaker);
/* Let the n-th write or commit from now on fail (store/store.h). */
void town_fail_store (struct town *town, enum speaker speaker, unsigned n, int code);
/* Keep what goes from one daemon to another from arriving, or let it again; what is
 * sent meanwhile is lost, and they connect anew afterwards. */
void town_cut (struct town *town, enum speaker follower, enum speaker source);
void town_mend (struct town *town, enum speaker follower, enum speaker source);
/* Tables from another directory, as after a reload; 0 or what core_start said. */
int town_reload (struct town *town, const char *tables_dir, struct err *err);

/* ---- effects ----------------------------------------------------------------------- */

/* What an effect leads to: a sysexits(3) code, or TOWN_PENDING: 'town_finish' later.
 * Without a function every effect ends with 0. Every effect is counted. */
#define TOWN_PENDING (-1)
typedef int town_effect_fn (void *arg, enum speaker speaker, const struct effect *effect);
void town_on_effect (struct town *town, town_effect_fn *fn, void *arg);
void town_finish (struct town *town, enum speaker speaker, uint64_t effect, int sysexit,
                  const char *detail);
size_t town_effects (const struct town *town);

/* ---- looking ----------------------------------------------------------------------- */

/* Entries of a journal, decoded, in order: 'fn' for each; returns how many. */
typedef void town_entry_fn (void *arg, const struct entry *entry, struct bytes body);
uint64_t town_journal (struct town *town, enum speaker speaker, town_entry_fn *fn,
                       void *arg);
/* The same, of those behind sequence 'after'. */
uint64_t town_journal_after (struct town *town, enum speaker speaker, uint64_t after,
                             town_entry_fn *fn, void *arg);
/* How many entries of this kind (KIND_NONE: all). */
uint64_t town_count (struct town *town, enum speaker speaker, enum kind kind);
/* The newest entry of this kind; NULL: none. Lives until 'town_forget'. */
struct entry *town_last (struct town *town, enum speaker speaker, enum kind kind);
/* A gauge of the service by its name; UINT64_MAX: it has no such. */
uint64_t town_gauge (struct town *town, enum speaker speaker, const char *name);
/* SHA-256 over every record of the facts (the service's and the core's), or of the
 * service's views: equal before and after a rebuild, equal in two runs. */
struct hash town_digest (struct town *town, enum speaker speaker);
struct hash town_digest_views (struct town *town, enum speaker speaker);
/* Every record of those facts, of any core: what is digested. */
void town_facts_append (struct core *core, const struct service_spec *spec,
                        struct buffer *buffer);
/* Stop it, fold its facts anew, start it again. True when they are what they were; the
 * views are followed again with the next 'town_settle'. */
bool town_rebuild (struct town *town, enum speaker speaker);

#endif
