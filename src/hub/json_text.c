/* SPDX-License-Identifier: MIT */
#include "hub/json_text.h"

#include "base/utf8.h"

static const char replacement[] = "\xEF\xBF\xBD"; /* U+FFFD */

enum { REPLACEMENT_BYTES = sizeof(replacement) - 1 };

/* An empty view may have no address to add to. */
static const char *end_of(struct tg_str text)
{
    return text.length > 0 ? text.at + text.length : text.at;
}

static bool is_between(uint8_t octet, uint8_t low, uint8_t high)
{
    return octet >= low && octet <= high;
}

/* The rows are those of RFC 3629 section 4: only the second octet's range depends on the first. */
size_t tg_json_text_sequence(const char *at, const char *end)
{
    uint8_t first = (uint8_t)at[0];
    uint8_t low = 0x80;
    uint8_t high = 0xBF;
    size_t length;

    if (first < 0x80) {
        return 1;
    }
    if (is_between(first, 0xC2, 0xDF)) {
        length = 2;
    } else if (is_between(first, 0xE0, 0xEF)) {
        length = 3;
        low = first == 0xE0 ? 0xA0 : 0x80;
        high = first == 0xED ? 0x9F : 0xBF;
    } else if (is_between(first, 0xF0, 0xF4)) {
        length = 4;
        low = first == 0xF0 ? 0x90 : 0x80;
        high = first == 0xF4 ? 0x8F : 0xBF;
    } else {
        return 0;
    }
    if ((size_t)(end - at) < length || !is_between((uint8_t)at[1], low, high)) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if (!is_between((uint8_t)at[i], 0x80, 0xBF)) {
            return 0;
        }
    }
    return length;
}

const char *tg_json_text_clean_end_past_ascii(const char *at, const char *end)
{
    while (at < end) {
        if (!(*at & 0x80)) {
            at = tg_json_text_plain_end(at, end);
            if (at == end || !(*at & 0x80)) {
                return at;
            }
        }
        size_t length = tg_json_text_sequence(at, end);
        if (length == 0) {
            return at;
        }
        at += length;
    }
    return at;
}

size_t tg_json_text_escape_octet(char octet, char *out)
{
    static const char hex[] = "0123456789abcdef";
    static const char named[0x20] = {
        ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};

    out[0] = '\\';
    if (octet == '"' || octet == '\\') {
        out[1] = octet;
        return 2;
    }
    unsigned index = (uint8_t)octet & 0x1F;
    if (named[index]) {
        out[1] = named[index];
        return 2;
    }
    out[1] = 'u';
    out[2] = '0';
    out[3] = '0';
    out[4] = hex[index >> 4];
    out[5] = hex[index & 0xF];
    return 6;
}

bool tg_json_text_is_utf8(struct tg_str text)
{
    return tg_utf8_check((const uint8_t *)text.at, text.length);
}

size_t tg_json_text_escaped_length(struct tg_str text)
{
    const char *at = text.at;
    const char *end = end_of(text);
    size_t length = 0;
    char escape[TG_JSON_ESCAPE_MAX];

    while (at < end) {
        const char *clean = tg_json_text_clean_end(at, end);
        length += (size_t)(clean - at);
        at = clean;
        if (at < end) {
            length += *at & 0x80 ? REPLACEMENT_BYTES : tg_json_text_escape_octet(*at, escape);
            at++;
        }
    }
    return length;
}

char *tg_json_text_escape(struct tg_str text, char *out)
{
    const char *at = text.at;
    const char *end = end_of(text);

    while (at < end) {
        const char *clean = tg_json_text_clean_end(at, end);
        memcpy(out, at, (size_t)(clean - at));
        out += clean - at;
        at = clean;
        if (at == end) {
            break;
        }
        if (*at & 0x80) {
            memcpy(out, replacement, REPLACEMENT_BYTES);
            out += REPLACEMENT_BYTES;
        } else {
            out += tg_json_text_escape_octet(*at, out);
        }
        at++;
    }
    return out;
}
