/* SPDX-License-Identifier: MIT */
/* Small frames to use again: a server makes and drops one for each message.
 * Lives in: a worker. Owns: the memory of frames that are not in use, at most
 * TG_FRAME_POOL_BYTES. */
#ifndef TG_CORE_FRAME_POOL_H
#define TG_CORE_FRAME_POOL_H

#include "core/frame.h"

enum { TG_FRAME_POOL_BYTES = 256 << 10 };

struct tg_frame_pool; /* opaque */

/* An empty pool. NULL when memory is short. */
struct tg_frame_pool *tg_frame_pool_create(void);

/* Accepts NULL. Frames that are still in use stay good, and free themselves. */
void tg_frame_pool_destroy(struct tg_frame_pool *pool);

/* As tg_frame_create; pool NULL is the same as that. */
struct tg_frame *tg_frame_pool_take(struct tg_frame_pool *pool, enum tg_opcode opcode,
                                    size_t length);

/* The frame's last reference is gone (tg_frame_unref). */
void tg_frame_pool_give(struct tg_frame *frame);

#endif
