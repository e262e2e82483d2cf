/* SPDX-License-Identifier: MIT */
/* A string in the making, within one C function that Lua called. Short ones need no memory; longer
 * ones take it from the state's allocator, so the cap counts it, and a userdata owns it, so that an
 * error may pass at any time.
 * Lives in: a worker, on the C stack. */
#ifndef TG_SCRIPT_TEXT_H
#define TG_SCRIPT_TEXT_H

#include <stddef.h>
#include <string.h>

#include <lua.h>

enum { TG_TEXT_SMALL_BYTES = 512 };

struct tg_text {
    lua_State *L;
    int slot; /* of the Lua stack: the owner of the memory */
    size_t length;
    size_t capacity;
    size_t expected; /* how long it will be, as far as known: what is made room for */
    char *at;        /* small, or the owner's */
    char small[TG_TEXT_SMALL_BYTES];
};

/* Once per state, before the first text; may raise. */
void tg_text_open(lua_State *L);

/* An empty text. Takes one slot of the Lua stack, which stays until the function returns. */
void tg_text_init(struct tg_text *text, lua_State *L, size_t expected);

/* Makes room for length octets more. Raises when the state can't hold them. */
void tg_text_grow(struct tg_text *text, size_t length);

/* Pushes the string and gives the memory back: the text is over. May raise. */
void tg_text_push(struct tg_text *text);

/* Where length octets more go; the caller writes them and adds to text->length. May raise. */
static inline char *tg_text_reserve(struct tg_text *text, size_t length)
{
    if (length > text->capacity - text->length) {
        tg_text_grow(text, length);
    }
    return text->at + text->length;
}

/* Appends. May raise. */
static inline void tg_text_add(struct tg_text *text, const char *at, size_t length)
{
    memcpy(tg_text_reserve(text, length), at, length);
    text->length += length;
}

#endif
