/* SPDX-License-Identifier: MIT */
/* The product's JSON codec and tokens, for specs.
 * Lives in: the test kit, inside the spec's Lua state. */
#ifndef TG_KIT_BIND_CODEC_H
#define TG_KIT_BIND_CODEC_H

#include <lua.h>

/* Sets encode, decode, array, mint and null in the table at the top. Once per state. */
void tg_bind_codec_open(lua_State *L);

#endif
