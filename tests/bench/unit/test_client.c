/* SPDX-License-Identifier: MIT */
#include "client.h"

#include "swarm.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char response[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                               "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

struct fixture {
    struct tg_swarm swarm;
    struct tg_client *client;
    int server_fd;
    char texts[256]; /* what on_text got, a bar behind each */
    size_t texts_len;
    size_t longest; /* of those texts */
    unsigned opened;
    unsigned ended;
};

static void on_open(void *self, struct tg_client *client)
{
    (void)client;
    ((struct fixture *)self)->opened++;
}

static bool on_text(void *self, struct tg_client *client, const char *text, size_t len,
                    uint64_t now_ns)
{
    struct fixture *fixture = self;
    (void)client;
    (void)now_ns;
    fixture->longest = len > fixture->longest ? len : fixture->longest;
    if (len > 99) {
        return true;
    }
    int written = snprintf(fixture->texts + fixture->texts_len,
                           sizeof fixture->texts - fixture->texts_len, "%.*s|", (int)len, text);
    fixture->texts_len += (size_t)written;
    return true;
}

static void on_end(void *self, struct tg_client *client)
{
    (void)client;
    ((struct fixture *)self)->ended++;
}

/* A client whose request is on its way, over a pair of sockets. */
static int set_up(void **state)
{
    static struct fixture fixture;
    int fds[2];

    fixture = (struct fixture){0};
    struct tg_swarm_handler handler = {
        .self = &fixture, .on_open = on_open, .on_text = on_text, .on_end = on_end};
    if (!tg_swarm_init(&fixture.swarm, 1, "/", 1, handler) ||
        socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) != 0) {
        return -1;
    }
    fixture.client = &fixture.swarm.clients[0];
    fixture.client->fd = fds[0];
    fixture.client->state = TG_CLIENT_UPGRADING;
    fixture.server_fd = fds[1];
    struct epoll_event event = {.events = EPOLLIN};
    *state = &fixture;
    return epoll_ctl(fixture.swarm.epoll_fd, EPOLL_CTL_ADD, fds[0], &event);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    tg_swarm_fini(&fixture->swarm);
    close(fixture->server_fd);
    return 0;
}

static bool say(struct fixture *fixture, const void *octets, size_t len)
{
    assert_int_equal(send(fixture->server_fd, octets, len, MSG_NOSIGNAL), len);
    return tg_client_on_readable(&fixture->swarm, fixture->client);
}

static int set_up_open(void **state)
{
    if (set_up(state) != 0) {
        return -1;
    }
    return say(*state, response, sizeof response - 1) ? 0 : -1;
}

static void frames_glued_to_the_response_are_read(void **state)
{
    struct fixture *fixture = *state;
    char octets[512];

    size_t len = (size_t)snprintf(octets, sizeof octets, "%s\x81\x02hi\x81\x01!", response);
    assert_true(say(fixture, octets, len));
    assert_int_equal(fixture->opened, 1);
    assert_string_equal(fixture->texts, "hi|!|");
}

static void one_octet_at_a_time_is_read_the_same(void **state)
{
    struct fixture *fixture = *state;
    char octets[512];
    static const char frames[15] = "\x81\x02hi\x89\x00\x81\x7e\x00\x03now\x81\x00";
    size_t len = (size_t)snprintf(octets, sizeof octets, "%s", response);

    memcpy(octets + len, frames, sizeof frames);
    len += sizeof frames;
    for (size_t i = 0; i < len; i++) {
        assert_true(say(fixture, octets + i, 1));
    }
    assert_string_equal(fixture->texts, "hi|now||");
    assert_int_equal(fixture->swarm.pings, 1);
}

/* 70,000 octets, in pieces small and large: what is kept of it is read on in place. */
static void a_large_frame_is_read_whole_however_it_is_cut(void **state)
{
    enum { LENGTH = 70000, HEAD = 10 };
    struct fixture *fixture = *state;
    static char frame[HEAD + LENGTH] = "\x81\x7f\0\0\0\0\0\x01\x11\x70";

    memset(frame + HEAD, 'x', LENGTH);
    for (size_t cut = 97; cut < sizeof frame; cut += 9973) {
        fixture->longest = 0;
        for (size_t at = 0; at < sizeof frame; at += cut) {
            size_t left = sizeof frame - at;
            assert_true(say(fixture, frame + at, left < cut ? left : cut));
        }
        for (int turn = 0; turn < 20 && fixture->longest == 0; turn++) {
            assert_true(tg_client_on_readable(&fixture->swarm, fixture->client));
        }
        assert_int_equal(fixture->longest, LENGTH);
        assert_int_equal(fixture->client->in_len, 0);
    }
}

static void an_answer_that_is_no_upgrade_is_a_fault(void **state)
{
    struct fixture *fixture = *state;
    const char refusal[] = "HTTP/1.1 503 Service Unavailable\r\n\r\n";

    assert_false(say(fixture, refusal, sizeof refusal - 1));
    assert_int_equal(fixture->swarm.faults, 1);
}

static void a_wrong_accept_is_a_fault(void **state)
{
    struct fixture *fixture = *state;
    char wrong[sizeof response];

    memcpy(wrong, response, sizeof response);
    *strstr(wrong, "s3pP") = 'S';
    assert_false(say(fixture, wrong, sizeof wrong - 1));
}

