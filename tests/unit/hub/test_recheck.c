/* SPDX-License-Identifier: MIT */
#include "fake_house.h"

#include <stdio.h>
#include <stdlib.h>

#include "fake_tokens.h"
#include "hub/provenance.h"
#include "hub/recheck.h"
#include "hub/revocations.h"
#include "hub/tenants.h"

static const char secret[] = "auth.keys[1].secret=" FAKE_SECRET;

static int set_up(void **state)
{
    const char *settings[] = {secret, "limits.max_connections=0", NULL};

    *state = fake_house_create(settings);
    return 0;
}

static int tear_down(void **state)
{
    fake_house_destroy(*state);
    return 0;
}

static void set_tenants(struct fake_house *house, const char *text)
{
    struct tg_errmsg msg = {{0}};

    assert_int_equal(tg_hub_set_tenants(&house->hub, tg_str_of(text), &msg), TG_OK);
}

static void revoke(struct fake_house *house, const char *text)
{
    struct tg_errmsg msg = {{0}};

    assert_int_equal(tg_hub_set_revocations(&house->hub, tg_str_of(text), &msg), TG_OK);
}

static void connect(struct fake_house *house, struct tg_conn *conn, const char *token)
{
    const char *headers[] = {token ? fake_token_header(token) : NULL, NULL};

    fake_house_connect(house, conn, "/chat", headers);
}

static void assert_closed(struct tg_conn *conn, int code)
{
    fake_conn_drain(conn);
    assert_int_equal(fake_conn_close_code(conn), code);
}

static void the_sockets_of_a_suspended_tenant_are_closed(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn acme, globex, none;

    fake_house_join(house, &acme, "acme");
    fake_house_join(house, &globex, "globex");
    fake_house_join(house, &none, NULL);
    set_tenants(house, "acme\tsuspended\t\nglobex\tactive\t\n");
    assert_true(tg_client_is_open(acme.client));
    fake_house_advance(house, 1);
    assert_closed(&acme, 4003);
    assert_int_equal(fake_house_counter(house, TG_COUNT_CLOSED + TG_CLOSE_TENANT_SUSPENDED), 1);
    assert_int_equal(house->calls[house->call_count - 1].kind, TG_CALL_DISCONNECT);
    assert_int_equal(house->calls[house->call_count - 1].cause, TG_CLOSE_TENANT_SUSPENDED);
    assert_true(tg_client_is_open(globex.client));
    assert_true(tg_client_is_open(none.client));
    fake_conn_lose(&acme);
    fake_conn_lose(&globex);
    fake_conn_lose(&none);
}

static void a_tenant_that_is_in_the_registry_no_more_is_cut_off_too(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn acme;

    fake_house_join(house, &acme, "acme");
    set_tenants(house, "globex\tactive\t\n");
    fake_house_advance(house, 1);
    assert_closed(&acme, 4403);
    assert_int_equal(fake_house_counter(house, TG_COUNT_CLOSED + TG_CLOSE_UNKNOWN_TENANT), 1);
    fake_conn_lose(&acme);
}

static void who_bears_what_was_revoked_is_closed(void **state)
{
    static const char *const lists[] = {"jti j1\n", "sub alice\n", "tenant acme\n"};
    struct fake_house *house = *state;

    for (size_t i = 0; i < 3; i++) {
        struct tg_conn bearer, other;
        connect(house, &bearer, i == 2 ? fake_token_alice_acme : fake_token_alice_600);
        connect(house, &other, i == 0 ? fake_token_alice_900 : NULL);
        revoke(house, lists[i]);
        fake_house_advance(house, 1);
        assert_closed(&bearer, 4003);
        assert_true(tg_client_is_open(other.client));
        assert_int_equal(fake_house_counter(house, TG_COUNT_CLOSED + TG_CLOSE_REVOKED), i + 1);
        fake_conn_lose(&bearer);
        fake_conn_lose(&other);
        revoke(house, "");
    }
    fake_house_advance(house, 1);
}

static enum tg_refusal decide(struct fake_house *house, const char *token)
{
    const char *headers[] = {token ? fake_token_header(token) : NULL, NULL};
    struct tg_verdict verdict;

