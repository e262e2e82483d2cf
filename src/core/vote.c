/* SPDX-License-Identifier: MIT */
#include "core/vote.h"

void tg_vote_cast(struct tg_vote *vote, uint64_t ticket, enum tg_vote_state state,
                  const struct tg_fault *fault)
{
    atomic_store(&vote->state, TG_VOTE_NONE);
    atomic_store(&vote->ticket, ticket);
    if (fault) {
        vote->fault = *fault;
    }
    atomic_store(&vote->state, (uint32_t)state);
}

enum tg_vote_state tg_vote_read(const struct tg_vote *vote, uint64_t ticket, struct tg_fault *fault)
{
    uint32_t state = atomic_load(&vote->state);

    /* While a vote is cast anew it says NONE; it is about the order only when state comes last. */
    if (state == TG_VOTE_NONE || state > TG_VOTE_TAKEN || atomic_load(&vote->ticket) != ticket ||
        atomic_load(&vote->state) != state) {
        return TG_VOTE_NONE;
    }
    if (state >= TG_VOTE_FAILED) {
        *fault = vote->fault;
    }
    return (enum tg_vote_state)state;
}
