/* SPDX-License-Identifier: MIT */
/* The command line of tidegate test: which folders, and what is passed on to busted.
 * Lives in: the process that was started. Borrows: argv, for as long as the options live. */
#ifndef TG_SPEC_OPTIONS_H
#define TG_SPEC_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

enum { TG_SPEC_FOLDERS_MAX = 64, TG_SPEC_PASSED_MAX = 64 };

struct tg_spec_options {
    const char *folders[TG_SPEC_FOLDERS_MAX];
    uint32_t folder_count; /* 0: none was named */
    const char *passed[TG_SPEC_PASSED_MAX];
    uint32_t passed_count;
    const char *coverage; /* the directory for LCOV files; NULL: no coverage */
    bool is_watching;
    bool wants_help;
};

/* Reads "[--watch] [--coverage[=DIR]] [BUSTED OPTION ...] [DIR ...]"; behind "--" everything is
 * busted's. TG_ERR_INVALID (an option that the runner sets itself; no value for one that takes
 * one), TG_ERR_FULL, with a message. */
int tg_spec_options_parse(struct tg_spec_options *options, char *const *words,
                          struct tg_errmsg *msg);

/* Appends the usage. */
void tg_spec_options_write_help(struct tg_buf *out);

#endif
