/* SPDX-License-Identifier: MIT */
#include "fake_app.h"

#include <lauxlib.h>
#include <string.h>

#include "script/stop.h"

static const char *const timed_out =
    "{\"id\":1,\"error\":{\"code\":\"handler_timeout\",\"message\":"
    "\"the handler ran for too long\"}}";

static int poll(lua_State *L)
{
    tg_stop_poll(L);
    lua_pushboolean(L, 1);
    return 1;
}

/* The status of a native that polls. */
static int call_poll(struct tg_vm *vm)
{
    lua_pushcfunction(vm->L, poll);
    int status = lua_pcall(vm->L, 0, 1, 0);
    if (status) {
        assert_string_equal(lua_tostring(vm->L, -1), TG_STOP_TEXT);
    }
    lua_pop(vm->L, 1);
    return status;
}

static void a_native_ends_when_the_flag_is_up(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "");
    struct tg_vm *vm = stage->gateway->vm;
    assert_false(tg_stop_is_set(vm));
    assert_int_equal(call_poll(vm), 0);
    atomic_store(&vm->stop.is_set, true);
    assert_true(tg_stop_is_set(vm));
    assert_int_equal(call_poll(vm), LUA_ERRRUN);
    atomic_store(&vm->stop.is_set, false);
    assert_int_equal(call_poll(vm), 0);
}

/* So many instructions have run. */
static void on_moment(lua_State *L, lua_Debug *at)
{
    (void)at;
    tg_stop_set(tg_vm_of(L));
}

/* Sends the event, and stops the call at its nth instruction. */
static const char *ask_and_stop(struct fake_stage *stage, const char *event, int nth)
{
    struct tg_vm *vm = stage->gateway->vm;
    char message[64];

    (void)lua_sethook(vm->L, on_moment, LUA_MASKCOUNT, nth);
    (void)snprintf(message, sizeof(message), "{\"event\":\"%s\",\"id\":1}", event);
    fake_conn_say(&stage->alice, message);
    for (int i = 0; i < 4; i++) {
        fake_app_advance(stage->app, 2);
    }
    (void)lua_sethook(vm->L, NULL, 0, 0);
    return fake_conn_take(&stage->alice);
}

/* Goes through everything that our own Lua wraps, and says whether it still works. */
static const char *const work =
    "local shared = coroutine.wrap(function() while true do coroutine.yield(1) end end) "
    "function events.work() local n = 0 "
    "n = n + select(2, pcall(function() return 1 end)) "
    "local ok = xpcall(function() error('x') end, function() n = n + 1 end) "
    "for i in coroutine.wrap(function() coroutine.yield(1) coroutine.yield(2) end) do n = n + i "
    "end "
    "local co = coroutine.create(function() tide.sleep(1) return 1 end) "
    "n = n + select(2, coroutine.resume(co)) n = n + select(2, pcall(tide.sleep, 1) and 0 or 1, 1) "
    "n = n + #(('abc'):gsub('%w', function(c) return c .. c end)) "
    "local t = { 3, 1, 2 } table.sort(t, function(a, b) return a < b end) "
    "for k, v in pairs(t) do n = n + v end for i, v in ipairs(t) do n = n + v end "
    "n = n + #tide.json.encode({ t }) n = n + #table.concat(t) n = n + next({ 5 }) "
    "n = n + #string.format('%d', 12) n = n + #string.rep('x', 3) return n end "
    "function events.ok() return 'fine' end ";

