/* SPDX-License-Identifier: MIT */
/* The message that is sent over and over with a changing id:
 *   {"event":"EVENT","data":{"id":NNNNNNNN,"s":"abc..."}}
 * and the judge of what comes back. A long one begins its alphabet elsewhere each time: a server
 * may keep what it knows of a text by a few of its octets, and texts that only differ in an id are
 * nobody's. The id counts the messages of a client, so a reply that is lost, doubled or out of
 * order is seen at once; JSON members may come back in any order. Lives in: the load generator.
 * Pure. RFC 6455 sections 5.2 and 5.3 for the frame. */
#ifndef TG_BENCH_PAYLOAD_H
#define TG_BENCH_PAYLOAD_H

#include "frame_out.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TG_PAYLOAD_OCTETS_MAX = 512 * 1024,
    TG_PAYLOAD_FRAME_MAX = TG_PAYLOAD_OCTETS_MAX + TG_FRAME_OUT_HEAD_MAX,
    TG_PAYLOAD_FILLER_MAX = TG_PAYLOAD_OCTETS_MAX + 52, /* two alphabets, and so whole masks */
    TG_PAYLOAD_NAME_MAX = 64,
    TG_PAYLOAD_LONG = 4096,
    /* Every so many replies are compared member by member. */
    TG_PAYLOAD_CHECK_EVERY = 256
};

struct tg_payload {
    uint8_t frame[TG_PAYLOAD_FRAME_MAX]; /* masked, with the id of message 0 */
    size_t frame_len;
    size_t head_len;  /* of the frame: header and mask */
    size_t id_offset; /* of the id in the unmasked payload */
    size_t filler_offset;
    size_t filler_len;
    char filler[TG_PAYLOAD_FILLER_MAX];           /* plain */
    uint8_t filler_masked[TG_PAYLOAD_FILLER_MAX]; /* as it stands in the frame */
    char answer_event[TG_PAYLOAD_NAME_MAX + 16];
};

/* Makes the template for messages of `octets` in all, named `event`, answered by `answer_event`.
 * False when a name or a size doesn't fit, or a name would need escaping. */
bool tg_payload_init(struct tg_payload *payload, const char *event, const char *answer_event,
                     size_t octets);

/* Writes the frame of message `number` (from 0) to `frame`, which has room for frame_len octets. */
void tg_payload_write(const struct tg_payload *payload, uint64_t number, uint8_t *frame);

/* The number of the message that `text` answers: all that is looked at is the id. */
bool tg_payload_read_number(const char *text, size_t len, uint64_t *number);

/* Whether `text` has the answer's event and the whole string. */
bool tg_payload_is_whole(const struct tg_payload *payload, const char *text, size_t len);

/* Whether `text` is the answer to message `number`: the id always, and event and string in every
 * TG_PAYLOAD_CHECK_EVERY-th one. */
bool tg_payload_is_answer(const struct tg_payload *payload, uint64_t number, const char *text,
                          size_t len);

#endif
