/* SPDX-License-Identifier: MIT */
#include "script/syntax.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MEMORY_BYTES = 16 << 20 };

struct fixture {
    struct tg_bundle bundle;
    struct tg_fault_list faults;
    char line[TG_FAULT_LINE_BYTES];
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){0};
    fixture.bundle.origin = tg_str_copy(TG_STR("chat"));
    *state = &fixture;
    return fixture.bundle.origin ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    tg_bundle_fini(&fixture->bundle);
    return 0;
}

static void add(struct fixture *f, const char *path, struct tg_str content)
{
    assert_int_equal(tg_bundle_add(&f->bundle, tg_str_of(path), content), TG_OK);
}

static void assert_fault(struct fixture *f, uint32_t at, const char *expected)
{
    assert_true(at < f->faults.count);
    assert_string_equal(tg_fault_line(&f->faults.items[at], f->line, sizeof(f->line)), expected);
}

static void every_file_that_is_no_lua_is_told(void **state)
{
    struct fixture *f = *state;

    add(f, "a.lua", TG_STR("return 1LL"));
    add(f, "b.lua", TG_STR("return 2LL"));
    add(f, "c.lua", TG_STR("\x1bLJ\x02"));
    add(f, "d.lua", TG_STR("\n\nlocal x = = 1"));
    add(f, "e.lua", TG_STR("return function("));
    add(f, "gateway.lua", TG_STR("error('it is not run')"));
    tg_syntax_check(&f->bundle, MEMORY_BYTES, &f->faults);
    assert_int_equal(f->faults.count, 5);
    assert_fault(f, 0, "chat/a.lua: the literals 1LL, 1ULL and 1i are not taken");
    assert_fault(f, 1, "chat/b.lua: the literals 1LL, 1ULL and 1i are not taken");
    assert_fault(f, 2, "chat/c.lua: bytecode is not loaded, only source text");
    assert_fault(f, 3, "chat/d.lua:3: unexpected symbol near '='");
    assert_fault(f, 4, "chat/e.lua:1: <name> or '...' expected near '<eof>'");
}

static void what_takes_too_much_memory_to_compile_is_told(void **state)
{
    struct fixture *f = *state;
    enum { LENGTH = 3 << 20 };
    char *text = malloc(LENGTH);

    assert_non_null(text);
    for (size_t i = 0; i < LENGTH; i += 3) {
        memcpy(text + i, i == 0 ? "t={" : "{},", 3);
    }
    add(f, "big.lua", tg_str(text, LENGTH));
    free(text);
    tg_syntax_check(&f->bundle, 1 << 20, &f->faults);
    assert_int_equal(f->faults.count, 1);
    assert_fault(f, 0, "chat/big.lua: not enough memory to compile it");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_file_that_is_no_lua_is_told),
        TEST(what_takes_too_much_memory_to_compile_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
