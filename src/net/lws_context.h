/* SPDX-License-Identifier: MIT */
/* The end of a libwebsockets context that runs in our loop: it closes its handles over some turns,
 * and frees itself only when it is told to a second time, after them.
 * Lives in: a worker, the admin process. */
#ifndef TG_NET_LWS_CONTEXT_H
#define TG_NET_LWS_CONTEXT_H

#include "core/loop.h"

struct lws_context; /* libwebsockets */

/* Closes what is left in the context and takes it over: it is freed while the loop runs on until
 * idle. No descriptor may be opened before the loop's next turn. Not from within a callback of
 * libwebsockets. Accepts NULL. Without memory or descriptors the context is left as a leak, which
 * is logged. */
void tg_lws_context_end(struct tg_loop *loop, struct lws_context *context);

#endif
