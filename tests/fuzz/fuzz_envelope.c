/* SPDX-License-Identifier: MIT */
/* Any octets as a client's message: the parts must be what they are promised to be, and the frames
 * made of them JSON that reads back. */
#include "target.h"

#include "base/check.h"
#include "base/err.h"
#include "hub/envelope.h"
#include "hub/json_text.h"

static void check_json(struct tg_str text)
{
    struct tg_str value;

    tg_require(tg_json_scan(text, &tg_json_default_limits, &value) == TG_OK);
    tg_require(value.at == text.at && value.length == text.length);
}

/* The frame's payload, an object in JSON; its members are counted. The caller unrefs the frame. */
static struct tg_str check_frame(struct tg_frame *frame, int members)
{
    struct tg_json_member member;
    size_t cursor = 0;
    int count = 0;

    tg_require(frame && frame->refs == 1);
    struct tg_str payload =
        tg_str((const char *)tg_frame_payload(frame), tg_frame_payload_length(frame));
    check_json(payload);
    while (tg_json_next_member(payload, &cursor, &member)) {
        count++;
    }
    tg_require(count == members);
    return payload;
}

static void check_event(const struct tg_envelope *envelope)
{
    struct tg_envelope again;
    struct tg_frame *frame = NULL;
    struct tg_buf out;

    tg_buf_init(&out, SIZE_MAX / 2);
    tg_require(tg_envelope_begin_event(&out, envelope->event) == TG_OK);
    tg_buf_add_str(&out, envelope->data.length ? envelope->data : TG_STR("null"));
    tg_require(tg_envelope_end_event(&out, NULL, &frame) == TG_OK);
    tg_buf_fini(&out);
    struct tg_str payload = check_frame(frame, 2);

    tg_require(tg_envelope_read(payload, &tg_json_default_limits, &again) == TG_IGNORED_COUNT);
    tg_require(tg_str_is(again.event, envelope->event));
    tg_require(tg_str_is(again.data, envelope->data.length ? envelope->data : TG_STR("null")));
    tg_frame_unref(frame);
}

static void check_answers(const struct tg_envelope *envelope, struct tg_str message)
{
    struct tg_frame *answer = tg_envelope_answer(envelope->id, envelope->data);
    struct tg_frame *error = tg_envelope_error(envelope->id, message, message);

    (void)check_frame(answer, 2);
    (void)check_frame(error, 2);
    tg_frame_unref(answer);
    tg_frame_unref(error);
}

/* The usual form of a message is read by a way of its own: with a blank in front it is not the
 * usual form, and must be the same message. */
static void check_other_way(struct tg_str message, const struct tg_envelope *envelope,
                            enum tg_ignored ignored)
{
    struct tg_envelope other;
    struct tg_buf padded;

    tg_buf_init(&padded, SIZE_MAX / 2);
    tg_buf_add_char(&padded, ' ');
    tg_buf_add_str(&padded, message);
    tg_require(tg_envelope_read(tg_buf_str(&padded), &tg_json_default_limits, &other) == ignored);
    tg_require(tg_str_is(other.id, envelope->id));
    if (ignored == TG_IGNORED_COUNT) {
        tg_require(tg_str_is(other.event, envelope->event));
        tg_require(tg_str_is(other.data, envelope->data));
    }
    tg_buf_fini(&padded);
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
    struct tg_str message = tg_str((const char *)input, length);
    struct tg_envelope envelope;
    struct tg_str value;
    enum tg_ignored ignored = tg_envelope_read(message, &tg_json_default_limits, &envelope);
    int err = tg_json_scan(message, &tg_json_default_limits, &value);

    check_other_way(message, &envelope, ignored);
    /* Any octets may be in an error's code and message. */
    struct tg_frame *frame = tg_envelope_error(TG_STR("1"), message, message);
    (void)check_frame(frame, 2);
    tg_frame_unref(frame);
    if (err == TG_ERR_SYNTAX) {
        tg_require(ignored == TG_IGNORED_MALFORMED);
    }
    if (ignored == TG_IGNORED_MALFORMED) {
        tg_require(envelope.id.length == 0);
    } else if (ignored == TG_IGNORED_COUNT || ignored == TG_IGNORED_BAD_EVENT) {
        tg_require(err == TG_OK);
    }
    if (envelope.id.length > 0) {
        check_json(envelope.id);
        tg_require(envelope.id.length <= TG_NAME_MAX + 2);
        check_answers(&envelope, message);
    }
    if (ignored == TG_IGNORED_COUNT) {
        tg_require(envelope.event.length > 0 && envelope.event.length <= TG_NAME_MAX);
        tg_require(tg_json_text_is_utf8(envelope.event));
        if (envelope.data.length > 0) {
            check_json(envelope.data);
        }
        check_event(&envelope);
    }
    return 0;
}
