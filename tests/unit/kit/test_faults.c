/* SPDX-License-Identifier: MIT */
#include "kit/faults.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "fake_kit.h"
#include "hub/counter.h"

static uint64_t errors_of(const struct tg_app *app)
{
    return tg_row_read(&app->page->rows[0], TG_COUNT_HANDLER_ERRORS);
}

static void ask(struct tg_app *app, struct tg_conn *line)
{
    fake_kit_say(line);
    assert_int_equal(tg_app_settle(app), TG_OK);
}

static void as_many_calls_fail_as_were_ordered(void **state)
{
    struct tg_errmsg msg = {""};
    struct tg_app *app = fake_kit_start(&msg);

    (void)state;
    assert_non_null(app);
    struct tg_conn *alice = fake_kit_connect(app, 0);
    app->faults.cpu = 2;
    ask(app, alice);
    ask(app, alice);
    assert_int_equal(app->faults.cpu, 0);
    assert_int_equal(errors_of(app), 2);
    app->faults.memory = 1;
    ask(app, alice);
    assert_int_equal(errors_of(app), 3);
    assert_int_equal(fake_kit_texts(alice), 3); /* errors */
    ask(app, alice);
    assert_int_equal(errors_of(app), 3);
    assert_int_equal(fake_kit_texts(alice), 2); /* the message and the answer */
    tg_app_destroy(app);
}

static void a_fault_of_one_app_is_none_of_another(void **state)
{
    struct tg_errmsg msg = {""};
    struct tg_app *one = fake_kit_start(&msg);
    struct tg_app *other = fake_kit_start(&msg);

    (void)state;
    one->faults.cpu = 1;
    ask(other, fake_kit_connect(other, 0));
    assert_int_equal(errors_of(other), 0);
    assert_int_equal(one->faults.cpu, 1);
    tg_app_destroy(one);
    tg_app_destroy(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_many_calls_fail_as_were_ordered),
        cmocka_unit_test(a_fault_of_one_app_is_none_of_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