static void a_call_may_be_stopped_at_any_instruction(void **state)
{
    struct fake_stage *stage = *state;
    int stopped = 0;
    int nth = 1;

    fake_stage_start(stage, work);
    stage->app->config.overruns_per_minute = 0;
    const struct tg_vm *vm = stage->gateway->vm;
    char whole[64];
    (void)snprintf(whole, sizeof(whole), "%s", ask_and_stop(stage, "work", 1 << 30));
    assert_string_equal(whole, "{\"id\":1,\"data\":43}");
    for (; nth < 5000; nth++) {
        const char *answer = ask_and_stop(stage, "work", nth);
        bool is_whole = strcmp(answer, whole) == 0;
        if (!is_whole) {
            assert_string_equal(answer, timed_out);
            stopped++;
        }
        assert_false(tg_stop_is_set(vm));
        assert_null(lua_gethook(vm->L));
        assert_int_equal(vm->suspended_count, 0);
        assert_string_equal(fake_conn_ask(&stage->alice, "ok", NULL),
                            "{\"id\":1,\"data\":\"fine\"}");
        if (is_whole && stopped > 0) {
            break;
        }
        tg_buf_clear(&stage->app->log);
    }
    assert_true(stopped > 100);
    assert_true(nth < 5000);
    assert_string_equal(ask_and_stop(stage, "work", 1 << 30), whole);
}

static void a_stopped_call_is_logged_with_the_line_it_was_at(void **state)
{
    struct fake_stage *stage = *state;
    const char *files[] = {"gateway.lua",
                           "return { path = '/chat', events = {\n"
                           "  go = function()\n"
                           "    while true do\n"
                           "      pcall(function()\n"
                           "        while true do end\n"
                           "      end)\n"
                           "    end end } }",
                           NULL};

    stage->gateway = fake_app_load(stage->app, "chat", files);
    fake_app_connect(stage->app, &stage->alice, stage->gateway, NULL, NULL);
    assert_string_equal(ask_and_stop(stage, "go", 1000), timed_out);
    tg_buf_add_char(&stage->app->log, '\0');
    assert_non_null(
        strstr(stage->app->log.at, "event=go file=gateways/chat/gateway.lua line=5 generation="));
    assert_non_null(strstr(stage->app->log.at, TG_STOP_TEXT));
    assert_int_equal(fake_app_counter(stage->app, TG_COUNT_HANDLER_TIMEOUTS), 1);
    assert_int_equal(fake_app_counter(stage->app, TG_COUNT_HANDLER_ERRORS), 1);
}

static void on_error_has_a_budget_of_its_own(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "gateway.on_error = function(client, event, err) "
                            "client:send('told', { event, err:match('CPU budget') }) end "
                            "function events.go() while true do end end");
    assert_string_equal(ask_and_stop(stage, "go", 1000),
                        "{\"event\":\"told\",\"data\":[\"go\",\"CPU budget\"]}");
    assert_string_equal(fake_conn_take(&stage->alice), timed_out);
}

static void the_third_overrun_in_a_minute_closes_the_client(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.go() while true do end end");
    assert_string_equal(ask_and_stop(stage, "go", 1000), timed_out);
    assert_string_equal(ask_and_stop(stage, "go", 1000), timed_out);
    assert_true(tg_client_is_open(stage->alice.client));
    assert_string_equal(ask_and_stop(stage, "go", 1000), timed_out);
    assert_false(tg_client_is_open(stage->alice.client));
    assert_int_equal(stage->alice.client->cause, TG_CLOSE_HANDLER_TIMEOUT);
    assert_true(tg_client_is_open(stage->bob.client));
}

static void a_timer_that_overruns_is_only_counted(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.go() tide.after(1, function() while true do end end) "
                            "return 'set' end");
    assert_string_equal(ask_and_stop(stage, "go", 1000), "{\"id\":1,\"data\":\"set\"}");
    assert_int_equal(fake_app_counter(stage->app, TG_COUNT_HANDLER_TIMEOUTS), 1);
    assert_true(fake_app_logged(stage->app, "event=timer"));
    assert_true(tg_client_is_open(stage->alice.client));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(a_native_ends_when_the_flag_is_up),
        FAKE_TEST(a_call_may_be_stopped_at_any_instruction),
        FAKE_TEST(a_stopped_call_is_logged_with_the_line_it_was_at),
        FAKE_TEST(on_error_has_a_budget_of_its_own),
        FAKE_TEST(the_third_overrun_in_a_minute_closes_the_client),
        FAKE_TEST(a_timer_that_overruns_is_only_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
