/* SPDX-License-Identifier: Apache-2.0 */
/* Terminals: they file, and wait for receipts.
 *
 *   made ──line_send──▶ sent ──outcome with receipt──▶ acked
 *    ▲                   │
 *    └────── put off ────┘   (nothing was consumed: everything after 'acked' again)
 *
 * What a filing says follows from the seed, its terminal and its counter alone, so that it
 * is the same when it is said again. */
#include "cli/bench_inside.h"

#include "wire/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A frame's worth, well below LIMIT_CLIENT_FRAME. */
#define FRAME_BYTES (96 * 1024)
/* So many unacknowledged of one terminal by rate; what is due beyond waits here, and its
 * time counts. */
#define SENT_MAX 4096
/* By rate, so many of one terminal at a time. */
#define TOGETHER 64
/* Characters of the pool that texts are cut from. */
#define POOL 65536
/* After "later". */
#define PAUSE_NS (20 * INT64_C (1000000))
/* Of the codepoints from 一 on, the common ones: as many as people write with. */
#define COMMON 3500

struct bench_batch {
    size_t text_size, n_max;
    char *pool;  /* random characters, 3 bytes each */
    char *texts; /* of the frame that is made */
    char codes[LIMIT_COMMANDS][QUERY_CODE_TEXT_SIZE];
    struct command commands[LIMIT_COMMANDS];
    struct filing filings[LIMIT_COMMANDS];
    struct matter matters[LIMIT_COMMANDS];
    struct statement statements[LIMIT_COMMANDS];
    struct petitioner person;
};

