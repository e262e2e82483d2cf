/* SPDX-License-Identifier: MIT */
#include "script/json_encode.h"

#include <lauxlib.h>
#include <lualib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/err.h"
#include "hub/json_scan.h"
#include "script/freeze.h"
#include "script/json_decode.h"

enum { OUT_BYTES_MAX = 4 << 20 };

struct fixture {
    lua_State *L;
    struct tg_buf out;
    const char *why;
    bool is_short; /* no block grows any more */
};

static void *allocate(void *self, void *block, size_t old_size, size_t new_size)
{
    struct fixture *fixture = self;

    if (new_size == 0) {
        free(block);
        return NULL;
    }
    if (fixture->is_short && new_size > (block ? old_size : 0)) {
        return NULL;
    }
    return realloc(block, new_size);
}

/* Nothing here runs in protected mode: what raises, ends the test. */
static int on_panic(lua_State *L)
{
    fail_msg("raised: %s", lua_tostring(L, -1));
    return 0;
}

static int mark_argument(lua_State *L)
{
    tg_json_mark_array(L, 1);
    lua_settop(L, 1);
    return 1;
}

static int freeze_argument(lua_State *L)
{
    tg_freeze_table(L, 1);
    lua_settop(L, 1);
    return 1;
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    if (!fixture) {
        return -1;
    }
    fixture->L = lua_newstate(allocate, fixture);
    if (!fixture->L) {
        free(fixture);
        return -1;
    }
    lua_atpanic(fixture->L, on_panic);
    luaL_openlibs(fixture->L);
    tg_json_open(fixture->L);
    tg_freeze_open(fixture->L);
    lua_pushlightuserdata(fixture->L, NULL);
    lua_setglobal(fixture->L, "null");
    lua_register(fixture->L, "array", mark_argument);
    lua_register(fixture->L, "freeze", freeze_argument);
    tg_buf_init(&fixture->out, OUT_BYTES_MAX);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    lua_close(fixture->L);
    tg_buf_fini(&fixture->out);
    free(fixture);
    return 0;
}

/* Pushes what the chunk returns. */
static void evaluate(struct fixture *fixture, const char *chunk)
{
    if (luaL_loadstring(fixture->L, chunk) != 0 || lua_pcall(fixture->L, 0, 1, 0) != 0) {
        fail_msg("%s: %s", chunk, lua_tostring(fixture->L, -1));
    }
}

/* Writes what the chunk returns. The stack is as before. */
static int write_result(struct fixture *fixture, const char *chunk)
{
    lua_State *L = fixture->L;

    evaluate(fixture, chunk);
    fixture->why = NULL;
    tg_buf_clear(&fixture->out);
    int top = lua_gettop(L);
    int err = tg_json_write(L, -1, &fixture->out, &fixture->why);
    assert_int_equal(lua_gettop(L), top);
    lua_pop(L, 1);
    return err;
}

static void assert_written(struct fixture *fixture, const char *chunk, const char *expected)
{
    struct tg_str value;

    assert_int_equal(write_result(fixture, chunk), TG_OK);
    assert_null(fixture->why);
    if (!tg_str_is(tg_buf_str(&fixture->out), tg_str_of(expected))) {
        fail_msg("%s: %.*s", chunk, TG_STR_ARGS(tg_buf_str(&fixture->out)));
    }
    assert_int_equal(tg_json_scan(tg_buf_str(&fixture->out), &tg_json_default_limits, &value),
                     TG_OK);
}

static void assert_refused(struct fixture *fixture, const char *chunk, int err, const char *why)
{
    int got = write_result(fixture, chunk);

    if (got != err || !fixture->why || strcmp(fixture->why, why) != 0) {
        fail_msg("%s: %s, %s", chunk, tg_err_text(got), fixture->why ? fixture->why : "no reason");
    }
    assert_int_equal(fixture->out.length, 0);
}

static void scalars_are_written(void **state)
{
    struct fixture *fixture = *state;

    assert_written(fixture, "return nil", "null");
    assert_written(fixture, "return null", "null");
    assert_written(fixture, "return true", "true");
    assert_written(fixture, "return false", "false");
    assert_written(fixture, "return 42", "42");
    assert_written(fixture, "return -1.5", "-1.5");
    assert_written(fixture, "return -0", "-0");
    assert_written(fixture, "return 'text'", "\"text\"");
    assert_written(fixture, "return ''", "\"\"");
}

