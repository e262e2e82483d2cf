/* SPDX-License-Identifier: MIT */
/* Judges again who is connected, after tenants or revocations have changed: all sockets of this
 * worker, in slices over many turns, so that 100,000 of them stall nobody.
 * Lives in: a worker, inside the hub. */
#ifndef TG_HUB_RECHECK_H
#define TG_HUB_RECHECK_H

#include <stdint.h>

#include "core/wheel.h"

struct tg_hub;

enum {
    TG_RECHECK_SLOTS = 4096, /* looked at per slice */
    TG_RECHECK_CLOSES = 256  /* closed per slice, at most: each runs an on_disconnect */
};

struct tg_recheck {
    struct tg_timer timer; /* set while a walk goes on */
    uint32_t cursor;       /* registry slots below it have been judged */
};

/* Begins a walk at the next turn; one that goes on begins anew. */
void tg_recheck_start(struct tg_hub *hub);

void tg_recheck_stop(struct tg_hub *hub);

#endif
