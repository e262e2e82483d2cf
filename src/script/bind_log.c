/* SPDX-License-Identifier: MIT */
#include "script/bind_log.h"

#include <stdio.h>
#include <stdlib.h>

#include <lauxlib.h>

#include "script/argument.h"
#include "script/call.h"
#include "script/coroutine.h"
#include "script/display.h"
#include "script/freeze.h"
#include "script/vm.h"

enum { FIELDS_MAX = 32, MESSAGE_BYTES = 1024, KEY_BYTES = 64, TRACE_BYTES = 40 };

/* One line per call; past the rate it is counted and gone. */
static bool may_log(struct tg_vm *vm)
{
    uint64_t now_ms = tg_hub_now_ms(vm->hub);

    if (now_ms - vm->log_second_ms >= 1000) {
        vm->log_second_ms = now_ms;
        vm->log_lines = 0;
    }
    if (vm->log_lines == TG_BIND_LOG_LINES_PER_SECOND) {
        tg_hub_count(vm->hub, TG_COUNT_SCRIPT_LOG_DROPPED, 1);
        return false;
    }
    vm->log_lines++;
    return true;
}

/* The message stands between quotes that tg_log_write sets: the escapes without the quotes. */
static const char *quote_message(char out[MESSAGE_BYTES + 2], struct tg_str message)
{
    (void)tg_log_quote(out, MESSAGE_BYTES, message);
    size_t length = strlen(out);

    if (length >= 2 && out[0] == '"') {
        out[length - 1] = '\0';
        return out + 1;
    }
    return out;
}

struct field {
    char key[KEY_BYTES];
    int index; /* of the value on the stack */
};

static int compare_keys(const void *a, const void *b)
{
    const struct field *left = a;
    const struct field *right = b;

    return strcmp(left->key, right->key);
}

/* A key must not be able to look like two. */
static void copy_key(char out[KEY_BYTES], struct tg_str key)
{
    size_t length = key.length < KEY_BYTES - 1 ? key.length : KEY_BYTES - 1;

    for (size_t i = 0; i < length; i++) {
        char c = key.at[i];
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                        (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
        out[i] = is_plain ? c : '_';
    }
    out[length] = '\0';
    if (length == 0) {
        memcpy(out, "_", 2);
    } else if (strcmp(out, "trace") == 0) {
        memcpy(out, "trace_", 7); /* the line's own says which connection it is of */
    }
}

/* Leaves the values on the stack and returns how many there are. */
static int read_fields(lua_State *L, int index, struct field fields[FIELDS_MAX])
{
    int count = 0;

    if (lua_isnoneornil(L, index)) {
        return 0;
    }
    luaL_checktype(L, index, LUA_TTABLE);
    luaL_checkstack(L, FIELDS_MAX + 4, "log fields");
    if (tg_freeze_resolve(L, index)) {
        lua_replace(L, index);
    }
    lua_pushnil(L);
    while (count < FIELDS_MAX && lua_next(L, index)) {
        if (lua_type(L, -2) != LUA_TSTRING) {
            lua_pop(L, 1);
            continue;
        }
        copy_key(fields[count].key, tg_argument_text(L, -2));
        lua_pushvalue(L, -2);
        lua_remove(L, -3);
        fields[count++].index = lua_gettop(L) - 1;
    }
    qsort(fields, (size_t)count, sizeof(fields[0]), compare_keys);
    return count;
}

static struct tg_str value_text(lua_State *L, int index, char text[TG_FAILURE_TEXT_BYTES])
{
    if (lua_type(L, index) == LUA_TSTRING) {
        return tg_argument_text(L, index);
    }
    if (lua_type(L, index) == LUA_TNUMBER || lua_type(L, index) == LUA_TBOOLEAN) {
        tg_failure_text(L, index, text, TG_FAILURE_TEXT_BYTES);
        return tg_str_of(text);
    }
    return tg_str_of(luaL_typename(L, index));
}

/* "trace=ID" when the line is written for a connection. Returns its length. */
static size_t write_trace(const struct tg_vm *vm, char *line, size_t size)
{
    const char *trace_id = vm->running ? tg_call_trace_id(&vm->running->job) : NULL;

    line[0] = '\0';
    return trace_id ? (size_t)snprintf(line, size, "trace=%s", trace_id) : 0;
}

static void write_fields(lua_State *L, const struct field *fields, int count, char *line,
                         size_t size)
{
    size_t length = write_trace(tg_vm_of(L), line, size);

    for (int i = 0; i < count; i++) {
        char text[TG_FAILURE_TEXT_BYTES];
        int head =
            snprintf(line + length, size - length, "%s%s=", length > 0 ? " " : "", fields[i].key);
        if (head < 0 || (size_t)head + 8 >= size - length) {
            line[length] = '\0';
            return;
        }
        length += (size_t)head;
        (void)tg_log_quote(line + length, size - length, value_text(L, fields[i].index, text));
        length += strlen(line + length);
    }
}

static void write_line(struct tg_vm *vm, enum tg_log_level level, struct tg_str message,
                       const char *fields)
{
    char text[MESSAGE_BYTES + 2];

    tg_log_write(level, vm->gateway->name, quote_message(text, message), "%s", fields);
}

static int write_log(lua_State *L, enum tg_log_level level)
{
    struct tg_vm *vm = tg_vm_of(L);
    struct tg_str message = tg_argument_text(L, 1);
    struct field fields[FIELDS_MAX];
    char line[TG_BIND_LOG_LINE_MAX - MESSAGE_BYTES];

    lua_settop(L, 2);
    int count = read_fields(L, 2, fields);
    if (!tg_log_is_on(level) || !may_log(vm)) {
        return 0;
    }
    write_fields(L, fields, count, line, sizeof(line));
    write_line(vm, level, message, line);
    return 0;
}

static int log_debug(lua_State *L)
{
    return write_log(L, TG_LOG_LEVEL_DEBUG);
}

static int log_info(lua_State *L)
{
    return write_log(L, TG_LOG_LEVEL_INFO);
}

static int log_warn(lua_State *L)
{
    return write_log(L, TG_LOG_LEVEL_WARN);
}

static int log_error(lua_State *L)
{
    return write_log(L, TG_LOG_LEVEL_ERROR);
}

static const luaL_Reg functions[] = {
    {"debug", log_debug}, {"info", log_info}, {"warn", log_warn},
    {"error", log_error}, {NULL, NULL},
};

void tg_bind_log_open(lua_State *L)
{
    luaL_newlib(L, functions);
}

int tg_bind_log_print(lua_State *L)
{
    struct tg_vm *vm = tg_vm_of(L);
    int count = lua_gettop(L);
    char fields[TRACE_BYTES];
    size_t length;

    if (!tg_log_is_on(TG_LOG_LEVEL_INFO) || !may_log(vm)) {
        return 0;
    }
    luaL_checkstack(L, 2 * count + 4, "print");
    lua_pushliteral(L, "");
    for (int i = 1; i <= count; i++) {
        if (i > 1) {
            lua_pushliteral(L, " ");
        }
        tg_display_push(L, i);
    }
    lua_concat(L, lua_gettop(L) - count);
    const char *message = lua_tolstring(L, -1, &length);
    (void)write_trace(vm, fields, sizeof(fields));
    write_line(vm, TG_LOG_LEVEL_INFO, tg_str(message, length), fields);
    return 0;
}
