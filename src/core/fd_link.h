/* SPDX-License-Identifier: MIT */
/* One message and at most one descriptor beside it, over a SOCK_SEQPACKET socket between two
 * processes: it comes whole or not at all. What the octets mean is the links' own matter
 * (core/worker_link.h, core/deploy_link.h).
 * Lives in: the supervisor and its children. Nothing here waits. */
#ifndef TG_CORE_FD_LINK_H
#define TG_CORE_FD_LINK_H

#include "base/err.h"
#include "base/str.h"

enum { TG_FD_LINK_BYTES_MAX = 2048 };

struct tg_fd_message {
    size_t length;
    int fd; /* -1: none came; else whoever took the message closes it */
    char octets[TG_FD_LINK_BYTES_MAX];
};

/* Sends the octets with fd, which stays the caller's; -1: with none. TG_ERR_FULL (later),
 * TG_ERR_CLOSED (the other side has ended), TG_ERR_TOO_LARGE, TG_ERR_INVALID (no octets: that is
 * what the end looks like), TG_ERR_IO. */
int tg_fd_link_send(int control, struct tg_str octets, int fd);

/* Takes the next message. TG_ERR_INCOMPLETE: nothing is there. TG_ERR_CLOSED: the other side has
 * ended. TG_ERR_SYNTAX: a message that is too long, or came with more than one descriptor, is
 * dropped with what came with it. TG_ERR_IO. message->fd is -1 on every error. */
int tg_fd_link_take(int control, struct tg_fd_message *message);

/* Closes the descriptor that came, if one did. */
void tg_fd_link_drop(struct tg_fd_message *message);

#endif
