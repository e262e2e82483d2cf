/* SPDX-License-Identifier: MIT */
/* Tokens for the clients of specs: signed by HS256 (RFC 7515, RFC 7518 section 3.2), so that the
 * handshake verifies them as it would anybody's.
 * Lives in: the test kit. Pure. */
#ifndef TG_KIT_MINT_H
#define TG_KIT_MINT_H

#include "base/buf.h"

/* Appends the token with these claims, the text of a JSON object. 0, TG_ERR_NOMEM or
 * TG_ERR_TOO_LARGE, when what was appended is of no use. */
int tg_mint_hs256(struct tg_str secret, struct tg_str claims, struct tg_buf *token);

#endif
