/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buf.h"
#include "fake_memory.h"
#include "jose/claims.h"

static struct tg_claims *read_good(const char *payload)
{
    struct tg_claims *claims;
    const char *why = NULL;

    assert_int_equal(tg_claims_create(tg_str_of(payload), "tenant", &claims, &why), TG_OK);
    assert_int_equal(claims->refs, 1);
    return claims;
}

static void expect_bad(struct tg_str payload, const char *wanted)
{
    struct tg_claims *claims;
    const char *why = NULL;

    assert_int_equal(tg_claims_create(payload, "tenant", &claims, &why), TG_ERR_DENIED);
    assert_null(claims);
    assert_string_equal(why, wanted);
}

static void every_claim_of_ours_is_read(void **state)
{
    struct tg_claims *claims =
        read_good("{\"iss\":\"i\",\"sub\":\"alice\",\"jti\":\"t-1\",\"aud\":[\"a\",\"\",\"b\"],"
                  "\"exp\":1700000600,\"nbf\":0,\"iat\":1,\"tenant\":\"acme\",\"x\":[1, 2]}");

    (void)state;
    assert_string_equal(claims->issuer, "i");
    assert_string_equal(claims->subject, "alice");
    assert_string_equal(claims->id, "t-1");
    assert_string_equal(claims->tenant, "acme");
    assert_true(claims->expires.is_set && claims->expires.ms == 1700000600000);
    assert_true(claims->not_before.is_set && claims->not_before.ms == 0);
    assert_true(claims->issued.is_set && claims->issued.ms == 1000);
    assert_true(tg_claims_has_audience(claims, TG_STR("a")));
    assert_true(tg_claims_has_audience(claims, TG_STR("b")));
    assert_true(tg_claims_has_audience(claims, TG_STR("")));
    assert_false(tg_claims_has_audience(claims, TG_STR("c")));
    assert_non_null(strstr(claims->json, "\"x\":[1,2]}"));
    assert_ptr_equal(tg_claims_ref(claims), claims);
    tg_claims_unref(claims);
    tg_claims_unref(claims);
    tg_claims_unref(NULL);
}