static void an_absent_value_is_null(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(tg_json_write(fixture->L, 7, &fixture->out, &fixture->why), TG_OK);
    assert_true(tg_str_is(tg_buf_str(&fixture->out), TG_STR("null")));
}

static void strings_are_escaped_where_they_must_be(void **state)
{
    struct fixture *fixture = *state;

    assert_written(fixture, "return 'a\"b\\\\c/d\\b\\f\\n\\r\\t\\0\\1\\31\\127'",
                   "\"a\\\"b\\\\c/d\\b\\f\\n\\r\\t\\u0000\\u0001\\u001f\x7f\"");
    assert_written(fixture, "return '\\195\\188\\226\\128\\168\\240\\159\\152\\128'",
                   "\"\xC3\xBC\xE2\x80\xA8\xF0\x9F\x98\x80\"");
    assert_written(fixture, "return {['a\\n\"']='\\n'}", "{\"a\\n\\\"\":\"\\n\"}");
}

static void strings_of_every_length_and_escape_place_read_back(void **state)
{
    struct fixture *fixture = *state;
    lua_State *L = fixture->L;

    for (size_t length = 0; length < 40; length++) {
        for (size_t place = 0; place <= length; place++) {
            char text[64];
            memset(text, 'x', length);
            text[place] = '\n';
            lua_pushlstring(L, text, length);
            tg_buf_clear(&fixture->out);
            assert_int_equal(tg_json_write(L, -1, &fixture->out, &fixture->why), TG_OK);
            assert_int_equal(tg_json_decode(L, tg_buf_str(&fixture->out)), TG_OK);
            assert_true(lua_rawequal(L, -1, -2));
            lua_pop(L, 2);
        }
    }
}

static void strings_that_are_not_utf8_are_refused(void **state)
{
    static const char *const chunks[] = {
        "return '\\255'",        "return 'plain\\195'",  "return 'ab\\n\\237\\160\\128'",
        "return {'\\192\\175'}", "return {['\\255']=1}", "return ('x'):rep(100) .. '\\128'"};
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
        assert_refused(fixture, chunks[i], TG_ERR_INVALID, "string that is not UTF-8");
    }
}

static void tables_with_the_keys_1_to_n_are_arrays(void **state)
{
    struct fixture *fixture = *state;

    assert_written(fixture, "return {1,2,3}", "[1,2,3]");
    assert_written(fixture, "return {{},{1},{{2}}}", "[{},[1],[[2]]]");
    assert_written(fixture, "return {null,false,'x'}", "[null,false,\"x\"]");
    assert_written(fixture, "return array{1}", "[1]");
    /* Keys that were not set in order stand in the hash part. */
    assert_written(fixture, "local t = {} t[3]=3 t[2]=2 t[1]=1 return t", "[1,2,3]");
    assert_written(fixture, "local t = {1} t[4]=4 t[3]=3 t[2]={2} return t", "[1,[2],3,4]");
    assert_written(fixture, "local t = {n=1} t[2]=2 t[1]=1 t.n=nil return t", "[1,2]");
    assert_written(fixture, "local t = {x=1,y=2} t.x=nil t.y=nil t[1]=1 return t", "[1]");
}

static void an_array_whose_keys_come_in_any_order_is_in_order(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(write_result(fixture, "local t = {} for i = 100, 1, -1 do t[i] = i end\n"
                                           "return t"),
                     TG_OK);
    assert_int_equal(tg_json_decode(fixture->L, tg_buf_str(&fixture->out)), TG_OK);
    for (int i = 1; i <= 100; i++) {
        lua_rawgeti(fixture->L, -1, i);
        assert_int_equal(lua_tointeger(fixture->L, -1), i);
        lua_pop(fixture->L, 1);
    }
}

