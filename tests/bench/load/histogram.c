/* SPDX-License-Identifier: MIT */
#include "histogram.h"

enum { SUB_BUCKETS = 64, SUB_BITS = 6 };

static size_t bucket_of(uint64_t value)
{
    if (value < SUB_BUCKETS) {
        return (size_t)value;
    }
    unsigned exponent = 63U - (unsigned)__builtin_clzll(value);
    unsigned shift = exponent - SUB_BITS;
    return (size_t)(shift + 1) * SUB_BUCKETS + (size_t)((value >> shift) & (SUB_BUCKETS - 1));
}

static double middle_of(size_t bucket)
{
    if (bucket < SUB_BUCKETS) {
        return (double)bucket;
    }
    unsigned shift = (unsigned)(bucket / SUB_BUCKETS) - 1;
    uint64_t low = (uint64_t)(SUB_BUCKETS + bucket % SUB_BUCKETS) << shift;
    uint64_t width = (uint64_t)1 << shift;
    return (double)low + (double)(width - 1) / 2.0;
}

void tg_histogram_add(struct tg_histogram *histogram, uint64_t value_ns)
{
    if (value_ns > histogram->max_ns) {
        histogram->max_ns = value_ns;
    }
    histogram->buckets[bucket_of(value_ns)]++;
    histogram->count++;
}

double tg_histogram_percentile(const struct tg_histogram *histogram, double percent)
{
    uint64_t wanted = (uint64_t)((double)histogram->count * percent / 100.0);
    uint64_t below = 0;

    for (size_t i = 0; i < TG_HISTOGRAM_BUCKETS; i++) {
        below += histogram->buckets[i];
        if (below > wanted) {
            double middle = middle_of(i);
            return middle < (double)histogram->max_ns ? middle : (double)histogram->max_ns;
        }
    }
    return (double)histogram->max_ns;
}
