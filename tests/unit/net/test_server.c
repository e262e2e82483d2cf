/* SPDX-License-Identifier: MIT */
#include "net/server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_worker.h"

static int set_up(void **state)
{
    return fake_stage_set_up(state, NULL);
}

static void stopping_cuts_unfinished_handshakes_and_keeps_clients(void **state)
{
    struct fake_stage *stage = *state;

    fake_client_upgrade(&stage->alice, stage->worker);
    fake_client_connect(&stage->bob, stage->worker);
    fake_worker_run_until_conns(stage->worker, 2);
    tg_server_stop_accepting(stage->worker->server);
    fake_client_expect_end(&stage->bob);
    fake_client_send_frames(&stage->alice, "81:here");
    fake_client_expect_text(&stage->alice, "here");
    assert_int_equal(tg_server_conn_count(stage->worker->server), 1);
}

static void destroying_the_server_tells_the_hub_of_each_loss(void **state)
{
    struct fake_stage *stage = *state;

    fake_client_upgrade(&stage->alice, stage->worker);
    fake_client_upgrade(&stage->bob, stage->worker);
    tg_server_destroy(stage->worker->server);
    stage->worker->server = NULL;
    fake_worker_run(stage->worker, 20);
    assert_int_equal(stage->worker->calls[TG_CALL_DISCONNECT], 2);
    assert_int_equal(stage->worker->cause, TG_CLOSE_CLIENT_GONE);
    assert_int_equal(stage->worker->hub.registry.count, 0);
}

static void many_clients_come_and_go_and_leave_nothing(void **state)
{
    struct fake_stage *stage = *state;

    for (int i = 0; i < 100; i++) {
        fake_client_upgrade(&stage->alice, stage->worker);
        fake_client_send_frames(&stage->alice, "81:x");
        fake_client_expect_text(&stage->alice, "x");
        fake_client_close(&stage->alice);
    }
    fake_worker_run_until_conns(stage->worker, 0);
    fake_worker_run(stage->worker, 10);
    assert_int_equal(stage->worker->calls[TG_CALL_CONNECT], 100);
    assert_int_equal(stage->worker->calls[TG_CALL_DISCONNECT], 100);
    assert_int_equal(stage->worker->hub.registry.count, 0);
    assert_int_equal(tg_page_seats(stage->worker->page), 0);
}

int main(void)
{
#define TEST(name, set_up) cmocka_unit_test_setup_teardown(name, set_up, fake_stage_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(stopping_cuts_unfinished_handshakes_and_keeps_clients, set_up),
        TEST(destroying_the_server_tells_the_hub_of_each_loss, set_up),
        TEST(many_clients_come_and_go_and_leave_nothing, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
