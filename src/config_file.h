/* SPDX-License-Identifier: MIT */
/* The configuration file, read by a short-lived child since it is Lua.
 * Lives in: the supervisor, tidegate check. */
#ifndef TG_CONFIG_FILE_H
#define TG_CONFIG_FILE_H

#include "base/err.h"
#include "core/config.h"

/* The file that is read when none is named and it exists. */
#define TG_CONFIG_FILE_STANDARD "tidegate.lua"

/* Sets every key of the file. TG_ERR_* with a message that begins "FILE:LINE: "; a TIMEOUT when
 * the file runs on and on. */
int tg_config_file_read(const char *path, struct tg_config *config, struct tg_errmsg *msg);

#endif
