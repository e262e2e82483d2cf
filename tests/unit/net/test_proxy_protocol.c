/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "net/proxy_protocol.h"

#define SIGNATURE "\r\n\r\n\0\r\nQUIT\n"
#define V4 "\xc0\x00\x02\x07\xc0\x00\x02\x01\x12\x34\x01\xbb"
#define V6                                                             \
    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07\x20\x01\x0d\xb8\0\0\0" \
    "\0\0\0\0\0\0\0\0\x01\x12\x34\x01\xbb"
#define BEHIND "\r\nPROXY GET / behind"

/* Reads it at once, and octet by octet: until the last one it must be INCOMPLETE. */
static int read_both_ways(struct tg_str octets, struct tg_proxy_header *header)
{
    struct tg_proxy_header again;
    int err = tg_proxy_protocol_read(octets, header);

    for (size_t shown = 0; shown <= octets.length; shown++) {
        int step = tg_proxy_protocol_read(tg_str(octets.at, shown), &again);
        if (step == TG_ERR_INCOMPLETE) {
            assert_true(err != TG_OK || shown < header->length);
            continue;
        }
        assert_int_equal(step, err);
        assert_true(err != TG_OK || shown == header->length);
        return err;
    }
    assert_int_equal(err, TG_ERR_INCOMPLETE);
    return err;
}

static void expect(struct tg_str octets, const char *source)
{
    char room[8192];
    char text[TG_IP_TEXT_BYTES];
    struct tg_proxy_header header;

    assert_true(octets.length + strlen(BEHIND) < sizeof(room));
    memcpy(room, octets.at, octets.length);
    memcpy(room + octets.length, BEHIND, strlen(BEHIND));
    assert_int_equal(read_both_ways(octets, &header), TG_OK);
    assert_int_equal(read_both_ways(tg_str(room, octets.length + strlen(BEHIND)), &header), TG_OK);
    assert_int_equal(header.length, octets.length);
    assert_int_equal(header.has_source, source != NULL);
    if (source) {
        assert_string_equal(tg_ip_write(&header.source, text), source);
    }
}

static void expect_refused(struct tg_str octets, int wanted)
{
    struct tg_proxy_header header;
    int err = read_both_ways(octets, &header);

    if (err != wanted) {
        fail_msg("\"%.*s\": %d instead of %d", TG_STR_ARGS(octets), err, wanted);
    }
}

