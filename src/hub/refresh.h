/* SPDX-License-Identifier: MIT */
/* Tokens that come on the socket, {"event":"auth","data":{"token":"..."}}: a new one for a
 * connection that has one already. Its claims take the place of the old ones; rooms, queue and
 * state stay. How a first token is taken: hub/first_message.h.
 * Lives in: a worker. */
#ifndef TG_HUB_REFRESH_H
#define TG_HUB_REFRESH_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct tg_client;
struct tg_hub;
struct tg_token; /* hub/auth.h */

enum {
    TG_REFRESH_BURST =
        5, /* attempts of one client; then one more per interval: signatures are dear */
    TG_REFRESH_INTERVAL_MS = 10000
};

/* Verifies the token in the auth event's data, raw JSON: an object with exactly one "token", a
 * string. TG_OK with *verified, which is the caller's; TG_ERR_DENIED with *why, a static word for
 * the log; TG_ERR_NOMEM. */
int tg_refresh_read(struct tg_hub *hub, struct tg_str data, struct tg_token *verified,
                    const char **why);

/* Refreshes. The new token must bear the same sub as the old one, which must bear one, and belong
 * to the connection's tenant; an anonymous client stays so. TG_ERR_DENIED for whatever cause: the
 * peer learns no more; TG_ERR_FULL: too many attempts; TG_ERR_NOMEM. The old claims stay then. */
int tg_refresh_try(struct tg_client *client, struct tg_str data);

#endif
