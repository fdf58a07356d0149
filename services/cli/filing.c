/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/filing.h"

#include "base/civil.h"
#include "base/number.h"
#include "rules/rules.h"
#include "wire/limits.h"
#include "wire/names.h"
#include "wire/wire.h"

#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

const char *const filing_names[FILING_FIELDS][6] = {
    [FILING_VILLAGE] = { "village", "village_code" },
    [FILING_TITLE] = { "title", "topic" },
    [FILING_TEXT] = { "text", "detail", "content" },
    [FILING_CATEGORY] = { "category", "level1" },
    [FILING_PURPOSE] = { "purpose" },
    [FILING_FORM] = { "form" },
    [FILING_SOURCE] = { "source", "channel" },
    [FILING_UPSTREAM_NUMBER] = { "upstream_number" },
    [FILING_UPSTREAM_DUE] = { "upstream_due" },
    [FILING_PERSONS] = { "persons" },
    [FILING_NAME] = { "name", "petitioner" },
    [FILING_TELEPHONE] = { "telephone", "phone" },
    [FILING_IDENTITY] = { "identity", "id_number" },
    [FILING_ADDRESS] = { "address" },
    [FILING_RESIDENCE] = { "residence" },
    [FILING_ON_BEHALF] = { "on_behalf" },
    [FILING_ANONYMOUS] = { "anonymous" },
    [FILING_VULNERABLE] = { "vulnerable" },
    [FILING_HARDSHIP] = { "hardship" },
    [FILING_URGENT] = { "urgent" },
    [FILING_THREAT] = { "threat" },
    [FILING_CONSENT_PUBLISH] = { "consent_publish" },
    [FILING_ACCUSED] = { "accused" },
    [FILING_FILED_AT] = { "filed_at", "time" },
    [FILING_REPEATS] = { "repeats_number" },
    [FILING_REACHED] = { "reached" },
};

/* Statistical codes: 12 digits down to the village. */
#define VILLAGE_DIGITS 12

/* What the building needs on its way. */
struct draft {
    struct cli *cli;
    const char *const *texts;
    struct arena *arena;
};

static const char *said (const struct draft *draft, enum filing_field field)
{
    const char *text = draft->texts[field];
    return text != NULL && text[0] != '\0' ? text : NULL;
}

static int wrong (const struct draft *draft, enum filing_field field, const char *what)
{
    return err_set (&draft->cli->err, -EINVAL, "%s: %s", filing_names[field][0], what);
}

static bool flag (const struct draft *draft, enum filing_field field)
{
    const char *text = draft->texts[field];
    return text != NULL && text[0] != '\0' && strcmp (text, "0") != 0 &&
           strcmp (text, "no") != 0 && strcmp (text, "false") != 0;
}

static int number (const struct draft *draft, enum filing_field field, uint64_t max,
                   uint64_t *ret)
{
    const char *text = said (draft, field);
    if (text == NULL)
        return 0;
    return cli_unsigned (draft->cli, filing_names[field][0], text, max, ret);
}

/* A time, or a day, which then begins at 0:00. */
static int moment (const struct draft *draft, enum filing_field field, int64_t *ret_ms)
{
    const char *text = said (draft, field);
    int32_t day;
    if (text == NULL)
        return 0;
    if (strlen (text) < CIVIL_TIME_SIZE - 1) {
        if (civil_parse_day (text, &day, &draft->cli->err) < 0)
            return err_prefix (&draft->cli->err, "%s", filing_names[field][0]);
        *ret_ms = civil_day_start_ms (day);
        return 0;
    }
    if (civil_parse_time (text, ret_ms, &draft->cli->err) < 0)
        return err_prefix (&draft->cli->err, "%s", filing_names[field][0]);
    return 0;
}

