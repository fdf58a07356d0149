/* SPDX-License-Identifier: Apache-2.0 */
/* Between the files of the notification service. Nobody else includes this. */
#ifndef MINQING_SERVICES_NOTIFICATION_INSIDE_H
#define MINQING_SERVICES_NOTIFICATION_INSIDE_H

#include "notification/law.h"
#include "runtime/core.h"

/* A notice on its way, as far as this process knows. Contacts live here and nowhere else,
 * from intake's answer to the effect. */
struct flight {
    uint64_t notice;
    uint64_t since; /* entry that committed SENDING */
    enum { FLIGHT_NEW, FLIGHT_ASKED, FLIGHT_KNOWN, FLIGHT_STARTED } stage;
    bool seen; /* still on its way, by the store */
    char name[128];
    char telephone[64];
};

struct notification {
    struct core *core;
    struct arena scratch; /* of one apply */
    struct notification_policy policy;
    struct flight *flights;
    size_t n_flights, capacity;
};

struct flight *flight_find (struct notification *self, uint64_t notice);

/* ---- events ---------------------------------------------------------------------- */

/* One move of a notice, and of the members that go along with it. Zeroed fields are not
 * said. */
struct notification_move {
    enum notice_event event;
    int64_t next_ms;
    uint64_t lane;
    bool is_try;  /* counts as an attempt */
    bool by_next; /* attempts begin anew */
    const char *detail;
    const char *channel; /* with 'outlet' and 'until_ms': how it goes on */
    unsigned outlet;
    int64_t until_ms;
    const uint64_t *others; /* NULL: its members in the store */
    size_t n_others;
};

/* Add the event. False, and nothing said: the notice's state has no such step. */
bool notification_emit (struct txn *txn, struct decision *decision,
                        const struct notification_notice *notice,
                        const struct notification_move *move);

/* ---- what comes in (sending.c, telling.c) ------------------------------------------ */

void notification_follow (struct notification *self, struct txn *txn,
                          const struct entry *entry, struct decision *decision);
void notification_due (struct notification *self, struct txn *txn,
                       const struct agenda_row *row, struct decision *decision);
void notification_result (struct notification *self, struct txn *txn, uint64_t notice,
                          int sysexit, const char *detail, struct decision *decision);
void notification_contact (struct notification *self, struct txn *txn, uint64_t notice,
                           const struct reply *reply, struct decision *decision);
void notification_hand_over (struct notification *self, struct txn *txn,
                             const struct client *client, const struct hand_over *command,
                             struct decision *decision);

/* Queue what is told of this entry. */
void notification_queue (struct notification *self, struct txn *txn,
                         const struct entry *entry,
                         const struct notification_telling *telling,
                         struct decision *decision);
/* Its cause was lost by a restored daemon, and nobody has said it again so far. */
bool notification_is_orphan (struct notification *self, struct txn *txn,
                             const struct notification_notice *notice,
                             struct arena *arena);
/* A lost cause has led to this telling before, to the same recipient in the same words:
 * note that it was said again, and tell nobody twice. False: there is none. */
bool notification_tell_again (struct notification *self, struct txn *txn,
                              const struct entry *entry,
                              const struct notification_telling *telling,
                              struct decision *decision);
/* Is it a reminder to rate? Its paper may go when nobody comes for it. */
bool notification_is_reminder (struct notification *self, struct txn *txn,
                               const struct notification_notice *notice,
                               struct arena *arena);

/* Until when a printed notice is waited for. */
int64_t notification_until_ms (const struct rules *rules, const struct matter *matter,
                               int64_t now_ms);

/* ---- what goes out (leaving.c, query.c) --------------------------------------------- */

void notification_leave (struct notification *self, struct txn *txn, struct arena *arena,
                         struct outbox *outbox);
void notification_query (struct notification *self, struct txn *txn,
                         const struct client *client, const struct query *query,
                         struct arena *arena, struct reply *ret_reply);

/* ---- texts (render.c) ---------------------------------------------------------------- */

struct notification_text {
    const char *subject;
    const char *text;
    const char *json; /* one object, for http and pipe */
};

/* The text of a notice as its template and the tables have it now. 'contact' may be NULL.
 * Memory: the arena. False: its entry cannot be read. */
bool notification_render (struct notification *self, struct txn *txn,
                          const struct notification_notice *notice,
                          const struct flight *contact, struct arena *arena,
                          struct notification_text *ret);

/* The same on paper, inside of the sheet that the table has for it. */
bool notification_render_print (struct notification *self, struct txn *txn,
                                const struct notification_notice *notice,
                                struct arena *arena, struct notification_text *ret);

#endif
