/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "jose/hmac.h"

/* RFC 4231, test cases 2 and 6: a short key, and one that is longer than the digest's block. */
static const char short_key[] = "Jefe";
static const char short_message[] = "what do ya want for nothing?";
static const char long_message[] = "Test Using Larger Than Block-Size Key - Hash Key First";
enum { LONG_KEY_BYTES = 131 };

static const struct {
    size_t digest_bytes;
    const char *of_short_key;
    const char *of_long_key;
} cases[] = {
    {32,
     "\x5b\xdc\xc1\x46\xbf\x60\x75\x4e\x6a\x04\x24\x26\x08\x95\x75\xc7\x5a\x00\x3f\x08\x9d\x27\x39"
     "\x83\x9d\xec\x58\xb9\x64\xec\x38\x43",
     "\x60\xe4\x31\x59\x1e\xe0\xb6\x7f\x0d\x8a\x26\xaa\xcb\xf5\xb7\x7f\x8e\x0b\xc6\x21\x37\x28\xc5"
     "\x14\x05\x46\x04\x0f\x0e\xe3\x7f\x54"},
    {48,
     "\xaf\x45\xd2\xe3\x76\x48\x40\x31\x61\x7f\x78\xd2\xb5\x8a\x6b\x1b\x9c\x7e\xf4\x64\xf5\xa0\x1b"
     "\x47\xe4\x2e\xc3\x73\x63\x22\x44\x5e\x8e\x22\x40\xca\x5e\x69\xe2\xc7\x8b\x32\x39\xec\xfa\xb2"
     "\x16\x49",
     "\x4e\xce\x08\x44\x85\x81\x3e\x90\x88\xd2\xc6\x3a\x04\x1b\xc5\xb4\x4f\x9e\xf1\x01\x2a\x2b\x58"
     "\x8f\x3c\xd1\x1f\x05\x03\x3a\xc4\xc6\x0c\x2e\xf6\xab\x40\x30\xfe\x82\x96\x24\x8d\xf1\x63\xf4"
     "\x49\x52"},
    {64,
     "\x16\x4b\x7a\x7b\xfc\xf8\x19\xe2\xe3\x95\xfb\xe7\x3b\x56\xe0\xa3\x87\xbd\x64\x22\x2e\x83\x1f"
     "\xd6\x10\x27\x0c\xd7\xea\x25\x05\x54\x97\x58\xbf\x75\xc0\x5a\x99\x4a\x6d\x03\x4f\x65\xf8\xf0"
     "\xe6\xfd\xca\xea\xb1\xa3\x4d\x4a\x6b\x4b\x63\x6e\x07\x0a\x38\xbc\xe7\x37",
     "\x80\xb2\x42\x63\xc7\xc1\xa3\xeb\xb7\x14\x93\xc1\xdd\x7b\xe8\xb4\x9b\x46\xd1\xf4\x1b\x4a\xee"
     "\xc1\x12\x1b\x01\x37\x83\xf8\xf3\x52\x6b\x56\xd0\x37\xe0\x5f\x25\x98\xbd\x0f\xd2\x21\x5d\x6a"
     "\x1e\x52\x95\xe6\x4f\x73\xf6\x3f\x0a\xec\x8b\x91\x5a\x98\x5d\x78\x65\x98"},
};

static void the_standards_examples_hold_again_and_again(void **state)
{
    char long_key[LONG_KEY_BYTES];

    (void)state;
    memset(long_key, 0xaa, sizeof(long_key));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t bytes = cases[i].digest_bytes;
        struct tg_hmac *by_short = tg_hmac_create(bytes, tg_str_of(short_key));
        struct tg_hmac *by_long = tg_hmac_create(bytes, tg_str(long_key, sizeof(long_key)));
        assert_non_null(by_short);
        assert_non_null(by_long);
        for (int round = 0; round < 3; round++) {
            assert_true(tg_hmac_is(by_short, tg_str_of(short_message),
                                   tg_str(cases[i].of_short_key, bytes)));
            assert_true(
                tg_hmac_is(by_long, tg_str_of(long_message), tg_str(cases[i].of_long_key, bytes)));
            assert_false(
                tg_hmac_is(by_short, tg_str_of(long_message), tg_str(cases[i].of_long_key, bytes)));
        }
        tg_hmac_destroy(by_short);
        tg_hmac_destroy(by_long);
    }
    tg_hmac_destroy(NULL);
}

static void a_code_that_differs_anywhere_is_wrong(void **state)
{
    char code[32];
    struct tg_hmac *hmac = tg_hmac_create(32, tg_str_of(short_key));

    (void)state;
    assert_non_null(hmac);
    memcpy(code, cases[0].of_short_key, sizeof(code));
    for (size_t i = 0; i < sizeof(code); i++) {
        code[i] ^= 1;
        assert_false(tg_hmac_is(hmac, tg_str_of(short_message), tg_str(code, sizeof(code))));
        code[i] ^= 1;
        assert_false(tg_hmac_is(hmac, tg_str_of(short_message), tg_str(code, i)));
    }
    assert_true(tg_hmac_is(hmac, tg_str_of(short_message), tg_str(code, sizeof(code))));
    tg_hmac_destroy(hmac);
}

static void a_copy_outlives_what_it_was_copied_from(void **state)
{
    struct tg_hmac *hmac = tg_hmac_create(32, tg_str_of(short_key));
    struct tg_str code = tg_str(cases[0].of_short_key, 32);

    (void)state;
    assert_non_null(hmac);
    assert_true(tg_hmac_is(hmac, tg_str_of(short_message), code));
    struct tg_hmac *copy = tg_hmac_copy(hmac);
    assert_non_null(copy);
    tg_hmac_destroy(hmac);
    assert_true(tg_hmac_is(copy, tg_str_of(short_message), code));
    assert_false(tg_hmac_is(copy, tg_str_of(long_message), code));
    tg_hmac_destroy(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_standards_examples_hold_again_and_again),
        cmocka_unit_test(a_code_that_differs_anywhere_is_wrong),
        cmocka_unit_test(a_copy_outlives_what_it_was_copied_from),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
