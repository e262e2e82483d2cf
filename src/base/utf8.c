/* SPDX-License-Identifier: MIT */
/* Vectors first, which take over whole stretches of good text; then ASCII by words; then one
 * character, octet by octet. A bad octet is always found by the last of them, and so the state
 * between two pieces is its alone. */
#include "base/utf8.h"

#include <string.h>

#include "base/wide.h"

static const uint64_t HIGH_BITS = 0x8080808080808080u;

static uint64_t load(const uint8_t *octets)
{
    uint64_t word;

    memcpy(&word, octets, sizeof(word));
    return word;
}

#ifdef TG_WIDE_TARGET

/* Each pair of neighbouring octets is looked up by three of its four half octets (Keiser and
 * Lemire, "Validating UTF-8 In Less Than One Instruction Per Byte", 2021). A bit that all three
 * tables have is a fault, but TWO_CONTS, which is right in the third and fourth octet of a
 * character. */
enum {
    TOO_SHORT = 1 << 0,      /* a character starts within another */
    TOO_LONG = 1 << 1,       /* it goes on after ASCII */
    OVERLONG_3 = 1 << 2,     /* e0 80 to e0 9f */
    TOO_LARGE = 1 << 3,      /* past f4 8f, by the second octet from 90 on */
    SURROGATE = 1 << 4,      /* ed a0 to ed bf */
    OVERLONG_2 = 1 << 5,     /* c0, c1 */
    TOO_LARGE_1000 = 1 << 6, /* f5 to ff before 80 to 8f */
    OVERLONG_4 = 1 << 6,     /* f0 80 to f0 8f */
    TWO_CONTS = 1 << 7,
    CARRY = TOO_SHORT | TOO_LONG | TWO_CONTS /* whatever the lower half of the first octet is */
};

/* One table of 16 for both halves of a vector, which are looked up apart. */
#define TABLE(...)               \
    _mm256_broadcastsi128_si256( \
        _mm_loadu_si128((const __m128i_u *)(const uint8_t[16]){__VA_ARGS__}))

TG_WIDE_TARGET static __m256i high_halves(__m256i octets)
{
    return _mm256_and_si256(_mm256_srli_epi16(octets, 4), _mm256_set1_epi8(0x0f));
}

/* Faults of pairs: of each octet with the one before. */
TG_WIDE_TARGET static __m256i look_up(__m256i before, __m256i octets)
{
    enum { LARGE = CARRY | TOO_LARGE | TOO_LARGE_1000 };
    __m256i first_high = TABLE(
        TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TOO_LONG, TWO_CONTS,
        TWO_CONTS, TWO_CONTS, TWO_CONTS, TOO_SHORT | OVERLONG_2, TOO_SHORT,
        TOO_SHORT | OVERLONG_3 | SURROGATE, TOO_SHORT | TOO_LARGE | TOO_LARGE_1000 | OVERLONG_4);
    __m256i first_low = TABLE(CARRY | OVERLONG_3 | OVERLONG_2 | OVERLONG_4, CARRY | OVERLONG_2,
                              CARRY, CARRY, CARRY | TOO_LARGE, LARGE, LARGE, LARGE, LARGE, LARGE,
                              LARGE, LARGE, LARGE, LARGE | SURROGATE, LARGE, LARGE);
    __m256i second_high =
        TABLE(TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT, TOO_SHORT,
              TOO_SHORT, TOO_LONG | OVERLONG_2 | TWO_CONTS | OVERLONG_3 | TOO_LARGE_1000,
              TOO_LONG | OVERLONG_2 | TWO_CONTS | OVERLONG_3 | TOO_LARGE,
              TOO_LONG | OVERLONG_2 | TWO_CONTS | SURROGATE | TOO_LARGE,
              TOO_LONG | OVERLONG_2 | TWO_CONTS | SURROGATE | TOO_LARGE, TOO_SHORT, TOO_SHORT,
              TOO_SHORT, TOO_SHORT);
    __m256i low_half = _mm256_and_si256(before, _mm256_set1_epi8(0x0f));

    return _mm256_and_si256(_mm256_and_si256(_mm256_shuffle_epi8(first_high, high_halves(before)),
                                             _mm256_shuffle_epi8(first_low, low_half)),
                            _mm256_shuffle_epi8(second_high, high_halves(octets)));
}

/* The vector that ends `count` octets before this one does. */
#define SHIFTED(last, octets, count) \
    _mm256_alignr_epi8(octets, _mm256_permute2x128_si256(last, octets, 0x21), 16 - (count))

/* Whether 32 octets go on rightly after the 32 before. */
TG_WIDE_TARGET static bool is_good(__m256i last, __m256i octets)
{
    __m256i faults = look_up(SHIFTED(last, octets, 1), octets);
    /* The highest bit: two octets before is the start of three, or three before that of four. */
    __m256i thirds =
        _mm256_subs_epu8(SHIFTED(last, octets, 2), _mm256_set1_epi8((char)(0xe0 - 0x80)));
    __m256i fourths =
        _mm256_subs_epu8(SHIFTED(last, octets, 3), _mm256_set1_epi8((char)(0xf0 - 0x80)));
    __m256i conts =
        _mm256_and_si256(_mm256_or_si256(thirds, fourths), _mm256_set1_epi8((char)TWO_CONTS));

    faults = _mm256_xor_si256(faults, conts);
    return _mm256_testz_si256(faults, faults) != 0;
}

/* Where the last character starts that isn't whole before at; at itself if there is none. What lies
 * before is good, and at least three octets. */
static const uint8_t *back_to_boundary(const uint8_t *at)
{
    if (at[-1] >= 0xc0) {
        return at - 1;
    }
    if (at[-2] >= 0xe0) {
        return at - 2;
    }
    return at[-3] >= 0xf0 ? at - 3 : at;
}

enum { FAR = 4 * TG_WIDE };

/* The next FAR octets. */
TG_WIDE_TARGET static bool are_ascii(const uint8_t *at)
{
    __m256i first = _mm256_or_si256(tg_wide_load(at), tg_wide_load(at + TG_WIDE));
    __m256i second =
        _mm256_or_si256(tg_wide_load(at + 2 * TG_WIDE), tg_wide_load(at + 3 * TG_WIDE));

    return _mm256_movemask_epi8(_mm256_or_si256(first, second)) == 0;
}

/* From between two characters to between two characters. */
TG_WIDE_TARGET static const uint8_t *skip_vectors(const uint8_t *at, const uint8_t *end)
{
    const uint8_t *start = at;
    __m256i last = _mm256_setzero_si256();
    bool was_ascii = true;

    while (end - at >= TG_WIDE) {
        if (was_ascii && end - at >= FAR && are_ascii(at)) {
            last = _mm256_setzero_si256();
            at += FAR;
            continue;
        }
        __m256i octets = tg_wide_load(at);
        bool is_ascii = _mm256_movemask_epi8(octets) == 0;
        if (!(was_ascii && is_ascii) && !is_good(last, octets)) {
            break;
        }
        was_ascii = is_ascii;
        last = octets;
        at += TG_WIDE;
    }
    return at > start ? back_to_boundary(at) : at;
}

#endif

static const uint8_t *skip_good(const uint8_t *at, const uint8_t *end)
{
#ifdef TG_WIDE_TARGET
    if (end - at >= TG_WIDE && tg_wide_is_there()) {
        return skip_vectors(at, end);
    }
#endif
    (void)end;
    return at;
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
        at = skip_ascii(skip_good(at, end), end);
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
