/* SPDX-License-Identifier: MIT */
#include "fake_house.h"

#include <stdlib.h>

#include "fake_memory.h"
#include "hub/auth.h"

static const char secret[] = "0123456789abcdef0123456789abcdef";
static const uint64_t now_ms = 1700000000000;

struct token_case {
    const char *name;
    const char *token;
    const char *why;
};

static const struct token_case cases[] = {
#define TOKEN(name, token, why) {name, token, why},
#include "tokens.def"
#undef TOKEN
};

struct fixture {
    struct tg_config config;
    struct tg_auth *auth;
    struct tg_errmsg msg;
};

static void set(struct fixture *f, const char *key, const char *value)
{
    assert_int_equal(tg_config_set(&f->config, key, tg_str_of(value), &f->msg), TG_OK);
}

static void make(struct fixture *f)
{
    assert_int_equal(tg_auth_create(&f->config, &f->auth, &f->msg), TG_OK);
    assert_non_null(f->auth);
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_int_equal(tg_config_init(&f->config), TG_OK);
    set(f, "auth.keys[1].secret", secret);
    set(f, "limits.token_bytes", "2KiB");
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_auth_destroy(f->auth);
    tg_config_fini(&f->config);
    free(f);
    return 0;
}

static const char *find(const char *name)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (strcmp(cases[i].name, name) == 0) {
            return cases[i].token;
        }
    }
    fail_msg("no token named %s", name);
    return NULL;
}

static void expect(struct fixture *f, const char *name, const char *wanted)
{
    struct tg_token token;
    const char *why = NULL;
    int err = tg_auth_verify(f->auth, tg_str_of(find(name)), now_ms, &token, &why);

    if (err != (*wanted ? TG_ERR_DENIED : TG_OK) || (*wanted && strcmp(why, wanted) != 0)) {
        fail_msg("%s: got %d %s, wanted \"%s\"", name, err, why ? why : "-", wanted);
    }
    tg_token_fini(&token);
}

static void each_token_is_judged_as_its_row_says(void **state)
{
    struct fixture *f = *state;

    make(f);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        expect(f, cases[i].name, cases[i].why);
    }
    print_message("%zu tokens\n", sizeof(cases) / sizeof(cases[0]));
}

static void every_changed_character_breaks_the_token(void **state)
{
    struct fixture *f = *state;
    char *text = strdup(find("good"));

    make(f);
    for (size_t i = 0; text[i]; i++) {
        struct tg_token token;
        const char *why;
        char before = text[i];
        text[i] = before == 'A' ? 'B' : 'A';
        assert_int_equal(tg_auth_verify(f->auth, tg_str_of(text), now_ms, &token, &why),
                         TG_ERR_DENIED);
        text[i] = before;
    }
    free(text);
}

static void claims_tenant_and_end_are_given(void **state)
{
    struct fixture *f = *state;
    struct tg_token token;
    const char *why;

    make(f);
    assert_int_equal(tg_auth_verify(f->auth, tg_str_of(find("a tenant")), now_ms, &token, &why),
                     TG_OK);
    assert_string_equal(token.tenant, "acme");
    assert_string_equal(token.claims, "{\"sub\":\"alice\",\"exp\":1700000600,\"tenant\":\"acme\"}");
    assert_true(token.expires_at_ms == now_ms + 600000);
    tg_token_fini(&token);
}

static void the_leeway_can_be_zero(void **state)
{
    struct fixture *f = *state;

    set(f, "auth.leeway", "0");
    make(f);
    expect(f, "exp within the leeway", "exp");
    expect(f, "nbf within the leeway", "nbf");
    expect(f, "good", "");
}

static void exp_may_be_left_out_when_configured(void **state)
{
    struct fixture *f = *state;
    struct tg_token token;
    const char *why;

    set(f, "auth.require_exp", "false");
    make(f);
    assert_int_equal(tg_auth_verify(f->auth, tg_str_of(find("exp missing")), now_ms, &token, &why),
                     TG_OK);
    assert_true(token.expires_at_ms == 0);
    tg_token_fini(&token);
    expect(f, "exp null", "exp");
}

static void another_kid_is_refused_when_one_is_configured(void **state)
{
    struct fixture *f = *state;

    set(f, "auth.keys[1].kid", "k9");
    make(f);
    expect(f, "a kid when none is asked for", "");
    expect(f, "kid a path is only a name", "kid");
    expect(f, "good", "");
}

