/* SPDX-License-Identifier: Apache-2.0 */
/* LAW: by which outlet, when, and what comes after each attempt. The diagram is in law.h. */
#include "notification/law.h"

#include <stdlib.h>
#include <string.h>

#include "base/civil.h"
#include "base/hash.h"

#define ROBOT_GAP_MS     3000 /* WeCom, DingTalk: 20 a minute, then DingTalk blocks for 10 */
#define OTHER_GAP_MS     100 /* so that a backlog leaves in order, not at once */
#define RETRY_FIRST_MS   (30 * INT64_C (1000))
#define RETRY_LONGEST_MS (60 * 60 * INT64_C (1000))
#define MINUTE_MS        (60 * INT64_C (1000))

/* ---- settings ------------------------------------------------------------------------ */

static int64_t setting_number (struct core *core, const char *path, int64_t initial)
{
    const char *text = core_setting (core, path);

    return text ? strtoll (text, NULL, 10) : initial;
}

static int32_t setting_minute (struct core *core, const char *path, int32_t initial)
{
    const char *text = core_setting (core, path);
    char *rest;
    long hours;

    if (!text)
        return initial;
    hours = strtol (text, &rest, 10);
    return (int32_t) (hours * 60 + (*rest == ':' ? strtol (rest + 1, NULL, 10) : 0));
}

/* "http://…", "https://…", "http:https://…" as in the tables, or "pipe:PROGRAM". */
static enum way setting_outlet (struct core *core, const char *path,
                                const char **ret_address)
{
    const char *text = core_setting (core, path);
    const char *colon = text ? strchr (text, ':') : NULL;

    if (!colon)
        return WAY_NONE;
    if (strncmp (text, "pipe:", 5) == 0) {
        *ret_address = text + 5;
        return WAY_PIPE;
    }
    *ret_address = strncmp (colon + 1, "//", 2) != 0 ? colon + 1 : text;
    return WAY_HTTP;
}

void notification_policy_read (struct core *core, struct notification_policy *ret)
{
    const char *language = core_setting (core, "notification/language");

    *ret = (struct notification_policy){
        .language = language && strcmp (language, "en") == 0 ? LANGUAGE_EN : LANGUAGE_ZH,
        .digest_ms = setting_number (core, "notification/digest_minutes", 10) * MINUTE_MS,
        .daily_minute = setting_minute (core, "notification/digest_at", 8 * 60 + 30),
        .quiet_from_minute =
            setting_minute (core, "notification/quiet_from", 21 * 60 + 30),
        .quiet_until_minute =
            setting_minute (core, "notification/quiet_until", 7 * 60 + 30),
        .no_mail = core_setting (core, "notification/smtp/url") == NULL,
    };
    ret->sms_way = setting_outlet (core, "notification/sms", &ret->sms_address);
    ret->instead_way =
        setting_outlet (core, "notification/instead", &ret->instead_address);
}

/* ---- by which outlet ------------------------------------------------------------------- */

/* Take outlet '*outlet' of those that can be used; where there are fewer, '*outlet' counts
 * on behind them. */
static bool route_take (const struct notification_policy *policy,
                        const struct outlet *outlets, size_t count, unsigned *outlet,
                        struct notification_route *ret)
{
    for (size_t i = 0; i < count; i++) {
        enum way way = way_of_outlet (outlets[i].kind);
        if (way == WAY_SMTP && policy->no_mail)
            continue;
        if (*outlet > 0) {
            --*outlet;
            continue;
        }
        ret->way = way;
        ret->address = outlets[i].address;
        ret->is_robot = way == WAY_HTTP;
        return true;
    }
    return false;
}

static void route_instead (const struct notification_policy *policy, unsigned outlet,
                           struct notification_route *ret)
{
    if (outlet > 0)
        return;
    ret->way = policy->instead_way;
    ret->address = policy->instead_address;
}

