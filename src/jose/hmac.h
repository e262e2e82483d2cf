/* SPDX-License-Identifier: MIT */
/* Message authentication codes by one secret (RFC 2104, with the digests of RFC 7518 section 3.2),
 * set up once: in libjwt each token pays for finding the digest, keying it, and reading the JSON
 * that has been read already, four times the price of the code itself.
 * Lives in: a worker, the supervisor's checks. Owns: OpenSSL's context, wiped at the end. */
#ifndef TG_JOSE_HMAC_H
#define TG_JOSE_HMAC_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum { TG_HMAC_BYTES_MAX = 64 };

struct tg_hmac; /* opaque */

/* digest_bytes: 32, 48 or 64 for SHA-256, SHA-384 or SHA-512. NULL when memory is short. */
struct tg_hmac *tg_hmac_create(size_t digest_bytes, struct tg_str secret);

/* Another one by the same secret. NULL when memory is short. */
struct tg_hmac *tg_hmac_copy(const struct tg_hmac *hmac);

/* Accepts NULL. */
void tg_hmac_destroy(struct tg_hmac *hmac);

/* Whether code is that of the message; how much of it is right can't be told by the time it takes.
 * False also when OpenSSL fails. */
bool tg_hmac_is(struct tg_hmac *hmac, struct tg_str message, struct tg_str code);

#endif
