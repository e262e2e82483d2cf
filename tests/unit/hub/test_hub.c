/* SPDX-License-Identifier: MIT */
#include "fake_house.h"

#include "hub/tenant.h"

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

static void two_gateways_at_one_path_are_refused(void **state)
{
    struct fake_house *house = *state;
    struct tg_errmsg msg;
    struct tg_gateway *other = tg_gateway_create(TG_STR("talk"));

    assert_int_equal(tg_gateway_set_path(other, TG_STR("/chat"), &msg), TG_OK);
    assert_int_equal(tg_hub_add_gateway(&house->hub, other, &msg), TG_ERR_EXISTS);
    assert_string_equal(msg.text, "gateways chat and talk are both at the path /chat");
    tg_gateway_destroy(other);
}

static void close_client(struct fake_house *house, const struct tg_call *call,
                         struct tg_answer *answer)
{
    (void)answer;
    if (call->kind != TG_CALL_DISCONNECT) {
        return;
    }
    for (uint32_t i = 0; i < house->hub.registry.capacity; i++) {
        struct tg_client *other = house->hub.registry.slots[i];
        if (other && other != call->client) {
            tg_client_close(other, TG_CLOSE_CLOSED_BY_GATEWAY);
        }
    }
}

static void ends_decided_in_on_disconnect_are_run_in_the_same_turn(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn people[3];

    for (int i = 0; i < 3; i++) {
        fake_house_join(house, &people[i], NULL);
    }
    house->handler = close_client;
    tg_client_close(people[0].client, TG_CLOSE_IDLE);
    tg_hub_turn(&house->hub);
    assert_int_equal(house->hub.registry.count, 0);
    assert_int_equal(house->call_count, 6);
    house->handler = NULL;
    for (int i = 0; i < 3; i++) {
        fake_conn_lose(&people[i]);
    }
}

static void each_reason_counts_in_a_series_of_its_own(void **state)
{
    const struct tg_metric *table = tg_counter_table();

    (void)state;
    for (uint32_t i = 0; i < TG_COUNT_ALL; i++) {
        assert_non_null(table[i].name);
        for (uint32_t k = 0; k < i; k++) {
            bool is_same_name = strcmp(table[i].name, table[k].name) == 0;
            bool is_labelled = table[i].labels && table[k].labels;
            assert_false(is_same_name &&
                         (!is_labelled || strcmp(table[i].labels, table[k].labels) == 0));
        }
    }
    assert_string_equal(table[TG_COUNT_CLOSED + TG_CLOSE_IDLE].labels, "reason=\"idle\"");
    assert_string_equal(table[TG_COUNT_REFUSED + TG_REFUSAL_AT_CAPACITY].labels,
                        "reason=\"at_capacity\"");
    assert_string_equal(tg_ignored_code(TG_IGNORED_UNKNOWN_EVENT), "unknown_event");
}

static void every_close_reason_with_a_code_may_be_sent(void **state)
{
    (void)state;
    for (int i = 0; i < TG_CLOSE_REASON_COUNT; i++) {
        int code = tg_close_reason_row((enum tg_close_reason)i)->code;
        assert_true(code == 0 || tg_close_code_is_sendable(code));
    }
}

static void every_refusal_is_an_error_status(void **state)
{
    (void)state;
    for (int i = 0; i < TG_REFUSAL_COUNT; i++) {
        const struct tg_refusal_row *row = tg_refusal_row((enum tg_refusal)i);
        assert_in_range(row->status, 400, 599);
        assert_true(strlen(row->body) > 0);
    }
    assert_string_equal(tg_refusal_row(TG_REFUSAL_AT_CAPACITY)->body, "websocket capacity reached");
}

static void tenant_ids_are_plain(void **state)
{
    (void)state;
    assert_true(tg_tenant_is_id(TG_STR("acme")));
    assert_true(tg_tenant_is_id(TG_STR("a-b_9")));
    assert_false(tg_tenant_is_id(TG_STR("")));
    assert_false(tg_tenant_is_id(TG_STR("Acme")));
    assert_false(tg_tenant_is_id(TG_STR("a/b")));
    assert_false(tg_tenant_is_id(TG_STR("a\0b")));
    assert_false(tg_tenant_is_id(
        TG_STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")));
}

static void a_removed_gateway_stays_as_long_as_it_has_clients(void **state)
{
    struct fake_house *house = *state;
    struct tg_hub *hub = &house->hub;
    struct tg_gateway *chat = house->chat;
    struct tg_conn alice;

    fake_house_join(house, &alice, "acme");
    uint32_t before = hub->gateway_count;
    tg_hub_remove_gateway(hub, chat);
    assert_int_equal(hub->gateway_count, before - 1);
    assert_ptr_equal(hub->removed, chat);
    struct tg_verdict verdict;
    tg_handshake_decide(hub, fake_house_request(house, "/chat", NULL), &verdict);
    assert_int_equal(verdict.refusal, TG_REFUSAL_NO_ROUTE);
    assert_false(tg_hub_drop_removed(hub, chat));
    fake_conn_say(&alice, "{\"event\":\"say\"}");
    assert_int_equal(house->calls[house->call_count - 1].kind, TG_CALL_EVENT);
    assert_int_equal(chat->client_count, 1);
    tg_client_close(alice.client, TG_CLOSE_GATEWAY_REMOVED);
    tg_hub_turn(hub);
    assert_int_equal(house->calls[house->call_count - 1].kind, TG_CALL_DISCONNECT);
    /* Its socket lingers. */
    assert_false(tg_hub_drop_removed(hub, chat));
    fake_conn_lose(&alice);
    assert_true(tg_hub_drop_removed(hub, chat));
    assert_null(hub->removed);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(two_gateways_at_one_path_are_refused),
        TEST(ends_decided_in_on_disconnect_are_run_in_the_same_turn),
        TEST(each_reason_counts_in_a_series_of_its_own),
        TEST(every_close_reason_with_a_code_may_be_sent),
        TEST(every_refusal_is_an_error_status),
        TEST(tenant_ids_are_plain),
        TEST(a_removed_gateway_stays_as_long_as_it_has_clients),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
