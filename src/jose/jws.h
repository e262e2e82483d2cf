/* SPDX-License-Identifier: MIT */
/* A token's text: a JWS in compact form (RFC 7515 section 7.1), read strictly before libjwt sees
 * it, and its signature: HMAC by a keyed context, all others by libjwt.
 * Lives in: a worker. Owns: the decoded parts, wiped at the end. */
#ifndef TG_JOSE_JWS_H
#define TG_JOSE_JWS_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "jose/key.h"

/* Views into memory of its own. */
struct tg_jws {
    struct tg_str alg;
    struct tg_str kid;       /* .at NULL: none */
    struct tg_str payload;   /* decoded, not yet looked at */
    struct tg_str signature; /* decoded */
    char *memory;
    size_t memory_bytes;
};

/* Reads three parts of strict base64url and the header: alg a text, kid a text, typ "JWT" or
 * absent; crit, b64, cty, jku, jwk, x5u and x5c refused, since they would let the token choose its
 * own rules and keys (RFC 8725 sections 3.1, 3.5 and 3.10); others passed over (RFC 7515 section
 * 4). TG_ERR_DENIED with *why, a static word for the log; TG_ERR_NOMEM. *jws is zeroes then. */
int tg_jws_read(struct tg_str token, struct tg_jws *jws, const char **why);

/* Accepts zeroes. */
void tg_jws_fini(struct tg_jws *jws);

/* token, from which jws was read, bears the signature of this key by the key's own algorithm.
 * False also when memory is short. */
bool tg_jws_is_signed(const struct tg_jws *jws, struct tg_str token, const struct tg_key *key);

#endif
