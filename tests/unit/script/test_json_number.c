/* SPDX-License-Identifier: MIT */
#include "script/json_number.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rand.h"

enum { ROUNDS = 200000 };

static void write_text(double value, char out[TG_JSON_NUMBER_MAX + 1])
{
    size_t length = tg_json_number_write(value, out);

    assert_true(length < TG_JSON_NUMBER_MAX);
    out[length] = '\0';
}

static void assert_text(double value, const char *expected)
{
    char text[TG_JSON_NUMBER_MAX + 1];

    write_text(value, text);
    assert_string_equal(text, expected);
}

/* -0 is not 0 here. */
static uint64_t bits_of(double value)
{
    uint64_t octets;

    memcpy(&octets, &value, sizeof(octets));
    return octets;
}

static void assert_reads_back(const char *text, double value)
{
    if (bits_of(strtod(text, NULL)) != bits_of(value)) {
        fail_msg("%.17g is written as %s", value, text);
    }
}

static void integers_up_to_2_53_are_written_as_such(void **state)
{
    (void)state;
    assert_text(0, "0");
    assert_text(-0.0, "-0");
    assert_text(7, "7");
    assert_text(-10, "-10");
    assert_text(1e15, "1000000000000000");
    assert_text(123456789012345678.0, "1.2345678901234568e+17");
    assert_text(9007199254740991.0, "9007199254740991");
    assert_text(9007199254740992.0, "9007199254740992");
    assert_text(-9007199254740992.0, "-9007199254740992");
    assert_text(9007199254740994.0, "9007199254740994");
    assert_text(1e21, "1e+21");
}

static void assert_small(uint32_t value)
{
    char expected[16];
    char text[TG_JSON_NUMBER_MAX];
    int length = snprintf(expected, sizeof(expected), "%u", (unsigned)value);

    assert_int_equal(tg_json_number_write_small(value, text), length);
    assert_memory_equal(text, expected, (size_t)length);
    assert_int_equal(tg_json_number_write(value, text), length);
    assert_memory_equal(text, expected, (size_t)length);
}

/* All groups of four digits in either half, and the ends of each length. */
static void small_integers_are_written_at_once(void **state)
{
    (void)state;
    for (uint32_t value = 1; value < 10000; value++) {
        assert_small(value);
        assert_small(value * 10000);
        assert_small(value * 10000 + (value * 7919) % 10000);
    }
    for (uint32_t power = 10; power <= 10000000; power *= 10) {
        assert_small(power - 1);
        assert_small(power);
        assert_small(power + 1);
    }
    assert_small(TG_JSON_NUMBER_SMALL - 1);
}

static void fractions_are_written_with_the_fewest_digits(void **state)
{
    (void)state;
    assert_text(0.5, "0.5");
    assert_text(-2.25, "-2.25");
    assert_text(0.1, "0.1");
    assert_text(0.3, "0.3");
    assert_text(0.1 + 0.2, "0.30000000000000004");
    assert_text(4.35, "4.35");
    assert_text(100.01, "100.01");
    assert_text(1.005, "1.005");
    assert_text(3.14159265358979, "3.14159265358979");
    assert_text(3.141592653589793, "3.141592653589793");
    assert_text(0.0001, "0.0001");
    assert_text(0.00001, "1e-05");
    assert_text(123456.789e-9, "0.000123456789");
    assert_text(99999999999999.9, "99999999999999.9");
    assert_text(4503599627370495.5, "4503599627370495.5");
}

static void the_ends_of_the_range_read_back(void **state)
{
    static const double values[] = {DBL_MAX, DBL_MIN, DBL_EPSILON, 5e-324, 1e22, 1e23, 2.5e-308};
    char text[TG_JSON_NUMBER_MAX + 1];

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        write_text(values[i], text);
        assert_reads_back(text, values[i]);
        write_text(-values[i], text);
        assert_reads_back(text, -values[i]);
    }
    assert_text(-DBL_MAX, "-1.7976931348623157e+308");
    /* The longest that there is. */
    assert_text(-2.2250738585072014e-308, "-2.2250738585072014e-308");
}

/* The fewest significant digits that read back as the value, by trying them all. */
static int fewest_digits(double value)
{
    char text[TG_JSON_NUMBER_MAX + 1];

    for (int digits = 1; digits < 17; digits++) {
        (void)snprintf(text, sizeof(text), "%.*e", digits - 1, value);
        if (strtod(text, NULL) == value) {
            return digits;
        }
    }
    return 17;
}

static int significant_digits(const char *text)
{
    int count = 0;
    int zeros = 0;

    for (; *text && *text != 'e'; text++) {
        if (*text == '0') {
            zeros += count > 0;
        } else if (*text >= '1' && *text <= '9') {
            count += zeros + 1;
            zeros = 0;
        }
    }
    return count;
}

static double random_number(struct tg_rand *rand)
{
    uint64_t bits = tg_rand_next(rand);
    double value;

    switch (tg_rand_below(rand, 4)) {
    case 0: /* any double */
        memcpy(&value, &bits, sizeof(value));
        return isfinite(value) ? value : 1.5;
    case 1: /* a decimal, as people write them */
        return (double)(bits % 10000000) / pow(10, (double)tg_rand_below(rand, 8));
    case 2:
        return ((double)bits - 9e18) / pow(10, (double)tg_rand_below(rand, 30));
    default:
        return tg_rand_real(rand);
    }
}

static void random_numbers_read_back_and_have_the_fewest_digits(void **state)
{
    struct tg_rand rand;
    char text[TG_JSON_NUMBER_MAX + 1];

    (void)state;
    tg_rand_seed(&rand, 7);
    for (int i = 0; i < ROUNDS; i++) {
        double value = random_number(&rand);
        write_text(value, text);
        assert_reads_back(text, value);
        int digits = significant_digits(text);
        bool is_whole = value == floor(value) && fabs(value) <= 0x1p53;
        bool is_subnormal = fabs(value) < DBL_MIN;
        if (!is_whole && !is_subnormal && digits > fewest_digits(value)) {
            fail_msg("%.17g is written as %s", value, text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_up_to_2_53_are_written_as_such),
        cmocka_unit_test(small_integers_are_written_at_once),
        cmocka_unit_test(fractions_are_written_with_the_fewest_digits),
        cmocka_unit_test(the_ends_of_the_range_read_back),
        cmocka_unit_test(random_numbers_read_back_and_have_the_fewest_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
