/* SPDX-License-Identifier: Apache-2.0 */
/* Law of the filing.
 *
 * The header gets the clear matter: what routing, clocks and counts need, and nothing that
 * names a person. A category that the tables do not have stands in the statement as it
 * was said, and the header keeps its deepest known beginning: free text may name anybody.
 * The category of an accusation is a circumstance of it (信访工作条例 art. 30) and stays out
 * of the header altogether; a terminal that seals has sealed it in.
 *
 * The clock. 'filed_at' counts if it is not after registration and not before the
 * terminal's previous record; else registration counts. Both are kept. */
#include "intake/decide_filing.h"

#include <inttypes.h>
#include <string.h>

#include "base/civil.h"
#include "base/fault.h"
#include "base/number.h"
#include "rules/deadline.h"
#include "rules/responsibility.h"
#include "wire/wire.h"

/* The law's own sum, accept and decide (art. 23, 34), where a table has no row for it. */
#define LAW_WHOLE_DAYS 75

static bool refuse_field (struct decision *decision, enum refusal_code code,
                          const char *field, const char *sentence)
{
    decision_refuse (decision, code, "%s", sentence)->field = field;
    return false;
}

/* Sent under another counter: by a copy of the spool, or by what the disk was before it was
 * restored. Nobody else has the code. */
static bool is_this_slip (const struct filing *filing,
                          const struct intake_filing_facts *facts)
{
    char code[QUERY_CODE_TEXT_SIZE];
    struct hash hash;
    if (query_code_parse (filing->query_code, code, NULL) < 0)
        return false;
    intake_code_hash (facts->secret, filing->number, code, &hash);
    return hash_equal_secret (&hash, &facts->code_hash);
}

static bool number_fits (const struct client *terminal, const struct filing *filing,
                         const struct intake_filing_facts *facts,
                         struct decision *decision)
{
    uint64_t number = filing->number;
    if (!number_is_valid (number))
        return refuse_field (decision, REFUSAL_BAD_NUMBER, "number",
                             "not a grievance number: date, terminal, serial of the day");
    if (number_terminal (number) != terminal->number ||
        filing->matter->terminal != terminal->number)
        return refuse_field (decision, REFUSAL_BAD_NUMBER, "number",
                             "the number belongs to another terminal than the one that "
                             "sends it");
    if (!facts->time_is_uncertain &&
        number_day (number) > civil_day (decision->now_ms + INTAKE_CLOCK_SLACK_MS))
        return refuse_field (decision, REFUSAL_FUTURE, "number",
                             "the number's date has not come: set the terminal's clock");
    if (facts->number_is_taken && is_this_slip (filing, facts))
        return refuse_field (decision, REFUSAL_REGISTERED, "number",
                             "this filing is registered already: nothing to correct");
    if (facts->number_is_taken)
        return refuse_field (decision, REFUSAL_NUMBER_TAKEN, "number",
                             "this number is registered already: file under a new one");
    return true;
}

static bool place_fits (const struct rules *rules, const struct client *terminal,
                        const struct filing *filing, struct decision *decision)
{
    uint64_t village = filing->matter->village;
    if (!village_find (rules, village)) {
        decision_refuse (decision, REFUSAL_UNKNOWN_VILLAGE,
                         "village %012" PRIu64 " is in no table: choose it from the list",
                         village)
            ->field = "matter.village";
        return false;
    }
    if (!client_covers (terminal, village)) {
        decision_refuse (decision, REFUSAL_TERRITORY,
                         "this terminal does not file for village %012" PRIu64, village)
            ->field = "matter.village";
        return false;
    }
    return true;
}

/* Departments complained of; 'ret' has room for LIMIT_ACCUSED. */
static size_t accused_departments (const struct filing *filing, uint32_t *ret)
{
    size_t count = filing->n_accused < LIMIT_ACCUSED ? filing->n_accused : LIMIT_ACCUSED;
    for (size_t i = 0; i < count; i++)
        ret[i] = filing->accused[i].department;
    return count;
}

/* Accusations travel sealed wherever somebody has a key to open them; nothing else does,
 * since nobody else could read it. */
static bool content_fits (const struct rules *rules, const struct filing *filing,
                          struct decision *decision)
{
    bool is_sealed = filing->sealed.size > 0;
    bool is_accusation = filing->matter->purpose == PURPOSE_ACCUSATION;
    uint32_t accused[LIMIT_ACCUSED];
    size_t n_accused = accused_departments (filing, accused);

    if (is_sealed == (filing->statement != NULL))
        return refuse_field (decision, REFUSAL_MISSING, "statement",
                             "exactly one of statement and sealed");
    if (is_sealed && !is_accusation)
        return refuse_field (decision, REFUSAL_MALFORMED, "sealed",
                             "only accusations are sealed: nobody could read this");
    if (!is_sealed && is_accusation &&
        department_sealing (rules, filing->matter->village, accused, n_accused))
        return refuse_field (decision, REFUSAL_MUST_SEAL, "statement",
                             "an accusation is sealed at the terminal for the discipline "
                             "organ's key");
    return true;
}

static bool time_fits (const struct filing *filing,
                       const struct intake_filing_facts *facts, struct decision *decision)
{
    if (!facts->time_is_uncertain &&
        filing->filed_at_ms > decision->now_ms + INTAKE_CLOCK_SLACK_MS)
        return refuse_field (decision, REFUSAL_FUTURE, "filed_at_ms",
                             "filed later than now: set the terminal's clock");
    return true;
}