static void version_1_names_the_client(void **state)
{
    (void)state;
    expect(TG_STR("PROXY TCP4 192.0.2.7 192.0.2.1 4711 443\r\n"), "192.0.2.7");
    expect(TG_STR("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n"), "255.255.255.255");
    expect(TG_STR("PROXY TCP6 2001:db8::7 2001:db8::1 0 1\r\n"), "2001:db8::7");
    expect(TG_STR("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
                  "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"),
           "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

static void version_1_may_know_nobody(void **state)
{
    (void)state;
    expect(TG_STR("PROXY UNKNOWN\r\n"), NULL);
    expect(TG_STR("PROXY UNKNOWN ffff:f...f:ffff whatever 65535\r\n"), NULL);
}

static void version_1_is_one_strict_line(void **state)
{
    static const char *const bad[] = {
        "GET / HTTP/1.1\r\n",
        "proxy TCP4 192.0.2.7 192.0.2.1 4711 443\r\n",
        "PROXY\r\n",
        "PROXY \r\n",
        "PROXY  TCP4 192.0.2.7 192.0.2.1 4711 443\r\n",
        "PROXY TCP4  192.0.2.7 192.0.2.1 4711 443\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 4711\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 4711 443 \r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 4711 443 1\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 4711 443\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 65536 443\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 04711 443\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 -1 443\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 4711 123456\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.256 4711 443\r\n",
        "PROXY TCP4 2001:db8::7 2001:db8::1 4711 443\r\n",
        "PROXY TCP4 ::ffff:192.0.2.7 192.0.2.1 4711 443\r\n",
        "PROXY TCP6 192.0.2.7 192.0.2.1 4711 443\r\n",
        "PROXY UDP4 192.0.2.7 192.0.2.1 4711 443\r\n",
        "PROXY TCP4\t192.0.2.7 192.0.2.1 4711 443\r\n",
        "PROXY UNKNOWNS\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        expect_refused(tg_str_of(bad[i]), TG_ERR_SYNTAX);
    }
    expect_refused(TG_STR("PROXY TCP4 192.0.2.7\0 192.0.2.1 4711 443\r\n"), TG_ERR_SYNTAX);
}

static void version_1_is_bounded(void **state)
{
    char line[TG_PROXY_PROTOCOL_LINE_MAX + 1];

    (void)state;
    memset(line, 'x', sizeof(line));
    memcpy(line, "PROXY UNKNOWN ", 14);
    expect_refused(tg_str(line, TG_PROXY_PROTOCOL_LINE_MAX - 1), TG_ERR_INCOMPLETE);
    expect_refused(tg_str(line, sizeof(line)), TG_ERR_TOO_LARGE);
    memcpy(line + TG_PROXY_PROTOCOL_LINE_MAX - 2, "\r\n", 2);
    expect(tg_str(line, TG_PROXY_PROTOCOL_LINE_MAX), NULL);
}

static void version_2_names_the_client(void **state)
{
    (void)state;
    expect(TG_STR(SIGNATURE "\x21\x11\x00\x0c" V4), "192.0.2.7");
    expect(TG_STR(SIGNATURE "\x21\x21\x00\x24" V6), "2001:db8::7");
}

static void version_2_may_know_nobody(void **state)
{
    char local_socket[16 + 216] = SIGNATURE "\x21\x31\x00\xd8";

    (void)state;
    expect(TG_STR(SIGNATURE "\x20\x00\x00\x00"), NULL);
    expect(TG_STR(SIGNATURE "\x20\x11\x00\x0c" V4), NULL);
    expect(TG_STR(SIGNATURE "\x20\x99\x00\x05hello"), NULL);
    expect(TG_STR(SIGNATURE "\x21\x00\x00\x00"), NULL);
    expect(TG_STR(SIGNATURE "\x21\x00\x00\x04\x04\x00\x01x"), NULL);
    expect(tg_str(local_socket, sizeof(local_socket)), NULL);
}

static void additions_are_skipped_within_their_bounds(void **state)
{
    (void)state;
    expect(TG_STR(SIGNATURE "\x21\x11\x00\x0f" V4 "\x04\x00\x00"), "192.0.2.7");
    expect(TG_STR(SIGNATURE "\x21\x11\x00\x17" V4 "\x01\x00\x02h2\xea\x00\x03vpc"), "192.0.2.7");
    expect_refused(TG_STR(SIGNATURE "\x21\x11\x00\x0d" V4 "\x04"), TG_ERR_SYNTAX);
    expect_refused(TG_STR(SIGNATURE "\x21\x11\x00\x0f" V4 "\x04\x00\x01"), TG_ERR_SYNTAX);
    expect_refused(TG_STR(SIGNATURE "\x21\x11\x00\x10" V4 "\x04\xff\xffx"), TG_ERR_SYNTAX);
}

static void a_checksum_is_verified_when_there_is_one(void **state)
{
    (void)state;
    expect(TG_STR(SIGNATURE "\x21\x11\x00\x13" V4 "\x03\x00\x04"
                            "\x74\x45\x3d\x9a"),
           "192.0.2.7");
    expect_refused(TG_STR(SIGNATURE "\x21\x11\x00\x13" V4 "\x03\x00\x04"
                                    "\0\0\0\0"),
                   TG_ERR_SYNTAX);
    expect_refused(TG_STR(SIGNATURE "\x21\x11\x00\x12" V4 "\x03\x00\x03xyz"), TG_ERR_SYNTAX);
}

static void version_2_is_strict(void **state)
{
    (void)state;
    expect_refused(TG_STR("\r\n\r\nGET / HTTP/1.1\r\n"), TG_ERR_SYNTAX);
    expect_refused(TG_STR(SIGNATURE "\x11\x11\x00\x0c" V4), TG_ERR_SYNTAX);
    expect_refused(TG_STR(SIGNATURE "\x31\x11\x00\x0c" V4), TG_ERR_SYNTAX);
    expect_refused(TG_STR(SIGNATURE "\x22\x11\x00\x0c" V4), TG_ERR_SYNTAX);
    expect_refused(TG_STR(SIGNATURE "\x21\x12\x00\x0c" V4), TG_ERR_SYNTAX);
    expect_refused(TG_STR(SIGNATURE "\x21\x22\x00\x24" V6), TG_ERR_SYNTAX);
    expect_refused(TG_STR(SIGNATURE "\x21\x41\x00\x0c" V4), TG_ERR_SYNTAX);
    expect_refused(TG_STR(SIGNATURE "\x21\x10\x00\x0c" V4), TG_ERR_SYNTAX);
    expect_refused(TG_STR(SIGNATURE "\x21\x11\x00\x0b\xc0\x00\x02\x07\xc0\x00\x02\x01\x12\x34\x01"),
                   TG_ERR_SYNTAX);
    expect_refused(TG_STR(SIGNATURE "\x21\x21\x00\x0c" V4), TG_ERR_SYNTAX);
    expect_refused(TG_STR(SIGNATURE "\x21\x31\x00\x0c" V4), TG_ERR_SYNTAX);
}

static void version_2_is_bounded(void **state)
{
    char longest[TG_PROXY_PROTOCOL_MAX] = SIGNATURE "\x20\x00\x0f\xf0";

    (void)state;
    expect(tg_str(longest, sizeof(longest)), NULL);
    expect_refused(TG_STR(SIGNATURE "\x20\x00\x0f\xf1"), TG_ERR_TOO_LARGE);
    expect_refused(TG_STR(SIGNATURE "\x21\x11\xff\xff"), TG_ERR_TOO_LARGE);
}

static void half_a_header_is_incomplete(void **state)
{
    (void)state;
    expect_refused(TG_STR(""), TG_ERR_INCOMPLETE);
    expect_refused(TG_STR("PROX"), TG_ERR_INCOMPLETE);
    expect_refused(TG_STR("PROXY TCP4 192.0.2.7 192.0.2.1 4711 443\r"), TG_ERR_INCOMPLETE);
    expect_refused(TG_STR(SIGNATURE), TG_ERR_INCOMPLETE);
    expect_refused(TG_STR(SIGNATURE "\x21\x11\x00\x0c\xc0\x00"), TG_ERR_INCOMPLETE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(version_1_names_the_client),
        cmocka_unit_test(version_1_may_know_nobody),
        cmocka_unit_test(version_1_is_one_strict_line),
        cmocka_unit_test(version_1_is_bounded),
        cmocka_unit_test(version_2_names_the_client),
        cmocka_unit_test(version_2_may_know_nobody),
        cmocka_unit_test(additions_are_skipped_within_their_bounds),
        cmocka_unit_test(a_checksum_is_verified_when_there_is_one),
        cmocka_unit_test(version_2_is_strict),
        cmocka_unit_test(version_2_is_bounded),
        cmocka_unit_test(half_a_header_is_incomplete),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
