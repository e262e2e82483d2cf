/* SPDX-License-Identifier: MIT */
/* The wire form of events: {"event": string, "data": any, "id": string|integer} in, events and
 * answers out.
 * Lives in: a worker. Pure but for the frames it makes. */
#ifndef TG_HUB_ENVELOPE_H
#define TG_HUB_ENVELOPE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"
#include "core/frame.h"
#include "hub/counter.h"
#include "hub/gateway.h"
#include "hub/json_scan.h"

struct tg_envelope {
    char event_text[TG_NAME_MAX]; /* where an event with escapes is undone */
    struct tg_str event;          /* unescaped; view into the message or event_text */
    struct tg_str data;           /* raw JSON; empty when absent */
    struct tg_str id;             /* raw JSON of a string or an integer; empty: a notification */
};

/* Validates the whole message and finds its parts. TG_IGNORED_COUNT when it is good; otherwise
 * why it is not, with id set where one could still be found. Members of other names are ignored;
 * event, data or id twice is malformed. */
enum tg_ignored tg_envelope_read(struct tg_str message, const struct tg_json_limits *limits,
                                 struct tg_envelope *envelope);

/* Writes {"event":…,"data": into out, which is empty, for the JSON of the data to be added and
 * tg_envelope_end_event to be called. 0, TG_ERR_INVALID when event is not UTF-8, or out's error. */
int tg_envelope_begin_event(struct tg_buf *out, struct tg_str event);

/* Makes the frame of an event begun in out, of the pool's memory. 0 with a reference of the
 * caller's, TG_ERR_TOO_LARGE or TG_ERR_NOMEM. */
int tg_envelope_end_event(struct tg_buf *out, struct tg_frame_pool *pool, struct tg_frame **frame);

/* {"id":…,"data":…} */
struct tg_frame *tg_envelope_answer(struct tg_str id, struct tg_str data);

/* {"id":…,"error":{"code":…,"message":…}} - code and message as plain text. */
struct tg_frame *tg_envelope_error(struct tg_str id, struct tg_str code, struct tg_str message);

#endif
