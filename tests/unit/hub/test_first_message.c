/* SPDX-License-Identifier: MIT */
#include "fake_house.h"

#include <stdio.h>
#include <string.h>

#include "fake_memory.h"
#include "fake_tokens.h"
#include "hub/provenance.h"
#include "hub/revocations.h"
#include "hub/tenants.h"

static int set_up(void **state)
{
    const char *settings[] = {"auth.keys[1].secret=" FAKE_SECRET, "limits.auth_timeout=5s",
                              "limits.max_connections_per_tenant=1", NULL};
    struct fake_house *house = fake_house_create(settings);

    house->chat->auth = TG_PRESENCE_FIRST_MESSAGE;
    *state = house;
    return 0;
}

static int tear_down(void **state)
{
    fake_house_destroy(*state);
    return 0;
}

static void connect(struct fake_house *house, struct tg_conn *conn, const char *header)
{
    const char *headers[] = {header, NULL};

    fake_house_connect(house, conn, "/chat", headers);
    assert_int_equal(conn->client->phase, TG_CLIENT_AUTHENTICATING);
    assert_null(conn->client->scope);
}

static void assert_closed(struct tg_conn *conn, int code, enum tg_close_reason reason)
{
    struct fake_house *house = conn->client->gateway->vm;

    fake_conn_drain(conn);
    assert_int_equal(fake_conn_close_code(conn), code);
    assert_int_equal(fake_house_counter(house, TG_COUNT_CLOSED + (uint32_t)reason), 1);
    tg_hub_turn(&house->hub);
    assert_int_equal(house->call_count, 0);
    fake_conn_lose(conn);
    assert_int_equal(house->hub.registry.count, 0);
}

static void a_good_token_lets_the_client_in(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;

    connect(house, &alice, NULL);
    assert_int_equal(house->call_count, 0);
    assert_int_equal(tg_page_seats(house->page), 1);
    fake_conn_say(&alice, fake_token_message(fake_token_alice_acme, "\"x\""));
    assert_int_equal(house->call_count, 1);
    assert_int_equal(house->calls[0].kind, TG_CALL_CONNECT);
    assert_int_equal(alice.client->phase, TG_CLIENT_OPEN);
    assert_string_equal(alice.client->provenance->tenant, "acme");
    assert_string_equal(alice.client->provenance->token.sub, "alice");
    assert_non_null(alice.client->scope);
    fake_conn_drain(&alice);
    assert_int_equal(fake_conn_frames(&alice), 1);
    assert_string_equal(fake_conn_frame(&alice, 0), "{\"id\":\"x\",\"data\":true}");
    fake_conn_say(&alice, "{\"event\":\"say\",\"data\":1}");
    assert_int_equal(house->call_count, 2);
    fake_house_advance(house, 6000);
    assert_true(tg_client_is_open(alice.client));
    fake_conn_lose(&alice);
    assert_int_equal(house->calls[house->call_count - 1].kind, TG_CALL_DISCONNECT);
}

static void anything_else_first_closes_the_socket(void **state)
{
    static const char *const first[] = {"",
                                        "x",
                                        "{}",
                                        "{\"event\":\"say\"}",
                                        "[]",
                                        "{\"event\":\"auth\"}",
                                        "{\"event\":\"auth\",\"data\":{}}",
                                        "{\"event\":\"auth\",\"data\":{\"token\":\"\"}}"};

    (void)state;
    for (size_t i = 0; i < sizeof(first) / sizeof(first[0]); i++) {
        void *own = NULL;
        struct tg_conn alice;
        (void)set_up(&own);
        connect(own, &alice, NULL);
        fake_conn_say(&alice, first[i]);
        fake_conn_say(&alice, fake_token_message(fake_token_alice_600, NULL));
        assert_closed(&alice, 4401, TG_CLOSE_UNAUTHORIZED);
        (void)tear_down(&own);
    }
}

