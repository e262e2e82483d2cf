/* SPDX-License-Identifier: MIT */
/* Why the JIT is off: small JSON handlers are as fast without it, and a compiled loop can't be
 * interrupted by anything but the end of the process. */
#include "script/vm.h"

#include <stdlib.h>

#include <lauxlib.h>
#include <luajit.h>

#include "base/check.h"
#include "script/bind_timer.h"
#include "script/coroutine.h"
#include "script/line_count.h"
#include "script/renewal.h"
#include "script/sandbox.h"
#include "script/stop.h"
#include "script/stop_signal.h"

static const char LOG_MODULE[] = "script";

enum { OUT_KEEP_BYTES = 65536, WORDS_BYTES = 8192, C_STACK_BYTES = 1 << 18, REFS_ROOM = 32 };

/* The collector begins anew at so many percent of what was left; a state is small below one of so
 * many octets of its limit, and until it passes one of fewer. */
enum { PAUSE = 200, PAUSE_SMALL = 400, SMALL_SHARE = 64, SMALL_SHARE_END = 16 };

/* Of the table of references in the registry. */
enum { REFS_INDEX = 1 };

struct tg_vm *tg_vm_of(lua_State *L)
{
    void *alloc;

    (void)lua_getallocf(L, &alloc);
    return TG_CONTAINER(alloc, struct tg_vm, alloc);
}

/* An error was raised outside of any protected call: the stack is lost, going on is not possible.
 */
static int on_panic(lua_State *L)
{
    char text[TG_FAILURE_TEXT_BYTES];
    char quoted[2 * TG_FAILURE_TEXT_BYTES];

    tg_failure_text(L, -1, text, sizeof(text));
    TG_LOG_ERROR("a script error had no one to catch it", "error=%s",
                 tg_log_quote(quoted, sizeof(quoted), tg_str_of(text)));
    abort();
}

int tg_vm_protect(struct tg_vm *vm, lua_CFunction fn, void *self)
{
    int height = lua_gettop(vm->L);
    const char *outer = tg_vm_enter(vm);
    int status = lua_cpcall(vm->L, fn, self);

    bool was_stopped = tg_vm_leave(vm, outer);
    (void)tg_check(lua_gettop(vm->L) == height + (status ? 1 : 0));
    return status && was_stopped ? TG_VM_STOPPED : status;
}

int tg_vm_protect_load(struct tg_vm *vm, lua_CFunction fn, void *self)
{
    uint64_t terms = vm->terms;

    vm->terms = vm->load_terms;
    int status = tg_vm_protect(vm, fn, self);
    vm->terms = terms;
    return status;
}

const char *tg_vm_enter(struct tg_vm *vm)
{
    const char *outer = vm->entry;

    if (!outer) {
        vm->entry = __builtin_frame_address(0);
        vm->inner.file[0] = '\0';
#ifndef TG_UNPROTECTED
        tg_stop_signal_begin(vm);
#endif
    }
    return outer;
}

bool tg_vm_leave(struct tg_vm *vm, const char *outer)
{
    vm->entry = outer;
#ifdef TG_UNPROTECTED
    return false;
#else
    return outer ? tg_stop_is_set(vm) : tg_stop_signal_end(vm);
#endif
}

/* Raising an error costs LuaJIT the square of the C frames that it goes through: a depth that the
 * stack would bear easily takes longer to leave than a handler may run. */
void tg_vm_check_depth(lua_State *L)
{
    const char *here = __builtin_frame_address(0);
    const char *entry = tg_vm_of(L)->entry;

    if (entry && entry - here > C_STACK_BYTES) {
        (void)luaL_error(L, "stack overflow: too many calls in each other");
    }
}

/* Pushes the table of references. It is one of its own, an array and nothing else: where a table
 * with both parts grows, LuaJIT of 2022 loses the numbered fields of its hash part when memory ends
 * half-way, and in the registry those were handlers. */
void tg_vm_push_refs(lua_State *L)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, REFS_INDEX);
}

void tg_vm_push_ref(lua_State *L, int ref)
{
    tg_vm_push_refs(L);
    lua_rawgeti(L, -1, ref);
    lua_replace(L, -2);
}

int tg_vm_ref(lua_State *L)
{
    tg_vm_push_refs(L);
    lua_insert(L, -2);
    int ref = luaL_ref(L, -2);

    lua_pop(L, 1);
    tg_vm_of(L)->ref_count++;
    return ref;
}

