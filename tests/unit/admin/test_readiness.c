/* SPDX-License-Identifier: MIT */
#include "admin/readiness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

enum { WORKERS = 3, NOW = 1000000 };

struct fixture {
    struct tg_page *page;
    char text[TG_READINESS_TEXT_BYTES];
};

/* All three serve and gave a sign of life a second ago. */
static int set_up(void **state)
{
    static struct fixture fixture;

    fixture.page = tg_page_create(WORKERS);
    if (!fixture.page) {
        return -1;
    }
    for (uint32_t i = 0; i < WORKERS; i++) {
        atomic_store(&fixture.page->rows[i].phase, TG_WORKER_SERVING);
        atomic_store(&fixture.page->rows[i].heartbeat_ms, NOW - 1000);
    }
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    tg_page_destroy(fixture->page);
    return 0;
}

static void it_is_ready_when_every_worker_serves(void **state)
{
    struct fixture *fixture = *state;

    assert_true(tg_readiness_judge(fixture->page, NOW, fixture->text));
    assert_string_equal(fixture->text, "ready");
}

static void a_worker_that_starts_makes_it_unready(void **state)
{
    struct fixture *fixture = *state;

    atomic_store(&fixture->page->rows[1].phase, TG_WORKER_STARTING);
    assert_false(tg_readiness_judge(fixture->page, NOW, fixture->text));
    assert_string_equal(fixture->text, "worker 2 is starting");
}

static void a_worker_that_drains_makes_it_unready(void **state)
{
    struct fixture *fixture = *state;

    atomic_store(&fixture->page->rows[2].phase, TG_WORKER_DRAINING);
    assert_false(tg_readiness_judge(fixture->page, NOW, fixture->text));
    assert_string_equal(fixture->text, "worker 3 is draining");
}

static void a_dead_worker_s_row_makes_it_unready(void **state)
{
    struct fixture *fixture = *state;

    tg_page_reset_row(fixture->page, 0);
    assert_false(tg_readiness_judge(fixture->page, NOW, fixture->text));
    assert_string_equal(fixture->text, "worker 1 is starting");
}

static void silence_is_borne_for_ten_seconds_and_not_longer(void **state)
{
    struct fixture *fixture = *state;

    atomic_store(&fixture->page->rows[2].heartbeat_ms, NOW - 9999);
    assert_true(tg_readiness_judge(fixture->page, NOW, fixture->text));
    atomic_store(&fixture->page->rows[2].heartbeat_ms, NOW - 10000);
    assert_false(tg_readiness_judge(fixture->page, NOW, fixture->text));
    assert_string_equal(fixture->text, "worker 3 is silent since 10000 ms");
}

/* The worker wrote between our look at the clock and our look at its row. */
static void a_sign_of_life_after_now_is_no_silence(void **state)
{
    struct fixture *fixture = *state;

    atomic_store(&fixture->page->rows[0].heartbeat_ms, NOW + 5);
    assert_true(tg_readiness_judge(fixture->page, NOW, fixture->text));
}

static void draining_makes_it_unready_while_workers_still_serve(void **state)
{
    struct fixture *fixture = *state;

    atomic_store(&fixture->page->is_draining, 1);
    assert_false(tg_readiness_judge(fixture->page, NOW, fixture->text));
    assert_string_equal(fixture->text, "draining");
}

static void rows_beyond_the_workers_don_t_count(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(atomic_load(&fixture->page->rows[WORKERS].phase), TG_WORKER_STARTING);
    assert_true(tg_readiness_judge(fixture->page, NOW, fixture->text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(it_is_ready_when_every_worker_serves, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_worker_that_starts_makes_it_unready, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_worker_that_drains_makes_it_unready, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_dead_worker_s_row_makes_it_unready, set_up, tear_down),
        cmocka_unit_test_setup_teardown(silence_is_borne_for_ten_seconds_and_not_longer, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_sign_of_life_after_now_is_no_silence, set_up, tear_down),
        cmocka_unit_test_setup_teardown(draining_makes_it_unready_while_workers_still_serve, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(rows_beyond_the_workers_don_t_count, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
