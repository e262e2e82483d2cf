/* SPDX-License-Identifier: MIT */
#include "core/gateway_rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct tg_gateway_rows rows;
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

static void a_row_is_ones_own_until_given_back(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < TG_GATEWAY_ROWS_MAX; i++) {
        assert_int_equal(tg_gateway_rows_take(&f->rows, "chat", "0123456789ab"), i);
    }
    assert_int_equal(tg_gateway_rows_take(&f->rows, "chat", "0123456789ab"), -1);
    tg_gateway_rows_give(&f->rows, 7);
    assert_int_equal(tg_gateway_rows_take(&f->rows, "echo", "0123456789ac"), 7);
    assert_true(tg_gateway_rows_is(&f->rows.rows[7], "echo", "0123456789ac"));
    assert_false(tg_gateway_rows_is(&f->rows.rows[7], "echo", "0123456789ab"));
    assert_false(tg_gateway_rows_is(&f->rows.rows[7], "chat", "0123456789ac"));
}

static void a_path_that_is_too_long_stays_unknown(void **state)
{
    struct fixture *f = *state;
    char path[TG_GATEWAY_ROW_PATH_MAX + 2];

    memset(path, 'x', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    int row = tg_gateway_rows_take(&f->rows, "chat", "0123456789ab");
    tg_gateway_rows_set_path(&f->rows, row, path);
    assert_string_equal(f->rows.rows[row].path, "");
    tg_gateway_rows_set_path(&f->rows, row, path + 1);
    assert_string_equal(f->rows.rows[row].path, path + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_row_is_ones_own_until_given_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_path_that_is_too_long_stays_unknown, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