static void issuer_and_audience_are_asked_for_when_configured(void **state)
{
    struct fixture *f = *state;

    set(f, "auth.issuer", "https://id.example");
    make(f);
    expect(f, "good", "iss");
    tg_auth_destroy(f->auth);
    tg_config_fini(&f->config);
    assert_int_equal(tg_config_init(&f->config), TG_OK);
    set(f, "auth.keys[1].secret", secret);
    set(f, "auth.audience", "tidegate");
    make(f);
    expect(f, "good", "aud");
}

static void a_short_secret_is_refused(void **state)
{
    struct fixture *f = *state;

    set(f, "auth.keys[1].secret", "a short one");
    assert_int_equal(tg_auth_create(&f->config, &f->auth, &f->msg), TG_ERR_INVALID);
    assert_null(f->auth);
    assert_non_null(strstr(f->msg.text, "auth.keys[1].secret: "));
    assert_null(strstr(f->msg.text, "short one"));
    set(f, "auth.keys[1].secret", secret);
    set(f, "auth.keys[1].alg", "HS384");
    assert_int_equal(tg_auth_create(&f->config, &f->auth, &f->msg), TG_ERR_INVALID);
    assert_non_null(strstr(f->msg.text, "48"));
}

static void without_keys_and_set_there_is_no_verifier(void **state)
{
    struct fixture *f = *state;

    tg_config_fini(&f->config);
    assert_int_equal(tg_config_init(&f->config), TG_OK);
    assert_int_equal(tg_auth_create(&f->config, &f->auth, &f->msg), TG_OK);
    assert_null(f->auth);
}

/* --- public keys --- */

static const struct {
    const char *name;
    const char *pem;
} pems[] = {
#define PEM(name, text) {name, text},
#define JWK(name, text)
#define TOKEN(key, alg, text)
#include "../jose/keys.def"
#undef PEM
#undef JWK
#undef TOKEN
};

static const struct {
    const char *name;
    const char *text;
} jwks[] = {
#define PEM(name, text)
#define JWK(name, text) {name, text},
#define TOKEN(key, alg, text)
#include "../jose/keys.def"
#undef PEM
#undef JWK
#undef TOKEN
};

static const struct {
    const char *key;
    const char *alg;
    const char *text;
} signed_tokens[] = {
#define PEM(name, text)
#define JWK(name, text)
#define TOKEN(key, alg, text) {key, alg, text},
#include "../jose/keys.def"
#undef PEM
#undef JWK
#undef TOKEN
};

enum { SIGNED_TOKENS = sizeof(signed_tokens) / sizeof(signed_tokens[0]) };

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

/* A set of the named key under that kid, and an EC key that is refused beside it. */
static struct tg_buf make_set(const char *name, const char *kid)
{
    struct tg_buf text;

    tg_buf_init(&text, 4096);
    for (size_t i = 0; i < sizeof(jwks) / sizeof(jwks[0]); i++) {
        if (strcmp(jwks[i].name, name) == 0) {
            tg_buf_add_format(&text,
                              "{\"keys\":[{\"kid\":\"%s\",%s,{\"kty\":\"EC\",\"crv\":\"P-256\"}]}",
                              kid, jwks[i].text + 1);
        }
    }
    assert_true(text.length > 0);
    return text;
}

/* Verified, or refused with that word. */
static void expect_text(struct fixture *f, const char *text, const char *wanted, bool is_known)
{
    struct tg_token token;
    const char *why = NULL;
    int err = tg_auth_verify(f->auth, tg_str_of(text), now_ms, &token, &why);

    if (err != (wanted ? TG_ERR_DENIED : TG_OK) || (wanted && strcmp(why, wanted) != 0)) {
        fail_msg("got %d %s, wanted %s", err, why ? why : "-", wanted ? wanted : "success");
    }
    assert_true(token.is_known == (!wanted && is_known));
    tg_token_fini(&token);
}

static void each_algorithm_is_verified_with_its_key_alone(void **state)
{
    struct fixture *f = *state;

    for (size_t i = 0; i < SIGNED_TOKENS; i++) {
        tg_config_fini(&f->config);
        assert_int_equal(tg_config_init(&f->config), TG_OK);
        set(f, "auth.keys[1].alg", signed_tokens[i].alg);
        set(f, "auth.keys[1].public_key", find_pem(signed_tokens[i].key));
        set(f, "auth.keys[2].alg", "HS256");
        set(f, "auth.keys[2].kid", "hs");
        set(f, "auth.keys[2].secret", secret);
        make(f);
        expect_text(f, signed_tokens[i].text, NULL, false);
        expect_text(f, signed_tokens[(i + 1) % SIGNED_TOKENS].text, "kid", false);
        tg_auth_destroy(f->auth);
        f->auth = NULL;
    }
}

