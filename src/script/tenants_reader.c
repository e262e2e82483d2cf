/* SPDX-License-Identifier: MIT */
#include "script/tenants_reader.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/edits.h"
#include "base/list.h"
#include "hub/json_text.h"
#include "hub/tenant.h"
#include "hub/tenants.h"
#include "script/bare_state.h"
#include "script/config_lines.h"

enum {
    FILE_BYTES_MAX = 16 << 20,
    MEMORY_BYTES_MAX = 256 << 20,
    INSTRUCTIONS_MAX = 100 * 1000 * 1000,
    KEY_BYTES = 256,
    NEAR_EDITS = 3 /* of a field that is taken for another */
};

static const char field_name[] = "name";
static const char field_suspended[] = "suspended";

struct reader {
    struct tg_bare_state state;
    tg_tenants_reader_fn on_tenant;
    void *self;
    uint32_t count;
};

/* Looks for the line where a key stands. */
struct search {
    struct tg_str wanted; /* ".acme.name", as the value of a return */
    int line;             /* 0: not seen yet */
};

/* Assigned to a local table, the key has its name in front. The last one counts, as for Lua. */
static void on_key(void *self, struct tg_str key, int line)
{
    struct search *search = self;
    size_t past = key.length - search->wanted.length;

    if (key.length >= search->wanted.length &&
        memcmp(key.at + past, search->wanted.at, search->wanted.length) == 0) {
        search->line = line;
    }
}

static int line_of(const struct reader *reader, const char *key)
{
    struct search search = {.wanted = tg_str_of(key)};

    tg_config_lines_walk(reader->state.source, on_key, &search);
    return search.line;
}

/* key: as line_of wants it; NULL: the file as a whole. */
static int refuse(struct reader *reader, const char *key, const char *what)
{
    int line = key ? line_of(reader, key) : 0;
    const char *last = key ? strrchr(key, '.') : NULL;

    /* Where the field can't be found, its tenant may be. */
    if (key && line == 0 && last != key) {
        char tenant[KEY_BYTES];
        (void)snprintf(tenant, sizeof(tenant), "%.*s", (int)(last - key), key);
        line = line_of(reader, tenant);
    }
    if (!key) {
        return tg_errmsg_set(reader->state.msg, TG_ERR_INVALID, "%s: %s", reader->state.path, what);
    }
    if (line == 0) {
        return tg_errmsg_set(reader->state.msg, TG_ERR_INVALID, "%s: %s: %s", reader->state.path,
                             key + 1, what);
    }
    return tg_errmsg_set(reader->state.msg, TG_ERR_INVALID, "%s:%d: %s: %s", reader->state.path,
                         line, key + 1, what);
}

/* A key that is no id, shown as far as it can be shown. */
static int refuse_id(struct reader *reader, struct tg_str id)
{
    char key[KEY_BYTES] = ".";
    size_t length = id.length < TG_TENANT_MAX ? id.length : TG_TENANT_MAX;

    for (size_t i = 0; i < length; i++) {
        bool is_plain = id.at[i] >= ' ' && id.at[i] <= '~';
        key[i + 1] = is_plain ? id.at[i] : '?';
    }
    key[length + 1] = '\0';
    return refuse(reader, key, "expected an id of 1 to 63 of a-z, 0-9, _ and -");
}

static bool is_printable(struct tg_str text)
{
    for (size_t i = 0; i < text.length; i++) {
        if ((unsigned char)text.at[i] < ' ' || text.at[i] == 0x7f) {
            return false;
        }
    }
    return true;
}

static int refuse_field(struct reader *reader, const char *key, struct tg_str field)
{
    char what[KEY_BYTES] = "unknown field; a tenant has name and suspended";
    uint32_t to_name = tg_edits(field, TG_STR("name"));
    uint32_t to_suspended = tg_edits(field, TG_STR("suspended"));
    uint32_t least = to_name < to_suspended ? to_name : to_suspended;

    if (least < NEAR_EDITS) {
        (void)snprintf(what, sizeof(what), "unknown field; did you mean %s?",
                       to_name < to_suspended ? field_name : field_suspended);
    }
    return refuse(reader, key, what);
}

