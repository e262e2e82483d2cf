/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "net/forwarded.h"

enum { FIELDS_MAX = 4 };

/* Trusted: 10.0.0.0/8 and fd00::/8. What is found, as text; "" when it is refused. */
static const char *find(const char *first, const char *second)
{
    static char text[TG_IP_TEXT_BYTES];
    struct tg_address_list trusted = {.count = 2};
    struct tg_header headers[FIELDS_MAX] = {
        {TG_STR("Host"), TG_STR("gate.example")},
        {TG_STR("X-Forwarded-For"), tg_str_of(first)},
        {TG_STR("X-Forwarded-Proto"), TG_STR("https")},
        {TG_STR("x-forwarded-FOR"), tg_str_of(second)},
    };
    struct tg_ip client;

    assert_int_equal(tg_ip_range_read(TG_STR("10.0.0.0/8"), &trusted.ranges[0]), TG_OK);
    assert_int_equal(tg_ip_range_read(TG_STR("fd00::/8"), &trusted.ranges[1]), TG_OK);
    assert_int_equal(tg_ip_read(TG_STR("10.9.9.9"), &client), TG_OK);
    int err = tg_forwarded_find(headers, second ? 4 : first ? 3 : 1, &trusted, &client);
    assert_true(err == TG_OK || err == TG_ERR_SYNTAX || err == TG_ERR_TOO_LARGE);
    return err ? "" : tg_ip_write(&client, text);
}

static void the_rightmost_untrusted_address_is_the_clients(void **state)
{
    (void)state;
    assert_string_equal(find("192.0.2.7", NULL), "192.0.2.7");
    assert_string_equal(find("203.0.113.1, 192.0.2.7", NULL), "192.0.2.7");
    assert_string_equal(find("203.0.113.1,192.0.2.7 ,\t10.0.0.1", NULL), "192.0.2.7");
    assert_string_equal(find("192.0.2.7, fd00::1, 10.0.0.1", NULL), "192.0.2.7");
    assert_string_equal(find("2001:DB8::7", NULL), "2001:db8::7");
}

static void several_headers_are_one_list(void **state)
{
    (void)state;
    assert_string_equal(find("203.0.113.1", "192.0.2.7"), "192.0.2.7");
    assert_string_equal(find("192.0.2.7", "10.0.0.1, 10.0.0.2"), "192.0.2.7");
}

static void what_the_client_wrote_is_never_looked_at(void **state)
{
    (void)state;
    assert_string_equal(find("garbage, <script>, 192.0.2.7", NULL), "192.0.2.7");
    assert_string_equal(find(", , 192.0.2.7, 10.0.0.1", NULL), "192.0.2.7");
    assert_string_equal(find("10.0.0.5, 192.0.2.7", NULL), "192.0.2.7");
}

static void when_all_are_trusted_it_is_the_first(void **state)
{
    (void)state;
    assert_string_equal(find("10.1.1.1, 10.0.0.1", NULL), "10.1.1.1");
}

static void without_the_header_it_is_the_peer(void **state)
{
    (void)state;
    assert_string_equal(find(NULL, NULL), "10.9.9.9");
}

static void a_port_is_skipped(void **state)
{
    (void)state;
    assert_string_equal(find("192.0.2.7:4711", NULL), "192.0.2.7");
    assert_string_equal(find("[2001:db8::7]:4711", NULL), "2001:db8::7");
    assert_string_equal(find("[2001:db8::7]", NULL), "2001:db8::7");
}

static void what_a_trusted_proxy_wrote_must_be_an_address(void **state)
{
    static const char *const bad[] = {"unknown",
                                      "",
                                      "192.0.2",
                                      "192.0.2.7,",
                                      "192.0.2.7, , 10.0.0.1",
                                      "[::1",
                                      "[::1]x",
                                      "::1%lo",
                                      "[]",
                                      "_hidden",
                                      "192.0.2.7 10.0.0.1",
                                      "\"192.0.2.7\"",
                                      ":80",
                                      "[",
                                      "host.name",
                                      "garbage, 10.0.0.1"};

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (strcmp(find(bad[i], NULL), "") != 0) {
            fail_msg("\"%s\" was taken", bad[i]);
        }
    }
}

static void the_walk_is_bounded(void **state)
{
    char hops[1024] = "192.0.2.7";

    (void)state;
    for (int i = 1; i < TG_FORWARDED_HOPS_MAX; i++) {
        (void)strcat(hops, ",10.0.0.1");
    }
    assert_string_equal(find(hops, NULL), "192.0.2.7");
    (void)strcat(hops, ",10.0.0.1");
    assert_string_equal(find(hops, NULL), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rightmost_untrusted_address_is_the_clients),
        cmocka_unit_test(several_headers_are_one_list),
        cmocka_unit_test(what_the_client_wrote_is_never_looked_at),
        cmocka_unit_test(when_all_are_trusted_it_is_the_first),
        cmocka_unit_test(without_the_header_it_is_the_peer),
        cmocka_unit_test(a_port_is_skipped),
        cmocka_unit_test(what_a_trusted_proxy_wrote_must_be_an_address),
        cmocka_unit_test(the_walk_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
