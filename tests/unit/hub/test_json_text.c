/* SPDX-License-Identifier: MIT */
#include "hub/json_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { EDGES = 16 };

/* The UTF-8 of any number below 2^21, surrogates too, by RFC 3629 section 3. */
static size_t encode(uint32_t point, char out[4])
{
    size_t length = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    static const uint8_t head[] = {0, 0x00, 0xC0, 0xE0, 0xF0};

    for (size_t i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (point & 0x3F));
        point >>= 6;
    }
    out[0] = (char)(head[length] | point);
    return length;
}

static void every_code_point_but_surrogates_is_a_sequence(void **state)
{
    char octets[4];

    (void)state;
    for (uint32_t point = 0; point < 0x200000; point++) {
        size_t length = encode(point, octets);
        bool is_good = point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF);
        assert_int_equal(tg_json_text_sequence(octets, octets + length), is_good ? length : 0);
        for (size_t cut = 1; cut < length; cut++) {
            assert_int_equal(tg_json_text_sequence(octets, octets + cut), 0);
        }
    }
}

/* The length that the octets would have as the UTF-8 of the point that they spell, were they the
 * right ones: a decoder without the table of RFC 3629. */
static size_t sequence_by_decoding(const uint8_t octets[4])
{
    size_t length = octets[0] < 0x80             ? 1
                    : (octets[0] & 0xE0) == 0xC0 ? 2
                    : (octets[0] & 0xF0) == 0xE0 ? 3
                    : (octets[0] & 0xF8) == 0xF0 ? 4
                                                 : 0;
    uint32_t point = length < 2 ? octets[0] : octets[0] & (0x7Fu >> length);
    char again[4];

    if (length == 0) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        point = point << 6 | (octets[i] & 0x3F);
    }
    return point <= 0x10FFFF && (point < 0xD800 || point > 0xDFFF) &&
                   encode(point, again) == length && memcmp(again, octets, length) == 0
               ? length
               : 0;
}

static void every_start_of_four_octets_is_judged_as_by_decoding(void **state)
{
    static const uint8_t edges[EDGES] = {0x00, 0x28, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0,
                                         0xBF, 0xC0, 0xC2, 0xE0, 0xED, 0xF0, 0xF4, 0xFF};

    (void)state;
    for (unsigned first = 0; first < 0x100; first++) {
        for (unsigned second = 0; second < 0x100; second++) {
            for (size_t i = 0; i < (size_t)EDGES * EDGES; i++) {
                uint8_t octets[4] = {(uint8_t)first, (uint8_t)second, edges[i / EDGES],
                                     edges[i % EDGES]};
                const char *at = (const char *)octets;
                assert_int_equal(tg_json_text_sequence(at, at + 4), sequence_by_decoding(octets));
            }
        }
    }
}

static void an_octet_that_is_not_plain_is_found_at_every_place(void **state)
{
    (void)state;
    for (size_t length = 0; length <= 24; length++) {
        for (size_t place = 0; place < length; place++) {
            for (int octet = 0; octet < 0x100; octet++) {
                bool is_plain = octet >= 0x20 && octet < 0x80 && octet != '"' && octet != '\\';
                char *text = malloc(length);
                assert_non_null(text);
                memset(text, 'x', length);
                text[place] = (char)octet;
                /* What follows must not hide or forge the first. */
                if (place + 1 < length) {
                    text[place + 1] = '\x01';
                }
                const char *found = tg_json_text_plain_end(text, text + length);
                size_t expected = !is_plain ? place : place + 1;
                assert_int_equal(found - text, expected);
                free(text);
            }
        }
    }
}

/* Blocks of just the size, so that a sanitizer sees what is touched beyond. */
static void plain_octets_are_copied_up_to_the_first_other(void **state)
{
    static const char others[] = {'"', '\\', '\0', '\x1F', '\n', (char)0x80, (char)0xFF};

    (void)state;
    for (size_t length = 1; length <= 20; length++) {
        char *text = malloc(length);
        char *out = malloc(length + TG_JSON_TEXT_SLACK);
        assert_true(text && out);
        for (size_t place = 0; place <= length; place++) {
            for (size_t i = 0; i < sizeof(others); i++) {
                for (size_t k = 0; k < length; k++) {
                    text[k] = (char)(k % 2 ? '~' : ' ' + (char)k);
                }
                text[length > 2 ? 2 : 0] = 'b';
                if (place < length) {
                    text[place] = others[i];
                }
                assert_int_equal(tg_json_text_copy_plain(text, length, out), place);
                assert_memory_equal(out, text, place);
            }
        }
        free(text);
        free(out);
    }
    assert_int_equal(tg_json_text_copy_plain(NULL, 0, NULL), 0);
}

