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

#include "core/fd_link.h"

struct fixture {
    int here;
    int there;
    int pipe[2];
    struct tg_fd_message message;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    fixture.here = fds[0];
    fixture.there = fds[1];
    assert_int_equal(pipe(fixture.pipe), 0);
    fixture.message.fd = -1;
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

    tg_fd_link_drop(&f->message);
    shut(&f->here);
    shut(&f->there);
    shut(&f->pipe[0]);
    shut(&f->pipe[1]);
    return 0;
}

static void assert_message_is(const struct fixture *f, const char *text)
{
    assert_int_equal(f->message.length, strlen(text));
    assert_memory_equal(f->message.octets, text, strlen(text));
}

/* Sends the octets with so many copies of the pipe's writing end, past the function's own rules. */
static void send_raw(struct fixture *f, size_t length, uint32_t count)
{
    static char octets[TG_FD_LINK_BYTES_MAX + 1];
    char room[CMSG_SPACE(sizeof(int) * 8)] = {0};
    struct iovec part = {.iov_base = octets, .iov_len = length};
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
    assert_int_equal(sendmsg(f->here, &message, 0), (ssize_t)length);
}

/* With the test's own copy closed, the pipe ends when nobody else has one. */
static void assert_no_copy_is_left(struct fixture *f)
{
    char octet;

    shut(&f->pipe[1]);
    assert_int_equal(fcntl(f->pipe[0], F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(read(f->pipe[0], &octet, 1), 0);
}

static void a_message_without_a_descriptor_is_taken_as_it_was_sent(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(tg_fd_link_take(f->there, &f->message), TG_ERR_INCOMPLETE);
    assert_int_equal(tg_fd_link_send(f->here, TG_STR("one"), -1), TG_OK);
    assert_int_equal(tg_fd_link_send(f->here, TG_STR("second"), -1), TG_OK);
    assert_int_equal(tg_fd_link_take(f->there, &f->message), TG_OK);
    assert_message_is(f, "one");
    assert_int_equal(f->message.fd, -1);
    assert_int_equal(tg_fd_link_take(f->there, &f->message), TG_OK);
    assert_message_is(f, "second");
    assert_int_equal(tg_fd_link_take(f->there, &f->message), TG_ERR_INCOMPLETE);
}

static void a_descriptor_comes_beside_its_message_and_is_not_inherited(void **state)
{
    struct fixture *f = *state;
    char octet = 0;

    assert_int_equal(tg_fd_link_send(f->here, TG_STR("none"), -1), TG_OK);
    assert_int_equal(tg_fd_link_send(f->here, TG_STR("file"), f->pipe[1]), TG_OK);
    assert_int_equal(tg_fd_link_take(f->there, &f->message), TG_OK);
    assert_int_equal(f->message.fd, -1);
    assert_int_equal(tg_fd_link_take(f->there, &f->message), TG_OK);
    assert_message_is(f, "file");
    assert_true(f->message.fd >= 0 && f->message.fd != f->pipe[1]);
    assert_true(fcntl(f->message.fd, F_GETFD) & FD_CLOEXEC);
    assert_int_equal(write(f->message.fd, "x", 1), 1);
    assert_int_equal(read(f->pipe[0], &octet, 1), 1);
    assert_int_equal(octet, 'x');
    tg_fd_link_drop(&f->message);
    assert_int_equal(f->message.fd, -1);
    tg_fd_link_drop(&f->message);
    assert_no_copy_is_left(f);
}

static void the_longest_message_passes_and_none_that_is_longer_or_empty(void **state)
{
    struct fixture *f = *state;
    static char octets[TG_FD_LINK_BYTES_MAX + 1];

    memset(octets, 'l', sizeof(octets));
    assert_int_equal(tg_fd_link_send(f->here, tg_str(octets, sizeof(octets)), -1),
                     TG_ERR_TOO_LARGE);
    assert_int_equal(tg_fd_link_send(f->here, tg_str(octets, 0), -1), TG_ERR_INVALID);
    assert_int_equal(tg_fd_link_take(f->there, &f->message), TG_ERR_INCOMPLETE);
    assert_int_equal(tg_fd_link_send(f->here, tg_str(octets, TG_FD_LINK_BYTES_MAX), -1), TG_OK);
    assert_int_equal(tg_fd_link_take(f->there, &f->message), TG_OK);
    assert_int_equal(f->message.length, TG_FD_LINK_BYTES_MAX);
    assert_memory_equal(f->message.octets, octets, TG_FD_LINK_BYTES_MAX);
}

static void what_nobody_of_ours_sends_is_dropped_with_its_descriptors(void **state)
{
    struct fixture *f = *state;

    send_raw(f, 4, 2);
    send_raw(f, 4, 4);
    send_raw(f, 4, 8); /* more than the kernel is given room for */
    send_raw(f, TG_FD_LINK_BYTES_MAX + 1, 1);
    send_raw(f, 0, 1);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(tg_fd_link_take(f->there, &f->message), TG_ERR_SYNTAX);
        assert_int_equal(f->message.fd, -1);
    }
    assert_int_equal(tg_fd_link_take(f->there, &f->message), TG_ERR_INCOMPLETE);
    assert_no_copy_is_left(f);
}

static void who_does_not_read_is_full_and_then_takes_all(void **state)
{
    struct fixture *f = *state;
    uint32_t sent = 0;
    uint32_t taken = 0;
    int err;

    while ((err = tg_fd_link_send(f->here, tg_str((const char *)&sent, sizeof(sent)),
                                  f->pipe[1])) == TG_OK) {
        sent++;
        assert_true(sent < 10000);
    }
    assert_int_equal(err, TG_ERR_FULL);
    while (tg_fd_link_take(f->there, &f->message) == TG_OK) {
        assert_memory_equal(f->message.octets, &taken, sizeof(taken));
        tg_fd_link_drop(&f->message);
        taken++;
    }
    assert_int_equal(taken, sent);
    assert_int_equal(tg_fd_link_send(f->here, TG_STR("again"), -1), TG_OK);
}

static void the_end_of_either_side_is_told_after_what_was_sent(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(tg_fd_link_send(f->here, TG_STR("last"), -1), TG_OK);
    shut(&f->here);
    assert_int_equal(tg_fd_link_take(f->there, &f->message), TG_OK);
    assert_message_is(f, "last");
    assert_int_equal(tg_fd_link_take(f->there, &f->message), TG_ERR_CLOSED);
    assert_int_equal(tg_fd_link_send(f->there, TG_STR("late"), -1), TG_ERR_CLOSED);
}

static void no_descriptor_can_be_sent_that_is_not_open(void **state)
{
    struct fixture *f = *state;
    int closed = dup(f->pipe[1]);

    assert_true(closed >= 0);
    assert_int_equal(close(closed), 0);
    assert_int_equal(tg_fd_link_send(f->here, TG_STR("file"), closed), TG_ERR_IO);
    assert_int_equal(tg_fd_link_take(f->there, &f->message), TG_ERR_INCOMPLETE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_message_without_a_descriptor_is_taken_as_it_was_sent),
        TEST(a_descriptor_comes_beside_its_message_and_is_not_inherited),
        TEST(the_longest_message_passes_and_none_that_is_longer_or_empty),
        TEST(what_nobody_of_ours_sends_is_dropped_with_its_descriptors),
        TEST(who_does_not_read_is_full_and_then_takes_all),
        TEST(the_end_of_either_side_is_told_after_what_was_sent),
        TEST(no_descriptor_can_be_sent_that_is_not_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
