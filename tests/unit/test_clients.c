/* SPDX-License-Identifier: Apache-2.0 */
#include "base/civil.h"
#include "clients/clients.h"
#include "support/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define KEY_A  "0100000000000000000000000000000000000000000000000000000000000000"
#define KEY_B  "0200000000000000000000000000000000000000000000000000000000000000"
#define HEADER "number\trole\tkey\tterritory\tdepartment\tname\tuntil\n"

static int parse (const char *tsv, struct clients **ret, struct err *err)
{
    return clients_parse (ret, "clients.tsv", bytes_of_text (tsv), NULL, err);
}

/* ---- the table ---------------------------------------------------------------------- */

static void table_is_read_whole (void **state)
{
    (void) state;
    struct clients *clients;
    struct err err = { 0 };
    int rc = parse ("\xEF\xBB\xBF# terminals\r\n" HEADER "102\tterminal\t" KEY_B
                    "\t340522100207\t-\t金山村\t2026-12-31\r\n"
                    "\n"
                    "7\tdesk\t" KEY_A "\t\t11\t国土所\t",
                    &clients, &err);
    assert_int_equal (rc, 0);
    assert_int_equal (clients_count (clients), 2);
    assert_int_equal (clients_at (clients, 0)->number, 7);
    const struct client *terminal = clients_find_number (clients, 102);
    assert_int_equal (terminal->role, ROLE_TERMINAL);
    assert_int_equal (terminal->territory, UINT64_C (340522100207));
    assert_string_equal (terminal->name, "金山村");
    assert_ptr_equal (clients_find_key (clients, BYTES (terminal->key, CLIENT_KEY_SIZE)),
                      terminal);
    assert_int_equal (clients_find_number (clients, 7)->department, 11);
    assert_int_equal (clients_find_number (clients, 7)->until_day, INT32_MAX);
    assert_null (clients_find_number (clients, 8));
    clients_destroy (&clients);
}

static void client_may_come_until_the_end_of_its_last_day (void **state)
{
    (void) state;
    struct clients *clients;
    int rc = parse ("number\trole\tkey\tuntil\n1\tterminal\t" KEY_A "\t2026-11-23\n",
                    &clients, NULL);
    assert_int_equal (rc, 0);
    const struct client *client = clients_at (clients, 0);
    int64_t end_ms = civil_day_end_ms (civil_day_of (2026, 11, 23));
    assert_true (client_is_current (client, end_ms - 1));
    assert_false (client_is_current (client, end_ms));
    clients_destroy (&clients);
}

static void client_covers_its_territory (void **state)
{
    (void) state;
    struct client village = { .territory = UINT64_C (340522100207) };
    struct client township = { .territory = 340522100 }, all = { 0 };
    assert_true (client_covers (&village, UINT64_C (340522100207)));
    assert_false (client_covers (&village, UINT64_C (340522100208)));
    assert_true (client_covers (&township, UINT64_C (340522100208)));
    assert_false (client_covers (&township, UINT64_C (340522101201)));
    assert_true (client_covers (&all, UINT64_C (340522101201)));
}

static void mistakes_are_told_with_their_line (void **state)
{
    (void) state;
    static const struct {
        const char *tsv, *says;
    } mistakes[] = {
        { "", "names of the columns" },
        { HEADER, "no client at all" },
        { "number\trole\n", "column key is missing" },
        { "number\trole\tkey\tteritory\n", "did you mean territory" },
        { "number\trole\tkey\tkey\n", "stands twice" },
        { HEADER "x\tterminal\t" KEY_A "\n",
          "clients.tsv:2: column number: x is no number" },
        { HEADER "0\tterminal\t" KEY_A "\n", "count from 1" },
        { HEADER "100000\tterminal\t" KEY_A "\n", "terminals to 99999" },
        { HEADER "99999999999\tdesk\t" KEY_A "\t\t1\n", "column number" },
        { HEADER "# a\n1\tking\t" KEY_A "\n", "clients.tsv:3: column role: \"king\"" },
        { HEADER "1\tterminal\t0102\n", "64 hex digits" },
        { HEADER "1\tterminal\t" KEY_A "\t3405\t\t\t2026-02-30\n", "column until" },
        { HEADER "1\tterminal\t" KEY_A "\t345\n", "is no territory" },
        { HEADER "1\tdesk\t" KEY_A "\n", "a desk works for one" },
        { HEADER "1\tdaemon\t" KEY_A "\t\t\tmayor\n", "a daemon is called intake" },
        { HEADER "1\tterminal\t" KEY_A "\n1\tterminal\t" KEY_B "\n",
          "client 1 stands twice" },
        { HEADER "1\tterminal\t" KEY_A "\n2\tterminal\t" KEY_A "\n",
          "clients 1 and 2 have the same key" },
    };
    for (size_t i = 0; i < ARRAY_SIZE (mistakes); i++) {
        struct clients *clients = NULL;
        struct err err = { 0 };
        assert_true (parse (mistakes[i].tsv, &clients, &err) < 0);
        assert_null (clients);
        if (strstr (err.text, mistakes[i].says) == NULL)
            fail_msg ("\"%s\" does not say \"%s\"", err.text, mistakes[i].says);
    }
}

