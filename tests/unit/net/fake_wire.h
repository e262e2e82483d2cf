/* SPDX-License-Identifier: MIT */
/* A client's octets from the notation of ws_frame_cases.def, and what a reader made of octets as
 * text. Lives in: tests. */
#ifndef TG_FAKE_WIRE_H
#define TG_FAKE_WIRE_H

#include "base/buf.h"
#include "base/rand.h"
#include "net/ws_frame.h"

enum { FAKE_WIRE_MAX = 1 << 20 };

/* Appends the octets of one frame; length_form 0 (shortest), 2 or 8; mask NULL: not masked. The
 * promised length may differ from the payload's. */
void fake_wire_frame(struct tg_buf *wire, uint8_t first, int length_form, uint64_t promised,
                     const uint8_t *mask, struct tg_str payload);

/* Appends what the notation says; fails the test when it isn't well-formed. */
void fake_wire_parse(struct tg_buf *wire, const char *notation);

/* Appends one event; is_exact: every payload as a hash and a length. */
void fake_wire_tell(struct tg_buf *told, const struct tg_ws_event *event, bool is_exact);

/* A way to cut octets: how long is the next piece, with left of them to come? */
typedef size_t (*fake_wire_cut_fn)(void *self, size_t left);

/* Feeds the octets to a fresh reader, cut in pieces that each lie in memory of their own, and
 * appends what it told. */
void fake_wire_read(struct tg_buf *told, struct tg_str octets, const struct tg_ws_limits *limits,
                    fake_wire_cut_fn cut, void *self, bool is_exact);

#endif
