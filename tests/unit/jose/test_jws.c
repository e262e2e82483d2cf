/* SPDX-License-Identifier: MIT */
/* Whole tokens, by the hundred, are judged in tests/unit/hub/test_auth.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/base64url.h"
#include "fake_memory.h"
#include "jose/jws.h"

/* RFC 7515 appendix A.1. */
static const char rfc_token[] =
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0"
    "dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
static const char rfc_key[] =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";

static void init_rfc_key(struct tg_key *key, const char *alg)
{
    struct tg_errmsg msg = {0};
    char octets[64];

    assert_int_equal(tg_base64url_decode(tg_str_of(rfc_key), octets), 64);
    assert_int_equal(tg_key_init_secret(key, tg_algorithm_find(tg_str_of(alg)), tg_str(NULL, 0),
                                        tg_str(octets, 64), &msg),
                     TG_OK);
}

static void the_example_of_rfc_7515_a_1_is_verified(void **state)
{
    struct tg_str token = tg_str_of(rfc_token);
    struct tg_jws jws;
    struct tg_key key;
    const char *why = NULL;

    (void)state;
    init_rfc_key(&key, "HS256");
    assert_int_equal(tg_jws_read(token, &jws, &why), TG_OK);
    assert_true(tg_str_is(jws.alg, TG_STR("HS256")));
    assert_null(jws.kid.at);
    assert_true(tg_str_is(jws.payload, TG_STR("{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n "
                                              "\"http://example.com/is_root\":true}")));
    assert_true(tg_jws_is_signed(&jws, token, &key));
    tg_key_fini(&key);
    init_rfc_key(&key, "HS512");
    assert_false(tg_jws_is_signed(&jws, token, &key));
    tg_key_fini(&key);
    tg_jws_fini(&jws);
}

static void every_flipped_bit_of_the_signature_breaks_it(void **state)
{
    struct tg_key key;
    uint32_t refused = 0;

    (void)state;
    init_rfc_key(&key, "HS256");
    for (size_t i = sizeof(rfc_token) - 44; i < sizeof(rfc_token) - 1; i++) {
        for (int bit = 0; bit < 8; bit++) {
            char text[sizeof(rfc_token)];
            struct tg_jws jws;
            const char *why;
            memcpy(text, rfc_token, sizeof(text));
            text[i] = (char)(text[i] ^ (1 << bit));
            struct tg_str token = tg_str(text, sizeof(text) - 1);
            bool is_good =
                tg_jws_read(token, &jws, &why) == TG_OK && tg_jws_is_signed(&jws, token, &key);
            assert_false(is_good);
            tg_jws_fini(&jws);
            refused++;
        }
    }
    assert_int_equal(refused, 43 * 8);
    tg_key_fini(&key);
}

static void no_cut_of_a_token_is_read_past_its_end(void **state)
{
    (void)state;
    for (size_t length = 0; length < sizeof(rfc_token) - 1; length++) {
        char *exact = malloc(length + 1);
        struct tg_jws jws;
        const char *why = NULL;
        memcpy(exact, rfc_token, length);
        int err = tg_jws_read(tg_str(exact, length), &jws, &why);
        assert_true(err == TG_OK || (err == TG_ERR_DENIED && why && !jws.memory));
        tg_jws_fini(&jws);
        free(exact);
    }
}

static void the_thumbprint_of_a_certificate_says_nothing(void **state)
{
    /* {"alg":"HS256","x5t":"AAAA","x5t#S256":"AAAA"} */
    struct tg_str token =
        TG_STR("eyJhbGciOiJIUzI1NiIsIng1dCI6IkFBQUEiLCJ4NXQjUzI1NiI6IkFBQUEifQ.e30."
               "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    struct tg_jws jws;
    const char *why;

    (void)state;
    assert_int_equal(tg_jws_read(token, &jws, &why), TG_OK);
    assert_null(jws.kid.at);
    tg_jws_fini(&jws);
}

static void a_kid_is_a_name_whatever_it_says(void **state)
{
    /* {"alg":"HS256","kid":"../../etc/passwd"} */
    struct tg_str token = TG_STR("eyJhbGciOiJIUzI1NiIsImtpZCI6Ii4uLy4uL2V0Yy9wYXNzd2QifQ.e30."
                                 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    struct tg_jws jws;
    const char *why;

    (void)state;
    assert_int_equal(tg_jws_read(token, &jws, &why), TG_OK);
    assert_true(tg_str_is(jws.kid, TG_STR("../../etc/passwd")));
    assert_true(tg_str_is(jws.payload, TG_STR("{}")));
    tg_jws_fini(&jws);
}

static void each_failing_allocation_is_told_or_denied(void **state)
{
    struct tg_str token = tg_str_of(rfc_token);
    struct tg_key key;
    uint32_t failures = 0;

    (void)state;
    init_rfc_key(&key, "HS256");
    for (uint32_t n = 0; n < 10; n++) {
        struct tg_jws jws;
        const char *why;
        fake_memory_fail_after(n);
        int err = tg_jws_read(token, &jws, &why);
        bool is_good = err == TG_OK && tg_jws_is_signed(&jws, token, &key);
        bool has_failed = fake_memory_heal();
        failures += has_failed ? 1 : 0;
        assert_true(is_good == !has_failed);
        assert_true(err == TG_OK || err == TG_ERR_NOMEM);
        tg_jws_fini(&jws);
    }
    assert_int_equal(failures, 1);
    tg_key_fini(&key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_rfc_7515_a_1_is_verified),
        cmocka_unit_test(every_flipped_bit_of_the_signature_breaks_it),
        cmocka_unit_test(no_cut_of_a_token_is_read_past_its_end),
        cmocka_unit_test(the_thumbprint_of_a_certificate_says_nothing),
        cmocka_unit_test(a_kid_is_a_name_whatever_it_says),
        cmocka_unit_test(each_failing_allocation_is_told_or_denied),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
