/* SPDX-License-Identifier: MIT */
#include "script/lua_source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <lauxlib.h>
#include <lualib.h>

static void every_row_is_its_file(void **state)
{
    int count = 0;

    (void)state;
    for (const struct tg_lua_source *row = tg_lua_source_table; row->name; row++, count++) {
        char path[512];
        static char content[65536];
        (void)snprintf(path, sizeof(path), "%s/lua/tidegate/%s.lua", TG_SOURCE_DIR, row->name);
        FILE *file = fopen(path, "re");
        assert_non_null(file);
        size_t length = fread(content, 1, sizeof(content), file);
        assert_int_equal(fclose(file), 0);
        assert_int_equal(length, row->length);
        assert_memory_equal(content, row->text, length);
    }
    assert_true(count >= 4);
}

static void each_gives_its_module(void **state)
{
    lua_State *L = luaL_newstate();

    (void)state;
    luaL_openlibs(L);
    for (const struct tg_lua_source *row = tg_lua_source_table; row->name; row++) {
        tg_lua_source_push(L, row->name);
        assert_int_equal(lua_gettop(L), 1);
        lua_getfield(L, 1, "make");
        assert_true(lua_isfunction(L, -1));
        lua_settop(L, 0);
    }
    lua_close(L);
}

static void an_unknown_name_is_not_found(void **state)
{
    (void)state;
    assert_null(tg_lua_source_find("none"));
    assert_non_null(tg_lua_source_find("suspend"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_its_file),
        cmocka_unit_test(each_gives_its_module),
        cmocka_unit_test(an_unknown_name_is_not_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
