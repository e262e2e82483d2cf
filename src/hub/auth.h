/* SPDX-License-Identifier: MIT */
/* Tokens: libjwt verifies signatures, this file the rules it lacks (RFC 7519, RFC 8725).
 * Lives in: a worker. Owns: the key, wiped at the end. The only file that sees libjwt. */
#ifndef TG_HUB_AUTH_H
#define TG_HUB_AUTH_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "core/config.h"

struct tg_auth; /* opaque */

/* A verified token. Freed with tg_token_fini. */
struct tg_token {
    char *claims;           /* the payload as compact JSON, an object */
    char *tenant;           /* the claim "tenant"; NULL: none */
    uint64_t expires_at_ms; /* wall clock; 0: never */
};

/* *auth stays NULL when no key is configured. TG_ERR_INVALID: the key is shorter than 32 octets or
 * its algorithm unknown; TG_ERR_NOMEM. */
int tg_auth_create(const struct tg_config *config, struct tg_auth **auth, struct tg_errmsg *msg);

/* Accepts NULL. */
void tg_auth_destroy(struct tg_auth *auth);

/* Verifies: shape and size, header (alg the key's own, kid, typ; crit, b64, cty refused),
 * signature, claims (duplicates refused, types checked; exp, nbf, iat with leeway; iss, aud). 0 or
 * TG_ERR_DENIED for whatever cause: the peer learns no more; why, a static word, is for the log.
 * TG_ERR_NOMEM. */
int tg_auth_verify(const struct tg_auth *auth, struct tg_str token, uint64_t wall_ms,
                   struct tg_token *verified, const char **why);

/* Accepts zeroes. */
void tg_token_fini(struct tg_token *token);

#endif
