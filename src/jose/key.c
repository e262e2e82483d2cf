/* SPDX-License-Identifier: MIT */
#include "jose/key.h"

#include <stdlib.h>
#include <string.h>

#include "jose/hmac.h"
#include "jose/public_key.h"

static int set_kid(struct tg_key *key, struct tg_str kid, struct tg_errmsg *msg)
{
    if (!kid.at) {
        return TG_OK;
    }
    if (kid.length == 0 || kid.length > TG_KEY_ID_MAX || memchr(kid.at, '\0', kid.length)) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "kid: expected 1 to %d octets",
                             (int)TG_KEY_ID_MAX);
    }
    key->kid = tg_str_copy(kid);
    return key->kid ? TG_OK : tg_errmsg_set(msg, TG_ERR_NOMEM, "out of memory");
}

int tg_key_init_secret(struct tg_key *key, const struct tg_algorithm *algorithm, struct tg_str kid,
                       struct tg_str secret, struct tg_errmsg *msg)
{
    *key = (struct tg_key){0};
    if (algorithm->family != TG_ALGORITHM_HMAC) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "alg: %s takes a public key, not a secret",
                             algorithm->name);
    }
    if (secret.length < algorithm->octets) {
        return tg_errmsg_set(msg, TG_ERR_INVALID,
                             "secret: expected at least %zu octets for %s, got %zu",
                             algorithm->octets, algorithm->name, secret.length);
    }
    int err = set_kid(key, kid, msg);
    if (err) {
        return err;
    }
    key->text = tg_str_copy(secret);
    key->hmac = tg_hmac_create(algorithm->octets, secret);
    if (!key->text || !key->hmac) {
        key->length = key->text ? secret.length : 0;
        tg_key_fini(key);
        return tg_errmsg_set(msg, TG_ERR_NOMEM, "out of memory");
    }
    key->algorithm = algorithm;
    key->length = secret.length;
    key->signature_bytes = algorithm->octets;
    return TG_OK;
}

int tg_key_init_public(struct tg_key *key, const struct tg_algorithm *algorithm, struct tg_str kid,
                       struct tg_public_key *taken, struct tg_errmsg *msg)
{
    *key = (struct tg_key){0};
    int err = set_kid(key, kid, msg);
    if (err) {
        return err;
    }
    key->algorithm = algorithm;
    key->text = taken->pem;
    key->length = taken->length;
    key->signature_bytes = taken->signature_bytes;
    *taken = (struct tg_public_key){0};
    return TG_OK;
}

void tg_key_fini(struct tg_key *key)
{
    if (key->text) {
        explicit_bzero(key->text, key->length);
    }
    free(key->text);
    tg_hmac_destroy(key->hmac);
    free(key->kid);
    *key = (struct tg_key){0};
}
