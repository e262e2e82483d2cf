/* SPDX-License-Identifier: MIT */
#include "deploy/load.h"

#include <stdio.h>

#include "fake_app.h"

static const char *const plain[] = {"gateway.lua", "return { path = '/1', events = {} }", NULL};
static const char *const endless[] = {"gateway.lua", "while true do end", NULL};

static int load(struct fake_stage *stage, const char *const *files, struct tg_gateway **gateway)
{
    struct tg_bundle bundle;

    fake_app_pack(&bundle, "one", files);
    int err = tg_load_bundle(&stage->app->hub, &bundle, gateway, &stage->app->msg);
    tg_bundle_fini(&bundle);
    return err;
}

static void unload(struct fake_stage *stage, const char *path)
{
    struct tg_gateway_row row = {.name = "one", .generation = "0123456789ab"};

    (void)snprintf(row.path, sizeof(row.path), "%s", path);
    assert_int_equal(tg_unloaded_add(&stage->app->page->unloaded, &row), TG_OK);
}

static void a_bundle_makes_a_gateway(void **state)
{
    struct tg_gateway *gateway = NULL;

    assert_int_equal(load(*state, plain, &gateway), TG_OK);
    assert_string_equal(gateway->name, "one");
    assert_string_equal(gateway->path, "/1");
    assert_string_equal(gateway->generation, "0123456789ab");
    assert_int_equal(gateway->counter, 7);
    assert_false(gateway->is_unavailable);
    tg_gateway_destroy(gateway);
}

static void an_unloaded_generation_does_not_run_and_keeps_its_path(void **state)
{
    struct tg_gateway *gateway = NULL;

    unload(*state, "/1");
    assert_int_equal(load(*state, endless, &gateway), TG_OK);
    assert_true(gateway->is_unavailable);
    assert_string_equal(gateway->path, "/1");
    assert_string_equal(gateway->generation, "0123456789ab");
    assert_int_equal(gateway->counter, 7);
    tg_gateway_destroy(gateway);
}

static void one_that_never_came_so_far_has_no_place(void **state)
{
    struct fake_stage *stage = *state;
    struct tg_gateway *gateway = NULL;

    unload(stage, "");
    assert_int_equal(load(stage, endless, &gateway), TG_ERR_UNAVAILABLE);
    assert_null(gateway);
    assert_string_equal(stage->app->msg.text, "one: unloaded, too many workers died in it");
}

static void what_does_not_load_is_told(void **state)
{
    static const char *const bad[] = {"gateway.lua", "\n\nlocal x = = 1", NULL};
    struct fake_stage *stage = *state;
    struct tg_gateway *gateway = NULL;

    assert_int_equal(load(stage, bad, &gateway), TG_ERR_SCRIPT);
    assert_null(gateway);
    assert_string_equal(stage->app->msg.text,
                        "gateways/one/gateway.lua:3: unexpected symbol near '='");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(a_bundle_makes_a_gateway),
        FAKE_TEST(an_unloaded_generation_does_not_run_and_keeps_its_path),
        FAKE_TEST(one_that_never_came_so_far_has_no_place),
        FAKE_TEST(what_does_not_load_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
