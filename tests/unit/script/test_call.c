/* SPDX-License-Identifier: MIT */
#include "fake_app.h"

#include <stdio.h>
#include <string.h>

static const char *const failed =
    "{\"id\":1,\"error\":{\"code\":\"handler_error\",\"message\":\"the handler failed\"}}";

static void an_error_is_logged_with_its_place(void **state)
{
    struct fake_stage *stage = *state;
    const char *files[] = {
        "gateway.lua",
        "local deep = require 'lib.deep'\n"
        "return { path = '/chat', events = {\n"
        "  go = function() deep.fail() end } }",
        "lib/deep.lua",
        "local deep = {}\n\nfunction deep.fail()\n  local x = nil\n  return x.y\nend\nreturn deep",
        NULL};

    stage->gateway = fake_app_load(stage->app, "chat", files);
    fake_app_connect(stage->app, &stage->alice, stage->gateway, NULL, NULL);
    assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL), failed);
    tg_buf_add_char(&stage->app->log, '\0');
    const char *log = stage->app->log.at;
    assert_non_null(strstr(log,
                           " error tidegate chat event=go file=gateways/chat/lib/deep.lua line=5 "
                           "generation=0123456789ab counter=7 client="));
    assert_non_null(strstr(log, " trace=" FAKE_APP_TRACE " suppressed=0 "));
    assert_non_null(strstr(log,
                           "error=\"gateways/chat/lib/deep.lua:5: attempt to index local 'x' (a "
                           "nil value)\""));
    assert_non_null(
        strstr(log, "stack=\"gateways/chat/lib/deep.lua:5 < gateways/chat/gateway.lua:3\""));
    assert_int_equal(fake_app_counter(stage->app, TG_COUNT_HANDLER_ERRORS), 1);
    assert_true(tg_client_is_open(stage->alice.client));
}

static void the_same_place_is_logged_once_a_second(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage,
                     "function events.a() error('x') end\nfunction events.b() error('y') end");
    (void)fake_conn_ask(&stage->alice, "a", NULL);
    assert_true(fake_app_logged(stage->app, "event=a"));
    (void)fake_conn_ask(&stage->alice, "a", NULL);
    (void)fake_conn_ask(&stage->alice, "a", NULL);
    assert_false(fake_app_logged(stage->app, "event=a"));
    (void)fake_conn_ask(&stage->alice, "b", NULL);
    assert_true(fake_app_logged(stage->app, "event=b"));
    fake_app_advance(stage->app, 1000);
    (void)fake_conn_ask(&stage->alice, "a", NULL);
    assert_true(fake_app_logged(stage->app, "suppressed=2"));
    assert_int_equal(fake_app_counter(stage->app, TG_COUNT_HANDLER_ERRORS), 5);
}

static void an_error_object_is_told_without_running_it(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.go() error(setmetatable({}, { __tostring = function() "
                            "while true do end end })) end");
    assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL), failed);
    assert_true(fake_app_logged(stage->app, "an error object that is a table value"));
}

static void a_long_error_is_cut(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.go() error(('x'):rep(100000)) end");
    assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL), failed);
    assert_true(stage->app->log.length < 2048);
}

static void a_memory_bomb_leaves_the_state_usable(void **state)
{
    struct fake_stage *stage = *state;
    const struct tg_vm *vm;

    fake_stage_start(stage, "function events.bomb() local t = {} for i = 1, 1e9 do "
                            "t[i] = ('x'):rep(1000) .. i end end "
                            "function events.text() return #('x'):rep(1e9) end "
                            "function events.ok() return 'fine' end "
                            "function events.caught() local ok, err = pcall(function() "
                            "local keep = {} while true do keep[#keep + 1] = {} end end) "
                            "return { ok, err } end");
    vm = stage->gateway->vm;
    for (int i = 0; i < 3; i++) {
        assert_string_equal(fake_conn_ask(&stage->alice, "bomb", NULL), failed);
        assert_string_equal(fake_conn_ask(&stage->alice, "text", NULL), failed);
        assert_string_equal(fake_conn_ask(&stage->alice, "caught", NULL),
                            "{\"id\":1,\"data\":[false,\"not enough memory\"]}");
        assert_string_equal(fake_conn_ask(&stage->alice, "ok", NULL),
                            "{\"id\":1,\"data\":\"fine\"}");
        assert_true(vm->alloc.used <= vm->alloc.limit);
    }
    assert_true(fake_app_logged(stage->app, "not enough memory"));
}

