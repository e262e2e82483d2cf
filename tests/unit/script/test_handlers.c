/* SPDX-License-Identifier: MIT */
#include "fake_app.h"

static void a_request_is_answered_with_the_handlers_value(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.echo(client, data) return data end");
    assert_string_equal(fake_conn_ask(&stage->alice, "echo", "{\"a\":[1,2]}"),
                        "{\"id\":1,\"data\":{\"a\":[1,2]}}");
    assert_string_equal(fake_conn_ask(&stage->alice, "echo", "[]"), "{\"id\":1,\"data\":[]}");
    assert_string_equal(fake_conn_ask(&stage->alice, "echo", "false"), "{\"id\":1,\"data\":false}");
}

static void a_handler_that_returns_nothing_answers_null(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.quiet() end");
    assert_string_equal(fake_conn_ask(&stage->alice, "quiet", NULL), "{\"id\":1,\"data\":null}");
}

static void a_notification_is_not_answered(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.echo(client, data) return data end");
    fake_conn_say(&stage->alice, "{\"event\":\"echo\",\"data\":1}");
    assert_string_equal(fake_conn_take(&stage->alice), "");
}

static void nil_with_a_code_answers_an_error(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage,
                     "function events.no() return nil, 'bad_request', 'text is missing' end");
    assert_string_equal(
        fake_conn_ask(&stage->alice, "no", NULL),
        "{\"id\":1,\"error\":{\"code\":\"bad_request\",\"message\":\"text is missing\"}}");
    assert_int_equal(fake_app_counter(stage->app, TG_COUNT_HANDLER_ERRORS), 0);
}

static void absent_and_null_data_are_nil(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.kind(client, data) return type(data) end");
    assert_string_equal(fake_conn_ask(&stage->alice, "kind", "null"),
                        "{\"id\":1,\"data\":\"nil\"}");
    fake_conn_say(&stage->alice, "{\"event\":\"kind\",\"id\":2}");
    assert_string_equal(fake_conn_take(&stage->alice), "{\"id\":2,\"data\":\"nil\"}");
}

static void a_null_inside_of_data_is_json_null(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage,
                     "function events.is(client, data) return data[1] == tide.json.null end");
    assert_string_equal(fake_conn_ask(&stage->alice, "is", "[null]"), "{\"id\":1,\"data\":true}");
}

static void a_raw_event_gets_the_json_text(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "gateway.raw = { relay = true }"
                            "function events.relay(client, text) return text end");
    assert_string_equal(fake_conn_ask(&stage->alice, "relay", "{\"a\": 1}"),
                        "{\"id\":1,\"data\":\"{\\\"a\\\": 1}\"}");
    fake_conn_say(&stage->alice, "{\"event\":\"relay\",\"id\":2}");
    assert_string_equal(fake_conn_take(&stage->alice), "{\"id\":2,\"data\":\"null\"}");
}

static void a_raw_event_goes_on_as_json(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "gateway.raw = { relay = true, late = true }"
                            "function events.relay(client, text) "
                            "client:send('relay', tide.json.raw(text)) end "
                            "function events.late(client, text) tide.sleep(1) "
                            "client:send('late', { tide.json.raw(text) }) end");
    fake_conn_say(&stage->alice, "{\"event\":\"relay\",\"data\": {\"a\": [1, \"\\u00e9\"]} }");
    assert_string_equal(fake_conn_take(&stage->alice),
                        "{\"event\":\"relay\",\"data\":{\"a\": [1, \"\\u00e9\"]}}");
    fake_conn_say(&stage->alice, "{\"event\":\"relay\"}");
    assert_string_equal(fake_conn_take(&stage->alice), "{\"event\":\"relay\",\"data\":null}");
    fake_conn_say(&stage->alice, "{\"event\":\"late\",\"data\":[ ]}");
    fake_app_advance(stage->app, 2);
    assert_string_equal(fake_conn_take(&stage->alice), "{\"event\":\"late\",\"data\":[[ ]]}");
}

