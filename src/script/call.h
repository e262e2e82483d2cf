/* SPDX-License-Identifier: MIT */
/* The one door into a gateway's code: a coroutine is resumed, protected, and every way it can come
 * out again is told here: returned, suspended, raised.
 * Lives in: a worker. */
#ifndef TG_SCRIPT_CALL_H
#define TG_SCRIPT_CALL_H

#include "hub/script.h"
#include "script/coroutine.h"

struct tg_audience;

/* Runs the coroutine's new job, which is the client's (NULL: nobody's), and says how it came out.
 * The coroutine belongs to the vm again: idle,
 * suspended or dropped. The running client of the hub is the job's meanwhile. */
void tg_call_run(struct tg_coroutine *co, struct tg_client *client, struct tg_answer *answer);

/* What is being run, for logs and on_error: the event, "on_connect", "timer" ... */
struct tg_str tg_call_what(const struct tg_job *job);

/* The client of the job; NULL when it has none or has ended. */
struct tg_client *tg_call_client(const struct tg_vm *vm, const struct tg_job *job);

/* The suspended call of the coroutine is over, its results are on the coroutine's stack: it goes
 * on, and when its job has ended the hub is told. */
void tg_call_wake(struct tg_coroutine *co);

/* Ends calls that were suspended, taken out of their vm's list, with an error; the hub is told of
 * each. How many they were. */
uint32_t tg_call_end_all(struct tg_link *calls);

/* For requests of suspending calls: whether as many are suspended as may be. Then nil and why not
 * are pushed. */
bool tg_call_is_full(lua_State *L);

/* Who is meant by a room (at NULL: by a broadcast) in the coroutine's job: clients of this gateway
 * in the tenant of the job's caller; without a coroutine or a caller those without tenant. Views
 * that last as long as the job and the room's name. */
struct tg_audience tg_call_audience(const struct tg_vm *vm, const struct tg_coroutine *co,
                                    struct tg_str room);

/* The trace of the connection that the job is run for, also when that has ended; NULL: none. */
const char *tg_call_trace_id(const struct tg_job *job);

/* Counts and logs that a call could not even begin. */
void tg_call_out_of_memory(struct tg_vm *vm, const struct tg_job *job);

#endif
