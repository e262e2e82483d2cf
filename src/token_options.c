/* SPDX-License-Identifier: MIT */
#include "token_options.h"

#include <string.h>

static const struct tg_token_flag flags[] = {
    {"--alg", "NAME", "HS256, HS384, HS512, RS256, RS384, RS512, ES256, ES384 or ES512"},
    {"--secret-env", "NAME", "the environment variable that holds the secret"},
    {"--secret-file", "FILE", "the file that holds the secret, without its last newline"},
    {"--key-file", "FILE", "the private key of RS and ES, PEM"},
    {"--kid", "NAME", "the key's id"},
    {"--sub", "NAME", "whom the token is for"},
    {"--tenant", "NAME", "the claim that names the tenant"},
    {"--jti", "NAME", "the token's id"},
    {"--expires", "DURATION", "from now to its end, 1h unless said otherwise; never: no end"},
    {"--claim", "NAME=JSON",
     "a further claim, such as --claim 'roles=[\"admin\"]'; may be repeated"},
};

enum { COUNT = sizeof(flags) / sizeof(flags[0]) };

/* Beside flags, but for the last one. */
static const size_t offsets[COUNT - 1] = {
    offsetof(struct tg_token_options, alg),         offsetof(struct tg_token_options, secret_env),
    offsetof(struct tg_token_options, secret_file), offsetof(struct tg_token_options, key_file),
    offsetof(struct tg_token_options, kid),         offsetof(struct tg_token_options, sub),
    offsetof(struct tg_token_options, tenant),      offsetof(struct tg_token_options, jti),
    offsetof(struct tg_token_options, expires),
};

const struct tg_token_flag *tg_token_options_flags(uint32_t *count)
{
    *count = COUNT;
    return flags;
}

const struct tg_token_flag *tg_token_options_find(struct tg_str flag)
{
    for (size_t i = 0; i < COUNT; i++) {
        if (tg_str_is(flag, tg_str_of(flags[i].flag))) {
            return &flags[i];
        }
    }
    return NULL;
}

static int add_claim(struct tg_token_options *options, const char *value, struct tg_errmsg *msg)
{
    const char *equals = strchr(value, '=');

    if (!equals || equals == value) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "--claim: expected NAME=JSON");
    }
    if (options->claim_count == TG_TOKEN_OPTIONS_CLAIMS_MAX) {
        return tg_errmsg_set(msg, TG_ERR_FULL, "--claim: expected at most %d",
                             (int)TG_TOKEN_OPTIONS_CLAIMS_MAX);
    }
    options->claims[options->claim_count++] = value;
    return TG_OK;
}

int tg_token_options_set(struct tg_token_options *options, const struct tg_token_flag *flag,
                         const char *value, struct tg_errmsg *msg)
{
    size_t index = (size_t)(flag - flags);

    if (index == COUNT - 1) {
        return add_claim(options, value, msg);
    }
    if (value[0] == '\0') {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "%s: expected a text that is not empty",
                             flag->flag);
    }
    *(const char **)(void *)((char *)options + offsets[index]) = value;
    return TG_OK;
}
