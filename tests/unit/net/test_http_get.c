/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/http_get.h"

enum { BODY_MAX = 4096, REQUEST_MAX = 4096, NAP_US = 2000 };

/* What the other side does with the one connection that it takes. */
struct play {
    const char *answer;
    bool is_dripping; /* an octet at a time */
    bool is_silent;   /* never answers */
};

struct fixture {
    int listener;
    struct tg_http_url url;
    struct tg_http_get_options options;
    struct tg_buf body;
    struct tg_errmsg msg;
    pid_t server;
};

static uint64_t now_ms(void)
{
    return tg_clock_mono_ms(tg_clock_system());
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    char text[64];

    f->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(f->listener, (struct sockaddr *)&address, length), 0);
    assert_int_equal(listen(f->listener, 4), 0);
    assert_int_equal(getsockname(f->listener, (struct sockaddr *)&address, &length), 0);
    (void)snprintf(text, sizeof(text), "http://127.0.0.1:%u/keys?a=b", ntohs(address.sin_port));
    assert_int_equal(tg_http_url_parse(tg_str_of(text), &f->url, &f->msg), TG_OK);
    f->options.deadline_ms = 20000;
    tg_buf_init(&f->body, BODY_MAX);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    if (f->server > 0) {
        (void)kill(f->server, SIGKILL);
        (void)waitpid(f->server, NULL, 0);
    }
    (void)close(f->listener);
    tg_buf_fini(&f->body);
    free(f);
    return 0;
}

/* Ends with 0 when the request was what it should be. */
__attribute__((noreturn)) static void serve(struct fixture *f, const struct play *play)
{
    static const char expected[] = "GET /keys?a=b HTTP/1.1\r\nHost: 127.0.0.1:";
    char request[REQUEST_MAX + 1] = "";
    size_t got = 0;

    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    int fd = accept(f->listener, NULL, NULL);
    while (!strstr(request, "\r\n\r\n") && got < REQUEST_MAX) {
        ssize_t more = read(fd, request + got, REQUEST_MAX - got);
        if (more <= 0) {
            _exit(2);
        }
        got += (size_t)more;
        request[got] = '\0';
    }
    if (play->is_silent) {
        (void)pause();
    }
    size_t step = play->is_dripping ? 1 : strlen(play->answer);
    for (size_t at = 0; at < strlen(play->answer); at += step) {
        (void)!write(fd, play->answer + at, step);
        (void)usleep(play->is_dripping ? NAP_US : 0);
    }
    (void)close(fd);
    _exit(strncmp(request, expected, sizeof(expected) - 1) == 0 ? 0 : 3);
}

static int get(struct fixture *f, const struct play *play)
{
    f->server = fork();
    assert_true(f->server >= 0);
    if (f->server == 0) {
        serve(f, play);
    }
    return tg_http_get(&f->url, &f->options, &f->body, &f->msg);
}

static void assert_served_well(struct fixture *f)
{
    int status = 0;

    assert_int_equal(waitpid(f->server, &status, 0), f->server);
    f->server = 0;
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_body_is_fetched(void **state)
{
    struct fixture *f = *state;
    const struct play play = {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", false, false};

    assert_int_equal(get(f, &play), TG_OK);
    assert_true(tg_str_is(tg_buf_str(&f->body), TG_STR("hello")));
    assert_served_well(f);
}

static void one_that_comes_octet_by_octet_is_the_same(void **state)
{
    struct fixture *f = *state;
    const struct play play = {
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", true,
        false};

    assert_int_equal(get(f, &play), TG_OK);
    assert_true(tg_str_is(tg_buf_str(&f->body), TG_STR("hello")));
    assert_served_well(f);
}

static void another_status_is_told(void **state)
{
    struct fixture *f = *state;
    const struct play moved = {"HTTP/1.1 301 Moved\r\nLocation: /\r\nContent-Length: 0\r\n\r\n",
                               false, false};
    const struct play failed = {"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n", false, false};

    assert_int_equal(get(f, &moved), TG_ERR_UNAVAILABLE);
    assert_string_equal(f->msg.text, "it answered 301, and redirects are not followed");
    assert_served_well(f);
    assert_int_equal(get(f, &failed), TG_ERR_UNAVAILABLE);
    assert_string_equal(f->msg.text, "it answered 500");
    assert_served_well(f);
}

static void an_answer_that_is_cut_is_none(void **state)
{
    struct fixture *f = *state;
    const struct play play = {"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", false, false};

    assert_int_equal(get(f, &play), TG_ERR_SYNTAX);
    assert_string_equal(f->msg.text, "the answer is cut");
    assert_served_well(f);
}

static void the_deadline_ends_it(void **state)
{
    struct fixture *f = *state;
    const struct play play = {"", false, true};
    uint64_t started = now_ms();

    f->options.deadline_ms = 100;
    assert_int_equal(get(f, &play), TG_ERR_TIMEOUT);
    assert_string_equal(f->msg.text, "it took longer than 100 ms");
    assert_in_range(now_ms() - started, 100, 10000);
}

static void nobody_there_is_told(void **state)
{
    struct fixture *f = *state;

    (void)close(f->listener);
    f->listener = -1;
    assert_int_equal(tg_http_get(&f->url, &f->options, &f->body, &f->msg), TG_ERR_UNAVAILABLE);
    assert_string_equal(f->msg.text, "connect: Connection refused");
}

static void a_ca_file_that_is_missing_is_told(void **state)
{
    struct fixture *f = *state;
    const struct play play = {"", false, false};

    f->url.is_tls = true;
    f->options.deadline_ms = 3000;
    f->options.ca_file = "/nonexistent/ca.pem";
    assert_int_equal(get(f, &play), TG_ERR_INVALID);
    assert_non_null(strstr(f->msg.text, "the CA file can't be read"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_body_is_fetched),
        TEST(one_that_comes_octet_by_octet_is_the_same),
        TEST(another_status_is_told),
        TEST(an_answer_that_is_cut_is_none),
        TEST(the_deadline_ends_it),
        TEST(nobody_there_is_told),
        TEST(a_ca_file_that_is_missing_is_told),
    };
    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
