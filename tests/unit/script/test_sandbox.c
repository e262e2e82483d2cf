/* SPDX-License-Identifier: MIT */
#include "fake_app.h"

#include <stdio.h>
#include <string.h>

/* Each is the body of a handler that returns true when the way out is shut. */
static const char *const shut[] = {
    "return load == nil",
    "return loadstring == nil",
    "return loadfile == nil",
    "return dofile == nil",
    "return getfenv == nil and setfenv == nil",
    "return newproxy == nil",
    "return module == nil and package == nil",
    "return collectgarbage == nil and gcinfo == nil",
    "return io == nil and debug == nil and ffi == nil and jit == nil",
    "return _G == nil and _ENV == nil",
    "return string.dump == nil",
    "return os.execute == nil and os.exit == nil and os.getenv == nil",
    "return os.remove == nil and os.rename == nil and os.tmpname == nil and os.setlocale == nil",
    "return not pcall(require, 'ffi')",
    "return not pcall(require, 'jit')",
    "return not pcall(require, 'io')",
    "return not pcall(require, 'debug')",
    "return not pcall(require, 'string.buffer')",
    "return not pcall(require, 'table.new')",
    "return not pcall(require, '../../etc/passwd')",
    "return not pcall(require, '/etc/passwd')",
    "return not pcall(require, 'cjson.safe')",
    "return not pcall(require, 'gateway')",
    "return getmetatable('') == false",
    "return not pcall(setmetatable, '', {})",
    "return getmetatable(tide.room('x')) == false",
    "return getmetatable(client) == false",
    "return not pcall(setmetatable, client, {})",
    "return not pcall(function() client.id = 'other' end)",
    "return not pcall(function() client.send = print end)",
    "return not pcall(rawset, client, 'id', 1)",
    "return not pcall(rawget, client, 'id')",
    "return not pcall(next, client)",
    "return not pcall(tide.room('x').emit, client, 'e')",
    "return not pcall(client.send, tide.room('x'), 'e')",
    "return not pcall(client.close, setmetatable({}, { __index = client }))",
    "return not pcall(string.format, '%p', {})",
    "return not pcall(string.format, '%-10p', {})",
    "return not tostring({}):find('0x') and not tostring(print):find('0x')",
    "return not tostring(client):find('0x') and not tostring(tide.room('x')):find('0x')",
    "return not string.format('%s %s', {}, print):find('0x')",
    "return not tostring(coroutine.create(print)):find('0x')",
    "return not pcall(function() undeclared = 1 end)",
    "return not pcall(function() function undeclared() end end)",
    "return undeclared == nil",
    "return coroutine.running() == nil",
    "return not select(2, coroutine.resume(coroutine.create(function() return "
    "tostring(coroutine.running()) end))):find('0x')",
    "return ('x').format == string.format and ('x').dump == nil",
    "return math.random ~= nil and tide.log ~= nil and bit.band(3, 5) == 1",
    "local ok, err = pcall(error, setmetatable({}, { __tostring = error })) return not ok",
    "return pcall(tostring, setmetatable({}, { __tostring = function() return 1 end })) == false",
};

static void every_known_way_out_is_shut(void **state)
{
    struct fake_stage *stage = *state;
    enum { COUNT = sizeof(shut) / sizeof(shut[0]) };
    static char body[16384];
    size_t length = 0;

    for (int i = 0; i < COUNT; i++) {
        int part = snprintf(body + length, sizeof(body) - length,
                            "events['e%d'] = function(client) %s end\n", i, shut[i]);
        length += (size_t)part;
        assert_true(length < sizeof(body));
    }
    fake_stage_start(stage, body);
    for (int i = 0; i < COUNT; i++) {
        char event[16];
        (void)snprintf(event, sizeof(event), "e%d", i);
        if (strcmp(fake_conn_ask(&stage->alice, event, NULL), "{\"id\":1,\"data\":true}") != 0) {
            fail_msg("open: %s: %s %s", shut[i], stage->alice.frame, stage->app->log.at);
        }
    }
}

