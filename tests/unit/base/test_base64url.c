/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base64url.h"
#include "base/err.h"
#include "base/rand.h"

static void the_rfcs_vectors_decode(void **state)
{
    static const char *const rows[][2] = {
        {"", ""},           {"Zg", "f"},          {"Zm8", "fo"},         {"Zm9v", "foo"},
        {"Zm9vYg", "foob"}, {"Zm9vYmE", "fooba"}, {"Zm9vYmFy", "foobar"}};
    char out[16];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tg_str text = tg_str_of(rows[i][0]);
        int length = tg_base64url_decode(text, out);
        assert_int_equal(length, strlen(rows[i][1]));
        assert_int_equal(tg_base64url_bytes(text.length), length);
        assert_memory_equal(out, rows[i][1], (size_t)length);
    }
}

static void other_texts_are_refused(void **state)
{
    static const char *const bad[] = {"A",   "Zg==", "Zm8=", "Zm9+", "Zm9/", "Zh",
                                      "Zm9", " Zg",  "Zg ",  "Z\ng", "AAAAA"};
    char out[16];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(tg_base64url_decode(tg_str_of(bad[i]), out), TG_ERR_SYNTAX);
    }
}

static size_t encode(const uint8_t *octets, size_t length, char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    size_t written = 0;

    for (size_t bit = 0; bit < length * 8; bit += 6) {
        unsigned value = 0;
        for (size_t i = bit; i < bit + 6; i++) {
            unsigned octet = i < length * 8 ? octets[i / 8] : 0;
            unsigned one = octet >> (7 - i % 8) & 1u;
            value = value << 1 | one;
        }
        out[written++] = digits[value];
    }
    return written;
}

static void whatever_is_encoded_decodes_to_itself(void **state)
{
    uint8_t octets[40];
    char text[60];
    char back[60];
    struct tg_rand rand;

    (void)state;
    tg_rand_seed(&rand, 5);
    for (int i = 0; i < 20000; i++) {
        size_t length = tg_rand_below(&rand, sizeof(octets));
        for (size_t k = 0; k < length; k++) {
            octets[k] = (uint8_t)tg_rand_next(&rand);
        }
        size_t written = encode(octets, length, text);
        assert_int_equal(tg_base64url_decode(tg_str(text, written), back), length);
        assert_memory_equal(back, octets, length);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rfcs_vectors_decode),
        cmocka_unit_test(other_texts_are_refused),
        cmocka_unit_test(whatever_is_encoded_decodes_to_itself),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