static void route_officer (const struct rules *rules,
                           const struct notification_policy *policy, uint32_t number,
                           unsigned outlet, struct notification_route *ret)
{
    const struct officer *officer = officer_find (rules, number);
    const struct department *department;
    size_t own = 0;

    for (size_t i = 0; i < rules->officer_count; i++) /* any row of the person may say */
        if (rules->officers[i].number == number &&
            rules->officers[i].outlet_count > own) {
            officer = &rules->officers[i];
            own = officer->outlet_count;
        }
    if (officer && route_take (policy, officer->outlets, own, &outlet, ret))
        return;
    department = officer ? department_find (rules, officer->department) : NULL;
    if (department) /* behind the person's own come those of the office */
        route_take (policy, department->outlets, department->outlet_count, &outlet, ret);
}

void notification_route (const struct rules *rules,
                         const struct notification_policy *policy,
                         enum recipient recipient, uint32_t to, unsigned outlet,
                         struct notification_route *ret)
{
    const struct department *department;

    *ret = (struct notification_route){ .way = WAY_NONE };
    if (recipient != RECIPIENT_PETITIONER && policy->instead_way != WAY_NONE) {
        route_instead (policy, outlet, ret);
        return;
    }
    switch (recipient) {
    case RECIPIENT_PETITIONER: /* a telephone, then paper */
        if (policy->sms_way != WAY_NONE && outlet == 0) {
            ret->way = policy->sms_way;
            ret->address = policy->sms_address;
        } else if (outlet == (policy->sms_way != WAY_NONE ? 1 : 0)) {
            ret->way = WAY_PRINT;
        }
        break;
    case RECIPIENT_PERSON:
        route_officer (rules, policy, to, outlet, ret);
        break;
    case RECIPIENT_DEPARTMENT:
    case RECIPIENT_DISPATCHER:
        department = department_find (rules, to);
        if (department)
            route_take (policy, department->outlets, department->outlet_count, &outlet,
                        ret);
        break;
    case RECIPIENT_NONE:
    case RECIPIENT_COUNT:
        break;
    }
}

/* ---- when -------------------------------------------------------------------------------- */

int64_t notification_not_before_ms (const struct notification_policy *policy,
                                    enum recipient recipient, enum way way, bool urgent,
                                    int64_t now_ms)
{
    int32_t day = civil_day (now_ms);
    int32_t minute = (int32_t) ((now_ms - civil_day_start_ms (day)) / MINUTE_MS);
    int32_t from = policy->quiet_from_minute, until = policy->quiet_until_minute;
    bool over_midnight = from > until;
    bool is_quiet = over_midnight ? minute >= from || minute < until
                                  : minute >= from && minute < until;

    if (recipient != RECIPIENT_PETITIONER || way == WAY_PRINT || urgent || !is_quiet)
        return now_ms;
    if (over_midnight && minute >= from)
        day++;
    return civil_day_start_ms (day) + until * MINUTE_MS;
}

int64_t notification_gathered_ms (const struct notification_policy *policy,
                                  enum gathering gathering, int64_t now_ms)
{
    int32_t day = civil_day (now_ms);
    int64_t daily_ms = civil_day_start_ms (day) + policy->daily_minute * MINUTE_MS;

    if (gathering == GATHER_NOT)
        return now_ms;
    if (gathering == GATHER_SHORT)
        return now_ms + policy->digest_ms;
    return daily_ms > now_ms ? daily_ms : daily_ms + CIVIL_DAY_MS;
}

/* ---- how it goes on ------------------------------------------------------------------------ */

