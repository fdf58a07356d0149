/* SPDX-License-Identifier: Apache-2.0 */
/* What people do in the demo, through the doors that people use: terminals file the sample
 * set, the dispatcher places what no rule could, desks work on part of it. */
#include "cli/demo.h"

#include "base/civil.h"
#include "rules/rules.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* Of each queue so many are worked on. */
#define DEMO_WORKED 3

static int ask_queue (struct session *session, uint32_t department, bool candidates,
                      uint32_t limit, struct queue *ret_queue)
{
    struct queue_query queue = { .department = department,
                                 .limit = limit,
                                 .candidates = candidates };
    struct query query = { .queue = &queue };
    struct reply reply;
    int rc = session_query (session, SPEAKER_ROUTING, &query, &reply);
    *ret_queue = rc == 0 && reply.queue != NULL ? *reply.queue : (struct queue){ 0 };
    return rc;
}

/* ---- filing ------------------------------------------------------------------------ */

int demo_file_samples (struct demo *demo)
{
    struct cli *cli = demo->cli;
    const char *share = place_share (cli);
    if (share == NULL)
        return cli->err.code;
    const char *samples = arena_format (&cli->arena, "%s/samples/huanfeng.csv", share);
    const char *keys = config_get_text (cli_config (cli), "keys");
    unsigned done = 0;
    for (unsigned number = 101; number <= 140; number++) {
        const char *name = arena_format (&cli->arena, "terminal-%u", number);
        if (access (arena_format (&cli->arena, "%s/%s.key", keys, name), R_OK) < 0)
            continue;
        const char *arguments[] = { "replay", "--as", name, samples, NULL };
        int code = place_command (cli, true, arguments);
        if (demo_go_on (demo) < 0)
            return cli->err.code;
        if (code != EX_OK)
            return err_set (&cli->err, -EIO,
                            _ ("%s could not file its grievances (exit code %d)"), name,
                            code);
        cli_progress (cli, _ ("terminals file"), ++done, 32);
    }
    cli_progress_done (cli);
    return 0;
}

/* ---- the dispatcher ---------------------------------------------------------------- */

int demo_dispatch (struct demo *demo)
{
    struct session *session = demo_speak_as (demo, "dispatcher");
    struct queue queue;
    if (session == NULL)
        return demo->cli->err.code;
    int rc = ask_queue (session, 0, true, 200, &queue);
    for (size_t i = 0; rc == 0 && i < queue.n_rows; i++) {
        const struct row *row = &queue.rows[i];
        if (row->n_candidates == 0 || i % 3 == 2)
            continue;
        struct step_command dispatch = { .number = row->number,
                                         .step = STEP_DISPATCH,
                                         .department = row->candidates[0].department,
                                         .reason = row->candidates[0].why };
        if (dispatch.reason == NULL)
            dispatch.reason = "按内容判断";
        rc = demo_step (session, &dispatch, 0, NULL);
        demo->dispatched += rc == 0;
        if (rc == 0)
            rc = demo_go_on (demo);
    }
    session_close (&session);
    return rc;
}

/* ---- desks ------------------------------------------------------------------------- */

static uint32_t worker_of (const struct rules *rules, uint32_t department, int32_t day)
{
    static const enum office offices[] = { OFFICE_WORKER, OFFICE_HEAD, OFFICE_DEPUTY };
    for (size_t i = 0; i < ARRAY_SIZE (offices); i++) {
        size_t at = 0;
        const struct officer *officer =
            officer_next (rules, department, offices[i], day, &at);
        if (officer != NULL)
            return officer->number;
    }
    return 0;
}

