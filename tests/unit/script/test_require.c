/* SPDX-License-Identifier: MIT */
#include "fake_app.h"

#include <stdio.h>

static void start(struct fake_stage *stage, const char *const *files)
{
    stage->gateway = fake_app_load(stage->app, "chat", files);
    fake_app_connect(stage->app, &stage->alice, stage->gateway, NULL, NULL);
}

static void a_file_is_run_once_per_state(void **state)
{
    struct fake_stage *stage = *state;
    const char *files[] = {
        "gateway.lua",
        "local a, b = require 'lib.counter', require 'lib.counter'\n"
        "assert(a == b and a.runs == 1 and a.name == 'lib.counter')\n"
        "return { path = '/chat', events = { go = function() a.runs = a.runs + 1 "
        "return require('lib.counter').runs end } }",
        "lib/counter.lua", "return { runs = 1, name = ... }", NULL};

    start(stage, files);
    assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL), "{\"id\":1,\"data\":2}");
}

static void a_file_may_be_required_late(void **state)
{
    struct fake_stage *stage = *state;
    const char *files[] = {
        "gateway.lua",
        "return { path = '/chat', events = { go = function() "
        "return require 'late' end, nap = function() return pcall(require, 'sleepy') "
        "end } }",
        "late.lua",
        "return 'here'",
        "sleepy.lua",
        "require('tidegate').sleep(1)",
        NULL};

    start(stage, files);
    assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL), "{\"id\":1,\"data\":\"here\"}");
    assert_string_equal(fake_conn_ask(&stage->alice, "nap", NULL), "{\"id\":1,\"data\":false}");
}

static void a_file_that_returns_nothing_is_true(void **state)
{
    struct fake_stage *stage = *state;
    const char *files[] = {"gateway.lua",
                           "assert(require 'empty' == true)\nreturn { path = '/chat' }",
                           "empty.lua", "", NULL};

    start(stage, files);
}

static void a_required_module_is_not_frozen(void **state)
{
    struct fake_stage *stage = *state;
    const char *files[] = {
        "gateway.lua",
        "local m = require 'm' return { path = '/chat', events = { go = function() "
        "m.x = 5 return m.x end } }",
        "m.lua", "return {}", NULL};

    start(stage, files);
    assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL), "{\"id\":1,\"data\":5}");
}

static void a_ring_of_files_is_an_error(void **state)
{
    struct fake_stage *stage = *state;
    const char *files[] = {"gateway.lua", "require 'a'",     "a.lua", "\nrequire 'b'",
                           "b.lua",       "\n\nrequire 'a'", NULL};

    assert_int_equal(fake_app_try(stage->app, files), TG_ERR_SCRIPT);
    assert_string_equal(stage->app->msg.text, "gateways/chat/b.lua:3: module 'a' requires itself");
}

static void a_file_that_failed_tells_why_each_time(void **state)
{
    struct fake_stage *stage = *state;
    const char *files[] = {
        "gateway.lua",
        "local _, a = pcall(require, 'bad') local _, b = pcall(require, 'bad')\n"
        "local _, c = pcall(require, 'worse') local _, d = pcall(require, 'worse')\n"
        "assert(a == b and c == d, a .. b .. c .. d) error(a .. ' ' .. c, 0)",
        "bad.lua",
        "\nerror('broken')",
        "worse.lua",
        "return +",
        NULL};

    assert_int_equal(fake_app_try(stage->app, files), TG_ERR_SCRIPT);
    assert_string_equal(
        stage->app->msg.text,
        "gateways/chat/bad.lua:2: broken gateways/chat/worse.lua:1: unexpected symbol "
        "near '+'");
}

static void names_are_strict(void **state)
{
    struct fake_stage *stage = *state;
    const char *files[] = {
        "gateway.lua",
        "for _, name in ipairs { '', '.', 'a.', '.a', 'a..b', 'A', 'a/b', '../a', 'a-b', 'a b', "
        "'lib.x.lua', ('x'):rep(300), 'a\\0b' } do\n"
        "assert(not pcall(require, name), name) end\n"
        "assert(not pcall(require)) assert(not pcall(require, 5)) assert(not pcall(require, {}))\n"
        "assert(require 'a_1.b2' == 'yes') return { path = '/chat' }",
        "a_1/b2.lua", "return 'yes'", NULL};

    start(stage, files);
}

