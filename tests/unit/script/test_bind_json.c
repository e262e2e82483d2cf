/* SPDX-License-Identifier: MIT */
#include "fake_app.h"

#include <lauxlib.h>
#include <string.h>

#include "script/json_decode.h"
#include "script/stop.h"

/* Runs the body as an event that must return true. */
static void expect_true(struct fake_stage *stage, const char *body)
{
    fake_stage_start(stage, body);
    if (strcmp(fake_conn_ask(&stage->alice, "go", NULL), "{\"id\":1,\"data\":true}") != 0) {
        fail_msg("%s", stage->app->log.length ? stage->app->log.at : stage->alice.frame);
    }
}

static void text_goes_to_values_and_back(void **state)
{
    expect_true(*state,
                "local json = require 'tidegate.json' function events.go() "
                "assert(json == tide.json) local v = json.decode('{\"a\":[1,null,[]],\"b\":{}}') "
                "assert(v.a[1] == 1 and v.a[2] == json.null and #v.a[3] == 0) "
                "assert(json.encode(v.a) == '[1,null,[]]' and json.encode(v.b) == '{}') "
                "assert(json.encode(json.null) == 'null' and json.encode(nil) == 'null') "
                "assert(json.encode('x') == '\"x\"' and json.encode(2 ^ 53) == "
                "'9007199254740992') return true end");
}

static void bad_text_is_a_result_and_a_bad_value_a_mistake(void **state)
{
    expect_true(*state,
                "local json = tide.json function events.go() local v, code = json.decode('{') "
                "assert(v == nil and code == 'malformed') "
                "v, code = json.decode(('['):rep(100) .. (']'):rep(100)) "
                "assert(v == nil and code == 'too_deep') "
                "assert(not pcall(json.decode)) assert(not pcall(json.decode, 5)) "
                "assert(not pcall(json.encode)) assert(not pcall(json.encode, print)) "
                "assert(not pcall(json.encode, { 1, x = 2 })) return true end");
}

static void array_marks_a_table(void **state)
{
    expect_true(*state, "local json = tide.json function events.go() local t = json.array({}) "
                        "assert(json.encode(t) == '[]' and json.array(t) == t) t[1] = 5 "
                        "assert(json.encode(t) == '[5]') "
                        "assert(not pcall(json.array, setmetatable({}, {}))) "
                        "assert(not pcall(json.array, 5)) "
                        "assert(not pcall(setmetatable, t, {})) return true end");
}

static void raw_marks_json_for_whatever_is_sent(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(
        stage, "local json = tide.json function events.go(client) local r = json.raw('{\"a\": 1}') "
               "assert(json.encode(r) == '{\"a\": 1}' and json.encode { r } == '[{\"a\": 1}]') "
               "assert(client:send('sent', r) and client:send('sent', { x = r })) "
               "assert(tide.room('r'):emit('emitted', { r }) and tide.broadcast('told', r)) "
               "return true end "
               "function events.answer() return json.raw('[ 1 ]') end "
               "function events.join(client) client:join('r') end");
    fake_conn_say(&stage->alice, "{\"event\":\"join\"}");
    fake_conn_say(&stage->alice, "{\"event\":\"go\"}");
    static const char *const frames[] = {
        "{\"event\":\"sent\",\"data\":{\"a\": 1}}",
        "{\"event\":\"sent\",\"data\":{\"x\":{\"a\": 1}}}",
        "{\"event\":\"emitted\",\"data\":[{\"a\": 1}]}",
        "{\"event\":\"told\",\"data\":{\"a\": 1}}",
    };
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
        assert_string_equal(fake_conn_take(&stage->alice), frames[i]);
    }
    assert_string_equal(fake_conn_take(&stage->bob), "{\"event\":\"told\",\"data\":{\"a\": 1}}");
    assert_string_equal(fake_conn_ask(&stage->alice, "answer", NULL), "{\"id\":1,\"data\":[ 1 ]}");
}

static void raw_refuses_what_is_no_json(void **state)
{
    expect_true(*state,
                "local function refused(value, why) local ok, err = pcall(tide.json.raw, value) "
                "assert(not ok and err:find(why, 1, true), err) end "
                "function events.go() refused('{', '(no JSON)') "
                "refused('\"\\255\"', '(text that is not UTF-8)') refused(5, 'string expected') "
                "refused({}, 'string expected') refused(nil, 'string expected') "
                "refused(('['):rep(65) .. (']'):rep(65), 'nested too deeply') "
                "return true end");
}

static void cjson_is_the_same_codec(void **state)
{
    expect_true(*state, "local cjson = require 'cjson' function events.go() "
                        "assert(cjson.encode({ 1 }) == '[1]' and cjson.decode('[1]')[1] == 1) "
                        "assert(cjson.null == tide.json.null) "
                        "local ok, err = pcall(cjson.decode, '{') "
                        "assert(not ok and err:find('not JSON')) return true end");
}

