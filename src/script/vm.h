/* SPDX-License-Identifier: MIT */
/* One gateway's Lua state in this worker: its memory, its settings copied out of the gateway's
 * table, its coroutines and timers.
 * Lives in: a worker. Owns: the state and the bundle's files. Borrows: the hub; the gateway, which
 * owns the vm. */
#ifndef TG_SCRIPT_VM_H
#define TG_SCRIPT_VM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <lua.h>

#include "base/buf.h"
#include "base/list.h"
#include "base/rand.h"
#include "core/bundle.h"
#include "core/wheel.h"
#include "hub/hub.h"
#include "hub/script.h"
#include "script/alloc.h"
#include "script/failure.h"

struct tg_coroutine; /* script/coroutine.h */
struct tg_tally;     /* core/tally.h */

/* A status beside LuaJIT's own: the call used up its CPU budget and was ended (script/stop.h). */
enum { TG_VM_STOPPED = 64 };

/* Functions of the gateway and of ours, as references; 0: absent. */
struct tg_vm_refs {
    int body, body_of_two; /* what coroutines run (lua/tidegate/call.lua) */
    int finish, collect;   /* takes the results; collects all garbage */
    int guarded, guards;   /* runs the guards before an event's handler; their list */
    int on_connect, on_disconnect, on_text, on_binary;
    int on_error, selftest, save, restore;
};

/* How a call that has used up its budget is ended (script/stop.h). */
struct tg_vm_stop {
    _Atomic bool is_set; /* by the signal handler too */
    bool is_ordered;     /* the next call is stopped at once: a fault of the test kit */
    bool has_jit;        /* no hook would be looked at, and setting one is not safe */
    struct tg_vm *outer; /* whose call this one is inside of; NULL: none */
    int line;            /* where the error was first raised; 0: not yet, or in no file */
    char file[TG_FAILURE_FILE_BYTES];
};

struct tg_vm {
    struct tg_alloc alloc;
    lua_State *L;
    struct tg_hub *hub;
    struct tg_gateway *gateway;
    struct tg_bundle files;              /* for require */
    const struct tg_bundle_file *module; /* the file that is being run; NULL: none */
    struct tg_rand rand;
    struct tg_vm_refs refs;
    uint32_t ref_count;
    const void *signal; /* what a suspending call yields first (lua/tidegate/suspend.lua) */
    const char *entry;  /* where the C stack stood at the outermost call into it; NULL: none */
    struct tg_vm_stop stop;
    uint64_t terms, load_terms; /* of calls; of loading and collecting (core/call_clock.h) */
    uint32_t budget_ms;         /* of a handler */
    int page_row;               /* its row in the worker's table of gateways */
    size_t lowest_used;         /* after the last collection that memory pressure asked for */

    struct tg_timer renewal; /* when the state is too full to go on (script/renewal.h) */
    uint64_t renewed_ms;     /* when one was last done or tried; 0: never */
    struct tg_tally *tally;  /* how it does while it is live (script/succession.h); NULL: untold */
    uint32_t handle_count;   /* clients whose handle is in it */
    uint32_t states_lost;    /* parts of clients' tables that could not come over to it */
    bool is_parked, is_retiring, is_small; /* timers stand; never serves again; collected late */

    struct tg_coroutine *running; /* in the script now; NULL: none, or gateway.lua loads */
    const void *self; /* the object of its client, until it suspends; NULL: none is known */
    const struct tg_call *heard;      /* the hub's, until it suspends; NULL: none */
    struct tg_link idle;              /* coroutines to use again */
    struct tg_link suspended, timers; /* calls; those that are set */
    uint32_t idle_count, suspended_count, timer_count;
    uint32_t rounds; /* of the collector, since it was let go of (script/emptying.h) */

    struct tg_buf out;        /* JSON on its way out */
    struct tg_buf words;      /* the code and message of a refusal */
    struct tg_answer *answer; /* of the running call */

    uint64_t log_second_ms; /* when the current second of log lines began */
    uint32_t log_lines;     /* in it */
    struct tg_failure_limit failures;
    struct tg_failure inner; /* of the author's coroutine that died last in this call */
};

/* A state with the sandbox's environment, without user code. The bundle is copied. On failure
 * NULL, with a message. */
struct tg_vm *tg_vm_create(struct tg_hub *hub, struct tg_gateway *gateway,
                           const struct tg_bundle *bundle, struct tg_errmsg *msg);

/* Cancels timers and suspended calls, frees the state. Accepts NULL. */
void tg_vm_destroy(struct tg_vm *vm);

/* The vm that the state, or any coroutine in it, belongs to. */
struct tg_vm *tg_vm_of(lua_State *L);

/* Calls fn with self as light userdata, protected: the one way to touch the state from outside of a
 * coroutine. 0, or the status, TG_VM_STOPPED too, with the error object left on the stack. The
 * second has the budget of loading: for what runs once per state. */
int tg_vm_protect(struct tg_vm *vm, lua_CFunction fn, void *self);
int tg_vm_protect_load(struct tg_vm *vm, lua_CFunction fn, void *self);

/* Raises when calls from C into Lua into C have taken too much of the C stack: LuaJIT bounds the
 * Lua stack alone, a recursion through string.gsub would end the process. For natives that call
 * back. */
void tg_vm_check_depth(lua_State *L);

/* Begins a call into the state, whose budget counts when it is the outermost one; gives what to
 * hand to tg_vm_leave, which says whether the call was stopped for having used it up. */
const char *tg_vm_enter(struct tg_vm *vm);
bool tg_vm_leave(struct tg_vm *vm, const char *outer);

/* Pops the value and keeps it; may raise. */
int tg_vm_ref(lua_State *L);

/* Pushes what is kept under ref, nil for 0, or the table of all that is kept. Takes two slots of
 * the stack. Never raises. */
void tg_vm_push_ref(lua_State *L, int ref);
void tg_vm_push_refs(lua_State *L);

/* Accepts 0. Never raises. */
void tg_vm_unref(lua_State *L, int ref);

/* Drops calls, timers and all functions of the gateway: nothing of it runs again. */
void tg_vm_let_go(struct tg_vm *vm);

/* From loading to serving: calls get the budget of handlers from now on. */
void tg_vm_start(struct tg_vm *vm);

/* Collects all garbage. Protected by itself. */
void tg_vm_collect(struct tg_vm *vm);

/* The cap was reached: counts it, and collects, so that whoever goes on has memory. */
void tg_vm_out_of_memory(struct tg_vm *vm);

/* Collects garbage when the state comes near its cap, or it may run out of memory that nobody holds
 * any more. Before a call, never inside of one. */
void tg_vm_relieve(struct tg_vm *vm);

/* The buffer for outgoing JSON, empty. */
struct tg_buf *tg_vm_out(struct tg_vm *vm);

#endif
