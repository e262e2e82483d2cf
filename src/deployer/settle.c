/* SPDX-License-Identifier: MIT */
#include "deployer/settle.h"

#include <string.h>

static bool is_same(const struct tg_sight *a, const struct tg_sight *b)
{
    return a->fingerprint == b->fingerprint && a->fault == b->fault &&
           strcmp(a->generation, b->generation) == 0;
}

static enum tg_settle_verdict wait_longer(struct tg_settle *settle, uint64_t now_ms)
{
    if (now_ms - settle->since_ms < TG_SETTLE_PATIENCE_MS || settle->has_warned) {
        return TG_SETTLE_WAIT;
    }
    settle->has_warned = true;
    return TG_SETTLE_LATE;
}

enum tg_settle_verdict tg_settle_look(struct tg_settle *settle, const struct tg_sight *sight,
                                      uint64_t now_ms)
{
    if (!settle->is_moving) {
        *settle = (struct tg_settle){
            .is_moving = true, .since_ms = now_ms, .seen_ms = now_ms, .last = *sight};
        return TG_SETTLE_WAIT;
    }
    bool is_heard = settle->is_stirred && now_ms - settle->since_ms < TG_SETTLE_PATIENCE_MS;
    settle->is_stirred = false;
    if (is_heard || !is_same(&settle->last, sight)) {
        settle->last = *sight;
        settle->seen_ms = now_ms;
        return wait_longer(settle, now_ms);
    }
    if (now_ms - settle->seen_ms < TG_SETTLE_MS) {
        return TG_SETTLE_WAIT;
    }
    *settle = (struct tg_settle){.is_moving = false};
    return TG_SETTLE_REST;
}

void tg_settle_stir(struct tg_settle *settle)
{
    settle->is_stirred = settle->is_moving;
}

uint64_t tg_settle_due_ms(const struct tg_settle *settle)
{
    return settle->is_moving ? settle->seen_ms + TG_SETTLE_MS : UINT64_MAX;
}
