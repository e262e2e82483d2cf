/* SPDX-License-Identifier: MIT */
#include "script/string_pattern.h"

#include <math.h>

#include <lauxlib.h>

#include "script/argument.h"
#include "script/pattern.h"
#include "script/stop.h"
#include "script/text.h"
#include "script/vm.h"

static bool is_stopped(void *L)
{
    return tg_stop_is_set(tg_vm_of(L));
}

/* --- arguments and results --- */

/* A string or a number, as Lua takes them. */
static struct tg_str check_text(lua_State *L, int index)
{
    size_t length;
    const char *at = luaL_checklstring(L, index, &length);

    return tg_str(at, length);
}

/* Starts on the subject at index 1 and the pattern's text. */
static void start(lua_State *L, struct tg_pattern *m, struct tg_str subject, const char *text)
{
    tg_pattern_init(m, subject, text);
    m->is_stopped = is_stopped;
    m->cookie = L;
}

/* A match has failed: raises when that was an error. */
static void check_error(lua_State *L, const struct tg_pattern *m)
{
    if (m->error) {
        tg_stop_poll(L);
        (void)luaL_error(L, "%s", m->error);
    }
}

/* A capture by its index from 0; without captures the first is the whole match. */
static void push_capture(lua_State *L, const struct tg_pattern *m, int i, struct tg_str whole)
{
    if (i >= m->count) {
        if (i > 0) {
            (void)luaL_error(L, "invalid capture index");
        }
        lua_pushlstring(L, whole.at, whole.length);
        return;
    }
    const struct tg_pattern_capture *capture = &m->captures[i];
    if (capture->length == TG_PATTERN_OPEN) {
        (void)luaL_error(L, "unfinished capture");
    }
    if (capture->length == TG_PATTERN_POSITION) {
        lua_pushinteger(L, capture->at - m->subject + 1);
    } else {
        lua_pushlstring(L, capture->at, (size_t)capture->length);
    }
}

/* Pushes count captures and returns it. */
static int push_captures(lua_State *L, const struct tg_pattern *m, int count, struct tg_str whole)
{
    luaL_checkstack(L, count, "too many captures");
    for (int i = 0; i < count; i++) {
        push_capture(L, m, i, whole);
    }
    return count;
}

static int capture_count(const struct tg_pattern *m)
{
    return m->count > 0 ? m->count : 1;
}

/* --- find and match --- */

/* Where to begin, by argument 3: a position from 1, negative from the end. */
static const char *check_from(lua_State *L, struct tg_str subject)
{
    if (lua_isnoneornil(L, 3)) {
        return subject.at;
    }
    lua_Number position = trunc(luaL_checknumber(L, 3));
    lua_Number length = (lua_Number)subject.length;
    position = position < 0 ? position + length : position - 1;
    /* Written so that NaN is the start. */
    if (!(position > 0)) {
        return subject.at;
    }
    return subject.at + (position < length ? (size_t)position : subject.length);
}

static int push_found(lua_State *L, const struct tg_pattern *m, const char *at, const char *end)
{
    lua_pushinteger(L, at - m->subject + 1);
    lua_pushinteger(L, end - m->subject);
    return 2;
}

static int push_none(lua_State *L, const struct tg_pattern *m)
{
    check_error(L, m);
    lua_pushnil(L);
    return 1;
}

/* The match at or after *at; the pattern may be anchored. */
static const char *search(struct tg_pattern *m, const char **at)
{
    if (*m->pattern == '^') {
        m->pattern++;
        return tg_pattern_match(m, *at);
    }
    return tg_pattern_search(m, at);
}

/* string.find(s, pattern[, from[, is_plain]]) */
static int string_find(lua_State *L)
{
    struct tg_str subject = check_text(L, 1);
    struct tg_str text = check_text(L, 2);
    const char *at = check_from(L, subject);
    struct tg_pattern m;

    start(L, &m, subject, text.at);
    if (lua_toboolean(L, 4) || !tg_pattern_is_special(text)) {
        at = tg_pattern_find_plain(&m, at, text);
        return at ? push_found(L, &m, at, at + text.length) : push_none(L, &m);
    }
    const char *end = search(&m, &at);
    if (!end) {
        return push_none(L, &m);
    }
    (void)push_found(L, &m, at, end);
    return 2 + push_captures(L, &m, m.count, (struct tg_str){0});
}

/* string.match(s, pattern[, from]) */
static int string_match(lua_State *L)
{
    struct tg_str subject = check_text(L, 1);
    struct tg_str text = check_text(L, 2);
    const char *at = check_from(L, subject);
    struct tg_pattern m;

    start(L, &m, subject, text.at);
    const char *end = search(&m, &at);
    if (!end) {
        return push_none(L, &m);
    }
    return push_captures(L, &m, capture_count(&m), tg_str(at, (size_t)(end - at)));
}

/* --- gmatch --- */

/* The next match; upvalues: the subject, the pattern, where to go on. */
static int next_match(lua_State *L)
{
    struct tg_str subject;
    struct tg_pattern m;

    subject.at = lua_tolstring(L, lua_upvalueindex(1), &subject.length);
    size_t from = (size_t)lua_tointeger(L, lua_upvalueindex(3));
    if (from > subject.length) {
        return 0;
    }
    start(L, &m, subject, lua_tostring(L, lua_upvalueindex(2)));
    const char *at = subject.at + from;
    const char *end = tg_pattern_search(&m, &at);
    if (!end) {
        check_error(L, &m);
        lua_pushinteger(L, (lua_Integer)subject.length + 1);
        lua_replace(L, lua_upvalueindex(3));
        return 0;
    }
    /* Past an empty match, lest it be found for ever. */
    lua_pushinteger(L, end - subject.at + (end == at ? 1 : 0));
    lua_replace(L, lua_upvalueindex(3));
    return push_captures(L, &m, capture_count(&m), tg_str(at, (size_t)(end - at)));
}

