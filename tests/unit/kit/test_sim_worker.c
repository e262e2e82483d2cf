/* SPDX-License-Identifier: MIT */
#include "kit/sim_worker.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fake_kit.h"
#include "hub/counter.h"

static int set_up(void **state)
{
    struct tg_errmsg msg = {""};

    *state = fake_kit_start(&msg);
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    tg_app_destroy(*state);
    return 0;
}

static void a_worker_at_rest_has_nothing_to_do(void **state)
{
    struct tg_app *app = *state;

    assert_int_equal(tg_app_settle(app), TG_OK);
    assert_false(tg_sim_worker_turn(&app->workers[0]));
    fake_kit_say(fake_kit_connect(app, 0));
    assert_true(tg_sim_worker_turn(&app->workers[0]));
}

static void delayed_mail_arrives_in_time_and_in_order(void **state)
{
    struct tg_app *app = *state;
    struct tg_conn *alice = fake_kit_connect(app, 0);
    struct tg_conn *bob = fake_kit_connect(app, 1);

    tg_sim_worker_delay_mail(&app->workers[1], 500);
    fake_kit_say(alice);
    fake_kit_say(alice);
    assert_int_equal(tg_app_advance(app, 499), TG_OK);
    assert_int_equal(fake_kit_texts(alice), 4);
    assert_int_equal(fake_kit_texts(bob), 0);
    assert_int_equal(tg_app_advance(app, 1), TG_OK);
    assert_int_equal(fake_kit_texts(bob), 2);
}

static void refused_publications_reach_nobody(void **state)
{
    struct tg_app *app = *state;
    struct tg_conn *alice = fake_kit_connect(app, 0);
    struct tg_conn *bob = fake_kit_connect(app, 1);

    app->workers[0].refusals = 1;
    fake_kit_say(alice);
    assert_int_equal(tg_app_settle(app), TG_OK);
    assert_int_equal(fake_kit_texts(alice), 1); /* the answer */
    assert_int_equal(fake_kit_texts(bob), 0);
    assert_int_equal(tg_row_read(&app->page->rows[0], TG_COUNT_PUBLICATIONS_UNAVAILABLE), 1);
    fake_kit_say(alice);
    assert_int_equal(tg_app_settle(app), TG_OK);
    assert_int_equal(fake_kit_texts(bob), 1);
}

static void zeroes_may_be_finished(void **state)
{
    struct tg_sim_worker worker = {.slot = 0};

    (void)state;
    tg_sim_worker_fini(&worker);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_worker_at_rest_has_nothing_to_do),
        TEST(delayed_mail_arrives_in_time_and_in_order),
        TEST(refused_publications_reach_nobody),
        TEST(zeroes_may_be_finished),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
