/* SPDX-License-Identifier: MIT */
/* Latencies in buckets of 1.6 % width, so that millions of them cost no memory.
 * Lives in: the load generator. Pure. Units: nanoseconds. */
#ifndef TG_BENCH_HISTOGRAM_H
#define TG_BENCH_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

/* 64 buckets per power of two, for every value of 64 bits. */
enum { TG_HISTOGRAM_BUCKETS = 64 * 59 };

/* All zero is empty. */
struct tg_histogram {
    uint64_t count;
    uint64_t max_ns;
    uint64_t buckets[TG_HISTOGRAM_BUCKETS];
};

void tg_histogram_add(struct tg_histogram *histogram, uint64_t value_ns);

/* The value below which `percent` (0 to 100) of the values lie, at most half a bucket off and never
 * above the largest one. 0 when empty. */
double tg_histogram_percentile(const struct tg_histogram *histogram, double percent);

#endif
