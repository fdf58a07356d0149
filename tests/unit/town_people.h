/* SPDX-License-Identifier: Apache-2.0 */
/* A township of four daemons and the people in it, for stories: what they file and do. */
#ifndef MINQING_TESTS_TOWN_PEOPLE_H
#define MINQING_TESTS_TOWN_PEOPLE_H

#include "rules_tables.h"

#include "base/number.h"
#include "escalation/escalation.h"
#include "intake/intake.h"
#include "notification/notification.h"
#include "routing/routing.h"
#include "support/town.h"

#define VILLAGE_COUNT 4

static const uint64_t villages[VILLAGE_COUNT] = { 340522100001, 340522100002,
                                                  340522100003, 340522100201 };

static struct town *town;
static struct town_client *terminals[VILLAGE_COUNT];
static struct town_client *desk, *other_desk, *strange_desk, *dispatcher, *leader,
    *county, *operator_;
static uint32_t serials[VILLAGE_COUNT];
static UNUSED int64_t town_start_ms; /* before it is built; 0: where towns begin */

#define SHIPPED_TABLES SOURCE_DIR "/deploy/config/tables"

static UNUSED void town_build_with (const char *tables_dir)
{
    town = town_create (&(struct town_options){
        .tables_dir = tables_dir,
        .start_ms = town_start_ms,
        .specs = { &intake_service, &routing_service, &escalation_service,
                   &notification_service },
    });
    /* A mail server is named; what would go to it is an effect that the test answers. */
    town_set (town, "notification/smtp/url", "smtp://mail.example:25");
    memset (serials, 0, sizeof serials);
    for (unsigned i = 0; i < VILLAGE_COUNT; i++)
        terminals[i] = town_client (town, ROLE_TERMINAL, 101 + i, .territory = 340522100);
    desk = town_client (town, ROLE_DESK, 2011, .territory = 340522100, .department = 11);
    other_desk =
        town_client (town, ROLE_DESK, 2012, .territory = 340522100, .department = 12);
    strange_desk =
        town_client (town, ROLE_DESK, 2013, .territory = 340522100, .department = 13);
    dispatcher = town_client (town, ROLE_DISPATCHER, 2031, .territory = 340522100,
                              .department = 31);
    leader =
        town_client (town, ROLE_LEADER, 3001, .territory = 340522100, .department = 10);
    county = town_client (town, ROLE_LEADER, 3051, .territory = 340523);
    operator_ = town_client (town, ROLE_OPERATOR, 4001, .name = "ops");
}

static UNUSED void town_build (void)
{
    town_build_with (SHIPPED_TABLES);
}

/* ---- what people do ---------------------------------------------------------------------- */

/* File what 'matter' says; village and terminal are filled in. */
static UNUSED uint64_t file_matter_of (unsigned at, struct matter matter,
                                       struct petitioner *petitioner)
{
    int32_t day = civil_day (town_now_ms (town));
    uint64_t number = number_make (day, 101 + at, ++serials[at]);
    struct statement statement = { .text = "征地补偿款没有到卡", .person = petitioner };
    struct filing filing = { .number = number,
                             .query_code = "0123ABCD",
                             .filed_at_ms = town_now_ms (town),
                             .matter = &matter,
                             .statement = &statement };

    matter.village = villages[at];
    matter.terminal = 101 + at;
    if (matter.purpose == PURPOSE_NONE)
        matter.purpose = PURPOSE_REQUEST;
    struct outcome *outcome = town_command (terminals[at], SPEAKER_INTAKE,
                                            &(struct command){ .file = &filing });

    assert_non_null (outcome);
    if (outcome->refusal)
        fail_msg ("%s", outcome->refusal->sentence);
    return number;
}

static UNUSED uint64_t file_matter (unsigned at, struct matter matter)
{
    struct petitioner petitioner = { .name = "张三", .telephone = "13800000000" };

    return file_matter_of (at, matter, &petitioner);
}

static UNUSED uint64_t file_anonymous (unsigned at)
{
    return file_matter_of (
        at, (struct matter){ .category = "国土资源/土地征收", .anonymous = true }, NULL);
}

static UNUSED uint64_t file_with (unsigned at, const char *category, uint32_t persons,
                                  bool urgent)
{
    return file_matter (
        at,
        (struct matter){ .category = category, .persons = persons, .urgent = urgent });
}

static UNUSED uint64_t file (unsigned at)
{
    return file_with (at, "国土资源/土地征收", 1, false);
}

static UNUSED struct step_done *step_by (uint32_t person,
                                         const struct step_command *command)
{
    struct outcome *outcome = town_command (
        desk, SPEAKER_ROUTING,
        &(struct command){ .person = person,
                           .step = (struct step_command *) (uintptr_t) command });

    assert_non_null (outcome);
    if (outcome->refusal)
        fail_msg ("%s", outcome->refusal->sentence);
    return outcome->step_done;
}

static UNUSED uint64_t claim (uint64_t number)
{
    town_settle (town);
    return step_by (1131, &(struct step_command){ .number = number, .step = STEP_CLAIM })
        ->fencing;
}

static UNUSED void accept (uint64_t number, uint64_t fencing)
{
    step_by (1131, &(struct step_command){
                       .number = number, .step = STEP_ACCEPT, .fencing = fencing });
}

static UNUSED void work_off (uint64_t number)
{
    uint64_t fencing = claim (number);

    accept (number, fencing);
    step_by (1131, &(struct step_command){ .number = number,
                                           .step = STEP_DECIDE,
                                           .fencing = fencing,
                                           .outcome = OUTCOME_SUPPORT,
                                           .text = "予以支持",
                                           .legal_basis = "条例第三十二条" });
    step_by (1131, &(struct step_command){ .number = number,
                                           .step = STEP_SERVE,
                                           .fencing = fencing,
                                           .means = MEANS_IN_PERSON,
                                           .to = "本人" });
    step_by (1131, &(struct step_command){
                       .number = number, .step = STEP_CLAIM_DONE, .fencing = fencing });
    step_by (1131, &(struct step_command){ .number = number,
                                           .step = STEP_CONTACT,
                                           .means = MEANS_TELEPHONE,
                                           .contacted = CONTACTED_CONFIRMS,
                                           .text = "信访人确认" });
    step_by (1131, &(struct step_command){ .number = number,
                                           .step = STEP_CLOSE,
                                           .fencing = fencing,
                                           .close_reason = CLOSE_CALL_BACK });
}

#endif
