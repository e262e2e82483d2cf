/* SPDX-License-Identifier: MIT */
/* Base64url without padding (RFC 4648 section 5, RFC 7515 section 2), strict: one text per value.
 * Lives in: every process. Pure. */
#ifndef TG_BASE_BASE64URL_H
#define TG_BASE_BASE64URL_H

#include "base/str.h"

/* Octets that a text of length characters holds. */
static inline size_t tg_base64url_bytes(size_t length)
{
    return length / 4 * 3 + (length % 4 ? length % 4 - 1 : 0);
}

/* Writes tg_base64url_bytes(text.length) octets to out and returns their number. TG_ERR_SYNTAX:
 * another character (padding too), an impossible length, or bits set behind the last octet. */
int tg_base64url_decode(struct tg_str text, char *out);

#endif
