/* SPDX-License-Identifier: MIT */
#include "fake_house.h"

#include <stdio.h>
#include <string.h>

#include "fake_memory.h"
#include "fake_tokens.h"
#include "hub/provenance.h"
#include "hub/refresh.h"
#include "hub/revocations.h"
#include "hub/room.h"

#define UNAUTHORIZED(id) \
    "{\"id\":" id ",\"error\":{\"code\":\"unauthorized\",\"message\":\"unauthorized\"}}"

static int set_up(void **state)
{
    const char *settings[] = {"auth.keys[1].secret=" FAKE_SECRET, "limits.idle_timeout=0",
                              "limits.ping_interval=0", NULL};

    *state = fake_house_create(settings);
    return 0;
}

static int tear_down(void **state)
{
    fake_house_destroy(*state);
    return 0;
}

static void connect(struct fake_house *house, struct tg_conn *conn, const char *token,
                    const char *tenant)
{
    const char *headers[] = {fake_token_header(token), tenant, NULL};

    fake_house_connect(house, conn, "/chat", headers);
}

/* The answer to the auth message with id 1. */
static const char *refresh(struct tg_conn *conn, const char *token)
{
    uint32_t before = fake_conn_frames(conn);

    fake_conn_say(conn, fake_token_message(token, "1"));
    fake_conn_drain(conn);
    assert_int_equal(fake_conn_frames(conn), before + 1);
    return fake_conn_frame(conn, before);
}

static void the_new_claims_take_the_place_of_the_old(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;

    connect(house, &alice, fake_token_alice_600, NULL);
    assert_int_equal(tg_room_join(alice.client, TG_STR("tea")), TG_OK);
    uint32_t calls = house->call_count;
    struct tg_provenance *held = alice.client->provenance;
    assert_string_equal(refresh(&alice, fake_token_alice_900), "{\"id\":1,\"data\":true}");
    assert_ptr_equal(alice.client->provenance, held);
    assert_non_null(strstr(held->token.claims, "\"role\":\"admin\""));
    assert_string_equal(held->token.jti, "j2");
    assert_int_equal(held->token.expires_at_ms, house->wall_ms + 900000);
    assert_int_equal(alice.client->room_count, 1);
    assert_int_equal(house->call_count, calls);
    assert_int_equal(fake_house_counter(house, TG_COUNT_TOKEN_REFRESHES), 1);
    fake_conn_lose(&alice);
}

static void the_end_moves_with_the_token(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice, bob;

    connect(house, &alice, fake_token_alice_600, NULL);
    connect(house, &bob, fake_token_alice_600, NULL);
    (void)refresh(&alice, fake_token_alice_900);
    fake_house_advance(house, 599999);
    assert_true(tg_client_is_open(bob.client));
    fake_house_advance(house, 1);
    assert_false(tg_client_is_open(bob.client));
    assert_true(tg_client_is_open(alice.client));
    fake_house_advance(house, 300000);
    fake_conn_drain(&alice);
    assert_int_equal(fake_conn_close_code(&alice), 4001);
    fake_conn_lose(&alice);
    fake_conn_lose(&bob);
}

static void without_an_id_nothing_is_answered(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;

    connect(house, &alice, fake_token_alice_600, NULL);
    fake_conn_say(&alice, fake_token_message(fake_token_alice_900, NULL));
    assert_string_equal(alice.client->provenance->token.jti, "j2");
    fake_conn_say(&alice, fake_token_message(fake_token_bob_900, NULL));
    fake_conn_drain(&alice);
    assert_int_equal(fake_conn_frames(&alice), 0);
    assert_int_equal(fake_house_counter(house, TG_COUNT_IGNORED + TG_IGNORED_UNAUTHORIZED), 1);
    fake_conn_lose(&alice);
}

