/* SPDX-License-Identifier: MIT */
/* Header, then payload, then what the frame means. A rule is judged at the first octet that breaks
 * it: the two fixed octets, the length, a piece of text. So the outcome doesn't depend on how the
 * octets were cut on their way. */
#include "net/ws_frame.h"

#include <stdlib.h>
#include <string.h>

#include "net/ws_mask.h"

enum { MESSAGE_FIRST = 512 /* octets of the smallest assembly */ };

enum {
    FIN = 0x80,
    RSV = 0x70,
    OPCODE = 0x0f,
    MASKED = 0x80,
    LENGTH = 0x7f,
    LENGTH_16 = 126,
    LENGTH_64 = 127
};

/* No fault. */
static const enum tg_close_reason FINE = TG_CLOSE_REASON_COUNT;

static void stop(struct tg_ws_reader *reader, struct tg_ws_event *event, enum tg_close_reason fault)
{
    reader->is_stopped = true;
    *event = (struct tg_ws_event){.kind = TG_WS_FAULT, .fault = fault};
}

/* --- header (RFC 6455 section 5.2) --- */

static uint32_t head_size(uint8_t second)
{
    uint8_t length = second & LENGTH;

    return length == LENGTH_64 ? 14 : length == LENGTH_16 ? 8 : 6;
}

/* What the two fixed octets say: mask (section 5.1), reserved bits and opcodes (5.2), control
 * frames whole and short (5.5), the order of fragments (5.4). */
static bool is_sound_start(const struct tg_ws_reader *reader, const uint8_t head[2])
{
    uint8_t opcode = head[0] & OPCODE;

    if (!(head[1] & MASKED) || (head[0] & RSV)) {
        return false;
    }
    switch (opcode) {
    case TG_OPCODE_CLOSE:
    case TG_OPCODE_PING:
    case TG_OPCODE_PONG:
        return (head[0] & FIN) && (head[1] & LENGTH) <= TG_FRAME_CONTROL_MAX;
    case TG_OPCODE_TEXT:
    case TG_OPCODE_BINARY:
        return reader->message_opcode == 0;
    case TG_OPCODE_CONTINUATION:
        return reader->message_opcode != 0;
    default:
        return false;
    }
}

/* The payload length. False when it isn't in its shortest form or has the highest bit. */
static bool read_length(const uint8_t *head, uint64_t *length)
{
    uint8_t form = head[1] & LENGTH;

    if (form < LENGTH_16) {
        *length = form;
        return true;
    }
    *length = 0;
    for (int i = 0; i < (form == LENGTH_16 ? 2 : 8); i++) {
        *length = *length << 8 | head[2 + i];
    }
    return form == LENGTH_16 ? *length >= LENGTH_16 : *length > UINT16_MAX && *length <= INT64_MAX;
}

/* The limits are judged here, before any of the payload has come. */
static enum tg_close_reason begin_data(struct tg_ws_reader *reader, uint64_t length,
                                       const struct tg_ws_limits *limits)
{
    if (reader->opcode != TG_OPCODE_CONTINUATION) {
        reader->message_opcode = reader->opcode;
        reader->message_length = 0;
        reader->fragments = 0;
        reader->utf8 = (struct tg_utf8){0};
    }
    if (reader->message_length > limits->message_bytes ||
        length > limits->message_bytes - reader->message_length) {
        return TG_CLOSE_TOO_BIG;
    }
    if (reader->fragments >= limits->message_fragments) {
        return TG_CLOSE_TOO_FRAGMENTED;
    }
    reader->fragments++;
    return FINE;
}

/* head is complete and its start is sound. */
static enum tg_close_reason begin_frame(struct tg_ws_reader *reader, const uint8_t *head,
                                        const struct tg_ws_limits *limits)
{
    uint64_t length;

    if (!read_length(head, &length)) {
        return TG_CLOSE_PROTOCOL_ERROR;
    }
    reader->opcode = head[0] & OPCODE;
    reader->is_final = (head[0] & FIN) != 0;
    memcpy(&reader->mask, head + head_size(head[1]) - 4, sizeof(reader->mask));
    reader->control_length = 0;
    if (reader->opcode < TG_OPCODE_CLOSE) {
        enum tg_close_reason fault = begin_data(reader, length, limits);
        if (fault != FINE) {
            return fault;
        }
    }
    reader->frame_left = (uint32_t)length; /* message_bytes and 125 are far below 2^32 */
    reader->is_in_frame = true;
    return FINE;
}

