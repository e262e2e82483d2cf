/* SPDX-License-Identifier: MIT */
#include "fake_app.h"

#include <stdio.h>
#include <string.h>

struct bad {
    const char *gateway_lua;
    int err;
    const char *message; /* after "gateways/chat/gateway.lua" */
};

#define EVENTS "events = { go = function() end }"

static const struct bad bads[] = {
    {"return", TG_ERR_INVALID, ":1: expected to return the gateway's table, got nil"},
    {"return 5", TG_ERR_INVALID, ":1: expected to return the gateway's table, got number"},
    {"return {}", TG_ERR_INVALID, ":1: path: expected a string, got nil"},
    {"return { path = 7 }", TG_ERR_INVALID, ":1: path: expected a string, got number"},
    {"return { path = '/a', on_conect = print }", TG_ERR_INVALID,
     ":1: unknown key 'on_conect' (did you mean 'on_connect'?)"},
    {"return { path = '/a', frobnicate = 1 }", TG_ERR_INVALID, ":1: unknown key 'frobnicate'"},
    {"return { path = '/a', budget_ms = 0 }", TG_ERR_INVALID,
     ":1: budget_ms: expected a whole number from 1 to 60000, got 0"},
    {"return { path = '/a', budget_ms = '50' }", TG_ERR_INVALID,
     ":1: budget_ms: expected a whole number from 1 to 60000, got string"},
    {"return { path = '/a', jit = 1 }", TG_ERR_INVALID,
     ":1: jit: expected true or false, got number"},
    {"return { path = '/a', save = 5 }", TG_ERR_INVALID,
     ":1: save: expected a function, got number"},
    {"return { path = '/a', print }", TG_ERR_INVALID,
     ":1: expected keys that are strings, got a number"},
    {"return { path = '/a', auth = 'maybe' }", TG_ERR_INVALID,
     ":1: auth: expected \"optional\", \"required\" or \"first_message\", got \"maybe\""},
    {"return { path = '/a', auth = true }", TG_ERR_INVALID,
     ":1: auth: expected a string, got boolean"},
    {"return { path = '/a', tenant = 'x' }", TG_ERR_INVALID,
     ":1: tenant: expected \"optional\" or \"required\", got \"x\""},
    {"return { path = '/a', origins = '*' }", TG_ERR_INVALID,
     ":1: origins: expected a list of strings, got string"},
    {"return { path = '/a', origins = { 1 } }", TG_ERR_INVALID,
     ":1: origins[1]: expected a string, got number"},
    {"return { path = '/a', origins = { '*', 'app.example' } }", TG_ERR_INVALID,
     ":1: origins[2]: expected \"*\" or an origin such as \"https://app.example\", got "
     "\"app.example\""},
    {"return { path = '/a', origins = { 'https://app.example/' } }", TG_ERR_INVALID,
     ":1: origins[1]: expected \"*\" or an origin such as \"https://app.example\", got "
     "\"https://app.example/\""},
    {"return { path = '/a', origins = { a = '*' } }", TG_ERR_INVALID,
     ":1: origins: expected a list of strings, got a table with other keys or holes"},
    {"local o = {} for i = 1, 33 do o[i] = '*' end return { path = '/a', origins = o }",
     TG_ERR_INVALID, ":1: origins: more than 32 strings"},
    {"return { path = '/a', limits = 5 }", TG_ERR_INVALID,
     ":1: limits: expected a table, got number"},
    {"return { path = '/a', limits = { mesage_bytes = 1 } }", TG_ERR_INVALID,
     ":1: limits: unknown key 'mesage_bytes' (did you mean 'message_bytes'?)"},
    {"return { path = '/a', limits = { message_bytes = 0 } }", TG_ERR_INVALID,
     ":1: limits.message_bytes: expected a whole number from 1 to 16777216, got 0"},
    {"return { path = '/a', limits = { message_bytes = 1.5 } }", TG_ERR_INVALID,
     ":1: limits.message_bytes: expected a whole number from 1 to 16777216, got 1.5"},
    {"return { path = '/a', limits = { message_bytes = '1' } }", TG_ERR_INVALID,
     ":1: limits.message_bytes: expected a whole number from 1 to 16777216, got string"},
    {"return { path = '/a', on_connect = 'x' }", TG_ERR_INVALID,
     ":1: on_connect: expected a function, got string"},
    {"return { path = '/a', on_error = {} }", TG_ERR_INVALID,
     ":1: on_error: expected a function, got table"},
    {"return { path = '/a', events = 5 }", TG_ERR_INVALID,
     ":1: events: expected a table, got number"},
    {"return { path = '/a', events = { ['a::b'] = 5 } }", TG_ERR_INVALID,
     ":1: events.\"a::b\": expected a function, got number"},
    {"return { path = '/a', events = { print } }", TG_ERR_INVALID,
     ":1: events: expected names that are strings, got a number"},
    {"return { path = '/a', events = { auth = print } }", TG_ERR_INVALID,
     ":1: events.\"auth\": this name is the core's own"},
    {"return { path = '/a', events = { ['presence:join'] = print } }", TG_ERR_INVALID,
     ":1: events.\"presence:join\": this name is the core's own"},
    {"return { path = '/a', events = { [''] = print } }", TG_ERR_INVALID,
     ":1: events.\"\": an event's name has 1 to 128 octets"},
    {"return { path = '/a', " EVENTS ", raw = { go = 1 } }", TG_ERR_INVALID,
     ":1: raw.\"go\": expected true or false, got number"},
    {"return { path = '/a', " EVENTS ", raw = { og = true } }", TG_ERR_INVALID,
     ":1: raw.\"og\": there is no such event"},
    {"return { path = '/a', " EVENTS ", before = print }", TG_ERR_INVALID,
     ":1: before: expected a list of functions, got function"},
    {"return { path = '/a', " EVENTS ", before = { print, 5 } }", TG_ERR_INVALID,
     ":1: before[2]: expected a function, got number"},
    {"return { path = '/a', before = { print } }", TG_ERR_INVALID,
     ":1: before: only with events, which it guards"},
    {"return { path = '/a', " EVENTS ", on_text = print }", TG_ERR_INVALID,
     ":1: on_text: not beside events: text is either events or your own"},
    {"return { path = '/a', " EVENTS ", on_binary = print, subprotocols = { 'x' } }",
     TG_ERR_INVALID, ":1: subprotocols: not beside events, which speak tidegate.v1"},
    {"return { path = '/a', subprotocols = { 'x' } }", TG_ERR_INVALID,
     ":1: subprotocols: only with on_text or on_binary"},
    {"return { path = '/a', on_text = print, subprotocols = { 'a b' } }", TG_ERR_INVALID,
     ":1: subprotocols[1]: expected a token, got \"a b\""},
    {"return { path = '/a', on_text = print, subprotocols = { 'a', nil, 'c' } }", TG_ERR_INVALID,
     ":1: subprotocols: expected a list of strings, got a table with other keys or holes"},
    {"return {", TG_ERR_SCRIPT, ":1: unexpected symbol near '<eof>'"},
    {"local x = nil\nx.y = 1", TG_ERR_SCRIPT, ":2: attempt to index local 'x' (a nil value)"},
    {"\nerror('not today')", TG_ERR_SCRIPT, ":2: not today"},
    {"error({})", TG_ERR_SCRIPT, ":1: (an error object that is a table value)"},
    {"\x1bLJ\x02", TG_ERR_SCRIPT, ": bytecode is not loaded, only source text"},
    {"local n = 1LL", TG_ERR_SCRIPT, ": the literals 1LL, 1ULL and 1i are not taken"},
    {"return { path = '/a', n = 0xffULL }", TG_ERR_SCRIPT,
     ": the literals 1LL, 1ULL and 1i are not taken"},
    {"local n = 2i", TG_ERR_SCRIPT, ": the literals 1LL, 1ULL and 1i are not taken"},
    {"x = 1", TG_ERR_SCRIPT, ":1: global 'x' is not declared: use local, or tide.global"},
    {"require('tidegate').sleep(1)", TG_ERR_SCRIPT, ":1: cannot suspend here"},
    {"coroutine.wrap(function() require('tidegate').sleep(1) end)()", TG_ERR_SCRIPT,
     ":1: cannot suspend here"},
    {"require 'lib.none'", TG_ERR_SCRIPT,
     ":1: module 'lib.none' not found: no file gateways/chat/lib/none.lua"},
    {"local t = {} while true do t[#t + 1] = ('x'):rep(1e6) .. #t end", TG_ERR_NOMEM,
     ": not enough memory (limits.script_memory is 64 MiB)"},
    {"require('tidegate').after(1, print) error('late', 0)", TG_ERR_SCRIPT, ":1: late"},
};

