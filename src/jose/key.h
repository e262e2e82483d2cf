/* SPDX-License-Identifier: MIT */
/* A key that tokens are verified with, bound to one algorithm for good (RFC 8725 section 3.1), and
 * the form in which its signatures are checked: a keyed HMAC, or the text that libjwt takes.
 * Lives in: a worker, the supervisor's checks. Owns: its text, wiped at the end. */
#ifndef TG_JOSE_KEY_H
#define TG_JOSE_KEY_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "jose/algorithm.h"

struct tg_hmac;       /* jose/hmac.h */
struct tg_public_key; /* jose/public_key.h */

enum { TG_KEY_ID_MAX = 128 }; /* octets of a kid */

struct tg_key {
    const struct tg_algorithm *algorithm; /* NULL: zeroes, no key */
    char *kid;                            /* NULL: it has none */
    char *text;                           /* HMAC: the secret; else the public key as PEM */
    size_t length;                        /* of text */
    struct tg_hmac *hmac;                 /* by the secret; NULL for a public key */
    size_t signature_bytes;               /* of every signature by it */
};

/* Makes a key of octets that both sides know. kid: .at NULL for none. TG_ERR_INVALID (the secret
 * is shorter than the algorithm's digest, RFC 7518 section 3.2; a kid that is empty or too long),
 * TG_ERR_NOMEM; the message never holds the secret. */
int tg_key_init_secret(struct tg_key *key, const struct tg_algorithm *algorithm, struct tg_str kid,
                       struct tg_str secret, struct tg_errmsg *msg);

/* Makes a key of a public one, which was made for the algorithm and is taken over on success. As
 * above. */
int tg_key_init_public(struct tg_key *key, const struct tg_algorithm *algorithm, struct tg_str kid,
                       struct tg_public_key *taken, struct tg_errmsg *msg);

/* Wipes and frees. Accepts zeroes. */
void tg_key_fini(struct tg_key *key);

#endif
