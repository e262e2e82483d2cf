/* SPDX-License-Identifier: MIT */
#include "core/unloaded.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/err.h"

struct fixture {
    struct tg_unloaded unloaded;
};

static int set_up(void **state)
{
    *state = calloc(1, sizeof(struct fixture));
    return *state ? 0 : -1;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static void an_unloaded_generation_is_found_and_no_other(void **state)
{
    struct fixture *f = *state;
    struct tg_gateway_row row = {.name = "chat", .generation = "0123456789ab", .path = "/chat"};

    assert_null(tg_unloaded_find(&f->unloaded, "chat", "0123456789ab"));
    assert_int_equal(tg_unloaded_add(&f->unloaded, &row), TG_OK);
    assert_int_equal(tg_unloaded_add(&f->unloaded, &row), TG_ERR_EXISTS);
    const struct tg_gateway_row *found = tg_unloaded_find(&f->unloaded, "chat", "0123456789ab");
    assert_non_null(found);
    assert_string_equal(found->path, "/chat");
    assert_null(tg_unloaded_find(&f->unloaded, "chat", "0123456789ac"));
    assert_null(tg_unloaded_find(&f->unloaded, "cha", "0123456789ab"));
}

static void the_table_of_the_unloaded_is_bounded(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < TG_GATEWAY_ROWS_MAX; i++) {
        struct tg_gateway_row row = {.name = "chat"};
        row.generation[0] = (char)('0' + i / 16);
        row.generation[1] = (char)('0' + i % 16);
        assert_int_equal(tg_unloaded_add(&f->unloaded, &row), TG_OK);
    }
    struct tg_gateway_row row = {.name = "one"};
    assert_int_equal(tg_unloaded_add(&f->unloaded, &row), TG_ERR_FULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_unloaded_generation_is_found_and_no_other, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_table_of_the_unloaded_is_bounded, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