static void running_out_of_memory_at_any_point_is_only_an_error(void **state)
{
    struct fake_stage *stage = *state;
    uint32_t failures = 0;
    uint32_t successes = 0;

    fake_stage_start(
        stage, "gateway.before = { function() return true end } "
               "gateway.on_error = function(client, event, err) return { event, err } end "
               "function events.work(client, data) local t = client:rooms() client:join('r' .. #t) "
               "client.state.x = { data, client.claims(), client.tenant, client.query } "
               "local timer = tide.after(5, function() tide.sleep(1) end) "
               "tide.after(0, function() return { {} } end) "
               "tide.room('r'):emit('e', { data }) client:send('x', data) "
               "local ok, err = pcall(coroutine.wrap(function() tide.sleep(1) return {} end)) "
               "tide.room('r'):members() timer:cancel() client:leave('r' .. #t) "
               "tide.log.info('m', { a = 1 }) return { data, tostring(client), os.date() } end");
    struct tg_vm *vm = stage->gateway->vm;
    const size_t limit = vm->alloc.limit;
    /* Under such caps it is always full: it is to go on, not to be replaced. */
    vm->renewed_ms = stage->app->wheel.now_ms;
    for (size_t extra = 0; extra < 24000; extra += 40) {
        (void)lua_gc(vm->L, LUA_GCCOLLECT, 0);
        vm->alloc.limit = vm->alloc.used + extra;
        fake_conn_say(&stage->alice, "{\"event\":\"work\",\"data\":[1,{\"a\":\"b\"}],\"id\":1}");
        for (int i = 0; i < 4; i++) {
            fake_app_advance(stage->app, 3);
        }
        vm->alloc.limit = limit;
        assert_true(tg_client_is_open(stage->alice.client));
        bool is_answered = false;
        while (stage->alice.client->outbox.count > 0) {
            const char *text = fake_conn_take(&stage->alice);
            failures += strcmp(text, failed) == 0;
            successes += strncmp(text, "{\"id\":1,\"data\":[[1,", 19) == 0;
            is_answered = is_answered || strncmp(text, "{\"id\":1,", 8) == 0;
        }
        assert_true(is_answered);
        assert_int_equal(vm->suspended_count, 0);
        tg_buf_clear(&stage->app->log);
    }
    assert_true(failures > 50);
    assert_true(successes > 50);
}

static void endless_recursion_is_only_an_error(void **state)
{
    struct fake_stage *stage = *state;
    static const char *const ways[] = {
        "local function f(n) return 1 + f(n + 1) end return f(1)",
        "local function f() return coroutine.wrap(function() return f() + 1 end)() end return f()",
        "local function f() local ok, v = coroutine.resume(coroutine.create(function() "
        "return f() end)) assert(ok, v) return v end return f()",
        "local function f() return (('x'):gsub('x', f)) end return f()",
        "local t = setmetatable({}, { __index = function(t, k) return (('x'):gsub('x', t)) end }) "
        "return t.x",
        "local function f() table.sort({ 1, 2, 3 }, function() f() return false end) end return "
        "f()",
        "local t t = setmetatable({}, { __tostring = function() return tostring(t) end }) "
        "return tostring(t)",
        "local t t = setmetatable({}, { __tostring = function() return ('%s'):format(t) end }) "
        "return ('%s'):format(t)",
        "local t = setmetatable({}, { __index = function(t, k) return t[k + 1] end }) return t[1]",
        "local function f() return coroutine.wrap(function() return (('x'):gsub('x', f)) end)() "
        "end "
        "return f()",
        "local function f() local ok, v = pcall(f) error(v, 0) end return f()",
    };
    enum { COUNT = sizeof(ways) / sizeof(ways[0]) };
    static char body[8192];
    size_t length = (size_t)snprintf(body, sizeof(body), "function events.ok() return 1 end ");

    for (int i = 0; i < COUNT; i++) {
        length += (size_t)snprintf(body + length, sizeof(body) - length,
                                   "events.e%d = function() %s end ", i, ways[i]);
        assert_true(length < sizeof(body));
    }
    fake_stage_start(stage, body);
    for (int i = 0; i < COUNT; i++) {
        char event[16];
        (void)snprintf(event, sizeof(event), "e%d", i);
        if (strcmp(fake_conn_ask(&stage->alice, event, NULL), failed) != 0) {
            fail_msg("%s: %s", ways[i], stage->alice.frame);
        }
        assert_string_equal(fake_conn_ask(&stage->alice, "ok", NULL), "{\"id\":1,\"data\":1}");
    }
}

