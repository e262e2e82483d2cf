/* SPDX-License-Identifier: MIT */
#include "script/json_decode.h"

#include <float.h>
#include <lauxlib.h>
#include <lualib.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/rand.h"
#include "hub/json_scan.h"

enum { ROUNDS = 100000, LONG_BYTES = 70000, FAILURES_MAX = 10000 };

struct fixture {
    lua_State *L;
    size_t held;    /* octets that the state has */
    long countdown; /* allocations until one fails; below 0: none does */
};

static void *allocate(void *self, void *block, size_t old_size, size_t new_size)
{
    struct fixture *fixture = self;

    if (new_size == 0) {
        free(block);
        fixture->held -= block ? old_size : 0;
        return NULL;
    }
    if (new_size > (block ? old_size : 0) && fixture->countdown >= 0 && fixture->countdown-- == 0) {
        fixture->countdown = 0;
        return NULL;
    }
    void *made = realloc(block, new_size);
    if (made) {
        fixture->held += new_size - (block ? old_size : 0);
    }
    return made;
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    if (!fixture) {
        return -1;
    }
    fixture->countdown = -1;
    fixture->L = lua_newstate(allocate, fixture);
    if (!fixture->L) {
        free(fixture);
        return -1;
    }
    luaL_openlibs(fixture->L);
    tg_json_open(fixture->L);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    int leaked;

    lua_close(fixture->L);
    leaked = fixture->held != 0;
    free(fixture);
    return leaked ? -1 : 0;
}

/* Decodes a copy in a block of just its size into the global "v". */
static void decode(lua_State *L, struct tg_str text)
{
    char *copy = malloc(text.length);

    assert_non_null(copy);
    memcpy(copy, text.at, text.length);
    int top = lua_gettop(L);
    assert_int_equal(tg_json_decode(L, tg_str(copy, text.length)), TG_OK);
    free(copy);
    assert_int_equal(lua_gettop(L), top + 1);
    lua_setglobal(L, "v");
}

/* The decoded text is v in the condition. */
static void assert_decoded(lua_State *L, const char *text, const char *condition)
{
    char chunk[1024];

    decode(L, tg_str_of(text));
    (void)snprintf(chunk, sizeof(chunk), "assert(%s)", condition);
    if (luaL_dostring(L, chunk) != 0) {
        fail_msg("%s: %s", text, lua_tostring(L, -1));
    }
}

static void scalars_become_their_lua_values(void **state)
{
    lua_State *L = ((struct fixture *)*state)->L;

    assert_decoded(L, "true", "v == true");
    assert_decoded(L, " false ", "v == false");
    assert_decoded(L, "\"text\"", "v == 'text'");
    assert_decoded(L, "\"\"", "v == ''");
    assert_decoded(L, "0", "v == 0");
    decode(L, TG_STR("null"));
    lua_getglobal(L, "v");
    assert_int_equal(lua_type(L, -1), LUA_TLIGHTUSERDATA);
    assert_null(lua_touserdata(L, -1));
}

static void objects_and_arrays_become_tables(void **state)
{
    lua_State *L = ((struct fixture *)*state)->L;

    assert_decoded(L, "{\"a\":1,\"b\":{\"c\":[true,\"x\",[2]]}}",
                   "v.a == 1 and v.b.c[1] == true and v.b.c[2] == 'x' and v.b.c[3][1] == 2 "
                   "and #v.b.c == 3");
    assert_decoded(L, " { \"a\" : 1 , \"b\" : [ 2 , 3 ] } ",
                   "v.a == 1 and v.b[1] == 2 and v.b[2] == 3");
    assert_decoded(L, "[1,null,3]", "v[1] == 1 and type(v[2]) == 'userdata' and v[3] == 3");
    assert_decoded(L, "{\"1\":\"x\",\"\":2}", "v['1'] == 'x' and v[1] == nil and v[''] == 2");
    assert_decoded(L, "[{},{\"a\":{}}]", "next(v[1]) == nil and next(v[2].a) == nil");
}

