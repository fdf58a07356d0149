/* SPDX-License-Identifier: Apache-2.0 */
/* Four grievances of the demo, each on another course of the law, from the slip to where it
 * stands in the end. What people do stands in tables; who they are is the shipped township
 * (people.tsv). Then each is told as the petitioner reads it: 'minqing query'. */
#include "cli/demo.h"

#include "cli/filing.h"
#include "cli/spool.h"
#include "cli/waiting.h"

#include "base/number.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

/* One thing that somebody does: a step, or what the petitioner says, or the answer to what
 * was raised. */
struct scene {
    const char *who; /* key */
    uint32_t person;
    struct step_command step;
    enum asked asked;
    const char *text; /* of the ask, of the answer */
};

struct story {
    const char *title;
    const char *texts[FILING_FIELDS];
    const struct scene *scenes;
    bool is_raised; /* what was raised is shown too */
};

/* A story in progress. */
struct telling {
    struct demo *demo;
    struct spool_slip slip;
    uint64_t fencing; /* of who holds it */
};

#define TERMINAL 101
#define KEY      "terminal-101"
#define VILLAGE  "340522100001"

#define DESK(department, number, ...)                                                    \
    {                                                                                    \
        .who = "desk-" #department, .person = (number), .step = { __VA_ARGS__ }          \
    }
#define PETITIONER(what, said)                                                           \
    {                                                                                    \
        .who = KEY, .asked = (what), .text = (said)                                      \
    }
#define END                                                                              \
    {                                                                                    \
        .who = NULL                                                                      \
    }

/* ---- what they do ------------------------------------------------------------------ */

static const struct scene confirmed[] = {
    DESK (11, 1131, .step = STEP_CLAIM),
    DESK (11, 1131, .step = STEP_ACCEPT),
    DESK (11, 1131, .step = STEP_DECIDE, .outcome = OUTCOME_SUPPORT,
          .text = "经核查，三亩地的补偿款漏发，予以支持，三日内打卡。",
          .legal_basis = "土地管理法第四十八条"),
    DESK (11, 1131, .step = STEP_SERVE, .means = MEANS_IN_PERSON, .to = "王某"),
    DESK (11, 1131, .step = STEP_CLAIM_DONE, .text = "补偿款已打卡"),
    PETITIONER (ASKED_CONFIRM, "钱收到了。"),
    END,
};

static const struct scene contested[] = {
    DESK (11, 1132, .step = STEP_CLAIM),
    DESK (11, 1132, .step = STEP_OBJECT, .reason = "属拖欠工资，不属本所职责。"),
    { .who = "dispatcher",
      .step = { .step = STEP_DISPATCH, .department = 16, .reason = "工资归人社所" } },
    DESK (16, 1631, .step = STEP_CLAIM),
    DESK (16, 1631, .step = STEP_OBJECT, .reason = "所欠的是征迁工程款，不是工资。"),
    DESK (51, 5102, .step = STEP_ARBITRATE, .department = 12,
          .reason = "征迁工程由建设和征迁办公室发包，由其受理。"),
    DESK (12, 1231, .step = STEP_CLAIM),
    DESK (12, 1231, .step = STEP_ACCEPT),
    END,
};

static const struct scene urgent[] = {
    { .who = "leader-10",
      .person = 1004,
      .text = "已到现场稳控，当日约谈，三日内答复。" },
    DESK (11, 1133, .step = STEP_CLAIM),
    DESK (11, 1133, .step = STEP_ACCEPT),
    END,
};

static const struct scene reviewed[] = {
    DESK (11, 1131, .step = STEP_CLAIM),
    DESK (11, 1131, .step = STEP_ACCEPT),
    DESK (11, 1131, .step = STEP_DECIDE, .outcome = OUTCOME_NOT_SUPPORT,
          .text = "宅基地确权以登记簿为准，四至无误，不予支持。",
          .legal_basis = "不动产登记暂行条例第八条"),
    DESK (11, 1131, .step = STEP_SERVE, .means = MEANS_IN_PERSON, .to = "李某"),
    PETITIONER (ASKED_REVIEW, "登记时没有到场指界，请求复查。"),
    DESK (54, 5431, .step = STEP_CLAIM),
    END,
};

