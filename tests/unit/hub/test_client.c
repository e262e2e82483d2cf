/* SPDX-License-Identifier: MIT */
#include "fake_house.h"

#include <stdio.h>
#include <stdlib.h>

#include "hub/provenance.h"
#include "hub/room.h"

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

static void expect_calls(const struct fake_house *house, const enum tg_call_kind *kinds,
                         uint32_t count)
{
    assert_int_equal(house->call_count, count);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(house->calls[i].kind, kinds[i]);
    }
}

static uint64_t closed(const struct fake_house *house, enum tg_close_reason reason)
{
    return fake_house_counter(house, TG_COUNT_CLOSED + (uint32_t)reason);
}

static void suspend(struct fake_house *house, const struct tg_call *call, struct tg_answer *answer)
{
    (void)house;
    (void)call;
    answer->outcome = TG_OUTCOME_SUSPENDED;
}

static void resume(struct tg_client *client, enum tg_outcome outcome)
{
    struct tg_answer answer = {.outcome = outcome};

    tg_client_resume_done(client, &answer);
}

static void it_registers_runs_on_connect_then_reads(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;

    fake_house_join(house, &alice, NULL);
    assert_int_equal(house->hub.registry.count, 1);
    assert_int_equal(fake_house_counter(house, TG_COUNT_CONNECTIONS), 1);
    assert_int_equal(alice.client->phase, TG_CLIENT_OPEN);
    fake_conn_say(&alice, "{\"event\":\"say\"}");
    fake_conn_lose(&alice);
    enum tg_call_kind kinds[] = {TG_CALL_CONNECT, TG_CALL_EVENT, TG_CALL_DISCONNECT};
    expect_calls(house, kinds, 3);
    assert_int_equal(house->hub.registry.count, 0);
    assert_int_equal(house->forgotten, 1);
}

static void messages_wait_for_a_suspended_on_connect(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;

    house->handler = suspend;
    fake_house_join(house, &alice, NULL);
    assert_int_equal(alice.client->phase, TG_CLIENT_CONNECTING);
    fake_conn_say(&alice, "{\"event\":\"say\",\"data\":1}");
    fake_conn_say(&alice, "{\"event\":\"say\",\"data\":2}");
    assert_int_equal(house->call_count, 1);
    house->handler = NULL;
    resume(alice.client, TG_OUTCOME_DONE);
    assert_int_equal(house->call_count, 3);
    assert_string_equal(house->calls[1].payload, "1");
    assert_string_equal(house->calls[2].payload, "2");
    fake_conn_lose(&alice);
}

static void one_handler_at_a_time_in_order(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice, bob;

    fake_house_join(house, &alice, NULL);
    fake_house_join(house, &bob, NULL);
    house->handler = suspend;
    fake_conn_say(&alice, "{\"event\":\"say\",\"data\":1}");
    fake_conn_say(&alice, "{\"event\":\"say\",\"data\":2}");
    fake_conn_say(&alice, "{\"event\":\"say\",\"data\":3}");
    assert_int_equal(house->call_count, 3);
    fake_conn_say(&bob, "{\"event\":\"say\",\"data\":9}"); /* others go on */
    assert_int_equal(house->call_count, 4);
    resume(alice.client, TG_OUTCOME_DONE);
    assert_int_equal(house->call_count, 5);
    assert_string_equal(house->calls[4].payload, "2");
    house->handler = NULL;
    resume(alice.client, TG_OUTCOME_DONE);
    assert_string_equal(house->calls[5].payload, "3");
    resume(bob.client, TG_OUTCOME_DONE);
    fake_conn_lose(&alice);
    fake_conn_lose(&bob);
}

static void past_32_waiting_messages_reading_pauses(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;

    fake_house_join(house, &alice, NULL);
    house->handler = suspend;
    fake_conn_say(&alice, "{\"event\":\"say\"}");
    for (int i = 0; i < 31; i++) {
        fake_conn_say(&alice, "{\"event\":\"say\"}");
    }
    assert_false(alice.is_paused);
    fake_conn_say(&alice, "{\"event\":\"say\"}");
    assert_true(alice.is_paused);
    house->handler = NULL;
    resume(alice.client, TG_OUTCOME_DONE);
    assert_false(alice.is_paused);
    assert_int_equal(house->call_count, 1 + 33);
    fake_conn_lose(&alice);
}

