/* SPDX-License-Identifier: MIT */
/* Tokens: which keys are good, and the rules that a signature doesn't speak of (RFC 7519 section
 * 4.1, RFC 8725). What a token's text is made of is src/jose's.
 * Lives in: a worker. Owns: the keys, wiped at the end. */
#ifndef TG_HUB_AUTH_H
#define TG_HUB_AUTH_H

#include <stdbool.h>
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
    bool is_known;          /* its signature had been verified before */
    struct tg_claims *held;
};

/* *auth stays NULL when neither keys nor a JWK Set are configured; with a set alone there is no key
 * until tg_auth_set_jwks. Public keys must have been read from their files. TG_ERR_INVALID: a key
 * is no good for its algorithm; TG_ERR_EXISTS: one kid twice; TG_ERR_NOMEM. */
int tg_auth_create(const struct tg_config *config, struct tg_auth **auth, struct tg_errmsg *msg);

/* Accepts NULL. */
void tg_auth_destroy(struct tg_auth *auth);

/* Takes the keys of a JWK Set (jose/jwks.h) in place of those of the set before; the
 * configuration's stay, and win where a kid is both's. What was verified before is forgotten.
 * Errors of tg_jwks_read; all stays as it was then. */
int tg_auth_set_jwks(struct tg_auth *auth, struct tg_str json, struct tg_errmsg *msg);

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
