/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rand.h"

static void equal_seeds_give_equal_runs(void **state)
{
    struct tg_rand a;
    struct tg_rand b;
    struct tg_rand other;
    int differing = 0;

    (void)state;
    tg_rand_seed(&a, 7);
    tg_rand_seed(&b, 7);
    tg_rand_seed(&other, 8);
    for (int i = 0; i < 1000; i++) {
        uint64_t value = tg_rand_next(&a);
        assert_true(value == tg_rand_next(&b));
        differing += value != tg_rand_next(&other);
    }
    assert_int_equal(differing, 1000);
}

/* xoshiro256** from the state 1, 2, 3, 4: worked out by hand from its definition,
 * rotl(s1 * 5, 7) * 9. */
static void the_first_numbers_are_those_of_the_definition(void **state)
{
    struct tg_rand rand = {{1, 2, 3, 4}};

    (void)state;
    assert_true(tg_rand_next(&rand) == 11520);
    assert_true(tg_rand_next(&rand) == 0);
    assert_true(tg_rand_next(&rand) == 1509978240);
}

static void seeds_from_the_kernel_differ(void **state)
{
    struct tg_rand a;
    struct tg_rand b;

    (void)state;
    tg_rand_seed_kernel(&a);
    tg_rand_seed_kernel(&b);
    assert_memory_not_equal(&a, &b, sizeof(a));
}

static void the_kernel_fills_every_octet_and_no_more(void **state)
{
    uint8_t octets[66];
    uint8_t seen[64] = {0};

    (void)state;
    memset(octets, 0xaa, sizeof(octets));
    for (int i = 0; i < 64; i++) {
        tg_rand_kernel(octets + 1, 64);
        for (int j = 0; j < 64; j++) {
            seen[j] |= octets[j + 1] != 0xaa;
        }
    }
    assert_int_equal(octets[0], 0xaa);
    assert_int_equal(octets[65], 0xaa);
    for (int j = 0; j < 64; j++) {
        assert_int_equal(seen[j], 1);
    }
    tg_rand_kernel(octets, 0);
}

static void numbers_below_a_bound_are_even(void **state)
{
    struct tg_rand rand;
    int counts[6] = {0};

    (void)state;
    tg_rand_seed(&rand, 3);
    for (int i = 0; i < 60000; i++) {
        uint64_t value = tg_rand_below(&rand, 6);
        assert_true(value < 6);
        counts[value]++;
    }
    /* 10,000 each; five standard deviations are 456. */
    for (int i = 0; i < 6; i++) {
        assert_in_range(counts[i], 9544, 10456);
    }
}

static void a_bound_past_half_of_all_numbers_is_kept(void **state)
{
    struct tg_rand rand;
    uint64_t bound = ((uint64_t)1 << 63) + 1;

    (void)state;
    tg_rand_seed(&rand, 3);
    for (int i = 0; i < 1000; i++) {
        assert_true(tg_rand_below(&rand, bound) < bound);
        assert_int_equal(tg_rand_below(&rand, 1), 0);
        assert_true(tg_rand_below(&rand, UINT64_MAX) < UINT64_MAX);
    }
}

static void reals_are_in_the_half_open_interval(void **state)
{
    struct tg_rand rand;
    double sum = 0;

    (void)state;
    tg_rand_seed(&rand, 3);
    for (int i = 0; i < 100000; i++) {
        double real = tg_rand_real(&rand);
        assert_true(real >= 0 && real < 1);
        sum += real;
    }
    assert_true(sum > 49500 && sum < 50500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_seeds_give_equal_runs),
        cmocka_unit_test(the_first_numbers_are_those_of_the_definition),
        cmocka_unit_test(seeds_from_the_kernel_differ),
        cmocka_unit_test(the_kernel_fills_every_octet_and_no_more),
        cmocka_unit_test(numbers_below_a_bound_are_even),
        cmocka_unit_test(a_bound_past_half_of_all_numbers_is_kept),
        cmocka_unit_test(reals_are_in_the_half_open_interval),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
