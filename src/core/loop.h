/* SPDX-License-Identifier: MIT */
/* The event loop of one process (libuv): descriptors, one wheel of timers, signals, and two hooks
 * at the end of each turn.
 * Lives in: a worker, the admin process. The only file pair that sees uv.h. */
#ifndef TG_CORE_LOOP_H
#define TG_CORE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "core/wheel.h"

struct tg_loop;  /* opaque */
struct tg_watch; /* opaque: one watched descriptor */

typedef void (*tg_loop_fn)(void *self);
typedef void (*tg_signal_fn)(void *self, int signal);

/* Makes a loop with a wheel on the system clock. NULL when the kernel or memory refuses. */
struct tg_loop *tg_loop_create(void);

/* Stops the signals, closes what is left and frees. Accepts NULL. Watches must be stopped
 * before. */
void tg_loop_destroy(struct tg_loop *loop);

/* Runs until tg_loop_stop; one that came before ends it at once. */
void tg_loop_run(struct tg_loop *loop);
void tg_loop_stop(struct tg_loop *loop);

/* Runs what is ready, waiting for at most one event; for teardown. Returns false when no watch and
 * no handle of a library is left. */
bool tg_loop_step(struct tg_loop *loop);

/* Its now_ms in a callback is at most 5 ms and the turn so far old, also in the callbacks of
 * libraries that run in this loop and after a long sleep. */
struct tg_wheel *tg_loop_wheel(struct tg_loop *loop);

/* The monotonic time of this turn (tg_clock_system's, up to a tick of the kernel's coarse clock);
 * before the first turn, and the wheel's too, that of the loop's creation. */
uint64_t tg_loop_now_ms(const struct tg_loop *loop);

/* Called at the end of every turn after the descriptors' callbacks and after the timers', before
 * the loop sleeps. One function per loop; it must be cheap when there is nothing to do. */
void tg_loop_on_turn(struct tg_loop *loop, tg_loop_fn on_turn, void *self);

/* Calls on_readable while the descriptor is readable (level-triggered). The descriptor is
 * borrowed. NULL when the kernel or memory refuses. */
struct tg_watch *tg_watch_start(struct tg_loop *loop, int fd, tg_loop_fn on_readable, void *self);
void tg_watch_pause(struct tg_watch *watch, bool paused);

/* Calls on_writable too while the descriptor takes octets, paused or not; NULL: no more. An end or
 * a failure of the descriptor is told to on_readable alone. */
void tg_watch_want_write(struct tg_watch *watch, tg_loop_fn on_writable);

/* Accepts NULL; the watch is gone after the call. Either callback may make it. */
void tg_watch_stop(struct tg_watch *watch);

/* Calls on_signal in the loop, not in the signal handler. Up to 8 signals per loop. */
int tg_loop_on_signal(struct tg_loop *loop, int signal, tg_signal_fn on_signal, void *self);

/* The uv_loop_t for a library that wants to run in it, as void so that uv.h stays here. */
void *tg_loop_native(struct tg_loop *loop);

#endif
