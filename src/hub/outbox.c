/* SPDX-License-Identifier: MIT */
#include "hub/outbox.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/err.h"

enum { FIRST_CAPACITY = 8 };

static struct tg_frame *frame_at(const struct tg_outbox *outbox, uint32_t i)
{
    return outbox->capacity == 1 ? outbox->only
                                 : outbox->ring[(outbox->first + i) & (outbox->capacity - 1)];
}

/* Nothing waits: nothing is kept. */
static void reset(struct tg_outbox *outbox)
{
    if (outbox->capacity > 1) {
        free(outbox->ring);
    }
    *outbox = (struct tg_outbox){0};
}

void tg_outbox_fini(struct tg_outbox *outbox)
{
    for (uint32_t i = 0; i < outbox->count; i++) {
        tg_frame_unref(frame_at(outbox, i));
    }
    reset(outbox);
}

__attribute__((noinline)) static int grow(struct tg_outbox *outbox)
{
    uint32_t capacity = outbox->capacity > 1 ? outbox->capacity * 2 : FIRST_CAPACITY;
    struct tg_frame **ring = malloc(capacity * sizeof(struct tg_frame *));

    if (!ring) {
        return TG_ERR_NOMEM;
    }
    for (uint32_t i = 0; i < outbox->count; i++) {
        ring[i] = frame_at(outbox, i);
    }
    if (outbox->capacity > 1) {
        free(outbox->ring);
    }
    outbox->ring = ring;
    outbox->capacity = capacity;
    outbox->first = 0;
    return TG_OK;
}

int tg_outbox_push_behind(struct tg_outbox *outbox, struct tg_frame *frame,
                          const struct tg_outbox_limits *limits)
{
    if (limits && (outbox->count >= limits->messages || frame->length > limits->bytes ||
                   outbox->bytes > limits->bytes - frame->length)) {
        return TG_ERR_FULL;
    }
    if (outbox->count == outbox->capacity && grow(outbox) != TG_OK) {
        return TG_ERR_NOMEM;
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
        reset(outbox);
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

/* Many small frames leave as one. */
__attribute__((noinline)) static struct tg_str gather(struct tg_outbox *outbox, char *scratch,
                                                      size_t room)
{
    size_t length = 0;

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

struct tg_str tg_outbox_take(struct tg_outbox *outbox, char *scratch, size_t room)
{
    tg_require(outbox->flying == 0 && room > 0);
    if (outbox->count == 0) {
        return tg_str(NULL, 0);
    }
    if (outbox->count == 1 || frame_at(outbox, 0)->length - outbox->offset > room / 2) {
        return take_from_frame(outbox, room);
    }
    return gather(outbox, scratch, room);
}

/* The first frame is done with. */
static void forget_first(struct tg_outbox *outbox)
{
    struct tg_frame *frame = frame_at(outbox, 0);

    outbox->first = (outbox->first + 1) & (outbox->capacity - 1);
    outbox->count--;
    outbox->bytes -= frame->length;
    tg_frame_unref(frame);
}

void tg_outbox_written(struct tg_outbox *outbox)
{
    if (outbox->capacity == 1 && outbox->flying == 1) {
        tg_frame_unref(outbox->only);
        *outbox = (struct tg_outbox){0};
        return;
    }
    for (; outbox->flying > 0; outbox->flying--) {
        forget_first(outbox);
    }
    if (outbox->count == 0) {
        reset(outbox);
    }
}
