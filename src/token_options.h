/* SPDX-License-Identifier: MIT */
/* The flags of tidegate token.
 * Lives in: the process that was started. Borrows: argv. */
#ifndef TG_TOKEN_OPTIONS_H
#define TG_TOKEN_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum { TG_TOKEN_OPTIONS_CLAIMS_MAX = 32 };

/* NULL: not given. */
struct tg_token_options {
    const char *alg;
    const char *secret_env;
    const char *secret_file;
    const char *key_file;
    const char *kid;
    const char *sub;
    const char *tenant;
    const char *jti;
    const char *expires;
    const char *claims[TG_TOKEN_OPTIONS_CLAIMS_MAX]; /* "name=json" */
    uint32_t claim_count;
};

struct tg_token_flag {
    const char *flag; /* "--sub" */
    const char *form; /* what follows it: "NAME" */
    const char *help;
};

/* All of them. */
const struct tg_token_flag *tg_token_options_flags(uint32_t *count);

/* NULL: it is none of them. */
const struct tg_token_flag *tg_token_options_find(struct tg_str flag);

/* The later one counts, but claims add up. TG_ERR_INVALID, TG_ERR_FULL with a message. */
int tg_token_options_set(struct tg_token_options *options, const struct tg_token_flag *flag,
                         const char *value, struct tg_errmsg *msg);

#endif