static void a_tail_call_is_placed_in_the_file_that_makes_it(void **state)
{
    struct fake_stage *stage = *state;
    const char *ring[] = {"gateway.lua", "return require 'a'",      "a.lua", "\nreturn require 'b'",
                          "b.lua",       "\n\nreturn require('a')", NULL};
    const char *none[] = {"gateway.lua", "local n = 'abcdefgh'\nreturn require(n .. 'x')", NULL};
    const char *hidden[] = {"gateway.lua", "require 'aa'", "aa.lua",
                            "return require('x' .. 'yzuvw')", NULL};

    assert_int_equal(fake_app_try(stage->app, ring), TG_ERR_SCRIPT);
    assert_string_equal(stage->app->msg.text, "gateways/chat/b.lua:3: module 'a' requires itself");
    assert_int_equal(fake_app_try(stage->app, none), TG_ERR_SCRIPT);
    assert_string_equal(stage->app->msg.text,
                        "gateways/chat/gateway.lua: module 'abcdefghx' not found: no file "
                        "gateways/chat/abcdefghx.lua");
    assert_int_equal(fake_app_try(stage->app, hidden), TG_ERR_SCRIPT);
    assert_string_equal(stage->app->msg.text, "gateways/chat/aa.lua: module 'xyzuvw' not found: no "
                                              "file gateways/chat/xyzuvw.lua");
}

static void what_may_be_meant_is_named(void **state)
{
    struct fake_stage *stage = *state;
    static const char *const cases[][2] = {
        {"require 'lib.room'",
         "module 'lib.room' not found: no file gateways/chat/lib/room.lua (did "
         "you mean lib/rooms.lua?)"},
        {"require 'lib/rooms'", "'lib/rooms' is no module name: a-z, 0-9 and _ in parts with '.' "
                                "between (did you mean 'lib.rooms'?)"},
        {"require 'lib/rooms.lua'", "'lib/rooms.lua' is no module name: a-z, 0-9 and _ in parts "
                                    "with '.' between (did you mean 'lib.rooms'?)"},
        {"require 'lib/Halls'", "'lib/Halls' is no module name: a-z, 0-9 and _ in parts with '.' "
                                "between"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *files[] = {"gateway.lua", cases[i][0],     "lib/rooms.lua",
                               "return 1",    "lib/Halls.lua", "return 1",
                               NULL};
        char expected[TG_ERRMSG_BYTES];
        (void)snprintf(expected, sizeof(expected), "gateways/chat/gateway.lua:1: %s", cases[i][1]);
        assert_int_equal(fake_app_try(stage->app, files), TG_ERR_SCRIPT);
        assert_string_equal(stage->app->msg.text, expected);
    }
}

static void bytecode_is_refused(void **state)
{
    struct fake_stage *stage = *state;
    const char *files[] = {"gateway.lua", "require 'code'", "code.lua", "\x1bLJ\x02", NULL};

    assert_int_equal(fake_app_try(stage->app, files), TG_ERR_SCRIPT);
    assert_string_equal(stage->app->msg.text, "gateways/chat/code.lua: bytecode is not "
                                              "loaded, only source text");
}

static void a_file_cannot_stand_for_a_module_of_ours(void **state)
{
    struct fake_stage *stage = *state;
    const char *files[] = {"gateway.lua",
                           "assert(require('cjson').null and require('tidegate.log').info)\n"
                           "return { path = '/chat' }",
                           "cjson.lua", "return {}", NULL};

    start(stage, files);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(a_file_is_run_once_per_state),
        FAKE_TEST(a_file_may_be_required_late),
        FAKE_TEST(a_file_that_returns_nothing_is_true),
        FAKE_TEST(a_required_module_is_not_frozen),
        FAKE_TEST(a_ring_of_files_is_an_error),
        FAKE_TEST(a_file_that_failed_tells_why_each_time),
        FAKE_TEST(names_are_strict),
        FAKE_TEST(a_tail_call_is_placed_in_the_file_that_makes_it),
        FAKE_TEST(what_may_be_meant_is_named),
        FAKE_TEST(bytecode_is_refused),
        FAKE_TEST(a_file_cannot_stand_for_a_module_of_ours),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
