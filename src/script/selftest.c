/* SPDX-License-Identifier: MIT */
#include "script/selftest.h"

#include <stdio.h>

#include "hub/gateway.h"
#include "script/failure.h"
#include "script/globals.h"
#include "script/load_fault.h"
#include "script/stop.h"
#include "script/vm.h"

struct selftest {
    struct tg_vm *vm;
    bool is_refused; /* it has said so itself, and reason may say why */
    char reason[TG_FAILURE_TEXT_BYTES];
};

/* In protected mode. */
static int on_selftest(lua_State *L)
{
    struct selftest *selftest = lua_touserdata(L, 1);

    tg_vm_push_ref(L, selftest->vm->refs.selftest);
    lua_call(L, 0, 2);
    bool has_reason = !lua_isnil(L, -1);
    selftest->is_refused = lua_isnil(L, -2) ? has_reason : !lua_toboolean(L, -2);
    if (has_reason) {
        tg_failure_text(L, -1, selftest->reason, sizeof(selftest->reason));
    }
    return 0;
}

/* Where the function stands: for what says no place itself. */
static int fail_there(struct tg_vm *vm, int err, const char *text, struct tg_errmsg *msg)
{
    struct tg_failure failure = {.line = 0};

    tg_vm_push_ref(vm->L, vm->refs.selftest);
    tg_failure_place(vm->L, &failure);
    if (failure.file[0] == '\0') {
        return tg_errmsg_set(msg, err, "%s/gateway.lua: %s", vm->files.origin, text);
    }
    return tg_errmsg_set(msg, err, "%s:%d: %s", failure.file, failure.line, text);
}

static int tell_failure(struct tg_vm *vm, int status, struct tg_errmsg *msg)
{
    struct tg_failure failure = {.line = 0};
    char line[TG_FAULT_LINE_BYTES];
    struct tg_fault fault;

    tg_failure_read(vm->L, &failure);
    lua_pop(vm->L, 1);
    if (status == TG_VM_STOPPED) {
        tg_stop_tell(vm, &failure);
        (void)snprintf(failure.text, sizeof(failure.text),
                       "the selftest takes longer than load_budget");
        return failure.file[0] ? tg_errmsg_set(msg, TG_ERR_TIMEOUT, "%s:%d: %s", failure.file,
                                               failure.line, failure.text)
                               : fail_there(vm, TG_ERR_TIMEOUT, failure.text, msg);
    }
    if (status == LUA_ERRMEM) {
        return fail_there(vm, TG_ERR_NOMEM, "the selftest has not enough memory", msg);
    }
    tg_load_fault_read(&fault, &vm->files, tg_str_of(failure.text));
    struct tg_str global = tg_load_fault_global(tg_str_of(fault.text));
    struct tg_str meant = global.at ? tg_globals_nearest(vm->L, global) : global;
    if (meant.at) {
        tg_fault_hint(&fault, "did you mean '%.*s'?", TG_STR_ARGS(meant));
    }
    return fault.line > 0
               ? tg_errmsg_set(msg, TG_ERR_SCRIPT, "%s", tg_fault_line(&fault, line, sizeof(line)))
               : fail_there(vm, TG_ERR_SCRIPT, failure.text, msg);
}

int tg_selftest_run(struct tg_gateway *gateway, struct tg_errmsg *msg)
{
    struct selftest selftest = {.vm = gateway->vm};
    char text[TG_FAILURE_TEXT_BYTES + 32];

    if (!selftest.vm || !selftest.vm->refs.selftest) {
        return TG_OK;
    }
    int status = tg_vm_protect_load(selftest.vm, on_selftest, &selftest);
    if (status) {
        return tell_failure(selftest.vm, status, msg);
    }
    if (!selftest.is_refused) {
        return TG_OK;
    }
    (void)snprintf(text, sizeof(text), "the selftest failed%s%s", selftest.reason[0] ? ": " : "",
                   selftest.reason);
    return fail_there(selftest.vm, TG_ERR_SCRIPT, text, msg);
}
