/* SPDX-License-Identifier: MIT */
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rand.h"
#include "fake_utf8.h"

enum { RANDOM_TEXTS = 200000, RANDOM_MAX = 12, LONG_TEXTS = 20000, LONG_MAX = 300 };

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

/* One text, whole, against the definition: whether it is one, whether one could begin so. */
static void check_text(const uint8_t *octets, size_t length)
{
    struct tg_utf8 utf8 = {0};
    uint8_t *exact = malloc(length > 0 ? length : 1);

    assert_non_null(exact);
    memcpy(exact, octets, length);
    assert_int_equal(tg_utf8_feed(&utf8, exact, length), fake_utf8_can_go_on(octets, length));
    assert_int_equal(tg_utf8_check(exact, length), fake_utf8_is_text(octets, length));
    free(exact);
}

/* Steps of 32 octets look at pairs of octets and at the step before: each kind of fault and of
 * character at each place of three steps, among characters of each size. */
static void every_kind_of_sequence_is_judged_at_every_place_of_a_long_text(void **state)
{
    static const char *const FILLERS[] = {"a", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
    static const char *const SEQUENCES[] = {"z",
                                            "\xc3\xa9",
                                            "\xe2\x82\xac",
                                            "\xf0\x9f\x98\x80", /* good */
                                            "\xc3",
                                            "\xe2\x82",
                                            "\xe2",
                                            "\xf0\x9f\x98",
                                            "\xf0\x9f",
                                            "\xf0",
                                            "\x80",
                                            "\xbf\xbf",
                                            "\xc0\x80",
                                            "\xc1\xbf",
                                            "\xe0\x80\x80",
                                            "\xe0\x9f\xbf",
                                            "\xed\xa0\x80",
                                            "\xed\xbf\xbf",
                                            "\xf0\x80\x80\x80",
                                            "\xf0\x8f\xbf\xbf",
                                            "\xf4\x90\x80\x80",
                                            "\xf5\x80\x80\x80",
                                            "\xff",
                                            "\xfe",
                                            "\xe2\x82\xac\x80",
                                            "\xf4\x8f\xbf\xbf",
                                            "\xed\x9f\xbf",
                                            "\xee\x80\x80",
                                            "\xf4\xa0\x80\x80"};

    (void)state;
    for (size_t f = 0; f < sizeof(FILLERS) / sizeof(FILLERS[0]); f++) {
        size_t size = strlen(FILLERS[f]);
        for (size_t s = 0; s < sizeof(SEQUENCES) / sizeof(SEQUENCES[0]); s++) {
            size_t length = strlen(SEQUENCES[s]);
            for (size_t before = 0; before * size <= 100; before++) {
                uint8_t text[LONG_MAX];
                size_t at = 0;
                for (size_t i = 0; i < before + 40 / size; i++) {
                    if (i == before) {
                        memcpy(text + at, SEQUENCES[s], length);
                        at += length;
                    }
                    memcpy(text + at, FILLERS[f], size);
                    at += size;
                }
                check_text(text, at);
                check_text(text, before * size + length);
            }
        }
    }
}

/* Good characters of all sizes, and in two of three texts one octet that is another. */
static size_t random_long_text(struct tg_rand *rand, uint8_t octets[LONG_MAX])
{
    static const uint32_t FIRST[] = {0, 0, 0x80, 0x800, 0x10000};
    static const uint32_t COUNT[] = {0, 0x80, 0x780, 0xd000, 0x100000};
    size_t wanted = 1 + (size_t)tg_rand_below(rand, LONG_MAX - 8);
    size_t length = 0;

    while (length < wanted) {
        size_t size = tg_rand_below(rand, 3) == 0 ? 1 : 1 + (size_t)tg_rand_below(rand, 4);
        uint32_t number = FIRST[size] + (uint32_t)tg_rand_below(rand, COUNT[size]);
        if (size == 1) {
            octets[length++] = (uint8_t)number;
        } else {
            length += encode(number, size, octets + length);
        }
    }
    if (tg_rand_below(rand, 3) > 0) {
        octets[tg_rand_below(rand, length)] = (uint8_t)tg_rand_next(rand);
    }
    return length;
}

static void long_random_texts_agree_with_the_definition_whole_and_in_pieces(void **state)
{
    struct tg_rand rand;
    size_t good = 0;

    (void)state;
    tg_rand_seed(&rand, 3629);
    for (int i = 0; i < LONG_TEXTS; i++) {
        uint8_t octets[LONG_MAX];
        size_t length = random_long_text(&rand, octets);
        size_t cut = (size_t)tg_rand_below(&rand, length);
        struct tg_utf8 utf8 = {0};
        bool is_text = fake_utf8_is_text(octets, length);
        check_text(octets, length);
        bool is_good =
            tg_utf8_feed(&utf8, octets, cut) && tg_utf8_feed(&utf8, octets + cut, length - cut);
        assert_int_equal(is_good && tg_utf8_is_complete(&utf8), is_text);
        good += is_text;
    }
    assert_in_range(good, LONG_TEXTS / 4, LONG_TEXTS * 3 / 4);
    print_message("%d long texts, seed 3629, %zu of them good\n", LONG_TEXTS, good);
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
        cmocka_unit_test(every_kind_of_sequence_is_judged_at_every_place_of_a_long_text),
        cmocka_unit_test(long_random_texts_agree_with_the_definition_whole_and_in_pieces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
