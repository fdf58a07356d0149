/* SPDX-License-Identifier: Apache-2.0 */
#include "rules_tables.h"

#include "rules/answerable.h"

static struct rules *rules;

static const struct {
    uint32_t department;
    unsigned level;
    const char *day;
    uint32_t person;
    uint32_t stands_in_for;
    uint32_t of; /* department of that person */
    unsigned answers;
    const char *why;
} cases[] = {
    { 11, 0, "2026-11-23", 0, 0, 11, 0, "the department as a whole" },
    { 11, 1, "2026-11-23", 1111, 0, 11, 1, "its head" },
    { 11, 1, "2026-11-29", 1111, 0, 11, 1, "the day before somebody stands in" },
    { 11, 1, "2026-11-30", 1112, 1111, 11, 1, "the first day of standing in" },
    { 11, 1, "2026-12-11", 1112, 1111, 11, 1, "the last" },
    { 11, 1, "2026-12-12", 1111, 0, 11, 1, "the head is back" },
    { 11, 2, "2026-11-23", 1004, 0, 10, 2, "the leader in charge" },
    { 11, 2, "2027-01-01", 1002, 0, 10, 2, "left office: the leader of the superior" },
    { 11, 3, "2026-11-23", 1001, 0, 10, 3, "the person of the joint meeting" },
    { 11, 4, "2026-11-23", 5101, 0, 51, 4, "the county's" },
    { 12, 1, "2026-11-23", 1212, 0, 12, 1, "no head: the deputy" },
    { 12, 2, "2026-11-23", 1002, 0, 10, 2, "no leader of its own: that of the superior" },
    { 13, 1, "2026-11-23", 1212, 0, 12, 1, "abolished: its successor's" },
    { 31, 1, "2026-11-23", 1002, 0, 10, 2, "nobody at all in it: the next level up" },
    { 101, 2, "2026-11-23", 5101, 0, 51, 4, "no leader, no joint person: the county" },
    { 101, 3, "2026-11-23", 5101, 0, 51, 4, "nor is the other township's person asked" },
    { 52, 1, "2026-11-23", 5101, 0, 51, 4, "a county department without anybody" },
    { 22, 1, "2026-11-23", 2211, 0, 22, 1, "discipline organ" },
    { 22, 2, "2026-11-23", 5301, 0, 53, 4,
      "its affairs do not go to the township's leaders" },
    { 99, 1, "2026-11-23", 1001, 0, 10, 3,
      "an unknown department: the village's township" },
};

static void every_level_has_somebody (void **state UNUSED)
{
    for (size_t i = 0; i < ARRAY_SIZE (cases); i++) {
        struct answerable who;
        rules_answerable (rules, cases[i].department, cases[i].level,
                          UINT64_C (340522100001), day_of (cases[i].day), &who);
        if (who.person != cases[i].person || who.level != cases[i].answers ||
            who.department != cases[i].of || who.stands_in_for != cases[i].stands_in_for)
            fail_msg ("case %zu (%s): person %u for %u of %u at level %u", i,
                      cases[i].why, who.person, who.stands_in_for, who.department,
                      who.level);
        assert_true (who.filled == (cases[i].answers != cases[i].level));
        assert_false (who.nobody);
    }
}

static void the_topmost_department_is_told_where_nobody_is (void **state UNUSED)
{
    static struct rules_problems problems;
    struct rules *other = NULL;
    /* The county's persons are there, but only until 2025. */
    assert_int_equal (parse_with (RULES_PEOPLE,
                                  "number\tname\tdepartment\toffice\tuntil\n"
                                  "5101\t壬\t51\t县级\t2025-12-31\n"
                                  "1002\t乙\t10\t分管领导\t2025-12-31\n"
                                  "1004\t丙\t10\t分管领导\t2025-12-31\n",
                                  &other, &problems),
                      0);
    struct answerable who;
    rules_answerable (other, 11, LEVEL_HEAD, 0, day_of ("2026-11-23"), &who);
    assert_true (who.nobody && who.filled);
    assert_int_equal (who.person, 0);
    assert_int_equal (who.department, 51);
    assert_int_equal (who.level, LEVEL_COUNTY);
    rules_answerable (other, 11, LEVEL_HEAD, 0, day_of ("2025-11-23"), &who);
    assert_int_equal (who.person, 1004);
    rules_destroy (&other);
}

