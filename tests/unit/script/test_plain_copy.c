/* SPDX-License-Identifier: MIT */
#include "fake_app.h"

#include <lauxlib.h>
#include <string.h>

#include "script/json_encode.h"
#include "script/plain_copy.h"

struct trial {
    const char *code; /* makes the table */
    struct tg_plain_faults faults;
    struct tg_buf json;
};

/* In protected mode. */
static int on_copy(lua_State *L)
{
    struct trial *trial = lua_touserdata(L, 1);
    const char *why = NULL;

    if (luaL_loadstring(L, trial->code)) {
        return lua_error(L);
    }
    lua_call(L, 0, 1);
    int top = lua_gettop(L);
    tg_plain_copy(L, top, "state", &trial->faults);
    assert_int_equal(lua_gettop(L), top + 1);
    assert_false(lua_rawequal(L, -1, -2));
    assert_int_equal(tg_json_write(L, -1, &trial->json, &why), TG_OK);
    return 0;
}

/* Makes the copy; returns its JSON. */
static const char *copy(struct fake_stage *stage, const char *code, struct tg_plain_faults *faults)
{
    static char json[4096];
    struct trial trial = {.code = code};

    if (!stage->gateway) {
        stage->gateway = fake_app_script(stage->app, "chat", "");
    }
    tg_buf_init(&trial.json, 1 << 20);
    if (tg_vm_protect(stage->gateway->vm, on_copy, &trial) != 0) {
        fail_msg("%s", code);
    }
    size_t length = trial.json.length < sizeof(json) ? trial.json.length : sizeof(json) - 1;
    memcpy(json, trial.json.at, length);
    json[length] = '\0';
    tg_buf_fini(&trial.json);
    *faults = trial.faults;
    return json;
}

static void plain_data_is_copied_whole(void **state)
{
    static const char *const codes[][2] = {
        {"return {}", "{}"},
        {"return { 1, 2, { 3 } }", "[1,2,[3]]"},
        {"return { a = { b = { c = 'd' } } }", "{\"a\":{\"b\":{\"c\":\"d\"}}}"},
        {"return { true, false, 1.5, -0.25, 'x' }", "[true,false,1.5,-0.25,\"x\"]"},
        {"local shared = { 1 } return { shared, shared }", "[[1],[1]]"},
    };

    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        struct tg_plain_faults faults;
        assert_string_equal(copy(*state, codes[i][0], &faults), codes[i][1]);
        assert_int_equal(faults.count, 0);
    }
}

static void the_rest_is_left_out_and_named(void **state)
{
    static const struct {
        const char *code;
        const char *json;
        const char *path;
        const char *why;
        uint32_t count;
    } rows[] = {
        {"return { f = function() end, a = 1 }", "{\"a\":1}", "state.f",
         "a function value is no plain data", 1},
        {"return { 1, function() end, 3, 4 }", "[1]", "state[2]",
         "a function value is no plain data", 3},
        {"return { a = { b = { [true] = 1, c = 2 } } }", "{\"a\":{\"b\":{\"c\":2}}}",
         "state.a.b[a boolean]", "keys are strings or numbers", 1},
        {"return { 7, a = 1 }", "{\"a\":1}", "state[1]", "a number among keys that are strings", 1},
        {"return { 1, 2, [4] = 4 }", "[1,2]", "state[4]", "a list with gaps", 1},
        {"return { [0] = 1 }", "{}", "state[0]", "a list with gaps", 1},
        {"return { [1.5] = 1 }", "{}", "state[1.5]", "a list with gaps", 1},
        {"local t = { a = 1 } t.me = t return t", "{\"a\":1}", "state.me",
         "a table that is inside of itself", 1},
        {"local t = { {} } t[1].up = t return t", "[{}]", "state[1].up",
         "a table that is inside of itself", 1},
        {"return { n = 0/0 }", "{}", "state.n", "a number that is not finite", 1},
        {"return { n = 1/0 }", "{}", "state.n", "a number that is not finite", 1},
        {"return { s = '\\255' }", "{}", "state.s", "a string that is not UTF-8", 1},
        {"return { ['\\255'] = 1 }", "{}", NULL, "a key that is not UTF-8", 1},
        {"return { [function() end] = function() end }", "{}", "state[a function]",
         "keys are strings or numbers", 1},
        {"return { f = function() end, g = function() end }", "{}", NULL,
         "a function value is no plain data", 2},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tg_plain_faults faults;
        assert_string_equal(copy(*state, rows[i].code, &faults), rows[i].json);
        assert_int_equal(faults.count, rows[i].count);
        assert_string_equal(faults.why, rows[i].why);
        if (rows[i].path) {
            assert_string_equal(faults.path, rows[i].path);
        }
    }
}

static void depth_and_size_are_bounded(void **state)
{
    struct tg_plain_faults faults;

    (void)copy(*state,
               "local t = {} local at = t for _ = 1, 100 do at.a = {} at = at.a end return t",
               &faults);
    assert_int_equal(faults.count, 1);
    assert_string_equal(faults.why, "tables are nested too deeply");
    (void)copy(*state, "local t = {} for i = 1, 20000 do t[i] = i end return t", &faults);
    assert_true(faults.count > 0);
    /* Each level is in the next one twice: 2 to the 60th values. */
    (void)copy(*state, "local t = {} for _ = 1, 60 do t = { t, t } end return t", &faults);
    assert_true(faults.count > 0);
    assert_string_equal(faults.why, "too many values");
    (void)copy(*state, "return { [('k'):rep(1000)] = { f = print } }", &faults);
    assert_int_equal(strlen(faults.path), TG_PLAIN_PATH_BYTES - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(plain_data_is_copied_whole),
        FAKE_TEST(the_rest_is_left_out_and_named),
        FAKE_TEST(depth_and_size_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