/* What the call was given is known to be good; nothing else is, however alike, then or later. */
static void only_what_the_call_was_given_is_taken_unseen(void **state)
{
    struct fake_stage *stage = *state;

    stage->gateway = fake_app_add(
        stage->app, "echo",
        "local tide = require 'tidegate' "
        "return { path = '/echo', on_text = function(client, text) "
        "assert(not pcall(client.send_text, client, text:sub(1, -2) .. '\\255')) "
        "assert(not pcall(client.send_text, client, '\\255')) "
        "assert(not pcall(tide.json.raw, text)) assert(client:send_text(text .. text)) "
        "if text == 'wait' then tide.sleep(1) end "
        "text = #text assert(not pcall(client.send_text, client, ('\\255'):rep(text))) "
        "client:send_text('good') end, on_binary = function(client, bytes) "
        "assert(not pcall(client.send_text, client, bytes)) client:send_text('told') end }");
    fake_app_connect(stage->app, &stage->alice, stage->gateway, NULL, NULL);
    fake_conn_say(&stage->alice, "text");
    assert_string_equal(fake_conn_take(&stage->alice), "texttext");
    assert_string_equal(fake_conn_take(&stage->alice), "good");
    fake_conn_say(&stage->alice, "wait");
    fake_app_advance(stage->app, 2);
    assert_string_equal(fake_conn_take(&stage->alice), "waitwait");
    assert_string_equal(fake_conn_take(&stage->alice), "good");
    tg_client_receive(stage->alice.client, TG_OPCODE_BINARY, tg_str("\xff", 1));
    assert_string_equal(fake_conn_take(&stage->alice), "told");
}

/* Data of an event is JSON in its text, but a raw event's alone is that text. */
static void decoded_data_is_no_json_text(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.is(client, data) "
                            "return { pcall(tide.json.raw, data) } end");
    assert_non_null(strstr(fake_conn_ask(&stage->alice, "is", "\"x\""), "no JSON"));
    assert_string_equal(fake_conn_ask(&stage->alice, "is", "\"[1]\""),
                        "{\"id\":1,\"data\":[true,[1]]}");
}

static void an_unencodable_value_fails_the_call(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.bad() return { f = print } end");
    assert_string_equal(
        fake_conn_ask(&stage->alice, "bad", NULL),
        "{\"id\":1,\"error\":{\"code\":\"handler_error\",\"message\":\"the handler failed\"}}");
    assert_true(fake_app_logged(stage->app, "can't be sent: "));
    assert_int_equal(fake_app_counter(stage->app, TG_COUNT_HANDLER_ERRORS), 1);
}

static void an_error_code_that_is_no_string_fails_the_call(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "function events.bad() return nil, 42 end");
    (void)fake_conn_ask(&stage->alice, "bad", NULL);
    assert_true(fake_app_logged(
        stage->app, "error=\"the handler's error code is not a string but a number value\""));
}

static void on_connect_runs_before_the_first_message(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "gateway.on_connect = function(client) client.state.n = 1 end "
                            "function events.n(client) return client.state.n end");
    assert_string_equal(fake_conn_ask(&stage->alice, "n", NULL), "{\"id\":1,\"data\":1}");
}

static void on_connect_that_returns_false_turns_the_client_away(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "gateway.on_connect = function() return false, 4100, 'full' end");
    assert_int_equal(stage->alice.client->cause, TG_CLOSE_TURNED_AWAY);
    assert_memory_equal(fake_conn_take(&stage->alice),
                        "\x10\x04"
                        "full",
                        6);
}

static void on_connect_that_returns_false_alone_gives_the_standard_code(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "gateway.on_connect = function() return false end");
    assert_memory_equal(fake_conn_take(&stage->alice), "\x11\x33", 2);
}

static void on_connect_with_a_code_that_may_not_be_sent_fails(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "gateway.on_connect = function() return false, 1005 end");
    assert_int_equal(stage->alice.client->cause, TG_CLOSE_SCRIPT_FAILED);
}

