/* SPDX-License-Identifier: MIT */
#include "core/frame.h"

#include <stdlib.h>

#include "core/frame_pool.h"

enum { REASON_MAX = TG_FRAME_CONTROL_MAX - 2 };

uint8_t tg_frame_head_length(size_t length)
{
    return length < 126 ? 2 : length < 65536 ? 4 : 10;
}

static void write_head(struct tg_frame *frame, size_t length)
{
    uint8_t *at = frame->octets;

    at[0] = (uint8_t)(0x80 | frame->opcode);
    if (frame->head == 2) {
        at[1] = (uint8_t)length;
        return;
    }
    at[1] = frame->head == 4 ? 126 : 127;
    for (int i = frame->head - 1; i >= 2; i--) {
        at[i] = (uint8_t)length;
        length >>= 8;
    }
}

void tg_frame_begin(struct tg_frame *frame, enum tg_opcode opcode, size_t length)
{
    uint8_t head = tg_frame_head_length(length);

    frame->pool = NULL;
    frame->refs = 1;
    frame->length = (uint32_t)(head + length);
    frame->head = head;
    frame->opcode = (uint8_t)opcode;
    write_head(frame, length);
}

struct tg_frame *tg_frame_create(enum tg_opcode opcode, size_t length)
{
    if (length > INT32_MAX) {
        return NULL;
    }
    struct tg_frame *frame = malloc(sizeof(*frame) + tg_frame_head_length(length) + length);

    if (frame) {
        tg_frame_begin(frame, opcode, length);
    }
    return frame;
}

struct tg_frame *tg_frame_of(enum tg_opcode opcode, struct tg_str payload)
{
    struct tg_frame *frame = tg_frame_create(opcode, payload.length);

    if (frame && payload.length > 0) {
        memcpy(tg_frame_payload(frame), payload.at, payload.length);
    }
    return frame;
}

/* The longest start of text of at most max octets that ends between two characters. */
static size_t cut_utf8(struct tg_str text, size_t max)
{
    size_t length = text.length;

    if (length <= max) {
        return length;
    }
    length = max;
    while (length > 0 && ((uint8_t)text.at[length] & 0xc0) == 0x80) {
        length--;
    }
    return length;
}

struct tg_frame *tg_frame_close(int code, struct tg_str reason)
{
    size_t text = code ? cut_utf8(reason, REASON_MAX) : 0;
    struct tg_frame *frame = tg_frame_create(TG_OPCODE_CLOSE, code ? 2 + text : 0);

    if (frame && code) {
        uint8_t *at = tg_frame_payload(frame);
        at[0] = (uint8_t)(code >> 8);
        at[1] = (uint8_t)code;
        if (text > 0) {
            memcpy(at + 2, reason.at, text);
        }
    }
    return frame;
}

uint8_t *tg_frame_payload(struct tg_frame *frame)
{
    return frame->octets + frame->head;
}

size_t tg_frame_payload_length(const struct tg_frame *frame)
{
    return frame->length - frame->head;
}

void tg_frame_unref(struct tg_frame *frame)
{
    if (!frame || --frame->refs > 0) {
        return;
    }
    if (frame->pool) {
        tg_frame_pool_give(frame);
    } else {
        free(frame);
    }
}
