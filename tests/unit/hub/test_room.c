/* SPDX-License-Identifier: MIT */
#include "fake_house.h"

#include <stdio.h>
#include <stdlib.h>

#include "hub/room.h"

static struct tg_frame *hello(void)
{
    struct tg_frame *frame = tg_frame_of(TG_OPCODE_TEXT, TG_STR("hello"));

    assert_non_null(frame);
    return frame;
}

static int set_up(void **state)
{
    const char *settings[] = {"limits.rooms_per_client=4", "limits.rooms=6", NULL};

    *state = fake_house_create(settings);
    return 0;
}

static int tear_down(void **state)
{
    fake_house_destroy(*state);
    return 0;
}

static void a_message_reaches_the_members_and_nobody_else(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice, bob, eve;
    struct tg_frame *frame = hello();

    fake_house_join(house, &alice, NULL);
    fake_house_join(house, &bob, NULL);
    fake_house_join(house, &eve, NULL);
    assert_int_equal(tg_room_join(alice.client, TG_STR("tea")), TG_OK);
    assert_int_equal(tg_room_join(bob.client, TG_STR("tea")), TG_OK);
    assert_int_equal(tg_room_send(alice.client->scope, TG_STR("tea"), frame, NULL), 2);
    assert_int_equal(tg_room_send(alice.client->scope, TG_STR("tea"), frame, alice.client), 1);
    fake_conn_drain(&alice);
    fake_conn_drain(&bob);
    fake_conn_drain(&eve);
    assert_int_equal(fake_conn_frames(&alice), 1);
    assert_int_equal(fake_conn_frames(&bob), 2);
    assert_int_equal(fake_conn_frames(&eve), 0);
    assert_int_equal(frame->refs, 1);
    tg_frame_unref(frame);
    fake_conn_lose(&alice);
    fake_conn_lose(&bob);
    fake_conn_lose(&eve);
}

static void the_same_name_in_another_tenant_is_another_room(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn acme, globex, none;
    struct tg_frame *frame = hello();
    struct tg_str chat = tg_str_of(house->chat->name);

    fake_house_join(house, &acme, "acme");
    fake_house_join(house, &globex, "globex");
    fake_house_join(house, &none, NULL);
    assert_int_equal(tg_room_join(acme.client, TG_STR("tea")), TG_OK);
    assert_int_equal(tg_room_join(globex.client, TG_STR("tea")), TG_OK);
    assert_int_equal(tg_room_join(none.client, TG_STR("tea")), TG_OK);
    assert_int_equal(house->hub.room_count, 3);
    assert_int_equal(tg_room_send(acme.client->scope, TG_STR("tea"), frame, NULL), 1);
    assert_int_equal(tg_scope_send(none.client->scope, frame, NULL), 1);
    fake_conn_drain(&globex);
    assert_int_equal(fake_conn_frames(&globex), 0);
    assert_ptr_equal(tg_scope_find(&house->hub, chat, TG_STR("acme")), acme.client->scope);
    assert_ptr_equal(tg_scope_find(&house->hub, chat, tg_str(NULL, 0)), none.client->scope);
    assert_null(tg_scope_find(&house->hub, chat, TG_STR("nobody")));
    tg_frame_unref(frame);
    fake_conn_lose(&acme);
    fake_conn_lose(&globex);
    fake_conn_lose(&none);
}

static void a_room_without_members_is_freed(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;

    fake_house_join(house, &alice, NULL);
    assert_int_equal(tg_room_join(alice.client, TG_STR("tea")), TG_OK);
    assert_int_equal(house->hub.room_count, 1);
    assert_int_equal(fake_house_counter(house, TG_COUNT_ROOMS), 1);
    assert_int_equal(tg_room_leave(alice.client, TG_STR("tea")), TG_OK);
    assert_int_equal(house->hub.room_count, 0);
    assert_int_equal(tg_room_leave(alice.client, TG_STR("tea")), TG_ERR_NOT_FOUND);
    fake_conn_lose(&alice);
    assert_null(house->hub.scopes);
}

static void joining_twice_is_joining_once(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;

    fake_house_join(house, &alice, NULL);
    assert_int_equal(tg_room_join(alice.client, TG_STR("tea")), TG_OK);
    assert_int_equal(tg_room_join(alice.client, TG_STR("tea")), TG_OK);
    assert_int_equal(tg_room_count(alice.client->scope, TG_STR("tea")), 1);
    assert_int_equal(alice.client->room_count, 1);
    fake_conn_lose(&alice);
}

static void a_name_is_one_to_128_octets(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice;
    char name[129];

    memset(name, 'n', sizeof(name));
    fake_house_join(house, &alice, NULL);
    assert_int_equal(tg_room_join(alice.client, TG_STR("")), TG_ERR_INVALID);
    assert_int_equal(tg_room_join(alice.client, tg_str(name, 129)), TG_ERR_INVALID);
    assert_int_equal(tg_room_join(alice.client, tg_str(name, 128)), TG_OK);
    assert_int_equal(tg_room_name(alice.client, 0).length, 128);
    fake_conn_lose(&alice);
}