static void each_bad_gateway_is_refused_with_its_reason(void **state)
{
    struct fake_stage *stage = *state;

    for (size_t i = 0; i < sizeof(bads) / sizeof(bads[0]); i++) {
        const char *files[] = {"gateway.lua", bads[i].gateway_lua, NULL};
        char expected[TG_ERRMSG_BYTES];
        bool has_place = bads[i].message[0] == ':';
        (void)snprintf(expected, sizeof(expected), "%s%s",
                       has_place ? "gateways/chat/gateway.lua" : "", bads[i].message);
        int err = fake_app_try(stage->app, files);
        assert_string_equal(stage->app->msg.text, expected);
        assert_int_equal(err, bads[i].err);
        assert_int_equal(stage->app->wheel.count, 0);
    }
}

static void a_bad_path_is_refused(void **state)
{
    struct fake_stage *stage = *state;
    const char *files[] = {"gateway.lua", "return { path = 'chat' }", NULL};

    assert_int_equal(fake_app_try(stage->app, files), TG_ERR_INVALID);
    assert_non_null(strstr(stage->app->msg.text, "gateways/chat/gateway.lua:1: path: "));
}

static void a_folder_without_gateway_lua_is_not_found(void **state)
{
    struct fake_stage *stage = *state;
    const char *files[] = {"lib/x.lua", "return 1", NULL};

    assert_int_equal(fake_app_try(stage->app, files), TG_ERR_NOT_FOUND);
    assert_string_equal(stage->app->msg.text, "gateways/chat: there is no gateway.lua");
}

