/* SPDX-License-Identifier: MIT */
#include "script/gateway_loader.h"

#include <string.h>

#include "script/freeze.h"
#include "script/gateway_table.h"
#include "script/handlers.h"
#include "script/require.h"
#include "script/stop.h"
#include "script/vm.h"

struct load {
    struct tg_vm *vm;
    const struct tg_bundle_file *file;
    bool has_run; /* what is wrong from here on is wrong with the table */
};

/* In protected mode. */
static int on_load(lua_State *L)
{
    struct load *load = lua_touserdata(L, 1);

    tg_require_load(L, load->vm->files.origin, load->file);
    lua_call(L, 0, 1);
    load->has_run = true;
    tg_gateway_table_read(L, lua_gettop(L), load->vm);
    tg_freeze_table(L, lua_gettop(L));
    return 0;
}

static int tell_failure(const struct load *load, int status, struct tg_errmsg *msg)
{
    lua_State *L = load->vm->L;
    char text[TG_FAILURE_TEXT_BYTES];
    bool is_text = lua_type(L, -1) == LUA_TSTRING;

    tg_failure_text(L, -1, text, sizeof(text));
    lua_pop(L, 1);
    if (status == TG_VM_STOPPED) {
        struct tg_failure failure = {.line = 0};
        tg_stop_tell(load->vm, &failure);
        return tg_errmsg_set(msg, TG_ERR_TIMEOUT, "%s:%d: loading takes longer than load_budget",
                             failure.file, failure.line);
    }
    if (status == LUA_ERRMEM) {
        return tg_errmsg_set(msg, TG_ERR_NOMEM, "%s/gateway.lua: not enough memory",
                             load->vm->files.origin);
    }
    if (!is_text) {
        return tg_errmsg_set(msg, TG_ERR_SCRIPT, "%s/gateway.lua: %s", load->vm->files.origin,
                             text);
    }
    return tg_errmsg_set(msg, load->has_run ? TG_ERR_INVALID : TG_ERR_SCRIPT, "%s", text);
}

static int run(struct tg_vm *vm, struct tg_errmsg *msg)
{
    struct load load = {.vm = vm};

    load.file = tg_bundle_find(&vm->files, TG_STR("gateway.lua"));
    if (!load.file) {
        return tg_errmsg_set(msg, TG_ERR_NOT_FOUND, "%s: there is no gateway.lua",
                             vm->files.origin);
    }
    int status = tg_vm_protect(vm, on_load, &load);
    if (status) {
        return tell_failure(&load, status, msg);
    }
    tg_vm_start(vm);
    return TG_OK;
}

int tg_gateway_load(struct tg_hub *hub, const struct tg_bundle *bundle, struct tg_gateway **gateway,
                    struct tg_errmsg *msg)
{
    struct tg_gateway *made = tg_gateway_create(tg_str_of(bundle->name));
    int err = TG_ERR_NOMEM;

    *gateway = NULL;
    if (!made) {
        return tg_errmsg_set(msg, TG_ERR_NOMEM, "out of memory");
    }
    memcpy(made->generation, bundle->generation, sizeof(made->generation));
    made->counter = bundle->counter;
    struct tg_vm *vm = tg_vm_create(hub, made, bundle, msg);
    if (!vm) {
        goto err_after_create;
    }
    made->script = tg_handlers_script();
    made->vm = vm;
    err = run(vm, msg);
    if (err) {
        goto err_after_create;
    }
    *gateway = made;
    return TG_OK;

err_after_create:
    tg_gateway_destroy(made);
    return err;
}
