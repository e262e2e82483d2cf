/* SPDX-License-Identifier: MIT */
#include "net/http_answer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint64_t WALL_MS = 784111777999; /* the example of RFC 9110 section 5.6.7 */
#define DATE "Date: Sun, 06 Nov 1994 08:49:37 GMT"

/* The answer as text. */
struct answer {
    char text[TG_HTTP_ANSWER_MAX + 1];
};

static void write_answer(struct answer *answer, enum tg_refusal refusal, uint32_t retry_after_s)
{
    size_t length = tg_http_answer_write(refusal, retry_after_s, WALL_MS, answer->text);

    assert_true(length < TG_HTTP_ANSWER_MAX);
    answer->text[length] = '\0';
    assert_int_equal(strlen(answer->text), length);
}

static bool has(const struct answer *answer, const char *line)
{
    char wanted[128];

    (void)snprintf(wanted, sizeof(wanted), "\r\n%s\r\n", line);
    return strstr(answer->text, wanted) != NULL;
}

static void every_refusal_has_a_complete_answer(void **state)
{
    (void)state;
    for (int i = 0; i < (int)TG_REFUSAL_COUNT; i++) {
        const struct tg_refusal_row *row = tg_refusal_row((enum tg_refusal)i);
        struct answer answer;
        char line[64];

        write_answer(&answer, (enum tg_refusal)i, 0);
        (void)snprintf(line, sizeof(line), "HTTP/1.1 %d ", row->status);
        assert_memory_equal(answer.text, line, strlen(line));
        /* A phrase stands behind the status. */
        assert_in_range(answer.text[strlen(line)], 'A', 'Z');
        (void)snprintf(line, sizeof(line), "Content-Length: %zu", strlen(row->body));
        assert_true(has(&answer, line));
        assert_true(has(&answer, "Content-Type: text/plain"));
        assert_true(has(&answer, "Cache-Control: no-store"));
        assert_true(has(&answer, DATE));
        assert_non_null(strstr(answer.text, "close\r\n"));
        assert_null(strstr(answer.text, "Retry-After"));
        const char *body = strstr(answer.text, "\r\n\r\n");
        assert_non_null(body);
        assert_string_equal(body + 4, row->body);
    }
}

static void the_cap_is_answered_to_the_letter(void **state)
{
    struct answer answer;

    (void)state;
    write_answer(&answer, TG_REFUSAL_AT_CAPACITY, 17);
    assert_string_equal(answer.text, "HTTP/1.1 503 Service Unavailable\r\n"
                                     "Connection: close\r\n"
                                     "Retry-After: 17\r\n" DATE "\r\n"
                                     "Cache-Control: no-store\r\n"
                                     "Content-Type: text/plain\r\n"
                                     "Content-Length: 26\r\n"
                                     "\r\n"
                                     "websocket capacity reached");
}

static void the_longest_retry_after_fits(void **state)
{
    struct answer answer;

    (void)state;
    for (int i = 0; i < (int)TG_REFUSAL_COUNT; i++) {
        write_answer(&answer, (enum tg_refusal)i, UINT32_MAX);
        assert_true(has(&answer, "Retry-After: 4294967295"));
    }
}

static void each_status_has_the_headers_that_it_must_have(void **state)
{
    struct answer answer;

    (void)state;
    write_answer(&answer, TG_REFUSAL_BAD_METHOD, 0);
    assert_true(has(&answer, "Allow: GET"));
    write_answer(&answer, TG_REFUSAL_UNAUTHORIZED, 0);
    assert_true(has(&answer, "WWW-Authenticate: Bearer"));
    write_answer(&answer, TG_REFUSAL_NOT_WEBSOCKET, 0);
    assert_true(has(&answer, "Upgrade: websocket"));
    assert_true(has(&answer, "Sec-WebSocket-Version: 13"));
    assert_true(has(&answer, "Connection: Upgrade, close"));
    write_answer(&answer, TG_REFUSAL_BAD_WEBSOCKET_VERSION, 0);
    assert_true(has(&answer, "Sec-WebSocket-Version: 13"));
    write_answer(&answer, TG_REFUSAL_MALFORMED, 0);
    assert_false(has(&answer, "Upgrade: websocket"));
    assert_false(has(&answer, "Allow: GET"));
    assert_true(has(&answer, "Connection: close"));
}

static void a_date_has_the_right_day_and_month(void **state)
{
    static const struct {
        uint64_t wall_ms;
        const char *line;
    } cases[] = {
        {0, "Date: Thu, 01 Jan 1970 00:00:00 GMT"},
        {1709210096000, "Date: Thu, 29 Feb 2024 12:34:56 GMT"},
        {1798761599999, "Date: Thu, 31 Dec 2026 23:59:59 GMT"},
    };
    char text[TG_HTTP_ANSWER_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct answer answer;
        size_t length = tg_http_answer_write(TG_REFUSAL_MALFORMED, 0, cases[i].wall_ms, text);
        memcpy(answer.text, text, length);
        answer.text[length] = '\0';
        if (!has(&answer, cases[i].line)) {
            fail_msg("no %s in %s", cases[i].line, answer.text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_refusal_has_a_complete_answer),
        cmocka_unit_test(the_cap_is_answered_to_the_letter),
        cmocka_unit_test(the_longest_retry_after_fits),
        cmocka_unit_test(each_status_has_the_headers_that_it_must_have),
        cmocka_unit_test(a_date_has_the_right_day_and_month),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
