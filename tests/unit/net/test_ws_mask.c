/* SPDX-License-Identifier: MIT */
#include "net/ws_mask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rand.h"

enum { LENGTH_MAX = 200, PLACES = 40 };

static const uint8_t MASK[4] = {0x37, 0xfa, 0x21, 0x3d};
static const uint8_t GUARD = 0x5a;

static uint32_t mask_of(const uint8_t octets[4])
{
    uint32_t mask;

    memcpy(&mask, octets, sizeof(mask));
    return mask;
}

static void every_length_at_every_place_agrees_with_the_definition(void **state)
{
    struct tg_rand rand;

    (void)state;
    tg_rand_seed(&rand, 53);
    for (size_t length = 0; length <= LENGTH_MAX; length++) {
        for (size_t place = 0; place < PLACES; place++) {
            uint8_t room[LENGTH_MAX + PLACES + 1];
            uint8_t before[LENGTH_MAX + PLACES + 1];
            for (size_t i = 0; i < sizeof(room); i++) {
                room[i] = (uint8_t)tg_rand_next(&rand);
            }
            memcpy(before, room, sizeof(room));
            (void)tg_ws_mask_take_off(room + place, length, mask_of(MASK));
            for (size_t i = 0; i < sizeof(room); i++) {
                bool is_inside = i >= place && i < place + length;
                uint8_t expected = is_inside ? before[i] ^ MASK[(i - place) % 4] : before[i];
                assert_int_equal(room[i], expected);
            }
        }
    }
}

/* In memory of just that length, so that a step too far is seen under the sanitizers. */
static void one_octet_that_is_not_ascii_is_seen_at_every_place(void **state)
{
    (void)state;
    for (size_t length = 1; length <= LENGTH_MAX; length++) {
        for (size_t odd = 0; odd <= length; odd++) {
            uint8_t *octets = malloc(length);
            assert_non_null(octets);
            for (size_t i = 0; i < length; i++) {
                octets[i] = (i == odd ? 0x80 : 0x7f) ^ MASK[i % 4];
            }
            assert_int_equal(tg_ws_mask_take_off(octets, length, mask_of(MASK)), odd == length);
            free(octets);
        }
    }
}

static void nothing_is_ascii(void **state)
{
    uint8_t guard = GUARD;

    (void)state;
    assert_true(tg_ws_mask_take_off(&guard, 0, mask_of(MASK)));
    assert_int_equal(guard, GUARD);
}

static void a_turned_mask_goes_on_where_the_piece_before_ended(void **state)
{
    (void)state;
    for (size_t cut = 0; cut <= LENGTH_MAX; cut++) {
        uint8_t whole[LENGTH_MAX];
        uint8_t pieces[LENGTH_MAX];
        memset(whole, 'a', sizeof(whole));
        memset(pieces, 'a', sizeof(pieces));
        (void)tg_ws_mask_take_off(whole, LENGTH_MAX, mask_of(MASK));
        (void)tg_ws_mask_take_off(pieces, cut, mask_of(MASK));
        (void)tg_ws_mask_take_off(pieces + cut, LENGTH_MAX - cut,
                                  tg_ws_mask_turn(mask_of(MASK), cut));
        assert_memory_equal(whole, pieces, LENGTH_MAX);
    }
}

static void a_mask_of_zeroes_changes_nothing(void **state)
{
    uint8_t octets[LENGTH_MAX];

    (void)state;
    memset(octets, 'z', sizeof(octets));
    assert_true(tg_ws_mask_take_off(octets, sizeof(octets), 0));
    for (size_t i = 0; i < sizeof(octets); i++) {
        assert_int_equal(octets[i], 'z');
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_length_at_every_place_agrees_with_the_definition),
        cmocka_unit_test(one_octet_that_is_not_ascii_is_seen_at_every_place),
        cmocka_unit_test(nothing_is_ascii),
        cmocka_unit_test(a_turned_mask_goes_on_where_the_piece_before_ended),
        cmocka_unit_test(a_mask_of_zeroes_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
