/* SPDX-License-Identifier: Apache-2.0 */
/* Law of supplements and asks. A withdrawal, a rating, a dispute, a request for review and
 * a confirmation are the petitioner's alone: they need the code from the slip, from whatever
 * terminal. The terminal that filed a grievance may add to it without.
 *
 * A withdrawal ends a grievance without an answer on the merits. It says why, by the closed
 * list, so that it can be counted and a second person can ask the petitioner about it. */
#include "intake/decide_ask.h"

#include "base/number.h"
#include "intake/decide_filing.h"
#include "wire/wire.h"

static bool code_opens (const struct intake_grievance *grievance, uint64_t number,
                        const char *text, const uint8_t *secret)
{
    char code[QUERY_CODE_TEXT_SIZE];
    if (query_code_parse (text, code, NULL) < 0)
        return false;
    struct hash hash;
    intake_code_hash (secret, number, code, &hash);
    return hash_equal_secret (&hash, &grievance->code_hash);
}

enum intake_access intake_access (const struct intake_grievance *grievance,
                                  uint64_t number, const char *code, uint32_t terminal,
                                  const uint8_t *secret, struct intake_codes *codes,
                                  int64_t now_ms)
{
    if (!grievance)
        return INTAKE_NOT_FOUND;
    if (!code) {
        bool is_own = terminal != 0 && number_terminal (number) == terminal;
        return is_own && !grievance->is_accusation ? INTAKE_BY_TERMINAL
                                                   : INTAKE_NOT_FOUND;
    }
    if (intake_codes_are_closed (codes, number, now_ms))
        return INTAKE_CLOSED;
    if (code_opens (grievance, number, code, secret))
        return INTAKE_BY_CODE;
    intake_codes_note_wrong (codes, number, now_ms);
    return INTAKE_NOT_FOUND;
}

enum refusal_code intake_access_refusal (enum intake_access access,
                                         const char **ret_sentence)
{
    if (access == INTAKE_CLOSED) {
        *ret_sentence = "five wrong codes within the hour: this number is closed for an "
                        "hour";
        return REFUSAL_CODE_CLOSED;
    }
    *ret_sentence = "no grievance of this number and code: both stand on the slip";
    return REFUSAL_NOT_FOUND;
}

static bool refuse_access (enum intake_access access, struct decision *decision)
{
    if (access == INTAKE_BY_CODE || access == INTAKE_BY_TERMINAL)
        return false;
    const char *sentence;
    enum refusal_code code = intake_access_refusal (access, &sentence);
    decision_refuse (decision, code, "%s", sentence);
    return true;
}

static bool refuse_field (struct decision *decision, enum refusal_code code,
                          const char *field, const char *sentence)
{
    decision_refuse (decision, code, "%s", sentence)->field = field;
    return false;
}

void intake_decide_supplement (const struct intake_grievance *grievance,
                               enum intake_access access,
                               const struct supplement *supplement,
                               struct decision *decision)
{
    if (refuse_access (access, decision))
        return;
    if (grievance->is_sealed) {
        refuse_field (decision, REFUSAL_MUST_SEAL, "text",
                      "an accusation is not supplemented in clear: file a sealed one");
        return;
    }
    struct asked_body body = { .text = supplement->text };
    struct event *event = decision_event (decision, KIND_SUPPLEMENTED);
    event->entry.grievance = supplement->number;
    event->body = asked_body_encode (decision->arena, &body);
}

/* Of two parties, the reception and the department, what came of it and how they were
 * treated: four answers, none of them owed. Fields that an ask does not use are refused as
 * a mistake, not ignored. */
static bool ratings_fit (const struct ask *ask, struct decision *decision)
{
    const struct {
        const char *field;
        uint32_t value;
    } ratings[] = {
        { "rating_reception", ask->rating_reception },
        { "rating_department", ask->rating_department },
        { "rating_reception_manner", ask->rating_reception_manner },
        { "rating_department_manner", ask->rating_department_manner },
    };
    unsigned said = 0;
    for (size_t i = 0; i < ARRAY_SIZE (ratings); i++) {
        said += ratings[i].value != 0;
        if (ratings[i].value != 0 && ask->what != ASKED_RATE)
            return refuse_field (decision, REFUSAL_MALFORMED, ratings[i].field,
                                 "ratings belong to the ask RATE");
        if (ratings[i].value > RATING_MOST)
            return refuse_field (
                decision, REFUSAL_MALFORMED, ratings[i].field,
                "a rating is 1 satisfied, 2 basically satisfied, 3 not satisfied");
    }
    if (said == 0 && ask->what == ASKED_RATE)
        return refuse_field (decision, REFUSAL_MISSING, "rating_department",
                             "rate the reception, the department or both");
    return true;
}

static bool ground_fits (const struct ask *ask, struct decision *decision)
{
    bool is_of_the_list = ask->ground >= GROUND_SETTLED && ask->ground <= GROUND_OWN_WISH;
    if (ask->what != ASKED_WITHDRAW && ask->ground != GROUND_NONE)
        return refuse_field (decision, REFUSAL_MALFORMED, "ground",
                             "a ground belongs to a withdrawal");
    if (ask->what == ASKED_WITHDRAW && !is_of_the_list)
        return refuse_field (
            decision, ask->ground == GROUND_NONE ? REFUSAL_MISSING : REFUSAL_MALFORMED,
            "ground",
            "say why it is withdrawn: settled, other way, mistaken or "
            "own wish");
    return true;
}

static bool ask_is_whole (const struct ask *ask, struct decision *decision)
{
    if (ask->what == ASKED_NONE)
        return refuse_field (decision, REFUSAL_MISSING, "what", "say what is asked");
    return ratings_fit (ask, decision) && ground_fits (ask, decision);
}

void intake_decide_ask (const struct intake_grievance *grievance,
                        enum intake_access access, const struct ask *ask,
                        struct decision *decision)
{
    /* Only the slip shows that it is the petitioner who asks. */
    if (access == INTAKE_BY_TERMINAL)
        access = INTAKE_NOT_FOUND;
    if (refuse_access (access, decision) || !ask_is_whole (ask, decision))
        return;
    if (grievance->is_sealed && ask->reason) {
        refuse_field (decision, REFUSAL_MUST_SEAL, "reason",
                      "an accusation is not explained in clear: ask without a reason");
        return;
    }

    struct arena *arena = decision->arena;
    struct asked_event *asked = ARENA_NEW (arena, struct asked_event);
    *asked = (struct asked_event){
        .what = ask->what,
        .rating_reception = ask->rating_reception,
        .rating_department = ask->rating_department,
        .rating_reception_manner = ask->rating_reception_manner,
        .rating_department_manner = ask->rating_department_manner,
        .ground = ask->ground,
    };
    struct event *event = decision_event (decision, KIND_ASKED);
    event->entry.grievance = ask->number;
    event->entry.asked = asked;
    if (ask->reason) {
        struct asked_body body = { .text = ask->reason };
        event->body = asked_body_encode (arena, &body);
    }
}
