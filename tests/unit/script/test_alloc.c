/* SPDX-License-Identifier: MIT */
#include "script/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void what_is_taken_is_counted_and_given_back(void **state)
{
    struct tg_alloc alloc = {.limit = 1 << 20};

    (void)state;
    char *block = tg_alloc_resize(&alloc, NULL, 5, 100);
    assert_non_null(block);
    assert_in_range(alloc.used, 100, 124);
    memset(block, 'x', 100);
    block = tg_alloc_resize(&alloc, block, 100, 5000);
    assert_int_equal(block[99], 'x');
    assert_in_range(alloc.used, 5000, 5024);
    block = tg_alloc_resize(&alloc, block, 5000, 10);
    assert_non_null(block);
    assert_null(tg_alloc_resize(&alloc, block, 10, 0));
    assert_int_equal(alloc.used, 0);
}

static void the_limit_is_never_passed(void **state)
{
    struct tg_alloc alloc = {.limit = 10000};
    void *blocks[1000];
    size_t count = 0;

    (void)state;
    for (size_t size = 1;; size = size % 97 + 1) {
        void *block = tg_alloc_resize(&alloc, NULL, 0, size);
        if (!block) {
            break;
        }
        assert_true(alloc.used <= alloc.limit);
        blocks[count++] = block;
    }
    assert_true(count > 100);
    assert_null(tg_alloc_resize(&alloc, blocks[0], 1, 20000));
    assert_null(tg_alloc_resize(&alloc, NULL, 0, SIZE_MAX - 64));
    while (count > 0) {
        (void)tg_alloc_resize(&alloc, blocks[--count], 1, 0);
    }
    assert_int_equal(alloc.used, 0);
}

static void a_wrong_old_size_does_not_matter(void **state)
{
    struct tg_alloc alloc = {.limit = 1 << 20};

    (void)state;
    void *block = tg_alloc_resize(&alloc, NULL, 0, 80);
    (void)tg_alloc_resize(&alloc, block, 40, 0);
    assert_int_equal(alloc.used, 0);
}

static void freeing_nothing_is_nothing(void **state)
{
    struct tg_alloc alloc = {.limit = 100};

    (void)state;
    assert_null(tg_alloc_resize(&alloc, NULL, 7, 0));
    assert_int_equal(alloc.used, 0);
}

static void a_dry_one_gives_nothing_and_takes_back(void **state)
{
    struct tg_alloc alloc = {.limit = 1 << 20};

    (void)state;
    void *block = tg_alloc_resize(&alloc, NULL, 0, 80);
    alloc.is_dry = true;
    assert_null(tg_alloc_resize(&alloc, NULL, 0, 1));
    assert_null(tg_alloc_resize(&alloc, block, 80, 4000));
    (void)tg_alloc_resize(&alloc, block, 80, 0);
    assert_int_equal(alloc.used, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_taken_is_counted_and_given_back),
        cmocka_unit_test(the_limit_is_never_passed),
        cmocka_unit_test(a_wrong_old_size_does_not_matter),
        cmocka_unit_test(freeing_nothing_is_nothing),
        cmocka_unit_test(a_dry_one_gives_nothing_and_takes_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
