/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/config_auth_keys.h"
#include "fake_memory.h"

struct fixture {
    struct tg_config_auth_keys keys;
    struct tg_errmsg msg;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.keys.count = 0};
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_config_auth_keys_fini(&f->keys);
    return f->keys.count == 0 ? 0 : -1;
}

static int set(struct fixture *f, const char *key, const char *value)
{
    f->msg = (struct tg_errmsg){0};
    return tg_config_auth_keys_set(&f->keys, key, tg_str_of(value), &f->msg);
}

static void each_part_of_each_key_is_set(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(set(f, "auth.keys[1].kid", "k1"), TG_OK);
    assert_int_equal(set(f, "auth.keys[1].alg", "HS256"), TG_OK);
    assert_int_equal(set(f, "auth.keys[1].secret", "first"), TG_OK);
    assert_int_equal(set(f, "auth.keys[1].secret", "second"), TG_OK);
    assert_int_equal(set(f, "auth.keys[2].public_key_file", "rsa.pem"), TG_OK);
    assert_int_equal(set(f, "auth.keys[3].public_key", "-----\nAA\r\n-----\n"), TG_OK);
    assert_int_equal(f->keys.count, 3);
    assert_string_equal(f->keys.items[0].kid, "k1");
    assert_string_equal(f->keys.items[0].secret, "second");
    assert_string_equal(f->keys.items[1].public_key_file, "rsa.pem");
    assert_string_equal(f->keys.items[2].public_key, "-----\nAA\r\n-----\n");
    assert_int_equal(tg_config_auth_keys_validate(&f->keys, &f->msg), TG_OK);
}

static void other_names_are_not_found(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = {
        "auth.keys",         "auth.keys[1]",     "auth.keys[1].",     "auth.keys[0].kid",
        "auth.keys[01].kid", "auth.keys[x].kid", "auth.keys[1].kids", "auth.keys[1].kid.x",
        "auth.keys[1]kid",   "auth.keys[1",      "auth.issuer",       ""};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_int_equal(set(f, names[i], "v"), TG_ERR_NOT_FOUND);
        assert_string_equal(f->msg.text, "");
    }
    assert_int_equal(f->keys.count, 0);
}

static void the_list_has_no_holes_and_16_keys_at_most(void **state)
{
    struct fixture *f = *state;
    char key[64];

    assert_int_equal(set(f, "auth.keys[2].kid", "k"), TG_ERR_INVALID);
    for (int i = 1; i <= TG_CONFIG_AUTH_KEYS_MAX; i++) {
        (void)snprintf(key, sizeof(key), "auth.keys[%d].secret", i);
        assert_int_equal(set(f, key, "s"), TG_OK);
    }
    assert_int_equal(set(f, "auth.keys[17].secret", "s"), TG_ERR_INVALID);
    assert_string_equal(f->msg.text, "auth.keys[17].secret: expected a list of at most 16 keys");
    assert_int_equal(set(f, "auth.keys[99999999999999999999].secret", "s"), TG_ERR_NOT_FOUND);
}

static void a_bad_value_changes_nothing_and_is_not_shown(void **state)
{
    struct fixture *f = *state;
    static const char *const bad[] = {"", "hush\nhush", "hush\x7f", "\x01hush"};

    assert_int_equal(set(f, "auth.keys[1].secret", "kept"), TG_OK);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(set(f, "auth.keys[1].secret", bad[i]), TG_ERR_INVALID);
        assert_null(strstr(f->msg.text, "hush"));
        assert_string_equal(f->keys.items[0].secret, "kept");
    }
    fake_memory_fail_after(0);
    assert_int_equal(set(f, "auth.keys[1].secret", "other"), TG_ERR_NOMEM);
    assert_true(fake_memory_heal());
    assert_string_equal(f->keys.items[0].secret, "kept");
}

static void a_key_is_one_of_secret_file_and_text(void **state)
{
    struct fixture *f = *state;

    assert_int_equal(set(f, "auth.keys[1].kid", "k"), TG_OK);
    assert_int_equal(tg_config_auth_keys_validate(&f->keys, &f->msg), TG_ERR_INVALID);
    assert_non_null(strstr(f->msg.text, "auth.keys[1]: "));
    assert_non_null(strstr(f->msg.text, "got none"));
    assert_int_equal(set(f, "auth.keys[1].secret", "hush"), TG_OK);
    assert_int_equal(tg_config_auth_keys_validate(&f->keys, &f->msg), TG_OK);
    assert_int_equal(set(f, "auth.keys[1].public_key_file", "f"), TG_OK);
    assert_int_equal(tg_config_auth_keys_validate(&f->keys, &f->msg), TG_ERR_INVALID);
    assert_non_null(strstr(f->msg.text, "got more"));
    assert_null(strstr(f->msg.text, "hush"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_part_of_each_key_is_set),
        TEST(other_names_are_not_found),
        TEST(the_list_has_no_holes_and_16_keys_at_most),
        TEST(a_bad_value_changes_nothing_and_is_not_shown),
        TEST(a_key_is_one_of_secret_file_and_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
