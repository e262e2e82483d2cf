/* SPDX-License-Identifier: MIT */
#include "kit/line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fake_kit.h"
#include "hub/close_reason.h"

struct fixture {
    struct tg_app *app;
    struct tg_conn *alice;
    struct tg_conn *bob;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    struct tg_errmsg msg = {""};

    fixture.app = fake_kit_start(&msg);
    if (!fixture.app) {
        return -1;
    }
    fixture.alice = fake_kit_connect(fixture.app, 0);
    fixture.bob = fake_kit_connect(fixture.app, 0);
    *state = &fixture;
    return fixture.alice && fixture.bob ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_app_destroy(f->app);
    return 0;
}

static void settle(struct fixture *f)
{
    assert_int_equal(tg_app_settle(f->app), TG_OK);
}

static void what_a_stalled_far_end_is_sent_waits(void **state)
{
    struct fixture *f = *state;

    tg_line_stall(f->bob, true);
    fake_kit_say(f->alice);
    settle(f);
    assert_true(f->bob->is_blocked);
    assert_true(f->bob->client->is_blocked);
    assert_int_equal(fake_kit_texts(f->bob), 0);
    tg_line_stall(f->bob, false);
    settle(f);
    assert_false(f->bob->is_blocked);
    assert_false(f->bob->client->is_blocked);
    assert_int_equal(fake_kit_texts(f->bob), 1);
    assert_true(tg_outbox_is_empty(&f->bob->client->outbox));
}

static void a_full_queue_takes_no_message_more(void **state)
{
    struct fixture *f = *state;

    tg_line_stall(f->bob, true);
    assert_int_equal(tg_line_fill(f->bob), TG_OK);
    settle(f);
    assert_int_equal(f->bob->client->outbox.count, f->app->config.outbound_messages);
    assert_false(tg_line_is_ending(f->bob));
    fake_kit_say(f->alice);
    settle(f);
    assert_true(tg_line_is_ending(f->bob));
    assert_int_equal(f->bob->cause, TG_CLOSE_SLOW_CLIENT);
    assert_int_equal(tg_line_fill(f->bob), TG_ERR_CLOSED);
}

static void a_stalled_line_that_is_closed_is_cut_at_the_deadline(void **state)
{
    struct fixture *f = *state;

    tg_line_stall(f->bob, true);
    assert_int_equal(tg_line_fill(f->bob), TG_OK);
    settle(f);
    tg_client_close(f->bob->client, TG_CLOSE_REVOKED);
    assert_int_equal(tg_app_advance(f->app, f->app->config.close_deadline_ms - 1), TG_OK);
    assert_int_equal(f->bob->phase, TG_LINE_FINISHING);
    assert_int_equal(tg_app_advance(f->app, 1), TG_OK);
    assert_int_equal(f->bob->phase, TG_LINE_ENDED);
    assert_false(f->bob->far.has_close);
    assert_int_equal(tg_app_connections(f->app), 1);
}

static void a_cut_line_is_a_client_that_is_gone(void **state)
{
    struct fixture *f = *state;

    tg_line_cut(f->bob);
    tg_line_cut(f->bob);
    settle(f);
    assert_int_equal(f->bob->phase, TG_LINE_ENDED);
    assert_int_equal(f->bob->cause, TG_CLOSE_CLIENT_GONE);
    assert_null(f->bob->client);
    assert_int_equal(tg_app_connections(f->app), 1);
    fake_kit_say(f->bob); /* to nobody */
    settle(f);
    assert_int_equal(fake_kit_texts(f->alice), 0);
}

static void much_at_once_waits_for_its_answers_to_leave(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < 1000; i++) {
        fake_kit_say(f->alice);
    }
    settle(f);
    assert_int_equal(fake_kit_texts(f->alice), 2000);
    assert_int_equal(fake_kit_texts(f->bob), 1000);
    assert_int_equal(f->alice->far.up.length, 0);
}

static void octets_may_come_one_by_one(void **state)
{
    struct fixture *f = *state;
    struct tg_far_end other;

    tg_far_end_init(&other);
    assert_int_equal(tg_far_end_write(&other, TG_OPCODE_PING, TG_STR("hi")), TG_OK);
    for (size_t i = 0; i < other.up.length; i++) {
        assert_int_equal(f->alice->far.frame_count, 0);
        assert_int_equal(tg_far_end_write_raw(&f->alice->far, tg_str(other.up.at + i, 1)), TG_OK);
        tg_line_wrote(f->alice);
        settle(f);
    }
    assert_int_equal(f->alice->far.frame_count, 1); /* the pong */
    tg_far_end_fini(&other);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_a_stalled_far_end_is_sent_waits),
        TEST(a_full_queue_takes_no_message_more),
        TEST(a_stalled_line_that_is_closed_is_cut_at_the_deadline),
        TEST(a_cut_line_is_a_client_that_is_gone),
        TEST(much_at_once_waits_for_its_answers_to_leave),
        TEST(octets_may_come_one_by_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
