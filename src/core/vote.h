/* SPDX-License-Identifier: MIT */
/* What a worker says of the candidate that it was sent last: that it stands beside the live
 * generation, ready to be switched to, or why it doesn't.
 * Lives in: a worker's row of the shared page; written by that worker, read by the supervisor. */
#ifndef TG_CORE_VOTE_H
#define TG_CORE_VOTE_H

#include <stdatomic.h>
#include <stdint.h>

#include "core/fault.h"

enum tg_vote_state {
    TG_VOTE_NONE,
    TG_VOTE_READY,
    TG_VOTE_FAILED,
    TG_VOTE_TAKEN /* its path is another live gateway's: no worker could start with both */
};

/* A worker's word on the candidate it was sent last; one deploy is prepared at a time. */
struct tg_vote {
    _Atomic uint64_t ticket; /* of the order (core/worker_link.h): no two have the same */
    _Atomic uint32_t state;  /* enum tg_vote_state; stored last */
    struct tg_fault fault;   /* FAILED, TAKEN: why */
};

/* fault may be NULL when the state is NONE or READY. */
void tg_vote_cast(struct tg_vote *vote, uint64_t ticket, enum tg_vote_state state,
                  const struct tg_fault *fault);

/* NONE when it is about another order. FAILED and TAKEN: *fault says why. */
enum tg_vote_state tg_vote_read(const struct tg_vote *vote, uint64_t ticket,
                                struct tg_fault *fault);

#endif