static void a_ping_is_answered_by_its_pong(void **state)
{
    struct fixture *fixture = *state;
    uint8_t pong[32];

    assert_true(say(fixture, "\x89\x04ping", 6));
    assert_int_equal(recv(fixture->server_fd, pong, sizeof pong, 0), 10);
    assert_memory_equal(pong, "\x8a\x84", 2);
    assert_int_equal(pong[6] ^ pong[2], 'p');
}

static void what_a_server_may_not_send_is_a_fault(void **state)
{
    static const struct {
        const char *octets;
        size_t len;
    } wrong[] = {
        {"\x82\x00", 2},                    /* binary */
        {"\x01\x00", 2},                    /* not final */
        {"\x80\x00", 2},                    /* a continuation of nothing */
        {"\xc1\x00", 2},                    /* a reserved bit */
        {"\x83\x00", 2},                    /* a reserved opcode */
        {"\x81\x80", 2},                    /* masked */
        {"\x81\x7f\0\0\0\0\0\x10\0\1", 10}, /* more than 1 MiB */
        {"\x88\x00", 2},                    /* a close that we didn't start */
        {"\x88\x02\x03\xf5", 4},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(set_up_open(state), 0);
        struct fixture *fixture = *state;
        assert_false(say(fixture, wrong[i].octets, wrong[i].len));
        assert_int_equal(fixture->swarm.faults, 1);
        tear_down(state);
    }
}

static void a_close_ends_when_it_is_echoed_and_the_server_is_gone(void **state)
{
    struct fixture *fixture = *state;

    assert_true(tg_client_close(&fixture->swarm, fixture->client));
    assert_true(say(fixture, "\x81\x04late\x88\x02\x03\xe8", 10));
    assert_string_equal(fixture->texts, "");
    assert_int_equal(fixture->ended, 0);
    shutdown(fixture->server_fd, SHUT_WR);
    assert_true(tg_client_on_readable(&fixture->swarm, fixture->client));
    assert_int_equal(fixture->ended, 1);
    assert_int_equal(fixture->client->state, TG_CLIENT_CLOSED);
}

static void a_close_echoed_with_another_code_is_a_fault(void **state)
{
    struct fixture *fixture = *state;

    assert_true(tg_client_close(&fixture->swarm, fixture->client));
    assert_false(say(fixture, "\x88\x02\x03\xe9", 4));
}

static void an_end_without_a_close_frame_is_a_fault(void **state)
{
    struct fixture *fixture = *state;

    shutdown(fixture->server_fd, SHUT_WR);
    assert_false(tg_client_on_readable(&fixture->swarm, fixture->client));
    assert_int_equal(fixture->ended, 0);
}

static void a_server_that_never_reads_is_a_fault_in_the_end(void **state)
{
    struct fixture *fixture = *state;
    uint8_t *room = NULL;
    size_t reserved = 0;

    while ((room = tg_client_reserve(&fixture->swarm, fixture->client, 60000)) != NULL) {
        memset(room, 0, 60000);
        reserved += 60000;
        assert_true(reserved <= TG_CLIENT_OUT_MAX);
    }
    assert_int_equal(fixture->swarm.faults, 1);
}

static void what_the_kernel_refuses_goes_later_and_in_order(void **state)
{
    struct fixture *fixture = *state;
    static uint8_t got[TG_CLIENT_OUT_MAX];
    size_t sent = 0;
    size_t received = 0;

    while (sent < 960000) {
        uint8_t *room = tg_client_reserve(&fixture->swarm, fixture->client, 96);
        assert_non_null(room);
        memset(room, (int)(sent / 96 % 251), 96);
        sent += 96;
    }
    for (int turn = 0; turn < 100000 && received < sent; turn++) {
        assert_true(tg_client_on_writable(&fixture->swarm, fixture->client));
        ssize_t len = recv(fixture->server_fd, got + received, sizeof got - received, 0);
        received += len > 0 ? (size_t)len : 0;
    }
    assert_int_equal(received, sent);
    assert_false(fixture->client->wants_out);
    for (size_t i = 0; i < sent; i++) {
        assert_int_equal(got[i], i / 96 % 251);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(frames_glued_to_the_response_are_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_octet_at_a_time_is_read_the_same, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_large_frame_is_read_whole_however_it_is_cut, set_up_open,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_answer_that_is_no_upgrade_is_a_fault, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_wrong_accept_is_a_fault, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_ping_is_answered_by_its_pong, set_up_open, tear_down),
        cmocka_unit_test(what_a_server_may_not_send_is_a_fault),
        cmocka_unit_test_setup_teardown(a_close_ends_when_it_is_echoed_and_the_server_is_gone,
                                        set_up_open, tear_down),
        cmocka_unit_test_setup_teardown(a_close_echoed_with_another_code_is_a_fault, set_up_open,
                                        tear_down),
        cmocka_unit_test_setup_teardown(an_end_without_a_close_frame_is_a_fault, set_up_open,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_server_that_never_reads_is_a_fault_in_the_end,
                                        set_up_open, tear_down),
        cmocka_unit_test_setup_teardown(what_the_kernel_refuses_goes_later_and_in_order,
                                        set_up_open, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