static void past_message_bytes_waiting_reading_pauses(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;
    char *big = malloc(40000);

    fake_house_join(house, &alice, NULL);
    house->handler = suspend;
    fake_conn_say(&alice, "{\"event\":\"say\"}");
    memset(big, ' ', 40000);
    tg_client_receive(alice.client, TG_OPCODE_TEXT, tg_str(big, 40000));
    assert_false(alice.is_paused);
    tg_client_receive(alice.client, TG_OPCODE_TEXT, tg_str(big, 40000));
    assert_true(alice.is_paused);
    free(big);
    resume(alice.client, TG_OUTCOME_DONE);
    assert_false(alice.is_paused);
    fake_conn_lose(&alice);
}

static void a_failed_on_connect_closes_with_1011(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;

    house->handler = suspend;
    fake_house_join(house, &alice, NULL);
    house->handler = NULL;
    resume(alice.client, TG_OUTCOME_FAILED);
    fake_conn_drain(&alice);
    assert_int_equal(fake_conn_close_code(&alice), 1011);
    assert_true(alice.is_finished);
    assert_int_equal(closed(house, TG_CLOSE_SCRIPT_FAILED), 1);
    fake_conn_lose(&alice);
    assert_int_equal(house->calls[1].kind, TG_CALL_DISCONNECT);
    assert_int_equal(house->calls[1].cause, TG_CLOSE_SCRIPT_FAILED);
}

static void an_on_connect_that_runs_for_too_long_closes_with_1011(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;

    house->handler = suspend;
    fake_house_join(house, &alice, NULL);
    house->handler = NULL;
    resume(alice.client, TG_OUTCOME_OVERRAN);
    fake_conn_drain(&alice);
    assert_int_equal(fake_conn_close_code(&alice), 1011);
    assert_int_equal(closed(house, TG_CLOSE_HANDLER_TIMEOUT), 1);
    fake_conn_lose(&alice);
}

static void turn_away(struct fake_house *house, const struct tg_call *call,
                      struct tg_answer *answer)
{
    (void)house;
    if (call->kind == TG_CALL_CONNECT) {
        answer->outcome = TG_OUTCOME_REFUSED;
        answer->close_code = 4100;
        answer->message = TG_STR("members only");
    }
}

static void on_connect_may_turn_the_client_away_with_its_own_code(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;

    house->handler = turn_away;
    fake_house_join(house, &alice, NULL);
    fake_conn_drain(&alice);
    assert_int_equal(fake_conn_close_code(&alice), 4100);
    assert_string_equal(fake_conn_frame(&alice, 0) + 2, "members only");
    assert_int_equal(closed(house, TG_CLOSE_TURNED_AWAY), 1);
    fake_conn_lose(&alice);
}

static void the_peers_close_code_is_echoed_and_the_seat_is_free_at_once(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;

    fake_house_join(house, &alice, NULL);
    assert_int_equal(tg_page_seats(house->page), 1);
    tg_client_peer_close(alice.client, 4321);
    assert_true(alice.is_finished);
    fake_house_advance(house, 0);
    assert_int_equal(tg_page_seats(house->page), 0);
    assert_int_equal(alice.client->phase, TG_CLIENT_ENDED);
    fake_conn_drain(&alice);
    assert_int_equal(fake_conn_close_code(&alice), 4321);
    assert_int_equal(house->calls[1].cause, TG_CLOSE_CLIENT_CLOSED);
    fake_conn_lose(&alice);
    assert_int_equal(house->call_count, 2);
}

static void what_was_queued_goes_out_before_the_close_frame_and_nothing_after(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;
    struct tg_frame *frame = tg_frame_of(TG_OPCODE_TEXT, TG_STR("last"));

    fake_house_join(house, &alice, NULL);
    assert_int_equal(tg_client_send(alice.client, frame), TG_OK);
    assert_int_equal(tg_client_close_with(alice.client, 4000, TG_STR("bye")), TG_OK);
    assert_int_equal(tg_client_send(alice.client, frame), TG_ERR_CLOSED);
    assert_int_equal(tg_client_close_with(alice.client, 4001, TG_STR("")), TG_ERR_CLOSED);
    assert_int_equal(tg_room_join(alice.client, TG_STR("tea")), TG_ERR_CLOSED);
    fake_conn_say(&alice, "{\"event\":\"say\"}");
    assert_int_equal(house->call_count, 1);
    fake_conn_drain(&alice);
    assert_int_equal(fake_conn_frames(&alice), 2);
    assert_string_equal(fake_conn_frame(&alice, 0), "last");
    assert_int_equal(fake_conn_close_code(&alice), 4000);
    tg_frame_unref(frame);
    fake_conn_lose(&alice);
}

