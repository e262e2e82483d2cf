/* SPDX-License-Identifier: MIT */
/* The coroutines that handlers run in, pooled: making one costs more than a small handler.
 * Lives in: a worker. Owns: the reference that keeps the Lua thread; what its job holds. */
#ifndef TG_SCRIPT_COROUTINE_H
#define TG_SCRIPT_COROUTINE_H

#include <stdbool.h>
#include <stdint.h>

#include <lua.h>

#include "base/list.h"
#include "core/wheel.h"
#include "hub/script.h"

struct tg_client;
struct tg_provenance;
struct tg_vm;

enum tg_job_kind {
    TG_JOB_CONNECT = TG_CALL_CONNECT,
    TG_JOB_EVENT = TG_CALL_EVENT,
    TG_JOB_TEXT = TG_CALL_TEXT,
    TG_JOB_BINARY = TG_CALL_BINARY,
    TG_JOB_DISCONNECT = TG_CALL_DISCONNECT,
    TG_JOB_TIMER
};

/* What a coroutine works on. A client is kept as slot and serial: it may be gone when a suspended
 * call goes on. */
struct tg_job {
    enum tg_job_kind kind;
    bool has_client;
    bool wants_answer;
    uint32_t slot;
    uint64_t serial;
    struct tg_provenance *caller; /* a reference; whose tenant rooms belong to. NULL: none */
    const struct tg_event *event; /* EVENT; the gateway's */
    const struct tg_call *call;   /* valid until the handler has its arguments, then NULL */
    int function;                 /* a reference that is the job's own (TIMER), or 0 */
};

struct tg_coroutine {
    struct tg_link link; /* in vm->idle or vm->suspended; alone while it runs */
    struct tg_vm *vm;
    lua_State *L; /* TG_COROUTINE_FINISH slots at its bottom stay */
    int ref;
    struct tg_timer timer; /* ends its sleep */
    uint64_t question;     /* to the other workers, while is_asking (script/question.h) */
    bool is_asking;
    struct tg_job job;
};

/* What stands at the bottom of an idle one's stack: the body for functions of two arguments, the
 * one for all, and finish(), which the call takes away with the results. */
enum { TG_COROUTINE_BODY_OF_TWO = 1, TG_COROUTINE_BODY, TG_COROUTINE_FINISH };

/* An idle coroutine or a new one, with an empty job. NULL when memory is short. */
struct tg_coroutine *tg_coroutine_take(struct tg_vm *vm);

/* It has ended well: forgets its job and keeps it for the next call, or drops it when the pool is
 * full. */
void tg_coroutine_give(struct tg_coroutine *co);

/* It has failed, or is not wanted any more: forgets its job and leaves the thread to the garbage
 * collector. */
void tg_coroutine_drop(struct tg_coroutine *co);

/* Drops all idle and suspended coroutines. */
void tg_coroutine_drop_all(struct tg_vm *vm);

#endif
