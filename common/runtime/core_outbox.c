/* SPDX-License-Identifier: Apache-2.0 */
/* What is to be said, collected per connection and encoded only after the commit. */
#include "runtime/core_inside.h"

#include <stdlib.h>
#include <string.h>

#include "wire/wire.h"

enum output_kind output_kind_of (enum input_kind kind)
{
    return kind == INPUT_CONTROL ? OUTPUT_CONTROL : OUTPUT_DOOR;
}

/* ---- the outbox -------------------------------------------------------------------- */

void outbox_begin (struct core *core)
{
    arena_reset (&core->arena);
    voices_clear (core);
    core->outbox.n_outputs = 0;
    core->n_answers = core->answers_size = 0;
    core->wants_turn = false;
}

static struct output *output_add (struct outbox *outbox)
{
    if (outbox->n_outputs == outbox->capacity) {
        outbox->capacity = outbox->capacity == 0 ? 64 : 2 * outbox->capacity;
        outbox->outputs =
            reallocarray (outbox->outputs, outbox->capacity, sizeof *outbox->outputs);
        if (outbox->outputs == NULL)
            abort ();
    }
    struct output *output = &outbox->outputs[outbox->n_outputs++];
    *output = (struct output){ 0 };
    return output;
}

void outbox_frame (struct core *core, enum output_kind kind, struct bytes peer,
                   const struct from_door *message)
{
    struct output *output = output_add (&core->outbox);
    output->kind = kind;
    output->peer = arena_bytes (&core->arena, peer);
    output->frame = from_door_encode (&core->arena, message);
    assert (output->frame.size <= LIMIT_SERVER_FRAME);
}

void outbox_link (struct core *core, enum speaker speaker, const struct to_door *message)
{
    struct output *output = output_add (&core->outbox);
    output->kind = OUTPUT_LINK;
    output->link = speaker;
    output->frame = to_door_encode (&core->arena, message);
}

void core_offer (struct core *core, struct outbox *outbox, struct bytes peer,
                 const struct offer *offers, size_t n_offers)
{
    assert (outbox == &core->outbox);
    size_t from = 0, size = 0;
    for (size_t i = 0; i <= n_offers; i++) {
        size_t more = i < n_offers ? offer_size (&offers[i]) + 8 : 0;
        if (i < n_offers && size + more <= ENTRIES_FRAME_BYTES && i - from < LIMIT_ROWS) {
            size += more;
            continue;
        }
        if (i > from) {
            struct offer *run = ARENA_ARRAY (&core->arena, struct offer, i - from);
            memcpy (run, offers + from, (i - from) * sizeof *run);
            outbox_frame (core, OUTPUT_DOOR, peer,
                          &(struct from_door){ .offers = run, .n_offers = i - from });
        }
        from = i;
        size = more;
    }
}

void core_effect (struct core *core, struct outbox *outbox, const struct effect *effect)
{
    struct arena *arena = &core->arena;
    struct output *output = output_add (outbox);
    output->kind = OUTPUT_EFFECT;
    output->effect = (struct effect){ .id = effect->id,
                                      .mark = effect->mark,
                                      .channel = arena_text (arena, effect->channel),
                                      .address = arena_text (arena, effect->address),
                                      .subject = arena_text (arena, effect->subject),
                                      .text = arena_text (arena, effect->text),
                                      .json = arena_text (arena, effect->json) };
}

/* ---- voices: outcomes per connection ----------------------------------------------- */

void voices_clear (struct core *core)
{
    memset (core->buckets, 0, sizeof core->buckets);
    core->voices = NULL;
    core->last_voice = &core->voices;
}

static unsigned bucket_of (enum output_kind kind, struct bytes peer)
{
    uint32_t sum = UINT32_C (2166136261) + kind; /* FNV-1a: peers are few and short */
    for (size_t i = 0; i < peer.size; i++)
        sum = (sum ^ peer.data[i]) * UINT32_C (16777619);
    return sum % VOICE_BUCKETS;
}

struct voice *voice_find (struct core *core, enum input_kind input_kind,
                          struct bytes peer)
{
    enum output_kind kind = output_kind_of (input_kind);
    struct voice **bucket = &core->buckets[bucket_of (kind, peer)];
    for (struct voice *voice = *bucket; voice != NULL; voice = voice->chain)
        if (voice->kind == kind && bytes_equal (voice->peer, peer))
            return voice;
    struct voice *voice = ARENA_NEW (&core->arena, struct voice);
    voice->kind = kind;
    voice->peer = arena_bytes (&core->arena, peer);
    voice->last = &voice->first;
    voice->chain = *bucket;
    *bucket = voice;
    *core->last_voice = voice;
    core->last_voice = &voice->next;
    return voice;
}

struct outcome *voice_outcome (struct core *core, struct voice *voice)
{
    struct spoken_outcome *spoken = ARENA_NEW (&core->arena, struct spoken_outcome);
    *voice->last = spoken;
    voice->last = &spoken->next;
    return &spoken->outcome;
}

/* Outcomes are small (a sentence at most), so LIMIT_COMMANDS of them fit a frame. */
static void voice_speak (struct core *core, const struct voice *voice)
{
    struct outcome outcomes[LIMIT_COMMANDS];
    const struct spoken_outcome *spoken = voice->first;
    struct refusal *refusal = voice->refusal;
    while (spoken != NULL || refusal != NULL) {
        size_t count = 0;
        for (; spoken != NULL && count < LIMIT_COMMANDS; spoken = spoken->next)
            outcomes[count++] = spoken->outcome;
        outbox_frame (core, voice->kind, voice->peer,
                      &(struct from_door){ .outcomes = outcomes,
                                           .n_outcomes = count,
                                           .refusal = refusal });
        refusal = NULL;
    }
}

void voices_speak (struct core *core)
{
    for (const struct voice *voice = core->voices; voice != NULL; voice = voice->next)
        voice_speak (core, voice);
}
