/* SPDX-License-Identifier: MIT */
#include "script/load_fault.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ORIGIN "/srv/some/long/way/to/the/folder/of/all/the/gateways/chat"

struct fixture {
    struct tg_bundle bundle;
    struct tg_fault fault;
    char line[TG_FAULT_LINE_BYTES];
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){0};
    fixture.bundle.origin = tg_str_copy(TG_STR(ORIGIN));
    *state = &fixture;
    int err = tg_bundle_add(&fixture.bundle, TG_STR("gateway.lua"), TG_STR("x"));
    return err ? err : tg_bundle_add(&fixture.bundle, TG_STR("lib/rooms.lua"), TG_STR("x"));
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    tg_bundle_fini(&fixture->bundle);
    return 0;
}

static void assert_reads(struct fixture *f, const char *message, const char *line)
{
    tg_load_fault_read(&f->fault, &f->bundle, tg_str_of(message));
    assert_int_equal(f->fault.step, TG_FAULT_LOAD);
    assert_string_equal(tg_fault_line(&f->fault, f->line, sizeof(f->line)), line);
}

static void a_cut_name_is_made_whole(void **state)
{
    struct fixture *f = *state;

    assert_reads(f, "...older/of/all/the/gateways/chat/lib/rooms.lua:3: oh",
                 ORIGIN "/lib/rooms.lua:3: oh");
    assert_reads(f, "...lib/other.lua:3: oh", ORIGIN ": ...lib/other.lua:3: oh");
    assert_reads(f, "...", ORIGIN ": ...");
}

static void a_whole_name_is_a_place(void **state)
{
    struct fixture *f = *state;

    assert_reads(f, ORIGIN "/gateway.lua:3: oh", ORIGIN "/gateway.lua:3: oh");
    assert_reads(f, "oh", ORIGIN ": oh");
}

static void what_may_be_meant_is_the_hint(void **state)
{
    struct fixture *f = *state;

    assert_reads(f, "none (did you mean a?)", ORIGIN ": none (did you mean a?)");
    assert_string_equal(f->fault.text, "none");
    assert_string_equal(f->fault.hint, "did you mean a?");
    tg_load_fault_read(&f->fault, &f->bundle, TG_STR("none (did you mean a? or not)"));
    assert_string_equal(f->fault.hint, "");
}

static void a_file_has_a_place_without_a_line(void **state)
{
    struct fixture *f = *state;

    tg_load_fault_at(&f->fault, &f->bundle, "lib/rooms.lua", "too much");
    assert_string_equal(tg_fault_line(&f->fault, f->line, sizeof(f->line)),
                        ORIGIN "/lib/rooms.lua: too much");
}

static void a_global_without_a_value_is_named(void **state)
{
    static const struct {
        const char *text;
        const char *name;
    } cases[] = {
        {"attempt to call global 'reqire' (a nil value)", "reqire"},
        {"attempt to index global 'tabel' (a nil value)", "tabel"},
        {"attempt to call field 'fromat' (a nil value)", ""},
        {"attempt to call global 'x' (a number value)", ""},
        {"global 'x' is not declared", ""},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_true(
            tg_str_is(tg_load_fault_global(tg_str_of(cases[i].text)), tg_str_of(cases[i].name)));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_cut_name_is_made_whole),          TEST(a_whole_name_is_a_place),
        TEST(what_may_be_meant_is_the_hint),     TEST(a_file_has_a_place_without_a_line),
        TEST(a_global_without_a_value_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
