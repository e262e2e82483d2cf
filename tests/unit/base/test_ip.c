/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/ip.h"

static struct tg_ip ip_of(const char *text)
{
    struct tg_ip ip;

    if (tg_ip_read(tg_str_of(text), &ip) != TG_OK) {
        fail_msg("%s is no address", text);
    }
    return ip;
}

static void an_address_is_read_and_written_canonically(void **state)
{
    static const struct {
        const char *text;
        const char *canonical;
        bool is_v4;
    } cases[] = {
        {"192.0.2.7", "192.0.2.7", true},
        {"0.0.0.0", "0.0.0.0", true},
        {"255.255.255.255", "255.255.255.255", true},
        {"::ffff:192.0.2.7", "192.0.2.7", true},
        {"::FFFF:c000:0207", "192.0.2.7", true},
        {"2001:DB8:0:0:0:0:0:7", "2001:db8::7", false},
        {"::1", "::1", false},
        {"::", "::", false},
        {"::192.0.2.7", "::192.0.2.7", false},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
         false},
    };
    char text[TG_IP_TEXT_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tg_ip ip = ip_of(cases[i].text);
        assert_string_equal(tg_ip_write(&ip, text), cases[i].canonical);
        assert_int_equal(tg_ip_is_v4(&ip), cases[i].is_v4);
    }
}

static void what_is_no_address_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        " ",
        "192.0.2",
        "192.0.2.256",
        "192.0.2.7 ",
        "192.0.2.7:80",
        "0192.0.2.7",
        "0x7f.0.0.1",
        "[::1]",
        "::1%lo",
        "1:2:3:4:5:6:7:8:9",
        ":::",
        "localhost",
        "unix",
        "192.0.2.7/32",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    };
    struct tg_ip ip;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (tg_ip_read(tg_str_of(bad[i]), &ip) != TG_ERR_SYNTAX) {
            fail_msg("\"%s\" was read", bad[i]);
        }
    }
    assert_int_equal(tg_ip_read(tg_str("192.0.2.7\0x", 11), &ip), TG_ERR_SYNTAX);
    assert_int_equal(tg_ip_read(TG_STR("192.0.2.7\0"), &ip), TG_ERR_SYNTAX);
}

static void four_octets_are_an_ipv4_address(void **state)
{
    struct tg_ip ip = tg_ip_of_v4((const uint8_t[]){10, 1, 2, 3});
    char text[TG_IP_TEXT_BYTES];

    (void)state;
    assert_string_equal(tg_ip_write(&ip, text), "10.1.2.3");
}

static void a_range_has_what_shares_its_bits(void **state)
{
    static const struct {
        const char *range;
        const char *inside;
        const char *outside;
    } cases[] = {
        {"10.0.0.0/8", "10.255.255.255", "11.0.0.0"},
        {"10.0.0.0/8", "::ffff:10.1.2.3", "::a00:1"},
        {"192.0.2.7", "192.0.2.7", "192.0.2.6"},
        {"192.0.2.7/32", "192.0.2.7", "192.0.2.8"},
        {"192.0.2.6/31", "192.0.2.7", "192.0.2.8"},
        {"0.0.0.0/0", "203.0.113.9", "2001:db8::1"},
        {"::ffff:10.0.0.0/104", "10.9.9.9", "11.0.0.0"},
        {"2001:db8::/32", "2001:db8:ffff::", "2001:db9::"},
        {"2001:db8::8/125", "2001:db8::f", "2001:db8::10"},
        {"::1", "::1", "::"},
        {"fe80::/10", "febf::1", "fec0::1"},
    };
    struct tg_ip_range range;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tg_ip inside = ip_of(cases[i].inside);
        struct tg_ip outside = ip_of(cases[i].outside);
        assert_int_equal(tg_ip_range_read(tg_str_of(cases[i].range), &range), TG_OK);
        if (!tg_ip_range_has(&range, &inside) || tg_ip_range_has(&range, &outside)) {
            fail_msg("%s, %s, %s", cases[i].range, cases[i].inside, cases[i].outside);
        }
    }
}

static void every_address_is_in_a_range_of_no_bits(void **state)
{
    struct tg_ip_range range;
    struct tg_ip v4 = ip_of("203.0.113.9");
    struct tg_ip v6 = ip_of("2001:db8::1");

    (void)state;
    assert_int_equal(tg_ip_range_read(TG_STR("::/0"), &range), TG_OK);
    assert_true(tg_ip_range_has(&range, &v4));
    assert_true(tg_ip_range_has(&range, &v6));
}

static void what_is_no_range_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "/8",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/08",
        "10.0.0.0/x",
        "10.0.0.1/8",
        "10.0.0.0/8/8",
        "10.0.0.0/-1",
        "10.0.0.0/ 8",
        "::/129",
        "2001:db8::1/64",
        "10.0.0.0/0008",
        "10/8",
        "*",
    };
    struct tg_ip_range range;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (tg_ip_range_read(tg_str_of(bad[i]), &range) != TG_ERR_SYNTAX) {
            fail_msg("\"%s\" was read", bad[i]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_is_read_and_written_canonically),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(four_octets_are_an_ipv4_address),
        cmocka_unit_test(a_range_has_what_shares_its_bits),
        cmocka_unit_test(every_address_is_in_a_range_of_no_bits),
        cmocka_unit_test(what_is_no_range_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
