/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/log.h"
#include "base/rand.h"

static const char LOG_MODULE[] = "here";

struct fixture {
    char line[9000];
    size_t length;
    int lines;
    enum tg_log_level level;
};

static void on_line(void *self, enum tg_log_level level, struct tg_str line)
{
    struct fixture *f = self;

    assert_true(line.length < sizeof(f->line));
    memcpy(f->line, line.at, line.length);
    f->line[line.length] = '\0';
    f->length = line.length;
    f->level = level;
    f->lines++;
}

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    tg_log_set_sink(on_line, f);
    tg_log_set_level(TG_LOG_LEVEL_INFO);
    tg_log_set_process("worker-1");
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    tg_log_set_sink(NULL, NULL);
    tg_log_set_level(TG_LOG_LEVEL_INFO);
    free(*state);
    return 0;
}

/* What stands behind "2026-11-23T16:12:05.123Z ". */
static const char *after_stamp(const struct fixture *f)
{
    static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ ";

    for (size_t i = 0; form[i]; i++) {
        bool is_digit = f->line[i] >= '0' && f->line[i] <= '9';
        assert_true(form[i] == 'd' ? is_digit : f->line[i] == form[i]);
    }
    return f->line + sizeof(form) - 1;
}

static void a_line_has_time_level_process_module_keys_and_message(void **state)
{
    struct fixture *f = *state;

    TG_LOG_WARN("connection closed", "conn=%d reason=%s", 7, "idle");
    assert_int_equal(f->level, TG_LOG_LEVEL_WARN);
    assert_string_equal(after_stamp(f),
                        "warn worker-1 here conn=7 reason=idle \"connection closed\"");
}

static void a_line_without_keys_has_no_gap(void **state)
{
    struct fixture *f = *state;
    const char *nothing = "";

    TG_LOG_INFO("ready", "%s", nothing);
    assert_string_equal(after_stamp(f), "info worker-1 here \"ready\"");
}

static void levels_below_the_chosen_one_are_silent(void **state)
{
    struct fixture *f = *state;

    TG_LOG_DEBUG("not told", "a=%d", 1);
    assert_int_equal(f->lines, 0);
    assert_false(tg_log_is_on(TG_LOG_LEVEL_DEBUG));
    tg_log_set_level(TG_LOG_LEVEL_DEBUG);
    TG_LOG_DEBUG("told", "a=%d", 1);
    assert_int_equal(f->lines, 1);
    tg_log_set_level(TG_LOG_LEVEL_ERROR);
    TG_LOG_WARN("not told", "a=%d", 1);
    TG_LOG_ERROR("told", "a=%d", 1);
    assert_int_equal(f->lines, 2);
}

static void too_many_keys_are_cut_and_the_message_stays(void **state)
{
    struct fixture *f = *state;
    static const char tail[] = "xxx \"the whole message\"";
    char large[10000];

    memset(large, 'x', sizeof(large) - 1);
    large[sizeof(large) - 1] = '\0';
    TG_LOG_INFO("the whole message", "key=%s", large);
    assert_int_equal(f->lines, 1);
    assert_true(f->length < 8192);
    assert_string_equal(f->line + f->length - (sizeof(tail) - 1), tail);
}

static void a_line_of_every_length_is_written_whole(void **state)
{
    struct fixture *f = *state;
    char text[8300];

    memset(text, 'x', sizeof(text));
    for (int length = 8000; length < 8300; length++) {
        TG_LOG_INFO("end", "k=%.*s", length, text);
        assert_string_equal(f->line + f->length - 6, "x \"end\"" + 1);
        assert_null(strchr(f->line, '\n'));
    }
}

static void the_name_of_the_process_is_cut(void **state)
{
    struct fixture *f = *state;

    tg_log_set_process("a-name-of-more-than-thirty-one-octets");
    TG_LOG_INFO("x", "a=%d", 1);
    assert_string_equal(after_stamp(f), "info a-name-of-more-than-thirty-one- here a=1 \"x\"");
}

static void levels_are_known_by_name(void **state)
{
    static const char *const names[] = {"error", "warn", "info", "debug"};
    enum tg_log_level level = TG_LOG_LEVEL_INFO;

    (void)state;
    for (int i = 0; i < 4; i++) {
        assert_int_equal(tg_log_level_parse(tg_str_of(names[i]), &level), TG_OK);
        assert_int_equal(level, i);
    }
    assert_int_equal(tg_log_level_parse(TG_STR("Info"), &level), TG_ERR_INVALID);
    assert_int_equal(tg_log_level_parse(TG_STR(""), &level), TG_ERR_INVALID);
    assert_int_equal(level, TG_LOG_LEVEL_DEBUG);
}

