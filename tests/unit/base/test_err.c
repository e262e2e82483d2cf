/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"

static void every_error_has_a_text_and_a_number_of_its_own(void **state)
{
    static const int errors[] = {
#define TG_ERR(name, text) TG_ERR_##name,
#include "base/err.def"
#undef TG_ERR
    };
    int count = (int)(sizeof(errors) / sizeof(errors[0]));

    (void)state;
    for (int i = 0; i < count; i++) {
        assert_int_equal(errors[i], -1 - i);
        assert_string_not_equal(tg_err_text(errors[i]), "unknown error");
        assert_true(strlen(tg_err_text(errors[i])) > 0);
    }
    assert_string_equal(tg_err_text(-1 - count), "unknown error");
    assert_string_equal(tg_err_text(1), "unknown error");
    assert_string_equal(tg_err_text(TG_OK), "ok");
    assert_string_equal(tg_err_text(TG_ERR_FULL), "full");
}

static void setting_a_message_returns_the_error(void **state)
{
    struct tg_errmsg msg = {0};

    (void)state;
    assert_int_equal(tg_errmsg_set(&msg, TG_ERR_IO, "%s: %d", "file", 3), TG_ERR_IO);
    assert_string_equal(msg.text, "file: 3");
}

static void wrapping_puts_the_context_in_front(void **state)
{
    struct tg_errmsg msg = {0};

    (void)state;
    tg_errmsg_set(&msg, TG_ERR_IO, "no such file");
    assert_int_equal(tg_errmsg_wrap(&msg, TG_ERR_IO, "gateway %s", "chat"), TG_ERR_IO);
    assert_string_equal(msg.text, "gateway chat: no such file");
}

static void a_long_message_is_cut_at_its_size(void **state)
{
    struct tg_errmsg msg = {0};
    char large[2 * TG_ERRMSG_BYTES];

    (void)state;
    memset(large, 'x', sizeof(large) - 1);
    large[sizeof(large) - 1] = '\0';
    tg_errmsg_set(&msg, TG_ERR_IO, "%s", large);
    assert_int_equal(strlen(msg.text), TG_ERRMSG_BYTES - 1);
    tg_errmsg_wrap(&msg, TG_ERR_IO, "context");
    assert_int_equal(strlen(msg.text), TG_ERRMSG_BYTES - 1);
    assert_memory_equal(msg.text, "context: xxx", 12);
    tg_errmsg_wrap(&msg, TG_ERR_IO, "%s", large);
    assert_int_equal(strlen(msg.text), TG_ERRMSG_BYTES - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_error_has_a_text_and_a_number_of_its_own),
        cmocka_unit_test(setting_a_message_returns_the_error),
        cmocka_unit_test(wrapping_puts_the_context_in_front),
        cmocka_unit_test(a_long_message_is_cut_at_its_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
