/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/seat_table.h"

enum { WORKERS = 3, NS_PER_S = 1000000000 };

static int set_up(void **state)
{
    *state = tg_seat_table_create(0, WORKERS);
    assert_non_null(*state);
    return 0;
}

static int tear_down(void **state)
{
    tg_seat_table_destroy(*state);
    return 0;
}

static uint32_t find(struct tg_seat_table *table, uint64_t number, uint64_t now_ns)
{
    struct tg_seat_key key = {{number, 7}};

    return tg_seat_table_find(table, &key, now_ns);
}

static void a_table_has_at_least_the_rows_asked_for_within_bounds(void **state)
{
    static const uint32_t cases[][2] = {
        {0, TG_SEAT_TABLE_ROWS_MIN},
        {TG_SEAT_TABLE_ROWS_MIN + 1, 2 * TG_SEAT_TABLE_ROWS_MIN},
        {20000, 32768},
        {UINT32_MAX, TG_SEAT_TABLE_ROWS_MAX},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tg_seat_table *table = tg_seat_table_create(cases[i][0], 64);
        assert_non_null(table);
        assert_int_equal(tg_seat_table_rows(table), cases[i][1]);
        tg_seat_table_destroy(table);
    }
    tg_seat_table_destroy(NULL);
}

static void a_key_with_a_count_keeps_its_row(void **state)
{
    struct tg_seat_table *table = *state;
    uint32_t row = find(table, 1, 0);

    tg_seat_table_raise(table, row, 0);
    tg_seat_table_raise(table, row, 2);
    for (uint64_t other = 2; other < 100; other++) {
        assert_int_not_equal(find(table, other, 0), row);
    }
    assert_int_equal(find(table, 1, 0), row);
    assert_int_equal(tg_seat_table_count(table, row), 2);
    tg_seat_table_lower(table, row, 2);
    assert_int_equal(tg_seat_table_count(table, row), 1);
}

static void keys_are_compared_whole(void **state)
{
    struct tg_seat_table *table = *state;
    struct tg_seat_key a = {{1, 2}};
    struct tg_seat_key b = {{1, 3}};
    uint32_t row = tg_seat_table_find(table, &a, 0);

    tg_seat_table_raise(table, row, 0);
    assert_int_not_equal(tg_seat_table_find(table, &b, 0), row);
}

static void a_count_that_nobody_has_is_not_lowered(void **state)
{
    struct tg_seat_table *table = *state;
    uint32_t row = find(table, 1, 0);

    tg_seat_table_raise(table, row, 0);
    tg_seat_table_lower(table, row, 1);
    assert_int_equal(tg_seat_table_count(table, row), 1);
}

/* Fills the table until a key finds no row; returns how many did. */
static uint32_t fill(struct tg_seat_table *table, uint64_t first)
{
    uint32_t count = 0;

    for (uint64_t number = first; number < first + 10 * TG_SEAT_TABLE_ROWS_MIN; number++) {
        uint32_t row = find(table, number, 0);
        if (row == TG_SEAT_TABLE_NO_ROW) {
            return count;
        }
        tg_seat_table_raise(table, row, (uint32_t)(number % WORKERS));
        count++;
    }
    return count;
}

static void a_full_table_says_so_and_a_freed_row_is_used_again(void **state)
{
    struct tg_seat_table *table = *state;
    uint32_t count = fill(table, 1000);

    /* At the end only the rows within one key's window have to be taken. */
    assert_in_range(count, TG_SEAT_TABLE_WINDOW, TG_SEAT_TABLE_ROWS_MIN);
    for (uint64_t number = 1000; number < 1000 + count; number++) {
        uint32_t row = find(table, number, 0);
        assert_int_not_equal(row, TG_SEAT_TABLE_NO_ROW);
        assert_int_equal(tg_seat_table_count(table, row), 1);
        tg_seat_table_lower(table, row, (uint32_t)(number % WORKERS));
    }
    assert_in_range(fill(table, 900000), TG_SEAT_TABLE_WINDOW, TG_SEAT_TABLE_ROWS_MIN);
}

