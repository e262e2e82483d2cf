/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "jose/algorithm.h"

static void each_name_is_found_and_told_in_messages(void **state)
{
    struct tg_str names = TG_STR("HS256 HS384 HS512 RS256 RS384 RS512 ES256 ES384 ES512");

    (void)state;
    while (names.at) {
        struct tg_str name = tg_str_split(&names, ' ');
        const struct tg_algorithm *found = tg_algorithm_find(name);
        assert_non_null(found);
        assert_true(tg_str_is(tg_str_of(found->name), name));
        assert_non_null(strstr(TG_ALGORITHM_NAMES, found->name));
    }
}

static void none_and_other_spellings_are_no_algorithm(void **state)
{
    static const char *const others[] = {"none",   "NONE",   "None",  "",      "hs256", "HS25",
                                         "HS256 ", "HS2566", "PS256", "EdDSA", "ES256K"};

    (void)state;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        assert_null(tg_algorithm_find(tg_str_of(others[i])));
    }
    assert_null(tg_algorithm_find(tg_str("HS256\0", 6)));
    assert_null(tg_algorithm_find(tg_str(NULL, 0)));
}

static void a_curve_means_one_algorithm(void **state)
{
    (void)state;
    assert_string_equal(tg_algorithm_of_curve(TG_STR("P-256"))->name, "ES256");
    assert_string_equal(tg_algorithm_of_curve(TG_STR("P-384"))->name, "ES384");
    assert_string_equal(tg_algorithm_of_curve(TG_STR("P-521"))->name, "ES512");
    assert_null(tg_algorithm_of_curve(TG_STR("secp256k1")));
    assert_null(tg_algorithm_of_curve(TG_STR("")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_name_is_found_and_told_in_messages),
        cmocka_unit_test(none_and_other_spellings_are_no_algorithm),
        cmocka_unit_test(a_curve_means_one_algorithm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
