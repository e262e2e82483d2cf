/* SPDX-License-Identifier: MIT */
/* The happy path: lua_resume enters a body of lua/tidegate/call.lua, which takes the function and
 * its arguments from begin() and returns its results, which finish() takes (handlers.c). Both run
 * protected, so a lack of memory there is an error of this call like any other.
 *
 * Other ways out: the body yields the signal of a suspending call (it sleeps, and a timer resumes
 * it, or it asks the other workers, and their answers do), yields anything else (an error: there is
 * no coroutine of the author's around), or raises. A coroutine that raised is dead and dropped. */
#include "script/call.h"

#include <stdio.h>

#include "core/tally.h"
#include "hub/admission.h"
#include "hub/bus.h"
#include "hub/client.h"
#include "hub/hub.h"
#include "hub/provenance.h"
#include "script/bind_client.h"
#include "script/question.h"
#include "script/stop.h"
#include "script/vm.h"

struct tg_str tg_call_what(const struct tg_job *job)
{
    switch (job->kind) {
    case TG_JOB_CONNECT:
        return TG_STR("on_connect");
    case TG_JOB_EVENT:
        return tg_str(job->event->name, job->event->length);
    case TG_JOB_TEXT:
        return TG_STR("on_text");
    case TG_JOB_BINARY:
        return TG_STR("on_binary");
    case TG_JOB_DISCONNECT:
        return TG_STR("on_disconnect");
    case TG_JOB_TIMER:
        break;
    }
    return TG_STR("timer");
}

struct tg_client *tg_call_client(const struct tg_vm *vm, const struct tg_job *job)
{
    return job->has_client ? tg_registry_find(&vm->hub->registry, job->slot, job->serial) : NULL;
}

const char *tg_call_trace_id(const struct tg_job *job)
{
    return job->caller ? job->caller->trace.id : NULL;
}

struct tg_audience tg_call_audience(const struct tg_vm *vm, const struct tg_coroutine *co,
                                    struct tg_str room)
{
    const struct tg_provenance *caller = co ? co->job.caller : NULL;

    return (struct tg_audience){
        .gateway = tg_str_of(vm->gateway->name),
        .tenant = tg_str_of(caller ? caller->tenant : NULL),
        .room = room,
    };
}

/* --- it raised --- */

/* What on_error is told: the error object on the coroutine's stack, or our own text. */
struct report {
    struct tg_coroutine *co;
    const char *text;
};

/* In protected mode: on_error(client, event, err). */
static int on_tell_author(lua_State *L)
{
    const struct report *report = lua_touserdata(L, 1);
    struct tg_coroutine *co = report->co;
    struct tg_str what = tg_call_what(&co->job);
    struct tg_client *client = tg_call_client(co->vm, &co->job);

    tg_vm_push_ref(L, co->vm->refs.on_error);
    if (client) {
        tg_bind_client_push(L, co->vm, client);
    } else {
        lua_pushnil(L);
    }
    lua_pushlstring(L, what.at, what.length);
    if (report->text) {
        lua_pushstring(L, report->text);
    } else {
        lua_pushvalue(co->L, -1);
        lua_xmove(co->L, L, 1);
    }
    lua_call(L, 3, 0);
    return 0;
}

static void tell(struct tg_vm *vm, const struct tg_failure *failure, const struct tg_job *job)
{
    const struct tg_client *client = tg_call_client(vm, job);
    char id[TG_CLIENT_ID_BYTES];
    struct tg_failure_caller caller = {.trace_id = tg_call_trace_id(job)};

    if (client) {
        tg_client_id(client, id);
        caller.conn = id;
    }
    tg_failure_tell(vm, failure, tg_call_what(job), &caller);
}

