/* SPDX-License-Identifier: MIT */
#include "histogram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void an_empty_histogram_says_nought(void **state)
{
    struct tg_histogram histogram = {0};
    (void)state;

    assert_int_equal(tg_histogram_percentile(&histogram, 99), 0);
}

static void a_percentile_is_within_a_bucket_of_the_value(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit < 64; bit++) {
        struct tg_histogram histogram = {0};
        uint64_t value = (uint64_t)1 << bit;
        value |= value >> 1 | value >> 3;
        tg_histogram_add(&histogram, value);
        tg_histogram_add(&histogram, UINT64_MAX);
        double seen = tg_histogram_percentile(&histogram, 0);
        double error = seen > (double)value ? seen - (double)value : (double)value - seen;
        assert_true(error <= (double)value / 64.0);
    }
}

static void percentiles_split_a_thousand_even_steps(void **state)
{
    struct tg_histogram histogram = {0};
    (void)state;

    for (uint64_t i = 1; i <= 1000; i++) {
        tg_histogram_add(&histogram, i * 1000);
    }
    assert_int_equal(histogram.count, 1000);
    assert_in_range((uint64_t)tg_histogram_percentile(&histogram, 50), 490000, 510000);
    assert_in_range((uint64_t)tg_histogram_percentile(&histogram, 99), 975000, 1000000);
    assert_int_equal(tg_histogram_percentile(&histogram, 100), 1000000);
}

static void no_percentile_is_above_the_largest_value(void **state)
{
    struct tg_histogram histogram = {0};
    (void)state;

    tg_histogram_add(&histogram, 1048576);
    assert_int_equal(tg_histogram_percentile(&histogram, 99.9), 1048576);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_histogram_says_nought),
        cmocka_unit_test(a_percentile_is_within_a_bucket_of_the_value),
        cmocka_unit_test(percentiles_split_a_thousand_even_steps),
        cmocka_unit_test(no_percentile_is_above_the_largest_value),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
