/* SPDX-License-Identifier: MIT */
/* tide.log and print: lines of a gateway in the server's log, bounded in length and in number.
 * Lives in: a worker, inside a Lua state. */
#ifndef TG_SCRIPT_BIND_LOG_H
#define TG_SCRIPT_BIND_LOG_H

#include <lua.h>

enum { TG_BIND_LOG_LINE_MAX = 4096, TG_BIND_LOG_LINES_PER_SECOND = 100 };

/* Pushes the table tide.log. Once per state; may raise. */
void tg_bind_log_open(lua_State *L);

/* print(...): the values as text, at info level. */
int tg_bind_log_print(lua_State *L);

#endif
