/* SPDX-License-Identifier: MIT */
#include "kit/mint.h"

#include "base/err.h"
#include "net/digest.h"

enum { BLOCK_BYTES = 64, INNER = 0x36, OUTER = 0x5c };

static const char HEADER[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";

static int hash(struct tg_str one, struct tg_str other, uint8_t out[TG_SHA256_BYTES])
{
    struct tg_digest *digest = tg_digest_start();

    if (!digest) {
        return TG_ERR_NOMEM;
    }
    int err = tg_digest_add(digest, one);
    if (!err) {
        err = tg_digest_add(digest, other);
    }
    int end = tg_digest_finish(digest, out);
    return err ? err : end;
}

/* RFC 2104. */
static int sign(struct tg_str secret, struct tg_str text, uint8_t out[TG_SHA256_BYTES])
{
    uint8_t key[BLOCK_BYTES] = {0};
    char inner[BLOCK_BYTES];
    char outer[BLOCK_BYTES];
    int err = TG_OK;

    if (secret.length > BLOCK_BYTES) {
        err = hash(secret, tg_str(NULL, 0), key);
    } else if (secret.length > 0) {
        memcpy(key, secret.at, secret.length);
    }
    for (int i = 0; i < BLOCK_BYTES; i++) {
        inner[i] = (char)(key[i] ^ INNER);
        outer[i] = (char)(key[i] ^ OUTER);
    }
    if (!err) {
        err = hash(tg_str(inner, BLOCK_BYTES), text, out);
    }
    if (!err) {
        uint8_t first[TG_SHA256_BYTES];
        memcpy(first, out, sizeof(first));
        err = hash(tg_str(outer, BLOCK_BYTES), tg_str((const char *)first, sizeof(first)), out);
    }
    return err;
}

/* Base64url without padding (RFC 4648 section 5). */
static void add_base64url(struct tg_buf *out, const void *octets, size_t length)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const uint8_t *at = octets;

    for (size_t i = 0; i < length; i += 3) {
        size_t left = length - i < 3 ? length - i : 3;
        uint32_t bits = (uint32_t)at[i] << 16;
        bits |= left > 1 ? (uint32_t)at[i + 1] << 8 : 0;
        bits |= left > 2 ? at[i + 2] : 0;
        for (size_t j = 0; j <= left; j++) {
            tg_buf_add_char(out, digits[bits >> (18 - 6 * j) & 63]);
        }
    }
}

int tg_mint_hs256(struct tg_str secret, struct tg_str claims, struct tg_buf *token)
{
    uint8_t signature[TG_SHA256_BYTES];
    size_t start = token->length;

    add_base64url(token, HEADER, sizeof(HEADER) - 1);
    tg_buf_add_char(token, '.');
    add_base64url(token, claims.at, claims.length);
    if (token->err) {
        return token->err;
    }
    int err = sign(secret, tg_str(token->at + start, token->length - start), signature);
    if (err) {
        return err;
    }
    tg_buf_add_char(token, '.');
    add_base64url(token, signature, sizeof(signature));
    return token->err;
}
