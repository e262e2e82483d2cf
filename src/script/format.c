/* SPDX-License-Identifier: MIT */
/* A format is read twice: first for what the native may not see and for how much work it is. Most
 * are little work and go to the native whole, in the same frame, so that its errors name the
 * author's line. A lot of work is walked here: the native gets one number at a time, and strings
 * are added by us. */
#include "script/format.h"

#include <ctype.h>

#include <lauxlib.h>

#include "base/check.h"
#include "base/str.h"
#include "script/display.h"
#include "script/stop.h"
#include "script/text.h"

enum {
    WHOLE_BYTES = 1024,    /* of format and of strings in it that the native gets at once */
    STRINGS_BYTES = 65536, /* likewise */
    SPEC_BYTES = 16,       /* "%-+ #0" in any order, width, precision, letter, and room */
    QUOTE_ROOM = 4         /* octets that one octet takes at most in %q: "\000" */
};

/* A conversion of a format, from its '%'. */
struct conversion {
    const char *at;
    const char *end;
    char letter; /* '\0': none that there is */
    bool has_precision;
};

/* Reads the conversion whose '%' is at at, as LuaJIT does: flags, up to two digits of width, and of
 * precision. */
static struct conversion read_conversion(const char *at, const char *end)
{
    struct conversion conversion = {.at = at};
    const char *p = at + 1;

    while (p < end && *p != '\0' && strchr("-+0 #", *p)) {
        p++;
    }
    for (int i = 0; i < 2 && p < end && isdigit((unsigned char)*p); i++) {
        p++;
    }
    if (p < end && *p == '.') {
        conversion.has_precision = true;
        p++;
        for (int i = 0; i < 2 && p < end && isdigit((unsigned char)*p); i++) {
            p++;
        }
    }
    if (p < end && *p != '\0' && strchr("aAcdeEfFgGiopqsuxX", *p)) {
        conversion.letter = *p;
    }
    conversion.end = p < end && (unsigned char)*p >= ' ' ? p + 1 : p;
    return conversion;
}

/* The next '%' that is none doubled, or the end. */
static const char *next_mark(lua_State *L, const char *at, const char *end)
{
    unsigned steps = TG_STOP_STEPS;

    while (at < end && (at = memchr(at, '%', (size_t)(end - at)))) {
        if (--steps == 0) {
            tg_stop_poll(L);
            steps = TG_STOP_STEPS;
        }
        if (at + 1 == end || at[1] != '%') {
            return at;
        }
        at += 2;
    }
    return end;
}

/* Makes the argument a string where it is shown as one: what the native would show with an
 * address, or by a call. Returns the octets to copy. */
static size_t prepare_string(lua_State *L, int index)
{
    if (index > lua_gettop(L)) {
        return 0;
    }
    if (lua_type(L, index) > LUA_TSTRING || lua_type(L, index) == LUA_TLIGHTUSERDATA) {
        tg_display_push(L, index);
        lua_replace(L, index);
    }
    return lua_type(L, index) == LUA_TSTRING ? lua_objlen(L, index) : 0;
}

/* Whether the native may have it all as it is: little, and nothing that it would show by its
 * address or by a call. */
static bool is_plain(lua_State *L, struct tg_str format, int count)
{
    size_t octets = format.length;

    if (octets > WHOLE_BYTES || memchr(format.at, 'p', format.length)) {
        return false;
    }
    for (int i = 2; i <= count; i++) {
        int type = lua_type(L, i);
        if (type > LUA_TSTRING || type == LUA_TLIGHTUSERDATA) {
            return false;
        }
        octets += type == LUA_TSTRING ? lua_objlen(L, i) : 0;
    }
    return octets <= STRINGS_BYTES;
}

/* Looks at all conversions, prepares strings. Returns how many octets of strings there are. */
static size_t prepare(lua_State *L, struct tg_str format)
{
    const char *end = format.at + format.length;
    const char *at = format.at;
    size_t octets = 0;
    int argument = 2;

    while ((at = next_mark(L, at, end)) < end) {
        struct conversion conversion = read_conversion(at, end);
        luaL_argcheck(L, conversion.letter != 'p', 1, "'%p' is not known here");
        if (conversion.letter == '\0') {
            break;
        }
        if (conversion.letter == 's' || conversion.letter == 'q') {
            octets += prepare_string(L, argument);
        }
        argument++;
        at = conversion.end;
        tg_stop_poll(L);
    }
    return octets;
}

/* --- piece by piece --- */

