/* SPDX-License-Identifier: MIT */
#include "fake_app.h"

#include <stdio.h>
#include <string.h>

/* Loads gateway.lua beside lib/other.lua, and one client. */
static void start(struct fake_stage *stage, const char *gateway, const char *other)
{
    const char *files[] = {"gateway.lua", gateway, "lib/other.lua", other, NULL};

    stage->gateway = fake_app_load(stage->app, "chat", files);
    fake_app_connect(stage->app, &stage->alice, stage->gateway, NULL, NULL);
}

static void a_declared_global_is_every_files(void **state)
{
    struct fake_stage *stage = *state;

    start(stage,
          "local tide = require 'tidegate' tide.global('hits', 1) tide.global('later')\n"
          "require 'lib.other' local events = {}\n"
          "function events.go() hits = hits + 1 return { hits, later } end\n"
          "function events.clear() hits = nil hits = 7 later = nil return { hits, later == nil } "
          "end return { path = '/chat', events = events }",
          "hits = hits + 10 later = 'x' return true");
    assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL), "{\"id\":1,\"data\":[12,\"x\"]}");
    assert_string_equal(fake_conn_ask(&stage->alice, "clear", NULL),
                        "{\"id\":1,\"data\":[7,true]}");
}

static void an_undeclared_one_names_its_file_and_line(void **state)
{
    struct fake_stage *stage = *state;

    start(stage,
          "local other = require 'lib.other' local events = {}\n"
          "function events.go() other.leak() end\n"
          "function events.nested()\n  coroutine.wrap(function() inner = 1 end)() end\n"
          "return { path = '/chat', events = events }",
          "local other = {}\nfunction other.leak()\n  counter = 1\nend\nreturn other");
    (void)fake_conn_ask(&stage->alice, "go", NULL);
    assert_true(fake_app_logged(stage->app, "gateways/chat/lib/other.lua:3: global 'counter' is "
                                            "not declared: use local, or tide.global"));
    fake_app_advance(stage->app, 2000);
    (void)fake_conn_ask(&stage->alice, "nested", NULL);
    assert_true(fake_app_logged(stage->app, "gateways/chat/gateway.lua:4: global 'inner'"));
}

static void the_environment_cannot_be_written(void **state)
{
    static const char *const names[] = {"print", "string", "_VERSION", "pcall", "os"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct fake_stage *stage = *state;
        char text[256];
        char expected[256];
        const char *files[] = {"gateway.lua", text, NULL};
        (void)snprintf(text, sizeof(text), "local x = 1\n%s = x", names[i]);
        (void)snprintf(expected, sizeof(expected),
                       "gateways/chat/gateway.lua:2: global '%s' is the server's and can't be set",
                       names[i]);
        assert_int_equal(fake_app_try(stage->app, files), TG_ERR_SCRIPT);
        assert_string_equal(stage->app->msg.text, expected);
    }
}

static void a_declaration_is_checked(void **state)
{
    static const char *const rows[][2] = {
        {"tide.global('print')", "global 'print' is the server's and can't be declared"},
        {"tide.global('a') tide.global('a')", "global 'a' is declared already"},
        {"tide.global('1a')", "a global's name is letters, digits and '_'"},
        {"tide.global('')", "a global's name is letters, digits and '_'"},
        {"tide.global('a.b')", "a global's name is letters, digits and '_'"},
        {"tide.global(('a'):rep(200))", "a global's name is letters, digits and '_'"},
        {"tide.global(1)", "string expected, got number"},
        {"tide.global()", "string expected, got no value"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fake_stage *stage = *state;
        char text[256];
        const char *files[] = {"gateway.lua", text, NULL};
        (void)snprintf(text, sizeof(text), "local tide = require 'tidegate' %s", rows[i][0]);
        assert_int_equal(fake_app_try(stage->app, files), TG_ERR_SCRIPT);
        if (!strstr(stage->app->msg.text, rows[i][1])) {
            fail_msg("%s: %s", rows[i][0], stage->app->msg.text);
        }
    }
}

static void handlers_cannot_declare(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.go() tide.global('late') end");
    (void)fake_conn_ask(&stage->alice, "go", NULL);
    assert_true(fake_app_logged(stage->app, "globals are declared while the gateway loads"));
}

static void what_is_not_there_reads_as_nil(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.go() return nowhere == nil end");
    assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL), "{\"id\":1,\"data\":true}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(a_declared_global_is_every_files),
        FAKE_TEST(an_undeclared_one_names_its_file_and_line),
        FAKE_TEST(the_environment_cannot_be_written),
        FAKE_TEST(a_declaration_is_checked),
        FAKE_TEST(handlers_cannot_declare),
        FAKE_TEST(what_is_not_there_reads_as_nil),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
