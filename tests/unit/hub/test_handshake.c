/* SPDX-License-Identifier: MIT */
#include "fake_house.h"

#include <stdio.h>

#include "hub/provenance.h"

static const char token_30s[] =
#include "token_30s.def"
    ;
static const char secret[] = "auth.keys[1].secret=0123456789abcdef0123456789abcdef";

static int set_up(void **state)
{
    const char *settings[] = {secret, "limits.max_connections=2", NULL};

    *state = fake_house_create(settings);
    return 0;
}

static int tear_down(void **state)
{
    fake_house_destroy(*state);
    return 0;
}

/* Decides, gives back what an accepted verdict holds, and says what it was. */
static enum tg_refusal decide(struct fake_house *house, const char *path,
                              const char *const *headers)
{
    struct tg_verdict verdict;

    tg_handshake_decide(&house->hub, fake_house_request(house, path, headers), &verdict);
    tg_verdict_drop(&house->hub, &verdict);
    assert_int_equal(tg_page_seats(house->page), 0);
    return verdict.refusal;
}

static enum tg_refusal decide_with(struct fake_house *house, const char *first, const char *second)
{
    const char *headers[] = {"Host: gate.example:8080", first, second, NULL};

    return decide(house, "/chat", headers);
}

static void an_unknown_path_is_no_route(void **state)
{
    const char *paths[] = {"/",        "/chat/", "/chat/x", "/Chat",        "/cha",
                           "/chat%2f", "//chat", "/./chat", "/chat/../chat"};

    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        assert_int_equal(decide(*state, paths[i], NULL), TG_REFUSAL_NO_ROUTE);
    }
    assert_int_equal(decide(*state, "/chat?room=1", NULL), TG_REFUSAL_NONE);
}

static void a_page_of_another_origin_is_refused_by_default(void **state)
{
    struct fake_house *house = *state;
    const char *good[] = {"Origin: http://gate.example:8080", "Origin: https://gate.example:8080",
                          "Origin: http://GATE.example:8080"};
    const char *bad[] = {"Origin: https://evil.example",
                         "Origin: null",
                         "Origin: http://gate.example",
                         "Origin: http://gate.example:8080.evil.example",
                         "Origin: http://gate.example:8080@evil.example",
                         "Origin: ftp://gate.example:8080",
                         "Origin: ",
                         "Origin: http://"};

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_int_equal(decide_with(house, good[i], NULL), TG_REFUSAL_NONE);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(decide_with(house, bad[i], NULL), TG_REFUSAL_BAD_ORIGIN);
    }
}

static void the_schemes_own_port_may_be_left_out(void **state)
{
    const char *with_port[] = {"Host: gate.example:443", "Origin: https://gate.example", NULL};
    const char *without[] = {"Host: gate.example", "Origin: https://gate.example", NULL};
    const char *wrong[] = {"Host: gate.example:80", "Origin: https://gate.example", NULL};

    assert_int_equal(decide(*state, "/chat", with_port), TG_REFUSAL_NONE);
    assert_int_equal(decide(*state, "/chat", without), TG_REFUSAL_NONE);
    assert_int_equal(decide(*state, "/chat", wrong), TG_REFUSAL_BAD_ORIGIN);
}

static void a_gateways_own_list_of_origins_is_exact(void **state)
{
    struct fake_house *house = *state;

    house->chat->has_origins = true;
    assert_int_equal(tg_string_list_add(&house->chat->origins, TG_STR("https://app.example")),
                     TG_OK);
    assert_int_equal(decide_with(house, "Origin: https://app.example", NULL), TG_REFUSAL_NONE);
    assert_int_equal(decide_with(house, "Origin: https://app.example.evil", NULL),
                     TG_REFUSAL_BAD_ORIGIN);
    assert_int_equal(decide_with(house, "Origin: http://gate.example:8080", NULL),
                     TG_REFUSAL_BAD_ORIGIN);
    assert_int_equal(decide_with(house, NULL, NULL), TG_REFUSAL_NONE);
    assert_int_equal(tg_string_list_add(&house->chat->origins, TG_STR("*")), TG_OK);
    assert_int_equal(decide_with(house, "Origin: null", NULL), TG_REFUSAL_NONE);
}

