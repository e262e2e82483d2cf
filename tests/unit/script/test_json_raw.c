/* SPDX-License-Identifier: MIT */
#include "script/json_raw.h"

#include <lauxlib.h>
#include <lualib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/err.h"
#include "script/freeze.h"
#include "script/json_encode.h"

enum { OUT_BYTES_MAX = 1 << 20 };

/* raw(text): the object, or nil and why. Upvalue: the metatable. */
static int raw(lua_State *L)
{
    struct tg_str json;
    size_t length;
    const char *text = luaL_checklstring(L, 1, &length);
    const char *why = tg_json_raw_judge(tg_str(text, length), &tg_json_default_limits, &json);

    if (why) {
        lua_pushnil(L);
        lua_pushstring(L, why);
        return 2;
    }
    tg_json_raw_push(L, json, lua_upvalueindex(1));
    return 1;
}

/* encode(value): the text, or nil and why. */
static int encode(lua_State *L)
{
    struct tg_buf out;
    const char *why = NULL;

    tg_buf_init(&out, OUT_BYTES_MAX);
    if (tg_json_write_raw(L, 1, &out, &why) != TG_OK) {
        lua_pushnil(L);
        lua_pushstring(L, why);
    } else {
        lua_pushlstring(L, out.at, out.length);
        lua_pushnil(L);
    }
    tg_buf_fini(&out);
    return 2;
}

/* keep(value): why it is no plain data, or nothing. */
static int keep(lua_State *L)
{
    struct tg_buf out;
    const char *why = NULL;

    tg_buf_init(&out, OUT_BYTES_MAX);
    int err = tg_json_write(L, 1, &out, &why);
    tg_buf_fini(&out);
    lua_pushstring(L, err ? why : "");
    return 1;
}

static int set_up(void **state)
{
    lua_State *L = luaL_newstate();

    if (!L) {
        return -1;
    }
    luaL_openlibs(L);
    tg_json_open(L);
    tg_freeze_open(L);
    tg_json_raw_open(L);
    lua_pushcclosure(L, raw, 1);
    lua_setglobal(L, "raw");
    lua_register(L, "encode", encode);
    lua_register(L, "keep", keep);
    *state = L;
    return 0;
}

static int tear_down(void **state)
{
    lua_close(*state);
    return 0;
}

static void run(lua_State *L, const char *chunk)
{
    if (luaL_dostring(L, chunk) != 0) {
        fail_msg("%s: %s", chunk, lua_tostring(L, -1));
    }
}

static void the_text_is_written_as_it_stands(void **state)
{
    run(*state, "for _, text in ipairs { '{\"a\": 1,\\n \"a\":2}', '[ ]', '1.50', '\"\\\\u0041\"', "
                "'null', 'true', '-0', '1E2' } do\n"
                "  assert(encode(raw(text)) == text)\n"
                "  assert(encode { raw(text), 2 } == '[' .. text .. ',2]')\n"
                "  assert(encode { x = { raw(text) } } == '{\"x\":[' .. text .. ']}')\n"
                "end");
}

static void blanks_around_the_value_are_left_out(void **state)
{
    run(*state, "assert(encode { raw ' \\t\\n[1, 2]\\r ' } == '[[1, 2]]')");
}

static void what_is_no_json_is_refused_by_its_reason(void **state)
{
    run(*state, "local function refused(text, wanted) local value, why = raw(text) "
                "assert(value == nil and why == wanted, why) end\n"
                "for _, text in ipairs { '', ' ', '{', '1 2', '\"a', 'nul', \"'a'\", '[1,]', "
                "'\"\\1\"', '1e999', '\"\\\\ud800\"' } do refused(text, 'no JSON') end\n"
                "refused('\"\\255\"', 'text that is not UTF-8')\n"
                "refused('\"\\237\\160\\128\"', 'text that is not UTF-8')\n"
                "local deep = 'JSON nested too deeply, or of too many values'\n"
                "refused(('['):rep(65) .. (']'):rep(65), deep)\n"
                "refused('[' .. ('1,'):rep(99999) .. '1]', deep)\n"
                "assert(raw(('['):rep(64) .. (']'):rep(64)))");
}

