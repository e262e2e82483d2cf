/* SPDX-License-Identifier: MIT */
/* tidegate check: loads gateway folders as a worker would, in a short-lived child, and says what is
 * wrong with them.
 * Lives in: the process that was started. */
#ifndef TG_CHECK_FOLDERS_H
#define TG_CHECK_FOLDERS_H

#include <stdint.h>
#include <stdio.h>

#include "core/config.h"

/* Writes a line per folder to out, in their order: "DIR: ok" or what is wrong. All of them stand
 * side by side, as they would in a worker: two that claim one path are a fault of the later. Gives
 * the exit status: 0 when all are well, else 1. */
int tg_check_folders(const struct tg_config *config, const char *const *folders, uint32_t count,
                     FILE *out);

#endif
