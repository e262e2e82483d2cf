/* SPDX-License-Identifier: MIT */
/* Where a key stands in a file of settings, or in a gateway.lua: Lua keeps no lines for the fields
 * of a table, so the source is walked a second time. It knows assignments and table constructors,
 * not Lua.
 * Lives in: a short-lived child, a worker. Pure: nothing is owned or kept. */
#ifndef TG_SCRIPT_CONFIG_LINES_H
#define TG_SCRIPT_CONFIG_LINES_H

#include "base/str.h"

/* key is a view into memory of the walk. */
typedef void (*tg_config_lines_fn)(void *self, struct tg_str key, int line);

/* Calls on_key for each assignment in the order of the source, with the flat key ("limits.rooms",
 * "listen[2].port") that is written as such or as a field of nested constructors. Values that a
 * loop or another table puts somewhere have no such place. Fields of a table that is returned have
 * a dot in front (".acme.name"); each return comes as the empty key before them. Takes one pass,
 * whatever is in the source; holds no memory, so on_key may leave by longjmp. */
void tg_config_lines_walk(struct tg_str source, tg_config_lines_fn on_key, void *self);

#endif
