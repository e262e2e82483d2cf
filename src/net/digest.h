/* SPDX-License-Identifier: MIT */
/* Digests by OpenSSL.
 * Lives in: every process. Pure. */
#ifndef TG_NET_DIGEST_H
#define TG_NET_DIGEST_H

#include <stdint.h>

#include "base/str.h"

enum { TG_SHA1_BYTES = 20, TG_SHA256_BYTES = 32 };

/* 0, or TG_ERR_NOMEM when OpenSSL fails. */
int tg_digest_sha1(struct tg_str octets, uint8_t digest[TG_SHA1_BYTES]);

/* A digest over many pieces: start, add any number of times, finish once. */
struct tg_digest; /* opaque */

/* SHA-256. NULL when OpenSSL fails. */
struct tg_digest *tg_digest_start(void);
int tg_digest_add(struct tg_digest *digest, struct tg_str octets);

/* Frees the digest, also on failure. */
int tg_digest_finish(struct tg_digest *digest, uint8_t sha256[TG_SHA256_BYTES]);

#endif
