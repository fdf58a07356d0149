/* SPDX-License-Identifier: Apache-2.0 */
/* minqing verify: proves from the four journals that nothing was lost or doubled, and
 * holds what the daemons say of themselves against it.
 *
 *   1  every journal is read from its first entry; leaves are hashed here, and the root
 *      of the RFC 6962 tree over them must be the daemon's
 *   2  the entries are folded (cli/audit.h) and held against each other
 *   3  each follower's position must be an entry of its source, with that entry's hash
 *   4  the sums by state, village and department must be routing's own
 *
 * It wants the daemons at rest; while one is still behind, it waits for it a while. */
#include "cli/audit.h"
#include "cli/cli.h"
#include "cli/language.h"
#include "cli/session.h"
#include "cli/tail.h"

#include "journal/tree.h"
#include "wire/names.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How long followers may take to come to the end of what they follow. */
#define REST_PATIENCE_MS 60000
#define REST_LOOK_MS     100

static const enum speaker speakers[] = { SPEAKER_INTAKE, SPEAKER_ROUTING,
                                         SPEAKER_ESCALATION, SPEAKER_NOTIFICATION };

struct verification {
    struct cli *cli;
    struct session *session;
    struct audit *audit;
    struct status followers[SPEAKER_COUNT]; /* whose positions are looked at */
    struct status status[SPEAKER_COUNT];    /* a moment later: heads and roots */
    bool is_at_rest;
    struct hash
        *leaves[SPEAKER_COUNT]; /* of every entry: positions are held against them */
    struct tree_frontier tree;
    enum speaker reading;
};

/* ---- at rest ----------------------------------------------------------------------- */

static int look (struct verification *it, struct status *ret_status)
{
    for (size_t i = 0; i < ARRAY_SIZE (speakers); i++) {
        struct control control = { .verb = CONTROL_STATUS };
        struct control_reply reply;
        int rc = session_control (it->session, speakers[i], &control, &reply);
        if (rc < 0)
            return rc;
        if (reply.status == NULL)
            return err_set (&it->cli->err, -EPROTO, _ ("%s gives no status"),
                            speaker_name (speakers[i]));
        ret_status[speakers[i]] = *reply.status;
    }
    return 0;
}

/* Have the positions of the later look reached the heads of the earlier one? */
static bool has_caught_up (const struct status *earlier, const struct status *later)
{
    for (size_t i = 0; i < ARRAY_SIZE (speakers); i++) {
        const struct status *status = &later[speakers[i]];
        for (size_t j = 0; j < status->n_positions; j++)
            if (status->positions[j].acted < earlier[status->positions[j].speaker].head)
                return false;
    }
    return true;
}

/* Journals may go on growing while we look (notices are being sent). So three looks, one
 * after the other: what the sources had, how far the followers are, and then the heads
 * and roots that the journals are read up to: no position lies behind those. */
static int await_rest (struct verification *it)
{
    int64_t deadline = cli_now_ms () + REST_PATIENCE_MS;
    struct status before[SPEAKER_COUNT];
    for (;;) {
        int rc = look (it, before);
        if (rc == 0)
            rc = look (it, it->followers);
        if (rc < 0)
            return rc;
        it->is_at_rest = has_caught_up (before, it->followers);
        if (it->is_at_rest || cli_now_ms () > deadline)
            return look (it, it->status);
        poll (NULL, 0, REST_LOOK_MS);
    }
}

/* ---- journals ---------------------------------------------------------------------- */

static int take_entry (void *arg, const struct entry *entry, const struct followed *raw,
                       const struct hash *leaf_hash)
{
    struct verification *it = arg;
    tree_append (&it->tree, leaf_hash, NULL, NULL);
    it->leaves[it->reading][entry->sequence - 1] = *leaf_hash;
    audit_entry (it->audit, it->reading, entry, leaf_hash, raw->body);
    uint64_t head = it->status[it->reading].head;
    if (entry->sequence % 1024 == 0 || entry->sequence == head)
        cli_progress (it->cli, speaker_name (it->reading), entry->sequence, head);
    return 0;
}

static int read_journal (struct verification *it, enum speaker speaker)
{
    const struct status *status = &it->status[speaker];
    it->reading = speaker;
    it->tree = (struct tree_frontier){ 0 };
    it->leaves[speaker] = calloc (status->head + 1, sizeof (struct hash));
    if (it->leaves[speaker] == NULL)
        abort ();
    struct tail tail = {
        .speaker = speaker, .until = status->head, .visit = take_entry, .arg = it
    };
    int rc = status->head == 0 ? 0 : tail_read (it->session, &tail);
    cli_progress_done (it->cli);
    if (rc < 0)
        return rc;
    struct hash root;
    tree_frontier_root (&it->tree, &root);
    if (status->root.size != sizeof root.data ||
        memcmp (status->root.data, root.data, sizeof root.data) != 0)
        audit_complain (it->audit,
                        _ ("%s: the tree over %llu entries has another root than the "
                           "daemon says"),
                        speaker_name (speaker), (unsigned long long) status->head);
    return 0;
}

