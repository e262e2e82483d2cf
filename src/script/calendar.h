/* SPDX-License-Identifier: MIT */
/* os of the environment: the time alone, and by the hub's clock, so that a test can turn its hands.
 * Lives in: a worker, inside a Lua state. */
#ifndef TG_SCRIPT_CALENDAR_H
#define TG_SCRIPT_CALENDAR_H

#include <lua.h>

/* Pushes the table with clock, date, difftime and time. May raise. */
void tg_calendar_open(lua_State *L);

#endif
