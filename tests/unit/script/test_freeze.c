/* SPDX-License-Identifier: MIT */
#include "fake_app.h"

#include <stdio.h>
#include <string.h>

#include <lauxlib.h>
#include <lualib.h>

#include "script/freeze.h"

/* Each is a way to change the gateway's table or the one of its events after load; it must raise
 * and change nothing. */
static const char *const writes[] = {
    "events.go = nil",
    "events.other = print",
    "events[1] = 1",
    "gateway.path = '/elsewhere'",
    "gateway.events = {}",
    "gateway.fresh = 1",
    "gateway.origins[1] = '*'",
    "gateway.origins[2] = '*'",
    "gateway.limits.message_bytes = 1",
    "rawset(events, 'go', nil)",
    "rawset(events, 'other', print)",
    "rawset(gateway.origins, 1, '*')",
    "setmetatable(events, nil)",
    "setmetatable(events, {})",
    "setmetatable(gateway, {})",
    "table.insert(gateway.origins, '*')",
    "table.insert(gateway.origins, 1, '*')",
    "table.remove(gateway.origins)",
    "table.remove(gateway.origins, 1)",
    "table.sort(gateway.origins)",
    "table.sort(gateway.before)",
    "table.move({ '*' }, 1, 1, 1, gateway.origins)",
    "table.move(gateway.origins, 1, 1, 2)",
    "tide.json.array(gateway.origins)",
    "local _, t = pairs(gateway.origins) t[1] = '*'",
    "local _, t = ipairs(gateway.origins) t[1] = '*'",
    "getmetatable(events).__index.go = nil",
    "for k in pairs(events) do events[k] = nil end",
    "coroutine.wrap(function() events.go = nil end)()",
    "coroutine.wrap(rawset)(events, 'go', nil)",
    "local co = coroutine.create(rawset) assert(coroutine.resume(co, events, 'go', nil))",
    "rawset(rawget(gateway, 'limits'), 'message_bytes', 1)",
    "select(2, next(gateway.before)).x = 1",
    "string.gsub('go', 'go', function(k) events[k] = nil end)",
    "string.gsub('go', '%w+', setmetatable({}, { __index = function(_, k) events[k] = nil end }))",
    "setmetatable({}, { __newindex = events }).go = nil",
    "setmetatable({}, { __newindex = gateway.limits }).message_bytes = 1",
    "setmetatable({}, { __index = events, __newindex = function(t, k, v) rawset(events, k, v) "
    "end }).go = 1",
    "xpcall(error, function() events.go = nil end) error('x')",
    "table.sort({ 2, 1 }, function() gateway.path = '/x' end)",
    "table.move({ 1 }, 1, 1, 1, events)",
    "unpack({ events }).go = nil",
    "tostring(setmetatable({}, { __tostring = function() events.go = nil return '' end }))",
    "client.state = events client.state.go = nil",
    "client.state = gateway.limits rawset(client.state, 'message_bytes', 1)",
    "tide.log.info('x', events) events.go = nil",
    "local t = gateway t.events, t = nil",
    "for _, t in pairs(gateway) do if type(t) == 'table' then t[1] = '*' end end",
    "for k, v in next, gateway do if v == events then v.go = nil end end",
    "(function(...) (...).go = nil end)(events)",
    "goto done do events.go = nil end ::done:: events.go = nil",
    "events['go' .. ''] = events.go",
    "rawset(events, {}, 1)",
    "setmetatable(gateway.limits, { __index = { message_bytes = 1 } })",
};

