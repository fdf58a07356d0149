/* SPDX-License-Identifier: Apache-2.0 */
#include "teller.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"

#define ROUNDS_MAX 10000
#define WAIT_MS    500

struct teller {
    struct town *town;
    struct town_client *client;
    struct spool *spool;
    struct talk talks[SPEAKER_COUNT];
    struct arena arena;
    uint32_t number;
    uint8_t codes; /* query codes so far */
};

struct teller *teller_create (struct town *town, struct town_client *client,
                              uint32_t number, const char *dir)
{
    struct err err = { 0 };
    struct teller *teller = calloc (1, sizeof *teller);
    assert_non_null (teller);
    *teller = (struct teller){ .town = town, .client = client, .number = number };
    if (spool_open (dir, &teller->spool, &err) < 0)
        fail_msg ("%s", err.text);
    for (unsigned speaker = SPEAKER_NONE + 1; speaker < SPEAKER_COUNT; speaker++)
        talk_init (&teller->talks[speaker], teller->spool, (enum speaker) speaker);
    arena_init (&teller->arena, 0);
    return teller;
}

void teller_destroy (struct teller **teller)
{
    if (*teller == NULL)
        return;
    spool_close (&(*teller)->spool);
    arena_done (&(*teller)->arena);
    free (*teller);
    *teller = NULL;
}

struct spool *teller_spool (const struct teller *teller)
{
    return teller->spool;
}

/* ---- writing down ------------------------------------------------------------------ */

static void commit (struct teller *teller, int rc, struct err *err)
{
    if (rc < 0 || spool_commit (teller->spool, err) < 0)
        fail_msg ("%s", err->text);
}

uint64_t teller_file (struct teller *teller, const struct filing *filing)
{
    struct err err = { 0 };
    struct filing own = *filing;
    struct matter matter = *filing->matter;
    struct spool_slip slip = { 0 };
    uint8_t random[QUERY_CODE_RANDOM] = { (uint8_t) teller->number, ++teller->codes };
    own.matter = &matter;
    matter.terminal = teller->number;
    own.filed_at_ms = town_now_ms (teller->town);
    spool_begin (teller->spool);
    commit (teller,
            spool_file (teller->spool, &own, teller->number, random, NULL,
                        town_now_ms (teller->town), &slip, &err),
            &err);
    return slip.number;
}

uint64_t teller_say (struct teller *teller, enum speaker speaker,
                     const struct command *command)
{
    struct err err = { 0 };
    struct command own = *command;
    spool_begin (teller->spool);
    commit (teller,
            spool_add (teller->spool, speaker, &own, town_now_ms (teller->town), &err),
            &err);
    return own.counter;
}

/* ---- sending ------------------------------------------------------------------------ */

static int hear_all (struct teller *teller, struct talk *talk, struct err *err)
{
    struct from_door *message;
    int rc = 0;
    while (rc == 0 && (message = town_receive (teller->client)) != NULL) {
        if (message->refusal != NULL)
            fail_msg ("%s", message->refusal->sentence);
        rc = talk_hear (talk, message, town_now_ms (teller->town), err);
    }
    return rc;
}

static bool is_done (const struct teller *teller, const struct talk *talk)
{
    struct spool_door door = spool_standing (teller->spool, talk->speaker);
    return talk->stage == TALK_SENDING && door.acked + 1 == door.next;
}

int teller_send (struct teller *teller, enum speaker speaker, int64_t patience_ms)
{
    struct talk *talk = &teller->talks[speaker];
    int64_t until_ms = town_now_ms (teller->town) + patience_ms;
    struct err err = { 0 };
    int rc = 0;
    for (unsigned round = 0; rc == 0 && !is_done (teller, talk); round++) {
        struct saying saying;
        bool has_said = false;
        assert_true (round < ROUNDS_MAX);
        arena_reset (&teller->arena);
        while (talk_next (talk, town_now_ms (teller->town), &teller->arena, &saying)) {
            town_send_frame (teller->client, speaker, saying.frame);
            talk_said (talk, &saying);
            has_said = true;
        }
        town_settle (teller->town);
        rc = hear_all (teller, talk, &err);
        if (!has_said && !is_done (teller, talk)) {
            if (town_now_ms (teller->town) >= until_ms)
                break;
            town_step (teller->town, WAIT_MS);
        }
    }
    return rc;
}

void teller_send_deaf (struct teller *teller, enum speaker speaker)
{
    struct talk *talk = &teller->talks[speaker];
    struct err err = { 0 };
    struct saying saying;
    arena_reset (&teller->arena);
    while (talk->stage != TALK_SENDING) {
        while (talk_next (talk, town_now_ms (teller->town), &teller->arena, &saying)) {
            town_send_frame (teller->client, speaker, saying.frame);
            talk_said (talk, &saying);
            if (talk->stage == TALK_SENDING)
                break;
        }
        town_settle (teller->town);
        if (talk->stage != TALK_SENDING)
            assert_int_equal (hear_all (teller, talk, &err), 0);
    }
    while (talk_next (talk, town_now_ms (teller->town), &teller->arena, &saying)) {
        town_send_frame (teller->client, speaker, saying.frame);
        talk_said (talk, &saying);
    }
    town_settle (teller->town);
    teller_hang_up (teller);
}

void teller_hang_up (struct teller *teller)
{
    town_hang_up (teller->client);
    for (unsigned speaker = SPEAKER_NONE + 1; speaker < SPEAKER_COUNT; speaker++)
        talk_broken (&teller->talks[speaker]);
}

/* ---- its disk ----------------------------------------------------------------------- */

void teller_copy (struct teller *teller, const char *dir)
{
    char from[4096], to[4096];
    uint8_t *data;
    size_t size;
    struct err err = { 0 };
    snprintf (from, sizeof from, "%s/data.mdb", spool_dir (teller->spool));
    snprintf (to, sizeof to, "%s/data.mdb", dir);
    mkdir (dir, 0700);
    FILE *in = fopen (from, "rb"), *out = fopen (to, "wb");
    assert_non_null (in);
    assert_non_null (out);
    (void) err;
    data = malloc (1 << 20);
    assert_non_null (data);
    while ((size = fread (data, 1, 1 << 20, in)) > 0)
        assert_int_equal (fwrite (data, 1, size, out), size);
    free (data);
    fclose (in);
    assert_int_equal (fclose (out), 0);
}

/* ---- looking ------------------------------------------------------------------------ */

struct counting {
    enum refusal_code code;
    size_t count;
};

static void count_refused (void *arg, enum speaker speaker UNUSED,
                           const struct command *command UNUSED,
                           const struct refusal *refusal)
{
    struct counting *counting = arg;
    counting->count += counting->code == REFUSAL_NONE || counting->code == refusal->code;
}

size_t teller_refused (struct teller *teller, enum refusal_code code)
{
    struct counting counting = { .code = code };
    arena_reset (&teller->arena);
    spool_refused (teller->spool, &teller->arena, count_refused, &counting);
    return counting.count;
}

struct outcome *teller_last (struct teller *teller, enum speaker speaker)
{
    struct outcome *outcome = ARENA_NEW (&teller->arena, struct outcome);
    struct spool_door door = spool_standing (teller->spool, speaker);
    return spool_outcome (teller->spool, speaker, door.acked, &teller->arena, outcome)
               ? outcome
               : NULL;
}
