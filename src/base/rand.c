/* SPDX-License-Identifier: MIT */
#include "base/rand.h"

#include <errno.h>
#include <sys/random.h>

#include "base/check.h"

void tg_rand_kernel(void *octets, size_t length)
{
    char *at = octets;

    while (length > 0) {
        ssize_t got = getrandom(at, length, 0);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        tg_require(got > 0);
        at += got;
        length -= (size_t)got;
    }
}

/* splitmix64, the seeding that the authors of xoshiro recommend. */
static uint64_t next_seed(uint64_t *seed)
{
    uint64_t z = (*seed += 0x9e3779b97f4a7c15u);

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void tg_rand_seed(struct tg_rand *rand, uint64_t seed)
{
    for (size_t i = 0; i < 4; i++) {
        rand->state[i] = next_seed(&seed);
    }
}

void tg_rand_seed_kernel(struct tg_rand *rand)
{
    uint64_t seed;

    tg_rand_kernel(&seed, sizeof(seed));
    tg_rand_seed(rand, seed);
}

static uint64_t rotate(uint64_t value, int by)
{
    return (value << by) | (value >> (64 - by));
}

uint64_t tg_rand_next(struct tg_rand *rand)
{
    uint64_t *s = rand->state;
    uint64_t result = rotate(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

uint64_t tg_rand_below(struct tg_rand *rand, uint64_t bound)
{
    /* Values above the last whole multiple of bound would favour small results. */
    uint64_t limit = UINT64_MAX - UINT64_MAX % bound;
    uint64_t value;

    do {
        value = tg_rand_next(rand);
    } while (value >= limit);
    return value % bound;
}

double tg_rand_real(struct tg_rand *rand)
{
    return (double)(tg_rand_next(rand) >> 11) * 0x1.0p-53;
}
