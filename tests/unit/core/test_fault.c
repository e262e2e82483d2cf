/* SPDX-License-Identifier: MIT */
#include "core/fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ORIGIN TG_STR("gateways/chat")

struct fixture {
    struct tg_fault fault;
    struct tg_fault_list list;
    char line[TG_FAULT_LINE_BYTES];
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    *state = f;
    return f ? 0 : -1;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static void assert_line(struct fixture *f, const char *expected)
{
    assert_string_equal(tg_fault_line(&f->fault, f->line, sizeof(f->line)), expected);
}

static void a_fault_is_told_in_one_line(void **state)
{
    struct fixture *f = *state;

    tg_fault_set(&f->fault, TG_FAULT_LOAD, TG_STR("a/gateway.lua"), 7, "unknown key '%s'", "pat");
    tg_fault_hint(&f->fault, "did you mean '%s'?", "path");
    assert_line(f, "a/gateway.lua:7: unknown key 'pat' (did you mean 'path'?)");
    assert_string_equal(tg_fault_step_label(f->fault.step), "load");
}

static void what_it_lacks_is_left_out(void **state)
{
    struct fixture *f = *state;

    tg_fault_set(&f->fault, TG_FAULT_SCAN, TG_STR("a"), 0, "gone");
    assert_line(f, "a: gone");
    tg_fault_set(&f->fault, TG_FAULT_SCAN, TG_STR(""), -3, "gone");
    assert_line(f, "gone");
    assert_int_equal(f->fault.line, 0);
}

static void a_step_that_is_none_has_a_label_that_says_so(void **state)
{
    (void)state;
    assert_string_equal(tg_fault_step_label(TG_FAULT_HANDOVER), "handover");
    assert_string_equal(tg_fault_step_label(TG_FAULT_STEP_COUNT), "unknown");
}

static void control_characters_and_what_is_no_utf8_are_escaped(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *raw;
        const char *clean;
    } cases[] = {
        {"a\rb\tc\x1b[31m\x7f", "a\\x0db\\x09c\\x1b[31m\\x7f"},
        {"\xc3\xbc \xe2\x82\xac \xf0\x9f\x98\x80", "\xc3\xbc \xe2\x82\xac \xf0\x9f\x98\x80"},
        {"\xc2\x9b", "\\xc2\\x9b"}, /* CSI in one character */
        {"\xc2\xa0", "\xc2\xa0"},
        {"\xff.lua", "\\xff.lua"},
        {"\xc0\xaf", "\\xc0\\xaf"},
        {"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
        {"\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf"},
        {"\xe2\x82", "\\xe2\\x82"},
        {"\xe2\x82x", "\\xe2\\x82x"},
        {"\xf8\x88\x80\x80\x80", "\\xf8\\x88\\x80\\x80\\x80"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        tg_fault_set(&f->fault, TG_FAULT_SCAN, tg_str_of(cases[i].raw), 0, "%s", cases[i].raw);
        tg_fault_hint(&f->fault, "%s", cases[i].raw);
        assert_string_equal(f->fault.file, cases[i].clean);
        assert_string_equal(f->fault.text, cases[i].clean);
        assert_string_equal(f->fault.hint, cases[i].clean);
    }
}

static void a_newline_is_a_blank_in_prose_and_is_escaped_in_a_name(void **state)
{
    struct fixture *f = *state;

    tg_fault_set(&f->fault, TG_FAULT_SCAN, TG_STR("a\nb.lua"), 0, "c\nd");
    tg_fault_hint(&f->fault, "e\nf");
    assert_line(f, "a\\x0ab.lua: c d (e f)");
}

static void a_text_is_cut_between_characters(void **state)
{
    struct fixture *f = *state;
    char raw[2 * TG_FAULT_HINT_BYTES + 1];

    memset(raw, 'x', sizeof(raw));
    memcpy(raw + TG_FAULT_HINT_BYTES - 2, "\xc3\xbc", 2);
    raw[sizeof(raw) - 1] = '\0';
    tg_fault_set(&f->fault, TG_FAULT_SCAN, ORIGIN, 0, "t");
    tg_fault_hint(&f->fault, "%s", raw);
    assert_int_equal(strlen(f->fault.hint), TG_FAULT_HINT_BYTES - 2);
    raw[TG_FAULT_HINT_BYTES - 2] = '\x01';
    tg_fault_hint(&f->fault, "%s", raw);
    assert_int_equal(strlen(f->fault.hint), TG_FAULT_HINT_BYTES - 2);
}

static void a_message_gives_its_place(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *message;
        const char *file;
        int line;
        const char *text;
    } cases[] = {
        {"gateways/chat/gateway.lua:2: near 'x'", "gateways/chat/gateway.lua", 2, "near 'x'"},
        {"gateways/chat/lib/a.lua: no", "gateways/chat/lib/a.lua", 0, "no"},
        {"gateways/chat: no gateway.lua", "gateways/chat", 0, "no gateway.lua"},
        {"gateways/chat/a.lua:1: gateways/chat/b.lua:2: x", "gateways/chat/a.lua", 1,
         "gateways/chat/b.lua:2: x"},
        /* None of these is a place in the folder. */
        {"gateways/chatter/a.lua:1: x", "gateways/chat", 0, "gateways/chatter/a.lua:1: x"},
        {"gateways/chat", "gateways/chat", 0, "gateways/chat"},
        {"gateways/chat:", "gateways/chat", 0, "gateways/chat:"},
        {"gateways/chat/a", "gateways/chat", 0, "gateways/chat/a"},
        {"gateways/chat/a.lua:7", "gateways/chat", 0, "gateways/chat/a.lua:7"},
        {"gateways/chat/a.lua:7:", "gateways/chat", 0, "gateways/chat/a.lua:7:"},
        {"gateways/chat/a.lua:99999999999999: x", "gateways/chat", 0,
         "gateways/chat/a.lua:99999999999999: x"},
        {"out of memory", "gateways/chat", 0, "out of memory"},
        {"", "gateways/chat", 0, ""},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        tg_fault_from_text(&f->fault, TG_FAULT_LOAD, ORIGIN, tg_str_of(cases[i].message));
        assert_string_equal(f->fault.file, cases[i].file);
        assert_int_equal(f->fault.line, cases[i].line);
        assert_string_equal(f->fault.text, cases[i].text);
    }
}

static void a_fault_that_was_sent_is_taken_as_it_is(void **state)
{
    struct fixture *f = *state;
    struct tg_fault taken;

    tg_fault_set(&f->fault, TG_FAULT_TRIAL, TG_STR("a/b.lua"), 3, "too slow");
    tg_fault_hint(&f->fault, "faster");
    assert_int_equal(tg_fault_take(&taken, tg_str((char *)&f->fault, sizeof(f->fault))), TG_OK);
    assert_memory_equal(&taken, &f->fault, sizeof(taken));
}

static void what_was_sent_and_is_no_fault_is_refused(void **state)
{
    struct fixture *f = *state;
    struct tg_fault taken;
    struct tg_str octets = tg_str((char *)&f->fault, sizeof(f->fault));

    tg_fault_set(&f->fault, TG_FAULT_LOAD, ORIGIN, 1, "x");
    assert_int_equal(tg_fault_take(&taken, tg_str(octets.at, octets.length - 1)), TG_ERR_SYNTAX);
    assert_int_equal(tg_fault_take(&taken, tg_str(NULL, 0)), TG_ERR_SYNTAX);
    f->fault.step = TG_FAULT_STEP_COUNT;
    assert_int_equal(tg_fault_take(&taken, octets), TG_ERR_SYNTAX);
    f->fault.step = TG_FAULT_LOAD;
    f->fault.line = -1;
    assert_int_equal(tg_fault_take(&taken, octets), TG_ERR_SYNTAX);
    f->fault.line = 1;
    memset(f->fault.hint, 'x', sizeof(f->fault.hint));
    assert_int_equal(tg_fault_take(&taken, octets), TG_ERR_SYNTAX);
    f->fault.hint[0] = '\n';
    f->fault.hint[1] = '\0';
    assert_int_equal(tg_fault_take(&taken, octets), TG_OK);
    assert_string_equal(taken.hint, " ");
}

static void a_list_holds_each_fault_once(void **state)
{
    struct fixture *f = *state;

    tg_fault_set(&f->fault, TG_FAULT_LOAD, ORIGIN, 1, "x");
    tg_fault_list_add(&f->list, &f->fault);
    tg_fault_list_add(&f->list, &f->fault);
    assert_int_equal(f->list.count, 1);
    f->fault.line = 2;
    tg_fault_list_add(&f->list, &f->fault);
    assert_int_equal(f->list.count, 2);
    assert_int_equal(f->list.left_out, 0);
}

static void a_full_list_counts_the_rest(void **state)
{
    struct fixture *f = *state;

    for (int i = 0; i < TG_FAULTS_MAX + 3; i++) {
        tg_fault_set(&f->fault, TG_FAULT_LOAD, ORIGIN, i + 1, "x");
        tg_fault_list_add(&f->list, &f->fault);
    }
    assert_int_equal(f->list.count, TG_FAULTS_MAX);
    assert_int_equal(f->list.left_out, 3);
    assert_int_equal(f->list.items[TG_FAULTS_MAX - 1].line, TG_FAULTS_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_fault_is_told_in_one_line),
        TEST(what_it_lacks_is_left_out),
        TEST(a_step_that_is_none_has_a_label_that_says_so),
        TEST(control_characters_and_what_is_no_utf8_are_escaped),
        TEST(a_newline_is_a_blank_in_prose_and_is_escaped_in_a_name),
        TEST(a_text_is_cut_between_characters),
        TEST(a_message_gives_its_place),
        TEST(a_fault_that_was_sent_is_taken_as_it_is),
        TEST(what_was_sent_and_is_no_fault_is_refused),
        TEST(a_list_holds_each_fault_once),
        TEST(a_full_list_counts_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
