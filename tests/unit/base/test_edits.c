/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/edits.h"
#include "base/rand.h"

static void assert_apart(const char *a, const char *b, uint32_t edits)
{
    assert_int_equal(tg_edits(tg_str_of(a), tg_str_of(b)), edits);
    assert_int_equal(tg_edits(tg_str_of(b), tg_str_of(a)), edits);
}

static void each_kind_of_edit_counts_one(void **state)
{
    (void)state;
    assert_apart("rooms", "rooms", 0);
    assert_apart("rooms", "room", 1);
    assert_apart("rooms", "rrooms", 1);
    assert_apart("rooms", "roams", 1);
    assert_apart("rooms", "romos", 1);
    assert_apart("", "", 0);
    assert_apart("", "abc", 3);
    assert_apart("kitten", "sitting", 3);
    assert_apart("ca", "abc", 3);
}

static void long_words_are_too_far(void **state)
{
    char word[TG_EDITS_WORD_MAX + 2];

    (void)state;
    memset(word, 'a', sizeof(word));
    word[TG_EDITS_WORD_MAX] = '\0';
    assert_apart(word, "", TG_EDITS_WORD_MAX);
    assert_apart(word, word, 0);
    word[TG_EDITS_WORD_MAX] = 'a';
    word[TG_EDITS_WORD_MAX + 1] = '\0';
    assert_apart(word, "a", UINT32_MAX);
}

/* The definition, without a table. */
static uint32_t by_definition(const char *a, size_t i, const char *b, size_t j)
{
    if (i == 0 || j == 0) {
        return (uint32_t)(i + j);
    }
    uint32_t least = by_definition(a, i - 1, b, j) + 1;
    uint32_t other = by_definition(a, i, b, j - 1) + 1;
    least = other < least ? other : least;
    other = by_definition(a, i - 1, b, j - 1) + (a[i - 1] != b[j - 1]);
    least = other < least ? other : least;
    if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        other = by_definition(a, i - 2, b, j - 2) + 1;
        least = other < least ? other : least;
    }
    return least;
}

static void random_words_are_as_far_apart_as_the_definition_says(void **state)
{
    struct tg_rand rand;

    (void)state;
    tg_rand_seed(&rand, 11);
    for (int n = 0; n < 2000; n++) {
        char a[6];
        char b[6];
        size_t i = tg_rand_below(&rand, sizeof(a));
        size_t j = tg_rand_below(&rand, sizeof(b));
        for (size_t k = 0; k < sizeof(a); k++) {
            a[k] = (char)('a' + tg_rand_below(&rand, 3));
            b[k] = (char)('a' + tg_rand_below(&rand, 3));
        }
        assert_int_equal(tg_edits(tg_str(a, i), tg_str(b, j)), by_definition(a, i, b, j));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_edit_counts_one),
        cmocka_unit_test(long_words_are_too_far),
        cmocka_unit_test(random_words_are_as_far_apart_as_the_definition_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
