/* SPDX-License-Identifier: MIT */
/* The loop of a simulated worker: core/loop.h without libuv and without waiting. Who links tg_kit
 * gets these functions in place of core/loop.c's, so that mailboxes and cluster are the product's
 * own. Time is the borrowed wheel's, which somebody else advances.
 * Lives in: the test kit. Owns: its watches. Borrows: wheel, descriptors. */
#ifndef TG_KIT_LOOP_H
#define TG_KIT_LOOP_H

#include "core/loop.h"

/* NULL when memory is short. */
struct tg_loop *tg_loop_over(struct tg_wheel *wheel);

/* Serves every descriptor that is ready once; never waits. Whether there was one. */
bool tg_loop_poll(struct tg_loop *loop);

/* While held, descriptors are not looked at: what they bring waits in the kernel. */
void tg_loop_hold(struct tg_loop *loop, bool is_held);

#endif
