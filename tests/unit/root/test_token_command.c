/* SPDX-License-Identifier: MIT */
/* The files of src itself belong to the program and to no library: this test brings its own. */
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "token_command.c"

#include "key_files.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "hub/auth.h"

static const uint64_t now_ms = 1700000000123;
static const char secret[] = "0123456789abcdef0123456789abcdef";

struct fixture {
    struct tg_config config;
    struct tg_token_options options;
    struct tg_errmsg msg;
    char *token;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.token = NULL};
    *state = &fixture;
    return tg_config_init(&fixture.config);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    free(f->token);
    tg_config_fini(&f->config);
    (void)unsetenv("A_SECRET_OF_THIS_TEST");
    return 0;
}

static void set(struct fixture *f, const char *key, const char *value)
{
    assert_int_equal(tg_config_set(&f->config, key, tg_str_of(value), &f->msg), TG_OK);
}

static int run(struct fixture *f)
{
    free(f->token);
    f->msg = (struct tg_errmsg){0};
    return tg_token_command_run(&f->config, &f->options, now_ms, &f->token, &f->msg);
}

/* The server with the same configuration takes the token, and sees these claims. */
static void expect_claims(struct fixture *f, const char *claims)
{
    struct tg_auth *auth;
    struct tg_token token;
    const char *why;

    if (run(f) != TG_OK) {
        fail_msg("%s", f->msg.text);
    }
    assert_int_equal(tg_auth_create(&f->config, &auth, &f->msg), TG_OK);
    if (tg_auth_verify(auth, tg_str_of(f->token), now_ms, &token, &why) != TG_OK) {
        fail_msg("refused: %s", why);
    }
    assert_string_equal(token.claims, claims);
    tg_token_fini(&token);
    tg_auth_destroy(auth);
}

static void expect_refused(struct fixture *f, const char *message)
{
    assert_true(run(f) < 0);
    assert_null(f->token);
    assert_null(strstr(f->msg.text, secret));
    if (!strstr(f->msg.text, message)) {
        fail_msg("\"%s\" does not say \"%s\"", f->msg.text, message);
    }
}

static void the_configurations_first_key_signs(void **state)
{
    struct fixture *f = *state;

    set(f, "auth.keys[1].secret", secret);
    expect_claims(f, "{\"exp\":1700003600,\"iat\":1700000000}");
    set(f, "auth.keys[1].kid", "k1");
    set(f, "auth.issuer", "https://id.example");
    set(f, "auth.audience", "tidegate");
    set(f, "tenants.claim", "org");
    f->options.sub = "al\"ice\n";
    f->options.tenant = "acme";
    f->options.jti = "t-1";
    f->options.expires = "5m";
    expect_claims(f, "{\"aud\":\"tidegate\",\"exp\":1700000300,\"iat\":1700000000,"
                     "\"iss\":\"https://id.example\",\"jti\":\"t-1\",\"org\":\"acme\","
                     "\"sub\":\"al\\\"ice\\n\"}");
}

static void claims_say_more_and_otherwise(void **state)
{
    struct fixture *f = *state;

    set(f, "auth.keys[1].secret", secret);
    set(f, "auth.require_exp", "false");
    f->options.expires = "never";
    f->options.claims[0] = "iat=1";
    f->options.claims[1] = "roles=[\"a\",{\"b\":null}]";
    f->options.claims[2] = "eq==";
    f->options.claim_count = 2;
    expect_claims(f, "{\"iat\":1,\"roles\":[\"a\",{\"b\":null}]}");
    f->options.claim_count = 3;
    expect_refused(f, "--claim: eq: expected JSON");
    f->options.claims[1] = "exp=1700000500";
    f->options.claim_count = 2;
    f->options.expires = "1h";
    expect_claims(f, "{\"exp\":1700000500,\"iat\":1}");
}

static void what_no_server_takes_is_refused(void **state)
{
    struct fixture *f = *state;

    set(f, "auth.keys[1].secret", secret);
    f->options.claim_count = 1;
    f->options.sub = "alice";
    f->options.claims[0] = "sub=\"bob\"";
    expect_refused(f, "payload");
    f->options.claims[0] = "exp=\"soon\"";
    expect_refused(f, "exp");
    f->options.claims[0] = "a=[1";
    expect_refused(f, "--claim: a: expected JSON");
    f->options.claim_count = 0;
    f->options.expires = "soon";
    expect_refused(f, "--expires: expected a duration");
    f->options.expires = NULL;
    f->options.alg = "none";
    expect_refused(f, "--alg: expected HS256");
    f->options.alg = "HS512";
    expect_refused(f, "secret: expected at least 64 octets");
    f->options.alg = NULL;
    set(f, "limits.token_bytes", "64");
    expect_refused(f, "limits.token_bytes");
}

static void a_key_has_one_source(void **state)
{
    struct fixture *f = *state;

    expect_refused(f, "no key to sign with");
    f->options.secret_env = "A_SECRET_OF_THIS_TEST";
    expect_refused(f, "--secret-env: A_SECRET_OF_THIS_TEST is not set");
    (void)setenv("A_SECRET_OF_THIS_TEST", secret, 1);
    assert_int_equal(run(f), TG_OK);
    set(f, "auth.keys[1].secret", secret);
    expect_claims(f, "{\"exp\":1700003600,\"iat\":1700000000}");
    f->options.key_file = "/nowhere/key.pem";
    expect_refused(f, "expected one of");
    f->options.secret_env = NULL;
    expect_refused(f, "--key-file: /nowhere/key.pem: cannot be opened");
    f->options.key_file = NULL;
    f->options.secret_file = "/nowhere/secret";
    expect_refused(f, "--secret-file: /nowhere/secret: cannot be opened");
}

static void a_secrets_file_may_end_with_a_newline(void **state)
{
    struct fixture *f = *state;
    char path[] = "/tmp/tidegate-test-XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(dprintf(fd, "%s\n", secret), sizeof(secret));
    assert_int_equal(close(fd), 0);
    f->options.secret_file = path;
    set(f, "auth.keys[1].secret", secret);
    expect_claims(f, "{\"exp\":1700003600,\"iat\":1700000000}");
    assert_int_equal(unlink(path), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_configurations_first_key_signs),    TEST(claims_say_more_and_otherwise),
        TEST(what_no_server_takes_is_refused),       TEST(a_key_has_one_source),
        TEST(a_secrets_file_may_end_with_a_newline),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