static void a_state_full_of_garbage_begins_again(void **state)
{
    struct fake_stage *stage = *state;

    /* The lack of memory comes out of wrap as an ordinary error, its garbage still there. */
    fake_stage_start(stage, "function events.go() local list = {} coroutine.wrap(function() "
                            "while true do list[#list + 1] = {} end end)() end "
                            "function events.ok() return 1 end");
    for (int i = 0; i < 3; i++) {
        assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL), failed);
        assert_string_equal(fake_conn_ask(&stage->alice, "ok", NULL), "{\"id\":1,\"data\":1}");
    }
}

static void a_yield_of_the_handler_itself_is_an_error(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "gateway.on_error = function(client, event, err) "
                            "client:send('failed', { event, err }) end "
                            "function events.go() coroutine.yield(1) end");
    fake_conn_say(&stage->alice, "{\"event\":\"go\"}");
    assert_string_equal(
        fake_conn_take(&stage->alice),
        "{\"event\":\"failed\",\"data\":[\"go\",\"attempt to yield outside of a coroutine\"]}");
}

static void on_error_learns_client_event_and_error(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "gateway.on_error = function(client, event, err) "
                            "client:send('failed', { event, err.code }) end "
                            "function events.go() error({ code = 7 }) end");
    assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL),
                        "{\"event\":\"failed\",\"data\":[\"go\",7]}");
    assert_string_equal(fake_conn_take(&stage->alice), failed);
}

static void an_on_error_that_raises_is_logged_and_counted(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "gateway.on_error = function() tide.sleep(1) end\n"
                            "function events.go() error('x') end");
    assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL), failed);
    assert_int_equal(fake_app_counter(stage->app, TG_COUNT_HANDLER_ERRORS), 2);
    tg_buf_add_char(&stage->app->log, '\0');
    assert_non_null(
        strstr(stage->app->log.at, "event=on_error file=gateways/chat/gateway.lua line=1"));
    assert_non_null(strstr(stage->app->log.at, "cannot suspend here"));
}

/* --- suspending --- */

static void a_suspended_handler_resumes_and_answers(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.nap(client, data) tide.sleep(50) return data end "
                            "function events.now() return 'now' end");
    assert_string_equal(fake_conn_ask(&stage->alice, "nap", "\"late\""), "");
    assert_string_equal(fake_conn_ask(&stage->bob, "now", NULL), "{\"id\":1,\"data\":\"now\"}");
    fake_app_advance(stage->app, 49);
    assert_string_equal(fake_conn_take(&stage->alice), "");
    fake_app_advance(stage->app, 1);
    assert_string_equal(fake_conn_take(&stage->alice), "{\"id\":1,\"data\":\"late\"}");
}

static void one_clients_messages_stay_in_order(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage,
                     "function events.nap(client, n) tide.sleep(10) client:send('nap', n) end "
                     "function events.now(client, n) client:send('now', n) end");
    fake_conn_say(&stage->alice, "{\"event\":\"nap\",\"data\":1}");
    fake_conn_say(&stage->alice, "{\"event\":\"now\",\"data\":2}");
    fake_conn_say(&stage->alice, "{\"event\":\"nap\",\"data\":3}");
    assert_string_equal(fake_conn_take(&stage->alice), "");
    fake_app_advance(stage->app, 10);
    assert_string_equal(fake_conn_take(&stage->alice), "{\"event\":\"nap\",\"data\":1}");
    assert_string_equal(fake_conn_take(&stage->alice), "{\"event\":\"now\",\"data\":2}");
    assert_string_equal(fake_conn_take(&stage->alice), "");
    fake_app_advance(stage->app, 10);
    assert_string_equal(fake_conn_take(&stage->alice), "{\"event\":\"nap\",\"data\":3}");
}

