/* SPDX-License-Identifier: MIT */
#include "script/require.h"

#include <stdbool.h>

#include <lauxlib.h>

#include "base/edits.h"
#include "script/argument.h"
#include "script/vm.h"

enum { NEAR_EDITS = 3 };

/* Addresses as registry keys and values. */
static const char modules_key;
static const char loading;

static void push_address(lua_State *L, const char *address)
{
    lua_pushlightuserdata(L, (void *)(size_t)address);
}

void tg_require_open(lua_State *L)
{
    lua_newtable(L);
    push_address(L, &modules_key);
    lua_pushvalue(L, -2);
    lua_rawset(L, LUA_REGISTRYINDEX);
}

/* [a-z0-9_]+(\.[a-z0-9_]+)*: no other path can be meant. */
static bool is_module_name(struct tg_str name)
{
    bool is_part = false;

    for (size_t i = 0; i < name.length; i++) {
        char c = name.at[i];
        if (c == '.' && !is_part) {
            return false;
        }
        is_part = c != '.';
        if (is_part && !(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_') {
            return false;
        }
    }
    return is_part;
}

/* The path of the module's file; "" when no file can have it. */
static void make_path(struct tg_str name, char path[TG_BUNDLE_PATH_MAX + 1])
{
    static const char ending[] = ".lua";

    path[0] = '\0';
    if (name.length + sizeof(ending) > TG_BUNDLE_PATH_MAX + 1) {
        return;
    }
    for (size_t i = 0; i < name.length; i++) {
        path[i] = name.at[i] == '.' ? '/' : name.at[i];
    }
    memcpy(path + name.length, ending, sizeof(ending));
}

const struct tg_bundle_file *tg_require_find(const struct tg_bundle *files, struct tg_str name)
{
    char path[TG_BUNDLE_PATH_MAX + 1];

    make_path(name, path);
    return is_module_name(name) ? tg_bundle_find(files, tg_str_of(path)) : NULL;
}

void tg_require_load(lua_State *L, const char *origin, const struct tg_bundle_file *file)
{
    const char *chunk = lua_pushfstring(L, "@%s/%s", origin, file->path);

    if (file->length > 0 && file->content[0] == '\x1b') {
        lua_pushfstring(L, "%s: bytecode is not loaded, only source text", chunk + 1);
        (void)lua_error(L);
    }
    if (luaL_loadbufferx(L, file->content, file->length, chunk, "t")) {
        (void)lua_error(L);
    }
    /* The parser loads LuaJIT's FFI for literals such as 1LL, and registers it. */
    lua_getfield(L, LUA_REGISTRYINDEX, "_LOADED");
    lua_getfield(L, -1, "ffi");
    bool has_ffi = !lua_isnil(L, -1);
    lua_pop(L, 2);
    if (has_ffi) {
        lua_pushfstring(L, "%s: the literals 1LL, 1ULL and 1i are not taken", chunk + 1);
        (void)lua_error(L);
    }
    lua_remove(L, -2);
}

/* modules[name] = value, which is popped. The name is argument 1. */
static void set_module(lua_State *L, int modules)
{
    lua_pushvalue(L, 1);
    lua_insert(L, -2);
    lua_rawset(L, modules);
}

static int run_file(lua_State *L, const struct tg_bundle_file *file, int modules)
{
    tg_require_load(L, tg_vm_of(L)->files.origin, file);
    push_address(L, &loading);
    set_module(L, modules);
    lua_pushvalue(L, 1);
    struct tg_vm *vm = tg_vm_of(L);
    const struct tg_bundle_file *outer = vm->module;
    vm->module = file;
    int status = lua_pcall(L, 1, 1, 0);
    vm->module = outer;
    if (status) {
        /* A later require may try again, and fails with the true reason. */
        lua_pushnil(L);
        set_module(L, modules);
        return lua_error(L);
    }
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushboolean(L, 1);
    }
    lua_pushvalue(L, -1);
    set_module(L, modules);
    return 1;
}

/* The file whose path is nearest to the one looked for; NULL when none is near. */
static const struct tg_bundle_file *nearest(const struct tg_vm *vm, const char *path)
{
    const struct tg_bundle_file *best = NULL;
    uint32_t least = NEAR_EDITS + 1;

    for (uint32_t i = 0; i < vm->files.count; i++) {
        const struct tg_bundle_file *file = &vm->files.files[i];
        uint32_t edits = tg_edits(tg_str_of(path), tg_str_of(file->path));
        if (edits < least && strcmp(file->path, "gateway.lua") != 0) {
            least = edits;
            best = file;
        }
    }
    return best;
}