static void a_global_written_names_file_and_line(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "\nfunction events.go()\n  counter = 1\nend");
    (void)fake_conn_ask(&stage->alice, "go", NULL);
    assert_true(fake_app_logged(stage->app,
                                "error=\"gateways/chat/gateway.lua:3: global 'counter' is "
                                "not declared: use local, or tide.global\""));
}

static void the_libraries_that_are_there_work(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(
        stage,
        "function events.base() assert(select('#', unpack({ 1, 2, 3 })) == 3) assert(rawequal(1, "
        "1)) "
        "assert(tonumber('ff', 16) == 255) assert(tostring(nil) == 'nil' and tostring(1.5) == "
        "'1.5') "
        "assert(tostring(true) == 'true' and tostring('x') == 'x' and tostring({}) == 'table') "
        "assert(type(_VERSION) == 'string') return true end "
        "function events.string() assert(('%d %5.1f %s %q'):format(1, 2.5, {}, 'a\"') == "
        "'1   2.5 table \"a\\\\\"\"') assert(('abc'):upper():sub(2):rep(2) == 'BCBC') "
        "assert(string.format('%s|%s|%s', nil, true, tide.json.null) == 'nil|true|null') "
        "assert(('a,b'):gsub(',', ';') == 'a;b') return true end "
        "function events.table() local t = { 3, 1, 2 } table.sort(t) table.insert(t, 4) "
        "assert(table.concat(t, ',') == '1,2,3,4') assert(table.remove(t) == 4) "
        "local m = table.move(t, 1, 3, 2) assert(table.concat(m) == '1123') "
        "assert(table.concat(table.move({ 7, 8 }, 1, 2, 1, {})) == '78') "
        "assert(table.maxn({ [5] = 1 }) == 5) local keys = 0 for k, v in pairs(t) do keys = keys + "
        "1 "
        "end assert(keys == 4 and next({}) == nil) return true end "
        "function events.time() assert(os.time() == 1700000000) "
        "assert(os.date('!%Y-%m-%d') == '2023-11-14') assert(os.date('!%H', 3600) == '01') "
        "assert(os.time(os.date('*t', 86400)) == 86400) assert(os.difftime(5, 3) == 2) "
        "assert(type(os.clock()) == 'number') return true end "
        "function events.math() math.randomseed(1) local a, b = math.random(), math.random(1, 6) "
        "math.randomseed(1) assert(a == math.random() and b == math.random(1, 6)) "
        "assert(a >= 0 and a < 1 and b >= 1 and b <= 6) assert(not pcall(math.random, 2, 1)) "
        "assert(math.floor(-1.5) == -2 and math.pi > 3) return true end");
    static const char *const events[] = {"base", "string", "table", "time", "math"};
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        if (strcmp(fake_conn_ask(&stage->alice, events[i], NULL), "{\"id\":1,\"data\":true}") !=
            0) {
            fail_msg("%s: %s", events[i], stage->app->log.at);
        }
    }
}

static void errors_of_the_libraries_name_the_authors_line(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage,
                     "\nlocal function err(fn, ...) local ok, e = pcall(fn, ...) return e end\n"
                     "function events.all(client) return {\n"
                     " err(function() local x = string.format('%d', 'x') end),\n"
                     " err(function() local x = table.concat(5) end),\n"
                     " err(function() table.insert({}, 1, 2, 3) end),\n"
                     " err(function() tide.sleep('x') end),\n"
                     " err(function() client:send(5) end),\n"
                     " err(function() require('no.such') end),\n"
                     "} end");
    const char *text = fake_conn_ask(&stage->alice, "all", NULL);
    for (int line = 4; line <= 9; line++) {
        char place[64];
        (void)snprintf(place, sizeof(place), "\"gateways/chat/gateway.lua:%d: ", line);
        if (!strstr(text, place)) {
            fail_msg("no %s in %s", place, text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(every_known_way_out_is_shut),
        FAKE_TEST(a_global_written_names_file_and_line),
        FAKE_TEST(the_libraries_that_are_there_work),
        FAKE_TEST(errors_of_the_libraries_name_the_authors_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
