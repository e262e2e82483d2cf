/* SPDX-License-Identifier: MIT */
#include "net/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rand.h"
#include "fake_utf8.h"

enum { RANDOM_TEXTS = 200000, RANDOM_MAX = 12 };

/* Every form of one to four octets, right or wrong, for a number. */
static size_t encode(uint32_t number, size_t size, uint8_t octets[4])
{
    static const uint8_t FIRST[] = {0, 0, 0xc0, 0xe0, 0xf0};

    for (size_t i = size - 1; i > 0; i--) {
        octets[i] = (uint8_t)(0x80 | (number & 0x3f));
        number >>= 6;
    }
    octets[0] = (uint8_t)(FIRST[size] | number);
    return size;
}

static void every_code_point_in_every_form_agrees_with_the_definition(void **state)
{
    static const uint32_t ROOM[] = {0, 0x80, 0x800, 0x10000, 0x200000};
    uint8_t octets[4];
    uint32_t valid = 0;

    (void)state;
    for (size_t size = 1; size <= 4; size++) {
        for (uint32_t number = 0; number < ROOM[size]; number++) {
            size_t length = encode(number, size, octets);
            bool expected = fake_utf8_is_text(octets, length);
            if (tg_utf8_check(octets, length) != expected) {
                fail_msg("U+%04X in %zu octets", number, size);
            }
            valid += expected;
        }
    }
    assert_int_equal(valid, 0x110000 - 0x800);
}

static void every_pair_of_octets_agrees_with_the_definition(void **state)
{
    (void)state;
    for (int i = 0; i < 0x10000; i++) {
        uint8_t octets[2] = {(uint8_t)(i >> 8), (uint8_t)i};
        assert_int_equal(tg_utf8_check(octets, 2), fake_utf8_is_text(octets, 2));
    }
}

/* Octets that often come near to being text. */
static size_t random_octets(struct tg_rand *rand, uint8_t octets[RANDOM_MAX])
{
    static const uint8_t LIKELY[] = {0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc1, 0xc2, 0xdf,
                                     0xe0, 0xe1, 0xed, 0xef, 0xf0, 0xf1, 0xf4, 0xf5, 0xff, 'a'};
    size_t length = 1 + (size_t)tg_rand_below(rand, RANDOM_MAX);

    for (size_t i = 0; i < length; i++) {
        octets[i] = tg_rand_below(rand, 4) == 0 ? (uint8_t)tg_rand_next(rand)
                                                : LIKELY[tg_rand_below(rand, sizeof(LIKELY))];
    }
    return length;
}

static void random_octets_fail_at_the_first_that_no_text_goes_on_with(void **state)
{
    struct tg_rand rand;

    (void)state;
    tg_rand_seed(&rand, 6455);
    for (int i = 0; i < RANDOM_TEXTS; i++) {
        uint8_t octets[RANDOM_MAX];
        size_t length = random_octets(&rand, octets);
        struct tg_utf8 utf8 = {0};
        size_t at = 0;

        assert_int_equal(tg_utf8_check(octets, length), fake_utf8_is_text(octets, length));
        while (at < length && tg_utf8_feed(&utf8, octets + at, 1)) {
            at++;
            assert_true(fake_utf8_can_go_on(octets, at));
            assert_int_equal(tg_utf8_is_complete(&utf8), fake_utf8_is_text(octets, at));
        }
        if (at < length) {
            assert_false(fake_utf8_can_go_on(octets, at + 1));
        }
    }
    print_message("%d random texts, seed 6455\n", RANDOM_TEXTS);
}

static void pieces_of_any_length_agree_with_the_whole(void **state)
{
    const char *text = "a\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 and thirty-two ASCII octets behind";
    const uint8_t *octets = (const uint8_t *)text;
    size_t length = strlen(text);

    (void)state;
    for (size_t first = 0; first <= length; first++) {
        for (size_t second = first; second <= length; second++) {
            struct tg_utf8 utf8 = {0};
            assert_true(tg_utf8_feed(&utf8, octets, first));
            assert_true(tg_utf8_feed(&utf8, octets + first, second - first));
            assert_true(tg_utf8_feed(&utf8, octets + second, length - second));
            assert_true(tg_utf8_is_complete(&utf8));
        }
    }
}

/* Where ASCII is skipped 32 and 8 octets a step, no octet may slip through. */
static void a_bad_octet_is_found_at_every_place_in_ascii(void **state)
{
    (void)state;
    for (size_t length = 1; length <= 100; length++) {
        for (size_t at = 0; at < length; at++) {
            uint8_t *octets = malloc(length);
            assert_non_null(octets);
            memset(octets, 'a', length);
            assert_true(tg_utf8_check(octets, length));
            octets[at] = 0xff;
            assert_false(tg_utf8_check(octets, length));
            free(octets);
        }
    }
}

static void the_empty_text_is_valid(void **state)
{
    (void)state;
    assert_true(tg_utf8_check(NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_empty_text_is_valid),
        cmocka_unit_test(every_code_point_in_every_form_agrees_with_the_definition),
        cmocka_unit_test(every_pair_of_octets_agrees_with_the_definition),
        cmocka_unit_test(random_octets_fail_at_the_first_that_no_text_goes_on_with),
        cmocka_unit_test(pieces_of_any_length_agree_with_the_whole),
        cmocka_unit_test(a_bad_octet_is_found_at_every_place_in_ascii),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