/* The handler's own place, for an error after it had returned. */
static int handler_ref(const struct tg_vm *vm, const struct tg_job *job)
{
    switch (job->kind) {
    case TG_JOB_CONNECT:
        return vm->refs.on_connect;
    case TG_JOB_EVENT:
        return job->event->handler;
    case TG_JOB_TEXT:
        return vm->refs.on_text;
    case TG_JOB_BINARY:
        return vm->refs.on_binary;
    case TG_JOB_DISCONNECT:
        return vm->refs.on_disconnect;
    case TG_JOB_TIMER:
        break;
    }
    return job->function;
}

static void count_overrun(struct tg_vm *vm, struct tg_failure *failure)
{
    tg_stop_tell(vm, failure);
    tg_hub_count(vm->hub, TG_COUNT_HANDLER_TIMEOUTS, 1);
}

static void tell_author(struct tg_coroutine *co, const char *text)
{
    struct tg_vm *vm = co->vm;
    struct report report = {co, text};
    struct tg_failure failure;
    int status = vm->refs.on_error ? tg_vm_protect(vm, on_tell_author, &report) : 0;

    if (status == 0) {
        return;
    }
    tg_failure_read(vm->L, &failure);
    if (status == TG_VM_STOPPED) {
        count_overrun(vm, &failure);
    }
    lua_pop(vm->L, 1);
    if (failure.file[0] == '\0') {
        tg_vm_push_ref(vm->L, vm->refs.on_error);
        tg_failure_place(vm->L, &failure);
    }
    struct tg_failure_caller caller = {.trace_id = tg_call_trace_id(&co->job)};
    tg_failure_tell(vm, &failure, TG_STR("on_error"), &caller);
}

/* The error object is at the top of the coroutine's stack; text, when not NULL, says it instead. */
static void fail(struct tg_coroutine *co, int status, const char *text)
{
    struct tg_vm *vm = co->vm;
    struct tg_failure failure;

    tg_failure_read(co->L, &failure);
    tg_failure_join(&failure, &vm->inner);
    if (text) {
        (void)snprintf(failure.text, sizeof(failure.text), "%s", text);
    }
    if (status == TG_VM_STOPPED) {
        count_overrun(vm, &failure);
    }
    if (failure.file[0] == '\0') {
        tg_vm_push_ref(vm->L, handler_ref(vm, &co->job));
        tg_failure_place(vm->L, &failure);
    }
    tell(vm, &failure, &co->job);
    tell_author(co, text);
    tg_coroutine_drop(co);
    if (status == LUA_ERRMEM) {
        tg_vm_out_of_memory(vm);
    }
}

/* A client keeps its seat while the generation is live. */
static struct tg_tally_seat *seat_of(const struct tg_vm *vm, struct tg_client *client)
{
    uint32_t generation = (uint32_t)vm->gateway->counter << TG_TALLY_SEAT_BITS;

    if (client->seat >> TG_TALLY_SEAT_BITS != generation >> TG_TALLY_SEAT_BITS) {
        client->seat = generation | tg_tally_choose(vm->tally, client->serial, vm->hub->seat_key);
    }
    return &vm->tally->seats[client->seat % TG_TALLY_SEATS];
}

/* The client's is there unless another's was before. It is hashed at the first call alone. */
static void note_address(_Atomic uint32_t *address, const struct tg_client *client)
{
    if (atomic_load_explicit(address, memory_order_relaxed) == 0) {
        uint32_t hash = (uint32_t)tg_admission_hash_address(tg_str_of(client->provenance->address));
        atomic_store_explicit(address, hash ? hash : 1, memory_order_relaxed);
    }
}

/* A call of the live generation is over, or suspended. */
static void count(struct tg_vm *vm, struct tg_client *client, enum tg_outcome outcome)
{
    static const enum tg_tally_outcome outcomes[] = {
        [TG_OUTCOME_DONE] = TG_TALLY_DONE,
        [TG_OUTCOME_REFUSED] = TG_TALLY_DONE,
        [TG_OUTCOME_FAILED] = TG_TALLY_FAILED,
        [TG_OUTCOME_OVERRAN] = TG_TALLY_OVERRAN,
    };

    if (outcome == TG_OUTCOME_SUSPENDED) {
        return;
    }
    tg_tally_count(vm->tally, outcomes[outcome]);
    if (client) {
        struct tg_tally_seat *seat = seat_of(vm, client);
        note_address(&seat->address, client);
        if (outcomes[outcome] != TG_TALLY_DONE) {
            note_address(&seat->harmed, client);
        }
        tg_tally_count_seat(seat, outcomes[outcome]);
    }
}