static void a_handler_may_suspend_many_times(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.count(client) for i = 1, 5 do tide.sleep(1) "
                            "client:send('i', i) end return 'done' end");
    assert_string_equal(fake_conn_ask(&stage->alice, "count", NULL), "");
    for (int i = 0; i < 5; i++) {
        fake_app_advance(stage->app, 1);
        assert_string_not_equal(fake_conn_take(&stage->alice), "");
    }
    assert_string_equal(fake_conn_take(&stage->alice), "{\"id\":1,\"data\":\"done\"}");
}

/* Each is run as an event; what it returns must be the list it names. */
static void expect_after_sleep(struct fake_stage *stage, const char *event, const char *answer)
{
    char expected[256];

    (void)snprintf(expected, sizeof(expected), "{\"id\":1,\"data\":%s}", answer);
    assert_string_equal(fake_conn_ask(&stage->alice, event, NULL), "");
    for (int i = 0; i < 20 && stage->alice.client->outbox.count == 0; i++) {
        fake_app_advance(stage->app, 10);
    }
    assert_string_equal(fake_conn_take(&stage->alice), expected);
}

static void sleeping_passes_through_the_authors_coroutines(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(
        stage, "function events.resume() local co = coroutine.create(function(a) tide.sleep(10) "
               "local b = coroutine.yield(a + 1) tide.sleep(10) return b, 'end' end) "
               "local r = { coroutine.resume(co, 1) } local s = { coroutine.resume(co, 'b') } "
               "return { r, s, coroutine.status(co) } end "
               "function events.wrap() local n = {} for i in coroutine.wrap(function() "
               "for i = 1, 3 do tide.sleep(1) coroutine.yield(i) end end) do n[#n + 1] = i end "
               "return n end "
               "function events.nested() local out = coroutine.wrap(function() "
               "return coroutine.wrap(function() return coroutine.wrap(function() tide.sleep(5) "
               "return 'deep' end)() end)() end)() return out end "
               "function events.raises() local ok, err = coroutine.resume(coroutine.create("
               "function() tide.sleep(1) error('late', 0) end)) return { ok, err } end");
    expect_after_sleep(stage, "resume", "[[true,2],[true,\"b\",\"end\"],\"dead\"]");
    expect_after_sleep(stage, "wrap", "[1,2,3]");
    expect_after_sleep(stage, "nested", "\"deep\"");
    expect_after_sleep(stage, "raises", "[false,\"late\"]");
}

static void sleeping_passes_through_pcall_and_xpcall(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage,
                     "function events.pcall() local ok, v = pcall(function() tide.sleep(5) "
                     "return 'v' end) return { ok, v } end "
                     "function events.raised() local ok, v = pcall(function() tide.sleep(5) "
                     "error('e', 0) end) return { ok, v } end "
                     "function events.xpcall() local ok, v = xpcall(function(a) tide.sleep(5) "
                     "error(a, 0) end, function(e) return 'handled ' .. e end, 'x') "
                     "return { ok, v } end "
                     "function events.handler() local ok, v = xpcall(function() error('h', 0) end, "
                     "function(e) tide.sleep(5) return e .. '!' end) return { ok, v } end "
                     "function events.meta() local t = setmetatable({}, { __index = function(_, k) "
                     "tide.sleep(5) return k end }) return t.key end "
                     "function events.iterator() local n = 0 for i in function() tide.sleep(1) "
                     "n = n + 1 return n < 3 and n or nil end do end return n end");
    expect_after_sleep(stage, "pcall", "[true,\"v\"]");
    expect_after_sleep(stage, "raised", "[false,\"e\"]");
    expect_after_sleep(stage, "xpcall", "[false,\"handled x\"]");
    expect_after_sleep(stage, "handler", "[false,\"h!\"]");
    expect_after_sleep(stage, "meta", "\"key\"");
    expect_after_sleep(stage, "iterator", "3");
}