static const struct story stories[] = {
    { N_ ("Filed, decided, carried out, and confirmed by the petitioner"),
      { [FILING_VILLAGE] = VILLAGE,
        [FILING_CATEGORY] = "国土资源/土地征收",
        [FILING_TITLE] = "补偿款未到卡",
        [FILING_TEXT] = "三亩地征收半年，补偿款没有打到卡上。",
        [FILING_NAME] = "王某" },
      confirmed,
      false },
    { N_ ("Objected to by one department and by another, then arbitrated"),
      { [FILING_VILLAGE] = VILLAGE,
        [FILING_CATEGORY] = "国土资源/土地征收",
        [FILING_TITLE] = "征迁工地欠款",
        [FILING_TEXT] = "给征迁工地干了三个月，钱一直没结。",
        [FILING_NAME] = "赵某" },
      contested,
      false },
    { N_ ("Urgent: raised to the leader in charge at once, who answers"),
      { [FILING_VILLAGE] = VILLAGE,
        [FILING_CATEGORY] = "国土资源/土地征收",
        [FILING_TITLE] = "要去拦路",
        [FILING_TEXT] = "再不给个说法，明天就去拦施工的路。",
        [FILING_NAME] = "孙某",
        [FILING_THREAT] = "1" },
      urgent,
      true },
    { N_ ("Not supported on the merits; the county bureau reviews it"),
      { [FILING_VILLAGE] = VILLAGE,
        [FILING_CATEGORY] = "国土资源/土地征收",
        [FILING_TITLE] = "宅基地四至有误",
        [FILING_TEXT] = "确权证上的四至少了两米，要求更正。",
        [FILING_NAME] = "李某" },
      reviewed,
      false },
};

/* ---- how they do it ---------------------------------------------------------------- */

/* Into the spool and to intake, as 'submit' does. */
static int file_spooled (struct telling *telling, struct session *session,
                         struct spool *spool, const struct story *story)
{
    struct cli *cli = telling->demo->cli;
    uint8_t random[QUERY_CODE_RANDOM];
    struct filing *filing;
    struct outcome outcome;
    if (getrandom (random, sizeof random, 0) != sizeof random)
        return err_set (&cli->err, -errno, _ ("no randomness: %s"), strerror (errno));
    int rc = filing_build (cli, story->texts, TERMINAL, NULL, cli_now_ms (), &cli->arena,
                           &filing);
    if (rc < 0)
        return rc;
    spool_begin (spool);
    rc = spool_file (spool, filing, TERMINAL, random, NULL, cli_now_ms (), &telling->slip,
                     &cli->err);
    uint64_t shift = spool_standing (spool, SPEAKER_INTAKE).shift;
    if (rc < 0) {
        spool_abort (spool);
        return rc;
    }
    rc = spool_commit (spool, &cli->err);
    if (rc == 0)
        rc = await_outcome (session, spool, SPEAKER_INTAKE, telling->slip.counter, shift,
                            SESSION_PATIENCE_MS, &outcome);
    if (rc == 0 && outcome.refusal != NULL)
        rc = session_refused (session, outcome.refusal);
    return rc;
}

static int file (struct telling *telling, const struct story *story)
{
    struct cli *cli = telling->demo->cli;
    struct session *session = demo_speak_as (telling->demo, KEY);
    struct spool *spool;
    if (session == NULL)
        return cli->err.code;
    int rc = spool_open (session_spool_dir (session), &spool, &cli->err);
    if (rc == 0) {
        rc = file_spooled (telling, session, spool, story);
        spool_close (&spool);
    }
    session_close (&session);
    return rc;
}

/* The holder's number goes with what the holder does. */
static bool is_holders (enum step step)
{
    return step != STEP_CLAIM && step != STEP_DISPATCH && step != STEP_ARBITRATE;
}

