/* SPDX-License-Identifier: MIT */
/* The handshake of a simulated client: the octets of its request head go the way they go in net,
 * up to the 101 or the refusal.
 * Lives in: the test kit. */
#ifndef TG_KIT_RECEPTION_H
#define TG_KIT_RECEPTION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "net/http_answer.h"
#include "net/ws_upgrade.h"

struct tg_app;
struct tg_conn;

enum { TG_RECEPTION_ANSWER_MAX = TG_HTTP_ANSWER_MAX + TG_WS_UPGRADE_ANSWER_MAX };

struct tg_reception {
    struct tg_str head;    /* a whole HTTP request head, as octets */
    struct tg_str address; /* of the peer */
    uint32_t slot;         /* the worker that accepts it */
    bool is_silent;        /* the client will answer no pings */
    bool is_secure;        /* as if it came over TLS */
};

/* What came of it. */
struct tg_reception_result {
    struct tg_conn *line; /* the app's; NULL: refused */
    char answer[TG_RECEPTION_ANSWER_MAX];
    size_t answer_length;
};

/* TG_OK, also for a refusal; TG_ERR_INCOMPLETE (the head has no end), TG_ERR_FULL (too many lines),
 * TG_ERR_NOMEM. */
int tg_reception_receive(struct tg_app *app, const struct tg_reception *request,
                         struct tg_reception_result *result);

#endif
