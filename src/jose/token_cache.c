/* SPDX-License-Identifier: MIT */
#include "jose/token_cache.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/hash.h"
#include "base/list.h"
#include "jose/claims.h"

struct entry {
    uint8_t key[TG_TOKEN_CACHE_KEY_BYTES];
    struct tg_claims *claims;
    struct tg_link link; /* in by_use */
    UT_hash_handle hh;
};

struct tg_token_cache {
    uint32_t tokens_max;
    size_t bytes; /* of all claims */
    size_t bytes_max;
    struct entry *entries; /* by key */
    struct tg_link by_use; /* the longest unused first */
    EVP_MD *digest;
    EVP_MD_CTX *digesting;
};

struct tg_token_cache *tg_token_cache_create(uint32_t tokens_max)
{
    struct tg_token_cache *cache = calloc(1, sizeof(*cache));

    if (!cache) {
        return NULL;
    }
    cache->tokens_max = tokens_max;
    cache->bytes_max = (size_t)tokens_max * TG_TOKEN_CACHE_BYTES_EACH;
    tg_link_init(&cache->by_use);
    /* Fetched once: finding it anew costs more than a token's digest. */
    cache->digest = EVP_MD_fetch(NULL, "SHA2-256", NULL);
    cache->digesting = EVP_MD_CTX_new();
    if (!cache->digest || !cache->digesting) {
        tg_token_cache_destroy(cache);
        return NULL;
    }
    return cache;
}

static void drop(struct tg_token_cache *cache, struct entry *entry)
{
    /* What is in by_use is in the table, which the analyzer can't know.
     * NOLINTNEXTLINE(clang-analyzer-core.NullDereference) */
    HASH_DEL(cache->entries, entry);
    tg_link_remove(&entry->link);
    cache->bytes -= entry->claims->bytes;
    tg_claims_unref(entry->claims);
    free(entry);
}

void tg_token_cache_clear(struct tg_token_cache *cache)
{
    while (!tg_link_is_alone(&cache->by_use)) {
        drop(cache, TG_CONTAINER(cache->by_use.next, struct entry, link));
    }
}

void tg_token_cache_destroy(struct tg_token_cache *cache)
{
    if (!cache) {
        return;
    }
    tg_token_cache_clear(cache);
    EVP_MD_CTX_free(cache->digesting);
    EVP_MD_free(cache->digest);
    free(cache);
}

bool tg_token_cache_hash(struct tg_token_cache *cache, uint64_t version, struct tg_str token,
                         uint8_t key[TG_TOKEN_CACHE_KEY_BYTES])
{
    EVP_MD_CTX *digesting = cache->digesting;
    bool is_done = EVP_DigestInit_ex2(digesting, cache->digest, NULL) == 1 &&
                   EVP_DigestUpdate(digesting, &version, sizeof(version)) == 1 &&
                   EVP_DigestUpdate(digesting, token.at, token.length) == 1 &&
                   EVP_DigestFinal_ex(digesting, key, NULL) == 1;

    if (!is_done) {
        ERR_clear_error();
    }
    return is_done;
}

struct tg_claims *tg_token_cache_find(struct tg_token_cache *cache,
                                      const uint8_t key[TG_TOKEN_CACHE_KEY_BYTES])
{
    struct entry *entry = NULL;

    HASH_FIND(hh, cache->entries, key, TG_TOKEN_CACHE_KEY_BYTES, entry);
    if (!entry) {
        return NULL;
    }
    tg_link_remove(&entry->link);
    tg_list_append(&cache->by_use, &entry->link);
    return entry->claims;
}

void tg_token_cache_add(struct tg_token_cache *cache, const uint8_t key[TG_TOKEN_CACHE_KEY_BYTES],
                        struct tg_claims *claims)
{
    struct entry *entry = claims->bytes <= cache->bytes_max ? calloc(1, sizeof(*entry)) : NULL;

    if (!entry) {
        return;
    }
    while (tg_token_cache_count(cache) >= cache->tokens_max ||
           cache->bytes + claims->bytes > cache->bytes_max) {
        drop(cache, TG_CONTAINER(cache->by_use.next, struct entry, link));
    }
    memcpy(entry->key, key, TG_TOKEN_CACHE_KEY_BYTES);
    tg_link_init(&entry->link);
    HASH_ADD(hh, cache->entries, key, TG_TOKEN_CACHE_KEY_BYTES, entry);
    if (!entry->hh.tbl) {
        free(entry);
        return;
    }
    entry->claims = tg_claims_ref(claims);
    cache->bytes += claims->bytes;
    tg_list_append(&cache->by_use, &entry->link);
}

uint32_t tg_token_cache_count(const struct tg_token_cache *cache)
{
    return HASH_COUNT(cache->entries);
}
