/* SPDX-License-Identifier: MIT */
/* The codec against lua-cjson, on random documents. They agree but for what is left out or allowed
 * for here, where lua-cjson is at fault or chose otherwise:
 * - it takes texts that are not UTF-8, raw control octets, NaN, hexadecimal numbers and leading
 *   zeros: only texts that our scanner accepted are given to it;
 * - it loses the difference between an empty array and an empty object: both are the same here;
 * - it writes numbers with 14 digits: what it wrote is compared with that much room;
 * - it has its own limit of 1000 levels, refuses very sparse arrays and ends the process when
 *   memory is short: the documents stay far below. */
#include <lauxlib.h>
#include <luajit.h>
#include <lualib.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/rand.h"
#include "hub/json_scan.h"
#include "script/freeze.h"
#include "script/json_decode.h"
#include "script/json_encode.h"

enum {
    DOCUMENTS = 20000,
    DOCUMENT_BYTES_MAX = 1 << 20,
    LEVELS_MAX = 6,
    ELEMENTS_MAX = 6,
    CHARACTERS_MAX = 24,
    SEED = 20220320
};

struct fixture {
    lua_State *L;
    struct tg_buf text;    /* the document */
    struct tg_buf written; /* what our encoder made of it */
    struct tg_rand rand;
};

/* same(a, b[, room]): whether two trees are alike, numbers within room of each other. */
static const char compare_chunk[] =
    "local cjson = require 'cjson'\n"
    "cjson.encode_sparse_array(true)\n"
    "function same(a, b, room)\n"
    "  if type(a) ~= type(b) then return false end\n"
    "  if type(a) == 'number' then\n"
    "    return a == b or room ~= nil and math.abs(a - b) <= room * math.abs(a)\n"
    "  end\n"
    "  if type(a) ~= 'table' then return a == b end\n"
    "  for k, v in pairs(a) do if not same(v, b[k], room) then return false end end\n"
    "  for k in pairs(b) do if a[k] == nil then return false end end\n"
    "  return true\n"
    "end\n"
    "theirs, write_theirs = cjson.decode, cjson.encode\n";

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    if (!fixture) {
        return -1;
    }
    fixture->L = luaL_newstate();
    if (!fixture->L) {
        free(fixture);
        return -1;
    }
    luaL_openlibs(fixture->L);
    /* As in the product. LuaJIT 2.1.0-beta3 of 2022 crashes in compiled code that walks such trees
     * with pairs, whoever made them. */
    luaJIT_setmode(fixture->L, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_OFF);
    tg_json_open(fixture->L);
    tg_freeze_open(fixture->L);
    tg_buf_init(&fixture->text, DOCUMENT_BYTES_MAX);
    tg_buf_init(&fixture->written, DOCUMENT_BYTES_MAX);
    tg_rand_seed(&fixture->rand, SEED);
    *state = fixture;
    if (luaL_dostring(fixture->L, compare_chunk) != 0) {
        print_error("%s\n", lua_tostring(fixture->L, -1));
        return -1;
    }
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    lua_close(fixture->L);
    tg_buf_fini(&fixture->text);
    tg_buf_fini(&fixture->written);
    free(fixture);
    return 0;
}

static void add(struct fixture *fixture, const char *text)
{
    tg_buf_add_str(&fixture->text, tg_str_of(text));
}

static uint64_t below(struct fixture *fixture, uint64_t bound)
{
    return tg_rand_below(&fixture->rand, bound);
}

static void add_blanks(struct fixture *fixture)
{
    static const char *const blanks[] = {" ", "\n", "\t", "\r\n", "  "};

    if (below(fixture, 8) == 0) {
        add(fixture, blanks[below(fixture, sizeof(blanks) / sizeof(blanks[0]))]);
    }
}

static void add_number(struct fixture *fixture)
{
    uint64_t bits = tg_rand_next(&fixture->rand);

    add(fixture, below(fixture, 3) == 0 ? "-" : "");
    switch (below(fixture, 5)) {
    case 0:
        tg_buf_add_format(&fixture->text, "%ju", (uintmax_t)(bits % 100));
        break;
    case 1:
        tg_buf_add_format(&fixture->text, "%ju", (uintmax_t)(bits >> below(fixture, 64)));
        break;
    case 2:
        tg_buf_add_format(&fixture->text, "%ju.%ju", (uintmax_t)(bits % 1000),
                          (uintmax_t)(bits >> 40));
        break;
    case 3:
        tg_buf_add_format(&fixture->text, "%ju.%jue%d", (uintmax_t)(bits % 10),
                          (uintmax_t)(bits >> 20), (int)below(fixture, 500) - 250);
        break;
    default:
        tg_buf_add_format(&fixture->text, "%juE+%d", (uintmax_t)(bits % 10),
                          (int)below(fixture, 30));
        break;
    }
}

static void add_string(struct fixture *fixture)
{
    static const char *const parts[] = {"a",
                                        "b c",
                                        "0123456789",
                                        "\\n",
                                        "\\\"",
                                        "\\\\",
                                        "\\/",
                                        "/",
                                        "\\t\\r\\b\\f",
                                        "\\u0041",
                                        "\\u0000",
                                        "\\u00e9",
                                        "\\u20aC",
                                        "\\ud83d\\uDE00",
                                        "\xC3\xBC",
                                        "\xE2\x82\xAC",
                                        "\xF0\x9F\x98\x80",
                                        "\x7f"};
    uint64_t count = below(fixture, CHARACTERS_MAX);

    add(fixture, "\"");
    while (count-- > 0) {
        add(fixture, parts[below(fixture, sizeof(parts) / sizeof(parts[0]))]);
    }
    add(fixture, "\"");
}

