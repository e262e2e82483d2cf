/* SPDX-License-Identifier: MIT */
#include "payload.h"

#include "frame_out.h"

#include <stdio.h>
#include <string.h>

enum { ID_DIGITS = 8, FIRST_ID = 10000000, IDS = 90000000, ALPHABET = 26, MASK_LEN = 4 };

static const char id_key[] = "\"id\":";
static const char string_key[] = ",\"s\":\"";

static bool is_plain_name(const char *name)
{
    size_t len = strlen(name);
    if (len == 0 || len > TG_PAYLOAD_NAME_MAX) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (name[i] < 0x20 || name[i] > 0x7e || name[i] == '"' || name[i] == '\\') {
            return false;
        }
    }
    return true;
}

bool tg_payload_init(struct tg_payload *payload, const char *event, const char *answer_event,
                     size_t octets)
{
    char text[TG_PAYLOAD_OCTETS_MAX + 1];
    static const char tail[] = "\"}}";

    if (!is_plain_name(event) || !is_plain_name(answer_event) || octets > TG_PAYLOAD_OCTETS_MAX) {
        return false;
    }
    int string_offset = snprintf(text, sizeof text, "{\"event\":\"%s\",\"data\":{\"id\":%d%s",
                                 event, FIRST_ID, string_key);
    if (octets < (size_t)string_offset + sizeof tail - 1) {
        return false;
    }
    size_t filler = octets - (size_t)string_offset - (sizeof tail - 1);
    payload->filler_offset = (size_t)string_offset;
    payload->filler_len = filler;
    for (size_t i = 0; i < filler + 2 * ALPHABET; i++) {
        payload->filler[i] = (char)('a' + i % ALPHABET);
        payload->filler_masked[i] =
            (uint8_t)payload->filler[i] ^ tg_frame_out_mask((size_t)string_offset + i);
    }
    memcpy(text + string_offset, payload->filler, filler);
    memcpy(text + octets - (sizeof tail - 1), tail, sizeof tail - 1);

    payload->id_offset = (size_t)string_offset - (sizeof string_key - 1) - ID_DIGITS;
    payload->frame_len = tg_frame_out_write(payload->frame, TG_OPCODE_TEXT, text, octets);
    payload->head_len = payload->frame_len - octets;
    snprintf(payload->answer_event, sizeof payload->answer_event, "\"event\":\"%s\"", answer_event);
    return true;
}

static uint32_t id_of(uint64_t number)
{
    return FIRST_ID + (uint32_t)(number % IDS);
}

/* Where message `number` begins in the filler: by whole masks, so that the masked one fits too. */
static size_t start_of(const struct tg_payload *payload, uint64_t number)
{
    return payload->frame_len > TG_PAYLOAD_LONG ? number % IDS % (ALPHABET / 2) * MASK_LEN : 0;
}

void tg_payload_write(const struct tg_payload *payload, uint64_t number, uint8_t *frame)
{
    uint32_t id = id_of(number);

    size_t before = payload->head_len + payload->filler_offset;
    size_t behind = before + payload->filler_len;
    memcpy(frame, payload->frame, before);
    memcpy(frame + before, payload->filler_masked + start_of(payload, number), payload->filler_len);
    memcpy(frame + behind, payload->frame + behind, payload->frame_len - behind);
    uint8_t *digits = frame + payload->head_len + payload->id_offset;
    for (size_t i = ID_DIGITS; i-- > 0;) {
        digits[i] = (uint8_t)('0' + id % 10) ^ tg_frame_out_mask(payload->id_offset + i);
        id /= 10;
    }
}

static bool has(const char *text, size_t len, const char *part)
{
    return memmem(text, len, part, strlen(part)) != NULL;
}

static bool has_filler(const struct tg_payload *payload, uint64_t number, const char *text,
                       size_t len)
{
    const char *key = string_key + 1; /* members may come in any order */
    const char *found = memmem(text, len, key, strlen(key));

    if (found == NULL) {
        return false;
    }
    found += strlen(key);
    return (size_t)(text + len - found) > payload->filler_len &&
           memcmp(found, payload->filler + start_of(payload, number), payload->filler_len) == 0 &&
           found[payload->filler_len] == '"';
}

bool tg_payload_read_number(const char *text, size_t len, uint64_t *number)
{
    const char *key = memmem(text, len, id_key, sizeof id_key - 1);
    if (key == NULL) {
        return false;
    }
    const char *digits = key + sizeof id_key - 1;
    if ((size_t)(text + len - digits) <= ID_DIGITS) {
        return false;
    }
    uint32_t id = 0;
    for (size_t i = 0; i < ID_DIGITS; i++) {
        if (digits[i] < '0' || digits[i] > '9') {
            return false;
        }
        id = id * 10 + (uint32_t)(digits[i] - '0');
    }
    char after = digits[ID_DIGITS];
    if (id < FIRST_ID || (after != ',' && after != '}')) {
        return false;
    }
    *number = id - FIRST_ID;
    return true;
}

bool tg_payload_is_whole(const struct tg_payload *payload, const char *text, size_t len)
{
    uint64_t number = 0;

    return tg_payload_read_number(text, len, &number) && has(text, len, payload->answer_event) &&
           has_filler(payload, number, text, len);
}

bool tg_payload_is_answer(const struct tg_payload *payload, uint64_t number, const char *text,
                          size_t len)
{
    uint64_t got = 0;

    if (!tg_payload_read_number(text, len, &got) || got != number % IDS) {
        return false;
    }
    return number % TG_PAYLOAD_CHECK_EVERY != 0 || tg_payload_is_whole(payload, text, len);
}
