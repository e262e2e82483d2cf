/* SPDX-License-Identifier: MIT */
#include "script/handover.h"

#include <inttypes.h>

#include "hub/client.h"
#include "hub/hub.h"
#include "script/bind_client.h"
#include "script/freeze.h"
#include "script/json_decode.h"
#include "script/json_encode.h"
#include "script/plain_copy.h"
#include "script/vm.h"

/* What the state that gives may take beyond its cap: it may be given up for being full. */
enum { SLACK_BYTES = 1 << 20 };

/* What is carried between two protected calls; memory of C alone. */
struct parcel {
    struct tg_vm *vm;
    struct tg_client *client; /* NULL: what save returned */
    struct tg_buf json;       /* empty: nothing to carry */
    struct tg_plain_faults faults;
};

/* --- the old state --- */

static void write_value(lua_State *L, int index, struct tg_buf *json)
{
    const char *why = NULL;

    if (tg_json_write(L, index, json, &why) != TG_OK) {
        (void)lua_pushstring(L, why);
        (void)lua_error(L);
    }
}

/* In protected mode. */
static int on_save(lua_State *L)
{
    struct parcel *parcel = lua_touserdata(L, 1);

    tg_vm_push_ref(L, parcel->vm->refs.save);
    lua_call(L, 0, 1);
    if (!lua_isnil(L, -1)) {
        write_value(L, lua_gettop(L), &parcel->json);
    }
    return 0;
}

/* What is no plain data stays behind. */
static void write_plain(lua_State *L, int table, struct parcel *parcel)
{
    const char *why = NULL;

    if (tg_json_write(L, table, &parcel->json, &why) != TG_OK) {
        tg_plain_copy(L, table, "client.state", &parcel->faults);
        write_value(L, lua_gettop(L), &parcel->json);
    }
}

/* In protected mode. An empty table is as good as none. */
static int on_pack_client(lua_State *L)
{
    struct parcel *parcel = lua_touserdata(L, 1);

    tg_bind_client_push_state(L, parcel->client);
    if (lua_istable(L, -1)) {
        int table = lua_gettop(L);
        lua_pushnil(L);
        if (tg_freeze_resolve(L, table) || lua_next(L, table)) {
            lua_settop(L, table);
            write_plain(L, table, parcel);
        }
    }
    return 0;
}

/* --- the new one --- */

/* Pushes what the parcel holds, which was JSON of ours a moment ago. */
static void push_value(lua_State *L, struct parcel *parcel)
{
    if (tg_json_decode(L, tg_buf_str(&parcel->json)) != TG_OK) {
        lua_pushnil(L);
    }
}

/* In protected mode. */
static int on_restore(lua_State *L)
{
    struct parcel *parcel = lua_touserdata(L, 1);

    tg_vm_push_ref(L, parcel->vm->refs.restore);
    push_value(L, parcel);
    lua_call(L, 1, 0);
    return 0;
}

/* In protected mode. */
static int on_unpack_client(lua_State *L)
{
    struct parcel *parcel = lua_touserdata(L, 1);

    push_value(L, parcel);
    tg_bind_client_set_state(L, parcel->client);
    return 0;
}

/* --- both --- */

static int run(struct parcel *parcel, struct tg_vm *vm, lua_CFunction step, const char *what,
               struct tg_errmsg *msg)
{
    char text[TG_FAILURE_TEXT_BYTES];

    parcel->vm = vm;
    if (tg_vm_protect_load(vm, step, parcel) == 0) {
        return TG_OK;
    }
    tg_failure_text(vm->L, -1, text, sizeof(text));
    lua_pop(vm->L, 1);
    return tg_errmsg_set(msg, TG_ERR_SCRIPT, "%s%s%s", what ? what : "", what ? ": " : "", text);
}

/* The same in the state that gives. */
static int give(struct parcel *parcel, struct tg_vm *vm, lua_CFunction step, const char *what,
                struct tg_errmsg *msg)
{
    vm->alloc.limit += SLACK_BYTES;
    int err = run(parcel, vm, step, what, msg);
    vm->alloc.limit -= SLACK_BYTES;
    return err;
}

int tg_handover_saved(struct tg_vm *from, struct tg_vm *to, struct tg_errmsg *msg)
{
    struct parcel parcel = {.client = NULL};
    int err = TG_OK;

    if (!from->refs.save || !to->refs.restore) {
        return TG_OK;
    }
    tg_buf_init(&parcel.json, TG_HANDOVER_SAVED_MAX);
    err = give(&parcel, from, on_save, "save", msg);
    if (err == TG_OK && parcel.json.length > 0) {
        err = run(&parcel, to, on_restore, "restore", msg);
    }
    tg_buf_fini(&parcel.json);
    return err;
}

/* Of many clients' losses the first is told. */
static void lose(struct tg_vm *vm, uint32_t count, const char *key, const char *why)
{
    char quoted_key[4 * TG_PLAIN_PATH_BYTES];
    char quoted_why[2 * TG_FAILURE_TEXT_BYTES];

    if (vm->states_lost == 0) {
        tg_log_write(TG_LOG_LEVEL_ERROR, vm->gateway->name, "a client's state is lost",
                     "generation=%s counter=%" PRIu64 " key=%s why=%s", vm->gateway->generation,
                     vm->gateway->counter,
                     tg_log_quote(quoted_key, sizeof(quoted_key), tg_str_of(key)),
                     tg_log_quote(quoted_why, sizeof(quoted_why), tg_str_of(why)));
    }
    vm->states_lost += count;
    tg_hub_count(vm->hub, TG_COUNT_SCRIPT_HANDOVER_LOST, count);
}

void tg_handover_drop(struct tg_client *client, struct tg_vm *to, const char *why)
{
    tg_bind_client_forget(client);
    lose(to, 1, "client.state", why);
}

void tg_handover_move(struct tg_client *client, struct tg_vm *to)
{
    struct parcel parcel = {.client = client};
    struct tg_vm *from = client->holder;
    struct tg_errmsg msg;

    if (!from || from == to) {
        return;
    }
    tg_buf_init(&parcel.json, TG_HANDOVER_CLIENT_MAX);
    int err = give(&parcel, from, on_pack_client, NULL, &msg);
    tg_bind_client_forget(client);
    if (err == TG_OK && parcel.json.length > 0) {
        err = run(&parcel, to, on_unpack_client, NULL, &msg);
    }
    tg_buf_fini(&parcel.json);
    if (err) {
        lose(to, 1, "client.state", msg.text);
    } else if (parcel.faults.count > 0) {
        lose(to, parcel.faults.count, parcel.faults.path, parcel.faults.why);
    }
}
