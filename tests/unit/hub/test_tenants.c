/* SPDX-License-Identifier: MIT */
#include "fake_house.h"

#include "hub/tenants.h"

static const char registry[] = "acme\tactive\tAcme & S\xc3\xb6hne\n"
                               "old\tsuspended\tOld\n"
                               "plain\tactive\t\n";

static int set_up(void **state)
{
    const char *settings[] = {"tenants.file=tenants.lua", NULL};

    *state = fake_house_create(settings);
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

    return tg_hub_set_tenants(&house->hub, tg_str_of(text), &msg);
}

static void assert_name(struct fake_house *house, const char *id, const char *name)
{
    struct tg_str found = tg_tenants_name(&house->hub, tg_str_of(id));

    assert_int_equal(found.length, strlen(name));
    assert_memory_equal(found.at, name, found.length);
}

static void without_a_file_any_well_formed_id_is_a_tenant(void **state)
{
    struct fake_house *house = fake_house_create(NULL);

    (void)state;
    assert_int_equal(tg_tenants_state(&house->hub, TG_STR("acme")), TG_TENANT_ACTIVE);
    assert_int_equal(tg_tenants_state(&house->hub, TG_STR("Acme")), TG_TENANT_UNKNOWN);
    assert_int_equal(tg_tenants_state(&house->hub, TG_STR("")), TG_TENANT_UNKNOWN);
    assert_name(house, "acme", "acme");
    fake_house_destroy(house);
}

static void before_the_first_version_nobody_is_a_tenant(void **state)
{
    struct fake_house *house = *state;

    assert_int_equal(tg_tenants_state(&house->hub, TG_STR("acme")), TG_TENANT_UNKNOWN);
}

static void the_registry_says_who_is_a_tenant_and_how_it_is_called(void **state)
{
    struct fake_house *house = *state;

    assert_int_equal(set(house, registry), TG_OK);
    assert_int_equal(tg_tenants_state(&house->hub, TG_STR("acme")), TG_TENANT_ACTIVE);
    assert_int_equal(tg_tenants_state(&house->hub, TG_STR("old")), TG_TENANT_SUSPENDED);
    assert_int_equal(tg_tenants_state(&house->hub, TG_STR("plain")), TG_TENANT_ACTIVE);
    assert_int_equal(tg_tenants_state(&house->hub, TG_STR("acm")), TG_TENANT_UNKNOWN);
    assert_int_equal(tg_tenants_state(&house->hub, TG_STR("acme\tactive")), TG_TENANT_UNKNOWN);
    assert_name(house, "acme", "Acme & S\xc3\xb6hne");
    assert_name(house, "plain", "plain");
    assert_name(house, "nobody", "nobody");
}

static void a_new_version_takes_the_place_of_the_old(void **state)
{
    struct fake_house *house = *state;

    assert_int_equal(set(house, registry), TG_OK);
    assert_int_equal(set(house, "old\tactive\tOld again\nnew\tactive\tNew\n"), TG_OK);
    assert_int_equal(tg_tenants_state(&house->hub, TG_STR("old")), TG_TENANT_ACTIVE);
    assert_int_equal(tg_tenants_state(&house->hub, TG_STR("new")), TG_TENANT_ACTIVE);
    assert_int_equal(tg_tenants_state(&house->hub, TG_STR("acme")), TG_TENANT_UNKNOWN);
    assert_name(house, "old", "Old again");
    assert_int_equal(set(house, ""), TG_OK);
    assert_int_equal(tg_tenants_state(&house->hub, TG_STR("old")), TG_TENANT_UNKNOWN);
}

static void a_bad_version_changes_nothing(void **state)
{
    static const char *const bad[] = {
        "acme\n",
        "acme\tactive\n",
        "acme\tgone\tAcme\n",
        "acme\tActive\tAcme\n",
        "Acme\tactive\tAcme\n",
        "\tactive\tAcme\n",
        "a b\tactive\tAcme\n",
        "a\tactive\tb\tc\n",
        "a\tactive\t\x1b[31m\n",
        "a\tactive\t\xff\n",
        "a\tactive\ta\na\tactive\ta\n",
        "a\tactive\ta",
    };
    struct fake_house *house = *state;

    assert_int_equal(set(house, registry), TG_OK);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_not_equal(set(house, bad[i]), TG_OK);
        assert_int_equal(tg_tenants_state(&house->hub, TG_STR("acme")), TG_TENANT_ACTIVE);
        assert_int_equal(tg_tenants_state(&house->hub, TG_STR("old")), TG_TENANT_SUSPENDED);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_file_any_well_formed_id_is_a_tenant),
        TEST(before_the_first_version_nobody_is_a_tenant),
        TEST(the_registry_says_who_is_a_tenant_and_how_it_is_called),
        TEST(a_new_version_takes_the_place_of_the_old),
        TEST(a_bad_version_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