void tg_call_out_of_memory(struct tg_vm *vm, const struct tg_job *job)
{
    struct tg_failure failure = {.text = "not enough memory to begin the call"};

    tell(vm, &failure, job);
    if (vm->tally) {
        count(vm, tg_call_client(vm, job), TG_OUTCOME_FAILED);
    }
    tg_vm_out_of_memory(vm);
}

/* --- it suspended --- */

bool tg_call_is_full(lua_State *L)
{
    const struct tg_vm *vm = tg_vm_of(L);

    if (vm->suspended_count < vm->hub->config->script_calls) {
        return false;
    }
    lua_pushnil(L);
    lua_pushfstring(L, "too many suspended calls: limits.script_calls is %d",
                    (int)vm->hub->config->script_calls);
    return true;
}

uint32_t tg_call_end_all(struct tg_link *calls)
{
    static const struct tg_answer failed = {.outcome = TG_OUTCOME_FAILED};
    uint32_t count = 0;

    while (!tg_link_is_alone(calls)) {
        struct tg_coroutine *co = TG_CONTAINER(calls->next, struct tg_coroutine, link);
        struct tg_hub *hub = co->vm->hub;
        struct tg_client *client = tg_call_client(co->vm, &co->job);
        tg_coroutine_drop(co);
        tg_hub_count(hub, TG_COUNT_HANDLER_ERRORS, 1);
        count++;
        if (client) {
            tg_client_resume_done(client, &failed);
        }
    }
    return count;
}

/* The sleep is over. */
static void on_sleep_over(struct tg_timer *timer)
{
    struct tg_coroutine *co = TG_CONTAINER(timer, struct tg_coroutine, timer);

    tg_vm_relieve(co->vm);
    lua_settop(co->L, 0);
    lua_pushboolean(co->L, 1);
    tg_call_wake(co);
}

static void sleep_for(struct tg_coroutine *co, lua_Number delay_ms)
{
    struct tg_hub *hub = co->vm->hub;

    tg_timer_init(&co->timer, on_sleep_over);
    tg_timer_set(hub->wheel, &co->timer, tg_hub_due_ms(hub, (uint64_t)delay_ms));
}

/* Whether what the coroutine yielded is the signal of a suspending call, with its request: a time
 * to sleep, or a room and what is asked about it. */
static bool suspend(struct tg_coroutine *co)
{
    struct tg_vm *vm = co->vm;

    if (lua_gettop(co->L) < 2 || lua_topointer(co->L, 1) != vm->signal) {
        return false;
    }
    vm->suspended_count++;
    tg_list_append(&vm->suspended, &co->link);
    if (lua_type(co->L, 2) == LUA_TNUMBER) {
        sleep_for(co, lua_tonumber(co->L, 2));
    } else {
        tg_question_ask(co);
    }
    return true;
}

/* --- the door --- */

/* Enters the coroutine: lua_resume's status. */
typedef int (*enter_fn)(struct tg_coroutine *co);

static enum tg_outcome settle(struct tg_coroutine *co, int status)
{
    const struct tg_vm *vm = co->vm;

    if (status == 0) {
        tg_coroutine_give(co); /* which frees it when the pool is full */
        return vm->answer->outcome;
    }
    if (status == LUA_YIELD && suspend(co)) {
        return TG_OUTCOME_SUSPENDED;
    }
    fail(co, status, status == LUA_YIELD ? "attempt to yield outside of a coroutine" : NULL);
    return status == TG_VM_STOPPED ? TG_OUTCOME_OVERRAN : TG_OUTCOME_FAILED;
}

