/* SPDX-License-Identifier: MIT */
/* tidegate check: judges gateway folders as they are judged before a deploy, each in a short-lived
 * child, and says all that is wrong with them.
 * Lives in: the process that was started. */
#ifndef TG_CHECK_FOLDERS_H
#define TG_CHECK_FOLDERS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/config.h"

struct tg_check_options {
    const struct tg_config *config;
    const char *const *folders;
    uint32_t count;
    FILE *out;
    bool wants_json;
};

/* Writes to out what is wrong with each folder, in their order (check_report.h). A folder that is
 * no gateway but holds some stands for all of them. They stand side by side, as they would in a
 * worker: two that claim one path are a fault of the later. Gives the exit status: 0 when all are
 * well, else 1. */
int tg_check_folders(const struct tg_check_options *options);

#endif
