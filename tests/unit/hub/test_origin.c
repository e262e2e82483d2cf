/* SPDX-License-Identifier: MIT */
#include "fake_house.h"

#include "hub/origin.h"

static void what_is_no_origin_is_not_read(void **state)
{
    static const char *const bad[] = {
        "",
        "null",
        "://",
        "http://",
        "http:/a",
        "//a",
        "a.example",
        "http//a.example",
        "1http://a",
        "ht tp://a",
        "http://a/",
        "http://a?b",
        "http://a#b",
        "http://user@a",
        "http://user:word@a",
        "http://a:80@b",
        "http://a:",
        "http://a:x",
        "http://a:0",
        "http://a:080",
        "http://a:-1",
        "http://a:65536",
        "http://a:100000",
        "http://a:80:80",
        "http://a b",
        "http://a,b",
        "http://a%2e",
        "http://a\\b",
        "http://*.a",
        "http://[::1",
        "http://::1",
        "http://[::1]x",
        "http://[::1]:",
        "http://[1]",
        "http://[::g]",
        "http://[fe80::1%25eth0]",
        "http://\xc3\xa4.example",
        "http://a http://b",
        "https://a.example\tx",
    };
    struct tg_origin origin;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (tg_origin_read(tg_str_of(bad[i]), &origin)) {
            fail_msg("%s", bad[i]);
        }
    }
}

static void an_origin_has_scheme_host_and_port(void **state)
{
    struct tg_origin origin;

    (void)state;
    assert_true(tg_origin_read(TG_STR("https://App.example"), &origin));
    assert_true(tg_str_is(origin.scheme, TG_STR("https")));
    assert_true(tg_str_is(origin.host, TG_STR("App.example")));
    assert_int_equal(origin.port, 443);
    assert_true(tg_origin_read(TG_STR("http://[2001:db8::1]:8080"), &origin));
    assert_true(tg_str_is(origin.host, TG_STR("[2001:db8::1]")));
    assert_int_equal(origin.port, 8080);
    assert_true(tg_origin_read(TG_STR("http://192.0.2.7:65535"), &origin));
    assert_int_equal(origin.port, 65535);
    assert_true(tg_origin_read(TG_STR("chrome-extension://abcdef"), &origin));
    assert_int_equal(origin.port, TG_ORIGIN_NO_PORT);
}

/* origin, Host, whether the page is of that host */
static void a_page_of_the_same_host_and_port_may_connect(void **state)
{
    static const struct {
        const char *origin;
        const char *host;
        bool is_same;
    } cases[] = {
        {"http://gate.example", "gate.example", true},
        {"https://gate.example", "gate.example", true},
        {"https://GATE.example", "gate.EXAMPLE", true},
        {"HTTPS://gate.example", "gate.example", true},
        {"http://gate.example", "gate.example:80", true},
        {"http://gate.example:80", "gate.example", true},
        {"https://gate.example", "gate.example:443", true},
        {"https://gate.example:443", "gate.example", true},
        {"https://gate.example", "gate.example:80", false},
        {"http://gate.example", "gate.example:443", false},
        {"http://gate.example:8080", "gate.example:8080", true},
        {"http://gate.example", "gate.example:8080", false},
        {"http://gate.example:8080", "gate.example", false},
        {"http://gate.example:8080", "gate.example:18080", false},
        {"http://gate.example:8080", "gate.example:808", false},
        {"http://[::1]:8080", "[::1]:8080", true},
        {"http://[2001:DB8::1]", "[2001:db8::1]:80", true},
        {"http://[::1]", "[::1]:8080", false},
        {"http://[::1]:8080", "::1:8080", false},
        {"http://127.0.0.1:8080", "127.0.0.1:8080", true},
        {"http://127.0.0.1:8080", "localhost:8080", false},
        {"null", "gate.example", false},
        {"null", "null", false},
        {"ftp://gate.example", "gate.example", false},
        {"file://", "gate.example", false},
        {"http://evil.example", "gate.example", false},
        {"http://gate.example.evil.example", "gate.example", false},
        {"http://evilgate.example", "gate.example", false},
        {"http://sub.gate.example", "gate.example", false},
        {"http://gate.example.", "gate.example", false},
        {"http://gate.example@evil.example", "gate.example", false},
        {"http://gate.example:80@evil.example", "gate.example", false},
        {"http://user@gate.example", "gate.example", false},
        {"http://user@gate.example", "user@gate.example", false},
        {"http://gate.example/", "gate.example", false},
        {"http://gate.example/x", "gate.example", false},
        {"http://evil.example#gate.example", "gate.example", false},
        {"http://gate.example http://evil.example", "gate.example", false},
        {"http://gate.example", "", false},
        {"http://", "", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool is_same =
            tg_origin_may_connect(NULL, tg_str_of(cases[i].origin), tg_str_of(cases[i].host));
        if (is_same != cases[i].is_same) {
            fail_msg("%s at %s", cases[i].origin, cases[i].host);
        }
    }
}

static void a_list_is_compared_by_scheme_host_and_port(void **state)
{
    struct tg_string_list list = {.items = {(char[]){"https://app.example"},
                                            (char[]){"http://[::1]:3000"},
                                            (char[]){"chrome-extension://abc"}},
                                  .count = 3};
    static const char *const good[] = {"https://app.example", "https://APP.example",
                                       "https://app.example:443", "http://[::1]:3000",
                                       "chrome-extension://abc"};
    static const char *const bad[] = {"http://app.example",
                                      "https://app.example:8443",
                                      "https://app.example.evil.example",
                                      "https://evil.example",
                                      "https://app.example@evil.example",
                                      "https://app.example/",
                                      "https://sub.app.example",
                                      "http://[::1]",
                                      "http://[::1]:30000",
                                      "chrome-extension://abcd",
                                      "null",
                                      "*",
                                      ""};

    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(tg_origin_may_connect(&list, tg_str_of(good[i]), TG_STR("gate.example")));
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (tg_origin_may_connect(&list, tg_str_of(bad[i]), TG_STR("gate.example"))) {
            fail_msg("%s", bad[i]);
        }
    }
    assert_false(
        tg_origin_may_connect(&list, TG_STR("http://gate.example"), TG_STR("gate.example")));
}

static void an_empty_list_is_for_nobody_and_a_star_for_all(void **state)
{
    struct tg_string_list list = {.count = 0};

    (void)state;
    assert_false(tg_origin_may_connect(&list, TG_STR("http://a"), TG_STR("a")));
    list = (struct tg_string_list){.items = {(char[]){"*"}}, .count = 1};
    assert_true(tg_origin_may_connect(&list, TG_STR("http://a"), TG_STR("b")));
    assert_true(tg_origin_may_connect(&list, TG_STR("null"), TG_STR("b")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_origin_is_not_read),
        cmocka_unit_test(an_origin_has_scheme_host_and_port),
        cmocka_unit_test(a_page_of_the_same_host_and_port_may_connect),
        cmocka_unit_test(a_list_is_compared_by_scheme_host_and_port),
        cmocka_unit_test(an_empty_list_is_for_nobody_and_a_star_for_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
