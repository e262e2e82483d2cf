/* SPDX-License-Identifier: MIT */
/* Outgoing WebSocket frames: header and payload in one block, made once, counted, immutable once
 * shared. A broadcast is one frame on many outboxes.
 * Lives in: a worker. RFC 6455 section 5.2; a server's frames are not masked (5.1). */
#ifndef TG_CORE_FRAME_H
#define TG_CORE_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum tg_opcode {
    TG_OPCODE_CONTINUATION = 0,
    TG_OPCODE_TEXT = 1,
    TG_OPCODE_BINARY = 2,
    TG_OPCODE_CLOSE = 8,
    TG_OPCODE_PING = 9,
    TG_OPCODE_PONG = 10
};

enum { TG_FRAME_HEAD_MAX = 10, TG_FRAME_CONTROL_MAX = 125 };

struct tg_frame_pool; /* core/frame_pool.h */

struct tg_frame {
    struct tg_frame_pool *pool; /* whose memory it is; NULL: the heap's */
    uint32_t refs;
    uint32_t length;  /* octets on the wire, header included */
    uint8_t head;     /* of them the header */
    uint8_t opcode;   /* enum tg_opcode */
    uint8_t octets[]; /* header, then payload */
};

/* A final frame of this opcode with room for length octets of payload, to be filled through
 * tg_frame_payload before it is shared. The caller holds the one reference. NULL when memory is
 * short or length passes 2^31. */
struct tg_frame *tg_frame_create(enum tg_opcode opcode, size_t length);

/* How long the header of so much payload is. */
uint8_t tg_frame_head_length(size_t length);

/* Fills in header and fields of a frame in memory that has the room. */
void tg_frame_begin(struct tg_frame *frame, enum tg_opcode opcode, size_t length);

/* The same as tg_frame_create with the payload copied in. */
struct tg_frame *tg_frame_of(enum tg_opcode opcode, struct tg_str payload);

/* A close frame (RFC 6455 section 5.5.1): code 0 gives an empty body; the reason, UTF-8, is cut
 * at 123 octets on a character boundary. */
struct tg_frame *tg_frame_close(int code, struct tg_str reason);

uint8_t *tg_frame_payload(struct tg_frame *frame);
size_t tg_frame_payload_length(const struct tg_frame *frame);

static inline struct tg_frame *tg_frame_ref(struct tg_frame *frame)
{
    frame->refs++;
    return frame;
}

/* Accepts NULL. */
void tg_frame_unref(struct tg_frame *frame);

#endif
