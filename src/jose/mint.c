/* SPDX-License-Identifier: MIT */
#include "jose/mint.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

#include <jwt.h>
#include <openssl/err.h>

#include "jose/jws.h"
#include "jose/public_key.h"

/* The key that will verify. */
static int make_key(const struct tg_mint_options *options, struct tg_key *key,
                    struct tg_errmsg *msg)
{
    struct tg_public_key half;

    if (options->algorithm->family == TG_ALGORITHM_HMAC) {
        return tg_key_init_secret(key, options->algorithm, options->kid, options->key, msg);
    }
    int err = tg_public_key_of_private(&half, options->algorithm, options->key, msg);
    if (err) {
        return err;
    }
    err = tg_key_init_public(key, options->algorithm, options->kid, &half, msg);
    tg_public_key_fini(&half);
    return err;
}

/* libjwt's text; NULL when it refuses. */
static char *sign(const struct tg_mint_options *options, const struct tg_key *key)
{
    jwt_t *jwt = NULL;
    char *text = NULL;

    if (jwt_new(&jwt) != 0) {
        return NULL;
    }
    bool is_filled = jwt_add_grants_json(jwt, options->claims) == 0 &&
                     (!key->kid || jwt_add_header(jwt, "kid", key->kid) == 0);
    if (is_filled && options->key.length <= INT_MAX &&
        jwt_set_alg(jwt, jwt_str_alg(options->algorithm->name),
                    (const unsigned char *)options->key.at, (int)options->key.length) == 0) {
        text = jwt_encode_str(jwt);
    }
    jwt_free(jwt);
    ERR_clear_error();
    return text;
}

static bool is_good(struct tg_str token, const struct tg_key *key)
{
    struct tg_jws jws;
    const char *why;

    if (tg_jws_read(token, &jws, &why) != TG_OK) {
        return false;
    }
    bool is_signed = tg_jws_is_signed(&jws, token, key);
    tg_jws_fini(&jws);
    return is_signed;
}

int tg_mint_token(const struct tg_mint_options *options, char **token, struct tg_errmsg *msg)
{
    struct tg_key key = {0};

    *token = NULL;
    int err = make_key(options, &key, msg);
    if (err) {
        return err;
    }
    char *text = sign(options, &key);
    if (!text || !is_good(tg_str_of(text), &key)) {
        err = tg_errmsg_set(msg, TG_ERR_INVALID, "libjwt could not sign with this key by %s",
                            options->algorithm->name);
    } else {
        *token = tg_str_copy(tg_str_of(text));
        err = *token ? TG_OK : tg_errmsg_set(msg, TG_ERR_NOMEM, "out of memory");
    }
    free(text); /* libjwt takes it from malloc */
    tg_key_fini(&key);
    return err;
}
