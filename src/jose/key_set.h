/* SPDX-License-Identifier: MIT */
/* The keys that a token may be signed with, and which one a token means: chosen from memory by
 * algorithm and kid, never by anything else that the token says.
 * Lives in: a worker, the supervisor's checks. Owns: its keys. */
#ifndef TG_JOSE_KEY_SET_H
#define TG_JOSE_KEY_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "jose/key.h"

enum { TG_KEY_SET_MAX = 80 }; /* 16 of the configuration and 64 of a JWKS */

/* Zero-initialised: empty. */
struct tg_key_set {
    struct tg_key *keys;
    uint32_t count;
};

/* Takes the key over on success, leaving *key zeroes. TG_ERR_FULL, TG_ERR_EXISTS (its kid is
 * taken), TG_ERR_NOMEM. */
int tg_key_set_add(struct tg_key_set *set, struct tg_key *key);

/* Adds copies of all keys of from. As tg_key_set_add; what was added before an error stays. */
int tg_key_set_add_all(struct tg_key_set *set, const struct tg_key_set *from);

/* Wipes and frees. Accepts zeroes. */
void tg_key_set_fini(struct tg_key_set *set);

/* A key has this kid. */
bool tg_key_set_has_kid(const struct tg_key_set *set, struct tg_str kid);

/* The key for a token with this alg and kid (.at NULL: it names none):
 *   the kid is a key's: that key, and only when its algorithm is alg;
 *   no key has the kid: the only key of that algorithm without one of its own;
 *   no kid: the only key of that algorithm.
 * NULL with *why "alg" or "kid". */
const struct tg_key *tg_key_set_find(const struct tg_key_set *set, struct tg_str alg,
                                     struct tg_str kid, const char **why);

#endif
