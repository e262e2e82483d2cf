/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "fake_memory.h"
#include "jose/jwks.h"
#include "jose/jws.h"

static const struct {
    const char *name;
    const char *text;
} jwks[] = {
#define PEM(name, text)
#define JWK(name, text) {name, text},
#define TOKEN(key, alg, text)
#include "keys.def"
#undef PEM
#undef JWK
#undef TOKEN
};

struct fixture {
    struct tg_key_set set;
    struct tg_jwks_report report;
    struct tg_errmsg msg;
    struct tg_buf text;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    tg_buf_init(&f->text, 1 << 20);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_key_set_fini(&f->set);
    tg_buf_fini(&f->text);
    free(f);
    return 0;
}

/* Adds the members in front of those of the named key: "kid":"k", say. */
static void add(struct fixture *f, const char *name, const char *members)
{
    for (size_t i = 0; i < sizeof(jwks) / sizeof(jwks[0]); i++) {
        if (strcmp(jwks[i].name, name) == 0) {
            tg_buf_add_format(&f->text, "%s{%s%s%s", f->text.length ? "," : "", members,
                              *members ? "," : "", jwks[i].text + 1);
            return;
        }
    }
    fail_msg("no key named %s", name);
}

static void add_text(struct fixture *f, const char *text)
{
    tg_buf_add_format(&f->text, "%s%s", f->text.length ? "," : "", text);
}

static int read_text(struct fixture *f, struct tg_str text)
{
    tg_key_set_fini(&f->set);
    f->msg = (struct tg_errmsg){0};
    return tg_jwks_read(text, &f->set, &f->report, &f->msg);
}

/* Reads the keys that were added, and forgets them. */
static int read_added(struct fixture *f)
{
    struct tg_buf whole;

    tg_buf_init(&whole, 1 << 21);
    tg_buf_add_format(&whole, "{\"keys\":[%.*s]}", (int)f->text.length,
                      f->text.length ? f->text.at : "");
    int err = read_text(f, tg_buf_str(&whole));
    tg_buf_fini(&whole);
    tg_buf_clear(&f->text);
    return err;
}

static void expect_refused_set(struct fixture *f, int err, const char *word)
{
    assert_int_equal(err, TG_ERR_INVALID);
    assert_int_equal(f->set.count, 0);
    assert_null(f->set.keys);
    if (!strstr(f->msg.text, word)) {
        fail_msg("\"%s\" says nothing of %s", f->msg.text, word);
    }
}

static void each_kind_of_key_gets_its_algorithm(void **state)
{
    struct fixture *f = *state;
    static const char *const algs[] = {"RS256", "RS384", "ES256", "ES384", "ES512"};

    add(f, "rsa_2048", "\"kid\":\"a\",\"use\":\"sig\"");
    add(f, "rsa_3072", "\"alg\":\"RS384\",\"kid\":\"b\",\"key_ops\":[\"verify\"]");
    add(f, "p_256", "\"x5c\":[\"AA\"]");
    add(f, "p_384", "\"kid\":\"d\",\"alg\":\"ES384\"");
    add(f, "p_521", "");
    assert_int_equal(read_added(f), TG_OK);
    assert_int_equal(f->set.count, 5);
    assert_int_equal(f->report.skipped + f->report.refused, 0);
    for (uint32_t i = 0; i < 5; i++) {
        assert_string_equal(f->set.keys[i].algorithm->name, algs[i]);
        assert_non_null(strstr(f->set.keys[i].text, "BEGIN PUBLIC KEY"));
    }
    assert_string_equal(f->set.keys[1].kid, "b");
    assert_null(f->set.keys[2].kid);
}

