/* SPDX-License-Identifier: MIT */
/* Tokens: which keys are good, and the rules that a signature doesn't speak of (RFC 7519 section
 * 4.1, RFC 8725). What a token's text is made of is src/jose's.
 * Lives in: a worker. Owns: the keys, wiped at the end. */
#ifndef TG_HUB_AUTH_H
#define TG_HUB_AUTH_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "core/config.h"

struct tg_auth;   /* opaque */
struct tg_claims; /* jose/claims.h */

/* A verified token, given back with tg_token_fini. The texts live as long. */
struct tg_token {
    const char *claims; /* the payload as compact JSON, an object */
    const char *sub;    /* NULL: none, as the next ones */
    const char *jti;
    const char *tenant;     /* the claim that names the tenant: a well-formed id */
    uint64_t expires_at_ms; /* wall clock: exp, or when that was past already exp and the leeway;
                               0: never */
    struct tg_claims *held;
};

/* *auth stays NULL when no key is configured. TG_ERR_INVALID: the key is shorter than its algorithm
 * wants or its algorithm unknown; TG_ERR_NOMEM. */
int tg_auth_create(const struct tg_config *config, struct tg_auth **auth, struct tg_errmsg *msg);

/* Accepts NULL. */
void tg_auth_destroy(struct tg_auth *auth);

/* Verifies: size and shape, header, key, claims' types, signature, then times with leeway, issuer,
 * audience and the tenant's form. 0 or TG_ERR_DENIED for whatever cause: the peer learns no more;
 * why, a static word, is for the log. TG_ERR_NOMEM. *verified is zeroes then. */
int tg_auth_verify(struct tg_auth *auth, struct tg_str token, uint64_t wall_ms,
                   struct tg_token *verified, const char **why);

/* How many tokens named a kid that no key has, since the start. */
uint64_t tg_auth_unknown_kids(const struct tg_auth *auth);

/* Accepts zeroes. */
void tg_token_fini(struct tg_token *token);

#endif
