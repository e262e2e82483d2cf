/* SPDX-License-Identifier: MIT */
#include "deployer/absence.h"

bool tg_absence_miss(struct tg_absence *absence, uint64_t now_ms, uint64_t after_ms)
{
    if (!absence->is_away) {
        *absence = (struct tg_absence){.is_away = true, .since_ms = now_ms};
    }
    return now_ms - absence->since_ms >= after_ms;
}

void tg_absence_forget(struct tg_absence *absence)
{
    *absence = (struct tg_absence){.is_away = false};
}

uint64_t tg_absence_due_ms(const struct tg_absence *absence, uint64_t after_ms)
{
    return absence->is_away ? absence->since_ms + after_ms : UINT64_MAX;
}

bool tg_absence_is_loss(uint32_t folders, uint32_t live)
{
    return folders == 0 && live > 0;
}
