/* SPDX-License-Identifier: MIT */
/* A state that is full of what it really holds can only fail from then on. It is replaced by a
 * fresh one of the same generation: sockets, rooms and queues stay, calls in flight end with an
 * error, timers are gone, save and restore and client.state carry over what is worth it.
 * Lives in: a worker. */
#ifndef TG_SCRIPT_RENEWAL_H
#define TG_SCRIPT_RENEWAL_H

struct tg_vm;

/* After a collection of all garbage: plans the renewal when the state is still above nine tenths
 * of its cap. It comes in a turn of its own, outside of any call, and at most once in ten seconds
 * per gateway. A state that does not serve is left alone. */
void tg_renewal_consider(struct tg_vm *vm);

/* Before the state ends. */
void tg_renewal_cancel(struct tg_vm *vm);

#endif
