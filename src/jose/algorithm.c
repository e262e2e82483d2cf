/* SPDX-License-Identifier: MIT */
#include "jose/algorithm.h"

static const struct tg_algorithm algorithms[] = {
#define TG_ALGORITHM(name, family, octets, curve) {name, TG_ALGORITHM_##family, octets, curve},
#include "jose/algorithm.def"
#undef TG_ALGORITHM
};

enum { COUNT = sizeof(algorithms) / sizeof(algorithms[0]) };

const struct tg_algorithm *tg_algorithm_find(struct tg_str name)
{
    for (size_t i = 0; i < COUNT; i++) {
        if (tg_str_is(name, tg_str_of(algorithms[i].name))) {
            return &algorithms[i];
        }
    }
    return NULL;
}

const struct tg_algorithm *tg_algorithm_of_curve(struct tg_str curve)
{
    for (size_t i = 0; i < COUNT; i++) {
        if (algorithms[i].curve && tg_str_is(curve, tg_str_of(algorithms[i].curve))) {
            return &algorithms[i];
        }
    }
    return NULL;
}
