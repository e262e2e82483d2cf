/* SPDX-License-Identifier: MIT */
/* The supervisor finds out that a call has used up its CPU budget, and signals; the worker only
 * notes in its row when calls begin and end.
 * Lives in: a worker, whose only thread runs scripts. */
#ifndef TG_SCRIPT_STOP_SIGNAL_H
#define TG_SCRIPT_STOP_SIGNAL_H

#include <stdbool.h>
#include <sys/types.h>

struct tg_vm; /* script/vm.h */

/* From now on a tg_call_clock_signal of that process stops the call it names. TG_ERR_IO. */
int tg_stop_signal_watch(pid_t supervisor);

/* The outermost call into the state begins, with the vm's terms. */
void tg_stop_signal_begin(struct tg_vm *vm);

/* It has ended: whether it was stopped. From here on the state runs again. */
bool tg_stop_signal_end(struct tg_vm *vm);

#endif