void tg_vm_unref(lua_State *L, int ref)
{
    if (ref > 0) {
        tg_vm_push_refs(L);
        luaL_unref(L, -1, ref);
        lua_pop(L, 1);
        tg_vm_of(L)->ref_count--;
    }
}

static int on_collect(lua_State *L)
{
    (void)lua_gc(L, LUA_GCCOLLECT, 0);
    return 0;
}

void tg_vm_start(struct tg_vm *vm)
{
    vm->terms = tg_call_terms((uint32_t)vm->page_row, vm->budget_ms);
    tg_gateway_rows_set_path(&vm->hub->row->gateways, vm->page_row, vm->gateway->path);
}

void tg_vm_collect(struct tg_vm *vm)
{
    uint64_t terms = vm->terms;

    /* A full state takes longer than a handler may, and it is nobody's fault. */
    vm->terms = vm->load_terms;
    const char *outer = tg_vm_enter(vm);
    /* lua_cpcall would begin by taking memory, which may be what there is none of. */
    tg_vm_push_ref(vm->L, vm->refs.collect);
    if (lua_pcall(vm->L, 0, 0, 0)) {
        lua_pop(vm->L, 1);
    }
    (void)tg_vm_leave(vm, outer);
    tg_alloc_release(&vm->alloc);
    vm->terms = terms;
    if (vm->tally) {
        atomic_store_explicit(&vm->tally->memory_bytes, vm->alloc.used, memory_order_relaxed);
    }
}

void tg_vm_out_of_memory(struct tg_vm *vm)
{
    tg_hub_count(vm->hub, TG_COUNT_SCRIPT_MEMORY, 1);
    tg_vm_collect(vm);
    tg_renewal_consider(vm);
}

/* A small state is let grow further before it is collected, since what a collection costs in
 * looking at what lives, and at all chains of strings, is then shared by more messages. */
static void pace_collector(struct tg_vm *vm)
{
    size_t most = vm->alloc.limit / (vm->is_small ? SMALL_SHARE_END : SMALL_SHARE);

    if (vm->is_small != (vm->alloc.used < most)) {
        vm->is_small = !vm->is_small;
        (void)lua_gc(vm->L, LUA_GCSETPAUSE, vm->is_small ? PAUSE_SMALL : PAUSE);
    }
}

void tg_vm_relieve(struct tg_vm *vm)
{
    size_t limit = vm->alloc.limit;

    pace_collector(vm);
    /* Only after another sixteenth has come on top, so that a state which really holds that much
     * does not collect at every call. */
    if (vm->alloc.used > limit / 4 * 3 && vm->alloc.used > vm->lowest_used + limit / 16) {
        tg_vm_collect(vm);
        vm->lowest_used = vm->alloc.used;
        tg_renewal_consider(vm);
    }
}

struct tg_buf *tg_vm_out(struct tg_vm *vm)
{
    if (vm->out.capacity > OUT_KEEP_BYTES) {
        tg_buf_fini(&vm->out);
    }
    tg_buf_clear(&vm->out);
    return &vm->out;
}

static int copy_bundle(struct tg_bundle *to, const struct tg_bundle *from)
{
    *to = (struct tg_bundle){.count = 0};
    to->name = tg_str_copy(tg_str_of(from->name));
    to->origin = tg_str_copy(tg_str_of(from->origin));
    if (!to->name || !to->origin) {
        return TG_ERR_NOMEM;
    }
    memcpy(to->generation, from->generation, sizeof(to->generation));
    to->counter = from->counter;
    for (uint32_t i = 0; i < from->count; i++) {
        const struct tg_bundle_file *file = &from->files[i];
        int err = tg_bundle_add(to, tg_str_of(file->path), tg_str(file->content, file->length));
        if (err) {
            return err;
        }
    }
    return TG_OK;
}

static int on_open(lua_State *L)
{
    /* The head of luaL_unref's free list: with it there, giving a reference back takes no memory
     * and so never raises. */
    lua_createtable(L, REFS_ROOM, 0);
    lua_pushinteger(L, 0);
    lua_rawseti(L, -2, 0);
    lua_rawseti(L, LUA_REGISTRYINDEX, REFS_INDEX);
    lua_pushcfunction(L, on_collect);
    tg_vm_of(L)->refs.collect = tg_vm_ref(L);
    tg_sandbox_open(L);
    return 0;
}

