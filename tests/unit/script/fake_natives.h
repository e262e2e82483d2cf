/* SPDX-License-Identifier: MIT */
/* A Lua state with LuaJIT's libraries as globals, and the table `ours` with our string and table
 * functions, so that Lua text can compare them. */
#ifndef TG_TEST_FAKE_NATIVES_H
#define TG_TEST_FAKE_NATIVES_H

/* cmocka.h wants these before itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "script/vm.h"

struct fake_natives {
    struct tg_vm vm; /* alloc, L, entry and the flag alone */
    char error[512]; /* of the last run that failed */
};

/* A state that may take so many octets. */
struct fake_natives *fake_natives_create(size_t limit);

/* Fails the test when memory is left. */
void fake_natives_destroy(struct fake_natives *natives);

/* Runs Lua text, which gets stop(): sets the flag. True, or false with the error. */
bool fake_natives_try(struct fake_natives *natives, const char *text);

/* The same, and fails the test on an error. */
void fake_natives_run(struct fake_natives *natives, const char *text);

/* Runs the file beside the tests. */
void fake_natives_run_file(struct fake_natives *natives, const char *name);

int fake_natives_set_up(void **state);
int fake_natives_tear_down(void **state);

#define NATIVES_TEST(name) \
    cmocka_unit_test_setup_teardown(name, fake_natives_set_up, fake_natives_tear_down)

#endif