static void a_key_for_something_else_is_skipped(void **state)
{
    struct fixture *f = *state;

    add(f, "p_256", "\"kid\":\"good\"");
    add(f, "rsa_2048", "\"use\":\"enc\",\"kid\":\"good\"");
    add(f, "rsa_2048", "\"use\":7");
    add(f, "rsa_2048", "\"key_ops\":[\"encrypt\"]");
    add(f, "rsa_2048", "\"key_ops\":[]");
    add(f, "rsa_2048", "\"key_ops\":\"verify\"");
    add(f, "rsa_2048", "\"alg\":\"PS256\"");
    add(f, "rsa_2048", "\"alg\":\"RSA-OAEP\"");
    add(f, "rsa_2048", "\"alg\":\"none\"");
    add(f, "secp256k1", "");
    add(f, "secp256k1", "\"alg\":\"ES256\"");
    add_text(f, "{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AA\"}");
    add_text(f, "{}");
    add_text(f, "{\"kty\":7}");
    assert_int_equal(read_added(f), TG_OK);
    assert_int_equal(f->set.count, 1);
    assert_int_equal(f->report.skipped, 13);
    assert_int_equal(f->report.refused, 0);
}

static void a_key_that_is_no_good_is_refused_alone(void **state)
{
    struct fixture *f = *state;

    add(f, "p_256", "");
    add(f, "rsa_1024", "");
    add(f, "rsa_e_3", "");
    add(f, "rsa_2048", "\"alg\":\"ES256\"");
    add(f, "rsa_2048", "\"alg\":\"HS256\"");
    add(f, "p_256", "\"alg\":\"RS256\"");
    add(f, "p_256", "\"alg\":\"ES384\"");
    add(f, "p_256", "\"kid\":1");
    add(f, "p_256", "\"kid\":\"\"");
    add_text(f, "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"AA\",\"y\":\"AA\"}");
    add_text(f, "{\"kty\":\"EC\",\"crv\":\"P-256\","
                "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
                "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5aw\"}");
    add_text(f, "{\"kty\":\"EC\",\"crv\":\"P-256\","
                "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU=\",\"y\":\"AA\"}");
    add_text(f, "{\"kty\":\"RSA\",\"e\":\"AQAB\"}");
    add_text(f, "{\"kty\":\"RSA\",\"n\":7,\"e\":\"AQAB\"}");
    assert_int_equal(read_added(f), TG_OK);
    assert_int_equal(f->set.count, 1);
    assert_int_equal(f->report.skipped, 0);
    assert_int_equal(f->report.refused, 13);
    assert_non_null(strstr(f->report.reason.text, "keys[2]: "));
    assert_non_null(strstr(f->report.reason.text, "1024"));
}

static void a_number_that_is_far_too_long_is_refused(void **state)
{
    struct fixture *f = *state;

    add(f, "p_256", "");
    tg_buf_add_format(&f->text, ",{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"%040000d\"}", 0);
    assert_int_equal(read_added(f), TG_OK);
    assert_int_equal(f->report.refused, 1);
}

static void secrets_and_private_keys_refuse_the_set(void **state)
{
    struct fixture *f = *state;

    add(f, "p_256", "");
    add_text(f, "{\"kty\":\"oct\",\"k\":\"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ\"}");
    expect_refused_set(f, read_added(f), "keys[2]: a secret");
    assert_null(strstr(f->msg.text, "AyM1"));
    add(f, "p_256", "\"d\":\"AA\"");
    expect_refused_set(f, read_added(f), "keys[1]: a private key");
    add(f, "p_256", "");
    add(f, "rsa_2048", "\"d\":\"AA\",\"use\":\"enc\"");
    expect_refused_set(f, read_added(f), "keys[2]: a private key");
}

static void one_kid_for_two_keys_refuses_the_set(void **state)
{
    struct fixture *f = *state;

    add(f, "p_256", "\"kid\":\"a\"");
    add(f, "rsa_2048", "\"kid\":\"a\"");
    expect_refused_set(f, read_added(f), "keys[2]: its kid");
}

