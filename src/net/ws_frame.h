/* SPDX-License-Identifier: MIT */
/* What a client sends after the 101: frames read to the letter of RFC 6455 section 5, in place.
 * A message that lies whole in one read is handed over where it is; others are assembled in memory
 * that grows with what has arrived, never with what was promised.
 * Lives in: a worker. Pure but for that memory. Owns: the message or control frame in progress. */
#ifndef TG_NET_WS_FRAME_H
#define TG_NET_WS_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "base/utf8.h"
#include "core/frame.h"
#include "hub/close_reason.h"

enum { TG_WS_HEAD_MAX = 14 /* octets of a masked header */ };

struct tg_ws_limits {
    uint32_t message_bytes;
    uint32_t message_fragments;
};

/* One per connection, so every octet counts. Zero-initialised is the start. */
struct tg_ws_reader {
    uint8_t *message; /* NULL while nothing is being assembled */
    uint8_t *control; /* a control frame cut by a read; NULL otherwise */
    uint32_t message_length;
    uint32_t message_capacity;
    uint32_t frame_left; /* octets of the current frame that are still to come */
    uint32_t fragments;
    uint32_t mask; /* turned so that the next octet meets its first one (net/ws_mask.h) */
    uint8_t head[TG_WS_HEAD_MAX];
    uint8_t head_length;     /* octets in head */
    uint8_t opcode;          /* of the current frame */
    uint8_t message_opcode;  /* TEXT or BINARY; 0: no message has begun */
    uint8_t control_length;  /* octets in control */
    struct tg_utf8 utf8;     /* of the text so far */
    bool is_final : 1;       /* the current frame ends its message */
    bool is_in_frame : 1;    /* a header was taken, its payload not yet all */
    bool is_ascii : 1;       /* what was unmasked last */
    bool is_message_end : 1; /* what is in message was handed over */
    bool is_control_end : 1; /* what is in control was handed over */
    bool is_stopped : 1;     /* after a close frame or a fault nothing is read any more */
};

enum tg_ws_event_kind {
    TG_WS_NOTHING, /* all input is used up */
    TG_WS_MESSAGE,
    TG_WS_PING,
    TG_WS_PONG,
    TG_WS_CLOSE,
    TG_WS_FAULT
};

struct tg_ws_event {
    enum tg_ws_event_kind kind;
    enum tg_opcode opcode;      /* MESSAGE: TEXT, which is valid UTF-8, or BINARY */
    struct tg_str payload;      /* MESSAGE, PING, PONG; CLOSE: the reason */
    int code;                   /* CLOSE: 0 when it had none */
    enum tg_close_reason fault; /* FAULT: PROTOCOL_ERROR, INVALID_UTF8, TOO_BIG, TOO_FRAGMENTED,
                                   NO_MEMORY */
};

/* Octets as they came, unmasked in place and taken off the front as they are read. */
struct tg_ws_input {
    uint8_t *at;
    size_t length;
};

/* Reads on to the next event. The payload is valid until the next call for this reader, and as
 * long as the input's memory. After CLOSE or FAULT there is only NOTHING, and the rest of the
 * input is dropped. */
void tg_ws_frame_next(struct tg_ws_reader *reader, struct tg_ws_input *input,
                      const struct tg_ws_limits *limits, struct tg_ws_event *event);

/* Frees the memory of an event that was handled, before the next call does. */
void tg_ws_frame_release(struct tg_ws_reader *reader);

/* Frees all memory; the reader is stopped. Accepts zeroes. */
void tg_ws_frame_fini(struct tg_ws_reader *reader);

#endif
