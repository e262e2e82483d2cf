/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "keeper/keeper.h"
#include "keeper/source.h"

struct fixture {
    struct tg_config config;
    struct tg_source sources[TG_DOCUMENT_COUNT];
    uint32_t count;
    struct tg_errmsg msg;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_int_equal(tg_config_init(&f->config), TG_OK);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_config_fini(&f->config);
    free(f);
    return 0;
}

static int list(struct fixture *f)
{
    return tg_source_list(&f->config, f->sources, &f->count, &f->msg);
}

static void set(struct fixture *f, const char *key, const char *value)
{
    assert_int_equal(tg_config_set(&f->config, key, tg_str_of(value), &f->msg), TG_OK);
}

static void nothing_is_kept_by_default(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(list(f), TG_OK);
    assert_int_equal(f->count, 0);
    assert_false(tg_keeper_is_needed(&f->config));
}

static void each_key_is_a_source(void **state)
{
    struct fixture *f = *state;

    set(f, "tenants.file", "tenants.lua");
    set(f, "auth.revocations", "revoked");
    set(f, "auth.jwks.file", "keys.json");
    assert_true(tg_keeper_is_needed(&f->config));
    assert_int_equal(list(f), TG_OK);
    assert_int_equal(f->count, 3);
    assert_int_equal(f->sources[0].document, TG_DOCUMENT_JWKS);
    assert_string_equal(f->sources[0].path, "keys.json");
    assert_int_equal(f->sources[1].document, TG_DOCUMENT_TENANTS);
    assert_string_equal(f->sources[1].key, "tenants.file");
    assert_int_equal(f->sources[2].document, TG_DOCUMENT_REVOCATIONS);
}

static void a_url_is_one_too(void **state)
{
    struct fixture *f = *state;

    set(f, "auth.jwks.url", "https://id.example/keys");
    set(f, "auth.jwks.ca_file", "ca.pem");
    assert_true(tg_keeper_is_needed(&f->config));
    assert_int_equal(list(f), TG_OK);
    assert_int_equal(f->count, 1);
    assert_null(f->sources[0].path);
    assert_string_equal(f->sources[0].url.host, "id.example");
    assert_string_equal(f->sources[0].ca_file, "ca.pem");
}

static void keys_come_over_tls_unless_said_otherwise(void **state)
{
    struct fixture *f = *state;

    set(f, "auth.jwks.url", "http://127.0.0.1:8000/keys");
    assert_int_equal(list(f), TG_OK);
    set(f, "auth.jwks.url", "http://id.example/keys");
    assert_int_equal(list(f), TG_ERR_INVALID);
    assert_non_null(strstr(f->msg.text, "auth.jwks.url: expected https://"));
    set(f, "auth.jwks.allow_http", "true");
    assert_int_equal(list(f), TG_OK);
    set(f, "auth.jwks.url", "id.example/keys");
    assert_int_equal(list(f), TG_ERR_INVALID);
    assert_string_equal(f->msg.text,
                        "auth.jwks.url: expected https://HOST/PATH or http://HOST/PATH");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_kept_by_default),
        TEST(each_key_is_a_source),
        TEST(a_url_is_one_too),
        TEST(keys_come_over_tls_unless_said_otherwise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