static void on_connect_that_raises_closes_the_client(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, "gateway.on_connect = function() error('no') end");
    assert_int_equal(stage->alice.client->cause, TG_CLOSE_SCRIPT_FAILED);
    assert_true(fake_app_logged(stage->app, "event=on_connect"));
}

static void on_disconnect_learns_the_cause(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(
        stage, "gateway.on_connect = function(client) client:join('lobby') end "
               "gateway.on_disconnect = function(client, cause) "
               "tide.room('lobby'):emit('left', { cause, client:rooms(), client.claims() }) end");
    fake_conn_lose(&stage->alice);
    assert_string_equal(fake_conn_take(&stage->bob),
                        "{\"event\":\"left\",\"data\":[\"client_gone\",[\"lobby\"]]}");
}

static void text_and_binary_messages_go_to_their_handlers(void **state)
{
    struct fake_stage *stage = *state;

    stage->gateway = fake_app_add(
        stage->app, "echo",
        "return { path = '/echo', on_text = function(client, text) client:send_text(text) end, "
        "on_binary = function(client, bytes) client:send_binary(bytes) end }");
    fake_app_connect(stage->app, &stage->alice, stage->gateway, NULL, NULL);
    fake_conn_say(&stage->alice, "hi");
    assert_string_equal(fake_conn_take(&stage->alice), "hi");
    assert_int_equal(stage->alice.opcode, TG_OPCODE_TEXT);
    tg_client_receive(stage->alice.client, TG_OPCODE_BINARY, tg_str("\0\xff", 2));
    assert_memory_equal(fake_conn_take(&stage->alice), "\0\xff", 2);
    assert_int_equal(stage->alice.opcode, TG_OPCODE_BINARY);
}

static const char *const guarded = "local log = {} "
                                   "gateway.before = { "
                                   "function(client, event, data) log[#log + 1] = event "
                                   "if data == 'raise' then error('guard') end "
                                   "if data == 'table' then return { cached = true } end "
                                   "if data == 'code' then return nil, 'slow_down', 'wait' end "
                                   "if data == 'false' then return false end "
                                   "if data == 'nothing' then return end "
                                   "if data == 'word' then return 'yes' end return true end, "
                                   "function() log[#log + 1] = 'second' return true end } "
                                   "function events.go() local done = log log = {} return done end";

static void guards_run_in_order_before_the_handler(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, guarded);
    assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL),
                        "{\"id\":1,\"data\":[\"go\",\"second\"]}");
}

static void a_guard_answers_or_stops_the_event(void **state)
{
    struct fake_stage *stage = *state;
    const char *forbidden =
        "{\"id\":1,\"error\":{\"code\":\"forbidden\",\"message\":\"a guard said no\"}}";

    fake_stage_start(stage, guarded);
    assert_string_equal(fake_conn_ask(&stage->alice, "go", "\"table\""),
                        "{\"id\":1,\"data\":{\"cached\":true}}");
    assert_string_equal(fake_conn_ask(&stage->alice, "go", "\"code\""),
                        "{\"id\":1,\"error\":{\"code\":\"slow_down\",\"message\":\"wait\"}}");
    assert_string_equal(fake_conn_ask(&stage->alice, "go", "\"false\""), forbidden);
    assert_string_equal(fake_conn_ask(&stage->alice, "go", "\"nothing\""), forbidden);
    assert_string_equal(fake_conn_ask(&stage->alice, "go", "\"word\""), forbidden);
    assert_int_equal(fake_app_counter(stage->app, TG_COUNT_HANDLER_ERRORS), 0);
}

static void a_guard_that_raises_stops_the_event(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage, guarded);
    assert_string_equal(
        fake_conn_ask(&stage->alice, "go", "\"raise\""),
        "{\"id\":1,\"error\":{\"code\":\"handler_error\",\"message\":\"the handler failed\"}}");
    assert_string_equal(fake_conn_ask(&stage->alice, "go", NULL),
                        "{\"id\":1,\"data\":[\"go\",\"go\",\"second\"]}");
}

