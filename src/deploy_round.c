/* SPDX-License-Identifier: MIT */
#include "deploy_round.h"

#include <inttypes.h>

/* Whether the worker has the order. */
static bool tell(struct tg_deploy_round *round, const struct tg_deploy_door *door, uint32_t worker)
{
    struct tg_order order = {.kind = TG_ORDER_PREPARE,
                             .slot = round->slot,
                             .counter = round->counter,
                             .ticket = round->ticket};

    if (!round->is_told[worker]) {
        round->is_told[worker] = door->send(door->self, worker, &order, round->fd) == TG_OK;
    }
    return round->is_told[worker];
}

static enum tg_deploy_round_state ask(struct tg_deploy_round *round,
                                      const struct tg_deploy_door *door, uint32_t worker,
                                      struct tg_fault *fault)
{
    const struct tg_vote *vote = &door->page->rows[worker].vote;

    if (!tell(round, door, worker)) {
        return TG_ROUND_WAITS;
    }
    switch (tg_vote_read(vote, round->ticket, fault)) {
    case TG_VOTE_READY:
        return TG_ROUND_READY;
    case TG_VOTE_FAILED:
        return round->is_rollback ? TG_ROUND_READY : TG_ROUND_FAILED;
    case TG_VOTE_TAKEN:
        return TG_ROUND_FAILED;
    case TG_VOTE_NONE:
        break;
    }
    return TG_ROUND_WAITS;
}

static enum tg_deploy_round_state fail_late(struct tg_fault *fault, uint32_t living,
                                            uint32_t waiting)
{
    if (living == 0) {
        tg_fault_set(fault, TG_FAULT_PREPARE, tg_str(NULL, 0), 0,
                     "no worker lives that could load it within deploy.prepare_deadline");
    } else {
        tg_fault_set(fault, TG_FAULT_PREPARE, tg_str(NULL, 0), 0,
                     "%" PRIu32 " of %" PRIu32
                     " workers were not ready within deploy.prepare_deadline",
                     waiting, living);
    }
    return TG_ROUND_FAILED;
}

enum tg_deploy_round_state tg_deploy_round_step(struct tg_deploy_round *round,
                                                const struct tg_deploy_door *door, uint64_t now_ms,
                                                struct tg_fault *fault)
{
    uint32_t living = 0;
    uint32_t waiting = 0;

    for (uint32_t i = 0; i < door->page->worker_count; i++) {
        if (!door->is_alive(door->self, i)) {
            continue;
        }
        living++;
        enum tg_deploy_round_state state = ask(round, door, i, fault);
        if (state == TG_ROUND_FAILED) {
            return state;
        }
        waiting += state == TG_ROUND_WAITS;
    }
    if (waiting == 0 && (living > 0 || round->is_rollback)) {
        return TG_ROUND_READY;
    }
    if (now_ms < round->deadline_ms) {
        return TG_ROUND_WAITS;
    }
    return round->is_rollback ? TG_ROUND_READY : fail_late(fault, living, waiting);
}

void tg_deploy_round_drop(struct tg_deploy_round *round, const struct tg_deploy_door *door)
{
    round->is_on = false;
    tg_deploy_door_drop(door, round->slot, round->counter);
}

void tg_deploy_round_lose(struct tg_deploy_round *round, uint32_t worker)
{
    round->is_told[worker] = false;
}
