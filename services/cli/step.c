/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/step.h"

#include "cli/course.h"
#include "cli/language.h"
#include "cli/sender.h"
#include "cli/sentence.h"
#include "cli/spool.h"
#include "cli/waiting.h"

#include "base/number.h"
#include "wire/limits.h"
#include "wire/names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* How it is told: the second person's word first, then where it stands now. */
static void print_moved (struct cli *cli, const char *number, enum step said,
                         const struct step_done *done)
{
    const char *step = cli_words (cli, language_word (step, done->step));
    const char *state = language_word (state, done->state);
    if (said == STEP_APPROVE)
        printf (_ ("%s  %s is approved → %s"), number, step, state);
    else if (said == STEP_REJECT)
        printf (_ ("%s  %s is rejected; it stays %s"), number, step, state);
    else
        printf ("%s  %s → %s", number, step, state);
    if (done->department != 0)
        printf ("  %s", cli_department_name (cli, done->department));
    if (done->holder != 0)
        printf ("  %s", cli_person_name (cli, done->holder));
    if (done->document != 0)
        printf (_ ("  (a document was issued: minqing document)"));
    putchar ('\n');
}

static void print_done (struct cli *cli, enum step said, const struct step_done *done)
{
    char number[NUMBER_TEXT_SIZE];
    number_format (done->number, number);
    if (cli->json) {
        cli_json_line (json_pack (
            "{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:b, s:I}", "number", number, "step",
            step_name (done->step), "state", state_name (done->state), "department",
            (json_int_t) done->department, "holder", (json_int_t) done->holder, "fencing",
            (json_int_t) done->fencing, "sequence", (json_int_t) done->sequence,
            "proposed", done->proposed, "document", (json_int_t) done->document));
        return;
    }
    if (done->proposed) {
        printf (_ ("%s  %s is proposed; a second person decides: minqing approve %s\n"),
                number, cli_words (cli, language_word (step, done->step)), number);
        return;
    }
    print_moved (cli, number, said, done);
}

int step_say (struct session *session, struct step_command *step)
{
    struct cli *cli = session_cli (session);
    struct command command = { .step = step };
    struct outcome outcome;
    if (say_and_wait (session, SPEAKER_ROUTING, &command, &outcome) < 0)
        return cli_fail_err (cli);
    if (outcome.step_done != NULL)
        print_done (cli, step->step, outcome.step_done);
    return EX_OK;
}

/* ---- several ----------------------------------------------------------------------- */

static int spool_steps (struct cli *cli, struct spool *spool, struct step_command *steps,
                        size_t n_steps, uint64_t *ret_first, uint64_t *ret_shift)
{
    int rc = 0;
    spool_begin (spool);
    for (size_t i = 0; rc == 0 && i < n_steps; i++) {
        struct command command = { .step = &steps[i], .person = cli->person };
        rc = spool_add (spool, SPEAKER_ROUTING, &command, cli_now_ms (), &cli->err);
        if (i == 0)
            *ret_first = command.counter;
    }
    *ret_shift = spool_standing (spool, SPEAKER_ROUTING).shift;
    if (rc == 0)
        return spool_commit (spool, &cli->err);
    spool_abort (spool);
    return rc;
}

static int print_outcomes (struct cli *cli, struct spool *spool,
                           const struct step_command *steps, size_t n_steps,
                           uint64_t first)
{
    int code = EX_OK;
    for (size_t i = 0; i < n_steps; i++) {
        struct outcome outcome;
        if (!spool_outcome (spool, SPEAKER_ROUTING, first + i, &cli->arena, &outcome))
            continue;
        if (outcome.step_done != NULL)
            print_done (cli, steps[i].step, outcome.step_done);
        if (outcome.refusal != NULL) {
            char number[NUMBER_TEXT_SIZE] = "?";
            if (number_is_valid (steps[i].number))
                number_format (steps[i].number, number);
            code = cli_fail (cli, EX_DATAERR, "%s: %s", number,
                             sentence_of_refusal (cli, outcome.refusal));
        }
    }
    return code;
}

