/* SPDX-License-Identifier: MIT */
/* JSON text, eight octets at a step: the inside of strings (RFC 8259 section 7), which octets may
 * stand as they are and how the others are escaped; and runs of digits. Shared by the scanner, the
 * envelope, the decoder and the encoder.
 * Lives in: a worker. Pure. */
#ifndef TG_HUB_JSON_TEXT_H
#define TG_HUB_JSON_TEXT_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum { TG_JSON_ESCAPE_MAX = 6 }; /* octets of \u00XX */

/* The octets of the well-formed UTF-8 sequence (RFC 3629 section 4) at the start of at..end, which
 * is not empty; 0 when there is none: overlong, a surrogate, past U+10FFFF or cut off. */
size_t tg_json_text_sequence(const char *at, const char *end);

/* Like tg_json_text_clean_end, for a text that begins with an octet past 0x7F. */
const char *tg_json_text_clean_end_past_ascii(const char *at, const char *end);

/* Writes the escape of a quote, a backslash or a control octet into out, which has room for
 * TG_JSON_ESCAPE_MAX octets. Returns its length. */
size_t tg_json_text_escape_octet(char octet, char *out);

bool tg_json_text_is_utf8(struct tg_str text);

/* What tg_json_text_escape will write. */
size_t tg_json_text_escaped_length(struct tg_str text);

/* Writes text as the inside of a JSON string. An octet that belongs to no UTF-8 sequence becomes
 * U+FFFD. Returns the end of what was written. */
char *tg_json_text_escape(struct tg_str text, char *out);

/* An octet is plain when it is ASCII that a JSON string holds as it is. */

/* The top bit of each octet of word that is not plain, its first octet lowest. Marks above the
 * lowest one may be wrong: a borrow runs upward from an octet that was found. */
static inline uint64_t tg_json_text_marks(uint64_t word)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t control = word - ones * 0x20;
    uint64_t quote = (word ^ ones * '"') - ones;
    uint64_t backslash = (word ^ ones * '\\') - ones;

    return (control | quote | backslash | word) & ones * 0x80;
}

/* The 1 to 7 octets at at as the lowest ones of a word whose others are spaces, which are plain.
 * Reads nothing behind them. */
static inline uint64_t tg_json_text_load(const char *at, size_t length)
{
    const uint64_t spaces = UINT64_C(0x2020202020202020);
    uint64_t word;

    /* Octets that two reads share are the same in both. */
    if (length >= 4) {
        uint32_t low;
        uint32_t high;
        memcpy(&low, at, sizeof(low));
        memcpy(&high, at + length - 4, sizeof(high));
        word = le32toh(low) | (uint64_t)le32toh(high) << 8 * (length - 4);
    } else {
        word = (uint8_t)at[0] | (uint64_t)(uint8_t)at[length / 2] << 8 * (length / 2) |
               (uint64_t)(uint8_t)at[length - 1] << 8 * (length - 1);
    }
    return word | spaces << 8 * length;
}

/* Whether all octets of the word are digits. */
static inline bool tg_json_text_are_digits(uint64_t word)
{
    const uint64_t high = UINT64_C(0xF0F0F0F0F0F0F0F0);

    return ((word & high) | ((word + UINT64_C(0x0606060606060606)) & high) >> 4) ==
           UINT64_C(0x3333333333333333);
}

/* The number that eight digits make, the first one lowest: two at a time, then four, then eight. */
static inline uint32_t tg_json_text_number(uint64_t word)
{
    word = (word & UINT64_C(0x0F0F0F0F0F0F0F0F)) * (10 * 256 + 1) >> 8;
    word = (word & UINT64_C(0x00FF00FF00FF00FF)) * (100 * 65536 + 1) >> 16;
    return (uint32_t)((word & UINT64_C(0x0000FFFF0000FFFF)) * (10000 * UINT64_C(4294967296) + 1) >>
                      32);
}

enum { TG_JSON_TEXT_SLACK = 8 }; /* octets behind a copy that tg_json_text_copy_plain spoils */

/* Copies octets up to the first that is not plain, which may be copied as well; returns how many
 * are plain. out has room for length and TG_JSON_TEXT_SLACK octets. */
static inline size_t tg_json_text_copy_plain(const char *at, size_t length, char *out)
{
    for (size_t i = 0; i < length; i += 8) {
        uint64_t word;
        if (length - i >= 8) {
            memcpy(&word, at + i, sizeof(word));
            word = le64toh(word);
        } else {
            word = tg_json_text_load(at + i, length - i);
        }
        uint64_t marks = tg_json_text_marks(word);
        word = htole64(word);
        memcpy(out + i, &word, sizeof(word));
        if (marks) {
            return i + (size_t)(__builtin_ctzll(marks) >> 3);
        }
    }
    return length;
}

/* The first octet that is not plain, or end. Eight at a step. */
static inline const char *tg_json_text_plain_end(const char *at, const char *end)
{
    while (end - at >= 8) {
        uint64_t word;
        memcpy(&word, at, sizeof(word));
        uint64_t marks = tg_json_text_marks(le64toh(word));
        if (marks) {
            return at + (__builtin_ctzll(marks) >> 3);
        }
        at += 8;
    }
    if (at < end) {
        uint64_t marks = tg_json_text_marks(tg_json_text_load(at, (size_t)(end - at)));
        return marks ? at + (__builtin_ctzll(marks) >> 3) : end;
    }
    return at;
}

/* The first octet that must be escaped or is not UTF-8, or end. */
static inline const char *tg_json_text_clean_end(const char *at, const char *end)
{
    at = tg_json_text_plain_end(at, end);
    return at == end || !(*at & 0x80) ? at : tg_json_text_clean_end_past_ascii(at, end);
}

#endif
