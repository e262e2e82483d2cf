/* SPDX-License-Identifier: MIT */
/* Tokens whose signature is known to be good, so that clients who come back in a wave don't pay for
 * it twice. Only the signature and the form of the claims are remembered; what depends on time and
 * place is judged each time.
 * Lives in: a worker. Owns: references to claims. Bounded in tokens and octets; the one that was
 * longest not asked for makes room. Nobody can fill it but who holds tokens signed for us. */
#ifndef TG_JOSE_TOKEN_CACHE_H
#define TG_JOSE_TOKEN_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct tg_claims;      /* jose/claims.h */
struct tg_token_cache; /* opaque */

enum {
    TG_TOKEN_CACHE_KEY_BYTES = 32,
    TG_TOKEN_CACHE_BYTES_EACH = 1024 /* of claims, on average */
};

/* For tokens_max tokens, at least 1. NULL when memory is short. */
struct tg_token_cache *tg_token_cache_create(uint32_t tokens_max);

/* Accepts NULL. */
void tg_token_cache_destroy(struct tg_token_cache *cache);

/* Forgets all tokens. */
void tg_token_cache_clear(struct tg_token_cache *cache);

/* What a token is remembered by: the SHA-256 of the version of all rules and of the whole token.
 * False when OpenSSL can't. */
bool tg_token_cache_hash(struct tg_token_cache *cache, uint64_t version, struct tg_str token,
                         uint8_t key[TG_TOKEN_CACHE_KEY_BYTES]);

/* The claims of that token, borrowed until the next call; NULL: not known. */
struct tg_claims *tg_token_cache_find(struct tg_token_cache *cache,
                                      const uint8_t key[TG_TOKEN_CACHE_KEY_BYTES]);

/* Remembers a token that is not known yet, with a reference of its own to its claims. When memory
 * is short, or the claims alone are past the bound, it doesn't. */
void tg_token_cache_add(struct tg_token_cache *cache, const uint8_t key[TG_TOKEN_CACHE_KEY_BYTES],
                        struct tg_claims *claims);

uint32_t tg_token_cache_count(const struct tg_token_cache *cache);

#endif