static void sleeping_raises_where_a_handler_cannot_be_left(void **state)
{
    struct fake_stage *stage = *state;
    static const char *const events[] = {"sort", "gsub", "through", "text"};

    fake_stage_start(
        stage, "local ok, err = pcall(tide.sleep, 1) local at_load = err "
               "local function try(fn) local ok, err = pcall(fn) "
               "return not ok and err:find('cannot suspend here', 1, true) ~= nil end "
               "function events.load() return at_load end "
               "function events.sort() return try(function() table.sort({ 2, 1 }, function() "
               "tide.sleep(1) end) end) end "
               "function events.gsub() return try(function() return (('x'):gsub('x', "
               "function() tide.sleep(1) end)) end) end "
               "function events.text() return try(function() return tostring(setmetatable({}, "
               "{ __tostring = function() tide.sleep(1) end })) end) end "
               "function events.through() return try(function() return (('x'):gsub('x', "
               "coroutine.wrap(function() tide.sleep(1) end))) end) end");
    assert_string_equal(fake_conn_ask(&stage->alice, "load", NULL),
                        "{\"id\":1,\"data\":\"cannot suspend here\"}");
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        assert_string_equal(fake_conn_ask(&stage->alice, events[i], NULL),
                            "{\"id\":1,\"data\":true}");
    }
    assert_int_equal(((struct tg_vm *)stage->gateway->vm)->suspended_count, 0);
}

static void nobody_else_can_resume_what_sleeps(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage,
                     "local co, base function events.nap() base = coroutine.running() "
                     "co = coroutine.create(function() tide.sleep(10) return 'slept' end) "
                     "local ok, v = coroutine.resume(co) return { ok, v, base == nil } end "
                     "function events.steal() local ok, err = coroutine.resume(co, true, 'stolen') "
                     "return { ok, err, coroutine.status(co) } end");
    assert_string_equal(fake_conn_ask(&stage->alice, "nap", NULL), "");
    assert_string_equal(fake_conn_ask(&stage->bob, "steal", NULL),
                        "{\"id\":1,\"data\":[false,\"cannot resume a coroutine that waits in a "
                        "suspending call\",\"normal\"]}");
    fake_app_advance(stage->app, 10);
    assert_string_equal(fake_conn_take(&stage->alice), "{\"id\":1,\"data\":[true,\"slept\",true]}");
}

static void a_client_that_ends_meanwhile_is_no_fault(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "local seen = {} "
                            "gateway.on_disconnect = function() seen[#seen + 1] = 'gone' end "
                            "function events.nap(client) tide.sleep(10) "
                            "seen[#seen + 1] = select(2, client:send('x')) end "
                            "function events.seen() return seen end");
    assert_string_equal(fake_conn_ask(&stage->alice, "nap", NULL), "");
    fake_conn_lose(&stage->alice);
    fake_app_advance(stage->app, 10);
    assert_string_equal(fake_conn_ask(&stage->bob, "seen", NULL),
                        "{\"id\":1,\"data\":[\"closed\",\"gone\"]}");
}

static void both_hooks_may_suspend(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage,
                     "gateway.on_connect = function(client) tide.sleep(5) client:join('r') end "
                     "gateway.on_disconnect = function(client, cause) tide.sleep(5) "
                     "tide.room('r'):emit('left', { cause, client:rooms() }) end "
                     "function events.rooms(client) return client:rooms() end");
    assert_string_equal(fake_conn_ask(&stage->alice, "rooms", NULL), "");
    fake_app_advance(stage->app, 5);
    assert_string_equal(fake_conn_take(&stage->alice), "{\"id\":1,\"data\":[\"r\"]}");
    fake_conn_lose(&stage->alice);
    assert_string_equal(fake_conn_take(&stage->bob), "");
    fake_app_advance(stage->app, 5);
    assert_string_equal(fake_conn_take(&stage->bob),
                        "{\"event\":\"left\",\"data\":[\"client_gone\",[\"r\"]]}");
    fake_conn_lose(&stage->bob);
    fake_app_advance(stage->app, 5);
}

static void a_gateway_may_go_while_handlers_sleep(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.nap() tide.sleep(1000) end");
    assert_string_equal(fake_conn_ask(&stage->alice, "nap", NULL), "");
    assert_string_equal(fake_conn_ask(&stage->bob, "nap", NULL), "");
    assert_int_equal(((struct tg_vm *)stage->gateway->vm)->suspended_count, 2);
}

