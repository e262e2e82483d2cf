/* SPDX-License-Identifier: MIT */
#include "core/frame_pool.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/poison.h"

enum { STEP_BYTES = 64, ROWS = 8, SMALL_BYTES = STEP_BYTES * ROWS };

/* A frame's memory while it is not in use. */
struct idle {
    struct idle *next;
};

struct tg_frame_pool {
    struct idle *rows[ROWS]; /* of blocks of row + 1 steps */
    size_t kept_bytes;
    size_t used_count;
    bool is_destroyed; /* the last frame in use frees it */
};

struct tg_frame_pool *tg_frame_pool_create(void)
{
    return calloc(1, sizeof(struct tg_frame_pool));
}

/* The row whose blocks have room for a frame of length octets on the wire. */
static inline size_t row_for(size_t length)
{
    return (sizeof(struct tg_frame) + length - 1) / STEP_BYTES;
}

static inline size_t row_bytes(size_t row)
{
    return (row + 1) * STEP_BYTES;
}

static void *take_idle(struct tg_frame_pool *pool, size_t row)
{
    struct idle *idle = pool->rows[row];

    tg_poison_clear(idle, row_bytes(row));
    pool->rows[row] = idle->next;
    pool->kept_bytes -= row_bytes(row);
    return idle;
}

void tg_frame_pool_destroy(struct tg_frame_pool *pool)
{
    if (!pool) {
        return;
    }
    for (size_t row = 0; row < ROWS; row++) {
        while (pool->rows[row]) {
            free(take_idle(pool, row));
        }
    }
    pool->is_destroyed = true;
    if (pool->used_count == 0) {
        free(pool);
    }
}

struct tg_frame *tg_frame_pool_take(struct tg_frame_pool *pool, enum tg_opcode opcode,
                                    size_t length)
{
    if (!pool || length > SMALL_BYTES - TG_FRAME_HEAD_MAX - sizeof(struct tg_frame)) {
        return tg_frame_create(opcode, length);
    }
    size_t row = row_for(tg_frame_head_length(length) + length);
    struct tg_frame *frame = pool->rows[row] ? take_idle(pool, row) : malloc(row_bytes(row));
    if (frame) {
        tg_frame_begin(frame, opcode, length);
        frame->pool = pool;
        pool->used_count++;
    }
    return frame;
}

void tg_frame_pool_give(struct tg_frame *frame)
{
    struct tg_frame_pool *pool = frame->pool;
    size_t row = row_for(frame->length);
    struct idle *idle = (void *)frame;

    pool->used_count--;
    if (pool->is_destroyed || pool->kept_bytes + row_bytes(row) > TG_FRAME_POOL_BYTES) {
        free(frame);
        if (pool->is_destroyed && pool->used_count == 0) {
            free(pool);
        }
        return;
    }
    idle->next = pool->rows[row];
    pool->rows[row] = idle;
    pool->kept_bytes += row_bytes(row);
    tg_poison_set(idle, row_bytes(row));
}
