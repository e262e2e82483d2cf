/* SPDX-License-Identifier: MIT */
#include "net/utf8.h"

#include <string.h>

static const uint64_t HIGH_BITS = 0x8080808080808080u;

static uint64_t load(const uint8_t *octets)
{
    uint64_t word;

    memcpy(&word, octets, sizeof(word));
    return word;
}

/* Most text is ASCII: 32, then 8 octets a step. */
static const uint8_t *skip_ascii(const uint8_t *at, const uint8_t *end)
{
    while (end - at >= 32 &&
           ((load(at) | load(at + 8) | load(at + 16) | load(at + 24)) & HIGH_BITS) == 0) {
        at += 32;
    }
    while (end - at >= 8 && (load(at) & HIGH_BITS) == 0) {
        at += 8;
    }
    while (at < end && *at < 0x80) {
        at++;
    }
    return at;
}

/* The first octet of a character of two to four octets (RFC 3629 section 4): overlong forms,
 * surrogates and what lies past U+10FFFF fall to the bounds of the second octet. */
static bool start_character(struct tg_utf8 *utf8, uint8_t octet)
{
    utf8->low = 0x80;
    utf8->high = 0xbf;
    if (octet >= 0xc2 && octet <= 0xdf) {
        utf8->need = 1;
    } else if (octet >= 0xe0 && octet <= 0xef) {
        utf8->need = 2;
        if (octet == 0xe0) {
            utf8->low = 0xa0;
        } else if (octet == 0xed) {
            utf8->high = 0x9f;
        }
    } else if (octet >= 0xf0 && octet <= 0xf4) {
        utf8->need = 3;
        if (octet == 0xf0) {
            utf8->low = 0x90;
        } else if (octet == 0xf4) {
            utf8->high = 0x8f;
        }
    } else {
        return false;
    }
    return true;
}

bool tg_utf8_feed(struct tg_utf8 *utf8, const uint8_t *octets, size_t length)
{
    const uint8_t *at = octets;
    const uint8_t *end = octets + length;

    while (at < end) {
        if (utf8->need > 0) {
            if (*at < utf8->low || *at > utf8->high) {
                return false;
            }
            utf8->low = 0x80;
            utf8->high = 0xbf;
            utf8->need--;
            at++;
            continue;
        }
        at = skip_ascii(at, end);
        if (at < end && !start_character(utf8, *at++)) {
            return false;
        }
    }
    return true;
}

bool tg_utf8_check(const uint8_t *octets, size_t length)
{
    struct tg_utf8 utf8 = {0};

    return tg_utf8_feed(&utf8, octets, length) && tg_utf8_is_complete(&utf8);
}
