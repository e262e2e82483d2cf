/* SPDX-License-Identifier: MIT */
/* The listening end of the control socket: a file with mode 0600 that is there exactly as long as
 * the server lives.
 * Lives in: the supervisor. Owns: descriptor and file. */
#ifndef TG_CONTROL_SOCKET_H
#define TG_CONTROL_SOCKET_H

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "control_place.h"

struct tg_control_socket {
    int fd;                          /* -1: there is none */
    char path[TG_CONTROL_PLACE_MAX]; /* absolute */
    dev_t device;                    /* of the file, so that another's is never removed */
    ino_t inode;
};

/* Opens it at the first place that can be had. The file of a server that has died is replaced; one
 * of a server that lives, or what is no socket, is left alone: TG_ERR_EXISTS. TG_ERR_IO,
 * TG_ERR_DENIED. All with a message; fd is -1 then. uid is that of this process. */
int tg_control_socket_open(struct tg_control_socket *sock, const struct tg_control_places *places,
                           uid_t uid, struct tg_errmsg *msg);

/* Closes and removes the file, unless it is another's by now. Accepts one without a descriptor. */
void tg_control_socket_fini(struct tg_control_socket *sock);

/* In a child: closes, and leaves the file to the supervisor. */
void tg_control_socket_forget(struct tg_control_socket *sock);

#endif
