/* SPDX-License-Identifier: MIT */
#include "fake_app.h"

#include <string.h>

#include "script/bind_log.h"

static void a_line_bears_the_gateways_name_and_its_fields(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.go() tide.log.warn('low on tea', { cups = 2, kind = "
                            "'earl grey', hot = true, t = {}, ['a b=c'] = 1, [5] = 'x' }) end");
    fake_conn_say(&stage->alice, "{\"event\":\"go\"}");
    assert_true(fake_app_logged(stage->app, " warn tidegate chat trace=" FAKE_APP_TRACE
                                            " a_b_c=1 cups=2 hot=true kind=\"earl grey\" t=table "
                                            "\"low on tea\"\n"));
}

static void each_level_has_its_function(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage,
                     "function events.go() for _, level in ipairs { 'debug', 'info', 'warn', "
                     "'error' } do tide.log[level](level) end end");
    fake_conn_say(&stage->alice, "{\"event\":\"go\"}");
    tg_buf_add_char(&stage->app->log, '\0');
    const char *log = stage->app->log.at;
    assert_null(strstr(log, "debug"));
    assert_non_null(strstr(log, " info tidegate chat trace=" FAKE_APP_TRACE " \"info\"\n"));
    assert_non_null(strstr(log, " warn tidegate chat trace=" FAKE_APP_TRACE " \"warn\"\n"));
    assert_non_null(strstr(log, " error tidegate chat trace=" FAKE_APP_TRACE " \"error\"\n"));
}

static void nothing_can_forge_a_line(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(
        stage, "function events.go() tide.log.info('a\\n\"b\" x=1', { k = '\\27[0m\\n2026' }) "
               "end");
    fake_conn_say(&stage->alice, "{\"event\":\"go\"}");
    assert_true(fake_app_logged(stage->app, "k=\"\\x1b[0m\\x0a2026\" \"a\\x0a\\\"b\\\" x=1\"\n"));
}

static void a_line_bears_the_trace_of_the_connection_it_is_written_for(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "tide.log.info('loaded')\n"
                            "function events.go() tide.after(10, function() tide.log.info('later', "
                            "{ trace = 'forged' }) end) end");
    assert_true(fake_app_logged(stage->app, " info tidegate chat \"loaded\"\n"));
    fake_conn_say(&stage->alice, "{\"event\":\"go\"}");
    fake_app_advance(stage->app, 10);
    assert_true(fake_app_logged(stage->app, " info tidegate chat trace=" FAKE_APP_TRACE
                                            " trace_=forged \"later\"\n"));
}

static void a_long_line_is_cut(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage,
                     "function events.go() local fields = {} for i = 1, 100 do fields['k' .. i] = "
                     "('v'):rep(1000) end tide.log.info(('m'):rep(100000), fields) end");
    fake_conn_say(&stage->alice, "{\"event\":\"go\"}");
    assert_in_range(stage->app->log.length, 1000, TG_BIND_LOG_LINE_MAX + 100);
}

static void lines_past_the_rate_are_dropped_and_counted(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.go() for i = 1, 250 do tide.log.info('spam') end "
                            "print('last') end");
    fake_conn_say(&stage->alice, "{\"event\":\"go\"}");
    assert_int_equal(fake_app_counter(stage->app, TG_COUNT_SCRIPT_LOG_DROPPED), 151);
    assert_false(fake_app_logged(stage->app, "last"));
    fake_app_advance(stage->app, 1000);
    fake_conn_say(&stage->alice, "{\"event\":\"go\"}");
    assert_true(fake_app_logged(stage->app, "spam"));
    assert_int_equal(fake_app_counter(stage->app, TG_COUNT_SCRIPT_LOG_DROPPED), 302);
}

static void print_writes_an_info_line(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.go() print('a', 1, nil, true, {}, setmetatable({}, { "
                            "__tostring = function() return 'mine' end })) print() end");
    fake_conn_say(&stage->alice, "{\"event\":\"go\"}");
    assert_true(fake_app_logged(stage->app, " info tidegate chat trace=" FAKE_APP_TRACE
                                            " \"a 1 nil true table mine\"\n"));
}

static void arguments_are_checked(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.go() return { (pcall(tide.log.info)), "
                            "(pcall(tide.log.info, 5)), (pcall(tide.log.info, 'x', 'y')) } end");
    assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL),
                        "{\"id\":1,\"data\":[false,false,false]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(a_line_bears_the_gateways_name_and_its_fields),
        FAKE_TEST(each_level_has_its_function),
        FAKE_TEST(nothing_can_forge_a_line),
        FAKE_TEST(a_line_bears_the_trace_of_the_connection_it_is_written_for),
        FAKE_TEST(a_long_line_is_cut),
        FAKE_TEST(lines_past_the_rate_are_dropped_and_counted),
        FAKE_TEST(print_writes_an_info_line),
        FAKE_TEST(arguments_are_checked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
