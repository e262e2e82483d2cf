/* SPDX-License-Identifier: MIT */
/* The frames that wait for one client, bounded in number and in octets, to the octet. What the
 * transport has taken counts until the kernel has taken it too.
 * Lives in: a worker, inside a client. Owns: references to frames. */
#ifndef TG_HUB_OUTBOX_H
#define TG_HUB_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "core/frame.h"

struct tg_outbox {
    union {
        struct tg_frame *only;  /* capacity 1: most often one frame waits, and needs no memory */
        struct tg_frame **ring; /* beyond, until nothing waits again */
    };
    uint32_t capacity; /* a power of two; 0 while nothing waits */
    uint32_t first;
    uint32_t count;  /* frames in the ring, the flying ones first */
    uint32_t flying; /* of them taken by the transport */
    uint32_t offset; /* octets taken of the frame after the flying ones */
    uint64_t bytes;  /* of all frames in the ring, taken or not */
};

struct tg_outbox_limits {
    uint32_t messages;
    uint64_t bytes;
};

/* Zero-initialised is empty. Frees the references and the ring. */
void tg_outbox_fini(struct tg_outbox *outbox);

/* tg_outbox_push where frames wait already. */
int tg_outbox_push_behind(struct tg_outbox *outbox, struct tg_frame *frame,
                          const struct tg_outbox_limits *limits);

/* Appends, taking the caller's reference on success. TG_ERR_FULL when the frame would pass either
 * limit, TG_ERR_NOMEM; the reference stays with the caller then. limits NULL: a close frame, which
 * always has its place. Inline, since each delivery of a broadcast comes through here. */
static inline int tg_outbox_push(struct tg_outbox *outbox, struct tg_frame *frame,
                                 const struct tg_outbox_limits *limits)
{
    if (outbox->capacity > 0) {
        return tg_outbox_push_behind(outbox, frame, limits);
    }
    if (limits && (limits->messages == 0 || frame->length > limits->bytes)) {
        return TG_ERR_FULL;
    }
    outbox->only = frame;
    outbox->capacity = 1;
    outbox->count = 1;
    outbox->bytes = frame->length;
    return TG_OK;
}

/* Drops the frames that the transport has not begun to take. */
void tg_outbox_drop(struct tg_outbox *outbox);

/* The next octets to write, at most room of them: frames gathered in scratch, which has that
 * room, or a part of a frame's own octets. They fly from now on. Empty when nothing waits. The
 * view is valid until tg_outbox_written. Must not be called while something flies. */
struct tg_str tg_outbox_take(struct tg_outbox *outbox, char *scratch, size_t room);

/* The kernel has all octets that flew: forgets them. */
void tg_outbox_written(struct tg_outbox *outbox);

/* Whether frames wait that tg_outbox_take would give. */
static inline bool tg_outbox_has_waiting(const struct tg_outbox *outbox)
{
    return outbox->count > outbox->flying;
}

static inline bool tg_outbox_is_empty(const struct tg_outbox *outbox)
{
    return outbox->count == 0;
}

#endif
