/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/list.h"

struct item {
    int value;
    struct tg_link link;
};

enum { ITEMS = 4 };

struct fixture {
    struct tg_link list;
    struct item items[ITEMS];
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    tg_link_init(&f->list);
    for (int i = 0; i < ITEMS; i++) {
        f->items[i].value = i;
        tg_link_init(&f->items[i].link);
        tg_list_append(&f->list, &f->items[i].link);
    }
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

/* The values of the list as a number: 0, 1, 3 is 13. Checks the way back too. */
static int digits(struct tg_link *list)
{
    int number = 0;

    for (struct tg_link *link = list->next; link != list; link = link->next) {
        assert_ptr_equal(link->next->previous, link);
        assert_ptr_equal(link->previous->next, link);
        number = 10 * number + TG_CONTAINER(link, struct item, link)->value;
    }
    return number;
}

static void links_keep_the_order_of_appending(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(digits(&f->list), 123);
}

static void a_removed_link_is_alone_and_may_be_removed_again(void **state)
{
    struct fixture *f = *state;

    tg_link_remove(&f->items[2].link);
    tg_link_remove(&f->items[2].link);
    assert_true(tg_link_is_alone(&f->items[2].link));
    assert_int_equal(digits(&f->list), 13);
    tg_list_append(&f->list, &f->items[2].link);
    assert_int_equal(digits(&f->list), 132);
}

static void the_first_is_taken_until_none_is_left(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < ITEMS; i++) {
        struct tg_link *link = tg_list_take_first(&f->list);
        assert_ptr_equal(link, &f->items[i].link);
        assert_true(tg_link_is_alone(link));
    }
    assert_null(tg_list_take_first(&f->list));
    assert_true(tg_link_is_alone(&f->list));
}

static void all_links_move_in_order(void **state)
{
    struct fixture *f = *state;
    struct tg_link to;

    tg_link_init(&to);
    tg_list_move(&f->list, &to);
    assert_true(tg_link_is_alone(&f->list));
    assert_int_equal(digits(&to), 123);
    tg_link_remove(&f->items[1].link);
    assert_int_equal(digits(&to), 23);
}

static void moving_nothing_leaves_both_empty(void **state)
{
    struct tg_link from;
    struct tg_link to;

    (void)state;
    tg_link_init(&from);
    tg_link_init(&to);
    tg_list_move(&from, &to);
    assert_true(tg_link_is_alone(&from));
    assert_true(tg_link_is_alone(&to));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(links_keep_the_order_of_appending),
        TEST(a_removed_link_is_alone_and_may_be_removed_again),
        TEST(the_first_is_taken_until_none_is_left),
        TEST(all_links_move_in_order),
        TEST(moving_nothing_leaves_both_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
