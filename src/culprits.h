/* SPDX-License-Identifier: MIT */
/* Which generation of a gateway workers died in, and how often: one that kills too many is
 * unloaded. Lives in: the supervisor. Pure. */
#ifndef TG_CULPRITS_H
#define TG_CULPRITS_H

#include <stdbool.h>
#include <stdint.h>

#include "core/gateway_rows.h"

enum { TG_CULPRITS_MAX = 64, TG_CULPRITS_DEATHS = 3, TG_CULPRITS_MS = 60000 };

/* Zeroes: none. */
struct tg_culprits {
    struct tg_culprit {
        char name[sizeof(((struct tg_gateway_row *)0)->name)];
        char generation[sizeof(((struct tg_gateway_row *)0)->generation)];
        uint64_t died_ms[TG_CULPRITS_DEATHS]; /* a ring, next is the oldest; 0: not yet */
        uint32_t next;
    } rows[TG_CULPRITS_MAX];
    uint32_t count;
};

/* A worker died in a call of this gateway: whether it was the TG_CULPRITS_DEATHS-th within
 * TG_CULPRITS_MS. When all rows are taken, the one whose last death is the longest ago is used
 * again. now_ms is not 0. */
bool tg_culprits_add(struct tg_culprits *culprits, const struct tg_gateway_row *gateway,
                     uint64_t now_ms);

#endif
