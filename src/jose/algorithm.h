/* SPDX-License-Identifier: MIT */
/* The signature algorithms that are spoken (RFC 7518 section 3.1). "none" is no algorithm.
 * Lives in: every process. Static and immutable. */
#ifndef TG_JOSE_ALGORITHM_H
#define TG_JOSE_ALGORITHM_H

#include <stddef.h>

#include "base/str.h"

enum tg_algorithm_family { TG_ALGORITHM_HMAC, TG_ALGORITHM_RSA, TG_ALGORITHM_EC };

/* A row of algorithm.def. */
struct tg_algorithm {
    const char *name;
    enum tg_algorithm_family family;
    size_t octets;
    const char *curve; /* EC alone */
};

/* Every name, for messages. */
#define TG_ALGORITHM_NAMES "HS256, HS384, HS512, RS256, RS384, RS512, ES256, ES384 or ES512"

/* By the exact name; NULL when it is none of ours. */
const struct tg_algorithm *tg_algorithm_find(struct tg_str name);

/* The one for keys on this curve ("P-256"); NULL when there is none. */
const struct tg_algorithm *tg_algorithm_of_curve(struct tg_str curve);

#endif