static void no_write_reaches_a_frozen_table(void **state)
{
    struct fake_stage *stage = *state;
    enum { COUNT = sizeof(writes) / sizeof(writes[0]) };
    static char body[16384];
    size_t length = (size_t)snprintf(
        body, sizeof(body),
        "gateway.origins = { 'https://a.example' } gateway.limits = { message_bytes = "
        "100 } gateway.before = { function() return true end }\n"
        "local function same() return gateway.path == '/chat' and gateway.events == "
        "events and gateway.fresh == nil and gateway.origins[1] == "
        "'https://a.example' and gateway.origins[2] == nil and "
        "gateway.limits.message_bytes == 100 and events.other == nil and events[1] == "
        "nil and type(events.go) == 'function' and next(gateway) ~= nil end\n"
        "function events.go() return same() end\n");

    for (int i = 0; i < COUNT; i++) {
        int part = snprintf(body + length, sizeof(body) - length,
                            "events['e%d'] = function(client) local ok = pcall(function() %s end) "
                            "return { ok, same() } end\n",
                            i, writes[i]);
        length += (size_t)part;
        assert_true(length < sizeof(body));
    }
    fake_stage_start(stage, body);
    for (int i = 0; i < COUNT; i++) {
        char event[16];
        (void)snprintf(event, sizeof(event), "e%d", i);
        if (strcmp(fake_conn_ask(&stage->alice, event, NULL), "{\"id\":1,\"data\":[false,true]}") !=
            0) {
            fail_msg("%s: %s %s", writes[i], stage->alice.frame, stage->app->log.at);
        }
    }
}

static void every_reader_reads_through(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(
        stage,
        "gateway.origins = { 'https://a.example', 'https://b.example' }\n"
        "function events.go() local o = gateway.origins local seen = {}\n"
        "for k, v in pairs(o) do seen[k] = v end assert(seen[2] == 'https://b.example')\n"
        "for i, v in ipairs(o) do assert(o[i] == v) seen[i] = nil end assert(next(seen) == nil)\n"
        "assert(next(o) == 1 and next(o, 1) == 2 and next(o, 2) == nil)\n"
        "assert(select('#', unpack(o)) == 2 and select(2, unpack(o)) == 'https://b.example')\n"
        "assert(table.concat(o, ' ') == 'https://a.example https://b.example')\n"
        "assert(rawget(o, 1) == 'https://a.example' and table.maxn(o) == 2)\n"
        "assert(table.concat(table.move(o, 1, 2, 1, {})) == 'https://a.examplehttps://b.example')\n"
        "assert(rawequal(gateway.origins, o) and type(o) == 'table' and not getmetatable(o))\n"
        "local keys = 0 for k in pairs(gateway) do keys = keys + 1 end assert(keys == 3)\n"
        "tide.log.info('all', gateway) return gateway.origins end");
    assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL),
                        "{\"id\":1,\"data\":[\"https://a.example\",\"https://b.example\"]}");
    assert_true(fake_app_logged(stage->app, "path=/chat"));
}

static void the_length_operator_is_the_one_gap(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage,
                     "gateway.origins = { '*' } function events.go() return #gateway.origins end");
    assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL), "{\"id\":1,\"data\":0}");
}

static void an_error_names_the_field(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.go() events.go = nil end");
    (void)fake_conn_ask(&stage->alice, "go", NULL);
    assert_true(fake_app_logged(
        stage->app,
        "error=\"gateways/chat/gateway.lua:1: the table is frozen: 'go' can't be set\""));
}

static void a_handler_replaced_before_the_end_of_load_counts(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.go() return 1 end function events.go() return 2 end");
    assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL), "{\"id\":1,\"data\":2}");
}

static void upvalues_of_handlers_stay_free(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "local count = { n = 0 } function events.go() count.n = count.n + 1 "
                            "return count.n end");
    (void)fake_conn_ask(&stage->alice, "go", NULL);
    assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL), "{\"id\":1,\"data\":2}");
}

/* --- without a gateway --- */

/* In protected mode: the text gets freeze(t), and may assert. */
static int freeze(lua_State *L)
{
    tg_freeze_table(L, 1);
    lua_settop(L, 1);
    return 1;
}

static int resolve(lua_State *L)
{
    int height = lua_gettop(L);
    bool is_frozen = tg_freeze_resolve(L, 1);

    assert_int_equal(lua_gettop(L), height + (is_frozen ? 1 : 0));
    return is_frozen ? 1 : 0;
}

static void run(const char *text)
{
    lua_State *L = luaL_newstate();

    luaL_openlibs(L);
    tg_freeze_open(L);
    lua_register(L, "freeze", freeze);
    lua_register(L, "resolve", resolve);
    if (luaL_dostring(L, text)) {
        fail_msg("%s", lua_tostring(L, -1));
    }
    lua_close(L);
}