static void a_close_in_the_own_handler_comes_after_its_answer(void **state)
{
    struct fake_stage *stage = *state;

    fake_stage_start(stage,
                     "function events.bye(client) client:close(4000, 'bye') return 'ok' end");
    assert_string_equal(fake_conn_ask(&stage->alice, "bye", NULL), "{\"id\":1,\"data\":\"ok\"}");
    assert_memory_equal(fake_conn_take(&stage->alice),
                        "\x0f\xa0"
                        "bye",
                        5);
    assert_int_equal(stage->alice.client->cause, TG_CLOSE_CLOSED_BY_GATEWAY);
}

static void a_forgotten_client_gives_its_handle_back(void **state)
{
    struct fake_stage *stage = *state;
    const struct tg_vm *vm;

    fake_stage_start(stage, "function events.id(client) return client.id end");
    vm = stage->gateway->vm;
    (void)fake_conn_ask(&stage->bob, "id", NULL);
    uint32_t before = vm->ref_count;
    (void)fake_conn_ask(&stage->alice, "id", NULL);
    assert_int_equal(vm->ref_count, before + 1);
    fake_conn_lose(&stage->alice);
    assert_int_equal(vm->ref_count, before);
}

static void two_gateways_share_nothing(void **state)
{
    struct fake_stage *stage = *state;
    struct tg_gateway *other;
    const char *counter = "local n = 0 string.mark = 1 function events.count() n = n + 1 "
                          "return { n, string.mark } end";

    fake_stage_start(stage, counter);
    other = fake_app_script(stage->app, "other",
                            "local n = 0 function events.count() n = n + 1 "
                            "return { n, string.mark or 0 } end");
    fake_conn_lose(&stage->bob);
    fake_app_connect(stage->app, &stage->bob, other, NULL, NULL);
    assert_string_equal(fake_conn_ask(&stage->alice, "count", NULL), "{\"id\":1,\"data\":[1,1]}");
    assert_string_equal(fake_conn_ask(&stage->alice, "count", NULL), "{\"id\":1,\"data\":[2,1]}");
    assert_string_equal(fake_conn_ask(&stage->bob, "count", NULL), "{\"id\":1,\"data\":[1,0]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FAKE_TEST(a_request_is_answered_with_the_handlers_value),
        FAKE_TEST(a_handler_that_returns_nothing_answers_null),
        FAKE_TEST(a_notification_is_not_answered),
        FAKE_TEST(nil_with_a_code_answers_an_error),
        FAKE_TEST(absent_and_null_data_are_nil),
        FAKE_TEST(a_null_inside_of_data_is_json_null),
        FAKE_TEST(a_raw_event_gets_the_json_text),
        FAKE_TEST(a_raw_event_goes_on_as_json),
        FAKE_TEST(only_what_the_call_was_given_is_taken_unseen),
        FAKE_TEST(decoded_data_is_no_json_text),
        FAKE_TEST(an_unencodable_value_fails_the_call),
        FAKE_TEST(an_error_code_that_is_no_string_fails_the_call),
        FAKE_TEST(on_connect_runs_before_the_first_message),
        FAKE_TEST(on_connect_that_returns_false_turns_the_client_away),
        FAKE_TEST(on_connect_that_returns_false_alone_gives_the_standard_code),
        FAKE_TEST(on_connect_with_a_code_that_may_not_be_sent_fails),
        FAKE_TEST(on_connect_that_raises_closes_the_client),
        FAKE_TEST(on_disconnect_learns_the_cause),
        FAKE_TEST(text_and_binary_messages_go_to_their_handlers),
        FAKE_TEST(guards_run_in_order_before_the_handler),
        FAKE_TEST(a_guard_answers_or_stops_the_event),
        FAKE_TEST(a_guard_that_raises_stops_the_event),
        FAKE_TEST(a_close_in_the_own_handler_comes_after_its_answer),
        FAKE_TEST(a_forgotten_client_gives_its_handle_back),
        FAKE_TEST(two_gateways_share_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