static void two_keys_of_different_size_are_not_equal (void **state)
{
    (void) state;
    struct clients *clients;
    int rc = parse (HEADER "1\tterminal\t" KEY_A "\n", &clients, NULL);
    assert_int_equal (rc, 0);
    assert_null (clients_find_key (clients, BYTES ("\1", 1)));
    assert_null (clients_find_key (clients, BYTES (NULL, 0)));
    clients_destroy (&clients);
}

/* ---- counters ----------------------------------------------------------------------- */

enum { COUNTERS, OUTCOMES, TABLES };
static const struct clients_tables tables = { .counters = COUNTERS,
                                              .outcomes = OUTCOMES };
static const uint8_t content[HASH16_SIZE] = { 1 }, other[HASH16_SIZE] = { 2 };

struct desk { /* a store, for one test */
    struct scratch scratch;
    struct store *store;
    struct txn *txn;
    struct client_place place;
    uint64_t sequence;
};

static struct desk desk_open (void)
{
    static const char *const names[TABLES] = { "counters", "outcomes" };
    struct desk desk = { .scratch = scratch_make () };
    int rc =
        store_open_volatile (desk.scratch.path, names, TABLES, 16, &desk.store, NULL);
    assert_int_equal (rc, 0);
    desk.txn = txn_begin_write (desk.store);
    return desk;
}

static void desk_close (struct desk *desk)
{
    txn_abort (&desk->txn);
    store_close (&desk->store);
    scratch_remove (&desk->scratch);
}

static enum admission admit (struct desk *desk, uint32_t incarnation, uint64_t counter,
                             bool enrols, const uint8_t *digest)
{
    return clients_admit (desk->txn, &tables, 5, incarnation, counter, enrols, digest,
                          &desk->place, &desk->sequence);
}

static void apply (struct desk *desk, uint64_t sequence, uint32_t incarnation,
                   uint64_t counter)
{
    struct actor actor = { .client = 5,
                           .incarnation = incarnation,
                           .counter = counter,
                           .content = BYTES_OF (content) };
    struct entry entry = { .sequence = sequence, .actor = &actor };
    clients_apply (desk->txn, &tables, &entry);
}

static void counters_are_admitted_in_order (void **state)
{
    (void) state;
    struct desk desk = desk_open ();
    assert_int_equal (admit (&desk, 1, 1, false, content), ADMIT_NEW);
    assert_int_equal (admit (&desk, 1, 2, false, content), ADMIT_GAP);
    assert_int_equal (desk.place.next_counter, 1);
    apply (&desk, 40, 1, 1);
    assert_int_equal (admit (&desk, 1, 2, false, other), ADMIT_NEW);
    assert_int_equal (admit (&desk, 1, 1, false, content), ADMIT_REPEAT);
    assert_int_equal (desk.sequence, 40);
    assert_int_equal (admit (&desk, 1, 1, false, other), ADMIT_CONFLICT);
    assert_int_equal (desk.place.next_counter, 2);
    assert_int_equal (txn_error (desk.txn), 0);
    desk_close (&desk);
}

static void entry_without_counter_consumes_nothing (void **state)
{
    (void) state;
    struct desk desk = desk_open ();
    apply (&desk, 40, 1, 0);
    clients_apply (desk.txn, &tables, &(struct entry){ .sequence = 41 });
    assert_int_equal (admit (&desk, 1, 1, false, content), ADMIT_NEW);
    assert_int_equal (txn_count (desk.txn, OUTCOMES), 0);
    desk_close (&desk);
}

static void new_incarnation_begins_with_one_and_closes_the_old (void **state)
{
    (void) state;
    struct desk desk = desk_open ();
    apply (&desk, 40, 1, 1);
    assert_int_equal (admit (&desk, 2, 1, false, content), ADMIT_INCARNATION);
    assert_int_equal (admit (&desk, 2, 2, true, content), ADMIT_INCARNATION);
    assert_int_equal (admit (&desk, 3, 1, true, content), ADMIT_INCARNATION);
    assert_int_equal (admit (&desk, 2, 1, true, content), ADMIT_NEW);
    apply (&desk, 41, 2, 1);
    assert_int_equal (admit (&desk, 1, 2, false, content), ADMIT_INCARNATION);
    assert_int_equal (desk.place.incarnation, 2);
    assert_int_equal (desk.place.next_counter, 2);
    assert_int_equal (admit (&desk, 2, 1, true, content), ADMIT_REPEAT);
    assert_int_equal (desk.sequence, 41);
    desk_close (&desk);
}

static void clients_do_not_share_counters (void **state)
{
    (void) state;
    struct desk desk = desk_open ();
    apply (&desk, 40, 1, 1);
    struct client_place place;
    clients_place (desk.txn, &tables, 6, &place);
    assert_int_equal (place.incarnation, 1);
    assert_int_equal (place.next_counter, 1);
    desk_close (&desk);
}

int main (void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test (table_is_read_whole),
        cmocka_unit_test (client_may_come_until_the_end_of_its_last_day),
        cmocka_unit_test (client_covers_its_territory),
        cmocka_unit_test (mistakes_are_told_with_their_line),
        cmocka_unit_test (two_keys_of_different_size_are_not_equal),
        cmocka_unit_test (counters_are_admitted_in_order),
        cmocka_unit_test (entry_without_counter_consumes_nothing),
        cmocka_unit_test (new_incarnation_begins_with_one_and_closes_the_old),
        cmocka_unit_test (clients_do_not_share_counters),
    };
    return cmocka_run_group_tests (tests, NULL, NULL);
}