static void close_in_handler(struct fake_house *house, const struct tg_call *call,
                             struct tg_answer *answer)
{
    (void)house;
    if (call->kind == TG_CALL_EVENT) {
        assert_int_equal(tg_client_close_with(call->client, 4000, TG_STR("done")), TG_OK);
        answer->data = TG_STR("42");
    }
}

static void a_close_in_the_own_handler_comes_after_the_answer(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;

    fake_house_join(house, &alice, NULL);
    house->handler = close_in_handler;
    fake_conn_say(&alice, "{\"event\":\"say\",\"id\":1}");
    fake_conn_drain(&alice);
    assert_int_equal(fake_conn_frames(&alice), 2);
    assert_string_equal(fake_conn_frame(&alice, 0), "{\"id\":1,\"data\":42}");
    assert_int_equal(fake_conn_close_code(&alice), 4000);
    house->handler = NULL;
    fake_conn_lose(&alice);
}

static void codes_that_may_not_be_sent_are_refused(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;
    const int bad[] = {0, 999, 1004, 1005, 1006, 1015, 2999, 5000, 65536 + 1000};

    fake_house_join(house, &alice, NULL);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(tg_client_close_with(alice.client, bad[i], TG_STR("")), TG_ERR_INVALID);
    }
    assert_true(tg_client_is_open(alice.client));
    fake_conn_lose(&alice);
}

static void on_disconnect_comes_once_and_still_in_the_rooms(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;

    fake_house_join(house, &alice, NULL);
    assert_int_equal(tg_room_join(alice.client, TG_STR("tea")), TG_OK);
    tg_client_close(alice.client, TG_CLOSE_IDLE);
    tg_client_close(alice.client, TG_CLOSE_DRAIN);
    tg_client_peer_close(alice.client, 1000);
    fake_house_advance(house, 0);
    fake_house_advance(house, 0);
    assert_int_equal(house->call_count, 2);
    assert_int_equal(house->calls[1].cause, TG_CLOSE_IDLE);
    assert_int_equal(house->calls[1].rooms, 1);
    assert_int_equal(house->hub.room_count, 0);
    fake_conn_lose(&alice);
    assert_int_equal(house->call_count, 2);
    assert_int_equal(closed(house, TG_CLOSE_IDLE), 1);
    assert_int_equal(closed(house, TG_CLOSE_DRAIN), 0);
}

static void on_disconnect_waits_for_the_suspended_handler(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;
    struct tg_client *client;

    fake_house_join(house, &alice, NULL);
    client = alice.client;
    house->handler = suspend;
    fake_conn_say(&alice, "{\"event\":\"say\",\"id\":7}");
    fake_conn_lose(&alice);
    assert_int_equal(house->call_count, 2);
    assert_int_equal(house->hub.registry.count, 1);
    house->handler = NULL;
    resume(client, TG_OUTCOME_DONE);
    assert_int_equal(house->call_count, 2);
    fake_house_advance(house, 0);
    assert_int_equal(house->calls[2].kind, TG_CALL_DISCONNECT);
    assert_int_equal(house->calls[2].cause, TG_CLOSE_CLIENT_GONE);
    assert_int_equal(house->hub.registry.count, 0);
}

static void on_disconnect_may_suspend_too(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;
    struct tg_client *client;

    fake_house_join(house, &alice, NULL);
    client = alice.client;
    house->handler = suspend;
    fake_conn_lose(&alice);
    assert_int_equal(house->hub.registry.count, 1);
    resume(client, TG_OUTCOME_DONE);
    fake_house_advance(house, 0);
    assert_int_equal(house->hub.registry.count, 0);
    assert_int_equal(house->call_count, 2);
}

