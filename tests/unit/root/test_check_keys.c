/* SPDX-License-Identifier: MIT */
/* The files of src itself belong to the program and to no library: this test brings its own. */
/* NOLINTBEGIN(bugprone-suspicious-include) */
#include "check_keys.c"
/* NOLINTEND(bugprone-suspicious-include) */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct tg_config config;
    struct tg_errmsg msg;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    *state = &fixture;
    fixture.msg = (struct tg_errmsg){0};
    return tg_config_init(&fixture.config);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    tg_config_fini(&fixture->config);
    return 0;
}

static void set(struct fixture *fixture, const char *key, const char *value)
{
    assert_int_equal(tg_config_set(&fixture->config, key, tg_str_of(value), &fixture->msg), TG_OK);
}

static void without_keys_there_is_nothing_to_check(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(tg_check_keys(&fixture->config, &fixture->msg), TG_OK);
}

static void good_keys_are_good(void **state)
{
    struct fixture *fixture = *state;

    set(fixture, "auth.keys[1].secret", "0123456789abcdef0123456789abcdef");
    assert_int_equal(tg_check_keys(&fixture->config, &fixture->msg), TG_OK);
}

static void a_bad_key_is_told_in_words(void **state)
{
    struct fixture *fixture = *state;

    set(fixture, "auth.keys[1].secret", "0123456789abcdef0123456789abcdef");
    set(fixture, "auth.keys[2].alg", "RS256");
    set(fixture, "auth.keys[2].public_key",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n"
        "-----END PRIVATE KEY-----\n");
    assert_int_equal(tg_check_keys(&fixture->config, &fixture->msg), TG_ERR_INVALID);
    assert_ptr_equal(strstr(fixture->msg.text, "auth.keys[2].public_key: expected a public key"),
                     fixture->msg.text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(without_keys_there_is_nothing_to_check),
        TEST(good_keys_are_good),
        TEST(a_bad_key_is_told_in_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
