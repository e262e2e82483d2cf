/* SPDX-License-Identifier: MIT */
#include "jose/hmac.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>

struct tg_hmac {
    EVP_MAC_CTX *context; /* keyed */
    size_t digest_bytes;
};

static const char *name_of(size_t digest_bytes)
{
    return digest_bytes == 32 ? "SHA256" : digest_bytes == 48 ? "SHA384" : "SHA512";
}

/* NULL when memory is short; takes context over. */
static struct tg_hmac *hold(EVP_MAC_CTX *context, size_t digest_bytes)
{
    struct tg_hmac *hmac = context ? calloc(1, sizeof(*hmac)) : NULL;

    if (!hmac) {
        EVP_MAC_CTX_free(context);
        ERR_clear_error();
        return NULL;
    }
    hmac->context = context;
    hmac->digest_bytes = digest_bytes;
    return hmac;
}

struct tg_hmac *tg_hmac_create(size_t digest_bytes, struct tg_str secret)
{
    char name[8];
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = mac ? EVP_MAC_CTX_new(mac) : NULL;

    /* OpenSSL wants it writable. */
    (void)snprintf(name, sizeof(name), "%s", name_of(digest_bytes));
    OSSL_PARAM params[2] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0),
                            OSSL_PARAM_construct_end()};
    EVP_MAC_free(mac);
    if (context &&
        EVP_MAC_init(context, (const unsigned char *)secret.at, secret.length, params) != 1) {
        EVP_MAC_CTX_free(context);
        context = NULL;
    }
    return hold(context, digest_bytes);
}

struct tg_hmac *tg_hmac_copy(const struct tg_hmac *hmac)
{
    return hold(EVP_MAC_CTX_dup(hmac->context), hmac->digest_bytes);
}

void tg_hmac_destroy(struct tg_hmac *hmac)
{
    if (hmac) {
        EVP_MAC_CTX_free(hmac->context);
        free(hmac);
    }
}

bool tg_hmac_is(struct tg_hmac *hmac, struct tg_str message, struct tg_str code)
{
    uint8_t own[TG_HMAC_BYTES_MAX];
    size_t length = 0;

    /* Without a key the context starts again with the one that it has. */
    bool is_made =
        EVP_MAC_init(hmac->context, NULL, 0, NULL) == 1 &&
        EVP_MAC_update(hmac->context, (const unsigned char *)message.at, message.length) == 1 &&
        EVP_MAC_final(hmac->context, own, &length, sizeof(own)) == 1;
    if (!is_made) {
        ERR_clear_error();
        return false;
    }
    bool is_right = length == hmac->digest_bytes && code.length == length &&
                    CRYPTO_memcmp(own, code.at, length) == 0;
    OPENSSL_cleanse(own, sizeof(own));
    return is_right;
}
