/* SPDX-License-Identifier: MIT */
/* tidegate check: judges gateway folders as before a deploy (deploy/validate.h) and says what is
 * wrong with them.
 * Lives in: the process that was started. */
#ifndef TG_CHECK_FOLDERS_H
#define TG_CHECK_FOLDERS_H

#include <stdint.h>
#include <stdio.h>

#include "core/config.h"

/* Writes to out, in the folders' order, "DIR: ok" or a line per fault. All of them stand
 * side by side, as they would in a worker: two that claim one path are a fault of the later. Gives
 * the exit status: 0 when all are well, else 1. */
int tg_check_folders(const struct tg_config *config, const char *const *folders, uint32_t count,
                     FILE *out);

#endif