/* What is sent is never deeper than what is read. */
static void inside_of_tables_the_limits_are_those_of_the_whole(void **state)
{
    run(*state, "local function nested(inner, outer) local t = raw(('['):rep(inner) .. "
                "(']'):rep(inner)) for _ = 1, outer do t = { t } end return encode(t) end\n"
                "for outer = 0, 64 do\n"
                "  local inner = 64 - outer\n"
                "  if inner > 0 then\n"
                "    assert(nested(inner, outer) == ('['):rep(64) .. (']'):rep(64))\n"
                "  end\n"
                "  if outer > 0 then\n"
                "    local text, why = nested(inner + 1, outer)\n"
                "    assert(text == nil and why:find('nested too deeply'), why)\n"
                "  end\n"
                "end\n"
                "local t = raw '1' for _ = 1, 64 do t = { t } end\n"
                "assert(encode(t) == ('['):rep(64) .. '1' .. (']'):rep(64))");
    run(*state, "local many = raw('[' .. ('1,'):rep(49998) .. '1]')\n"
                "assert(#encode { many } == 2 * 49999 + 3)\n"
                "assert(encode { many, raw(('[' .. ('1,'):rep(49997) .. '1]')) })\n"
                "local text, why = encode { many, many }\n"
                "assert(text == nil and why:find('too many values'), why)");
}

static void what_does_not_fit_is_too_large(void **state)
{
    run(*state, "local long = raw('\"' .. ('x'):rep(1000000) .. '\"')\n"
                "assert(#encode(long) == 1000002)\n"
                "local text, why = encode { long, long } assert(text == nil and why)\n"
                "local t = {} for i = 1, 1000 do t[i] = long end\n"
                "assert(not encode(t))");
}

static void a_script_sees_the_text_and_cannot_change_it(void **state)
{
    run(*state, "local r = raw '{\"a\": 1}'\n"
                "assert(type(r) == 'userdata' and tostring(r) == '{\"a\": 1}')\n"
                "assert(getmetatable(r) == false and not pcall(setmetatable, r, {}))\n"
                "assert(not pcall(function() return r.a end))\n"
                "assert(not pcall(function() r.a = 2 end))\n"
                "assert(not pcall(function() return #r end))\n"
                "assert(not pcall(function() return r .. 'x' end))\n"
                "assert(not pcall(pairs, r) and not pcall(ipairs, r) and not pcall(next, r))\n"
                "assert(not pcall(r))\n"
                "collectgarbage() collectgarbage() assert(encode(r) == '{\"a\": 1}')");
}

static void those_of_the_same_text_are_equal(void **state)
{
    run(*state, "assert(raw '[1]' == raw ' [1] ' and raw '[1]' ~= raw '[2]')\n"
                "assert(raw '[1]' ~= '[1]' and raw '1' ~= 1)\n"
                "assert(raw '[1]' ~= raw '[1 ]' and raw '1' ~= io.stdout)\n"
                "assert(not rawequal(raw '1', raw '1'))");
}

static void it_is_no_plain_data(void **state)
{
    run(*state, "assert(keep(raw '1') == 'json.raw text' and keep { raw '1' } == 'json.raw text')\n"
                "assert(keep { 1 } == '')");
}

static void other_userdata_is_none(void **state)
{
    run(*state, "local text, why = encode { io.stdout }\n"
                "assert(text == nil and why == 'userdata')\n"
                "text, why = encode { newproxy() }\n"
                "assert(text == nil and why == 'userdata')\n"
                "text, why = encode { newproxy(true) }\n"
                "assert(text == nil and why == 'userdata')");
}

int main(void)
{
#define RAW_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        RAW_TEST(the_text_is_written_as_it_stands),
        RAW_TEST(blanks_around_the_value_are_left_out),
        RAW_TEST(what_is_no_json_is_refused_by_its_reason),
        RAW_TEST(inside_of_tables_the_limits_are_those_of_the_whole),
        RAW_TEST(what_does_not_fit_is_too_large),
        RAW_TEST(a_script_sees_the_text_and_cannot_change_it),
        RAW_TEST(those_of_the_same_text_are_equal),
        RAW_TEST(it_is_no_plain_data),
        RAW_TEST(other_userdata_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
