/* SPDX-License-Identifier: MIT */
#include "fake_app.h"

#include <string.h>

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

static void cjson_is_the_same_codec(void **state)
{
    expect_true(*state, "local cjson = require 'cjson' function events.go() "
                        "assert(cjson.encode({ 1 }) == '[1]' and cjson.decode('[1]')[1] == 1) "
                        "assert(cjson.null == tide.json.null and cjson.new == nil) "
                        "local ok, err = pcall(cjson.decode, '{') "
                        "assert(not ok and err:find('not JSON')) return true end");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(text_goes_to_values_and_back),
        FAKE_TEST(bad_text_is_a_result_and_a_bad_value_a_mistake),
        FAKE_TEST(array_marks_a_table),
        FAKE_TEST(cjson_is_the_same_codec),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