struct tenant {
    struct tg_str id;
    struct tg_str name; /* the table's */
    bool is_suspended;
};

/* A field's value is on top, its key below it. */
static int take_field(lua_State *L, struct reader *reader, struct tenant *tenant)
{
    char key[KEY_BYTES];
    size_t length = 0;

    if (lua_type(L, -2) != LUA_TSTRING) {
        (void)snprintf(key, sizeof(key), ".%.*s", TG_STR_ARGS(tenant->id));
        return refuse(reader, key, "expected name and suspended as fields");
    }
    const char *text = lua_tolstring(L, -2, &length);
    struct tg_str field = tg_str(text, length);
    (void)snprintf(key, sizeof(key), ".%.*s.%.*s", TG_STR_ARGS(tenant->id),
                   is_printable(field) && length < TG_TENANT_MAX ? (int)length : 0, text);
    if (strcmp(text, field_suspended) == 0) {
        tenant->is_suspended = lua_toboolean(L, -1);
        return lua_isboolean(L, -1) ? TG_OK : refuse(reader, key, "expected true or false");
    }
    if (strcmp(text, field_name) != 0) {
        return refuse_field(reader, key, field);
    }
    if (lua_type(L, -1) != LUA_TSTRING) {
        return refuse(reader, key, "expected a text");
    }
    text = lua_tolstring(L, -1, &length);
    tenant->name = tg_str(text, length);
    if (length > TG_TENANT_NAME_MAX || !is_printable(tenant->name) ||
        !tg_json_text_is_utf8(tenant->name)) {
        return refuse(reader, key, "expected at most 256 octets of UTF-8, no control characters");
    }
    return TG_OK;
}

/* A tenant's value is on top, its id below it. */
static int take_tenant(lua_State *L, struct reader *reader)
{
    struct tenant tenant = {.name = tg_str("", 0)};
    size_t length = 0;

    if (lua_type(L, -2) != LUA_TSTRING) {
        return refuse(reader, NULL, "expected ids as keys: return { acme = { name = \"Acme\" } }");
    }
    const char *id = lua_tolstring(L, -2, &length);
    tenant.id = tg_str(id, length);
    if (!tg_tenant_is_id(tenant.id)) {
        return refuse_id(reader, tenant.id);
    }
    if (lua_type(L, -1) != LUA_TTABLE) {
        char key[KEY_BYTES];
        (void)snprintf(key, sizeof(key), ".%s", id);
        return refuse(reader, key, "expected a table such as { name = \"Acme\" }");
    }
    if (++reader->count > TG_TENANTS_MAX) {
        return tg_errmsg_set(reader->state.msg, TG_ERR_FULL, "%s: expected at most %d tenants",
                             reader->state.path, TG_TENANTS_MAX);
    }
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        int err = take_field(L, reader, &tenant);
        if (err) {
            return err;
        }
        lua_pop(L, 1);
    }
    return reader->on_tenant(reader->self, tenant.id, tenant.is_suspended, tenant.name);
}

/* Empty: what is assigned stays there, what is not is nil. */
static void push_environment(lua_State *L)
{
    lua_newtable(L);
}

/* The file has been run, its value is on top. */
static void walk(lua_State *L, struct tg_bare_state *state)
{
    struct reader *reader = TG_CONTAINER(state, struct reader, state);

    if (!lua_istable(L, -1)) {
        state->err =
            refuse(reader, NULL, "expected return { acme = { name = \"Acme\" } } at the end");
        return;
    }
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        state->err = take_tenant(L, reader);
        if (state->err) {
            return;
        }
        lua_pop(L, 1);
    }
}

int tg_tenants_reader_run(const char *path, tg_tenants_reader_fn on_tenant, void *self,
                          struct tg_errmsg *msg)
{
    struct reader reader = {
        .state =
            {
                .path = path,
                .title = "the file",
                .file_bytes = FILE_BYTES_MAX,
                .memory_bytes = MEMORY_BYTES_MAX,
                .instructions = INSTRUCTIONS_MAX,
                .push_environment = push_environment,
                .walk = walk,
                .msg = msg,
            },
        .on_tenant = on_tenant,
        .self = self,
    };

    return tg_bare_state_run(&reader.state);
}
