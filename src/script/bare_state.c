/* SPDX-License-Identifier: MIT */
/* No function of the file's reach catches errors or makes coroutines, so the hook that counts
 * instructions can't be swallowed. */
#include "script/bare_state.h"

#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>
#include <luajit.h>

#include "base/buf.h"
#include "base/file.h"

enum { INSTRUCTIONS_STEP = 10 * 1000 };

/* The chunk's name for Lua, which would cut a long path; messages get the path instead. */
static const char CHUNK[] = "file";

static void *allocate(void *self, void *old, size_t old_bytes, size_t new_bytes)
{
    struct tg_bare_state *state = self;
    size_t rest = state->memory - (old ? old_bytes : 0);

    if (new_bytes == 0) {
        free(old);
        state->memory = rest;
        return NULL;
    }
    if (new_bytes > state->memory_bytes - rest) {
        return NULL;
    }
    void *grown = realloc(old, new_bytes);
    if (grown) {
        state->memory = rest + new_bytes;
    }
    return grown;
}

/* Some more instructions have run. */
static void on_count(lua_State *L, lua_Debug *at)
{
    void *self = NULL;

    (void)lua_getallocf(L, &self);
    struct tg_bare_state *state = self;
    if (++state->steps > state->instructions / INSTRUCTIONS_STEP) {
        (void)lua_getinfo(L, "Sl", at);
        (void)lua_pushfstring(L, "%s:%d: %s runs for too long", CHUNK, at->currentline,
                              state->title);
        (void)lua_error(L);
    }
}

static int run(lua_State *L)
{
    struct tg_bare_state *state = lua_touserdata(L, 1);

    lua_settop(L, 0);
    (void)luaJIT_setmode(L, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_OFF);
    /* For a literal such as 1LL the parser loads LuaJIT's FFI, whose tables live by this alone. */
    lua_newtable(L);
    lua_setfield(L, LUA_REGISTRYINDEX, "_LOADED");
    state->push_environment(L);
    int status = luaL_loadbufferx(L, state->source.at, state->source.length, "=file", "t");
    if (status) {
        state->err = status == LUA_ERRSYNTAX ? TG_ERR_SYNTAX : TG_ERR_SCRIPT;
        return lua_error(L);
    }
    lua_insert(L, -2);
    (void)lua_setfenv(L, -2);
    (void)lua_sethook(L, on_count, LUA_MASKCOUNT, INSTRUCTIONS_STEP);
    lua_call(L, 0, 1);
    (void)lua_sethook(L, NULL, 0, 0);
    state->walk(L, state);
    return 0;
}

/* Lua shows the token where it stumbled; a text may be a secret. */
static size_t length_shown(const char *text)
{
    static const char near[] = " near '";
    const char *token = strstr(text, near);

    if (token && strchr("\"'[", token[sizeof(near) - 1])) {
        return (size_t)(token - text);
    }
    return strlen(text);
}

static void describe(lua_State *L, struct tg_bare_state *state)
{
    /* Outside of a protected call nothing may be converted. */
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "failed";
    size_t chunk = sizeof(CHUNK) - 1;

    size_t length = length_shown(text);
    if (length > chunk && strncmp(text, CHUNK, chunk) == 0 && text[chunk] == ':') {
        (void)tg_errmsg_set(state->msg, 0, "%s%.*s", state->path, (int)(length - chunk),
                            text + chunk);
    } else {
        (void)tg_errmsg_set(state->msg, 0, "%s: %.*s", state->path, (int)length, text);
    }
    for (char *at = state->msg->text; *at; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f) {
            *at = '?';
        }
    }
}

static int run_source(struct tg_bare_state *state)
{
    lua_State *L = lua_newstate(allocate, state);

    if (!L) {
        return tg_errmsg_set(state->msg, TG_ERR_NOMEM, "%s: out of memory", state->path);
    }
    if (lua_cpcall(L, run, state) != 0) {
        state->err = state->err ? state->err : TG_ERR_SCRIPT;
        describe(L, state);
    }
    lua_close(L);
    return state->err;
}

int tg_bare_state_run(struct tg_bare_state *state)
{
    struct tg_buf source;

    tg_buf_init(&source, state->file_bytes);
    int err = tg_file_read(state->path, &source, state->msg);
    if (err == TG_OK) {
        state->source = tg_buf_str(&source);
        err = run_source(state);
    }
    tg_buf_fini(&source);
    state->source = tg_str(NULL, 0);
    return err;
}
