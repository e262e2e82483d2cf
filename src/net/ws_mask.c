/* SPDX-License-Identifier: MIT */
/* The last step of each width lies over the one before instead of going octet by octet: it is
 * loaded before anything is stored, and stored after all. */
#include "net/ws_mask.h"

#include <string.h>

#include "base/wide.h"

static const uint64_t HIGH_BITS = 0x8080808080808080u;

enum { WORD = 8 };

static uint64_t load(const uint8_t *octets)
{
    uint64_t word;

    memcpy(&word, octets, sizeof(word));
    return word;
}

static uint64_t widen(uint32_t mask)
{
    return (uint64_t)mask << 32 | mask;
}

/* At least WORD octets. */
static bool take_off_by_words(uint8_t *octets, size_t length, uint32_t mask)
{
    uint64_t last = load(octets + length - WORD) ^ widen(tg_ws_mask_turn(mask, length));
    uint64_t wide_mask = widen(mask);
    uint64_t all = last;

    for (size_t i = 0; i + WORD < length; i += WORD) {
        uint64_t word = load(octets + i) ^ wide_mask;
        memcpy(octets + i, &word, sizeof(word));
        all |= word;
    }
    memcpy(octets + length - WORD, &last, sizeof(last));
    return (all & HIGH_BITS) == 0;
}

static bool take_off_by_octets(uint8_t *octets, size_t length, uint32_t mask)
{
    uint8_t masks[sizeof(mask)];
    uint8_t all = 0;

    memcpy(masks, &mask, sizeof(mask));
    for (size_t i = 0; i < length; i++) {
        octets[i] ^= masks[i & 3];
        all |= octets[i];
    }
    return all < 0x80;
}

#ifdef TG_WIDE_TARGET

/* At least TG_WIDE octets. */
TG_WIDE_TARGET static bool take_off_by_vectors(uint8_t *octets, size_t length, uint32_t mask)
{
    __m256i last_mask = _mm256_set1_epi32((int)tg_ws_mask_turn(mask, length));
    __m256i wide_mask = _mm256_set1_epi32((int)mask);
    __m256i last = _mm256_xor_si256(tg_wide_load(octets + length - TG_WIDE), last_mask);
    __m256i all = last;

    for (size_t i = 0; i + TG_WIDE < length; i += TG_WIDE) {
        __m256i wide = _mm256_xor_si256(tg_wide_load(octets + i), wide_mask);
        tg_wide_store(octets + i, wide);
        all = _mm256_or_si256(all, wide);
    }
    tg_wide_store(octets + length - TG_WIDE, last);
    return _mm256_movemask_epi8(all) == 0;
}

#endif

bool tg_ws_mask_take_off(uint8_t *octets, size_t length, uint32_t mask)
{
#ifdef TG_WIDE_TARGET
    if (length >= TG_WIDE && tg_wide_is_there()) {
        return take_off_by_vectors(octets, length, mask);
    }
#endif
    return length >= WORD ? take_off_by_words(octets, length, mask)
                          : take_off_by_octets(octets, length, mask);
}
