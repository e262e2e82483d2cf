/* SPDX-License-Identifier: MIT */
#include "fake_house.h"

static int set_up(void **state)
{
    *state = fake_house_create(NULL);
    return 0;
}

static int tear_down(void **state)
{
    fake_house_destroy(*state);
    return 0;
}

static uint64_t ignored(const struct fake_house *house, enum tg_ignored reason)
{
    return fake_house_counter(house, TG_COUNT_IGNORED + (uint32_t)reason);
}

static void value(struct fake_house *house, const struct tg_call *call, struct tg_answer *answer)
{
    (void)house;
    if (call->wants_answer) {
        answer->data = TG_STR("{\"ok\":true}");
    }
}

static void refuse(struct fake_house *house, const struct tg_call *call, struct tg_answer *answer)
{
    (void)house;
    if (call->kind == TG_CALL_EVENT) {
        answer->outcome = TG_OUTCOME_REFUSED;
        answer->code = TG_STR("not_today");
        answer->message = TG_STR("come \"back\"");
    }
}

static void fail_call(struct fake_house *house, const struct tg_call *call,
                      struct tg_answer *answer)
{
    (void)house;
    if (call->kind == TG_CALL_EVENT) {
        answer->outcome = TG_OUTCOME_FAILED;
    }
}

static void overrun(struct fake_house *house, const struct tg_call *call, struct tg_answer *answer)
{
    (void)house;
    if (call->kind == TG_CALL_EVENT || call->kind == TG_CALL_BINARY) {
        answer->outcome = TG_OUTCOME_OVERRAN;
    }
}

static void suspend(struct fake_house *house, const struct tg_call *call, struct tg_answer *answer)
{
    (void)house;
    (void)call;
    answer->outcome = TG_OUTCOME_SUSPENDED;
}

static void expect_answer(struct fake_house *house, fake_handler_fn handler, const char *message,
                          const char *answer)
{
    struct tg_conn alice;

    fake_house_join(house, &alice, NULL);
    house->handler = handler;
    fake_conn_say(&alice, message);
    house->handler = NULL;
    fake_conn_drain(&alice);
    assert_int_equal(fake_conn_frames(&alice), answer ? 1 : 0);
    assert_string_equal(fake_conn_frame(&alice, 0), answer ? answer : "");
    assert_true(tg_client_is_open(alice.client));
    fake_conn_lose(&alice);
}

static void a_request_is_answered_with_the_value(void **state)
{
    expect_answer(*state, value, "{\"event\":\"say\",\"id\":\"a1\",\"data\":{}}",
                  "{\"id\":\"a1\",\"data\":{\"ok\":true}}");
}

static void a_value_of_nothing_is_null(void **state)
{
    expect_answer(*state, NULL, "{\"event\":\"say\",\"id\":-7}", "{\"id\":-7,\"data\":null}");
}

static void a_notification_is_not_answered(void **state)
{
    expect_answer(*state, value, "{\"event\":\"say\"}", NULL);
    expect_answer(*state, refuse, "{\"event\":\"say\"}", NULL);
    expect_answer(*state, fail_call, "{\"event\":\"say\"}", NULL);
}

static void a_refusal_is_answered_with_code_and_message(void **state)
{
    expect_answer(
        *state, refuse, "{\"event\":\"say\",\"id\":1}",
        "{\"id\":1,\"error\":{\"code\":\"not_today\",\"message\":\"come \\\"back\\\"\"}}");
}

static void a_failing_handler_is_answered_and_the_socket_stays_open(void **state)
{
    expect_answer(*state, fail_call, "{\"event\":\"say\",\"id\":1}",
                  "{\"id\":1,\"error\":{\"code\":\"handler_error\",\"message\":\"the handler "
                  "failed\"}}");
}

static void an_unknown_event_is_counted_and_answered_only_with_an_id(void **state)
{
    struct fake_house *house = *state;

    expect_answer(house, value, "{\"event\":\"nope\"}", NULL);
    expect_answer(house, value, "{\"event\":\"nope\",\"id\":3}",
                  "{\"id\":3,\"error\":{\"code\":\"unknown_event\",\"message\":\"no such "
                  "event\"}}");
    assert_int_equal(ignored(house, TG_IGNORED_UNKNOWN_EVENT), 2);
    assert_int_equal(fake_house_counter(house, TG_COUNT_MESSAGES_IN), 0);
}

static void malformed_messages_are_counted_by_reason(void **state)
{
    struct fake_house *house = *state;

    expect_answer(house, value, "", NULL);
    expect_answer(house, value, "{", NULL);
    expect_answer(house, value, "[1]", NULL);
    expect_answer(house, value, "{\"data\":1}", NULL);
    expect_answer(house, value, "{\"event\":\"say\",\"id\":{}}", NULL);
    assert_int_equal(ignored(house, TG_IGNORED_MALFORMED), 3);
    assert_int_equal(ignored(house, TG_IGNORED_BAD_EVENT), 1);
    assert_int_equal(ignored(house, TG_IGNORED_BAD_ID), 1);
}

static void a_malformed_message_with_an_id_is_answered(void **state)
{
    expect_answer(*state, value, "{\"id\":5,\"event\":7}",
                  "{\"id\":5,\"error\":{\"code\":\"bad_request\",\"message\":\"event is missing "
                  "or no name\"}}");
}

static void messages_are_counted_once_a_handler_was_found(void **state)
{
    struct fake_house *house = *state;

    expect_answer(house, value, "{\"event\":\"say\"}", NULL);
    expect_answer(house, value, "{\"event\":\"say\"}", NULL);
    assert_int_equal(fake_house_counter(house, TG_COUNT_MESSAGES_IN), 2);
}

