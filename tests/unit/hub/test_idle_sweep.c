/* SPDX-License-Identifier: MIT */
#include "fake_house.h"

#include <stdio.h>

static const char token_30s[] =
#include "token_30s.def"
    ;

static struct fake_house *house_with(const char *ping, const char *idle)
{
    char first[64];
    char second[64];
    const char *settings[] = {first, second, "auth.keys[1].secret=0123456789abcdef0123456789abcdef",
                              "auth.leeway=0", NULL};

    (void)snprintf(first, sizeof(first), "limits.ping_interval=%s", ping);
    (void)snprintf(second, sizeof(second), "limits.idle_timeout=%s", idle);
    return fake_house_create(settings);
}

static void a_ping_per_interval(void **state)
{
    struct fake_house *house = house_with("10s", "0");
    struct tg_conn alice;

    (void)state;
    fake_house_join(house, &alice, NULL);
    for (int i = 0; i < 5; i++) {
        fake_house_advance(house, 9999);
        fake_conn_drain(&alice);
        assert_int_equal(fake_conn_frames(&alice), i);
        fake_house_advance(house, 1);
        fake_conn_drain(&alice);
        assert_int_equal(fake_conn_frames(&alice), i + 1);
        assert_int_equal(fake_conn_opcode(&alice, (uint32_t)i), TG_OPCODE_PING);
    }
    assert_int_equal(fake_house_counter(house, TG_COUNT_PINGS_OUT), 5);
    fake_conn_lose(&alice);
    fake_house_destroy(house);
}

static void missed_ticks_are_skipped_and_the_beat_is_kept(void **state)
{
    struct fake_house *house = house_with("10s", "0");
    struct tg_conn alice;

    (void)state;
    fake_house_join(house, &alice, NULL);
    fake_house_leap(house, 35000); /* over three beats */
    assert_int_equal(fake_house_counter(house, TG_COUNT_PINGS_OUT), 1);
    fake_house_advance(house, 4999);
    assert_int_equal(fake_house_counter(house, TG_COUNT_PINGS_OUT), 1);
    fake_house_advance(house, 1);
    assert_int_equal(fake_house_counter(house, TG_COUNT_PINGS_OUT), 2);
    fake_conn_lose(&alice);
    fake_house_destroy(house);
}

static void zero_means_no_pings_and_no_reaping(void **state)
{
    struct fake_house *house = house_with("0", "0");
    struct tg_conn alice;

    (void)state;
    fake_house_join(house, &alice, NULL);
    assert_false(tg_timer_is_set(&alice.client->timer));
    fake_house_advance(house, 100000000);
    assert_int_equal(fake_house_counter(house, TG_COUNT_PINGS_OUT), 0);
    assert_true(tg_client_is_open(alice.client));
    fake_conn_lose(&alice);
    fake_house_destroy(house);
}

static void the_silent_are_reaped_and_the_heard_are_not(void **state)
{
    struct fake_house *house = house_with("0", "60s");
    struct tg_conn silent, heard;

    (void)state;
    fake_house_join(house, &silent, NULL);
    fake_house_join(house, &heard, NULL);
    fake_house_advance(house, 30000);
    tg_client_touch(heard.client);
    fake_house_advance(house, 29999);
    assert_true(tg_client_is_open(silent.client));
    fake_house_advance(house, 1);
    assert_false(tg_client_is_open(silent.client));
    assert_true(tg_client_is_open(heard.client));
    fake_conn_drain(&silent);
    assert_int_equal(fake_conn_close_code(&silent), 4008);
    fake_house_advance(house, 30000);
    assert_false(tg_client_is_open(heard.client));
    assert_int_equal(fake_house_counter(house, TG_COUNT_CLOSED + TG_CLOSE_IDLE), 2);
    fake_conn_lose(&silent);
    fake_conn_lose(&heard);
    fake_house_destroy(house);
}

static void our_own_pause_is_no_silence_of_the_peers(void **state)
{
    struct fake_house *house = house_with("0", "60s");
    struct tg_conn alice;

    (void)state;
    fake_house_join(house, &alice, NULL);
    alice.client->is_paused = true;
    fake_house_advance(house, 300000);
    assert_true(tg_client_is_open(alice.client));
    fake_conn_lose(&alice);
    fake_house_destroy(house);
}

