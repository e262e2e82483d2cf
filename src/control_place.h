/* SPDX-License-Identifier: MIT */
/* Where the control socket is: as deploy.socket says, or in the first of a few places that nobody
 * else can put a socket into. The server and the commands that talk to it look in the same order.
 * Lives in: the supervisor; tidegate status, reload, rollback and remove. */
#ifndef TG_CONTROL_PLACE_H
#define TG_CONTROL_PLACE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/un.h>

#include "base/err.h"

enum {
    TG_CONTROL_PLACE_MAX = sizeof(((struct sockaddr_un *)0)->sun_path), /* octets, terminated */
    TG_CONTROL_PLACES_MAX = 4
};

struct tg_control_places {
    bool is_off;    /* there is no socket */
    bool is_chosen; /* the configuration named the path */
    uint32_t count;
    struct tg_control_place {
        char path[TG_CONTROL_PLACE_MAX];
        bool makes_folder; /* the server makes the directory when it is missing */
        bool is_private;   /* everybody may write beside that directory: it must be ours alone */
    } items[TG_CONTROL_PLACES_MAX];
};

/* The places that setting (deploy.socket) stands for, in their order: a path, "off", or "auto":
 *   $RUNTIME_DIRECTORY/control.sock (systemd's), /run/tidegate/control.sock,
 *   $XDG_RUNTIME_DIR/tidegate.sock, /tmp/tidegate-UID/control.sock
 * of which those that the environment doesn't give, or that are too long, are left out.
 * TG_ERR_TOO_LARGE with a message: the path doesn't fit into an address. */
int tg_control_place_list(struct tg_control_places *places, const char *setting, uid_t uid,
                          struct tg_errmsg *msg);

/* Makes the directory where that is asked for, and judges it: it belongs to uid or root, and nobody
 * else may write into it (a private one: nor look into it). A chosen path's directory is the
 * operator's affair. TG_ERR_IO, TG_ERR_DENIED with a message. */
int tg_control_place_prepare(const struct tg_control_place *place, uid_t uid,
                             struct tg_errmsg *msg);

/* For who connects: makes nothing, and root takes a directory of anybody, but for a private one. */
int tg_control_place_judge(const struct tg_control_place *place, uid_t uid, struct tg_errmsg *msg);

#endif
