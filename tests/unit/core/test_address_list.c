/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/address_list.h"

static int read_list(struct tg_address_list *list, const char *text, struct tg_errmsg *msg)
{
    struct tg_config_list texts = {{NULL}, 0};

    assert_int_equal(tg_config_list_set(&texts, "key", tg_str_of(text), msg), TG_OK);
    int err = tg_address_list_read(list, &texts, "trusted_proxies", msg);
    tg_config_list_fini(&texts);
    return err;
}

static void a_list_has_what_any_of_its_items_has(void **state)
{
    struct tg_address_list list;
    struct tg_errmsg msg = {{0}};

    (void)state;
    assert_int_equal(read_list(&list, "10.0.0.0/8, 192.0.2.7, 2001:db8::/32", &msg), TG_OK);
    assert_int_equal(list.count, 3);
    assert_true(tg_address_list_has_text(&list, TG_STR("10.1.2.3")));
    assert_true(tg_address_list_has_text(&list, TG_STR("::ffff:10.1.2.3")));
    assert_true(tg_address_list_has_text(&list, TG_STR("192.0.2.7")));
    assert_true(tg_address_list_has_text(&list, TG_STR("2001:db8::1")));
    assert_false(tg_address_list_has_text(&list, TG_STR("192.0.2.8")));
    assert_false(tg_address_list_has_text(&list, TG_STR("unix")));
    assert_false(tg_address_list_has_text(&list, TG_STR("")));
}

static void an_empty_list_has_nobody(void **state)
{
    struct tg_address_list list;
    struct tg_errmsg msg = {{0}};

    (void)state;
    assert_int_equal(read_list(&list, "none", &msg), TG_OK);
    assert_false(tg_address_list_has_text(&list, TG_STR("10.1.2.3")));
}

static void what_is_no_address_is_named_with_its_key(void **state)
{
    static const char *const bad[] = {"10.0.0.1/8", "proxy.example", "10.0.0.0/8, *", "::1/200"};
    struct tg_address_list list;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct tg_errmsg msg = {{0}};
        assert_int_equal(read_list(&list, bad[i], &msg), TG_ERR_INVALID);
        assert_int_equal(strncmp(msg.text, "trusted_proxies: expected", 25), 0);
        assert_non_null(strstr(msg.text, strrchr(bad[i], ' ') ? "got *" : bad[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_has_what_any_of_its_items_has),
        cmocka_unit_test(an_empty_list_has_nobody),
        cmocka_unit_test(what_is_no_address_is_named_with_its_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