static void the_last_of_equal_names_wins(void **state)
{
    lua_State *L = ((struct fixture *)*state)->L;

    assert_decoded(L, "{\"a\":1,\"b\":2,\"a\":3,\"\\u0061\":4}", "v.a == 4 and v.b == 2");
}

static void only_an_empty_array_bears_the_mark(void **state)
{
    lua_State *L = ((struct fixture *)*state)->L;

    assert_decoded(L, "[]", "getmetatable(v) == 'array' and next(v) == nil");
    assert_decoded(L, "[ \n ]", "getmetatable(v) == 'array'");
    assert_decoded(L, "{}", "getmetatable(v) == nil");
    assert_decoded(L, "[[]]", "getmetatable(v) == nil and getmetatable(v[1]) == 'array'");
    assert_decoded(L, "{\"a\":[]}", "getmetatable(v) == nil and getmetatable(v.a) == 'array'");
}

static void strings_come_with_their_escapes_undone(void **state)
{
    lua_State *L = ((struct fixture *)*state)->L;

    assert_decoded(L, "\"a\\\"b\\\\c\\/d\\b\\f\\n\\r\\t\"", "v == 'a\"b\\\\c/d\\b\\f\\n\\r\\t'");
    assert_decoded(L, "\"\\u0000\\u00fc\\u20AC\\ud83d\\uDE00\"",
                   "v == '\\0\\195\\188\\226\\130\\172\\240\\159\\152\\128'");
    assert_decoded(L, "\"1234567\\n\"", "v == '1234567\\n'");
    assert_decoded(L, "\"\\\\\\\"\"", "v == '\\\\\"'");
    assert_decoded(L, "{\"a\\tb\":\"\xC3\xBC\"}", "v['a\\tb'] == '\\195\\188'");
    assert_decoded(L, "[\"a\\\\\",\"b\"]", "v[1] == 'a\\\\' and v[2] == 'b'");
}

static void strings_of_every_length_come_whole(void **state)
{
    lua_State *L = ((struct fixture *)*state)->L;
    char text[1024];
    char chunk[128];

    for (int length = 0; length < 300; length++) {
        for (int has_escape = 0; has_escape < 2; has_escape++) {
            char *at = text;
            *at++ = '"';
            memset(at, 'x', (size_t)length);
            at += length;
            at = stpcpy(at, has_escape ? "\\n\"" : "\"");
            decode(L, tg_str(text, (size_t)(at - text)));
            (void)snprintf(chunk, sizeof(chunk), "assert(v == ('x'):rep(%d) .. '%s')", length,
                           has_escape ? "\\n" : "");
            assert_int_equal(luaL_dostring(L, chunk), 0);
        }
    }
}

/* -0 is not 0 here. */
static uint64_t bits(double value)
{
    uint64_t octets;

    memcpy(&octets, &value, sizeof(octets));
    return octets;
}

/* What the C library can't tell from infinity is refused, or the largest double when it is that
 * within its last digit. */
static void assert_number(lua_State *L, const char *text, double expected)
{
    if (isinf(expected)) {
        int err = tg_json_decode(L, tg_str_of(text));
        assert_true(err == TG_ERR_SYNTAX || lua_tonumber(L, -1) == copysign(DBL_MAX, expected));
        lua_pop(L, err ? 0 : 1);
        return;
    }
    decode(L, tg_str_of(text));
    lua_getglobal(L, "v");
    assert_int_equal(lua_type(L, -1), LUA_TNUMBER);
    double value = lua_tonumber(L, -1);
    lua_pop(L, 1);
    if (bits(value) != bits(expected)) {
        fail_msg("%s becomes %.17g", text, value);
    }
}

