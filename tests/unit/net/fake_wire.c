/* SPDX-License-Identifier: MIT */
#include "fake_wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void fake_wire_frame(struct tg_buf *wire, uint8_t first, int length_form, uint64_t promised,
                     const uint8_t *mask, struct tg_str payload)
{
    int form = length_form;

    if (form == 0 && promised > 125) {
        form = promised > 65535 ? 8 : 2;
    }
    int length7 = form == 8 ? 127 : form == 2 ? 126 : (int)promised;
    tg_buf_add_char(wire, (char)first);
    tg_buf_add_char(wire, (char)(length7 | (mask ? 0x80 : 0)));
    for (int i = form - 1; i >= 0; i--) {
        tg_buf_add_char(wire, (char)(promised >> (8 * i)));
    }
    if (mask) {
        tg_buf_add(wire, mask, 4);
    }
    for (size_t i = 0; i < payload.length; i++) {
        tg_buf_add_char(wire, (char)(payload.at[i] ^ (mask ? mask[i % 4] : 0)));
    }
}

static int hex_pair(const char *at)
{
    char text[3] = {at[0], at[0] ? at[1] : '\0', '\0'};
    char *end;
    long value = strtol(text, &end, 16);

    assert_ptr_equal(end, text + 2);
    return (int)value;
}

/* %XX and a{9} undone, up to the blank. */
static const char *parse_payload(struct tg_buf *payload, const char *at)
{
    while (*at && *at != ' ') {
        char octet = *at++;
        if (octet == '%') {
            octet = (char)hex_pair(at);
            at += 2;
        }
        long times = 1;
        if (*at == '{') {
            char *end;
            times = strtol(at + 1, &end, 10);
            assert_int_equal(*end, '}');
            at = end + 1;
        }
        for (long i = 0; i < times; i++) {
            tg_buf_add_char(payload, octet);
        }
    }
    return at;
}

static const char *parse_frame(struct tg_buf *wire, const char *at)
{
    static const uint8_t MASK[4] = {0x37, 0xfa, 0x21, 0x3d};
    static const uint8_t ZEROES[4] = {0};
    uint8_t first = (uint8_t)hex_pair(at);
    const uint8_t *mask = MASK;
    int form = 0;
    long long promised = -1;
    struct tg_buf payload;

    at += 2;
    for (; *at != ':'; at++) {
        if (*at == 'u') {
            mask = NULL;
        } else if (*at == 'z') {
            mask = ZEROES;
        } else if (*at == 'w' || *at == 'q') {
            form = *at == 'w' ? 2 : 8;
        } else {
            char *end;
            assert_int_equal(*at, '=');
            promised = strtoll(at + 1, &end, 10);
            at = end - 1;
        }
    }
    tg_buf_init(&payload, FAKE_WIRE_MAX);
    at = parse_payload(&payload, at + 1);
    fake_wire_frame(wire, first, form, promised < 0 ? payload.length : (uint64_t)promised, mask,
                    tg_buf_str(&payload));
    assert_int_equal(payload.err, 0);
    tg_buf_fini(&payload);
    return at;
}

void fake_wire_parse(struct tg_buf *wire, const char *notation)
{
    const char *at = notation;

    while (*at) {
        if (*at == ' ') {
            at++;
        } else if (*at == 'x') {
            for (at++; *at && *at != ' '; at += 2) {
                tg_buf_add_char(wire, (char)hex_pair(at));
            }
        } else {
            at = parse_frame(wire, at);
        }
    }
    assert_int_equal(wire->err, 0);
}

/* FNV-1a. */
static uint64_t hash(struct tg_str octets)
{
    uint64_t value = 0xcbf29ce484222325u;

    for (size_t i = 0; i < octets.length; i++) {
        value = (value ^ (uint8_t)octets.at[i]) * 0x100000001b3u;
    }
    return value;
}

static void tell_payload(struct tg_buf *told, struct tg_str payload, bool is_exact)
{
    size_t shown = payload.length > 40 ? 8 : payload.length;

    if (is_exact) {
        tg_buf_add_format(told, "%016llx~%zu", (unsigned long long)hash(payload), payload.length);
        return;
    }
    for (size_t i = 0; i < shown; i++) {
        uint8_t octet = (uint8_t)payload.at[i];
        if (octet > 0x20 && octet < 0x7f && octet != '%') {
            tg_buf_add_char(told, (char)octet);
        } else {
            tg_buf_add_format(told, "%%%02X", octet);
        }
    }
    if (shown < payload.length) {
        tg_buf_add_format(told, "~%zu", payload.length);
    }
}

void fake_wire_tell(struct tg_buf *told, const struct tg_ws_event *event, bool is_exact)
{
    if (told->length > 0) {
        tg_buf_add_char(told, ' ');
    }
    switch (event->kind) {
    case TG_WS_MESSAGE:
        tg_buf_add_format(told, "%s(", event->opcode == TG_OPCODE_TEXT ? "text" : "binary");
        break;
    case TG_WS_PING:
        tg_buf_add_format(told, "ping(");
        break;
    case TG_WS_PONG:
        tg_buf_add_format(told, "pong(");
        break;
    case TG_WS_CLOSE:
        tg_buf_add_format(told, "close(%d,", event->code);
        break;
    case TG_WS_FAULT:
        tg_buf_add_format(told, "fault(%s)", tg_close_reason_row(event->fault)->label);
        return;
    case TG_WS_NOTHING:
        fail_msg("nothing is no event");
    }
    tell_payload(told, event->payload, is_exact);
    tg_buf_add_char(told, ')');
}

/* One piece, in memory that ends where it ends. */
static void read_piece(struct tg_buf *told, struct tg_ws_reader *reader, struct tg_str piece,
                       const struct tg_ws_limits *limits, bool is_exact)
{
    uint8_t *copy = malloc(piece.length);
    struct tg_ws_input input = {copy, piece.length};
    struct tg_ws_event event;

    assert_non_null(copy);
    memcpy(copy, piece.at, piece.length);
    for (;;) {
        tg_ws_frame_next(reader, &input, limits, &event);
        if (event.kind == TG_WS_NOTHING) {
            break;
        }
        fake_wire_tell(told, &event, is_exact);
    }
    assert_int_equal(input.length, 0);
    free(copy);
}

void fake_wire_read(struct tg_buf *told, struct tg_str octets, const struct tg_ws_limits *limits,
                    fake_wire_cut_fn cut, void *self, bool is_exact)
{
    struct tg_ws_reader reader = {0};

    while (octets.length > 0) {
        size_t length = cut(self, octets.length);
        read_piece(told, &reader, tg_str(octets.at, length), limits, is_exact);
        octets = tg_str(octets.at + length, octets.length - length);
    }
    tg_ws_frame_fini(&reader);
    assert_int_equal(told->err, 0);
}
