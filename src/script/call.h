/* SPDX-License-Identifier: MIT */
/* The one door into a gateway's code: a coroutine is resumed, protected, and every way it can come
 * out again is told here: returned, suspended, raised.
 * Lives in: a worker. */
#ifndef TG_SCRIPT_CALL_H
#define TG_SCRIPT_CALL_H

#include "hub/script.h"
#include "script/coroutine.h"

struct tg_scope;

/* Runs the coroutine's job and says how it came out. The coroutine belongs to the vm again: idle,
 * suspended or dropped. The running client of the hub is the job's meanwhile. */
void tg_call_run(struct tg_coroutine *co, struct tg_answer *answer);

/* What is being run, for logs and on_error: the event, "on_connect", "timer" ... */
struct tg_str tg_call_what(const struct tg_job *job);

/* The client of the job; NULL when it has none or has ended. */
struct tg_client *tg_call_client(const struct tg_vm *vm, const struct tg_job *job);

/* The scope that rooms and broadcasts of the running job mean: the gateway's, in the tenant of the
 * caller; without a caller that of clients without tenant. NULL when nobody is in it. */
struct tg_scope *tg_call_scope(const struct tg_vm *vm);

/* Counts and logs that a call could not even begin. */
void tg_call_out_of_memory(struct tg_vm *vm, const struct tg_job *job);

#endif