static void tables_with_strings_for_keys_are_objects(void **state)
{
    struct fixture *fixture = *state;

    assert_written(fixture, "return {a=1}", "{\"a\":1}");
    assert_written(fixture, "return {a={b={c=null}}}", "{\"a\":{\"b\":{\"c\":null}}}");
    assert_written(fixture, "return {['1']=1}", "{\"1\":1}");
    assert_written(fixture, "return {['']={}}", "{\"\":{}}");
    assert_int_equal(write_result(fixture, "return {a=1,b={2}}"), TG_OK);
    assert_true(tg_str_is(tg_buf_str(&fixture->out), TG_STR("{\"a\":1,\"b\":[2]}")) ||
                tg_str_is(tg_buf_str(&fixture->out), TG_STR("{\"b\":[2],\"a\":1}")));
}

static void an_empty_table_is_an_object_unless_it_bears_the_mark(void **state)
{
    struct fixture *fixture = *state;

    assert_written(fixture, "return {}", "{}");
    assert_written(fixture, "return array{}", "[]");
    assert_written(fixture, "return {a=array{}}", "{\"a\":[]}");
    assert_written(fixture, "return setmetatable({}, {})", "{}");
    assert_written(fixture, "local t = array{} t.a = 1 return t", "{\"a\":1}");
    assert_written(fixture, "local t = array{1} t[1] = nil return t", "[]");
}

static void tables_that_are_neither_are_refused(void **state)
{
    struct fixture *fixture = *state;

    assert_refused(fixture, "return {1,2,a=3}", TG_ERR_INVALID, "mixed table");
    assert_refused(fixture, "return {a=3,[7]=1}", TG_ERR_INVALID, "mixed table");
    assert_refused(fixture, "return {[7]=1,a=3}", TG_ERR_INVALID, "mixed table");
    assert_refused(fixture, "return {1,nil,3}", TG_ERR_INVALID, "sparse array");
    assert_refused(fixture, "return {[2]=1}", TG_ERR_INVALID, "sparse array");
    assert_refused(fixture, "return {[0]=1}", TG_ERR_INVALID, "sparse array");
    assert_refused(fixture, "return {[0]=0,[1]=1}", TG_ERR_INVALID, "sparse array");
    assert_refused(fixture, "return {1,[1.5]=1}", TG_ERR_INVALID, "sparse array");
    assert_refused(fixture, "return {[-1]=1}", TG_ERR_INVALID, "sparse array");
    assert_refused(fixture, "return {[1e300]=1}", TG_ERR_INVALID, "sparse array");
    assert_refused(fixture, "return {[math.huge]=1}", TG_ERR_INVALID, "sparse array");
    assert_refused(fixture, "return array{1,nil,3}", TG_ERR_INVALID, "sparse array");
    assert_refused(fixture, "return {[true]=1}", TG_ERR_INVALID, "key that is not a string");
    assert_refused(fixture, "return {1,[true]=1}", TG_ERR_INVALID, "key that is not a string");
    assert_refused(fixture, "return {[{}]=1}", TG_ERR_INVALID, "key that is not a string");
    assert_refused(fixture, "return {a={b={1,x=2}}}", TG_ERR_INVALID, "mixed table");
}

static void values_without_json_are_refused_by_their_name(void **state)
{
    struct fixture *fixture = *state;

    assert_refused(fixture, "return print", TG_ERR_INVALID, "function");
    assert_refused(fixture, "return {a=function() end}", TG_ERR_INVALID, "function");
    assert_refused(fixture, "return coroutine.create(print)", TG_ERR_INVALID, "thread");
    assert_refused(fixture, "return io.stdout", TG_ERR_INVALID, "userdata");
    assert_refused(fixture, "return require('ffi').new('int')", TG_ERR_INVALID, "cdata");
    assert_refused(fixture, "return 0/0", TG_ERR_INVALID, "number that is not finite");
    assert_refused(fixture, "return 1/0", TG_ERR_INVALID, "number that is not finite");
    assert_refused(fixture, "return {-1/0}", TG_ERR_INVALID, "number that is not finite");
    lua_pushlightuserdata(fixture->L, fixture);
    lua_setglobal(fixture->L, "pointer");
    assert_refused(fixture, "return pointer", TG_ERR_INVALID, "userdata");
}

