/* SPDX-License-Identifier: MIT */
#include "net/ws_upgrade.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "net/http_head.h"

enum { FIELDS_MAX = 32 };

/* The parts of a good request, each of which a case may replace. */
#define HOST "Host: a\r\n"
#define UPGRADE "Upgrade: websocket\r\n"
#define CONNECTION "Connection: Upgrade\r\n"
#define KEY "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define VERSION "Sec-WebSocket-Version: 13\r\n"
#define REST UPGRADE CONNECTION KEY VERSION

struct upgrade_case {
    const char *name;
    const char *fields;
    enum tg_refusal refusal;
};

static const struct upgrade_case CASES[] = {
    {"the plain upgrade", HOST REST, TG_REFUSAL_NONE},
    {"other order", VERSION KEY CONNECTION UPGRADE HOST, TG_REFUSAL_NONE},
    {"names in capitals",
     "HOST: a\r\nUPGRADE: websocket\r\nCONNECTION: Upgrade\r\n"
     "SEC-WEBSOCKET-KEY: dGhlIHNhbXBsZSBub25jZQ==\r\nSEC-WEBSOCKET-VERSION: 13\r\n",
     TG_REFUSAL_NONE},
    {"WebSocket in other case", HOST "Upgrade: WebSocket\r\n" CONNECTION KEY VERSION,
     TG_REFUSAL_NONE},
    {"upgrade among connection options",
     HOST UPGRADE "Connection: keep-alive, Upgrade\r\n" KEY VERSION, TG_REFUSAL_NONE},
    {"connection options in two headers",
     HOST UPGRADE "Connection: keep-alive\r\n" CONNECTION KEY VERSION, TG_REFUSAL_NONE},
    {"websocket among other upgrades", HOST "Upgrade: h2c, websocket\r\n" CONNECTION KEY VERSION,
     TG_REFUSAL_NONE},
    {"extensions are ignored",
     HOST REST "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n",
     TG_REFUSAL_NONE},
    {"subprotocols in two headers are the hub's matter",
     HOST REST "Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b\r\n", TG_REFUSAL_NONE},
    {"a host with port", "Host: example.org:8080\r\n" REST, TG_REFUSAL_NONE},
    {"an IPv6 host", "Host: [::1]:8080\r\n" REST, TG_REFUSAL_NONE},
    {"one authorization, origin and traceparent",
     HOST REST "Authorization: Bearer x\r\nOrigin: http://a\r\ntraceparent: 00\r\n",
     TG_REFUSAL_NONE},
    {"a key whose last character is Q",
     HOST UPGRADE CONNECTION VERSION "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAQ==\r\n",
     TG_REFUSAL_NONE},
    {"a key with all of the alphabet",
     HOST UPGRADE CONNECTION VERSION "Sec-WebSocket-Key: +/azAZ09+/azAZ09+/azAg==\r\n",
     TG_REFUSAL_NONE},

    {"no host", REST, TG_REFUSAL_MALFORMED},
    {"two hosts", HOST HOST REST, TG_REFUSAL_MALFORMED},
    {"two different hosts", HOST "Host: b\r\n" REST, TG_REFUSAL_MALFORMED},
    {"an empty host", "Host:\r\n" REST, TG_REFUSAL_MALFORMED},
    {"a host with a blank", "Host: a b\r\n" REST, TG_REFUSAL_MALFORMED},
    {"a host with a path", "Host: a/b\r\n" REST, TG_REFUSAL_MALFORMED},
    {"a host with user information", "Host: x@a\r\n" REST, TG_REFUSAL_MALFORMED},
    {"a host with a backslash", "Host: a\\b\r\n" REST, TG_REFUSAL_MALFORMED},
    {"a host with a high octet", "Host: \xc3\xa9\r\n" REST, TG_REFUSAL_MALFORMED},
    {"a content length", HOST REST "Content-Length: 5\r\n", TG_REFUSAL_MALFORMED},
    {"a content length of 0", HOST REST "Content-Length: 0\r\n", TG_REFUSAL_MALFORMED},
    {"chunks", HOST REST "Transfer-Encoding: chunked\r\n", TG_REFUSAL_MALFORMED},
    {"both", HOST REST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", TG_REFUSAL_MALFORMED},

    {"an ordinary request", HOST, TG_REFUSAL_NOT_WEBSOCKET},
    {"an upgrade to h2c", HOST "Upgrade: h2c\r\n" CONNECTION KEY VERSION, TG_REFUSAL_NOT_WEBSOCKET},
    {"an upgrade to foo", HOST "Upgrade: foo\r\n" CONNECTION KEY VERSION, TG_REFUSAL_NOT_WEBSOCKET},
    {"an empty upgrade", HOST "Upgrade:\r\n" CONNECTION KEY VERSION, TG_REFUSAL_NOT_WEBSOCKET},
    {"websocket as part of a word", HOST "Upgrade: websockets\r\n" CONNECTION KEY VERSION,
     TG_REFUSAL_NOT_WEBSOCKET},
    {"websocket with a version", HOST "Upgrade: websocket/13\r\n" CONNECTION KEY VERSION,
     TG_REFUSAL_NOT_WEBSOCKET},

    {"two upgrades", HOST UPGRADE REST, TG_REFUSAL_BAD_UPGRADE},
    {"an upgrade to two things in two headers", HOST "Upgrade: h2c\r\n" REST,
     TG_REFUSAL_BAD_UPGRADE},
    {"no connection", HOST UPGRADE KEY VERSION, TG_REFUSAL_BAD_UPGRADE},
    {"connection keep-alive", HOST UPGRADE "Connection: keep-alive\r\n" KEY VERSION,
     TG_REFUSAL_BAD_UPGRADE},
    {"connection with upgrade as part of a word",
     HOST UPGRADE "Connection: Upgraded\r\n" KEY VERSION, TG_REFUSAL_BAD_UPGRADE},
    {"no key", HOST UPGRADE CONNECTION VERSION, TG_REFUSAL_BAD_UPGRADE},
    {"two keys", HOST REST KEY, TG_REFUSAL_BAD_UPGRADE},
    {"an empty key", HOST UPGRADE CONNECTION VERSION "Sec-WebSocket-Key:\r\n",
     TG_REFUSAL_BAD_UPGRADE},
    {"a short key", HOST UPGRADE CONNECTION VERSION "Sec-WebSocket-Key: dGhlIA==\r\n",
     TG_REFUSAL_BAD_UPGRADE},
    {"a long key",
     HOST UPGRADE CONNECTION VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZWRkZA==\r\n",
     TG_REFUSAL_BAD_UPGRADE},
    {"a key of 24 characters that is not base64",
     HOST UPGRADE CONNECTION VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j!Q==\r\n",
     TG_REFUSAL_BAD_UPGRADE},
    {"a key in base64url",
     HOST UPGRADE CONNECTION VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j_w==\r\n",
     TG_REFUSAL_BAD_UPGRADE},
    {"a key of 17 octets",
     HOST UPGRADE CONNECTION VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZWQ=\r\n",
     TG_REFUSAL_BAD_UPGRADE},
    {"a key of 18 octets",
     HOST UPGRADE CONNECTION VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZWRk\r\n",
     TG_REFUSAL_BAD_UPGRADE},
    {"a key with loose bits",
     HOST UPGRADE CONNECTION VERSION "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR==\r\n",
     TG_REFUSAL_BAD_UPGRADE},
    {"a key with padding inside",
     HOST UPGRADE CONNECTION VERSION "Sec-WebSocket-Key: dGhlIHNhbXBs=SBub25jZQ==\r\n",
     TG_REFUSAL_BAD_UPGRADE},
    {"two authorizations", HOST REST "Authorization: Bearer x\r\nAuthorization: Bearer y\r\n",
     TG_REFUSAL_BAD_UPGRADE},
    {"two origins", HOST REST "Origin: http://a\r\nOrigin: http://b\r\n", TG_REFUSAL_BAD_UPGRADE},
    {"two traceparents, which the hub takes for none",
     HOST REST "traceparent: 00\r\nTraceparent: 01\r\n", TG_REFUSAL_NONE},
    {"two versions", HOST REST VERSION, TG_REFUSAL_BAD_UPGRADE},

    {"no version", HOST UPGRADE CONNECTION KEY, TG_REFUSAL_BAD_WEBSOCKET_VERSION},
    {"version 8", HOST UPGRADE CONNECTION KEY "Sec-WebSocket-Version: 8\r\n",
     TG_REFUSAL_BAD_WEBSOCKET_VERSION},
    {"version 0", HOST UPGRADE CONNECTION KEY "Sec-WebSocket-Version: 0\r\n",
     TG_REFUSAL_BAD_WEBSOCKET_VERSION},
    {"version 013", HOST UPGRADE CONNECTION KEY "Sec-WebSocket-Version: 013\r\n",
     TG_REFUSAL_BAD_WEBSOCKET_VERSION},
    {"version 130", HOST UPGRADE CONNECTION KEY "Sec-WebSocket-Version: 130\r\n",
     TG_REFUSAL_BAD_WEBSOCKET_VERSION},
    {"version 13, 8", HOST UPGRADE CONNECTION KEY "Sec-WebSocket-Version: 13, 8\r\n",
     TG_REFUSAL_BAD_WEBSOCKET_VERSION},
    {"an empty version", HOST UPGRADE CONNECTION KEY "Sec-WebSocket-Version:\r\n",
     TG_REFUSAL_BAD_WEBSOCKET_VERSION},
};
enum { CASE_COUNT = sizeof(CASES) / sizeof(CASES[0]) };

/* Reads a whole request; text must outlive upgrade. */
static enum tg_refusal read_request(const char *text, struct tg_header headers[FIELDS_MAX],
                                    struct tg_ws_upgrade *upgrade)
{
    static const struct tg_http_head_limits LIMITS = {.bytes = 4096, .fields = FIELDS_MAX};
    struct tg_http_head head = {0};
    struct tg_str target;

    assert_int_equal(tg_http_head_scan(&head, tg_str_of(text), &LIMITS), TG_HTTP_HEAD_COMPLETE);
    tg_http_head_read(&head, tg_str_of(text), &target, headers);
    return tg_ws_upgrade_read(target, headers, head.fields, upgrade);
}

static void every_case_is_judged_by_the_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASE_COUNT; i++) {
        struct tg_header headers[FIELDS_MAX];
        struct tg_ws_upgrade upgrade;
        char text[1024];

        (void)snprintf(text, sizeof(text), "GET /chat HTTP/1.1\r\n%s\r\n", CASES[i].fields);
        enum tg_refusal refusal = read_request(text, headers, &upgrade);
        if (refusal != CASES[i].refusal) {
            fail_msg("%s: expected %d, got %d", CASES[i].name, CASES[i].refusal, refusal);
        }
    }
    print_message("%d cases\n", CASE_COUNT);
}

