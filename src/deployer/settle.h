/* SPDX-License-Identifier: MIT */
/* When a folder that changes has come to rest: two equal sights of it, TG_SETTLE_MS apart, with
 * nothing heard from it in between. Whoever copies, checks out or unpacks pauses for less.
 * What is heard of a folder without its being another (a log that grows beside the code) delays no
 * longer than TG_SETTLE_PATIENCE_MS; a folder that is another each time is never at rest.
 * Lives in: the deployer. Pure; times are monotonic milliseconds. */
#ifndef TG_DEPLOYER_SETTLE_H
#define TG_DEPLOYER_SETTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/bundle.h"

enum { TG_SETTLE_MS = 200, TG_SETTLE_PATIENCE_MS = 5000 };

/* What one look at a folder has seen. */
struct tg_sight {
    uint64_t fingerprint; /* of names, sizes and times (deployer/fingerprint.h) */
    uint64_t fault;       /* a hash of what was wrong with it; 0: nothing */
    char
        generation[sizeof(((struct tg_bundle *)0)->generation)]; /* of the content, without fault */
};

/* Zero-initialised: at rest. */
struct tg_settle {
    bool is_moving;
    bool is_stirred;   /* something was heard since the last sight */
    bool has_warned;   /* of its lasting so long */
    uint64_t since_ms; /* moving: since when */
    uint64_t seen_ms;  /* the first of the sights that are equal to the last */
    struct tg_sight last;
};

enum tg_settle_verdict {
    TG_SETTLE_WAIT,
    TG_SETTLE_LATE, /* the same, for longer than is usual: told once */
    TG_SETTLE_REST  /* the sight is to be acted on */
};

/* The folder was looked at, at that time. */
enum tg_settle_verdict tg_settle_look(struct tg_settle *settle, const struct tg_sight *sight,
                                      uint64_t now_ms);

/* Something was heard of it. */
void tg_settle_stir(struct tg_settle *settle);

/* When it is to be looked at next; UINT64_MAX: it is at rest. */
uint64_t tg_settle_due_ms(const struct tg_settle *settle);

#endif
