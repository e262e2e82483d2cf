/* SPDX-License-Identifier: MIT */
#include "core/fd_link.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DESCRIPTORS_MAX = 4 };

/* Room for ancillary data, aligned as the kernel wants it. */
union ancillary {
    struct cmsghdr head;
    char octets[CMSG_SPACE(sizeof(int) * DESCRIPTORS_MAX)];
};

static int error_of_send(void)
{
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS || errno == ETOOMANYREFS) {
        return TG_ERR_FULL;
    }
    return errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN ? TG_ERR_CLOSED : TG_ERR_IO;
}

static void attach(struct msghdr *message, union ancillary *ancillary, int fd)
{
    message->msg_control = ancillary->octets;
    message->msg_controllen = CMSG_SPACE(sizeof(int));
    struct cmsghdr *head = CMSG_FIRSTHDR(message);
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(head), &fd, sizeof(fd));
}

int tg_fd_link_send(int control, struct tg_str octets, int fd)
{
    char copy[TG_FD_LINK_BYTES_MAX]; /* iov_base is not const */
    union ancillary ancillary = {0};
    struct iovec part = {.iov_base = copy, .iov_len = octets.length};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t sent;

    if (octets.length == 0) {
        return TG_ERR_INVALID;
    }
    if (octets.length > sizeof(copy)) {
        return TG_ERR_TOO_LARGE;
    }
    memcpy(copy, octets.at, octets.length);
    if (fd >= 0) {
        attach(&message, &ancillary, fd);
    }
    do {
        sent = sendmsg(control, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (sent < 0 && errno == EINTR);
    return sent < 0 ? error_of_send() : TG_OK;
}

/* The descriptors that came with a message. Returns how many. */
static uint32_t descriptors_of(struct msghdr *message, int fds[DESCRIPTORS_MAX])
{
    uint32_t count = 0;

    for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head; head = CMSG_NXTHDR(message, head)) {
        if (head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        size_t octets = head->cmsg_len - CMSG_LEN(0);
        for (size_t at = 0; at + sizeof(int) <= octets && count < DESCRIPTORS_MAX;
             at += sizeof(int)) {
            memcpy(&fds[count++], CMSG_DATA(head) + at, sizeof(int));
        }
    }
    return count;
}

int tg_fd_link_take(int control, struct tg_fd_message *message)
{
    union ancillary ancillary = {0};
    struct iovec part = {.iov_base = message->octets, .iov_len = sizeof(message->octets)};
    struct msghdr head = {.msg_iov = &part,
                          .msg_iovlen = 1,
                          .msg_control = ancillary.octets,
                          .msg_controllen = sizeof(ancillary.octets)};
    int fds[DESCRIPTORS_MAX];
    ssize_t got;

    message->length = 0;
    message->fd = -1;
    do {
        got = recvmsg(control, &head, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return errno == EAGAIN || errno == EWOULDBLOCK ? TG_ERR_INCOMPLETE
               : errno == ECONNRESET                   ? TG_ERR_CLOSED
                                                       : TG_ERR_IO;
    }
    uint32_t count = descriptors_of(&head, fds);
    if (got > 0 && count <= 1 && !(head.msg_flags & (MSG_TRUNC | MSG_CTRUNC))) {
        message->length = (size_t)got;
        message->fd = count == 1 ? fds[0] : -1;
        return TG_OK;
    }
    for (uint32_t i = 0; i < count; i++) {
        (void)close(fds[i]);
    }
    return got == 0 && count == 0 ? TG_ERR_CLOSED : TG_ERR_SYNTAX;
}

void tg_fd_link_drop(struct tg_fd_message *message)
{
    if (message->fd >= 0) {
        (void)close(message->fd);
        message->fd = -1;
    }
}