static void half_a_table_always_has_room_for_another(void **state)
{
    (void)state;
    struct tg_seat_table *table = tg_seat_table_create(16384, 1);

    assert_non_null(table);
    /* Ten times over, as when clients come and go for long: no row is unused any more. */
    for (uint64_t turn = 0; turn < 10; turn++) {
        uint32_t *rows = calloc(8192, sizeof(*rows));
        assert_non_null(rows);
        for (uint64_t i = 0; i < 8192; i++) {
            rows[i] = find(table, turn * 100000 + i, 0);
            assert_int_not_equal(rows[i], TG_SEAT_TABLE_NO_ROW);
            tg_seat_table_raise(table, rows[i], 0);
        }
        for (uint64_t i = 0; i < 8192; i++) {
            assert_int_equal(tg_seat_table_count(table, rows[i]), 1);
            tg_seat_table_lower(table, rows[i], 0);
        }
        free(rows);
    }
    tg_seat_table_destroy(table);
}

static void a_burst_passes_and_then_one_per_interval(void **state)
{
    struct tg_seat_table *table = *state;
    struct tg_seat_rate rate = {.interval_ns = NS_PER_S / 10, .burst = 5};
    uint64_t now_ns = 77 * (uint64_t)NS_PER_S;
    uint32_t row = find(table, 1, now_ns);

    for (int i = 0; i < 5; i++) {
        assert_true(tg_seat_table_spend(table, row, &rate, now_ns));
    }
    assert_false(tg_seat_table_spend(table, row, &rate, now_ns));
    assert_false(tg_seat_table_spend(table, row, &rate, now_ns + rate.interval_ns - 1));
    assert_true(tg_seat_table_spend(table, row, &rate, now_ns + rate.interval_ns));
    assert_false(tg_seat_table_spend(table, row, &rate, now_ns + rate.interval_ns));
    /* Rest fills it again, to the burst and no further. */
    now_ns += 60 * (uint64_t)NS_PER_S;
    for (int i = 0; i < 5; i++) {
        assert_true(tg_seat_table_spend(table, row, &rate, now_ns));
    }
    assert_false(tg_seat_table_spend(table, row, &rate, now_ns));
}

static void a_burst_of_one_is_one_per_interval(void **state)
{
    struct tg_seat_table *table = *state;
    struct tg_seat_rate rate = {.interval_ns = NS_PER_S, .burst = 1};
    uint32_t row = find(table, 1, 0);

    assert_true(tg_seat_table_spend(table, row, &rate, 0));
    assert_false(tg_seat_table_spend(table, row, &rate, NS_PER_S - 1));
    assert_true(tg_seat_table_spend(table, row, &rate, NS_PER_S));
}

static void a_row_whose_rate_is_remembered_is_nobody_elses(void **state)
{
    struct tg_seat_table *table = *state;
    struct tg_seat_rate rate = {.interval_ns = NS_PER_S, .burst = 1};
    uint32_t row = find(table, 1, 0);

    assert_true(tg_seat_table_spend(table, row, &rate, 0));
    (void)fill(table, 1000);
    assert_int_equal(find(table, 1, NS_PER_S - 1), row);
    assert_false(tg_seat_table_spend(table, row, &rate, NS_PER_S - 1));
    /* When it is forgotten, the row is free for others, and its bucket full. */
    for (uint64_t number = 5000; number < 9000; number++) {
        uint32_t other = find(table, number, NS_PER_S);
        if (other == row) {
            assert_true(tg_seat_table_spend(table, other, &rate, NS_PER_S));
            return;
        }
    }
    fail_msg("the row was given to nobody");
}

static void a_dead_workers_counts_are_zeroed_and_nobody_elses(void **state)
{
    struct tg_seat_table *table = *state;
    uint32_t row = find(table, 1, 0);
    uint32_t other = find(table, 2, 0);

    tg_seat_table_raise(table, row, 0);
    tg_seat_table_raise(table, row, 1);
    other = other == row ? find(table, 2, 0) : other;
    tg_seat_table_raise(table, other, 1);
    tg_seat_table_reset_worker(table, 1);
    assert_int_equal(tg_seat_table_count(table, row), 1);
    assert_int_equal(tg_seat_table_count(table, other), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(a_table_has_at_least_the_rows_asked_for_within_bounds),
        TEST(a_key_with_a_count_keeps_its_row),
        TEST(keys_are_compared_whole),
        TEST(a_count_that_nobody_has_is_not_lowered),
        TEST(a_full_table_says_so_and_a_freed_row_is_used_again),
        TEST(half_a_table_always_has_room_for_another),
        TEST(a_burst_passes_and_then_one_per_interval),
        TEST(a_burst_of_one_is_one_per_interval),
        TEST(a_row_whose_rate_is_remembered_is_nobody_elses),
        TEST(a_dead_workers_counts_are_zeroed_and_nobody_elses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