static void our_own_standstill_is_no_silence_of_the_peers(void **state)
{
    struct fake_house *house = house_with("0", "60s");
    struct tg_conn alice, bob;

    (void)state;
    fake_house_join(house, &alice, NULL);
    fake_house_join(house, &bob, NULL);
    fake_house_advance(house, 1000);
    tg_client_blocked(bob.client, true);
    fake_house_leap(house, 600000);
    assert_true(tg_client_is_open(alice.client));
    assert_true(tg_client_is_open(bob.client));
    fake_house_advance(house, 61000);
    assert_false(tg_client_is_open(alice.client));
    assert_false(tg_client_is_open(bob.client));
    fake_conn_lose(&alice);
    fake_conn_lose(&bob);
    fake_house_destroy(house);
}

static void a_refusing_kernel_ends_the_client_at_the_write_deadline(void **state)
{
    struct fake_house *house = house_with("5s", "60s");
    struct tg_conn alice;

    (void)state;
    fake_house_join(house, &alice, NULL);
    fake_house_advance(house, 1000);
    tg_client_blocked(alice.client, true);
    fake_house_advance(house, 9999);
    assert_true(tg_client_is_open(alice.client));
    assert_int_equal(fake_house_counter(house, TG_COUNT_PINGS_OUT), 0);
    fake_house_advance(house, 1);
    assert_false(tg_client_is_open(alice.client));
    assert_int_equal(fake_house_counter(house, TG_COUNT_CLOSED + TG_CLOSE_WRITE_DEADLINE), 1);
    fake_conn_lose(&alice);
    fake_house_destroy(house);
}

static void a_kernel_that_takes_octets_again_starts_the_deadline_anew(void **state)
{
    struct fake_house *house = house_with("0", "0");
    struct tg_conn alice;

    (void)state;
    fake_house_join(house, &alice, NULL);
    tg_client_blocked(alice.client, true);
    fake_house_advance(house, 9000);
    tg_client_blocked(alice.client, false);
    tg_client_blocked(alice.client, true);
    fake_house_advance(house, 9000);
    assert_true(tg_client_is_open(alice.client));
    fake_house_advance(house, 1000);
    assert_false(tg_client_is_open(alice.client));
    fake_conn_lose(&alice);
    fake_house_destroy(house);
}

static void a_token_ends_while_connected(void **state)
{
    struct fake_house *house = house_with("0", "0");
    const char *headers[] = {token_30s, NULL};
    struct tg_conn alice;

    (void)state;
    fake_house_connect(house, &alice, "/chat", headers);
    fake_house_advance(house, 29999);
    assert_true(tg_client_is_open(alice.client));
    fake_house_advance(house, 1);
    assert_false(tg_client_is_open(alice.client));
    fake_conn_drain(&alice);
    assert_int_equal(fake_conn_close_code(&alice), 4001);
    fake_conn_lose(&alice);
    fake_house_destroy(house);
}

static void the_wall_clock_judges_a_token_also_when_it_is_set_forward(void **state)
{
    struct fake_house *house = house_with("0", "0");
    const char *headers[] = {token_30s, NULL};
    struct tg_conn alice;

    (void)state;
    house->wall_ms -= 3600000; /* the token has an hour and 30 s to go */
    fake_house_connect(house, &alice, "/chat", headers);
    house->wall_ms += 3600000 + 30000;
    fake_house_advance(house, 60000);
    assert_false(tg_client_is_open(alice.client));
    fake_conn_lose(&alice);
    fake_house_destroy(house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_ping_per_interval),
        cmocka_unit_test(missed_ticks_are_skipped_and_the_beat_is_kept),
        cmocka_unit_test(zero_means_no_pings_and_no_reaping),
        cmocka_unit_test(the_silent_are_reaped_and_the_heard_are_not),
        cmocka_unit_test(our_own_pause_is_no_silence_of_the_peers),
        cmocka_unit_test(our_own_standstill_is_no_silence_of_the_peers),
        cmocka_unit_test(a_refusing_kernel_ends_the_client_at_the_write_deadline),
        cmocka_unit_test(a_kernel_that_takes_octets_again_starts_the_deadline_anew),
        cmocka_unit_test(a_token_ends_while_connected),
        cmocka_unit_test(the_wall_clock_judges_a_token_also_when_it_is_set_forward),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