static void data_reaches_the_handler_as_it_was_sent(void **state)
{
    struct fake_house *house = *state;

    expect_answer(house, value, "{\"data\": [1, {\"a\":null}] ,\"event\":\"raw\"}", NULL);
    assert_string_equal(house->calls[1].payload, "[1, {\"a\":null}]");
}

static void a_suspended_request_is_answered_when_it_ends(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;
    struct tg_answer answer = {.outcome = TG_OUTCOME_DONE, .data = TG_STR("\"late\"")};

    fake_house_join(house, &alice, NULL);
    house->handler = suspend;
    fake_conn_say(&alice, "{\"event\":\"say\",\"id\":\"s\"}");
    fake_conn_drain(&alice);
    assert_int_equal(fake_conn_frames(&alice), 0);
    house->handler = NULL;
    tg_client_resume_done(alice.client, &answer);
    fake_conn_drain(&alice);
    assert_string_equal(fake_conn_frame(&alice, 0), "{\"id\":\"s\",\"data\":\"late\"}");
    assert_null(alice.client->request_id);
    fake_conn_lose(&alice);
}

static void binary_without_a_handler_closes_1003(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;

    fake_house_join(house, &alice, NULL);
    tg_client_receive(alice.client, TG_OPCODE_BINARY, TG_STR("\x01"));
    fake_conn_drain(&alice);
    assert_int_equal(fake_conn_close_code(&alice), 1003);
    fake_conn_lose(&alice);
}

static void a_gateway_with_its_own_protocol_gets_frames_as_they_are(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;

    house->chat->has_text = true;
    house->chat->has_binary = true;
    fake_house_join(house, &alice, NULL);
    fake_conn_say(&alice, "not json");
    tg_client_receive(alice.client, TG_OPCODE_BINARY, TG_STR("octets"));
    assert_int_equal(house->calls[1].kind, TG_CALL_TEXT);
    assert_string_equal(house->calls[1].payload, "not json");
    assert_int_equal(house->calls[2].kind, TG_CALL_BINARY);
    fake_conn_lose(&alice);
}

static struct tg_buf huge;

static void answer_hugely(struct fake_house *house, const struct tg_call *call,
                          struct tg_answer *answer)
{
    (void)house;
    if (call->kind == TG_CALL_EVENT) {
        answer->data = tg_buf_str(&huge);
    }
}

static void an_answer_larger_than_the_queue_is_an_error_answer(void **state)
{
    struct fake_house *house = *state;

    tg_buf_init(&huge, 4 << 20);
    tg_buf_add_char(&huge, '"');
    for (uint64_t i = 0; i < house->config.outbound_bytes; i++) {
        tg_buf_add_char(&huge, 'x');
    }
    tg_buf_add_char(&huge, '"');
    expect_answer(house, answer_hugely, "{\"event\":\"say\",\"id\":1}",
                  "{\"id\":1,\"error\":{\"code\":\"handler_error\",\"message\":\"the answer is "
                  "too large\"}}");
    tg_buf_fini(&huge);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

static void a_handler_that_ran_for_too_long_is_answered_and_the_socket_stays_open(void **state)
{
    expect_answer(*state, overrun, "{\"event\":\"say\",\"id\":1}",
                  "{\"id\":1,\"error\":{\"code\":\"handler_timeout\",\"message\":"
                  "\"the handler ran for too long\"}}");
    expect_answer(*state, overrun, "{\"event\":\"say\"}", NULL);
}

/* Whether the client is closed for it after so many overruns, one each step_ms. */
static bool closes_after(struct fake_house *house, uint32_t overruns, uint64_t step_ms)
{
    struct tg_conn alice;

    fake_house_join(house, &alice, NULL);
    house->handler = overrun;
    for (uint32_t i = 0; i < overruns; i++) {
        assert_true(tg_client_is_open(alice.client));
        fake_house_leap(house, i > 0 ? step_ms : 0);
        fake_conn_say(&alice, "{\"event\":\"say\"}");
    }
    house->handler = NULL;
    bool is_closed = alice.client->cause == TG_CLOSE_HANDLER_TIMEOUT;
    fake_conn_lose(&alice);
    return is_closed;
}

static void the_third_in_a_minute_closes_the_client(void **state)
{
    struct fake_house *house = *state;

    house->config.ping_interval_ms = 0;
    house->config.idle_timeout_ms = 0;
    assert_false(closes_after(house, 2, 0));
    assert_true(closes_after(house, 3, 29999));
    assert_false(closes_after(house, 9, 30000));
    house->config.overruns_per_minute = 1;
    assert_true(closes_after(house, 1, 0));
    house->config.overruns_per_minute = 0;
    assert_false(closes_after(house, 50, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_request_is_answered_with_the_value),
        TEST(a_value_of_nothing_is_null),
        TEST(a_notification_is_not_answered),
        TEST(a_refusal_is_answered_with_code_and_message),
        TEST(a_failing_handler_is_answered_and_the_socket_stays_open),
        TEST(a_handler_that_ran_for_too_long_is_answered_and_the_socket_stays_open),
        TEST(the_third_in_a_minute_closes_the_client),
        TEST(an_unknown_event_is_counted_and_answered_only_with_an_id),
        TEST(malformed_messages_are_counted_by_reason),
        TEST(a_malformed_message_with_an_id_is_answered),
        TEST(messages_are_counted_once_a_handler_was_found),
        TEST(data_reaches_the_handler_as_it_was_sent),
        TEST(a_suspended_request_is_answered_when_it_ends),
        TEST(binary_without_a_handler_closes_1003),
        TEST(a_gateway_with_its_own_protocol_gets_frames_as_they_are),
        TEST(an_answer_larger_than_the_queue_is_an_error_answer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