static void add_value(struct fixture *fixture, int levels)
{
    static const char *const words[] = {"true", "false", "null"};
    uint64_t kind = below(fixture, levels > 0 ? 8 : 4);
    uint64_t count = below(fixture, ELEMENTS_MAX);

    add_blanks(fixture);
    if (kind == 0) {
        add(fixture, words[below(fixture, sizeof(words) / sizeof(words[0]))]);
    } else if (kind <= 1) {
        add_number(fixture);
    } else if (kind <= 3) {
        add_string(fixture);
    } else {
        bool is_object = kind <= 5;
        add(fixture, is_object ? "{" : "[");
        for (uint64_t i = 0; i < count; i++) {
            add(fixture, i > 0 ? "," : "");
            if (is_object) {
                add_blanks(fixture);
                add_string(fixture);
                add_blanks(fixture);
                add(fixture, ":");
            }
            add_value(fixture, levels - 1);
        }
        add_blanks(fixture);
        add(fixture, is_object ? "}" : "]");
    }
    add_blanks(fixture);
}

static void make_document(struct fixture *fixture)
{
    tg_buf_clear(&fixture->text);
    add_value(fixture, LEVELS_MAX);
    assert_int_equal(fixture->text.err, TG_OK);
}

/* Calls the global function with the string; its result, or fails naming the document. */
static void call(struct fixture *fixture, const char *function, struct tg_str argument)
{
    lua_getglobal(fixture->L, function);
    lua_pushlstring(fixture->L, argument.at, argument.length);
    if (lua_pcall(fixture->L, 1, 1, 0) != 0) {
        fail_msg("%s: %s: %.*s", function, lua_tostring(fixture->L, -1), TG_STR_ARGS(argument));
    }
}

static void assert_same(struct fixture *fixture, int a, int b, double room)
{
    lua_State *L = fixture->L;

    lua_getglobal(L, "same");
    lua_pushvalue(L, a);
    lua_pushvalue(L, b);
    lua_pushnumber(L, room);
    if (lua_pcall(L, 3, 1, 0) != 0 || !lua_toboolean(L, -1)) {
        fail_msg("differs: %.*s", TG_STR_ARGS(tg_buf_str(&fixture->text)));
    }
    lua_pop(L, 1);
}

static void both_agree_on_random_documents(void **state)
{
    struct fixture *fixture = *state;
    lua_State *L = fixture->L;
    const char *why = NULL;
    size_t octets = 0;

    for (int i = 0; i < DOCUMENTS; i++) {
        make_document(fixture);
        octets += fixture->text.length;
        lua_settop(L, 0);
        /* 1: our tree, 2: theirs */
        assert_int_equal(tg_json_decode(L, tg_buf_str(&fixture->text)), TG_OK);
        call(fixture, "theirs", tg_buf_str(&fixture->text));
        assert_same(fixture, 1, 2, 0);
        /* 3: our tree through our text and their decoder, 4: ours */
        tg_buf_clear(&fixture->written);
        assert_int_equal(tg_json_write(L, 1, &fixture->written, &why), TG_OK);
        call(fixture, "theirs", tg_buf_str(&fixture->written));
        assert_same(fixture, 1, 3, 0);
        assert_int_equal(tg_json_decode(L, tg_buf_str(&fixture->written)), TG_OK);
        assert_same(fixture, 1, 4, 0);
        /* 5: their text through our decoder */
        lua_getglobal(L, "write_theirs");
        lua_pushvalue(L, 2);
        assert_int_equal(lua_pcall(L, 1, 1, 0), 0);
        size_t length;
        const char *text = lua_tolstring(L, -1, &length);
        assert_int_equal(tg_json_decode(L, tg_str(text, length)), TG_OK);
        assert_same(fixture, 1, lua_gettop(L), 1e-13);
    }
    print_message("%d documents, %zu octets, seed %d\n", DOCUMENTS, octets, SEED);
}

/* An octet of a good document is changed, dropped or doubled. */
static void spoil(struct fixture *fixture)
{
    struct tg_buf *text = &fixture->text;
    size_t place = (size_t)below(fixture, text->length);

    switch (below(fixture, 3)) {
    case 0:
        text->at[place] = (char)below(fixture, 256);
        break;
    case 1:
        memmove(text->at + place, text->at + place + 1, text->length - place - 1);
        text->length--;
        break;
    default:
        tg_buf_add_char(text, ' ');
        memmove(text->at + place + 1, text->at + place, text->length - place - 1);
        break;
    }
}

static void what_passes_of_spoilt_documents_means_the_same_to_both(void **state)
{
    struct fixture *fixture = *state;
    lua_State *L = fixture->L;
    int passed = 0;
    int refused = 0;

    for (int i = 0; i < DOCUMENTS; i++) {
        make_document(fixture);
        spoil(fixture);
        lua_settop(L, 0);
        if (tg_json_decode(L, tg_buf_str(&fixture->text)) != TG_OK) {
            refused++;
            continue;
        }
        passed++;
        call(fixture, "theirs", tg_buf_str(&fixture->text));
        assert_same(fixture, 1, 2, 0);
    }
    print_message("%d passed, %d refused\n", passed, refused);
    assert_true(passed > DOCUMENTS / 20 && refused > DOCUMENTS / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(both_agree_on_random_documents, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_passes_of_spoilt_documents_means_the_same_to_both,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
