/* SPDX-License-Identifier: MIT */
/* The test is its own supervisor: a timer that counts the process's CPU time sends the signal. */
#include "fake_app.h"

#include <lauxlib.h>
#include <signal.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "script/stop.h"
#include "script/stop_signal.h"

enum { BUDGET_US = 3000, REPEAT_US = 1000 };

static const char *const timed_out =
    "{\"id\":1,\"error\":{\"code\":\"handler_timeout\",\"message\":"
    "\"the handler ran for too long\"}}";

static struct tg_call_clock *calls;

/* The budget is used up: the running call's number is sent. */
static void on_timer(int number)
{
    union sigval value = {.sival_ptr = (void *)(uintptr_t)tg_call_clock_sequence(calls)};

    (void)number;
    (void)sigqueue(getpid(), tg_call_clock_signal(), value);
}

static void set_timer(long first_us, long repeat_us)
{
    struct itimerval timer = {.it_value = {.tv_usec = first_us},
                              .it_interval = {.tv_usec = repeat_us}};

    assert_int_equal(setitimer(ITIMER_VIRTUAL, &timer, NULL), 0);
}

static void watch(struct fake_stage *stage)
{
    struct sigaction action = {.sa_handler = on_timer, .sa_flags = SA_RESTART};

    calls = &stage->app->hub.row->calls;
    assert_int_equal(sigaction(SIGVTALRM, &action, NULL), 0);
    assert_int_equal(tg_stop_signal_watch(getpid()), TG_OK);
}

static const char *ask_watched(struct fake_stage *stage, const char *event)
{
    set_timer(BUDGET_US, REPEAT_US);
    const char *answer = fake_conn_ask(&stage->alice, event, NULL);
    set_timer(0, 0);
    return answer;
}

/* What runs away, each in a way of its own. */
static const char *const runaways[] = {
    "while true do end",
    "for i = 1, math.huge do end",
    "::again:: goto again",
    "local function f() return f() end return f()",
    "while true do pcall(function() while true do end end) end",
    "local function f() pcall(f) f() end while true do pcall(f) end",
    "while true do xpcall(error, function() while true do end end) end",
    "coroutine.wrap(function() while true do end end)()",
    "local co = coroutine.wrap(function() while true do coroutine.yield() end end) "
    "while true do co() end",
    "while true do coroutine.resume(coroutine.create(function() while true do end end)) end",
    "local t = setmetatable({}, { __index = function(t, k) return t[k + 1] end }) "
    "while true do pcall(function() return t[1] end) end",
    "while true do ('x'):rep(1000):gsub('x', function() pcall(error) end) end",
    "local t = {} for i = 1, 1000 do t[i] = i end "
    "while true do pcall(table.sort, t, function(a, b) return true end) end",
    "for _ in function() return 1 end do end",
    "local t = { 1 } while true do for k in pairs(t) do end for i in ipairs(t) do end end",
    "while true do local t = {} for i = 1, 100 do t[i] = { i } end end",
    "local t = setmetatable({}, { __concat = function() while true do end end }) return t .. 'x'",
    "while true do tide.json.decode(tide.json.encode({ 1, 2, { a = 'b' } })) end",
};

static void every_runaway_is_stopped_and_the_state_goes_on(void **state)
{
    struct fake_stage *stage = *state;
    char body[8192] = "function events.ok() return 'fine' end ";
    char name[16];

    for (size_t i = 0; i < sizeof(runaways) / sizeof(runaways[0]); i++) {
        size_t length = strlen(body);
        (void)snprintf(body + length, sizeof(body) - length, "function events.r%zu() %s end ", i,
                       runaways[i]);
    }
    fake_stage_start(stage, body);
    stage->app->config.overruns_per_minute = 0;
    watch(stage);
    for (int round = 0; round < 5; round++) {
        for (size_t i = 0; i < sizeof(runaways) / sizeof(runaways[0]); i++) {
            (void)snprintf(name, sizeof(name), "r%zu", i);
            assert_string_equal(ask_watched(stage, name), timed_out);
            assert_string_equal(fake_conn_ask(&stage->alice, "ok", NULL),
                                "{\"id\":1,\"data\":\"fine\"}");
            tg_buf_clear(&stage->app->log);
        }
    }
}

static void a_signal_for_a_call_that_has_ended_does_nothing(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.ok() return 'fine' end");
    watch(stage);
    const struct tg_vm *vm = stage->gateway->vm;
    for (uint64_t i = 0; i < 50; i++) {
        union sigval value = {.sival_ptr = (void *)(uintptr_t)(tg_call_clock_sequence(calls) - i)};
        assert_int_equal(sigqueue(getpid(), tg_call_clock_signal(), value), 0);
        assert_false(tg_stop_is_set(vm));
        assert_string_equal(fake_conn_ask(&stage->alice, "ok", NULL),
                            "{\"id\":1,\"data\":\"fine\"}");
    }
}