static void one_good_traceparent_is_inherited_and_two_are_none(void **state)
{
    static const char first[] =
        "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    static const char second[] =
        "TraceParent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    struct fake_house *house = *state;
    const char *one[] = {first, NULL};
    const char *two[] = {first, second, NULL};
    struct tg_verdict verdict;

    tg_handshake_decide(&house->hub, fake_house_request(house, "/chat", one), &verdict);
    assert_string_equal(verdict.provenance->trace.id, "4bf92f3577b34da6a3ce929d0e0e4736");
    tg_verdict_drop(&house->hub, &verdict);
    tg_handshake_decide(&house->hub, fake_house_request(house, "/chat", two), &verdict);
    assert_int_equal(strlen(verdict.provenance->trace.id), 32);
    assert_string_not_equal(verdict.provenance->trace.id, "4bf92f3577b34da6a3ce929d0e0e4736");
    tg_verdict_drop(&house->hub, &verdict);
}

static void two_origins_are_refused(void **state)
{
    assert_int_equal(
        decide_with(*state, "Origin: http://gate.example:8080", "Origin: http://gate.example:8080"),
        TG_REFUSAL_BAD_ORIGIN);
}

static void the_first_spoken_subprotocol_is_chosen(void **state)
{
    struct fake_house *house = *state;
    const char *headers[] = {"Sec-WebSocket-Protocol: x,  tidegate.v1 , y", NULL};
    struct tg_verdict verdict;

    tg_handshake_decide(&house->hub, fake_house_request(house, "/chat", headers), &verdict);
    assert_int_equal(verdict.refusal, TG_REFUSAL_NONE);
    assert_int_equal(verdict.subprotocol.length, strlen("tidegate.v1"));
    tg_verdict_drop(&house->hub, &verdict);
    assert_int_equal(decide_with(house, "Sec-WebSocket-Protocol: tidegate.v1, bearer.x", NULL),
                     TG_REFUSAL_UNAUTHORIZED);
    assert_int_equal(decide_with(house, "Sec-WebSocket-Protocol: x, bearer.x", NULL),
                     TG_REFUSAL_BAD_SUBPROTOCOL);
    assert_int_equal(decide_with(house, "Sec-WebSocket-Protocol: x, y", NULL),
                     TG_REFUSAL_BAD_SUBPROTOCOL);
    assert_int_equal(tg_string_list_add(&house->chat->subprotocols, TG_STR("own.v2")), TG_OK);
    assert_int_equal(decide_with(house, "Sec-WebSocket-Protocol: own.v2", NULL), TG_REFUSAL_NONE);
    assert_int_equal(decide_with(house, "Sec-WebSocket-Protocol: tidegate.v1", NULL),
                     TG_REFUSAL_BAD_SUBPROTOCOL);
}

static void a_good_token_gives_claims_and_its_end(void **state)
{
    struct fake_house *house = *state;
    const char *headers[] = {token_30s, NULL};
    struct tg_verdict verdict;

    tg_handshake_decide(&house->hub, fake_house_request(house, "/chat", headers), &verdict);
    assert_int_equal(verdict.refusal, TG_REFUSAL_NONE);
    assert_string_equal(verdict.provenance->token.claims, "{\"sub\":\"alice\",\"exp\":1700000030}");
    assert_true(verdict.provenance->token.expires_at_ms == house->wall_ms + 30000);
    tg_verdict_drop(&house->hub, &verdict);
}