static void numbers_become_the_nearest_double(void **state)
{
    static const char *const texts[] = {
        "1",
        "-1",
        "12345",
        "-0",
        "0.0",
        "-0.0",
        "0e0",
        "0e999",
        "1e0",
        "1E+2",
        "1e-2",
        "0.1",
        "0.3",
        "4.35",
        "-2.5e-3",
        "123456789012345",
        "9007199254740991",
        "9007199254740992",
        "9007199254740993",
        "9007199254740995",
        "18014398509481985",
        "18446744073709551615",
        "18446744073709551616",
        "9999999999999999999",
        "99999999999999999999",
        "1e22",
        "1e23",
        "123456789012345e-22",
        "9007199254740993e-1",
        "9007199254740993.0",
        "9007199254740993.00000000000000000000000000000001",
        "0.1000000000000000055511151231257827",
        "2.2250738585072011e-308",
        "2.2250738585072012e-308",
        "5e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "1e-400",
        "1.7976931348623157e308",
        "1.7976931348623159e308",
        "1e400",
        "-1e400",
        "1e99999999999999999999",
        "1e-99999999999999999999",
        "0.00000000000001",
        "0.000000000000000000000000000001234567890123456789",
        "1000000000000000000000000000000000000000000000000000000000000000000000000000000000000e-80",
    };
    lua_State *L = ((struct fixture *)*state)->L;

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_number(L, texts[i], strtod(texts[i], NULL));
    }
}

static void random_numbers_become_what_the_c_library_reads(void **state)
{
    lua_State *L = ((struct fixture *)*state)->L;
    struct tg_rand rand;
    char text[64];

    tg_rand_seed(&rand, 11);
    for (int i = 0; i < ROUNDS; i++) {
        uint64_t whole = tg_rand_next(&rand) >> tg_rand_below(&rand, 64);
        uint64_t part = tg_rand_next(&rand) >> tg_rand_below(&rand, 64);
        int exponent = (int)tg_rand_below(&rand, tg_rand_below(&rand, 8) ? 40 : 700);
        const char *sign = tg_rand_below(&rand, 2) ? "-" : "";
        switch (tg_rand_below(&rand, 4)) {
        case 0:
            (void)snprintf(text, sizeof(text), "%s%ju", sign, (uintmax_t)whole);
            break;
        case 1:
            (void)snprintf(text, sizeof(text), "%s%ju.%ju", sign, (uintmax_t)whole,
                           (uintmax_t)part);
            break;
        default:
            (void)snprintf(text, sizeof(text), "%s%ju.%jue%d", sign, (uintmax_t)(whole % 1000),
                           (uintmax_t)(part % 100000000), exponent - 20);
            break;
        }
        assert_number(L, text, strtod(text, NULL));
    }
}

static void a_number_of_many_digits_is_read_whole(void **state)
{
    lua_State *L = ((struct fixture *)*state)->L;
    char *text = malloc(LONG_BYTES + 8);

    assert_non_null(text);
    memset(text, '0', LONG_BYTES);
    text[0] = '1';
    (void)stpcpy(text + LONG_BYTES, "");
    assert_int_equal(tg_json_decode(L, tg_str_of(text)), TG_ERR_SYNTAX);
    (void)stpcpy(text + LONG_BYTES, "e-69999");
    assert_number(L, text, 1.0);
    text[0] = '0';
    text[1] = '.';
    (void)stpcpy(text + LONG_BYTES, "5e69999");
    assert_number(L, text, 5.0);
    free(text);
}

static void a_text_that_the_scanner_refuses_pushes_nothing(void **state)
{
    lua_State *L = ((struct fixture *)*state)->L;
    char deep[TG_JSON_DEPTH_MAX + 1];

    memset(deep, '[', sizeof(deep));
    assert_int_equal(tg_json_decode(L, TG_STR("[1,]")), TG_ERR_SYNTAX);
    assert_int_equal(tg_json_decode(L, TG_STR("\"\xFF\"")), TG_ERR_SYNTAX);
    assert_int_equal(tg_json_decode(L, tg_str(NULL, 0)), TG_ERR_SYNTAX);
    assert_int_equal(tg_json_decode(L, tg_str(deep, sizeof(deep))), TG_ERR_TOO_DEEP);
    assert_int_equal(tg_json_push(L, TG_STR(" ")), TG_ERR_SYNTAX);
    assert_int_equal(tg_json_push(L, tg_str(NULL, 0)), TG_ERR_SYNTAX);
    assert_int_equal(lua_gettop(L), 0);
}

