/* SPDX-License-Identifier: MIT */
/* Signs tokens, for tests and examples: a gateway has no other use for private keys.
 * Lives in: tidegate token. */
#ifndef TG_JOSE_MINT_H
#define TG_JOSE_MINT_H

#include "base/err.h"
#include "base/str.h"
#include "jose/algorithm.h"

struct tg_mint_options {
    const struct tg_algorithm *algorithm;
    struct tg_str key;  /* HMAC: the secret; else a private key as PEM, without a passphrase */
    struct tg_str kid;  /* .at NULL: none */
    const char *claims; /* a JSON object */
};

/* *token is freed by the caller. A key that a verifier would refuse is refused here, and what was
 * signed is verified before it is given. TG_ERR_INVALID with a message that holds no secret,
 * TG_ERR_NOMEM; *token is NULL then. */
int tg_mint_token(const struct tg_mint_options *options, char **token, struct tg_errmsg *msg);

#endif
