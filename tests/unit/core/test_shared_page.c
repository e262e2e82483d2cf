/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/shared_page.h"

struct fixture {
    struct tg_page *page;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    f->page = tg_page_create(3);
    assert_non_null(f->page);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_page_destroy(f->page);
    free(f);
    return 0;
}

static void a_new_page_is_all_zeroes(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(f->page->worker_count, 3);
    assert_int_equal(tg_page_seats(f->page), 0);
    for (uint32_t i = 0; i < TG_PAGE_WORKERS_MAX; i++) {
        assert_int_equal(atomic_load(&f->page->rows[i].phase), TG_WORKER_STARTING);
        assert_int_equal(tg_row_read(&f->page->rows[i], TG_PAGE_COUNTERS_MAX - 1), 0);
    }
    tg_page_destroy(NULL);
}

static void a_reset_row_keeps_its_counters_alone(void **state)
{
    struct fixture *f = *state;
    struct tg_page_row *row = &f->page->rows[1];

    atomic_store(&row->seats, 3);
    atomic_store(&f->page->rows[2].seats, 1);
    atomic_store(&row->phase, TG_WORKER_SERVING);
    atomic_store(&row->heartbeat_ms, 5);
    atomic_store(&row->pid, 6);
    tg_row_add(row, 7, 8);
    tg_page_reset_row(f->page, 1);
    assert_int_equal(tg_page_seats(f->page), 1);
    assert_int_equal(atomic_load(&row->phase), TG_WORKER_STARTING);
    assert_int_equal(atomic_load(&row->heartbeat_ms), 0);
    assert_int_equal(atomic_load(&row->pid), 0);
    assert_int_equal(tg_row_read(row, 7), 8);
}

static void counters_rise_and_gauges_are_set(void **state)
{
    struct fixture *f = *state;

    tg_row_add(&f->page->rows[0], 3, 2);
    tg_row_add(&f->page->rows[0], 3, 5);
    tg_row_set(&f->page->rows[0], 4, 9);
    tg_row_set(&f->page->rows[0], 4, 1);
    assert_int_equal(tg_row_read(&f->page->rows[0], 3), 7);
    assert_int_equal(tg_row_read(&f->page->rows[0], 4), 1);
    assert_int_equal(tg_row_read(&f->page->rows[1], 3), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(a_new_page_is_all_zeroes),
        TEST(a_reset_row_keeps_its_counters_alone),
        TEST(counters_rise_and_gauges_are_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