static int build_matter (const struct draft *draft, uint32_t terminal,
                         struct matter *matter)
{
    uint64_t persons = 0;
    const char *text;
    if (said (draft, FILING_VILLAGE) == NULL)
        return wrong (draft, FILING_VILLAGE,
                      _ ("is missing: the 12-digit code of the village of the matter"));
    if (strlen (said (draft, FILING_VILLAGE)) != VILLAGE_DIGITS)
        return wrong (draft, FILING_VILLAGE, _ ("has 12 digits, such as 340522100201"));
    if (number (draft, FILING_VILLAGE, UINT64_C (999999999999), &matter->village) < 0 ||
        number (draft, FILING_PERSONS, LIMIT_PERSONS, &persons) < 0)
        return draft->cli->err.code;
    matter->purpose = PURPOSE_REQUEST;
    if ((text = said (draft, FILING_PURPOSE)) != NULL &&
        !purpose_parse (text, &matter->purpose))
        return wrong (
            draft, FILING_PURPOSE,
            _ ("is one of appeal, request, suggestion, accusation, inquiry, other"));
    if ((text = said (draft, FILING_FORM)) != NULL && !form_parse (text, &matter->form))
        return wrong (draft, FILING_FORM,
                      _ ("is one of online, letter, telephone, fax, visit"));
    if ((text = said (draft, FILING_SOURCE)) != NULL &&
        !channel_parse (text, &matter->channel))
        return wrong (draft, FILING_SOURCE,
                      _ ("is one of direct, cadre_visit, forwarded, assigned"));
    if (moment (draft, FILING_UPSTREAM_DUE, &matter->upstream_due_ms) < 0)
        return draft->cli->err.code;
    if ((text = said (draft, FILING_REACHED)) != NULL &&
        !cli_reached_parse (text, &matter->reached))
        return wrong (draft, FILING_REACHED,
                      _ ("is one of county, city, province, capital"));
    if ((text = said (draft, FILING_CATEGORY)) != NULL && strlen (text) > LIMIT_CATEGORY)
        return wrong (draft, FILING_CATEGORY, _ ("is too long"));
    matter->category = said (draft, FILING_CATEGORY);
    matter->terminal = terminal;
    matter->persons = (uint32_t) persons;
    matter->on_behalf = flag (draft, FILING_ON_BEHALF);
    matter->anonymous = flag (draft, FILING_ANONYMOUS);
    matter->vulnerable = flag (draft, FILING_VULNERABLE);
    matter->hardship = flag (draft, FILING_HARDSHIP);
    matter->urgent = flag (draft, FILING_URGENT);
    matter->threat = flag (draft, FILING_THREAT);
    matter->consent_publish = flag (draft, FILING_CONSENT_PUBLISH);
    return 0;
}

static int build_statement (const struct draft *draft, const char *origin,
                            struct statement *statement)
{
    struct petitioner *person = ARENA_NEW (draft->arena, struct petitioner);
    person->name = said (draft, FILING_NAME);
    person->telephone = said (draft, FILING_TELEPHONE);
    person->identity = said (draft, FILING_IDENTITY);
    person->address = said (draft, FILING_ADDRESS);
    if (number (draft, FILING_RESIDENCE, UINT64_C (999999999999), &person->residence) < 0)
        return draft->cli->err.code;
    statement->person = person;
    statement->title = said (draft, FILING_TITLE);
    statement->text = said (draft, FILING_TEXT);
    if (statement->text == NULL)
        statement->text = statement->title;
    if (statement->text == NULL)
        return wrong (draft, FILING_TEXT, _ ("is missing: what is it about?"));
    if (strlen (statement->text) > LIMIT_TEXT)
        return wrong (draft, FILING_TEXT,
                      _ ("is longer than 60,000 bytes (20,000 characters); "
                         "file the rest as a supplement"));
    if (statement->title != NULL && strlen (statement->title) > LIMIT_TITLE)
        return wrong (draft, FILING_TITLE,
                      _ ("is longer than 1,500 bytes (500 characters)"));
    statement->upstream_number = said (draft, FILING_UPSTREAM_NUMBER);
    statement->origin = origin;
    const char *repeats = said (draft, FILING_REPEATS);
    if (repeats != NULL && cli_number (draft->cli, repeats, &statement->repeats) < 0)
        return err_prefix (&draft->cli->err, "repeats");
    return 0;
}

