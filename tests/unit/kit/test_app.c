/* SPDX-License-Identifier: MIT */
/* An app from its start to its end, and what it does when memory ends at any moment. What clients
 * and gateways see is specified in Lua, in tests/spec/kit. */
#include "kit/app.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_kit.h"
#include "fake_memory.h"
#include "kit/reception.h"

enum { FAILURES_MAX = 3000 };

static void clients_of_two_workers_talk(void **state)
{
    struct tg_errmsg msg = {""};
    struct tg_app *app = fake_kit_start(&msg);

    (void)state;
    assert_non_null(app);
    struct tg_conn *alice = fake_kit_connect(app, 0);
    struct tg_conn *bob = fake_kit_connect(app, 1);
    fake_kit_say(alice);
    assert_int_equal(tg_app_settle(app), TG_OK);
    assert_int_equal(fake_kit_texts(alice), 2);
    assert_int_equal(fake_kit_texts(bob), 1);
    assert_int_equal(tg_app_connections(app), 2);
    assert_ptr_equal(tg_app_line(app, 1), bob);
    assert_null(tg_app_line(app, 2));
    tg_app_destroy(app);
}

static void time_moves_when_it_is_told(void **state)
{
    struct tg_errmsg msg = {""};
    struct tg_app *app = fake_kit_start(&msg);
    uint64_t moved_ms;

    (void)state;
    assert_non_null(fake_kit_connect(app, 0));
    assert_int_equal(tg_clock_wall_ms(&app->clock), 1767225600000);
    assert_int_equal(tg_app_advance(app, 24999), TG_OK);
    assert_int_equal(tg_app_line(app, 0)->far.frame_count, 0);
    assert_int_equal(tg_app_step(app, 1000000, &moved_ms), TG_OK);
    assert_int_equal(moved_ms, 1);
    assert_int_equal(tg_app_line(app, 0)->far.frame_count, 1); /* a ping */
    assert_int_equal(tg_clock_wall_ms(&app->clock), 1767225625000);
    tg_app_destroy(app);
}

static void a_bad_setting_or_folder_is_told(void **state)
{
    struct tg_errmsg msg = {""};
    struct tg_app_options options = {.seed = 7, .wall_ms = 1767225600000};
    struct tg_app *app = tg_app_create();

    (void)state;
    assert_int_equal(tg_app_set(app, "limits.nothing", TG_STR("2"), &msg), TG_ERR_NOT_FOUND);
    assert_non_null(strstr(msg.text, "limits.nothing"));
    assert_int_equal(tg_app_start(app, &options, &msg), TG_OK);
    assert_int_not_equal(tg_app_load(app, TG_SOURCE_DIR "/docs", &msg), TG_OK);
    assert_non_null(strstr(msg.text, "gateway.lua"));
    tg_app_destroy(app);
}

static void a_head_without_an_end_is_no_request(void **state)
{
    struct tg_errmsg msg = {""};
    struct tg_app *app = fake_kit_start(&msg);
    struct tg_reception request = {tg_str(fake_kit_head, 30), TG_STR("192.0.2.1"), 0, false, false};
    struct tg_reception_result result;

    (void)state;
    assert_int_equal(tg_reception_receive(app, &request, &result), TG_ERR_INCOMPLETE);
    request.head = TG_STR("nonsense\r\n\r\n");
    assert_int_equal(tg_reception_receive(app, &request, &result), TG_OK);
    assert_null(result.line);
    assert_memory_equal(result.answer, "HTTP/1.1 400", 12);
    tg_app_destroy(app);
}

static void every_failing_allocation_of_a_start_is_survived(void **state)
{
    struct tg_app_options options = {.seed = 7, .wall_ms = 1767225600000};
    struct tg_errmsg msg = {""};
    uint32_t n = 0;
    bool has_failed = true;

    (void)state;
    for (; has_failed && n < FAILURES_MAX; n++) {
        fake_memory_fail_after(n);
        struct tg_app *app = tg_app_create();
        int err = app ? tg_app_set(app, "workers", TG_STR("2"), &msg) : TG_ERR_NOMEM;
        if (!err) {
            err = tg_app_start(app, &options, &msg);
        }
        has_failed = fake_memory_heal();
        assert_true(has_failed || !err);
        tg_app_destroy(app);
    }
    print_message("%u allocations failed in turn\n", n - 1);
    assert_false(has_failed);
    assert_true(n > 10);
}

static void live(struct tg_app *app)
{
    struct tg_conn *alice = fake_kit_connect(app, 0);
    struct tg_conn *bob = fake_kit_connect(app, 1);

    if (alice) {
        fake_kit_say(alice);
    }
    (void)tg_app_settle(app);
    if (bob) {
        tg_line_stall(bob, true);
        (void)tg_line_fill(bob);
    }
    (void)tg_app_advance(app, 30000);
    if (alice) {
        tg_line_cut(alice);
    }
    (void)tg_app_settle(app);
}

/* Gateways are loaded before: in the middle of making a state LuaJIT does not survive it. */
static void every_failing_allocation_of_a_life_is_survived(void **state)
{
    struct tg_errmsg msg = {""};
    uint32_t n = 0;
    bool has_failed = true;

    (void)state;
    for (; has_failed && n < FAILURES_MAX; n++) {
        struct tg_app *app = fake_kit_start(&msg);
        assert_non_null(app);
        fake_memory_fail_after(n);
        live(app);
        has_failed = fake_memory_heal();
        assert_int_equal(tg_page_seats(app->page), tg_app_connections(app));
        tg_app_destroy(app);
    }
    print_message("%u allocations failed in turn\n", n - 1);
    assert_false(has_failed);
    assert_true(n > 30);
}

static void a_lost_worker_is_replaced(void **state)
{
    struct tg_errmsg msg = {""};
    struct tg_app *app = fake_kit_start(&msg);

    (void)state;
    struct tg_conn *alice = fake_kit_connect(app, 0);
    struct tg_conn *bob = fake_kit_connect(app, 1);
    assert_int_equal(tg_app_lose_worker(app, 1, &msg), TG_OK);
    assert_true(tg_line_is_ending(bob));
    assert_false(tg_line_is_ending(alice));
    assert_int_equal(tg_app_connections(app), 1);
    assert_int_equal(tg_page_seats(app->page), 1);
    struct tg_conn *carol = fake_kit_connect(app, 1);
    fake_kit_say(alice);
    assert_int_equal(tg_app_settle(app), TG_OK);
    assert_int_equal(fake_kit_texts(carol), 1);
    assert_int_equal(fake_kit_texts(bob), 0);
    tg_app_destroy(app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clients_of_two_workers_talk),
        cmocka_unit_test(time_moves_when_it_is_told),
        cmocka_unit_test(a_bad_setting_or_folder_is_told),
        cmocka_unit_test(a_head_without_an_end_is_no_request),
        cmocka_unit_test(a_lost_worker_is_replaced),
        cmocka_unit_test(every_failing_allocation_of_a_start_is_survived),
        cmocka_unit_test(every_failing_allocation_of_a_life_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
