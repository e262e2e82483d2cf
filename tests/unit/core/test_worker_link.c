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

#include "core/shared_page.h"
#include "core/worker_link.h"

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

#define NO_TICKET "\0\0\0\0\0\0\0\0"
#define PEER_5 "peer\5\0\0\0\0\0\0\0\0\0\0\0" NO_TICKET
#define PREPARE_5 "prep\5\0\0\0\1\2\0\0\0\0\0\0\7\0\0\0\0\0\0\1"

static int read_octets(const char *octets, size_t length, struct tg_order *order)
{
    return tg_worker_link_read(tg_str(octets, length), order);
}

static void assert_reads(const char *octets, enum tg_order_kind kind, uint32_t slot,
                         uint64_t counter)
{
    struct tg_order order;

    assert_int_equal(read_octets(octets, TG_WORKER_LINK_BYTES, &order), TG_OK);
    assert_int_equal(order.kind, kind);
    assert_int_equal(order.slot, slot);
    assert_int_equal(order.counter, counter);
}

static void a_message_is_read(void **state)
{
    struct tg_order order;

    (void)state;
    assert_reads(PEER_5, TG_ORDER_PEER, 5, 0);
    assert_reads("peer\x3f\0\0\0\0\0\0\0\0\0\0\0" NO_TICKET, TG_ORDER_PEER, TG_PAGE_WORKERS_MAX - 1,
                 0);
    assert_reads(PREPARE_5, TG_ORDER_PREPARE, 5, 0x201);
    assert_int_equal(read_octets(PREPARE_5, TG_WORKER_LINK_BYTES, &order), TG_OK);
    assert_int_equal(order.ticket, 0x0100000000000007);
    assert_reads("drop\x3f\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff" NO_TICKET, TG_ORDER_DROP,
                 TG_GATEWAYS_MAX - 1, UINT64_MAX);
    assert_reads("look\0\0\0\0\0\0\0\0\0\0\0\0" NO_TICKET, TG_ORDER_LOOK, 0, 0);
}

static void anything_else_is_refused(void **state)
{
    static const char *const strange[] = {
        "pear\5\0\0\0\0\0\0\0\0\0\0\0" NO_TICKET,
        "peer\x40\0\0\0\0\0\0\0\0\0\0\0" NO_TICKET,
        "peer\5\0\0\x80\0\0\0\0\0\0\0\0" NO_TICKET,
        "peer\5\0\0\0\1\0\0\0\0\0\0\0" NO_TICKET,
        "prep\x40\0\0\0\1\0\0\0\0\0\0\0" NO_TICKET,
        "prep\5\0\0\0\0\0\0\0\0\0\0\0" NO_TICKET,
        "drop\x40\0\0\0\1\0\0\0\0\0\0\0" NO_TICKET,
        "drop\5\0\0\0\0\0\0\0\0\0\0\0" NO_TICKET,
        "look\1\0\0\0\0\0\0\0\0\0\0\0" NO_TICKET,
        "look\0\0\0\0\0\0\0\0\0\0\0\x80" NO_TICKET,
        "drop\5\0\0\0\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0",
        "look\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0",
        "LOOK\0\0\0\0\0\0\0\0\0\0\0\0" NO_TICKET,
    };
    struct tg_order order = {.slot = 99};

    (void)state;
    for (size_t length = 0; length < TG_WORKER_LINK_BYTES; length++) {
        assert_int_equal(read_octets(PEER_5, length, &order), TG_ERR_SYNTAX);
    }
    assert_int_equal(read_octets(PEER_5, TG_WORKER_LINK_BYTES + 1, &order), TG_ERR_SYNTAX);
    for (size_t i = 0; i < sizeof(strange) / sizeof(strange[0]); i++) {
        assert_int_equal(read_octets(strange[i], TG_WORKER_LINK_BYTES, &order), TG_ERR_SYNTAX);
    }
    assert_int_equal(order.slot, 99);
}

static int give(struct fixture *f, enum tg_order_kind kind, uint32_t slot, uint64_t counter)
{
    struct tg_order order = {.kind = kind, .slot = slot, .counter = counter};

    order.ticket = kind == TG_ORDER_PREPARE ? counter + 1 : 0;
    bool has_descriptor = kind == TG_ORDER_PEER || kind == TG_ORDER_PREPARE;

    return tg_worker_link_send(f->supervisor, &order, has_descriptor ? f->pipe[1] : -1);
}

static void what_is_sent_is_taken_with_its_descriptor(void **state)
{
    struct fixture *f = *state;
    struct tg_order order;
    int fd = -1;
    char octet = 0;

    assert_int_equal(tg_worker_link_take(f->worker, &order, &fd), TG_ERR_INCOMPLETE);
    assert_int_equal(give(f, TG_ORDER_PREPARE, 63, 0x123456789a), TG_OK);
    assert_int_equal(tg_worker_link_take(f->worker, &order, &fd), TG_OK);
    assert_int_equal(order.kind, TG_ORDER_PREPARE);
    assert_int_equal(order.slot, 63);
    assert_int_equal(order.counter, 0x123456789a);
    assert_int_equal(order.ticket, 0x123456789b);
    assert_true(fd >= 0 && fd != f->pipe[1]);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(write(fd, "x", 1), 1);
    assert_int_equal(read(f->pipe[0], &octet, 1), 1);
    assert_int_equal(octet, 'x');
    assert_int_equal(close(fd), 0);
    assert_int_equal(give(f, TG_ORDER_LOOK, 0, 0), TG_OK);
    assert_int_equal(tg_worker_link_take(f->worker, &order, &fd), TG_OK);
    assert_int_equal(order.kind, TG_ORDER_LOOK);
    assert_int_equal(fd, -1);
    assert_int_equal(tg_worker_link_take(f->worker, &order, &fd), TG_ERR_INCOMPLETE);
    assert_no_copy_is_left(f);
}

