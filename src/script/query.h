/* SPDX-License-Identifier: MIT */
/* The parameters of a request's query, decoded (RFC 3986 section 2.1; '+' is a blank as in HTML
 * forms).
 * Lives in: a worker, inside a Lua state. */
#ifndef TG_SCRIPT_QUERY_H
#define TG_SCRIPT_QUERY_H

#include <lua.h>

#include "base/str.h"

enum { TG_QUERY_PARAMS_MAX = 32 };

/* Pushes a table of the first TG_QUERY_PARAMS_MAX parameters; of equal names the first stands. An
 * octet sequence that is no escape is kept as it is. May raise. */
void tg_query_push(lua_State *L, struct tg_str query);

#endif
