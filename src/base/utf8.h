/* SPDX-License-Identifier: MIT */
/* UTF-8 validation (RFC 3629 section 4), also over text that arrives in pieces: it fails at the
 * first octet that no valid text could go on with.
 * Lives in: a worker. Pure. */
#ifndef TG_BASE_UTF8_H
#define TG_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Between two pieces. Zero-initialised is the start of a text. */
struct tg_utf8 {
    uint8_t need; /* octets that the current character still lacks */
    uint8_t low;  /* bounds of its next octet */
    uint8_t high;
};

/* Goes on with length octets. False when the text can't be valid any more; the state is of no use
 * then. */
bool tg_utf8_feed(struct tg_utf8 *utf8, const uint8_t *octets, size_t length);

/* Whether the text fed so far ends between two characters. */
static inline bool tg_utf8_is_complete(const struct tg_utf8 *utf8)
{
    return utf8->need == 0;
}

/* A whole text. */
bool tg_utf8_check(const uint8_t *octets, size_t length);

#endif
