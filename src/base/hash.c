/* SPDX-License-Identifier: MIT */
#include "base/hash.h"

#include <string.h>

#include "base/rand.h"

static uint8_t process_key[16];

/* Before main, so that no table can be made with another key than it is read with. Forked
 * processes share it, as the tables in shared memory need. */
__attribute__((constructor)) static void choose_key(void)
{
    tg_rand_kernel(process_key, sizeof(process_key));
}

static uint64_t rotate(uint64_t value, int by)
{
    return (value << by) | (value >> (64 - by));
}

static void rounds(uint64_t v[4], int count)
{
    for (int i = 0; i < count; i++) {
        v[0] += v[1];
        v[1] = rotate(v[1], 13) ^ v[0];
        v[0] = rotate(v[0], 32);
        v[2] += v[3];
        v[3] = rotate(v[3], 16) ^ v[2];
        v[0] += v[3];
        v[3] = rotate(v[3], 21) ^ v[0];
        v[2] += v[1];
        v[1] = rotate(v[1], 17) ^ v[2];
        v[2] = rotate(v[2], 32);
    }
}

static uint64_t read_word(const uint8_t *octets, size_t length)
{
    uint64_t word = 0;

    for (size_t i = 0; i < length; i++) {
        word |= (uint64_t)octets[i] << (8 * i);
    }
    return word;
}

uint64_t tg_siphash(const void *octets, size_t length, const uint8_t key[16])
{
    const uint8_t *at = octets;
    uint64_t k0 = read_word(key, 8);
    uint64_t k1 = read_word(key + 8, 8);
    uint64_t v[4] = {k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du, k0 ^ 0x6c7967656e657261u,
                     k1 ^ 0x7465646279746573u};
    size_t left = length;

    for (; left >= 8; left -= 8, at += 8) {
        uint64_t word = read_word(at, 8);
        v[3] ^= word;
        rounds(v, 2);
        v[0] ^= word;
    }
    uint64_t last = (uint64_t)length << 56 | read_word(at, left);
    v[3] ^= last;
    rounds(v, 2);
    v[0] ^= last;
    v[2] ^= 0xff;
    rounds(v, 4);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint64_t tg_hash(const void *octets, size_t length)
{
    return tg_siphash(octets, length, process_key);
}