static void whatever_is_wrong_has_one_answer_and_changes_nothing(void **state)
{
    const char *const bad[] = {fake_token_bob_900,
                               fake_token_nobody_900,
                               fake_token_alice_forged,
                               fake_token_alice_expired,
                               fake_token_alice_acme,
                               "",
                               "a.b.c",
                               "\\u0000"};
    struct fake_house *house = *state;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct tg_conn alice;
        connect(house, &alice, fake_token_alice_600, NULL);
        assert_string_equal(refresh(&alice, bad[i]), UNAUTHORIZED("1"));
        assert_string_equal(alice.client->provenance->token.jti, "j1");
        assert_true(tg_client_is_open(alice.client));
        fake_conn_lose(&alice);
    }
    assert_int_equal(fake_house_counter(house, TG_COUNT_TOKEN_REFRESHES), 0);
}

static void data_of_another_form_is_no_token(void **state)
{
    static const char *const data[] = {"null",
                                       "1",
                                       "\"t\"",
                                       "[]",
                                       "{}",
                                       "{\"token\":1}",
                                       "{\"token\":null}",
                                       "{\"Token\":\"x\"}",
                                       "{\"token\":{}}"};
    struct fake_house *house = *state;
    char message[512];

    for (size_t i = 0; i < sizeof(data) / sizeof(data[0]); i++) {
        struct tg_conn alice;
        connect(house, &alice, fake_token_alice_600, NULL);
        (void)snprintf(message, sizeof(message), "{\"event\":\"auth\",\"id\":7,\"data\":%s}",
                       data[i]);
        fake_conn_say(&alice, message);
        fake_conn_drain(&alice);
        assert_string_equal(fake_conn_frame(&alice, 0), UNAUTHORIZED("7"));
        fake_conn_lose(&alice);
    }
    struct tg_conn alice;
    connect(house, &alice, fake_token_alice_600, NULL);
    fake_conn_say(&alice, "{\"event\":\"auth\",\"id\":7}");
    (void)snprintf(message, sizeof(message),
                   "{\"event\":\"auth\",\"id\":7,\"data\":{\"token\":\"%s\",\"token\":\"%s\"}}",
                   "x.y.z", "x.y.z");
    fake_conn_say(&alice, message);
    fake_conn_drain(&alice);
    assert_string_equal(fake_conn_frame(&alice, 0), UNAUTHORIZED("7"));
    assert_string_equal(fake_conn_frame(&alice, 1), UNAUTHORIZED("7"));
    fake_conn_lose(&alice);
}

static void escapes_in_the_token_are_undone(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;
    char message[1024];

    connect(house, &alice, fake_token_alice_600, NULL);
    (void)snprintf(message, sizeof(message),
                   "{\"data\":{\"other\":[],\"token\":\"\\u0065%s\"},\"event\":\"auth\"}",
                   fake_token_alice_900 + 1);
    assert_int_equal(fake_token_alice_900[0], 'e');
    fake_conn_say(&alice, message);
    assert_string_equal(alice.client->provenance->token.jti, "j2");
    fake_conn_lose(&alice);
}

static void the_anonymous_stay_anonymous(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn eve;

    fake_house_join(house, &eve, NULL);
    assert_string_equal(refresh(&eve, fake_token_alice_900), UNAUTHORIZED("1"));
    assert_null(eve.client->provenance->token.claims);
    fake_conn_lose(&eve);
}

static void who_has_no_subject_can_not_show_that_it_is_the_same(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn nobody;

    connect(house, &nobody, fake_token_nobody_600, NULL);
    assert_string_equal(refresh(&nobody, fake_token_nobody_900), UNAUTHORIZED("1"));
    fake_conn_lose(&nobody);
}

static void the_tenant_stays(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn by_claim, by_header;

    connect(house, &by_claim, fake_token_alice_acme, NULL);
    assert_string_equal(refresh(&by_claim, fake_token_alice_900), UNAUTHORIZED("1"));
    assert_string_equal(refresh(&by_claim, fake_token_alice_globex), UNAUTHORIZED("1"));
    assert_string_equal(refresh(&by_claim, fake_token_alice_acme_900), "{\"id\":1,\"data\":true}");
    assert_string_equal(by_claim.client->provenance->tenant, "acme");
    connect(house, &by_header, fake_token_alice_600, "X-Tenant-Id: acme");
    assert_string_equal(refresh(&by_header, fake_token_alice_globex), UNAUTHORIZED("1"));
    assert_string_equal(refresh(&by_header, fake_token_alice_acme_900), "{\"id\":1,\"data\":true}");
    assert_string_equal(by_header.client->provenance->tenant, "acme");
    fake_conn_lose(&by_claim);
    fake_conn_lose(&by_header);
}