static int open_state(struct tg_vm *vm, struct tg_errmsg *msg)
{
    /* LuaJIT of 2022 crashes when memory ends in the middle of this call. The configuration's
     * least cap is far above what it takes. */
    vm->L = lua_newstate(tg_alloc_resize, &vm->alloc);
    if (!vm->L) {
        return tg_errmsg_set(msg, TG_ERR_NOMEM, "no memory for a Lua state");
    }
    (void)lua_atpanic(vm->L, on_panic);
    if (!luaJIT_setmode(vm->L, 0, LUAJIT_MODE_ENGINE | LUAJIT_MODE_OFF)) {
        return tg_errmsg_set(msg, TG_ERR_SCRIPT, "the JIT compiler can't be turned off");
    }
    if (tg_vm_protect(vm, on_open, NULL)) {
        char text[TG_FAILURE_TEXT_BYTES];
        tg_failure_text(vm->L, -1, text, sizeof(text));
        return tg_errmsg_set(msg, TG_ERR_SCRIPT, "%s", text);
    }
    tg_line_count_arm(vm);
    return TG_OK;
}

struct tg_vm *tg_vm_create(struct tg_hub *hub, struct tg_gateway *gateway,
                           const struct tg_bundle *bundle, struct tg_errmsg *msg)
{
    struct tg_vm *vm = calloc(1, sizeof(*vm));

    if (!vm) {
        (void)tg_errmsg_set(msg, TG_ERR_NOMEM, "out of memory");
        return NULL;
    }
    vm->hub = hub;
    vm->gateway = gateway;
    vm->alloc.limit = hub->config->script_memory;
    vm->budget_ms = (uint32_t)hub->config->handler_budget_ms;
    vm->page_row = tg_gateway_rows_take(&hub->row->gateways, bundle->name, bundle->generation);
    if (vm->page_row < 0) {
        (void)tg_errmsg_set(msg, TG_ERR_FULL, "more than %d gateways are loaded",
                            TG_GATEWAY_ROWS_MAX);
        free(vm);
        return NULL;
    }
    vm->load_terms = tg_call_terms((uint32_t)vm->page_row, (uint32_t)hub->config->load_budget_ms);
    vm->terms = vm->load_terms;
    tg_link_init(&vm->idle);
    tg_link_init(&vm->suspended);
    tg_link_init(&vm->timers);
    tg_buf_init(&vm->out, hub->config->outbound_bytes);
    tg_buf_init(&vm->words, WORDS_BYTES);
    tg_rand_seed(&vm->rand, tg_rand_next(&hub->rand));
    if (copy_bundle(&vm->files, bundle) != TG_OK) {
        (void)tg_errmsg_set(msg, TG_ERR_NOMEM, "out of memory");
        goto err_after_alloc;
    }
    if (open_state(vm, msg) != TG_OK) {
        goto err_after_alloc;
    }
    return vm;

err_after_alloc:
    tg_vm_destroy(vm);
    return NULL;
}

static void unref_settings(struct tg_vm *vm)
{
    struct tg_vm_refs *refs = &vm->refs;
    int *const all = (int *)refs;
    struct tg_event *event;
    struct tg_event *next;

    for (size_t i = 0; i < sizeof(*refs) / sizeof(int); i++) {
        tg_vm_unref(vm->L, all[i]);
        all[i] = 0;
    }
    HASH_ITER(hh, vm->gateway->events, event, next)
    {
        tg_vm_unref(vm->L, event->handler);
        event->handler = 0;
    }
}

void tg_vm_let_go(struct tg_vm *vm)
{
    tg_renewal_cancel(vm);
    tg_coroutine_drop_all(vm);
    tg_bind_timer_cancel_all(vm);
    unref_settings(vm);
}

void tg_vm_destroy(struct tg_vm *vm)
{
    if (!vm) {
        return;
    }
    if (vm->L) {
        tg_vm_let_go(vm);
        lua_close(vm->L);
        (void)tg_check(vm->handle_count == 0);
        (void)tg_check(vm->ref_count == 0);
        (void)tg_check(vm->alloc.used == 0);
    }
    tg_alloc_release(&vm->alloc);
    tg_gateway_rows_give(&vm->hub->row->gateways, vm->page_row);
    tg_bundle_fini(&vm->files);
    tg_buf_fini(&vm->out);
    tg_buf_fini(&vm->words);
    free(vm);
}