static void check_position (struct verification *it, enum speaker speaker,
                            const struct position *position)
{
    const struct status *source = &it->status[position->speaker];
    const char *name = speaker_name (speaker), *of = speaker_name (position->speaker);
    if (position->problem != NULL)
        audit_complain (it->audit, _ ("%s does not follow %s: %s"), name, of,
                        position->problem);
    if (position->acted > source->head) {
        audit_complain (it->audit,
                        _ ("%s has followed %s to %llu, which has only %llu entries"),
                        name, of, (unsigned long long) position->acted,
                        (unsigned long long) source->head);
        return;
    }
    if (!it->is_at_rest && position->acted < source->head)
        audit_complain (
            it->audit, _ ("%s is at entry %llu of %s, which has %llu: not at rest"), name,
            (unsigned long long) position->acted, of, (unsigned long long) source->head);
    if (position->acted > 0 &&
        (position->acted_hash.size != HASH_SIZE ||
         memcmp (position->acted_hash.data,
                 it->leaves[position->speaker][position->acted - 1].data,
                 HASH_SIZE) != 0))
        audit_complain (it->audit, _ ("%s remembers another entry %llu of %s"), name,
                        (unsigned long long) position->acted, of);
}

/* ---- sums -------------------------------------------------------------------------- */

/* Counts by village and department, or by department alone; from the journals and from
 * routing. */
struct sum {
    uint64_t village; /* 0: all */
    uint32_t department;
    uint64_t counts[STATE_COUNT];
};

struct sums {
    struct sum *rows;
    size_t n_rows, capacity;
    bool by_village;
};

static struct sum *sum_at (struct sums *sums, uint64_t village, uint32_t department)
{
    village = sums->by_village ? village : 0;
    for (size_t i = 0; i < sums->n_rows; i++)
        if (sums->rows[i].village == village && sums->rows[i].department == department)
            return &sums->rows[i];
    if (sums->n_rows == sums->capacity) {
        sums->capacity = sums->capacity == 0 ? 64 : sums->capacity * 2;
        sums->rows = reallocarray (sums->rows, sums->capacity, sizeof *sums->rows);
        if (sums->rows == NULL)
            abort ();
    }
    sums->rows[sums->n_rows] =
        (struct sum){ .village = village, .department = department };
    return &sums->rows[sums->n_rows++];
}

static void add_grievance (void *arg, const struct audit_grievance *grievance)
{
    struct sums *sums = arg;
    if (grievance->state != STATE_NONE && grievance->state < STATE_COUNT)
        sum_at (sums, grievance->village, grievance->department)
            ->counts[grievance->state]++;
}

static void compare (struct verification *it, struct sum *sum, const uint64_t *theirs)
{
    for (unsigned state = 0; state < STATE_COUNT; state++)
        if (theirs[state] != sum->counts[state])
            audit_complain (it->audit,
                            _ ("village %llu, department %u: routing counts %llu %s, the "
                               "journals %llu"),
                            (unsigned long long) sum->village, sum->department,
                            (unsigned long long) theirs[state], state_name (state),
                            (unsigned long long) sum->counts[state]);
    memset (sum->counts, 0, sizeof sum->counts); /* seen */
}

static int compare_sums (struct verification *it, bool by_village)
{
    static const uint64_t nothing[STATE_COUNT];
    struct sums sums = { .by_village = by_village };
    audit_each (it->audit, add_grievance, &sums);
    struct shape_query shape = { .by_village = by_village };
    struct reply reply;
    int rc;
    do {
        struct query query = { .shape = &shape };
        rc = session_query (it->session, SPEAKER_ROUTING, &query, &reply);
        for (size_t i = 0; rc == 0 && reply.shape != NULL && i < reply.shape->n_rows;
             i++) {
            const struct shape_row *row = &reply.shape->rows[i];
            uint64_t theirs[STATE_COUNT] = { 0 };
            for (size_t j = 0; j < row->n_counts; j++)
                theirs[row->counts[j].state] = row->counts[j].count;
            compare (it, sum_at (&sums, row->village, row->department), theirs);
            shape.after = by_village ? row->village : row->department;
        }
    } while (rc == 0 && reply.shape != NULL && reply.shape->more &&
             reply.shape->n_rows > 0);
    for (size_t i = 0; rc == 0 && i < sums.n_rows; i++)
        compare (it, &sums.rows[i], nothing); /* what routing did not tell */
    free (sums.rows);
    return rc;
}

/* ---- the whole --------------------------------------------------------------------- */

static uint64_t acted_on (const struct verification *it, enum speaker follower,
                          enum speaker source)
{
    const struct status *status = &it->followers[follower];
    for (size_t i = 0; i < status->n_positions; i++)
        if (status->positions[i].speaker == source)
            return status->positions[i].acted;
    return 0;
}

