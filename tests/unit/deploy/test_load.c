/* SPDX-License-Identifier: MIT */
#include "deploy/load.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "deploy/folder.h"
#include "fake_disk.h"
#include "net/server.h"

struct fixture {
    struct fake_disk disk;
    struct tg_config config;
    struct tg_page *page;
    struct tg_wheel wheel;
    struct tg_hub hub;
    struct tg_errmsg msg;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){0};
    *state = &fixture;
    fake_disk_make(&fixture.disk);
    tg_log_set_level(TG_LOG_LEVEL_ERROR);
    tg_wheel_init(&fixture.wheel, 1);
    fixture.page = tg_page_create(1);
    if (!fixture.page || tg_config_init(&fixture.config) != TG_OK) {
        return -1;
    }
    struct tg_hub_options options = {
        .config = &fixture.config,
        .page = fixture.page,
        .wheel = &fixture.wheel,
        .clock = tg_clock_system(),
        .transport = tg_server_transport(),
    };
    return tg_hub_init(&fixture.hub, &options, &fixture.msg);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    tg_hub_fini(&fixture->hub);
    tg_config_fini(&fixture->config);
    tg_page_destroy(fixture->page);
    fake_disk_remove(&fixture->disk);
    return 0;
}

static void give_gateway(const struct fixture *fixture, const char *name, const char *text)
{
    char path[64];

    (void)snprintf(path, sizeof(path), "%s/gateway.lua", name);
    fake_disk_folder(&fixture->disk, name);
    fake_disk_write(&fixture->disk, path, text);
}

/* The message is the root and then this. */
static void assert_refused(struct fixture *fixture, int err, const char *message)
{
    char expected[FAKE_DISK_PATH];

    assert_int_equal(tg_load_root(&fixture->hub, fixture->disk.root, &fixture->msg), err);
    (void)snprintf(expected, sizeof(expected), "%s%s", fixture->disk.root, message);
    assert_string_equal(fixture->msg.text, expected);
}

static void every_gateway_of_a_root_is_loaded_in_order(void **state)
{
    struct fixture *fixture = *state;

    give_gateway(fixture, "two", "return { path = '/2', events = { e = function() end } }");
    give_gateway(fixture, "one", "return { path = '/1', events = {} }");
    assert_int_equal(tg_load_root(&fixture->hub, fixture->disk.root, &fixture->msg), TG_OK);
    assert_int_equal(fixture->hub.gateway_count, 2);
    assert_string_equal(fixture->hub.gateways[0]->name, "one");
    assert_string_equal(fixture->hub.gateways[1]->name, "two");
    assert_string_equal(fixture->hub.gateways[1]->path, "/2");
    assert_int_equal(strlen(fixture->hub.gateways[1]->generation), 12);
}

static void an_unloaded_generation_does_not_run_and_keeps_its_path(void **state)
{
    struct fixture *fixture = *state;

    give_gateway(fixture, "one", "return { path = '/1', events = {} }");
    assert_int_equal(tg_load_root(&fixture->hub, fixture->disk.root, &fixture->msg), TG_OK);
    struct tg_gateway_row row = {.name = "two", .path = "/2"};
    give_gateway(fixture, "two", "while true do end");
    struct tg_bundle bundle;
    char path[FAKE_DISK_PATH];
    (void)snprintf(path, sizeof(path), "%s/two", fixture->disk.root);
    assert_int_equal(tg_folder_read(path, &bundle, &fixture->msg), TG_OK);
    memcpy(row.generation, bundle.generation, sizeof(row.generation));
    tg_bundle_fini(&bundle);
    assert_int_equal(tg_unloaded_add(&fixture->page->unloaded, &row), TG_OK);
    const struct tg_gateway *gateway = NULL;
    assert_int_equal(tg_load_folder(&fixture->hub, path, &gateway, &fixture->msg), TG_OK);
    assert_true(gateway->is_unavailable);
    assert_string_equal(gateway->path, "/2");
    assert_string_equal(gateway->generation, row.generation);
    assert_false(fixture->hub.gateways[0]->is_unavailable);
}

static void one_that_killed_workers_while_it_loaded_keeps_nobody_else_out(void **state)
{
    struct fixture *fixture = *state;
    struct tg_gateway_row row = {.name = "one"};
    struct tg_bundle bundle;
    char path[FAKE_DISK_PATH];

    give_gateway(fixture, "one", "while true do end");
    give_gateway(fixture, "two", "return { path = '/2', events = {} }");
    (void)snprintf(path, sizeof(path), "%s/one", fixture->disk.root);
    assert_int_equal(tg_folder_read(path, &bundle, &fixture->msg), TG_OK);
    memcpy(row.generation, bundle.generation, sizeof(row.generation));
    tg_bundle_fini(&bundle);
    assert_int_equal(tg_unloaded_add(&fixture->page->unloaded, &row), TG_OK);
    assert_int_equal(tg_load_root(&fixture->hub, fixture->disk.root, &fixture->msg), TG_OK);
    assert_int_equal(fixture->hub.gateway_count, 1);
    assert_string_equal(fixture->hub.gateways[0]->path, "/2");
}

static void a_root_without_a_gateway_is_an_error(void **state)
{
    fake_disk_folder(&((struct fixture *)*state)->disk, "no_gateway");
    assert_refused(*state, TG_ERR_NOT_FOUND,
                   ": no gateway in it: a gateway is a folder with a gateway.lua");
}

static void a_gateway_that_does_not_load_is_told_with_file_and_line(void **state)
{
    struct fixture *fixture = *state;

    give_gateway(fixture, "one", "return { path = '/1', events = {} }");
    give_gateway(fixture, "two", "\n\nlocal x = = 1");
    assert_refused(fixture, TG_ERR_SCRIPT, "/two/gateway.lua:3: unexpected symbol near '='");
    assert_int_equal(fixture->hub.gateway_count, 1);
}

static void a_path_that_is_taken_is_told_with_the_folder(void **state)
{
    struct fixture *fixture = *state;

    give_gateway(fixture, "one", "return { path = '/same', events = {} }");
    give_gateway(fixture, "two", "return { path = '/same', events = {} }");
    assert_refused(fixture, TG_ERR_EXISTS, "/two: gateways one and two are both at the path /same");
    assert_int_equal(fixture->hub.gateway_count, 1);
}

static void a_folder_that_can_t_be_read_is_told(void **state)
{
    struct fixture *fixture = *state;

    give_gateway(fixture, "Chat", "return {}");
    assert_refused(fixture, TG_ERR_INVALID, "/Chat: a gateway's name is 1 to 63 of a-z 0-9 _ -");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_gateway_of_a_root_is_loaded_in_order),
        TEST(an_unloaded_generation_does_not_run_and_keeps_its_path),
        TEST(one_that_killed_workers_while_it_loaded_keeps_nobody_else_out),
        TEST(a_root_without_a_gateway_is_an_error),
        TEST(a_gateway_that_does_not_load_is_told_with_file_and_line),
        TEST(a_path_that_is_taken_is_told_with_the_folder),
        TEST(a_folder_that_can_t_be_read_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