static const struct {
    enum notice_state from;
    enum notice_event event;
    enum notice_state to;
} course[] = {
    { NOTICE_QUEUED, NOTICE_LATER, NOTICE_QUEUED },
    { NOTICE_QUEUED, NOTICE_SEND, NOTICE_SENDING },
    { NOTICE_QUEUED, NOTICE_NEXT, NOTICE_QUEUED },
    { NOTICE_QUEUED, NOTICE_NEVER, NOTICE_ABANDONED },
    { NOTICE_QUEUED, NOTICE_PRINTED, NOTICE_SENT },
    { NOTICE_QUEUED, NOTICE_HANDED, NOTICE_DELIVERED },
    { NOTICE_QUEUED, NOTICE_LATE, NOTICE_UNREACHABLE },
    { NOTICE_QUEUED, NOTICE_MOOT, NOTICE_ABANDONED },
    { NOTICE_QUEUED, NOTICE_STOPPED, NOTICE_MAYBE_SENT },
    { NOTICE_FAILED, NOTICE_STOPPED, NOTICE_MAYBE_SENT },
    { NOTICE_SENDING, NOTICE_OK, NOTICE_SENT },
    { NOTICE_SENDING, NOTICE_TEMPORARY, NOTICE_FAILED },
    { NOTICE_SENDING, NOTICE_NEVER, NOTICE_ABANDONED },
    { NOTICE_SENDING, NOTICE_NEXT, NOTICE_QUEUED },
    { NOTICE_SENDING, NOTICE_STOPPED, NOTICE_MAYBE_SENT },
    { NOTICE_FAILED, NOTICE_LATER, NOTICE_FAILED },
    { NOTICE_FAILED, NOTICE_SEND, NOTICE_SENDING },
    { NOTICE_FAILED, NOTICE_NEXT, NOTICE_QUEUED },
    { NOTICE_FAILED, NOTICE_NEVER, NOTICE_ABANDONED },
    { NOTICE_MAYBE_SENT, NOTICE_LATER, NOTICE_MAYBE_SENT },
    { NOTICE_MAYBE_SENT, NOTICE_SEND, NOTICE_SENDING },
    { NOTICE_MAYBE_SENT, NOTICE_NEXT, NOTICE_QUEUED },
    { NOTICE_MAYBE_SENT, NOTICE_NEVER, NOTICE_ABANDONED },
    { NOTICE_SENT, NOTICE_PRINTED, NOTICE_SENT }, /* printed again: the paper was lost */
    { NOTICE_SENT, NOTICE_HANDED, NOTICE_DELIVERED },
    { NOTICE_SENT, NOTICE_LATE, NOTICE_UNREACHABLE },
    { NOTICE_SENT, NOTICE_MOOT, NOTICE_ABANDONED },
    { NOTICE_UNREACHABLE, NOTICE_PRINTED, NOTICE_UNREACHABLE },
    { NOTICE_UNREACHABLE, NOTICE_HANDED,
      NOTICE_DELIVERED }, /* late is better than never */
};

enum notice_state notification_next (enum notice_state from, enum notice_event event)
{
    for (size_t i = 0; i < ARRAY_SIZE (course); i++)
        if (course[i].from == from && course[i].event == event)
            return course[i].to;
    return NOTICE_NONE;
}

/* A number's bits well mixed (splitmix64): spreads retries without a random number. */
static uint64_t mix (uint64_t x)
{
    x += UINT64_C (0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C (0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C (0x94D049BB133111EB);
    return x ^ (x >> 31);
}

int64_t notification_retry_ms (uint64_t notice, unsigned tries, int64_t now_ms)
{
    int64_t wait_ms = RETRY_FIRST_MS;

    for (unsigned i = 1; i < tries && wait_ms < RETRY_LONGEST_MS; i++)
        wait_ms *= 2;
    if (wait_ms > RETRY_LONGEST_MS)
        wait_ms = RETRY_LONGEST_MS;
    wait_ms += (int64_t) (mix (notice << 8 | tries) % (uint64_t) (wait_ms / 4));
    return now_ms + wait_ms;
}

uint64_t notification_lane (const struct notification_route *route)
{
    uint8_t hash[HASH16_SIZE];

    content_hash16 (bytes_of_text (route->address), hash);
    return get_be64 (hash) | 1; /* 0 says: none */
}

int64_t notification_lane_gap_ms (const struct notification_route *route)
{
    return route->is_robot ? ROBOT_GAP_MS : OTHER_GAP_MS;
}