/* The function has returned: hands its results over, if it has any and somebody wants them. Their
 * place on the stack, right above finish(), is that of a call: there may be no room for more. */
static int finish(struct tg_coroutine *co)
{
    enum tg_job_kind kind = co->job.kind;

    if (kind != TG_JOB_EVENT && kind != TG_JOB_CONNECT) {
        return 0;
    }
    int results = lua_gettop(co->L) - TG_COROUTINE_FINISH;
    if (results == 0) {
        return 0;
    }
    int status = lua_pcall(co->L, results, 0, 0);
    if (status == 0) {
        tg_vm_push_ref(co->L, co->vm->refs.finish);
    }
    return status;
}

static int begin(struct tg_coroutine *co)
{
    bool is_of_two = false;

    switch (co->job.kind) {
    case TG_JOB_EVENT:
        is_of_two = co->vm->refs.guards == 0;
        break;
    case TG_JOB_TEXT:
    case TG_JOB_BINARY:
    case TG_JOB_DISCONNECT:
        is_of_two = true;
        break;
    case TG_JOB_CONNECT:
    case TG_JOB_TIMER:
        break;
    }
    lua_pushvalue(co->L, is_of_two ? TG_COROUTINE_BODY_OF_TWO : TG_COROUTINE_BODY);
    return lua_resume(co->L, 0);
}

/* It was suspended and goes on with the results on its stack. */
static int go_on(struct tg_coroutine *co)
{
    return lua_resume(co->L, lua_gettop(co->L));
}

/* The budget is that of the handler's own code: what follows is ours, or, for on_error, an entry of
 * its own. */
static inline int resume(struct tg_coroutine *co, enter_fn enter)
{
    const char *outer = tg_vm_enter(co->vm);
    if (co->vm->stop.is_ordered) {
        co->vm->stop.is_ordered = false;
        tg_stop_set(co->vm);
    }
    int status = enter(co);
    if (status == 0) {
        status = finish(co);
    }
    bool was_stopped = tg_vm_leave(co->vm, outer);
    return was_stopped && status != 0 && status != LUA_YIELD ? TG_VM_STOPPED : status;
}

static inline void run(struct tg_coroutine *co, struct tg_client *client, struct tg_answer *answer,
                       enter_fn enter)
{
    struct tg_vm *vm = co->vm;
    struct tg_hub *hub = vm->hub;
    struct tg_coroutine *outer = vm->running;
    struct tg_client *outer_client = hub->running;
    const void *outer_self = vm->self;
    const struct tg_call *outer_heard = vm->heard;
    struct tg_answer *outer_answer = vm->answer;

    vm->running = co;
    vm->self = NULL;
    vm->heard = NULL;
    hub->running = client;
    vm->answer = answer;
    *answer = (struct tg_answer){.outcome = TG_OUTCOME_DONE};
    answer->outcome = settle(co, resume(co, enter));
    if (vm->tally) {
        count(vm, client, answer->outcome);
    }
    hub->running = outer_client;
    vm->answer = outer_answer;
    vm->heard = outer_heard;
    vm->self = outer_self;
    vm->running = outer;
}

void tg_call_run(struct tg_coroutine *co, struct tg_client *client, struct tg_answer *answer)
{
    run(co, client, answer, begin);
}

void tg_call_wake(struct tg_coroutine *co)
{
    struct tg_vm *vm = co->vm;
    const struct tg_job job = co->job;
    struct tg_answer answer;

    tg_link_remove(&co->link);
    vm->suspended_count--;
    run(co, tg_call_client(vm, &job), &answer, go_on);
    /* It may have ended meanwhile. */
    struct tg_client *client = tg_call_client(vm, &job);
    if (client && answer.outcome != TG_OUTCOME_SUSPENDED) {
        tg_client_resume_done(client, &answer);
    }
}
