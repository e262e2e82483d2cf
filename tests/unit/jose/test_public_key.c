/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/base64url.h"
#include "fake_memory.h"
#include "jose/public_key.h"

static const struct {
    const char *name;
    const char *pem;
} pems[] = {
#define PEM(name, text) {name, text},
#define JWK(name, text)
#define TOKEN(key, alg, text)
#include "keys.def"
#undef PEM
#undef JWK
#undef TOKEN
};

static const char *find_pem(const char *name)
{
    for (size_t i = 0; i < sizeof(pems) / sizeof(pems[0]); i++) {
        if (strcmp(pems[i].name, name) == 0) {
            return pems[i].pem;
        }
    }
    fail_msg("no key named %s", name);
    return NULL;
}

static int read_text(struct tg_public_key *key, const char *alg, const char *text,
                     struct tg_errmsg *msg)
{
    *msg = (struct tg_errmsg){0};
    return tg_public_key_from_pem(key, tg_algorithm_find(tg_str_of(alg)), tg_str_of(text), msg);
}

static void expect_refused(const char *alg, const char *text, const char *word)
{
    struct tg_public_key key;
    struct tg_errmsg msg;

    assert_int_equal(read_text(&key, alg, text, &msg), TG_ERR_INVALID);
    assert_null(key.pem);
    if (!strstr(msg.text, word)) {
        fail_msg("%s: \"%s\" says nothing of %s", alg, msg.text, word);
    }
}

static void each_algorithm_takes_its_kind_of_key(void **state)
{
    static const struct {
        const char *alg;
        const char *name;
        size_t signature_bytes;
    } rows[] = {
        {"RS256", "rsa_2048", 256}, {"RS384", "rsa_2048", 256}, {"RS512", "rsa_3072", 384},
        {"ES256", "p_256", 64},     {"ES384", "p_384", 96},     {"ES512", "p_521", 132},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tg_public_key key;
        struct tg_errmsg msg;
        assert_int_equal(read_text(&key, rows[i].alg, find_pem(rows[i].name), &msg), TG_OK);
        assert_int_equal(key.signature_bytes, rows[i].signature_bytes);
        assert_string_equal(key.pem, find_pem(rows[i].name));
        assert_int_equal(key.length, strlen(key.pem));
        tg_public_key_fini(&key);
    }
}

static void a_key_of_another_kind_is_refused(void **state)
{
    (void)state;
    expect_refused("RS256", find_pem("p_256"), "RSA key");
    expect_refused("ES256", find_pem("rsa_2048"), "EC key");
    expect_refused("ES256", find_pem("p_384"), "curve P-256");
    expect_refused("ES384", find_pem("p_256"), "curve P-384");
    expect_refused("ES512", find_pem("p_384"), "curve P-521");
    expect_refused("ES256", find_pem("secp256k1"), "curve P-256");
    expect_refused("RS256", find_pem("ed25519"), "RSA key");
    expect_refused("ES256", find_pem("ed25519"), "EC key");
    expect_refused("HS256", find_pem("rsa_2048"), "secret");
}

static void weak_rsa_keys_are_refused(void **state)
{
    (void)state;
    expect_refused("RS256", find_pem("rsa_1024"), "2048");
    expect_refused("RS256", find_pem("rsa_e_3"), "exponent");
}

static void what_belongs_elsewhere_is_named(void **state)
{
    (void)state;
    expect_refused("RS256", find_pem("private"), "private");
    expect_refused("ES256", find_pem("certificate"), "certificate");
    expect_refused("RS256", find_pem("pkcs_1"), "RSA PUBLIC KEY");
    expect_refused("RS256", "", "PEM");
    expect_refused("RS256", "ssh-rsa AAAAB3NzaC1yc2E", "PEM");
    expect_refused("RS256", "-----BEGIN NOTES-----\nAAAA\n-----END NOTES-----\n", "PUBLIC KEY");
}

static void one_key_stands_alone(void **state)
{
    char two[4096];

    (void)state;
    (void)snprintf(two, sizeof(two), "%s%s", find_pem("rsa_2048"), find_pem("p_256"));
    expect_refused("RS256", two, "more");
    (void)snprintf(two, sizeof(two), "%s%s", find_pem("rsa_2048"), find_pem("private"));
    expect_refused("RS256", two, "more");
}

static void no_cut_of_a_key_is_taken(void **state)
{
    const char *whole = find_pem("p_256");

    (void)state;
    for (size_t length = 0; length < strlen(whole) - 1; length++) {
        struct tg_public_key key;
        struct tg_errmsg msg = {0};
        char *exact = malloc(length + 1);
        memcpy(exact, whole, length);
        assert_int_equal(tg_public_key_from_pem(&key, tg_algorithm_find(TG_STR("ES256")),
                                                tg_str(exact, length), &msg),
                         TG_ERR_INVALID);
        free(exact);
    }
}

/* RFC 7515 appendix A.3.1, and the same x with the last bit of y turned. */
static const char rfc_x[] = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
static const char rfc_y[] = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