static void no_metamethod_runs(void **state)
{
    struct fixture *fixture = *state;

    assert_written(fixture,
                   "local function no() error('ran') end\n"
                   "return setmetatable({1,2}, {__index=no, __len=no, __pairs=no, __tostring=no,\n"
                   "  __metatable=false, __eq=no})",
                   "[1,2]");
    assert_written(fixture, "return setmetatable({}, {__index={a=1}})", "{}");
}

static void frozen_tables_are_written_as_what_they_hold(void **state)
{
    struct fixture *fixture = *state;

    assert_written(fixture, "return freeze{a=1}", "{\"a\":1}");
    assert_written(fixture, "return freeze{1,{2,{b={}}}}", "[1,[2,{\"b\":{}}]]");
    assert_written(fixture, "return {freeze{}}", "[{}]");
    assert_written(fixture, "return freeze{a=array{}}", "{\"a\":[]}");
}

/* count levels of tables around 1. */
static int write_nested(struct fixture *fixture, const char *around, int count)
{
    char chunk[256];

    (void)snprintf(chunk, sizeof(chunk), "local t = 1 for _ = 1, %d do t = %s end return t", count,
                   around);
    return write_result(fixture, chunk);
}

static void nesting_ends_at_64_levels(void **state)
{
    static const char *const forms[] = {"{t}", "{a=t}", "freeze{t}"};
    struct fixture *fixture = *state;
    struct tg_str value;

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        for (int count = 1; count <= TG_JSON_DEPTH_MAX; count++) {
            assert_int_equal(write_nested(fixture, forms[i], count), TG_OK);
            assert_int_equal(
                tg_json_scan(tg_buf_str(&fixture->out), &tg_json_default_limits, &value), TG_OK);
        }
        assert_int_equal(write_nested(fixture, forms[i], TG_JSON_DEPTH_MAX + 1), TG_ERR_TOO_DEEP);
        assert_int_equal(fixture->out.length, 0);
    }
    assert_refused(fixture, "local t = {} t.t = t return t", TG_ERR_TOO_DEEP,
                   tg_err_text(TG_ERR_TOO_DEEP));
    assert_refused(fixture, "local t = {} t[1] = t return t", TG_ERR_TOO_DEEP,
                   tg_err_text(TG_ERR_TOO_DEEP));
}

static void deep_values_are_written_from_a_full_stack(void **state)
{
    struct fixture *fixture = *state;
    lua_State *L = lua_newthread(fixture->L);

    assert_true(lua_checkstack(L, 100));
    for (int i = 0; i < 100; i++) {
        lua_pushinteger(L, i);
    }
    assert_int_equal(luaL_loadstring(L, "local t = 1 for _ = 1, 64 do t = {t} end return t"), 0);
    assert_int_equal(lua_pcall(L, 0, 1, 0), 0);
    assert_int_equal(tg_json_write(L, -1, &fixture->out, &fixture->why), TG_OK);
    assert_int_equal(fixture->out.length, 129);
    assert_int_equal(lua_gettop(L), 101);
}

static void short_memory_is_an_error_and_never_raised(void **state)
{
    struct fixture *fixture = *state;
    lua_State *L = fixture->L;

    evaluate(fixture, "local t = 1 for _ = 1, 64 do t = {t} end return t");
    /* A thread's stack is small: it must grow for 64 levels. */
    lua_State *thread = lua_newthread(L);
    lua_pushvalue(L, -2);
    lua_xmove(L, thread, 1);
    lua_atpanic(L, on_panic);
    fixture->is_short = true;
    int err = tg_json_write(thread, -1, &fixture->out, &fixture->why);
    fixture->is_short = false;
    assert_int_equal(err, TG_ERR_NOMEM);
    assert_string_equal(fixture->why, tg_err_text(TG_ERR_NOMEM));
    assert_int_equal(fixture->out.length, 0);
    assert_int_equal(lua_gettop(thread), 1);
    assert_int_equal(tg_json_write(thread, -1, &fixture->out, &fixture->why), TG_OK);
}

static void writing_takes_no_memory_of_the_state(void **state)
{
    struct fixture *fixture = *state;

    evaluate(fixture, "return {a={1,2,'x',freeze{b=array{}}},c=null,d=1.5}");
    fixture->is_short = true;
    int err = tg_json_write(fixture->L, -1, &fixture->out, &fixture->why);
    fixture->is_short = false;
    assert_int_equal(err, TG_OK);
}