static void a_set_has_64_keys_at_most(void **state)
{
    struct fixture *f = *state;

    for (int count = 64; count <= 65; count++) {
        for (int i = 0; i < count; i++) {
            char kid[32];
            (void)snprintf(kid, sizeof(kid), "\"kid\":\"k%d\"", i);
            add(f, "p_256", kid);
        }
        int err = read_added(f);
        assert_int_equal(err, count == 64 ? TG_OK : TG_ERR_INVALID);
        assert_int_equal(f->set.count, count == 64 ? 64 : 0);
    }
}

static void what_is_no_set_is_refused(void **state)
{
    struct fixture *f = *state;
    static const char *const texts[] = {"",
                                        "{}",
                                        "[]",
                                        "{\"keys\":{}}",
                                        "{\"keys\":[]}",
                                        "{\"keys\":[1]}",
                                        "{\"keys\":[],\"keys\":[]}",
                                        "{\"keys\":[{\"kty\":\"RSA\",\"kty\":\"EC\"}]}",
                                        "{\"keys\":[]} x",
                                        "<html>"};

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        expect_refused_set(f, read_text(f, tg_str_of(texts[i])), "");
        assert_true(f->msg.text[0] != '\0');
        assert_null(strstr(f->msg.text, "html"));
    }
    char *large = calloc(1, TG_JWKS_BYTES_MAX + 1);
    memset(large, ' ', TG_JWKS_BYTES_MAX + 1);
    assert_int_equal(read_text(f, tg_str(large, TG_JWKS_BYTES_MAX + 1)), TG_ERR_TOO_LARGE);
    assert_int_equal(read_text(f, tg_str(large, TG_JWKS_BYTES_MAX)), TG_ERR_INVALID);
    free(large);
}

/* RFC 7515 appendices A.2.1 and A.3.1. */
static const char rfc_set[] =
    "{\"keys\":[{\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":"
    "\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm"
    "4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5re"
    "xMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXF"
    "vUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\"},"
    "{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
    "\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}]}";
static const char *const rfc_tokens[] = {
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNv"
    "bS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm"
    "4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6"
    "xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv"
    "hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNv"
    "bS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxf"
    "KTUJqPP3-Kg6NU1Q"};

static void the_examples_of_rfc_7515_are_verified(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(read_text(f, tg_str_of(rfc_set)), TG_OK);
    for (size_t i = 0; i < 2; i++) {
        struct tg_str token = tg_str_of(rfc_tokens[i]);
        struct tg_jws jws;
        const char *why;
        assert_int_equal(tg_jws_read(token, &jws, &why), TG_OK);
        const struct tg_key *key = tg_key_set_find(&f->set, jws.alg, jws.kid, &why);
        assert_ptr_equal(key, &f->set.keys[i]);
        assert_true(tg_jws_is_signed(&jws, token, key));
        assert_false(tg_jws_is_signed(&jws, token, &f->set.keys[1 - i]));
        tg_jws_fini(&jws);
    }
}

static void each_failing_allocation_leaves_nothing(void **state)
{
    struct fixture *f = *state;
    uint32_t failures = 0;

    for (uint32_t n = 0; n < 20; n++) {
        fake_memory_fail_after(n);
        int err = read_text(f, tg_str_of(rfc_set));
        bool has_failed = fake_memory_heal();
        failures += has_failed ? 1 : 0;
        assert_int_equal(err, has_failed ? TG_ERR_NOMEM : TG_OK);
        assert_int_equal(f->set.count, has_failed ? 0 : 2);
    }
    assert_int_equal(failures, 3);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_kind_of_key_gets_its_algorithm),
        TEST(a_key_for_something_else_is_skipped),
        TEST(a_key_that_is_no_good_is_refused_alone),
        TEST(a_number_that_is_far_too_long_is_refused),
        TEST(secrets_and_private_keys_refuse_the_set),
        TEST(one_kid_for_two_keys_refuses_the_set),
        TEST(a_set_has_64_keys_at_most),
        TEST(what_is_no_set_is_refused),
        TEST(the_examples_of_rfc_7515_are_verified),
        TEST(each_failing_allocation_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
