/* SPDX-License-Identifier: MIT */
/* Reads tidegate.lua, the configuration file: Lua run in a bare state (env "NAME" and no
 * libraries), memory and instructions bounded, its globals flattened to keys and values.
 * Lives in: a short-lived child of the supervisor. */
#ifndef TG_SCRIPT_CONFIG_READER_H
#define TG_SCRIPT_CONFIG_READER_H

#include "base/err.h"
#include "base/str.h"

/* One flat key ("limits.max_connections", "auth.keys[1].secret", "listen[2].port") with its value
 * as text (numbers in decimal, true, false), and the line where it stands in the file, 0 when
 * that can't be told. Returns 0 to go on, or an error that ends the reading with the message it
 * set. */
typedef int (*tg_config_pair_fn)(void *self, const char *key, struct tg_str value, int line,
                                 struct tg_errmsg *msg);

/* Pairs come in the order of their keys, lists by number. 0, or the error with a message that
 * begins "FILE:LINE: ", or "FILE: " where no line can be told, and that shows no text of the file:
 * TG_ERR_IO, TG_ERR_TOO_LARGE (256 KiB), TG_ERR_NOMEM, TG_ERR_SYNTAX, TG_ERR_SCRIPT (it failed, ran
 * for too long or took too much memory), TG_ERR_INVALID (a value that is a function, a key that is
 * no name, a file that returns something); or on_pair's error with the message as on_pair set it.
 */
int tg_config_reader_run(const char *path, tg_config_pair_fn on_pair, void *self,
                         struct tg_errmsg *msg);

#endif
