/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fake_memory.h"
#include "jose/key.h"

static const char octets_64[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static void a_secret_is_as_long_as_its_digest_at_least(void **state)
{
    static const struct {
        const char *alg;
        size_t least;
    } rows[] = {{"HS256", 32}, {"HS384", 48}, {"HS512", 64}};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const struct tg_algorithm *algorithm = tg_algorithm_find(tg_str_of(rows[i].alg));
        struct tg_errmsg msg = {0};
        struct tg_key key;
        assert_int_equal(tg_key_init_secret(&key, algorithm, tg_str(NULL, 0),
                                            tg_str(octets_64, rows[i].least), &msg),
                         TG_OK);
        assert_int_equal(key.signature_bytes, rows[i].least);
        assert_int_equal(key.length, rows[i].least);
        assert_null(key.kid);
        tg_key_fini(&key);
        assert_int_equal(tg_key_init_secret(&key, algorithm, tg_str(NULL, 0),
                                            tg_str(octets_64, rows[i].least - 1), &msg),
                         TG_ERR_INVALID);
        assert_non_null(strstr(msg.text, "secret: expected at least"));
        assert_null(strstr(msg.text, "0123"));
        assert_null(key.text);
    }
}

static void a_secret_is_for_hmac_alone(void **state)
{
    struct tg_errmsg msg = {0};
    struct tg_key key;

    (void)state;
    assert_int_equal(tg_key_init_secret(&key, tg_algorithm_find(TG_STR("RS256")), tg_str(NULL, 0),
                                        tg_str_of(octets_64), &msg),
                     TG_ERR_INVALID);
    assert_non_null(strstr(msg.text, "alg"));
}

static void a_kid_has_1_to_128_octets(void **state)
{
    const struct tg_algorithm *algorithm = tg_algorithm_find(TG_STR("HS256"));
    char kid[TG_KEY_ID_MAX + 1];
    struct tg_errmsg msg = {0};
    struct tg_key key;

    (void)state;
    memset(kid, 'k', sizeof(kid));
    assert_int_equal(
        tg_key_init_secret(&key, algorithm, tg_str(kid, TG_KEY_ID_MAX), tg_str_of(octets_64), &msg),
        TG_OK);
    assert_int_equal(strlen(key.kid), TG_KEY_ID_MAX);
    tg_key_fini(&key);
    assert_int_equal(tg_key_init_secret(&key, algorithm, tg_str(kid, TG_KEY_ID_MAX + 1),
                                        tg_str_of(octets_64), &msg),
                     TG_ERR_INVALID);
    assert_int_equal(tg_key_init_secret(&key, algorithm, TG_STR(""), tg_str_of(octets_64), &msg),
                     TG_ERR_INVALID);
}

static void each_failing_allocation_leaves_nothing(void **state)
{
    uint32_t failures = 0;

    (void)state;
    for (uint32_t n = 0; n < 10; n++) {
        struct tg_errmsg msg = {0};
        struct tg_key key;
        fake_memory_fail_after(n);
        int err = tg_key_init_secret(&key, tg_algorithm_find(TG_STR("HS256")), TG_STR("k"),
                                     tg_str_of(octets_64), &msg);
        bool has_failed = fake_memory_heal();
        failures += has_failed ? 1 : 0;
        assert_int_equal(err, has_failed ? TG_ERR_NOMEM : TG_OK);
        tg_key_fini(&key);
        assert_null(key.text);
    }
    assert_int_equal(failures, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_is_as_long_as_its_digest_at_least),
        cmocka_unit_test(a_secret_is_for_hmac_alone),
        cmocka_unit_test(a_kid_has_1_to_128_octets),
        cmocka_unit_test(each_failing_allocation_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
