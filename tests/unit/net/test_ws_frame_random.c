/* SPDX-License-Identifier: MIT */
/* Random sequences of frames, good and broken, against a second decoder that has the whole input
 * in hand and reads RFC 6455 section 5 line by line. TG_SEED and TG_CASES choose another run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fake_utf8.h"
#include "fake_wire.h"

enum { CASES_DEFAULT = 20000, SEED_DEFAULT = 1, FRAMES_MAX = 12, BIG_EVERY = 400 };

struct fixture {
    struct tg_rand rand;
    struct tg_buf wire;
    struct tg_buf payload;
    struct tg_buf expected;
    struct tg_buf told;
};

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    tg_buf_init(&fixture->wire, 4 * FAKE_WIRE_MAX);
    tg_buf_init(&fixture->payload, FAKE_WIRE_MAX);
    tg_buf_init(&fixture->expected, FAKE_WIRE_MAX);
    tg_buf_init(&fixture->told, FAKE_WIRE_MAX);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    tg_buf_fini(&fixture->wire);
    tg_buf_fini(&fixture->payload);
    tg_buf_fini(&fixture->expected);
    tg_buf_fini(&fixture->told);
    free(fixture);
    return 0;
}

/* --- the second decoder --- */

struct decoder {
    const uint8_t *octets;
    size_t length;
    size_t at;
    const struct tg_ws_limits *limits;
    struct tg_buf message;
    int message_opcode; /* 0: none */
    uint32_t frames;
    struct tg_buf *told;
};

struct frame {
    bool is_final;
    int opcode;
    uint64_t length;
    uint8_t mask[4];
};

static bool fault(struct decoder *decoder, enum tg_close_reason reason)
{
    struct tg_ws_event event = {.kind = TG_WS_FAULT, .fault = reason};

    fake_wire_tell(decoder->told, &event, true);
    return false;
}

static bool is_allowed_opcode(const struct decoder *decoder, const struct frame *frame, int length7)
{
    if (frame->opcode == 8 || frame->opcode == 9 || frame->opcode == 10) {
        return frame->is_final && length7 <= 125;
    }
    if (frame->opcode == 0) {
        return decoder->message_opcode != 0;
    }
    return (frame->opcode == 1 || frame->opcode == 2) && decoder->message_opcode == 0;
}

/* False: the end, told or not. */
static bool decode_header(struct decoder *decoder, struct frame *frame)
{
    const uint8_t *octets = decoder->octets + decoder->at;
    size_t left = decoder->length - decoder->at;

    if (left < 2) {
        return false;
    }
    int length7 = octets[1] % 128;
    frame->is_final = octets[0] >= 128;
    frame->opcode = octets[0] % 16;
    if (octets[0] / 16 % 8 != 0 || octets[1] < 128 || !is_allowed_opcode(decoder, frame, length7)) {
        return fault(decoder, TG_CLOSE_PROTOCOL_ERROR);
    }
    size_t extra = length7 == 126 ? 2 : length7 == 127 ? 8 : 0;
    if (left < 2 + extra + 4) {
        return false;
    }
    frame->length = extra ? 0 : (uint64_t)length7;
    for (size_t i = 0; i < extra; i++) {
        frame->length = frame->length * 256 + octets[2 + i];
    }
    if ((extra == 2 && frame->length < 126) || (extra == 8 && frame->length < 65536) ||
        frame->length >= 1ull << 63) {
        return fault(decoder, TG_CLOSE_PROTOCOL_ERROR);
    }
    memcpy(frame->mask, octets + 2 + extra, 4);
    decoder->at += 2 + extra + 4;
    return true;
}

/* The payload as far as it came, unmasked, appended. True when it is whole. */
static bool decode_payload(struct decoder *decoder, const struct frame *frame, struct tg_buf *out)
{
    for (uint64_t i = 0; i < frame->length; i++) {
        if (decoder->at == decoder->length) {
            return false;
        }
        tg_buf_add_char(out, (char)(decoder->octets[decoder->at++] ^ frame->mask[i % 4]));
    }
    return true;
}

