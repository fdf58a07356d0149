/* SPDX-License-Identifier: Apache-2.0 */
/* minqing queue, route explain: where it lies, and why there. */
#include "cli/cli.h"
#include "cli/language.h"
#include "cli/session.h"

#include "wire/names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* ---- queue ------------------------------------------------------------------------- */

enum { OPTION_VILLAGES };
static const struct cli_option queue_options[] = {
    [OPTION_VILLAGES] = { "by-village", NULL,
                          N_ ("by village instead of by department") },
    { NULL, NULL, NULL },
};

/* What people ask for: waiting, in hand, answered, closed. */
struct depth {
    uint64_t waiting, in_hand, answered, closed;
};

static struct depth depth_of (const struct shape_row *row)
{
    struct depth depth = { 0 };
    for (size_t i = 0; i < row->n_counts; i++) {
        uint64_t count = row->counts[i].count;
        switch (row->counts[i].state) {
        case STATE_UNDECIDED:
        case STATE_DISPATCHED:
        case STATE_OBJECTED:
        case STATE_ARBITRATION:
            depth.waiting += count;
            break;
        case STATE_CLAIMED:
        case STATE_HANDLING:
        case STATE_DIVERTED:
        case STATE_MEDIATING:
        case STATE_REVIEWING:
        case STATE_REREVIEWING:
        case STATE_HEARING:
            depth.in_hand += count;
            break;
        case STATE_DECIDED:
        case STATE_REFUSED:
        case STATE_WINDOW:
        case STATE_EXECUTING:
        case STATE_DONE:
            depth.answered += count;
            break;
        case STATE_CLOSED:
            depth.closed += count;
            break;
        case STATE_NONE:
        case STATE_COUNT:
            break;
        }
    }
    return depth;
}

static void print_depth (struct cli *cli, struct cli_table *table, const char *name,
                         uint64_t key, const struct depth *depth)
{
    if (cli->json) {
        cli_json_line (json_pack (
            "{s:I, s:s, s:I, s:I, s:I, s:I}", "number", (json_int_t) key, "name", name,
            "waiting", (json_int_t) depth->waiting, "in_hand",
            (json_int_t) depth->in_hand, "answered", (json_int_t) depth->answered,
            "closed", (json_int_t) depth->closed));
        return;
    }
    cli_table_row (table);
    cli_table_cell (table, "%llu", (unsigned long long) key);
    cli_table_cell (table, "%s", name);
    cli_table_cell (table, "%llu", (unsigned long long) depth->waiting);
    cli_table_cell (table, "%llu", (unsigned long long) depth->in_hand);
    cli_table_cell (table, "%llu", (unsigned long long) depth->answered);
    cli_table_cell (table, "%llu", (unsigned long long) depth->closed);
}

static void depth_columns (struct cli_table *table, const char *what)
{
    cli_table_column (table, _ ("CODE"), CLI_RIGHT);
    cli_table_column (table, what, CLI_LEFT);
    cli_table_column (table, _ ("WAITING"), CLI_RIGHT);
    cli_table_column (table, _ ("IN HAND"), CLI_RIGHT);
    cli_table_column (table, _ ("ANSWERED"), CLI_RIGHT);
    cli_table_column (table, _ ("CLOSED"), CLI_RIGHT);
}

/* By village routing tells a row for each department in it, one after the other: they are
 * added up here. */
struct adding {
    uint64_t key;
    struct depth depth, total;
    bool is_begun;
};

static void add_depth (struct depth *to, const struct depth *from)
{
    to->waiting += from->waiting;
    to->in_hand += from->in_hand;
    to->answered += from->answered;
    to->closed += from->closed;
}

static void end_row (struct cli *cli, struct cli_table *table, bool by_village,
                     struct adding *adding)
{
    if (!adding->is_begun)
        return;
    print_depth (cli, table,
                 by_village ? cli_village_name (cli, adding->key)
                            : cli_department_name (cli, (uint32_t) adding->key),
                 adding->key, &adding->depth);
    add_depth (&adding->total, &adding->depth);
    adding->depth = (struct depth){ 0 };
    adding->is_begun = false;
}