/* The line in which the file names the module, in quotes; 0: in none. */
static int find_line(const struct tg_bundle_file *file, const char *name)
{
    size_t length = strlen(name);
    int line = 1;

    for (const char *at = file->content; at < file->content + file->length; at++) {
        size_t left = (size_t)(file->content + file->length - at);
        line += *at == '\n';
        if ((*at == '"' || *at == '\'') && left > length + 1 && memcmp(at + 1, name, length) == 0 &&
            at[length + 1] == *at) {
            return line;
        }
    }
    return 0;
}

/* "FILE:LINE: " of who called require. The caller is gone from the stack when it is a tail call,
 * return require "lib.rooms"; the file that runs is known still. */
static void push_caller(lua_State *L, const char *name)
{
    const struct tg_vm *vm = tg_vm_of(L);

    luaL_where(L, 1);
    if (lua_objlen(L, -1) > 0 || !vm->module) {
        return;
    }
    lua_pop(L, 1);
    int line = find_line(vm->module, name);
    if (line > 0) {
        lua_pushfstring(L, "%s/%s:%d: ", vm->files.origin, vm->module->path, line);
    } else {
        lua_pushfstring(L, "%s/%s: ", vm->files.origin, vm->module->path);
    }
}

/* The text is at the top of the stack. */
static int fail(lua_State *L, const char *name)
{
    push_caller(L, name);
    lua_insert(L, -2);
    lua_concat(L, 2);
    return lua_error(L);
}

static int fail_not_found(lua_State *L, const char *name, const char *path)
{
    const struct tg_vm *vm = tg_vm_of(L);
    const struct tg_bundle_file *near = nearest(vm, path);

    lua_pushfstring(L, "module '%s' not found: no file %s/%s", name, vm->files.origin, path);
    if (near) {
        lua_pushfstring(L, " (did you mean %s?)", near->path);
        lua_concat(L, 2);
    }
    return fail(L, name);
}

/* A name such as "lib/rooms" or "lib/rooms.lua" may mean a file that is there. */
static int fail_no_name(lua_State *L, struct tg_str name)
{
    const struct tg_vm *vm = tg_vm_of(L);
    char path[TG_BUNDLE_PATH_MAX + 1];

    make_path(name, path);
    const struct tg_bundle_file *file = tg_bundle_find(&vm->files, tg_str_of(path));
    file = file ? file : tg_bundle_find(&vm->files, name);
    lua_pushfstring(L, "'%s' is no module name: a-z, 0-9 and _ in parts with '.' between", name.at);
    if (file) {
        luaL_gsub(L, file->path, "/", ".");
        lua_pushlstring(L, lua_tostring(L, -1), strlen(file->path) - (sizeof(".lua") - 1));
        if (tg_require_find(&vm->files, tg_str_of(lua_tostring(L, -1))) == file) {
            lua_pushfstring(L, " (did you mean '%s'?)", lua_tostring(L, -1));
            lua_replace(L, -3);
            lua_pop(L, 1);
            lua_concat(L, 2);
        } else {
            lua_pop(L, 2); /* no module has the name of that file */
        }
    }
    return fail(L, name.at);
}

int tg_require_module(lua_State *L)
{
    struct tg_str name = tg_argument_text(L, 1);
    const struct tg_vm *vm = tg_vm_of(L);
    char path[TG_BUNDLE_PATH_MAX + 1];

    tg_vm_check_depth(L);
    lua_settop(L, 1);
    push_address(L, &modules_key);
    lua_rawget(L, LUA_REGISTRYINDEX);
    lua_pushvalue(L, 1);
    lua_rawget(L, 2);
    if (lua_touserdata(L, -1) == (void *)(size_t)&loading) {
        lua_pushfstring(L, "module '%s' requires itself", name.at);
        return fail(L, name.at);
    }
    if (!lua_isnil(L, -1)) {
        return 1;
    }
    if (!is_module_name(name)) {
        return fail_no_name(L, name);
    }
    if (tg_str_is(name, TG_STR("gateway"))) {
        lua_pushliteral(L, "gateway.lua is run by the server and can't be required");
        return fail(L, name.at);
    }
    make_path(name, path);
    const struct tg_bundle_file *file = tg_bundle_find(&vm->files, tg_str_of(path));
    if (!file) {
        return fail_not_found(L, name.at, path);
    }
    return run_file(L, file, 2);
}
