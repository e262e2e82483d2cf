/* SPDX-License-Identifier: MIT */
#include "fake_house.h"

#include <stdlib.h>

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

    /* Not through tg_config_set, which may refuse it first. */
    free(f->config.auth_secret);
    f->config.auth_secret = strdup("short");
    assert_int_equal(tg_auth_create(&f->config, &f->auth, &f->msg), TG_ERR_INVALID);
    assert_null(f->auth);
    assert_non_null(strstr(f->msg.text, "auth.keys[1].secret"));
    assert_null(strstr(f->msg.text, "\"short\""));
}

static void without_a_secret_there_is_no_verifier(void **state)
{
    struct fixture *f = *state;

    free(f->config.auth_secret);
    f->config.auth_secret = NULL;
    assert_int_equal(tg_auth_create(&f->config, &f->auth, &f->msg), TG_OK);
    assert_null(f->auth);
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
        TEST(without_a_secret_there_is_no_verifier),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