static void a_point_is_on_its_curve_and_of_its_length(void **state)
{
    const struct tg_algorithm *es256 = tg_algorithm_find(TG_STR("ES256"));
    struct tg_public_key key;
    struct tg_errmsg msg = {0};
    char x[33] = {0};
    char y[33] = {0};

    (void)state;
    assert_int_equal(tg_base64url_decode(tg_str_of(rfc_x), x), 32);
    assert_int_equal(tg_base64url_decode(tg_str_of(rfc_y), y), 32);
    assert_int_equal(tg_public_key_from_point(&key, es256, tg_str(x, 32), tg_str(y, 32), &msg),
                     TG_OK);
    assert_int_equal(key.signature_bytes, 64);
    tg_public_key_fini(&key);
    for (int bit = 0; bit < 8; bit++) {
        y[31] = (char)(y[31] ^ (1 << bit));
        assert_int_equal(tg_public_key_from_point(&key, es256, tg_str(x, 32), tg_str(y, 32), &msg),
                         TG_ERR_INVALID);
        y[31] = (char)(y[31] ^ (1 << bit));
    }
    assert_int_equal(tg_public_key_from_point(&key, es256, tg_str(x, 31), tg_str(y, 32), &msg),
                     TG_ERR_INVALID);
    assert_int_equal(tg_public_key_from_point(&key, es256, tg_str(x, 33), tg_str(y, 32), &msg),
                     TG_ERR_INVALID);
    assert_int_equal(tg_public_key_from_point(&key, tg_algorithm_find(TG_STR("ES384")),
                                              tg_str(x, 32), tg_str(y, 32), &msg),
                     TG_ERR_INVALID);
    memset(x, 0, sizeof(x));
    memset(y, 0, sizeof(y));
    assert_int_equal(tg_public_key_from_point(&key, es256, tg_str(x, 32), tg_str(y, 32), &msg),
                     TG_ERR_INVALID);
}

static void rsa_numbers_have_their_bounds(void **state)
{
    const struct tg_algorithm *rs256 = tg_algorithm_find(TG_STR("RS256"));
    static const struct {
        size_t bytes; /* of the modulus, all ones */
        const char *e;
        size_t e_bytes;
        bool is_good;
    } rows[] = {
        {256, "\x01\x00\x01", 3, true},
        {1024, "\x01\x00\x01", 3, true},
        {256, "\x80\x00\x00\x00\x00\x00\x00\x01", 8, true},
        {255, "\x01\x00\x01", 3, false},
        {1025, "\x01\x00\x01", 3, false},
        {256, "\x01", 1, false},
        {256, "\x03", 1, false},
        {256, "\x01\x00\x00", 3, false},
        {256, "\x01\x00\x02", 3, false},
        {256, "\x00\x01\x00\x01", 4, false},
        {256, "", 0, false},
        {256, "\x01\x00\x00\x00\x00\x00\x00\x00\x01", 9, false},
        {0, "\x01\x00\x01", 3, false},
    };
    char modulus[1025];

    (void)state;
    memset(modulus, 0xff, sizeof(modulus));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tg_public_key key;
        struct tg_errmsg msg = {0};
        int err = tg_public_key_from_rsa(&key, rs256, tg_str(modulus, rows[i].bytes),
                                         tg_str(rows[i].e, rows[i].e_bytes), &msg);
        if (err != (rows[i].is_good ? TG_OK : TG_ERR_INVALID)) {
            fail_msg("row %zu: %d %s", i, err, msg.text);
        }
        tg_public_key_fini(&key);
    }
    modulus[255] = (char)0xfe;
    struct tg_public_key key;
    struct tg_errmsg msg = {0};
    assert_int_equal(
        tg_public_key_from_rsa(&key, rs256, tg_str(modulus, 256), TG_STR("\x01\x00\x01"), &msg),
        TG_ERR_INVALID);
    modulus[0] = '\0';
    assert_int_equal(
        tg_public_key_from_rsa(&key, rs256, tg_str(modulus, 257), TG_STR("\x01\x00\x01"), &msg),
        TG_ERR_INVALID);
}

static void a_failing_allocation_is_told(void **state)
{
    struct tg_public_key key;
    struct tg_errmsg msg;

    (void)state;
    fake_memory_fail_after(0);
    assert_int_equal(read_text(&key, "ES256", find_pem("p_256"), &msg), TG_ERR_NOMEM);
    assert_true(fake_memory_heal());
    assert_null(key.pem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_algorithm_takes_its_kind_of_key),
        cmocka_unit_test(a_key_of_another_kind_is_refused),
        cmocka_unit_test(weak_rsa_keys_are_refused),
        cmocka_unit_test(what_belongs_elsewhere_is_named),
        cmocka_unit_test(one_key_stands_alone),
        cmocka_unit_test(no_cut_of_a_key_is_taken),
        cmocka_unit_test(a_point_is_on_its_curve_and_of_its_length),
        cmocka_unit_test(rsa_numbers_have_their_bounds),
        cmocka_unit_test(a_failing_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
