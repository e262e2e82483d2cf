/* SPDX-License-Identifier: MIT */
/* A spec's client, at the far end of a connection: writes masked frames, reads the server's, and
 * answers pings and the close as RFC 6455 sections 5.5.1 to 5.5.3 ask of an endpoint.
 * Lives in: the test kit. Owns: what it has written and the server has not read, what it got. */
#ifndef TG_KIT_FAR_END_H
#define TG_KIT_FAR_END_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/list.h"
#include "core/frame.h"

enum {
    TG_FAR_END_UP_BYTES = 64 << 20,   /* written and not read by the server */
    TG_FAR_END_FRAMES = 1 << 20,      /* that a spec leaves lying */
    TG_FAR_END_KEPT_BYTES = 256 << 20 /* of them */
};

/* A frame that was received. */
struct tg_far_frame {
    struct tg_link link;
    enum tg_opcode opcode;
    uint64_t at_ms; /* wall clock */
    size_t length;
    char octets[]; /* the payload */
};

struct tg_far_end {
    struct tg_buf up;   /* to the server, masked */
    struct tg_buf down; /* from the server: the start of a frame that is not whole yet */
    struct tg_link frames;
    uint32_t frame_count;
    size_t frame_bytes;
    char *close_reason; /* NULL: none */
    int close_code;     /* of the server's close frame; 0: it had none */
    bool has_close;     /* a close frame has come: nothing is read or written any more */
    bool is_silent;     /* answers no ping */
    int err;            /* what made it deaf: TG_ERR_NOMEM, TG_ERR_FULL, TG_ERR_SYNTAX */
};

void tg_far_end_init(struct tg_far_end *end);

/* Frees what it holds. After tg_far_end_init. */
void tg_far_end_fini(struct tg_far_end *end);

/* A whole frame to the server. TG_ERR_TOO_LARGE (too much lies unread), TG_ERR_NOMEM. */
int tg_far_end_write(struct tg_far_end *end, enum tg_opcode opcode, struct tg_str payload);

/* Octets as they are, whatever they mean. The same errors. */
int tg_far_end_write_raw(struct tg_far_end *end, struct tg_str octets);

/* A close frame; code 0: without one. The same errors, and TG_ERR_INVALID: the reason is longer
 * than 123 octets. */
int tg_far_end_write_close(struct tg_far_end *end, int code, struct tg_str reason);

/* The server's octets arrive. What can't be kept or read sets end->err. */
void tg_far_end_receive(struct tg_far_end *end, struct tg_str octets, uint64_t wall_ms);

/* The server has read that many octets from the start of up. */
void tg_far_end_was_read(struct tg_far_end *end, size_t length);

/* The oldest frame, freed by the caller with free(); NULL when there is none. */
struct tg_far_frame *tg_far_end_take(struct tg_far_end *end);

#endif
