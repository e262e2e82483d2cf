/* SPDX-License-Identifier: MIT */
#include "fake_utf8.h"

#include <string.h>

/* How many octets the first one announces; 0: it can't be a first one. */
static size_t announced(uint8_t first)
{
    if ((first & 0x80) == 0) {
        return 1;
    }
    if ((first & 0xe0) == 0xc0) {
        return 2;
    }
    if ((first & 0xf0) == 0xe0) {
        return 3;
    }
    return (first & 0xf8) == 0xf0 ? 4 : 0;
}

static bool is_character(const uint8_t *octets, size_t size)
{
    static const uint32_t LEAST[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t number = size == 1 ? octets[0] : octets[0] & (0xffu >> (size + 1));

    for (size_t i = 1; i < size; i++) {
        if ((octets[i] & 0xc0) != 0x80) {
            return false;
        }
        number = number << 6 | (octets[i] & 0x3f);
    }
    return number >= LEAST[size] && number <= 0x10ffff && (number < 0xd800 || number > 0xdfff);
}

bool fake_utf8_is_text(const uint8_t *octets, size_t length)
{
    while (length > 0) {
        size_t size = announced(octets[0]);
        if (size == 0 || size > length || !is_character(octets, size)) {
            return false;
        }
        octets += size;
        length -= size;
    }
    return true;
}

bool fake_utf8_can_go_on(const uint8_t *octets, size_t length)
{
    static const uint8_t TRIED[] = {0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf};
    uint8_t tail[4];

    /* Whole characters first; what is left is one that is cut, or bad. */
    for (;;) {
        size_t size = length > 0 ? announced(octets[0]) : 0;
        if (size == 0 || size > length || !is_character(octets, size)) {
            break;
        }
        octets += size;
        length -= size;
    }
    if (length == 0) {
        return true;
    }
    size_t size = announced(octets[0]);
    if (size <= length) {
        return false;
    }
    memcpy(tail, octets, length);
    for (int i = 0; i < 216; i++) {
        uint8_t added[3] = {TRIED[i % 6], TRIED[i / 6 % 6], TRIED[i / 36]};
        memcpy(tail + length, added, size - length);
        if (is_character(tail, size)) {
            return true;
        }
    }
    return false;
}
