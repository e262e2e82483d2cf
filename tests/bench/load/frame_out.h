/* SPDX-License-Identifier: MIT */
/* Client frames: whole, masked with one fixed key that isn't zero (a server can't tell, and the
 * generator saves the draw). RFC 6455 sections 5.2, 5.3.
 * Lives in: the load generator. Pure. */
#ifndef TG_BENCH_FRAME_OUT_H
#define TG_BENCH_FRAME_OUT_H

#include <stddef.h>
#include <stdint.h>

enum { TG_OPCODE_TEXT = 1, TG_OPCODE_CLOSE = 8, TG_OPCODE_PING = 9, TG_OPCODE_PONG = 10 };

enum {
    TG_FRAME_OUT_PAYLOAD_MAX = 512 * 1024,
    TG_FRAME_OUT_HEAD_MAX = 14 /* two octets, a 64-bit length, the mask */
};

/* The octet that masks the payload's octet at `offset`. */
uint8_t tg_frame_out_mask(size_t offset);

/* Writes a final frame to `frame`, which has room for len + TG_FRAME_OUT_HEAD_MAX octets; len is at
 * most TG_FRAME_OUT_PAYLOAD_MAX. Returns the frame's length. */
size_t tg_frame_out_write(uint8_t *frame, unsigned opcode, const void *payload, size_t len);

#endif
