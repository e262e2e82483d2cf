/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>

#include "net/http_url.h"

static void assert_parses(const char *text, const char *expected)
{
    struct tg_http_url url;
    struct tg_errmsg msg = {0};
    char seen[4096];

    assert_int_equal(tg_http_url_parse(tg_str_of(text), &url, &msg), TG_OK);
    (void)snprintf(seen, sizeof(seen), "%s %s %s %s", url.is_tls ? "tls" : "plain", url.host,
                   url.port, url.target);
    assert_string_equal(seen, expected);
}

static void assert_refused(const char *text, const char *message)
{
    struct tg_http_url url;
    struct tg_errmsg msg = {0};

    assert_int_equal(tg_http_url_parse(tg_str_of(text), &url, &msg), TG_ERR_INVALID);
    assert_string_equal(msg.text, message);
}

static void a_url_is_taken_apart(void **state)
{
    (void)state;
    assert_parses("https://id.example/jwks.json", "tls id.example 443 /jwks.json");
    assert_parses("HTTP://id.example:8080/a/b?c=d&e", "plain id.example 8080 /a/b?c=d&e");
    assert_parses("https://id.example", "tls id.example 443 /");
    assert_parses("https://id.example?x", "tls id.example 443 /?x");
    assert_parses("https://[::1]:8443/k", "tls ::1 8443 /k");
    assert_parses("http://[::1]", "plain ::1 80 /");
    assert_parses("http://127.0.0.1:1/", "plain 127.0.0.1 1 /");
}

static void what_makes_no_sense_is_refused(void **state)
{
    static const char scheme[] = "expected https://HOST/PATH or http://HOST/PATH";
    static const char host[] = "expected a host of letters, digits, dots and hyphens";
    static const char port[] = "expected a port from 1 to 65535";
    char longest[4096] = "https://h/";

    (void)state;
    assert_refused("", scheme);
    assert_refused("ftp://h/", scheme);
    assert_refused("id.example/jwks", scheme);
    assert_refused("https://", "expected a host");
    assert_refused("https:///x", "expected a host");
    assert_refused("https://:80/x", host);
    assert_refused("https://a%41/x", host);
    assert_refused("https://alice:secret@h/x", "expected no user and password");
    assert_refused("https://h/x#y", "expected no fragment");
    assert_refused("https://h#y", "expected no fragment");
    assert_refused("https://h/a b", "expected no blanks, control or non-ASCII characters");
    assert_refused("https://h/a\r\nX: y", "expected no blanks, control or non-ASCII characters");
    assert_refused("https://h:0/", port);
    assert_refused("https://h:65536/", port);
    assert_refused("https://h:/", port);
    assert_refused("https://h:8a/", port);
    assert_refused("https://[::1/", "expected ] behind the address");
    assert_refused("https://[::x]/", "expected an IPv6 address between [ and ]");
    assert_refused("https://[::1]8/", port);
    memset(longest + 10, 'x', sizeof(longest) - 11);
    assert_refused(longest, "expected a shorter path");
    memset(longest + 8, 'x', 300);
    longest[308] = '\0';
    assert_refused(longest, host);
}

static bool is_loopback(const char *text)
{
    struct tg_http_url url;
    struct tg_errmsg msg = {0};

    assert_int_equal(tg_http_url_parse(tg_str_of(text), &url, &msg), TG_OK);
    return tg_http_url_is_loopback(&url);
}

static void this_machine_is_told_from_others(void **state)
{
    (void)state;
    assert_true(is_loopback("http://localhost/"));
    assert_true(is_loopback("http://LocalHost:80/"));
    assert_true(is_loopback("http://127.1.2.3/"));
    assert_true(is_loopback("http://[::1]/"));
    assert_false(is_loopback("http://localhost.example/"));
    assert_false(is_loopback("http://127.0.0.1.example/"));
    assert_false(is_loopback("http://10.0.0.1/"));
    assert_false(is_loopback("http://[::2]/"));
    assert_false(is_loopback("http://0x7f000001/"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_url_is_taken_apart),
        cmocka_unit_test(what_makes_no_sense_is_refused),
        cmocka_unit_test(this_machine_is_told_from_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