static void a_revoked_token_refreshes_nothing(void **state)
{
    struct fake_house *house = *state;
    struct tg_errmsg msg;
    struct tg_conn alice;

    connect(house, &alice, fake_token_alice_600, NULL);
    assert_int_equal(tg_hub_set_revocations(&house->hub, TG_STR("jti j2\n"), &msg), TG_OK);
    assert_string_equal(refresh(&alice, fake_token_alice_900), UNAUTHORIZED("1"));
    fake_house_advance(house, 10);
    assert_true(tg_client_is_open(alice.client));
    fake_conn_lose(&alice);
}

static void attempts_are_bounded_and_come_back_with_time(void **state)
{
    static const char limited[] =
        "{\"id\":1,\"error\":{\"code\":\"rate_limited\",\"message\":\"too many tokens\"}}";
    struct fake_house *house = *state;
    struct tg_conn alice;

    connect(house, &alice, fake_token_alice_600, NULL);
    for (int i = 0; i < TG_REFRESH_BURST; i++) {
        assert_string_equal(refresh(&alice, fake_token_bob_900), UNAUTHORIZED("1"));
    }
    assert_string_equal(refresh(&alice, fake_token_alice_900), limited);
    assert_string_equal(alice.client->provenance->token.jti, "j1");
    assert_int_equal(fake_house_counter(house, TG_COUNT_IGNORED + TG_IGNORED_RATE_LIMITED), 1);
    fake_house_advance(house, TG_REFRESH_INTERVAL_MS - 1);
    assert_string_equal(refresh(&alice, fake_token_alice_900), limited);
    fake_house_advance(house, 1);
    assert_string_equal(refresh(&alice, fake_token_alice_900), "{\"id\":1,\"data\":true}");
    assert_string_equal(refresh(&alice, fake_token_alice_900), limited);
    fake_conn_lose(&alice);
}

static void a_protocol_of_its_own_gets_such_messages_as_they_are(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;

    house->chat->has_text = true;
    connect(house, &alice, fake_token_alice_600, NULL);
    fake_conn_say(&alice, fake_token_message(fake_token_alice_900, "1"));
    assert_int_equal(house->calls[house->call_count - 1].kind, TG_CALL_TEXT);
    assert_string_equal(alice.client->provenance->token.jti, "j1");
    fake_conn_lose(&alice);
}

static void each_failing_allocation_keeps_the_claims_or_closes(void **state)
{
    struct fake_house *house = *state;

    for (uint32_t i = 0; i < 100; i++) {
        struct tg_conn alice;
        connect(house, &alice, fake_token_alice_600, NULL);
        fake_memory_fail_after(i);
        fake_conn_say(&alice, fake_token_message(fake_token_alice_900, "1"));
        bool has_failed = fake_memory_heal();
        if (tg_client_is_open(alice.client)) {
            assert_non_null(alice.client->provenance->token.claims);
        }
        tg_hub_turn(&house->hub);
        fake_conn_lose(&alice);
        if (!has_failed) {
            assert_true(i > 3);
            return;
        }
    }
    fail();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_new_claims_take_the_place_of_the_old),
        TEST(the_end_moves_with_the_token),
        TEST(without_an_id_nothing_is_answered),
        TEST(whatever_is_wrong_has_one_answer_and_changes_nothing),
        TEST(data_of_another_form_is_no_token),
        TEST(escapes_in_the_token_are_undone),
        TEST(the_anonymous_stay_anonymous),
        TEST(who_has_no_subject_can_not_show_that_it_is_the_same),
        TEST(the_tenant_stays),
        TEST(a_revoked_token_refreshes_nothing),
        TEST(attempts_are_bounded_and_come_back_with_time),
        TEST(a_protocol_of_its_own_gets_such_messages_as_they_are),
        TEST(each_failing_allocation_keeps_the_claims_or_closes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