static bool code_fits (const struct filing *filing, struct decision *decision,
                       char ret_code[QUERY_CODE_TEXT_SIZE])
{
    if (query_code_parse (filing->query_code, ret_code, NULL) < 0)
        return refuse_field (decision, REFUSAL_MALFORMED, "query_code",
                             "not a query code: eight characters from the slip");
    return true;
}

void intake_code_hash (const uint8_t *secret, uint64_t number, const char *code,
                       struct hash *ret_hash)
{
    uint8_t input[8 + QUERY_CODE_TEXT_SIZE - 1];
    put_be64 (input, number);
    memcpy (input + 8, code, sizeof (input) - 8);
    keyed_hash (secret, BYTES_OF (input), ret_hash);
}

/* The clear matter as the tables know it. */
static struct matter *matter_of (const struct rules *rules, const struct filing *filing,
                                 struct arena *arena,
                                 const struct category **ret_category)
{
    struct matter *matter = ARENA_NEW (arena, struct matter);
    *matter = *filing->matter;
    matter->sealed = filing->sealed.size > 0;
    if (matter->purpose == PURPOSE_NONE)
        matter->purpose = PURPOSE_OTHER;
    if (matter->persons == 0)
        matter->persons = 1;
    if (matter->persons > LIMIT_PERSONS)
        matter->persons = LIMIT_PERSONS;

    const struct category *category = category_nearest (rules, matter->category);
    if (matter->purpose == PURPOSE_ACCUSATION)
        category = NULL;
    matter->category = category ? category->path : NULL;
    *ret_category = category;

    if (filing->statement) {
        assert (!FAULT (DIE_OF_INPUT) || !fault_is_poison (filing->statement->title));
        unsigned flags = urgent_flags (rules, bytes_of_text (filing->statement->title)) |
                         urgent_flags (rules, bytes_of_text (filing->statement->text));
        matter->urgent |= (flags & WORD_URGENT) != 0;
        matter->threat |= (flags & WORD_THREAT) != 0;
    }
    return matter;
}

/* What was said, with the category where the header could not take it as it was. */
static struct statement *statement_of (const struct filing *filing,
                                       const struct matter *matter, struct arena *arena)
{
    const char *said = filing->matter->category;
    if (!filing->statement || !said ||
        (matter->category && strcmp (matter->category, said) == 0))
        return filing->statement;
    struct statement *statement = ARENA_NEW (arena, struct statement);
    *statement = *filing->statement;
    statement->category = said;
    return statement;
}

static int64_t counted_from (const struct filing *filing,
                             const struct intake_filing_facts *facts, int64_t now_ms)
{
    int64_t filed_at_ms = filing->filed_at_ms;
    bool counts =
        filed_at_ms > 0 && filed_at_ms <= now_ms && filed_at_ms >= facts->written_ms;
    return counts ? filed_at_ms : now_ms;
}

static void set_last_day (const struct rules *rules, const struct matter *matter,
                          const struct category *category, struct registered *registered)
{
    enum urgency urgency = urgency_of (category, matter->urgent || matter->threat);
    int64_t from_ms = registered->counted_from_ms;
    struct duty_plan plan;
    if (duty_plan (rules, STAGE_WHOLE, matter->purpose, urgency, false, from_ms, &plan) <
        0)
        deadline_compute (rules, from_ms, LAW_WHOLE_DAYS, UNIT_DAY, true, &plan.due);
    registered->last_day_ms = plan.due.due_ms;
    registered->provisional = plan.due.provisional;
}

/* A forecast for the receipt. Routing names the department; what it says, binds. */
static void set_expected (const struct rules *rules, const struct filing *filing,
                          const struct matter *matter, struct registered *registered)
{
    uint32_t excluded[LIMIT_ACCUSED];
    struct responsibility_question question = {
        .village = matter->village,
        .category = matter->category,
        .purpose = matter->purpose,
        .excluded = excluded,
    };
    if (matter->purpose == PURPOSE_ACCUSATION)
        question.excluded_count = accused_departments (filing, excluded);

    struct responsibility_answer answer;
    rules_responsible (rules, &question, &answer);
    registered->expected_department = answer.department;
    registered->responsibility_row = answer.row;
    registered->table_version = rules->version[RULES_RESPONSIBILITY];
}

void intake_decide_filing (const struct rules *rules, const struct client *terminal,
                           const struct filing *filing,
                           const struct intake_filing_facts *facts,
                           struct decision *decision)
{
    char code[QUERY_CODE_TEXT_SIZE];
    if (!number_fits (terminal, filing, facts, decision) ||
        !place_fits (rules, terminal, filing, decision) ||
        !content_fits (rules, filing, decision) || !time_fits (filing, facts, decision) ||
        !code_fits (filing, decision, code))
        return;

    struct arena *arena = decision->arena;
    struct registered *registered = ARENA_NEW (arena, struct registered);
    const struct category *category;
    struct matter *matter = matter_of (rules, filing, arena, &category);
    registered->filed_at_ms = filing->filed_at_ms;
    registered->counted_from_ms = counted_from (filing, facts, decision->now_ms);
    set_last_day (rules, matter, category, registered);
    set_expected (rules, filing, matter, registered);
    struct hash *code_hash = ARENA_NEW (arena, struct hash);
    intake_code_hash (facts->secret, filing->number, code, code_hash);
    registered->code_hash = hash_view (code_hash);

    struct filing_body body = {
        .statement = statement_of (filing, matter, arena),
        .sealed = filing->sealed,
        .accused = filing->accused,
        .n_accused = filing->n_accused,
    };
    struct event *event = decision_event (decision, KIND_REGISTERED);
    event->entry.grievance = filing->number;
    event->entry.matter = matter;
    event->entry.registered = registered;
    event->body = filing_body_encode (arena, &body);
}
