/* SPDX-License-Identifier: MIT */
#include "script/gateway_loader.h"

#include <stdlib.h>
#include <string.h>

#include "script/freeze.h"
#include "script/gateway_table.h"
#include "script/globals.h"
#include "script/handlers.h"
#include "script/load_fault.h"
#include "script/require.h"
#include "script/setting.h"
#include "script/stop.h"
#include "script/vm.h"

struct load {
    struct tg_vm *vm;
    const struct tg_bundle_file *file;
    struct tg_fault_list *faults;
    struct tg_failure failure; /* of the run: where it was raised */
    bool has_run;              /* what is wrong from here on is wrong with the table */
};

/* gateway.lua has raised, its stack still stands: notes where. */
static int on_raise(lua_State *L)
{
    struct load *load = lua_touserdata(L, lua_upvalueindex(1));

    lua_settop(L, 1);
    tg_failure_read(L, &load->failure);
    tg_failure_join(&load->failure, &load->vm->inner);
    return 1;
}

/* In protected mode. */
static int on_load(lua_State *L)
{
    struct load *load = lua_touserdata(L, 1);

    lua_pushlightuserdata(L, load);
    lua_pushcclosure(L, on_raise, 1);
    tg_require_load(L, load->vm->files.origin, load->file);
    if (lua_pcall(L, 0, 1, 2)) {
        return lua_error(L);
    }
    load->has_run = true;
    tg_gateway_table_read(L, lua_gettop(L), load->vm, load->faults);
    tg_freeze_table(L, lua_gettop(L));
    return 0;
}

static int add_fault(const struct load *load, int err, const struct tg_fault *fault)
{
    tg_fault_list_add(load->faults, fault);
    return err;
}

static int tell_stop(const struct load *load)
{
    struct tg_failure failure = {.line = 0};
    struct tg_fault fault;

    tg_load_fault_at(&fault, &load->vm->files, load->file->path,
                     "loading takes longer than load_budget");
    tg_stop_tell(load->vm, &failure);
    if (failure.line > 0) {
        tg_fault_place(&fault, tg_str_of(failure.file), failure.line);
    }
    return add_fault(load, TG_ERR_TIMEOUT, &fault);
}

static int tell_memory(const struct load *load)
{
    const struct tg_failure *failure = &load->failure;
    size_t limit = load->vm->alloc.limit;
    struct tg_fault fault;

    tg_load_fault_at(&fault, &load->vm->files, load->file->path, tg_load_fault_memory);
    if (failure->line > 0) {
        tg_fault_place(&fault, tg_str_of(failure->file), failure->line);
    }
    bool is_whole = limit % (1 << 20) == 0;
    tg_fault_hint(&fault, "limits.script_memory is %zu %s", limit >> (is_whole ? 20 : 10),
                  is_whole ? "MiB" : "KiB");
    return add_fault(load, TG_ERR_NOMEM, &fault);
}

/* The place is the one that the message begins with, or else where it was raised. */
static int tell_error(const struct load *load)
{
    lua_State *L = load->vm->L;
    const struct tg_failure *failure = &load->failure;
    char text[TG_FAILURE_TEXT_BYTES];
    struct tg_fault fault;

    tg_failure_text(L, -1, text, sizeof(text));
    tg_load_fault_read(&fault, &load->vm->files, tg_str_of(text));
    struct tg_str global = tg_load_fault_global(tg_str_of(fault.text));
    struct tg_str meant = global.at ? tg_globals_nearest(L, global) : global;
    bool has_place = strcmp(fault.file, load->vm->files.origin) != 0;
    if (!has_place && !load->has_run && failure->line > 0) {
        tg_fault_place(&fault, tg_str_of(failure->file), failure->line);
    }
    if (meant.at) {
        tg_fault_hint(&fault, "did you mean '%.*s'?", TG_STR_ARGS(meant));
    }
    return add_fault(load, load->has_run ? TG_ERR_INVALID : TG_ERR_SCRIPT, &fault);
}

static bool is_memory(lua_State *L)
{
    size_t length;
    const char *at = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, &length) : NULL;

    return at && tg_str_is(tg_str(at, length), tg_str_of(tg_load_fault_memory));
}

static int tell_failure(const struct load *load, int status)
{
    lua_State *L = load->vm->L;
    int err = TG_ERR_INVALID;

    if (status == TG_VM_STOPPED) {
        err = tell_stop(load);
    } else if (status == LUA_ERRMEM || is_memory(L)) {
        err = tell_memory(load);
    } else if (!tg_setting_is_failure(L, -1)) {
        err = tell_error(load);
    }
    lua_pop(L, 1);
    return err;
}

static int run(struct tg_vm *vm, struct tg_fault_list *faults)
{
    struct load load = {.vm = vm, .faults = faults};
    struct tg_fault fault;

    load.file = tg_bundle_find(&vm->files, TG_STR("gateway.lua"));
    if (!load.file) {
        tg_fault_set(&fault, TG_FAULT_LOAD, tg_str_of(vm->files.origin), 0,
                     "there is no gateway.lua");
        return add_fault(&load, TG_ERR_NOT_FOUND, &fault);
    }
    vm->module = load.file;
    int status = tg_vm_protect(vm, on_load, &load);
    vm->module = NULL;
    if (status) {
        return tell_failure(&load, status);
    }
    tg_vm_start(vm);
    return TG_OK;
}

static int add_message(const struct tg_bundle *bundle, struct tg_fault_list *faults, int err,
                       const char *text)
{
    struct tg_fault fault;

    tg_fault_set(&fault, TG_FAULT_LOAD, tg_str_of(bundle->origin), 0, "%s", text);
    tg_fault_list_add(faults, &fault);
    return err;
}

int tg_gateway_load_judged(struct tg_hub *hub, const struct tg_bundle *bundle,
                           struct tg_gateway **gateway, struct tg_fault_list *faults)
{
    struct tg_errmsg msg = {0};
    struct tg_gateway *made = tg_gateway_create(tg_str_of(bundle->name));
    int err = TG_ERR_NOMEM;

    *gateway = NULL;
    if (!made) {
        return add_message(bundle, faults, TG_ERR_NOMEM, tg_err_text(TG_ERR_NOMEM));
    }
    memcpy(made->generation, bundle->generation, sizeof(made->generation));
    made->counter = bundle->counter;
    struct tg_vm *vm = tg_vm_create(hub, made, bundle, &msg);
    if (!vm) {
        err = add_message(bundle, faults, TG_ERR_NOMEM, msg.text);
        goto err_after_create;
    }
    made->script = tg_handlers_script();
    made->vm = vm;
    err = run(vm, faults);
    if (err) {
        tg_fault_list_sort(faults);
        goto err_after_create;
    }
    *gateway = made;
    return TG_OK;

err_after_create:
    tg_gateway_destroy(made);
    return err;
}

int tg_gateway_load(struct tg_hub *hub, const struct tg_bundle *bundle, struct tg_gateway **gateway,
                    struct tg_errmsg *msg)
{
    char line[TG_FAULT_LINE_BYTES];
    struct tg_fault_list *faults = calloc(1, sizeof(*faults));

    *gateway = NULL;
    if (!faults) {
        return tg_errmsg_set(msg, TG_ERR_NOMEM, "%s", tg_err_text(TG_ERR_NOMEM));
    }
    int err = tg_gateway_load_judged(hub, bundle, gateway, faults);
    if (err) {
        (void)tg_errmsg_set(msg, err, "%s", tg_fault_line(&faults->items[0], line, sizeof(line)));
    }
    free(faults);
    return err;
}