static void a_key_is_bound_to_one_algorithm(void **state)
{
    struct fixture *f = *state;

    /* rsa_2048 has signed RS256 and RS384. */
    tg_config_fini(&f->config);
    assert_int_equal(tg_config_init(&f->config), TG_OK);
    set(f, "auth.keys[1].alg", "RS384");
    set(f, "auth.keys[1].kid", "rsa_2048");
    set(f, "auth.keys[1].public_key", find_pem("rsa_2048"));
    make(f);
    expect_text(f, signed_tokens[0].text, "alg", false);
    expect_text(f, signed_tokens[1].text, NULL, false);
    assert_true(tg_auth_unknown_kids(f->auth) == 0);
    expect_text(f, signed_tokens[2].text, "kid", false);
    assert_true(tg_auth_unknown_kids(f->auth) == 1);
}

static void a_bad_key_is_named(void **state)
{
    static const struct {
        const char *key;
        const char *value;
        const char *message;
    } rows[] = {
        {"auth.keys[2].public_key", "rsa_2048", "auth.keys[2].alg: expected HS256, "},
        {"auth.keys[2].alg", "none", "auth.keys[2].alg: expected HS256, "},
        {"auth.keys[2].alg", "ES256", "auth.keys[2].public_key: expected an EC key"},
        {"auth.keys[2].alg", "HS256", "auth.keys[2].public_key: HS256 takes a secret"},
        {"auth.keys[2].public_key_file", "keys/r.pem",
         "auth.keys[2].public_key_file: keys/r.pem: HS256 takes a secret"},
        {"auth.keys[1].alg", "RS256", "auth.keys[1].alg: RS256 takes a public key"},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool is_pem = strstr(rows[i].key, "].public_key") && !strstr(rows[i].key, "file");
        set(f, rows[i].key, is_pem ? find_pem(rows[i].value) : rows[i].value);
        assert_int_equal(tg_auth_create(&f->config, &f->auth, &f->msg), TG_ERR_INVALID);
        assert_null(f->auth);
        if (!strstr(f->msg.text, rows[i].message)) {
            fail_msg("row %zu: %s", i, f->msg.text);
        }
    }
    set(f, "auth.keys[1].alg", "HS256");
    set(f, "auth.keys[1].kid", "k");
    set(f, "auth.keys[2].alg", "RS256");
    set(f, "auth.keys[2].kid", "k");
    assert_int_equal(tg_auth_create(&f->config, &f->auth, &f->msg), TG_ERR_EXISTS);
    assert_non_null(strstr(f->msg.text, "auth.keys[2].kid: "));
}

/* --- the JWK Set --- */

static void make_with_set_alone(struct fixture *f)
{
    tg_config_fini(&f->config);
    assert_int_equal(tg_config_init(&f->config), TG_OK);
    set(f, "auth.jwks.file", "jwks.json");
    make(f);
}

static void take_set(struct fixture *f, const char *name, const char *kid)
{
    struct tg_buf text = make_set(name, kid);

    assert_int_equal(tg_auth_set_jwks(f->auth, tg_buf_str(&text), &f->msg), TG_OK);
    tg_buf_fini(&text);
}

static void a_set_takes_the_place_of_the_one_before(void **state)
{
    struct fixture *f = *state;

    make_with_set_alone(f);
    expect_text(f, signed_tokens[0].text, "kid", false);
    assert_true(tg_auth_unknown_kids(f->auth) == 1);
    take_set(f, "rsa_2048", "rsa_2048");
    expect_text(f, signed_tokens[0].text, NULL, false);
    expect_text(f, signed_tokens[0].text, NULL, true);
    assert_true(tg_auth_unknown_kids(f->auth) == 1);
    take_set(f, "p_256", "p_256");
    expect_text(f, signed_tokens[0].text, "kid", false);
    expect_text(f, signed_tokens[3].text, NULL, false);
    assert_true(tg_auth_unknown_kids(f->auth) == 2);
    /* The key of the other kind under the old kid. */
    take_set(f, "p_256", "rsa_2048");
    expect_text(f, signed_tokens[0].text, "alg", false);
}

