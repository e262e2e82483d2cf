/* SPDX-License-Identifier: MIT */
/* The short names of members that messages bore lately, as Lua strings: messages repeat their
 * names, and to look a string up in a state's own table costs more than to compare eight octets.
 * Lives in: a worker, inside a Lua state, as upvalues of the function that decodes. */
#ifndef TG_SCRIPT_JSON_NAMES_H
#define TG_SCRIPT_JSON_NAMES_H

#include <lua.h>

#include "hub/json_text.h"

enum { TG_JSON_NAMES = 64, TG_JSON_NAME_MAX = 8 };

/* What each place of the table of strings holds; a length of 0: nothing. */
struct tg_json_names {
    uint64_t words[TG_JSON_NAMES]; /* the octets, spaces behind */
    uint8_t lengths[TG_JSON_NAMES];
    int table; /* the index under which the decoding function finds the table of strings */
};

/* Pushes the table and the names, which belong together, empty; table: where the function that
 * decodes will find the former. May raise. */
void tg_json_names_create(lua_State *L, int table);

/* Takes the string at the top of the stack, of these octets, in for the one that has its place. */
void tg_json_names_keep(struct tg_json_names *names, lua_State *L, uint64_t word, size_t length);

/* Where a name has its place. */
static inline uint32_t tg_json_names_place(uint64_t word)
{
    return (uint32_t)(word * UINT64_C(0x9E3779B97F4A7C15) >> 58);
}

/* Pushes the string of a name, from which escapes were undone or which has none. May raise. */
static inline void tg_json_names_push(struct tg_json_names *names, lua_State *L, const char *at,
                                      size_t length)
{
    if (!names || length - 1 >= TG_JSON_NAME_MAX) {
        lua_pushlstring(L, at, length);
        return;
    }
    uint64_t word;
    if (length == TG_JSON_NAME_MAX) {
        memcpy(&word, at, sizeof(word));
        word = le64toh(word);
    } else {
        word = tg_json_text_load(at, length);
    }
    uint32_t place = tg_json_names_place(word);
    if (names->words[place] == word && names->lengths[place] == length) {
        lua_rawgeti(L, names->table, (int)place + 1);
        return;
    }
    lua_pushlstring(L, at, length);
    tg_json_names_keep(names, L, word, length);
}

#endif
