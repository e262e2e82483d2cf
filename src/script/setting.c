/* SPDX-License-Identifier: MIT */
#include "script/setting.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include <lauxlib.h>

#include "base/edits.h"
#include "base/err.h"
#include "script/key_line.h"
#include "script/require.h"
#include "script/vm.h"

enum { NEAR_EDITS = 2, NAME_SHOWN = 160, MESSAGE_BYTES = TG_ERRMSG_BYTES };

/* Its address is the error object of what has been told already. */
static const char failure;

/* The file that the table is written in: gateway.lua, or the one whose table it returns. */
static const struct tg_bundle_file *find_file(const struct tg_bundle *files)
{
    const struct tg_bundle_file *file = tg_bundle_find(files, TG_STR("gateway.lua"));
    struct tg_str source = file ? tg_str(file->content, file->length) : TG_STR("");
    const struct tg_bundle_file *other = tg_require_find(files, tg_key_line_module(source));

    return other ? other : file;
}

/* A function knows where it is written, when its key is not to be seen: function events.say(). */
static void place_at_value(lua_State *L, struct tg_fault *fault)
{
    lua_Debug ar;

    if (lua_type(L, -1) == LUA_TFUNCTION) {
        lua_pushvalue(L, -1);
        if (lua_getinfo(L, ">S", &ar) && ar.source[0] == '@') {
            tg_fault_place(fault, tg_str_of(ar.source + 1), ar.linedefined);
        }
    }
}

/* A fault whose text begins with the shown path, and that stands where the key at the path does.
 */
struct finding {
    const char *shown;
    const char *key;
    const char *message;
    const char *hint; /* "": none */
    bool is_at_value; /* which is at the top of the stack */
};

static void add_fault(struct tg_setting *setting, const struct finding *finding)
{
    struct tg_fault fault;
    char name[TG_FAULT_FILE_BYTES];

    setting->has_failed = true;
    /* What is past the bound is counted alone: finding a line costs a walk over the file. */
    if (setting->faults->count == TG_FAULTS_MAX) {
        setting->faults->left_out++;
        return;
    }
    const struct tg_bundle *files = &setting->vm->files;
    const struct tg_bundle_file *file = find_file(files);
    struct tg_str source = file ? tg_str(file->content, file->length) : TG_STR("");
    struct tg_key_line place = tg_key_line(source, tg_str_of(finding->key));
    (void)snprintf(name, sizeof(name), "%s/%s", files->origin, file ? file->path : "gateway.lua");
    tg_fault_set(&fault, TG_FAULT_LOAD, tg_str_of(name), place.line, "%s%s%s", finding->shown,
                 finding->shown[0] ? ": " : "", finding->message);
    if (finding->is_at_value && !place.is_exact) {
        place_at_value(setting->L, &fault);
    }
    tg_fault_hint(&fault, "%s", finding->hint);
    tg_fault_list_add(setting->faults, &fault);
}

__attribute__((format(printf, 2, 0))) static void add_own_fault(struct tg_setting *setting,
                                                                const char *format, va_list args)
{
    char message[MESSAGE_BYTES];
    struct finding finding = {setting->path, setting->path, message, "", true};

    (void)vsnprintf(message, sizeof(message), format, args);
    add_fault(setting, &finding);
}

void tg_setting_note(struct tg_setting *setting, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_own_fault(setting, format, args);
    va_end(args);
}

void tg_setting_note_at(struct tg_setting *setting, const char *key, const char *message)
{
    add_fault(setting, &(struct finding){key, key, message, "", false});
}

__attribute__((noreturn)) static void leave_by_error(lua_State *L)
{
    lua_pushlightuserdata(L, (void *)(size_t)&failure);
    (void)lua_error(L);
    __builtin_unreachable();
}

void tg_setting_fail(struct tg_setting *setting, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_own_fault(setting, format, args);
    va_end(args);
    leave_by_error(setting->L);
}

bool tg_setting_is_failure(lua_State *L, int index)
{
    return lua_touserdata(L, index) == (void *)(size_t)&failure;
}