/* Loads a gateway that is bad and gives its faults, to be freed. */
static struct tg_fault_list *judge(struct fake_app *app, const char *gateway_lua)
{
    struct tg_bundle bundle = {.name = tg_str_copy(TG_STR("chat")),
                               .origin = tg_str_copy(TG_STR("gateways/chat"))};
    struct tg_fault_list *faults = calloc(1, sizeof(*faults));
    struct tg_gateway *gateway = NULL;

    assert_non_null(faults);
    assert_int_equal(tg_bundle_add(&bundle, TG_STR("gateway.lua"), tg_str_of(gateway_lua)), TG_OK);
    assert_int_equal(tg_bundle_add(&bundle, TG_STR("lib/a.lua"),
                                   TG_STR("return function()\n error('no', 0) end")),
                     TG_OK);
    assert_true(tg_gateway_load_judged(&app->hub, &bundle, &gateway, faults) != TG_OK);
    assert_null(gateway);
    tg_bundle_fini(&bundle);
    return faults;
}

static void all_faults_of_a_table_are_told_with_their_lines(void **state)
{
    struct fake_stage *stage = *state;
    static const char *const expected[] = {
        "gateways/chat/gateway.lua:2: events.\"a\": expected a function, got number",
        "gateways/chat/gateway.lua:4: path: expected a string, got nil",
        "gateways/chat/gateway.lua:5: unknown key 'pat' (did you mean 'path'?)",
        "gateways/chat/gateway.lua:6: auth: expected a string, got number",
        "gateways/chat/gateway.lua:7: origins[1]: expected a string, got number",
        "gateways/chat/gateway.lua:8: origins[2]: expected \"*\" or an origin such as "
        "\"https://app.example\", got \"x\"",
        "gateways/chat/gateway.lua:9: limits.message_bytes: expected a whole number from 1 to "
        "16777216, got 0",
        "gateways/chat/gateway.lua:9: limits: unknown key 'mesages'",
        "gateways/chat/gateway.lua:10: before[1]: expected a function, got number",
        "gateways/chat/gateway.lua:11: raw.\"a\": expected true or false, got number",
        "gateways/chat/gateway.lua:11: raw.\"z\": there is no such event",
        "gateways/chat/gateway.lua:12: on_text: not beside events: text is either events or your "
        "own",
    };
    struct tg_fault_list *faults = judge(
        stage->app, "local events = {}\nevents.a = 5\nevents.b = print\nreturn {\npat = '/a',\n"
                    "auth = 5,\norigins = { 1,\n'x' },\nlimits = { message_bytes = 0, mesages = 1 "
                    "},\nbefore = { 1 },\nraw = { a = 1, z = true },\non_text = print,\n"
                    "events = events }");

    assert_int_equal(faults->count, sizeof(expected) / sizeof(expected[0]));
    for (uint32_t i = 0; i < faults->count; i++) {
        char line[TG_FAULT_LINE_BYTES];
        assert_string_equal(tg_fault_line(&faults->items[i], line, sizeof(line)), expected[i]);
    }
    free(faults);
}

static void more_faults_than_the_list_holds_are_counted(void **state)
{
    struct fake_stage *stage = *state;
    struct tg_fault_list *faults = judge(
        stage->app, "local e = {} for i = 1, 100 do e['e' .. i] = i end return { path = '/a', "
                    "events = e }");

    assert_int_equal(faults->count, TG_FAULTS_MAX);
    assert_int_equal(faults->left_out, 100 - TG_FAULTS_MAX);
    free(faults);
}

static void an_error_without_a_place_stands_where_it_was_raised(void **state)
{
    struct fake_stage *stage = *state;
    struct tg_fault_list *faults = judge(stage->app, "\nlocal a = require 'lib.a'\na()");

    assert_int_equal(faults->count, 1);
    assert_string_equal(faults->items[0].file, "gateways/chat/lib/a.lua");
    assert_int_equal(faults->items[0].line, 2);
    assert_string_equal(faults->items[0].text, "no");
    free(faults);
}

