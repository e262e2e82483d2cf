/* SPDX-License-Identifier: MIT */
/* JSON text that is known to be good and is written as it stands wherever a value may: an object
 * that holds its octets, which nothing changes once they are judged. A script sees it by tostring,
 * which gives the text, and ==, which compares the texts.
 * Lives in: a worker, inside a Lua state. */
#ifndef TG_SCRIPT_JSON_RAW_H
#define TG_SCRIPT_JSON_RAW_H

#include <stdbool.h>

#include <lua.h>

#include "base/str.h"
#include "hub/json_scan.h"

/* Pushes the metatable of such objects, for whoever makes them to keep. May raise. */
void tg_json_raw_open(lua_State *L);

/* Finds the value in any text: NULL with *json set, without the blanks around it, or why the text
 * is none. */
const char *tg_json_raw_judge(struct tg_str text, const struct tg_json_limits *limits,
                              struct tg_str *json);

/* Pushes an object with a copy of the octets, which were judged; class: the index of the metatable,
 * no relative one. May raise. */
void tg_json_raw_push(lua_State *L, struct tg_str json, int class);

/* Whether the value at index is one, and its octets, which last as long as it does. Never raises.
 */
bool tg_json_raw_find(lua_State *L, int index, struct tg_str *json);

#endif