static bool decode_data(struct decoder *decoder, const struct frame *frame)
{
    if (frame->opcode != 0) {
        decoder->message_opcode = frame->opcode;
        decoder->frames = 0;
        tg_buf_clear(&decoder->message);
    }
    if (decoder->message.length + frame->length > decoder->limits->message_bytes) {
        return fault(decoder, TG_CLOSE_TOO_BIG);
    }
    if (++decoder->frames > decoder->limits->message_fragments) {
        return fault(decoder, TG_CLOSE_TOO_FRAGMENTED);
    }
    bool is_whole = decode_payload(decoder, frame, &decoder->message) && frame->is_final;
    const uint8_t *octets = (const uint8_t *)decoder->message.at;
    size_t length = decoder->message.length;
    if (decoder->message_opcode == 1 &&
        (is_whole ? !fake_utf8_is_text(octets, length) : !fake_utf8_can_go_on(octets, length))) {
        return fault(decoder, TG_CLOSE_INVALID_UTF8);
    }
    if (is_whole) {
        struct tg_ws_event event = {.kind = TG_WS_MESSAGE,
                                    .opcode = (enum tg_opcode)decoder->message_opcode,
                                    .payload = tg_buf_str(&decoder->message)};
        fake_wire_tell(decoder->told, &event, true);
        decoder->message_opcode = 0;
    }
    return true;
}

static bool is_sendable(int code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}

static bool decode_close(struct decoder *decoder, struct tg_str body)
{
    struct tg_ws_event event = {.kind = TG_WS_CLOSE, .payload = {"", 0}};

    if (body.length == 1) {
        return fault(decoder, TG_CLOSE_PROTOCOL_ERROR);
    }
    if (body.length >= 2) {
        event.code = (uint8_t)body.at[0] * 256 + (uint8_t)body.at[1];
        event.payload = tg_str(body.at + 2, body.length - 2);
        if (!is_sendable(event.code)) {
            return fault(decoder, TG_CLOSE_PROTOCOL_ERROR);
        }
        if (!fake_utf8_is_text((const uint8_t *)event.payload.at, event.payload.length)) {
            return fault(decoder, TG_CLOSE_INVALID_UTF8);
        }
    }
    fake_wire_tell(decoder->told, &event, true);
    return false;
}

static bool decode_control(struct decoder *decoder, const struct frame *frame)
{
    struct tg_buf body;
    bool goes_on = false;

    tg_buf_init(&body, 125);
    if (decode_payload(decoder, frame, &body)) {
        struct tg_ws_event event = {.kind = frame->opcode == 9 ? TG_WS_PING : TG_WS_PONG,
                                    .payload = tg_buf_str(&body)};
        goes_on = frame->opcode != 8;
        if (goes_on) {
            fake_wire_tell(decoder->told, &event, true);
        } else {
            (void)decode_close(decoder, event.payload);
        }
    }
    tg_buf_fini(&body);
    return goes_on;
}

static void decode(struct tg_buf *told, struct tg_str octets, const struct tg_ws_limits *limits)
{
    struct decoder decoder = {.octets = (const uint8_t *)octets.at,
                              .length = octets.length,
                              .limits = limits,
                              .told = told};
    struct frame frame;

    tg_buf_init(&decoder.message, FAKE_WIRE_MAX);
    while (decode_header(&decoder, &frame)) {
        if (!(frame.opcode < 8 ? decode_data(&decoder, &frame)
                               : decode_control(&decoder, &frame))) {
            break;
        }
    }
    tg_buf_fini(&decoder.message);
}

/* --- random input --- */

static bool one_in(struct fixture *fixture, uint64_t odds)
{
    return tg_rand_below(&fixture->rand, odds) == 0;
}

/* Text most of the time; now and then an octet is changed. */
static void random_payload(struct fixture *fixture, size_t length)
{
    static const char *const PIECES[] = {"a", "z", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};

    tg_buf_clear(&fixture->payload);
    while (fixture->payload.length < length) {
        const char *piece = PIECES[tg_rand_below(&fixture->rand, 5)];
        /* A piece that is cut goes on in the next fragment only by chance. */
        size_t size = one_in(fixture, 60) ? 1 : strlen(piece);
        tg_buf_add(&fixture->payload, piece, size);
    }
    if (fixture->payload.length > 0 && one_in(fixture, 20)) {
        size_t at = (size_t)tg_rand_below(&fixture->rand, fixture->payload.length);
        fixture->payload.at[at] = (char)tg_rand_next(&fixture->rand);
    }
}

static void random_close_body(struct fixture *fixture)
{
    int code = one_in(fixture, 3) ? (int)tg_rand_below(&fixture->rand, 5200) : 1000;

    random_payload(fixture, (size_t)tg_rand_below(&fixture->rand, 20));
    if (fixture->payload.length >= 2) {
        fixture->payload.at[0] = (char)(code >> 8);
        fixture->payload.at[1] = (char)code;
    }
}

