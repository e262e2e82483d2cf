/* SPDX-License-Identifier: MIT */
/* The server runs in a child, the test is its client. */
#include "net/admin_http.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"

enum { BIG_BYTES = 900000, ANSWER_BYTES = 1 << 20, STEPS_MAX = 4096, PATIENCE_S = 15 };

struct fixture {
    pid_t server;
    uint16_t port;
    size_t length; /* of the answer */
    char answer[ANSWER_BYTES];
};

static struct fixture fixture;

/* --- in the child --- */

static void on_request(void *self, struct tg_str method, struct tg_str path,
                       struct tg_admin_answer *answer)
{
    (void)self;
    answer->status = 200;
    answer->content_type = "text/x-test";
    tg_buf_clear(answer->body);
    if (tg_str_is(path, TG_STR("/big"))) {
        for (int i = 0; i < BIG_BYTES; i++) {
            tg_buf_add_char(answer->body, (char)('a' + i % 26));
        }
    } else if (tg_str_is(path, TG_STR("/huge"))) {
        for (int i = 0; i < 2000000; i++) {
            tg_buf_add_char(answer->body, 'x');
        }
    } else if (tg_str_is(path, TG_STR("/hello"))) {
        tg_buf_add_str(answer->body, method);
        tg_buf_add_str(answer->body, TG_STR(" hello"));
    } else {
        answer->status = 404;
    }
}

static void on_terminate(void *self, int number)
{
    (void)number;
    tg_loop_stop(self);
}

static int serve(int listener)
{
    struct tg_errmsg msg = {0};
    struct tg_loop *loop = tg_loop_create();
    struct tg_admin_http *http = tg_admin_http_create(loop, listener, on_request, NULL, &msg);

    if (!http || tg_loop_on_signal(loop, SIGTERM, on_terminate, loop) != TG_OK) {
        return 1;
    }
    tg_loop_run(loop);
    tg_admin_http_destroy(http);
    for (int i = 0; i < STEPS_MAX && tg_loop_step(loop); i++) {
    }
    tg_loop_destroy(loop);
    (void)close(listener);
    return 0;
}

/* --- in the test --- */

static int set_up(void **state)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    (void)state;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(listener, 128) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0) {
        return -1;
    }
    fixture.port = ntohs(address.sin_port);
    fixture.server = fork();
    if (fixture.server == 0) {
        exit(serve(listener));
    }
    (void)close(listener);
    return fixture.server > 0 ? 0 : -1;
}

/* It must leave by itself, whatever its clients do. Told once: its handler goes before it does. */
static int tear_down(void **state)
{
    int status = -1;

    (void)state;
    (void)kill(fixture.server, SIGTERM);
    for (int i = 0; i < 500; i++) {
        const struct timespec pause = {.tv_nsec = 10000000};
        if (waitpid(fixture.server, &status, WNOHANG) == fixture.server) {
            return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        }
        (void)nanosleep(&pause, NULL);
    }
    (void)kill(fixture.server, SIGKILL);
    (void)waitpid(fixture.server, &status, 0);
    return -1;
}