static int print_shape (struct cli *cli, struct session *session, bool by_village)
{
    struct shape_query shape = { .by_village = by_village };
    struct cli_table *table = cli_table_create ();
    struct adding adding = { 0 };
    depth_columns (table, by_village ? _ ("VILLAGE") : _ ("DEPARTMENT"));
    struct reply reply;
    int rc;
    do {
        struct query query = { .shape = &shape };
        rc = session_query (session, SPEAKER_ROUTING, &query, &reply);
        for (size_t i = 0; rc == 0 && reply.shape != NULL && i < reply.shape->n_rows;
             i++) {
            const struct shape_row *row = &reply.shape->rows[i];
            struct depth depth = depth_of (row);
            uint64_t key = by_village ? row->village : row->department;
            if (key != adding.key)
                end_row (cli, table, by_village, &adding);
            adding.key = key;
            adding.is_begun = true;
            add_depth (&adding.depth, &depth);
            shape.after = key;
        }
    } while (rc == 0 && reply.shape != NULL && reply.shape->more &&
             reply.shape->n_rows > 0);
    end_row (cli, table, by_village, &adding);
    if (rc == 0 && !cli->json)
        print_depth (cli, table, _ ("all"), 0, &adding.total);
    cli_table_print (&table);
    return rc < 0 ? cli_fail_err (cli) : EX_OK;
}

static int run_queue (struct cli *cli, const struct cli_arguments *arguments)
{
    int rc = EX_OK;
    struct session *session;
    if (session_open (cli, "operator", &session) < 0)
        return cli_fail_err (cli);
    rc = print_shape (cli, session, arguments->values[OPTION_VILLAGES] != NULL);
    session_close (&session);
    return rc;
}

const struct cli_command subcommand_queue = {
    .name = "queue",
    .arguments = "",
    .summary = N_ ("how much lies where: waiting, in hand, answered, closed"),
    .example = "minqing queue\nminqing queue --by-village",
    .options = queue_options,
    .run = run_queue,
};

/* ---- route explain ----------------------------------------------------------------- */

static void print_route (struct cli *cli, const struct route *route)
{
    if (cli->json) {
        json_t *steps = json_array ();
        for (size_t i = 0; i < route->n_steps; i++)
            json_array_append_new (steps, json_string (route->steps[i]));
        cli_json_line (json_pack ("{s:I, s:s, s:I, s:o}", "department",
                                  (json_int_t) route->department, "name",
                                  cli_department_name (cli, route->department), "row",
                                  (json_int_t) route->row, "steps", steps));
        return;
    }
    for (size_t i = 0; i < route->n_steps; i++)
        printf ("  %s\n", route->steps[i]);
    if (route->department != 0)
        printf (_ ("→ %u %s, by row %u\n"), route->department,
                cli_department_name (cli, route->department), route->row);
    else
        printf (_ ("→ the dispatcher\n"));
    for (size_t i = 0; i < route->n_assisting; i++)
        printf (_ ("  assisting: %u %s\n"), route->assisting[i],
                cli_department_name (cli, route->assisting[i]));
    for (size_t i = 0; i < route->n_candidates; i++)
        printf (_ ("  candidate: %u %s — %s\n"), route->candidates[i].department,
                cli_department_name (cli, route->candidates[i].department),
                route->candidates[i].why != NULL ? route->candidates[i].why : "");
}

static int run_route (struct cli *cli, const struct cli_arguments *arguments)
{
    int rc = EX_OK;
    if (strcmp (arguments->rest[0], "explain") != 0)
        return cli_fail (cli, EX_USAGE,
                         _ ("minqing route explain VILLAGE [CATEGORY [PURPOSE]]"));
    struct route_query route = { .purpose = PURPOSE_REQUEST };
    if (cli_unsigned (cli, "VILLAGE", arguments->rest[1], UINT64_C (999999999999),
                      &route.village) < 0)
        return cli_fail_err (cli);
    if (arguments->n_rest > 2 && arguments->rest[2][0] != '\0' &&
        strcmp (arguments->rest[2], "-") != 0)
        route.category = arguments->rest[2];
    cli_category_doubt (cli, route.category);
    if (arguments->n_rest > 3 && !purpose_parse (arguments->rest[3], &route.purpose))
        return cli_fail (cli, EX_USAGE,
                         _ ("PURPOSE is one of appeal, request, suggestion, accusation, "
                            "inquiry, other"));
    struct session *session;
    if (session_open (cli, "operator", &session) < 0)
        return cli_fail_err (cli);
    struct query query = { .route = &route };
    struct reply reply;
    if (session_query (session, SPEAKER_ROUTING, &query, &reply) < 0)
        rc = cli_fail_err (cli);
    else if (reply.route != NULL)
        print_route (cli, reply.route);
    session_close (&session);
    return rc;
}

const struct cli_command subcommand_route = {
    .name = "route",
    .arguments = "explain VILLAGE [CATEGORY|- [PURPOSE]]",
    .summary = N_ ("which department, by which row, and why not another"),
    .example = "minqing route explain 340522100201 国土资源/土地征收",
    .min = 2,
    .max = 4,
    .run = run_route,
};
