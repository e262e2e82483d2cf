/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/rand.h"
#include "core/config_value.h"

struct number_case {
    const char *text;
    bool is_valid;
    uint64_t value;
};

typedef bool (*number_fn)(struct tg_str text, uint64_t *value);

static void assert_numbers(number_fn read, const struct number_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t value = 4711;
        bool is_valid = read(tg_str_of(cases[i].text), &value);
        if (is_valid != cases[i].is_valid || value != (is_valid ? cases[i].value : 4711)) {
            fail_msg("\"%s\" gave %d, %llu", cases[i].text, is_valid, (unsigned long long)value);
        }
    }
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void numbers_are_digits_alone(void **state)
{
    static const struct number_case cases[] = {
        {"0", true, 0},
        {"7", true, 7},
        {"10000", true, 10000},
        {"18446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"99999999999999999999999", false, 0},
        {"", false, 0},
        {"-1", false, 0},
        {"+1", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1e3", false, 0},
        {"1.0", false, 0},
        {"0x10", false, 0},
        {"007", false, 0},
        {"00", false, 0},
        {"1_000", false, 0},
    };

    (void)state;
    assert_numbers(tg_config_value_uint, cases, COUNT(cases));
    uint64_t value = 1;
    assert_false(tg_config_value_uint(TG_STR("1\0"), &value));
    assert_false(tg_config_value_uint(tg_str(NULL, 0), &value));
}

static void sizes_are_octets_or_have_a_binary_unit(void **state)
{
    static const struct number_case cases[] = {
        {"65536", true, 65536},
        {"0", true, 0},
        {"1KiB", true, 1024},
        {"64KiB", true, 65536},
        {"1MiB", true, 1048576},
        {"4GiB", true, 4294967296},
        {"17179869183GiB", true, 17179869183u * 1073741824u},
        {"17179869184GiB", false, 0},
        {"64KB", false, 0},
        {"64kib", false, 0},
        {"64 KiB", false, 0},
        {"KiB", false, 0},
        {"1.5MiB", false, 0},
        {"64K", false, 0},
        {"64B", false, 0},
        {"064KiB", false, 0},
        {"", false, 0},
    };

    (void)state;
    assert_numbers(tg_config_value_size, cases, COUNT(cases));
}

static void durations_have_a_unit_or_are_zero(void **state)
{
    static const struct number_case cases[] = {
        {"0", true, 0},
        {"0s", true, 0},
        {"250ms", true, 250},
        {"5s", true, 5000},
        {"10m", true, 600000},
        {"1h", true, 3600000},
        {"5124095576030h", true, 5124095576030u * 3600000u},
        {"5124095576031h", false, 0},
        {"25", false, 0},
        {"5 s", false, 0},
        {"5S", false, 0},
        {"1d", false, 0},
        {"s", false, 0},
        {"1.5s", false, 0},
        {"-5s", false, 0},
        {"5s5s", false, 0},
        {"1h30m", false, 0},
        {"", false, 0},
    };

    (void)state;
    assert_numbers(tg_config_value_duration, cases, COUNT(cases));
}

static void booleans_are_true_and_false(void **state)
{
    static const char *const others[] = {"True", "1", "yes", "", "truely", "tru", "on"};
    bool value = false;

    (void)state;
    assert_true(tg_config_value_bool(TG_STR("true"), &value));
    assert_true(value);
    for (size_t i = 0; i < COUNT(others); i++) {
        assert_false(tg_config_value_bool(tg_str_of(others[i]), &value));
        assert_true(value);
    }
    assert_true(tg_config_value_bool(TG_STR("false"), &value));
    assert_false(value);
}

static void assert_address(const char *text, const char *host, uint16_t port)
{
    struct tg_address address = {0};

    if (!tg_config_value_address(tg_str_of(text), &address)) {
        fail_msg("\"%s\" is no address", text);
    }
    assert_string_equal(address.host, host);
    assert_int_equal(address.port, port);
}

static void addresses_are_a_literal_and_a_port(void **state)
{
    (void)state;
    assert_address("127.0.0.1:8080", "127.0.0.1", 8080);
    assert_address("0.0.0.0:0", "0.0.0.0", 0);
    assert_address("[::1]:65535", "::1", 65535);
    assert_address("[::]:80", "::", 80);
    assert_address("[2001:db8::ffff:1.2.3.4]:80", "2001:db8::ffff:1.2.3.4", 80);
}

static void what_is_no_address_is_refused(void **state)
{
    static const char *const cases[] = {
        "",
        "8080",
        ":8080",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:65536",
        "127.0.0.1:-1",
        "127.0.0.1:80 ",
        " 127.0.0.1:80",
        "127.1:80",
        "256.0.0.1:80",
        "::1:80",
        "[::1]",
        "[::1]80",
        "[::1]:",
        "[]:80",
        "[127.0.0.1]:80",
        "[::1:80",
        "::1]:80",
        "localhost:80",
        "[fe80::1%eth0]:80",
        "[::1]:080",
        "[[::1]]:80",
        "http://127.0.0.1:80",
        "[1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc:dddd]:80",
    };
    struct tg_address address = {"kept", 7};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (tg_config_value_address(tg_str_of(cases[i]), &address)) {
            fail_msg("\"%s\" was taken", cases[i]);
        }
    }
    assert_false(tg_config_value_address(TG_STR("127.0.0.1\0:80"), &address));
    assert_string_equal(address.host, "kept");
    assert_int_equal(address.port, 7);
}

static void a_host_alone_may_be_in_brackets(void **state)
{
    char host[64] = "kept";

    (void)state;
    assert_false(tg_config_value_host(TG_STR("::1]"), host));
    assert_false(tg_config_value_host(TG_STR("["), host));
    assert_string_equal(host, "kept");
    assert_true(tg_config_value_host(TG_STR("::1"), host));
    assert_string_equal(host, "::1");
    assert_true(tg_config_value_host(TG_STR("[::2]"), host));
    assert_string_equal(host, "::2");
    assert_true(tg_config_value_host(TG_STR("10.0.0.1"), host));
    assert_string_equal(host, "10.0.0.1");
}

static void what_is_printed_is_read_back(void **state)
{
    struct tg_rand rand;
    char text[TG_CONFIG_VALUE_BYTES];
    uint64_t value;

    (void)state;
    tg_rand_seed(&rand, 5);
    for (int i = 0; i < 10000; i++) {
        uint64_t number = tg_rand_next(&rand) >> tg_rand_below(&rand, 64);
        number &= ~(uint64_t)0 << tg_rand_below(&rand, 40);
        assert_true(
            tg_config_value_size(tg_str_of(tg_config_value_print_size(text, number)), &value));
        assert_true(value == number);
        assert_true(tg_config_value_duration(
            tg_str_of(tg_config_value_print_duration(text, number)), &value));
        assert_true(value == number);
    }
    assert_string_equal(tg_config_value_print_size(text, 65536), "64KiB");
    assert_string_equal(tg_config_value_print_size(text, 1025), "1025");
    assert_string_equal(tg_config_value_print_duration(text, 90000), "90s");
    assert_string_equal(tg_config_value_print_duration(text, 3600000), "1h");
    assert_string_equal(tg_config_value_print_duration(text, 0), "0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_digits_alone),
        cmocka_unit_test(sizes_are_octets_or_have_a_binary_unit),
        cmocka_unit_test(durations_have_a_unit_or_are_zero),
        cmocka_unit_test(booleans_are_true_and_false),
        cmocka_unit_test(addresses_are_a_literal_and_a_port),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(a_host_alone_may_be_in_brackets),
        cmocka_unit_test(what_is_printed_is_read_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