static int open_client(void)
{
    const struct timeval patience = {.tv_sec = PATIENCE_S};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(fixture.port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static void send_text(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Until the server ends the connection. */
static void read_answer(int fd)
{
    ssize_t got = 0;

    fixture.length = 0;
    do {
        got = recv(fd, fixture.answer + fixture.length, sizeof(fixture.answer) - fixture.length - 1,
                   0);
        fixture.length += got > 0 ? (size_t)got : 0;
    } while (got > 0);
    if (got < 0 && errno != ECONNRESET) {
        fail_msg("the connection was not ended: %s", strerror(errno));
    }
    fixture.answer[fixture.length] = '\0';
    (void)close(fd);
}

static void ask(const char *request)
{
    int fd = open_client();

    send_text(fd, request);
    read_answer(fd);
}

static void assert_starts(const char *start)
{
    if (strncmp(fixture.answer, start, strlen(start)) != 0) {
        fail_msg("%.200s", fixture.answer);
    }
}

#define HOST "Host: 127.0.0.1\r\n"
#define HELLO "GET /hello HTTP/1.1\r\n" HOST "\r\n"

static void a_request_gets_a_complete_answer_and_the_connection_ends(void **state)
{
    (void)state;
    ask(HELLO);
    assert_string_equal(fixture.answer, "HTTP/1.1 200 OK\r\n"
                                        "Content-Type: text/x-test\r\n"
                                        "Content-Length: 9\r\n"
                                        "Cache-Control: no-store\r\n"
                                        "X-Content-Type-Options: nosniff\r\n"
                                        "Connection: close\r\n\r\n"
                                        "GET hello");
}

static void head_gets_the_head_alone(void **state)
{
    (void)state;
    ask("HEAD /hello HTTP/1.1\r\n" HOST "\r\n");
    assert_starts("HTTP/1.1 200 OK\r\n");
    assert_non_null(strstr(fixture.answer, "Content-Length: 10\r\n"));
    assert_string_equal(strstr(fixture.answer, "\r\n\r\n"), "\r\n\r\n");
}

static void a_request_may_come_octet_by_octet(void **state)
{
    int fd = open_client();

    (void)state;
    for (const char *at = HELLO; *at; at++) {
        const struct timespec pause = {.tv_nsec = 1000000};
        assert_int_equal(send(fd, at, 1, MSG_NOSIGNAL), 1);
        (void)nanosleep(&pause, NULL);
    }
    read_answer(fd);
    assert_starts("HTTP/1.1 200 OK\r\n");
}

static void keep_alive_is_not_given_and_a_second_request_not_answered(void **state)
{
    (void)state;
    ask("GET /hello HTTP/1.1\r\n" HOST "Connection: keep-alive\r\n\r\n" HELLO);
    assert_starts("HTTP/1.1 200 OK\r\n");
    assert_null(strstr(fixture.answer + 1, "HTTP/1.1"));
}

static void other_methods_are_refused(void **state)
{
    static const char *const methods[] = {"POST", "PUT", "DELETE", "OPTIONS", "PATCH"};

    (void)state;
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        char request[128];
        (void)snprintf(request, sizeof(request), "%s /hello HTTP/1.1\r\n" HOST "\r\n", methods[i]);
        ask(request);
        assert_starts("HTTP/1.1 405 Method Not Allowed\r\n");
        assert_non_null(strstr(fixture.answer, "Allow: GET, HEAD\r\n"));
    }
}

static void a_body_is_refused(void **state)
{
    (void)state;
    ask("GET /hello HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhello");
    assert_starts("HTTP/1.1 400 Bad Request\r\n");
    ask("GET /hello HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    assert_starts("HTTP/1.1 400 Bad Request\r\n");
}

static void a_name_as_host_is_refused_on_loopback(void **state)
{
    (void)state;
    ask("GET /hello HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    assert_starts("HTTP/1.1 403 Forbidden\r\n");
    ask("GET /hello HTTP/1.1\r\nHost: evil.example\r\n" HOST "\r\n");
    assert_starts("HTTP/1.1 403 Forbidden\r\n");
    ask("GET /hello HTTP/1.1\r\nHost: localhost:9090\r\n\r\n");
    assert_starts("HTTP/1.1 200 OK\r\n");
    ask("GET /hello HTTP/1.0\r\n\r\n");
    assert_starts("HTTP/1.1 200 OK\r\n");
}

static void a_host_longer_than_any_address_is_refused(void **state)
{
    char request[512];

    (void)state;
    (void)snprintf(request, sizeof(request), "GET /hello HTTP/1.1\r\nHost: 127.0.0.1%0200d\r\n\r\n",
                   1);
    ask(request);
    assert_starts("HTTP/1.1 403 Forbidden\r\n");
}

static void no_upgrade_is_made(void **state)
{
    (void)state;
    ask("GET /hello HTTP/1.1\r\n" HOST "Connection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    assert_null(strstr(fixture.answer, " 101 "));
    ask("GET /hello HTTP/1.1\r\n" HOST "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
        "HTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n");
    assert_null(strstr(fixture.answer, " 101 "));
    ask("GET /hello HTTP/1.1\r\n" HOST "Connection: Upgrade\r\nUpgrade: foo\r\n\r\n" HELLO);
    assert_null(strstr(fixture.answer, " 101 "));
    assert_null(strstr(fixture.answer, "hello"));
    ask("CONNECT 127.0.0.1:80 HTTP/1.1\r\n" HOST "\r\nand then something raw");
    assert_int_equal(fixture.length, 0);
    ask(HELLO);
    assert_starts("HTTP/1.1 200 OK\r\n");
}

static void garbage_ends_the_connection_and_nothing_else(void **state)
{
    static const char *const garbage[] = {"\x16\x03\x01\x02 hello\r\n\r\n",
                                          "\r\n\r\n\r\n\r\n",
                                          "GET\r\n\r\n",
                                          "GET /hello\r\n\r\n",
                                          "GET /hello HTTP/2.0\r\n\r\n",
                                          "GET /hello HTTP/1.1 x\r\n\r\n",
                                          "GET /hello%0aHost:localhost HTTP/1.1\r\n\r\n",
                                          "GET /hello%20HTTP/1.1%0d%0aHost:a HTTP/1.1\r\n\r\n",
                                          "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"};

    (void)state;
    for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++) {
        int fd = open_client();
        send_text(fd, garbage[i]);
        (void)shutdown(fd, SHUT_WR);
        read_answer(fd);
        assert_null(strstr(fixture.answer, " 200 "));
    }
    ask(HELLO);
    assert_starts("HTTP/1.1 200 OK\r\n");
}

static void a_large_answer_reaches_a_slow_reader_whole(void **state)
{
    const int small = 4096;
    int fd = open_client();

    (void)state;
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
    send_text(fd, "GET /big HTTP/1.1\r\n" HOST "\r\n");
    const struct timespec pause = {.tv_nsec = 300000000};
    (void)nanosleep(&pause, NULL);
    read_answer(fd);
    assert_starts("HTTP/1.1 200 OK\r\n");
    const char *body = strstr(fixture.answer, "\r\n\r\n") + 4;
    assert_int_equal(fixture.length - (size_t)(body - fixture.answer), BIG_BYTES);
    for (int i = 0; i < BIG_BYTES; i++) {
        assert_int_equal(body[i], 'a' + i % 26);
    }
}

static void an_answer_past_the_bound_is_an_error(void **state)
{
    (void)state;
    ask("GET /huge HTTP/1.1\r\n" HOST "\r\n");
    assert_starts("HTTP/1.1 500 Internal Server Error\r\n");
}

static void the_silent_and_the_slow_are_cut_after_five_seconds(void **state)
{
    uint64_t started = tg_clock_mono_ms(tg_clock_system());
    int silent = open_client();
    int slow = open_client();

    (void)state;
    send_text(slow, "GET /hel");
    read_answer(silent);
    assert_int_equal(fixture.length, 0);
    read_answer(slow);
    assert_int_equal(fixture.length, 0);
    assert_in_range(tg_clock_mono_ms(tg_clock_system()) - started, 4500, 12000);
}

static void past_sixty_four_connections_further_ones_are_closed(void **state)
{
    int held[64];

    (void)state;
    for (int i = 0; i < 64; i++) {
        held[i] = open_client();
    }
    read_answer(open_client());
    assert_int_equal(fixture.length, 0);
    for (int i = 0; i < 64; i++) {
        send_text(held[i], HELLO);
        read_answer(held[i]);
        assert_starts("HTTP/1.1 200 OK\r\n");
    }
    ask(HELLO);
    assert_starts("HTTP/1.1 200 OK\r\n");
}

static void it_leaves_while_clients_are_connected(void **state)
{
    (void)state;
    ask(HELLO);
    for (int i = 0; i < 5; i++) {
        send_text(open_client(), "GET /");
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_request_gets_a_complete_answer_and_the_connection_ends),
        TEST(head_gets_the_head_alone),
        TEST(a_request_may_come_octet_by_octet),
        TEST(keep_alive_is_not_given_and_a_second_request_not_answered),
        TEST(other_methods_are_refused),
        TEST(a_body_is_refused),
        TEST(a_name_as_host_is_refused_on_loopback),
        TEST(a_host_longer_than_any_address_is_refused),
        TEST(no_upgrade_is_made),
        TEST(garbage_ends_the_connection_and_nothing_else),
        TEST(a_large_answer_reaches_a_slow_reader_whole),
        TEST(an_answer_past_the_bound_is_an_error),
        TEST(the_silent_and_the_slow_are_cut_after_five_seconds),
        TEST(past_sixty_four_connections_further_ones_are_closed),
        TEST(it_leaves_while_clients_are_connected),
    };
    (void)signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