static void messages_come_in_their_order(void **state)
{
    struct fixture *f = *state;

    for (uint32_t i = 0; i < 6; i++) {
        assert_int_equal(give(f, i % 2 ? TG_ORDER_DROP : TG_ORDER_PEER, i, i % 2), TG_OK);
    }
    for (uint32_t i = 0; i < 6; i++) {
        struct tg_order order;
        int fd = -1;
        assert_int_equal(tg_worker_link_take(f->worker, &order, &fd), TG_OK);
        assert_int_equal(order.slot, i);
        assert_int_equal(order.kind, i % 2 ? TG_ORDER_DROP : TG_ORDER_PEER);
        if (fd >= 0) {
            assert_int_equal(close(fd), 0);
        }
    }
}

static void a_worker_that_does_not_read_is_full_and_then_takes_all(void **state)
{
    struct fixture *f = *state;
    uint32_t sent = 0;
    uint32_t taken = 0;
    struct tg_order order;
    int fd;
    int err;

    while ((err = give(f, TG_ORDER_PEER, sent % 64, 0)) == TG_OK) {
        sent++;
        assert_true(sent < 10000);
    }
    assert_int_equal(err, TG_ERR_FULL);
    while (tg_worker_link_take(f->worker, &order, &fd) == TG_OK) {
        assert_int_equal(order.slot, taken % 64);
        assert_int_equal(close(fd), 0);
        taken++;
    }
    assert_int_equal(taken, sent);
    assert_int_equal(give(f, TG_ORDER_PEER, 1, 0), TG_OK);
}

static void a_strange_message_is_dropped_with_its_descriptors(void **state)
{
    struct fixture *f = *state;
    struct tg_order order = {.slot = 99};
    int fd = -1;

    send_raw(f, PEER_5, 24, 0);
    send_raw(f, PEER_5, 24, 2);
    send_raw(f, PREPARE_5, 24, 0);
    send_raw(f, PEER_5, 24, 8);
    send_raw(f, "look\0\0\0\0\0\0\0\0\0\0\0\0" NO_TICKET, 24, 1);
    send_raw(f, PEER_5 "\0\0\0\0\0\0\0", 31, 1);
    send_raw(f, "x", 1, 1);
    for (int i = 0; i < 7; i++) {
        assert_int_equal(tg_worker_link_take(f->worker, &order, &fd), TG_ERR_SYNTAX);
        assert_int_equal(fd, -1);
    }
    assert_int_equal(order.slot, 99);
    assert_int_equal(tg_worker_link_take(f->worker, &order, &fd), TG_ERR_INCOMPLETE);
    assert_no_copy_is_left(f);
}

static void the_end_of_either_side_is_told(void **state)
{
    struct fixture *f = *state;
    struct tg_order order;
    int fd;

    assert_int_equal(give(f, TG_ORDER_PEER, 1, 0), TG_OK);
    shut(&f->supervisor);
    assert_int_equal(tg_worker_link_take(f->worker, &order, &fd), TG_OK);
    assert_int_equal(close(fd), 0);
    assert_int_equal(tg_worker_link_take(f->worker, &order, &fd), TG_ERR_CLOSED);
    f->supervisor = f->worker;
    f->worker = -1;
    assert_int_equal(give(f, TG_ORDER_PEER, 1, 0), TG_ERR_CLOSED);
}

static void what_could_not_be_read_is_not_sent(void **state)
{
    struct fixture *f = *state;
    struct tg_order peer = {.kind = TG_ORDER_PEER, .slot = 1};
    struct tg_order drop = {.kind = TG_ORDER_DROP, .slot = 1, .counter = 2};

    assert_int_equal(tg_worker_link_send(f->supervisor, &peer, -1), TG_ERR_INVALID);
    assert_int_equal(tg_worker_link_send(f->supervisor, &drop, f->pipe[1]), TG_ERR_INVALID);
    assert_int_equal(give(f, TG_ORDER_PEER, TG_PAGE_WORKERS_MAX, 0), TG_ERR_INVALID);
    assert_int_equal(give(f, TG_ORDER_PREPARE, 1, 0), TG_ERR_INVALID);
    assert_int_equal(give(f, TG_ORDER_PREPARE, TG_GATEWAYS_MAX, 1), TG_ERR_INVALID);
    assert_int_equal(give(f, TG_ORDER_LOOK, 0, 1), TG_ERR_INVALID);
    assert_int_equal(tg_worker_link_take(f->worker, &peer, &f->pipe[0]), TG_ERR_INCOMPLETE);
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
        TEST(what_could_not_be_read_is_not_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
