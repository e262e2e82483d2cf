/* SPDX-License-Identifier: MIT */
/* Tokens by other hands are verified in tests/unit/hub/test_auth.c, tokens by this one by other
 * hands in tests/scenario/identity; here both ends are ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fake_memory.h"
#include "jose/jws.h"
#include "jose/mint.h"

static const char secret[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static struct tg_mint_options make_options(const char *alg)
{
    return (struct tg_mint_options){
        .algorithm = tg_algorithm_find(tg_str_of(alg)),
        .key = tg_str_of(secret),
        .kid = TG_STR("k1"),
        .claims = "{\"exp\":1700000600,\"roles\":[\"a\",null],\"sub\":\"alice\"}",
    };
}

static void a_token_is_signed_by_each_hmac(void **state)
{
    static const char *const algs[] = {"HS256", "HS384", "HS512"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct tg_mint_options options = make_options(algs[i]);
        struct tg_errmsg msg = {0};
        struct tg_jws jws;
        const char *why;
        char *token;
        assert_int_equal(tg_mint_token(&options, &token, &msg), TG_OK);
        assert_int_equal(tg_jws_read(tg_str_of(token), &jws, &why), TG_OK);
        assert_true(tg_str_is(jws.alg, tg_str_of(algs[i])));
        assert_true(tg_str_is(jws.kid, TG_STR("k1")));
        assert_true(tg_str_is(jws.payload, tg_str_of(options.claims)));
        tg_jws_fini(&jws);
        free(token);
    }
}

static void a_key_that_no_verifier_takes_is_refused(void **state)
{
    struct tg_mint_options options = make_options("HS256");
    struct tg_errmsg msg = {0};
    char *token;

    (void)state;
    options.key.length = 31;
    assert_int_equal(tg_mint_token(&options, &token, &msg), TG_ERR_INVALID);
    assert_null(token);
    assert_null(strstr(msg.text, "0123"));
    options = make_options("RS256");
    assert_int_equal(tg_mint_token(&options, &token, &msg), TG_ERR_INVALID);
    assert_non_null(strstr(msg.text, "private key in PEM"));
    assert_null(token);
}

static void each_failing_allocation_leaves_nothing(void **state)
{
    struct tg_mint_options options = make_options("HS256");
    uint32_t failures = 0;

    (void)state;
    for (uint32_t n = 0; n < 20; n++) {
        struct tg_errmsg msg = {0};
        char *token;
        fake_memory_fail_after(n);
        int err = tg_mint_token(&options, &token, &msg);
        bool has_failed = fake_memory_heal();
        failures += has_failed ? 1 : 0;
        assert_true((err == TG_OK) == !has_failed);
        assert_true((token == NULL) == has_failed);
        free(token);
    }
    assert_true(failures >= 5 && failures < 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_signed_by_each_hmac),
        cmocka_unit_test(a_key_that_no_verifier_takes_is_refused),
        cmocka_unit_test(each_failing_allocation_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
