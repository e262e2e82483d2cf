/* SPDX-License-Identifier: MIT */
#include "fake_app.h"

#include <string.h>

static void a_timer_runs_once_when_its_time_has_come(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage,
                     "function events.go(client) tide.after(20, function() client:send('due') end) "
                     "end");
    fake_conn_say(&stage->alice, "{\"event\":\"go\"}");
    fake_app_advance(stage->app, 19);
    assert_string_equal(fake_conn_take(&stage->alice), "");
    fake_app_advance(stage->app, 1);
    assert_string_equal(fake_conn_take(&stage->alice), "{\"event\":\"due\",\"data\":null}");
    fake_app_advance(stage->app, 100);
    assert_string_equal(fake_conn_take(&stage->alice), "");
    assert_int_equal(((struct tg_vm *)stage->gateway->vm)->timer_count, 0);
}

static void a_cancelled_timer_never_runs(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "local t function events.go(client) t = tide.after(20, function() "
                            "client:send('due') end) end "
                            "function events.stop() return { t:cancel(), t:cancel() } end");
    fake_conn_say(&stage->alice, "{\"event\":\"go\"}");
    assert_string_equal(fake_conn_ask(&stage->alice, "stop", NULL),
                        "{\"id\":1,\"data\":[true,false]}");
    fake_app_advance(stage->app, 100);
    assert_string_equal(fake_conn_take(&stage->alice), "");
}

static void a_timer_may_cancel_itself_and_set_others(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage,
                     "function events.go(client) local t, n = nil, 0 "
                     "local function tick() n = n + 1 client:send('n', { n, t:cancel() }) "
                     "if n < 3 then t = tide.after(10, tick) end end t = tide.after(10, tick) end");
    fake_conn_say(&stage->alice, "{\"event\":\"go\"}");
    for (int i = 0; i < 5; i++) {
        fake_app_advance(stage->app, 10);
    }
    assert_string_equal(fake_conn_take(&stage->alice), "{\"event\":\"n\",\"data\":[1,false]}");
    assert_string_equal(fake_conn_take(&stage->alice), "{\"event\":\"n\",\"data\":[2,false]}");
    assert_string_equal(fake_conn_take(&stage->alice), "{\"event\":\"n\",\"data\":[3,false]}");
    assert_string_equal(fake_conn_take(&stage->alice), "");
}

static void a_timer_may_suspend_and_may_fail(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage,
                     "gateway.on_error = function(client, event) tide.log.warn('told', { event = "
                     "event, anonymous = client == nil }) end "
                     "function events.go(client) tide.after(1, function() tide.sleep(5) "
                     "client:send('slept') end) tide.after(2, function() error('oops') end) end");
    fake_conn_say(&stage->alice, "{\"event\":\"go\"}");
    fake_app_advance(stage->app, 10);
    assert_true(fake_app_logged(stage->app, "anonymous=true event=timer \"told\""));
    fake_app_advance(stage->app, 10);
    assert_string_equal(fake_conn_take(&stage->alice), "{\"event\":\"slept\",\"data\":null}");
    assert_int_equal(fake_app_counter(stage->app, TG_COUNT_HANDLER_ERRORS), 1);
}

static void a_forgotten_timer_still_runs(void **state)
{
    struct fake_stage *stage = *state;
    struct tg_vm *vm;

    fake_stage_start(stage,
                     "function events.go(client) tide.after(20, function() client:send('due') end) "
                     "end");
    vm = stage->gateway->vm;
    fake_conn_say(&stage->alice, "{\"event\":\"go\"}");
    (void)lua_gc(vm->L, LUA_GCCOLLECT, 0);
    (void)lua_gc(vm->L, LUA_GCCOLLECT, 0);
    fake_app_advance(stage->app, 20);
    assert_string_equal(fake_conn_take(&stage->alice), "{\"event\":\"due\",\"data\":null}");
}

static void timers_and_sleeps_are_limited(void **state)
{
    struct fake_stage *stage = *state;

    stage->app->config.script_timers = 3;
    stage->app->config.script_calls = 1;
    fake_stage_start(
        stage,
        "function events.timers() local n = 0 while pcall(tide.after, 10, print) do n = n + 1 "
        "end return { n, select(2, pcall(tide.after, 10, print)) } end "
        "function events.nap() tide.sleep(10) return 'slept' end "
        "function events.more() return { pcall(tide.sleep, 10) } end");
    assert_non_null(strstr(fake_conn_ask(&stage->alice, "timers", NULL),
                           "[3,\"too many timers: limits.script_timers is 3\"]"));
    assert_string_equal(fake_conn_ask(&stage->alice, "nap", NULL), "");
    assert_non_null(strstr(fake_conn_ask(&stage->bob, "more", NULL),
                           "[false,\"too many suspended calls: limits.script_calls is 1\"]"));
    fake_app_advance(stage->app, 10);
    assert_string_equal(fake_conn_take(&stage->alice), "{\"id\":1,\"data\":\"slept\"}");
}

static void arguments_are_checked(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage,
                     "function events.go() return { (pcall(tide.after, -1, print)), "
                     "(pcall(tide.after, 1e15, print)), (pcall(tide.after, 0 / 0, print)), "
                     "(pcall(tide.after, 1)), (pcall(tide.after, 'x', print)), "
                     "(pcall(tide.sleep, -1)), (pcall(tide.sleep)), (pcall(tide.sleep, 0 / 0)), "
                     "(pcall(tide.sleep, '1')) } end");
    assert_string_equal(
        fake_conn_ask(&stage->alice, "go", NULL),
        "{\"id\":1,\"data\":[false,false,false,false,false,false,false,false,false]}");
}

static void set_timers_are_cancelled_with_their_gateway(void **state)
{
    struct fake_stage *stage = *state;

    /* tear_down looks at the wheel and at the references. */
    fake_stage_start(stage, "for i = 1, 50 do tide.after(i * 1000, print) end");
    assert_int_equal(((struct tg_vm *)stage->gateway->vm)->timer_count, 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(a_timer_runs_once_when_its_time_has_come),
        FAKE_TEST(a_cancelled_timer_never_runs),
        FAKE_TEST(a_timer_may_cancel_itself_and_set_others),
        FAKE_TEST(a_timer_may_suspend_and_may_fail),
        FAKE_TEST(a_forgotten_timer_still_runs),
        FAKE_TEST(timers_and_sleeps_are_limited),
        FAKE_TEST(arguments_are_checked),
        FAKE_TEST(set_timers_are_cancelled_with_their_gateway),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
