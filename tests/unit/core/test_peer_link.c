/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/peer_link.h"
#include "core/shared_page.h"

struct fixture {
    int supervisor;
    int worker;
    int pipe[2];
};

static int set_up(void **state)
{
    static struct fixture fixture;
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    fixture.supervisor = fds[0];
    fixture.worker = fds[1];
    assert_int_equal(pipe(fixture.pipe), 0);
    *state = &fixture;
    return 0;
}

static void shut(int *fd)
{
    if (*fd >= 0) {
        assert_int_equal(close(*fd), 0);
        *fd = -1;
    }
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    shut(&f->supervisor);
    shut(&f->worker);
    shut(&f->pipe[0]);
    shut(&f->pipe[1]);
    return 0;
}

/* The message is this text, with so many copies of the pipe's writing end. */
static void send_raw(struct fixture *f, const char *octets, size_t length, uint32_t count)
{
    char room[CMSG_SPACE(sizeof(int) * 8)] = {0};
    struct iovec part = {.iov_base = (void *)(uintptr_t)octets, .iov_len = length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

    if (count > 0) {
        message.msg_control = room;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
        struct cmsghdr *head = CMSG_FIRSTHDR(&message);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof(int) * count);
        for (uint32_t i = 0; i < count; i++) {
            memcpy(CMSG_DATA(head) + i * sizeof(int), &f->pipe[1], sizeof(int));
        }
    }
    assert_int_equal(sendmsg(f->supervisor, &message, 0), (ssize_t)length);
}

/* Whether nobody but this test has the pipe's writing end: with that closed, it ends. */
static void assert_no_copy_is_left(struct fixture *f)
{
    char octet;

    shut(&f->pipe[1]);
    assert_int_equal(fcntl(f->pipe[0], F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(read(f->pipe[0], &octet, 1), 0);
}

static void a_message_is_read(void **state)
{
    uint32_t slot = 99;

    (void)state;
    assert_int_equal(tg_peer_link_read(tg_str("peer\x05\0\0\0", 8), &slot), TG_OK);
    assert_int_equal(slot, 5);
    assert_int_equal(tg_peer_link_read(tg_str("peer\x3f\0\0\0", 8), &slot), TG_OK);
    assert_int_equal(slot, TG_PAGE_WORKERS_MAX - 1);
}

static void anything_else_is_refused(void **state)
{
    uint32_t slot = 99;

    (void)state;
    for (size_t length = 0; length < TG_PEER_LINK_BYTES; length++) {
        assert_int_equal(tg_peer_link_read(tg_str("peer\x05\0\0\0", length), &slot), TG_ERR_SYNTAX);
    }
    assert_int_equal(tg_peer_link_read(tg_str("peer\x05\0\0\0\0", 9), &slot), TG_ERR_SYNTAX);
    assert_int_equal(tg_peer_link_read(tg_str("pear\x05\0\0\0", 8), &slot), TG_ERR_SYNTAX);
    assert_int_equal(tg_peer_link_read(tg_str("peer\x40\0\0\0", 8), &slot), TG_ERR_SYNTAX);
    assert_int_equal(tg_peer_link_read(tg_str("peer\x05\0\0\x80", 8), &slot), TG_ERR_SYNTAX);
    assert_int_equal(slot, 99);
}

static void what_is_sent_is_taken_with_its_descriptor(void **state)
{
    struct fixture *f = *state;
    uint32_t slot = 99;
    int fd = -1;
    char octet = 0;

    assert_int_equal(tg_peer_link_take(f->worker, &slot, &fd), TG_ERR_INCOMPLETE);
    assert_int_equal(tg_peer_link_send(f->supervisor, 63, f->pipe[1]), TG_OK);
    assert_int_equal(tg_peer_link_take(f->worker, &slot, &fd), TG_OK);
    assert_int_equal(slot, 63);
    assert_true(fd >= 0 && fd != f->pipe[1]);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(write(fd, "x", 1), 1);
    assert_int_equal(read(f->pipe[0], &octet, 1), 1);
    assert_int_equal(octet, 'x');
    assert_int_equal(close(fd), 0);
    assert_int_equal(tg_peer_link_take(f->worker, &slot, &fd), TG_ERR_INCOMPLETE);
    assert_no_copy_is_left(f);
}

static void messages_come_in_their_order(void **state)
{
    struct fixture *f = *state;

    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(tg_peer_link_send(f->supervisor, i, f->pipe[1]), TG_OK);
    }
    for (uint32_t i = 0; i < 5; i++) {
        uint32_t slot = 99;
        int fd = -1;
        assert_int_equal(tg_peer_link_take(f->worker, &slot, &fd), TG_OK);
        assert_int_equal(slot, i);
        assert_int_equal(close(fd), 0);
    }
}

static void a_worker_that_does_not_read_is_full_and_then_takes_all(void **state)
{
    struct fixture *f = *state;
    uint32_t sent = 0;
    uint32_t taken = 0;
    uint32_t slot;
    int fd;
    int err;

    while ((err = tg_peer_link_send(f->supervisor, sent % 64, f->pipe[1])) == TG_OK) {
        sent++;
        assert_true(sent < 10000);
    }
    assert_int_equal(err, TG_ERR_FULL);
    while (tg_peer_link_take(f->worker, &slot, &fd) == TG_OK) {
        assert_int_equal(slot, taken % 64);
        assert_int_equal(close(fd), 0);
        taken++;
    }
    assert_int_equal(taken, sent);
    assert_int_equal(tg_peer_link_send(f->supervisor, 1, f->pipe[1]), TG_OK);
}

static void a_strange_message_is_dropped_with_its_descriptors(void **state)
{
    struct fixture *f = *state;
    uint32_t slot = 99;
    int fd = -1;

    send_raw(f, "peer\x05\0\0\0", 8, 0);
    send_raw(f, "peer\x05\0\0\0", 8, 2);
    send_raw(f, "peer\x05\0\0\0", 8, 8);
    send_raw(f, "peer\x05\0\0\0\0\0\0\0\0\0\0", 15, 1);
    send_raw(f, "x", 1, 1);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(tg_peer_link_take(f->worker, &slot, &fd), TG_ERR_SYNTAX);
        assert_int_equal(fd, -1);
    }
    assert_int_equal(tg_peer_link_take(f->worker, &slot, &fd), TG_ERR_INCOMPLETE);
    assert_no_copy_is_left(f);
}

static void the_end_of_either_side_is_told(void **state)
{
    struct fixture *f = *state;
    uint32_t slot;
    int fd;

    assert_int_equal(tg_peer_link_send(f->supervisor, 1, f->pipe[1]), TG_OK);
    shut(&f->supervisor);
    assert_int_equal(tg_peer_link_take(f->worker, &slot, &fd), TG_OK);
    assert_int_equal(close(fd), 0);
    assert_int_equal(tg_peer_link_take(f->worker, &slot, &fd), TG_ERR_CLOSED);
    assert_int_equal(tg_peer_link_send(f->worker, 1, f->pipe[1]), TG_ERR_CLOSED);
}

static void no_descriptor_can_be_sent_that_is_none(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(tg_peer_link_send(f->supervisor, 1, -1), TG_ERR_IO);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_message_is_read),
        TEST(anything_else_is_refused),
        TEST(what_is_sent_is_taken_with_its_descriptor),
        TEST(messages_come_in_their_order),
        TEST(a_worker_that_does_not_read_is_full_and_then_takes_all),
        TEST(a_strange_message_is_dropped_with_its_descriptors),
        TEST(the_end_of_either_side_is_told),
        TEST(no_descriptor_can_be_sent_that_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