static void assert_quoted(struct tg_str text, const char *expected)
{
    char out[64];

    assert_string_equal(tg_log_quote(out, sizeof(out), text), expected);
}

static void plain_text_needs_no_quotes(void **state)
{
    (void)state;
    assert_quoted(TG_STR("idle"), "idle");
    assert_quoted(TG_STR("[::1]:8080"), "[::1]:8080");
}

static void whatever_could_forge_a_key_or_a_line_is_escaped(void **state)
{
    (void)state;
    assert_quoted(TG_STR(""), "\"\"");
    assert_quoted(TG_STR("a b"), "\"a b\"");
    assert_quoted(TG_STR("a=b"), "\"a=b\"");
    assert_quoted(TG_STR("a\"b\\"), "\"a\\\"b\\\\\"");
    assert_quoted(TG_STR("a\r\nb"), "\"a\\x0d\\x0ab\"");
    assert_quoted(TG_STR("a\0b\x1b[31m"), "\"a\\x00b\\x1b[31m\"");
    assert_quoted(TG_STR("\xc3\xa4\x7f"), "\"\\xc3\\xa4\\x7f\"");
}

static void a_quoted_text_is_cut_between_two_escapes(void **state)
{
    char out[12];

    (void)state;
    assert_string_equal(tg_log_quote(out, sizeof(out), TG_STR("abcdefghijkl")), "\"abcdef...\"");
    assert_string_equal(tg_log_quote(out, sizeof(out), TG_STR("abcd\n\nefghijk")), "\"abcd...\"");
    assert_string_equal(tg_log_quote(out, sizeof(out), TG_STR("abcdefghijk")), "abcdefghijk");
    assert_string_equal(tg_log_quote(out, 5, TG_STR("a b c d e")), "");
    assert_string_equal(tg_log_quote(out, 6, TG_STR("a b c d e")), "\"...\"");
}

static void no_octets_at_all_break_out_of_a_quoted_text(void **state)
{
    struct tg_rand rand;
    char text[64];
    char out[80];

    (void)state;
    tg_rand_seed(&rand, 4);
    for (int i = 0; i < 50000; i++) {
        size_t length = tg_rand_below(&rand, sizeof(text));
        size_t size = 1 + tg_rand_below(&rand, sizeof(out));
        for (size_t j = 0; j < length; j++) {
            text[j] = (char)tg_rand_next(&rand);
        }
        memset(out, '\n', sizeof(out));
        tg_log_quote(out, size, tg_str(text, length));
        size_t written = strnlen(out, size);
        assert_true(written < size);
        for (size_t j = 0; j < written; j++) {
            assert_true(out[j] >= ' ' && out[j] < 0x7f);
            /* Quotes stand at the ends, or behind a backslash. */
            assert_true(out[j] != '"' || j == 0 || j == written - 1 || out[j - 1] == '\\');
            assert_true(out[0] == '"' || (out[j] != ' ' && out[j] != '='));
        }
        assert_true(out[0] != '"' || out[written - 1] == '"');
    }
}

static void a_repeating_warning_is_told_once_a_second_with_a_count(void **state)
{
    struct tg_log_limit limit = {0};
    uint64_t suppressed = 99;

    (void)state;
    assert_true(tg_log_limit_pass(&limit, 0, &suppressed));
    assert_int_equal(suppressed, 0);
    assert_false(tg_log_limit_pass(&limit, 1, &suppressed));
    assert_false(tg_log_limit_pass(&limit, 999, &suppressed));
    assert_true(tg_log_limit_pass(&limit, 1000, &suppressed));
    assert_int_equal(suppressed, 2);
    assert_false(tg_log_limit_pass(&limit, 1500, &suppressed));
    assert_true(tg_log_limit_pass(&limit, 9000, &suppressed));
    assert_int_equal(suppressed, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(a_line_has_time_level_process_module_keys_and_message),
        TEST(a_line_without_keys_has_no_gap),
        TEST(levels_below_the_chosen_one_are_silent),
        TEST(too_many_keys_are_cut_and_the_message_stays),
        TEST(a_line_of_every_length_is_written_whole),
        TEST(the_name_of_the_process_is_cut),
        TEST(levels_are_known_by_name),
        TEST(plain_text_needs_no_quotes),
        TEST(whatever_could_forge_a_key_or_a_line_is_escaped),
        TEST(a_quoted_text_is_cut_between_two_escapes),
        TEST(no_octets_at_all_break_out_of_a_quoted_text),
        TEST(a_repeating_warning_is_told_once_a_second_with_a_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
