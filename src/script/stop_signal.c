/* SPDX-License-Identifier: MIT */
/* begin -> the script runs -> end: two stores each, and nothing else as long as calls are short.
 *
 * A call that runs for too long gets the supervisor's signal, again and again while it lasts. The
 * signal handler raises the flag, which natives look at, and sets a hook, which LuaJIT looks at
 * before each instruction. Both raise the error; pcall may catch it, but then the next instruction
 * raises it anew. When the outermost call has returned, flag and hook are taken back. */
#include "script/stop_signal.h"

#include <signal.h>
#include <stdint.h>

#include "core/call_clock.h"
#include "script/line_count.h"
#include "script/stop.h"

/* What the signal handler touches, beside the flag of that vm and LuaJIT's hook. */
static struct {
    _Atomic(struct tg_vm *) vm; /* whose code runs; NULL: none */
    _Atomic pid_t supervisor;   /* 0: nobody may stop a call */
} watched;

/* The supervisor has seen a call run for too long. It may have ended meanwhile. */
static void on_overrun(int number, siginfo_t *info, void *context)
{
    struct tg_vm *vm = atomic_load_explicit(&watched.vm, memory_order_relaxed);

    (void)number;
    (void)context;
    if (info->si_code != SI_QUEUE || !vm || info->si_pid != atomic_load(&watched.supervisor)) {
        return;
    }
    uint64_t meant = (uintptr_t)info->si_value.sival_ptr;
    if (meant == tg_call_clock_sequence(&vm->hub->row->calls)) {
        tg_stop_set(vm);
    }
}

int tg_stop_signal_watch(pid_t supervisor)
{
    struct sigaction action = {.sa_sigaction = on_overrun, .sa_flags = SA_SIGINFO | SA_RESTART};

    atomic_store(&watched.supervisor, supervisor);
    (void)sigemptyset(&action.sa_mask);
    return sigaction(tg_call_clock_signal(), &action, NULL) == 0 ? TG_OK : TG_ERR_IO;
}

/* --- a call --- */

void tg_stop_signal_begin(struct tg_vm *vm)
{
    struct tg_vm *outer = atomic_load_explicit(&watched.vm, memory_order_relaxed);

    vm->stop.outer = outer;
    atomic_store_explicit(&watched.vm, vm, memory_order_relaxed);
    if (!outer) {
        tg_call_clock_begin(&vm->hub->row->calls, vm->terms);
    } else if (tg_stop_is_set(outer)) {
        tg_stop_set(vm); /* it is part of a call that is to end */
    }
}

/* Takes flag and hook back. The call inside of which this one was is to end as well. */
static void release(struct tg_vm *vm)
{
    sigset_t blocked;
    sigset_t before;

    (void)sigemptyset(&blocked);
    (void)sigaddset(&blocked, tg_call_clock_signal());
    (void)sigprocmask(SIG_BLOCK, &blocked, &before);
    (void)lua_sethook(vm->L, NULL, 0, 0);
    tg_line_count_arm(vm);
    atomic_store_explicit(&vm->stop.is_set, false, memory_order_relaxed);
    if (vm->stop.outer) {
        tg_stop_set(vm->stop.outer);
    }
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
}

bool tg_stop_signal_end(struct tg_vm *vm)
{
    struct tg_vm *outer = vm->stop.outer;

    if (!outer) {
        tg_call_clock_end(&vm->hub->row->calls);
    }
    atomic_store_explicit(&watched.vm, outer, memory_order_relaxed);
    /* From here on a signal means no call of this vm. */
    atomic_signal_fence(memory_order_seq_cst);
    if (!tg_stop_is_set(vm)) {
        return false;
    }
    release(vm);
    return true;
}