static void whatever_is_wrong_with_credentials_is_unauthorized(void **state)
{
    const char *bad[] = {"Authorization: Bearer a.b.c", "Authorization: Bearer",
                         "Authorization: Basic YTpi",   "Authorization: ",
                         "Authorization: Bearer  ",     "Authorization: bearerx"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(decide_with(*state, bad[i], NULL), TG_REFUSAL_UNAUTHORIZED);
    }
    assert_int_equal(decide_with(*state, token_30s, token_30s), TG_REFUSAL_UNAUTHORIZED);
}

static void no_token_is_anonymous_unless_the_gateway_requires_one(void **state)
{
    struct fake_house *house = *state;

    assert_int_equal(decide_with(house, NULL, NULL), TG_REFUSAL_NONE);
    house->chat->auth = TG_PRESENCE_REQUIRED;
    assert_int_equal(decide_with(house, NULL, NULL), TG_REFUSAL_UNAUTHORIZED);
    assert_int_equal(decide_with(house, token_30s, NULL), TG_REFUSAL_NONE);
}

static void without_a_key_every_token_is_refused(void **state)
{
    struct fake_house *house = fake_house_create(NULL);

    (void)state;
    assert_int_equal(decide_with(house, token_30s, NULL), TG_REFUSAL_UNAUTHORIZED);
    fake_house_destroy(house);
}

static void a_tenant_is_a_well_formed_header(void **state)
{
    struct fake_house *house = *state;

    assert_int_equal(decide_with(house, "X-Tenant-Id: acme", NULL), TG_REFUSAL_NONE);
    assert_int_equal(decide_with(house, "X-Tenant-Id: Acme", NULL), TG_REFUSAL_BAD_TENANT);
    assert_int_equal(decide_with(house, "X-Tenant-Id: ", NULL), TG_REFUSAL_BAD_TENANT);
    assert_int_equal(decide_with(house, "X-Tenant-Id: a", "X-Tenant-Id: b"), TG_REFUSAL_BAD_TENANT);
    house->chat->tenant = TG_PRESENCE_REQUIRED;
    assert_int_equal(decide_with(house, NULL, NULL), TG_REFUSAL_NO_TENANT);
    assert_int_equal(decide_with(house, "X-Tenant-Id: acme", NULL), TG_REFUSAL_NONE);
}

static const char acme_token[] =
#include "token_acme.def"
    ;

static void a_token_of_another_tenant_is_forbidden(void **state)
{
    struct fake_house *house = *state;
    const char *alone[] = {acme_token, NULL};
    struct tg_verdict verdict;

    assert_int_equal(decide_with(house, acme_token, "X-Tenant-Id: globex"),
                     TG_REFUSAL_WRONG_TENANT);
    assert_int_equal(decide_with(house, acme_token, "X-Tenant-Id: acme"), TG_REFUSAL_NONE);
    tg_handshake_decide(&house->hub, fake_house_request(house, "/chat", alone), &verdict);
    assert_int_equal(verdict.refusal, TG_REFUSAL_NONE);
    assert_string_equal(verdict.provenance->tenant, "acme");
    tg_verdict_drop(&house->hub, &verdict);
}

static void past_the_cap_a_seat_is_refused_with_a_spread_retry_after(void **state)
{
    struct fake_house *house = *state;
    struct tg_verdict in[2];
    struct tg_verdict out;
    bool seen[31] = {false};
    int different = 0;

    for (int i = 0; i < 2; i++) {
        tg_handshake_decide(&house->hub, fake_house_request(house, "/chat", NULL), &in[i]);
        assert_int_equal(in[i].refusal, TG_REFUSAL_NONE);
    }
    for (int i = 0; i < 400; i++) {
        tg_handshake_decide(&house->hub, fake_house_request(house, "/chat", NULL), &out);
        assert_int_equal(out.refusal, TG_REFUSAL_AT_CAPACITY);
        assert_null(out.provenance);
        assert_in_range(out.retry_after_s, 5, 30);
        different += seen[out.retry_after_s] ? 0 : 1;
        seen[out.retry_after_s] = true;
    }
    assert_true(different > 20);
    assert_int_equal(fake_house_counter(house, TG_COUNT_UPGRADES_REFUSED), 400);
    assert_int_equal(fake_house_counter(house, TG_COUNT_REFUSED + TG_REFUSAL_AT_CAPACITY), 400);
    assert_int_equal(house->hub.registry.count, 0);
    tg_verdict_drop(&house->hub, &in[0]);
    tg_handshake_decide(&house->hub, fake_house_request(house, "/chat", NULL), &out);
    assert_int_equal(out.refusal, TG_REFUSAL_NONE);
    tg_verdict_drop(&house->hub, &out);
    tg_verdict_drop(&house->hub, &in[1]);
}

