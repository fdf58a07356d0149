/* SPDX-License-Identifier: Apache-2.0 */
/* The law of notification: pure functions over an entry, a record, tables and the settings
 * of the place. They open nothing, read no clock and change nothing.
 *
 * Who is told what: decide_notices.c, decide_parameters.c. How a notice goes on:
 * decide_sending.c:
 *
 *             ┌──────── later (its lane is taken) ──┐
 *             ▼                                     │        ┌─ ok ─────▶ SENT ─ handed ▶ DELIVERED
 *   ───▶ QUEUED ──────────── send ──────────────▶ SENDING ──┼─ temporary ▶ FAILED ── send ─▶ SENDING
 *             ▲                                     │        ├─ never ───▶ QUEUED by the next outlet,
 *             └────────────── next outlet ──────────┘        │            or ABANDONED
 *                                                            └─ stopped ─▶ MAYBE_SENT (mail: once more)
 *   restored:  QUEUED, FAILED, or its cause of before the restoration ─▶ MAYBE_SENT
 *   printed at the village:  QUEUED ─ printed ▶ SENT ─ handed ▶ DELIVERED;
 *                            late ▶ UNREACHABLE ─ handed ▶ DELIVERED
 *   a reminder that nobody needs any more:  QUEUED, SENT ─ moot ▶ ABANDONED
 */
#ifndef MINQING_SERVICES_NOTIFICATION_LAW_H
#define MINQING_SERVICES_NOTIFICATION_LAW_H

#include "notification/store.h"
#include "rules/rules.h"
#include "runtime/core.h"

/* ---- settings of the place -------------------------------------------------------- */

struct notification_policy {
    enum language language;
    enum way sms_way; /* petitioners with a telephone; WAY_NONE: all is printed */
    const char *sms_address;
    enum way instead_way; /* all officers by this one outlet; WAY_NONE: by their own */
    const char *instead_address;
    bool no_mail;         /* no mail server is named: outlets by mail are passed over */
    int64_t digest_ms;    /* departments and dispatchers: how long arrivals gather */
    int32_t daily_minute; /* persons: when the day's digest goes */
    int32_t quiet_from_minute, quiet_until_minute; /* petitioners */
};

/* From minqing.conf, with the defaults that README.md names. */
void notification_policy_read (struct core *core, struct notification_policy *ret);

/* ---- who is told what -------------------------------------------------------------- */

enum gathering { GATHER_NOT, GATHER_SHORT, GATHER_DAILY };

struct notification_telling {
    enum recipient recipient;
    uint32_t to;
    const char *template;
    enum gathering gathering;
    bool urgent;           /* no quiet hours */
    int64_t not_before_ms; /* a reminder: when its time has come; 0: now */
    int64_t caused_ms;     /* by an entry of then; 0: now */
    struct parameter *parameters;
    size_t n_parameters;
};

/* Tellings of one entry: the petitioner, the department, assisting ones, persons. The
 * entry of a printed notice that nobody handed over is told to the dispatcher. */
#define TELLINGS_MAX DECISION_EVENTS_MAX

struct notification_question {
    const struct rules *rules;
    struct arena *arena;
    const struct entry *entry;
    bool was_told; /* the department of 'entry->moved' heard of this grievance before */
    const struct notification_notice *told; /* RAISE_ENDED: who heard of the raise */
    size_t n_told;
};

/* When the period that begins with this entry ends, or what a raise itself says; 0: there
 * is none. */
int64_t notification_due_ms (const struct notification_question *question,
                             enum stage stage);
/* Fill in the parameters, {due} as the end of 'stage'. */
void notification_parameters (const struct notification_question *question,
                              enum stage stage, struct notification_telling *telling);

/* How many; none is the answer for most entries. */
size_t notification_tellings (const struct notification_question *question,
                              struct notification_telling ret[TELLINGS_MAX]);

/* ---- by which outlet ---------------------------------------------------------------- */

struct notification_route {
    enum way way;
    const char *address; /* NULL where the way needs none */
    bool is_robot;       /* takes 20 messages a minute, WeCom and DingTalk */
};

/* The recipient's outlet number 'outlet' of those that can be used here; WAY_NONE: it has
 * no such. */
void notification_route (const struct rules *rules,
                         const struct notification_policy *policy,
                         enum recipient recipient, uint32_t to, unsigned outlet,
                         struct notification_route *ret);

/* When it may go: a petitioner's outside of the quiet hours, unless it is urgent. */
int64_t notification_not_before_ms (const struct notification_policy *policy,
                                    enum recipient recipient, enum way way, bool urgent,
                                    int64_t now_ms);
/* When a digest that begins to gather now goes. */
int64_t notification_gathered_ms (const struct notification_policy *policy,
                                  enum gathering gathering, int64_t now_ms);

/* ---- how it goes on ----------------------------------------------------------------- */

enum notice_event {
    NOTICE_LATER, /* its lane is taken */
    NOTICE_SEND,
    NOTICE_OK, /* the channel took it */
    NOTICE_TEMPORARY,
    NOTICE_NEVER,
    NOTICE_STOPPED, /* the daemon stopped meanwhile */
    NOTICE_NEXT,    /* go on by the next outlet */
    NOTICE_PRINTED,
    NOTICE_HANDED,
    NOTICE_LATE, /* nobody handed it over in time */
    NOTICE_MOOT, /* a reminder that nobody needs any more */
    NOTICE_EVENT_COUNT
};

/* The state after it; NOTICE_NONE: no such step from here. */
enum notice_state notification_next (enum notice_state from, enum notice_event event);

#define NOTICE_TRIES_MAX 8 /* by one outlet: about two hours */

/* When to try again after try number 'tries' (1 …): 30 s doubling up to an hour, a quarter
 * of it spread by the notice's number. */
int64_t notification_retry_ms (uint64_t notice, unsigned tries, int64_t now_ms);

/* The lane of an address, and how far apart its slots are. */
uint64_t notification_lane (const struct notification_route *route);
int64_t notification_lane_gap_ms (const struct notification_route *route);

#endif