static void pongs_are_queued_in_order_and_count(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;

    fake_house_join(house, &alice, NULL);
    tg_client_ping(alice.client, TG_STR("one"));
    fake_conn_say(&alice, "{\"event\":\"say\",\"id\":1}");
    tg_client_ping(alice.client, TG_STR("two"));
    fake_conn_drain(&alice);
    assert_int_equal(fake_conn_opcode(&alice, 0), TG_OPCODE_PONG);
    assert_string_equal(fake_conn_frame(&alice, 0), "one");
    assert_int_equal(fake_conn_opcode(&alice, 1), TG_OPCODE_TEXT);
    assert_string_equal(fake_conn_frame(&alice, 2), "two");
    for (uint64_t i = 0; i <= house->config.outbound_messages; i++) {
        tg_client_ping(alice.client, TG_STR(""));
    }
    assert_int_equal(closed(house, TG_CLOSE_SLOW_CLIENT), 1);
    fake_conn_lose(&alice);
}

static void a_frame_larger_than_the_queue_is_refused_and_hurts_nobody(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;
    struct tg_frame *frame = tg_frame_create(TG_OPCODE_TEXT, house->config.outbound_bytes);

    fake_house_join(house, &alice, NULL);
    assert_int_equal(tg_client_send(alice.client, frame), TG_ERR_TOO_LARGE);
    assert_true(tg_client_is_open(alice.client));
    tg_frame_unref(frame);
    fake_conn_lose(&alice);
}

static void drain_tells_everybody_1001_in_portions(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn people[5];

    for (int i = 0; i < 5; i++) {
        fake_house_join(house, &people[i], NULL);
    }
    tg_hub_start_drain(&house->hub);
    assert_int_equal(tg_hub_drain_some(&house->hub, 2), 5);
    tg_hub_turn(&house->hub);
    assert_int_equal(tg_hub_drain_some(&house->hub, 10), 3);
    tg_hub_turn(&house->hub);
    assert_int_equal(tg_hub_drain_some(&house->hub, 10), 0);
    for (int i = 0; i < 5; i++) {
        fake_conn_drain(&people[i]);
        assert_int_equal(fake_conn_close_code(&people[i]), 1001);
        fake_conn_lose(&people[i]);
    }
    assert_int_equal(closed(house, TG_CLOSE_DRAIN), 5);
}

static void a_late_handle_finds_nobody(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice, bob;
    uint32_t slot;
    uint64_t serial;

    fake_house_join(house, &alice, NULL);
    slot = alice.client->slot;
    serial = alice.client->serial;
    assert_ptr_equal(tg_registry_find(&house->hub.registry, slot, serial), alice.client);
    fake_conn_lose(&alice);
    fake_house_join(house, &bob, NULL);
    assert_int_equal(bob.client->slot, slot);
    assert_null(tg_registry_find(&house->hub.registry, slot, serial));
    assert_null(tg_registry_find(&house->hub.registry, UINT32_MAX, serial));
    fake_conn_lose(&bob);
}

static void ids_differ_and_fit(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice, bob;
    char a[TG_CLIENT_ID_BYTES];
    char b[TG_CLIENT_ID_BYTES];

    fake_house_join(house, &alice, NULL);
    fake_house_join(house, &bob, NULL);
    tg_client_id(alice.client, a);
    tg_client_id(bob.client, b);
    assert_string_not_equal(a, b);
    assert_true(strlen(a) < TG_CLIENT_ID_BYTES - 1);
    fake_conn_lose(&alice);
    fake_conn_lose(&bob);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_registers_runs_on_connect_then_reads),
        TEST(messages_wait_for_a_suspended_on_connect),
        TEST(one_handler_at_a_time_in_order),
        TEST(past_32_waiting_messages_reading_pauses),
        TEST(past_message_bytes_waiting_reading_pauses),
        TEST(a_failed_on_connect_closes_with_1011),
        TEST(an_on_connect_that_runs_for_too_long_closes_with_1011),
        TEST(on_connect_may_turn_the_client_away_with_its_own_code),
        TEST(the_peers_close_code_is_echoed_and_the_seat_is_free_at_once),
        TEST(what_was_queued_goes_out_before_the_close_frame_and_nothing_after),
        TEST(a_close_in_the_own_handler_comes_after_the_answer),
        TEST(codes_that_may_not_be_sent_are_refused),
        TEST(on_disconnect_comes_once_and_still_in_the_rooms),
        TEST(on_disconnect_waits_for_the_suspended_handler),
        TEST(on_disconnect_may_suspend_too),
        TEST(pongs_are_queued_in_order_and_count),
        TEST(a_frame_larger_than_the_queue_is_refused_and_hurts_nobody),
        TEST(drain_tells_everybody_1001_in_portions),
        TEST(a_late_handle_finds_nobody),
        TEST(ids_differ_and_fit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
