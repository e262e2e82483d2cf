/* SPDX-License-Identifier: MIT */
/* A state per file: a literal such as 1LL makes LuaJIT load its FFI once per state, which is how it
 * is found out (require.c). */
#include "script/syntax.h"

#include <stdio.h>
#include <string.h>

#include <lua.h>

#include "script/alloc.h"
#include "script/failure.h"
#include "script/load_fault.h"
#include "script/require.h"

struct compilation {
    const struct tg_bundle *bundle;
    const struct tg_bundle_file *file;
};

/* In protected mode. */
static int on_compile(lua_State *L)
{
    const struct compilation *compilation = lua_touserdata(L, 1);

    lua_newtable(L);
    lua_setfield(L, LUA_REGISTRYINDEX, "_LOADED");
    tg_require_load(L, compilation->bundle->origin, compilation->file);
    return 0;
}

static void compile(struct compilation *compilation, size_t memory_bytes,
                    struct tg_fault_list *faults)
{
    struct tg_alloc alloc = {.limit = memory_bytes};
    char text[TG_FAILURE_TEXT_BYTES];
    struct tg_fault fault;
    lua_State *L = lua_newstate(tg_alloc_resize, &alloc);
    int status = L ? lua_cpcall(L, on_compile, compilation) : LUA_ERRMEM;

    if (status) {
        (void)snprintf(text, sizeof(text), "%s", tg_load_fault_memory);
        if (L) {
            tg_failure_text(L, -1, text, sizeof(text));
        }
        tg_load_fault_read(&fault, compilation->bundle, tg_str_of(text));
        if (strcmp(text, tg_load_fault_memory) == 0) {
            tg_load_fault_at(&fault, compilation->bundle, compilation->file->path,
                             "not enough memory to compile it");
        }
        tg_fault_list_add(faults, &fault);
    }
    if (L) {
        lua_close(L);
    }
    tg_alloc_release(&alloc);
}

void tg_syntax_check(const struct tg_bundle *bundle, size_t memory_bytes,
                     struct tg_fault_list *faults)
{
    for (uint32_t i = 0; i < bundle->count; i++) {
        struct compilation compilation = {bundle, &bundle->files[i]};
        compile(&compilation, memory_bytes, faults);
    }
}