static void a_bad_set_changes_nothing(void **state)
{
    struct fixture *f = *state;

    make_with_set_alone(f);
    take_set(f, "rsa_2048", "rsa_2048");
    expect_text(f, signed_tokens[0].text, NULL, false);
    assert_int_equal(tg_auth_set_jwks(f->auth, TG_STR("{\"keys\":[]}"), &f->msg), TG_ERR_INVALID);
    assert_true(f->msg.text[0] != '\0');
    expect_text(f, signed_tokens[0].text, NULL, true);
    for (uint32_t n = 0; n < 20; n++) {
        struct tg_buf text = make_set("p_256", "p_256");
        fake_memory_fail_after(n);
        int err = tg_auth_set_jwks(f->auth, tg_buf_str(&text), &f->msg);
        bool has_failed = fake_memory_heal();
        assert_int_equal(err, has_failed ? TG_ERR_NOMEM : TG_OK);
        tg_buf_fini(&text);
        if (!has_failed) {
            assert_true(n > 2);
            break;
        }
        expect_text(f, signed_tokens[0].text, NULL, true);
    }
    expect_text(f, signed_tokens[3].text, NULL, false);
}

static void the_configurations_keys_win_over_the_set(void **state)
{
    struct fixture *f = *state;

    set(f, "auth.keys[1].kid", "p_256");
    set(f, "auth.jwks.file", "jwks.json");
    make(f);
    take_set(f, "p_256", "p_256");
    expect_text(f, signed_tokens[3].text, "alg", false);
    expect(f, "good", "");
    take_set(f, "p_256", "other");
    expect(f, "good", "");
}

/* --- the cache --- */

static void what_time_and_place_say_is_judged_each_time(void **state)
{
    struct fixture *f = *state;
    struct tg_token token;
    const char *why;
    const char *text = find("nbf within the leeway");

    make(f);
    expect_text(f, text, NULL, false);
    expect_text(f, text, NULL, true);
    assert_int_equal(tg_auth_verify(f->auth, tg_str_of(text), now_ms - 60000, &token, &why),
                     TG_ERR_DENIED);
    assert_string_equal(why, "nbf");
    assert_int_equal(tg_auth_verify(f->auth, tg_str_of(text), now_ms + 630000, &token, &why),
                     TG_ERR_DENIED);
    assert_string_equal(why, "exp");
    expect_text(f, text, NULL, true);
}

static void only_verified_tokens_are_remembered(void **state)
{
    struct fixture *f = *state;

    set(f, "auth.token_cache", "1");
    make(f);
    expect_text(f, find("good"), NULL, false);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (cases[i].why[0] != '\0') {
            expect(f, cases[i].name, cases[i].why);
        }
    }
    expect_text(f, find("good"), NULL, true);
    expect_text(f, find("without typ"), NULL, false);
    expect_text(f, find("good"), NULL, false);
}

static void the_cache_can_be_off(void **state)
{
    struct fixture *f = *state;

    set(f, "auth.token_cache", "0");
    make(f);
    expect_text(f, find("good"), NULL, false);
    expect_text(f, find("good"), NULL, false);
}

static void each_failing_allocation_is_survived(void **state)
{
    struct fixture *f = *state;
    uint32_t failures = 0;

    for (uint32_t n = 0; n < 20; n++) {
        struct tg_token token = {0};
        const char *why;
        fake_memory_fail_after(n);
        int err = tg_auth_create(&f->config, &f->auth, &f->msg);
        if (!err) {
            err = tg_auth_verify(f->auth, tg_str_of(find("good")), now_ms, &token, &why);
        }
        failures += fake_memory_heal() ? 1 : 0;
        assert_true(err == TG_OK || err == TG_ERR_NOMEM || err == TG_ERR_DENIED);
        assert_true(err == TG_OK || !token.claims);
        tg_token_fini(&token);
        tg_auth_destroy(f->auth);
        f->auth = NULL;
    }
    assert_true(failures > 8 && failures < 20);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_token_is_judged_as_its_row_says),
        TEST(every_changed_character_breaks_the_token),
        TEST(claims_tenant_and_end_are_given),
        TEST(the_leeway_can_be_zero),
        TEST(exp_may_be_left_out_when_configured),
        TEST(another_kid_is_refused_when_one_is_configured),
        TEST(issuer_and_audience_are_asked_for_when_configured),
        TEST(a_short_secret_is_refused),
        TEST(without_keys_and_set_there_is_no_verifier),
        TEST(each_algorithm_is_verified_with_its_key_alone),
        TEST(a_key_is_bound_to_one_algorithm),
        TEST(a_bad_key_is_named),
        TEST(a_set_takes_the_place_of_the_one_before),
        TEST(a_bad_set_changes_nothing),
        TEST(the_configurations_keys_win_over_the_set),
        TEST(what_time_and_place_say_is_judged_each_time),
        TEST(only_verified_tokens_are_remembered),
        TEST(the_cache_can_be_off),
        TEST(each_failing_allocation_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
