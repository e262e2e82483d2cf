/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fake_memory.h"
#include "jose/key_set.h"

static const char secret[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

static int tear_down(void **state)
{
    tg_key_set_fini(*state);
    return 0;
}

static int set_up(void **state)
{
    static struct tg_key_set set;

    set = (struct tg_key_set){0};
    *state = &set;
    return 0;
}

static int add(struct tg_key_set *set, const char *alg, const char *kid)
{
    struct tg_errmsg msg = {0};
    struct tg_key key;

    assert_int_equal(tg_key_init_secret(&key, tg_algorithm_find(tg_str_of(alg)), tg_str_of(kid),
                                        tg_str_of(secret), &msg),
                     TG_OK);
    int err = tg_key_set_add(set, &key);
    assert_true(err == TG_OK ? !key.text : key.text != NULL);
    tg_key_fini(&key);
    return err;
}

/* The number of the key that is chosen, from 1 on; 0 and why: none. */
static uint32_t find(const struct tg_key_set *set, const char *alg, const char *kid,
                     const char **why)
{
    const struct tg_key *key = tg_key_set_find(set, tg_str_of(alg), tg_str_of(kid), why);

    return key ? (uint32_t)(key - set->keys) + 1 : 0;
}

static void a_kid_chooses_its_key_and_no_other_algorithm(void **state)
{
    struct tg_key_set *set = *state;
    const char *why;

    assert_int_equal(add(set, "HS256", "a"), TG_OK);
    assert_int_equal(add(set, "HS256", "b"), TG_OK);
    assert_int_equal(add(set, "HS512", "c"), TG_OK);
    assert_int_equal(find(set, "HS256", "a", &why), 1);
    assert_int_equal(find(set, "HS256", "b", &why), 2);
    assert_int_equal(find(set, "HS256", "c", &why), 0);
    assert_string_equal(why, "alg");
    assert_int_equal(find(set, "HS256", "d", &why), 0);
    assert_string_equal(why, "kid");
    assert_int_equal(find(set, "none", "a", &why), 0);
    assert_string_equal(why, "alg");
}

static void without_kid_the_only_key_of_the_algorithm_is_meant(void **state)
{
    struct tg_key_set *set = *state;
    const char *why;

    assert_int_equal(find(set, "HS256", NULL, &why), 0);
    assert_string_equal(why, "alg");
    assert_int_equal(add(set, "HS256", "a"), TG_OK);
    assert_int_equal(add(set, "HS512", NULL), TG_OK);
    assert_int_equal(find(set, "HS256", NULL, &why), 1);
    assert_int_equal(find(set, "HS512", NULL, &why), 2);
    assert_int_equal(find(set, "HS384", NULL, &why), 0);
    assert_string_equal(why, "alg");
    assert_int_equal(add(set, "HS256", NULL), TG_OK);
    assert_int_equal(find(set, "HS256", NULL, &why), 0);
    assert_string_equal(why, "kid");
}

static void a_key_without_kid_takes_any(void **state)
{
    struct tg_key_set *set = *state;
    const char *why;

    assert_int_equal(add(set, "HS256", NULL), TG_OK);
    assert_int_equal(add(set, "HS256", "b"), TG_OK);
    assert_int_equal(find(set, "HS256", "x", &why), 1);
    assert_int_equal(find(set, "HS256", "b", &why), 2);
    assert_int_equal(find(set, "HS512", "x", &why), 0);
    assert_string_equal(why, "kid");
    assert_int_equal(add(set, "HS256", NULL), TG_OK);
    assert_int_equal(find(set, "HS256", "x", &why), 0);
    assert_string_equal(why, "kid");
}

static void a_kid_is_there_once_and_the_set_is_bounded(void **state)
{
    struct tg_key_set *set = *state;
    char kid[16];

    for (uint32_t i = 0; i < TG_KEY_SET_MAX; i++) {
        (void)snprintf(kid, sizeof(kid), "k%u", i);
        assert_int_equal(add(set, "HS256", kid), TG_OK);
        assert_int_equal(add(set, "HS512", kid),
                         i + 1 < TG_KEY_SET_MAX ? TG_ERR_EXISTS : TG_ERR_FULL);
    }
    assert_int_equal(add(set, "HS256", NULL), TG_ERR_FULL);
    assert_true(tg_key_set_has_kid(set, TG_STR("k79")));
    assert_false(tg_key_set_has_kid(set, TG_STR("k80")));
}

static void each_failing_allocation_of_a_copy_leaves_whole_keys(void **state)
{
    struct tg_key_set *set = *state;
    uint32_t failures = 0;

    assert_int_equal(add(set, "HS256", "a"), TG_OK);
    assert_int_equal(add(set, "HS512", NULL), TG_OK);
    for (uint32_t n = 0; n < 10; n++) {
        struct tg_key_set copy = {0};
        fake_memory_fail_after(n);
        int err = tg_key_set_add_all(&copy, set);
        bool has_failed = fake_memory_heal();
        failures += has_failed ? 1 : 0;
        assert_int_equal(err, has_failed ? TG_ERR_NOMEM : TG_OK);
        assert_true(copy.count == 2 || has_failed);
        for (uint32_t i = 0; i < copy.count; i++) {
            assert_memory_equal(copy.keys[i].text, secret, copy.keys[i].length);
        }
        tg_key_set_fini(&copy);
    }
    assert_int_equal(failures, 6);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_kid_chooses_its_key_and_no_other_algorithm),
        TEST(without_kid_the_only_key_of_the_algorithm_is_meant),
        TEST(a_key_without_kid_takes_any),
        TEST(a_kid_is_there_once_and_the_set_is_bounded),
        TEST(each_failing_allocation_of_a_copy_leaves_whole_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
