/* SPDX-License-Identifier: MIT */
#include "hub/envelope.h"

#include "base/err.h"
#include "core/frame_pool.h"
#include "hub/json_text.h"

enum {
    MEMBER_NAME_MAX = 5,                                        /* "event" */
    MEMBER_RAW_MAX = MEMBER_NAME_MAX * (int)TG_JSON_ESCAPE_MAX, /* with each letter escaped */
    INTEGER_DIGITS_MAX = 16                                     /* of 2^53 */
};

static const uint64_t INTEGER_MAX = UINT64_C(1) << 53;

enum part { PART_OTHER, PART_EVENT, PART_DATA, PART_ID };

/* The parts as they stand in the message; empty when absent. */
struct parts {
    struct tg_str raw[PART_ID + 1];
};

static enum part plain_part_of(struct tg_str name)
{
    switch (name.length) {
    case 5:
        return memcmp(name.at, "event", 5) == 0 ? PART_EVENT : PART_OTHER;
    case 4:
        return memcmp(name.at, "data", 4) == 0 ? PART_DATA : PART_OTHER;
    case 2:
        return memcmp(name.at, "id", 2) == 0 ? PART_ID : PART_OTHER;
    default:
        return PART_OTHER;
    }
}

/* Names are compared as what they mean, not as they are written (RFC 8259 section 8.3). */
static enum part part_of(struct tg_str name)
{
    char plain[MEMBER_RAW_MAX];
    enum part part = plain_part_of(name);

    if (part != PART_OTHER || name.length > MEMBER_RAW_MAX || !memchr(name.at, '\\', name.length)) {
        return part;
    }
    int length = tg_json_unescape(name, plain, sizeof(plain));
    return length > 0 ? plain_part_of(tg_str(plain, (size_t)length)) : PART_OTHER;
}

/* 0, TG_ERR_SYNTAX or TG_ERR_TOO_DEEP; what was found until then stands in parts. */
static int read_parts(struct tg_str message, const struct tg_json_limits *limits,
                      struct parts *parts)
{
    struct tg_json_walk walk;
    struct tg_json_member member;
    int more = tg_json_walk_start(&walk, message, limits);

    if (more < 0) {
        return more;
    }
    while ((more = tg_json_walk_next(&walk, &member)) > 0) {
        enum part part = part_of(member.name);
        if (part == PART_OTHER) {
            continue;
        }
        if (parts->raw[part].length > 0) {
            return TG_ERR_SYNTAX;
        }
        parts->raw[part] = member.value;
    }
    return more;
}

static bool is_string(struct tg_str raw)
{
    return raw.length >= 2 && raw.at[0] == '"';
}

static struct tg_str inside_of(struct tg_str raw)
{
    return tg_str(raw.at + 1, raw.length - 2);
}

/* Whether a number is written as an integer that every peer's number type holds. */
static bool is_exact_integer(struct tg_str raw)
{
    size_t sign = raw.length > 0 && raw.at[0] == '-';
    uint64_t value = 0;

    if (raw.length == sign || raw.length - sign > INTEGER_DIGITS_MAX) {
        return false;
    }
    for (size_t i = sign; i < raw.length; i++) {
        if (raw.at[i] < '0' || raw.at[i] > '9') {
            return false;
        }
        value = value * 10 + (uint64_t)(raw.at[i] - '0');
    }
    return value <= INTEGER_MAX;
}

static bool is_good_id(struct tg_str raw)
{
    return is_string(raw) ? inside_of(raw).length <= TG_NAME_MAX : is_exact_integer(raw);
}

static bool has_control(struct tg_str text)
{
    for (size_t i = 0; i < text.length; i++) {
        if ((unsigned char)text.at[i] < 0x20 || text.at[i] == 0x7F) {
            return true;
        }
    }
    return false;
}

static bool is_name(struct tg_str event)
{
    return event.length > 0 && event.length <= TG_NAME_MAX && !has_control(event);
}