static void who_stands_in_may_what_the_other_may (void **state UNUSED)
{
    static const struct {
        uint32_t person, department;
        enum office office;
        const char *day;
        bool may;
    } rows[] = {
        { 1111, 11, OFFICE_HEAD, "2026-11-23", true },
        { 1112, 11, OFFICE_HEAD, "2026-11-23", false },
        { 1112, 11, OFFICE_DEPUTY, "2026-11-23", true },
        { 1112, 11, OFFICE_HEAD, "2026-12-01", true },
        { 1111, 11, OFFICE_HEAD, "2026-12-01", true },
        { 1131, 11, OFFICE_WORKER, "2026-11-23", true },
        { 1131, 12, OFFICE_WORKER, "2026-11-23", false },
        { 1131, 11, OFFICE_HEAD, "2026-11-23", false },
        { 1131, 11, 0, "2026-11-23", true },
        { 1004, 10, OFFICE_LEADER, "2023-12-31", false },
        { 1004, 10, OFFICE_LEADER, "2024-01-01", true },
        { 9999, 11, 0, "2026-11-23", false },
    };
    for (size_t i = 0; i < ARRAY_SIZE (rows); i++)
        assert_true (officer_may (rules, rows[i].person, rows[i].department,
                                  rows[i].office, day_of (rows[i].day)) == rows[i].may);
}

static void stand_ins_in_a_circle_end (void **state UNUSED)
{
    static struct rules_problems problems;
    struct rules *other = NULL;
    assert_int_equal (
        parse_with (RULES_PEOPLE,
                    "number\tname\tdepartment\toffice\tfrom\tuntil\tstands_in_for\n"
                    "5101\t壬\t51\t县级\n1002\t乙\t10\t分管领导\n1004\t丙\t10\t分管领导\n"
                    "1111\t丁\t11\t负责人\n1112\t戊\t11\t副职\n"
                    "1112\t戊\t11\t负责人\t2026-11-01\t2026-11-30\t1111\n"
                    "1111\t丁\t11\t副职\t2026-11-01\t2026-11-30\t1112\n",
                    &other, &problems),
        0);
    uint32_t acting = officer_acting (other, 1111, day_of ("2026-11-23"));
    assert_true (acting == 1111 || acting == 1112);
    assert_int_equal (officer_acting (other, 1111, day_of ("2026-12-01")), 1111);
    rules_destroy (&other);
}

static void people_of_an_office_are_walked_in_order (void **state UNUSED)
{
    const struct officer *officer;
    uint32_t sum = 0;
    size_t count = 0;
    for (size_t at = 0;
         (officer = officer_next (rules, 11, 0, day_of ("2026-12-01"), &at)) != NULL;
         count++)
        sum += officer->number;
    assert_int_equal (count, 4);
    assert_int_equal (sum, 1111 + 1112 + 1112 + 1131);
    assert_int_equal (officer_find (rules, 1004)->department, 10);
    assert_null (officer_find (rules, 1003));
    assert_int_equal (officer_find (rules, 1001)->outlets[0].kind, OUTLET_SMTP);
    assert_string_equal (officer_find (rules, 1001)->outlets[0].address, "a@h.example");
}

static uint32_t number_of (const struct department *department)
{
    return department == NULL ? 0 : department->number;
}

static void contested_grievances_have_an_arbiter (void **state UNUSED)
{
    assert_int_equal (number_of (department_common_superior (rules, 11, 12)), 10);
    assert_int_equal (number_of (department_common_superior (rules, 11, 10)), 10);
    assert_int_equal (number_of (department_common_superior (rules, 10, 11)), 10);
    assert_int_equal (number_of (department_common_superior (rules, 13, 12)), 12);
    assert_int_equal (number_of (department_common_superior (rules, 11, 101)), 51);
    /* No common superior: the arbiter of the territory. */
    assert_int_equal (number_of (department_common_superior (rules, 11, 22)), 51);
    assert_null (department_common_superior (rules, 11, 99));
}