static void the_tenant_is_kept_over_suspension_and_timers(void **state)
{
    struct fake_stage *stage = *state;

    stage->gateway =
        fake_app_script(stage->app, "chat",
                        "gateway.on_connect = function(client) client:join('r') end "
                        "function events.nap() tide.sleep(10) tide.room('r'):emit('slept') end "
                        "function events.later() tide.after(10, function() tide.sleep(10) "
                        "tide.room('r'):emit('after') end) end");
    fake_app_connect(stage->app, &stage->alice, stage->gateway, "acme", NULL);
    fake_app_connect(stage->app, &stage->bob, stage->gateway, "globex", NULL);
    fake_conn_say(&stage->alice, "{\"event\":\"nap\"}");
    fake_conn_say(&stage->bob, "{\"event\":\"later\"}");
    fake_app_advance(stage->app, 10);
    assert_string_equal(fake_conn_take(&stage->alice), "{\"event\":\"slept\",\"data\":null}");
    fake_app_advance(stage->app, 10);
    assert_string_equal(fake_conn_take(&stage->alice), "");
    assert_string_equal(fake_conn_take(&stage->bob), "{\"event\":\"after\",\"data\":null}");
    assert_string_equal(fake_conn_take(&stage->bob), "");
}

static void an_error_of_an_inner_coroutine_names_its_place(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "\nlocal function deep()\n  error('deep')\nend\n"
                            "local function middle()\n  coroutine.wrap(deep)()\nend\n"
                            "function events.wrapped()\n  coroutine.wrap(middle)()\nend\n"
                            "function events.resumed()\n  local ok, err = "
                            "coroutine.resume(coroutine.create(deep))\n  error(err, 0)\nend\n"
                            "function events.again()\n  local co = coroutine.wrap(function() end) "
                            "pcall(coroutine.wrap(deep)) co()\n  co()\nend");
    (void)fake_conn_ask(&stage->alice, "wrapped", NULL);
    assert_true(fake_app_logged(stage->app,
                                "stack=\"gateways/chat/gateway.lua:3 < "
                                "gateways/chat/gateway.lua:6 < gateways/chat/gateway.lua:9\""));
    fake_app_advance(stage->app, 2000);
    (void)fake_conn_ask(&stage->alice, "resumed", NULL);
    assert_true(fake_app_logged(stage->app, "stack=\"gateways/chat/gateway.lua:3 < "
                                            "gateways/chat/gateway.lua:13\""));
    fake_app_advance(stage->app, 2000);
    (void)fake_conn_ask(&stage->alice, "again", NULL);
    assert_true(fake_app_logged(stage->app, "line=17 "));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(an_error_is_logged_with_its_place),
        FAKE_TEST(the_same_place_is_logged_once_a_second),
        FAKE_TEST(an_error_object_is_told_without_running_it),
        FAKE_TEST(a_long_error_is_cut),
        FAKE_TEST(an_error_of_an_inner_coroutine_names_its_place),
        FAKE_TEST(a_memory_bomb_leaves_the_state_usable),
        FAKE_TEST(running_out_of_memory_at_any_point_is_only_an_error),
        FAKE_TEST(endless_recursion_is_only_an_error),
        FAKE_TEST(a_state_full_of_garbage_begins_again),
        FAKE_TEST(a_yield_of_the_handler_itself_is_an_error),
        FAKE_TEST(on_error_learns_client_event_and_error),
        FAKE_TEST(an_on_error_that_raises_is_logged_and_counted),
        FAKE_TEST(a_suspended_handler_resumes_and_answers),
        FAKE_TEST(one_clients_messages_stay_in_order),
        FAKE_TEST(a_handler_may_suspend_many_times),
        FAKE_TEST(sleeping_passes_through_the_authors_coroutines),
        FAKE_TEST(sleeping_passes_through_pcall_and_xpcall),
        FAKE_TEST(sleeping_raises_where_a_handler_cannot_be_left),
        FAKE_TEST(nobody_else_can_resume_what_sleeps),
        FAKE_TEST(a_client_that_ends_meanwhile_is_no_fault),
        FAKE_TEST(both_hooks_may_suspend),
        FAKE_TEST(a_gateway_may_go_while_handlers_sleep),
        FAKE_TEST(the_tenant_is_kept_over_suspension_and_timers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