static void consume(struct tg_ws_input *input, size_t length)
{
    input->at += length;
    input->length -= length;
}

/* Takes the header off the input. FINE also when it isn't complete yet: is_in_frame tells. */
static enum tg_close_reason read_head(struct tg_ws_reader *reader, struct tg_ws_input *input,
                                      const struct tg_ws_limits *limits)
{
    if (reader->head_length == 0 && input->length >= 2) {
        const uint8_t *head = input->at;
        if (!is_sound_start(reader, head)) {
            return TG_CLOSE_PROTOCOL_ERROR;
        }
        uint32_t size = head_size(head[1]);
        if (input->length >= size) {
            consume(input, size);
            return begin_frame(reader, head, limits);
        }
    }
    while (input->length > 0) {
        reader->head[reader->head_length++] = *input->at;
        consume(input, 1);
        if (reader->head_length == 2 && !is_sound_start(reader, reader->head)) {
            return TG_CLOSE_PROTOCOL_ERROR;
        }
        if (reader->head_length >= 2 && reader->head_length == head_size(reader->head[1])) {
            reader->head_length = 0;
            return begin_frame(reader, reader->head, limits);
        }
    }
    return FINE;
}

/* --- payload --- */

/* Appends to the message in progress; begin_data has seen to the limit. */
static bool assemble(struct tg_ws_reader *reader, const uint8_t *octets, size_t length,
                     const struct tg_ws_limits *limits)
{
    size_t needed = reader->message_length + length;

    if (length == 0) {
        return true;
    }
    if (needed > reader->message_capacity) {
        size_t capacity = reader->message_capacity ? reader->message_capacity : MESSAGE_FIRST;
        while (capacity < needed) {
            capacity *= 2;
        }
        /* What the last frame still brings is known: no more is needed. */
        size_t most = reader->is_final ? needed + reader->frame_left : limits->message_bytes;
        if (capacity > most) {
            capacity = most;
        }
        uint8_t *grown = realloc(reader->message, capacity);
        if (!grown) {
            return false;
        }
        reader->message = grown;
        reader->message_capacity = (uint32_t)capacity;
    }
    memcpy(reader->message + reader->message_length, octets, length);
    reader->message_length = (uint32_t)needed;
    return true;
}

static void give_message(struct tg_ws_reader *reader, struct tg_ws_event *event,
                         const uint8_t *octets, size_t length)
{
    *event = (struct tg_ws_event){
        .kind = TG_WS_MESSAGE,
        .opcode = (enum tg_opcode)reader->message_opcode,
        .payload = tg_str(length > 0 ? (const char *)octets : "", length),
    };
    reader->message_opcode = 0;
    reader->is_message_end = reader->message != NULL;
}

/* ASCII between two characters needs no second look. */
static bool is_text_so_far(struct tg_ws_reader *reader, const uint8_t *octets, size_t length)
{
    return (reader->is_ascii && tg_utf8_is_complete(&reader->utf8)) ||
           tg_utf8_feed(&reader->utf8, octets, length);
}

/* A piece of a data frame, unmasked. True when *event was filled. */
static bool take_data(struct tg_ws_reader *reader, const uint8_t *octets, size_t length,
                      const struct tg_ws_limits *limits, struct tg_ws_event *event)
{
    bool is_end = reader->is_final && reader->frame_left == 0;
    bool is_text = reader->message_opcode == TG_OPCODE_TEXT;

    if (is_text && (!is_text_so_far(reader, octets, length) ||
                    (is_end && !tg_utf8_is_complete(&reader->utf8)))) {
        stop(reader, event, TG_CLOSE_INVALID_UTF8);
        return true;
    }
    if (is_end && reader->message_length == 0) {
        give_message(reader, event, octets, length);
        return true;
    }
    if (!assemble(reader, octets, length, limits)) {
        stop(reader, event, TG_CLOSE_NO_MEMORY);
        return true;
    }
    if (is_end) {
        give_message(reader, event, reader->message, reader->message_length);
    }
    return is_end;
}

