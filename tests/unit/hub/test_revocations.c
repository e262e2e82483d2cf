/* SPDX-License-Identifier: MIT */
#include "fake_house.h"

#include <stdio.h>

#include "hub/revocations.h"

static int set_up(void **state)
{
    *state = fake_house_create(NULL);
    return 0;
}

static int tear_down(void **state)
{
    fake_house_destroy(*state);
    return 0;
}

static int set(struct fake_house *house, const char *text)
{
    struct tg_errmsg msg = {{0}};

    return tg_hub_set_revocations(&house->hub, tg_str_of(text), &msg);
}

static bool hits(struct fake_house *house, const char *jti, const char *sub, const char *tenant)
{
    struct tg_bearer bearer = {tg_str_of(jti), tg_str_of(sub), tg_str_of(tenant)};

    return tg_revocations_hit(&house->hub, &bearer);
}

static void any_of_the_three_is_enough(void **state)
{
    struct fake_house *house = *state;

    assert_false(hits(house, "j1", "alice", "acme"));
    assert_int_equal(set(house, "jti j1\nsub alice\ntenant acme\nsub a b \n"), TG_OK);
    assert_true(hits(house, "j1", "bob", "globex"));
    assert_true(hits(house, NULL, "alice", NULL));
    assert_true(hits(house, "j2", "bob", "acme"));
    assert_true(hits(house, NULL, "a b ", NULL));
    assert_false(hits(house, "j2", "bob", "globex"));
    assert_false(hits(house, NULL, NULL, NULL));
}

static void a_value_counts_for_its_own_kind_alone(void **state)
{
    struct fake_house *house = *state;

    assert_int_equal(set(house, "jti alice\n"), TG_OK);
    assert_false(hits(house, "bob", "alice", "alice"));
    assert_false(hits(house, "alic", NULL, NULL));
    assert_false(hits(house, "alice ", NULL, NULL));
    assert_true(hits(house, "alice", NULL, NULL));
}

static void what_is_taken_out_is_revoked_no_more(void **state)
{
    struct fake_house *house = *state;

    assert_int_equal(set(house, "sub alice\nsub alice\n"), TG_OK);
    assert_true(hits(house, NULL, "alice", NULL));
    assert_int_equal(set(house, ""), TG_OK);
    assert_false(hits(house, NULL, "alice", NULL));
}

static void values_have_1_to_128_octets(void **state)
{
    struct fake_house *house = *state;
    char value[130];
    char line[140];

    memset(value, 'x', 129);
    value[129] = '\0';
    (void)snprintf(line, sizeof(line), "sub %s\n", value);
    assert_int_equal(set(house, line), TG_ERR_SYNTAX);
    value[128] = '\0';
    (void)snprintf(line, sizeof(line), "sub %s\n", value);
    assert_int_equal(set(house, line), TG_OK);
    assert_true(hits(house, NULL, value, NULL));
    value[128] = 'x';
    assert_false(hits(house, NULL, value, NULL));
}

static void a_bad_version_changes_nothing(void **state)
{
    static const char *const bad[] = {"sub\n",       "sub \n", "alice\n", "sub\talice\n",
                                      "Sub alice\n", "\n",     "sub bob", "kid k1\n"};
    struct fake_house *house = *state;

    assert_int_equal(set(house, "sub alice\n"), TG_OK);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(set(house, bad[i]), TG_ERR_SYNTAX);
        assert_true(hits(house, NULL, "alice", NULL));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(any_of_the_three_is_enough),           TEST(a_value_counts_for_its_own_kind_alone),
        TEST(what_is_taken_out_is_revoked_no_more), TEST(values_have_1_to_128_octets),
        TEST(a_bad_version_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
