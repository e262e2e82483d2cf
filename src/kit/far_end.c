/* SPDX-License-Identifier: MIT */
#include "kit/far_end.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum {
    FIN = 0x80,
    OPCODE = 0x0f,
    MASKED = 0x80,
    LENGTH_16 = 126,
    LENGTH_64 = 127,
    HEAD_MAX = 14,
    REASON_MAX = TG_FRAME_CONTROL_MAX - 2,
    DOWN_BYTES = 512 << 20
};

void tg_far_end_init(struct tg_far_end *end)
{
    *end = (struct tg_far_end){.err = TG_OK};
    tg_buf_init(&end->up, TG_FAR_END_UP_BYTES);
    tg_buf_init(&end->down, DOWN_BYTES);
    tg_link_init(&end->frames);
}

void tg_far_end_fini(struct tg_far_end *end)
{
    struct tg_far_frame *frame;

    while ((frame = tg_far_end_take(end))) {
        free(frame);
    }
    tg_buf_fini(&end->up);
    tg_buf_fini(&end->down);
    free(end->close_reason);
    end->close_reason = NULL;
}

/* --- to the server --- */

static size_t write_head(uint8_t head[HEAD_MAX], enum tg_opcode opcode, size_t length)
{
    size_t used = 2;

    head[0] = (uint8_t)(FIN | (unsigned)opcode);
    if (length < LENGTH_16) {
        head[1] = (uint8_t)(MASKED | length);
        return used;
    }
    unsigned octets = length <= UINT16_MAX ? 2 : 8;
    head[1] = MASKED | (octets == 2 ? LENGTH_16 : LENGTH_64);
    for (unsigned i = octets; i > 0; i--) {
        head[used++] = (uint8_t)((uint64_t)length >> (8 * (i - 1)));
    }
    return used;
}

static int settle_up(struct tg_far_end *end, size_t before)
{
    int err = end->up.err;

    if (err) {
        end->up.length = before;
        end->up.err = TG_OK;
    }
    return err;
}

int tg_far_end_write(struct tg_far_end *end, enum tg_opcode opcode, struct tg_str payload)
{
    /* Any key will do: what masking is for, proxies that look into streams, isn't here. */
    static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
    uint8_t head[HEAD_MAX];
    size_t before = end->up.length;

    tg_buf_add(&end->up, head, write_head(head, opcode, payload.length));
    tg_buf_add(&end->up, mask, sizeof(mask));
    tg_buf_add_str(&end->up, payload);
    int err = settle_up(end, before);
    if (err) {
        return err;
    }
    char *masked = end->up.at + end->up.length - payload.length;
    for (size_t i = 0; i < payload.length; i++) {
        masked[i] = (char)((uint8_t)masked[i] ^ mask[i % sizeof(mask)]);
    }
    return TG_OK;
}

int tg_far_end_write_raw(struct tg_far_end *end, struct tg_str octets)
{
    size_t before = end->up.length;

    tg_buf_add_str(&end->up, octets);
    return settle_up(end, before);
}

int tg_far_end_write_close(struct tg_far_end *end, int code, struct tg_str reason)
{
    char payload[TG_FRAME_CONTROL_MAX];

    if (reason.length > REASON_MAX) {
        return TG_ERR_INVALID;
    }
    if (code == 0) {
        return tg_far_end_write(end, TG_OPCODE_CLOSE, tg_str(NULL, 0));
    }
    payload[0] = (char)(code >> 8);
    payload[1] = (char)code;
    if (reason.length > 0) {
        memcpy(payload + 2, reason.at, reason.length);
    }
    return tg_far_end_write(end, TG_OPCODE_CLOSE, tg_str(payload, reason.length + 2));
}

void tg_far_end_was_read(struct tg_far_end *end, size_t length)
{
    end->up.length -= length;
    if (end->up.length > 0) {
        memmove(end->up.at, end->up.at + length, end->up.length);
    }
}

/* --- from the server --- */

