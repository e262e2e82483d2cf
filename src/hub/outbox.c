/* SPDX-License-Identifier: MIT */
#include "hub/outbox.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/err.h"

enum { FIRST_CAPACITY = 4 };

static struct tg_frame *frame_at(const struct tg_outbox *outbox, uint32_t i)
{
    return outbox->ring[(outbox->first + i) & (outbox->capacity - 1)];
}

static void free_ring(struct tg_outbox *outbox)
{
    free(outbox->ring);
    *outbox = (struct tg_outbox){0};
}

void tg_outbox_fini(struct tg_outbox *outbox)
{
    for (uint32_t i = 0; i < outbox->count; i++) {
        tg_frame_unref(frame_at(outbox, i));
    }
    free_ring(outbox);
}

static int grow(struct tg_outbox *outbox)
{
    uint32_t capacity = outbox->capacity ? outbox->capacity * 2 : FIRST_CAPACITY;
    struct tg_frame **ring = malloc(capacity * sizeof(struct tg_frame *));

    if (!ring) {
        return TG_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < outbox->count; i++) {
        ring[i] = frame_at(outbox, i);
    }
    free(outbox->ring);
    outbox->ring = ring;
    outbox->capacity = capacity;
    outbox->first = 0;
    return TG_OK;
}

int tg_outbox_push(struct tg_outbox *outbox, struct tg_frame *frame,
                   const struct tg_outbox_limits *limits)
{
    if (limits && (outbox->count >= limits->messages || frame->length > limits->bytes ||
                   outbox->bytes > limits->bytes - frame->length)) {
        return TG_ERR_FULL;
    }
    if (outbox->count == outbox->capacity) {
        int err = grow(outbox);
        if (err) {
            return err;
        }
    }
    outbox->ring[(outbox->first + outbox->count) & (outbox->capacity - 1)] = frame;
    outbox->count++;
    outbox->bytes += frame->length;
    return TG_OK;
}

void tg_outbox_drop(struct tg_outbox *outbox)
{
    /* A frame of which a part has left must leave whole, or the peer could read nothing after. */
    uint32_t kept = outbox->flying + (outbox->offset > 0 ? 1 : 0);

    while (outbox->count > kept) {
        struct tg_frame *frame = frame_at(outbox, --outbox->count);
        outbox->bytes -= frame->length;
        tg_frame_unref(frame);
    }
    if (outbox->count == 0) {
        free_ring(outbox);
    }
}

/* A part of the first frame's own octets: no copy for large frames and for single ones. */
static struct tg_str take_from_frame(struct tg_outbox *outbox, size_t room)
{
    struct tg_frame *frame = frame_at(outbox, 0);
    const char *at = (const char *)frame->octets + outbox->offset;
    size_t length = frame->length - outbox->offset;

    if (length > room) {
        outbox->offset += (uint32_t)room;
        return tg_str(at, room);
    }
    outbox->offset = 0;
    outbox->flying = 1;
    return tg_str(at, length);
}

struct tg_str tg_outbox_take(struct tg_outbox *outbox, char *scratch, size_t room)
{
    size_t length = 0;

    tg_require(outbox->flying == 0 && room > 0);
    if (outbox->count == 0) {
        return tg_str(NULL, 0);
    }
    if (outbox->count == 1 || frame_at(outbox, 0)->length - outbox->offset > room / 2) {
        return take_from_frame(outbox, room);
    }
    while (outbox->flying < outbox->count) {
        struct tg_frame *frame = frame_at(outbox, outbox->flying);
        size_t rest = frame->length - outbox->offset;
        if (rest > room - length) {
            break;
        }
        memcpy(scratch + length, frame->octets + outbox->offset, rest);
        length += rest;
        outbox->offset = 0;
        outbox->flying++;
    }
    return tg_str(scratch, length);
}

void tg_outbox_written(struct tg_outbox *outbox)
{
    for (; outbox->flying > 0; outbox->flying--) {
        struct tg_frame *frame = frame_at(outbox, 0);
        outbox->first = (outbox->first + 1) & (outbox->capacity - 1);
        outbox->count--;
        outbox->bytes -= frame->length;
        tg_frame_unref(frame);
    }
    if (outbox->count == 0 && outbox->ring) {
        free_ring(outbox);
    }
}

bool tg_outbox_has_waiting(const struct tg_outbox *outbox)
{
    return outbox->count > outbox->flying;
}

bool tg_outbox_is_empty(const struct tg_outbox *outbox)
{
    return outbox->count == 0;
}
