/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/http_response.h"

enum { BODY_MAX = 4096 };

struct fixture {
    struct tg_buf body;
    struct tg_errmsg msg;
    int status;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    tg_buf_init(&f->body, BODY_MAX);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_buf_fini(&f->body);
    free(f);
    return 0;
}

static int read_octets(struct fixture *f, const char *text, bool is_ended)
{
    f->status = 0;
    return tg_http_response_read(tg_str_of(text), is_ended, &f->status, &f->body, &f->msg);
}

/* Every shorter part of it is not enough, and cut there it is an error. */
static void assert_reads(struct fixture *f, const char *text, int status, const char *body)
{
    for (size_t length = 0; length < strlen(text); length++) {
        struct tg_str part = tg_str(text, length);
        assert_int_equal(tg_http_response_read(part, false, &f->status, &f->body, &f->msg),
                         TG_ERR_INCOMPLETE);
        assert_int_equal(tg_http_response_read(part, true, &f->status, &f->body, &f->msg),
                         TG_ERR_SYNTAX);
        assert_string_equal(f->msg.text, "the answer is cut");
    }
    assert_int_equal(read_octets(f, text, false), TG_OK);
    assert_int_equal(f->status, status);
    assert_true(tg_str_is(tg_buf_str(&f->body), tg_str_of(body)));
}

static void assert_refused(struct fixture *f, const char *text, int err, const char *message)
{
    assert_int_equal(read_octets(f, text, false), err);
    assert_string_equal(f->msg.text, message);
}

static void a_body_has_the_length_that_is_told(void **state)
{
    struct fixture *f = *state;

    assert_reads(f, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 200, "hello");
    assert_reads(f, "HTTP/1.0 404 Not Found\ncontent-length:0\n\n", 404, "");
    assert_reads(f, "HTTP/1.1 204 \r\n\r\n", 204, "");
    assert_int_equal(read_octets(f, "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhello", false),
                     TG_OK);
    assert_int_equal(f->body.length, 2);
}

static void chunks_are_joined(void **state)
{
    struct fixture *f = *state;

    assert_reads(f,
                 "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                 "3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nTrailer: z\r\n\r\n",
                 200, "hello");
    assert_reads(
        f, "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n", 200,
        "0123456789");
}

static void without_a_length_the_end_ends_it(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(read_octets(f, "HTTP/1.1 200 OK\r\n\r\nhello", false), TG_ERR_INCOMPLETE);
    assert_int_equal(read_octets(f, "HTTP/1.1 200 OK\r\n\r\nhello", true), TG_OK);
    assert_true(tg_str_is(tg_buf_str(&f->body), TG_STR("hello")));
}

static void interim_answers_are_passed_over(void **state)
{
    struct fixture *f = *state;

    assert_reads(f,
                 "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nLink: x\r\n\r\n"
                 "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
                 200, "x");
    assert_refused(f,
                   "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\n"
                   "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\n"
                   "HTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\nHTTP/1.1 100 C\r\n\r\n",
                   TG_ERR_SYNTAX, "there are too many interim answers");
}

static void nonsense_is_refused(void **state)
{
    struct fixture *f = *state;

    assert_refused(f, "SSH-2.0-x\r\n", TG_ERR_SYNTAX, "it is no HTTP/1.1 answer");
    assert_refused(f, "HTTP/1.1 2x0 OK\r\n", TG_ERR_SYNTAX, "it is no HTTP/1.1 answer");
    assert_refused(f, "HTTP/1.1 2000\r\n", TG_ERR_SYNTAX, "it is no HTTP/1.1 answer");
    assert_refused(f, "HTTP/2 200 OK\r\n", TG_ERR_SYNTAX, "it is no HTTP/1.1 answer");
    assert_refused(f, "HTTP/1.1 200 OK\r\nno colon\r\n", TG_ERR_SYNTAX,
                   "a header line makes no sense");
    assert_refused(f, "HTTP/1.1 200 OK\r\nA : b\r\n", TG_ERR_SYNTAX,
                   "a header line makes no sense");
    assert_refused(f, "HTTP/1.1 200 OK\r\nA: b\r\n folded: c\r\n", TG_ERR_SYNTAX,
                   "a header line makes no sense");
    assert_refused(f, "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n", TG_ERR_SYNTAX,
                   "Content-Length makes no sense");
    assert_refused(f, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n",
                   TG_ERR_SYNTAX, "Content-Length makes no sense");
    assert_refused(f, "HTTP/1.1 200 OK\r\nContent-Length: 1234567890123456\r\n", TG_ERR_SYNTAX,
                   "Content-Length makes no sense");
    assert_refused(f, "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n", TG_ERR_SYNTAX,
                   "Transfer-Encoding is not chunked");
    assert_refused(f, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n", TG_ERR_SYNTAX,
                   "Content-Encoding was not asked for");
    assert_refused(f, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                   TG_ERR_SYNTAX, "it has both Content-Length and Transfer-Encoding");
    assert_refused(f, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", TG_ERR_SYNTAX,
                   "a chunk's size makes no sense");
    assert_refused(f, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n",
                   TG_ERR_SYNTAX, "a chunk does not end where it says");
}

static void what_is_too_large_is_refused_before_it_came(void **state)
{
    struct fixture *f = *state;
    struct tg_buf text;

    assert_refused(f, "HTTP/1.1 200 OK\r\nContent-Length: 4097\r\n\r\n", TG_ERR_TOO_LARGE,
                   "the body is larger than 4 KiB");
    assert_refused(f, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1001\r\n",
                   TG_ERR_TOO_LARGE, "the body is larger than 4 KiB");
    tg_buf_init(&text, 1 << 20);
    tg_buf_add_str(&text, TG_STR("HTTP/1.1 200 OK\r\n\r\n"));
    for (int i = 0; i <= BODY_MAX; i++) {
        tg_buf_add_char(&text, 'x');
    }
    assert_int_equal(tg_http_response_read(tg_buf_str(&text), false, &f->status, &f->body, &f->msg),
                     TG_ERR_TOO_LARGE);
    tg_buf_clear(&text);
    tg_buf_add_str(&text, TG_STR("HTTP/1.1 200 OK\r\nX: "));
    for (int i = 0; i <= TG_HTTP_RESPONSE_HEAD_MAX; i++) {
        tg_buf_add_char(&text, 'x');
    }
    assert_int_equal(tg_http_response_read(tg_buf_str(&text), false, &f->status, &f->body, &f->msg),
                     TG_ERR_TOO_LARGE);
    assert_string_equal(f->msg.text, "the head is too large");
    tg_buf_clear(&text);
    tg_buf_add_str(&text, TG_STR("HTTP/1.1 200 OK\r\n"));
    for (int i = 0; i <= TG_HTTP_RESPONSE_FIELDS_MAX + 1; i++) {
        tg_buf_add_str(&text, TG_STR("A: b\r\n"));
    }
    assert_int_equal(tg_http_response_read(tg_buf_str(&text), false, &f->status, &f->body, &f->msg),
                     TG_ERR_TOO_LARGE);
    tg_buf_fini(&text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_body_has_the_length_that_is_told),
        TEST(chunks_are_joined),
        TEST(without_a_length_the_end_ends_it),
        TEST(interim_answers_are_passed_over),
        TEST(nonsense_is_refused),
        TEST(what_is_too_large_is_refused_before_it_came),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