static void cycles_and_depth_are_no_hindrance(void **state)
{
    (void)state;
    run("local a = { name = 'a' } local b = { a = a } a.b = b a.self = a freeze(a)"
        "assert(a.b == b and b.a == a and a.self == a and a.name == 'a' and rawget(b, 'a') == nil)"
        "local root = {} local t = root for i = 1, 20000 do t.next = {} t = t.next end freeze(root)"
        "local n = 0 t = root while t.next do t = t.next n = n + 1 end assert(n == 20000)"
        "assert(not pcall(function() t.x = 1 end))");
}

static void keys_that_are_tables_are_frozen_too(void **state)
{
    (void)state;
    run("local k = { 1 } local t = freeze({ [k] = 'v' }) assert(t[k] == 'v')"
        "assert(not pcall(function() k[1] = 2 end) and k[1] == 1)");
}

static void freezing_twice_is_freezing_once(void **state)
{
    (void)state;
    run("local t = freeze({ 1, { 2 } }) local before = resolve(t) freeze(t) assert(resolve(t) == "
        "before)"
        "assert(t[2][1] == 2) freeze({ t }) assert(resolve(t) == before)");
}

static void the_authors_metamethods_stay(void **state)
{
    (void)state;
    run("local base = { kind = 'base' } local t = freeze(setmetatable({ 1 }, { __index = base,"
        "__call = function(self, x) return x + self[1] end, __metatable = 'mine',"
        "__newindex = function() error('other') end, __mode = 'v' }))"
        "assert(t.kind == 'base' and t(2) == 3 and getmetatable(t) == false)"
        "local ok, err = pcall(function() t.x = 1 end) assert(not ok and err:find('frozen'))");
}

static void an_index_function_never_gets_the_content(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(
        stage,
        "local got = {} local meta = { __index = function(t, k) got[#got + 1] = t return k end } "
        "setmetatable(gateway, meta) gateway.origins = setmetatable({ '*' }, meta) "
        "function events.go() local before = gateway.other local o = gateway.origins.x "
        "meta.__index = function(t, k) t[k] = 1 end local later = gateway.more "
        "for _, t in ipairs(got) do assert(not pcall(function() t.path = '/x' end)) "
        "assert(not pcall(rawset, t, 'path', '/x')) end "
        "return { #got, before, o, later, gateway.path, got[1] == gateway } end");
    assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL),
                        "{\"id\":1,\"data\":[3,\"other\",\"x\",\"more\",\"/chat\",true]}");
}

static void only_frozen_tables_resolve(void **state)
{
    (void)state;
    run("assert(resolve({}) == nil) assert(resolve(setmetatable({}, {})) == nil)"
        "local t = freeze({ 5 }) assert(resolve(t)[1] == 5)");
}

static void a_frozen_table_nobody_holds_is_collected(void **state)
{
    (void)state;
    run("local gone = setmetatable({}, { __mode = 'k' }) do local t = {} t.self = t freeze(t)"
        "gone[t] = true end collectgarbage() collectgarbage() assert(next(gone) == nil)");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(no_write_reaches_a_frozen_table),
        FAKE_TEST(every_reader_reads_through),
        FAKE_TEST(the_length_operator_is_the_one_gap),
        FAKE_TEST(an_error_names_the_field),
        FAKE_TEST(a_handler_replaced_before_the_end_of_load_counts),
        FAKE_TEST(upvalues_of_handlers_stay_free),
        FAKE_TEST(an_index_function_never_gets_the_content),
        cmocka_unit_test(cycles_and_depth_are_no_hindrance),
        cmocka_unit_test(keys_that_are_tables_are_frozen_too),
        cmocka_unit_test(freezing_twice_is_freezing_once),
        cmocka_unit_test(the_authors_metamethods_stay),
        cmocka_unit_test(only_frozen_tables_resolve),
        cmocka_unit_test(a_frozen_table_nobody_holds_is_collected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
