/* SPDX-License-Identifier: MIT */
#include "net/digest.h"

#include <openssl/evp.h>
#include <stdlib.h>

#include "base/err.h"

struct tg_digest {
    EVP_MD_CTX *context;
};

int tg_digest_sha1(struct tg_str octets, uint8_t digest[TG_SHA1_BYTES])
{
    unsigned length = 0;
    int ok =
        EVP_Digest(octets.at ? octets.at : "", octets.length, digest, &length, EVP_sha1(), NULL);

    return ok == 1 && length == TG_SHA1_BYTES ? TG_OK : TG_ERR_NOMEM;
}

static void digest_destroy(struct tg_digest *digest)
{
    EVP_MD_CTX_free(digest->context);
    free(digest);
}

struct tg_digest *tg_digest_start(void)
{
    struct tg_digest *digest = calloc(1, sizeof(*digest));

    if (!digest) {
        return NULL;
    }
    digest->context = EVP_MD_CTX_new();
    if (!digest->context || EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL) != 1) {
        digest_destroy(digest);
        return NULL;
    }
    return digest;
}

int tg_digest_add(struct tg_digest *digest, struct tg_str octets)
{
    if (octets.length == 0) {
        return TG_OK;
    }
    int ok = EVP_DigestUpdate(digest->context, octets.at, octets.length);
    return ok == 1 ? TG_OK : TG_ERR_NOMEM;
}

int tg_digest_finish(struct tg_digest *digest, uint8_t sha256[TG_SHA256_BYTES])
{
    unsigned length = 0;
    int ok = EVP_DigestFinal_ex(digest->context, sha256, &length);

    digest_destroy(digest);
    return ok == 1 && length == TG_SHA256_BYTES ? TG_OK : TG_ERR_NOMEM;
}