void tg_setting_finish(struct tg_setting *setting)
{
    if (setting->has_failed) {
        leave_by_error(setting->L);
    }
}

/* --- a reading that may fail --- */

struct attempt {
    struct tg_setting *setting;
    void (*read)(struct tg_setting *setting);
};

/* In protected mode: attempt, the gateway's table, the values. */
static int on_try(lua_State *L)
{
    const struct attempt *attempt = lua_touserdata(L, 1);

    attempt->setting->root = 2;
    attempt->read(attempt->setting);
    return 0;
}

void tg_setting_try(struct tg_setting *setting, int values, void (*read)(struct tg_setting *))
{
    lua_State *L = setting->L;
    struct attempt attempt = {setting, read};
    int first = lua_gettop(L) - values + 1;
    int root = setting->root;
    int depth = setting->depth;
    size_t length = strlen(setting->path);

    luaL_checkstack(L, LUA_MINSTACK, "settings");
    lua_pushcfunction(L, on_try);
    lua_pushlightuserdata(L, &attempt);
    lua_pushvalue(L, root);
    for (int i = 0; i < values; i++) {
        lua_pushvalue(L, first + i);
    }
    int status = lua_pcall(L, 2 + values, 0, 0);
    setting->root = root;
    setting->depth = depth;
    setting->path[length] = '\0';
    if (status) {
        if (!tg_setting_is_failure(L, -1)) {
            (void)lua_error(L);
        }
        lua_pop(L, 1);
    }
}

void tg_setting_check(struct tg_setting *setting, int err)
{
    if (err) {
        tg_setting_fail(setting, "%s", tg_err_text(err));
    }
}

/* --- the path --- */

/* Appends to the path; what does not fit is cut. */
__attribute__((format(printf, 2, 3))) static void enter(struct tg_setting *setting,
                                                        const char *format, ...)
{
    size_t length = strlen(setting->path);
    va_list args;

    setting->lengths[setting->depth++] = length;
    va_start(args, format);
    (void)vsnprintf(setting->path + length, sizeof(setting->path) - length, format, args);
    va_end(args);
}

static void leave(struct tg_setting *setting)
{
    setting->path[setting->lengths[--setting->depth]] = '\0';
}

void tg_setting_items(struct tg_setting *setting, int count, void (*read)(struct tg_setting *))
{
    for (int i = 1; i <= count; i++) {
        enter(setting, "[%d]", i);
        lua_rawgeti(setting->L, -1, i);
        tg_setting_try(setting, 1, read);
        lua_pop(setting->L, 1);
        leave(setting);
    }
}

void tg_setting_enter_name(struct tg_setting *setting, struct tg_str name)
{
    enter(setting, ".\"%.*s\"", name.length < NAME_SHOWN ? (int)name.length : NAME_SHOWN, name.at);
}

void tg_setting_leave_name(struct tg_setting *setting)
{
    leave(setting);
}

/* --- tables with known keys --- */

static const char *nearest(const struct tg_setting_key *keys, struct tg_str name)
{
    const char *best = NULL;
    uint32_t least = NEAR_EDITS + 1;

    for (; keys->name; keys++) {
        uint32_t edits = tg_edits(name, tg_str_of(keys->name));
        if (edits < least) {
            least = edits;
            best = keys->name;
        }
    }
    return best;
}

static bool is_known(const struct tg_setting_key *keys, struct tg_str name)
{
    for (; keys->name; keys++) {
        if (tg_str_is(name, tg_str_of(keys->name))) {
            return true;
        }
    }
    return false;
}

static void note_unknown(struct tg_setting *setting, const struct tg_setting_key *keys,
                         struct tg_str name)
{
    const char *meant = nearest(keys, name);
    char message[MESSAGE_BYTES];
    char path[TG_SETTING_PATH_BYTES + NAME_SHOWN + 2];
    char hint[TG_FAULT_HINT_BYTES];
    int shown = name.length < NAME_SHOWN ? (int)name.length : NAME_SHOWN;