/* Octets between conversions, in which "%%" is "%". */
static void add_literal(lua_State *L, struct tg_text *result, const char *at, const char *end)
{
    while (at < end) {
        const char *mark = memchr(at, '%', (size_t)(end - at));
        const char *stop = mark ? mark + 1 : end;
        tg_text_add(result, at, (size_t)(stop - at));
        at = mark ? mark + 2 : end;
        tg_stop_poll(L);
    }
}

/* An octet as the Lua reader takes it between quotes; followed by next. */
static size_t quote_octet(char *to, unsigned char octet, unsigned char next)
{
    if (octet == '"' || octet == '\\' || octet == '\n') {
        to[0] = '\\';
        to[1] = (char)octet;
        return 2;
    }
    if (octet >= ' ' && octet != 127) {
        to[0] = (char)octet;
        return 1;
    }
    size_t length = 0;
    bool is_padded = octet >= 100 || isdigit(next);
    to[length++] = '\\';
    if (is_padded) {
        to[length++] = (char)('0' + octet / 100);
    }
    if (is_padded || octet >= 10) {
        to[length++] = (char)('0' + octet / 10 % 10);
    }
    to[length++] = (char)('0' + octet % 10);
    return length;
}

static void add_quoted(lua_State *L, struct tg_text *result, struct tg_str text)
{
    tg_text_add(result, "\"", 1);
    for (size_t i = 0; i < text.length; i++) {
        if (i % TG_STOP_STEPS == 0) {
            tg_stop_poll(L);
        }
        char *to = tg_text_reserve(result, QUOTE_ROOM);
        /* Past its end the string has a NUL. */
        result->length += quote_octet(to, (unsigned char)text.at[i], (unsigned char)text.at[i + 1]);
    }
    tg_text_add(result, "\"", 1);
}

/* What the native, upvalue 1, makes of one argument. */
static void add_native(lua_State *L, struct tg_text *result, const struct conversion *conversion,
                       int index)
{
    struct tg_str text;

    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushlstring(L, conversion->at, (size_t)(conversion->end - conversion->at));
    lua_pushvalue(L, index);
    lua_call(L, 2, 1);
    text.at = lua_tolstring(L, -1, &text.length);
    tg_text_add(result, text.at, text.length);
    lua_pop(L, 1);
}

static void add_conversion(lua_State *L, struct tg_text *result,
                           const struct conversion *conversion, int index)
{
    struct tg_str text = {0};
    bool is_string = conversion->letter == 's' || conversion->letter == 'q';

    if (!is_string) {
        (void)luaL_checknumber(L, index);
    } else if (lua_type(L, index) == LUA_TSTRING) {
        text.at = lua_tolstring(L, index, &text.length);
    }
    /* A width has two digits, so a long string is wider. */
    if (text.at && conversion->letter == 's' && !conversion->has_precision && text.length > 99) {
        tg_text_add(result, text.at, text.length);
    } else if (text.at && conversion->letter == 'q') {
        add_quoted(L, result, text);
    } else {
        add_native(L, result, conversion, index);
    }
}

static void add_all(lua_State *L, struct tg_text *result, struct tg_str format, int count)
{
    const char *end = format.at + format.length;
    const char *at = format.at;

    for (int index = 2;; index++) {
        const char *mark = next_mark(L, at, end);
        add_literal(L, result, at, mark);
        if (mark == end) {
            return;
        }
        struct conversion conversion = read_conversion(mark, end);
        if (conversion.letter == '\0') {
            lua_pushlstring(L, mark, (size_t)(conversion.end - mark));
            (void)luaL_error(L, "invalid option '%s' to 'format'", lua_tostring(L, -1));
        }
        luaL_argcheck(L, index <= count, index, "value expected");
        add_conversion(L, result, &conversion, index);
        at = conversion.end;
        tg_stop_poll(L);
    }
}

/* string.format(format, ...) */
static int format(lua_State *L)
{
    struct tg_str text;
    struct tg_text result;
    int count = lua_gettop(L);

    text.at = luaL_checklstring(L, 1, &text.length);
    if (is_plain(L, text, count)) {
        return lua_tocfunction(L, lua_upvalueindex(1))(L);
    }
    size_t octets = prepare(L, text);
    if (text.length <= WHOLE_BYTES && octets <= STRINGS_BYTES) {
        return lua_tocfunction(L, lua_upvalueindex(1))(L);
    }
    luaL_checkstack(L, LUA_MINSTACK, "too many arguments");
    tg_text_init(&result, L, text.length + octets);
    add_all(L, &result, text, count);
    tg_text_push(&result);
    return 1;
}

void tg_format_push(lua_State *L)
{
    tg_require(lua_tocfunction(L, -1) != NULL);
    lua_pushcclosure(L, format, 1);
}
