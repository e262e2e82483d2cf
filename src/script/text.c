/* SPDX-License-Identifier: MIT */
/* The memory of a text is garbage the moment its string is made. Were it the collector's, a state
 * would reach its cap by that garbage; so it is freed by hand, and by the collector only where an
 * error came between. One owner with a little memory is kept for the next text. */
#include "script/text.h"

#include <lauxlib.h>

#include "base/check.h"
#include "script/vm.h"

enum { KEEP_BYTES = 16384 };

struct owner {
    char *at;
    size_t capacity;
};

/* Addresses as registry keys: the owners' metatable, and the owner that is not in use or false. */
static const char metatable_key;
static const char idle_key;

static void push_key(lua_State *L, const char *key)
{
    lua_pushlightuserdata(L, (void *)(size_t)key);
}

/* Changes the owner's memory. False: there is no more, and it has what it had. */
static bool resize(lua_State *L, struct owner *owner, size_t capacity)
{
    void *self;
    lua_Alloc allocate = lua_getallocf(L, &self);
    char *at = allocate(self, owner->at, owner->capacity, capacity);

    if (!at && capacity > 0) {
        return false;
    }
    owner->at = at;
    owner->capacity = capacity;
    return true;
}

static int on_collected(lua_State *L)
{
    (void)resize(L, lua_touserdata(L, 1), 0);
    return 0;
}

void tg_text_open(lua_State *L)
{
    push_key(L, &metatable_key);
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, on_collected);
    lua_setfield(L, -2, "__gc");
    lua_rawset(L, LUA_REGISTRYINDEX);
    push_key(L, &idle_key);
    lua_pushboolean(L, 0);
    lua_rawset(L, LUA_REGISTRYINDEX);
}

/* registry[idle_key] = what is at the top, which is popped; the key is there, so this takes no
 * memory. */
static void set_idle(lua_State *L)
{
    push_key(L, &idle_key);
    lua_insert(L, -2);
    lua_rawset(L, LUA_REGISTRYINDEX);
}

/* Pushes an owner that nobody else uses. */
static struct owner *push_owner(lua_State *L)
{
    push_key(L, &idle_key);
    lua_rawget(L, LUA_REGISTRYINDEX);
    struct owner *owner = lua_touserdata(L, -1);

    if (owner) {
        lua_pushboolean(L, 0);
        set_idle(L);
        return owner;
    }
    lua_pop(L, 1);
    owner = lua_newuserdata(L, sizeof(*owner));
    *owner = (struct owner){NULL, 0};
    push_key(L, &metatable_key);
    lua_rawget(L, LUA_REGISTRYINDEX);
    lua_setmetatable(L, -2);
    return owner;
}

static struct owner *owner_of(const struct tg_text *text)
{
    return lua_touserdata(text->L, text->slot);
}

void tg_text_init(struct tg_text *text, lua_State *L, size_t expected)
{
    lua_pushnil(L);
    text->L = L;
    text->slot = lua_gettop(L);
    text->length = 0;
    text->capacity = sizeof(text->small);
    text->expected = expected;
    text->at = text->small;
}

/* Raises Lua's own error, which is counted and cleaned up after: by asking for as much as there
 * can be. */
static void raise_no_memory(lua_State *L)
{
    (void)lua_newuserdata(L, tg_vm_of(L)->alloc.limit);
    (void)luaL_error(L, "string too long");
}

/* How much to have for a text of needed octets. */
static size_t capacity_for(const struct tg_text *text, size_t needed, size_t limit)
{
    size_t capacity = text->capacity * 2;

    capacity = capacity > needed ? capacity : needed;
    capacity = capacity > text->expected ? capacity : text->expected;
    /* Twice the length may be more than there is where the length is not. */
    return capacity <= limit / 4 ? capacity : needed + needed / 8;
}

void tg_text_grow(struct tg_text *text, size_t length)
{
    lua_State *L = text->L;
    size_t limit = tg_vm_of(L)->alloc.limit;

    /* Also keeps the sums from overflowing. */
    if (length > limit || text->length > limit - length) {
        raise_no_memory(L);
    }
    size_t capacity = capacity_for(text, text->length + length, limit);
    struct owner *owner = owner_of(text);
    if (!owner) {
        owner = push_owner(L);
        lua_replace(L, text->slot);
    }
    if (owner->capacity < capacity && !resize(L, owner, capacity)) {
        raise_no_memory(L);
    }
    tg_require(owner->at != NULL);
    if (text->at == text->small) {
        memcpy(owner->at, text->small, text->length);
    }
    text->at = owner->at;
    text->capacity = owner->capacity;
}

void tg_text_push(struct tg_text *text)
{
    lua_State *L = text->L;
    struct owner *owner = owner_of(text);

    lua_pushlstring(L, text->at, text->length);
    if (!owner) {
        return;
    }
    if (owner->capacity > KEEP_BYTES) {
        (void)resize(L, owner, 0);
    }
    lua_pushvalue(L, text->slot);
    set_idle(L);
    /* Nobody touches it twice. */
    lua_pushnil(L);
    lua_replace(L, text->slot);
}
