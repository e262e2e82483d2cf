/* SPDX-License-Identifier: MIT */
#include "script/json_names.h"

void tg_json_names_create(lua_State *L, int table)
{
    lua_createtable(L, TG_JSON_NAMES, 0);
    struct tg_json_names *names = lua_newuserdata(L, sizeof(*names));

    memset(names, 0, sizeof(*names));
    names->table = table;
}

/* No allocation: the table was made with all of its places. */
void tg_json_names_keep(struct tg_json_names *names, lua_State *L, uint64_t word, size_t length)
{
    uint32_t place = tg_json_names_place(word);

    lua_pushvalue(L, -1);
    lua_rawseti(L, names->table, (int)place + 1);
    names->words[place] = word;
    names->lengths[place] = (uint8_t)length;
}