static void at_most_100000_values_are_written(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(
        write_result(fixture, "local t = {} for i = 1, 99999 do t[i] = 1 end return t"), TG_OK);
    assert_refused(fixture, "local t = {} for i = 1, 100000 do t[i] = 1 end return t",
                   TG_ERR_TOO_LARGE, tg_err_text(TG_ERR_TOO_LARGE));
    assert_refused(fixture, "local t = {} for i = 200000, 1, -1 do t[i] = 1 end return t",
                   TG_ERR_TOO_LARGE, tg_err_text(TG_ERR_TOO_LARGE));
    /* A table that is shared many times over ends there too. */
    assert_refused(fixture, "local t = {1} for _ = 1, 40 do t = {t, t} end return t",
                   TG_ERR_TOO_LARGE, tg_err_text(TG_ERR_TOO_LARGE));
}

static void the_buffers_limit_is_kept_to_the_octet(void **state)
{
    static const char text[] = "{\"k\\n\":[1,true,\"x\",\"\\n\xC3\xBC y\",null,-12.5,[[]],{}]}";
    struct fixture *fixture = *state;
    const size_t length = sizeof(text) - 1;

    assert_int_equal(tg_json_decode(fixture->L, tg_str(text, length)), TG_OK);
    for (size_t limit = 0; limit <= length; limit++) {
        struct tg_buf out;
        tg_buf_init(&out, limit);
        int err = tg_json_write(fixture->L, -1, &out, &fixture->why);
        assert_int_equal(err, limit < length ? TG_ERR_TOO_LARGE : TG_OK);
        assert_int_equal(out.length, limit < length ? 0 : length);
        if (err == TG_OK) {
            assert_memory_equal(out.at, text, length);
        }
        tg_buf_fini(&out);
    }
}

static void the_json_is_appended_and_an_error_takes_it_back(void **state)
{
    struct fixture *fixture = *state;

    tg_buf_add_str(&fixture->out, TG_STR("before "));
    evaluate(fixture, "return {1}");
    assert_int_equal(tg_json_write(fixture->L, 1, &fixture->out, &fixture->why), TG_OK);
    assert_true(tg_str_is(tg_buf_str(&fixture->out), TG_STR("before [1]")));
    evaluate(fixture, "return {1,print}");
    assert_int_equal(tg_json_write(fixture->L, -1, &fixture->out, &fixture->why), TG_ERR_INVALID);
    assert_true(tg_str_is(tg_buf_str(&fixture->out), TG_STR("before [1]")));
}

int main(void)
{
#define ENCODE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        ENCODE_TEST(scalars_are_written),
        ENCODE_TEST(an_absent_value_is_null),
        ENCODE_TEST(strings_are_escaped_where_they_must_be),
        ENCODE_TEST(strings_of_every_length_and_escape_place_read_back),
        ENCODE_TEST(strings_that_are_not_utf8_are_refused),
        ENCODE_TEST(tables_with_the_keys_1_to_n_are_arrays),
        ENCODE_TEST(an_array_whose_keys_come_in_any_order_is_in_order),
        ENCODE_TEST(tables_with_strings_for_keys_are_objects),
        ENCODE_TEST(an_empty_table_is_an_object_unless_it_bears_the_mark),
        ENCODE_TEST(tables_that_are_neither_are_refused),
        ENCODE_TEST(values_without_json_are_refused_by_their_name),
        ENCODE_TEST(no_metamethod_runs),
        ENCODE_TEST(frozen_tables_are_written_as_what_they_hold),
        ENCODE_TEST(nesting_ends_at_64_levels),
        ENCODE_TEST(deep_values_are_written_from_a_full_stack),
        ENCODE_TEST(short_memory_is_an_error_and_never_raised),
        ENCODE_TEST(writing_takes_no_memory_of_the_state),
        ENCODE_TEST(at_most_100000_values_are_written),
        ENCODE_TEST(the_buffers_limit_is_kept_to_the_octet),
        ENCODE_TEST(the_json_is_appended_and_an_error_takes_it_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
