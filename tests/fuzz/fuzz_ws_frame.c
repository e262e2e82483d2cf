/* SPDX-License-Identifier: MIT */
/* What a client sends after the 101, read whole, cut in two and octet by octet: the events must be
 * the same, and keep what the reader promises of them. */
#include "target.h"

#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "net/ws_frame.h"

static const struct tg_ws_limits LIMITS = {.message_bytes = 2000, .message_fragments = 6};

/* All events of a run, as one number (FNV-1a). */
struct digest {
    uint64_t value;
    uint64_t events;
    bool has_ended;
};

static void add(struct digest *digest, const void *octets, size_t length)
{
    const uint8_t *at = octets;

    for (size_t i = 0; i < length; i++) {
        digest->value = (digest->value ^ at[i]) * 0x100000001b3u;
    }
}

static void check_event(struct digest *digest, const struct tg_ws_event *event)
{
    const uint8_t *octets = (const uint8_t *)event->payload.at;
    size_t length = event->payload.length;

    tg_require(!digest->has_ended);
    digest->has_ended = event->kind == TG_WS_CLOSE || event->kind == TG_WS_FAULT;
    switch (event->kind) {
    case TG_WS_MESSAGE:
        tg_require(length <= LIMITS.message_bytes);
        tg_require(event->opcode == TG_OPCODE_BINARY ||
                   (event->opcode == TG_OPCODE_TEXT && tg_utf8_check(octets, length)));
        break;
    case TG_WS_PING:
    case TG_WS_PONG:
        tg_require(length <= TG_FRAME_CONTROL_MAX);
        break;
    case TG_WS_CLOSE:
        tg_require(event->code == 0 ? length == 0 : tg_close_code_is_sendable(event->code));
        tg_require(length <= TG_FRAME_CONTROL_MAX - 2 && tg_utf8_check(octets, length));
        break;
    case TG_WS_FAULT:
        tg_require(event->fault < TG_CLOSE_REASON_COUNT && length == 0);
        break;
    case TG_WS_NOTHING:
        tg_require(false);
    }
}

/* Reads a piece in memory that ends where it ends. */
static void read_piece(struct tg_ws_reader *reader, const uint8_t *octets, size_t length,
                       struct digest *digest)
{
    uint8_t *copy = malloc(length > 0 ? length : 1);
    struct tg_ws_input input = {copy, length};
    struct tg_ws_event event;

    tg_require(copy);
    memcpy(copy, octets, length);
    for (;;) {
        tg_ws_frame_next(reader, &input, &LIMITS, &event);
        if (event.kind == TG_WS_NOTHING) {
            break;
        }
        check_event(digest, &event);
        int told[] = {(int)event.kind, (int)event.opcode, event.code, (int)event.fault};
        add(digest, told, sizeof(told));
        add(digest, event.payload.at, event.payload.length);
        digest->events++;
    }
    tg_require(input.length == 0);
    tg_require(reader->message_capacity <= LIMITS.message_bytes);
    free(copy);
}

static struct digest run(const uint8_t *input, size_t length, size_t first, size_t step)
{
    struct tg_ws_reader reader = {0};
    struct digest digest = {.value = 0xcbf29ce484222325u};

    read_piece(&reader, input, first, &digest);
    for (size_t at = first; at < length; at += step) {
        read_piece(&reader, input + at, length - at < step ? length - at : step, &digest);
    }
    tg_ws_frame_fini(&reader);
    return digest;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
    struct digest whole = run(input, length, length, 1);
    struct digest single = run(input, length, 0, 1);
    struct digest halves = run(input, length, length / 2, length);

    tg_require(whole.value == single.value && whole.events == single.events);
    tg_require(whole.value == halves.value && whole.events == halves.events);
    return 0;
}