static void eight_digits_are_told_and_read_at_once(void **state)
{
    char text[9];

    (void)state;
    for (uint32_t value = 0; value < 100000000; value += 12347) {
        uint64_t word;
        (void)snprintf(text, sizeof(text), "%08u", (unsigned)value);
        memcpy(&word, text, sizeof(word));
        assert_true(tg_json_text_are_digits(word));
        assert_int_equal(tg_json_text_number(le64toh(word)), value);
    }
    for (int octet = 0; octet < 0x100; octet++) {
        for (size_t place = 0; place < 8; place++) {
            for (int others = 0; others < 2; others++) {
                uint64_t word;
                memset(text, others ? '9' : '0', 8);
                text[place] = (char)octet;
                memcpy(&word, text, sizeof(word));
                assert_int_equal(tg_json_text_are_digits(word), octet >= '0' && octet <= '9');
            }
        }
    }
}

static void a_clean_run_ends_at_the_first_octet_to_escape_or_to_refuse(void **state)
{
    static const struct {
        const char *text;
        size_t clean;
    } rows[] = {{"", 0},
                {"abc", 3},
                {"\xC3\xBC"
                 "ber",
                 5},
                {"12345678\xE2\x82\xAC"
                 "12345678\"",
                 19},
                {"\xF0\x9F\x98\x80\xF0\x9F\x98\x80\n", 8},
                {"\xC3\xBC\xFF", 2},
                {"\xC3", 0},
                {"a\xE2\x82", 1},
                {"\xED\xA0\x80", 0}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *end = rows[i].text + strlen(rows[i].text);
        assert_int_equal(tg_json_text_clean_end(rows[i].text, end) - rows[i].text, rows[i].clean);
    }
}

static void assert_escaped(struct tg_str text, const char *expected)
{
    char out[128];
    size_t length = (size_t)(tg_json_text_escape(text, out) - out);

    assert_int_equal(length, strlen(expected));
    assert_memory_equal(out, expected, length);
    assert_int_equal(tg_json_text_escaped_length(text), length);
}

static void escapes_are_the_short_ones_where_there_are(void **state)
{
    (void)state;
    assert_escaped(TG_STR("\b\t\n\f\r\"\\/"), "\\b\\t\\n\\f\\r\\\"\\\\/");
    assert_escaped(TG_STR("\0\x01\x1f\x7f"), "\\u0000\\u0001\\u001f\x7f");
    assert_escaped(TG_STR("plain \xC3\xBC\xF0\x9F\x98\x80"), "plain \xC3\xBC\xF0\x9F\x98\x80");
    assert_escaped(tg_str(NULL, 0), "");
}

static void an_octet_that_is_not_utf8_becomes_the_replacement_character(void **state)
{
    (void)state;
    assert_escaped(TG_STR("a\xFF"
                          "b"),
                   "a\xEF\xBF\xBD"
                   "b");
    assert_escaped(TG_STR("\xC3"), "\xEF\xBF\xBD");
    assert_escaped(TG_STR("\xE2\x82\""), "\xEF\xBF\xBD\xEF\xBF\xBD\\\"");
}

static void utf8_is_told_from_what_is_not(void **state)
{
    (void)state;
    assert_true(tg_json_text_is_utf8(tg_str(NULL, 0)));
    assert_true(tg_json_text_is_utf8(TG_STR("a\"\\\n\0\x7f\xC3\xBC")));
    assert_false(tg_json_text_is_utf8(TG_STR("a\"\xC3")));
    assert_false(tg_json_text_is_utf8(TG_STR("\n\xED\xA0\x80")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_but_surrogates_is_a_sequence),
        cmocka_unit_test(every_start_of_four_octets_is_judged_as_by_decoding),
        cmocka_unit_test(an_octet_that_is_not_plain_is_found_at_every_place),
        cmocka_unit_test(plain_octets_are_copied_up_to_the_first_other),
        cmocka_unit_test(eight_digits_are_told_and_read_at_once),
        cmocka_unit_test(a_clean_run_ends_at_the_first_octet_to_escape_or_to_refuse),
        cmocka_unit_test(escapes_are_the_short_ones_where_there_are),
        cmocka_unit_test(an_octet_that_is_not_utf8_becomes_the_replacement_character),
        cmocka_unit_test(utf8_is_told_from_what_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
