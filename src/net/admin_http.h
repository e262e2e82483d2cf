/* SPDX-License-Identifier: MIT */
/* A small HTTP/1.1 server for health and metrics, on libwebsockets' http role. It never shares a
 * context with WebSocket clients.
 * Lives in: the admin process. Owns: its context. Borrows: loop and listening socket. */
#ifndef TG_NET_ADMIN_HTTP_H
#define TG_NET_ADMIN_HTTP_H

#include "base/buf.h"
#include "base/err.h"
#include "core/loop.h"

struct tg_admin_http; /* opaque */

/* Filled by the handler. The body is cleared before each request and bounded. */
struct tg_admin_answer {
    int status;
    const char *content_type; /* static */
    struct tg_buf *body;
};

/* A complete request; method and path are views. */
typedef void (*tg_admin_handler_fn)(void *self, struct tg_str method, struct tg_str path,
                                    struct tg_admin_answer *answer);

/* NULL with a message when it can't be made. */
struct tg_admin_http *tg_admin_http_create(struct tg_loop *loop, int listener,
                                           tg_admin_handler_fn handler, void *self,
                                           struct tg_errmsg *msg);

/* Cuts its connections and frees. Accepts NULL. The loop must be run on until it is idle. */
void tg_admin_http_destroy(struct tg_admin_http *http);

#endif