static void path_and_query_are_split_at_the_first_question_mark(void **state)
{
    struct tg_header headers[FIELDS_MAX];
    struct tg_ws_upgrade upgrade;

    (void)state;
    assert_int_equal(
        read_request("GET /a/b?c=d?e&f HTTP/1.1\r\n" HOST REST "\r\n", headers, &upgrade),
        TG_REFUSAL_NONE);
    assert_true(tg_str_is(upgrade.request.path, TG_STR("/a/b")));
    assert_true(tg_str_is(upgrade.request.query, TG_STR("c=d?e&f")));
    assert_int_equal(upgrade.request.header_count, 5);
    assert_true(tg_str_is(upgrade.key, TG_STR("dGhlIHNhbXBsZSBub25jZQ==")));
}

static void a_target_without_question_mark_has_no_query(void **state)
{
    struct tg_header headers[FIELDS_MAX];
    struct tg_ws_upgrade upgrade;

    (void)state;
    assert_int_equal(read_request("GET /a HTTP/1.1\r\n" HOST REST "\r\n", headers, &upgrade),
                     TG_REFUSAL_NONE);
    assert_true(tg_str_is(upgrade.request.path, TG_STR("/a")));
    assert_int_equal(upgrade.request.query.length, 0);
}

/* The example of RFC 6455 section 1.3. */
static void the_answer_has_the_accept_value_of_the_rfc(void **state)
{
    char answer[TG_WS_UPGRADE_ANSWER_MAX];
    size_t length = 0;

    (void)state;
    assert_int_equal(
        tg_ws_upgrade_answer(TG_STR("dGhlIHNhbXBsZSBub25jZQ=="), TG_STR(""), answer, &length),
        TG_OK);
    assert_true(tg_str_is(tg_str(answer, length),
                          TG_STR("HTTP/1.1 101 Switching Protocols\r\n"
                                 "Upgrade: websocket\r\n"
                                 "Connection: Upgrade\r\n"
                                 "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                                 "\r\n")));
}

static void the_answer_names_the_subprotocol(void **state)
{
    char answer[TG_WS_UPGRADE_ANSWER_MAX];
    size_t length = 0;
    static const char LINE[] = "\r\nSec-WebSocket-Protocol: tidegate.v1\r\n\r\n";

    (void)state;
    assert_int_equal(tg_ws_upgrade_answer(TG_STR("dGhlIHNhbXBsZSBub25jZQ=="), TG_STR("tidegate.v1"),
                                          answer, &length),
                     TG_OK);
    assert_true(length > sizeof(LINE));
    assert_memory_equal(answer + length - (sizeof(LINE) - 1), LINE, sizeof(LINE) - 1);
}

static void a_subprotocol_is_a_token_of_bounded_length(void **state)
{
    char answer[TG_WS_UPGRADE_ANSWER_MAX];
    char name[TG_WS_UPGRADE_SUBPROTOCOL_MAX + 1];
    struct tg_str key = TG_STR("dGhlIHNhbXBsZSBub25jZQ==");
    size_t length = 0;

    (void)state;
    memset(name, 'p', sizeof(name));
    assert_int_equal(tg_ws_upgrade_answer(key, tg_str(name, sizeof(name) - 1), answer, &length),
                     TG_OK);
    assert_true(length < sizeof(answer));
    assert_memory_equal(answer + length - 4, "\r\n\r\n", 4);
    assert_int_equal(tg_ws_upgrade_answer(key, tg_str(name, sizeof(name)), answer, &length),
                     TG_ERR_TOO_LARGE);
    assert_int_equal(tg_ws_upgrade_answer(key, TG_STR("a\r\nX: y"), answer, &length),
                     TG_ERR_INVALID);
    assert_int_equal(tg_ws_upgrade_answer(key, TG_STR("a b"), answer, &length), TG_ERR_INVALID);
    assert_int_equal(tg_ws_upgrade_answer(TG_STR("short"), TG_STR(""), answer, &length),
                     TG_ERR_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_is_judged_by_the_rule),
        cmocka_unit_test(path_and_query_are_split_at_the_first_question_mark),
        cmocka_unit_test(a_target_without_question_mark_has_no_query),
        cmocka_unit_test(the_answer_has_the_accept_value_of_the_rfc),
        cmocka_unit_test(the_answer_names_the_subprotocol),
        cmocka_unit_test(a_subprotocol_is_a_token_of_bounded_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
