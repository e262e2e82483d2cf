/* SPDX-License-Identifier: MIT */
/* Public keys as OpenSSL takes them, judged before any token is verified with one: RSA of 2048 to
 * 8192 bits, and points on the curve of an ES algorithm.
 * Lives in: a worker, the supervisor's checks, the keeper. */
#ifndef TG_JOSE_PUBLIC_KEY_H
#define TG_JOSE_PUBLIC_KEY_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"
#include "jose/algorithm.h"

enum {
    TG_PUBLIC_KEY_RSA_BITS_MIN = 2048, /* RFC 7518 section 3.3 */
    TG_PUBLIC_KEY_RSA_BITS_MAX = 8192
};

/* Ended with tg_public_key_fini. */
struct tg_public_key {
    char *pem; /* SubjectPublicKeyInfo, written anew by OpenSSL: what libjwt is given */
    size_t length;
    size_t signature_bytes; /* of every signature by its private half */
};

/* One "PUBLIC KEY" in PEM (RFC 7468 section 13) that fits the algorithm. TG_ERR_INVALID with a
 * message: a private key or a certificate is refused, not reduced, for it doesn't belong where
 * public keys lie; so is a second key. TG_ERR_NOMEM. */
int tg_public_key_from_pem(struct tg_public_key *key, const struct tg_algorithm *algorithm,
                           struct tg_str pem, struct tg_errmsg *msg);

/* The public half of one private key in PEM that fits the algorithm, for who signs. Nobody is asked
 * for a passphrase: a key that has one is refused. Errors as above. */
int tg_public_key_of_private(struct tg_public_key *key, const struct tg_algorithm *algorithm,
                             struct tg_str pem, struct tg_errmsg *msg);

/* From the big-endian octets of a JWK's n and e (RFC 7518 section 6.3.1), without leading zeros.
 * Errors as above. */
int tg_public_key_from_rsa(struct tg_public_key *key, const struct tg_algorithm *algorithm,
                           struct tg_str modulus, struct tg_str exponent, struct tg_errmsg *msg);

/* From a JWK's x and y (RFC 7518 section 6.2.1), each of the curve's length. Errors as above. */
int tg_public_key_from_point(struct tg_public_key *key, const struct tg_algorithm *algorithm,
                             struct tg_str x, struct tg_str y, struct tg_errmsg *msg);

/* Accepts zeroes. */
void tg_public_key_fini(struct tg_public_key *key);

#endif