static void a_signal_of_somebody_else_does_nothing(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "");
    watch(stage);
    struct tg_vm *vm = stage->gateway->vm;
    const char *outer = tg_vm_enter(vm);
    assert_int_equal(kill(getpid(), tg_call_clock_signal()), 0);
    assert_false(tg_stop_is_set(vm));
    assert_int_equal(tg_stop_signal_watch(getppid()), TG_OK);
    on_timer(0);
    assert_false(tg_stop_is_set(vm));
    watch(stage);
    on_timer(0);
    assert_true(tg_stop_is_set(vm));
    assert_true(tg_vm_leave(vm, outer));
    assert_false(tg_stop_is_set(vm));
}

static void a_call_inside_of_another_states_call_ends_both(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "");
    struct tg_vm *first = stage->gateway->vm;
    struct tg_vm *second = fake_app_script(stage->app, "other", "")->vm;
    watch(stage);
    uint64_t before = tg_call_clock_sequence(calls);
    const char *outer = tg_vm_enter(first);
    const char *inner = tg_vm_enter(second);
    assert_int_equal(tg_call_clock_sequence(calls), before + 1);
    on_timer(0);
    assert_true(tg_stop_is_set(second));
    assert_false(tg_stop_is_set(first));
    assert_true(tg_vm_leave(second, inner));
    assert_false(tg_stop_is_set(second));
    assert_true(tg_stop_is_set(first));
    inner = tg_vm_enter(second);
    assert_true(tg_stop_is_set(second));
    assert_true(tg_vm_leave(second, inner));
    assert_true(tg_vm_leave(first, outer));
    assert_false(tg_stop_is_set(first));
    assert_int_equal(tg_call_clock_sequence(calls), before + 2);
}

static void loading_that_takes_too_long_is_stopped(void **state)
{
    struct fake_stage *stage = *state;
    const char *files[] = {"gateway.lua", "local x = 1\nwhile true do\n  x = x + 1\nend", NULL};

    watch(stage);
    set_timer(BUDGET_US, REPEAT_US);
    int err = fake_app_try(stage->app, files);
    set_timer(0, 0);
    assert_int_equal(err, TG_ERR_TIMEOUT);
    assert_non_null(strstr(stage->app->msg.text, "gateway.lua:"));
    assert_non_null(strstr(stage->app->msg.text, "loading takes longer than load_budget"));
    fake_stage_start(stage, "");
}

static void every_entry_has_its_terms(void **state)
{
    struct fake_stage *stage = *state;
    struct tg_call_moment moment;

    fake_stage_start(stage, "gateway.budget_ms = 7");
    watch(stage);
    struct tg_vm *vm = stage->gateway->vm;
    const char *outer = tg_vm_enter(vm);
    assert_true(tg_call_clock_read(calls, &moment));
    assert_int_equal(moment.sequence % 2, 1);
    assert_int_equal(moment.budget_ms, 7);
    const struct tg_gateway_row *row = &stage->app->hub.row->gateways.rows[moment.gateway];
    assert_string_equal(row->name, "chat");
    assert_string_equal(row->path, "/chat");
    assert_false(tg_vm_leave(vm, outer));
}

static void compiled_code_gets_the_flag_and_no_hook(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "gateway.jit = true "
                            "function events.sum() local x = 0 for i = 1, 1e6 do x = x + i end "
                            "return x end "
                            "function events.rep() while true do ('a'):rep(5000000) end end");
    watch(stage);
    struct tg_vm *vm = stage->gateway->vm;
    assert_string_equal(fake_conn_ask(&stage->alice, "sum", NULL),
                        "{\"id\":1,\"data\":500000500000}");
    const char *outer = tg_vm_enter(vm);
    on_timer(0);
    assert_true(tg_stop_is_set(vm));
    assert_null(lua_gethook(vm->L));
    assert_true(tg_vm_leave(vm, outer));
    assert_false(tg_stop_is_set(vm));
    /* A native looks at the flag also then. */
    assert_string_equal(ask_watched(stage, "rep"), timed_out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(every_runaway_is_stopped_and_the_state_goes_on),
        FAKE_TEST(a_signal_for_a_call_that_has_ended_does_nothing),
        FAKE_TEST(a_signal_of_somebody_else_does_nothing),
        FAKE_TEST(a_call_inside_of_another_states_call_ends_both),
        FAKE_TEST(loading_that_takes_too_long_is_stopped),
        FAKE_TEST(every_entry_has_its_terms),
        FAKE_TEST(compiled_code_gets_the_flag_and_no_hook),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