static void keep(struct tg_far_end *end, enum tg_opcode opcode, struct tg_str payload,
                 uint64_t wall_ms)
{
    if (end->frame_count >= TG_FAR_END_FRAMES ||
        payload.length > TG_FAR_END_KEPT_BYTES - end->frame_bytes) {
        end->err = TG_ERR_FULL;
        return;
    }
    struct tg_far_frame *frame = malloc(sizeof(*frame) + payload.length);
    if (!frame) {
        end->err = TG_ERR_NOMEM;
        return;
    }
    *frame = (struct tg_far_frame){.opcode = opcode, .at_ms = wall_ms, .length = payload.length};
    if (payload.length > 0) {
        memcpy(frame->octets, payload.at, payload.length);
    }
    tg_link_init(&frame->link);
    tg_list_append(&end->frames, &frame->link);
    end->frame_count++;
    end->frame_bytes += payload.length;
}

struct tg_far_frame *tg_far_end_take(struct tg_far_end *end)
{
    struct tg_link *link = tg_list_take_first(&end->frames);

    if (!link) {
        return NULL;
    }
    struct tg_far_frame *frame = TG_CONTAINER(link, struct tg_far_frame, link);
    end->frame_count--;
    end->frame_bytes -= frame->length;
    return frame;
}

static void take_close(struct tg_far_end *end, struct tg_str payload)
{
    end->has_close = true;
    if (payload.length >= 2) {
        end->close_code = (uint8_t)payload.at[0] << 8 | (uint8_t)payload.at[1];
        end->close_reason = tg_str_copy(tg_str(payload.at + 2, payload.length - 2));
        end->err = end->close_reason ? end->err : TG_ERR_NOMEM;
    }
}

static void take_frame(struct tg_far_end *end, enum tg_opcode opcode, struct tg_str payload,
                       uint64_t wall_ms)
{
    keep(end, opcode, payload, wall_ms);
    if (opcode == TG_OPCODE_CLOSE) {
        take_close(end, payload);
    } else if (opcode == TG_OPCODE_PING && !end->is_silent) {
        int err = tg_far_end_write(end, TG_OPCODE_PONG, payload);
        end->err = err ? err : end->err;
    }
}

/* The octets of head and payload together; 0: not known yet. A server's frames are whole and not
 * masked (section 5.1); ours come in one piece each. */
static size_t measure(struct tg_far_end *end, struct tg_str octets, size_t *head)
{
    const uint8_t *at = (const uint8_t *)octets.at;

    if (octets.length < 2) {
        return 0;
    }
    if (!(at[0] & FIN) || (at[1] & MASKED)) {
        end->err = TG_ERR_SYNTAX;
        return 0;
    }
    size_t extra = at[1] == LENGTH_16 ? 2 : at[1] == LENGTH_64 ? 8 : 0;
    uint64_t length = extra ? 0 : at[1];
    *head = 2 + extra;
    if (octets.length < *head) {
        return 0;
    }
    for (size_t i = 0; i < extra; i++) {
        length = length << 8 | at[2 + i];
    }
    if (length > DOWN_BYTES) {
        end->err = TG_ERR_SYNTAX;
        return 0;
    }
    return *head + (size_t)length;
}

void tg_far_end_receive(struct tg_far_end *end, struct tg_str octets, uint64_t wall_ms)
{
    size_t used = 0;

    tg_buf_add_str(&end->down, octets);
    end->err = end->down.err ? end->down.err : end->err;
    while (!end->err && !end->has_close) {
        struct tg_str rest = tg_str(end->down.at + used, end->down.length - used);
        size_t head = 0;
        size_t length = measure(end, rest, &head);
        if (length == 0 || rest.length < length) {
            break;
        }
        take_frame(end, (enum tg_opcode)(rest.at[0] & OPCODE),
                   tg_str(rest.at + head, length - head), wall_ms);
        used += length;
    }
    if (end->err || end->has_close) {
        tg_buf_clear(&end->down);
        return;
    }
    end->down.length -= used;
    if (used > 0 && end->down.length > 0) {
        memmove(end->down.at, end->down.at + used, end->down.length);
    }
}
