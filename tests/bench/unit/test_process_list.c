/* SPDX-License-Identifier: MIT */
#include "process_list.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void pids_are_read_between_commas(void **state)
{
    struct tg_process_list list;
    (void)state;

    assert_true(tg_process_list_parse(&list, "12,7,2147483647"));
    assert_int_equal(list.count, 3);
    assert_int_equal(list.pids[0], 12);
    assert_int_equal(list.pids[2], 2147483647);
}

static void anything_else_is_refused(void **state)
{
    static const char *const wrong[] = {"",   ",", "12,", ",12",        "0",
                                        "-3", "a", "1 2", "2147483648", "99999999999999999999"};
    struct tg_process_list list;
    (void)state;

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_false(tg_process_list_parse(&list, wrong[i]));
    }
}

static void more_pids_than_fit_are_refused(void **state)
{
    char text[TG_PROCESS_LIST_MAX * 2 + 2] = "";
    struct tg_process_list list;
    (void)state;

    for (size_t i = 0; i <= TG_PROCESS_LIST_MAX; i++) {
        text[2 * i] = '1';
        text[2 * i + 1] = ',';
    }
    text[2 * TG_PROCESS_LIST_MAX - 1] = '\0';
    assert_true(tg_process_list_parse(&list, text));
    text[2 * TG_PROCESS_LIST_MAX - 1] = ',';
    text[2 * TG_PROCESS_LIST_MAX + 1] = '\0';
    assert_false(tg_process_list_parse(&list, text));
}

static void work_shows_in_the_cpu_time(void **state)
{
    struct tg_process_list list = {.pids = {getpid()}, .count = 1};
    uint64_t before = 0;
    uint64_t after = 0;
    (void)state;

    assert_true(tg_process_list_cpu(&list, &before));
    clock_t until = clock() + CLOCKS_PER_SEC / 10;
    while (clock() < until) {
    }
    /* The scheduler's account of a running thread is as old as the last tick. */
    usleep(20000);
    assert_true(tg_process_list_cpu(&list, &after));
    assert_in_range(after - before, 80000000, 400000000);
}

static void our_memory_is_between_a_page_and_a_gigabyte(void **state)
{
    uint64_t rss_bytes = 0;
    (void)state;

    assert_true(tg_process_list_rss(getpid(), &rss_bytes));
    assert_in_range(rss_bytes, 4096, 1 << 30);
}

static void a_process_that_is_not_there_has_no_figures(void **state)
{
    struct tg_process_list list = {.pids = {getpid(), 2147483647}, .count = 2};
    uint64_t value = 0;
    (void)state;

    assert_false(tg_process_list_cpu(&list, &value));
    assert_false(tg_process_list_rss(2147483647, &value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pids_are_read_between_commas),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(more_pids_than_fit_are_refused),
        cmocka_unit_test(work_shows_in_the_cpu_time),
        cmocka_unit_test(our_memory_is_between_a_page_and_a_gigabyte),
        cmocka_unit_test(a_process_that_is_not_there_has_no_figures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