    (void)snprintf(message, sizeof(message), "unknown key '%.*s'", shown, name.at);
    (void)snprintf(hint, sizeof(hint), "did you mean '%s'?", meant ? meant : "");
    (void)snprintf(path, sizeof(path), "%s%s%.*s", setting->path, setting->path[0] ? "." : "",
                   shown, name.at);
    add_fault(setting, &(struct finding){setting->path, path, message, meant ? hint : "", false});
}

static void note_unknowns(struct tg_setting *setting, const struct tg_setting_key *keys)
{
    lua_State *L = setting->L;
    size_t length;

    lua_pushnil(L);
    while (lua_next(L, -2)) {
        if (lua_type(L, -2) != LUA_TSTRING) {
            tg_setting_note(setting, "expected keys that are strings, got a %s",
                            luaL_typename(L, -2));
        } else {
            const char *at = lua_tolstring(L, -2, &length);
            if (!is_known(keys, tg_str(at, length))) {
                note_unknown(setting, keys, tg_str(at, length));
            }
        }
        lua_pop(L, 1);
    }
}

void tg_setting_table(struct tg_setting *setting, const struct tg_setting_key *keys)
{
    lua_State *L = setting->L;

    luaL_checkstack(L, LUA_MINSTACK, "settings");
    tg_setting_expect(setting, LUA_TTABLE, "a table");
    note_unknowns(setting, keys);
    for (; keys->name; keys++) {
        lua_pushstring(L, keys->name);
        lua_rawget(L, -2);
        enter(setting, "%s%s", setting->path[0] ? "." : "", keys->name);
        tg_setting_try(setting, 1, keys->read);
        leave(setting);
        lua_pop(L, 1);
    }
}

/* --- values --- */

bool tg_setting_is_absent(const struct tg_setting *setting)
{
    return lua_isnil(setting->L, -1);
}

void tg_setting_expect(struct tg_setting *setting, int type, const char *what)
{
    if (lua_type(setting->L, -1) != type) {
        tg_setting_fail(setting, "expected %s, got %s", what, luaL_typename(setting->L, -1));
    }
}

struct tg_str tg_setting_text(struct tg_setting *setting)
{
    size_t length;

    tg_setting_expect(setting, LUA_TSTRING, "a string");
    const char *text = lua_tolstring(setting->L, -1, &length);
    return tg_str(text, length);
}

uint64_t tg_setting_whole(struct tg_setting *setting, uint64_t min, uint64_t max)
{
    lua_State *L = setting->L;
    lua_Number number = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : -1;

    if (number >= (lua_Number)min && number <= (lua_Number)max &&
        number == (lua_Number)(uint64_t)number) {
        return (uint64_t)number;
    }
    if (lua_type(L, -1) == LUA_TNUMBER) {
        tg_setting_fail(setting,
                        "expected a whole number from %" PRIu64 " to %" PRIu64 ", got %.14g", min,
                        max, number);
    }
    tg_setting_fail(setting, "expected a whole number from %" PRIu64 " to %" PRIu64 ", got %s", min,
                    max, luaL_typename(L, -1));
}

int tg_setting_function(struct tg_setting *setting)
{
    if (tg_setting_is_absent(setting)) {
        return 0;
    }
    tg_setting_expect(setting, LUA_TFUNCTION, "a function");
    lua_pushvalue(setting->L, -1);
    return tg_vm_ref(setting->L);
}

int tg_setting_list(struct tg_setting *setting, const char *what, int max)
{
    lua_State *L = setting->L;
    size_t count = 0;

    if (tg_setting_is_absent(setting)) {
        return -1;
    }
    if (!lua_istable(L, -1)) {
        tg_setting_fail(setting, "expected a list of %s, got %s", what, luaL_typename(L, -1));
    }
    size_t length = lua_objlen(L, -1);
    bool is_list = true;
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pop(L, 1);
        count++;
        lua_Number key = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : 0;
        is_list = is_list && key >= 1 && key <= (lua_Number)length;
    }
    if (!is_list || count != length) {
        tg_setting_fail(setting, "expected a list of %s, got a table with other keys or holes",
                        what);
    }
    if (count > (size_t)max) {
        tg_setting_fail(setting, "more than %d %s", max, what);
    }
    return (int)count;
}