static void a_binary_message_first_closes_the_socket(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;

    house->chat->has_binary = true;
    connect(house, &alice, NULL);
    tg_client_receive(alice.client, TG_OPCODE_BINARY,
                      tg_str_of(fake_token_message(fake_token_alice_600, NULL)));
    assert_closed(&alice, 4401, TG_CLOSE_UNAUTHORIZED);
}

static void a_bad_token_is_answered_and_closes_the_socket(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;

    connect(house, &alice, NULL);
    fake_conn_say(&alice, fake_token_message(fake_token_alice_forged, "5"));
    fake_conn_drain(&alice);
    assert_string_equal(
        fake_conn_frame(&alice, 0),
        "{\"id\":5,\"error\":{\"code\":\"unauthorized\",\"message\":\"unauthorized\"}}");
    assert_closed(&alice, 4401, TG_CLOSE_UNAUTHORIZED);
}

static void a_revoked_token_closes_the_socket(void **state)
{
    struct fake_house *house = *state;
    struct tg_errmsg msg;
    struct tg_conn alice;

    assert_int_equal(tg_hub_set_revocations(&house->hub, TG_STR("sub alice\n"), &msg), TG_OK);
    connect(house, &alice, NULL);
    fake_house_advance(house, 10);
    fake_conn_say(&alice, fake_token_message(fake_token_alice_600, NULL));
    assert_closed(&alice, 4401, TG_CLOSE_UNAUTHORIZED);
}

static void what_the_request_names_is_judged_with_the_token(void **state)
{
    struct fake_house *house = *state;
    struct tg_errmsg msg;
    struct tg_conn alice;

    assert_int_equal(tg_config_set(&house->config, "tenants.sources", TG_STR("claim,header"), &msg),
                     TG_OK);
    assert_int_equal(tg_hub_set_revocations(&house->hub, TG_STR("tenant globex\n"), &msg), TG_OK);
    connect(house, &alice, "X-Tenant-Id: globex");
    fake_house_advance(house, 10);
    fake_conn_say(&alice, fake_token_message(fake_token_alice_acme, NULL));
    assert_string_equal(alice.client->provenance->tenant, "acme");
    fake_conn_lose(&alice);
}

static void who_is_silent_is_closed_at_the_deadline(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;

    connect(house, &alice, NULL);
    fake_house_advance(house, 4999);
    assert_true(tg_client_is_open(alice.client));
    fake_house_advance(house, 1);
    assert_closed(&alice, 4401, TG_CLOSE_AUTH_TIMEOUT);
}

static void a_token_of_the_handshake_is_taken_as_ever(void **state)
{
    struct fake_house *house = *state;
    const char *headers[] = {fake_token_header(fake_token_alice_600), NULL};
    const char *bad[] = {"Authorization: Bearer a.b.c", NULL};
    struct tg_verdict verdict;
    struct tg_conn alice;

    fake_house_connect(house, &alice, "/chat", headers);
    assert_int_equal(alice.client->phase, TG_CLIENT_OPEN);
    assert_int_equal(house->calls[0].kind, TG_CALL_CONNECT);
    fake_conn_lose(&alice);
    tg_handshake_decide(&house->hub, fake_house_request(house, "/chat", bad), &verdict);
    assert_int_equal(verdict.refusal, TG_REFUSAL_UNAUTHORIZED);
}

static void set_tenants(struct fake_house *house)
{
    struct tg_errmsg msg;

    assert_int_equal(
        tg_hub_set_tenants(&house->hub, TG_STR("acme\tactive\t\nglobex\tsuspended\t\n"), &msg),
        TG_OK);
}

