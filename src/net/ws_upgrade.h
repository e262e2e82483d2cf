/* SPDX-License-Identifier: MIT */
/* The opening handshake over a parsed head (RFC 6455 section 4.2): is it a correct upgrade, and
 * the 101 that answers it. Extensions are declined by not answering them (section 9.1).
 * Lives in: a worker. Pure. */
#ifndef TG_NET_WS_UPGRADE_H
#define TG_NET_WS_UPGRADE_H

#include <stdint.h>

#include "base/str.h"
#include "hub/handshake.h"
#include "hub/refusal.h"

enum { TG_WS_UPGRADE_ANSWER_MAX = 512, TG_WS_UPGRADE_SUBPROTOCOL_MAX = 256 };

struct tg_ws_upgrade {
    struct tg_handshake request; /* without address and is_secure, which the head doesn't say */
    struct tg_str key;           /* Sec-WebSocket-Key */
};

/* Views into the head's octets. TG_REFUSAL_NONE; MALFORMED: Host missing, twice or bad, or a body
 * announced; NOT_WEBSOCKET: an ordinary request; BAD_WEBSOCKET_VERSION; BAD_UPGRADE: any other
 * departure from section 4.2.1, or twice a header that two readers could take differently. */
enum tg_refusal tg_ws_upgrade_read(struct tg_str target, const struct tg_header *headers,
                                   uint32_t header_count, struct tg_ws_upgrade *upgrade);

/* Writes the 101, with Sec-WebSocket-Protocol when subprotocol isn't empty, and its length to
 * *length. TG_ERR_TOO_LARGE: the subprotocol passes its bound; TG_ERR_INVALID: it is no token;
 * TG_ERR_NOMEM: the digest failed. */
int tg_ws_upgrade_answer(struct tg_str key, struct tg_str subprotocol,
                         char answer[TG_WS_UPGRADE_ANSWER_MAX], size_t *length);

#endif
