/* SPDX-License-Identifier: MIT */
#include "net/admin_host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

static void literals_and_localhost_are_believed(void **state)
{
    static const char *const hosts[] = {
        "",
        "localhost",
        "LocalHost",
        "localhost:9090",
        "127.0.0.1",
        "127.0.0.1:9090",
        "10.1.2.3:1",
        "[::1]",
        "[::1]:9090",
        "[2001:db8::1]:65535",
        "[::ffff:127.0.0.1]:80",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        if (!tg_admin_host_is_literal(tg_str_of(hosts[i]))) {
            fail_msg("not believed: \"%s\"", hosts[i]);
        }
    }
}

static void names_and_nonsense_are_not_believed(void **state)
{
    static const char *const hosts[] = {
        "evil.example",
        "evil.example:9090",
        "localhost.evil.example",
        "localhost.",
        "127.0.0.1.evil.example",
        "127.0.0.1,localhost",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:123456",
        "127.0.0.1:9o90",
        "127.0.0.1 ",
        " 127.0.0.1",
        "::1",
        "[::1",
        "[]",
        "[localhost]",
        "[127.0.0.1]",
        "[::1]9090",
        "[::1]:",
        "[::1]:x",
        "[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0001]",
        ":",
        ":9090",
        "user@127.0.0.1",
        "127.0.0.1:80:80",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        if (tg_admin_host_is_literal(tg_str_of(hosts[i]))) {
            fail_msg("believed: \"%s\"", hosts[i]);
        }
    }
}

static void an_octet_zero_hides_nothing(void **state)
{
    (void)state;
    assert_false(tg_admin_host_is_literal(TG_STR("127.0.0.1\0.evil.example")));
    assert_false(tg_admin_host_is_literal(TG_STR("[::1\0]")));
    assert_false(tg_admin_host_is_literal(TG_STR("localhost\0")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(literals_and_localhost_are_believed),
        cmocka_unit_test(names_and_nonsense_are_not_believed),
        cmocka_unit_test(an_octet_zero_hides_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