static int take_step (struct telling *telling, struct session *session,
                      const struct scene *scene)
{
    struct step_command step = scene->step;
    struct step_done done = { 0 };
    step.number = telling->slip.number;
    step.fencing = is_holders (step.step) ? telling->fencing : 0;
    int rc = demo_step (session, &step, scene->person, &done);
    if (rc == 0)
        telling->fencing = done.fencing;
    return rc;
}

static int say (struct telling *telling, struct session *session,
                const struct scene *scene)
{
    struct ask ask = { .number = telling->slip.number,
                       .query_code = telling->slip.code,
                       .what = scene->asked,
                       .reason = scene->text };
    struct command command = { .ask = &ask };
    struct outcome outcome;
    return say_and_wait (session, SPEAKER_INTAKE, &command, &outcome);
}

/* The first raise that is open. */
static int answer (struct telling *telling, struct session *session,
                   const struct scene *scene)
{
    struct raise_query raises = { .number = telling->slip.number };
    struct query query = { .raises = &raises };
    struct reply reply;
    int rc = session_query (session, SPEAKER_ESCALATION, &query, &reply);
    if (rc < 0 || reply.raises == NULL)
        return rc;
    for (size_t i = 0; rc == 0 && i < reply.raises->n_rows; i++) {
        struct answer_raise answered = { .raise = reply.raises->rows[i].raise,
                                         .text = scene->text };
        struct command command = { .answer_raise = &answered, .person = scene->person };
        struct outcome outcome;
        if (reply.raises->rows[i].ended_at_ms == 0 && reply.raises->rows[i].raised->open)
            rc = say_and_wait (session, SPEAKER_ESCALATION, &command, &outcome);
    }
    return rc;
}

static int play (struct telling *telling, const struct scene *scene)
{
    struct session *session = demo_speak_as (telling->demo, scene->who);
    if (session == NULL)
        return telling->demo->cli->err.code;
    int rc = scene->asked != ASKED_NONE      ? say (telling, session, scene)
             : scene->step.step != STEP_NONE ? take_step (telling, session, scene)
                                             : answer (telling, session, scene);
    session_close (&session);
    /* What is asked or raised goes through other daemons before the next one acts. */
    return rc == 0 && scene->step.step == STEP_NONE ? demo_settle (telling->demo) : rc;
}

/* ---- how it is told ---------------------------------------------------------------- */

static int show (const struct telling *telling, const struct story *story, size_t n)
{
    struct cli *cli = telling->demo->cli;
    char number[NUMBER_TEXT_SIZE];
    number_format (telling->slip.number, number);
    const char *query[] = { "query", "--as", KEY, number, telling->slip.code, NULL };
    const char *raises[] = { "raises", number, NULL };
    printf ("\n%zu. %s\n\n", n, _ (story->title));
    int code = place_command (cli, false, query);
    if (code == EX_OK && story->is_raised) {
        putchar ('\n');
        code = place_command (cli, false, raises);
    }
    return code == EX_OK
               ? 0
               : err_set (&cli->err, -EIO, _ ("%s cannot be shown (exit code %d)"),
                          number, code);
}

static int tell (struct demo *demo, const struct story *story, size_t n)
{
    struct telling telling = { .demo = demo };
    int rc = file (&telling, story);
    if (rc == 0)
        rc = demo_settle (demo);
    for (size_t i = 0; rc == 0 && story->scenes[i].who != NULL; i++)
        rc = play (&telling, &story->scenes[i]);
    if (rc == 0)
        rc = demo_settle (demo);
    return rc == 0 ? show (&telling, story, n) : rc;
}

int demo_tell_stories (struct demo *demo)
{
    int rc = 0;
    printf ("\n%s\n", _ ("Four of them, each on another course:"));
    for (size_t i = 0; rc == 0 && i < ARRAY_SIZE (stories); i++)
        rc = tell (demo, &stories[i], i + 1);
    return rc;
}
