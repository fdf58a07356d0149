/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics: Prometheus text 0.0.4 (TRAPS: promtool check metrics reads no OpenMetrics).
 * Names are minqing_SERVICE_…; nothing personal stands in a label. */
#include "runtime/core_inside.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "wire/names.h"

struct page {
    const struct core *core;
    struct buffer text;
};

static void say (struct page *page, const char *format, ...) PRINTF_LIKE (2, 3);
static void say (struct page *page, const char *format, ...)
{
    char line[512];
    va_list args;
    va_start (args, format);
    int size = vsnprintf (line, sizeof line, format, args);
    va_end (args);
    assert (size >= 0 && (size_t) size < sizeof line);
    buffer_append (&page->text, line, (size_t) size);
}

static void head (struct page *page, const char *name, const char *type, const char *help)
{
    const char *service = page->core->spec->name;
    say (page, "# HELP minqing_%s_%s %s\n", service, name, help);
    say (page, "# TYPE minqing_%s_%s %s\n", service, name, type);
}

static void line (struct page *page, const char *name, uint64_t value)
{
    say (page, "minqing_%s_%s %" PRIu64 "\n", page->core->spec->name, name, value);
}

static void label (struct page *page, const char *name, const char *key,
                   const char *value, uint64_t count)
{
    say (page, "minqing_%s_%s{%s=\"%s\"} %" PRIu64 "\n", page->core->spec->name, name,
         key, value, count);
}

static void counter (struct page *page, const char *name, const char *help,
                     uint64_t value)
{
    head (page, name, "counter", help);
    line (page, name, value);
}

static void gauge (struct page *page, const char *name, const char *help, uint64_t value)
{
    head (page, name, "gauge", help);
    line (page, name, value);
}

static void clients_tell (struct page *page)
{
    static const char *const results[COMMAND_RESULT_COUNT] = {
        [COMMAND_TAKEN] = "taken",
        [COMMAND_REFUSED] = "refused",
        [COMMAND_REPEATED] = "repeated",
        [COMMAND_PUT_OFF] = "put_off"
    };
    const struct core *core = page->core;
    const struct tally *tally = &core->tally;
    head (page, "commands_total", "counter", "Commands by what became of them.");
    for (unsigned i = 0; i < COMMAND_RESULT_COUNT; i++)
        label (page, "commands_total", "result", results[i], tally->commands[i]);
    head (page, "refusals_total", "counter", "Refusals by code.");
    for (unsigned i = REFUSAL_NONE + 1; i < REFUSAL_COUNT; i++)
        label (page, "refusals_total", "code", refusal_name ((enum refusal_code) i),
               tally->refusals[i]);
    counter (page, "bad_frames_total", "Frames that could not be read.",
             tally->bad_frames);
    counter (page, "unknown_keys_total", "Frames of keys that are in no client table.",
             tally->unknown_keys);
    counter (page, "parked_total", "Inputs set aside after three crashes.",
             tally->parked);
}

static void batches_tell (struct page *page)
{
    const struct core *core = page->core;
    counter (page, "journal_entries_total", "Entries in the journal.", core->head);
    counter (page, "batches_total", "Batches with inputs.", core->batches);
    counter (page, "batch_inputs_total", "Inputs of all batches.", core->inputs);
    gauge (page, "batch_inputs_max", "Inputs of the largest batch.", core->inputs_max);
    counter (page, "batches_undone_total", "Batches that the store could not take.",
             core->aborted);
    counter (page, "due_fired_total", "Due rows that fired.", core->tally.due);
    gauge (page, "time_uncertain", "1: its clock is in doubt, nothing is raised by it.",
           core_time_is_uncertain (core));
}

static void scrub_counts_tell (struct page *page)
{
    struct scrub scrub;
    scrub_tell (page->core, &scrub);
    gauge (page, "scrub_running", "1: facts are being held against the journal.",
           scrub.running);
    gauge (page, "scrub_timestamp_seconds", "When the last scrub ended; 0: none did.",
           (uint64_t) scrub.done_ms / 1000);
    gauge (page, "scrub_differences", "Records that it found to differ.",
           scrub.differences);
    gauge (page, "journal_mended_nodes",
           "Damaged nodes of the tree that were put back at the start.",
           journal_mended_nodes (page->core->journal));
    gauge (page, "damaged_entries", "Entries that are not what their hash says.",
           scrub.damaged);
}

static void links_tell (struct page *page)
{
    const struct core *core = page->core;
    gauge (page, "followers", "Connections that follow the journal.", core->n_followers);
    counter (page, "followed_entries_total", "Followed entries acted on.",
             core->tally.acted);
    counter (page, "unknown_entries_total", "Informative entries of unknown kinds.",
             core->tally.unknown);
    if (core->n_links == 0)
        return;
    head (page, "follow_lag_entries", "gauge",
          "Entries known at the source, not acted on.");
    for (size_t i = 0; i < core->n_links; i++) {
        const struct link *link = &core->links[i];
        uint64_t lag = link->head > link->done.acted ? link->head - link->done.acted : 0;
        label (page, "follow_lag_entries", "source", speaker_name (link->spec->speaker),
               lag);
    }
    head (page, "follow_stopped", "gauge", "1: it no longer follows this source.");
    for (size_t i = 0; i < core->n_links; i++)
        label (page, "follow_stopped", "source",
               speaker_name (core->links[i].spec->speaker),
               core->links[i].problem[0] != '\0');
}

/* Lines of one name stand together, behind one HELP and TYPE. */
static void gauges_tell (struct page *page, const struct gauge *gauges, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t size = strcspn (gauges[i].name, "{");
        bool is_first = true;
        for (size_t j = 0; j < i && is_first; j++)
            is_first = strncmp (gauges[j].name, gauges[i].name, size) != 0 ||
                       strcspn (gauges[j].name, "{") != size;
        if (!is_first)
            continue;
        char name[128];
        snprintf (name, sizeof name, "%.*s", (int) size, gauges[i].name);
        bool counts = size > 6 && strcmp (name + size - 6, "_total") == 0;
        head (page, name, counts ? "counter" : "gauge", "Told by the service.");
        for (size_t j = i; j < count; j++)
            if (strncmp (gauges[j].name, name, size) == 0 &&
                strcspn (gauges[j].name, "{") == size)
                line (page, gauges[j].name, gauges[j].value);
    }
}

const char *metrics_text (struct core *core, struct txn *txn, struct arena *arena)
{
    struct page page = { .core = core };
    struct gauge *gauges;
    batches_tell (&page);
    clients_tell (&page);
    scrub_counts_tell (&page);
    links_tell (&page);
    head (&page, "store_used_ratio", "gauge", "How full the store is.");
    say (&page, "minqing_%s_store_used_ratio %.4f\n", core->spec->name,
         store_used_share (core->store));
    size_t count = gauges_read (core, txn, arena, &gauges);
    gauges_tell (&page, gauges, count);
    buffer_append (&page.text, "", 1);
    const char *text = arena_text (arena, (const char *) page.text.data);
    buffer_done (&page.text);
    return text;
}
