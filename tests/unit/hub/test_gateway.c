/* SPDX-License-Identifier: MIT */
#include "fake_house.h"

#include <stdio.h>

#include "hub/gateway.h"

static int set_up(void **state)
{
    *state = tg_gateway_create(TG_STR("chat"));
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    tg_gateway_destroy(*state);
    return 0;
}

static int set_path(struct tg_gateway *gateway, const char *path)
{
    struct tg_errmsg msg;

    return tg_gateway_set_path(gateway, tg_str_of(path), &msg);
}

static bool matches(struct tg_gateway *gateway, const char *path, struct tg_param *params)
{
    uint32_t count;

    return tg_gateway_match_path(gateway, tg_str_of(path), params, &count);
}

static void an_event_is_found_by_its_whole_name(void **state)
{
    struct tg_gateway *gateway = *state;

    assert_int_equal(tg_gateway_add_event(gateway, TG_STR("say"), 7, true), TG_OK);
    const struct tg_event *event = tg_gateway_find_event(gateway, TG_STR("say"));
    assert_non_null(event);
    assert_int_equal(event->handler, 7);
    assert_true(event->is_raw);
    assert_null(tg_gateway_find_event(gateway, TG_STR("sa")));
    assert_null(tg_gateway_find_event(gateway, TG_STR("say2")));
    assert_null(tg_gateway_find_event(gateway, TG_STR("")));
}

static void many_events_are_told_apart(void **state)
{
    struct tg_gateway *gateway = *state;
    char name[32];

    for (int i = 0; i < 2000; i++) {
        int length = snprintf(name, sizeof(name), "%.*s%d", i % 17, "an_event_of_theirs", i);
        assert_int_equal(tg_gateway_add_event(gateway, tg_str(name, (size_t)length), i, false),
                         TG_OK);
    }
    for (int i = 0; i < 2000; i++) {
        int length = snprintf(name, sizeof(name), "%.*s%d", i % 17, "an_event_of_theirs", i);
        const struct tg_event *event = tg_gateway_find_event(gateway, tg_str(name, (size_t)length));
        assert_non_null(event);
        assert_int_equal(event->handler, i);
        name[length - 1] = '\0';
        assert_null(tg_gateway_find_event(gateway, tg_str(name, (size_t)length)));
    }
}

static void the_event_found_last_is_no_other(void **state)
{
    struct tg_gateway *gateway = *state;

    assert_int_equal(tg_gateway_add_event(gateway, TG_STR("aa"), 1, false), TG_OK);
    assert_int_equal(tg_gateway_add_event(gateway, TG_STR("ab"), 2, false), TG_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(tg_gateway_find_event(gateway, TG_STR("aa"))->handler, 1);
        assert_int_equal(tg_gateway_find_event(gateway, TG_STR("aa"))->handler, 1);
        assert_int_equal(tg_gateway_find_event(gateway, TG_STR("ab"))->handler, 2);
        assert_null(tg_gateway_find_event(gateway, TG_STR("ac")));
        assert_null(tg_gateway_find_event(gateway, TG_STR("a")));
        assert_int_equal(tg_gateway_find_event(gateway, TG_STR("ab"))->handler, 2);
    }
}

static void names_that_are_none_are_refused(void **state)
{
    struct tg_gateway *gateway = *state;
    char name[129];

    memset(name, 'n', sizeof(name));
    assert_int_equal(tg_gateway_add_event(gateway, TG_STR(""), 1, false), TG_ERR_INVALID);
    assert_int_equal(tg_gateway_add_event(gateway, TG_STR("auth"), 1, false), TG_ERR_INVALID);
    assert_int_equal(tg_gateway_add_event(gateway, TG_STR("presence:join"), 1, false),
                     TG_ERR_INVALID);
    assert_int_equal(tg_gateway_add_event(gateway, tg_str(name, 129), 1, false), TG_ERR_INVALID);
    assert_int_equal(tg_gateway_add_event(gateway, tg_str(name, 128), 1, false), TG_OK);
    assert_int_equal(tg_gateway_add_event(gateway, tg_str(name, 128), 2, false), TG_ERR_EXISTS);
}

static void paths_are_checked(void **state)
{
    const char *good[] = {"/", "/a", "/a/b.c~d_e-F", "/:room", "/chat/:room/:seat"};
    const char *bad[] = {"",       "chat",     "/a/",    "//",
                         "/a//b",  "/a b",     "/%41",   "/a?b",
                         "/:",     "/..",      "/a/./b", "/:a:b",
                         "/:a/:a", "/:a/b/:a", "/#",     "/:a/:b/:c/:d/:e/:f/:g/:h/:i"};

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_int_equal(set_path(*state, good[i]), TG_OK);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(set_path(*state, bad[i]), TG_ERR_INVALID);
    }
}