static void both_room_limits_hold(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn alice, bob;
    const char *names[] = {"a", "b", "c", "d"};

    fake_house_join(house, &alice, NULL);
    fake_house_join(house, &bob, NULL);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(tg_room_join(alice.client, tg_str_of(names[i])), TG_OK);
    }
    assert_int_equal(tg_room_join(alice.client, TG_STR("e")), TG_ERR_FULL);
    assert_int_equal(tg_room_join(bob.client, TG_STR("e")), TG_OK);
    assert_int_equal(tg_room_join(bob.client, TG_STR("f")), TG_OK);
    assert_int_equal(tg_room_join(bob.client, TG_STR("g")), TG_ERR_FULL);
    assert_int_equal(tg_room_join(bob.client, TG_STR("a")), TG_OK);
    fake_conn_lose(&alice);
    fake_conn_lose(&bob);
    assert_int_equal(house->hub.room_count, 0);
}

static void a_full_queue_in_the_middle_of_a_broadcast_hurts_only_its_owner(void **state)
{
    struct fake_house *house = *state;
    struct tg_conn slow, quick;
    struct tg_frame *frame = hello();

    fake_house_join(house, &slow, NULL);
    fake_house_join(house, &quick, NULL);
    for (uint64_t i = 0; i < house->config.outbound_messages; i++) {
        assert_int_equal(tg_scope_send(slow.client->scope, frame, NULL), 2);
        fake_conn_drain(&quick);
    }
    assert_int_equal(tg_scope_send(slow.client->scope, frame, NULL), 1);
    assert_int_equal(tg_scope_send(slow.client->scope, frame, NULL), 1);
    assert_int_equal(fake_house_counter(house, TG_COUNT_CLOSED + TG_CLOSE_SLOW_CLIENT), 1);
    fake_conn_drain(&slow);
    assert_int_equal(fake_conn_frames(&slow), 1);
    assert_int_equal(fake_conn_close_code(&slow), 1013);
    tg_frame_unref(frame);
    fake_conn_lose(&slow);
    fake_conn_lose(&quick);
}

/* The lists are kept by moving last entries into gaps: compare with the plain truth. */
static void membership_agrees_with_a_plain_table_over_random_steps(void **state)
{
    enum { PEOPLE = 12, ROOMS = 5, STEPS = 20000 };
    struct fake_house *house = *state;
    struct tg_conn people[PEOPLE];
    bool is_in[PEOPLE][ROOMS] = {{false}};
    const char *names[ROOMS] = {"a", "b", "c", "d", "e"};
    struct tg_rand rand;

    tg_rand_seed(&rand, 11);
    house->config.rooms_per_client = ROOMS;
    for (int i = 0; i < PEOPLE; i++) {
        fake_house_join(house, &people[i], NULL);
    }
    for (int step = 0; step < STEPS; step++) {
        uint64_t who = tg_rand_below(&rand, PEOPLE);
        uint64_t where = tg_rand_below(&rand, ROOMS);
        struct tg_str name = tg_str_of(names[where]);
        if (tg_rand_below(&rand, 50) == 0) {
            fake_conn_lose(&people[who]);
            fake_house_join(house, &people[who], NULL);
            memset(is_in[who], 0, sizeof(is_in[who]));
        } else if (tg_rand_below(&rand, 2)) {
            assert_int_equal(tg_room_join(people[who].client, name), TG_OK);
            is_in[who][where] = true;
        } else {
            int err = tg_room_leave(people[who].client, name);
            assert_int_equal(err, is_in[who][where] ? TG_OK : TG_ERR_NOT_FOUND);
            is_in[who][where] = false;
        }
        house->call_count = 0;
        uint32_t expected = 0;
        for (int i = 0; i < PEOPLE; i++) {
            expected += is_in[i][where] ? 1 : 0;
        }
        assert_int_equal(tg_room_count(people[0].client->scope, name), expected);
    }
    for (int i = 0; i < PEOPLE; i++) {
        for (uint16_t k = 0; k < people[i].client->room_count; k++) {
            assert_true(is_in[i][tg_room_name(people[i].client, k).at[0] - 'a']);
        }
        fake_conn_lose(&people[i]);
        house->call_count = 0;
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_message_reaches_the_members_and_nobody_else),
        TEST(the_same_name_in_another_tenant_is_another_room),
        TEST(a_room_without_members_is_freed),
        TEST(joining_twice_is_joining_once),
        TEST(a_name_is_one_to_128_octets),
        TEST(both_room_limits_hold),
        TEST(a_full_queue_in_the_middle_of_a_broadcast_hurts_only_its_owner),
        TEST(membership_agrees_with_a_plain_table_over_random_steps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
