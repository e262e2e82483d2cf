/* SPDX-License-Identifier: MIT */
#include "fake_natives.h"

#include <stdio.h>
#include <stdlib.h>

#include <lauxlib.h>
#include <luajit.h>
#include <lualib.h>

#include "script/freeze.h"
#include "script/string_native.h"
#include "script/table_native.h"
#include "script/text.h"

enum { LIMIT_BYTES = 64 << 20 };

static int stop(lua_State *L)
{
    atomic_store(&tg_vm_of(L)->stop.is_set, true);
    return 0;
}

static int freeze(lua_State *L)
{
    tg_freeze_table(L, 1);
    lua_settop(L, 1);
    return 1;
}

static int on_open(lua_State *L)
{
    luaL_openlibs(L);
    lua_settop(L, 0);
    tg_freeze_open(L);
    tg_text_open(L);
    lua_pushcfunction(L, stop);
    lua_setglobal(L, "stop");
    lua_pushcfunction(L, freeze);
    lua_setglobal(L, "freeze");
    lua_newtable(L);
    lua_newtable(L);
    lua_getglobal(L, "string");
    tg_string_native_set(L, 2, 3);
    lua_pop(L, 1);
    lua_setfield(L, 1, "string");
    lua_newtable(L);
    lua_getglobal(L, "table");
    tg_table_native_set(L, 2, 3);
    lua_pop(L, 1);
    lua_setfield(L, 1, "table");
    lua_setglobal(L, "ours");
    return 0;
}

struct fake_natives *fake_natives_create(size_t limit)
{
    struct fake_natives *natives = calloc(1, sizeof(*natives));

    assert_non_null(natives);
    natives->vm.alloc.limit = limit;
    natives->vm.L = lua_newstate(tg_alloc_resize, &natives->vm.alloc);
    assert_non_null(natives->vm.L);
    assert_true(luaJIT_setmode(natives->vm.L, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_OFF));
    assert_int_equal(lua_cpcall(natives->vm.L, on_open, NULL), 0);
    return natives;
}

void fake_natives_destroy(struct fake_natives *natives)
{
    lua_close(natives->vm.L);
    tg_alloc_release(&natives->vm.alloc);
    assert_int_equal(natives->vm.alloc.used, 0);
    free(natives);
}

/* Calls what is at the top of the stack, or tells the error that is there. */
static bool finish(struct fake_natives *natives, int err)
{
    lua_State *L = natives->vm.L;

    natives->vm.entry = __builtin_frame_address(0);
    if (err || lua_pcall(L, 0, 0, 0)) {
        const char *text = lua_tostring(L, -1);
        (void)snprintf(natives->error, sizeof(natives->error), "%s", text ? text : "no text");
        lua_pop(L, 1);
        return false;
    }
    return true;
}

bool fake_natives_try(struct fake_natives *natives, const char *text)
{
    atomic_store(&natives->vm.stop.is_set, false);
    return finish(natives, luaL_loadbuffer(natives->vm.L, text, strlen(text), "=test"));
}

void fake_natives_run(struct fake_natives *natives, const char *text)
{
    if (!fake_natives_try(natives, text)) {
        fail_msg("%s", natives->error);
    }
}

void fake_natives_run_file(struct fake_natives *natives, const char *name)
{
    char path[512];

    (void)snprintf(path, sizeof(path), "%s/tests/unit/script/%s", TG_SOURCE_DIR, name);
    if (!finish(natives, luaL_loadfile(natives->vm.L, path))) {
        fail_msg("%s", natives->error);
    }
}

int fake_natives_set_up(void **state)
{
    *state = fake_natives_create(LIMIT_BYTES);
    return 0;
}

int fake_natives_tear_down(void **state)
{
    fake_natives_destroy(*state);
    return 0;
}
