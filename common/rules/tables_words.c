/* SPDX-License-Identifier: Apache-2.0 */
/* What the columns of the tables of words mean: templates, urgent words, documents. Built like
 * 'tables_place.c'. */
#include <string.h>

#include "base/text.h"
#include "rules/documents.h"
#include "rules/loading.h"

/* ---- templates --------------------------------------------------------------------- */

enum {
    TEMPLATE_NAME,
    TEMPLATE_LANGUAGE,
    TEMPLATE_SUBJECT,
    TEMPLATE_TEXT,
    TEMPLATE_PROVIDER
};
static const struct column template_columns[] = {
    [TEMPLATE_NAME] = { "name", false },
    [TEMPLATE_LANGUAGE] = { "language", false },
    [TEMPLATE_SUBJECT] = { "subject", false },
    [TEMPLATE_TEXT] = { "text", false },
    [TEMPLATE_PROVIDER] = { "provider", true },
};

static void read_template (struct loading *loading, void *ret_row)
{
    struct notice_template *row = ret_row;
    row->name = cell_text (loading, TEMPLATE_NAME);
    row->language = cell_name (loading, TEMPLATE_LANGUAGE, &language_names);
    row->subject = cell_text (loading, TEMPLATE_SUBJECT);
    row->text = cell_text (loading, TEMPLATE_TEXT);
    row->provider = cell_optional_text (loading, TEMPLATE_PROVIDER);
}

static int compare_templates (const void *a, const void *b)
{
    const struct notice_template *x = a, *y = b;
    int order = strcmp (x->name, y->name);
    return order != 0 ? order : ORDER (x->language, y->language);
}

static void store_templates (struct rules *rules, void *rows, size_t count)
{
    rules->templates = rows;
    rules->template_count = count;
}

const struct table_spec table_templates = { "templates",
                                            COLUMNS_OF (template_columns),
                                            .row_size = sizeof (struct notice_template),
                                            .key = "the same name and language",
                                            .read_row = read_template,
                                            .compare = compare_templates,
                                            .store = store_templates };

/* ---- urgent words ------------------------------------------------------------------ */

enum { WORD_WORD, WORD_FLAG };
static const struct column word_columns[] = {
    [WORD_WORD] = { "word", false },
    [WORD_FLAG] = { "flag", false },
};

static void read_word (struct loading *loading, void *ret_row)
{
    struct urgent_word *row = ret_row;
    row->word = cell_text (loading, WORD_WORD);
    row->size = strlen (row->word);
    row->flags = cell_flags (loading, WORD_FLAG, &word_flag_names);
    if (row->word[0] != '\0' && text_count (bytes_of_text (row->word)) < 2)
        problem (loading, "column word: one letter would be found everywhere");
}

static int compare_words (const void *a, const void *b)
{
    const struct urgent_word *x = a, *y = b;
    return strcmp (x->word, y->word);
}

static void store_words (struct rules *rules, void *rows, size_t count)
{
    rules->urgent_words = rows;
    rules->urgent_word_count = count;
    urgent_words_index (rules);
}

const struct table_spec table_urgent_words = { "urgent_words",
                                               COLUMNS_OF (word_columns),
                                               .row_size = sizeof (struct urgent_word),
                                               .key = "the same word",
                                               .read_row = read_word,
                                               .compare = compare_words,
                                               .store = store_words };

/* ---- documents --------------------------------------------------------------------- */

enum { DOCUMENT_KIND, DOCUMENT_TITLE, DOCUMENT_ARTICLE, DOCUMENT_TEXT, DOCUMENT_NOTE };
static const struct column document_columns[] = {
    [DOCUMENT_KIND] = { "kind", false },       [DOCUMENT_TITLE] = { "title", false },
    [DOCUMENT_ARTICLE] = { "article", false }, [DOCUMENT_TEXT] = { "text", false },
    [DOCUMENT_NOTE] = { "note", true },
};

static void read_document (struct loading *loading, void *ret_row)
{
    struct document_form *row = ret_row;
    row->kind = cell_name (loading, DOCUMENT_KIND, &document_names);
    row->title = cell_text (loading, DOCUMENT_TITLE);
    row->article = cell_optional_text (loading, DOCUMENT_ARTICLE);
    row->text = cell_text (loading, DOCUMENT_TEXT);
    row->note = cell_optional_text (loading, DOCUMENT_NOTE);
    if (strchr (row->title, '\n') != NULL)
        problem (loading, "column title: a title is one line");
    if (strlen (row->text) > DOCUMENT_FORM_MAX)
        problem (loading, "column text: %zu bytes; a form has at most %d",
                 strlen (row->text), DOCUMENT_FORM_MAX);
}

static int compare_documents (const void *a, const void *b)
{
    const struct document_form *x = a, *y = b;
    return ORDER (x->kind, y->kind);
}

static void store_documents (struct rules *rules, void *rows, size_t count)
{
    rules->documents = rows;
    rules->document_count = count;
}

const struct table_spec table_documents = { "documents",
                                            COLUMNS_OF (document_columns),
                                            .row_size = sizeof (struct document_form),
                                            .key = "the same kind",
                                            .read_row = read_document,
                                            .compare = compare_documents,
                                            .store = store_documents };
