/* SPDX-License-Identifier: MIT */
/* A pattern up to the first newline, and a subject: the first match is that of LuaJIT, with the
 * same captures or the same error, or it takes so long that it is stopped. */
#include "target.h"

#include <lauxlib.h>
#include <lualib.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "script/pattern.h"

enum { LOOKS = 64, PATTERN_MAX = 512, SUBJECT_MAX = 512 };

/* Goes on as often as the count says. */
static bool count_down(void *cookie)
{
    int *left = cookie;

    return (*left)-- == 0;
}

/* LuaJIT's answer to find and the matched text: pushes what it returned after true, or false and
 * its error. */
static void push_expected(lua_State *L, struct tg_str subject, struct tg_str pattern)
{
    lua_getglobal(L, "string");
    lua_getfield(L, -1, "find");
    lua_remove(L, -2);
    lua_pushlstring(L, subject.at, subject.length);
    lua_pushlstring(L, pattern.at, pattern.length);
    int status = lua_pcall(L, 2, LUA_MULTRET, 0);
    lua_pushboolean(L, status == 0);
    lua_insert(L, 1);
}

static void check_capture(lua_State *L, const struct tg_pattern *m, int i)
{
    const struct tg_pattern_capture *capture = &m->captures[i];
    int index = 4 + i;

    if (capture->length == TG_PATTERN_POSITION) {
        tg_require(lua_tonumber(L, index) == (lua_Number)(capture->at - m->subject + 1));
        return;
    }
    size_t length;
    const char *text = lua_tolstring(L, index, &length);
    tg_require(lua_type(L, index) == LUA_TSTRING && (ptrdiff_t)length == capture->length);
    tg_require(memcmp(text, capture->at, length) == 0);
}

static bool is_unfinished(const struct tg_pattern *m)
{
    for (int i = 0; i < m->count; i++) {
        if (m->captures[i].length == TG_PATTERN_OPEN) {
            return true;
        }
    }
    return false;
}

static void compare(lua_State *L, const struct tg_pattern *m, const char *at, const char *end)
{
    if (!lua_toboolean(L, 1)) {
        const char *error = m->error ? m->error : "unfinished capture";
        tg_require(m->error || (end && is_unfinished(m)));
        tg_require(strstr(lua_tostring(L, 2), error));
        return;
    }
    tg_require(!m->error);
    if (!end) {
        tg_require(lua_isnil(L, 2));
        return;
    }
    tg_require(lua_tonumber(L, 2) == (lua_Number)(at - m->subject + 1));
    tg_require(lua_tonumber(L, 3) == (lua_Number)(end - m->subject));
    tg_require(lua_gettop(L) == 3 + m->count);
    for (int i = 0; i < m->count; i++) {
        check_capture(L, m, i);
    }
}

static void match(lua_State *L, struct tg_str text, struct tg_str subject)
{
    const char *at = subject.at;
    const char *end;
    int left = LOOKS;
    struct tg_pattern m;

    tg_pattern_init(&m, subject, text.at);
    m.is_stopped = count_down;
    m.cookie = &left;
    if (!tg_pattern_is_special(text)) {
        at = tg_pattern_find_plain(&m, at, text);
        end = at ? at + text.length : NULL;
    } else if (*text.at == '^') {
        m.pattern++;
        end = tg_pattern_match(&m, at);
    } else {
        end = tg_pattern_search(&m, &at);
    }
    tg_require(!end || (at >= subject.at && end >= at && end <= subject.at + subject.length));
    if (left >= 0) {
        push_expected(L, subject, text);
        compare(L, &m, at, end);
    }
}

/* Memory of its very size, so that a sanitizer sees who reads past it. */
static char *copy(const uint8_t *from, size_t length, size_t size)
{
    char *to = malloc(size > 0 ? size : 1);

    tg_require(to);
    if (length > 0) {
        memcpy(to, from, length);
    }
    return to;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
    const uint8_t *newline = length > 0 ? memchr(input, '\n', length) : NULL;
    size_t first = newline ? (size_t)(newline - input) : length;
    size_t second = newline ? length - first - 1 : 0;

    if (first > PATTERN_MAX || second > SUBJECT_MAX) {
        return 0;
    }
    char *pattern = copy(input, first, first + 1);
    char *subject = copy(newline ? newline + 1 : NULL, second, second);
    pattern[first] = '\0';
    lua_State *L = luaL_newstate();
    tg_require(L);
    luaL_openlibs(L);
    match(L, tg_str(pattern, first), tg_str(subject, second));
    lua_close(L);
    free(pattern);
    free(subject);
    return 0;
}