static void the_claims_text_is_compact_however_it_came(void **state)
{
    static const char *const cases[][2] = {
        {"{\"a\":\"b c\\\" \\\\\",\"d\":[1,{}]}", "{\"a\":\"b c\\\" \\\\\",\"d\":[1,{}]}"},
        {"{ \"a\":1}", "{\"a\":1}"},
        {"{\"a\":\"\\\\\" }", "{\"a\":\"\\\\\"}"},
        {"{\"a\":1}\n", "{\"a\":1}"},
        {"\t{\"a\":\r[ ]}", "{\"a\":[]}"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct tg_claims *claims = read_good(cases[i][0]);
        assert_string_equal(claims->json, cases[i][1]);
        tg_claims_unref(claims);
    }
}

static void what_is_not_there_is_null(void **state)
{
    struct tg_claims *claims = read_good("{}");

    (void)state;
    assert_string_equal(claims->json, "{}");
    assert_null(claims->issuer);
    assert_null(claims->subject);
    assert_null(claims->id);
    assert_null(claims->tenant);
    assert_false(claims->expires.is_set || claims->not_before.is_set || claims->issued.is_set);
    assert_false(tg_claims_has_audience(claims, TG_STR("")));
    tg_claims_unref(claims);
}

static void the_tenants_claim_has_any_name(void **state)
{
    struct tg_claims *claims;
    const char *why;

    (void)state;
    assert_int_equal(
        tg_claims_create(TG_STR("{\"tenant\":7,\"org\":\"acme\"}"), "org", &claims, &why), TG_OK);
    assert_string_equal(claims->tenant, "acme");
    tg_claims_unref(claims);
}

static void an_audience_may_be_one_text(void **state)
{
    struct tg_claims *claims = read_good("{\"aud\":\"tidegate\"}");

    (void)state;
    assert_true(tg_claims_has_audience(claims, TG_STR("tidegate")));
    assert_false(tg_claims_has_audience(claims, TG_STR("tide")));
    tg_claims_unref(claims);
}

static void each_wrong_type_names_its_claim(void **state)
{
    static const struct {
        const char *payload;
        const char *why;
    } rows[] = {
        {"", "payload"},
        {"[]", "payload"},
        {"\"a\"", "payload"},
        {"{\"a\":1,\"a\":1}", "payload"},
        {"{\"o\":{\"a\":1,\"a\":1}}", "payload"},
        {"{} x", "payload"},
        {"{\"a\":1e999}", "payload"},
        {"{\"a\":\"\\ud800\"}", "payload"},
        {"{\"exp\":\"1\"}", "exp"},
        {"{\"exp\":1.0}", "exp"},
        {"{\"exp\":-1}", "exp"},
        {"{\"exp\":253402300800}", "exp"},
        {"{\"exp\":null}", "exp"},
        {"{\"exp\":true}", "exp"},
        {"{\"nbf\":[1]}", "nbf"},
        {"{\"iat\":{}}", "iat"},
        {"{\"iss\":1}", "iss"},
        {"{\"aud\":1}", "aud"},
        {"{\"aud\":[\"a\",1]}", "aud"},
        {"{\"aud\":{}}", "aud"},
        {"{\"sub\":false}", "sub"},
        {"{\"jti\":[]}", "jti"},
        {"{\"tenant\":null}", "tenant"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        expect_bad(tg_str_of(rows[i].payload), rows[i].why);
    }
    expect_bad(tg_str("{}\0{}", 5), "payload");
}

static void names_have_128_octets_at_most(void **state)
{
    static const char *const names[] = {"sub", "jti", "tenant"};
    char payload[256];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        (void)snprintf(payload, sizeof(payload), "{\"%s\":\"%0128d\"}", names[i], 0);
        tg_claims_unref(read_good(payload));
        (void)snprintf(payload, sizeof(payload), "{\"%s\":\"%0129d\"}", names[i], 0);
        expect_bad(tg_str_of(payload), names[i]);
    }
}

static void an_audience_has_64_texts_at_most(void **state)
{
    (void)state;
    for (int count = 64; count <= 65; count++) {
        struct tg_buf payload;
        tg_buf_init(&payload, 4096);
        tg_buf_add_str(&payload, TG_STR("{\"aud\":["));
        for (int i = 1; i <= count; i++) {
            tg_buf_add_format(&payload, "%s\"a%d\"", i > 1 ? "," : "", i);
        }
        tg_buf_add(&payload, "]}", 3);
        if (count == 64) {
            struct tg_claims *claims = read_good(payload.at);
            assert_true(tg_claims_has_audience(claims, TG_STR("a64")));
            tg_claims_unref(claims);
        } else {
            expect_bad(tg_str_of(payload.at), "aud");
        }
        tg_buf_fini(&payload);
    }
}

static void no_cut_of_a_payload_is_taken(void **state)
{
    static const char whole[] = "{\"sub\":\"alice\",\"exp\":1700000600,\"aud\":[\"a\"]}";

    (void)state;
    for (size_t length = 0; length < sizeof(whole) - 1; length++) {
        expect_bad(tg_str(whole, length), "payload");
    }
    tg_claims_unref(read_good(whole));
}

static void a_failing_allocation_is_told(void **state)
{
    struct tg_claims *claims;
    const char *why;

    (void)state;
    fake_memory_fail_after(0);
    assert_int_equal(tg_claims_create(TG_STR("{\"sub\":\"a\"}"), "tenant", &claims, &why),
                     TG_ERR_NOMEM);
    assert_true(fake_memory_heal());
    assert_null(claims);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_claim_of_ours_is_read),
        cmocka_unit_test(the_claims_text_is_compact_however_it_came),
        cmocka_unit_test(what_is_not_there_is_null),
        cmocka_unit_test(the_tenants_claim_has_any_name),
        cmocka_unit_test(an_audience_may_be_one_text),
        cmocka_unit_test(each_wrong_type_names_its_claim),
        cmocka_unit_test(names_have_128_octets_at_most),
        cmocka_unit_test(an_audience_has_64_texts_at_most),
        cmocka_unit_test(no_cut_of_a_payload_is_taken),
        cmocka_unit_test(a_failing_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
