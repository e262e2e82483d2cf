/* SPDX-License-Identifier: MIT */
/* Random octets from the kernel, and numbers from a small generator seeded by them or by a test.
 * Lives in: every process. Not for secrets but where it says so. */
#ifndef TG_BASE_RAND_H
#define TG_BASE_RAND_H

#include <stddef.h>
#include <stdint.h>

/* xoshiro256**; equal seeds give equal runs. */
struct tg_rand {
    uint64_t state[4];
};

/* Fills from the kernel (getrandom); aborts when the kernel gives none. Fit for secrets. */
void tg_rand_kernel(void *octets, size_t length);

void tg_rand_seed(struct tg_rand *rand, uint64_t seed);
void tg_rand_seed_kernel(struct tg_rand *rand);

uint64_t tg_rand_next(struct tg_rand *rand);

/* Evenly in 0 .. bound - 1; bound must not be 0. */
uint64_t tg_rand_below(struct tg_rand *rand, uint64_t bound);

/* Evenly in [0, 1). */
double tg_rand_real(struct tg_rand *rand);

#endif