/* "1007" or "1007/20071" (an officer of it), several separated by commas. */
static int build_accused (const struct draft *draft, struct filing *filing)
{
    const char *text = said (draft, FILING_ACCUSED);
    if (text == NULL)
        return 0;
    filing->accused = ARENA_ARRAY (draft->arena, struct accused, LIMIT_ACCUSED);
    char *list = arena_text (draft->arena, text), *rest = list;
    for (char *one; (one = strsep (&rest, ",;")) != NULL;) {
        if (filing->n_accused == LIMIT_ACCUSED)
            return wrong (draft, FILING_ACCUSED, _ ("names more than 16"));
        struct accused *accused = &filing->accused[filing->n_accused++];
        char *officer = strchr (one, '/');
        uint64_t value = 0;
        if (officer != NULL) {
            *officer++ = '\0';
            if (cli_unsigned (draft->cli, "accused", officer, UINT32_MAX, &value) < 0)
                return draft->cli->err.code;
            accused->person = (uint32_t) value;
        }
        if (cli_department (draft->cli, one, &accused->department) < 0)
            return err_prefix (&draft->cli->err, "accused");
    }
    return 0;
}

/* Accusations travel whole for the discipline organ's key alone (DOMAIN: §8). The tables
 * name that organ and its key; without them the terminal cannot seal, and must not send
 * in clear. */
static int seal (const struct draft *draft, struct filing *filing)
{
    const struct rules *rules = cli_rules (draft->cli);
    if (rules == NULL)
        return err_prefix (&draft->cli->err,
                           _ ("an accusation is sealed by the tables of the place"));
    uint32_t accused[LIMIT_ACCUSED]; /* who is complained of gets nothing to open */
    for (size_t i = 0; i < filing->n_accused; i++)
        accused[i] = filing->accused[i].department;
    const struct department *organ =
        department_sealing (rules, filing->matter->village, accused, filing->n_accused);
    if (organ == NULL)
        return 0; /* the place has no key: intake decides */
    /* What it is about is a circumstance too: it travels inside. */
    filing->statement->category = filing->matter->category;
    filing->matter->category = NULL;
    struct bytes clear = statement_encode (draft->arena, filing->statement);
    uint8_t *sealed = arena_take (draft->arena, clear.size + crypto_box_SEALBYTES);
    if (sodium_init () < 0 ||
        crypto_box_seal (sealed, clear.data, clear.size, organ->seal_key) != 0)
        return err_set (&draft->cli->err, -EINVAL, _ ("the seal key of %s is no key"),
                        organ->name);
    filing->sealed = BYTES (sealed, clear.size + crypto_box_SEALBYTES);
    filing->statement = NULL;
    filing->matter->sealed = true;
    return 0;
}

int filing_build (struct cli *cli, const char *const texts[FILING_FIELDS],
                  uint32_t terminal, const char *origin, int64_t now_ms,
                  struct arena *arena, struct filing **ret_filing)
{
    struct draft draft = { .cli = cli, .texts = texts, .arena = arena };
    struct filing *filing = ARENA_NEW (arena, struct filing);
    filing->matter = ARENA_NEW (arena, struct matter);
    filing->statement = ARENA_NEW (arena, struct statement);
    filing->filed_at_ms = now_ms;
    int rc = build_matter (&draft, terminal, filing->matter);
    if (rc == 0)
        rc = build_statement (&draft, origin, filing->statement);
    if (rc == 0)
        rc = moment (&draft, FILING_FILED_AT, &filing->filed_at_ms);
    if (rc == 0 && filing->filed_at_ms > now_ms)
        rc = wrong (&draft, FILING_FILED_AT,
                    _ ("is in the future: a grievance is filed when it was put forward"));
    if (rc == 0)
        rc = build_accused (&draft, filing);
    if (rc == 0 && filing->matter->purpose == PURPOSE_ACCUSATION)
        rc = seal (&draft, filing);
    if (rc == 0)
        *ret_filing = filing;
    return rc;
}