/* splitmix64: from a place in a sequence to 64 random bits. */
static uint64_t mixed (uint64_t seed, uint64_t at)
{
    uint64_t z =
        seed * UINT64_C (0xD1342543DE82EF95) + at * UINT64_C (0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C (0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C (0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static void *take_memory (size_t size)
{
    void *memory = calloc (1, size);
    if (memory == NULL)
        abort ();
    return memory;
}

struct bench_batch *bench_batch_create (const struct bench_plan *plan)
{
    struct bench_batch *batch = take_memory (sizeof *batch);
    batch->text_size = plan->text;
    batch->n_max = FRAME_BYTES / (plan->text + 256);
    if (batch->n_max > LIMIT_COMMANDS)
        batch->n_max = LIMIT_COMMANDS;
    if (batch->n_max == 0)
        batch->n_max = 1;
    batch->texts = take_memory (batch->n_max * (plan->text + 1));
    batch->pool = take_memory (3 * (size_t) POOL + plan->text);
    for (size_t i = 0; i + 3 <= 3 * (size_t) POOL + plan->text; i += 3) {
        uint32_t character = 0x4E00 + (uint32_t) (mixed (plan->seed, i) % COMMON);
        batch->pool[i] = (char) (0xE0 | character >> 12);
        batch->pool[i + 1] = (char) (0x80 | (character >> 6 & 0x3F));
        batch->pool[i + 2] = (char) (0x80 | (character & 0x3F));
    }
    batch->person = (struct petitioner){ .name = "王某" };
    return batch;
}

void bench_batch_destroy (struct bench_batch **batch)
{
    if (*batch == NULL)
        return;
    free ((*batch)->pool);
    free ((*batch)->texts);
    free (*batch);
    *batch = NULL;
}

/* ---- what is said ------------------------------------------------------------------ */

static uint64_t number_of (const struct bench_terminal *terminal, uint64_t counter)
{
    uint64_t at = counter - 1;
    return number_make (BENCH_FIRST_DAY + (int32_t) (at / NUMBER_SERIAL_MAX),
                        terminal->key->number, (uint32_t) (at % NUMBER_SERIAL_MAX) + 1);
}

static char *code_of (const struct bench_load *load, uint64_t number,
                      char ret[QUERY_CODE_TEXT_SIZE])
{
    uint8_t random[8];
    put_be64 (random, mixed (load->plan->seed, number));
    return query_code_make (random, ret);
}

/* The text of this one in its place of the frame. */
static const char *text_of (struct bench_batch *batch, size_t at, uint64_t random)
{
    char *text = batch->texts + at * (batch->text_size + 1);
    size_t whole = batch->text_size / 3 * 3;
    memcpy (text, batch->pool + random % POOL * 3, whole);
    memset (text + whole, '.', batch->text_size - whole);
    text[batch->text_size] = '\0';
    return text;
}

static void fill (struct bench_load *load, const struct bench_terminal *terminal,
                  uint64_t counter, size_t at)
{
    struct bench_batch *batch = load->batch;
    const struct bench_town *town = load->town;
    uint64_t number = number_of (terminal, counter);
    uint64_t random = mixed (load->plan->seed + 1, number);
    int64_t due_ns = terminal->due_ns[counter - terminal->base - 1];
    batch->matters[at] = (struct matter){
        .village = town->villages[random % town->n_villages],
        .category = town->matters[(random >> 16) % town->n_matters].category,
        .purpose = PURPOSE_REQUEST,
        .form = FORM_ONLINE,
        .terminal = terminal->key->number,
        .persons = 1,
    };
    batch->statements[at] = (struct statement){ .title = "请予办理",
                                                .text = text_of (batch, at, random >> 32),
                                                .person = &batch->person };
    batch->filings[at] = (struct filing){
        .number = number,
        .query_code = code_of (load, number, batch->codes[at]),
        .filed_at_ms = load->wall_ms + (due_ns - load->wall_ns) / 1000000,
        .matter = &batch->matters[at],
        .statement = &batch->statements[at],
    };
    batch->commands[at] = (struct command){ .counter = counter,
                                            .incarnation = terminal->key->incarnation,
                                            .file = &batch->filings[at] };
}

void terminal_send (struct bench_load *load, struct bench_terminal *terminal,
                    int64_t now_ns)
{
    struct bench_batch *batch = load->batch;
    while (terminal->sent < terminal->made && now_ns >= terminal->resume_ns &&
           terminal->sent - terminal->acked < SENT_MAX) {
        size_t n = 0;
        while (n < batch->n_max && terminal->sent + n < terminal->made) {
            fill (load, terminal, terminal->sent + n + 1, n);
            n++;
        }
        struct to_door message = { .commands = batch->commands, .n_commands = n };
        arena_reset (&load->arena);
        struct bytes frame = to_door_encode (&load->arena, &message);
        if (port_send (load, &terminal->port, frame) < 0)
            return;
        terminal->sent += n;
    }
}

void terminal_make (struct bench_terminal *terminal, int64_t due_ns)
{
    size_t at = (size_t) (terminal->made - terminal->base);
    if (at == terminal->capacity) {
        terminal->capacity = terminal->capacity == 0 ? 4096 : terminal->capacity * 2;
        terminal->due_ns =
            realloc (terminal->due_ns, terminal->capacity * sizeof *terminal->due_ns);
        if (terminal->due_ns == NULL)
            abort ();
    }
    terminal->due_ns[at] = due_time (due_ns);
    terminal->made++;
}

/* ---- what is heard ----------------------------------------------------------------- */

bool bench_is_put_off (const struct outcome *outcome)
{
    enum refusal_code code =
        outcome->refusal != NULL ? outcome->refusal->code : REFUSAL_NONE;
    return code == REFUSAL_GAP || code == REFUSAL_TRY_LATER;
}

int terminal_hear (struct bench_load *load, struct bench_terminal *terminal,
                   const struct from_door *message, int64_t now_ns)
{
    struct bench_run *run = load->run;
    for (size_t i = 0; i < message->n_outcomes; i++) {
        const struct outcome *outcome = &message->outcomes[i];
        if (bench_is_put_off (outcome)) {
            run->put_off += terminal->resume_ns <= now_ns;
            terminal->sent = terminal->acked;
            terminal->resume_ns = now_ns + PAUSE_NS;
            return 0; /* what is behind it was put off too */
        }
        if (outcome->counter != terminal->acked + 1)
            continue; /* a repeat */
        if (outcome->receipt == NULL)
            return bench_unexpected (load, _ ("a filing"), outcome->refusal);
        terminal->acked++;
        if (terminal->sent < terminal->acked)
            terminal->sent = terminal->acked;
        int64_t due_ns =
            due_time (terminal->due_ns[terminal->acked - terminal->base - 1]);
        run->acknowledged++;
        run->acknowledged_within += bench_is_within (load, now_ns);
        if (bench_is_within (load, due_ns))
            histogram_note (&run->acknowledgement, (uint64_t) (now_ns - due_ns));
    }
    return 0;
}

int64_t *terminal_due_of (struct bench_load *load, uint64_t number)
{
    uint32_t first = load->terminals[0].key->number;
    if (!number_is_valid (number) || number_terminal (number) < first ||
        number_terminal (number) - first >= load->n_terminals)
        return NULL;
    struct bench_terminal *terminal = &load->terminals[number_terminal (number) - first];
    uint64_t counter =
        (uint64_t) (number_day (number) - BENCH_FIRST_DAY) * NUMBER_SERIAL_MAX +
        number_serial (number);
    return counter > terminal->base && counter <= terminal->made
               ? &terminal->due_ns[counter - terminal->base - 1]
               : NULL;
}

/* ---- when they file ---------------------------------------------------------------- */

/* As many as their windows leave open. Who begins changes, so that nobody is always last
 * where all of them together are near the bound. */
static void file_by_window (struct bench_load *load, int64_t now_ns)
{
    struct bench_run *run = load->run;
    for (size_t i = 0; i < load->n_terminals; i++) {
        struct bench_terminal *terminal =
            &load->terminals[(load->turn + i) % load->n_terminals];
        while (terminal->made - terminal->acked < terminal->share &&
               run->filed - run->claimed < run->ahead &&
               (run->count == 0 || run->filed < run->count)) {
            terminal_make (terminal, now_ns);
            run->filed++;
        }
    }
    load->turn++;
}

/* Everything that is due by now, evenly spaced. Terminals take turns; what is due at one
 * waking is one terminal's, so that it travels in one frame. */
static void file_by_rate (struct bench_load *load, int64_t now_ns)
{
    struct bench_run *run = load->run;
    struct bench_terminal *terminal = NULL;
    for (size_t i = 0;; i++) {
        int64_t due_ns = load->first_due_ns + (int64_t) ((double) load->n_due * 1e9 /
                                                         (double) load->plan->rate);
        if (due_ns > now_ns || due_ns >= load->until_ns)
            return;
        if (i % TOGETHER == 0)
            terminal = &load->terminals[load->turn++ % load->n_terminals];
        terminal_make (terminal, due_ns);
        load->n_due++;
        run->filed++;
    }
}

void terminals_file (struct bench_load *load, int64_t now_ns)
{
    if (load->is_filing && load->run->window > 0)
        file_by_window (load, now_ns);
    else if (load->is_filing)
        file_by_rate (load, now_ns);
    for (size_t i = 0; i < load->n_terminals; i++)
        terminal_send (load, &load->terminals[i], now_ns);
}

/* ---- who asks ---------------------------------------------------------------------- */

/* By number and code, about one that was acknowledged. */
static bool ask_one (struct bench_load *load, int64_t due_ns)
{
    struct bench_asker *asker = &load->asker;
    uint64_t random = mixed (load->plan->seed + 2, asker->asked);
    const struct bench_terminal *terminal = &load->terminals[random % load->n_terminals];
    uint64_t known = terminal->acked - terminal->base;
    char code[QUERY_CODE_TEXT_SIZE];
    if (known == 0 || asker->asked - asker->answered >= DESK_RING)
        return false;
    uint64_t number = number_of (terminal, terminal->base + 1 + (random >> 20) % known);
    struct course_query course = { .number = number,
                                   .query_code = code_of (load, number, code) };
    struct query query = { .id = asker->asked + 1, .course = &course };
    struct to_door message = { .queries = &query, .n_queries = 1 };
    arena_reset (&load->arena);
    if (port_send (load, &asker->port, to_door_encode (&load->arena, &message)) < 0)
        return false;
    asker->due_ns[asker->asked++ % DESK_RING] = due_ns;
    return true;
}

void asker_ask (struct bench_load *load, int64_t now_ns)
{
    while (load->is_filing && load->plan->queries > 0) {
        int64_t due_ns =
            load->first_query_ns +
            (int64_t) ((double) load->n_queries * 1e9 / (double) load->plan->queries);
        if (due_ns > now_ns || !ask_one (load, due_ns))
            return;
        load->n_queries++;
    }
}

int asker_hear (struct bench_load *load, const struct from_door *message, int64_t now_ns)
{
    struct bench_asker *asker = &load->asker;
    for (size_t i = 0; i < message->n_replies; i++) {
        const struct reply *reply = &message->replies[i];
        if (reply->course == NULL)
            return bench_unexpected (load, _ ("a query"), reply->refusal);
        int64_t due_ns = asker->due_ns[(reply->id - 1) % DESK_RING];
        asker->answered++;
        if (bench_is_within (load, due_ns))
            histogram_note (&load->run->query, (uint64_t) (now_ns - due_ns));
    }
    return 0;
}