static void the_settings_of_cjson_are_fixed(void **state)
{
    expect_true(*state,
                "local cjson = require 'cjson' function events.go() local other = cjson.new() "
                "assert(other ~= cjson and other.encode({ 1 }) == '[1]' and other.new) "
                "for name, value in pairs { encode_max_depth = 64, decode_max_depth = 64, "
                "encode_sparse_array = false, encode_invalid_numbers = false, "
                "decode_invalid_numbers = false, encode_number_precision = 17, "
                "encode_keep_buffer = true } do "
                "assert(cjson[name]() == value and cjson[name](value) == value) "
                "local ok, err = pcall(cjson[name], 'other') assert(not ok and "
                "err:find('cjson.' .. name .. \" can't be changed\", 1, true), err) end "
                "return true end");
}

static void a_text_longer_than_any_message_is_refused(void **state)
{
    struct fake_stage *stage = *state;

    stage->app->config.script_memory = 256 << 20;
    expect_true(stage, "function events.go() local text = '\"' .. ('x'):rep(16777215) .. '\"' "
                       "local v, code = tide.json.decode(text) "
                       "assert(v == nil and code == 'too_large') "
                       "local ok, err = pcall(require 'cjson'.decode, text) "
                       "assert(not ok and err:find('too large')) "
                       "assert(not pcall(tide.json.raw, text)) "
                       "assert(#tide.json.decode('\"' .. ('x'):rep(16777214) .. '\"') == "
                       "16777214) return true end");
}

static int on_push(lua_State *L)
{
    const struct tg_str *text = lua_touserdata(L, 1);

    assert_int_equal(tg_json_push_stoppable(tg_vm_of(L), L, *text, NULL), TG_OK);
    return 0;
}

static void the_codec_ends_when_the_flag_is_up(void **state)
{
    static const char *const chunks[] = {
        "require 'tidegate'.json.decode('[1]')",      "require 'cjson'.decode('[1]')",
        "require 'tidegate'.json.encode({})",         "require 'tidegate'.json.raw('[1]')",
        "require 'tidegate'.room('r'):emit('e', {})",
    };
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "");
    struct tg_vm *vm = stage->gateway->vm;
    for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
        assert_int_equal(luaL_loadstring(vm->L, chunks[i]), 0);
        lua_pushvalue(vm->L, -1);
        assert_int_equal(lua_pcall(vm->L, 0, 0, 0), 0);
        atomic_store(&vm->stop.is_set, true);
        assert_int_equal(lua_pcall(vm->L, 0, 0, 0), LUA_ERRRUN);
        assert_non_null(strstr(lua_tostring(vm->L, -1), TG_STOP_TEXT));
        atomic_store(&vm->stop.is_set, false);
        lua_pop(vm->L, 1);
    }
}

/* What comes after the scan, whose end it doesn't reach when the flag is up before. */
static void values_are_not_made_when_the_flag_is_up(void **state)
{
    static const char *const texts[] = {"[]", "{}", "[[1]]", "{\"a\":1}"};
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "");
    struct tg_vm *vm = stage->gateway->vm;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct tg_str text = tg_str_of(texts[i]);
        assert_int_equal(lua_cpcall(vm->L, on_push, &text), 0);
        atomic_store(&vm->stop.is_set, true);
        assert_int_equal(lua_cpcall(vm->L, on_push, &text), LUA_ERRRUN);
        assert_non_null(strstr(lua_tostring(vm->L, -1), TG_STOP_TEXT));
        atomic_store(&vm->stop.is_set, false);
        lua_pop(vm->L, 1);
    }
}

/* They are read in pieces: between two escapes, but not inside of a pair of surrogates. */
static void long_strings_keep_all_of_their_escapes(void **state)
{
    expect_true(
        *state,
        "function events.go() for _, pad in ipairs { '', 'a', 'ab', 'abc', 'abcd', 'abcde' } do "
        "local text = pad .. ('\\\\ud83d\\\\ude00\\\\\"\\\\\\\\x'):rep(20000) "
        "local value = tide.json.decode('\"' .. text .. '\"') "
        "assert(value == pad .. ('\\240\\159\\152\\128\"\\\\x'):rep(20000)) end "
        "return true end");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(text_goes_to_values_and_back),
        FAKE_TEST(bad_text_is_a_result_and_a_bad_value_a_mistake),
        FAKE_TEST(array_marks_a_table),
        FAKE_TEST(raw_marks_json_for_whatever_is_sent),
        FAKE_TEST(raw_refuses_what_is_no_json),
        FAKE_TEST(cjson_is_the_same_codec),
        FAKE_TEST(the_settings_of_cjson_are_fixed),
        FAKE_TEST(a_text_longer_than_any_message_is_refused),
        FAKE_TEST(the_codec_ends_when_the_flag_is_up),
        FAKE_TEST(values_are_not_made_when_the_flag_is_up),
        FAKE_TEST(long_strings_keep_all_of_their_escapes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