    tg_handshake_decide(&house->hub, fake_house_request(house, "/chat", headers), &verdict);
    tg_verdict_drop(&house->hub, &verdict);
    return verdict.refusal;
}

static enum tg_refusal decide_tenant(struct fake_house *house, const char *header)
{
    const char *headers[] = {header, NULL};
    struct tg_verdict verdict;

    tg_handshake_decide(&house->hub, fake_house_request(house, "/chat", headers), &verdict);
    tg_verdict_drop(&house->hub, &verdict);
    return verdict.refusal;
}

static void who_bears_what_was_revoked_is_not_let_in(void **state)
{
    struct fake_house *house = *state;

    revoke(house, "jti j1\ntenant acme\n");
    assert_int_equal(decide(house, fake_token_alice_600), TG_REFUSAL_UNAUTHORIZED);
    assert_int_equal(decide(house, fake_token_alice_900), TG_REFUSAL_NONE);
    assert_int_equal(decide(house, fake_token_alice_acme), TG_REFUSAL_UNAUTHORIZED);
    assert_int_equal(decide_tenant(house, "X-Tenant-Id: acme"), TG_REFUSAL_UNAUTHORIZED);
    assert_int_equal(decide(house, NULL), TG_REFUSAL_NONE);
    revoke(house, "sub alice\n");
    assert_int_equal(decide(house, fake_token_alice_900), TG_REFUSAL_UNAUTHORIZED);
    revoke(house, "");
    assert_int_equal(decide(house, fake_token_alice_900), TG_REFUSAL_NONE);
    fake_house_advance(house, 1);
}

enum { CROWD = 5000 };

static void a_crowd_is_closed_in_slices(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn *conns = calloc(CROWD, sizeof(*conns));
    uint32_t most = 0;
    uint32_t before = 0;

    house->chat->has_connect = false;
    house->chat->has_disconnect = false;
    for (int i = 0; i < CROWD; i++) {
        fake_house_join(house, &conns[i], i % 2 ? "acme" : "globex");
    }
    set_tenants(house, "acme\tsuspended\t\nglobex\tactive\t\n");
    int turns = 0;
    while (house->hub.registry.count > CROWD / 2 && turns < 100) {
        before = house->hub.registry.count;
        fake_house_leap(house, 1);
        turns++;
        most =
            before - house->hub.registry.count > most ? before - house->hub.registry.count : most;
    }
    assert_int_equal(house->hub.registry.count, CROWD / 2);
    assert_int_equal(most, TG_RECHECK_CLOSES);
    assert_in_range(turns, CROWD / 2 / TG_RECHECK_CLOSES, 20);
    for (int i = 0; i < CROWD; i++) {
        assert_int_equal(tg_client_is_open(conns[i].client), i % 2 == 0);
        fake_conn_lose(&conns[i]);
    }
    fake_house_leap(house, 10);
    free(conns);
}

static void a_change_in_the_middle_of_a_walk_begins_a_new_one(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn *conns = calloc(CROWD, sizeof(*conns));

    house->chat->has_connect = false;
    house->chat->has_disconnect = false;
    for (int i = 0; i < CROWD; i++) {
        fake_house_join(house, &conns[i], i % 2 ? "acme" : "globex");
    }
    set_tenants(house, "acme\tsuspended\t\nglobex\tactive\t\n");
    fake_house_leap(house, 1);
    set_tenants(house, "acme\tactive\t\nglobex\tsuspended\t\n");
    for (int i = 0; i < 100; i++) {
        fake_house_leap(house, 1);
    }
    assert_int_equal(fake_house_counter(house, TG_COUNT_CLOSED + TG_CLOSE_TENANT_SUSPENDED),
                     CROWD / 2 + TG_RECHECK_CLOSES);
    for (int i = 0; i < CROWD; i++) {
        fake_conn_lose(&conns[i]);
    }
    free(conns);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_sockets_of_a_suspended_tenant_are_closed),
        TEST(a_tenant_that_is_in_the_registry_no_more_is_cut_off_too),
        TEST(who_bears_what_was_revoked_is_closed),
        TEST(who_bears_what_was_revoked_is_not_let_in),
        TEST(a_crowd_is_closed_in_slices),
        TEST(a_change_in_the_middle_of_a_walk_begins_a_new_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
