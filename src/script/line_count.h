/* SPDX-License-Identifier: MIT */
/* Which lines of gateways' files have run, and how often: what a coverage report is made of.
 * Lives in: the test kit; a server counts nothing. Owns: the counts, which outlive the states. */
#ifndef TG_SCRIPT_LINE_COUNT_H
#define TG_SCRIPT_LINE_COUNT_H

#include <stdint.h>

struct tg_line_count; /* opaque */
struct tg_vm;         /* script/vm.h */

enum {
    TG_LINE_COUNT_FILES_MAX = 1024,   /* lines of further files are not counted */
    TG_LINE_COUNT_LINES_MAX = 1 << 20 /* nor those further down a file */
};

/* NULL when memory is short. */
struct tg_line_count *tg_line_count_create(void);

/* Accepts NULL. */
void tg_line_count_destroy(struct tg_line_count *count);

/* Has the state's lines counted from now on, if its hub has somewhere to count them. */
void tg_line_count_arm(struct tg_vm *vm);

/* file: as in messages, "chat/lib/rooms.lua". */
typedef void (*tg_line_count_fn)(void *self, const char *file, uint32_t line, uint64_t times);

/* Every line that has run, file by file in the order they were first seen, lines rising. */
void tg_line_count_each(const struct tg_line_count *count, tg_line_count_fn fn, void *self);

#endif