/* Sets the envelope's event; false when it is none. */
static bool read_event(struct tg_str raw, struct tg_envelope *envelope)
{
    if (!is_string(raw)) {
        return false;
    }
    struct tg_str event = inside_of(raw);
    if (memchr(event.at, '\\', event.length)) {
        int length = tg_json_unescape(event, envelope->event_text, sizeof(envelope->event_text));
        if (length < 0) {
            return false;
        }
        event = tg_str(envelope->event_text, (size_t)length);
    }
    if (!is_name(event)) {
        return false;
    }
    envelope->event = event;
    return true;
}

/* A value of the top object, behind its colon: up to the comma or brace that ends it. */
static struct tg_str value_at(const char *at, const char *end)
{
    const char *start = at;

    for (bool is_inside = false; at < end; at++) {
        if (is_inside && *at == '\\') {
            at++;
        } else if (*at == '"') {
            is_inside = !is_inside;
        } else if (!is_inside && (*at == ',' || *at == '}')) {
            break;
        }
    }
    return tg_str(start, (size_t)((at < end ? at : end) - start));
}

/* The id of a message whose data passed the limits and stood before it: found by counting brackets
 * outside of strings, in one pass. Empty when there is none that is good. */
static struct tg_str find_late_id(struct tg_str message)
{
    static const char name[] = "\"id\"";
    const char *end = message.at + message.length;
    const char *string = NULL;
    int64_t depth = 0;
    struct tg_str id;

    for (const char *at = message.at; at < end; at++) {
        if (string && *at == '\\') {
            at++;
        } else if (string && *at == '"') {
            bool is_id = depth == 1 && (size_t)(at + 1 - string) == sizeof(name) - 1 &&
                         memcmp(string, name, sizeof(name) - 1) == 0;
            string = NULL;
            const char *colon = at + 1;
            while (is_id && colon < end && memchr(" \t\r\n", *colon, 4)) {
                colon++;
            }
            if (is_id && colon < end && *colon == ':' &&
                tg_json_scan(value_at(colon + 1, end), &tg_json_default_limits, &id) == TG_OK) {
                return is_good_id(id) ? id : tg_str(NULL, 0);
            }
        } else if (!string && *at == '"') {
            string = at;
        } else if (!string && (*at == '{' || *at == '[')) {
            depth++;
        } else if (!string && (*at == '}' || *at == ']')) {
            depth--;
        }
    }
    return tg_str(NULL, 0);
}

/* Whether text goes on at *at; then *at is behind it. */
static inline bool skip(const char **at, const char *end, struct tg_str text)
{
    if ((size_t)(end - *at) < text.length || memcmp(*at, text.at, text.length) != 0) {
        return false;
    }
    *at += text.length;
    return true;
}

/* Reads what most clients send: event, data and perhaps an id in this order, without a blank or an
 * escape around the values. False: it is another message, or a bad one, and nothing is known. */
static bool read_usual(struct tg_str message, const struct tg_json_limits *limits,
                       struct tg_envelope *envelope)
{
    struct tg_json_walk walk;

    if (tg_json_walk_start(&walk, message, limits) != TG_OK || walk.nodes == 0 ||
        !skip(&walk.at, walk.end, TG_STR("\"event\":\""))) {
        return false;
    }
    walk.nodes--;
    envelope->event.at = walk.at;
    walk.at = tg_json_text_plain_end(walk.at, walk.end);
    envelope->event.length = (size_t)(walk.at - envelope->event.at);
    if (!is_name(envelope->event) || !skip(&walk.at, walk.end, TG_STR("\",\"data\":")) ||
        tg_json_walk_value(&walk, &envelope->data) != TG_OK) {
        return false;
    }
    envelope->id = tg_str(NULL, 0);
    if (skip(&walk.at, walk.end, TG_STR(",\"id\":")) &&
        (tg_json_walk_value(&walk, &envelope->id) != TG_OK || !is_good_id(envelope->id))) {
        return false;
    }
    return walk.end - walk.at == 1 && *walk.at == '}';
}

enum tg_ignored tg_envelope_read(struct tg_str message, const struct tg_json_limits *limits,
                                 struct tg_envelope *envelope)
{
    struct parts parts = {0};