/* After an unclean stop a daemon takes commands one by one, each with its own syncs, and
 * answers a whole frame of them at once: on a busy disk that is many seconds. */
#define STEPS_PATIENCE_MS 30000

/* Patience is for the next answers: as long as some come, a long list is waited for. */
static int await_steps (struct session *session, struct spool *spool, uint64_t last,
                        uint64_t shift)
{
    struct outcome outcome;
    uint64_t before;
    int rc;
    do {
        before = spool_standing (spool, SPEAKER_ROUTING).acked;
        rc = await_outcome (session, spool, SPEAKER_ROUTING, last, shift,
                            STEPS_PATIENCE_MS, &outcome);
    } while (rc == -ETIMEDOUT && spool_standing (spool, SPEAKER_ROUTING).acked > before);
    return rc;
}

int steps_say (struct session *session, struct step_command *steps, size_t n_steps)
{
    struct cli *cli = session_cli (session);
    struct spool *spool;
    uint64_t first = 0, shift = 0;
    if (n_steps == 0)
        return EX_OK;
    if (spool_open (session_spool_dir (session), &spool, &cli->err) < 0)
        return cli_fail_err (cli);
    int rc = spool_steps (cli, spool, steps, n_steps, &first, &shift);
    if (rc == 0)
        rc = await_steps (session, spool, first + n_steps - 1, shift);
    first += spool_standing (spool, SPEAKER_ROUTING).shift - shift;
    int code = print_outcomes (cli, spool, steps, n_steps, first);
    if (rc == -ETIMEDOUT)
        code = cli_fail (cli, EX_TEMPFAIL,
                         _ ("not all steps were answered; they are kept in the spool"));
    else if (rc < 0)
        code = cli_fail_err (cli);
    spool_close (&spool);
    return code;
}

/* ---- looking ----------------------------------------------------------------------- */

int step_fencing (struct session *session, enum act_by by, uint64_t number,
                  uint64_t *ret_fencing)
{
    struct item_query item = { .number = number };
    struct query query = { .item = &item };
    struct reply reply;
    int rc = session_query (session, SPEAKER_ROUTING, &query, &reply);
    if (rc < 0 || reply.item == NULL)
        return rc;
    bool is_holders = reply.item->row->holder == session_cli (session)->person;
    if (by == ACT_BY_HOLDER || is_holders)
        *ret_fencing = reply.item->fencing;
    return rc;
}

/* Rows asked for at once: a frame's worth. */
#define QUEUE_PAGE 200

int queue_list (struct session *session, struct queue_query *queue, uint64_t limit)
{
    struct cli *cli = session_cli (session);
    uint64_t shown = 0, total = 0;
    struct buffer rows = { 0 };
    while ((queue->limit = cli_page (limit, shown, QUEUE_PAGE)) > 0) {
        struct query query = { .queue = queue };
        struct reply reply;
        if (session_query (session, SPEAKER_ROUTING, &query, &reply) < 0) {
            buffer_done (&rows);
            return cli_fail_err (cli);
        }
        if (reply.queue == NULL || reply.queue->n_rows == 0)
            break;
        total = reply.queue->total;
        buffer_append (&rows, reply.queue->rows,
                       reply.queue->n_rows * sizeof *reply.queue->rows);
        shown += reply.queue->n_rows;
        queue->after = reply.queue->rows[reply.queue->n_rows - 1].number;
        if (reply.queue->n_rows < queue->limit)
            break;
    }
    rows_print (cli, (const struct row *) (const void *) rows.data, shown,
                queue->candidates);
    buffer_done (&rows);
    if (total == 0)
        cli_say (cli, _ ("nothing waits here"));
    else
        cli_say (cli, _ ("%llu shown of %llu"), (unsigned long long) shown,
                 (unsigned long long) (total > shown ? total : shown));
    return EX_OK;
}
