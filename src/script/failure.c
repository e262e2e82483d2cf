/* SPDX-License-Identifier: MIT */
#include "script/failure.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "script/vm.h"

enum { STACK_TOLD_MAX = 12, STACK_LEVELS = 200 };

static void copy_cut(char *out, size_t size, struct tg_str text)
{
    size_t length = text.length < size - 1 ? text.length : size - 1;

    if (length > 0) {
        memcpy(out, text.at, length);
    }
    out[length] = '\0';
}

void tg_failure_text(lua_State *L, int index, char *out, size_t size)
{
    size_t length;

    switch (lua_type(L, index)) {
    case LUA_TSTRING: {
        const char *text = lua_tolstring(L, index, &length);
        copy_cut(out, size, tg_str(text, length));
        return;
    }
    case LUA_TNUMBER:
        (void)snprintf(out, size, "%.14g", lua_tonumber(L, index));
        return;
    case LUA_TBOOLEAN:
        (void)snprintf(out, size, "%s", lua_toboolean(L, index) ? "true" : "false");
        return;
    default:
        (void)snprintf(out, size, "(an error object that is a %s value)",
                       lua_typename(L, lua_type(L, index)));
        return;
    }
}

/* Our own Lua has chunk names that begin with '='; a gateway's files with '@'. */
static bool is_author(const lua_Debug *ar)
{
    return ar->source[0] == '@';
}

/* The line of the innermost function is lost when the fault was in its own code and not in a call;
 * the message begins with it then: "short_src:LINE: ". Otherwise the function's first line. */
static int find_line(const struct tg_failure *failure, const lua_Debug *ar)
{
    size_t length = strlen(ar->short_src);

    if (strncmp(failure->text, ar->short_src, length) == 0 && failure->text[length] == ':') {
        long line = strtol(failure->text + length + 1, NULL, 10);
        if (line > 0 && line <= INT_MAX) {
            return (int)line;
        }
    }
    return ar->linedefined;
}

static void append_place(struct tg_failure *failure, const lua_Debug *ar)
{
    size_t length = strlen(failure->stack);

    (void)snprintf(failure->stack + length, sizeof(failure->stack) - length, "%s%s:%d",
                   length > 0 ? " < " : "", ar->source + 1, ar->currentline);
}

static void read_stack(lua_State *L, struct tg_failure *failure)
{
    lua_Debug ar;
    int told = 0;

    for (int level = 0; level < STACK_LEVELS && told < STACK_TOLD_MAX; level++) {
        if (!lua_getstack(L, level, &ar)) {
            return;
        }
        if (!lua_getinfo(L, "Sl", &ar) || !is_author(&ar)) {
            continue;
        }
        if (ar.currentline <= 0) {
            ar.currentline = find_line(failure, &ar);
        }
        if (told++ == 0) {
            copy_cut(failure->file, sizeof(failure->file), tg_str_of(ar.source + 1));
            failure->line = ar.currentline;
        }
        append_place(failure, &ar);
    }
}

void tg_failure_read(lua_State *L, struct tg_failure *failure)
{
    *failure = (struct tg_failure){.line = 0};
    tg_failure_text(L, -1, failure->text, sizeof(failure->text));
    read_stack(L, failure);
}

void tg_failure_join(struct tg_failure *failure, const struct tg_failure *inner)
{
    struct tg_failure joined = *inner;
    size_t length = strlen(inner->stack);

    if (inner->file[0] == '\0' || strcmp(failure->text, inner->text) != 0) {
        return;
    }
    if (failure->stack[0] != '\0') {
        (void)snprintf(joined.stack + length, sizeof(joined.stack) - length, " < %s",
                       failure->stack);
    }
    *failure = joined;
}

void tg_failure_note(struct tg_vm *vm, lua_State *co, lua_State *L)
{
    struct tg_failure failure = {.line = 0};

    tg_failure_text(L, -1, failure.text, sizeof(failure.text));
    read_stack(co, &failure);
    tg_failure_join(&failure, &vm->inner);
    vm->inner = failure;
}

void tg_failure_place(lua_State *L, struct tg_failure *failure)
{
    lua_Debug ar;

    if (lua_type(L, -1) != LUA_TFUNCTION) {
        lua_pop(L, 1);
        return;
    }
    if (lua_getinfo(L, ">S", &ar) && is_author(&ar)) {
        copy_cut(failure->file, sizeof(failure->file), tg_str_of(ar.source + 1));
        failure->line = ar.linedefined;
    }
}

static struct tg_log_limit *find_limit(struct tg_failure_limit *limit, uint64_t place)
{
    for (uint32_t i = 0; i < TG_FAILURE_PLACES; i++) {
        if (limit->rows[i].place == place && limit->rows[i].limit.has_told) {
            return &limit->rows[i].limit;
        }
    }
    uint32_t row = limit->next;
    limit->next = (row + 1) % TG_FAILURE_PLACES;
    limit->rows[row].place = place;
    limit->rows[row].limit = (struct tg_log_limit){.has_told = false};
    return &limit->rows[row].limit;
}

void tg_failure_tell(struct tg_vm *vm, const struct tg_failure *failure, struct tg_str what,
                     const struct tg_failure_caller *caller)
{
    char text[2 * TG_FAILURE_TEXT_BYTES];
    char file[2 * TG_FAILURE_FILE_BYTES];
    char stack[2 * TG_FAILURE_STACK_BYTES];
    char event[2 * TG_NAME_MAX];
    uint64_t held_back = 0;
    uint64_t place = tg_hash(failure->file, strlen(failure->file)) ^ (uint64_t)failure->line;

    tg_hub_count(vm->hub, TG_COUNT_HANDLER_ERRORS, 1);
    if (!tg_log_limit_pass(find_limit(&vm->failures, place), tg_hub_now_ms(vm->hub), &held_back)) {
        return;
    }
    tg_log_write(TG_LOG_LEVEL_ERROR, vm->gateway->name, "script failed",
                 "event=%s file=%s line=%d generation=%s counter=%" PRIu64
                 " client=%s trace=%s suppressed=%" PRIu64 " error=%s stack=%s",
                 tg_log_quote(event, sizeof(event), what),
                 tg_log_quote(file, sizeof(file), tg_str_of(failure->file)), failure->line,
                 vm->gateway->generation, vm->gateway->counter, caller->conn ? caller->conn : "-",
                 caller->trace_id ? caller->trace_id : "-", held_back,
                 tg_log_quote(text, sizeof(text), tg_str_of(failure->text)),
                 tg_log_quote(stack, sizeof(stack), tg_str_of(failure->stack)));
}