/* Appends one frame; *in_message follows what is sent, so that most sequences are right. */
static void random_frame(struct fixture *fixture, size_t longest, bool *in_message)
{
    struct tg_rand *rand = &fixture->rand;
    uint64_t kind = tg_rand_below(rand, 20);
    uint8_t mask[4];
    uint8_t first = 0x80;

    random_payload(fixture, (size_t)tg_rand_below(rand, longest + 1));
    if (kind < 4) {
        random_payload(fixture, (size_t)tg_rand_below(rand, 118));
        first |= kind < 3 ? 9 : 10;
    } else if (kind == 4 && one_in(fixture, 3)) {
        random_close_body(fixture);
        first |= 8;
    } else {
        bool is_final = one_in(fixture, 2);
        uint8_t start = one_in(fixture, 3) ? 2 : 1;
        first = (uint8_t)((is_final ? 0x80 : 0) | (*in_message ? 0 : start));
        *in_message = !is_final;
    }
    if (one_in(fixture, 60)) {
        first = (uint8_t)tg_rand_next(rand);
    }
    uint64_t promised = fixture->payload.length;
    if (one_in(fixture, 80)) {
        promised = tg_rand_next(rand) >> tg_rand_below(rand, 64);
    }
    int form = one_in(fixture, 100) ? (one_in(fixture, 2) ? 2 : 8) : 0;
    uint64_t random_mask = tg_rand_next(rand);
    memcpy(mask, &random_mask, 4);
    fake_wire_frame(&fixture->wire, first, form, promised, one_in(fixture, 100) ? NULL : mask,
                    tg_buf_str(&fixture->payload));
}

static void random_wire(struct fixture *fixture, size_t longest)
{
    uint64_t frames = 1 + tg_rand_below(&fixture->rand, FRAMES_MAX);
    bool in_message = false;

    tg_buf_clear(&fixture->wire);
    for (uint64_t i = 0; i < frames; i++) {
        random_frame(fixture, longest, &in_message);
    }
    if (one_in(fixture, 4)) {
        fixture->wire.length -= (size_t)tg_rand_below(&fixture->rand, fixture->wire.length);
    }
}

/* Pieces from one octet to all, mostly short. */
static size_t cut_random(void *self, size_t left)
{
    struct tg_rand *rand = self;
    uint64_t most = left >> tg_rand_below(rand, 10);

    return 1 + (size_t)tg_rand_below(rand, most ? most : 1);
}

static uint64_t number_of(const char *variable, uint64_t otherwise)
{
    const char *text = getenv(variable);

    return text ? strtoull(text, NULL, 10) : otherwise;
}

static void random_frames_are_read_as_the_second_decoder_reads_them(void **state)
{
    struct fixture *fixture = *state;
    uint64_t seed = number_of("TG_SEED", SEED_DEFAULT);
    uint64_t cases = number_of("TG_CASES", CASES_DEFAULT);
    uint64_t faults = 0;

    print_message("%llu random cases, seed %llu\n", (unsigned long long)cases,
                  (unsigned long long)seed);
    tg_rand_seed(&fixture->rand, seed);
    for (uint64_t i = 0; i < cases; i++) {
        bool is_big = i % BIG_EVERY == 0;
        struct tg_ws_limits limits = {.message_bytes = is_big ? 150000 : 300,
                                      .message_fragments = 5};

        random_wire(fixture, is_big ? 70000 : 150);
        tg_buf_clear(&fixture->expected);
        tg_buf_clear(&fixture->told);
        decode(&fixture->expected, tg_buf_str(&fixture->wire), &limits);
        fake_wire_read(&fixture->told, tg_buf_str(&fixture->wire), &limits, cut_random,
                       &fixture->rand, true);
        assert_int_equal(fixture->wire.err, 0);
        if (!tg_str_is(tg_buf_str(&fixture->expected), tg_buf_str(&fixture->told))) {
            fail_msg("case %llu: expected %.*s, got %.*s", (unsigned long long)i,
                     TG_STR_ARGS(tg_buf_str(&fixture->expected)),
                     TG_STR_ARGS(tg_buf_str(&fixture->told)));
        }
        struct tg_str told = tg_buf_str(&fixture->told);
        faults += told.length > 0 && memmem(told.at, told.length, "fault(", 6) != NULL;
    }
    /* Neither all good nor all broken, or the run says little. */
    assert_in_range(faults, cases / 10, cases - cases / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(random_frames_are_read_as_the_second_decoder_reads_them,
                                        set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
