/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fake_memory.h"
#include "jose/claims.h"
#include "jose/token_cache.h"

/* Claims whose text has about so many octets. */
static struct tg_claims *make_claims(int octets)
{
    char payload[4096];
    struct tg_claims *claims;
    const char *why;

    (void)snprintf(payload, sizeof(payload), "{\"x\":\"%0*d\"}", octets, 0);
    assert_int_equal(tg_claims_create(tg_str_of(payload), "tenant", &claims, &why), TG_OK);
    return claims;
}

/* Asks for the token with this number, and adds it when it is not known. */
static bool is_known(struct tg_token_cache *cache, uint64_t version, int number, int octets)
{
    uint8_t key[TG_TOKEN_CACHE_KEY_BYTES];
    char token[32];

    (void)snprintf(token, sizeof(token), "token %d", number);
    assert_true(tg_token_cache_hash(cache, version, tg_str_of(token), key));
    if (tg_token_cache_find(cache, key)) {
        return true;
    }
    struct tg_claims *claims = make_claims(octets);
    tg_token_cache_add(cache, key, claims);
    tg_claims_unref(claims);
    return false;
}

static void a_token_is_known_from_its_second_time_on(void **state)
{
    struct tg_token_cache *cache = tg_token_cache_create(10);

    (void)state;
    assert_false(is_known(cache, 0, 1, 10));
    assert_true(is_known(cache, 0, 1, 10));
    assert_false(is_known(cache, 0, 2, 10));
    assert_int_equal(tg_token_cache_count(cache), 2);
    tg_token_cache_destroy(cache);
    tg_token_cache_destroy(NULL);
}

static void the_key_is_the_sha_256_of_version_and_token(void **state)
{
    struct tg_token_cache *cache = tg_token_cache_create(1);
    /* printf '\0\0\0\0\0\0\0\0abc' | sha256sum */
    static const uint8_t wanted[] = {0xf3, 0x65, 0x2e, 0x4c, 0xe9, 0x38,
                                     0xbb, 0x99, 0x65, 0xf6, 0x2c};
    uint8_t key[TG_TOKEN_CACHE_KEY_BYTES];
    uint8_t other[TG_TOKEN_CACHE_KEY_BYTES];

    (void)state;
    assert_true(tg_token_cache_hash(cache, 0, TG_STR("abc"), key));
    assert_memory_equal(key, wanted, sizeof(wanted));
    assert_true(tg_token_cache_hash(cache, 1, TG_STR("abc"), other));
    assert_memory_not_equal(key, other, sizeof(key));
    tg_token_cache_destroy(cache);
}

static void another_version_knows_nothing(void **state)
{
    struct tg_token_cache *cache = tg_token_cache_create(10);

    (void)state;
    assert_false(is_known(cache, 0, 1, 10));
    assert_false(is_known(cache, 1, 1, 10));
    assert_true(is_known(cache, 1, 1, 10));
    tg_token_cache_clear(cache);
    assert_int_equal(tg_token_cache_count(cache), 0);
    assert_false(is_known(cache, 1, 1, 10));
    tg_token_cache_destroy(cache);
}

static void the_longest_unused_makes_room(void **state)
{
    struct tg_token_cache *cache = tg_token_cache_create(3);

    (void)state;
    for (int i = 1; i <= 3; i++) {
        assert_false(is_known(cache, 0, i, 10));
    }
    assert_true(is_known(cache, 0, 1, 10));
    assert_false(is_known(cache, 0, 4, 10));
    assert_int_equal(tg_token_cache_count(cache), 3);
    assert_true(is_known(cache, 0, 1, 10));
    assert_true(is_known(cache, 0, 3, 10));
    assert_true(is_known(cache, 0, 4, 10));
    assert_false(is_known(cache, 0, 2, 10));
    tg_token_cache_destroy(cache);
}

static void octets_are_bounded_as_well(void **state)
{
    struct tg_token_cache *cache = tg_token_cache_create(3);

    (void)state;
    assert_false(is_known(cache, 0, 1, 1200));
    assert_false(is_known(cache, 0, 2, 1200));
    assert_int_equal(tg_token_cache_count(cache), 2);
    assert_false(is_known(cache, 0, 3, 1200));
    assert_int_equal(tg_token_cache_count(cache), 2);
    assert_false(is_known(cache, 0, 1, 1200));
    assert_false(is_known(cache, 0, 4, 3200));
    assert_false(is_known(cache, 0, 4, 3200));
    assert_int_equal(tg_token_cache_count(cache), 2);
    assert_true(is_known(cache, 0, 1, 1200));
    tg_token_cache_destroy(cache);
}

static void claims_outlive_the_cache(void **state)
{
    struct tg_token_cache *cache = tg_token_cache_create(1);
    uint8_t key[TG_TOKEN_CACHE_KEY_BYTES] = {1};
    struct tg_claims *claims = make_claims(10);

    (void)state;
    tg_token_cache_add(cache, key, claims);
    assert_ptr_equal(tg_token_cache_find(cache, key), claims);
    tg_token_cache_destroy(cache);
    assert_int_equal(claims->refs, 1);
    assert_string_equal(claims->json, "{\"x\":\"0000000000\"}");
    tg_claims_unref(claims);
}

static void what_memory_is_short_for_is_not_remembered(void **state)
{
    struct tg_token_cache *cache = tg_token_cache_create(10);
    uint8_t key[TG_TOKEN_CACHE_KEY_BYTES] = {1};
    struct tg_claims *claims = make_claims(10);

    (void)state;
    for (uint32_t n = 0; n < 3; n++) {
        fake_memory_fail_after(n);
        tg_token_cache_add(cache, key, claims);
        assert_true(fake_memory_heal());
        assert_null(tg_token_cache_find(cache, key));
        assert_int_equal(claims->refs, 1);
    }
    tg_token_cache_add(cache, key, claims);
    assert_ptr_equal(tg_token_cache_find(cache, key), claims);
    tg_token_cache_destroy(cache);
    tg_claims_unref(claims);
    fake_memory_fail_after(0);
    assert_null(tg_token_cache_create(10));
    assert_true(fake_memory_heal());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_known_from_its_second_time_on),
        cmocka_unit_test(the_key_is_the_sha_256_of_version_and_token),
        cmocka_unit_test(another_version_knows_nothing),
        cmocka_unit_test(the_longest_unused_makes_room),
        cmocka_unit_test(octets_are_bounded_as_well),
        cmocka_unit_test(claims_outlive_the_cache),
        cmocka_unit_test(what_memory_is_short_for_is_not_remembered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