    if (read_usual(message, limits, envelope)) {
        return TG_IGNORED_COUNT;
    }
    envelope->event = tg_str(NULL, 0);
    envelope->data = tg_str(NULL, 0);
    envelope->id = tg_str(NULL, 0);
    int err = read_parts(message, limits, &parts);
    if (err == TG_ERR_SYNTAX) {
        return TG_IGNORED_MALFORMED;
    }
    struct tg_str id = parts.raw[PART_ID];
    bool has_bad_id = id.length > 0 && !is_good_id(id);
    if (!has_bad_id) {
        envelope->id = id;
    }
    if (err) {
        if (id.length == 0) {
            envelope->id = find_late_id(message);
        }
        return TG_IGNORED_TOO_DEEP;
    }
    if (!read_event(parts.raw[PART_EVENT], envelope)) {
        return TG_IGNORED_BAD_EVENT;
    }
    if (has_bad_id) {
        return TG_IGNORED_BAD_ID;
    }
    envelope->data = parts.raw[PART_DATA];
    return TG_IGNORED_COUNT;
}

static char *put(char *out, struct tg_str text)
{
    memcpy(out, text.at, text.length);
    return out + text.length;
}

static struct tg_str or_null(struct tg_str data)
{
    return data.length > 0 ? data : TG_STR("null");
}

int tg_envelope_begin_event(struct tg_buf *out, struct tg_str event)
{
    const struct tg_str head = TG_STR("{\"event\":\"");
    const struct tg_str middle = TG_STR("\",\"data\":");
    size_t room = head.length + event.length + TG_JSON_TEXT_SLACK + middle.length;

    if (tg_buf_reserve(out, room) != TG_OK) {
        return out->err;
    }
    char *at = put(out->at, head);
    if (tg_json_text_copy_plain(event.at, event.length, at) == event.length) {
        at += event.length;
    } else if (!tg_json_text_is_utf8(event)) {
        return TG_ERR_INVALID;
    } else if (tg_buf_reserve(out, room + tg_json_text_escaped_length(event)) != TG_OK) {
        return out->err;
    } else {
        at = tg_json_text_escape(event, out->at + head.length);
    }
    out->length = (size_t)(put(at, middle) - out->at);
    return TG_OK;
}

int tg_envelope_end_event(struct tg_buf *out, struct tg_frame_pool *pool, struct tg_frame **frame)
{
    if (out->err) {
        return out->err;
    }
    *frame = tg_frame_pool_take(pool, TG_OPCODE_TEXT, out->length + 1);
    if (!*frame) {
        return TG_ERR_NOMEM;
    }
    *put((char *)tg_frame_payload(*frame), tg_buf_str(out)) = '}';
    return TG_OK;
}

struct tg_frame *tg_envelope_answer(struct tg_str id, struct tg_str data)
{
    const struct tg_str head = TG_STR("{\"id\":");
    const struct tg_str middle = TG_STR(",\"data\":");
    struct tg_str value = or_null(data);
    struct tg_frame *frame =
        tg_frame_create(TG_OPCODE_TEXT, head.length + id.length + middle.length + value.length + 1);

    if (frame) {
        char *out = put(put((char *)tg_frame_payload(frame), head), id);
        out = put(put(out, middle), value);
        *out = '}';
    }
    return frame;
}

struct tg_frame *tg_envelope_error(struct tg_str id, struct tg_str code, struct tg_str message)
{
    const struct tg_str head = TG_STR("{\"id\":");
    const struct tg_str before_code = TG_STR(",\"error\":{\"code\":\"");
    const struct tg_str before_message = TG_STR("\",\"message\":\"");
    const struct tg_str tail = TG_STR("\"}}");
    struct tg_frame *frame = tg_frame_create(
        TG_OPCODE_TEXT, head.length + id.length + before_code.length +
                            tg_json_text_escaped_length(code) + before_message.length +
                            tg_json_text_escaped_length(message) + tail.length);

    if (frame) {
        char *out = put(put((char *)tg_frame_payload(frame), head), id);
        out = tg_json_text_escape(code, put(out, before_code));
        out = tg_json_text_escape(message, put(out, before_message));
        put(out, tail);
    }
    return frame;
}