/* As far along the course as 'depth' says: 1 accepted, 2 decided, 3 served, 4 closed. */
static int work_on (struct demo *demo, struct session *session, const struct row *row,
                    uint32_t person, unsigned depth)
{
    struct step_done claimed = { 0 };
    bool is_inquiry = row->matter->purpose == PURPOSE_INQUIRY ||
                      row->matter->purpose == PURPOSE_SUGGESTION;
    struct step_command steps[] = {
        { .step = STEP_ACCEPT },
        { .step = STEP_DECIDE,
          .outcome = is_inquiry ? OUTCOME_ANSWERED : OUTCOME_SUPPORT,
          .text =
              is_inquiry ? "已逐条答复。" : "反映属实，予以支持，五个工作日内办理到位。",
          .legal_basis = is_inquiry ? NULL : "信访工作条例第三十二条" },
        { .step = STEP_SERVE,
          .means = MEANS_IN_PERSON,
          .to = "本人",
          .text = "当面送达，本人签收" },
        { .step = STEP_CLAIM_DONE },
        { .step = STEP_CONTACT,
          .means = MEANS_TELEPHONE,
          .contacted = CONTACTED_CONFIRMS,
          .text = "电话回访，本人认可" },
        { .step = STEP_CLOSE,
          .close_reason = CLOSE_CALL_BACK,
          .reason = "电话回访，本人认可" },
    };
    static const size_t reach[] = { 0, 1, 2, 3, 6 };
    struct step_command claim = { .number = row->number, .step = STEP_CLAIM };
    int rc = demo_step (session, &claim, person, &claimed);
    demo->claimed += rc == 0;
    for (size_t i = 0; rc == 0 && i < reach[depth]; i++) {
        struct step_done done;
        steps[i].number = row->number;
        steps[i].fencing = steps[i].step == STEP_CONTACT ? 0 : claimed.fencing;
        rc = demo_step (session, &steps[i], person, &done);
        demo->decided += rc == 0 && steps[i].step == STEP_DECIDE;
        demo->closed += rc == 0 && done.state == STATE_CLOSED;
        if (rc == 0 && done.state == STATE_CLOSED)
            break;
    }
    return rc;
}

static int object_to (struct demo *demo, struct session *session, const struct row *row,
                      uint32_t person)
{
    struct step_done claimed;
    struct step_command claim = { .number = row->number, .step = STEP_CLAIM };
    int rc = demo_step (session, &claim, person, &claimed);
    struct step_command object = { .number = row->number,
                                   .step = STEP_OBJECT,
                                   .fencing = rc == 0 ? claimed.fencing : 0,
                                   .reason = "所涉地块属县级项目，权属登记不在本单位。" };
    if (rc == 0)
        rc = demo_step (session, &object, person, NULL);
    demo->objected += rc == 0;
    return rc;
}

static int work_desk (struct demo *demo, const struct department *department, int32_t day)
{
    struct cli *cli = demo->cli;
    const char *name = arena_format (&cli->arena, "desk-%u", department->number);
    uint32_t person = worker_of (cli_rules (cli), department->number, day);
    struct session *session = person == 0 ? NULL : demo_speak_as (demo, name);
    struct queue queue;
    if (session == NULL)
        return person == 0 ? 0 : cli->err.code;
    int rc = ask_queue (session, department->number, false, DEMO_WORKED + 1, &queue);
    for (size_t i = 0; rc == 0 && i < queue.n_rows && i < DEMO_WORKED; i++)
        rc = work_on (demo, session, &queue.rows[i], person, (unsigned) (4 - i));
    if (rc == 0 && demo->objected < 2 && queue.n_rows > DEMO_WORKED)
        rc = object_to (demo, session, &queue.rows[DEMO_WORKED], person);
    session_close (&session);
    return rc;
}

int demo_work_desks (struct demo *demo)
{
    const struct rules *rules = cli_rules (demo->cli);
    int32_t day = civil_day (cli_now_ms ());
    int rc = rules == NULL ? demo->cli->err.code : 0;
    for (size_t i = 0; rc == 0 && i < rules->department_count; i++) {
        const struct department *department = &rules->departments[i];
        bool takes_accusations = (department->flags & DEPARTMENT_DISCIPLINE) != 0;
        if (department->successor == 0 && department->level == DEPARTMENT_TOWNSHIP &&
            !takes_accusations)
            rc = work_desk (demo, department, day);
        if (rc == 0)
            rc = demo_go_on (demo);
        cli_progress (demo->cli, _ ("desks work"), i + 1, rules->department_count);
    }
    cli_progress_done (demo->cli);
    return rc;
}