/* header, token, the gateway wants a tenant, why it is closed, code */
static void the_tenants_rules_are_those_of_the_handshake(void **state)
{
    static const struct {
        const char *header;
        const char *token;
        bool is_required;
        enum tg_close_reason reason;
        int code;
    } cases[] = {
        {NULL, fake_token_alice_600, true, TG_CLOSE_NO_TENANT, 4401},
        {"X-Tenant-Id: nope", fake_token_alice_600, false, TG_CLOSE_UNKNOWN_TENANT, 4403},
        {"X-Tenant-Id: globex", fake_token_alice_600, false, TG_CLOSE_TENANT_SUSPENDED, 4003},
        {NULL, fake_token_alice_globex, false, TG_CLOSE_TENANT_SUSPENDED, 4003},
        {"X-Tenant-Id: acme", fake_token_alice_globex, false, TG_CLOSE_WRONG_TENANT, 4403},
    };
    struct tg_conn alice;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        void *own = NULL;
        (void)set_up(&own);
        struct fake_house *house = own;
        set_tenants(house);
        house->chat->tenant = cases[i].is_required ? TG_PRESENCE_REQUIRED : TG_PRESENCE_OPTIONAL;
        connect(house, &alice, cases[i].header);
        fake_house_advance(house, 10);
        fake_conn_say(&alice, fake_token_message(cases[i].token, NULL));
        assert_closed(&alice, cases[i].code, cases[i].reason);
        (void)tear_down(&own);
    }
    struct fake_house *house = *state;
    set_tenants(house);
    connect(house, &alice, "X-Tenant-Id: acme");
    fake_conn_say(&alice, fake_token_message(fake_token_alice_600, NULL));
    assert_string_equal(alice.client->provenance->tenant, "acme");
    fake_conn_lose(&alice);
}

static void a_full_tenant_takes_nobody_more(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice, bob;

    connect(house, &alice, NULL);
    fake_conn_say(&alice, fake_token_message(fake_token_alice_acme, NULL));
    assert_true(tg_client_is_open(alice.client));
    connect(house, &bob, NULL);
    fake_conn_say(&bob, fake_token_message(fake_token_alice_acme, NULL));
    fake_conn_drain(&bob);
    assert_int_equal(fake_conn_close_code(&bob), 1013);
    fake_conn_lose(&bob);
    fake_conn_lose(&alice);
    connect(house, &bob, NULL);
    fake_conn_say(&bob, fake_token_message(fake_token_alice_acme, NULL));
    assert_true(tg_client_is_open(bob.client));
    fake_conn_lose(&bob);
}

static void a_drain_and_a_lost_socket_run_no_handler(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice, bob;

    connect(house, &alice, NULL);
    connect(house, &bob, NULL);
    fake_conn_lose(&alice);
    tg_hub_start_drain(&house->hub);
    (void)tg_hub_drain_some(&house->hub, 10);
    assert_closed(&bob, 1001, TG_CLOSE_DRAIN);
}

static void each_failing_allocation_lets_in_or_closes(void **state)
{
    struct fake_house *house = *state;

    for (uint32_t i = 0; i < 200; i++) {
        struct tg_conn alice;
        connect(house, &alice, NULL);
        fake_memory_fail_after(i);
        fake_conn_say(&alice, fake_token_message(fake_token_alice_acme, "1"));
        bool has_failed = fake_memory_heal();
        assert_true(alice.client->phase != TG_CLIENT_AUTHENTICATING);
        tg_hub_turn(&house->hub);
        fake_conn_lose(&alice);
        if (!has_failed) {
            assert_true(i > 4);
            return;
        }
    }
    fail();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_good_token_lets_the_client_in),
        cmocka_unit_test(anything_else_first_closes_the_socket),
        TEST(a_binary_message_first_closes_the_socket),
        TEST(a_bad_token_is_answered_and_closes_the_socket),
        TEST(a_revoked_token_closes_the_socket),
        TEST(what_the_request_names_is_judged_with_the_token),
        TEST(who_is_silent_is_closed_at_the_deadline),
        TEST(a_token_of_the_handshake_is_taken_as_ever),
        TEST(the_tenants_rules_are_those_of_the_handshake),
        TEST(a_full_tenant_takes_nobody_more),
        TEST(a_drain_and_a_lost_socket_run_no_handler),
        TEST(each_failing_allocation_lets_in_or_closes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