static void a_path_matches_octet_by_octet(void **state)
{
    struct tg_param params[TG_GATEWAY_PARAMS_MAX];

    assert_int_equal(set_path(*state, "/a/b"), TG_OK);
    assert_true(matches(*state, "/a/b", params));
    assert_false(matches(*state, "/a/B", params));
    assert_false(matches(*state, "/a/b/", params));
    assert_false(matches(*state, "/a", params));
    assert_false(matches(*state, "/a//b", params));
    assert_false(matches(*state, "/a%2fb", params));
    assert_int_equal(set_path(*state, "/"), TG_OK);
    assert_true(matches(*state, "/", params));
    assert_false(matches(*state, "/x", params));
}

static void a_parameter_is_one_plain_segment(void **state)
{
    struct tg_param params[TG_GATEWAY_PARAMS_MAX];

    assert_int_equal(set_path(*state, "/c/:room/:seat"), TG_OK);
    assert_true(matches(*state, "/c/tea/7", params));
    assert_memory_equal(params[0].name.at, "room", 4);
    assert_memory_equal(params[0].value.at, "tea", 3);
    assert_memory_equal(params[1].value.at, "7", 1);
    assert_false(matches(*state, "/c//7", params));
    assert_false(matches(*state, "/c/../7", params));
    assert_false(matches(*state, "/c/./7", params));
    assert_false(matches(*state, "/c/a%20b/7", params));
    assert_false(matches(*state, "/c/tea/7/8", params));
}

static void paths_that_lead_to_the_same_are_known(void **state)
{
    static const struct {
        const char *a;
        const char *b;
        bool is_same;
    } rows[] = {
        {"/chat", "/chat", true},       {"/chat", "/chat/", false}, {"/:a", "/:b", true},
        {"/:a", "/chat", false},        {"/", "/", true},           {"/chat/:a", "/chat", false},
        {"/:a/x/:b", "/:c/x/:d", true}, {"/:a/x", "/:a/y", false},
    };
    struct tg_gateway *other = tg_gateway_create(TG_STR("other"));
    struct tg_errmsg msg;

    assert_non_null(other);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (set_path(*state, rows[i].a) != TG_OK ||
            tg_gateway_set_path(other, tg_str_of(rows[i].b), &msg) != TG_OK) {
            continue;
        }
        assert_int_equal(tg_gateway_is_same_path(*state, other), rows[i].is_same);
        assert_int_equal(tg_gateway_is_same_path(other, *state), rows[i].is_same);
    }
    tg_gateway_destroy(other);
}

static void an_exchange_leaves_who_is_connected_and_the_name(void **state)
{
    struct tg_gateway *one = *state;
    struct tg_gateway *other = tg_gateway_create(TG_STR("other"));
    const char *name = one->name;

    assert_non_null(other);
    assert_int_equal(set_path(one, "/one"), TG_OK);
    assert_int_equal(tg_gateway_add_event(one, TG_STR("e"), 1, false), TG_OK);
    one->client_count = 5;
    one->counter = 1;
    other->counter = 2;
    other->auth = TG_PRESENCE_REQUIRED;
    tg_gateway_exchange(one, other);
    assert_ptr_equal(one->name, name);
    assert_int_equal(one->client_count, 5);
    assert_int_equal(one->counter, 2);
    assert_int_equal(one->auth, TG_PRESENCE_REQUIRED);
    assert_null(one->path);
    assert_null(tg_gateway_find_event(one, TG_STR("e")));
    assert_string_equal(other->name, "other");
    assert_int_equal(other->client_count, 0);
    assert_string_equal(other->path, "/one");
    assert_non_null(tg_gateway_find_event(other, TG_STR("e")));
    one->client_count = 0;
    tg_gateway_destroy(other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_event_is_found_by_its_whole_name),
        TEST(names_that_are_none_are_refused),
        TEST(paths_are_checked),
        TEST(a_path_matches_octet_by_octet),
        TEST(a_parameter_is_one_plain_segment),
        TEST(paths_that_lead_to_the_same_are_known),
        TEST(an_exchange_leaves_who_is_connected_and_the_name),
        TEST(many_events_are_told_apart),
        TEST(the_event_found_last_is_no_other),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
