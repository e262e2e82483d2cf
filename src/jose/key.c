/* SPDX-License-Identifier: MIT */
#include "jose/key.h"

#include <stdlib.h>
#include <string.h>

static int fill(struct tg_key *key, struct tg_str kid, struct tg_str text, struct tg_errmsg *msg)
{
    if (kid.at && (kid.length == 0 || kid.length > TG_KEY_ID_MAX)) {
        return tg_errmsg_set(msg, TG_ERR_INVALID, "kid: expected 1 to %d octets",
                             (int)TG_KEY_ID_MAX);
    }
    key->kid = kid.at ? tg_str_copy(kid) : NULL;
    key->text = tg_str_copy(text);
    key->length = text.length;
    if (!key->text || (kid.at && !key->kid)) {
        tg_key_fini(key);
        return tg_errmsg_set(msg, TG_ERR_NOMEM, "out of memory");
    }
    return TG_OK;
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
    key->algorithm = algorithm;
    key->signature_bytes = algorithm->octets;
    return fill(key, kid, secret, msg);
}

void tg_key_fini(struct tg_key *key)
{
    if (key->text) {
        explicit_bzero(key->text, key->length);
    }
    free(key->text);
    free(key->kid);
    *key = (struct tg_key){0};
}