/* RFC 6455 section 5.5.1: no body, or a code and a UTF-8 reason. */
static void give_close(struct tg_ws_reader *reader, struct tg_ws_event *event,
                       const uint8_t *octets, size_t length)
{
    int code = length >= 2 ? octets[0] << 8 | octets[1] : 0;

    if (length == 1 || (length >= 2 && !tg_close_code_is_sendable(code))) {
        stop(reader, event, TG_CLOSE_PROTOCOL_ERROR);
        return;
    }
    if (length > 2 && !tg_utf8_check(octets + 2, length - 2)) {
        stop(reader, event, TG_CLOSE_INVALID_UTF8);
        return;
    }
    reader->is_stopped = true;
    *event = (struct tg_ws_event){
        .kind = TG_WS_CLOSE,
        .code = code,
        .payload = length > 2 ? tg_str((const char *)octets + 2, length - 2) : TG_STR(""),
    };
}

/* A control frame that is whole now. */
static void give_control(struct tg_ws_reader *reader, struct tg_ws_event *event,
                         const uint8_t *octets, size_t length)
{
    if (reader->opcode == TG_OPCODE_CLOSE) {
        give_close(reader, event, octets, length);
        return;
    }
    *event = (struct tg_ws_event){
        .kind = reader->opcode == TG_OPCODE_PING ? TG_WS_PING : TG_WS_PONG,
        .payload = tg_str(length > 0 ? (const char *)octets : "", length),
    };
}

/* A piece of a control frame, unmasked. True when *event was filled. */
static bool take_control(struct tg_ws_reader *reader, const uint8_t *octets, size_t length,
                         struct tg_ws_event *event)
{
    bool is_end = reader->frame_left == 0;

    if (is_end && reader->control_length == 0) {
        give_control(reader, event, octets, length);
        return true;
    }
    if (length > 0) {
        if (!reader->control) {
            reader->control = malloc(TG_FRAME_CONTROL_MAX);
        }
        if (!reader->control) {
            stop(reader, event, TG_CLOSE_NO_MEMORY);
            return true;
        }
        memcpy(reader->control + reader->control_length, octets, length);
        reader->control_length = (uint8_t)(reader->control_length + length);
    }
    if (is_end) {
        reader->is_control_end = true;
        give_control(reader, event, reader->control, reader->control_length);
    }
    return is_end;
}

/* --- the reader --- */

/* One header, or what has come of one payload. True when *event was filled. */
static bool step(struct tg_ws_reader *reader, struct tg_ws_input *input,
                 const struct tg_ws_limits *limits, struct tg_ws_event *event)
{
    if (!reader->is_in_frame) {
        enum tg_close_reason fault = read_head(reader, input, limits);
        if (fault != FINE) {
            stop(reader, event, fault);
            return true;
        }
        if (!reader->is_in_frame) {
            return false;
        }
    }
    uint8_t *octets = input->at;
    size_t length = input->length < reader->frame_left ? input->length : reader->frame_left;

    reader->is_ascii = tg_ws_mask_take_off(octets, length, reader->mask);
    reader->mask = tg_ws_mask_turn(reader->mask, length);
    consume(input, length);
    reader->frame_left -= (uint32_t)length;
    reader->is_in_frame = reader->frame_left > 0;
    return reader->opcode < TG_OPCODE_CLOSE ? take_data(reader, octets, length, limits, event)
                                            : take_control(reader, octets, length, event);
}

void tg_ws_frame_next(struct tg_ws_reader *reader, struct tg_ws_input *input,
                      const struct tg_ws_limits *limits, struct tg_ws_event *event)
{
    tg_ws_frame_release(reader);
    *event = (struct tg_ws_event){.kind = TG_WS_NOTHING};
    while (!reader->is_stopped && input->length > 0) {
        if (step(reader, input, limits, event)) {
            break;
        }
    }
    if (reader->is_stopped) {
        consume(input, input->length);
    }
}

void tg_ws_frame_release(struct tg_ws_reader *reader)
{
    if (reader->is_message_end) {
        free(reader->message);
        reader->message = NULL;
        reader->message_length = 0;
        reader->message_capacity = 0;
        reader->is_message_end = false;
    }
    if (reader->is_control_end) {
        free(reader->control);
        reader->control = NULL;
        reader->control_length = 0;
        reader->is_control_end = false;
    }
}

void tg_ws_frame_fini(struct tg_ws_reader *reader)
{
    free(reader->message);
    free(reader->control);
    *reader = (struct tg_ws_reader){.is_stopped = true};
}