static int verify (struct verification *it)
{
    int rc = await_rest (it);
    for (size_t i = 0; rc == 0 && i < ARRAY_SIZE (speakers); i++)
        rc = read_journal (it, speakers[i]);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < ARRAY_SIZE (speakers); i++)
        for (size_t j = 0; j < it->followers[speakers[i]].n_positions; j++)
            check_position (it, speakers[i], &it->followers[speakers[i]].positions[j]);
    struct audit_positions positions = {
        .routing_at = acted_on (it, SPEAKER_ROUTING, SPEAKER_INTAKE),
        .escalation_at = acted_on (it, SPEAKER_ESCALATION, SPEAKER_ROUTING),
        .notification_at = acted_on (it, SPEAKER_NOTIFICATION, SPEAKER_INTAKE),
    };
    audit_finish (it->audit, &positions);
    rc = compare_sums (it, true);
    return rc < 0 ? rc : compare_sums (it, false);
}

static void print_json (struct cli *cli, const struct audit *audit)
{
    json_t *states = json_object (), *notices = json_object (), *findings = json_array ();
    for (unsigned state = 0; state < STATE_COUNT; state++)
        if (audit_in_state (audit, state) > 0)
            json_object_set_new (
                states, state_name (state),
                json_integer ((json_int_t) audit_in_state (audit, state)));
    for (unsigned state = 1; state < NOTICE_COUNT; state++)
        if (audit_notices (audit, state) > 0)
            json_object_set_new (
                notices, notice_state_name (state),
                json_integer ((json_int_t) audit_notices (audit, state)));
    for (size_t i = 0; audit_finding (audit, i) != NULL; i++)
        json_array_append_new (findings, json_string (audit_finding (audit, i)));
    cli_json_line (json_pack (
        "{s:I, s:I, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:o}", "registered",
        (json_int_t) audit_registered (audit), "refused",
        (json_int_t) audit_refused (audit), "states", states, "notices", notices,
        "intake_entries", (json_int_t) audit_entries (audit, SPEAKER_INTAKE),
        "routing_entries", (json_int_t) audit_entries (audit, SPEAKER_ROUTING),
        "escalation_entries", (json_int_t) audit_entries (audit, SPEAKER_ESCALATION),
        "notification_entries", (json_int_t) audit_entries (audit, SPEAKER_NOTIFICATION),
        "problems", (json_int_t) audit_problems (audit), "findings", findings));
    (void) cli;
}

static void print_table (const struct audit *audit)
{
    uint64_t registered = audit_registered (audit), sum = 0;
    struct cli_table *table = cli_table_create ();
    cli_table_column (table, _ ("STATE"), CLI_LEFT);
    cli_table_column (table, _ ("GRIEVANCES"), CLI_RIGHT);
    for (unsigned state = 0; state < STATE_COUNT; state++) {
        uint64_t count = audit_in_state (audit, state);
        sum += count;
        if (count == 0)
            continue;
        cli_table_row (table);
        cli_table_cell (table, "%s",
                        state == STATE_NONE ? _ ("registered only")
                                            : language_word (state, state));
        cli_table_cell (table, "%llu", (unsigned long long) count);
    }
    cli_table_row (table);
    cli_table_cell (table, "%s", _ ("sum"));
    cli_table_cell (table, "%llu", (unsigned long long) sum);
    cli_table_print (&table);
    printf (_ ("registered %llu %s sum over all states %llu; %llu commands refused\n"),
            (unsigned long long) registered, registered == sum ? "=" : "≠",
            (unsigned long long) sum, (unsigned long long) audit_refused (audit));
    for (size_t i = 0; i < ARRAY_SIZE (speakers); i++)
        printf (_ ("%s: %llu entries\n"), speaker_name (speakers[i]),
                (unsigned long long) audit_entries (audit, speakers[i]));
}

static int report (struct cli *cli, const struct audit *audit)
{
    if (cli->json)
        print_json (cli, audit);
    else
        print_table (audit);
    for (size_t i = 0; !cli->json && audit_finding (audit, i) != NULL; i++)
        fprintf (stderr, "  ✗ %s\n", audit_finding (audit, i));
    if (audit_problems (audit) > 0)
        return cli_fail (cli, EX_DATAERR, _ ("%zu things are wrong"),
                         audit_problems (audit));
    cli_say (cli,
             _ ("verified: nothing lost, nothing doubled, trees and positions hold"));
    return EX_OK;
}

static int run (struct cli *cli, const struct cli_arguments *arguments)
{
    (void) arguments;
    int rc = EX_OK;
    struct verification it = { .cli = cli, .audit = audit_create () };
    if (session_open (cli, "operator", &it.session) < 0)
        rc = cli_fail_err (cli);
    else if (verify (&it) < 0)
        rc = cli_fail_err (cli);
    else
        rc = report (cli, it.audit);
    for (unsigned i = 0; i < SPEAKER_COUNT; i++)
        free (it.leaves[i]);
    if (it.session != NULL)
        session_close (&it.session);
    audit_destroy (&it.audit);
    return rc;
}

const struct cli_command subcommand_verify = {
    .name = "verify",
    .arguments = "",
    .summary = N_ ("prove from the four journals that nothing was lost or doubled"),
    .example = "minqing verify",
    .description =
        N_ ("Reads every journal from its first entry (headers only) and holds "
            "them against each other and against what the daemons say."),
    .run = run,
};