static void zero_is_no_cap(void **state)
{
    struct fake_house *house = *state;
    struct tg_verdict in[50];

    house->config.max_connections = 0;
    for (int i = 0; i < 50; i++) {
        tg_handshake_decide(&house->hub, fake_house_request(house, "/chat", NULL), &in[i]);
        assert_int_equal(in[i].refusal, TG_REFUSAL_NONE);
    }
    assert_int_equal(tg_page_seats(house->page), 50);
    for (int i = 0; i < 50; i++) {
        tg_verdict_drop(&house->hub, &in[i]);
    }
}

static void a_draining_worker_refuses_everybody(void **state)
{
    struct fake_house *house = *state;

    tg_hub_start_drain(&house->hub);
    assert_int_equal(decide_with(house, NULL, NULL), TG_REFUSAL_DRAINING);
    assert_int_equal(fake_house_counter(house, TG_COUNT_UPGRADES_REFUSED), 0);
}

static void a_path_with_a_parameter_gives_its_value_and_comes_last(void **state)
{
    struct fake_house *house = *state;
    struct tg_errmsg msg;
    struct tg_gateway *room = tg_gateway_create(TG_STR("room"));
    struct tg_verdict verdict;

    room->script = house->chat->script;
    room->vm = house;
    assert_int_equal(tg_gateway_set_path(room, TG_STR("/:name"), &msg), TG_OK);
    assert_int_equal(tg_hub_add_gateway(&house->hub, room, &msg), TG_OK);
    tg_handshake_decide(&house->hub, fake_house_request(house, "/tea", NULL), &verdict);
    assert_ptr_equal(verdict.gateway, room);
    assert_int_equal(verdict.provenance->param_count, 1);
    assert_string_equal(verdict.provenance->params[0].name, "name");
    assert_string_equal(verdict.provenance->params[0].value, "tea");
    tg_verdict_drop(&house->hub, &verdict);
    tg_handshake_decide(&house->hub, fake_house_request(house, "/chat", NULL), &verdict);
    assert_ptr_equal(verdict.gateway, house->chat);
    tg_verdict_drop(&house->hub, &verdict);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_unknown_path_is_no_route),
        TEST(a_page_of_another_origin_is_refused_by_default),
        TEST(the_schemes_own_port_may_be_left_out),
        TEST(a_gateways_own_list_of_origins_is_exact),
        TEST(one_good_traceparent_is_inherited_and_two_are_none),
        TEST(two_origins_are_refused),
        TEST(the_first_spoken_subprotocol_is_chosen),
        TEST(a_good_token_gives_claims_and_its_end),
        TEST(whatever_is_wrong_with_credentials_is_unauthorized),
        TEST(no_token_is_anonymous_unless_the_gateway_requires_one),
        cmocka_unit_test(without_a_key_every_token_is_refused),
        TEST(a_tenant_is_a_well_formed_header),
        TEST(a_token_of_another_tenant_is_forbidden),
        TEST(past_the_cap_a_seat_is_refused_with_a_spread_retry_after),
        TEST(zero_is_no_cap),
        TEST(a_draining_worker_refuses_everybody),
        TEST(a_path_with_a_parameter_gives_its_value_and_comes_last),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
