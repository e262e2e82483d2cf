/* SPDX-License-Identifier: MIT */
#include "core/peer_link.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/shared_page.h"

enum { WORD_BYTES = 4, DESCRIPTORS_MAX = 4 };

static const char word[WORD_BYTES] = {'p', 'e', 'e', 'r'};

/* Room for ancillary data, aligned as the kernel wants it. */
union ancillary {
    struct cmsghdr head;
    char octets[CMSG_SPACE(sizeof(int) * DESCRIPTORS_MAX)];
};

int tg_peer_link_read(struct tg_str octets, uint32_t *slot)
{
    uint32_t number = 0;

    if (octets.length != TG_PEER_LINK_BYTES || memcmp(octets.at, word, WORD_BYTES) != 0) {
        return TG_ERR_SYNTAX;
    }
    for (uint32_t i = 0; i < TG_PEER_LINK_BYTES - WORD_BYTES; i++) {
        number |= (uint32_t)(unsigned char)octets.at[WORD_BYTES + i] << 8 * i;
    }
    if (number >= TG_PAGE_WORKERS_MAX) {
        return TG_ERR_SYNTAX;
    }
    *slot = number;
    return TG_OK;
}

static int error_of_send(void)
{
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS || errno == ETOOMANYREFS) {
        return TG_ERR_FULL;
    }
    return errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN ? TG_ERR_CLOSED : TG_ERR_IO;
}

int tg_peer_link_send(int control, uint32_t slot, int fd)
{
    char octets[TG_PEER_LINK_BYTES];
    union ancillary ancillary = {0};
    struct iovec part = {.iov_base = octets, .iov_len = sizeof(octets)};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = ancillary.octets,
                             .msg_controllen = CMSG_SPACE(sizeof(int))};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    ssize_t sent;

    memcpy(octets, word, WORD_BYTES);
    for (uint32_t i = 0; i < TG_PEER_LINK_BYTES - WORD_BYTES; i++) {
        octets[WORD_BYTES + i] = (char)(slot >> 8 * i & 0xff);
    }
    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(head), &fd, sizeof(fd));
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

int tg_peer_link_take(int control, uint32_t *slot, int *fd)
{
    char octets[TG_PEER_LINK_BYTES + 1]; /* one more: a longer message is seen to be one */
    union ancillary ancillary = {0};
    struct iovec part = {.iov_base = octets, .iov_len = sizeof(octets)};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = ancillary.octets,
                             .msg_controllen = sizeof(ancillary.octets)};
    int fds[DESCRIPTORS_MAX];
    ssize_t got;

    do {
        got = recvmsg(control, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return errno == EAGAIN || errno == EWOULDBLOCK ? TG_ERR_INCOMPLETE
               : errno == ECONNRESET                   ? TG_ERR_CLOSED
                                                       : TG_ERR_IO;
    }
    uint32_t count = descriptors_of(&message, fds);
    int err = got == 0 && count == 0 ? TG_ERR_CLOSED
                                     : tg_peer_link_read(tg_str(octets, (size_t)got), slot);
    if (err == TG_OK && count == 1) {
        *fd = fds[0];
        return TG_OK;
    }
    for (uint32_t i = 0; i < count; i++) {
        (void)close(fds[i]);
    }
    return err ? err : TG_ERR_SYNTAX;
}
