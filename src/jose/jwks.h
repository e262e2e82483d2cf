/* SPDX-License-Identifier: MIT */
/* A JWK Set (RFC 7517 section 5): the public keys that an identity provider publishes.
 * Lives in: a worker; the keeper, which looks at a set before anybody gets it. Pure. */
#ifndef TG_JOSE_JWKS_H
#define TG_JOSE_JWKS_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "jose/key_set.h"

enum {
    TG_JWKS_KEYS_MAX = 64,
    TG_JWKS_BYTES_MAX = 256 << 10,
};

/* Why keys of a good set are not used. */
struct tg_jwks_report {
    uint32_t skipped;        /* not for signatures, or of a kind that is not spoken */
    uint32_t refused;        /* spoken, but no good */
    struct tg_errmsg reason; /* of the first refused one: "keys[2]: ..." */
};

/* Reads a set into *set, which is empty and stays so on failure.
 * A key is skipped when it is for something else or of an unknown kind (kty, crv, alg, use other
 * than "sig", key_ops without "verify"; RFC 7517 section 5 wants that), refused when its numbers
 * are no good (RSA below 2048 bits or with an even or tiny e, a point off its curve, wrong
 * lengths). Its algorithm is the one it names, else RS256 for RSA and that of its curve for EC.
 * TG_ERR_INVALID with a message refuses the whole set: no JSON object or a name in it twice, no
 * list "keys", more than TG_JWKS_KEYS_MAX, a secret or a private key (whoever publishes those has a
 * leak), one kid for two keys that would be used, no key left. TG_ERR_TOO_LARGE, TG_ERR_NOMEM. */
int tg_jwks_read(struct tg_str json, struct tg_key_set *set, struct tg_jwks_report *report,
                 struct tg_errmsg *msg);

#endif