static void the_nearest_dispatcher_has_the_queue (void **state UNUSED)
{
    assert_int_equal (number_of (department_dispatching (rules, UINT64_C (340522100207))),
                      31);
    assert_int_equal (number_of (department_dispatching (rules, UINT64_C (340522101201))),
                      52);
    assert_null (department_dispatching (rules, UINT64_C (350000000000)));
}

static void abolished_departments_lead_to_their_successor (void **state UNUSED)
{
    assert_int_equal (number_of (department_in_force (rules, 13)), 12);
    assert_int_equal (number_of (department_in_force (rules, 12)), 12);
    assert_int_equal (number_of (department_find (rules, 13)), 13);
    assert_null (department_in_force (rules, 14));
}

static void accusations_are_sealed_for_a_key_that_is_there (void **state UNUSED)
{
    static struct rules_problems problems;
    struct rules *other = NULL;
    assert_null (department_sealing (rules, UINT64_C (340522100207), NULL, 0));
    static const char departments[] =
        "number\tname\tlevel\tterritory\tsuperior\tleader\tsuccessor\tflags\tseal_key\n"
        "10\t党政办\t镇\t340522100\t51\t-\t-\t-\t-\n11\t国土所\t镇\t340522100\t10\t-\t-"
        "\t-\t-\n"
        "12\t征迁办\t镇\t340522100\t10\t-\t-\t-\t-\n13\t城建办\t镇\t340522100\t10\t-"
        "\t12\t-\t-\n"
        "22\t镇纪委\t镇\t340522100\t53\t-\t-\t纪检\t"
        "000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F\n"
        "51\t县政府办\t县\t340522\t-\t-\t-\t分办\t-\n53\t县纪委\t县\t340522\t-\t-\t-"
        "\t纪检\t-\n"
        "101\t运漕镇党政办\t镇\t340522101\t51\t-\t-\t-\t-\n";
    assert_int_equal (parse_with (RULES_DEPARTMENTS, departments, &other, &problems), 0);
    const struct department *organ =
        department_sealing (other, UINT64_C (340522100207), NULL, 0);
    assert_int_equal (number_of (organ), 22);
    assert_int_equal (organ->seal_key[1], 1);
    assert_int_equal (organ->seal_key[31], 31);
    /* Complained of itself, it must not be the one who can open it: the organ above has
     * no key yet. */
    const uint32_t accused[] = { 22 }, both[] = { 22, 53 };
    assert_null (department_sealing (other, UINT64_C (340522100207), accused, 1));
    assert_int_equal (number_of (department_discipline_above (
                          other, UINT64_C (340522100207), accused, 1)),
                      53);
    assert_null (department_discipline_above (other, UINT64_C (340522100207), both, 2));
    /* The other township's go to the county's organ, which has no key yet. */
    assert_null (department_sealing (other, UINT64_C (340522101201), NULL, 0));
    rules_destroy (&other);
}

static int load (void **state UNUSED)
{
    rules = small_rules ();
    return 0;
}

static int unload (void **state UNUSED)
{
    rules_destroy (&rules);
    return 0;
}

int main (void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test (every_level_has_somebody),
        cmocka_unit_test (the_topmost_department_is_told_where_nobody_is),
        cmocka_unit_test (who_stands_in_may_what_the_other_may),
        cmocka_unit_test (stand_ins_in_a_circle_end),
        cmocka_unit_test (people_of_an_office_are_walked_in_order),
        cmocka_unit_test (contested_grievances_have_an_arbiter),
        cmocka_unit_test (the_nearest_dispatcher_has_the_queue),
        cmocka_unit_test (abolished_departments_lead_to_their_successor),
        cmocka_unit_test (accusations_are_sealed_for_a_key_that_is_there),
    };
    return cmocka_run_group_tests (tests, load, unload);
}