/* string.gmatch(s, pattern). A '^' is no anchor here. */
static int string_gmatch(lua_State *L)
{
    (void)check_text(L, 1);
    (void)check_text(L, 2);
    lua_settop(L, 2);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, next_match, 3);
    return 1;
}

/* --- gsub --- */

/* Adds a capture without making a string of it where that can be. */
static void add_capture(lua_State *L, const struct tg_pattern *m, int i, struct tg_str whole,
                        struct tg_text *result)
{
    if (i < m->count && m->captures[i].length >= 0) {
        tg_text_add(result, m->captures[i].at, (size_t)m->captures[i].length);
        return;
    }
    size_t length;
    push_capture(L, m, i, whole);
    const char *at = lua_tolstring(L, -1, &length);
    tg_text_add(result, at, length);
    lua_pop(L, 1);
}

/* The replacement is the text at index 3, in which %0 to %9 stand for what was matched. */
static void add_template(lua_State *L, const struct tg_pattern *m, struct tg_str whole,
                         struct tg_text *result)
{
    struct tg_str text = check_text(L, 3);
    const char *end = text.at + text.length;
    const char *at = text.at;
    unsigned steps = TG_STOP_STEPS;

    for (const char *mark; (mark = memchr(at, '%', (size_t)(end - at))); at = mark + 2) {
        if (--steps == 0) {
            tg_stop_poll(L);
            steps = TG_STOP_STEPS;
        }
        tg_text_add(result, at, (size_t)(mark - at));
        /* At the end of the text this is its NUL, as in LuaJIT. */
        char what = mark[1];
        if (what == '0') {
            tg_text_add(result, whole.at, whole.length);
        } else if (what >= '1' && what <= '9') {
            add_capture(L, m, what - '1', whole, result);
        } else {
            tg_text_add(result, &what, 1);
        }
        if (mark + 1 == end) {
            return;
        }
    }
    tg_text_add(result, at, (size_t)(end - at));
}

/* The replacement comes from a function or a table at index 3; nil and false keep the original. */
static void add_answer(lua_State *L, const struct tg_pattern *m, struct tg_str whole,
                       struct tg_text *result)
{
    if (lua_istable(L, 3)) {
        push_capture(L, m, 0, whole);
        lua_gettable(L, 3);
    } else {
        lua_pushvalue(L, 3);
        lua_call(L, push_captures(L, m, capture_count(m), whole), 1);
    }
    if (lua_toboolean(L, -1)) {
        if (!lua_isstring(L, -1)) {
            (void)luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
        }
        whole.at = lua_tolstring(L, -1, &whole.length);
    }
    tg_text_add(result, whole.at, whole.length);
    lua_pop(L, 1);
}

static void add_replacement(lua_State *L, const struct tg_pattern *m, struct tg_str whole,
                            struct tg_text *result)
{
    if (lua_type(L, 3) == LUA_TSTRING) {
        add_template(L, m, whole, result);
    } else {
        add_answer(L, m, whole, result);
    }
}

/* Replaces up to most matches, and returns how many there were. What is not replaced is added in
 * runs, from kept on. */
static lua_Number substitute(lua_State *L, struct tg_pattern *m, lua_Number most,
                             struct tg_text *result)
{
    bool is_anchored = *m->pattern == '^';
    const char *kept = m->subject;
    const char *at = m->subject;
    lua_Number count = 0;

    m->pattern += is_anchored;
    while (count < most) {
        const char *end = is_anchored ? tg_pattern_match(m, at) : tg_pattern_search(m, &at);
        if (!end) {
            check_error(L, m);
            break;
        }
        count++;
        tg_text_add(result, kept, (size_t)(at - kept));
        add_replacement(L, m, tg_str(at, (size_t)(end - at)), result);
        kept = end;
        if (end == at && at == m->end) {
            break;
        }
        at = end == at ? at + 1 : end;
        if (is_anchored) {
            break;
        }
    }
    tg_text_add(result, kept, (size_t)(m->end - kept));
    return count;
}

/* string.gsub(s, pattern, replacement[, most]) */
static int string_gsub(lua_State *L)
{
    struct tg_str subject = check_text(L, 1);
    struct tg_str text = check_text(L, 2);
    int type = lua_type(L, 3);
    lua_Number most = trunc(luaL_optnumber(L, 4, (lua_Number)subject.length + 1));
    struct tg_pattern m;
    struct tg_text result;

    luaL_argcheck(L,
                  type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION ||
                      type == LUA_TTABLE,
                  3, "string/function/table expected");
    if (type == LUA_TNUMBER) {
        (void)lua_tostring(L, 3);
    } else if (type != LUA_TSTRING) {
        tg_vm_check_depth(L);
    }
    lua_settop(L, 3);
    start(L, &m, subject, text.at);
    tg_text_init(&result, L, subject.length);
    lua_Number count = substitute(L, &m, most, &result);
    tg_text_push(&result);
    lua_pushnumber(L, count);
    return 2;
}

static const luaL_Reg functions[] = {
    {"find", string_find},
    {"match", string_match},
    {"gmatch", string_gmatch},
    {"gsub", string_gsub},
    {NULL, NULL},
};

void tg_string_pattern_set(lua_State *L, int table)
{
    for (const luaL_Reg *row = functions; row->name; row++) {
        lua_pushcfunction(L, row->func);
        lua_setfield(L, table, row->name);
    }
}