static void the_deepest_text_is_decoded(void **state)
{
    lua_State *L = ((struct fixture *)*state)->L;
    char text[2 * TG_JSON_DEPTH_MAX];

    memset(text, '[', TG_JSON_DEPTH_MAX);
    memset(text + TG_JSON_DEPTH_MAX, ']', TG_JSON_DEPTH_MAX);
    decode(L, tg_str(text, sizeof(text)));
    assert_int_equal(luaL_dostring(L, "local depth = 0\n"
                                      "while v do depth = depth + 1; v = v[1] end\n"
                                      "assert(depth == 64)"),
                     0);
}

static void tables_longer_than_was_guessed_are_whole(void **state)
{
    lua_State *L = ((struct fixture *)*state)->L;
    char text[8192];
    char *at = stpcpy(text, "{\"list\":[\"x\"");

    for (int i = 2; i <= 200; i++) {
        at += sprintf(at, ",%d", i);
    }
    at = stpcpy(at, "]");
    for (int i = 1; i <= 200; i++) {
        at += sprintf(at, ",\"k%d\":%d", i, i);
    }
    (void)stpcpy(at, "}");
    decode(L, tg_str_of(text));
    assert_int_equal(luaL_dostring(L, "assert(#v.list == 200 and v.list[1] == 'x')\n"
                                      "for i = 2, 200 do assert(v.list[i] == i) end\n"
                                      "for i = 1, 200 do assert(v['k' .. i] == i) end"),
                     0);
}

static const char rich_text[] =
    "{\"a\":[1,2,{\"b\":[],\"c\":null}],\"d\":\"\\u00fc and more\",\"e\":1.5e300,\"f\":{\"g\":"
    "[[[[true]]]]},\"h\":[1,2,3,4,5,6,7,8,9,10],\"i\":0.1000000000000000055511151231257827021181"
    "583404541015625,\"j\":1,\"k\":2,\"l\":3}";

static int decode_rich(lua_State *L)
{
    return tg_json_decode(L, tg_str(rich_text, sizeof(rich_text) - 1)) == TG_OK
               ? 1
               : luaL_error(L, "refused");
}

static void short_memory_is_an_error_and_no_leak_at_every_allocation(void **state)
{
    struct fixture *fixture = *state;
    lua_State *L = fixture->L;
    long failing = 0;

    for (; failing < FAILURES_MAX; failing++) {
        lua_settop(L, 0);
        (void)lua_gc(L, LUA_GCCOLLECT, 0);
        lua_pushcfunction(L, decode_rich);
        fixture->countdown = failing;
        int status = lua_pcall(L, 0, 1, 0);
        fixture->countdown = -1;
        if (status == 0) {
            break;
        }
        assert_int_equal(status, LUA_ERRMEM);
    }
    print_message("%ld allocations\n", failing);
    assert_true(failing > 10 && failing < FAILURES_MAX);
    lua_settop(L, 0);
    assert_decoded(L, "[1]", "v[1] == 1");
}

int main(void)
{
#define DECODE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        DECODE_TEST(scalars_become_their_lua_values),
        DECODE_TEST(objects_and_arrays_become_tables),
        DECODE_TEST(the_last_of_equal_names_wins),
        DECODE_TEST(only_an_empty_array_bears_the_mark),
        DECODE_TEST(strings_come_with_their_escapes_undone),
        DECODE_TEST(strings_of_every_length_come_whole),
        DECODE_TEST(numbers_become_the_nearest_double),
        DECODE_TEST(random_numbers_become_what_the_c_library_reads),
        DECODE_TEST(a_number_of_many_digits_is_read_whole),
        DECODE_TEST(a_text_that_the_scanner_refuses_pushes_nothing),
        DECODE_TEST(the_deepest_text_is_decoded),
        DECODE_TEST(tables_longer_than_was_guessed_are_whole),
        DECODE_TEST(short_memory_is_an_error_and_no_leak_at_every_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
