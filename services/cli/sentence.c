/* SPDX-License-Identifier: Apache-2.0 */
/* Daemons speak one language, to programs too; who reads them at a counter may speak
 * another. po/update gathers their sentences into the catalogue of this command. Those
 * that carry a number or a word are listed here: what fits a pattern is taken apart, its
 * words translated one by one, and put into the translation of the pattern, which keeps
 * their order. */
#include "cli/sentence.h"

#include "cli/language.h"

#include "base/text.h"
#include "wire/names.h"

#include <stdio.h>
#include <string.h>

#define PLACE      "%s"
#define PLACES_MAX 4

static const char *const patterns[] = {
    N_ ("somebody else holds it: person %s"),
    N_ ("a grievance that is %s has no %s; it has: %s"),
    N_ ("not reached on %s days by %s means: %s days and %s means are needed"),
    N_ ("a grievance number has 18 digits and a check character, this has %s characters"),
    N_ ("%s needs %s"),
    N_ ("%s has no %s: what was meant?"),
    N_ ("village %s is in no table: choose it from the list"),
    N_ ("this terminal does not file for village %s"),
    N_ ("there is no person %s in the people table"),
    N_ ("raise %s gave no advice that could be adopted"),
    N_ ("there is no raise %s that is open"),
    N_ ("supervision %s of this level waits for its answer"),
    N_ ("supervision %s is answered by the head of department %s"),
    N_ ("raise %s stands at level %s: it is answered there, or above"),
    N_ ("raise %s is about another's duty: department %s answers"),
    N_ ("raise %s stands at level %s: %s answers it"),
    N_ ("%s is no grievance of your territory"),
    N_ ("no grievance of this number and code: both stand on the slip"),
    N_ ("five wrong codes within the hour: this number is closed for an hour"),
    N_ ("its journal is another one: the source was replaced"),
    N_ ("we have acted on entries that it does not have (it ends at %s): its store was "
        "restored by other means than 'minqing restore'"),
    N_ ("it has another entry at our position: its store was restored by other means "
        "than 'minqing restore'"),
    N_ ("the scrub found %s records that are not what the journal says: stop it and run "
        "'minqing rebuild %s'"),
    N_ ("%s has been silent for a minute or more"),
    N_ ("the journal's tree is damaged: run 'minqing verify'"),
    N_ ("the store is nearly full: new filings are put off"),
    N_ ("%s inputs are parked: a person must look (minqing journal, kind parked)"),
    N_ ("entry %s of the journal is damaged (%s in all): put it back from a backup: "
        "minqing restore DIR %s --entry %s"),
    N_ ("person %s is no leader in charge, of the joint meeting or of the county on this "
        "day"),
};

/* ---- patterns ---------------------------------------------------------------------- */

/* What stands at the places of 'pattern'; how many, 0 where it does not fit. */
static size_t take_apart (struct cli *cli, const char *sentence, const char *pattern,
                          const char *ret_words[static PLACES_MAX])
{
    size_t n_words = 0;
    for (const char *place; (place = strstr (pattern, PLACE)) != NULL;) {
        size_t before = (size_t) (place - pattern);
        if (strncmp (sentence, pattern, before) != 0)
            return 0;
        sentence += before;
        pattern = place + strlen (PLACE);
        size_t literal = strcspn (pattern, "%");
        const char *literal_text =
            arena_format (&cli->arena, "%.*s", (int) literal, pattern);
        const char *end =
            literal == 0 ? sentence + strlen (sentence) : strstr (sentence, literal_text);
        if (end == NULL || n_words == PLACES_MAX)
            return 0;
        ret_words[n_words++] =
            arena_format (&cli->arena, "%.*s", (int) (end - sentence), sentence);
        sentence = end;
    }
    return strcmp (sentence, pattern) == 0 ? n_words : 0;
}

/* A state or a step of the protocol, as it is called for people. */
static const char *word_in_language (struct cli *cli, const char *word)
{
    char *token = arena_text (&cli->arena, word);
    enum state state;
    enum step step;
    for (char *at = token; *at != '\0'; at++)
        if (*at == ' ')
            *at = '_';
    if (state_parse (token, &state) && state != STATE_NONE)
        return language_word (state, state);
    if (step_parse (token, &step) && step != STEP_NONE)
        return language_word (step, step);
    return word;
}

static const char *words_in_language (struct cli *cli, const char *words)
{
    char *rest = arena_text (&cli->arena, words);
    const char *text = "";
    if (!language_is_chinese ())
        return words;
    while (rest != NULL) {
        char *one = rest, *comma = strstr (rest, ", ");
        rest = comma != NULL ? comma + 2 : NULL;
        if (comma != NULL)
            *comma = '\0';
        text = arena_format (&cli->arena, "%s%s%s", text, text[0] != '\0' ? "、" : "",
                             word_in_language (cli, one));
    }
    return text;
}

static const char *put_together (struct cli *cli, const char *pattern,
                                 const char *const *words, size_t n_words)
{
    const char *text = "";
    for (size_t i = 0; i < n_words; i++) {
        const char *place = strstr (pattern, PLACE);
        if (place == NULL)
            break;
        text = arena_format (&cli->arena, "%s%.*s%s", text, (int) (place - pattern),
                             pattern, words_in_language (cli, words[i]));
        pattern = place + strlen (PLACE);
    }
    return arena_format (&cli->arena, "%s%s", text, pattern);
}

const char *sentence_in_language (struct cli *cli, const char *sentence)
{
    const char *words[PLACES_MAX];
    if (sentence == NULL || sentence[0] == '\0')
        return "";
    const char *translated = gettext (sentence);
    if (translated != sentence || !language_is_chinese ())
        return translated;
    for (size_t i = 0; i < ARRAY_SIZE (patterns); i++) {
        size_t n_words = take_apart (cli, sentence, patterns[i], words);
        if (n_words > 0)
            return put_together (cli, gettext (patterns[i]), words, n_words);
    }
    return sentence;
}

/* ---- refusals ---------------------------------------------------------------------- */

/* Fields of commands that an option of the same name, or this one, gives. */
static const struct {
    const char *field, *option;
} fields[] = {
    { "reason", "--reason" }, { "text", "--text" },    { "legal_basis", "--basis" },
    { "ground", "--ground" }, { "means", "--means" },  { "outcome", "--outcome" },
    { "to", "--to" },         { "worker", "--to" },    { "adoption", "--adoption" },
    { "person", "--person" }, { "link_to", "--lead" },
};

static const char *option_of (const struct refusal *refusal)
{
    for (size_t i = 0; refusal->code == REFUSAL_MISSING && refusal->field != NULL &&
                       i < ARRAY_SIZE (fields);
         i++)
        if (strcmp (refusal->field, fields[i].field) == 0)
            return fields[i].option;
    return NULL;
}

const char *sentence_of_refusal (struct cli *cli, const struct refusal *refusal)
{
    /* The fencing number is asked at routing, not of people: they claim. */
    bool is_unclaimed = refusal->code == REFUSAL_MISSING && refusal->field != NULL &&
                        strcmp (refusal->field, "fencing") == 0;
    const char *sentence = is_unclaimed ? _ ("nobody has claimed it yet: claim it first")
                           : refusal->sentence != NULL
                               ? sentence_in_language (cli, refusal->sentence)
                               : _ ("refused");
    const char *kind = cli_words (cli, language_word (refusal, refusal->code));
    const char *option = option_of (refusal);
    return option == NULL
               ? arena_format (&cli->arena, _ ("%s (%s)"), sentence, kind)
               : arena_format (&cli->arena, _ ("%s (%s: %s)"), sentence, kind, option);
}