static void what_may_be_meant_is_a_hint(void **state)
{
    struct fake_stage *stage = *state;
    static const struct {
        const char *source;
        const char *hint;
    } cases[] = {
        {"\nreqire 'lib.a'", "did you mean 'require'?"},
        {"\ntabel.insert({}, 1)", "did you mean 'table'?"},
        {"\nrequire('tidegate').global('counter', 1)\ncountr()", "did you mean 'counter'?"},
        {"\nnothing_of_the_kind()", ""},
        {"\nrequire 'lib.b'", "did you mean lib/a.lua?"},
        {"\nrequire 'library.of.everything'", ""},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tg_fault_list *faults = judge(stage->app, cases[i].source);
        assert_int_equal(faults->count, 1);
        assert_string_equal(faults->items[0].file, "gateways/chat/gateway.lua");
        assert_true(faults->items[0].line >= 2);
        assert_string_equal(faults->items[0].hint, cases[i].hint);
        free(faults);
    }
}

static void every_setting_is_copied_out(void **state)
{
    struct fake_stage *stage = *state;
    struct tg_gateway *gateway = fake_app_add(
        stage->app, "chat",
        "return { path = '/chat/:room', auth = 'required', tenant = 'required', "
        "origins = { 'https://a.example', '*' }, limits = { message_bytes = 1234 }, "
        "on_connect = print, on_disconnect = print, on_binary = print, on_error = print, "
        "events = { a = print, b = print }, raw = { b = true, a = false }, before = { print } }");
    const struct tg_event *a = tg_gateway_find_event(gateway, TG_STR("a"));
    const struct tg_event *b = tg_gateway_find_event(gateway, TG_STR("b"));

    assert_string_equal(gateway->name, "chat");
    assert_string_equal(gateway->path, "/chat/:room");
    assert_string_equal(gateway->generation, "0123456789ab");
    assert_int_equal(gateway->auth, TG_PRESENCE_REQUIRED);
    assert_int_equal(gateway->tenant, TG_PRESENCE_REQUIRED);
    assert_true(gateway->has_origins);
    assert_int_equal(gateway->origins.count, 2);
    assert_string_equal(gateway->origins.items[0], "https://a.example");
    assert_int_equal(gateway->message_bytes, 1234);
    assert_true(gateway->has_connect && gateway->has_disconnect && gateway->has_binary);
    assert_false(gateway->has_text);
    assert_true(a && b && !a->is_raw && b->is_raw);
}

static void a_gateway_of_its_own_protocol_keeps_its_names(void **state)
{
    struct fake_stage *stage = *state;
    const struct tg_gateway *gateway = fake_app_add(
        stage->app, "graph",
        "return { path = '/g', on_text = print, subprotocols = { 'graphql-ws', 'b' } }");

    assert_true(gateway->has_text);
    assert_false(gateway->has_origins);
    assert_int_equal(gateway->subprotocols.count, 2);
    assert_string_equal(gateway->subprotocols.items[0], "graphql-ws");
}

static void a_state_that_has_no_room_for_itself_is_refused(void **state)
{
    struct fake_stage *stage = *state;
    const char *files[] = {"gateway.lua", "return { path = '/a' }", NULL};

    /* Below that lua_newstate itself falls over; the configuration's least is 1 MiB. */
    for (uint64_t bytes = 32000; bytes < 160000; bytes += 500) {
        stage->app->config.script_memory = bytes;
        int err = fake_app_try(stage->app, files);
        assert_true(err == TG_OK || err == TG_ERR_NOMEM || err == TG_ERR_SCRIPT);
        if (err) {
            assert_true(stage->app->msg.text[0] != '\0');
        }
    }
    stage->app->config.script_memory = 1 << 20;
    assert_int_equal(fake_app_try(stage->app, files), TG_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(each_bad_gateway_is_refused_with_its_reason),
        FAKE_TEST(a_bad_path_is_refused),
        FAKE_TEST(a_folder_without_gateway_lua_is_not_found),
        FAKE_TEST(all_faults_of_a_table_are_told_with_their_lines),
        FAKE_TEST(more_faults_than_the_list_holds_are_counted),
        FAKE_TEST(an_error_without_a_place_stands_where_it_was_raised),
        FAKE_TEST(what_may_be_meant_is_a_hint),
        FAKE_TEST(every_setting_is_copied_out),
        FAKE_TEST(a_gateway_of_its_own_protocol_keeps_its_names),
        FAKE_TEST(a_state_that_has_no_room_for_itself_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
